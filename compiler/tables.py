"""Tables of leads and events, row by row: CSV, JSON lines and Parquet, chosen by the file's ending.

A row that cannot be read is a value (`BadRow`), not an exception: it is reported and the next row is read. What makes
the whole file unreadable raises `TableError`, whose text says what to do.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import re
import sys
import tempfile
import zlib
from collections import deque
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import IO, Any, Literal, Protocol, Self, TypeAlias, cast

from ..dsl.values import decimal_of, folded, moment_of
from .errors import ScorecError
from .folder import similar_file
from .wording import points_text, signed

PARQUET = (".parquet", ".pq")

ENDINGS = (".csv", ".csv.gz", ".tsv", ".tsv.gz", ".jsonl", ".jsonl.gz", ".ndjson", ".json", *PARQUET)


class TableError(ScorecError):
    """A file of leads or events cannot be read, or a result cannot be written; `hint` says what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be read at all. `number` is the one that a spreadsheet shows: the header is row 1."""

    number: int
    column: str
    value: str
    reason: str
    key: str = ""
    """the lead's key, where the row could be read so far"""


Row: TypeAlias = tuple[int, Mapping[str, object]]
"""A row's number and its cells, by the names that were asked for; a cell that the file has not is left out."""


class Header(Protocol):
    """A table of which the columns are known."""

    @property
    def name(self) -> str: ...

    @property
    def columns(self) -> tuple[str, ...]: ...


class Table(Protocol):
    """A file whose header has been read and whose rows have not. `with open_table(path) as table:` closes it."""

    name: str
    columns: tuple[str, ...]

    def rows(self, binding: Binding) -> Iterator[Row | BadRow]: ...

    def progress(self) -> float:
        """The share, from 0 to 1, that has been read."""
        ...

    def __enter__(self) -> Table: ...

    def __exit__(self, *failure: object) -> None: ...


# ------------------------------------------------------------------ columns


@dataclass(frozen=True)
class Binding:
    """Which of a file's columns stand for the names that are wanted: those that are equal, else the one that differs
    in case or surrounding blanks only."""

    wanted: tuple[str, ...]
    headers: Mapping[str, str]
    """header in the file -> wanted name"""

    def wanted_by(self, header: str) -> str | None:
        """For a header met later (JSON lines may bring new ones in any row)."""
        if header in self.headers:
            return self.headers[header]
        if header in self.wanted:
            return header
        fold = _plain(header)
        return next((name for name in self.wanted if _plain(name) == fold), None)

    @property
    def missing(self) -> tuple[str, ...]:
        """The wanted names that no column stands for."""
        found = set(self.headers.values())
        return tuple(name for name in self.wanted if name not in found)


def bind(table: Header, wanted: Iterable[str]) -> Binding:
    """Finds a column for each name; a name that two columns could stand for is refused."""
    names = tuple(dict.fromkeys(wanted))
    by_fold: dict[str, list[str]] = {}
    for header in table.columns:
        by_fold.setdefault(_plain(header), []).append(header)
    headers: dict[str, str] = {}
    for name in names:
        # A header that is wanted as it is written stands for nothing else.
        free = (header for header in by_fold.get(_plain(name), ()) if header == name or header not in names)
        same = [header for header in free if header not in headers]
        exact = [header for header in same if header == name]
        if len(exact) > 1:
            raise TableError(f"{table.name} has {len(exact)} columns called `{name}`", "rename all but one of them.")
        if len(same) > 1:
            both = " and ".join(f"`{header}`" for header in same)
            raise TableError(
                f"{table.name} has the columns {both}, which differ only in case or blanks, and the policy reads"
                f" `{name}`",
                "rename or delete the one that is not meant.",
            )
        if same:
            headers[same[0]] = name
    return Binding(names, headers)


