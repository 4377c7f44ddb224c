"""MLflow's own scoring server beside ours, on the same pipelines: the same requests go to both."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import requests

from tests.clients.conftest import Both
from tests.clients.formats import ARRAYS, CSV, JSON, TABLES, Request, envelope
from tests.commands import ROOT

SEED = json.loads((ROOT / "tests" / "seed_request.json").read_text())
NAMES = SEED["columns"]
ADULT = dict(zip(NAMES, SEED["data"][0], strict=True))
WINE = {"alcohol": 13.0, "hue": 1.0, "magnesium": 100.0, "colour": "red", "strong": True}


@pytest.fixture(scope="session")
def adult(both) -> Both:
    """Numbers and text, two labels; some rows of it."""
    found: Both = both["adult"]
    return replace(found, rows=found.rows.sample(200, random_state=0))


@pytest.fixture(scope="session")
def proline(both) -> Both:
    """Numbers, text and booleans, all with gaps but the last."""
    found: Both = both["proline"]
    return found


def ask(both: Both, body: str | bytes, content_type: str | None) -> tuple[requests.Response, requests.Response]:
    """Both answers to one request, ours first."""
    headers = {} if content_type is None else {"Content-Type": content_type}
    content = body.encode() if isinstance(body, str) else body
    ours, theirs = (
        requests.post(f"{server.url}/invocations", data=content, headers=headers, timeout=60)
        for server in (both.alpenglow, both.mlflow)
    )
    return ours, theirs


def predicted(answer: requests.Response) -> list[Any]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == JSON
    assert list(answer.json()) == ["predictions"]
    found: list[Any] = answer.json()["predictions"]
    return found


def refused(answer: requests.Response, status: int) -> None:
    assert answer.status_code == status, answer.text
    if status == 400:
        assert answer.headers["Content-Type"] == JSON
        assert {"error_code", "message"} <= set(answer.json())


@pytest.mark.parametrize("form", TABLES + ARRAYS, ids=lambda form: form.__name__)
def test_the_same_labels(adult: Both, form) -> None:
    expected = adult.pipeline.predict(adult.rows).tolist()
    assert len(set(expected)) == 2
    ours, theirs = ask(adult, *form(adult.rows))
    assert predicted(ours) == predicted(theirs) == expected


@pytest.mark.parametrize("form", TABLES + ARRAYS, ids=lambda form: form.__name__)
def test_the_same_numbers_from_rows_with_gaps_among_the_numbers(proline: Both, form) -> None:
    rows = proline.rows.dropna(subset=["colour"])
    assert rows.isna().to_numpy().any()
    ours, theirs = ask(proline, *form(rows))
    assert predicted(ours) == predicted(theirs) == proline.pipeline.predict(rows).tolist()


@pytest.mark.parametrize("form", TABLES, ids=lambda form: form.__name__)
def test_the_same_numbers_from_rows_with_gaps_among_the_text(proline: Both, form) -> None:
    assert proline.rows["colour"].isna().any()
    ours, theirs = ask(proline, *form(proline.rows))
    assert predicted(ours) == predicted(theirs) == proline.pipeline.predict(proline.rows).tolist()


def test_gaps_among_the_text_of_arrays_are_missing_values_too(proline: Both) -> None:
    # MLflow makes numpy arrays of these, where None is no missing value but another category, and NaN the word nan.
    expected = proline.pipeline.predict(proline.rows).tolist()
    for form in ARRAYS:
        ours, theirs = ask(proline, *form(proline.rows))
        assert predicted(ours) == expected
        assert predicted(theirs) != expected


def test_what_a_gap_is_does_not_depend_on_other_rows(proline: Both) -> None:
    # In pandas it does: null among text is a missing value, but null alone is an object, and an unknown category.
    gap = pd.DataFrame([WINE | {"colour": np.nan}]).astype({"colour": "str"})
    one = ask(proline, *envelope(dataframe_records=[WINE | {"colour": None}]))
    two = ask(proline, *envelope(dataframe_records=[WINE | {"colour": None}, WINE]))
    expected = proline.pipeline.predict(gap).tolist()
    assert predicted(one[0]) == predicted(two[0])[:1] == predicted(two[1])[:1] == expected
    assert predicted(one[1]) != expected


@pytest.mark.parametrize(
    "value", ["", "NA", "NaN", "nan", "null", "NULL", "None", "N/A", "n/a", "#N/A", "<NA>", " 13.5", "13.5 ", "+1.35e1"]
)
def test_numbers_and_what_stands_for_none_in_csv(proline: Both, value) -> None:
    ours, theirs = ask(proline, *csv_line(WINE | {"alcohol": value}))
    assert predicted(ours) == predicted(theirs)


@pytest.mark.parametrize(
    "value", ["", "NA", "NaN", "None", " NA", "pink", "5", "True", "Ünbekännt 🦊", '"a ""quoted"", word"', '"a\nb"']
)
def test_text_and_what_stands_for_none_in_csv(proline: Both, value) -> None:
    ours, theirs = ask(proline, *csv_line(WINE | {"colour": value}))
    assert predicted(ours) == predicted(theirs)


@pytest.mark.parametrize("value", ["True", "true", "TRUE", "1", "False", "false", "FALSE", "0"])
def test_booleans_in_csv(proline: Both, value) -> None:
    ours, theirs = ask(proline, *csv_line(WINE | {"strong": value}))
    assert predicted(ours) == predicted(theirs)


def csv_line(row: dict[str, object]) -> Request:
    return f"{','.join(row)}\n{','.join(map(str, row.values()))}\n", CSV


def adult_with(**values: object) -> list[dict[str, object]]:
    """The seed's row with other values, and as it is."""
    return [ADULT | {name.replace("_", "-"): value for name, value in values.items()}, ADULT]


