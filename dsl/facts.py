"""Raw data -> clean facts: the one edge where what a CRM, a form or a spreadsheet wrote becomes values with a type.

Nothing is guessed. A value that cannot be read is refused with a reason in plain words, and the row it stands in is
not scored; an empty cell, NaN and infinity are missing (None).

A clean lead is a dict with every declared field: text trimmed (case kept), number as a double, yes/no as a bool, date
and time as microseconds since 1970 in UTC, list of text as a tuple of trimmed texts, None where it is missing. A clean
event is such a dict of its properties with `event`, the name of its kind, and `at`, its instant.

This module imports nothing of scorec but `values`, so that `scorec build --target python` can place the text of both
in a module that another application vendors.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timezone, tzinfo
from decimal import Decimal
from functools import lru_cache
from math import isfinite
from typing import Any, TypeAlias

from . import values

FieldSpec: TypeAlias = tuple[str, str, bool, str, tuple[str, ...] | None]
"""(name, type as the language says it, whether required, its column in the source or "", the values of `one of`)"""

Clean: TypeAlias = str | float | bool | int | tuple[str, ...] | None

Refusal: TypeAlias = tuple[str, Any, str]
"""(column, the value that stood there, why it cannot be read)"""

UNDECLARED = "the policy declares no event of this name"
"""The reason that refuses an event of another kind. Such events are counted, and nothing is wrong with them."""


class Unreadable(ValueError):
    """A value that cannot be read; the message says why."""


# ------------------------------------------------------------------ leads and events


def read_lead(
    specs: Sequence[FieldSpec], zone: tzinfo, raw: Mapping[str, Any]
) -> tuple[dict[str, Clean], list[Refusal]]:
    """A lead's row as clean facts, and everything in it that cannot be read (then the lead is not to be scored)."""
    clean: dict[str, Clean] = {}
    refusals: list[Refusal] = []
    _read_fields(specs, zone, raw, {}, clean, refusals)
    return clean, refusals


def read_event(
    kinds: Mapping[str, tuple[str, Sequence[FieldSpec]]], zone: tzinfo, raw: Mapping[str, Any]
) -> tuple[dict[str, Clean] | None, list[Refusal]]:
    """An event's row as a clean event, or None and the reasons why it is none.

    `kinds` finds a kind by its name in the data, or by its name in the policy. Properties stand beside `event` and
    `at`, or together under `properties`, as a mapping or as JSON.
    """
    written = raw.get("event")
    word = written.strip(values.BLANKS) if isinstance(written, str) else written
    if word is None or word == "":
        return None, [("event", written, "the event has no name")]
    kind = kinds.get(word) if isinstance(word, str) else None
    if kind is None:
        return None, [("event", written, UNDECLARED)]
    name, specs = kind
    refusals: list[Refusal] = []
    clean: dict[str, Clean] = {"event": name}
    moment = raw.get("at")
    try:
        at = _time(moment, zone, None) if moment is not None else None
        if at is None:
            refusals.append(("at", moment, "the event has no time"))
        clean["at"] = at
    except Unreadable as unreadable:
        refusals.append(("at", moment, str(unreadable)))
    more: Mapping[str, Any] = {}
    packed = raw.get("properties")
    if packed is not None and not any("properties" in (spec[0], spec[3]) for spec in specs):
        try:
            more = _unpacked(packed)
        except Unreadable as unreadable:
            refusals.append(("properties", packed, str(unreadable)))
    _read_fields(specs, zone, raw, more, clean, refusals)
    return (None if refusals else clean), refusals


def read_instant(raw: str | datetime | date, zone: tzinfo) -> int:
    """An instant in microseconds since 1970 in UTC. A time without a zone is in `zone`, a day is its midnight there.

    Raises Unreadable with the reason.

    >>> read_instant("1970-01-02T00:00Z", timezone.utc)
    86400000000
    """
    at = _time(raw, zone, None)
    if at is None:
        raise Unreadable("there is no time")
    return at


