"""A policy about finitely many leads: every field and every kind of event cut where the policy cuts it.

The abstraction of a program is again a program, over *facts* that are looked up by name: each condition that reads one
field, or one kind of event, becomes a yes/no fact; each rule that reads only one kind of event becomes a number. A
*variable* is a field (or a kind of event) with its *cells*: combinations of values of its facts that some real value
brings about, with that value beside them. What cannot be cut into cells becomes a variable of its own (its facts may
then have any value: an outer bound), or a *stretch*: a number anywhere between two ends.

So nothing here says what a rule means. The reference gives the facts of a cell, and the reference adds them up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias, assert_never
from zoneinfo import ZoneInfo

from ...dsl import ir, semantics
from ...dsl.frozen import frozen
from ...dsl.values import MAX_TICKS
from ..engines.terms import parts_of, walk
from . import histories
from .claims import Bars, Claim, Fired, Was, both, either, holds, not_true
from .cutting import is_cut, with_parts
from .representatives import samples_of, values_of, values_to_try

Facts: TypeAlias = Mapping[str, Any]
"""Values of the abstract program's fields."""


@dataclass(frozen=True)
class Cell:
    """Values of a variable's facts, and something real that brings them about: attributes of the lead, and events as
    (kind, age, properties). `real` is False where nothing real is known to."""

    facts: Facts
    lead: Mapping[str, ir.Value] = field(default_factory=dict)
    events: tuple[tuple[str, int, tuple[tuple[str, ir.Value], ...]], ...] = ()
    real: bool = True


@dataclass(frozen=True)
class Variable:
    """`exact`: its cells are all that can occur, each independent of every other variable."""

    name: str
    cells: tuple[Cell, ...]
    exact: bool


@dataclass(frozen=True)
class Stretch:
    """A number (ticks, or a double) anywhere from `low` to `high`, or missing. `events` are some that bring about the
    end that is farther from nothing."""

    low: float
    high: float
    missing: bool
    events: tuple[tuple[str, int, tuple[tuple[str, ir.Value], ...]], ...] = ()


class Abstraction:
    """The abstraction of a program, and of an older one beside it, at an instant.

    `program` reads only the facts of the variables and of the `stretches`. Claims may bring new facts along.
    """

    def __init__(self, program: ir.Program, old: ir.Program | None, at: int, most_histories: int) -> None:
        self.new = program
        self.old = old
        self.at = at
        self.concrete = program if old is None else beside(program, old)
        self._maker = _Maker(self.concrete, at, most_histories)
        self.program = self._maker.program_of(self.concrete)
        self.bounds: tuple[int, dict[str, Any]] | None = None
        """what `cells.stretched` has found, with the size it was found at"""

    def claim(self, claim: Claim) -> ir.Expr:
        """A claim over the facts."""
        return self._maker.expr(resolved(claim, self.concrete, self.old is not None))

    @property
    def stretches(self) -> Mapping[str, Stretch]:
        return self._maker.stretches

    @property
    def size(self) -> int:
        """How many facts there have been: it grows with what claims bring along."""
        return self._maker.number

    @property
    def facts(self) -> Iterator[str]:
        """All facts that have cells."""
        yield from self._maker.free
        yield from self._maker.source_of

    def loose_fields(self) -> Iterator[Variable]:
        """Fields that stand in conditions which no cells tell, with a few values to try."""
        for name in self._maker.loose:
            declared = self.concrete.field(name)
            tried = tuple(Cell({}, lead={name: value}) for value in values_to_try(declared, self.at))
            yield Variable(f"{name} (tried)", tried, exact=False)

    def variable_of(self, fact: str) -> Variable:
        """The variable whose cells say what the fact is."""
        return self._maker.variable_of(fact)


# ------------------------------------------------------------------ two programs as one

OLD = "was\u00a0"
"""Stands before the names of the older program's scores, bands, gates and decisions."""


def beside(new: ir.Program, old: ir.Program) -> ir.Program:
    """One program that computes both, the older one's results under other names."""
    renamed = _renamed(old)
    fields = {one.name: one for one in (*old.fields, *new.fields)}
    kinds = {one.name: one for one in (*old.events, *new.events)}
    return replace(
        new,
        fields=tuple(fields.values()),
        events=tuple(kinds.values()),
        scores=(*renamed.scores, *new.scores),
        bands=(*renamed.bands, *new.bands),
        gates=(*renamed.gates, *new.gates),
        decisions=(*renamed.decisions, *new.decisions),
    )


