"""A graph whose columns are joined, and what is made of it while it loads."""

import contextlib
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from hypothesis import given
from hypothesis import strategies as st

from alpenglow._serve import graph
from alpenglow._serve.model import load


def inputs(path: str | Path) -> dict[str, list[object]]:
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return {node.name: [node.type, node.shape[1]] for node in session.get_inputs()}


def test_the_columns_of_a_kind_become_one_input(artifacts, sample) -> None:
    path = artifacts / "model.onnx"
    assert list(inputs(path)) == list(sample)
    with graph.joined(path) as copy:
        assert sorted(inputs(copy).values()) == [["tensor(double)", 6], ["tensor(string)", 8]]


def test_both_give_the_same_bits(artifacts, sample) -> None:
    model = load(artifacts / "model.onnx")
    session = onnxruntime.InferenceSession(artifacts / "model.onnx", providers=["CPUExecutionProvider"])
    rows = sample.head(500)
    kinds = [rows[list(columns)] for columns in (rows.select_dtypes("number"), rows.select_dtypes(exclude="number"))]
    joined = dict(zip(("numbers", "texts"), (kinds[0].to_numpy(np.float64), kinds[1].to_numpy(object)), strict=True))
    apart = {name: rows[[name]].to_numpy(np.float64 if name in kinds[0] else object) for name in rows}
    names = ["label", "probabilities"]
    for ours, theirs in zip(model.predict(joined, names), session.run(names, apart), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_the_file_itself_stays_as_it_is(artifacts) -> None:
    path = artifacts / "model.onnx"
    before = path.read_bytes()
    with graph.joined(path):
        pass
    assert path.read_bytes() == before


def test_a_graph_that_declares_no_join_is_left_alone(artifacts) -> None:
    model = onnx.load(artifacts / "model.onnx")
    del model.graph.value_info[:]
    content = model.SerializeToString()
    changed = bytearray(content)
    graph.join(changed)
    assert bytes(changed) == content


@given(st.binary(max_size=200))
def test_what_is_no_model_is_left_alone_or_said_to_be_none(content) -> None:
    changed = bytearray(content)
    with contextlib.suppress(ValueError):
        graph.join(changed)
    assert len(changed) == len(content)


@given(st.data())
def test_a_model_that_is_damaged_is_no_endless_loop(artifacts, data) -> None:
    content = bytearray((artifacts / "model.onnx").read_bytes()[:4000])
    for _ in range(3):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(ValueError):
        graph.join(content)
    assert len(content) == 4000
