"""Quadratic discriminant analysis."""

import numpy as np
import pandas as pd
import pytest
from sklearn.discriminant_analysis import QuadraticDiscriminantAnalysis
from sklearn.ensemble import StackingClassifier

from alpenglow._export.api import export
from tests.export.converters.test_linear_model import LABELS, wines
from tests.export.converters.test_naive_bayes import one_constant
from tests.export.helpers import check_same


@pytest.mark.parametrize("options", [{}, {"reg_param": 0.3}, {"solver": "eigen", "shrinkage": 0.1}], ids=str)
@pytest.mark.parametrize("labels", LABELS, ids=str)
def test_it_answers_the_same(labels, options) -> None:
    features, kind = wines()
    model = QuadraticDiscriminantAnalysis(**options).fit(features, np.array(labels)[kind % len(labels)])
    check_same(model, features, pd.concat([features, features * 5]), tolerance=1e-11)


def test_priors() -> None:
    features, kind = wines()
    check_same(QuadraticDiscriminantAnalysis(priors=[0.2, 0.0, 0.8]).fit(features, kind), features, tolerance=1e-12)


@pytest.mark.parametrize("classes", [2, 3])
def test_its_decision_feeds_another(classes) -> None:
    features, kind = wines()
    model = StackingClassifier(
        [("quadratic", QuadraticDiscriminantAnalysis())], stack_method="decision_function", cv=2
    ).fit(features, kind % classes)
    check_same(model, features, tolerance=1e-11)


@pytest.mark.parametrize("reg_param", [0.1, 1e-3])
def test_rows_far_from_a_constant_column_are_no_reason_to_refuse(reg_param, tmp_path) -> None:
    for seed in range(8):
        features, kind = one_constant(seed)
        model = QuadraticDiscriminantAnalysis(reg_param=reg_param).fit(features, kind)
        assert export(model, features, tmp_path / "model.onnx").exact
