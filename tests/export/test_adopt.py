"""`alpenglow adopt`: graphs of other makes, wrapped to the contract, signed and served."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from onnx import TensorProto, helper, numpy_helper
from sklearn.cluster import KMeans
from sklearn.ensemble import IsolationForest, RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.svm import SVC, LinearSVC

import alpenglow
from alpenglow._export.errors import AdoptionError
from alpenglow._serve.model import ModelError
from alpenglow._serve.model import load as load_model
from alpenglow._serve.verification import carried, verify
from tests.commands import alpenglow as command
from tests.export.foreign import COLUMNS, FLOWERS, houses, iris, model, of_boosters, of_columns, of_sklearn, of_torch
from tests.servers import gunicorn

X, y = iris()
NAMES = np.array(FLOWERS)[y]
LOGISTIC = LogisticRegression(max_iter=1000).fit(X, y)
LINEAR = LinearRegression().fit(X, y)


def session(graph: onnx.ModelProto) -> onnxruntime.InferenceSession:
    """ONNX Runtime on the graph by itself."""
    return onnxruntime.InferenceSession(graph.SerializeToString(), providers=["CPUExecutionProvider"])


def asked(graph: onnx.ModelProto, rows: np.ndarray) -> list[Any]:
    """Its outputs for a matrix; maps as a matrix."""
    found = session(graph).run(None, {graph.graph.input[0].name: rows})
    return [np.array([list(m.values()) for m in out]) if isinstance(out, list) else np.asarray(out) for out in found]


# By name: the graph, and what our outputs are named.
GRAPHS = {
    "skl2onnx": (of_sklearn(RandomForestClassifier(10, random_state=0).fit(X, y), X), ["label", "probabilities"]),
    "skl2onnx without zipmap": (
        of_sklearn(RandomForestClassifier(10, random_state=0).fit(X, NAMES), X, zipmap=False),
        ["label", "probabilities"],
    ),
    "skl2onnx, scores": (of_sklearn(LinearSVC().fit(X, y), X), ["label", "decision"]),
    "skl2onnx, neighbours": (of_sklearn(KNeighborsClassifier().fit(X, NAMES), X), ["label", "probabilities"]),
    "boosters": (of_boosters(), ["label", "probabilities"]),
    "boosters, numbers": (of_boosters([10, 20, 30]), ["label", "probabilities"]),
    "torch": (of_torch(), ["decision"]),
    "regression": (of_sklearn(LINEAR, X), ["prediction"]),
}
FLOATS = st.floats(-1e6, 1e6, width=32) | st.floats(0, 8, width=32)


@pytest.fixture(scope="module", params=GRAPHS)
def adopted(request, tmp_path_factory) -> tuple[onnx.ModelProto, list[str], alpenglow.Loaded]:
    """A graph by itself, what its outputs are named, and the adopted model."""
    graph, outputs = GRAPHS[request.param]
    path = tmp_path_factory.mktemp("adopted") / "model.onnx"
    alpenglow.adopt(graph, X, path)
    return graph, outputs, alpenglow.load(path)


@given(rows=st.integers(1, 20).flatmap(lambda n: arrays(np.float32, (n, 4), elements=FLOATS)))
def test_it_answers_as_the_graph_by_itself(adopted, rows) -> None:
    graph, outputs, loaded = adopted
    table = pd.DataFrame(rows, columns=COLUMNS)
    for name, expected in zip(outputs, asked(graph, rows), strict=True):
        (found,) = loaded.ask(table, [name])
        np.testing.assert_array_equal(found, expected.reshape(found.shape))
    if "label" not in outputs and "decision" in outputs:
        np.testing.assert_array_equal(loaded.predict(table), asked(graph, rows)[0].argmax(axis=1))


def test_the_signature_has_the_sample_s_columns_and_the_graph_s_classes(tmp_path) -> None:
    done = alpenglow.adopt(of_boosters(), X, tmp_path / "m.onnx", name="flowers", version="3")
    signature = alpenglow.load(tmp_path / "m.onnx").signature
    assert signature == done.signature
    assert (signature.name, signature.version, signature.task) == ("flowers", "3", "classification")
    assert (signature.classes, signature.label_type) == (FLOWERS, "string")
    assert [column.name for column in signature.columns] == COLUMNS
    assert {(c.type, c.nullable, c.highest) for c in signature.columns} == {
        ("number", False, float(np.finfo(np.float32).max))
    }
    column = signature.columns[3]
    assert (column.minimum, column.maximum) == (float(X[column.name].min()), float(X[column.name].max()))


def test_the_file_keeps_the_contract(tmp_path) -> None:
    for graph, _ in GRAPHS.values():
        alpenglow.adopt(graph, X, tmp_path / "m.onnx")
        made = onnx.load(tmp_path / "m.onnx")
        onnx.checker.check_model(made, full_check=True)
        assert [value.name for value in made.graph.input] == COLUMNS
        assert {value.type.tensor_type.elem_type for value in made.graph.input} == {TensorProto.DOUBLE}
        assert made.ir_version <= 10
        assert all(o.version <= (5 if o.domain else 21) for o in made.opset_import)
        assert len(session(made).get_inputs()) == 4  # whatever reads ONNX can use it, by its columns


def test_an_input_for_each_column_is_found_by_its_name(tmp_path) -> None:
    table, _ = houses()
    graph = of_columns()
    alpenglow.adopt(graph, table[["area", "place", "rooms"]].assign(unused=1), tmp_path / "m.onnx")
    loaded = alpenglow.load(tmp_path / "m.onnx")
    assert [(c.name, c.type, c.whole) for c in loaded.signature.columns] == [
        ("place", "string", False),
        ("rooms", "number", True),
        ("area", "number", False),
    ]
    feed = {name: table[[name]].to_numpy() for name in table}
    expected = session(graph).run(None, feed)
    assert loaded.predict(table).tolist() == expected[0].tolist()
    np.testing.assert_array_equal(loaded.predict_proba(table), [list(each.values()) for each in expected[1]])


def test_an_array_gets_the_graph_s_own_names(tmp_path) -> None:
    apart = of_torch(inputs=[(name, TensorProto.FLOAT, [None, 1]) for name in "klmn"])
    apart.graph.node.insert(0, helper.make_node("Concat", ["k", "l", "m", "n"], ["input"], axis=1))
    alpenglow.adopt(apart, X.to_numpy(), tmp_path / "m.onnx")
    assert [column.name for column in alpenglow.load(tmp_path / "m.onnx").signature.columns] == list("klmn")
    alpenglow.adopt(of_torch(), X.to_numpy(), tmp_path / "m.onnx")
    assert [c.name for c in alpenglow.load(tmp_path / "m.onnx").signature.columns] == ["x0", "x1", "x2", "x3"]


@pytest.mark.parametrize("name", ["input", "W", "output", "y", "g0/0", "g0/_/input", "a b", "é", "x/y:0"])
def test_a_column_may_have_any_name(tmp_path, name) -> None:
    alpenglow.adopt(of_torch(), X.rename(columns={COLUMNS[1]: name}), tmp_path / "m.onnx")
    loaded = alpenglow.load(tmp_path / "m.onnx")
    np.testing.assert_array_equal(loaded.decision_function(X.to_numpy()), asked(of_torch(), X.to_numpy())[0])


def test_names_in_branches_are_kept_apart_too(tmp_path) -> None:
    def branch(name: str, op: str) -> onnx.GraphProto:
        nodes = [helper.make_node(op, ["input", "W"], ["y"])]
        return helper.make_graph(nodes, name, [], [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)])

    graph = of_torch(
        nodes=[
            helper.make_node("ReduceSum", ["b"], ["sum"], keepdims=0),
            helper.make_node("Cast", ["sum"], ["yes"], to=TensorProto.BOOL),
            helper.make_node(
                "If", ["yes"], ["output"], then_branch=branch("a", "MatMul"), else_branch=branch("b", "MatMul")
            ),
        ]
    )
    alpenglow.adopt(graph, X.set_axis(["input", "W", "y", "yes"], axis="columns"), tmp_path / "m.onnx")
    loaded = alpenglow.load(tmp_path / "m.onnx")
    np.testing.assert_array_equal(loaded.decision_function(X.to_numpy()), asked(graph, X.to_numpy())[0])


def test_functions_of_the_model_s_own_are_put_in_line(tmp_path) -> None:
    body = [helper.make_node("MatMul", ["a", "w"], ["b"])]
    linear = helper.make_function("own", "linear", ["a", "w"], ["b"], body, [helper.make_opsetid("", 17)])
    graph = of_torch(
        nodes=[helper.make_node("linear", ["input", "W"], ["output"], domain="own")],
        functions=[linear],
        opsets={"": 17, "own": 1},
        ir_version=9,
    )
    alpenglow.adopt(graph, X, tmp_path / "m.onnx")
    loaded = alpenglow.load(tmp_path / "m.onnx")
    np.testing.assert_array_equal(loaded.decision_function(X), asked(graph, X.to_numpy())[0])


@pytest.mark.parametrize("opset", [7, 11, 13, 21, 22, 23])
def test_any_opset_that_means_the_same_in_one_that_is_served(tmp_path, opset) -> None:
    alpenglow.adopt(of_torch(opset=opset), X, tmp_path / "m.onnx")
    assert max(o.version for o in onnx.load(tmp_path / "m.onnx").opset_import) == min(opset, 21)


NUMBERS = {
    TensorProto.FLOAT16: st.floats(-60000, 60000, width=16),
    TensorProto.FLOAT: FLOATS,
    TensorProto.DOUBLE: st.floats(-1e300, 1e300),
    TensorProto.INT8: st.integers(-(2**7), 2**7 - 1),
    TensorProto.INT32: st.integers(-(2**31), 2**31 - 1),
    TensorProto.INT64: st.integers(-(2**53) + 1, 2**53 - 1),
}


@pytest.mark.parametrize("apart", [False, True], ids=["a matrix", "columns [N]"])
@pytest.mark.parametrize("kind", NUMBERS, ids=TensorProto.DataType.Name)
@given(data=st.data())
def test_numbers_of_any_type_come_in_as_they_are(tmp_path_factory, kind, apart, data) -> None:
    cast = helper.make_node("Cast", ["x"], ["output"], to=TensorProto.DOUBLE)
    graph = model([cast], [("x", kind, [None, 2])], [("output", TensorProto.DOUBLE, [None, 2])])
    if apart:
        del graph.graph.input[:]
        graph.graph.input.extend(helper.make_tensor_value_info(name, kind, [None]) for name in "ab")
        graph.graph.node.insert(0, helper.make_node("Concat", ["a2", "b2"], ["x"], axis=1))
        graph.graph.initializer.append(numpy_helper.from_array(np.array([-1, 1]), "shape"))
        for name in "ab":
            graph.graph.node.insert(0, helper.make_node("Reshape", [name, "shape"], [f"{name}2"]))
    pair = st.tuples(NUMBERS[kind], NUMBERS[kind])
    rows = np.array(data.draw(st.lists(pair, min_size=1, max_size=5)), helper.tensor_dtype_to_np_dtype(kind))
    feed = {"a": rows[:, 0], "b": rows[:, 1]} if apart else {"x": rows}
    table = pd.DataFrame(rows, columns=["a", "b"])
    path = tmp_path_factory.mktemp("typed") / "m.onnx"
    alpenglow.adopt(graph, table, path, task="regression")
    np.testing.assert_array_equal(alpenglow.load(path).predict(table), session(graph).run(None, feed)[0])


def test_texts_in_one_tensor_and_booleans(tmp_path) -> None:
    graph = model(
        [helper.make_node("StringConcat", ["x", "y"], ["xy"]), helper.make_node("Reshape", ["xy", "shape"], ["label"])],
        [("texts", TensorProto.STRING, [None, 2])],
        [("label", TensorProto.STRING, [None])],
        [numpy_helper.from_array(np.array([-1]), "shape"), numpy_helper.from_array(np.array([1, 1]), "sizes")],
        opsets={"": 20},
    )
    graph.graph.node.insert(0, helper.make_node("Split", ["texts", "sizes"], ["x", "y"], axis=1))
    table = pd.DataFrame({"a": ["x", "é", ""], "b": ["y", "z", "z"]})
    done = alpenglow.adopt(graph, table, tmp_path / "m.onnx", classes=["xy", "éz", "z"])
    assert alpenglow.load(done.path).predict(table).tolist() == ["xy", "éz", "z"]
    same = helper.make_node("Xor", ["p", "q"], ["different"])
    flags = [(name, TensorProto.BOOL, [None, 1]) for name in "pq"]
    table = pd.DataFrame({"p": [True, True, False], "q": [True, False, False]})
    done = alpenglow.adopt(
        model([same], flags, [("different", TensorProto.BOOL, [None, 1])]), table, tmp_path / "m.onnx"
    )
    assert [column.type for column in done.signature.columns] == ["boolean", "boolean"]
    assert (done.signature.classes, done.signature.label_type) == ([False, True], "boolean")
    assert alpenglow.load(done.path).predict(table).tolist() == [False, True, False]


def test_constants_that_are_declared_as_inputs_are_none(tmp_path) -> None:
    graph = of_torch(
        inputs=[("input", TensorProto.FLOAT, ["batch", 4]), ("W", TensorProto.FLOAT, [4, 3])], ir_version=3
    )
    alpenglow.adopt(graph, X, tmp_path / "m.onnx")
    assert len(alpenglow.load(tmp_path / "m.onnx").signature.columns) == 4


def test_weights_in_a_file_beside_it_come_into_the_model(tmp_path) -> None:
    graph = of_torch(np.arange(12.0).reshape(4, 3))
    onnx.save(graph, tmp_path / "net.onnx", save_as_external_data=True, size_threshold=0, location="net.onnx.data")
    assert (tmp_path / "net.onnx.data").exists()
    expected = asked(of_torch(np.arange(12.0).reshape(4, 3)), X.to_numpy())[0]
    done = alpenglow.adopt(tmp_path / "net.onnx", X, tmp_path / "models" / "m.onnx")
    np.testing.assert_array_equal(alpenglow.load(done.path).decision_function(X), expected)


def test_but_from_nowhere_else(tmp_path) -> None:
    (tmp_path / "secret").write_bytes(bytes(48))
    graph = of_torch()
    tensor = graph.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = onnx.TensorProto.EXTERNAL
    entry = tensor.external_data.add()
    entry.key, entry.value = "location", "../secret"
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "net.onnx").write_bytes(graph.SerializeToString())
    with pytest.raises(AdoptionError, match=r"net\.onnx cannot be read"):
        alpenglow.adopt(tmp_path / "folder" / "net.onnx", X, tmp_path / "m.onnx")


def test_one_row_is_a_sample_but_not_much_of_one(tmp_path) -> None:
    done = alpenglow.adopt(of_torch(), X.head(1), tmp_path / "m.onnx")
    assert "Note: the sample has one row alone" in str(done)


# What scores are taken for, where the graph gives no more than them.


def test_scores_alone_are_those_of_classes_and_that_is_said(tmp_path) -> None:
    done = alpenglow.adopt(of_torch(), X, tmp_path / "m.onnx")
    assert (done.signature.task, done.signature.classes, done.outputs) == (
        "classification",
        [0, 1, 2],
        ["label", "decision"],
    )
    assert "3 numbers are taken as scores of 3 classes; if they are predictions, say regression (--task)" in str(done)


def test_they_are_probabilities_if_they_add_up_to_one(tmp_path) -> None:
    graph = of_torch()
    graph.graph.node[1].output[0] = "logits"
    graph.graph.node.append(helper.make_node("Softmax", ["logits"], ["output"], axis=1))
    assert alpenglow.adopt(graph, X, tmp_path / "m.onnx").outputs == ["label", "probabilities"]


def test_or_a_regression_if_the_user_says_so(tmp_path) -> None:
    done = alpenglow.adopt(of_torch(), X, tmp_path / "m.onnx", task="regression")
    assert (done.signature.task, done.outputs) == ("regression", ["prediction"])
    np.testing.assert_array_equal(alpenglow.load(done.path).predict(X), asked(of_torch(), X.to_numpy())[0])


@pytest.mark.parametrize("classes", [FLOWERS, [7, -1, 3], [2, 1, 0]])
def test_classes_as_the_user_names_them(tmp_path, classes) -> None:
    done = alpenglow.adopt(of_torch(), X, tmp_path / "m.onnx", classes=classes)
    expected = np.array(classes)[asked(of_torch(), X.to_numpy())[0].argmax(axis=1)]
    assert alpenglow.load(done.path).predict(X).tolist() == expected.tolist()
    assert done.signature.classes == classes


def test_names_for_the_numbers_that_a_graph_gives_as_labels(tmp_path) -> None:
    done = alpenglow.adopt(of_boosters([0, 1, 2]), X, tmp_path / "m.onnx", classes=FLOWERS)
    assert alpenglow.load(done.path).predict(X).tolist() == asked(of_boosters(), X.to_numpy())[0].tolist()


def test_a_clustering_and_an_outlier_detection(tmp_path) -> None:
    clusters = of_sklearn(KMeans(3, random_state=0, n_init=1).fit(X), X)
    done = alpenglow.adopt(clusters, X, tmp_path / "m.onnx", task="clustering")
    assert (done.signature.task, done.outputs) == ("clustering", ["label"])
    np.testing.assert_array_equal(alpenglow.load(done.path).predict(X), asked(clusters, X.to_numpy())[0])
    outliers = of_sklearn(IsolationForest(n_estimators=5, random_state=0).fit(X), X)
    done = alpenglow.adopt(outliers, X, tmp_path / "m.onnx", task="outlier-detection")
    assert done.outputs == ["label", "decision"]
    label, scores = asked(outliers, X.to_numpy())
    np.testing.assert_array_equal(alpenglow.load(done.path).predict(X), label.ravel())
    np.testing.assert_array_equal(alpenglow.load(done.path).decision_function(X), scores.ravel())


# Missing values and whole numbers.


def test_a_value_may_be_missing_where_the_sample_has_gaps_and_the_graph_an_answer(tmp_path) -> None:
    gaps = X.copy()
    gaps.iloc[3, 1] = gaps.iloc[5, 3] = np.nan
    trees = alpenglow.adopt(of_boosters(), gaps, tmp_path / "m.onnx")
    assert [column.nullable for column in trees.signature.columns] == [False, True, False, True]
    np.testing.assert_array_equal(alpenglow.load(trees.path).predict(gaps), asked(of_boosters(), gaps.to_numpy())[0])
    linear = alpenglow.adopt(of_torch(), gaps, tmp_path / "m.onnx")
    assert [column.nullable for column in linear.signature.columns] == [False] * 4
    assert "column 'petal width' has gaps, to which the graph has no finite answer: it is required" in str(linear)


@pytest.mark.parametrize("value", [2.5, 2.0**53, -(2.0**60)])
def test_a_fraction_or_what_float64_rounds_is_no_whole_number(tmp_path, value) -> None:
    table, _ = houses()
    loaded = alpenglow.load(alpenglow.adopt(of_columns(), table, tmp_path / "m.onnx").path)
    assert loaded.predict(table.head(2).assign(rooms=[3.0, 4.0])).shape == (2,)
    with pytest.raises(ValueError, match="row 1, column 'rooms': expected a whole number"):
        loaded.predict(table.head(2).assign(rooms=[3.0, value]))


# The proof.


def test_without_answers_nothing_is_proved_and_all_say_so(tmp_path) -> None:
    done = alpenglow.adopt(of_boosters(), X, tmp_path / "m.onnx")
    assert done.signature.parity is None
    assert "Not proved: nobody has compared its answers" in str(done)


@pytest.mark.parametrize(
    ("graph", "answers", "numbers"),
    [
        (of_sklearn(LOGISTIC, X), y, False),
        (of_sklearn(LOGISTIC, X), pd.Series(y, dtype="float64"), False),
        (of_sklearn(LOGISTIC, X), LOGISTIC.predict_proba(X), True),
        (of_sklearn(LINEAR, X), LINEAR.predict(X).reshape(-1, 1), True),
    ],
)
def test_with_answers_it_is_and_the_signature_keeps_that(tmp_path, graph, answers, numbers) -> None:
    right = np.asarray(answers) if numbers else LOGISTIC.predict(X)
    parity = alpenglow.adopt(graph, X, tmp_path / "m.onnx", answers=right).signature.parity
    assert parity is not None
    assert (parity.rows, parity.different_labels, parity.reference) == (150, 0, "the answers that were given for it")
    assert (parity.largest_difference is not None and parity.largest_difference <= 1e-5) == numbers


@pytest.mark.parametrize(
    ("graph", "answers", "message"),
    [
        (of_boosters(), np.where(np.arange(150) == 7, "rose", NAMES), "not those that are given on"),
        (of_sklearn(LINEAR, X), LINEAR.predict(X) + 1e-3, "not those that are given on 150 of 150 rows"),
        (of_torch(np.array([LOGISTIC.coef_[at] for at in (0, 2, 1)]).T), y, "not those that are given on"),
        (of_boosters(), NAMES[:9], "the answers have the shape [9], and the graph's label has [150]"),
        (of_sklearn(LINEAR, X), np.where(y == 1, np.nan, y), "the answers have gaps"),
        (of_sklearn(LINEAR, X), NAMES, "the answers are no numbers as the graph gives"),
    ],
)
def test_other_answers_than_the_graph_s_are_refused(tmp_path, graph, answers, message) -> None:
    with pytest.raises(AdoptionError) as refused:
        alpenglow.adopt(graph, X, tmp_path / "m.onnx", answers=answers)
    assert message in str(refused.value)
    assert not (tmp_path / "m.onnx").exists()


def test_a_tolerance_accepts_as_much(tmp_path) -> None:
    answers = LINEAR.predict(X) * (1 + 1e-4)
    done = alpenglow.adopt(of_sklearn(LINEAR, X), X, tmp_path / "m.onnx", answers=answers, tolerance=1e-3)
    assert done.signature.parity is not None
    assert 1e-5 < (done.signature.parity.largest_difference or 0) < done.signature.parity.tolerance == 1e-3


# What cannot be adopted: one sentence says why.


def fixed(rows: int) -> onnx.ModelProto:
    return of_torch(inputs=[("input", TensorProto.FLOAT, [rows, 4])])


def summing() -> onnx.ModelProto:
    """Takes the mean over the rows, as a layer does that was left in training mode."""
    graph = of_torch()
    graph.graph.node[0].output[0] = "z"
    graph.graph.node.insert(1, helper.make_node("ReduceMean", ["z"], ["m"], axes=[0], keepdims=1))
    graph.graph.node.insert(2, helper.make_node("Sub", ["z", "m"], ["y"]))
    return graph


def with_outputs(*names: str) -> onnx.ModelProto:
    """All of these, one like the other."""
    graph = of_torch(outputs=[(name, TensorProto.FLOAT, ["batch", 3]) for name in ("output", *names)])
    graph.graph.node.extend(helper.make_node("Neg", ["output"], [name]) for name in names)
    return graph


REFUSED: dict[str, tuple[onnx.ModelProto, dict[str, Any], str]] = {
    "another domain": (
        of_torch(
            nodes=[helper.make_node("Magic", ["input"], ["output"], domain="my.own")], opsets={"": 17, "my.own": 1}
        ),
        {},
        "is a Magic of 'my.own', which the service does not have",
    ),
    "an operator of tomorrow": (
        of_torch(nodes=[helper.make_node("Swish", ["input"], ["output"])], opset=24),
        {},
        "has operators of opset 24, and the ONNX Runtime of images loads those up to 21: convert the model with opset",
    ),
    "too few columns": (
        of_torch(),
        {"X": X.iloc[:, :3]},
        "the graph takes 4 columns, 'input' (float [N, 4]), and the sample has 3",
    ),
    "too many columns": (
        of_boosters(),
        {"X": X.assign(more=1.0)},
        "takes 4 columns, 'input' (float [N, 4]), and the sample has 5",
    ),
    "a column that is not there": (
        of_columns(),
        {"X": houses()[0].drop(columns="rooms")},
        "lacks columns that the graph takes: 'rooms'",
    ),
    "text for numbers": (
        of_torch(),
        {"X": X.assign(**{COLUMNS[0]: "long"})},
        "'sepal length' is of type string, and the graph takes",
    ),
    "numbers for text": (
        of_columns(),
        {"X": houses()[0].assign(place=1)},
        "'place' is of type number, and the graph takes string",
    ),
    "fractions for whole numbers": (
        of_columns(),
        {"X": houses()[0].assign(rooms=1.5)},
        "'rooms' holds 1.5, which is no int64",
    ),
    "gaps in whole numbers": (of_columns(), {"X": houses()[0].assign(rooms=np.nan)}, "'rooms' has gaps"),
    "too large for float32": (of_torch(), {"X": X.assign(**{COLUMNS[0]: 1e300})}, "holds 1e+300, which is no float"),
    "a column named as an output": (
        of_torch(),
        {"X": X.rename(columns={COLUMNS[0]: "label"})},
        "a column is named 'label'",
    ),
    "one row at a time": (fixed(1), {}, "takes exactly 1 rows: convert the model with a first dimension that is free"),
    "an image": (
        of_torch(inputs=[("input", TensorProto.FLOAT, ["N", 3, 8, 8])]),
        {},
        "has 4 dimensions: expected [N, K]",
    ),
    "complex numbers": (of_torch(inputs=[("input", TensorProto.COMPLEX64, ["N", 4])]), {}, "is of type complex64"),
    "rows that depend on each other": (summing(), {}, "gives a row alone another decision than among others"),
    "two tensors of scores": (with_outputs("other"), {}, "which is no model that is served"),
    "several labels": (
        of_sklearn(MLPClassifier((3,), max_iter=3, random_state=0).fit(X, np.eye(3, dtype=int)[y]), X),
        {},
        "gives 3 labels a row, 'output_label', where one is taken; of a pipeline of scikit-learn that predicts several",
    ),
    "a regression's numbers as classes": (
        of_sklearn(LINEAR, X),
        {"classes": ["a", "b"]},
        "a regression has no classes",
    ),
    "a regression that has labels": (of_boosters(), {"task": "regression"}, "which is no regression that is served"),
    "clusters of no labels": (of_torch(), {"task": "clustering"}, "which is no clustering that is served"),
    "too few classes": (of_torch(), {"classes": ["a", "b"]}, "expected 3 different classes, got 'a', 'b'"),
    "a class twice": (of_torch(), {"classes": ["a", "b", "a"]}, "expected 3 different classes"),
    "classes in another order": (
        of_boosters(),
        {"classes": FLOWERS[::-1]},
        "the graph's own classes are 'setosa', 'versicolor'",
    ),
    "distances from clusters": (
        of_sklearn(KMeans(3, random_state=0, n_init=1).fit(X), X),
        {},
        "or that it is a clustering",
    ),
    "scores in another order": (of_sklearn(SVC().fit(X, y == 1), X), {}, "or drop the scores"),
    "outliers": (of_sklearn(IsolationForest(n_estimators=5, random_state=0).fit(X), X), {}, "or an outlier-detection"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_adopted_is_one_sentence(tmp_path, case) -> None:
    graph, changed, message = REFUSED[case]
    with pytest.raises(AdoptionError) as refused:
        alpenglow.adopt(graph, changed.pop("X", X), tmp_path / "m.onnx", **changed)
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)
    assert not (tmp_path / "m.onnx").exists()


# The command, and the server.


def adopt(*arguments: object, check: bool = True):
    """Run the command."""
    return command("adopt", *arguments, check=check)


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """Gunicorn with the boosters' graph, adopted by the command from a CSV file, with answers."""
    folder = tmp_path_factory.mktemp("served")
    onnx.save(of_boosters(), folder / "flowers.onnx")
    X.to_csv(folder / "rows.csv", index=False)
    pd.Series(asked(of_boosters(), X.to_numpy())[0], name="label").to_csv(folder / "answers.csv", index=False)
    done = adopt(
        folder / "flowers.onnx",
        "--sample",
        folder / "rows.csv",
        "--answers",
        folder / "answers.csv",
        "--output",
        folder / "model.onnx",
    )
    assert "flowers 1, a classification: 'sepal length', " in done.stdout
    assert "Compared with the answers that were given for it on 150 rows when it was adopted: no label" in done.stdout
    with gunicorn(folder / "model.onnx") as server:
        yield server


