"""Feature selection: the chosen columns, as they are."""

from typing import Any

import numpy as np
from sklearn.feature_selection import (
    RFE,
    RFECV,
    GenericUnivariateSelect,
    SelectFdr,
    SelectFpr,
    SelectFromModel,
    SelectFwe,
    SelectKBest,
    SelectPercentile,
    SequentialFeatureSelector,
    VarianceThreshold,
)

from alpenglow._export.arithmetic.borders import PARTS
from alpenglow._export.graph.columns import select
from alpenglow._export.graph.nodes import Inputs, Nodes, Outputs


def choose(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """The columns that the fitted selector keeps; text stays text."""
    return select(nodes, inputs, np.flatnonzero(model.get_support()))


def convert_elimination(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """The estimator, on the columns that were kept."""
    return nodes.outputs(model.estimator_, select(nodes, inputs, np.flatnonzero(model.support_)))


PREDICTORS = dict.fromkeys((RFE, RFECV), convert_elimination)
TRANSFORMERS = dict.fromkeys(
    (
        GenericUnivariateSelect,
        RFE,
        RFECV,
        SelectFdr,
        SelectFpr,
        SelectFromModel,
        SelectFwe,
        SelectKBest,
        SelectPercentile,
        SequentialFeatureSelector,
        VarianceThreshold,
    ),
    choose,
)
BORDERS = dict.fromkeys(TRANSFORMERS, PARTS)
