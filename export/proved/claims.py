"""What is proved of a pipeline's trees: for each step that is trees, whether the finished graph has the same ones."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import FeatureUnion, Pipeline

from alpenglow._export.pipeline.steps import children, final_of
from alpenglow._export.proved import catboost, lightgbm, scikit_learn, xgboost
from alpenglow._export.proved.columns import inputs_in
from alpenglow._export.proved.derived import without_derived
from alpenglow._export.proved.floats import number
from alpenglow._export.proved.forests import Forest, Sums, UnreadableError
from alpenglow._export.proved.graph import Found, Reader
from alpenglow._export.proved.missing import never_missing
from alpenglow._export.proved.paths import Difference, Row, Together


@dataclass(frozen=True)
class Claim:
    """What is known of a step that is trees.

    Attributes:
        step: Its path and class, for people.
        trees: How many it has.
        nodes: How many their nodes are.
        plain: Whether the graph's trees see the pipeline's columns as they are.
        gaps: Whether it holds of rows with missing values, too.
        order: Whether the values are added in the same order, too; otherwise something else adds them.
        different: Where the graph's trees are others: a tree and node, what is expected there and what was found.
        row: Features of a row that shows it, by their places in what the step sees.
        unproved: Why nothing is known.
        forests: The trees, once they are proved.
    """

    step: str
    trees: int = 0
    nodes: int = 0
    plain: bool = False
    gaps: bool = True
    order: bool = True
    different: str | None = None
    row: Row | None = None
    unproved: str | None = None
    forests: tuple[Forest, ...] = ()

    @property
    def proved(self) -> bool:
        """Whether the trees are the same."""
        return self.different is None and self.unproved is None

    @property
    def what(self) -> str:
        """So many trees of the step."""
        return f"{counted(self.trees, self.nodes)} of {self.step}"

    def __str__(self) -> str:
        if self.different:
            return f"{self.step}: {self.different}"
        if self.unproved:
            return f"{self.step} is not proved, but compared: {self.unproved}"
        order = ", added in the same order" if self.order else ""
        rows = "every row" if self.plain else "every row that it can see"
        rows += "" if self.gaps else " without a missing value"
        return f"{self.what} proved equal: the same paths to the same values{order}, for {rows}"


def counted(trees: int, nodes: int) -> str:
    """So many trees with so many nodes."""
    return f"{trees:,} tree{'s' if trees != 1 else ''} with {nodes:,} node{'s' if nodes != 1 else ''}"


def claims(estimator: Any, model: onnx.ModelProto) -> list[Claim]:
    """Compare all trees of a fitted estimator with those of its finished graph."""
    wanted = list(steps_of_trees(estimator))
    if not wanted:
        return []
    reader = Reader(model)
    found = [Claim(name, unproved=sums) for name, sums in wanted if isinstance(sums, str)]
    groups: dict[tuple[int, ...], list[tuple[str, Sums]]] = {}
    for name, sums in wanted:
        if not isinstance(sums, str):
            groups.setdefault(shape(sums), []).append((name, sums))
    for size, steps in groups.items():
        found += matched(steps, [one for one in reader.found if shape(one.sums) == size], reader)
    return together(found)


def shape(sums: Sums) -> tuple[int, ...]:
    """How many values are added for each output."""
    return tuple(len(terms) for terms in sums.terms)


def matched(steps: Sequence[tuple[str, Sums]], candidates: Sequence[Found], reader: Reader) -> list[Claim]:
    """What is known of steps, of which each has one of the graph's sums of its shape, in whatever order."""
    found, left, others = [], list(candidates), []
    for name, sums in steps:
        tried = [(compared(name, sums, candidate, reader), candidate) for candidate in left]
        claim, match = next(((one, it) for one, it in tried if one.proved), (None, None))
        if claim:
            found.append(claim)
            left = [candidate for candidate in left if candidate is not match]
        else:
            others.append((name, sums))
    # A step that nothing depends on may have no sum at all: then it is not known whose the others are.
    all_there = len(others) <= len(left)
    for name, sums in others:
        tries = [compared(name, sums, candidate, reader) for candidate in left]
        unknown = [one for one in tries if not one.different]
        reason = "; ".join(sorted(set(reader.unreadable))) or "the graph has no such trees"
        missing = Claim(name, sums.trees, sums.nodes, unproved=reason)
        found.append((unknown or tries)[0] if all_there and tries else missing)
    return found


