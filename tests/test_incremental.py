"""A running state gives what the reference gives for all events so far, and keeps as little as that allows."""

from __future__ import annotations

import random
from typing import Any

import pytest
from strategies import happenings, program_of

from scorec.compiler.engines import incremental, python, tallies
from scorec.compiler.engines.incremental import State
from scorec.dsl import ir, semantics
from scorec.dsl.values import DAY, HOUR, MINUTE

NOW = 20_500 * DAY

HEAD = """\
policy trial
  language 1
  version 1.0.0

lead by lead_id
  member: yes/no
  created_at: time

event view
  url: text
  seconds: number
event login, demo, unsubscribe

"""

EVERYTHING = """\
score heat from 0 to 400
  reset on unsubscribe
  decay losing 10% every 7 days of silence, after 14 days
  +1 views for each view in the last 30 days, at most 30 points
  +2 pages for each view in the last 60 days, once per url, at most 5 times
  +3 days for each view, once per day
  +4 weekly for each view in the last 40 days, at most 2 times per week, halving every 9 days
  +5 logins for each login, halving every 30 days, at most 40 points
  +6 recent for each login in the last 3 days, fading over 36 hours
  +7 newest for each demo, once, keeping 50% every 10 days
  +8 few for each demo, at most 3 times, losing 25% every 2 days
score reading
  +1 minutes per 60 of sum of seconds of view in the last 20 days
  +2 long when highest of seconds of view in the last 20 days > 100
  +3 short when lowest of seconds of view < 3
  +4 mean when average of seconds of view in the last 9 days between 20 and 60
  +5 wide when count of distinct url of view in the last 15 days >= 2
  +6 deep when count of distinct url of view >= 3 and no demo
  +7 fresh when days since last login < 5
  +8 old when hours since first view > 100
  +9 path when days from first view to last demo > 3
  -1 back when any demo in the last 4 days where (member)
score rise = heat - heat 7 days ago
score whole = heat + reading + 2 * reading 30 days ago
"""


def policy(text: str) -> ir.Program:
    return program_of(HEAD + text)


def lead(**known: Any) -> dict[str, Any]:
    return {"member": None, "created_at": None} | known


def event(kind: str, at: int, **known: Any) -> dict[str, Any]:
    properties = {"url": None, "seconds": None} if kind == "view" else {}
    return {"event": kind, "at": at, **properties, **known}


def some_event(dice: random.Random, at: int) -> dict[str, Any]:
    kind = dice.choice(("view", "view", "view", "login", "login", "demo", "demo", "unsubscribe"))
    if kind == "unsubscribe" and dice.random() < 0.7:
        kind = "login"
    if kind != "view":
        return event(kind, at)
    return event(
        "view", at, url=dice.choice((None, "/a", "/A", "/b", "/c")), seconds=dice.choice((None, 2.0, 30.5, 61.0, 300.0))
    )


# ------------------------------------------------------------------ it agrees


@pytest.mark.parametrize("seed", range(25))
def test_a_state_agrees_with_the_reference_after_every_event(seed: int) -> None:
    """Events come mostly in order, some late, some before their time; reads go forward by minutes or by months."""
    program = policy(EVERYTHING)
    dice = random.Random(seed)
    one = lead(member=dice.choice((True, False, None)))
    state = State(program, one)
    so_far: list[dict[str, Any]] = []
    now = NOW
    for _ in range(40):
        at = now - dice.choice((0, 0, MINUTE, HOUR, DAY, 20 * DAY, -HOUR, -10 * DAY))
        so_far.append(some_event(dice, at))
        state.add(so_far[-1])
        if dice.random() < 0.6:
            now += dice.choice((0, 1, MINUTE, HOUR, 5 * HOUR, DAY, DAY, 8 * DAY))
            if dice.random() < 0.05:
                now += 100 * DAY
            assert state.evaluate_with_reasons(now) == semantics.evaluate(program, one, happenings(so_far), now)
    engine = python.load(program)
    assert state.evaluate(now) == engine.evaluate(one, so_far, now)


def test_a_state_without_events_agrees() -> None:
    program = policy(EVERYTHING)
    assert State(program, lead()).evaluate_with_reasons(NOW) == semantics.evaluate(program, lead(), [], NOW)