def test_the_server_answers_on_all_paths(served) -> None:
    rows = X.iloc[::50]
    label, scores = asked(of_boosters(), rows.to_numpy())
    split = rows.to_json(orient="split", index=False)
    assert served.predictions(split) == label.tolist()
    answer = served.post(split, "/predict?probabilities=true").json()
    assert answer["probabilities"] == scores.astype(np.float64).tolist()
    records = rows.to_dict("records")
    sent = {"/invocations": {"dataframe_records": records}, "/v1/models/flowers:predict": {"instances": records}}
    for path, body in sent.items():
        assert served.post(json.dumps(body), path).json()["predictions"] == label.tolist()
    tensor = {"name": "x", "shape": [3, 4], "datatype": "FP64", "data": rows.to_numpy(np.float64).ravel().tolist()}
    answer = served.post(json.dumps({"inputs": [tensor]}), "/v2/models/flowers/infer").json()
    assert answer["outputs"][0]["data"] == label.tolist()
    assert answer["outputs"][1]["data"] == scores.astype(np.float64).ravel().tolist()


def test_it_says_what_was_proved(served) -> None:
    assert (
        "Compared with the answers that were given for it on 150 rows when it was adopted: "
        in served.get("/predict").text
    )
    assert served.get("/model").json()["proved"] is True


