"""What `model.onnx` promises: names, shapes, types, one file, the same bytes."""

import numpy as np
import onnx
import pandas as pd
import pytest
from onnx import TensorProto
from sklearn.cluster import KMeans
from sklearn.ensemble import IsolationForest, RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import LogisticRegression, Perceptron

from alpenglow._export.errors import ConversionError
from tests.commands import alpenglow
from tests.export.helpers import check_same, exported
from tests.tables import cancer, diabetes, wine


def outputs(model: onnx.ModelProto) -> dict[str, tuple[int, list[str | int]]]:
    """Each output's element type and shape."""
    return {
        o.name: (o.type.tensor_type.elem_type, [d.dim_param or d.dim_value for d in o.type.tensor_type.shape.dim])
        for o in model.graph.output
    }


def test_the_inputs_are_the_columns(artifacts, sample) -> None:
    model = onnx.load(artifacts / "model.onnx")
    onnx.checker.check_model(model, full_check=True)
    assert [i.name for i in model.graph.input] == list(sample)
    kinds = {i.name: i.type.tensor_type.elem_type for i in model.graph.input}
    assert (kinds["education-num"], kinds["native-country"]) == (TensorProto.DOUBLE, TensorProto.STRING)
    assert {len(i.type.tensor_type.shape.dim) for i in model.graph.input} == {2}


def test_the_outputs_of_a_classifier(artifacts) -> None:
    assert outputs(onnx.load(artifacts / "model.onnx")) == {
        "label": (TensorProto.STRING, ["N"]),
        "probabilities": (TensorProto.DOUBLE, ["N", 2]),
    }


def test_the_outputs_of_a_regressor() -> None:
    features, one, two = diabetes().drop(columns="target"), diabetes()["target"], diabetes()[["target", "bmi"]]
    model = RandomForestRegressor(2, max_depth=2)
    assert outputs(exported(model.fit(features, one), features)[0]) == {"prediction": (TensorProto.DOUBLE, ["N"])}
    assert outputs(exported(model.fit(features, two), features)[0]) == {"prediction": (TensorProto.DOUBLE, ["N", 2])}


@pytest.mark.parametrize(
    "estimator", [LogisticRegression(max_iter=9000), RandomForestClassifier(3, random_state=0)], ids=str
)
@pytest.mark.parametrize(
    ("labels", "kind"),
    [
        (["low", "mid", "high"], TensorProto.STRING),
        ([7, -1, 2**31 - 1], TensorProto.INT64),
        ([1.0, 2.0, 3.0], TensorProto.DOUBLE),
        ([False, True], TensorProto.BOOL),
    ],
)
def test_labels_keep_their_type(estimator, labels, kind) -> None:
    table = wine().drop(columns=["colour", "strong"]).fillna(0.0)
    features = (table - table.mean()).drop(columns="target")
    estimator.fit(features, np.array(labels)[table["target"] % len(labels)])
    assert outputs(exported(estimator, features)[0])["label"] == (kind, ["N"])
    check_same(estimator, features, tolerance=1e-12)


def test_decisions_where_scikit_learn_has_no_probabilities() -> None:
    features, two, three = cancer().drop(columns="target"), cancer()["target"], np.arange(len(cancer())) % 3
    found = outputs(exported(Perceptron().fit(features, two), features)[0])
    assert found == {"label": (TensorProto.BOOL, ["N"]), "decision": (TensorProto.DOUBLE, ["N"])}
    found = outputs(exported(Perceptron().fit(features, three), features)[0])
    assert found == {"label": (TensorProto.INT64, ["N"]), "decision": (TensorProto.DOUBLE, ["N", 3])}


def test_the_outputs_of_clusterers_and_outlier_detectors() -> None:
    features = diabetes()[["bmi", "bp"]]
    clusters = outputs(exported(KMeans(3, random_state=0).fit(features), features)[0])
    assert clusters == {"label": (TensorProto.INT64, ["N"])}
    outliers = outputs(exported(IsolationForest(n_estimators=5, random_state=0).fit(features), features)[0])
    assert outliers == {"label": (TensorProto.INT64, ["N"]), "decision": (TensorProto.DOUBLE, ["N"])}


@pytest.mark.parametrize("name", ["t0", "constant", "Cast", "variable", "a b", "é", "x/y:0", "probability"])
def test_a_column_may_have_any_name(name) -> None:
    features = diabetes().drop(columns="target").rename(columns={"bmi": name})
    model = RandomForestRegressor(2, max_depth=2).fit(features, diabetes()["target"])
    check_same(model, features)


def test_but_not_an_output_s() -> None:
    features = diabetes().drop(columns="target").rename(columns={"bmi": "prediction"})
    model = RandomForestRegressor(2, max_depth=2).fit(features, diabetes()["target"])
    with pytest.raises(ConversionError, match="a column is named 'prediction', as the graph's own output is"):
        exported(model, features)


def test_the_same_pipeline_gives_the_same_bytes(artifacts, tmp_path) -> None:
    alpenglow("export", artifacts / "pipeline.joblib", "--output", tmp_path / "again.onnx", PYTHONHASHSEED="1")
    assert (tmp_path / "again.onnx").read_bytes() == (artifacts / "model.onnx").read_bytes()


def test_it_stays_loadable_by_the_oldest_onnx_runtime_that_is_served_with(artifacts) -> None:
    model = onnx.load(artifacts / "model.onnx")
    versions = {o.domain: o.version for o in model.opset_import}
    assert model.ir_version <= 10
    assert versions[""] <= 22
    assert versions["ai.onnx.ml"] <= 5


def test_frames_of_text_alone() -> None:
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder

    features = pd.DataFrame({"a": ["x", "y", "z"] * 5, "b": ["u", "v", "v"] * 5})
    model = make_pipeline(OneHotEncoder(handle_unknown="ignore"), LogisticRegression()).fit(features, [0, 1, 1] * 5)
    check_same(model, features, tolerance=1e-12)
