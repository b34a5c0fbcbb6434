"""`scorec score --log`: what a decision was made of is kept, what is masked is not, and a log only ever grows."""

from __future__ import annotations

import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import pytest
from command_line import EVENTS, LEADS, POLICY, Ran, scorec, write
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import facts, programs

import scorec as package
from scorec.compiler.records import DecisionLog, Record, Unreadable, mask_of, read_log, record_of, recorder
from scorec.compiler.replay import facts_of
from scorec.compiler.tables import TableError

AT = ("--at", "2026-03-02")
ANN = {"lead_id": "L1", "email": "ann@corp.example", "job_title": "VP Sales", "employees": 1200, "opted_in": True}
VIEW = {"event": "page_view", "at": "2026-03-01T10:00Z", "url": "/pricing"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, inbound_score=POLICY, leads_csv=LEADS, events_csv=EVENTS)
    return tmp_path


def score(folder: Path, *more: str) -> Ran:
    return scorec(folder, "score", "inbound.score", "leads.csv", "--events", "events.csv", *AT, "-o", "out.csv", *more)


def lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "decisions.jsonl").read_text("utf-8").splitlines()]


def said(ran: Ran) -> str:
    return " ".join(ran.err.split())


# ------------------------------------------------------------------ a record


def test_a_record_has_the_policy_the_facts_and_the_result(folder: Path) -> None:
    ran = score(folder, "--log", "decisions.jsonl")
    assert ran.code == 0 and "3 records added to decisions.jsonl" in said(ran)
    first = lines(folder)[0]
    assert (first["policy"], first["version"], first["scorec"], first["semantics"]) == (
        "inbound",
        "1.2.0",
        package.__version__,
        1,
    )
    assert first["fingerprint"] == package.loads(POLICY).fingerprint
    assert (first["key"], first["as_of"], first["reproducible"]) == ("L1", "2026-03-02T00:00:00Z", True)
    assert first["lead"] == {
        "email": "ann@corp.example",
        "job_title": "VP Sales",
        "employees": 1200,
        "country": "US",
        "opted_in": True,
    }
    assert first["events"] == [
        {"event": "demo_request", "at": "2026-02-20T00:00:00Z"},
        {"event": "page_view", "at": "2026-03-01T10:00:00Z", "url": "https://acme.example/pricing", "seconds": 30},
    ]
    assert first["result"]["scores"] == {"fit": "100", "interest": "50", "total": "80"}
    assert first["result"]["decisions"] == {"next_step": {"outcome": "sales", "row": 1}}
    assert {"rule": "fit.range", "points": "-15"} in first["result"]["reasons"]


def test_a_row_that_a_gate_barred_is_in_the_record() -> None:
    record = package.loads(POLICY).record({**ANN, "opted_in": False}, [VIEW], "2026-03-02")
    assert record["result"]["gates"]["consent"] == ["sales", "nurture"]
    assert record["result"]["decisions"]["next_step"] == {
        "outcome": "wait",
        "row": 3,
        "barred": [{"row": 1, "gates": ["consent"]}],
    }


def test_dates_are_days_in_the_policy_s_zone_and_times_are_in_utc() -> None:
    text = (
        'policy p\n  language 1\n  timezone "Europe/Berlin"\n\nlead by lead_id\n  since: date\n  seen: time\n'
        "  tags: list of text\n\nscore s\n  +1 a when since is known\n"
    )
    record = package.loads(text).record(
        {"since": "2026-03-01", "seen": "2026-03-01T10:00", "tags": "a;b"}, at="2026-03-02"
    )
    assert record["lead"] == {"since": "2026-03-01", "seen": "2026-03-01T09:00:00Z", "tags": ["a", "b"]}
    assert record["timezone"] == "Europe/Berlin"


def test_events_to_come_are_no_part_of_a_decision() -> None:
    record = package.loads(POLICY).record(ANN, [{**VIEW, "at": "2026-04-01"}], "2026-03-02")
    assert record["events"] == []


