"""Vectorisers find the words that Python finds, in every script."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.compose import make_column_transformer
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfTransformer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from alpenglow._export.errors import ConversionError
from tests.export.converters.echo import Echo, check_transform
from tests.export.helpers import check_same, exported

TEXTS = [
    "The quick brown fox jumps over the lazy dog. The DOG sleeps!",
    "Été à la plage: ÉTÉ, été; l'été e\u0301te\u0301",
    "Straße STRASSE \u017ftraße ﬁnance ﬀ",
    "İstanbul istanbul ISTANBUL \u0131stanbul",
    "Αθήνα ΑΘΗΝΑ αθηνα ΑΘΉΝΑ Ωραία ώρα",
    "Привет, МИР! привет мир ПриВет",
    "日本語 テスト ﾃｽﾄ 한국어 한국어 漢字かな",
    "snake_case CamelCase x y z 1 12 ½½ ²² ٣٤ १२ a1b2",
    "tabs\tand\nlines\r\nand\u00a0spaces\u2003wide\u200bnone",
    "don't e-mail O'Neil's 3.14 1,000 a.b.c C++ c# @user #tag http://a.bc/d?e=fg",
    "",
    " ",
    "!?",
    "a",
    "\x00nul nul\x00nul",
    "😀😀 emoji👍🏽 ǅ ǆ Ǆǆ",
    "the the the the dog",
]
FRAME = pd.DataFrame({"text": TEXTS, "number": np.arange(len(TEXTS)) / 7})


def reading(vectoriser):
    return make_column_transformer((vectoriser, "text"), ("passthrough", ["number"]))


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"lowercase": False},
        {"strip_accents": "unicode"},
        {"strip_accents": "ascii"},
        {"strip_accents": "unicode", "lowercase": False},
        {"binary": True, "lowercase": False},
        {"stop_words": "english"},
        {"stop_words": ["été", "dog"]},
        {"ngram_range": (1, 2)},
        {"ngram_range": (2, 3), "lowercase": False},
        {"ngram_range": (3, 3), "lowercase": False},
        {"token_pattern": r"(?u)\b\w+\b"},
        {"token_pattern": r"\w+", "lowercase": False},
        {"max_features": 7, "lowercase": False},
        {"vocabulary": ["dog", "c++", "The", "the dog", "été", "x", ""]},
        {"dtype": np.float32, "lowercase": False},
    ],
    ids=str,
)
def test_counts(options) -> None:
    rows = pd.concat(
        [FRAME, FRAME.assign(text=FRAME["text"].str.upper()), FRAME.assign(text=FRAME["text"].str.title())]
    )
    check_transform(reading(CountVectorizer(**options)), FRAME, rows.reset_index(drop=True))


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"norm": "l1"},
        {"norm": None},
        {"use_idf": False},
        {"smooth_idf": False},
        {"sublinear_tf": True},
        {"ngram_range": (1, 2), "sublinear_tf": True, "norm": "l1", "binary": True},
    ],
    ids=str,
)
def test_weights(options) -> None:
    tolerance = 1e-15 if options.get("sublinear_tf") else 0.0
    check_transform(reading(TfidfVectorizer(lowercase=False, **options)), FRAME, tolerance=tolerance)


def test_weights_of_counts() -> None:
    for options in ({}, {"norm": None, "smooth_idf": False}, {"use_idf": False, "norm": "l1"}):
        counter = CountVectorizer(lowercase=False)
        check_transform(reading(make_pipeline(counter, TfidfTransformer(**options))), FRAME)


def test_one_row_alone() -> None:
    pipeline = make_pipeline(reading(TfidfVectorizer(ngram_range=(1, 2))), Echo()).fit(FRAME)
    _, graph = exported(pipeline, FRAME)
    for place in range(len(FRAME)):
        row = FRAME.iloc[[place]]
        np.testing.assert_array_equal(graph.predict(row)["prediction"], pipeline.predict(row))


def test_a_classifier() -> None:
    model = make_pipeline(reading(TfidfVectorizer()), LogisticRegression()).fit(FRAME, FRAME["number"] > 1)
    check_same(model, FRAME, tolerance=1e-12)


def fitted():
    pipeline = make_pipeline(make_column_transformer((CountVectorizer(), "text")), Echo()).fit(FRAME)
    return pipeline, exported(pipeline, FRAME)[1]


PIPELINE = fitted()
ANY = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\ufdd0\ufdd3"))
PIECES = st.sampled_from([*" ".join(TEXTS).split(), " ", "_", "İ", "ΑΣ ", " Σα", "ΟΔΟΣ'Ω", "ΟΔΟΣ.", "\u0301", "ß", "."])


@given(st.lists(st.one_of(ANY, st.lists(PIECES).map(" ".join)), min_size=1, max_size=5))
@settings(max_examples=100, deadline=None)
def test_any_text(texts) -> None:
    pipeline, graph = PIPELINE
    rows = pd.DataFrame({"text": pd.Series(texts, dtype=object), "number": 0.0})
    np.testing.assert_array_equal(graph.predict(rows)["prediction"], pipeline.predict(rows))


def test_a_sigma_keeps_its_case_or_is_refused() -> None:
    greek = pd.DataFrame(
        {"text": ["ΟΔΟΣ οδος οδοσ", "Σοφία ΣΟΦΙΑ σοφια. ΟΔΟΣ.", "Σ ΑΣ ΟΔΟΣ'Ω"], "number": [1.0, 2.0, 3.0]}
    )
    check_transform(reading(CountVectorizer(lowercase=False)), greek)
    with pytest.raises(ConversionError, match="it has Greek words with a sigma, whose lower case depends"):
        exported(make_pipeline(reading(CountVectorizer()), Echo()).fit(greek), greek)


@pytest.mark.parametrize(
    ("vectoriser", "reason"),
    [
        (CountVectorizer(tokenizer=str.split), "its tokenizer is a Python function, which no graph can call"),
        (CountVectorizer(analyzer="char"), "it takes characters, analyzer='char', not words"),
        (CountVectorizer(token_pattern="[a-z]+"), "its token_pattern '[a-z]+' is not one of those that are known"),
        (CountVectorizer(ngram_range=(1, 2), stop_words="english"), "it joins words across stop words"),
        (TfidfVectorizer(dtype=np.float32), "it computes in float32"),
        (HashingVectorizer(), "its 1,048,576 columns are too many for a graph: a CountVectorizer has fewer"),
    ],
    ids=str,
)
@pytest.mark.filterwarnings("ignore:The parameter 'token_pattern'")
def test_what_is_refused(vectoriser, reason) -> None:
    pipeline = make_pipeline(reading(vectoriser), LogisticRegression()).fit(FRAME, FRAME["number"] > 1)
    with pytest.raises(ConversionError) as caught:
        exported(pipeline, FRAME)
    assert str(caught.value).endswith(reason)
