"""`--engine duckdb`: the same results, rejected rows and counts as the Python engine gives, from any kind of table."""

from __future__ import annotations

import csv
import errno
import gzip
import json
import os
import re
import signal
import stat
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from claims import case_of
from command_line import scorec
from raw_tables import Form, raw_tables

import scorec as api
from scorec.compiler.batch import EventFile, Rejected, Summary, read_events, score_table, shape_of
from scorec.compiler.duckdb_tables import json_lines
from scorec.compiler.duckdb_tables.events import EventInput
from scorec.compiler.duckdb_tables.run import Run
from scorec.compiler.duckdb_tables.session import Settings
from scorec.compiler.engines.sql.dialects import CannotSay, DuckDB
from scorec.compiler.engines.sql.syntax import column, text
from scorec.compiler.policy import Policy
from scorec.compiler.scans import Scan
from scorec.compiler.tables import TableError
from scorec.dsl import values

Outcome = tuple[list[list[Any]], list[Rejected], Summary] | str
"""Rows, rejected rows, counts; or the error that ended it."""

POLICY = """
policy trial
  language 1
lead by lead_id
  email: text
  employees: number
  opted_in: yes/no
  tags: list of text
event page_view
  url: text
event demo_request
score fit from 0 to 100
  +30 large when employees >= 1000
  +0.5 tagged when tags has "vip"
score interest
  +10 pricing for each page_view where url contains "/pricing", halving every 7 days
  +40 demo for each demo_request, once
band readiness of fit
  hot >= 30
  cold otherwise
decide next_step
  sales when readiness is hot
  wait otherwise
gate consent
  never sales unless opted_in
"""


# ------------------------------------------------------------------ agreement


class _Rows:
    def __init__(self) -> None:
        self.rows: list[list[Any]] = []

    def row(self, row: Any) -> None:
        self.rows.append(list(row))

    def close(self) -> None: ...

    def abandon(self) -> None: ...


def with_python(policy: Policy, leads: Path, events: Path | None, at: int) -> Outcome:
    summary, rejected, rows = Summary(), list[Rejected](), _Rows()
    files = [] if events is None else [EventFile(events)]
    try:
        log = read_events(policy, files, at, summary, rejected.append, lambda table, rows: None)
        shape = shape_of(policy, None, True)
        score_table(policy, leads, log, at, shape, rows, summary, rejected.append, lambda table, rows: None)
    except TableError as error:
        return str(error)
    return rows.rows, _in_order(rejected), summary


def with_duckdb(policy: Policy, leads: Path, events: Path | None, at: int) -> Outcome:
    summary, rejected = Summary(), list[Rejected]()
    shape = shape_of(policy, None, True)
    try:
        with Run(policy, at, summary, rejected.append, Settings(threads=1)) as run:
            run.check()
            run.read_leads(leads)
            run.read_events([] if events is None else [EventInput(events)])
            run.score(shape)
            return list(run.rows(shape)), _in_order(rejected), summary
    except TableError as error:
        return str(error)


def _in_order(rejected: list[Rejected]) -> list[Rejected]:
    return sorted(rejected, key=lambda one: (one.file, one.row, one.column, one.reason))


def compare(seeds: range, form: Form, folder: Path) -> int:
    """How many tables were compared."""
    tried = 0
    for seed in seeds:
        case = case_of(seed)
        if case is None:
            continue
        policy = api.loads(case.text)
        tables = raw_tables(policy.program, policy.zone, seed, form, folder)
        wanted = with_python(policy, tables.leads, tables.events, tables.at)
        try:
            found = with_duckdb(policy, tables.leads, tables.events, tables.at)
        except CannotSay:
            continue
        if found != wanted:
            shown = "" if form == "parquet" else tables.leads.read_text("utf-8")
            raise AssertionError(f"seed {seed}, {form}:\n{found}\ninstead of\n{wanted}\n{case.text}\n{shown}")
        tried += 1
    return tried


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_random_tables_give_the_same_rows_rejected_rows_and_counts(form: Form, tmp_path: Path) -> None:
    assert compare(range(12), form, tmp_path) >= 10


@pytest.mark.deep
@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_random_tables_deeply(form: Form, tmp_path: Path) -> None:
    """SCOREC_EXAMPLES policies (1,500) for each kind of file."""
    how_many = int(os.environ.get("SCOREC_EXAMPLES", "1500"))
    assert compare(range(3_000_000, 3_000_000 + how_many), form, tmp_path) >= how_many * 9 // 10


def test_the_files_that_are_written_are_the_same(tmp_path: Path) -> None:
    """Byte for byte, as CSV; with reasons, with accounts, and what was rejected."""
    folder = Path(__file__).parent.parent / "examples" / "saas_inbound"
    told = []
    for engine in ("python", "duckdb"):
        out, accounts = tmp_path / "out.csv", tmp_path / "accounts.csv"
        ran = scorec(
            tmp_path,
            *("score", folder / "inbound.score", folder / "leads.csv", "--events", folder / "events.csv"),
            *("--at", "2026-03-02", "--reasons", "-o", out, "--accounts", accounts, "--engine", engine),
        )
        assert ran.code == 0
        summary = [line for line in ran.err.split("\n") if not re.match(r"  [0-9.]+ s", line)]
        rejected = Path(f"{out}.rejected.csv")
        told.append((out.read_bytes(), accounts.read_bytes(), rejected.read_bytes(), summary))
    assert told[0] == told[1]


def test_duckdb_folds_every_character_as_the_language_does() -> None:
    """One by one, and beside others: folding does not look at what stands around a character."""
    characters = [chr(code) for code in range(1, 0x11_0000) if not 0xD800 <= code < 0xE000]
    texts = [*characters[:0x3000], *("".join(characters[start : start + 50]) for start in range(0, 0x11_0000, 50))]
    with duckdb.connect() as con:
        con.execute("CREATE TABLE texts (place INTEGER, t VARCHAR)")
        con.execute("INSERT INTO texts SELECT unnest(range(len(?))), unnest(?)", [texts, texts])
        folded = DuckDB().fold(column("t")).sql("duckdb")
        found = con.execute(f"SELECT {folded} FROM texts ORDER BY place").fetchall()
    assert [text for (text,) in found] == [values.folded(text) for text in texts]


