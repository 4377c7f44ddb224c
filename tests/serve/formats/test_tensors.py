"""Tensors of the Open Inference Protocol, in JSON and in bytes."""

import math
import struct
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alpenglow._serve.errors import InputError
from alpenglow._serve.formats.datatypes import NUMBERS, to_bytes
from alpenglow._serve.formats.tensors import Tensor, parts
from alpenglow._serve.signature import Column
from tests.serve.formats.tables import whole

COLUMNS = [
    Column("age", "number", nullable=True, example=1.0),
    Column("job", "string", nullable=True, example="a"),
    Column("new", "boolean", nullable=True, example=True),
]
GOOD = [
    {"name": "age", "shape": [2], "datatype": "FP64", "data": [1.5, 2]},
    {"name": "job", "shape": [2, 1], "datatype": "BYTES", "data": [["cook"], ["smith"]]},
    {"name": "new", "shape": [2], "datatype": "BOOL", "data": [True, False]},
]


def columns(*inputs: dict[str, Any], binary: bytes = b"", of: list[Column] = COLUMNS) -> dict[str, Any]:
    """The columns of a request's inputs."""
    tensors = msgspec.json.decode(msgspec.json.encode(inputs), type=list[Tensor])
    return dict(whole(parts(tensors, binary, of)).columns)


def changed(**changes: Any) -> list[dict[str, Any]]:
    """Good inputs, the first changed."""
    return [GOOD[0] | changes, *GOOD[1:]]


def test_a_tensor_for_each_column_in_any_order_flat_or_nested() -> None:
    expected = {"age": [1.5, 2.0], "job": ["cook", "smith"], "new": [True, False]}
    assert columns(*GOOD) == expected
    assert columns(*reversed(GOOD), {"name": "other", "shape": [1], "datatype": "INT8", "data": [1]}) == expected


@pytest.mark.parametrize("datatype", NUMBERS)
def test_numbers_of_every_datatype_are_the_same_in_json_and_in_bytes(datatype: str) -> None:
    numbers = np.array([1, 7], dtype=NUMBERS[datatype])
    text = changed(datatype=datatype, data=[1, 7])
    binary = changed(datatype=datatype, data=None, parameters={"binary_data_size": numbers.nbytes})
    assert columns(*text) == columns(*binary, binary=numbers.tobytes()) == columns(*changed(data=[1.0, 7.0]))


@given(st.lists(st.floats(width=32, allow_infinity=False), min_size=1, max_size=5))
def test_a_float32_is_the_same_number_in_json_and_in_bytes(numbers: list[float]) -> None:
    array = np.array(numbers, dtype=np.float32)
    size = [len(numbers)]
    one = [COLUMNS[0]]
    finite = [None if math.isnan(number) else number for number in numbers]
    text = columns({"name": "age", "shape": size, "datatype": "FP32", "data": finite}, of=one)["age"]
    parameters = {"binary_data_size": array.nbytes}
    request = {"name": "age", "shape": size, "datatype": "FP32", "parameters": parameters}
    binary = columns(request, binary=array.tobytes(), of=one)["age"]
    np.testing.assert_array_equal(np.array(text, dtype=float), np.array(binary))


def test_bytes_follow_in_the_order_of_the_inputs_that_have_some() -> None:
    binary = np.array([3.0, math.nan]).tobytes() + to_bytes(np.array(["é", ""], dtype=object)) + b"\x01\x00"
    inputs = [
        {"name": "age", "shape": [2, 1], "datatype": "FP64", "parameters": {"binary_data_size": 16}},
        {"name": "job", "shape": [2], "datatype": "BYTES", "parameters": {"binary_data_size": 10}},
        {"name": "new", "shape": [2], "datatype": "BOOL", "parameters": {"binary_data_size": 2}},
    ]
    found = columns(*inputs, binary=binary)
    assert found["age"][0] == 3
    assert math.isnan(found["age"][1])
    assert (found["job"], found["new"]) == (["é", ""], [True, False])


def test_one_matrix_for_a_model_of_numbers() -> None:
    numbers = [Column(name, "number", nullable=False, example=0.0) for name in "abc"]
    inputs = {"name": "any", "shape": [2, 3], "datatype": "INT64", "data": [[1, 2, 3], [4, 5, 6]]}
    assert columns(inputs, of=numbers) == {"a": [1, 4], "b": [2, 5], "c": [3, 6]}


