"""Rows of an export as rows that a policy reads: what a sources file says, applied to one row, and to a whole table.

Nothing is decided about types here: a value is brought into a form that `dsl/facts.py` reads, and what cannot be is
left as it is, so that it is refused there.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timezone
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Self, TypeAlias
from zoneinfo import ZoneInfo

from ..dsl.facts import Refusal, Unreadable, read_instant, read_lead
from ..dsl.values import BLANKS, folded, instant, is_like, midnight, moment_of
from .sources import ISO, Cell, Condition, Events, KindRule, Leads
from .tables import BadRow, Binding, Row, Table, TableError, bind, nearest, open_table
from .times import COUNTS, moment_at, read_time

Raw: TypeAlias = Mapping[str, object]
"""A row of an export, by the names of its columns."""


class MappedRow(dict[str, object]):
    """A row as a policy reads it, which remembers the row that it was made of."""

    __slots__ = ("cells", "raw")

    def __init__(self, raw: Raw, cells: Iterable[Cell]) -> None:
        super().__init__()
        self.raw = raw
        self.cells = cells

    def as_written(self, refusal: Refusal) -> Refusal:
        """A refusal with the column and the value that stand in the export."""
        name, _, reason = refusal
        cell = next((cell for cell in self.cells if name in (cell.target, cell.name)), None)
        if cell is None or not cell.columns:
            return refusal
        column = next((one for one in cell.columns if not _blank(self.raw.get(one))), cell.columns[0])
        return column, self.raw.get(column), reason


@dataclass(frozen=True, slots=True)
class Skipped:
    """A row that the sources file leaves out, and why: `is_deleted is true`."""

    reason: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A row in which something is not written as the sources file says."""

    key: object
    column: str
    value: object
    reason: str


def as_written(row: Raw, refusal: Refusal) -> Refusal:
    """A refusal of a row as the person knows it: of an export, with the column and the value that stand there."""
    return row.as_written(refusal) if isinstance(row, MappedRow) else refusal


# ------------------------------------------------------------------ one row


def lead_row(leads: Leads, raw: Raw) -> MappedRow | Skipped | Refused:
    """A row of the leads' file as `read_lead` takes it."""
    skipped = _skipped(leads.skip, leads.only, raw)
    if skipped is not None:
        return skipped
    found = _found(leads.key, raw)
    key = None if found is None else found[1]
    row = MappedRow(raw, (leads.key, *leads.fields))
    row[leads.key_name] = key
    return _filled(row, leads.fields, key)


def event_row(events: Events, raw: Raw, keys: Mapping[str, object] | None = None) -> MappedRow | Skipped | Refused:
    """A row of an events' file as `read_event` takes it. `keys` finds a lead's key where the file has something else
    of the lead (`matches`)."""
    skipped = _skipped(events.skip, events.only, raw)
    if skipped is not None:
        return skipped
    found = _found(events.key, raw)
    key = None if found is None else found[1]
    if keys is not None and found is not None:
        key = keys.get(folded(_words(key)))
        if key is AMBIGUOUS:
            return Refused(None, *found, f"two leads have this `{events.matches}`: nobody knows whose event it is")
    try:
        kind = _kind_of(events, raw)
    except Unreadable as why:
        return Refused(key, "", None, str(why))
    if kind is None:
        return Skipped("not one of the kinds of `event`")
    cells = events.properties.get(kind, ())
    row = MappedRow(raw, (*_own(events), *cells))
    row[events.key_name] = key
    row["event"] = kind
    if "properties" in raw:
        row["properties"] = raw["properties"]
    if events.event_id is not None:
        own_id = _found(events.event_id, raw)
        row["event_id"] = None if own_id is None else own_id[1]
    return _filled(row, (events.at, *cells), key)


def _own(events: Events) -> tuple[Cell, ...]:
    event = (events.event,) if isinstance(events.event, Cell) else ()
    return (events.at, *event)


