"""64-bit ARM, as far as it can be known without one: what is locked is to be had, and every operator is judged."""

import ast
import re
import sys
from pathlib import Path

import onnx.defs
import pytest

from tests.commands import ROOT, run

PAGE = ROOT / "docs" / "aarch64.md"
GLIBC, MUSL = "aarch64-manylinux_2_28", "aarch64-unknown-linux-musl"


def resolved(requirements: str, platform: str, python: str, folder: Path, check: bool = True) -> int:
    """The status of choosing a wheel with one of the locked hashes for every package."""
    uv = Path(sys.executable).with_name("uv")
    options = ["--dry-run", "--no-deps", "--require-hashes", "--only-binary=:all:", f"--target={folder}"]
    where = [f"--python-platform={platform}", f"--python-version={python}"]
    lock = ROOT / "requirements" / f"{requirements}.txt"
    return run(uv, "pip", "install", *options, *where, "-r", lock, check=check).returncode


@pytest.mark.parametrize("python", ["3.12", "3.13"])
def test_what_the_image_installs_has_wheels_for_musl(python, tmp_path) -> None:
    resolved("image", MUSL, python, tmp_path)


@pytest.mark.parametrize("python", ["3.11", "3.13"])
@pytest.mark.parametrize("requirements", ["serve", "train", "dev"])
def test_what_else_is_locked_has_wheels_for_glibc(requirements, python, tmp_path) -> None:
    resolved(requirements, GLIBC, python, tmp_path)


def test_what_has_no_wheel_would_be_seen(tmp_path) -> None:
    assert resolved("parser", MUSL, "3.12", tmp_path, check=False) != 0  # the image compiles it


def test_the_build_names_no_platform() -> None:
    files = [ROOT / "Dockerfile.alpine", *(ROOT / "image").glob("*.*"), *(ROOT / "apache").glob("*.*")]
    named = {path.name for path in files if re.search("x86|amd64|aarch64|arm64", path.read_text(encoding="utf-8"))}
    assert named == set()


def test_every_operator_that_export_emits_is_judged_once() -> None:
    operators = {schema.name for schema in onnx.defs.get_all_schemas()}
    emitted = {
        node.value
        for path in (ROOT / "export").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in operators
    }
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    judged = [name for row in rows for name in re.findall(r"`(\w+)`", row.split("|")[1])]
    assert sorted(judged) == sorted(emitted)
