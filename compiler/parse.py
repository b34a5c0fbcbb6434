"""Source -> tree: the only module that knows Lark.

Lark turns `grammar/score.lark` into LALR(1) tables, once; they are kept in the user's cache directory. This module runs
them, statement by statement, so that one bad line costs one message and not the rest of the file.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import Any

from ..dsl import tree
from ..dsl.problems import Fix, Note, Problem, Severity, problem
from ..dsl.source import Source, Span
from ..grammar import grammar_text


@dataclass(frozen=True, slots=True)
class Comment:
    """`# why`: its text from the `#` on; `own_line` tells that nothing stands before it on its line."""

    text: str
    own_line: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a source says: the tree of all that could be read, its comments in order, and what is wrong.

    `incomplete` tells that the tree lacks what could not be read; `broken_names` are names that those parts seem to
    declare, so that nobody calls them unknown.
    """

    file: tree.File | None
    comments: tuple[Comment, ...]
    problems: tuple[Problem, ...]
    incomplete: bool = False
    broken_names: frozenset[str] = frozenset()


@problem("SC001")
class SyntaxError_(Problem):
    """The text is not a policy."""

    found: str
    expected: tuple[str, ...] = ()

    def message(self) -> str:
        return f"`{self.found}` does not fit here"


def parse(source: Source) -> Parsed:
    """Reads a policy or a library. Never raises for what an author wrote."""
    layout = _Layout(source)
    run = _Run(source, layout)
    return run.parse()


# ------------------------------------------------------------------ layout: lines, indentation, comments


@dataclass(slots=True)
class _Line:
    """A statement: its text is `[start, end)`, over several lines where a bracket is open."""

    start: int
    end: int
    indent: int


_LOOK = re.compile(r'"(?:\\.|[^"\\\n])*"?|#[^\n]*|[()]|\n *|[^\x00-\x7f]|\t|\r(?!\n)|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]')


class _Layout:
    def __init__(self, source: Source) -> None:
        self.problems: list[Problem] = []
        self.comments: list[Comment] = []
        self.lines: list[_Line] = []
        text, name = source.text, source.name
        size = len(text)
        depth = 0
        line: _Line | None = None
        at = 0  # where the present physical line's text begins
        if text.startswith("\ufeff"):
            at = 1
        here = at
        while here < size and text[here] == " ":
            here += 1
        if here < size and text[here] not in "#\r\n":
            line = _Line(here, here, here - at)
        last = here
        for found in _LOOK.finditer(text, here):
            start = found.start()
            first = text[start]
            if first == '"':
                pass
            elif first == "\n":
                end = found.end()
                if line is not None and text[last:start].strip():
                    line.end = last + len(text[last:start].rstrip())
                last = end
                following = text[end : end + 1]
                if following in ("", "\n", "#", "\r"):
                    continue
                indent = end - start - 1
                if depth and line is not None and (indent > line.indent or not following.isalpha() and following not in "+-|_"):
                    continue
                if line is not None:
                    self.lines.append(line)
                depth = 0
                line = _Line(end, end, indent)
            elif first == "#":
                own = not text[text.rfind("\n", 0, start) + 1 : start].strip()
                end = found.end()
                if text[end - 1] == "\r":
                    end -= 1
                words = text[start:end].rstrip()
                self.comments.append(Comment(words, own, Span(start, start + len(words), name)))
                if line is not None and text[last:start].strip():
                    line.end = last + len(text[last:start].rstrip())
                last = found.end()
            elif first == "(":
                depth += 1
            elif first == ")":
                if depth:
                    depth -= 1
        if line is not None:
            if text[last:size].strip():
                line.end = last + len(text[last:size].rstrip())
            self.lines.append(line)


# ------------------------------------------------------------------ tables


class _Tables:
    """The grammar as tables: what to do in each state at each terminal, and how each terminal is spelt."""

    def __init__(self) -> None:
        from lark import Lark

        lark: Any = Lark(grammar_text(), parser="lalr", lexer="contextual", start="file", maybe_placeholders=True)
        table = lark.parser.parser._parse_table
        self.start_state: int = table.start_states["file"]
        self.end_state: int = table.end_states["file"]
        self.productions: list[tuple[int, str, str, tuple[int, ...] | None]] = []
        numbers: dict[Any, int] = {}
        for rule in lark.rules:
            numbers[rule] = len(self.productions)
            self.productions.append((len(rule.expansion), rule.origin.name, *_shape(rule)))
        self.states: list[dict[str, int]] = []
        # An action is a number: a state to go to, or ~p for a reduction by production p.
        for state in range(len(table.states)):
            row = table.states[state]
            self.states.append(
                {name: (arg if str(action) == "Shift" else ~numbers[arg]) for name, (action, arg) in row.items()}
            )
        self.patterns: dict[str, tuple[str, int, bool]] = {
            terminal.name: (
                terminal.pattern.to_regexp(),
                terminal.priority,
                type(terminal.pattern).__name__ == "PatternStr",
            )
            for terminal in lark.terminals
        }


