"""interpret's explainable boosting machines."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.compose import make_column_transformer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

import alpenglow
from alpenglow._export.api import export
from alpenglow._export.converters.libraries.interpret import number_of, text_of
from alpenglow._export.errors import ConversionError
from tests.export.helpers import check_same, exported

glassbox = pytest.importorskip("interpret.glassbox")
privacy = pytest.importorskip("interpret.privacy")
FEW: dict[str, Any] = {"max_rounds": 20, "outer_bags": 2, "n_jobs": 1, "interactions": 4}
KINDS = {
    "x": "continuous",
    "z": "continuous",
    "hour": "nominal",
    "flag": "nominal",
    "size": "ordinal",
    "town": "nominal",
}


pytestmark = pytest.mark.filterwarnings("ignore")  # interpret warns of ordinals without an order, and of small samples


def table(seed: int = 0, rows: int = 300) -> tuple[pd.DataFrame, NDArray[np.float64]]:
    """Numbers and texts, as such and as categories, with gaps in most."""
    random = np.random.default_rng(seed)

    def gaps(values: Any) -> Any:
        return np.where(random.random(rows) < 0.1, np.nan, values)

    sample = pd.DataFrame(
        {
            "x": random.normal(size=rows),
            "z": gaps(random.normal(size=rows).round(1)),
            "hour": gaps(random.choice([0.0, 7.0, -2.5, 1e20, 1e-7], rows)),
            "flag": random.random(rows) < 0.5,
            "size": random.integers(1, 4, rows),
            "town": pd.Series(random.choice(["a", "b", "", " c"], rows)).where(random.random(rows) < 0.9, None),
        }
    )
    target = sample["x"] + sample["z"].fillna(0) * sample["flag"] + (sample["town"] == "a") * (sample["size"] > 1)
    return sample, target.to_numpy(np.float64)


def unusual(sample: pd.DataFrame, model: Any) -> pd.DataFrame:
    """The rows, those on each cut and beside it, and such with gaps and unknown categories."""
    changed = [sample.head(9).assign(town=text) for text in ("A", "unknown", "c", "nan")]
    for name in ("hour", "size"):
        changed += [sample.head(9).assign(**{name: number}) for number in (np.nan, 2.0, 2.5, -0.0, 1e20, 1e300, np.inf)]
    for name in ("x", "z"):
        (cuts, *_) = model.bins_[list(sample).index(name)]
        on = np.r_[cuts, np.nextafter(cuts, -np.inf), np.nextafter(cuts, np.inf), np.nan, -0.0, np.inf, -np.inf, 1e300]
        changed.append(sample.iloc[np.arange(len(on)) % len(sample)].assign(**{name: on}))
    return pd.concat([sample, *changed], ignore_index=True)


@pytest.mark.parametrize("objective", ["rmse", "poisson_deviance", "gamma_deviance", "pseudo_huber:delta=1.0"])
def test_it_predicts_numbers(objective) -> None:
    sample, target = table()
    model = glassbox.ExplainableBoostingRegressor(**FEW, objective=objective, feature_types=[*KINDS.values()])
    model.fit(sample, np.exp(target / 3))
    assert any(len(term) > 1 for term in model.term_features_)
    check_same(model, sample, unusual(sample, model), tolerance=0.0 if model.link_ == "identity" else 1e-15)


@pytest.mark.parametrize("classes", [["a", "b"], [False, True], [5, 2, 9], ["a", "c", "b"]], ids=str)
def test_it_classifies(classes) -> None:
    sample, target = table()
    labels = np.array(classes)[np.digitize(target, [0, 1][: len(classes) - 1])]
    model = glassbox.ExplainableBoostingClassifier(**FEW, feature_types=[*KINDS.values()]).fit(sample, labels)
    check_same(model, sample, unusual(sample, model), tolerance=1e-15)


def test_a_merged_machine_of_several_classes_has_a_logistic_function_for_each() -> None:
    sample, target = table()
    model = glassbox.ExplainableBoostingClassifier(**FEW).fit(sample, np.digitize(target, [0, 1]))
    model.link_ = "vlogit"
    check_same(model, sample, unusual(sample, model), tolerance=1e-15)


@settings(max_examples=10, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    classes=st.integers(0, 3).filter(lambda count: count != 1),
    kinds=st.lists(st.sampled_from(["auto", "given"]), min_size=6, max_size=6),
)
def test_any_machine_is_exact(seed, classes, kinds) -> None:
    sample, target = table(seed)
    types = ["auto" if kind == "auto" else given for kind, given in zip(kinds, KINDS.values(), strict=True)]
    if classes:
        labels = np.digitize(target, [0, 1][: classes - 1])
        model = glassbox.ExplainableBoostingClassifier(**FEW, feature_types=types).fit(sample, labels)
    else:
        model = glassbox.ExplainableBoostingRegressor(**FEW, feature_types=types).fit(sample, target)
    check_same(model, sample, unusual(sample, model), tolerance=1e-15 if classes else 0.0)


def test_a_private_machine_is_exact() -> None:
    sample, target = table()
    sample = sample[["x", "town", "flag"]].fillna({"town": "b"})
    options: dict[str, Any] = {"privacy_bounds": np.array([[-4.0, 4.0]] * 3)}
    check_same(
        privacy.DPExplainableBoostingClassifier(**options).fit(sample, target > 0),
        sample,
        sample.assign(town="A"),
        tolerance=1e-15,
    )
    ends = {"privacy_target_min": -5.0, "privacy_target_max": 5.0}
    check_same(privacy.DPExplainableBoostingRegressor(**options, **ends).fit(sample, target), sample)


def test_it_is_exported_alone_and_behind_others(tmp_path) -> None:
    sample, target = table()
    model = glassbox.ExplainableBoostingClassifier(**FEW).fit(sample, target > 0)
    report = export(model, sample, tmp_path / "model.onnx")
    assert report.exact
    assert {check.what for check in report.checks} >= {"a missing value", "a threshold or edge", "an unknown category"}
    served = alpenglow.load(tmp_path / "model.onnx").predict(sample.head())
    np.testing.assert_array_equal(served, model.predict(sample.head()))
    columns = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore", sparse_output=False), ["town"]), (StandardScaler(), ["x", "z"])
    )
    behind = make_pipeline(columns, glassbox.ExplainableBoostingRegressor(**FEW)).fit(sample, target)
    assert export(behind, sample, tmp_path / "model.onnx").exact
    matrix = sample[["x", "z"]].to_numpy()
    assert export(
        glassbox.ExplainableBoostingRegressor(**FEW).fit(matrix, target), matrix, tmp_path / "model.onnx"
    ).exact


def test_what_cannot_be_followed_is_refused() -> None:
    sample, target = table()
    with pytest.raises(ConversionError, match="it was fitted on a single class"):
        exported(glassbox.ExplainableBoostingClassifier(**FEW).fit(sample, np.zeros(len(sample))), sample)
    texts = sample.assign(town=sample["z"].fillna(0).astype(str))
    model = glassbox.ExplainableBoostingClassifier(**FEW).fit(texts, target > 0)
    with pytest.raises(ConversionError, match="it takes the texts of column 'town' for numbers"):
        exported(model, texts)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_the_category_of_its_text(number) -> None:
    assert number_of(text_of(number)) == number


def test_another_spelling_of_a_number_is_no_category_of_it() -> None:
    assert text_of(number_of("1.0")) != "1.0"
    assert text_of(100.0) == "100"
    assert text_of(-0.0) == "0"
    assert np.isnan(number_of("one"))
