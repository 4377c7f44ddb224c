"""Triton's own client in front of ours, with tensors as JSON and as bytes."""

from collections.abc import Callable
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest

from alpenglow import __version__
from tests.servers import Server, gunicorn
from tests.tables import cancer, diabetes, wine

JSON = {"binary_inputs": False, "binary_outputs": False}
BYTES = {"binary_inputs": True, "binary_outputs": True}
JSON_OR_BYTES = pytest.mark.parametrize("way", [JSON, BYTES], ids=["JSON", "bytes"])

Infer = Callable[..., dict[str, Any]]


@pytest.fixture
def infer(triton_client) -> Infer:
    """`infer(server, model, rows, ...)`: the answer and the values of its outputs, or the error."""

    def ask(server: Server, model: str, rows: pd.DataFrame, **options: Any) -> dict[str, Any]:
        found: dict[str, Any] = triton_client(server, model=model, columns=rows.to_dict("list"), **options)
        return found

    return ask


@pytest.fixture(scope="module")
def rows(sample):
    """Some of Adult, with a number missing in a tenth of them, and categories that nobody has seen."""
    found = sample.sample(300, random_state=3)
    found.iloc[::10, found.columns.get_loc("age")] = np.nan
    found.iloc[::30, found.columns.get_loc("native-country")] = " Österreich 🏔"
    return found


@pytest.fixture(scope="module")
def pipeline(artifacts) -> Any:
    return joblib.load(artifacts / "pipeline.joblib")


def expected(server: Server, rows: pd.DataFrame) -> list[Any]:
    """What scikit-learn predicts with the pipeline that a server was made from."""
    found: list[Any] = joblib.load(server.folder / "pipeline.joblib").predict(rows).tolist()
    return found


@pytest.mark.parametrize("version", ["", "1"])
def test_what_a_server_says_of_itself_and_its_model(triton_client, server, sample, version) -> None:
    found = triton_client(server, model="adult", version=version)
    assert (found["live"], found["ready"], found["model_ready"]) == (True, True, True)
    assert (found["server"]["name"], found["server"]["version"]) == ("alpenglow", __version__)
    assert "binary_tensor_data" in found["server"]["extensions"]
    model = found["model"]
    assert (model["name"], model["versions"], model["platform"]) == ("adult", ["1"], "onnxruntime_onnx")
    assert model["inputs"] == [
        {"name": name, "datatype": "FP64" if sample[name].dtype.kind == "f" else "BYTES", "shape": [-1, 1]}
        for name in sample
    ]
    assert model["outputs"] == [
        {"name": "label", "datatype": "BYTES", "shape": [-1]},
        {"name": "probabilities", "datatype": "FP64", "shape": [-1, 2]},
    ]


@pytest.mark.parametrize(
    ("table", "arguments", "outputs"),
    [
        (diabetes, (), {"prediction": ("FP64", [-1])}),
        (wine, (), {"label": ("INT64", [-1]), "probabilities": ("FP64", [-1, 3])}),
        (
            cancer,
            ("--estimator", "logistic-regression"),
            {"label": ("BOOL", [-1]), "probabilities": ("FP64", [-1, 2])},
        ),
    ],
    ids=["numbers", "integers", "booleans"],
)
def test_the_outputs_of_other_models(triton_client, served, table, arguments, outputs) -> None:
    model = triton_client(served(table(), "target", *arguments), model="table")["model"]
    assert {output["name"]: (output["datatype"], output["shape"]) for output in model["outputs"]} == outputs
    datatypes = {tensor["name"]: tensor["datatype"] for tensor in model["inputs"]}
    assert (datatypes.get("strong", "BOOL"), datatypes.get("colour", "BYTES")) == ("BOOL", "BYTES")


