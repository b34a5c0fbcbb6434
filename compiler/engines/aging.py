"""When what is left of points changes: the next age, and the age from which nothing changes any more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from ...dsl import ir
from ...dsl.values import MAX_TICKS, decayed
from .runtime import LONGEST_TABLE, fading_table


@dataclass(frozen=True, slots=True)
class Steps:
    """The ages, in units of a curve, at which less may be left than just before: every `step` from `after` on, up to
    the `last`, from which nothing is left (None if something always is)."""

    after: int
    step: int
    last: int | None

    def next(self, age: int) -> int | None:
        """The first of them after an age."""
        decaying = age - self.after
        if decaying < self.step:
            following = self.after + self.step
        else:
            following = age - decaying % self.step + self.step
        return following if self.last is None or following <= self.last else None


@lru_cache(maxsize=1024)
def steps_of(curve: ir.Curve) -> Steps:
    step = curve.span if curve.shape in ("losing", "keeping") else 1
    return Steps(curve.after, step, last_age(curve))


def last_age(curve: ir.Curve) -> int | None:
    """The age from which nothing is left of any points; None if something always is."""
    if curve.shape == "fading":
        return curve.after + curve.span
    if curve.shape == "losing":
        if curve.percent <= 0:
            return curve.after
        return curve.after - (-curve.percent.denominator // curve.percent.numerator) * curve.span
    if curve.shape == "keeping" and curve.percent == 1:
        return None
    # Doubled until nothing is left of the most points that there can be; then halved back to the first such age.
    step = curve.span
    high = 1
    while _left(curve, high * step) != 0:
        high *= 2
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _left(curve, middle * step) != 0 else (low, middle)
    return curve.after + high * step


def _left(curve: ir.Curve, age: int) -> int:
    return decayed(MAX_TICKS, curve.shape, curve.percent, curve.span, age)


def left_of_written(ticks: int, curve: ir.Curve) -> Callable[[int, int], int]:
    """A function of (ticks, age) that gives what is left of the written points: from a table where there is one."""
    share = curve.percent
    table = fading_table(ticks, curve.shape, share.numerator, share.denominator, curve.span, curve.after)
    known = len(table)

    def left(_: int, age: int) -> int:
        if age < known:
            return table[age]
        return 0 if known < LONGEST_TABLE else decayed(ticks, curve.shape, share, curve.span, age - curve.after)

    return left
