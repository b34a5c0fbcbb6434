"""Bands, decisions, gates, alerts and what audiences see."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from ...dsl import ir, tree, values
from ...dsl.problems import Note
from . import comparisons, expressions, literals, names, templates
from .decision_problems import (
    AlertDoesNotFit,
    CrookedGrid,
    DecisionWithoutOtherwise,
    GateBarsOtherwise,
    GridWithAHole,
    GridWithoutBy,
)
from .name_problems import UnknownBand, UnknownOutcome, UnknownResult, did_you_mean
from .scope import DeclaredAs, Meaning, Scope, suggestion
from .score_problems import BandsOutOfOrder, BandWithoutOtherwise, OtherwiseNotLast

# ------------------------------------------------------------------ bands


def band(scope: Scope, node: tree.Band, kind: DeclaredAs) -> ir.Band | None:
    """What a band means; `kind` is that of the score it may be of."""
    of = names.score_named(scope, node.score, kind)
    before = len(scope.report.problems)
    rows, otherwise = _band_rows(scope, list(templates.band_rows(scope, node.rows)), f"the band `{node.name.text}`")
    if otherwise is None and not _lacks_rows(scope, node, before):
        scope.say(BandWithoutOtherwise(span=node.name.span, band=node.name.text))
    if of is None or otherwise is None:
        return None
    scope.reads.add(("score" if kind == "score" else "account", of))
    return ir.Band(node.name.text, of, _label(node.label), rows, otherwise, span=node.span)


def _label(label: tree.Text | None) -> str:
    return label.value if label is not None else ""


def _lacks_rows(scope: Scope, node: tree.Band | tree.Decide, before: int) -> bool:
    """Whether rows may be lacking because of a problem that is reported already."""
    included = any(isinstance(row, tree.Include) for row in node.rows)
    told = scope.facts.incomplete or len(scope.report.problems) > before
    return scope.facts.is_torn(node.span) or (included and told)


def band_set(scope: Scope, node: tree.BandSet) -> None:
    """Checks a set of bands by itself, whatever its parameters will be."""
    _band_rows(scope, list(templates.band_rows(scope, node.rows)), "a set of bands")


def _band_rows(
    scope: Scope, rows: Sequence[tuple[tree.BandRow, Scope]], place: str
) -> tuple[tuple[ir.BandRow, ...], str | None]:
    first: dict[str, tree.Label] = {}
    found: list[ir.BandRow] = []
    otherwise: tree.BandRow | None = None
    above: tuple[tree.BandRow, Meaning] | None = None
    for row, within in rows:
        label = row.label
        folded = values.folded(label.text)
        if first.setdefault(folded, label) is not label:
            names.say_duplicate(scope.report, _here(within, label), first[folded], f"rows in {place}")
        if otherwise is not None:
            _say_unreachable(within, otherwise, row, place)
        if row.limit is None:
            otherwise = otherwise or row
            continue
        limit = expressions.exact(within, row.limit)
        if limit is None:
            continue
        if limit.number is not None:
            if above is not None and above[1].number is not None and above[1].number <= limit.number:
                _say_out_of_order(within, above, (row, limit))
            above = row, limit
        found.append(ir.BandRow(label.text, limit.expr, span=row.span))
    return tuple(found), otherwise.label.text if otherwise is not None else None


def _say_unreachable(scope: Scope, otherwise: tree.Node, below: tree.Node, place: str) -> None:
    notes = (Note(below.span, "never reached"),)
    scope.say(OtherwiseNotLast(span=otherwise.span, label="takes all that come here", notes=notes, place=place))


def _here(within: Scope, label: tree.Label) -> tree.Label:
    """A label at the place where the policy brings it in."""
    return replace(label, span=within.trail[0]) if within.trail else label


def _say_out_of_order(scope: Scope, above: tuple[tree.BandRow, Meaning], row: tuple[tree.BandRow, Meaning]) -> None:
    written = [literals.fraction_text(limit.number) for _, limit in (above, row) if limit.number is not None]
    scope.say(
        BandsOutOfOrder(
            span=row[0].span,
            label="never reached",
            notes=(Note(above[0].span, "takes them all"),),
            label_above=above[0].label.text,
            limit_above=written[0],
            label_below=row[0].label.text,
            limit_below=written[1],
        )
    )


# ------------------------------------------------------------------ decisions


def decision(scope: Scope, node: tree.Decide, bands: DeclaredAs) -> ir.Decision | None:
    """What a decision means; `bands` is the kind of bands that its grid may be about."""
    by = None
    if node.by is not None:
        by = _band_named(scope, node.by[0], bands), _band_named(scope, node.by[1], bands)
    before = len(scope.report.problems)
    rows = list(templates.choice_rows(scope, node.rows))
    has_grid = any(isinstance(row, tree.GridRow) for row, _ in rows)
    if node.by is None and has_grid:
        grid = next(row for row, _ in rows if isinstance(row, tree.GridRow))
        scope.say(GridWithoutBy(span=node.name.span, decision=node.name.text, notes=(Note(grid.span, "the grid"),)))
    found = _choices(scope, rows, by, f"the decision `{node.name.text}`")
    if not any(isinstance(row, ir.Choice) and row.trigger is None for row in found):
        ends = any(isinstance(row, tree.Choice) and isinstance(row.trigger, tree.Otherwise) for row, _ in rows)
        if not ends and not _lacks_rows(scope, node, before):
            scope.say(DecisionWithoutOtherwise(span=node.name.span, decision=node.name.text))
        return None
    return ir.Decision(node.name.text, _label(node.label), found, span=node.span)


def choice_set(scope: Scope, node: tree.ChoiceSet) -> None:
    """Checks a set of choices by itself: without the bands that its grid will be about."""
    _choices(scope, list(templates.choice_rows(scope, node.rows)), None, "a set of choices")


def _choices(
    scope: Scope,
    rows: Sequence[tuple[tree.Row, Scope]],
    by: tuple[tuple[str, tuple[str, ...]] | None, tuple[str, tuple[str, ...]] | None] | None,
    place: str,
) -> tuple[ir.Choice | ir.Grid, ...]:
    found: list[ir.Choice | ir.Grid] = []
    otherwise: tree.Choice | None = None
    number = 0
    position = 0
    while position < len(rows):
        row, within = rows[position]
        number += 1
        if otherwise is not None:
            _say_unreachable(within, otherwise, row, place)
            break
        if isinstance(row, tree.Choice):
            position += 1
            match row.trigger:
                case tree.When(condition=condition) | tree.Unless(condition=condition):
                    test = expressions.condition(within, condition)
                    if test is not None:
                        when = ir.When(test.expr, isinstance(row.trigger, tree.Unless))
                        found.append(ir.Choice(number, row.outcome.text, when, span=row.span))
                case tree.Otherwise():
                    otherwise = row
                    found.append(ir.Choice(number, row.outcome.text, None, span=row.span))
            continue
        lines = [row]
        position += 1
        while position < len(rows):
            below, scope_below = rows[position]
            if not isinstance(below, tree.GridRow) or below.head is None or scope_below is not within:
                break
            lines.append(below)
            position += 1
        grid = _grid(within, number, lines, by)
        if grid is not None:
            found.append(grid)
    return tuple(found)


def _band_named(scope: Scope, name: tree.Name, kind: DeclaredAs) -> tuple[str, tuple[str, ...]] | None:
    """A band that a grid is about, and its labels."""
    declared = scope.names.values.get(name.text)
    if declared is not None and declared.what == kind:
        labels = scope.facts.labels.get(name.text)
        if not scope.read("band" if kind == "band" else "account", name.text, name.span) or labels is None:
            return None
        return name.text, labels
    if name.text in scope.names.broken:
        return None
    if declared is not None:
        hint = "a grid is about two bands: make a band of the score first" if declared.what == "score" else ""
        names.say_other_kind(scope, name, names.words_of(declared), names.DECLARED_WORDS[kind], hint)
        return None
    known = tuple(text for text, d in scope.names.values.items() if d.what == kind)
    nearest = scope.report.nearest(name.text, known)
    scope.say(
        UnknownBand(
            span=name.span,
            label=did_you_mean(nearest),
            fix=suggestion(name, nearest),
            name=name.text,
            nearest=nearest,
            known=known,
        )
    )
    return None


# ------------------------------------------------------------------ grids


def _grid(
    scope: Scope,
    number: int,
    lines: Sequence[tree.GridRow],
    by: tuple[tuple[str, tuple[str, ...]] | None, tuple[str, tuple[str, ...]] | None] | None,
) -> ir.Grid | None:
    heading, *body = lines
    if heading.head is not None:
        scope.say(CrookedGrid(span=heading.span, reason="this grid has no row that names its columns"))
        return None
    fits = True
    if not body:
        scope.say(CrookedGrid(span=heading.span, reason="this grid has no rows below its heading"))
        fits = False
    for line in body:
        if len(line.cells) != len(heading.cells):
            outcomes = "1 outcome" if len(line.cells) == 1 else f"{len(line.cells)} outcomes"
            columns = "1 column" if len(heading.cells) == 1 else f"{len(heading.cells)} columns"
            reason = f"this row has {outcomes} for {columns}"
            notes = (Note(heading.span, "the columns"),)
            scope.say(CrookedGrid(span=line.span, notes=notes, reason=reason))
            fits = False
    heads = [line.head for line in body if line.head is not None]
    by_rows, by_columns = by if by is not None else (None, None)
    span = heading.span.to(lines[-1].span)
    sides = (("column", heading.cells, by_columns), ("row", tuple(heads), by_rows))
    for line_word, labels, of in sides:
        if not _labels_fit(scope, line_word, labels, of, heading if line_word == "column" else None, span):
            fits = False
    if not fits or by_rows is None or by_columns is None:
        return None
    row_labels = tuple(_canonical(by_rows[1], head.text) for head in heads)
    column_labels = tuple(_canonical(by_columns[1], cell.text) for cell in heading.cells)
    cells = tuple(tuple(cell.text for cell in line.cells) for line in body)
    return ir.Grid(number, by_rows[0], by_columns[0], row_labels, column_labels, cells, span=span)


def _canonical(labels: tuple[str, ...], written: str) -> str:
    folded = values.folded(written)
    return next(label for label in labels if values.folded(label) == folded)


def _labels_fit(
    scope: Scope,
    line: str,
    written: Sequence[tree.Label],
    of: tuple[str, tuple[str, ...]] | None,
    heading: tree.GridRow | None,
    span: object,
) -> bool:
    """Whether the labels along one side of a grid are those of its band, each once."""
    fits = True
    seen: dict[str, tree.Label] = {}
    for label in written:
        folded = values.folded(label.text)
        if seen.setdefault(folded, label) is not label:
            notes = (Note(seen[folded].span, "first here"),)
            scope.say(
                CrookedGrid(
                    span=label.span, label="again", notes=notes, reason=f"this grid has two {line}s for `{label.text}`"
                )
            )
            fits = False
    if of is None:
        return fits
    allowed = {values.folded(label) for label in of[1]}
    for label in written:
        if values.folded(label.text) not in allowed:
            if of[0] not in scope.facts.torn_labels:
                comparisons.say_outside(scope, of[0], of[1], label.text, label.span, label.text)
            fits = False
    missing = tuple(label for label in of[1] if values.folded(label) not in seen)
    if missing and fits and not scope.facts.incomplete:
        place = heading.span if heading is not None else written[-1].span if written else scope.trail[-1]
        scope.say(GridWithAHole(span=place, missing=missing, of=of[0], line=line))
        fits = False
    return fits


# ------------------------------------------------------------------ gates and outcomes


def gate(scope: Scope, node: tree.Gate, outcomes: Iterable[str], fallbacks: dict[str, str]) -> ir.Gate:
    """What a gate means. `outcomes` are those of all decisions, `fallbacks` tells for each `otherwise` outcome which
    decision needs it."""
    known = dict.fromkeys(outcomes)
    bans: list[ir.Ban] = []
    for ban in node.bans:
        for outcome in ban.outcomes:
            if outcome.text in fallbacks:
                decision_name = fallbacks[outcome.text]
                scope.say(GateBarsOtherwise(span=outcome.span, outcome=outcome.text, decision=decision_name))
            elif outcome.text not in known and not scope.facts.incomplete:
                nearest = scope.report.nearest(outcome.text, known)
                scope.say(
                    UnknownOutcome(
                        span=outcome.span,
                        label=did_you_mean(nearest),
                        fix=suggestion(outcome, nearest),
                        name=outcome.text,
                        nearest=nearest,
                    )
                )
        test = expressions.condition(scope, ban.trigger.condition)
        if test is not None:
            barred = tuple(dict.fromkeys(outcome.text for outcome in ban.outcomes))
            bans.append(ir.Ban(barred, ir.When(test.expr, isinstance(ban.trigger, tree.Unless)), span=ban.span))
    return ir.Gate(node.name.text, _label(node.label), tuple(bans), span=node.span)


def outcome(scope: Scope, node: tree.Outcome) -> ir.Outcome:
    within = literals.length(scope, node.within) if node.within is not None else None
    return ir.Outcome(node.name.text, _label(node.label), within.micros if within is not None else None, span=node.span)


# ------------------------------------------------------------------ alerts, audiences


def alert(scope: Scope, node: tree.Alert) -> ir.Alert | None:
    declared = scope.names.values.get(node.watched.text)
    if declared is None or declared.what not in ("score", "band", "decision"):
        _say_no_result(scope, node.watched)
        return None
    watched = node.watched.text
    if declared.what == "score":
        if not isinstance(node.value, tree.SignedNumber) or node.change in ("becomes", "leaves"):
            hint = f"a score rises or falls: `{watched} rises above 50`; or watch a band of it"
            scope.say(
                AlertDoesNotFit(span=node.watched.span, watched=watched, is_a="a score", change=node.change, hint=hint)
            )
            return None
        ticks = literals.ticks(scope, node.value.value, node.value.span, literals.LARGEST_LIMIT)
        return None if ticks is None else _alert(node, ticks)
    if not isinstance(node.value, tree.Label) or node.change not in ("becomes", "leaves"):
        hint = f"name one of its labels: `{watched} becomes ...`; or watch the score"
        is_a = f"a {declared.what}"
        scope.say(AlertDoesNotFit(span=node.watched.span, watched=watched, is_a=is_a, change=node.change, hint=hint))
        return None
    labels = scope.facts.labels.get(watched)
    if labels is None:
        return None
    folded = values.folded(node.value.text)
    label = next((label for label in labels if values.folded(label) == folded), None)
    if label is None:
        if watched not in scope.facts.torn_labels:
            comparisons.say_outside(scope, watched, labels, node.value.text, node.value.span, node.value.text)
        return None
    return _alert(node, label)


def _alert(node: tree.Alert, value: str | int) -> ir.Alert:
    return ir.Alert(node.name.text, node.to.value, node.watched.text, node.change, value, span=node.span)


def show(scope: Scope, node: tree.Show) -> ir.Show:
    if node.names is None:
        return ir.Show(node.audience.text, None, span=node.span)
    shown: list[str] = []
    _shown_once(scope, node.names)
    for name in node.names:
        declared = scope.names.values.get(name.text)
        if declared is None or declared.what in ("field", "define", "list"):
            _say_no_result(scope, name)
        else:
            shown.append(name.text)
    return ir.Show(node.audience.text, tuple(dict.fromkeys(shown)), span=node.span)


def _shown_once(scope: Scope, shown: Iterable[tree.Name]) -> None:
    first: dict[str, tree.Name] = {}
    for name in shown:
        if first.setdefault(name.text, name) is not name:
            names.say_twice(scope.report, f"`{name.text}`", name.span, first[name.text].span)


def _say_no_result(scope: Scope, name: tree.Name) -> None:
    declared = scope.names.values.get(name.text)
    if declared is not None:
        hint = "alerts watch one lead, not an account" if declared.what.startswith("account") else ""
        names.say_other_kind(scope, name, names.words_of(declared), "a score, a band or a decision", hint)
        return
    if name.text in scope.names.broken:
        return
    known = tuple(text for text, d in scope.names.values.items() if d.what not in ("field", "define", "list"))
    nearest = scope.report.nearest(name.text, known)
    scope.say(
        UnknownResult(
            span=name.span,
            label=did_you_mean(nearest),
            fix=suggestion(name, nearest),
            name=name.text,
            nearest=nearest,
            known=known,
        )
    )
