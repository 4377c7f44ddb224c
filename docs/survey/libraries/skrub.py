"""skrub's transformers and pipelines."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestClassifier
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder, StandardScaler
from skrub import (
    ApplyToCols,
    CatEncoder,
    Cleaner,
    DropCols,
    DropSimilar,
    DropUninformative,
    GapEncoder,
    MinHashEncoder,
    SelectCols,
    SimilarityEncoder,
    SquashingScaler,
    StringEncoder,
    TableVectorizer,
    ToCategorical,
    ToFloat,
    selectors,
    tabular_pipeline,
)

from docs.survey import tables

FOREST = RandomForestClassifier(5, random_state=0)
CODES = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-2)
TWO: list[Any] = ["alcohol", "proline"]


def cases() -> Iterator[tuple[str, str, Any, Any, Any]]:
    """Whole pipelines and steps on mixed types, encoders on texts; those that are refused at the end."""
    classes = np.asarray(tables.numbers_many()[1])
    mixed = tables.mixed()
    for name, model in on_mixed():
        yield name, "mixed", model, mixed, classes
    pay = tables.mixed().drop(columns="color_intensity"), tables.numbers_second_regression()[1]
    yield "tabular_pipeline('regressor')", "mixed", tabular_pipeline("regressor"), *pay
    few = tabular_pipeline(HistGradientBoostingRegressor(max_iter=10))
    yield "tabular_pipeline(HistGradientBoostingRegressor())", "mixed", few, *pay
    yield "tabular_pipeline(RidgeCV())", "mixed", tabular_pipeline(RidgeCV()), *pay
    for name, encoder in on_texts():
        yield name, "texts", make_pipeline(TableVectorizer(high_cardinality=encoder), FOREST), *tables.texts()


def on_mixed() -> Iterator[tuple[str, Any]]:
    """What takes numbers, texts, booleans and gaps."""
    yield "tabular_pipeline('classifier')", tabular_pipeline("classifier")
    yield "tabular_pipeline(LogisticRegression())", tabular_pipeline(LogisticRegression())
    yield "tabular_pipeline(RandomForestClassifier())", tabular_pipeline(FOREST)
    yield "TableVectorizer", make_pipeline(TableVectorizer(), FOREST)
    yield "TableVectorizer(numeric=StandardScaler())", make_pipeline(TableVectorizer(numeric=StandardScaler()), FOREST)
    yield "Cleaner", make_pipeline(Cleaner(), CODES, FOREST)
    yield "ApplyToCols", make_pipeline(ApplyToCols(CODES, cols=selectors.string()), FOREST)
    yield "CatEncoder", make_pipeline(ApplyToCols(CatEncoder(), cols="colour"), FOREST)
    yield "DropCols", make_pipeline(DropCols(["colour"]), FOREST)
    yield "DropSimilar", make_pipeline(DropCols(["colour"]), DropSimilar(0.9), FOREST)
    yield "DropUninformative", make_pipeline(ApplyToCols(DropUninformative()), DropCols(["colour"]), FOREST)
    yield "SelectCols", make_pipeline(SelectCols(TWO), FOREST)
    yield "SquashingScaler", make_pipeline(SelectCols(TWO), SquashingScaler(), FOREST)
    yield "ToCategorical", make_pipeline(ApplyToCols(ToCategorical(), cols="colour"), tabular_pipeline("classifier"))
    yield "ToFloat", make_pipeline(SelectCols(TWO), ApplyToCols(ToFloat()), FOREST)


def on_texts() -> Iterator[tuple[str, Any]]:
    """What encodes texts of many values."""
    yield "StringEncoder", StringEncoder(10)
    yield "StringEncoder(analyzer='word')", StringEncoder(10, analyzer="word", ngram_range=(1, 1))
    yield "StringEncoder(vectorizer='hashing')", StringEncoder(10, vectorizer="hashing")
    yield "GapEncoder", GapEncoder(3, max_iter=2)
    yield "MinHashEncoder", MinHashEncoder(n_components=3)
    yield "SimilarityEncoder", SimilarityEncoder()
