"""KBinsDiscretizer: values on an edge and one step beside it fall into scikit-learn's bins."""

import numpy as np
import pandas as pd
import pytest
from sklearn.preprocessing import KBinsDiscretizer

from tests.export.converters.echo import check_transform
from tests.tables import diabetes


@pytest.mark.filterwarnings("ignore:Feature 2 is constant", "ignore:Bins whose width")
@pytest.mark.parametrize("dtype", [None, np.float32])
@pytest.mark.parametrize("encode", ["ordinal", "onehot", "onehot-dense"])
@pytest.mark.parametrize("strategy", ["uniform", "quantile", "kmeans"])
def test_on_the_edges(strategy, encode, dtype) -> None:
    features = diabetes()[["bmi", "s5"]].assign(same=1.5)
    binner = KBinsDiscretizer([7, 4, 3], encode=encode, strategy=strategy, dtype=dtype)
    edges = np.concatenate(binner.fit(features).bin_edges_[:2])
    at = np.concatenate([edges, np.nextafter(edges, np.inf), np.nextafter(edges, -np.inf), [-1e300, 1e300]])
    if dtype:
        at = at[np.abs(at) < 1e30]
    rows = pd.DataFrame({"bmi": at, "s5": at[::-1], "same": at})
    check_transform(binner, features, pd.concat([features, rows]))


def test_two_bins_of_one_column() -> None:
    features = diabetes()[["bmi"]]
    check_transform(KBinsDiscretizer(2, encode="ordinal"), features)