def _read_fields(
    specs: Sequence[FieldSpec],
    zone: tzinfo,
    raw: Mapping[str, Any],
    more: Mapping[str, Any],
    clean: dict[str, Clean],
    refusals: list[Refusal],
) -> None:
    """Reads each field from its column, or from its name where there is no such column."""
    for name, kind, required, column, allowed in specs:
        found = raw.get(column or name)
        if found is None:
            found = raw.get(name)
            if found is None and more:
                found = more.get(column or name)
                if found is None:
                    found = more.get(name)
        value: Clean = None
        if found is not None:
            try:
                value = _READERS[kind](found, zone, allowed)
            except Unreadable as unreadable:
                refusals.append((column or name, found, str(unreadable)))
                continue
        if required and value is None:
            refusals.append((column or name, found, f"`{name}` is required and is missing"))
        clean[name] = value


def _unpacked(packed: Any) -> Mapping[str, Any]:
    if isinstance(packed, str):
        text = values.trimmed(packed)
        if text is None:
            return {}
        packed = _from_json(text)
    else:
        packed = _plain(packed)
        if packed is None or packed != packed:
            return {}
    if not isinstance(packed, Mapping):
        raise Unreadable(f"{_quoted(packed)} is not a set of properties: write it as a JSON object")
    return packed


# ------------------------------------------------------------------ readers made once

Reader: TypeAlias = Callable[[Mapping[str, Any]], dict[str, Clean] | None]
"""Reads a row in which nothing is wrong. Of any other it gives None: `read_lead` and `read_event` know what to say."""

_Fill: TypeAlias = Callable[[Callable[[str], Any], dict[str, Clean]], bool]
_Read: TypeAlias = Callable[[Any, tzinfo, tuple[str, ...] | None], Clean]


def lead_reader(specs: Sequence[FieldSpec], zone: tzinfo) -> Reader:
    """`read_lead` for many leads: whatever depends on the fields alone is worked out here, once."""
    nothing: dict[str, Clean] = {spec[0]: None for spec in specs}
    new, fill = nothing.copy, _filler(specs, zone)

    def read(raw: Mapping[str, Any]) -> dict[str, Clean] | None:
        clean = new()
        return clean if fill(raw.get, clean) else None

    return read


def event_reader(kinds: Mapping[str, tuple[str, Sequence[FieldSpec]]], zone: tzinfo) -> Reader:
    """`read_event` for many events. It gives None of an event of another kind, and where properties are packed."""
    by_word: dict[str, tuple[Callable[[], dict[str, Clean]], _Fill | None, bool]] = {}
    for word, (name, specs) in kinds.items():
        nothing: dict[str, Clean] = {"event": name, "at": None, **{spec[0]: None for spec in specs}}
        may_be_packed = not any("properties" in (spec[0], spec[3]) for spec in specs)
        by_word[word] = (nothing.copy, _filler(specs, zone) if specs else None, may_be_packed)
    time_of = _read_of("time", zone, None)

    def read(raw: Mapping[str, Any]) -> dict[str, Clean] | None:
        get = raw.get
        word, moment, packed = get("event"), get("at"), get("properties")
        if type(word) is not str or moment is None or word not in by_word:
            return None
        new, fill, may_be_packed = by_word[word]
        if packed is not None and may_be_packed and (type(packed) is not str or packed):
            return None
        clean = new()
        try:
            clean["at"] = at = time_of(moment, zone, None)
        except Unreadable:
            return None
        return clean if at is not None and (fill is None or fill(get, clean)) else None

    return read


