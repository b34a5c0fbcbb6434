"""Random policies and, for each, random facts that lie where it decides: at its limits, and one step beside them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime, timezone
from math import nextafter
from typing import Any
from zoneinfo import ZoneInfo

from authoring import TEXTS, policies
from dice import Dice, shrinking
from hypothesis import assume
from hypothesis import strategies as st
from writing import written

from scorec.compiler import pipeline
from scorec.dsl import ir, values
from scorec.dsl.problems import Severity
from scorec.dsl.source import Source

# ------------------------------------------------------------------ policies


def sources() -> st.SearchStrategy[str]:
    """The text of random policies."""
    return policies().map(written)


def analysed(text: str) -> pipeline.Analysis:
    return pipeline.analyze(Source("trial.score", text), lambda name: None, lambda name: None)


def program_of(text: str) -> ir.Program:
    """The meaning of a policy that has no errors."""
    analysis = analysed(text)
    errors = [problem for problem in analysis.problems if problem.severity is Severity.ERROR]
    assert analysis.program is not None and not errors, f"{text}\n{errors}"
    return analysis.program


@st.composite
def programs(draw: Any) -> ir.Program:
    """Checked policies, by way of their text. (The few that the checker refuses are left out: `test_agreement.py`
    counts them.)"""
    analysis = analysed(draw(sources()))
    assume(analysis.program is not None)
    assert analysis.program is not None
    return analysis.program


# ------------------------------------------------------------------ facts


@dataclass(frozen=True)
class Facts:
    """A clean lead, its clean events in some order, and an instant to look at them."""

    lead: dict[str, Any]
    events: list[dict[str, Any]]
    at: int


def happening(event: dict[str, Any]) -> ir.Happening:
    """A clean event as the reference takes it."""
    known = tuple((name, value) for name, value in event.items() if name not in ("event", "at") and value is not None)
    return ir.Happening(event["event"], event["at"], known)


def happenings(events: list[dict[str, Any]]) -> list[ir.Happening]:
    return [happening(event) for event in events]


@st.composite
def facts(draw: Any, program: ir.Program) -> Facts:
    """Facts for a policy: often missing, often equal, often exactly on a limit or a microsecond beside it."""
    return facts_for(program, Dice(shrinking(draw)))


def facts_for(program: ir.Program, dice: Dice) -> Facts:
    marks = Marks.of(program)
    at = dice.one(marks.instants_to_look_from())
    lead = {one.name: _value(one, marks, at, dice) for one in program.fields}
    events: list[dict[str, Any]] = []
    if program.events:
        events = [_event(program, marks, at, dice) for _ in range(dice.whole(0, 10))]
        events += [dice.one(events) for _ in range(dice.whole(0, 3))] if events else []
    return Facts(lead, events, at)


def _event(program: ir.Program, marks: Marks, at: int, dice: Dice) -> dict[str, Any]:
    kind = dice.one(program.events)
    event: dict[str, Any] = {"event": kind.name, "at": dice.one(marks.instants_before(at))}
    for one in kind.properties:
        event[one.name] = _value(one, marks, at, dice)
    return event


def _value(one: ir.Field, marks: Marks, at: int, dice: Dice) -> Any:
    if not one.required and dice.whole(0, 4) == 0:
        return None
    if one.values is not None:
        return dice.one(one.values)
    match one.kind:
        case ir.Kind.TEXT:
            return dice.one(marks.texts)
        case ir.Kind.NUMBER:
            return dice.one(marks.numbers)
        case ir.Kind.FLAG:
            return dice.chance(50)
        case ir.Kind.DATE:
            moment = values.moment_of(dice.one(marks.instants_before(at)))
            return values.midnight(moment.astimezone(marks.zone).date(), marks.zone)
        case ir.Kind.TIME:
            return dice.one(marks.instants_before(at))
        case ir.Kind.TEXTS:
            return tuple(dice.one(marks.texts) for _ in range(dice.whole(0, 3)))
        case _:
            raise AssertionError(one.kind)


# ------------------------------------------------------------------ where a policy decides


@dataclass(frozen=True)
class Marks:
    """The constants of a policy, and what lies beside them."""

    zone: ZoneInfo
    numbers: list[float]
    texts: list[str]
    spans: list[int]
    """in microseconds: windows, decays' steps, units of ages"""
    instants: list[int]
    """dates and times that are written in the policy"""

    @staticmethod
    def of(program: ir.Program) -> Marks:
        """Of one policy after the other: the last one's are kept, for it is asked for many leads."""
        global _last
        if _last is None or _last[0] is not program:
            _last = program, Marks._of(program)
        return _last[1]

    @staticmethod
    def _of(program: ir.Program) -> Marks:
        numbers: set[float] = {0.0, 1.0, -1.0, 7.0}
        texts: set[str] = {"Ann@Corp.example", "Σ", "aaa"}
        spans: set[int] = {0, values.DAY}
        instants: set[int] = set()
        for node in nodes((program.scores, program.bands, program.gates, program.decisions, program.account)):
            match node:
                case ir.Const(kind=ir.Kind.NUMBER, value=float() as found):
                    numbers.add(found)
                case ir.Const(kind=ir.Kind.EXACT, value=int() as found):
                    numbers.add(found / values.TICKS)
                case ir.Const(kind=ir.Kind.TEXT, value=str() as found):
                    texts.add(found)
                case ir.Const(kind=ir.Kind.DATE | ir.Kind.TIME, value=int() as found):
                    instants.add(found)
                case ir.InSet(values=members):
                    numbers |= {member for member in members if isinstance(member, float)}
                    texts |= {member for member in members if isinstance(member, str)}
                case ir.TextTest(needles=needles):
                    texts |= {needle.replace("*", "zz").replace("?", "z").strip() for needle in needles}
                case ir.Events(window=int() as window):
                    spans.add(window)
                case ir.Curve(unit=unit, span=span, after=after):
                    spans |= {unit, span * unit, after * unit, (after + span) * unit}
                case ir.ScoreOf(ago=ago):
                    spans.add(ago)
                case ir.SinceEvent(unit=unit) | ir.SinceInstant(unit=unit) | ir.PathTime(unit=unit):
                    spans |= {unit, 3 * unit}
                case ir.Rule(starts=starts, ends=ends):
                    instants |= {moment for moment in (starts, ends) if moment is not None}
                case _:
                    pass
        beside = {
            near for number in numbers for near in (number, nextafter(number, -1e9), number + 0.00005, number * 3)
        }
        shaped = {near for text in texts if text for near in (text, text.upper(), f"x {text}", f"{text}s")} | set(TEXTS)
        return Marks(
            zone=ZoneInfo(program.timezone),
            numbers=[*sorted(beside), 1e300, 123_456.789],
            texts=sorted(shaped),
            spans=sorted(spans),
            instants=sorted(instants),
        )

    def instants_to_look_from(self) -> list[int]:
        written = [datetime(2026, 3, 2), datetime(2026, 3, 2, 10, 30), datetime(2026, 3, 29, 1), datetime(2026, 1, 1)]
        found = [values.instant(moment, timezone.utc) for moment in written]
        found.append(values.instant(datetime(2026, 3, 2), self.zone))
        return found + [near for instant in self.instants for near in (instant - 1, instant)]

    def instants_before(self, at: int) -> list[int]:
        """Instants at which something changes at `at`, a microsecond before and after them, and a few to come."""
        sums = {first + second for first in self.spans for second in (0, *self.spans)}
        turns = [at - span for span in sorted(sums)]
        beside = [near for turn in turns for near in (turn - 1, turn, turn + 1)]
        zone_midnight = values.midnight(values.moment_of(at).astimezone(self.zone).date(), self.zone)
        others = [at + values.DAY, at - 5 * values.DAY - 12_345, at - 3 * values.HOUR, zone_midnight, zone_midnight - 1]
        return [*beside, *others, *self.instants]


_last: tuple[ir.Program, Marks] | None = None


def nodes(part: Any) -> Iterator[Any]:
    """Every node in a part of a program."""
    if isinstance(part, tuple):
        for item in part:
            yield from nodes(item)
    elif is_dataclass(part):
        yield part
        for one in fields(part):
            yield from nodes(getattr(part, one.name))
