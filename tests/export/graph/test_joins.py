"""The columns of a kind, joined before anything else happens to them."""

from typing import Any

import numpy as np
import onnx
import onnxruntime
import pandas as pd
import pytest
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from alpenglow._export.convert import convert
from alpenglow._export.pipeline.describe import describe_columns
from alpenglow._export.pipeline.fitted import Fitted
from alpenglow._serve import graph

ROWS = pd.DataFrame(
    {
        "a": [1.0, 2.0, 3.0, 4.0] * 5,
        "word": ["x", "y", "x", "z"] * 5,
        "b": [4.0, 3.0, 2.0, 1.0] * 5,
        "yes": [True, False, False, True] * 5,
        "town": ["Rome", "Bonn", "Oslo", "Rome"] * 5,
        "c": [0.0, 1.0, 0.0, 0.0] * 5,
    }
)
TARGET = [0, 1, 1, 0] * 5
NUMBERS, WORDS = ["a", "b", "yes", "c"], ["word", "town"]


def behind(*transformers: tuple[str, Any, list[str]]) -> BaseEstimator:
    return make_pipeline(ColumnTransformer(list(transformers)), LogisticRegression())


PIPELINES = {
    "all together": behind(("n", StandardScaler(), NUMBERS), ("w", OneHotEncoder(), WORDS)),
    "some, in another order": behind(
        ("n", StandardScaler(), ["c", "a", "b"]), ("w", OneHotEncoder(), ["town", "word"])
    ),
    "each alone": behind(*((name, StandardScaler(), [name]) for name in ["a", "b"]), ("w", OneHotEncoder(), ["word"])),
    "one twice": behind(
        ("n", StandardScaler(), ["a", "b"]), ("m", "passthrough", ["a", "c"]), ("w", OneHotEncoder(), WORDS)
    ),
    "one of each kind": behind(("n", StandardScaler(), ["b"]), ("w", OneHotEncoder(), ["town"])),
    "numbers alone": DecisionTreeClassifier(),
}


@pytest.mark.parametrize("name", PIPELINES)
def test_joined_and_apart_they_give_the_same(name, tmp_path) -> None:
    rows = ROWS[["a", "b", "c"]] if name == "numbers alone" else ROWS
    pipeline = PIPELINES[name].fit(rows, TARGET)
    columns = describe_columns(Fitted(pipeline), rows)
    model = convert(Fitted(pipeline), columns, rows)
    onnx.checker.check_model(model)
    path = tmp_path / "model.onnx"
    onnx.save(model, path)
    apart = onnxruntime.InferenceSession(path)
    read = [node.name for node in apart.get_inputs()]
    kinds = [[name for name in read if (name in WORDS) is words] for words in (False, True)]
    feed = {name: rows[[name]].to_numpy(object if name in WORDS else np.float64) for name in read}
    with graph.joined(path) as copy:
        joined = onnxruntime.InferenceSession(copy)
    assert len(joined.get_inputs()) == len([kind for kind in kinds if kind])
    blocks = {}
    for node in joined.get_inputs():
        kind = kinds[node.type == "tensor(string)"]
        assert node.shape[1] == len(kind)
        blocks[node.name] = np.concatenate([feed[name] for name in kind], axis=1)
    for ours, theirs in zip(joined.run(None, blocks), apart.run(None, feed), strict=True):
        np.testing.assert_array_equal(ours, theirs)