def as_columns(rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    return {name: [row[name] for row in rows] for name in rows[0]}


WITHOUT_AGE = {name: value for name, value in ADULT.items() if name != "age"}
SPLIT = {"columns": NAMES, "data": SEED["data"]}
BAD: dict[str, tuple[str | bytes, str]] = {
    "an empty body": ("", JSON),
    "half of it": ("{", JSON),
    "more behind it": (json.dumps({"dataframe_split": SPLIT}) + "}", JSON),
    "no UTF-8": (b'{"dataframe_split": "\xff"}', JSON),
    "a number": ("5", JSON),
    "null": ("null", JSON),
    "no format": envelope(),
    "a format that there is not": envelope(dataframe=SPLIT),
    "the seed's JSON": (json.dumps(SPLIT), JSON),
    "two formats": envelope(dataframe_split=SPLIT, dataframe_records=[ADULT]),
    "instances and inputs": envelope(instances=[ADULT], inputs=as_columns([ADULT])),
    "split: null": envelope(dataframe_split=None),
    "split: an array": envelope(dataframe_split=[1]),
    "split: a string": envelope(dataframe_split=json.dumps(SPLIT)),
    "split: no data": envelope(dataframe_split={"columns": NAMES}),
    "split: no columns": envelope(dataframe_split={"data": SEED["data"]}),
    "split: no rows": envelope(dataframe_split=SPLIT | {"data": []}),
    "split: a column too few": envelope(dataframe_split={"columns": NAMES[1:], "data": [SEED["data"][0][1:]]}),
    "split: a column twice": envelope(dataframe_split={"columns": [*NAMES, "age"], "data": [[*SEED["data"][0], 1]]}),
    "split: a value too many": envelope(dataframe_split=SPLIT | {"data": [[*SEED["data"][0], 1]]}),
    "records: one object": envelope(dataframe_records=ADULT),
    "records: none": envelope(dataframe_records=[]),
    "records: an empty one": envelope(dataframe_records=[{}]),
    "records: arrays": envelope(dataframe_records=SEED["data"]),
    "records: strings": envelope(dataframe_records=["age"]),
    "records: objects and arrays": envelope(dataframe_records=[ADULT, [1]]),
    "records: no age": envelope(dataframe_records=[WITHOUT_AGE]),
    "instances: none": envelope(instances=[]),
    "instances: a number": envelope(instances=5),
    "instances: numbers": envelope(instances=[1, 2]),
    "instances: no age": envelope(instances=[WITHOUT_AGE]),
    "instances: one row without an age": envelope(instances=[ADULT, WITHOUT_AGE]),
    "instances: rows of two lengths": envelope(instances=[SEED["data"][0], [1]]),
    "inputs: none": envelope(inputs=[]),
    "inputs: no columns": envelope(inputs={}),
    "inputs: empty columns": envelope(inputs={name: [] for name in NAMES}),
    "inputs: a string": envelope(inputs="age"),
    "inputs: no age": envelope(inputs=as_columns([WITHOUT_AGE])),
    "inputs: columns of two lengths": envelope(inputs=as_columns([ADULT]) | {"age": [1, 2]}),
    "inputs: values in arrays": envelope(inputs={name: [[value]] for name, value in ADULT.items()}),
    "CSV: empty": ("", CSV),
    "CSV: an empty line": ("\n", CSV),
    "CSV: a header alone": (",".join(NAMES), CSV),
    "CSV: semicolons": (csv_line(ADULT)[0].replace(",", ";"), CSV),
    "CSV: no age": csv_line(WITHOUT_AGE),
    "CSV: a column twice": (csv_line(ADULT)[0].replace("fnlwgt", "age"), CSV),
    "CSV: a value too many": (csv_line(ADULT)[0].strip() + ",1\n", CSV),
    "CSV: a quote that does not end": (csv_line(ADULT)[0] + '"', CSV),
    "CSV: no UTF-8": (csv_line(ADULT)[0].encode() + b"\xff", CSV),
    **{
        f"CSV: {value!r} for a number": csv_line(ADULT | {"age": value})
        for value in ("?", "-", "abc", " ", "0x10", "1_000", "1 000", " NA", " nan", "NAN", "+nan", "٢٥")
    },
    **{f"CSV: {value} as a number": csv_line(ADULT | {"age": value}) for value in ("inf", "1e400", '"1,5"')},
    **{
        f"{form}: {name}": envelope(**{form: made(adult_with(**changes))})
        for form, made in [("dataframe_records", list), ("instances", list), ("inputs", as_columns)]
        for name, changes in {
            "a word for a number": {"age": "abc"},
            "no text for a number": {"age": ""},
            "an object for a number": {"age": {"value": 5}},
            "an array for text": {"workclass": ["a"]},
            "infinity": {"age": float("inf")},
            "more than float32 has, for a forest": {"fnlwgt": 1e39},
            "more than float64 has": {"fnlwgt": 10**400},
        }.items()
    },
}


@pytest.mark.parametrize(("body", "content_type"), BAD.values(), ids=BAD)
def test_both_refuse_as_400(adult: Both, body, content_type) -> None:
    for answer in ask(adult, body, content_type):
        refused(answer, 400)


@pytest.mark.parametrize("value", ["yes", "2", "0.5"])
def test_both_refuse_what_is_no_boolean_in_csv(proline: Both, value) -> None:
    for answer in ask(proline, *csv_line(WINE | {"strong": value})):
        refused(answer, 400)


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/xml", "application/octet-stream", "application/json; charset=utf-16"],
)
def test_both_refuse_other_content_types_as_415(adult: Both, content_type) -> None:
    for answer in ask(adult, envelope(dataframe_split=SPLIT)[0], content_type):
        refused(answer, 415)