def test_the_same_decision_has_the_same_id_and_another_has_another() -> None:
    policy = package.loads(POLICY)
    one = policy.record(ANN, [VIEW], "2026-03-02")
    assert one == policy.record(ANN, [VIEW], "2026-03-02")
    assert one["id"] != policy.record({**ANN, "employees": 1201}, [VIEW], "2026-03-02")["id"]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_the_facts_of_any_record_are_read_back_as_they_were(data: st.DataObject) -> None:
    program = data.draw(programs())
    policy = package.Policy(program, {}, ())
    known = data.draw(facts(program))
    evaluation = policy.engine.evaluate_with_reasons(known.lead, known.events, known.at)
    written = json.dumps(recorder(policy)("L1", known.lead, known.events, known.at, evaluation))
    record = record_of(1, written.encode())
    assert isinstance(record, Record)
    read = facts_of(policy, record)
    assert not isinstance(read, str), read
    assert (read.lead, read.at) == (known.lead, known.at)
    past = [event for event in known.events if event["at"] <= known.at]
    assert sorted(map(repr, read.events)) == sorted(repr({**_missing(policy, one), **one}) for one in past)


def _missing(policy: package.Policy, event: dict[str, Any]) -> dict[str, Any]:
    kind = policy.program.event(event["event"])
    return {"event": None, "at": None, **dict.fromkeys(prop.name for prop in kind.properties)}


# ------------------------------------------------------------------ masks


def test_of_what_is_masked_only_a_digest_is_kept(folder: Path) -> None:
    score(folder, "--log", "decisions.jsonl", "--mask", "email,url")
    text = (folder / "decisions.jsonl").read_text("utf-8")
    assert "ann@" not in text and "/pricing" not in text
    first = lines(folder)[0]
    assert first["lead"]["email"] == {"masked": "sha256:" + hashlib.sha256(b"ann@corp.example").hexdigest()}
    assert first["masked"] == ["email", "page_view.url"]


def test_a_secret_keys_the_digest(folder: Path) -> None:
    (folder / "secret").write_text("s3cret\n")
    score(folder, "--log", "decisions.jsonl", "--mask", "email", "--mask-key", "secret")
    digest = hmac.new(b"s3cret", b"ann@corp.example", "sha256").hexdigest()
    assert lines(folder)[0]["lead"]["email"] == {"masked": f"hmac-sha256:{digest}"}


def test_a_record_says_whether_it_can_be_made_again(folder: Path) -> None:
    score(folder, "--log", "decisions.jsonl", "--mask", "email")
    score(folder, "--log", "decisions.jsonl", "--mask", "job_title")
    # Nothing reads the address but the account; L3 has no size, and what is missing is not masked.
    assert [one["reproducible"] for one in lines(folder)] == [True, True, True, False, False, False]
    score(folder, "--log", "decisions.jsonl", "--mask", "employees")
    assert [one["reproducible"] for one in lines(folder)[6:]] == [False, False, True]
    assert lines(folder)[8]["lead"]["employees"] is None


def test_the_key_can_be_masked_and_so_is_the_field_that_is_the_key() -> None:
    policy = package.loads(POLICY.replace("lead by lead_id", "lead by email"))
    record = policy.record(ANN, at="2026-03-02", mask=["email"])
    assert record["key"] == record["lead"]["email"] == {"masked": record["key"]["masked"]}
    assert "ann@" not in json.dumps(record)


def test_what_is_not_there_cannot_be_masked() -> None:
    with pytest.raises(package.ScorecError, match="no `emial` to mask") as failure:
        package.loads(POLICY).record(ANN, at="2026-03-02", mask=["emial"])
    assert getattr(failure.value, "hint", "") == "did you mean `email`?"


def test_a_mask_needs_a_log(folder: Path) -> None:
    ran = score(folder, "--mask", "email")
    assert ran.code == 2 and "nothing is logged" in said(ran)


def test_a_property_is_masked_in_one_kind_of_event_or_in_all() -> None:
    policy = package.loads(POLICY)
    assert (
        mask_of(policy, ["url"]).properties == mask_of(policy, ["page_view.url"]).properties == {("page_view", "url")}
    )


# ------------------------------------------------------------------ the log grows


def test_a_run_adds_to_the_log_and_changes_nothing_in_it(folder: Path) -> None:
    score(folder, "--log", "decisions.jsonl")
    before = (folder / "decisions.jsonl").read_bytes()
    score(folder, "--log", "decisions.jsonl")
    after = (folder / "decisions.jsonl").read_bytes()
    assert after.startswith(before) and len(after) == 2 * len(before)
    assert not list(folder.glob(".*.part"))


