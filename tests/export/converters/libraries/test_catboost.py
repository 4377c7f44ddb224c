"""CatBoost's estimators and models: numbers, categories, all losses."""

from typing import Any

import numpy as np
import onnx
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import make_column_transformer
from sklearn.ensemble import VotingClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

import alpenglow
from alpenglow._export.api import export
from alpenglow._export.converters.libraries.catboost import statistics
from alpenglow._export.converters.libraries.catboost.categories import hashed, written
from alpenglow._export.converters.libraries.catboost.dumped import dumped
from alpenglow._export.errors import ConversionError, SampleError
from alpenglow._export.gate.boundaries import boundary_rows
from alpenglow._export.gate.movable import Rows
from alpenglow._export.pipeline.fitted import Fitted
from alpenglow._export.proved.claims import claims
from tests.export.helpers import check_same, exported

catboost = pytest.importorskip("catboost")
FEW: dict[str, Any] = {"iterations": 12, "verbose": 0, "allow_writing_files": False, "thread_count": 1}
POLICIES = ["SymmetricTree", "Depthwise", "Lossguide"]


def table(seed: int = 0, rows: int = 400) -> tuple[pd.DataFrame, NDArray[np.float64]]:
    """Numbers, one of them with gaps, columns of text of few, of some and of many values, and a number to predict."""
    random = np.random.default_rng(seed)
    sample = pd.DataFrame(
        {
            "letter": random.choice(list("abcdefgh"), rows),
            "x": random.normal(size=rows),
            "colour": random.choice(["red", "green"], rows),
            "z": np.where(random.random(rows) < 0.1, np.nan, random.normal(size=rows)),
            "town": random.choice([f"town {i}" for i in range(40)], rows),
        }
    )
    letters = (sample["letter"] > "d") * 1.0 + (sample["colour"] == "red") * (sample["letter"] < "c")
    return sample, (sample["x"] + letters + random.normal(size=rows) / 3).to_numpy()


def numbers() -> tuple[pd.DataFrame, NDArray[np.float64]]:
    sample, target = table()
    return sample[["x", "z"]], target


def unusual(sample: pd.DataFrame) -> pd.DataFrame:
    """The rows, and such with gaps, infinities and unknown categories."""
    texts = [name for name in sample if not pd.api.types.is_numeric_dtype(sample[name])]
    others = [sample.assign(**{name: text}) for name in texts for text in ("unknown", "", "A")]
    ends = [np.nan, np.inf, -np.inf, *(np.array([1, -1]) * np.finfo(np.float32).max), 1e300, -0.0]
    odd = [sample.head(20).assign(**{name: end}) for name in sample if name not in texts for end in ends]
    return pd.concat([sample, *others, *odd], ignore_index=True)


def edges(model: Any, sample: pd.DataFrame) -> pd.DataFrame:
    """Rows on every border and beside it."""
    found, reached, total = boundary_rows(Fitted(model), Rows(sample, list(sample)))
    assert reached > 0.8 * total > 0
    return pd.concat([unusual(sample), found])


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("gaps", ["Min", "Max"])
@pytest.mark.parametrize("scale", [None, (2.5, 0.3)])
def test_numbers_are_added_bit_by_bit(policy, gaps, scale) -> None:
    sample, target = numbers()
    model = catboost.CatBoostRegressor(**FEW, grow_policy=policy, nan_mode=gaps).fit(sample, target)
    if scale:
        model.set_scale_and_bias(*scale)
    check_same(model, sample, edges(model, sample))


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("loss", ["MultiClass", "MultiClassOneVsAll"])
@pytest.mark.parametrize("classes", [["a", "b", "c"], [False, True, True], [3, 1, 2], [0.0, 2.0, 5.0]], ids=str)
def test_it_tells_one_of_several_classes(policy, loss, classes) -> None:
    sample, target = numbers()
    labels = np.array(classes)[np.digitize(target, [0, 1])]
    model = catboost.CatBoostClassifier(**FEW, grow_policy=policy, loss_function=loss).fit(sample, labels)
    check_same(model, sample, edges(model, sample), tolerance=1e-15)


