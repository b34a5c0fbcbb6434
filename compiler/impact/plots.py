"""The plots of a report as SVG: a heat map of a matrix, the map of a grid, two distributions of a score.

They take their colours from classes (see `page`), so that they are right in the light and in the dark. Each has a title
and a description for those who do not see it; the page has the same numbers as a table.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from math import sqrt

from ..wording import points_text
from .counting import BETWEEN
from .figures import Bin, Cell, Impact, Matrix, ScoreChange, Standing
from .order import Order, merged
from .said import share, standing, ways

_CHARACTER = 7.4
"""The usual width of a character, at the size that labels have."""


def heat_map(matrix: Matrix, name: str) -> str:
    """Rows are the old labels, columns the new ones; the darker, the more of the row's leads are there."""
    side = _label_width(matrix.old_labels)
    wide = max(86.0, *(_label_width((label,)) for label in matrix.new_labels))
    high, top = 46.0, 52.0
    width, height = side + wide * len(matrix.new_labels) + 8, top + high * len(matrix.old_labels) + 8
    order = Order(matrix.old_labels, matrix.new_labels) if matrix.what == "band" else None
    parts = [
        _text(side + wide * len(matrix.new_labels) / 2, 16, "now", "axis"),
        _text(side - 10, top - 12, "before", "axis", "end"),
    ]
    for x, label in enumerate(matrix.new_labels):
        parts.append(_text(side + wide * (x + 0.5), top - 12, _short(label), "label"))
    for y, label in enumerate(matrix.old_labels):
        parts.append(_text(side - 10, top + high * (y + 0.5) + 4, _short(label), "label", "end"))
        row = matrix.row(label)
        for x, new in enumerate(matrix.new_labels):
            cell = matrix.at(label, new)
            way = order.direction(label, new) if order is not None else "same" if label == new else "aside"
            parts.append(_cell(cell, way, row, side + wide * x, top + high * y, wide, high))
    told = f"{ways(matrix)}. Rows are before, columns now."
    return _svg(width, height, name, f"Where leads went: {matrix.name}", told, parts)


def _cell(cell: Cell, way: str, row: int, x: float, y: float, wide: float, high: float) -> str:
    box = f'x="{x + 1:.1f}" y="{y + 1:.1f}" width="{wide - 2:.1f}" height="{high - 2:.1f}" rx="4"'
    middle = x + wide / 2
    told = f"<title>{escape(f'{cell.old} -> {cell.new}: {standing(cell)}')}</title>"
    if not cell.leads:
        kind = "impossible" if cell.standing is Standing.IMPOSSIBLE else "empty"
        word = {
            Standing.IMPOSSIBLE: "impossible",
            Standing.POSSIBLE: "possible",
            Standing.UNDECIDED: "undecided",
        }.get(cell.standing, "")
        inside = [_text(middle, y + high / 2 + (-1 if word else 5), "0", "none")]
        if word:
            inside.append(_text(middle, y + high / 2 + 14, word, "small none"))
        return f'<g>{told}<rect class="{kind}" {box}/>{"".join(inside)}</g>'
    strength = 0.14 + 0.5 * sqrt(cell.leads / row)
    number = _text(middle, y + high / 2 - 1, f"{cell.leads:,}", "number")
    part = _text(middle, y + high / 2 + 14, share(cell.leads, row), "small")
    return f'<g>{told}<rect class="{way}" fill-opacity="{strength:.2f}" {box}/>{number}{part}</g>'


def grid_map(matrix: Matrix, name: str) -> str:
    """The cells of a grid where they stand: how many leads each has now, and how many more or fewer than before."""
    old, new = ([label.split(BETWEEN, 1) for label in labels] for labels in (matrix.old_labels, matrix.new_labels))
    rows, columns = (
        merged(list(dict.fromkeys(pair[at] for pair in old)), list(dict.fromkeys(pair[at] for pair in new)))
        for at in (0, 1)
    )
    corner = " × ".join(map(_short, matrix.by))
    side, wide = _label_width([*rows, corner]), max(86.0, _label_width(columns))
    high, top = 46.0, 34.0
    most = max((abs(_gain(matrix, row, column)) for row in rows for column in columns), default=0) or 1
    parts = [_text(side + wide * (x + 0.5), top - 12, _short(label), "label") for x, label in enumerate(columns)]
    for y, row in enumerate(rows):
        parts.append(_text(side - 10, top + high * (y + 0.5) + 4, _short(row), "label", "end"))
        for x, column in enumerate(columns):
            gain, label = _gain(matrix, row, column), row + BETWEEN + column
            now = matrix.column(label)
            left, above = side + wide * x, top + high * y
            box = f'x="{left + 1:.1f}" y="{above + 1:.1f}" width="{wide - 2:.1f}" height="{high - 2:.1f}" rx="4"'
            kind = "more" if gain > 0 else "fewer" if gain < 0 else "empty"
            strength = f' fill-opacity="{0.14 + 0.5 * sqrt(abs(gain) / most):.2f}"' if gain else ""
            told = f"<title>{escape(f'{label}: {matrix.row(label):,} before, {now:,} now')}</title>"
            number = _text(left + wide / 2, above + high / 2 - 1, f"{now:,}", "number" if now else "none")
            moved = _text(left + wide / 2, above + high / 2 + 14, f"{gain:+,}" if gain else "as before", "small")
            parts.append(f'<g>{told}<rect class="{kind}"{strength} {box}/>{number}{moved}</g>')
    parts.append(_text(side - 10, top - 12, corner, "axis", "end"))
    told = f"Leads in each cell now, and the difference from before. {ways(matrix)}."
    size = side + wide * len(columns) + 8, top + high * len(rows) + 8
    return _svg(*size, name, f"The grid of {matrix.name}", told, parts)


