"""What CatBoost's trees compare of categories: whether there is one, and statistics of them.

A statistic is of a category or of a combination of several, with numbers cut in two. CatBoost has a table of these by
hash, and one value for what is not in it. Unless all hashes of a table are those of combinations of the sample's
categories, one that CatBoost knows would be taken for unknown, so that is refused.

In the graph each combination is one integer, whose digits are the codes of its categories and the bits of its numbers.
"""

from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, numpy_helper

from alpenglow._export.converters.libraries.catboost.categories import Hashes, Known
from alpenglow._export.converters.libraries.catboost.dumped import ABOVE, CATEGORY, IS, Dump, Part, Statistic
from alpenglow._export.converters.preprocessing.categories import look_up
from alpenglow._export.graph.nodes import ML5, Inputs, Nodes

MULTIPLIER = np.uint64(0x4906BA494954CB65)  # of CatBoost's `CalcHash`
EMPTY = 2**64 - 1  # a place in a table that nothing is in
MOST_TRIED = 2**20  # combinations of the sample's categories; if there are more, those of its rows are tried
MOST_COMBINATIONS = 2**62  # that integers can tell apart
COUNTERS = ("Counter", "FeatureFreq")
MEANS = ("BinarizedTargetMeanValue", "FloatTargetMeanValue")
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Digits:
    """Those of all combinations.

    Attributes:
        parts: What each is; first the categories, then the numbers, then single categories.
        hashes: What CatBoost hashes for each value of a digit, from 0 on; 0 of a category is an unknown one.
        codes: Those of the single categories.
        rows: The digits of the sample's rows, `[N, D]`.
    """

    parts: list[Part]
    hashes: list[Hashes]
    codes: Integers
    rows: Integers

    def of(self, kind: str) -> list[Part]:
        """The parts of a kind."""
        return [part for part in self.parts if part.kind == kind]


def compared(nodes: Nodes, dump: Dump, x: str | None, columns: Inputs, sample: Known) -> list[str]:
    """The columns that trees compare beside numbers: those of `one_hot` and `statistics`, float64 `[N, K]` each.

    Args:
        nodes: The graph.
        dump: The model.
        x: Its numbers, float64 `[N, F]`.
        columns: Its categories, `[N, 1]` each.
        sample: What is known of these.
    """
    digits = digits_of(dump, sample)
    joined = in_graph(nodes, dump, x, columns, sample, digits)
    found = []
    if dump.one_hot:
        bits = nodes.pick(joined, [digits.parts.index(part) for part in dump.one_hot])
        found.append(nodes.cast(bits, TensorProto.DOUBLE))
    return [*found, *([looked_up(nodes, dump, joined, digits)] if dump.statistics else [])]


def digits_of(dump: Dump, sample: Known) -> Digits:
    """The digits that a model needs, and those of the sample."""
    several = dict.fromkeys([*(part for one in dump.statistics for part in one.parts), *dump.one_hot])
    above, single = ([part for part in several if part.kind == kind] for kind in (ABOVE, IS))
    codes = np.array([code_of(dump, sample, part) for part in single], np.int64)
    numbers = sample.numbers[:, [part.column for part in above]]
    bits = (numbers > borders(above)) | (np.isnan(numbers) & nan_above(dump, above))
    rows = [sample.rows, bits, sample.rows[:, [part.column for part in single]] == codes]
    categories = [Part(CATEGORY, column) for column in range(len(sample.hashes))]
    known = [np.r_[np.zeros(1, np.uint64), hashes] for hashes in sample.hashes]
    both = [np.arange(2, dtype=np.uint64)] * (len(above) + len(single))
    return Digits([*categories, *above, *single], [*known, *both], codes, np.concatenate(rows, axis=1).astype(np.int64))


def code_of(dump: Dump, sample: Known, part: Part) -> int:
    """The code of a single category."""
    found = np.flatnonzero(sample.hashes[part.column] == np.array(part.value, np.int64).astype(np.uint64))
    if not len(found):
        raise lacking(dump, [part], 1)
    return int(found[0]) + 1


