"""Columns that are kept, matched, or handed to scikit-learn; whole pipelines."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from feature_engine import selection
from feature_engine.creation import RelativeFeatures
from feature_engine.discretisation import EqualFrequencyDiscretiser
from feature_engine.encoding import MeanEncoder, OneHotEncoder, RareLabelEncoder
from feature_engine.imputation import AddMissingIndicator, CategoricalImputer, DropMissingData, MeanMedianImputer
from feature_engine.outliers import Winsorizer
from feature_engine.pipeline import make_pipeline as own_pipeline
from feature_engine.preprocessing import MatchVariables
from feature_engine.text import TextFeatures
from feature_engine.timeseries.forecasting import LagFeatures
from feature_engine.wrappers import SklearnTransformerWrapper
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.feature_selection import SelectKBest
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import KBinsDiscretizer, OrdinalEncoder, PolynomialFeatures, StandardScaler
from sklearn.preprocessing import OneHotEncoder as Flags

from alpenglow import export
from alpenglow._export.errors import ConversionError
from alpenglow._export.pipeline.steps import columns_read
from tests.export.converters.echo import Echo, check_transform
from tests.export.converters.libraries.test_feature_engine.tables import categorical, homes, target
from tests.export.helpers import check_same, exported

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning", "ignore::FutureWarning")

NUMBERS = ["share", "area", "rooms", "change"]
FOREST = RandomForestClassifier(4, random_state=0)
CODES = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)


@pytest.mark.parametrize(
    "selector",
    [
        selection.DropFeatures(["area"]),
        selection.DropConstantFeatures(tol=0.15),
        selection.DropDuplicateFeatures(),
        selection.DropCorrelatedFeatures(threshold=0.01),
        selection.SmartCorrelatedSelection(threshold=0.01),
        selection.SelectBySingleFeaturePerformance(FOREST, threshold=0.5, cv=2),
        selection.RecursiveFeatureElimination(FOREST, cv=2, threshold=0.0),
        selection.SelectByShuffling(FOREST, cv=2, threshold=0.0),
    ],
    ids=lambda one: type(one).__name__,
)
def test_columns_are_kept(selector: Any) -> None:
    table = homes()[NUMBERS].assign(again=homes()["rooms"])
    check_transform(selector, table, target=target(table))


def test_what_is_dropped_first_may_hold_anything(tmp_path) -> None:
    table = homes()[NUMBERS].assign(when=pd.Timestamp("2024-05-01"))
    pipeline = make_pipeline(selection.DropFeatures(["when", "share"]), LogisticRegression()).fit(table, target(table))
    assert columns_read(pipeline, list(table)) == ["area", "rooms", "change"]
    assert export(pipeline, table, tmp_path / "model.onnx").different_labels == 0


@pytest.mark.parametrize(
    "wrapper",
    [
        SklearnTransformerWrapper(StandardScaler(), variables=["change", "area"]),
        SklearnTransformerWrapper(PolynomialFeatures(include_bias=False), variables=["change", "area"]),
        SklearnTransformerWrapper(Flags(sparse_output=False), variables=["rooms"]),
        SklearnTransformerWrapper(SelectKBest(k=1), variables=["change", "area"]),
        SklearnTransformerWrapper(KBinsDiscretizer(3, encode="ordinal"), variables=["area", "share"]),
        SklearnTransformerWrapper(SimpleImputer(), variables=["share", "rooms"]),
    ],
    ids=repr,
)
def test_transformers_of_scikit_learn(wrapper: Any, tmp_path) -> None:
    table = homes()[NUMBERS]
    check_transform(wrapper, table, target=target(table))
    pipeline = make_pipeline(wrapper, FOREST).fit(table, target(table))
    assert export(pipeline, table, tmp_path / "model.onnx").different_labels == 0


def test_texts_in_a_wrapper() -> None:
    table = homes()
    wrapper = SklearnTransformerWrapper(CODES, variables=["kind", "town"])
    check_transform(wrapper, table, pd.concat([table, table.head(2).assign(town="Paris")]))


@pytest.mark.parametrize("dtype", ["float64", "int64", "float32", "bool"])
def test_columns_are_matched(dtype: Any) -> None:
    table = homes()[["rooms", "area"]].astype({"rooms": dtype})
    rows = pd.DataFrame({"rooms": [0.0, -0.5, 1.5, 1e30, 0.1], "area": 1.0})
    rows = rows if dtype != "int64" else rows[rows["rooms"] < 9]
    check_transform(MatchVariables(match_dtypes=True), table, rows)
    check_transform(MatchVariables(), table)


def test_categories_are_matched() -> None:
    table = categorical(homes())[["town", "share"]]
    match = make_pipeline(MatchVariables(match_dtypes=True, missing_values="ignore"), CODES)
    check_transform(
        match, table, pd.concat([table.astype({"town": object}), pd.DataFrame({"town": ["x"], "share": 1})])
    )


PIPELINES = [
    make_pipeline(
        AddMissingIndicator(),
        MeanMedianImputer(),
        CategoricalImputer(),
        RareLabelEncoder(tol=0.1, n_categories=2),
        MeanEncoder(unseen="encode"),
        Winsorizer(tail="both", fold=2, variables=["area"]),
        FOREST,
    ),
    own_pipeline(
        MeanMedianImputer(),
        CategoricalImputer(fill_value="?"),
        EqualFrequencyDiscretiser(q=4, return_object=True, variables=["area", "share"]),
        OneHotEncoder(),
        RelativeFeatures(["rooms"], ["change"], ["mod", "sub"], fill_value=0),
        LogisticRegression(max_iter=500),
    ),
    make_pipeline(
        make_column_transformer(
            (make_pipeline(MeanMedianImputer(), Winsorizer()), NUMBERS),
            (make_pipeline(CategoricalImputer(), OneHotEncoder()), ["town", "kind"]),
        ),
        HistGradientBoostingClassifier(max_iter=5),
    ),
]


@pytest.mark.parametrize("pipeline", PIPELINES, ids=["forest", "own", "columns"])
@pytest.mark.parametrize("kind", ["texts", "categories"])
def test_whole_pipelines(pipeline: Any, kind: str, tmp_path) -> None:
    table = homes(0.1).drop(columns="new")
    table = categorical(table) if kind == "categories" else table
    report = export(pipeline.fit(table, target(table)), table, tmp_path / "model.onnx")
    assert report.different_labels == 0


def test_after_an_array() -> None:
    table = homes(0.1)[NUMBERS]
    steps = make_pipeline(SimpleImputer(), Winsorizer(tail="both", fold=1), Echo()).fit(table)
    check_same(steps, table)


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        (DropMissingData(), "drops rows"),
        (LagFeatures(variables=["area"]), "rows before"),
        (TextFeatures(variables=["town"]), "patterns"),
    ],
    ids=lambda one: type(one).__name__,
)
def test_refused(step: Any, reason: str) -> None:
    table = homes()[["area", "town"]]
    pipeline = make_pipeline(step, CODES, Echo()).fit(table)
    with pytest.raises(ConversionError, match=reason):
        exported(pipeline, table)


def test_a_pipeline_that_drops_rows_is_refused() -> None:
    table = homes(0.1)[NUMBERS]
    pipeline = own_pipeline(DropMissingData(), LogisticRegression()).fit(table, pd.Series(target(table)))
    with pytest.raises(ConversionError, match="drops rows"):
        exported(pipeline, table.fillna(np.float64(1)))
