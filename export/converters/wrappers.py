"""What hands everything on to an estimator inside: searches, frozen, self-trained and feature-eliminating ones."""

from typing import Any

import numpy as np
from sklearn.experimental import enable_halving_search_cv  # noqa: F401 - makes the next import work
from sklearn.feature_selection import RFE, RFECV
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    HalvingRandomSearchCV,
    RandomizedSearchCV,
)
from sklearn.semi_supervised import SelfTrainingClassifier

from alpenglow._export.graph.columns import select
from alpenglow._export.graph.nodes import Inputs, Nodes, Outputs
from alpenglow._export.versions import FROZEN


def convert_search(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """The best estimator that it found."""
    return nodes.outputs(model.best_estimator_, inputs)


def transform_search(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """The same, of transformers."""
    return nodes.features(model.best_estimator_, inputs)


def convert_frozen(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """The estimator that it keeps from being fitted again."""
    return nodes.outputs(model.estimator, inputs)


def transform_frozen(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """The same, of a transformer."""
    return nodes.features(model.estimator, inputs)


def convert_self_training(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """The estimator as it was fitted last."""
    return nodes.outputs(model.estimator_, inputs)


def convert_elimination(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """The estimator, on the columns that were kept."""
    return nodes.outputs(model.estimator_, select(nodes, inputs, np.flatnonzero(model.support_)))


SEARCHES = (GridSearchCV, HalvingGridSearchCV, HalvingRandomSearchCV, RandomizedSearchCV)
PREDICTORS = {
    **dict.fromkeys(SEARCHES, convert_search),
    **dict.fromkeys(FROZEN, convert_frozen),
    RFE: convert_elimination,
    RFECV: convert_elimination,
    SelfTrainingClassifier: convert_self_training,
}
TRANSFORMERS = {**dict.fromkeys(SEARCHES, transform_search), **dict.fromkeys(FROZEN, transform_frozen)}
