"""Run inside what is about to be shipped: it predicts, refuses, and has nothing in it that it should not have."""

import importlib.util
import os

from serve import usage
from serve.asgi import application, ask


def main() -> None:
    """Raise AssertionError where something is amiss."""
    for name in ("sklearn", "pip", "pandas", "skl2onnx"):
        assert importlib.util.find_spec(name) is None, f"{name} can be imported"
    os.environ["MODEL"] = "/model/model.onnx"
    app = application()
    row = usage.example(app.signature.columns)
    status, answer = ask(app, "POST", "/predict", row)
    assert status == 200, answer
    print(f"{row.decode()}\n{answer.decode()}")
    for wanted, *request in ((400, "POST", "/predict", b"{"), (404, "GET", "/nowhere"), (405, "DELETE", "/")):
        status, answer = ask(app, *request)
        assert status == wanted, answer


if __name__ == "__main__":
    main()
