"""What a `sources.toml` says: which exports a policy's leads and events come from, and what each column stands for.

The text is read and held against the policy here; `compiler/mapped.py` turns the rows. Everything that is wrong with a
text is reported together, each mistake with the key it stands under and a way out.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timezone, tzinfo
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo, available_timezones

from ..dsl.facts import FieldSpec, read_lead
from ..dsl.frozen import frozen
from ..dsl.values import folded
from .errors import DataError, ScorecError
from .folder import read_file, similar_file
from .policy import Policy
from .times import why_no_format

FILE_NAME = "sources.toml"
"""What the file is called that is found beside a policy."""

ISO = "iso"
"""The format of times that scorec reads without being told: 2026-03-01T10:00Z."""


@frozen
class Mistake:
    """Something wrong with a sources file: the key it stands under, what it is, and what to do."""

    key: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        said = f"{self.key}: {self.message}" if self.key else self.message
        return f"{said}; {self.hint}" if self.hint else said


class SourcesError(ScorecError):
    """A sources file cannot be used. `mistakes` holds everything that was found."""

    def __init__(self, name: str, mistakes: tuple[Mistake, ...]) -> None:
        self.name, self.mistakes = name, mistakes
        count = "1 mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"
        super().__init__("\n".join([f"{name} has {count}", *(f"  {mistake}" for mistake in mistakes)]))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.name, self.mistakes)


# ------------------------------------------------------------------ what a file says


@dataclass(frozen=True, slots=True)
class Settings:
    """How values are written. What a file does not say holds from `[defaults]`, what a field does not say from its
    file."""

    empty: tuple[str, ...] = ()
    """words that stand for nothing, folded"""
    yes: tuple[str, ...] = ()
    no: tuple[str, ...] = ()
    thousands: str = ""
    decimal: str = "."
    unit: tuple[str, ...] = ()
    separator: str = ";"
    formats: tuple[str, ...] = ()
    time_zone: str = ""


Constant: TypeAlias = str | bool | int | float | date | datetime | list[Any]


@dataclass(frozen=True)
class Cell:
    """Where one value stands in a row, and how it becomes a form that `dsl/facts.py` reads.

    `email = "E-mail"`, or `employees = { column = "Size", map = { "51-200" = 125 } }`
    """

    key: str
    """the key in the sources file; "" if the file does not speak of it, and the column has the policy's own name"""
    name: str
    target: str
    """the name under which `dsl/facts.py` looks for it"""
    kind: str
    columns: tuple[str, ...]
    """the first of them that holds something counts"""
    zone: tzinfo
    value: Constant | None = None
    """the same in every row"""
    map: Mapping[str, Constant] = field(default_factory=dict)
    """folded word -> value; "" is an empty cell"""
    otherwise: Constant | None = None
    opposite: bool = False
    settings: Settings = Settings()


@frozen
class Condition:
    """A column that holds one of some values. Texts may have `*` in them; "" is an empty cell.

    `Email = ["*@ourcompany.example", "test*"]`
    """

    key: str
    column: str
    values: tuple[str | bool | int | float, ...]


@frozen
class KindRule:
    """A kind of event that rows are of in which all conditions hold: `{ is = "form", when = { type = "Form" } }`."""

    event: str
    when: tuple[Condition, ...]


@frozen
class Leads:
    """`[leads]`: the file of leads."""

    sources: str
    file: Path
    key_name: str
    key: Cell
    fields: tuple[Cell, ...]
    skip: tuple[Condition, ...] = ()
    only: tuple[Condition, ...] = ()


@frozen
class Events:
    """`[[events]]`: a file of events."""

    sources: str
    place: str
    """the key of this file in the sources file, as `events 2`"""
    file: Path
    key_name: str
    key: Cell
    matches: str
    """the column of the leads' file that `key` is compared with; "" if it holds the lead's key itself"""
    at: Cell
    event: str | Cell | tuple[KindRule, ...]
    properties: Mapping[str, tuple[Cell, ...]]
    """kind of event -> how its properties are found"""
    kinds: Mapping[str, str]
    """what the data and the policy call a kind -> its name in the policy"""
    event_id: Cell | None = None
    skip: tuple[Condition, ...] = ()
    only: tuple[Condition, ...] = ()


