"""Our converters, as skl2onnx knows them: for each class a parser, the types of what comes out, and the nodes."""

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from pkgutil import walk_packages
from typing import Any

from skl2onnx import _parse, _supported_operators, update_registered_converter
from skl2onnx.common import _registration
from skl2onnx.common.data_types import DoubleTensorType, Int64TensorType, StringTensorType, TensorType
from sklearn.preprocessing import FunctionTransformer

from alpenglow._export import converters
from alpenglow._export.arithmetic.borders import NOWHERE, Borders
from alpenglow._export.converters.own import function_of
from alpenglow._export.graph.nodes import Nodes, Predictor, Transformer
from alpenglow._export.pipeline.boosters import reads_categories
from alpenglow._export.pipeline.fitted import Fitted
from alpenglow._export.pipeline.labels import classes_by_label, common_type
from alpenglow._export.pipeline.subclasses import found_for
from alpenglow._export.pipeline.tasks import outputs_of, task_of

MODULES = [import_module(module.name) for module in walk_packages(converters.__path__, f"{converters.__name__}.")]
PREDICTORS: dict[type, Predictor] = {
    kind: convert for module in MODULES for kind, convert in getattr(module, "PREDICTORS", {}).items()
}
TRANSFORMERS: dict[type, Transformer] = {
    kind: convert for module in MODULES for kind, convert in getattr(module, "TRANSFORMERS", {}).items()
}
BORDERS: dict[type, Borders] = {
    kind: borders for module in MODULES for kind, borders in getattr(module, "BORDERS", {}).items()
}
# What takes moments and durations.
TIMES: dict[type, bool] = {kind: True for module in MODULES for kind in getattr(module, "TIMES", ())}

# By the name that each library is imported as.
LIBRARIES = {module.LIBRARY: module for module in MODULES if hasattr(module, "LIBRARY")}


def meet_libraries() -> None:
    """Know the classes of the libraries that a pipeline has brought with it; to import them takes others seconds."""
    for name, module in LIBRARIES.items():
        library = sys.modules.get(name)
        if library:
            tables: dict[str, dict[type, Any]] = {
                "predictors": PREDICTORS,
                "transformers": TRANSFORMERS,
                "borders": BORDERS,
                "times": TIMES,
            }
            for tell, known in tables.items():
                if hasattr(module, tell):
                    known.update(
                        {kind: told for kind, told in getattr(module, tell)(library).items() if kind not in known}
                    )


def recorded_of(step: Any) -> Callable[[Any], Any] | None:
    """What a step computes with arrays, or with columns of pandas', if it is recorded as it runs."""
    if runs_python(step):
        return function_of(step)
    module = LIBRARIES.get(type(step).__module__.split(".")[0])
    told = getattr(module, "RECORDED", {}).get(type(step).__name__)
    return told and partial(told, step)


def untested(steps: Iterable[Any]) -> list[str]:
    """A sentence for each library that some steps are of, and that is older or newer than what it was tested with."""
    found = []
    for name in sorted({type(step).__module__.split(".")[0] for step in steps} & LIBRARIES.keys()):
        oldest, newest = LIBRARIES[name].TESTED
        version = sys.modules[name].__version__
        if not series(oldest) <= series(version) <= series(newest):
            found.append(
                f"{name} {version} is not among the versions that this was tested with, {oldest} to {newest}: "
                "the comparison of the answers is all that vouches for them"
            )
    return found


def series(version: str) -> tuple[int, ...]:
    """The first two numbers of a version."""
    return tuple(int(part) for part in re.findall(r"\d+", version)[:2])


def borders_of(step: Any) -> Borders:
    """Where a fitted step decides, as its converter's module says; nowhere, if we have no converter of it."""
    meet_libraries()
    return found_for(BORDERS, type(step)) or NOWHERE


# All that registering changes in skl2onnx: whoever calls it beside us must find its own converters.
TABLES: list[dict[Any, Any]] = [
    _supported_operators.sklearn_operator_name_map,
    _parse.sklearn_parsers_map,
    _registration._converter_pool,
    _registration._shape_calculator_pool,
]


