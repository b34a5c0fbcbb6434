"""A guided search for leads on which two versions differ, and what makes such a lead small and readable.

Leads are made of the constants of both versions, each at its boundary and beside it, of missing values, and of events
around every window; those that come close to a limit of a band are varied further. The search is the same on every run.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from math import floor, nextafter
from zoneinfo import ZoneInfo

from ...dsl import ir, values
from ...dsl.values import DAY, TICKS
from ..analysis.answers import Witness
from ..analysis.representatives import address, fitting
from ..analysis.smallest import seen_at, with_plain_events
from ..analysis.smallest import smallest as without_what_does_not_matter
from ..reading import parts
from .pairs import Difference, Output, Pair, difference

USUAL_INSTANT = values.instant(datetime(2026, 3, 2), timezone.utc)

Found = dict[Output, tuple[Difference, Witness]]


@dataclass(frozen=True)
class Focus:
    """The fields and events that changed parts read: looked at first."""

    fields: frozenset[str] = frozenset()
    events: frozenset[str] = frozenset()


def search(
    pair: Pair,
    wanted: Collection[Output],
    leads: int,
    focus: Focus = Focus(),
    seeds: Iterable[Witness] = (),
) -> Found:
    """For each wanted output a lead on which it differs, where one is found. `leads` is how many are tried."""
    maker = _Maker(pair, focus)
    left = dict.fromkeys(wanted)
    found: Found = {}
    pool: list[Witness] = []
    near: dict[str, tuple[int, Witness]] = {}
    first = [*seeds, *maker.seeds()]
    for number in range(leads):
        if not left:
            break
        if number < len(first):
            lead = first[number]
        else:
            base = maker.one([*pool[-40:], *(one for _, one in near.values()), *first[:20]])
            lead = maker.varied(base) if maker.chance(75) else maker.fresh()
        before, after = pair.results(lead)
        differs = False
        for output in list(left):
            account = output.what == "account"
            made = pair.account_difference(lead) if account else difference(output, before, after)
            if made is not None:
                found[output] = (made, lead)
                del left[output]
        for name, was in before.scores.items():
            is_ = after.scores.get(name)
            if was is not None and is_ is not None and was != is_:
                differs = True
                for limit in maker.limits.get(name, ()):
                    low, high = sorted((was, is_))
                    gap = 0 if low < limit <= high else min(abs(limit - low), abs(limit - high))
                    key = f"{name} {limit}"
                    if key not in near or gap < near[key][0]:
                        near[key] = (gap, lead)
        if differs or before.lines != after.lines:
            pool.append(lead)
    return found


# ------------------------------------------------------------------ making leads


class _Maker:
    """Makes leads for a pair out of what both versions compare with."""

    def __init__(self, pair: Pair, focus: Focus) -> None:
        self.pair, self.focus = pair, focus
        self.random = random.Random(20260302)
        self.marks = marks_of(pair)
        self.limits = _limits(pair)
        self.fields = {one.name: one for one in pair.fields}
        self.kinds = {one.name: one for one in pair.events}
        read = {
            node.name
            for program in (pair.old, pair.new)
            for node in parts(_read(program))
            if isinstance(node, ir.FieldOf)
        }
        self.looked_at = [name for name in self.fields if name in read] or list(self.fields)
        self.first = [name for name in self.looked_at if name in focus.fields]
        self.first_events = [name for name in self.kinds if name in focus.events]

    def one(self, items: Sequence[Witness]) -> Witness:
        return self.random.choice(items)

    def chance(self, percent: int) -> bool:
        return self.random.randrange(100) < percent

    def seeds(self) -> list[Witness]:
        """A lead of which nothing is known, the leads of the tests; and each looked-at value by itself."""
        nobody = Witness({name: self._least(one) for name, one in self.fields.items()}, (), self.marks.looks[0])
        found = [nobody, *self._tests()]
        for name in self.first:
            for value in self.marks.of(self.fields[name], nobody.at):
                found.append(replace(nobody, lead={**nobody.lead, name: value}))
        for kind in self.first_events:
            for ago in (DAY, 0, 20 * DAY):
                found.append(replace(nobody, events=(self._event(kind, nobody.at, ago),)))
        return found[:400]

    def _tests(self) -> Iterator[Witness]:
        for program in (self.pair.old, self.pair.new):
            for test in program.tests:
                given = dict(test.lead)
                lead = {name: self._allowed(one, given.get(name)) for name, one in self.fields.items()}
                yield Witness(lead, test.events, test.at)

    def _allowed(self, field: ir.Field, value: ir.Value) -> ir.Value:
        if value is None or (field.values is not None and value not in field.values):
            return self._least(field)
        return value

    def _least(self, field: ir.Field) -> ir.Value:
        return self.marks.of(field, self.marks.looks[0])[0] if field.required else None

    def fresh(self) -> Witness:
        at = self.random.choice(self.marks.looks)
        lead = {}
        for name, one in self.fields.items():
            lead[name] = self._value(one, at) if name in self.looked_at and self.chance(75) else self._least(one)
        events = [self._any_event(at) for _ in range(self.random.randrange(6))] if self.kinds else []
        return Witness(lead, tuple(events), at)

    def varied(self, base: Witness) -> Witness:
        lead, events, at = dict(base.lead), list(base.events), base.at
        for _ in range(self.random.randrange(1, 4)):
            if self.kinds and self.chance(40):
                roll = self.random.randrange(3)
                if events and roll == 0:
                    events.pop(self.random.randrange(len(events)))
                elif events and roll == 1:
                    events.append(events[self.random.randrange(len(events))])
                else:
                    events.append(self._any_event(at))
            elif self.looked_at:
                name = self.random.choice(self.first if self.first and self.chance(40) else self.looked_at)
                lead[name] = self._value(self.fields[name], at)
        if self.chance(5):
            at = self.random.choice(self.marks.looks)
        return Witness(lead, tuple(events[:20]), at)

    def _value(self, field: ir.Field, at: int) -> ir.Value:
        if not field.required and self.chance(15):
            return None
        return self.random.choice(self.marks.of(field, at))

    def _any_event(self, at: int) -> ir.Happening:
        kind = self.random.choice(self.first_events if self.first_events and self.chance(50) else list(self.kinds))
        return self._event(kind, at, self.random.choice(self.marks.ages))

    def _event(self, kind: str, at: int, ago: int) -> ir.Happening:
        known = {one.name: self._value(one, at) for one in self.kinds[kind].properties}
        return ir.Happening(kind, at - ago, tuple((name, value) for name, value in known.items() if value is not None))


def _read(program: ir.Program) -> tuple[object, ...]:
    return (program.scores, program.bands, program.gates, program.decisions)


def _limits(pair: Pair) -> dict[str, list[int]]:
    """The written limits of each score's bands, in ticks."""
    found: dict[str, set[int]] = {}
    for program in (pair.old, pair.new):
        for band in program.bands:
            for row in band.rows:
                if isinstance(row.limit, ir.Const) and isinstance(row.limit.value, int):
                    found.setdefault(band.score, set()).add(row.limit.value)
    return {name: sorted(limits) for name, limits in found.items()}