def _kind_of(events: Events, raw: Raw) -> str | None:
    """The kind of a row by its name in the policy; a word that the policy does not declare as it is; None where no
    condition holds."""
    match events.event:
        case str():
            return events.event
        case Cell():
            found = value_of(events.event, raw)
            word = "" if _blank(found) else _words(found)
            return events.kinds.get(word, word)
        case tuple():
            return next((rule.event for rule in events.event if _all_hold(rule.when, raw)), None)


def _filled(row: MappedRow, cells: Sequence[Cell], key: object) -> MappedRow | Refused:
    raw = row.raw
    for cell in cells:
        try:
            row[cell.target] = value_of(cell, raw)
        except Unreadable as why:
            column, value = _found(cell, raw) or (cell.columns[0], None)
            return Refused(key, column, value, str(why))
    return row


# ------------------------------------------------------------------ rows that are left out


def _skipped(skip: Sequence[Condition], only: Sequence[Condition], raw: Raw) -> Skipped | None:
    for condition in skip:
        if _holds(condition, raw):
            wanted = next(one for one in condition.values if _is(raw.get(condition.column), one))
            verb = "fits" if isinstance(wanted, str) and "*" in wanted else "is"
            # The value of the condition is shown: what stands in a pattern's place may be anybody's address.
            return Skipped(f"`{condition.column}` {verb} {_value_said(wanted)}")
    for condition in only:
        if not _holds(condition, raw):
            wanted = " or ".join(_value_said(value) for value in condition.values[:3])
            return Skipped(f"`{condition.column}` is not {wanted}")
    return None


def _value_said(value: str | bool | int | float) -> str:
    return "empty" if value == "" else f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _all_hold(conditions: Sequence[Condition], raw: Raw) -> bool:
    return all(_holds(condition, raw) for condition in conditions)


def _holds(condition: Condition, raw: Raw) -> bool:
    value = raw.get(condition.column)
    return any(_is(value, wanted) for wanted in condition.values)


def _is(value: object, wanted: str | bool | int | float) -> bool:
    if _blank(value):
        return wanted == ""
    if isinstance(wanted, bool):
        return _read("yes/no", value) is wanted
    if isinstance(wanted, int | float):
        return _read("number", value) == float(wanted)
    return is_like(folded(_words(value)), folded(wanted.strip()))


def _read(kind: str, value: object) -> object:
    """A value by the rules of `dsl/facts.py`; None where it cannot be read."""
    return _read_text(kind, value) if isinstance(value, str) else _read_any(kind, value)


def _read_any(kind: str, value: object) -> object:
    clean, refusals = read_lead((("value", kind, False, "", None),), timezone.utc, {"value": value})
    return None if refusals else clean["value"]


@lru_cache(maxsize=4096)
def _read_text(kind: str, value: str) -> object:
    return _read_any(kind, value)


# ------------------------------------------------------------------ one value


def value_of(cell: Cell, raw: Raw) -> object:
    """The value that a row has for a cell, in a form that `dsl/facts.py` reads. Raises Unreadable with the reason."""
    if cell.value is not None:
        return cell.value
    found = _found(cell, raw)
    if found is None:
        return cell.map.get("")
    value = found[1]
    if cell.kind == "list of text":
        return _list(cell, value)
    if cell.map:
        there = cell.map.get(folded(_words(value)), cell.otherwise)
        if there is not None:
            return there
    match cell.kind:
        case "number":
            return _number_text(cell, value) if isinstance(value, str) else value
        case "yes/no":
            return _flag(cell, value)
        case "date" | "time":
            return _moment(cell, value)
        case _:
            return value


def _found(cell: Cell, raw: Raw) -> tuple[str, object] | None:
    """The first of a cell's columns that holds something, and what that is."""
    for column in cell.columns:
        value = raw.get(column)
        if not _blank(value) and not (cell.settings.empty and folded(_words(value)) in cell.settings.empty):
            return column, value
    return None


