"""The capital sigma, whose lower case Python chooses by what stands around it: at the end of a word it gets another."""

import sys

import numpy as np
from onnx import TensorProto

from alpenglow._export.graph.nodes import Nodes
from alpenglow._export.graph.sequences import DROPPED, bordered, compacted, neighbours, numbered

CAPITAL, FINAL = "Σ", "ς"
SIGMAS = "σς"
CASED, SIGMA = 1, 2


def final_sigmas(nodes: Nodes, apart: str) -> str:
    """Which characters `[N, T]` are capital sigmas with a letter before them, and none behind.

    Letters are those that have a case. What Unicode lets stand within a word, such as an apostrophe, is passed over.
    """
    kinds = numbered(nodes, apart, kinds_of_characters())
    zero, sigma = nodes.constant(np.int64(0)), nodes.constant(np.int64(SIGMA))
    before, here, after = neighbours(nodes, bordered(nodes, compacted(nodes, kinds), 1, 1))
    follows = nodes.add("Greater", [before, zero])
    ends = nodes.add("Not", [nodes.add("Greater", [after, zero])])
    final = nodes.add("And", [nodes.add("Equal", [here, sigma]), nodes.add("And", [follows, ends])])
    kept = nodes.cast(
        nodes.add("Not", [nodes.add("Equal", [kinds, nodes.constant(np.int64(DROPPED))])]), TensorProto.INT64
    )
    place = nodes.add("CumSum", [kept, nodes.constant(np.int64(1))], exclusive=1)
    found = nodes.add("GatherElements", [nodes.cast(final, TensorProto.INT64), place], axis=1)
    return nodes.add("And", [nodes.cast(found, TensorProto.BOOL), nodes.add("Equal", [kinds, sigma])])


def kinds_of_characters() -> dict[str, int]:
    """What each character is to Python, asked by what becomes of a sigma in front of it; most are nothing."""
    kinds = {}
    for code in range(sys.maxunicode + 1):
        character = chr(code)
        if ("a" + CAPITAL + character).lower()[1] != FINAL:
            kinds[character] = CASED
        elif ("a" + CAPITAL + character + "b").lower()[1] != FINAL:
            kinds[character] = DROPPED
    return kinds | {CAPITAL: SIGMA}
