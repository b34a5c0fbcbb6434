"""Exports of HubSpot, Marketo, Salesforce and Pardot, known by their columns: a first policy and a first `sources.toml`
from them.

Nothing of a person goes into either text. What a column means is known for the systems in the tables below; how its
values are written is looked at.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timezone
from pathlib import Path

from ..dsl.facts import Unreadable, read_lead
from ..dsl.values import folded
from .mapped import value_of
from .sources import Cell, Settings
from .starter import (
    MOSTLY,
    RESERVED,
    Column,
    Kind,
    Rows,
    Schema,
    cells_of,
    column_of,
    fresh,
    identifier,
    key_of,
    kinds_of,
    sample,
    upper_quarter,
)
from .tables import TableError

# ------------------------------------------------------------------ what is known of the systems


@dataclass(frozen=True)
class LeadExport:
    """A system's table of people: columns that only it has, its key, and rows that are to be left out. Names are
    without case, blanks and underscores: `Record ID`, `record_id` and `RecordId` are one."""

    system: str
    known_by: tuple[tuple[str, ...], ...]
    key: tuple[str, ...]
    skip: tuple[str, ...] = ()
    """columns of true and false; rows with true are left out"""
    beside_events: tuple[str, ...] | None = None
    """columns that are enough where a table of the system's activities lies beside it"""


LEAD_EXPORTS = (
    LeadExport(
        "HubSpot", (("recordid", "email"), ("hsobjectid",), ("vid", "email")), ("recordid", "hsobjectid", "vid")
    ),
    LeadExport(
        "Pardot",
        (("id", "isdonotemail"), ("id", "crmcontactfid"), ("id", "prospectaccountid")),
        ("id",),
        ("fivetrandeleted", "isdeleted"),
    ),
    LeadExport(
        "Salesforce",
        (("id", "systemmodstamp"), ("id", "hasoptedoutofemail"), ("id", "isdeleted", "ownerid")),
        ("id",),
        ("isdeleted", "fivetrandeleted"),
    ),
    LeadExport(
        "Marketo",
        (("id", "marketoguid"), ("id", "leadscore", "email"), ("id", "unsubscribedreason", "email")),
        ("id",),
        ("fivetrandeleted",),
        ("id", "email"),
    ),
)

OPTED_OUT = (
    "unsubscribedfromallemail",
    "hsemailoptout",
    "hasoptedoutofemail",
    "isdonotemail",
    "unsubscribed",
    "optedout",
)
"""Columns that say of consent the opposite of what a policy asks."""


@dataclass(frozen=True)
class EventExport:
    """A system's table of activities: columns that only it has, and where it says who, what and when."""

    system: str
    known_by: tuple[str, ...]
    key: str
    at: tuple[str, ...]
    kind: tuple[str, ...] = ()
    """the column that tells the kind"""
    kinds: Mapping[str, str] | None = None
    """what its words mean"""
    event: str = ""
    """the one kind of all rows, where no column tells it"""
    by_address: bool = False
    """the key is an e-mail address"""


_MARKETO = {
    "1": "web_visit",
    "2": "form_fill",
    "3": "link_click",
    "6": "email_sent",
    "7": "email_delivered",
    "8": "email_bounced",
    "9": "email_unsubscribed",
    "10": "email_open",
    "11": "email_click",
    "12": "new_lead",
    "13": "value_changed",
    "22": "score_changed",
    "27": "email_bounced_soft",
    "29": "lead_deleted",
    "32": "leads_merged",
    "46": "interesting_moment",
}
_PARDOT = {
    "1": "click",
    "2": "view",
    "3": "form_error",
    "4": "success",
    "6": "email_sent",
    "8": "opportunity",
    "9": "opportunity_won",
    "10": "opportunity_lost",
    "11": "email_open",
    "12": "unsubscribe_page",
    "13": "email_bounced",
    "14": "spam_complaint",
    "20": "visit",
    "35": "unsubscribe_indirect",
    "36": "email_bounced_indirect",
}
_HUBSPOT = {
    "sent": "email_sent",
    "delivered": "email_delivered",
    "open": "email_open",
    "click": "email_click",
    "bounce": "email_bounced",
    "spamreport": "spam_complaint",
    "statuschange": "email_unsubscribed",
}