def test_both_say_that_they_are_there(adult: Both) -> None:
    for server in (adult.alpenglow, adult.mlflow):
        for path in ("/ping", "/health"):
            answer = server.get(path)
            assert (answer.status_code, answer.text, answer.headers["Content-Type"]) == (200, "\n", JSON)
        assert server.get("/version").status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/invocations", 405), ("PUT", "/invocations", 405), ("POST", "/ping", 405), ("POST", "/invoke", 404)],
)
def test_both_refuse_other_methods_and_paths(adult: Both, method, path, status) -> None:
    for server in (adult.alpenglow, adult.mlflow):
        answer = requests.request(method, server.url + path, json={}, timeout=60)
        assert answer.status_code == status


# Where we differ, and why. MLflow's answer is the first status, ours the second.
DIFFERENT_ON_PURPOSE: dict[str, tuple[tuple[str | bytes, str | None], int, int]] = {
    # A name that is left out is a misspelt one more often than a missing value, for which there is null.
    "a record without a name that another has": (envelope(dataframe_records=[ADULT, WITHOUT_AGE]), 200, 400),
    "a row that is too short": (envelope(dataframe_split=SPLIT | {"data": [*SEED["data"], [25]]}), 200, 400),
    "a line that is too short": ((csv_line(ADULT)[0] + "25\n", CSV), 200, 400),
    # JSON has types. What is of another one is a mistake of the client's, and a prediction from it a wrong one.
    "a number as text": (envelope(dataframe_records=adult_with(age="25")), 200, 400),
    "the word nan as a number": (envelope(dataframe_records=adult_with(age="nan")), 200, 400),
    "a boolean as a number": (envelope(dataframe_records=adult_with(age=True)), 200, 400),
    "a boolean as a number in CSV": (csv_line(ADULT | {"age": "True"}), 200, 400),
    "a number as text of a category": (envelope(dataframe_records=adult_with(workclass=5)), 200, 400),
    # Each form that is taken has to be documented, tested and kept: these are other spellings of inputs.
    "instances as columns": (envelope(instances=as_columns([ADULT])), 200, 400),
    "instances as one record": (envelope(instances=ADULT), 200, 400),
    "inputs as one record": (envelope(inputs=ADULT), 200, 400),
    # Here rows need no names: their values are in the order of the signature's columns.
    "rows without names, with text in them": (envelope(instances=SEED["data"]), 400, 200),
    "inputs that are rows without names": (envelope(inputs=SEED["data"]), 400, 200),
    "an array of records": ((json.dumps([ADULT]), JSON), 400, 200),
    "CSV without a header": ((",".join(map(str, SEED["data"][0])), CSV), 400, 200),
    "CSV without a header that says so": ((",".join(map(str, SEED["data"][0])), "text/csv; header=absent"), 415, 200),
    # RFC 4180 knows neither, and a row with one value or half a field in quotes is a mistake in what wrote it.
    "a line of blanks in CSV": ((csv_line(ADULT)[0] + "   \n", CSV), 200, 400),
    "text behind a quote in CSV": (csv_line(ADULT | {"workclass": '" Pri"vate'}), 200, 400),
    # RFC 8259 forbids to send it (section 8.1).
    # pandas' index means nothing to a prediction.
    "an index of another length": (
        envelope(dataframe_split={"columns": NAMES, "data": SEED["data"] * 2, "index": [1, 2, 3]}),
        400,
        200,
    ),
    "other members of the split": (envelope(dataframe_split=SPLIT | {"name": "x"}), 400, 200),
    "members that chat models have": (envelope(dataframe_split=SPLIT, prompt="x"), 400, 200),
    # HTTP's content types have no case, their values may be quoted, and a client that declares none means JSON.
    "a content type in capitals": ((envelope(dataframe_split=SPLIT)[0], "Application/JSON"), 415, 200),
    "a quoted charset": ((envelope(dataframe_split=SPLIT)[0], 'application/json; charset="utf-8"'), 415, 200),
    "what curl -d declares": ((envelope(dataframe_split=SPLIT)[0], "application/x-www-form-urlencoded"), 415, 200),
    "no content type": ((envelope(dataframe_split=SPLIT)[0], None), 500, 200),
}


