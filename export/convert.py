"""A fitted pipeline as one ONNX graph that keeps the contract: inputs named as the columns, outputs as the task."""

from collections.abc import Sequence
from types import TracebackType
from typing import Any

import onnx
import pandas as pd
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import DoubleTensorType, StringTensorType, TensorType
from skl2onnx.common.exceptions import MissingConverter, MissingShapeCalculator
from sklearn.pipeline import Pipeline

from alpenglow._export.errors import OWN_CONVERTER, ConversionError, one_line
from alpenglow._export.graph.contract import to_contract
from alpenglow._export.graph.text import NoneTensorType
from alpenglow._export.graph.times import time_type
from alpenglow._export.pipeline.fitted import Fitted
from alpenglow._export.pipeline.handed import example_of, handed
from alpenglow._export.pipeline.missing import missing_in
from alpenglow._export.pipeline.moments import is_text
from alpenglow._export.pipeline.times import kept, of_text
from alpenglow._export.registry import PREDICTORS, recorded_of, registered, shown_steps, watched_steps
from alpenglow._export.silence import silenced
from alpenglow._export.tracing.run import texts_read
from alpenglow._serve.signature import Column

# The newest that ONNX Runtime 1.21 loads, the oldest release that the image may get from Alpine.
OPSET = {"": 21, "ai.onnx.ml": 3}
MISSING_CONVERTER = (MissingConverter, MissingShapeCalculator)


def convert(fitted: Fitted, columns: Sequence[Column], sample: pd.DataFrame) -> onnx.ModelProto:
    """Convert a pipeline that was fitted on `columns`.

    Args:
        fitted: A Pipeline or a bare estimator that has `predict`.
        columns: What goes in, in the order in which the pipeline was fitted.
        sample: At least one row that it predicts.

    Returns:
        A graph with inputs `[N, 1]`, one for each column that the pipeline reads, and outputs `label` `[N]` and,
        where the pipeline has `predict_proba`, `probabilities` `[N, C]`; or `prediction` `[N]` or `[N, T]`. Of several
        labels at once see `pipeline.labels`.

    Raises:
        ConversionError: A step cannot be converted.
    """
    try:
        seen = handed(fitted, watched_steps(fitted), example_of(sample)) | handed(fitted, shown_steps(fitted), sample)
        with silenced(), registered(seen):
            model = convert_sklearn(
                reading_columns(fitted.estimator),
                name="pipeline",
                initial_types=[(column.name, kind_of(column, sample)([None, 1])) for column in columns],
                target_opset=OPSET,
            )
    except Exception as error:
        # skl2onnx raises whatever its converters stumble over: AttributeError, RuntimeError, AssertionError...
        step = failing_step(error.__traceback__)
        paths = [describe(path, found) for path, found in fitted.steps if found is step]
        reason = one_line(error)
        if isinstance(error, MISSING_CONVERTER):
            reason = f"there is no converter for it; {OWN_CONVERTER.format(name=type(step).__name__)}"
        raise ConversionError(f"{(paths or ['the pipeline'])[0]} cannot be exported: {reason}") from error
    return to_contract(model, columns, fitted.answers(sample.iloc[:1]))


def dates_in_text(fitted: Fitted, sample: pd.DataFrame) -> set[str]:
    """The columns of ISO 8601 text that a step whose operations are recorded makes moments of."""
    texts = [name for name in fitted.columns_read(list(sample.columns)) if is_text(sample[name])]
    candidates = [name for name in texts if of_text(sample[name])]
    if not candidates:
        return set()
    functions = [(step, function) for step in watched_steps(fitted) if (function := recorded_of(step))]
    rows = example_of(sample)
    examples = handed(fitted, [step for step, _ in functions], rows)
    given = [(function, examples[id(step)]) for step, function in functions if hasattr(examples.get(id(step)), "iloc")]
    read = [texts for function, example in given for texts in texts_read(function, example)]
    return {name for name in candidates for found in read if found.astype(object).equals(rows[name].astype(object))}


def kind_of(column: Column, sample: pd.DataFrame) -> type[TensorType]:
    """The type of an input: numbers, text with one kind of gap, or moments or durations."""
    if column.time:
        how = kept(column.name, sample[column.name]) or of_text(sample[column.name])
        assert how  # noqa: S101 - `describe_columns` found the column to be one of times by these
        return time_type(how.unit, how.zone, duration=how.duration)
    text = NoneTensorType if missing_in(sample[column.name]) is None else StringTensorType
    kind: type[TensorType] = text if column.type == "string" else DoubleTensorType
    return kind


def describe(path: str, step: Any) -> str:
    """A step for people: its path and its class."""
    return f"step '{path}' ({type(step).__name__})" if path else type(step).__name__


def failing_step(trace: TracebackType | None) -> Any:
    """The estimator that skl2onnx was working on when it raised: the innermost one among its local variables."""
    step = None
    while trace:
        for name in ("model", "operator"):
            found = trace.tb_frame.f_locals.get(name)
            step = getattr(found, "raw_operator", found if hasattr(found, "get_params") else None) or step
        trace = trace.tb_next
    return step


def reading_columns(pipeline: Any) -> Any:
    """Make a Pipeline of what takes its columns in one tensor: ours joins them."""
    return pipeline if type(pipeline) in PREDICTORS else Pipeline([("pipeline", pipeline)])
