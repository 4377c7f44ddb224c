"""What the tests of LightGBM and of XGBoost have in common."""

from importlib import import_module
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from sklearn.compose import make_column_transformer
from sklearn.ensemble import BaggingClassifier, StackingClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from alpenglow._export.gate.boundaries import boundary_rows
from alpenglow._export.gate.graph import Graph
from alpenglow._export.gate.movable import Rows
from alpenglow._export.pipeline.fitted import Fitted
from alpenglow._export.pipeline.sample import fitted, rows_of, untyped
from tests.export.helpers import exported
from tests.tables import diabetes, wine


def package(name: str) -> Any:
    """Import it; LightGBM needs the system's libgomp."""
    try:
        return import_module(name)
    except (ImportError, OSError) as error:
        pytest.skip(f"{name} does not load here: {error}")


def numbers() -> tuple[pd.DataFrame, pd.Series]:
    table = wine().drop(columns=["colour", "strong"])
    return table.drop(columns="target"), table["target"]


def regression() -> tuple[pd.DataFrame, pd.Series]:
    table = diabetes()
    return table.drop(columns="target"), table["target"]


def rows(model: Any, features: pd.DataFrame) -> pd.DataFrame:
    """The sample, every threshold and what is beside it, and a missing value in each column."""
    edges, reached, total = boundary_rows(Fitted(model), Rows(features, list(features)))
    assert reached > 0.8 * total > 0
    return pd.concat([features, edges, *(features.head(5).assign(**{name: np.nan}) for name in features)])


def graph_of(model: Any, sample: Any) -> Graph:
    """The graph of what goes in at the door."""
    given = fitted(model)
    given, table = untyped(given, rows_of(sample, given))
    return exported(given.estimator, table)[1]


KINDS = {
    "text": list("abcdefghijkl"),
    "whole numbers": [-3, 0, 1, 2, 5, 40, 41, 1000],
    "booleans": [False, True],
    "beyond ASCII": ["", " ", "Zürich", "Łódź", "zürich", "日本"],
}


def of_categories(kinds: list[str], random: Any, rows: int = 250) -> tuple[pd.DataFrame, NDArray[np.float64]]:
    """Columns of pandas' categories with gaps, every other one ordered, and a number; something to learn from them."""
    columns: dict[str, Any] = {"x": random.normal(size=rows).round(1)}
    score = (columns["x"] > 0) * 1.0
    for place, kind in enumerate(kinds):
        known = KINDS[kind]
        codes = random.integers(0, len(known), rows)
        score += random.permutation(len(known))[codes] % 3
        found = pd.Categorical.from_codes(codes, pd.Index(known), ordered=place % 2 == 1)
        columns[f"{kind} {place}"] = pd.Series(found).mask(random.random(rows) < 0.1)
    return pd.DataFrame(columns), score


def as_requested(table: pd.DataFrame) -> pd.DataFrame:
    """The same rows without pandas' type of categories."""
    typed = [name for name, dtype in table.dtypes.items() if isinstance(dtype, pd.CategoricalDtype)]
    return table.assign(**{name: table[name].astype(object) for name in typed})


def with_other_rows(table: pd.DataFrame, random: Any) -> pd.DataFrame:
    """Rows of every category, beside those that are there."""
    more = {
        name: pd.Categorical.from_codes(
            random.integers(-1, len(values.cat.categories), 300), values.cat.categories, ordered=values.cat.ordered
        )
        if isinstance(values.dtype, pd.CategoricalDtype)
        else random.choice([*values, np.nan], 300)
        for name, values in table.items()
    }
    return pd.concat([table, pd.DataFrame(more)], ignore_index=True)


def sparse(booster: Any) -> Any:
    """A booster behind a step that makes a sparse matrix of a table."""
    columns = make_column_transformer((OneHotEncoder(handle_unknown="ignore"), ["letter"]), remainder="passthrough")
    return make_pipeline(columns.set_params(sparse_threshold=1.0), booster)


def half_of_zeros() -> tuple[pd.DataFrame, NDArray[np.int64]]:
    random = np.random.default_rng(0)
    letters = random.choice(list("abcdefgh"), 300)
    table = {"letter": letters, "few": random.poisson(1, 300), "z": random.normal(size=300)}
    sample = pd.DataFrame(table).astype({"few": float})
    sample.loc[::9, "few"] = np.nan
    return sample, (sample["few"] > 0).to_numpy() ^ (sample["letter"] == "a").to_numpy()


def stacked(booster: Any) -> Any:
    return StackingClassifier([("one", booster), ("other", booster)], final_estimator=booster, passthrough=True, cv=2)


def bagged(booster: Any) -> Any:
    return BaggingClassifier(booster, 3, max_features=0.7, random_state=0)


def check_on_sparse(around: Any, booster: Any) -> None:
    """What a sparse matrix leaves out is taken as the booster takes it."""
    sample, target = half_of_zeros()
    rows = pd.concat([sample, sample.assign(few=0.0), sample.assign(z=-0.0), sample.assign(z=1e-300)])
    model = sparse(around(booster)).fit(sample, target)
    _, graph = exported(model, sample)
    expected, given = Fitted(model).answers(rows), graph.predict(rows)
    np.testing.assert_array_equal(given["label"], expected["label"])
    np.testing.assert_allclose(given["probabilities"], expected["probabilities"], atol=1e-6)
