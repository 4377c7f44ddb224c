"""Run inside what is about to be shipped: it answers as was proved, serves, refuses, and has in it what it should."""

import http.client
import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from alpenglow._serve import usage
from alpenglow._serve.model import ModelError, load
from alpenglow._serve.verification import verify

MODEL = Path("/model/model.onnx")
PORT = 5000
PATIENCE = 60.0  # seconds until the server answers


def main() -> None:
    """Raise AssertionError where something is amiss.

    Raises:
        SystemExit: The model cannot be served, or answers otherwise here than was proved; the message is one line.
    """
    for name in ("sklearn", "pip", "pandas", "skl2onnx"):
        assert importlib.util.find_spec(name) is None, f"{name} can be imported"
    importlib.import_module("gunicorn_h1c")  # without it Gunicorn serves as well, but slowly, and does not say so
    try:
        model = load(MODEL)
        print(verify(model, MODEL))
    except ModelError as error:
        sys.exit(f"image: {error}")
    row = usage.example(model.signature.columns)
    server = subprocess.Popen([sys.executable, "-m", "alpenglow._serve"], env={**os.environ, "MODEL": str(MODEL)})
    try:
        status, answer = ready(row)
        assert status == 200, answer
        print(f"{row.decode()}\n{answer.decode()}")
        for wanted, *request in ((400, "POST", "/predict", b"{"), (404, "GET", "/nowhere"), (405, "DELETE", "/")):
            status, answer = ask(*request)
            assert status == wanted == json.loads(answer)["status"], answer
    finally:
        server.send_signal(signal.SIGTERM)
        assert server.wait(PATIENCE) == 0


def ready(row: bytes) -> tuple[int, bytes]:
    """The first answer, once there is one."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return ask("POST", "/predict", row)
        except ConnectionRefusedError:
            assert time.monotonic() < end, "nothing answers"
            time.sleep(0.05)


def ask(method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
    """The status and the body."""
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=PATIENCE)
    connection.request(method, path, body)
    answer = connection.getresponse()
    return answer.status, answer.read()


if __name__ == "__main__":
    main()
