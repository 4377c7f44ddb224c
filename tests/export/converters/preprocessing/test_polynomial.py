"""PolynomialFeatures: the same products, multiplied in the same order."""

import pytest
from sklearn.compose import make_column_transformer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, PolynomialFeatures

from tests.export.converters.echo import check_transform
from tests.tables import diabetes, wine


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("interactions", [True, False])
@pytest.mark.parametrize("degree", [1, 2, 3, 5, (2, 3), (0, 2), (3, 4)])
def test_products(degree, interactions, bias) -> None:
    features = diabetes()[["bmi", "s5", "age", "s1"]] / 7
    check_transform(PolynomialFeatures(degree, interaction_only=interactions, include_bias=bias), features)


def test_a_single_column() -> None:
    check_transform(PolynomialFeatures(4), diabetes()[["bmi"]] / 7)
    check_transform(PolynomialFeatures(2, interaction_only=True), diabetes()[["bmi"]] / 7)


@pytest.mark.parametrize("degree", [2, 3, 4])
def test_behind_a_sparse_matrix(degree) -> None:
    features = wine()[["alcohol", "hue", "colour"]].fillna({"alcohol": 0.1, "hue": 0.7})
    columns = make_column_transformer(
        (OneHotEncoder(), ["colour"]), ("passthrough", ["alcohol", "hue"]), sparse_threshold=1.0
    )
    check_transform(make_pipeline(columns, PolynomialFeatures(degree)), features)
