"""Leads and events for the reference workload, made from a seed: the same ones on every machine."""

from __future__ import annotations

import random
from dataclasses import dataclass
from math import exp
from pathlib import Path
from typing import Any

from scorec.dsl.values import DAY, HOUR, SECOND

AS_OF = 1_767_225_600 * SECOND
"""2026-01-01, midnight UTC."""

LISTS = Path(__file__).parent / "lists"


@dataclass(frozen=True)
class Facts:
    """A clean lead and its clean events, in the order in which a log would hold them."""

    lead: dict[str, Any]
    events: list[dict[str, Any]]


def leads(how_many: int, seed: int = 1) -> list[Facts]:
    """Leads as marketing has them: a tenth to a half of most fields missing, events from none to 200 (half of the
    leads have no more than ten), the newest days before AS_OF, a few after it."""
    dice = random.Random(seed)
    return [_facts(dice) for _ in range(how_many)]


def words(name: str) -> list[str]:
    """The lines of a list file."""
    return [line for line in (LISTS / name).read_text().splitlines() if line and not line.startswith("#")]


EVENTS = {
    "page_view": 45,
    "email_open": 20,
    "login": 8,
    "email_click": 7,
    "ad_click": 6.5,
    "content_download": 5,
    "form_submit": 3,
    "webinar_attended": 2,
    "chat_started": 2,
    "demo_request": 0.7,
    "meeting_booked": 0.5,
    "unsubscribe": 0.3,
}
"""The kinds of events and how frequent each is."""

WITH_URL = frozenset({"page_view", "email_open", "email_click", "content_download", "form_submit", "webinar_attended"})
PAGES = ("pricing", "docs", "blog", "demo", "trial", "case", "about", "careers", "product", "support", "", "legal")
URLS = [
    f"https://www.example.com/en/{PAGES[n % 12]}?ref={n}" if n % 3 == 0 else f"https://example.com/{PAGES[n % 12]}/p{n}"
    for n in range(6000)
]
TITLES = (
    *(
        f"{rank} {of}"
        for rank in ("Director of", "Head of", "Manager,", "VP", "Vice President")
        for of in ("Sales", "IT")
    ),
    *("Chief Executive Officer", "CTO", "Founder & CEO", "Chief Marketing Officer", "Student", "Intern", "Trainee"),
    *(
        f"{level}{work}"
        for level in ("", "Senior ", "Junior ")
        for work in ("Engineer", "Analyst", "Accountant", "Nurse")
    ),
    *("Consultant", "Teacher", "Owner", "Geschäftsführer", "Responsable Achats"),
)
INDUSTRIES = (
    *words("target_industries.txt"),
    *("hospitality", "education", "government", "nonprofit", "agriculture", "construction", "real estate", "legal"),
    *("mining", "fashion", "food", "sports", "music", "film", "publishing", "aerospace"),
)
COUNTRIES = (
    *("US", "GB", "DE", "FR", "NL", "SE", "CA", "AU") * 8,
    *words("third_countries.txt"),
    *(f"{a}{b}" for a in "QRS" for b in "ABCDEFGHIJKLM"),
    *("PX", "OX"),
)
_FREE_MAIL = words("free_mail.txt")
SOURCES = ("organic", "paid", "referral", "webinar", "event", "partner", "outbound", "content", "social", "other")


def _facts(dice: random.Random) -> Facts:
    number = dice.randrange(10**7)
    lead: dict[str, Any] = {
        "email": _or_missing(dice, 0.01, _email(dice, number)),
        "job_title": _or_missing(dice, 0.08, dice.choice(TITLES)),
        "industry": _or_missing(dice, 0.05, dice.choice(INDUSTRIES).title()),
        "country": _or_missing(dice, 0.02, dice.choice(COUNTRIES)),
        "employees": _or_missing(dice, 0.15, float(int(exp(dice.gauss(4.2, 2.1))))),
        "revenue": _or_missing(dice, 0.30, round(exp(dice.gauss(15.5, 2.2)), 2)),
        "lead_source": dice.choice(SOURCES),
        "phone": _or_missing(dice, 0.40, f"+1555{number:07d}"),
        "website": _or_missing(dice, 0.30, f"https://www.company{number % 5000}.example"),
        "linkedin": _or_missing(dice, 0.50, f"https://linkedin.example/in/p{number}"),
        "tech": _or_missing(dice, 0.30, f"Tool{dice.randrange(40):02d}"),
        "budget": _or_missing(dice, 0.50, float(int(exp(dice.gauss(9.0, 1.3))) // 100 * 100)),
        "unsubscribed": dice.random() < 0.03,
        "company": f"Company {number % 5000}",
        "state": _or_missing(dice, 0.30, f"S{dice.randrange(50):02d}"),
    }
    count = 0 if dice.random() < 0.06 else min(200, int(exp(dice.gauss(2.425, 1.18))))
    quiet = exp(dice.gauss(2.5, 1.5)) * DAY - DAY
    return Facts(lead, sorted((_event(dice, quiet) for _ in range(count)), key=lambda event: event["at"]))


def _event(dice: random.Random, quiet: float) -> dict[str, Any]:
    """An event some time before the lead's last activity."""
    age = int(min(max(quiet + dice.expovariate(1 / 60) * DAY, -DAY), 730 * DAY))
    if dice.random() < 0.005:
        age = -dice.randrange(HOUR, 5 * DAY)
    kind = dice.choices(list(EVENTS), list(EVENTS.values()))[0]
    event: dict[str, Any] = {"event": kind, "at": AS_OF - age}
    if kind in WITH_URL:
        seen = kind in ("page_view", "content_download", "form_submit")
        event["url"] = URLS[int(dice.random() ** 3 * len(URLS))] if seen else None
    return event


def _email(dice: random.Random, number: int) -> str:
    share = dice.random()
    if share < 0.35:
        domain = dice.choice(_FREE_MAIL[:8]) if share < 0.25 else dice.choice(_FREE_MAIL)
    elif share < 0.40:
        domain = f"uni{number % 300}.edu"
    elif share < 0.42:
        domain = f"agency{number % 90}.gov"
    elif share < 0.43:
        domain = f"rival{number % 10}.example"
    else:
        domain = f"Company{number % 5000}.example"
    name = "test" if dice.random() < 0.01 else f"first.last{number}"
    return f"{name}@{domain}"


def _or_missing(dice: random.Random, share: float, value: Any) -> Any:
    return None if dice.random() < share else value
