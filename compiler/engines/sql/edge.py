"""The edge of DuckDB's tables: what stands in a file or a frame, brought to clean values where it is in a usual shape.

What is not in a usual shape is not refused here but marked as odd: `dsl.facts` looks at such a row, and decides whether
it can be read and why not. So there is one edge, and a fast way past it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from sqlglot import exp

from ....dsl import facts, values
from .dialects import DuckDB
from .syntax import (
    Sql,
    add,
    all_of,
    any_of,
    call,
    case,
    cast,
    compare,
    flag,
    integer,
    is_known,
    is_null,
    member,
    negated,
    null,
    subtract,
    text,
)

DIALECT = DuckDB()


@dataclass(frozen=True)
class Read:
    """A clean value, and whether the row has to be looked at more closely."""

    value: Sql
    odd: Sql


_WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")


def family(kind: str) -> str:
    """What DuckDB calls a type, as far as reading is concerned."""
    kind = kind.upper()
    if kind.endswith("]"):
        return "TEXTS" if kind == "VARCHAR[]" else "OTHER"
    if kind.startswith("DECIMAL"):
        return "DECIMAL"
    if kind.startswith("ENUM") or kind == "VARCHAR":
        return "TEXT"
    if kind in _WHOLE:
        return "WHOLE"
    if kind in ("FLOAT", "DOUBLE"):
        return "DOUBLE"
    if kind.startswith("TIMESTAMP WITH TIME ZONE"):
        return "INSTANT"
    if kind == "TIMESTAMPTZ_NS":
        return "FINE INSTANT"
    if kind.startswith("TIMESTAMP"):
        return "CLOCK"
    return kind if kind in ("BOOLEAN", "DATE") else "OTHER"


def read(
    node: Sql,
    kind: str,
    word: str,
    allowed: Sequence[str] | None,
    required: bool,
    zone: tzinfo,
    tidy: bool = False,
    in_json: Sql | None = None,
) -> Read:
    """A field (its type as the language says it) that stands in a column of DuckDB's type `kind`; `tidy`: no text of
    the column has blanks around it, and none is empty; `in_json`: it is the text of a value in JSON, of this type."""
    there = node
    if family(kind) == "TEXT":
        there = as_text(node, kind) if tidy else DIALECT.tidied(as_text(node, kind))
    found = _READERS[word](there, family(kind), zone)
    if in_json is not None:
        found = _from_json(node, found, word, in_json)
    if word == "text" and allowed is not None:
        found = _one_of(found, allowed)
    if required:
        found = Read(found.value, any_of([found.odd, is_null(found.value)]))
    return found


def as_text(node: Sql, kind: str) -> Sql:
    """A text of any type as one of DuckDB's usual texts."""
    return cast(node, "VARCHAR") if kind.upper().startswith("ENUM") else node


def keeps_whole_keys(kind: str) -> bool:
    """Whether the keys in a column can stay the numbers that they are."""
    return kind.upper() in ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER")


def key(node: Sql, kind: str, in_json: Sql | None = None) -> Read:
    """The key of a lead as text; 7, 7.0 and "7" are one key."""
    match family(kind):
        case "TEXT":
            odd = flag(False) if in_json is None else _of_no_text(node, in_json)
            return Read(DIALECT.tidied(as_text(node, kind)), odd)
        case "WHOLE":
            return Read(cast(node, "VARCHAR"), flag(False))
        case "DOUBLE":
            # 7.0 is 7; what is no whole number is written as Python writes it.
            whole = all_of([compare("==", node, call("FLOOR", node)), compare("<", call("ABS", node), integer(10**15))])
            value = case([(whole, cast(cast(node, "BIGINT"), "VARCHAR"))])
            return Read(value, all_of([is_known(node), is_null(value)]))
        case _:
            return Read(cast(null(), "VARCHAR"), is_known(node))


# ------------------------------------------------------------------ each type; texts are trimmed before


def _text(node: Sql, kind: str, zone: tzinfo) -> Read:
    match kind:
        case "TEXT":
            # NUL stands in no text; the careful reader says so.
            return Read(node, flag(False))
        case "WHOLE":
            return Read(cast(node, "VARCHAR"), flag(False))
        case "DOUBLE":
            return Read(cast(null(), "VARCHAR"), negated(call("ISNAN", node)))
        case _:
            return Read(cast(null(), "VARCHAR"), is_known(node))


