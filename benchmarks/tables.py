"""`python -m benchmarks.tables`: what scoring whole tables costs, beside statements and queries written by hand.

Run from the repository's root. First all of them score the same small table, and what differs from the Python engine is
counted; then each is run in a process of its own, in turns. `--quick` takes a small table and few turns.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timezone
from importlib.metadata import PackageNotFoundError, version
from math import log
from pathlib import Path
from statistics import median
from typing import Any

# Nothing large is imported here: what a process starts with counts as its child's memory too.
from benchmarks.base import Base, Size
from benchmarks.contestants import (
    ALL,
    BEST,
    BY_KIND,
    NATURAL,
    PACKED,
    POLARS,
    PYTHON,
    SCAN,
    SCOREC,
    START,
    WITHOUT_RESULT,
    Contestant,
    Task,
)
from benchmarks.table_rules import EVENT_RULES

ROOT = Path(__file__).parent.parent
SAMPLE = 10_000
"""The leads on which everybody has to agree, and which the Python engine scores."""

PARTS = {
    "whole": "the whole workload, events in the order of time",
    "by_lead": "events in the order of the leads",
    "keys": "leads and events with keys of 18 characters",
    "csv": "leads and events as CSV",
    "memory": "in 2 GB of memory",
    "leads": "a tenth of the leads and all of them",
    "rules": "12 event rules and 100",
}
MANY_RULES = 100
NEARLY_NOTHING = 100
"""leads, with as many events"""
MEMORY = "2GB"


@dataclass(frozen=True)
class Measured:
    """What one process took."""

    wall: float
    cpu: float
    peak: float
    """megabytes"""


@dataclass
class Row:
    """What a contestant took: the medians of its turns, and of the ratios in each turn."""

    title: str
    wall: float | None = None
    cpu: float | None = None
    peak: float | None = None
    to_best: float | None = None
    """processor time, in that of the best statement by hand"""
    to_scan: float | None = None
    events_a_second: float | None = None
    growth: float | None = None
    """the exponent by which processor time grows, without what it takes for nearly nothing"""
    differs: int | None = None
    note: str = ""


@dataclass
class Report:
    """Everything that was measured, as it is written to a file."""

    date: str
    machine: dict[str, Any]
    leads: int
    events: int
    turns: int
    parts: dict[str, list[Row]] = field(default_factory=dict)


@dataclass(frozen=True)
class Setting:
    """What is run."""

    folder: Path
    size: Size
    turns: int
    threads: int | None
    python: bool
    """whether the Python engine is run, on a sample"""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tables", description=__doc__)
    parser.add_argument("--leads", type=int, default=100_000)
    parser.add_argument("--events", type=int, help="20 for each lead, if it is not said")
    parser.add_argument("--turns", type=int, help="how often each is run (5)")
    parser.add_argument("--quick", action="store_true", help="10,000 leads and two turns, if they are not said")
    parser.add_argument("--parts", nargs="+", choices=list(PARTS), default=list(PARTS), metavar="PART", help=_parts())
    parser.add_argument("--threads", type=int, help="for all that can be told")
    parser.add_argument("--folder", type=Path, help="where tables are kept from run to run")
    parser.add_argument("--json", type=Path, help="write what was measured to this file")
    given = parser.parse_args()
    leads = 10_000 if given.quick and given.leads == parser.get_default("leads") else given.leads
    size = Size(leads, given.events if given.events is not None else 20 * leads)
    turns = given.turns or (2 if given.quick else 5)
    with tempfile.TemporaryDirectory(prefix="tables-") as temporary:
        setting = Setting((given.folder or Path(temporary)).resolve(), size, turns, given.threads, True)
        run(setting, given.parts, given.json)


def _parts() -> str:
    return "; ".join(f"{name}: {what}" for name, what in PARTS.items())


def run(setting: Setting, parts: Iterable[str], written: Path | None = None) -> Report:
    """Measures parts. Each is shown, and written to a file, when it is done: the next may take long, and not end."""
    now = datetime.now(timezone.utc).strftime("%Y-%m-%d")
    size = setting.size
    report = Report(now, _machine(), size.leads, size.events, setting.turns)
    print(f"{size.leads:,} leads, {size.events:,} events, {setting.turns} turns; {_told(report.machine)}\n")
    for part in parts:
        rows = _MEASURE[part](setting)
        report.parts[part] = rows
        _show(PARTS[part], rows)
        if written is not None:
            written.write_text(json.dumps(asdict(report), indent=2) + "\n", "utf-8")
    return report


# ------------------------------------------------------------------ parts


def _whole(setting: Setting) -> list[Row]:
    base, task = _ready(setting, setting.size)
    differ = _agreement(setting, ALL, len(EVENT_RULES))
    rows = _race(setting, ALL, task, differ)
    if setting.python:
        rows.append(_with_python(setting, base))
    return rows


def _by_lead(setting: Setting) -> list[Row]:
    base, task = _ready(setting, setting.size)
    return _race(setting, (SCOREC, BEST, PACKED, NATURAL, POLARS, SCAN), replace(task, events=base.events_by_lead))


def _keys(setting: Setting) -> list[Row]:
    _, task = _ready(setting, replace(setting.size, key="text"))
    return _race(setting, (SCOREC, BEST, PACKED, NATURAL, POLARS, SCAN), task)


def _csv(setting: Setting) -> list[Row]:
    base, task = _ready(setting, replace(setting.size, csv=True))
    return _race(setting, (SCOREC, BEST, NATURAL, SCAN), replace(task, leads=base.leads_csv, events=base.events_csv))


def _memory(setting: Setting) -> list[Row]:
    _, task = _ready(setting, setting.size)
    limited = tuple(one for one in ALL if one.can_be_limited and one is not START)
    return _race(setting, limited, replace(task, memory=MEMORY))


def _leads(setting: Setting) -> list[Row]:
    size = setting.size
    small = replace(size, leads=max(1, size.leads // 10), events=max(1, size.events // 10))
    tasks = _ready(setting, small)[1], _ready(setting, size)[1]
    return _growth(setting, _GROWING, tasks, size.leads / small.leads)


def _rules(setting: Setting) -> list[Row]:
    _, task = _ready(setting, setting.size)
    differ = _agreement(setting, (*_GROWING, BY_KIND), MANY_RULES)
    tasks = task, replace(task, rules=MANY_RULES)
    return _growth(setting, (*_GROWING, BY_KIND), tasks, MANY_RULES / len(EVENT_RULES), differ)


_MEASURE = {
    "whole": _whole,
    "by_lead": _by_lead,
    "keys": _keys,
    "csv": _csv,
    "memory": _memory,
    "leads": _leads,
    "rules": _rules,
}
_GROWING = (SCOREC, BEST, PACKED, NATURAL, POLARS)


def _growth(
    setting: Setting,
    contestants: Sequence[Contestant],
    tasks: tuple[Task, Task],
    times: float,
    differ: dict[str, int] | None = None,
) -> list[Row]:
    """How the time grows from a small task to one that is so many times as large."""
    nothing = _ready(setting, replace(setting.size, leads=NEARLY_NOTHING, events=NEARLY_NOTHING))[1]
    # What starting, reading the policy and planning take is not work on leads.
    empty = [_race(setting, contestants, replace(nothing, rules=task.rules)) for task in tasks]
    small, large = _race(setting, contestants, tasks[0]), _race(setting, contestants, tasks[1], differ)
    rows = []
    for less, more, *starts in zip(small, large, *empty, strict=True):
        before, after = (_beyond(row, start) for row, start in zip((less, more), starts, strict=True))
        if before is not None and after is not None:
            more.growth = log(after / before) / log(times)
            more.note = f"{after / before:.1f} x for {times:.1f} x; {starts[1].cpu:.2f} s for nearly nothing"
        rows += [replace(less, title=f"{less.title}, less"), more]
    return rows


def _beyond(row: Row, start: Row) -> float | None:
    """The processor time that is spent on leads, if it can be told from noise."""
    if row.cpu is None or start.cpu is None or row.cpu - start.cpu < 0.01:
        return None
    return row.cpu - start.cpu


def _with_python(setting: Setting, base: Base) -> Row:
    """The Python engine, on the sample; all of the leads would take so many times as long."""
    sample = _sample(setting)
    task = Task(sample.leads, sample.events, setting.folder)
    found = process(PYTHON.command(task))
    if not isinstance(found, Measured):
        return Row(PYTHON.title, note=found)
    times = base.size.leads / sample.size.leads
    wall, cpu = found.wall * times, found.cpu * times
    note = f"of {sample.size.leads:,} leads, times {times:.0f}" if times > 1 else ""
    return Row(PYTHON.title, wall, cpu, found.peak, events_a_second=base.size.events / wall, note=note)


# ------------------------------------------------------------------ tables, and whether all agree


def _ready(setting: Setting, size: Size) -> tuple[Base, Task]:
    """A base, made in a process of its own if it is not there, and the task to score it."""
    name = (
        f"{size.leads}_{size.events}" + ("" if size.key == "whole" else f"_{size.key}") + ("_csv" if size.csv else "")
    )
    folder = setting.folder / name
    made = [sys.executable, "-m", "benchmarks.base", str(folder), "--leads", str(size.leads)]
    made += ["--events", str(size.events), "--key", size.key, "--seed", str(size.seed)]
    subprocess.run(made + (["--csv"] if size.csv else []), check=True, cwd=ROOT)
    base = Base(folder, size)
    return base, Task(base.leads, base.events, folder, threads=setting.threads)


def _sample(setting: Setting) -> Base:
    size = setting.size
    leads = min(SAMPLE, size.leads)
    return _ready(setting, replace(size, leads=leads, events=max(1, size.events * leads // size.leads)))[0]


def _agreement(setting: Setting, contestants: Sequence[Contestant], rules: int) -> dict[str, int]:
    """In how many of the sample's leads each result differs from that of the Python engine."""
    sample = _sample(setting)
    task = Task(sample.leads, sample.events, sample.folder, rules)
    expected = process(PYTHON.command(task))
    if not isinstance(expected, Measured):
        raise SystemExit(f"the Python engine does not score the sample: {expected}")
    found = {}
    for one in contestants:
        if one in WITHOUT_RESULT or _missing(one) or isinstance(process(one.command(task)), str):
            continue
        compared = [sys.executable, "-m", "benchmarks.agreement", str(task.out(PYTHON.name)), str(task.out(one.name))]
        said = subprocess.run(compared, check=True, capture_output=True, text=True, cwd=ROOT).stdout
        found[one.title] = json.loads(said)["any"]
    return found


