"""What LightGBM adds up, from the text that it saves a model as."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from alpenglow._export.proved.floats import cuts, keys
from alpenglow._export.proved.forests import Forest, Sides, Sums, UnreadableError, in_turns, joined

CATEGORICAL, DEFAULT_LEFT, MISSING_SHIFT = 1, 2, 2  # bits of `decision_type`
AS_ZERO, ZERO, NAN = range(3)  # what is missing: nothing, so that NaN is taken for zero; zeros; NaN
ZEROS = np.float64(np.float32(1e-35))  # kZeroThreshold: what is no larger is zero before it is compared


def sums_of(model: Any) -> Sums:
    """The trees' values in their order, in float64; several outputs take turns."""
    head, *texts = model.booster_.model_to_string().split("\nTree=")
    outputs = int(fields(head)["num_tree_per_iteration"])
    trees = [tree(fields(text.split("\nend of trees")[0])) for text in texts]
    return Sums(joined(trees), in_turns(len(trees), outputs), np.float64)


def fields(text: str) -> dict[str, str]:
    """Its lines, each a name and a value."""
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line)


def tree(found: dict[str, str]) -> Forest:
    """One tree: leaves come after the other nodes here; in the text they are -1, -2 and so on."""
    if found.get("is_linear", "0") != "0":
        raise UnreadableError("LightGBM's leaves are linear")

    def numbers(name: str, dtype: type) -> NDArray[Any]:
        return np.array(found.get(name, "").split(), dtype)

    value = numbers("leaf_value", np.float64)
    leaves, inner = len(value), len(value) - 1
    left, right = (numbers(f"{side}_child", np.int64) for side in ("left", "right"))
    decision, threshold = numbers("decision_type", np.int64), numbers("threshold", np.float64)
    missing = decision >> MISSING_SHIFT
    if (missing == ZERO).any():
        raise UnreadableError("LightGBM takes zeros for missing values")
    by_category = decision & CATEGORICAL != 0
    # Without a place of its own NaN is taken for zero; a category that is missing goes right.
    nan_left = np.where(missing == NAN, decision & DEFAULT_LEFT != 0, threshold >= 0) & ~by_category
    ends, words = numbers("cat_boundaries", np.int64), numbers("cat_threshold", np.int64)
    sides = {
        node: members(words[ends[which] : ends[which + 1]])
        for node in np.flatnonzero(by_category).tolist()
        for which in [int(threshold[node])]
    }
    none = np.full(leaves, -1)
    return Forest(
        np.array([0]),
        np.concatenate([np.where(left < 0, inner + ~left, left), none]),
        np.concatenate([np.where(right < 0, inner + ~right, right), none]),
        np.concatenate([numbers("split_feature", np.int64), none]),
        np.concatenate([zero_cuts(threshold), none]),
        np.concatenate([nan_left, np.zeros(leaves, bool)]),
        np.concatenate([np.zeros(inner), value])[:, np.newaxis],
        sides,
    )


def zero_cuts(thresholds: NDArray[np.float64]) -> NDArray[np.int64]:
    """The cuts of numbers of which the smallest have become zero."""
    found = np.where((thresholds >= 0) & (thresholds < ZEROS), ZEROS, thresholds)
    found = np.where((thresholds < 0) & (thresholds >= -ZEROS), np.nextafter(-ZEROS, -np.inf), found)
    return cuts(found)


def members(words: NDArray[np.int64]) -> Sides:
    """The codes that go left, from words of 32 bits. A number is cut towards zero; below zero it goes right."""
    codes = 32 * len(words)
    left = [bool(int(words[code // 32]) >> (code % 32) & 1) for code in range(codes)]
    ends = keys(np.r_[-1.0, np.nextafter(np.arange(1.0, codes + 1), -np.inf)])
    return Sides(ends, np.array([False, *left, False]))
