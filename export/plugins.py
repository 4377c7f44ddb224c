"""Converters of the user's own: `alpenglow.register`, and modules that call it."""

import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from alpenglow._export.errors import PipelineError, one_line
from alpenglow._export.graph.nodes import Inputs, Nodes, Outputs
from alpenglow._export.registry import PREDICTORS, TRANSFORMERS

Convert = Callable[[Nodes, Any, dict[str, str]], Mapping[str, str]]
Borders = Callable[[Any], Mapping[str, Sequence[float]]]
TOLD: dict[type, Borders] = {}


def register(kind: type, convert: Convert, *, borders: Borders | None = None) -> None:
    """Give the export a converter for a class; it replaces one that there is.

    Args:
        kind: The class of a transformer or predictor.
        convert: `convert(graph, step, inputs)` gets the graph, the fitted step, and by column name the tensors `[N, 1]`
            of its input, float64 or text. It adds nodes with `graph.add(operator, tensors, **attributes)`, which
            returns a tensor, and constants with `graph.constant(value)`. It returns tensors by name: of a transformer
            its columns in order, float64 `[N, 1]` each; of a classifier `label` `[N]` and `probabilities` `[N, C]` or
            `decision`, or of several labels at once `label` `[N, T]` and `probabilities.0`, ...; of a regressor
            `prediction` `[N, T]`.
        borders: `borders(step)` tells at which numbers of which input columns the step decides otherwise. The export
            compares rows on and beside them.

    Nothing is believed: whatever the nodes do, the export compares their answers with the step's own.
    """
    if hasattr(kind, "predict"):
        PREDICTORS[kind] = lambda nodes, model, inputs: outputs(convert, nodes, model, inputs)
    else:
        TRANSFORMERS[kind] = lambda nodes, model, inputs: columns(convert, nodes, model, inputs)
    if borders:
        TOLD[kind] = borders


def outputs(convert: Convert, nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """What a predictor answers."""
    return dict(convert(nodes, model, tensors(nodes, model, inputs)))


def columns(convert: Convert, nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """What a transformer hands on."""
    made = convert(nodes, model, tensors(nodes, model, inputs))
    return [variable for tensor in made.values() for variable in nodes.table(tensor, 1)]


def tensors(nodes: Nodes, model: Any, inputs: Inputs) -> dict[str, str]:
    """The input's tensors, by the names of its columns."""
    single = nodes.single_columns(inputs)
    names = names_of(model, nodes.examples.get(id(model)), len(single))
    return {name: variable.full_name for name, variable in zip(names, single, strict=True)}


def names_of(model: Any, table: Any, count: int) -> list[str]:
    """The names of what goes into a step: those of a frame, those that it was fitted on, or `x0`, `x1`, ..."""
    names = [str(name) for name in getattr(table, "columns", getattr(model, "feature_names_in_", ()))]
    return names if len(names) == count else [f"x{place}" for place in range(count)]


def told_of(step: Any, table: Any) -> dict[int, list[float]]:
    """The numbers at which a step decides otherwise, by the place of the column."""
    told = TOLD.get(type(step))
    if not told:
        return {}
    names = names_of(step, table, table.shape[1])
    return {names.index(name): [float(value) for value in values] for name, values in told(step).items()}


def load_plugin(file: Path) -> None:
    """Import a module that registers converters.

    Raises:
        PipelineError: There is none, or it cannot be imported.
    """
    if not file.is_file():
        raise PipelineError(f"there is no plugin {file}")
    sys.path.insert(0, str(file.parent.resolve()))
    try:
        import_module(file.stem)
    except Exception as error:
        # Whatever somebody's own module raises.
        raise PipelineError(f"the plugin {file} cannot be imported: {one_line(error)}") from error
