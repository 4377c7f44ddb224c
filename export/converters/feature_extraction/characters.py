"""Texts as their characters, or the numbers of these, with spaces as scikit-learn has them: "char" and "char_wb"."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from alpenglow._export.converters.feature_extraction.ngrams import Entry
from alpenglow._export.graph.nodes import Nodes
from alpenglow._export.graph.sequences import (
    DROPPED,
    NONE,
    bordered,
    compacted,
    neighbours,
    nothing,
    numbered,
    places,
    taken,
)
from alpenglow._export.graph.sigmas import SIGMAS
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


def spelled(nodes: Nodes, model: Any, x: str) -> str:
    """The characters themselves, strings `[N, T]`; nothing between words where these are apart, and behind the last."""
    apart = characters(nodes, x)
    known = {space: number for number, space in enumerate(SPACES)}
    words = model.analyzer == "char_wb"
    known |= dict.fromkeys(["", *SPACES], SPACE) if words else {"": NONE}
    found = numbered(nodes, apart, known, otherwise=len(SPACES))
    other = nodes.add("Equal", [found, nodes.constant(np.int64(len(SPACES)))])
    found = nodes.add("Where", [other, nodes.add("Add", [places(nodes, apart), found]), found])
    found = within_words(nodes, found) if words else single_spaced(nodes, found)
    spaces = nodes.add("StringConcat", [nothing(nodes, apart), nodes.constant(np.array([SPACES], object))])
    return taken(nodes, nodes.add("Concat", [spaces, apart], axis=1), found)


def tells_sigmas_apart(model: Any, parts: Iterable[str]) -> bool:
    """Whether it finds other characters where a text has the other small sigma."""
    return bool(set(parts) & set(SIGMAS))


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
