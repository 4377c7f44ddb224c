"""How far an answer may be from scikit-learn's: not at all for labels, to rounding in float64 for numbers."""

from typing import Any

from alpenglow._export.pipeline.steps import walk

TOLERANCE = 1e-12
# What cannot be had to that precision: by how much it may differ, and why.
CANCELS = "it adds large numbers that nearly cancel, and BLAS adds them in another order"
FLOAT32 = "it computes in float32 itself, and each library rounds a power of e in its own way"
BOUNDS: dict[str, tuple[float, str]] = {
    "GaussianProcessClassifier": (1e-9, CANCELS),
    "GaussianProcessRegressor": (1e-6, CANCELS),
    "IterativeImputer": (1e-9, "each of its rounds starts from the last one's rounding"),
    "KernelPCA": (1e-8, CANCELS),
    "KernelRidge": (1e-7, CANCELS),
    "NuSVC": (1e-8, CANCELS),
    "NuSVR": (1e-8, CANCELS),
    "Nystroem": (1e-8, CANCELS),
    "OneClassSVM": (1e-8, CANCELS),
    "SVC": (1e-8, CANCELS),
    "SVR": (1e-8, CANCELS),
    "XGBClassifier": (1e-6, FLOAT32),
    "XGBRegressor": (1e-6, FLOAT32),
    "XGBRFClassifier": (1e-6, FLOAT32),
    "XGBRFRegressor": (1e-6, FLOAT32),
}


# Transformers whose results are scikit-learn's to rounding in float64, not to the last bit: NumPy and BLAS themselves
# round powers, logarithms and products of matrices differently on different processors. The tree behind one can take
# the other branch within that rounding of a threshold.
ROUNDED = frozenset(
    {
        "FactorAnalysis",
        "FastICA",
        "FunctionTransformer",
        "GaussianRandomProjection",
        "IncrementalPCA",
        "IterativeImputer",
        "KernelPCA",
        "LinearDiscriminantAnalysis",
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
    }
)


def classes(step: Any) -> set[str]:
    """The names of the classes of a step and of all that it is made of."""
    return {type(part).__name__ for _, part in walk(step)}


def rounded(step: Any) -> list[str]:
    """The classes in `ROUNDED` of a step and of what it is made of."""
    return sorted(classes(step) & ROUNDED)


def bounds_of(pipeline: Any) -> dict[str, tuple[float, str]]:
    """The entries of `BOUNDS` that a pipeline's steps have."""
    return {name: BOUNDS[name] for name in sorted(classes(pipeline) & set(BOUNDS))}


def tolerance_of(pipeline: Any) -> float:
    """The tolerance unless the user sets another."""
    return max([TOLERANCE, *(bound for bound, _ in bounds_of(pipeline).values())])
