"""Which files of an image are ever opened: strace watches containers of it while they live through what can happen."""

import json
import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any

import requests

from alpenglow._serve import usage
from alpenglow._serve.model import load
from alpenglow._serve.process.settings import MOST_BODY
from alpenglow._serve.signature import Signature
from benchmarks.image_contents import Contents
from tests.commands import run
from tests.image.certificates import self_signed
from tests.image.containers import Container, started

# Paths come resolved behind file descriptors (-y). Only the calls in question stop a process (--seccomp-bpf).
STRACE = "/trace/strace -f -y -s 4096 --seccomp-bpf -e trace=?open,openat,?openat2,execve -e signal=none"
# With -D the shell stays process 1, to which Docker sends signals. Every container has another host name.
START = f'#!/bin/sh\nexec {STRACE} -D -o "/trace/$HOSTNAME.calls" /app/start.sh\n'
# Alpine's strace needs no libraries: it runs in whatever image the folder is mounted into.
FETCH = "apk add --no-cache --quiet strace && cp /usr/bin/strace /trace"
OPENED = re.compile(r"= \d+<(/.*)>$")  # the line may be a call's second half
EXECUTED = re.compile(r'execve\("([^"]+)"')
PATIENCE = 60  # seconds
JSON = {"Content-Type": "application/json"}
# What a start is refused for.
WRONG = ("--env=PORT=http", "--env=MODEL=/nowhere", "--env=MODEL=/app/start.sh", "--env=TLS_CERTIFICATE=/app/start.sh")


def opened(image: str, alpine: str, there: Contents) -> set[str]:
    """Paths of regular files of the image.

    Raises:
        AssertionError: Docker fails, or a container ends early or does not stop.
        RuntimeError: A request is answered otherwise than it should, or strace has written nothing.
    """
    with shared() as folder:
        run("docker", "run", "--rm", f"--volume={folder}:/trace", f"alpine:{alpine}", "sh", "-c", FETCH)
        (folder / "start").write_text(START, encoding="ascii")
        (folder / "start").chmod(0o755)
        serve(image, folder)
        serve_with_tls(image, folder)
        refuse_to_start(image, folder)
        traces = sorted(folder.glob("*.calls"))
        if not traces:
            raise RuntimeError("strace has written nothing")
        return read((line for trace in traces for line in trace.read_text(encoding="ascii").splitlines()), there)


@contextmanager
def shared() -> Iterator[Path]:
    """A folder for containers to write to; in the end it is removed with all that still have it mounted."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)  # the image's user is nobody
        try:
            yield folder
        finally:
            # Those that an interrupt has left between their start and what would remove them.
            left = run("docker", "ps", "--all", "--quiet", f"--filter=volume={folder}").stdout.split()
            if left:
                run("docker", "rm", "--force", "--volumes", *left)


def read(lines: Iterable[str], there: Contents) -> set[str]:
    """What the lines of strace say of the image's files."""
    found: set[str] = set()
    for line in lines:
        if match := OPENED.search(line):
            found.add(match[1])
        elif match := EXECUTED.search(line):
            found |= there.program(match[1])
    return found & there.files.keys()


@contextmanager
def traced(image: str, folder: Path, *options: str, scheme: str = "http") -> Iterator[Container]:
    """A container that may not be ready yet, or never."""
    volume = f"--volume={folder}:/trace"
    with started(volume, "--entrypoint=/trace/start", *options, image=image, scheme=scheme) as container:
        yield container


def serve(image: str, folder: Path) -> None:
    """The model inside: requests of all kinds, a check of health, lost processes, a reload, a stop."""
    print("serving, losing processes, reloading, stopping ...", flush=True)
    with traced(image, folder) as container:
        container.wait_until_ready()
        run("docker", "cp", f"{container.id}:/model/model.onnx", folder)
        signature = load(folder / "model.onnx").signature
        answers(container, signature)
        container.execute("wget", "-q", "-O", "/dev/null", "http://127.0.0.1:5000/metrics")
        check_health(container)
        for name in ("gunicorn", "httpd"):
            newest = container.execute("pgrep", "-nf", name).stdout.strip()
            container.execute("kill", "-KILL", newest)
            container.wait_until_ready()
        container.signal("HUP")
        container.wait_for_line("Serving", 2)
        answers(container, signature)
        stop(container)


def serve_with_tls(image: str, folder: Path) -> None:
    """TLS, and a reload that is refused."""
    print("serving with TLS, refusing to reload, stopping ...", flush=True)
    self_signed(folder)
    model = folder / "model.onnx"
    model.chmod(0o644)
    settings = [f"--env={name}" for name in ("TLS_CERTIFICATE=/trace/tls.crt", "TLS_KEY=/trace/tls.key")]
    with traced(image, folder, *settings, "--env=MODEL=/trace/model.onnx", scheme="https") as container:
        container.wait_until_ready()
        answers(container, load(model).signature)
        expect(requests.get(container.url.replace("https", "http"), timeout=PATIENCE), HTTPStatus.BAD_REQUEST)
        check_health(container)
        model.write_bytes(model.read_bytes()[:1000])
        container.signal("HUP")
        container.wait_for_line("the model is not replaced", 1)
        stop(container)


