"""What scikit-learn's estimators of trees add up, from their own arrays."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn import ensemble, tree
from sklearn.base import is_classifier
from sklearn.dummy import DummyClassifier, DummyRegressor

from alpenglow._export.pipeline.steps import behind_sampler
from alpenglow._export.proved.domains import Domain
from alpenglow._export.proved.floats import LEAST, cuts, key, keys
from alpenglow._export.proved.forests import Forest, Sides, Sums, constant, in_turns, joined, side_by_side
from alpenglow._export.versions import class_shares, sums_logarithms

SINGLE = (tree.DecisionTreeClassifier, tree.DecisionTreeRegressor, tree.ExtraTreeClassifier, tree.ExtraTreeRegressor)
FORESTS = (
    ensemble.RandomForestClassifier,
    ensemble.RandomForestRegressor,
    ensemble.ExtraTreesClassifier,
    ensemble.ExtraTreesRegressor,
)
CODES = 256  # that HistGradientBoosting tells apart


def of_tree(found: Any, value: Any, features: Any = None) -> Forest:
    """A `sklearn.tree._tree.Tree`, which casts to float32, with values `[nodes, K]` and the columns that it was given.

    `x[feature] <= threshold` goes left, in float64.
    """
    inner = found.children_left >= 0
    feature = np.where(inner, found.feature, 0)
    return Forest(
        np.array([0]),
        found.children_left.astype(np.int64),
        found.children_right.astype(np.int64),
        feature if features is None else np.where(inner, np.asarray(features)[feature], 0),
        cuts(found.threshold, narrow=True),
        np.asarray(found.missing_go_to_left).astype(bool),
        np.asarray(value, np.float64).reshape(found.node_count, -1),
    )


def added(trees: list[Forest]) -> Sums:
    """The sums of all columns of the trees' leaves."""
    return Sums(joined(trees), side_by_side(len(trees), trees[0].value.shape[1]), np.float64)


def single(model: Any) -> Sums:
    """One tree: shares of classes or values, as it is."""
    return forest_of(model, [model])


def forest(model: Any) -> Sums:
    """The sum of the trees' shares or values, in their order."""
    return forest_of(model, model.estimators_)


def forest_of(model: Any, members: list[Any]) -> Sums:
    """The same; the classes of several labels stand side by side."""
    shares = is_classifier(model)
    return added([of_tree(one.tree_, class_shares(one.tree_) if shares else one.tree_.value) for one in members])


def gradient_boosting(model: Any) -> Sums | None:
    """The first estimator's prediction, if it is a constant, and `learning_rate` times each stage's value."""
    outputs = model.estimators_.shape[1]
    trees = [of_tree(one.tree_, model.learning_rate * one.tree_.value) for one in model.estimators_.ravel()]
    if not isinstance(model.init_, (str, DummyClassifier, DummyRegressor)):
        return Sums(joined(trees), in_turns(len(trees), outputs))  # what they are added to is another estimator
    start = model._raw_predict_init(np.zeros((1, model.n_features_in_), np.float32))[0]
    return boosted(start, trees)


def boosted(start: Any, trees: list[Forest], dtype: type = np.float64) -> Sums:
    """Numbers to begin with, one for each output, and the trees, which take turns."""
    both = [*map(constant, start), *trees]
    return Sums(joined(both), in_turns(len(both), len(start)), dtype, len(start))


def hist_gradient_boosting(model: Any) -> Sums | None:
    """The baseline and the trees. What its own encoder makes of a category is a code or missing."""
    known, _ = model._bin_mapper.make_known_categories_bitsets()
    place = {int(feature): row for row, feature in enumerate(np.flatnonzero(categorical(model)))}
    trees = [hist_tree(predictor, known, place) for stage in model._predictors for predictor in stage]
    found = boosted(np.ravel(model._baseline_prediction), trees)
    codes = Domain(((LEAST, key(np.nextafter(float(CODES), 0.0))),), nan=True)
    found.reachable.update(dict.fromkeys(place, codes))
    return found


def categorical(model: Any) -> NDArray[np.bool_]:
    """Which of the columns that the trees see are categories."""
    return np.asarray(model._bin_mapper.is_categorical_, bool)


