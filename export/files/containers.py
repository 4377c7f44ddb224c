"""Pipelines that were kept in a dict or a list, with other things."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from alpenglow._export.errors import PipelineError


def only_estimator(path: Path, value: Any) -> tuple[Any, str | None]:
    """The one estimator in it, and where it was.

    A second one stops it: a scaler beside a model may have been applied before it, which nobody can see.

    Returns:
        The value itself and no place, if it is no dict, list or tuple.

    Raises:
        PipelineError: There are none or several.
    """
    if hasattr(value, "fit") or not isinstance(value, Mapping | list | tuple):
        return value, None
    found: dict[int, tuple[str, Any]] = {}
    for where, estimator in estimators(value, ""):
        found.setdefault(id(estimator), (where, estimator))
    named = [f"{where} ({type(estimator).__name__})" for where, estimator in found.values()]
    if len(named) == 1:
        return next(iter(found.values()))[1], named[0]
    kind = type(value).__name__
    if not named:
        what = f"keys: {', '.join(map(repr, value))}" if isinstance(value, Mapping) else f"length: {len(value)}"
        raise PipelineError(f"{path} holds a {kind} without an estimator ({what}): dump the fitted pipeline itself")
    raise PipelineError(
        f"{path} holds a {kind} with {len(named)} estimators, {', '.join(named)}: dump the one that is to be exported, "
        "and if some belong before others, all of them in one Pipeline"
    )


def estimators(value: Any, where: str) -> Iterator[tuple[str, Any]]:
    """Each with the keys that lead to it, such as `['models'][0]`."""
    if hasattr(value, "fit") and not isinstance(value, type):
        yield where, value
    elif isinstance(value, Mapping | list | tuple):
        items = value.items() if isinstance(value, Mapping) else enumerate(value)
        for key, item in items:
            yield from estimators(item, f"{where}[{key!r}]")