def _shape(rule: Any) -> tuple[str, tuple[int, ...] | None]:
    """The method that a production calls, and which of its parts go there: an index, ~index for a list to spread, or
    -1000 for nothing."""
    options = rule.options
    name = rule.alias or rule.origin.name
    if rule.origin.name.startswith("_"):
        name = "_"
    holes = [0] * (len(rule.expansion) + 1)
    if options.empty_indices:
        marks = "".join(str(int(b)) for b in options.empty_indices)
        holes = [len(ones) for ones in marks.split("0")]
    parts: list[int] = []
    for index, symbol in enumerate(rule.expansion):
        parts += [-1000] * holes[index]
        if symbol.is_term and (symbol.filter_out):
            continue
        spread = not symbol.is_term and symbol.name.startswith("_")
        parts.append(~index if spread else index)
    parts += [-1000] * holes[-1]
    if options.expand1 and not rule.alias and len(parts) == 1:
        name = ""
    return name, tuple(parts)


@cache
def _tables() -> _Tables:
    return _Tables()


@cache
def _scanner(state: int) -> tuple[Any, dict[str, str]]:
    """The pattern of what can stand in a state, and its keywords."""
    tables = _tables()
    words: dict[str, str] = {}
    plain: list[tuple[int, int, str, str]] = []
    for name in tables.states[state]:
        if name not in tables.patterns or name == "NAME":
            continue
        pattern, priority, is_text = tables.patterns[name]
        if is_text and pattern.isalpha():
            words[pattern] = name
        else:
            plain.append((-priority, -len(pattern), name, pattern))
    plain.sort()
    joined = "|".join([*(f"(?P<{name}>{pattern})" for _, _, name, pattern in plain), "(?P<NAME>[A-Za-z_][A-Za-z0-9_]*)"])
    return re.compile(r"(?:[ \r\n]+|#[^\n]*)*(?:" + joined + ")").match, words


RESERVED = frozenset("and or not is in yes no any between when unless otherwise where".split())


# ------------------------------------------------------------------ running the tables


