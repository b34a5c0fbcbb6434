"""`scorec score`: a table in, a table out, nothing lost on the way."""

from __future__ import annotations

import csv
import errno
import gzip
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from command_line import EVENTS, LEADS, POLICY, Ran, scorec, write

AT = ("--at", "2026-03-02")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, inbound_score=POLICY, leads_csv=LEADS, events_csv=EVENTS)
    return tmp_path


def score(folder: Path, *more: str) -> Ran:
    return scorec(folder, "score", "inbound.score", "leads.csv", *AT, *more)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def said(ran: Ran) -> str:
    """What was said to the person, without line breaks."""
    return " ".join(ran.err.split())


# ------------------------------------------------------------------ results


def test_every_lead_gets_its_scores_bands_and_decisions(folder: Path) -> None:
    ran = score(folder, "--events", "events.csv", "-o", "out.csv")
    assert (ran.code, ran.out) == (0, "")
    first, second, third = rows(folder / "out.csv")
    assert {name: first[name] for name in list(first)[:6]} == {
        "lead_id": "L1",
        "fit": "100",
        "interest": "50",
        "total": "80",
        "readiness": "hot",
        "next_step": "sales",
    }
    assert (second["lead_id"], second["total"], second["next_step"]) == ("L2", "32", "wait")
    assert (third["lead_id"], third["fit"], third["completeness"]) == ("L3", "0", "0.6667")
    assert list(first)[6:] == ["completeness", "policy", "version", "fingerprint", "as_of"]
    assert (first["policy"], first["version"], first["as_of"]) == ("inbound", "1.2.0", "2026-03-02T00:00:00Z")


def test_the_summary_says_what_happened(folder: Path) -> None:
    ran = score(folder, "--events", "events.csv", "-o", "out.csv")
    assert ran.err.split("\n")[:5] == [
        "3 leads scored with inbound 1.2.0 as of 2026-03-02 00:00 UTC",
        "  readiness  hot 1, warm 1, cold 1",
        "  next_step  sales 1, wait 2",
        "  gates      barring students 1, consent 1",
        "  events     3 of 3 used",
    ]


def test_without_an_instant_it_is_now_and_said_so(folder: Path) -> None:
    ran = scorec(folder, "score", "inbound.score", "leads.csv")
    assert ran.code == 0
    assert "(now; --at sets another instant)" in said(ran)


def test_without_a_file_the_result_is_on_standard_output(folder: Path) -> None:
    ran = score(folder)
    assert ran.out.split("\n")[0].startswith("lead_id,fit,interest,total,")
    assert len(ran.out.split("\n")) == 5
    assert "scored" not in ran.out


@pytest.mark.parametrize("name", ["out.jsonl", "out.parquet", "out.csv.gz"])
def test_every_format_that_is_written_can_be_read_again(folder: Path, name: str) -> None:
    from scorec.compiler.tables import bind, open_table

    if name.endswith("parquet"):
        pytest.importorskip("pyarrow")
    assert score(folder, "-o", name).code == 0
    with open_table(folder / name) as table:
        found = [row[1] for row in table.rows(bind(table, ("lead_id", "fit", "readiness"))) if isinstance(row, tuple)]
    assert [(row["lead_id"], float(str(row["fit"])), row["readiness"]) for row in found] == [
        ("L1", 100.0, "hot"),
        ("L2", 40.0, "cold"),
        ("L3", 0.0, "cold"),
    ]


def test_reasons_name_the_rules_and_their_points(folder: Path) -> None:
    score(folder, "--reasons", "-o", "out.csv")
    assert rows(folder / "out.csv")[0]["reasons"] == (
        "fit.start +10; fit.enterprise +80; fit.decides +25; fit.range -15; total +60"
    )
    score(folder, "--reasons", "-o", "out.jsonl")
    first = json.loads((folder / "out.jsonl").read_text().split("\n")[0])
    assert first["reasons"][1] == {"rule": "fit.enterprise", "points": 80}


def test_an_audience_sees_only_what_it_may(folder: Path) -> None:
    score(folder, "--audience", "sales", "--reasons", "-o", "out.csv")
    first = rows(folder / "out.csv")[0]
    assert list(first)[:4] == ["lead_id", "readiness", "next_step", "completeness"]
    assert first["reasons"] == ""
    score(folder, "--audience", "marketing", "-o", "out.csv")
    assert "fit" in rows(folder / "out.csv")[0]