def _filler(specs: Sequence[FieldSpec], zone: tzinfo) -> _Fill:
    """Fills in the fields that `get` finds in a row; False if anything is wrong with one of them."""
    texts: list[tuple[str, str]] = []
    others: list[tuple[str, str, _Read, tuple[str, ...] | None]] = []
    for name, kind, _, column, allowed in specs:
        if kind == "text" and allowed is None:
            texts.append((name, column or name))
        else:
            others.append((name, column or name, _read_of(kind, zone, allowed), allowed))
    required = [spec[0] for spec in specs if spec[2]]
    blanks = values.BLANKS

    def fill(get: Callable[[str], Any], clean: dict[str, Clean]) -> bool:
        try:
            # Most fields are texts, and to call a function for one takes longer than to read it.
            for name, column in texts:
                found = get(column)
                if found is None and (column is name or (found := get(name)) is None):
                    continue
                if type(found) is str and found.isascii():
                    clean[name] = found.strip(blanks) or None
                else:
                    clean[name] = _text(found, zone, None)
            for name, column, read, allowed in others:
                found = get(column)
                if found is None and (column is name or (found := get(name)) is None):
                    continue
                clean[name] = read(found, zone, allowed)
        except Unreadable:
            return False
        for name in required:  # noqa: SIM110 - `all` takes three times as long
            if clean[name] is None:
                return False
        return True

    return fill


def _read_of(kind: str, zone: tzinfo, allowed: tuple[str, ...] | None) -> _Read:
    if kind == "text" and allowed is not None:
        return _one_of(allowed)
    if kind == "time" and (zone is timezone.utc or getattr(zone, "key", None) == "UTC"):
        return _time_in_utc
    return _READERS[kind]


def _one_of(allowed: tuple[str, ...]) -> _Read:
    at_once = {value: _declared(value, allowed) for value in allowed if value == values.trimmed(value)}

    def read(raw: Any, zone: tzinfo, allowed: tuple[str, ...] | None) -> str | None:
        found = at_once.get(raw) if type(raw) is str else None
        return _text(raw, zone, allowed) if found is None else found

    return read


# ------------------------------------------------------------------ text


def _text(raw: Any, zone: tzinfo, allowed: tuple[str, ...] | None) -> str | None:
    text = raw.strip(values.BLANKS) if isinstance(raw, str) else _text_of(raw)
    if not text:
        return None
    if not text.isascii():
        _refuse_half_characters(text)
    return text if allowed is None else _declared(text, allowed)


def _text_of(raw: Any) -> str:
    """Whole numbers are texts of digits (a postal code that a table holds as a number); nothing else is."""
    raw = _plain(raw)
    if isinstance(raw, int) and not isinstance(raw, bool):
        return str(raw) if abs(raw) < 10**400 else _refuse_long()
    if raw is None or raw != raw:
        return ""
    if isinstance(raw, str):
        return raw.strip(values.BLANKS)
    raise Unreadable(f"{_quoted(raw)} is not a text: put it in quotes")


def _refuse_long() -> str:
    raise Unreadable("the number is too long")


