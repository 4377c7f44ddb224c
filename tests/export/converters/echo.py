"""A regression that predicts its features: what stands in front of it is seen to the last bit."""

from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.pipeline import make_pipeline

from alpenglow._export.graph.nodes import Inputs, Nodes, Outputs
from alpenglow._export.registry import PREDICTORS
from tests.export.helpers import check_same


class Echo(RegressorMixin, BaseEstimator):
    def fit(self, X: Any, y: Any = None) -> Self:
        self.n_outputs_ = X.shape[1]
        return self

    def predict(self, X: Any) -> Any:
        return np.asarray(X.toarray() if hasattr(X, "toarray") else X, np.float64)


def echo(nodes: Nodes, model: Any, inputs: Inputs) -> Outputs:
    return {"prediction": nodes.matrix(inputs)}


PREDICTORS[Echo] = echo


def check_transform(
    transformer: Any, sample: pd.DataFrame, rows: pd.DataFrame | None = None, tolerance: float = 0.0, target: Any = None
) -> None:
    """The transformer, fitted on the sample, gives the same columns in the graph."""
    check_same(make_pipeline(transformer, Echo()).fit(sample, target), sample, rows, tolerance)
