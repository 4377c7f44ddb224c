"""The paths: what each takes, and with which status it answers what."""

from collections.abc import Sequence

from alpenglow._serve.body import CSV, LINES
from alpenglow._serve.formats.tensors import BINARY, JSON_LENGTH
from alpenglow._serve.openapi.columns import reference
from alpenglow._serve.openapi.examples import Examples
from alpenglow._serve.openapi.operations import (
    DETAILS,
    JSON,
    Part,
    Refusals,
    answer,
    content,
    get,
    post,
    query,
    segment,
    text,
)
from alpenglow._serve.signature import Signature, shares_among

TAGS = {
    "predict": "Predictions.",
    "MLflow": "What MLflow's scoring server and SageMaker's containers answer.",
    "V1": "What TensorFlow Serving and KServe call their first protocol.",
    "V2": "The Open Inference Protocol of KServe, Triton and MLServer, with binary tensor data.",
    "service": "The service itself.",
}
STRICT = query("strict", "Refuse categories that the model does not know.")
BY_LINE = {"schema": {"type": "string", "description": "A line for each row."}}
PREDICTED = answer("One prediction for each row.", reference("Predictions"))
PROBABILITIES = query("probabilities", "Answer with the probability of each class as well.")
LENGTH = {
    "name": JSON_LENGTH,
    "in": "header",
    "description": "How many bytes of the body are JSON, where not all of them are. Behind it come the data of those "
    "inputs that have parameters.binary_data_size in place of data: little-endian numbers, a byte for each boolean, "
    "strings of UTF-8 each behind its length in four bytes. NaN is a missing value.",
    "schema": {"type": "integer", "minimum": 0},
}


