"""Tables as people have them: types, gaps, names, what is not read."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, OrdinalEncoder, StandardScaler

import alpenglow
from alpenglow._export.errors import ConversionError, SampleError

N = 150
RANDOM = np.random.default_rng(3)
VALUES = RANDOM.normal(size=N).round(3)
WHOLE = RANDOM.integers(18, 90, N)
WORDS = RANDOM.choice(["a", "b", "c"], N)
GAPS = RANDOM.random(N) < 0.1
TARGET = (VALUES + (WORDS == "a") > 0.5).astype(int)


def gapped(values, missing) -> list:
    """Some of the values left out."""
    return [missing if gap else value for value, gap in zip(values.tolist(), GAPS, strict=True)]


NUMBERS = {
    "float64": pd.Series(gapped(VALUES, np.nan)),
    "object": pd.Series(gapped(VALUES, np.nan), dtype=object),
    "object with None": pd.Series(gapped(VALUES, None), dtype=object),
    "Int64": pd.array(gapped(WHOLE, pd.NA), dtype="Int64"),
    "Float64": pd.array(gapped(VALUES, pd.NA), dtype="Float64"),
    "pyarrow": pd.array(gapped(VALUES, None), dtype="double[pyarrow]"),
    "int8": pd.Series(WHOLE, dtype="int8"),
    "uint16": pd.Series(WHOLE, dtype="uint16"),
    "Decimal": pd.Series([Decimal(str(value)) for value in VALUES], dtype=object),
    "boolean": pd.array(gapped(VALUES > 0, pd.NA), dtype="boolean"),
    "bool": pd.Series(VALUES > 0).astype(float),
}
CATEGORIES = {
    "object": pd.Series(gapped(WORDS, np.nan), dtype=object),
    "object with None": pd.Series(gapped(WORDS, None), dtype=object),
    "str": pd.Series(gapped(WORDS, np.nan), dtype="str"),
    "string": pd.array(WORDS.tolist(), dtype="string"),
    "pyarrow": pd.array(WORDS.tolist(), dtype="string[pyarrow]"),
    "category": pd.Categorical(gapped(WORDS, np.nan)),
    "category of numbers": pd.Categorical(WHOLE % 4),
    "bool": pd.Series(VALUES > 0),
    "object of bool": pd.Series(gapped(VALUES > 0, np.nan), dtype=object),
}


def same(pipeline, table: pd.DataFrame, path) -> alpenglow.Loaded:
    """Export on the table; the graph predicts each of its rows, gaps included, as scikit-learn does."""
    alpenglow.export(pipeline, table, path)
    model = alpenglow.load(path)
    assert model.predict(table).tolist() == pipeline.predict(table).tolist()
    return model


@pytest.mark.parametrize("kind", NUMBERS)
def test_numbers_of_any_type_are_numbers(kind, tmp_path) -> None:
    table = pd.DataFrame({"x": NUMBERS[kind], "y": VALUES})
    pipeline = make_pipeline(SimpleImputer(), StandardScaler(), LogisticRegression()).fit(table, TARGET)
    model = same(pipeline, table, tmp_path / "m.onnx")
    assert model.signature.columns[0].nullable


@pytest.mark.parametrize("kind", CATEGORIES)
def test_categories_of_any_type_are_categories(kind, tmp_path) -> None:
    table = pd.DataFrame({"x": CATEGORIES[kind], "y": VALUES})
    encoder = make_column_transformer((OneHotEncoder(handle_unknown="ignore"), ["x"]), remainder="passthrough")
    same(
        make_pipeline(encoder, RandomForestClassifier(5, random_state=0)).fit(table, TARGET), table, tmp_path / "m.onnx"
    )


@pytest.mark.parametrize("missing", [None, np.nan])
def test_a_client_s_null_is_what_the_sample_s_missing_values_are(missing, tmp_path) -> None:
    """An encoder knows None, or NaN, as a category of its own."""
    words = pd.Series(gapped(WORDS, missing), dtype=object)
    target = (words.isna() | (words == "a")).astype(int)
    encoder = make_column_transformer((OneHotEncoder(handle_unknown="ignore"), ["x"]), remainder="passthrough")
    table = pd.DataFrame({"x": words, "y": VALUES})
    model = same(make_pipeline(encoder, LogisticRegression()).fit(table, target), table, tmp_path / "m.onnx")
    assert model.predict([{"x": None, "y": 0.0}]).tolist() == [1]


def test_both_kinds_of_missing_values_in_a_column_are_one(tmp_path) -> None:
    words = pd.Series(gapped(WORDS, None), dtype=object)
    words.iloc[np.flatnonzero(GAPS)[-1]] = np.nan
    table = pd.DataFrame({"x": words, "y": VALUES})
    imputed = make_pipeline(SimpleImputer(missing_values=None, strategy="constant", fill_value="?"), OrdinalEncoder())
    first = table[table["x"].map(lambda value: not isinstance(value, float))]
    encoder = make_column_transformer((imputed, ["x"]), remainder="passthrough")
    pipeline = make_pipeline(encoder, RandomForestClassifier(5, random_state=0)).fit(first, TARGET[first.index])
    alpenglow.export(pipeline, table, tmp_path / "m.onnx")


def test_what_is_not_read_may_be_anything(tmp_path) -> None:
    table = pd.DataFrame(
        {
            "when": pd.date_range("2024-01-01", periods=N),
            "x": VALUES,
            "tags": [["a"], []] * (N // 2),
            "id": [i if i % 2 else f"K{i}" for i in range(N)],
        }
    )
    pipeline = make_pipeline(make_column_transformer((StandardScaler(), ["x"])), Ridge()).fit(table, VALUES)
    alpenglow.export(pipeline, table, tmp_path / "m.onnx")
    model = alpenglow.load(tmp_path / "m.onnx")
    assert [column.name for column in model.signature.columns] == ["x"]
    np.testing.assert_allclose(model.predict(table), pipeline.predict(table), rtol=1e-12)


@pytest.mark.parametrize("member", ["drop", "passthrough"])
def test_a_union_s_member_may_be_a_word(member, tmp_path) -> None:
    table = pd.DataFrame({"x": VALUES, "y": WHOLE.astype(float)})
    union = FeatureUnion([("s", StandardScaler()), ("m", MinMaxScaler())]).set_params(m=member)
    same(make_pipeline(union, LogisticRegression()).fit(table, TARGET), table, tmp_path / "m.onnx")


def test_a_booster_s_own_categories(tmp_path) -> None:
    table = pd.DataFrame({"x": pd.Categorical(WORDS), "y": VALUES})
    booster = HistGradientBoostingClassifier(max_iter=5, categorical_features="from_dtype").fit(table, TARGET)
    same(booster, table, tmp_path / "m.onnx")


@pytest.mark.parametrize("kind", [np.float32, np.float16])
@pytest.mark.parametrize("as_array", [True, False])
@pytest.mark.parametrize(
    "make",
    [
        lambda: make_pipeline(StandardScaler(), LogisticRegression()),
        lambda: RandomForestClassifier(5, random_state=0),
        lambda: HistGradientBoostingClassifier(max_iter=5),
    ],
    ids=["linear", "forest", "booster"],
)
def test_what_was_fitted_on_float32_is_exact_on_the_same_numbers(make, as_array, kind, tmp_path) -> None:
    table = pd.DataFrame(RANDOM.normal(size=(N, 3)), columns=["x0", "x1", "x2"]).astype(kind)
    sample = table.to_numpy() if as_array else table
    pipeline = make().fit(sample, TARGET)
    report = alpenglow.export(pipeline, sample, tmp_path / "m.onnx")
    wide = sample.astype(np.float64)
    answers = alpenglow.load(tmp_path / "m.onnx").predict_proba(wide)
    np.testing.assert_allclose(answers, pipeline.predict_proba(wide), rtol=1e-12)
    far = np.abs(answers - pipeline.predict_proba(sample)).max()
    assert any("float32" in note for note in report.notes) == bool(far > 1e-12)


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        (pd.MultiIndex.from_tuples([("a", "b"), ("a", "c")]), "names of several levels"),
        (["x", "x"], "two columns of one name: 'x'"),
        (["x", ""], "column 1 has no name"),
        (["x", "label"], "a column is named 'label'"),
    ],
)
def test_names_that_cannot_be_said_in_a_request_are_refused(columns, reason, tmp_path) -> None:
    table = pd.DataFrame(np.c_[VALUES, VALUES[::-1]])
    pipeline = LogisticRegression().fit(table.to_numpy(), TARGET)
    table.columns = columns
    if reason.startswith(("column 1", "a column")):
        pipeline = LogisticRegression().fit(table, TARGET)
    with pytest.raises((SampleError, ConversionError), match=reason):
        alpenglow.export(pipeline, table, tmp_path / "m.onnx")


def test_names_may_be_numbers(tmp_path) -> None:
    table = pd.DataFrame(np.c_[VALUES, VALUES[::-1]])
    alpenglow.export(LogisticRegression().fit(table.to_numpy(), TARGET), table, tmp_path / "m.onnx")
    assert [column.name for column in alpenglow.load(tmp_path / "m.onnx").signature.columns] == ["0", "1"]


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("x", np.nan, "row 5 of the sample, column 'x', which holds nan: "),
        ("x", np.inf, "row 5 of the sample, column 'x', which holds inf: "),
        ("t", "new", "row 5 of the sample, column 't', which holds 'new': Found unknown categories"),
        ("x", "7.5 kg", "row 5 of column 'x' holds '7.5 kg'"),
        ("t", 7, "row 5 of column 't' holds 7"),
    ],
)
def test_a_row_that_scikit_learn_refuses_is_named(column, value, reason, tmp_path) -> None:
    table = pd.DataFrame({"x": VALUES, "t": WORDS})
    encoder = make_column_transformer((OneHotEncoder(), ["t"]), (StandardScaler(), ["x"]))
    pipeline = make_pipeline(encoder, LogisticRegression()).fit(table, TARGET)
    odd = table.astype({column: object}) if (isinstance(value, str) and column == "x") or value == 7 else table.copy()
    odd.loc[5, column] = value
    with pytest.raises(SampleError, match=reason):
        alpenglow.export(pipeline, odd, tmp_path / "m.onnx")


@pytest.mark.parametrize(
    ("sample", "reason"),
    [
        (7, "no table"),
        ("rows.csv", "no table"),
        ([], "no table|no rows"),
        (np.zeros((3, 2, 2)), "3 dimensions"),
        (pd.DataFrame({"x": []}), "no rows"),
        (pd.DataFrame({"z": [1.0]}), "lacks columns that the pipeline was fitted on: 'x', 't'; it has 'z'"),
    ],
)
def test_what_is_no_table_is_refused(sample, reason, tmp_path) -> None:
    table = pd.DataFrame({"x": VALUES, "t": WORDS})
    encoder = make_column_transformer((OneHotEncoder(), ["t"]), (StandardScaler(), ["x"]))
    pipeline = make_pipeline(encoder, LogisticRegression()).fit(table, TARGET)
    with pytest.raises(SampleError, match=reason):
        alpenglow.export(pipeline, sample, tmp_path / "m.onnx")
