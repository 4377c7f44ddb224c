"""UCI Adult, the census table of the demo that this project replaces (see data/README.md)."""

import gzip
import hashlib
import io
from pathlib import Path

import pandas as pd

from alpenglow._train.dataset import DataError, Dataset, as_features

DATA = Path(__file__).parent / "data"
LEARN_SHA256 = "5b00264637dbfec36bdeaab5676b0b309ff9eb788d63554ca0a249491c86603d"
HELD_OUT_SHA256 = "a2a9044bc167a35b2361efbabec64e89d69ce82d9790d2980119aac5fd7e9c05"
TARGET = "income"
COLUMNS = [
    "age",
    "workclass",
    "fnlwgt",
    "education",
    "education-num",
    "marital-status",
    "occupation",
    "relationship",
    "race",
    "sex",
    "capital-gain",
    "capital-loss",
    "hours-per-week",
    "native-country",
    TARGET,
]


def load() -> Dataset:
    """`adult.data` (32,561 rows) to learn from, `adult.test` (16,281 rows) held out.

    Values keep their leading space, as existing clients send it.

    Raises:
        DataError: A file is not the published one.
    """
    learn = _read("adult.data", LEARN_SHA256, comment_lines=0)
    held_out = _read("adult.test", HELD_OUT_SHA256, comment_lines=1)
    # In adult.test every label ends in a full stop that is not part of it.
    held_out[TARGET] = held_out[TARGET].str.removesuffix(".")
    return Dataset("adult", TARGET, "classification", learn, held_out, LEARN_SHA256)


def _read(name: str, sha256: str, comment_lines: int) -> pd.DataFrame:
    content = gzip.decompress((DATA / f"{name}.gz").read_bytes())
    if hashlib.sha256(content).hexdigest() != sha256:
        raise DataError(f"{DATA / name}.gz is not the published {name}: its sha256 is not {sha256}")
    return as_features(pd.read_csv(io.BytesIO(content), header=None, names=COLUMNS, skiprows=comment_lines))