def test_an_audience_that_is_not_declared_is_refused(folder: Path) -> None:
    ran = score(folder, "--audience", "slaes")
    assert ran.code == 2
    assert "did you mean `sales`?" in said(ran)


def test_accounts_are_written_beside(folder: Path) -> None:
    ran = score(folder, "--events", "events.csv", "-o", "out.csv", "--accounts", "accounts.csv")
    assert ran.code == 0
    first, second = rows(folder / "accounts.csv")
    assert (first["account"], first["leads"], first["heat"], first["heat_band"]) == (
        "corp.example",
        "2",
        "112",
        "target",
    )
    assert second["account"] == "mit.edu"
    assert "accounts 2" in said(ran)


def test_an_audience_sees_of_accounts_only_what_it_may(folder: Path) -> None:
    score(folder, "--audience", "sales", "-o", "out.csv", "--accounts", "accounts.csv")
    assert list(rows(folder / "accounts.csv")[0]) == ["account", "leads", "policy", "version", "fingerprint", "as_of"]


def test_columns_of_accounts_give_way_to_scores_of_their_names(tmp_path: Path) -> None:
    policy = "policy p\n  language 1\n\nlead by id\n  firm: text\n\nscore s\n  +1 a when firm is known\n\n"
    policy += "account by firm\n  score leads = sum of s\n  score version = highest of s\n"
    write(tmp_path, inbound_score=policy, leads_csv="id,firm\n1,x\n2,x\n")
    ran = score(tmp_path, "-o", "out.csv", "--accounts", "accounts.csv")
    assert ran.code == 0, ran.err
    header, row = (tmp_path / "accounts.csv").read_text("utf-8").splitlines()
    assert header == "account,scorec_leads,leads,version,policy,scorec_version,fingerprint,as_of"
    assert row.startswith("x,2,2,1,p,0.0.0,")


def test_accounts_need_an_account_block(folder: Path) -> None:
    start, end = POLICY.index("account by"), POLICY.index("promise ")
    write(folder, inbound_score=POLICY[:start] + POLICY[end:])
    ran = score(folder, "--accounts", "accounts.csv")
    assert ran.code == 2
    assert "the policy has no `account` block" in said(ran)


def test_a_score_called_like_a_column_of_the_result_keeps_its_name(folder: Path) -> None:
    write(folder, p_score="policy p\n  language 1\n\nlead by lead_id\n  x: number\n\nscore version\n  start at 7\n")
    ran = scorec(folder, "score", "p.score", "leads.csv", *AT)
    header, first, *_ = ran.out.split("\n")
    assert header == "lead_id,version,completeness,policy,scorec_version,fingerprint,as_of"
    assert first.startswith("L1,7,")


def test_no_text_of_a_lead_becomes_a_formula(folder: Path) -> None:
    write(folder, leads_csv='lead_id,email\n=1+1,a@b.example\n"@x",a@b.example\n')
    ran = score(folder)
    assert [line.split(",")[0] for line in ran.out.split("\n")[1:3]] == ["'=1+1", "'@x"]


# ------------------------------------------------------------------ rows that are not used


def test_rows_that_cannot_be_read_are_kept_with_their_reason(folder: Path) -> None:
    write(
        folder,
        leads_csv="lead_id,email,Company size,country\nL1,a@b.example,1200,US\nL2,a@b.example,about 20,Mars\n"
        ",a@b.example,,\nL1,c@b.example,,\nL5,,,\nL6,a@b.example,5\n",
    )
    ran = score(folder, "-o", "out.csv")
    assert ran.code == 0
    assert [row["lead_id"] for row in rows(folder / "out.csv")] == ["L1"]
    found = [(row["row"], row["key"], row["column"], row["value"]) for row in rows(folder / "out.csv.rejected.csv")]
    assert found == [
        ("3", "L2", "Company size", "about 20"),
        ("3", "L2", "country", "Mars"),
        ("4", "", "lead_id", ""),
        ("5", "L1", "lead_id", "L1"),
        ("6", "L5", "email", ""),
        ("7", "", "", ""),
    ]
    reasons = [row["reason"] for row in rows(folder / "out.csv.rejected.csv")]
    assert reasons[1] == "`Mars` is none of US, GB, other"
    assert reasons[2:5] == [
        "the row has no key",
        "the key stands in row 2 already; only the first counts",
        "`email` is required and is missing",
    ]
    assert "rejected 5 leads: see out.csv.rejected.csv" in said(ran)
    assert "leads.csv row 3: Company size: `about 20` is not a number" in said(ran)


