"""The servers that are compared: forms of a table, lists that are locked, reasons."""

import json
import re

import pandas as pd
import pytest

from benchmarks import earlier, forms
from benchmarks.installed import make, reason
from benchmarks.servers import ALONE, ALTERNATIVES, APACHED, PEERS
from docs.benchmarks import MAIN, REFERENCE
from tests.commands import ROOT

TABLE = pd.DataFrame({"age": [25.0, 44.5], "class of work": [" Private", "?"]})
LISTS = sorted(path.stem for path in (ROOT / "requirements").glob("peers-*.in"))


def test_a_table_in_every_form() -> None:
    rows = [[25.0, " Private"], [44.5, "?"]]
    split = {"columns": ["age", "class of work"], "data": rows}
    assert json.loads(forms.split(TABLE)) == split
    assert json.loads(forms.dataframe_split(TABLE)) == {"dataframe_split": split}
    assert json.loads(forms.records(TABLE)) == {"rows": [dict(zip(split["columns"], row, strict=True)) for row in rows]}
    numbers, words = json.loads(forms.open_inference(TABLE))["inputs"]
    assert numbers == {"name": "age", "shape": [2, 1], "data": [25.0, 44.5], "datatype": "FP64"}
    assert (words["datatype"], words["data"]) == ("BYTES", [" Private", "?"])


def test_names_are_distinct_and_those_that_the_documents_choose_are_there() -> None:
    names = [server.name for server in (APACHED, ALONE, *ALTERNATIVES)]
    assert len(set(names)) == len(names)
    assert {*MAIN, REFERENCE} <= set(names)


def test_every_environment_of_a_server_is_made_from_a_list() -> None:
    targets = {server.target for server in ALTERNATIVES if server.target and "peers" in server.target}
    assert targets == {f".venv-{name}/installed" for name in [*LISTS, "peers-fastify"]}


@pytest.mark.parametrize("name", LISTS)
def test_lists_are_locked_with_hashes_and_name_no_index(name) -> None:
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    packages = re.findall(r"^[a-z0-9._-]+==", text, re.MULTILINE)
    assert packages
    assert len(re.findall(r"^[a-z0-9._-]+==[^\n]*\\\n {4}--hash=sha256:", text, re.MULTILINE)) == len(packages)
    assert "://" not in text


def test_the_packages_for_node_are_locked_with_hashes_and_name_no_registry() -> None:
    packages = json.loads((PEERS / "fastify" / "package-lock.json").read_text())["packages"]
    for name, package in packages.items():
        assert "resolved" not in package
        assert not name or package["integrity"].startswith("sha512-")


def test_what_cannot_be_made_says_why() -> None:
    with pytest.raises(RuntimeError, match="no/such-environment cannot be made"):
        make("no/such-environment")
    assert (
        reason("Installing x ...\nERROR: no such release\nmake: *** [Makefile:1: x] Error 1\n")
        == "ERROR: no such release"
    )


def test_a_commit_that_is_not_there_is_said(tmp_path) -> None:
    with pytest.raises(RuntimeError, match="the repository has no commit 0000000"):
        earlier.prepare("0000000", tmp_path)
