"""`python -m export` as a user runs it."""

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import RadiusNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from serve.model import load
from tests.commands import python
from tests.tables import diabetes, wine


def export(*arguments: object, check: bool = True):
    """Run the command."""
    return python("-m", "export", *arguments, check=check)


def test_adult_is_equal_on_every_row(artifacts, tmp_path) -> None:
    done = export(artifacts / "pipeline.joblib", "--output", tmp_path / "model.onnx")
    rows = [line.split()[-3:] for line in done.stdout.splitlines() if line.startswith("the sample ")]
    assert rows == [["48,842", "0", "0"]]


def test_the_signature_tells_what_is_known(artifacts) -> None:
    signature = load(artifacts / "model.onnx").signature
    assert (signature.name, signature.version, signature.task, signature.target) == (
        "adult",
        "1",
        "classification",
        "income",
    )
    assert (signature.classes, signature.label_type) == ([" <=50K", " >50K"], "string")
    assert signature.data_sha256 == "5b00264637dbfec36bdeaab5676b0b309ff9eb788d63554ca0a249491c86603d"
    assert signature.scores is not None
    assert signature.scores["accuracy"] > 0.86
    assert signature.parity is not None
    assert (signature.parity.rows, signature.parity.probe_rows) == (51_642, 2_800)
    assert set(signature.producers) == {"scikit-learn", "skl2onnx", "onnx", "onnxruntime"}
    age, workclass = signature.columns[:2]
    assert (age.type, age.nullable, age.minimum, age.maximum) == ("number", True, 17.0, 90.0)
    assert workclass.categories is not None
    assert workclass.categories[:2] == [" ?", " Federal-gov"]


def test_somebody_s_own_pipeline_with_a_csv_sample(tmp_path) -> None:
    codes = pd.DataFrame({"code": ["007", "008", "07"] * 20, "size": np.arange(60)})
    encoder = make_column_transformer((OneHotEncoder(), ["code"]), (StandardScaler(), ["size"]))
    pipeline = make_pipeline(encoder, LogisticRegression()).fit(codes, [True, False, True] * 20)
    joblib.dump(pipeline, tmp_path / "mine.joblib")
    codes.assign(unused=1).to_csv(tmp_path / "rows.csv", index=False)
    done = export(
        tmp_path / "mine.joblib",
        "--sample",
        tmp_path / "rows.csv",
        "--output",
        tmp_path / "m.onnx",
        "--model-version",
        "7",
    )
    assert "the sample" in done.stdout
    signature = load(tmp_path / "m.onnx").signature
    assert (signature.name, signature.version, signature.label_type) == ("mine", "7", "boolean")
    assert [(c.name, c.type, c.closed) for c in signature.columns] == [
        ("code", "string", True),
        ("size", "number", False),
    ]
    assert signature.scores is None


def test_a_search_with_threads_is_exported_as_the_pipeline_that_it_found(tmp_path) -> None:
    table = wine().drop(columns=["colour", "strong"])
    forest = make_pipeline(SimpleImputer(), RandomForestClassifier(n_estimators=9, random_state=0, n_jobs=-1))
    search = GridSearchCV(forest, {"randomforestclassifier__max_depth": [2, 3]}, cv=2)
    joblib.dump(search.fit(table.drop(columns="target"), table["target"]), tmp_path / "pipeline.joblib")
    joblib.dump(table, tmp_path / "sample.joblib")
    done = export(tmp_path / "pipeline.joblib", "--output", tmp_path / "model.onnx")
    assert [line.split()[-2:] for line in done.stdout.splitlines() if line.startswith("the sample ")] == [["0", "0"]]


def test_the_record_of_another_training_is_not_used(artifacts, tmp_path) -> None:
    joblib.dump(LinearRegression().fit(diabetes()[["bmi"]], diabetes()["target"]), tmp_path / "pipeline.joblib")
    joblib.dump(diabetes()[["bmi"]], tmp_path / "sample.joblib")
    (tmp_path / "training.json").write_bytes((artifacts / "training.json").read_bytes())
    export(tmp_path / "pipeline.joblib", "--output", tmp_path / "model.onnx")
    assert load(tmp_path / "model.onnx").signature.name == "pipeline"


def test_histogram_gradient_boosting_says_that_it_waits(tmp_path) -> None:
    python("-m", "train", "--estimator", "hist-gradient-boosting", "--output", tmp_path)
    done = export(tmp_path / "pipeline.joblib", "--output", tmp_path / "model.onnx", check=False)
    assert done.returncode == 1
    assert done.stderr == (
        "export: step 'hist-gradient-boosting' (HistGradientBoostingClassifier) cannot be exported: "
        "skl2onnx 1.20 cannot convert histogram gradient boosting\n"
    )
    assert not (tmp_path / "model.onnx").exists()


def dump(folder, thing) -> object:
    """Write a pipeline, and wine's numbers as its sample."""
    joblib.dump(wine().drop(columns=["target", "colour", "strong"]).fillna(0.0), folder / "sample.joblib")
    joblib.dump(thing, folder / "pipeline.joblib")
    return folder / "pipeline.joblib"


def fitted(estimator, **columns: object):
    """Fitted on wine's numbers, with other columns beside them."""
    table = wine().drop(columns=["colour", "strong"]).fillna(0.0).assign(**columns)
    return estimator.fit(table.drop(columns="target"), table["target"])


@pytest.mark.parametrize(
    ("thing", "message"),
    [
        ([1, 2], "holds a list, which is neither a classifier nor a regressor"),
        (RandomForestClassifier(), "holds a RandomForestClassifier that is not fitted yet"),
        (StandardScaler(), "holds a StandardScaler, which is neither"),
        (fitted(RandomForestClassifier(2), extra=1.0), "lacks columns that the pipeline was fitted on: 'extra'"),
        (
            fitted(make_pipeline(FunctionTransformer(np.abs), RandomForestClassifier(2))),
            "step 'functiontransformer' (FunctionTransformer) cannot be exported",
        ),
        (fitted(DummyClassifier()), "DummyClassifier cannot be exported: skl2onnx has no converter for it"),
        (
            fitted(RadiusNeighborsClassifier(1000.0, outlier_label=0)),
            "ONNX Runtime does not run the converted graph: [ONNXRuntimeError]",
        ),
    ],
    ids=["no estimator", "not fitted", "no prediction", "missing column", "no equivalent", "no converter", "no run"],
)
def test_what_cannot_be_exported_is_one_sentence(tmp_path, thing, message) -> None:
    done = export(dump(tmp_path, thing), "--output", tmp_path / "model.onnx", check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("export: ")
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "model.onnx").exists()


def test_a_file_that_is_not_there_or_no_pickle(tmp_path) -> None:
    assert "No such file" in export(tmp_path / "none.joblib", check=False).stderr
    (tmp_path / "bad.joblib").write_text("not a pickle")
    assert "bad.joblib cannot be loaded" in export(tmp_path / "bad.joblib", check=False).stderr
