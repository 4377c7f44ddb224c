"""Dummies look at the number of rows only, whatever the columns are."""

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier, DummyRegressor

from alpenglow._export.errors import ConversionError
from tests.export.helpers import check_same, exported
from tests.tables import diabetes, wine

FEATURES = ["colour", "strong", "hue"]


@pytest.mark.parametrize("labels", [["low", "mid", "high"], [True, False], [2**62, -(2**40)]], ids=str)
@pytest.mark.parametrize("strategy", ["prior", "most_frequent", "constant"])
def test_classifiers(strategy, labels) -> None:
    table = wine()
    model = DummyClassifier(strategy=strategy, constant=labels[0] if strategy == "constant" else None)
    check_same(model.fit(table[FEATURES], np.array(labels)[table["target"] % len(labels)]), table[FEATURES])


@pytest.mark.parametrize("strategy", ["prior", "most_frequent", "constant"])
def test_several_labels_at_once(strategy) -> None:
    table = wine()
    for labels, constant in (
        (np.c_[table["target"], table["strong"]], [2, 0]),
        (table[["target", "colour"]], ["b", "red"]),
    ):
        texts = (
            labels
            if isinstance(labels, np.ndarray)
            else labels.fillna("").replace({"target": {0: "a", 1: "b", 2: "c"}})
        )
        model = DummyClassifier(strategy=strategy, constant=constant if strategy == "constant" else None)
        check_same(model.fit(table[FEATURES], texts), table[FEATURES])


@pytest.mark.parametrize("strategy", ["stratified", "uniform"])
def test_chance_is_refused(strategy) -> None:
    table = wine()
    with pytest.raises(ConversionError, match="it answers at random"):
        exported(DummyClassifier(strategy=strategy).fit(table[FEATURES], table["target"]), table[FEATURES])


@pytest.mark.parametrize(
    "model", [DummyRegressor(), DummyRegressor(strategy="median"), DummyRegressor(strategy="quantile", quantile=0.9)]
)
def test_regressors(model) -> None:
    table = diabetes()
    features = table.drop(columns=["target", "bmi"])
    check_same(model.fit(features, table["target"]), features)
    check_same(model.fit(features, table[["target", "bmi"]]), features)
