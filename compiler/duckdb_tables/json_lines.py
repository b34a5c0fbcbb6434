"""JSON lines as DuckDB reads them: each line is taken apart into texts and the types that they had in JSON.

Whatever DuckDB and Python may see differently in a line makes it odd, and Python reads an odd line again where it
stands. What cannot be said of single lines (which of them are blank) leaves a file to the careful reader.
"""

from __future__ import annotations

import glob
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from sqlglot import exp

from ..duckdb_text import identifier
from ..engines.sql.rows import table
from ..engines.sql.syntax import (
    Sql,
    all_of,
    any_of,
    call,
    case,
    coalesce,
    column,
    compare,
    count_when,
    flag,
    integer,
    named,
    negated,
    text,
)
from ..scans import Scan, left_to_care, opened
from ..tables import BadRow, JsonLines, Row, TableError, bind, ending_of, open_table
from .session import Session

LINE = "line"

PACKED = "properties"
"""Where an event's properties may stand together."""

_LONGEST = 4_000
"""From here on a line may have a whole number that is too long for Python."""

_MANY_KEYS = 10_000
"""Whose keys are so many has data in them."""

_SUSPICIOUS = (
    # DuckDB forgives a comma too many, and knows more spellings of NaN and infinity.
    r",[ \t\r\n]*[}\]]",
    r"[:,\[][ \t\r\n]*[-+]?([nN][aA]|[iI][nN])",
    r"\\u0000",
    # What is nested deeply is refused.
    r"\[[^\]]*\[",
)


def is_json_lines(path: Path) -> bool:
    return ending_of(path).startswith((".jsonl", ".ndjson"))


def open_json_lines(session: Session, path: Path, view: str, wanted: Sequence[str]) -> Scan:
    """Opens a file of leads or events."""
    with open_table(path) as found:
        name, columns = found.name, found.columns
        binding = bind(found, wanted)
    header = frozenset(binding.headers.values())
    places = {one: there for there, one in binding.headers.items()}
    careful = left_to_care(name, columns, wanted, path)
    try:
        lines = _rows_if_all_are(path)
        if lines is None:
            return careful
        packed = next((key for key, one in binding.headers.items() if one == PACKED), None)
        keys = _keys_of(session, path, view, lines, packed)
    except (TableError, OSError, EOFError):
        # The careful reader says what is wrong.
        return careful
    if keys is None:
        return careful
    names, odd = keys
    meant: dict[str, list[str]] = {}
    for key in names:
        stands_for = binding.wanted_by(key)
        if stands_for is not None:
            meant.setdefault(stands_for, []).append(key)
    # A name that several keys stand for is read from one of them; Python reads the lines that have another.
    there = {one: one if one in same else same[0] for one, same in meant.items()}
    # A line that only Python can read may have brought a name.
    there = places | there
    others = [key for one, same in meant.items() for key in same if key != there[one]]
    if others:
        known = call("JSON_KEYS", column(LINE))
        odd = any_of([odd, call("LIST_HAS_ANY", known, exp.Array(expressions=[text(key) for key in others]))])
    places = {one: f"text{at}" for at, one in enumerate(there)}
    kinds = {one: f"kind{at}" for at, one in enumerate(there)}
    cells = {key: (places[one], kinds[one]) for one, key in there.items()}
    take_apart(session, view, f"{view}_lines", column(LINE), cells)
    types = dict.fromkeys(there, "VARCHAR")
    numbered = exp.Window(this=exp.RowNumber(), over="OVER")
    odd = coalesce(odd, flag(True))
    return Scan(name, view, columns, places, types, path, numbered, odd, False, kinds=kinds, lines=True, header=header)


def rows_at(scan: Scan, wanted: Iterable[str], numbers: Collection[int]) -> Iterator[Row | BadRow]:
    """The lines with these numbers, as the careful reader gives them."""
    assert scan.file is not None
    with open_table(scan.file) as found:
        yield from cast(JsonLines, found).rows_at(bind(found, wanted), numbers)


# ------------------------------------------------------------------ the file as a whole


def _rows_if_all_are(path: Path) -> int | None:
    """How many lines there are, if none can be one that DuckDB sees differently than Python."""
    ends, last = 0, b""
    with opened(path) as raw:
        while chunk := raw.read(1 << 22):
            if b"\x0b" in chunk or b"\x0c" in chunk:
                # Blank for the one, not for the other.
                return None
            ends += chunk.count(b"\n")
            last = (last + chunk)[-4096:]
    if last and not last.strip(b" \t\r\n"):
        return None
    # Blank lines at the end are no rows.
    return ends - last.count(b"\n", len(last.rstrip(b" \t\r\n"))) + 1


