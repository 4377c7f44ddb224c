"""What is fitted on few labels: the mean of what the similar or the nearest training rows were labelled with."""

from typing import Any

import numpy as np
from sklearn.semi_supervised import LabelPropagation, LabelSpreading, SelfTrainingClassifier

from alpenglow._export.arithmetic.borders import ANSWER, Borders, label, middles
from alpenglow._export.arithmetic.centres import squared_euclidean
from alpenglow._export.arithmetic.classes import at
from alpenglow._export.converters.neighbors.nearest import by_neighbour, search
from alpenglow._export.graph.nodes import Inputs, Nodes, Outputs


def convert(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """By similarity, exp(-gamma * distance^2), or by the nearest neighbours."""
    if model.kernel == "knn":
        score = nodes.ordered_sum(
            by_neighbour(nodes, search(nodes, model.nn_fit, inputs, model.n_neighbors), model.label_distributions_)
        )
    elif model.kernel == "rbf":
        points = model.X_.toarray() if hasattr(model.X_, "toarray") else model.X_
        distance = squared_euclidean(nodes, nodes.matrix(inputs), np.asarray(points))
        similarity = nodes.add("Exp", [nodes.add("Mul", [distance, nodes.constant(-float(model.gamma))])])
        score = nodes.add("MatMul", [similarity, nodes.constant(model.label_distributions_)])
    else:
        raise NotImplementedError("its kernel is a Python function")
    total = nodes.add("ReduceSum", [score, nodes.constant(np.array([1]))], keepdims=1)
    probabilities = nodes.add("Div", [score, total])
    # Of a row that is like none, all are 0 / 0; the first class then counts as the best.
    best = nodes.add(
        "ArgMax",
        [nodes.add("Where", [nodes.add("IsNaN", [probabilities]), nodes.constant(2.0), probabilities])],
        axis=1,
        keepdims=0,
    )
    return {"label": at(nodes, model.classes_, best), "probabilities": probabilities}


def convert_self_training(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """The estimator as it was fitted last."""
    return nodes.outputs(model.estimator_, inputs)


PREDICTORS = {
    **dict.fromkeys((LabelPropagation, LabelSpreading), convert),
    SelfTrainingClassifier: convert_self_training,
}
BORDERS = {
    **dict.fromkeys(
        (LabelPropagation, LabelSpreading), Borders(points=lambda model: middles(model.X_), decisions=(label,))
    ),
    SelfTrainingClassifier: ANSWER,
}
