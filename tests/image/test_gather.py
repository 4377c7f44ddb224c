"""What becomes of a module's source on its way into the image."""

import marshal
from pathlib import Path
from types import CodeType

import pytest

from alpenglow._image.gather import compiled


def code(source: bytes) -> CodeType:
    """The code object in a compiled module."""
    found: CodeType = marshal.loads(compiled(source, Path("/usr/lib/python3/example.py"))[16:])
    return found


def namespace(source: bytes) -> dict[str, object]:
    """The module's names once it has run."""
    names: dict[str, object] = {"__name__": "example"}
    exec(code(source), names)
    return names


def test_docstrings_go_and_assertions_stay() -> None:
    names = namespace(b'"""A module."""\ndef f(x):\n    """A function."""\n    assert x, "none"\n    return x\n')
    function = names["f"]
    assert (names.get("__doc__"), function.__doc__) == (None, None)
    assert function(1) == 1
    with pytest.raises(AssertionError, match="none"):
        function(0)


def test_what_has_a_docstring_alone_still_has_a_body() -> None:
    names = namespace(b'class C:\n    """Nothing else."""\ndef f():\n    """Nothing else."""\n')
    assert names["C"].__doc__ is None
    assert names["f"]() is None


def test_imports_from_the_future_stay_first() -> None:
    names = namespace(b'"""A module."""\nfrom __future__ import annotations\ndef f(x: unknown): pass\n')
    assert names["f"].__annotations__ == {"x": "unknown"}


def test_tracebacks_name_the_source_s_place() -> None:
    assert code(b"pass").co_filename == "/usr/lib/python3/example.py"


def test_the_same_source_gives_the_same_bytes() -> None:
    source = Path("image/gather.py").read_bytes()
    assert compiled(source, Path("a.py")) == compiled(source, Path("a.py"))


def test_a_module_that_only_describes_is_empty() -> None:
    described = compiled(b"from x import add_newdoc\nadd_newdoc('a', 'b')", Path("numpy/_core/_add_newdocs.py"))
    assert described == compiled(b"", Path("numpy/_core/_add_newdocs.py"))


def test_what_gunicorn_s_settings_say_of_themselves_is_cut_to_a_line() -> None:
    names = namespace(
        b'class Workers:\n    desc = """\n        How many.\n\n        As many as you like.\n        """\n'
    )
    assert names["Workers"].desc == "How many."
