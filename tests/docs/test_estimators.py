"""`docs/estimators.md` is what `make estimators` writes: some of its cells are surveyed again, and its goal is met."""

import re
import warnings
from pathlib import Path

import pytest

from docs.survey.__main__ import HEAD, PAGE, Case, everything, survey

LINES = PAGE.read_text(encoding="utf-8").splitlines()
CASES = everything()
# An eighth, of which each line of the page has a chance to be one.
SOME = CASES[::8]


def cells() -> dict[tuple[str, str, str], str]:
    """What the page says, by section, line and column."""
    found = {}
    section, names = "", []
    for line in LINES:
        if line.startswith("## "):
            section = line[3:]
        elif line.startswith("| | "):
            names = [cell.strip() for cell in line.strip("|").split("|")][1:]
        elif line.startswith("| "):
            name, *values = [cell.strip() for cell in line.strip("|").split("|")]
            found.update(
                {
                    (section, name, column): value
                    for column, value in zip(names, values, strict=True)
                    if column and value
                }
            )
    return found


def test_the_page_begins_as_it_is_written_now() -> None:
    assert PAGE.read_text(encoding="utf-8").startswith(HEAD)


def test_the_page_has_a_cell_for_every_case() -> None:
    assert {(case.section, case.name, case.data) for case in CASES} == set(cells())


@pytest.mark.parametrize("case", SOME, ids=lambda case: f"{case.name}-{case.data}")
def test_a_cell_is_what_the_survey_finds(case: Case) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        outcome = survey(case)
    # How many of the rows next to a threshold differ depends on the processor's own rounding.
    assert outcome.cell.split(":")[0] == cells()[case.section, case.name, case.data].split(":")[0]


def test_of_the_estimators_95_percent_are_exact_or_within_a_bound() -> None:
    estimators = {
        key: cell for key, cell in cells().items() if key[0] in ("Classifiers", "Regressors") or "Cluster" in key[0]
    }
    names = {key[:2] for key in estimators}
    good = {
        name for name in names if all(re.match("exact|1e", cell) for key, cell in estimators.items() if key[:2] == name)
    }
    assert len(names) > 110
    assert len(good) >= 0.95 * len(names)


def test_nothing_differs_without_being_stopped() -> None:
    assert {re.sub(":.*", "", cell) for cell in cells().values()} <= {
        "exact",
        "refused",
        "stopped",
        "1e-06",
        "1e-07",
        "1e-08",
        "1e-09",
    }


def test_the_page_is_linked_from_the_readme() -> None:
    assert f"({PAGE})" in Path("README.md").read_text(encoding="utf-8")
