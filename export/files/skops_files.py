"""What skops writes: a zip archive of arrays, with a schema that says which types to build of them."""

import json
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from alpenglow._export.errors import PipelineError
from alpenglow._export.files.fitted_with import check_version, in_schema, loaded

ZIP = b"PK\x03\x04"
SCHEMA = "schema.json"


def members(content: bytes) -> list[str]:
    """The names in a zip archive; none if it is no whole one."""
    try:
        with ZipFile(BytesIO(content)) as archive:
            return archive.namelist()
    except BadZipFile:
        return []


def load_skops(path: Path, content: bytes, version: str | None, *, trust: bool) -> Any:
    """The object in it, once every type that it names is trusted: by skops, or by who runs this.

    Args:
        path: What to call it.
        content: The archive.
        version: Of scikit-learn, if the schema names none.
        trust: Whether types are trusted that skops does not trust by itself.

    Raises:
        PipelineError: There are such types, or another scikit-learn has fitted it.
    """
    skops: Any = import_module("skops.io")
    with ZipFile(BytesIO(content)) as archive:
        check_version(path, in_schema(json.loads(archive.read(SCHEMA))) or version)
    types = skops.get_untrusted_types(data=content)
    if types and not trust:
        raise PipelineError(
            f"{path} has types that skops does not trust by itself, so nothing of it was loaded: {', '.join(types)}; "
            "if you trust whoever wrote it, say --trust"
        )
    return loaded(path, lambda: skops.loads(content, trusted=types))
