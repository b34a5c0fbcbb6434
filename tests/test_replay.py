"""`scorec replay`: a logged decision, made again, is the same, or it is said what has changed it."""

from __future__ import annotations

import json
import random
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from authoring import Author
from command_line import EVENTS, LEADS, POLICY, Ran, scorec, write
from dice import Dice, rolled
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import analysed, facts, facts_for, programs
from writing import written

import scorec as package
from scorec.compiler import releases, replay
from scorec.compiler.records import Record, digest_of, record_of, recorder

LOG = "decisions.jsonl"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, inbound_score=POLICY, leads_csv=LEADS, events_csv=EVENTS)
    log(tmp_path)
    return tmp_path


def log(folder: Path, *more: str) -> None:
    arguments = ("inbound.score", "leads.csv", "--events", "events.csv", "--at", "2026-03-02", "-o", "out.csv")
    ran = scorec(folder, "score", *arguments, "--log", LOG, *more)
    assert ran.code == 0, ran.err


def released(folder: Path) -> None:
    """The policy as it stands becomes a release."""
    path = folder / "inbound.score"
    release = releases.release_of(releases.collect(path), date(2026, 3, 1), "Ann", "first")
    releases.write_release(releases.history_of(path).folder, release)


def edit(folder: Path, old: str, new: str) -> None:
    path = folder / "inbound.score"
    assert old in path.read_text("utf-8")
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")


def again(folder: Path, *more: str) -> dict[str, Any]:
    ran = scorec(folder, "replay", LOG, "--format", "json", *more)
    found: dict[str, Any] = json.loads(ran.out)
    return {**found, "code": ran.code}


def said(ran: Ran) -> str:
    return " ".join((ran.out + ran.err).split())


# ------------------------------------------------------------------ the same


def test_what_was_just_logged_is_the_same(folder: Path) -> None:
    found = again(folder)
    assert (found["code"], found["verdicts"], found["shown"]) == (0, {"same": 3}, [])
    assert len(found["fingerprint"]) == 64


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_record_of_any_policy_is_the_same_when_it_is_made_again(data: st.DataObject) -> None:
    program = data.draw(programs())
    policy = package.Policy(program, {}, ())
    known = data.draw(facts(program))
    evaluation = policy.engine.evaluate_with_reasons(known.lead, known.events, known.at)
    line = json.dumps(recorder(policy)("L1", known.lead, known.events, known.at, evaluation)).encode()
    record = record_of(1, line)
    assert isinstance(record, Record)
    assert replay.replay(_only(policy), record) == replay.Replayed(record)


def _only(policy: package.Policy) -> replay.Versions:
    """A policy that is in no file."""
    versions = replay.Versions.__new__(replay.Versions)
    versions.today = policy
    versions._known = {policy.fingerprint: policy}
    versions._edits = {}
    return versions


def test_layout_comments_and_order_change_no_decision(folder: Path) -> None:
    edit(folder, '  +25 decides "Signs the contract" when job_title has word any of ("vp", "chief")\n', "")
    edit(
        folder,
        '  -40 student when job_title has word "student"\n',
        '  -40 student when job_title has word "student"   # never\n'
        '  +25 decides "Signs" when job_title has word any of ("vp", "chief")\n',
    )
    assert again(folder)["verdicts"] == {"same": 3}


# ------------------------------------------------------------------ changed by the policy


def test_the_edits_that_a_lead_feels_are_named(folder: Path) -> None:
    released(folder)
    edit(folder, "+80 enterprise", "+40 enterprise")
    edit(folder, "+30 mid_market", "+31 mid_market")
    edit(folder, "version 1.2.0", "version 1.3.0")
    found = again(folder)
    assert (found["code"], found["verdicts"]) == (1, {"same": 1, "changed by policy": 2})
    first, second = found["shown"]
    assert (first["key"], first["causes"], len(first["edits"])) == ("L1", ["policy"], 1)
    assert "enterprise" in first["edits"][0] and "mid_market" in second["edits"][0]
    assert {"what": "score fit", "before": "100", "after": "75"} in first["results"]


