"""Pipelines of libraries beside scikit-learn, one module for each, named as the library is imported.

`cases()` of a module yields, for each line and column of the library's section, the line's name, the data's name, and
what to fit: an estimator, features and target.
"""

from importlib import import_module
from pkgutil import iter_modules

SECTIONS = {found.name: import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__)}
