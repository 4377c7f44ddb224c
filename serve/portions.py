"""Rows that go through a graph at once: few where a text is long, as of each it keeps as much as of the longest."""

from collections.abc import Iterator, Sequence

# Of all rows, were all as long as the longest. While a text is taken apart, each of its characters is a string.
MOST_CHARACTERS = 1 << 18


def portions(texts: Sequence[Sequence[str]], rows: int, most: int) -> Iterator[slice]:
    """The rows, in order.

    Args:
        texts: The columns of texts that the graph may take apart, `[rows]` each.
        rows: How many there are.
        most: As many at once, unless texts are long.
    """
    if not texts:
        yield from (slice(at, min(at + most, rows)) for at in range(0, rows, most))
        return
    begin = longest = 0
    for at, row in enumerate(zip(*texts, strict=True)):
        length = sum(map(len, row))
        longest = max(longest, length)
        if at - begin == most or (at > begin and (at - begin + 1) * longest > MOST_CHARACTERS):
            yield slice(begin, at)
            begin, longest = at, length
    yield slice(begin, rows)
