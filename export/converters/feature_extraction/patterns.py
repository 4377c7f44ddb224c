r"""What a `token_pattern` finds, as RE2 finds it: runs of some characters, from a length on, perhaps between `\b`.

RE2 knows no letters beyond ASCII, and ONNX Runtime has it take the longest match, where Python takes the first. So the
sets of characters are spelled out as Python has them, and what may be found otherwise is refused.
"""

import math
import re
import sys
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from alpenglow._export.graph.spelling import CHARACTERS

# A set of characters, and how many of them.
PART = (
    r"(?P<set>\\[wWdDsS]|\\[^\w\s]|\[\^?+\]?+(?:\\.|[^\]\\])*+\]|[^\\\[\](){}*+?|^$])"
    r"(?P<count>[+*?]|\{[0-9]+\}|\{[0-9]*,[0-9]*\})?+"
)
PATTERN = re.compile(rf"(?P<flags>\(\?[aimsu]+\))?(?P<left>\\b)?(?P<parts>(?:{PART})+)(?P<right>\\b)?", re.DOTALL)
SIGMA, FINAL_SIGMA = 0x3C3, 0x3C2
# RE2 copies what it repeats. With four copies of all letters it takes seconds for a text, with fifteen it complains.
MOST_REPEATED, MOST_COPIED = 500, 2500
REPEATED = re.compile(r"(\[.*?\]|\(\?s:\.\))(?:\{(\d*),?(\d*)\})?")

Members = NDArray[np.bool_]  # whether a character is in a set, by its code


@dataclass(frozen=True)
class Words:
    """How to find the words of a text.

    Attributes:
        expression: What RE2 is to look for; it takes the longest at the first place.
        shortest: A word has at least so many characters.
        whole: What a word must match as a whole.
        spaced: Whether a word may hold a space.
        sigmas: Whether a place that takes one of the small sigmas takes both.
    """

    expression: str
    shortest: int
    whole: tuple[str, ...]
    spaced: bool
    sigmas: bool


@dataclass(frozen=True, eq=False)
class Part:
    """From `least` to `most` characters of a set; any number from `least` on if there is no most."""

    members: Members
    least: int
    most: int | None

    @classmethod
    def of(cls, flags: str, characters: str, count: str | None) -> Self:
        """What Python takes this for."""
        least, comma, most = (count or "{1}").strip("{}").partition(",")
        if least in ("+", "*", "?"):
            return cls(members(flags, characters), int(least == "+"), 1 if least == "?" else None)
        return cls(members(flags, characters), int(least or 0), int(most or least) if most or not comma else None)

    def has(self, members: Members) -> bool:
        """Whether these are among its own."""
        return not (members & ~self.members).any()

    def __str__(self) -> str:
        """As RE2 has it."""
        return f"{written(self.members)}{{{self.least},{'' if self.most is None else self.most}}}"


def words_of(pattern: str) -> Words:
    """How to find what a `token_pattern` finds.

    Raises:
        NotImplementedError: It may be found otherwise.
    """
    found = PATTERN.fullmatch(pattern)
    if found is None:
        raise NotImplementedError(f"its token_pattern {pattern!r} is more than runs of characters, such as '[a-z]+'")
    flags = found["flags"] or ""
    parts = [Part.of(flags, one["set"], one["count"]) for one in re.finditer(PART, found["parts"], re.DOTALL)]
    shortest = sum(part.least for part in parts)
    if not shortest:
        raise NotImplementedError(f"its token_pattern {pattern!r} finds words without characters")
    expressions = between(parts, Part.of(flags, r"\w", "+"), found["left"] is not None, found["right"] is not None)
    if expressions is None:
        raise NotImplementedError(f"its token_pattern {pattern!r} takes parts of runs of characters")
    if any(map(is_large, expressions)):
        raise NotImplementedError(f"its token_pattern {pattern!r} repeats too many characters too often")
    return Words(
        expressions[0],
        shortest,
        tuple(expressions[1:]),
        spaced=any(part.members[ord(" ")] for part in parts),
        sigmas=all(part.members[SIGMA] == part.members[FINAL_SIGMA] for part in parts),
    )


def between(parts: list[Part], word: Part, left: bool, right: bool) -> list[str] | None:
    r"""The `expression` and the `whole` of words that begin or end at a `\b`, if they are known.

    Args:
        parts: What a word is made of, at least one character.
        word: A run of word characters.
        left: Whether there is a `\b` in front of it.
        right: Whether there is one behind it.
    """
    first, last = parts[0], parts[-1]
    # A whole run of word characters ends at a `\b` without being told to.
    if last.most is None and same([last, word]):
        right = left
    if first.most is None and same([first, word]):
        left = right
    if not (left or right) or (same([*parts, word]) and endless(parts)):
        found = anywhere(parts)
        return [found] if found else None
    run = written(word.members)
    if left and right and all(word.has(part.members) for part in parts):
        return [f"{run}+", *throughout(parts)]
    if left and right and same(parts) and endless(parts) and first.has(word.members):
        # From the first word character of a run to its last one.
        return [f"{run}(?:{written(first.members)}*{run})?"]
    return None


def throughout(parts: list[Part]) -> list[str]:
    """What words that are long enough match as a whole if they are made of these parts."""
    if not same(parts):
        return ["".join(map(str, parts))]
    most = sum(part.most or 0 for part in parts)
    return [f"{written(parts[0].members)}+", *([] if endless(parts) else [f"(?s:.){{1,{most}}}"])]


def anywhere(parts: list[Part]) -> str | None:
    """The expression of words that may begin and end anywhere, but for their least length; None if it is not known."""
    *heads, last = parts
    if same(parts):
        most = "" if endless(parts) else sum(part.most or 0 for part in parts)
        return f"{written(last.members)}{{1,{most}}}"
    # The longest is the first that Python finds where each part can take a number of characters only, or where the last
    # one takes all that the others leave.
    certain = all(part.least == part.most for part in heads)
    greedy = last.most is None and all(last.has(part.members) for part in heads)
    return "".join(map(str, parts)) if certain or greedy else None


def is_large(expression: str) -> bool:
    """Whether it is too large for RE2, which writes out what is repeated."""
    counts = [(one[1].count("-"), int(one[3] or one[2] or 1)) for one in REPEATED.finditer(expression)]
    return max(count for _, count in counts) > MOST_REPEATED or sum(map(math.prod, counts)) > MOST_COPIED


def same(parts: list[Part]) -> bool:
    """Whether all have the same set."""
    return all(np.array_equal(part.members, parts[0].members) for part in parts)


def endless(parts: list[Part]) -> bool:
    """Whether one of them takes any number of characters."""
    return any(part.most is None for part in parts)


def members(flags: str, characters: str) -> Members:
    """What Python takes for one of these characters."""
    found = np.zeros(sys.maxunicode + 1, np.bool_)
    for run in re.finditer(f"{flags}(?:{characters})+", CHARACTERS):
        found[ord(run[0][0]) : ord(run[0][-1]) + 1] = True
    return found


def written(members: Members) -> str:
    """A set of characters as RE2 has it."""
    edges = np.flatnonzero(np.diff(members, prepend=False, append=False)).reshape(-1, 2)
    return "[" + "".join(f"\\x{{{first:x}}}-\\x{{{end - 1:x}}}" for first, end in edges) + "]"