def _renamed(program: ir.Program) -> ir.Program:
    scores = tuple(
        replace(
            score,
            name=OLD + score.name,
            body=None if score.body is None else was(score.body),
            items=tuple(_was_item(item) for item in score.items),
            floors=tuple(replace(bound, condition=was(bound.condition)) for bound in score.floors),
            caps=tuple(replace(bound, condition=was(bound.condition)) for bound in score.caps),
        )
        for score in program.scores
    )
    bands = tuple(
        replace(
            band,
            name=OLD + band.name,
            score=OLD + band.score,
            rows=tuple(replace(row, limit=was(row.limit)) for row in band.rows),
        )
        for band in program.bands
    )
    gates = tuple(
        replace(
            gate,
            name=OLD + gate.name,
            bans=tuple(
                replace(ban, outcomes=tuple(OLD + one for one in ban.outcomes), trigger=_was_when(ban.trigger))
                for ban in gate.bans
            ),
        )
        for gate in program.gates
    )
    decisions = tuple(
        replace(decision, name=OLD + decision.name, rows=tuple(_was_row(row) for row in decision.rows))
        for decision in program.decisions
    )
    return replace(program, scores=scores, bands=bands, gates=gates, decisions=decisions)


def _was_row(row: ir.Choice | ir.Grid) -> ir.Choice | ir.Grid:
    match row:
        case ir.Choice():
            trigger = None if row.trigger is None else _was_when(row.trigger)
            return replace(row, outcome=OLD + row.outcome, trigger=trigger)
        case ir.Grid():
            cells = tuple(tuple(OLD + cell for cell in line) for line in row.cells)
            return replace(row, by_rows=OLD + row.by_rows, by_columns=OLD + row.by_columns, cells=cells)
        case _:
            assert_never(row)


def _was_when(when: ir.When) -> ir.When:
    return replace(when, condition=was(when.condition))


def _was_item(item: ir.Rule | ir.Group) -> ir.Rule | ir.Group:
    match item:
        case ir.Group():
            members = tuple(_was_item(member) for member in item.items)
            return replace(item, full_name=OLD + item.full_name, items=members)
        case ir.Rule():
            trigger = item.trigger
            if isinstance(trigger, ir.When):
                trigger = _was_when(trigger)
            elif isinstance(trigger, ir.Per):
                trigger = replace(trigger, item=was(trigger.item))
            points = item.points if isinstance(item.points, int) else was(item.points)
            return replace(item, full_name=OLD + item.full_name, points=points, trigger=trigger)
        case _:
            assert_never(item)


def was(expr: ir.Expr) -> ir.Expr:
    """The expression with the older program's names."""
    match expr:
        case ir.ScoreOf() | ir.BandOf() | ir.DecisionOf():
            return replace(expr, name=OLD + expr.name)
        case ir.Compare(left=left, right=right) if ir.DecisionOf in (type(left), type(right)):
            return replace(expr, left=_was_outcome(left), right=_was_outcome(right))
        case ir.InSet(item=ir.DecisionOf(), values=members):
            return replace(expr, item=was(expr.item), values=tuple(f"{OLD}{member}" for member in members))
        case _:
            return with_parts(expr, [was(part) for part in parts_of(expr)])


def _was_outcome(expr: ir.Expr) -> ir.Expr:
    if isinstance(expr, ir.Const) and expr.kind is ir.Kind.LABEL:
        return replace(expr, value=f"{OLD}{expr.value}")
    return was(expr)


# ------------------------------------------------------------------ claims as conditions