# ------------------------------------------------------------------ where both versions decide


@dataclass(frozen=True)
class Marks:
    """What both versions compare with, and what lies beside it."""

    zone: ZoneInfo
    numbers: tuple[float, ...]
    texts: tuple[str, ...]
    ages: tuple[int, ...]
    instants: tuple[int, ...]
    looks: tuple[int, ...]
    """instants to look from"""
    by_field: Mapping[str, tuple[ir.Value, ...]]
    """what a field is compared with directly"""

    def of(self, field: ir.Field, at: int) -> Sequence[ir.Value]:
        """Values for a field, plain ones first."""
        if field.values is not None:
            return field.values or (None,)
        own = self.by_field.get(field.name, ())
        match field.kind:
            case ir.Kind.FLAG:
                return (True, False)
            case ir.Kind.TEXT:
                return tuple(one for one in own if isinstance(one, str)) * 2 + self.texts
            case ir.Kind.TEXTS:
                single = tuple((text,) for text in self.texts)
                return (*single, (), self.texts[:4])
            case ir.Kind.NUMBER:
                return tuple(one for one in own if isinstance(one, float)) * 2 + self.numbers
            case ir.Kind.DATE:
                days = (at, *(at - age for age in self.ages), *self.instants)
                return tuple(
                    values.midnight(values.moment_of(day).astimezone(self.zone).date(), self.zone) for day in days
                )
            case ir.Kind.TIME:
                return (*(at - age for age in self.ages), *self.instants)
            case _:
                return (None,)


