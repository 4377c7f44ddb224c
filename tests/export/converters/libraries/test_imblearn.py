"""imbalanced-learn: samplers do nothing when predicting, and its ensembles predict as those of scikit-learn."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import make_column_transformer
from sklearn.ensemble import AdaBoostClassifier, RandomForestClassifier, VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline as plain_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier

import alpenglow
from alpenglow._export.pipeline.fitted import Fitted
from alpenglow._export.pipeline.steps import behind_sampler
from alpenglow._export.proved.claims import claims
from tests.export.helpers import check_same, exported

imblearn = pytest.importorskip("imblearn")

from imblearn import FunctionSampler  # noqa: E402
from imblearn.ensemble import (  # noqa: E402
    BalancedBaggingClassifier,
    BalancedRandomForestClassifier,
    EasyEnsembleClassifier,
    RUSBoostClassifier,
)
from imblearn.over_sampling import SMOTE, RandomOverSampler  # noqa: E402
from imblearn.pipeline import Pipeline, make_pipeline  # noqa: E402
from imblearn.under_sampling import RandomUnderSampler  # noqa: E402


def numbers(classes: int = 2) -> tuple[pd.DataFrame, Any]:
    """Rows of which one class has few, and all that lie on a grid."""
    random = np.random.default_rng(classes)
    features = pd.DataFrame(random.normal(size=(200, 3)).round(1), columns=list("abc"))
    return features, np.clip((features["a"] + features["b"] > 1).to_numpy() + (features["c"] > 1), 0, classes - 1)


def forest() -> RandomForestClassifier:
    return RandomForestClassifier(7, random_state=0)


def unlike_any() -> pd.DataFrame:
    """Rows that nothing was fitted on."""
    random = np.random.default_rng(9)
    return pd.DataFrame(random.normal(scale=9, size=(300, 3)).round(1), columns=list("abc"))


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize(
    "steps",
    [
        (StandardScaler(), SMOTE(random_state=0, k_neighbors=2), forest()),
        (RandomUnderSampler(random_state=0), StandardScaler(), forest()),
        ("passthrough", RandomOverSampler(random_state=0), None, RandomUnderSampler(random_state=0), forest()),
        (FunctionSampler(func=lambda X, y: (X[:150], y[:150]), validate=False), StandardScaler(), forest()),
    ],
    ids=["between", "in front", "several", "a function"],
)
def test_samplers_do_nothing(classes, steps) -> None:
    features, target = numbers(classes)
    model = Pipeline([(f"step {place}", step) for place, step in enumerate(steps)]).fit(features, target)
    check_same(model, features, unlike_any())


def test_a_table_of_mixed_types_behind_a_sampler() -> None:
    features, target = numbers()
    features["kind"] = np.random.default_rng(0).choice(["x", "y", ""], len(features))
    features["unread"] = "some text"
    columns = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), ["kind"]), (StandardScaler(), ["a", "b"])
    )
    model = make_pipeline(RandomUnderSampler(random_state=0), columns, forest()).fit(features, target)
    check_same(model, features, features.assign(kind="other"))
    fitted = Fitted(model)
    assert fitted.columns_read(list(features)) == ["a", "b", "kind"]
    assert fitted.known_categories(list(features)) == {"kind": ["", "x", "y"]}


@pytest.mark.parametrize(
    "model",
    [
        GridSearchCV(make_pipeline(SMOTE(random_state=0), DecisionTreeClassifier(random_state=0)), {}, cv=2),
        CalibratedClassifierCV(make_pipeline(SMOTE(random_state=0), forest()), cv=2, method="isotonic"),
        VotingClassifier([("one", make_pipeline(SMOTE(random_state=0), forest())), ("other", forest())], voting="soft"),
        plain_pipeline(StandardScaler(), make_pipeline(SMOTE(random_state=0), forest())),
        make_pipeline(StandardScaler(), SMOTE(random_state=0), forest()).set_output(transform="pandas"),
    ],
    ids=["search", "calibrated", "vote", "nested", "set_output"],
)
def test_around_and_inside_others(model) -> None:
    features, target = numbers()
    check_same(model.fit(features, target), features, unlike_any(), 1e-12)


def test_a_pipeline_that_only_transforms() -> None:
    features, target = numbers()
    inner = make_pipeline(RandomUnderSampler(random_state=0), StandardScaler()).fit(features, target)
    outer = forest().fit(inner.transform(features), target)
    check_same(plain_pipeline(inner, outer), features, unlike_any())


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize(
    "model",
    [
        BalancedRandomForestClassifier(9, random_state=0),
        BalancedRandomForestClassifier(9, sampling_strategy="auto", replacement=False, bootstrap=True, random_state=0),
        BalancedBaggingClassifier(n_estimators=8, random_state=0),
        BalancedBaggingClassifier(n_estimators=8, max_features=0.7, sampler=RandomOverSampler(), random_state=0),
        RUSBoostClassifier(n_estimators=9, random_state=0),
        RUSBoostClassifier(n_estimators=9, algorithm="SAMME.R", random_state=0),
        EasyEnsembleClassifier(3, random_state=0),
        EasyEnsembleClassifier(4, DecisionTreeClassifier(max_depth=3), random_state=0),
    ],
    ids=lambda model: type(model).__name__,
)
def test_ensembles_are_exact_and_their_trees_proved(classes, model) -> None:
    features, target = numbers(classes)
    model.fit(features, target)
    check_same(model, features, unlike_any(), 1e-12)
    graph, _ = exported(model, features)
    found = claims(model, graph)
    assert found
    assert all(claim.proved and claim.order for claim in found)
    members = [behind_sampler(one) for one in model.estimators_]
    assert sum(claim.trees for claim in found) == sum(len(getattr(one, "estimators_", [one])) for one in members)


def test_bagging_of_what_is_no_tree() -> None:
    features, target = numbers()
    model = BalancedBaggingClassifier(LogisticRegression(), n_estimators=5, max_features=2, random_state=0)
    check_same(model.fit(features, target), features, unlike_any(), 1e-12)


def test_bagging_of_whole_pipelines() -> None:
    features, target = numbers()
    inner = plain_pipeline(StandardScaler(), DecisionTreeClassifier(max_depth=4, random_state=0))
    model = BalancedBaggingClassifier(inner, n_estimators=5, random_state=0)
    check_same(model.fit(features, target), features, unlike_any())


@given(st.integers(0, 10**6), st.integers(2, 3), st.integers(1, 3), st.integers(2, 4))
def test_ties_of_votes_that_are_alike(seed, classes, rounds, members) -> None:
    random = np.random.default_rng(seed)
    features = pd.DataFrame(random.integers(0, 3, (40, 2)).astype(float), columns=["a", "b"])
    target = np.concatenate([np.arange(classes), random.integers(0, classes, 40 - classes)])
    model = EasyEnsembleClassifier(members, AdaBoostClassifier(n_estimators=rounds), random_state=seed)
    try:
        model.fit(features, target)
    except ValueError:  # AdaBoost finds no tree that is better than chance
        return
    grid = pd.DataFrame([(a, b) for a in range(-1, 4) for b in range(-1, 4)], columns=["a", "b"], dtype=float)
    check_same(model, features, grid, 1e-12)


def test_the_whole_export(tmp_path) -> None:
    features, target = numbers()
    model = make_pipeline(StandardScaler(), SMOTE(random_state=0), BalancedRandomForestClassifier(9, random_state=0))
    report = alpenglow.export(model.fit(features, target), features, tmp_path / "model.onnx")
    assert report.exact
    assert [claim.trees for claim in report.claims if claim.proved] == [9]
    served = alpenglow.load(tmp_path / "model.onnx")
    assert served.predict(features.head()).tolist() == model.predict(features.head()).tolist()
