"""The reference workload as statements for DuckDB, as people write them by hand.

`best` is what we could make fastest: only rows that can still matter, states as small as they can be, exact numbers.
`natural` is what most people would write first: an aggregate with a CASE for each rule, points as doubles. `scan` reads
the same columns and does nothing with them, which is as fast as any statement can be.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timezone
from pathlib import Path

from benchmarks.hand_written import (
    COMPETITORS,
    FIRST_COUNTRIES,
    FREE_MAIL,
    GOOD_SOURCES,
    GOOD_TECH,
    POOR_INDUSTRIES,
    SANCTIONED,
    TARGET_INDUSTRIES,
    THIRD_COUNTRIES,
)
from benchmarks.leads import AS_OF
from benchmarks.table_rules import POINT, EventRule, Form, reach
from scorec.dsl.values import DAY, SECOND

KNOWN = (
    *("email", "job_title", "industry", "country", "employees", "revenue", "lead_source", "phone", "website"),
    *("linkedin", "tech", "budget", "unsubscribed"),
)
"""The fields that the policy reads."""


def best(leads: Path, events: Path, rules: Sequence[EventRule]) -> str:
    aggregates = [f"{_aggregate(rule)} AS {rule.name}" for rule in rules]
    return _exact(leads, rules, _gathered(events, rules, aggregates))


def packed(leads: Path, events: Path, rules: Sequence[EventRule]) -> str:
    """`best` with three counters in each number and all that is yes or no in the bits of one: still fewer states. It is
    exact as long as no lead has two million events of a kind, and nobody would want to read it."""
    counted = [rule for rule in rules if rule.form is Form.COUNTED]
    halving = [rule for rule in rules if rule.form is Form.HALVING]
    flags = [rule for rule in rules if rule.form not in (Form.COUNTED, Form.HALVING)]
    aggregates, columns = [], []
    for first in range(0, len(counted), 3):
        word = f"counted_{first}"
        group = counted[first : first + 3]
        parts = [(rule.event, _bit(_counts(rule), _COUNTER * place)) for place, rule in enumerate(group)]
        aggregates.append(f"sum_no_overflow({_by_kind(parts)}) AS {word}")
        columns += [
            f"({word} >> {_COUNTER * place}) & {(1 << _COUNTER) - 1} AS {rule.name}" for place, rule in enumerate(group)
        ]
    aggregates += [f"{_aggregate(rule)} AS {rule.name}" for rule in halving]
    columns += [rule.name for rule in halving]
    for first in range(0, len(flags), 30):
        word = f"flags_{first}"
        group = flags[first : first + 30]
        parts = []
        for place, rule in enumerate(group):
            yes, no = 2 * place, 2 * place + 1
            recent = f'"at" > {_moment(rule.days)}' if rule.days else "true"
            parts.append((rule.event, _bit(recent, yes)))
            if rule.form is Form.FIRST:
                parts.append((rule.event, _bit(f"NOT {recent}", no)))
            columns.append(f"({word} >> {yes}) & 3 = 1 AS {rule.name}")
        aggregates.append(f"bit_or({_by_kind(parts)}) AS {word}")
    gathered = f"(SELECT lead_id, {', '.join(columns)} FROM {_gathered(events, rules, aggregates)})"
    return _exact(leads, rules, gathered)


def by_kind(leads: Path, events: Path, rules: Sequence[EventRule]) -> str:
    """`best` for many rules: the events that can still matter are read once, and those of each kind are gathered by its
    own rules only. Every kind costs a join."""
    kinds = list(dict.fromkeys(rule.event for rule in rules))
    joins = []
    for kind in kinds:
        own = [rule for rule in rules if rule.event == kind]
        (days,) = reach(own).values()
        tests = [f"event = '{kind}'"] if kind else []
        tests += [f'"at" > {_moment(days)}'] if days is not None else []
        columns = ["lead_id", *(f"{_aggregate(rule)} AS {rule.name}" for rule in own)]
        joins.append(f"(SELECT {', '.join(columns)} FROM kept WHERE {' AND '.join(tests) or 'true'} GROUP BY lead_id)")
    kept = f"""
WITH kept AS MATERIALIZED (
    SELECT lead_id, event, "at", url FROM {_file(events)} WHERE "at" <= {_moment(0)} AND ({worth_reading(rules)}))"""
    return kept + _exact(leads, rules, *joins)


def _exact(leads: Path, rules: Sequence[EventRule], *gathered: str) -> str:
    engagement = " + ".join(f"CAST({_ticks(rule)} AS BIGINT)" for rule in rules)
    joins = "".join(f" LEFT JOIN {relation} USING (lead_id)" for relation in gathered)
    return _result(
        f"""
