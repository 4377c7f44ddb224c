"""What joblib, pickle, cloudpickle and dill write. As with any pickle: only from people you trust."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from io import BytesIO
from types import ModuleType
from typing import Any

import joblib

# Protocols 2 to 5 say so; 0 and 1 begin with a class, or with what opens a dict, a list or a tuple.
BINARY = re.compile(rb"\x80[\x02-\x05]")
OLD = re.compile(rb"c[\w.]+\n[\w.]+\n|\((?:[dlti]p\d|[cV])|[\]}]q.", re.DOTALL)
STOP = b"."


def is_pickle(start: bytes, end: bytes) -> bool:
    """Whether a file that begins and ends so is a pickle; text may begin like an old one, but ends otherwise."""
    return bool(BINARY.match(start) or (OLD.match(start) and end.endswith(STOP)))


def unpickled(content: bytes) -> Any:
    """The object in a pickle."""
    with empty_main():
        if b"dill._dill" in content:
            dill: Any = import_module("dill")
            return dill.loads(content, ignore=True)
        return joblib.load(BytesIO(content))


@contextmanager
def empty_main() -> Iterator[None]:
    """What was defined in somebody's notebook is not to be taken from this program, should that have the same name."""
    ours = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = ours
