"""category_encoders: each value becomes what it does there, to the last bit, as do missing and unknown ones."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier

import alpenglow
from alpenglow._export.errors import ConversionError, PipelineError
from alpenglow._export.pipeline.describe import describe_columns
from alpenglow._export.pipeline.fitted import Fitted
from alpenglow._serve.signature import Column
from tests.export.converters.echo import check_transform
from tests.export.helpers import check_same, exported

ce = pytest.importorskip("category_encoders")

from category_encoders.wrapper import NestedCVWrapper, PolynomialWrapper  # noqa: E402

UNSUPERVISED = [
    "BackwardDifferenceEncoder",
    "BaseNEncoder",
    "BinaryEncoder",
    "CountEncoder",
    "GrayEncoder",
    "HelmertEncoder",
    "OneHotEncoder",
    "OrdinalEncoder",
    "PolynomialEncoder",
    "RankHotEncoder",
    "SumEncoder",
]
SUPERVISED = [
    "CatBoostEncoder",
    "JamesSteinEncoder",
    "LeaveOneOutEncoder",
    "MEstimateEncoder",
    "QuantileEncoder",
    "SummaryEncoder",
    "TargetEncoder",
    "WOEEncoder",
]
ENCODERS = [*UNSUPERVISED, *SUPERVISED]
TEXTS = ["a", "B", "", "ü", "new york ", "a_1", "nan", "1", "0\x00", "😀"]


def table() -> pd.DataFrame:
    """Text, whole numbers, numbers and booleans, all to be encoded, among two columns that are not."""
    random = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "before": random.normal(size=80).round(2),
            "text": random.choice(TEXTS[:6], 80),
            "code": random.choice([1, 2, 30, -4], 80),
            "between": random.normal(size=80).round(2),
            "size": random.choice([0.1, 2.5, 7.0], 80),
            "flag": random.random(80) > 0.3,
        }
    )


ENCODED = ["flag", "text", "code", "size"]


def target(rows: int) -> Any:
    """Zeros and ones."""
    return (np.random.default_rng(1).random(rows) > 0.4).astype(int)


def with_gaps(features: pd.DataFrame, gap: Any = None) -> pd.DataFrame:
    """The same with a sixth of the text and of the numbers missing."""
    gaps = np.random.default_rng(2).random((len(features), 2)) < 1 / 6
    text = features["text"].astype(object)
    text[gaps[:, 0]] = gap
    return features.assign(text=text, size=features["size"].mask(gaps[:, 1]))


def others(features: pd.DataFrame) -> pd.DataFrame:
    """Rows with values of which none were known, one column after the other, and with missing ones."""
    row = features.iloc[[0]]
    changes: list[dict[str, Any]] = [{"text": text} for text in [*TEXTS, "A", "a ", "other"]]
    changes += [{"code": float(code)} for code in (0, 1.5, 2, 3, -1e300)]
    changes += [{"size": size} for size in (0.1, 0.1 + 1e-16, 0.1 + 2e-17, 2.5000000000000004, -0.0)]
    changes += [{"flag": True}, {"flag": False}]
    return pd.concat([row.assign(**change) for change in changes], ignore_index=True).astype({"flag": bool})


@pytest.mark.parametrize("name", ENCODERS)
@pytest.mark.parametrize("gap", ["none", None, np.nan], ids=["whole", "None", "NaN"])
def test_each_value(name, gap) -> None:
    features = table() if gap == "none" else with_gaps(table(), gap)
    encoder = getattr(ce, name)(cols=ENCODED)
    check_transform(encoder, features, pd.concat([features, others(features)]), target=target(len(features)))


@pytest.mark.parametrize("name", ENCODERS)
@pytest.mark.parametrize(("unknown", "missing"), [("return_nan", "value"), ("value", "return_nan")])
def test_unknown_and_missing_ones(name, unknown, missing) -> None:
    features = table()
    encoder = getattr(ce, name)(cols=["text", "size"], handle_unknown=unknown, handle_missing=missing)
    gaps = with_gaps(features, np.nan)
    rows = pd.concat([others(features), gaps.astype({"text": object})])
    check_transform(encoder, features, rows, target=target(len(features)))
    check_transform(clone(encoder), gaps, pd.concat([gaps, others(gaps)]), target=target(len(features)))


@pytest.mark.parametrize("name", ["BackwardDifferenceEncoder", "HelmertEncoder", "OneHotEncoder", "SumEncoder"])
def test_indicators(name) -> None:
    features = with_gaps(table(), np.nan)
    encoder = getattr(ce, name)(cols=["text"], handle_unknown="indicator", handle_missing="indicator")
    check_transform(encoder, features, pd.concat([features, others(features)]))


@pytest.mark.parametrize("name", ENCODERS)
def test_those_that_refuse_unknown_and_missing_ones(name) -> None:
    features = table()
    encoder = getattr(ce, name)(cols=["text"], handle_unknown="error", handle_missing="error")
    model = make_pipeline(encoder, StandardScaler(), tree()).fit(features, target(len(features)))
    column = described(model, features)["text"]
    assert column.closed
    assert not column.nullable
    assert set(column.categories or ()) == set(features["text"])
    check_same(model, features)


@pytest.mark.parametrize("dtype", ["object", "category", "string", "str"])
@pytest.mark.parametrize(
    "name", ["CatBoostEncoder", "CountEncoder", "LeaveOneOutEncoder", "OneHotEncoder", "WOEEncoder"]
)
def test_types_of_text(name, dtype) -> None:
    features = with_gaps(table(), np.nan).astype({"text": dtype})
    model = make_pipeline(getattr(ce, name)(), tree()).fit(features, target(len(features)))
    check_same(model, features)
    assert set(TEXTS[:6]) <= set(described(model, features)["text"].categories or ())


@pytest.mark.parametrize(
    "encoder",
    [
        ce.TargetEncoder(smoothing=3, min_samples_leaf=1),
        ce.TargetEncoder(hierarchy={"text": {"one": ("a", "B", ""), "two": ("ü", "new york ", "a_1")}}, cols=["text"]),
        ce.LeaveOneOutEncoder(sigma=0.3, random_state=0),
        ce.CatBoostEncoder(sigma=0.3, a=2, random_state=0),
        ce.JamesSteinEncoder(randomized=True, model="binary", random_state=0),
        ce.JamesSteinEncoder(model="pooled"),
        ce.MEstimateEncoder(randomized=True, m=5, random_state=0),
        ce.WOEEncoder(randomized=True, regularization=0.5, random_state=0),
        ce.SummaryEncoder(quantiles=(0.1, 0.5, 0.9), m=3),
        ce.CountEncoder(normalize=True, min_group_size=12),
        ce.CountEncoder(min_group_size=0.2, min_group_name="rest", cols=["text", "code"]),
        ce.CountEncoder(handle_unknown=7),
        ce.BaseNEncoder(base=3),
        ce.BaseNEncoder(base=1),
        ce.OneHotEncoder(use_cat_names=True),
        ce.OneHotEncoder(drop_invariant=True, cols=["text", "before"]),
        ce.OrdinalEncoder(mapping=[{"col": "text", "mapping": {"a": 3, "B": 1, None: 9}}], cols=["text", "code"]),
        ce.OrdinalEncoder(cols=["text"]).set_output(transform="pandas"),
        NestedCVWrapper(ce.LeaveOneOutEncoder(), random_state=0),
    ],
    ids=lambda encoder: str(encoder)[:60],
)
def test_options(encoder) -> None:
    features = table()
    if encoder.get_params().get("drop_invariant"):
        features["text"] = "always"
    check_transform(encoder, features, pd.concat([features, others(features)]), target=target(len(features)))


@pytest.mark.parametrize("name", ["OrdinalEncoder", "TargetEncoder", "OneHotEncoder"])
def test_rare_ones_together(name) -> None:
    if not hasattr(ce.utils.BaseEncoder, "_fit_min_group_lumping"):
        pytest.skip("this version leaves rare ones alone")
    features = with_gaps(table(), np.nan)
    encoder = getattr(ce, name)(cols=["text", "code"], min_group_size=14)
    check_transform(encoder, features, pd.concat([features, others(features)]), target=target(len(features)))


def test_several_classes() -> None:
    features = table()
    classes = np.array(["x", "y", "z"])[np.arange(80) % 3]
    rows = pd.concat([features, others(features)])
    check_transform(PolynomialWrapper(ce.TargetEncoder(cols=["text", "code"])), features, rows, target=classes)
    if hasattr(ce, "CountTargetEncoder"):
        check_transform(ce.CountTargetEncoder(cols=["text", "code"]), features, rows, target=classes)


def test_a_number_as_target() -> None:
    features = table()
    rows = pd.concat([features, others(features)])
    for name in ("TargetEncoder", "JamesSteinEncoder", "QuantileEncoder", "LeaveOneOutEncoder"):
        check_transform(getattr(ce, name)(cols=ENCODED), features, rows, target=features["before"] * 3)


def test_text_that_is_not_encoded_is_handed_on() -> None:
    features = table()
    rest = make_column_transformer((OneHotEncoder(handle_unknown="ignore"), ["text"]), remainder="passthrough")
    model = make_pipeline(ce.BinaryEncoder(cols=["code"]), rest, tree()).fit(features, target(80))
    check_same(model, features, others(features))


def test_inside_others() -> None:
    features = table()
    steps = [(OneHotEncoder(), ["flag"]), (StandardScaler(), ["size"]), (ce.WOEEncoder(), ["text"])]
    model = make_pipeline(make_column_transformer(*steps), tree())
    search = GridSearchCV(model, {"columntransformer__woeencoder__regularization": [1, 2]}, cv=2)
    check_same(search.fit(features, target(80)).best_estimator_, features, others(features))


def test_an_array_on_the_way() -> None:
    features = table()
    columns = make_column_transformer(("passthrough", ["text", "size"]))
    model = make_pipeline(columns, ce.TargetEncoder(cols=[0]), tree()).fit(features, target(80))
    check_same(model, features, others(features))


def test_an_array_from_the_start_is_refused() -> None:
    features = table()[["text", "code"]]
    model = make_pipeline(ce.OrdinalEncoder(), tree()).fit(features.to_numpy(), target(80))
    with pytest.raises(PipelineError, match="whose columns have names"):
        alpenglow.export(model, features, "never.onnx")


def test_the_signature_has_the_categories() -> None:
    features = table()
    model = make_pipeline(ce.OneHotEncoder(cols=["text", "code"]), tree()).fit(features, target(80))
    columns = described(model, features)
    assert set(columns["text"].categories or ()) == set(TEXTS[:6])
    assert not columns["text"].closed
    assert columns["text"].nullable
    assert columns["code"].categories is None


def test_parts_of_texts_are_refused() -> None:
    if not hasattr(ce, "MultiHotEncoder"):
        pytest.skip("this version has no such encoder")
    features = table()
    model = make_pipeline(ce.MultiHotEncoder(), tree()).fit(features, target(80))
    with pytest.raises(ConversionError, match="takes texts apart"):
        exported(model, features)


def test_columns_that_are_encoded_as_one_are_refused() -> None:
    if "composite_cols" not in ce.TargetEncoder().get_params():
        pytest.skip("this version has no such option")
    features = table()
    encoder = ce.TargetEncoder(cols=["text"], composite_cols=[("text", "code")])
    model = make_pipeline(encoder, tree()).fit(features, target(80))
    with pytest.raises(ConversionError, match="composite_cols"):
        exported(model, features)


@pytest.mark.parametrize("gap", ["none", None, np.nan], ids=["whole", "None", "NaN"])
def test_hashes_of_the_values_in_the_sample(gap, tmp_path) -> None:
    features = table() if gap == "none" else with_gaps(table(), gap)
    features["town"] = np.random.default_rng(3).choice(["x", "y", "z"], 80)
    encoder = ce.HashingEncoder(n_components=4, cols=["flag", "town", "text"], max_process=1)
    check_transform(encoder, features)
    model = make_pipeline(clone(encoder), tree()).fit(features, target(80))
    report = alpenglow.export(model, features, tmp_path / "model.onnx")
    assert report.exact
    assert any("'text', 'town': the service takes the values of the sample" in note for note in report.notes)
    column = described(model, features)["text"]
    assert column.closed
    assert set(column.categories or ()) == set(features["text"].dropna())
    served = alpenglow.load(tmp_path / "model.onnx")
    assert served.predict(features).tolist() == model.predict(features).tolist()
    with pytest.raises(ValueError, match="other"):
        served.predict(features.head(1).assign(text="other"))


def test_hashes_of_numbers_are_refused() -> None:
    features = table().drop(columns="text")
    model = make_pipeline(ce.HashingEncoder(cols=["code"], max_process=1), tree()).fit(features, target(80))
    with pytest.raises(ConversionError, match="make text of 'code' before"):
        exported(model, features)


@settings(max_examples=60)
@given(st.data())
def test_random_tables(data) -> None:
    """Any texts and numbers, few of each, with gaps; then others that were drawn alike."""
    texts = st.one_of(st.none(), st.text(max_size=3), st.sampled_from(["a", "A", " a", ""]))
    values = st.one_of(st.just(np.nan), st.integers(-2, 3).map(float), st.floats(allow_nan=False, allow_infinity=False))
    rows = st.lists(st.tuples(texts, values), min_size=12, max_size=30)
    fitted, asked = (frame(data.draw(rows)) for _ in range(2))
    name = data.draw(st.sampled_from(ENCODERS))
    options = {
        "handle_unknown": data.draw(st.sampled_from(["value", "return_nan"])),
        "handle_missing": data.draw(st.sampled_from(["value", "return_nan"])),
    }
    encoder = getattr(ce, name)(cols=["text", "number"], **options)
    check_transform(encoder, fitted, asked, target=np.arange(len(fitted)) % 2)


def frame(rows: list[tuple[str | None, float]]) -> pd.DataFrame:
    """A table with at least one text, so that it is a column of text."""
    table = pd.DataFrame(rows, columns=["text", "number"]).astype({"text": object, "number": float})
    table.loc[0, ["text", "number"]] = ["a", 1.0]
    table.loc[1, "text"] = None
    return table


def test_the_whole_export(tmp_path) -> None:
    features = with_gaps(table())
    model = make_pipeline(ce.TargetEncoder(), tree()).fit(features, target(80))
    assert alpenglow.export(model, features, tmp_path / "model.onnx").exact
    served = alpenglow.load(tmp_path / "model.onnx")
    assert served.predict(features).tolist() == model.predict(features).tolist()
    strange = features.head().assign(text=["other", "", "Ü", None, "a"])
    assert served.predict(strange).tolist() == model.predict(strange).tolist()


def tree() -> DecisionTreeClassifier:
    return DecisionTreeClassifier(random_state=0)


def described(model: Any, features: pd.DataFrame) -> dict[str, Column]:
    return {column.name: column for column in describe_columns(Fitted(model), features)}
