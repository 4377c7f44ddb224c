"""Sequences of numbers, counted: what a vocabulary's entries are once their words or characters have numbers."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from onnx import TensorProto, numpy_helper

from alpenglow._export.graph.nodes import ML5, Nodes, strings

NONE = -1  # the number of what is in no entry
DROPPED = -2  # that of what is taken out before sequences are made

Entry = tuple[str, ...]  # the words or characters of a sequence


def refuse_sigmas(model: Any, parts: Iterable[str]) -> None:
    """Refuse to look for sigmas in lower case: only with what stands around them is known which one a capital gets."""
    if model.lowercase and any(set(part) & set("σς") for part in parts):
        raise NotImplementedError("it has Greek words with a sigma, whose lower case depends on what follows the word")


def numbered(nodes: Nodes, parts: str, numbers: Mapping[str, int]) -> str:
    """The number of each string `[N, T]`, int64 `[N, T]`; `NONE` if it has none."""
    return nodes.add(
        "LabelEncoder",
        [parts],
        op_domain=ML5,
        op_version=1,
        keys_tensor=strings(list(numbers)),
        values_tensor=numpy_helper.from_array(np.array(list(numbers.values()), np.int64)),
        default_tensor=numpy_helper.from_array(np.array([NONE], np.int64)),
    )


def compacted(nodes: Nodes, coded: str) -> str:
    """Numbers `[N, T]` without those that are `DROPPED`: the others move to the left, `NONE` comes behind them."""
    kept = nodes.add("Not", [nodes.add("Equal", [coded, nodes.constant(np.int64(DROPPED))])])
    one, end = nodes.constant(np.array([1])), nodes.constant(np.array([-1]))
    order = nodes.add("CumSum", [nodes.cast(kept, TensorProto.INT64), nodes.constant(np.int64(1))])
    size = nodes.add("Shape", [bordered(nodes, coded, 0, 1)])
    empty = nodes.add("ConstantOfShape", [size], value=numpy_helper.from_array(np.array([NONE], np.int64)))
    # What is dropped goes to one more place, which is cut off again.
    last = nodes.add("Shape", [coded], start=1, end=2)
    places = nodes.add("Where", [kept, nodes.add("Sub", [order, one]), last])
    moved = nodes.add("ScatterElements", [empty, places, coded], axis=1)
    return nodes.add("Slice", [moved, nodes.constant(np.array([0])), end, one])


def bordered(nodes: Nodes, coded: str, before: int, after: int, number: int = NONE) -> str:
    """Numbers `[N, T]` with a number more at their beginning and end, so many times."""
    return nodes.add("Pad", [coded, nodes.constant(np.array([0, before, 0, after])), nodes.constant(np.int64(number))])


def counted(nodes: Nodes, coded: str, entries: Mapping[Entry, int], numbers: Mapping[str, int], width: int) -> str:
    """How often each entry is in numbers `[N, T]`: float32 `[N, width]`, which holds integers up to 2**24.

    Args:
        nodes: The graph.
        coded: The numbers of each text.
        entries: The columns of the sequences that there may be, one at least.
        numbers: The number of each part of them.
        width: How many columns there are. Nothing is ever counted in those without an entry.
    """
    longest = max(map(len, entries))
    pool: list[list[int]] = [[] for _ in range(longest)]
    columns: list[list[int]] = [[] for _ in range(longest)]
    for entry, column in entries.items():
        pool[len(entry) - 1] += [numbers[part] for part in entry]
        columns[len(entry) - 1].append(column)
    # Every column must be that of an entry: these have numbers that nothing has.
    missing = sorted(set(range(width)).difference(entries.values()))
    unused = max(numbers.values()) + 1
    pool[0] += [unused + column for column in missing]
    columns[0] += missing
    return nodes.add(
        "TfIdfVectorizer",
        [coded],
        mode="TF",
        min_gram_length=1,
        max_gram_length=longest,
        max_skip_count=0,
        ngram_counts=[sum(map(len, pool[:size])) for size in range(longest)],
        ngram_indexes=[column for part in columns for column in part],
        pool_int64s=[number for part in pool for number in part],
    )