def resolved(claim: Any, whole: ir.Program, two: bool) -> ir.Expr:
    """A claim in the words of the language: what a rule or a gate has done becomes the condition for it."""
    match claim:
        case Fired(rule=rule):
            return fired(whole, rule)
        case Bars(gate=gate, outcome=outcome):
            return _bars(whole, gate, outcome)
        case Was(item=item):
            if not two:
                raise ValueError("`Was` is asked in a study of two policies only")
            if isinstance(item, Fired):
                return fired(whole, OLD + item.rule)
            if isinstance(item, Bars):
                return _bars(whole, OLD + item.gate, None if item.outcome is None else OLD + item.outcome)
            if (parts := parts_of(item)) and not isinstance(item, ir.Compare | ir.InSet):
                return with_parts(item, [resolved(Was(part), whole, two) for part in parts])
            return was(item)
        case _:
            parts = parts_of(claim)
            return with_parts(claim, [resolved(part, whole, two) for part in parts]) if parts else claim


def _bars(program: ir.Program, gate: str, outcome: str | None) -> ir.Expr:
    found = next(one for one in program.gates if one.name == gate)
    return either(holds(ban.trigger) for ban in found.bans if outcome is None or outcome in ban.outcomes)


def fired(program: ir.Program, rule: str) -> ir.Expr:
    """The condition for a rule to have fired. In a `best of` it is the condition for the rule to hold: an outer bound,
    which is why `study` asks the reference about every witness."""
    for score in program.scores:
        for item in score.items:
            if (condition := _fired(item, rule)) is not None:
                return condition
    raise KeyError(rule)


def _fired(item: ir.Rule | ir.Group, rule: str) -> ir.Expr | None:
    if isinstance(item, ir.Rule):
        return gives(item) if item.full_name == rule else None
    for number, member in enumerate(item.items):
        condition = _fired(member, rule)
        if condition is not None:
            before = [not_true(_item_holds(one)) for one in item.items[:number]] if item.kind == "first" else []
            return both(condition, *before)
    return None


def gives(rule: ir.Rule) -> ir.Expr:
    """The rule's points are not 0."""
    return ir.Compare(ir.Kind.FLAG, "!=", PointsOf(rule), ir.Const(ir.Kind.EXACT, 0))  # type: ignore[arg-type]


def _item_holds(item: ir.Rule | ir.Group) -> ir.Expr:
    if isinstance(item, ir.Group):
        return either(_item_holds(member) for member in item.items)
    if isinstance(item.trigger, ir.Otherwise):
        return ir.Const(ir.Kind.FLAG, True)
    if isinstance(item.trigger, ir.When) and isinstance(item.points, int):
        return holds(item.trigger)
    return gives(item)


@frozen
class PointsOf(ir.Node):
    """EXACT: what a rule comes to by itself. Only inside the analysis."""

    rule: ir.Rule
    kind: ir.Kind = field(default=ir.Kind.EXACT, init=False)


# ------------------------------------------------------------------ making it

Source: TypeAlias = tuple[str, ...]
"""What an expression reads: ("field", name, side) or ("event", kind, *resets)."""

_MANY: Source = ("many",)


