"""Texts as the numbers of their words, stop words taken out: analyzer="word"."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from alpenglow._export.converters.feature_extraction.ngrams import DROPPED, Entry, compacted, numbered, refuse_sigmas
from alpenglow._export.converters.feature_extraction.patterns import words_of
from alpenglow._export.graph.nodes import Nodes


def entries_of(model: Any) -> dict[Entry, int]:
    """The columns of those sequences in the vocabulary that a text can contain."""
    least, most = model.ngram_range
    if most > 1 and words_of(model.token_pattern).spaced:
        raise NotImplementedError("its words may hold spaces, which also join them")
    split = {tuple(entry.split(" ")) if most > 1 else (entry,): column for entry, column in model.vocabulary_.items()}
    tokenize, stop = model.build_tokenizer(), model.get_stop_words() or ()
    found = {word for entry in split for word in entry if word not in stop}
    known = {word for word in found if tokenize(word) == [word]}
    return {entry: column for entry, column in split.items() if least <= len(entry) <= most and known.issuperset(entry)}


def numbers_of(entries: Iterable[Entry]) -> dict[str, int]:
    """The number of each word."""
    return {word: number for number, word in enumerate(sorted({word for entry in entries for word in entry}))}


def coded(nodes: Nodes, model: Any, x: str, numbers: dict[str, int]) -> str:
    """The numbers `[N, T]` of the words of texts `[N, 1]`."""
    words = words_of(model.token_pattern)
    stop = dict.fromkeys(model.get_stop_words() or (), DROPPED)
    if model.lowercase and not words.sigmas:
        raise NotImplementedError("its token_pattern tells small sigmas apart, which lower case does by what follows")
    found = nodes.add(
        "Tokenizer",
        [x],
        op_domain="com.microsoft",
        mark=0,
        pad_value="",
        tokenexp=words.expression,
        mincharnum=words.shortest,
    )
    found = nodes.add("Squeeze", [found, nodes.constant(np.array([1]))])
    if model.ngram_range[1] == 1:  # what is no word, or a stop word, is in no entry, and need not be taken out
        return numbered(nodes, found, numbers)
    refuse_sigmas(model, stop)
    places = numbered(nodes, found, numbers | stop)
    for whole in words.whole:
        word = nodes.add("RegexFullMatch", [found], pattern=whole)
        places = nodes.add("Where", [word, places, nodes.constant(np.int64(DROPPED))])
    return compacted(nodes, places) if stop or words.whole else places
