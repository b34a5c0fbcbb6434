"""Policies with a history, for the tests of releases."""

from __future__ import annotations

from pathlib import Path

from command_line import LEADS, POLICY, Ran, scorec, write

NEXT = POLICY.replace("version 1.2.0", "version 1.3.0").replace("+30 mid_market", "+45 mid_market")
"""The policy a version later: companies in the middle are worth more."""

LOOSER = NEXT.replace("never sales, nurture unless opted_in", "never sales unless opted_in")


def with_history(folder: Path) -> Path:
    """A policy that was released in January and in March; gives the folder of its records."""
    write(folder, inbound_score=POLICY, leads_csv=LEADS)
    released(folder, "--date", "2026-01-10", "--note", "The beginning")
    write(folder, inbound_score=NEXT)
    released(folder, "--date", "2026-03-01", "--note", "Large is not all")
    return folder / "releases/inbound"


def release(folder: Path, *arguments: str) -> Ran:
    return scorec(folder, "release", "inbound.score", "--author", "Ann", *arguments)


def released(folder: Path, *arguments: str) -> Ran:
    ran = release(folder, *arguments)
    assert ran.code == 0, ran.err
    return ran


def edited(record: Path, old: str, new: str) -> None:
    """A record after somebody's hand was in it."""
    text = record.read_text("utf-8")
    assert old in text
    record.write_text(text.replace(old, new), "utf-8")


def said(ran: Ran) -> str:
    """What went to standard error, as one line."""
    return " ".join(ran.err.split())