@dataclass
class _Maker:
    whole: ir.Program
    at: int
    most_histories: int
    tests: dict[Source, dict[ir.Expr, str]] = field(default_factory=dict)
    """the conditions on each source, with the name of their fact"""
    counted: dict[Source, dict[ir.Rule, str]] = field(default_factory=dict)
    """the rules on each source, with the name of the fact that holds their points"""
    free: dict[str, Variable] = field(default_factory=dict)
    loose: dict[str, None] = field(default_factory=dict)
    """fields in conditions that no cells tell"""
    stretches: dict[str, Stretch] = field(default_factory=dict)
    free_of: dict[Any, ir.Expr] = field(default_factory=dict)
    source_of: dict[str, Source] = field(default_factory=dict)
    made: dict[Source, tuple[tuple[int, int] | None, dict[str, Variable]]] = field(default_factory=dict)
    number: int = 0

    def name(self) -> str:
        self.number += 1
        return f"fact {self.number}"

    # -- programs, scores, rules

    def program_of(self, program: ir.Program) -> ir.Program:
        self.whole = program
        scores = tuple(self.score(score) for score in program.scores)
        bands = tuple(
            replace(band, rows=tuple(replace(row, limit=self.expr(row.limit)) for row in band.rows))
            for band in program.bands
        )
        gates = tuple(
            replace(gate, bans=tuple(replace(ban, trigger=self.when(ban.trigger)) for ban in gate.bans))
            for gate in program.gates
        )
        decisions = tuple(
            replace(decision, rows=tuple(self.row(row) for row in decision.rows)) for decision in program.decisions
        )
        return replace(program, scores=scores, bands=bands, gates=gates, decisions=decisions, account=None, tests=())

    def score(self, score: ir.Score) -> ir.Score:
        return replace(
            score,
            body=None if score.body is None else self.expr(score.body),
            items=tuple(made for item in score.items if (made := self.item(item)) is not None),
            floors=tuple(replace(bound, condition=self.expr(bound.condition)) for bound in score.floors),
            caps=tuple(replace(bound, condition=self.expr(bound.condition)) for bound in score.caps),
        )

    def row(self, row: ir.Choice | ir.Grid) -> ir.Choice | ir.Grid:
        if isinstance(row, ir.Grid) or row.trigger is None:
            return row
        return replace(row, trigger=self.when(row.trigger))

    def when(self, when: ir.When) -> ir.When:
        return replace(when, condition=self.expr(when.condition))

    def item(self, item: ir.Rule | ir.Group) -> ir.Rule | ir.Group | None:
        match item:
            case ir.Group():
                members = tuple(made for member in item.items if (made := self.item(member)) is not None)
                return replace(item, items=members)
            case ir.Rule():
                return self.rule(item)
            case _:
                assert_never(item)

    def rule(self, rule: ir.Rule) -> ir.Rule | None:
        if not (rule.starts is None or rule.starts <= self.at) or not (rule.ends is None or self.at < rule.ends):
            return None
        plain = replace(rule, starts=None, ends=None)
        match rule.trigger:
            case ir.Otherwise() | ir.When() if isinstance(rule.points, int):
                trigger = self.when(rule.trigger) if isinstance(rule.trigger, ir.When) else rule.trigger
                return replace(plain, trigger=trigger)
            case ir.Per(item=item) if _reads_results(item):
                points = rule.points if isinstance(rule.points, int) else self.expr(rule.points)
                return replace(plain, trigger=replace(rule.trigger, item=self.expr(item)), points=points)
            case ir.Otherwise() | ir.When():
                points = rule.points if isinstance(rule.points, int) else self.expr(rule.points)
                trigger = self.when(rule.trigger) if isinstance(rule.trigger, ir.When) else rule.trigger
                return replace(plain, trigger=trigger, points=points)
            case _:
                return replace(plain, points=self.points(plain), trigger=ir.Otherwise(), max_points=None)

    def points(self, rule: ir.Rule) -> ir.Expr:
        """The points of a rule that happens many times, as a fact."""
        key = replace(rule, name="", full_name="", label="", renamed_from=None)
        if key in self.free_of:
            return self.free_of[key]
        source = _source_of_rule(rule)
        if source is not None and histories.is_plain(rule):
            rules = self.counted.setdefault(source, {})
            if key not in rules:
                rules[key] = self.name()
                self.source_of[rules[key]] = source
            return ir.FieldOf(ir.Kind.EXACT, rules[key])
        made = self.loose_points(rule)
        self.free_of[key] = made
        return made

    def loose_points(self, rule: ir.Rule) -> ir.Expr:
        """Points that no cells tell: some number of times the points, or anything in between."""
        name = self.name()
        steps = histories.multiples(rule)
        if steps is not None:
            cells = tuple(
                Cell({name: ticks}, events=histories.repeated(self.whole, rule, times, self.at))
                for times, ticks in enumerate(steps)
            )
            self.free[name] = Variable(name, cells, exact=False)
            return ir.FieldOf(ir.Kind.EXACT, name)
        low, high = histories.bounds(rule)
        example = histories.repeated(self.whole, rule, 25, self.at)
        self.stretches[name] = Stretch(low, high, False, example)
        return ir.FieldOf(ir.Kind.EXACT, name)

    # -- expressions

    def expr(self, expr: ir.Expr) -> ir.Expr:
        if isinstance(expr, PointsOf):
            return self.points_of(expr.rule)
        sources = _sources(expr)
        if not sources and not _reads_results(expr):
            return self.constant(expr)
        if expr.kind is ir.Kind.FLAG:
            return self.flag(expr, sources)
        if _reads_results(expr):
            if isinstance(expr, ir.ScoreOf) and expr.ago:
                score = next(one for one in self.whole.scores if one.name == expr.name)
                low = -MAX_TICKS if score.low is None else score.low
                return self.stretch(expr, low, MAX_TICKS if score.high is None else score.high)
            return with_parts(expr, [self.expr(part) for part in parts_of(expr)])
        if isinstance(expr, ir.Call) and expr.op is ir.Op.IF:
            return with_parts(expr, [self.expr(part) for part in parts_of(expr)])
        if expr.kind in (ir.Kind.EXACT, ir.Kind.NUMBER):
            return self.stretch(expr, 0.0 if isinstance(expr, ir.CountOf) else float("-inf"), float("inf"))
        return expr

    def points_of(self, rule: ir.Rule) -> ir.Expr:
        made = self.rule(rule)
        if made is None:
            return ir.Const(ir.Kind.EXACT, 0)
        if isinstance(made.trigger, ir.When):
            points = made.points if not isinstance(made.points, int) else ir.Const(ir.Kind.EXACT, made.points)
            condition = holds(made.trigger)
            return ir.Call(ir.Kind.EXACT, ir.Op.IF, (condition, points, ir.Const(ir.Kind.EXACT, 0)))
        if isinstance(made.trigger, ir.Per):
            return self.stretch(ir.Call(ir.Kind.EXACT, ir.Op.ADD, (made.trigger.item,)), -MAX_TICKS, MAX_TICKS)
        return made.points if not isinstance(made.points, int) else ir.Const(ir.Kind.EXACT, made.points)

    def constant(self, expr: ir.Expr) -> ir.Expr:
        if isinstance(expr, ir.Const) or _has_leads(expr):
            return expr
        if any(isinstance(part, ir.SinceInstant) for part in walk(expr)):
            if expr.kind is ir.Kind.FLAG:
                return self.anything(expr)
            return self.stretch(expr, float("-inf"), float("inf"))
        world = semantics.world_of(self.whole, {}, (), self.at)
        return ir.Const(expr.kind, semantics.value_of(expr, world), span=expr.span)

    def flag(self, expr: ir.Expr, sources: frozenset[Source]) -> ir.Expr:
        split = _by_kinds(expr)
        if split is not expr:
            return self.flag(split, _sources(split))
        if not _reads_results(expr) and len(sources) == 1 and _MANY not in sources and is_cut(expr):
            (source,) = sources
            facts = self.tests.setdefault(source, {})
            if expr not in facts:
                facts[expr] = self.name()
                self.source_of[facts[expr]] = source
            return ir.FieldOf(ir.Kind.FLAG, facts[expr])
        match expr:
            case ir.And() | ir.Or() | ir.Not():
                return with_parts(expr, [self.expr(part) for part in parts_of(expr)])
            case ir.IsMissing(item=item) if item.kind is ir.Kind.FLAG or (_reads_results(expr) and _is_told(expr)):
                return replace(expr, item=self.expr(item))
            case ir.Compare() | ir.InSet() if _reads_results(expr) and _is_told(expr):
                return with_parts(expr, [self.expr(part) for part in parts_of(expr)])
            case ir.Call(op=ir.Op.IF):
                return with_parts(expr, [self.expr(part) for part in parts_of(expr)])
            case _:
                return self.anything(expr)

    def anything(self, expr: ir.Expr) -> ir.Expr:
        """A condition that no cells tell: yes, no or unknown."""
        self.loose.update(dict.fromkeys(source[1] for source in _sources(expr) if source[0] == "field"))
        if expr not in self.free_of:
            name = self.name()
            answers = (True, False) if isinstance(expr, ir.IsMissing | ir.Occurs) else (True, False, None)
            cells = tuple(Cell({name: answer}, real=False) for answer in answers)
            self.free[name] = Variable(name, cells, exact=False)
            self.free_of[expr] = ir.FieldOf(ir.Kind.FLAG, name)
        return self.free_of[expr]

    def stretch(self, expr: ir.Expr, low: float, high: float) -> ir.Expr:
        if expr not in self.free_of:
            name = self.name()
            self.stretches[name] = Stretch(low, high, True)
            self.free_of[expr] = ir.FieldOf(expr.kind, name)
        return self.free_of[expr]

    # -- variables

    def variable_of(self, fact: str) -> Variable:
        if fact in self.free:
            return self.free[fact]
        source = self.source_of[fact]
        asked = (len(self.tests.get(source, ())), len(self.counted.get(source, ())))
        if self.made.get(source, (None, {}))[0] != asked:
            self.made[source] = asked, self.cut(source)
        return self.made[source][1][fact]

    def cut(self, source: Source) -> dict[str, Variable]:
        tests, rules = self.tests.get(source, {}), self.counted.get(source, {})
        found = (
            self.event_variables(source, tests, rules) if source[0] == "event" else self.field_variables(source, tests)
        )
        return {fact: variable for variable in found for fact in variable.cells[0].facts}

    def field_variables(self, source: Source, tests: Mapping[ir.Expr, str]) -> Iterator[Variable]:
        _, name, side = source
        declared = self.whole.field(name)
        choices = values_of(declared, side, tests, self.at, ZoneInfo(self.whole.timezone))
        title = f"{name}/{side}" if side else name
        if choices is not None:
            yield Variable(title, self.cells_of(declared, choices, tests), exact=not side)
            return
        for test, fact in tests.items():
            some = samples_of(declared, side, test, self.at, ZoneInfo(self.whole.timezone))
            found = {cell.facts[fact]: cell for cell in self.cells_of(declared, some, {test: fact})}
            for answer in (True, False, None):
                if answer is not None or not isinstance(test, ir.IsMissing):
                    found.setdefault(answer, Cell({fact: answer}, real=False))
            yield Variable(f"{title}: {fact}", tuple(found.values()), exact=False)

    def cells_of(
        self, declared: ir.Field, choices: Iterable[ir.Value], tests: Mapping[ir.Expr, str]
    ) -> tuple[Cell, ...]:
        """One cell for each combination of answers, with the first value that gives it."""
        quick = [(_with_sets(test), fact) for test, fact in tests.items()]
        found: dict[tuple[Any, ...], Cell] = {}
        for value in choices:
            lead = {declared.name: value}
            world = semantics.world_of(self.whole, lead, (), self.at)
            answers = tuple(semantics.value_of(test, world) for test, _ in quick)
            if answers not in found:
                facts = {fact: answer for (_, fact), answer in zip(quick, answers, strict=True)}
                found[answers] = Cell(facts, lead=lead)
        return tuple(found.values())

    def event_variables(
        self, source: Source, tests: Mapping[ir.Expr, str], rules: Mapping[ir.Rule, str]
    ) -> Iterator[Variable]:
        kind, resets = source[1], source[2:]
        title = " ".join(source)  # beginning with "event": a field may have the name of a kind
        found = histories.all_histories(self.whole, kind, tuple(tests), tuple(rules), self.at, self.most_histories)
        if found is not None:
            cells: dict[tuple[Any, ...], Cell] = {}
            for history in found:
                happenings = tuple(ir.Happening(one, self.at - age, known) for one, age, known in history)
                world = semantics.world_of(self.whole, {}, happenings, self.at)
                answers = (
                    *(semantics.value_of(test, world) for test in tests),
                    *(semantics.counted(world, "", rule).ticks for rule in rules),
                )
                if answers not in cells:
                    names = (*tests.values(), *rules.values())
                    cells[answers] = Cell(dict(zip(names, answers, strict=True)), events=history)
            yield Variable(title, tuple(cells.values()), exact=not resets)
            return
        for test, fact in tests.items():
            yield Variable(f"{title}: {fact}", self._two_cells(test, fact), exact=False)
        for rule, fact in rules.items():
            steps = histories.multiples(rule) or (0,)
            yield Variable(
                f"{title}: {fact}",
                tuple(
                    Cell({fact: ticks}, events=histories.repeated(self.whole, rule, times, self.at))
                    for times, ticks in enumerate(steps)
                ),
                exact=False,
            )

    def _two_cells(self, test: ir.Expr, fact: str) -> tuple[Cell, ...]:
        found: dict[Any, Cell] = {}
        for events in histories.some(self.whole, test, self.at):
            happenings = tuple(ir.Happening(one, self.at - age, known) for one, age, known in events)
            answer = semantics.value_of(test, semantics.world_of(self.whole, {}, happenings, self.at))
            found.setdefault(answer, Cell({fact: answer}, events=events))
        for answer in (True, False, None):
            found.setdefault(answer, Cell({fact: answer}, real=False))
        return tuple(found.values())


