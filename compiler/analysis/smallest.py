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

    best = witness
    size = len(best.events)
    while size >= 1:
        at = 0
        while at < len(best.events):
            fewer = replace(best, events=best.events[:at] + best.events[at + size :])
            if still(fewer):
                best = fewer
            else:
                at += size
        size = min(size // 2, len(best.events)) if size > 1 else 0
    for one in fields:
        if not one.required and best.lead.get(one.name) is not None:
            without = replace(best, lead={**best.lead, one.name: None})
            if still(without):
                best = without
    return best
