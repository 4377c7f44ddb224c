"""Texts as their words, or the numbers of these, stop words taken out: analyzer="word"."""

import re
from collections.abc import Iterable
from typing import Any

import numpy as np

from alpenglow._export.converters.feature_extraction.ngrams import Entry
from alpenglow._export.converters.feature_extraction.patterns import words_of
from alpenglow._export.graph.nodes import Nodes
from alpenglow._export.graph.sequences import DROPPED, NONE, compacted, numbered, places, taken
from alpenglow._export.graph.sigmas import SIGMAS


def entries_of(model: Any) -> dict[Entry, int]:
    """The columns of those sequences in the vocabulary that a text can contain."""
    least, most = model.ngram_range
    if most > 1 and words_of(pattern_of(model)).spaced:
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
    found = tokens(nodes, model, x)
    if model.ngram_range[1] == 1:  # what is no word, or a stop word, is in no entry, and need not be taken out
        return numbered(nodes, found, numbers)
    return without_others(nodes, model, found, numbered(nodes, found, numbers | stop_words(model)))


def spelled(nodes: Nodes, model: Any, x: str) -> str:
    """The words themselves, strings `[N, T]`; nothing behind the last."""
    found = tokens(nodes, model, x)
    here = numbered(nodes, found, stop_words(model) | {"": NONE}, otherwise=0)
    place = nodes.add("Where", [nodes.add("Equal", [here, nodes.constant(np.int64(0))]), places(nodes, found), here])
    return taken(nodes, found, without_others(nodes, model, found, place))


def pattern_of(model: Any) -> str:
    """What its words are; a few tokenizers find what a pattern finds.

    Raises:
        NotImplementedError: It has another one.
    """
    split = model.tokenizer
    if split is None:
        return str(model.token_pattern)
    if split is str.split:
        return r"\S+"
    found = getattr(split, "__self__", None)
    if isinstance(found, re.Pattern) and split == found.findall and found.flags == re.UNICODE and not found.groups:
        return str(found.pattern)
    raise NotImplementedError(
        "its tokenizer is a Python function, which no graph can call, but for str.split and re.compile(pattern).findall"
    )


def stop_words(model: Any) -> dict[str, int]:
    """The number of what is no word to it."""
    return dict.fromkeys(model.get_stop_words() or (), DROPPED)


def tells_sigmas_apart(model: Any, words: Iterable[str]) -> bool:
    """Whether it finds other words where a text has the other small sigma."""
    greek = any(set(word) & set(SIGMAS) for word in (*words, *stop_words(model)))
    return greek or not words_of(pattern_of(model)).sigmas


def tokens(nodes: Nodes, model: Any, x: str) -> str:
    """What may be a word in texts `[N, 1]`, strings `[N, T]`; nothing behind the last."""
    words = words_of(pattern_of(model))
    found = nodes.add(
        "Tokenizer",
        [x],
        op_domain="com.microsoft",
        mark=0,
        pad_value="",
        tokenexp=words.expression,
        mincharnum=words.shortest,
    )
    return nodes.add("Squeeze", [found, nodes.constant(np.array([1]))])


def without_others(nodes: Nodes, model: Any, found: str, coded: str) -> str:
    """Numbers of tokens without those of tokens that are no whole words or stop words."""
    whole_words = words_of(pattern_of(model)).whole
    for whole in whole_words:
        word = nodes.add("RegexFullMatch", [found], pattern=whole)
        coded = nodes.add("Where", [word, coded, nodes.constant(np.int64(DROPPED))])
    return compacted(nodes, coded) if stop_words(model) or whole_words else coded