def _refuse_half_characters(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Unreadable("the text holds half of a character (a lone surrogate)") from None


def _declared(text: str, allowed: tuple[str, ...]) -> str:
    """The value of `one of` that was meant, as the policy writes it."""
    found = _by_folded(allowed).get(values.folded(text))
    if found is None:
        raise Unreadable(f"{_quoted(text)} is none of {', '.join(allowed)}")
    return found


@lru_cache(maxsize=1024)
def _by_folded(allowed: tuple[str, ...]) -> dict[str, str]:
    return {values.folded(value): value for value in reversed(allowed)}


def _texts(raw: Any, zone: tzinfo, allowed: tuple[str, ...] | None) -> tuple[str, ...] | None:
    """A list, a JSON array, or texts with `;` between them. Empty texts drop out; no text at all is a list of none."""
    if isinstance(raw, str):
        text = raw.strip(values.BLANKS)
        if not text:
            return None
        raw = _from_json(text) if text.startswith("[") else text.split(";")
    else:
        raw = _plain(raw)
        if raw is None or raw != raw:
            return None
    if not isinstance(raw, list | tuple):
        raise Unreadable(f"{_quoted(raw)} is not a list of texts")
    found = [_text(item, zone, None) for item in raw if item is not None]
    return tuple(text for text in found if text)


def _from_json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise Unreadable(f"{_quoted(text)} is not well-formed JSON") from None


# ------------------------------------------------------------------ number, yes/no

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_NOT_FINITE = frozenset({"nan", "inf", "-inf", "+inf", "infinity", "-infinity", "+infinity"})
_LONGEST_NUMBER = 400
_EXACT = 2**53


def _number(raw: Any, zone: tzinfo, allowed: tuple[str, ...] | None) -> float | None:
    if type(raw) is int and -_EXACT < raw < _EXACT:
        return float(raw)
    if isinstance(raw, str):
        if raw.isdigit() and raw.isascii() and len(raw) < 16:
            return float(raw)
        text = raw.strip(values.BLANKS)
        if len(text) > _LONGEST_NUMBER:
            raise Unreadable(f"{_quoted(text)} is too long for a number")
        if _NUMBER.fullmatch(text):
            number = float(text)
        elif not text or text.lower() in _NOT_FINITE:
            return None
        else:
            raise Unreadable(f"{_quoted(text)} is not a number: {_why_no_number(text)}")
    elif isinstance(raw, float):
        number = float(raw)
    else:
        return _number_of(_plain(raw))
    return number if isfinite(number) else None


def _number_of(raw: Any) -> float | None:
    if isinstance(raw, bool) or not isinstance(raw, int | float | Decimal | None):
        if raw != raw:
            return None
        raise Unreadable(f"{_quoted(raw)} is not a number")
    if raw is None or (isinstance(raw, Decimal) and not raw.is_finite()):
        return None
    try:
        number = float(raw)
    except OverflowError:
        return None
    return number if isfinite(number) else None


def _why_no_number(text: str) -> str:
    if re.fullmatch(r"-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?", text):
        return "write it without the comma"
    if re.fullmatch(r"-?[0-9]+,[0-9]+", text):
        return "write the decimals after a point"
    if re.fullmatch(r"-?[0-9]{1,3}(\.[0-9]{3})+(,[0-9]+)?", text):
        return "write it without the points between thousands, and the decimals after a point"
    if text.endswith("%"):
        return "write it without the percent sign"
    if text.startswith("+"):
        return "write it without the plus sign"
    if text[0] in "$€£¥₹" or text[-1] in "$€£¥₹":
        return "write it without the currency sign"
    if "_" in text:
        return "write it without the underscore"
    if re.fullmatch(r"-?[0-9]+(\s[0-9]+)+([.,][0-9]+)?", text):
        return "write it without the space inside"
    if re.fullmatch(r"-?(\.[0-9]+|[0-9]+\.)", text):
        return "write a digit on both sides of the point"
    if text[0] in "−–—":
        return "write the minus as `-`"
    if any(character.isdigit() for character in text) and not any(character in "0123456789" for character in text):
        return "write it with the digits 0 to 9"
    return "leave the cell empty where the number is not known"


_FLAGS = {
    word: answer
    for answer, words in ((True, ("yes", "true", "1", "y", "t")), (False, ("no", "false", "0", "n", "f")))
    for word in words
}


def _flag(raw: Any, zone: tzinfo, allowed: tuple[str, ...] | None) -> bool | None:
    if raw is True or raw is False:
        return bool(raw)
    if isinstance(raw, str):
        answer = _FLAGS.get(raw)
        if answer is not None:
            return answer
        text = raw.strip(values.BLANKS)
        answer = _FLAGS.get(text.lower())
        if answer is None and text:
            raise Unreadable(f"{_quoted(text)} is neither yes nor no")
        return answer
    raw = _plain(raw)
    if raw is None or raw != raw:
        return None
    if isinstance(raw, bool | int | float | Decimal) and raw in (0, 1):
        return bool(raw)
    raise Unreadable(f"{_quoted(raw)} is neither yes nor no")


# ------------------------------------------------------------------ date, time

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,9})?)?"
    r" ?([Zz]|[+-](?:[01][0-9]|2[0-3])(?::?[0-5][0-9])?)?"
)

EARLIEST = values.instant(datetime(1, 1, 1, tzinfo=timezone.utc))
LATEST = values.instant(datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=timezone.utc))
"""The first and the last microsecond that a calendar of four-digit years has, in UTC."""


