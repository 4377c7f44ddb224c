"""Converters of the user's own, registered with us or with skl2onnx."""

from collections.abc import Iterator
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from skl2onnx import update_registered_converter
from skl2onnx.common.data_types import DoubleTensorType
from sklearn.base import BaseEstimator, RegressorMixin, TransformerMixin
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.tree import DecisionTreeRegressor

import alpenglow
from alpenglow._export import plugins, registry
from alpenglow._export.errors import ParityError
from tests.commands import alpenglow as command
from tests.export.converters.echo import check_transform
from tests.export.helpers import check_same
from tests.tables import diabetes


class Floors(TransformerMixin, BaseEstimator):
    def fit(self, X: Any, y: Any = None) -> "Floors":
        self.height_ = 7.0
        return self

    def transform(self, X: Any) -> Any:
        return np.array([[value // self.height_ for value in row] for row in np.asarray(X).tolist()])


class Most(RegressorMixin, BaseEstimator):
    def fit(self, X: Any, y: Any) -> "Most":
        self.factor_ = 2.0
        self.n_features_in_ = X.shape[1]
        return self

    def predict(self, X: Any) -> Any:
        return np.array([self.factor_ * max(row) for row in np.asarray(X).tolist()])


def floors(graph: Any, step: Any, inputs: dict[str, str]) -> dict[str, str]:
    height = graph.constant(step.height_)
    return {name: graph.add("Floor", [graph.add("Div", [x, height])]) for name, x in inputs.items()}


def most(graph: Any, step: Any, inputs: dict[str, str]) -> dict[str, str]:
    largest = graph.add("Max", list(inputs.values()))
    return {"prediction": graph.add("Mul", [largest, graph.constant(step.factor_)])}


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """What a test registers is forgotten."""
    tables: list[dict[Any, Any]] = [registry.PREDICTORS, registry.TRANSFORMERS, plugins.TOLD, *registry.TABLES]
    kept = [dict(table) for table in tables]
    yield
    for table, before in zip(tables, kept, strict=True):
        table.clear()
        table.update(before)


def features() -> pd.DataFrame:
    return diabetes()[["age", "bmi"]]


def test_a_transformer_and_a_predictor() -> None:
    alpenglow.register(Floors, floors)
    alpenglow.register(Most, most)
    check_transform(Floors(), features())
    check_same(make_pipeline(Floors(), Most()).fit(features(), features()["age"]), features())


def test_inputs_have_the_names_of_the_columns_that_the_step_gets() -> None:
    seen: list[str] = []

    def convert(graph: Any, step: Any, inputs: dict[str, str]) -> dict[str, str]:
        seen.extend(inputs)
        return floors(graph, step, inputs)

    alpenglow.register(Floors, convert)
    check_transform(make_pipeline(Floors(), Floors()), features())
    assert seen == ["age", "bmi", "x0", "x1"]


def test_its_borders_are_visited(tmp_path) -> None:
    alpenglow.register(Floors, floors, borders=lambda step: {"age": [step.height_ * 3, step.height_ * 4]})
    model = make_pipeline(Floors(), LinearRegression()).fit(features(), features()["bmi"])
    report = alpenglow.export(model, features(), tmp_path / "model.onnx")
    (visited,) = [check for check in report.checks if check.what == "a threshold or edge"]
    assert visited.rows >= 4


def test_one_that_is_wrong_only_on_a_border_is_found_there(tmp_path) -> None:
    def wrong(graph: Any, step: Any, inputs: dict[str, str]) -> dict[str, str]:
        height = graph.constant(step.height_)
        up = {name: graph.add("Ceil", [graph.add("Div", [x, height])]) for name, x in inputs.items()}
        return {name: graph.add("Sub", [x, graph.constant(1.0)]) for name, x in up.items()}

    table = features() + 0.123
    alpenglow.register(Floors, wrong, borders=lambda step: {"age": [step.height_ * 4]})
    model = make_pipeline(Floors(), LinearRegression()).fit(table, table["bmi"])
    with pytest.raises(ParityError):
        alpenglow.export(model, table, tmp_path / "model.onnx")


def test_one_of_skl2onnx_s() -> None:
    def shapes(operator: Any) -> None:
        operator.outputs[0].type = DoubleTensorType([None, 2])

    def convert(scope: Any, operator: Any, container: Any) -> None:
        height = scope.get_unique_variable_name("height")
        container.add_initializer(height, 11, [1], [operator.raw_operator.height_])
        floor = scope.get_unique_variable_name("ratio")
        container.add_node("Div", [operator.inputs[0].full_name, height], floor)
        container.add_node("Floor", [floor], operator.outputs[0].full_name)

    update_registered_converter(Floors, "SomebodysFloors", shapes, convert)
    check_same(make_pipeline(Floors(), DecisionTreeRegressor()).fit(features(), features()["age"]), features())


PLUGIN = """
import alpenglow
import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin


class Doubled(TransformerMixin, BaseEstimator):
    def fit(self, X, y=None):
        self.factor_ = 2.0
        return self

    def transform(self, X):
        return np.array([[value * self.factor_ for value in row] for row in np.asarray(X).tolist()])


def convert(graph, step, inputs):
    return {name: graph.add("Mul", [x, graph.constant(step.factor_)]) for name, x in inputs.items()}


alpenglow.register(Doubled, convert)
"""


def test_a_plugin_on_the_command_line(tmp_path, monkeypatch) -> None:
    plugin = tmp_path / "doubled_for_a_test.py"
    plugin.write_text(PLUGIN)
    monkeypatch.syspath_prepend(tmp_path)
    import doubled_for_a_test

    model = make_pipeline(doubled_for_a_test.Doubled(), LinearRegression()).fit(features(), features()["age"])
    joblib.dump(model, tmp_path / "pipeline.joblib")
    features().to_csv(tmp_path / "rows.csv", index=False)
    given = [tmp_path / "pipeline.joblib", "--sample", tmp_path / "rows.csv", "--output", tmp_path / "model.onnx"]
    assert "Wrote" in command("export", *given, "--plugin", plugin).stdout
    missing = command("export", *given, "--plugin", tmp_path / "none.py", check=False)
    assert missing.stderr.strip() == f"export: there is no plugin {tmp_path / 'none.py'}"
