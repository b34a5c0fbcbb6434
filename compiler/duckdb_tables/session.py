"""A connection to DuckDB with a folder of its own: statements that can be interrupted and say how far they are, and
errors with a way out."""

from __future__ import annotations

import errno
import re
import tempfile
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from sqlglot import exp

from ..duckdb_text import first_line, identifier, literal
from ..scans import Watch
from ..tables import Beside, TableError


@dataclass(frozen=True)
class Settings:
    """How much of the machine a run may take; None leaves it to DuckDB (80% of the memory, every core)."""

    memory: str | None = None
    threads: int | None = None
    folder: str | None = None
    """where what does not fit into memory is kept for the time of the run"""


def connect(settings: Settings, folder: str) -> duckdb.DuckDBPyConnection:
    """Starts DuckDB, with a folder for what does not fit into memory."""
    config: dict[str, str | int] = {"temp_directory": folder}
    if settings.memory is not None:
        config["memory_limit"] = settings.memory
    if settings.threads is not None:
        config["threads"] = settings.threads
    try:
        return duckdb.connect(":memory:", config=config)  # type: ignore[arg-type]
    except duckdb.Error as failure:
        if settings.memory is not None and "emory" in str(failure):
            raise TableError(f"`{settings.memory}` is no size of memory", "write it as 2GB or 500MB.") from None
        raise TableError(f"DuckDB cannot be started: {first_line(failure)}") from None


class Session:
    """`close` leaves nothing behind."""

    def __init__(self, settings: Settings, watch: Watch | None = None) -> None:
        self._watch = watch
        # It goes when the program ends, whatever happens before.
        self._kept = tempfile.TemporaryDirectory(prefix="scorec-", dir=settings.folder, ignore_cleanup_errors=True)
        self.folder = self._kept.name
        try:
            self.con = connect(settings, self.folder)
        except BaseException:
            self._kept.cleanup()
            raise
        self.con.execute("SET TimeZone = 'UTC'")
        self.con.execute("SET enable_progress_bar = true; SET enable_progress_bar_print = false")

    def close(self) -> None:
        with suppress(duckdb.Error):
            self.con.close()
        self._kept.cleanup()

    def run(self, query: exp.Query | str, what: str = "") -> list[tuple[Any, ...]]:
        """Runs a statement. It can be interrupted, and it says how far it is."""
        statement = query if isinstance(query, str) else query.sql("duckdb")
        found: list[list[tuple[Any, ...]]] = []
        failed: list[BaseException] = []
        done = threading.Event()

        def work() -> None:
            try:
                found.append(self.con.execute(statement).fetchall())
            except BaseException as failure:
                failed.append(failure)
            finally:
                done.set()

        worker = threading.Thread(target=work, daemon=True)
        worker.start()
        try:
            # Not by joining: a join that is interrupted takes a thread that still works for one that has ended.
            while not done.wait(0.1):
                if self._watch is not None and what:
                    self._watch(what, max(0.0, self.con.query_progress()) / 100)
        except KeyboardInterrupt:
            self.con.interrupt()
            while not done.wait(0.1):
                self.con.interrupt()
            raise
        finally:
            worker.join()
        if failed:
            raise said(failed[0])
        return found[0]

    def keep(self, name: str, query: exp.Query | str, what: str = "") -> None:
        """Makes a table of what a query gives."""
        self._make("TABLE", name, query, what)

    def view(self, name: str, query: exp.Query | str) -> None:
        """Gives a query a name."""
        self._make("VIEW", name, query, "")

    def _make(self, kind: str, name: str, query: exp.Query | str, what: str) -> None:
        said = query if isinstance(query, str) else query.sql("duckdb")
        self.run(f"CREATE OR REPLACE TEMP {kind} {identifier(name)} AS {said}", what)

    def copy(self, query: exp.Query, path: Path, options: str) -> None:
        """Writes what a query gives to a file, which is there when it is whole."""
        beside = Beside(path)
        try:
            said = query.sql("duckdb")
            self.run(f"COPY ({said}) TO {literal(str(beside.temporary))} ({options})", "writing")
        except BaseException:
            beside.drop()
            raise
        beside.keep()


_UNWRITTEN = re.compile(r'Could not write file .*?[.]part[\\"]+: ([^"\\]+)')
"""what DuckDB says of a file that `Beside` keeps until it is whole"""


_NO_SPACE = TableError(
    "the disk is full: what does not fit into memory is kept in a temporary folder",
    "free some space, set TMPDIR to a larger disk, or allow more memory (--memory).",
)


def said(failure: BaseException) -> BaseException:
    """What DuckDB or the disk says, as an error with a way out where there is one."""
    if isinstance(failure, RuntimeError) and "interrupted" in str(failure):
        return KeyboardInterrupt()
    if isinstance(failure, OSError) and failure.errno == errno.ENOSPC:
        return _NO_SPACE
    if not isinstance(failure, duckdb.Error):
        return failure
    message = str(failure)
    if isinstance(failure, duckdb.InterruptException):
        return KeyboardInterrupt()
    unwritten = _UNWRITTEN.search(message)
    if unwritten is not None:
        return TableError(f"the result cannot be written: {unwritten[1].lower()}")
    if "No space left" in message or "max_temp_directory_size" in message:
        return _NO_SPACE
    if isinstance(failure, duckdb.OutOfMemoryException):
        return TableError(f"the memory is not enough: {first_line(failure, 300)}", "allow more with --memory.")
    return TableError(f"DuckDB: {first_line(failure, 300)}")
