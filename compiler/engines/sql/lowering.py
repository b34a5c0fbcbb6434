"""A whole program as the steps of a statement: clean leads and events in; out, one row with every result for each lead,
and one for each account."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from ....dsl import ir
from ....dsl.source import Span
from ....dsl.values import TICKS
from .. import terms
from .changes import Changes
from .dialects import CannotSay, Dialect, with_others
from .expressions import Scope, unread
from .fading import Fading
from .gathering import EventTable, Gathering
from .rows import Names, Row, Step, in_order, table
from .scoring import ReasonLine, Scoring
from .syntax import (
    Sql,
    add,
    all_of,
    any_of,
    big,
    case,
    coalesce,
    column,
    compare,
    count_when,
    integer,
    is_known,
    maximum,
    minimum,
    named,
)


@dataclass(frozen=True)
class LeadTable:
    """A relation of clean leads, one row each; `fields` finds a field's column."""

    relation: str
    columns: tuple[str, ...]
    key: str
    fields: Mapping[str, str]


@dataclass(frozen=True)
class Lowered:
    """The steps of a statement, and where the results are in the last of them."""

    steps: tuple[Step, ...]
    relation: str
    key: str
    scores: Mapping[str, Sql]
    bands: Mapping[str, Sql]
    decisions: Mapping[str, Sql]
    gates: Mapping[str, Sql]
    """for each gate, whether it bars anything"""
    completeness: Sql
    """in ticks; of an account, how many leads it has"""
    as_of: Sql
    """the as-of instant in microseconds"""
    lines: tuple[ReasonLine, ...] = ()
    next_change: Sql | None = None
    """when the results may change without a new event, in microseconds, if that was asked for: never too late"""


@dataclass(frozen=True)
class Ground:
    """What a statement stands on."""

    dialect: Dialect
    leads: LeadTable
    events: EventTable
    as_of: Sql
    """the as-of instant in microseconds: a literal, or a column that the leads and the events have"""
    place: Callable[[Span], str] = lambda span: ""
    """where something stands in the policy, for comments"""
    taken: tuple[str, ...] = ()
    """relations that the statement has besides: no step may be called like one"""
    by_kind_from: int | None = None
    """from so many selections of events on, the events of each kind are gathered by themselves"""


def lower(program: ir.Program, ground: Ground, with_reasons: bool = False) -> Lowered:
    """The results of every lead."""
    side = _LeadSide(program, ground, with_reasons)
    side.need(terms.everything(side.world))
    side.scoring.check()
    return side.lowered()


def lower_with_next_change(program: ir.Program, ground: Ground, with_reasons: bool = False) -> Lowered:
    """The results of every lead, and when they may change. The as-of instant has to be a literal."""
    side = _LeadSide(program, ground, with_reasons)
    side.need(terms.everything(side.world))
    side.scoring.check()
    at = int(ground.as_of.name) if isinstance(ground.as_of, exp.Literal) else None
    assert at is not None, "an instant to come is only known beside a written one"
    things = [*side.scoring.things, *(("gate", name, shift) for name, shift in side.scoring.bars)]
    changes = Changes(side.world, side.gathering, side.scope, at)
    found = side.row.define("next_change", changes.of(list(things)))
    return replace(side.lowered(), next_change=found)


def lower_accounts(program: ir.Program, ground: Ground) -> Lowered:
    """The results of every account. A lead without a key, or for which the account's `where` is not true, counts in
    none."""
    assert program.account is not None
    span = program.account.span
    try:
        return _lower_accounts(program, program.account, ground)
    except CannotSay as why:
        raise with_others([one.at("account", span) for one in why.found]) from None


def _lower_accounts(program: ir.Program, account: ir.Account, ground: Ground) -> Lowered:
    side = _LeadSide(program, ground, False)
    return _AccountSide(program, account, side).lowered()


# ------------------------------------------------------------------ leads


