"""Written values: numbers to ticks, durations to microseconds, days to instants, literals to texts.

The parser has seen to it that numbers have a sensible number of digits, and that dates are in the calendar.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from ...dsl import tree, values
from ...dsl.source import Span
from .scope import Scope
from .value_problems import (
    NumberTooLarge,
    PercentOutOfRange,
    TooManyDecimals,
    UnusableDuration,
)

LARGEST_POINTS = 1_000_000
"""The most points that a rule can be written with."""
LARGEST_LIMIT = 1_000_000_000
"""The largest limit of a range, cap, floor or group."""
LONGEST = 36_500 * values.DAY
"""The longest duration: a hundred years."""


def ticks(scope: Scope, number: Decimal, span: Span, largest: int) -> int | None:
    """A written number as ticks."""
    if abs(number) > largest:
        scope.say(NumberTooLarge(span=span, number=f"{number:,f}", limit=f"{largest:,}"))
        return None
    found = values.ticks_of_decimal(number)
    if found is None:
        scope.say(TooManyDecimals(span=span, number=plain(number)))
    return found


def plain(number: Decimal) -> str:
    """A number as people write it: no exponent, no needless zeros."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(scope: Scope, written: tree.Percent, least: int, most: int) -> Decimal | None:
    """A percentage from `least` to `most`, both in; `least` 0 means more than nothing."""
    value = written.value
    if not least <= value <= most or (least == 0 and value == 0):
        limits = f"above 0, up to {most}" if least == 0 else f"from {least} to {most}"
        scope.say(PercentOutOfRange(span=written.span, percent=plain(value), limits=limits))
        return None
    return value


class Length(NamedTuple):
    """A duration in microseconds, and the unit that it is a whole number of: a minute, an hour or a day."""

    micros: int
    unit: int


def length(scope: Scope, written: tree.Duration) -> Length | None:
    """A duration; weeks, months and years count as days. A fraction must be whole in a smaller unit."""
    exact = written.count * values.UNIT[written.unit]
    reason = ""
    if written.count <= 0:
        reason = "is no time at all"
    elif exact > LONGEST:
        reason = "is longer than 100 years"
    elif exact % values.MINUTE:
        reason = "is no whole number of minutes"
    if reason:
        scope.say(UnusableDuration(span=written.span, written=scope.report.quote(written.span), reason=reason))
        return None
    micros = int(exact)
    finest = {"minute": values.MINUTE, "hour": values.HOUR}.get(written.unit, values.DAY)
    unit = next(u for u in (values.DAY, values.HOUR, values.MINUTE) if u <= finest and micros % u == 0)
    return Length(micros, unit)


def instant(scope: Scope, written: tree.Date | tree.Time) -> int:
    """A day as the midnight that begins it, or a time, in the policy's zone."""
    if isinstance(written, tree.Date):
        return values.midnight(date.fromisoformat(written.text), scope.facts.zone)
    return values.instant(datetime.fromisoformat(written.text), scope.facts.zone)


def day_after(scope: Scope, written: tree.Date) -> int:
    """The instant at which a day is over."""
    day = date.fromisoformat(written.text)
    if day == date.max:
        return values.midnight(day, scope.facts.zone) + values.DAY
    return values.midnight(day + timedelta(days=1), scope.facts.zone)


def word(literal: tree.Literal_) -> str:
    """A value of a list or a `one of` as text: a bare word and a number stand for their own text."""
    match literal:
        case tree.Text(value=value):
            return value.strip(" \t\r\n")
        case tree.Number(value=number, text=text):
            return text.replace("_", "") or plain(number)
        case tree.Flag(value=flag):
            return "yes" if flag else "no"
        case tree.Date(text=text) | tree.Time(text=text) | tree.Name(text=text):
            return text


def fraction_text(number: Fraction) -> str:
    """A written number as people write it."""
    return plain(Decimal(number.numerator) / Decimal(number.denominator))
