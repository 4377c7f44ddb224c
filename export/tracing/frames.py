"""Methods of pandas' series and frames that look at values, for those that hold stand-ins."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from alpenglow._export.tracing.arrays import TIME, Array, Trace
from alpenglow._export.tracing.calendar import calendar, to_datetime, to_timedelta
from alpenglow._export.tracing.columns import IN_PLACE, OTHER_ROWS, Column, real_of
from alpenglow._export.tracing.functions import MAX, MEAN, MIN, SUM
from alpenglow._export.tracing.stand_ins import as_array, as_series, is_traced, trace_of
from alpenglow._export.tracing.texts import Texts


def columnwise(method: Callable[..., Any], frame: pd.DataFrame, *args: Any, **options: Any) -> pd.DataFrame:
    """A method of a series, for each column, each with its part of what has one for it."""
    made: list[Any] = []
    for place in range(frame.shape[1]):
        part, given = frame.iloc[:, place], [part_for(value, frame, place) for value in args]
        other = getattr(part, method.__name__.strip("_"))  # of a column that is constant
        made.append(method(part, *given, **options) if is_traced(part, *given) else other(*given, **options))
    whole: pd.DataFrame = pd.concat(made, axis=1).set_axis(frame.columns, axis=1)
    return whole


def part_for(value: Any, frame: pd.DataFrame, place: int) -> Any:
    """What a frame, an array or a list has for a column of another frame; anything else as it is."""
    if isinstance(value, pd.DataFrame):
        return value[frame.columns[place]]
    if type(value) is Array and value.ndim == 2:
        return value[:, place]
    if isinstance(value, np.ndarray | list) and np.shape(value) == (frame.shape[1],):
        return value[place]
    return value


def refuse_in_place(trace: Trace, options: Mapping[str, Any]) -> None:
    """`inplace=True` cannot be recorded."""
    if options.get("inplace"):
        trace.refuse("inplace=True cannot be recorded: assign the result")


def where(self: Any, cond: Any, other: Any = np.nan, *, negated: bool = False, **options: Any) -> Any:
    """The values where a condition holds, another one elsewhere."""
    trace = trace_of(self, cond, other)
    refuse_in_place(trace, options)
    if isinstance(self, pd.DataFrame):
        return columnwise(where, self, cond, other, negated=negated)
    test = np.logical_not(as_array(trace, cond)) if not negated else as_array(trace, cond)
    column = self.array
    if not isinstance(column, Column):
        trace.refuse("it takes values from a constant column: numpy.where(condition, a, b) can be recorded")
    kept = pd.Series(~test.example, index=self.index)
    real = column.real.set_axis(self.index).where(kept, real_of(other))
    return as_series(column.put(Column(test), other, real), self)


def mask(self: Any, cond: Any, other: Any = np.nan, **options: Any) -> Any:
    """Another value where a condition holds."""
    return where(self, cond, other, negated=True, **options)


def clip(self: Any, lower: Any = None, upper: Any = None, *, axis: Any = None, **options: Any) -> Any:
    """Not below the one, not above the other; pandas takes the two in either order."""
    trace = trace_of(self)
    refuse_in_place(trace, options)
    if isinstance(self, pd.DataFrame):
        by_name = axis in (1, "columns")
        bounds = [
            bound.reindex(self.columns).to_numpy() if by_name and isinstance(bound, pd.Series) else bound
            for bound in (lower, upper)
        ]
        return columnwise(clip, self, *bounds)
    lower, upper = (None if np.isscalar(bound) and bool(np.isnan(bound)) else bound for bound in (lower, upper))
    if lower is not None and upper is not None and np.isscalar(lower) and np.isscalar(upper):
        lower, upper = min(lower, upper), max(lower, upper)  # type: ignore[type-var]
    found = as_array(trace, self)
    found = found if upper is None else np.minimum(found, as_array(trace, upper))
    found = found if lower is None else np.maximum(found, as_array(trace, lower))
    return as_series(Column(found), self)


def replace(self: Any, to_replace: Any = None, value: Any = None, *, regex: bool = False, **options: Any) -> Any:
    """Other values for some."""
    trace = trace_of(self)
    refuse_in_place(trace, options)
    if regex:
        trace.refuse("it replaces by a pattern: a dictionary of values can be recorded")
    table = to_replace
    if not isinstance(table, Mapping):
        olds = table if isinstance(table, list | tuple) else [table]
        table = dict(zip(olds, value if isinstance(value, list | tuple) else [value] * len(olds), strict=True))
    if isinstance(self, pd.Series):
        column: Any = self.array
        return as_series(column.replace(table), self)
    if not any(isinstance(new, Mapping) for new in table.values()):
        return columnwise(replace, self, table)
    found = self.copy()
    for name in table:
        found[name] = found[name].replace(table[name])
    return found


def map_(self: "pd.Series[Any]", arg: Any, na_action: Any = None, **options: Any) -> Any:
    """Look each value up."""
    column: Any = self.array
    return as_series(column.map(arg, na_action), self)


def fillna(self: Any, value: Any = None, *, method: Any = None, axis: Any = None, **options: Any) -> Any:
    """Another value in place of missing ones; of a frame each column may have its own."""
    trace = trace_of(self)
    refuse_in_place(trace, options)
    if value is None or any(given is not None for given in (method, axis, *options.values())):
        trace.refuse(OTHER_ROWS)
    if isinstance(self, pd.Series):
        return as_series(self.array.fillna(value), self)
    if not isinstance(value, Mapping | pd.Series):
        return columnwise(fillna, self, value)
    parts = [(self.iloc[:, place], name) for place, name in enumerate(self.columns)]
    made = [fillna(part, value[name]) if name in value and is_traced(part) else part for part, name in parts]
    return pd.concat(made, axis=1).set_axis(self.columns, axis=1)


def set_where(indexer: Any, key: Any, value: Any) -> None:
    """`frame.loc[condition, "a"] = value`."""
    trace = trace_of(key, value)
    frame = indexer.obj
    if not isinstance(frame, pd.DataFrame) or not isinstance(key, tuple) or len(key) != 2 or not is_traced(key[0]):
        trace.refuse(IN_PLACE)
    for name in [key[1]] if isinstance(key[1], str) else list(key[1]):
        frame[name] = mask(frame[name], key[0], value)


def to_numpy(self: Any, dtype: Any = None, *args: Any, **options: Any) -> Any:
    """The values as an array."""
    trace = trace_of(self)
    return as_array(trace, self, dtype)


def round_(self: Any, decimals: int = 0, **options: Any) -> Any:
    """Rounded to so many decimals."""
    if isinstance(self, pd.DataFrame):
        return columnwise(round_, self, decimals)
    return as_series(Column(np.round(self.array.array, decimals)), self)


def text(self: "pd.Series[Any]") -> Texts:
    """What there is for text."""
    return Texts(self)


def values(self: Any) -> Any:
    """The values as an array."""
    return to_numpy(self)


def of_each_row(record: Callable[..., Any], *, skips: Any) -> Callable[..., Any]:
    """A reduction of each row; gaps are left out, unless told otherwise."""

    def apply(self: pd.DataFrame, axis: Any = 0, skipna: bool = True, **options: Any) -> Any:
        trace = trace_of(self)
        if axis not in (1, "columns"):
            trace.refuse("a value of a whole column is another one for each request: learn it in fit, and keep it")
        x = as_array(trace, self)
        if x.dtype.kind in TIME and record not in (MAX, MIN):
            trace.refuse("it adds up durations of each row: make numbers of them before")
        if skipna and x.dtype.kind in "f" + TIME:
            return pd.Series(Column(skips(trace, x)), index=self.index)
        return pd.Series(Column(record(trace, x, axis=1)), index=self.index)

    return apply


def sum_present(trace: Trace, x: Any) -> Any:
    """The sum of the numbers that are there."""
    return SUM(trace, np.where(np.isnan(x), 0.0, x), axis=1)


def mean_present(trace: Trace, x: Any) -> Any:
    """The mean of the numbers that are there; NaN if there are none."""
    count = SUM(trace, ~np.isnan(x), axis=1).astype(np.float64)
    return sum_present(trace, x) / count


def folded(ufunc: Any) -> Callable[..., Any]:
    """The largest or smallest number that is there."""

    def apply(trace: Trace, x: Any) -> Any:
        found = x[:, 0]
        for place in range(1, x.width):
            found = ufunc(found, x[:, place])
        return found

    return apply


def cut(x: Any, bins: Any, right: bool = True, labels: Any = None, include_lowest: bool = False, **options: Any) -> Any:
    """`pandas.cut` at given edges."""
    trace = trace_of(x)
    if np.isscalar(bins) or any(options.get(name) for name in ("retbins",)):
        trace.refuse("pandas.cut learns its edges from the rows: give it edges")
    if labels is None:
        trace.refuse("pandas.cut makes intervals: give it labels=, or labels=False")
    edges, number = np.asarray(bins, np.float64), as_array(trace, x)
    place = np.searchsorted(edges, number, side="left" if right else "right")
    if include_lowest:
        place = np.where(np.equal(number, edges[0]), 1, place)
    names = list(range(len(edges) - 1)) if labels is False else list(labels)
    codes = pd.Series(Column(place), index=getattr(x, "index", None), name=getattr(x, "name", None))
    found = codes.map({at + 1: name for at, name in enumerate(names)})
    if not any(isinstance(name, str) for name in names):
        return found
    column: Any = found.array
    dtype = pd.CategoricalDtype(names, ordered=bool(options.get("ordered", True)))
    return as_series(Column(column.array, dtype), found)


def to_numeric(arg: Any, *args: Any, **options: Any) -> Any:
    """`pandas.to_numeric` of what is numbers already."""
    trace = trace_of(arg)
    if as_array(trace, arg).is_text:
        trace.refuse("it reads numbers from text: let requests have numbers there")
    return arg


SERIES: dict[str, Callable[..., Any]] = {
    "clip": clip,
    "fillna": fillna,
    "map": map_,
    "mask": mask,
    "replace": replace,
    "round": round_,
    "to_numpy": to_numpy,
    "where": where,
}
FRAME: dict[str, Callable[..., Any]] = {name: method for name, method in SERIES.items() if name != "map"} | {
    "max": of_each_row(MAX, skips=folded(np.fmax)),
    "mean": of_each_row(MEAN, skips=mean_present),
    "min": of_each_row(MIN, skips=folded(np.fmin)),
    "sum": of_each_row(SUM, skips=sum_present),
}
PROPERTIES: dict[type, dict[str, Callable[..., Any]]] = {
    pd.DataFrame: {"values": values},
    pd.Series: {"dt": calendar, "str": text, "values": values},
}
MODULE: dict[str, Callable[..., Any]] = {
    "cut": cut,
    "to_datetime": to_datetime,
    "to_numeric": to_numeric,
    "to_timedelta": to_timedelta,
}
