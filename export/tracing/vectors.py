"""Stand-ins for a single row, as a metric or kernel of the user's own gets two of; each stands for those of all pairs.

What is an axis of the row to the function is the second axis of an array of the pairs; what is a number to it is an
array of one number for each pair.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from alpenglow._export.arithmetic.sums import pairwise_mean, pairwise_sum
from alpenglow._export.graph.nodes import Nodes
from alpenglow._export.tracing.arrays import Array, Trace


class Vector(NDArrayOperatorsMixin):
    """A stand-in for a row `[F]`.

    Attributes:
        pairs: The rows of all pairs, `[P, F]`.
    """

    __slots__ = ("pairs",)
    __class__ = property(lambda self: np.ndarray)  # functions ask isinstance(x, np.ndarray)
    of_pairs = True

    def __init__(self, pairs: Array) -> None:
        self.pairs = pairs

    @property
    def trace(self) -> Trace:
        """The run that it belongs to."""
        return self.pairs.trace

    @property
    def shape(self) -> tuple[int, ...]:
        """As the function sees it."""
        return (self.pairs.width,)

    @property
    def size(self) -> int:
        """How many numbers there are."""
        return self.pairs.width

    @property
    def dtype(self) -> np.dtype[Any]:
        """What it holds."""
        return self.pairs.dtype

    ndim = 1

    def __len__(self) -> int:
        return self.pairs.width

    def __iter__(self) -> Iterator[Array]:
        return (self[place] for place in range(len(self)))

    def __getitem__(self, item: Any) -> Any:
        if isinstance(item, int | np.integer):
            return self.pairs[:, range(len(self))[item]]
        if isinstance(item, slice | list) or type(item) is np.ndarray:
            return Vector(self.pairs[:, item])
        return self.trace.refuse("it takes numbers out of a row by other than their places")

    def __setitem__(self, item: Any, value: Any) -> None:
        self.pairs[item] = value

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        if ufunc is np.matmul and method == "__call__":
            return product(self.trace, *inputs)
        return by_pairs(lambda *values: getattr(ufunc, method)(*values, **options), inputs)

    def __array_function__(self, function: Any, types: Any, args: Sequence[Any], options: Mapping[str, Any]) -> Any:
        if function in OF_ROWS:
            return OF_ROWS[function](self.trace, *args, **options)
        return by_pairs(lambda *values: function(*values, **options), args)

    def __array__(self, *args: Any, **options: Any) -> Any:
        return self.pairs.refuse_value()

    __bool__ = __float__ = __int__ = __array__
    item = tolist = __array__

    def astype(self, dtype: Any, *args: Any, **options: Any) -> "Vector":
        """Cast."""
        return Vector(self.pairs.astype(dtype))

    def copy(self, *args: Any, **options: Any) -> "Vector":
        """Itself: nothing changes it."""
        return self

    ravel = flatten = copy

    def __getattr__(self, name: str) -> Any:
        if name in METHODS:
            return lambda *args, **options: METHODS[name](self.trace, self, *args, **options)
        if not name.startswith("__") and hasattr(np.ndarray, name):
            self.trace.refuse(f"numpy.ndarray.{name} of a row is none of what can be recorded")
        raise AttributeError(f"'numpy.ndarray' object has no attribute {name!r}")


def by_pairs(function: Callable[..., Any], values: Sequence[Any]) -> Any:
    """A function of rows and numbers, of all pairs at once: number by number."""
    wide = [value.pairs if type(value) is Vector else value for value in values]
    if any(type(value) is Vector for value in values):
        wide = [value[:, np.newaxis] if type(value) is Array and value.ndim == 1 else value for value in wide]
    found = function(*wide)
    return Vector(found) if type(found) is Array and found.ndim == 2 else found


def product(trace: Trace, a: Any, b: Any) -> Any:
    """Of two rows a number; of a row and a matrix a row."""
    if type(a) is Vector and type(b) is not Vector and np.ndim(b) == 2:
        return Vector(np.matmul(a.pairs, b))
    if type(b) is Vector and type(a) is not Vector and np.ndim(a) == 2:
        return Vector(np.matmul(b.pairs, np.transpose(a)))
    found = total(trace, a * b)
    found.rounded = trace.rounded = True  # BLAS adds in an order of its own
    return found


def total(trace: Trace, x: Any, axis: Any = None, **options: Any) -> Array:
    """The sum, added in NumPy's order."""
    return folded(trace, x, axis, options, np.sum, pairwise_sum)


def mean(trace: Trace, x: Any, axis: Any = None, **options: Any) -> Array:
    """The mean."""
    return folded(trace, x, axis, options, np.mean, pairwise_mean)


def folded(
    trace: Trace,
    x: Any,
    axis: Any,
    options: Mapping[str, Any],
    fold: Callable[..., Any],
    make: Callable[[Nodes, str, int], str],
) -> Array:
    """One number of a row."""
    refuse_options(trace, axis, options)
    dtype = np.dtype(np.float64)

    def build(nodes: Nodes) -> str:
        turned = nodes.add("Transpose", [x.pairs.tensor_in(nodes, dtype)], perm=[1, 0])
        return make(nodes, nodes.add("Unsqueeze", [turned, nodes.constant(np.array([2]))]), len(x))

    example = np.array([fold(row.astype(dtype)) for row in x.pairs.example])
    return trace.record(example, build, x.pairs)


def of_numbers(function: Any) -> Callable[..., Array]:
    """The same of what gives one of the numbers, in whichever order."""

    def apply(trace: Trace, x: Any, axis: Any = None, **options: Any) -> Any:
        refuse_options(trace, axis, options)
        return function(x.pairs, axis=1)

    return apply


def refuse_options(trace: Trace, axis: Any, options: Mapping[str, Any]) -> None:
    """Refuse what a row has no use for."""
    if axis not in (None, 0, -1) or any(value is not None for value in options.values()):
        trace.refuse("it folds a row with options: numpy.sum(x) and its like can be recorded")


def norm(trace: Trace, x: Any, *args: Any, **options: Any) -> Any:
    """The length of a row."""
    if args or options:
        trace.refuse("numpy.linalg.norm with ord= or axis= is none of what can be recorded: numpy.linalg.norm(x) can")
    return np.sqrt(product(trace, x, x))


MAX, MIN = of_numbers(np.max), of_numbers(np.min)
OF_ROWS: dict[Any, Callable[..., Any]] = {
    np.all: of_numbers(np.all),
    np.any: of_numbers(np.any),
    np.dot: product,
    np.inner: product,
    np.linalg.norm: norm,
    np.max: MAX,
    np.mean: mean,
    np.min: MIN,
    np.sum: total,
    np.vdot: product,
}
METHODS = {function.__name__: made for function, made in OF_ROWS.items() if hasattr(np.ndarray, function.__name__)}
METHODS |= {"max": MAX, "min": MIN}
