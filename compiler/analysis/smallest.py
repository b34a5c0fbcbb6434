"""The smallest lead that still shows what a witness shows, so that somebody can read it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from zoneinfo import ZoneInfo

from ...dsl import ir
from ...dsl.values import DAY, HOUR, midnight, moment_of
from .answers import Witness


def smallest(
    witness: Witness, fields: Iterable[ir.Field], shows: Callable[[Witness], bool], tries: int = 200
) -> Witness:
    """Without events and attributes that make no difference to `shows`. Events are dropped in halves, quarters and so
    on (delta debugging: Zeller and Hildebrandt 2002), then one attribute after the other. At most `tries` leads are
    asked about."""
    left = tries

    def still(candidate: Witness) -> bool:
        nonlocal left
        left -= 1
        return left >= 0 and shows(candidate)

    best = with_fewer_events(witness, still)
    for one in fields:
        if not one.required and best.lead.get(one.name) is not None:
            without = replace(best, lead={**best.lead, one.name: None})
            if still(without):
                best = without
    return best


def with_fewer_events(witness: Witness, shows: Callable[[Witness], bool]) -> Witness:
    """Without events that make no difference to `shows`: dropped in halves, quarters and so on."""
    size = len(witness.events)
    while size > 0 and witness.events:
        at = 0
        while at < len(witness.events):
            fewer = replace(witness, events=witness.events[:at] + witness.events[at + size :])
            if shows(fewer):
                witness = fewer
            else:
                at += size
        size //= 2
    return witness


def seen_at(witness: Witness, at: int, fields: Iterable[ir.Field], zone: ZoneInfo) -> Witness:
    """The same lead at another instant: its events, times and dates are as long ago as they were."""
    later = at - witness.at
    moved = dict(witness.lead)
    for one in fields:
        value = moved.get(one.name)
        if one.kind is ir.Kind.TIME and isinstance(value, int):
            moved[one.name] = value + later
        elif one.kind is ir.Kind.DATE and isinstance(value, int):
            # A date is the midnight that begins it, whatever the hour is to which the lead moves.
            moved[one.name] = midnight(moment_of(value + later).astimezone(zone).date(), zone)
    return Witness(moved, tuple(replace(event, at=event.at + later) for event in witness.events), at)


Tidier = Callable[[ir.Happening, str, ir.Value], Iterable[ir.Value]]
"""Values of an event's property that are easier to read than the one it has, the easiest first."""


def with_plain_events(
    witness: Witness, shows: Callable[[Witness], bool], tidier: Tidier = lambda event, name, value: ()
) -> Witness:
    """With events that lack the properties which make no difference to `shows`, have tidy values for the others, and
    are whole days or hours old."""
    for at in range(len(witness.events)):
        for name, value in witness.events[at].properties:
            event = witness.events[at]
            bare = replace(event, properties=tuple(one for one in event.properties if one[0] != name))
            tidy = (
                replace(event, properties=tuple((one, new if one == name else old) for one, old in event.properties))
                for new in tidier(event, name, value)
            )
            witness = _first((_with_event(witness, at, one) for one in (bare, *tidy)), shows, witness)
        age = witness.at - witness.events[at].at
        days = age // DAY * DAY
        rounder = [DAY, days, days + DAY, age // HOUR * HOUR]
        rounder = rounder[: rounder.index(age)] if age in rounder else rounder
        aged = (replace(witness.events[at], at=witness.at - one) for one in rounder)
        witness = _first((_with_event(witness, at, one) for one in aged), shows, witness)
    return witness


def _first(candidates: Iterable[Witness], shows: Callable[[Witness], bool], otherwise: Witness) -> Witness:
    return next((one for one in candidates if shows(one)), otherwise)


def _with_event(witness: Witness, at: int, event: ir.Happening) -> Witness:
    return replace(witness, events=(*witness.events[:at], event, *witness.events[at + 1 :]))