def nearest(name: str, columns: Sequence[str]) -> str | None:
    """The column that was probably meant."""
    by_plain = {_spaceless(column): column for column in columns}
    same = by_plain.get(_spaceless(name))
    if same is not None:
        return same
    close = get_close_matches(_spaceless(name), list(by_plain), 1, 0.7)
    return by_plain[close[0]] if close else None


def _plain(header: str) -> str:
    return folded(header.strip())


def _spaceless(header: str) -> str:
    return re.sub(r"[\s_-]+", "", folded(header))


# ------------------------------------------------------------------ reading


def is_pattern(path: Path) -> bool:
    """Whether a path stands for the files that it fits, and is none itself."""
    return any(sign in str(path) for sign in "*?[") and not path.exists()


def is_parquet(path: Path) -> bool:
    return path.suffix.lower() in PARQUET


def open_table(path: str | os.PathLike[str]) -> Table:
    """Opens a table of leads or events and reads its header."""
    file = Path(path)
    name = os.fspath(path)
    ending = ending_of(file)
    if file.is_dir():
        raise TableError(f"{name} is a folder", f"name a file in it that ends in {_endings()}.")
    if is_pattern(file):
        raise TableError(
            f"{name} is a pattern, and only one file can be read here",
            "name one file; `scorec score` reads patterns, but not with --engine python or --log.",
        )
    try:
        if ending in PARQUET:
            return _Parquet(file, name)
        raw = file.open("rb")
    except FileNotFoundError:
        raise TableError(f"there is no file {name}", similar_file(file) or "check the name and the folder.") from None
    except OSError as failure:
        raise TableError(f"{name} cannot be read: {_why(failure)}") from None
    try:
        stream = _text(raw, name, ending)
        if ending.startswith((".jsonl", ".ndjson")):
            return JsonLines(stream, raw, name)
        if ending == ".json":
            return _JsonArray(stream, raw, name)
        return Csv(stream, raw, name, "\t" if ending.startswith(".tsv") else None)
    except BaseException:
        raw.close()
        raise


def ending_of(path: Path) -> str:
    """The ending that tells the format; `.gz` counts together with the one before it."""
    ending = path.suffix.lower()
    if ending == ".gz":
        ending = Path(path.stem).suffix.lower() + ending
    if ending in ENDINGS:
        return ending
    if ending in (".xlsx", ".xls", ".ods", ".numbers"):
        raise TableError(f"{path} is a spreadsheet", "save it as CSV (UTF-8) first.")
    if path.is_dir():
        raise TableError(f"{path} is a folder", f"name a file in it that ends in {_endings()}.")
    raise TableError(
        f"the format of {path} is not known: its name ends in `{ending}`" if ending else f"{path} has no ending",
        f"its name should end in {_endings()}.",
    )


def _endings() -> str:
    return ", ".join(ENDINGS[:-1]) + f" or {ENDINGS[-1]}"


def _why(failure: OSError) -> str:
    return (failure.strerror or str(failure)).lower()


def _text(raw: IO[bytes], name: str, ending: str) -> io.TextIOWrapper:
    """UTF-8 text. Bytes that are not UTF-8 come through as surrogates, so that a bad row costs only itself."""
    head = raw.read(4)
    raw.seek(0)
    packed = head[:2] == b"\x1f\x8b"
    if ending.endswith(".gz") != packed:
        raise TableError(
            f"{name} is packed with gzip but not called .gz" if packed else f"{name} is called .gz but is not packed",
            "rename the file.",
        )
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise TableError(f"{name} is UTF-16 text", "save it as UTF-8 (in a spreadsheet: `CSV UTF-8`).")
    if head == b"PAR1":
        raise TableError(f"{name} is a Parquet file", "let its name end in .parquet.")
    if head == b"PK\x03\x04":
        raise TableError(f"{name} is a spreadsheet or a zip file", "save it as CSV (UTF-8) first.")
    binary = cast(IO[bytes], gzip.GzipFile(fileobj=raw)) if packed else raw
    newline = "\n" if "json" in ending else ""
    return io.TextIOWrapper(binary, encoding="utf-8-sig", errors="surrogateescape", newline=newline)


