"""Which columns of a tensor in the graph can never hold NaN, as far as the nodes before it show."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

Never = NDArray[np.bool_]  # of each column, or one for all where their number is not known
UNKNOWN = np.array(False)
TRUTH = {"And", "Equal", "Greater", "GreaterOrEqual", "IsInf", "IsNaN", "Less", "LessOrEqual", "Not", "Or", "OneHot"}
SAME = {"Cast", "Identity"}
MOVING = {"Flatten", "Reshape", "Squeeze", "Transpose", "Unsqueeze"}
ARITHMETIC = {"Add", "Sub", "Mul", "Div"}


def never_missing(
    name: str, producers: Mapping[str, onnx.NodeProto], constants: Mapping[str, onnx.TensorProto]
) -> Never:
    """Look at the node that makes the tensor, and at those before it. An input can be NaN."""

    def of(source: str) -> Never:
        return never_missing(source, producers, constants)

    if name in constants:
        return without_nan(numpy_helper.to_array(constants[name]))
    node = producers.get(name)
    if node is None:
        return width(1)
    given = list(node.input)
    attributes = {attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute}
    rules: dict[str, Callable[[], Never]] = {
        "Concat": lambda: beside([of(source) for source in given], attributes),
        "Split": lambda: part(of(given[0]), constants[given[1]], list(node.output).index(name)),
        "Gather": lambda: picked(of(given[0]), constants.get(given[1]), attributes),
        "LabelEncoder": lambda: np.full_like(of(given[0]), gives_numbers(attributes)),
        "Where": lambda: where(given, producers, constants),
        **dict.fromkeys(TRUTH, lambda: np.array(True)),
        **dict.fromkeys(SAME, lambda: of(given[0])),
        **dict.fromkeys(MOVING, lambda: everywhere([of(given[0])])),
        **dict.fromkeys(ARITHMETIC, lambda: arithmetic(node, producers, constants)),
    }
    rule = rules.get(node.op_type)
    return UNKNOWN if rule is None else np.asarray(rule(), bool)


def beside(parts: list[Never], attributes: Mapping[str, Any]) -> Never:
    """Of a Concat; where it is not columns that are put beside each other, or not all are known, one for all."""
    known = attributes["axis"] == 1 and all(part.ndim for part in parts)
    return np.concatenate(parts) if known else everywhere(parts)


def picked(found: Never, places: onnx.TensorProto | None, attributes: Mapping[str, Any]) -> Never:
    """Of a Gather."""
    if places is None or attributes.get("axis", 0) != 1 or not found.ndim:
        return everywhere([found])
    return np.atleast_1d(found[numpy_helper.to_array(places)])


def arithmetic(
    node: onnx.NodeProto, producers: Mapping[str, onnx.NodeProto], constants: Mapping[str, onnx.TensorProto]
) -> Never:
    """Of a number and a constant, from which no NaN comes."""
    plain = [source for source in node.input if not harmless(source, node.op_type, constants)]
    return never_missing(plain[0], producers, constants) if len(plain) == 1 else UNKNOWN


def width(columns: int) -> Never:
    """So many columns that may be missing."""
    return np.zeros(columns, bool)


def everywhere(parts: list[Never]) -> Never:
    """One answer for all columns."""
    return np.array(all(bool(found.all()) for found in parts))


def without_nan(values: NDArray[Any]) -> Never:
    """Of a constant."""
    found = ~np.isnan(values) if values.dtype.kind == "f" else np.ones(values.shape, bool)
    return np.asarray(found.all(axis=0) if values.ndim == 2 else found.all(), bool)


def part(found: Never, sizes: onnx.TensorProto, place: int) -> Never:
    """One of the outputs of a Split."""
    ends = np.cumsum(numpy_helper.to_array(sizes))
    return np.asarray(found[ends[place - 1] if place else 0 : ends[place]] if found.ndim else found, bool)


def gives_numbers(attributes: Mapping[str, Any]) -> bool:
    """Whether an encoder gives no NaN for any key or unknown value."""
    tables = [
        numpy_helper.to_array(attributes[name]) for name in ("values_tensor", "default_tensor") if name in attributes
    ]
    return len(tables) == 2 and all(bool(without_nan(table).all()) for table in tables)


def where(
    given: list[str], producers: Mapping[str, onnx.NodeProto], constants: Mapping[str, onnx.TensorProto]
) -> Never:
    """What a Where chooses; what it takes only where it is not NaN counts as no NaN, as an imputer does."""
    test = producers.get(given[0])
    filled = test is not None and test.op_type == "IsNaN" and test.input[0] == given[2]
    first, second = (never_missing(source, producers, constants) for source in given[1:])
    if filled:
        second = second | True
    if first.ndim and second.ndim and len(first) != len(second) and 1 not in (len(first), len(second)):
        return UNKNOWN
    return np.asarray(first & second, bool)


def harmless(name: str, operation: str, constants: Mapping[str, onnx.TensorProto]) -> bool:
    """Whether a tensor is a constant that makes NaN of no number."""
    if name not in constants:
        return False
    values = numpy_helper.to_array(constants[name])
    return bool(np.isfinite(values).all() and (operation in ("Add", "Sub") or values.all()))
