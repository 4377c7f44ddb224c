"""The kinds of rows that a pipeline is tried on."""

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from alpenglow._export.gate.rows import UNUSUAL, kinds
from alpenglow._export.pipeline.describe import describe_columns
from alpenglow._export.pipeline.fitted import Fitted
from tests.tables import wine


def tried(handle_unknown: str, last) -> dict[str, pd.DataFrame]:
    """All rows of each kind, for two numbers, a text and a boolean."""
    table = wine()[["alcohol", "hue", "colour", "strong", "target"]]
    columns = make_column_transformer(
        (make_pipeline(SimpleImputer(), StandardScaler()), ["alcohol", "hue"]),
        (OneHotEncoder(handle_unknown=handle_unknown), ["colour", "strong"]),
    )
    features, target = table.drop(columns="target"), table["target"]
    model = make_pipeline(columns, last).fit(features, target)
    found = kinds(Fitted(model), describe_columns(Fitted(model), features), features)
    return {kind.what: pd.concat(list(kind.frames)) for kind in found}


@pytest.fixture(scope="module")
def open_to_all() -> dict[str, pd.DataFrame]:
    return tried("ignore", RandomForestClassifier(5, random_state=0))


def test_all_kinds(open_to_all) -> None:
    assert list(open_to_all) == [
        "a missing value",
        "an unknown category",
        "each category",
        "the largest number",
        "an unusual number",
        "whole and half numbers",
        "the border of a decision",
        "a threshold or edge",
    ]


def test_each_category_and_almost_each(open_to_all) -> None:
    rows = open_to_all["each category"]
    assert {"red", "brown", "", " ", "BROWN", "brown "} <= set(rows["colour"].dropna())
    assert set(rows["strong"]) == {True, False}


def test_a_column_that_takes_known_categories_alone_gets_no_others() -> None:
    rows = tried("error", RandomForestClassifier(5, random_state=0))
    assert set(rows["each category"]["colour"].dropna()) == {"red", "brown"}
    assert "an unknown category" not in rows


def test_unusual_numbers_are_within_the_limits(open_to_all) -> None:
    rows, largest = open_to_all["an unusual number"], open_to_all["the largest number"]
    for name in ("alcohol", "hue"):
        assert set(UNUSUAL) <= set(rows[name])
        assert np.isfinite(rows[name].dropna()).all()
        assert largest[name].max() > 1e37


def test_infinities_where_scikit_learn_takes_them() -> None:
    table = wine()[["alcohol", "target"]]
    for last, taken in [(HistGradientBoostingClassifier(max_iter=3), True), (LogisticRegression(), False)]:
        features = table[["alcohol"]].fillna(13.0)
        model = last.fit(features, table["target"])
        rows = {
            kind.what: pd.concat(list(kind.frames))
            for kind in kinds(Fitted(model), describe_columns(Fitted(model), features), features)
        }
        assert bool(np.isinf(rows["an unusual number"]["alcohol"]).any()) is taken