_CUT_OFF = (OSError, EOFError, zlib.error)
"""What reading raises where a disk fails, or a packed file ends too early or is damaged."""

_BROKEN = re.compile("[\udc80-\udcff]")
_NOT_UTF8 = "has bytes that are not UTF-8; save the file as UTF-8"
_NUL = "has a NUL character; is this really a text file?"


class _Lines:
    """Feeds the csv reader, keeping the lines of the record in hand, so that what a stray quote has swallowed can be
    read again."""

    def __init__(self, stream: Iterable[str]) -> None:
        self._stream = iter(stream)
        self._again: deque[str] = deque()
        self.record: list[str] = []
        self.fault = ""

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._stream)
        self.record.append(line)
        if "\0" in line:
            self.fault = _NUL
        elif not line.isascii() and _BROKEN.search(line):
            self.fault = _NOT_UTF8
        return line

    def next_record(self) -> None:
        self.record.clear()
        self.fault = ""

    def read_again(self) -> None:
        """All lines of the record in hand but its first."""
        self._again.extendleft(reversed(self.record[1:]))


class _TextFile:
    """A file of text: how far it has been read, and its end."""

    def __init__(self, stream: io.TextIOWrapper, raw: IO[bytes], name: str) -> None:
        self.name = name
        self._stream, self._raw = stream, raw
        try:
            self._size = os.fstat(raw.fileno()).st_size
        except OSError:
            self._size = 0

    def progress(self) -> float:
        return self._raw.tell() / self._size if self._size else 1.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self._stream.close()
        self._raw.close()


class Csv(_TextFile):
    """`above` counts the lines above the first row, with the header."""

    def __init__(self, stream: io.TextIOWrapper, raw: IO[bytes], name: str, separator: str | None) -> None:
        super().__init__(stream, raw, name)
        self._lines = _Lines(stream)
        self._number = 0
        self.columns = self._header(separator)
        self.above = self._number

    def _header(self, separator: str | None) -> tuple[str, ...]:
        self.separator = separator or ","
        try:
            first = next(self._lines)
            while not first.strip():
                self._number += 1
                first = next(self._lines)
        except StopIteration:
            raise TableError(f"{self.name} is empty", "its first row should name the columns.") from None
        except _CUT_OFF as failure:
            raise TableError(f"{self.name} cannot be read: {failure}") from None
        if self._lines.fault:
            raise TableError(f"the header of {self.name} {self._lines.fault}")
        if separator is None and "," not in first:
            self.separator = next((sign for sign in ";\t|" if sign in first), ",")
        # The header is the reader's first record: a name in quotes may hold a separator or a line break.
        self._lines.record = ["", first]
        self._lines.read_again()
        self._lines.next_record()
        self._reader = self._new_reader()
        try:
            header = next(self._reader)
        except csv.Error:
            raise TableError(f"the header of {self.name} has a quote that is not closed") from None
        self._number += 1
        return tuple(cell.strip() for cell in header)

    def _new_reader(self) -> Any:
        return csv.reader(self._lines, delimiter=self.separator, strict=True)

    def rows(self, binding: Binding) -> Iterator[Row | BadRow]:
        width = len(self.columns)
        cells = [(binding.headers[header], at) for at, header in enumerate(self.columns) if header in binding.headers]
        lines, number = self._lines, self._number
        while True:
            try:
                lines.next_record()
                for record in self._reader:
                    number += 1
                    if lines.fault:
                        yield self._fault(number, record)
                    elif len(record) == width:
                        yield number, {name: record[at] for name, at in cells}
                    elif record and not (len(record) == 1 and not record[0].strip()):
                        extra = record[width:]
                        if extra and not any(extra):
                            yield number, {name: record[at] for name, at in cells}
                        else:
                            yield _uneven(number, record, self.columns, self.separator)
                    lines.next_record()
                return
            except csv.Error as failure:
                number += 1
                yield self._open_quote(number, failure)
                lines.read_again()
                self._reader = self._new_reader()
            except _CUT_OFF as failure:
                raise TableError(f"{self.name} cannot be read after row {number}: {failure}") from None

    def _fault(self, number: int, record: Sequence[str]) -> BadRow:
        for header, cell in zip(self.columns, record, strict=False):
            if "\0" in cell or _BROKEN.search(cell):
                return BadRow(number, header, _printable(cell), self._lines.fault)
        return BadRow(number, "", "", self._lines.fault)

    def _open_quote(self, number: int, failure: csv.Error) -> BadRow:
        first = self._lines.record[0] if self._lines.record else ""
        if "field larger" in str(failure) and len(self._lines.record) == 1:
            return BadRow(number, "", "", f"a value is longer than {csv.field_size_limit():,} characters")
        # Where the quote opened: the first line read alone, up to the cell that it leaves open.
        opened = list(csv.reader([first], delimiter=self.separator))
        at = len(opened[0]) - 1 if opened else 0
        header = self.columns[at] if at < len(self.columns) else ""
        cell = opened[0][-1].rstrip("\r\n") if opened and opened[0] else ""
        if len(self._lines.record) > 1 or "end of data" in str(failure):
            reason = "a quote opens here and is not closed; close it, or double it if it is part of the text"
        else:
            reason = "text stands after a closing quote; double the quotes that are part of the text"
        return BadRow(number, header, _printable(cell), reason)


