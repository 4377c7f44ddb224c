"""What one does with the form, and what it sends."""

import json
from typing import Any

from playwright.sync_api import Locator, Page, expect


def field(page: Page, name: str) -> Locator:
    """The field of a column."""
    return page.locator("#fields").get_by_label(name, exact=True)


def answered(page: Page) -> None:
    """Wait for the answer to what is in the form; that it waits for one is shown before the change has returned."""
    expect(page.locator("#result")).to_have_attribute("aria-busy", "false")


def sent(page: Page) -> dict[str, Any]:
    """The row that the page posts, as the call for curl has it."""
    call = page.locator("pre").first.text_content() or ""
    body = call.partition(" -d '")[2].removesuffix("'").replace("'\\''", "'")
    row: dict[str, Any] = json.loads(body)[0]
    return row
