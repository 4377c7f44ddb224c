"""No change to a graph's trees is proved equal if a row shows it; what changes nothing is still proved."""

from typing import Any

import numpy as np
import onnx
import pandas as pd
import pytest
from onnx import numpy_helper

from alpenglow._export.gate.graph import Graph
from alpenglow._export.proved.claims import claims
from alpenglow._serve.signature import Column
from tests.export.helpers import exported
from tests.export.proved.changes import changes
from tests.export.proved.families import FAMILIES, boosters, fitted

ROWS = 3_000


def near_thresholds(model: onnx.ModelProto, sample: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
    """Rows of the sample with numbers on the graph's thresholds, on the floats of both widths beside them, and gaps."""
    splits = np.concatenate(
        [
            numpy_helper.to_array(attribute.t).astype(np.float64)
            for node in model.graph.node
            for attribute in node.attribute
            if attribute.name == "nodes_splits"
        ]
    )
    narrow = splits.astype(np.float32)
    beside = [np.nextafter(narrow, np.float32(side)).astype(np.float64) for side in (-np.inf, np.inf)]
    middles = [(narrow + other) / 2 for other in beside]
    values = np.concatenate(
        [splits, narrow, *beside, *middles, *(np.nextafter(splits, side) for side in (-np.inf, np.inf)), [np.nan] * 9]
    )
    rows = sample.iloc[random.integers(len(sample), size=ROWS)].to_numpy(np.float64, copy=True)
    moved = random.random(rows.shape) < 0.5
    rows[moved] = random.choice(values, int(moved.sum()))
    return pd.DataFrame(rows, columns=sample.columns)


def answers(model: onnx.ModelProto, rows: pd.DataFrame) -> dict[str, Any]:
    """What ONNX Runtime makes of a graph."""
    return Graph(model, [Column(str(name), "number", True, 0.0) for name in rows]).predict(rows)


def differ(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether any answer is another, to the bit."""
    return any(
        not np.array_equal(values, other[name], equal_nan=values.dtype.kind == "f") for name, values in one.items()
    )


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("family", [*FAMILIES, *boosters()])
def test_what_a_row_shows_is_not_proved(family: str, seed: int) -> None:
    estimator, sample = fitted((FAMILIES | boosters())[family], seed)
    model, _ = exported(estimator, sample)
    assert all_proved(estimator, model)
    random = np.random.default_rng(seed)
    rows = near_thresholds(model, sample, random)
    plain = answers(model, rows)
    for kind, changed in changes(model, random):
        proved = all_proved(estimator, changed)
        assert not (proved and differ(plain, answers(changed, rows))), kind
        assert proved or kind != "children and comparison swapped"


def all_proved(estimator: Any, model: onnx.ModelProto) -> bool:
    """Whether there are trees, and all of them are proved."""
    found = claims(estimator, model)
    return bool(found) and all(claim.proved for claim in found)


@pytest.mark.parametrize("seed", range(6))
def test_what_is_different_is_shown_by_a_row(seed: int) -> None:
    estimator, sample = fitted(FAMILIES["DecisionTreeRegressor"], seed)
    model, _ = exported(estimator, sample)
    for kind, changed in changes(model, np.random.default_rng(seed), each=3):
        claim = claims(estimator, changed)[0]
        if claim.proved:
            continue
        assert claim.row is not None
        row = pd.DataFrame([[claim.row.get(i, 0.0) for i in range(sample.shape[1])]], columns=sample.columns)
        assert differ(answers(model, row), answers(changed, row)), kind
