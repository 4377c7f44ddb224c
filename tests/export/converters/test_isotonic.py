"""Isotonic regression is exact: on its points, beside them, between them and beyond."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.isotonic import IsotonicRegression

from alpenglow._export.errors import ConversionError
from tests.export.helpers import check_same, exported
from tests.tables import diabetes


@settings(max_examples=40)
@given(
    seed=st.integers(0, 2**32 - 1),
    points=st.integers(1, 60),
    beyond=st.sampled_from(["clip", "nan"]),
    increasing=st.booleans(),
)
def test_any_small_one(seed: int, points: int, beyond: str, increasing: bool) -> None:
    random = np.random.default_rng(seed)
    sample = pd.DataFrame({"x": random.normal(size=points).round(1)})
    model = IsotonicRegression(out_of_bounds=beyond, increasing=increasing).fit(sample, random.normal(size=points))
    known = model.X_thresholds_
    beside = [np.nextafter(known, np.inf), np.nextafter(known, -np.inf), random.normal(size=50), [1e308, -1e308]]
    check_same(model, sample, pd.DataFrame({"x": np.concatenate([known, *beside])}))


def test_refusing_what_is_beyond_is_refused() -> None:
    table = diabetes()
    model = IsotonicRegression(out_of_bounds="raise").fit(table[["bmi"]], table["target"])
    with pytest.raises(ConversionError, match="raises for what is beyond"):
        exported(model, table[["bmi"]])
