"""Tables of Markdown, as the pages of measurements have them."""

from collections.abc import Sequence


def table(rows: Sequence[Sequence[str]]) -> str:
    """A table below its head, texts to the left and numbers to the right."""
    head, *below = rows
    lines = [f"| {' | '.join(row)} |" for row in (head, *below)]
    return "\n".join([lines[0], f"|---{'|--:' * (len(head) - 1)}|", *lines[1:]])
