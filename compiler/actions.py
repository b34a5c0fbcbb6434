"""What each rule of the grammar makes of its parts: a node of the tree.

The grammar names its rules and aliases; here is a method for each. All take the span of the whole first, then the parts
that matter (keywords do not; what may be left out is None).
"""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from ..dsl import tree
from ..dsl.problems import Fix, Problem
from ..dsl.source import Source, Span
from .syntax_problems import ImpossibleDate, MalformedNumber, UnknownEscape

MAX_DIGITS = 30


class Actions:
    """The actions of one run over one source. Nothing here raises for what an author wrote: `problems` grows, and a
    harmless stand-in goes on."""

    def __init__(self, source: Source, problems: list[Problem]) -> None:
        self.source = source.name
        self.problems = problems
        self.dropped: set[int] = set()
        """Where statements begin that were read in part only, and do not belong into the tree."""

    # -------------------------------------------------------------- terminals

    def token(self, kind: str, text: str, start: int, end: int) -> Any:
        """The node of a terminal that has a meaning of its own; of others the text, with single blanks."""
        match kind:
            case "NUMERAL":
                span = Span(start, end, self.source)
                return tree.Number(self._number(text, span), text, span=span)
            case "TEXT_VALUE":
                return tree.Text(self._text(text, start), span=Span(start, end, self.source))
            case "PERCENT":
                span = Span(start, end, self.source)
                return tree.Percent(self._number(text[:-1], span), span=span)
            case "DATE_VALUE":
                return self._date(text, Span(start, end, self.source))
            case "TIME_VALUE":
                return self._time(text, Span(start, end, self.source))
            case _:
                return text if text.isalpha() else " ".join(text.split())

    def _number(self, text: str, span: Span) -> Decimal:
        if len(text) > MAX_DIGITS and sum(map(str.isdigit, text)) > MAX_DIGITS:
            shown = f"{text[:12]}..."
            advice = f"a number has at most {MAX_DIGITS} digits"
            self.problems.append(MalformedNumber(written=shown, advice=advice, span=span, label="too long"))
            return Decimal(1)
        return Decimal(text.replace("_", ""))

    def _text(self, written: str, start: int) -> str:
        inner = written[1:-1]
        if "\\" not in inner:
            return inner

        def meant(found: re.Match[str]) -> str:
            if found[1] in _ESCAPES:
                return _ESCAPES[found[1]]
            span = Span(start + 1 + found.start(), start + 1 + found.end(), self.source)
            fix = Fix("write two backslashes", span, "\\" + found[0], safe=True)
            self.problems.append(UnknownEscape(written=found[0], span=span, label="here", fix=fix))
            return found[0]

        return re.sub(r"\\(.)", meant, inner)

    def _date(self, text: str, span: Span) -> tree.Date:
        reason = _not_in_calendar(text)
        if reason:
            self.problems.append(ImpossibleDate(written=text, reason=reason, span=span, label="not in the calendar"))
            return tree.Date("2000-01-01", span=span)
        return tree.Date(text, span=span)

    def _time(self, text: str, span: Span) -> tree.Time:
        reason = _not_in_calendar(text[:10]) or _not_on_clock(text)
        if reason:
            self.problems.append(ImpossibleDate(written=text, reason=reason, span=span, label="no such time"))
            return tree.Time("2000-01-01T00:00", span=span)
        return tree.Time(text, span=span)

    def _whole(self, number: tree.Number) -> int:
        if number.value != number.value.to_integral_value():
            self.problems.append(
                MalformedNumber(
                    written=number.text, advice="a whole number belongs here", span=number.span, label="not whole"
                )
            )
        return int(number.value)

    # -------------------------------------------------------------- lists of things

    def several(self, span: Span, *parts: Any) -> tuple[Any, ...]:
        return tuple(part for part in parts if part is not None)

    def block(self, span: Span, *parts: Any) -> tuple[Any, ...]:
        if not self.dropped:
            return parts
        return tuple(part for part in parts if isinstance(part, tuple) or part.span.start not in self.dropped)

    # -------------------------------------------------------------- the header

    def file(self, span: Span, header: tree.Header | None, *declarations: tree.Declaration) -> tree.File:
        return tree.File(header, self.block(span, *declarations), span=span)

    def policy(
        self, span: Span, name: tree.Dotted, label: tree.Text | None, meta: tuple[tree.Meta, ...] | None
    ) -> tree.Header:
        return tree.Header("policy", name, label, meta or (), span=span)

    def library(
        self, span: Span, name: tree.Dotted, label: tree.Text | None, meta: tuple[tree.Meta, ...] | None
    ) -> tree.Header:
        return tree.Header("library", name, label, meta or (), span=span)

    def language(self, span: Span, number: tree.Number) -> tree.Language:
        return tree.Language(self._whole(number), span=span)

    def version(self, span: Span, text: str) -> tree.Version:
        return tree.Version(text, span=span)

    def owner(self, span: Span, text: tree.Text) -> tree.Owner:
        return tree.Owner(text, span=span)

    def effective(self, span: Span, start: tree.Date, end: tree.Date | None) -> tree.Effective:
        return tree.Effective(start, end, span=span)

    def effective_to(self, span: Span, end: tree.Date) -> tree.Effective:
        return tree.Effective(None, end, span=span)

    def timezone(self, span: Span, text: tree.Text) -> tree.TimeZone:
        return tree.TimeZone(text, span=span)

    def subject(self, span: Span, name: tree.Name) -> tree.Subject:
        return tree.Subject(name, span=span)

    # -------------------------------------------------------------- facts

    def use(self, span: Span, name: tree.Dotted, alias: tree.Name | None) -> tree.Use:
        return tree.Use(name, alias, span=span)

    def record(
        self, span: Span, subject: tree.Name, key: tree.Name, fields: tuple[tree.Field, ...] | None
    ) -> tree.Record:
        return tree.Record(subject, key, fields or (), span=span)

    def record_without_key(self, span: Span, subject: tree.Name, fields: tuple[tree.Field, ...]) -> tree.Record:
        return tree.Record(subject, None, fields, span=span)

    def field(
        self, span: Span, name: tree.Name, type_: tree.TypeName, required: str | None, column: tree.Text | None
    ) -> tree.Field:
        return tree.Field(name, type_, required is not None, column, span=span)

    def event(self, span: Span, kinds: tuple[tree.EventKind, ...], fields: tuple[tree.Field, ...] | None) -> tree.Event:
        return tree.Event(kinds, fields or (), span=span)

    def kind(self, span: Span, name: tree.Name, source: tree.Text | None) -> tree.EventKind:
        return tree.EventKind(name, source, span=span)

    def list_of_values(self, span: Span, name: tree.Name, values: tree.Values) -> tree.ListOf:
        return tree.ListOf(name, values, None, span=span)

    def list_from_file(self, span: Span, name: tree.Name, file: tree.Text) -> tree.ListOf:
        return tree.ListOf(name, None, file, span=span)

    def type_text(self, span: Span) -> tree.TypeName:
        return tree.TypeName("text", span=span)

    def type_number(self, span: Span) -> tree.TypeName:
        return tree.TypeName("number", span=span)

    def type_flag(self, span: Span) -> tree.TypeName:
        return tree.TypeName("yes/no", span=span)

    def type_date(self, span: Span) -> tree.TypeName:
        return tree.TypeName("date", span=span)

    def type_time(self, span: Span) -> tree.TypeName:
        return tree.TypeName("time", span=span)

    def type_texts(self, span: Span) -> tree.TypeName:
        return tree.TypeName("list of text", span=span)

    def type_one_of(self, span: Span, values: tree.Values) -> tree.TypeName:
        return tree.TypeName("one of", values.items, span=span)

    def type_event(self, span: Span) -> tree.TypeName:
        return tree.TypeName("event", span=span)

    def type_score(self, span: Span) -> tree.TypeName:
        return tree.TypeName("score", span=span)

    def define(
        self, span: Span, name: tree.Name, params: tuple[tree.Param, ...] | None, body: tree.Expr
    ) -> tree.Define:
        return tree.Define(name, params or (), body, span=span)

    def param(self, span: Span, name: tree.Name, type_: tree.TypeName) -> tree.Param:
        return tree.Param(name, type_, span=span)

    # -------------------------------------------------------------- scores

    def score(
        self,
        span: Span,
        name: tree.Name,
        label: tree.Text | None,
        range_: tree.Range | None,
        rounding: tree.Rounding | None,
        body: tree.Expr | None,
        items: tuple[tree.Item, ...] | None,
    ) -> tree.Score:
        return tree.Score(name, label, range_, rounding, body, items or (), span=span)

    def range(self, span: Span, low: tree.SignedNumber, high: tree.SignedNumber) -> tree.Range:
        return tree.Range(low, high, span=span)

    def rounding(self, span: Span, direction: str | None) -> str:
        return f"rounded {direction}" if direction else "rounded"

    def signed(self, span: Span, sign: str | None, number: tree.Number) -> tree.SignedNumber:
        return tree.SignedNumber(_with_sign(sign, number), span=span)

    def start_at(self, span: Span, points: tree.SignedNumber) -> tree.StartAt:
        return tree.StartAt(points, span=span)

    def reset_on(self, span: Span, events: tuple[tree.Name, ...]) -> tree.ResetOn:
        return tree.ResetOn(events, span=span)

    def decay_line(
        self, span: Span, curve: tree.Curve, of_silence: bool | None, after: tree.After | None
    ) -> tree.DecayLine:
        return tree.DecayLine(curve, of_silence is not None, after.duration if after else None, span=span)

    def of_silence(self, span: Span) -> bool:
        return True

    def cap_line(self, span: Span, points: tree.SignedNumber, condition: tree.Expr) -> tree.CapLine:
        return tree.CapLine(points, condition, span=span)

    def floor_line(self, span: Span, points: tree.SignedNumber, condition: tree.Expr) -> tree.FloorLine:
        return tree.FloorLine(points, condition, span=span)

    def group(
        self,
        span: Span,
        name: tree.Name,
        label: tree.Text | None,
        limits: tuple[tree.Limit, ...],
        items: tuple[tree.Item, ...],
    ) -> tree.Group:
        return tree.Group("group", name, label, limits, items, span=span)

    def first_of(
        self,
        span: Span,
        name: tree.Name,
        label: tree.Text | None,
        limits: tuple[tree.Limit, ...],
        items: tuple[tree.Item, ...],
    ) -> tree.Group:
        return tree.Group("first of", name, label, limits, items, span=span)

    def best_of(
        self,
        span: Span,
        name: tree.Name,
        label: tree.Text | None,
        limits: tuple[tree.Limit, ...],
        items: tuple[tree.Item, ...],
    ) -> tree.Group:
        return tree.Group("best of", name, label, limits, items, span=span)

    def group_at_most(self, span: Span, points: tree.SignedNumber) -> tree.AtMost:
        return tree.AtMost(points, span=span)

    def group_at_least(self, span: Span, points: tree.SignedNumber) -> tree.AtLeast:
        return tree.AtLeast(points, span=span)

    def counting(self, span: Span, percent: tree.Percent) -> tree.Counting:
        return tree.Counting(percent, span=span)

    def include(
        self,
        span: Span,
        name: tree.Dotted,
        args: tuple[tree.Expr, ...] | None,
        excluded: tuple[tree.Name, ...] | None,
    ) -> tree.Include:
        return tree.Include(name, args, excluded or (), span=span)

    def rule(
        self,
        span: Span,
        points: tuple[bool, Decimal | tree.Expr],
        name: tree.Name,
        label: tree.Text | None,
        trigger: tree.Trigger,
        modifiers: tuple[tree.Modifier, ...],
        more: tuple[tuple[tree.Modifier, ...], ...] | None,
    ) -> tree.Rule:
        for line in more or ():
            modifiers += line
        negative, amount = points
        return tree.Rule(amount, negative, name, label, trigger, modifiers, span=span)

    def points(self, span: Span, sign: str, number: tree.Number) -> tuple[bool, Decimal]:
        return sign == "-", _with_sign(sign, number)

    def computed_points(self, span: Span, sign: str, amount: tree.Expr) -> tuple[bool, tree.Expr]:
        return sign == "-", amount

    def when(self, span: Span, condition: tree.Expr) -> tree.When:
        return tree.When(condition, span=span)

    def unless(self, span: Span, condition: tree.Expr) -> tree.Unless:
        return tree.Unless(condition, span=span)

    def otherwise(self, span: Span) -> tree.Otherwise:
        return tree.Otherwise(span=span)

    def each(
        self, span: Span, event: tree.EventName, window: tree.Duration | None, where: tree.Expr | None
    ) -> tree.Each:
        return tree.Each(event, window, where, span=span)

    def each_unless(
        self, span: Span, event: tree.EventName, window: tree.Duration | None, exception: tree.Expr
    ) -> tree.Each:
        return tree.Each(event, window, exception, True, span=span)

    def per(self, span: Span, amount: tree.Number | None, item: tree.Expr) -> tree.Per:
        return tree.Per(amount, item, span=span)

    def window(self, span: Span, _word: str, duration: tree.Duration) -> tree.Duration:
        return duration

    def max_times(self, span: Span, times: tree.Number, _word: str, per: Any) -> tree.MaxTimes:
        return tree.MaxTimes(self._whole(times), per, span=span)

    def max_points(self, span: Span, points: tree.SignedNumber) -> tree.MaxPoints:
        return tree.MaxPoints(points.value, span=span)

    def once(self, span: Span) -> tree.Once:
        return tree.Once(None, span=span)

    def once_per(self, span: Span, per: Any) -> tree.Once:
        return tree.Once(per, span=span)

    def starts(self, span: Span, date: tree.Date) -> tree.Starts:
        return tree.Starts(date, span=span)

    def until(self, span: Span, date: tree.Date) -> tree.Until:
        return tree.Until(date, span=span)

    def renamed_from(self, span: Span, name: tree.Name) -> tree.RenamedFrom:
        return tree.RenamedFrom(name, span=span)

    def after(self, span: Span, duration: tree.Duration) -> tree.After:
        return tree.After(duration, span=span)

    def halving(self, span: Span, duration: tree.Duration) -> tree.Curve:
        return tree.Curve("halving", duration, span=span)

    def fading(self, span: Span, duration: tree.Duration) -> tree.Curve:
        return tree.Curve("fading", duration, span=span)

    def losing(self, span: Span, percent: tree.Percent, duration: tree.Duration) -> tree.Curve:
        return tree.Curve("losing", duration, percent, span=span)

    def keeping(self, span: Span, percent: tree.Percent, duration: tree.Duration) -> tree.Curve:
        return tree.Curve("keeping", duration, percent, span=span)

    def duration(self, span: Span, count: tree.Number, unit: str) -> tree.Duration:
        return tree.Duration(count.value, _unit(unit), span=span)

    def one_unit(self, span: Span, unit: str) -> tree.Duration:
        return tree.Duration(Decimal(1), _unit(unit), span=span)

    # -------------------------------------------------------------- templates

    def rules(
        self,
        span: Span,
        name: tree.Name,
        params: tuple[tree.Param, ...] | None,
        label: tree.Text | None,
        items: tuple[tree.Item, ...],
    ) -> tree.RuleSet:
        return tree.RuleSet(name, params or (), label, items, span=span)

    def bands(
        self,
        span: Span,
        name: tree.Name,
        params: tuple[tree.Param, ...] | None,
        label: tree.Text | None,
        rows: tuple[tree.BandRow | tree.Include, ...],
    ) -> tree.BandSet:
        return tree.BandSet(name, params or (), label, rows, span=span)

    def choices(
        self,
        span: Span,
        name: tree.Name,
        params: tuple[tree.Param, ...] | None,
        label: tree.Text | None,
        rows: tuple[tree.Row | tree.Include, ...],
    ) -> tree.ChoiceSet:
        return tree.ChoiceSet(name, params or (), label, rows, span=span)

    # -------------------------------------------------------------- bands, outcomes, decisions, gates

    def band(
        self,
        span: Span,
        name: tree.Name,
        score: tree.Name,
        label: tree.Text | None,
        rows: tuple[tree.BandRow | tree.Include, ...],
    ) -> tree.Band:
        return tree.Band(name, score, label, rows, span=span)

    def band_row(self, span: Span, label: tree.Label, limit: tree.Expr) -> tree.BandRow:
        return tree.BandRow(label, limit, span=span)

    def band_last_row(self, span: Span, label: tree.Label) -> tree.BandRow:
        return tree.BandRow(label, None, span=span)

    def label(self, span: Span, word: tree.Name | tree.Number) -> tree.Label:
        return tree.Label(word.text, span=span)

    def outcome(
        self, span: Span, name: tree.Name, label: tree.Text | None, within: tree.Duration | None
    ) -> tree.Outcome:
        return tree.Outcome(name, label, within, span=span)

    def decide(
        self,
        span: Span,
        name: tree.Name,
        label: tree.Text | None,
        rows_by: tree.Name | None,
        columns_by: tree.Name | None,
        rows: tuple[tree.Row | tree.Include, ...],
    ) -> tree.Decide:
        by = (rows_by, columns_by) if rows_by is not None and columns_by is not None else None
        return tree.Decide(name, label, by, rows, span=span)

    def choice(self, span: Span, outcome: tree.Label, trigger: tree.When | tree.Unless | tree.Otherwise) -> tree.Choice:
        return tree.Choice(outcome, trigger, span=span)

    def grid_heading(self, span: Span, *cells: tree.Label) -> tree.GridRow:
        return tree.GridRow(None, cells, span=span)

    def grid_row(self, span: Span, head: tree.Label, *cells: tree.Label) -> tree.GridRow:
        return tree.GridRow(head, cells, span=span)

    def gate(self, span: Span, name: tree.Name, label: tree.Text | None, bans: tuple[tree.Ban, ...]) -> tree.Gate:
        return tree.Gate(name, label, bans, span=span)

    def ban(self, span: Span, outcomes: tuple[tree.Label, ...], trigger: tree.When | tree.Unless) -> tree.Ban:
        return tree.Ban(outcomes, trigger, span=span)

    # -------------------------------------------------------------- alerts, audiences, accounts

    def alert(
        self,
        span: Span,
        name: tree.Name,
        to: tree.Text,
        watched: tree.Name,
        change: Any,
        value: tree.Label | tree.SignedNumber,
    ) -> tree.Alert:
        return tree.Alert(name, to, watched, change, value, span=span)

    def show(self, span: Span, audience: tree.Name, names: tuple[tree.Name, ...]) -> tree.Show:
        return tree.Show(audience, names, span=span)

    def show_everything(self, span: Span, audience: tree.Name) -> tree.Show:
        return tree.Show(audience, None, span=span)

    def account(
        self,
        span: Span,
        key: tree.Expr,
        where: tree.Expr | None,
        items: tuple[tree.Score | tree.Band | tree.Decide | tree.Gate, ...],
    ) -> tree.Account:
        return tree.Account(key, where, items, span=span)

    # -------------------------------------------------------------- promises and tests

    def promise(self, span: Span, name: tree.Name, label: tree.Text | None, vows: tuple[tree.Vow, ...]) -> tree.Promise:
        return tree.Promise(name, label, vows, span=span)

    def holds(self, span: Span, condition: tree.Expr) -> tree.Holds:
        return tree.Holds(condition, span=span)

    def implies(self, span: Span, condition: tree.Expr, consequence: tree.Expr) -> tree.Implies:
        return tree.Implies(condition, consequence, span=span)

    def never(self, span: Span, unwanted: tree.Expr, condition: tree.Expr) -> tree.Never:
        return tree.Never(unwanted, condition, span=span)

    def stays(self, span: Span, score: tree.Name, low: tree.SignedNumber, high: tree.SignedNumber) -> tree.Stays:
        return tree.Stays(score, low, high, span=span)

    def exactly_one(self, span: Span, subject: tree.Name, name: tree.Name) -> tree.ExactlyOne:
        return tree.ExactlyOne(subject, name, span=span)

    def monotone(self, span: Span, direction: Any, name: tree.Name, verb: Any, score: tree.Name) -> tree.Monotone:
        return tree.Monotone(direction, name, verb, score, span=span)

    def test(self, span: Span, title: tree.Text, steps: tuple[tree.Step, ...]) -> tree.Test:
        return tree.Test(title, steps, span=span)

    def at(self, span: Span, when: tree.Date | tree.Time) -> tree.At:
        return tree.At(when, span=span)

    def givens(self, span: Span, *values: tuple[tree.Name, tree.Literal_ | tree.Values]) -> tree.Given:
        return tree.Given(values, span=span)

    def given(
        self, span: Span, name: tree.Name, value: tree.Literal_ | tree.Values
    ) -> tuple[tree.Name, tree.Literal_ | tree.Values]:
        return name, value

    def happened(
        self,
        span: Span,
        event: tree.Name,
        times: tree.Number | None,
        _word: str | None,
        when: tree.Duration | tree.Date | tree.Time,
        *values: tuple[tree.Name, tree.Literal_ | tree.Values],
    ) -> tree.Happened:
        count = 1 if times is None else self._whole(times)
        if isinstance(when, tree.Duration):
            return tree.Happened(event, count, when, None, values, span=span)
        return tree.Happened(event, count, None, when, values, span=span)

    def ago(self, span: Span, duration: tree.Duration) -> tree.Duration:
        return duration

    def expect(self, span: Span, condition: tree.Expr) -> tree.Expect:
        return tree.Expect(condition, span=span)

    def expect_fired(self, span: Span, negated: str | None, *rules: tree.Dotted) -> tree.ExpectFired:
        return tree.ExpectFired(rules, negated is not None, span=span)

    # -------------------------------------------------------------- expressions

    def or_(self, span: Span, *items: tree.Expr) -> tree.Or:
        return tree.Or(items, span=span)

    def and_(self, span: Span, *items: tree.Expr) -> tree.And:
        return tree.And(items, span=span)

    def not_(self, span: Span, item: tree.Expr) -> tree.Not:
        return tree.Not(item, span=span)

    def compare(self, span: Span, left: tree.Expr, sign: Any, right: tree.Expr) -> tree.Compare:
        return tree.Compare(sign, left, right, span=span)

    def is_(self, span: Span, left: tree.Expr, negated: str | None, right: tree.Expr) -> tree.Is:
        return tree.Is(left, right, negated is not None, span=span)

    def is_missing(self, span: Span, item: tree.Expr, negated: str | None) -> tree.IsMissing:
        return tree.IsMissing(item, negated is not None, span=span)

    def is_known(self, span: Span, item: tree.Expr) -> tree.IsKnown:
        return tree.IsKnown(item, span=span)

    def is_not_known(self, span: Span, item: tree.Expr) -> tree.IsMissing:
        # What is not known is missing: two ways to say it, one meaning.
        return tree.IsMissing(item, False, span=span)

    def between(self, span: Span, item: tree.Expr, low: tree.Expr, high: tree.Expr) -> tree.Between:
        return tree.Between(item, low, high, span=span)

    def in_(self, span: Span, item: tree.Expr, negated: str | None, collection: tree.Collection) -> tree.In:
        return tree.In(item, collection, negated is not None, span=span)

    def text_test(self, span: Span, item: tree.Expr, op: Any, needles: Any) -> tree.TextTest:
        if isinstance(needles, tuple):
            quantifier, collection = needles
            return tree.TextTest(op, item, quantifier, collection, span=span)
        return tree.TextTest(op, item, None, needles, span=span)

    def needles_of(self, span: Span, quantifier: str, collection: tree.Collection) -> tuple[str, tree.Collection]:
        return quantifier, collection

    def occurs(
        self, span: Span, quantifier: Any, event: tree.EventName, window: tree.Duration | None, where: tree.Expr | None
    ) -> tree.Occurs:
        return tree.Occurs(quantifier, event, window, where, span=span)

    def sum(self, span: Span, first: tree.Expr, *rest: Any) -> tree.Sum:
        return tree.Sum(first, tuple(zip(rest[::2], rest[1::2], strict=True)), span=span)

    def negative_sum(self, span: Span, *rest: Any) -> tree.Sum:
        return tree.Sum(None, tuple(zip(rest[::2], rest[1::2], strict=True)), span=span)

    def product(self, span: Span, first: tree.Expr, *rest: Any) -> tree.Product:
        return tree.Product(first, tuple(zip(rest[::2], rest[1::2], strict=True)), span=span)

    def percent_of(self, span: Span, percent: tree.Percent, item: tree.Expr) -> tree.PercentOf:
        return tree.PercentOf(percent, item, span=span)

    def ref(self, span: Span, name: tree.Dotted) -> tree.Ref:
        return tree.Ref(name, span=span)

    def call(self, span: Span, name: tree.Dotted, args: tuple[tree.Expr, ...]) -> tree.CallOf:
        return tree.CallOf(name, args, span=span)

    def earlier(self, span: Span, name: tree.Dotted, ago: tree.Duration) -> tree.Earlier:
        return tree.Earlier(name, ago, span=span)

    def paren(self, span: Span, inner: tree.Expr) -> tree.Paren:
        return tree.Paren(inner, span=span)

    def count(
        self, span: Span, _word: str, event: tree.EventName, window: tree.Duration | None, where: tree.Expr | None
    ) -> tree.Count | tree.CountLeads:
        # Nothing that happens may be called `leads`: `count of leads` counts the leads of an account.
        if event.name is not None and event.name.text == "leads" and window is None:
            return tree.CountLeads(where, span=span)
        return tree.Count(None, event, window, where, span=span)

    def count_distinct(
        self,
        span: Span,
        _word: str,
        distinct: tree.Name,
        event: tree.EventName,
        window: tree.Duration | None,
        where: tree.Expr | None,
    ) -> tree.Count:
        return tree.Count(distinct, event, window, where, span=span)

    def aggregate(
        self,
        span: Span,
        word: str,
        prop: tree.Name,
        event: tree.EventName,
        window: tree.Duration | None,
        where: tree.Expr | None,
    ) -> tree.Aggregate:
        return tree.Aggregate(_aggregate_word(word), prop, event, window, where, span=span)

    def over_leads(self, span: Span, word: str, score: tree.Name) -> tree.OverLeads:
        return tree.OverLeads(_aggregate_word(word), None, score, span=span)

    def over_top_leads(self, span: Span, word: str, _top: str, top: tree.Number, score: tree.Name) -> tree.OverLeads:
        return tree.OverLeads(_aggregate_word(word), self._whole(top), score, span=span)

    def since_event(
        self, span: Span, words: str, which: Any, event: tree.EventName, where: tree.Expr | None
    ) -> tree.SinceEvent:
        return tree.SinceEvent(_unit(words), which, event, where, span=span)

    def since_field(self, span: Span, words: str, name: tree.Dotted) -> tree.SinceField:
        return tree.SinceField(_unit(words), name, span=span)

    def until_field(self, span: Span, words: str, name: tree.Dotted) -> tree.SinceField:
        return tree.SinceField(_unit(words), name, True, span=span)

    def path_time(
        self, span: Span, words: str, start_which: Any, start: tree.EventName, end_which: Any, end: tree.EventName
    ) -> tree.PathTime:
        return tree.PathTime(_unit(words), start_which, start, end_which, end, span=span)

    def yes(self, span: Span, _word: str) -> tree.Flag:
        return tree.Flag(True, span=span)

    def no(self, span: Span, _word: str) -> tree.Flag:
        return tree.Flag(False, span=span)

    def event_name(self, span: Span, name: tree.Name) -> tree.EventName:
        return tree.EventName(None if name.text == "event" else name, span=span)

    def dotted(self, span: Span, *parts: tree.Name) -> tree.Dotted:
        return tree.Dotted(parts, span=span)

    def values(self, span: Span, *items: tree.Literal_ | None) -> tree.Values:
        return tree.Values(tuple(item for item in items if item is not None), span=span)

    def signed_literal(self, span: Span, number: tree.SignedNumber) -> tree.Number:
        return tree.Number(number.value, str(number.value), span=span)