def _uneven(number: int, record: Sequence[str], columns: Sequence[str], separator: str) -> BadRow:
    sign = {",": "comma", ";": "semicolon", "\t": "tab"}.get(separator, separator)
    if len(record) > len(columns):
        more = f"the row has {len(record)} values for {len(columns)} columns"
        value = _printable(record[len(columns)])
        return BadRow(number, "", value, f"{more}; put a text that has a {sign} in it in quotes")
    return BadRow(number, "", "", f"the row has only {len(record)} of {len(columns)} values")


def _printable(cell: str) -> str:
    return _BROKEN.sub("\N{REPLACEMENT CHARACTER}", cell).replace("\0", "\N{REPLACEMENT CHARACTER}")[:200]


class JsonLines(_TextFile):
    def __init__(self, stream: io.TextIOWrapper, raw: IO[bytes], name: str) -> None:
        super().__init__(stream, raw, name)
        self._ahead: list[str] = []
        found: dict[str, None] = {}
        # Every row has its own keys; those of the first hundred tell what is there.
        try:
            for line in stream:
                self._ahead.append(line)
                item = _object(line)
                if isinstance(item, dict):
                    found.update(dict.fromkeys(item))
                if len(self._ahead) == 100:
                    break
        except _CUT_OFF as failure:
            raise TableError(f"{name} cannot be read after row {len(self._ahead)}: {failure}") from None
        if not self._ahead:
            raise TableError(f"{name} is empty", "each of its lines should be an object: {...}.")
        if not found and self._ahead[0].lstrip().startswith("["):
            raise TableError(f"{name} is a list, and not an object on each line", "let its name end in .json.")
        self.columns = tuple(found)

    def rows(self, binding: Binding) -> Iterator[Row | BadRow]:
        return self.rows_at(binding, None)

    def rows_at(self, binding: Binding, numbers: Container[int] | None) -> Iterator[Row | BadRow]:
        """The lines with these numbers, or all."""
        names: dict[str, str | None] = {}
        for number, line in enumerate(self._all_lines(), 1):
            if (numbers is not None and number not in numbers) or not line.strip():
                continue
            item = _object(line)
            if isinstance(item, str):
                yield BadRow(number, "", _printable(line.strip())[:60], item)
            else:
                yield number, _renamed(item, names, binding)

    def _all_lines(self) -> Iterator[str]:
        yield from self._ahead
        number = len(self._ahead)
        try:
            for line in self._stream:
                number += 1
                yield line
        except _CUT_OFF as failure:
            raise TableError(f"{self.name} cannot be read after row {number}: {failure}") from None


