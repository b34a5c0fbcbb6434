"""A first policy from data: what columns and events look like, and a few rules to begin with.

Nothing of a person goes into the text: no value of a free text column is copied, and the example lead is invented.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Literal, TypeAlias

from ..dsl.facts import read_lead
from ..dsl.values import folded
from .tables import BadRow, TableError, bind, nearest, open_table

SAMPLE = 5_000
"""So many rows tell what a column holds."""

MOSTLY = 0.95
"""A column is of a type, and a key tells leads apart, if this share of the rows agrees: data have mistakes in them."""

MOST_VALUES = 12
MOST_KINDS = 30

TypeWord: TypeAlias = Literal["text", "number", "yes/no", "date", "time", "one of"]


@dataclass(frozen=True)
class Column:
    """A column as a field: its name in the policy, its name in the data, its type and what it holds."""

    name: str
    header: str
    type: TypeWord
    values: tuple[str, ...] = ()
    high: float = 0.0
    """the limit of the upper quarter of its numbers, rounded"""
    unreadable: int = 0
    """so many of the rows looked at hold something else; scoring will reject them"""

    def declaration(self) -> str:
        type_ = f"one of ({', '.join(map(_quoted, self.values))})" if self.type == "one of" else self.type
        source = f" from {_quoted(self.header)}" if self.header != self.name else ""
        rows = "1 row holds" if self.unreadable == 1 else f"{self.unreadable} rows hold"
        warning = f"  # {rows} something else, and will be rejected" if self.unreadable else ""
        return f"  {self.name}: {type_}{source}{warning}"


@dataclass(frozen=True)
class Kind:
    """A kind of event, its name in the data, and its properties."""

    name: str
    source: str
    properties: tuple[Column, ...] = ()


@dataclass(frozen=True)
class Schema:
    """What a first policy is about."""

    key: str
    columns: tuple[Column, ...]
    kinds: tuple[Kind, ...] = field(default=())


EXAMPLE = Schema(
    "lead_id",
    (
        Column("email", "email", "text"),
        Column("job_title", "job_title", "text"),
        Column("employees", "employees", "number", high=200),
        Column("country", "country", "one of", ("US", "CA", "GB", "other")),
        Column("opted_in", "opted_in", "yes/no"),
    ),
    (
        Kind("email_click", "email_click"),
        Kind("page_view", "page_view", (Column("url", "url", "text"),)),
        Kind("demo_request", "demo_request"),
    ),
)
"""Where there is no data to look at."""


# ------------------------------------------------------------------ looking at data


def schema_of(leads: Path | None, events: Sequence[Path]) -> Schema:
    """What the first rows of the tables tell; of what is not given, the example's."""
    key, columns = EXAMPLE.key, EXAMPLE.columns
    kinds: tuple[Kind, ...] = EXAMPLE.kinds if not events and leads is None else ()
    if leads is not None:
        headers, rows = sample(leads)
        header = key_of(headers, rows)
        key = header
        taken: set[str] = set(RESERVED) | {key}
        columns = tuple(
            column_of(other, cells_of(rows, other), taken) for other in headers if other != header and other
        )
    by_name: dict[str, Kind] = {}
    for file in events:
        for kind in kinds_of(file, key):
            by_name.setdefault(kind.name, kind)
    kinds = tuple(by_name.values()) or kinds
    return Schema(key, columns, kinds)


Rows: TypeAlias = Sequence[Mapping[str, object]]


def sample(path: Path) -> tuple[tuple[str, ...], Rows]:
    with open_table(path) as table:
        headers = tuple(dict.fromkeys(table.columns))
        rows: list[Mapping[str, object]] = []
        for row in table.rows(bind(table, headers)):
            if not isinstance(row, BadRow):
                rows.append(row[1])
            if len(rows) == SAMPLE:
                break
    if not rows:
        raise TableError(f"{path} has no readable rows", "the types of the fields are read from the data.")
    return headers, rows


def cells_of(rows: Rows, header: str) -> list[object]:
    return [value for row in rows if not _is_blank(value := row.get(header))]


def _is_blank(value: object) -> bool:
    return value is None or value != value or (isinstance(value, str) and not value.strip())