def test_a_policy_without_events_has_a_state_too() -> None:
    state = State(policy("score fit\n  +5 a when member\n"), lead(member=True))
    state.add(event("view", NOW))
    assert state.evaluate(NOW).scores == {"fit": 50_000}


def test_an_event_to_come_waits_for_its_instant() -> None:
    state = State(policy("score heat\n  +5 a for each view\n"), lead())
    state.add(event("view", NOW + DAY))
    assert state.evaluate(NOW).scores == state.evaluate(NOW + DAY - 1).scores == {"heat": 0}
    assert state.evaluate(NOW + DAY).scores == {"heat": 50_000}


def test_a_late_event_counts_from_then_on() -> None:
    state = State(policy("score heat\n  +5 a for each view, halving every 1 day\n"), lead())
    assert state.evaluate(NOW).scores == {"heat": 0}
    state.add(event("view", NOW - DAY))
    assert state.evaluate(NOW).scores == {"heat": 25_000}


def test_a_reset_that_comes_late_takes_away_what_was_before_it_and_nothing_else() -> None:
    program = policy(
        "score heat\n  reset on unsubscribe\n  +5 a for each view\n  +1 b for each login, halving every 1 day\n"
    )
    state = State(program, lead())
    for at in (NOW - 3 * DAY, NOW - DAY):
        state.add(event("view", at))
        state.add(event("login", at))
    assert state.evaluate(NOW).scores == {"heat": 100_000 + 5_000 + 1_250}
    state.add(event("unsubscribe", NOW - 2 * DAY))
    assert state.evaluate(NOW).scores == {"heat": 50_000 + 5_000}
    state.add(event("view", NOW - 2 * DAY))
    assert state.evaluate(NOW).scores == {"heat": 50_000 + 5_000}


def test_reads_may_not_go_backwards() -> None:
    state = State(policy("score heat\n  +5 a for each view\n"), lead())
    state.evaluate(NOW)
    state.evaluate(NOW)
    with pytest.raises(ValueError, match=r"was read as of 2026-02-16T00:00:00\+00:00 and cannot go back to 2026-02-15"):
        state.evaluate(NOW - 1)


def test_two_states_of_one_policy_share_nothing() -> None:
    program = policy("score heat\n  +5 a for each view, once per url\n")
    one, other = State(program, lead()), State(program, lead())
    one.add(event("view", NOW, url="/a"))
    assert one.evaluate(NOW).scores == {"heat": 50_000}
    assert other.evaluate(NOW).scores == {"heat": 0}


# ------------------------------------------------------------------ it keeps little

KEPT = {
    "+1 a for each view": (tallies.Total, 0),
    "+1 a for each view, at most 3 points": (tallies.Total, 0),
    "+1 a for each view, at most 3 times": (tallies.Total, 0),
    "+1 a for each view in the last 5 days": (tallies.WindowTotal, 120),
    "+1 a for each view, once": (tallies.Occurrence, 0),
    "+1 a when any view in the last 5 days": (tallies.Occurrence, 0),
    "+1 a when days since last view < 3": (tallies.Newest, 0),
    "+1 a when days since first view < 3": (tallies.Oldest, 0),
    "+1 a per 60 of sum of seconds of view": (tallies.Total, 0),
    "+1 a when highest of seconds of view > 3": (tallies.Highest, 0),
    "+1 a for each view, once per url": (tallies.Different, 7),
    "+1 a for each view, once per day": (tallies.InPeriods, 42),
    "+1 a for each view, halving every 12 hours": (tallies.DecayingWritten, 12 * 16),
    "+1 a for each view, at most 3 times, halving every 30 days": (tallies.Held, 3),
    "+1 a for each view, once, halving every 30 days": (tallies.Newest, 0),
}


@pytest.mark.parametrize("rule", KEPT)
def test_a_tally_keeps_no_more_than_its_value_needs(rule: str) -> None:
    program = policy(f"score heat\n  {rule}\n")
    kind, most = KEPT[rule]
    state = State(program, lead())
    for hour in range(1000):
        state.add(event("view", NOW + hour * HOUR, url=f"/{hour % 7}", seconds=1.0))
        state.evaluate(NOW + hour * HOUR)
    (tally,) = state.tallies
    assert type(tally) is kind
    assert kept_by(tally) <= most
    assert not any(clock.waiting for clock in state.clocks)