@pytest.mark.parametrize("classes", [["no", "yes"], [False, True], [7, 3]], ids=str)
@pytest.mark.parametrize("threshold", [None, 0.0, 0.3, 0.912, 1.0])
def test_it_tells_one_of_two_classes_by_its_threshold(classes, threshold) -> None:
    sample, target = numbers()
    model = catboost.CatBoostClassifier(**FEW).fit(sample, np.array(classes)[(target > 0.5).astype(int)])
    if threshold is not None:
        model.set_probability_threshold(threshold)
    check_same(model, sample, edges(model, sample), tolerance=1e-15)


def test_a_class_is_chosen_though_its_probability_is_one_half() -> None:
    sample = pd.DataFrame({"x": [0.0, 1.0] * 4})
    model = catboost.CatBoostClassifier(**FEW | {"iterations": 1}).fit(sample, [0, 1] * 4)
    for bias in (1e-17, -1e-17, 0.0):
        model.set_scale_and_bias(0.0, bias)
        assert (model.predict_proba(sample)[:, 1] == 0.5).all()
        check_same(model, sample)
    assert export(model, sample, "/dev/null", witnesses=False).exact


@pytest.mark.parametrize(
    "loss",
    [
        "RMSE",
        "MAE",
        "Quantile:alpha=0.7",
        "MultiQuantile:alpha=0.1,0.5",
        "LogLinQuantile",
        "Poisson",
        "Tweedie:variance_power=1.5",
        "Expectile:alpha=0.3",
        "Huber:delta=1",
        "Lq:q=1.5",
        "LogCosh",
        "MAPE",
        "RMSEWithUncertainty",
        "MultiRMSE",
    ],
)
def test_all_losses_of_regression(loss) -> None:
    sample, target = numbers()
    several = np.c_[target, target**2] if loss == "MultiRMSE" else np.exp(target / 4)
    model = catboost.CatBoostRegressor(**FEW, loss_function=loss).fit(sample, several)
    powers = loss.split(":")[0] in ("Poisson", "Tweedie", "RMSEWithUncertainty")
    check_same(model, sample, edges(model, sample), tolerance=1e-15 if powers else 0.0)


def test_other_losses_of_classification() -> None:
    sample, target = numbers()
    shares = 1 / (1 + np.exp(-target))
    for loss, wanted in (("CrossEntropy", shares), ("Focal:focal_alpha=0.5;focal_gamma=2", target > 0)):
        check_same(catboost.CatBoostClassifier(**FEW, loss_function=loss).fit(sample, wanted), sample, tolerance=1e-15)
    model = catboost.CatBoostClassifier(**FEW, loss_function="MultiLogloss").fit(sample, np.c_[target > 0, target > 1])
    with pytest.raises(ConversionError, match="it has the loss MultiLogloss, and several labels"):
        exported(model, sample)


class Logistic:
    """A loss of the user's own."""

    def calc_ders_range(self, approxes: Any, targets: Any, weights: Any) -> list[Any]:
        shares = 1 / (1 + np.exp(-np.array(approxes)))
        return list(zip(np.array(targets) - shares, shares * (shares - 1), strict=True))


def test_a_loss_of_the_users_own() -> None:
    sample, target = numbers()
    model = catboost.CatBoostClassifier(**FEW, loss_function=Logistic(), eval_metric="Logloss")
    check_same(model.fit(sample, (target > 0.5).astype(int)), sample, tolerance=1e-15)


def test_a_ranker_and_a_native_model_predict_scores(tmp_path) -> None:
    sample, target = numbers()
    model = catboost.CatBoostClassifier(**FEW).fit(sample, np.digitize(target, [0, 1]))
    model.save_model(str(tmp_path / "model.cbm"))
    native = catboost.CatBoost().load_model(str(tmp_path / "model.cbm"))
    ranker = catboost.CatBoostRanker(**FEW).fit(
        sample, np.digitize(target, [0, 1]), group_id=np.repeat(np.arange(40), 10)
    )
    for one in (native, ranker, catboost.CatBoost({**FEW, "loss_function": "Logloss"}).fit(sample, target > 0)):
        assert export(one, sample, tmp_path / "model.onnx").exact
        served = alpenglow.load(tmp_path / "model.onnx").predict(sample)
        np.testing.assert_array_equal(served, one.predict(sample))
    assert export(catboost.to_classifier(native), sample, tmp_path / "model.onnx").exact
    assert set(alpenglow.load(tmp_path / "model.onnx").predict(sample)) == {0, 1, 2}


