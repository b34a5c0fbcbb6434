"""Files and frames as DuckDB reads them: one view for each, with the name that every wanted column has in it."""

from __future__ import annotations

import glob
import gzip
import json
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, TypeAlias, cast

import duckdb
from sqlglot import exp

from .duckdb_text import first_line, identifier, literal
from .engines.sql.rows import Names, table
from .engines.sql.syntax import Sql, add, call, case, coalesce, column, integer, named, text
from .mapped import Input, MappedEvents, MappedLeads, left_out, open_input, path_of
from .tables import BadRow, Csv, Row, TableError, bind, is_parquet, is_pattern, open_table

Frame: TypeAlias = Any
"""An Arrow table, or what pandas or Polars call a DataFrame (or a lazy one)."""

NUMBER = "scorec row"
"""The column with the number that a spreadsheet shows: the header is row 1."""

PLACE = "scorec place"
"""The column of a frame with the number of each row."""

ROW_NUMBER = "file_row_number"
"""The column that DuckDB gives a Parquet file for the number of each row, from 0."""

MOMENTS = ("DATE", "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMP WITH TIME ZONE")
"""DuckDB's types of what can be endless"""

MOST_DIGITS = 38
"""of a decimal number in DuckDB, which makes a double of a longer one"""


@dataclass(frozen=True)
class Scan:
    """A table of rows in DuckDB. `types` has DuckDB's type of each wanted name that the table has, and `places` the
    column that it stands in."""

    name: str
    view: str
    columns: tuple[str, ...]
    places: Mapping[str, str]
    types: Mapping[str, str]
    file: Path | None
    """the file, if the careful reader can read it"""
    numbered: Sql
    """the row's number, as an expression over the view"""
    odd: Sql
    """whether something is wrong with a row as a whole"""
    careful: bool
    """only the careful reader can read it"""
    above: int = 0
    """the lines above the first row"""
    given: Input | None = None
    """an export, if a sources file says what its columns mean"""
    kinds: Mapping[str, str] = field(default_factory=dict)
    """where texts come from JSON: the column with the type of the value there"""
    lines: bool = False
    """of JSON lines: those that Python has to look at are read again where they stand"""
    made: frozenset[str] = frozenset()
    """the names whose columns are no columns of the table, but parts of one"""
    rows: Sequence[Mapping[str, Any]] | None = None
    """the rows themselves, of a frame in which values of several types stand in one column"""
    header: frozenset[str] | None = None
    """of JSON lines: the names that the first of them have, which stand for what is there; later lines may have more"""

    @property
    def there(self) -> frozenset[str]:
        """The names that have a column, as far as the head of a table tells."""
        return frozenset(self.places) if self.header is None else self.header

    def read_with_care(self, wanted: Iterable[str], notes: list[str]) -> Iterator[Row | BadRow]:
        """All rows, one after the other, by the reader that says what is wrong with each. What is to be said of the
        file as a whole is added to the notes."""
        if self.rows is not None:
            for number, row in enumerate(self.rows, 1):
                yield number, {name: row.get(there) for name, there in self.places.items()}
            return
        given = self.file if self.given is None else self.given
        assert given is not None
        with open_input(given) as found:
            yield from found.rows(bind(found, wanted))
            notes += left_out(found)


@dataclass(frozen=True)
class _Header:
    """What `bind` asks of a table."""

    name: str
    columns: tuple[str, ...]


def files_of(pattern: str | os.PathLike[str]) -> list[Path]:
    """The files that a path or a pattern (`leads/*.parquet`) names."""
    written = os.fspath(pattern)
    if not is_pattern(Path(written)):
        return [Path(written)]
    found = sorted(glob.glob(written, recursive=True))
    if not found:
        raise TableError(f"no file fits {written}", "check the pattern and the folder.")
    return [Path(one) for one in found]