SELECT lead_id, greatest(0, least(100, {_FIT})) * CAST({POINT} AS BIGINT) AS fit,
       greatest(0, least({100 * POINT}, {engagement})) AS engagement,
       {_KNOWN} AS known, {_GATES}
FROM ({_leads(leads)}){joins}
""",
        POINT,
    )


def _leads(leads: Path) -> str:
    return f"""
SELECT *, lower(industry) AS its_industry, lower(country) AS its_country, lower(job_title) AS title,
       lower(email) AS mail, lower(split_part(email, '@', -1)) AS domain, lower(lead_source) AS source,
       lower(tech) AS its_tech
FROM {_file(leads)}"""


def natural(leads: Path, events: Path, rules: Sequence[EventRule]) -> str:
    aggregates = ",\n".join(f"       {_natural_aggregate(rule)} AS {rule.name}" for rule in rules)
    engagement = " + ".join(_natural_points(rule) for rule in rules)
    return _result(
        f"""
SELECT lead_id, greatest(0, least(100, {_FIT})) AS fit,
       round(greatest(0, least(100, {engagement})), 4) AS engagement,
       {_KNOWN} AS known, {_GATES}
FROM ({_leads(leads)}) LEFT JOIN (
SELECT lead_id,
{aggregates}
FROM {_file(events)} WHERE "at" <= {_moment(0)} GROUP BY lead_id) USING (lead_id)
""",
        1,
    )


def scan(leads: Path, events: Path, rules: Sequence[EventRule]) -> str:
    """Reads all that the policy reads."""
    texts = ("email", "job_title", "industry", "country", "lead_source", "phone", "website", "linkedin", "tech")
    of_leads = [f"sum(strlen({name}))" for name in texts]
    of_leads += ["max(lead_id)", "sum(employees)", "sum(revenue)", "sum(budget)", "count_if(unsubscribed)"]
    of_events = ["max(lead_id)", 'max("at")', "count(CASE WHEN event = 'demo_request' THEN 1 END)", "sum(strlen(url))"]
    return (
        f"SELECT * FROM (SELECT {', '.join(of_leads)} FROM {_file(leads)}),"
        f" (SELECT {', '.join(of_events)} FROM {_file(events)})"
    )


# ------------------------------------------------------------------ attributes


def _among(values: Iterable[str]) -> str:
    return "(" + ", ".join(f"'{value}'" for value in sorted(values)) + ")"


_FIT = f"""
    CASE WHEN its_industry IN {_among(TARGET_INDUSTRIES)} THEN 15
         WHEN its_industry IN {_among(POOR_INDUSTRIES)} THEN -10 ELSE 0 END
  + CASE WHEN its_country IN {_among(FIRST_COUNTRIES)} THEN 10 WHEN its_country IN {_among(THIRD_COUNTRIES)} THEN -5
         ELSE 0 END
  + CASE WHEN employees >= 5001 THEN 12 WHEN employees >= 1001 THEN 20 WHEN employees >= 201 THEN 15
         WHEN employees >= 51 THEN 10 WHEN employees >= 11 THEN 5 WHEN employees >= 1 THEN -5 ELSE 0 END
  + CASE WHEN revenue >= 1e8 THEN 15 WHEN revenue >= 1e7 THEN 10 WHEN revenue >= 1e6 THEN 5 ELSE 0 END
  + CASE WHEN contains(title, 'chief') OR contains(title, 'ceo') OR contains(title, 'cto') OR contains(title, 'founder')
         THEN 20 ELSE 0 END
  + CASE WHEN contains(title, 'vp') OR contains(title, 'vice president') THEN 15 ELSE 0 END
  + CASE WHEN contains(title, 'director') THEN 12 ELSE 0 END
  + CASE WHEN contains(title, 'manager') OR contains(title, 'head of') THEN 8 ELSE 0 END
  + CASE WHEN contains(title, 'student') OR contains(title, 'intern') THEN -20 ELSE 0 END
  + CASE WHEN domain IN {_among(FREE_MAIL)} THEN -10 ELSE 0 END
  + CASE WHEN ends_with(mail, '.edu') THEN -10 ELSE 0 END
  + CASE WHEN ends_with(mail, '.gov') OR ends_with(mail, '.mil') THEN -5 ELSE 0 END
  + CASE WHEN contains(mail, 'test') OR contains(mail, 'noreply') THEN -40 ELSE 0 END
  + CASE WHEN phone IS NOT NULL THEN 3 ELSE 0 END
  + CASE WHEN website IS NOT NULL THEN 2 ELSE 0 END
  + CASE WHEN linkedin IS NOT NULL THEN 2 ELSE 0 END
  + CASE WHEN source = 'referral' THEN 15 WHEN source = 'webinar' THEN 8 WHEN source IN {_among(GOOD_SOURCES)} THEN 3
         ELSE 0 END
  + CASE WHEN its_tech IN {_among(GOOD_TECH)} THEN 7 ELSE 0 END
  + CASE WHEN budget >= 10000 AND NOT unsubscribed THEN 10 ELSE 0 END"""

_KNOWN = " + ".join(f"CAST({name} IS NOT NULL AS INTEGER)" for name in KNOWN)

_GATES = f"""
       coalesce(its_country IN {_among(SANCTIONED)}, false) OR coalesce(domain IN {_among(COMPETITORS)}, false) AS shut,
       email IS NULL OR coalesce(unsubscribed, false) AS no_contact, coalesce(employees < 1, false) AS no_company"""


def _result(scored: str, point: int) -> str:
    """Bands, the grid behind its gates, and everything as it is shown. `point` is what a point is in the scores."""

    def grade(score: str, labels: str) -> str:
        a, b, c, d = labels
        return (
            f"CASE WHEN {score} >= {75 * point} THEN '{a}' WHEN {score} >= {50 * point} THEN '{b}'"
            f" WHEN {score} >= {25 * point} THEN '{c}' ELSE '{d}' END"
        )

    def shown(score: str) -> str:
        if point == 1:
            return f"CAST({score} AS DECIMAL(18, 4))"
        return f"CAST({score} AS DECIMAL(14, 0)) * CAST(0.0001 AS DECIMAL(4, 4))"

    return f"""
