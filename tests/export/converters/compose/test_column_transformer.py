"""Pipelines, ColumnTransformers and FeatureUnions hand on the columns that scikit-learn hands on, in its order."""

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer, make_column_selector, make_column_transformer
from sklearn.ensemble import RandomForestRegressor, StackingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline, make_union
from sklearn.preprocessing import (
    FunctionTransformer,
    MinMaxScaler,
    Normalizer,
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
    StandardScaler,
)
from sklearn.tree import DecisionTreeClassifier

from alpenglow._export.errors import ConversionError
from tests.export.converters.echo import Echo, check_transform
from tests.export.helpers import check_same, exported
from tests.tables import diabetes, wine


@pytest.fixture
def table() -> pd.DataFrame:
    """Text first, between numbers and last; gaps, booleans."""
    wines = wine()
    made = wines[["colour", "alcohol", "strong", "hue", "proline", "ash"]].assign(size=np.resize(["S", "L", "M"], 178))
    return made.fillna({"proline": 700.0})


SELECTIONS = {
    "names": ["hue", "alcohol", "ash"],
    "positions": [5, 1, 3],
    "negative positions": [-2, 1, -4],
    "a slice": slice(3, 6),
    "a slice backwards": slice(5, 2, -1),
    "a slice of names": slice("hue", "ash"),
    "a mask": [False, True, False, True, True, False, False],
    "a function": make_column_selector(dtype_include="float64"),
    "an open slice": slice(3, -1),
}


@pytest.mark.parametrize("columns", SELECTIONS.values(), ids=SELECTIONS.keys())
def test_columns_chosen_by(table, columns) -> None:
    check_transform(ColumnTransformer([("a", MinMaxScaler(), columns), ("b", "passthrough", columns)]), table)


@pytest.mark.parametrize("remainder", ["drop", "passthrough", SimpleImputer(strategy="constant", add_indicator=True)])
def test_what_is_left(table, remainder) -> None:
    numbers = table.drop(columns=["colour", "size"])
    transformer = ColumnTransformer(
        [("b", StandardScaler(), ["proline", "strong"]), ("none", MinMaxScaler(), [])], remainder=remainder
    )
    check_transform(transformer, numbers)


@pytest.mark.parametrize("threshold", [0.0, 0.3, 1.0])
def test_weights(table, threshold) -> None:
    transformer = ColumnTransformer(
        [("a", MinMaxScaler(), ["hue"]), ("b", OneHotEncoder(), ["colour"]), ("c", "passthrough", ["ash"])],
        transformer_weights={"a": 0.1, "b": 3, "c": -7.3},
        sparse_threshold=threshold,
    )
    check_transform(make_pipeline(transformer, SimpleImputer(), StandardScaler(with_mean=False)), table)


def test_union(table) -> None:
    numbers = table[["alcohol", "hue", "proline"]].fillna(1.0)
    union = FeatureUnion(
        [
            ("a", MinMaxScaler()),
            ("same", "passthrough"),
            ("not", "drop"),
            ("b", make_pipeline(StandardScaler(), PolynomialFeatures())),
        ],
        transformer_weights={"a": 2.5},
    )
    check_transform(union, numbers)
    check_transform(make_pipeline(union, make_union(Normalizer("max"), "passthrough")), numbers)


def test_columns_of_columns(table) -> None:
    """Positions in the second transformer are those of what the first one made: text, numbers, text."""
    first = make_column_transformer(
        ("passthrough", ["size", "hue"]),
        (SimpleImputer(strategy="most_frequent"), ["colour", "alcohol"]),
        ("passthrough", ["strong", "ash"]),
    )
    second = make_column_transformer(
        ("passthrough", [5, 1]), (OneHotEncoder(), [2, 0]), (make_pipeline(SimpleImputer(), MinMaxScaler()), [4, 3, 1])
    )
    check_transform(make_pipeline(first, second), table)


def test_columns_permuted_by_position(table) -> None:
    numbers = table[["alcohol", "hue", "proline"]].fillna(1.0)
    reverse = ColumnTransformer([("all", "passthrough", [2, 1, 0])])
    check_transform(make_pipeline(StandardScaler(), reverse, PolynomialFeatures(3)), numbers)