EVENT_EXPORTS = (
    EventExport(
        "Marketo",
        ("activitydate", "activitytypeid", "leadid"),
        "leadid",
        ("activitydate",),
        ("activitytypeid",),
        _MARKETO,
    ),
    EventExport(
        "Pardot", ("prospectid", "type", "typename", "createdat"), "prospectid", ("createdat",), ("type",), _PARDOT
    ),
    EventExport("HubSpot", ("recipient", "type", "created"), "recipient", ("created",), ("type",), _HUBSPOT, "", True),
    EventExport(
        "HubSpot",
        ("formname", "conversiondate", "email"),
        "email",
        ("conversiondate",),
        event="form_submission",
        by_address=True,
    ),
    EventExport("Salesforce", ("whoid", "tasksubtype"), "whoid", ("completeddatetime", "activitydate"), event="task"),
    EventExport(
        "Salesforce", ("whoid", "startdatetime"), "whoid", ("activitydatetime", "startdatetime"), event="meeting"
    ),
)

TIME_FORMATS = (
    "%Y-%m-%d %H:%M:%S UTC",
    "%Y-%m-%d %H:%M:%S.%f UTC",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y",
    "%m/%d/%Y %I:%M %p",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y",
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d",
    "%d %b %Y",
    "%b %d, %Y",
)
"""Ways of writing times that are tried, in this order, where a column is not written as scorec reads it."""

UNITS = ("$", "€", "£", "¥", "%")
LOOKED_AT = 300
"""So many cells tell how a column is written."""

MOST_FIELDS = 40
MOST_PROPERTIES = 8


# ------------------------------------------------------------------ what was found


@dataclass(frozen=True)
class Field:
    """A field or a property, and how its column is described."""

    column: Column
    said: str
    note: str = ""

    def line(self) -> str:
        return f"{self.column.name} = {self.said}" + (f" # {self.note}" if self.note else "")


@dataclass(frozen=True)
class EventDraft:
    """A file of events as `[[events]]`."""

    path: Path
    system: str
    lines: tuple[str, ...]
    properties: tuple[Field, ...]
    kinds: tuple[Kind, ...]


@dataclass(frozen=True)
class Draft:
    """A first policy and a first sources file."""

    schema: Schema
    system: str
    leads: Path
    key: str
    skip: tuple[str, ...]
    fields: tuple[Field, ...]
    left_out: tuple[str, ...]
    events: tuple[EventDraft, ...]


def draft(leads: Path, events: Sequence[Path]) -> Draft | None:
    """What exports need; None for tables that a policy can read as they are."""
    headers, rows = sample(leads)
    known = _lead_export(headers, {_system(path) for path in events})
    key = _header(headers, known.key) if known is not None else key_of(headers, rows)
    name = "lead_id" if known is not None and _spaceless(key) == "id" else _key_name(key)
    taken = set(RESERVED) | {name}
    fields: list[Field] = []
    left_out: list[str] = []
    consent = False
    skipped = [header for header in headers if known is not None and _spaceless(header) in known.skip]
    for header in headers:
        cells = cells_of(rows, header)
        if header == key or not header or header in skipped:
            continue
        if known is not None and (not cells or _is_bookkeeping(header) or len(fields) == MOST_FIELDS):
            if cells:
                left_out.append(header)
            continue
        if not consent and _spaceless(header) in OPTED_OUT and "opted_in" not in taken:
            consent = True
            column = Column(fresh("opted_in", taken), "opted_in", "yes/no")
            note = "an empty cell stays unknown" if len(cells) < len(rows) else ""
            fields.append(Field(column, f"{{ column = {_text(header)}, opposite = true }}", note))
            continue
        fields.append(_field(header, cells, taken))
    drafts = _one_type_for_each_name([_events(path, leads, headers, key, name) for path in events])
    as_they_are = known is None and name == key and all(one.said == _text(one.column.header) for one in fields)
    if as_they_are and not any(one.system for one in drafts):
        return None
    columns = tuple(replace(one.column, header=one.column.name) for one in fields)
    kinds: dict[str, Kind] = {}
    for one in drafts:
        for kind in one.kinds:
            kinds.setdefault(kind.name, kind)
    return Draft(
        Schema(name, columns, tuple(kinds.values())),
        known.system if known is not None else "",
        leads,
        key,
        tuple(skipped),
        tuple(fields),
        tuple(left_out),
        tuple(drafts),
    )