def together(found: list[Claim]) -> list[Claim]:
    """The claims, those that are proved of steps of one name as one."""
    kept: list[Claim] = []
    groups: dict[tuple[str, bool, bool, bool], list[Claim]] = {}
    for claim in found:
        key = claim.step, claim.plain, claim.gaps, claim.order
        if not claim.proved:
            kept.append(claim)
        elif key not in groups:
            groups[key] = [claim]
        else:
            groups[key].append(claim)
    proved = [
        replace(
            group[0],
            trees=sum(one.trees for one in group),
            nodes=sum(one.nodes for one in group),
            forests=tuple(forest for one in group for forest in one.forests),
        )
        for group in groups.values()
    ]
    return proved + kept


def proved_forests(found: Sequence[Claim]) -> list[Forest]:
    """All trees that are proved."""
    return [forest for claim in found for forest in claim.forests]


def without_trees(found: Sequence[Claim]) -> list[Claim]:
    """What is said, without the trees that it is said of."""
    return [replace(claim, forests=()) for claim in found]


def steps_of_trees(estimator: Any, path: str = "") -> Iterator[tuple[str, Sums | str]]:
    """Each step that is trees, and what it adds up, or why that is not known."""
    name = f"step '{path}' ({type(estimator).__name__})" if path else type(estimator).__name__
    try:
        sums = sums_of(estimator)
    except UnreadableError as error:
        yield name, str(error)
        return
    if sums is not None:
        yield name, sums
        return
    for part, step in predicting(estimator):
        yield from steps_of_trees(step, f"{path} → {part}" if path else part)


def predicting(estimator: Any) -> list[tuple[str, Any]]:
    """The steps one level below that answers can follow from: none of a selector's, nor what others are clones of."""
    if isinstance(estimator, (Pipeline, ColumnTransformer, FeatureUnion)):
        return children(estimator)
    if not hasattr(estimator, "predict"):
        return []
    found = [*children(estimator), ("final_estimator", final_of(estimator))]
    steps = {id(step): (name, step) for name, step in found if step is not None}
    several = any(hasattr(estimator, name) for name in ("estimators_", "calibrated_classifiers_"))
    used = [] if several else [value for name, value in vars(estimator).items() if name.endswith("_")]
    template = getattr(estimator, "estimator", None)
    if len(steps) > 1 and not any(value is template for value in used):
        steps.pop(id(template), None)
    return list(steps.values())


def sums_of(step: Any) -> Sums | None:
    """What a step that is trees adds up; None of any other."""
    read = scikit_learn.reader_of(type(step))
    if read:
        found = read(step)
    elif hasattr(step, "booster_"):
        found = lightgbm.sums_of(step)
    elif hasattr(step, "get_booster"):
        found = xgboost.sums_of(step)
    else:
        found = catboost.sums_of(step) if hasattr(step, "get_cat_feature_indices") else None
    return found and replace(found, width=found.width or int(step.n_features_in_))


