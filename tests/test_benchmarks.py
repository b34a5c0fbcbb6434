"""The benchmarks measure what they say: the same tables on every machine, and code by hand that gives the same result.

Those which make tables need NumPy and pyarrow; the queries in Polars and pandas need those."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from math import log10
from pathlib import Path
from types import ModuleType
from typing import Any

import duckdb
import pytest

import scorec

ROOT = Path(__file__).parent.parent
RULES = (12, 100)


def benchmark(name: str) -> ModuleType:
    """A module of the benchmarks, which are run from the repository's root and not installed."""
    if str(ROOT) not in sys.path:
        sys.path.append(str(ROOT))
    return importlib.import_module(f"benchmarks.{name}")


base, table_rules, table_sql, table_frames, contestants, agreement, tables = map(
    benchmark, ("base", "table_rules", "table_sql", "table_frames", "contestants", "agreement", "tables")
)


def needs(*modules: str) -> Callable[[Any], Any]:
    lacking = [module for module in modules if importlib.util.find_spec(module) is None]
    return pytest.mark.skipif(bool(lacking), reason=f"needs {', '.join(lacking)}: pip install 'scorec[bench]'")


makes_tables = needs("numpy", "pyarrow")


# ------------------------------------------------------------------ tables of leads and events


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def rows(question: str) -> list[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        return connection.execute(question).fetchall()


@makes_tables
@pytest.mark.parametrize("key", ["whole", "text"])
def test_a_seed_gives_the_same_tables(tmp_path: Path, key: str) -> None:
    size = base.Size(200, 3_000, key, csv=True)
    one, again = (base.make(tmp_path / name, size) for name in ("one", "again"))
    assert digests(one.folder) == digests(again.folder)
    other = base.make(tmp_path / "other", base.Size(200, 3_000, key, csv=True, seed=2))
    same = digests(one.folder).items() & digests(other.folder).items()
    assert not same


@makes_tables
def test_tables_that_are_there_are_left_alone(tmp_path: Path) -> None:
    size = base.Size(50, 400)
    made = base.make(tmp_path, size)
    made.leads.write_bytes(b"looked at, not made again")
    base.make(tmp_path, size)
    assert made.leads.read_bytes() == b"looked at, not made again"
    base.make(tmp_path, base.Size(51, 400))
    assert rows(f"SELECT count(*) FROM '{made.leads}'") == [(51,)]


@makes_tables
def test_tables_hold_what_is_asked_for_in_two_orders(tmp_path: Path) -> None:
    made = base.make(tmp_path, base.Size(300, 5_000, csv=True))
    by_time = rows(f"SELECT * FROM '{made.events}'")
    by_lead = rows(f"SELECT * FROM '{made.events_by_lead}'")
    assert len(by_time) == 5_000 and len(rows(f"SELECT * FROM '{made.leads}'")) == 300
    assert [row[2] for row in by_time] == sorted(row[2] for row in by_time)
    assert [row[0] for row in by_lead] == sorted(row[0] for row in by_lead)
    assert sorted(by_time, key=str) == sorted(by_lead, key=str) == sorted(rows(f"FROM '{made.events_csv}'"), key=str)


# ------------------------------------------------------------------ policies


def test_the_rules_as_data_are_those_of_the_workload() -> None:
    assert table_rules.policy_text(table_rules.EVENT_RULES) == table_rules.WORKLOAD.read_text("utf-8")


def test_many_rules_make_a_policy_without_mistakes(tmp_path: Path) -> None:
    rules = table_rules.event_rules(100)
    assert len({rule.name for rule in rules}) == 100 and rules[:12] == table_rules.EVENT_RULES
    nothing = Path("nothing.parquet")
    policy = scorec.load(contestants.Task(nothing, nothing, tmp_path, 100).policy)
    engagement = next(score for score in policy.program.scores if score.name == "engagement")
    assert len(engagement.items) == 100


# ------------------------------------------------------------------ all give the same


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Any]:
    """500 leads, scored by the Python engine with few event rules and with many."""
    found = {}
    for number in RULES:
        folder = tmp_path_factory.mktemp(f"rules_{number}")
        made = base.make(folder, base.Size(500, 10_000))
        found[number] = task = contestants.Task(made.leads, made.events, folder, number)
        assert isinstance(tables.process(contestants.PYTHON.command(task)), tables.Measured)
    return found


def differences(task: Any, out: Path) -> dict[str, int]:
    found: dict[str, int] = agreement.differences(task.out(contestants.PYTHON.name), out)
    return found


def by_statement(name: str, task: Any) -> Path:
    out: Path = task.out(name)
    statement = getattr(table_sql, name)(task.leads, task.events, table_rules.event_rules(task.rules))
    rows(f"COPY ({statement}) TO '{out}' (FORMAT parquet)")
    return out


@makes_tables
@pytest.mark.parametrize("rules", RULES)
@pytest.mark.parametrize("name", ["best", "packed", "by_kind"])
def test_statements_by_hand_give_the_exact_result(scored: dict[int, Any], name: str, rules: int) -> None:
    out = by_statement(name, scored[rules])
    assert not any(differences(scored[rules], out).values())