def test_without_the_old_version_the_rules_are_named_whose_points_differ(folder: Path) -> None:
    edit(folder, "+80 enterprise", "+40 enterprise")
    first = again(folder)["shown"][0]
    assert first["causes"] == ["policy"]
    assert "fit.enterprise: +80 -> +40" in first["edits"]
    assert "is not at hand" in first["notes"][0] and "whether the engine has a part in it" in first["notes"][1]


def test_an_edit_that_no_lead_feels_changes_nothing(folder: Path) -> None:
    released(folder)
    edit(folder, "+80 enterprise", "+90 enterprise")
    assert again(folder)["verdicts"] == {"same": 3}


def test_a_release_is_replayed_instead_of_the_text_of_today(folder: Path) -> None:
    released(folder)
    edit(folder, "+80 enterprise", "+40 enterprise")
    assert again(folder, "--policy", "inbound.score", "--release", "1.2.0")["verdicts"] == {"same": 3}
    ran = scorec(folder, "replay", LOG, "--policy", "inbound.score", "--release", "1.2.1")
    assert ran.code == 2 and "did you mean 1.2.0?" in said(ran)


def test_a_release_that_was_edited_by_hand_is_not_used_and_said(folder: Path) -> None:
    released(folder)
    record = folder / "releases" / "inbound" / "1.2.0.json"
    record.write_text(record.read_text("utf-8").replace("+80 enterprise", "+50 enterprise"), "utf-8")
    edit(folder, "+80 enterprise", "+40 enterprise")
    first = again(folder)["shown"][0]
    assert first["causes"] == ["policy"]
    assert "is not at hand" in first["notes"][0] and "was edited by hand" in first["notes"][0]


def test_a_policy_with_errors_makes_nothing_again(folder: Path) -> None:
    edit(folder, "employees >= 1000", "emplyees >= 1000")
    ran = scorec(folder, "replay", LOG)
    assert ran.code == 1 and "no field called `emplyees`" in said(ran)


def test_a_field_that_the_policy_now_requires_refuses_old_leads(folder: Path) -> None:
    released(folder)
    edit(folder, "  job_title: text\n", "  job_title: text\n  phone: text required\n")
    found = again(folder)
    assert found["verdicts"] == {"changed by policy": 3}
    assert "`phone` is required and is missing" in found["shown"][0]["notes"][0]


@pytest.mark.parametrize("seed", range(25))
def test_of_any_policy_the_one_edit_is_named_exactly_where_a_lead_feels_it(seed: int) -> None:
    """A random policy whose author gives one rule a point more; random leads."""
    text = written(Author(rolled(seed)).policy())
    marks = list(re.finditer(r"^ +[+-]([0-9]+) \w", text, re.M))
    if not marks:
        pytest.skip("no rule with plain points")
    mark = random.Random(seed).choice(marks)
    more = text[: mark.start(1)] + str(int(mark[1]) + 1) + text[mark.end(1) :]
    analyses = analysed(text), analysed(more)
    if any(one.program is None for one in analyses):
        pytest.skip("the checker refuses it")
    old, new = (package.Policy(one.program, one.sources, ()) for one in analyses if one.program is not None)
    versions = _only(new)
    versions._known[old.fingerprint] = old
    for number in range(12):
        known = facts_for(old.program, Dice(rolled(number)))
        before = old.engine.evaluate_with_reasons(known.lead, known.events, known.at)
        after = new.engine.evaluate_with_reasons(known.lead, known.events, known.at)
        record = record_of(1, json.dumps(recorder(old)("L", known.lead, known.events, known.at, before)).encode())
        assert isinstance(record, Record)
        found = replay.replay(versions, record)
        outcomes = [[chosen[0] for chosen in one.decisions.values()] for one in (before, after)]
        same = (before.scores, before.bands, before.gates) == (after.scores, after.bands, after.gates)
        assert found.causes == (() if same and outcomes[0] == outcomes[1] else ("policy",))
        assert len(found.edits) == len(found.causes)