def test_nothing_rejected_writes_no_file_and_empties_an_old_one(folder: Path) -> None:
    score(folder, "-o", "out.csv")
    assert not (folder / "out.csv.rejected.csv").exists()
    (folder / "out.csv.rejected.csv").write_text("file,row\nold,1\n")
    score(folder, "-o", "out.csv")
    assert rows(folder / "out.csv.rejected.csv") == []


def test_a_rejected_value_is_no_formula_either(folder: Path) -> None:
    write(folder, leads_csv="lead_id,email,Company size\nL1,a@b.example,=1+1\n")
    score(folder, "-o", "out.csv")
    assert rows(folder / "out.csv.rejected.csv")[0]["value"] == "'=1+1"


def test_a_strict_run_ends_at_the_first_and_writes_nothing(folder: Path) -> None:
    write(folder, leads_csv=LEADS + "L4,,,,,\n")
    (folder / "out.csv").write_text("old")
    ran = score(folder, "-o", "out.csv", "--strict")
    assert ran.code == 1
    assert "leads.csv, row 5: email: `email` is required and is missing" in said(ran)
    assert (folder / "out.csv").read_text() == "old"
    assert sorted(path.name for path in folder.iterdir()) == ["events.csv", "inbound.score", "leads.csv", "out.csv"]


@pytest.mark.parametrize("engine", ["python", "duckdb"])
def test_a_strict_run_shows_nothing_either(engine: str, folder: Path) -> None:
    assert score(folder, "--strict", "--engine", engine).out.startswith("lead_id,")
    write(folder, leads_csv=LEADS + "L4,,,,,\n")
    ran = score(folder, "--strict", "--engine", engine)
    assert (ran.code, ran.out) == (1, "")


def test_events_that_do_not_count_are_counted(folder: Path) -> None:
    more = [
        "L1,page_view,2026-03-05,/pricing,",  # to come
        "L9,page_view,2026-03-01,/pricing,",  # nobody's
        ",page_view,2026-03-01,/pricing,",
        "L1,chat_opened,2026-03-01,,",
        "L2,page_view,2026-03-01T11:00Z,/pricing,5",  # the same as another
        "L1,page_view,31 March,/pricing,",
    ]
    write(folder, events_csv=EVENTS + "\n".join(more) + "\n")
    ran = score(folder, "--events", "events.csv", "-o", "out.csv")
    assert (
        "events 4 of 9 used; ignored: 2 without a lead, 1 unreadable, 1 after the as-of instant, "
        "1 of undeclared kinds; 1 counted although they are the same as another in everything"
    ) in said(ran)
    assert "not declared in the policy: chat_opened 1" in said(ran)
    (rejected,) = rows(folder / "out.csv.rejected.csv")
    assert (rejected["file"], rejected["row"], rejected["key"], rejected["column"]) == ("events.csv", "10", "L1", "at")
    assert rows(folder / "out.csv")[1]["interest"] == "40"


def test_events_with_the_same_id_are_one_event(folder: Path) -> None:
    write(
        folder,
        events_csv="event_id,lead_id,event,at,url\n7,L2,page_view,2026-03-01,/pricing\n"
        "7,L2,page_view,2026-03-01,/pricing\n8,L2,page_view,2026-03-01,/pricing\n",
    )
    ran = score(folder, "--events", "events.csv", "-o", "out.csv")
    assert rows(folder / "out.csv")[1]["interest"] == "40"
    assert "1 repeated (same event_id)" in said(ran)


def test_a_file_may_hold_events_of_one_kind(folder: Path) -> None:
    write(folder, demos_csv="lead_id,at\nL2,2026-02-20\n", views_csv="lead_id,at,url\nL2,2026-03-01,/pricing\n")
    events = ("--events", "demo_request=demos.csv", "--events", "Visits page=views.csv")
    score(folder, *events, "-o", "out.csv")
    assert rows(folder / "out.csv")[1]["interest"] == "50"