def _date(raw: Any, zone: tzinfo, allowed: tuple[str, ...] | None) -> int | None:
    """The midnight that begins the day in `zone`. A time stands for its day there."""
    if isinstance(raw, str):
        text = raw.strip(values.BLANKS)
        if not text:
            return None
        if _DATE.fullmatch(text):
            return _midnight_written(text, zone)
        day: Any = _time_written(text, "date")
    else:
        day = _plain(raw)
    if isinstance(day, datetime):
        if day.tzinfo is not None:
            try:
                day = day.astimezone(zone)
            except OverflowError:
                raise Unreadable(f"{_quoted(raw)} is outside the years 0001 to 9999") from None
        day = day.date()
    if isinstance(day, date):
        return _in_range(raw, values.midnight(day, zone))
    if day is None or day != day:
        return None
    raise _no_moment(day, "date", "2026-03-01")


_REMEMBERED = 32_768
"""How many texts each of the tables below remembers: the hours of more than three years."""


class _Hours(dict[str, int]):
    """The instant, in UTC, of a day and an hour as `2026-03-01T10`. It knows no other text (KeyError), and not the
    first and the last days of the calendar, from where a zone may lead out of it."""

    _HOUR: Mapping[str, int] = {f"{between}{hour:02d}": hour for between in "Tt " for hour in range(24)}

    def __missing__(self, text: str) -> int:
        hour = self._HOUR[text[10:]]
        try:
            day = values.midnight(date.fromisoformat(text[:10])) if _DATE.fullmatch(text, 0, 10) else EARLIEST
        except ValueError:
            day = EARLIEST
        if not EARLIEST + values.DAY <= day <= LATEST - 2 * values.DAY:
            raise KeyError(text)
        return _remember(self, text, day + hour * values.HOUR)


_PAST = r":([0-5][0-9])(?::([0-5][0-9])(?:\.([0-9]{1,9}))?)?"
_OFFSET = r"(?: ?(?:[Zz]|([+-])([01][0-9]|2[0-3])(?::?([0-5][0-9]))?))"


class _PastTheHour(dict[str, int]):
    """How long after the hour, in UTC, is what stands behind it: minutes, seconds and a zone, as `:30:05+01:00`. It
    knows no other text (KeyError)."""

    def __init__(self, shape: str) -> None:
        super().__init__()
        self._shape = re.compile(shape)

    def __missing__(self, text: str) -> int:
        shape = self._shape.fullmatch(text)
        if shape is None:
            raise KeyError(text)
        minutes, seconds, fraction, sign, hours_ahead, minutes_ahead = shape.groups("0")
        ahead = int(hours_ahead) * values.HOUR + int(minutes_ahead) * values.MINUTE
        past = int(minutes) * values.MINUTE + int(seconds) * values.SECOND + (ahead if sign == "-" else -ahead)
        if shape[3] is not None:  # There are too many of these to remember them.
            return past + int(fraction[:6].ljust(6, "0"))
        return _remember(self, text, past)


def _remember(table: dict[str, int], text: str, micros: int) -> int:
    if len(table) >= _REMEMBERED:
        table.clear()
    table[text] = micros
    return micros


_HOURS = _Hours()
_PAST_THE_HOUR = _PastTheHour(_PAST + _OFFSET)
_PAST_THE_HOUR_IN_UTC = _PastTheHour(_PAST + _OFFSET + "?")


def _time_in_utc(raw: Any, zone: tzinfo, allowed: tuple[str, ...] | None) -> int | None:
    """`_time` where times without a zone are in UTC."""
    if type(raw) is str:
        try:
            return _HOURS[raw[:13]] + _PAST_THE_HOUR_IN_UTC[raw[13:]]
        except KeyError:
            pass
    return _time(raw, zone, allowed)