class _JsonArray(_TextFile):
    def __init__(self, stream: io.TextIOWrapper, raw: IO[bytes], name: str) -> None:
        super().__init__(stream, raw, name)
        try:
            items = json.loads(stream.read(), object_pairs_hook=_unique)
        except (ValueError, RecursionError) as failure:
            raise TableError(
                f"{name} is not JSON: {failure}", "a file with an object on each line should end in .jsonl."
            ) from None
        if not isinstance(items, list):
            raise TableError(f"{name} should hold a list of objects: [{{...}}, {{...}}]")
        self._items = items
        self.columns = tuple(dict.fromkeys(key for item in items[:100] if isinstance(item, dict) for key in item))

    def rows(self, binding: Binding) -> Iterator[Row | BadRow]:
        names: dict[str, str | None] = {}
        for number, item in enumerate(self._items, 1):
            if isinstance(item, dict):
                yield number, _renamed(item, names, binding)
            else:
                yield BadRow(number, "", str(item)[:60], "is not an object: {...}")


def _object(line: str) -> dict[str, object] | str:
    """A line as an object, or why it is none."""
    if not line.isascii() and _BROKEN.search(line):
        return _NOT_UTF8
    if not line.strip():
        return "is empty"
    try:
        item = json.loads(line, object_pairs_hook=_unique)
    except RecursionError:
        return "is nested too deeply"
    except ValueError as failure:
        return f"is not JSON: {failure}"
    return item if isinstance(item, dict) else "is not an object: {...}"


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    item = dict(pairs)
    if len(item) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise ValueError(f"the key `{twice}` stands twice in one object")
    return item


def _renamed(item: Mapping[str, object], names: dict[str, str | None], binding: Binding) -> dict[str, object]:
    row: dict[str, object] = {}
    for key, value in item.items():
        if key not in names:
            names[key] = binding.wanted_by(key)
        name = names[key]
        if name is not None and (key == name or name not in row):
            row[name] = value
    return row


class _Parquet:
    def __init__(self, path: Path, name: str) -> None:
        try:
            import pyarrow as pa
            import pyarrow.parquet as pq
        except ImportError:
            raise TableError(f"{name}: Parquet needs pyarrow", "pip install 'scorec[parquet]'") from None
        self.name = name
        if not path.exists():
            raise FileNotFoundError(path)
        try:
            self._file = pq.ParquetFile(path)
        except pa.ArrowException as failure:
            raise TableError(f"{name} is not a readable Parquet file: {str(failure).splitlines()[0]}") from None
        self._arrow = pa
        self.columns = tuple(self._file.schema_arrow.names)
        self._done = 0

    def progress(self) -> float:
        total = self._file.metadata.num_rows
        return self._done / total if total else 1.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self._file.close()

    def rows(self, binding: Binding) -> Iterator[Row | BadRow]:
        headers = [header for header in self.columns if header in binding.headers]
        names = [binding.headers[header] for header in headers]
        number = 0
        try:
            for batch in self._file.iter_batches(batch_size=20_000, columns=headers):
                columns = [self._plain(batch.column(header)) for header in headers]
                self._done += batch.num_rows
                if not columns:
                    for _ in range(batch.num_rows):
                        number += 1
                        yield number, {}
                for cells in zip(*columns, strict=True):
                    number += 1
                    yield number, dict(zip(names, cells, strict=True))
        except (self._arrow.ArrowException, OSError) as failure:
            said = str(failure).splitlines()[0]
            raise TableError(f"{self.name} is damaged: it cannot be read after row {number}: {said}") from None

    def _plain(self, column: Any) -> list[object]:
        pa = self._arrow
        if pa.types.is_timestamp(column.type) and column.type.unit == "ns":
            column = column.cast(pa.timestamp("us", column.type.tz), safe=False)
        try:
            values: list[object] = column.to_pylist()
        except (OverflowError, ValueError):
            values = [self._beyond(cell) for cell in column]
        return values

    def _beyond(self, cell: Any) -> object:
        """A value, or what is written for an instant that is in no calendar of ours."""
        try:
            value: object = cell.as_py()
            return value
        except (OverflowError, ValueError):
            most = 2**31 - 1 if self._arrow.types.is_date32(cell.type) else 2**63 - 1
            if abs(cell.value) == most:
                return "infinity" if cell.value > 0 else "-infinity"
            written = str(cell.cast(self._arrow.string()).as_py())
            zone = "+00" if written.endswith("Z") else ""
            whole, _, parts = written.removesuffix("Z").partition(".")
            return whole + ("." + parts.rstrip("0") if parts.strip("0") else "") + zone