def test_data_frames_between_the_steps(table) -> None:
    first = ColumnTransformer(
        [("text", OrdinalEncoder(), ["colour", "size"]), ("numbers", StandardScaler(), ["hue", "ash"])],
        remainder="passthrough",
        verbose_feature_names_out=False,
    )
    second = ColumnTransformer([("a", SimpleImputer(), ["ash", "colour", "hue"]), ("b", "passthrough", ["size"])])
    pipeline = make_pipeline(first, second, "passthrough", Echo()).set_output(transform="pandas")
    check_same(pipeline.fit(table), table)


def test_pipelines_in_columns_in_unions_in_pipelines(table) -> None:
    text = Pipeline(
        [("fill", SimpleImputer(strategy="constant", fill_value="?")), ("none", None), ("code", OneHotEncoder())]
    )
    columns = make_column_transformer((text, ["colour", "size"]), (SimpleImputer(), ["ash", "hue"]))
    union = make_union(columns, make_column_transformer(("passthrough", ["proline"])))
    check_transform(make_pipeline("passthrough", union, StandardScaler(with_mean=False)), table)


def test_text_and_numbers_beside_columns_that_are_passed_or_dropped(table) -> None:
    transformer = ColumnTransformer(
        [
            ("text", OneHotEncoder(), ["colour"]),
            ("same", "passthrough", ["proline", "strong"]),
            ("not", "drop", ["hue"]),
        ]
    )
    pipeline = make_pipeline(transformer, RandomForestRegressor(3, random_state=0)).fit(table, table["proline"])
    check_same(pipeline, table)
    _, graph = exported(pipeline, table)
    assert {column.name for column in graph.columns} == {"colour", "proline", "strong"}


@pytest.mark.parametrize("labels", [["x", "", "é"], [True, False], [2**40, -1, 7]], ids=str)
def test_labels_behind_nested_columns(table, labels) -> None:
    truth = np.resize(np.array(labels), len(table))
    columns = make_column_transformer((OneHotEncoder(), ["colour", "size"]), (SimpleImputer(), ["hue", "alcohol"]))
    check_same(make_pipeline(columns, DecisionTreeClassifier(random_state=0)).fit(table, truth), table)


def test_two_pipelines_that_read_other_columns(table) -> None:
    text = make_pipeline(make_column_transformer((OneHotEncoder(), ["colour"])), DecisionTreeClassifier(max_depth=3))
    numbers = make_pipeline(make_column_transformer((SimpleImputer(), ["hue"])), DecisionTreeClassifier(max_depth=3))
    model = StackingClassifier([("text", text), ("numbers", numbers)], LogisticRegression(), cv=2)
    check_same(model.fit(table, table["strong"]), table, tolerance=1e-12)


def test_a_pipeline_that_scales_everything() -> None:
    features, truth = diabetes().drop(columns="target"), diabetes()["target"]
    check_same(make_pipeline(StandardScaler(), LinearRegression()).fit(features, truth), features, tolerance=1e-12)


def test_fitted_on_an_array() -> None:
    features, truth = diabetes().drop(columns="target"), diabetes()["sex"]
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(features.to_numpy(), truth)
    check_same(model, features.set_axis([f"x{i}" for i in range(10)], axis=1), tolerance=1e-12)


def test_what_is_not_supported_is_refused_by_name(table) -> None:
    columns = ColumnTransformer([("halves", make_pipeline(FunctionTransformer(np.cbrt)), ["hue"])])
    pipeline = make_pipeline(columns, LinearRegression())
    pipeline.steps[0][1].fit(table[["hue"]])
    pipeline = make_pipeline(pipeline.steps[0][1], LinearRegression().fit([[1.0]], [1.0]))
    with pytest.raises(ConversionError) as caught:
        exported(pipeline, table[["hue"]].fillna(1.0))
    assert str(caught.value) == (
        "step 'columntransformer → halves → functiontransformer' (FunctionTransformer) cannot be exported: "
        "cbrt: numpy.cbrt of float64 is none of what can be recorded"
    )
