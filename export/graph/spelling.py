"""Lower case and accents as Python has them, character by character: C libraries disagree on both."""

import sys
from collections.abc import Callable

import numpy as np
from onnx import GraphProto, TensorProto, helper, numpy_helper

from alpenglow._export.graph.nodes import ML5, Nodes, strings
from alpenglow._export.graph.sequences import places
from alpenglow._export.graph.sigmas import final_sigmas

UNCHANGED = "\ufdd3"  # a noncharacter: what the table of spellings does not change
MOST_DOUBLINGS = 62
TOGETHER = 64  # characters that are looked at together, as nearly all stay what they are
# All that a string can hold.
CHARACTERS = "".join(chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code <= 0xDFFF)


def respelled(nodes: Nodes, x: str, spell: Callable[[str], str], *, sigmas: bool = False) -> str:
    """Strings `[N, 1]` with each character spelled anew.

    Args:
        nodes: The graph.
        x: Strings `[N, 1]`.
        spell: What Python does. It must treat each character for itself, but for a capital sigma in lower case.
        sigmas: Whether it matters which small sigma a capital one gets.
    """
    return respelled_as(nodes, x, respellings(spell), spell("aΣ").removeprefix(spell("a")) if sigmas else None)


def respelled_as(nodes: Nodes, x: str, changed: dict[str, str], final: str | None = None) -> str:
    """Strings `[N, 1]` with other strings in place of some characters, and one for capital sigmas that end a word."""
    apart = characters(nodes, x)
    if 2 * len(changed) > len(CHARACTERS):  # only ASCII is kept
        kept = {c: changed.get(c, c) for c in CHARACTERS[:128]} | {c: new for c, new in changed.items() if new}
        spelled = label(nodes, apart, kept, "")
    else:
        found = label(nodes, apart, changed, UNCHANGED)
        same = nodes.add("Equal", [found, nodes.constant(np.array(UNCHANGED, dtype=object))])
        spelled = nodes.add("Where", [same, apart, found])
    if final is not None:
        spelled = nodes.add("Where", [final_sigmas(nodes, apart), nodes.constant(np.array(final, object)), spelled])
    return joined(nodes, spelled, label(nodes, x, {UNCHANGED: ""}, ""))


def respellings(spell: Callable[[str], str]) -> dict[str, str]:
    """What becomes of each character that does not stay what it is."""
    changed: dict[str, str] = {}
    for at in range(0, len(CHARACTERS), TOGETHER):
        some = CHARACTERS[at : at + TOGETHER]
        if spell(some) != some:
            changed |= {character: new for character in some if (new := spell(character)) != character}
    return changed


def characters(nodes: Nodes, x: str) -> str:
    """The characters `[N, T]` of strings `[N, 1]`; nothing where a string has fewer."""
    text = nodes.flat(x)
    return nodes.add(
        "Tokenizer", [text], op_domain="com.microsoft", mark=0, pad_value="", separators=[""], mincharnum=1
    )


def label(nodes: Nodes, x: str, table: dict[str, str], default: str) -> str:
    """The string that the table has for each string."""
    keys, values = list(table), list(table.values())
    return nodes.add(
        "LabelEncoder",
        [x],
        op_domain=ML5,
        op_version=1,
        keys_tensor=strings(keys),
        values_tensor=strings(values),
        default_tensor=strings([default]),
    )


def split_by(nodes: Nodes, x: str, old: str, new: str) -> str:
    """Strings `[N, 1]` with another string in place of each `old`, from the left to the right."""
    parts, count = (nodes.scope.get_unique_variable_name(name) for name in ("parts", "count"))
    nodes.container.add_node(
        "StringSplit",
        [nodes.flat(x)],
        [parts, count],
        name=nodes.scope.get_unique_operator_name("StringSplit"),
        op_version=20,
        delimiter=old,
    )
    zero, place = nodes.constant(np.int64(0)), places(nodes, parts)
    behind = nodes.add("And", [nodes.add("Greater", [place, zero]), nodes.add("Less", [place, nodes.column(count)])])
    between = nodes.add("Where", [behind, *(nodes.constant(np.array(text, object)) for text in (new, ""))])
    return joined(nodes, nodes.add("StringConcat", [between, parts]), label(nodes, x, {UNCHANGED: ""}, ""))


def joined(nodes: Nodes, apart: str, blank: str) -> str:
    """Strings `[N, C]` joined to `[N, 1]`: neighbours become one, again and again; `blank` is `[N, 1]` of nothing."""
    start = nodes.add("Concat", [apart, blank], axis=1)
    loop: str = nodes.scope.get_unique_variable_name("joined")
    most, go = nodes.constant(np.int64(MOST_DOUBLINGS)), nodes.constant(np.bool_(True))
    nodes.container.add_node(
        "Loop",
        [most, go, start, blank],
        [loop, nodes.scope.get_unique_variable_name("blank")],
        name=nodes.scope.get_unique_operator_name("Loop"),
        body=pairing(),
    )
    return loop


def pairing() -> GraphProto:
    """One round: `[N, C]` to half as many, until one is left."""
    made = [
        helper.make_node("Concat", ["loop x", "loop blank"], ["loop padded"], axis=1),
        helper.make_node("Slice", ["loop x", "loop 0", "loop end", "loop 1", "loop 2"], ["loop even"]),
        helper.make_node("Slice", ["loop padded", "loop 1", "loop end", "loop 1", "loop 2"], ["loop odd"]),
        helper.make_node("StringConcat", ["loop even", "loop odd"], ["loop pairs"]),
        helper.make_node("Shape", ["loop pairs"], ["loop width"], start=1, end=2),
        helper.make_node("Greater", ["loop width", "loop 1"], ["loop more"]),
        helper.make_node("Squeeze", ["loop more"], ["loop go on"]),
        helper.make_node("Identity", ["loop blank"], ["loop blank out"]),
    ]
    numbers = {"loop 0": 0, "loop 1": 1, "loop 2": 2, "loop end": 2**62}
    return helper.make_graph(
        made,
        "pairing",
        [
            helper.make_tensor_value_info("loop round", TensorProto.INT64, []),
            helper.make_tensor_value_info("loop go", TensorProto.BOOL, []),
            helper.make_tensor_value_info("loop x", TensorProto.STRING, [None, None]),
            helper.make_tensor_value_info("loop blank", TensorProto.STRING, [None, 1]),
        ],
        [
            helper.make_tensor_value_info("loop go on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("loop pairs", TensorProto.STRING, [None, None]),
            helper.make_tensor_value_info("loop blank out", TensorProto.STRING, [None, 1]),
        ],
        [numpy_helper.from_array(np.array([value]), name) for name, value in numbers.items()],
    )
