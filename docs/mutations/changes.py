"""Graphs with one change each: what a wrong converter, a wrong runtime or a flipped bit would make of them."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

Array = NDArray[Any]
Random = np.random.Generator
Changed = tuple[str, onnx.ModelProto]
OPERATORS = {
    "Less": "LessOrEqual",
    "LessOrEqual": "Less",
    "Greater": "GreaterOrEqual",
    "GreaterOrEqual": "Greater",
    "Add": "Sub",
    "Sub": "Add",
    "Mul": "Div",
    "Div": "Mul",
    "And": "Or",
    "Or": "And",
    "Max": "Min",
    "Min": "Max",
    "ArgMax": "ArgMin",
    "ArgMin": "ArgMax",
    "ReduceMax": "ReduceMin",
    "ReduceMin": "ReduceMax",
    "ReduceSum": "ReduceMean",
}
CHOICES = ("ArgMax", "ArgMin")
# What is no number of the model itself, but says how tensors are laid out: to change that gives another shape.
LAYOUT = {
    "Reshape": (1,),
    "ReduceSum": (1,),
    "ReduceMax": (1,),
    "ReduceMin": (1,),
    "ReduceMean": (1,),
    "ReduceSumSquare": (1,),
    "Unsqueeze": (1,),
    "Squeeze": (1,),
    "Slice": (1, 2, 3, 4),
    "Split": (1,),
    "TopK": (1,),
    "Expand": (1,),
    "Tile": (1,),
    "Pad": (1,),
    "OneHot": (1,),
    "Range": (0, 1, 2),
}


def changes(model: onnx.ModelProto, count: int, random: Random) -> Iterator[Changed]:
    """So many graphs, no two of them alike, and what was changed; fewer if there is less to change."""
    seen = {model.SerializeToString(deterministic=True)}
    kinds = [*KINDS.items()]
    for turn in range(20 * count):
        if len(seen) > count:
            break
        what, change = kinds[turn % len(kinds)]
        changed = onnx.ModelProto()
        changed.CopyFrom(model)
        if change(changed, random) and (key := changed.SerializeToString(deterministic=True)) not in seen:
            seen.add(key)
            yield what, changed


def one_of(items: list[Any], random: Random) -> Any:
    """One item, each as likely; None if there is none."""
    return items[int(random.integers(len(items)))] if items else None


def constant(kinds: str, change: Callable[[Array, Random], Array | None]) -> Callable[[onnx.ModelProto, Random], bool]:
    """A change of one tensor, of types of these kinds, that the graph's nodes compute with."""

    def apply(model: onnx.ModelProto, random: Random) -> bool:
        layout = {
            node.input[place]
            for node in model.graph.node
            for place in LAYOUT.get(node.op_type, ())
            if place < len(node.input)
        }
        tensors = [
            tensor
            for tensor in model.graph.initializer
            if tensor.name not in layout and numpy_kind(tensor) in kinds and np.prod(tensor.dims) > 0
        ]
        some = one_of(tensors, random)
        if some is None:
            return False
        changed = change(numpy_helper.to_array(some).copy(), random)
        if changed is None:
            return False
        some.CopyFrom(numpy_helper.from_array(changed, some.name))
        return True

    return apply


def numpy_kind(tensor: TensorProto) -> str:
    """The letter of its type, `f` for floats, `i` for integers, `O` for texts."""
    return str(helper.tensor_dtype_to_np_dtype(tensor.data_type).kind)


def element(change: Callable[[Any], Any]) -> Callable[[Array, Random], Array | None]:
    """Another value in one place where the change makes one."""

    def apply(values: Array, random: Random) -> Array | None:
        flat = values.reshape(-1)
        at = int(random.integers(len(flat)))
        with np.errstate(all="ignore"):
            other = change(flat[at])
        if other == flat[at]:
            return None
        flat[at] = other
        return flat.reshape(values.shape)

    return apply


def swapped(values: Array, random: Random) -> Array | None:
    """Two values that differ, in each other's place."""
    flat = values.reshape(-1)
    if len(flat) < 2:
        return None
    one, other = random.choice(len(flat), 2, replace=False)
    if flat[one] == flat[other]:
        return None
    flat[[one, other]] = flat[[other, one]]
    return flat.reshape(values.shape)


