"""The pipelines that need no Python."""

import pytest
from sklearn.preprocessing import OneHotEncoder

from alpenglow._train import adult
from alpenglow._train.dataset import DataError, as_features
from alpenglow._train.pipeline import ESTIMATORS, build
from tests.tables import diabetes, wine


def test_the_default_is_the_seed_s() -> None:
    data = adult.load()
    pipeline = build("random-forest", data.task, data.features(data.train))
    forest = pipeline.named_steps["random-forest"]
    assert (forest.n_estimators, forest.max_depth, forest.random_state) == (50, 20, 0)
    (_, imputer, numbers), (_, encoder, categories) = pipeline.named_steps["columns"].transformers
    assert (imputer.strategy, imputer.fill_value) == ("constant", 0.0)
    assert numbers == ["age", "fnlwgt", "education-num", "capital-gain", "capital-loss", "hours-per-week"]
    assert isinstance(encoder, OneHotEncoder)
    assert encoder.handle_unknown == "ignore"
    assert len(categories) == 8


@pytest.mark.parametrize(("estimator", "task"), [(name, task) for name, tasks in ESTIMATORS.items() for task in tasks])
def test_every_estimator_learns_a_table_with_gaps_text_and_booleans(estimator, task) -> None:
    features = as_features(wine().drop(columns="target"))
    truth = wine()["target"] if task == "classification" else diabetes()["target"].head(len(features))
    pipeline = build(estimator, task, features).fit(features, truth)
    assert pipeline.score(features, truth) > (0.95 if task == "classification" else 0.0)


def test_an_estimator_that_does_not_do_the_task_is_refused() -> None:
    with pytest.raises(DataError, match="logistic-regression does no regression: choose one of random-forest, hist-"):
        build("logistic-regression", "regression", wine())