def test_an_unproved_model_says_so_wherever_it_is_shown(tmp_path) -> None:
    onnx.save(of_torch(), tmp_path / "net.onnx")
    np.save(tmp_path / "rows.npy", X.to_numpy())
    done = adopt(
        tmp_path / "net.onnx",
        "--sample",
        tmp_path / "rows.npy",
        "--output",
        tmp_path / "model.onnx",
        "--classes",
        "a,b,c",
    )
    assert "Not proved: " in done.stdout
    assert "Classes: 'a', 'b', 'c'" in done.stdout
    with gunicorn(tmp_path / "model.onnx", WORKERS="1") as server:
        assert "Not proved: " in server.get("/predict").text
        assert server.get("/model").json()["proved"] is False
        assert "(classification, not proved)" in server.log()
        assert "proved" in server.get("/openapi.json").json()["components"]["schemas"]["Model"]["required"]


@pytest.mark.parametrize("output", ["label", "probabilities"])
def test_rows_with_the_given_answers_go_along_and_are_asked_for(tmp_path, output) -> None:
    X, y = iris()
    estimator = LogisticRegression(max_iter=500).fit(X, y)
    answers = estimator.predict(X) if output == "label" else estimator.predict_proba(X)
    path = tmp_path / "model.onnx"
    alpenglow.adopt(of_sklearn(estimator, X), X, path, answers=answers)
    found = verify(load_model(path), path)
    assert (found.result, found.checked) == ("passed", found.witnesses)
    assert found.witnesses > 30
    witnesses = carried(load_model(path), path)
    assert witnesses
    assert list(witnesses.answers) == [output]
    assert set(map(tuple, witnesses.values["numbers"])) <= set(map(tuple, X.to_numpy()))

    def swap(graph: onnx.ModelProto) -> None:
        (classifier,) = [node for node in graph.graph.node if node.op_type == "LinearClassifier"]
        (intercepts,) = [attribute for attribute in classifier.attribute if attribute.name == "intercepts"]
        intercepts.floats[:] = reversed(intercepts.floats)

    graph = onnx.load(path)
    swap(graph)
    onnx.save(graph, path)
    with pytest.raises(ModelError, match=f"expected {output}"):
        verify(load_model(path), path)


