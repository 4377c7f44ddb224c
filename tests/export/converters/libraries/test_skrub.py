"""skrub's transformers: columns handed on one by one, cleaned and encoded."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    RobustScaler,
    StandardScaler,
)
from skrub import (
    ApplyToCols,
    CatEncoder,
    Cleaner,
    DatetimeEncoder,
    Drop,
    DropCols,
    DropSimilar,
    DropUninformative,
    GapEncoder,
    MinHashEncoder,
    SelectCols,
    SimilarityEncoder,
    SquashingScaler,
    StringEncoder,
    TableVectorizer,
    ToCategorical,
    ToFloat,
    selectors,
    tabular_pipeline,
)

from alpenglow import export
from alpenglow._export.errors import ConversionError
from alpenglow._export.gate.float32 import widened
from alpenglow._export.pipeline.fitted import Fitted
from alpenglow._export.pipeline.steps import columns_read, known_categories, walk
from tests.export.converters.echo import Echo, check_transform
from tests.export.helpers import check_same, exported

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning", "ignore::FutureWarning", "ignore::RuntimeWarning")

ODD = ["", " ", "?", "N/A", "nan", " \t", "None", "none ", "NONE", "a\n", "\x85\u2003", "\x1c"]
CODES = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-2)


def staff(gaps: float = 0.0, rows: int = 90) -> pd.DataFrame:
    """Numbers, two texts of a few values, one of many, a boolean, and a column that says nothing."""
    random = np.random.default_rng(0)
    first, second = ["Head", "Senior", "Junior", "Chief"], ["Librarian", "Police officer", "Clerk", "Fire fighter"]
    words = [pd.Series(random.choice(some, rows)) for some in (first, second)]
    table = pd.DataFrame(
        {
            "age": random.integers(18, 70, rows).astype(float),
            "pay": random.lognormal(10, 1, rows),
            "hours": random.integers(1, 60, rows),
            "town": random.choice(["Rome", "Oslo", "Bern"], rows),
            "title": words[0] + " " + words[1] + pd.Series(np.arange(rows) % 40).astype(str),
            "kind": random.choice(["x", "y", "?"], rows),
            "new": random.random(rows) < 0.3,
            "same": 1.5,
        }
    )
    holes = random.random(table.shape) < gaps
    holes[:, -2:] = False
    return table.mask(pd.DataFrame(holes, columns=table.columns)) if gaps else table


def target(table: pd.DataFrame) -> Any:
    return ((np.arange(len(table)) % 3 == 0) ^ (table["town"] == "Rome")).astype(int).to_numpy()


def with_odd(table: pd.DataFrame) -> pd.DataFrame:
    rows = [table.head(1).assign(**{name: text}) for name in ("town", "kind", "title") for text in ODD]
    far = [table.head(1).assign(**{name: value}) for name in ("age", "pay") for value in (1e30, -5e-324, 0.1)]
    return pd.concat([table, *rows, *far], ignore_index=True)


def check_widened(pipeline: Any, sample: pd.DataFrame, rows: pd.DataFrame, tolerance: float = 0.0) -> None:
    """As the export does: with what was learnt in float32 as float64."""
    check_same(widened(Fitted(pipeline)).estimator, sample, rows, tolerance)


VECTORIZERS = [
    TableVectorizer(high_cardinality="drop"),
    TableVectorizer(high_cardinality="drop", numeric=StandardScaler(), drop_if_constant=True),
    TableVectorizer(high_cardinality="drop", numeric=SquashingScaler(), low_cardinality="drop"),
    TableVectorizer(high_cardinality="drop", low_cardinality=CODES, null_strings=["x"]),
    TableVectorizer(
        cardinality_threshold=2, high_cardinality=OneHotEncoder(sparse_output=False, handle_unknown="ignore")
    ),
    TableVectorizer(high_cardinality="drop", specific_transformers=[(MinMaxScaler(), ["age"]), (CODES, ["kind"])]),
]


@pytest.mark.parametrize("vectorizer", VECTORIZERS, ids=range(len(VECTORIZERS)))
@pytest.mark.parametrize(("gaps", "dtype"), [(0.0, object), (0.15, object), (0.15, "str"), (0.15, "category")])
def test_tables(vectorizer: Any, gaps: float, dtype: Any) -> None:
    table = staff(gaps).astype({"town": dtype, "title": dtype, "kind": dtype})
    rows = table if dtype == "category" else with_odd(table)
    check_transform(vectorizer, table, rows)


@pytest.mark.parametrize("components", [3, 30, 4000])
def test_texts_as_a_few_numbers(components: int) -> None:
    table = staff(0.1)[["title", "age"]]
    rows = pd.concat([table, pd.DataFrame({"title": [*ODD, "Über-Librarian", "clerk " * 9], "age": 1.0})])
    pipeline = make_pipeline(TableVectorizer(high_cardinality=StringEncoder(components)), Echo()).fit(table)
    check_widened(pipeline, table, rows)
    alone = make_pipeline(ApplyToCols(StringEncoder(components), cols="title"), Echo()).fit(table)
    check_widened(alone, table, rows, tolerance=1e-13)


def test_whole_words() -> None:
    table = staff()[["title"]]
    encoder = StringEncoder(5, analyzer="word", ngram_range=(1, 2))
    check_widened(make_pipeline(ApplyToCols(encoder), Echo()).fit(table), table, table, tolerance=1e-13)


@settings(max_examples=60, deadline=None)
@example(["\x85", "\u2029", "\v", "\x1c\x1d", " \x00"])
@given(
    st.lists(st.text(max_size=4) | st.sampled_from(ODD) | st.text(" \t\n\v\x1c\x85\xa0\u2003", max_size=3), min_size=1)
)
def test_texts_that_stand_for_nothing(texts: list[str]) -> None:
    sample = pd.DataFrame({"text": ["a", "b", "c"] * 5}, dtype=object)
    pipeline = make_pipeline(Cleaner(), CODES, Echo()).fit(sample)
    check_same(pipeline, sample, pd.DataFrame({"text": pd.Series(["a", *texts], dtype=object)}))


@pytest.mark.parametrize("narrow", [False, True])
def test_squashed(narrow: bool) -> None:
    table = staff(0.1)[["age", "pay", "hours", "same"]].assign(mostly=lambda frame: (frame["age"] > 60) * 1.0)
    rows = with_far(table)
    first = [ApplyToCols(ToFloat())] if narrow else []
    for limit in (3.0, 0.7):
        check_transform(make_pipeline(*first, SquashingScaler(limit)), table, rows)


def with_far(table: pd.DataFrame) -> pd.DataFrame:
    values = (np.inf, -np.inf, np.nan, 1e20, -1e-20, 0.0, 1 / 3)
    return pd.concat([table, *(table.head(1).assign(**{n: v}) for n in table for v in values)], ignore_index=True)


@pytest.mark.parametrize(
    "scaler",
    [
        StandardScaler(),
        StandardScaler(with_std=False),
        MinMaxScaler(),
        MinMaxScaler(clip=True),
        MaxAbsScaler(),
        RobustScaler(),
    ],
    ids=repr,
)
def test_scalers_of_float32(scaler: Any) -> None:
    table = staff(0.1)[["age", "pay", "hours"]]
    steps = make_pipeline(ApplyToCols(ToFloat()), SimpleImputer(add_indicator=True), scaler)
    check_transform(steps, table, table * 1.1)


STEPS = [
    Cleaner(),
    Cleaner(drop_if_constant=True, cast_to_float32=True, cast_to_str=True),
    DropCols(["age", "town"]),
    SelectCols(["town", "age"]),
    SelectCols(selectors.numeric() - "hours"),
    DropSimilar(threshold=0.9),
    ApplyToCols(DropUninformative(drop_if_constant=True)),
    ApplyToCols(StandardScaler(), cols=["pay", "age"]),
    ApplyToCols(CODES, cols=selectors.string(), keep_original=True, rename_columns="{}_code"),
    ApplyToCols(ToFloat(), cols=["hours", "age"], keep_original=True),
    ApplyToCols(Drop(), cols=["kind"]),
    ApplyToCols(ToCategorical(), cols=["town"]),
]


@pytest.mark.parametrize("step", STEPS, ids=range(len(STEPS)))
def test_columns(step: Any) -> None:
    table = staff()
    check_transform(make_pipeline(step, CODES), table, table)


def test_categories_and_their_means() -> None:
    table = staff()[["town", "age"]]
    steps = ApplyToCols(CatEncoder(), cols="town")
    check_transform(steps, table, pd.concat([table, table.head(2).assign(town="Paris")]), target=target(table))


PIPELINES = {
    "boosting": tabular_pipeline("classifier"),
    "logistic": tabular_pipeline(LogisticRegression()),
    "forest": tabular_pipeline(RandomForestClassifier(5, random_state=0)),
    "cleaner": make_pipeline(Cleaner(), DropCols(selectors.string()), HistGradientBoostingClassifier(max_iter=5)),
}


@pytest.mark.parametrize("name", PIPELINES)
def test_whole_pipelines(name: str, tmp_path) -> None:
    table = staff(0.1, rows=60).drop(columns=["same"] if name == "boosting" else ["same", "title"])
    pipeline = PIPELINES[name].fit(table, target(table))
    assert export(pipeline, table, tmp_path / "model.onnx").different_labels == 0


def test_inner_steps_are_asked_in_one_thread() -> None:
    table = staff()[["age", "town"]]
    fitted = Fitted(make_pipeline(TableVectorizer(n_jobs=1), Echo()).fit(table))
    with fitted.single_threaded():
        assert {getattr(step, "n_jobs", None) for _, step in fitted.steps} == {None}
    assert {getattr(step, "n_jobs", None) for _, step in fitted.steps} == {None, 1}


def test_regression_in_float32_is_told(tmp_path) -> None:
    table = staff()[["age", "pay", "town"]]
    pipeline = tabular_pipeline(RidgeCV()).fit(table, staff()["hours"])
    report = export(pipeline, table, tmp_path / "model.onnx")
    assert report.largest_difference < 1e-12
    assert "a step hands on float32" in str(report)


def test_what_is_inside_is_known() -> None:
    table = staff()
    pipeline = make_pipeline(DropCols(["age"]), TableVectorizer(), Echo()).fit(table)
    known = known_categories(pipeline, list(table))
    assert known["town"] == ["Bern", "Oslo", "Rome"]
    assert "age" not in columns_read(pipeline, list(table))
    assert Fitted(pipeline).text_columns(list(table)) == {"title"}
    assert "tablevectorizer → inner → applytoeachcol-10 → town" in [path for path, _ in walk(pipeline)]


@pytest.mark.parametrize(
    ("encoder", "reason"),
    [
        (GapEncoder(2, max_iter=2), "optimization"),
        (MinHashEncoder(n_components=3), "hashes"),
        (SimilarityEncoder(), "every category"),
        (StringEncoder(3, vectorizer="hashing"), "too many for a graph"),
    ],
    ids=lambda one: type(one).__name__,
)
def test_refused(encoder: Any, reason: str) -> None:
    table = staff()[["title"]]
    pipeline = make_pipeline(TableVectorizer(high_cardinality=encoder), Echo()).fit(table)
    with pytest.raises(ConversionError, match=reason):
        exported(pipeline, table)


def test_numbers_in_text_are_refused() -> None:
    table = pd.DataFrame({"size": ["1.5", "2", "3"] * 5})
    with pytest.raises(ConversionError, match="reads numbers from text"):
        exported(make_pipeline(TableVectorizer(), Echo()).fit(table), table)


def visits() -> pd.DataFrame:
    random = np.random.default_rng(0)
    start = pd.Timestamp("2020-02-20 10:00") + pd.to_timedelta(pd.Series(random.integers(0, 10**8, 90)), unit="s")
    stay = pd.to_timedelta(pd.Series(random.integers(0, 10**7, 90)), unit="s")
    return pd.DataFrame({"start": start, "stay": stay, "price": random.normal(size=90)})


DATES = {
    "moments": visits(),
    "gaps": visits().drop(columns="stay").mask(lambda frame: frame["price"] > 1),
    "zone": visits().assign(start=lambda frame: frame["start"].dt.tz_localize("UTC").dt.tz_convert("Europe/Rome")),
    "days in text": visits()[["price", "start"]].assign(start=lambda frame: frame["start"].dt.strftime("%Y-%m-%d")),
}


@pytest.mark.parametrize("name", DATES)
def test_dates(name: str, tmp_path) -> None:
    table = DATES[name]
    pipeline = tabular_pipeline(RandomForestClassifier(5, random_state=0)).fit(table, np.arange(90) % 3 == 0)
    report = export(pipeline, table, tmp_path / "model.onnx")
    assert report.different_labels == 0
    assert "a date, time or duration beside a border" in [check.what for check in report.checks]


@pytest.mark.parametrize("periodic", ["circular", "spline"])
def test_dates_that_come_round(periodic: str, tmp_path) -> None:
    encoder = DatetimeEncoder(add_weekday=True, add_day_of_year=True, periodic_encoding=periodic)
    table = visits().drop(columns="stay")
    steps = make_pipeline(TableVectorizer(datetime=encoder), HistGradientBoostingClassifier(max_iter=5))
    assert export(steps.fit(table, np.arange(90) % 3 == 0), table, tmp_path / "model.onnx").different_labels == 0


def test_dates_as_people_write_them_are_refused() -> None:
    table = visits()[["price", "start"]].assign(start=lambda frame: frame["start"].dt.strftime("%d/%m/%Y"))
    with pytest.raises(ConversionError, match="ISO 8601"):
        exported(make_pipeline(TableVectorizer(), Echo()).fit(table), table)


def test_numbers_alone_in_front_of_trees_are_proved(tmp_path) -> None:
    table = staff()[["pay", "age"]]
    report = export(tabular_pipeline("classifier").fit(table, target(staff())), table, tmp_path / "model.onnx")
    assert "proved equal" in str(report)
