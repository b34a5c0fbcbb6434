"""What random policies have found: statements that once gave another result than the reference, or none.

Each is a policy as small as it could be made, with the lead that showed the difference.
"""

from __future__ import annotations

from typing import Any

import pytest
from strategies import Facts, program_of
from table_engines import InDuckDB, differences

from scorec.dsl.values import DAY

AT = 1_772_409_600_000_000
"""2026-03-02 in UTC"""

HEAD = (
    "policy trial\n  language 1\nlead by lead_id\n  name: text\n  budget: number\n"
    "event view\n  seconds: number\nevent demo\n"
)


def agrees(rest: str, lead: dict[str, Any], events: list[dict[str, Any]] | None = None) -> None:
    program = program_of(HEAD + rest)
    known = {one.name: lead.get(one.name) for one in program.fields}
    facts = [Facts(known, events or [], AT)]
    for with_reasons in (False, True):
        assert list(differences(program, InDuckDB(), facts, AT, with_reasons)) == []


@pytest.mark.parametrize("span", ["30 minutes", "90 days"])
def test_large_points_long_after_they_have_faded(span: str) -> None:
    """They were multiplied with a large negative share before they were left out."""
    rest = f"score s\n  -(budget) spent for each view where budget > 0, fading over {span}\n"
    agrees(rest, {"budget": 1e300}, [{"event": "view", "at": AT - 400 * DAY, "seconds": None}])


def test_many_times_many_points() -> None:
    """What a policy's own numbers come to was counted in 32 bits."""
    rest = 'score s\n  +1000 r per if(name is "x", 2000, 10)\n'
    agrees(rest, {"name": "x"})
    agrees(rest, {"name": "y"})


def test_something_missing_times_a_share_is_missing() -> None:
    """LEAST and GREATEST made a limit of it."""
    agrees("score s = budget\nscore double from 0 to 200 = s * 10\n", {})
    agrees("score s\n  +(budget) r per 1 of 5\n", {})


def test_once_per_day_and_a_few_times_per_week() -> None:
    """The second period took the place of the first."""
    rest = "score s\n  +1 r for each view, once per day, at most 2 times per week, halving every 7 days\n"
    agrees(
        rest,
        {},
        [{"event": "view", "at": AT - days * DAY - hour, "seconds": None} for days in range(9) for hour in (0, 5)],
    )


def test_a_policy_without_events_that_asks_for_one() -> None:
    program = program_of("policy p\n  language 1\nlead by lead_id\n  name: text\nscore s\n  +1 quiet when no event\n")
    assert list(differences(program, InDuckDB(), [Facts({"name": None}, [], AT)], AT, True)) == []


def test_a_property_of_another_kind_of_event_is_not_read() -> None:
    rest = "score s\n  +1 r when no event where (seconds > 3)\n"
    agrees(rest, {}, [{"event": "demo", "at": AT}])
