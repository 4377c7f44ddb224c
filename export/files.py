"""What people keep pipelines and tables in: files, by their endings."""

import bz2
import gzip
import lzma
import re
import warnings
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import sklearn
from sklearn.exceptions import InconsistentVersionWarning

from alpenglow._export.errors import ExportError, PipelineError, SampleError, one_line
from alpenglow._export.steps import known_categories

# What a pickle keeps of the version that fitted an estimator: the name, perhaps a memo, and a short or a long text.
FITTED_WITH = re.compile(rb"_sklearn_version(?:\x94|q.|r.{4})?(?:\x8c.|X.{4})(\d+\.\d+[0-9a-z.]*)", re.DOTALL)
DECOMPRESS: dict[bytes, Callable[[bytes], bytes]] = {
    b"\x1f\x8b": gzip.decompress,
    b"BZh": bz2.decompress,
    b"\xfd7zXZ": lzma.decompress,
    b"\x78\x9c": zlib.decompress,
    b"\x78\x5e": zlib.decompress,
    b"\x78\x01": zlib.decompress,
    b"\x78\xda": zlib.decompress,
}


def load_pipeline(path: Path) -> Any:
    """Read what joblib, pickle, cloudpickle or dill wrote. As with any pickle: only from people you trust.

    Raises:
        PipelineError: The file cannot be read, or another version of scikit-learn has written it.
    """
    if path.suffix == ".py":
        raise PipelineError(
            f"{path} is a program, not a fitted pipeline: end it with joblib.dump(pipeline, 'pipeline.joblib'), "
            "run it, and give that file"
        )
    with explained(path, PipelineError):
        check_version(path, path.read_bytes())
        return unpickled(path)


def check_version(path: Path, content: bytes) -> None:
    """Look at which version of scikit-learn a pickle is from, without loading it.

    Raises:
        PipelineError: It is another one than this.
    """
    unpack = next((unpack for start, unpack in DECOMPRESS.items() if content.startswith(start)), bytes)
    found = FITTED_WITH.search(unpack(content))
    if not found:
        return
    version = found[1].decode()
    if version.split(".")[:2] != sklearn.__version__.split(".")[:2]:
        raise PipelineError(
            f"{path} was fitted with scikit-learn {version}, and this is {sklearn.__version__}: export it where it was "
            f"fitted, or where `pip install 'alpenglow[export]' scikit-learn=={version}` has been run"
        )


def unpickled(path: Path) -> Any:
    """The object in a pickle."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InconsistentVersionWarning)
        return joblib.load(path)


@contextmanager
def explained(path: Path, kind: type[ExportError]) -> Iterator[None]:
    """Whatever goes wrong with a file is said in a sentence that names it."""
    try:
        yield
    except ExportError:
        raise
    except IsADirectoryError as error:
        raise kind(f"{path} is a folder; expected a file") from error
    except OSError as error:
        raise kind(f"{path}: {error.strerror or error}") from error
    except Exception as error:
        # Unpickling runs the constructors of whatever is inside, which may raise anything.
        raise kind(f"{path} cannot be read: {type(error).__name__}: {one_line(error)}") from error


def load_table(path: Path, estimator: Any) -> Any:
    """Read rows in the form that the file's ending names; without a known one they are CSV.

    Raises:
        SampleError: The file cannot be read.
    """
    with explained(path, SampleError):
        for ending in path.suffixes:
            if ending.lower() in TABLES:
                return TABLES[ending.lower()](path)
        return read_csv(path, estimator)


def read_csv(path: Path, estimator: Any) -> pd.DataFrame:
    """Read text, its columns apart by comma, semicolon or tab; columns whose known categories are text stay text.

    Raises:
        SampleError: It is no table.
    """
    separator = separator_of(path)
    try:
        header = list(map(str, pd.read_csv(path, nrows=0, sep=separator).columns))
        names = [str(name) for name in getattr(estimator, "feature_names_in_", header)]
        known = known_categories(estimator, names)
        text = [name for name, categories in known.items() if any(isinstance(value, str) for value in categories)]
        return pd.read_csv(path, dtype=dict.fromkeys(text, "str"), low_memory=False, sep=separator)
    except (ValueError, EOFError) as error:
        raise SampleError(f"{path} is not a CSV table: {one_line(error)}") from error


def separator_of(path: Path) -> str:
    """The one that is most often in the first line."""
    unpacked = gzip.open if path.suffix == ".gz" else open
    with unpacked(path, "rt", encoding="utf-8", errors="replace") as file:
        line = file.readline()
    return max(",;\t", key=line.count)


def read_json(path: Path) -> pd.DataFrame:
    """Read records, one in each line or all in an array; texts stay texts."""
    lines = {".jsonl", ".ndjson"} & set(map(str.lower, path.suffixes))
    return pd.read_json(path, lines=bool(lines), dtype=False, convert_dates=False)


TABLES: dict[str, Callable[[Path], Any]] = {
    **dict.fromkeys([".joblib", ".pkl", ".pickle", ".sav", ".dill", ".cloudpickle", ".p"], unpickled),
    **dict.fromkeys([".json", ".jsonl", ".ndjson"], read_json),
    ".parquet": pd.read_parquet,
    ".feather": pd.read_feather,
    ".npy": np.load,
}