def _lead_export(headers: Sequence[str], systems: set[str]) -> LeadExport | None:
    for one in LEAD_EXPORTS:
        beside = one.beside_events if one.system in systems else None
        if any(_has(headers, names) for names in one.known_by) or (beside is not None and _has(headers, beside)):
            return one
    return None


def _system(path: Path) -> str:
    headers, _ = sample(path)
    return next((one.system for one in EVENT_EXPORTS if _has(headers, one.known_by)), "")


def _one_type_for_each_name(drafts: Sequence[EventDraft]) -> list[EventDraft]:
    """A property has one type, whichever file it comes from: what has another gets another name."""
    types: dict[str, str] = {}
    found = []
    for one in drafts:
        names: dict[str, str] = {}
        for field in one.properties:
            name, number = field.column.name, 2
            while types.setdefault(name, field.column.type) != field.column.type:
                name, number = f"{field.column.name}_{number}", number + 1
            names[field.column.name] = name
        properties = tuple(
            replace(field, column=replace(field.column, name=names[field.column.name])) for field in one.properties
        )
        kinds = tuple(
            replace(
                kind,
                properties=tuple(
                    replace(prop, name=names.get(prop.name, prop.name), header=names.get(prop.name, prop.header))
                    for prop in kind.properties
                ),
            )
            for kind in one.kinds
        )
        found.append(replace(one, properties=properties, kinds=kinds))
    return found


def _has(headers: Iterable[str], names: Sequence[str]) -> bool:
    there = {_spaceless(header) for header in headers}
    return all(name in there for name in names)


def _header(headers: Iterable[str], names: Sequence[str]) -> str:
    """The header that is meant by the first of some names that is there."""
    by_name = {_spaceless(header): header for header in headers}
    return next(by_name[name] for name in names if name in by_name)


