"""`make estimators`: fit, export and check every estimator and every common pipeline; write `docs/estimators.md`."""

import sys
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from sklearn.base import clone
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import KBinsDiscretizer, MinMaxScaler, OneHotEncoder, StandardScaler

from alpenglow._export.convert import convert
from alpenglow._export.errors import ConversionError
from alpenglow._export.gate import magnitudes, parity
from alpenglow._export.gate.boundaries import APART
from alpenglow._export.gate.bounds import TOLERANCE, tolerance_of
from alpenglow._export.gate.float32 import widened
from alpenglow._export.gate.graph import Graph
from alpenglow._export.gate.near_ties import TIES
from alpenglow._export.pipeline.describe import describe_columns
from alpenglow._export.pipeline.sample import fitted, rows_of, untyped
from alpenglow._export.pipeline.steps import walk
from alpenglow._export.registry import LIBRARIES
from alpenglow._export.report import Report
from docs.survey import estimators, libraries, pipelines, tables

PAGE = Path("docs/estimators.md")


@dataclass(frozen=True)
class Case:
    """Something to fit on a table, for a line and a column of the page."""

    section: str
    name: str
    data: str
    estimator: Any
    features: pd.DataFrame
    target: Any


@dataclass(frozen=True)
class Outcome:
    """What came of a case: a difference to be seen beside `TOLERANCE`, or a reason."""

    case: Case
    rows: int = 0
    labels: int = 0
    difference: float = 0.0
    several: int = 0
    reason: str = ""

    @property
    def good(self) -> bool:
        """Whether all labels are scikit-learn's, and numbers within the bound that the export states or to rounding."""
        return not self.reason and not self.labels and self.difference <= tolerance_of(walk(self.case.estimator))

    @property
    def cell(self) -> str:
        """What the page shows."""
        if self.reason:
            return "refused"
        if self.labels:
            return f"stopped: {self.labels} of {self.rows:,} labels"
        if self.difference <= TOLERANCE:
            return "exact"
        return f"{tolerance_of(walk(self.case.estimator)):.0e}" if self.good else "stopped: numbers"


def main() -> int:
    """Survey everything."""
    warnings.simplefilter("ignore", FutureWarning)  # of estimators that scikit-learn will drop
    cases = everything()
    outcomes: list[Outcome] = []
    for outcome in Parallel(n_jobs=2, return_as="generator", batch_size=4)(delayed(survey)(case) for case in cases):
        outcomes.append(outcome)
        if len(outcomes) % 20 == 0 or len(outcomes) == len(cases):
            print(f"  {len(outcomes)} of {len(cases)} done", flush=True)
    PAGE.write_text(page(outcomes), encoding="utf-8")
    print(f"Wrote {PAGE}: {summary(outcomes)}")
    return 0


def everything() -> list[Case]:
    """All that is surveyed, in the order of the page."""
    return [*classification(), *several_labels(), *regression(), *without_target(), *transformers(), *of_libraries()]


def classification() -> Iterator[Case]:
    """Classifiers on numbers with many and with two classes, and behind a ColumnTransformer on mixed types."""
    for name, estimator in estimators.classifiers():
        for data, (features, target) in {"wine": tables.numbers_many(), "cancer": tables.numbers_two()}.items():
            yield case("Classifiers", name, data, estimator, features, target)
        _, target = tables.numbers_many()
        yield case("Classifiers", name, "mixed", estimator, tables.mixed(), target)


def several_labels() -> Iterator[Case]:
    """Classifiers of several labels at once: each there or not, or each of some classes."""
    features, _ = tables.numbers_many()
    for name, estimator in estimators.of_several_labels():
        labels = {"there or not": np.asarray(tables.indicators()), "texts": tables.several_texts()}
        for data, target in labels.items():
            if data != "texts" or name not in estimators.INDICATORS_ALONE:
                yield Case("Several labels at once", name, data, clone(estimator), features, target)


def regression() -> Iterator[Case]:
    """Regressors on numbers, and behind a ColumnTransformer on mixed types."""
    both = {"diabetes": tables.numbers_regression(), "wine": tables.numbers_second_regression()}
    for name, estimator in estimators.regressors():
        for data, (features, target) in both.items():
            yield case("Regressors", name, data, estimator, features, target)
        target = tables.numbers_second_regression()[1]
        yield case("Regressors", name, "mixed", estimator, tables.mixed().drop(columns="color_intensity"), target)


