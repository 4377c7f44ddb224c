"""Rows on the edges of a pipeline: the last number before it decides otherwise, and the first after."""

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    BaggingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    VotingClassifier,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    KBinsDiscretizer,
    OneHotEncoder,
    OrdinalEncoder,
    PowerTransformer,
    RobustScaler,
    StandardScaler,
)
from sklearn.tree import DecisionTreeClassifier

from alpenglow._export.gate import boundaries
from alpenglow._export.gate.boundaries import APART, boundary_rows
from alpenglow._export.gate.edges import find
from alpenglow._export.gate.movable import Rows
from alpenglow._export.pipeline.fitted import Fitted
from alpenglow._export.proved.claims import sums_of
from tests.tables import wine


def numbers() -> tuple[pd.DataFrame, pd.Series]:
    table = wine().drop(columns=["colour", "strong"]).fillna(0.0)
    return table.drop(columns="target"), table["target"]


def stump(*steps) -> tuple[object, pd.DataFrame]:
    """A pipeline with one threshold in one column."""
    features, target = numbers()
    model = make_pipeline(*steps, DecisionTreeClassifier(max_depth=1, random_state=0))
    return model.fit(features[["proline"]], target == 0), features[["proline"]]


@pytest.mark.parametrize("step", [None, StandardScaler(), RobustScaler()], ids=str)
def test_a_threshold_is_found_to_the_last_bit_through_other_steps(step) -> None:
    model, features = stump(*([step] if step else []))
    rows, reached, total = boundary_rows(Fitted(model), Rows(features, ["proline"]))
    assert (reached, total) == (1, 1)
    below, above = rows["proline"].iloc[:2]
    assert np.nextafter(below, np.inf) == above
    assert model.predict(rows.iloc[[0]])[0] != model.predict(rows.iloc[[1]])[0]


def test_behind_what_is_equal_to_rounding_rows_keep_their_distance() -> None:
    model, features = stump(PowerTransformer())
    rows, _, _ = boundary_rows(Fitted(model), Rows(features, ["proline"]))
    _, below, zero, above = rows["proline"].iloc[:4]  # the transformer itself decides at zero
    distance = 2 * APART * np.ptp(features["proline"])
    assert zero > 0
    assert above - below == pytest.approx(distance)
    assert model.predict(rows.iloc[[1]])[0] != model.predict(rows.iloc[[3]])[0]


@pytest.mark.parametrize("function", [None, np.abs, np.sqrt, np.floor], ids=str)
def test_a_function_that_rounds_nothing_takes_no_distance(function) -> None:
    assert not any(edges.sees.rounded for edges in find(stump(FunctionTransformer(function))[0]))
    assert any(edges.sees.rounded for edges in find(stump(FunctionTransformer(np.log1p))[0]))


def test_what_a_column_transformer_passes_through_takes_no_distance() -> None:
    features, target = numbers()
    columns = make_column_transformer((RobustScaler(), ["alcohol"]), remainder="passthrough")
    model = make_pipeline(columns, DecisionTreeClassifier(max_depth=3, random_state=0)).fit(features, target)
    assert not any(edges.sees.rounded for edges in find(model))


def test_beside_each_edge_are_its_neighbours_in_float32() -> None:
    model, features = stump()
    rows, _, _ = boundary_rows(Fitted(model), Rows(features, ["proline"]))
    below = np.float32(rows["proline"].iloc[0])
    assert {float(np.nextafter(below, np.float32(side))) for side in (-np.inf, np.inf)} <= set(rows["proline"])


def test_every_threshold_of_a_forest_is_reached() -> None:
    features, target = numbers()
    model = RandomForestClassifier(20, random_state=0).fit(features, target)
    rows, reached, total = boundary_rows(Fitted(model), Rows(features, list(features)))
    edges = {(feature, threshold) for tree in model.estimators_ for feature, threshold in splits(tree.tree_)}
    assert reached == total == len(edges)
    assert len(rows) > 6 * total


def splits(tree) -> list[tuple[int, float]]:
    inner = tree.children_left >= 0
    return list(zip(tree.feature[inner].tolist(), tree.threshold[inner].tolist(), strict=True))