def test_they_may_be_kept_out_and_without_answers_there_are_none(tmp_path) -> None:
    X, y = iris()
    onnx.save(of_sklearn(LogisticRegression(max_iter=500).fit(X, y), X), tmp_path / "own.onnx")
    X.to_csv(tmp_path / "rows.csv", index=False)
    pd.DataFrame({"y": LogisticRegression(max_iter=500).fit(X, y).predict(X)}).to_csv(tmp_path / "y.csv", index=False)
    arguments = (tmp_path / "own.onnx", "--sample", tmp_path / "rows.csv", "--output", tmp_path / "model.onnx")
    for options, there in (
        (("--answers", tmp_path / "y.csv"), True),
        (("--answers", tmp_path / "y.csv", "--no-witnesses"), False),
        ((), False),
    ):
        adopt(*arguments, *options)
        model = load_model(tmp_path / "model.onnx")
        assert (carried(model, tmp_path / "model.onnx") is not None) is there


def test_what_the_command_refuses_is_one_line(tmp_path) -> None:
    (tmp_path / "junk.onnx").write_bytes(b"junk")
    X.to_csv(tmp_path / "rows.csv", index=False)
    for name in ("junk.onnx", "none.onnx"):
        done = adopt(tmp_path / name, "--sample", tmp_path / "rows.csv", "--output", tmp_path / "m.onnx", check=False)
        assert done.returncode == 1
        assert done.stderr.startswith("adopt: ")
        assert name in done.stderr
        assert len(done.stderr.splitlines()) == 1


