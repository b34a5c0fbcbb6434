"""The reference workload in Polars and in pandas, as people write it by hand. Both give the exact result."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
from benchmarks.table_sql import KNOWN
from scorec.dsl.values import DAY, SECOND

if TYPE_CHECKING:
    import pandas
    import polars

NOW = datetime.fromtimestamp(AS_OF // SECOND, timezone.utc)


def with_polars(leads: Path, events: Path, rules: Sequence[EventRule], out: Path) -> None:
    """A lazy query that streams from file to file."""
    import polars as pl

    col, lit = pl.col, pl.lit

    def ago(days: int) -> polars.Expr:
        return lit(NOW - timedelta(days=days), dtype=pl.Datetime("us", "UTC"))

    def chain(*steps: tuple[polars.Expr, Any], otherwise: Any = 0) -> polars.Expr:
        """The first that holds."""
        first, *others = steps
        found: Any = pl.when(first[0]).then(lit(first[1]))
        for test, value in others:
            found = found.when(test).then(lit(value))
        return found.otherwise(lit(otherwise) if not isinstance(otherwise, pl.Expr) else otherwise)

    def among(name: str, values: Collection[str]) -> polars.Expr:
        return col(name).is_in(sorted(values))

    def holds(name: str, *needles: str) -> polars.Expr:
        return col(name).str.contains_any(list(needles))

    def points(rule: EventRule) -> polars.Expr:
        """What a rule gathers of the events."""
        of_kind = col("event") == rule.event
        match rule.form:
            case Form.COUNTED:
                test = of_kind & (col("at") > ago(rule.days))
                if rule.page:
                    test = test & col("url").str.to_lowercase().str.contains(rule.page, literal=True)
                found = test.sum()
            case Form.HALVING:
                # Halves are rounded up; `round` would take them to the even neighbour.
                left = (rule.points * POINT * lit(0.5).pow(col("age") / rule.days) + 0.5).floor()
                found = pl.when(of_kind).then(left.cast(pl.Int64)).sum()
            case Form.LAST:
                found = (of_kind & (col("at") > ago(rule.days))).any()
            case Form.FIRST:
                found = pl.when(of_kind).then(col("at")).min() > ago(rule.days)
            case Form.SILENCE:
                found = (col("at") > ago(rule.days)).any()
            case Form.EVER:
                found = of_kind.any()
        return found.alias(rule.name)

    def ticks(rule: EventRule) -> polars.Expr:
        match rule.form:
            case Form.COUNTED:
                counted = col(rule.name).fill_null(0).cast(pl.Int64) * rule.points
                return counted.clip(upper_bound=rule.most) * POINT
            case Form.HALVING:
                return col(rule.name).fill_null(0).clip(upper_bound=rule.most * POINT)
            case Form.SILENCE:
                return chain((col(rule.name), 0), otherwise=rule.points * POINT).cast(pl.Int64)
            case _:
                return chain((col(rule.name), rule.points * POINT)).cast(pl.Int64)

    worth_reading = lit(False)
    for kind, days in reach(rules).items():
        test = (col("event") == kind) if kind else lit(True)
        worth_reading = worth_reading | (test if days is None else test & (col("at") > ago(days)))
    age = (lit(NOW, dtype=pl.Datetime("us", "UTC")) - col("at")).dt.total_microseconds() // DAY
    gathered = (
        pl.scan_parquet(events)
        .filter((col("at") <= ago(0)) & worth_reading)
        .with_columns(age=age)
        .group_by("lead_id")
        .agg([points(rule) for rule in rules])
    )
    folded = ("industry", "country", "job_title", "email", "lead_source", "tech")
    fit = pl.sum_horizontal(
        chain((among("industry", TARGET_INDUSTRIES), 15), (among("industry", POOR_INDUSTRIES), -10)),
        chain((among("country", FIRST_COUNTRIES), 10), (among("country", THIRD_COUNTRIES), -5)),
        chain(*((col("employees") >= least, its) for least, its in _EMPLOYEES)),
        chain(*((col("revenue") >= least, its) for least, its in _REVENUE)),
        *(chain((holds("job_title", *needles), its)) for its, needles in _TITLES),
        chain((among("domain", FREE_MAIL), -10)),
        chain((col("email").str.ends_with(".edu"), -10)),
        chain((col("email").str.ends_with(".gov") | col("email").str.ends_with(".mil"), -5)),
        chain((holds("email", "test", "noreply"), -40)),
        *(chain((col(name).is_not_null(), its)) for name, its in (("phone", 3), ("website", 2), ("linkedin", 2))),
        chain(
            (col("lead_source") == "referral", 15),
            (col("lead_source") == "webinar", 8),
            (among("lead_source", GOOD_SOURCES), 3),
        ),
        chain((among("tech", GOOD_TECH), 7)),
        chain(((col("budget") >= 10_000) & ~col("unsubscribed"), 10)),
    ).cast(pl.Int64)
    engagement = pl.sum_horizontal([ticks(rule) for rule in rules])
    total = col("fit") + col("engagement")

    def grade(name: str, labels: str) -> polars.Expr:
        limits = ((75, labels[0]), (50, labels[1]), (25, labels[2]))
        return chain(*((col(name) >= limit * POINT, label) for limit, label in limits), otherwise=labels[3])

    cells = [((col("fit_grade") == row) & (col("interest") <= column), outcome) for row, column, outcome in _GRID]
    grid = chain(*cells, otherwise="recycle")
    shut = among("country", SANCTIONED).fill_null(False) | among("domain", COMPETITORS).fill_null(False)
    no_contact = col("email").is_null() | col("unsubscribed").fill_null(False)
    known = pl.sum_horizontal([col(name).is_not_null().cast(pl.Int64) for name in KNOWN])
    decimal = pl.Decimal(18, 4)
    (
        pl.scan_parquet(leads)
        .with_columns([col(name).str.to_lowercase() for name in folded])
        .with_columns(domain=col("email").str.split("@").list.last())
        .select(
            "lead_id",
            fit=fit.clip(0, 100) * POINT,
            known=known,
            shut=shut,
            no_contact=no_contact,
            no_company=(col("employees") < 1).fill_null(False),
        )
        .join(gathered, on="lead_id", how="left")
        .with_columns(engagement=engagement.clip(0, 100 * POINT))
        .with_columns(fit_grade=grade("fit", "ABCD"), interest=grade("engagement", "1234"), total=total)
        .with_columns(grid=grid)
        .with_columns(
            readiness=chain((total >= 110 * POINT, "hot"), (total >= 60 * POINT, "warm"), otherwise="cold"),
            next_step=chain(
                (col("shut"), "none"),
                ((col("grid") == "sales") & (col("no_contact") | col("no_company")), "none"),
                ((col("grid") == "nurture") & col("no_contact"), "none"),
                otherwise=col("grid"),
            ),
            completeness=(col("known") * 2 * POINT + len(KNOWN)) // (2 * len(KNOWN)),
        )
        .select(
            "lead_id",
            *((col(name).cast(pl.Decimal(18, 0)) * lit("0.0001").cast(decimal)).cast(decimal) for name in _SCORES),
            *("fit_grade", "interest", "readiness", "next_step"),
            (col("completeness").cast(pl.Decimal(18, 0)) * lit("0.0001").cast(decimal)).cast(decimal),
        )
        .sink_parquet(out)
    )


def with_pandas(leads: Path, events: Path, rules: Sequence[EventRule], out: Path) -> None:
    """A column for each rule, and one `groupby`."""
    import numpy as np
    import pandas as pd

    happened = pd.read_parquet(events)
    happened = happened[happened["at"] <= NOW]
    kind, at = happened["event"], happened["at"]
    age = (NOW - at) // timedelta(days=1)
    url = happened["url"].str.lower()
    columns: dict[str, pandas.Series] = {"lead_id": happened["lead_id"]}
    how: dict[str, str] = {}
    for rule in rules:
        of_kind, recent = kind == rule.event, at > NOW - timedelta(days=rule.days)
        match rule.form:
            case Form.COUNTED:
                test = of_kind & recent
                columns[rule.name] = test & url.str.contains(rule.page, regex=False, na=False) if rule.page else test
                how[rule.name] = "sum"
            case Form.HALVING:
                left = np.floor(rule.points * POINT * 0.5 ** (age / rule.days) + 0.5)
                columns[rule.name], how[rule.name] = left.where(of_kind, 0).astype("int64"), "sum"
            case Form.LAST:
                columns[rule.name], how[rule.name] = of_kind & recent, "max"
            case Form.FIRST:
                columns[rule.name], how[rule.name] = at.where(of_kind), "min"
            case Form.SILENCE:
                columns[rule.name], how[rule.name] = recent, "max"
            case Form.EVER:
                columns[rule.name], how[rule.name] = of_kind, "max"
    gathered = pd.DataFrame(columns).groupby("lead_id", sort=False).agg(how)

    table = pd.read_parquet(leads).join(gathered, on="lead_id")
    low = {
        name: table[name].str.lower() for name in ("industry", "country", "job_title", "email", "lead_source", "tech")
    }
    domain = low["email"].str.rsplit("@", n=1).str[-1]

    def chain(*steps: tuple[Any, Any], otherwise: Any = 0) -> Any:
        tests = [np.asarray(test.fillna(False), dtype=bool) for test, _ in steps]
        return np.select(tests, [value for _, value in steps], otherwise)

    def holds(name: str, *needles: str) -> Any:
        return low[name].str.contains("|".join(needles), na=False)

    employees, revenue, source = table["employees"], table["revenue"], low["lead_source"]
    fit = (
        chain((low["industry"].isin(TARGET_INDUSTRIES), 15), (low["industry"].isin(POOR_INDUSTRIES), -10))
        + chain((low["country"].isin(FIRST_COUNTRIES), 10), (low["country"].isin(THIRD_COUNTRIES), -5))
        + chain(*((employees >= least, its) for least, its in _EMPLOYEES))
        + chain(*((revenue >= least, its) for least, its in _REVENUE))
        + sum(chain((holds("job_title", *needles), its)) for its, needles in _TITLES)
        + chain((domain.isin(FREE_MAIL), -10))
        + chain((low["email"].str.endswith(".edu"), -10))
        + chain((low["email"].str.endswith((".gov", ".mil")), -5))
        + chain((holds("email", "test", "noreply"), -40))
        + sum(chain((table[name].notna(), its)) for name, its in (("phone", 3), ("website", 2), ("linkedin", 2)))
        + chain((source == "referral", 15), (source == "webinar", 8), (source.isin(GOOD_SOURCES), 3))
        + chain((low["tech"].isin(GOOD_TECH), 7))
        + chain(((table["budget"] >= 10_000) & ~table["unsubscribed"], 10))
    )
    fit = np.clip(fit, 0, 100) * POINT
    engagement = np.zeros(len(table), dtype="int64")
    for rule in rules:
        found = table[rule.name]
        match rule.form:
            case Form.COUNTED:
                given = np.minimum(found.fillna(0).astype("int64") * rule.points, rule.most) * POINT
            case Form.HALVING:
                given = np.minimum(found.fillna(0).astype("int64"), rule.most * POINT)
            case Form.FIRST:
                given = chain((found > NOW - timedelta(days=rule.days), rule.points * POINT))
            case Form.SILENCE:
                given = chain((found == True, 0), otherwise=rule.points * POINT)  # noqa: E712
            case _:
                given = chain((found == True, rule.points * POINT))  # noqa: E712
        engagement = engagement + np.asarray(given)
    engagement = np.clip(engagement, 0, 100 * POINT)
    total = fit + engagement

    def grade(score: Any, labels: str) -> Any:
        return np.select([score >= limit * POINT for limit in (75, 50, 25)], list(labels[:3]), labels[3])

    fit_grade, interest = grade(fit, "ABCD"), grade(engagement, "1234")
    cells = [(fit_grade == row) & (interest <= column) for row, column, _ in _GRID]
    grid = np.select(cells, [outcome for _, _, outcome in _GRID], "recycle")
    no_contact = np.asarray(table["email"].isna() | table["unsubscribed"].fillna(False))
    shut = np.asarray(low["country"].isin(SANCTIONED) | domain.isin(COMPETITORS))
    no_company = np.asarray((employees < 1).fillna(False))
    barred = shut | (grid == "sales") & (no_contact | no_company) | (grid == "nurture") & no_contact
    known = table[list(KNOWN)].notna().sum(axis=1)
    shown = {"fit": fit, "engagement": engagement, "total": total}
    result = pd.DataFrame({"lead_id": table["lead_id"], **{name: score / POINT for name, score in shown.items()}})
    result["fit_grade"], result["interest"] = fit_grade, interest
    result["readiness"] = np.select([total >= 110 * POINT, total >= 60 * POINT], ["hot", "warm"], "cold")
    result["next_step"] = np.where(barred, "none", grid)
    result["completeness"] = (known * 2 * POINT + len(KNOWN)) // (2 * len(KNOWN)) / POINT
    result.to_parquet(out)


_SCORES = ("fit", "engagement", "total")
_EMPLOYEES = ((5001, 12), (1001, 20), (201, 15), (51, 10), (11, 5), (1, -5))
_REVENUE = ((100_000_000, 15), (10_000_000, 10), (1_000_000, 5))
_TITLES = (
    (20, ("chief", "ceo", "cto", "founder")),
    (15, ("vp", "vice president")),
    (12, ("director",)),
    (8, ("manager", "head of")),
    (-20, ("student", "intern")),
)
_GRID = (
    ("A", "2", "sales"),
    ("A", "4", "nurture"),
    ("B", "1", "sales"),
    ("B", "4", "nurture"),
    ("C", "1", "research"),
    ("C", "2", "nurture"),
    ("C", "4", "recycle"),
    ("D", "1", "research"),
)
"""(grade of fit, the highest number of interest, outcome); the first that fits, else `recycle`"""