# ------------------------------------------------------------------ writing

ColumnKind: TypeAlias = Literal["text", "points", "instant", "reasons", "whole"]
"""`text`, None where there is none; `points` in ticks; `instant` in microseconds; `reasons`: (rule, ticks) pairs."""


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    kind: ColumnKind


class Writer(Protocol):
    """Writes a result. Nothing stands under the file's name until `close`; after `abandon` nothing ever does."""

    def row(self, values: Sequence[Any]) -> None: ...

    def close(self) -> None: ...

    def abandon(self) -> None: ...


def open_writer(path: str | os.PathLike[str] | None, columns: Sequence[Column], row_by_row: bool = True) -> Writer:
    """A writer for the format that the file's ending tells. Without a path it writes CSV to standard output:
    `row_by_row`, or all at once when it is closed."""
    if path is None and row_by_row:
        return _CsvWriter(sys.stdout, columns, lambda: None, lambda: None)
    if path is None:
        held = io.StringIO()
        return _CsvWriter(held, columns, lambda: _show(held.getvalue()), lambda: None)
    file = Path(path)
    ending = ending_of(file)
    if ending == ".json":
        raise TableError(f"{path} cannot be written as JSON", "let its name end in .jsonl: one object on each line.")
    beside = Beside(file)
    if ending in PARQUET:
        return _ParquetWriter(beside, columns)
    stream = beside.text(packed=ending.endswith(".gz"))
    if ending.startswith((".jsonl", ".ndjson")):
        return _JsonLinesWriter(stream, columns, beside)
    return _CsvWriter(stream, columns, beside.keep, beside.drop, "\t" if ending.startswith(".tsv") else ",")


def _show(result: str) -> None:
    try:
        print(result, end="", flush=True)
    except BrokenPipeError:
        raise
    except OSError as failure:
        raise TableError(f"the result cannot be written: {_why(failure)}") from None


def write_beside(path: str | os.PathLike[str], text: str) -> None:
    """Writes a whole text file at once: readers see the old one or the new one, never half of it."""
    beside = Beside(Path(path))
    try:
        beside.text().write(text)
        beside.keep()
    except BaseException:
        beside.drop()
        raise


