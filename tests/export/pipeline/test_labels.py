"""Several labels at once: what is known of them, and every estimator of scikit-learn that predicts them."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier, StackingClassifier
from sklearn.feature_selection import RFE
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import ClassifierChain, MultiOutputClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

import alpenglow
from alpenglow._export.errors import PipelineError
from alpenglow._export.pipeline.fitted import Fitted
from docs.survey.estimators import classifiers
from tests.tables import wine

FEATURES = wine().drop(columns=["target", "colour", "strong"]).fillna(0.0)
KIND = wine()["target"].to_numpy()
INDICATORS = np.c_[KIND == 0, FEATURES["hue"] > 1, FEATURES["alcohol"] > 13].astype(int)
NAMED = pd.DataFrame({"kind": np.array(["a", "b", "c"])[KIND], "hue": np.where(FEATURES["hue"] > 1, "light", "dark")})
LINEAR = make_pipeline(StandardScaler(), LogisticRegression())
FOREST = RandomForestClassifier(5, random_state=0)


def takes_several(estimator: Any) -> bool:
    """Whether it says so."""
    tags = estimator.__sklearn_tags__()
    several = tags.target_tags.multi_output or (tags.classifier_tags and tags.classifier_tags.multi_label)
    return bool(several)


SEVERAL = {name: estimator for name, estimator in classifiers() if takes_several(estimator)}


def test_scikit_learn_has_some() -> None:
    assert {"ClassifierChain", "MLPClassifier", "MultiOutputClassifier", "RidgeClassifierCV"} < SEVERAL.keys()
    assert len(SEVERAL) >= 13


@pytest.mark.parametrize("name", SEVERAL)
def test_every_one_of_them_is_exported_as_it_answers(name, tmp_path) -> None:
    estimator = make_pipeline(StandardScaler(), clone(SEVERAL[name])).fit(FEATURES, INDICATORS)
    alpenglow.export(estimator, FEATURES, tmp_path / "m.onnx", training={"target": ["first", "light", "strong"]})
    model = alpenglow.load(tmp_path / "m.onnx")
    expected = estimator.predict(FEATURES)
    assert model.predict(FEATURES).dtype.kind == expected.dtype.kind
    np.testing.assert_array_equal(model.predict(FEATURES), expected)
    targets = model.signature.targets
    assert targets
    assert [target.name for target in targets] == ["first", "light", "strong"]
    assert [classes.tolist() for classes in model.classes_] == [[0, 1]] * 3
    if hasattr(estimator, "predict_proba"):
        given, shares = model.predict_proba(FEATURES), estimator.predict_proba(FEATURES)
        assert isinstance(given, list) == isinstance(shares, list)
        np.testing.assert_allclose(np.array(given), np.array(shares), rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("estimator", "outputs"),
    [
        (GridSearchCV(FOREST, {"max_depth": [2, 3]}, cv=2), ["label", "probabilities.kind", "probabilities.hue"]),
        (make_pipeline(StandardScaler(), FrozenEstimator(FOREST)), None),
        (MultiOutputClassifier(LinearSVC()), ["label"]),
        (MultiOutputClassifier(DecisionTreeClassifier()), ["label", "probabilities.kind", "probabilities.hue"]),
        (KNeighborsClassifier(), ["label", "probabilities.kind", "probabilities.hue"]),
        (DummyClassifier(), ["label", "probabilities.kind", "probabilities.hue"]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_outputs_of_labels_with_classes_of_their_own(estimator, outputs) -> None:
    if isinstance(estimator[-1] if hasattr(estimator, "steps") else estimator, FrozenEstimator):
        estimator = make_pipeline(FrozenEstimator(clone(FOREST).fit(FEATURES, NAMED)))
        outputs = ["label", "probabilities.kind", "probabilities.hue"]
    known = Fitted(estimator.fit(FEATURES, NAMED), ["kind", "hue"])
    assert known.outputs == outputs
    assert known.labels
    assert [classes.tolist() for classes in known.labels.classes] == [["a", "b", "c"], ["dark", "light"]]
    answers = known.answers(FEATURES)
    np.testing.assert_array_equal(answers["label"], estimator.predict(FEATURES))
    for place, name in enumerate(outputs[1:]):
        np.testing.assert_array_equal(answers[name], estimator.predict_proba(FEATURES)[place])


@pytest.mark.parametrize(
    ("estimator", "outputs"),
    [
        (OneVsRestClassifier(LINEAR), ["label", "probabilities"]),
        (OneVsRestClassifier(LinearSVC()), ["label", "decision"]),
        (MLPClassifier((4,), max_iter=5, random_state=0), ["label", "probabilities"]),
        (RFE(RidgeClassifier(), n_features_to_select=3), ["label", "decision"]),
        (ClassifierChain(LINEAR), ["label", "probabilities"]),
        (ClassifierChain(LinearSVC()), ["label", "decision"]),
        (StackingClassifier([("a", FOREST)], KNeighborsClassifier(), cv=2), ["label"]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_outputs_of_labels_that_are_there_or_not(estimator, outputs) -> None:
    known = Fitted(estimator.fit(FEATURES, INDICATORS))
    assert known.outputs == outputs
    assert {answer.shape for answer in known.answers(FEATURES).values()} == {(len(FEATURES), 3)}


def test_a_chain_of_labels_with_several_classes_has_labels_alone() -> None:
    both = np.c_[KIND, INDICATORS[:, 1] * 7]
    known = Fitted(ClassifierChain(DecisionTreeClassifier(), order=[1, 0]).fit(FEATURES, both))
    assert known.outputs == ["label"]
    assert known.labels
    assert [classes.tolist() for classes in known.labels.classes] == [[0.0, 1.0, 2.0], [0.0, 7.0]]


def test_where_one_label_has_a_single_class_the_others_have_no_probabilities_of_it() -> None:
    constant = np.c_[np.ones(len(FEATURES), int), INDICATORS]
    assert Fitted(OneVsRestClassifier(LinearSVC()).fit(FEATURES, constant)).outputs == ["label", "decision"]


def test_one_label_is_none_of_several() -> None:
    known = Fitted(clone(FOREST).fit(FEATURES, KIND), "kind")
    assert (known.labels, known.outputs) == (None, ["label", "probabilities"])


@pytest.mark.parametrize("names", [["a", "b"], ["a", "b", "a"], ["a", "b", "c", "d"]])
def test_names_that_do_not_fit_are_refused(names, tmp_path) -> None:
    model = clone(FOREST).fit(FEATURES, INDICATORS)
    with pytest.raises(PipelineError, match=r"predicts 3 labels at once, and their names are 'a', 'b'.*: expected"):
        alpenglow.export(model, FEATURES, tmp_path / "m.onnx", training={"target": names})


def test_without_names_their_numbers_are_their_names(tmp_path) -> None:
    alpenglow.export(clone(FOREST).fit(FEATURES, INDICATORS), FEATURES, tmp_path / "m.onnx", training={"target": "y"})
    signature = alpenglow.load(tmp_path / "m.onnx").signature
    assert signature.targets
    assert ([target.name for target in signature.targets], signature.target) == (["0", "1", "2"], "y")
    assert (signature.classes, signature.label_type) == (None, "integer")