class Paths:
    """The paths of one model.

    Args:
        signature: Of the model.
        outputs: Of its graph.
        token: Whether predictions want one.
    """

    def __init__(self, signature: Signature, outputs: Sequence[str], token: bool) -> None:
        self.examples = Examples(signature.columns)
        self.probabilities = [PROBABILITIES] if shares_among(outputs) else []
        self.statuses = [401] if token else []
        self.name = segment("name", signature.name)
        self.version = segment("version", signature.version)

    def all(self) -> Part:
        """By path."""
        return {**self.seed(), **self.mlflow(), **self.v1(), **self.v2(), **service()}

    def seed(self) -> Part:
        """The service's own."""
        predict = post(
            "predict",
            "predict",
            "Predict rows",
            {**content(reference("PredictRequest"), self.examples.predict()), **self.others()},
            PREDICTED,
            [*self.probabilities, STRICT],
            DETAILS.responses(400, *self.statuses, 413, 415, 422, 503),
        )
        return {"/predict": {"post": predict, "get": get("predict", "usage", "What to post", text("With an example."))}}

    def mlflow(self) -> Part:
        """MLflow's."""
        invocations = post(
            "MLflow",
            "invocations",
            "Predict rows",
            {**content(reference("InvocationsRequest"), self.examples.invocations()), **self.others()},
            {**PREDICTED, "content": {**PREDICTED["content"], **dict.fromkeys((CSV, LINES[0]), BY_LINE)}},
            [STRICT],
            Refusals("MlflowError").responses(400, *self.statuses, 413, 415, 503),
        )
        alive = {"description": "An empty line.", "content": {JSON: {}}}
        return {
            "/invocations": {"post": invocations},
            "/ping": {"get": get("MLflow", "ping", "Whether the model is ready", alive)},
            "/health": {"get": get("MLflow", "health", "Whether the model is ready", alive)},
            "/version": {"get": get("MLflow", "version", "The version of what serves", text("Such as 0.1.0."))},
        }

    def v1(self) -> Part:
        """The first protocol's."""
        models = answer("It.", reference("Models"))
        versions = "/v1/models/{name}/versions/{version}"
        return {
            "/v1/models": {"get": get("V1", "v1Models", "Which model is served", models)},
            **self.v1_model("/v1/models/{name}", "v1", [self.name]),
            **self.v1_model(versions, "v1Version", [self.name, self.version]),
        }

    def v1_model(self, path: str, name: str, segments: list[Part]) -> Part:
        """Those of a model, with its version or without."""
        errors = Refusals("Error")
        predict = post(
            "V1",
            f"{name}Predict",
            "Predict rows",
            content(reference("InstancesRequest"), self.examples.instances()),
            answer("One prediction for each row.", reference("PredictionsOrOutputs")),
            [*segments, STRICT],
            errors.responses(400, *self.statuses, 404, 413, 415, 503),
        )
        ready = answer("It is.", reference("ModelStatus"))
        tensors = answer("As TensorFlow Serving describes it.", {"type": "object"})
        unknown = errors.responses(404)
        return {
            path: {"get": get("V1", f"{name}Status", "Whether the model is ready", ready, segments, unknown)},
            f"{path}/metadata": {"get": get("V1", f"{name}Metadata", "What the model is", tensors, segments, unknown)},
            f"{path}:predict": {"post": predict},
        }

    def v2(self) -> Part:
        """The second protocol's."""
        extensions = answer("The extensions, too.", reference("ServerMetadata"))
        return {
            "/v2": {"get": get("V2", "v2Server", "What serves", extensions)},
            "/v2/": {"get": get("V2", "v2Slash", "What serves", extensions)},
            "/v2/health/live": {
                "get": get("V2", "v2Live", "Whether the service runs", answer("It does.", true("live")))
            },
            "/v2/health/ready": {
                "get": get("V2", "v2Ready", "Whether the model is ready", answer("It is.", true("ready")))
            },
            **self.v2_model("/v2/models/{name}", "v2Model", [self.name]),
            **self.v2_model("/v2/models/{name}/versions/{version}", "v2Version", [self.name, self.version]),
        }

    def v2_model(self, path: str, name: str, segments: list[Part]) -> Part:
        """Those of a model, with its version or without."""
        unknown = Refusals("Error").responses(404)
        about = answer("The tensors that it takes and gives.", reference("ModelMetadata"))
        ready = answer("It is.", reference("ModelReady"))
        return {
            path: {"get": get("V2", name, "What the model is", about, segments, unknown)},
            f"{path}/ready": {"get": get("V2", f"{name}Ready", "Whether the model is ready", ready, segments, unknown)},
            f"{path}/infer": {"post": self.infer(f"{name}Infer", segments)},
        }

    def infer(self, name: str, segments: list[Part]) -> Part:
        """Tensors to tensors, as JSON or with bytes behind it."""
        own = {"description": "How many bytes of it are JSON.", "schema": {"type": "integer"}}
        given = {
            "description": "The outputs. Those that are sent as bytes come behind the JSON, in their order.",
            "headers": {JSON_LENGTH: own},
            "content": {**content(reference("InferAnswer")), BINARY: {}},
        }
        return post(
            "V2",
            name,
            "Predict from tensors",
            {**content(reference("InferRequest"), self.examples.tensors()), BINARY: {}},
            given,
            [*segments, STRICT, LENGTH],
            Refusals("Error").responses(400, *self.statuses, 404, 413, 415, 503),
        )

    def others(self) -> Part:
        """What is no JSON: CSV, with a header, and JSON Lines."""
        csv = {
            "type": "string",
            "description": "With a header, its columns in any order; without one, in the model's order: where the type "
            "is text/csv; header=absent, or where it has no header and the first line is a row. Empty fields and NaN "
            "are missing values.",
        }
        lines = {"type": "string", "description": "A record, or a row in the model's order, as JSON in each line."}
        return {**content(csv, self.examples.csv(), CSV), **content(lines, self.examples.lines(), LINES[0])}


def true(name: str) -> Part:
    """An object that says that something is so."""
    return {"type": "object", "properties": {name: {"const": True}}, "required": [name]}


def service() -> Part:
    """The paths of no protocol."""
    ready, runs = "Whether the model is ready", "Whether the service runs"
    page = answer("HTML.", {"type": "string"}, "text/html")
    return {
        "/": {"get": get("service", "root", runs, answer("It does.", {"const": {"status": "alive"}}))},
        "/health/live": {"get": get("service", "live", runs, text("OK."))},
        "/health/ready": {"get": get("service", "ready", ready, text("OK."))},
        "/model": {"get": get("service", "model", "What is known of the model", answer("It.", reference("Model")))},
        "/openapi.json": {"get": get("service", "openapi", "This document", answer("It.", {"type": "object"}))},
        "/docs": {"get": get("service", "docs", "A page to try the model on", page)},
        "/metrics": {"get": get("service", "metrics", "What was served", text("In Prometheus' text format."))},
    }