def _one_of(found: Read, allowed: Sequence[str]) -> Read:
    by_folded = {values.folded(value): value for value in reversed(allowed)}
    folded = DIALECT.fold(found.value)
    value = case([(compare("==", folded, text(fold)), text(value)) for fold, value in by_folded.items()])
    return Read(value, any_of([found.odd, all_of([is_known(found.value), is_null(value)])]))


_NUMBER = r"-?[0-9]+([.][0-9]+)?([eE][+-]?[0-9]+)?"
_NOT_FINITE = ("nan", "inf", "-inf", "+inf", "infinity", "-infinity", "+infinity")


def _number(node: Sql, kind: str, zone: tzinfo) -> Read:
    double = cast(node, "DOUBLE")
    match kind:
        case "TEXT":
            short = compare("<=", call("LENGTH", node), integer(300))
            fits = all_of([call("REGEXP_FULL_MATCH", node, text(_NUMBER)), short])
            value = case([(fits, DIALECT.finite(_try(node, "DOUBLE")))])
            nothing = member(call("LOWER", node), list(map(text, _NOT_FINITE)))
            return Read(value, all_of([is_known(node), negated(fits), negated(nothing)]))
        case "WHOLE":
            return Read(double, flag(False))
        case "DOUBLE":
            return Read(DIALECT.finite(double), flag(False))
        case "DECIMAL":
            # By way of its text: the nearest double, which dividing the digits would miss.
            return Read(cast(cast(node, "VARCHAR"), "DOUBLE"), flag(False))
        case _:
            return Read(cast(null(), "DOUBLE"), is_known(node))


def _try(node: Sql, kind: str) -> Sql:
    return exp.TryCast(this=node, to=exp.DataType.build(kind, dialect="duckdb"))


_YES, _NO = ("yes", "true", "1", "y", "t"), ("no", "false", "0", "n", "f")


def _flag(node: Sql, kind: str, zone: tzinfo) -> Read:
    match kind:
        case "TEXT":
            lower = call("LOWER", node)
            yes, no = member(lower, list(map(text, _YES))), member(lower, list(map(text, _NO)))
            value = case([(yes, flag(True)), (no, flag(False))])
            return Read(value, all_of([is_known(node), is_null(value)]))
        case "BOOLEAN":
            return Read(node, flag(False))
        case "WHOLE" | "DOUBLE" | "DECIMAL":
            one, zero = compare("==", node, integer(1)), compare("==", node, integer(0))
            value = case([(one, flag(True)), (zero, flag(False))])
            missing = call("ISNAN", node) if kind == "DOUBLE" else flag(False)
            return Read(value, all_of([is_known(node), is_null(value), negated(missing)]))
        case _:
            return Read(cast(null(), "BOOLEAN"), is_known(node))


_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_OFFSET = r"[+-]([01][0-9]|2[0-3])(:?[0-5][0-9])?"
_TIME = _DATE + r"[T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,6})?)?(Z|" + _OFFSET + ")?"


def _date(node: Sql, kind: str, zone: tzinfo) -> Read:
    match kind:
        case "TEXT":
            fits = call("REGEXP_FULL_MATCH", node, text(_DATE))
            micros = call("EPOCH_US", _try(case([(fits, node)]), "DATE"))
            return in_range(_from_local(micros, zone), node)
        case "DATE":
            return in_range(_from_local(call("EPOCH_US", node), zone), node)
        case _:
            return Read(cast(null(), "BIGINT"), is_known(node))


def _time(node: Sql, kind: str, zone: tzinfo) -> Read:
    match kind:
        case "TEXT":
            return in_range(micros_of_text(node, zone), node)
        case "CLOCK":
            return in_range(_from_local(call("EPOCH_US", node), zone), node)
        case "INSTANT":
            return in_range(call("EPOCH_US", node), node)
        case "FINE INSTANT":
            return in_range(call("EPOCH_US", cast(node, "TIMESTAMPTZ")), node)
        case "DATE":
            return in_range(_from_local(call("EPOCH_US", node), zone), node)
        case _:
            return Read(cast(null(), "BIGINT"), is_known(node))


def micros_of_text(node: Sql, zone: tzinfo) -> Sql:
    """The instant that a trimmed text tells; missing where it has no usual shape."""
    fits = call("REGEXP_FULL_MATCH", node, text(_TIME))
    written = case([(fits, node)])
    if _is_utc(zone):
        return call("EPOCH_US", _try(written, "TIMESTAMPTZ"))
    zoned = call("REGEXP_MATCHES", node, text(f"(Z|{_OFFSET})$"))
    local = _from_local(call("EPOCH_US", _try(written, "TIMESTAMP")), zone)
    return case([(zoned, call("EPOCH_US", _try(written, "TIMESTAMPTZ")))], local)