# ------------------------------------------------------------------ what an expression reads


def _reads_results(expr: ir.Expr) -> bool:
    return any(isinstance(part, ir.ScoreOf | ir.BandOf | ir.DecisionOf | PointsOf) for part in walk_all(expr))


def _is_told(expr: ir.Expr) -> bool:
    """Whether the abstraction can say what is looked at: it has no texts and no instants."""
    return all(part.kind in (ir.Kind.EXACT, ir.Kind.NUMBER, ir.Kind.LABEL, ir.Kind.FLAG) for part in parts_of(expr))


def _has_leads(expr: ir.Expr) -> bool:
    return any(isinstance(part, ir.LeadsCount | ir.LeadsOf) for part in walk_all(expr))


def walk_all(expr: Any) -> Iterator[Any]:
    """`terms.walk`, past the nodes that only the analysis knows."""
    if isinstance(expr, PointsOf):
        yield expr
        return
    yield expr
    if isinstance(expr, Fired | Bars):
        return
    if isinstance(expr, Was):
        yield from walk_all(expr.item)
        return
    for part in parts_of(expr):
        yield from walk_all(part)


def _sources(expr: ir.Expr) -> frozenset[Source]:
    found: set[Source] = set()
    _gather(expr, "", found)
    return frozenset(found)


