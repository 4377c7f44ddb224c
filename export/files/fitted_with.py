"""Which scikit-learn fitted what is in a file, found without loading it."""

import json
import pickletools
import re
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import sklearn
from sklearn.exceptions import InconsistentVersionWarning

from alpenglow._export.errors import PipelineError

# A pickle has, in each estimator, the name `_sklearn_version` and then the version, both as texts: short, long, or
# those of protocol 0, each perhaps kept in the memo, and with the end of a frame between them. The version may also be
# a text that came before and was kept there.
MEMO = rb"(?:['\"]?\n(?:p\d+\n)?|\x94|q.|r.{4})?(?:\x95.{8})?"
TEXT = rb"(?:\x8c.|X.{4}|U.|V|S['\"])"
VERSION = rb"\d+(?:\.\d+)+(?:\.?(?:a|b|rc|post|dev)\d+)*"
SAME_TEXT = re.compile(rb"_sklearn_version" + MEMO + rb"(?:h(.)|j(.{4})|g(\d+)\n)", re.DOTALL)
FITTED_WITH = re.compile(rb"_sklearn_version" + MEMO + TEXT + rb"(" + VERSION + rb")", re.DOTALL)
OLDEST = (1, 3)  # pyproject.toml
REQUIRED = re.compile(r"\bscikit-learn\s*={1,3}\s*(" + VERSION.decode() + ")")


def in_pickle(content: bytes) -> str | None:
    """The version in a pickle; None if there is none in it."""
    found = FITTED_WITH.search(content)
    if found:
        return found[1].decode()
    same = SAME_TEXT.search(content)
    if not same:
        return None
    number = int(same[3]) if same[3] else int.from_bytes(same[1] or same[2], "little")
    text = memo(content).get(number)
    return text if isinstance(text, str) and re.fullmatch(VERSION, text.encode()) else None


def memo(content: bytes) -> dict[int, Any]:
    """What a pickle keeps to refer to, by number, as far as it can be followed: joblib has arrays between its parts."""
    kept: dict[int, Any] = {}
    last = None
    try:
        for operation, argument, _ in pickletools.genops(content):
            if operation.name in ("MEMOIZE", "PUT", "BINPUT", "LONG_BINPUT"):
                kept.setdefault(len(kept) if argument is None else argument, last)
            last = argument
    except Exception:
        return kept  # whatever the bytes of an array were taken for
    return kept


def in_schema(schema: Any) -> str | None:
    """The version in what skops writes about the objects in its file."""
    return next(versions_in(schema), None)


def versions_in(node: Any) -> Iterator[str]:
    """Those of every estimator in it; each is a text in JSON, inside JSON."""
    if isinstance(node, list):
        for item in node:
            yield from versions_in(item)
    elif isinstance(node, dict):
        version = node.get("_sklearn_version")
        if isinstance(version, dict) and isinstance(version.get("content"), str):
            yield str(json.loads(version["content"]))
        for item in node.values():
            yield from versions_in(item)


def required_in(text: str) -> str | None:
    """The version that a list of requirements pins, as pip or conda writes them."""
    found = REQUIRED.search(text)
    return found[1] if found else None


def check_version(path: Path, version: str | None) -> None:
    """Refuse another scikit-learn than this one.

    Raises:
        PipelineError: It is another one.
    """
    if not version or version.split(".")[:2] == sklearn.__version__.split(".")[:2]:
        return
    said = f"{path} was fitted with scikit-learn {version}, and this is {sklearn.__version__}"
    if tuple(map(int, version.split(".")[:2])) < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        raise PipelineError(
            f"{said}: nothing from before {oldest} is exported, so fit it again with that or a later one"
        )
    raise PipelineError(
        f"{said}: export it where it was fitted, or where `pip install 'alpenglow[export]' scikit-learn=={version}` "
        "has been run"
    )


def loaded(path: Path, load: Callable[[], Any]) -> Any:
    """What is loaded, unless scikit-learn itself says that another version fitted it.

    Raises:
        PipelineError: It does.
    """
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always", InconsistentVersionWarning)
        value = load()
    for warning in said:
        if isinstance(warning.message, InconsistentVersionWarning):
            check_version(path, warning.message.original_sklearn_version)
        else:
            warnings.warn_explicit(warning.message, warning.category, warning.filename, warning.lineno)
    return value
