"""Releases: complete in themselves, detectably edited, found by version and by day."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from command_line import POLICY, write
from hypothesis import given
from hypothesis import strategies as st
from releasing import NEXT, edited, with_history

import scorec
from scorec.compiler import releases
from scorec.compiler.release_rules import Candidate, Changes, Loosened, changes_since, not_approved, refusals
from scorec.compiler.releases import Approval, Release, ReleaseError, collect, release_of
from scorec.compiler.semver import BUMPS, Bump, Version, bump_between, least_bump, version_of

TODAY = date(2026, 6, 1)


# ------------------------------------------------------------------ versions

VERSIONS = st.builds(Version, *[st.integers(0, 30)] * 3)


@given(VERSIONS, st.sampled_from([Bump.PATCH, Bump.MINOR, Bump.MAJOR]))
def test_a_bumped_version_is_greater_by_exactly_that_bump(version: Version, bump: Bump) -> None:
    assert version.bumped(bump) > version
    assert bump_between(version, version.bumped(bump)) is bump
    assert version_of(str(version)) == version


@given(VERSIONS, VERSIONS)
def test_only_a_greater_version_is_a_bump(old: Version, new: Version) -> None:
    assert (bump_between(old, new) is Bump.NONE) == (new <= old)


def test_versions_compare_as_numbers() -> None:
    assert Version(1, 10, 0) > Version(1, 9, 9)
    for text in ("1.0", "1.0.0.0", "01.0.0", "1.0.0-rc1", "v1.0.0", "1.0.٣", ""):
        assert version_of(text) is None, text


def test_before_version_1_the_second_number_does_for_the_first() -> None:
    assert least_bump(Version(0, 3, 0), Bump.MAJOR) is Bump.MINOR
    assert least_bump(Version(1, 3, 0), Bump.MAJOR) is Bump.MAJOR


# ------------------------------------------------------------------ complete in itself

WITH_FILES = """\
policy inbound
  language 1
  version 1.0.0

use std.email
use team.forms

lead by lead_id
  email: text
  industry: text

list core from "lists/core.txt"

score fit
  +10 core when industry in core
  -5 free when email.is_free(email)
  -3 odd when forms.odd(email)
