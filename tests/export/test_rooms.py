"""`export/` reads from top to bottom: a room imports those above it, and a converter lies where its class lies."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import alpenglow._export
from alpenglow._export.converters import refusals
from alpenglow._export.registry import LIBRARIES, MODULES
from docs.survey.libraries import NAMES

ROOT = Path(alpenglow._export.__file__).parent
PREFIX = "alpenglow._export."
# Each line may import what is in the lines above it, and what is in its own.
ORDER = [
    {"errors", "silence", "versions"},
    {"pipeline"},
    {"files", "graph", "proved"},
    {"arithmetic"},
    {"tracing"},
    {"converters"},
    {"registry"},
    {"plugins"},
    {"convert"},
    {"gate"},
    {"report"},
    {"api"},
    {"adopt", "verify", "__main__"},
]
PLACES = {room: place for place, rooms in enumerate(ORDER) for room in rooms}
OURS = {"Categories", "Integers", "Texts", "object"}  # ours, in front of others; any class of the user's own


def imports(path: Path) -> Iterator[str]:
    """The rooms that a module imports from; what only a type checker reads does not count."""
    tree = ast.parse(path.read_text())
    typing = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and id(node) not in typing:
            for alias in node.names:
                name = f"{node.module}.{alias.name}."
                if name.startswith(PREFIX):
                    yield name.removeprefix(PREFIX).split(".")[0]


MODULE_FILES = sorted(path for path in ROOT.rglob("*.py") if path != ROOT / "__init__.py")


@pytest.mark.parametrize("path", MODULE_FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_from_above(path) -> None:
    place = PLACES[path.relative_to(ROOT).with_suffix("").parts[0]]
    assert [room for room in imports(path) if PLACES[room] > place] == []


def test_a_converter_lies_where_scikit_learn_has_the_class() -> None:
    found = [
        (kind, module)
        for module in MODULES
        if module is not refusals
        for table in ("PREDICTORS", "TRANSFORMERS")
        for kind in getattr(module, table, {})
        if kind.__name__ not in OURS
    ]
    assert len(found) > 120
    for kind, module in found:
        room = module.__name__.split(".converters.")[1].split(".")[0]
        assert kind.__module__.split(".")[:2] == ["sklearn", room], kind


@pytest.mark.parametrize("name", LIBRARIES)
def test_a_library_has_a_module_of_its_name_and_a_section_of_the_survey(name: str) -> None:
    assert LIBRARIES[name].__name__.split(".libraries.")[1].split(".")[0] == name
    assert name in NAMES


def test_no_library_is_imported_unless_a_pipeline_brings_it() -> None:
    command = [
        sys.executable,
        "-c",
        f"import sys, alpenglow._export.api; print(*({set(LIBRARIES)} & set(sys.modules)))",
    ]
    assert subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip() == ""
