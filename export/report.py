"""What an export found: the proof, for people and for programs."""

import html
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from alpenglow._export.errors import ParityError
from alpenglow._export.gate.parity import Check, of, table
from alpenglow._export.proved.claims import Claim
from alpenglow._serve.signature import Parity

ROUNDING = 1e-3  # a difference above is none of rounding


@dataclass(frozen=True)
class Report:
    """Both compared, kind of rows by kind of rows.

    `print` shows it as a table, a notebook as HTML; `to_frame` has it as numbers.
    """

    checks: Sequence[Check]
    tolerance: float
    labels: bool  # whether there are any to differ
    allowed_label_differences: int = 0
    notes: list[str] = field(default_factory=list)
    path: Path | None = None  # of what was written
    ties: Sequence[str] = ()  # where the last digit decides, and the graph may do it otherwise
    claims: Sequence[Claim] = ()  # what is proved of trees, whatever the rows

    @property
    def rows(self) -> int:
        """How many were compared."""
        return sum(check.rows for check in self.checks)

    @property
    def different_labels(self) -> int:
        """Rows with another label than scikit-learn's."""
        return sum(check.different_labels for check in self.checks)

    @property
    def largest_difference(self) -> float:
        """Of a probability, or of a regression or decision relative to its size."""
        return max(check.largest_difference for check in self.checks)

    @property
    def rows_of_several_answers(self) -> int:
        """Rows to which scikit-learn's answer depends on what else it is asked for; the graph gives one of them."""
        return sum(check.either for check in self.checks)

    @property
    def exact(self) -> bool:
        """Whether it is within what is allowed."""
        within = self.different_labels <= self.allowed_label_differences and self.largest_difference <= self.tolerance
        return within and not any(claim.different for claim in self.claims)

    def parity(self) -> Parity:
        """What the signature keeps of it."""
        return Parity(
            rows=self.rows,
            probe_rows=self.rows - self.checks[0].rows,
            different_labels=self.different_labels,
            largest_difference=self.largest_difference,
            rows_of_several_answers=self.rows_of_several_answers,
            rows_on_ties=sum(check.tied for check in self.checks),
            ties=list(self.ties),
            tolerance=self.tolerance,
            allowed_label_differences=self.allowed_label_differences,
            proved=tuple(claim.what for claim in self.claims if claim.proved and claim.gaps),
        )

    def refuse_differences(self) -> None:
        """Stop when the graph's answers are not scikit-learn's.

        Raises:
            ParityError: Names the node where trees differ; or the first kind of rows that differ, shows some, and says
                what would accept them.
        """
        other = self.other_trees()
        if other:
            raise ParityError(f"the graph's trees are not the pipeline's, so nothing is written: {other}", self)
        if self.exact:
            return
        what, rows = self.examples()
        too_far = sum(check.too_far for check in self.checks)
        raise ParityError(
            f"the graph differs from scikit-learn on rows {what}, so nothing is written: {rows}. "
            f"{self.different_labels:,} labels differ, {too_far:,} numbers by more than {self.tolerance:g}"
            f"{self.advice()}",
            self,
        )

    def other_trees(self) -> str | None:
        """Where the graph's trees are provably not the estimator's, even if no row that was compared shows it."""
        return next((str(claim) for claim in self.claims if claim.different), None)

    def examples(self) -> tuple[str, str]:
        """The first kind of rows that differ, and some of them."""
        check = next(check for check in self.checks if check.examples)
        rows = (f"row {row}: {expected!r} became {given!r}" for row, expected, given in check.examples)
        return of(check.what), "; ".join(rows)

    def advice(self) -> str:
        """What would accept the differences, if they are of rounding."""
        if self.largest_difference > ROUNDING:
            far = f"{self.largest_difference:.1g}"
            return f"; a difference of {far} is not rounding, so nothing is suggested that accepts it"
        accepting = []
        if self.largest_difference > self.tolerance:
            accepting.append(f"--tolerance {ceil(self.largest_difference):.0e}")
        if self.different_labels > self.allowed_label_differences:
            accepting.append(f"--allow-label-differences {self.different_labels}")
        return f"; {' and '.join(accepting)} would accept that"

    def to_frame(self) -> pd.DataFrame:
        """One row for each kind of rows."""
        return pd.DataFrame(
            {
                "rows": [check.rows for check in self.checks],
                "different_labels": [check.different_labels for check in self.checks],
                "largest_difference": [check.largest_difference for check in self.checks],
            },
            index=pd.Index([check.what for check in self.checks], name="compared on"),
        )

    def __str__(self) -> str:
        lines = [*map(str, self.claims), *(f"Note: {note}" for note in self.notes)]
        return "\n".join([table(self.checks, self.labels), *lines])

    def _repr_html_(self) -> str:
        lines = self.to_frame() if self.labels else self.to_frame().drop(columns="different_labels")
        below = [*map(str, self.claims), *(f"Note: {note}" for note in self.notes)]
        return lines.to_html() + "".join(f"<p>{html.escape(line)}</p>" for line in below)


def ceil(value: float) -> float:
    """The next number of one digit."""
    digit = 10.0 ** math.floor(math.log10(value))
    return math.ceil(value / digit) * digit