@pytest.mark.parametrize(
    "model",
    [
        VotingClassifier([("a", make_pipeline(StandardScaler(), PCA(3), RandomForestClassifier(3, random_state=0)))]),
        BaggingClassifier(max_features=0.5, n_estimators=5, random_state=0),
        HistGradientBoostingClassifier(max_iter=3),
        make_pipeline(KBinsDiscretizer(4, quantile_method="averaged_inverted_cdf"), LogisticRegression()),
    ],
    ids=["in a vote, behind PCA", "of some columns", "histograms", "bins"],
)
def test_edges_are_found_wherever_they_are(model) -> None:
    features, target = numbers()
    rows, reached, total = boundary_rows(Fitted(model.fit(features, target)), Rows(features, list(features)))
    assert total > 10
    assert reached > 0.7 * total
    assert len(rows) > 6 * reached


def test_a_table_with_text_and_gaps() -> None:
    table = wine()
    columns = make_column_transformer(
        (SimpleImputer(), ["alcohol", "hue"]), (OneHotEncoder(handle_unknown="ignore"), ["colour", "strong"])
    )
    model = make_pipeline(columns, RandomForestClassifier(5, random_state=0)).fit(table, table["target"])
    rows, reached, total = boundary_rows(Fitted(model), Rows(table, ["alcohol", "hue"]))
    assert len(find(model)) >= 2  # the imputer's statistics, the forest's thresholds
    assert reached > 0.6 * total
    assert set(rows["colour"].dropna()) <= set(table["colour"].dropna())
    assert set(rows["strong"]) <= {True, False}


def test_columns_in_which_an_encoder_knows_some_numbers_alone() -> None:
    features, target = numbers()
    features = features[["alcohol", "hue"]].assign(floor=np.arange(len(features)) % 3 * 2.0)
    columns = make_column_transformer((OrdinalEncoder(), ["floor"]), remainder="passthrough")
    model = make_pipeline(columns, DecisionTreeClassifier(random_state=0)).fit(features, target)
    moved, reached, _ = boundary_rows(Fitted(model), Rows(features, list(features)))
    assert reached > 0
    assert not set(moved["alcohol"]) <= set(features["alcohol"])


def test_numbers_that_are_categories_beside_text() -> None:
    features, target = numbers()
    features = features[["hue"]].assign(name=np.where(target == 1, "x", "y"), floor=np.arange(len(features)) % 3 * 2.0)
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    rows = Rows(features, ["hue", "floor"])
    model = make_pipeline(encoder, DecisionTreeClassifier(random_state=0)).fit(features, target)
    moved, _, _ = boundary_rows(Fitted(model), rows)
    assert {np.nextafter(2.0, side) for side in (0, 4)} & set(moved["floor"])


def test_of_trees_that_are_proved_fewer_thresholds_do(monkeypatch) -> None:
    features, target = numbers()
    model = RandomForestClassifier(20, random_state=0).fit(features, target)
    monkeypatch.setattr(boundaries, "MOST_PROVED", 50)
    forest = sums_of(model).forest
    rows = Rows(features, list(features))
    _, many, total = boundary_rows(Fitted(model), rows)
    _, few, same = boundary_rows(Fitted(model), rows, [forest])
    assert (many, same) == (total, total)
    assert 20 < few < 80


def test_no_edges_no_rows() -> None:
    features, target = numbers()
    rows, reached, total = boundary_rows(
        Fitted(LogisticRegression(max_iter=9).fit(features, target)), Rows(features, list(features))
    )
    assert (len(rows), reached, total) == (0, 0, 0)


def test_numbers_that_an_encoder_takes_for_categories_keep_other_columns_on_their_thresholds() -> None:
    features, target = numbers()
    features = features[["alcohol", "proline", "hue"]].assign(hue=features["hue"].round())
    encoder = make_column_transformer((OneHotEncoder(sparse_output=False), ["hue"]), remainder="passthrough")
    model = make_pipeline(encoder, RandomForestClassifier(5, random_state=0)).fit(features, target)
    rows, reached, total = boundary_rows(Fitted(model), Rows(features, list(features)))
    assert 0.7 * total < reached < total
    assert len(rows)
