"""`alpenglow.export` and `alpenglow.load`, as in a notebook."""

import joblib
import numpy as np
import pandas as pd
import polars
import pyarrow
import pytest
from skl2onnx import to_onnx
from sklearn.base import BaseEstimator
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import CategoricalNB
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC

import alpenglow
from alpenglow._export.errors import OutputError, PipelineError
from alpenglow._serve.errors import InputError
from tests.tables import cancer, diabetes, wine


@pytest.fixture(scope="module")
def features() -> pd.DataFrame:
    return wine().drop(columns="target").select_dtypes("number")


@pytest.fixture(scope="module")
def forest(features) -> RandomForestClassifier:
    return RandomForestClassifier(10, random_state=0, n_jobs=2).fit(features, wine()["target"])


def test_the_graph_answers_a_data_frame_as_scikit_learn_does(forest, features, tmp_path) -> None:
    report = alpenglow.export(forest, features, tmp_path / "wine.onnx")
    model = alpenglow.load(tmp_path / "wine.onnx")
    assert (model.predict(features) == forest.predict(features)).all()
    assert (model.predict_proba(features) == forest.predict_proba(features)).all()
    assert model.classes_.tolist() == forest.classes_.tolist()
    assert (report.different_labels, report.largest_difference) == (0, 0.0)
    assert (model.signature.name, model.signature.parity) == ("wine", report.parity())
    assert forest.n_jobs == 2  # as it was


def test_the_report_is_a_table_for_people_notebooks_and_programs(forest, features, tmp_path) -> None:
    lines: list[str] = []
    report = alpenglow.export(forest, features, tmp_path / "m.onnx", progress=lines.append)
    frame = report.to_frame()
    assert frame["rows"].sum() == report.rows
    assert frame.loc["the sample", "rows"] == len(features)
    for row in [*frame.index, "different labels"]:
        assert row in str(report)
    assert all(row in report._repr_html_() for row in frame.index)
    assert any("rows of the sample compared" in line for line in lines)


def tables(frame: pd.DataFrame) -> dict[str, object]:
    """The same rows as whatever people have."""
    return {
        "pandas": frame,
        "polars": polars.from_pandas(frame),
        "pyarrow": pyarrow.Table.from_pandas(frame),
        "columns": {name: values.tolist() for name, values in frame.items()},
        "records": frame.to_dict("records"),
        "array": frame.to_numpy(),
    }


@pytest.mark.parametrize("kind", ["pandas", "polars", "pyarrow", "columns", "records"])
def test_the_sample_is_any_kind_of_table(kind, forest, features, tmp_path) -> None:
    report = alpenglow.export(forest, tables(features)[kind], tmp_path / "m.onnx")
    assert report.checks[0].rows == len(features)


@pytest.mark.parametrize("kind", ["pandas", "polars", "pyarrow", "columns", "records", "array"])
def test_any_kind_of_table_is_predicted(kind, forest, features, tmp_path) -> None:
    path = tmp_path / "m.onnx"
    alpenglow.export(forest, features, path)
    assert alpenglow.load(path).predict(tables(features)[kind]).tolist() == forest.predict(features).tolist()


def test_columns_come_in_any_order_and_others_are_ignored(forest, features, tmp_path) -> None:
    alpenglow.export(forest, features, tmp_path / "m.onnx")
    turned = features[features.columns[::-1]].assign(other="x")
    assert (alpenglow.load(tmp_path / "m.onnx").predict(turned) == forest.predict(features)).all()


def test_what_does_not_fit_is_refused_as_the_server_refuses_it(forest, features, tmp_path) -> None:
    alpenglow.export(forest, features, tmp_path / "m.onnx")
    model = alpenglow.load(tmp_path / "m.onnx")
    name = features.columns[2]
    with pytest.raises(InputError, match=f"row 1, column '{name}': expected a number, got \"x\""):
        model.predict(
            features.astype({name: object}).assign(**{name: ["a", "x"] * 89}).iloc[[0, 1]].assign(**{name: [1.0, "x"]})
        )
    with pytest.raises(InputError, match=r"misses column|lacks|missing"):
        model.predict(features.drop(columns=name))
    with pytest.raises(InputError, match="no rows"):
        model.predict(features.iloc[:0])
    with pytest.raises(AttributeError, match="no decision"):
        model.decision_function(features)


def test_a_regression_has_predictions_only(tmp_path) -> None:
    features, target = diabetes().drop(columns="target"), diabetes()["target"]
    regression = make_pipeline(StandardScaler(), LinearRegression()).fit(features, target)
    report = alpenglow.export(regression, features, tmp_path / "m.onnx")
    model = alpenglow.load(tmp_path / "m.onnx")
    np.testing.assert_allclose(model.predict(features), regression.predict(features), rtol=1e-12)
    assert "different labels" not in str(report)
    assert "different_labels" not in report._repr_html_()
    with pytest.raises(AttributeError, match="no probabilities"):
        model.predict_proba(features)


TEXTS = ["free prize now", "win money, free", "meeting at noon", "lunch at the café", "free meeting", ""] * 10
SPAM = ["spam", "spam", "ham", "ham", "ham", "spam"] * 10


