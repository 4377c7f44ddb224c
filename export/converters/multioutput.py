"""MultiOutputRegressor and RegressorChain: one regressor for each target."""

from typing import Any

import numpy as np
from sklearn.multioutput import ClassifierChain, MultiOutputClassifier, MultiOutputRegressor, RegressorChain

from alpenglow._export.arithmetic.borders import PARTS
from alpenglow._export.graph.columns import kind_of
from alpenglow._export.graph.nodes import Inputs, Nodes, Outputs


def convert(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """The regressors side by side."""
    found = [nodes.outputs(estimator, inputs)["prediction"] for estimator in model.estimators_]
    return {"prediction": nodes.add("Concat", found, axis=1)}


def convert_chain(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """Each regressor reads the predictions of those before it as well."""
    found: list[str] = []
    x = nodes.matrix(inputs)
    for estimator in model.estimators_:
        columns = nodes.add("Concat", [x, *found], axis=1) if found else x
        table = nodes.table(columns, model.n_features_in_ + len(found), kind_of(inputs))
        found.append(nodes.outputs(estimator, table)["prediction"])
    ordered = [found[place] for place in np.argsort(model.order_)]
    return {"prediction": nodes.add("Concat", ordered, axis=1)}


def refuse(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """Several labels have no place in an answer."""
    raise NotImplementedError("it predicts several labels at once")


PREDICTORS = {
    ClassifierChain: refuse,
    MultiOutputClassifier: refuse,
    MultiOutputRegressor: convert,
    RegressorChain: convert_chain,
}
BORDERS = dict.fromkeys(PREDICTORS, PARTS)
