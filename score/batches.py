"""The tables that engines hand over, as columns of Arrow, and the same tables again with the columns of answers."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import NoneType
from typing import Any, NamedTuple

import pyarrow as pa

from alpenglow._serve.local import plain
from alpenglow._serve.table import check_names

ERROR = "error"  # the column of what is wrong with a row


class Kind(NamedTuple):
    """A kind of table: its columns by name, in order, and how it gets more of them (or, kept, fewer before)."""

    columns: Callable[[Any], Mapping[str, Any]]
    joined: Callable[[Any, Sequence[str], Any], Any]


def kind_of(batch: Any) -> Kind:
    """Arrow's, pandas' or Polars' tables, or a mapping of columns.

    Raises:
        TypeError: It is something else.
    """
    if isinstance(batch, pa.RecordBatch | pa.Table):
        return ARROW
    if isinstance(batch, Mapping):
        return MAPPING
    found = KINDS.get(f"{type(batch).__module__.split('.')[0]}.{type(batch).__name__}")
    if found is None:
        raise TypeError(
            "expected a table of Arrow, pandas or Polars, a dictionary of columns, or an iterator of these, "
            f"got {type(batch).__name__}"
        )
    return found


def array(values: Any) -> Any:
    """A column as an array of Arrow; as a list where Arrow has no type for it, or may take one value for another."""
    if isinstance(values, pa.Array | pa.ChunkedArray):
        return whole(values)
    if not are_texts(objects(values)):
        return listed(values)
    try:
        return whole(values.to_arrow() if hasattr(values, "to_arrow") else pa.array(values, from_pandas=True))
    except (pa.ArrowException, TypeError, ValueError, NotImplementedError):
        return listed(values)


def objects(values: Any) -> Iterable[Any]:
    """What a column has of Python's own objects, which may be of any type, each one at least once."""
    kept = values.cat.categories if str(getattr(values, "dtype", "object")) == "category" else values
    return kept if str(getattr(kept, "dtype", "object")).lower() == "object" else ()


def are_texts(values: Iterable[Any]) -> bool:
    """Whether there are texts alone, and missing ones: with numbers, Arrow would take True for 1.0."""
    kinds = set(map(type, values))
    return kinds <= {str, NoneType} or (kinds <= {str, NoneType, float} and str in kinds)


def listed(values: Any) -> list[Any]:
    """A column as a list of what JSON has."""
    return plain(values.to_list() if hasattr(values, "to_list") else values)


def whole(values: Any) -> Any:
    """A column in one piece."""
    return values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values


def arrow_columns(table: Any) -> Mapping[str, Any]:
    """Of Arrow's tables and batches."""
    check_names(table.schema.names, None)
    return dict(zip(table.schema.names, table.columns, strict=True))


def arrow_joined(table: Any, keep: Sequence[str], answers: Any) -> Any:
    """The same type again."""
    kept = table.select(list(keep))
    columns = [*kept.columns, *answers.columns]
    schema = pa.schema([*kept.schema, *answers.schema], metadata=table.schema.metadata)
    if isinstance(table, pa.Table):
        return pa.table(columns, schema=schema)
    return pa.record_batch(
        [c.combine_chunks() if isinstance(c, pa.ChunkedArray) else c for c in columns], schema=schema
    )


def frame_columns(frame: Any) -> Mapping[str, Any]:
    """Of frames whose columns have names."""
    names = [str(name) for name in frame.columns]
    check_names(names, None)
    return {name: frame[column] for name, column in zip(names, frame.columns, strict=True)}


def pandas_joined(frame: Any, keep: Sequence[str], answers: Any) -> Any:
    """With the same index. In each batch the types are the same, with rows or without, with missing answers or none."""
    import pandas as pd

    if ERROR in answers.schema.names:  # lists stay objects: Spark takes no list for missing but None
        types: dict[Any, Any] = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}
    else:
        types = {kind: pd.ArrowDtype(kind) for kind in answers.schema.types if pa.types.is_list(kind)}
    more = answers.to_pandas(types_mapper=types.get).set_axis(frame.index)
    kept = frame[[name for name in frame.columns if str(name) in set(keep)]]
    return pd.concat([kept, more], axis=1)


def polars_joined(frame: Any, keep: Sequence[str], answers: Any) -> Any:
    """With columns of Polars."""
    import polars

    return polars.DataFrame([*frame.select(list(keep)).get_columns(), *polars.DataFrame(answers).get_columns()])


def mapping_joined(columns: Mapping[str, Any], keep: Sequence[str], answers: Any) -> Any:
    """As arrays of NumPy; lists of a length are one array `[N, K]`."""
    return {name: columns[name] for name in keep} | {name: unpacked(answers[name]) for name in answers.schema.names}


def unpacked(column: Any) -> Any:
    """An array of Arrow as one of NumPy."""
    values = whole(column)
    if pa.types.is_list(values.type) and not values.null_count:
        return values.flatten().to_numpy(zero_copy_only=False).reshape(len(values), -1 if len(values) else 0)
    return values.to_numpy(zero_copy_only=False)


ARROW = Kind(arrow_columns, arrow_joined)
MAPPING = Kind(lambda columns: {str(name): values for name, values in columns.items()}, mapping_joined)
KINDS = {"pandas.DataFrame": Kind(frame_columns, pandas_joined), "polars.DataFrame": Kind(frame_columns, polars_joined)}
