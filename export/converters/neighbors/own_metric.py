"""Metrics and weights that are Python functions of the user's own."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alpenglow._export.arithmetic import metrics
from alpenglow._export.arithmetic.metrics import Metric
from alpenglow._export.graph.nodes import Nodes
from alpenglow._export.tracing.pairs import of_pairs


@dataclass(frozen=True)
class OwnMetric(Metric):
    """A function of two rows, whose distances nothing makes cheaper."""

    function: Callable[[Any, Any], Any] = field(kw_only=True)

    def reduced(self, nodes: Nodes, x: str, points: NDArray[np.float64]) -> str:
        """The distances `[N, M]`."""
        return of_pairs(nodes, self.function, x, points)


def metric_of(model: Any) -> Metric:
    """The metric of a fitted search for neighbours."""
    if not callable(model.effective_metric_):
        return metrics.metric_of(model)
    return OwnMetric("function", 1, function=partial(model.effective_metric_, **model.effective_metric_params_))