def key_of(headers: Sequence[str], rows: Rows) -> str:
    """The column that tells leads apart: by its name if it can be, else the first that does. In a column called
    `lead_id` a few more repetitions and gaps are taken for mistakes of the data."""

    def tells_apart(header: str) -> bool:
        cells = [str(cell).strip() for cell in cells_of(rows, header)]
        least = 0.5 if folded(header) in _LEAD_ID else MOSTLY
        return len(set(cells)) >= least * len(rows) and _type_of(cells)[0] in ("text", "number")

    by_name = [
        *(header for header in headers if folded(header) in _LEAD_ID),
        *(header for header in headers if folded(header) in ("id", "key", "contact_id", "customer_id", "record_id")),
        *(header for header in headers if folded(header).endswith(("_id", " id"))),
        *(header for header in headers if "email" in folded(header)),
    ]
    found = next(filter(tells_apart, by_name), None) or next(filter(tells_apart, headers), None)
    if found is None:
        raise TableError(
            "no column tells the leads apart: in each of them values are repeated or missing",
            "a table of leads needs a key, for example lead_id.",
        )
    return found


_LEAD_ID = ("lead_id", "leadid", "lead id")


def column_of(header: str, cells: Sequence[object], taken: set[str]) -> Column:
    name = fresh(identifier(header), taken)
    type_, unreadable = _type_of(cells)
    if type_ == "yes/no" and not _sounds_like_a_flag(header, cells):
        type_ = "number"
    if type_ == "number":
        return Column(name, header, type_, high=upper_quarter(cells), unreadable=unreadable)
    if type_ != "text":
        return Column(name, header, type_, unreadable=unreadable)
    values = _few_values(cells)
    return Column(name, header, "one of", values) if values else Column(name, header, "text")


def _type_of(cells: Sequence[object]) -> tuple[TypeWord, int]:
    """The type that almost all cells can be read as, by the very rules that scoring uses, and how many cannot."""
    types: tuple[TypeWord, ...] = ("yes/no", "number", "date", "time")
    for type_ in types:
        unreadable = 0
        for cell in cells:
            unreadable += not _is_readable(cell, type_)
            if unreadable > (1 - MOSTLY) * len(cells):
                break
        else:
            if cells:
                return type_, unreadable
    return "text", 0


def _is_readable(cell: object, type_: TypeWord) -> bool:
    if type_ == "date" and (isinstance(cell, datetime) or (isinstance(cell, str) and len(cell.strip()) > 10)):
        return False  # a time can be read as its day, but it says more than that
    return not read_lead((("x", type_, False, "", None),), timezone.utc, {"x": cell})[1]


def _sounds_like_a_flag(header: str, cells: Sequence[object]) -> bool:
    """Words (yes, true) speak for themselves; of 0 and 1 only the name can tell whether they are counts."""
    if any(isinstance(cell, bool) or (isinstance(cell, str) and not cell.strip().isdigit()) for cell in cells):
        return True
    return folded(header).startswith(("is_", "has_", "is ", "has ", "opt", "consent", "do_not", "wants"))


def _few_values(cells: Sequence[object]) -> tuple[str, ...]:
    """The values of a column that has few, and each of them often; else ()."""
    counts = Counter(str(cell).strip() for cell in cells)
    if not 2 <= len(counts) <= MOST_VALUES or len(cells) < 5 * len(counts):
        return ()
    if any(len(value) > 40 or "\n" in value for value in counts):
        return ()
    by_fold: dict[str, str] = {}
    for value, _ in counts.most_common():
        by_fold.setdefault(folded(value), value)
    return tuple(by_fold.values())


