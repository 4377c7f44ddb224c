"""One table in every way in which a client may send it, and requests without a server."""

import csv
import io
import json
import struct
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import msgspec
import numpy as np
from numpy.typing import NDArray

from alpenglow._serve.app import Service
from alpenglow._serve.asgi import scope
from alpenglow._serve.formats.csv import decode
from alpenglow._serve.formats.datatypes import DATATYPES, LENGTH
from alpenglow._serve.model import Model
from alpenglow._serve.predictor import Predictor
from alpenglow._serve.protocols import kserve, mlflow, open_inference, seed
from alpenglow._serve.signature import NUMBERS, TEXTS, TIMES, Column, Signature
from tests import loops

if TYPE_CHECKING:
    from alpenglow._serve.work import Work

JSON = {"content-type": "application/json"}
CSV = {"content-type": "text/csv"}
BARE = {"content-type": "text/csv; header=absent"}
PIECE = 1 << 16  # bytes of a body that arrive at once
LENGTH_NAME = "inference-header-content-length"
Rows = Sequence[Sequence[Any]]


@dataclass(frozen=True)
class Sent:
    """A request."""

    path: str
    body: bytes
    headers: dict[str, str] = field(default_factory=lambda: JSON)
    query: str = ""


def binary(body: bytes, length: int) -> Sent:
    """A request of the Open Inference Protocol whose JSON is so long."""
    return Sent("/v2/infer", body, {"content-type": "application/octet-stream", LENGTH_NAME: str(length)})


def encodings(columns: Sequence[Column], rows: Rows) -> dict[str, Sent]:
    """The same rows, by the name of the format; values are in the columns' order."""
    names = [column.name for column in columns]
    split = {"columns": names, "data": [list(row) for row in rows]}
    records = [dict(zip(names, row, strict=True)) for row in rows]
    by_column = {name: [row[at] for row in rows] for at, name in enumerate(names)}
    bodies: dict[str, tuple[str, Any]] = {
        "split": ("/predict", split),
        "records": ("/predict", records),
        "MLflow's split": ("/invocations", {"dataframe_split": split}),
        "MLflow's records": ("/invocations", {"dataframe_records": records}),
        "MLflow's instances": ("/invocations", {"instances": split["data"]}),
        "MLflow's inputs by row": ("/invocations", {"inputs": records}),
        "MLflow's inputs by column": ("/invocations", {"inputs": by_column}),
        "rows": ("/v1/models/m:predict", {"instances": split["data"]}),
        "instances": ("/v1/models/m:predict", {"instances": records}),
        "tensors": ("/v2/infer", {"inputs": [flat(column, by_column[column.name]) for column in columns]}),
        "nested tensors": ("/v2/infer", {"inputs": [nested(column, by_column[column.name]) for column in columns]}),
    }
    return {
        **{name: Sent(path, json.dumps(body).encode()) for name, (path, body) in bodies.items()},
        "CSV": Sent("/predict", text([names, *rows]), CSV),
        "CSV without a header": Sent("/predict", text(rows), BARE),
        "MLflow's CSV": Sent("/invocations", text([names, *rows]), CSV),
        "binary tensors": as_bytes(columns, by_column),
    }


def flat(column: Column, values: Sequence[Any]) -> dict[str, Any]:
    """A tensor `[N]`; of times it has milliseconds, if no value is text."""
    numbers = column.time is not None and not any(isinstance(value, str) for value in values)
    datatype = "INT64" if numbers else DATATYPES[column.type]
    return {"name": column.name, "shape": [len(values)], "datatype": datatype, "data": list(values)}


def nested(column: Column, values: Sequence[Any]) -> dict[str, Any]:
    """A tensor `[N, 1]`."""
    return flat(column, values) | {"shape": [len(values), 1], "data": [[value] for value in values]}


def as_bytes(columns: Sequence[Column], by_column: dict[str, list[Any]]) -> Sent:
    """Tensors behind the JSON, but those of texts or booleans of which one is missing: bytes have no word for that."""
    inputs, content = [], b""
    for column in columns:
        tensor, values = flat(column, by_column[column.name]), by_column[column.name]
        if column.type == "number":
            own = np.array([np.nan if value is None else value for value in values], dtype="<f8").tobytes()
        elif None in values or tensor["datatype"] == "INT64":
            inputs.append(tensor)
            continue
        elif column.type != "boolean":
            own = b"".join(LENGTH.pack(len(value.encode())) + value.encode() for value in values)
        else:
            own = struct.pack(f"{len(values)}?", *values)
        del tensor["data"]
        inputs.append(tensor | {"parameters": {"binary_data_size": len(own)}})
        content += own
    head = json.dumps({"inputs": inputs}).encode()
    return binary(head + content, len(head))


