"""Tree and comments -> the one canonical layout of a policy.

Two blanks for each level; points, labels of bands and cells of grids in columns; one blank line between declarations;
long lines are broken where brackets allow it. Comments stand beside the tree and are consumed by position, each
exactly once.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate
from typing import TypeAlias, assert_never

from ..dsl import tree
from ..dsl.frozen import frozen
from ..dsl.problems import Problem
from ..dsl.source import Source, Span
from .layout import Comment, Statement, lay_out
from .parse import parse

WIDTH = 120
LIST_WIDTH = 100
"""A list of values is wrapped sooner than a sentence is broken."""
STEP = 2
WORTH_BREAKING = 24
"""A bracket shorter than this stays on its line, even if the line is too long."""
NEAR = 10
"""Triggers stand in a column where their rules' names differ by no more than this in length."""


def format_text(source: Source) -> str | tuple[Problem, ...]:
    """The text in canonical layout; its problems, where it cannot be read as a whole. The meaning stays what it was."""
    parsed = parse(source)
    if parsed.problems or parsed.file is None:
        return parsed.problems
    text = _Writer(source, parsed.comments).written(parsed.file)
    # The line ends of Windows stay where the file has them.
    return text.replace("\n", "\r\n") if "\r\n" in source.text else text


# ------------------------------------------------------------------ what may be broken over lines


@frozen
class _Item:
    """One thing in a bracket; a comment after `start` and before the next item belongs to it."""

    parts: _Parts
    start: int


@frozen
class _Bracket:
    """`( ... )`, from `start` to `end` in the source: on one line, or on lines of its own.

    `comma` tells that the items are separated by commas (else each begins with its operator). `rows` are the numbers of
    items on each line that the author broke a list of values into; such a list stays broken. `each` tells that a broken
    bracket has a line for each item, even if they had room on one; `stiff` that only a comment breaks it.
    """

    items: tuple[_Item, ...]
    start: int
    end: int
    comma: bool = True
    values: bool = False
    rows: tuple[int, ...] = ()
    each: bool = False
    stiff: bool = False


_Parts: TypeAlias = "tuple[str | _Bracket, ...]"


@dataclass(slots=True)
class _Line:
    """A statement on its way out: at which level it stands, and where it stood in the source."""

    level: int
    parts: _Parts
    start: int
    head: _RuleHead | None = None
    kind: str = ""
    """The word that declares it, for statements at the left margin."""
    alone: bool = True
    """Whether it is one line, and nothing is indented below it."""


@frozen
class _RuleHead:
    points: str
    computed: bool
    name: str
    labelled: bool


def _flat(parts: _Parts) -> str:
    return "".join(part if isinstance(part, str) else _flat_bracket(part) for part in parts)


def _flat_bracket(bracket: _Bracket) -> str:
    return f"({(', ' if bracket.comma else ' ').join(_flat(item.parts) for item in bracket.items)})"


def _joined(parts: Iterable[_Parts], between: str = ", ") -> _Parts:
    made: list[str | _Bracket] = []
    for part in parts:
        if made:
            made.append(between)
        made.extend(part)
    return tuple(made)


# ------------------------------------------------------------------ statements