class Beside:
    """A file that is written beside its place and moved there when it is whole."""

    def __init__(self, path: Path) -> None:
        # A link stays a link: what it points to is replaced.
        self.path = Path(os.path.realpath(path))
        self._stream: IO[Any] | None = None
        if path.is_dir():
            raise TableError(f"{path} is a folder", "name a file.")
        try:
            handle, self.temporary = tempfile.mkstemp(
                prefix=f".{self.path.name[:100]}.", suffix=".part", dir=self.path.parent
            )
        except FileNotFoundError:
            raise TableError(f"there is no folder {path.parent}", "make it first, or write elsewhere.") from None
        except OSError as failure:
            raise TableError(f"nothing can be written in {path.parent}: {_why(failure)}") from None
        try:
            # mkstemp makes private files; the result gets the mode of the one it replaces, or the usual one.
            mask = os.umask(0)
            os.umask(mask)
            mode = self.path.stat().st_mode & 0o777 if self.path.exists() else 0o666 & ~mask
            os.chmod(self.temporary, mode)
        finally:
            os.close(handle)

    def text(self, packed: bool = False) -> IO[str]:
        if packed:
            stream: IO[str] = io.TextIOWrapper(
                gzip.GzipFile(self.temporary, "wb", mtime=0),
                encoding="utf-8",
                errors="backslashreplace",
                newline="",
            )
        else:
            # What is shown of a refused text may hold half of a character, which no file can.
            stream = open(self.temporary, "w", encoding="utf-8", errors="backslashreplace", newline="")  # noqa: SIM115
        self._stream = stream
        return stream

    def keep(self) -> None:
        try:
            if self._stream is not None:
                self._stream.close()
            os.replace(self.temporary, self.path)
        except OSError as failure:
            self.drop()
            raise TableError(f"{self.path} cannot be written: {_why(failure)}") from None

    def drop(self) -> None:
        try:
            if self._stream is not None:
                self._stream.close()
        except OSError:
            pass
        finally:
            if os.path.exists(self.temporary):
                os.unlink(self.temporary)


_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def harmless(text: str) -> str:
    """A text that no spreadsheet runs as a formula when it opens the CSV: an apostrophe goes before `= + - @`."""
    return "'" + text if text.startswith(_FORMULA) else text


def reason_text(rule: str, ticks: int) -> str:
    """`fit.enterprise +30`"""
    return f"{rule} {signed(ticks)}"


def instant_text(micros: int) -> str:
    """`2026-03-02T00:00:00Z`"""
    return moment_of(micros).isoformat().replace("+00:00", "Z")


class _PointsText(dict[int | None, str]):
    """Points as text, remembered: a table has few different scores."""

    def __missing__(self, ticks: int | None) -> str:
        text = "" if ticks is None else points_text(ticks)
        if len(self) < 100_000:
            self[ticks] = text
        return text


class _InstantText(dict[int, str]):
    """Instants as text, remembered: all rows of a result have the same."""

    def __missing__(self, micros: int) -> str:
        text = instant_text(micros)
        if len(self) < 1_000:
            self[micros] = text
        return text


class _SafeText(dict[str | None, str]):
    def __missing__(self, text: str | None) -> str:
        safe = "" if text is None else harmless(text)
        if len(self) < 1_000:
            self[text] = safe
        return safe


class _CsvWriter:
    def __init__(
        self,
        stream: IO[str],
        columns: Sequence[Column],
        keep: Callable[[], None],
        drop: Callable[[], None],
        separator: str = ",",
    ) -> None:
        self._keep, self._drop = keep, drop
        self._stream = stream
        writer = csv.writer(stream, delimiter=separator, lineterminator="\n")
        self._writerow = writer.writerow
        self._texts: list[Callable[[Any], str]] = [_csv_text(column.kind) for column in columns]
        self._head = [harmless(column.name) for column in columns]

    def row(self, values: Sequence[Any]) -> None:
        if self._head:
            self._begin()
        self._write([text(value) for text, value in zip(self._texts, values, strict=True)])

    def _begin(self) -> None:
        """The names of the columns, once there is something below them or nothing will come: whoever reads the result
        of a run that could not begin finds no table without leads."""
        head, self._head = self._head, []
        self._write(head)

    def _write(self, cells: list[str]) -> None:
        try:
            self._writerow(cells)
        except BrokenPipeError:
            raise
        except OSError as failure:
            raise TableError(f"the result cannot be written: {_why(failure)}") from None

    def close(self) -> None:
        if self._head:
            self._begin()
        try:
            self._stream.flush()
        except BrokenPipeError:
            raise
        except OSError as failure:
            self._drop()
            raise TableError(f"the result cannot be written: {_why(failure)}") from None
        self._keep()

    def abandon(self) -> None:
        self._drop()