def marks_of(pair: Pair) -> Marks:
    """Wider than what `analysis/representatives.py` needs for one field: what a change moves may hang on anything."""
    numbers: set[float] = {0.0, 1.0}
    texts: set[str] = {"x"}
    spans: set[int] = {0, DAY}
    instants: set[int] = set()
    by_field: dict[str, set[ir.Value]] = {}
    looks: list[int] = []
    zone = ZoneInfo(pair.new.timezone)
    for program in (pair.new, pair.old):
        looks.extend(test.at for test in program.tests[:3])
        for node in parts((*_read(program), program.account.where if program.account is not None else ())):
            match node:
                case ir.Const(kind=ir.Kind.NUMBER, value=float() as number):
                    numbers.add(number)
                case ir.Const(kind=ir.Kind.EXACT, value=int() as ticks):
                    numbers.add(ticks / TICKS)
                case ir.Const(kind=ir.Kind.TEXT, value=str() as text):
                    texts.add(text)
                case ir.Const(kind=ir.Kind.DATE | ir.Kind.TIME, value=int() as moment):
                    instants.add(moment)
                case ir.Events(window=int() as window):
                    spans.add(window)
                case ir.Curve(unit=unit, span=span, after=after):
                    spans |= {unit, span * unit, after * unit, (after + span) * unit}
                case ir.ScoreOf(ago=ago):
                    spans.add(ago)
                case ir.SinceEvent(unit=unit) | ir.SinceInstant(unit=unit) | ir.PathTime(unit=unit):
                    spans.add(unit)
                case ir.Rule(starts=starts, ends=ends):
                    instants |= {moment for moment in (starts, ends) if moment is not None}
                case ir.InSet(item=item, values=members):
                    some = [*members[:12], *members[-4:]]
                    numbers |= {member for member in some if isinstance(member, float)}
                    texts |= {str(member) for member in some if isinstance(member, str) and item.kind is ir.Kind.TEXT}
                case ir.TextTest(needles=needles):
                    texts |= {fitting(needle) for needle in needles[:16]}
                case _:
                    pass
            _note(node, by_field)
    for node in parts(tuple(_read(program) for program in (pair.new, pair.old))):
        match node:
            case ir.Compare(
                left=ir.SinceInstant(unit=unit) | ir.SinceEvent(unit=unit), right=ir.Const(value=int() as ticks)
            ):
                spans |= {unit * (ticks // TICKS), unit * (ticks // TICKS + 1)}
            case _:
                pass
    beside = {near for one in numbers for near in (one, one + 1, one - 1, nextafter(one, -1e9))}
    mails = {address("domain", text) for text in texts if "." in text and "@" not in text and " " not in text}
    ages = sorted({near for span in spans for near in (span, span - 1, span + DAY, span - DAY, span + 1) if near >= 0})
    at = next(iter(looks), USUAL_INSTANT)
    return Marks(
        zone,
        tuple(sorted(beside, key=lambda one: (one != floor(one), abs(one)))),
        tuple(sorted({one for one in texts | mails if one}, key=lambda one: (len(one), one))),
        tuple(ages),
        tuple(near for one in sorted(instants) for near in (one, one - 1)),
        (at, *dict.fromkeys(looks), *(near for one in sorted(instants)[:10] for near in (one, one - 1))),
        {name: tuple(sorted(found, key=str)) for name, found in by_field.items()},
    )


def _note(node: object, by_field: dict[str, set[ir.Value]]) -> None:
    """What a field is compared with: at the limit, and on both sides of it."""
    match node:
        case (
            ir.Compare(left=ir.FieldOf(name=name), right=ir.Const(value=(float() | int()) as found))
            | ir.Compare(right=ir.FieldOf(name=name), left=ir.Const(value=(float() | int()) as found))
        ) if not isinstance(found, bool):
            exact = ir.Kind.EXACT in (node.left.kind, node.right.kind)
            number = found / TICKS if exact and isinstance(found, int) else float(found)
            by_field.setdefault(name, set()).update({number, number + 1, number - 1, nextafter(number, -1e9)})
        case ir.InSet(item=ir.FieldOf(name=name), values=members):
            by_field.setdefault(name, set()).update([*members[:40], *members[-4:]])
        case ir.InSet(item=ir.Call(op=ir.Op.DOMAIN, args=(ir.FieldOf(name=name),)), values=members):
            by_field.setdefault(name, set()).update(
                address("domain", str(member)) for member in [*members[:40], *members[-4:]]
            )
        case ir.TextTest(item=ir.FieldOf(name=name), needles=needles):
            by_field.setdefault(name, set()).update(filter(None, map(fitting, needles)))
        case _:
            pass


# ------------------------------------------------------------------ making a lead small


def smallest(pair: Pair, lead: Witness, shown: Difference, tries: int = 400) -> Witness:
    """The same difference with as little as possible: events dropped, fields missing, tidy values."""
    left = tries

    def shows(tried: Witness) -> bool:
        nonlocal left
        if left <= 0:
            return False
        left -= 1
        return shown in pair.differences(tried, lines=shown.output.what == "lines")

    marks = marks_of(pair)
    lead = without_what_does_not_matter(lead, pair.fields, shows, tries)
    usual = seen_at(lead, USUAL_INSTANT, pair.fields, marks.zone)
    lead = usual if usual != lead and shows(usual) else lead
    for field in pair.fields:
        value = lead.lead.get(field.name)
        if value is not None:
            for tidy in _tidier(value, field, marks, lead.at):
                tried = replace(lead, lead={**lead.lead, field.name: tidy})
                if shows(tried):
                    lead = tried
                    break
    kinds = {one.name: {prop.name: prop for prop in one.properties} for one in pair.events}

    def tidier(event: ir.Happening, name: str, value: ir.Value) -> Iterable[ir.Value]:
        prop = kinds.get(event.kind, {}).get(name)
        return () if prop is None else _tidier(value, prop, marks, lead.at)

    return with_plain_events(lead, shows, tidier)


def _tidier(value: ir.Value, field: ir.Field, marks: Marks, at: int) -> Iterator[ir.Value]:
    """Values that are easier to read than this one, the easiest first."""
    if field.values is not None:
        yield from field.values[: field.values.index(value)] if value in field.values else ()
        return
    match value:
        case bool():
            return
        case float():
            own = [one for one in marks.by_field.get(field.name, ()) if isinstance(one, float)]
            for number in sorted({*own, *marks.numbers[:20], float(round(value))}, key=_tidiness):
                if _tidiness(number) < _tidiness(value):
                    yield number
        case str():
            own_texts = [one for one in marks.by_field.get(field.name, ()) if isinstance(one, str)]
            usual = "ann@company.example" if "mail" in field.name else "x"
            if value != usual:
                yield usual
                shorter = {one for one in (*own_texts, *marks.texts[:20]) if len(one) < len(value)}
                yield from sorted(shorter, key=lambda one: (len(one), one))
        case tuple():
            for text in value:
                if len(value) > 1:
                    yield (text,)
        case int() if field.kind is ir.Kind.TIME:
            for age in (DAY, floor((at - value) / DAY) * DAY):
                if at - age != value:
                    yield at - age
        case _:
            return


def _tidiness(number: float) -> tuple[bool, int, bool, float]:
    """Whole numbers before others, those with many zeros at the end first."""
    digits = f"{number:.15g}".rstrip("0") if number == floor(number) else f"{number:.15g}"
    return number != floor(number), len(digits.strip("-.")), number < 0, abs(number)
