"""ONNX Runtime drops `x * 1` and `x + 0`, and takes numbers for 1 and 0 that are not."""

import numpy as np
import onnxruntime
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper
from sklearn.ensemble import VotingClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from alpenglow._export.graph.neutral import NEUTRAL, kept_apart
from tests.export.helpers import check_same
from tests.tables import wine

OPERATIONS = {"Add": np.add, "Sub": np.subtract, "Mul": np.multiply, "Div": np.divide}
NEAR = st.builds(lambda neutral, distance: neutral + distance, st.sampled_from([0.0, 1.0]), st.floats(-1e-7, 1e-7))


def run(
    operation: str, constant: float, shape: tuple[int, ...], first: bool, numbers: list[float], apart: bool
) -> list[float]:
    """What ONNX Runtime makes of numbers and a constant, in the graph's middle, as nothing is dropped at its ends."""
    operands = ["c", "w"] if first else ["w", "c"]
    nodes = [
        helper.make_node("Neg", ["x"], ["v"]),
        helper.make_node("Neg", ["v"], ["w"]),
        helper.make_node(operation, operands, ["y"]),
        helper.make_node("Neg", ["y"], ["z"]),
    ]
    tensor = numpy_helper.from_array(np.full(shape, constant), "c")
    names = iter("pqrs")
    graph = helper.make_graph(
        kept_apart(nodes, {"c": tensor}, lambda: next(names)) if apart else nodes,
        "graph",
        [helper.make_tensor_value_info("x", TensorProto.DOUBLE, ["N", 1])],
        [helper.make_tensor_value_info("z", TensorProto.DOUBLE, ["N", 1])],
        [tensor],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    (found,) = session.run(None, {"x": np.reshape(numbers, (-1, 1))})
    return [-number for number in found[:, 0].tolist()]


@given(
    st.sampled_from(sorted(OPERATIONS)),
    NEAR,
    st.sampled_from([(), (1,), (1, 1)]),
    st.booleans(),
    st.lists(st.floats(-1e6, 1e6).filter(bool), min_size=1, max_size=5),
)
def test_every_number_counts(operation, constant, shape, first, numbers) -> None:
    found = run(operation, constant, shape, first, numbers, apart=True)
    x = np.array(numbers)
    with np.errstate(all="ignore"):
        expected = OPERATIONS[operation](*((constant, x) if first else (x, constant)))
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(
    ("operation", "constant"), [("Mul", 1 + 1e-8), ("Div", 1 - 1e-8), ("Add", 1e-50), ("Sub", 1e-50)]
)
def test_without_that_it_is_dropped(operation, constant) -> None:
    assert run(operation, constant, (), False, [0.75, 1e-50], apart=False) == [0.75, 1e-50]


def test_what_is_neutral_is_left_alone() -> None:
    for operation, neutral in NEUTRAL.items():
        node = helper.make_node(operation, ["x", "c"], ["y"])
        for constant in (neutral, 2.0, np.float32(neutral), np.full((1, 2), neutral + 1e-50), np.int64(neutral)):
            tensor = numpy_helper.from_array(np.asarray(constant), "c")
            assert kept_apart([node], {"c": tensor}, lambda: "new") == [node]


def test_graphs_in_a_graph_are_seen_to() -> None:
    inner = helper.make_graph([helper.make_node("Mul", ["x", "c"], ["y"])], "inner", [], [])
    inner.initializer.append(numpy_helper.from_array(np.float64(1 + 1e-8), "c"))
    (node,) = kept_apart([helper.make_node("If", ["b"], ["z"], then_branch=inner)], {}, iter("pq").__next__)
    assert [one.op_type for one in node.attribute[0].g.node] == ["Shape", "Expand", "Mul"]


def nearly(x: "pd.DataFrame") -> "pd.DataFrame":
    """Nearly the same numbers."""
    return (x + 1e-60) * 1.00000001 / 0.99999999 - 1e-70


@pytest.mark.parametrize(
    "model",
    [
        make_pipeline(FunctionTransformer(nearly), DecisionTreeRegressor(random_state=0)),
        make_pipeline(MinMaxScaler((0, 1.00000001)), DecisionTreeRegressor(random_state=0)),
        VotingClassifier(
            [(str(depth), DecisionTreeClassifier(max_depth=depth, random_state=0)) for depth in range(1, 6)],
            voting="soft",
            weights=[0.1, 0.2, 0.3, 0.3, 0.1],  # of which the sum is 1.0000000000000002
        ),
    ],
    ids=["a function", "a scaler", "votes"],
)
def test_models_with_such_numbers_are_exact(model) -> None:
    table = wine().drop(columns=["colour", "strong"]).fillna(0.0)
    features, target = table[["alcohol", "proline"]], table["target"]
    check_same(model.fit(features, target), features)
