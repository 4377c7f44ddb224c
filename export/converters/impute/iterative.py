"""IterativeImputer: the fitted estimators in turn, each predicting what is missing in one column from others."""

from typing import Any

import numpy as np
from onnx import TensorProto
from sklearn.impute._iterative import IterativeImputer

from alpenglow._export.arithmetic.borders import PARTS
from alpenglow._export.converters.impute.simple import indicated, missing
from alpenglow._export.graph.columns import width
from alpenglow._export.graph.nodes import Inputs, Nodes


def impute(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """Fill in what the first imputer has, then go through the estimators in the order in which they were fitted."""
    if model.sample_posterior:
        raise NotImplementedError("it draws random values, sample_posterior=True")
    [table] = nodes.table(nodes.matrix(inputs), width(inputs))
    filled = nodes.matrix(nodes.features(model.initial_imputer_, [table]))
    empty = model._is_empty_feature
    kept = np.arange(len(empty)) if model.keep_empty_features else np.flatnonzero(~empty)
    lacking = nodes.pick(missing(nodes, table, model.missing_values), kept)
    columns = [nodes.pick(filled, [place]) for place in range(len(kept))]
    first = list(columns)
    for turn in model.imputation_sequence_ if model.n_iter_ else ():
        at = int(turn.feat_idx)
        if model.keep_empty_features and empty[at]:
            continue
        neighbours = nodes.add("Concat", [columns[place] for place in turn.neighbor_feat_idx], axis=1)
        known = nodes.table(neighbours, len(turn.neighbor_feat_idx))
        guess = nodes.outputs(turn.estimator, known)["prediction"]
        limits = [nodes.constant(np.float64(limit)) for limit in (model._min_value[at], model._max_value[at])]
        guess = nodes.add("Clip", [guess, *limits])
        columns[at] = nodes.add("Where", [nodes.pick(lacking, [at]), guess, first[at]])
    found = unless_nothing_is_known(nodes, lacking, filled, nodes.add("Concat", columns, axis=1))
    return [*nodes.table(found, len(kept)), *indicated(nodes, inputs, model.indicator_)]


def unless_nothing_is_known(nodes: Nodes, lacking: str, filled: str, found: str) -> str:
    """What was found, unless no row of the request has a value in any column: then scikit-learn stops before."""
    flags = nodes.cast(lacking, TensorProto.INT32)
    none = nodes.cast(nodes.add("ReduceMin", [flags], keepdims=0), TensorProto.BOOL)
    return nodes.add("Where", [none, filled, found])


TRANSFORMERS = {IterativeImputer: impute}
BORDERS = {IterativeImputer: PARTS}