def _blank(value: object) -> bool:
    return value is None or value != value or (isinstance(value, str) and not value.strip(BLANKS))


def _words(value: object) -> str:
    """A value as a sources file writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip(BLANKS)


def _list(cell: Cell, value: object) -> object:
    if isinstance(value, str):
        text = value.strip(BLANKS)
        if text.startswith("["):
            if not cell.map:
                return value
            value = _read("list of text", text) or ()
        else:
            value = text.split(cell.settings.separator)
    if not cell.map or not isinstance(value, list | tuple):
        return value
    items: list[object] = []
    for item in value:
        mapped = cell.map.get(folded(_words(item)), cell.otherwise)
        items += [item] if mapped is None else mapped if isinstance(mapped, list) else [mapped]
    return items


_SPACES = "\u00a0\u202f\u2009"
"""The blanks that stand between thousands so that a number is not broken at the end of a line."""


def _number_text(cell: Cell, written: str) -> str:
    settings = cell.settings
    if not settings.thousands and settings.decimal == "." and not settings.unit:
        return written
    text = written.strip(BLANKS + _SPACES)
    negative = text[:1] in ("-", "−")
    text = _without_unit(text[1:] if negative else text, settings.unit)
    if not negative and text[:1] in ("-", "−"):
        negative, text = True, text[1:].strip(BLANKS + _SPACES)
    whole, sign, decimals = text.partition(settings.decimal)
    if settings.thousands:
        if settings.thousands == " ":
            whole = re.sub(f"[{_SPACES}]", " ", whole)
        elif settings.thousands == "'":
            whole = whole.replace("’", "'")
        if settings.thousands in whole:
            groups = whole.split(settings.thousands)
            if not re.fullmatch(r"[0-9]{1,3}", groups[0]) or not all(
                re.fullmatch("[0-9]{3}", one) for one in groups[1:]
            ):
                raise Unreadable(
                    f"`{written[:40]}` is not a number with `{settings.thousands}` between thousands: three digits"
                    " should stand behind each"
                )
            whole = "".join(groups)
    if settings.decimal != "." and "." in whole + decimals:
        raise Unreadable(f"`{written[:40]}` is not a number with the decimals behind `{settings.decimal}`")
    return ("-" if negative else "") + whole + ("." if sign else "") + decimals


def _without_unit(text: str, units: Sequence[str]) -> str:
    """Without the signs of currencies and the like that stand before or behind a number."""
    found = True
    while found:
        found = False
        text = text.strip(BLANKS + _SPACES)
        for unit in reversed(units):
            fold = folded(text)
            if unit and fold.startswith(unit) and len(fold) == len(text):
                text, found = text[len(unit) :], True
            elif unit and fold.endswith(unit) and len(fold) == len(text):
                text, found = text[: -len(unit)], True
    return text


def _flag(cell: Cell, value: object) -> object:
    word = folded(_words(value))
    answer: object = True if word in cell.settings.yes else False if word in cell.settings.no else None
    if answer is None:
        if not cell.opposite:
            return value
        answer = _read("yes/no", value)
        if answer is None:
            return value
    return not answer if cell.opposite else answer


def _moment(cell: Cell, value: object) -> object:
    settings = cell.settings
    zone = ZoneInfo(settings.time_zone) if settings.time_zone else cell.zone
    formats = tuple(one for one in settings.formats if one != ISO)
    moment: object = value
    if isinstance(value, str) and formats:
        try:
            moment = read_time(value, formats, zone)
        except Unreadable:
            if ISO not in settings.formats:
                raise
    elif isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        unit = next((one for one in formats if one in COUNTS), None)
        return value if unit is None else moment_at(value, unit)
    if not settings.time_zone:
        return moment
    if isinstance(moment, datetime):
        return _moment_at(instant(moment, zone), value)
    if isinstance(moment, date):
        return moment if cell.kind == "date" else _moment_at(midnight(moment, zone), value)
    if isinstance(moment, str) and not (cell.kind == "date" and len(moment.strip(BLANKS)) <= len("2026-03-01")):
        return moment_of(read_instant(moment, zone))
    return moment


def _moment_at(micros: int, written: object) -> datetime:
    try:
        return moment_of(micros)
    except OverflowError:
        raise Unreadable(f"`{written}` is outside the years 0001 to 9999 (in UTC)") from None


# ------------------------------------------------------------------ whole tables

AMBIGUOUS = object()
"""Stands for the key where two leads have the same of something."""


@dataclass(frozen=True)
class MappedLeads:
    """A file of leads, to be read as a sources file says."""

    path: Path
    leads: Leads


@dataclass(frozen=True)
class MappedEvents:
    """A file of events, to be read as a sources file says; `leads` is the file that `matches` looks into."""

    path: Path
    events: Events
    leads: MappedLeads | None


Input: TypeAlias = Path | MappedLeads | MappedEvents


def open_input(given: Input) -> Table:
    """Opens a table as it is, or as a sources file says."""
    if isinstance(given, MappedLeads):
        return MappedTable(open_table(given.path), _LeadMapping(given.leads))
    if isinstance(given, MappedEvents):
        return MappedTable(open_table(given.path), _EventMapping(given))
    return open_table(given)


def path_of(given: Input) -> Path:
    return given if isinstance(given, Path) else given.path


def left_out(table: Table) -> list[str]:
    """What a sources file has left out of a table that has been read, in words: `3 rows of x.csv skipped: ...`."""
    if not isinstance(table, MappedTable):
        return []
    rows = [
        f"{count:,} row{'' if count == 1 else 's'} of {table.name} skipped: {reason}"
        for reason, count in table.skipped.most_common()
    ]
    return [*table.notes, *rows]


class MappedTable:
    """A table whose rows are those of an export, as a policy reads them. They keep their numbers; what is refused has
    the export's column and value."""

    def __init__(self, table: Table, mapping: _LeadMapping | _EventMapping) -> None:
        self._table = table
        self._mapping = mapping
        self.name = table.name
        self.skipped: Counter[str] = Counter()
        self.notes: list[str] = []
        try:
            self._binding = bind(table, [column for column, _, _ in mapping.columns()])
            there = set(self._binding.headers.values())
            self._check(there)
            self.columns = mapping.targets(there)
        except BaseException:
            table.__exit__()
            raise

    def _check(self, there: set[str]) -> None:
        """A column that the sources file names must be there. JSON tells only in its rows which keys it has: of those
        that are not needed, what is missing is noted."""
        loose = "json" in "".join(Path(self.name).suffixes[-2:])
        for column, key, needed in self._mapping.columns():
            if not key or column in there:
                continue
            close = nearest(column, self._table.columns)
            names = ", ".join(self._table.columns[:20]) + (", ..." if len(self._table.columns) > 20 else "")
            message = f"{self.name} has no column `{column}`, which {self._mapping.sources} names ({key})"
            if needed or not loose:
                raise TableError(message, f"did you mean `{close}`?" if close else f"it has: {names}")
            self.notes.append(message + (f"; did you mean `{close}`?" if close else ""))

    def progress(self) -> float:
        return self._table.progress()

    def __enter__(self) -> Self:
        self._table.__enter__()
        return self

    def __exit__(self, *failure: object) -> None:
        self._table.__exit__(*failure)

    def rows(self, binding: Binding) -> Iterator[Row | BadRow]:
        self._mapping.prepare()
        renamed = {target: name for target, name in binding.headers.items() if target != name}
        for row in self._table.rows(self._binding):
            if isinstance(row, BadRow):
                yield row
                continue
            number, raw = row
            match self._mapping.row(raw):
                case Skipped(reason):
                    self.skipped[reason] += 1
                case Refused(key, column, value, reason):
                    shown = "" if value is None else str(value)[:200]
                    yield BadRow(number, column, shown, reason, "" if _blank(key) else _words(key))
                case found:
                    for target, name in renamed.items():
                        if target in found:
                            found[name] = found.pop(target)
                    yield number, found