# What the server loads keeps the contract, whoever has signed it.


def signed(tmp_path: Path, change: Any) -> Path:
    """An adopted model that somebody has changed."""
    path = alpenglow.adopt(of_boosters(), X, tmp_path / "m.onnx").path
    made = onnx.load(path)
    change(made)
    onnx.save(made, path)
    return path


def edit(**changed: Any) -> Any:
    """Change the signature."""

    def change(made: onnx.ModelProto) -> None:
        found = json.loads(made.metadata_props[0].value)
        made.metadata_props[0].value = json.dumps(found | changed)

    return change


def columns(number: int) -> list[dict[str, Any]]:
    """As many columns."""
    return [{"name": name, "type": "number", "nullable": False, "example": 1.0} for name in [*COLUMNS, "more"][:number]]


def float_matrix(made: onnx.ModelProto) -> None:
    """One float32 matrix in."""
    kept = of_boosters().graph
    kept.output[1].CopyFrom(helper.make_tensor_value_info("probability_tensor", TensorProto.FLOAT, [None, 3]))
    kept.node.remove(kept.node[1])
    made.graph.CopyFrom(kept)


def rename_output(made: onnx.ModelProto) -> None:
    for node in made.graph.node:
        node.output[:] = ["scores" if name == "probabilities" else name for name in node.output]
    made.graph.output[1].name = "scores"


