"""The file for `docker buildx bake` and Dockerfile.alpine agree; Buildx itself is not among what these tests start."""

import json
import re

import alpenglow
from tests.commands import ROOT

BAKE = json.loads((ROOT / "deploy" / "docker-bake.json").read_text(encoding="utf-8"))
DOCKERFILE = (ROOT / "Dockerfile.alpine").read_text(encoding="utf-8")
PREDEFINED = {"SOURCE_DATE_EPOCH"}  # BuildKit's own


def test_it_builds_this_dockerfile_for_both_platforms() -> None:
    target = BAKE["target"]["alpenglow"]
    assert (ROOT / target["context"] / target["dockerfile"]).samefile(ROOT / "Dockerfile.alpine")
    assert target["platforms"] == ["linux/amd64", "linux/arm64"]
    assert BAKE["group"]["default"]["targets"] == ["alpenglow"]


def test_its_arguments_are_those_of_the_dockerfile() -> None:
    declared = set(re.findall(r"(\w+)=?\S*", " ".join(re.findall(r"^ARG (.*)$", DOCKERFILE, re.MULTILINE))))
    assert BAKE["target"]["alpenglow"]["args"].keys() - PREDEFINED == declared


def test_its_defaults_are_those_of_the_dockerfile() -> None:
    defaults = {name: variable["default"] for name, variable in BAKE["variable"].items()}
    assert f"ARG ALPINE_VERSION={defaults['ALPINE_VERSION']}\n" in DOCKERFILE
    assert f"ARG VERSION={defaults['VERSION']} " in DOCKERFILE
    assert defaults["VERSION"] == alpenglow.__version__


def test_its_base_is_a_stage_of_the_dockerfile() -> None:
    stages = re.findall(r"^FROM \S+ AS (\w+)$", DOCKERFILE, re.MULTILINE)
    assert BAKE["target"]["base"]["target"] in stages


def test_what_it_refers_to_is_a_variable() -> None:
    assert set(re.findall(r"\$\{(\w+)\}", json.dumps(BAKE["target"]))) == BAKE["variable"].keys()