def scan_file(con: duckdb.DuckDBPyConnection, path: Path, view: str, wanted: Sequence[str]) -> Scan:
    """Opens a file of leads or events."""
    if is_parquet(path):
        return _parquet(con, path, view, wanted)
    with open_table(path) as found:
        header = _Header(found.name, found.columns)
        separator, above = (found.separator, found.above) if isinstance(found, Csv) else (None, 0)
    binding = bind(header, wanted)
    # An empty line is a row of one column to DuckDB, and NUL is a character like others.
    if separator is None or len(header.columns) == 1 or _has_nul(path):
        return left_to_care(header.name, header.columns, wanted, path)
    names = [f"c{number}" for number in range(len(header.columns))]
    columns = {
        binding.headers[there]: name
        for there, name in zip(header.columns, names, strict=True)
        if there in binding.headers
    }
    options = {
        "auto_detect": "false",
        "header": "true",
        "skip": str(above - 1),
        "delim": literal(separator),
        "quote": "'\"'",
        "escape": "'\"'",
        "strict_mode": "true",
        # The names of folders tell nothing of the rows.
        "hive_partitioning": "false",
        "columns": "{" + ", ".join(f"'{name}': 'VARCHAR'" for name in names) + "}",
    }
    said = ", ".join(f"{name}={value}" for name, value in options.items())
    con.execute(f"CREATE OR REPLACE TEMP VIEW {identifier(view)} AS SELECT * FROM read_csv({_this_file(path)}, {said})")
    numbered = add(exp.Window(this=exp.RowNumber(), over="OVER"), integer(above))
    types = dict.fromkeys(columns, "VARCHAR")
    return Scan(found.name, view, header.columns, columns, types, path, numbered, exp.false(), False, above)


def _has_nul(path: Path) -> bool:
    """Whether a file of text has a NUL in it: a look at its bytes costs less than one at each cell."""
    try:
        with opened(path) as raw:
            return any(b"\0" in chunk for chunk in iter(lambda: raw.read(1 << 22), b""))
    except (OSError, EOFError):
        # The careful reader says what is wrong.
        return True


def opened(path: Path) -> IO[bytes]:
    """The bytes of a file, unpacked."""
    return cast(IO[bytes], gzip.open(path)) if path.suffix.lower() == ".gz" else path.open("rb")


def scan_export(given: MappedLeads | MappedEvents, wanted: Sequence[str]) -> Scan:
    """An export that a sources file describes; only the careful reader knows how."""
    with open_input(given) as found:
        return left_to_care(found.name, found.columns, wanted, path_of(given), given=given)


def _parquet(con: duckdb.DuckDBPyConnection, path: Path, view: str, wanted: Sequence[str]) -> Scan:
    name = os.fspath(path)
    if path.is_dir():
        raise TableError(f"{name} is a folder", f"name the files in it: {name}/*.parquet")
    if not path.exists():
        with open_table(path):
            raise AssertionError("a file that is not there was opened")
    file = _this_file(path)
    try:
        schema = con.execute(f"SELECT name, num_children, precision FROM parquet_schema({file})").fetchall()
        headers = _top_of(schema)
        if any(header.lower() == ROW_NUMBER for header in headers):
            return left_to_care(name, headers, wanted, path)
        # The names of folders tell nothing of the rows.
        con.execute(
            f"CREATE OR REPLACE TEMP VIEW {identifier(view)} AS "
            f"SELECT * FROM read_parquet({file}, {ROW_NUMBER}=true, hive_partitioning=false)"
        )
        described = con.execute(f"DESCRIBE {identifier(view)}").fetchall()
    except duckdb.Error as failure:
        raise TableError(f"{name} cannot be read: {first_line(failure)}") from None
    columns = [(str(row[0]), str(row[1])) for row in described if row[0] != ROW_NUMBER]
    scan = _scan(name, view, headers, columns, wanted, add(column(ROW_NUMBER), integer(1)))
    too_long = {one for one, _, digits in schema if digits is not None and digits > MOST_DIGITS}
    if any(kind.startswith("MAP(") for kind in scan.types.values()) or too_long & set(scan.places.values()):
        return left_to_care(name, headers, wanted, path)
    return scan


def _top_of(schema: Sequence[tuple[Any, ...]]) -> tuple[str, ...]:
    """The names of the columns, without those of what is nested in them, from the list of them all: each comes before
    its parts, and the first is the table itself."""
    found: list[str] = []
    inside = 0
    for name, children, *_ in schema[1:]:
        if inside == 0:
            found.append(str(name))
        else:
            inside -= 1
        inside += children or 0
    return tuple(found)


