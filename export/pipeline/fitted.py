"""What is known of a fitted pipeline: found once, at the door, and passed on in the pipeline's place."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from alpenglow._export.pipeline.steps import classes_of, columns_read, known_categories, walk
from alpenglow._export.pipeline.tasks import METHODS, outputs_of, task_of
from alpenglow._export.pipeline.texts import text_columns
from alpenglow._export.silence import silenced

Answers = dict[str, NDArray[Any]]


class Fitted:
    """A fitted pipeline: what it is, what it is made of, what it reads, and how to ask it.

    Attributes:
        estimator: scikit-learn's own object.
        task: What it does; None if that cannot be served.
        outputs: Of the contract, in its order.
        steps: Each step with its path, the outermost first.
        classes: The names of the classes of its steps.
        names: Of the columns that it was fitted on; empty if those had none.
        width: How many columns it was fitted on; None if it does not say.
        undecided: Columns that it was asked about only among others, and refused something in all of them.
    """

    def __init__(self, estimator: Any) -> None:
        self.estimator = estimator
        self.task = task_of(estimator)
        self.outputs = outputs_of(estimator)
        self.steps = list(walk(estimator))
        self.classes = classes_of(estimator)
        self.names = [str(name) for name in getattr(estimator, "feature_names_in_", ())]
        self.width: int | None = getattr(estimator, "n_features_in_", None)
        self.undecided: set[str] = set()

    def answers(self, rows: pd.DataFrame, outputs: list[str] | None = None) -> Answers:
        """What scikit-learn answers, by output; in one thread, as neighbours at equal distance depend on their number.

        Raises:
            Exception: Whatever scikit-learn raises on rows that it refuses.
        """
        with silenced(), threadpool_limits(1, user_api="openmp"):
            wanted = self.outputs if outputs is None else outputs
            return {name: np.asarray(getattr(self.estimator, METHODS[name])(rows)) for name in wanted}

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
        """Ask it in one thread: a forest adds up its trees in a fixed order only in one."""
        jobs = {name: value for name, value in self.estimator.get_params().items() if name.split("__")[-1] == "n_jobs"}
        # Of skrub, steps that it has made itself have it, too.
        inner = [(step, step.n_jobs) for _, step in self.steps if getattr(step, "n_jobs", None) is not None]
        self.estimator.set_params(**dict.fromkeys(jobs))
        for step, _ in inner:
            step.n_jobs = None
        try:
            yield
        finally:
            self.estimator.set_params(**jobs)
            for step, count in inner:
                step.n_jobs = count

    def columns_read(self, names: list[str]) -> list[str]:
        """Those of the columns, named in order, that something can depend on."""
        return columns_read(self.estimator, names)

    def known_categories(self, names: list[str]) -> dict[str, list[Any]]:
        """The categories that an encoder was fitted on, by column."""
        return known_categories(self.estimator, names)

    def text_columns(self, names: list[str]) -> set[str]:
        """The columns that hold texts, no categories."""
        return text_columns(self.estimator, names)