# ------------------------------------------------------------------ changed by the input


def test_what_is_known_of_a_lead_today_is_compared(folder: Path) -> None:
    write(folder, leads_csv=LEADS.replace("1200", "120").replace("Engineer", "Senior Engineer"))
    found = again(folder, "--leads", "leads.csv", "--events", "events.csv")
    assert found["verdicts"] == {"changed by input": 1, "same": 2}
    first, second = found["shown"]
    assert first["input"] == [{"what": "employees", "before": 1200, "after": 120}]
    # Another title, and nothing comes of it.
    assert (second["verdict"], second["input"][0]["what"]) == ("same", "job_title")


def test_an_event_that_came_late_is_told(folder: Path) -> None:
    write(folder, events_csv=EVENTS + "L2,demo_request,2026-03-01,,\nL2,demo_request,2026-03-09,,\n")
    (one,) = again(folder, "--leads", "leads.csv", "--events", "events.csv")["shown"]
    assert one["input"] == [{"what": "events demo_request", "before": "0 no longer there", "after": "1 not there then"}]


def test_policy_and_input_are_told_apart(folder: Path) -> None:
    released(folder)
    edit(folder, "+80 enterprise", "+40 enterprise")
    write(folder, leads_csv=LEADS.replace("VP Sales", "Student"))
    first = again(folder, "--leads", "leads.csv", "--events", "events.csv")["shown"][0]
    assert first["verdict"] == "changed by policy and input"


def test_a_lead_that_is_gone_is_told(folder: Path) -> None:
    write(folder, leads_csv="\n".join(LEADS.splitlines()[:3]) + "\n")
    (one,) = again(folder, "--leads", "leads.csv", "--events", "events.csv")["shown"]
    assert (one["key"], one["causes"]) == ("L3", ["input"])
    assert one["input"][0]["after"] == "it is not among the leads"


# ------------------------------------------------------------------ changed by the engine


def test_another_result_of_the_same_policy_and_facts_is_a_fault_of_ours(folder: Path) -> None:
    path = folder / LOG
    records = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    records[0]["result"]["scores"]["fit"] = "99"
    records[1]["result"]["scores"]["fit"] = "39"
    records[1]["semantics"] = 0
    for one in records:
        one["id"] = digest_of(one)
    path.write_text("".join(json.dumps(one) + "\n" for one in records), "utf-8")
    found = again(folder)
    assert found["verdicts"] == {"changed by engine": 2, "same": 1}
    first, second = found["shown"]
    assert first["results"] == [{"what": "score fit", "before": "99", "after": "100"}]
    assert "a fault of ours" in first["notes"][0]
    assert "level 0" in second["notes"][0]


# ------------------------------------------------------------------ not reproducible


def test_what_is_masked_and_read_cannot_be_made_again(folder: Path) -> None:
    (folder / LOG).unlink()
    log(folder, "--mask", "email,employees")
    found = again(folder)
    assert (found["code"], found["verdicts"]) == (1, {"not reproducible": 2, "same": 1})
    assert found["shown"][0]["why"] == "masked, and the policy reads it: employees"


def test_what_was_masked_is_found_again_among_the_leads_of_today(folder: Path) -> None:
    (folder / LOG).unlink()
    (folder / "secret").write_text("s3cret")
    log(folder, "--mask", "lead_id,employees,url", "--mask-key", "secret")
    today = ("--leads", "leads.csv", "--events", "events.csv")
    assert again(folder, *today, "--mask-key", "secret")["verdicts"] == {"same": 3}
    write(folder, leads_csv=LEADS.replace("1200", "1300"))
    found = again(folder, *today, "--mask-key", "secret")
    assert found["verdicts"] == {"not reproducible": 1, "same": 2}
    assert found["shown"][0]["input"] == [{"what": "employees", "before": "(masked)", "after": "another value"}]


