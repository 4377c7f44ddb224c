"""The answers of a graph beside those that it should give."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alpenglow._export.adopt.roles import Answers
from alpenglow._export.errors import AdoptionError
from alpenglow._export.gate.graph import Graph
from alpenglow._export.gate.parity import MOST_SHOWN, SAMPLE, difference, usual_size
from alpenglow._export.gate.witnesses import CLEAR, Keeper, margins
from alpenglow._serve.signature import Parity, Signature
from alpenglow._serve.witnesses import Witnesses

TOLERANCE = 1e-5  # of what is computed in float32
REFERENCE = "the answers that were given for it"


def alike(what: str, expected: NDArray[Any], given: NDArray[Any], tolerance: float) -> float:
    """How far numbers are from those expected; labels are the same.

    Args:
        what: What is wrong otherwise, for a sentence.
        expected: `[N]` or `[N, C]`.
        given: Of the same shape.
        tolerance: How far a number may be, relative to its size or to the usual one if that is larger.

    Raises:
        AdoptionError: They are not alike.
    """
    far = distances(expected, given)
    wrong = np.flatnonzero(far > tolerance)
    if len(wrong):
        rows = "; ".join(f"row {row}: {shown(expected[row])} became {shown(given[row])}" for row in wrong[:MOST_SHOWN])
        raise AdoptionError(f"{what} on {len(wrong):,} of {len(given):,} rows, so nothing is written: {rows}")
    return float(far.max(initial=0.0))


def distances(expected: NDArray[Any], given: NDArray[Any]) -> NDArray[np.float64]:
    """For each row how far numbers are from those expected; another label is infinitely far."""
    if expected.dtype.kind == "f":
        return difference(expected.astype(np.float64), given.astype(np.float64), usual_size(expected))
    return np.where(expected == given, 0.0, np.inf)


def shown(value: Any) -> str:
    """A label or numbers as Python has them."""
    return repr(value.tolist() if hasattr(value, "tolist") else value)


def proof(answer: Answers, name: str, expected: NDArray[Any], tolerance: float) -> Parity:
    """Compare with what the user has.

    Args:
        answer: What the wrapped graph gives for the sample.
        name: The output that is compared.
        expected: What it should be, as `expected_of` has it.
        tolerance: How far a number may be.

    Raises:
        AdoptionError: The answers are others.
    """
    found = answer[name]
    numbers = found.dtype.kind == "f" and name != "label"
    far = alike("the graph's answers are not those that are given", expected, found, tolerance)
    return Parity(
        rows=len(found),
        probe_rows=0,
        different_labels=0,
        largest_difference=far if numbers else None,
        tolerance=tolerance,
        reference=REFERENCE,
    )


def expected_of(answer: Answers, answers: Any) -> tuple[str, NDArray[Any]]:
    """Which output the user has answers for, and these as the graph gives them.

    Args:
        answer: What the wrapped graph gives for the sample: the label or prediction first.
        answers: The same rows' labels or predictions `[N]`, or scores `[N, C]`.

    Raises:
        AdoptionError: They do not fit the graph's.
    """
    expected = array_of(answers)
    name = list(answer)[-1 if expected.ndim == 2 else 0]
    found = answer[name]
    if expected.shape != found.shape:
        raise AdoptionError(
            f"the answers have the shape {list(expected.shape)}, and the graph's {name} has {list(found.shape)}: "
            "expected one for each row of the sample"
        )
    numbers = found.dtype.kind == "f" and name != "label"
    try:
        return name, typed(expected, "f" if numbers else found.dtype.kind)
    except (TypeError, ValueError) as error:
        raise AdoptionError(
            f"the answers are no {'numbers' if numbers else 'labels'} as the graph gives: {error}"
        ) from error


def chosen(
    session: Graph, sample: pd.DataFrame, name: str, expected: NDArray[Any], signature: Signature
) -> Witnesses | None:
    """Rows of the sample with what the user has for them, as the file carries them."""
    keeper = Keeper(signature.columns)
    answer = session.predict(sample)
    tolerance = signature.parity.tolerance if signature.parity else TOLERANCE
    clear = margins(answer, 1.0) > CLEAR * tolerance  # or another processor's float32 decides
    scale = usual_size(expected) if expected.dtype.kind == "f" else 1.0
    keeper.see(SAMPLE, sample, {name: expected}, clear & (distances(expected, answer[name]) <= tolerance / 2), scale)
    return keeper.chosen(session.ask, signature)


def array_of(answers: Any) -> NDArray[Any]:
    """Whatever form they have, `[N]` or `[N, C]`; a single column is `[N]`.

    Raises:
        AdoptionError: Some are missing.
    """
    found = np.asarray(answers.to_numpy() if hasattr(answers, "to_numpy") else answers)
    if pd.isna(found).any():
        raise AdoptionError("the answers have gaps: expected one for each row of the sample")
    return found.ravel() if found.ndim == 2 and found.shape[1] == 1 else found


def typed(expected: NDArray[Any], wanted: str) -> NDArray[Any]:
    """The answers in the type of the graph's: a table in text has numbers where the labels are texts of digits."""
    if wanted == "f":
        return expected.astype(np.float64)
    if wanted in "OUST":
        return np.array([value if isinstance(value, str) else str(value) for value in expected.tolist()], dtype=object)
    return expected
