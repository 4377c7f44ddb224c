"""Texts as the numbers of their characters, with spaces as scikit-learn has them: analyzer="char" and "char_wb"."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from alpenglow._export.converters.feature_extraction.ngrams import DROPPED, NONE, Entry, bordered, compacted, numbered
from alpenglow._export.graph.nodes import Nodes
from alpenglow._export.graph.spelling import CHARACTERS, characters

# All that Python takes for a space; their numbers are the first ones.
SPACES = [" ", *(character for character in CHARACTERS if character.isspace() and character != " ")]
SPACE = 0


def entries_of(model: Any) -> dict[Entry, int]:
    """The columns of those sequences in the vocabulary that are counted."""
    least, most = model.ngram_range
    words = model.analyzer == "char_wb"
    return {
        tuple(entry): column
        for entry, column in model.vocabulary_.items()
        if least <= len(entry) <= most or (words and len(entry) < least and is_word(entry))
    }


def is_word(entry: str) -> bool:
    """Whether it is a word between two spaces: one that is shorter than a sequence is counted nevertheless."""
    word = entry[1:-1]
    return word.split() == [word] and entry == f" {word} "


def numbers_of(entries: Iterable[Entry]) -> dict[str, int]:
    """The number of each character that is in a sequence or is a space."""
    found = dict.fromkeys([*SPACES, *(character for entry in entries for character in entry)])
    return {character: number for number, character in enumerate(found)}


def coded(nodes: Nodes, model: Any, x: str, numbers: dict[str, int]) -> str:
    """The numbers `[N, T]` of the characters of texts `[N, 1]`."""
    apart = characters(nodes, x)
    if model.analyzer == "char":
        return single_spaced(nodes, numbered(nodes, apart, numbers))
    # Behind a text that is shorter than another there is nothing, which is no part of a word.
    return within_words(nodes, numbered(nodes, apart, numbers | dict.fromkeys(["", *SPACES], SPACE)))


def single_spaced(nodes: Nodes, found: str) -> str:
    """Several spaces, of whatever kind, become one; a single one stays what it is."""
    around = bordered(nodes, found, 1, 1)
    zero, end = nodes.constant(np.int64(0)), nodes.constant(np.int64(len(SPACES)))
    spaces = nodes.add("And", [nodes.add("GreaterOrEqual", [around, zero]), nodes.add("Less", [around, end])])
    before, here, after = neighbours(nodes, spaces)
    one = nodes.add("Where", [nodes.add("And", [here, after]), nodes.constant(np.int64(SPACE)), found])
    again = nodes.add("And", [here, before])
    return compacted(nodes, nodes.add("Where", [again, nodes.constant(np.int64(DROPPED)), one]))


def within_words(nodes: Nodes, found: str) -> str:
    """Each word between spaces of its own; what was between words belongs to no sequence."""
    space, none, dropped = (nodes.constant(np.int64(number)) for number in (SPACE, NONE, DROPPED))
    around = bordered(nodes, found, 1, 1, SPACE)
    before, here, after = neighbours(nodes, nodes.add("Equal", [around, space]))
    word = nodes.add("Not", [here])
    parts = [
        nodes.add("Where", [nodes.add("And", [word, before]), space, dropped]),
        nodes.add("Where", [here, none, found]),
        nodes.add("Where", [nodes.add("And", [word, after]), space, dropped]),
    ]
    axis = nodes.constant(np.array([2]))
    stacked = nodes.add("Concat", [nodes.add("Unsqueeze", [part, axis]) for part in parts], axis=2)
    return compacted(nodes, nodes.add("Reshape", [stacked, nodes.constant(np.array([0, -1]))]))


def neighbours(nodes: Nodes, around: str) -> list[str]:
    """Of what has a border at both ends, `[N, T + 2]`: what is before, at and behind each of `[N, T]`."""
    one = nodes.constant(np.array([1]))
    ends = [(0, -2), (1, -1), (2, 2**62)]
    return [
        nodes.add("Slice", [around, nodes.constant(np.array([start])), nodes.constant(np.array([end])), one])
        for start, end in ends
    ]