class _Run:
    def __init__(self, source: Source, layout: _Layout) -> None:
        self.source = source
        self.layout = layout
        self.problems: list[Problem] = list(layout.problems)
        self.broken: set[str] = set()
        self.states: list[int] = []
        self.values: list[Any] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.build = _Build(source, self.problems)
        self.calls = [
            (size, origin, None if name in ("", "_") else getattr(self.build, name), name, parts)
            for size, origin, name, parts in _tables().productions
        ]

    def parse(self) -> Parsed:
        tables = _tables()
        self.states = [tables.start_state]
        indents = [0]
        lines = self.layout.lines
        count = len(lines)
        index = 0
        broken = False
        end = 0
        while index < count:
            line = lines[index]
            failed: tuple[int, int, int] | None = None
            if line.indent > indents[-1]:
                if not self.feed("_INDENT", "", end, end):
                    failed = (line.start, line.end, len(self.states))
                else:
                    indents.append(line.indent)
            else:
                while line.indent < indents[-1]:
                    indents.pop()
                    if not self.feed("_DEDENT", "", end, end):
                        failed = (line.start, line.end, len(self.states))
                        break
                if failed is None and line.indent != indents[-1]:
                    failed = (line.start, line.end, len(self.states))
            if failed is None:
                failed = self.statement(line)
            if failed is None:
                end = line.end
                index += 1
                continue
            broken = True
            start, stop, depth = failed
            del self.states[depth:], self.values[depth - 1 :], self.starts[depth - 1 :], self.ends[depth - 1 :]
            words = self.source.text[start:stop].split(None, 1)
            self.problems.append(
                SyntaxError_(span=Span(start, stop, self.source.name), found=words[0] if words else "")
            )
            head = re.findall(r"[A-Za-z_]\w*", self.source.text[line.start : line.end])
            self.broken.update(head[:3])
            index += 1
            while index < count and lines[index].indent > line.indent:
                index += 1
        while len(indents) > 1:
            indents.pop()
            self.feed("_DEDENT", "", end, end)
        file: tree.File | None = None
        if self.feed("$END", "", end, end):
            file = self.values[0]
        else:
            broken = True
        return Parsed(file, tuple(self.layout.comments), tuple(self.problems), broken, frozenset(self.broken))

    def statement(self, line: _Line) -> tuple[int, int, int] | None:
        """Reads one statement; where it fails: the place at fault and the depth to go back to."""
        text = self.source.text
        at, stop = line.start, line.end
        states = self.states
        depth = 0
        while at < stop:
            match, words = _scanner(states[-1])
            found = match(text, at, stop)
            if found is None:
                return at, stop, depth or len(states)
            kind = found.lastgroup
            start = found.start(kind)
            end = found.end()
            if kind == "NAME":
                word = found.group(kind)
                kind = words.get(word, kind)
                if kind == "NAME" and word in RESERVED:
                    return start, end, depth or len(states)
                value: Any = word if kind != "NAME" else tree.Name(word, span=Span(start, end, self.source.name))
            else:
                value = self.build.token(kind, found.group(kind), start, end)
            if not self.feed(kind, value, start, end):
                return start, end, depth or len(states)
            at = end
            if not depth:
                depth = len(states) - 1
        if not self.feed("_NL", "", stop, stop):
            return stop, stop, depth
        return None

    def feed(self, kind: str, value: Any, start: int, end: int) -> bool:
        """Gives one token to the tables; False where it does not fit."""
        states, values, starts, ends = self.states, self.values, self.starts, self.ends
        actions = _tables().states
        calls = self.calls
        while True:
            action = actions[states[-1]].get(kind)
            if action is None:
                return False
            if action >= 0:
                states.append(action)
                values.append(value)
                starts.append(start)
                ends.append(end)
                return True
            size, origin, call, name, parts = calls[~action]
            if size:
                given = values[-size:]
                began, ended = starts[-size], ends[-1]
                del values[-size:], states[-size:], starts[-size:], ends[-size:]
            else:
                given = []
                began = ended = ends[-1] if ends else 0
            if name == "":
                made = given[parts[0]]
            else:
                arguments: list[Any] = []
                for part in parts:
                    if part >= 0:
                        arguments.append(given[part])
                    elif part == -1000:
                        arguments.append(None)
                    else:
                        arguments.extend(given[~part])
                made = arguments if call is None else call(Span(began, ended, self.source.name), *arguments)
            if kind == "$END" and origin == "file":
                values.append(made)
                return True
            values.append(made)
            states.append(actions[states[-1]][origin])
            starts.append(began)
            ends.append(ended)


# ------------------------------------------------------------------ the grammar's actions: from its parts to a node


def _digits(text: str) -> Decimal:
    return Decimal(text.replace("_", ""))


_ESCAPES = {"n": "\n", "t": "\t"}


def _unescaped(written: str) -> str:
    inner = written[1:-1]
    if "\\" not in inner:
        return inner
    return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), inner)


