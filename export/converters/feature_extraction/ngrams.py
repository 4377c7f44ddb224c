"""Sequences of numbers, counted: what a vocabulary's entries are once their words or characters have numbers."""

from collections.abc import Mapping

from alpenglow._export.graph.nodes import Nodes

Entry = tuple[str, ...]  # the words or characters of a sequence


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