@pytest.mark.parametrize(
    ("changes", "pointer", "detail"),
    [
        ({"datatype": "BYTES", "data": ["1", "2"]}, "#/inputs/0/datatype", "expected a datatype of INT8, "),
        ({"datatype": "INT64"}, "#/inputs/0/data/0", "value 0: expected INT64, got 1.5"),
        ({"datatype": "INT8", "data": [1, 200]}, "#/inputs/0/data", "a number is out of the range of INT8"),
        ({"datatype": "UINT8", "data": [1, -1]}, "#/inputs/0/data", "a number is out of the range of UINT8"),
        ({"datatype": "FLOAT"}, "#/inputs/0/datatype", '"FLOAT" is no datatype that is known here'),
        ({"data": [1, "2"]}, "#/inputs/0/data/1", 'value 1: expected FP64, got "2"'),
        ({"data": [1, True]}, "#/inputs/0/data/1", "value 1: expected FP64, got true"),
        ({"data": [1, [2]]}, "#/inputs/0/data/1", "value 1: expected FP64, got [2]"),
        ({"data": [1]}, "#/inputs/0/shape", "the shape [2] does not fit 1 values"),
        ({"shape": [2, 1, 1]}, "#/inputs/0/shape", "expected the shape [N] or [N, 1], got [2, 1, 1]"),
        ({"shape": [1, 2]}, "#/inputs/0/shape", "expected the shape [N] or [N, 1]"),
        ({"shape": [-2]}, "#/inputs/0/shape", "expected a shape of whole numbers, got [-2]"),
        ({"shape": []}, "#/inputs/0/shape", "expected a shape of whole numbers"),
        ({"shape": [10**18]}, "#/inputs", "the inputs have different numbers of rows: {'age': 1000000000000000000, "),
        ({"shape": [10**30]}, "#/inputs/0/shape", "expected a shape of whole numbers"),
        ({"shape": [1] * 1000}, "#/inputs/0/shape", "expected a shape of one or two whole numbers"),
        ({"data": None}, "#/inputs/0", "it has neither data nor parameters.binary_data_size"),
        (
            {"parameters": {"binary_data_size": 16}},
            "#/inputs/0/parameters/binary_data_size",
            "expected a number of at most 0 bytes",
        ),
        ({"parameters": {"binary_data_size": -1}}, "#/inputs/0/parameters/binary_data_size", "binary_data_size is -1"),
        ({"shape": [1], "data": [1]}, "#/inputs", "the inputs have different numbers of rows"),
        ({"name": "job"}, "#/inputs", "column 'job' is given more than once"),
    ],
    ids=str,
)
def test_a_wrong_tensor_is_named_with_what_was_expected(changes: dict[str, Any], pointer: str, detail: str) -> None:
    with pytest.raises(InputError) as caught:
        columns(*changed(**changes))
    assert detail in caught.value.faults[0].detail
    assert caught.value.faults[0].pointer == pointer


@pytest.mark.parametrize(
    ("datatype", "binary", "detail"),
    [
        ("FP64", b"1234567", "7 bytes are no whole number of FP64"),
        ("BYTES", struct.pack("<I", 5) + b"abc", "a string of 5 bytes ends behind the tensor"),
        ("BYTES", struct.pack("<I", 1) + b"\xff", "its strings cannot be read"),
        ("BYTES", b"abc", "its strings cannot be read"),
        ("FP64", b"12345678" * 2, "the shape [1] does not fit 2 values"),
    ],
)
def test_wrong_bytes_are_named(datatype: str, binary: bytes, detail: str) -> None:
    name = "job" if datatype == "BYTES" else "age"
    request = {"name": name, "shape": [1], "datatype": datatype, "parameters": {"binary_data_size": len(binary)}}
    with pytest.raises(InputError) as caught:
        columns(request, binary=binary)
    assert detail in str(caught.value)


def test_bytes_that_belong_to_nothing_are_refused() -> None:
    with pytest.raises(InputError, match="3 bytes of the body belong to no input"):
        columns(*GOOD, binary=b"abc")


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["name", "shape", "datatype", "data", "parameters"]),
            st.none()
            | st.integers()
            | st.text()
            | st.lists(st.integers(-1, 3), max_size=3)
            | st.sampled_from(["age", "BOOL", "INT64"])
            | st.fixed_dictionaries({"binary_data_size": st.integers(-1, 9)}),
        ),
        max_size=3,
    ),
    st.binary(max_size=9),
)
def test_nothing_breaks_whatever_is_sent(inputs: list[dict[str, Any]], binary: bytes) -> None:
    try:
        found = columns(*inputs, binary=binary)
    except (InputError, msgspec.ValidationError):
        return
    assert len({len(values) for values in found.values()}) <= 1
