"""`alpenglow train` as a user runs it."""

import json

import pytest

from tests.commands import alpenglow
from tests.tables import diabetes, wine


def test_the_same_input_gives_the_same_bytes(tmp_path, artifacts) -> None:
    alpenglow("train", "--output", tmp_path, PYTHONHASHSEED="1")
    for name in ("pipeline.joblib", "sample.joblib", "training.json"):
        assert (tmp_path / name).read_bytes() == (artifacts / name).read_bytes(), name


def test_adult_is_scored_on_adult_test(artifacts) -> None:
    record = json.loads((artifacts / "training.json").read_text())
    assert record["rows"] == {"trained": 32_561, "held_out": 16_281}
    assert record["scores"]["accuracy"] > 0.86


def test_a_table_is_trained_with_progress_and_a_report(tmp_path) -> None:
    wine().to_csv(tmp_path / "wine.csv", index=False)
    done = alpenglow("train", "--csv", tmp_path / "wine.csv", "--target", "target", "--output", tmp_path)
    for part in (
        "classification of 'target' from 15 columns",
        "Fitting random-forest on 142 rows",
        "f1-score",
        "Wrote",
    ):
        assert part in done.stdout


def test_a_regression_reports_its_errors(tmp_path) -> None:
    diabetes().to_csv(tmp_path / "diabetes.csv", index=False)
    done = alpenglow(
        *("train", "--csv", tmp_path / "diabetes.csv", "--target", "target", "--output", tmp_path),
        *("--estimator", "linear-regression"),
    )
    assert "mean absolute error" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--csv", "nowhere.csv", "--target", "x"], "train: nowhere.csv: No such file or directory"),
        (["--csv", "nowhere.csv"], "--csv FILE and --target COLUMN go together"),
        (["--task", "regression"], "UCI Adult is a classification"),
        (["--estimator", "linear-regression"], "linear-regression does no classification"),
    ],
)
def test_a_mistake_is_one_clear_line(tmp_path, arguments, message) -> None:
    done = alpenglow("train", "--output", tmp_path, *arguments, check=False)
    assert done.returncode in (1, 2)
    assert message in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())
