"""Terms: what a policy has to know of a lead's events, and the only thing that it has to know.

The fast function gathers the terms in one pass over the events and finishes the scores from them; `incremental.State`
keeps the same terms up to date as events arrive and time goes by; `changes` asks when one of them changes. All three
share the finish, so that they cannot differ in anything else.

A score that another one reads as it was 7 days ago is evaluated at its own instant: its terms carry a `shift`, how long
before the as-of instant they are read. Everything of a score at one shift is computed beside everything at another, in
the same pass.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, assert_never

from ...dsl import ir
from ...dsl.frozen import frozen

# ------------------------------------------------------------------ terms


@frozen
class Selected:
    """Something about a selection of events, read `shift` microseconds before the as-of instant."""

    events: ir.Events
    shift: int


@frozen
class Count(Selected):
    """How many."""


@frozen
class Occurred(Selected):
    """Whether there is one."""


@frozen
class First(Selected):
    """The instant of the oldest; `runtime.ALWAYS` of none."""


@frozen
class Last(Selected):
    """The instant of the newest; `runtime.NEVER` of none."""


@frozen
class Sum(Selected):
    """The known values of a number property, each in ticks, added."""

    prop: str


@frozen
class Known(Selected):
    """How many know a property."""

    prop: str


@frozen
class Extreme(Selected):
    """The highest or lowest known value of a number property; None of none."""

    prop: str
    which: Literal["highest", "lowest"]


@frozen
class Distinct(Selected):
    """How many different known values of a property."""

    prop: str


@frozen
class Periods(Selected):
    """In how many different calendar periods."""

    period: Literal["day", "week", "month"]


@frozen
class Decayed(Selected):
    """Written points, decayed for each event and added."""

    ticks: int
    curve: ir.Curve


@frozen
class Kept(Selected):
    """The instants of the events that a rule keeps, with 0 for points: a list of `runtime.Earning`."""

    each: ir.Each


@frozen
class Earned(Selected):
    """The total of a rule whose points are computed from each event's properties, before the rule's own limit."""

    each: ir.Each
    points: ir.Expr


@frozen
class Happened(Selected):
    """The events themselves, as a list of (instant, event): for points that read both them and what is known only after
    the pass."""

    each: ir.Each


Term: TypeAlias = (
    Count | Occurred | First | Last | Sum | Known | Extreme | Distinct | Periods | Decayed | Kept | Earned | Happened
)


def is_plain(each: ir.Each) -> bool:
    """Whether every event of the selection is kept."""
    return not (each.once_ever or each.once_per_period or each.once_per_property or each.at_most is not None)


def is_newest_only(each: ir.Each) -> bool:
    """Whether the newest event of the selection is kept, if there is one, and no other."""
    return each.once_per_property is None and (each.once_ever or (each.at_most == 1 and each.at_most_per is None))


# ------------------------------------------------------------------ what reads what

What: TypeAlias = Literal["score", "band", "gate", "decision"]

Thing: TypeAlias = tuple[What, str, int]
"""A score, band, gate or decision at a shift."""


@dataclass(frozen=True)
class World:
    """The names that expressions see, a lead's or an account's, in dependency order."""

    scores: Mapping[str, ir.Score]
    bands: Mapping[str, ir.Band]
    gates: Mapping[str, ir.Gate]
    decisions: Mapping[str, ir.Decision]


def world_of(names: ir.Program | ir.Account) -> World:
    return World(
        {score.name: score for score in names.scores},
        {band.name: band for band in names.bands},
        {gate.name: gate for gate in names.gates},
        {decision.name: decision for decision in names.decisions},
    )


def everything(world: World) -> list[Thing]:
    """All that a result shows."""
    found: list[Thing] = [("score", name, 0) for name in world.scores]
    found += [("band", name, 0) for name in world.bands]
    found += [("gate", name, 0) for name in world.gates]
    found += [("decision", name, 0) for name in world.decisions]
    return found


def needed(world: World, wanted: list[Thing]) -> list[Thing]:
    """The wanted things and everything that they read, directly or not, each after what it reads itself."""
    ordered: dict[Thing, None] = {}
    waiting = [(thing, False) for thing in reversed(wanted)]
    while waiting:
        thing, read = waiting.pop()
        if read:
            ordered[thing] = None
        elif thing not in ordered:
            waiting.append((thing, True))
            waiting += [(part, False) for part in dict.fromkeys(_read_by(world, thing))]
    return list(ordered)


def decided_by_lead(world: World, ordered: list[Thing]) -> frozenset[Thing]:
    """Those of some things (each after what it reads) which the lead's attributes alone decide."""
    found: set[Thing] = set()
    for thing in ordered:
        what, name, _ = thing
        if what == "score" and not _is_timeless(world.scores[name]):
            continue
        expressions = list(expressions_of(world, what, name))
        if any(not isinstance(part, _OF_THINGS) for expr in expressions for part in walk(expr)):
            continue
        if all(read in found for read in _read_by(world, thing)):
            found.add(thing)
    return frozenset(found)


def _is_timeless(score: ir.Score) -> bool:
    """No rule over events or for a time, no silence."""
    return score.silence is None and not any(
        isinstance(rule.trigger, ir.Each) or rule.starts is not None or rule.ends is not None
        for rule in rules_of(score.items)
    )


