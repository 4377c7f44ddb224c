"""mlxtend: ties of votes fall as there, stacks see the same answers, and chosen columns keep their order."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

import alpenglow
from alpenglow._export.errors import ConversionError
from alpenglow._export.pipeline.fitted import Fitted
from alpenglow._export.proved.claims import claims
from tests.export.helpers import check_same, exported

pytest.importorskip("mlxtend")

from mlxtend.classifier import EnsembleVoteClassifier, StackingClassifier, StackingCVClassifier
from mlxtend.feature_selection import (
    ColumnSelector,
    ExhaustiveFeatureSelector,
    SequentialFeatureSelector,
)
from mlxtend.preprocessing import CopyTransformer, DenseTransformer
from mlxtend.regressor import StackingCVRegressor, StackingRegressor

LABELS: list[Any] = [np.array([0, 1, 2]), np.array([7, -3, 7]), np.array(["b", "a", "c"]), np.array(["b", "a", "b"])]


def numbers(seed: int = 0) -> tuple[pd.DataFrame, Any]:
    random = np.random.default_rng(seed)
    features = pd.DataFrame(random.normal(size=(120, 3)).round(1), columns=["c", "a", "b"])
    return features, (features["a"] > 0).to_numpy() + (features["b"] > 0.5).to_numpy().astype(int)


def trees(*depths: int) -> list[Any]:
    return [DecisionTreeClassifier(max_depth=depth, random_state=depth, max_features=1) for depth in depths]


def unlike_any() -> pd.DataFrame:
    return pd.DataFrame(np.random.default_rng(9).normal(scale=5, size=(200, 3)).round(1), columns=["c", "a", "b"])


@pytest.mark.parametrize("labels", LABELS, ids=str)
@pytest.mark.parametrize("voting", ["hard", "soft"])
@pytest.mark.parametrize("weights", [None, [1, 2], [0.5, 0.25], [0, 1]], ids=str)
def test_votes(labels, voting, weights) -> None:
    features, target = numbers()
    model = EnsembleVoteClassifier(trees(2, 5), voting=voting, weights=weights).fit(features, labels[target])
    check_same(model, features, unlike_any())


@given(
    st.integers(0, 10**6),
    st.lists(st.sampled_from([0.1, 0.2, 0.3, 0.6, 1.0, 3.0]), min_size=2, max_size=5),
    st.sampled_from(["hard", "soft"]),
)
def test_ties_of_votes_fall_as_there(seed, weights, voting) -> None:
    features, target = numbers(seed)
    members = trees(*range(1, len(weights) + 1))
    model = EnsembleVoteClassifier(members, voting=voting, weights=weights).fit(features, target)
    check_same(model, features, unlike_any())


def test_votes_of_what_was_fitted_before() -> None:
    features, target = numbers()
    names = np.array(["no", "yes", "maybe"])[target]
    members = [tree.fit(features, names) for tree in trees(2, 4)]
    model = EnsembleVoteClassifier(members, fit_base_estimators=False, use_clones=False).fit(features, names)
    check_same(model, features, unlike_any())


def test_hard_votes_of_what_has_no_probabilities() -> None:
    features, target = numbers()
    model = EnsembleVoteClassifier([*trees(3), make_pipeline(StandardScaler(), LinearSVC())]).fit(features, target)
    assert Fitted(model).outputs == ["label"]
    check_same(model, features, unlike_any())


def test_a_negative_weight_is_refused() -> None:
    features, target = numbers()
    model = EnsembleVoteClassifier(trees(2, 3), weights=[1, -1]).fit(features, target)
    with pytest.raises(ConversionError, match="negative weight"):
        exported(model, features)


OPTIONS: list[dict[str, Any]] = [
    {},
    {"use_features_in_secondary": True},
    {"use_probas": True},
    {"use_probas": True, "drop_proba_col": "first"},
    {"use_probas": True, "drop_proba_col": "last", "use_features_in_secondary": True},
]
STACKS = [(kind, options) for kind in (StackingClassifier, StackingCVClassifier) for options in OPTIONS]


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize(
    ("kind", "options"), [*STACKS, (StackingClassifier, {"use_probas": True, "average_probas": True})]
)
def test_stacks_of_classifiers(classes, kind, options) -> None:
    features, target = numbers()
    target = np.minimum(target, classes - 1)
    final = RandomForestClassifier(5, random_state=0)
    model = kind([*trees(2, 4), make_pipeline(StandardScaler(), *trees(3))], final, **options).fit(features, target)
    check_same(model, features, unlike_any())


def test_the_trees_of_a_stack_are_proved() -> None:
    features, target = numbers()
    model = StackingClassifier(trees(2, 4), RandomForestClassifier(5, random_state=0), use_probas=True)
    graph, _ = exported(model.fit(features, target), features)
    found = claims(model, graph)
    assert sum(claim.trees for claim in found) == 2 + 5
    assert all(claim.proved for claim in found)


def test_what_decides_may_have_no_probabilities() -> None:
    features, target = numbers()
    model = StackingClassifier(trees(2, 4), LinearSVC(), use_probas=True).fit(features, target)
    assert Fitted(model).outputs == ["label", "decision"]
    check_same(model, features, unlike_any(), 1e-12)


def test_labels_of_text() -> None:
    features, target = numbers()
    names = np.array(["no", "yes", "maybe"])[target]
    model = StackingClassifier(trees(2, 4), LogisticRegression(), use_probas=True).fit(features, names)
    check_same(model, features, unlike_any(), 1e-12)
    final = make_pipeline(OneHotEncoder(), LogisticRegression())
    with pytest.raises(ConversionError, match="labels that are text"):
        exported(StackingClassifier(trees(2, 4), final).fit(features, names), features)


@pytest.mark.parametrize("kind", [StackingRegressor, StackingCVRegressor])
@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("targets", [1, 2])
def test_stacks_of_regressors(kind, own, targets) -> None:
    features, _ = numbers()
    target = features.to_numpy()[:, :targets].squeeze() * 3
    members = [DecisionTreeRegressor(max_depth=3), RandomForestRegressor(5, random_state=0)]
    final = RandomForestRegressor(4, random_state=1)
    model = kind(members, final, use_features_in_secondary=own, multi_output=targets > 1).fit(features, target)
    check_same(model, features, unlike_any())
    assert Fitted(model).task == "regression"


def test_a_stack_in_a_pipeline() -> None:
    features, _ = numbers()
    stack = StackingRegressor([DecisionTreeRegressor(max_depth=3)], Ridge())
    check_same(make_pipeline(StandardScaler(), stack).fit(features, features["a"]), features, unlike_any(), 1e-12)


@pytest.mark.parametrize("columns", [["b", "a"], ("a",), (2, 0), [1], ["b", "b"]], ids=str)
def test_a_choice_of_columns(columns) -> None:
    features, target = numbers()
    model = make_pipeline(ColumnSelector(columns), *trees(4)).fit(features, target)
    check_same(model, features, unlike_any())
    read = Fitted(model).columns_read(list(features))
    assert read == [name for place, name in enumerate(features) if {name, place} & set(columns)]


def test_votes_on_columns_of_their_own() -> None:
    features, target = numbers()
    features["kind"] = np.where(features["c"] > 0, "x", "y")
    parts = [
        make_pipeline(ColumnSelector(["kind"]), OneHotEncoder(handle_unknown="ignore"), *trees(2)),
        make_pipeline(ColumnSelector(["b", "a"]), *trees(4)),
        make_pipeline(make_column_transformer((StandardScaler(), ["c"])), ColumnSelector([0]), *trees(3)),
    ]
    model = EnsembleVoteClassifier(parts, voting="soft").fit(features, target)
    check_same(model, features, unlike_any().assign(kind="z"))


def test_categories_are_known_behind_a_choice() -> None:
    features, target = numbers()
    features["kind"] = np.where(features["c"] > 0, "x", "y")
    model = make_pipeline(ColumnSelector(["kind"]), OneHotEncoder(), *trees(2)).fit(features, target)
    assert Fitted(model).known_categories(list(features)) == {"kind": ["x", "y"]}


def test_texts_of_one_column() -> None:
    texts = pd.DataFrame({"x": 1.0, "text": ["good day", "bad day", "good night", "bad night"] * 9}, dtype=object)
    texts["x"] = texts["x"].astype(float)
    target = [1, 0, 1, 0] * 9
    model = make_pipeline(ColumnSelector(["text"], drop_axis=True), CountVectorizer(), DenseTransformer(), *trees(3))
    check_same(model.fit(texts, target), texts, texts.assign(text="no day"))


@pytest.mark.parametrize(
    "selector",
    [
        SequentialFeatureSelector(DecisionTreeClassifier(random_state=0), k_features=2, cv=2),
        ExhaustiveFeatureSelector(DecisionTreeClassifier(random_state=0), max_features=2, cv=2, print_progress=False),
    ],
    ids=lambda selector: type(selector).__name__,
)
def test_columns_that_were_sought(selector) -> None:
    features, target = numbers()
    model = make_pipeline(StandardScaler(), CopyTransformer(), clone(selector), *trees(4)).fit(features, target)
    check_same(model, features, unlike_any())


def test_the_whole_export(tmp_path) -> None:
    features, target = numbers()
    model = EnsembleVoteClassifier(trees(2, 4), weights=[0.5, 1]).fit(features, target)
    assert alpenglow.export(model, features, tmp_path / "model.onnx").exact
    served = alpenglow.load(tmp_path / "model.onnx")
    assert served.predict(features.head()).tolist() == model.predict(features.head()).tolist()
