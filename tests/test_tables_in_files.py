"""Leads and events that are in order are not copied: DuckDB reads them where they are, and knows by few looks that
nothing is wrong with them. Whatever those looks find, the result is that of the Python engine."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from test_duckdb_tables import with_python

import scorec as api
from scorec.compiler.batch import Summary, shape_of
from scorec.compiler.duckdb_tables.clean import LEADS, MANY_SELECTIONS
from scorec.compiler.duckdb_tables.events import EventInput
from scorec.compiler.duckdb_tables.run import Run
from scorec.compiler.duckdb_tables.session import Settings
from scorec.compiler.engines.sql.lowering import lower
from scorec.compiler.policy import Policy
from scorec.compiler.tables import TableError

pa = pytest.importorskip("pyarrow", reason="Parquet files need pyarrow")
pq = pytest.importorskip("pyarrow.parquet", reason="Parquet files need pyarrow")

AT = datetime(2026, 3, 2, tzinfo=timezone.utc)

POLICY = """\
policy tables "In files"
  language 1
lead by lead_id
  title: text
  plan: one of (free, pro)
  employees: number
event page_view
  url: text
event demo_request, login, webinar
score fit
  +10 boss when title is "boss"
  +5  pro when plan is pro
  +2  untitled when title is missing
score interest
  +3 pricing for each page_view in the last 14 days where url contains "/pricing"
  +20 demo for each demo_request, halving every 30 days
  +4 active when days since last login < 7
  -1 silent when no event in the last 30 days
