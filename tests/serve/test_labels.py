"""Several labels at once, in every protocol: as scikit-learn answers them."""

import csv
import io
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import jsonschema_rs
import msgspec
import numpy as np
import onnx
import pytest
from prometheus_client.parser import text_string_to_metric_families

import alpenglow
from alpenglow._serve.model import ModelError, load
from alpenglow._serve.signature import KEY, shares_among
from alpenglow._serve.verification import verify
from tests.servers import Server, gunicorn
from tests.several import FEATURES, MODELS, NAMED, exported, flat
from tests.tampered import tampered

ROWS = FEATURES.iloc[::7]
SPLIT = json.dumps(ROWS.to_dict("split"))
RECORDS = ROWS.to_dict("records")
SHARES = "/predict?probabilities=true"


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, tuple[Server, Any]]]:
    """By name: the server, and the estimator that it was made of."""
    with ExitStack() as stack:
        found = {}
        for name in MODELS:
            model = tmp_path_factory.mktemp(name) / "model.onnx"
            estimator = exported(name, model)
            found[name] = stack.enter_context(gunicorn(model, WORKERS="1")), estimator
        yield found


@pytest.fixture(params=MODELS)
def served(request: pytest.FixtureRequest, servers: dict[str, tuple[Server, Any]]) -> tuple[str, Server, Any]:
    """Each of them, with its name."""
    return request.param, *servers[request.param]


def test_every_protocol_has_the_labels_of_each_row(served) -> None:
    name, server, estimator = served
    expected = estimator.predict(ROWS).tolist()
    table = {"Content-Type": "text/csv"}
    answers = [
        server.post(SPLIT),
        server.post(json.dumps(RECORDS)),
        server.post(ROWS.to_csv(index=False), **table),
        server.post(json.dumps({"dataframe_split": ROWS.to_dict("split")}), "/invocations"),
        server.post(json.dumps({"instances": RECORDS}), "/invocations"),
        server.post(ROWS.to_csv(index=False), "/invocations", **table),
        server.post(json.dumps({"instances": ROWS.to_numpy().tolist()}), f"/v1/models/{name}:predict"),
    ]
    assert [answer.json() for answer in answers] == [{"predictions": expected}] * len(answers)
    assert {type(label) for row in answers[0].json()["predictions"] for label in row} == {type(expected[0][0])}


def test_a_line_for_each_row_has_all_labels(served) -> None:
    _, server, estimator = served
    expected = estimator.predict(ROWS).tolist()
    headers = {"Content-Type": "text/csv", "Accept": "application/jsonlines"}
    lines = server.post(ROWS.to_csv(index=False), "/invocations", **headers).text.splitlines()
    assert [json.loads(line) for line in lines] == [{"prediction": row} for row in expected]
    # Where no charset is said, requests takes Latin-1; RFC 7111 has UTF-8, and SageMaker's SDK reads no other type.
    content = server.post(ROWS.to_csv(index=False), "/invocations", **headers | {"Accept": "text/csv"}).content.decode()
    texts = [[label if isinstance(label, str) else json.dumps(label) for label in row] for row in expected]
    assert list(csv.reader(io.StringIO(content))) == texts


def test_probabilities_come_with_whose_they_are(served) -> None:
    _, server, estimator = served
    if not hasattr(estimator, "predict_proba"):
        assert server.post(SPLIT, SHARES).status_code == 400
        return
    answer = server.post(SPLIT, SHARES).json()
    shares, labels = estimator.predict_proba(ROWS), estimator.predict(ROWS)
    np.testing.assert_allclose(answer["probabilities"], flat(shares), rtol=0, atol=1e-12)
    assert answer["predictions"] == labels.tolist()
    targets = server.get("/model").json()["signature"]["targets"]
    one_each = not isinstance(shares, list)
    pairs = [[target["name"], label] for target in targets for label in target["classes"][-1 if one_each else 0 :]]
    assert answer["classes"] == pairs
    if not one_each:
        for row, predicted in zip(answer["probabilities"], answer["predictions"], strict=True):
            found = {(target, label): share for (target, label), share in zip(pairs, row, strict=True)}
            for target, label in zip(targets, predicted, strict=True):
                assert found[target["name"], label] == max(found[target["name"], each] for each in target["classes"])