def _gather(expr: Any, side: str, found: set[Source]) -> None:
    match expr:
        case PointsOf():
            found.add(_MANY)
        case ir.FieldOf(name=name):
            found.add(("field", name, side))
        case ir.SinceInstant(item=ir.FieldOf(name=name)):
            # How long ago, and which day, are two things: the as-of instant can be any.
            found.add(("field", name, "since"))
        case ir.Call(op=ir.Op.DOMAIN, args=(item,)):
            _gather(item, "domain", found)
        case ir.Call(op=ir.Op.LOCAL_PART, args=(item,)):
            _gather(item, "local part", found)
        case ir.Occurs(events=events) | ir.CountOf(events=events) | ir.AggregateOf(events=events):
            found.update(_of_events(events))
        case ir.SinceEvent(events=events):
            found.update(_of_events(events))
        case ir.PathTime() | ir.LeadsCount() | ir.LeadsOf():
            found.add(_MANY)
        case _:
            for part in parts_of(expr):
                _gather(part, side, found)


def _of_events(events: ir.Events) -> Iterator[Source]:
    if len(events.kinds) != 1 or (events.where is not None and _reads_lead(events.where)):
        yield _MANY
    else:
        yield ("event", events.kinds[0], *events.resets)


def _reads_lead(where: ir.Expr) -> bool:
    return any(isinstance(part, ir.FieldOf) for part in walk(where))


def _source_of_rule(rule: ir.Rule) -> Source | None:
    """The one source of a rule that happens many times; None if it reads several."""
    match rule.trigger:
        case ir.Each(events=events) if isinstance(rule.points, int):
            found = frozenset(_of_events(events))
        case _:
            return None
    (source,) = found
    return None if source == _MANY else source


def _by_kinds(expr: ir.Expr) -> ir.Expr:
    """`any (a or b)` as `any a or any b`, which is the same."""
    match expr:
        case ir.Occurs(events=events) if len(events.kinds) > 1:
            ones = tuple(ir.Occurs(ir.Kind.FLAG, replace(events, kinds=(kind,))) for kind in events.kinds)
            return ir.Or(ir.Kind.FLAG, ones, span=expr.span)
        case _:
            return expr


# ------------------------------------------------------------------ long lists


def _with_sets(expr: ir.Expr) -> ir.Expr:
    """The same test, with long lists as sets: the reference looks a value up with `in`, whatever they are."""
    if isinstance(expr, ir.InSet):
        return replace(expr, values=frozenset(expr.values))  # type: ignore[arg-type]
    parts = parts_of(expr)
    return with_parts(expr, [_with_sets(part) for part in parts]) if parts else expr