# ------------------------------------------------------------------ turns


def _race(
    setting: Setting, contestants: Sequence[Contestant], task: Task, differ: dict[str, int] | None = None
) -> list[Row]:
    """Runs all of them in turns, forwards and backwards in alternation."""
    rows = {one.name: Row(one.title) for one in contestants}
    for one in contestants:
        lacking = _missing(one)
        if lacking:
            rows[one.name].note = f"not available: pip install {lacking}"
    running = [one for one in contestants if not rows[one.name].note]
    taken: dict[str, list[Measured]] = {one.name: [] for one in running}
    # So that the files are in the cache for all of them, and our own modules are compiled.
    for one in (SCAN, *(one for one in running if one is SCOREC)):
        process(one.command(task))
    for turn in range(setting.turns):
        for one in running if turn % 2 == 0 else reversed(running):
            if rows[one.name].note:
                continue
            found = process(one.command(task))
            if isinstance(found, Measured):
                taken[one.name].append(found)
            else:
                rows[one.name].note = found
    events = _events_of(task)
    for one in running:
        times, row = taken[one.name], rows[one.name]
        if row.note:
            continue
        row.wall, row.cpu = median(each.wall for each in times), median(each.cpu for each in times)
        row.peak = max(each.peak for each in times)
        row.to_best, row.to_scan = (_ratio(times, taken.get(other.name)) for other in (BEST, SCAN))
        row.differs = (differ or {}).get(one.title)
        if one is not START:
            row.events_a_second = events / row.wall
    return list(rows.values())