def test_the_open_inference_protocol_has_an_output_for_each_target(served) -> None:
    name, server, estimator = served
    about = server.get(f"/v2/models/{name}").json()
    tensors = [
        {"name": column, "shape": [len(ROWS)], "datatype": "FP64", "data": ROWS[column].tolist()} for column in ROWS
    ]
    answer = server.post(json.dumps({"inputs": tensors}), f"/v2/models/{name}/infer").json()
    labels = estimator.predict(ROWS)
    expected = {"label": np.asarray(labels)}
    if hasattr(estimator, "predict_proba"):
        shares = estimator.predict_proba(ROWS)
        each = {f"probabilities.{target}": found for target, found in zip(MODELS[name][1], shares, strict=False)}
        expected |= each if isinstance(shares, list) else {"probabilities": shares}
    assert [output["name"] for output in answer["outputs"]] == [output["name"] for output in about["outputs"]]
    assert [output["name"] for output in answer["outputs"]] == list(expected)
    for output, known in zip(answer["outputs"], about["outputs"], strict=True):
        wanted = expected[output["name"]]
        assert output["shape"] == list(wanted.shape)
        assert (known["shape"], known["datatype"]) == ([-1, *wanted.shape[1:]], output["datatype"])
        if output["name"] == "label":
            assert output["data"] == wanted.ravel().tolist()
        else:
            np.testing.assert_allclose(output["data"], wanted.ravel(), rtol=0, atol=1e-12)


def test_one_of_the_outputs_is_what_is_asked_for(servers) -> None:
    server, estimator = servers["texts"]
    tensors = [{"name": name, "shape": [1], "datatype": "FP64", "data": [13.0]} for name in ROWS]
    wanted = [{"name": "probabilities.2"}]
    answer = server.post(json.dumps({"inputs": tensors, "outputs": wanted}), "/v2/models/texts/infer").json()
    (output,) = answer["outputs"]
    assert (output["name"], output["shape"]) == ("probabilities.2", [1, 2])
    row = ROWS.iloc[:1] * 0 + 13.0
    assert output["data"] == estimator.predict_proba(row)[1].ravel().tolist()
    wanted = [{"name": "probabilities"}]
    refused = server.post(json.dumps({"inputs": tensors, "outputs": wanted}), "/v2/models/texts/infer")
    assert refused.status_code == 400
    assert "expected label or probabilities.kind, it's or probabilities.2" in refused.json()["error"]


def test_labels_are_counted_by_target(servers) -> None:
    server, estimator = servers["texts"]

    def counts() -> Counter[tuple[str, str]]:
        families = text_string_to_metric_families(server.get("/metrics").text)
        samples = [sample for family in families for sample in family.samples]
        found = [sample for sample in samples if sample.name == "alpenglow_predictions_total"]
        return Counter({(one.labels["target"], one.labels["label"]): int(one.value) for one in found})

    before = counts()
    assert before.keys() == {(name, label) for name in NAMED for label in NAMED[name]}
    server.post(SPLIT)
    server.post(json.dumps(RECORDS[:1]))
    rows = np.concatenate([estimator.predict(ROWS), estimator.predict(ROWS.iloc[:1])]).tolist()
    assert counts() - before == Counter(pair for row in rows for pair in zip(NAMED, row, strict=True))


