"""Several labels at once: which estimators predict them, of which classes each is, and scikit-learn's answers by label.

The contract has one output `label` `[N, T]`. Probabilities are as scikit-learn has them: an array of each label, which
become outputs `probabilities.NAME` `[N, C]`, or one matrix, `probabilities` `[N, T]`. In a converter's outputs, a
label's number stands for its name.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.ensemble import StackingClassifier
from sklearn.feature_selection import RFE
from sklearn.model_selection._search import BaseSearchCV
from sklearn.multioutput import ClassifierChain
from sklearn.pipeline import Pipeline

from alpenglow._export.errors import PipelineError
from alpenglow._export.versions import FROZEN
from alpenglow._serve.signature import SHARES, LabelType, spelled

Classes = Sequence[NDArray[Any]]  # of each label
KINDS: dict[str, LabelType] = {"b": "boolean", "i": "integer", "u": "integer", "f": "number"}
DTYPES: dict[LabelType, type] = {"boolean": np.bool_, "integer": np.int64, "number": np.float64}
METHODS = {
    "label": "predict",
    "prediction": "predict",
    "probabilities": "predict_proba",
    "decision": "decision_function",
}


def classes_by_label(estimator: Any) -> list[NDArray[Any]] | None:
    """The classes of each of the labels that an estimator predicts at once; None where it predicts one, or none."""
    inner = answering(estimator)
    classes = getattr(inner, "classes_", None)
    if isinstance(inner, ClassifierChain):
        # It answers floats, and has the classes in the order in which it goes through the labels.
        return [np.asarray(classes[place], np.float64) for place in np.argsort(inner.order_)]  # type: ignore[index]
    if isinstance(classes, list) and all(isinstance(one, np.ndarray) for one in classes):
        return classes
    binarizer = getattr(inner, "label_binarizer_", getattr(inner, "_label_binarizer", None))
    if classes is not None and str(getattr(binarizer, "y_type_", "")).startswith("multilabel"):
        return [np.array([0, 1])] * len(classes)
    return None


def answering(estimator: Any) -> Any:
    """What gives the answers of a pipeline, a search, an elimination or a frozen estimator."""
    steps: list[tuple[tuple[type, ...], Any]] = [
        ((Pipeline,), lambda whole: whole.steps[-1][1]),
        ((BaseSearchCV,), lambda whole: whole.best_estimator_),
        ((RFE,), lambda whole: whole.estimator_),
        (FROZEN, lambda whole: whole.estimator),
    ]
    inner = next((inner for kinds, inner in steps if isinstance(estimator, kinds)), None)
    return answering(inner(estimator)) if inner else estimator


def outputs_by_label(estimator: Any) -> list[str] | None:
    """The outputs of one that predicts several labels, by their numbers; None of any other."""
    classes = classes_by_label(estimator)
    if classes is None:
        return None
    inner = answering(estimator)
    members = getattr(inner, "estimators_", ())
    if isinstance(inner, StackingClassifier):
        return ["label"]  # its predict_proba has the shares of the first classes, or raises
    if isinstance(inner, ClassifierChain):
        two = all(len(one) == 2 for one in classes)  # of any other it has nothing but labels
        return ["label", *(name for name in scores_of(inner, members) if two)]
    if isinstance(inner.classes_, list):
        return ["label", *(f"{SHARES}{place}" for place in range(len(classes)) if hasattr(inner, "predict_proba"))]
    return ["label", *scores_of(inner, members)]


def scores_of(estimator: Any, members: Sequence[Any]) -> list[str]:
    """The matrix that it has beside its labels: probabilities, else decisions, as all of its members have them."""
    having = (
        name
        for name in ("probabilities", "decision")
        if all(hasattr(one, METHODS[name]) for one in (estimator, *members))
    )
    return list(having)[:1]


def label_type(classes: NDArray[Any]) -> LabelType:
    """The type of a label's classes; of objects what they are."""
    plain = np.array(classes.tolist()) if classes.dtype.kind == "O" else classes
    return KINDS.get(plain.dtype.kind, "string")


def common_type(classes: Classes) -> LabelType:
    """The type of all labels in one tensor: text, unless all are of one type."""
    types = {label_type(one) for one in classes}
    return types.pop() if len(types) == 1 else "string"


def of_type(values: NDArray[Any], kind: LabelType) -> NDArray[Any]:
    """Labels in that type; as text, numbers are spelled as in JSON."""
    if kind != "string":
        return values.astype(DTYPES[kind])
    return np.array([spelled(value) for value in values.ravel().tolist()], dtype=object).reshape(values.shape)


def tensors_of(classes: Classes) -> list[NDArray[Any]]:
    """The classes of each label as the graph has them, all of one type: text, or int64 for numbers and booleans."""
    kind = common_type(classes)
    return [of_type(one, kind) if kind == "string" else one.astype(np.int64) for one in classes]


@dataclass(frozen=True)
class Labels:
    """Several labels: their names, the classes of each, and the contract's outputs."""

    names: list[str]
    classes: Classes
    outputs: list[str]
    kind: LabelType  # of all labels in one tensor

    def answers(self, estimator: Any, rows: pd.DataFrame, wanted: Sequence[str]) -> dict[str, NDArray[Any]]:
        """What scikit-learn answers, by output."""
        methods = dict.fromkeys(METHODS[name.partition(".")[0]] for name in wanted)
        asked = {method: dense(getattr(estimator, method)(rows)) for method in methods}
        found = {}
        for name in wanted:
            answer = asked[METHODS[name.partition(".")[0]]]
            if name.startswith(SHARES):
                answer = answer[self.names.index(name.removeprefix(SHARES))]
            found[name] = of_type(np.asarray(answer), self.kind) if name == "label" else np.asarray(answer)
        return found


def dense(answer: Any) -> Any:
    """An answer that may be a sparse matrix, as those to sparse labels are."""
    return answer.toarray() if hasattr(answer, "toarray") else answer


def labels_of(estimator: Any, target: Any) -> Labels | None:
    """What is known of several labels; None of an estimator that predicts one.

    Args:
        estimator: Fitted.
        target: Their names, in the order of y's columns; where it is no list, their numbers are their names.

    Raises:
        PipelineError: There are more or fewer names than labels, or two that are the same.
    """
    classes, outputs = classes_by_label(estimator), outputs_by_label(estimator)
    if classes is None or outputs is None:
        return None
    given = target is not None and not isinstance(target, str)
    names = [str(name) for name in target] if given else [str(place) for place in range(len(classes))]
    if len(set(names)) != len(classes) or len(names) != len(classes):
        raise PipelineError(
            f"the pipeline predicts {len(classes)} labels at once, and their names are {', '.join(map(repr, names))}: "
            "expected a different one for each, in the order of y's columns"
        )
    named = [
        SHARES + names[int(output.removeprefix(SHARES))] if output.startswith(SHARES) else output for output in outputs
    ]
    return Labels(names, classes, named, common_type(classes))
