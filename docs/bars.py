"""Horizontal bars as an SVG picture: what the pictures of measurements share. The same bars give the same text."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

# The picture's measures, in its own units.
WIDTH, TOP, ROW, BAR = 800, 84, 40, 22
LEFT, LONGEST = 230, 330  # where the bars start; the longest bar
POINT = 9  # the tip of a bar that goes on

STYLE = """
  text { font: 14px system-ui, sans-serif; fill: #1f2328 }
  .title { font-weight: 600; font-size: 16px }
  .note { font-size: 12px; fill: #59636e }
  .name { text-anchor: end }
  .ours { font-weight: 600 }
  .whole { fill: #c3cbd4 }
  .part { fill: #6e7781 }
  .whole.ours { fill: #a5c9f3 }
  .part.ours { fill: #0969da }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc }
    .note { fill: #9198a1 }
    .whole { fill: #4a525c }
    .part { fill: #a9b3bd }
    .whole.ours { fill: #1b4a80 }
    .part.ours { fill: #6cb0ff }
  }
"""


@dataclass(frozen=True)
class Bar:
    """A bar with its name before and a text behind it; `part` is how much of it is drawn darker inside."""

    name: str
    whole: float
    text: str
    ours: bool = False
    part: float | None = None


@dataclass(frozen=True)
class Picture:
    """Bars below a heading, legends (a kind of bar and what it means), and a note below them.

    `title` and `said` are for those who do not see it. Bars beyond `most` end there in a point.
    """

    title: str
    said: str
    heading: str
    legends: Sequence[tuple[str, str]]
    bars: Sequence[Bar]
    note: str
    most: float | None = None

    def svg(self) -> str:
        """The picture."""
        height = TOP + ROW * len(self.bars) + 24
        longest = max(bar.whole for bar in self.bars)
        most = min(longest, self.most or longest)
        return "\n".join(
            [
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}"'
                f' height="{height}" role="img" aria-labelledby="title desc">',
                f'<title id="title">{escape(self.title)}</title>',
                f'<desc id="desc">{escape(self.said)}</desc>',
                f"<style>{STYLE}</style>",
                f'<text class="title" x="16" y="28">{escape(self.heading)}</text>',
                *(
                    line
                    for place, (kind, text) in enumerate(self.legends)
                    for line in legend(16 + 134 * place, kind, text)
                ),
                *(line for row, bar in enumerate(self.bars) for line in drawn(bar, TOP + ROW * row, most)),
                f'<text class="note" x="16" y="{height - 10}">{escape(self.note)}</text>',
                "</svg>\n",
            ]
        )


def legend(x: int, kind: str, text: str) -> list[str]:
    """A square in a bar's colour, and what the colour means."""
    return [
        f'<rect class="{kind}" x="{x}" y="46" width="14" height="14" rx="2"/>',
        f'<text class="note" x="{x + 20}" y="57">{escape(text)}</text>',
    ]


def drawn(bar: Bar, y: int, most: float) -> list[str]:
    """The row of one bar; `most` is the value of the longest."""
    kind = " ours" if bar.ours else ""
    length = LONGEST * min(bar.whole, most) / most
    baseline = y + BAR - 6
    lines = [
        f'<text class="name{kind}" x="{LEFT - 12}" y="{baseline}">{escape(bar.name)}</text>',
        f'<rect class="whole{kind}" x="{LEFT}" y="{y}" width="{length:.1f}" height="{BAR}" rx="2"/>',
    ]
    end = LEFT + length
    if bar.whole > most:
        lines.append(f'<path class="whole{kind}" d="M{end - 1:.1f} {y} l{POINT} {BAR / 2:g} l-{POINT} {BAR / 2:g} z"/>')
        end += POINT
    if bar.part is not None:
        part = LONGEST * bar.part / most
        lines.append(f'<rect class="part{kind}" x="{LEFT}" y="{y + 6}" width="{part:.1f}" height="{BAR - 12}" rx="2"/>')
    return [*lines, f'<text class="value{kind}" x="{end + 8:.1f}" y="{baseline}">{escape(bar.text)}</text>']
