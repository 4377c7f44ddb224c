"""Categories in CatBoost: it keeps nothing of them but hashes, so what they are is found by hashing the sample's."""

import ast
import re
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alpenglow._export.converters.libraries.catboost.dumped import Dump

Hashes = NDArray[np.uint64]


@dataclass(frozen=True, eq=False)
class Known:
    """The sample as a model sees it.

    Attributes:
        values: The distinct values of each column of categories, as the graph has them.
        codes: A number from 1 on for each of these, the same for those of one hash.
        hashes: The hash of each code, in each column.
        rows: The codes of the sample's rows, `[N, C]`.
        numbers: And their numbers, float32 `[N, F]`.
    """

    values: list[NDArray[Any]]
    codes: list[NDArray[np.int64]]
    hashes: list[Hashes]
    rows: NDArray[np.int64]
    numbers: NDArray[np.float32]


def known(seen: Any, dump: Dump) -> Known:
    """What is known of the categories, from the rows that a model was handed."""
    if seen is None:
        raise NotImplementedError("it was fitted on categories, and is not asked itself when this predicts")
    table = pd.DataFrame(seen)
    values, codes, hashes, rows = [], [], [], []
    for place in dump.categories:
        number, distinct = pd.factorize(table.iloc[:, place].astype(object))
        found, code = np.unique(hashed([text_of(value) for value in distinct]), return_inverse=True)
        values.append(np.asarray(distinct, object))
        codes.append(code + 1)
        hashes.append(found)
        rows.append((code + 1)[number])
    numbers = table.iloc[:, dump.numbers].astype(np.float64).to_numpy().astype(np.float32)
    return Known(values, codes, hashes, np.stack(rows, axis=1), numbers)


def text_of(value: Any) -> str:
    """What CatBoost hashes of a category: of a number or a boolean, the integer."""
    return value if isinstance(value, str) else str(int(value))


def hashed(texts: list[str]) -> Hashes:
    """CatBoost's hash of each text, 32 bits with a sign as 64.

    It writes them into the code that it can make of a model. Of those that have the same hash it writes one, so it is
    asked again for the others.
    """
    found: dict[str, int] = {}
    while missing := [text for text in texts if text not in found]:
        found |= written(missing)
    return np.array([found[text] for text in texts], np.int64).astype(np.uint64)


def written(texts: list[str]) -> dict[str, int]:
    """The hashes in the code of a small model that is fitted on these categories."""
    catboost = import_module("catboost")
    rows = pd.DataFrame({"text": [*texts, "", "0"], "number": range(len(texts) + 2)})
    pool = catboost.Pool(rows, label=rows["number"], cat_features=["text"])
    options = {"iterations": 1, "depth": 1, "thread_count": 1, "logging_level": "Silent", "allow_writing_files": False}
    with TemporaryDirectory() as folder:
        path = Path(folder) / "model.py"
        catboost.CatBoostRegressor(**options).fit(pool).save_model(str(path), format="python", pool=pool)
        code = path.read_text(encoding="utf-8")
    table = code.split("cat_features_hashes = ", 1)[1].split("\n}", 1)[0] + "\n}"
    table = re.sub(r"\\(.)", lambda escaped: "?" if escaped[1] == "?" else escaped[0], table)  # as C escapes it
    return {text.encode("latin-1").decode(): number for text, number in ast.literal_eval(table).items()}
