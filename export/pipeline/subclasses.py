"""Classes of the user's own: what is a class of scikit-learn's under another name."""

from collections.abc import Mapping
from typing import Any, TypeVar

T = TypeVar("T")
# What a class may change and still predict as its parent does: how it is made, fitted and scored.
HARMLESS = frozenset(
    {
        "__init__",
        "fit",
        "fit_predict",
        "fit_transform",
        "get_params",
        "partial_fit",
        "score",
        "set_params",
        "_estimator_type",
        "_more_tags",
        "_parameter_constraints",
    }
)
ADDED = frozenset({"_abc_impl", "_sklearn_auto_wrap_output_keys"})


def found_for(table: Mapping[type, T], kind: type) -> T | None:
    """What a table has for a class, or for the class that it is under another name."""
    for parent in kind.__mro__:
        if parent in table and parent is not object:
            return table[parent]
        if changes(parent):
            return None
    return None


def changes(kind: type) -> set[str]:
    """What a class does otherwise than its parent, and matters once it is fitted."""
    return {name for name, value in vars(kind).items() if name not in HARMLESS and not harmless(name, value)}


def harmless(name: str, value: Any) -> bool:
    """Whether it is no code: documentation, annotations, and what scikit-learn adds to each class."""
    made = name.startswith("set_") and name.endswith("_request")
    return made or (name.startswith("__") and not callable(value)) or name in ADDED
