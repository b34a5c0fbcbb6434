"""Times as exports write them: formats like `%d.%m.%Y %H:%M`, and counts of seconds since 1970.

The formats are those of `strptime`, read here in the same way on every machine: the names of months and days are
English, and no setting of the system takes part.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from functools import lru_cache

from ..dsl.facts import EARLIEST, LATEST, Unreadable
from ..dsl.values import BLANKS, SECOND, instant, moment_of

COUNTS: Mapping[str, int] = {"seconds": SECOND, "milliseconds": SECOND // 1_000, "microseconds": 1}
"""Formats that count since the first midnight of 1970 in UTC, and how many microseconds their unit has."""

_MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


def _names(words: list[str]) -> str:
    return "|".join(f"{word[:3]}(?:{word[3:]})?" if word[3:] else word for word in words)


_DIRECTIVES: Mapping[str, str] = {
    "Y": r"(?P<year>[0-9]{4})",
    "y": r"(?P<short_year>[0-9]{2})",
    "m": r"(?P<month>[0-9]{1,2})",
    "b": rf"(?P<month_name>{_names(_MONTHS)})",
    "B": rf"(?P<month_name>{_names(_MONTHS)})",
    "d": r"(?P<day>[0-9]{1,2})",
    "H": r"(?P<hour>[0-9]{1,2})",
    "I": r"(?P<half_hour>[0-9]{1,2})",
    "M": r"(?P<minute>[0-9]{1,2})",
    "S": r"(?P<second>[0-9]{1,2})",
    "f": r"(?P<fraction>[0-9]{1,9})",
    "p": r"(?P<half>[ap])\.?m\.?",
    "a": rf"(?P<weekday>{_names(_DAYS)})\.?",
    "A": rf"(?P<weekday>{_names(_DAYS)})\.?",
    "z": r"(?P<zone>z|[+-][0-9]{2}(?::?[0-9]{2})?)",
    "%": "%",
}
_LITERAL_UTC = re.compile(r"\b(?:UTC|GMT)\b|(?<![A-Za-z])Z$")


@dataclass(frozen=True, slots=True)
class _Format:
    shape: re.Pattern[str]
    has_hour: bool
    in_utc: bool


def why_no_format(written: str) -> str | None:
    """What is wrong with a format, in words that follow it; None if it can be used.

    >>> why_no_format("%d.%m.%Y")
    >>> why_no_format("%d.%m.")
    'does not say where the year stands (%Y)'
    """
    if written in COUNTS:
        return None
    found = re.findall(r"%[-#]?(.?)", written)
    if not any(one in _DIRECTIVES and one != "%" for one in found):
        return 'is no format: write it like "%d.%m.%Y %H:%M", or as seconds or milliseconds'
    for one in found:
        if one == "Z":
            return 'has %Z, which means something else on every machine: write UTC in its place, or %z for "+01:00"'
        if one not in _DIRECTIVES:
            return f"has %{one}, which is none of {' '.join('%' + known for known in _DIRECTIVES)}"
    meant = [_same(one) for one in found]
    twice = next((one for one in found if one != "%" and meant.count(_same(one)) > 1), None)
    if twice is not None:
        return f"has %{twice} or the like twice"
    for needed, what in (("Y", "the year stands (%Y)"), ("m", "the month stands (%m)"), ("d", "the day stands (%d)")):
        if needed not in meant:
            return f"does not say where {what}"
    if "I" in found and "p" not in found:
        return "has hours from 1 to 12 (%I) without AM or PM (%p): write %H if they go to 23"
    if "p" in found and "I" not in found:
        return "has AM or PM (%p) without hours from 1 to 12 (%I)"
    return None


def _same(directive: str) -> str:
    return {"y": "Y", "b": "m", "B": "m", "A": "a"}.get(directive, directive)


def read_time(text: str, formats: tuple[str, ...], zone: tzinfo) -> datetime | date:
    """The moment that a text gives in the first format that fits. One without an hour is a date: a day, not a moment.

    Raises Unreadable with the reason.
    """
    text = text.strip(BLANKS)
    for written in formats:
        if written in COUNTS:
            if re.fullmatch(r"-?[0-9]{1,18}(\.[0-9]{1,9})?", text):
                return moment_at(Decimal(text), written)
            continue
        form = _compiled(written)
        shape = form.shape.fullmatch(text)
        if shape is not None:
            return _moment(text, shape, form, timezone.utc if form.in_utc else zone)
    wanted = " or ".join(f"`{written}`" for written in formats)
    raise Unreadable(f"`{text[:40]}` is not written as {wanted}")


def moment_at(count: Decimal | int | float, unit: str) -> datetime:
    """The moment so many seconds, milliseconds or microseconds after the beginning of 1970 in UTC."""
    exact = Decimal(str(count))
    micros = int(exact * COUNTS[unit]) if exact.is_finite() else LATEST + 1
    if not EARLIEST <= micros <= LATEST:
        larger = {"seconds": "milliseconds", "milliseconds": "microseconds"}.get(unit)
        hint = f"; is it a count of {larger}?" if larger and micros > 0 else ""
        raise Unreadable(f"`{count}` {unit} since 1970 lie outside the years 0001 to 9999{hint}")
    return moment_of(micros)


@lru_cache(maxsize=256)
def _compiled(written: str) -> _Format:
    parts = []
    rest = re.sub(r"%[-#]", "%", written.strip())
    for piece in re.findall(r"%.|\s+|[^%\s]+", rest):
        if piece.startswith("%"):
            parts.append(_DIRECTIVES[piece[1]])
        else:
            parts.append(r"\s+" if piece.isspace() else re.escape(piece))
    literal = re.sub(r"%.", "%", rest)
    return _Format(
        re.compile("".join(parts), re.IGNORECASE | re.ASCII),
        "%H" in rest or "%I" in rest,
        _LITERAL_UTC.search(literal) is not None,
    )


def _moment(text: str, shape: re.Match[str], form: _Format, zone: tzinfo) -> datetime | date:
    found = {name: value for name, value in shape.groupdict().items() if value is not None}
    if "short_year" in found:
        short = int(found["short_year"])
        year = short + (1900 if short >= 69 else 2000)
    else:
        year = int(found["year"])
    month_name = found.get("month_name", "").lower()[:3]
    month = next((at for at, name in enumerate(_MONTHS, 1) if name[:3] == month_name), 0) or int(found["month"])
    try:
        day = date(year, month, int(found["day"]))
        if not form.has_hour:
            return day
        hour = int(found["hour"]) if "hour" in found else _hour_of_half(found)
        moment = datetime(
            day.year,
            day.month,
            day.day,
            hour,
            int(found.get("minute", 0)),
            int(found.get("second", 0)),
            int(found.get("fraction", "0")[:6].ljust(6, "0")),
        )
    except ValueError:
        raise Unreadable(f"`{text[:40]}` is no time: neither the calendar nor the clock has it") from None
    ahead = found.get("zone")
    if ahead is not None:
        zone = timezone.utc if ahead.lower() == "z" else _ahead(ahead)
    micros = instant(moment, zone)
    if not EARLIEST <= micros <= LATEST:
        raise Unreadable(f"`{text[:40]}` is outside the years 0001 to 9999 (in UTC)")
    return moment_of(micros)


def _hour_of_half(found: Mapping[str, str]) -> int:
    hour = int(found["half_hour"])
    if not 1 <= hour <= 12:
        raise ValueError(hour)
    return hour % 12 + (12 if found["half"].lower() == "p" else 0)


def _ahead(written: str) -> timezone:
    digits = written[1:].replace(":", "").ljust(4, "0")
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    if minutes >= 24 * 60 or int(digits[2:]) > 59:
        raise Unreadable(f"`{written}` is no difference from UTC")
    return timezone(timedelta(minutes=-minutes if written[0] == "-" else minutes))
