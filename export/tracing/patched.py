"""While a function runs: NumPy, pandas and scikit-learn know stand-ins, and nothing else can be asked.

NumPy hands its ufuncs and functions over by itself. What it has no protocol for, such as `numpy.asarray`, is replaced
for as long as the function runs, in its module and in that of the function.
"""

import builtins
import datetime
import inspect
import random
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial, wraps
from typing import Any
from unittest.mock import patch

import numpy as np
import pandas as pd
import sklearn.base
import sklearn.utils
import sklearn.utils.validation

from alpenglow._export.tracing.arrays import Array, Trace
from alpenglow._export.tracing.columns import Column
from alpenglow._export.tracing.frames import (
    FRAME,
    MODULE,
    PROPERTIES,
    SERIES,
    set_where,
)
from alpenglow._export.tracing.nested import nested, transformers
from alpenglow._export.tracing.stand_ins import as_array, as_columns, converted, is_traced, trace_of

CLOCK = (
    "it asks which time it is, and would answer the same row otherwise tomorrow: let requests have a column with the "
    "time that differences are to"
)
CHANCE = "it asks for random numbers, and would answer the same row in several ways"


@contextmanager
def patched(trace: Trace, function: Any) -> Iterator[None]:
    """Let a function run with stand-ins."""
    with ExitStack() as stack:
        for owner, name, made in replacements(trace):
            original = owner.__dict__.get(name)
            stack.enter_context(patch.object(owner, name, made, create=True))
            for own in names_of(function):
                for alias in [key for key, value in own.items() if value is original and original is not None]:
                    stack.callback(own.__setitem__, alias, original)
                    own[alias] = made
        yield


def names_of(function: Any) -> list[dict[str, Any]]:
    """The globals of a function, and of the classes of what it is bound to."""
    if isinstance(function, partial):
        return [names for part in (function.func, *function.args) for names in names_of(part)]
    if inspect.isfunction(function):
        return [inspect.unwrap(function).__globals__]
    modules = {kind.__module__ for kind in type(function).__mro__} - {"builtins"}
    return [vars(sys.modules[name]) for name in modules if name in sys.modules and not name.startswith("sklearn")]


def replacements(trace: Trace) -> Iterator[tuple[Any, str, Any]]:
    """What is replaced: where, its name, and by what."""
    kind: Any
    frame: Any = pd.DataFrame
    for kind, table in ((pd.Series, SERIES), (pd.DataFrame, FRAME)):
        for name, method in table.items():
            yield kind, name, if_traced(getattr(kind, name), method)
        yield kind, "__array_function__", array_function
    for kind, properties in PROPERTIES.items():
        for name, method in properties.items():
            original = kind.__dict__.get(name)
            yield kind, name, property(if_traced(lambda self, original=original: got(original, self), method))
    for name, method in MODULE.items():
        yield pd, name, if_traced(getattr(pd, name), method)
    indexer = type(pd.DataFrame().loc)
    yield indexer, "__setitem__", if_traced(indexer.__setitem__, set_where)
    yield pd.DataFrame, "__init__", initialiser(pd.DataFrame.__init__)
    yield pd.DataFrame, "__setitem__", setter(pd.DataFrame.__setitem__)
    yield pd.DataFrame, "insert", inserter(pd.DataFrame.insert)
    yield pd.DataFrame, "__array_ufunc__", frame_ufunc(frame.__array_ufunc__)
    for name in ("array", "asarray", "asanyarray", "ascontiguousarray", "asfortranarray", "atleast_2d"):
        yield np, name, if_traced(getattr(np, name), array_of)
    yield type(np.c_), "__getitem__", side_by_side(type(np.c_).__getitem__)
    yield sklearn.utils.validation, "check_array", checked(sklearn.utils.validation.check_array)
    yield sklearn.utils, "check_array", checked(sklearn.utils.check_array)
    for owner, name in (
        (sklearn.utils.validation, "validate_data"),
        (sklearn.base.BaseEstimator, "_validate_data"),
        (sklearn.base.BaseEstimator, "_check_n_features"),
        (sklearn.base.BaseEstimator, "_check_feature_names"),
    ):
        if hasattr(owner, name):
            yield owner, name, validated(getattr(owner, name))
    for transformer in transformers():
        yield transformer, "transform", nested(transformer)
    yield from refused(trace)