@frozen
class Sources:
    """A sources file, held against a policy."""

    name: str
    leads: Leads | None
    events: tuple[Events, ...]

    def lead(self, row: Mapping[str, Any]) -> dict[str, Any] | None:
        """A row of the leads' export as `Policy.score` takes it; None if the file says that it is left out.

            lead = sources.lead(webhook["contact"])

        Raises `DataError` if something in it is not written as the file says.
        """
        from .mapped import lead_row

        if self.leads is None:
            raise ScorecError(f"{self.name} has no [leads]")
        return _taken("this lead", lead_row(self.leads, row))

    def event(self, row: Mapping[str, Any], file: str | None = None) -> dict[str, Any] | None:
        """A row of an export of events as `Policy.score` takes it; None if it is left out. `file` is the name of its
        file in the sources file, where that describes several. Raises `DataError` like `lead`."""
        from .mapped import event_row

        fitting = [one for one in self.events if file is None or one.file.name == Path(file).name]
        if not fitting or (file is None and len(fitting) > 1):
            known = ", ".join(one.file.name for one in self.events) or "none"
            what = "several files of events" if file is None and fitting else f"no file of events called `{file}`"
            raise ScorecError(f"{self.name} describes {what}; it describes {known}")
        return _taken("this event", event_row(fitting[0], row))


def _taken(what: str, found: object) -> dict[str, Any] | None:
    from .mapped import Refused, Skipped

    if isinstance(found, Refused):
        raise DataError(what, ((found.column, found.value, found.reason),))
    if isinstance(found, Skipped):
        return None
    assert isinstance(found, dict)
    return found


# ------------------------------------------------------------------ reading


def load_sources(path: str | os.PathLike[str], policy: Policy) -> Sources:
    """Reads a sources file for a policy. Raises `SourcesError` with everything that is wrong with it, and `ScorecError`
    if the file cannot be read."""
    name = os.fspath(path)
    if not Path(path).exists():
        hint = similar_file(Path(path))
        raise ScorecError(f"there is no file {name}" + (f": {hint}" if hint else ""))
    try:
        text = read_file(path).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SourcesError(name, (Mistake("", "it is not UTF-8 text", "save it as UTF-8"),)) from None
    found = read_sources(text, name, Path(path).parent, policy)
    if isinstance(found, Sources):
        return found
    raise SourcesError(name, found)


def read_sources(text: str, name: str, folder: Path, policy: Policy) -> Sources | tuple[Mistake, ...]:
    """The sources in a text, or everything that is wrong with it. Files are looked for from `folder` on. Never raises
    for what an author wrote."""
    # Only who scores exports waits for it.
    import tomllib

    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as failure:
        return (_syntax(str(failure), text),)
    except (RecursionError, ValueError):
        return (Mistake("", "it is not TOML that can be read: it is nested too deeply, or has a number too long"),)
    look = _Look(name, folder, policy, [])
    _only_keys(look, data, "", ("defaults", "leads", "events"))
    base = _settings(look, _table(look, data.get("defaults", {}), "defaults"), "defaults", Settings(), _ALL_SETTINGS)
    _only_keys(look, _table(look, data.get("defaults", {}), ""), "defaults", _ALL_SETTINGS)
    leads = _leads(look, _table(look, data["leads"], "leads"), base) if "leads" in data else None
    if leads is None and "leads" not in data:
        look.wrong("", "it has no [leads]", 'begin with [leads], file = "contacts.csv" and key = "Record ID"')
    events = []
    written = data.get("events", [])
    if isinstance(written, dict):
        written = [written]
    if not isinstance(written, list):
        look.wrong("events", "is not a list of files", "write [[events]] above the lines of each file")
        written = []
    for number, one in enumerate(written, 1):
        place = "events" if len(written) == 1 else f"events {number}"
        found = _events(look, _table(look, one, place), place, base)
        if found is not None:
            events.append(found)
    mistakes = tuple(dict.fromkeys(look.mistakes))
    return mistakes or Sources(name, leads, tuple(events))


