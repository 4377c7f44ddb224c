"""What `Series.str` has that can be recorded: exact for every character, however pandas keeps its text."""

import re
import unicodedata
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from onnx import TensorProto

from alpenglow._export.graph.nodes import Nodes
from alpenglow._export.graph.spelling import CHARACTERS, TOGETHER, characters, joined, label, respelled_as, split_by
from alpenglow._export.tracing.columns import TEXTS, Column
from alpenglow._export.tracing.ufuncs import missing
from alpenglow._serve.signature import MISSING

SPECIAL = set(".^$*+?{}[]\\()|")  # of patterns


class Texts:
    """A stand-in for the `str` of a series."""

    def __init__(self, series: "pd.Series[Any]") -> None:
        self.series = series
        self.column: Column = series.array
        self.trace = self.column.trace
        if not self.column.array.is_text:
            raise AttributeError("Can only use .str accessor with string values")

    def made(self, real: "pd.Series[Any]", build: Callable[[Nodes, str], str], *, text: bool = True) -> Any:
        """A series of what pandas makes of the example, and the nodes that do; a missing text stays missing."""
        x = self.column.array

        def whole(nodes: Nodes) -> str:
            found = build(nodes, x.tensor)
            if not text:
                return found
            return nodes.add("Where", [missing(nodes, x.tensor), nodes.constant(np.array(MISSING, object)), found])

        example = real.to_numpy(TEXTS) if text else real.to_numpy()
        column = Column(self.trace.record(example, whole, x), real.dtype)
        return pd.Series(column, index=self.series.index, name=self.series.name)

    @property
    def real(self) -> Any:
        """What pandas has for the example."""
        return self.column.real.str

    def changed(self, method: str) -> dict[str, str]:
        """What pandas makes of each character that does not stay what it is."""

        def spelled(texts: list[str]) -> list[str]:
            return list(getattr(pd.Series(texts, dtype=self.column.inner).str, method)())

        many = [CHARACTERS[at : at + TOGETHER] for at in range(0, len(CHARACTERS), TOGETHER)]
        some = "".join(old for old, new in zip(many, spelled(many), strict=True) if old != new)
        return {old: new for old, new in zip(some, spelled(list(some)), strict=True) if old != new}

    def spaces(self) -> list[str]:
        """What pandas takes for a space."""
        some = [c for c in CHARACTERS if c.isspace() or (unicodedata.category(c)[0] in "CZ" and c < "\ue000")]
        return [
            c for c, kept in zip(some, pd.Series(some, dtype=self.column.inner).str.strip(), strict=True) if not kept
        ]

    def lower(self) -> Any:
        """Small letters."""
        return self.made(self.real.lower(), lambda nodes, x: respelled_as(nodes, x, self.changed("lower")))

    def upper(self) -> Any:
        """Capitals."""
        return self.made(self.real.upper(), lambda nodes, x: respelled_as(nodes, x, self.changed("upper")))

    def casefold(self) -> Any:
        """For comparisons."""
        return self.made(self.real.casefold(), lambda nodes, x: respelled_as(nodes, x, self.changed("casefold")))

    def strip(self, to_strip: Any = None) -> Any:
        """Without spaces, or these characters, at both ends."""
        return self.stripped("strip", to_strip, left=True, right=True)

    def lstrip(self, to_strip: Any = None) -> Any:
        """At the start."""
        return self.stripped("lstrip", to_strip, left=True, right=False)

    def rstrip(self, to_strip: Any = None) -> Any:
        """At the end."""
        return self.stripped("rstrip", to_strip, left=False, right=True)

    def stripped(self, method: str, given: Any, *, left: bool, right: bool) -> Any:
        """Without some characters at an end."""
        real = getattr(self.real, method)(given)

        def build(nodes: Nodes, x: str) -> str:
            gone = self.spaces() if given is None else list(dict.fromkeys(given))
            apart = characters(nodes, x)
            ends = nodes.add("Equal", [label(nodes, apart, dict.fromkeys(["", *gone], ""), "x"), nothing(nodes)])
            counted = nodes.cast(nodes.add("Not", [ends]), TensorProto.INT64)
            sides = []
            for wanted, reverse in ((left, 0), (right, 1)):
                if wanted:
                    so_far = nodes.add("CumSum", [counted, nodes.constant(np.int64(1))], reverse=reverse)
                    sides.append(nodes.add("Greater", [so_far, nodes.constant(np.int64(0))]))
            kept = sides[0] if len(sides) == 1 else nodes.add("And", sides)
            return joined(nodes, nodes.add("Where", [kept, apart, nothing(nodes)]), blank(nodes, x))

        return self.made(real, build)

    def len(self) -> Any:
        """How many characters; NaN for a missing text."""

        def build(nodes: Nodes, x: str) -> str:
            empty = nodes.add("Equal", [characters(nodes, x), nothing(nodes)])
            ones = nodes.cast(nodes.add("Not", [empty]), TensorProto.DOUBLE)
            count = nodes.add("ReduceSum", [ones, nodes.constant(np.array([1]))], keepdims=1)
            return nodes.add("Where", [missing(nodes, x), nodes.constant(np.float64(np.nan)), count])

        return self.made(self.real.len().astype(np.float64), build, text=False)

    def contains(self, pat: str, case: bool = True, flags: int = 0, na: Any = None, regex: bool = True) -> Any:
        """Whether a text has another one in it."""
        if not case or flags:
            self.trace.refuse("it looks for text whatever its case: call .str.lower() first")
        parts = pat.split("|") if regex else [pat]
        if regex and any(set(part) & SPECIAL for part in parts):
            self.trace.refuse(f"it looks for the pattern {pat!r}: plain text, and a|b, can be recorded")
        return self.matching("(" + "|".join(map(re.escape, parts)) + ")", ("(?s).*", ".*"), na)

    def startswith(self, pat: str, na: Any = None) -> Any:
        """Whether a text begins with another one."""
        return self.matching(re.escape(pat), ("(?s)", ".*"), na)

    def endswith(self, pat: str, na: Any = None) -> Any:
        """Whether a text ends with another one."""
        return self.matching(re.escape(pat), ("(?s).*", ""), na)

    def matching(self, pattern: str, around: tuple[str, str], na: Any) -> Any:
        """Whether the whole of a text is like a pattern; a missing one is not, unless `na` says so."""
        before, after = around
        example = np.array([bool(re.fullmatch(before + pattern + after, text)) for text in self.plain()])

        def build(nodes: Nodes, x: str) -> str:
            found = nodes.add("RegexFullMatch", [x], pattern=before + pattern + after)
            gap = missing(nodes, x)
            return nodes.add("Or", [found, gap]) if na is True else nodes.add("And", [found, nodes.add("Not", [gap])])

        return self.made(pd.Series(example), build, text=False)

    def plain(self) -> list[str]:
        """The example's texts; nothing in place of a missing one."""
        return ["" if pd.isna(text) else str(text) for text in self.column.array.example]

    def replace(
        self, pat: Any, repl: Any = None, n: int = -1, case: Any = None, flags: int = 0, regex: bool = False
    ) -> Any:
        """Another text in place of one."""
        if not isinstance(pat, str) or not isinstance(repl, str) or n != -1 or case is False or flags or not pat:
            self.trace.refuse("it replaces by a pattern or a function: .str.replace('a', 'b') can be recorded")
        if regex and (set(pat) & SPECIAL or "\\" in repl):
            self.trace.refuse(f"it replaces the pattern {pat!r}: plain text can be recorded")

        def build(nodes: Nodes, x: str) -> str:
            if len(pat) == 1:
                return respelled_as(nodes, x, {pat: repl})
            return split_by(nodes, x, pat, repl)

        return self.made(self.real.replace(pat, repl, regex=regex), build)

    def __getattr__(self, name: str) -> Any:
        self.trace.refuse(f"Series.str.{name} is none of what can be recorded")


def nothing(nodes: Nodes) -> str:
    """The empty text."""
    return nodes.constant(np.array("", object))


def blank(nodes: Nodes, x: str) -> str:
    """As many empty texts, `[N, 1]`."""
    return label(nodes, x, {MISSING: ""}, "")
