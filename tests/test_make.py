"""The two commands of the README, and the tasks around them."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.commands import run
from tests.servers import Server, free_port, running
from tests.tables import diabetes, wine


def make_run(checkout: Path, *variables: str):
    """`make run` in a checkout, stopped as Ctrl-C stops it."""
    port = str(free_port())
    command = ["make", "-C", checkout, "run", *variables]
    return running(command, f"http://127.0.0.1:{port}", checkout, terminal=True, PORT=port)


def pasted(server: Server) -> str:
    """What the printed curl line answers when it is pasted into a shell."""
    line = re.search(r"^Try it: +(curl .*)$", server.output.read_text(), re.MULTILINE)
    assert line, server.output.read_text()
    return subprocess.run(["bash", "-c", f"{line[1]} -s"], capture_output=True, text=True, check=True).stdout


def test_help_lists_every_task(checkout) -> None:
    listed = run("make", "help", folder=checkout).stdout
    phony = re.search(r"^\.PHONY: (.*)$", (checkout / "Makefile").read_text(), re.MULTILINE)
    assert phony
    for task in set(phony[1].split()) - {"always"}:
        assert f"make {task} " in listed


def test_run_trains_exports_and_serves_and_the_second_time_only_serves(checkout) -> None:
    with make_run(checkout) as server:
        assert pasted(server) == '{"predictions":[" <=50K"]}'
        first = server.output.read_text()
        assert "Fitting random-forest on 32,561 rows" in first
        assert "Stop it:  Ctrl-C" in first
    with make_run(checkout) as server:
        assert pasted(server) == '{"predictions":[" <=50K"]}'
        assert "Fitting" not in server.output.read_text()


def test_run_on_somebody_s_table_trains_again_only_when_it_changes(checkout) -> None:
    csv = checkout / "my wines.csv"
    wine().to_csv(csv, index=False)
    variables = [f"CSV={csv}", "TARGET=target"]
    with make_run(checkout, *variables) as server:
        assert pasted(server) in [f'{{"predictions":[{label}]}}' for label in (0, 1, 2)]
    os.utime(csv)
    assert "Fitting" not in run("make", "artifacts", *variables, folder=checkout).stdout
    assert "Fitting" not in run("make", "artifacts", folder=checkout).stdout
    wine().iloc[:-1].to_csv(csv, index=False)
    assert "Fitting" in run("make", "artifacts", *variables, folder=checkout).stdout
    diabetes().to_csv(csv, index=False)
    with make_run(checkout, *variables, "ESTIMATOR=linear-regression") as server:
        assert re.fullmatch(r'\{"predictions":\[\d+\.\d+\]\}', pasted(server))


def test_a_training_that_fails_leaves_nothing_to_serve(checkout) -> None:
    done = run("make", "artifacts", "CSV=none.csv", "TARGET=x", folder=checkout, check=False)
    assert done.returncode == 2
    assert "none.csv" in done.stderr
    assert not list(checkout.glob("artifacts/*.onnx"))


@pytest.mark.parametrize("name", ["train", "serve", "dev"])
def test_requirements_are_locked_with_hashes_and_name_no_index(name) -> None:
    text = Path(f"requirements/{name}.txt").read_text()
    packages = re.findall(r"^[a-z0-9_-]+==", text, re.MULTILINE)
    assert packages
    assert len(re.findall(r"^[a-z0-9_-]+==[^\n]*\\\n {4}--hash=sha256:", text, re.MULTILINE)) == len(packages)
    assert "://" not in text