def _syntax(said: str, text: str) -> Mistake:
    """The parser's words, with the line as a place."""
    line = re.search(r"\(at line (\d+), column \d+\)", said)
    what = said.split(" (at ")[0]
    what = what[:1].lower() + what[1:]
    if line is None:
        return Mistake("", f"it is not TOML: {what}")
    lines = text.split("\n")
    number = min(int(line[1]), len(lines))
    hint = ""
    if re.match(r"\s*[A-Za-z_-]+\s+[A-Za-z_(]", lines[number - 1]) or "invalid value" in what:
        hint = 'names of columns stand in quotes, as in email = "E-mail"'
    return Mistake(f"line {number}", f"this is not TOML: {what}", hint)


@dataclass
class _Look:
    """What is looked at, and what was found to be wrong."""

    name: str
    folder: Path
    policy: Policy
    mistakes: list[Mistake]

    def wrong(self, key: str, message: str, hint: str = "") -> None:
        self.mistakes.append(Mistake(key, message, hint))


_BY_KIND: Mapping[str, tuple[str, ...]] = {
    "text": (),
    "number": ("thousands", "decimal", "unit"),
    "yes/no": ("yes", "no"),
    "date": ("format", "time_zone"),
    "time": ("format", "time_zone"),
    "list of text": ("separator",),
}
"""The settings that say something about values of a type; `empty` does of all of them."""

_ALL_SETTINGS = ("empty", *dict.fromkeys(name for names in _BY_KIND.values() for name in names))
_OF_A_CELL = ("column", "value", "map", "otherwise", "opposite")
_OF_LEADS = ("file", "key", "fields", "skip", "only")
_OF_EVENTS = ("file", "key", "matches", "at", "event", "event_id", "properties", "skip", "only")


def _leads(look: _Look, table: Mapping[str, Any], base: Settings) -> Leads | None:
    policy = look.policy
    _only_keys(
        look, table, "leads", (*_OF_LEADS, *_ALL_SETTINGS), {one[0]: "leads.fields" for one in policy.lead_specs}
    )
    settings = _settings(look, table, "leads", base, _ALL_SETTINGS)
    file = _file(look, table, "leads")
    key = _key(look, table, "leads", "key", "the column that tells the leads apart", settings)
    written = _table(look, table.get("fields", {}), "leads.fields")
    specs = policy.lead_specs
    _known(look, written, "leads.fields", specs, "field", "the policy has no field `{}`")
    if policy.program.key in written:
        look.mistakes[:] = [one for one in look.mistakes if one.key != f"leads.fields.{policy.program.key}"]
        look.wrong(f"leads.fields.{policy.program.key}", "is the key of the leads", "name its column in leads.key")
    reserved = {policy.program.key}
    cells = _cells(look, written, "leads.fields", specs, settings, reserved)
    skip, only = _conditions(look, table, "leads", "skip"), _conditions(look, table, "leads", "only")
    if file is None or key is None:
        return None
    return Leads(look.name, file, policy.program.key, key, cells, skip, only)


