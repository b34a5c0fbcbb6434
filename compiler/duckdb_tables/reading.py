"""What reading leads and reading events have in common."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import tzinfo
from pathlib import Path

from sqlglot import exp

from ...dsl import ir
from ..engines.sql import edge
from ..engines.sql.syntax import Sql, column, integer
from ..mapped import MappedEvents, MappedLeads
from ..scans import Frame, Scan, files_of, scan_export, scan_file, scan_frame
from .json_lines import is_json_lines, open_json_lines
from .session import Session


def scans_of(session: Session, source: Path | str | Frame, view: str, wanted: Sequence[str]) -> list[Scan]:
    """Opens what leads or events are read from: a file, those that a pattern names, an export, or a frame."""
    if isinstance(source, MappedLeads | MappedEvents):
        return [scan_export(source, wanted)]
    if isinstance(source, str | Path):
        return [
            open_json_lines(session, file, f"scorec_{view}_{number}", wanted)
            if is_json_lines(file)
            else scan_file(session.con, file, f"scorec_{view}_{number}", wanted)
            for number, file in enumerate(files_of(source))
        ]
    return [scan_frame(session.con, source, view.split("_")[0], f"scorec_{view}_frame", wanted)]


def read_cell(
    scan: Scan,
    name: str,
    word: str,
    allowed: Sequence[str] | None,
    required: bool,
    zone: tzinfo,
    tidy: bool = False,
) -> edge.Read:
    """A field (its type as the language says it) that stands under a name in a table."""
    place, kind = column(scan.places[name]), scan.types[name]
    in_json = column(scan.kinds[name]) if name in scan.kinds else None
    return edge.read(place, kind, word, allowed, required, zone, tidy, in_json)


def read_key(scan: Scan, name: str) -> edge.Read:
    """The key of a lead that stands under a name in a table."""
    in_json = column(scan.kinds[name]) if name in scan.kinds else None
    return edge.key(column(scan.places[name]), scan.types[name], in_json)


def has_whole_keys(scan: Scan, name: str) -> bool:
    """Whether keys can stay whole numbers; what the careful reader reads are texts."""
    return not scan.careful and name in scan.types and edge.keeps_whole_keys(scan.types[name])


def ambiguous(scan: Scan, fields: Iterable[ir.Field]) -> bool:
    """Whether a table has both the column that a field names and one of the field's own name: which of them is meant
    can differ from row to row."""
    return any(one.column and one.column != one.name and {one.column, one.name} <= set(scan.places) for one in fields)


def has_blank_lines(file: Path) -> bool:
    """Whether a file of text has empty lines between its rows, which DuckDB does not count."""
    if file.suffix == ".gz":
        return True
    tail = b""
    with file.open("rb") as raw:
        while chunk := raw.read(1 << 22):
            seen = (tail + chunk).replace(b"\r", b"")
            if b"\n\n" in seen.rstrip(b"\n") or (b"\n\n" in tail + chunk[:2]):
                return True
            tail = seen[-1:]
    return False


def never(node: Sql) -> bool:
    return isinstance(node, exp.Boolean) and not node.this


def plus(node: Sql, number: int) -> Sql:
    return node if number == 0 else exp.Add(this=node, expression=integer(number))
