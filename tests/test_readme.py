"""The README is true: what it shows is what its commands print."""

import shutil

import pytest

from tests.commands import run


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_what_the_readme_shows_is_what_the_commands_print(checkout, artifacts) -> None:
    shutil.copytree(artifacts, checkout / "artifacts")
    run(".venv/bin/cog", "--check", "--diff", "-P", "README.md", folder=checkout)
