"""What `workload.score` says, written by hand in Python, as an expert would: one pass over the events, counters in
locals, nothing computed twice, points in ten-thousandths. The fastest that we could write and would still want to read.

`naive` says the same as most people would write it first, with a comprehension for each rule.
"""

from __future__ import annotations

from typing import Any

from benchmarks.leads import words
from scorec.dsl.values import DAY, Fraction, decayed, folded

POINT = 10_000
NEVER, ALWAYS = -(1 << 62), 1 << 62

TARGET_INDUSTRIES = frozenset(map(folded, words("target_industries.txt")))
POOR_INDUSTRIES = frozenset({"government", "nonprofit", "agriculture", "mining", "film"})
FIRST_COUNTRIES = frozenset({"us", "gb", "de", "fr", "nl", "se", "ca", "au"})
THIRD_COUNTRIES = frozenset(map(folded, words("third_countries.txt")))
SANCTIONED = frozenset({"px", "py", "pz", "ox", "oy", "oz", "nx", "ny", "nz", "mx"})
FREE_MAIL = frozenset(map(folded, words("free_mail.txt")))
COMPETITORS = frozenset(map(folded, words("competitors.txt")))
GOOD_SOURCES = frozenset({"organic", "event", "partner", "content", "social"})
GOOD_TECH = frozenset(map(folded, words("good_tech.txt")))


def half_life(points: int, days: int) -> list[int]:
    """What is left after so many days, until nothing is."""
    table = []
    while (left := decayed(points * POINT, "halving", Fraction(0), days, len(table))) > 0:
        table.append(left)
    return table


WEBINAR, DOWNLOAD, DEMO = half_life(20, 30), half_life(8, 14), half_life(40, 60)
WEBINAR_DAYS, DOWNLOAD_DAYS, DEMO_DAYS = len(WEBINAR) * DAY, len(DOWNLOAD) * DAY, len(DEMO) * DAY

GRID = {
    "A": {"1": "sales", "2": "sales", "3": "nurture", "4": "nurture"},
    "B": {"1": "sales", "2": "nurture", "3": "nurture", "4": "nurture"},
    "C": {"1": "research", "2": "nurture", "3": "recycle", "4": "recycle"},
    "D": {"1": "research", "2": "recycle", "3": "recycle", "4": "recycle"},
}
EVERYTHING = ("sales", "nurture", "research", "recycle")
CONTACT = ("sales", "nurture")


