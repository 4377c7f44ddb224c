"""What is exported and changed: a model of each family, small enough to be asked some hundred thousand rows."""

from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from lightgbm import LGBMClassifier
from sklearn.calibration import CalibratedClassifierCV
from sklearn.cluster import Birch, KMeans
from sklearn.compose import make_column_transformer
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis, QuadraticDiscriminantAnalysis
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    IsolationForest,
    RandomForestClassifier,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, PoissonRegressor, Ridge, RidgeClassifier
from sklearn.mixture import GaussianMixture
from sklearn.naive_bayes import BernoulliNB, GaussianNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor, LocalOutlierFactor, NearestCentroid
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    KBinsDiscretizer,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    QuantileTransformer,
    SplineTransformer,
    StandardScaler,
)
from sklearn.semi_supervised import LabelPropagation
from sklearn.svm import SVC, SVR
from sklearn.tree import DecisionTreeClassifier
from xgboost import XGBClassifier

from docs.survey import tables

COLUMNS = ["alcohol", "malic_acid", "hue", "color_intensity"]
MIXED = [*COLUMNS, "colour", "strong"]
NUMBER = "a number"


def columns(scaler: Any) -> Any:
    """What stands in front of mixed types."""
    return make_column_transformer(
        (make_pipeline(SimpleImputer(), scaler), COLUMNS),
        (OneHotEncoder(handle_unknown="ignore", sparse_output=False), ["colour", "strong"]),
    )


def families() -> dict[str, Any]:
    """Estimators by name; those on mixed types begin with a ColumnTransformer."""
    line = LogisticRegression(max_iter=3000)
    tree = DecisionTreeClassifier(max_depth=4, random_state=0)
    ordinal = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    return {
        "decision tree": tree,
        "random forest": RandomForestClassifier(8, max_depth=5, random_state=0),
        "random forest on mixed types": make_pipeline(
            columns("passthrough"), RandomForestClassifier(8, max_depth=5, random_state=0)
        ),
        "extra trees, a number": ExtraTreesRegressor(8, max_depth=5, random_state=0),
        "gradient boosting": GradientBoostingClassifier(n_estimators=6, random_state=0),
        "histogram gradient boosting": HistGradientBoostingClassifier(max_iter=6, min_samples_leaf=5, random_state=0),
        "LightGBM": LGBMClassifier(n_estimators=6, min_child_samples=5, verbose=-1),
        "XGBoost": XGBClassifier(n_estimators=6, max_depth=3),
        "AdaBoost": AdaBoostClassifier(n_estimators=6, random_state=0),
        "bagging": BaggingClassifier(n_estimators=6, max_features=0.75, random_state=0),
        "isolation forest": IsolationForest(n_estimators=8, random_state=0),
        "logistic regression": line,
        "logistic regression on mixed types": make_pipeline(columns(StandardScaler()), line),
        "ridge classifier": make_pipeline(StandardScaler(), RidgeClassifier()),
        "ridge regression, a number": make_pipeline(SplineTransformer(5), Ridge()),
        "Poisson regression, a number": PoissonRegressor(),
        "support vectors": make_pipeline(StandardScaler(), SVC()),
        "support vectors, linear": SVC(kernel="linear"),
        "support vectors, a number": make_pipeline(StandardScaler(), SVR()),
        "nearest neighbours": KNeighborsClassifier(),
        "nearest neighbours, a number": make_pipeline(StandardScaler(), KNeighborsRegressor(weights="distance")),
        "nearest centroid": make_pipeline(StandardScaler(), NearestCentroid()),
        "local outlier factor": LocalOutlierFactor(novelty=True),
        "k-means": make_pipeline(StandardScaler(), KMeans(4, random_state=0)),
        "BIRCH": Birch(n_clusters=3),
        "Gaussian mixture": GaussianMixture(3, random_state=0),
        "naive Bayes, Gaussian": GaussianNB(),
        "naive Bayes, Bernoulli": make_pipeline(StandardScaler(), BernoulliNB()),
        "linear discriminants": LinearDiscriminantAnalysis(),
        "quadratic discriminants": QuadraticDiscriminantAnalysis(),
        "neural network": make_pipeline(StandardScaler(), MLPClassifier((8,), max_iter=300, random_state=0)),
        "Gaussian process, a number": make_pipeline(StandardScaler(), GaussianProcessRegressor(alpha=0.1)),
        "label propagation": make_pipeline(MinMaxScaler(), LabelPropagation()),
        "calibrated": CalibratedClassifierCV(tree, method="isotonic", cv=2),
        "a vote": VotingClassifier([("line", line), ("tree", tree), ("near", KNeighborsClassifier())]),
        "a stack": StackingClassifier([("line", line), ("tree", tree)], line, cv=3),
        "bins": make_pipeline(
            make_column_transformer(
                (
                    make_pipeline(SimpleImputer(), KBinsDiscretizer(5, quantile_method="averaged_inverted_cdf")),
                    COLUMNS,
                ),
                (make_pipeline(SimpleImputer(strategy="most_frequent"), ordinal), ["colour"]),
            ),
            line,
        ),
        "quantiles": make_pipeline(QuantileTransformer(n_quantiles=20), line),
    }


@cache
def data(mixed: bool) -> tuple[pd.DataFrame, Any]:
    """The rows, to a tenth as people measure, and their classes."""
    table = tables.mixed()
    target = tables.numbers_many()[1]
    if mixed:
        return table[MIXED], target
    return table[COLUMNS].fillna(table[COLUMNS].mean()).round(1), target


def fitted(name: str, estimator: Any) -> tuple[Any, pd.DataFrame]:
    """The estimator, fitted, and the rows that it was fitted on."""
    steps = getattr(estimator, "steps", [("", None)])
    features, target = data("columntransformer" in steps[0][0])
    if NUMBER in name:
        target = np.asarray(target * 1.5 + features["alcohol"].fillna(13) / 7)
    return estimator.fit(features, target), features
