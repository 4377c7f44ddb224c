"""Rows from files, as pandas, Polars, numpy and others write them."""

import json
import pickle

import joblib
import numpy as np
import pandas as pd
import polars
import pytest
from sklearn.linear_model import Ridge
from sklearn.preprocessing import OneHotEncoder

from alpenglow._export.errors import SampleError
from alpenglow._export.files.tables import load_table
from alpenglow._export.pipeline.fitted import Fitted
from alpenglow._export.pipeline.tables import frame_of
from tests.export.files.kept import codes, fitted


def lines(path) -> None:
    codes().to_json(path, orient="records", lines=True, double_precision=15)


WRITERS = {
    "rows.csv": lambda path: codes().to_csv(path, index=False),
    "rows.CSV": lambda path: codes().to_csv(path, index=False, lineterminator="\r\n", encoding="utf-8-sig"),
    "quoted.csv": lambda path: codes().assign(**{"a;b;c": 1}).to_csv(path, index=False, quoting=1),
    "excel.csv": lambda path: codes().to_csv(path, index=False, sep=";"),
    "rows.tsv": lambda path: codes().to_csv(path, index=False, sep="\t"),
    "no_ending": lambda path: codes().to_csv(path),
    "rows.csv.gz": lambda path: codes().to_csv(path, index=False),
    "rows.csv.bz2": lambda path: codes().to_csv(path, index=False),
    "rows.csv.xz": lambda path: codes().to_csv(path, index=False),
    "polars.csv": lambda path: polars.DataFrame(codes().to_dict("list")).write_csv(path),
    "rows.parquet": lambda path: codes().to_parquet(path),
    "polars.parquet": lambda path: polars.DataFrame(codes().to_dict("list")).write_parquet(path),
    "rows.feather": lambda path: codes().to_feather(path),
    "polars.arrow": lambda path: polars.DataFrame(codes().to_dict("list")).write_ipc(path, compression="lz4"),
    "rows.jsonl": lines,
    "rows.ndjson.gz": lines,
    "polars.ndjson": lambda path: polars.DataFrame(codes().to_dict("list")).write_ndjson(path),
    "records.json": lambda path: codes().to_json(path, orient="records", double_precision=15),
    "split.json": lambda path: codes().to_json(path, orient="split", double_precision=15),
    "columns.json": lambda path: codes().to_json(path, double_precision=15),
    "lists.json": lambda path: path.write_text(json.dumps(codes().to_dict("list"))),
    "request.json": lambda path: path.write_text(json.dumps({"dataframe_split": codes().to_dict("split")})),
    "instances.json": lambda path: path.write_text(json.dumps({"instances": codes().to_dict("records")})),
    "rows.pkl": lambda path: codes().to_pickle(path),
    "rows.pkl.gz": lambda path: codes().to_pickle(path),
    "rows.joblib": lambda path: joblib.dump(codes(), path, compress=3),
    "polars.pickle": lambda path: path.write_bytes(pickle.dumps(polars.DataFrame(codes().to_dict("list")))),
}


@pytest.mark.parametrize("name", WRITERS)
def test_rows_come_back_as_they_were_written(tmp_path, name) -> None:
    WRITERS[name](tmp_path / name)
    found = frame_of(load_table(tmp_path / name, Fitted(fitted())))
    assert found["code"].tolist() == codes()["code"].tolist()
    np.testing.assert_array_max_ulp(
        found["size"].to_numpy(), codes()["size"].to_numpy(), 0 if "json" not in name else 8
    )


def test_text_that_is_said_to_be_text_stays_so(tmp_path) -> None:
    codes().to_csv(tmp_path / "rows.csv", index=False)
    assert load_table(tmp_path / "rows.csv", Fitted(Ridge()), ["code"])["code"][0] == "007"
    assert load_table(tmp_path / "rows.csv", Fitted(Ridge()))["code"][0] == 7


