"""The picture of the page at `/docs` that the README shows: `python -m docs.page` takes it."""

import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.commands import ROOT
from tests.serve.page.fields import answered, field
from tests.servers import Server, gunicorn

PNG = Path(__file__).parent / "page.png"
# Somebody on whom the forest has a clear opinion, but not too clear a one.
VALUES = {"age": "44", "education-num": "14", "hours-per-week": "50"}
CHOICES = {"education": " Masters", "occupation": " Exec-managerial"}


def main() -> None:
    """Serve the model of the README, fill in the form, and write the picture."""
    chromium = shutil.which("chromium")
    if not chromium:
        sys.exit("docs.page: there is no chromium: on Debian, apt-get install chromium")
    with (
        tempfile.TemporaryDirectory() as folder,
        gunicorn(ROOT / "artifacts/model.onnx", Path(folder)) as server,
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", as_on_port_5000(server)]) as browser,
    ):
        page = browser.new_page(viewport={"width": 1120, "height": 1230}, color_scheme="light", reduced_motion="reduce")
        page.goto("http://localhost:5000/docs")
        fill(page)
        page.screenshot(path=PNG)
    print(f"Wrote {PNG.relative_to(ROOT)} ({PNG.stat().st_size:,} bytes)")


def as_on_port_5000(server: Server) -> str:
    """An option that makes Chromium find the server, which has a free port, where the README has it."""
    return f"--host-resolver-rules=MAP localhost:5000 {server.url.removeprefix('http://')}"


def fill(page: Page) -> None:
    """Type and choose, and wait for the answer."""
    for name, text in VALUES.items():
        field(page, name).fill(text)
    for name, category in CHOICES.items():
        field(page, name).select_option(label=category.replace(" ", "␣"))
    page.locator(":focus").blur()
    answered(page)


if __name__ == "__main__":
    main()