@contextmanager
def registered(examples: Mapping[int, Any]) -> Iterator[None]:
    """Have skl2onnx use our converters wherever it meets their classes, at any depth, and its own afterwards.

    Args:
        examples: What `Nodes` has of that name.
    """
    kept = [dict(table) for table in TABLES]
    try:
        register(examples)
        yield
    finally:
        for table, before in zip(TABLES, kept, strict=True):
            table.clear()
            table.update(before)


def register(examples: Mapping[int, Any]) -> None:
    """Give skl2onnx our converters."""
    convert = partial(convert_predictor, examples)
    meet_libraries()
    for kind in PREDICTORS:
        update_registered_converter(kind, alias(kind), predictor_types, convert, overwrite=True, parser=parse_predictor)


def alias(kind: type) -> str:
    """What skl2onnx calls the converter of a class."""
    return f"Alpenglow{kind.__name__}"


def parse_predictor(scope: Any, model: Any, inputs: list[Any], custom_parsers: Any = None) -> list[Any]:
    """Declare a predictor's outputs."""
    operator = scope.declare_local_operator(alias(type(model)), model)
    operator.inputs = inputs
    operator.outputs.extend(scope.declare_local_variable(name, DoubleTensorType()) for name in outputs_of(model))
    return list(operator.outputs)


def predictor_types(operator: Any) -> None:
    """Labels `[N]` or, several of them, `[N, T]`; anything else float64 `[N, K]`."""
    model = operator.raw_operator
    if task_of(model) != "regression":
        operator.outputs[0].type = label_type(model)
    for output in operator.outputs[task_of(model) != "regression" :]:
        output.type = DoubleTensorType([None, width(model)])


def label_type(model: Any) -> TensorType:
    """Text or int64."""
    several = classes_by_label(model)
    if several is not None:
        return (StringTensorType if common_type(several) == "string" else Int64TensorType)([None, len(several)])
    kind = getattr(getattr(model, "classes_", None), "dtype", None)
    return (StringTensorType if kind is not None and kind.kind in "OUST" else Int64TensorType)([None])


def width(model: Any) -> int | None:
    """How many columns its scores or predictions have."""
    if task_of(model) == "regression":
        return int(getattr(model, "n_outputs_", 0)) or None
    classes = getattr(model, "classes_", None)
    return None if classes is None or classes_by_label(model) else len(classes)


def convert_predictor(examples: Mapping[int, Any], scope: Any, operator: Any, container: Any) -> None:
    """Give the tensors that a converter made the names that skl2onnx waits for."""
    model = operator.raw_operator
    nodes = Nodes(scope, container, PREDICTORS, TRANSFORMERS, examples, TIMES)
    made = PREDICTORS[type(model)](nodes, model, operator.inputs)
    for name, output in zip(outputs_of(model), operator.outputs, strict=True):
        nodes.add("Identity", [made[name]], output.full_name)


def watched_steps(fitted: Fitted) -> list[Any]:
    """The steps of the user's own, each once."""
    steps = {id(step): step for _, step in fitted.steps if is_watched(step)}
    return list(steps.values())


def shown_steps(fitted: Fitted) -> list[Any]:
    """The steps whose converters have to see what the whole sample becomes, each once, as their library says."""
    steps = {id(step): step for _, step in fitted.steps if is_shown(step)}
    return list(steps.values())


def is_shown(step: Any) -> bool:
    """Whether a step's converter has to see what the whole sample becomes."""
    library = LIBRARIES.get(type(step).__module__.split(".")[0])
    return library is not None and hasattr(library, "is_shown") and bool(library.is_shown(step))


def runs_python(step: Any) -> bool:
    """Whether a step is a function, or a transformer that there is no converter for."""
    if isinstance(step, FunctionTransformer):
        return step.func is not None
    meet_libraries()
    return hasattr(step, "transform") and not hasattr(step, "predict") and not found_for(TRANSFORMERS, type(step))


def is_watched(step: Any) -> bool:
    """Whether to know what a step is handed: it runs Python, its converter is not ours, or it numbers categories."""
    foreign = hasattr(step, "transform") and not type(step).__module__.startswith("sklearn.")
    return runs_python(step) or foreign or reads_categories(step)
