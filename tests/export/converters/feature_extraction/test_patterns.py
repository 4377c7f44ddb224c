"""What a `token_pattern` finds is found by the graph, or the pattern is refused."""

import re
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sklearn.compose import make_column_transformer
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.pipeline import make_pipeline

from alpenglow._export.converters.feature_extraction.patterns import words_of
from tests.export.converters.echo import Echo
from tests.export.helpers import exported

ALPHABET = "abB1_é'- \n"
SHORT = ["".join(letters) for length in (1, 2, 3) for letters in product(ALPHABET, repeat=length)]
PAIRS = [
    " ".join(pair) for pair in product(["a", "b", "ab", "aB", "Ab", "1", "1a", "a1", "_", "a'b", "--", "\n"], repeat=2)
]
SAMPLE = pd.DataFrame({"text": SHORT + PAIRS})
FOUND = [
    r"(?u)\b\w\w+\b",
    r"\b\w+\b",
    r"\w+",
    r"\w{2,}",
    r"\w{3}",
    r"\w{2,3}",
    r"\w\w?",
    r"\S+",
    r"[^\s]+",
    r"[a-z]+",
    r"[a-zA-Z]{3,}",
    r"[ab]{,2}[a-z]{2,}",
    r"[^\W\d_]+",
    r"\b[a-zA-Z]+\b",
    r"\b[a-z]{2,3}\b",
    r"\b\w{2,5}\b",
    r"\b\w{1,400}\b",
    r"\b[^\d\W]+\b",
    r"\b[a-z]\w+",
    r"\b[a-z]\w+\b",
    r"\w*[a-z]\b",
    r"\b\w*[a-z]\w*\b",
    r"[a-z]\w+",
    r"[a-z]?\w{2,}",
    r"a{1,2}b\w*",
    r"a{1,2}b\w+",
    r"[ab]+1?[b-]?[ab1-]{2,}",
    r"[A-Z][a-z]+",
    r"[A-Z][a-z]{1,2}",
    r"\w[\w']*",
    r"\b[\w'-]+\b",
    r"\b[\w'-]{2,}\b",
    r"\b\S+\b",
    r"\d+",
    r"\W+",
    r".",
    r".{2}",
    r"(?s).{2,3}",
    r"(?i)[b-é]+",
    r"(?a)\b\w+\b",
    r"(?a)\b[a-z]+\b",
    r"[]'[^-]+",
    r"-",
    r"\-\d{1,2}",
]
REFUSED = {
    "more than runs of characters": [
        r"[a-z]+|[0-9]+",
        r"(\w+)",
        r"\w+(?=\s)",
        r"\w+?",
        r"\w++",
        r"^\w+",
        r"(?x)\w +",
        r"\Ba+",
        r"\w+\b\w*",
        r"\t+",
    ],
    "finds words without characters": [r"\w*", r"[a-z]?", r"\b\w*\b", r"\w{,3}"],
    "repeats too many characters too often": [r"\w{1,5}", r"[a-z]\w{1,50}", r"[a-z]{1,501}", r"\b\w{1,501}\b"],
    "takes parts of runs": [
        r"\b[a-z]+",
        r"[a-z]+\b",
        r"\b[a-z'-]+\b",
        r"\b\w{1,3}",
        r"\b[\w-]{1,3}\b",
        r"\b\w[\w-]*\w\b",
        r"\w+[a-z]",
        r"\-?\d",
        r"\w?-?[a-z]+",
        r"[ab]*a[b1]+",
    ],
}


@pytest.fixture(scope="module", params=FOUND)
def counting(request):
    """A pipeline that counts short words, and pairs of them unless they may hold spaces, and its graph."""
    longest = 1 if words_of(request.param).spaced else 2
    vectoriser = CountVectorizer(token_pattern=request.param, lowercase=False, ngram_range=(1, longest))
    pipeline = make_pipeline(make_column_transformer((vectoriser, "text")), Echo()).fit(SAMPLE)
    return pipeline, exported(pipeline, SAMPLE)[1]


TEXT = st.one_of(st.text(ALPHABET, max_size=30), st.lists(st.sampled_from(SHORT + PAIRS), max_size=5).map(" ".join))


@given(st.lists(TEXT, min_size=1, max_size=5))
@settings(max_examples=50, deadline=None)
def test_the_same_words_are_found(counting, texts) -> None:
    pipeline, graph = counting
    rows = pd.DataFrame({"text": texts})
    np.testing.assert_array_equal(graph.predict(rows)["prediction"], pipeline.predict(rows))


SETS = st.sampled_from(["a", "b", "[ab]", "[ab1]", "[aB-]", r"\w", r"[^\W\d]", r"\d", r"[\w-]", r"\S", r"\W", "-"])
COUNTS = st.sampled_from(["", "", "?", "+", "+", "*", "{2}", "{2,}", "{,2}", "{1,3}"])
PATTERNS = st.builds(
    lambda left, parts, right: left + "".join(map("".join, parts)) + right,
    st.sampled_from(["", r"\b"]),
    st.lists(st.tuples(SETS, COUNTS), min_size=1, max_size=3),
    st.sampled_from(["", r"\b"]),
)


def is_known(pattern):
    try:
        return bool(words_of(pattern))
    except NotImplementedError:
        return False


@given(PATTERNS.filter(is_known), st.lists(TEXT, min_size=10, max_size=10))
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
def test_any_pattern_that_is_not_refused(pattern, texts) -> None:
    assume(re.search(pattern, "\n".join(texts)))
    longest = 1 if words_of(pattern).spaced else 2
    vectoriser = CountVectorizer(token_pattern=pattern, lowercase=False, ngram_range=(1, longest))
    rows = pd.DataFrame({"text": [*SHORT, *PAIRS, *texts, "\n".join(texts)]})
    pipeline = make_pipeline(make_column_transformer((vectoriser, "text")), Echo()).fit(rows)
    _, graph = exported(pipeline, rows)
    np.testing.assert_array_equal(graph.predict(rows)["prediction"], pipeline.predict(rows))


@pytest.mark.parametrize(("reason", "pattern"), [(reason, one) for reason, some in REFUSED.items() for one in some])
def test_what_is_not_known_is_refused(reason, pattern) -> None:
    with pytest.raises(NotImplementedError) as caught:
        words_of(pattern)
    assert reason in str(caught.value)
    assert repr(pattern) in str(caught.value)
