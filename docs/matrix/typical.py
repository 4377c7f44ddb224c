"""Pipelines as people write them, on a table as `read_csv` gives it; every version of scikit-learn can fit them."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from lightgbm import LGBMClassifier, LGBMRegressor
from sklearn.calibration import CalibratedClassifierCV
from sklearn.cluster import KMeans
from sklearn.compose import ColumnTransformer, make_column_selector, make_column_transformer
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingClassifier,
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    IsolationForest,
    RandomForestClassifier,
    RandomForestRegressor,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler, TargetEncoder
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier
from xgboost import XGBClassifier, XGBRegressor

from docs.survey import tables

NUMBERS = ["alcohol", "ash", "magnesium", "color_intensity", "hue", "proline"]


@dataclass(frozen=True)
class Typical:
    """A pipeline, and what it is fitted on."""

    name: str
    pipeline: Any
    X: Any
    y: Any = None


def pipelines() -> Iterator[Typical]:
    """All of them, in the order of the page."""
    yield from of_two_classes()
    yield from of_three_classes()
    yield from regressions()
    yield from without_target()
    yield from on_texts()


def of_two_classes() -> Iterator[Typical]:
    """Classifiers with text labels, on columns of all kinds."""
    table = mixed()
    labels = np.where(tables.numbers_many()[1] == 1, "yes", "no")
    codes = (labels == "yes").astype(int)
    logistic = LogisticRegression(max_iter=500)
    for name, model in {
        "logistic regression": logistic,
        "decision tree": DecisionTreeClassifier(random_state=0),
        "random forest": RandomForestClassifier(20, random_state=0),
        "extremely random trees": ExtraTreesClassifier(20, random_state=0),
        "gradient boosting": GradientBoostingClassifier(n_estimators=20, random_state=0),
        "histogram gradient boosting": HistGradientBoostingClassifier(max_iter=20, random_state=0),
        "calibrated linear support vector machine": CalibratedClassifierCV(LinearSVC(random_state=0), cv=3),
        "bagged trees": BaggingClassifier(n_estimators=10, random_state=0),
        "boosted stumps, AdaBoost": AdaBoostClassifier(n_estimators=10, random_state=0),
        "vote of two": VotingClassifier(
            [("linear", logistic), ("tree", DecisionTreeClassifier(max_depth=3, random_state=0))], voting="soft"
        ),
        "stack of two": StackingClassifier(
            [("linear", logistic), ("forest", RandomForestClassifier(10, random_state=0))], cv=3
        ),
        "LightGBM": LGBMClassifier(n_estimators=10, verbose=-1),
    }.items():
        yield Typical(name, make_pipeline(columns(), model), table, labels)
    yield Typical("XGBoost", make_pipeline(columns(), XGBClassifier(n_estimators=10)), table, codes)
    search = GridSearchCV(make_pipeline(columns(), logistic), {"logisticregression__C": [0.1, 1.0]}, cv=3)
    yield Typical("grid search", search, table, labels)
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-1)
    native = make_pipeline(
        make_column_transformer((encoder, ["colour", "maker"]), remainder="passthrough"),
        HistGradientBoostingClassifier(max_iter=10, categorical_features=[0, 1], random_state=0),
    )
    yield Typical("histogram gradient boosting, native categories", native, table, labels)
    coded = HistGradientBoostingClassifier(max_iter=10, categorical_features=[0, 1, 2], random_state=0)
    yield Typical("histogram gradient boosting, many categories", coded, *codes_of_categories())
    gaps = make_column_transformer((OneHotEncoder(handle_unknown="ignore"), ["colour", "maker"]), remainder="drop")
    yield Typical("gaps that are None", make_pipeline(gaps, logistic), with_none(table), labels)
    means = make_column_transformer((TargetEncoder(random_state=0), ["colour", "maker"]), remainder="drop")
    yield Typical("target encoder", make_pipeline(means, logistic), table, labels)


def of_three_classes() -> Iterator[Typical]:
    """Classifiers with numbers for labels, on numbers."""
    features, target = tables.numbers_many()
    features = features[NUMBERS]
    for name, model in {
        "logistic regression": LogisticRegression(max_iter=500),
        "support vector machine": SVC(),
        "nearest neighbours": KNeighborsClassifier(),
        "random forest": RandomForestClassifier(20, random_state=0),
        "gradient boosting": GradientBoostingClassifier(n_estimators=10, random_state=0),
        "histogram gradient boosting": HistGradientBoostingClassifier(max_iter=10, random_state=0),
        "neural network": MLPClassifier((10,), max_iter=50, random_state=0),
    }.items():
        yield Typical(f"{name}, three classes", make_pipeline(StandardScaler(), model), features, target)


def regressions() -> Iterator[Typical]:
    """Regressors on columns of all kinds."""
    table, target = mixed().drop(columns="color_intensity"), tables.numbers_second_regression()[1]
    for name, model in {
        "ridge": Ridge(),
        "random forest": RandomForestRegressor(20, random_state=0),
        "gradient boosting": GradientBoostingRegressor(n_estimators=20, random_state=0),
        "histogram gradient boosting": HistGradientBoostingRegressor(max_iter=20, random_state=0),
        "LightGBM": LGBMRegressor(n_estimators=10, verbose=-1),
        "XGBoost": XGBRegressor(n_estimators=10),
    }.items():
        yield Typical(f"{name}, regression", make_pipeline(columns(), model), table, target)


def without_target() -> Iterator[Typical]:
    """What learns from numbers alone."""
    features = tables.numbers_many()[0][NUMBERS]
    yield Typical("isolation forest", IsolationForest(n_estimators=20, random_state=0), features)
    k_means = KMeans(3, n_init=1, random_state=0)
    yield Typical("k-means", make_pipeline(StandardScaler(), k_means), features)


def on_texts() -> Iterator[Typical]:
    """Texts in a column, and texts alone."""
    features, labels = tables.texts()
    of_column = ColumnTransformer([("words", TfidfVectorizer(), "text")])
    yield Typical("words of a column", make_pipeline(of_column, LinearSVC(random_state=0)), features, labels)
    texts = features["text"].tolist()
    yield Typical("words of texts", make_pipeline(TfidfVectorizer(), LinearSVC(random_state=0)), texts, labels)


def mixed() -> pd.DataFrame:
    """Numbers, two columns of text and one of booleans; a tenth of the first two kinds is missing."""
    table = tables.mixed()[[*NUMBERS, "colour", "strong"]]
    table = table.assign(maker=np.resize(["Abate", "Berta", "Corino"], len(table)))
    return pd.read_csv(io.StringIO(table.to_csv(index=False)))


def with_none(table: pd.DataFrame) -> pd.DataFrame:
    """The columns of text as a database gives them: of objects, with None where there is nothing."""
    return table.assign(
        **{
            name: pd.Series([None if pd.isna(value) else value for value in table[name]], dtype=object)
            for name in ("colour", "maker")
        }
    )


def codes_of_categories() -> tuple[pd.DataFrame, Any]:
    """Three columns of thirty codes each, which a target depends on in no order; and that."""
    random = np.random.default_rng(0)
    table = pd.DataFrame(random.integers(0, 30, (600, 3)).astype(float), columns=["town", "shop", "article"])
    effect = random.normal(size=(3, 30))
    total = sum(effect[i][table[name].astype(int)] for i, name in enumerate(table))
    return table, np.where(total > 0, "more", "less")


def columns() -> ColumnTransformer:
    """Numbers imputed and scaled, texts imputed and one-hot encoded, booleans as they are."""
    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    categories = make_pipeline(
        SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    )
    return ColumnTransformer(
        [
            ("numbers", numbers, make_column_selector(dtype_include="number")),
            ("categories", categories, ["colour", "maker"]),
        ],
        remainder="passthrough",
    )
