"""The smallest lead that still shows what a witness shows, so that somebody can read it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ...dsl import ir
from .answers import Witness


def smallest(
    witness: Witness, fields: tuple[ir.Field, ...], shows: Callable[[Witness], bool], tries: int = 200
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