def test_an_early_stop_and_fewer_trees() -> None:
    sample, target = numbers()
    model = catboost.CatBoostRegressor(**FEW | {"iterations": 500}, early_stopping_rounds=3)
    model.fit(sample[:300], target[:300], eval_set=(sample[300:], target[300:]))
    assert model.tree_count_ == model.best_iteration_ + 1 < 500
    check_same(model, sample)
    model.shrink(5)
    check_same(model, sample)


def test_trees_of_numbers_are_proved(tmp_path) -> None:
    sample, target = numbers()
    for policy in POLICIES:
        for gaps in ("Min", "Max"):
            options = FEW | {"grow_policy": policy, "nan_mode": gaps}
            for model, wanted in (
                (catboost.CatBoostRegressor(**options), target),
                (catboost.CatBoostClassifier(**options), np.digitize(target, [0, 1])),
            ):
                (claim,) = export(model.fit(sample, wanted), sample, tmp_path / "model.onnx").claims
                assert claim.proved, claim
                assert (claim.trees, claim.order, claim.gaps, claim.plain) == (12, True, True, True)


def test_a_changed_tree_is_found_by_the_proof() -> None:
    sample, target = numbers()
    model = catboost.CatBoostRegressor(**FEW).fit(sample, target)
    graph, _ = exported(model, sample)
    (claim,) = claims(model, graph)
    assert claim.proved
    (trees,) = (node for node in graph.graph.node if node.op_type == "TreeEnsemble")
    attribute = next(one for one in trees.attribute if one.name == "nodes_splits")
    splits = onnx.numpy_helper.to_array(attribute.t).astype(np.float32)
    above = np.nextafter(splits, np.float32(np.inf)).astype(np.float64)
    attribute.t.CopyFrom(onnx.numpy_helper.from_array(above, "splits"))
    (claim,) = claims(model, graph)
    assert claim.different


def test_it_is_a_part_of_others() -> None:
    sample, target = numbers()
    both = [(str(depth), catboost.CatBoostClassifier(**FEW, depth=depth)) for depth in (2, 4)]
    check_same(VotingClassifier(both, voting="soft").fit(sample, target > 0), sample, tolerance=1e-15)
    calibrated = CalibratedClassifierCV(catboost.CatBoostClassifier(**FEW), cv=2)
    check_same(calibrated.fit(sample, target > 0), sample, tolerance=1e-14)
    everything, _ = table()
    columns = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore", sparse_output=False), ["letter"]), (StandardScaler(), ["x", "z"])
    )
    model = make_pipeline(columns, catboost.CatBoostClassifier(**FEW)).fit(everything, target > 0)
    check_same(model, everything, everything.assign(letter="unknown"), tolerance=1e-15)


def fitted_on(sample: pd.DataFrame, target: NDArray[Any], task: str, **options: Any) -> Any:
    """A model of columns of text as categories."""
    texts = [name for name in sample if sample[name].dtype.kind not in "fi"]
    if task == "numbers":
        return catboost.CatBoostRegressor(**FEW | options, cat_features=texts).fit(sample, target)
    labels = target > 0.5 if task == "two" else np.digitize(target, [0, 1])
    return catboost.CatBoostClassifier(**FEW | options, cat_features=texts).fit(sample, labels)


@pytest.mark.parametrize("task", ["numbers", "two", "three"])
@pytest.mark.parametrize("statistic", ["Borders", "Buckets", "BinarizedTargetMeanValue", "Counter"])
@pytest.mark.parametrize("complexity", [1, 2, 4])
def test_every_statistic_of_categories_is_exact(task, statistic, complexity) -> None:
    sample, target = table()
    options = {"simple_ctr": [f"{statistic}:Prior=0.5"], "combinations_ctr": [statistic]}
    gaps, policy = ("Max", "Lossguide") if complexity == 4 else ("Min", "SymmetricTree")
    model = fitted_on(sample, target, task, max_ctr_complexity=complexity, nan_mode=gaps, grow_policy=policy, **options)
    check_same(model, sample, unusual(sample), tolerance=0.0 if task == "numbers" else 1e-15)