def drop_label(made: onnx.ModelProto) -> None:
    del made.graph.output[0]


def flat_input(made: onnx.ModelProto) -> None:
    """A column of two."""
    made.graph.input[0].type.tensor_type.shape.dim[1].dim_value = 2
    del made.graph.value_info[:]


def whole_input(made: onnx.ModelProto) -> None:
    """A column of another type."""
    made.graph.input[0].type.tensor_type.elem_type = TensorProto.INT64
    made.graph.node[0].input[0] = "cast"
    made.graph.node.insert(0, helper.make_node("Cast", [COLUMNS[0]], ["cast"], to=TensorProto.DOUBLE))
    del made.graph.value_info[:]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (float_matrix, "its input 'input' (tensor(float) [N, 4]) is no column of the signature"),
        (whole_input, "its input 'sepal length' (tensor(int64) [N, 1]) is no column of the signature"),
        (
            rename_output,
            "its output 'scores' (tensor(double) [N, 3]) is none of a classification: decision or label",
        ),
        (drop_label, "it has no output 'label'"),
        (edit(task="regression"), "it has no output 'prediction'"),
        (edit(classes=["a", "b"]), "has another number of columns than the signature has classes"),
        (
            edit(label_type="integer"),
            "its output 'label' (tensor(string) [N]) is none of a classification: decision or label",
        ),
        (edit(columns=columns(3)), "is no column of the signature"),
        (edit(columns=columns(5)), "is no column of the signature"),
    ],
)
def test_a_signature_that_the_graph_does_not_keep_is_refused(tmp_path, change, message) -> None:
    path = signed(tmp_path, change)
    with pytest.raises(ModelError) as refused:
        load_model(path)
    assert message in str(refused.value)
    assert "alpenglow adopt" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_what_has_no_signature_is_sent_to_adopt(tmp_path) -> None:
    onnx.save(of_torch(), tmp_path / "net.onnx")
    with pytest.raises(ModelError, match=r"has no signature: .* alpenglow adopt"):
        load_model(tmp_path / "net.onnx")


def test_and_adopt_takes_it_whoever_has_signed_it_before(tmp_path) -> None:
    path = signed(tmp_path, float_matrix)
    done = alpenglow.adopt(path, X, tmp_path / "again.onnx")
    assert alpenglow.load(done.path).predict(X).tolist() == asked(of_boosters(), X.to_numpy())[0].tolist()
