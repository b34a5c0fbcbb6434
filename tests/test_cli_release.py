"""`scorec release`, `scorec log`, `scorec version`: as a person runs them."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
from command_line import POLICY, scorec, write
from releasing import LOOSER, NEXT, edited, release, released, said, with_history


def test_a_release_is_a_record_beside_the_policy(tmp_path: Path) -> None:
    write(tmp_path, inbound_score=POLICY)
    ran = released(tmp_path, "--date", "2026-01-10", "--note", "The beginning")
    assert ran.out.startswith("inbound 1.2.0 released: releases/inbound/1.2.0.json\n  class        first release\n")
    record = json.loads((tmp_path / "releases/inbound/1.2.0.json").read_text("utf-8"))
    assert record["note"] == "The beginning" and record["author"] == "Ann" and record["date"] == "2026-01-10"
    assert "\n".join(record["text"]) == POLICY
    assert "whether the files are committed was not checked" in said(ran)


def test_what_a_release_changes_begins_with_what_moves_leads(tmp_path: Path) -> None:
    write(tmp_path, inbound_score=POLICY)
    released(tmp_path, "--date", "2026-01-10")
    write(tmp_path, inbound_score=NEXT.replace("An account executive", "Somebody"))
    ran = released(tmp_path, "--date", "2026-03-01")
    changes = [
        "~ `fit.mid_market` pays 45 points instead of 30 [band]",
        '~ `sales` reads "Somebody calls" instead of "An account executive calls" [metadata]',
        "~ the version is 1.3.0 instead of 1.2.0 [metadata]",
    ]
    record = json.loads((tmp_path / "releases/inbound/1.3.0.json").read_text("utf-8"))
    assert record["changes"] == changes
    for shown in (ran.out, scorec(tmp_path, "log", "inbound.score").out):
        places = [" ".join(shown.split()).index(" ".join(change.split())) for change in changes]
        assert places == sorted(places)


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    write(tmp_path, inbound_score=POLICY)
    ran = released(tmp_path, "--dry-run")
    assert ran.out.startswith("inbound 1.2.0 could be released\n")
    assert not (tmp_path / "releases").exists()


def test_a_released_version_is_refused_and_its_record_stays(tmp_path: Path) -> None:
    folder = with_history(tmp_path)
    was = (folder / "1.3.0.json").read_bytes()
    write(tmp_path, inbound_score=NEXT.replace("+45 mid_market", "+46 mid_market"))
    ran = release(tmp_path)
    assert ran.code == 1 and "refused: 1.3.0 was released on 2026-03-01, with another meaning" in said(ran)
    assert "`scorec version` makes the next: minor" in said(ran)
    assert (folder / "1.3.0.json").read_bytes() == was


def test_a_version_too_small_for_its_changes_is_refused(tmp_path: Path) -> None:
    with_history(tmp_path)
    write(tmp_path, inbound_score=NEXT.replace("1.3.0", "1.3.1").replace("+45 mid_market", "+75 mid_market"))
    ran = release(tmp_path)
    assert ran.code == 1 and "1.3.1 is too small a step from 1.3.0" in said(ran) and "1.4.0 at least" in said(ran)
    assert scorec(tmp_path, "version", "inbound.score", "minor").out == "inbound.score: version 1.3.1 -> 1.4.0\n"
    released(tmp_path)


def test_a_loosened_gate_is_released_with_an_approval_only(tmp_path: Path) -> None:
    with_history(tmp_path)
    write(tmp_path, inbound_score=LOOSER.replace("1.3.0", "1.4.0"))
    ran = release(tmp_path)
    assert ran.code == 1 and "refused: a gate is loosened, and nobody has approved it: gate `consent`" in said(ran)
    fingerprint = said(ran).partition("--approve ")[2].split()[0]
    assert release(tmp_path, "--approve", fingerprint).code == 2, "an approval has a reason"
    other = release(tmp_path, "--approve", "0123456789ab", "--reason", "why not")
    assert other.code == 1 and "the approval 0123456789ab is of something else" in said(other)
    assert not (tmp_path / "releases/inbound/1.4.0.json").exists()
    released(tmp_path, "--approve", fingerprint, "--reason", "Legal agreed on 2 March")
    log = json.loads(scorec(tmp_path, "log", "inbound.score", "--format", "json").out)
    assert log["releases"][0]["class"] == "gate-loosened"
    (approval,) = log["releases"][0]["approvals"]
    assert (approval["reason"], approval["by"]) == ("Legal agreed on 2 March", "Ann")
    assert approval["fingerprint"].startswith(fingerprint) and len(approval["fingerprint"]) == 64
    assert f"approved {fingerprint} by Ann" in scorec(tmp_path, "log", "inbound.score").out


def test_the_fingerprint_of_the_policy_approves_all_of_it(tmp_path: Path) -> None:
    with_history(tmp_path)
    write(tmp_path, inbound_score=LOOSER.replace("1.3.0", "1.4.0"))
    wrong = release(tmp_path, "--approve", "0123456789ab", "--reason", "x")
    whole = said(wrong).partition("this policy is ")[2].split()[0]
    released(tmp_path, "--approve", whole, "--reason", "read from end to end")


def test_a_policy_with_errors_or_failing_tests_is_not_released(tmp_path: Path) -> None:
    write(tmp_path, inbound_score=POLICY.replace("employees >= 1000", "emplyees >= 1000"))
    ran = release(tmp_path)
    assert ran.code == 1 and "error SC002" in ran.err
    write(tmp_path, inbound_score=POLICY.replace("expect fit is 100", "expect fit is 99"))
    ran = release(tmp_path)
    assert ran.code == 1 and 'a test does not pass: "a decision maker of a large company' in said(ran)
    assert not (tmp_path / "releases").exists()


def test_what_cannot_be_released_is_said_so(tmp_path: Path) -> None:
    write(tmp_path, inbound_score=POLICY.replace("  version 1.2.0\n", ""))
    assert "refused: the policy has no version" in said(release(tmp_path))
    write(tmp_path, inbound_score="library inbound\n  language 1\n\ndefine yes_ = 1 > 0\n")
    assert release(tmp_path).code == 2
    assert release(tmp_path / "..", "--note", "no such file").code == 2
    write(tmp_path, inbound_score=POLICY)
    ran = release(tmp_path, "--date", "2099-01-01")
    assert ran.code == 1 and "2099-01-01 is still to come" in said(ran)
    ran = release(tmp_path, "--date", "1 March")
    assert ran.code == 2 and "`1 March` is not a day" in said(ran)


def test_nothing_is_released_on_top_of_a_record_that_cannot_be_trusted(tmp_path: Path) -> None:
    edited(with_history(tmp_path) / "1.2.0.json", '"author": "Ann"', '"author": "Eve"')
    write(tmp_path, inbound_score=NEXT.replace("1.3.0", "1.4.0"))
    ran = release(tmp_path)
    assert ran.code == 2 and "1.2.0.json was edited by hand" in said(ran)
    assert not (tmp_path / "releases/inbound/1.4.0.json").exists()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_folder_that_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    folder = with_history(tmp_path)
    write(tmp_path, inbound_score=NEXT.replace("1.3.0", "1.4.0"))
    folder.chmod(0o500)
    ran = release(tmp_path)
    folder.chmod(0o700)
    assert ran.code == 2 and "1.4.0.json cannot be written: permission denied" in said(ran)


def test_a_folder_that_is_a_file_is_said_so(tmp_path: Path) -> None:
    write(tmp_path, inbound_score=POLICY)
    (tmp_path / "releases").write_text("not a folder")
    ran = release(tmp_path)
    assert ran.code == 2 and "1.2.0.json" in said(ran)


# ------------------------------------------------------------------ git


def git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=Ann Archer", "-c", "user.email=ann@acme.example")
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


def test_only_what_is_committed_is_released(tmp_path: Path) -> None:
    text = POLICY.replace("lead by lead_id", 'list core from "core.txt"\n\nlead by lead_id')
    text = text.replace("  start at 10\n", "  start at 10\n  +1 core when country in core\n")
    write(tmp_path, inbound_score=text, core_txt="US\n")
    git(tmp_path, "init", "-q")
    ran = release(tmp_path)
    assert ran.code == 1
    assert "inbound.score is not committed as it is" in said(ran) and "core.txt is not committed as it is" in said(ran)
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "a policy")
    write(tmp_path, core_txt="US\nGB\n")
    ran = release(tmp_path)
    assert ran.code == 1 and "core.txt is not committed" in said(ran) and "inbound.score is not" not in said(ran)
    git(tmp_path, "commit", "-qam", "a list")
    ran = released(tmp_path)
    assert "not checked" not in said(ran)


def test_the_author_is_whom_git_knows(tmp_path: Path) -> None:
    write(tmp_path, inbound_score=POLICY)
    git(tmp_path, "init", "-q")
    git(tmp_path, "config", "user.name", "Ann Archer")
    git(tmp_path, "config", "user.email", "ann@acme.example")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "a policy")
    assert scorec(tmp_path, "release", "inbound.score").code == 0
    log = json.loads(scorec(tmp_path, "log", "inbound.score", "--format", "json").out)
    assert log["releases"][0]["author"] == "Ann Archer <ann@acme.example>"


# ------------------------------------------------------------------ log


def test_the_log_shows_the_newest_first(tmp_path: Path) -> None:
    with_history(tmp_path)
    ran = scorec(tmp_path, "log", "inbound.score")
    assert ran.code == 0
    lines = ran.out.split("\n")
    assert lines[0] == "inbound: 2 releases"
    assert lines[2].startswith("1.3.0  2026-03-01  band  ") and lines[2].endswith("  Ann")
    assert "       Large is not all" in lines
    assert any(line.startswith("1.2.0  2026-01-10  first  ") for line in lines)
    assert any("fit.mid_market" in line for line in lines)


def test_the_log_of_a_policy_without_releases_says_how_to_begin(tmp_path: Path) -> None:
    write(tmp_path, inbound_score=POLICY)
    ran = scorec(tmp_path, "log", "inbound.score")
    assert (ran.code, ran.out) == (0, "inbound: no releases; `scorec release inbound.score` makes one\n")


def test_the_log_names_broken_records_and_shows_the_others(tmp_path: Path) -> None:
    folder = with_history(tmp_path)
    edited(folder / "1.3.0.json", "Large is not all", "Something else")
    (folder / "1.4.0.json").write_text("{")
    ran = scorec(tmp_path, "log", "inbound.score")
    assert ran.code == 1 and "\n1.2.0  2026-01-10" in ran.out
    assert "broken: releases/inbound/1.3.0.json was edited by hand" in ran.err
    assert "broken: releases/inbound/1.4.0.json is no JSON (line 1)" in ran.err
    ran = scorec(tmp_path, "log", "inbound.score", "--format", "json")
    assert ran.code == 1
    assert [Path(one["record"]).name for one in json.loads(ran.out)["broken"]] == ["1.3.0.json", "1.4.0.json"]


# ------------------------------------------------------------------ version


@pytest.mark.parametrize(("part", "version"), [("major", "2.0.0"), ("minor", "1.3.0"), ("patch", "1.2.1")])
def test_the_next_version_changes_one_number_in_one_line(tmp_path: Path, part: str, version: str) -> None:
    text = "\ufeff# version 1.2.0 is the first\r\n" + POLICY.replace("\n", "\r\n")
    (tmp_path / "inbound.score").write_bytes(text.encode())
    assert scorec(tmp_path, "version", "inbound.score", part).out == f"inbound.score: version 1.2.0 -> {version}\n"
    expected = text.replace("  version 1.2.0\r\n", f"  version {version}\r\n")
    assert (tmp_path / "inbound.score").read_bytes() == expected.encode()


def test_a_policy_without_a_version_gets_the_line(tmp_path: Path) -> None:
    write(tmp_path, inbound_score=POLICY.replace("  version 1.2.0\n", ""))
    assert scorec(tmp_path, "version", "inbound.score", "major").code == 0
    assert (tmp_path / "inbound.score").read_text() == POLICY.replace("1.2.0", "1.0.0")


def test_a_version_that_cannot_be_raised_is_refused(tmp_path: Path) -> None:
    for written in ("1.2", "1.2.999999999"):
        write(tmp_path, inbound_score=POLICY.replace("1.2.0", written))
        ran = scorec(tmp_path, "version", "inbound.score", "patch")
        assert ran.code in (1, 2) and ran.err
        assert (tmp_path / "inbound.score").read_text() == POLICY.replace("1.2.0", written)


# ------------------------------------------------------------------ the page

PAGE = Path(__file__).resolve().parent.parent / "docs" / "releases.md"


def test_the_page_s_files_and_commands_work_as_they_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    ran = 0
    for before, language, text in re.findall(
        r"([^\n]*)\n\n```(\w+)[^\n]*\n(.*?)^```$", PAGE.read_text("utf-8"), re.M | re.S
    ):
        named = re.search(r"Write `([^`]+)`:$", before)
        if named:
            (tmp_path / named[1]).write_text(text, "utf-8")
        if language == "console":
            for line, shown in re.findall(r"^\$ ([^\n]+)\n(.*?)(?=^\$ |\Z)", text, re.M | re.S):
                done = scorec(tmp_path, *line.split()[1:])
                printed = done.out + done.err
                wanted = shown.removesuffix("...\n").rstrip("\n")
                assert printed.startswith(wanted.removesuffix("...")), f"{line} prints\n{printed}"
                ran += 1
    assert ran == 7


def test_the_page_s_table_of_steps_is_that_of_the_classes() -> None:
    from scorec.compiler.diff.classes import CLASSES

    rows = re.findall(r"^\| ([a-z, -]+) \| (any|patch|minor|major)", PAGE.read_text("utf-8"), re.M)
    said_there = {name: step for names, step in rows for name in names.split(", ")}
    assert said_there == {name: one.bump.word.replace("none", "any") for name, one in CLASSES.items()}


def test_the_page_says_which_texts_are_long() -> None:
    from scorec.compiler.releases import LONG

    assert f"Texts of {LONG} lines and more" in PAGE.read_text("utf-8")
