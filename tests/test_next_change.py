"""`next_change` names the first instant at which a result is another one without any new event."""

from __future__ import annotations

import time
from typing import Any

import pytest
from strategies import happenings, program_of

from scorec.compiler.engines import changes
from scorec.dsl import ir, semantics, values
from scorec.dsl.values import DAY, HOUR, MINUTE

NOW = 20_500 * DAY
"""2026-02-16, midnight UTC"""

HEAD = """\
policy trial
  language 1
  version 1.0.0

lead by lead_id
  member: yes/no
  employees: number
  patience: number
  created_at: time
  renewed_on: date

event view
  url: text
  seconds: number
event login, demo, unsubscribe

"""


def policy(text: str) -> ir.Program:
    return program_of(HEAD + text)


def lead(**known: Any) -> dict[str, Any]:
    return dict.fromkeys(("member", "employees", "patience", "created_at", "renewed_on")) | known


def event(kind: str, ago: int, **known: Any) -> dict[str, Any]:
    properties = {"url": None, "seconds": None} if kind == "view" else {}
    return {"event": kind, "at": NOW - ago, **properties, **known}


VIEW = event("view", 2 * DAY)
"""a view two days ago"""

CASES: dict[str, tuple[str, dict[str, Any], list[dict[str, Any]], int | None]] = {
    "nothing reads the clock": ("+5 a when member", lead(member=True), [VIEW], None),
    "nothing is there that could change": ("+5 a for each view in the last 7 days", lead(), [], None),
    "a window closes": ("+5 a for each view in the last 7 days", lead(), [VIEW], 5 * DAY),
    "a window closes at the hour": ("+5 a for each view in the last 50 hours", lead(), [VIEW], 2 * HOUR),
    "one of two leaves a window, and a limit hides it": (
        "+5 a for each view in the last 7 days, at most 1 times",
        lead(),
        [VIEW, event("view", 6 * DAY)],
        5 * DAY,
    ),
    "an event is still to come": ("+5 a for each view", lead(), [event("view", -3 * DAY)], 3 * DAY),
    "an event to come changes nothing": ("+5 a for each view, once", lead(), [VIEW, event("view", -3 * DAY)], None),
    "points fade by the day": ("+5 a for each view, halving every 30 days", lead(), [VIEW], 1 * DAY),
    "points fade by the hour": ("+5 a for each view, fading over 100 hours", lead(), [VIEW], HOUR),
    "points go down in steps": ("+5 a for each view, losing 10% every 7 days", lead(), [VIEW], 5 * DAY),
    "points begin to fade later": ("+5 a for each view, halving every 7 days, after 10 days", lead(), [VIEW], 9 * DAY),
    "nothing is left to fade": ("+5 a for each view, losing 50% every 1 day", lead(), [VIEW], None),
    "the newest of all fades": (
        "+5 a for each view, once, keeping 50% every 7 days",
        lead(),
        [VIEW, event("view", 9 * DAY)],
        5 * DAY,
    ),
    "computed points fade": (
        "+(employees) a for each view, losing 10% every 7 days",
        lead(employees=9.0),
        [VIEW],
        5 * DAY,
    ),
    "an age reaches a number": ("+5 a when days since created_at > 45", lead(created_at=NOW - DAY), [], 45 * DAY),
    "an age that is counted in weeks": (
        "+5 a when weeks since created_at >= 2",
        lead(created_at=NOW - DAY),
        [],
        13 * DAY,
    ),
    "an age reaches no number any more": (
        "+5 a when days since created_at > 45",
        lead(created_at=NOW - 90 * DAY),
        [],
        None,
    ),
    "a day is still to come": ("+5 a when days since renewed_on < 0", lead(renewed_on=NOW + 3 * DAY), [], 3 * DAY),
    "an age is compared with an attribute": (
        "+5 a when days since created_at > patience",
        lead(created_at=NOW - DAY, patience=9.5),
        [],
        9 * DAY,
    ),
    "an age is compared with a missing attribute": (
        "+5 a when days since created_at > patience",
        lead(created_at=NOW - DAY),
        [],
        None,
    ),
    "an age is one of some numbers": (
        "+5 a when days since created_at in (3, 9)",
        lead(created_at=NOW - 4 * DAY),
        [],
        5 * DAY,
    ),
    "the newest event grows old": ("+5 a when days since last view < 9", lead(), [VIEW], 7 * DAY),
    "the first event grows old": ("+5 a when hours since first view > 50", lead(), [VIEW], 3 * HOUR),
    "nobody comes back": ("-5 a when no event in the last 10 days", lead(), [VIEW], 8 * DAY),
    "a portion of an age is full": ("+1 a per 30 of days since created_at", lead(created_at=NOW - DAY), [], 29 * DAY),
    "a rule begins": ("+5 a when member\n    from 2026-03-01", lead(member=True), [], 13 * DAY),
    "a rule ends": ("+5 a when member\n    until 2026-03-01", lead(member=True), [], 14 * DAY),
    "a rule that does not apply ends": ("+5 a when member\n    until 2026-03-01", lead(), [], None),
    "a mean loses its largest part": (
        "+5 a when average of seconds of view in the last 7 days > 10",
        lead(),
        [event("view", 2 * DAY, seconds=1.0), event("view", 3 * DAY, seconds=100.0)],
        4 * DAY,
    ),
    "a day has no other page left": (
        "+5 a for each view in the last 7 days, once per url",
        lead(),
        [event("view", 2 * DAY, url="/a"), event("view", 3 * DAY, url="/b")],
        4 * DAY,
    ),
    "a silence begins to cost": (
        "decay losing 10% every 7 days of silence, after 14 days\n  +5 a for each view",
        lead(),
        [VIEW],
        19 * DAY,
    ),
    "an event to come takes everything away": (
        "reset on unsubscribe\n  +5 a for each view",
        lead(),
        [VIEW, event("unsubscribe", -DAY)],
        DAY,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_next_change(case: str) -> None:
    rules, one, events, after = CASES[case]
    program = policy(f"score heat\n  {rules}\n")
    found = changes.next_change(program, one, events, NOW)
    assert (None if found is None else found - NOW) == after
    result = semantics.evaluate(program, one, happenings(events), NOW)
    if found is not None:
        assert semantics.evaluate(program, one, happenings(events), found).scores != result.scores
        assert semantics.evaluate(program, one, happenings(events), found - 1).scores == result.scores
    else:
        for later in (HOUR, DAY, 10 * DAY, 400 * DAY, 4000 * DAY):
            assert semantics.evaluate(program, one, happenings(events), NOW + later).scores == result.scores


def test_a_change_that_no_band_or_score_shows_is_none() -> None:
    """The points fade every day, the score is cut to its range, and stays there for 30 days."""
    program = policy("score heat from 0 to 10\n  +20 a for each view, fading over 60 days\n")
    found = changes.next_change(program, lead(), [event("view", 0)], NOW)
    assert found == NOW + 31 * DAY


def test_a_rise_is_over_when_the_past_has_caught_up() -> None:
    program = policy("score heat\n  +5 a for each view\nscore rise = heat - heat 7 days ago\n")
    assert changes.next_change(program, lead(), [VIEW], NOW) == NOW + 5 * DAY


def test_a_decision_is_a_change() -> None:
    program = policy(
        """\
score heat
  +5 a when member
decide step
  call when any view in the last 7 days
  wait otherwise
gate late
  never call when days since last view >= 4
"""
    )
    assert changes.next_change(program, lead(), [VIEW], NOW) == NOW + 2 * DAY


def test_from_one_change_to_the_next_the_whole_future_is_told() -> None:
    program = policy("score heat\n  +4 a for each view, losing 25% every 1 day\n")
    at: int | None = NOW
    told = []
    while (at := changes.next_change(program, lead(), [event("view", 0)], at)) is not None:
        told.append((at - NOW) // DAY)
    assert told == [1, 2, 3, 4]


def test_nothing_is_told_beyond_the_calendar() -> None:
    program = policy("score heat\n  +5 a when days since created_at > 4000000\n")
    assert changes.next_change(program, lead(created_at=NOW), [], NOW) is None


def test_an_age_without_effect_is_not_followed_for_ever() -> None:
    """It may name an instant at which nothing changes, ten thousand visits later; it never names one that is late, and
    never takes long."""
    program = policy("score heat from 0 to 5\n  +(hours since created_at + 9) a when member\n")
    start = time.perf_counter()
    found = changes.next_change(program, lead(created_at=NOW, member=True), [], NOW)
    assert time.perf_counter() - start < 5
    assert found == NOW + (changes.MOST_VISITS + 1) * HOUR


def test_many_events_are_looked_at_quickly() -> None:
    program = policy(
        """\
score heat from 0 to 100
  +5 a for each view, halving every 30 days
  +1 b for each login in the last 90 days
"""
    )
    events = [event("view", minute * MINUTE) for minute in range(3000)]
    events += [event("login", minute * 7 * MINUTE) for minute in range(3000)]
    start = time.perf_counter()
    found = changes.next_change(program, lead(), events, NOW)
    assert time.perf_counter() - start < 10
    assert found is not None
    before = semantics.evaluate(program, lead(), happenings(events), NOW)
    assert before.scores == {"heat": 100 * values.TICKS}
