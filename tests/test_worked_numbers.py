"""Numbers that vendors print in their own documentation: the policy that says the same, and the same number."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

import scorec

HEAD = """\
policy worked "A worked number"
  language 1
  version 1.0.0
  owner "tests@scorec.example"

"""

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=timezone.utc)
MICROSECOND = timedelta(microseconds=1)


def policy(text: str) -> scorec.Policy:
    return scorec.loads(HEAD + text)


def happened(event: str, ago: timedelta, **properties: Any) -> dict[str, Any]:
    return {"event": event, "at": NOW - ago, **properties}


# ------------------------------------------------------------------ 1. Microsoft: a city and a country


@pytest.mark.parametrize(
    ("city", "country", "score", "stage"),
    [
        ("London", "England", 110, "ready"),
        ("Manchester", "England", 40, "later"),
        ("London", "Ohio", 70, "later"),
    ],
)
def test_1_dynamics_london_england(city: str, country: str, score: int, stage: str) -> None:
    london = policy("""\
lead by lead_id
  city: text
  country: text

score fit
  +70 london when city is "London"
  +40 england when country is "England"

band stage of fit
  ready >= 100
  later otherwise
""")
    result = london.score({"city": city, "country": country})
    assert result.scores["fit"] == score
    assert result.bands["stage"] == stage


# ------------------------------------------------------------------ 2. HubSpot: half of the points every month

HALF_A_MONTH = """\
lead by lead_id
  name: text

event form

score compounding
  +10 form for each form, at most 1 times, keeping 50% every 30 days

score straight
  +10 form for each form, at most 1 times, losing 50% every 30 days
"""


@pytest.mark.parametrize(
    ("age", "compounding", "straight"),
    [
        (timedelta(days=30) - MICROSECOND, "10", "10"),
        (timedelta(days=30), "5", "5"),
        (timedelta(days=60), "2.5", "0"),
        (timedelta(days=90), "1.25", "0"),
    ],
)
def test_2_hubspot_ten_points_are_five_after_a_month(age: timedelta, compounding: str, straight: str) -> None:
    """HubSpot's own steps are of the original points (`losing`), so that nothing is left after two months; steps that
    compound (`keeping`) give the same five after the first."""
    result = policy(HALF_A_MONTH).score({}, events=[happened("form", age)], at=NOW)
    assert result.scores == {"compounding": Decimal(compounding), "straight": Decimal(straight)}


# ------------------------------------------------------------------ 3. HubSpot: limits of groups and of a score


def test_3_hubspot_a_limit_cuts_engagement_and_leaves_fit_alone() -> None:
    limits = policy("""\
lead by lead_id
  industry: text

event visit, reply

score engagement "Engagement" from 0 to 100
  group web at most 100 points
    +10 visits for each visit
  group sales at most 100 points
    +20 reply for each reply

score fit from 0 to 100
  +30 industry when industry is "software"
""")
    events = [*(happened("visit", timedelta(days=day)) for day in range(10)), happened("reply", timedelta(days=1))]
    result = limits.score({"industry": "Software"}, events=events, at=NOW)
    assert result.scores == {"engagement": 100, "fit": 30}
    # The explanation says what was cut: 120, cut to 100.
    (cut,) = [reason for reason in result.reasons if reason.rule == "engagement.range"]
    assert (cut.before, cut.points) == (120, -20)


# ------------------------------------------------------------------ 4. MadKudu: a share for each day of a lifespan


@pytest.mark.parametrize(("days", "points"), [(0, "9"), (3, "8.7"), (45, "4.5"), (89, "0.1"), (90, "0")])
def test_4_madkudu_nine_points_that_live_ninety_days(days: int, points: str) -> None:
    fading = policy("""\
lead by lead_id
  name: text

event visit

score likelihood
  +9 visit for each visit, at most 1 times, fading over 90 days
""")
    result = fading.score({}, events=[happened("visit", timedelta(days=days))], at=NOW)
    assert result.scores["likelihood"] == Decimal(points)


# ------------------------------------------------------------------ 5. Adobe: daily caps, and a group by its roles

BUYING_GROUP = """\
lead by lead_id
  company: text
  role: one of ("vital", "important", "normal")

event visit

score activity
  +1 visits for each visit in the last 30 days, at most 20 times per day

score role_weight
  first of role
    +100 vital when role is "vital"
    +80 important when role is "important"
    +60 normal when role is "normal"

score weighted = activity * role_weight

account by company
  score group_total = sum of weighted / sum of role_weight