def test_answers_fit_the_description(served) -> None:
    name, server, _ = served
    found = server.get("/openapi.json").json()

    def fits(schema: str, answer: Any) -> bool:
        reference = {"$ref": f"#/components/schemas/{schema}", "components": found["components"]}
        return bool(jsonschema_rs.Draft202012Validator(reference).is_valid(answer))

    answer = server.post(SPLIT).json()
    assert fits("Predictions", answer)
    assert not fits("Predictions", {"predictions": [row[:-1] for row in answer["predictions"]]})
    assert not fits("Predictions", {"predictions": [["other", *row[1:]] for row in answer["predictions"]]})
    more = server.post(SPLIT, SHARES)
    assert more.status_code == 400 or fits("Predictions", more.json())
    tensors = [{"name": column, "shape": [1], "datatype": "FP64", "data": [13.0]} for column in ROWS]
    assert fits("InferAnswer", server.post(json.dumps({"inputs": tensors}), f"/v2/models/{name}/infer").json())
    assert fits("ModelMetadata", server.get(f"/v2/models/{name}").json())
    assert fits("Model", server.get("/model").json())
    parameters = [one["name"] for one in found["paths"]["/predict"]["post"]["parameters"]]
    assert parameters == (["strict"] if more.status_code == 400 else ["probabilities", "strict"])
    assert found["info"]["summary"] == f"A classification of {', '.join(MODELS[name][1])}"


def test_what_to_post_says_what_each_label_is_of(servers) -> None:
    text = servers["texts"][0].get("/predict").text
    assert "one for each row, each a list of labels: kind, it's, 2." in text


@pytest.mark.parametrize("name", MODELS)
def test_witnesses_are_carried_and_a_changed_model_is_refused(name, tmp_path) -> None:
    exported(name, tmp_path / "model.onnx")
    found = verify(load(tmp_path / "model.onnx"), tmp_path / "model.onnx")
    assert (found.result, found.checked) == ("passed", found.witnesses)
    assert found.witnesses > 20
    if shares_among(load(tmp_path / "model.onnx").outputs):
        changed = tampered(tmp_path / "model.onnx", tmp_path / "changed.onnx")
        with pytest.raises(ModelError, match=r"answers otherwise here .* than was proved: witness \d+ .*probabilities"):
            verify(load(changed), changed)


@pytest.mark.parametrize("name", MODELS)
def test_in_this_process_the_answers_are_scikit_learns(name, tmp_path) -> None:
    estimator = exported(name, tmp_path / "model.onnx")
    model = alpenglow.load(tmp_path / "model.onnx")
    np.testing.assert_array_equal(model.predict(ROWS), estimator.predict(ROWS))
    if hasattr(estimator, "predict_proba"):
        given, expected = model.predict_proba(ROWS), estimator.predict_proba(ROWS)
        assert isinstance(given, list) == isinstance(expected, list)
        for one, other in zip(given, expected, strict=True):
            np.testing.assert_allclose(one, other, rtol=0, atol=1e-12)
    labels = MODELS[name][1]
    assert [classes.tolist() for classes in model.classes_] == [np.unique(labels[each]).tolist() for each in labels]


def signed(path: Path, **changes: Any) -> Path:
    """The model with another signature."""
    model = onnx.load(path)
    entry = next(entry for entry in model.metadata_props if entry.key == KEY)
    entry.value = msgspec.json.encode(msgspec.json.decode(entry.value) | changes).decode()
    onnx.save(model, path)
    return path


@pytest.mark.parametrize(
    ("targets", "fault"),
    [
        ([{"name": "2", "classes": ["dark", "light"]}], "its output 'label' .* is none of a classification with"),
        ([{"name": n, "classes": ["a", "b", "c"]} for n in ("x", "2")], "it has no output 'probabilities.x'"),
        ([{"name": n, "classes": ["a", "b"]} for n in ("kind, it's", "2")], 'its output "probabilities.kind, it\'s"'),
        (None, "its output 'label' .* is none of a classification: "),
    ],
    ids=["fewer", "others", "other classes", "none"],
)
def test_a_signature_that_the_graph_does_not_keep_is_refused(targets, fault, tmp_path) -> None:
    exported("texts", tmp_path / "model.onnx")
    with pytest.raises(ModelError, match=fault):
        load(signed(tmp_path / "model.onnx", targets=targets))