class _Build:
    """One method for each rule or alias of the grammar; each takes the span of the whole and the parts that matter."""

    def __init__(self, source: Source, problems: list[Problem]) -> None:
        self.name = source.name
        self.problems = problems

    def token(self, kind: str, text: str, start: int, end: int) -> Any:
        """The node of a terminal that has a meaning of its own, else its text with blanks made single."""
        span = Span(start, end, self.name)
        match kind:
            case "NUMBER":
                return tree.Number(_digits(text), text, span=span)
            case "STRING":
                return tree.Text(_unescaped(text), span=span)
            case "PERCENT":
                return tree.Percent(_digits(text[:-1]), span=span)
            case "DATE":
                return tree.Date(text, span=span)
            case "TIME":
                return tree.Time(text, span=span)
            case _:
                return " ".join(text.split())

    # -------------------------------------------------------------- lists of things

    def several(self, span: Span, *parts: Any) -> tuple[Any, ...]:
        return tuple(part for part in parts if part is not None)

    def block(self, span: Span, *parts: Any) -> tuple[Any, ...]:
        return parts

    # -------------------------------------------------------------- the header

    def file(self, span: Span, header: tree.Header | None, *declarations: tree.Declaration) -> tree.File:
        return tree.File(header, declarations, span=span)

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
        self, span: Span, subject: tree.Name, key: tree.Name | None, fields: tuple[tree.Field, ...] | None
    ) -> tree.Record:
        return tree.Record(subject, key, fields or (), span=span)

    def field(
        self, span: Span, name: tree.Name, type_: tree.TypeName, required: str | None, column: tree.Text | None
    ) -> tree.Field:
        return tree.Field(name, type_, required is not None, column, span=span)

    def event(
        self, span: Span, kinds: tuple[tree.EventKind, ...], fields: tuple[tree.Field, ...] | None
    ) -> tree.Event:
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
        return tree.SignedNumber(-number.value if sign == "-" else number.value, span=span)

    def start_at(self, span: Span, points: tree.SignedNumber) -> tree.StartAt:
        return tree.StartAt(points, span=span)

    def reset_on(self, span: Span, events: tuple[tree.Name, ...]) -> tree.ResetOn:
        return tree.ResetOn(events, span=span)

    def decay_line(
        self, span: Span, curve: tree.Curve, of_silence: bool | None, after: tree.After | None
    ) -> tree.DecayLine:
        return tree.DecayLine(curve, of_silence is not None, after and after.duration, span=span)

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
        return sign == "-", -number.value if sign == "-" else number.value

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

    def per(self, span: Span, amount: tree.Number | None, item: tree.Expr) -> tree.Per:
        return tree.Per(amount, item, span=span)

    def modifiers_line(self, span: Span, *modifiers: tree.Modifier | None) -> tuple[tree.Modifier, ...]:
        return self.several(span, *modifiers)

    def window(self, span: Span, _word: str, duration: tree.Duration) -> tree.Duration:
        return duration

    def max_times(self, span: Span, times: tree.Number, per: Any) -> tree.MaxTimes:
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

    def choice(
        self, span: Span, outcome: tree.Label, trigger: tree.When | tree.Unless | tree.Otherwise
    ) -> tree.Choice:
        return tree.Choice(outcome, trigger, span=span)

    def grid_heading(self, span: Span, *cells: tree.Label) -> tree.GridRow:
        return tree.GridRow(None, cells, span=span)

    def grid_row(self, span: Span, head: tree.Label, *cells: tree.Label) -> tree.GridRow:
        return tree.GridRow(head, cells, span=span)

    def gate(
        self, span: Span, name: tree.Name, label: tree.Text | None, bans: tuple[tree.Ban, ...]
    ) -> tree.Gate:
        return tree.Gate(name, label, bans, span=span)

    def ban(
        self, span: Span, outcomes: tuple[tree.Label, ...], trigger: tree.When | tree.Unless
    ) -> tree.Ban:
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

    def promise(
        self, span: Span, name: tree.Name, label: tree.Text | None, vows: tuple[tree.Vow, ...]
    ) -> tree.Promise:
        return tree.Promise(name, label, vows, span=span)

    def holds(self, span: Span, condition: tree.Expr) -> tree.Holds:
        return tree.Holds(condition, span=span)

    def implies(self, span: Span, condition: tree.Expr, consequence: tree.Expr) -> tree.Implies:
        return tree.Implies(condition, consequence, span=span)

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

    def not_(self, span: Span, *parts: Any) -> tree.Not:
        return tree.Not(parts[-1], span=span)

    def compare(self, span: Span, left: tree.Expr, sign: Any, right: tree.Expr) -> tree.Compare:
        return tree.Compare(sign, left, right, span=span)

    def is_(self, span: Span, left: tree.Expr, negated: str | None, right: tree.Expr) -> tree.Is:
        return tree.Is(left, right, negated is not None, span=span)

    def is_missing(self, span: Span, item: tree.Expr, negated: str | None) -> tree.IsMissing:
        return tree.IsMissing(item, negated is not None, span=span)

    def is_known(self, span: Span, item: tree.Expr) -> tree.IsKnown:
        return tree.IsKnown(item, span=span)

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
        return tree.Sum(first, tuple(zip(rest[::2], rest[1::2])), span=span)

    def negative_sum(self, span: Span, *rest: Any) -> tree.Sum:
        return tree.Sum(None, tuple(zip(rest[::2], rest[1::2])), span=span)

    def product(self, span: Span, first: tree.Expr, *rest: Any) -> tree.Product:
        return tree.Product(first, tuple(zip(rest[::2], rest[1::2])), span=span)

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

    def names(self, span: Span, *names: tree.Name) -> tuple[tree.Name, ...]:
        return names

    def values(self, span: Span, *items: tree.Literal_ | None) -> tree.Values:
        return tree.Values(tuple(item for item in items if item is not None), span=span)

    def signed_literal(self, span: Span, number: tree.SignedNumber) -> tree.Number:
        return tree.Number(number.value, str(number.value), span=span)

    # -------------------------------------------------------------- small parts

    def _whole(self, number: tree.Number) -> int:
        return int(number.value)


def _unit(words: str) -> Any:
    return words.split(" ", 1)[0].removesuffix("s")


def _aggregate_word(words: str) -> Any:
    return words.split(" ", 1)[0]
