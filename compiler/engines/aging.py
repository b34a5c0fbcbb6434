"""When what is left of points changes: the next age, and the age from which nothing changes any more."""

from __future__ import annotations

from functools import lru_cache

from ...dsl import ir
from ...dsl.values import MAX_TICKS, decayed
from .runtime import LONGEST_TABLE, fading_table


def next_age(curve: ir.Curve, age: int) -> int | None:
    """The next age, in units of the curve, at which less may be left than at this one; None if there is none."""
    decaying = age - curve.after
    step = curve.span if curve.shape in ("losing", "keeping") else 1
    following = curve.after + step if decaying < step else curve.after + (decaying // step + 1) * step
    last = last_age(curve)
    return following if last is None or following <= last else None


@lru_cache(maxsize=1024)
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


def left_of(ticks: int, curve: ir.Curve, age: int) -> int:
    """What is left of some points at an age: from a table where there is one."""
    share = curve.percent
    table = fading_table(ticks, curve.shape, share.numerator, share.denominator, curve.span, curve.after)
    if age < len(table):
        return table[age]
    return 0 if len(table) < LONGEST_TABLE else decayed(ticks, curve.shape, share, curve.span, age - curve.after)