@pytest.mark.parametrize(("sent", "theirs", "ours"), DIFFERENT_ON_PURPOSE.values(), ids=DIFFERENT_ON_PURPOSE)
def test_where_we_differ_on_purpose(adult: Both, sent, theirs, ours) -> None:
    our_answer, their_answer = ask(adult, *sent)
    assert their_answer.status_code == theirs, their_answer.text
    if ours == 200:
        assert set(predicted(our_answer)) == {" <=50K"}
    else:
        refused(our_answer, ours)


@pytest.mark.parametrize("value", ["False", "yes", "", 0, 2, 0.5], ids=repr)
def test_what_is_no_boolean_is_refused(proline: Both, value) -> None:
    # MLflow takes Python's bool() of it, by which "False" is true.
    ours, theirs = ask(proline, *envelope(dataframe_records=[WINE | {"strong": value}]))
    assert predicted(theirs)
    refused(ours, 400)


def test_a_missing_boolean_is_a_missing_value(proline: Both) -> None:
    # null is false in MLflow, and NaN is true; in CSV it refuses gaps.
    expected = proline.pipeline.predict(pd.DataFrame([WINE | {"strong": None}])).tolist()
    both_ways = proline.pipeline.predict(pd.DataFrame([WINE, WINE | {"strong": False}])).tolist()
    assert expected[0] not in both_ways
    for value, theirs_is in ((np.nan, both_ways[0]), (None, both_ways[1])):
        ours, theirs = ask(proline, *envelope(dataframe_records=[WINE | {"strong": value}]))
        assert (predicted(ours), predicted(theirs)) == (expected, [theirs_is])
    ours, theirs = ask(proline, *csv_line(WINE | {"strong": ""}))
    assert predicted(ours) == expected
    refused(theirs, 400)
