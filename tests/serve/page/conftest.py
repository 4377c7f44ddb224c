"""Open the page in Debian's Chromium, headless, on real servers."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import joblib
import pandas as pd
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.commands import alpenglow
from tests.serve.page import models
from tests.serve.page.fields import answered
from tests.servers import Server, gunicorn

CHROMIUM = shutil.which("chromium")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, without the sandbox that containers do not let it make."""
    if not CHROMIUM:
        pytest.skip("there is no chromium: on Debian, apt-get install chromium")
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open the page of a server: `visit(server, **options of the browser's context)`.

    What the browser complains of (scripts that fail, what the policy forbids, files that are not there) and requests
    to anybody else fail the test. It is no complaint that the server refuses what is in the form.
    """
    complaints: list[str] = []
    with ExitStack() as stack:

        def open_page(server: Server, **options: Any) -> Page:
            context = stack.enter_context(browser.new_context(**options))
            page = context.new_page()
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.on("console", lambda message: note(message.text, message.location["url"]))
            page.on("request", lambda request: None if mine(request.url) else complaints.append(request.url))

            def mine(url: str) -> bool:
                return url.startswith((f"{server.url}/", f"blob:{server.url}/", "data:"))

            def note(text: str, url: str) -> None:
                if not url.startswith(f"{server.url}/predict"):
                    complaints.append(f"{text} ({url})")

            page.goto(f"{server.url}/docs")
            answered(page)
            return page

        yield open_page
    assert not complaints


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    """Export and serve a pipeline: `exported(models.odd)`; one server for each."""
    running: dict[str, Server] = {}
    with ExitStack() as stack:

        def serve(make: Callable[[], tuple[Any, pd.DataFrame]]) -> Server:
            if make.__name__ not in running:
                folder = tmp_path_factory.mktemp(make.__name__)
                pipeline, sample = make()
                joblib.dump(pipeline, folder / "pipeline.joblib")
                joblib.dump(sample, folder / "sample.joblib")
                name = f"{make.__name__} {models.MARKUP}"
                alpenglow("export", folder / "pipeline.joblib", "--output", folder / "model.onnx", "--name", name)
                running[make.__name__] = stack.enter_context(gunicorn(folder / "model.onnx"))
            return running[make.__name__]

        yield serve


@pytest.fixture(scope="session")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose model has 1,000 columns and 12 classes."""
    model: Path = tmp_path_factory.mktemp("wide") / "model.onnx"
    model.write_bytes(models.wide())
    with gunicorn(model) as server:
        yield server


@pytest.fixture(scope="session")
def guarded(artifacts: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that wants a token, which is `secret's "token"`, and requests of at most 40,000 bytes."""
    folder = tmp_path_factory.mktemp("guarded")
    (folder / "token").write_text("secret's-token")
    (folder / "token").chmod(0o600)
    with gunicorn(artifacts / "model.onnx", folder, TOKEN_FILE=str(folder / "token"), MAX_BODY="40000") as server:
        yield server
