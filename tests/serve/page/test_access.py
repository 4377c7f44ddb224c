"""Who can use the page: by keyboard, with a screen reader, on a phone, by day and in the evening, behind a proxy."""

import http.client
import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.commands import ROOT
from tests.serve.page import models
from tests.serve.page.fields import answered, field, sent
from tests.servers import Server

PHONE = {"width": 320, "height": 640}
# Each text that is seen, with its contrast to what is below it (WCAG 2.2, 1.4.3), and the size of its letters.
CONTRASTS = """() => {
    const rgb = (color) => color.match(/[\\d.]+/g).map(Number);
    const luminance = (color) => {
        const linear = (c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
        const [r, g, b] = rgb(color).map((c) => linear(c / 255));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const below = (element) => {
        const { backgroundColor, backgroundImage } = getComputedStyle(element);
        if (backgroundImage !== "none") return backgroundImage.match(/rgba?\\([^)]*\\)/g);
        return rgb(backgroundColor)[3] === 0 ? below(element.parentElement) : [backgroundColor];
    };
    const contrast = (one, other) => {
        const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
        return (light + 0.05) / (dark + 0.05);
    };
    const found = [];
    for (const element of document.querySelectorAll("body *")) {
        const text = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()) || element.value;
        if (!text || !element.checkVisibility()) continue;
        const { color } = getComputedStyle(element);
        found.push([element.outerHTML.slice(0, 60), Math.min(...below(element).map((back) => contrast(color, back)))]);
    }
    return found;
}"""


