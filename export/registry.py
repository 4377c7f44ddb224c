"""Our converters, as skl2onnx knows them: for each class a parser, the types of what comes out, and the nodes."""

from collections.abc import Callable
from typing import Any

from skl2onnx import update_registered_converter
from skl2onnx.common.data_types import DoubleTensorType, Int64TensorType, StringTensorType

from export.converters import (
    adaboost,
    bagging,
    boosting,
    calibration,
    centres,
    centroids,
    composition,
    decomposition,
    discretiser,
    discriminant,
    dummy,
    embedding,
    encoders,
    envelope,
    forests,
    functions,
    gaussian_process,
    hist_boosting,
    imputer,
    isolation,
    isotonic,
    iterative,
    kernel_ridge,
    latent,
    lightgbm_trees,
    linear,
    mixture,
    multiclass,
    multioutput,
    naive_bayes,
    neighbors,
    networks,
    polynomial,
    power,
    propagation,
    quantile,
    radius,
    refusals,
    scalers,
    selection,
    spline,
    stacking,
    svm,
    targets,
    thresholds,
    vectorisers,
    voting,
    wrappers,
    xgboost_trees,
)
from export.nodes import Nodes, Predictor, Transformer
from export.tasks import outputs_of, task_of

MODULES = (
    adaboost,
    bagging,
    boosting,
    calibration,
    centres,
    centroids,
    composition,
    decomposition,
    discretiser,
    discriminant,
    dummy,
    embedding,
    encoders,
    envelope,
    forests,
    functions,
    gaussian_process,
    hist_boosting,
    imputer,
    isolation,
    isotonic,
    iterative,
    kernel_ridge,
    latent,
    linear,
    mixture,
    multiclass,
    multioutput,
    naive_bayes,
    neighbors,
    networks,
    polynomial,
    power,
    propagation,
    quantile,
    radius,
    refusals,
    scalers,
    selection,
    spline,
    stacking,
    svm,
    targets,
    thresholds,
    vectorisers,
    voting,
    wrappers,
)
PREDICTORS: dict[type, Predictor] = {
    kind: convert for module in MODULES for kind, convert in getattr(module, "PREDICTORS", {}).items()
}
TRANSFORMERS: dict[type, Transformer] = {
    kind: convert for module in MODULES for kind, convert in getattr(module, "TRANSFORMERS", {}).items()
}


def register() -> None:
    """Make skl2onnx use our converters wherever it meets their classes, at any depth of a pipeline."""
    # Packages that a pipeline may have brought with it; asking for them would load them for everybody.
    PREDICTORS.update(lightgbm_trees.predictors() | xgboost_trees.predictors())
    for kind in PREDICTORS:
        add(kind, predictor_types, convert_predictor, parse_predictor)


def add(
    kind: type, types: Callable[[Any], None], convert: Callable[[Nodes, Any], None], parser: Any | None = None
) -> None:
    """Register one class."""

    def as_called(scope: Any, operator: Any, container: Any) -> None:
        convert(Nodes(scope, container, PREDICTORS, TRANSFORMERS), operator)

    options = {"zipmap": [True, False], "raw_scores": [True, False]} if parser else None
    update_registered_converter(kind, f"Alpenglow{kind.__name__}", types, as_called, True, parser, options)


def parse_predictor(scope: Any, model: Any, inputs: list[Any], custom_parsers: Any = None) -> list[Any]:
    """Declare a predictor's outputs."""
    operator = scope.declare_local_operator(f"Alpenglow{type(model).__name__}", model)
    operator.inputs = inputs
    names = outputs_of(model)
    if task_of(model) != "regression" and len(names) == 1:
        names = [*names, "scores"]  # the classifiers' parents in skl2onnx expect two
    operator.outputs.extend(scope.declare_local_variable(name, DoubleTensorType()) for name in names)
    return list(operator.outputs)


def predictor_types(operator: Any) -> None:
    """Labels `[N]`, anything else float64 `[N, K]`."""
    model = operator.raw_operator
    if task_of(model) != "regression":
        kind = getattr(getattr(model, "classes_", None), "dtype", None)
        text = kind is not None and kind.kind in "OUST"
        operator.outputs[0].type = (StringTensorType if text else Int64TensorType)([None])
    for output in operator.outputs[task_of(model) != "regression" :]:
        output.type = DoubleTensorType([None, width(model)])


def width(model: Any) -> int | None:
    """How many columns its scores or predictions have."""
    if task_of(model) == "regression":
        return int(getattr(model, "n_outputs_", 0)) or None
    classes = getattr(model, "classes_", None)
    return None if classes is None else len(classes)


def convert_predictor(nodes: Nodes, operator: Any) -> None:
    """Give the tensors that a converter made the names that skl2onnx waits for."""
    model = operator.raw_operator
    made = PREDICTORS[type(model)](nodes, model, operator.inputs)
    for name, output in zip(outputs_of(model), operator.outputs, strict=False):
        nodes.add("Identity", [made[name]], output.full_name)
