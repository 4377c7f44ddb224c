"""CountVectorizer, TfidfVectorizer and TfidfTransformer on words, as Python finds them in any language.

skl2onnx's own splits at other places and leaves letters beyond ASCII to the C library.
"""

from typing import Any

import numpy as np
from onnx import TensorProto, numpy_helper
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfTransformer, TfidfVectorizer

from alpenglow._export.columns import SparseTensorType, width
from alpenglow._export.converters.scalers import normalized, row
from alpenglow._export.converters.spelling import respelled, word_characters
from alpenglow._export.converters.text import is_string
from alpenglow._export.nodes import ML5, Inputs, Nodes, strings

# The regular expressions that are known, and how many characters they want.
SHORTEST = {
    prefix + pattern: length
    for prefix in ("", "(?u)")
    for pattern, length in {r"\b\w\w+\b": 2, r"\b\w+\b": 1, r"\w+": 1, r"\w\w+": 2, r"\b\w{2,}\b": 2}.items()
}


def count(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """How often each word or sequence of words of the vocabulary is in a text."""
    refuse_unknown(model)
    if width(inputs) != 1 or not is_string(inputs[0]):
        raise NotImplementedError("it does not read one column of text")
    counts = nodes.cast(frequencies(nodes, model, words(nodes, model, inputs[0].full_name)), TensorProto.DOUBLE)
    if model.binary:
        counts = nodes.add("Sign", [counts])
    return nodes.table(counts, len(model.vocabulary_), SparseTensorType)


def refuse_unknown(model: Any) -> None:
    """Refuse what calls Python functions, and what the graph would do otherwise."""
    for name in ("preprocessor", "tokenizer", "analyzer", "strip_accents"):
        if callable(getattr(model, name)):
            raise NotImplementedError(f"its {name} is a Python function, which no graph can call")
    if model.analyzer != "word":
        raise NotImplementedError(f"it takes characters, analyzer={model.analyzer!r}, not words")
    if model.token_pattern not in SHORTEST:
        raise NotImplementedError(f"its token_pattern {model.token_pattern!r} is not one of those that are known")
    if model.ngram_range[1] > 1 and model.stop_words is not None:
        raise NotImplementedError("it joins words across stop words")
    if model.input != "content":
        raise NotImplementedError(f"it reads files, input={model.input!r}")
    if issubclass(type(model), TfidfVectorizer) and model.dtype != np.float64:
        raise NotImplementedError(f"it computes in {np.dtype(model.dtype)}")


def words(nodes: Nodes, model: Any, x: str) -> str:
    """The words `[N, T]` of texts `[N, 1]`; nothing where a text has fewer."""
    if model.lowercase or model.strip_accents:
        x = respelled(nodes, x, model.build_preprocessor())
    shortest = SHORTEST[model.token_pattern]
    found = nodes.add(
        "Tokenizer",
        [x],
        op_domain="com.microsoft",
        mark=0,
        pad_value="",
        tokenexp=word_characters() + "+",
        mincharnum=shortest,
    )
    return nodes.add("Squeeze", [found, nodes.constant(np.array([1]))])


def frequencies(nodes: Nodes, model: Any, found: str) -> str:
    """Counts, float32 `[N, V]`, which hold integers up to 2**24."""
    shortest, longest = model.ngram_range
    sequences = {tuple(entry.split(" ")): place for entry, place in model.vocabulary_.items()}
    numbers = {word: number for number, word in enumerate(sorted({word for entry in sequences for word in entry}))}
    # What no text can contain still has a column: it gets a number that no word has.
    ids, places = pools(sequences, numbers, longest)
    keys = known(model, numbers)
    coded = nodes.add(
        "LabelEncoder",
        [found],
        op_domain=ML5,
        op_version=1,
        keys_tensor=strings(list(keys)),
        values_tensor=numpy_helper.from_array(np.array(list(keys.values()), np.int64)),
        default_tensor=numpy_helper.from_array(np.array([-1], np.int64)),
    )
    # There may be no words at all, and fewer than in a sequence.
    coded = nodes.add("Pad", [coded, nodes.constant(np.array([0, 0, 0, longest])), nodes.constant(np.int64(-1))])
    return nodes.add(
        "TfIdfVectorizer",
        [coded],
        mode="TF",
        min_gram_length=shortest,
        max_gram_length=longest,
        max_skip_count=0,
        ngram_counts=[sum(len(part) for part in ids[:size]) for size in range(longest)],
        ngram_indexes=[place for part in places for place in part],
        pool_int64s=[number for part in ids for number in part],
    )


def pools(
    sequences: dict[tuple[str, ...], int], numbers: dict[str, int], longest: int
) -> tuple[list[list[int]], list[list[int]]]:
    """The words' numbers of all sequences, one list for each length, and the columns that they are counted in."""
    ids: list[list[int]] = [[] for _ in range(longest)]
    places: list[list[int]] = [[] for _ in range(longest)]
    for entry, place in sequences.items():
        possible = len(entry) <= longest
        ids[len(entry) - 1 if possible else 0] += [numbers[word] for word in entry] if possible else [-2 - place]
        places[len(entry) - 1 if possible else 0].append(place)
    return ids, places


def known(model: Any, numbers: dict[str, int]) -> dict[str, int]:
    """The number of each word that a text can contain."""
    tokenize, stop = model.build_tokenizer(), model.get_stop_words() or ()
    found = {word: number for word, number in numbers.items() if tokenize(word) == [word] and word not in stop}
    if not found:
        raise NotImplementedError("no text can contain what is in its vocabulary")
    if model.lowercase and any(set(word) & set("σς") for word in found):
        raise NotImplementedError("it has Greek words with a sigma, whose lower case depends on what follows the word")
    return found


def count_weighted(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """Counts, weighted."""
    return weigh(nodes, model._tfidf, count(nodes, model, inputs))


def weigh(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """Counts times the inverse frequency of their words, each row divided by its norm."""
    x = nodes.matrix(inputs)
    if model.sublinear_tf:
        zero, one = nodes.constant(np.float64(0.0)), nodes.constant(np.float64(1.0))
        more = nodes.add("Add", [nodes.add("Log", [x]), one])
        x = nodes.add("Where", [nodes.add("Equal", [x, zero]), zero, more])
    if model.use_idf:
        x = nodes.add("Mul", [x, nodes.constant(row(model.idf_))])
    if model.norm is not None:
        x = normalized(nodes, x, model.norm, sparse=True)
    return nodes.table(x, width(inputs), SparseTensorType)


def refuse_hashes(nodes: Nodes, model: Any, inputs: Inputs) -> Inputs:
    """Refuse HashingVectorizer."""
    raise NotImplementedError(f"its {model.n_features:,} columns are too many for a graph: a CountVectorizer has fewer")


TRANSFORMERS = {
    CountVectorizer: count,
    HashingVectorizer: refuse_hashes,
    TfidfTransformer: weigh,
    TfidfVectorizer: count_weighted,
}