def kept_by(tally: Any) -> int:
    """How many things a tally remembers."""
    if isinstance(tally, tallies.InPeriods):
        tally = tally._different
    slots = [name for kind in type(tally).__mro__ for name in getattr(kind, "__slots__", ())]
    found = [getattr(tally, name) for name in slots]
    if isinstance(tally, tallies.Window):
        return len(tally.inside) - tally.start
    return sum(len(thing) for thing in found if isinstance(thing, list | dict | set))


def test_what_left_a_window_is_let_go_of() -> None:
    state = State(policy("score heat\n  +1 a for each view in the last 5 days\n"), lead())
    for day in range(2000):
        state.add(event("view", NOW + day * DAY))
        assert state.evaluate(NOW + day * DAY).scores == {"heat": min(day + 1, 5) * 10_000}
    (tally,) = state.tallies
    assert isinstance(tally, tallies.WindowTotal) and len(tally.inside) < 200


def test_a_read_touches_only_the_events_that_have_grown_a_unit_older(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two hundred events, one each minute: an hour later none is a day older, a day after the first exactly one is."""
    program = policy("score heat\n  +5 a for each view, halving every 30 days\n")
    state = State(program, lead())
    for minute in range(200):
        state.add(event("view", NOW + minute * MINUTE))
    state.evaluate(NOW + 200 * MINUTE)
    (tally,) = state.tallies
    assert isinstance(tally, tallies.DecayingWritten)
    asked: list[int] = []
    left = tally._left
    monkeypatch.setattr(tally, "_left", lambda ticks, age: asked.append(age) or left(ticks, age))
    state.evaluate(NOW + 260 * MINUTE)
    assert asked == []
    state.evaluate(NOW + DAY)
    assert asked == [1]
    state.evaluate(NOW + DAY + 10 * MINUTE)
    assert asked == [1] * 11


# ------------------------------------------------------------------ each tally


def test_the_highest_inside_a_window_whatever_the_order() -> None:
    dice = random.Random(4)
    for _ in range(200):
        tally = tallies.WindowHighest(10, dice.choice((1, -1)))
        seen: list[tuple[int, float]] = []
        now = 0
        for _ in range(30):
            now += dice.randrange(4)
            entry = (now - dice.randrange(15), float(dice.randrange(6)))
            seen.append(entry)
            tally.take(*entry)
            inside = [number for at, number in seen if at > now - 10]
            expected = (max if tally.sign == 1 else min)(inside, default=None)
            assert tally.value(now) == expected


def test_different_keys_inside_a_window_whatever_the_order() -> None:
    dice = random.Random(5)
    for _ in range(200):
        tally = tallies.WindowDifferent(10)
        seen: list[tuple[int, int]] = []
        now = 0
        for _ in range(30):
            now += dice.randrange(4)
            entry = (now - dice.randrange(15), dice.randrange(4))
            seen.append(entry)
            tally.take(*entry)
            assert tally.value(now) == len({key for at, key in seen if at > now - 10})


def test_every_tally_says_when_it_changes_next() -> None:
    """Between an instant and the one that follows, the value of no term changes."""
    program = policy(EVERYTHING.replace("decay losing 10% every 7 days of silence, after 14 days", ""))
    dice = random.Random(6)
    plan = incremental.plan_of(program)
    for _ in range(10):
        state = State(program, lead())
        for _ in range(15):
            state.add(some_event(dice, NOW - dice.randrange(30 * DAY)))
        state.read(NOW)
        waiting = {clock.shift: clock.next_event() for clock in state.clocks}
        instants = []
        for tally, shift in zip(state.tallies, plan.shift_of, strict=True):
            found = [at for at in (tally.following(NOW - shift), waiting[shift]) if at is not None]
            instants.append(min(found) + shift if found else None)
        before = list(state.values)
        for step in sorted({1, HOUR, DAY, 3 * DAY, *(at - NOW - 1 for at in instants if at is not None)}):
            state.read(NOW + step)
            for number, at in enumerate(instants):
                if at is None or NOW + step < at:
                    assert state.values[number] == before[number], plan.terms[number]
