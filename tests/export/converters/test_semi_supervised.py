"""Labels spread from row to row."""

import pytest
from sklearn.semi_supervised import LabelPropagation, LabelSpreading

from alpenglow._export.errors import ConversionError
from tests.export.helpers import check_same, exported
from tests.tables import wine


def table() -> tuple:
    features = wine().drop(columns=["target", "colour", "strong"]).fillna(0.0)
    labels = wine()["target"].to_numpy().copy()
    labels[::3] = -1
    return (features - features.mean()) / features.std(), labels


@pytest.mark.parametrize("kind", [LabelPropagation, LabelSpreading])
@pytest.mark.parametrize("options", [{"kernel": "knn"}, {"gamma": 0.3}, {"gamma": 20}], ids=str)
def test_new_rows(kind, options) -> None:
    """With a large gamma a new row is like no other, and its probabilities are not numbers."""
    features, labels = table()
    check_same(kind(**options).fit(features, labels), features, features * 1.5, tolerance=1e-12)


def test_kernels_of_one_s_own_are_refused() -> None:
    features, labels = table()
    with pytest.raises(ConversionError, match="its kernel is a Python function"):
        exported(LabelSpreading(kernel=lambda a, b: a @ b.T).fit(features, labels), features)
