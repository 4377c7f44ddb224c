"""What a graph need not carry is dropped where that is proven, and kept where it is not."""

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from alpenglow._export.graph.lean import TRACKS
from tests.export.helpers import check_same, exported
from tests.tables import wine


def has_tracks(model, features) -> bool:
    """Whether the trees of the exported graph say where missing values go."""
    graph = exported(model, features)[0].graph
    trees = [node for node in graph.node if node.op_type == "TreeEnsemble"]
    return any(attribute.name == TRACKS for node in trees for attribute in node.attribute)


@pytest.mark.parametrize(
    ("steps", "kept"),
    [
        ([], True),
        ([StandardScaler()], True),
        ([SimpleImputer()], False),
        ([StandardScaler(), SimpleImputer()], False),
        ([SimpleImputer(), StandardScaler()], False),
        ([SimpleImputer(strategy="constant", fill_value=0.0)], False),
    ],
    ids=str,
)
def test_where_missing_values_go_is_kept_unless_none_can_come(steps, kept) -> None:
    table = wine().drop(columns=["colour", "strong"])
    features, target = table.drop(columns="target"), table["target"]
    for last in (RandomForestClassifier(3, random_state=0), HistGradientBoostingClassifier(max_iter=3)):
        model = make_pipeline(*steps, last).fit(features, target)
        assert has_tracks(model, features) is kept
        check_same(model, features, tolerance=1e-14)
        check_same(model, features, features.assign(hue=np.nan), tolerance=1e-14)


def test_no_node_is_idle() -> None:
    table = wine().drop(columns=["colour", "strong"]).fillna(0.0)
    features, target = table.drop(columns="target"), table["target"]
    graph = exported(make_pipeline(StandardScaler(), RandomForestClassifier(3)).fit(features, target), features)[
        0
    ].graph
    read = {name for node in graph.node for name in node.input} | {output.name for output in graph.output}
    assert {name for node in graph.node for name in node.output} <= read
    assert {tensor.name for tensor in graph.initializer} <= read
    assert "Identity" not in {node.op_type for node in graph.node}
