"""Graphs with one change each in what makes their trees."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

LESS_OR_EQUAL, LESS, GREATER_OR_EQUAL, GREATER = range(4)
TRACKS = "nodes_missing_value_tracks_true"
Change = tuple[str, onnx.ModelProto]


def changes(model: onnx.ModelProto, random: np.random.Generator, each: int = 1) -> Iterator[Change]:
    """Single changes, some of each kind, and what they are."""
    for name, change in KINDS.items():
        for _ in range(each):
            changed = onnx.ModelProto()
            changed.CopyFrom(model)
            if change(changed, random):
                yield name, changed


class Trees:
    """The attributes of one `TreeEnsemble` of a graph, to be changed."""

    def __init__(self, model: onnx.ModelProto, random: np.random.Generator) -> None:
        nodes = [node for node in model.graph.node if node.op_type == "TreeEnsemble"]
        self.node = nodes[random.integers(len(nodes))]
        self.splits, self.weights = self.get("nodes_splits").copy(), self.get("leaf_weights").copy()
        self.at = int(random.integers(len(self.splits)))
        self.leaf, self.other = (int(i) for i in random.integers(len(self.weights), size=2))

    def get(self, name: str) -> Any:
        """An attribute as an array."""
        for attribute in self.node.attribute:
            if attribute.name == name:
                value = helper.get_attribute_value(attribute)
                return numpy_helper.to_array(value) if isinstance(value, TensorProto) else np.array(value)
        return np.zeros(len(self.splits), np.int64)

    def put(self, name: str, values: Any, *, tensor: bool = False) -> bool:
        """Another value of it."""
        kept = [attribute for attribute in self.node.attribute if attribute.name != name]
        del self.node.attribute[:]
        self.node.attribute.extend(kept)
        made = numpy_helper.from_array(values) if tensor else values.tolist()
        self.node.attribute.append(helper.make_attribute(name, made))
        return True


def threshold(change: Callable[[Any], Any]) -> Callable[..., bool]:
    """Another threshold at one node."""

    def apply(model: onnx.ModelProto, random: np.random.Generator) -> bool:
        trees = Trees(model, random)
        trees.splits[trees.at] = change(trees.splits[trees.at])
        return trees.put("nodes_splits", trees.splits, tensor=True)

    return apply


def weight(change: Callable[[Any], Any]) -> Callable[..., bool]:
    """Another value in one leaf, or in the table that the leaves' numbers are rows of."""

    def apply(model: onnx.ModelProto, random: np.random.Generator) -> bool:
        trees = Trees(model, random)
        tables = {node.input[0] for node in model.graph.node if node.op_type == "Gather"}
        for tensor in model.graph.initializer:
            values = numpy_helper.to_array(tensor).copy()
            if tensor.name in tables and values.ndim == 2 and values.dtype == np.float64:
                place = tuple(random.integers(values.shape))
                values[place] = change(values[place])
                tensor.CopyFrom(numpy_helper.from_array(values, tensor.name))
                return True
        trees.weights[trees.leaf] = change(trees.weights[trees.leaf])
        return trees.put("leaf_weights", trees.weights, tensor=True)

    return apply


def leaves_swapped(model: onnx.ModelProto, random: np.random.Generator) -> bool:
    """The values of two leaves."""
    trees = Trees(model, random)
    trees.weights[[trees.leaf, trees.other]] = trees.weights[[trees.other, trees.leaf]]
    return trees.put("leaf_weights", trees.weights, tensor=True)


def mode(other: int) -> Callable[..., bool]:
    """Another comparison at one node."""

    def apply(model: onnx.ModelProto, random: np.random.Generator) -> bool:
        trees = Trees(model, random)
        modes = trees.get("nodes_modes").copy()
        modes[trees.at] = other
        return trees.put("nodes_modes", modes, tensor=True)

    return apply


def children_swapped(model: onnx.ModelProto, random: np.random.Generator) -> bool:
    """Where one node's two ways lead."""
    swap(Trees(model, random))
    return True


