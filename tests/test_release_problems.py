"""SC910 and SC911: a version that has not gone as far as what has changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import scorec, write
from releasing import NEXT, edited, released, with_history

from scorec.compiler.release_problems import version_problems
from scorec.compiler.releases import collect, history_of


def problems(folder: Path, text: str) -> list[str]:
    write(folder, inbound_score=text)
    path = folder / "inbound.score"
    found = list(version_problems(collect(path), history_of(path)))
    for one in found:
        assert text[one.span.start : one.span.end].startswith("version "), "the line of the header is shown"
        assert one.help()
    return [f"{one.code} {one.message()}" for one in found]


MOVES = NEXT.replace("+45 mid_market", "+75 mid_market")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (NEXT, []),
        ("# words only\n" + NEXT, []),
        (NEXT.replace('"Who they are"', '"Who it is"').replace("1.3.0", "1.3.1"), []),
        (
            MOVES,
            ["SC910 the policy has changed since 1.3.0 was released on 2026-03-01, and its version has not"],
        ),
        (
            MOVES.replace("1.3.0", "1.3.1"),
            ["SC911 1.3.1 is too small a step from 1.3.0 for changes of the class band: they need 1.4.0"],
        ),
        (MOVES.replace("1.3.0", "1.4.0"), []),
        (MOVES.replace("1.3.0", "2.0.0"), []),
    ],
)
def test_a_version_is_held_against_the_last_release(tmp_path: Path, text: str, found: list[str]) -> None:
    with_history(tmp_path)
    assert problems(tmp_path, text) == found


def test_libraries_and_lists_take_part(tmp_path: Path) -> None:
    text = NEXT.replace("lead by", 'use std.email\n\nlist core from "core.txt"\n\nlead by').replace(
        "  start at 10\n", "  start at 10\n  +45 core when country in core\n  -5 free when email.is_free(email)\n"
    )
    write(tmp_path, inbound_score=text, core_txt="GB\n")
    released(tmp_path)
    write(tmp_path, core_txt="GB\nUS\n")
    assert [one[:5] for one in problems(tmp_path, text)] == ["SC910"]
    assert [one[:5] for one in problems(tmp_path, text.replace("1.3.0", "1.3.1"))] == ["SC911"]
    ran = scorec(tmp_path, "check", "inbound.score", "--no-config")
    assert "SC911" in ran.out


def test_a_policy_that_was_never_released_has_no_history_to_keep(tmp_path: Path) -> None:
    assert problems(tmp_path, NEXT) == []


def test_records_that_cannot_be_trusted_judge_nobody(tmp_path: Path) -> None:
    edited(with_history(tmp_path) / "1.3.0.json", "Ann", "Eve")
    assert problems(tmp_path, MOVES) == []


def test_the_check_tells_it(tmp_path: Path) -> None:
    with_history(tmp_path)
    write(tmp_path, inbound_score=MOVES)
    ran = scorec(tmp_path, "check", "inbound.score", "--no-config")
    assert ran.code == 1 and "SC910" in ran.out
    assert "SC910" not in scorec(tmp_path, "check", "inbound.score", "--no-config", "--ignore", "SC910").out


def test_a_version_that_is_changed_again_at_once_is_told_to_those_who_ask(tmp_path: Path) -> None:
    with_history(tmp_path)
    write(tmp_path, inbound_score=MOVES.replace("1.3.0", "1.4.0"))
    asked = ("check", "inbound.score", "--no-config", "--select", "version-not-settled")
    ran = scorec(tmp_path, *asked, "--at", "2026-03-04")
    assert "SC914" in ran.out and "1.3.0 was released 3 days ago, and is changed again" in ran.out
    assert "SC914" not in scorec(tmp_path, *asked, "--at", "2026-03-15").out
    assert "SC914" not in scorec(tmp_path, "check", "inbound.score", "--no-config", "--at", "2026-03-04").out


def test_how_long_a_version_should_stand_can_be_set(tmp_path: Path) -> None:
    with_history(tmp_path)
    write(tmp_path, inbound_score=MOVES.replace("1.3.0", "1.4.0"))
    write(tmp_path, scorec_toml='select = ["SC914"]\n\n[options]\nsettle-days = 2\n')
    assert "SC914" not in scorec(tmp_path, "check", "inbound.score", "--at", "2026-03-04").out
    assert "SC914" in scorec(tmp_path, "check", "inbound.score", "--at", "2026-03-02").out
