"""One regressor for each target."""

import pytest
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import Ridge
from sklearn.multioutput import MultiOutputClassifier, MultiOutputRegressor, RegressorChain
from sklearn.tree import DecisionTreeClassifier

from alpenglow._export.errors import ConversionError
from tests.export.helpers import check_same, exported
from tests.tables import diabetes


def test_regressors_side_by_side() -> None:
    features, truth = diabetes().drop(columns=["target", "bmi"]), diabetes()[["target", "bmi"]]
    check_same(MultiOutputRegressor(RandomForestRegressor(3, random_state=0)).fit(features, truth), features)


@pytest.mark.parametrize("order", [None, [2, 0, 1]])
def test_chains(order) -> None:
    features, truth = diabetes().drop(columns=["target", "bmi", "s1"]), diabetes()[["target", "bmi", "s1"]]
    check_same(RegressorChain(Ridge(), order=order).fit(features, truth), features, tolerance=1e-12)


def test_several_labels_are_refused() -> None:
    features, truth = diabetes().drop(columns="target"), diabetes()[["sex"]] > 1
    model = MultiOutputClassifier(DecisionTreeClassifier()).fit(features, truth.assign(other=truth["sex"]))
    with pytest.raises(ConversionError, match="it predicts several labels at once"):
        exported(model, features)
