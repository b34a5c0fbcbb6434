"""Writes the leads and events of `saas_inbound/`: `python examples/generate.py`.

Standard library only, and the same bytes on every machine: the one source of chance is `random.Random(SEED).random()`,
whose sequence Python promises to keep, and nothing is computed but products and sums. Nobody in these files exists.

A few rows are wrong on purpose, as in every export: a number written in words, a key used twice, a key left out, a
lead that events name and the list does not, an event that nobody declared, one that has not happened yet.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path
from random import Random
from typing import TypeVar

SEED = 20260302
AS_OF = datetime(2026, 3, 2, tzinfo=timezone.utc)
"""The instant that the example is scored at."""

LEADS = 200
FOLDER = Path(__file__).parent / "saas_inbound"

LEAD_COLUMNS = (
    *("lead_id", "email", "full_name", "job_title", "Industry (CRM)", "employees", "country"),
    *("opted_in", "customer", "created_at"),
)
EVENT_COLUMNS = ("lead_id", "event", "at", "url", "seconds", "title")

FIRST_NAMES = (
    *("Amara", "Ben", "Chiara", "Dmitri", "Elif", "Farid", "Grace", "Hiro", "Ines", "Jonas", "Keiko", "Liam", "Mei"),
    *("Noor", "Olga", "Pablo", "Quinn", "Rosa", "Samir", "Tess", "Umar", "Vera", "Wout", "Ximena", "Yusuf", "Zoë"),
)
LAST_NAMES = (
    *("Abara", "Berg", "Castillo", "Dupont", "Eriksen", "Fischer", "Gupta", "Haddad", "Ivanova", "Jansen", "Kowalski"),
    *("Lindqvist", "Moreau", "Novak", "O'Brien", "Petrov", "Quispe", "Rossi", "Schmidt", "Tanaka", "Ueda", "Vega"),
)
COMPANIES = (
    *("northpier", "bluefern", "cobaltworks", "dunesoft", "emberline", "foxglove", "graniteco", "heronlabs"),
    *("ironleaf", "junipercloud", "kestrelhq", "larkspur", "meridianix", "nightjar", "oakbridge", "pinevale"),
)
INDUSTRIES = ("Software", "Financial services", "Manufacturing", "Retail", "Healthcare", "Logistics", "")
COUNTRIES = ("US", "US", "US", "CA", "GB", "DE", "FR", "other", "")
LEADERS = ("Chief Operating Officer", "VP Operations", "Director of Support", "Head of Customer Service", "VP, Sales")
MANAGERS = ("Support Manager", "Operations Manager", "Team Lead Service", "Product Manager")
STAFF = ("Support Specialist", "Analyst", "Consultant", "Engineer", "Office Assistant", "")
FREE_MAIL = ("gmail.com", "outlook.com", "yahoo.com", "proton.me")
DOCUMENTS = ("Field service benchmark", "Buyer's guide", "Security overview")
PAGES = ("/", "/product/scheduling", "/product/routing", "/customers", "/blog/first-visit-fix", "/blog/shift-planning")

T = TypeVar("T")


def main() -> int:
    leads, events = generate()
    write(FOLDER / "leads.csv", LEAD_COLUMNS, leads)
    write(FOLDER / "events.csv", EVENT_COLUMNS, events)
    print(f"{len(leads)} leads and {len(events)} events in {FOLDER}")
    return 0


def generate() -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """The rows of both files."""
    chance = Chance(SEED)
    leads: list[dict[str, str]] = []
    events: list[dict[str, str]] = []
    for number in range(1, LEADS + 1):
        lead, warmth = a_lead(chance, number)
        leads.append(lead)
        events.extend(events_of(chance, lead, warmth))
    spoil_leads(leads)
    spoil_events(events)
    # As they would come out of a tracking system: by time, all leads mixed.
    events.sort(key=lambda event: (event["at"], event["lead_id"], event["event"]))
    return leads, events


# ------------------------------------------------------------------ leads


def a_lead(chance: Chance, number: int) -> tuple[dict[str, str], float]:
    """One lead, and how warm it is from 0 to 1."""
    first, last = chance.one_of(FIRST_NAMES), chance.one_of(LAST_NAMES)
    company = chance.one_of(COMPANIES)
    sort = chance.share()
    if sort < 0.30:
        title, employees, warmth = chance.one_of(LEADERS), chance.between(200, 4000), 0.3 + 0.7 * chance.share()
    elif sort < 0.60:
        title, employees, warmth = chance.one_of(MANAGERS), chance.between(40, 900), chance.share()
    else:
        title, employees, warmth = chance.one_of(STAFF), chance.between(3, 400), chance.share() * chance.share()
    domain = f"{company}.example"
    if sort > 0.94:
        title, domain, employees = "Student", chance.one_of(("uni-heidelberg.de", "mit.edu")), 0
    elif sort > 0.88:
        domain = chance.one_of(FREE_MAIL)
    elif 0.57 < sort < 0.60:
        domain = chance.one_of(("rival.example", "contender.example"))
    known = chance.share() > 0.12
    created = AS_OF - timedelta(days=chance.between(2, 150), minutes=chance.between(0, 1439))
    lead = {
        "lead_id": f"L{number:04d}",
        "email": f"{plain(first)}.{plain(last)}@{domain}",
        "full_name": f"{first} {last}",
        "job_title": title,
        "Industry (CRM)": chance.one_of(INDUSTRIES),
        "employees": str(employees) if known and employees else "",
        "country": chance.one_of(COUNTRIES),
        "opted_in": chance.one_of(("yes", "yes", "yes", "Yes", "TRUE", "no", "no", "")),
        "customer": "yes" if chance.share() < 0.05 else "no",
        "created_at": written(created),
    }
    if chance.share() < 0.04:
        lead["full_name"] = chance.one_of(("asdf asdf", "test", "xxxxx", "aaa bbb", "Mickey Mouse"))
    if chance.share() < 0.05:
        lead["job_title"] = f"  {title.upper()} "
    return lead, warmth


def plain(name: str) -> str:
    return name.lower().replace("ë", "e").replace("'", "")


# ------------------------------------------------------------------ events


def events_of(chance: Chance, lead: dict[str, str], warmth: float) -> list[dict[str, str]]:
    """What one lead did since it was created; the warmer, the more and the later."""
    created = datetime.fromisoformat(lead["created_at"])
    days = (AS_OF - created).days
    happened: list[dict[str, str]] = []

    def happens(event: str, **properties: str) -> None:
        age = days * chance.share() * (chance.share() if warmth > 0.4 else 1) * (chance.share() if warmth > 0.8 else 1)
        moment = max(AS_OF - timedelta(days=age), created)
        happened.append({"lead_id": lead["lead_id"], "event": event, "at": written(moment), **properties})

    for _ in range(round(9 * warmth * chance.share() + chance.share())):
        happens("email_open")
    for _ in range(round(4 * warmth * chance.share())):
        happens("email_click")
    for _ in range(round(18 * warmth * chance.share() + 3 * chance.share())):
        happens("page_view", url=address(chance.one_of(PAGES)), seconds=str(chance.between(5, 240)))
    for _ in range(round(5 * warmth * warmth * chance.share())):
        happens("page_view", url=address("/pricing"), seconds=str(chance.between(20, 400)))
    if chance.share() < 0.04:
        happens("page_view", url=address("/careers"), seconds=str(chance.between(20, 400)))
    if chance.share() < 0.5 * warmth:
        happens("whitepaper_download", title=chance.one_of(DOCUMENTS))
    if chance.share() < 0.3 * warmth:
        happens("webinar", title="Routing in ten minutes")
    if chance.share() < 0.35 * warmth * warmth:
        happens("demo_request")
    if chance.share() < 0.04:
        happens("unsubscribe")
    return happened


def address(path: str) -> str:
    return f"https://www.fernway.example{path}"


# ------------------------------------------------------------------ what goes wrong in every export


def spoil_leads(leads: list[dict[str, str]]) -> None:
    leads[40]["employees"] = "about 200"
    leads[90]["lead_id"] = leads[89]["lead_id"]
    leads[140]["lead_id"] = ""
    leads[170]["created_at"] = "2026-02-30T10:00:00Z"


def spoil_events(events: list[dict[str, str]]) -> None:
    events.append({"lead_id": "L9999", "event": "page_view", "at": "2026-02-11T09:30:00Z", "url": address("/pricing")})
    events.append({"lead_id": "L0010", "event": "chat_opened", "at": "2026-02-12T11:05:00Z"})
    events.append({"lead_id": "L0010", "event": "email_open", "at": "2026-03-09T08:00:00Z"})
    events.append(dict(events[0]))


# ------------------------------------------------------------------ chance, and writing


class Chance:
    """Everything is made of `random()`, the one method whose sequence is promised for a seed."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def share(self) -> float:
        return self._random.random()

    def between(self, low: int, high: int) -> int:
        return low + int(self._random.random() * (high - low + 1))

    def one_of(self, choices: Sequence[T]) -> T:
        return choices[int(self._random.random() * len(choices))]


def written(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def write(path: Path, columns: Sequence[str], rows: list[dict[str, str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    sys.exit(main())