# ------------------------------------------------------------------ broken logs


def test_broken_lines_are_counted_with_their_numbers_and_the_others_are_made_again(folder: Path) -> None:
    path = folder / LOG
    first, second, third = path.read_bytes().splitlines(True)
    path.write_bytes(first + b"oops\n" + second + b"\n" + third[:-50])
    ran = scorec(folder, "replay", LOG)
    assert ran.code == 2
    assert "2 records of decisions.jsonl made again" in said(ran) and "same 2 unreadable 2" in said(ran)
    assert "line 2 is not JSON" in said(ran) and "line 5 is cut off" in said(ran)


def test_a_log_that_is_not_there_or_is_none_is_refused(folder: Path) -> None:
    assert "there is no file nope.jsonl" in said(scorec(folder, "replay", "nope.jsonl"))
    ran = scorec(folder, "replay", "leads.csv")
    assert ran.code == 2 and "no line of leads.csv is a decision record" in said(ran)


def test_the_policy_has_to_be_somewhere(folder: Path) -> None:
    (folder / "inbound.score").rename(folder / "elsewhere")
    ran = scorec(folder, "replay", LOG)
    assert ran.code == 2 and "there is no policy called inbound" in said(ran)


def test_records_of_another_policy_are_not_looked_at(folder: Path) -> None:
    edit(folder, "policy inbound", "policy outbound")
    refused = scorec(folder, "replay", LOG, "--policy", "inbound.score", "--format", "json")
    assert (refused.code, refused.out) == (2, "")
    assert f"no record of {LOG} is of the policy outbound" in said(refused)

    at = ("--at", "2026-03-02", "-o", "again.csv", "--log", LOG)
    assert scorec(folder, "score", "inbound.score", "leads.csv", *at).code == 0
    found = again(folder, "--policy", "inbound.score")
    assert (found["records"], found["other_policies"], found["code"]) == (3, {"inbound": 3}, 0)


def test_a_limit_shows_fewer_records(folder: Path) -> None:
    edit(folder, "+30 mid_market", "+31 mid_market")
    ran = scorec(folder, "replay", LOG, "--limit", "0")
    assert "and 1 more that are not the same" in said(ran)
    assert "L2" not in ran.out


# ------------------------------------------------------------------ the page

PAGE = Path(__file__).resolve().parent.parent / "docs" / "records.md"


def test_the_page_s_files_and_commands_work_as_they_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    ran = 0
    blocks = re.findall(r"([^\n]*)\n\n```(\w+)[^\n]*\n(.*?)^```$", PAGE.read_text("utf-8"), re.M | re.S)
    for before, language, text in blocks:
        named = re.search(r"Write `([^`]+)`:$", before)
        if named:
            (tmp_path / named[1]).write_text(text, "utf-8")
        if language == "console":
            for command, shown in re.findall(r"^\$ ([^\n]+)\n(.*?)(?=^\$ |\Z)", text, re.M | re.S):
                _assert_prints(command, shown, tmp_path)
                ran += 1
    assert ran == 6


def _assert_prints(command: str, shown: str, folder: Path) -> None:
    """A line `...` stands for any lines."""
    program, *arguments = command.split()
    if program == "cat":
        printed = (folder / arguments[0]).read_text("utf-8")
    else:
        done = scorec(folder, *arguments)
        printed = done.out + done.err
    lines = [line.rstrip() for line in printed.strip("\n").splitlines()]
    wanted = [line.rstrip() for line in shown.strip("\n").splitlines()]
    pattern = "".join(r"(?:.*\n)*?" if line == "..." else re.escape(line) + r"\n" for line in wanted)
    assert re.fullmatch(pattern, "\n".join(lines) + "\n"), f"{command} prints\n{printed}"
