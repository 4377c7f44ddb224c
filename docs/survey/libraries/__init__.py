"""Pipelines of libraries beside scikit-learn, one module for each, named as the library is imported.

`cases()` of a module yields, for each line and column of the library's section, the line's name, the data's name, and
what to fit: an estimator, features and target.
"""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

NAMES = sorted(found.name for found in iter_modules(__path__))


def modules() -> Iterator[tuple[str, ModuleType]]:
    """Each library's name and its module, which imports the library."""
    for name in NAMES:
        yield name, import_module(f"{__name__}.{name}")
