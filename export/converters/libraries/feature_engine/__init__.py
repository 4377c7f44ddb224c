"""Feature-engine's transformers: they take and return data frames, and change some of the columns by name."""

import sys
from typing import Any

from alpenglow._export.arithmetic.borders import NOWHERE, PARTS, Borders
from alpenglow._export.converters.libraries.feature_engine import bins, columns, dates, encoders, gaps, numbers, trees
from alpenglow._export.converters.pipeline import convert_pipeline, transform_pipeline
from alpenglow._export.converters.refusals import because
from alpenglow._export.graph.nodes import Predictor, Transformer

LIBRARY, PACKAGE, TESTED = "feature_engine", "feature-engine", ("1.9", "1.9")

DROPS_ROWS = because(
    "it drops rows, and a request gets an answer for each of its own: fit on rows that were dropped before, without it"
)
OTHER_ROWS = because("it computes with the rows before, which a request does not have")
# By module and class: the converter, and where it decides.
KNOWN: dict[str, dict[str, tuple[Transformer, Borders]]] = {
    "creation": {
        "CyclicalFeatures": (numbers.cyclical, NOWHERE),
        "DecisionTreeFeatures": (trees.features, trees.OF_FEATURES),
        "GeoDistanceFeatures": (numbers.distance, NOWHERE),
        "MathFeatures": (numbers.of_rows, NOWHERE),
        "RelativeFeatures": (numbers.relative, numbers.WRAPPED),
    },
    "datetime": {
        **dict.fromkeys(("DatetimeFeatures", "DatetimeSubtraction"), (dates.added, NOWHERE)),
        "DatetimeOrdinal": (
            because("it asks Python for the day of each date: DatetimeSubtraction counts days from a date in a column"),
            NOWHERE,
        ),
    },
    "discretisation": {
        **dict.fromkeys(
            (
                "ArbitraryDiscretiser",
                "EqualFrequencyDiscretiser",
                "EqualWidthDiscretiser",
                "GeometricWidthDiscretiser",
            ),
            (bins.discretise, bins.OF_BINS),
        ),
        "DecisionTreeDiscretiser": (trees.discretise, trees.OF_BINS),
    },
    "encoding": {
        **dict.fromkeys(
            ("CountFrequencyEncoder", "DecisionTreeEncoder", "MeanEncoder", "OrdinalEncoder", "WoEEncoder"),
            (encoders.encode, encoders.OF_CATEGORIES),
        ),
        "OneHotEncoder": (encoders.one_hot, encoders.OF_CATEGORIES),
        "RareLabelEncoder": (encoders.rare, encoders.OF_CATEGORIES),
        "StringSimilarityEncoder": (encoders.similar, NOWHERE),
    },
    "imputation": {
        **dict.fromkeys(
            ("ArbitraryNumberImputer", "CategoricalImputer", "EndTailImputer", "MeanMedianImputer"),
            (gaps.fill, gaps.OF_FILLS),
        ),
        "AddMissingIndicator": (gaps.indicate, NOWHERE),
        "DropMissingData": (DROPS_ROWS, NOWHERE),
        "RandomSampleImputer": (
            because("it fills gaps at random, and would answer the same row in several ways: fill them with a median"),
            NOWHERE,
        ),
    },
    "outliers": {
        **dict.fromkeys(("ArbitraryOutlierCapper", "Winsorizer"), (bins.cap, bins.OF_CAPS)),
        "OutlierTrimmer": (DROPS_ROWS, NOWHERE),
    },
    "pipeline": {"Pipeline": (transform_pipeline, PARTS)},
    "preprocessing": {
        "MatchCategories": (columns.match_categories, NOWHERE),
        "MatchVariables": (columns.match, columns.OF_TYPES),
    },
    "scaling": {"MeanNormalizationScaler": (numbers.normalise, NOWHERE)},
    "text": {"TextFeatures": (because("it counts what patterns find in texts, as no graph can"), NOWHERE)},
    "timeseries.forecasting": dict.fromkeys(
        ("ExpandingWindowFeatures", "LagFeatures", "WindowFeatures"), (OTHER_ROWS, NOWHERE)
    ),
    "transformation": {
        "ArcSinhTransformer": (numbers.arcsinh, NOWHERE),
        "ArcsinTransformer": (numbers.arcsine, NOWHERE),
        "BoxCoxTransformer": (numbers.box_cox, NOWHERE),
        "LogCpTransformer": (numbers.log, NOWHERE),
        "LogTransformer": (numbers.log, NOWHERE),
        "PowerTransformer": (numbers.power, NOWHERE),
        "ReciprocalTransformer": (numbers.reciprocal, NOWHERE),
        "YeoJohnsonTransformer": (numbers.yeo_johnson, NOWHERE),
    },
    "wrappers": {"SklearnTransformerWrapper": (columns.wrapped, PARTS)},
}
RECORDED = {"DatetimeFeatures": dates.features, "DatetimeSubtraction": dates.differences}


def predictors(library: Any) -> dict[type, Predictor]:
    """The pipeline, which predicts as scikit-learn's does."""
    return {kind: convert_pipeline for kind, (convert, _) in loaded().items() if convert is transform_pipeline}


def transformers(library: Any) -> dict[type, Transformer]:
    """The converters."""
    return {kind: convert for kind, (convert, _) in loaded().items()}


def times(library: Any) -> dict[type, bool]:
    """All of them take dates, if only to hand them on."""
    return dict.fromkeys(transformers(library), True)


def borders(library: Any) -> dict[type, Borders]:
    """Where they decide."""
    return {kind: border for kind, (_, border) in loaded().items()}


def loaded() -> dict[type, tuple[Transformer, Borders]]:
    """What is known of the classes whose modules a pipeline has brought with it."""
    named = [(kind, known) for module in KNOWN for name, known in KNOWN[module].items() for kind in of(module, name)]
    selection = vars(sys.modules.get(f"{LIBRARY}.selection", object)).values()
    selectors = [kind for kind in selection if isinstance(kind, type) and kind.__module__.startswith(LIBRARY)]
    return dict(named) | dict.fromkeys(selectors, (columns.keep, PARTS))


def of(module: str, name: str) -> list[type]:
    """The class of that name in a module, if that is loaded and has it."""
    kind = getattr(sys.modules.get(f"{LIBRARY}.{module}"), name, None)
    return [kind] if kind else []