class _LeadSide:
    def __init__(self, program: ir.Program, ground: Ground, with_reasons: bool) -> None:
        self.program, self.ground = program, ground
        self.world = terms.world_of(program)
        self.relations = Names([ground.leads.relation, ground.events.relation, *ground.taken])
        self.row = Row(ground.leads.relation, ground.leads.columns, "leads", self.relations)
        self.key = column(ground.leads.key)
        self.fading = Fading(ground.dialect, self.relations.fresh)
        self.gathering = Gathering(
            program=program,
            dialect=ground.dialect,
            events=ground.events,
            as_of=ground.as_of,
            lead=self.row,
            key=self.key,
            lead_field=self._field,
            relations=self.relations,
            fading=self.fading,
            of_lead_scope=self._scope,
            only_now=not _looks_back(program),
            by_kind_from=ground.by_kind_from,
        )
        self.scoring = Scoring(
            self.world,
            self._scope(),
            ground.dialect,
            self.row,
            self.gathering,
            self.fading,
            with_reasons,
            ground.place,
        )

    def _field(self, name: str) -> Sql:
        return column(self.ground.leads.fields[name])

    def _scope(self) -> Scope:
        return Scope(
            dialect=self.ground.dialect,
            row=self.row,
            as_of=self.ground.as_of,
            scores=self.world.scores,
            field_of=self._field,
            property_of=unread("a property"),
            term=lambda term: self.gathering.term(term),
            thing=lambda thing: self.scoring.things[thing],
            of_leads=unread("an account"),
            required=frozenset(one.name for one in self.program.fields if one.required),
        )

    @property
    def scope(self) -> Scope:
        return self.scoring.scope

    def need(self, things: Sequence[terms.Thing]) -> None:
        for thing in terms.needed(self.world, list(things)):
            what, name, shift = thing
            if thing not in self.scoring.things and not (what == "gate" and (name, shift) in self.scoring.bars):
                self.scoring.thing(thing)

    def steps(self) -> list[Step]:
        return [*self.gathering.steps(), *self.fading.steps, *self.row.steps()]

    def lowered(self) -> Lowered:
        program, scoring = self.program, self.scoring
        steps = in_order(self.steps())
        return Lowered(
            steps=tuple(steps),
            relation=self.row.last,
            key=self.ground.leads.key,
            scores={name: scoring.things["score", name, 0] for name in program.declared_scores},
            bands={band.name: scoring.things["band", band.name, 0] for band in program.bands},
            decisions={name: scoring.things["decision", name, 0] for name in program.declared_decisions},
            gates={gate.name: any_of(_different(scoring.bars[gate.name, 0].values())) for gate in program.gates},
            completeness=self._completeness(),
            as_of=self.ground.as_of,
            lines=tuple(line for name in program.declared_scores for line in scoring.lines.get(name, ())),
        )

    def _completeness(self) -> Sql:
        reads = self.program.reads
        if not reads:
            return integer(TICKS)
        known = add(*[case([(is_known(self._field(name)), integer(TICKS))], integer(0)) for name in reads])
        return self.ground.dialect.half_away(known, len(reads), 0, TICKS * len(reads))


def _different(nodes: Iterable[Sql]) -> list[Sql]:
    """Without those that stand there already."""
    return list({node.sql("duckdb"): node for node in nodes}.values())


def _looks_back(program: ir.Program) -> bool:
    """Whether anything is read as it was before the as-of instant."""
    worlds = [terms.world_of(program)]
    if program.account is not None:
        worlds.append(terms.world_of(program.account))
    return any(
        isinstance(part, ir.ScoreOf) and part.ago != 0
        for world in worlds
        for what, name, _ in terms.everything(world)
        for expr in terms.expressions_of(world, what, name)
        for part in terms.walk(expr)
    ) or (program.account is not None and _account_looks_back(program.account))


def _account_looks_back(account: ir.Account) -> bool:
    read = [account.key, *([account.where] if account.where is not None else [])]
    world = terms.world_of(account)
    for what, name, _ in terms.everything(world):
        for expr in terms.expressions_of(world, what, name):
            read += [part.where for part in terms.walk(expr) if isinstance(part, ir.LeadsCount) and part.where]
    return any(isinstance(part, ir.ScoreOf) and part.ago != 0 for expr in read for part in terms.walk(expr))


# ------------------------------------------------------------------ accounts


KEY = "account"


