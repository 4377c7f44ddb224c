"""`alpenglow verify`: a model's file, and the pipeline that it was made of."""

import re

import joblib
import onnx
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.tree import DecisionTreeRegressor

import alpenglow
from tests.commands import alpenglow as command
from tests.commands import python
from tests.export.foreign import iris, of_torch
from tests.tables import diabetes
from tests.tampered import tampered

X, y = diabetes().drop(columns="target"), diabetes()["target"]


def verify(*arguments: object):
    """Run the command."""
    return command("verify", *arguments, check=False)


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """A folder with a tree, its sample and its model."""
    folder = tmp_path_factory.mktemp("exported")
    tree = DecisionTreeRegressor(max_depth=4, random_state=0).fit(X, y)
    joblib.dump(tree, folder / "pipeline.joblib")
    joblib.dump(X, folder / "sample.joblib")
    alpenglow.export(tree, X, folder / "model.onnx", name="diabetes")
    return folder


def test_a_model_by_itself_is_shown_with_its_proof_and_answers_its_example(exported) -> None:
    done = verify(exported / "model.onnx")
    assert done.returncode == 0
    first, made, proof, answer, witnesses = done.stdout.splitlines()
    assert first == "diabetes 1, a regression of 10 columns"
    assert made.startswith("Made with scikit-learn ")
    assert proof.startswith("Compared with scikit-learn on ")
    example = {column.name: [column.example] for column in alpenglow.load(exported / "model.onnx").signature.columns}
    assert re.fullmatch(r"ONNX Runtime \S+ on .+ gives all \d+ witnesses the answers that were proved", witnesses)
    assert answer.endswith(f" answers {alpenglow.load(exported / 'model.onnx').predict(example)[0]!s} to its example")


def test_a_model_that_was_changed_since_is_refused_in_one_line(exported, tmp_path) -> None:
    path = tampered(exported / "model.onnx", tmp_path / "model.onnx")
    done = verify(path)
    assert done.returncode == 1
    assert re.fullmatch(
        rf"verify: {path} answers otherwise here \(ONNX Runtime .+\) than was proved: witness \d+ \([a-z ]+\): "
        r"expected prediction [0-9.]+, got [0-9.]+\n",
        done.stderr,
    )


def test_without_a_pipeline_it_needs_no_more_than_serving_does(exported) -> None:
    script = f"""
import sys
from alpenglow.__main__ import main
assert main(["verify", {str(exported / "model.onnx")!r}]) == 0
print(*sorted(sys.modules))
"""
    loaded = set(python("-c", script).stdout.splitlines()[-1].split())
    assert not loaded & {"sklearn", "scipy", "pandas", "skl2onnx", "onnx", "joblib"}


def test_with_the_pipeline_all_of_the_proof_is_done_anew(exported) -> None:
    done = verify(exported / "model.onnx", "--pipeline", exported / "pipeline.joblib")
    assert done.returncode == 0, done.stderr
    assert "a threshold or edge" in done.stdout
    assert done.stdout.endswith(f"{exported}/model.onnx answers as {exported}/pipeline.joblib does.\n")


def test_another_model_s_answers_are_shown_and_the_status_is_one(exported, tmp_path) -> None:
    joblib.dump(DecisionTreeRegressor(max_depth=3, random_state=0).fit(X, y), tmp_path / "other.joblib")
    done = verify(
        exported / "model.onnx", "--pipeline", tmp_path / "other.joblib", "--sample", exported / "sample.joblib"
    )
    assert done.returncode == 1
    assert done.stderr.startswith("verify: the model's answers are not the pipeline's on rows of the sample: row 0: ")
    assert len(done.stderr.splitlines()) == 1


def test_a_pipeline_of_other_columns_or_another_task_is_no_pair(exported, tmp_path) -> None:
    joblib.dump(LinearRegression().fit(X[["bmi"]], y), tmp_path / "other.joblib")
    options = ("--pipeline", tmp_path / "other.joblib", "--sample", exported / "sample.joblib")
    assert "has columns that" in verify(exported / "model.onnx", *options).stderr
    alpenglow.adopt(of_torch(), iris()[0], tmp_path / "model.onnx")
    assert "other.joblib is a regression, and" in verify(tmp_path / "model.onnx", *options).stderr


def test_an_unproved_model_says_so_and_what_is_no_model_is_refused(tmp_path) -> None:
    alpenglow.adopt(of_torch(), iris()[0], tmp_path / "model.onnx")
    shown = verify(tmp_path / "model.onnx").stdout
    assert "Not proved: " in shown
    assert "It carries no witnesses: whether it answers here as it was proved is not known" in shown
    onnx.save(of_torch(), tmp_path / "net.onnx")
    done = verify(tmp_path / "net.onnx")
    assert (done.returncode, "has no signature" in done.stderr) == (1, True)
    assert verify(tmp_path / "model.onnx", "--sample", tmp_path / "x.csv").returncode == 2