def left_to_care(
    name: str,
    headers: tuple[str, ...],
    wanted: Sequence[str],
    file: Path | None,
    given: Input | None = None,
    rows: Sequence[Mapping[str, Any]] | None = None,
) -> Scan:
    """A table with something that DuckDB shows otherwise than the careful reader does."""
    places = {one: there for there, one in bind(_Header(name, headers), wanted).headers.items()}
    return Scan(name, "", headers, places, {}, file, integer(0), exp.false(), True, given=given, rows=rows)


def scan_frame(con: duckdb.DuckDBPyConnection, frame: Frame, name: str, view: str, wanted: Sequence[str]) -> Scan:
    """A frame: an Arrow table, a pandas or a Polars DataFrame, a list of dicts."""
    if isinstance(frame, list) and not frame:
        # Nobody, whatever is known of them.
        frame = [dict.fromkeys(wanted)]
        arrow = arrow_of(frame, name).slice(0, 0)
    else:
        try:
            arrow = arrow_of(frame, name)
        except _SeveralTypes as found:
            return left_to_care(name, found.headers, wanted, None, rows=found.rows)
    # The rows are numbered here: DuckDB would do it in one thread, each time.
    numbers = con.sql(f"SELECT range AS n FROM range(1, {arrow.num_rows + 1})").to_arrow_table().column("n")
    headers = tuple(str(header) for header in arrow.column_names)
    place = Names(headers).fresh(PLACE)
    con.register(view, arrow.append_column(place, numbers))
    described = con.execute(f"DESCRIBE {identifier(view)}").fetchall()
    columns = [(str(row[0]), str(row[1])) for row in described[:-1]]
    return _scan(name, view, headers, columns, wanted, column(place))


def arrow_of(frame: Frame, name: str) -> Any:
    """A frame as an Arrow table."""
    try:
        import pyarrow as pa
    except ImportError:
        raise TableError("frames need pyarrow", "pip install 'scorec[parquet]'") from None
    if isinstance(frame, pa.Table):
        return frame
    if isinstance(frame, pa.RecordBatchReader):
        # It can be read once, and a table is looked at more often.
        return frame.read_all()
    if isinstance(frame, pa.RecordBatch):
        return pa.Table.from_batches([frame])
    collect = getattr(frame, "collect", None)
    if callable(collect) and hasattr(frame, "collect_schema"):
        frame = collect()
    to_arrow = getattr(frame, "to_arrow", None)
    if callable(to_arrow):
        return to_arrow()
    if type(frame).__module__.split(".")[0] == "pandas" and hasattr(frame, "columns"):
        return _of_pandas(frame, name)
    if isinstance(frame, list) and all(isinstance(row, dict) for row in frame):
        headers = tuple(dict.fromkeys(str(key) for row in frame for key in row))
        rows = [{header: row.get(header) for header in headers} for row in frame]
        try:
            return pa.Table.from_pylist(rows)
        except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError) as failure:
            raise _SeveralTypes(name, failure, headers, rows) from None
    if hasattr(frame, "__arrow_c_stream__"):
        # A column alone has it as well.
        with suppress(pa.ArrowInvalid):
            return pa.table(frame)
    raise TableError(
        f"{name} cannot be read as a table: {type(frame).__name__}",
        "give a path, an Arrow table, a pandas or Polars DataFrame, or a list of dicts.",
    )


def _of_pandas(frame: Any, name: str) -> Any:
    import pyarrow as pa

    headers = tuple(str(header) for header in frame.columns)
    if len(set(headers)) < len(headers):
        twice = next(header for at, header in enumerate(headers) if header in headers[:at])
        raise TableError(f"{name} has two columns `{twice}`", "leave one of them out.")
    try:
        return pa.Table.from_pandas(frame, preserve_index=False)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError) as failure:
        rows = frame.astype(object).where(frame.notna(), None).set_axis(headers, axis=1).to_dict("records")
        raise _SeveralTypes(name, failure, headers, rows) from None


