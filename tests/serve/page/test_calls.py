"""The calls that the page offers do what the page does, whatever the values are, when they are pasted."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.clients.programs import programs_of
from tests.serve.page import models
from tests.serve.page.fields import answered, field, sent
from tests.servers import Server

KINDS = ["curl", "requests", "tritonclient"]
SIZE = f"size {models.MARKUP}"
AWKWARD = "it's \"quoted\" \\ \\n $HOME `date` !! %s {0} 雪 🏔\n\tand </script> 'ends'\\"


def call(page: Page, kind: str) -> str:
    """The text that the button copies."""
    panel = page.locator("details", has=page.locator("summary", has_text=kind))
    if panel.get_attribute("open") is None:
        panel.locator("summary").click()
    panel.get_by_role("button", name=f"Copy for {kind}").click()
    expect(page.locator("#copied")).to_have_text(f"Copied for {kind}.")
    text: str = page.evaluate("navigator.clipboard.readText()")
    return text


def run(kind: str, text: str, **environment: str) -> str:
    """Paste it into a shell or a Python."""
    python = programs_of("clients") / "python" if kind == "tritonclient" else sys.executable
    command = ["bash", "-c", text] if kind == "curl" else [python, "-c", text]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=60, env={**os.environ, **environment}
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def agrees(kind: str, output: str, answer: dict[str, Any]) -> None:
    """What a call has printed is the answer of /predict."""
    if kind == "curl":
        assert json.loads(output) == answer
    elif kind == "requests":
        assert output.strip() == str(answer)
    else:
        label, *probabilities = output.split("probabilities ")
        assert str(answer["predictions"][0]).encode().__repr__() in label
        found = [float(word) for word in probabilities[0].strip("[] \n").split()]
        assert found == pytest.approx(answer["probabilities"][0], rel=1e-6)


def expected(server: Server, row: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = server.post(json.dumps([row]), "/predict?probabilities=true").json()
    return answer


def visited(server: Server, visit: Any) -> Page:
    page: Page = visit(server, permissions=["clipboard-read", "clipboard-write"])
    return page


@pytest.mark.parametrize("kind", KINDS)
def test_calls_that_are_pasted_get_the_answer_of_the_page(server, visit, kind) -> None:
    page = visited(server, visit)
    field(page, "capital-gain").fill("9000")
    answered(page)
    agrees(kind, run(kind, call(page, kind)), expected(server, sent(page)))


@pytest.mark.parametrize("kind", KINDS)
def test_quotes_blanks_backslashes_and_unicode_survive(exported, visit, kind) -> None:
    server = exported(models.odd)
    page = visited(server, visit)
    field(page, "note").fill(AWKWARD)
    field(page, "kind").select_option("it's \"so\", isn't it")
    field(page, SIZE).fill("-1.5e2")
    answered(page)
    assert (sent(page)["note"], sent(page)["kind"]) == (AWKWARD, "it's \"so\", isn't it")
    agrees(kind, run(kind, call(page, kind)), expected(server, sent(page)))


@pytest.mark.parametrize("kind", KINDS)
def test_missing_numbers_can_be_sent_by_all(server, visit, kind) -> None:
    page = visited(server, visit)
    field(page, "age").fill("")
    answered(page)
    agrees(kind, run(kind, call(page, kind)), expected(server, sent(page) | {"age": None}))


@pytest.mark.parametrize("kind", KINDS[:2])
def test_missing_text_and_booleans_are_null_or_none(exported, visit, kind) -> None:
    server = exported(models.odd)
    page = visited(server, visit)
    field(page, "new").select_option("(missing)")
    field(page, 'it\'s a "city"').fill("")
    answered(page)
    agrees(kind, run(kind, call(page, kind)), expected(server, sent(page)))


def test_tritonclient_has_no_missing_text_and_the_page_says_so(exported, visit) -> None:
    page = visited(exported(models.odd), visit)
    field(page, "new").select_option("(missing)")
    answered(page)
    assert call(page, "tritonclient") == '# tritonclient cannot send a missing text or truth value: "new"'


@pytest.mark.parametrize("kind", KINDS)
def test_calls_to_a_server_with_a_token_take_it_from_the_environment(guarded, visit, kind) -> None:
    page = visited(guarded, visit)
    page.get_by_label("Token").fill("secret's-token")
    answered(page)
    text = call(page, kind)
    assert "secret" not in text
    assert " <=50K" in run(kind, text, TOKEN="secret's-token")


@pytest.mark.parametrize("kind", KINDS)
def test_a_regression_has_calls_without_probabilities(exported, visit, kind) -> None:
    server = exported(models.two_targets)
    page = visited(server, visit)
    output = run(kind, call(page, kind))
    for number in server.predictions(json.dumps([sent(page)]))[0]:
        assert f"{number:.6f}"[:-1] in output


def test_a_browser_without_a_clipboard_marks_the_text(server, visit) -> None:
    page = visit(server)
    page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    page.evaluate("document.execCommand = () => false")
    page.get_by_role("button", name="Copy for curl").click()
    expect(page.locator("#copied")).to_have_text("Marked: copy it with your keyboard.")
    assert page.evaluate("getSelection().toString()") == page.locator("pre").first.inner_text()