@pytest.mark.parametrize("rules", RULES)
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[needs(name), makes_tables]) for name in ("polars", "pandas")]
)
def test_queries_by_hand_give_the_exact_result(scored: dict[int, Any], name: str, rules: int) -> None:
    task = scored[rules]
    out = task.out(name)
    getattr(table_frames, f"with_{name}")(task.leads, task.events, table_rules.event_rules(rules), out)
    assert not any(differences(task, out).values())


@makes_tables
def test_a_natural_statement_differs_where_halves_of_points_are_added_unrounded(scored: dict[int, Any]) -> None:
    task = scored[12]
    out = by_statement("natural", task)
    found = differences(task, out)
    assert 0 < found["engagement"] < 100 and found["fit"] == found["completeness"] == 0
    furthest = rows(
        f"SELECT max(abs(e.engagement - f.engagement)) FROM '{out}' e"
        f" JOIN '{task.out(contestants.PYTHON.name)}' f ON CAST(e.lead_id AS VARCHAR) = f.lead_id"
    )[0][0]
    assert 0 < furthest < 0.01


@makes_tables
def test_what_differs_is_counted(scored: dict[int, Any], tmp_path: Path) -> None:
    task = scored[12]
    out = tmp_path / "changed.parquet"
    said = "* REPLACE (CASE WHEN lead_id = '7' THEN fit + 0.0001 ELSE fit END AS fit)"
    rows(f"COPY (SELECT {said} FROM '{task.out(contestants.PYTHON.name)}' WHERE lead_id <> '9') TO '{out}'")
    found = differences(task, out)
    assert (found["fit"], found["total"], found["any"]) == (2, 1, 2)


# ------------------------------------------------------------------ the runner


@makes_tables
def test_everybody_is_run_and_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    setting = tables.Setting(tmp_path, base.Size(200, 2_000), 1, 1, True)
    report = tables.run(setting, ["whole"], tmp_path / "report.json")
    found = {row.title: row for row in report.parts["whole"]}
    assert set(found) == {one.title for one in (*contestants.ALL, contestants.PYTHON)}
    best, scorecs = found[contestants.BEST.title], found[contestants.SCOREC.title]
    assert best.to_best == 1 and best.differs == 0 and best.wall > 0 and best.peak > 10
    assert scorecs.differs == 0 and scorecs.to_best > 0 and scorecs.to_scan > 0
    assert json.loads((tmp_path / "report.json").read_text("utf-8")) == asdict(report)
    shown = capsys.readouterr().out
    assert all(title in shown for title in found)


@makes_tables
def test_growth_is_what_a_tenth_takes_beside_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes that take a quarter of a second to start, and then so long for each event."""
    seconds_for_each_event = {size: 0.0001 * size**0.5 for size in (100, 200, 2_000)}

    def process(command: list[str]) -> Any:
        folder = next(Path(word).parent.name for word in command if word.endswith("events.parquet"))
        events = int(folder.split("_")[1])
        return tables.Measured(1.0, 0.25 + events * seconds_for_each_event[events], 100.0)

    monkeypatch.setattr(tables, "process", process)
    setting = tables.Setting(tmp_path, base.Size(2_000, 2_000), 1, None, False)
    less, more, *_ = tables.run(setting, ["leads"]).parts["leads"]
    assert (less.title, more.title) == (f"{contestants.SCOREC.title}, less", contestants.SCOREC.title)
    # What 100 leads take counts as starting; the rest grows with the power of one and a half.
    started = 100 * seconds_for_each_event[100]
    assert more.growth == pytest.approx(log10((2_000**1.5 / 10_000 - started) / (200**1.5 / 10_000 - started)))
    assert less.growth is None


@makes_tables
@pytest.mark.parametrize("part", ["by_lead", "keys", "csv", "memory"])
def test_a_part_compares_scorec_with_the_best_by_hand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    commands = []

    def process(command: list[str]) -> Any:
        commands.append(" ".join(command))
        assert all(Path(word).exists() for word in command if "/events" in word or "/leads" in word)
        return tables.Measured(1.0, 3.0 if "scorec" in command else 2.0, 100.0)

    monkeypatch.setattr(tables, "process", process)
    setting = tables.Setting(tmp_path, base.Size(20, 100), 2, None, False)
    found = {row.title: row for row in tables.run(setting, [part]).parts[part]}
    assert found[contestants.SCOREC.title].to_best == 1.5
    assert all(("--memory 2GB" in command) == (part == "memory") for command in commands)


def test_growth_is_not_guessed_from_noise() -> None:
    row, start = tables.Row("any", cpu=0.255), tables.Row("any", cpu=0.25)
    assert tables._beyond(row, start) is None
    assert tables._beyond(tables.Row("any", cpu=1.25), start) == 1.0


def test_what_cannot_be_run_is_told() -> None:
    scores = [sys.executable, "-m", "scorec", "score", "a.score", "a.csv"]
    assert tables.process([*scores, "--engine", "of_tomorrow"]) == "not available"
    assert tables.process([*scores, "--of-tomorrow"]) == "not available"
    assert "a.score" in tables.process(scores)
    assert tables.process([sys.executable, "-c", "raise SystemExit('no leads today')"]) == "failed: no leads today"
    assert tables._missing(contestants.Contestant("none", "none", lambda task: [], ("no_such_module",)))