def _events(look: _Look, table: Mapping[str, Any], place: str, base: Settings) -> Events | None:
    policy = look.policy
    kinds = dict(policy.event_kinds.values())
    names = {spec[0]: f"{place}.properties" for specs in kinds.values() for spec in specs}
    _only_keys(look, table, place, (*_OF_EVENTS, *_ALL_SETTINGS), names)
    settings = _settings(look, table, place, base, _ALL_SETTINGS)
    file = _file(look, table, place)
    key = _key(look, table, place, "key", "the column that tells whose events they are", settings)
    matches = table.get("matches", "")
    if not isinstance(matches, str) or ("matches" in table and not matches.strip()):
        look.wrong(f"{place}.matches", "is not the name of a column of the leads' file")
        matches = ""
    if "at" not in table:
        look.wrong(f"{place}.at", "is missing", "name the column that tells when it happened")
    at_spec: FieldSpec = ("at", "time", True, "", None)
    at = _cell(look, table.get("at", "at"), f"{place}.at", at_spec, settings)
    if at is not None and at.value is not None:
        look.wrong(f"{place}.at", "is the same for all events", "name the column that tells when each happened")
    event = _event_word(look, table, place, settings)
    event_id = _key(look, table, place, "event_id", "", settings) if "event_id" in table else None
    possible = _possible(event, policy)
    written = _table(look, table.get("properties", {}), f"{place}.properties")
    all_specs = [spec for kind in possible for spec in kinds[kind]]
    which = f"the event `{possible[0]}` has" if len(possible) == 1 else "none of these events has"
    _known(
        look,
        written,
        f"{place}.properties",
        all_specs,
        "property",
        which + (" no property `{}`" if len(possible) == 1 else " a property `{}`"),
    )
    reserved = {policy.program.key, "event", "at", "event_id"}
    properties = {
        kind: _cells(
            look,
            {name: value for name, value in written.items() if any(spec[0] == name for spec in kinds[kind])},
            f"{place}.properties",
            kinds[kind],
            settings,
            reserved,
        )
        for kind in possible
    }
    skip, only = _conditions(look, table, place, "skip"), _conditions(look, table, place, "only")
    if file is None or key is None or at is None or event is None:
        return None
    words = {word: name for word, (name, _) in policy.event_kinds.items()}
    key_name = policy.program.key
    return Events(look.name, place, file, key_name, key, matches, at, event, properties, words, event_id, skip, only)


def _event_word(
    look: _Look, table: Mapping[str, Any], place: str, settings: Settings
) -> str | Cell | tuple[KindRule, ...] | None:
    where = f"{place}.event"
    written = table.get("event")
    match written:
        case None:
            look.wrong(
                where,
                "is missing",
                'write event = "email_open" if all rows are of one kind, or event = { column = "Type" }',
            )
            return None
        case str():
            return _kind(look, written, where)
        case dict():
            cell = _cell(look, written, where, ("event", "text", True, "", None), settings)
            if cell is None:
                return None
            if cell.value is not None:
                look.wrong(where, "has a value", 'write event = "email_open" if all rows are of one kind')
            kinds: dict[str, Constant] = {}
            for word, value in cell.map.items():
                found = _kind(look, value, f"{where}.map") if value != "" else ""
                if found is not None:
                    kinds[word] = found
            otherwise = cell.otherwise
            if otherwise is not None:
                otherwise = _kind(look, otherwise, f"{where}.otherwise")
            return replace(cell, map=kinds, otherwise=otherwise)
        case list() if written:
            rules = [_kind_rule(look, one, f"{where} {number}") for number, one in enumerate(written, 1)]
            return tuple(rule for rule in rules if rule is not None)
        case _:
            look.wrong(where, "is neither a kind of event, nor a column, nor a list of kinds with conditions")
            return None


def _kind_rule(look: _Look, written: Any, where: str) -> KindRule | None:
    table = _table(look, written, where)
    _only_keys(look, table, where, ("is", "when"))
    kind = _kind(look, table["is"], f"{where}.is") if "is" in table else None
    if "is" not in table:
        look.wrong(where, "does not say which event it is", 'write { is = "form", when = { type = "Form" } }')
    conditions = _conditions(look, table, where, "when")
    return KindRule(kind, conditions) if kind is not None else None


def _kind(look: _Look, written: Any, where: str) -> str | None:
    """The policy's name of a kind of event."""
    kinds = look.policy.event_kinds
    if isinstance(written, str) and written.strip() in kinds:
        return kinds[written.strip()][0]
    known = [event.name for event in look.policy.program.events]
    if not isinstance(written, str):
        look.wrong(where, f"`{written}` is no kind of event")
    else:
        look.wrong(where, f"the policy has no event `{written}`", _meant(written, known) or _listed("it has", known))
    return None