class _SeveralTypes(TableError):
    """A frame in which values of several types stand in one column: it is no Arrow table, but its rows can be read one
    after the other."""

    def __init__(
        self, name: str, failure: Exception, headers: tuple[str, ...], rows: Sequence[Mapping[str, Any]]
    ) -> None:
        super().__init__(f"a column of {name} holds values of several types: {first_line(failure)}")
        self.headers, self.rows = headers, rows


def _scan(
    name: str,
    view: str,
    headers: tuple[str, ...],
    columns: Sequence[tuple[str, str]],
    wanted: Sequence[str],
    numbered: Sql,
) -> Scan:
    """A table with these headers; `columns` has DuckDB's names for them, which differ in more than case, and types."""
    binding = bind(_Header(name, headers), wanted)
    bound = {
        binding.headers[header]: there
        for header, there in zip(headers, columns, strict=True)
        if header in binding.headers
    }
    places = {name: there for name, (there, _) in bound.items()}
    types = {name: kind for name, (_, kind) in bound.items()}
    return Scan(name, view, headers, places, types, None, numbered, exp.false(), False)


# ------------------------------------------------------------------ rows brought back


class Staging:
    """Rows that Python has read, on their way to a table in DuckDB. `with Staging(...) as staging:` closes its file,
    whatever happens while rows are read."""

    def __init__(self, folder: str) -> None:
        handle, self.path = tempfile.mkstemp(suffix=".jsonl", dir=folder)
        self._file = os.fdopen(handle, "w", encoding="utf-8")
        self.rows = 0

    def __enter__(self) -> Staging:
        return self

    def __exit__(self, *failure: object) -> None:
        self._file.close()

    def put(self, row: Mapping[str, Any]) -> None:
        self._file.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")
        self.rows += 1

    def load(self, con: duckdb.DuckDBPyConnection, name: str, columns: Mapping[str, str]) -> None:
        """Makes a table of the rows, with columns of the types given."""
        self._file.close()
        types = "{" + ", ".join(f"{literal(one)}: {literal(kind)}" for one, kind in columns.items()) + "}"
        con.execute(
            f"CREATE OR REPLACE TEMP TABLE {identifier(name)} AS SELECT * FROM "
            f"read_json({literal(self.path)}, format='newline_delimited', columns={types})"
        )
        os.unlink(self.path)


def rows_of(con: duckdb.DuckDBPyConnection, scan: Scan, test: Sql) -> Iterator[Row | BadRow]:
    """The rows of a table for which a test holds, as Python values, by the names that were asked for."""
    names = [name for name in scan.places if name not in scan.made]
    number_column = Names((*scan.columns, *scan.places.values())).fresh(NUMBER)
    inner = exp.select(exp.Star(), named(scan.numbered, number_column)).from_(table(scan.view))
    cells: list[Sql] = [column(scan.places[name]) for name in names]
    if scan.file is not None:
        # An empty cell of a text file is an empty text.
        cells = [coalesce(cell, text("")) for cell in cells]
    # What is no instant that Python could have: by its name.
    moments = [name for name in names if scan.types.get(name) in MOMENTS]
    endless = [_endless(column(scan.places[name])) for name in moments]
    query = exp.select(column(number_column), *cells, *endless)
    query = query.from_(inner.subquery("numbered")).where(test)
    found = con.execute(query.copy().sql("duckdb"))
    while batch := found.fetchmany(10_000):
        for number, *there in batch:
            row = dict(zip(names, there[: len(names)], strict=True))
            row |= {name: said for name, said in zip(moments, there[len(names) :], strict=True) if said is not None}
            yield number, row


def _endless(moment: Sql) -> Sql:
    """`infinity` or `-infinity`, if that is there."""
    return case([(call("ISINF", moment), call("CONCAT", moment))])


def _this_file(path: Path) -> str:
    """The file of this name, in a statement, whatever signs of a pattern there are in the name."""
    return literal(glob.escape(os.fspath(path)))


Watch: TypeAlias = Callable[[str, float], None]
"""Told now and then what is being done, and how far it is (0 to 1)."""