def test_the_events_of_a_rejected_lead_are_not_called_orphans(folder: Path) -> None:
    write(folder, leads_csv=LEADS.replace("bob@corp.example", ""))
    ran = score(folder, "--events", "events.csv", "-o", "out.csv")
    assert "events 2 of 3 used; ignored: 1 of a rejected lead" in said(ran)


# ------------------------------------------------------------------ columns


def test_a_column_that_the_policy_needs_must_be_there(folder: Path) -> None:
    write(folder, leads_csv="Lead Id,E-mail\n1,x\n")
    ran = score(folder)
    assert ran.code == 2
    assert "leads.csv has no column `lead_id`" in said(ran)
    assert "did you mean `Lead Id`? it has: Lead Id, E-mail" in said(ran)
    write(folder, leads_csv="lead_id,E-mail\n1,x\n")
    assert "no column `email`, which the policy requires help: did you mean `E-mail`?" in said(score(folder))


def test_a_column_that_is_read_and_missing_is_noted(folder: Path) -> None:
    write(folder, leads_csv="lead_id,email,Title,company_size\nL1,a@b.example,VP,1200\n")
    ran = score(folder)
    assert ran.code == 0
    assert "note: no column `job_title`, so it is missing for every lead" in said(ran)
    assert "note: no column `Company size`, so it is missing for every lead; if `company_size` is meant" in said(ran)


def test_two_columns_that_differ_in_case_are_refused_if_one_is_needed(folder: Path) -> None:
    write(folder, leads_csv="lead_id,email,Email\nL1,a@b.example,x\n")
    ran = score(folder)
    assert ran.code == 2
    assert "differ only in case" in said(ran)


@pytest.mark.parametrize(
    ("header", "words"),
    [("lead_id,at", "has no column `event`"), ("lead_id,event,when", "has no column `at`"), ("event,at", "`lead_id`")],
)
def test_a_table_of_events_needs_its_columns(folder: Path, header: str, words: str) -> None:
    write(folder, events_csv=header + "\n")
    ran = score(folder, "--events", "events.csv")
    assert ran.code == 2
    assert words in said(ran)


@pytest.mark.parametrize("name", ["leads.csv.gz", "leads.jsonl.gz"])
def test_a_packed_file_that_is_cut_off_or_damaged_is_said_to_be_so(folder: Path, name: str) -> None:
    lines = ["lead_id,email,employees,country,opted_in"] + [f"L{at},a@corp.example,{at},,yes" for at in range(900)]
    if "jsonl" in name:
        lines = [json.dumps({"lead_id": f"L{at}", "email": "a@corp.example"}) for at in range(900)]
    packed = gzip.compress("\n".join(lines).encode())
    middle = len(packed) // 2
    for text in (packed[:middle], packed[:middle] + b"\xff" * middle, packed[:40]):
        (folder / name).write_bytes(text)
        ran = scorec(folder, "score", "inbound.score", name, *AT, "-o", "out.csv")
        assert ran.code == 2
        assert f"{name} cannot be read" in said(ran)
        assert not (folder / "out.csv").exists()


def test_a_damaged_parquet_file_is_said_to_be_so(folder: Path) -> None:
    names = [f"L{at}" for at in range(100)]
    pq.write_table(pa.table({"lead_id": names, "email": names}), folder / "leads.parquet", compression="snappy")
    text = bytearray((folder / "leads.parquet").read_bytes())
    text[40:140] = b"\x99" * 100
    (folder / "leads.parquet").write_bytes(text)
    ran = scorec(folder, "score", "inbound.score", "leads.parquet", *AT, "--engine", "python", "-o", "new.csv")
    assert ran.code == 2
    assert "leads.parquet is damaged: it cannot be read after row 0" in said(ran)
    assert not (folder / "new.csv").exists()


def test_a_list_that_is_called_jsonl_is_told_its_name(folder: Path) -> None:
    (folder / "leads.jsonl").write_text(json.dumps([{"lead_id": "L1"}], indent=1))
    ran = scorec(folder, "score", "inbound.score", "leads.jsonl", *AT)
    assert ran.code == 2
    assert "let its name end in .json." in said(ran)


def test_a_pattern_that_python_does_not_read_is_called_a_pattern(folder: Path) -> None:
    ran = scorec(folder, "score", "inbound.score", "lead*.csv", *AT, "--engine", "python")
    assert ran.code == 2
    assert "lead*.csv is a pattern, and only one file can be read here" in said(ran)