def swap(trees: Trees) -> None:
    """The same of trees."""
    for first, second in (("nodes_truenodeids", "nodes_falsenodeids"), ("nodes_trueleafs", "nodes_falseleafs")):
        one, other = trees.get(first), trees.get(second)
        one[trees.at], other[trees.at] = other[trees.at], one[trees.at]
        trees.put(first, one)
        trees.put(second, other)


def turned(model: onnx.ModelProto, random: np.random.Generator) -> bool:
    """The same with the opposite comparison, which changes nothing."""
    trees = Trees(model, random)
    swap(trees)
    modes, tracks = trees.get("nodes_modes").copy(), trees.get(TRACKS)
    modes[trees.at], tracks[trees.at] = GREATER, 1 - tracks[trees.at]
    return trees.put("nodes_modes", modes, tensor=True) and trees.put(TRACKS, tracks)


def track_flipped(model: onnx.ModelProto, random: np.random.Generator) -> bool:
    """The other way for missing values at one node."""
    trees = Trees(model, random)
    tracks = trees.get(TRACKS)
    tracks[trees.at] = 1 - tracks[trees.at]
    return trees.put(TRACKS, tracks)


def other_feature(model: onnx.ModelProto, random: np.random.Generator) -> bool:
    """Another feature at one node."""
    trees = Trees(model, random)
    features = trees.get("nodes_featureids")
    features[trees.at] = (features[trees.at] + random.integers(1, 3)) % 3
    return trees.put("nodes_featureids", features)


def category_flipped(model: onnx.ModelProto, random: np.random.Generator) -> bool:
    """The other side for one category at one split, where the graph has a table of these."""
    for tensor in model.graph.initializer:
        if tensor.data_type == TensorProto.BOOL and len(tensor.dims) == 2:
            sides = numpy_helper.to_array(tensor).copy()
            place = tuple(random.integers(sides.shape))
            sides[place] = not sides[place]
            tensor.CopyFrom(numpy_helper.from_array(sides, tensor.name))
            return True
    return False


def trees_swapped(model: onnx.ModelProto, random: np.random.Generator) -> bool:
    """Two trees in each other's place."""
    trees = Trees(model, random)
    roots = trees.get("tree_roots")
    if len(roots) < 2:
        return False
    one, other = random.choice(len(roots), 2, replace=False)
    roots[[one, other]] = roots[[other, one]]
    return trees.put("tree_roots", roots)


def cast_left_out(model: onnx.ModelProto, random: np.random.Generator) -> bool:
    """Float64 where float32 is compared."""
    producers = {name: node for node in model.graph.node for name in node.output}
    trees = Trees(model, random)
    wide = producers.get(trees.node.input[0])
    narrow = producers.get(wide.input[0]) if wide is not None and wide.op_type == "Cast" else None
    if narrow is None or narrow.op_type != "Cast" or trees.splits.dtype != np.float64:
        return False
    trees.node.input[0] = narrow.input[0]
    return True


KINDS: dict[str, Callable[[onnx.ModelProto, np.random.Generator], bool]] = {
    "a threshold one float up": threshold(lambda t: np.nextafter(t, type(t)(np.inf))),
    "a threshold one float down": threshold(lambda t: np.nextafter(t, type(t)(-np.inf))),
    "a threshold one float32 up": threshold(lambda t: type(t)(np.nextafter(np.float32(t), np.float32(np.inf)))),
    "a threshold one category up": threshold(lambda t: t + type(t)(1)),
    "a threshold 1e-9 larger": threshold(lambda t: type(t)(t * (1 + 1e-9))),
    "two leaves swapped": leaves_swapped,
    "< for <=": mode(LESS),
    "> for <=": mode(GREATER),
    ">= for <=": mode(GREATER_OR_EQUAL),
    "children swapped": children_swapped,
    "children and comparison swapped": turned,
    "a leaf 1e-9 larger": weight(lambda value: type(value)(value * (1 + 1e-9))),
    "a leaf one float larger": weight(lambda value: np.nextafter(value, type(value)(np.inf))),
    "a missing value's way": track_flipped,
    "another feature": other_feature,
    "a category's side": category_flipped,
    "trees swapped": trees_swapped,
    "a cast left out": cast_left_out,
}