def _unit(words: str) -> Any:
    return words.split(" ", 1)[0].removesuffix("s")


def _aggregate_word(words: str) -> Any:
    return words.split(" ", 1)[0]


def _with_sign(sign: str | None, number: tree.Number) -> Decimal:
    # Not `-value`: that would round to the precision of the context.
    return number.value.copy_negate() if sign == "-" else number.value


_ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\"}
_CLOCK = re.compile(r"T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)?")
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def _not_in_calendar(text: str) -> str:
    """Why a date does not exist; empty if it does."""
    try:
        date.fromisoformat(text)
        return ""
    except ValueError:
        year, month, day = (int(part) for part in text.split("-"))
    if year == 0:
        return "the years begin with 0001"
    if not 1 <= month <= 12:
        return "a year has the months 01 to 12"
    if month == 2 and day == 29:
        return f"{year} is not a leap year"
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    days = _DAYS[month - 1] - (month == 2 and not leap)
    return f"that month has {days} days" if day else "months begin with the day 01"


def _not_on_clock(text: str) -> str:
    """Why the time of a time does not exist; empty if it does."""
    if not _CLOCK.fullmatch(text, 10):
        return "a time has hours, minutes and perhaps seconds, such as `T10:00` or `T10:00:30`"
    try:
        datetime.fromisoformat(text)
        return ""
    except ValueError:
        return "no such time of day"