def in_range(micros: Sql, written: Sql) -> Read:
    """What is written and gives no instant between the years 1 and 9999 is odd."""
    low, high = integer(facts.EARLIEST), integer(facts.LATEST)
    value = case([(all_of([compare(">=", micros, low), compare("<=", micros, high)]), micros)])
    return Read(value, all_of([is_known(written), is_null(value)]))


def _texts(node: Sql, kind: str, zone: tzinfo) -> Read:
    match kind:
        case "TEXT":
            parts = call("STRING_SPLIT", node, text(";"))
            odd = call("STARTS_WITH", node, text("["))
        case "TEXTS":
            parts, odd = node, flag(False)
        case _:
            return Read(cast(null(), "VARCHAR[]"), is_known(node))
    return Read(case([(is_known(node), _items(parts))]), all_of([is_known(node), odd]))


def _items(parts: Sql) -> Sql:
    """A list of texts without blanks around them, and without those that are empty."""
    item = exp.column("each_item")
    names = [exp.to_identifier("each_item")]
    clean = call("LIST_TRANSFORM", parts, exp.Lambda(this=call("TRIM", item, text(values.BLANKS)), expressions=names))
    kept = exp.Lambda(this=compare("!=", item, text("")), expressions=names)
    return call("LIST_FILTER", clean, kept)


# ------------------------------------------------------------------ values of JSON, by their text and their type


def _from_json(node: Sql, read: Read, word: str, in_json: Sql) -> Read:
    """What is read of the text of a value, held to the type that the value has in JSON. Numbers, yes/no and moments
    need no look at it: what their text says is what the value says, or odd."""
    match word:
        case "text":
            return Read(read.value, any_of([read.odd, _of_no_text(node, in_json)]))
        case "list of text":
            plain = all_of([_is(in_json, "ARRAY"), call("REGEXP_FULL_MATCH", node, text(_ARRAY_OF_TEXTS))])
            items = call("FROM_JSON", case([(plain, node)]), text('["VARCHAR"]'))
            written = _is(in_json, "VARCHAR")
            value = case([(plain, _items(items)), (written, read.value)])
            return Read(value, all_of([is_known(node), negated(plain), any_of([negated(written), read.odd])]))
        case _:
            return read


_ARRAY_OF_TEXTS = r'\[("([^"\\]|\\.)*"(,"([^"\\]|\\.)*")*)?\]'
"""as DuckDB writes it"""


def _is(in_json: Sql, kind: str) -> Sql:
    return compare("==", in_json, text(kind))


def _of_no_text(node: Sql, in_json: Sql) -> Sql:
    """Whether a value is there which is neither a text nor a whole number, whose digits are a text."""
    texts = member(in_json, [text(one) for one in ("VARCHAR", "UBIGINT", "BIGINT")])
    return all_of([is_known(node), negated(texts)])


_READERS: dict[str, Callable[[Sql, str, tzinfo], Read]] = {
    "text": _text,
    "number": _number,
    "yes/no": _flag,
    "date": _date,
    "time": _time,
    "list of text": _texts,
}


# ------------------------------------------------------------------ clocks without a zone


def _is_utc(zone: tzinfo) -> bool:
    return getattr(zone, "key", str(zone)) in ("UTC", "Etc/UTC")


def _from_local(micros: Sql, zone: tzinfo) -> Sql:
    """The instant at which clocks in a zone show a time, given as if it were in UTC. Missing within a day of a change
    of the clocks, and where time zones have no settled history or future: there the careful reader decides."""
    if _is_utc(zone):
        return micros
    name = text(str(getattr(zone, "key", zone)))
    instant = call("TIMEZONE", name, call("MAKE_TIMESTAMP", micros))

    def shown(days: int) -> Sql:
        """What the clocks show, days before or after."""
        moved = call("MAKE_TIMESTAMPTZ", add(call("EPOCH_US", instant), integer(days * values.DAY)))
        return call("EPOCH_US", call("TIMEZONE", name, moved))

    steady = compare("==", subtract(shown(1), shown(-1)), integer(2 * values.DAY))
    low, high = ((datetime(year, 1, 1) - datetime(1970, 1, 1)) // timedelta(microseconds=1) for year in (1975, 2037))
    settled = all_of([compare(">=", micros, integer(low)), compare("<", micros, integer(high))])
    return case([(settled, case([(steady, call("EPOCH_US", instant))]))])
