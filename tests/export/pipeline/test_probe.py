"""What scikit-learn takes is found out by asking it."""

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import CategoricalNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, PowerTransformer, StandardScaler

from alpenglow._export.errors import SampleError
from alpenglow._export.pipeline.describe import describe_columns
from alpenglow._export.pipeline.fitted import Fitted
from alpenglow._export.pipeline.probe import LARGEST_FLOAT32
from alpenglow._serve.signature import Column
from tests.tables import wine


def described(pipeline, table: pd.DataFrame) -> dict[str, Column]:
    """The columns of a pipeline fitted on the table, by name."""
    features = table.drop(columns="target")
    return {
        column.name: column for column in describe_columns(Fitted(pipeline.fit(features, table["target"])), features)
    }


@pytest.fixture
def table() -> pd.DataFrame:
    """Wine without gaps."""
    wines = wine()
    wines["colour"] = wines["colour"].fillna("rose")
    numbers = wines.select_dtypes("number")
    return wines.assign(**numbers.fillna(0.0))


def test_a_missing_value_is_taken_where_scikit_learn_takes_it(table) -> None:
    both = table[["alcohol", "hue", "target"]]
    refusing = described(LogisticRegression(max_iter=9000), both)
    assert [column.nullable for column in refusing.values()] == [False, False]
    with_gaps = both.assign(hue=both["hue"].where(both["hue"] > 0.8))
    taking = described(RandomForestClassifier(3), with_gaps)
    assert taking["hue"].nullable


@pytest.mark.parametrize(("handle_unknown", "closed"), [("ignore", False), ("error", True)])
def test_a_column_is_closed_where_scikit_learn_refuses_unknown_text(table, handle_unknown, closed) -> None:
    encoder = make_column_transformer((OneHotEncoder(handle_unknown=handle_unknown), ["colour"]))
    columns = described(make_pipeline(encoder, LogisticRegression()), table[["colour", "target"]])
    assert columns["colour"].closed is closed
    assert columns["colour"].categories == ["brown", "red", "rose"]


def test_numbers_have_the_limit_of_float32_where_trees_read_them(table) -> None:
    numbers = table[["alcohol", "target"]]
    assert described(RandomForestClassifier(3), numbers)["alcohol"].highest == LARGEST_FLOAT32
    assert described(LogisticRegression(), numbers)["alcohol"].highest is None


def test_a_step_that_refuses_what_is_below_zero_gives_a_lowest_number(table) -> None:
    numbers = table[["alcohol", "target"]].fillna(13.0)
    logarithms = make_pipeline(PowerTransformer("box-cox"), LogisticRegression())
    assert described(logarithms, numbers[numbers["alcohol"] > 0])["alcohol"].lowest == 5e-324  # the least above zero


def test_what_the_sample_has_is_within_the_limits() -> None:
    codes = pd.DataFrame({"code": [0.0, 1.0, 2.0, 3.0] * 5, "target": [0, 1] * 10})
    column = described(CategoricalNB(), codes)["code"]
    assert (column.lowest, column.highest) == (0.0, 3.0)


def test_the_limit_is_lower_where_a_step_scales_numbers_up(table) -> None:
    scaling_up = make_pipeline(FunctionTransformer(lambda x: x * 1000), RandomForestClassifier(3))
    limit = described(scaling_up, table[["alcohol", "target"]])["alcohol"].highest
    assert limit is not None
    assert LARGEST_FLOAT32 / 4000 < limit <= LARGEST_FLOAT32 / 1000


def test_numbers_have_the_range_and_the_median_of_the_sample(table) -> None:
    column = described(make_pipeline(StandardScaler(), LogisticRegression()), table[["alcohol", "target"]])["alcohol"]
    assert (column.minimum, column.maximum) == (0.0, 14.83)
    assert column.example == table["alcohol"].quantile(0.5, interpolation="lower")


def test_types(table) -> None:
    encoder = make_column_transformer((OneHotEncoder(), ["colour", "strong"]), ("passthrough", ["alcohol"]))
    columns = described(
        make_pipeline(encoder, RandomForestClassifier(3)), table[["colour", "strong", "alcohol", "target"]]
    )
    assert {name: column.type for name, column in columns.items()} == {
        "colour": "string",
        "strong": "boolean",
        "alcohol": "number",
    }


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([1, "x"] * 89, "row 0 of column 'colour' holds 1: each column"),
        (pd.Timestamp("2020-01-01"), "scikit-learn does not predict row 0"),
    ],
    ids=["mixed", "dates"],
)
def test_a_column_without_a_clear_type_is_refused(table, values, message) -> None:
    encoder = make_column_transformer(
        ("passthrough", ["alcohol"]), (OneHotEncoder(handle_unknown="ignore"), ["colour"])
    )
    model = make_pipeline(encoder, RandomForestClassifier(3)).fit(table, table["target"])
    with pytest.raises(SampleError, match=message):
        describe_columns(Fitted(model), table.assign(colour=values))


def test_a_sample_that_scikit_learn_does_not_predict_is_refused(table) -> None:
    numbers = table[["alcohol"]]
    model = LogisticRegression().fit(numbers, table["target"])
    with pytest.raises(SampleError, match="scikit-learn does not predict row 0 of the sample: Input X contains NaN"):
        describe_columns(Fitted(model), numbers.assign(alcohol=np.nan))
