"""What an export says of trees: proved where they are the same, stopped where they are provably not."""

import numpy as np
import onnx
import pandas as pd
import pytest
from onnx import numpy_helper
from sklearn.base import clone, is_classifier
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_diabetes
from sklearn.ensemble import (
    BaggingRegressor,
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    GradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
    StackingRegressor,
    VotingRegressor,
)
from sklearn.feature_selection import SelectFromModel
from sklearn.linear_model import LinearRegression
from sklearn.multioutput import MultiOutputClassifier, MultiOutputRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeRegressor

import alpenglow
from alpenglow._export import api
from alpenglow._export.errors import ParityError
from alpenglow._export.proved.claims import claims
from tests.export.helpers import exported

X, y = load_diabetes(return_X_y=True, as_frame=True)
FOREST = RandomForestRegressor(3, max_depth=4, random_state=0)
EXTRA = ExtraTreesRegressor(3, max_depth=4, random_state=0)


def test_the_report_the_signature_and_the_service_say_what_is_proved(tmp_path) -> None:
    pipeline = make_pipeline(StandardScaler(), FOREST).fit(X, y)
    lines: list[str] = []
    report = alpenglow.export(pipeline, X, tmp_path / "m.onnx", progress=lines.append)
    nodes = sum(tree.tree_.node_count for tree in pipeline[-1].estimators_)
    what = f"3 trees with {nodes:,} nodes of step 'randomforestregressor' (RandomForestRegressor)"
    claim = f"{what} proved equal: the same paths to the same values, added in the same order, for every row that it"
    assert claim in str(report)
    assert claim in report._repr_html_().replace("&#x27;", "'")
    assert f"{what} proved equal" in lines
    assert alpenglow.load(tmp_path / "m.onnx").signature.parity.proved == (what,)


def test_other_trees_stop_the_export_though_no_row_shows_it(tmp_path, monkeypatch) -> None:
    """A threshold moved by one float between numbers that no row has: a node far from all of them."""
    x = X[["age"]].round(1)
    tree = DecisionTreeRegressor(random_state=0, max_depth=2).fit(x, y)

    def convert(*arguments: object) -> onnx.ModelProto:
        model = api_convert(*arguments)
        for node in model.graph.node:
            for attribute in node.attribute:
                if attribute.name == "leaf_weights":
                    weights = numpy_helper.to_array(attribute.t).copy()
                    weights[0] = np.nextafter(weights[0], np.inf)
                    attribute.t.CopyFrom(numpy_helper.from_array(weights))
        return model

    api_convert = api.convert
    monkeypatch.setattr(api, "convert", convert)
    with pytest.raises(ParityError, match=r"DecisionTreeRegressor: node \d of tree 0 holds .*, in the graph it holds"):
        alpenglow.export(tree, x, tmp_path / "m.onnx")
    assert not (tmp_path / "m.onnx").exists()


@pytest.mark.parametrize(
    ("estimator", "names"),
    [
        (VotingRegressor([("a", FOREST), ("b", EXTRA)]), {"RandomForestRegressor", "ExtraTreesRegressor"}),
        (
            StackingRegressor([("a", FOREST), ("b", EXTRA)], FOREST, cv=2),
            {"RandomForestRegressor", "ExtraTreesRegressor"},
        ),
        (MultiOutputRegressor(FOREST), {"RandomForestRegressor"}),
        (RandomForestClassifier(4, random_state=0), {"RandomForestClassifier"}),
        (MultiOutputClassifier(ExtraTreesClassifier(4, random_state=0)), {"ExtraTreesClassifier"}),
        (GradientBoostingRegressor(n_estimators=5, init=LinearRegression()), {"GradientBoostingRegressor"}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_trees_at_any_depth_are_found(estimator, names) -> None:
    targets = np.c_[y, -y] if isinstance(estimator, MultiOutputRegressor) else y
    several = np.c_[y > y.median(), pd.qcut(y, 5, labels=False)]
    estimator.fit(X, several if is_classifier(estimator) else targets)
    model, _ = exported(estimator, X)
    found = claims(estimator, model)
    assert all(claim.proved for claim in found), [*map(str, found)]
    assert {claim.step.split("(")[-1].rstrip(")") for claim in found} == names


def test_every_row_is_said_only_where_the_trees_see_the_columns_as_they_are() -> None:
    model = clone(FOREST).fit(X, y)
    graph, _ = exported(model, X)
    assert str(*claims(model, graph)).endswith("for every row")
    (join,) = (node for node in graph.graph.node if node.op_type == "Concat")
    join.input[:] = list(join.input)[::-1]
    assert str(*claims(model, graph)).endswith("for every row that it can see")


def test_steps_of_one_name_are_told_together() -> None:
    model = CalibratedClassifierCV(RandomForestClassifier(4, random_state=0), cv=3).fit(X, y > y.median())
    (claim,) = claims(model, exported(model, X)[0])
    assert (claim.proved, claim.trees) == (True, 12)


def test_trees_that_no_answer_follows_from_are_left_out() -> None:
    """Of a selector, and of what members are clones of, which somebody has fitted to something else."""
    selected = make_pipeline(SelectFromModel(FOREST), RandomForestRegressor(3, random_state=1)).fit(X, y)
    clones = BaggingRegressor(clone(FOREST).fit(X, -y), n_estimators=2, random_state=0).fit(X, y)
    for model in (selected, clones):
        found = claims(model, exported(model, X)[0])
        assert found
        assert all(claim.proved for claim in found), [*map(str, found)]


def test_there_is_nothing_to_claim_without_trees() -> None:
    model = LinearRegression().fit(X, y)
    assert claims(model, exported(model, X)[0]) == []


def test_trees_of_another_model_are_different() -> None:
    other = RandomForestRegressor(3, max_depth=4, random_state=1).fit(X, y)
    (claim,) = claims(other, exported(FOREST.fit(X, y), X)[0])
    assert claim.different
    assert not claim.proved


def test_more_trees_than_the_graph_has_are_not_proved() -> None:
    other = RandomForestRegressor(4, max_depth=4, random_state=0).fit(X, y)
    (claim,) = claims(other, exported(FOREST.fit(X, y), X)[0])
    assert claim.unproved == "the graph has no such trees"
    assert "is not proved, but compared" in str(claim)


def test_a_forest_behind_what_may_be_missing_is_proved_with_its_gaps() -> None:
    gaps = X.mask(np.random.default_rng(0).random(X.shape) < 0.1)
    model = RandomForestRegressor(3, random_state=0).fit(gaps, y)
    (claim,) = claims(model, exported(model, gaps)[0])
    assert claim.proved
    assert claim.gaps


def test_a_quarter_of_a_million_nodes_take_about_a_second() -> None:
    random = np.random.default_rng(0)
    table = pd.DataFrame(random.normal(size=(3_000, 8)))
    table.columns = table.columns.astype(str)
    model = ExtraTreesRegressor(40, random_state=0).fit(table, random.normal(size=3_000))
    graph, _ = exported(model, table)
    (claim,) = claims(model, graph)
    assert claim.proved
    assert claim.nodes > 180_000
