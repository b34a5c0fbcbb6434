"""Scoring with what was in force then: last March's decision, reproduced."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import Ran, scorec, write
from releasing import edited, said, with_history

import scorec as package


def score(folder: Path, *arguments: str) -> Ran:
    return scorec(folder, "score", "inbound.score", "leads.csv", "--at", "2026-03-02", *arguments)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A policy released in January and in March, and a text of today that has errors."""
    with_history(tmp_path)
    write(tmp_path, inbound_score="policy inbound\n  half a line\n")
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "version", "fit"),
    [
        (("--release", "1.2.0"), "1.2.0", "40"),
        (("--release", "1.3.0"), "1.3.0", "55"),
        (("--as-released-on", "2026-02-28"), "1.2.0", "40"),
        (("--as-released-on", "2026-03-01"), "1.3.0", "55"),
    ],
)
def test_a_release_scores_whatever_the_text_says_today(
    folder: Path, arguments: tuple[str, ...], version: str, fit: str
) -> None:
    assert score(folder).code == 1, "the text of today has errors"
    ran = score(folder, *arguments)
    assert ran.code == 0, ran.err
    assert ran.out.split("\n")[2].startswith(f"L2,{fit},") and f",inbound,{version}," in ran.out
    assert f"with the release {version} of " in said(ran)
    explained = scorec(folder, "explain", "inbound.score", "leads.csv", "--key", "L2", *arguments)
    assert explained.code == 0 and f"inbound {version} " in explained.out and f"\nfit {fit} " in explained.out


def test_the_same_is_so_in_python(folder: Path) -> None:
    path = folder / "inbound.score"
    lead = {"email": "bob@corp.example", "employees": 150}
    assert package.load(path, release="1.2.0").score(lead, at="2026-03-02").scores["fit"] == 40
    assert package.load(path, as_released_on="2026-03-01").score(lead, at="2026-03-02").scores["fit"] == 55
    assert [release.version for release in package.releases(path)] == ["1.2.0", "1.3.0"]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("--release", "1.2.9"), "inbound has no release 1.2.9 help: did you mean 1.2.0?"),
        (("--as-released-on", "2026-01-09"), "no release of inbound was in force on 2026-01-09"),
        (("--as-released-on", "March"), "`March` is not a day"),
        (("--release", "1.2.0", "--as-released-on", "2026-02-01"), "a version and a day each name a release"),
    ],
)
def test_a_release_that_is_not_there_is_refused(folder: Path, arguments: tuple[str, ...], why: str) -> None:
    ran = score(folder, *arguments, "-o", "out.csv")
    assert ran.code == 2 and why in said(ran)
    assert not (folder / "out.csv").exists()


def test_a_record_edited_by_hand_scores_nobody(folder: Path) -> None:
    edited(folder / "releases/inbound/1.3.0.json", "+45 mid_market", "+99 mid_market")
    for arguments in (("--release", "1.3.0"), ("--as-released-on", "2026-02-01")):
        ran = score(folder, *arguments)
        assert ran.code == 2 and "was edited by hand" in said(ran)
    assert score(folder, "--release", "1.2.0").code == 0


def test_scoring_outside_the_days_of_a_release_is_noted(tmp_path: Path) -> None:
    from command_line import LEADS, POLICY
    from releasing import released

    header = "version 1.2.0\n  effective from 2026-04-01 to 2026-06-30"
    write(tmp_path, inbound_score=POLICY.replace("version 1.2.0", header), leads_csv=LEADS)
    ran = released(tmp_path, "--date", "2026-03-01")
    assert "in force     from 2026-04-01" in ran.out
    assert score(tmp_path, "--as-released-on", "2026-03-15").code == 2
    ran = score(tmp_path, "--as-released-on", "2026-04-01")
    assert ran.code == 0 and "the policy is in effect only from 2026-04-01" in said(ran)
