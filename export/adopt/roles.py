"""Which of a graph's outputs is the label, which the scores, and of what classes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alpenglow._export.adopt.columns import listed
from alpenglow._export.errors import AdoptionError
from alpenglow._serve.signature import Task

ROUNDING = 1e-3  # by which the probabilities of a row may miss one
Answers = Mapping[str, NDArray[Any]]  # the outputs for the sample's rows, `[N]` or `[N, K]` each


@dataclass(frozen=True)
class Roles:
    """What becomes of a graph's outputs.

    Attributes:
        task: What the signature says.
        label: The output that has it; None: it is that of the largest score, or there is none.
        scores: The output that has them; None: there are none.
        called: What these are called: `probabilities`, `decision` or `prediction`.
        classes: The labels, in the scores' order, where there are such.
        numbered: Whether the graph's label is the place of one of the classes.
        notes: What was taken for granted.
    """

    task: Task
    label: str | None
    scores: str | None
    called: str = "decision"
    classes: list[Any] | None = None
    numbered: bool = False
    notes: list[str] = field(default_factory=list)


def outputs(given: Answers, task: Task | None) -> tuple[str | None, str | None]:
    """The output with labels and that with numbers, as far as there are such.

    Args:
        given: What the graph answers.
        task: What the user says.

    Raises:
        AdoptionError: There are others, or not those that the task has.
    """
    numbers = [name for name, answer in given.items() if answer.dtype.kind == "f"]
    labels = [name for name, answer in given.items() if answer.dtype.kind != "f" and width(answer) == 1]
    if task == "regression":
        if len(given) == 1 and all(answer.dtype.kind in "iuf" for answer in given.values()):
            return None, next(iter(given))
    elif len(labels) <= 1 and len(numbers) <= 1 and len(labels) + len(numbers) == len(given):
        label, scores = next(iter(labels), None), next(iter(numbers), None)
        whole = label is not None and given[label].dtype.kind in "iu"
        several = scores is not None and width(given[scores]) > 1
        if task is None or (whole if task != "classification" else label is not None or several):
            return label, scores
    listed_labels = [name for name, answer in given.items() if answer.dtype.kind != "f" and width(answer) > 1]
    if listed_labels and task != "regression":
        name = listed_labels[0]
        raise AdoptionError(
            f"the graph gives {width(given[name])} labels a row, {name!r}, where one is taken; of a pipeline of "
            "scikit-learn that predicts several, alpenglow export makes a model"
        )
    shown = ", ".join(
        f"{name!r} ({answer.dtype} [{', '.join(['N', *map(str, answer.shape[1:])])}])" for name, answer in given.items()
    )
    raise AdoptionError(
        f"the graph gives {shown}, which is no {task or 'model'} that is served: expected a label a row with or "
        "without scores [N, C], or scores or predictions alone; onnx.utils.extract_model drops other outputs"
    )


def roles_of(
    given: Answers,
    label: str | None,
    scores: str | None,
    own: list[Any] | None,
    task: Task | None,
    classes: Sequence[Any] | None,
) -> Roles:
    """Find out by what the graph answers.

    Args:
        given: What the graph answers.
        label: The output with labels, as `outputs` found it.
        scores: The output with numbers.
        own: The classes, as the graph itself says them.
        task: What the user says.
        classes: What the user says.

    Raises:
        AdoptionError: It cannot be told, or is nothing that is served.
    """
    single = scores is not None and width(given[scores]) == 1
    if task is None:
        task = "regression" if label is None and single else "classification"
    if task == "classification":
        return classification(given, label, scores, own, classes)
    if classes is not None:
        raise AdoptionError(
            f"a {task} has no classes, and this is one: leave them out, or say which task it is (--task)"
        )
    if task == "regression":
        return Roles(task, None, scores, "prediction")
    return Roles(task, label, scores if task == "outlier-detection" else None)


def classification(
    given: Answers, label: str | None, scores: str | None, own: list[Any] | None, said: Sequence[Any] | None
) -> Roles:
    """As `roles_of`."""
    labels = None if label is None else given[label].ravel()
    texts = labels is not None and labels.dtype.kind not in "iub"
    if labels is not None and labels.dtype.kind == "b":
        said = said or [False, True]
    count = max(2, width(given[scores])) if scores else None  # one number is that of the second of two classes
    if own is not None and labels is not None and texts != isinstance(own[0], str):
        own = None  # they are something else by the time they come out
    numbered = said is not None and not texts and labels is not None and {type(each) for each in said} != {int}
    places = own
    if own is None and not texts and count is not None and (said is None or numbered or labels is None):
        places = list(range(count))
    elif own is None and said is not None:
        places = list(said)
    classes = list(said) if said is not None else places
    if places is None or classes is None:
        raise AdoptionError(
            "the graph does not say which classes it has: say them (--classes), or that it is a clustering (--task)"
        )
    if len(classes) != len(set(classes)) or len(classes) != len(places) or count not in (None, len(classes)):
        raise AdoptionError(f"expected {count or len(places)} different classes, got {listed(classes)}")
    if said is not None and own is not None and classes != own and own != list(range(len(own))):
        raise AdoptionError(f"the graph's own classes are {listed(own)}, in this order, not {listed(classes)}")
    strange = set() if labels is None else set(labels.tolist()) - set(places)
    if strange:
        raise AdoptionError(
            f"the graph gives the label {next(iter(strange))!r}, which is none of the classes {listed(places)}: say "
            "them in the order of the scores (--classes), or that it is a clustering or an outlier-detection (--task)"
        )
    notes = agreement(labels, given[scores], places) if labels is not None and scores else []
    called = "probabilities" if scores and are_probabilities(given[scores]) else "decision"
    if labels is None:
        notes.append("the graph gives no label: it is that of the largest score")
        if called == "decision":
            taken = f"the graph's {count} numbers are taken as scores of {count} classes"
            notes.append(f"{taken}; if they are predictions, say regression (--task)")
    return Roles("classification", label, scores, called, classes, numbered, notes)


def agreement(labels: NDArray[Any], scores: NDArray[Any], places: Sequence[Any]) -> list[str]:
    """What is to be said of labels that are not those of the largest scores.

    Raises:
        AdoptionError: Most are not: the scores have another order or meaning.
    """
    chosen = scores.argmax(axis=1) if width(scores) > 1 else (scores.ravel() > 0).astype(np.int64)
    unlike = int((np.array(places, dtype=object)[chosen] != labels.astype(object)).sum())
    what = f"the graph's label is not that of the largest score on {unlike:,} of {len(labels):,} rows"
    if unlike * 2 > len(labels):
        raise AdoptionError(
            f"{what}: say the classes in the order of the scores (--classes), or that it is a clustering or an "
            "outlier-detection (--task), or drop the scores (onnx.utils.extract_model)"
        )
    return [what] if unlike else []


def are_probabilities(scores: NDArray[Any]) -> bool:
    """Whether each row adds up to one."""
    finite = scores[np.isfinite(scores).reshape(len(scores), -1).all(axis=1)]
    if width(scores) < 2 or not len(finite):
        return False
    return bool((finite >= 0).all() and (np.abs(finite.sum(axis=1, dtype=np.float64) - 1) < ROUNDING).all())


def width(answer: NDArray[Any]) -> int:
    """How many columns an output has."""
    return 1 if answer.ndim == 1 else int(answer.shape[1])
