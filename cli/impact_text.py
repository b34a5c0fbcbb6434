"""What a change means for real leads, as a person at a terminal reads it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..compiler.impact.figures import Cell, EditEffects, Impact, Matrix, ScoreChange, Standing
from ..compiler.impact.said import (
    change,
    data_text,
    empty_cells,
    leads_text,
    moves,
    reach,
    rejected_text,
    share,
    title,
    ways,
    why,
)
from ..compiler.wording import moment_text, points_text
from . import render

MOST_MOVES = 12


def impact_text(impact: Impact, paint: render.Paint, width: int = 80) -> str:
    """The whole report."""
    return "\n".join(_lines(impact, paint, width))


def _lines(impact: Impact, paint: render.Paint, width: int) -> Iterator[str]:
    scored = f"{leads_text(impact.both, impact.subject)} scored with both"
    yield paint.strong(scored) + f": {impact.old.title} -> {impact.new.title}"
    yield render.wrapped(f"as of {moment_text(impact.at, impact.zone)}, data: {data_text(impact)}", width, "  ")
    lost = rejected_text(impact)
    if lost:
        yield render.wrapped(lost, width, "  ", "  ")
    if not impact.changed:
        yield "  " + paint.good(f"no {impact.subject} gets another result")
    else:
        yield render.wrapped(
            f"{impact.moved:,} ({share(impact.moved, impact.both)}) get another band or outcome, "
            f"{impact.changed - impact.moved:,} only other points",
            width,
            "  ",
        )
    for matrix in impact.matrices:
        yield ""
        yield paint.strong(title(matrix)) + f"  {ways(matrix)}"
        if matrix.moved and (matrix.what == "grid" or _table_width(matrix) > width):
            yield from _moves(matrix)
        elif matrix.moved:
            yield from _matrix(matrix, paint)
            empty = empty_cells(matrix)
            if empty:
                yield paint.faint(render.wrapped(f"no {impact.subject}, {empty}", width, "  ", "    "))
    if any(score.higher or score.lower or score.unknown for score in impact.scores):
        yield ""
        yield paint.strong("scores")
        yield from _scores(impact.scores)
    if impact.edits is not None and impact.edits.effects:
        yield ""
        yield from _edits(impact.edits, impact.subject, paint, width)
    if impact.movers:
        yield ""
        yield paint.strong("biggest movers")
        for mover in impact.movers:
            told = "; ".join(map(change, (*mover.scores, *mover.labels)))
            yield render.wrapped(f"{render.shown(mover.key)}: {told}", width, "  ", "    ")
            if mover.rules:
                yield paint.faint(render.wrapped(why(mover), width, "    ", "      "))
    for one in impact.alone:
        counts = ", ".join(f"{label} {leads:,}" for label, leads in one.counts.items())
        yield render.wrapped(
            f"only in the {one.version} version: {one.what} {one.name} {counts}".rstrip(), width, "", "  "
        )
    for note in (*impact.notes, *dict.fromkeys((*impact.old.notes, *impact.new.notes))):
        yield render.wrapped(note, width, "note: ", "  ")


def _table_width(matrix: Matrix) -> int:
    return (
        12 + max(map(len, matrix.old_labels), default=0) + sum(max(len(label), 14) + 2 for label in matrix.new_labels)
    )


def _matrix(matrix: Matrix, paint: render.Paint) -> Iterator[str]:
    """Rows are before, columns are now."""
    rows = [["before \\ now", *matrix.new_labels]]
    for old in matrix.old_labels:
        rows.append([old, *(_cell(matrix.at(old, new), matrix.row(old)) for new in matrix.new_labels)])
    sizes = [max(map(render.display_width, column)) for column in zip(*rows, strict=True)]
    for at, row in enumerate(rows):
        cells = [render.padded(cell, size, right=n > 0) for n, (cell, size) in enumerate(zip(row, sizes, strict=True))]
        line = "  " + "  ".join(cells)
        yield paint.faint(line) if at == 0 else line


def _cell(cell: Cell, row: int) -> str:
    if cell.leads:
        return f"{cell.leads:,} {share(cell.leads, row)}"
    return "impossible" if cell.standing is Standing.IMPOSSIBLE else "-"


def _moves(matrix: Matrix) -> Iterator[str]:
    found = moves(matrix)
    for cell in found[:MOST_MOVES]:
        yield f"  {cell.old} -> {cell.new}  {cell.leads:,}"
    if len(found) > MOST_MOVES:
        yield f"  and {len(found) - MOST_MOVES:,} more kinds of moves"


def _scores(scores: Sequence[ScoreChange]) -> Iterator[str]:
    for one in scores:
        mean = ""
        if one.old_mean is not None and one.new_mean is not None:
            mean = f", mean {points_text(round(one.old_mean, -2))} -> {points_text(round(one.new_mean, -2))}"
        unknown = f", {one.unknown:,} unknown" if one.unknown else ""
        yield f"  {one.name}  {one.higher:,} higher, {one.lower:,} lower, {one.same:,} the same{unknown}{mean}"


def _edits(edits: EditEffects, subject: str, paint: render.Paint, width: int) -> Iterator[str]:
    yield paint.strong("edit by edit")
    for one in edits.effects:
        told = f"{one.text}: moves alone {reach(one.alone)}, together with the rest {reach(one.together)}"
        if one.depends:
            told += f"; of {leads_text(one.depends, subject)} the move hangs on other edits"
        elif one.interacts:
            told += "; the points hang on other edits"
        yield render.wrapped(told, width, "  ", "    ")
    if edits.sample:
        yield render.wrapped(f"counted on {leads_text(edits.leads, subject)}, {edits.sample}", width, "  ", "  ")
    if edits.left_out:
        yield f"  {edits.left_out:,} more edits were not counted one by one"