def _csv_text(kind: ColumnKind) -> Callable[[Any], str]:
    match kind:
        case "text":
            return _SafeText().__getitem__
        case "points":
            return _PointsText().__getitem__
        case "whole":
            return str
        case "instant":
            return _InstantText().__getitem__
        case "reasons":
            return lambda reasons: "; ".join(reason_text(rule, ticks) for rule, ticks in reasons)


class _JsonLinesWriter:
    def __init__(self, stream: IO[str], columns: Sequence[Column], beside: Beside) -> None:
        self._stream, self._beside = stream, beside
        self._columns = [(column.name, _json_value(column.kind)) for column in columns]

    def row(self, values: Sequence[Any]) -> None:
        item = {name: plain(value) for (name, plain), value in zip(self._columns, values, strict=True)}
        try:
            self._stream.write(json.dumps(item, ensure_ascii=False) + "\n")
        except OSError as failure:
            raise TableError(f"the result cannot be written: {_why(failure)}") from None

    def close(self) -> None:
        self._beside.keep()

    def abandon(self) -> None:
        self._beside.drop()


def points_json(ticks: int | None) -> int | float | None:
    """Ticks as a JSON number: the shortest one that is exact to four decimals."""
    if ticks is None:
        return None
    return ticks // 10_000 if ticks % 10_000 == 0 else ticks / 10_000


def _json_value(kind: ColumnKind) -> Callable[[Any], Any]:
    match kind:
        case "text" | "whole":
            return lambda value: value
        case "points":
            return points_json
        case "instant":
            return instant_text
        case "reasons":
            return lambda reasons: [{"rule": rule, "points": points_json(ticks)} for rule, ticks in reasons]


class _ParquetWriter:
    """Rows are kept until there are enough for a row group."""

    ROWS = 50_000

    def __init__(self, beside: Beside, columns: Sequence[Column]) -> None:
        try:
            import pyarrow as pa
            import pyarrow.parquet as pq
        except ImportError:
            beside.drop()
            raise TableError("Parquet needs pyarrow", "pip install 'scorec[parquet]'") from None
        self._arrow, self._beside = pa, beside
        points = pa.decimal128(18, 4)
        types = {
            "text": pa.string(),
            "points": points,
            "whole": pa.int64(),
            "instant": pa.timestamp("us", "UTC"),
            "reasons": pa.list_(pa.struct([("rule", pa.string()), ("points", points)])),
        }
        self._columns = columns
        self._schema = pa.schema([(column.name, types[column.kind]) for column in columns])
        self._plain = [_parquet_value(column.kind) for column in columns]
        self._waiting: list[Sequence[Any]] = []
        self._writer = pq.ParquetWriter(beside.temporary, self._schema)

    def row(self, values: Sequence[Any]) -> None:
        self._waiting.append(values)
        if len(self._waiting) >= self.ROWS:
            self._flush()

    def _flush(self) -> None:
        columns = list(zip(*self._waiting, strict=True)) or [()] * len(self._columns)
        arrays = [
            self._arrow.array([plain(value) for value in column], field.type)
            for plain, column, field in zip(self._plain, columns, self._schema, strict=True)
        ]
        try:
            self._writer.write_table(self._arrow.Table.from_arrays(arrays, schema=self._schema))
        except OSError as failure:
            raise TableError(f"the result cannot be written: {failure}") from None
        self._waiting.clear()

    def close(self) -> None:
        self._flush()
        self._writer.close()
        self._beside.keep()

    def abandon(self) -> None:
        try:
            self._writer.close()
        except OSError:
            pass
        finally:
            self._beside.drop()


def _parquet_value(kind: ColumnKind) -> Callable[[Any], Any]:
    match kind:
        case "text" | "whole":
            return lambda value: value
        case "points":
            return _decimal
        case "instant":
            return moment_of
        case "reasons":
            return lambda reasons: [{"rule": rule, "points": _decimal(ticks)} for rule, ticks in reasons]


def _decimal(ticks: int | None) -> Decimal | None:
    return None if ticks is None else decimal_of(ticks)
