"""RandomTreesEmbedding: which leaf of each tree a row falls into."""

from typing import Any

import numpy as np
from onnx import TensorProto
from sklearn.ensemble import RandomTreesEmbedding

from alpenglow._export.arithmetic.borders import PARTS
from alpenglow._export.arithmetic.trees import of_scikit_learn, tree_values
from alpenglow._export.graph.nodes import Inputs, Nodes


def leaves(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """The number of the leaf that a row reaches in each tree, one-hot encoded."""
    trees = [of_scikit_learn(tree.tree_, np.arange(tree.tree_.node_count)) for tree in model.estimators_]
    reached = tree_values(nodes, nodes.cast(nodes.matrix(inputs), TensorProto.FLOAT), trees)
    by_row = nodes.add("Transpose", [nodes.add("Squeeze", [reached, nodes.constant(np.array([2]))])], perm=[1, 0])
    return nodes.features(model.one_hot_encoder_, nodes.table(by_row, len(trees)))


TRANSFORMERS = {RandomTreesEmbedding: leaves}
BORDERS = {RandomTreesEmbedding: PARTS}
