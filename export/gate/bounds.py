"""How far an answer may be from scikit-learn's: not at all for labels, to rounding in float64 for numbers."""

from collections.abc import Callable, Iterable
from typing import Any

from alpenglow._export.arithmetic.functions import EXACT
from alpenglow._export.registry import runs_python

TOLERANCE = 1e-12
# What cannot be had to that precision: by how much it may differ, and why.
CANCELS = "it adds large numbers that nearly cancel, and BLAS adds them in another order"
FLOAT32 = "it computes in float32 itself, and each library rounds a power of e in its own way"
BOUNDS: dict[str, tuple[float, str]] = {
    "GaussianProcessClassifier": (1e-9, CANCELS),
    "GaussianProcessRegressor": (1e-6, CANCELS),
    "IterativeImputer": (1e-9, "each of its rounds starts from the last one's rounding"),
    "KNNImputer": (1e-6, "weights by distance follow small distances, which are differences of large squares"),
    "KernelPCA": (1e-8, CANCELS),
    "KernelRidge": (1e-7, CANCELS),
    "NearestCentroid": (1e-8, CANCELS),
    "NuSVC": (1e-8, CANCELS),
    "NuSVR": (1e-8, CANCELS),
    "Nystroem": (1e-8, CANCELS),
    "OneClassSVM": (1e-8, CANCELS),
    "SVC": (1e-8, CANCELS),
    "SVR": (1e-8, CANCELS),
    "XGBClassifier": (1e-6, FLOAT32),
    "XGBRanker": (1e-6, FLOAT32),
    "XGBRegressor": (1e-6, FLOAT32),
    "XGBRFClassifier": (1e-6, FLOAT32),
    "XGBRFRegressor": (1e-6, FLOAT32),
    "XGBoostBooster": (1e-6, FLOAT32),
}


# Transformers whose results are scikit-learn's to rounding in float64, not to the last bit: NumPy and BLAS themselves
# round powers, logarithms and products of matrices differently on different processors. The tree behind one can take
# the other branch within that rounding of a threshold.
ROUNDED = frozenset(
    {
        "ArcSinhTransformer",
        "ArcsinTransformer",
        "BoxCoxTransformer",
        "CyclicalFeatures",
        "FactorAnalysis",
        "FastICA",
        "FunctionTransformer",
        "GaussianRandomProjection",
        "IncrementalPCA",
        "IterativeImputer",
        "KNNImputer",
        "KernelPCA",
        "LinearDiscriminantAnalysis",
        "LogCpTransformer",
        "LogTransformer",
        "NeighborhoodComponentsAnalysis",
        "Normalizer",
        "Nystroem",
        "PCA",
        "PowerTransformer",
        "QuantileTransformer",
        "SparseRandomProjection",
        "SplineTransformer",
        "TfidfTransformer",
        "TfidfVectorizer",
        "TruncatedSVD",
        "YeoJohnsonTransformer",
    }
)
UNROLLED = 8  # from so many numbers on, NumPy adds those of a row in another order
# Those that round in some of their ways only.
SOMETIMES: dict[str, Callable[[Any], bool]] = {
    "GeoDistanceFeatures": lambda step: bool(step.method == "haversine"),
    "MathFeatures": lambda step: len(step.variables) >= UNROLLED,
    "RelativeFeatures": lambda step: "pow" in step.func,
}


def rounded(steps: Iterable[Any]) -> list[str]:
    """The classes of those of some steps that are in `ROUNDED`, but for functions that round as scikit-learn's do.

    Python of the user's own is among them, whatever it computes.
    """
    inexact = [step for step in steps if getattr(step, "func", step) not in EXACT]
    own = {type(step).__name__ for step in inexact if runs_python(step)}
    sometimes = {name for step in inexact if SOMETIMES.get(name := type(step).__name__, lambda _: False)(step)}
    return sorted(own | sometimes | ROUNDED.intersection(type(step).__name__ for step in inexact))


def bounds_of(steps: Iterable[tuple[str, Any]]) -> dict[str, tuple[float, str]]:
    """The entries of `BOUNDS` that the steps of a pipeline have."""
    names = {type(step).__name__ for _, step in steps if not is_exact(step)}
    return {name: BOUNDS[name] for name in sorted(names.intersection(BOUNDS))}


def is_exact(step: Any) -> bool:
    """Whether a step needs no bound, set as it is: where distances are no weights, only their order counts."""
    return type(step).__name__ == "KNNImputer" and step.weights in (None, "uniform")


def tolerance_of(steps: Iterable[tuple[str, Any]]) -> float:
    """The tolerance of a pipeline made of these, unless the user sets another."""
    return max([TOLERANCE, *(bound for bound, _ in bounds_of(steps).values())])