def _ratio(times: Sequence[Measured], base: Sequence[Measured] | None) -> float | None:
    if not base or len(base) != len(times):
        return None
    return median(one.cpu / other.cpu for one, other in zip(times, base, strict=True))


def _events_of(task: Task) -> int:
    manifest = json.loads((task.events.parent / "manifest.json").read_text("utf-8"))
    return int(manifest["events"])


def _missing(one: Contestant) -> str:
    return " ".join(module for module in one.needs if importlib.util.find_spec(module) is None)


def process(command: Sequence[str]) -> Measured | str:
    """Runs a command; what it took, or why it did not end well."""
    # An installed program is compiled once; so is this one, whatever the shell says about writing bytecode.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    with (
        tempfile.TemporaryFile("w+") as said,
        subprocess.Popen(command, stdout=said, stderr=said, cwd=ROOT, env=environment) as child,
    ):
        _, status, used = os.wait4(child.pid, 0)
        wall = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            said.seek(0)
            return _why(child.returncode, said.read())
    in_a_megabyte = 1_000_000 if sys.platform == "darwin" else 1_000_000 / 1024
    return Measured(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / in_a_megabyte)


def _why(code: int, said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("error:")]
    if any("there is no option" in line or "invalid value for `--engine`" in line for line in errors):
        return "not available"
    if code < 0:
        return f"killed by signal {-code}"
    return f"failed: {(errors or lines or [str(code)])[-1][:80]}"


# ------------------------------------------------------------------ showing


def _show(title: str, rows: Sequence[Row]) -> None:
    print(title)
    head = ("", "wall s", "CPU s", "peak MB", "x best", "x scan", "events/s", "growth", "differ")
    print("  {:<30}{:>9}{:>9}{:>9}{:>8}{:>8}{:>12}{:>8}{:>8}".format(*head).rstrip())
    for row in rows:
        cells = [
            _cell(row.wall, ".2f", 9),
            _cell(row.cpu, ".2f", 9),
            _cell(row.peak, ",.0f", 9),
            _cell(row.to_best, ".2f", 8),
            _cell(row.to_scan, ".2f", 8),
            _cell(row.events_a_second, ",.0f", 12),
            _cell(row.growth, ".2f", 8),
            _cell(row.differs, ",", 8),
        ]
        print(f"  {row.title:<30}{''.join(cells)}  {row.note}".rstrip())
    print(flush=True)


def _cell(value: float | None, form: str, width: int) -> str:
    return ("" if value is None else format(value, form)).rjust(width)


def _machine() -> dict[str, Any]:
    versions = {}
    for package in ("duckdb", "polars", "pandas"):
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    return {"cores": os.cpu_count(), "system": platform.system(), "python": platform.python_version(), **versions}


def _told(machine: dict[str, Any]) -> str:
    packages = ", ".join(
        f"{name} {machine[name]}" for name in ("python", "duckdb", "polars", "pandas") if name in machine
    )
    return f"{machine['cores']} cores, {packages}"


if __name__ == "__main__":
    main()
