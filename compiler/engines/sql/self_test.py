"""A statement that proves the primitives of a dialect where it runs: cases with the answers that they must have."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from zoneinfo import ZoneInfo

from sqlglot import exp

from ....dsl import values
from .dialects import CannotSay, Dialect
from .midnights import doubtful_days, midnight
from .printing import query_text
from .syntax import Sql, all_of, any_of, big, case, cast, column, compare, flag, integer, is_null, multiply, named, text


@dataclass(frozen=True)
class Probe:
    """One primitive, asked of several inputs; None is missing."""

    name: str
    kind: str
    """what the inputs are: whole, double, text, day"""
    cases: Sequence[tuple[int | float | str | date | None, int | float | str | bool | None]]
    asked: Callable[[Sql], Sql]


def statement(dialect: Dialect, zone: str) -> str:
    """One row for each primitive: how many cases, and how many answers are wrong."""
    parts: list[str] = []
    left_out: list[str] = []
    for probe in _probes(dialect, zone):
        try:
            parts.append(query_text(dialect, _query(dialect, probe)))
        except CannotSay as why:
            left_out.append(f"-- {probe.name}: left out, for this dialect cannot say {why.reason}")
    header = [
        f"-- The self-test of scorec's SQL for {dialect.name}: `wrong` has to be 0 in every row.",
        *left_out,
    ]
    return "\n".join(header) + "\n" + "\nUNION ALL\n".join(parts) + "\n"


def _query(dialect: Dialect, probe: Probe) -> exp.Select:
    rows = [[_literal(dialect, given, probe.kind), _answer(dialect, probe, meant)] for given, meant in probe.cases]
    given, meant = column("given"), column("meant")
    got = probe.asked(given)
    right = any_of([compare("==", got, meant), all_of([is_null(got), is_null(meant)])])
    source = exp.Subquery(
        this=dialect.table_of(("given", "meant"), rows), alias=exp.TableAlias(this=exp.to_identifier("cases"))
    )
    wrong = exp.Sum(this=case([(right, integer(0))], integer(1)))
    columns = [
        named(text(probe.name), "probe"),
        named(exp.Count(this=exp.Star()), "cases"),
        named(big(wrong), "wrong"),
    ]
    return exp.select(*columns).from_(source, copy=False)


_TYPES = {"whole": "BIGINT", "text": "VARCHAR", "day": "DATE"}


def _literal(dialect: Dialect, value: object, kind: str) -> Sql:
    if value is None:
        return cast(exp.null(), dialect.double if kind == "double" else _TYPES[kind])
    match value:
        case bool():
            return flag(value)
        case int():
            return big(integer(value))
        case float():
            return dialect.number(value)
        case date():
            return cast(text(value.isoformat()), "DATE")
        case _:
            return text(str(value))


def _answer(dialect: Dialect, probe: Probe, value: object) -> Sql:
    if value is not None:
        return _literal(dialect, value, "")
    known = next((meant for _, meant in probe.cases if meant is not None), 0)
    kind = {bool: "BOOLEAN", str: "VARCHAR", float: dialect.double}.get(type(known), "BIGINT")
    return cast(exp.null(), kind)


_WHOLE = (-86_400_000_001, -86_400_000_000, -15, -8, -7, -1, 0, 1, 6, 7, 8, 9_007_199_254_740_993, 86_399_999_999)
_DOUBLES = (0.0, 0.5, -0.5, 0.00005, -0.00005, 0.15, 1.005, 2.5, 1e-12, 12345.67891, 1e11, 1e15, -1e300, 0.1)
_TEXTS = (
    "Ann Berg",
    "VP, Sales/EMEA",
    "  two  words ",
    "İstanbul ΣΑΣ straße ÇÉÑ",
    "ann@corp.example",
    "a@b@ c.example ",
    "@",
    "nobody@",
    "@nowhere",
    "李雷",
    "ﬁrm",
    "ǅem",
    "aaab",
    "'; DROP TABLE leads; -- \" \\ % _ ^ {{ x }} ${y} <>",
    "tab\tand\nnew line\r\n",
    "…“quoted”—dash",
    "x",
    "",
)
_ZONES = ("UTC", "America/New_York", "Asia/Kolkata")
_INSTANTS = (
    -1,
    0,
    1,
    1_772_409_600_000_000,
    1_772_413_199_999_999,
    1_793_512_800_000_000,
    1_774_695_600_000_000,
    951_782_399_999_999,
    -2_208_988_800_000_001,
    4_102_444_800_000_000,
)


def _probes(dialect: Dialect, zone: str) -> Iterator[Probe]:
    yield Probe("whole numbers divided", "whole", [(n, n // 7) for n in _WHOLE], lambda n: dialect.floor_div(n, 7))
    yield Probe(
        "rounded half away from zero",
        "whole",
        [(n, values.divide(n, 4)) for n in _WHOLE],
        lambda n: dialect.half_away(n, 4, -1e17, 1e17),
    )
    yield Probe(
        "numbers of 38 digits",
        "whole",
        [(n, n // 7) for n in (0, 1, 7, 999_999_999_999_999)],
        lambda n: big(
            dialect.wide_idiv(multiply(dialect.wide(n), dialect.wide_number(10**21)), dialect.wide_number(7 * 10**21))
        ),
    )
    yield Probe("doubles to ticks", "double", [(n, values.ticks_of(n)) for n in _DOUBLES], dialect.ticks)
    yield Probe(
        "points halved",
        "double",
        [(float(age), values.decayed(100_000, "halving", _NOTHING, 30, age)) for age in range(0, 200, 9)],
        lambda age: dialect.floor(
            exp.Add(
                this=multiply(
                    dialect.number(100_000.0),
                    dialect.power(dialect.number(0.5), dialect.quotient(age, dialect.number(30.0))),
                ),
                expression=dialect.number(0.500001),
            )
        ),
    )
    yield Probe(
        "products too large are missing",
        "double",
        [(n, n * 1e200 if n < 1e108 else None) for n in (0.0, 1.0, 1e-300, 1e107, 1e109, 1e200)],
        lambda n: dialect.finite(dialect.product(n, dialect.number(1e200))),
    )
    yield from _of_texts(dialect)
    zones = dict.fromkeys((*_ZONES, zone))
    for one in zones:
        for period in ("day", "month"):
            yield Probe(
                f"the {period} of an instant in {one}",
                "whole",
                [(at, values.period_of(at, period, ZoneInfo(one))) for at in _INSTANTS],
                _period(dialect, period, one),
            )
        days = [date(1999, 12, 31), date(2000, 1, 1), date(2026, 3, 8), date(2026, 7, 1), date(2026, 11, 1)]
        days += [day for day, _ in doubtful_days(one)][-3:]
        yield Probe(
            f"the beginning of a day in {one}",
            "day",
            [(day, values.midnight(day, ZoneInfo(one))) for day in days],
            _midnight(dialect, one),
        )
    for at in _INSTANTS:
        if at >= 0:
            yield Probe("instants", "whole", [(at, at)], _written(dialect, at))
    yield Probe(
        "instants back and forth",
        "whole",
        [(at, at) for at in _INSTANTS],
        lambda at: dialect.micros(dialect.instant_of(at)),
    )


_NOTHING = Fraction(0)


def _of_texts(dialect: Dialect) -> Iterator[Probe]:
    texts = [one for one in _TEXTS if one]
    folded = [values.folded(one) for one in texts]
    yield Probe("trimmed", "text", [(one, values.trimmed(one) or "") for one in texts], dialect.trimmed)
    yield Probe("folded", "text", [(one, values.folded(one)) for one in texts], dialect.fold)
    yield Probe("words", "text", [(one, values.words_of(one)) for one in folded], dialect.words)
    yield Probe(
        "how many words",
        "text",
        [(one, values.word_count(one)) for one in folded],
        lambda n: big(dialect.word_count(n)),
    )
    yield Probe("domain", "text", [(one, values.domain_of(one)) for one in texts], dialect.domain)
    yield Probe("local part", "text", [(one, values.local_part_of(one)) for one in texts], dialect.local_part)
    yield Probe("length", "text", [(one, len(one)) for one in texts], lambda n: big(dialect.length(n)))
    yield Probe(
        "capitalised",
        "text",
        [(one, values.is_capitalised(one)) for one in texts],
        lambda n: dialect.capitalised(dialect.first_character(n)),
    )
    yield Probe(
        "a character three times in a row",
        "text",
        [(one, values.longest_repeat(one) >= 3) for one in (*folded, "", "ééé", "abab")],
        lambda n: dialect.repeats(n, 3),
    )
    for needle in ("s", "%", "_", "\\", "'", '"', "ß", "an"):
        yield Probe("contains", "text", [(one, needle in one) for one in folded], _of(dialect.contains, needle))
        starts = [(one, one.startswith(needle)) for one in folded]
        yield Probe("starts with", "text", starts, _of(dialect.starts_with, needle))
        yield Probe(
            "ends with", "text", [(one, one.endswith(needle)) for one in folded], _of(dialect.ends_with, needle)
        )
    for pattern in ("*", "?", "a*", "*%*", "*_*", "*\\*", "???", "*@*", "*^*"):
        fits = [(one, values.is_like(one, pattern)) for one in folded]
        yield Probe("like", "text", fits, _of(dialect.like, pattern))


def _of(test: Callable[[Sql, str], Sql], needle: str) -> Callable[[Sql], Sql]:
    return lambda node: test(node, needle)


def _period(dialect: Dialect, period: str, zone: str) -> Callable[[Sql], Sql]:
    return lambda at: dialect.period(at, period, zone)


def _midnight(dialect: Dialect, zone: str) -> Callable[[Sql], Sql]:
    return lambda day: midnight(dialect, day, zone)


def _written(dialect: Dialect, at: int) -> Callable[[Sql], Sql]:
    return lambda _: dialect.micros(dialect.instant(at))
