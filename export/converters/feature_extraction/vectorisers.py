"""CountVectorizer, TfidfVectorizer and TfidfTransformer on words and characters, as Python has them in any language.

skl2onnx's own splits at other places and leaves letters beyond ASCII to the C library.
"""

from typing import Any

import numpy as np
from onnx import TensorProto
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer, TfidfVectorizer

from alpenglow._export.arithmetic.borders import NOWHERE
from alpenglow._export.converters.feature_extraction import characters, words
from alpenglow._export.converters.feature_extraction.ngrams import counted
from alpenglow._export.converters.preprocessing.scalers import normalized
from alpenglow._export.graph.columns import SparseTensorType, width
from alpenglow._export.graph.hashes import by_column, values, with_values
from alpenglow._export.graph.nodes import Inputs, Nodes
from alpenglow._export.graph.spelling import respelled
from alpenglow._export.graph.text import is_string

SPELLINGS = (str.lower, str.upper, str.casefold)  # preprocessors that treat each character for itself


def count(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """How often each sequence of words or characters of the vocabulary is in a text."""
    refuse_unknown(model)
    if width(inputs) != 1 or not is_string(inputs[0]):
        raise NotImplementedError("it does not read one column of text")
    counts = nodes.cast(frequencies(nodes, model, inputs[0].full_name), TensorProto.DOUBLE)
    if model.binary:
        counts = nodes.add("Sign", [counts])
    return nodes.table(counts, len(model.vocabulary_), SparseTensorType)


def refuse_unknown(model: Any) -> None:
    """Refuse what calls Python functions, and what the graph would do otherwise."""
    for name in ("preprocessor", "analyzer", "strip_accents"):
        given = getattr(model, name)
        if callable(given) and not (name == "preprocessor" and given in SPELLINGS):
            raise NotImplementedError(f"its {name} is a Python function, which no graph can call")
    if model.input != "content":
        raise NotImplementedError(f"it reads files, input={model.input!r}")
    dtype = np.dtype(model.dtype)
    if isinstance(model, TfidfVectorizer) and dtype != np.float64:
        raise NotImplementedError(f"it computes in {dtype}, the graph in float64: fit it with dtype=numpy.float64")
    if dtype.itemsize < 4:
        raise NotImplementedError(f"it counts in {dtype}, which holds no large counts: fit it with dtype=numpy.int64")


def frequencies(nodes: Nodes, model: Any, x: str) -> str:
    """Counts, float32 `[N, V]`, of texts `[N, 1]`."""
    unit = words if model.analyzer == "word" else characters
    entries = unit.entries_of(model)
    if not entries:
        raise NotImplementedError("no text can contain what is in its vocabulary")
    numbers = unit.numbers_of(entries)
    x = preprocessed(nodes, model, x, sigmas=unit.tells_sigmas_apart(model, numbers))
    return counted(nodes, unit.coded(nodes, model, x, numbers), entries, numbers, len(model.vocabulary_))


def preprocessed(nodes: Nodes, model: Any, x: str, *, sigmas: bool) -> str:
    """Texts `[N, 1]` in lower case and without accents, if it wants that."""
    if not (model.lowercase or model.strip_accents or model.preprocessor):
        return x
    lower = model.lowercase if model.preprocessor is None else model.preprocessor is str.lower
    return respelled(nodes, x, model.build_preprocessor(), sigmas=sigmas and lower)


def count_weighted(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """Counts, weighted."""
    return weigh(nodes, model._tfidf, count(nodes, model, inputs))


def weigh(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """Counts times the inverse frequency of their words, each row divided by its norm."""
    if model.use_idf and model.idf_.dtype != np.float64:
        raise NotImplementedError(f"it computes in {model.idf_.dtype}, the graph in float64: count in numpy.float64")
    x = values(nodes, inputs)
    if model.sublinear_tf:
        zero, one = nodes.constant(np.float64(0.0)), nodes.constant(np.float64(1.0))
        more = nodes.add("Add", [nodes.add("Log", [x]), one])
        x = nodes.add("Where", [nodes.add("Equal", [x, zero]), zero, more])
    if model.use_idf:
        x = nodes.add("Mul", [x, by_column(nodes, inputs, model.idf_)])
    if model.norm is not None:
        x = normalized(nodes, x, model.norm, sparse=True)
    return with_values(nodes, inputs, x, SparseTensorType)


TRANSFORMERS = {
    CountVectorizer: count,
    TfidfTransformer: weigh,
    TfidfVectorizer: count_weighted,
}
BORDERS = dict.fromkeys(TRANSFORMERS, NOWHERE)  # a text is counted, not compared
