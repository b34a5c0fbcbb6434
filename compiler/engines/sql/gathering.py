"""What is gathered from the events: one pass with an aggregate for each term, and some steps more for rules that keep
only some of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import assert_never

from sqlglot import exp

from ....dsl import ir, values
from ...reading import parts
from .. import terms
from ..gathering import reach_back
from .dialects import Dialect
from .expressions import Scope, unread
from .fading import Fading, age_of, written
from .rows import Joined, Names, Row, Step, table
from .syntax import (
    Sql,
    add,
    all_of,
    any_of,
    call,
    case,
    column,
    compare,
    count_when,
    flag,
    integer,
    is_known,
    is_null,
    is_true,
    maximum,
    minimum,
    multiply,
    named,
    subtract,
)


@dataclass(frozen=True)
class EventTable:
    """A relation of clean events: whose they are, of which kind, when (in microseconds), and their properties."""

    relation: str
    columns: tuple[str, ...]
    lead: str
    at: str
    kinds: Callable[[Sequence[str]], Sql]
    """the test that an event is of one of some kinds"""
    properties: Mapping[str, str]
    """a property's name -> its column"""
    untidy: frozenset[str] = frozenset()
    """properties whose texts may have blanks around them, or nothing in them: most events are passed over before
    anybody has to look at them"""
    moment: str | None = None
    """a column with the instant as a timestamp with a time zone, if files can be searched by it"""


@dataclass
class _Pass:
    """One grouping of the events, of some kinds or of all (none named)."""

    kinds: tuple[str, ...]
    relation: str
    joined: Joined
    aggregates: list[tuple[str, Sql]] = field(default_factory=list)


LEAD = "of_lead"
"""The column by which what was gathered is joined to the leads."""


