"""Run inside what is about to be shipped: it predicts, refuses, and has nothing in it that it should not have."""

import importlib.util
import io
import os
from typing import Any

from serve import usage
from serve.wsgi import application


def status_of(app: Any, method: str, path: str, body: bytes = b"") -> tuple[str, bytes]:
    """What the application answers to a request."""
    statuses: list[str] = []
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "5000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.url_scheme": "http",
    }
    answer = b"".join(app(environ, lambda status, headers: statuses.append(status[:3])))
    return statuses[0], answer


def main() -> None:
    """Raise AssertionError where something is amiss."""
    for name in ("sklearn", "pip", "pandas", "skl2onnx"):
        assert importlib.util.find_spec(name) is None, f"{name} can be imported"
    os.environ["MODEL"] = "/model/model.onnx"
    app = application()
    row = usage.example(app.signature.columns)
    status, answer = status_of(app, "POST", "/predict", row)
    assert status == "200", answer
    print(f"{row.decode()}\n{answer.decode()}")
    for wanted, *request in (("400", "POST", "/predict", b"{"), ("404", "GET", "/nowhere"), ("405", "DELETE", "/")):
        status, answer = status_of(app, *request)
        assert status == wanted, answer


if __name__ == "__main__":
    main()
