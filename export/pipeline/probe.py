"""Ask the fitted pipeline what it takes, rather than infer it: missing values, unknown text, large numbers."""

from collections import Counter, deque
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from alpenglow._export.pipeline.fitted import Fitted
from alpenglow._export.pipeline.missing import without

LARGEST_FLOAT64 = float(np.finfo(np.float64).max)
LARGEST_FLOAT32 = float(np.finfo(np.float32).max)
SMALLEST = 5e-324  # above zero
# Questions of a change: of tables of up to 100 columns each column is decided on, whatever the answers.
MOST_CELLS_ASKED = 20_000
MOST_QUESTIONS = 64
MOST_REFUSALS = 15  # if it takes no eighth of columns of a kind
MOST_ALONE = 50  # columns whose limits are sought one by one
UNKNOWN = "\ufdd1 unknown"  # begins with a noncharacter: among nobody's categories

Change = Callable[[pd.DataFrame, Sequence[str]], pd.DataFrame]


def accepting(fitted: Fitted, row: pd.DataFrame, kinds: Sequence[Sequence[str]], change: Change) -> set[str]:
    """The columns in which scikit-learn takes the change; one question for each kind in which it takes it at once.

    Else it is asked for halves, and halves of those that it refuses. Of a wide table some columns
    are undecided when enough questions were asked: those lie among others that it refuses, count as refused, too, and
    are noted in `fitted.undecided`.

    Args:
        fitted: The pipeline.
        row: One row that it predicts.
        kinds: The candidates; those of a kind are likely to be treated alike.
        change: Returns the row with the given columns changed.
    """
    found: set[str] = set()
    waiting = deque((number, list(kind)) for number, kind in enumerate(kinds) if kind)
    enough = MOST_CELLS_ASKED // row.shape[1]
    refused, mixed = Counter[int](), set[int]()
    asked = 0
    while waiting:
        number, block = waiting.popleft()
        hopeless = number not in mixed and refused[number] >= max(enough, MOST_REFUSALS)
        if hopeless or asked >= max(enough, MOST_QUESTIONS):
            fitted.undecided.update(block)
            continue
        asked += 1
        if fitted.predicts(change(row, block)):
            found.update(block)
            mixed.add(number)
        else:
            refused[number] += 1
            half = len(block) // 2
            waiting += [(number, part) for part in (block[:half], block[half:]) if 0 < len(part) < len(block)]
    return found


def with_missing(sample: pd.DataFrame) -> Change:
    """A change that takes the value out of the given columns, and leaves what the sample has in its place."""
    return lambda rows, columns: rows.assign(**{name: without(rows[name], sample[name]) for name in columns})


def with_unknown(rows: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """The rows with text that no encoder has seen."""
    return rows.assign(**dict.fromkeys(columns, UNKNOWN))


def with_number(*values: float) -> Change:
    """A change that puts a number into the given columns; of several numbers each into rows of its own."""

    def change(rows: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
        rows = rows.iloc[np.repeat(np.arange(len(rows)), len(values))].reset_index(drop=True)
        numbers = np.tile(values, len(rows) // len(values))[:, np.newaxis]
        if (rows.dtypes == np.float64).all():  # a single block, which scikit-learn reads much faster than many
            matrix = rows.to_numpy(copy=True)
            matrix[:, rows.columns.get_indexer(pd.Index(columns))] = numbers
            return pd.DataFrame(matrix, columns=rows.columns)
        filled = pd.DataFrame(np.repeat(numbers, len(columns), axis=1), columns=list(columns))
        return pd.concat([rows.drop(columns=list(columns)), filled], axis=1)[rows.columns]

    return change


def limits(fitted: Fitted, row: pd.DataFrame, columns: Sequence[str]) -> dict[str, tuple[float, float]]:
    """The least and the greatest number that scikit-learn takes in a column, for the columns that have such limits.

    A forest refuses what float32 cannot hold. Where a step before it scales numbers up, the limit is lower: the
    largest power of two that passes. Many columns get the same, which passes in all of them at once. Some steps refuse
    what is below zero.
    """

    def at_once(value: float, names: Sequence[str]) -> bool:
        return fitted.predicts(with_number(value)(row, names))

    def takes(value: float, names: Sequence[str]) -> list[str]:
        taken = accepting(fitted, row, [names], with_number(value))
        return [name for name in names if name in taken]

    def both(value: float, names: Sequence[str]) -> set[str]:
        return accepting(fitted, row, [names], with_number(value, -value))

    def limit(names: Sequence[str], sign: float) -> dict[str, float]:
        for size in (LARGEST_FLOAT64, LARGEST_FLOAT32):
            if at_once(sign * size, names):
                return dict.fromkeys(names, sign * size)
        some = takes(sign, names)
        rest = [name for name in names if name not in some]
        found = dict.fromkeys(rest, -sign * SMALLEST) | dict.fromkeys(takes(0.0, rest), 0.0)
        if some:
            power = largest(lambda power: at_once(sign * 2.0**power, some))
            found |= dict.fromkeys(some, sign * 2.0**power)
        return found

    unlimited = both(LARGEST_FLOAT64, columns)
    limited = [name for name in columns if name not in unlimited]
    in_float32 = both(LARGEST_FLOAT32, limited)
    others = [name for name in limited if name not in in_float32]
    found = dict.fromkeys(limited, (-LARGEST_FLOAT32, LARGEST_FLOAT32))
    for block in [others] if len(others) > MOST_ALONE else [[name] for name in others]:
        low, high = limit(block, -1.0), limit(block, 1.0)
        found |= {name: (low[name], high[name]) for name in block}
    return found


def largest(passes: Callable[[int], bool]) -> int:
    """The largest power of two that passes, sought in growing steps from float32's on; 0 passes, 1024 does not."""
    low, high, step = 0, 1024, 1
    guess = 127
    while high - low > 1:
        if passes(guess):
            low, guess = guess, guess + step
        else:
            high, guess = guess, guess - step
        step *= 2
        if not low < guess < high:
            guess = (low + high) // 2
    return low
