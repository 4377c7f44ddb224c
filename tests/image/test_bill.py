"""The bill of materials: CycloneDX that its own validator takes, with the versions that are really inside."""

import json
from pathlib import Path
from typing import Any

import pytest

from alpenglow._image.bill import Package, bill, of_alpine
from tests.clients.programs import programs_of
from tests.commands import run

DATABASE = """\
C:Q1abc=
P:musl
V:1.2.5-r1
L:MIT
F:lib
R:ld-musl-x86_64.so.1
a:0:0:755

P:python3
V:3.13.1-r0
L:PSF-2.0
F:usr/bin
R:python3.13
F:usr/lib/python3.13
R:abc.py
"""
VALIDATE = """
import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
print(JsonStrictValidator(SchemaVersion.V1_6).validate_str(open(sys.argv[1]).read()))
"""


def test_apk_says_whose_a_file_is() -> None:
    python = Package("apk", "python3", "3.13.1-r0", "PSF-2.0")
    assert dict(of_alpine(DATABASE)) == {
        Path("/lib/ld-musl-x86_64.so.1"): Package("apk", "musl", "1.2.5-r1", "MIT"),
        Path("/usr/bin/python3.13"): python,
        Path("/usr/lib/python3.13/abc.py"): python,
    }


def test_a_package_is_there_once_and_only_if_a_file_of_it_is() -> None:
    files = [Path("/usr/bin/python3.13"), Path("/usr/lib/python3.13/abc.pyc"), Path("/app/start.sh")]
    found = json.loads(bill(files, dict(of_alpine(DATABASE))))
    assert [component["purl"] for component in found["components"]] == ["pkg:apk/alpine/python3@3.13.1-r0"]


@pytest.fixture(scope="module")
def inside(server: Any) -> str:
    found: str = server.execute("cat", "/sbom.cdx.json").stdout
    return found


def test_its_validator_takes_it(inside: str, tmp_path: Path) -> None:
    (tmp_path / "sbom.json").write_text(inside)
    python = programs_of("platforms") / "python"
    assert run(python, "-c", VALIDATE, tmp_path / "sbom.json").stdout.strip() == "None"
    (tmp_path / "sbom.json").write_text(inside.replace('"components"', '"component"'))
    assert run(python, "-c", VALIDATE, tmp_path / "sbom.json").stdout.strip() != "None"


def test_its_versions_are_those_that_run(server: Any, inside: str) -> None:
    versions = {component["name"]: component["version"] for component in json.loads(inside)["components"]}
    for name, module in (
        ("numpy", "numpy"),
        ("py3-onnxruntime", "onnxruntime"),
        ("falcon", "falcon"),
        ("gunicorn", "gunicorn"),
    ):
        runs = server.execute("python3", "-c", f"import {module}; print({module}.__version__)").stdout.strip()
        assert versions[name].partition("-r")[0] == runs
    assert versions["python3"].partition("-r")[0] in server.execute("python3", "--version").stdout
    assert versions["apache2"].partition("-r")[0] in server.execute("/usr/sbin/httpd", "-v").stdout
    assert {"musl", "busybox", "libcrypto3", "gunicorn_h1c", "msgspec"} <= versions.keys()
