"""A policy over Spark's DataFrames: one statement, in which nothing is brought to the driver."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from ..dsl import ir
from .batch import no_column
from .policy import Policy
from .sql_text import Tables, leads_sql, rejected_sql
from .tables import TableError

_TYPES = {
    ir.Kind.TEXT: "string",
    ir.Kind.NUMBER: "double",
    ir.Kind.FLAG: "boolean",
    ir.Kind.DATE: "date",
    ir.Kind.TIME: "timestamp",
    ir.Kind.TEXTS: "array<string>",
}


def score_frames(policy: Policy, leads: Any, events: Any, at: int, reasons: bool) -> Any:
    """The results as a DataFrame that Spark computes when it is asked for."""
    return _run(policy, leads, events, at, lambda tables: leads_sql(policy, "spark", tables, reasons=reasons))


def rejected_frames(policy: Policy, leads: Any, events: Any, at: int) -> Any:
    """How many rows are not used and why, as a DataFrame of (what, refused_because, how_many, first_lead_key)."""
    return _run(policy, leads, events, at, lambda tables: rejected_sql(policy, "spark", tables))


def _run(policy: Policy, leads: Any, events: Any, at: int, write: Any) -> Any:
    session = getattr(leads, "sparkSession", None)
    if session is None:
        raise TableError(
            f"the leads are no Spark DataFrame: {type(leads).__name__}",
            "policy.score_table takes paths, Arrow tables, pandas and Polars.",
        )
    program = policy.program
    properties = [prop for event in program.events for prop in event.properties]
    needed = {"event": "string", "at": "timestamp"}
    if events is None:
        events = session.createDataFrame([], f"`{program.key}` string, `event` string, `at` timestamp")
    elif program.key not in events.columns and "lead_id" in events.columns:
        events = events.withColumnRenamed("lead_id", program.key)
    leads = _with_columns(leads, "the frame of leads", program.key, {}, program.fields)
    events = _with_columns(events, "the frame of events", program.key, needed, properties)
    said, names = _with_names(lambda first, second: write(Tables(first, second, at)))
    # Frames are handed over with the statement: Spark Connect reads it only when it runs, and a view of ours would be
    # gone by then. What stands in braces is their names.
    said = said.replace("{", "{{").replace("}", "}}")
    for name in names:
        said = said.replace(name, f"{{{name}}}")
    with _settings(session):
        return session.sql(said, **dict(zip(names, (leads, events), strict=True)))


def _with_names(write: Callable[[str, str], str]) -> tuple[str, tuple[str, str]]:
    """A statement, and names of tables that stand nowhere else in it."""
    names = ("frame_of_leads", "frame_of_events")
    while any(write(*names).count(name) > 1 for name in names):
        names = (f"{names[0]}_", f"{names[1]}_")
    return write(*names), names


class _Header:
    def __init__(self, name: str, columns: Sequence[str]) -> None:
        self.name, self.columns = name, tuple(columns)


def _with_columns(frame: Any, name: str, key: str, needed: Mapping[str, str], fields: Sequence[ir.Field]) -> Any:
    """A frame with a column for all that a policy may read; what it has not is missing in every row."""
    from pyspark.sql import functions

    there = list(frame.columns)
    for one in (key, *needed):
        if one not in there:
            raise no_column(_Header(name, there), one, "is needed")
    for field in fields:
        wanted = field.column or field.name
        if wanted in there:
            continue
        if field.name in there:
            frame = frame.withColumn(wanted, frame[f"`{field.name}`"])
        elif field.required:
            raise no_column(_Header(name, there), wanted, "the policy requires")
        else:
            frame = frame.withColumn(wanted, functions.lit(None).cast(_TYPES[field.kind]))
        there.append(wanted)
    return frame


@contextmanager
def _settings(session: Any) -> Iterator[None]:
    """Settings for the time in which a statement is read: texts are as they are (Spark would look for `${...}` inside
    them), and a statement may have many steps. A session of Spark Connect reads a statement whenever it runs, so that
    the steps stay allowed there."""
    wanted = {_STEPS: "2000"} if _is_remote(session) else {_STEPS: "2000", _VARIABLES: "false"}
    before = {name: session.conf.get(name) for name in wanted}
    for name, value in wanted.items():
        _set(session, name, value)
    try:
        yield
    finally:
        for name, value in before.items():
            if not _is_remote(session):
                _set(session, name, value)


_STEPS, _VARIABLES = "spark.sql.analyzer.maxIterations", "spark.sql.variable.substitute"


def _is_remote(session: Any) -> bool:
    return ".connect." in type(session).__module__


def _set(session: Any, name: str, value: str) -> None:
    """Where an administrator allows no settings, most policies are read without them."""
    from pyspark.errors import PySparkException

    with suppress(PySparkException):
        session.conf.set(name, value)


# ------------------------------------------------------------------ from the command line


def score_with_spark(policy: Policy, leads: str, events: Sequence[str], at: int, out: str, reasons: bool) -> list[Any]:
    """Scores Parquet tables (files, folders, or addresses that Spark knows) in the session of the application or one
    of its own, and writes Parquet. Gives the rows that say what was not used, and why."""
    try:
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError:
        raise TableError(
            "Spark needs pyspark", "pip install 'scorec[spark]', or run scorec with spark-submit."
        ) from None
    session = SparkSession.builder.appName(f"scorec {policy.name}").getOrCreate()
    try:
        frames = [session.read.parquet(path) for path in events]
        happened = None
        for frame in frames:
            happened = frame if happened is None else happened.unionByName(frame, allowMissingColumns=True)
        given = session.read.parquet(leads)
        score_frames(policy, given, happened, at, reasons).write.mode("overwrite").parquet(out)
        return list(rejected_frames(policy, given, happened, at).collect())
    except PySparkException as failure:
        first = str(failure).strip().split("\n")[0][:300]
        raise TableError(f"Spark: {first}", "with --engine spark, leads and events are Parquet tables.") from None
