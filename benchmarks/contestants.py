"""Those who score a whole table, each in a process of its own.

`python -m benchmarks.contestants NAME LEADS EVENTS OUT` runs one of those that are written by hand. All of them read
the same files and write the same columns to a Parquet file.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.table_rules import EVENT_RULES, WORKLOAD, event_rules, policy_text

AS_OF_DAY = "2026-01-01"


@dataclass(frozen=True)
class Task:
    """What is to be scored, and with what."""

    leads: Path
    events: Path
    folder: Path
    """for results, and for what does not fit into memory"""
    rules: int = len(EVENT_RULES)
    memory: str | None = None
    threads: int | None = None

    def out(self, name: str) -> Path:
        return self.folder / f"{name}.parquet"

    @property
    def policy(self) -> Path:
        """The policy with so many event rules."""
        if self.rules == len(EVENT_RULES):
            return WORKLOAD
        written = self.folder / f"workload_{self.rules}.score"
        if not written.exists():
            shutil.copytree(WORKLOAD.parent / "lists", self.folder / "lists", dirs_exist_ok=True)
            written.write_text(policy_text(event_rules(self.rules)), "utf-8")
        return written


@dataclass(frozen=True)
class Contestant:
    """`name` is how it is started, `title` how it is shown."""

    name: str
    title: str
    command: Callable[[Task], list[str]]
    needs: tuple[str, ...] = ()
    """modules without which it cannot run"""
    can_be_limited: bool = True
    """whether it can be held to so much memory"""


def _by_scorec(engine: str) -> Callable[[Task], list[str]]:
    def command(task: Task) -> list[str]:
        out = task.out(f"scorec_{engine}")
        said = [sys.executable, "-m", "scorec", "score", str(task.policy), str(task.leads), "--events"]
        said += [str(task.events), "--at", AS_OF_DAY, "-o", str(out), "--engine", engine, "--no-progress"]
        if engine == "duckdb":
            said += ["--memory", task.memory] if task.memory is not None else []
            said += ["--threads", str(task.threads)] if task.threads is not None else []
        return said

    return command


def _by_hand(name: str) -> Callable[[Task], list[str]]:
    def command(task: Task) -> list[str]:
        said = [sys.executable, "-m", "benchmarks.contestants", name, str(task.leads), str(task.events)]
        said += [str(task.out(name)), "--rules", str(task.rules)]
        said += ["--memory", task.memory] if task.memory is not None else []
        return said + (["--threads", str(task.threads)] if task.threads is not None else [])

    return command


SCOREC = Contestant("scorec_duckdb", "scorec, DuckDB", _by_scorec("duckdb"))
PYTHON = Contestant("scorec_python", "scorec, Python", _by_scorec("python"), can_be_limited=False)
BEST = Contestant("best", "SQL by hand, the best", _by_hand("best"))
PACKED = Contestant("packed", "SQL by hand, packed", _by_hand("packed"))
BY_KIND = Contestant("by_kind", "SQL by hand, kind by kind", _by_hand("by_kind"))
NATURAL = Contestant("natural", "SQL by hand, natural", _by_hand("natural"))
SCAN = Contestant("scan", "reading the columns", _by_hand("scan"))
START = Contestant("start", "starting DuckDB", _by_hand("start"))
POLARS = Contestant("polars", "Polars by hand", _by_hand("polars"), ("polars",), can_be_limited=False)
PANDAS = Contestant("pandas", "pandas by hand", _by_hand("pandas"), ("pandas", "pyarrow"), can_be_limited=False)

ALL = (SCOREC, BEST, PACKED, NATURAL, POLARS, PANDAS, SCAN, START)
WITHOUT_RESULT = (SCAN, START)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.contestants", description=__doc__)
    parser.add_argument("name", choices=["best", "packed", "by_kind", "natural", "scan", "start", "polars", "pandas"])
    parser.add_argument("leads", type=Path)
    parser.add_argument("events", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--rules", type=int, default=len(EVENT_RULES), help="how many event rules")
    parser.add_argument("--memory", help="for DuckDB")
    parser.add_argument("--threads", type=int)
    given = parser.parse_args()
    task = Task(given.leads, given.events, given.out.parent, given.rules, given.memory, given.threads)
    if given.name in ("polars", "pandas"):
        _frames(given.name, task, given.out)
    else:
        _statement(given.name, task, given.out)


def _frames(name: str, task: Task, out: Path) -> None:
    if task.threads is not None:
        os.environ["POLARS_MAX_THREADS"] = str(task.threads)
    from benchmarks import table_frames

    run = table_frames.with_polars if name == "polars" else table_frames.with_pandas
    run(task.leads, task.events, event_rules(task.rules), out)


def _statement(name: str, task: Task, out: Path) -> None:
    import duckdb

    from benchmarks import table_sql

    config: dict[str, str | int] = {"temp_directory": str(out.parent / f"{name}.overflow")}
    if task.memory is not None:
        config["memory_limit"] = task.memory
    if task.threads is not None:
        config["threads"] = task.threads
    with duckdb.connect(":memory:", config=config) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        if name == "start":
            return
        statement = getattr(table_sql, name)(task.leads, task.events, event_rules(task.rules))
        if name == "scan":
            connection.execute(statement).fetchall()
        else:
            connection.execute(f"COPY ({statement}) TO '{out}' (FORMAT parquet)")


if __name__ == "__main__":
    main()
