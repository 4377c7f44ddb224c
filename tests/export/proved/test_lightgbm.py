"""LightGBM's own comparisons: what is next to zero, and what is beyond everything."""

import numpy as np
import pandas as pd
import pytest

from alpenglow._export.proved.claims import claims
from alpenglow._export.proved.floats import keys
from tests.export.helpers import exported

lightgbm = pytest.importorskip("lightgbm")
ZERO = float(np.float32(1e-35))
NUMBERS = [-np.inf, -1.0, np.nextafter(-ZERO, -1), -ZERO, -1e-40, -0.0, 0.0, 5e-324, ZERO, np.nextafter(ZERO, 1), 1e301]


@pytest.mark.parametrize("shift", [-1.0, 0.0, 1.0])
def test_numbers_go_where_lightgbm_sends_them(shift: float) -> None:
    random = np.random.default_rng(0)
    x = pd.DataFrame(
        {"x": random.integers(-3, 4, 400) + shift, "gaps": np.where(random.random(400) < 0.3, np.nan, 1.0)}
    )
    y = (x["x"] >= 0) + 2.0 * (x["x"] > 0) + 3.0 * x["gaps"].isna()
    model = lightgbm.LGBMRegressor(n_estimators=2, min_child_samples=5, verbose=-1).fit(x, y)
    graph, session = exported(model, x)
    assert [claim.proved for claim in claims(model, graph)] == [True]
    rows = pd.DataFrame([(a, b) for a in NUMBERS for b in [*NUMBERS, np.nan]], columns=list(x))
    assert session.predict(rows)["prediction"].tolist() == model.predict(rows).tolist()


def test_cuts_are_lightgbm_s_own() -> None:
    from alpenglow._export.proved.lightgbm import sums_of

    x = np.arange(-3.0, 4.0).repeat(60)[:, np.newaxis]
    model = lightgbm.LGBMRegressor(n_estimators=1, min_child_samples=5, verbose=-1).fit(x, x[:, 0])
    forest = sums_of(model).forest
    for number in NUMBERS:
        node = int(forest.roots[0])
        while forest.left[node] >= 0:
            left = keys(np.array([number]))[0] <= forest.cut[node]
            node = int(forest.left[node] if left else forest.right[node])
        assert forest.value[node, 0] == model.predict([[number]])[0]
