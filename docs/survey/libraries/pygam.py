"""pyGAM's models."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from pygam import ExpectileGAM, GammaGAM, InvGaussGAM, LinearGAM, LogisticGAM, PoissonGAM, f, l, s, te

from alpenglow._export.pipeline.gams import with_gam
from docs.survey import tables


def cases() -> Iterator[tuple[str, str, Any, Any, Any]]:
    """All kinds and terms."""
    features, number = tables.numbers_regression()
    for kind in (LinearGAM, GammaGAM, PoissonGAM, InvGaussGAM, ExpectileGAM):
        yield kind.__name__, "diabetes", Fitting(kind()), features, number
    cancer, label = tables.numbers_two()
    yield "LogisticGAM", "cancer", Fitting(LogisticGAM(s(0) + s(4) + l(9))), cancer, (label == "benign").astype(int)
    several = few_kinds()
    for name, terms in {
        "splines of other degrees": s(0, spline_order=1) + s(2, spline_order=0),
        "periodic splines": s(0) + s(2, basis="cp"),
        "lines and factors": l(0) + f(1),
        "tensors": te(0, 2, n_splines=5),
        "by": s(0, by=2),
    }.items():
        yield f"LinearGAM, {name}", "diabetes", Fitting(LinearGAM(terms)), several, number


class Fitting:
    """Fits a model of pyGAM's, and gives it as scikit-learn's."""

    def __init__(self, gam: Any) -> None:
        self.gam = gam

    def fit(self, X: pd.DataFrame, y: Any) -> Any:
        """The fitted model."""
        return with_gam(self.gam.fit(X.to_numpy(), np.asarray(y)))


def few_kinds() -> pd.DataFrame:
    """Three of the columns, of which one has few values."""
    features, _ = tables.numbers_regression()
    return pd.DataFrame({"bmi": features["bmi"], "sex": (features["sex"] > 0) * 1.0, "s5": features["s5"]})