def hist_tree(predictor: Any, known: NDArray[np.uint32], place: dict[int, int]) -> Forest:
    """One of its trees, which compare float64. In a leaf `left` and `right` mean nothing.

    Of categories a number is cut to its code; what is below zero, or no known code, is missing.
    """
    found = predictor.nodes
    leaf = found["is_leaf"] != 0
    nan_left = found["missing_go_to_left"] != 0
    sides = {}
    for node in np.flatnonzero(~leaf & (found["is_categorical"] != 0)).tolist():
        bits = predictor.raw_left_cat_bitsets[found["bitset_idx"][node]]
        left = [
            in_bitset(bits, code)
            or (bool(nan_left[node]) and not in_bitset(known[place[int(found["feature_idx"][node])]], code))
            for code in range(CODES)
        ]
        ends = keys(np.nextafter(np.arange(CODES + 1.0), -np.inf))
        sides[node] = Sides(ends, np.array([nan_left[node], *left, nan_left[node]]))
    return Forest(
        np.array([0]),
        np.where(leaf, -1, found["left"].astype(np.int64)),
        np.where(leaf, -1, found["right"].astype(np.int64)),
        found["feature_idx"].astype(np.int64),
        cuts(found["num_threshold"]),
        nan_left,
        found["value"].astype(np.float64)[:, np.newaxis],
        sides,
    )


def in_bitset(bits: NDArray[np.uint32], code: int) -> bool:
    """Whether a code is in a set of 32 bits a word."""
    return bool(int(bits[code // 32]) >> (code % 32) & 1)


def isolation_forest(model: Any) -> Sums | None:
    """The depths at which the trees isolate a row."""
    some = model._max_features != model.n_features_in_
    return added(
        [
            of_tree(one.tree_, path + mean - 1.0, features if some else None)
            for one, features, path, mean in zip(
                model.estimators_,
                model.estimators_features_,
                model._decision_path_lengths,
                model._average_path_length_per_tree,
                strict=True,
            )
        ]
    )


def bagging(model: Any) -> Sums | None:
    """Trees of some columns each, and of some classes."""
    members = [behind_sampler(one) for one in model.estimators_]
    if any(type(one) not in SINGLE for one in members):
        return None
    trees = []
    for one, features in zip(members, model.estimators_features_, strict=True):
        value = one.tree_.value
        if is_classifier(model):
            value = np.zeros((one.tree_.node_count, model.n_classes_))
            value[:, one.classes_] = class_shares(one.tree_)
        trees.append(of_tree(one.tree_, value, features))
    return added(trees)


def adaboost_classifier(model: Any) -> Sums | None:
    """Each tree's weight for the class that it predicts, and a share of it against the others."""
    if any(type(one) not in SINGLE for one in model.estimators_):
        return None
    count = len(model.classes_)
    trees = []
    for one, weight in zip(model.estimators_, model.estimator_weights_, strict=False):
        if sums_logarithms(model):
            logarithm = np.log(np.clip(class_shares(one.tree_), np.finfo(np.float64).eps, None))
            value = (count - 1) * (logarithm - (1.0 / count) * logarithm.sum(axis=1)[:, np.newaxis])
        else:
            chosen = one.classes_[np.argmax(one.tree_.value[:, 0, :], axis=1)]
            value = np.where(chosen[:, np.newaxis] == model.classes_, weight, -1 / (count - 1) * weight)
        trees.append(of_tree(one.tree_, value))
    return added(trees)


def adaboost_regressor(model: Any) -> Sums | None:
    """The trees' values side by side: their weighted median is taken of them."""
    if any(type(one) not in SINGLE for one in model.estimators_):
        return None
    trees = [of_tree(one.tree_, one.tree_.value) for one in model.estimators_]
    return Sums(joined(trees), in_turns(len(trees), len(trees)))


KINDS: dict[type, Callable[[Any], Sums | None]] = {
    **dict.fromkeys(SINGLE, single),
    **dict.fromkeys(FORESTS, forest),
    ensemble.GradientBoostingClassifier: gradient_boosting,
    ensemble.GradientBoostingRegressor: gradient_boosting,
    ensemble.HistGradientBoostingClassifier: hist_gradient_boosting,
    ensemble.HistGradientBoostingRegressor: hist_gradient_boosting,
    ensemble.IsolationForest: isolation_forest,
    ensemble.BaggingClassifier: bagging,
    ensemble.BaggingRegressor: bagging,
    ensemble.AdaBoostClassifier: adaboost_classifier,
    ensemble.AdaBoostRegressor: adaboost_regressor,
}


def reader_of(kind: type) -> Callable[[Any], Sums | None] | None:
    """What reads the trees of a class; imbalanced-learn's are fitted otherwise than their parents, and no more."""
    parents = kind.__mro__ if kind.__module__.startswith("imblearn.") else (kind,)
    return next((KINDS[parent] for parent in parents if parent in KINDS), None)