@pytest.mark.parametrize(
    "first",
    [TfidfVectorizer(), FeatureUnion([("words", TfidfVectorizer()), ("counts", CountVectorizer(binary=True))])],
)
@pytest.mark.parametrize("kind", [list, pd.Series, np.array, lambda texts: pd.Series(texts, name="message")])
def test_a_pipeline_fitted_on_texts_takes_one_column_of_texts(first, kind, tmp_path) -> None:
    pipeline = make_pipeline(first, LinearSVC()).fit(kind(TEXTS), SPAM)
    alpenglow.export(pipeline, kind(TEXTS), tmp_path / "m.onnx")
    model = alpenglow.load(tmp_path / "m.onnx")
    (column,) = model.signature.columns
    assert (column.name, column.type) == (getattr(kind(TEXTS), "name", None) or "text", "string")
    others = ["a prize", "at noon at noon", "nothing known", ""]
    assert (model.predict(others) == pipeline.predict(others)).all()
    assert (model.predict(pd.DataFrame({column.name: others})) == pipeline.predict(others)).all()


def test_an_array_s_columns_have_numbers_for_names(tmp_path) -> None:
    table = np.random.default_rng(0).normal(size=(50, 3))
    pipeline = LogisticRegression().fit(table, table[:, 0] > 0)
    alpenglow.export(pipeline, table, tmp_path / "m.onnx")
    model = alpenglow.load(tmp_path / "m.onnx")
    assert [column.name for column in model.signature.columns] == ["x0", "x1", "x2"]
    assert (model.predict(table) == pipeline.predict(table)).all()


@pytest.mark.parametrize(
    ("pipeline", "reason"),
    [
        (LogisticRegression, "is a class, not a fitted estimator"),
        (LogisticRegression(), "LogisticRegression is not fitted yet: call fit"),
        (make_pipeline(StandardScaler(), LogisticRegression()), "is not fitted yet"),
        (StandardScaler().fit([[1.0]]), "a StandardScaler is no classifier"),
        (BaseEstimator(), "a BaseEstimator is no classifier"),
        (7, "a int is no classifier"),
        ({"model": None}, "a dict is no classifier"),
        (GridSearchCV(LogisticRegression(), {"C": [1.0]}), "a GridSearchCV .*not fitted|GridSearchCV is not fitted"),
    ],
)
def test_what_is_no_fitted_estimator_is_refused_in_a_sentence(pipeline, reason, features, tmp_path) -> None:
    with pytest.raises(PipelineError, match=reason):
        alpenglow.export(pipeline, features, tmp_path / "m.onnx")
    assert not list(tmp_path.iterdir())


def test_a_pipeline_with_one_step_that_is_not_fitted_is_refused_by_its_name(features, tmp_path) -> None:
    pipeline = make_pipeline(StandardScaler(), RandomForestClassifier(2)).fit(features, wine()["target"])
    pipeline.steps.insert(1, ("second", StandardScaler()))
    with pytest.raises(PipelineError, match=r"its step 'second' \(StandardScaler\) is not fitted yet"):
        alpenglow.export(pipeline, features, tmp_path / "m.onnx")


def test_a_search_that_kept_no_estimator_is_refused(features, tmp_path) -> None:
    search = GridSearchCV(RandomForestClassifier(2), {"max_depth": [1, 2]}, cv=2, refit=False)
    with pytest.raises(PipelineError, match="refit=True"):
        alpenglow.export(search.fit(features, wine()["target"]), features, tmp_path / "m.onnx")


@pytest.mark.parametrize("place", ["a folder", "under a file"])
def test_an_output_that_cannot_be_written_leaves_nothing_behind(place, forest, features, tmp_path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder.onnx").mkdir()
    path = tmp_path / ("folder.onnx" if place == "a folder" else "file/m.onnx")
    with pytest.raises(OutputError, match="cannot be written: "):
        alpenglow.export(forest, features, path)
    assert sorted(found.name for found in tmp_path.rglob("*")) == ["file", "folder.onnx"]


def test_the_command_says_the_same(features, tmp_path, forest) -> None:
    joblib.dump(RandomForestRegressor(), tmp_path / "pipeline.joblib")
    joblib.dump(features, tmp_path / "sample.joblib")
    from tests.commands import alpenglow as command

    done = command("export", tmp_path / "pipeline.joblib", "--output", tmp_path / "m.onnx", check=False)
    assert (done.returncode, done.stderr) == (
        1,
        "export: the RandomForestRegressor is not fitted yet: call fit(X, y) on the whole before\n",
    )


def test_skl2onnx_itself_converts_as_before(forest, features, tmp_path) -> None:
    """Whoever uses it in the same notebook finds its own converters, with their options."""

    def theirs() -> bytes:
        options = {id(forest): {"zipmap": False}}
        return to_onnx(forest, features.to_numpy(np.float32)[:1], options=options).SerializeToString()

    before = theirs()
    alpenglow.export(forest, features, tmp_path / "m.onnx")
    assert theirs() == before


@pytest.mark.parametrize("codes", [3, 4, 5])
def test_limits_that_are_the_samples_own_are_plain_numbers(codes, tmp_path) -> None:
    random = np.random.default_rng(0)
    features = pd.DataFrame(random.integers(0, codes, (50, 2)), columns=["a", "b"])
    alpenglow.export(CategoricalNB().fit(features, random.integers(0, 2, 50)), features, tmp_path / "m.onnx")
    highest = [column.highest for column in alpenglow.load(tmp_path / "m.onnx").signature.columns]
    assert highest == [codes - 1, codes - 1]


def test_the_signature_states_ties(tmp_path) -> None:
    features = cancer().drop(columns="target")
    report = alpenglow.export(SVC().fit(features, cancer()["target"]), features, tmp_path / "m.onnx")
    kept = alpenglow.load(tmp_path / "m.onnx").signature.parity.ties
    assert len(kept) == 1
    assert kept[0].startswith("SVC: a row on the margin")
    assert kept[0] in report.notes