def without_target() -> Iterator[Case]:
    """Clusterers, mixtures and outlier detectors."""
    for name, estimator in estimators.others():
        for data, (features, _) in {"wine": tables.numbers_many(), "diabetes": tables.numbers_regression()}.items():
            yield case("Clusterers, mixtures and outlier detectors", name, data, estimator, features, None)
        yield case("Clusterers, mixtures and outlier detectors", name, "mixed", estimator, tables.mixed(), None)


def case(section: str, name: str, data: str, estimator: Any, features: pd.DataFrame, target: Any) -> Case:
    """An estimator on a table, with the steps in front that it needs."""
    if name in estimators.TWO_CLASSES:
        target = target == target[0]
    if name in estimators.SEVERAL_TARGETS:
        several = pd.get_dummies(target).iloc[:, :2] if section == "Classifiers" else np.c_[target, target**2]
        target = np.asarray(several)
    if name in estimators.ONE_COLUMN and data != "mixed":
        features = features.iloc[:, [0]]
    return Case(section, name, data, prepared(name, data, clone(estimator)), features, target)


def prepared(name: str, data: str, estimator: Any) -> Any:
    """What stands in front: nothing before numbers, unless the estimator takes no others than its own kind."""
    if data != "mixed":
        return make_pipeline(bins(), estimator) if name in estimators.CATEGORIES else estimator
    positive = name in estimators.NOT_NEGATIVE | estimators.CATEGORIES
    numbers = make_pipeline(SimpleImputer(), MinMaxScaler() if positive else StandardScaler())
    parts = [("numbers", numbers, make_column_selector(dtype_include="number"))]
    if name in estimators.ONE_COLUMN:
        return make_pipeline(ColumnTransformer([("numbers", numbers, ["proline"])]), estimator)
    parts.append(("text", OneHotEncoder(handle_unknown="ignore", sparse_output=False), ["colour"]))
    columns = ColumnTransformer(parts, remainder="passthrough")
    return make_pipeline(columns, *([bins()] if name in estimators.CATEGORIES else []), estimator)


def bins() -> Any:
    """Numbers as a few categories."""
    return KBinsDiscretizer(4, encode="ordinal", strategy="uniform")


def transformers() -> Iterator[Case]:
    """Transformers in front of a forest, on numbers with many and with two classes, on mixed types, on texts."""
    for name, transformer in pipelines.on_numbers():
        for data, (features, target) in {"wine": tables.numbers_many(), "cancer": tables.numbers_two()}.items():
            model = make_pipeline(clone(transformer), clone(pipelines.FOREST))
            above = features + 1.0 if "Box-Cox" in name else features
            yield Case("Transformers of numbers, in front of a forest", name, data, model, above, target)
    target = tables.numbers_many()[1]
    for name, model in pipelines.on_mixed():
        yield Case("Pipelines on mixed types with gaps", name, "mixed", clone(model), tables.mixed(), target)
    features, labels = tables.texts()
    for name, model in pipelines.on_texts():
        yield Case("Vectorisers, in front of a logistic regression", name, "texts", clone(model), features, labels)


def of_libraries() -> Iterator[Case]:
    """Pipelines of libraries beside scikit-learn, a section for each."""
    for library, module in libraries.modules():
        section = f"{LIBRARIES[library].PACKAGE} {import_module(library).__version__}"
        for found in module.cases():
            yield Case(section, *found)


