"""A report as one HTML file: it needs no network and no script, and is right in the light and in the dark."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape

from ...dsl.values import divide
from ..version import SHORT
from ..wording import moment_text, points_text, signed
from . import plots
from .figures import EditEffects, Impact, Lone, Matrix, ScoreChange
from .said import (
    change,
    data_text,
    leads_text,
    moves,
    reach,
    rejected_text,
    rows_text,
    rule_change,
    share,
    standing,
    title,
    ways,
)

MOST_MOVES = 30
"""Moves from cell to cell of a grid that are listed."""


def page(impact: Impact) -> str:
    """The whole page."""
    name = f"{impact.old.title} -> {impact.new.title}"
    body = [
        _head(impact),
        *(_matrix(matrix, f"m{at}", impact) for at, matrix in enumerate(impact.matrices)),
        _scores(impact),
        _edits(impact.edits, impact) if impact.edits is not None else "",
        _rules(impact),
        _movers(impact),
        _alone(impact.alone),
        _about(impact),
    ]
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{escape(name)}: what it means for {escape(impact.subject)}s</title>\n"
        f"<style>{_STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n{_lines(body)}\n</main>\n</body>\n</html>\n"
    )


# ------------------------------------------------------------------ parts


def _head(impact: Impact) -> str:
    subject, old, new = impact.subject, impact.old, impact.new
    tiles = [
        (f"{impact.moved:,}", f"have another band or outcome ({share(impact.moved, impact.both)})"),
        (f"{impact.changed - impact.moved:,}", "only have other points"),
        (f"{impact.both - impact.changed:,}", f"stay as they are ({share(impact.both - impact.changed, impact.both)})"),
    ]
    shown = "".join(f"<li><strong>{number}</strong> {escape(words)}</li>" for number, words in tiles)
    versions = (
        f"{escape(old.title)} <code>{escape(old.fingerprint[:SHORT])}</code> -&gt; "
        f"{escape(new.title)} <code>{escape(new.fingerprint[:SHORT])}</code>"
    )
    facts = f"{leads_text(impact.both, subject)} scored by both, as of {moment_text(impact.at, impact.zone)}"
    lost = rejected_text(impact)
    return _lines(
        [
            f"<header><h1>What the change means for {escape(subject)}s</h1>",
            f"<p>{versions}</p>",
            f"<p>{escape(facts)}. {escape(lost + '.' if lost else '')}</p>",
            f'<ul class="tiles">{shown}</ul></header>',
        ]
    )


def _matrix(matrix: Matrix, name: str, impact: Impact) -> str:
    plot = plots.grid_map(matrix, name) if matrix.what == "grid" else plots.heat_map(matrix, name)
    table = _grid_table(matrix) if matrix.what == "grid" else _matrix_table(matrix)
    legend = _grid_legend() if matrix.what == "grid" else _legend(matrix)
    return _section(
        title(matrix)[:1].upper() + title(matrix)[1:],
        f"<p>{escape(ways(matrix))}</p>",
        f'<div class="plot">{plot}</div>{legend}',
        _details("The same as a table", table),
    )


def _legend(matrix: Matrix) -> str:
    known = [("same", "unchanged")]
    if matrix.what == "band":
        known += [("up", "up"), ("down", "down")]
    if matrix.aside or matrix.what == "decision":
        known.append(("aside", "moved" if matrix.what == "decision" else "between labels without order"))
    if any(standing(cell).startswith("impossible") for cell in matrix.cells):
        known.append(("impossible", "impossible, proved"))
    return _keys(known) + '<p class="faint">Percentages are of the row: of those who were there before.</p>'


def _grid_legend() -> str:
    return _keys([("more", "more than before"), ("fewer", "fewer than before")])


def _keys(known: Sequence[tuple[str, str]]) -> str:
    keys = "".join(f'<li><span class="key {kind}"></span>{escape(word)}</li>' for kind, word in known)
    return f'<ul class="legend">{keys}</ul>'


def _matrix_table(matrix: Matrix) -> str:
    rows = []
    for old in matrix.old_labels:
        cells = [matrix.at(old, new) for new in matrix.new_labels]
        row = matrix.row(old)
        shown = [f"{cell.leads:,} ({share(cell.leads, row)})" if cell.leads else standing(cell) for cell in cells]
        rows.append([old, *shown, f"{row:,}"])
    rows.append(["now", *(f"{matrix.column(new):,}" for new in matrix.new_labels), f"{matrix.leads:,}"])
    return _table(f"{title(matrix)}: rows are before, columns now", ["", *matrix.new_labels, "before"], rows)


def _grid_table(matrix: Matrix) -> str:
    found = moves(matrix)
    rows = [[cell.old, cell.new, f"{cell.leads:,}", ", ".join(cell.first_keys)] for cell in found[:MOST_MOVES]]
    more = f"<p>{len(found) - MOST_MOVES:,} more kinds of moves are not shown.</p>" if len(found) > MOST_MOVES else ""
    return _table("Moves from cell to cell", ["before", "now", "leads", "for example"], rows) + more


def _scores(impact: Impact) -> str:
    parts = [_score(score, f"s{at}", impact) for at, score in enumerate(impact.scores)]
    return _section("Scores", *parts) if parts else ""


def _score(score: ScoreChange, name: str, impact: Impact) -> str:
    told = f"{score.higher:,} have more points, {score.lower:,} fewer, {score.same:,} the same"
    if score.unknown:
        told += f"; unknown for {score.unknown:,}"
    if score.old_mean is not None and score.new_mean is not None:
        told += f". The mean goes from {_rounded(score.old_mean)} to {_rounded(score.new_mean)}"
    most = [signed(ticks) for ticks in (score.most_gained, -score.most_lost) if ticks]
    if most:
        told += f"; the largest step is {' or '.join(most)}"
    rows = [[plots.bin_text(score, one), f"{one.old:,}", f"{one.new:,}"] for one in score.bins]
    return _lines(
        [
            f"<h3>{escape(score.name)}</h3><p>{escape(told)}.</p>",
            f'<div class="plot">{plots.histogram(score, impact, name)}</div>' if score.bins else "",
            _keys([("line", "before"), ("bar", "now")]) if score.bins else "",
            _details("The same as a table", _table(f"{score.name} in steps", ["points", "before", "now"], rows)),
        ]
    )


def _edits(edits: EditEffects, impact: Impact) -> str:
    rows = []
    for one in edits.effects:
        hangs = leads_text(one.depends, impact.subject) if one.depends else "yes" if one.interacts else "no"
        rows.append([one.text, reach(one.alone), reach(one.together), hangs])
    counted = f"Counted on {leads_text(edits.leads, impact.subject)}" + (f", {edits.sample}" if edits.sample else "")
    more = f" {edits.left_out:,} more edits were not counted." if edits.left_out else ""
    explained = (
        "Alone: other bands and outcomes by the old version with only this edit. Together: by the new version, and not "
        "by the new one without this edit. Where the two disagree, edits work on each other."
    )
    head = ["edit", "moves alone", "moves together with the rest", "hangs on other edits"]
    table = _table("What each edit moves", head, rows)
    return _section("Edit by edit", f"<p>{escape(explained)}</p>", table, f"<p>{escape(counted)}.{escape(more)}</p>")


def _rules(impact: Impact) -> str:
    if not impact.rules:
        return ""
    rows = []
    for one in impact.rules[:20]:
        points = _per_lead(one.old_points, impact.both), _per_lead(one.new_points, impact.both)
        rows.append([one.rule, f"{one.old_leads:,}", f"{one.new_leads:,}", *points])
    more = len(impact.rules) - 20
    head = ["rule or limit", "leads before", "leads now", "points per lead before", "points per lead now"]
    return _section(
        "Rules that give other points",
        _table("Rules, those first that changed most", head, rows),
        f"<p>{more:,} more are not shown.</p>" if more > 0 else "",
    )


def _per_lead(ticks: int, leads: int) -> str:
    return _rounded(divide(ticks, leads)) if leads else "0"


def _movers(impact: Impact) -> str:
    if not impact.movers:
        return _section("Biggest movers", f"<p>No {escape(impact.subject)} has another result.</p>")
    rows = [
        [
            mover.key,
            "; ".join(map(change, mover.scores)) or "as before",
            "; ".join(map(change, mover.labels)) or "as before",
            "; ".join(map(rule_change, mover.rules)) or "no rule: another limit, gate or row",
        ]
        for mover in impact.movers
    ]
    table = _table(
        "The leads whose scores differ most", [impact.subject, "scores", "bands and outcomes", "because"], rows
    )
    return _section("Biggest movers", table)


def _alone(found: Sequence[Lone]) -> str:
    if not found:
        return ""
    rows = [
        [f"{one.what} {one.name}", one.version, ", ".join(f"{label} {n:,}" for label, n in one.counts.items()) or "-"]
        for one in found
    ]
    return _section("Only in one version", _table("Not compared", ["what", "version", "leads"], rows))


def _about(impact: Impact) -> str:
    rows = [[one.role, one.name, f"{one.size:,}", one.digest] for one in impact.data]
    sides = [
        [word, side.title, f"{side.leads:,}", f"{side.scored:,}", f"{side.rejected:,}", f"{side.events_used:,}"]
        for word, side in (("before", impact.old), ("now", impact.new))
    ]
    notes = [*impact.notes, *dict.fromkeys((*impact.old.notes, *impact.new.notes))]
    rejects = [
        f"{one.file} row {one.row}: {one.column}{' ' if one.column else ''}{one.value!r}: {one.reason}"
        for one in dict.fromkeys((*impact.old.first_rejected, *impact.new.first_rejected))
    ]
    return _section(
        "What was compared",
        _table("Files", ["", "file", "bytes", "SHA-256"], rows),
        _table("Versions", ["", "policy", "rows", "scored", "rejected rows", "events used"], sides),
        _list(rejects, f"{rows_text(max(impact.old.rejected, impact.new.rejected))} rejected, for example:"),
        _list(notes, "Notes:"),
        f"<p>Scored with {'DuckDB' if impact.engine == 'duckdb' else 'Python'}, data: {escape(data_text(impact))}.</p>",
    )


# ------------------------------------------------------------------ small parts


def _rounded(ticks: int) -> str:
    return points_text(round(ticks, -2))


def _section(name: str, *parts: str) -> str:
    return _lines([f"<section><h2>{escape(name)}</h2>", *parts, "</section>"])


def _details(summary: str, inside: str) -> str:
    return f"<details><summary>{escape(summary)}</summary>{inside}</details>"


def _list(items: Sequence[str], before: str) -> str:
    if not items:
        return ""
    return f"<p>{escape(before)}</p><ul>{''.join(f'<li>{escape(item)}</li>' for item in items)}</ul>"


def _table(caption: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """The first cell of a row is its heading; cells that are numbers stand to the right."""
    heads = "".join(f'<th scope="col">{escape(word)}</th>' for word in head)
    lines = []
    for first, *cells in rows:
        shown = "".join(f"<td{_of_numbers(cell)}>{_words(cell)}</td>" for cell in cells)
        lines.append(f'<tr><th scope="row">{_words(first)}</th>{shown}</tr>')
    inside = f"<caption>{escape(caption)}</caption><thead><tr>{heads}</tr></thead><tbody>{''.join(lines)}</tbody>"
    return f'<div class="scroll"><table>{inside}</table></div>'


def _words(text: str) -> str:
    """Words in which `code` may stand."""
    return re.sub("`([^`]+)`", r"<code>\1</code>", escape(text))


def _of_numbers(cell: str) -> str:
    return ' class="n"' if cell[:1].isdigit() or (cell[:1] in "+-" and cell[1:2].isdigit()) else ""


def _lines(parts: Iterable[str]) -> str:
    return "\n".join(part for part in parts if part)


_STYLE = """
:root { color-scheme: light dark; --paper: #fbfbf9; --ink: #1d2126; --faint: #5c6570; --line: #d5d9de; --card: #fff;
  --up: #1f77b4; --down: #d9730d; --same: #7d8791; --aside: #8a63b8; --bar: #7fb0d6; --before: #1d2126; }
@media (prefers-color-scheme: dark) { :root { --paper: #14171a; --ink: #e6e9ec; --faint: #9aa4af; --line: #363d45;
  --card: #1c2024; --up: #4aa3e0; --down: #f0923a; --same: #8a949f; --aside: #b08be0; --bar: #35678d;
  --before: #e6e9ec; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif; }
main { max-width: 62rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .5rem; }
h2 { font-size: 1.2rem; margin: 0 0 .25rem; }
h3 { font-size: 1rem; margin: 1.25rem 0 .1rem; }
p { margin: .25rem 0 .6rem; }
code { font: .9em ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
header code { color: var(--faint); }
section { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 1rem 1.1rem;
  margin: 1rem 0; }
.tiles { list-style: none; display: flex; flex-wrap: wrap; gap: .75rem; padding: 0; margin: 1rem 0; }
.tiles li { flex: 1 1 12rem; background: var(--card); border: 1px solid var(--line); border-radius: 8px;
  padding: .7rem .9rem; color: var(--faint); }
.tiles strong { display: block; font-size: 1.6rem; line-height: 1.2; color: var(--ink); }
.plot, .scroll { overflow-x: auto; }
svg { display: block; max-width: none; }
svg text { fill: var(--ink); font-size: 13px; }
svg .small { font-size: 11px; fill: var(--ink); }
svg .axis { font-size: 12px; fill: var(--faint); }
svg .number { font-weight: 600; }
svg .none { fill: var(--faint); }
svg .up, svg .more { fill: var(--up); } svg .down, svg .fewer { fill: var(--down); }
svg .same { fill: var(--same); } svg .aside { fill: var(--aside); }
svg .empty { fill: none; stroke: var(--line); }
svg .impossible { fill: none; stroke: var(--faint); stroke-dasharray: 3 3; }
svg .now { fill: var(--bar); }
svg .before { fill: none; stroke: var(--before); stroke-width: 1.6; }
svg .rule { stroke: var(--line); }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; padding: 0; margin: .3rem 0;
  font-size: .85rem; color: var(--faint); }
.key { display: inline-block; width: .9rem; height: .9rem; margin-right: .35rem; border-radius: 3px;
  vertical-align: -.1rem; }
.key.up, .key.more { background: var(--up); } .key.down, .key.fewer { background: var(--down); }
.key.same { background: var(--same); } .key.aside { background: var(--aside); } .key.bar { background: var(--bar); }
.key.line { height: 0; border-top: 2px solid var(--before); border-radius: 0; vertical-align: .25rem; }
.key.impossible { border: 1px dashed var(--faint); }
.faint { color: var(--faint); font-size: .85rem; }
details { margin-top: .5rem; } summary { cursor: pointer; color: var(--faint); font-size: .9rem; }
table { border-collapse: collapse; font-size: .9rem; margin: .4rem 0; width: 100%; }
caption { text-align: left; color: var(--faint); font-size: .85rem; padding-bottom: .25rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem .7rem .3rem 0; border-bottom: 1px solid var(--line);
  overflow-wrap: anywhere; min-width: 4.5rem; }
thead th { color: var(--faint); font-weight: 600; } tbody th { font-weight: 600; }
td.n { font-variant-numeric: tabular-nums; white-space: nowrap; }
@media print { section { break-inside: avoid; } body { background: #fff; } }
"""
