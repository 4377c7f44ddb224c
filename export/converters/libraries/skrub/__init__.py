"""skrub's transformers: what hands columns on one by one, what cleans them, what encodes them."""

import sys
from typing import Any

from alpenglow._export.arithmetic.borders import NOWHERE, Borders
from alpenglow._export.converters.libraries.skrub import cleaners, dates, encoders, tables
from alpenglow._export.converters.refusals import ITERATES, because
from alpenglow._export.graph.nodes import Transformer

LIBRARY, PACKAGE, TESTED = "skrub", "skrub", ("0.11", "0.11")

OTHER_TABLE = because("it joins another table, or other rows, which a request does not have")
MODEL = because("it asks a language model")
KNOWN: dict[str, Transformer] = {
    "AggJoiner": OTHER_TABLE,
    "AggTarget": OTHER_TABLE,
    "ApplyToCols": tables.handed_on,
    "ApplyToEachCol": tables.each,
    "ApplyToSubFrame": tables.together,
    "CatEncoder": encoders.both,
    "CheckInputDataFrame": tables.same,
    "CleanCategories": cleaners.spelled,
    "CleanNullStrings": cleaners.without_null_strings,
    "Cleaner": tables.handed_on,
    "DatetimeEncoder": dates.encoded,
    "Drop": tables.nothing,
    "DropCols": tables.kept,
    "DropSimilar": tables.handed_on,
    "DropUninformative": cleaners.informative,
    "DurationToFloat": dates.seconds,
    "GapEncoder": ITERATES,
    "InterpolationJoiner": OTHER_TABLE,
    "Joiner": OTHER_TABLE,
    "LLMEncoder": MODEL,
    "MinHashEncoder": because("it hashes pieces of texts, as no graph can: encode them with StringEncoder()"),
    "MultiAggJoiner": OTHER_TABLE,
    "PassThrough": tables.same,
    "SelectCols": tables.kept,
    "SessionEncoder": OTHER_TABLE,
    "SimilarityEncoder": because(
        "it compares each text with every category, piece by piece: encode them with StringEncoder()"
    ),
    "SquashingScaler": encoders.squashed,
    "StringEncoder": encoders.strings,
    "TableVectorizer": tables.handed_on,
    "TextEncoder": MODEL,
    "ToCategorical": tables.same,
    "ToDatetime": dates.read,
    "ToFloat": cleaners.to_float,
    "ToStr": cleaners.spelled,
}
RECORDED = {"DatetimeEncoder": dates.parts, "DurationToFloat": dates.total, "ToDatetime": dates.moments}


def transformers(library: Any) -> dict[type, Transformer]:
    """The converters of the classes that are loaded."""
    found: dict[type, Transformer] = {}
    for name, module in list(sys.modules.items()):
        if name.startswith(f"{LIBRARY}._"):
            defined = {kind.__name__: kind for kind in vars(module).values() if isinstance(kind, type)}
            found |= {defined[one]: KNOWN[one] for one in KNOWN if one in defined}
    return found


def times(library: Any) -> dict[type, bool]:
    """All of them take dates, if only to hand them on."""
    return dict.fromkeys(transformers(library), True)


def borders(library: Any) -> dict[type, Borders]:
    """None of them decides; what they hand columns to speaks for itself."""
    return dict.fromkeys(transformers(library), NOWHERE)
