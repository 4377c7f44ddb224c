"""Rows from their file, by what is in it."""

import csv
import io
import re
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from alpenglow._export.errors import SampleError, one_line
from alpenglow._export.files.explained import explained
from alpenglow._export.files.json_tables import read_json
from alpenglow._export.files.packed import content_of
from alpenglow._export.files.pickles import is_pickle, unpickled
from alpenglow._export.pipeline.fitted import Fitted
from alpenglow._export.pipeline.tables import default_names

FORMS = "CSV, JSON lines, Parquet, Feather, npy, or a data frame that was pickled"
READERS: dict[bytes, Callable[[io.BytesIO], Any]] = {
    b"PAR1": pd.read_parquet,
    b"ARROW1": pd.read_feather,
    b"FEA1": pd.read_feather,
    b"\x93NUMPY": np.load,
}


def load_table(path: Path, fitted: Fitted | None = None, text: Iterable[str] = ()) -> Any:
    """Read rows, compressed or not, in any of `FORMS`.

    Args:
        path: The file; what looks like nothing else is CSV.
        fitted: Whose columns stay text in CSV where it knows texts as their categories.
        text: More columns that do.

    Raises:
        SampleError: The file cannot be read.
    """
    with explained(path, SampleError):
        content = content_of(path)
        read = next((read for start, read in READERS.items() if content.startswith(start)), None)
        if is_pickle(content[:256], content[-1:]):
            return unpickled(content)
        try:
            if read:
                return read(io.BytesIO(content))
            if content.lstrip()[:1] in (b"[", b"{"):
                return read_json(content)
            return read_csv(content, fitted, text)
        except (ValueError, EOFError) as error:
            raise SampleError(f"{path} is no table of {FORMS}: {one_line(error)}") from error


def read_csv(content: bytes, fitted: Fitted | None, text: Iterable[str] = ()) -> pd.DataFrame:
    """Columns apart by comma, semicolon or tab; numbers in the place of names are a row, and its columns `x0`, ..."""
    line = content.partition(b"\n")[0].decode("utf-8-sig").rstrip("\r")
    separator = max(",;\t", key=re.sub('"[^"]*"', "", line).count)
    header = next(csv.reader([line], delimiter=separator), [])
    names = fitted.names if fitted else []
    unnamed = not set(header) & set(names) and is_row(header)
    if unnamed:
        header = default_names(len(header))
    known = texts_of(fitted, names or header) if fitted else {}
    read: Any = partial(
        pd.read_csv, sep=separator, names=header if unnamed else None, header=None if unnamed else "infer"
    )
    frame: pd.DataFrame = read(io.BytesIO(content), dtype=dict.fromkeys([*known, *text], "str"), low_memory=False)
    gaps = [name for name in known if name in frame and frame[name].isna().any()]
    if gaps:
        # `NA` and `None` are gaps to pandas, but may be a category such as Namibia.
        written = read(io.BytesIO(content), dtype="str", usecols=gaps, keep_default_na=False)
        for name in gaps:
            category = frame[name].isna() & written[name].isin(known[name])
            frame[name] = frame[name].where(~category, written[name])
    return frame


def texts_of(fitted: Fitted, names: list[str]) -> dict[str, list[str]]:
    """The columns whose categories are texts, and these."""
    if len(names) < (fitted.width or 0):  # the door says what is missing
        return {}
    known = fitted.known_categories(names)
    texts = {name: [value for value in categories if isinstance(value, str)] for name, categories in known.items()}
    return {name: values for name, values in texts.items() if values}


def is_row(header: list[str]) -> bool:
    """Whether there are numbers in it, and not those that pandas calls columns without names."""
    return len(header) > 0 and all(map(is_number, header)) and header != [str(i) for i in range(len(header))]


def is_number(text: str) -> bool:
    """Whether it is read as one."""
    try:
        float(text)
    except ValueError:
        return False
    return True