def _keys_of(session: Session, path: Path, view: str, lines: int, packed: str | None) -> tuple[list[str], Sql] | None:
    """The keys of all lines, and the test that a line as a whole is odd. None where there are blank lines. Under the
    key `packed` there may be an object within the object."""
    said = text(glob.escape(str(path))).sql("duckdb")
    compression = "gzip" if path.suffix.lower() == ".gz" else "none"
    session.run(
        f"CREATE OR REPLACE TEMP VIEW {view}_lines AS SELECT json AS {LINE} FROM"
        f" read_json_objects({said}, format='newline_delimited', ignore_errors=true,"
        f" compression='{compression}')"
    )
    line = column(LINE)
    odd = is_odd(line)
    if packed is not None:
        within = call("CONTAINS", call("JSON_EXTRACT_STRING", line, text(pointer(packed))), text("{"))
        second = call("CONTAINS", call("SUBSTR", line, integer(2)), text("{"))
        odd = any_of([is_odd(line, 3), all_of([second, negated(coalesce(within, flag(False)))])])
    found = look_at(session, f"{view}_lines", line, odd)
    if found is None or found.rows != lines:
        return None
    return found.keys, found.odd


@dataclass(frozen=True)
class Objects:
    """What is known of a column of objects: their keys, and which of them are odd."""

    rows: int
    keys: list[str]
    odd: Sql


def look_at(session: Session, view: str, node: Sql, odd: Sql) -> Objects | None:
    """Looks at all objects of a column; `odd` is the test of one. None where there are too many keys."""
    keys = call("JSON_KEYS", node)
    looks: list[Sql] = [named(keys, "keys"), named(exp.Count(this=exp.Star()), "n"), named(count_when(odd), "odd")]
    shapes = exp.select(*looks).from_(table(view)).group_by("1").sql("duckdb")
    session.keep(f"{view}_shapes", shapes, "reading")
    ((rows, strange, twice),) = session.run(
        "SELECT coalesce(sum(n), 0), coalesce(sum(odd), 0), count(CASE WHEN len(list_distinct(keys)) < len(keys)"
        f" THEN 1 END) FROM {view}_shapes"
    )
    names = session.run(f"SELECT DISTINCT unnest(keys) FROM {view}_shapes LIMIT {_MANY_KEYS + 1}")
    session.run(f"DROP TABLE {view}_shapes")
    if len(names) > _MANY_KEYS:
        return None
    tests = [odd] if strange else []
    if twice:
        tests.append(compare("<", call("LEN", call("LIST_DISTINCT", keys)), call("LEN", keys)))
    return Objects(rows, sorted(one for (one,) in names), any_of(tests) if tests else flag(False))


def is_odd(node: Sql, braces: int = 2) -> Sql:
    """Whether a text is no object, or Python may see something else in it than DuckDB. Objects within objects are odd,
    because nobody looks for keys that stand twice there, and they are told by the second (or a later) brace."""
    long = case(
        [(compare(">", call("STRLEN", node), integer(_LONGEST)), _matches(node, "[0-9]{500}"))],
        flag(False),
    )
    suspicious = "|".join((*_SUSPICIOUS, r"\{[^{]*" * (braces - 1) + r"\{"))
    tests = [negated(call("STARTS_WITH", node, text("{"))), _matches(node, suspicious), long]
    return coalesce(any_of(tests), flag(True))


def pointer(key: str) -> str:
    """A key as `json_extract` takes it."""
    return "/" + key.replace("~", "~0").replace("/", "~1")


def _matches(node: Sql, pattern: str) -> Sql:
    return call("REGEXP_MATCHES", node, text(pattern))


def take_apart(session: Session, view: str, source: str, node: Sql, columns: Mapping[str, tuple[str, str]]) -> None:
    """Makes a view of a table with two columns more for each of some keys of the objects in it: the text of the value,
    and its type in JSON; both missing where there is no such key."""
    pointers = exp.Array(expressions=[text(pointer(key)) for key in columns])
    texts, kinds = f"{view} texts", f"{view} kinds"
    taken = exp.select(
        exp.Star(),
        named(call("JSON_EXTRACT_STRING", node, pointers), texts),
        named(call("JSON_TYPE", node, pointers), kinds),
    )
    session.view(f"{view}_taken", taken.from_(table(source)))
    cells = "".join(
        f", {identifier(texts)}[{at}] AS {identifier(written)}, {identifier(kinds)}[{at}] AS {identifier(kind)}"
        for at, (written, kind) in enumerate(columns.values(), 1)
    )
    session.view(view, f"SELECT *{cells} FROM {identifier(f'{view}_taken')}")