"""


def test_5_adobe_thirty_seven_visits_in_a_day_count_twenty() -> None:
    in_one_day = [happened("visit", timedelta(minutes=minute)) for minute in range(37)]
    assert policy(BUYING_GROUP).score({}, events=in_one_day, at=NOW).scores["activity"] == 20


def test_5_adobe_a_group_is_the_mean_of_its_roles() -> None:
    """52, 28 and 17 with weights of 100, 80 and 60: 52 x 41.67 % + 28 x 33.33 % + 17 x 25 % = 35.25. A role that is
    not there weighs nothing."""
    people = {"vital": 52, "important": 28, "normal": 17}
    accounts = policy(BUYING_GROUP).score_accounts(
        [
            (
                {"company": "Corp", "role": role},
                [happened("visit", timedelta(days=day)) for day in range(count // 20 + 1) for _ in range(20)][:count],
            )
            for role, count in people.items()
        ],
        at=NOW,
    )
    assert [account.scores["group_total"] for account in accounts] == [Decimal("35.25")]


def test_5_adobe_shows_the_square_root_of_what_was_done() -> None:
    """Diminishing returns: the score is the square root of the weighted activities, shown rounded (75.9 as 76)."""
    root = policy("""\
lead by lead_id
  raw: number

score engagement from 0 to 100 rounded = sqrt(raw)
""")
    assert root.score({"raw": 5760}).scores["engagement"] == 76
    assert root.score({"raw": 2500}).scores["engagement"] == 50


# ------------------------------------------------------------------ 6. GTM Clarity: a company's champion


def accounts_champion(scores: list[int]) -> Decimal | None:
    champion = policy("""\
lead by lead_id
  company: text
  interest: number

score engagement
  +(interest) interest when interest is known

account by company
  score best = 60% of highest of engagement
  score others = 40% of ((sum of engagement - highest of engagement) / (count of leads - 1))
  score champion = round(best, 1) + round(others, 1)
""")
    (account,) = champion.score_accounts([({"company": "Corp", "interest": score}, []) for score in scores], at=NOW)
    return account.scores["champion"]


def test_6_sixty_per_cent_for_the_champion_and_forty_for_the_mean_of_the_others() -> None:
    assert accounts_champion([50, 80, 20, 30]) == Decimal("61.3")


def test_6_the_published_formula_says_nothing_about_one_person_and_neither_do_we() -> None:
    assert accounts_champion([80]) is None


# ------------------------------------------------------------------ 7. Marketo: once per day, and what a day is

ONCE_PER_DAY = """\
lead by lead_id
  name: text

event ran, visit

score rolling
  +1 may_run_again when no ran in the last 24 hours

score calendar
  +10 visits for each visit, once per day

score monthly
  +1 may_run_again when no ran in the last 1 month
"""

SUNDAY_22 = datetime(2026, 3, 1, 22, 0, tzinfo=timezone.utc)
MONDAY_22 = datetime(2026, 3, 2, 22, 0, tzinfo=timezone.utc)


@pytest.mark.parametrize(("at", "may_run"), [(MONDAY_22 - MICROSECOND, 0), (MONDAY_22, 1)])
def test_7_marketo_once_per_day_means_twenty_four_hours(at: datetime, may_run: int) -> None:
    """A campaign that ran on Sunday at 22:00 does not run again before Monday 22:00."""
    ran = {"event": "ran", "at": SUNDAY_22}
    assert policy(ONCE_PER_DAY).score({}, events=[ran], at=at).scores["rolling"] == may_run


def test_7_our_once_per_day_is_a_calendar_day() -> None:
    """Sunday 22:00 and Monday 08:00 are two days to us, although only ten hours lie between them."""
    late, early = datetime(2026, 3, 1, 22, tzinfo=timezone.utc), datetime(2026, 3, 2, 8, tzinfo=timezone.utc)
    visits = [{"event": "visit", "at": moment} for moment in (late, late + timedelta(hours=1), early)]
    assert policy(ONCE_PER_DAY).score({}, events=visits, at=NOW).scores["calendar"] == 20


@pytest.mark.parametrize(
    ("age", "may_run"), [(timedelta(days=30) - MICROSECOND, 0), (timedelta(days=30), 1), (timedelta(days=31), 1)]
)
def test_7_a_month_is_thirty_days(age: timedelta, may_run: int) -> None:
    ran = happened("ran", age)
    assert policy(ONCE_PER_DAY).score({}, events=[ran], at=NOW).scores["monthly"] == may_run
