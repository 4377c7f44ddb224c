"""Partial least squares."""

import pytest
from sklearn.cross_decomposition import CCA, PLSCanonical, PLSRegression

from tests.export.helpers import check_same
from tests.tables import diabetes

TARGETS = ["target", "bmi"]


@pytest.mark.parametrize("kind", [CCA, PLSCanonical, PLSRegression])
@pytest.mark.parametrize("scale", [True, False])
def test_several_targets(kind, scale) -> None:
    table = diabetes()
    features = table.drop(columns=TARGETS)
    model = kind(2, scale=scale)
    check_same(model.fit(features, table[TARGETS]), features, tolerance=1e-12)


def test_one_target() -> None:
    table = diabetes()
    features = table.drop(columns=TARGETS)
    check_same(PLSRegression(3).fit(features, table["target"]), features, tolerance=1e-12)
    check_same(PLSRegression(3).fit(features, table[["target"]]), features, tolerance=1e-12)
