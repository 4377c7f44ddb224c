"""PolynomialFeatures: products in scikit-learn's order, each one made of a product of one degree less."""

from itertools import combinations, combinations_with_replacement
from typing import Any

import numpy as np
from sklearn.preprocessing import PolynomialFeatures

from alpenglow._export.arithmetic.borders import NOWHERE
from alpenglow._export.graph.columns import as_kind, is_sparse, width
from alpenglow._export.graph.nodes import Inputs, Nodes


def expand(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """A column of ones, if wanted, and the products of each degree.

    Dense: x0 * x1 * x2 is (x2 * x1) * x0. Sparse: (x0 * x1) * x2.
    """
    x = nodes.matrix(inputs)
    features = range(width(inputs))
    sparse = is_sparse(inputs)
    parts = []
    if model.include_bias:
        parts.append(nodes.add("Pow", [nodes.pick(x, [0]), nodes.constant(np.float64(0.0))]))
    terms: list[tuple[int, ...]] = [(feature,) for feature in features]
    products = x
    for degree in range(1, model._max_degree + 1):
        if degree > 1:
            shorter = {term: place for place, term in enumerate(terms)}
            make = combinations if model.interaction_only else combinations_with_replacement
            terms = list(make(features, degree))
            if not terms:
                break
            rest = [shorter[term[:-1] if sparse else term[1:]] for term in terms]
            factor = nodes.pick(x, [term[-1 if sparse else 0] for term in terms])
            products = nodes.add("Mul", [nodes.pick(products, rest), factor])
        if degree >= model._min_degree:
            parts.append(products)
    found = parts[0] if len(parts) == 1 else nodes.add("Concat", parts, axis=1)
    return as_kind(nodes, nodes.table(found, model.n_output_features_), sparse=sparse)


TRANSFORMERS = {PolynomialFeatures: expand}
BORDERS = {PolynomialFeatures: NOWHERE}
