"""A table in, an Arrow table out: what `Policy.score_table` does."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .batch import EventFile, Rejected, Summary, read_events, score_table, shape_of
from .duckdb_tables.events import EventInput
from .duckdb_tables.run import Run
from .duckdb_tables.session import Settings
from .engines.sql.dialects import CannotSay
from .errors import DataError
from .policy import Policy
from .scans import Frame, arrow_of
from .tables import TableError, open_writer

FIRST = 10
"""So many rejected rows an error names."""


def score_to_arrow(
    policy: Policy,
    leads: Path | str | Frame,
    events: Path | str | Frame | Mapping[str, Any] | Sequence[Any] | None,
    at: int,
    audience: str | None,
    reasons: bool,
    rejected: list[Rejected] | None,
    settings: Settings,
) -> Any:
    """The result as an Arrow table. Rows that cannot be read go to the list `rejected`; without one they are an
    error."""
    try:
        import pyarrow  # noqa: F401
    except ImportError:
        raise TableError("an Arrow table needs pyarrow", "pip install 'scorec[parquet]'") from None
    shape = shape_of(policy, audience, reasons)
    inputs = _inputs(events)
    refused: list[Rejected] = []
    with Run(policy, at, Summary(), refused.append, settings) as run:
        try:
            run.check(reasons)
        except CannotSay:
            found = _with_python(policy, leads, inputs, at, audience, reasons, refused)
        else:
            run.read_leads(leads)
            run.read_events(inputs)
            run.score(shape)
            found = run.session.con.sql(run.shown(shape).sql("duckdb")).to_arrow_table()
    if rejected is not None:
        rejected.extend(refused)
    elif refused:
        first = [(_where(one), one.value, one.reason) for one in refused[:FIRST]]
        more = f" (the first {FIRST} of {len(refused):,})" if len(refused) > FIRST else ""
        hint = ("", None, "give a list (`rejected=[]`) that takes such rows, and the others are scored")
        raise DataError(f"rows of the table{more}", (*first, hint))
    return found


def _where(one: Rejected) -> str:
    return f"{one.file}, row {one.row}" + (f", {one.column}" if one.column else "")


def _inputs(events: Path | str | Frame | Mapping[str, Any] | Sequence[Any] | None) -> list[EventInput]:
    """One source of events; several of them; or one for each kind (`{"page_view": views}`)."""
    if events is None:
        return []
    if isinstance(events, Mapping):
        return [EventInput(source, kind) for kind, source in events.items()]
    if isinstance(events, list | tuple) and not all(isinstance(row, Mapping) for row in events):
        return [EventInput(source) for source in events]
    return [EventInput(events)]


def _with_python(
    policy: Policy,
    leads: Path | str | Frame,
    inputs: Sequence[EventInput],
    at: int,
    audience: str | None,
    reasons: bool,
    refused: list[Rejected],
) -> Any:
    """For a policy of which SQL cannot say everything exactly."""
    import pyarrow.parquet as pq

    with tempfile.TemporaryDirectory(prefix="scorec-") as folder:

        def file_of(source: Path | str | Frame, name: str) -> Path:
            if isinstance(source, Path | str):
                return Path(source)
            path = Path(folder, f"{name}.parquet")
            pq.write_table(arrow_of(source, name), path)
            return path

        shape = shape_of(policy, audience, reasons)
        summary = Summary()
        files = [EventFile(file_of(one.source, f"events_{at}"), one.kind) for at, one in enumerate(inputs)]
        log = read_events(policy, files, at, summary, refused.append, lambda table, rows: None)
        out = Path(folder, "out.parquet")
        writer = open_writer(out, shape.columns)
        score_table(
            policy,
            file_of(leads, "leads"),
            log,
            at,
            shape,
            writer,
            summary,
            refused.append,
            lambda table, rows: None,
        )
        writer.close()
        return pq.read_table(out)