def upper_quarter(cells: Sequence[object]) -> float:
    numbers = sorted(float(str(cell)) for cell in cells if _is_readable(cell, "number"))
    limit = numbers[len(numbers) * 3 // 4]
    return float(f"{limit:.2g}")


def kinds_of(path: Path, key: str) -> tuple[Kind, ...]:
    headers, rows = sample(path)
    plain = {folded(header.strip()): header for header in headers}
    for needed in ("event", "at"):
        if needed not in plain:
            close = nearest(needed, headers)
            hint = f"rename `{close}`. " if close is not None else ""
            raise TableError(f"{path} has no column `{needed}`", f"{hint}it has: {', '.join(headers)}")
    names = Counter(str(row[plain["event"]]).strip() for row in rows if not _is_blank(row.get(plain["event"])))
    own = {plain["event"], plain["at"], *(plain[name] for name in (key, "lead_id", "event_id") if name in plain)}
    taken: set[str] = set(RESERVED)
    kinds = []
    for source, _ in names.most_common(MOST_KINDS):
        mine = [row for row in rows if str(row.get(plain["event"])).strip() == source]
        properties = []
        used: set[str] = set(RESERVED)
        for header in headers:
            cells = cells_of(mine, header)
            if header not in own and cells:
                found = column_of(header, cells, used)
                # The values of a property are not listed: a new campaign is no mistake.
                properties.append(found if found.type != "one of" else Column(found.name, header, "text"))
        kinds.append(Kind(fresh(identifier(source), taken), source, tuple(properties)))
    return tuple(kinds)


# ------------------------------------------------------------------ names

_OTHER_MEANINGS = """
and or not is in has if yes no any all count sum highest lowest average days hours minutes weeks months years day hour
minute week month year missing known between contains starts ends like when unless otherwise for per where event events
first last min max abs round floor ceil sqrt domain length words lead leads score band fit interest total readiness
next_step sales nurture wait everything at by of from to
"""
RESERVED = frozenset(_OTHER_MEANINGS.split())
"""Names that a field may not get: they mean something to the language, or to the policy that is written here."""


def identifier(text: str) -> str:
    name = re.sub(r"[^a-z0-9]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text).lower()).strip("_")
    return name if name and not name[0].isdigit() else f"x_{name}".rstrip("_")


def fresh(name: str, taken: set[str]) -> str:
    """The name, or the first variant of it that is free."""
    variants = (name, f"{name}_value", *(f"{name}_{number}" for number in range(2, 10_000)))
    found = next(variant for variant in variants if variant not in taken)
    taken.add(found)
    return found


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'


# ------------------------------------------------------------------ writing the policy


@dataclass(frozen=True)
class _Start:
    """A rule to begin with, and what the example lead must have to earn it."""

    name: str
    label: str
    condition: str
    given: tuple[tuple[str, str], ...]


def policy_text(name: str, schema: Schema, origin: str) -> str:
    """A first policy: it checks clean and its tests pass."""
    consent = next((column for column in schema.columns if _is_consent(column)), None)
    starts = _starts(schema, consent)
    # One rule of 100 points alone gives all or nothing, and nobody is in between.
    graded = bool(schema.kinds) or len(starts) != 1
    rules = [
        *_fit(starts),
        *_interest(schema.kinds),
        *_outcome(bool(schema.kinds), graded, bool(starts or schema.kinds)),
        *_gate(schema, consent, graded),
    ]
    parts = [
        f"# A first policy{origin}. Points and limits are a beginning: change them to what you know.",
        f'policy {name} "Our first policy"',
        "  language 1",
        "  version 0.1.0",
        "",
        f"lead by {schema.key}",
        *(column.declaration() for column in schema.columns),
        *([] if schema.columns else ["  # add the fields of a lead here"]),
        "",
        *_events(schema.kinds, rules),
        *rules,
        *_tests(schema, starts, consent),
    ]
    return "\n".join(parts).rstrip("\n") + "\n"


def _starts(schema: Schema, consent: Column | None) -> list[_Start]:
    """At most five rules: what tells most about a lead comes first."""
    makers: tuple[Callable[[Column], _Start | None], ...] = (_by_role, _by_number, _by_value, _by_flag)
    found: list[_Start] = []
    for maker in makers:
        for column in schema.columns:
            start = maker(column) if column is not consent else None
            if start is not None and len(found) < 5 and start.name not in {one.name for one in found}:
                found.append(start)
    if not found:
        found = [
            _Start(f"known_{column.name}", f"We know their {_spoken(column)}", f"{column.name} is known", _any(column))
            for column in schema.columns[:3]
            if column is not consent
        ]
    return found


def _by_role(column: Column) -> _Start | None:
    if column.type != "text" or not re.search(r"title|role|position|seniority", column.name):
        return None
    words = '("chief", "vp", "director", "head of", "owner")'
    condition = f"{column.name} has word any of {words}"
    return _Start("decides", "Decides, or close to it", condition, ((column.name, '"Director"'),))


def _by_number(column: Column) -> _Start | None:
    if column.type != "number" or column.high <= 0 or _is_identity(column):
        return None
    limit = f"{column.high:.15g}" if column.high < 1e15 else "1000000"
    if re.fullmatch(r"[0-9]+(\.[0-9]{1,4})?", limit) is None:
        return None
    marked = f"{int(limit):_}" if limit.isdigit() and int(limit) >= 1_000_000 else limit
    condition = f"{column.name} >= {marked}"
    return _Start(
        f"high_{column.name}", f"In the upper quarter by {_spoken(column)}", condition, ((column.name, limit),)
    )


def _by_value(column: Column) -> _Start | None:
    if column.type != "one of":
        return None
    value = _quoted(column.values[0])
    label = f"The most frequent {_spoken(column)}"
    return _Start(f"usual_{column.name}", label, f"{column.name} is {value}", ((column.name, value),))


def _by_flag(column: Column) -> _Start | None:
    if column.type != "yes/no" or _UNWELCOME.search(column.name):
        return None
    return _Start(f"is_{column.name}", f"{_spoken(column).capitalize()}: yes", column.name, ((column.name, "yes"),))


def _any(column: Column) -> tuple[tuple[str, str], ...]:
    match column.type:
        case "text":
            return ((column.name, '"something"'),)
        case "number":
            return ((column.name, "1"),)
        case "yes/no":
            return ((column.name, "yes"),)
        case "date" | "time":
            return ((column.name, "2026-01-01"),)
        case "one of":
            return ((column.name, _quoted(column.values[0])),)


def _is_consent(column: Column) -> bool:
    return column.type == "yes/no" and re.search(r"opt(ed)?_?in|consent|subscribed|agreed", column.name) is not None


_UNWELCOME = re.compile(
    r"unsub|opt(ed)?_?out|bounce|spam|complain|invalid|deleted|test|customer|do_not|_(sent|delivered|lost|error|merged)$"
)
"""Names of fields and events that are no reason to give points."""


def _is_identity(column: Column) -> bool:
    return re.search(r"(^|_)(id|key|phone|zip|postcode|postal)(_|$)|^lat|^lon", column.name) is not None


def _spoken(column: Column) -> str:
    return column.name.replace("_", " ")


def _shares(count: int) -> list[int]:
    """100 points in `count` parts, all multiples of five but the first."""
    part = max(1, 100 // count // 5 * 5)
    return [100 - part * (count - 1), *[part] * (count - 1)]


def _read(rules: Sequence[str]) -> frozenset[str]:
    """The kinds of events that rules count."""
    return frozenset(
        word
        for line in rules
        for counted in re.split(r"\b(?:for each|reset on)\b", re.sub('"[^"]*"', "", line))[1:]
        for word in re.findall(r"\w+", counted)
    )


def _events(kinds: Sequence[Kind], rules: Sequence[str]) -> list[str]:
    """One line for all kinds with the same properties."""
    groups: dict[tuple[Column, ...], list[Kind]] = {}
    for kind in kinds:
        groups.setdefault(kind.properties, []).append(kind)
    lines = []
    for properties, same in groups.items():
        names = [kind.name + ("" if kind.name == kind.source else f" from {_quoted(kind.source)}") for kind in same]
        if any(kind.name not in _read(rules) for kind in same):
            lines.append("# allow: unused-event - the data have it, and no rule counts it yet")
        lines.append(f"event {', '.join(names)}")
        lines.extend(column.declaration() for column in properties)
    return [*lines, ""] if lines else []


def _fit(starts: Sequence[_Start]) -> list[str]:
    if not starts:
        return ['score fit "Who they are" from 0 to 100', "  start at 50", ""]
    lines = ['score fit "Who they are" from 0 to 100']
    for points, start in zip(_shares(len(starts)), starts, strict=True):
        lines.append(f"  +{points} {start.name} {_quoted(start.label)} when {start.condition}")
    return [*lines, ""]


def _interest(kinds: Sequence[Kind]) -> list[str]:
    if not kinds:
        return []
    lines = ['score interest "What they do" from 0 to 100']
    leaving = [kind.name for kind in kinds if "unsub" in kind.name]
    if leaving:
        lines.append(f"  reset on {', '.join(leaving)}")
    counted = _counted(kinds)
    for most, kind in zip(_shares(len(counted)), counted, strict=True):
        each = max(1, most // 5)
        lines.append(f"  +{each} {kind.name}s for each {kind.name} in the last 30 days, at most {most} points")
    return [*lines, "", 'score total "Fit and interest" from 0 to 100 = 50% of fit + 50% of interest', ""]


def _counted(kinds: Sequence[Kind]) -> list[Kind]:
    """At most five kinds of events that give points; all of them if none sounds welcome."""
    return ([kind for kind in kinds if not _UNWELCOME.search(kind.name)] or [*kinds])[:5]


def _outcome(has_interest: bool, graded: bool, has_rules: bool) -> list[str]:
    waiting = [] if has_rules else ["# allow: unreachable-band - no rule gives points yet"]
    return [
        *waiting,
        f"band readiness of {'total' if has_interest else 'fit'}",
        *(f"  {line}" for line in waiting),
        "  hot >= 60",
        *(["  warm >= 30"] if graded else []),
        "  cold otherwise",
        "",
        'outcome sales "Somebody calls" within 1 day',
        *(['outcome nurture "The monthly programme"'] if graded else []),
        "",
        "decide next_step",
        "  sales when readiness is hot",
        *(["  nurture when readiness is warm"] if graded else []),
        "  wait otherwise",
        "",
    ]


def _gate(schema: Schema, consent: Column | None, graded: bool) -> list[str]:
    outcomes = "sales, nurture" if graded else "sales"
    if consent is not None:
        return [
            'gate consent "Nobody is contacted who did not agree to it"',
            f"  never {outcomes} unless {consent.name}",
            "",
        ]
    reach = _reach(schema)
    if reach is None:
        return []
    return [
        f'gate reachable "Nobody can be reached without {_spoken(reach)}"',
        f"  never {outcomes} when {reach.name} is missing",
        "",
    ]


def _reach(schema: Schema) -> Column | None:
    """The column by which a lead is reached."""
    by_name = [column for column in schema.columns if re.search(r"e_?mail|phone", column.name)]
    return next(iter([*by_name, *schema.columns]), None)


def _tests(schema: Schema, starts: Sequence[_Start], consent: Column | None) -> list[str]:
    given = dict(pair for start in starts for pair in start.given)
    barrier = consent or _reach(schema)
    if barrier is not None:
        given.setdefault(barrier.name, _any(barrier)[0][1])
    happened = [f"  event {kind.name} 5 times 1 day ago" for kind in _counted(schema.kinds)]
    scores = "fit is 100" if starts else "fit is 50"
    readiness = "hot" if starts or schema.kinds else "warm"
    lines = [
        'test "a lead that has everything goes to sales"' if readiness == "hot" else 'test "every lead is nurtured"',
        "  at 2026-03-02",
        *([f"  given {', '.join(f'{name} {value}' for name, value in given.items())}"] if given else []),
        *happened,
        f"  expect {scores} and readiness is {readiness}",
        f"  expect next_step is {'sales' if readiness == 'hot' else 'nurture'}",
        "",
    ]
    if barrier is not None:
        without = {name: value for name, value in given.items() if name != barrier.name}
        said = "agreed to nothing" if consent is not None else f"has no {_spoken(barrier)}"
        lines += [
            f'test "the same lead, but one that {said}"',
            "  at 2026-03-02",
            *([f"  given {', '.join(f'{name} {value}' for name, value in without.items())}"] if without else []),
            *happened,
            "  expect next_step is wait",
            "",
        ]
    if starts:
        lines += ['test "a lead of whom nothing is known waits"', "  at 2026-03-02", "  expect readiness is cold", ""]
    return lines


def describe(schema: Schema) -> str:
    """`8 fields and 3 kinds of events`"""
    fields = f"{len(schema.columns)} field" + ("" if len(schema.columns) == 1 else "s")
    if not schema.kinds:
        return fields
    return f"{fields} and {len(schema.kinds)} kind{'' if len(schema.kinds) == 1 else 's'} of events"


def policy_name(stem: str) -> str:
    """A policy's name from its file's: `Inbound leads` is `inbound_leads`."""
    return fresh(identifier("our_leads" if stem == "policy" else stem), set(RESERVED))
