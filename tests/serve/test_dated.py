"""A model of dates, times and durations, exported and served: answers are those of scikit-learn, whatever is sent."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import requests

import alpenglow
from alpenglow._serve import model as models
from alpenglow._serve.signature import TIMES
from alpenglow._serve.verification import verify
from tests.serve.encodings import encodings
from tests.serve.page.models import dated
from tests.servers import PATIENCE, Server, gunicorn

TEXTS = ["when", "at", "day", "took"]


@pytest.fixture(scope="module")
def pipeline() -> tuple[Any, pd.DataFrame]:
    """Fitted, with its sample."""
    return dated()


@pytest.fixture(scope="module")
def path(pipeline: tuple[Any, pd.DataFrame], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model's file."""
    file: Path = tmp_path_factory.mktemp("dated") / "dated.onnx"
    alpenglow.export(*pipeline, file)
    return file


@pytest.fixture(scope="module")
def served(path: Path) -> Iterator[Server]:
    """A server."""
    with gunicorn(path) as running:
        yield running


def as_text(sample: pd.DataFrame) -> list[list[Any]]:
    """The sample as a client may write it."""
    return [
        [row["when"].isoformat(), row["at"].isoformat(), str(row["day"]), str(row["took"])]
        for _, row in sample.iterrows()
    ]


def test_all_formats_are_answered_as_scikit_learn_does(served, pipeline, path) -> None:
    model, sample = pipeline
    columns = models.load(path).signature.columns
    for sent in encodings(columns, as_text(sample)).values():
        where = served.url + sent.path.replace("/models/m", "/models/dated").replace("/v2/", "/v2/models/dated/")
        answer = requests.post(where, sent.body, headers=sent.headers, timeout=PATIENCE)
        assert answer.status_code == 200, answer.text
        given = answer.json()
        found = given["predictions"] if "predictions" in given else given["outputs"][0]["data"]
        np.testing.assert_allclose(found, model.predict(sample), rtol=1e-12)


def test_what_pandas_writes_is_taken(served, pipeline) -> None:
    model, sample = pipeline
    expected = model.predict(sample)
    iso = sample.assign(day=sample["day"].astype(str))
    for body, headers in (
        (iso.to_json(orient="records", date_format="iso", date_unit="s"), {"Content-Type": "application/json"}),
        (sample.assign(day=pd.to_datetime(sample["day"])).to_json(orient="split", date_format="epoch"), {}),
        (sample.to_csv(index=False), {"Content-Type": "text/csv"}),
    ):
        np.testing.assert_allclose(served.post(body, **headers).json()["predictions"], expected, rtol=1e-12)


def test_the_file_has_witnesses_and_answers_frames_as_the_pipeline_does(pipeline, path) -> None:
    model, sample = pipeline
    loaded = alpenglow.load(path)
    np.testing.assert_allclose(loaded.predict(sample), model.predict(sample), rtol=1e-12)
    arrays = {name: sample[name].to_numpy() for name in ("when", "took")} | {"at": sample["at"], "day": sample["day"]}
    np.testing.assert_allclose(loaded.predict(arrays), model.predict(sample), rtol=1e-12)
    verified = verify(loaded.model, path)
    assert verified.result == "passed"
    assert verified.witnesses > 50
    assert {
        name: column.time.zone for name, column in zip(TEXTS, loaded.signature.columns, strict=True) if column.time
    }["at"]


def test_another_graph_is_found_out_by_the_witnesses_times(path) -> None:
    loaded = models.load(path)
    honest = loaded.predict

    def late(values: Any, outputs: Any) -> Any:
        return honest(
            {kind: block + 10**9 * 3_600 if kind == TIMES else block for kind, block in values.items()}, outputs
        )

    loaded.predict = late  # type: ignore[method-assign]
    with pytest.raises(models.ModelError, match="answers otherwise here"):
        verify(loaded, path)


@pytest.mark.parametrize(
    "value", ["2024-02-30", "24:00", "9" * 100_000, "\u0662\u0660", "2024-W01-1", True, 1e300, [], "\0"]
)
def test_what_is_no_time_is_refused_in_the_words_of_each_path(served, pipeline, value) -> None:
    row = dict(zip(TEXTS, as_text(pipeline[1].iloc[:1])[0], strict=True)) | {"at": value}
    for path, body, status in (
        ("/predict", [row], 422),
        ("/invocations", {"dataframe_records": [row]}, 400),
        ("/v1/models/dated:predict", {"instances": [row]}, 400),
    ):
        answer = served.post(json.dumps(body), path)
        assert answer.status_code == status
        assert "row 0, column 'at': expected a time as ISO 8601 has it, such as 2024-03-01T12:30:00Z or" in answer.text


def test_missing_times_are_counted_by_column(served, pipeline) -> None:
    row = dict(zip(TEXTS, as_text(pipeline[1].iloc[:1])[0], strict=True))
    assert served.post(json.dumps([row | {"when": None}, row])).status_code == 200
    lines = served.get("/metrics").text.splitlines()
    assert 'alpenglow_missing_values_total{column="when"} 1' in lines
    assert 'alpenglow_missing_values_total{column="at"} 0' in lines
    assert not [line for line in lines if line.startswith("alpenglow_unknown_categories_total{")]
    refused = served.post(json.dumps([row | {"at": None}]))
    assert "a date or time, as the model takes no missing value here, got null" in refused.text