def text(rows: Iterable[Sequence[Any]]) -> bytes:
    """CSV."""
    found = io.StringIO()
    csv.writer(found).writerows([field_of(value) for value in row] for row in rows)
    return found.getvalue().encode()


def field_of(value: Any) -> str:
    """A field; empty for a missing value."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


class Echo:
    """In a model's place: predicts for each row all its values, so that equal answers come of equal tables alone."""

    answer = "label"
    outputs: dict[str, list[int]] = {"label": [-1]}  # noqa: RUF012 - as a model's

    def __init__(self, columns: Sequence[Column]) -> None:
        self.signature = Signature("m", "1", "classification", list(columns), {}, label_type="string")

    def predict(self, values: dict[str, NDArray[Any]], outputs: Sequence[str]) -> list[NDArray[Any]]:
        """A text for each row."""
        rows = len(next(iter(values.values())))
        kinds = [values[kind].tolist() if kind in values else [[]] * rows for kind in (NUMBERS, TEXTS, TIMES)]
        found = np.array([repr(row) for row in zip(*kinds, strict=True)], dtype=object)
        return [found for _ in outputs]


class Constant(Echo):
    """Predicts the same for all rows, in next to no time."""

    def predict(self, values: dict[str, NDArray[Any]], outputs: Sequence[str]) -> list[NDArray[Any]]:
        """A text for each row."""
        return [np.full(len(next(iter(values.values()))), "yes", dtype=object) for _ in outputs]


class Direct:
    """Answers requests as the application does, but without HTTP: in some microseconds."""

    def __init__(self, model: Model | Echo, max_rows: int = 100_000, max_answer: int = 1 << 24) -> None:
        self.predictor = Predictor(cast("Model", model), max_rows, max_answer)
        work = cast("Work", SimpleNamespace())
        table = kserve.Predict(self.predictor, work).table
        self.json: dict[str, Callable[[bytes], Any]] = {
            "/predict": seed.Predict(self.predictor, work, "").json,
            "/invocations": mlflow.Invocations(self.predictor, work).json,
            "/v1/models/m:predict": lambda content: table(content)[0],
        }
        self.infer = open_inference.Infer(self.predictor, work)

    def answer(self, sent: Sent, strict: bool = False) -> bytes:
        """The answer's body; raises what the application would turn into a refusal."""
        if sent.path.startswith("/v2"):
            content = open_inference.parts(sent.body, sent.headers.get(LENGTH_NAME))
            return b"".join(self.infer.answer(*content, strict))
        read = self.json[sent.path]
        if sent.headers["content-type"].startswith("text/csv"):
            columns = self.predictor.signature.columns
            read = partial(decode, columns=columns, header="absent" not in sent.headers["content-type"])
        return b"".join(self.predictor.answer(read(sent.body), strict))


def predictions(answer: bytes) -> list[Any]:
    """What any path has answered."""
    found = msgspec.json.decode(answer)
    return list(found["predictions"] if "predictions" in found else found["outputs"][0]["data"])


def ask(app: Service, sent: Sent) -> tuple[int, bytes]:
    """The status and the body that the application answers, without a server."""
    answers: list[dict[str, Any]] = []
    pieces = range(0, max(1, len(sent.body)), PIECE)
    events = ({"type": "http.request", "body": sent.body[at : at + PIECE], "more_body": True} for at in pieces)

    async def receive() -> dict[str, Any]:
        return next(events, {"type": "http.request", "body": b"", "more_body": False})

    async def send(event: dict[str, Any]) -> None:
        answers.append(event)

    path = sent.path.replace("/models/m", f"/models/{app.signature.name}")
    path = path.replace("/v2/infer", f"/v2/models/{app.signature.name}/infer")
    headers = sent.headers | {"content-length": str(len(sent.body))}
    loops.run(app(scope("POST", path, headers, sent.query), receive, send))
    return answers[0]["status"], b"".join(event.get("body", b"") for event in answers)
