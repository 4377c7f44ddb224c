"""Transformers that no graph can follow exactly, and why."""

from typing import Any

from sklearn.decomposition import NMF, DictionaryLearning, LatentDirichletAllocation, MiniBatchNMF
from sklearn.feature_extraction import DictVectorizer

from alpenglow._export.arithmetic.borders import NOWHERE
from alpenglow._export.graph.nodes import Inputs, Nodes, Transformer


def because(reason: str) -> Transformer:
    """A converter that refuses."""

    def refuse(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
        raise NotImplementedError(reason)

    return refuse


ITERATES = because("it solves an optimization for each row")
TOGETHER = because(
    "it iterates until all rows of a request have converged: a row alone gets another answer than among others"
)
TRANSFORMERS = {
    DictVectorizer: because("it reads dictionaries, which are no columns"),
    DictionaryLearning: ITERATES,
    LatentDirichletAllocation: ITERATES,
    MiniBatchNMF: TOGETHER,
    NMF: TOGETHER,
}
BORDERS = dict.fromkeys(TRANSFORMERS, NOWHERE)  # there is no graph of them