def operator(model: onnx.ModelProto, random: Random) -> bool:
    """Another operator with the same inputs."""
    node = one_of([node for node in model.graph.node if node.op_type in OPERATORS], random)
    if node is not None:
        node.op_type = OPERATORS[node.op_type]
    return node is not None


def other_choice(model: onnx.ModelProto, random: Random) -> bool:
    """The last of several equal ones where the first is taken."""
    node = one_of([node for node in model.graph.node if node.op_type in CHOICES], random)
    if node is not None:
        node.attribute.append(helper.make_attribute("select_last_index", 1))
    return node is not None


def attribute(
    operators: tuple[str, ...], names: tuple[str, ...], change: Callable[[Array, Random], Array | None]
) -> Callable[[onnx.ModelProto, Random], bool]:
    """A change of one list or tensor among a node's attributes."""

    def apply(model: onnx.ModelProto, random: Random) -> bool:
        nodes = [node for node in model.graph.node if node.op_type in operators]
        old = one_of([found for node in nodes for found in node.attribute if found.name in names], random)
        if old is None:
            return False
        value = helper.get_attribute_value(old)
        tensor = isinstance(value, TensorProto)
        changed = change(numpy_helper.to_array(value).copy() if tensor else np.array(value), random)
        if changed is None:
            return False
        made = numpy_helper.from_array(changed) if tensor else changed.tolist()
        old.CopyFrom(helper.make_attribute(old.name, made))
        return True

    return apply


def mode(values: Array, random: Random) -> Array | None:
    """`<`, which is 1, for `<=`, which is 0, at one node."""
    places = np.flatnonzero(values == 0)
    if not len(places):
        return None
    values[random.choice(places)] = 1
    return values


def flipped(values: Array, random: Random) -> Array:
    """One of some flags turned over."""
    at = int(random.integers(len(values)))
    values[at] = 1 - values[at]
    return values


def another(values: Array, random: Random) -> Array | None:
    """A text that is in no table, in the place of one."""
    if values.dtype.kind not in "SOU":
        return None
    flat = values.reshape(-1)
    at = int(random.integers(len(flat)))
    flat[at] = b"\xef\xb7\x91 dropped" if isinstance(flat[at], bytes) else "\ufdd1 dropped"
    return flat.reshape(values.shape)


def next_float(towards: float) -> Callable[[Any], Any]:
    """The next float of its type."""
    return lambda value: np.nextafter(value, type(value)(towards))


TREE = ("TreeEnsemble",)
SPLITS = ("nodes_splits",)
TABLE = ("LabelEncoder",)
KEYS = ("keys_strings", "keys_int64s", "keys_floats", "keys_tensor")
VALUES = ("values_strings", "values_int64s", "values_floats", "values_tensor")
KINDS: dict[str, Callable[[onnx.ModelProto, Random], bool]] = {
    "a threshold one float up": attribute(TREE, SPLITS, element(next_float(np.inf))),
    "a constant one millionth larger": constant("f", element(lambda value: value * (1 + 1e-6))),
    "an operator for another": operator,
    "< for <= in a tree": attribute(TREE, ("nodes_modes",), mode),
    "two constants swapped": constant("f", swapped),
    "two leaves swapped": attribute(TREE, ("leaf_weights",), swapped),
    "a constant times 1 + 1e-9": constant("f", element(lambda value: value * (1 + 1e-9))),
    "a category dropped": attribute(
        TABLE, KEYS, lambda values, random: another(values, random) if values.dtype.kind in "SOU" else None
    ),
    "a threshold one float down": attribute(
        TREE, ("nodes_splits",), element(lambda t: np.nextafter(t, type(t)(-np.inf)))
    ),
    "a constant's sign": constant("f", element(np.negative)),
    "two labels or codes swapped": attribute(TABLE, VALUES, swapped),
    "two numbers of columns or classes swapped": constant("i", swapped),
    "the last of equals for the first": other_choice,
    "a leaf times 1 + 1e-9": attribute(TREE, ("leaf_weights",), element(lambda value: type(value)(value * (1 + 1e-9)))),
    "a missing value's way": attribute(TREE, ("nodes_missing_value_tracks_true",), flipped),
    "another column in a tree": attribute(TREE, ("nodes_featureids",), swapped),
    "two texts swapped": constant("OSU", swapped),
    "a text for another": constant("OSU", another),
    "a constant 0": constant("f", element(lambda value: value * 0)),
    "a flag turned over": constant("b", element(np.logical_not)),
}