def _gain(matrix: Matrix, row: str, column: str) -> int:
    label = row + BETWEEN + column
    return matrix.column(label) - matrix.row(label)


def histogram(score: ScoreChange, impact: Impact, name: str) -> str:
    """Two distributions over the same bins: now as bars, before as a line over them."""
    width, height, left, top, bottom = 560.0, 220.0, 64.0, 14.0, 40.0
    inner, tall = width - left - 14, height - top - bottom
    bins = score.bins
    most = max((max(one.old, one.new) for one in bins), default=0) or 1
    wide = inner / max(len(bins), 1)

    def level(leads: int) -> float:
        return top + tall * (1 - leads / most)

    parts: list[str] = []
    for part in (0.0, 0.5, 1.0):
        y = top + tall * (1 - part)
        parts.append(f'<line class="rule" x1="{left:.1f}" x2="{left + inner:.1f}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(_text(left - 8, y + 4, f"{round(most * part):,}", "small", "end"))
    line = [f"M{left:.1f} {top + tall:.1f}"]
    for at, one in enumerate(bins):
        x = left + wide * at
        bar = level(one.new)
        told = f"{_from_to(one, bins)}: {one.old:,} before, {one.new:,} now"
        parts.append(
            f'<rect class="now" x="{x + 1:.1f}" y="{bar:.1f}" width="{max(wide - 2, 1):.1f}" '
            f'height="{top + tall - bar:.1f}"><title>{escape(told)}</title></rect>'
        )
        line.append(f"V{level(one.old):.1f}H{x + wide:.1f}")
    line.append(f"V{top + tall:.1f}")
    parts.append(f'<path class="before" d="{"".join(line)}"/>')
    every = max(1, -(-len(bins) // 10))
    for at in range(0, len(bins), every):
        parts.append(_text(left + wide * at, top + tall + 18, points_text(bins[at].low), "small"))
    if bins and len(bins) % every == 0:
        parts.append(_text(left + inner, top + tall + 18, points_text(bins[-1].high), "small"))
    parts.append(_text(left + inner / 2, height - 4, f"{score.name} (points)", "axis"))
    told = f"{score.higher:,} {impact.subject}s have more points, {score.lower:,} fewer, {score.same:,} the same."
    return _svg(width, height, name, f"How {score.name} is spread, before and now", told, parts)


def _from_to(one: Bin, bins: tuple[Bin, ...]) -> str:
    word = "to" if one is bins[-1] else "to below"
    return f"{points_text(one.low)} {word} {points_text(one.high)}"


def bin_text(score: ScoreChange, one: Bin) -> str:
    """`40 to below 45`"""
    return _from_to(one, score.bins)


def _svg(width: float, height: float, name: str, title: str, told: str, parts: list[str]) -> str:
    head = (
        f'<svg role="img" aria-labelledby="{name}-title {name}-told" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'width="{width:.0f}" height="{height:.0f}" xmlns="http://www.w3.org/2000/svg">'
    )
    said = f'<title id="{name}-title">{escape(title)}</title><desc id="{name}-told">{escape(told)}</desc>'
    return f"{head}{said}{''.join(parts)}</svg>"


def _text(x: float, y: float, words: str, kind: str, anchor: str = "middle") -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def _short(label: str, most: int = 22) -> str:
    return label if len(label) <= most else label[: most - 1] + "…"


def _label_width(labels: Sequence[str]) -> float:
    longest = max((len(_short(label)) for label in labels), default=0)
    return max(60.0, _CHARACTER * longest + 22)
