"""`GET /openapi.json`: all paths in OpenAPI 3.1, with the model's own columns, categories and classes.

https://spec.openapis.org/oas/v3.1.1.html
"""

from collections.abc import Sequence
from typing import Any

from alpenglow._serve.openapi import answers, paths, tables, tensors
from alpenglow._serve.signature import Signature

PARAGRAPH = "\n\n"


def document(signature: Signature, outputs: Sequence[str], max_body: int, max_rows: int, token: bool) -> dict[str, Any]:
    """The document, as JSON has it.

    Args:
        signature: Of the model that is served.
        outputs: Of its graph.
        max_body: The largest body that is taken, in bytes.
        max_rows: How many rows one request may have.
        token: Whether predictions want a token.
    """
    components: dict[str, Any] = {
        "schemas": {
            **tables.schemas(signature.columns, max_rows),
            **tensors.schemas(signature, outputs),
            **answers.schemas(signature, outputs),
        }
    }
    if token:
        components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": signature.name,
            "version": signature.version,
            "summary": f"A {signature.task}" + (f" of {signature.target}" if signature.target else ""),
            "description": description(signature, max_body, max_rows),
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": name, "description": what} for name, what in paths.TAGS.items()],
        "paths": paths.Paths(signature, outputs, token).all(),
        "components": components,
    }


def description(signature: Signature, max_body: int, max_rows: int) -> str:
    """What holds for all paths, in Markdown."""
    scores = ", ".join(f"{name.replace('_', ' ')} {score:.4g}" for name, score in (signature.scores or {}).items())
    return (
        f"{f'On held-out rows: {scores}.{PARAGRAPH}' if scores else ''}"
        f"A request may have {max_rows:,} rows and {max_body:,} bytes. Columns may come in any order, those that the "
        "model does not know are ignored, and null is a missing value. Other paths are answered with 404, other "
        "methods with 405 and an Allow header."
    )
