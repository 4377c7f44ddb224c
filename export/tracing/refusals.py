"""What cannot be recorded: the file, the line and the expression of the user's code, and why."""

import linecache
import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import CodeType, TracebackType
from typing import Any

import numpy as np
import pandas as pd
import sklearn

import alpenglow._export
from alpenglow._export.errors import one_line

LIBRARIES = tuple(
    str(folder) + os.sep
    for module in (alpenglow._export, np, pd, sklearn)
    for folder in {Path(module.__file__ or "").parent, Path(module.__file__ or "").resolve().parent}
)


class UntraceableError(Exception):
    """An operation that no graph records; the message says which and what to do instead."""


def explained(error: Exception, function: Any) -> str:
    """An error of a function in one sentence, with the place in the user's own code that it comes from."""
    reason = one_line(error) if isinstance(error, UntraceableError) else f"{type(error).__name__}: {one_line(error)}"
    places = list(frames(error.__traceback__))
    return f"{place(*places[-1]) if places else defined(function)}: {reason}"


def defined(function: Any) -> str:
    """Where a function begins, or its name."""
    while isinstance(function, partial):
        function = function.func
    code = getattr(function, "__code__", None)
    name = getattr(function, "__name__", repr(function))
    return f"{shown(code.co_filename)}, line {code.co_firstlineno}, {name}" if code else name


def frames(trace: TracebackType | None) -> Iterator[tuple[CodeType, int, int]]:
    """The code, line and instruction of each frame that is no library's, the innermost last."""
    while trace:
        code = trace.tb_frame.f_code
        if not code.co_filename.startswith((*LIBRARIES, "<frozen")):
            yield code, trace.tb_lineno, trace.tb_lasti
        trace = trace.tb_next


def place(code: CodeType, line: int, instruction: int) -> str:
    """File, line and, where the source is at hand, the expression."""
    expression = source(code, instruction) or linecache.getline(code.co_filename, line).strip()
    where = f"{shown(code.co_filename)}, line {line}"
    return f"{where}, `{expression}`" if expression else where


def shown(file: str) -> str:
    """A file's name as the user would type it here."""
    path, here = Path(file), Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else file


def source(code: CodeType, instruction: int) -> str:
    """The expression that an instruction computes; nothing if it is not known, or not on one line."""
    line, last, first, end = list(code.co_positions())[instruction // 2]
    if None in (line, first, end) or line != last:
        return ""
    return linecache.getline(code.co_filename, int(line or 0)).encode()[first:end].decode(errors="replace").strip()