@pytest.mark.parametrize("engine", ["python", "duckdb"])
def test_a_folder_is_called_a_folder(folder: Path, engine: str) -> None:
    (folder / "exports").mkdir()
    for given in (("exports",), ("leads.csv", "-o", "exports"), ("leads.csv", "--events", "exports")):
        ran = scorec(folder, "score", "inbound.score", *given, *AT, "--engine", engine)
        assert ran.code == 2
        assert "exports is a folder" in said(ran)


def test_a_refused_line_stands_apart_from_its_reason(folder: Path) -> None:
    (folder / "leads.jsonl").write_text('{"lead_id": "L1", "email": "a@corp.example"}\n[1]\n')
    ran = scorec(folder, "score", "inbound.score", "leads.jsonl", *AT)
    assert "leads.jsonl row 2: '[1]' is not an object" in said(ran)


# ------------------------------------------------------------------ files


def test_an_output_that_is_an_input_is_refused(folder: Path) -> None:
    (folder / "link.csv").symlink_to("leads.csv")
    for output in ("leads.csv", "./leads.csv", "link.csv", "inbound.score", "events.csv"):
        ran = score(folder, "--events", "events.csv", "-o", output)
        assert ran.code == 2, output
        assert "is also an input" in said(ran)
    assert (folder / "leads.csv").read_text() == LEADS


def test_an_output_that_a_pattern_of_inputs_fits_is_refused(folder: Path) -> None:
    for name, text in (("leads.csv", LEADS), ("events.csv", EVENTS)):
        given = ("lead*.csv", "--events", "event*.csv", *AT, "-o", name)
        ran = scorec(folder, "score", "inbound.score", *given)
        assert ran.code == 2, name
        assert f"the output {name} is also an input" in said(ran)
        assert (folder / name).read_text() == text


def test_what_is_rejected_is_not_written_over_an_input(folder: Path) -> None:
    given = folder / "out.csv.rejected.csv"
    text = LEADS + "L9,a@corp.example,many,,yes\n"
    given.write_text(text)
    ran = scorec(folder, "score", "inbound.score", given.name, *AT, "-o", "out.csv")
    assert ran.code == 2
    assert "the output out.csv.rejected.csv is also an input" in said(ran)
    assert given.read_text() == text


def test_what_is_rejected_is_not_written_over_the_accounts(folder: Path) -> None:
    ran = score(folder, "-o", "out.csv", "--accounts", "out.csv.rejected.csv")
    assert ran.code == 2
    assert "what -o rejects and --accounts name the same file" in said(ran)


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("nowhere/out.csv", "there is no folder nowhere"),
        ("out.xlsx", "is a spreadsheet"),
        ("out", "has no ending"),
        ("out.json", "let its name end in .jsonl"),
        ("folder.csv", "is a folder"),
    ],
)
def test_an_output_that_cannot_be_written_is_refused_before_the_work(folder: Path, output: str, words: str) -> None:
    (folder / "folder.csv").mkdir()
    ran = score(folder, "-o", output)
    assert ran.code == 2
    assert words in said(ran)


def test_a_read_only_folder_is_said_so(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> object:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr("tempfile.mkstemp", refuse)
    ran = score(folder, "-o", "out.csv")
    assert ran.code == 2
    assert "nothing can be written in .: permission denied" in said(ran)


@pytest.mark.parametrize("name", ["out.csv", "out.jsonl", "out.csv.gz", "out.parquet"])
def test_a_disk_that_is_full_leaves_nothing_half(folder: Path, name: str) -> None:
    resource = pytest.importorskip("resource")
    if name.endswith("parquet"):
        pytest.importorskip("pyarrow")
    rows = "".join(f"L{number},a{number}@b.example,,{number},,\n" for number in range(3_000))
    write(folder, leads_csv=LEADS.split("\n")[0] + "\n" + rows)
    (folder / name).write_text("old")
    before = sorted(path.name for path in folder.iterdir())
    assert resource
    arguments = ["score", "inbound.score", "leads.csv", "-o", name]
    limit = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000)); "
        f"from scorec.cli import run; sys.exit(run({arguments!r}))"
    )
    ran = subprocess.run([sys.executable, "-c", limit], cwd=folder, capture_output=True, text=True, check=False)
    assert ran.returncode == 2, ran.stderr
    assert "file too large" in ran.stderr.lower() and "Traceback" not in ran.stderr
    assert (folder / name).read_text() == "old"
    assert sorted(path.name for path in folder.iterdir()) == before


