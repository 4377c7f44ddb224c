"""Columns that a vectoriser reads hold texts: nobody takes the sample's for all that there are."""

import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.ensemble import VotingClassifier
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from alpenglow._export.pipeline.describe import describe_columns
from alpenglow._export.pipeline.sample import fitted, rows_of

TABLE = pd.DataFrame(
    {
        "title": ["good", "bad", "good", "so so"],
        "size": [1.0, 2.0, 3.0, 4.0],
        "colour": ["red", "blue", "red", "red"],
        "more": ["very good", "very bad", "good", "no"],
        "other": ["a", "b", "a", "b"],
    }
)
Y = [1, 0, 1, 0]


def categories_of(pipeline, X):
    known = fitted(pipeline.fit(X, Y))
    return {column.name: column.categories for column in describe_columns(known, rows_of(X, known))}


def test_texts_are_no_categories() -> None:
    columns = make_column_transformer(
        (make_union(TfidfVectorizer(), CountVectorizer(analyzer="char")), "title"),
        (make_pipeline(CountVectorizer(), StandardScaler(with_mean=False)), "more"),
        (OneHotEncoder(handle_unknown="ignore"), ["colour"]),
        (StandardScaler(), ["size"]),
    )
    found = categories_of(make_pipeline(columns, LogisticRegression()), TABLE)
    assert found == {
        "title": None,
        "size": None,
        "colour": ["blue", "red"],
        "more": None,
        "other": None,
    }  # nobody reads `other`


def test_in_a_vote() -> None:
    columns = make_column_transformer((TfidfVectorizer(), "title"), (OneHotEncoder(), ["colour"]))
    vote = VotingClassifier([("one", make_pipeline(columns, LogisticRegression()))])
    assert categories_of(vote, TABLE)["title"] is None


def test_of_a_pipeline_of_texts_alone() -> None:
    assert categories_of(make_pipeline(TfidfVectorizer(), LogisticRegression()), list(TABLE["title"])) == {"text": None}


def test_what_an_encoder_reads_as_well_has_its_categories() -> None:
    columns = make_column_transformer((TfidfVectorizer(), "title"), (OneHotEncoder(), ["title"]))
    found = categories_of(make_pipeline(columns, LogisticRegression()), TABLE[["title"]])
    assert found == {"title": ["bad", "good", "so so"]}