class _Writer:
    """Writes one file. (A class, because everything here reads the source's text and consumes its comments.)"""

    def __init__(self, source: Source, comments: Sequence[Comment]) -> None:
        self.source = source
        layout = lay_out(source)
        self.text = layout.text
        self.statements: dict[int, Statement] = {statement.start: statement for statement in layout.statements}
        self.comments = comments
        self.comment_starts = [comment.span.start for comment in comments]
        self.laid: dict[tuple[int, int], list[str]] = {}

    def written(self, file: tree.File) -> str:
        lines: list[_Line] = []
        if file.header is not None:
            lines += self._header(file.header)
        for declaration in file.declarations:
            lines += self._declaration(declaration)
        self._align(lines)
        return self._laid_out(lines)

    def _header(self, header: tree.Header) -> Iterator[_Line]:
        yield self._head(0, header, header.kind, [f"{header.kind} {header.name.text}", self._label(header.label)])
        for meta in header.meta:
            yield _Line(1, (self._meta(meta),), meta.span.start)

    def _meta(self, meta: tree.Meta) -> str:
        match meta:
            case tree.Language():
                return f"language {meta.number}"
            case tree.Version():
                return f"version {meta.text}"
            case tree.Owner():
                return f"owner {self._written(meta.text)}"
            case tree.Effective():
                start = f"from {meta.start.text}" if meta.start else ""
                return self._spaced("effective", start, f"to {meta.end.text}" if meta.end else "")
            case tree.TimeZone():
                return f"timezone {self._written(meta.text)}"
            case tree.Subject():
                return f"for {meta.name.text}"
            case _:
                assert_never(meta)

    def _declaration(self, node: tree.Declaration) -> Iterator[_Line]:
        match node:
            case tree.Use():
                yield self._head(
                    0, node, "use", [f"use {node.name.text}", f"as {node.alias.text}" if node.alias else ""]
                )
            case tree.Record():
                head = node.subject.text + (f" by {node.key.text}" if node.key else "")
                yield self._head(0, node, "record", [head])
                yield from self._fields(node.fields)
            case tree.Event():
                kinds = [k.name.text + (f" from {self._written(k.source)}" if k.source else "") for k in node.kinds]
                yield self._head(0, node, "event", [f"event {', '.join(kinds)}"])
                yield from self._fields(node.fields)
            case tree.ListOf():
                if node.values is not None:
                    yield _Line(
                        0, (f"list {node.name.text} = ", self._values(node.values)), node.span.start, kind="list"
                    )
                elif node.file is not None:
                    yield self._head(0, node, "list", [f"list {node.name.text} from {self._written(node.file)}"])
            case tree.Define():
                params = self._params(node.name, node.params)
                parts = (f"define {node.name.text}", *params, " = ", *self._expr(node.body))
                yield _Line(0, parts, node.span.start, kind="define")
            case tree.RuleSet():
                yield self._template("rules", node)
                yield from self._items(1, node.items)
            case tree.BandSet():
                yield self._template("bands", node)
                yield from self._band_rows(1, node.rows)
            case tree.ChoiceSet():
                yield self._template("choices", node)
                yield from self._choice_rows(1, node.rows)
            case tree.Score() | tree.Band() | tree.Decide() | tree.Gate():
                yield from self._judgement(0, node)
            case tree.Outcome():
                within = f"within {self._duration(node.within)}" if node.within else ""
                yield self._head(0, node, "outcome", [f"outcome {node.name.text}", self._label(node.label), within])
            case tree.Alert():
                value = node.value.text if isinstance(node.value, tree.Label) else self._written(node.value)
                condition = f"when {node.watched.text} {node.change} {value}"
                yield self._head(0, node, "alert", [f"alert {node.name.text} to {self._written(node.to)}", condition])
            case tree.Show():
                names = "everything" if node.names is None else ", ".join(name.text for name in node.names)
                yield self._head(0, node, "show", [f"show {node.audience.text}: {names}"])
            case tree.Account():
                where: _Parts = (" where ", *self._expr(node.where)) if node.where else ()
                yield _Line(0, ("account by ", *self._expr(node.key), *where), node.span.start, kind="account")
                for item in node.items:
                    yield from self._judgement(1, item)
            case tree.Promise():
                yield self._head(0, node, "promise", [f"promise {node.name.text}", self._label(node.label)])
                for vow in node.vows:
                    yield _Line(1, self._vow(vow), vow.span.start)
            case tree.Test():
                yield self._head(0, node, "test", [f"test {self._written(node.title)}"])
                for step in node.steps:
                    yield _Line(1, self._step(step), step.span.start)
            case _:
                assert_never(node)

    def _judgement(self, level: int, node: tree.Score | tree.Band | tree.Decide | tree.Gate) -> Iterator[_Line]:
        match node:
            case tree.Score():
                range_ = ""
                if node.range:
                    range_ = f"from {self._written(node.range.low)} to {self._written(node.range.high)}"
                head = self._spaced(f"score {node.name.text}", self._label(node.label), range_, node.rounding or "")
                body: _Parts = (" = ", *self._expr(node.body)) if node.body else ()
                yield _Line(level, (head, *body), node.span.start, kind="score")
                yield from self._items(level + 1, node.items)
            case tree.Band():
                head = self._spaced(f"band {node.name.text} of {node.score.text}", self._label(node.label))
                yield _Line(level, (head,), node.span.start, kind="band")
                yield from self._band_rows(level + 1, node.rows)
            case tree.Decide():
                by = f"by {node.by[0].text}, {node.by[1].text}" if node.by else ""
                head = self._spaced(f"decide {node.name.text}", self._label(node.label), by)
                yield _Line(level, (head,), node.span.start, kind="decide")
                yield from self._choice_rows(level + 1, node.rows)
            case tree.Gate():
                head = self._spaced(f"gate {node.name.text}", self._label(node.label))
                yield _Line(level, (head,), node.span.start, kind="gate")
                for ban in node.bans:
                    outcomes = ", ".join(outcome.text for outcome in ban.outcomes)
                    yield _Line(level + 1, (f"never {outcomes} ", *self._trigger(ban.trigger)), ban.span.start)
            case _:
                assert_never(node)

    def _head(self, level: int, node: tree.Node, kind: str, words: Sequence[str]) -> _Line:
        return _Line(level, (self._spaced(*words),), node.span.start, kind=kind)

    def _template(self, word: str, node: tree.RuleSet | tree.BandSet | tree.ChoiceSet) -> _Line:
        label = f" {self._label(node.label)}" if node.label else ""
        parts = (f"{word} {node.name.text}", *self._params(node.name, node.params), label)
        return _Line(0, parts, node.span.start, kind=word)

    def _fields(self, fields: Iterable[tree.Field]) -> Iterator[_Line]:
        for item in fields:
            more = (" required" if item.required else "") + (
                f" from {self._written(item.column)}" if item.column else ""
            )
            yield _Line(1, (f"{item.name.text}: ", *self._type(item.type), more), item.span.start)

    def _type(self, node: tree.TypeName) -> _Parts:
        if node.kind != "one of":
            return (node.kind,)
        return "one of ", self._list(node.values, self.text.index("(", node.span.start), node.span.end)

    def _params(self, name: tree.Name, params: Sequence[tree.Param]) -> _Parts:
        if not params:
            return ()
        items = tuple(_Item((f"{p.name.text}: ", *self._type(p.type)), p.span.start) for p in params)
        return (_Bracket(items, name.span.end, self.text.index(")", params[-1].span.end) + 1, stiff=True),)

    # -------------------------------------------------------------- items of scores

    def _items(self, level: int, items: Iterable[tree.Item]) -> Iterator[_Line]:
        for item in items:
            match item:
                case tree.Rule():
                    yield from self._rule(level, item)
                case tree.Group():
                    head = self._spaced(f"{item.kind} {item.name.text}", self._label(item.label))
                    limits = ", ".join(self._limit(limit) for limit in item.limits)
                    yield _Line(level, (self._spaced(head, limits),), item.span.start)
                    yield from self._items(level + 1, item.items)
                case _:
                    yield _Line(level, self._item(item), item.span.start)

    def _item(
        self, item: tree.StartAt | tree.ResetOn | tree.DecayLine | tree.CapLine | tree.FloorLine | tree.Include
    ) -> _Parts:
        match item:
            case tree.StartAt():
                return (f"start at {self._written(item.points)}",)
            case tree.ResetOn():
                return (f"reset on {', '.join(event.text for event in item.events)}",)
            case tree.DecayLine():
                silence = " of silence" if item.of_silence else ""
                after = f", after {self._duration(item.after)}" if item.after else ""
                return (f"decay {self._modifier(item.curve)}{silence}{after}",)
            case tree.CapLine():
                return f"cap {self._written(item.points)} when ", *self._expr(item.condition)
            case tree.FloorLine():
                return f"floor {self._written(item.points)} when ", *self._expr(item.condition)
            case tree.Include():
                return self._include(item)
            case _:
                assert_never(item)

    def _include(self, item: tree.Include) -> _Parts:
        excluded = f" except {', '.join(name.text for name in item.excluded)}" if item.excluded else ""
        args: _Parts = ()
        if item.args is not None:
            args = (self._arguments(item.args, item.name.span.end, item.span.end),)
        return f"include {item.name.text}", *args, excluded

    def _limit(self, limit: tree.Limit) -> str:
        match limit:
            case tree.AtMost():
                return f"at most {self._written(limit.points)} points"
            case tree.AtLeast():
                return f"at least {self._written(limit.points)} points"
            case tree.Counting():
                return f"counting {self._written(limit.percent)}"
            case _:
                assert_never(limit)

    def _rule(self, level: int, rule: tree.Rule) -> Iterator[_Line]:
        sign = "-" if rule.negative else "+"
        name = self._spaced(rule.name.text, self._label(rule.label))
        computed = not isinstance(rule.points, Decimal)
        points: _Parts
        if isinstance(rule.points, Decimal):
            written = re.compile(r"[+-]\s*([\d_.]+)").match(self.text, rule.span.start)
            points = (sign + (written[1] if written else f"{abs(rule.points)}"),)
        else:
            start = self.text.index("(", rule.span.start)
            points = (sign, self._bracket(rule.points, start, rule.name.span.start))
        head = _RuleHead(_flat(points), computed, name, rule.label is not None)
        rows = self._modifier_rows(rule)
        here = ", ".join(self._modifier(modifier) for modifier in rows[0])
        parts: _Parts = (*points, f" {name} ", *self._trigger(rule.trigger))
        whole = (*parts, f", {here}") if here else parts
        below = [(row[0].span.start, row) for row in rows[1:]]
        if rows[0] and level * STEP + len(_flat(whole)) > WIDTH:
            # Too long for a line: the limits go below, a delay stays with its decay.
            whole = parts
            below = [*((row[0].span.start, row) for row in _by_line(rows[0])), *below]
        yield _Line(level, whole, rule.span.start, head)
        for start, row in below:
            yield _Line(level + 1, (", ".join(self._modifier(modifier) for modifier in row),), start)

    def _modifier_rows(self, rule: tree.Rule) -> list[list[tree.Modifier]]:
        """The modifiers by the line that they stand on: first those on the rule's own."""
        rows: list[list[tree.Modifier]] = [[]]
        end = self.statements[rule.span.start].end
        for modifier in rule.modifiers:
            if modifier.span.start in self.statements and modifier.span.start > end:
                rows.append([])
            rows[-1].append(modifier)
        return rows

    def _modifier(self, modifier: tree.Modifier) -> str:
        match modifier:
            case tree.MaxTimes():
                per = f" per {modifier.per}" if modifier.per else ""
                return f"at most {modifier.count} time{'' if modifier.count == 1 else 's'}{per}"
            case tree.MaxPoints():
                number = re.sub(r"\s|at\s+most|points", "", self._written(modifier))
                return f"at most {number} points"
            case tree.Once(per=None):
                return "once"
            case tree.Once(per=per):
                return f"once per {per.text if isinstance(per, tree.Name) else per}"
            case tree.Starts():
                return f"from {modifier.date.text}"
            case tree.Until():
                return f"until {modifier.date.text}"
            case tree.After():
                return f"after {self._duration(modifier.duration)}"
            case tree.RenamedFrom():
                return f"renamed from {modifier.name.text}"
            case tree.Curve(shape=shape, percent=percent):
                span = self._duration(modifier.duration) if shape == "fading" else self._span(modifier.duration)
                if percent is not None:
                    return f"{shape} {self._written(percent)} every {span}"
                return f"{shape} {'over' if shape == 'fading' else 'every'} {span}"
            case _:
                assert_never(modifier)

    def _trigger(self, trigger: tree.Trigger) -> _Parts:
        match trigger:
            case tree.When():
                return "when ", *self._expr(trigger.condition)
            case tree.Unless():
                return "unless ", *self._expr(trigger.condition)
            case tree.Otherwise():
                return ("otherwise",)
            case tree.Each():
                word = " unless " if trigger.unless else " where "
                where: _Parts = (word, *self._expr(trigger.where)) if trigger.where else ()
                return f"for each {_event(trigger.event)}{self._window(trigger.window)}", *where
            case tree.Per():
                amount = f"{self._written(trigger.amount)} of " if trigger.amount else ""
                return f"per {amount}", *self._expr(trigger.item)
            case _:
                assert_never(trigger)

    # -------------------------------------------------------------- rows

    def _band_rows(self, level: int, rows: Sequence[tree.BandRow | tree.Include]) -> Iterator[_Line]:
        width = max((len(row.label.text) for row in rows if isinstance(row, tree.BandRow)), default=0)
        for row in rows:
            match row:
                case tree.Include():
                    yield _Line(level, self._include(row), row.span.start)
                case tree.BandRow():
                    limit: _Parts = (">= ", *self._expr(row.limit)) if row.limit is not None else ("otherwise",)
                    yield _Line(level, (f"{row.label.text:{width}} ", *limit), row.span.start)
                case _:
                    assert_never(row)

    def _choice_rows(self, level: int, rows: Sequence[tree.Row | tree.Include]) -> Iterator[_Line]:
        widths: list[int] = []
        for index, row in enumerate(rows):
            match row:
                case tree.Include():
                    yield _Line(level, self._include(row), row.span.start)
                case tree.Choice():
                    yield _Line(level, (f"{row.outcome.text} ", *self._trigger(row.trigger)), row.span.start)
                case tree.GridRow():
                    if index == 0 or not isinstance(rows[index - 1], tree.GridRow):
                        widths = _widths(rows[index:])
                    cells = "".join(f"| {cell:{width}} " for cell, width in zip(_cells(row), widths, strict=False))
                    yield _Line(level, (f"{cells}|",), row.span.start)
                case _:
                    assert_never(row)

    # -------------------------------------------------------------- promises and tests

    def _vow(self, vow: tree.Vow) -> _Parts:
        match vow:
            case tree.Holds():
                return self._expr(vow.condition)
            case tree.Implies():
                return *self._expr(vow.condition), " implies ", *self._expr(vow.consequence)
            case tree.Never():
                return "never ", *self._expr(vow.unwanted), " when ", *self._expr(vow.condition)
            case tree.Stays():
                return (f"{vow.score.text} stays between {self._written(vow.low)} and {self._written(vow.high)}",)
            case tree.ExactlyOne():
                return (f"every {vow.subject.text} gets exactly one {vow.name.text}",)
            case tree.Monotone():
                return (f"{vow.direction} {vow.name.text} never {vow.verb} {vow.score.text}",)
            case _:
                assert_never(vow)

    def _step(self, step: tree.Step) -> _Parts:
        match step:
            case tree.At():
                return (f"at {step.when.text}",)
            case tree.Given():
                return "given ", *self._given(step.values)
            case tree.Happened():
                times = f" {step.times} times" if step.times != 1 else ""
                when = f"on {step.on.text}" if step.on else f"{self._duration(step.ago)} ago" if step.ago else ""
                values: _Parts = (", ", *self._given(step.values)) if step.values else ()
                return f"event {step.event.text}{times} {when}", *values
            case tree.Expect():
                return "expect ", *self._expr(step.condition)
            case tree.ExpectFired():
                negated = "not " if step.negated else ""
                return (f"expect {negated}fired {', '.join(rule.text for rule in step.rules)}",)
            case _:
                assert_never(step)

    def _given(self, values: Iterable[tuple[tree.Name, tree.Literal_ | tree.Values]]) -> _Parts:
        return _joined((f"{name.text} ", *self._value(value)) for name, value in values)

    def _value(self, value: tree.Literal_ | tree.Values) -> _Parts:
        return (self._values(value),) if isinstance(value, tree.Values) else (self._written(value),)

    # -------------------------------------------------------------- expressions

    def _expr(self, node: tree.Expr) -> _Parts:
        match node:
            case tree.Number() | tree.Percent() | tree.Text() | tree.Flag() | tree.Date() | tree.Time():
                return (self._written(node),)
            case tree.Ref():
                return (node.name.text,)
            case tree.CallOf():
                return node.name.text, self._arguments(node.args, node.name.span.end, node.span.end)
            case tree.Paren():
                return (self._bracket(node.inner, node.span.start, node.span.end),)
            case tree.Or() | tree.And() | tree.Sum() | tree.Product():
                return _joined((item.parts for item in self._chain(node)), " ")
            case tree.Not():
                return "not ", *self._expr(node.item)
            case tree.Compare():
                return *self._expr(node.left), f" {node.sign} ", *self._expr(node.right)
            case tree.Is():
                return *self._expr(node.left), " is not " if node.negated else " is ", *self._expr(node.right)
            case tree.IsMissing():
                return *self._expr(node.item), " is not missing" if node.negated else " is missing"
            case tree.IsKnown():
                return *self._expr(node.item), " is known"
            case tree.Between():
                return *self._expr(node.item), " between ", *self._expr(node.low), " and ", *self._expr(node.high)
            case tree.In():
                word = " not in " if node.negated else " in "
                return *self._expr(node.item), word, *self._collection(node.collection)
            case tree.TextTest():
                return *self._expr(node.item), f" {node.op} ", *self._needles(node)
            case tree.Occurs():
                head = f"{node.quantifier} {_event(node.event)}{self._window(node.window)}"
                return head, *self._where(node.where, node.event, node.span)
            case tree.PercentOf():
                return f"{self._written(node.percent)} of ", *self._expr(node.item)
            case tree.Earlier():
                return (f"{node.name.text} {self._duration(node.ago)} ago",)
            case tree.Count():
                distinct = f"distinct {node.distinct.text} of " if node.distinct else ""
                head = f"count of {distinct}{_event(node.event)}{self._window(node.window)}"
                return head, *self._where(node.where, node.event, node.span)
            case tree.Aggregate():
                head = f"{node.word} of {node.prop.text} of {_event(node.event)}{self._window(node.window)}"
                return head, *self._where(node.where, node.event, node.span)
            case tree.CountLeads():
                return "count of leads", *self._where(node.where, None, node.span)
            case tree.OverLeads():
                top = f"top {node.top} " if node.top is not None else ""
                return (f"{node.word} of {top}{node.score.text}",)
            case tree.SinceEvent():
                head = f"{node.unit}s since {node.which} {_event(node.event)}"
                return head, *self._where(node.where, node.event, node.span)
            case tree.SinceField():
                return (f"{node.unit}s {'until' if node.until else 'since'} {node.name.text}",)
            case tree.PathTime():
                start, end = _event(node.start), _event(node.end)
                return (f"{node.unit}s from {node.start_which} {start} to {node.end_which} {end}",)
            case _:
                assert_never(node)

    def _chain(self, node: tree.Expr) -> tuple[_Item, ...]:
        """The parts of a chain, each but the first with its operator before it; one part for anything else."""
        match node:
            case tree.Or(items=items) | tree.And(items=items):
                word = "or " if isinstance(node, tree.Or) else "and "
                first, *rest = items
                return _item(first, self._expr(first)), *(_item(part, (word, *self._expr(part))) for part in rest)
            case tree.Sum():
                if node.first is not None:
                    return _item(node.first, self._expr(node.first)), *self._signed(node.rest)
                (_, item), *more = node.rest
                return _item(item, ("-", *self._expr(item))), *self._signed(more)
            case tree.Product():
                return _item(node.first, self._expr(node.first)), *self._signed(node.rest)
            case _:
                return (_item(node, self._expr(node)),)

    def _signed(self, pairs: Iterable[tuple[str, tree.Expr]]) -> Iterator[_Item]:
        for sign, part in pairs:
            yield _item(part, (f"{sign} ", *self._expr(part)))

    def _bracket(self, inner: tree.Expr, start: int, end: int) -> _Bracket:
        return _Bracket(self._chain(inner), start, end, comma=False, each=isinstance(inner, tree.Or | tree.And))

    def _needles(self, node: tree.TextTest) -> _Parts:
        quantifier = f"{node.quantifier} of " if node.quantifier else ""
        match node.needles:
            case tree.Text() as text:
                return (self._written(text),)
            case tree.Ref(name=name):
                return (quantifier + name.text,)
            case tree.Values() | tree.Dotted() as collection:
                return quantifier, *self._collection(collection)
            case _:
                assert_never(node.needles)

    def _collection(self, node: tree.Collection) -> _Parts:
        return (self._values(node),) if isinstance(node, tree.Values) else (node.text,)

    def _where(self, where: tree.Expr | None, event: tree.EventName | None, span: Span) -> _Parts:
        if where is None:
            return ()
        start = event.span.end if event is not None else span.start
        return " where ", self._bracket(where, start, span.end)

    def _arguments(self, args: Sequence[tree.Expr], start: int, end: int) -> _Bracket:
        return _Bracket(tuple(_item(arg, self._expr(arg)) for arg in args), start, end)

    def _values(self, values: tree.Values) -> _Bracket:
        return self._list(values.items, values.span.start, values.span.end)

    def _list(self, values: Sequence[tree.Literal_], start: int, end: int) -> _Bracket:
        items = tuple(_Item((self._written(value),), value.span.start) for value in values)
        rows: list[int] = []
        last = start
        for value in values:
            if not rows or "\n" in self.text[last : value.span.start]:
                rows.append(0)
            rows[-1] += 1
            last = value.span.end
        # A new line inside, or a comma after the last value, is the author's wish for rows.
        wished = "\n" in self.text[start:end] or "," in self.text[last:end]
        return _Bracket(items, start, end, values=True, rows=tuple(rows) if wished else ())

    def _window(self, window: tree.Duration | None) -> str:
        return f" in the last {self._span(window)}" if window else ""

    def _span(self, duration: tree.Duration) -> str:
        """`day` for 1 day, where the language has that word."""
        return duration.unit if duration.count == 1 else self._duration(duration)

    def _duration(self, duration: tree.Duration) -> str:
        count = self._written(duration).split()[0]
        return f"{count} {duration.unit}{'' if duration.count == 1 else 's'}"

    def _label(self, label: tree.Text | None) -> str:
        return self._written(label) if label is not None else ""

    def _written(self, node: tree.Node) -> str:
        """As the author wrote it: numbers keep their `_`, texts their escapes. A sign stands at its number."""
        written = self.text[node.span.start : node.span.end]
        return re.sub(r"^([+-])(?:\s|#[^\n]*)+", r"\1", written)

    def _spaced(self, *words: str) -> str:
        return " ".join(word for word in words if word)

    # -------------------------------------------------------------- columns

    def _align(self, lines: list[_Line]) -> None:
        """Puts points, and where it looks well triggers, of neighbouring rules into columns."""
        run: list[_Line] = []
        for line in [*lines, _Line(0, (), len(self.text))]:
            if run and line.level > run[0].level and line.head is None:
                continue  # a rule's own lines
            apart = bool(run) and (line.head is None or line.level != run[0].level or self._blank_before(line))
            if apart:
                self._align_run(run)
                run = []
            if line.head is not None:
                run.append(line)

    def _align_run(self, run: list[_Line]) -> None:
        heads = [line.head for line in run if line.head is not None]
        points = max((len(head.points) for head in heads if not head.computed), default=0)
        names = max(len(head.name) for head in heads)
        labelled = any(head.labelled or head.computed for head in heads)
        near = not labelled and names - min(len(head.name) for head in heads) <= NEAR
        rests = [
            _flat(line.parts)[len(head.points) + len(head.name) + 2 :] for line, head in zip(run, heads, strict=True)
        ]
        fits = all(run[0].level * STEP + points + names + 2 + len(rest) <= WIDTH for rest in rests)
        for line, head in zip(run, heads, strict=True):
            name = f" {head.name:{names}} " if near and fits else f" {head.name} "
            if head.computed:
                line.parts = (*line.parts[:2], name, *line.parts[3:])
            else:
                line.parts = (f"{head.points:{points}}", name, *line.parts[2:])

    # -------------------------------------------------------------- lines, blank lines, comments

    def _laid_out(self, lines: list[_Line]) -> str:
        bodies = [self._body(line) for line in lines]
        for index, line in enumerate(lines):
            below = index + 1 < len(lines) and lines[index + 1].level > line.level
            line.alone = len(bodies[index]) == 1 and not below
        out: list[str] = []
        columns: list[int] = []
        previous: _Line | None = None
        kept = 0
        for line, body in zip(lines, bodies, strict=True):
            statement = self.statements.get(line.start)
            before = self._comments_between(kept, line.start)
            trailing = [comment for comment in before if not comment.own_line]
            if trailing and out:
                out[-1] += f"  {trailing[0].text}"
            own = [comment for comment in before if comment.own_line]
            levels = self._comment_levels(own, columns, line.level)
            blank = previous is not None and line.level == 0 and not self._stay_together(previous, line)
            at_left = False
            for comment, level in zip(own, levels, strict=True):
                if (blank and level == 0 and not at_left) or self._blank_before_offset(comment.span.start):
                    _blank_line(out)
                at_left = at_left or level == 0
                out.append(" " * (STEP * level) + comment.text)
            if (blank and not at_left) or (not self._first_below(previous, line, own) and self._blank_before(line)):
                _blank_line(out)
            end = statement.end if statement is not None else line.start
            # A comment that stands in no bracket, or in an empty one, goes before the statement.
            brackets = [part for part in line.parts if isinstance(part, _Bracket) and part.items]
            for comment in self._comments_between(line.start, end):
                if not any(part.start <= comment.span.start < part.end for part in brackets):
                    out.append(" " * (STEP * line.level) + comment.text)
            out += body
            if statement is not None:
                kept = end
                del columns[line.level :]
                columns += [statement.indent] * (line.level + 1 - len(columns))
            previous = line
        rest = self._comments_between(kept, len(self.text) + 1)
        for comment in rest:
            if not comment.own_line and out and comment is rest[0]:
                out[-1] += f"  {comment.text}"
        own = [comment for comment in rest if comment.own_line]
        at_left = previous is None or previous.level == 0
        for comment, level in zip(own, self._comment_levels(own, columns, 0), strict=True):
            if (level == 0 and not at_left) or self._blank_before_offset(comment.span.start):
                _blank_line(out)
            at_left = at_left or level == 0
            out.append(" " * (STEP * level) + comment.text)
        return "\n".join(line.rstrip() for line in out).strip("\n") + "\n"

    def _body(self, line: _Line) -> list[str]:
        self.laid.clear()
        return self._lay(line.parts, STEP * line.level, " " * (STEP * line.level))

    def _comments_between(self, start: int, end: int) -> list[Comment]:
        first, last = bisect_left(self.comment_starts, start), bisect_left(self.comment_starts, end)
        return list(self.comments[first:last])

    def _comment_levels(self, comments: Sequence[Comment], columns: Sequence[int], level: int) -> list[int]:
        """A comment belongs to the statement below it, unless it is indented like the block that ends above it."""
        deepest = len(columns) - 1
        levels = []
        for comment in comments:
            column = self.source.position(comment.span.start)[1] - 1
            while deepest > level and columns[deepest] > column:
                deepest -= 1
            levels.append(max(deepest, level) if deepest > level else level)
            deepest = min(deepest, levels[-1])
        return levels

    def _stay_together(self, previous: _Line, line: _Line) -> bool:
        """One-line declarations of one kind need no blank line between them."""
        return previous.level == 0 and previous.alone and line.alone and previous.kind == line.kind

    def _first_below(self, previous: _Line | None, line: _Line, comments: Sequence[Comment]) -> bool:
        """The first line of a block follows its head at once."""
        return previous is None or (line.level > previous.level and not comments)

    def _blank_before(self, line: _Line) -> bool:
        # A limit that moves below its rule had no line of its own.
        return line.start in self.statements and self._blank_before_offset(line.start)

    def _blank_before_offset(self, offset: int) -> bool:
        """Whether the author left an empty line before what stands here."""
        begin = self.text.rfind("\n", 0, offset)
        above = self.text.rfind("\n", 0, max(begin, 0))
        return begin > 0 and not self.text[above + 1 : begin].strip()

    # -------------------------------------------------------------- breaking lines

    def _lay(self, parts: _Parts, indent: int, start: str) -> list[str]:
        """The lines of a statement, or of an item in a bracket: brackets are broken only where that helps."""
        broken = {index for index, part in enumerate(parts) if isinstance(part, _Bracket) and self._must_break(part)}
        lines = self._broken(parts, broken, indent, start)
        width = LIST_WIDTH if _is_list(parts) else WIDTH
        while _widest(lines) > width:
            choices = [
                (self._broken(parts, broken | {index}, indent, start), -len(_flat_bracket(part)), index)
                for index, part in enumerate(parts)
                if isinstance(part, _Bracket) and index not in broken and _worth_breaking(part)
            ]
            if not choices:
                break
            best, _, index = min(choices, key=lambda choice: (max(_widest(choice[0]), width), choice[1]))
            if _widest(best) >= _widest(lines):
                break
            lines = best
            broken.add(index)
        return lines

    def _must_break(self, bracket: _Bracket) -> bool:
        return bool(bracket.items) and bool(bracket.rows or self._comments_between(bracket.start, bracket.end))

    def _broken(self, parts: _Parts, broken: set[int], indent: int, start: str) -> list[str]:
        """The lines, with these brackets broken."""
        lines = [start]
        for index, part in enumerate(parts):
            if isinstance(part, str):
                lines[-1] += part
            elif index not in broken:
                lines[-1] += _flat_bracket(part)
            else:
                lines[-1] += "("
                lines += self._lay_items(part, indent + STEP)
                lines.append(" " * indent + ")")
        return lines

    def _lay_items(self, bracket: _Bracket, indent: int) -> list[str]:
        # Kept while the statement is laid out: trying each bracket again within each other would take for ever.
        key = (id(bracket), indent)
        if key not in self.laid:
            self.laid[key] = self._items_laid(bracket, indent)
        return self.laid[key]

    def _items_laid(self, bracket: _Bracket, indent: int) -> list[str]:
        margin = " " * indent
        own, trailing, last = self._comments_in(bracket)
        commented = bool(own or trailing or last)
        if not (commented or bracket.values or bracket.each):
            together = _flat_bracket(bracket)[1:-1]
            if indent + len(together) <= WIDTH:
                return [margin + together]
        lines: list[str] = []
        # The first items of rows; what is no list of values has an item on each.
        firsts = set(accumulate(bracket.rows or (len(bracket.items),), initial=0)) if bracket.values else None
        room = _room(bracket, indent)
        for index, item in enumerate(bracket.items):
            for comment in own.get(index, ()):
                lines.append(margin + comment.text)
            comma = "," if bracket.comma and (bracket.values or index + 1 < len(bracket.items)) else ""
            fresh = not lines or firsts is None or index in firsts or index in own or index - 1 in trailing
            if fresh or len(lines[-1]) + 1 + len(_flat(item.parts)) + len(comma) > room[index]:
                lines += self._lay(item.parts, indent, margin)
            else:
                lines[-1] += f" {_flat(item.parts)}"
            lines[-1] += comma
            for comment in trailing.get(index, ()):
                lines[-1] += f"  {comment.text}"
        return lines + [margin + comment.text for comment in last]

    def _comments_in(
        self, bracket: _Bracket
    ) -> tuple[dict[int, list[Comment]], dict[int, list[Comment]], list[Comment]]:
        """The comments of a bracket that are in no bracket within it: before items, after items, and at the end."""
        own: dict[int, list[Comment]] = {}
        trailing: dict[int, list[Comment]] = {}
        last: list[Comment] = []
        starts = [item.start for item in bracket.items]
        inner = [part for item in bracket.items for part in item.parts if isinstance(part, _Bracket) and part.items]
        for comment in self._comments_between(bracket.start, bracket.end):
            at = comment.span.start
            if any(part.start <= at < part.end for part in inner):
                continue
            index = bisect_left(starts, at)
            if not comment.own_line and index > 0:
                # Only one comment has room after an item; an earlier one goes before it.
                own.setdefault(index - 1, []).extend(trailing.pop(index - 1, ()))
                trailing[index - 1] = [comment]
            elif index < len(starts):
                own.setdefault(index, []).append(comment)
            else:
                last.append(comment)
        return own, trailing, last