@pytest.mark.parametrize(
    "mail", ["a@B.example", "a@b@ C.example ", "a@", "@", "none", "", "a@\tb\n.c", "\u0130@\u03a3"]
)
def test_duckdb_finds_the_domain_that_the_language_does(mail: str) -> None:
    with duckdb.connect() as con:
        domain = DuckDB().domain(text(mail)).sql("duckdb")
        assert con.execute(f"SELECT {domain}").fetchall() == [(values.domain_of(mail),)]


# ------------------------------------------------------------------ all kinds of tables


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    path = tmp_path / "trial.score"
    path.write_text(POLICY)
    return path


LEADS = "lead_id,email,employees,opted_in,tags\nA,ann@corp.example,2000,yes,vip;old\nB,=1+1,3,no,\n"
EVENTS = (
    "lead_id,event,at,url\nA,page_view,2026-03-01,/pricing\nB,demo_request,2026-02-01,\nB,demo_request,2026-02-02,\n"
)


def test_jsonl_out(tmp_path: Path, policy: Path) -> None:
    (tmp_path / "leads.csv").write_text(LEADS)
    told = []
    for engine in ("python", "duckdb"):
        ran = scorec(
            tmp_path, "score", policy, "leads.csv", "--at", "2026-03-02", "--engine", engine, "-o", f"{engine}.jsonl"
        )
        assert ran.code == 0
        told.append((tmp_path / f"{engine}.jsonl").read_text())
    assert told[0] == told[1] and told[0].count("\n") == 2


def test_a_pattern_names_several_files(tmp_path: Path, policy: Path) -> None:
    """Rows are numbered in their own file, and a key that stands in two of them is used once."""
    (tmp_path / "leads_1.csv").write_text(LEADS)
    (tmp_path / "leads_2.csv").write_text(LEADS.replace("A,", "C,").replace(",3,", ",?,"))
    ran = scorec(tmp_path, "score", policy, "leads_*.csv", "--at", "2026-03-02", "--engine", "duckdb", "-o", "out.csv")
    assert ran.code == 0
    assert [row[0] for row in csv.reader((tmp_path / "out.csv").read_text().splitlines())] == ["lead_id", "A", "B", "C"]
    rejected = list(csv.DictReader((tmp_path / "out.csv.rejected.csv").read_text().splitlines()))
    assert [(Path(one["file"]).name, one["row"], one["reason"]) for one in rejected] == [
        ("leads_2.csv", "3", "the key stands in row 3 of leads_1.csv already; only the first counts")
    ]


def test_events_with_the_same_id_are_one_event(tmp_path: Path, policy: Path) -> None:
    (tmp_path / "leads.csv").write_text(LEADS)
    (tmp_path / "events.csv").write_text(
        "lead_id,event,at,url,event_id\nA,page_view,2026-03-02,/pricing,1\nA,page_view,2026-03-02,/pricing,1\n"
        "A,page_view,2026-03-02,/pricing,2\nB,page_view,2026-03-02,/pricing,1\n"
    )
    ran = scorec(
        tmp_path,
        *("score", policy, "leads.csv", "--events", "events.csv", "--at", "2026-03-02", "--engine", "duckdb"),
    )
    assert [row[2] for row in csv.reader(ran.out.splitlines())] == ["interest", "20", "10"]
    assert "1 repeated (same event_id)" in " ".join(ran.err.split())


def test_files_of_one_kind_of_event(tmp_path: Path, policy: Path) -> None:
    (tmp_path / "leads.csv").write_text(LEADS)
    (tmp_path / "views.csv").write_text("lead_id,at,url\nA,2026-03-02,/pricing\nA,2026-03-02,/pricing\n")
    (tmp_path / "demos.csv").write_text("lead_id,at\nB,2026-03-02\n")
    ran = scorec(
        tmp_path,
        *("score", policy, "leads.csv", "--events", "page_view=views.csv", "--events", "demo_request=demos.csv"),
        *("--at", "2026-03-02", "--engine", "duckdb"),
    )
    assert [row[2] for row in csv.reader(ran.out.splitlines())] == ["interest", "20", "40"]


def test_names_that_mean_something_to_sql_and_texts_that_look_like_it(tmp_path: Path) -> None:
    """A field called `order`, a score called `select`, a key with a quote, and a text that would drop a table."""
    (tmp_path / "sql.score").write_text(
        "policy drop_\n  language 1\nlead by group\n  order: text\n"
        "event table\n  where_: text\nscore select\n"
        '  +1 from_ when order is "x\'; DROP TABLE scorec_leads; --"\n'
        '  +2 null_ for each table where where_ is "a""b" or where_ contains "--"\n'
        "band limit_ of select\n  union >= 1\n  else_ otherwise\n".replace('"a""b"', '"a\\"b"')
    )
    (tmp_path / "leads.csv").write_text('group,order\n"O\'Neil","x\'; DROP TABLE scorec_leads; --"\nselect,1\n')
    (tmp_path / "events.csv").write_text(
        'lead_id,event,at,where_\nselect,table,2026-01-01,"a""b"\nselect,table,2026-01-01,--\n'
    )
    told = []
    for engine in ("python", "duckdb"):
        ran = scorec(
            tmp_path,
            *("score", "sql.score", "leads.csv", "--events", "events.csv", "--at", "2026-03-02", "--engine", engine),
        )
        told.append(ran.out)
    assert told[0] == told[1] != "", ran.err
    assert [row[:3] for row in csv.reader(told[0].splitlines())] == [
        ["group", "select", "limit_"],
        ["O'Neil", "1", "union"],
        ["select", "4", "union"],
    ]


