"""KernelPCA, Nystroem and RandomTreesEmbedding."""

import pytest
from sklearn.decomposition import KernelPCA
from sklearn.ensemble import RandomTreesEmbedding
from sklearn.kernel_approximation import Nystroem
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tests.export.converters.echo import check_transform
from tests.tables import cancer, diabetes


@pytest.mark.parametrize("kernel", ["linear", "poly", "rbf", "sigmoid", "cosine"])
def test_kernels(kernel) -> None:
    features = diabetes().drop(columns="target").iloc[:100]
    check_transform(make_pipeline(StandardScaler(), KernelPCA(4, kernel=kernel)), features, tolerance=1e-9)
    nystroem = Nystroem(kernel, n_components=8, random_state=0)
    check_transform(make_pipeline(StandardScaler(), nystroem), features, tolerance=1e-9)


@pytest.mark.parametrize("sparse", [True, False])
def test_leaves_of_random_trees(sparse) -> None:
    features = cancer().drop(columns="target")
    check_transform(RandomTreesEmbedding(5, max_depth=3, sparse_output=sparse, random_state=0), features)