# ------------------------------------------------------------------ small parts


def _event(event: tree.EventName) -> str:
    return event.name.text if event.name is not None else "event"


def _item(node: tree.Node, parts: _Parts) -> _Item:
    return _Item(parts, node.span.start)


def _by_line(modifiers: Iterable[tree.Modifier]) -> list[list[tree.Modifier]]:
    rows: list[list[tree.Modifier]] = []
    for modifier in modifiers:
        if rows and isinstance(modifier, tree.After):
            rows[-1].append(modifier)
        else:
            rows.append([modifier])
    return rows


def _cells(row: tree.GridRow) -> list[str]:
    return [row.head.text if row.head else "", *(cell.text for cell in row.cells)]


def _widths(rows: Sequence[tree.Row | tree.Include]) -> list[int]:
    """The widths of the columns of the grid that begins here."""
    widths: list[int] = []
    for row in rows:
        if not isinstance(row, tree.GridRow):
            break
        cells = _cells(row)
        widths += [0] * (len(cells) - len(widths))
        widths = [max(width, len(cell)) for width, cell in zip(widths, [*cells, *[""] * len(widths)], strict=False)]
    return widths


def _room(bracket: _Bracket, indent: int) -> list[int]:
    """For each item, how wide its line may be: a row of the author's may be wider than one that is wrapped here."""
    room: list[int] = []
    for count in bracket.rows or (len(bracket.items),):
        row = bracket.items[len(room) : len(room) + count]
        width = indent + sum(len(_flat(item.parts)) + 2 for item in row) - 1
        room += [WIDTH if bracket.rows and width <= WIDTH else LIST_WIDTH] * count
    return room


def _is_list(parts: _Parts) -> bool:
    """Whether a statement is a list of values and nothing more."""
    return len(parts) == 2 and isinstance(parts[1], _Bracket) and parts[1].values


def _worth_breaking(bracket: _Bracket) -> bool:
    return not bracket.stiff and len(_flat_bracket(bracket)) >= WORTH_BREAKING


def _widest(lines: Sequence[str]) -> int:
    return max(len(line.partition("  #")[0]) for line in lines)


def _blank_line(out: list[str]) -> None:
    if out and out[-1]:
        out.append("")
