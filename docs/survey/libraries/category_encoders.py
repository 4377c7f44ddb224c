"""category_encoders' encoders, in front of a forest that sees each bit of what they make."""

from collections.abc import Iterator
from typing import Any

import category_encoders as ce
import pandas as pd
from category_encoders.wrapper import NestedCVWrapper, PolynomialWrapper
from sklearn.base import clone
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from docs.survey import tables

FOREST = RandomForestClassifier(10, random_state=0)


def cases() -> Iterator[tuple[str, str, Any, Any, Any]]:
    """Each on a text with gaps, whole numbers and a boolean; the other numbers are handed on."""
    features, target = table()
    for name, encoder in encoders():
        yield name, "mixed", make_pipeline(clone(encoder), FOREST), features, target
    classes = tables.numbers_many()[1]
    for name, encoder in of_several_classes():
        yield name, "mixed", make_pipeline(encoder, FOREST), features, classes.astype(str)
    hashed = ce.HashingEncoder(cols=["colour", "strong"], max_process=1)
    yield "HashingEncoder", "mixed", make_pipeline(hashed, FOREST), features, target
    parts = ce.MultiHotEncoder(cols=["colour"], delimiter="-")
    yield "MultiHotEncoder", "mixed", make_pipeline(parts, FOREST), features, target
    rest = make_column_transformer((OneHotEncoder(handle_unknown="ignore"), ["colour"]), remainder=SimpleImputer())
    yield (
        "TargetEncoder, then a ColumnTransformer",
        "mixed",
        make_pipeline(ce.TargetEncoder(cols=["round"]), rest, FOREST),
        features,
        target,
    )
    inside = make_column_transformer(
        (ce.WOEEncoder(), ["colour"]), (SimpleImputer(), make_column_selector(dtype_include="number"))
    )
    yield "WOEEncoder in a ColumnTransformer", "mixed", make_pipeline(inside, FOREST), features, target


def table() -> tuple[pd.DataFrame, Any]:
    """Wine with gaps, a text and a boolean, and a column of whole numbers; two classes."""
    features = tables.mixed()
    numbers, classes = tables.numbers_many()
    return features.assign(round=numbers["alcohol"].round().astype(int)), (classes == 1).astype(int)


def encoders() -> Iterator[tuple[str, Any]]:
    """All that learn categories, and some of their options."""
    columns = ["colour", "round", "strong"]
    for kind in (
        ce.OrdinalEncoder,
        ce.OneHotEncoder,
        ce.BinaryEncoder,
        ce.BaseNEncoder,
        ce.GrayEncoder,
        ce.CountEncoder,
        ce.RankHotEncoder,
        ce.SumEncoder,
        ce.HelmertEncoder,
        ce.BackwardDifferenceEncoder,
        ce.PolynomialEncoder,
        ce.TargetEncoder,
        ce.LeaveOneOutEncoder,
        ce.JamesSteinEncoder,
        ce.MEstimateEncoder,
        ce.CatBoostEncoder,
        ce.WOEEncoder,
        ce.QuantileEncoder,
        ce.SummaryEncoder,
        ce.GLMMEncoder,
    ):
        yield kind.__name__, kind(cols=columns)
    yield "OneHotEncoder, its columns found by type", ce.OneHotEncoder(use_cat_names=True)
    yield (
        "OneHotEncoder, unknown and missing ones indicated",
        ce.OneHotEncoder(cols=columns, handle_unknown="indicator", handle_missing="indicator"),
    )
    yield (
        "OrdinalEncoder, unknown and missing ones NaN",
        ce.OrdinalEncoder(cols=columns, handle_unknown="return_nan", handle_missing="return_nan"),
    )
    yield "TargetEncoder, unknown ones refused", ce.TargetEncoder(cols=columns, handle_unknown="error")
    yield "CountEncoder, rare ones together", ce.CountEncoder(cols=columns, min_group_size=20, normalize=True)
    yield "LeaveOneOutEncoder, fitted with noise", ce.LeaveOneOutEncoder(cols=columns, sigma=0.1, random_state=0)
    yield "NestedCVWrapper", NestedCVWrapper(ce.TargetEncoder(cols=columns), random_state=0)
    yield (
        "TargetEncoder with composite_cols",
        ce.TargetEncoder(cols=columns, composite_cols=[("colour", "strong")], keep_components=True),
    )


def of_several_classes() -> Iterator[tuple[str, Any]]:
    """Those that encode each class."""
    columns = ["colour", "round"]
    yield "PolynomialWrapper of TargetEncoder", PolynomialWrapper(ce.TargetEncoder(cols=columns))
    yield "CountTargetEncoder of three classes", ce.CountTargetEncoder(cols=columns)