def _spaceless(header: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", folded(header))


def _key_name(header: str) -> str:
    if re.fullmatch(r"[A-Za-z_]\w*", header, re.ASCII) is not None:
        return header
    return identifier(header)


def _is_bookkeeping(header: str) -> bool:
    """Keys of other tables, and what a system notes for itself."""
    name = folded(header.strip())
    return name.startswith("_") or re.search(r"(^|[_ ])(id|fid|url|modstamp|pb|uuid)$", name) is not None


# ------------------------------------------------------------------ how values are written


def _field(header: str, cells: Sequence[object], taken: set[str]) -> Field:
    column = column_of(header, cells, taken)
    cells = cells[:LOOKED_AT]
    if column.type in ("text", "one of") and cells:
        written = _times(cells)
        if written is not None:
            formats, note = written
            type_ = "time" if any(re.search("%[HI]", one) for one in formats) else "date"
            shown = _text(formats[0]) if len(formats) == 1 else f"[{', '.join(map(_text, formats))}]"
            said = f"{{ column = {_text(header)}, format = {shown} }}"
            return Field(replace(column, type="time" if type_ == "time" else "date", values=()), said, note)
        number = _numbers(cells)
        if number is not None:
            settings, read = number
            high = upper_quarter(read)
            return Field(
                replace(column, type="number", values=(), high=high), f"{{ column = {_text(header)}, {settings} }}"
            )
    return Field(column, _text(header))


def _times(cells: Sequence[object]) -> tuple[tuple[str, ...], str] | None:
    """The formats in which almost all cells are written, and what is to be looked at."""
    if not all(isinstance(cell, str) for cell in cells):
        return None
    fitting = [one for one in TIME_FORMATS if _share(cells, "time", Settings(formats=(one,))) > 0]
    for formats in (*((one,) for one in fitting), tuple(fitting[:3])):
        if formats and _is_most(cells, "time", Settings(formats=formats)):
            swapped = formats[0].replace("%m/%d", "%d/%m") if "%m/%d" in formats[0] else ""
            unclear = bool(swapped) and _is_most(cells, "time", Settings(formats=(swapped,)))
            return formats, "look at it: day and month may be the other way round" if unclear else ""
    return None


def _numbers(cells: Sequence[object]) -> tuple[str, list[object]] | None:
    """How almost all cells are written as numbers, as settings, and the numbers."""
    units = tuple(unit for unit in UNITS if any(unit in str(cell) for cell in cells))
    for thousands, decimal in ((",", "."), (".", ","), (" ", ","), ("'", ".")):
        settings = Settings(thousands=thousands, decimal=decimal, unit=units)
        if not _is_most(cells, "number", settings):
            continue
        said = []
        if units:
            said.append("unit = " + (_text(units[0]) if len(units) == 1 else f"[{', '.join(map(_text, units))}]"))
        if any(thousands in str(cell) for cell in cells):
            said.append(f"thousands = {_text(thousands)}")
        if decimal == "," and any("," in str(cell) for cell in cells):
            said.append('decimal = ","')
        numbers = [_read("number", cell, settings) for cell in cells]
        return ", ".join(said), [number for number in numbers if number is not None]
    return None


def _is_most(cells: Sequence[object], kind: str, settings: Settings) -> bool:
    """Whether almost all cells are written so; of a handful one may be a mistake."""
    return _share(cells, kind, settings) >= min(MOSTLY, 1 - 1 / max(len(cells), 5))


def _share(cells: Sequence[object], kind: str, settings: Settings) -> float:
    return sum(_read(kind, cell, settings) is not None for cell in cells) / len(cells)


def _read(kind: str, cell: object, settings: Settings) -> object:
    described = Cell("", "x", "x", kind, ("x",), timezone.utc, settings=settings)
    try:
        found = value_of(described, {"x": cell})
    except Unreadable:
        return None
    if isinstance(found, date):
        return found
    clean, refusals = read_lead((("x", kind, False, "", None),), timezone.utc, {"x": found})
    return None if refusals else clean["x"]


# ------------------------------------------------------------------ events


def _events(path: Path, leads: Path, lead_headers: Sequence[str], lead_key: str, key_name: str) -> EventDraft:
    headers, rows = sample(path)
    known = next((one for one in EVENT_EXPORTS if _has(headers, one.known_by)), None)
    if known is None:
        return _plain_events(path, headers, lead_key, key_name)
    key, at = _header(headers, (known.key,)), _header(headers, known.at)
    lines = ["file = {file}", f"key = {_text(key)}"]
    if known.by_address:
        address = next((one for one in lead_headers if "email" in _spaceless(one)), None)
        if address is None:
            raise TableError(f"{path} knows people by their e-mail address, which {leads} has not")
        lines.append(f"matches = {_text(address)} # the column of the leads' file that `key` is compared with")
    ids = [header for header in headers if _spaceless(header) == "id"]
    lines.append(f"at = {_time_said(at, cells_of(rows, at))}")
    if ids:
        lines.append(f"event_id = {_text(ids[0])}")
    own = {key, at, *ids, *(_header(headers, (name,)) for name in known.kind)}
    kind_column = _header(headers, known.kind) if known.kind else None
    words = Counter(_word(row.get(kind_column)) for row in rows) if kind_column is not None else Counter([""])
    names = {word: (known.kinds or {}).get(folded(word)) or identifier(word) for word in words if word} or {
        "": known.event
    }
    if len(set(names.values())) == 1 and len(names) == len(words):
        lines.append(f"event = {_text(next(iter(names.values())))}")
    else:
        lines.append(f"event.column = {_text(str(kind_column))}")
        lines += [f"event.map.{_key(word)} = {_text(name)}" for word, name in names.items()]
    kinds: dict[str, Kind] = {}
    fields: dict[str, Field] = {}
    for word, name in names.items():
        mine = [row for row in rows if kind_column is None or _word(row.get(kind_column)) == word]
        properties = _properties([header for header in headers if header not in own], mine)
        fields |= {one.column.name: one for one in properties}
        kinds.setdefault(
            name, Kind(name, name, tuple(replace(one.column, header=one.column.name) for one in properties))
        )
    # A property has one type in all kinds: that of the first.
    same = {
        name: replace(
            kind, properties=tuple(replace(fields[one.name].column, header=one.name) for one in kind.properties)
        )
        for name, kind in kinds.items()
    }
    return EventDraft(path, known.system, tuple(lines), tuple(fields.values()), tuple(same.values()))


def _plain_events(path: Path, headers: Sequence[str], lead_key: str, key_name: str) -> EventDraft:
    """A table with columns `event` and `at`."""
    kinds = kinds_of(path, key_name)
    by_fold = {folded(header.strip()): header for header in headers}
    wanted = (lead_key, key_name, "lead_id")
    key = next((by_fold[folded(name)] for name in wanted if folded(name) in by_fold), None)
    if key is None:
        raise TableError(f"{path} has no column `{lead_key}`", f"it has: {', '.join(headers)}")
    lines = [
        "file = {file}",
        f"key = {_text(key)}",
        f"at = {_text(by_fold['at'])}",
        f"event.column = {_text(by_fold['event'])}",
    ]
    if "event_id" in by_fold:
        lines.append(f"event_id = {_text(by_fold['event_id'])}")
    own = {folded(key)}
    left = tuple(
        replace(kind, properties=tuple(one for one in kind.properties if folded(one.header) not in own))
        for kind in kinds
    )
    return EventDraft(path, "", tuple(lines), (), left)


def _properties(headers: Iterable[str], rows: Rows) -> list[Field]:
    taken = set(RESERVED)
    found: list[Field] = []
    for header in headers:
        cells = cells_of(rows, header)
        if cells and not _is_bookkeeping(header) and len(found) < MOST_PROPERTIES:
            one = _field(header, cells, taken)
            # The values of a property are not listed: a new campaign is no mistake.
            column = one.column if one.column.type != "one of" else replace(one.column, type="text", values=())
            found.append(replace(one, column=column))
    return found


def _time_said(header: str, cells: Sequence[object]) -> str:
    cells = cells[:LOOKED_AT]
    if not cells or _is_most(cells, "time", Settings()):
        return _text(header)
    written = _times(cells)
    if written is not None:
        formats, note = written
        shown = _text(formats[0]) if len(formats) == 1 else f"[{', '.join(map(_text, formats))}]"
        return f"{{ column = {_text(header)}, format = {shown} }}" + (f" # {note}" if note else "")
    for unit, digits in (("milliseconds", 13), ("seconds", 10)):
        if all(re.fullmatch(rf"[0-9]{{{digits}}}(\.[0-9]+)?", str(cell).strip()) for cell in cells):
            return f"{{ column = {_text(header)}, format = {_text(unit)} }}"
    return f'{_text(header)} # say how it is written: {{ column = {_text(header)}, format = "%d.%m.%Y %H:%M" }}'


def _word(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value).strip()


# ------------------------------------------------------------------ writing the sources file


def sources_text(found: Draft, folder: Path) -> str:
    """A first `sources.toml`, to stand in `folder`."""
    of = f" of {found.system}" if found.system else ""
    lines = [
        f"# What the exports{of} mean for the policy beside this file. docs/sources.md says what else can stand here.",
        "",
        "[leads]",
        f"file = {_text(_relative(found.leads, folder))}",
        f"key = {_text(found.key)}",
    ]
    if found.skip:
        said = ", ".join(f"{_key(header)} = true" for header in found.skip)
        lines.append(f"skip = {{ {said} }} # rows that are left out")
    else:
        email = next((one for one in found.fields if one.column.name == "email"), None)
        if email is not None:
            example = f'skip = {{ {_key(email.column.header)} = "*@yourcompany.example" }}'
            lines.append(f"# {example} # would leave out your own people")
    lines += ["", "[leads.fields]", "# the policy's field = the export's column", *(one.line() for one in found.fields)]
    if found.left_out:
        lines += ["# Not used:", *(f"#   {header}" for header in found.left_out[:100])]
    for events in found.events:
        file = _text(_relative(events.path, folder))
        about = f"# {events.path.name}" + (f": activities of {events.system}" if events.system else "")
        lines += ["", about, "[[events]]", *(line.replace("{file}", file, 1) for line in events.lines)]
        if events.properties:
            lines += ["", "[events.properties]", *(one.line() for one in events.properties)]
    return "\n".join(lines) + "\n"


def _relative(path: Path, folder: Path) -> str:
    try:
        return Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:  # on another drive
        return path.resolve().as_posix()


def _text(text: str) -> str:
    """A text as TOML writes it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in escaped) + '"'


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _text(name)