class _LeadMapping:
    """How rows of the leads' file are turned."""

    def __init__(self, leads: Leads) -> None:
        self._leads = leads
        self.sources = leads.sources

    def columns(self) -> list[tuple[str, str, bool]]:
        """The columns that are wanted, the keys of the sources file that name them, and whether they must be there."""
        leads = self._leads
        return [
            *_of_cell(leads.key, True),
            *(found for cell in leads.fields for found in _of_cell(cell, False)),
            *((one.column, one.key, False) for one in (*leads.skip, *leads.only)),
        ]

    def targets(self, there: set[str]) -> tuple[str, ...]:
        fields = [cell.target for cell in self._leads.fields if cell.value is not None or there & set(cell.columns)]
        return tuple(dict.fromkeys((self._leads.key_name, *fields)))

    def prepare(self) -> None:
        """Nothing is needed before the first row."""

    def row(self, raw: Raw) -> MappedRow | Skipped | Refused:
        return lead_row(self._leads, raw)


class _EventMapping:
    """How rows of an events' file are turned."""

    def __init__(self, given: MappedEvents) -> None:
        self._events, self._leads = given.events, given.leads
        self.sources = given.events.sources
        self._keys: Mapping[str, object] | None = None

    def columns(self) -> list[tuple[str, str, bool]]:
        events = self._events
        rules: tuple[KindRule, ...] = events.event if isinstance(events.event, tuple) else ()
        return [
            *_of_cell(events.key, True),
            *_of_cell(events.at, True),
            *(_of_cell(events.event, True) if isinstance(events.event, Cell) else ()),
            *(_of_cell(events.event_id, False) if events.event_id is not None else ()),
            *((one.column, one.key, True) for rule in rules for one in rule.when),
            *((one.column, one.key, False) for one in (*events.skip, *events.only)),
            *(found for cells in events.properties.values() for cell in cells for found in _of_cell(cell, False)),
            ("properties", "", False),
        ]

    def targets(self, there: set[str]) -> tuple[str, ...]:
        events = self._events
        names = [
            cell.target
            for cells in events.properties.values()
            for cell in cells
            if cell.value is not None or there & set(cell.columns)
        ]
        own = [events.key_name, "event", "at", *(["event_id"] if events.event_id is not None else [])]
        return tuple(dict.fromkeys((*own, *(["properties"] if "properties" in there else []), *names)))

    def prepare(self) -> None:
        if self._events.matches and self._leads is not None:
            self._keys = keys_by(self._leads, self._events)

    def row(self, raw: Raw) -> MappedRow | Skipped | Refused:
        return event_row(self._events, raw, self._keys)


def _of_cell(cell: Cell, needed: bool) -> list[tuple[str, str, bool]]:
    return [(column, cell.key, needed) for column in cell.columns]


def keys_by(given: MappedLeads, events: Events) -> Mapping[str, object]:
    """The keys of the leads by what stands in the column that `matches` names."""
    leads, column = given.leads, events.matches
    keys: dict[str, object] = {}
    conditions = [one.column for one in (*leads.skip, *leads.only)]
    with open_table(given.path) as table:
        binding = bind(table, (*leads.key.columns, column, *conditions))
        if column not in binding.headers.values():
            close = nearest(column, table.columns)
            message = f"{table.name} has no column `{column}`, which {events.sources} names ({events.place}.matches)"
            raise TableError(message, f"did you mean `{close}`?" if close else f"it has: {', '.join(table.columns)}")
        for row in table.rows(binding):
            if isinstance(row, BadRow) or _skipped(leads.skip, leads.only, row[1]) is not None:
                continue
            key, value = _found(leads.key, row[1]), row[1].get(column)
            if key is None or _blank(value):
                continue
            word = folded(_words(value))
            if keys.setdefault(word, key[1]) != key[1]:
                keys[word] = AMBIGUOUS
    return keys