"""

Key = int | str | None


def lead(key: Key, title: str | None = "boss", plan: str | None = "pro") -> dict[str, Any]:
    return {"lead_id": key, "title": title, "plan": plan, "employees": 3.0}


def event(key: Key, kind: str | None, days: float, url: str | None = None) -> dict[str, Any]:
    return {"lead_id": key, "event": kind, "at": AT - timedelta(days=days), "url": url}


def written(folder: Path, name: str, rows: Sequence[dict[str, Any]]) -> Path:
    table = pa.Table.from_pylist(list(rows))
    if "at" in table.column_names:
        table = table.set_column(
            table.column_names.index("at"), "at", table.column("at").cast(pa.timestamp("us", tz="UTC"))
        )
    pq.write_table(table, folder / name)
    return folder / name


@contextmanager
def read(policy: Policy, leads: Path, events: Path | None) -> Iterator[tuple[Run, list[Any], Summary]]:
    summary, rejected = Summary(), list[Any]()
    with Run(policy, policy.instant("2026-03-02"), summary, rejected.append, Settings(threads=2)) as run:
        run.check(True)
        run.read_leads(leads)
        run.read_events([] if events is None else [EventInput(events)])
        run.score(shape_of(policy, None, True))
        yield run, rejected, summary


def same_as_python(policy: Policy, leads: Path, events: Path | None) -> list[list[Any]]:
    """The rows, which have to be those of the Python engine, as the rejected rows and the counts have to."""
    wanted = with_python(policy, leads, events, policy.instant("2026-03-02"))
    with read(policy, leads, events) as (run, rejected, summary):
        rows = list(run.rows(shape_of(policy, None, True)))
    rejected.sort(key=lambda one: (one.file, one.row, one.column, one.reason))
    assert (rows, rejected, summary) == wanted
    return rows


def kind_of(run: Run, name: str) -> str:
    said = f"SELECT table_type FROM information_schema.tables WHERE table_name = '{name}'"
    return str(run.session.run(said)[0][0])


# ------------------------------------------------------------------ leads


def test_leads_in_order_stay_in_their_file(tmp_path: Path) -> None:
    policy = api.loads(POLICY)
    leads = written(tmp_path, "leads.parquet", [lead(1), lead(2, None), lead(3, "Boss")])
    with read(policy, leads, None) as (run, _, _):
        assert kind_of(run, LEADS) == "VIEW"
    assert [row[1] for row in same_as_python(policy, leads, None)] == [150_000, 70_000, 150_000]


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([lead(1), lead(1)], id="a key that stands twice"),
        pytest.param([lead(1), lead(None)], id="a row without a key"),
        pytest.param([lead(1), lead(2, plan="gold")], id="a value that is not declared"),
        pytest.param([lead("a"), lead(" a")], id="keys that differ in a blank"),
        pytest.param([lead("a"), lead("\t")], id="a key of nothing but blanks"),
    ],
)
def test_a_lead_that_cannot_be_used_is_rejected(rows: list[dict[str, Any]], tmp_path: Path) -> None:
    policy = api.loads(POLICY)
    leads = written(tmp_path, "leads.parquet", rows)
    with read(policy, leads, None) as (run, rejected, _):
        assert kind_of(run, LEADS) != "VIEW"
        assert len(rejected) == 1
    assert len(same_as_python(policy, leads, None)) == 1


@pytest.mark.parametrize(
    "title", [" boss", "boss\r\n", "\tboss ", " ", "", "\x1fboss", "boss\x1f", "bøss", "boss\u00a0"]
)
def test_blanks_around_a_text_are_none_of_it(title: str, tmp_path: Path) -> None:
    """The four blanks of the language; no other character is one, however it looks."""
    leads = written(tmp_path, "leads.parquet", [lead(1, title), lead(2, "boss")])
    same_as_python(api.loads(POLICY), leads, None)


@pytest.mark.parametrize(
    "keys",
    [
        pytest.param([5, 6, 7], id="beside each other"),
        pytest.param([-3, 0, 900], id="below nothing"),
        pytest.param([-(2**63), 0, 2**63 - 1], id="as far from each other as can be"),
        pytest.param([1, 2, 1 << 40], id="far from each other"),
    ],
)
def test_whole_keys(keys: list[int], tmp_path: Path) -> None:
    leads = written(tmp_path, "leads.parquet", [lead(key) for key in keys])
    of_all = [event(key, "login", 1) for key in keys]
    of_others = [event(8, "login", 1), event(keys[0] + 1, "login", 1), event(None, "login", 1), event(5, "login", -1)]
    for number, rows in enumerate((of_all, of_all + of_others)):
        events = written(tmp_path, f"events_{number}.parquet", rows)
        assert [row[2] for row in same_as_python(api.loads(POLICY), leads, events)] == [40_000] * len(keys)


def test_many_leads_come_out_in_the_order_of_their_files(tmp_path: Path) -> None:
    """Several groups of rows are read at once, and may be ready in any order."""
    import duckdb

    for number, (first, last) in enumerate(((1, 300_000), (300_001, 400_000))):
        duckdb.execute(
            f"COPY (SELECT 900000 - range AS lead_id, 'boss' AS title, 'pro' AS plan, 1.0 AS employees"
            f" FROM range({first}, {last + 1})) TO '{tmp_path}/leads_{number}.parquet' (ROW_GROUP_SIZE 20000)"
        )
    duckdb.execute(
        f"COPY (SELECT 900000 - range AS lead_id, 'login' AS event, TIMESTAMPTZ '2026-03-01 00:00:00+00' AS \"at\","
        f" NULL::VARCHAR AS url FROM range(1, 400001, 7)) TO '{tmp_path}/events.parquet' (ROW_GROUP_SIZE 20000)"
    )
    policy = api.loads(POLICY)
    for out in ("out.parquet", "out.csv"):
        with read(policy, Path(f"{tmp_path}/leads_*.parquet"), tmp_path / "events.parquet") as (run, _, summary):
            assert run.write(shape_of(policy, None, False), tmp_path / out)
            assert summary.scored == 400_000
        found = duckdb.sql(f"SELECT lead_id FROM '{tmp_path / out}'").fetchall()
        assert [int(key) for (key,) in found] == [900_000 - number for number in range(1, 400_001)]


def test_a_column_that_one_of_several_files_has_not_is_told_with_the_file(tmp_path: Path) -> None:
    written(tmp_path, "leads_1.parquet", [lead(1)])
    written(tmp_path, "leads_2.parquet", [{"lead_id": 2, "plan": "pro", "employees": 3.0}])
    with read(api.loads(POLICY), tmp_path / "leads_*.parquet", None) as (_, _, summary):
        (note,) = summary.notes
    assert note == f"no column `title` in {tmp_path}/leads_2.parquet, so it is missing for every lead there"


# ------------------------------------------------------------------ events


@pytest.mark.parametrize(
    "keys",
    [
        pytest.param(["a", "b", "a"], id="as the leads have them"),
        pytest.param(["a", " b", "a\t"], id="with blanks"),
        pytest.param(["a", "x", None], id="of nobody"),
        pytest.param([" ", "", " x "], id="of nobody, with blanks"),
    ],
)
def test_keys_of_events_that_are_texts(keys: list[Key], tmp_path: Path) -> None:
    leads = written(tmp_path, "leads.parquet", [lead("a"), lead("b ")])
    events = written(tmp_path, "events.parquet", [event(key, "demo_request", 1) for key in keys])
    same_as_python(api.loads(POLICY), leads, events)


def test_texts_of_events_are_looked_at_only_where_they_matter(tmp_path: Path) -> None:
    urls = ["/pricing", " /pricing\r", "x/PRICING?", " ", "", None, "/price"]
    rows = [event(1, "page_view", 1, url) for url in urls]
    # Of a kind that does not declare it, and outside of the window.
    rows += [event(1, "login", 100, "/pricing"), event(1, "page_view", 20, "/pricing")]
    events = written(tmp_path, "events.parquet", rows)
    leads = written(tmp_path, "leads.parquet", [lead(1)])
    assert [row[2] for row in same_as_python(api.loads(POLICY), leads, events)] == [90_000]


def test_events_at_the_ends_of_the_calendar(tmp_path: Path) -> None:
    leads = written(tmp_path, "leads.parquet", [lead(1), lead(2)])
    rows = [event(1, "login", 1), event(2, "login", 1)]
    rows[0]["at"] = datetime(1, 1, 1, tzinfo=timezone.utc)
    rows[1]["at"] = datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=timezone.utc)
    same_as_python(api.loads(POLICY), leads, written(tmp_path, "events.parquet", rows))


# ------------------------------------------------------------------ `days since last ... < N`


@pytest.mark.parametrize("test", ["< 7", "<= 7", "< 6.5", "<= 6.5", "< 0", "<= 0", "< 1"])
@pytest.mark.parametrize(
    "form", ["{}", "not {}", '({} or title is "x")', "({} and plan is pro)", "not ({} and plan is pro)"]
)
def test_the_newest_event_is_new_enough_if_any_is(test: str, form: str, tmp_path: Path) -> None:
    """Then older events need not be read; but where it is denied, a lead without any is not one whose newest is old."""
    condition = form.format(f"days since last login {test}")
    policy = api.loads(POLICY.replace("days since last login < 7", condition))
    ages = [0, 0.5, 1, 1.5, 6, 6.49, 6.5, 7, 7.5, 8, 90]
    leads = written(tmp_path, "leads.parquet", [lead(key) for key in range(len(ages) + 2)])
    rows = [event(key, "login", age) for key, age in enumerate(ages)]
    rows += [event(len(ages), "login", 3), event(len(ages), "login", 40), event(0, "demo_request", 50)]
    same_as_python(policy, leads, written(tmp_path, "events.parquet", rows))


def test_the_newest_event_is_looked_for_no_further_back(tmp_path: Path) -> None:
    """The statement does not ask when it was."""
    policy = api.loads(POLICY)
    with read(policy, written(tmp_path, "leads.parquet", [lead(1)]), None) as (run, _, _):
        steps = lower(policy.program, run.ground()).steps
    assert not any("MAX(" in step.query.sql("duckdb") for step in steps)


# ------------------------------------------------------------------ kind by kind


def test_many_rules_are_gathered_kind_by_kind(tmp_path: Path) -> None:
    rules = "".join(
        f"  +{days} {name}_{days} for each {kinds} in the last {days} days\n"
        for days in range(1, MANY_SELECTIONS // 3 + 1)
        for name, kinds in (("one", "login"), ("two", "webinar"), ("all", "event"))
    )
    policy = api.loads(POLICY + rules)
    leads = written(tmp_path, "leads.parquet", [lead(1), lead(2), lead(3)])
    rows = [event(1 + number % 2, kind, number) for number in range(40) for kind in ("login", "webinar", "page_view")]
    events = written(tmp_path, "events.parquet", rows)
    with read(policy, leads, events) as (run, _, _):
        names = [step.name for step in lower(policy.program, run.ground()).steps]
    assert {"login_events", "webinar_events", "lead_events"} <= set(names)
    same_as_python(policy, leads, events)


def test_few_rules_are_gathered_at_once(tmp_path: Path) -> None:
    policy = api.loads(POLICY)
    with read(policy, written(tmp_path, "leads.parquet", [lead(1)]), None) as (run, _, _):
        names = [step.name for step in lower(policy.program, run.ground()).steps]
    assert "login_events" not in names


# ------------------------------------------------------------------ instants in text

USUAL = [
    *("2026-03-01T10:00Z", "2026-03-01 10:00", "2026-03-01 10:00:07.5", "2026-03-01T10:00:07.123456+01:00"),
    *("2026-03-01 10:00:07+00", "2026-03-01 10:00:07.25-05", "2026-03-01 10:00:07+0530", " 2026-03-01T10:00-12 "),
]
UNUSUAL = ["2026-03-01t10:00z", "2026-03-01 10:00 +01:00", "2026-03-01", "2026-03-01 10:00:07.123456789Z", "soon"]


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin"])
@pytest.mark.parametrize("at", [*USUAL, *UNUSUAL])
def test_instants_that_are_written_in_a_usual_way_never_pass_through_python(at: str, zone: str, tmp_path: Path) -> None:
    """Also those of databases, which leave out the minutes of an offset. All are read as Python reads them."""
    policy = api.loads(POLICY.replace("  language 1", f'  language 1\n  timezone "{zone}"'))
    (tmp_path / "leads.csv").write_text("lead_id,title,plan,employees\n1,boss,pro,3\n")
    (tmp_path / "events.csv").write_text(f"lead_id,event,at,url\n1,login,2026-02-01T10:00Z,\n1,demo_request,{at},\n")
    leads, events = tmp_path / "leads.csv", tmp_path / "events.csv"
    with read(policy, leads, events) as (run, _, _):
        tables = {name for (name,) in run.session.run("SELECT table_name FROM information_schema.tables")}
    assert ("scorec_events_1_odd" in tables) == (at in UNUSUAL)
    same_as_python(policy, leads, events)


# ------------------------------------------------------------------ what a file may be like


@pytest.mark.parametrize("name", ["plan=free/leads.parquet", "title=x/leads.parquet", "l*.parquet", "l[1].parquet"])
def test_the_name_of_a_file_tells_nothing_of_its_rows(name: str, tmp_path: Path) -> None:
    """Neither a folder that is called like a column, nor the signs of a pattern."""
    (tmp_path / name).parent.mkdir(exist_ok=True)
    written(tmp_path, "l1.parquet", [lead(7)])
    leads = written(tmp_path, name, [lead(1), lead(2, "x")])
    assert [row[1] for row in same_as_python(api.loads(POLICY), leads, None)] == [150_000, 50_000]


def test_a_csv_file_is_not_taken_for_a_pattern(tmp_path: Path) -> None:
    for name, title in (("l*.csv", "boss"), ("l1.csv", "x")):
        (tmp_path / name).write_text(f"lead_id,title,plan,employees\n1,{title},pro,3\n", "utf-8")
    assert [row[1] for row in same_as_python(api.loads(POLICY), tmp_path / "l*.csv", None)] == [150_000]


@pytest.mark.parametrize("name", ["file_row_number", "scorec row", "scorec place", "scorec_order", "rowid", "lead_key"])
def test_a_column_may_have_any_name(name: str, tmp_path: Path) -> None:
    rows = [lead(1), lead(2, plan="gold")]
    leads = written(tmp_path, "leads.parquet", [{name: "boss", **row} for row in rows])
    events = written(tmp_path, "events.parquet", [{name: "login", **event(1, "login", 1)}])
    assert len(same_as_python(api.loads(POLICY), leads, events)) == 1


def test_columns_that_differ_only_in_case_are_refused(tmp_path: Path) -> None:
    leads = written(tmp_path, "leads.parquet", [{"Title": "boss", **lead(1, "x")}])
    with (
        pytest.raises(TableError, match="`Title` and `title`, which differ only in case"),
        read(api.loads(POLICY), leads, None),
    ):
        pass


NESTED = {
    "decimals": pa.array([[Decimal("1.00")], None], pa.list_(pa.decimal128(9, 2))),
    "instants": pa.array([[AT], None], pa.list_(pa.timestamp("us", "UTC"))),
    "texts in texts": pa.array([[["pro"]], None], pa.list_(pa.list_(pa.string()))),
    "names": pa.array([[("pro", 1)], None], pa.map_(pa.string(), pa.int64())),
    "a decimal of many digits": pa.array([Decimal("1.00"), None], pa.decimal256(50, 2)),
}


@pytest.mark.parametrize("values", NESTED.values(), ids=NESTED)
@pytest.mark.parametrize("name", ["title", "plan", "employees"])
def test_what_is_no_plain_value_is_shown_as_it_is(name: str, values: Any, tmp_path: Path) -> None:
    table = pa.Table.from_pylist([lead(1), lead(2)])
    table = table.set_column(table.column_names.index(name), name, values)
    pq.write_table(table, tmp_path / "leads.parquet")
    same_as_python(api.loads(POLICY), tmp_path / "leads.parquet", None)


@pytest.mark.parametrize("values", [[1, None], [True, None], [1.5, 2.5], [["login"], None], [AT, None]])
def test_kinds_of_events_that_are_no_texts(values: list[Any], tmp_path: Path) -> None:
    rows = [event(1, "login", 1), event(1, "login", 2)]
    table = pa.Table.from_pylist(rows)
    table = table.set_column(table.column_names.index("event"), "event", pa.array(values))
    pq.write_table(table, tmp_path / "events.parquet")
    leads = written(tmp_path, "leads.parquet", [lead(1)])
    same_as_python(api.loads(POLICY), leads, tmp_path / "events.parquet")


@pytest.mark.parametrize("zone", [None, "UTC"])
def test_instants_of_nanoseconds(zone: str | None, tmp_path: Path) -> None:
    """As pandas has them."""
    recent = 1_772_000_000_000_000_123
    for number, nanos in enumerate([[recent, recent], [recent, -1], [recent, -1001], [recent, None]]):
        table = pa.Table.from_pylist([event(1, "login", 1), event(2, "login", 1)])
        table = table.set_column(2, "at", pa.array(nanos, pa.timestamp("ns", zone)))
        pq.write_table(table, tmp_path / f"events_{number}.parquet")
        leads = written(tmp_path, "leads.parquet", [lead(1), lead(2)])
        rows = same_as_python(api.loads(POLICY), leads, tmp_path / f"events_{number}.parquet")
        assert rows[0][2] == 40_000


@pytest.mark.parametrize("end", ["infinity", "-infinity"])
@pytest.mark.parametrize("kind", ["TIMESTAMPTZ", "TIMESTAMP", "DATE"])
def test_what_has_no_end_is_no_instant(kind: str, end: str, tmp_path: Path) -> None:
    """Databases write it for `for ever`; it is neither the last nor the first day of the calendar."""
    import duckdb

    duckdb.execute(
        f"COPY (SELECT 1 AS lead_id, 'login' AS event, '{end}'::{kind} AS \"at\", NULL::VARCHAR AS url UNION ALL"
        f" SELECT 1, 'login', '2026-03-01'::{kind}, NULL) TO '{tmp_path}/events.parquet'"
    )
    leads = written(tmp_path, "leads.parquet", [lead(1)])
    with read(api.loads(POLICY), leads, tmp_path / "events.parquet") as (run, rejected, summary):
        assert [row[2] for row in run.rows(shape_of(run.policy, None, True))] == [40_000]
    assert [(one.row, one.value) for one in rejected] == [(1, end)]
    same_as_python(api.loads(POLICY), leads, tmp_path / "events.parquet")
    assert (summary.events_used, summary.events_rejected) == (1, 1)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such limit")
@pytest.mark.parametrize("name", ["out.csv", "out.parquet"])
def test_a_result_that_cannot_be_written_is_said_to_be_that(name: str, tmp_path: Path) -> None:
    """And not that the temporary folder is full; nothing is left of it."""
    import resource

    (tmp_path / "policy.score").write_text(POLICY, "utf-8")
    written(tmp_path, "leads.parquet", [lead(f"{key:0128x}") for key in range(2000)])
    before = {one.name for one in tmp_path.iterdir()}
    args = ["score", "policy.score", "leads.parquet", "--at", "2026-03-02", "--engine", "duckdb", "-o", name]
    ran = subprocess.run(
        [sys.executable, "-m", "scorec", *args],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192)),
    )
    assert (ran.returncode, ran.stderr.split("\n")[0]) == (2, "error: the result cannot be written: file too large")
    assert {one.name for one in tmp_path.iterdir()} == before


@pytest.mark.parametrize("zone", [None, "UTC"])
def test_instants_behind_the_calendar(zone: str | None, tmp_path: Path) -> None:
    table = pa.Table.from_pylist([event(1, "login", 1), event(1, "login", 2)])
    late = pa.array([300_000_000_000_000_000, 300_000_000_000_120_000], pa.timestamp("us", zone))
    pq.write_table(table.set_column(2, "at", late), tmp_path / "events.parquet")
    leads = written(tmp_path, "leads.parquet", [lead(1)])
    assert [row[2] for row in same_as_python(api.loads(POLICY), leads, tmp_path / "events.parquet")] == [-10_000]


# ------------------------------------------------------------------ rows from Python

MIXED = [
    {"lead_id": "a", "title": "boss", "employees": 5},
    {"lead_id": "b", "plan": "pro", "employees": "7"},
    {"lead_id": "c", "employees": "many"},
    {"lead_id": "d", "title": 3, "employees": None},
]


def _as_frame(kind: str) -> Any:
    if kind == "dicts":
        return MIXED
    return pytest.importorskip("pandas", reason="pandas is not installed").DataFrame(MIXED)


@pytest.mark.parametrize("kind", ["dicts", "pandas"])
def test_values_of_several_types_in_one_column_are_read_each_for_itself(kind: str) -> None:
    """A field that only later rows have is one of the table's, too."""
    policy = api.loads(POLICY)
    refused: list[Any] = []
    events = [{"lead_id": "a", "event": "login", "at": AT}, {"lead_id": "b", "event": "login", "at": "2026-03-01"}]
    found = policy.score_table(_as_frame(kind), events, at="2026-03-02", rejected=refused)
    shown = {key: (int(fit), int(did)) for key, fit, did in zip(*list(found.to_pydict().values())[:3], strict=True)}
    assert shown == {"a": (10, 4), "b": (7, 4), "d": (0, -1)}
    assert [(one.row, one.key, one.column, one.value) for one in refused] == [(3, "c", "employees", "many")]
    with pytest.raises(api.DataError, match="many"):
        policy.score_table(_as_frame(kind), events, at="2026-03-02")


def test_nobody_is_a_table_too() -> None:
    assert api.loads(POLICY).score_table([], [], at="2026-03-02").num_rows == 0


def test_a_frame_with_two_columns_of_one_name_and_a_column_alone() -> None:
    pd = pytest.importorskip("pandas", reason="pandas is not installed")
    policy = api.loads(POLICY)
    with pytest.raises(api.ScorecError, match="leads has two columns `title`"):
        policy.score_table(pd.DataFrame([[1, "x", "y"]], columns=["lead_id", "title", "title"]), at="2026-03-02")
    with pytest.raises(api.ScorecError, match="leads cannot be read as a table: Series"):
        policy.score_table(pd.Series([1, 2]), at="2026-03-02")
