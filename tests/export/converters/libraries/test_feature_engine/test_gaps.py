"""Imputers."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from feature_engine.imputation import (
    AddMissingIndicator,
    ArbitraryNumberImputer,
    CategoricalImputer,
    DropMissingData,
    EndTailImputer,
    MeanMedianImputer,
    RandomSampleImputer,
)
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder

from alpenglow import export
from alpenglow._export.errors import ConversionError
from tests.export.converters.echo import check_transform
from tests.export.converters.libraries.test_feature_engine.tables import categorical, homes, target
from tests.export.helpers import exported

NUMBERS = ["area", "rooms", "change", "share"]


@pytest.mark.parametrize(
    "imputer",
    [
        MeanMedianImputer(),
        MeanMedianImputer(imputation_method="mean", variables=["change", "area"]),
        ArbitraryNumberImputer(),
        ArbitraryNumberImputer(imputer_dict={"share": -1, "area": 0.5}),
        EndTailImputer(),
        EndTailImputer(imputation_method="iqr", tail="left", fold=1),
        EndTailImputer(imputation_method="max", variables=["rooms"]),
        AddMissingIndicator(),
        AddMissingIndicator(missing_only=False, variables=["change", "area"]),
    ],
    ids=repr,
)
def test_numbers(imputer: Any) -> None:
    table = homes(0.2)[NUMBERS]
    check_transform(imputer, table, pd.concat([table, pd.DataFrame(np.nan, [0], table.columns)]))
    check_transform(imputer, homes()[NUMBERS], homes(0.2)[NUMBERS])


@pytest.mark.parametrize("kind", [object, "category", "str"])
@pytest.mark.parametrize(
    "imputer",
    [
        CategoricalImputer(),
        CategoricalImputer(fill_value="?", variables=["town"], return_object=True),
        CategoricalImputer(imputation_method="frequent"),
    ],
    ids=repr,
)
def test_texts(imputer: Any, kind: Any) -> None:
    table = homes(0.2)[["town", "kind"]].astype(kind)
    check_transform(make_pipeline(imputer, AddMissingIndicator(), codes()), table)


def codes() -> OrdinalEncoder:
    """Texts as numbers."""
    return OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)


def test_a_gap_that_is_none_is_filled() -> None:
    table = homes()[["kind"]].assign(kind=lambda frame: frame["kind"].where(frame.index % 3 > 0, None))
    check_transform(make_pipeline(CategoricalImputer(), codes()), table)


def test_the_numbers_put_in_are_compared_behind_a_forest(tmp_path) -> None:
    table = homes(0.2)
    steps = make_pipeline(MeanMedianImputer(), RandomForestClassifier(5, random_state=0))
    report = export(steps.fit(table[NUMBERS], target(table)), table[NUMBERS], tmp_path / "model.onnx")
    assert report.different_labels == 0
    assert {"a missing value", "a threshold or edge"} <= {check.what for check in report.checks}


@pytest.mark.parametrize("step", [DropMissingData(), RandomSampleImputer(random_state=0)], ids=repr)
def test_refused(step: Any) -> None:
    table = homes(0.2)
    steps = make_pipeline(step, RandomForestClassifier(5, random_state=0))
    steps.steps[0][1].fit(table[NUMBERS])
    steps.steps[1][1].fit(table[NUMBERS].fillna(0), target(table))
    with pytest.raises(ConversionError, match=r"drops rows|at random"):
        exported(steps, homes()[NUMBERS])


def test_categories_stay_categories() -> None:
    table = categorical(homes(0.2))[["town", "kind"]]
    check_transform(make_pipeline(CategoricalImputer(), codes()), table)
