"""Tallies: each keeps one term of a lead's events up to date as events come and time goes by.

A tally takes events whose instant has come, in any order, and gives its value at an instant `now` that never goes back.
`following` is the next instant after `now` at which the value may change though nothing happens. All keep as little as
the exact value allows: a counter where events never leave, the instants inside the window where they do.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable
from heapq import heappop, heappush, heapreplace
from typing import Any, Protocol

from ...dsl import ir
from .aging import steps_of
from .runtime import ALWAYS, NEVER, Earning, newest, newest_in_each, newest_of_each


class Tally(Protocol):
    """What keeps one term."""

    def take(self, t: int, *what: Any) -> None: ...

    def value(self, now: int) -> Any: ...

    def following(self, now: int) -> int | None: ...


# ------------------------------------------------------------------ without a window


class Total:
    """How many, or a sum."""

    __slots__ = ("total",)

    def __init__(self) -> None:
        self.total = 0

    def take(self, t: int, amount: int = 1) -> None:
        self.total += amount

    def value(self, now: int) -> int:
        return self.total

    def following(self, now: int) -> None:
        return None


class Oldest:
    """The oldest instant; ALWAYS of none."""

    __slots__ = ("oldest",)

    def __init__(self) -> None:
        self.oldest = ALWAYS

    def take(self, t: int) -> None:
        if t < self.oldest:
            self.oldest = t

    def value(self, now: int) -> int:
        return self.oldest

    def following(self, now: int) -> None:
        return None


class Newest:
    """The newest instant, if it is inside the window (where there is one); NEVER of none."""

    __slots__ = ("newest", "window")

    def __init__(self, window: int | None) -> None:
        self.newest = NEVER
        self.window = window

    def take(self, t: int) -> None:
        if t > self.newest:
            self.newest = t

    def value(self, now: int) -> int:
        if self.window is None or self.newest > now - self.window:
            return self.newest
        return NEVER

    def following(self, now: int) -> int | None:
        if self.window is None or self.newest <= now - self.window:
            return None
        return self.newest + self.window


class Occurrence(Newest):
    """Whether there is one."""

    __slots__ = ()

    def value(self, now: int) -> bool:
        return self.newest != NEVER and (self.window is None or self.newest > now - self.window)


class Highest:
    """The highest value, or (with `sign` -1) the lowest; None of none."""

    __slots__ = ("best", "sign")

    def __init__(self, sign: int) -> None:
        self.best: float | None = None
        self.sign = sign

    def take(self, t: int, number: float) -> None:
        if self.best is None or number * self.sign > self.best * self.sign:
            self.best = number

    def value(self, now: int) -> float | None:
        return self.best

    def following(self, now: int) -> None:
        return None


class Different:
    """How many different keys: values of a property, or calendar periods."""

    __slots__ = ("keys",)

    def __init__(self) -> None:
        self.keys: set[Any] = set()

    def take(self, t: int, key: Any) -> None:
        self.keys.add(key)

    def value(self, now: int) -> int:
        return len(self.keys)

    def following(self, now: int) -> None:
        return None


class InPeriods:
    """In how many different calendar periods."""

    __slots__ = ("_different", "_period", "following", "value")

    def __init__(self, different: Callable[[], Different | WindowDifferent], period: Callable[[int], int]) -> None:
        self._different = different()
        self._period = period
        self.value = self._different.value
        self.following = self._different.following

    def take(self, t: int) -> None:
        self._different.take(t, self._period(t))


# ------------------------------------------------------------------ with a window


class Window:
    """What is inside a window, from the oldest to the newest; what has left is forgotten."""

    __slots__ = ("inside", "start", "window")

    def __init__(self, window: int) -> None:
        self.window = window
        self.inside: list[tuple[int, Any]] = []
        self.start = 0

    def enter(self, t: int, what: Any) -> None:
        inside = self.inside
        if inside and t < inside[-1][0]:
            insort(inside, (t, what), self.start, key=_instant_of)
        else:
            inside.append((t, what))

    def leave(self, now: int) -> tuple[int, Any] | None:
        """The oldest of those which are outside by now, each given once."""
        if self.start < len(self.inside):
            oldest = self.inside[self.start]
            if oldest[0] <= now - self.window:
                self.start += 1
                if self.start > 64 and self.start * 2 > len(self.inside):
                    del self.inside[: self.start]
                    self.start = 0
                return oldest
        return None

    def following(self, now: int) -> int | None:
        return self.inside[self.start][0] + self.window if self.start < len(self.inside) else None


def _instant_of(entry: tuple[int, Any]) -> int:
    return entry[0]


class WindowTotal(Window):
    """How many, or a sum, inside a window."""

    __slots__ = ("total",)

    def __init__(self, window: int) -> None:
        super().__init__(window)
        self.total = 0

    def take(self, t: int, amount: int = 1) -> None:
        self.enter(t, amount)
        self.total += amount

    def value(self, now: int) -> int:
        while (left := self.leave(now)) is not None:
            self.total -= left[1]
        return self.total


class WindowOldest(Window):
    """The oldest instant inside a window."""

    __slots__ = ()

    def take(self, t: int) -> None:
        self.enter(t, None)

    def value(self, now: int) -> int:
        while self.leave(now) is not None:
            pass
        return self.inside[self.start][0] if self.start < len(self.inside) else ALWAYS


class WindowHighest(Window):
    """The highest value inside a window (the lowest with `sign` -1). A value is kept only while no newer one is as
    high, so that they fall from the oldest to the newest and the first is the highest."""

    __slots__ = ("sign",)

    def __init__(self, window: int, sign: int) -> None:
        super().__init__(window)
        self.sign = sign

    def take(self, t: int, number: float) -> None:
        inside, height = self.inside, number * self.sign
        at = len(inside)
        while at > self.start and inside[at - 1][0] > t:
            at -= 1
        if at < len(inside) and inside[at][1] * self.sign >= height:
            return
        first = at
        while first > self.start and inside[first - 1][1] * self.sign <= height:
            first -= 1
        inside[first:at] = [(t, number)]

    def value(self, now: int) -> float | None:
        while self.leave(now) is not None:
            pass
        return self.inside[self.start][1] if self.start < len(self.inside) else None


class WindowDifferent(Window):
    """How many different keys inside a window: each with the newest instant at which it was seen."""

    __slots__ = ("newest",)

    def __init__(self, window: int) -> None:
        super().__init__(window)
        self.newest: dict[Any, int] = {}

    def take(self, t: int, key: Any) -> None:
        if t > self.newest.get(key, NEVER):
            self.newest[key] = t
            self.enter(t, key)

    def value(self, now: int) -> int:
        while (left := self.leave(now)) is not None:
            if self.newest.get(left[1]) == left[0]:
                del self.newest[left[1]]
        return len(self.newest)


# ------------------------------------------------------------------ points that decay


class Decaying:
    """The points of many events, each decayed and rounded by itself, added.

    The total is right until the first event grows a whole step older. Events wait for that in the order in which it
    happens to them, so that a read costs one step for each that has grown older since the last one. (No accumulator
    can do better: see docs/decisions/0003-a-running-state-shares-the-finish.md.)
    """

    __slots__ = ("_left", "_steps", "_total", "_unit", "_waiting", "_window")

    def __init__(self, curve: ir.Curve, window: int | None, left: Callable[[int, int], int]) -> None:
        self._unit = curve.unit
        self._steps = steps_of(curve)
        self._window = window
        self._left = left
        self._total = 0
        # (when it grows older, its instant, its points, what of them is in the total)
        self._waiting: list[tuple[int, int, int, int]] = []

    def take(self, t: int, ticks: int) -> None:
        heappush(self._waiting, (NEVER, t, ticks, 0))

    def value(self, now: int) -> int:
        waiting = self._waiting
        if not waiting or waiting[0][0] > now:
            return self._total
        unit, window = self._unit, self._window
        while waiting and waiting[0][0] <= now:
            _, t, ticks, counted = waiting[0]
            age = (now - t) // unit
            left = self._left(ticks, age) if window is None or now - t < window else 0
            self._total += left - counted
            older = self._steps.next(age) if left != 0 else None
            changes = ALWAYS if older is None else t + older * unit
            if window is not None and left != 0:
                changes = min(changes, t + window)
            if changes == ALWAYS:
                heappop(waiting)
            else:
                heapreplace(waiting, (changes, t, ticks, left))
        return self._total

    def following(self, now: int) -> int | None:
        return self._waiting[0][0] if self._waiting else None


class DecayingWritten(Decaying):
    """The same for written points."""

    __slots__ = ("_ticks",)

    def __init__(self, ticks: int, curve: ir.Curve, window: int | None, left: Callable[[int, int], int]) -> None:
        super().__init__(curve, window, left)
        self._ticks = ticks

    def take(self, t: int, ticks: int = 0) -> None:
        heappush(self._waiting, (NEVER, t, self._ticks, 0))


# ------------------------------------------------------------------ events that a rule keeps


class Held:
    """The events themselves, for rules that keep some of them: those inside the window, or the newest few where no
    older one can ever count again."""

    __slots__ = ("_few", "_give", "_held", "_window", "each")

    def __init__(
        self, each: ir.Each, window: int | None, few: int | None, give: Callable[[list[Any], int], Any]
    ) -> None:
        self.each = each
        self._window = window
        self._few = few
        self._give = give
        self._held: list[tuple[int, Any]] = []

    def take(self, t: int, *what: Any) -> None:
        held = self._held
        entry = (t, what)
        if held and t <= held[-1][0]:
            # Of events at one instant the one with more points counts as newer.
            insort(held, entry, key=_newer if self._few is not None else _instant_of)
        else:
            held.append(entry)
        if self._few is not None and len(held) > self._few:
            del held[0]

    def value(self, now: int) -> Any:
        if self._window is not None:
            gone = 0
            while gone < len(self._held) and self._held[gone][0] <= now - self._window:
                gone += 1
            del self._held[:gone]
        return self._give(self._held, now)

    def following(self, now: int) -> int | None:
        found: list[int] = []
        if self._window is not None and self._held:
            found.append(self._held[0][0] + self._window)
        curve = self.each.curve
        if curve is not None:
            steps = steps_of(curve)
            for t, _ in self._held:
                older = steps.next((now - t) // curve.unit)
                if older is not None:
                    found.append(t + older * curve.unit)
        return min(found, default=None)


def _newer(entry: tuple[int, Any]) -> tuple[int, int]:
    return entry[0], entry[1][0]


def few(each: ir.Each) -> int | None:
    """How many of the newest events are all that a rule ever looks at; None where it looks at others too. (Those that
    leave a window are the oldest, so that a window never brings an older one back.)"""
    if each.once_per_property or each.once_per_period or each.at_most_per:
        return None
    return 1 if each.once_ever else each.at_most


def kept(each: ir.Each, held: list[Any], period: Callable[[str], Callable[[int], int]]) -> list[Earning]:
    """The earnings that `once ...` and `at most N times` leave, of (instant, (points, value of the property))."""
    if each.once_per_property is not None:
        earnings = newest_of_each((what[1], (t, what[0])) for t, what in held)
    else:
        earnings = [(t, what[0]) for t, what in held]
    if each.once_ever:
        earnings = newest(earnings, 1)
    if each.once_per_period is not None:
        earnings = newest_in_each(earnings, 1, period(each.once_per_period))
    if each.at_most is not None and each.at_most_per is None:
        return newest(earnings, each.at_most)
    if each.at_most is not None and each.at_most_per is not None:
        return newest_in_each(earnings, each.at_most, period(each.at_most_per))
    return earnings


# ------------------------------------------------------------------ resets


class Resettable:
    """A tally of the events after the newest reset. It keeps what it took since, so that a reset that comes to be known
    late takes away what stood before it and nothing else."""

    __slots__ = ("_anew", "_reach", "_reset", "_taken", "_tally")

    def __init__(self, anew: Callable[[], Tally], reach: int | None) -> None:
        self._anew = anew
        self._tally = anew()
        self._taken: list[tuple[int, Any]] = []
        self._reset = NEVER
        self._reach = reach

    def take(self, t: int, *what: Any) -> None:
        if t > self._reset:
            insort(self._taken, (t, what), key=_instant_of)
            self._tally.take(t, *what)

    def reset(self, t: int) -> None:
        if t <= self._reset:
            return
        self._reset = t
        self._taken = [entry for entry in self._taken if entry[0] > t]
        self._tally = self._anew()
        for instant, what in self._taken:
            self._tally.take(instant, *what)

    def value(self, now: int) -> Any:
        if self._reach is not None and self._taken and self._taken[0][0] <= now - self._reach:
            self._taken = [entry for entry in self._taken if entry[0] > now - self._reach]
        return self._tally.value(now)

    def following(self, now: int) -> int | None:
        return self._tally.following(now)