def test_a_run_that_breaks_off_leaves_the_old_result(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from scorec.compiler import batch

    def interrupt(*_: object) -> object:
        raise KeyboardInterrupt

    (folder / "out.csv").write_text("old")
    before = sorted(path.name for path in folder.iterdir())
    monkeypatch.setattr(batch, "read_lead", interrupt)
    ran = score(folder, "-o", "out.csv")
    assert ran.code == 130
    assert (folder / "out.csv").read_text() == "old"
    assert sorted(path.name for path in folder.iterdir()) == before


def test_a_policy_with_errors_scores_nobody(folder: Path) -> None:
    write(folder, inbound_score=POLICY.replace("employees >= 1000", "emplyees >= 1000"))
    ran = score(folder, "-o", "out.csv")
    assert (ran.code, ran.out) == (1, "")
    assert "error SC002" in ran.err and "1 error: nothing was done" in ran.err
    assert not (folder / "out.csv").exists()


def test_no_rows_and_no_events_are_no_error(folder: Path) -> None:
    write(folder, leads_csv="lead_id,email\n", events_csv="lead_id,event,at\n")
    ran = score(folder, "--events", "events.csv", "-o", "out.csv")
    assert ran.code == 0
    assert "0 leads scored" in said(ran) and "the table has no rows" in said(ran)
    assert (folder / "out.csv").read_text().count("\n") == 1


def test_scoring_outside_the_time_of_a_policy_is_noted(folder: Path) -> None:
    write(folder, inbound_score=POLICY.replace("version 1.2.0", "version 1.2.0\n  effective from 2026-06-01"))
    assert "the policy is in effect only from 2026-06-01 00:00 UTC" in said(score(folder))


def test_an_instant_that_cannot_be_read_is_refused(folder: Path) -> None:
    ran = scorec(folder, "score", "inbound.score", "leads.csv", "--at", "1 March")
    assert ran.code == 2
    assert "is not a time" in said(ran)


def test_a_date_is_its_midnight_in_the_zone_of_the_policy(folder: Path) -> None:
    write(folder, inbound_score=POLICY.replace("version 1.2.0", 'version 1.2.0\n  timezone "Europe/Paris"'))
    ran = score(folder)
    assert ran.out.split("\n")[1].endswith(",2026-03-01T23:00:00Z")
    assert "as of 2026-03-02 00:00 CET" in said(ran)


@pytest.mark.parametrize("engine", ["python", "duckdb"])
def test_a_run_that_a_scheduler_ends_leaves_nothing_half(engine: str, tmp_path: Path) -> None:
    """SIGTERM is what containers and schedulers send."""
    rows = "".join(f"L{number},{number % 5000}\n" for number in range(300_000))
    (tmp_path / "leads.csv").write_text("lead_id,employees\n" + rows)
    (tmp_path / "fit.score").write_text(
        "policy fit\n  language 1\nlead by lead_id\n  employees: number\nscore fit\n  +1 big when employees > 50\n"
    )
    (tmp_path / "kept").mkdir()
    command = [sys.executable, "-m", "scorec", "score", "fit.score", "leads.csv", "--engine", engine, "-o", "out.csv"]
    environment = {**os.environ, "TMPDIR": str(tmp_path / "kept")}
    run = subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 60
    while run.poll() is None and time.monotonic() < deadline:
        # As soon as anything is there that could be left behind.
        if any((tmp_path / "kept").iterdir()) or any(tmp_path.glob(".out.csv*")):
            break
        time.sleep(0.01)
    run.send_signal(signal.SIGTERM)
    _, told = run.communicate(timeout=60)
    assert run.returncode == 143, told
    assert told.decode().endswith("stopped; nothing was written half\n")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["fit.score", "kept", "leads.csv"]
    assert not any((tmp_path / "kept").iterdir())


def test_more_threads_than_any_machine_has_cores_are_refused(tmp_path: Path) -> None:
    ran = scorec(tmp_path, "score", "fit.score", "leads.csv", "--threads", "100000")
    assert ran.code == 2
    assert "--threads" in ran.err and "1000" in ran.err
    assert "`--threads`: 100000 is not between 1 and 1000" in said(ran)
