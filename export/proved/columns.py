"""Whether what the graph's trees see are the graph's inputs as they are."""

from collections.abc import Collection, Mapping

import numpy as np
import onnx
from onnx import helper, numpy_helper


def inputs_in(
    name: str,
    producers: Mapping[str, onnx.NodeProto],
    constants: Mapping[str, onnx.TensorProto],
    inputs: Collection[str],
) -> list[str] | None:
    """The inputs `[N, 1]` that the columns of a tensor are; None where they are anything else, or it is not known."""
    if name in inputs:
        return [name]
    node = producers.get(name)
    attributes = {} if node is None else {a.name: helper.get_attribute_value(a) for a in node.attribute}
    if node is None or node.op_type not in ("Concat", "Gather", "Split") or attributes.get("axis", 0) != 1:
        return None
    if node.op_type == "Concat":
        parts = [inputs_in(source, producers, constants, inputs) for source in node.input]
        return None if None in parts else [column for part in parts for column in part or ()]
    found = inputs_in(node.input[0], producers, constants, inputs)
    if found is None or len(node.input) < 2 or node.input[1] not in constants:
        return None
    places = numpy_helper.to_array(constants[node.input[1]])
    if node.op_type == "Gather":
        return [found[place] for place in np.atleast_1d(places).tolist()]
    which = list(node.output).index(name)
    return found[int(places[:which].sum()) :][: int(places[which])]