SELECT lead_id, {shown("fit")} AS fit, {shown("engagement")} AS engagement, {shown("fit + engagement")} AS total,
       fit_grade, interest,
       CASE WHEN fit + engagement >= {110 * point} THEN 'hot' WHEN fit + engagement >= {60 * point} THEN 'warm'
            ELSE 'cold' END AS readiness,
       CASE WHEN shut THEN 'none'
            WHEN grid = 'sales' AND (no_contact OR no_company) OR grid = 'nurture' AND no_contact THEN 'none'
            ELSE grid END AS next_step,
       CAST((known * {2 * POINT} + {len(KNOWN)}) // {2 * len(KNOWN)} AS DECIMAL(14, 0)) * CAST(0.0001 AS DECIMAL(4, 4))
           AS completeness
FROM (SELECT *, CASE fit_grade
           WHEN 'A' THEN CASE WHEN interest <= '2' THEN 'sales' ELSE 'nurture' END
           WHEN 'B' THEN CASE WHEN interest = '1' THEN 'sales' ELSE 'nurture' END
           WHEN 'C' THEN CASE interest WHEN '1' THEN 'research' WHEN '2' THEN 'nurture' ELSE 'recycle' END
           ELSE CASE WHEN interest = '1' THEN 'research' ELSE 'recycle' END END AS grid
      FROM (SELECT *, {grade("fit", "ABCD")} AS fit_grade, {grade("engagement", "1234")} AS interest
            FROM ({scored})))"""


# ------------------------------------------------------------------ events


def _gathered(events: Path, rules: Sequence[EventRule], aggregates: Sequence[str]) -> str:
    columns = ",\n       ".join(("lead_id", *aggregates))
    return f"""(
SELECT {columns}
FROM {_file(events)} WHERE "at" <= {_moment(0)} AND ({worth_reading(rules)}) GROUP BY lead_id)"""


def worth_reading(rules: Sequence[EventRule]) -> str:
    """The test that an event can still change something."""
    back = reach(rules)
    of_any = back.pop("", 0) or 0
    tests = [f'"at" > {_moment(of_any)}'] if of_any else []
    ever = sorted(event for event, days in back.items() if days is None)
    if ever:
        tests.append(f"event IN {_among(ever)}")
    by_days: dict[int, list[str]] = {}
    for event, days in back.items():
        if days is not None and days > of_any:
            by_days.setdefault(days, []).append(event)
    tests += [f'("at" > {_moment(days)} AND event IN {_among(names)})' for days, names in sorted(by_days.items())]
    return " OR ".join(tests)


def _aggregate(rule: EventRule) -> str:
    test = f"event = '{rule.event}'"
    match rule.form:
        case Form.COUNTED:
            return f"count(CASE WHEN {test} AND {_counts(rule)} THEN 1 END)"
        case Form.HALVING:
            # In whole days, so that all that can come out is known: a double rounds every one of them right.
            left = f"{rule.points * POINT} * pow(0.5, {_AGE} / {rule.days}.0e0)"
            return f"sum_no_overflow(CASE WHEN {test} THEN CAST(round({left}) AS BIGINT) END)"
        case Form.LAST:
            return f'bool_or({test} AND "at" > {_moment(rule.days)})'
        case Form.FIRST:
            return f'min(CASE WHEN {test} THEN "at" END) > {_moment(rule.days)}'
        case Form.SILENCE:
            return f'bool_or("at" > {_moment(rule.days)})'
        case Form.EVER:
            return f"bool_or({test})"


def _counts(rule: EventRule) -> str:
    page = f" AND contains(lower(url), '{rule.page}')" if rule.page else ""
    return f'"at" > {_moment(rule.days)}{page}'


_COUNTER = 21
"""The bits of a counter, three of which are in a number."""


def _bit(test: str, place: int) -> str:
    return f"CASE WHEN {test} THEN {1 << place} ELSE 0 END"


def _by_kind(parts: Sequence[tuple[str, str]]) -> str:
    """The sum of what an event of its kind adds; the kind "" is any."""
    kinds = list(dict.fromkeys(kind for kind, _ in parts if kind))
    terms = [part for kind, part in parts if not kind]
    if kinds:
        branches = [f"WHEN '{kind}' THEN {' + '.join(part for its, part in parts if its == kind)}" for kind in kinds]
        terms.append(f"CASE event {' '.join(branches)} ELSE 0 END")
    return f"CAST({' + '.join(terms)} AS BIGINT)"


def _ticks(rule: EventRule) -> str:
    """The points of a rule, in ten-thousandths."""
    match rule.form:
        case Form.COUNTED:
            return f"least(coalesce({rule.name}, 0) * {rule.points}, {rule.most}) * {POINT}"
        case Form.HALVING:
            return f"least(coalesce({rule.name}, 0), {rule.most * POINT})"
        case Form.SILENCE:
            return f"CASE WHEN {rule.name} THEN 0 ELSE {rule.points * POINT} END"
        case _:
            return f"CASE WHEN {rule.name} THEN {rule.points * POINT} ELSE 0 END"


_AGE = f"""(({AS_OF} - epoch_us("at")) // {DAY})"""


def _natural_aggregate(rule: EventRule) -> str:
    test = f"event = '{rule.event}'"
    match rule.form:
        case Form.COUNTED:
            page = f" AND url ILIKE '%{rule.page}%'" if rule.page else ""
            return f'count(CASE WHEN {test} AND "at" > {_moment(rule.days)}{page} THEN 1 END)'
        case Form.HALVING:
            return f"sum(CASE WHEN {test} THEN {rule.points} * pow(0.5, {_AGE} / {rule.days}) END)"
        case Form.LAST | Form.EVER:
            return f'max(CASE WHEN {test} THEN "at" END)'
        case Form.FIRST:
            return f'min(CASE WHEN {test} THEN "at" END)'
        case Form.SILENCE:
            return 'max("at")'


def _natural_points(rule: EventRule) -> str:
    match rule.form:
        case Form.COUNTED:
            return f"least(coalesce({rule.name}, 0) * {rule.points}, {rule.most})"
        case Form.HALVING:
            return f"least(coalesce({rule.name}, 0), {rule.most})"
        case Form.LAST | Form.FIRST:
            return f"CASE WHEN {rule.name} > {_moment(rule.days)} THEN {rule.points} ELSE 0 END"
        case Form.SILENCE:
            return f"CASE WHEN {rule.name} > {_moment(rule.days)} THEN 0 ELSE {rule.points} END"
        case Form.EVER:
            return f"CASE WHEN {rule.name} IS NOT NULL THEN {rule.points} ELSE 0 END"


# ------------------------------------------------------------------ small parts


def _file(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _moment(days: int) -> str:
    """The instant so many days before the as-of instant."""
    moment = datetime.fromtimestamp((AS_OF - days * DAY) // SECOND, timezone.utc)
    return f"TIMESTAMPTZ '{moment:%Y-%m-%d %H:%M:%S}+00'"
