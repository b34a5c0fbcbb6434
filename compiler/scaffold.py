"""Writes tests that would notice what no test notices: a lead is looked for that the policy and its mutant treat
differently, made as small as it can be, and written down with what the policy gives it.

The search starts from the leads of the tests and walks along the constants of the program, on and beside each: there
two programs that differ by one step part. Where it finds nothing, the analysis is asked.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from ..dsl import ir
from ..dsl.result import Evaluation
from ..dsl.source import Source
from ..dsl.values import DAY, HOUR, midnight
from .analysis.answers import Possible, Witness
from .analysis.representatives import address, fitting
from .analysis.showing import as_test
from .analysis.smallest import seen_at, smallest, with_plain_events
from .analysis.study import study
from .engines import python
from .format import format_text
from .mutation import Mutant
from .reading import parts
from .rerun import Part, differs, read_by_all, what_reads
from .testing import event_of, facts_of
from .wording import local_moment, points_text

TRIES = 1500
"""So many leads are tried for each mutant."""


QUESTIONS = 20
"""After so many seconds the analysis is asked no more."""


@dataclass(frozen=True)
class Scaffold:
    """A test that would notice a mutant (and perhaps others), in canonical layout. `witness` is its lead, `tells` the
    score, band or decision in which the two programs differ."""

    mutant: Mutant
    text: str
    witness: Witness
    tells: Part


@dataclass(frozen=True)
class Scaffolds:
    """Tests for mutants, and the mutants for which no lead was found that shows a difference."""

    tests: tuple[Scaffold, ...]
    without: tuple[Mutant, ...]


def scaffold(program: ir.Program, survivors: Sequence[Mutant]) -> Scaffolds:
    """As few tests as come of it, one after the other: a mutant that an earlier one notices needs none of its own."""
    alone = replace(program, account=None, alerts=(), shows=(), reads=())
    search = _Search(alone, python.Engine(alone), [_witness_of(program, test) for test in program.tests])
    tests: list[Scaffold] = []
    without: list[Mutant] = []
    titles = {test.title for test in program.tests}
    until = time.monotonic() + QUESTIONS
    for number, mutant in enumerate(survivors):
        changed = python.Engine(replace(mutant.program, account=None, alerts=(), shows=(), reads=()))
        if any(search.tells(changed, one.witness, [one.tells]) is not None for one in tests):
            continue
        found = search.found(mutant, changed, Random(number))
        if found is None and time.monotonic() < until:
            found = _asked(program, search, mutant, changed)
        if found is None:
            without.append(mutant)
            continue
        witness, tells = found
        title = _free(mutant.words.title, titles)
        titles.add(title)
        tests.append(Scaffold(mutant, search.text(witness, tells, title), witness, tells))
    return Scaffolds(tuple(tests), tuple(without))


def _free(title: str, taken: set[str]) -> str:
    number = 2
    wanted = title
    while wanted in taken:
        wanted, number = f"{title} ({number})", number + 1
    return wanted


def _witness_of(program: ir.Program, test: ir.Test) -> Witness:
    lead, _, at = facts_of(program, test)
    return Witness(lead, test.events, at)


def _asked(program: ir.Program, search: _Search, mutant: Mutant, changed: python.Engine) -> tuple[Witness, Part] | None:
    answer = study(mutant.program, old=program).can_be(differs(program, mutant))
    if not isinstance(answer, Possible):
        return None
    places = search.places(mutant)
    tells = search.tells(changed, answer.witness, places)
    return None if tells is None else (search.smallest(changed, answer.witness, tells), tells)


# ------------------------------------------------------------------ looking for a lead


@dataclass(frozen=True)
class _Search:
    program: ir.Program
    engine: python.Engine
    known: Sequence[Witness]
    """the leads of the tests"""

    def places(self, mutant: Mutant) -> list[Part]:
        """Where a mutant can show itself: where it is, or in the decisions of its gate."""
        place: Part = (mutant.place.what, mutant.place.name)
        if place[0] != "gate":
            return [place]
        return [part for part in what_reads(self.program, place) if part[0] == "decision"]

    def tells(self, changed: python.Engine, witness: Witness, places: Sequence[Part]) -> Part | None:
        before, after = self._both(changed, witness)
        return next((place for place in places if _value(before, place) != _value(after, place)), None)

    def _both(self, changed: python.Engine, witness: Witness) -> tuple[Evaluation, Evaluation]:
        events = [event_of(self.program, event) for event in witness.events]
        return (
            self.engine.evaluate_with_reasons(witness.lead, events, witness.at),
            changed.evaluate_with_reasons(witness.lead, events, witness.at),
        )

    def found(self, mutant: Mutant, changed: python.Engine, dice: Random) -> tuple[Witness, Part] | None:
        """A lead that the two programs treat differently, and in what. The nearer a lead comes to that, the more often
        it is walked on from."""
        places = self.places(mutant)
        if not places:
            return None
        moves = _moves(self.program, mutant, places, self._nobody().at)
        starts = [self._nobody(), *self.known]
        ranked = sorted(
            ((self._distance(mutant, changed, one, places), at, one) for at, one in enumerate(starts)),
            key=lambda entry: entry[:2],
        )[:8]
        for turn in range(TRIES):
            nearest = ranked[0]
            if nearest[0] == 0:
                tells = self.tells(changed, nearest[2], places)
                assert tells is not None
                return self.smallest(changed, nearest[2], tells), tells
            if not moves.any:
                return None
            at_random = dice.random()
            start = dice.choice(starts) if at_random < 0.3 else ranked[int(at_random * len(ranked))][2]
            moved = moves.moved(starts[0] if at_random < 0.1 else start, dice)
            distance = self._distance(mutant, changed, moved, places)
            if distance <= ranked[-1][0]:
                ranked = sorted([*ranked, (distance, -turn - 1, moved)], key=lambda entry: entry[:2])[:8]
        return None

    def _nobody(self) -> Witness:
        at = self.known[0].at if self.known else midnight(date(2026, 3, 2), ZoneInfo(self.program.timezone))
        lead: dict[str, ir.Value] = {
            field.name: _usual(field, ZoneInfo(self.program.timezone)) if field.required else None
            for field in self.program.fields
        }
        return Witness(lead, (), at)

    def _distance(self, mutant: Mutant, changed: python.Engine, witness: Witness, places: Sequence[Part]) -> float:
        """0 where the programs differ; small where something inside differs, or a score is near a limit."""
        before, after = self._both(changed, witness)
        if any(_value(before, place) != _value(after, place) for place in places):
            return 0
        if before.lines != after.lines or before.gates != after.gates:
            return 0.5
        if mutant.place.what == "band":
            band = next(one for one in self.program.bands if one.name == mutant.place.name)
            other = next(one for one in mutant.program.bands if one.name == mutant.place.name)
            ticks = before.scores[band.score]
            limits = [
                row.limit.value
                for row in (*band.rows, *other.rows)
                if row not in band.rows or row not in other.rows
                if isinstance(row.limit, ir.Const) and isinstance(row.limit.value, int)
            ]
            if ticks is not None and limits:
                return 1 + min(abs(ticks - limit) for limit in limits) / 10_000
        if mutant.place.what == "decision":
            return 1 + self._from_cell(mutant, before)
        return 1_000_000

    def _from_cell(self, mutant: Mutant, found: Evaluation) -> float:
        """How far two scores are from the cell of a grid that was changed."""
        old, new = (
            next(one for one in program.decisions if one.name == mutant.place.name)
            for program in (self.program, mutant.program)
        )
        if len(old.rows) != len(new.rows):
            return 1_000_000
        for row, other in zip(old.rows, new.rows, strict=True):
            if not (isinstance(row, ir.Grid) and isinstance(other, ir.Grid)) or row == other:
                continue
            down = next(at for at, line in enumerate(row.cells) if line != other.cells[at])
            across = next(at for at, cell in enumerate(row.cells[down]) if cell != other.cells[down][at])
            far = self._from_label(row.by_rows, row.row_labels[down], found)
            far += self._from_label(row.by_columns, row.column_labels[across], found)
            # In the cell already, but a row above the grid was taken.
            return far + (0 if found.decisions[old.name][1] >= row.row else 100)
        return 1_000_000

    def _from_label(self, name: str, label: str, found: Evaluation) -> float:
        band = next((one for one in self.program.bands if one.name == name), None)
        if band is None or found.bands[name] == label:
            return 0
        ticks = found.scores[band.score]
        at = band.labels.index(label)
        limits = [row.limit.value for row in band.rows[max(at - 1, 0) : at + 1] if isinstance(row.limit, ir.Const)]
        near = [abs(ticks - limit) for limit in limits if isinstance(limit, int) and ticks is not None]
        return 1 + min(near, default=1_000_000) / 10_000

    def smallest(self, changed: python.Engine, witness: Witness, tells: Part) -> Witness:
        """The witness without what does not matter, and usual where it has to have something."""
        usual, fields = self._nobody(), self.program.fields

        def shows(one: Witness) -> bool:
            return self.tells(changed, one, [tells]) is not None

        before = None
        while witness != before:
            before = witness
            moved = seen_at(witness, usual.at, fields, ZoneInfo(self.program.timezone))
            witness = moved if shows(moved) else witness
            witness = smallest(witness, fields, shows)
            for one in fields:
                plain = replace(witness, lead={**witness.lead, one.name: usual.lead[one.name]})
                witness = plain if plain != witness and shows(plain) else witness
            witness = with_plain_events(witness, shows)
        return witness

    def text(self, witness: Witness, tells: Part, title: str) -> str:
        """The test, with what the policy gives the lead."""
        events = [event_of(self.program, event) for event in witness.events]
        value = _value(self.engine.evaluate_with_reasons(witness.lead, events, witness.at), tells)
        shown = value if isinstance(value, str) else "missing" if value is None else points_text(value)
        block = as_test(witness, self.program, title, [f"{tells[1]} is {shown}"])
        formatted = format_text(Source("scaffold", block))
        return formatted if isinstance(formatted, str) else block


def _value(evaluation: Evaluation, place: Part) -> str | int | None:
    what, name = place
    match what:
        case "score":
            return evaluation.scores[name]
        case "band":
            return evaluation.bands[name]
        case _:
            return evaluation.decisions[name][0]


# ------------------------------------------------------------------ steps along the constants


@dataclass(frozen=True)
class _Moves:
    """What may be tried: values for fields, ages and properties for events, instants."""

    fields: Mapping[str, Sequence[ir.Value]]
    kinds: Sequence[ir.EventKind]
    ages: Sequence[int]
    properties: Mapping[str, Sequence[ir.Value]]
    instants: Sequence[int]
    near: Sequence[str]
    """the fields that the change itself reads: they are tried more often"""
    near_kinds: Sequence[ir.EventKind]
    near_ages: Sequence[int]

    @property
    def any(self) -> bool:
        return bool(self.fields or self.kinds or self.instants)

    def moved(self, witness: Witness, dice: Random) -> Witness:
        for _ in range(dice.choice((1, 1, 2, 3))):
            witness = self._one(witness, dice)
        return witness

    def _one(self, witness: Witness, dice: Random) -> Witness:
        choices = [*["field"] * (3 if self.fields else 0), *["event"] * (3 if self.kinds else 0)]
        choices += ["gone"] if witness.events else []
        choices += ["instant"] if self.instants else []
        match dice.choice(choices or ["none"]):
            case "field":
                names = self.near if self.near and dice.random() < 0.6 else list(self.fields)
                name = dice.choice(names)
                return replace(witness, lead={**witness.lead, name: dice.choice(self.fields[name])})
            case "event":
                kinds = self.near_kinds if self.near_kinds and dice.random() < 0.6 else self.kinds
                kind = dice.choice(kinds)
                known = [
                    (prop.name, value)
                    for prop in kind.properties
                    if (value := dice.choice(self.properties[prop.name])) is not None
                ]
                ages = self.near_ages if self.near_ages and dice.random() < 0.6 else self.ages
                one = ir.Happening(kind.name, witness.at - dice.choice(ages), tuple(known))
                return replace(witness, events=(*witness.events, *[one] * dice.choice((1, 1, 1, 2, 4))))
            case "gone":
                at = dice.randrange(len(witness.events))
                return replace(witness, events=(*witness.events[:at], *witness.events[at + 1 :]))
            case "instant":
                shift = dice.choice(self.instants) - witness.at
                moved = tuple(replace(event, at=event.at + shift) for event in witness.events)
                return replace(witness, at=witness.at + shift, events=moved)
            case _:
                return witness


def _moves(program: ir.Program, mutant: Mutant, places: Sequence[Part], now: int) -> _Moves:
    zone = ZoneInfo(program.timezone)
    relevant = list(read_by_all(program, places))
    changed = _part_of(mutant.program, mutant)
    both: list[Any] = [_part_of(program, mutant), changed]
    constants = _constants([*both, *relevant])
    fields, kinds = _read_by(relevant + both)
    near, near_kinds = _read_by(both)
    declared = {field.name: field for field in program.fields}
    return _Moves(
        fields={name: _values(declared[name], constants, now, zone) for name in fields},
        kinds=[program.event(name) for name in kinds],
        ages=_beside(constants.ages),
        properties={
            prop.name: _values(prop, constants, now, zone) for name in kinds for prop in program.event(name).properties
        },
        instants=sorted({instant + shift for instant in constants.instants for shift in (-DAY, 0)}),
        near=[name for name in near if name in fields],
        near_kinds=[program.event(name) for name in near_kinds],
        near_ages=_beside(of_change) if (of_change := _constants(both).ages) else (),
    )


def _beside(ages: Sequence[int]) -> list[int]:
    """Lengths of time, a day and an hour to either side of each, and some short ones."""
    beside = [age + step for age in ages for step in (-DAY, -HOUR, 0, DAY)]
    return sorted({0, HOUR, DAY, *(age for age in beside if age > 0)})


def _part_of(program: ir.Program, mutant: Mutant) -> Any:
    """What was changed: the item of a score, else the whole score, band, gate or decision."""
    all_: Sequence[Any] = {
        "score": program.scores,
        "band": program.bands,
        "gate": program.gates,
        "decision": program.decisions,
    }[mutant.place.what]
    part = next(one for one in all_ if one.name == mutant.place.name)
    return part if mutant.place.item is None else part.items[mutant.place.item]


@dataclass(frozen=True)
class _Constants:
    """What the text compares with: for each field or property by its name, and lengths of time and instants."""

    numbers: Mapping[str, Sequence[float]]
    texts: Mapping[str, Sequence[str]]
    ages: Sequence[int]
    instants: Sequence[int]


_MOST_TEXTS = 12
_MOST_OF_THE_CHANGE = 60


def _constants(wanted: Sequence[Any]) -> _Constants:
    """Of some parts, the first two of which are the change itself. Narrower than the marks of `diff/search.py`: a
    mutant differs in one place, and few leads are tried for each."""
    numbers: dict[str, dict[float, None]] = {}
    texts: dict[str, dict[str, None]] = {}
    ages: dict[int, None] = {}
    instants: dict[int, None] = {}
    for at, part in enumerate(wanted):
        most = _MOST_OF_THE_CHANGE if at < 2 else _MOST_TEXTS
        for node in parts(part):
            match node:
                case ir.Compare(left=left, right=right):
                    names = _names([left, right])
                    found = [one.value for one in parts((left, right)) if isinstance(one, ir.Const)]
                    kinds = [one.kind for one in parts((left, right)) if isinstance(one, ir.Const)]
                    for value, kind in zip(found, kinds, strict=True):
                        for name in names:
                            if isinstance(value, str):
                                texts.setdefault(name, {})[value] = None
                            elif isinstance(value, int | float) and kind in (ir.Kind.EXACT, ir.Kind.NUMBER):
                                number = value / 10_000 if kind is ir.Kind.EXACT else float(value)
                                numbers.setdefault(name, {})[number] = None
                            elif isinstance(value, int):
                                instants[value] = None
                    for since in parts(left):
                        if isinstance(since, ir.SinceEvent | ir.SinceInstant | ir.PathTime):
                            for value in found:
                                if isinstance(value, int):
                                    ages[max(value // 10_000, 0) * since.unit] = None
                case ir.InSet(item=item, values=values):
                    for name in _names([item]):
                        for value in _spread(values, most):
                            if isinstance(value, str):
                                texts.setdefault(name, {})[_behind(item, value)] = None
                            else:
                                numbers.setdefault(name, {})[value] = None
                case ir.TextTest(item=item, needles=needles):
                    for name in _names([item]):
                        for needle in _spread(needles, most):
                            texts.setdefault(name, {})[_behind(item, fitting(needle))] = None
                case ir.Events(window=int(window)):
                    ages[window] = None
                case ir.Curve(unit=unit, span=span, after=after):
                    ages[(span + after) * unit] = None
                    ages[after * unit] = None
                case ir.Rule(starts=starts, ends=ends):
                    instants.update(dict.fromkeys(one for one in (starts, ends) if one is not None))
                case _:
                    pass
    return _Constants(
        {name: list(found) for name, found in numbers.items()},
        {name: list(found) for name, found in texts.items()},
        list(ages),
        list(instants),
    )


def _names(expressions: Sequence[Any]) -> list[str]:
    return [node.name for node in parts(tuple(expressions)) if isinstance(node, ir.FieldOf | ir.PropertyOf)]


def _behind(item: Any, text: str) -> str:
    """A whole address, where the test looks at a part of one."""
    sides = {ir.Op.DOMAIN: "domain", ir.Op.LOCAL_PART: "local part"}
    return address(sides.get(item.op, "") if isinstance(item, ir.Call) else "", text)


def _spread(found: Sequence[Any], most: int) -> Sequence[Any]:
    if len(found) <= most:
        return found
    return [found[at * (len(found) - 1) // (most - 1)] for at in range(most)]


def _read_by(wanted: Sequence[Any]) -> tuple[list[str], list[str]]:
    """The fields and the kinds of events that some parts read."""
    fields: dict[str, None] = {}
    kinds: dict[str, None] = {}
    for part in wanted:
        for node in parts(part):
            match node:
                case ir.FieldOf(name=name):
                    fields[name] = None
                case ir.Events(kinds=found, resets=resets):
                    kinds.update(dict.fromkeys((*found, *resets)))
                case _:
                    pass
    return list(fields), list(kinds)


_STEPS = (-DAY, 0, DAY)


def _day(micros: int, zone: ZoneInfo) -> int:
    """The midnight of a zone that begins the day in which an instant is."""
    return midnight(local_moment(micros, zone).date(), zone)


def _values(declared: ir.Field, constants: _Constants, now: int, zone: ZoneInfo) -> list[ir.Value]:
    """What is worth trying: nothing, something usual, and what the text compares with, and beside it."""
    nothing: list[ir.Value] = [] if declared.required else [None]
    if declared.values is not None:
        return [*nothing, *declared.values]
    match declared.kind:
        case ir.Kind.FLAG:
            return [*nothing, True, False]
        case ir.Kind.NUMBER:
            near = [
                round(number + step, 4)
                for number in constants.numbers.get(declared.name, ())
                for step in ((-1.0, 0.0, 1.0) if number == int(number) else (-0.01, 0.0, 0.01))
            ]
            return [*nothing, 0.0, 1.0, 10.0, 60.0, 1000.0, *near]
        case ir.Kind.DATE | ir.Kind.TIME:
            found = [
                now - DAY,
                *(now - sign * age - step for age in constants.ages for sign in (1, -1) for step in _STEPS),
            ]
            found += [instant + step for instant in constants.instants for step in _STEPS]
            return [*nothing, *(_day(one, zone) if declared.kind is ir.Kind.DATE else one for one in found)]
        case ir.Kind.TEXTS:
            texts = constants.texts.get(declared.name, ())
            return [*nothing, *((text,) for text in texts if text)]
        case _:
            texts = constants.texts.get(declared.name, ())
            return [*nothing, _usual(declared, zone), *(text for text in texts if text.strip())]


def _usual(declared: ir.Field, zone: ZoneInfo) -> ir.Value:
    if declared.values:
        return declared.values[0]
    match declared.kind:
        case ir.Kind.FLAG:
            return True
        case ir.Kind.NUMBER:
            return 1.0
        case ir.Kind.DATE | ir.Kind.TIME:
            return midnight(date(2026, 1, 1), zone)
        case ir.Kind.TEXTS:
            return ("some",)
        case _:
            return "ann@company.example" if "mail" in declared.name else "some"
