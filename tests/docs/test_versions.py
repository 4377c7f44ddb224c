"""The committed report of the environments: the page is made of it, and most pipelines are exported in each."""

import re
import tomllib

import pytest

from docs import versions
from docs.matrix.environments import NAMES, VERSIONS, environments
from tests.commands import ROOT

REPORT = versions.read()


def test_the_page_is_made_of_the_report() -> None:
    assert versions.PAGE.read_text(encoding="utf-8") == versions.page(REPORT)


def test_the_report_is_of_every_environment() -> None:
    for found, wanted in zip(REPORT, VERSIONS, strict=True):
        assert list(found["packages"]) == list(NAMES)
        for name, version in zip(NAMES, wanted, strict=True):
            assert f"{found['packages'][name]}.".startswith(f"{version}." if version else "")


@pytest.mark.parametrize("found", REPORT, ids=lambda found: found["packages"]["scikit-learn"])
def test_nearly_all_pipelines_are_exported_and_the_rest_has_a_reason(found) -> None:
    cells = [outcome["cell"] for outcome in found["outcomes"].values()]
    assert set(cells) <= {"exact", "1e-06", "1e-08", "refused"}
    assert cells.count("refused") <= len(cells) / 15
    assert all(bool(outcome["reason"]) == (outcome["cell"] == "refused") for outcome in found["outcomes"].values())


def test_the_oldest_environment_is_what_the_package_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["export"]]
    bounds = dict(re.fullmatch(r"([a-z0-9-]+)>=([0-9.]+)", line).groups() for line in wanted)
    oldest = dict(zip(NAMES, VERSIONS[0], strict=True))
    assert bounds == {name: oldest[name] for name in bounds}


def test_an_environment_names_a_version_of_each_package_or_takes_the_newest() -> None:
    oldest, newest = environments()[0], environments()[-1]
    assert "scikit-learn==1.3.*" in oldest.requirements
    assert "numpy" in newest.requirements
    assert len({environment.folder for environment in environments()}) == len(VERSIONS)
