"""EllipticEnvelope is exact, also on the threshold, which is a quantile of the rows' own distances."""

import pytest
from sklearn.covariance import EllipticEnvelope

from tests.export.helpers import check_same
from tests.tables import cancer, diabetes


@pytest.mark.parametrize("contamination", [0.1, 0.5])
@pytest.mark.parametrize("width", [1, 2, 5, 10])
def test_every_distance(width, contamination) -> None:
    features = diabetes().iloc[:, :width]
    model = EllipticEnvelope(contamination=contamination, random_state=0).fit(features)
    check_same(model, features)
    check_same(model, features, features[:1])


def test_a_row_on_the_threshold_is_inside() -> None:
    features = diabetes().drop(columns="target")
    model = EllipticEnvelope(random_state=0).fit(features)
    model.offset_ = -model.mahalanobis(features)[7]
    assert model.decision_function(features)[7] == 0
    check_same(model, features)


def test_badly_scaled_features() -> None:
    features = cancer().drop(columns="target")
    check_same(EllipticEnvelope(random_state=0).fit(features), features)
