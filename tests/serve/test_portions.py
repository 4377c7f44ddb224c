"""Rows go through the graph in portions whose texts, filled up to the longest, are not large."""

from hypothesis import given
from hypothesis import strategies as st

from alpenglow._serve.portions import MOST_CHARACTERS, portions

LONG = MOST_CHARACTERS // 4
MOST = 10


def test_short_texts_do_not_matter() -> None:
    assert list(portions([["a"] * 25], 25, MOST)) == list(portions([], 25, MOST))
    assert [part.stop for part in portions([["a"] * 25], 25, MOST)] == [10, 20, 25]


def test_a_long_text_is_with_few_others() -> None:
    texts = ["short"] * 6 + ["x" * LONG] + ["short"] * 6
    assert [texts[part] for part in portions([texts], 13, MOST)] == [texts[:6], texts[6:10], texts[10:]]


@given(st.lists(st.tuples(st.integers(0, LONG), st.integers(0, 2 * LONG)), min_size=1, max_size=40))
def test_every_row_is_in_one_and_none_is_large(sizes) -> None:
    columns = [["x" * size for size in column] for column in zip(*sizes, strict=True)]
    rows = range(len(sizes))
    parts = [list(rows[part]) for part in portions(columns, len(sizes), MOST)]
    assert [row for part in parts for row in part] == list(rows)
    for part in parts:
        assert 1 <= len(part) <= MOST
        assert len(part) == 1 or len(part) * max(sum(sizes[row]) for row in part) <= MOST_CHARACTERS
