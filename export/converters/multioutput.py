"""MultiOutput... and ...Chain: one regressor or classifier for each target."""

from typing import Any

import numpy as np
from onnx import TensorProto
from sklearn.multioutput import ClassifierChain, MultiOutputClassifier, MultiOutputRegressor, RegressorChain

from alpenglow._export.arithmetic.borders import ANSWER, PARTS
from alpenglow._export.arithmetic.classes import side_by_side
from alpenglow._export.graph.columns import kind_of
from alpenglow._export.graph.nodes import Inputs, Nodes, Outputs
from alpenglow._export.graph.responses import answer
from alpenglow._export.pipeline.labels import METHODS
from alpenglow._export.pipeline.tasks import outputs_of
from alpenglow._serve.signature import SHARES


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


def convert_classifiers(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """The classifiers side by side."""
    found = [nodes.outputs(estimator, inputs) for estimator in model.estimators_]
    label = side_by_side(nodes, [outputs["label"] for outputs in found])
    if not hasattr(model, "predict_proba"):
        return {"label": label}
    shares = [answer(outputs, of, "predict_proba") for outputs, of in zip(found, model.estimators_, strict=True)]
    return {"label": label, **{f"{SHARES}{place}": each for place, each in enumerate(shares)}}


def convert_classifier_chain(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """Each classifier reads what those before it answer as well."""
    wanted = outputs_of(model)
    columns: dict[str, list[str]] = {name: [] for name in wanted}
    before: list[str] = []
    x = nodes.matrix(inputs)
    for estimator in model.estimators_:
        joined = nodes.add("Concat", [x, *before], axis=1) if before else x
        table = nodes.table(joined, model.n_features_in_ + len(before), kind_of(inputs))
        outputs = nodes.outputs(estimator, table)
        before.append(handed_on(nodes, model, estimator, outputs))
        for name in wanted:
            columns[name].append(column(nodes, answer(outputs, estimator, METHODS[name]), name))
    order = np.argsort(model.order_)
    return {name: nodes.add("Concat", [found[at] for at in order], axis=1) for name, found in columns.items()}


def handed_on(nodes: Nodes, model: Any, estimator: Any, outputs: Outputs) -> str:
    """What the next classifiers read of one, `[N, 1]`; before 1.5 its labels."""
    method = getattr(model, "chain_method_", "predict")
    logarithm = method == "predict_log_proba"
    output = next(name for name, one in METHODS.items() if one == ("predict_proba" if logarithm else method))
    found = column(nodes, answer(outputs, estimator, METHODS[output]), output)
    return nodes.add("Log", [found]) if logarithm else nodes.cast(found, TensorProto.DOUBLE)


def column(nodes: Nodes, found: str, output: str) -> str:
    """An output of a two-class estimator, `[N, 1]`: of probabilities that of the second class."""
    return nodes.pick(found, [1]) if output == "probabilities" else nodes.column(found)


PREDICTORS = {
    ClassifierChain: convert_classifier_chain,
    MultiOutputClassifier: convert_classifiers,
    MultiOutputRegressor: convert,
    RegressorChain: convert_chain,
}
BORDERS = dict.fromkeys(PREDICTORS, PARTS) | {ClassifierChain: ANSWER}
