"""A table with a target, split into rows to learn from and rows to be scored on."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype, is_float_dtype, is_integer_dtype, is_numeric_dtype
from sklearn.model_selection import train_test_split

Task = Literal["classification", "regression"]
TASKS: tuple[Task, ...] = get_args(Task)

HELD_OUT = 0.2
SEED = 0
# A target of whole numbers with at most this many distinct ones is taken for class labels.
MOST_INTEGER_CLASSES = 20


class DataError(ValueError):
    """The table cannot be learnt from; the message says why and what to do."""


@dataclass(frozen=True)
class Dataset:
    """`train` and `test` hold the same columns, the target among them; numbers are float64."""

    name: str
    target: str
    task: Task
    train: pd.DataFrame
    test: pd.DataFrame
    sha256: str

    def features(self, rows: pd.DataFrame) -> pd.DataFrame:
        """The rows without the target."""
        return rows.drop(columns=self.target)


def read_csv(path: Path, target: str, task: Task | None = None) -> Dataset:
    """Read a CSV file with a header line; hold out a fifth of its rows, always the same ones.

    Rows without a target are left out: nothing can be learnt from them.

    Args:
        path: The file, plain or compressed (.gz, .bz2, .xz, .zip).
        target: The column to predict.
        task: Overrules what the target's values suggest.

    Raises:
        DataError: The file cannot be read, or the target cannot be predicted from it.
    """
    try:
        content = path.read_bytes()
        table = pd.read_csv(path, low_memory=False)
    except OSError as error:
        raise DataError(f"{path}: {error.strerror or error}") from error
    except (ValueError, EOFError) as error:
        raise DataError(f"{path} is not a CSV table: {error}") from error
    if target not in table.columns:
        raise DataError(f"{path} has no column {target!r}; its columns are: {', '.join(map(repr, table.columns))}")
    table = table.dropna(subset=[target]).reset_index(drop=True)
    if len(table) < 10 or len(table.columns) < 2:
        raise DataError(
            f"{path} has {len(table)} rows with a {target!r} and {len(table.columns) - 1} other columns: "
            "too little to learn from"
        )
    infinite = [str(name) for name in table if is_number(table[name]) and np.isinf(table[name]).any()]
    if infinite:
        row = int(np.flatnonzero(np.isinf(table[infinite[0]]))[0])
        raise DataError(f"{path} has an infinite number in column {infinite[0]!r}, row {row}: leave it empty instead")
    labels, task = as_target(table[target], task)
    table = as_features(table.drop(columns=target)).assign(**{target: labels})
    learn, held_out = split(table, target, task)
    return Dataset(path.name.split(".")[0], target, task, learn, held_out, hashlib.sha256(content).hexdigest())


def as_features(table: pd.DataFrame) -> pd.DataFrame:
    """Numbers as float64 (scikit-learn 1.8 refuses to impute a float into integers); the rest as it is."""
    numbers = [name for name in table if is_number(table[name])]
    return table.astype(dict.fromkeys(numbers, "float64"))


def is_number(column: "pd.Series[Any]") -> bool:
    """Whether the column holds numbers; true and false are categories."""
    return is_numeric_dtype(column) and not is_bool_dtype(column)


def as_target(values: "pd.Series[Any]", task: Task | None) -> tuple["pd.Series[Any]", Task]:
    """The target in its natural type, and the task that it suggests unless `task` overrules it.

    A gap in a column of whole numbers makes pandas read it as floats; once the gaps are gone they are
    whole numbers again.
    """
    if is_float_dtype(values) and (values == values.round()).all() and values.abs().max() < 2**53:
        values = values.astype("int64")
    if is_bool_dtype(values) or not is_numeric_dtype(values):
        suggested: Task = "classification"
    else:
        few = is_integer_dtype(values) and values.nunique() <= MOST_INTEGER_CLASSES
        suggested = "classification" if few else "regression"
    task = task or suggested
    if task == "regression" and (is_bool_dtype(values) or not is_numeric_dtype(values)):
        raise DataError(
            f"{values.name!r} holds labels such as {values.iloc[0]!r}, not numbers: a regression needs numbers"
        )
    if task == "classification" and is_float_dtype(values):
        raise DataError(f"{values.name!r} holds fractions such as {values.iloc[0]!r}: they cannot be class labels")
    if task == "classification" and values.nunique() < 2:
        raise DataError(f"{values.name!r} has the same value in every row: there is nothing to tell apart")
    return (values if task == "classification" else values.astype("float64")), task


def split(table: pd.DataFrame, target: str, task: Task) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Every fifth row is held out, drawn at random; in proportion to the classes where they are large enough."""
    stratify = None
    if task == "classification" and table[target].value_counts().min() >= 1 / HELD_OUT:
        stratify = table[target]
    learn, held_out = train_test_split(table, test_size=HELD_OUT, random_state=SEED, stratify=stratify)
    return learn.sort_index(), held_out.sort_index()
