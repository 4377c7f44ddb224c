"""Feature-engine's transformers, in front of a forest."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from feature_engine import (
    creation,
    discretisation,
    encoding,
    imputation,
    outliers,
    preprocessing,
    scaling,
    selection,
    transformation,
)
from feature_engine import pipeline as own
from feature_engine.text import TextFeatures
from feature_engine.timeseries.forecasting import ExpandingWindowFeatures, LagFeatures, WindowFeatures
from feature_engine.wrappers import SklearnTransformerWrapper
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, OrdinalEncoder, StandardScaler

from docs.survey import tables

FOREST = RandomForestClassifier(5, random_state=0)
CODES = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
PIPELINE: Any = own.Pipeline
TWO: list[Any] = ["alcohol", "proline"]


def cases() -> Iterator[tuple[str, str, Any, Any, Any]]:
    """Transformers of numbers, of gaps, of categories; those that are refused at the end."""
    for name, step in on_numbers():
        yield name, "wine", make_pipeline(step, FOREST), *two_classes(tables.numbers_many())
    gaps = tables.mixed().drop(columns=["colour", "strong"])
    for name, step in on_gaps():
        yield name, "gaps", make_pipeline(step, imputation.MeanMedianImputer(), FOREST), gaps, target()
    for name, step in on_categories():
        yield name, "categories", make_pipeline(step, CODES, FOREST), categories(), target()
    yield (
        "feature_engine.pipeline.Pipeline",
        "gaps",
        PIPELINE([("imputer", imputation.MeanMedianImputer()), ("forest", FOREST)]),
        gaps,
        target(),
    )
    for name, step in refused():
        yield name, "wine", PIPELINE([("step", step), ("forest", FOREST)]), *two_classes(tables.numbers_many())
    yield "TextFeatures", "texts", make_pipeline(TextFeatures(["text"], drop_original=True), FOREST), *tables.texts()


def two_classes(data: tuple[pd.DataFrame, Any]) -> tuple[pd.DataFrame, Any]:
    """Whether a row is of the first class."""
    features, _ = data
    return features, pd.Series(target(), index=features.index)


def target() -> Any:
    """Whether a row is of the first class."""
    return (np.asarray(tables.numbers_many()[1]) == 0).astype(int)


def categories() -> pd.DataFrame:
    """A text without gaps, and numbers."""
    table = tables.mixed()
    return pd.DataFrame({"colour": table["colour"].fillna("none").replace("", "none"), "alcohol": alcohol()})


def alcohol() -> Any:
    """Numbers without gaps."""
    return tables.numbers_many()[0]["alcohol"].to_numpy()


def on_numbers() -> Iterator[tuple[str, Any]]:
    """What takes numbers without gaps."""
    yield "ArbitraryDiscretiser", discretisation.ArbitraryDiscretiser({"alcohol": [0, 12, 13, 20]})
    yield "ArbitraryOutlierCapper", outliers.ArbitraryOutlierCapper({"alcohol": 13.5}, {"proline": 400})
    yield "ArcSinhTransformer", transformation.ArcSinhTransformer()
    shares = SklearnTransformerWrapper(MinMaxScaler(), variables=TWO)
    yield "ArcsinTransformer", make_pipeline(shares, transformation.ArcsinTransformer(variables=TWO))
    yield "BoxCoxTransformer", transformation.BoxCoxTransformer(variables=TWO)
    yield "CyclicalFeatures", creation.CyclicalFeatures(variables=TWO)
    trees: dict[str, Any] = {"regression": False, "cv": 2, "random_state": 0, "variables": TWO}
    yield "DecisionTreeDiscretiser", discretisation.DecisionTreeDiscretiser(**trees)
    yield (
        "DecisionTreeDiscretiser(bin_output='bin_number')",
        discretisation.DecisionTreeDiscretiser(bin_output="bin_number", **trees),
    )
    yield "DecisionTreeFeatures", creation.DecisionTreeFeatures(**trees)
    yield "EqualFrequencyDiscretiser", discretisation.EqualFrequencyDiscretiser()
    yield (
        "EqualFrequencyDiscretiser(return_boundaries=True)",
        make_pipeline(
            discretisation.EqualFrequencyDiscretiser(return_boundaries=True, variables=TWO), encoding.OneHotEncoder()
        ),
    )
    yield "EqualWidthDiscretiser", discretisation.EqualWidthDiscretiser()
    yield "GeometricWidthDiscretiser", discretisation.GeometricWidthDiscretiser()
    places: dict[str, Any] = {"lat1": "alcohol", "lon1": "ash", "lat2": "hue", "lon2": "malic_acid"}
    for method in ("haversine", "euclidean", "manhattan"):
        yield f"GeoDistanceFeatures(method={method!r})", creation.GeoDistanceFeatures(**places, method=method)
    yield "LogCpTransformer", transformation.LogCpTransformer()
    yield "LogTransformer", transformation.LogTransformer()
    yield "MatchVariables", preprocessing.MatchVariables(match_dtypes=True)
    functions = ["sum", "mean", "min", "max", "prod", "std", "var"]
    yield "MathFeatures", creation.MathFeatures([*TWO, "hue"], func=functions)
    yield "MathFeatures(func='median')", creation.MathFeatures([*TWO, "hue"], func="median")
    yield "MeanNormalizationScaler", scaling.MeanNormalizationScaler()
    yield "PowerTransformer", transformation.PowerTransformer()
    yield "ReciprocalTransformer", transformation.ReciprocalTransformer()
    arithmetic = ["add", "sub", "mul", "div", "floordiv", "mod"]
    yield "RelativeFeatures", creation.RelativeFeatures(TWO, ["hue"], func=arithmetic, fill_value=0)
    yield "RelativeFeatures(func=['pow'])", creation.RelativeFeatures(["alcohol"], ["hue"], func=["pow"])
    yield "SklearnTransformerWrapper", SklearnTransformerWrapper(StandardScaler(), variables=TWO)
    yield "Winsorizer", outliers.Winsorizer(capping_method="iqr", tail="both", add_indicators=True)
    yield "YeoJohnsonTransformer", transformation.YeoJohnsonTransformer()
    yield "DropConstantFeatures", selection.DropConstantFeatures()
    yield "DropCorrelatedFeatures", selection.DropCorrelatedFeatures()
    yield "DropDuplicateFeatures", selection.DropDuplicateFeatures()
    yield "DropFeatures", selection.DropFeatures(["ash"])
    yield "DropHighPSIFeatures", selection.DropHighPSIFeatures()
    yield "MRMR", selection.MRMR(max_features=4)
    yield "ProbeFeatureSelection", selection.ProbeFeatureSelection(FOREST, cv=2)
    yield "RecursiveFeatureAddition", selection.RecursiveFeatureAddition(FOREST, cv=2)
    yield "RecursiveFeatureElimination", selection.RecursiveFeatureElimination(FOREST, cv=2)
    yield "SelectByInformationValue", selection.SelectByInformationValue(["alcohol", "ash"], bins=2)
    yield "SelectByShuffling", selection.SelectByShuffling(FOREST, cv=2)
    yield "SelectBySingleFeaturePerformance", selection.SelectBySingleFeaturePerformance(FOREST, cv=2)
    yield "SelectByTargetMeanPerformance", selection.SelectByTargetMeanPerformance(cv=2)
    yield "SmartCorrelatedSelection", selection.SmartCorrelatedSelection()


def on_gaps() -> Iterator[tuple[str, Any]]:
    """What takes gaps."""
    yield "AddMissingIndicator", imputation.AddMissingIndicator()
    yield "ArbitraryNumberImputer", imputation.ArbitraryNumberImputer()
    yield "EndTailImputer", imputation.EndTailImputer()
    yield "MeanMedianImputer", imputation.MeanMedianImputer(imputation_method="mean")


def on_categories() -> Iterator[tuple[str, Any]]:
    """What takes texts."""
    yield "CategoricalImputer", imputation.CategoricalImputer()
    yield "CountFrequencyEncoder", encoding.CountFrequencyEncoder(unseen="encode")
    yield "DecisionTreeEncoder", encoding.DecisionTreeEncoder(regression=False, cv=2, unseen="encode", fill_value=-1)
    yield "MatchCategories", preprocessing.MatchCategories(missing_values="ignore")
    yield "MeanEncoder", encoding.MeanEncoder(unseen="encode", smoothing="auto")
    yield "MeanEncoder(unseen='raise')", encoding.MeanEncoder(unseen="raise")
    yield "OneHotEncoder", encoding.OneHotEncoder(top_categories=1)
    yield "OrdinalEncoder", encoding.OrdinalEncoder(unseen="encode")
    yield "RareLabelEncoder", encoding.RareLabelEncoder(n_categories=1, tol=0.2)
    yield "StringSimilarityEncoder", encoding.StringSimilarityEncoder()
    yield "WoEEncoder", encoding.WoEEncoder(fill_value=0.01, unseen="ignore")


def refused() -> Iterator[tuple[str, Any]]:
    """What no graph can do: rows that are dropped, chance, other rows."""
    yield "DropMissingData", imputation.DropMissingData()
    yield "OutlierTrimmer", outliers.OutlierTrimmer()
    yield "RandomSampleImputer", imputation.RandomSampleImputer(random_state=0)
    yield "ExpandingWindowFeatures", ExpandingWindowFeatures(TWO)
    yield "LagFeatures", LagFeatures(TWO)
    yield "WindowFeatures", WindowFeatures(TWO)
