"""What is known of a fitted pipeline: found once, at the door, and passed on in the pipeline's place."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from alpenglow._export.pipeline.labels import METHODS, labels_of
from alpenglow._export.pipeline.steps import (
    classes_of,
    columns_read,
    hashed_columns,
    known_categories,
    names_of,
    walk,
)
from alpenglow._export.pipeline.tasks import outputs_of, task_of
from alpenglow._export.pipeline.texts import text_columns
from alpenglow._export.silence import silenced

Answers = dict[str, NDArray[Any]]
LABELS_AS_TABLE = {"CatBoostClassifier"}  # of more than two classes: `[N, 1]`


class Fitted:
    """A fitted pipeline: what it is, what it is made of, what it reads, and how to ask it.

    Attributes:
        estimator: scikit-learn's own object.
        task: What it does; None if that cannot be served.
        outputs: Of the contract, in its order.
        labels: What is known of them if it predicts several at once, else None.
        steps: Each step with its path, the outermost first.
        classes: The names of the classes of its steps.
        names: Of the columns that it was fitted on; empty if those had none.
        width: How many columns it was fitted on; None if it does not say.
        undecided: Columns that it was asked about only among others, and refused something in all of them.
    """

    def __init__(self, estimator: Any, target: Any = None) -> None:
        """Find it out; `target` has the names of several labels."""
        self.estimator = estimator
        self.task = task_of(estimator)
        self.labels = labels_of(estimator, target) if self.task == "classification" else None
        self.outputs = self.labels.outputs if self.labels else outputs_of(estimator)
        self.steps = list(walk(estimator))
        self.classes = classes_of(estimator)
        self.names = names_of(estimator)
        self.width: int | None = getattr(estimator, "n_features_in_", None) or None  # CatBoost has 0 once it is loaded
        self.undecided: set[str] = set()

    def answers(self, rows: pd.DataFrame, outputs: list[str] | None = None) -> Answers:
        """What scikit-learn answers, by output; in one thread, as neighbours at equal distance depend on their number.

        Raises:
            Exception: Whatever scikit-learn raises on rows that it refuses.
        """
        with silenced(), threadpool_limits(1, user_api="openmp"):
            wanted = self.outputs if outputs is None else outputs
            if self.labels:
                return self.labels.answers(self.estimator, rows, wanted)
            found = {name: np.asarray(getattr(self.estimator, METHODS[name])(rows)) for name in wanted}
        if "label" in found and found["label"].shape[1:] == (1,) and self.classes & LABELS_AS_TABLE:
            found["label"] = found["label"][:, 0]
        return found

    def attempt(self, rows: pd.DataFrame) -> Answers | None:
        """The same; None where scikit-learn raises."""
        try:
            return self.answers(rows)
        except Exception:  # whatever it raises, it does not answer
            return None

    def predicts(self, rows: pd.DataFrame) -> bool:
        """Whether scikit-learn predicts the rows instead of raising."""
        with silenced():
            try:
                self.estimator.predict(rows)
            except Exception:  # whatever it raises, it does not predict
                return False
        return True

    @contextmanager
    def single_threaded(self) -> Iterator[None]:
        """Ask it in one thread: a forest adds up its trees in a fixed order only in one.

        The attribute is set, not the parameter: XGBoost would take in all of its parameters anew, and refuse some. Of
        skrub, steps that it has made itself have it, too.
        """
        parameters = [value for value in self.estimator.get_params().values() if hasattr(value, "get_params")]
        steps = {id(step): step for step in [*parameters, *(step for _, step in self.steps)]}
        kept = [(step, step.n_jobs) for step in steps.values() if getattr(step, "n_jobs", None) is not None]
        for step, _ in kept:
            step.n_jobs = None
        try:
            yield
        finally:
            for step, count in kept:
                step.n_jobs = count

    def columns_read(self, names: list[str]) -> list[str]:
        """Those of the columns, named in order, that something can depend on."""
        return columns_read(self.estimator, names)

    def known_categories(self, names: list[str]) -> dict[str, list[Any]]:
        """The categories that an encoder was fitted on, by column."""
        return known_categories(self.estimator, names)

    def hashed_columns(self, names: list[str]) -> set[str]:
        """The columns of which the graph can know the sample's values alone."""
        return hashed_columns(self.estimator, names)

    def text_columns(self, names: list[str]) -> set[str]:
        """The columns that hold texts, no categories."""
        return text_columns(self.estimator, names)