def _possible(event: str | Cell | tuple[KindRule, ...] | None, policy: Policy) -> list[str]:
    """The kinds that a file's rows can be of."""
    match event:
        case str():
            return [event]
        case tuple():
            return list(dict.fromkeys(rule.event for rule in event))
        case _:
            return [one.name for one in policy.program.events]


# ------------------------------------------------------------------ cells


def _cells(
    look: _Look,
    written: Mapping[str, Any],
    where: str,
    specs: Sequence[FieldSpec],
    settings: Settings,
    reserved: set[str],
) -> tuple[Cell, ...]:
    """How each field is found: as the file says, else in the column of its own name."""
    cells = []
    for spec in specs:
        name, column = spec[0], spec[3]
        target = column or name
        key = f"{where}.{name}"
        if name in written:
            cell = _cell(look, written[name], key, spec, settings)
            clash = next((one for one in specs if one[0] != name and target in (one[0], one[3])), None)
            if target in reserved:
                look.wrong(key, f"the policy reads `{name}` from `{target}`, which has a meaning of its own")
            elif clash is not None:
                look.wrong(
                    key,
                    f"the policy reads both `{name}` and `{clash[0]}` from `{target}`",
                    f"leave out the `from` of `{name}` in the policy: the sources file names its column",
                )
            if cell is not None:
                cells.append(cell)
        elif target not in reserved:
            columns = tuple(dict.fromkeys((target, name)))
            cells.append(Cell("", name, target, spec[1], columns, look.policy.zone, settings=settings))
    return tuple(cells)


def _cell(look: _Look, written: Any, key: str, spec: FieldSpec, settings: Settings) -> Cell | None:
    name, kind, _, column, _ = spec
    target = column or name
    plain = Cell(key, name, target, kind, (), look.policy.zone, settings=settings)
    if isinstance(written, str | list):
        columns = _columns(look, written, key)
        return replace(plain, columns=columns) if columns else None
    if not isinstance(written, dict):
        look.wrong(key, f"`{written}` is no name of a column", f"write {{ value = {_toml(written)} }} for a constant")
        return None
    known = (*_OF_A_CELL, "empty", *_BY_KIND[kind])
    for setting in _ALL_SETTINGS:
        if setting in written and setting not in known:
            look.wrong(f"{key}.{setting}", f"says nothing about `{name}`, which is {_a(kind)}")
    _only_keys(look, written, key, (*known, *_ALL_SETTINGS))
    own = _settings(look, written, key, settings, known)
    found = replace(plain, settings=own, opposite=_flag(look, written, key, "opposite"))
    if found.opposite and kind != "yes/no":
        look.wrong(f"{key}.opposite", f"says nothing about `{name}`, which is {_a(kind)}")
    if "value" in written:
        others = [one for one in ("column", "map", "otherwise", "opposite") if one in written]
        if others:
            look.wrong(key, f"has a value and also {_and(others)}", "a value is the same in every row")
        value = _constant(look, written["value"], f"{key}.value", spec)
        return None if value is None else replace(found, value=value)
    if "column" not in written:
        look.wrong(key, "names no column", 'write { column = "...", ... }, or { value = ... } for a constant')
        return None
    columns = _columns(look, written["column"], f"{key}.column")
    mapped: dict[str, Constant] = {}
    for word, value in _table(look, written.get("map", {}), f"{key}.map").items():
        constant = _constant(look, value, f"{key}.map.{_toml_key(word)}", spec)
        fold = folded(word.strip())
        if fold in mapped:
            look.wrong(f"{key}.map", f"`{word}` stands there twice", "capitals make no difference")
        if constant is not None:
            mapped[fold] = constant
    otherwise = None
    if "otherwise" in written:
        otherwise = _constant(look, written["otherwise"], f"{key}.otherwise", spec)
        if "map" not in written:
            look.wrong(f"{key}.otherwise", "needs a map: it is for the values that are not in it")
    if found.opposite and "map" in written:
        look.wrong(f"{key}.opposite", "does not go together with a map", "say what is meant in the map")
    return replace(found, columns=columns, map=mapped, otherwise=otherwise) if columns else None


