"""HashingVectorizer and FeatureHasher: each word is counted in the column that is its hash, signed by another bit."""

from typing import Any

import numpy as np
from onnx import TensorProto
from sklearn.feature_extraction import FeatureHasher
from sklearn.feature_extraction.text import HashingVectorizer

from alpenglow._export.arithmetic.borders import NOWHERE
from alpenglow._export.converters.feature_extraction import characters, words
from alpenglow._export.converters.feature_extraction.vectorisers import preprocessed, refuse_unknown
from alpenglow._export.converters.preprocessing.scalers import normalized
from alpenglow._export.graph.columns import SparseTensorType, width
from alpenglow._export.graph.hashes import Hashes, gathered
from alpenglow._export.graph.nodes import Inputs, Nodes
from alpenglow._export.graph.sequences import nothing
from alpenglow._export.graph.text import is_string


def vectorise(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """The hashes of the sequences of words or characters in a text."""
    refuse_unknown(model)
    if width(inputs) != 1 or not is_string(inputs[0]):
        raise NotImplementedError("it does not read one column of text")
    unit = words if model.analyzer == "word" else characters
    x = preprocessed(nodes, model, inputs[0].full_name, sigmas=True)
    found = hashed(nodes, model, *sequences(nodes, model, unit.spelled(nodes, model, x)))
    values = found.values
    if model.binary:  # also what cancelled
        there = nodes.add("Less", [found.columns, nodes.constant(np.int64(model.n_features))])
        values = nodes.cast(there, TensorProto.DOUBLE)
    if model.norm is not None:
        values = normalized(nodes, values, model.norm, sparse=True)
    return [found.with_values(values)]


def sequences(nodes: Nodes, model: Any, parts: str) -> tuple[str, str]:
    """All sequences of so many parts `[N, T]` as the model counts, strings `[N, K]`, and which of these there are."""
    least, most = model.ngram_range
    by_word = model.analyzer == "word"
    found, valid = [], []
    # A word between spaces that is shorter than the least is counted nevertheless.
    shorter = range(3, least) if model.analyzer == "char_wb" else ()
    for length in (*shorter, *range(least, most + 1)):
        sequence, there = together(nodes, parts, length, " " if by_word else "", whole=length < least)
        found.append(sequence)
        valid.append(there)
    return tuple(nodes.add("Concat", several, axis=1) for several in (found, valid))  # type: ignore[return-value]


def together(nodes: Nodes, parts: str, length: int, between: str, *, whole: bool) -> tuple[str, str]:
    """Each part with those behind it `[N, T]`, and where all are there; of a whole word, if they begin and end it."""
    size = nodes.add("Shape", [parts], start=1, end=2)
    padded = nodes.add("Concat", [parts, nothing(nodes, parts, length - 1)], axis=1)
    one, joint = nodes.constant(np.array([1])), nodes.constant(np.array(between, object))
    pieces = []
    for at in range(length):
        start = nodes.constant(np.array([at]))
        pieces.append(nodes.add("Slice", [padded, start, nodes.add("Add", [size, start]), one]))
    empty, space = nodes.constant(np.array("", object)), nodes.constant(np.array(" ", object))
    made, there = pieces[0], nodes.add("Not", [nodes.add("Equal", [pieces[0], empty])])
    for piece in pieces[1:]:
        joined = nodes.add("StringConcat", [joint, piece]) if between else piece
        made = nodes.add("StringConcat", [made, joined])
        there = nodes.add("And", [there, nodes.add("Not", [nodes.add("Equal", [piece, empty])])])
    for end in (pieces[0], pieces[-1]) if whole else ():
        there = nodes.add("And", [there, nodes.add("Equal", [end, space])])
    return made, there


def hash_features(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """The hashes of the texts of a row."""
    if model.input_type != "string" or not all(is_string(variable) for variable in inputs):
        raise NotImplementedError("it reads dictionaries or pairs, which are no columns")
    refuse_type(model)
    names = [variable.full_name for variable in inputs]
    texts = names[0] if len(names) == 1 else nodes.add("Concat", names, axis=1)
    there = nodes.add("Equal", [texts, texts])
    return [hashed(nodes, model, texts, there)]


def hashed(nodes: Nodes, model: Any, texts: str, there: str) -> Hashes:
    """How often a column is the hash of one of some texts `[N, K]`, less how often with the other sign."""
    refuse_type(model)
    count = model.n_features
    found = nodes.add("MurmurHash3", [texts], op_domain="com.microsoft", seed=0, positive=0)
    number = nodes.cast(found, TensorProto.INT64)
    column = nodes.add("Mod", [nodes.add("Abs", [number]), nodes.constant(np.int64(count))])
    column = nodes.add("Where", [there, column, nodes.constant(np.int64(count))])
    value = nodes.cast(there, TensorProto.DOUBLE)
    if model.alternate_sign:
        below = nodes.add("Less", [number, nodes.constant(np.int64(0))])
        value = nodes.add("Where", [below, nodes.add("Neg", [value]), value])
    # One more, as a request may have no word at all.
    padding = nodes.constant(np.array([0, 0, 0, 1]))
    column = nodes.add("Pad", [column, padding, nodes.constant(np.int64(count))])
    value = nodes.add("Pad", [value, padding, nodes.constant(0.0)])
    return Hashes(nodes, *gathered(nodes, column, value, count), SparseTensorType([None, count]))


def refuse_type(model: Any) -> None:
    """Refuse what rounds otherwise, or overflows."""
    if np.dtype(model.dtype) != np.float64:
        raise NotImplementedError(
            f"it computes in {np.dtype(model.dtype)}, the graph in float64: give it dtype=numpy.float64"
        )


TRANSFORMERS = {FeatureHasher: hash_features, HashingVectorizer: vectorise}
BORDERS = dict.fromkeys(TRANSFORMERS, NOWHERE)  # a text is counted, not compared
