"""Words and characters are counted in the columns of their hashes, however many columns there are."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer, make_column_transformer
from sklearn.decomposition import TruncatedSVD
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction import FeatureHasher
from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer, TfidfVectorizer
from sklearn.feature_selection import SelectKBest, chi2
from sklearn.impute import SimpleImputer
from sklearn.linear_model import Ridge, RidgeClassifier, SGDClassifier, SGDRegressor
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier
from sklearn.naive_bayes import BernoulliNB, ComplementNB, MultinomialNB
from sklearn.neighbors import NearestCentroid
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import MaxAbsScaler, Normalizer, StandardScaler
from sklearn.svm import LinearSVC

import alpenglow
from alpenglow._export.errors import ConversionError
from tests.export.converters.echo import Echo, check_transform
from tests.export.converters.feature_extraction.test_vectorisers import (
    ANY_TEXTS,
    FRAME,
    GREEK,
    ROWS,
    TEXTS,
    check_texts,
    reading,
)
from tests.export.helpers import check_same, exported

WIDE = 2**18
MANY = pd.concat([ROWS, GREEK], ignore_index=True)
LINEAR = SGDClassifier(random_state=0)
COUNTS = HashingVectorizer(n_features=WIDE, norm=None, alternate_sign=False)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"n_features": 1},
        {"n_features": 3, "binary": True},
        {"norm": "l1"},
        {"norm": None, "alternate_sign": False},
        {"lowercase": False},
        {"ngram_range": (1, 3)},
        {"ngram_range": (2, 3), "stop_words": "english"},
        {"stop_words": ["οδος", "the"], "token_pattern": r"\w+"},
        {"token_pattern": "[a-z ]+", "ngram_range": (1, 2)},
        {"token_pattern": r"\b[^\W\d]+\b", "strip_accents": "unicode"},
        {"strip_accents": "ascii", "ngram_range": (1, 2)},
        {"analyzer": "char"},
        {"analyzer": "char", "ngram_range": (2, 4), "strip_accents": "unicode"},
        {"analyzer": "char_wb", "ngram_range": (1, 2), "lowercase": False},
        {"analyzer": "char_wb", "ngram_range": (3, 5)},
        {"analyzer": "char_wb", "ngram_range": (6, 7)},
    ],
    ids=str,
)
@pytest.mark.filterwarnings("ignore:Your stop_words may be inconsistent")
def test_each_way_of_counting(options) -> None:
    vectoriser = reading(HashingVectorizer(**{"n_features": 97, **options}))
    check_transform(vectoriser, FRAME, MANY)
    check_transform(vectoriser, FRAME, FRAME[FRAME["text"] == ""])


def fitted(**options):
    pipeline = make_pipeline(reading(HashingVectorizer(**options)), Echo()).fit(FRAME)
    return pipeline, exported(pipeline, FRAME)[1]


PIPELINES = [
    fitted(n_features=7, ngram_range=(1, 2), stop_words="english"),
    fitted(n_features=1000, norm="l1", strip_accents="unicode"),
    fitted(n_features=50, analyzer="char", ngram_range=(1, 3), alternate_sign=False),
    fitted(n_features=50, analyzer="char_wb", ngram_range=(4, 5), binary=True),
]


@pytest.mark.parametrize("number", range(len(PIPELINES)))
@given(ANY_TEXTS)
@settings(max_examples=100, deadline=None)
def test_any_text(number, texts) -> None:
    check_texts(*PIPELINES[number], texts)


@pytest.mark.parametrize(
    "steps",
    [
        (HashingVectorizer(), LINEAR),
        (HashingVectorizer(), SGDRegressor(random_state=0)),
        (HashingVectorizer(), Ridge(solver="sparse_cg")),
        (HashingVectorizer(), RidgeClassifier(solver="sparse_cg")),
        (HashingVectorizer(n_features=WIDE), LinearSVC()),
        (COUNTS, TfidfTransformer(), LINEAR),
        (COUNTS, TfidfTransformer(sublinear_tf=True, norm="l1"), LINEAR),
        (COUNTS, MultinomialNB()),
        (COUNTS, ComplementNB()),
        (COUNTS, BernoulliNB()),
        (COUNTS, Normalizer("max"), LINEAR),
        (COUNTS, MaxAbsScaler(), LINEAR),
        (COUNTS, StandardScaler(with_mean=False), LINEAR),
        (COUNTS, SelectKBest(chi2, k=30), RandomForestClassifier(5, random_state=0)),
        (HashingVectorizer(n_features=WIDE), TruncatedSVD(3, random_state=0), LINEAR),
        (HashingVectorizer(n_features=WIDE), MLPClassifier((3,), max_iter=2, random_state=0)),
        (HashingVectorizer(n_features=WIDE), OneVsRestClassifier(LinearSVC())),
        (HashingVectorizer(n_features=WIDE), OneVsOneClassifier(LinearSVC())),
        (HashingVectorizer(n_features=WIDE), CalibratedClassifierCV(LinearSVC(), cv=2)),
        (FeatureUnion([("a", COUNTS), ("b", TfidfVectorizer())], transformer_weights={"a": 0.5}), LINEAR),
        (HashingVectorizer(n_features=300), RandomForestClassifier(5, random_state=0)),
    ],
    ids=lambda steps: " ".join(type(step).__name__ for step in steps),
)
@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
def test_what_reads_so_many_columns(steps) -> None:
    texts = ColumnTransformer([("text", make_pipeline(*steps[:-1]), "text")], sparse_threshold=1.0)
    model = make_pipeline(texts, steps[-1]).fit(ROWS, ROWS.index % 3)
    check_same(model, ROWS, MANY, tolerance=1e-12)


def test_beside_numbers() -> None:
    columns = make_column_transformer((COUNTS, "text"), (StandardScaler(), ["number"]))
    check_same(make_pipeline(columns, LINEAR).fit(ROWS, ROWS.index % 2), ROWS, MANY, tolerance=1e-12)


def test_a_file_of_a_million_columns_is_small(tmp_path) -> None:
    model = make_pipeline(HashingVectorizer(), LINEAR).fit(TEXTS * 3, ["a", "b", "c"] * len(TEXTS))
    report = alpenglow.export(model, TEXTS * 3, tmp_path / "model.onnx")
    assert all(not check.different_labels for check in report.checks)
    assert (tmp_path / "model.onnx").stat().st_size < 250_000
    answers = alpenglow.load(tmp_path / "model.onnx").predict(TEXTS)
    assert list(answers) == list(model.predict(TEXTS))


@pytest.mark.parametrize("options", [{}, {"alternate_sign": False, "n_features": 5}], ids=str)
def test_a_hasher_of_several_texts(options) -> None:
    frame = pd.DataFrame({"a": TEXTS, "b": TEXTS[::-1], "c": ["a"] * len(TEXTS)})
    hasher = FeatureHasher(input_type="string", **{"n_features": 64, **options})
    check_transform(make_pipeline(SimpleImputer(strategy="most_frequent"), hasher), frame)


@pytest.mark.parametrize(
    ("steps", "reason"),
    [
        (
            (HashingVectorizer(), NearestCentroid()),
            "it needs all of the 1,048,576 columns that texts are hashed to, too many for a graph: "
            "give the hashing step n_features=16384 or less",
        ),
        (
            (HashingVectorizer(dtype=np.float32), LINEAR),
            "it computes in float32, the graph in float64: give it dtype=numpy.float64",
        ),
    ],
    ids=["wide", "float32"],
)
def test_refused(steps, reason) -> None:
    model = make_pipeline(reading(steps[0]), steps[1])
    frame = FRAME.iloc[:8].assign(number=0.0)
    with pytest.raises(ConversionError) as caught:
        exported(model.fit(frame, ["a", "b"] * 4), frame)
    assert str(caught.value).endswith(reason)
