"""KNNImputer takes the same rows, and of equally near ones the first, which NumPy takes on no two processors alike."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import KNNImputer
from sklearn.pipeline import make_pipeline

import alpenglow
from alpenglow._export.errors import ConversionError
from alpenglow._export.gate.bounds import tolerance_of
from alpenglow._export.gate.near_ties import DONORS, in_order, ties_of
from alpenglow._export.pipeline.fitted import Fitted
from tests.export.converters.echo import Echo, check_transform
from tests.export.helpers import check_same, exported
from tests.tables import wine


def numbers(seed: int, rows: int = 120, width: int = 5, gaps: float = 0.2) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    values = random.normal(size=(rows, width)) * 10.0 ** random.integers(-1, 3, width)
    values[random.random(values.shape) < gaps] = np.nan
    return pd.DataFrame(values).rename(columns="x{}".format)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"n_neighbors": 1},
        {"n_neighbors": 12},
        {"n_neighbors": 500},
        {"add_indicator": True},
        {"weights": "distance"},
    ],
    ids=str,
)
@pytest.mark.parametrize("width", [1, 2, 5, 20])
def test_rows_that_were_and_were_not_there(options, width) -> None:
    table = numbers(width, width=width)
    tolerance = 1e-6 if options.get("weights") else 1e-12
    check_transform(KNNImputer(**options), table.iloc[:80], table, tolerance=tolerance)


def test_whole_numbers_and_a_mark_in_place_of_nan() -> None:
    table = wine()[["alcohol", "hue", "proline"]].round().fillna(-1.0).astype(int)
    with in_order():
        check_transform(KNNImputer(missing_values=-1, add_indicator=True), table, tolerance=1e-12)


@pytest.mark.filterwarnings("ignore:Skipping features")
@pytest.mark.parametrize("keep", [True, False])
def test_a_column_without_values(keep) -> None:
    table = numbers(3).assign(x2=np.nan)
    imputer = KNNImputer(keep_empty_features=keep, add_indicator=True)
    check_transform(imputer, table, tolerance=1e-12)
    check_transform(imputer, table, table.assign(x2=1.0), tolerance=1e-12)


def test_rows_that_share_no_column_with_any_get_the_mean() -> None:
    table = pd.DataFrame(
        {"a": [1.0, 2.0, 4.0, np.nan], "b": [np.nan, np.nan, 1.0, 7.0], "c": [3.0, np.nan, np.nan, 1.0]}
    )
    rows = pd.DataFrame(list(np.ndindex(2, 2, 2)), columns=list("abc")).replace({0: np.nan, 1: 2.5})
    with in_order():
        check_transform(KNNImputer(n_neighbors=2), table, rows, tolerance=1e-12)


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 2**32 - 1), st.integers(1, 6), st.sampled_from(["uniform", "distance"]))
def test_of_equally_near_rows_the_first(seed, count, weights) -> None:
    random = np.random.default_rng(seed)
    values = random.integers(0, 3, (40, 4)).astype(float)
    values[random.random(values.shape) < 0.3] = np.nan
    table = pd.DataFrame(values, columns=list("abcd"))
    if not table.iloc[:25].notna().any().all():
        return
    pipeline = make_pipeline(KNNImputer(n_neighbors=count, weights=weights), Echo()).fit(table.iloc[:25])
    with in_order():
        check_same(pipeline, table, tolerance=1e-12)


def test_ties_are_stated_and_told_from_differences(tmp_path) -> None:
    random = np.random.default_rng(0)
    table = pd.DataFrame(random.integers(0, 3, (150, 4)), columns=list("abcd")).astype(float)
    target = (table["a"] > table["b"]).to_numpy()
    table = table.mask(random.random(table.shape) < 0.2)
    forest = RandomForestClassifier(5, random_state=0)
    pipeline = make_pipeline(KNNImputer(), forest).fit(table, target)
    report = alpenglow.export(pipeline, table, tmp_path / "model.onnx")
    assert any(check.tied for check in report.checks)
    assert f"KNNImputer: {DONORS}" in report.ties
    steps = Fitted(pipeline).steps
    assert list(ties_of(steps)) == ["KNNImputer"]
    assert tolerance_of(steps) < tolerance_of(Fitted(KNNImputer(weights="distance")).steps)


def test_a_graph_that_takes_other_rows_is_stopped(tmp_path, monkeypatch) -> None:
    table = numbers(0)
    pipeline = make_pipeline(KNNImputer(n_neighbors=3), Echo()).fit(table)
    known = pipeline[0]
    known.n_neighbors = 4
    model, _ = exported(pipeline, table)
    known.n_neighbors = 3
    monkeypatch.setattr("alpenglow._export.api.convert", lambda *_: model)
    with pytest.raises(alpenglow.ParityError):
        alpenglow.export(pipeline, table, tmp_path / "model.onnx")


def test_refused() -> None:
    pipeline = make_pipeline(KNNImputer(metric=lambda x, y, missing_values: 0.0), Echo()).fit(numbers(0))
    with pytest.raises(ConversionError, match="Python function"):
        exported(pipeline, numbers(0))