def _constant(look: _Look, written: Any, key: str, spec: FieldSpec) -> Constant | None:
    """A value as the policy's field can take it."""
    name, kind, _, _, allowed = spec
    if written == "":
        return ""
    value = str(written) if kind == "text" and type(written) in (int, bool) else written
    _, refusals = read_lead(((name, kind, False, "", allowed),), timezone.utc, {name: value})
    if refusals:
        close = _meant(written, allowed or ()) if isinstance(written, str) else ""
        look.wrong(key, refusals[0][2], close or ("" if allowed else f"`{name}` is {_a(kind)}"))
        return None
    constant: Constant = value
    return constant


def _key(look: _Look, table: Mapping[str, Any], place: str, name: str, purpose: str, settings: Settings) -> Cell | None:
    key = f"{place}.{name}"
    if name not in table:
        look.wrong(key, "is missing", f"name {purpose}")
        return None
    written = table[name]
    if isinstance(written, dict):
        look.wrong(key, "is not the name of a column", f'write {name} = "..."')
        return None
    columns = _columns(look, written, key)
    return Cell(key, name, name, "text", columns, look.policy.zone, settings=settings) if columns else None


def _columns(look: _Look, written: Any, key: str) -> tuple[str, ...]:
    names = written if isinstance(written, list) else [written]
    if not names or not all(isinstance(name, str) and name.strip() for name in names):
        look.wrong(key, "is no name of a column, and no list of such names")
        return ()
    return tuple(dict.fromkeys(name.strip() for name in names))


def _conditions(look: _Look, table: Mapping[str, Any], place: str, name: str) -> tuple[Condition, ...]:
    key = f"{place}.{name}"
    found = []
    for column, written in _table(look, table.get(name, {}), key).items():
        values = written if isinstance(written, list) else [written]
        where = f"{key}.{_toml_key(column)}"
        if not values or not all(isinstance(value, str | bool | int | float) for value in values):
            look.wrong(where, "is neither a text, a number, true or false, nor a list of them")
        else:
            found.append(Condition(where, column.strip(), tuple(values)))
    return tuple(found)


# ------------------------------------------------------------------ settings


def _settings(look: _Look, table: Mapping[str, Any], place: str, base: Settings, names: Iterable[str]) -> Settings:
    given = {name: table[name] for name in names if name in table and name in _ALL_SETTINGS}
    found = base
    for name, written in given.items():
        key = f"{place}.{name}"
        match name:
            case "empty" | "yes" | "no":
                words = _texts(look, written, key)
                change: dict[str, Any] = {name: tuple(folded(word.strip()) for word in words)}
            case "unit":
                change = {"unit": tuple(sorted((folded(word.strip()) for word in _texts(look, written, key)), key=len))}
            case "thousands" | "decimal":
                change = {name: _sign(look, written, key, name)}
            case "separator":
                if not isinstance(written, str) or not written:
                    look.wrong(key, "is no text that stands between the items of a list", 'such as ","')
                change = {"separator": written if isinstance(written, str) and written else ";"}
            case "format":
                change = {"formats": _formats(look, written, key)}
            case _:
                change = {"time_zone": _zone(look, written, key)}
        found = replace(found, **change)
    if found.thousands and found.thousands == found.decimal and ({"thousands", "decimal"} & set(given)):
        hint = 'write decimal = "," too' if found.thousands == "." else "one of them is wrong"
        look.wrong(f"{place}.thousands", f"`{found.thousands}` is also the sign before the decimals", hint)
    both = set(found.yes) & set(found.no)
    if both and ({"yes", "no"} & set(given)):
        look.wrong(f"{place}.yes", f"`{min(both)}` stands for yes and for no")
    return found


def _sign(look: _Look, written: Any, key: str, name: str) -> str:
    allowed = (".", ",") if name == "decimal" else (".", ",", " ", "'", "")
    if written in allowed and isinstance(written, str):
        return written
    look.wrong(key, f"`{written}` is none of {' '.join(f'`{sign}`' for sign in allowed if sign)}")
    return "." if name == "decimal" else ""