def test_a_run_that_stops_adds_nothing(folder: Path) -> None:
    score(folder, "--log", "decisions.jsonl")
    before = (folder / "decisions.jsonl").read_bytes()
    with (folder / "leads.csv").open("a") as leads:
        leads.write("L9,x@corp.example,,many,US,yes\n")
    assert score(folder, "--log", "decisions.jsonl", "--strict").code == 1
    assert score(folder, "--log", "decisions.jsonl", "--audience", "nobody").code == 2
    assert (folder / "decisions.jsonl").read_bytes() == before
    assert not list(folder.glob(".*.part"))


def test_after_a_run_that_was_cut_off_nothing_is_lost(folder: Path) -> None:
    score(folder, "--log", "decisions.jsonl")
    log = folder / "decisions.jsonl"
    whole = log.read_bytes()
    log.write_bytes(whole[:-100])
    assert "its last line was cut off" in said(score(folder, "--log", "decisions.jsonl"))
    assert log.read_bytes() == whole[:-100] + b"\n" + whole
    found = list(read_log(log))
    assert [type(one) for one in found] == [Record, Record, Unreadable, Record, Record, Record]
    assert isinstance(found[2], Unreadable) and (found[2].number, found[2].why) == (3, "is cut off in the middle")


def test_two_runs_at_once_add_one_after_the_other(folder: Path) -> None:
    first, second = DecisionLog(folder / "decisions.jsonl"), DecisionLog(folder / "decisions.jsonl")
    for number in range(3):
        first.put({"record": 1, "run": "first", "number": number})
        second.put({"record": 1, "run": "second", "number": number})
    second.append()
    first.append()
    assert [one["run"] for one in lines(folder)] == ["second"] * 3 + ["first"] * 3


def test_a_full_disk_leaves_the_log_as_it_was(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    score(folder, "--log", "decisions.jsonl")
    before = (folder / "decisions.jsonl").read_bytes()
    log = DecisionLog(folder / "decisions.jsonl")
    log.put({"record": 1})

    def full(file: Any, chunk: bytes) -> None:
        file.write(chunk[:5])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("scorec.compiler.records._write", full)
    with pytest.raises(TableError, match="no space left"):
        log.append()
    assert (folder / "decisions.jsonl").read_bytes() == before


def test_records_are_added_to_no_other_file(folder: Path) -> None:
    (folder / "people.jsonl").write_text('{"name": "Ann"}\n')
    ran = score(folder, "--log", "people.jsonl")
    assert ran.code == 2 and "is no decision log" in said(ran)
    assert score(folder, "--log", "leads.csv").code == 2
    assert "let its name end in .jsonl" in said(score(folder, "--log", "decisions.csv"))


def test_a_log_takes_the_python_engine_and_says_so(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = score(folder, "--log", "decisions.jsonl", "--engine", "duckdb")
    assert ran.code == 2 and "by the Python engine only" in said(ran)
    monkeypatch.setattr("scorec.cli.score.LARGE", 1)
    assert "because a log was asked for" in said(score(folder, "--log", "decisions.jsonl"))


# ------------------------------------------------------------------ lines that are no records


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b'{"record": 1, "policy"', "cut off"),
        (b"hello\n", "is not JSON"),
        (b'{"a": 1}\n', "is no decision record"),
        (b'{"record": 9}\n', "of form 9"),
        (b'{"record": 1}\n', "has no `id`"),
        (b'{"record": 1, "\xff": 1}\n', "not UTF-8"),
        (b"[" * 100_000 + b"\n", "is not JSON"),
    ],
)
def test_a_broken_line_is_told_with_what_is_wrong(line: bytes, why: str) -> None:
    found = record_of(7, line)
    assert isinstance(found, Unreadable) and found.number == 7 and why in found.why


def test_a_record_that_somebody_has_changed_is_noticed() -> None:
    record = package.loads(POLICY).record(ANN, [VIEW], "2026-03-02")
    record["result"]["bands"]["readiness"] = "cold"
    found = record_of(1, json.dumps(record).encode())
    assert isinstance(found, Unreadable) and "somebody has changed it" in found.why