@pytest.mark.parametrize("asynchronous", [False, True])
@pytest.mark.parametrize("binary_outputs", [False, True])
@pytest.mark.parametrize("binary_inputs", [False, True])
def test_labels_and_probabilities(infer, server, rows, pipeline, binary_inputs, binary_outputs, asynchronous) -> None:
    way = {"binary_inputs": binary_inputs, "binary_outputs": binary_outputs, "asynchronous": asynchronous}
    answer = infer(server, "adult", rows, outputs=["label", "probabilities"], **way)
    assert answer["values"]["label"] == pipeline.predict(rows).tolist()
    assert answer["values"]["probabilities"] == pipeline.predict_proba(rows).tolist()
    for output in answer["response"]["outputs"]:
        assert ("binary_data_size" in output.get("parameters", {})) == binary_outputs
        assert ("data" in output) == (not binary_outputs)


def test_all_outputs_as_bytes_where_none_is_named(infer, server, rows, pipeline) -> None:
    answer = infer(server, "adult", rows)
    assert list(answer["values"]) == ["label", "probabilities"]
    assert answer["values"]["probabilities"] == pipeline.predict_proba(rows).tolist()
    assert all("binary_data_size" in output["parameters"] for output in answer["response"]["outputs"])


@JSON_OR_BYTES
@pytest.mark.parametrize("outputs", [["label"], ["probabilities"], ["probabilities", "label"]], ids=", ".join)
def test_the_outputs_that_are_asked_for_in_that_order(infer, server, rows, pipeline, outputs, way) -> None:
    everything = {"label": pipeline.predict(rows).tolist(), "probabilities": pipeline.predict_proba(rows).tolist()}
    values = infer(server, "adult", rows, outputs=outputs, **way)["values"]
    assert list(values.items()) == [(name, everything[name]) for name in outputs]


@JSON_OR_BYTES
@pytest.mark.parametrize("asked", ["gzip", "deflate"])
def test_compressed_requests_and_answers(infer, server, rows, pipeline, asked, way) -> None:
    answers = {"request_compression_algorithm": asked, "response_compression_algorithm": asked}
    assert infer(server, "adult", rows, **answers, **way)["values"]["label"] == pipeline.predict(rows).tolist()


def test_the_request_s_id_comes_back(infer, server, rows) -> None:
    response = infer(server, "adult", rows, version="1", request_id="order 66")["response"]
    assert (response["id"], response["model_name"], response["model_version"]) == ("order 66", "adult", "1")
    assert "id" not in infer(server, "adult", rows)["response"]


@JSON_OR_BYTES
def test_columns_of_one_in_another_order_with_others_beside_them(infer, server, rows, pipeline, way) -> None:
    mixed = rows.assign(other="x", flag=True)[["other", *reversed(list(rows)), "flag"]]
    answer = infer(server, "adult", mixed, shape=[-1, 1], **way)
    assert answer["values"]["label"] == pipeline.predict(rows).tolist()


@JSON_OR_BYTES
@pytest.mark.parametrize("numbers", ["float32", "float64", "int32", "int64", "uint32", "uint64"])
def test_numbers_of_any_type(infer, server, sample, pipeline, numbers, way) -> None:
    rows = sample.sample(100, random_state=4)
    answer = infer(server, "adult", rows, numbers=numbers, **way)
    assert answer["values"]["label"] == pipeline.predict(rows).tolist()


@JSON_OR_BYTES
@pytest.mark.parametrize("numbers", ["float16", "int8", "int16", "uint8", "uint16"])
def test_numbers_of_small_types(infer, served, numbers, way) -> None:
    server = served(diabetes(), "target")
    rows = diabetes().drop(columns="target").clip(0, 100)
    answer = infer(server, "table", rows, numbers=numbers, **way)
    assert answer["values"]["prediction"] == expected(server, rows.astype(numbers).astype("float64"))


@JSON_OR_BYTES
def test_one_tensor_for_all_columns_of_a_model_of_numbers(triton_client, served, way) -> None:
    server = served(diabetes(), "target")
    rows = diabetes().drop(columns="target")
    rows.iloc[::7, 2] = np.nan
    answer = triton_client(server, model="table", columns={"X": rows.to_numpy().tolist()}, **way)
    assert answer["values"] == {"prediction": expected(server, rows)}
    assert answer["response"]["outputs"][0]["shape"] == [len(rows)]


