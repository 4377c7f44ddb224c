"""Gaussian mixtures."""

import pytest
from sklearn.mixture import BayesianGaussianMixture, GaussianMixture

from tests.export.helpers import check_same
from tests.tables import diabetes


@pytest.mark.parametrize("kind", [BayesianGaussianMixture, GaussianMixture])
@pytest.mark.parametrize("covariance", ["diag", "full", "spherical", "tied"])
def test_the_likeliest_component(kind, covariance) -> None:
    features = diabetes()[["age", "bmi", "bp", "s1"]]
    for components in (1, 4):
        model = kind(n_components=components, covariance_type=covariance, random_state=0).fit(features)
        check_same(model, features)


def test_the_other_prior() -> None:
    features = diabetes()[["age", "bmi", "bp", "s1"]]
    prior = "dirichlet_distribution"
    model = BayesianGaussianMixture(n_components=3, weight_concentration_prior_type=prior, random_state=0)
    check_same(model.fit(features), features)
