"""Decision records: what one decision was made of and what came out, as one line of JSON, so that it can be made again.

A log is a file of such lines. It only ever grows: a run writes its records beside the log and appends them in one go
when all of them are there.
"""

from __future__ import annotations

import hmac
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from hashlib import sha256
from io import FileIO
from math import copysign
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeAlias
from zoneinfo import ZoneInfo

from ..dsl import ir
from ..dsl.facts import Clean
from ..dsl.result import Evaluation
from .errors import ScorecError
from .reading import parts
from .tables import Beside, TableError, instant_text
from .version import SEMANTICS
from .wording import local_moment, points_text

if TYPE_CHECKING:
    from .policy import Policy

FORM = 1
"""The form of a record, its member `record`: a later scorec that writes another form can still read this one."""

Json: TypeAlias = Any

MASKED = "masked"
"""The member that stands, alone in an object, where a value was: `{"masked": "sha256:..."}`."""

ENDINGS = (".jsonl", ".ndjson")


# ------------------------------------------------------------------ masks


@dataclass(frozen=True, slots=True)
class Mask:
    """What a record does not show, but only a digest of. With a `secret` nobody else can find out the value by trying
    values."""

    key: bool = False
    fields: frozenset[str] = frozenset()
    properties: frozenset[tuple[str, str]] = frozenset()
    """(kind of event, property)"""
    secret: bytes | None = None

    def hidden(self, value: Json) -> Json:
        """The digest in place of a value, as a record shows the value. What is missing stays missing."""
        if value is None:
            return None
        written = value.encode() if isinstance(value, str) else json.dumps(value, ensure_ascii=False).encode()
        if self.secret is None:
            return {MASKED: f"sha256:{sha256(written).hexdigest()}"}
        return {MASKED: f"hmac-sha256:{hmac.new(self.secret, written, sha256).hexdigest()}"}


def is_masked(value: Json) -> bool:
    return isinstance(value, dict)


def mask_of(policy: Policy, names: Iterable[str], secret: bytes | None = None) -> Mask:
    """`email` is a field, the key, or a property of any event; `page_view.url` a property of one kind of event.

    Raises `ScorecError` for a name that the policy does not have: what was to be hidden would be shown.
    """
    program = policy.program
    own = {field.name for field in program.fields}
    all_properties = {(event.name, prop.name) for event in program.events for prop in event.properties}
    fields: set[str] = set()
    properties: set[tuple[str, str]] = set()
    key = False
    for name in names:
        event, dot, prop = name.partition(".")
        if dot:
            found = {(event, prop)} & all_properties
        else:
            found = {one for one in all_properties if one[1] == name}
        if name in own:
            fields.add(name)
        if name == program.key:
            key = True
        properties |= found
        if not found and name not in own and name != program.key:
            known = [program.key, *own, *(f"{kind}.{prop}" for kind, prop in all_properties)]
            close = get_close_matches(name, sorted(known), 1)
            hint = f"did you mean `{close[0]}`?" if close else "name a field, or EVENT.PROPERTY."
            raise TableError(f"the policy has no `{name}` to mask", hint)
    # The same thing under another name: a key that is also a field, or a field that is read from the key's column.
    for field in program.fields:
        if program.key in (field.name, field.column) and (key or field.name in fields):
            key = True
            fields.add(field.name)
    return Mask(key, frozenset(fields), frozenset(properties), secret)


# ------------------------------------------------------------------ writing a record

Recorder: TypeAlias = Callable[[str | None, Mapping[str, Clean], Sequence[Mapping[str, Clean]], int, Evaluation], Json]
"""(the lead's key, the clean lead, its clean events, the as-of instant, the evaluation with reasons) -> the record"""


def recorder(policy: Policy, mask: Mask | None = None) -> Recorder:
    """Makes the records of a policy's decisions: whatever depends on the policy alone is worked out here, once."""
    from .. import __version__

    program, hide = policy.program, mask or Mask()
    head = {
        "policy": program.name,
        "version": program.version,
        "fingerprint": program.fingerprint,
        "scorec": __version__,
        "semantics": SEMANTICS,
        "timezone": program.timezone,
    }
    of_lead = [(one.name, _shown(one.kind, policy.zone), one.name in hide.fields) for one in program.fields]
    of_events = {
        event.name: [
            (prop.name, _shown(prop.kind, policy.zone), (event.name, prop.name) in hide.properties)
            for prop in event.properties
        ]
        for event in program.events
    }
    read_fields, read_properties = reads_of(policy)

    def record(
        key: str | None, lead: Mapping[str, Clean], events: Sequence[Mapping[str, Clean]], at: int, found: Evaluation
    ) -> Json:
        masked: dict[str, bool] = {}
        """what is masked, and whether the policy reads it"""
        shown_key: Json = key
        if hide.key and key is not None:
            shown_key = hide.hidden(key)
            masked[program.key] = False
        shown: dict[str, Json] = {}
        for name, show, hidden in of_lead:
            value = lead[name]
            told = None if value is None else show(value)
            if hidden and told is not None:
                told = hide.hidden(told)
                masked[name] = masked.get(name, False) or name in read_fields
            shown[name] = told
        happened = []
        for event in sorted(events, key=_moment):
            kind, moment = event["event"], event["at"]
            assert isinstance(kind, str) and isinstance(moment, int)
            if moment > at:
                continue
            told_event: dict[str, Json] = {"event": kind, "at": instant_text(moment)}
            for name, show, hidden in of_events[kind]:
                value = event.get(name)
                if value is None:
                    continue
                told = show(value)
                if hidden:
                    told = hide.hidden(told)
                    full = f"{kind}.{name}"
                    masked[full] = masked.get(full, False) or name in read_properties
                told_event[name] = told
            happened.append(told_event)
        body = {
            **head,
            "as_of": instant_text(at),
            "key": shown_key,
            "lead": shown,
            "events": happened,
            "masked": list(masked),
            "reproducible": not any(masked.values()),
            "result": result_json(found),
        }
        return {"record": FORM, "id": digest_of({"record": FORM, **body}), **body}

    return record


