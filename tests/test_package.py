"""The package as somebody installs it: a wheel in an environment of their own, beside files of their own."""

import json
import shutil
import sys
import zipfile
from pathlib import Path

import pytest
from sklearn.datasets import load_wine

from docs.matrix.environments import environments
from tests.commands import ROOT, python, run
from tests.servers import free_port, running

UV = Path(sys.executable).with_name("uv")
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    shutil.rmtree(ROOT / "build", ignore_errors=True)  # what an earlier one left there would go in, too
    python("-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, ROOT)
    (found,) = folder.glob("*.whl")
    return found


def test_nothing_but_alpenglow_is_importable(wheel) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0].split("-")[0] for name in names} == {"alpenglow"}
    assert not any("__pycache__" in name for name in names)


def test_the_wheel_has_all_that_the_folders_have(wheel) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("train", "export", "serve", "score", "image"):
        files = {path.relative_to(ROOT / folder) for path in (ROOT / folder).rglob("*") if path.is_file()}
        wanted = {f"alpenglow/_{folder}/{path}" for path in files if "__pycache__" not in path.parts}
        assert wanted <= names
    assert {"alpenglow/Dockerfile.alpine", "alpenglow/apache/httpd.conf", "alpenglow/apache/mod_whole.c"} <= names


@pytest.fixture(scope="module")
def theirs(wheel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel, and a project whose modules have our folders' names."""
    folder = tmp_path_factory.mktemp("theirs")
    run(UV, "venv", "--quiet", "--python", sys.executable, folder / "venv")
    run(
        UV,
        "pip",
        "install",
        "--quiet",
        "--python",
        folder / "venv/bin/python",
        f"alpenglow[export,serve] @ file://{wheel}",
    )
    for name in ("serve", "export", "train", "image", "tests"):
        (folder / f"{name}.py").write_text("raise SystemExit('my own')\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def printed(theirs) -> str:
    """What the README's first program prints there; it leaves `model.onnx`."""
    (theirs / "notebook.py").write_text(README.split("```python\n")[1].split("```")[0], encoding="utf-8")
    return run(theirs / "venv/bin/python", "notebook.py", folder=theirs).stdout


def test_the_readme_s_first_lines_prove_and_predict(printed) -> None:
    assert "the sample" in printed
    assert "[0 0 0 0 0]" in printed


def test_the_command_serves(theirs, printed) -> None:
    port = free_port()
    command = ["env", f"--chdir={theirs}", theirs / "venv/bin/alpenglow", "serve", "model.onnx", "--port", port]
    with running(command, f"http://127.0.0.1:{port}", theirs) as server:
        assert server.get("/model").json()["signature"]["name"] == "model"
        server.process.terminate()
        # The newest ONNX Runtime is there: workers that waited for its thread would be killed after 30 seconds.
        assert server.process.wait(15) == 0


@pytest.mark.parametrize("environment", [environments()[0], environments()[-1]], ids=lambda one: one.folder.name)
def test_it_exports_and_serves_in_the_oldest_and_the_newest_environment(wheel, tmp_path, environment) -> None:
    python_there = tmp_path / "venv/bin/python"
    run(UV, "venv", "--quiet", "--python", sys.executable, tmp_path / "venv")
    wanted = f"alpenglow[export,serve] @ file://{wheel}"
    run(UV, "pip", "install", "--quiet", "--python", python_there, wanted, *environment.requirements)
    (tmp_path / "notebook.py").write_text(README.split("```python\n")[1].split("```")[0], encoding="utf-8")
    run(python_there, "notebook.py", folder=tmp_path)
    rows = json.dumps(load_wine(as_frame=True).data.head(3).to_dict("split"))
    port = free_port()
    command = [tmp_path / "venv/bin/alpenglow", "serve", tmp_path / "model.onnx", "--port", port]
    with running(command, f"http://127.0.0.1:{port}", tmp_path) as server:
        assert server.predictions(rows) == [0, 0, 0]
        server.process.terminate()
        assert server.process.wait(15) == 0


def test_the_image_s_build_finds_all_it_needs(theirs, printed, tmp_path) -> None:
    program = (
        "import sys; from pathlib import Path; from alpenglow._image.build import fill; fill(*map(Path, sys.argv[1:]))"
    )
    run(theirs / "venv/bin/python", "-c", program, tmp_path, "model.onnx", folder=theirs)
    files = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    for line in (ROOT / "Dockerfile.alpine").read_text(encoding="utf-8").splitlines():
        if line.startswith("COPY ") and "--from" not in line:
            for source in line.split()[1:-1]:
                assert "[" in source or any(file == source or file.startswith(f"{source}/") for file in files), source


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["export", "--help"],
        ["serve", "--help"],
        ["train", "--help"],
        ["image", "--help"],
        ["score", "--help"],
    ],
)
def test_every_command_has_help(arguments) -> None:
    done = python("-m", "alpenglow", *arguments)
    assert done.stdout.startswith("usage: alpenglow")


def test_an_unknown_command_is_said_to_be_one() -> None:
    done = python("-m", "alpenglow", "deploy", check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "there is no command 'deploy'" in done.stderr