def refused(trace: Trace) -> Iterator[tuple[Any, str, Any]]:
    """What answers the same row in several ways, or takes long."""
    chance, clock = refusing(trace, CHANCE), refusing(trace, CLOCK)
    for name in np.random.__all__:
        if callable(getattr(np.random, name)) and not isinstance(getattr(np.random, name), type):
            yield np.random, name, chance
    for name in ("random", "randint", "choice", "uniform", "gauss", "shuffle", "sample", "randrange", "normalvariate"):
        yield random, name, chance
    for name in ("now", "today", "utcnow"):
        yield pd.Timestamp, name, clock
    for kind in (datetime.datetime, datetime.date):
        yield datetime, kind.__name__, without_clock(kind, clock)
    yield builtins, "open", refusing(trace, "it opens a file for each request: read it before, in fit or at import")
    yield socket.socket, "connect", refusing(trace, "it talks to a server for each request")


def without_clock(kind: Any, clock: Callable[..., Any]) -> Any:
    """A class of moments that does not know which time it is."""

    class Instances(type):
        """Takes what is of the class itself for its own."""

        def __instancecheck__(cls, instance: Any) -> bool:
            return isinstance(instance, kind)

    return Instances(kind.__name__, (kind,), dict.fromkeys(("now", "today", "utcnow"), staticmethod(clock)))


def got(original: Any, self: Any) -> Any:
    """What a property or an accessor of pandas' own gives; older pandas keeps an accessor where the property is now."""
    accessor = getattr(original, "_accessor", None)
    return accessor(self) if accessor else original.__get__(self, type(self))


def if_traced(original: Callable[..., Any], recorded: Callable[..., Any]) -> Callable[..., Any]:
    """The one for stand-ins, the other for anything else."""

    @wraps(original)
    def either(*args: Any, **options: Any) -> Any:
        return (recorded if is_traced(*args, *options.values()) else original)(*args, **options)

    return either


def refusing(trace: Trace, reason: str) -> Callable[..., Any]:
    """What refuses when it is called."""

    def refuse(*args: Any, **options: Any) -> Any:
        trace.refuse(reason)

    return refuse


def array_function(self: Any, function: Any, types: Any, args: Any, options: Any) -> Any:
    """A function of NumPy's on series and frames: their own method where NumPy takes it, else on their values."""
    if not is_traced(*args, *options.values()):
        return function._implementation(*args, **options)
    method = OWN_METHODS.get(function)
    if method and args and isinstance(args[0], pd.Series | pd.DataFrame):
        return method(*args, **options)
    if is_traced(*options.values()):
        options = dict(zip(options, converted(list(options.values())), strict=True))
    trace = trace_of(*args, *options.values())
    return trace.operations.function(trace, function, converted(args) if is_traced(*args) else args, options)


def np_clip(frame: Any, a_min: Any = None, a_max: Any = None, **options: Any) -> Any:
    """`numpy.clip` of what is pandas'."""
    return frame.clip(options.get("min", a_min), options.get("max", a_max))


OWN_METHODS: dict[Any, Callable[..., Any]] = {
    np.around: lambda frame, decimals=0, **options: frame.round(decimals),
    np.clip: np_clip,
    np.max: lambda frame, axis=None, **options: frame.max(axis=axis),
    np.mean: lambda frame, axis=None, **options: frame.mean(axis=axis),
    np.min: lambda frame, axis=None, **options: frame.min(axis=axis),
    np.round: lambda frame, decimals=0, **options: frame.round(decimals),
    np.sum: lambda frame, axis=None, **options: frame.sum(axis=axis),
}


