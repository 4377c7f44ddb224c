"""Anybody's CSV: what is a number, what is a category, what is predicted."""

import pandas as pd
import pytest

from alpenglow._train.dataset import DataError, read_csv
from tests.tables import cancer, diabetes, wine


@pytest.fixture
def write(tmp_path):
    def to_csv(table: pd.DataFrame, name: str = "table.csv"):
        table.to_csv(tmp_path / name, index=False)
        return tmp_path / name

    return to_csv


def test_numbers_become_float64_and_the_rest_stays(write) -> None:
    data = read_csv(write(wine()), "target")
    kinds = data.train.drop(columns="target").dtypes.astype(str).to_dict()
    assert kinds.pop("colour") == "str"
    assert kinds.pop("strong") == "bool"
    assert set(kinds.values()) == {"float64"}


@pytest.mark.parametrize(
    ("table", "task", "dtype"),
    [(diabetes(), "regression", "float64"), (wine(), "classification", "int64"), (cancer(), "classification", "bool")],
    ids=["many numbers", "few whole numbers", "booleans"],
)
def test_the_target_suggests_the_task(write, table, task, dtype) -> None:
    data = read_csv(write(table), "target")
    assert (data.task, str(data.train["target"].dtype)) == (task, dtype)


def test_the_task_can_be_overruled(write) -> None:
    assert read_csv(write(wine()), "target", "regression").task == "regression"


def test_a_fifth_is_held_out_in_proportion_to_the_classes(write) -> None:
    data = read_csv(write(wine()), "target")
    assert (len(data.train), len(data.test)) == (142, 36)
    assert data.test["target"].value_counts().sort_index().tolist() == [12, 14, 10]


def test_rows_without_a_target_are_left_out_and_labels_stay_whole_numbers(write) -> None:
    table = wine()
    table.loc[:17, "target"] = None
    data = read_csv(write(table), "target")
    assert len(data.train) + len(data.test) == 160
    assert str(data.train["target"].dtype) == "int64"


def test_compressed_files_are_read(write) -> None:
    assert read_csv(write(diabetes(), "diabetes.csv.gz"), "target").name == "diabetes"


@pytest.mark.parametrize(
    ("table", "target", "task", "message"),
    [
        (wine(), "price", None, "has no column 'price'; its columns are: 'alcohol', 'malic_acid'"),
        (wine().head(9), "target", None, "has 9 rows with a 'target'"),
        (wine()[["target"]], "target", None, "0 other columns"),
        (wine(), "colour", "regression", "'colour' holds labels such as 'red', not numbers: a regression"),
        (wine(), "hue", "classification", "'hue' holds fractions such as"),
        (wine().assign(target=1), "target", None, "'target' has the same value in every row"),
        (wine().assign(hue=float("inf")), "target", None, "has an infinite number in column 'hue', row 0"),
    ],
)
def test_what_cannot_be_learnt_is_refused_with_a_reason(write, table, target, task, message) -> None:
    with pytest.raises(DataError) as caught:
        read_csv(write(table), target, task)
    assert message in str(caught.value)


def test_a_file_that_is_not_there_or_not_a_table_is_refused(tmp_path) -> None:
    with pytest.raises(DataError, match="No such file"):
        read_csv(tmp_path / "none.csv", "target")
    (tmp_path / "bad.csv").write_bytes(b"\xff\xfe\x00a,b\n\x00")
    with pytest.raises(DataError, match=r"bad\.csv is not a CSV table"):
        read_csv(tmp_path / "bad.csv", "target")
