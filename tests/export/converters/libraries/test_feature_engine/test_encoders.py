"""Encoders of categories: known, unknown, rare and missing ones, texts and numbers."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from feature_engine.encoding import (
    CountFrequencyEncoder,
    DecisionTreeEncoder,
    MeanEncoder,
    OneHotEncoder,
    OrdinalEncoder,
    RareLabelEncoder,
    StringSimilarityEncoder,
    WoEEncoder,
)
from feature_engine.preprocessing import MatchCategories
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder as Codes

from alpenglow._export.errors import ConversionError
from alpenglow._export.pipeline.describe import describe_columns
from alpenglow._export.pipeline.fitted import Fitted
from alpenglow._export.pipeline.steps import known_categories
from tests.export.converters.echo import Echo, check_transform
from tests.export.converters.libraries.test_feature_engine.tables import categorical, homes, target
from tests.export.helpers import check_same, exported

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning", "ignore::FutureWarning")

CODES = Codes(handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-2)
TAKING = [  # what is unknown and what is missing
    CountFrequencyEncoder(unseen="encode", missing_values="ignore"),
    CountFrequencyEncoder(encoding_method="frequency", unseen="ignore", missing_values="ignore"),
    MeanEncoder(unseen="encode", missing_values="ignore"),
    MeanEncoder(unseen="encode", smoothing="auto", missing_values="ignore"),
    OrdinalEncoder(unseen="encode", missing_values="ignore"),
    OrdinalEncoder(encoding_method="arbitrary", unseen="ignore", missing_values="ignore"),
    make_pipeline(RareLabelEncoder(tol=0.2, n_categories=2, missing_values="ignore"), CODES),
    make_pipeline(
        RareLabelEncoder(n_categories=1, max_n_categories=1, missing_values="ignore", replace_with=""), CODES
    ),
    make_pipeline(MatchCategories(missing_values="ignore"), CODES),
    StringSimilarityEncoder(),
    StringSimilarityEncoder(missing_values="ignore", top_categories=2),
    StringSimilarityEncoder(keywords={"town": ["Romeo", "o", ""]}),
]
WHOLE = [  # no gaps
    WoEEncoder(fill_value=0.01),
    DecisionTreeEncoder(regression=False, cv=2, unseen="encode", fill_value=-1.5),
    DecisionTreeEncoder(regression=False, cv=2, precision=2),
    OneHotEncoder(),
    make_pipeline(OneHotEncoder(top_categories=2, variables=["town"]), MeanEncoder(unseen="encode")),
    OneHotEncoder(drop_last=True),
    OneHotEncoder(drop_last_binary=True),
]


def texts(gaps: float = 0.0) -> pd.DataFrame:
    return homes(gaps)[["share", "town", "kind"]].assign(share=0.5)


def with_unknown(table: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([table, table.head(3).assign(town=["Paris", "", "rome "])], ignore_index=True)


@pytest.mark.parametrize("encoder", TAKING, ids=repr)
def test_unknown_and_missing(encoder: Any) -> None:
    table = texts(0.1)
    check_transform(encoder, table, with_unknown(table), target=target(table))
    check_transform(encoder, texts(), with_unknown(table), target=target(table))


@pytest.mark.parametrize("encoder", [*TAKING, *WHOLE], ids=repr)
def test_without_gaps(encoder: Any) -> None:
    table = texts()
    rows = table if getattr(encoder, "unseen", None) == "raise" else with_unknown(table)
    check_transform(encoder, table, rows, target=target(table))


@pytest.mark.parametrize("encoder", [*TAKING, *WHOLE], ids=repr)
def test_categories_of_pandas(encoder: Any) -> None:
    table = categorical(texts())
    check_transform(encoder, table, target=target(table))


@pytest.mark.parametrize(
    "encoder", [one for one in [*TAKING, *WHOLE] if hasattr(one, "unseen") or hasattr(one, "drop_last")], ids=repr
)
def test_numbers_as_categories(encoder: Any) -> None:
    table = pd.DataFrame({"kind": homes()["rooms"], "town": homes()["rooms"] % 3 / 2})
    rows = table if getattr(encoder, "unseen", None) == "raise" else with_number(table)
    check_transform(encoder.set_params(ignore_format=True), table, rows, target=target(table))
    encoder.set_params(ignore_format=False)


def with_number(table: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([table.astype(float), table.head(3).assign(town=[0.25, -0.0, 1e300])], ignore_index=True)


def test_rare_numbers() -> None:
    table = homes()[["rooms"]].astype(float)
    encoder = RareLabelEncoder(tol=0.15, n_categories=2, ignore_format=True, replace_with=-1)
    check_transform(encoder, table, pd.concat([table, pd.DataFrame({"rooms": [0.5, 12.0]})]))


@pytest.mark.parametrize("gap", [None, np.nan, pd.NA], ids=repr)
def test_gaps_of_every_kind(gap: Any) -> None:
    table = homes()[["kind"]].assign(kind=lambda frame: frame["kind"].where(frame.index % 3 > 0, gap))
    for encoder in TAKING[4:8]:
        check_transform(encoder, table, target=target(table))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(max_size=6), min_size=2, max_size=12, unique=True), st.lists(st.text(max_size=9), max_size=5))
def test_similarity_of_any_texts(known: list[str], others: list[str]) -> None:
    # pandas reads the empty text as a gap of the fitted categories.
    table = pd.DataFrame({"text": pd.Series(known, dtype=object)})
    check_transform(
        StringSimilarityEncoder(), table, pd.DataFrame({"text": pd.Series([*known, *others], dtype=object)})
    )


def test_one_that_raises_is_closed() -> None:
    table = texts()
    pipeline = make_pipeline(MeanEncoder(unseen="raise"), Echo()).fit(table, target(table))
    town = describe_columns(Fitted(pipeline), table.head(5))[1]
    assert town.closed
    assert set(town.categories or ()) == set(table["town"])
    check_same(pipeline, table)


def test_known_categories_are_found_behind_imputers_and_one_encoder_behind_another() -> None:
    table = texts()
    pipeline = make_pipeline(
        MeanEncoder(variables=["town"]), OneHotEncoder(variables=["kind"], drop_last=False), Echo()
    ).fit(table, target(table))
    known = known_categories(pipeline, list(table))
    assert {name: sorted(values) for name, values in known.items()} == {
        "town": sorted(set(table["town"])),
        "kind": ["flat", "house"],
    }


def test_a_text_among_numbers_is_refused() -> None:
    table = homes()[["rooms"]]
    steps = make_pipeline(RareLabelEncoder(tol=0.01, n_categories=2, ignore_format=True), Echo()).fit(table)
    with pytest.raises(ConversionError, match="puts text among numbers"):
        exported(steps, table)
