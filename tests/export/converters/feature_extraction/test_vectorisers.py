"""Vectorisers find the words and characters that Python finds, in every script."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.compose import make_column_transformer
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfTransformer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline, make_union

from alpenglow._export.errors import ConversionError
from alpenglow._export.pipeline.sample import fitted as fitted_on_columns
from alpenglow._export.pipeline.sample import rows_of
from tests.export.converters.echo import Echo, check_transform
from tests.export.helpers import check_same, exported, spelled

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
ROWS = pd.concat(
    [FRAME, FRAME.assign(text=FRAME["text"].str.upper()), FRAME.assign(text=FRAME["text"].str.title())],
    ignore_index=True,
)


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
        {"vocabulary": ["the dog", "dog", "the lazy dog", "dog  the", "DOG"], "ngram_range": (1, 2)},
        {"vocabulary": {"of the": 1, "dog": 0, "lazy dog": 2}, "ngram_range": (1, 2), "stop_words": "english"},
        {"dtype": np.float32, "lowercase": False},
        {"stop_words": "english", "ngram_range": (1, 3)},
        {"stop_words": ["été", "dog", "the dog", "", "ß"], "ngram_range": (2, 2), "strip_accents": "unicode"},
        {
            "stop_words": ["a", "istanbul", "1"],
            "ngram_range": (1, 2),
            "token_pattern": r"\b[^\W\d_]+\b",
            "max_features": 20,
        },
    ],
    ids=spelled,
)
@pytest.mark.filterwarnings("ignore:Your stop_words may be inconsistent", "ignore:Upper case characters found")
def test_counts(options) -> None:
    check_transform(reading(CountVectorizer(**options)), FRAME, ROWS)


@pytest.mark.parametrize("analyzer", ["char", "char_wb"])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"ngram_range": (1, 2), "strip_accents": "unicode"},
        {"ngram_range": (3, 5)},
        {"ngram_range": (3, 5), "lowercase": False},
        {"ngram_range": (5, 6), "lowercase": False, "strip_accents": "ascii"},
        {"ngram_range": (2, 4), "strip_accents": "ascii", "binary": True},
    ],
    ids=spelled,
)
def test_characters(analyzer, options) -> None:
    check_transform(reading(CountVectorizer(analyzer=analyzer, **options)), FRAME, ROWS)


@pytest.mark.parametrize(
    "options",
    [
        {
            "analyzer": "char",
            "vocabulary": ["a", "ab", "abc", "a ", "  ", "", "A", "\n", "\r\n", "é", "👍"],
            "ngram_range": (1, 2),
        },
        {
            "analyzer": "char_wb",
            "vocabulary": [" a ", "a b", " a", " ab ", "  ", " ", "do", " 1 ", " \n "],
            "ngram_range": (4, 5),
        },
        {"analyzer": "char", "max_features": 30, "binary": True, "ngram_range": (2, 3)},
        {"analyzer": "char", "stop_words": "english", "token_pattern": "[a-z]+?"},
    ],
    ids=spelled,
)
@pytest.mark.filterwarnings(
    "ignore:The parameter '(stop_words|token_pattern)' will", "ignore:Upper case characters found"
)
def test_characters_of_a_vocabulary(options) -> None:
    check_transform(reading(CountVectorizer(**options)), FRAME, ROWS)


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
        {"analyzer": "char_wb", "ngram_range": (2, 4), "max_features": 100},
        {"analyzer": "char", "ngram_range": (1, 3), "norm": None, "vocabulary": ["the", "e", " d", "é"]},
    ],
    ids=spelled,
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


def test_words_and_characters_of_texts_alone() -> None:
    both = make_union(
        TfidfVectorizer(ngram_range=(1, 2), stop_words="english"),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5)),
    )
    known = fitted_on_columns(make_pipeline(both, LogisticRegression()).fit(TEXTS, FRAME["number"] > 1))
    check_same(known.estimator, rows_of(TEXTS, known), rows_of(list(ROWS["text"]), known), tolerance=1e-12)


def test_several_columns_of_text() -> None:
    frame = FRAME.assign(title=FRAME["text"].str[::-1], more=FRAME["text"].str.swapcase())
    several = make_column_transformer(
        (TfidfVectorizer(analyzer="char", ngram_range=(2, 3)), "title"),
        (make_pipeline(CountVectorizer(token_pattern=r"\S+"), TfidfTransformer()), "more"),
        (make_union(CountVectorizer(), CountVectorizer(analyzer="char_wb")), "text"),
        ("passthrough", ["number"]),
    )
    check_transform(several, frame)


def fitted(**options):
    pipeline = make_pipeline(make_column_transformer((CountVectorizer(**options), "text")), Echo()).fit(FRAME)
    return pipeline, exported(pipeline, FRAME)[1]


PIPELINES = [
    fitted(),
    fitted(ngram_range=(1, 3), stop_words="english", token_pattern=r"\b[^\W\d]+\b", strip_accents="unicode"),
    fitted(analyzer="char", ngram_range=(1, 4)),
    fitted(analyzer="char_wb", ngram_range=(2, 5), strip_accents="unicode"),
    fitted(analyzer="char_wb", ngram_range=(5, 5), lowercase=False),
]
ANY = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\ufdd0\ufdd3"))
SPACES = [" ", "  ", "\n", "\r\n", "\t", "\x1f", "\x85", "\u00a0 ", "\u2003\u2003", "\u200b"]
PIECES = st.sampled_from(
    [*" ".join(TEXTS).split(), *SPACES, "_", "İ", "ΑΣ ", " Σα", "ΟΔΟΣ'Ω", "ΟΔΟΣ.", "\u0301", "ß", "."]
)


SEVERAL = st.lists(PIECES)
ANY_TEXTS = st.lists(st.one_of(ANY, SEVERAL.map(" ".join), SEVERAL.map("".join)), min_size=1, max_size=5)


def check_texts(pipeline, graph, texts) -> None:
    rows = pd.DataFrame({"text": pd.Series(texts, dtype=object), "number": 0.0})
    np.testing.assert_array_equal(graph.predict(rows)["prediction"], pipeline.predict(rows))


@pytest.mark.parametrize("number", range(len(PIPELINES)))
@given(ANY_TEXTS)
@settings(max_examples=100, deadline=None)
def test_any_text(number, texts) -> None:
    check_texts(*PIPELINES[number], texts)


@pytest.mark.parametrize(
    "options",
    [
        {"tokenizer": str.split},
        {"tokenizer": str.split, "ngram_range": (1, 2), "stop_words": ["the", "dog"], "lowercase": False},
        {"tokenizer": re.compile(r"\b[^\W\d_]+\b").findall},
        {"preprocessor": str.lower},
        {"preprocessor": str.upper, "ngram_range": (1, 2)},
        {"preprocessor": str.casefold, "analyzer": "char_wb", "ngram_range": (2, 3)},
    ],
    ids=spelled,
)
@pytest.mark.filterwarnings("ignore:The parameter 'token_pattern'", "ignore:Your stop_words may be inconsistent")
def test_functions_of_python_that_are_known(options) -> None:
    check_transform(reading(CountVectorizer(**options)), FRAME, pd.concat([ROWS, GREEK]))
    check_transform(reading(HashingVectorizer(n_features=50, **options)), FRAME, pd.concat([ROWS, GREEK]))


GREEK = pd.DataFrame(
    {
        "text": [
            "ΟΔΟΣ οδος οδοσ",
            "Σοφία ΣΟΦΙΑ σοφια. ΟΔΟΣ.",
            "Σ ΑΣ ΟΔΟΣ'Ω 'Σ Ω'Σ ΑΣ\u0301 ΑΣ.Δ ΑΣ\u00adΔ",
            "ΣΑΣ. ΣΣ ΣΣΣ 1Σ Σ1 \u02b0Σ ΑΣ\u02b0 ⒶΣ \u00aaΣ",
            "οδοσ the",
        ],
        "number": 0.0,
    }
)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"lowercase": False},
        {"analyzer": "char", "ngram_range": (1, 3)},
        {"analyzer": "char_wb", "ngram_range": (2, 3), "strip_accents": "unicode"},
        {"ngram_range": (1, 2), "stop_words": ["οδος"], "vocabulary": ["οδοσ the", "σας", "\u03c3"]},
        {"token_pattern": "[\u03b1-\u03c1\u03c3-\u03c9]+", "vocabulary": ["οδο"]},
    ],
    ids=spelled,
)
@pytest.mark.filterwarnings("ignore:Your stop_words may be inconsistent", "ignore:The parameter 'token_pattern'")
def test_a_sigma_gets_the_lower_case_that_its_place_has(options) -> None:
    check_transform(reading(CountVectorizer(**options)), GREEK, pd.concat([GREEK, ROWS]))


@pytest.mark.parametrize(
    ("vectoriser", "reason"),
    [
        (
            CountVectorizer(tokenizer=lambda text: text.split(",")),
            "its tokenizer is a Python function, which no graph can call, but for str.split and "
            "re.compile(pattern).findall",
        ),
        (CountVectorizer(preprocessor=str.strip), "its preprocessor is a Python function, which no graph can call"),
        (CountVectorizer(analyzer=str.split), "its analyzer is a Python function, which no graph can call"),
        (CountVectorizer(analyzer=str.lower), "its analyzer is a Python function, which no graph can call"),
        (
            CountVectorizer(token_pattern="[a-z ]+", ngram_range=(1, 2)),
            "its words may hold spaces, which also join them",
        ),
        (CountVectorizer(vocabulary=["c++"]), "no text can contain what is in its vocabulary"),
        (
            CountVectorizer(dtype=np.int8),
            "it counts in int8, which holds no large counts: fit it with dtype=numpy.int64",
        ),
        (
            TfidfVectorizer(dtype=np.float32),
            "it computes in float32, the graph in float64: fit it with dtype=numpy.float64",
        ),
        (
            make_pipeline(CountVectorizer(dtype=np.float32), TfidfTransformer()),
            "it computes in float32, the graph in float64: count in numpy.float64",
        ),
    ],
    ids=spelled,
)
@pytest.mark.filterwarnings("ignore:The parameter 'token_pattern'", "ignore:Upper case characters found")
def test_what_is_refused(vectoriser, reason) -> None:
    pipeline = make_pipeline(reading(vectoriser), LogisticRegression()).fit(FRAME, FRAME["number"] > 1)
    with pytest.raises(ConversionError) as caught:
        exported(pipeline, FRAME)
    assert str(caught.value).endswith(reason)
