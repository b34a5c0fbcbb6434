"""A report as Markdown, short enough for a comment on a pull request. It names no lead: keys may be mail addresses, and
such comments are read by many."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..wording import moment_text
from .figures import EditEffects, Impact, Matrix
from .said import data_text, empty_cells, leads_text, moves, reach, rejected_text, share, standing, title, ways

MOST_LABELS = 8
"""A matrix with more rows or columns is told by its largest moves."""
MOST_MOVES = 8
MOST_EDITS = 10


def markdown(impact: Impact) -> str:
    """Headings begin at the third level, so that it can stand inside of something."""
    head = f"### What the change means for {leads_text(impact.both, impact.subject)}"
    if not impact.changed:
        summary = f"**No {impact.subject} gets another result.**"
    else:
        summary = (
            f"**{impact.moved:,} ({share(impact.moved, impact.both)}) get another band or outcome**, "
            f"{impact.changed - impact.moved:,} only other points, {impact.both - impact.changed:,} stay as they are."
        )
    parts = [head, summary]
    for matrix in impact.matrices:
        parts += _matrix(matrix)
    if impact.edits is not None and impact.edits.effects:
        parts += _edits(impact.edits)
    lost = rejected_text(impact)
    versions = f"{_plain(impact.old.title)} -> {_plain(impact.new.title)}"
    about = f"{versions}, as of {moment_text(impact.at, impact.zone)}, data: {_plain(data_text(impact))}"
    parts.append(f"<sub>{about}{'. ' + lost if lost else ''}</sub>")
    return "\n\n".join(parts) + "\n"


def _matrix(matrix: Matrix) -> list[str]:
    if not matrix.moved:
        return [f"**{_plain(title(matrix))}**: {ways(matrix)}"]
    parts = [f"**{_plain(title(matrix))}**: {ways(matrix)}"]
    if matrix.what == "grid" or max(len(matrix.old_labels), len(matrix.new_labels)) > MOST_LABELS:
        found = moves(matrix)
        lines = [f"- {_plain(cell.old)} -> {_plain(cell.new)}: {cell.leads:,}" for cell in found[:MOST_MOVES]]
        if len(found) > MOST_MOVES:
            lines.append(f"- and {len(found) - MOST_MOVES:,} more kinds of moves")
        return [*parts, "\n".join(lines)]
    rows = [["before \\ now", *matrix.new_labels]]
    for old in matrix.old_labels:
        cells = [matrix.at(old, new) for new in matrix.new_labels]
        row = matrix.row(old)
        rows.append([old, *(f"{one.leads:,} ({share(one.leads, row)})" if one.leads else "0" for one in cells)])
    parts.append(_table(rows))
    empty = empty_cells(matrix)
    if empty and any(standing(cell) != "not seen" for cell in matrix.cells if not cell.leads):
        parts.append(f"<sub>{_plain(empty)}</sub>")
    return parts


def _edits(edits: EditEffects) -> list[str]:
    rows = [["edit", "moves alone", "moves with the rest", "depends on other edits"]]
    for one in edits.effects[:MOST_EDITS]:
        rows.append([one.text, reach(one.alone), reach(one.together), f"{one.depends:,}" if one.interacts else "no"])
    left = len(edits.effects) - MOST_EDITS + edits.left_out if len(edits.effects) > MOST_EDITS else edits.left_out
    notes = [f"counted on {leads_text(edits.leads)}, {edits.sample}"] if edits.sample else []
    notes += [f"{left:,} more edits"] if left else []
    return [_table(rows), *([f"<sub>{'; '.join(notes)}</sub>"] if notes else [])]


def _table(rows: Sequence[Sequence[str]]) -> str:
    head, *others = [[_words(cell) for cell in row] for row in rows]
    line = "| --- |" + " ---: |" * (len(head) - 1)
    return "\n".join([f"| {' | '.join(head)} |", line, *(f"| {' | '.join(row)} |" for row in others)])


def _words(text: str) -> str:
    """Words in which `code` may stand: what is between a pair of backticks stays as it is."""
    parts = text.split("`")
    if len(parts) % 2 == 0 or "" in parts[1::2]:
        return _plain(text)
    shown = [part.replace("|", "\\|") if at % 2 else _plain(part) for at, part in enumerate(parts)]
    return "`".join(shown)


def _plain(text: str) -> str:
    """Text that Markdown takes as it is: labels and edits are other people's words."""
    return re.sub(r"([\\`*_\[\]<>|#~@])", r"\\\1", re.sub(r"\s+", " ", text))