def _time(raw: Any, zone: tzinfo, allowed: tuple[str, ...] | None) -> int | None:
    """A time without a zone is in `zone`: where the clock shows it twice the first is meant, and where the clock leaps
    over it, the offset before the leap holds. A day is its midnight."""
    if isinstance(raw, str):
        try:
            return _HOURS[raw[:13]] + _PAST_THE_HOUR[raw[13:]]
        except KeyError:
            pass
        text = raw.strip(values.BLANKS)
        if not text:
            return None
        if _DATE.fullmatch(text):
            return _midnight_written(text, zone)
        moment: Any = _time_written(text, "time")
    elif type(raw) is datetime:
        return _in_range(raw, values.instant(raw, zone))
    else:
        moment = _plain(raw)
    if isinstance(moment, datetime):
        return _in_range(raw, values.instant(moment, zone))
    if isinstance(moment, date):
        return _in_range(raw, values.midnight(moment, zone))
    if moment is None or moment != moment:
        return None
    raise _no_moment(moment, "time", "2026-03-01T10:00Z")


@lru_cache(maxsize=65536)
def _midnight_written(text: str, zone: tzinfo) -> int:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Unreadable(f"{_quoted(text)} is not a date: the calendar has no such day") from None
    return _in_range(text, values.midnight(day, zone))


def _time_written(text: str, word: str) -> datetime:
    shape = _TIME.fullmatch(text)
    if shape is None:
        raise Unreadable(f"{_quoted(text)} is not a {word}: {_why_no_time(text, word)}")
    zone = shape.group(1)
    try:
        if zone is None:
            return datetime.fromisoformat(text.upper())
        return datetime.fromisoformat(text[: shape.start(1)].rstrip(" ").upper() + zone.upper())
    except ValueError:
        raise Unreadable(f"{_quoted(text)} is not a {word}: the calendar has no such day") from None


def _why_no_time(text: str, word: str) -> str:
    shape = "2026-03-01" if word == "date" else "2026-03-01T10:00Z"
    if re.fullmatch(
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{1,2}(:[0-9]{1,2}){1,2}(\.[0-9]+)? ?([Zz]|[+-][0-9:]+)?", text
    ):
        return "hours go from 00 to 23, minutes and seconds from 00 to 59, each with two digits"
    if re.fullmatch(r"[0-9]{1,2}-[0-9]{1,2}-[0-9]{1,2}\b.*", text):
        return f"write the year with four digits and first, as in {shape}"
    if re.fullmatch(r"(?![0-9]{4}-[0-9]{2}-[0-9]{2}\b)[0-9]{1,4}[/.-][0-9]{1,2}[/.-][0-9]{1,4}\b.*", text):
        return f"write year, month and day in this order, as in {shape}"
    if re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text):
        return f"a count of seconds or days can be misread; write it as {shape}"
    return f"write it as {shape}"


def _no_moment(raw: Any, word: str, shape: str) -> Unreadable:
    counted = isinstance(raw, int | float | Decimal) and not isinstance(raw, bool)
    why = "a count of seconds or days can be misread; " if counted else ""
    return Unreadable(f"{_quoted(raw)} is not a {word}: {why}write it as {shape}")


def _in_range(raw: Any, micros: int) -> int:
    if not EARLIEST <= micros <= LATEST:
        raise Unreadable(f"{_quoted(raw)} is outside the years 0001 to 9999 (in UTC)")
    return micros


# ------------------------------------------------------------------ small parts


def _plain(raw: Any) -> Any:
    """A scalar or array of a numeric library as the Python value that it holds; what stands for nothing as None."""
    if not isinstance(raw, int | float | Decimal | date | list | tuple | str):
        unwrap = getattr(raw, "tolist", None)
        raw = unwrap() if callable(unwrap) else raw
    stands_for_nothing = type(raw).__name__ in ("NaTType", "NAType") or (isinstance(raw, Decimal) and raw.is_nan())
    return None if stands_for_nothing else raw


def _quoted(raw: Any) -> str:
    """A value as a reason shows it: one line, not too long."""
    text = raw if isinstance(raw, str) else str(raw)[:200] if not isinstance(raw, int) else _digits(raw)
    text = " ".join(text[:200].split())
    return f"`{text[:39]}…`" if len(text) > 40 else f"`{text}`"


def _digits(number: int) -> str:
    return str(number) if abs(number) < 10**40 else "a very long number"


_READERS: dict[str, _Read] = {
    "text": _text,
    "number": _number,
    "yes/no": _flag,
    "date": _date,
    "time": _time,
    "list of text": _texts,
}
