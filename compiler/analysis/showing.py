"""Leads for people to look at: in a few words for a message, and as a `test` that can be pasted into the policy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from zoneinfo import ZoneInfo

from ...dsl import ir
from ...dsl.values import UNIT
from ..wording import local_moment, spoken, value_text
from .answers import Witness


def lead_in_words(witness: Witness, program: ir.Program) -> str:
    """`employees 200 · country "nl" · 3 page views`: what is known of the lead; `nothing known` where nothing is."""
    zone = ZoneInfo(program.timezone)
    words = [
        f"{one.name} {value_text(one.kind, witness.lead.get(one.name), zone)}"
        for one in program.fields
        if witness.lead.get(one.name) is not None
    ]
    for (kind, age), number in _grouped(witness).items():
        words.append(f"{number} {spoken(kind)}{'s' if number > 1 else ''} {age}")
    return " · ".join(words) or "nothing known"


def _grouped(witness: Witness) -> Counter[tuple[str, str]]:
    return Counter((event.kind, age_in_words(witness.at - event.at)) for event in reversed(witness.events))


def age_in_words(micros: int) -> str:
    """`3 days ago`, in the largest unit that counts it exactly; else in about days."""
    exact = _age(micros)
    return exact or f"{micros / UNIT['day']:.1f} days ago"


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
