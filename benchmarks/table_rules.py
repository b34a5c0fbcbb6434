"""The event rules of the reference workload as data, so that a policy, a statement and a query can be written of any
number of them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path

from benchmarks.leads import EVENTS
from scorec.dsl.values import Fraction, decayed

POINT = 10_000
WORKLOAD = Path(__file__).parent / "workload.score"


class Form(Enum):
    """What an event rule asks."""

    COUNTED = "so many points for each event in the last days"
    HALVING = "so many points for each event, half of them after some days"
    LAST = "the newest event is less than some days old"
    FIRST = "the oldest event is less than some days old"
    SILENCE = "there was no event of any kind in the last days"
    EVER = "there was an event"


@dataclass(frozen=True)
class EventRule:
    """A line of the score `engagement`."""

    name: str
    points: int
    form: Form
    event: str = ""
    days: int = 0
    """the window, the half-life, or the age that the form asks of"""
    most: int = 0
    """points, at most"""
    page: str = ""
    """what the event's url has to contain"""

    def line(self) -> str:
        """The rule as the policy says it."""
        head = f"  {f'{self.points:+d}':<3} {self.name} "
        match self.form:
            case Form.COUNTED:
                where = f' where url contains "{self.page}"' if self.page else ""
                return head + (f"for each {self.event} in the last {self.days} days{where}, at most {self.most} points")
            case Form.HALVING:
                return head + f"for each {self.event}, halving every {self.days} days, at most {self.most} points"
            case Form.LAST:
                return head + f"when days since last {self.event} < {self.days}"
            case Form.FIRST:
                return head + f"when days since first {self.event} < {self.days}"
            case Form.SILENCE:
                return head + f"when no event in the last {self.days} days"
            case Form.EVER:
                return head + f"when any {self.event}"

    def days_that_matter(self) -> int | None:
        """Older events change nothing; None where every event can."""
        match self.form:
            case Form.HALVING:
                return days_until_nothing(self.points, self.days)
            case Form.FIRST | Form.EVER:
                return None
            case _:
                return self.days


EVENT_RULES = (
    EventRule("views", 1, Form.COUNTED, "page_view", 30, 10),
    EventRule("pricing", 5, Form.COUNTED, "page_view", 14, 20, "/pricing"),
    EventRule("opens", 1, Form.COUNTED, "email_open", 30, 5),
    EventRule("clicks", 3, Form.COUNTED, "email_click", 30, 15),
    EventRule("forms", 10, Form.COUNTED, "form_submit", 90, 30),
    EventRule("webinars", 20, Form.HALVING, "webinar_attended", 30, 40),
    EventRule("downloads", 8, Form.HALVING, "content_download", 14, 24),
    EventRule("demos", 40, Form.HALVING, "demo_request", 60, 60),
    EventRule("active", 10, Form.LAST, "login", 7),
    EventRule("new_demand", 10, Form.FIRST, "demo_request", 90),
    EventRule("silent", -25, Form.SILENCE, days=30),
    EventRule("gone", -30, Form.EVER, "unsubscribe"),
)


def event_rules(how_many: int, seed: int = 12) -> tuple[EventRule, ...]:
    """The twelve rules, and more of the same forms about other events, days and pages."""
    dice = random.Random(seed)
    more = []
    for number in range(len(EVENT_RULES), how_many):
        rule = EVENT_RULES[number % len(EVENT_RULES)]
        span = (3, 7, 14, 21, 30, 45, 60, 90) if rule.form is Form.HALVING else (3, 7, 10, 14, 21, 30, 45, 60, 90, 120)
        varied = replace(rule, name=f"{rule.name}_{number}")
        if rule.event and not rule.page:
            varied = replace(varied, event=dice.choice(list(EVENTS)))
        if rule.days:
            varied = replace(varied, days=dice.choice(span))
        if rule.page:
            varied = replace(varied, page=dice.choice(("/pricing", "/docs", "/demo", "/blog", "/trial", "/case")))
        more.append(varied)
    return (*EVENT_RULES[:how_many], *more)


def policy_text(rules: Sequence[EventRule]) -> str:
    """The reference workload with these rules in its score `engagement`."""
    before, _, rest = WORKLOAD.read_text("utf-8").partition("\nscore engagement ")
    heading, _, rest = rest.partition("\n")
    after = rest[rest.index("\nscore total ") :]
    lines = "".join(f"{rule.line()}\n" for rule in rules)
    return f"{before}\nscore engagement {heading}\n{lines}{after}"


def reach(rules: Sequence[EventRule]) -> dict[str, int | None]:
    """How many days back events of each kind matter, None for ever; the kind "" is any."""
    found: dict[str, int | None] = {}
    for rule in rules:
        days, before = rule.days_that_matter(), found.get(rule.event, 0)
        found[rule.event] = None if days is None or before is None else max(days, before)
    return found


def days_until_nothing(points: int, half_life: int) -> int:
    """After so many days a point that halves has come to nothing."""
    age = 0
    while decayed(points * POINT, "halving", Fraction(0), half_life, age) > 0:
        age += 1
    return age
