"""Which of two labels is the higher one, where both versions of a band have something to say about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

Direction: TypeAlias = Literal["up", "down", "aside", "same"]


class Order:
    """The order of a band's labels, the top row first, in two versions.

    A label that only one version has is above or below another if the labels that both have say so: with `hot, cold`
    before and `hot, warm, cold` now, `warm` is below `hot`. Labels of which the versions say opposite things, or
    nothing, have no order.
    """

    def __init__(self, old: Sequence[str], new: Sequence[str]) -> None:
        self._below: dict[str, set[str]] = {label: set() for label in (*old, *new)}
        for labels in (old, new):
            for at, label in enumerate(labels):
                self._below[label].update(labels[at + 1 :])
        for middle in self._below:
            for label, below in self._below.items():
                if middle in below:
                    self._below[label] = below | self._below[middle]

    def direction(self, old: str, new: str) -> Direction:
        """Which way a lead goes that was `old` and is `new`."""
        if old == new:
            return "same"
        up, down = old in self._below[new], new in self._below[old]
        if up == down:
            return "aside"
        return "up" if up else "down"


def merged(old: Sequence[str], new: Sequence[str]) -> tuple[str, ...]:
    """The labels of both, those of the old version in their order, and the new ones where they stand in the new one."""
    found = list(old)
    for at, label in enumerate(new):
        if label not in found:
            before = next((found.index(one) + 1 for one in reversed(new[:at]) if one in found), 0)
            found.insert(before, label)
    return tuple(found)