@dataclass
class Gathering:
    """The events' side of a statement. `lead` is the row of the leads, whose `key` says whose the events are."""

    program: ir.Program
    dialect: Dialect
    events: EventTable
    as_of: Sql
    lead: Row
    key: exp.Column
    lead_field: Callable[[str], Sql]
    relations: Names
    fading: Fading
    of_lead_scope: Callable[[], Scope]
    """the scope of the lead, for what points read besides the event"""
    only_now: bool
    """nothing is read as it was before the as-of instant"""
    by_kind_from: int | None = None
    """from so many selections of events on, the events of each kind are gathered by themselves"""
    steps_of_its_own: list[Step] = field(default_factory=list)
    _terms: dict[terms.Term, exp.Column] = field(default_factory=dict)
    _passes: dict[tuple[str, ...], _Pass] = field(default_factory=dict)
    _resets: dict[tuple[tuple[str, ...], int], str] = field(default_factory=dict)
    gathered: list[terms.Term] = field(default_factory=list)

    def __post_init__(self) -> None:
        declared = [event.name for event in self.program.events]
        self._all_kinds = frozenset(declared)
        self._in_scope = self.relations.fresh("events_in_scope")
        self._lead_events = self.relations.fresh("lead_events")
        self._aggregate_names = Names([LEAD])
        selections = {part for part in parts(self.program) if isinstance(part, ir.Events)}
        self._by_kind = self.by_kind_from is not None and len(selections) >= self.by_kind_from
        wheres = {one.where for one in selections}
        read = Counter(one.name for where in wheres for one in parts(where) if isinstance(one, ir.PropertyOf))
        self._read_once = frozenset(name for name, times in read.items() if times == 1)
        self._happened = self._event_row("events")

    # -------------------------------------------------------------- terms

    def term(self, term: terms.Term) -> Sql:
        """The lead's column with a term, missing where the lead has no event at all."""
        found = self._terms.get(term)
        if found is None:
            found = self._terms[term] = self._gather(term)
        return found

    def _gather(self, term: terms.Term) -> exp.Column:
        dialect = self.dialect
        self.gathered.append(term)
        here, at, events = self._happened, self._happened.at, term.events
        test = here.test(events, term.shift, self._by_kind)
        match term:
            case terms.Count():
                return self._aggregate(events, "n", count_when(test))
            case terms.Occurred():
                return self._aggregate(events, "any", dialect.any_row(test))
            case terms.First():
                return self._aggregate(events, "first", minimum(_when(test, at)))
            case terms.Last():
                return self._aggregate(events, "last", maximum(_when(test, at)))
            case terms.Sum(prop=prop):
                ticks = dialect.ticks(here.property_of(prop))
                return self._aggregate(events, "sum", dialect.sum_of(_when(test, ticks)))
            case terms.Known(prop=prop):
                return self._aggregate(events, "n", count_when(all_of([test, is_known(here.property_of(prop))])))
            case terms.Extreme(prop=prop, which=which):
                pick = maximum if which == "highest" else minimum
                return self._aggregate(events, which, pick(_when(test, here.property_of(prop))))
            case terms.Distinct(prop=prop):
                return self._aggregate(
                    events, "n", exp.Count(this=exp.Distinct(expressions=[_when(test, here.key_of(prop))]))
                )
            case terms.Periods(period=period):
                found = dialect.period(at, period, self.program.timezone)
                return self._aggregate(events, "n", exp.Count(this=exp.Distinct(expressions=[_when(test, found)])))
            case terms.Decayed(ticks=ticks, curve=curve, shift=shift):
                oldest = None if term.events.window is None else max(0, term.events.window // curve.unit - curve.after)
                age = here.age(curve, shift)
                return self._aggregate(
                    events, "sum", dialect.small_sum(_when(test, written(dialect, ticks, curve, age, oldest)))
                )
            case terms.Kept() | terms.Earned() | terms.Happened():
                raise AssertionError("what some events earn is gathered by `earned`")
            case _:
                assert_never(term)

    def _aggregate(self, events: ir.Events, wanted: str, node: Sql) -> exp.Column:
        """The lead's column with an aggregate over a selection."""
        kinds = () if not self._by_kind or self._all_kinds <= set(events.kinds) else events.kinds
        found = self._passes.get(kinds)
        if found is None:
            relation = self.relations.fresh(f"{kinds[0]}_events") if kinds else self._lead_events
            found = self._passes[kinds] = _Pass(kinds, relation, self.lead.join(relation, LEAD, self.key))
        name = self._aggregate_names.fresh(f"{wanted}_1")
        found.aggregates.append((name, node))
        return found.joined.column(name, name)

    # -------------------------------------------------------------- instants to come

    def next_unit(self, events: ir.Events, unit: int, shift: int) -> Sql:
        """When the first of some events is another whole unit old."""
        here = self._happened
        self.gathered.append(terms.First(events, shift))
        units = self.dialect.idiv(subtract(self.before(shift), here.at), integer(unit))
        older = add(here.at, multiply(add(units, integer(1)), integer(unit)))
        return self._aggregate(events, "next", minimum(_when(here.test(events, shift, self._by_kind), older)))

    def coming(self, shifts: Sequence[int]) -> Sql:
        """When the first event comes into what is seen at each shift; events of any kind count."""
        events = self.events
        name = self.relations.fresh("events_to_come")
        at = column(events.at)
        columns = [
            named(add(minimum(_when(compare(">", at, self.before(shift)), at)), integer(shift)), f"seen_{number}")
            for number, shift in enumerate(shifts)
        ]
        query = exp.select(named(column(events.lead), LEAD), *columns).from_(table(events.relation), copy=False)
        query = query.where(compare(">", at, self.before(max(shifts))), copy=False)
        self.steps_of_its_own.append(Step(name, query.group_by(column(events.lead), copy=False)))
        joined = self.lead.join(name, LEAD, self.key)
        found = [joined.column(f"seen_{number}", f"seen_{number}") for number in range(len(shifts))]
        return call("LEAST", *found, found[0])

    # -------------------------------------------------------------- rows of events

    def _event_row(self, stem: str) -> EventRow:
        events = self.events
        row = Row(self._in_scope, events.columns, stem, self.relations)
        scope = Scope(
            dialect=self.dialect,
            row=row,
            as_of=self.as_of,
            scores={},
            field_of=unread("a field"),
            property_of=self.property_of,
            term=unread("a term"),
            thing=unread("a score"),
            of_leads=unread("an account"),
            written_out=self._read_once,
        )
        return EventRow(self, row, scope)

    def property_of(self, name: str) -> Sql:
        found = column(self.events.properties[name])
        return self.dialect.tidied(found) if name in self.events.untidy else found

    def reset(self, kinds: tuple[str, ...], shift: int) -> str:
        """The relation with each lead's newest event that resets."""
        name = self._resets.get((kinds, shift))
        if name is None:
            name = self._resets[kinds, shift] = self.relations.fresh("resets")
            events = self.events
            query = exp.select(named(column(events.lead), LEAD), named(maximum(column(events.at)), "reset_at")).from_(
                table(events.relation), copy=False
            )
            query = query.where(all_of([events.kinds(kinds), self.past(shift)]), copy=False)
            self.steps_of_its_own.append(Step(name, query.group_by(column(events.lead), copy=False)))
        return name

    def past(self, shift: int) -> Sql:
        return compare("<=", column(self.events.at), self.before(shift))

    def before(self, micros: int) -> Sql:
        """The instant so long before the as-of instant."""
        if isinstance(self.as_of, exp.Literal):
            return integer(int(self.as_of.name) - micros)
        return subtract(self.as_of, integer(micros)) if micros else self.as_of

    # -------------------------------------------------------------- rules that keep some events

    def earned(self, each: ir.Each, points: int | ir.Expr, shift: int, wanted: str) -> Earned:
        """The lead's total of what the events that a rule keeps earn, before any limit; missing if none is kept."""
        dialect, key = self.dialect, self.events.lead
        self.gathered.append(terms.Kept(each.events, shift, each))
        here = self._event_row(f"{wanted}_events")
        test = here.test(each.events, shift)
        ticks = here.points(points, shift)
        tests = [test]
        if not isinstance(points, int):
            ticks = here.row.define("ticks", ticks)
            tests.append(is_known(ticks))
        periods: dict[str, exp.Column] = {}
        for asked in (each.once_per_period, each.at_most_per):
            if asked is not None:
                periods[asked] = here.row.define(asked, dialect.period(here.at, asked, self.program.timezone))
        prop = None
        if each.once_per_property is not None:
            prop = here.row.define("value", here.key_of(each.once_per_property))
            tests.append(is_known(prop))
        columns = [named(column(key), LEAD), named(here.at, "at"), named(ticks, "ticks")]
        columns += [named(found, f"by_{asked}") for asked, found in periods.items()]
        if prop is not None:
            columns.append(named(prop, "value"))
        if isinstance(self.as_of, exp.Column):
            columns.append(self.as_of)
        name = self.relations.fresh(f"{wanted}_earnings")
        query = exp.select(*columns).from_(table(here.row.last), copy=False)
        kept = Step(name, query.where(all_of(tests), copy=False) if not is_true(all_of(tests)) else query)
        self.steps_of_its_own += [kept]
        rows = [here.row]
        carried = ["at", "ticks", *(f"by_{asked}" for asked in periods)]
        if isinstance(self.as_of, exp.Column):
            carried.append(self.as_of.name)
        if prop is not None:
            name = self._newest(name, [LEAD, "value"], 1, carried, wanted)
        if each.once_ever:
            name = self._newest(name, [LEAD], 1, carried, wanted)
        if each.once_per_period is not None:
            name = self._newest(name, [LEAD, f"by_{each.once_per_period}"], 1, carried, wanted)
        if each.at_most is not None:
            within = [LEAD] if each.at_most_per is None else [LEAD, f"by_{each.at_most_per}"]
            name = self._newest(name, within, each.at_most, carried, wanted)
        left = Row(name, [LEAD, *carried], f"{wanted}_left", self.relations)
        found: Sql = column("ticks")
        if each.curve is not None:
            age = left.define("age", age_of(dialect, subtract(self.before(shift), column("at")), each.curve))
            if isinstance(points, int):
                oldest = None if each.events.window is None else each.events.window // each.curve.unit
                found = written(dialect, points, each.curve, age, oldest)
            else:
                found = self.fading.computed(left, column("ticks"), values.MAX_TICKS, each.curve, age)
        found = left.define("left", found) if not isinstance(found, exp.Column) else found
        rows.append(left)
        total = self.relations.fresh(f"{wanted}_total")
        # Computed points may be so large that their sum needs more than 64 bits.
        added = dialect.small_sum(found) if isinstance(points, int) else dialect.sum_of(found)
        query = exp.select(column(LEAD), named(added, "ticks")).from_(table(left.last), copy=False)
        for row in rows:
            self.steps_of_its_own += row.steps()
        self.steps_of_its_own.append(Step(total, query.group_by(column(LEAD), copy=False)))
        joined = self.lead.join(total, LEAD, self.key, here.lead_level + 1)
        return Earned(joined.column("ticks", f"{wanted}_earned"), not isinstance(points, int))

    def _newest(self, relation: str, within: list[str], how_many: int, carried: list[str], wanted: str) -> str:
        """The newest few rows of each group; of two at one instant, the one with more points."""
        order = exp.Order(
            expressions=[exp.Ordered(this=column(name), desc=True, nulls_first=False) for name in ("at", "ticks")]
        )
        place = exp.Window(
            this=exp.RowNumber(), partition_by=[column(name) for name in within], order=order, over="OVER"
        )
        numbered = self.relations.fresh(f"{wanted}_numbered")
        columns = [column(name) for name in (LEAD, *carried)]
        self.steps_of_its_own.append(
            Step(numbered, exp.select(*columns, named(place, "place")).from_(table(relation), copy=False))
        )
        name = self.relations.fresh(f"{wanted}_newest")
        query = exp.select(*columns).from_(table(numbered), copy=False)
        query = query.where(compare("<=", column("place"), integer(how_many)), copy=False)
        self.steps_of_its_own.append(Step(name, query))
        return name

    # -------------------------------------------------------------- the steps

    def steps(self) -> list[Step]:
        if not self.gathered:
            return []
        events = self.events
        scope = exp.select(*[column(name) for name in events.columns]).from_(table(events.relation), copy=False)
        scope = scope.where(self._worth_reading(), copy=False)
        found = [Step(self._in_scope, scope, self._by_kind), *self.steps_of_its_own]
        if not self._passes:
            return found
        found += self._happened.row.steps()
        for each in self._passes.values():
            query = exp.select(named(column(events.lead), LEAD))
            query = query.select(*[named(node, name) for name, node in each.aggregates], copy=False)
            query = query.from_(table(self._happened.row.last), copy=False).group_by(column(events.lead), copy=False)
            query = query.where(events.kinds(each.kinds), copy=False) if each.kinds else query
            found.append(Step(each.relation, query))
        return found

    def _worth_reading(self) -> Sql:
        """The events that can still matter to any term: those of a kind that is asked of, no older than the longest
        that is looked back for this kind."""
        reach: dict[str, int | None] = {}
        for term in self.gathered:
            back = reach_back(term)
            for kind in term.events.kinds:
                before = reach.get(kind, -1)
                reach[kind] = None if back is None or before is None else max(back, before)
        if not reach:
            # The policy declares no events at all.
            return flag(False)
        earliest = min((term.shift for term in self.gathered), default=0)
        tests = [self._is("<=", earliest)]
        finite = [back for back in reach.values() if back is not None]
        everything = self._all_kinds <= reach.keys()
        if len(finite) == len(reach):
            # Nothing is asked of an event before the widest window.
            tests.append(self._is(">", max(finite)))
        if not everything:
            tests.append(self.events.kinds(self._in_order(reach)))
        if len(set(reach.values())) > 1:
            # First by the instant, which costs less to look at than the kind.
            shortest = min(finite)
            by_reach: dict[int | None, list[str]] = {}
            for kind in self._in_order(reach):
                if reach[kind] != shortest:
                    by_reach.setdefault(reach[kind], []).append(kind)
            tests.append(any_of([self._after(shortest), *(self._of(kinds, back) for back, kinds in by_reach.items())]))
        return all_of(tests)

    def _is(self, sign: str, back: int) -> Sql:
        """The test of an instant that holds for all events. Whole parts of a file can be passed over by it."""
        end = self.before(back)
        if self.events.moment is None or not isinstance(end, exp.Literal):
            return compare(sign, column(self.events.at), end)
        return compare(sign, column(self.events.moment), call("MAKE_TIMESTAMPTZ", end))

    def _in_order(self, kinds: Iterable[str]) -> list[str]:
        """Kinds of events in the order in which the policy declares them."""
        asked = set(kinds)
        return [event.name for event in self.program.events if event.name in asked]

    def _after(self, back: int) -> Sql:
        return compare(">", column(self.events.at), self.before(back))

    def _of(self, kinds: Sequence[str], back: int | None) -> Sql:
        """Of some kinds, and no older."""
        of_kind = self.events.kinds(kinds)
        return of_kind if back is None else all_of([of_kind, self._after(back)])


@dataclass(frozen=True)
class Earned:
    """What a rule's events earn: the lead's column (missing where no event is kept); `wide`: with 38 digits, where 64
    bits may not hold it."""

    total: exp.Column
    wide: bool


class EventRow:
    """One row for each event, with what is computed for it."""

    def __init__(self, gathering: Gathering, row: Row, scope: Scope) -> None:
        self._gathering = gathering
        self.row = row
        self.scope = scope
        self.lead_level = 0
        """after which of the lead's steps everything is known that is read of the lead"""
        self._borrowed: dict[str, exp.Column] = {}
        scope.field_of = self._field
        scope.row = row

    @property
    def at(self) -> exp.Column:
        return column(self._gathering.events.at)

    def test(self, events: ir.Events, shift: int, of_its_kinds: bool = False) -> Sql:
        """Whether the event is in a selection; `of_its_kinds`: it is known to be of one of its kinds."""
        gathering, at = self._gathering, self.at
        tests: list[Sql] = []
        if not of_its_kinds and not gathering._all_kinds <= set(events.kinds):
            tests.append(gathering.events.kinds(events.kinds))
        if not gathering.only_now:
            tests.append(compare("<=", at, gathering.before(shift)))
        if events.window is not None:
            tests.append(compare(">", at, gathering.before(shift + events.window)))
        if events.resets:
            reset = self._reset(events.resets, shift)
            tests.append(any_of([is_null(reset), compare(">", at, reset)]))
        if events.where is not None:
            tests.append(self._where(events.where))
        return all_of(tests)

    def _where(self, where: ir.Expr) -> Sql:
        return self.scope.truth(where)

    def _reset(self, kinds: tuple[str, ...], shift: int) -> exp.Column:
        relation = self._gathering.reset(kinds, shift)
        found = self._borrowed.get(relation)
        if found is None:
            joined = self.row.join(relation, LEAD, column(self._gathering.events.lead))
            found = self._borrowed[relation] = joined.column("reset_at", "reset_at")
        return found

    def age(self, curve: ir.Curve, shift: int) -> Sql:
        gathering = self._gathering
        since = subtract(gathering.before(shift), self.at)
        return self.row.define("age", age_of(gathering.dialect, since, curve))

    def property_of(self, name: str) -> Sql:
        return self._gathering.property_of(name)

    def key_of(self, name: str) -> Sql:
        """A property's value as it is compared."""
        kind = next(
            prop.kind for event in self._gathering.program.events for prop in event.properties if prop.name == name
        )
        read = ir.PropertyOf(kind, name)
        if kind is ir.Kind.TEXT:
            return self.scope.folded(read)
        found = self.property_of(name)
        if kind is ir.Kind.NUMBER:
            # -0.0 is 0, whatever an engine makes of it.
            zero = compare("==", found, integer(0))
            return case([(zero, self._gathering.dialect.number(0.0))], found)
        return found

    # -- what is read of the lead

    def _field(self, name: str) -> Sql:
        return self.borrowed(self._gathering.lead_field(name))

    def borrowed(self, of_lead: Sql) -> Sql:
        """A column of the lead, beside each of its events."""
        gathering = self._gathering
        assert isinstance(of_lead, exp.Column)
        found = self._borrowed.get(of_lead.name)
        if found is None:
            level = gathering.lead.level(of_lead)
            self.lead_level = max(self.lead_level, level)
            relation = gathering.lead.relation_after(level)
            joined = self.row.join(relation, gathering.key.name, column(gathering.events.lead))
            found = self._borrowed[of_lead.name] = joined.column(of_lead.name, f"lead_{of_lead.name}")
        return found

    def points(self, points: int | ir.Expr, shift: int) -> Sql:
        """What the event is worth. What does not read the event is computed for the lead, once."""
        if isinstance(points, int):
            return integer(points)
        return self._mixed(points, shift)

    def _mixed(self, expr: ir.Expr, shift: int) -> Sql:
        if terms.is_of_event(expr):
            return self.scope.value(expr).node
        lead_scope = self._gathering.of_lead_scope()
        lead_scope.shift = shift
        mixed = _Mixed(self, lead_scope)
        scope = mixed.scope()
        scope.shift = shift
        return scope.value(expr).node


@dataclass
class _Mixed:
    """An expression that reads an event's properties and what is known of the lead only after its events were
    gathered."""

    here: EventRow
    lead_scope: Scope

    def scope(self) -> Scope:
        gathering = self.here._gathering
        lead = self.lead_scope

        def borrowed(read: Callable[..., Sql], wanted: str) -> Callable[..., Sql]:
            def give(*args: object) -> Sql:
                return self.here.borrowed(gathering.lead.define(wanted, read(*args)))

            return give

        return Scope(
            dialect=gathering.dialect,
            row=self.here.row,
            as_of=gathering.as_of,
            scores=lead.scores,
            field_of=self.here._field,
            property_of=self.here.property_of,
            term=borrowed(lead.term, "gathered"),
            thing=borrowed(lead.thing, "thing"),
            of_leads=unread("an account"),
            required=lead.required,
        )


def _when(test: Sql, node: Sql) -> Sql:
    return case([(test, node)])