def refuse_to_start(image: str, folder: Path) -> None:
    """Wrong settings."""
    print("refusing to start ...", flush=True)
    for setting in WRONG:
        with traced(image, folder, setting) as container:
            code = container.exit_code(PATIENCE)
            if code != 1:
                raise RuntimeError(f"with {setting} the container exits with {code}, not 1: {container.log()}")


def answers(container: Container, signature: Signature) -> None:
    """All kinds of requests.

    Raises:
        RuntimeError: One is answered with another status than it should.
    """
    for path in ("/", "/predict", "/health/live", "/health/ready", "/v2", "/ping", "/docs", "/docs/page.js"):
        expect(ask(container, "GET", path), HTTPStatus.OK)
        expect(ask(container, "HEAD", path), HTTPStatus.OK)
    for table in tables(signature):
        expect(ask(container, "POST", "/predict", json.dumps(table)), HTTPStatus.OK)
    parts = (b" " * (1 << 20) for _ in range((MOST_BODY >> 20) + 1))  # goes in chunks
    for body, status in (
        (b"", HTTPStatus.BAD_REQUEST),
        (b"{", HTTPStatus.BAD_REQUEST),
        (b"[]", HTTPStatus.UNPROCESSABLE_ENTITY),
        (b'{"columns": ["nobody\'s"], "data": [[1]]}', HTTPStatus.UNPROCESSABLE_ENTITY),
        (json.dumps(wrong(signature)), HTTPStatus.UNPROCESSABLE_ENTITY),
        (b" " * (MOST_BODY + 1), HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
        (parts, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    ):
        expect(ask(container, "POST", "/predict", body), status)
    expect(ask(container, "GET", "/nowhere"), HTTPStatus.NOT_FOUND)
    expect(ask(container, "DELETE", "/predict"), HTTPStatus.METHOD_NOT_ALLOWED)
    expect(ask(container, "POST", "/predict", b"a", {"Content-Type": "text/csv"}), HTTPStatus.UNPROCESSABLE_ENTITY)
    expect(ask(container, "POST", "/predict", b"a", {"Content-Type": "text/xml"}), HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    expect(ask(container, "POST", "/invocations", b"{}"), HTTPStatus.BAD_REQUEST)
    expect(ask(container, "GET", "/model"), HTTPStatus.OK)
    expect(ask(container, "GET", "/openapi.json"), HTTPStatus.OK)
    expect(ask(container, "GET", "/metrics"), HTTPStatus.FORBIDDEN)
    expect(ask(container, "GET", "/", headers={"X": "x" * 9000}), HTTPStatus.BAD_REQUEST)
    expect(ask(container, "GET", "/" + "x" * 5000), HTTPStatus.REQUEST_URI_TOO_LONG)


def ask(
    container: Container, method: str, path: str, body: Any = None, headers: dict[str, str] = JSON
) -> requests.Response:
    """One request; the certificate is nobody's."""
    return requests.request(
        method,
        container.url + path,
        data=body,
        headers=headers,
        timeout=PATIENCE,
        verify=False,  # noqa: S501 - a certificate of our own, for this run
    )


def expect(answer: requests.Response, status: HTTPStatus) -> None:
    """Raise RuntimeError unless the answer has that status."""
    if answer.status_code != status:
        asked = f"{answer.request.method} {answer.request.path_url[:40]}"
        raise RuntimeError(f"{asked} is answered with {answer.status_code}, not {status}: {answer.text[:200]}")


def tables(signature: Signature) -> Iterator[dict[str, Any]]:
    """Tables that the model predicts: one row, many, one with gaps, one with texts that it has never seen."""
    table = json.loads(usage.example(signature.columns))
    (row,) = table["data"]
    gaps = [None if column.nullable else value for column, value in zip(signature.columns, row, strict=True)]
    unknown = [
        "never seen" if column.type == "string" and not column.closed else value
        for column, value in zip(signature.columns, row, strict=True)
    ]
    for rows in ([row], [row] * 1000, [gaps], [unknown]):
        yield {**table, "data": rows}


def wrong(signature: Signature) -> dict[str, Any]:
    """A table with a value in each column that no column takes."""
    table: dict[str, Any] = json.loads(usage.example(signature.columns))
    return {**table, "data": [[[] for _ in signature.columns]]}


def check_health(container: Container) -> None:
    """What Docker runs as the image's health check, under strace."""
    inspected = run("docker", "inspect", "--format={{json .Config.Healthcheck.Test}}", container.id).stdout
    _, test = json.loads(inspected)  # CMD-SHELL
    container.execute(*STRACE.split(), "-o", f"/trace/{container.id}-health.calls", "sh", "-c", test)


def stop(container: Container) -> None:
    """As `docker stop` does.

    Raises:
        RuntimeError: It does not exit with 0.
    """
    container.signal("TERM")
    code = container.exit_code(PATIENCE)
    if code:
        raise RuntimeError(f"the container exits with {code}: {container.log()[-2000:]}")
