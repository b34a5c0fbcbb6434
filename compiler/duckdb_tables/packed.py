"""Properties of events that stand together in one column, as a JSON object: each gets a column of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlglot import exp

from ...dsl import ir
from ..engines.sql import edge
from ..engines.sql.rows import table
from ..engines.sql.syntax import (
    all_of,
    any_of,
    call,
    case,
    coalesce,
    column,
    flag,
    is_known,
    is_null,
    named,
    text,
)
from ..scans import Scan
from .json_lines import PACKED, is_odd, look_at, take_apart
from .session import Session

_WRITTEN, _OBJECT = "scorec packed", "scorec packed object"


def can_be_unpacked(scan: Scan, properties: Iterable[ir.Field]) -> bool:
    """Whether the column is of text, and no property is meant by it."""
    names = {name for one in properties for name in (one.column, one.name)}
    return PACKED not in names and edge.family(scan.types[PACKED]) == "TEXT"


def unpacked(session: Session, scan: Scan, properties: Sequence[ir.Field]) -> Scan | None:
    """A table in which properties that were packed stand in columns. What they are packed in stays, for rows that
    Python looks at. None if there are too many keys."""
    view = f"{scan.view}_packed"
    written = edge.DIALECT.tidied(edge.as_text(column(scan.places[PACKED]), scan.types[PACKED]))
    well_formed = case([(call("JSON_VALID", column(_WRITTEN)), column(_WRITTEN))])
    item = case([(call("STARTS_WITH", column(_WRITTEN), text("{")), well_formed)])
    session.view(f"{view}_written", exp.select(exp.Star(), named(written, _WRITTEN)).from_(table(scan.view)))
    session.view(f"{view}_objects", exp.select(exp.Star(), named(item, _OBJECT)).from_(table(f"{view}_written")))
    there, whole = column(_OBJECT), column(_WRITTEN)
    found = look_at(session, f"{view}_objects", there, all_of([is_known(whole), is_odd(there)]))
    if found is None:
        return None
    odd = [scan.odd, found.odd]
    keys = sorted({name for one in properties for name in (one.column, one.name) if name})
    texts = {key: f"scorec packed text {at}" for at, key in enumerate(keys)}
    kinds = {key: f"scorec packed kind {at}" for at, key in enumerate(keys)}
    places, types, in_json = dict(scan.places), dict(scan.types), dict(scan.kinds)
    for one in properties:
        source = one.column or one.name
        beside = next((name for name in (source, one.name) if name in scan.places), None)
        if beside is not None:
            # Where nothing is there, what is packed counts; but an empty cell of a text file is there all the same.
            if scan.file is None or scan.lines:
                packed = any_of([is_known(column(texts[name])) for name in sorted({source, one.name})])
                odd.append(all_of([is_null(column(scan.places[beside])), packed]))
            continue
        places[source], types[source], in_json[source] = texts[source], "VARCHAR", kinds[source]
        if source != one.name:
            odd.append(all_of([is_null(column(texts[source])), is_known(column(texts[one.name]))]))
    take_apart(session, view, f"{view}_objects", there, {key: (texts[key], kinds[key]) for key in keys})
    new = frozenset(places) - frozenset(scan.places)
    return replace(
        scan, view=view, places=places, types=types, kinds=in_json, odd=coalesce(any_of(odd), flag(False)), made=new
    )