@pytest.mark.parametrize("most", [1, 2, 10, 100])
def test_categories_that_trees_split_by_themselves(most) -> None:
    sample, target = table()
    for task in ("numbers", "two", "three"):
        model = fitted_on(sample, target, task, one_hot_max_size=max(most, 2), iterations=30)
        check_same(model, sample, unusual(sample), tolerance=0.0 if task == "numbers" else 1e-15)


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    counts=st.lists(st.integers(2, 30), min_size=1, max_size=4),
    complexity=st.integers(1, 4),
    most=st.integers(2, 20),
    task=st.sampled_from(["numbers", "two", "three"]),
    policy=st.sampled_from(POLICIES),
)
def test_any_table_of_categories_is_exact(seed, counts, complexity, most, task, policy) -> None:
    random = np.random.default_rng(seed)
    names = [f"c{i}" for i in range(len(counts))]
    codes = [random.integers(0, count, 300) for count in counts]
    sample = pd.DataFrame({name: [f"v{code}" for code in some] for name, some in zip(names, codes, strict=True)})
    target = sum(random.normal(size=count)[some] for count, some in zip(counts, codes, strict=True))
    sample["x"] = random.normal(size=300)
    target[:3] = -1, 0.7, 2
    options = {"max_ctr_complexity": complexity, "one_hot_max_size": most, "grow_policy": policy}
    model = fitted_on(sample, target + sample["x"].to_numpy() / 3, task, **options)
    moved = pd.DataFrame({name: random.permutation(sample[name]) for name in sample})
    check_same(model, sample, pd.concat([unusual(sample), moved]), tolerance=0.0 if task == "numbers" else 1e-15)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=80), min_size=1, max_size=40, unique=True))
def test_hashes_are_found_of_any_text(texts) -> None:
    assert written(texts).keys() >= set(texts) or len(set(hashed(texts))) < len(texts)
    assert len(hashed(texts)) == len(texts)


@pytest.mark.parametrize(
    "odd", ["?", "??=", "\\", '"', "\n\t", "\x00", "\x01" + "2", "nan", "12", "-5", "1.5", "日本", ""]
)
def test_a_category_may_be_any_text(odd) -> None:
    sample, target = table()
    sample["letter"] = sample["letter"].replace("h", odd)
    model = fitted_on(sample[["letter", "x"]], target, "numbers")
    check_same(model, sample[["letter", "x"]], unusual(sample[["letter", "x"]]))


def test_a_category_that_the_sample_lacks_is_refused() -> None:
    sample, target = table()
    for options in ({"max_ctr_complexity": 1}, {"one_hot_max_size": 10}):
        model = fitted_on(sample, target, "two", iterations=50, **options)
        with pytest.raises(
            ConversionError, match=r"of the categories of '(letter|town)' that it knows, the sample lacks"
        ):
            exported(model, sample[~sample["letter"].isin(["a", "b"])])


def pairs() -> tuple[pd.DataFrame, Any]:
    """Two columns of categories, a model of combinations of them."""
    random = np.random.default_rng(0)
    sample = pd.DataFrame({name: random.choice([f"{name} {i}" for i in range(8)], 900) for name in ("one", "other")})
    wanted = (sample["one"] < "one 4") ^ (sample["other"] < "other 4")
    model = fitted_on(sample, wanted.to_numpy() * 1.0, "two", max_ctr_complexity=2, model_size_reg=0, iterations=30)
    assert any(len(one.parts) > 1 for one in dumped(model).statistics)
    return sample, model


@pytest.mark.parametrize("most", [2**20, 1])
def test_combinations_are_found_among_those_of_all_categories_or_of_rows(monkeypatch, most) -> None:
    monkeypatch.setattr(statistics, "MOST_TRIED", most)
    sample, model = pairs()
    check_same(model, sample, unusual(sample), tolerance=1e-15)
    if most > 1:  # it is enough to have each category
        equal = pd.DataFrame({name: [f"{name} {i}" for i in range(8)] for name in sample})
        check_same(model, equal, unusual(sample), tolerance=1e-15)