def _formats(look: _Look, written: Any, key: str) -> tuple[str, ...]:
    formats = _texts(look, written, key)
    for one in formats:
        why = None if one == ISO else why_no_format(one)
        if why is not None:
            look.wrong(key, f"`{one}` {why}")
    return tuple(formats)


def _zone(look: _Look, written: Any, key: str) -> str:
    if isinstance(written, str) and written:
        try:
            ZoneInfo(written)
            return written
        except (ValueError, OSError, KeyError):
            pass
    close = _meant(str(written), sorted(available_timezones()))
    look.wrong(key, f"there is no time zone `{written}`", close or 'zones are called like "Europe/Berlin" or "UTC"')
    return ""


def _texts(look: _Look, written: Any, key: str) -> list[str]:
    texts = written if isinstance(written, list) else [written]
    if all(isinstance(text, str) for text in texts):
        return texts
    look.wrong(key, "is neither a text nor a list of texts", "put every word in quotes")
    return []


def _flag(look: _Look, table: Mapping[str, Any], place: str, name: str) -> bool:
    written = table.get(name, False)
    if not isinstance(written, bool):
        look.wrong(f"{place}.{name}", "is neither true nor false", "write it without quotes")
    return written is True


# ------------------------------------------------------------------ small parts


def _table(look: _Look, written: Any, key: str) -> Mapping[str, Any]:
    if isinstance(written, dict):
        return written
    if key:
        look.wrong(key, "is not a table", f"write [{key}] and below it a line for each name")
    return {}


def _file(look: _Look, table: Mapping[str, Any], place: str) -> Path | None:
    written = table.get("file")
    if not isinstance(written, str) or not written.strip():
        what = "is missing" if written is None else "is no name of a file"
        look.wrong(f"{place}.file", what, "name the file, from the folder of the sources file on")
        return None
    if "\0" in written:
        look.wrong(f"{place}.file", "is no name of a file")
        return None
    return look.folder / written


def _only_keys(
    look: _Look,
    table: Mapping[str, Any],
    place: str,
    known: Sequence[str],
    elsewhere: Mapping[str, str] | None = None,
) -> None:
    for key in table:
        if key not in known:
            where = f"{place}.{_toml_key(key)}" if place else _toml_key(key)
            hint = f"it belongs under [{elsewhere[key]}]" if elsewhere and key in elsewhere else _meant(key, known)
            look.wrong(where, f"`{key}` means nothing here", hint or _listed("known are", list(known)))


def _known(
    look: _Look, written: Mapping[str, Any], place: str, specs: Sequence[FieldSpec], what: str, message: str
) -> None:
    names = list(dict.fromkeys(spec[0] for spec in specs))
    for name in written:
        if name not in names:
            by_column = next((spec[0] for spec in specs if spec[3] == name), None)
            hint = f"it is called `{by_column}` there" if by_column else _meant(name, names)
            look.wrong(f"{place}.{_toml_key(name)}", message.format(name), hint or _listed("it has", names))


def _meant(written: str, known: Iterable[str]) -> str:
    """`did you mean ...?`, or nothing where no name is close."""
    by_fold = {folded(one): one for one in known}
    close = get_close_matches(folded(written), list(by_fold), 1, 0.6)
    return f"did you mean `{by_fold[close[0]]}`?" if close else ""


def _listed(lead: str, names: Sequence[str]) -> str:
    if not names:
        return f"{lead} none"
    return f"{lead} {', '.join(names[:12])}" + (", ..." if len(names) > 12 else "")


def _and(names: Sequence[str]) -> str:
    return " and ".join((", ".join(names[:-1]), names[-1])) if len(names) > 1 else names[0]


def _a(kind: str) -> str:
    return f"a {kind}" if kind != "yes/no" else "yes or no"


def _toml_key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else '"' + name.replace('"', '\\"') + '"'


def _toml(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