def test_two_columns_that_differ_only_in_case_are_refused(tmp_path: Path, policy: Path) -> None:
    (tmp_path / "leads.csv").write_text("lead_id,Email,EMAIL\nA,x,y\n")
    ran = scorec(tmp_path, "score", policy, "leads.csv", "--engine", "duckdb")
    assert ran.code == 2
    assert "differ only in case" in " ".join(ran.err.split())


@pytest.mark.parametrize(
    "leads",
    [
        "lead_id,email\nA,x\n\nB,y\n\nA,z\n",
        "lead_id,email\nA,x\n\nB,y\n\n,z\n",
        "lead_id,email\r\nA,x\r\n\r\nA,z\r\n",
        "\n\nlead_id,email\nA,x\nA,z\n",
        "lead_id\nA\n\nB\n",
        "lead_id\nA\nB\n\n",
        "lead_id,email\nA,x\0\nB,y\n",
    ],
)
@pytest.mark.parametrize("name", ["leads.csv", "leads.csv.gz", "leads[1].csv"])
def test_csv_with_empty_lines_and_nul(name: str, leads: str, tmp_path: Path) -> None:
    """Empty lines are no rows, but they count where a row is told by its number."""
    policy = api.loads(POLICY)
    lines_of(tmp_path / name, leads.encode())
    found = with_duckdb(policy, tmp_path / name, None, 0)
    assert found == with_python(policy, tmp_path / name, None, 0)
    assert len(found[0]) >= 1


def test_events_in_csv_with_nul(tmp_path: Path) -> None:
    """A row with a NUL is rejected, of whatever kind its event is."""
    policy = api.loads(POLICY)
    leads = lines_of(tmp_path / "leads.csv", b"lead_id,email\nA,x\n")
    events = lines_of(
        tmp_path / "events.csv",
        b"lead_id,event,at,url\nA,else,2026-01-01,a\0\nA,page_view,2026-01-01,\0\nA,else,2026-01-01,b\n",
    )
    found = with_duckdb(policy, leads, events, policy.instant("2026-03-02"))
    assert found == with_python(policy, leads, events, policy.instant("2026-03-02"))
    assert [one.row for one in found[1]] == [2, 3]


# ------------------------------------------------------------------ JSON lines

OF_JSON = """
policy trial
  language 1
lead by lead_id
  email: text
  size: number
  opted_in: yes/no
  tags: list of text
  born: date
  plan: one of (free, "pro", 3)
  mail: text from "E Mail"
event view
  url: text
  n: number
score fit from 0 to 10000
  +1 email_a when email is "a"
  +2 email_5 when email is "5"
  +4 email_odd when email contains "\u00e9"
  +8 exact when size >= 9007199254740992
  +16 half when size is 0.5
  +32 in_ when opted_in
  +64 vip when tags has "vip"
  +128 pro when plan is pro
  +256 three when plan is 3
  +512 young when born >= 2020-01-01
  +1024 mail_ when mail is "x"
score interest
  +1 views for each view where url is "/pricing"
  +10 deep for each view where n > 3
"""


def lines_of(path: Path, lines: list[str] | bytes) -> Path:
    written = lines if isinstance(lines, bytes) else "".join(f"{one}\n" for one in lines).encode()
    path.write_bytes(gzip.compress(written) if path.suffix == ".gz" else written)
    return path


def both_read(leads: Path, events: Path | None, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, list[int | str]]:
    """What both engines make of files, and for each file the lines that DuckDB leaves to Python, or that it is left to
    Python as a whole."""
    left: list[int | str] = []

    def rows_at(scan: Scan, wanted: Any, numbers: Any) -> Any:
        left.extend(sorted(numbers))
        return json_lines.rows_at(scan, wanted, numbers)

    def with_care(scan: Scan, wanted: Any, notes: list[str]) -> Any:
        left.append("all")
        return read_with_care(scan, wanted, notes)

    read_with_care = Scan.read_with_care
    monkeypatch.setattr("scorec.compiler.duckdb_tables.leads.rows_at", rows_at)
    monkeypatch.setattr("scorec.compiler.duckdb_tables.events.rows_at", rows_at)
    monkeypatch.setattr(Scan, "read_with_care", with_care)
    policy = api.loads(OF_JSON)
    at = policy.instant("2026-03-02")
    found = with_duckdb(policy, leads, events, at)
    assert found == with_python(policy, leads, events, at)
    return found, left


PLAIN = (
    *('"a"', '"5"', "5", '" \\u00e9 "', '"\\ud83d\\ude00"', '"/\\/"', "null", '""', "0", "-0", "18446744073709551615"),
    *("0.5", "5e-1", "1e400", "1.0", '"1e3"', '"nan"', "9007199254740993", "true", '"YES"', "1", '"2026-03-01"'),
    *('["vip"]', '[ "vip" , " b " ]', "[]", '"vip; b"', '["a\\"b", "\\\\"]', '"pro"', '" PRO "', "3", '"3"'),
)
"""Values of which DuckDB says what Python does, or sees that a field of this type cannot have them."""

ODD = (
    *(
        "NaN",
        "-Infinity",
        '"\\u0000"',
        '"\\ud800"',
        '{"a": 1}',
        "[[1]]",
        '["vip", null]',
        '["vip", 5]',
        "7.5",
        "9" * 600,
    ),
    *('"[\\"vip\\"]"', "18446744073709551616", "-9223372036854775809", "[true]", "false", '"2026-02-30"', "20260301"),
    *("1.7976931348623157e308", "0.1000000000000000055511151231257827", "12345678901234567890.5", '"{"', '"a, nan"'),
    *("[" * 200 + "]" * 200, '"' + "y" * 5000 + '"', "-0.0", '"\\u007f"', "5e-324", '"1_0"', '"\u0661"', "1" * 4500),
)
"""Values that some fields leave to Python, or all."""