def compared(name: str, wanted: Sums, found: Found, reader: Reader) -> Claim:
    """What is known once the trees of both are compared."""
    several = max(map(len, wanted.terms)) > 1
    order = wanted.dtype is not None and (found.sums.dtype is not None or not several)
    claim = Claim(name, wanted.trees, wanted.nodes, order=order or not several)
    if order and several and wanted.dtype != found.sums.dtype:
        return replace(claim, unproved=f"the graph adds its trees in {np.dtype(found.sums.dtype)}")
    try:
        roots, columns = pairs(wanted, found.sums)
        found = own_columns(wanted, found, reader)
        for gaps in (True, False):
            never = never_in(wanted.forest, found, reader) if gaps else np.ones(width(wanted.forest, found), bool)
            both = Together(wanted.forest, found.sums.forest, columns, never, wanted.reachable)
            different = both.difference(roots)
            # Where the graph has left out where missing values go, it remains to compare rows that have some.
            if (
                different is None
                or not any(map(math.isnan, different.row.values()))
                or found.sums.forest.nan_left.any()
            ):
                break
    except UnreadableError as error:
        return replace(claim, unproved=str(error))
    if different is None:
        seen = inputs_in(found.sees, reader.producers, reader.constants, reader.inputs)
        return replace(claim, plain=seen == reader.inputs, gaps=gaps, forests=(wanted.forest,))
    return replace(claim, different=told(wanted, found.sums, different), row=different.row)


def own_columns(wanted: Sums, found: Found, reader: Reader) -> Found:
    """The graph's trees with splits by the estimator's own columns."""
    forest, sees = without_derived(found.sums.forest, found.sees, wanted.width, reader.producers, reader.constants)
    if sees != found.sees and never_missing(sees, reader.producers, reader.constants).shape != (wanted.width,):
        raise UnreadableError("the graph's trees see columns beside the estimator's, and it is not known which")
    return Found(replace(found.sums, forest=forest), sees)


def width(wanted: Forest, found: Found) -> int:
    """How many features they read."""
    return int(max(wanted.feature.max(), found.sums.forest.feature.max())) + 1


def never_in(wanted: Forest, found: Found, reader: Reader) -> NDArray[np.bool_]:
    """The features that cannot be missing in what the graph's trees see."""
    never = never_missing(found.sees, reader.producers, reader.constants)
    count = width(wanted, found)
    if never.ndim and len(never) < count:
        raise UnreadableError("the graph's trees read a feature that there is not")
    return np.broadcast_to(never, count) if not never.ndim else never


def pairs(wanted: Sums, found: Sums) -> tuple[NDArray[np.int64], tuple[Any, Any]]:
    """The roots of the trees to be compared, `[P, 2]`, and the columns of their leaves' values.

    Raises:
        UnreadableError: The columns of several trees are used in different ways.
    """
    both = np.concatenate([np.concatenate(wanted.terms), np.concatenate(found.terms)], axis=1)
    both = both[np.lexsort((both[:, 3], both[:, 1], both[:, 2], both[:, 0]))]
    trees, counts = np.unique(both[:, [0, 2]], axis=0, return_counts=True)
    if len(set(counts.tolist())) > 1:
        raise UnreadableError("the graph adds up its trees' values in another arrangement")
    columns = both[:, [1, 3]].reshape(len(trees), -1, 2)
    if (columns != columns[0]).any():
        raise UnreadableError("the graph adds up its trees' values in another arrangement")
    roots = np.stack([wanted.forest.roots[trees[:, 0]], found.forest.roots[trees[:, 1]]], axis=1)
    return roots, (columns[0, :, 0], columns[0, :, 1])


def told(wanted: Sums, found: Sums, different: Difference) -> str:
    """A difference for people: the first node of the row's way that is another."""
    tree = int(np.searchsorted(np.sort(wanted.forest.roots), different.wanted, side="right")) - 1
    node = different.wanted - int(np.sort(wanted.forest.roots)[tree])
    where = (
        f"node {node} of tree {tree - wanted.starts}"
        if tree >= wanted.starts
        else "the number that the sum begins with"
    )
    return f"{where} {shown(wanted.forest, different.wanted)}, in the graph it {shown(found.forest, different.found)}"


def shown(forest: Forest, node: int) -> str:
    """What a node does."""
    if forest.left[node] < 0:
        return f"holds {', '.join(map(repr, forest.value[node].tolist()))}"
    gaps = "left" if forest.nan_left[node] else "right"
    if node in forest.sides:
        return f"splits feature {forest.feature[node]} by category (missing values go {gaps})"
    return f"sends feature {forest.feature[node]} left up to {number(int(forest.cut[node]))!r} (missing values {gaps})"
