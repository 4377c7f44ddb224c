"""UCI Adult as it was published."""

import gzip
import shutil

import pytest

from alpenglow._train import adult
from alpenglow._train.dataset import DataError


def test_has_the_published_rows() -> None:
    data = adult.load()
    assert (len(data.train), len(data.test)) == (32_561, 16_281)
    assert list(data.train) == list(data.test) == adult.COLUMNS


def test_values_keep_the_space_that_clients_send() -> None:
    rows = adult.load().train
    assert rows.loc[0, "workclass"] == " State-gov"
    assert set(rows["income"]) == {" <=50K", " >50K"}


def test_the_full_stop_in_adult_test_is_no_part_of_the_label() -> None:
    assert set(adult.load().test["income"]) == {" <=50K", " >50K"}


def test_numbers_are_float64_and_nothing_is_missing() -> None:
    rows = adult.load().train
    assert sorted({str(dtype) for dtype in rows.dtypes}) == ["float64", "str"]
    assert not rows.isna().any(axis=None)


def test_a_changed_file_is_refused(tmp_path, monkeypatch) -> None:
    shutil.copytree(adult.DATA, tmp_path, dirs_exist_ok=True)
    changed = gzip.decompress((adult.DATA / "adult.data.gz").read_bytes()).replace(
        b"39, State-gov", b"38, State-gov", 1
    )
    (tmp_path / "adult.data.gz").write_bytes(gzip.compress(changed))
    monkeypatch.setattr(adult, "DATA", tmp_path)
    with pytest.raises(DataError, match=r"adult\.data\.gz is not the published adult\.data"):
        adult.load()