@pytest.fixture
def behind_a_proxy(server: Server) -> Iterator[Server]:
    """The same server, all of its paths below /models/adult."""

    class Proxy(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.do_POST()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            there = http.client.HTTPConnection(server.url.removeprefix("http://"))
            kind = {"Content-Type": self.headers["Content-Type"]} if body else {}
            path = self.path.removeprefix("/models/adult") if self.path.startswith("/models/adult/") else "/nowhere"
            there.request(self.command, path, body, kind)
            answer = there.getresponse()
            self.send_response(answer.status)
            for name in ("Content-Type", "Content-Security-Policy", "Content-Length"):
                if answer.headers[name]:
                    self.send_header(name, answer.headers[name])
            self.end_headers()
            self.wfile.write(answer.read())

        def log_message(self, *arguments: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as proxy:
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        yield Server(f"http://127.0.0.1:{proxy.server_port}/models/adult", server.process, server.output, server.folder)
        proxy.shutdown()


def tab_to(page: Page, selector: str) -> None:
    """Press the tabulator until an element has the focus, and see that one sees that."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
            return
    raise AssertionError(f"the tabulator does not get to {selector}")


def test_the_page_is_small_and_loads_nothing_else(server, visit) -> None:
    files = [path for path in (ROOT / "serve/page").iterdir() if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= 30_000
    assert {path.suffix for path in files} == {".html", ".css", ".js"}
    page = visit(server)  # which fails when another origin is asked
    loaded = page.evaluate("performance.getEntriesByType('resource').map((entry) => entry.name)")
    assert {Path(url).name for url in loaded} >= {path.name for path in files} - {"index.html"}


def test_the_policy_is_strict(server) -> None:
    policy = server.get("/docs").headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert "http" not in policy


def test_behind_a_proxy_that_adds_a_prefix_all_addresses_have_it(behind_a_proxy, server, visit) -> None:
    page = visit(behind_a_proxy)
    expect(page.locator("#answer")).to_contain_text("␣<=50K")
    for text in page.locator("pre").all_text_contents()[:2]:
        assert f"{behind_a_proxy.url}/predict?probabilities=true" in text
    assert behind_a_proxy.url.removeprefix("http://") in page.locator("pre").last.text_content()
    # Not opened: for JSON, which cannot say that it has no icon, the browser asks for /favicon.ico, now or later.
    links = page.locator("footer").get_by_role("link").evaluate_all("links => links.map((link) => link.href)")
    assert links == [f"{behind_a_proxy.url}/{path}" for path in ("openapi.json", "model", "predict")]
    for link in links:
        assert behind_a_proxy.get(link.removeprefix(behind_a_proxy.url)).status_code == 200


def test_landmarks_headings_and_names_are_what_screen_readers_need(exported, visit) -> None:
    page = visit(exported(models.odd))
    expect(page.locator("body")).to_match_aria_snapshot("""
      - banner:
        - heading "odd <img src=x onerror=alert(1)>" [level=1]
        - navigation "On this page"
      - main:
        - region "Prediction":
          - heading "Prediction" [level=2]
          - status
          - list "Probabilities":
            - listitem
            - listitem
            - listitem
        - form "Values":
          - heading "Values" [level=2]
          - textbox "size <img src=x onerror=alert(1)>"
          - combobox "kind"
          - combobox "it's a \\"city\\""
          - textbox "note"
          - combobox "new"
          - button "Typical values again"
        - heading "The same as a call" [level=2]
        - heading "Score a file" [level=2]
        - button "CSV file with a header line"
        - heading "Model card" [level=2]
        - heading "Model" [level=3]
      - contentinfo
    """)
    for control in page.locator("input, select, textarea, button, summary, a").filter(visible=True).all():
        expect(control).to_have_accessible_name(re.compile("."))
    assert page.evaluate("document.documentElement.lang") == "en"


def test_everything_can_be_done_by_keyboard(server, visit) -> None:
    page = visit(server)
    tab_to(page, "#field-0")
    page.keyboard.press("Control+a")
    page.keyboard.type("61")
    tab_to(page, "#field-1")
    page.keyboard.press("ArrowDown")
    tab_to(page, "#field-10")
    page.keyboard.type("20000")
    expect(page.locator("#answer")).to_contain_text("␣>50K")
    answered(page)
    assert (sent(page)["age"], sent(page)["workclass"]) == (61, " Self-emp-inc")
    tab_to(page, "[type=reset]")
    page.keyboard.press("Enter")
    expect(page.locator("#answer")).to_contain_text("␣<=50K")
    tab_to(page, "details:nth-of-type(2) summary")
    page.keyboard.press("Enter")
    tab_to(page, "details:nth-of-type(2) button")
    page.keyboard.press("Enter")
    expect(page.locator("#copied")).to_have_text("Copied for requests.")
    with page.expect_file_chooser() as chooser:
        tab_to(page, "#file")  # here, for it takes Chromium a moment until it asks the test, not a window, for the file
        page.keyboard.press("Enter")
    row = server.get("/predict").text
    columns, values = json.loads(next(line for line in row.splitlines() if line.startswith("{"))).values()
    table = f"{','.join(columns)}\n{','.join(map(str, values[0]))}\n"
    chooser.value.set_files({"name": "one.csv", "mimeType": "text/csv", "buffer": table.encode()})
    expect(page.locator("#outcome")).to_contain_text("one.csv is done. Rows scored: 1.")
    tab_to(page, "[download]")
    with page.expect_download():
        page.keyboard.press("Enter")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_by_day_and_in_the_evening(server, visit, scheme) -> None:
    page = visit(server, color_scheme=scheme, reduced_motion="reduce")
    field(page, "age").fill("abc")
    expect(page.locator("#answer")).to_contain_text("do not fit")
    contrasts = page.evaluate(CONTRASTS)
    assert len(contrasts) > 100
    assert [(what, ratio) for what, ratio in contrasts if ratio < 4.5] == []
    field(page, "age").fill("")
    expect(page.locator("#bars")).to_be_visible()
    assert min(ratio for _, ratio in page.evaluate(CONTRASTS)) >= 4.5
    background = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert (background == "rgb(21, 19, 28)") == (scheme == "dark")


def test_whoever_wants_less_motion_gets_none(server, visit) -> None:
    for motion, seconds in (("reduce", "0s"), ("no-preference", "0.3s")):
        fill = visit(server, reduced_motion=motion).locator(".track div").first
        assert fill.evaluate("fill => getComputedStyle(fill).transitionDuration") == seconds


@pytest.mark.parametrize("make", [None, models.odd])
def test_a_phone_needs_no_sideways_scrolling(server, exported, visit, make) -> None:
    page = visit(exported(make) if make else server, viewport=PHONE, is_mobile=True, has_touch=True)
    page.locator("#field-0").fill("abc " + "x" * 80)
    expect(page.locator("#answer")).to_contain_text("do not fit")
    for summary in page.locator("summary").all():
        summary.click()
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_on_a_phone_the_answer_stays_in_sight_and_hides_no_field(server, visit) -> None:
    page = visit(server, viewport=PHONE, is_mobile=True, has_touch=True)
    tab_to(page, "[type=reset]")
    for index in range(13, -1, -1):  # upwards, where the answer would come to lie on the fields
        page.keyboard.press("Shift+Tab")
        expect(page.locator(f"#field-{index}")).to_be_focused()
        result = page.locator("#result").bounding_box()
        label = page.locator(f"label[for=field-{index}]").bounding_box()
        assert 0 <= result["y"] < result["y"] + result["height"] <= label["y"] < PHONE["height"]