def _read_by(world: World, thing: Thing) -> Iterator[Thing]:
    what, name, shift = thing
    for expr in expressions_of(world, what, name):
        yield from things_read(expr, shift)
    match what:
        case "band":
            yield ("score", world.bands[name].score, shift)
        case "decision":
            decision = world.decisions[name]
            for gate in gates_on(world, decision.outcomes):
                yield ("gate", gate.name, shift)
            for row in decision.rows:
                if isinstance(row, ir.Grid):
                    for label in (row.by_rows, row.by_columns):
                        yield ("band" if label in world.bands else "decision", label, shift)
        case "score" | "gate":
            pass
        case _:
            assert_never(what)


def things_read(expr: ir.Expr, shift: int) -> Iterator[Thing]:
    """The scores, bands and decisions that an expression names."""
    for part in walk(expr):
        match part:
            case ir.ScoreOf(name=read, ago=ago):
                yield ("score", read, shift + ago)
            case ir.BandOf(name=read):
                yield ("band", read, shift)
            case ir.DecisionOf(name=read):
                yield ("decision", read, shift)
            case _:
                pass


def gates_on(world: World, outcomes: tuple[str, ...]) -> list[ir.Gate]:
    """The gates that may bar one of the outcomes."""
    names = frozenset(outcomes)
    return [gate for gate in world.gates.values() if any(not names.isdisjoint(ban.outcomes) for ban in gate.bans)]


# ------------------------------------------------------------------ expressions


def expressions_of(world: World, what: What, name: str) -> Iterator[ir.Expr]:
    match what:
        case "score":
            yield from expressions_of_score(world.scores[name])
        case "band":
            for row in world.bands[name].rows:
                yield row.limit
        case "gate":
            for ban in world.gates[name].bans:
                yield ban.trigger.condition
        case "decision":
            for choice in world.decisions[name].rows:
                if isinstance(choice, ir.Choice) and choice.trigger is not None:
                    yield choice.trigger.condition
        case _:
            assert_never(what)


def expressions_of_score(score: ir.Score) -> Iterator[ir.Expr]:
    yield from expressions_beside_rules(score)
    for rule in rules_of(score.items):
        if not isinstance(rule.points, int):
            yield rule.points
        match rule.trigger:
            case ir.When(condition=condition):
                yield condition
            case ir.Per(item=counted):
                yield counted
            case ir.Each() | ir.Otherwise():
                pass
            case _:
                assert_never(rule.trigger)


def expressions_beside_rules(score: ir.Score) -> Iterator[ir.Expr]:
    if score.body is not None:
        yield score.body
    for bound in (*score.floors, *score.caps):
        yield bound.condition


def rules_of(items: tuple[ir.Rule | ir.Group, ...]) -> Iterator[ir.Rule]:
    """All rules, those in groups too."""
    for item in items:
        if isinstance(item, ir.Rule):
            yield item
        else:
            yield from rules_of(item.items)


def walk(expr: ir.Expr) -> Iterator[ir.Expr]:
    """An expression and all its parts (but not what a `where` of events or leads reads)."""
    waiting = [expr]
    while waiting:
        part = waiting.pop()
        yield part
        waiting.extend(reversed(parts_of(part)))


def parts_of(expr: ir.Expr) -> tuple[ir.Expr, ...]:
    match expr:
        case ir.And(items=items) | ir.Or(items=items) | ir.WeightedMean(items=items):
            return items
        case (
            ir.Not(item=item)
            | ir.IsMissing(item=item)
            | ir.InSet(item=item)
            | ir.TextTest(item=item)
            | ir.Scaled(item=item)
            | ir.SinceInstant(item=item)
        ):
            return (item,)
        case ir.Compare(left=left, right=right):
            return (left, right)
        case ir.Call(args=args):
            return args
        case (
            ir.Const()
            | ir.FieldOf()
            | ir.PropertyOf()
            | ir.ScoreOf()
            | ir.BandOf()
            | ir.DecisionOf()
            | ir.Occurs()
            | ir.CountOf()
            | ir.AggregateOf()
            | ir.SinceEvent()
            | ir.PathTime()
            | ir.LeadsCount()
            | ir.LeadsOf()
        ):
            return ()
        case _:
            assert_never(expr)


def is_of_lead(expr: ir.Expr) -> bool:
    """Whether an expression reads the lead's attributes only: neither events nor scores nor the instant."""
    return all(isinstance(part, _OF_LEAD) for part in walk(expr))


def is_of_event(expr: ir.Expr) -> bool:
    """Whether an expression reads the lead's attributes and one event's properties only."""
    return all(isinstance(part, _OF_LEAD | ir.PropertyOf) for part in walk(expr))


_OF_LEAD: Final = (
    ir.Const
    | ir.FieldOf
    | ir.And
    | ir.Or
    | ir.Not
    | ir.Compare
    | ir.IsMissing
    | ir.InSet
    | ir.TextTest
    | ir.Call
    | ir.Scaled
    | ir.WeightedMean
)


_OF_THINGS: Final = _OF_LEAD | ir.ScoreOf | ir.BandOf | ir.DecisionOf


def reads_property(expr: ir.Expr) -> bool:
    return any(isinstance(part, ir.PropertyOf) for part in walk(expr))
