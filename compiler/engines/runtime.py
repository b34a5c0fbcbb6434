"""What the emitted Python calls: tables of what is left of points at each age, and the choice of the newest events.

Everything here is for speed only; what is rounded, folded or dated is defined in `dsl.values`, and tests hold the two
together. Like `values` this module can be vendored: it uses the standard library and `values`, nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta, timezone, tzinfo
from fractions import Fraction
from functools import lru_cache
from itertools import count
from math import floor
from typing import TypeAlias

from ...dsl.values import DAY, EPOCH, decayed, period_of

Earning: TypeAlias = tuple[int, int]
"""(instant, points in ticks) of an event. The newer is the greater; of two at one instant, the one with more points."""

NEVER = -(1 << 62)
"""Before every instant: the newest of no events."""

ALWAYS = 1 << 62
"""After every instant: the oldest of no events."""

# ------------------------------------------------------------------ decay

LONGEST_TABLE = 20_000
"""Ages beyond this are not tabulated but computed (a half-life of a year, counted in hours)."""


@lru_cache(maxsize=256)
def fading_table(ticks: int, shape: str, numerator: int, denominator: int, span: int, after: int) -> tuple[int, ...]:
    """What is left of `ticks` at each whole age, up to the age from which nothing is left.

    Ends early, without a 0, where something is left for longer than LONGEST_TABLE.

    >>> fading_table(40_000, "losing", 1, 2, 1, 1)
    (40000, 40000, 20000)
    """
    percent = Fraction(numerator, denominator)
    table = [ticks] * min(after, LONGEST_TABLE)
    # `losing` and `keeping` go down in steps of the span, the others at every age.
    step = span if shape in ("losing", "keeping") else 1
    for left in _left(ticks, shape, percent, span, step):
        if len(table) >= LONGEST_TABLE:
            break
        table += [left] * min(step, LONGEST_TABLE - len(table))
    return tuple(table)


def _left(ticks: int, shape: str, percent: Fraction, span: int, step: int) -> Iterator[int]:
    """What is left at ages 0, step, 2 x step ..., as long as anything is."""
    magnitude, sign = abs(ticks), -1 if ticks < 0 else 1
    share = 2.0 ** (-1 / span) if shape == "halving" else float(percent)
    for times in count():
        near = magnitude * share**times if shape in ("halving", "keeping") else -1.0
        # As in `values`: a double decides, unless it is so near to a tie that it could be wrong.
        if near >= 0 and abs(near - floor(near) - 0.5) > near * 1e-9 + 1e-12:
            left = sign * floor(near + 0.5)
        else:
            left = decayed(ticks, shape, percent, span, times * step)
        if left == 0:
            return
        yield left


def curve(shape: str, numerator: int, denominator: int, span: int, after: int) -> Callable[[int, int], int]:
    """A function of (ticks, age) that gives what is left. It remembers what it was asked lately."""
    percent = Fraction(numerator, denominator)

    @lru_cache(maxsize=65_536)
    def left(ticks: int, age: int) -> int:
        return decayed(ticks, shape, percent, span, age - after)

    return left


# ------------------------------------------------------------------ which events count


def newest(earnings: Iterable[Earning], how_many: int) -> list[Earning]:
    """The newest few."""
    return sorted(earnings, reverse=True)[:how_many]


def newest_of_each(valued: Iterable[tuple[object, Earning]]) -> list[Earning]:
    """The newest for each value."""
    best: dict[object, Earning] = {}
    for value, earning in valued:
        if value not in best or earning > best[value]:
            best[value] = earning
    return list(best.values())


def newest_in_each(earnings: Iterable[Earning], how_many: int, period: Callable[[int], int]) -> list[Earning]:
    """The newest few of each calendar period."""
    periods: dict[int, list[Earning]] = {}
    for earning in earnings:
        periods.setdefault(period(earning[0]), []).append(earning)
    return [one for members in periods.values() for one in newest(members, how_many)]


# ------------------------------------------------------------------ calendar


def calendar(period: str, zone: tzinfo) -> Callable[[int], int]:
    """A function that tells the calendar period of an instant, as `values.period_of` does.

    Converting to a time zone is slow and events share their days. So the offset of a day (of UTC) is remembered where
    the zone keeps it from one end of the day to the other.
    """
    if zone is timezone.utc:
        return lambda micros: period_of(micros, period, timezone.utc)

    @lru_cache(maxsize=65_536)
    def offset_on(day: int) -> int | None:
        try:
            begins = (EPOCH + timedelta(days=day)).astimezone(zone).utcoffset()
            ends = (EPOCH + timedelta(days=day + 1)).astimezone(zone).utcoffset()
        except OverflowError:  # the first or last day that a calendar has
            return None
        return begins // timedelta(microseconds=1) if begins is not None and begins == ends else None

    def period_in_zone(micros: int) -> int:
        offset = offset_on(micros // DAY)
        if offset is None:
            return period_of(micros, period, zone)
        return period_of(micros + offset, period, timezone.utc)

    return period_in_zone


# ------------------------------------------------------------------ gates


def barring(outcome: str, barred: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The gates that bar an outcome."""
    return tuple(gate for gate, outcomes in barred.items() if outcome in outcomes)