def test_columns_without_names_are_numbered(tmp_path) -> None:
    numbers = np.arange(12.0).reshape(4, 3) / 7
    model = Ridge().fit(numbers, [1, 2, 3, 4])
    np.save(tmp_path / "rows.npy", numbers)
    np.savetxt(tmp_path / "rows.csv", numbers, delimiter=",", fmt="%.17g")
    (tmp_path / "rows.json").write_text(json.dumps(numbers.tolist()))
    for name in ("rows.npy", "rows.csv", "rows.json"):
        found = frame_of(load_table(tmp_path / name, Fitted(model)))
        assert list(found) == ["x0", "x1", "x2"]
        np.testing.assert_array_equal(found.to_numpy(), numbers)


def test_columns_that_pandas_has_numbered_keep_their_numbers(tmp_path) -> None:
    pd.DataFrame(np.eye(3)).to_csv(tmp_path / "rows.csv", index=False)
    model = Ridge().fit(np.eye(3), [1, 2, 3])
    assert list(load_table(tmp_path / "rows.csv", Fitted(model))) == ["0", "1", "2"]
    pd.DataFrame(np.eye(3), columns=["7", "8", "9"]).to_csv(tmp_path / "rows.csv", index=False)
    model = Ridge().fit(pd.DataFrame(np.eye(3), columns=["7", "8", "9"]), [1, 2, 3])
    assert list(load_table(tmp_path / "rows.csv", Fitted(model))) == ["7", "8", "9"]


def test_gaps_stay_gaps(tmp_path) -> None:
    rows = pd.DataFrame({"code": ["007", None, "008"], "size": [1.5, np.nan, 2.0]})
    rows.to_csv(tmp_path / "rows.csv", index=False)
    rows.to_json(tmp_path / "rows.json", orient="records")
    for name in ("rows.csv", "rows.json"):
        found = load_table(tmp_path / name, Fitted(fitted()))
        assert found["code"].isna().tolist() == found["size"].isna().tolist() == [False, True, False]


def test_a_category_that_looks_like_a_gap_is_none(tmp_path) -> None:
    encoder = OneHotEncoder().fit(
        pd.DataFrame({"country": ["NA", "NL", np.nan], "size": ["S", "M", "L"]}, dtype=object)
    )
    rows = pd.DataFrame({"country": ["NA", None, "NL", "NA"], "size": ["S", None, "NA", "M"]})
    rows.to_csv(tmp_path / "rows.csv", index=False)
    found = load_table(tmp_path / "rows.csv", Fitted(encoder))
    assert found["country"].isna().tolist() == [False, True, False, False]
    assert found["country"].dropna().tolist() == ["NA", "NL", "NA"]
    assert found["size"].isna().tolist() == [False, True, True, False]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is no table of CSV, JSON lines, Parquet"),
        (b"{}", "is no table of CSV, JSON lines, Parquet"),
        (b"[1, 2", "is no table of CSV, JSON lines, Parquet"),
        (b"[1, 2]", "its rows are no lists"),
        (bytes(range(128, 256)), "is no table of CSV, JSON lines, Parquet"),
        (b"PAR1....", "is no table of CSV, JSON lines, Parquet"),
        (b"\x93NUMPY....", "is no table of CSV, JSON lines, Parquet"),
        (b"\x1f\x8b....", "cannot be read"),
        (pickle.dumps(codes())[:-9], "cannot be read"),
    ],
    ids=["empty", "no rows", "half of JSON", "numbers", "noise", "Parquet", "npy", "gzip", "half a pickle"],
)
def test_what_is_no_table_is_one_sentence(tmp_path, content, sentence) -> None:
    path = tmp_path / "rows.any"
    path.write_bytes(content)
    with pytest.raises(SampleError, match=path.name) as caught:
        load_table(path, Fitted(fitted()))
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_objects_in_an_array_are_not_loaded(tmp_path) -> None:
    np.save(tmp_path / "rows.npy", codes().to_numpy(object))
    with pytest.raises(SampleError, match="allow_pickle"):
        load_table(tmp_path / "rows.npy", Fitted(fitted()))
