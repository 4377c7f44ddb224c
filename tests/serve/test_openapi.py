"""`GET /openapi.json`: valid, made of the model's signature, with examples that work and every path."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import falcon.inspect
import jsonschema_rs
import msgspec
import pytest
from schemathesis.specs.openapi.definitions import OPENAPI_31

from alpenglow._serve.app import create_app
from alpenglow._serve.model import load
from alpenglow._serve.openapi import document
from alpenglow._serve.openapi.columns import value
from alpenglow._serve.process.settings import Settings
from alpenglow._serve.signature import MISSING, Column, Signature, Time
from alpenglow._serve.times import Taken
from tests.servers import Server, gunicorn
from tests.tables import diabetes, wine

COLUMNS = [
    Column("age", "number", True, 37.0, minimum=17, maximum=90, lowest=-1e30, highest=1e30),
    Column("colour", "string", False, "red", categories=["red", "brown"], closed=True),
    Column("native country", "string", True, "Peru", categories=["Peru", "Cuba"]),
    Column("native/country", "string", True, "any"),
    Column("strong", "boolean", True, True),
]
TIMES = [
    Column("when", "datetime", True, "2024-03-01T12:00:00", time=Time("us", None, "2024-01-01", "2024-12-31")),
    Column("at", "datetime", False, "2024-03-01T12:00:00Z", time=Time("ns", "Europe/Berlin")),
    Column("day", "datetime", True, "2024-03-01", time=Time("D")),
    Column("took", "duration", True, "P0DT1H0M0S", time=Time("ms")),
]
ADULT = Signature("adult", "1", "classification", COLUMNS, {}, classes=[" <=50K", " >50K"], label_type="string")
NUMBERS = Signature("diabetes", "2", "regression", [COLUMNS[0], Column("bmi", "number", False, 26.4)], {})


def made(signature: Signature = ADULT, *outputs: str, token: bool = False) -> dict[str, Any]:
    """The document as a client gets it."""
    found: dict[str, Any] = json.loads(
        msgspec.json.encode(document(signature, outputs or ("label", "probabilities"), 1000, 20, token))
    )
    return found


def component(name: str, signature: Signature = ADULT, *outputs: str) -> dict[str, Any]:
    """One of its schemas."""
    found: dict[str, Any] = made(signature, *outputs)["components"]["schemas"][name]
    return found


def validator(name: str, signature: Signature = ADULT, *outputs: str) -> jsonschema_rs.Draft202012Validator:
    """What tells whether something fits one of its schemas."""
    return jsonschema_rs.Draft202012Validator(
        {"$ref": f"#/components/schemas/{name}", "components": made(signature, *outputs)["components"]}
    )


def operations(found: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in found["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


@pytest.mark.parametrize(
    "found",
    [
        made(),
        made(token=True),
        made(NUMBERS, "prediction"),
        made(Signature("dated", "1", "regression", TIMES, {}), "prediction"),
        made(msgspec.structs.replace(ADULT, task="clustering", classes=None, label_type=None), "label"),
        made(msgspec.structs.replace(ADULT, task="outlier-detection", classes=None), "label", "decision"),
    ],
    ids=["classification", "token", "regression", "dates", "clustering", "outliers"],
)
def test_it_is_valid_openapi_with_valid_schemas_and_references(found) -> None:
    jsonschema_rs.validator_for(OPENAPI_31).validate(found)
    for name in found["components"]["schemas"]:
        # Compiling it checks it against the meta-schema, and follows its references.
        jsonschema_rs.Draft202012Validator({"$ref": f"#/components/schemas/{name}", "components": found["components"]})
    names = [operation["operationId"] for _, _, operation in operations(found)]
    assert len(set(names)) == len(names)


def test_it_describes_every_path_and_no_other(artifacts: Path) -> None:
    model = load(artifacts / "model.onnx")
    app = create_app(model, Settings(5000, "127.0.0.1:5000", 1, 1, artifacts / "model.onnx", 1000, 20, 1000, 1000))
    served = {
        (route.path, method.method.lower())
        for route in falcon.inspect.inspect_routes(app)
        for method in route.methods
        if not method.internal and method.method in {"GET", "POST"} and not route.path.startswith("/docs/")
    }
    assert {(path, method) for path, method, _ in operations(made())} == served


def test_rows_have_the_names_of_the_columns() -> None:
    row = component("Row")
    assert list(row["properties"]) == row["required"] == [column.name for column in COLUMNS]
    assert component("Split")["properties"]["columns"]["const"] == row["required"]


def test_names_that_differ_in_a_character_that_a_reference_cannot_have_are_kept_apart() -> None:
    references = [each["$ref"] for each in component("Row")["properties"].values()]
    assert len(set(references)) == len(COLUMNS)
    assert "#/components/schemas/column.native_country" in references


@pytest.mark.parametrize(
    ("row", "fits"),
    [
        ({}, True),
        ({"age": 1e30}, True),
        ({"age": 1.1e30}, False),
        ({"age": 200}, True),
        ({"age": None}, True),
        ({"age": "37"}, False),
        ({"age": True}, False),
        ({"colour": "brown"}, True),
        ({"colour": "pink"}, False),
        ({"colour": None}, False),
        ({"native country": "Chile"}, True),
        ({"native country": None}, True),
        ({"native country": MISSING}, False),
        ({"native/country": 1}, False),
        ({"strong": 1}, False),
        ({"other": 1}, True),
    ],
    ids=str,
)
def test_what_fits_a_row(row, fits) -> None:
    example = {column.name: column.example for column in COLUMNS}
    assert validator("Row").is_valid({**example, **row}) is fits


def test_a_row_needs_all_columns() -> None:
    assert not validator("Row").is_valid({"age": 1})


def test_the_range_in_the_sample_is_told_and_no_limit() -> None:
    age = component("column.age")
    assert (age["minimum"], age["maximum"]) == (-1e30, 1e30)
    assert "From 17 to 90" in age["description"]


def test_known_categories_are_a_choice_where_others_are_taken() -> None:
    assert component("column.native_country")["anyOf"][0]["enum"] == ["Peru", "Cuba"]


def test_answers_are_the_classes() -> None:
    answers = validator("Predictions")
    assert answers.is_valid({"predictions": [" >50K"]})
    assert not answers.is_valid({"predictions": ["other"]})
    assert component("Predictions")["properties"]["classes"]["const"] == ADULT.classes


def test_answers_are_numbers() -> None:
    answers = validator("Predictions", NUMBERS, "prediction")
    assert answers.is_valid({"predictions": [1, 2.5]})
    assert answers.is_valid({"predictions": [[1, 2.5]]})
    assert not answers.is_valid({"predictions": ["1"]})


def test_probabilities_can_be_asked_for_where_there_are_any() -> None:
    def parameters(*outputs: str) -> list[str]:
        return [parameter["name"] for parameter in made(ADULT, *outputs)["paths"]["/predict"]["post"]["parameters"]]

    assert parameters("label", "probabilities") == ["probabilities", "strict"]
    assert parameters("label", "decision") == ["strict"]


def test_a_token_is_wanted_by_what_predicts_and_nothing_else() -> None:
    for _, method, operation in operations(made(token=True)):
        assert ("security" in operation) == ("401" in operation["responses"]) == (method == "post")
    assert all("security" not in operation for _, _, operation in operations(made()))


def test_one_tensor_is_possible_where_all_columns_are_numbers() -> None:
    tensor = {"name": "any", "shape": [2, 2], "datatype": "FP32", "data": [1, 2, 3, 4]}
    assert validator("InferRequest", NUMBERS, "prediction").is_valid({"inputs": [tensor]})
    assert not validator("InferRequest").is_valid({"inputs": [tensor]})


@pytest.fixture(params=["classification", "regression", "missing values"])
def any_server(request: pytest.FixtureRequest) -> Server:
    """Servers of models that differ."""
    if request.param == "classification":
        return request.getfixturevalue("server")
    return request.getfixturevalue("served")(diabetes() if request.param == "regression" else wine(), "target")


def test_each_example_gets_an_answer(any_server) -> None:
    found = any_server.get("/openapi.json").json()
    posted = 0
    for path, method, operation in operations(found):
        contents = operation["requestBody"]["content"] if method == "post" else {}
        for media_type, content in contents.items():
            for name, example in content.get("examples", {}).items():
                text = example["value"] if isinstance(example["value"], str) else json.dumps(example["value"])
                where = path.format(name=found["info"]["title"], version=found["info"]["version"])
                answer = any_server.post(text, where, **{"Content-Type": media_type})
                assert answer.status_code == 200, (where, name, answer.text)
                posted += 1
    assert posted == 12


def test_it_names_the_limits_and_the_token_as_the_server_is_set(artifacts, tmp_path) -> None:
    (tmp_path / "token").write_text("secret")
    settings = {"MAX_BODY": "54321", "MAX_ROWS": "123", "TOKEN_FILE": str(tmp_path / "token")}
    with gunicorn(artifacts / "model.onnx", tmp_path, WORKERS="1", **settings) as server:
        found = server.get("/openapi.json").json()
    assert "123 rows and 54,321 bytes" in found["info"]["description"]
    assert found["components"]["schemas"]["Rows"]["maxItems"] == 123
    assert found["components"]["securitySchemes"] == {"token": {"type": "http", "scheme": "bearer"}}


def test_a_whole_number_is_an_integer_as_json_schema_has_it() -> None:
    whole = Column("rooms", "number", False, 3.0, lowest=0.0, highest=9.0, whole=True)
    schema = jsonschema_rs.validator_for(value(whole))
    assert [number for number in (3, 3.0, 3.5, 10, None) if schema.is_valid(number)] == [3, 3.0]


TEXTS = """
2024-03-01|2024-03-01T12:00|2024-03-01T12:00Z|2024-03-01 12:00:00|2024-03-01T12:00:00.123|2024-03-01T12:00:00+02:00
2024-03-01T00:00:00.000Z|2024-03-01T00:00:00Z|2024-03-01T24:00|2024-W09-5|20240301|March|2024-03-01T12:00:00-05:30|now
P1D|PT1.5S|-P1DT2H|P1W|P1Y|1 days 02:00:00|-1 days +23:59:59|1 day|an hour|P|2024-03-01T12:00:00.1234567890|
"""


@pytest.mark.parametrize("column", TIMES, ids=lambda column: column.name)
def test_times_that_are_taken_fit_the_schema_and_other_words_do_not(column: Column) -> None:
    taken, fits = Taken(column), jsonschema_rs.Draft202012Validator(value(column), validate_formats=True).is_valid
    for text in [*TEXTS.strip().replace("\n", "|").split("|"), taken.text(taken.lowest), taken.text(taken.highest)]:
        loose = text in ("P", "2024-03-01T12:00:00+02:00", "2024-03-01")  # what a pattern cannot tell, or RFC 3339 has
        assert fits(text) == (taken.count(text) is not None) or loose, text
    least, most = (limit["minimum"] for limit in value(column)["anyOf"] if "minimum" in limit), 10**18
    for number in (next(least), 0, 1.5, most, -most, True):
        assert fits(number) == (taken.count(number) is not None) or column.name == "day", number
    assert fits(None) == column.nullable
    assert fits(column.example)
