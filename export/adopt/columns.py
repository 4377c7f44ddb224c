"""Which columns of the sample go into which input of a graph, and what the signature says of them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from onnx import TensorProto, helper

from alpenglow._export.adopt.foreign import FLOATS, WHOLE, Input
from alpenglow._export.errors import AdoptionError
from alpenglow._export.pipeline.describe import categories, column_type, example
from alpenglow._serve.signature import Column

EXACT = 2.0**53 - 1  # no whole number beyond is rounded to one up to here
MADE_UP = "x{}"  # the names that `tables.frame_of` gives to columns without any


def assigned(inputs: Sequence[Input], sample: pd.DataFrame) -> tuple[list[Input], pd.DataFrame]:
    """The inputs with their widths, and the columns that they take, in this order.

    Columns are found by name where each input takes one and has the name of one; else they are taken in the sample's
    order.

    Raises:
        AdoptionError: The graph takes other columns.
    """
    names = list(sample.columns)
    single = [replace(i, width=1) if i.width is None and len(inputs) > 1 else i for i in inputs]
    if all(i.width == 1 for i in single):
        wanted = [i.name for i in single]
        absent = [name for name in wanted if name not in names]
        if not absent:
            return single, sample[wanted]
        if len(absent) < len(wanted):
            raise AdoptionError(
                f"the sample lacks columns that the graph takes: {listed(absent)}; it has {listed(names)}"
            )
    known = sum(i.width or 0 for i in single)
    widths = [replace(i, width=len(names) - known) if i.width is None else i for i in single]
    total = sum(i.width or 0 for i in widths)
    if total != len(names) or any((i.width or 0) < 1 for i in widths):
        raise AdoptionError(
            f"the graph takes {total} columns, {', '.join(map(str, inputs))}, and the sample has {len(names)}, "
            f"{listed(names)}: give those that it takes, in its order"
        )
    if all(i.width == 1 for i in widths) and names == [MADE_UP.format(at) for at in range(len(names))]:
        return widths, sample.set_axis([i.name for i in widths], axis="columns")
    return widths, sample


def listed(names: Sequence[Any], most: int = 20) -> str:
    """Names for a sentence."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(map(repr, names[:most])) + more


def kinds(inputs: Sequence[Input]) -> list[int]:
    """The type in which the graph takes each column."""
    return [i.kind for i in inputs for _ in range(i.width or 0)]


def described(name: str, values: "pd.Series[Any]", kind: int) -> Column:
    """A column of the signature; it takes no missing value yet.

    Raises:
        AdoptionError: The sample has no such values as the graph takes.
    """
    found = column_type(name, values)
    special = {int(TensorProto.STRING): ["string"], int(TensorProto.BOOL): ["boolean"]}
    wanted = special.get(kind, ["number", "boolean"])
    if found not in wanted:
        raise AdoptionError(
            f"the sample's column {name!r} is of type {found}, and the graph takes {' or '.join(wanted)} "
            f"there ({TensorProto.DataType.Name(kind).lower()})"
        )
    present = values.dropna()
    if len(present) < len(values) and kind not in FLOATS:
        raise AdoptionError(
            f"the sample's column {name!r} has gaps, and a graph cannot be given a missing "
            f"{TensorProto.DataType.Name(kind).lower()}: fill them"
        )
    if found == "string":
        return Column(name, found, False, example(found, present), categories=categories(values, None))
    numbers = present.astype("float64").to_numpy(np.float64)
    low, high = limits(kind)
    wrong = (numbers < low) | (numbers > high) | ((numbers % 1 != 0) if kind in WHOLE else False)
    if wrong.any():
        raise AdoptionError(
            f"the sample's column {name!r} holds {numbers[wrong][0]:g}, which is no "
            f"{TensorProto.DataType.Name(kind).lower()} as the graph takes it"
        )
    if found == "boolean":
        return Column(name, found, False, example(found, present))
    limited = kind != TensorProto.DOUBLE
    return Column(
        name,
        found,
        False,
        example(found, present),
        minimum=float(numbers.min()) if len(numbers) else None,
        maximum=float(numbers.max()) if len(numbers) else None,
        lowest=low if limited else None,
        highest=high if limited else None,
        whole=kind in WHOLE,
    )


def limits(kind: int) -> tuple[float, float]:
    """The least and the greatest number that goes into a type, exactly if it is one of whole numbers."""
    dtype = helper.tensor_dtype_to_np_dtype(kind)
    if kind == TensorProto.BOOL:
        return 0.0, 1.0
    if kind in FLOATS:
        return float(np.finfo(dtype).min), float(np.finfo(dtype).max)
    return max(float(np.iinfo(dtype).min), -EXACT), min(float(np.iinfo(dtype).max), EXACT)
