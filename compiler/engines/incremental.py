"""The running state of one lead: events are added as they arrive, and the result is read at any later instant.

A state keeps one tally for each term that the policy asks of the events (see `terms`), and forgets the events. A read
takes the tallies' values and finishes the scores from them with the same code as the fast function; whatever the
lead's attributes alone decide was computed at the start.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timezone, tzinfo
from functools import lru_cache, partial
from typing import Any, assert_never
from zoneinfo import ZoneInfo

from ...dsl import ir
from ...dsl.result import Evaluation
from ...dsl.values import moment_of
from . import gathering, python, runtime, tallies, terms
from .aging import left_of_written
from .emission import Function, Module
from .functions import Written, finish_of, tuple_text
from .tallies import Tally


class State:
    """One lead's events so far, as far as the policy looks at them.

        state = State(program, lead)
        state.add({"event": "page_view", "at": at, "url": "/pricing"})
        state.evaluate(at)

    Events may come in any order; one that is still to come waits for its instant. The instants of the reads may not go
    backwards. A state is not to be shared by threads.
    """

    def __init__(self, program: ir.Program, lead: Mapping[str, ir.Value]) -> None:
        self.program = program
        self._engine = python.load(program)
        plan = plan_of(program)
        kept = [make() for make in plan.tallies]
        self.tallies: Sequence[Tally] = kept
        self.clocks = tuple(Clock(shift, kept, plan, lead) for shift in plan.shifts)
        self.terms = plan.terms
        self.shift_of = plan.shift_of
        self.values: list[Any] = []
        """the terms as they were at the last read"""
        self._read = tuple((kept[number].value, shift) for number, shift in enumerate(plan.shift_of))
        self.finish = plan.finisher(lead)
        """a function of (values, instant) that gives the tuple of the fast function"""
        self._finish_with_reasons: Callable[..., Any] | None = None
        self._lead = lead
        self.at: int | None = None

    def add(self, event: Mapping[str, ir.Value]) -> None:
        """Takes in one clean event."""
        for clock in self.clocks:
            clock.add(event)

    def evaluate(self, at: int) -> Evaluation:
        """The result at an instant, without lines. Raises ValueError if the state has been read at a later one."""
        return self._engine.evaluation(self.read(at))

    def evaluate_with_reasons(self, at: int) -> Evaluation:
        """The result with the lines of every score. Raises ValueError if the state has been read at a later instant."""
        if self._finish_with_reasons is None:
            functions = self._engine.made("state with reasons", lambda module: [function_with_reasons(module)])
            self._finish_with_reasons = functions["finisher_with_reasons"](self._lead)
        self.go_to(at)
        return self._engine.evaluation(self._finish_with_reasons(self.values, at))

    def read(self, at: int) -> Any:
        """The result at an instant as the tuple of the fast function."""
        self.go_to(at)
        return self.finish(self.values, at)

    def go_to(self, at: int) -> None:
        """Brings the values of the terms to an instant."""
        if self.at is not None and at < self.at:
            raise ValueError(
                f"this state was read as of {moment_of(self.at).isoformat()} and cannot go back to "
                f"{moment_of(at).isoformat()}: start a new one"
            )
        self.at = at
        for clock in self.clocks:
            if clock.waiting:
                clock.advance(at - clock.shift)
            clock.now = at - clock.shift
        self.values = [value(at - shift) for value, shift in self._read]


class Clock:
    """The instant at which the terms of one shift are read, and the events whose time has not come there."""

    def __init__(self, shift: int, kept: Sequence[Tally], plan: Plan, lead: Mapping[str, ir.Value]) -> None:
        self.shift = shift
        self.now = runtime.NEVER
        self.waiting: list[Mapping[str, ir.Value]] = []
        self._in_order = True
        takes = [kept[number].take for number, of in enumerate(plan.shift_of) if of == shift]
        resets = [
            partial(_reset, [kept[number] for number in numbers])
            for (_, of), numbers in plan.resets.items()
            if of == shift
        ]
        self._sift = plan.sifters[shift](lead, takes, resets)

    def add(self, event: Mapping[str, ir.Value]) -> None:
        at = event["at"]
        assert isinstance(at, int)
        if at <= self.now:
            self._sift(event)
            return
        if self._in_order and self.waiting and at < _at(self.waiting[-1]):
            self._in_order = False
        self.waiting.append(event)

    def advance(self, now: int) -> None:
        """Takes in the events whose time has come."""
        if not self._in_order:
            self.waiting.sort(key=_at)
            self._in_order = True
        come = 0
        for event in self.waiting:
            if _at(event) > now:
                break
            self._sift(event)
            come += 1
        del self.waiting[:come]

    def next_event(self) -> int | None:
        """The instant of the next event to come, after a read."""
        return _at(self.waiting[0]) if self.waiting else None


def _at(event: Mapping[str, ir.Value]) -> int:
    at = event["at"]
    assert isinstance(at, int)
    return at


def _reset(resettable: Sequence[Any], t: int) -> None:
    for tally in resettable:
        tally.reset(t)


# ------------------------------------------------------------------ the plan


@dataclass(frozen=True)
class Plan:
    """What the states of one program share."""

    terms: tuple[terms.Term, ...]
    tallies: tuple[Callable[[], Tally], ...]
    finisher: Callable[..., Any]
    """a function of a lead that gives the one of (values of the terms, T) which finishes the scores"""
    shift_of: tuple[int, ...]
    """for each term how long before the as-of instant it is read"""
    shifts: tuple[int, ...]
    resets: Mapping[gathering.Reset, tuple[int, ...]]
    """the terms, by number, that each kind of reset empties"""
    sifters: Mapping[int, Callable[..., Any]]
    """for each shift a function of (lead, takes, resets) that gives the one which offers an event to the tallies"""


def plan_of(program: ir.Program) -> Plan:
    engine = python.load(program)
    found: Plan | None = engine.remembered.get("plan")
    if found is None:
        found = engine.remembered["plan"] = _plan(engine)
    return found


def _plan(engine: python.Engine) -> Plan:
    found: list[terms.Term] = []

    def write(module: Module) -> list[Written]:
        functions, wanted = functions_of_state(module)
        found.extend(wanted)
        return functions

    functions = engine.made("state", write)
    resets: dict[gathering.Reset, list[int]] = {}
    for number, term in enumerate(found):
        if term.events.resets:
            resets.setdefault((term.events.resets, term.shift), []).append(number)
    shifts = tuple(sorted({term.shift for term in found}))
    zone = timezone.utc if engine.program.timezone == "UTC" else ZoneInfo(engine.program.timezone)
    return Plan(
        terms=tuple(found),
        tallies=tuple(_tally(term, zone) for term in found),
        finisher=functions["finisher"],
        shift_of=tuple(term.shift for term in found),
        shifts=shifts,
        resets={reset: tuple(numbers) for reset, numbers in resets.items()},
        sifters={shift: functions[f"sifter_{number}"] for number, shift in enumerate(shifts)},
    )


def _tally(term: terms.Term, zone: tzinfo) -> Callable[[], Tally]:
    """How a new tally for a term is made."""
    anew = _tally_without_resets(term, zone)
    if not term.events.resets:
        return anew
    reach = gathering.reach_back(term)
    return partial(tallies.Resettable, anew, None if reach is None else reach - term.shift)


def _tally_without_resets(term: terms.Term, zone: tzinfo) -> Callable[[], Tally]:
    window = term.events.window
    match term:
        case terms.Count() | terms.Known() | terms.Sum():
            return tallies.Total if window is None else partial(tallies.WindowTotal, window)
        case terms.Occurred():
            return partial(tallies.Occurrence, window)
        case terms.First():
            return tallies.Oldest if window is None else partial(tallies.WindowOldest, window)
        case terms.Last():
            return partial(tallies.Newest, window)
        case terms.Extreme(which=which):
            sign = 1 if which == "highest" else -1
            return partial(tallies.Highest, sign) if window is None else partial(tallies.WindowHighest, window, sign)
        case terms.Distinct():
            return tallies.Different if window is None else partial(tallies.WindowDifferent, window)
        case terms.Periods(period=period):
            of = _period(period, zone)
            return partial(
                tallies.InPeriods, tallies.Different if window is None else partial(tallies.WindowDifferent, window), of
            )
        case terms.Decayed(ticks=ticks, curve=curve):
            return partial(tallies.DecayingWritten, ticks, curve, window, left_of_written(ticks, curve))
        case terms.Earned(each=each) if terms.is_plain(each):
            if each.curve is not None:
                return partial(tallies.Decaying, each.curve, window, left_by(each.curve))
            return tallies.Total if window is None else partial(tallies.WindowTotal, window)
        case terms.Kept(each=each):
            return partial(tallies.Held, each, window, tallies.few(each), partial(_kept, each, zone))
        case terms.Earned(each=each):
            return partial(tallies.Held, each, window, tallies.few(each), partial(_earned, each, zone))
        case terms.Happened(each=each):
            return partial(tallies.Held, each, window, None, _happened)
        case _:
            assert_never(term)


def _kept(each: ir.Each, zone: tzinfo, held: list[Any], now: int) -> list[runtime.Earning]:
    return tallies.kept(each, held, lambda period: _period(period, zone))


def _earned(each: ir.Each, zone: tzinfo, held: list[Any], now: int) -> int:
    earnings = _kept(each, zone, held, now)
    if each.curve is None:
        return sum(points for _, points in earnings)
    left, unit = left_by(each.curve), each.curve.unit
    return sum(left(points, (now - at) // unit) for at, points in earnings)


def _happened(held: list[Any], now: int) -> list[tuple[int, Any]]:
    return [(t, event) for t, (event,) in held]


@lru_cache(maxsize=256)
def left_by(curve: ir.Curve) -> Callable[[int, int], int]:
    share = curve.percent
    return runtime.curve(curve.shape, share.numerator, share.denominator, curve.span, curve.after)


@lru_cache(maxsize=64)
def _period(period: str, zone: tzinfo) -> Callable[[int], int]:
    return runtime.calendar(period, zone)


# ------------------------------------------------------------------ writing


def functions_of_state(module: Module) -> tuple[list[Written], tuple[terms.Term, ...]]:
    """`finisher` (see `Plan.finisher`), `sifter_0` and so on (see `Plan.sifters`), and the terms."""
    finish = finish_of(module, False, 2)
    found = tuple(finish.terms)
    functions = [_finisher(finish, "finisher")]
    for number, shift in enumerate(sorted({term.shift for term in found})):
        functions.append(_sifter(module, f"sifter_{number}", [term for term in found if term.shift == shift]))
    return functions, found


def function_with_reasons(module: Module) -> Written:
    return _finisher(finish_of(module, True, 2), "finisher_with_reasons")


def _finisher(function: Function, name: str) -> Written:
    unpacked = ["        " + tuple_text(function.terms.values()) + " = terms"] if function.terms else []
    return Written(
        name,
        f"def {name}(lead: dict[str, Any]) -> Callable[[Sequence[Any], int], tuple[Any, ...]]:",
        function.lead.lines,
        function.early.lines,
        ["    def finish(terms: Sequence[Any], T: int) -> tuple[Any, ...]:"],
        function.instants.lines,
        unpacked,
        function.finish.lines,
        ["    return finish"],
    )


def _sifter(module: Module, name: str, wanted: list[terms.Term]) -> Written:
    function = Function(module, terms.world_of(module.program), 2)
    function.study([term.events.where for term in wanted if term.events.where is not None])
    page = function.loop
    with function.writing(page):
        takes = {term: function.fresh("take") for term in wanted}
        resets: dict[gathering.Reset, str] = {}
        for term in wanted:
            if term.events.resets:
                resets.setdefault((term.events.resets, term.shift), f"reset_{len(resets)}")
        noted = {reset: f"{local}(t)" for reset, local in resets.items()}
        gathering.by_kind(function, takes, {}, noted, wanted[0].shift, gathering.offer)
    unpacked = ["    " + tuple_text(takes.values()) + " = takes"]
    if resets:
        unpacked.append("    " + tuple_text(resets.values()) + " = resets")
    arguments = "lead: dict[str, Any], takes: Sequence[Any], resets: Sequence[Any]"
    return Written(
        name,
        f"def {name}({arguments}) -> Callable[[dict[str, Any]], None]:",
        unpacked,
        function.lead.lines,
        ["    def sift(e: dict[str, Any]) -> None:", "        t = e['at']"],
        function.loop.lines,
        ["    return sift"],
    )
