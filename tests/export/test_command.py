"""`alpenglow export` as a user runs it."""

import re

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.compose import make_column_transformer
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import IsolationForest, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, PowerTransformer, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from alpenglow._serve.model import load
from alpenglow._serve.signature import NUMBERS
from alpenglow._serve.usage import faithfulness
from alpenglow._serve.verification import carried
from tests.commands import alpenglow
from tests.tables import diabetes, wine


def export(*arguments: object, check: bool = True):
    """Run the command."""
    return alpenglow("export", *arguments, check=check)


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
    assert (signature.parity.rows, signature.parity.probe_rows) == (71_096, 22_254)
    assert set(signature.producers) == {"scikit-learn", "skl2onnx", "onnx", "onnxruntime"}
    age, workclass = signature.columns[:2]
    assert (age.type, age.nullable, age.minimum, age.maximum) == ("number", True, 17.0, 90.0)
    assert workclass.categories is not None
    assert workclass.categories[:2] == [" ?", " Federal-gov"]


def test_targets_are_named(tmp_path) -> None:
    table = wine().drop(columns=["colour", "strong"]).fillna(0.0)
    features, target = table[["alcohol", "proline"]], table["target"]
    several = DecisionTreeClassifier(max_depth=3).fit(features, np.c_[target > 0, target > 1])
    joblib.dump(several, tmp_path / "pipeline.joblib")
    joblib.dump(features, tmp_path / "sample.joblib")
    ask = [tmp_path / "pipeline.joblib", "--output", tmp_path / "model.onnx"]
    export(*ask, "--target", "red", "--target", "late, rich")
    model = load(tmp_path / "model.onnx")
    assert [target.name for target in model.signature.targets or ()] == ["red", "late, rich"]
    assert list(model.outputs) == ["label", "probabilities.red", "probabilities.late, rich"]
    for names in (["red"], ["red", "red"], ["a", "b", "c"]):
        done = export(*ask, *(f"--target={name}" for name in names), check=False)
        expected = f"the pipeline predicts 2 labels at once, and their names are {', '.join(map(repr, names))}"
        assert (done.returncode, expected in done.stderr) == (1, True)
    joblib.dump(DecisionTreeClassifier(max_depth=3).fit(features, target), tmp_path / "pipeline.joblib")
    export(*ask, "--target", "kind")
    assert load(tmp_path / "model.onnx").signature.target == "kind"


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


def test_rows_of_the_sample_are_in_the_file_unless_that_is_not_wanted(tmp_path) -> None:
    X, y = diabetes().drop(columns="target"), diabetes()["target"]
    joblib.dump(LinearRegression().fit(X, y), tmp_path / "pipeline.joblib")
    joblib.dump(X, tmp_path / "sample.joblib")
    path = tmp_path / "model.onnx"
    done = export(tmp_path / "pipeline.joblib", "--output", path)
    witnesses = carried(load(path), path)
    assert witnesses
    assert (
        f"  {len(witnesses.kinds)} of these rows go into the file, to be asked for where it is served\n" in done.stdout
    )
    rows = witnesses.values[NUMBERS][[kind == "the sample" for kind in witnesses.kinds]]
    assert len(rows)
    assert set(map(tuple, rows)) <= set(map(tuple, X.to_numpy()))
    assert "go into the file" not in export(tmp_path / "pipeline.joblib", "--output", path, "--no-witnesses").stdout
    assert carried(load(path), path) is None


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


def test_histogram_gradient_boosting_is_exported(tmp_path) -> None:
    alpenglow("train", "--estimator", "hist-gradient-boosting", "--output", tmp_path)
    done = export(tmp_path / "pipeline.joblib", "--output", tmp_path / "model.onnx")
    checked = [line.split() for line in done.stdout.splitlines() if line.startswith(("the sample", "a threshold"))]
    assert [line[-2] for line in checked] == ["0", "0"]
    assert max(float(line[-1]) for line in checked) < 1e-14


def test_what_differs_can_be_accepted_and_the_model_says_so(tmp_path) -> None:
    pipeline, output = dump(tmp_path, fitted(DIFFERING)), tmp_path / "model.onnx"
    refused = export(pipeline, "--output", output, check=False).stderr
    assert not output.exists()
    assert "is not rounding, so nothing is suggested that accepts it" in refused
    assert "--tolerance" not in refused
    (different,) = re.findall(r"(\d+) labels differ", refused)
    export(pipeline, "--output", output, "--tolerance", "1", "--allow-label-differences", different)
    parity = load(output).signature.parity
    assert parity is not None
    assert str(parity.allowed_label_differences) == different == str(parity.different_labels)
    assert str(parity.different_labels) in faithfulness(parity)


@pytest.mark.parametrize(("option", "value"), [("--tolerance", "0"), ("--tolerance", "x"), ("--tolerance", "inf")])
def test_a_tolerance_that_is_none(option, value) -> None:
    done = export(option, value, check=False)
    assert done.returncode == 2
    assert f"expected a positive number such as 1e-6, got '{value}'" in done.stderr


@pytest.mark.parametrize("kind", ["clustering", "outlier-detection"])
def test_clusterers_and_outlier_detectors_are_exported(tmp_path, kind) -> None:
    model = KMeans(3, random_state=0) if kind == "clustering" else IsolationForest(n_estimators=9, random_state=0)
    table = wine().drop(columns=["target", "colour", "strong"]).fillna(0.0)
    export(dump(tmp_path, model.fit(table)), "--output", tmp_path / "model.onnx")
    found = load(tmp_path / "model.onnx")
    assert found.signature.task == kind
    rows = {NUMBERS: table.to_numpy(np.float64)}
    np.testing.assert_array_equal(found.predict(rows, ["label"])[0], model.predict(table))


# Distances from centres are equal to rounding only, and rows are laid on the forest's thresholds.
DIFFERING = make_pipeline(KMeans(5, random_state=0, n_init=1), RandomForestClassifier(20, random_state=0))


def test_behind_what_is_equal_to_rounding_thresholds_are_checked_from_a_distance(tmp_path) -> None:
    powers = make_pipeline(StandardScaler(), PowerTransformer(), RandomForestClassifier(20, random_state=0))
    done = export(dump(tmp_path, fitted(powers)), "--output", tmp_path / "model.onnx")
    assert "Note: PowerTransformer: equal to rounding, not to the last bit; thresholds behind that were" in done.stdout


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
        ([1, 2], "holds a list without an estimator (length: 2): dump the fitted pipeline itself"),
        (RandomForestClassifier(), "the RandomForestClassifier is not fitted yet: call fit"),
        (StandardScaler(), "a StandardScaler is no classifier, regressor"),
        (fitted(RandomForestClassifier(2), extra=1.0), "lacks columns that the pipeline was fitted on: 'extra'"),
        (
            fitted(make_pipeline(FunctionTransformer(np.unwrap), RandomForestClassifier(2))),
            "step 'functiontransformer' (FunctionTransformer) cannot be exported: unwrap: numpy.unwrap is none of",
        ),
        (fitted(DummyClassifier(strategy="uniform")), "DummyClassifier cannot be exported: it "),
        (
            fitted(DIFFERING),
            "labels differ, ",
        ),
    ],
    ids=["no estimator", "not fitted", "no prediction", "missing column", "no equivalent", "random", "differs"],
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
    assert "bad.joblib is text, such as a table, not a pipeline" in export(tmp_path / "bad.joblib", check=False).stderr