"""
FORMS = "library team.forms\n  language 1\n\ndefine odd(address: text) = length(address) > 40\n"


def _released_with_files(folder: Path) -> Release:
    for name, text in (
        ("inbound.score", WITH_FILES),
        ("team/forms.score", FORMS),
        ("lists/core.txt", "Software\r\nBänke\u2028\n"),
    ):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(text.encode())
    collected = collect(folder / "inbound.score")
    assert {path.name for path in collected.paths} == {"inbound.score", "forms.score", "core.txt"}
    made = release_of(collected, date(2026, 3, 1), "Ann", "first")
    releases.write_release(folder / "releases/inbound", made)
    return made


def test_a_release_scores_without_the_libraries_and_lists_beside_it(tmp_path: Path) -> None:
    _released_with_files(tmp_path)
    lead = {"email": "ann@gmail.com", "industry": "software"}
    before = scorec.load(tmp_path / "inbound.score").score(lead, at="2026-03-02")
    (tmp_path / "lists/core.txt").write_text("Fishing\n")
    (tmp_path / "team/forms.score").unlink()
    (tmp_path / "inbound.score").write_text("policy inbound\n  a text with errors\n")
    then = scorec.load(tmp_path / "inbound.score", release="1.0.0").score(lead, at="2026-03-02")
    assert then == before and then.scores["fit"] == 5


def test_a_release_does_not_read_the_shipped_libraries_of_today(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = _released_with_files(tmp_path)
    for name in ("standard_library", "standard_list"):
        monkeypatch.setattr(f"scorec.compiler.standard.{name}", lambda name: pytest.fail(f"{name} is read"))
    (read,) = releases.releases_of(tmp_path / "inbound.score")
    assert read == made and read.policy().fingerprint == made.fingerprint[:12]


def test_a_record_holds_every_text_to_the_last_character(tmp_path: Path) -> None:
    made = _released_with_files(tmp_path)
    (read,) = scorec.releases(tmp_path / "inbound.score")
    assert read.text == WITH_FILES
    assert read.files.lists == {"lists/core.txt": "Software\r\nBänke\u2028\n"}
    assert read.files.libraries["team.forms"] == FORMS and read.files == made.files


def test_long_lists_stand_once_beside_the_records(tmp_path: Path) -> None:
    made = _released_with_files(tmp_path)
    folder = tmp_path / "releases/inbound"
    kept = {path.name: path.read_bytes() for path in (folder / "texts").iterdir()}
    assert kept, "free-mail domains are many"
    releases.write_release(folder, replace(made, version="1.0.1"))
    assert {path.name: path.read_bytes() for path in (folder / "texts").iterdir()} == kept
    assert len((folder / "1.0.0.json").read_text("utf-8").split("\n")) < 300
    # Git on another system may have changed the line ends.
    path = next((folder / "texts").iterdir())
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert len(scorec.releases(tmp_path / "inbound.score")) == 2
    path.write_bytes(path.read_bytes() + b"more.example\n")
    with pytest.raises(ReleaseError, match=rf"a text that was edited by hand: texts/{path.name}"):
        scorec.releases(tmp_path / "inbound.score")
    path.unlink()
    with pytest.raises(ReleaseError, match=rf"lacks a text that it uses: texts/{path.name}"):
        scorec.releases(tmp_path / "inbound.score")


def test_the_same_release_is_the_same_record_and_its_layout_does_not_matter(tmp_path: Path) -> None:
    folder = with_history(tmp_path)
    record = folder / "1.3.0.json"
    (_, last) = scorec.releases(tmp_path / "inbound.score")
    assert releases.record_text(last) == record.read_text("utf-8")
    record.write_text(json.dumps(json.loads(record.read_text("utf-8")), indent=4, sort_keys=True))
    assert scorec.releases(tmp_path / "inbound.score")[-1] == last


# ------------------------------------------------------------------ edited, broken, missing


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("+45 mid_market", "+90 mid_market", "was edited by hand"),
        ('"date": "2026-03-01"', '"date": "2026-02-01"', "was edited by hand"),
        ('"note": "Large', '"note": "Small', "was edited by hand"),
        ('"author": "Ann",', '"author": "Eve", "author": "Ann",', "it says author twice"),
        ('"form": 1', '"form": 2', "was written by a newer scorec"),
        ('"record": "release of a policy"', '"record": "something"', "is not the record of a release"),
        (' "text": [', ' "text": {', r"is no JSON \(line \d+\)"),
    ],
)
def test_a_record_edited_by_hand_is_refused(tmp_path: Path, old: str, new: str, why: str) -> None:
    edited(with_history(tmp_path) / "1.3.0.json", old, new)
    with pytest.raises(ReleaseError, match=rf"1\.3\.0\.json .*{why}"):
        scorec.load(tmp_path / "inbound.score", release="1.3.0")
    with pytest.raises(ReleaseError, match=why):
        scorec.releases(tmp_path / "inbound.score")
    assert scorec.load(tmp_path / "inbound.score", release="1.2.0").version == "1.2.0", "the others can be used"


@pytest.mark.parametrize("data", [b"", b"[]", b"null", b"\xff\xfe", b"[" * 9999, b'{"record": "release of a policy"}'])
def test_a_file_that_is_no_record_is_named(tmp_path: Path, data: bytes) -> None:
    record = with_history(tmp_path) / "1.3.0.json"
    record.write_bytes(data)
    history = releases.history_of(tmp_path / "inbound.score")
    assert [one.path for one in history.broken] == [record]
    assert [one.version for one in history.releases] == ["1.2.0"]


def test_a_record_that_was_made_anew_or_is_gone_is_known_by_the_one_after_it(tmp_path: Path) -> None:
    folder = with_history(tmp_path)
    first = scorec.releases(tmp_path / "inbound.score")[0]
    (folder / "1.2.0.json").write_text(releases.record_text(replace(first, author="Eve")), "utf-8")
    with pytest.raises(ReleaseError, match=r"1\.2\.0\.json is not the record that 1\.3\.0 was released after"):
        scorec.load(tmp_path / "inbound.score", release="1.2.0")
    (folder / "1.2.0.json").unlink()
    with pytest.raises(ReleaseError, match=r"1\.2\.0\.json is missing: 1\.3\.0 was released after it"):
        scorec.load(tmp_path / "inbound.score", as_released_on="2026-04-01")


def test_two_records_of_one_version_are_refused(tmp_path: Path) -> None:
    folder = with_history(tmp_path)
    (folder / "1.3.1.json").write_bytes((folder / "1.3.0.json").read_bytes())
    with pytest.raises(ReleaseError, match=r"1\.3\.1\.json holds version 1\.3\.0, which 1\.3\.0\.json is for"):
        scorec.releases(tmp_path / "inbound.score")


def test_a_record_of_another_policy_is_refused(tmp_path: Path) -> None:
    folder = with_history(tmp_path)
    (folder / "1.3.0.json").rename(folder.parent / "1.3.0.json")
    folder.joinpath("1.2.0.json").unlink()
    write(tmp_path, inbound_score=NEXT.replace("policy inbound", "policy outbound"))
    (folder.parent / "outbound").mkdir()
    (folder.parent / "1.3.0.json").rename(folder.parent / "outbound/1.3.0.json")
    with pytest.raises(ReleaseError, match="is a release of inbound, not of outbound"):
        scorec.releases(tmp_path / "inbound.score")


def test_an_engine_that_reads_a_text_differently_says_so(tmp_path: Path) -> None:
    with_history(tmp_path)
    last = scorec.releases(tmp_path / "inbound.score")[-1]
    old = replace(last, fingerprint="0" * 64, scorec="0.0.9")
    with pytest.warns(releases.ReadDifferently, match=r"was released as 000000000000 by scorec 0\.0\.9; this scorec"):
        assert old.policy().version == "1.3.0"
    with pytest.raises(ReleaseError, match="was released as 000000000000, but its text has the fingerprint"):
        replace(last, fingerprint="0" * 64).policy()


def test_a_text_that_this_scorec_cannot_read_is_said_so(tmp_path: Path) -> None:
    with_history(tmp_path)
    last = scorec.releases(tmp_path / "inbound.score")[-1]
    with pytest.raises(ReleaseError, match=r"cannot be used by this scorec: inbound\.score:\d+:\d+: "):
        replace(last, text=last.text.replace("employees >= 1000", "emplyees >= 1000")).policy()


def test_a_record_is_never_overwritten_and_nothing_half_remains(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = with_history(tmp_path)
    last = scorec.releases(tmp_path / "inbound.score")[-1]
    was = (folder / "1.3.0.json").read_bytes()
    with pytest.raises(ReleaseError, match="is there already"):
        releases.write_release(folder, replace(last, note="again"))
    assert (folder / "1.3.0.json").read_bytes() == was

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(releases, "_place", interrupted)
    with pytest.raises(KeyboardInterrupt):
        releases.write_release(folder, replace(last, version="1.4.0"))
    assert sorted(path.name for path in folder.iterdir()) == ["1.2.0.json", "1.3.0.json"]


def test_a_file_system_without_hard_links_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(*_: object) -> None:
        raise PermissionError("no links here")

    monkeypatch.setattr("os.link", no_links)
    folder = with_history(tmp_path)
    last = scorec.releases(tmp_path / "inbound.score")[-1]
    with pytest.raises(ReleaseError, match="is there already"):
        releases.write_release(folder, replace(last, note="again"))


# ------------------------------------------------------------------ in force


def _of(version: str, day: str, start: str | None = None, end: str | None = None) -> Release:
    return Release(
        name="p",
        version=version,
        fingerprint="",
        date=date.fromisoformat(day),
        author="",
        note="",
        klass="",
        bump=Bump.NONE,
        summary=(),
        text="",
        files=releases.Files(),
        file="p.score",
        effective_from=None if start is None else date.fromisoformat(start),
        effective_to=None if end is None else date.fromisoformat(end),
    )


HISTORY = releases.History(
    "p",
    Path("releases/p"),
    (
        _of("1.0.0", "2026-01-10"),
        _of("1.1.0", "2026-02-01", start="2026-03-01"),
        _of("1.2.0", "2026-03-15", end="2026-03-31"),
    ),
)


@pytest.mark.parametrize(
    ("day", "version"),
    [
        ("2026-01-10", "1.0.0"),
        ("2026-02-28", "1.0.0"),
        ("2026-03-01", "1.1.0"),
        ("2026-03-15", "1.2.0"),
        ("2026-03-31", "1.2.0"),
        ("2026-04-01", "1.1.0"),
    ],
)
def test_in_force_is_the_newest_release_whose_days_include_the_day(day: str, version: str) -> None:
    assert HISTORY.in_force_on(date.fromisoformat(day)).version == version


def test_before_the_first_release_nothing_was_in_force() -> None:
    with pytest.raises(ReleaseError, match="no release of p was in force on 2026-01-09") as failure:
        HISTORY.in_force_on(date(2026, 1, 9))
    assert "1.1.0 of 2026-02-01 (in effect from 2026-03-01)" in failure.value.hint


def test_the_days_in_effect_are_those_of_the_header_in_the_zone_of_the_policy(tmp_path: Path) -> None:
    header = 'version 1.2.0\n  timezone "Pacific/Auckland"\n  effective from 2026-02-01 to 2026-04-30'
    write(tmp_path, inbound_score=POLICY.replace("version 1.2.0", header))
    made = release_of(collect(tmp_path / "inbound.score"), TODAY)
    assert (made.effective_from, made.effective_to) == (date(2026, 2, 1), date(2026, 4, 30))


@pytest.mark.parametrize("written", ["tomorrow", "2026-02-30", "2026-2-3", "20260203", "2026-02-03T10:00"])
def test_a_day_that_is_none_is_refused(written: str) -> None:
    with pytest.raises(ReleaseError, match="day"):
        releases.day_of(written)


def test_an_unknown_version_is_answered_with_the_nearest(tmp_path: Path) -> None:
    with_history(tmp_path)
    with pytest.raises(ReleaseError, match=r"inbound has no release 1\.3") as failure:
        scorec.load(tmp_path / "inbound.score", release="1.3")
    assert failure.value.hint == "did you mean 1.3.0?"


# ------------------------------------------------------------------ what stands in the way


def candidate(version: str, changes: Changes, *approvals: str, day: str = "2026-05-01") -> Candidate:
    wanted = replace(_of(version, day), fingerprint="f" * 64)
    given = tuple(Approval(one, "agreed", "Ann") for one in approvals)
    return Candidate(replace(wanted, approvals=given), HISTORY.releases, changes, TODAY)


def why(candidate: Candidate) -> list[str]:
    return [one.why for one in refusals(candidate)]


STEPS = [
    ("1.2.1", "patch", True),
    ("1.2.1", "none", True),
    ("1.2.1", "minor", False),
    ("1.3.0", "minor", True),
    ("1.3.0", "major", False),
    ("2.0.0", "major", True),
    ("9.0.0", "patch", True),
    ("1.2.0", "none", False),
    ("1.1.9", "patch", False),
    ("1.0.0", "patch", False),
]


@pytest.mark.parametrize(("version", "needed", "enough"), STEPS)
def test_a_version_goes_as_far_as_its_changes_need(version: str, needed: str, enough: bool) -> None:
    assert (not why(candidate(version, Changes("band", BUMPS[needed])))) is enough


def test_a_step_that_is_too_small_names_the_least_that_will_do() -> None:
    (refused,) = refusals(candidate("1.2.1", Changes("band", Bump.MINOR)))
    assert "for changes of the class band: they need 1.3.0 at least" in refused.why
    assert refused.help == "run `scorec version` with minor."


def test_a_loosened_gate_needs_an_approval_of_the_change_or_of_the_whole() -> None:
    changes = Changes("gate-loosened", Bump.MINOR, (), (Loosened("a" * 12, "gate `x`"), Loosened("b" * 12, "gate `y`")))
    assert len(why(candidate("1.3.0", changes))) == 2
    assert len(why(candidate("1.3.0", changes, "a" * 12))) == 1
    assert not why(candidate("1.3.0", changes, "a" * 12, "b" * 12))
    assert not why(candidate("1.3.0", changes, "f" * 12))
    assert not_approved(changes, "f" * 64, [Approval("f", "too short", "Ann")]) == changes.loosened


def test_a_day_to_come_or_before_the_last_release_is_refused() -> None:
    none = Changes("refactor", Bump.PATCH)
    assert why(candidate("1.2.1", none, day="2026-06-02")) == ["2026-06-02 is still to come"]
    assert why(candidate("1.2.1", none, day="2026-03-14")) == [
        "2026-03-14 lies before 2026-03-15, when 1.2.0 was released"
    ]


def test_failing_tests_and_uncommitted_files_are_each_named() -> None:
    wanted = replace(
        candidate("1.2.1", Changes("refactor", Bump.PATCH)), failing=('"a student"',), uncommitted=(Path("x.txt"),)
    )
    assert why(wanted) == ['a test does not pass: "a student"', "x.txt is not committed as it is"]


def test_what_has_changed_is_found_by_comparing_with_the_last_release(tmp_path: Path) -> None:
    with_history(tmp_path)
    first, last = scorec.releases(tmp_path / "inbound.score")
    now = last.analysis()
    assert now.program is not None
    changes = changes_since(first, now.program, now.sources)
    assert (changes.klass, changes.bump) == ("band", Bump.MINOR)
    assert any("fit.mid_market" in line for line in changes.summary)
    assert (last.klass, last.bump, last.summary) == (changes.klass, changes.bump, changes.summary)