@JSON_OR_BYTES
def test_boolean_columns_and_integer_labels(infer, served, way) -> None:
    server = served(wine(), "target")
    rows = wine().drop(columns="target").dropna(subset="colour")  # the client has no way to leave out text
    assert rows["strong"].dtype == bool
    answer = infer(server, "table", rows, outputs=["label"], **way)
    assert answer["values"]["label"] == expected(server, rows)
    assert answer["response"]["outputs"][0]["datatype"] == "INT64"


@JSON_OR_BYTES
def test_boolean_labels(infer, served, way) -> None:
    server = served(cancer(), "target", "--estimator", "logistic-regression")
    rows = cancer().drop(columns="target")
    labels = infer(server, "table", rows, outputs=["label"], **way)["values"]["label"]
    assert labels == expected(server, rows)
    assert {type(label) for label in labels} == {bool}


@pytest.mark.parametrize(
    ("model", "options", "status", "message"),
    [
        ("adults", {}, "404", "there is no model 'adults' here, but 'adult'"),
        ("adult", {"version": "2"}, "404", "there is no version '2' of 'adult' here, but '1'"),
        ("adult", {"outputs": ["labels"]}, "400", "there is no output 'labels'"),
        ("adult", {"shape": [1, 1, 1]}, "400", "expected the shape [N] or [N, 1]"),
        ("adult", {"query_params": {"strict": "maybe"}}, "400", "strict"),
    ],
    ids=str,
)
def test_the_client_shows_what_is_wrong_with_a_request(infer, server, sample, model, options, status, message) -> None:
    found = infer(server, model, sample[:1], **options)
    assert found["status"] == status
    assert message in found["error"]


@JSON_OR_BYTES
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"age": None}, "'age'"),
        ({"age": ["25"]}, "'age'"),
        ({"age": [True]}, "'age'"),
        ({"workclass": [5]}, "'workclass'"),
        ({"age": [25.0, 26.0]}, "'age': 2"),
        ({"age": [[25.0, 26.0]]}, "'age'"),
        ({"fnlwgt": [1e39]}, "'fnlwgt': expected a number from -3.40282e+38"),
        ({"age": [float("inf")]}, ""),
    ],
    ids=str,
)
def test_the_client_shows_what_is_wrong_with_a_tensor(triton_client, server, sample, changes, message, way) -> None:
    columns = sample[:1].to_dict("list") | changes
    given = {name: values for name, values in columns.items() if values is not None}
    found = triton_client(server, model="adult", columns=given, **way)
    assert found["status"] == "400"
    assert message in found["error"]


def test_a_token_goes_in_the_client_s_headers(infer, artifacts, sample, tmp_path) -> None:
    (tmp_path / "token").write_text("sesame\n")
    with gunicorn(artifacts / "model.onnx", tmp_path, WORKERS="1", TOKEN_FILE=str(tmp_path / "token")) as server:
        assert infer(server, "adult", sample[:1])["status"] == "401"
        headers = {"Authorization": "Bearer sesame"}
        assert infer(server, "adult", sample[:1], headers=headers)["values"]["label"] == [" <=50K"]


def test_unknown_categories_can_be_refused(infer, server, sample) -> None:
    row = sample[:1].assign(workclass=" Nobody")
    assert infer(server, "adult", row)["values"]["label"]
    found = infer(server, "adult", row, query_params={"strict": "true"})
    assert found["status"] == "400"
    assert 'row 0, column \'workclass\': expected one of " ?", " Federal-gov"' in found["error"]


@JSON_OR_BYTES
def test_no_rows(infer, served, way) -> None:
    found = infer(served(diabetes(), "target"), "table", diabetes()[:0].drop(columns="target"), **way)
    assert found["status"] == "400"
    assert "expected at least one" in found["error"]


def test_another_model_is_not_described_but_said_not_to_be_there(triton_client, server) -> None:
    found = triton_client(server, model="adults")
    assert found == {"error": "there is no model 'adults' here, but 'adult'", "status": "404"}
