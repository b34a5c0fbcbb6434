"""What reading leads and reading events have in common."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from sqlglot import exp

from ...dsl import ir
from ..engines.sql import edge
from ..engines.sql.syntax import Sql, integer
from ..scans import Scan


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
