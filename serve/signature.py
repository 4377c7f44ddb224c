"""The signature: what a model takes and gives, kept as JSON in `model.onnx` under `metadata_props["signature"]`.

`export` writes it, `serve` reads it; it is the only thing that the two share.
"""

from collections.abc import Iterable
from typing import Any, Literal

import msgspec

KEY = "signature"
# A string tensor cannot hold "no value". U+FDD0 is a noncharacter, set aside by Unicode (section 23.7) for use
# inside a program and never for interchange, so no client's text is taken for a missing value.
MISSING = "\ufdd0"

# The graph has three kinds of columns: numbers and booleans, as float64 with NaN for a missing one, strings, with
# `MISSING` for it, and moments and durations, as int64 (`serve.times`) with `NAT` for it.
NUMBERS, TEXTS, TIMES = "numbers", "texts", "times"
NAT = -(2**63)

# Of several labels at once with classes of their own, an output for the probabilities of each: this and its name.
SHARES = "probabilities."

ColumnType = Literal["number", "string", "boolean", "datetime", "duration"]
Task = Literal["classification", "regression", "clustering", "outlier-detection"]
LabelType = Literal["string", "integer", "number", "boolean"]


class Time(msgspec.Struct, frozen=True, omit_defaults=True):
    """Of a column of moments or durations; all but the unit and the zone is text as ISO 8601 has it."""

    unit: Literal["D", "s", "ms", "us", "ns"]  # that the graph counts, from 1970-01-01 UTC on
    zone: str | None = None  # whose clocks the pipeline sees; None: moments have no zone, and requests no offset
    minimum: str | None = None  # in the sample
    maximum: str | None = None
    lowest: str | None = None  # the first and the last that the graph answers, where the unit could count more
    highest: str | None = None


class Column(msgspec.Struct, frozen=True, omit_defaults=True):
    """One column of the data frame that the pipeline was fitted on, and one input `[N, 1]` of the graph."""

    name: str
    type: ColumnType
    nullable: bool  # whether scikit-learn predicts when the value is missing
    example: float | str | bool  # the median or the most frequent value: typical, and nobody's own; a time as ISO 8601
    minimum: float | None = None  # of a number in the sample
    maximum: float | None = None
    lowest: float | None = None  # the least and the greatest number that scikit-learn takes, where there are such
    highest: float | None = None
    categories: list[str] | None = None  # the known values of a string
    closed: bool = False  # whether scikit-learn refuses a string that is not among `categories`, or a graph has to
    whole: bool = False  # whether a number has to be a whole one, as the graph would cut off its fraction
    time: Time | None = None  # of a moment or a duration

    @property
    def kind(self) -> str:
        """`NUMBERS`, `TEXTS` or `TIMES`."""
        return TIMES if self.time else TEXTS if self.type == "string" else NUMBERS


class Target(msgspec.Struct, frozen=True):
    """One of several labels that are predicted at once."""

    name: str
    classes: list[str | int | float | bool]


def spelled(label: str | int | float | bool) -> str:
    """A label or a number as it is in a prediction's JSON, without the quotes; so it is a field of CSV, too."""
    return label if isinstance(label, str) else msgspec.json.encode(label).decode()


class Parity(msgspec.Struct, frozen=True):
    """How far the graph's answers are from scikit-learn's, or from what was given for it, on how many rows."""

    rows: int
    probe_rows: int  # rows among them that were made for it: on thresholds, with missing or unknown values
    different_labels: int
    largest_difference: float | None  # of a probability, or of a regression or decision relative to its size
    tolerance: float = 1e-5  # the largest difference that would have been accepted; that of before it was kept here
    allowed_label_differences: int = 0
    rows_of_several_answers: int = 0  # for which scikit-learn's answer depends on what else it is asked for
    rows_on_ties: int = 0  # on a tie to the last digit, with the label of its other side
    ties: list[str] = []  # where such rows are, by class of estimator; empty if the graph decides all ties alike
    reference: str | None = None  # what the answers were compared with, if not with scikit-learn's
    proved: tuple[str, ...] = ()  # what is the same for every row there can be: trees with their nodes, step by step


class Signature(msgspec.Struct, frozen=True, omit_defaults=True):
    """Everything that is known of a model without running it."""

    name: str
    version: str
    task: Task
    columns: list[Column]
    producers: dict[str, str]  # package: version
    classes: list[str | int | float | bool] | None = None
    label_type: LabelType | None = None
    target: str | None = None
    targets: list[Target] | None = None  # of several labels at once; all are of `label_type`
    data_sha256: str | None = None
    scores: dict[str, float] | None = None  # on held-out rows
    parity: Parity | None = None


def shares_among(outputs: Iterable[str]) -> list[str]:
    """Those of a graph's outputs that are probabilities."""
    return [name for name in outputs if name == "probabilities" or name.startswith(SHARES)]


def whose(signature: Signature, outputs: Iterable[str]) -> list[Any]:
    """What the probabilities of a row are of: each a class, or a target and its class.

    Of a target that has one alone it is that of its last class.
    """
    if not signature.targets:
        return list(signature.classes or ())
    first = -1 if "probabilities" in outputs else 0
    return [(target.name, label) for target in signature.targets for label in target.classes[first:]]
