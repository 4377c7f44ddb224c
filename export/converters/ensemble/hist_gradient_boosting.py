"""HistGradientBoosting, with missing values and native categories; its trees compare float64."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import is_classifier
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from alpenglow._export.arithmetic.borders import Borders, Edge, label
from alpenglow._export.arithmetic.links import inverse
from alpenglow._export.arithmetic.sides import with_sides
from alpenglow._export.arithmetic.trees import Tree, constant, tree_sums
from alpenglow._export.converters.ensemble.gradient_boosting import classified
from alpenglow._export.converters.preprocessing.categories import look_up
from alpenglow._export.graph.nodes import Inputs, Nodes, Outputs
from alpenglow._export.versions import encodes_categories

BELOW_ZERO = float(np.nextafter(0.0, -1.0))  # the largest number that is cut to no code


def convert(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    """Raw predictions `[N, K]` from the baseline on, and what the loss makes of them."""
    x = preprocessed(nodes, model, inputs)
    start = np.ravel(model._baseline_prediction)
    known = model._bin_mapper.bin_thresholds_  # of a categorical column its codes
    fitted = [tree(predictor, known) for stage in model._predictors for predictor in stage]
    x, trees = with_sides(nodes, x, model.n_features_in_, fitted, BELOW_ZERO)
    raw = tree_sums(nodes, x, [*map(constant, start), *trees], len(start))
    if not is_classifier(model):
        return {"prediction": inverse(nodes, model._loss.link, raw)}
    return classified(nodes, model, raw, "Greater")


def preprocessed(nodes: Nodes, model: Any, inputs: Inputs) -> str:
    """The columns as the trees count them: the codes of the categorical ones first, -1 where they are unknown."""
    if not encodes_categories(model):
        return nodes.matrix(inputs)
    encoder = model._preprocessor.named_transformers_["encoder"]
    columns = nodes.single_columns(inputs)
    categorical = np.flatnonzero(model.is_categorical_)
    encoded = [
        look_up(nodes, columns[int(i)], known, np.append(np.where(pd.isna(known), -1.0, np.arange(len(known))), -1.0))
        for i, known in zip(categorical, encoder.categories_, strict=True)
    ]
    numbers = [nodes.matrix([columns[int(i)]]) for i in np.flatnonzero(~model.is_categorical_)]
    return nodes.add("Concat", [*encoded, *numbers], axis=1)


def tree(predictor: Any, known: list[NDArray[Any]]) -> Tree:
    """One of its trees, with splits by category turned into splits by code; `known` are the codes of each column."""
    found = predictor.nodes
    leaf = found["is_leaf"].astype(bool)
    nan_left = found["missing_go_to_left"].astype(bool)
    return Tree(
        np.where(leaf, -1, found["left"].astype(np.int64)),
        np.where(leaf, -1, found["right"].astype(np.int64)),
        found["feature_idx"].astype(np.int64),
        found["num_threshold"].astype(np.float64),
        nan_left,
        found["value"].astype(np.float64)[:, np.newaxis],
        {
            i: codes_left(
                predictor.raw_left_cat_bitsets[found["bitset_idx"][i]], known[found["feature_idx"][i]], nan_left[i]
            )
            for i in np.flatnonzero(found["is_categorical"].astype(bool) & ~leaf).tolist()
        },
    )


def codes_left(bits: NDArray[np.uint32], known: NDArray[Any], nan_left: np.bool_) -> NDArray[np.bool_]:
    """Which codes go left, up to the largest known one; what is no known code is missing."""
    left = members(bits)[: int(known.max(initial=-1)) + 1]
    left[np.setdiff1d(np.arange(len(left)), known)] = nan_left
    return left


def members(bits: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Which of the codes 0 to 255 are in a bitset."""
    return np.unpackbits(bits.astype("<u4").view(np.uint8), bitorder="little").astype(bool)


def splits(model: Any) -> Iterable[Edge]:
    """The thresholds of its trees, in what its own preprocessor makes of the columns."""
    for predictor in (tree for stage in model._predictors for tree in stage):
        inner = (predictor.nodes["is_leaf"] == 0) & (predictor.nodes["is_categorical"] == 0)
        yield predictor.nodes["feature_idx"][inner], predictor.nodes["num_threshold"][inner], False


def seen(model: Any) -> Any:
    """What makes the table that its trees see, if it encodes categories."""
    return model._preprocessor.transform if encodes_categories(model) else None


PREDICTORS = dict.fromkeys((HistGradientBoostingClassifier, HistGradientBoostingRegressor), convert)
BORDERS = {
    HistGradientBoostingClassifier: Borders(splits, decisions=(label,), sees=seen),
    HistGradientBoostingRegressor: Borders(splits, sees=seen),
}