def survey(case: Case) -> Outcome:
    """Fit, export, compare."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        given = fitted(case.estimator.fit(case.features, case.target))
        known, features = untyped(given, rows_of(case.features, given))
        known = widened(known)
        try:
            columns = describe_columns(known, features)
            graph = Graph(convert(known, columns, features), columns)
            graph.columns = magnitudes.bounded(known, graph, features, tolerance_of(known.steps))
            checks = parity.check(known, graph, features, TOLERANCE, progress=lambda _: None)
        except ConversionError as error:
            return Outcome(case, reason=str(error).split("cannot be exported: ")[-1])
    proof = Report(checks, TOLERANCE, True)
    return Outcome(case, proof.rows, proof.different_labels, proof.largest_difference, proof.rows_of_several_answers)


def summary(outcomes: Sequence[Outcome]) -> str:
    """How many are exact, bounded, refused."""
    lines = grouped(outcomes)
    good = [line for line in lines.values() if all(one.good for one in line)]
    exact = [line for line in good if all(one.cell == "exact" for one in line)]
    return (
        f"of {len(lines)}, {len(exact)} are exact, {len(good) - len(exact)} within a bound, "
        f"{len(lines) - len(good)} refused ({len(good) / len(lines):.1%} exact or within a bound)"
    )


def grouped(outcomes: Sequence[Outcome]) -> dict[tuple[str, str], list[Outcome]]:
    """The outcomes of each line of the page."""
    lines: dict[tuple[str, str], list[Outcome]] = {}
    for one in outcomes:
        lines.setdefault((one.case.section, one.case.name), []).append(one)
    return lines


def page(outcomes: Sequence[Outcome]) -> str:
    """The page in Markdown."""
    parts = [HEAD]
    for section in dict.fromkeys(one.case.section for one in outcomes):
        mine = [one for one in outcomes if one.case.section == section]
        data = list(dict.fromkeys(one.case.data for one in mine))
        parts.append(f"\n## {section}\n\n{summary(mine).capitalize()}.\n")
        parts.append(f"\n| | {' | '.join(data)} | |\n|---|{'---|' * (len(data) + 1)}\n")
        for (_, line_name), line in grouped(mine).items():
            shown = {one.case.data: one.cell for one in line}
            reasons = "; ".join(dict.fromkeys(one.reason for one in line if one.reason))
            if any(one.several for one in line):
                reasons = "scikit-learn's own answer to huge numbers depends on how many rows it is asked for"
            parts.append(f"| {line_name} | {' | '.join(shown.get(name, '') for name in data)} | {reasons} |\n")
    return "".join(parts)


def ties() -> str:
    """The stated ties, one line for each kind."""
    kinds: dict[str, list[str]] = {}
    for name, (_, what) in TIES.items():
        kinds.setdefault(what, []).append(name)
    return "\n".join(f"- {', '.join(names)}: {what}." for what, names in kinds.items())


HEAD = f"""# What can be exported, and how exactly

Written by `make estimators`, which fits every estimator of scikit-learn that predicts, and pipelines with every common
transformer, exports each and compares it with scikit-learn as `alpenglow export` does: on the sample, and on rows laid
on thresholds, edges and categories and beside them, with missing and unknown values and with unusual numbers.

*exact*: all labels are the same, and probabilities, decisions and predictions differ by at most {TOLERANCE:g}, relative
to their size. *1e-08* and the like: the labels are the same, the numbers are within this bound, which the export takes
for this estimator by itself and gives the reason for. *stopped*: something differs, so the export writes nothing and
shows the rows; `--tolerance` and `--allow-label-differences` accept that. *refused*: there is no conversion, for the
reason in the last column.

Steps that take logarithms or powers, or multiply by matrices, can be equal to rounding only: NumPy and BLAS themselves
round differently on different processors. A forest behind them takes the other branch on rows that lie within that
rounding of a threshold, as scikit-learn would on another machine; so thresholds behind such steps are checked from
{APART:g} of the column's range away. All others are checked to the last bit.

Where sums are compared, the last digit decides ties. Linear and polynomial support vector machines, searches for
neighbours, centres and GaussianNB add in scikit-learn's own order, so that ties fall to the same side. What is rounded
otherwise is stated, by the export and in the model's signature:

{ties()}

Trees, forests and what boosting adds up are the same bits in any batch. Where a power of e follows, as for
probabilities of boosting and predictions of a Poisson loss, ONNX Runtime rounds it in one way for two numbers at a
time, and in another for one that is left over: the last bit, as that of linear models and networks, can depend on what
else is in the batch. scikit-learn's own does so, too, for linear models and networks, not for boosting.

Where squares overflow, from 1e102 or 1e153 on, neighbours are an accident; the export finds up to which number both
agree, and the signature keeps that as the columns' limits.

*wine*, *cancer*, *diabetes*: {tables.ROWS} rows of scikit-learn's own data sets, numbers alone. *mixed*: wine with a
tenth of the values missing, a text column with gaps and empty strings, and a boolean column; an imputer, a scaler and a
one-hot encoder stand in front, unless the line says otherwise. *there or not*, *texts*: wine with three labels at once
that are each there or not, or with two that have classes of their own, which are texts.
"""


if __name__ == "__main__":
    sys.exit(main())