def array_of(value: Any, dtype: Any = None, *args: Any, **options: Any) -> Any:
    """`numpy.asarray` and its like."""
    trace = trace_of(value)
    if isinstance(value, list | tuple):
        trace.refuse("it makes an array of a list: numpy.column_stack can be recorded")
    return as_array(trace, value, dtype)


def side_by_side(original: Callable[..., Any]) -> Callable[..., Any]:
    """`numpy.c_`."""

    def apply(self: Any, key: Any) -> Any:
        parts = list(key) if isinstance(key, tuple) else [key]
        if not is_traced(parts):
            return original(self, key)
        trace = trace_of(parts)
        return trace.operations.function(trace, np.column_stack, [converted(parts)], {})

    return apply


def checked(original: Callable[..., Any]) -> Callable[..., Any]:
    """`check_array`: which rows it refuses is asked of it when the export asks what the pipeline takes."""

    def check(array: Any, *args: Any, dtype: Any = "numeric", **options: Any) -> Any:
        return as_type(array, dtype) if is_traced(array) else original(array, *args, dtype=dtype, **options)

    return check


def as_type(stand_in: Any, dtype: Any) -> Any:
    """An array, of the type that scikit-learn is told to make of it; of several it takes the one that is there."""
    several = dtype in ("numeric", None) or isinstance(dtype, list | tuple)
    return as_array(trace_of(stand_in), stand_in, None if several else dtype)


def validated(original: Callable[..., Any]) -> Callable[..., Any]:
    """`validate_data`: the same."""

    @wraps(original)
    def validate(self: Any, X: Any = "no_validation", *args: Any, **options: Any) -> Any:
        if not is_traced(X):
            return original(self, X, *args, **options)
        return X if options.get("skip_check_array") else as_type(X, options.get("dtype"))

    return validate


def initialiser(original: Callable[..., Any]) -> Callable[..., Any]:
    """`DataFrame(...)` of stand-ins for arrays."""

    @wraps(original)
    def initialise(
        self: Any, data: Any = None, index: Any = None, columns: Any = None, *args: Any, **options: Any
    ) -> None:
        if type(data) is Array:
            data = as_columns(data, index)
            data = data.to_frame(0) if isinstance(data, pd.Series) else data
            if columns is not None:
                data, columns = data.set_axis(pd.Index(columns), axis=1), None
        elif isinstance(data, dict) and is_traced(data):
            data = {name: Column(value) if type(value) is Array else value for name, value in data.items()}
        original(self, data, index, columns, *args, **options)

    return initialise


def setter(original: Callable[..., Any]) -> Callable[..., Any]:
    """`frame[name] = array`."""

    @wraps(original)
    def assign(self: Any, key: Any, value: Any) -> None:
        original(self, key, as_columns(value, self.index))

    return assign


def inserter(original: Callable[..., Any]) -> Callable[..., Any]:
    """`frame.insert(place, name, array)`."""

    @wraps(original)
    def insert(self: Any, loc: int, column: Any, value: Any, *args: Any, **options: Any) -> None:
        original(self, loc, column, as_columns(value, self.index), *args, **options)

    return insert


def frame_ufunc(original: Callable[..., Any]) -> Callable[..., Any]:
    """A ufunc of several frames, or of a frame and an array, column by column."""

    @wraps(original)
    def apply(self: Any, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        if len(inputs) == 1 or not is_traced(*inputs):
            return original(self, ufunc, method, *inputs, **options)

        def of(value: Any, place: int) -> Any:
            wide = isinstance(value, pd.DataFrame)
            if wide or getattr(value, "ndim", 0) == 2:
                return value.iloc[:, place] if wide else value[:, place]
            return value[place] if isinstance(value, np.ndarray) and value.ndim == 1 else value

        made = [ufunc(*(of(value, place) for value in inputs)) for place in range(self.shape[1])]
        return pd.concat(made, axis=1).set_axis(self.columns, axis=1)

    return apply