def test_a_combination_that_the_sample_lacks_is_refused(monkeypatch) -> None:
    monkeypatch.setattr(statistics, "MOST_TRIED", 1)
    sample, model = pairs()
    kept = sample[(sample["one"] != "one 1") | (sample["other"] != "other 2")]
    expected = "of the combinations of 'one', 'other' that it knows, the sample lacks 1, and CatBoost keeps but a hash"
    with pytest.raises(ConversionError, match=f"{expected}.*, or fit it with max_ctr_complexity=1$"):
        exported(model, kept)


def mixed() -> tuple[pd.DataFrame, NDArray[np.float64]]:
    """Categories of each type that CatBoost takes."""
    sample, target = table()
    random = np.random.default_rng(1)
    sample["count"] = random.integers(-3, 12, len(sample))
    sample["flag"] = random.choice([True, False], len(sample))
    sample["letter"] = sample["letter"].astype("category")
    sample["size"] = pd.Categorical(random.integers(0, 5, len(sample)))
    sample["grade"] = pd.array(random.integers(0, 5, len(sample)), dtype="Int64")
    return sample, target + (sample["count"] > 3) + sample["flag"]


def test_categories_of_every_type_are_exported(tmp_path) -> None:
    sample, target = mixed()
    named = ["letter", "colour", "town", "count", "flag", "size", "grade"]
    model = catboost.CatBoostClassifier(**FEW, cat_features=named).fit(sample, target > 1)
    report = export(model, sample, tmp_path / "model.onnx")
    assert report.exact
    served = alpenglow.load(tmp_path / "model.onnx")
    np.testing.assert_array_equal(served.predict(sample), model.predict(sample))
    odd = sample.astype({"count": object}).head(3).assign(count=[99, "1.5", -4])
    asked = odd.assign(count=[99.0, 1.5, -4.0])
    np.testing.assert_array_equal(served.predict(asked), model.predict(odd))
    kinds = {check.what: check.rows for check in report.checks}
    assert kinds["a threshold or edge"] > 0
    assert kinds["the border of a decision"] > 0


def test_integers_reach_it_behind_other_steps(tmp_path) -> None:
    sample, target = mixed()
    given = sample[["x", "z", "colour", "town", "count"]]
    columns = make_column_transformer((StandardScaler(), ["x", "z"]), remainder="passthrough")
    model = make_pipeline(columns, catboost.CatBoostRegressor(**FEW, cat_features=[2, 3, 4])).fit(given, target)
    assert export(model, given, tmp_path / "model.onnx").exact


def test_columns_are_taken_by_name(tmp_path) -> None:
    sample, target = table()
    model = fitted_on(sample, target, "two")
    export(model, sample[sample.columns[::-1]].assign(more=1.0), tmp_path / "model.onnx")
    assert [node.name for node in onnx.load(tmp_path / "model.onnx").graph.input] == ["letter", "x", "colour", "z"]
    with pytest.raises(SampleError, match="the sample lacks columns that the pipeline was fitted on: 'town'"):
        export(model, sample.drop(columns="town"), tmp_path / "model.onnx")
    numbers = sample[["x", "z"]]
    assert export(
        catboost.CatBoostRegressor(**FEW).fit(numbers.to_numpy(), target), numbers, tmp_path / "model.onnx"
    ).exact


@pytest.mark.parametrize("fault", ["texts", "fractions", "one class"])
def test_what_cannot_be_served_is_refused(fault) -> None:
    sample, target = table()
    if fault == "texts":
        texts = sample[["x"]].assign(words=np.where(target > 0, "good thing", "bad idea"))
        model = catboost.CatBoostClassifier(**FEW, text_features=["words"]).fit(texts, target > 0)
        expected, given = "it was fitted on texts or embeddings", texts
    elif fault == "fractions":
        model = catboost.CatBoostClassifier(**FEW).fit(sample[["x"]], np.where(target > 0, 0.5, 1.0))
        expected, given = "its labels are numbers with a fraction, such as 0.5", sample[["x"]]
    else:
        model = catboost.CatBoostClassifier(**FEW, allow_const_label=True).fit(sample[["x"]], np.zeros(len(sample)))
        expected, given = "it was fitted on one class, and has the probabilities of two", sample[["x"]]
    with pytest.raises(ConversionError, match=expected):
        exported(model, given)