class _AccountSide:
    def __init__(self, program: ir.Program, account: ir.Account, leads: _LeadSide) -> None:
        self.program, self.account, self.leads = program, account, leads
        dialect = leads.ground.dialect
        self.world = terms.world_of(account)
        self.aggregates: list[tuple[str, Sql]] = []
        self.wanted: dict[str, Sql] = {}
        """what is read of each lead: name -> the lead's column"""
        self.ranks: dict[str, tuple[str, Sql]] = {}
        self.found: dict[tuple[ir.LeadsCount | ir.LeadsOf, int], Sql] = {}
        self.members = leads.relations.fresh("account_leads")
        self.ranked = leads.relations.fresh("account_leads_ranked")
        self.rolled_up = leads.relations.fresh("accounts_rolled_up")
        self.row = Row(self.rolled_up, [KEY], "accounts", leads.relations)
        scope = Scope(
            dialect=dialect,
            row=self.row,
            as_of=leads.ground.as_of,
            scores=self.world.scores,
            field_of=unread("a field"),
            property_of=unread("a property"),
            term=unread("a term"),
            thing=lambda thing: self.scoring.things[thing],
            of_leads=self._of_leads,
        )
        self.scoring = Scoring(self.world, scope, dialect, self.row, None, leads.fading, False, leads.ground.place)
        self.size = self._aggregate("leads", exp.Count(this=exp.Star()))
        if isinstance(leads.ground.as_of, exp.Column):
            # The as-of instant is a column of the leads, and the same for all of them.
            scope.as_of = self._aggregate("as_of", maximum(self._read("as_of", leads.ground.as_of)))

    def _aggregate(self, wanted: str, node: Sql) -> exp.Column:
        found = self.row.put(0, wanted, node)
        self.aggregates.append((found.name, node))
        return found

    def _read(self, wanted: str, of_lead: Sql) -> exp.Column:
        """A column of the account's leads."""
        defined = self.leads.row.define(wanted, of_lead)
        self.wanted[defined.name] = defined
        return column(defined.name)

    def _of_leads(self, what: ir.LeadsCount | ir.LeadsOf, shift: int) -> Sql:
        found = self.found.get((what, shift))
        if found is None:
            found = self.found[what, shift] = (
                self._count(what, shift) if isinstance(what, ir.LeadsCount) else self._over(what, shift)
            )
        return found

    def _count(self, what: ir.LeadsCount, shift: int) -> Sql:
        if what.where is None:
            return self.size
        self._need(what.where, shift)
        scope = self.leads.scope
        before, scope.shift = scope.shift, shift
        test = self._read("counts", coalesce(scope.truth(what.where), exp.false()))
        scope.shift = before
        return self._aggregate("n", count_when(test))

    def _over(self, what: ir.LeadsOf, shift: int) -> Sql:
        self.leads.need([("score", what.score, shift)])
        score = self._read(what.score, self.leads.scoring.things["score", what.score, shift])
        counted: Sql = score
        if what.top is not None:
            rank = self._rank(score)
            counted = case([(compare("<=", rank, integer(what.top)), score)])
        dialect = self.leads.ground.dialect
        match what.word:
            case "highest":
                return self._aggregate("highest", maximum(counted))
            case "lowest":
                return self._aggregate("lowest", minimum(counted))
            case "sum":
                total = self._aggregate("total", dialect.sum_of(counted))
                return big(dialect.bounded(coalesce(total, dialect.wide_number(0)), -1e30, 1e30))
            case "average":
                total = self._aggregate("total", dialect.sum_of(counted))
                known = self._aggregate("n", exp.Count(this=counted))
                return big(self.scoring.scope.divided(total, known, True))

    def _rank(self, score: exp.Column) -> Sql:
        """The place of a lead among those of its account, by a score; the highest first, and unknown ones last."""
        found = self.ranks.get(score.name)
        if found is None:
            order = exp.Order(
                expressions=[
                    exp.Ordered(this=case([(is_known(score), integer(0))], integer(1)), desc=False, nulls_first=False),
                    exp.Ordered(this=score, desc=True, nulls_first=False),
                ]
            )
            window = exp.Window(this=exp.RowNumber(), partition_by=[column(KEY)], order=order, over="OVER")
            found = self.ranks[score.name] = (self.leads.row.names.fresh(f"{score.name}_rank"), window)
        return column(found[0])

    def _need(self, expr: ir.Expr, shift: int) -> None:
        self.leads.need(list(terms.things_read(expr, shift)))

    def lowered(self) -> Lowered:
        account, scoring = self.account, self.scoring
        for thing in terms.needed(self.world, terms.everything(self.world)):
            scoring.thing(thing)
        scoring.check()
        self.leads.scoring.check()
        self._need(account.key, 0)
        tests = []
        key = self.leads.row.define("account_key", self.leads.scope.folded(account.key))
        tests.append(is_known(key))
        if account.where is not None:
            self._need(account.where, 0)
            tests.append(self.leads.row.define("in_account", self.leads.scope.truth(account.where)))
        self.leads.scoring.check()
        members = exp.select(named(key, KEY), *self.wanted.values())
        members = members.from_(table(self.leads.row.last), copy=False).where(all_of(tests), copy=False)
        steps = [Step(self.members, members)]
        source = self.members
        if self.ranks:
            ranked = exp.select(exp.Star(), *[named(window, name) for name, window in self.ranks.values()])
            steps.append(Step(self.ranked, ranked.from_(table(self.members), copy=False)))
            source = self.ranked
        rolled_up = exp.select(column(KEY), *[named(node, name) for name, node in self.aggregates])
        rolled_up = rolled_up.from_(table(source), copy=False).group_by(column(KEY), copy=False)
        steps.append(Step(self.rolled_up, rolled_up))
        of_leads = self.leads.steps()
        # A filter on a long chain of steps would be pushed through all of them.
        of_leads = [replace(step, apart=True) if step.name == self.leads.row.last else step for step in of_leads]
        return Lowered(
            steps=tuple(in_order([*of_leads, *steps, *self.row.steps()])),
            relation=self.row.last,
            key=KEY,
            scores={score.name: scoring.things["score", score.name, 0] for score in account.scores},
            bands={band.name: scoring.things["band", band.name, 0] for band in account.bands},
            decisions={one.name: scoring.things["decision", one.name, 0] for one in account.decisions},
            gates={gate.name: any_of(list(scoring.bars[gate.name, 0].values())) for gate in account.gates},
            completeness=self.size,
            as_of=scoring.scope.as_of,
        )
