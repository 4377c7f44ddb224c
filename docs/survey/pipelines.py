"""Pipelines with every common transformer, in front of a forest that sees each bit of what they make."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn.compose import ColumnTransformer, make_column_selector, make_column_transformer
from sklearn.decomposition import PCA, FactorAnalysis, FastICA, IncrementalPCA, KernelPCA, TruncatedSVD
from sklearn.ensemble import ExtraTreesClassifier, HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfVectorizer
from sklearn.feature_selection import (
    RFE,
    GenericUnivariateSelect,
    SelectFromModel,
    SelectKBest,
    SelectPercentile,
    SequentialFeatureSelector,
    VarianceThreshold,
)
from sklearn.impute import KNNImputer, MissingIndicator, SimpleImputer
from sklearn.kernel_approximation import Nystroem
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, make_pipeline, make_union
from sklearn.preprocessing import (
    Binarizer,
    FunctionTransformer,
    KBinsDiscretizer,
    MaxAbsScaler,
    MinMaxScaler,
    Normalizer,
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    SplineTransformer,
    StandardScaler,
    TargetEncoder,
)
from sklearn.tree import DecisionTreeClassifier

NUMBERS = make_column_selector(dtype_include="number")
TEXT = ["colour"]
FOREST = RandomForestClassifier(10, random_state=0)
TREE = DecisionTreeClassifier(random_state=0)


def on_numbers() -> Iterator[tuple[str, Any]]:
    """Transformers of numbers, with their names."""
    yield from (
        (transformer.__class__.__name__ + note, transformer)
        for note, transformer in [
            ("", StandardScaler()),
            ("", MinMaxScaler()),
            (", clipped", MinMaxScaler(clip=True)),
            ("", MaxAbsScaler()),
            ("", RobustScaler()),
            ("", Normalizer()),
            ("", Binarizer(threshold=1.5)),
            (", one-hot", KBinsDiscretizer(4, quantile_method="averaged_inverted_cdf")),
            (", ordinal", KBinsDiscretizer(4, encode="ordinal", strategy="uniform")),
            ("", PolynomialFeatures(2)),
            ("", SplineTransformer()),
            (", Yeo-Johnson", PowerTransformer()),
            (", Box-Cox", PowerTransformer("box-cox")),
            (", uniform", QuantileTransformer(n_quantiles=50)),
            (", normal", QuantileTransformer(n_quantiles=50, output_distribution="normal")),
            ("", PCA(4)),
            ("", IncrementalPCA(4)),
            ("", TruncatedSVD(4, random_state=0)),
            ("", KernelPCA(n_components=4, kernel="rbf", gamma=1e-6)),
            ("", FactorAnalysis(3)),
            ("", FastICA(3, random_state=0)),
            ("", VarianceThreshold(0.1)),
            ("", SelectKBest(k=4)),
            ("", SelectPercentile(percentile=40)),
            ("", GenericUnivariateSelect(mode="k_best", param=4)),
            ("", SelectFromModel(ExtraTreesClassifier(10, random_state=0))),
            ("", RFE(TREE, n_features_to_select=4)),
            ("", SequentialFeatureSelector(TREE, n_features_to_select=2, cv=2)),
            (" of numpy.log1p", FunctionTransformer(np.log1p)),
            (" of a function", FunctionTransformer(own_function)),
            (" with a kernel in Python", Nystroem(own_kernel, n_components=8, random_state=0)),
        ]
    )
    yield (
        "FeatureUnion",
        FeatureUnion([("scaled", StandardScaler()), ("main", PCA(3))], transformer_weights={"main": 2}),
    )
    yield (
        "nested Pipelines and FeatureUnions",
        make_pipeline(make_union(make_pipeline(StandardScaler(), PCA(3)), "passthrough"), MinMaxScaler()),
    )
    yield "set_output(pandas)", make_pipeline(StandardScaler(), MinMaxScaler()).set_output(transform="pandas")


def own_function(x: Any) -> Any:
    """What somebody wrote in Python: no converter can know what it does."""
    return x * 2


def own_kernel(x: Any, y: Any) -> Any:
    """A kernel that somebody wrote in Python, of two rows."""
    return np.exp(-1e-6 * np.sum((x - y) ** 2))


def on_mixed() -> Iterator[tuple[str, Any]]:
    """Whole pipelines on a table of numbers, text and a boolean with gaps."""
    filled = SimpleImputer(strategy="median")
    encoded = OneHotEncoder(handle_unknown="ignore")
    for name, numbers in [
        ("SimpleImputer, mean", SimpleImputer()),
        ("SimpleImputer, median", filled),
        ("SimpleImputer with indicator", SimpleImputer(add_indicator=True)),
        ("SimpleImputer and MissingIndicator", make_union(SimpleImputer(), MissingIndicator(features="all"))),
        ("KNNImputer", KNNImputer()),
        ("KNNImputer, by distance", make_pipeline(StandardScaler(), KNNImputer(weights="distance"))),
        ("no imputer", "passthrough"),
    ]:
        yield name, make_pipeline(make_column_transformer((numbers, NUMBERS), (encoded, TEXT)), FOREST)
    ordinal = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    for name, text in [
        ("OneHotEncoder, rare ones together", OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=30)),
        ("OneHotEncoder, first dropped", OneHotEncoder(drop="first")),
        ("OrdinalEncoder", make_pipeline(SimpleImputer(strategy="most_frequent"), ordinal)),
        ("OrdinalEncoder with gaps", ordinal),
        ("TargetEncoder", TargetEncoder(random_state=0)),
    ]:
        yield name, make_pipeline(make_column_transformer((filled, NUMBERS), (text, TEXT)), FOREST)
    inner = make_column_transformer((filled, NUMBERS), (encoded, TEXT), remainder="passthrough")
    yield "ColumnTransformer, the rest passed through", make_pipeline(inner, StandardScaler(), LogisticRegression())
    nested = make_column_transformer((make_pipeline(filled, StandardScaler()), NUMBERS))
    both = ColumnTransformer([("inner", nested, NUMBERS), ("text", encoded, TEXT)], transformer_weights={"text": 2.0})
    yield "ColumnTransformer in a ColumnTransformer", make_pipeline(both, FOREST)
    boosting = HistGradientBoostingClassifier(max_iter=20, categorical_features=["colour"])
    yield "HistGradientBoosting with native categories and gaps", boosting


def on_texts() -> Iterator[tuple[str, Any]]:
    """Vectorisers of text."""
    for name, vectoriser in [
        ("CountVectorizer", CountVectorizer()),
        ("CountVectorizer, pairs of words", CountVectorizer(ngram_range=(1, 2), binary=True)),
        ("CountVectorizer, pairs without stop words", CountVectorizer(ngram_range=(1, 2), stop_words="english")),
        ("CountVectorizer, letters alone", CountVectorizer(token_pattern=r"\b[a-zA-Z]{3,}\b")),  # noqa: S106
        ("TfidfVectorizer", TfidfVectorizer()),
        ("TfidfVectorizer of characters", TfidfVectorizer(analyzer="char", ngram_range=(2, 3))),
        ("TfidfVectorizer of characters in words", TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5))),
        ("words beside characters", make_union(TfidfVectorizer(), TfidfVectorizer(analyzer="char_wb"))),
        ("TfidfVectorizer, sublinear", TfidfVectorizer(sublinear_tf=True, max_features=200)),
        ("HashingVectorizer", HashingVectorizer(n_features=64)),
        ("HashingVectorizer, a million columns", HashingVectorizer()),
    ]:
        yield name, make_pipeline(ColumnTransformer([("text", vectoriser, "text")]), LogisticRegression())
