"""How numbers, instants, values and names are written for people: the same everywhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

from ..dsl import ir
from ..dsl.source import Source, Span
from ..dsl.values import DAY, HOUR, MINUTE, moment_of


@dataclass(frozen=True, slots=True)
class Where:
    """A line of a policy or of a library that it uses. `of_library` tells that it is not the policy's own text."""

    file: str
    line: int
    of_library: bool = False

    def __str__(self) -> str:
        return f"{self.file} line {self.line}" if self.of_library else f"line {self.line}"


SUCH_EVENTS = "such events"
"""What the number of the events that fit a rule is called among the values that it has read."""


def where(program: ir.Program, sources: Mapping[str, Source], span: Span) -> Where | None:
    """The line that a span begins in; None where its text is not at hand."""
    source = sources.get(span.source)
    if source is None or span.end == 0:
        return None
    # Scores stand in the policy itself, never in a library.
    own = program.scores[0].span.source if program.scores else span.source
    return Where(source.name, source.position(span.start)[0], source.name != own)


def spoken(name: str) -> str:
    """`mid_market` is "mid market"."""
    return name.rpartition(".")[2].replace("_", " ")


def points_text(ticks: int) -> str:
    """Ticks as the shortest exact decimal: 425000 is `42.5`."""
    whole, rest = divmod(ticks if ticks >= 0 else -ticks, 10_000)
    sign = "-" if ticks < 0 else ""
    return f"{sign}{whole}.{rest:04d}".rstrip("0") if rest else f"{sign}{whole}"


def signed(ticks: int) -> str:
    """`+30`, `-12.5`"""
    return ("+" if ticks > 0 else "") + points_text(ticks)


def percent_text(share: Fraction) -> str:
    """`30%`"""
    return f"{float(share * 100):g}%"


def moment_text(micros: int, zone: ZoneInfo) -> str:
    """`2026-03-02 10:00 UTC`, in a zone."""
    return moment_words(local_moment(micros, zone))


def local_moment(micros: int, zone: ZoneInfo) -> datetime:
    """An instant on the clocks of a zone; of UTC where the calendar of four-digit years ends."""
    moment = moment_of(micros)
    try:
        return moment.astimezone(zone)
    except OverflowError:
        return moment


def moment_words(moment: datetime) -> str:
    """`2026-03-02 10:00 CET`; seconds only where there are some."""
    shape = "%H:%M" if not (moment.second or moment.microsecond) else "%H:%M:%S"
    return f"{moment.date().isoformat()} {moment.strftime(shape)} {moment.tzname()}"


def value_text(kind: ir.Kind, value: ir.Value, zone: ZoneInfo) -> str:
    """A clean value as an author would write it; `missing` where there is none."""
    match value:
        case None:
            return "missing"
        case bool():
            return "yes" if value else "no"
        case tuple():
            return "(" + ", ".join(f'"{item}"' for item in value) + ")"
        case str():
            return f'"{value}"'
        case int() if kind is ir.Kind.DATE:
            return local_moment(value, zone).date().isoformat()
        case int() if kind is ir.Kind.TIME:
            return moment_text(value, zone)
        case _:
            return f"{value:.15g}"


def duration_text(micros: int) -> str:
    """`2 days`"""
    for unit, size in (("day", DAY), ("hour", HOUR), ("minute", MINUTE)):
        if micros % size == 0:
            count = micros // size
            return f"{count} {unit}" + ("" if count == 1 else "s")
    return f"{micros / MINUTE:g} minutes"


def values_text(values: tuple[tuple[str, str], ...]) -> str:
    """What a rule has read: `employees 1200, 3 such events`."""
    return ", ".join(map(_value_read, values))


def _value_read(pair: tuple[str, str]) -> str:
    name, value = pair
    if name == SUCH_EVENTS:
        return "1 such event" if value == "1" else f"{value} such events"
    return f"{name} {value}"