@pytest.mark.parametrize("values", [PLAIN, ODD])
def test_a_value_in_json_means_the_same_to_duckdb(
    values: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a field of every type, as a key, as the kind and the time of an event, and where nobody reads it."""
    names = ("email", "size", "opted_in", "tags", "born", "plan", "E Mail", "more", "lead_id")
    leads = ['{"lead_id": "L0", "email": "a"}']
    leads += [f'{{"lead_id": "{name} {at}", "{name}": {one}}}' for name in names[:-1] for at, one in enumerate(values)]
    leads += [f'{{"lead_id": {one}}}' for one in values]
    usual = {"lead_id": '"L0"', "event": '"view"', "at": '"2026-03-01T10:00Z"', "url": '"/pricing"', "n": "5"}
    items = [{**usual, name: one} for name in (*usual, "event_id", "more") for one in values]
    events = ["{" + ", ".join(f'"{name}": {one}' for name, one in item.items()) + "}" for item in [usual, *items]]
    found, left = both_read(
        lines_of(tmp_path / "leads.jsonl", leads), lines_of(tmp_path / "events.jsonl", events), monkeypatch
    )
    assert "all" not in left
    assert 0 < len(left) < (len(leads) + len(events)) * 0.8
    assert len(found[0]) > len(values) and found[2].events == len(events)


@pytest.mark.parametrize(
    ("line", "left_to_python"),
    [
        ('{"lead_id": "B", "email": "a"}', []),
        ('  { "lead_id" : "B" , "email" : "a" } \r', []),
        ('{"\\u006cead_id": "B", "email": "a"}', []),
        ('{"lead_id": "B", "email": null, "new": [1, 2.5, "x", null]}', []),
        ('{"lead_id": "B", "plan": "pro", "E Mail": "x"}', []),
        ("{}", []),
        ('{"lead_id": "B",}', [2]),
        ('{"lead_id": "B", "x": nan}', [2]),
        ('{"lead_id": "B", "lead_id": "C"}', [2]),
        ('{"lead_id": "B", "new": 1, "new": 2}', [2]),
        ('{"lead_id": "B", "new": {"x": 1, "x": 2}}', [2]),
        ('{"lead_id": "B", "new": {"x": [{}]}}', [2]),
        ('{"lead_id": "B"} {"lead_id": "C"}', [2]),
        ('{"lead_id": "B"', [2]),
        ('{"lead_id": "B" "email": 1}', [2]),
        ("{'lead_id': 'B'}", [2]),
        ("[1]", [2]),
        ("null", [2]),
        ("lead_id", [2]),
        ("\ufeff{}", [2]),
        ("\u00a0", [2]),
        ("\0", [2]),
        ('{"lead_id": "B", "email": "a\tb"}', [2]),
        ("", ["all"]),
        (" \t \r", ["all"]),
        ("\x0b", ["all"]),
        ('\x0c{"lead_id": "B"}', ["all"]),
    ],
)
def test_a_line_that_only_python_can_judge(
    line: str, left_to_python: list[int | str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is read again where it stands; only blank lines, which DuckDB does not number, leave it the whole file."""
    lines = ['{"lead_id": "A", "email": "a"}', line, '{"lead_id": "Z", "email": "5"}']
    found, left = both_read(lines_of(tmp_path / "leads.jsonl", lines), None, monkeypatch)
    assert [row[0] for row in found[0] if row[0] in ("A", "Z")] == ["A", "Z"]
    # A lead without a key is no matter of Python's.
    assert left == left_to_python

    events = [
        '{"lead_id": "A", "event": "view", "at": "2026-03-01", "n": 5}',
        line.replace('{"lead_id": "B"', '{"lead_id": "A", "event": "view", "at": "2026-03-01"'),
        line.replace('{"lead_id": "B"', '{"lead_id": "A", "event": "else", "at": "2026-03-01"'),
    ]
    both_read(tmp_path / "leads.jsonl", lines_of(tmp_path / "events.jsonl", events), monkeypatch)


@pytest.mark.parametrize("bytes_", [b"\xff", b"\xed\xa0\x80", b"\xc0\x80", b"\xf4\x90\x80\x80", b"\xc3"])
def test_a_line_that_is_not_utf_8_costs_only_itself(
    bytes_: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leads = lines_of(
        tmp_path / "leads.jsonl", b'{"lead_id": "A"}\n{"lead_id": "B", "email": "' + bytes_ + b'"}\n{"lead_id": "C"}\n'
    )
    found, left = both_read(leads, None, monkeypatch)
    assert ([row[0] for row in found[0]], left) == (["A", "C"], [2])


@pytest.mark.parametrize("end", ["", "\n", "\n\n \n", "\r\n"])
@pytest.mark.parametrize("name", ["leads[1].jsonl", "leads.ndjson", "leads.JSONL.gz"])
@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_how_a_file_of_json_lines_begins_and_ends(
    start: str, name: str, end: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = f'{start}{{"lead_id": "A", "email": "a"}}\n{{"lead_id": "B", "size": "?"}}{end}'
    found, left = both_read(lines_of(tmp_path / name, written.encode()), None, monkeypatch)
    assert ([row[0] for row in found[0]], [one.row for one in found[1]], left) == (["A"], [2], [2])


def test_keys_that_differ_from_line_to_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the first hundred lines there may be new keys, some of which differ from those before in case only."""
    lines = [f'{{"lead_id": "L{number}", "email": "a"}}' for number in range(120)]
    lines[105:110] = [
        '{"lead_id": "M1", "EMAIL": "5"}',
        '{"lead_id": "M2", "EMAIL": "5", "email": "a"}',
        '{" Email": "5", "EMAIL": "a", "lead_id": "M3"}',
        '{"lead_id": "M4", "size": 0.5, "plan": 3}',
        '{"Lead_ID": "M5", "lead_id": "M6", "tags": ["vip"]}',
    ]
    found, left = both_read(lines_of(tmp_path / "leads.jsonl", lines), None, monkeypatch)
    assert {row[0]: row[1] // 10_000 for row in found[0] if row[0][0] == "M"} == {
        "M1": 2,
        "M2": 1,
        "M3": 2,
        "M4": 16 + 256,
        "M6": 64,
    }
    assert left == [106, 107, 108, 110]


def test_a_key_that_comes_late_does_not_say_whose_events_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first hundred lines do; a table without a key in them is refused."""
    first = ['{"event": "view", "at": "2026-03-01", "url": "/pricing"}'] * 100
    events = lines_of(tmp_path / "events.jsonl", [*first, '{"event": "view", "at": "2026-03-01", "lead_id": "A"}'])
    leads = lines_of(tmp_path / "leads.jsonl", ['{"lead_id": "A"}'])
    found, _ = both_read(leads, events, monkeypatch)
    assert "has no column `lead_id`" in found


def test_a_column_and_the_name_of_its_field_leave_a_file_to_python(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = ['{"lead_id": "A", "E Mail": null, "mail": "x"}', '{"lead_id": "B", "E Mail": "x", "mail": "y"}']
    found, left = both_read(lines_of(tmp_path / "leads.jsonl", lines), None, monkeypatch)
    assert ([row[1] // 10_000 for row in found[0]], left) == ([1024, 1024], ["all"])


def test_events_in_json_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kinds that are not declared are counted, whatever stands beside them; Python tells of those that are no text."""
    leads = lines_of(tmp_path / "leads.jsonl", ['{"lead_id": 7}', '{"lead_id": "8"}'])
    event = '"at": "2026-03-01T10:00Z", "url": "/pricing"}'
    events = lines_of(
        tmp_path / "events.jsonl",
        [
            *(f'{{"lead_id": 7, "event": "view", "event_id": {one}, {event}' for one in ("1", '"1"', "1.0", "2")),
            *(
                f'{{"lead_id": "8", "event": {one}, {event}'
                for one in ('" view"', "5", "true", '"else"', "null", "[1]")
            ),
            '{"lead_id": "8", "event": "else", "at": 5}',
            '{"lead_id": "8", "event": "view", "at": 5}',
        ],
    )
    (rows, rejected, summary), left = both_read(leads, events, monkeypatch)
    assert [(row[0], row[2] // 10_000) for row in rows] == [("7", 2), ("8", 1)]
    assert summary.undeclared == {"5": 1, "True": 1, "else": 2, "[1]": 1}
    assert (summary.events, summary.events_repeated, [one.row for one in rejected]) == (12, 2, [9, 12])
    assert left == [3, 6, 7, 9, 10, 12]


def test_several_files_of_json_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows are numbered in their own file, also those that only Python can read."""
    lines_of(tmp_path / "leads_1.jsonl", ['{"lead_id": "A"}', "[]", '{"lead_id": "B", "size": "?"}'])
    lines_of(tmp_path / "leads_2.jsonl", ["[]", '{"lead_id": "A"}', '{"lead_id": "C", "email": "a"}'])
    summary, rejected, policy = Summary(), list[Rejected](), api.loads(OF_JSON)
    with Run(policy, 0, summary, rejected.append, Settings(threads=1)) as run:
        run.read_leads(str(tmp_path / "leads_*.jsonl"))
        run.read_events([])
        run.score(shape_of(policy, None, False))
        assert [row[0] for row in run.rows(shape_of(policy, None, False))] == ["A", "C"]
    told = [(Path(one.file).name, one.row, one.reason.split(":")[0]) for one in rejected]
    assert told == [
        ("leads_1.jsonl", 2, "is not an object"),
        ("leads_1.jsonl", 3, "`?` is not a number"),
        ("leads_2.jsonl", 1, "is not an object"),
        (
            "leads_2.jsonl",
            2,
            "the key stands in row 1 of " + str(tmp_path / "leads_1.jsonl") + " already; only the first counts",
        ),
    ]


PACKED = (
    *(
        '{"url": "/pricing", "n": 5}',
        ' { "n" : "7" , "more" : true } ',
        '{"url": null, "n": 1.5}',
        "{}",
        "",
        "  ",
        "null",
    ),
    *(
        '{"url": "/pri\\u0063ing"}',
        '{"url": 5}',
        '{"URL": "/pricing"}',
        '{"new": [1, "x"]}',
        '{"n": true}',
        '{"n": "?"}',
    ),
    *('{"n": 1, "n": 5}', '{"n": 5,}', '{"n": nan}', '{"n": NaN}', '{"url": {"a": 1}}', '{"url": "{"}', "[]", "5", "{"),
    *('"{}"', '{"url": "\\ud800"}', '{"url": "\\u0000"}', '{"n": 1e400, "url": ["/pricing"]}', "true"),
)
"""What may stand where properties are packed."""


@pytest.mark.parametrize("form", ["csv", "parquet", "json text", "json objects"])
def test_packed_properties_mean_the_same_to_duckdb(form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a text, or as an object within the line; alone, and beside a column of the same name, which goes before."""
    leads = lines_of(tmp_path / "leads.jsonl", ['{"lead_id": "A"}'])
    usual = {"lead_id": "A", "at": "2026-03-01T10:00Z"}
    for beside in ({}, {"n": ["", "5", "x"]}):
        rows = [
            {**usual, "event": kind, "properties": packed, **{name: cell for name in beside}}
            for kind in ("view", "else")
            for packed in PACKED
            for cell in beside.get("n", [""])
        ]
        events = tmp_path / f"events.{'jsonl' if 'json' in form else form}"
        if form == "csv":
            with events.open("w", newline="") as file:
                writer = csv.DictWriter(file, list(rows[0]))
                writer.writeheader()
                writer.writerows(rows)
        elif form == "parquet":
            pa = pytest.importorskip("pyarrow", reason="Parquet needs pyarrow")
            from pyarrow import parquet

            absent = [{name: cell or None for name, cell in row.items()} for row in rows]
            parquet.write_table(pa.Table.from_pylist(absent), events)
        else:
            lines = []
            for row in rows:
                line = json.dumps({**row, "properties": "?", **({"n": None} if row.get("n") == "" else {})})
                nested = row["properties"].strip() or "null"
                lines.append(line.replace('"?"', nested if "objects" in form else json.dumps(row["properties"])))
            lines_of(events, lines)
        found, left = both_read(leads, events, monkeypatch)
        assert found[2].events == len(rows) and found[2].events_used > 10
        assert "all" not in left
        assert beside or len(left) < len(rows) * 0.75


def test_packed_properties_go_by_the_names_that_a_policy_gives_them(tmp_path: Path) -> None:
    """By the column of a field, else by its name; a property called `properties` is not packed."""
    told = []
    for source in ('from "Page Url"', ""):
        policy = api.loads(OF_JSON.replace("  url: text\n", f"  url: text {source}\n"))
        lines = [
            f'{{"lead_id": "A", "event": "view", "at": "2026-03-01", "properties": {{"{name}": {value}}}}}'
            for name in ("url", "Page Url")
            for value in ('"/pricing"', "null")
        ]
        leads = lines_of(tmp_path / "leads.jsonl", ['{"lead_id": "A"}'])
        events = lines_of(tmp_path / "events.jsonl", lines)
        at = policy.instant("2026-03-02")
        found = with_duckdb(policy, leads, events, at)
        assert found == with_python(policy, leads, events, at)
        told.append([row[2] // 10_000 for row in found[0]])
    assert told == [[2], [1]]
    policy = api.loads(OF_JSON.replace("url", "properties"))
    events = lines_of(
        tmp_path / "events.jsonl",
        ['{"lead_id": "A", "event": "view", "at": "2026-03-01", "properties": "/pricing", "n": 4}'],
    )
    found = with_duckdb(policy, leads, events, at)
    assert found == with_python(policy, leads, events, at)
    assert [row[2] // 10_000 for row in found[0]] == [11]


def test_half_a_character_is_written_as_json_writes_it(tmp_path: Path, policy: Path) -> None:
    """JSON can have one, in keys and in what is refused; no file can."""
    lines_of(
        tmp_path / "leads.jsonl",
        [r'{"lead_id": "\ud800"}', r'{"lead_id": "A", "email": "\ud800", "employees": "\udc00"}'],
    )
    told = []
    for engine in ("python", "duckdb"):
        ran = scorec(tmp_path, "score", policy, "leads.jsonl", "--at", "2026-03-02", "--engine", engine, "-o", "o.csv")
        assert ran.code == 0, ran.err
        told.append(((tmp_path / "o.csv").read_text(), (tmp_path / "o.csv.rejected.csv").read_text()))
    assert told[0] == told[1]
    assert told[0][0].split("\n")[1].startswith(r"\ud800,")
    assert r"`\udc00` is not a number" in told[0][1]


# ------------------------------------------------------------------ Python


def test_a_frame_in_an_arrow_table_out() -> None:
    pa = pytest.importorskip("pyarrow", reason="Arrow tables need pyarrow")
    policy = api.loads(POLICY)
    leads = pa.table({"lead_id": [1, 2], "employees": [5000.0, None], "opted_in": [True, None]})
    events = [{"lead_id": 2, "event": "demo_request", "at": "2026-03-01T10:00Z"}]
    found = policy.score_table(leads, events, at="2026-03-02", reasons=True)
    assert found.column("lead_id").to_pylist() == ["1", "2"]
    assert [str(one) for one in found.column("fit").to_pylist()] == ["30.0000", "0.0000"]
    assert found.column("next_step").to_pylist() == ["sales", "wait"]
    assert [[line["rule"] for line in lines] for lines in found.column("reasons").to_pylist()] == [
        ["fit.large"],
        ["interest.demo"],
    ]
    assert found.schema.field("fit").type == pa.decimal128(18, 4)
    only_leads = policy.score_table(leads, at="2026-03-02")
    assert [str(one) for one in only_leads.column("interest").to_pylist()] == ["0.0000", "0.0000"]


def test_pandas_and_polars_give_the_same(tmp_path: Path) -> None:
    pd = pytest.importorskip("pandas", reason="pandas is not installed")
    pl = pytest.importorskip("polars", reason="polars is not installed")
    policy = api.loads(POLICY)
    (tmp_path / "leads.csv").write_text(LEADS)
    (tmp_path / "events.csv").write_text(EVENTS)
    paths = (str(tmp_path / "leads.csv"), str(tmp_path / "events.csv"))
    wanted = policy.score_table(*paths, at="2026-03-02", reasons=True)
    for read in (pd.read_csv, pl.read_csv, pl.scan_csv):
        assert policy.score_table(read(paths[0]), read(paths[1]), at="2026-03-02", reasons=True).equals(wanted)


def test_a_reader_of_batches_which_can_be_read_once() -> None:
    pa = pytest.importorskip("pyarrow", reason="Arrow tables need pyarrow")
    leads = pa.table({"lead_id": [1, 2], "employees": [5000.0, None], "tags": ["vip", " vip "]})
    events = pa.table({"lead_id": [1, 1], "event": ["demo_request", "other"], "at": ["2026-03-01", "2026-03-01"]})
    policy = api.loads(POLICY)
    found = policy.score_table(leads.to_reader(1), events.to_reader(1), at="2026-03-02")
    assert found.equals(policy.score_table(leads, events, at="2026-03-02"))
    assert [int(one) for one in found.column("interest").to_pylist()] == [40, 0]


@pytest.mark.parametrize("events_have", ["whole numbers", "texts"])
def test_whole_keys_that_stand_twice_and_those_of_rejected_rows(events_have: str) -> None:
    """Keys stay whole numbers only while leads and events both have nothing else; nobody sees a difference."""
    pa = pytest.importorskip("pyarrow", reason="Arrow tables need pyarrow")
    policy = api.loads(POLICY)
    leads = pa.table({"lead_id": [1, 2, 1, None, 3], "employees": ["5000", "7", "8", "9", "many"]})
    ids: list[Any] = [1, 2, 3, 4] if events_have == "whole numbers" else ["1", " 2", "3", "x"]
    events = pa.table({"lead_id": ids, "event": ["demo_request"] * 4, "at": ["2026-03-01"] * 3 + ["2026-02-01 "]})
    summary, rejected, shape = Summary(), list[Rejected](), shape_of(policy, None, False)
    with Run(policy, policy.instant("2026-03-02"), summary, rejected.append, Settings(threads=1)) as run:
        run.read_leads(leads)
        run.read_events([EventInput(events)])
        run.score(shape)
        assert [row[:3] for row in run.rows(shape)] == [["1", 300_000, 400_000], ["2", 0, 400_000]]
    assert [(one.key, one.row, one.reason.split(":")[0]) for one in rejected] == [
        ("1", 3, "the key stands in row 1 already; only the first counts"),
        ("", 4, "the row has no key"),
        ("3", 5, "`many` is not a number"),
    ]
    assert (summary.events_used, summary.events_of_rejected, summary.events_without_lead) == (2, 1, 1)


def test_whole_numbers_are_one_key_whatever_their_type() -> None:
    """pandas makes doubles of whole numbers as soon as one of them is missing."""
    pa = pytest.importorskip("pyarrow", reason="Arrow tables need pyarrow")
    policy = api.loads(POLICY)
    leads = pa.table({"lead_id": pa.array([7.0, 8.5, None]), "employees": [1.0, 2.0, 3.0]})
    events = pa.table(
        {"lead_id": pa.array(["7", " 7 ", "8.5"]), "event": ["demo_request"] * 3, "at": ["2026-03-01"] * 3}
    )
    rejected: list[Rejected] = []
    found = policy.score_table(leads, events, at="2026-03-02", rejected=rejected)
    assert found.select(["lead_id", "interest"]).to_pylist() == [
        {"lead_id": "7", "interest": 40},
        {"lead_id": "8.5", "interest": 40},
    ]
    assert [one.reason for one in rejected] == ["the row has no key"]


def test_rows_that_cannot_be_read_are_an_error_unless_a_list_takes_them() -> None:
    pytest.importorskip("pyarrow", reason="Arrow tables need pyarrow")
    policy = api.loads(POLICY)
    leads = [{"lead_id": "A", "employees": "many"}, {"lead_id": "B", "employees": "2"}]
    with pytest.raises(api.DataError, match=r"leads, row 1, employees: `many` is not a number"):
        policy.score_table(leads, at="2026-03-02")
    rejected: list[Rejected] = []
    found = policy.score_table(leads, at="2026-03-02", rejected=rejected)
    assert found.column("lead_id").to_pylist() == ["B"]
    assert [(one.row, one.key, one.column, one.value) for one in rejected] == [(1, "A", "employees", "many")]


def test_what_is_no_table_is_refused() -> None:
    pytest.importorskip("pyarrow", reason="Arrow tables need pyarrow")
    with pytest.raises(TableError, match="leads cannot be read as a table: int"):
        api.loads(POLICY).score_table(7)


# ------------------------------------------------------------------ what can go wrong


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("none.csv", None, "there is no file none.csv"),
        ("none.parquet", None, "there is no file none.parquet"),
        ("empty.csv", "", "empty.csv is empty"),
        ("wrong.csv", "name,mail\nx,y\n", "wrong.csv has no column `lead_id`"),
        ("bad.parquet", "this is no Parquet", "bad.parquet cannot be read"),
        ("none_*.csv", None, "no file fits none_*.csv"),
    ],
)
def test_tables_that_cannot_be_read(tmp_path: Path, policy: Path, name: str, text: str | None, says: str) -> None:
    if text is not None:
        (tmp_path / name).write_text(text)
    ran = scorec(tmp_path, "score", policy, name, "--engine", "duckdb", "-o", "out.csv")
    assert ran.code == 2
    assert says in " ".join(ran.err.split())
    assert not (tmp_path / "out.csv").exists()


def test_a_tenth_of_the_rows_broken(tmp_path: Path, policy: Path) -> None:
    """Each is rejected with its row and its reason, and all are counted."""
    lines = ["lead_id,email,employees"]
    for number in range(1000):
        broken = ["x,y", "A,b,c,d", "Q,m@x.example,ten", f"L{number - 1},a,1", '"open,1'][number // 10 % 5]
        lines.append(broken if number % 10 == 5 else f"L{number},a@b.example,{number}")
    (tmp_path / "leads.csv").write_text("\n".join(lines) + "\n")
    told = []
    for engine in ("python", "duckdb"):
        ran = scorec(tmp_path, "score", policy, "leads.csv", "--at", "2026-03-02", "--engine", engine, "-o", "out.csv")
        assert ran.code == 0
        told.append(((tmp_path / "out.csv").read_text(), (tmp_path / "out.csv.rejected.csv").read_text()))
    assert told[0] == told[1]
    scored, rejected = (len(text.strip().split("\n")) - 1 for text in told[1])
    assert scored >= 800 and rejected >= 80


def test_a_folder_that_cannot_be_written_to(tmp_path: Path, policy: Path) -> None:
    (tmp_path / "leads.csv").write_text(LEADS)
    folder = tmp_path / "locked"
    folder.mkdir()
    folder.chmod(stat.S_IRUSR | stat.S_IXUSR)
    if os.access(folder, os.W_OK):
        # This user may write everywhere but there.
        folder = Path("/proc/self")
    ran = scorec(tmp_path, "score", policy, "leads.csv", "--engine", "duckdb", "-o", folder / "out.csv")
    (tmp_path / "locked").chmod(0o700)
    assert ran.code == 2
    assert f"nothing can be written in {folder}" in " ".join(ran.err.split()) or "there is no folder" in ran.err


def test_a_full_disk_leaves_what_was_there(tmp_path: Path, policy: Path) -> None:
    """On a small disk in memory, where the system lets us make one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("no disk can be mounted here")
    try:
        (disk / "out.csv").write_text("the result of yesterday\n")
        rows = "".join(f"L{number},a@b.example,{number}\n" for number in range(20_000))
        (tmp_path / "leads.csv").write_text("lead_id,email,employees\n" + rows)
        ran = scorec(tmp_path, "score", policy, "leads.csv", "--engine", "duckdb", "-o", "disk/out.csv")
        assert ran.code == 2
        assert os.strerror(errno.ENOSPC).lower() in " ".join(ran.err.split()).lower() or "disk is full" in ran.err
        assert (disk / "out.csv").read_text() == "the result of yesterday\n"
        assert os.listdir(disk) == ["out.csv"]
    finally:
        subprocess.run(["umount", disk], check=True)


def test_an_interrupted_run_leaves_no_half_written_file(tmp_path: Path, policy: Path) -> None:
    rows = "".join(f"L{number},a@b.example,{number}\n" for number in range(400_000))
    (tmp_path / "leads.csv").write_text("lead_id,email,employees\n" + rows)
    run = subprocess.Popen(
        [sys.executable, "-m", "scorec", "score", policy, "leads.csv", "--engine", "duckdb", "-o", "out.csv"],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
    )
    time.sleep(1)
    run.send_signal(signal.SIGINT)
    _, told = run.communicate(timeout=60)
    if run.returncode == 0:
        pytest.skip("the run was faster than its interruption")
    assert run.returncode in (130, -signal.SIGINT), told
    assert b"Traceback" not in told
    assert sorted(os.listdir(tmp_path)) == ["leads.csv", "trial.score"]


def test_a_size_of_memory_that_means_nothing(tmp_path: Path, policy: Path) -> None:
    (tmp_path / "leads.csv").write_text(LEADS)
    ran = scorec(tmp_path, "score", policy, "leads.csv", "--engine", "duckdb", "--memory", "much")
    assert ran.code == 2 and "much" in ran.err


def test_strict_ends_at_the_first_row_that_cannot_be_read(tmp_path: Path, policy: Path) -> None:
    (tmp_path / "leads.csv").write_text(LEADS.replace("2000", "many"))
    ran = scorec(tmp_path, "score", policy, "leads.csv", "--engine", "duckdb", "--strict", "-o", "out.csv")
    assert ran.code == 1
    assert not (tmp_path / "out.csv").exists()


def test_large_tables_are_scored_with_duckdb(tmp_path: Path, policy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`auto`, the default, decides by the size of the input."""
    from scorec.cli import score

    (tmp_path / "leads.csv").write_text(LEADS)
    assert score.choose("auto", [tmp_path / "leads.csv"]) == "python"
    monkeypatch.setattr(score, "LARGE", 10)
    assert score.choose("auto", [tmp_path / "leads.csv"]) == "duckdb"
    assert score.choose("python", [tmp_path / "leads.csv"]) == "python"


def test_a_policy_that_sql_cannot_say_exactly_is_scored_with_python(tmp_path: Path, monkeypatch: Any) -> None:
    """With `auto`, and the summary says so; asked for DuckDB, it is refused before anything is read."""
    from scorec.cli import score

    monkeypatch.setattr(score, "LARGE", 1)
    policy = tmp_path / "trial.score"
    slow = "score s\n  +1000 r for each e in the last 10 years, halving every 525600 minutes\n"
    policy.write_text(f"policy trial\n  language 1\nlead by lead_id\n  email: text\nevent e\n{slow}")
    (tmp_path / "leads.csv").write_text("lead_id\nA\n")
    ran = scorec(tmp_path, "score", policy, "leads.csv", "--at", "2026-03-02")
    assert ran.code == 0 and "scored with Python" in " ".join(ran.err.split())
    ran = scorec(tmp_path, "score", policy, "leads.csv", "--at", "2026-03-02", "--engine", "duckdb")
    assert ran.code == 2 and "cannot say exactly" in " ".join(ran.err.split())


def test_nothing_is_left_in_the_temporary_folder(tmp_path: Path, policy: Path) -> None:
    (tmp_path / "leads.csv").write_text(LEADS)
    opened = api.load(policy)
    folder = tmp_path / "scratch"
    folder.mkdir()
    settings = replace(Settings(), folder=str(folder))
    with Run(opened, 0, Summary(), lambda one: None, settings) as run:
        run.read_leads(tmp_path / "leads.csv")
        assert os.listdir(folder)
    assert os.listdir(folder) == []


def test_fields_may_have_any_name(tmp_path: Path) -> None:
    """The statements that count and compare have columns of their own, which are not those of a policy."""
    names = ["n", "m", "k", "l", "h", "p", "d", "past", "there", "lead", "h_then", "h_now", "rejected", "digest_then"]
    names += ["digest_now", "new_event", "event", "at", "lead_key", "leads_clean", "events_clean", "clock", "touched"]
    fields = "".join(f"  {name}: number\n" for name in names)
    own = "".join(f"  {name}: number\n" for name in names if name not in ("event", "at", "lead_key"))
    rules = "".join(f"  +1 r_{name} when {name} > 1\n" for name in names)
    (tmp_path / "trial.score").write_text(
        f"policy trial\n  language 1\nlead by lead_id\n{fields}event view\n{own}score s\n{rules}"
        "  +100 v for each view in the last 7 days where k > 1 and n > 1\n"
    )
    twos = ",2" * len(names)
    (tmp_path / "leads.csv").write_text(f"lead_id,{','.join(names)}\nA{twos}\nB{twos}\n")
    of_events = [name for name in names if name not in ("event", "at", "lead_key")]
    (tmp_path / "events.csv").write_text(
        f"lead_id,event,at,{','.join(of_events)}\nA,view,2026-03-01{',2' * len(of_events)}\n"
    )
    asked = ("score", "trial.score", "leads.csv", "--events", "events.csv", "--engine", "duckdb", "--at")
    for day, more, out in (("2026-03-02", [], "a.parquet"), ("2026-03-03", ["--previous", "a.parquet"], "b.parquet")):
        ran = scorec(tmp_path, *asked, day, *more, "-o", out)
        assert ran.code == 0, ran.err
        found = duckdb.sql(f"SELECT s FROM '{tmp_path / out}'").fetchall()
        assert [int(row[0]) for row in found] == [len(names) + 100, len(names)]
