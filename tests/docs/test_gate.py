"""`docs/gate.md` is what `make gate` writes: the gate stops every change that shows on a row of somebody else's."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from docs.mutations.__main__ import CHANGES, HEAD, PAGE
from docs.mutations.changes import KINDS, changes
from docs.mutations.families import families
from docs.mutations.score import score

LINES = PAGE.read_text(encoding="utf-8").splitlines()
SOME = ["decision tree", "k-means", "logistic regression on mixed types"]
COUNT = 30
FEWEST = 25  # of a graph that has few constants and operators
# A stored point that is moved shows where it is the last neighbour: on rows that the gate has not for every point.
NEIGHBOURS = {"nearest neighbours", "local outlier factor"}
MOST_MISSED = 2


def table() -> dict[str, list[int]]:
    """The numbers of each family: changes, caught, missed, unseen, wrong."""
    start = LINES.index(HEAD.splitlines()[-1]) + 1
    found = {}
    for line in LINES[start:]:
        if not line.startswith("| "):
            break
        name, *numbers = [cell.strip() for cell in line.strip("|").split("|")]
        found[name] = [int(number) for number in numbers]
    return found


@pytest.mark.parametrize("family", SOME)
def test_every_change_that_a_row_shows_is_caught(family: str) -> None:
    found = score(family, families()[family], COUNT, seed=1)
    assert found.made == COUNT
    assert found.missed == []
    assert found.wrong == 0
    assert found.caught.total() > COUNT / 2


def test_the_page_begins_as_it_is_written_now_and_has_a_line_for_every_family() -> None:
    assert PAGE.read_text(encoding="utf-8").startswith(HEAD)
    assert list(table()) == [*families(), f"all {len(families())}"]


def test_the_page_shows_what_it_claims() -> None:
    *lines, total = table().values()
    assert len(lines) >= 24
    for family, (made, caught, missed, unseen, wrong) in zip(table(), lines, strict=False):
        assert made == caught + missed + unseen
        assert FEWEST <= made <= CHANGES
        assert missed <= (MOST_MISSED if family in NEIGHBOURS else 0)
        assert wrong == 0
    assert total == np.sum(lines, axis=0).tolist()


def test_changes_are_single_ones_and_no_two_alike() -> None:
    model = small()
    found = list(changes(model, 20, np.random.default_rng(0)))
    assert len({changed.SerializeToString(deterministic=True) for _, changed in found}) == len(found) == 20
    assert {what for what, _ in found} <= set(KINDS)
    for _, changed in found:
        nodes = sum(one != other for one, other in zip(model.graph.node, changed.graph.node, strict=True))
        tensors = sum(
            one != other for one, other in zip(model.graph.initializer, changed.graph.initializer, strict=True)
        )
        assert nodes + tensors == 1


def small() -> onnx.ModelProto:
    """Three nodes with two constants."""
    nodes = [
        helper.make_node("MatMul", ["x", "weights"], ["scores"]),
        helper.make_node("Add", ["scores", "start"], ["sums"]),
        helper.make_node("ArgMax", ["sums"], ["label"], axis=1, keepdims=0),
    ]
    x = helper.make_tensor_value_info("x", TensorProto.DOUBLE, ["N", 3])
    label = helper.make_tensor_value_info("label", TensorProto.INT64, ["N"])
    constants = [
        helper.make_tensor("weights", TensorProto.DOUBLE, [3, 2], np.arange(1.0, 7.0)),
        helper.make_tensor("start", TensorProto.DOUBLE, [2], [0.5, -0.5]),
    ]
    return helper.make_model(helper.make_graph(nodes, "small", [x], [label], constants))


def test_the_page_is_linked_from_the_readme() -> None:
    assert f"({PAGE})" in Path("README.md").read_text(encoding="utf-8")
