"""What SageMaker's SDK writes and reads, whatever it is told to serialize."""

from typing import Any

import joblib
import pandas as pd
import pytest

from tests.tables import wine


@pytest.fixture(scope="module")
def rows(sample) -> pd.DataFrame:
    found: pd.DataFrame = sample.sample(40, random_state=1)
    return found


@pytest.fixture(scope="module")
def labels(rows, artifacts) -> list[Any]:
    found: list[Any] = joblib.load(artifacts / "pipeline.joblib").predict(rows).tolist()
    return found


READ = {
    "JSONDeserializer": lambda found: found["predictions"],
    "CSVDeserializer": lambda found: [line[0] for line in found],
    "JSONLinesDeserializer": lambda found: [line["prediction"] for line in found],
}


@pytest.mark.parametrize("read", READ)
@pytest.mark.parametrize(
    "given",
    [
        "rows in CSV",
        "a frame in CSV",
        "rows in JSON",
        "records in JSON",
        "instances",
        "rows in lines",
        "records in lines",
    ],
)
def test_each_serializer_with_each_deserializer(sagemaker_client, server, rows, labels, given, read) -> None:
    lists, records = rows.to_numpy(object).tolist(), rows.to_dict("records")
    write, what = {
        "rows in CSV": ("CSVSerializer", {"rows": lists}),
        "a frame in CSV": ("CSVSerializer", {"rows": lists, "frame": list(rows)}),
        "rows in JSON": ("JSONSerializer", {"rows": lists}),
        "records in JSON": ("JSONSerializer", {"rows": records}),
        "instances": ("JSONSerializer", {"rows": {"instances": lists}}),
        "rows in lines": ("JSONLinesSerializer", {"rows": lists}),
        "records in lines": ("JSONLinesSerializer", {"rows": records}),
    }[given]
    found = sagemaker_client(server, write=write, read=read, **what)
    assert READ[read](found["found"]) == labels


def test_one_row_alone_in_csv(sagemaker_client, server, rows, labels) -> None:
    row = rows.iloc[0].tolist()
    found = sagemaker_client(server, write="CSVSerializer", read="CSVDeserializer", rows=row)
    assert found == {"found": [[labels[0]]]}


def test_numbers_come_back_as_they_are(sagemaker_client, served) -> None:
    wines = wine()[["alcohol", "hue", "proline"]].dropna()
    server = served(wines, "proline")
    rows = wines.drop(columns="proline").to_numpy().tolist()
    expected = joblib.load(server.folder / "pipeline.joblib").predict(wines.drop(columns="proline"))
    for read, value in READ.items():
        found = sagemaker_client(server, write="CSVSerializer", read=read, rows=rows)["found"]
        assert [float(each) for each in value(found)] == pytest.approx(expected, rel=1e-12)


def test_a_row_that_does_not_fit_is_refused_by_name(sagemaker_client, server, rows) -> None:
    lists = rows.to_numpy(object).tolist()
    lists[3][0] = "old"
    found = sagemaker_client(server, write="CSVSerializer", read="CSVDeserializer", rows=lists)
    assert found["status"] == 400
    assert "row 3, column 'age': expected a number, got \\\"old\\\"" in found["error"]