def borders(above: list[Part]) -> NDArray[np.float32]:
    """The values of parts."""
    return np.array([part.value for part in above], np.float32)


def nan_above(dump: Dump, above: list[Part]) -> NDArray[np.bool_]:
    """Whether a missing number is above the values of parts."""
    return np.array([dump.nan_right[part.column] for part in above], bool)


def lacking(dump: Dump, parts: list[Part] | tuple[Part, ...], count: int) -> NotImplementedError:
    """That the sample does not have so many of what a table has."""
    names = [dump.names[(dump.numbers if part.kind == ABOVE else dump.categories)[part.column]] for part in parts]
    columns = ", ".join(map(repr, dict.fromkeys(names)))
    what, remedy = ("categories", "") if len(parts) == 1 else ("combinations", ", or fit it with max_ctr_complexity=1")
    return NotImplementedError(
        f"of the {what} of {columns} that it knows, the sample lacks {count:,}, and CatBoost keeps but a hash of each: "
        f"give the rows that it was fitted on{remedy}"
    )


def in_graph(nodes: Nodes, dump: Dump, x: str | None, columns: Inputs, sample: Known, digits: Digits) -> str:
    """The digits of all rows, int64 `[N, D]`."""
    found = [
        look_up(nodes, variable, values, np.append(codes, 0))
        for variable, values, codes in zip(columns, sample.values, sample.codes, strict=True)
    ]
    categories = found[0] if len(found) == 1 else nodes.add("Concat", found, axis=1)
    parts = [categories]
    above, single = digits.of(ABOVE), digits.of(IS)
    if above:
        assert x  # noqa: S101 - there are numbers
        numbers = nodes.cast(nodes.pick(x, [part.column for part in above]), TensorProto.FLOAT)
        bits = nodes.add("Greater", [numbers, nodes.constant(borders(above)[np.newaxis])])
        gaps = nan_above(dump, above)
        if gaps.any():
            missing = nodes.add("And", [nodes.add("IsNaN", [numbers]), nodes.constant(gaps[np.newaxis])])
            bits = nodes.add("Or", [bits, missing])
        parts.append(nodes.cast(bits, TensorProto.INT64))
    if single:
        chosen = nodes.pick(categories, [part.column for part in single])
        same = nodes.add("Equal", [chosen, nodes.constant(digits.codes[np.newaxis])])
        parts.append(nodes.cast(same, TensorProto.INT64))
    return parts[0] if len(parts) == 1 else nodes.add("Concat", parts, axis=1)


def looked_up(nodes: Nodes, dump: Dump, joined: str, digits: Digits) -> str:
    """The statistics of rows, float64 `[N, S]`, from their digits."""
    tables = list(dict.fromkeys((one.parts, one.table) for one in dump.statistics))
    strides, starts, numbers, rows = combinations(dump, digits, tables)
    combination = nodes.add("Add", [nodes.add("MatMul", [joined, nodes.constant(strides)]), nodes.constant(starts)])
    found = nodes.add(
        "LabelEncoder",
        [combination],
        op_domain=ML5,
        op_version=1,
        keys_tensor=numpy_helper.from_array(numbers),
        values_tensor=numpy_helper.from_array(rows),
        default_tensor=numpy_helper.from_array(np.array([-1])),
    )
    # Of each statistic the value for what is unknown, and then those of its table's rows.
    values = [values_of(one, *keys_of(dump.tables[one.table])) for one in dump.statistics]
    first = np.cumsum([1, *(len(some) for some in values[:-1])])
    places = nodes.pick(found, [tables.index((one.parts, one.table)) for one in dump.statistics])
    places = nodes.add("Add", [places, nodes.constant(first[np.newaxis])])
    return nodes.add("Gather", [nodes.constant(np.concatenate(values)), places], axis=0)


