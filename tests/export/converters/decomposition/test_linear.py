"""Linear maps to fewer columns."""

import pytest
from sklearn.compose import make_column_transformer
from sklearn.decomposition import PCA, FactorAnalysis, FastICA, IncrementalPCA, TruncatedSVD
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.neighbors import NeighborhoodComponentsAnalysis
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.random_projection import GaussianRandomProjection, SparseRandomProjection

from tests.export.converters.echo import check_transform
from tests.tables import cancer, wine

MAPS = [
    PCA(5),
    PCA(0.9, whiten=True),
    IncrementalPCA(4, whiten=True, batch_size=50),
    TruncatedSVD(4, random_state=0),
    FactorAnalysis(3),
    FastICA(3, random_state=0, whiten="unit-variance"),
    FastICA(3, random_state=0, whiten=False, max_iter=3),
    LinearDiscriminantAnalysis(),
    LinearDiscriminantAnalysis(solver="eigen", n_components=1),
    NeighborhoodComponentsAnalysis(2, max_iter=2),
    GaussianRandomProjection(4, random_state=0),
    SparseRandomProjection(4, random_state=0),
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("model", MAPS, ids=str)
def test_projected(model) -> None:
    features = cancer().drop(columns="target").iloc[:200]
    target = cancer()["target"].iloc[:200]
    check_transform(make_pipeline(StandardScaler(), model), features, tolerance=1e-12, target=target)


def test_behind_a_sparse_matrix() -> None:
    features = wine()[["alcohol", "hue", "colour"]].fillna({"alcohol": 0.0, "hue": -0.5})
    columns = make_column_transformer(
        (OneHotEncoder(), ["colour"]), ("passthrough", ["alcohol", "hue"]), sparse_threshold=1.0
    )
    for model in (TruncatedSVD(2), PCA(2), SparseRandomProjection(2, random_state=0)):
        check_transform(make_pipeline(columns, model), features, tolerance=1e-12)
