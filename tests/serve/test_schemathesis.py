"""Schemathesis makes requests of the document, right and wrong ones, and finds nothing that the answers contradict."""

import sys
from pathlib import Path

from tests.commands import ROOT, run
from tests.servers import Server, gunicorn
from tests.tables import diabetes


def schemathesis(server: Server, folder: Path, *options: str) -> None:
    """All of its checks and all phases but one: no answer depends on an earlier request, so there are no links."""
    run(
        Path(sys.executable).with_name("st"),
        *("run", f"{server.url}/openapi.json", "--checks", "all", "--phases", "examples,coverage,fuzzing"),
        *("--max-examples", "10", "--generation-deterministic", "--no-color", *options),
        folder=folder,  # it leaves files
        PYTHONPATH=str(ROOT),
        SCHEMATHESIS_HOOKS="tests.serve.schemathesis_hooks",
    )


def test_a_classifier_answers_as_documented(server, tmp_path) -> None:
    schemathesis(server, tmp_path)


def test_a_regression_answers_as_documented(served, tmp_path) -> None:
    schemathesis(served(diabetes(), "target"), tmp_path)


def test_a_token_is_wanted_as_documented(artifacts, tmp_path) -> None:
    (tmp_path / "token").write_text("secret")
    with gunicorn(artifacts / "model.onnx", tmp_path, TOKEN_FILE=str(tmp_path / "token")) as server:
        posts = ("--include-method", "POST", "--phases", "examples,fuzzing")
        schemathesis(server, tmp_path, *posts, "--header", "Authorization: Bearer secret")
