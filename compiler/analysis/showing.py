"""Leads for people to look at: in a few words for a message, and as a `test` that can be pasted into the policy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from zoneinfo import ZoneInfo

from ...dsl import ir
from ...dsl.values import DAY, HOUR, MINUTE, UNIT
from ..wording import duration_text, local_moment, value_text
from .answers import Witness


def lead_in_words(witness: Witness, program: ir.Program) -> str:
    """`employees 200 · country "nl" · 2 times page_view 1 day ago`: what is known of the lead; `nothing known` where
    nothing is."""
    return BETWEEN.join(facts_in_words(witness, program)) or "nothing known"


BETWEEN = " · "


def facts_in_words(witness: Witness, program: ir.Program) -> list[str]:
    """What is known of a lead: its fields, then its events, the newest first."""
    zone = ZoneInfo(program.timezone)
    known = [(one, witness.lead.get(one.name)) for one in program.fields]
    said = [f"{one.name} {value_text(one.kind, value, zone)}" for one, value in known if value is not None]
    return [*said, *_events_in_words(witness, program, zone)]


def _events_in_words(witness: Witness, program: ir.Program, zone: ZoneInfo) -> Iterator[str]:
    kinds = {event.name: {prop.name: prop.kind for prop in event.properties} for event in program.events}
    told: Counter[str] = Counter()
    for event in sorted(witness.events, key=lambda one: (-one.at, one.kind)):
        own = kinds.get(event.kind, {})
        about = [f"{name} {value_text(own[name], value, zone)}" for name, value in event.properties if name in own]
        told[", ".join([f"{event.kind} {age_in_words(witness.at - event.at)}", *about])] += 1
    for text, count in told.items():
        yield text if count == 1 else f"{count} times {text}"


def age_in_words(micros: int) -> str:
    """`3 days ago`, `more than 7 days ago`, `almost 30 days ago`: on which side of a window an event lies can be all
    that matters about it."""
    if micros == 0:
        return "just then"
    size = DAY if abs(micros) >= DAY else HOUR if abs(micros) >= HOUR else MINUTE
    whole, rest = divmod(abs(micros), size)
    about = duration_text(whole * size) if whole else "less than a minute"
    said = about if not rest else f"a moment more than {about}" if rest < MINUTE else f"more than {about}"
    if rest and size - rest < MINUTE:
        said = f"almost {duration_text((whole + 1) * size)}"
    return f"{said} ago" if micros > 0 else f"{said} ahead"


def _age(micros: int) -> str | None:
    """`3 days ago` as the language writes it; None where no whole number of units is exact."""
    for unit in ("day", "hour", "minute"):
        number, rest = divmod(micros, UNIT[unit])
        if rest == 0:
            return f"{number} {unit}{'' if number == 1 else 's'} ago"
    return None


def as_test(witness: Witness, program: ir.Program, title: str, expectations: Sequence[str]) -> str:
    """A `test` block with the lead, its events, and what is expected of them (each as it stands after `expect`)."""
    zone = ZoneInfo(program.timezone)
    lines = [f"test {_quoted(title)}", f"  at {_moment(witness.at, zone)}"]
    given = [
        f"{one.name} {_literal(one, witness.lead[one.name], zone)}"
        for one in program.fields
        if witness.lead.get(one.name) is not None
    ]
    lines += [f"  given {pairs}" for pairs in _in_lines(given)]
    lines += _event_lines(witness, program, zone)
    lines += [f"  expect {expectation}" for expectation in expectations]
    return "\n".join(lines) + "\n"


def _event_lines(witness: Witness, program: ir.Program, zone: ZoneInfo) -> Iterator[str]:
    counted = Counter((event.kind, event.at, event.properties) for event in reversed(witness.events))
    for (kind, at, properties), number in counted.items():
        declared = {one.name: one for one in program.event(kind).properties}
        when = _age(witness.at - at) or f"on {_moment(at, zone)}"
        known = [f", {name} {_literal(declared[name], value, zone)}" for name, value in properties if value is not None]
        yield f"  event {kind} {f'{number} times ' if number > 1 else ''}{when}{''.join(known)}"


def _literal(declared: ir.Field, value: ir.Value, zone: ZoneInfo) -> str:
    """A value as a policy writes it."""
    match value:
        case bool():
            return "yes" if value else "no"
        case str():
            return _quoted(value)
        case tuple():
            return "(" + ", ".join(_quoted(item) for item in value) + ")"
        case int() if declared.kind is ir.Kind.DATE:
            return local_moment(value, zone).date().isoformat()
        case int() if declared.kind is ir.Kind.TIME:
            return _moment(value, zone)
        case int() | float():
            text = f"{value:.15f}".rstrip("0").rstrip(".")
            return text if float(text) == value else repr(value)
        case None:
            return "missing"


def _moment(micros: int, zone: ZoneInfo) -> str:
    """An instant as the language writes it: a day alone where it is its midnight."""
    moment = local_moment(micros, zone)
    if (moment.hour, moment.minute, moment.second, moment.microsecond) == (0, 0, 0, 0):
        return moment.date().isoformat()
    shape = "minutes" if not (moment.second or moment.microsecond) else "auto"
    return moment.astimezone(ZoneInfo("UTC")).replace(tzinfo=None).isoformat(timespec=shape) + "Z"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _in_lines(pairs: Iterable[str], width: int = 100) -> Iterator[str]:
    """Pairs with commas, some to a line."""
    line = ""
    for pair in pairs:
        if line and len(line) + len(pair) > width:
            yield line
            line = ""
        line = f"{line}, {pair}" if line else pair
    if line:
        yield line
