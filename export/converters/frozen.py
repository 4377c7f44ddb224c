"""FrozenEstimator hands everything on to the estimator inside."""

from typing import Any

from alpenglow._export.arithmetic.borders import PARTS
from alpenglow._export.graph.nodes import Inputs, Nodes, Outputs
from alpenglow._export.versions import FROZEN


def convert_frozen(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """The estimator that it keeps from being fitted again."""
    return nodes.outputs(model.estimator, inputs)


def transform_frozen(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """The same, of a transformer."""
    return nodes.features(model.estimator, inputs)


PREDICTORS = dict.fromkeys(FROZEN, convert_frozen)
TRANSFORMERS = dict.fromkeys(FROZEN, transform_frozen)
BORDERS = dict.fromkeys(FROZEN, PARTS)