def combinations(
    dump: Dump, digits: Digits, tables: list[tuple[tuple[Part, ...], str]]
) -> tuple[Integers, Integers, Integers, Integers]:
    """How the digits make one number of a combination in each of the tables, and what has a row there.

    Returns:
        What to multiply the digits by, `[D, T]`; what to add then, `[1, T]`; the numbers of those combinations that
        are in a table; and their rows in it.
    """
    strides = np.zeros((len(digits.parts), len(tables)), np.int64)
    starts, numbers, rows = [0], [], []
    for place, (parts, name) in enumerate(tables):
        at = [digits.parts.index(part) for part in parts]
        sizes = [len(digits.hashes[digit]) for digit in at]
        starts.append(starts[-1] + prod(sizes))
        if starts[-1] > MOST_COMBINATIONS:
            raise NotImplementedError("its categories have too many combinations: fit it with max_ctr_complexity=1")
        strides[at, place] = [prod(sizes[:index]) for index in range(len(at))]
        known, row = matched(dump, parts, keys_of(dump.tables[name])[0], tried(digits, at), digits)
        numbers.append(known @ strides[at, place] + starts[place])
        rows.append(row)
    return strides, np.array([starts[:-1]]), np.concatenate(numbers), np.concatenate(rows)


def tried(digits: Digits, at: list[int]) -> Integers:
    """Digits `[T, P]` of combinations that CatBoost may know: all there are of the sample's values, or those it has."""
    first = [int(digits.parts[place].kind == CATEGORY) for place in at]
    sizes = [len(digits.hashes[place]) - least for place, least in zip(at, first, strict=True)]
    if prod(sizes) > MOST_TRIED:
        return np.unique(digits.rows[:, at], axis=0)
    every: Integers = np.indices(sizes).reshape(len(sizes), -1).T + np.array(first)
    return every


def matched(
    dump: Dump, parts: tuple[Part, ...], keys: Hashes, some: Integers, digits: Digits
) -> tuple[Integers, Integers]:
    """Those of some combinations `[T, P]` that are in a table, and their rows in it.

    Raises:
        NotImplementedError: The table has others.
    """
    key = np.zeros(len(some), np.uint64)
    for part, digit in zip(parts, some.T, strict=True):
        key = MULTIPLIER * (key + MULTIPLIER * digits.hashes[digits.parts.index(part)][digit])
    order = np.argsort(keys)
    row = order[np.minimum(np.searchsorted(keys, key, sorter=order), len(keys) - 1)]
    hit = keys[row] == key
    missing = len(keys) - len(np.unique(row[hit]))
    if missing:
        raise lacking(dump, parts, missing)
    return some[hit], row[hit]


def keys_of(table: dict[str, Any]) -> tuple[Hashes, NDArray[np.float64], int]:
    """The hashes in a table, its rows of counts or of a sum and a count, and what all counts are counts of."""
    flat, stride = table["hash_map"], table["hash_stride"]
    keys = np.array([int(key) for key in flat[::stride]], np.uint64)
    counts = np.array([flat[place::stride] for place in range(1, stride)], np.float64).T
    return keys[keys != EMPTY], counts[keys != EMPTY], int(table["counter_denominator"])


def values_of(one: Statistic, keys: Hashes, counts: NDArray[np.float64], denominator: int) -> NDArray[np.float64]:
    """A statistic's values, for what is unknown and for each row of its table, computed in float32 as CatBoost does."""
    kind, border = one.settings["ctr_type"], one.settings["target_border_idx"]
    if kind in COUNTERS:
        good, total = counts[:, 0], np.full(len(counts), denominator)
    elif kind in MEANS:
        good, total = counts.T
    elif kind == "Buckets":
        good, total = counts[:, border], counts.sum(axis=1)
    elif kind == "Borders":
        good, total = counts[:, border + 1 :].sum(axis=1), counts.sum(axis=1)
    else:
        raise NotImplementedError(f"it has the statistic {kind}")
    good, total = np.r_[0, good].astype(np.float32), np.r_[denominator, total].astype(np.float32)
    settings = (one.settings[name] for name in ("prior_numerator", "prior_denomerator", "shift", "scale"))
    numerator, of, shift, scale = np.array(list(settings), np.float32)
    return np.asarray(((good + numerator) / (total + of) + shift) * scale, np.float64)
