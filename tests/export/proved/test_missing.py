"""What can be missing in what the graph's trees see."""

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from alpenglow._export.proved.graph import Reader
from alpenglow._export.proved.missing import never_missing
from tests.export.helpers import exported

TREE = DecisionTreeClassifier(max_depth=3, random_state=0)
COLUMNS = {
    "nothing before it": (TREE, [False] * 3),
    "an imputer": (make_pipeline(SimpleImputer(), TREE), [True] * 3),
    "an imputer and a scaler": (make_pipeline(SimpleImputer(), StandardScaler(), TREE), [True] * 3),
    "a scaler": (make_pipeline(StandardScaler(), TREE), [False] * 3),
    "an imputer of some": (
        make_pipeline(make_column_transformer((SimpleImputer(), ["b"]), remainder="passthrough"), TREE),
        [True, False, False],
    ),
    "an encoder of some": (
        make_pipeline(
            make_column_transformer((OneHotEncoder(sparse_output=False), ["c"]), remainder="passthrough"), TREE
        ),
        [True] * 3 + [False] * 2,
    ),
}


@pytest.mark.parametrize("before", COLUMNS)
def test_a_column_that_may_be_missing_is_never_said_to_be_there(before: str) -> None:
    random = np.random.default_rng(0)
    table = pd.DataFrame({"a": random.normal(size=90), "b": random.normal(size=90), "c": np.arange(90) % 3 + 0.0})
    pipeline, never = COLUMNS[before]
    model, _ = exported(pipeline.fit(table, random.integers(0, 2, 90)), table)
    reader = Reader(model)
    found = never_missing(reader.found[0].sees, reader.producers, reader.constants)
    assert not (found & ~np.array(never)).any()
    if before != "an encoder of some":
        assert found.tolist() == never