def _moment(event: Mapping[str, Clean]) -> int:
    moment = event["at"]
    assert isinstance(moment, int)
    return moment


def digest_of(record: Mapping[str, Json]) -> str:
    """The beginning of the SHA-256 of everything in a record but its own `id`: it tells one record from another, and
    whether one is still as it was written."""
    rest = {name: value for name, value in record.items() if name != "id"}
    written = json.dumps(rest, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(written.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _shown(kind: ir.Kind, zone: ZoneInfo) -> Callable[[Any], Json]:
    """How a clean value of a kind is written: a date is a day in the policy's time zone, a time is in UTC."""
    match kind:
        case ir.Kind.NUMBER:
            return _number
        case ir.Kind.DATE:
            return lambda micros: local_moment(micros, zone).date().isoformat()
        case ir.Kind.TIME:
            return instant_text
        case ir.Kind.TEXTS:
            return list
        case _:
            return lambda value: value


_EXACT = 2.0**53


def _number(value: float) -> int | float:
    """`1200` and not `1200.0`, where the two are read as the same number."""
    whole = value.is_integer() and abs(value) < _EXACT and not (value == 0 and copysign(1, value) < 0)
    return int(value) if whole else value


def result_json(found: Evaluation) -> dict[str, Json]:
    """What came out: scores as exact decimals in text, decisions with the row that chose and the rows that were
    barred, and the lines that add up to the scores."""
    return {
        "scores": {name: None if ticks is None else points_text(ticks) for name, ticks in found.scores.items()},
        "bands": dict(found.bands),
        "decisions": {
            name: {
                "outcome": outcome,
                "row": row,
                **({"barred": [{"row": at, "gates": list(gates)} for at, gates in barred]} if barred else {}),
            }
            for name, (outcome, row, barred) in found.decisions.items()
        },
        "gates": {name: list(bars) for name, bars in found.gates.items()},
        "completeness": points_text(found.completeness),
        "reasons": [{"rule": line.rule, "points": points_text(line.ticks)} for line in found.lines or ()],
    }


def reads_of(policy: Policy) -> tuple[frozenset[str], frozenset[str]]:
    """The lead's fields and the events' properties that can make a difference to a lead's result."""
    remembered, program = policy.engine.remembered, policy.program
    if "read by records" not in remembered:
        remembered["read by records"] = (frozenset(program.reads), _properties_read(program))
    found: tuple[frozenset[str], frozenset[str]] = remembered["read by records"]
    return found


def _properties_read(program: ir.Program) -> frozenset[str]:
    names: set[str] = set()
    for node in parts((program.scores, program.bands, program.gates, program.decisions)):
        match node:
            case ir.PropertyOf(name=name) | ir.AggregateOf(prop=name):
                names.add(name)
            case ir.CountOf(distinct=str(name)) | ir.Each(once_per_property=str(name)):
                names.add(name)
            case _:
                pass
    return frozenset(names)


# ------------------------------------------------------------------ the log


class DecisionLog:
    """Records on their way to a log. They wait in a file beside it; `append` puts all of them at the end of the log,
    or none."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.records = 0
        self.after_a_broken_line = False
        """whether the log ended in the middle of a line: the records then begin on a line of their own"""
        if not path.name.lower().endswith(ENDINGS):
            raise TableError(f"{path} cannot be a decision log", "let its name end in .jsonl: one record on each line.")
        _refuse_other_files(path)
        self._beside = Beside(path)
        self._stream: IO[str] = self._beside.text()

    def put(self, record: Json) -> None:
        try:
            self._stream.write(json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n")
        except OSError as failure:
            raise _unwritten(self.path, failure) from None
        self.records += 1

    def append(self) -> None:
        """Everything that was put, at the end of the log. If there is no room for all of it, the log is as before."""
        try:
            self._stream.close()
            # Without a buffer of its own: what could not be written must not follow after the log was cut back.
            with open(self._beside.temporary, "rb") as new, open(self.path, "a+b", buffering=0) as log:
                _lock(log)
                size = log.seek(0, os.SEEK_END)
                if size:
                    log.seek(size - 1)
                    self.after_a_broken_line = log.read(1) != b"\n"
                try:
                    if self.after_a_broken_line:
                        _write(log, b"\n")
                    while chunk := new.read(1 << 20):
                        _write(log, chunk)
                    os.fsync(log.fileno())
                except BaseException:
                    log.truncate(size)
                    raise
        except OSError as failure:
            raise _unwritten(self.path, failure) from None
        finally:
            self._beside.drop()

    def abandon(self) -> None:
        self._beside.drop()


def _unwritten(path: Path, failure: OSError) -> TableError:
    why = (failure.strerror or str(failure)).lower()
    return TableError(f"the decision log {path} cannot be written: {why}", "nothing was added to it.")


def _refuse_other_files(path: Path) -> None:
    """A file of something else is no place for records."""
    try:
        with open(path, "rb") as log:
            first = log.readline(1 << 20)
    except FileNotFoundError:
        return
    except OSError as failure:
        raise TableError(f"{path} cannot be read: {(failure.strerror or str(failure)).lower()}") from None
    if not first.strip():
        return
    try:
        item = json.loads(first)
    except (ValueError, RecursionError):
        # Perhaps the only line of a run that was cut off; `replay` will tell.
        if first.lstrip().startswith(b'{"record":'):
            return
        item = None
    if not isinstance(item, dict) or "record" not in item:
        raise TableError(f"{path} is there already and is no decision log", "name another file.")


def _write(log: FileIO, chunk: bytes) -> None:
    rest = memoryview(chunk)
    while rest:
        rest = rest[log.write(rest) :]


def _lock(log: FileIO) -> None:
    """Two runs at once append one after the other, where the system can see to it."""
    try:
        import fcntl
    except ImportError:
        return
    with suppress(OSError):
        fcntl.flock(log, fcntl.LOCK_EX)


# ------------------------------------------------------------------ reading a log


@dataclass(frozen=True, slots=True)
class Record:
    """A line of a log that is as it was written. `number` is the line's."""

    number: int
    id: str
    policy: str
    version: str
    fingerprint: str
    scorec: str
    semantics: int
    as_of: str
    key: Json
    lead: Mapping[str, Json]
    events: Sequence[Mapping[str, Json]]
    masked: Sequence[str]
    result: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A line of a log that is no record, and why."""

    number: int
    why: str


_MEMBERS: Mapping[str, type | tuple[type, ...]] = {
    "id": str,
    "policy": str,
    "version": str,
    "fingerprint": str,
    "scorec": str,
    "semantics": int,
    "as_of": str,
    "key": (str, dict, type(None)),
    "lead": dict,
    "events": list,
    "masked": list,
    "result": dict,
}


def read_log(path: Path) -> Iterator[Record | Unreadable]:
    """The records of a log, line by line; a line that is none is a value, too. Raises `ScorecError` if the file cannot
    be read at all."""
    try:
        with open(path, "rb") as log:
            for number, line in enumerate(log, 1):
                if line.strip():
                    yield record_of(number, line)
    except FileNotFoundError:
        from .folder import similar_file

        raise TableError(f"there is no file {path}", similar_file(path) or "check the name and the folder.") from None
    except IsADirectoryError:
        raise TableError(f"{path} is a folder", "name a decision log in it.") from None
    except OSError as failure:
        raise ScorecError(f"{path} cannot be read: {(failure.strerror or str(failure)).lower()}") from None


def record_of(number: int, line: bytes) -> Record | Unreadable:
    try:
        item = json.loads(line)
    except UnicodeDecodeError:
        return Unreadable(number, "has bytes that are not UTF-8")
    except (ValueError, RecursionError):
        cut = "is cut off: the run that wrote it was interrupted" if not line.endswith(b"\n") else ""
        started = line.lstrip().startswith(b'{"record":') and not line.rstrip().endswith(b"}")
        return Unreadable(number, cut or ("is cut off in the middle" if started else "is not JSON"))
    if not isinstance(item, dict) or "record" not in item:
        return Unreadable(number, "is no decision record")
    if item["record"] != FORM:
        return Unreadable(number, f"is a record of form {item['record']!r}, which this scorec cannot read")
    lacking = [name for name, kind in _MEMBERS.items() if not isinstance(item.get(name), kind) or name not in item]
    if lacking:
        return Unreadable(number, f"has no `{lacking[0]}`, or something else there")
    if digest_of(item) != item["id"]:
        return Unreadable(number, "is not as it was written: its id does not fit it, so somebody has changed it")
    if not all(isinstance(event, dict) for event in item["events"]):
        return Unreadable(number, "has an event that is none")
    return Record(number, **{name: item[name] for name in _MEMBERS})