def score(lead: dict[str, Any], events: list[dict[str, Any]], now: int) -> tuple[Any, ...]:
    known = 13
    email = lead["email"]
    if email is None:
        known -= 1
        domain = None
    else:
        email = email.lower() if email.isascii() else folded(email)
        at = email.rfind("@")
        domain = email[at + 1 :].strip(" \t\r\n") if at >= 0 else None

    fit = 0
    v = lead["industry"]
    if v is None:
        known -= 1
    else:
        v = v.lower() if v.isascii() else folded(v)
        if v in TARGET_INDUSTRIES:
            fit += 15
        elif v in POOR_INDUSTRIES:
            fit -= 10
    country = lead["country"]
    if country is None:
        known -= 1
    else:
        country = country.lower() if country.isascii() else folded(country)
        if country in FIRST_COUNTRIES:
            fit += 10
        elif country in THIRD_COUNTRIES:
            fit -= 5
    employees = lead["employees"]
    if employees is None:
        known -= 1
    elif employees >= 5001.0:
        fit += 12
    elif employees >= 1001.0:
        fit += 20
    elif employees >= 201.0:
        fit += 15
    elif employees >= 51.0:
        fit += 10
    elif employees >= 11.0:
        fit += 5
    elif employees >= 1.0:
        fit -= 5
    v = lead["revenue"]
    if v is None:
        known -= 1
    elif v >= 100_000_000.0:
        fit += 15
    elif v >= 10_000_000.0:
        fit += 10
    elif v >= 1_000_000.0:
        fit += 5
    v = lead["job_title"]
    if v is None:
        known -= 1
    else:
        v = v.lower() if v.isascii() else folded(v)
        if "chief" in v or "ceo" in v or "cto" in v or "founder" in v:
            fit += 20
        if "vp" in v or "vice president" in v:
            fit += 15
        if "director" in v:
            fit += 12
        if "manager" in v or "head of" in v:
            fit += 8
        if "student" in v or "intern" in v:
            fit -= 20
    if email is not None:
        if domain in FREE_MAIL:
            fit -= 10
        if email.endswith(".edu"):
            fit -= 10
        if email.endswith((".gov", ".mil")):
            fit -= 5
        if "test" in email or "noreply" in email:
            fit -= 40
    if lead["phone"] is None:
        known -= 1
    else:
        fit += 3
    if lead["website"] is None:
        known -= 1
    else:
        fit += 2
    if lead["linkedin"] is None:
        known -= 1
    else:
        fit += 2
    v = lead["lead_source"]
    if v is None:
        known -= 1
    else:
        v = v.lower() if v.isascii() else folded(v)
        if v == "referral":
            fit += 15
        elif v == "webinar":
            fit += 8
        elif v in GOOD_SOURCES:
            fit += 3
    v = lead["tech"]
    if v is None:
        known -= 1
    else:
        v = v.lower() if v.isascii() else folded(v)
        if v in GOOD_TECH:
            fit += 7
    unsubscribed = lead["unsubscribed"]
    if unsubscribed is None:
        known -= 1
    v = lead["budget"]
    if v is None:
        known -= 1
    elif v >= 10_000.0 and unsubscribed is False:
        fit += 10
    fit = 0 if fit < 0 else 100 * POINT if fit > 100 else fit * POINT

    day_7, day_14, day_30, day_90 = now - 7 * DAY, now - 14 * DAY, now - 30 * DAY, now - 90 * DAY
    webinar_cut, download_cut, demo_cut = now - WEBINAR_DAYS, now - DOWNLOAD_DAYS, now - DEMO_DAYS
    views = pricing = opens = clicks = forms = webinars = downloads = demos = 0
    last = last_login = NEVER
    first_demo = ALWAYS
    gone = False
    for event in events:
        at = event["at"]
        if at > now:
            continue
        if at > last:
            last = at
        kind = event["event"]
        if kind == "page_view":
            if at > day_30:
                views += 1
                if at > day_14:
                    url = event["url"]
                    if url is not None and "/pricing" in (url.lower() if url.isascii() else folded(url)):
                        pricing += 1
        elif kind == "email_open":
            if at > day_30:
                opens += 1
        elif kind == "login":
            if at > last_login:
                last_login = at
        elif kind == "email_click":
            if at > day_30:
                clicks += 1
        elif kind == "content_download":
            if at > download_cut:
                downloads += DOWNLOAD[(now - at) // DAY]
        elif kind == "form_submit":
            if at > day_90:
                forms += 1
        elif kind == "webinar_attended":
            if at > webinar_cut:
                webinars += WEBINAR[(now - at) // DAY]
        elif kind == "demo_request":
            if at > demo_cut:
                demos += DEMO[(now - at) // DAY]
            if at < first_demo:
                first_demo = at
        elif kind == "unsubscribe":
            gone = True

    engagement = views if views < 10 else 10
    if pricing:
        engagement += pricing * 5 if pricing < 4 else 20
    if opens:
        engagement += opens if opens < 5 else 5
    if clicks:
        engagement += clicks * 3 if clicks < 5 else 15
    if forms:
        engagement += forms * 10 if forms < 3 else 30
    if last_login > day_7:
        engagement += 10
    if day_90 < first_demo < ALWAYS:
        engagement += 10
    if last <= day_30:
        engagement -= 25
    if gone:
        engagement -= 30
    engagement *= POINT
    if webinars:
        engagement += webinars if webinars < 40 * POINT else 40 * POINT
    if downloads:
        engagement += downloads if downloads < 24 * POINT else 24 * POINT
    if demos:
        engagement += demos if demos < 60 * POINT else 60 * POINT
    engagement = 0 if engagement < 0 else 100 * POINT if engagement > 100 * POINT else engagement

    total = fit + engagement
    grade = "A" if fit >= 75 * POINT else "B" if fit >= 50 * POINT else "C" if fit >= 25 * POINT else "D"
    interest = (
        "1"
        if engagement >= 75 * POINT
        else "2"
        if engagement >= 50 * POINT
        else "3"
        if engagement >= 25 * POINT
        else "4"
    )
    readiness = "hot" if total >= 110 * POINT else "warm" if total >= 60 * POINT else "cold"
    embargo = EVERYTHING if country in SANCTIONED else ()
    unreachable = CONTACT if email is None else ()
    rivals = EVERYTHING if domain in COMPETITORS else ()
    consent = CONTACT if unsubscribed else ()
    no_company = ("sales",) if employees is not None and employees < 1.0 else ()
    outcome, row = GRID[grade][interest], 1
    barred = embargo or unreachable or rivals or consent or no_company
    if barred and (
        outcome in embargo or outcome in unreachable or outcome in rivals or outcome in consent or outcome in no_company
    ):
        outcome, row = "none", 2
    return (
        (fit, engagement, total),
        (grade, interest, readiness),
        (embargo, unreachable, rivals, consent, no_company),
        ((outcome, row),),
        known,
    )


def score_with_reasons(lead: dict[str, Any], events: list[dict[str, Any]], now: int) -> tuple[Any, ...]:
    """The same, with a line for all that gave or took points: (rule, points) or (rule, points, before a limit)."""
    lines: list[tuple[Any, ...]] = []
    known = 13
    email = lead["email"]
    if email is None:
        known -= 1
        domain = None
    else:
        email = email.lower() if email.isascii() else folded(email)
        at = email.rfind("@")
        domain = email[at + 1 :].strip(" \t\r\n") if at >= 0 else None

    fit = 0
    v = lead["industry"]
    if v is None:
        known -= 1
    else:
        v = v.lower() if v.isascii() else folded(v)
        if v in TARGET_INDUSTRIES:
            fit += 15
            lines.append(("fit.target_industry", 150_000))
        elif v in POOR_INDUSTRIES:
            fit -= 10
            lines.append(("fit.poor_industry", -100_000))
    country = lead["country"]
    if country is None:
        known -= 1
    else:
        country = country.lower() if country.isascii() else folded(country)
        if country in FIRST_COUNTRIES:
            fit += 10
            lines.append(("fit.first_country", 100_000))
        elif country in THIRD_COUNTRIES:
            fit -= 5
            lines.append(("fit.third_country", -50_000))
    employees = lead["employees"]
    if employees is None:
        known -= 1
    elif employees >= 5001.0:
        fit += 12
        lines.append(("fit.huge", 120_000))
    elif employees >= 1001.0:
        fit += 20
        lines.append(("fit.very_large", 200_000))
    elif employees >= 201.0:
        fit += 15
        lines.append(("fit.large", 150_000))
    elif employees >= 51.0:
        fit += 10
        lines.append(("fit.medium", 100_000))
    elif employees >= 11.0:
        fit += 5
        lines.append(("fit.small", 50_000))
    elif employees >= 1.0:
        fit -= 5
        lines.append(("fit.tiny", -50_000))
    v = lead["revenue"]
    if v is None:
        known -= 1
    elif v >= 100_000_000.0:
        fit += 15
        lines.append(("fit.revenue_100m", 150_000))
    elif v >= 10_000_000.0:
        fit += 10
        lines.append(("fit.revenue_10m", 100_000))
    elif v >= 1_000_000.0:
        fit += 5
        lines.append(("fit.revenue_1m", 50_000))
    v = lead["job_title"]
    if v is None:
        known -= 1
    else:
        v = v.lower() if v.isascii() else folded(v)
        if "chief" in v or "ceo" in v or "cto" in v or "founder" in v:
            fit += 20
            lines.append(("fit.founder", 200_000))
        if "vp" in v or "vice president" in v:
            fit += 15
            lines.append(("fit.vice_president", 150_000))
        if "director" in v:
            fit += 12
            lines.append(("fit.director", 120_000))
        if "manager" in v or "head of" in v:
            fit += 8
            lines.append(("fit.manager", 80_000))
        if "student" in v or "intern" in v:
            fit -= 20
            lines.append(("fit.student", -200_000))
    if email is not None:
        if domain in FREE_MAIL:
            fit -= 10
            lines.append(("fit.free_mail", -100_000))
        if email.endswith(".edu"):
            fit -= 10
            lines.append(("fit.university", -100_000))
        if email.endswith((".gov", ".mil")):
            fit -= 5
            lines.append(("fit.public_body", -50_000))
        if "test" in email or "noreply" in email:
            fit -= 40
            lines.append(("fit.test_mail", -400_000))
    if lead["phone"] is None:
        known -= 1
    else:
        fit += 3
        lines.append(("fit.phone", 30_000))
    if lead["website"] is None:
        known -= 1
    else:
        fit += 2
        lines.append(("fit.website", 20_000))
    if lead["linkedin"] is None:
        known -= 1
    else:
        fit += 2
        lines.append(("fit.linkedin", 20_000))
    v = lead["lead_source"]
    if v is None:
        known -= 1
    else:
        v = v.lower() if v.isascii() else folded(v)
        if v == "referral":
            fit += 15
            lines.append(("fit.referral", 150_000))
        elif v == "webinar":
            fit += 8
            lines.append(("fit.webinar", 80_000))
        elif v in GOOD_SOURCES:
            fit += 3
            lines.append(("fit.good_source", 30_000))
    v = lead["tech"]
    if v is None:
        known -= 1
    else:
        v = v.lower() if v.isascii() else folded(v)
        if v in GOOD_TECH:
            fit += 7
            lines.append(("fit.good_tech", 70_000))
    unsubscribed = lead["unsubscribed"]
    if unsubscribed is None:
        known -= 1
    v = lead["budget"]
    if v is None:
        known -= 1
    elif v >= 10_000.0 and unsubscribed is False:
        fit += 10
        lines.append(("fit.budget", 100_000))
    fit *= POINT
    if fit < 0:
        lines.append(("fit.range", -fit, fit))
        fit = 0
    elif fit > 100 * POINT:
        lines.append(("fit.range", 100 * POINT - fit, fit))
        fit = 100 * POINT

    day_7, day_14, day_30, day_90 = now - 7 * DAY, now - 14 * DAY, now - 30 * DAY, now - 90 * DAY
    webinar_cut, download_cut, demo_cut = now - WEBINAR_DAYS, now - DOWNLOAD_DAYS, now - DEMO_DAYS
    views = pricing = opens = clicks = forms = webinars = downloads = demos = 0
    last = last_login = NEVER
    first_demo = ALWAYS
    gone = False
    for event in events:
        at = event["at"]
        if at > now:
            continue
        if at > last:
            last = at
        kind = event["event"]
        if kind == "page_view":
            if at > day_30:
                views += 1
                if at > day_14:
                    url = event["url"]
                    if url is not None and "/pricing" in (url.lower() if url.isascii() else folded(url)):
                        pricing += 1
        elif kind == "email_open":
            if at > day_30:
                opens += 1
        elif kind == "login":
            if at > last_login:
                last_login = at
        elif kind == "email_click":
            if at > day_30:
                clicks += 1
        elif kind == "content_download":
            if at > download_cut:
                downloads += DOWNLOAD[(now - at) // DAY]
        elif kind == "form_submit":
            if at > day_90:
                forms += 1
        elif kind == "webinar_attended":
            if at > webinar_cut:
                webinars += WEBINAR[(now - at) // DAY]
        elif kind == "demo_request":
            if at > demo_cut:
                demos += DEMO[(now - at) // DAY]
            if at < first_demo:
                first_demo = at
        elif kind == "unsubscribe":
            gone = True

    engagement = 0
    if views:
        p = views * POINT
        if views <= 10:
            engagement += p
            lines.append(("engagement.views", p))
        else:
            engagement += 10 * POINT
            lines.append(("engagement.views", 10 * POINT, p))
    if pricing:
        p = pricing * (5 * POINT)
        if pricing <= 4:
            engagement += p
            lines.append(("engagement.pricing", p))
        else:
            engagement += 20 * POINT
            lines.append(("engagement.pricing", 20 * POINT, p))
    if opens:
        p = opens * POINT
        if opens <= 5:
            engagement += p
            lines.append(("engagement.opens", p))
        else:
            engagement += 5 * POINT
            lines.append(("engagement.opens", 5 * POINT, p))
    if clicks:
        p = clicks * (3 * POINT)
        if clicks <= 5:
            engagement += p
            lines.append(("engagement.clicks", p))
        else:
            engagement += 15 * POINT
            lines.append(("engagement.clicks", 15 * POINT, p))
    if forms:
        p = forms * (10 * POINT)
        if forms <= 3:
            engagement += p
            lines.append(("engagement.forms", p))
        else:
            engagement += 30 * POINT
            lines.append(("engagement.forms", 30 * POINT, p))
    if webinars:
        if webinars <= 40 * POINT:
            engagement += webinars
            lines.append(("engagement.webinars", webinars))
        else:
            engagement += 40 * POINT
            lines.append(("engagement.webinars", 40 * POINT, webinars))
    if downloads:
        if downloads <= 24 * POINT:
            engagement += downloads
            lines.append(("engagement.downloads", downloads))
        else:
            engagement += 24 * POINT
            lines.append(("engagement.downloads", 24 * POINT, downloads))
    if demos:
        if demos <= 60 * POINT:
            engagement += demos
            lines.append(("engagement.demos", demos))
        else:
            engagement += 60 * POINT
            lines.append(("engagement.demos", 60 * POINT, demos))
    if last_login > day_7:
        engagement += 10 * POINT
        lines.append(("engagement.active", 10 * POINT))
    if day_90 < first_demo < ALWAYS:
        engagement += 10 * POINT
        lines.append(("engagement.new_demand", 10 * POINT))
    if last <= day_30:
        engagement -= 25 * POINT
        lines.append(("engagement.silent", -25 * POINT))
    if gone:
        engagement -= 30 * POINT
        lines.append(("engagement.gone", -30 * POINT))
    if engagement < 0:
        lines.append(("engagement.range", -engagement, engagement))
        engagement = 0
    elif engagement > 100 * POINT:
        lines.append(("engagement.range", 100 * POINT - engagement, engagement))
        engagement = 100 * POINT

    total = fit + engagement
    lines.append(("total", total))
    grade = "A" if fit >= 75 * POINT else "B" if fit >= 50 * POINT else "C" if fit >= 25 * POINT else "D"
    interest = (
        "1"
        if engagement >= 75 * POINT
        else "2"
        if engagement >= 50 * POINT
        else "3"
        if engagement >= 25 * POINT
        else "4"
    )
    readiness = "hot" if total >= 110 * POINT else "warm" if total >= 60 * POINT else "cold"
    embargo = EVERYTHING if country in SANCTIONED else ()
    unreachable = CONTACT if email is None else ()
    rivals = EVERYTHING if domain in COMPETITORS else ()
    consent = CONTACT if unsubscribed else ()
    no_company = ("sales",) if employees is not None and employees < 1.0 else ()
    outcome, row, passed_over = GRID[grade][interest], 1, ()
    if embargo or unreachable or rivals or consent or no_company:
        gates = {
            "embargo": embargo,
            "unreachable": unreachable,
            "rivals": rivals,
            "consent": consent,
            "no_company": no_company,
        }
        barring = tuple([name for name, barred in gates.items() if outcome in barred])
        if barring:
            outcome, row, passed_over = "none", 2, ((1, barring),)
    return (
        (fit, engagement, total),
        (grade, interest, readiness),
        (embargo, unreachable, rivals, consent, no_company),
        ((outcome, row, passed_over),),
        known,
        lines,
    )


def fit_of(lead: dict[str, Any]) -> int:
    """The 30 attribute rules alone, for the comparison with other engines, which have no events."""
    fit: int = score(lead, [], 0)[0][0]
    return fit


def naive(lead: dict[str, Any], events: list[dict[str, Any]], now: int) -> tuple[int, int]:
    """Fit and engagement as most people would write them first: `lower()` where it is needed, a comprehension for each
    rule over events."""

    def low(name: str) -> str:
        return (lead.get(name) or "").lower()

    def number(name: str) -> float:
        value = lead.get(name)
        return -1.0 if value is None else value

    def recent(kind: str, days: int) -> list[dict[str, Any]]:
        return [e for e in events if e["event"] == kind and now - days * DAY < e["at"] <= now]

    def decay(kind: str, table: list[int]) -> int:
        ages = [(now - e["at"]) // DAY for e in events if e["event"] == kind and e["at"] <= now]
        return sum(table[age] for age in ages if age < len(table))

    domain = low("email").rpartition("@")[2]
    title, employees, revenue = low("job_title"), number("employees"), number("revenue")
    fit = sum(
        points
        for points, holds in (
            (15, low("industry") in TARGET_INDUSTRIES),
            (-10, low("industry") in POOR_INDUSTRIES),
            (10, low("country") in FIRST_COUNTRIES),
            (-5, low("country") in THIRD_COUNTRIES),
            (-5, 1 <= employees < 11),
            (5, 11 <= employees < 51),
            (10, 51 <= employees < 201),
            (15, 201 <= employees < 1001),
            (20, 1001 <= employees < 5001),
            (12, employees >= 5001),
            (5, 1e6 <= revenue < 1e7),
            (10, 1e7 <= revenue < 1e8),
            (15, revenue >= 1e8),
            (20, any(word in title for word in ("chief", "ceo", "cto", "founder"))),
            (15, any(word in title for word in ("vp", "vice president"))),
            (12, "director" in title),
            (8, any(word in title for word in ("manager", "head of"))),
            (-20, any(word in title for word in ("student", "intern"))),
            (-10, domain in FREE_MAIL),
            (-10, low("email").endswith(".edu")),
            (-5, low("email").endswith((".gov", ".mil"))),
            (-40, any(word in low("email") for word in ("test", "noreply"))),
            (3, lead.get("phone") is not None),
            (2, lead.get("website") is not None),
            (2, lead.get("linkedin") is not None),
            (15, low("lead_source") == "referral"),
            (8, low("lead_source") == "webinar"),
            (3, low("lead_source") in GOOD_SOURCES),
            (7, low("tech") in GOOD_TECH),
            (10, number("budget") >= 10_000 and lead.get("unsubscribed") is False),
        )
        if holds
    )
    logins = [e["at"] for e in events if e["event"] == "login" and e["at"] <= now]
    demands = [e["at"] for e in events if e["event"] == "demo_request" and e["at"] <= now]
    engagement = sum(
        (
            min(len(recent("page_view", 30)), 10) * POINT,
            min(sum("/pricing" in (e["url"] or "").lower() for e in recent("page_view", 14)) * 5, 20) * POINT,
            min(len(recent("email_open", 30)), 5) * POINT,
            min(len(recent("email_click", 30)) * 3, 15) * POINT,
            min(len(recent("form_submit", 90)) * 10, 30) * POINT,
            min(decay("webinar_attended", WEBINAR), 40 * POINT),
            min(decay("content_download", DOWNLOAD), 24 * POINT),
            min(decay("demo_request", DEMO), 60 * POINT),
            10 * POINT if logins and max(logins) > now - 7 * DAY else 0,
            10 * POINT if demands and min(demands) > now - 90 * DAY else 0,
            -25 * POINT if not [e for e in events if now - 30 * DAY < e["at"] <= now] else 0,
            -30 * POINT if [e for e in events if e["event"] == "unsubscribe" and e["at"] <= now] else 0,
        )
    )
    return min(max(fit, 0), 100) * POINT, min(max(engagement, 0), 100 * POINT)
