"""Two real tables at their full size: 45,211 telephone calls of a bank and 541,909 invoice lines of a shop."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, cached_property
from math import floor
from zoneinfo import ZoneInfo

import pytest
from shared_data import DATA, POLICIES, needs_data

import scorec
from scorec.compiler.batch import EventFile, Rejected, Summary, read_events, score_table, shape_of
from scorec.compiler.tables import open_writer
from scorec.dsl.values import instant

pytestmark = needs_data


# ------------------------------------------------------------------ bank marketing: points against a real outcome


@dataclass
class Campaign:
    """What scoring every customer gave, and who bought."""

    results: list[scorec.Result] = field(default_factory=list)
    bought: list[bool] = field(default_factory=list)


@pytest.fixture(scope="module")
def campaign() -> Campaign:
    policy = scorec.load(POLICIES / "bank_marketing.score")
    columns = [field.column or field.name for field in policy.program.fields]
    found = Campaign()
    with (DATA / "bank_marketing" / "bank-full.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found.results.append(policy.score({column: row[column] for column in columns}))
            found.bought.append(row["y"] == "yes")
    return found


def test_every_customer_of_the_bank_is_scored(campaign: Campaign) -> None:
    assert len(campaign.results) == 45_211
    assert sum(campaign.bought) == 5_289


def test_the_bank_s_policy_does_not_look_at_the_length_of_the_call() -> None:
    """It is known only after the call: a leak."""
    program = scorec.load(POLICIES / "bank_marketing.score").program
    assert "duration" not in {field.column or field.name for field in program.fields}


def test_the_scores_of_the_bank_are_spread_over_their_range(campaign: Campaign) -> None:
    totals = [result.scores["total"] for result in campaign.results]
    assert all(total is not None and 0 <= total <= 100 for total in totals)
    assert len(set(totals)) >= 50
    ordered = sorted(total for total in totals if total is not None)
    assert 15 <= ordered[len(ordered) // 2] <= 35
    assert all(
        sum(reason.points for reason in result.reasons if reason.score == "total") == result.scores["total"]
        for result in campaign.results[:500]
    )


def test_hot_customers_of_the_bank_buy_more_often_than_warm_ones_and_those_than_cold_ones(campaign: Campaign) -> None:
    called: Counter[str] = Counter()
    bought: Counter[str] = Counter()
    for result, yes in zip(campaign.results, campaign.bought, strict=True):
        called[result.bands["interest"]] += 1
        bought[result.bands["interest"]] += yes
    assert called == {"hot": 2_167, "warm": 12_883, "cold": 30_161}
    rate = {band: bought[band] / called[band] for band in called}
    assert rate["hot"] > rate["warm"] > rate["cold"]
    # Of 100 customers who are called 12 buy; the hot ones are worth several calls of the others.
    assert rate["hot"] > 3 * rate["warm"] and rate["warm"] > 2 * rate["cold"]


def test_the_bank_s_gate_holds_whatever_the_points(campaign: Campaign) -> None:
    barred = [result for result in campaign.results if result.gates["defaulters"]]
    assert len(barred) == 815
    assert {result.decisions["next_step"] for result in barred} == {"letter"}
    assert Counter(result.decisions["next_step"] for result in campaign.results) == {"call": 13_584, "letter": 31_627}


# ------------------------------------------------------------------ online retail: half a million events

NOW = datetime(2011, 12, 10, tzinfo=timezone.utc)
"""The midnight after the last invoice; London is on UTC in December."""

LONDON = ZoneInfo("Europe/London")
DAY = timedelta(days=1)


@dataclass
class Line:
    """One line of an invoice, as the file has it."""

    invoice: str
    quantity: int
    price: float
    at: datetime
    customer: int | None

    @property
    def is_cancelled(self) -> bool:
        return self.invoice.startswith("C")


@cache
def lines() -> tuple[Line, ...]:
    parquet = pytest.importorskip("pyarrow.parquet")
    table = parquet.read_table(DATA / "online_retail" / "online_retail.parquet")
    columns = ("InvoiceNo", "Quantity", "UnitPrice", "InvoiceDate", "CustomerID")
    return tuple(Line(*row) for row in zip(*(table[column].to_pylist() for column in columns), strict=True))


# ..... what we expect, computed here without a line of scorec


@dataclass
class Expected:
    """What one customer's facts give, by plain arithmetic."""

    lines: list[Line]

    @property
    def within_a_year(self) -> Iterator[tuple[Line, timedelta]]:
        for line in self.lines:
            age = NOW - line.at.replace(tzinfo=LONDON).astimezone(timezone.utc)
            if age < 365 * DAY:
                yield line, age

    @cached_property
    def recency(self) -> int:
        ages = [NOW - line.at.replace(tzinfo=LONDON) for line in self.lines if not line.is_cancelled]
        days = min(ages) // DAY if ages else 1000
        return 100 if days < 30 else 70 if days < 90 else 30 if days < 180 else 0

    @cached_property
    def frequency(self) -> int:
        orders = {line.invoice for line, _ in self.within_a_year if not line.is_cancelled}
        return min(10 * len(orders), 100)

    @cached_property
    def spending(self) -> Decimal:
        ticks = 0
        for line, _ in self.within_a_year:
            points = float(abs(line.quantity) if line.is_cancelled else line.quantity) * line.price / 100
            tick = floor(abs(points) * 10000 + 0.5) * (1 if points >= 0 else -1)
            ticks += -tick if line.is_cancelled else tick
        return Decimal(min(max(ticks, 0), 10_000 * 10_000)) / 10_000

    @cached_property
    def total(self) -> Decimal:
        money = (Decimal("0.3") * min(self.spending, Decimal(100))).quantize(Decimal("0.0001"), ROUND_HALF_UP)
        return Decimal("0.4") * self.recency + Decimal("0.3") * self.frequency + money

    @cached_property
    def standing(self) -> str:
        return "loyal" if self.total >= 60 else "regular" if self.total >= 30 else "occasional"

    @cached_property
    def next_step(self) -> str:
        if self.standing == "loyal":
            return "thank"
        return "win_back" if self.standing == "regular" and self.recency < 50 else "catalogue"

    @cached_property
    def momentum(self) -> Decimal:
        newest: dict[str, int] = {}
        for line in self.lines:
            if not line.is_cancelled:
                days = (NOW - line.at.replace(tzinfo=LONDON).astimezone(timezone.utc)) // DAY
                newest[line.invoice] = min(days, newest.get(line.invoice, days))
        ticks = sum(floor(100_000 * 2 ** (-days / 60) + 0.5) for days in newest.values())
        return Decimal(min(ticks, 200 * 10_000)) / 10_000


@pytest.fixture(scope="module")
def expected() -> dict[int, Expected]:
    by_customer: dict[int, list[Line]] = defaultdict(list)
    for line in lines():
        if line.customer is not None:
            by_customer[line.customer].append(line)
    return {customer: Expected(its_lines) for customer, its_lines in by_customer.items()}


# ..... what scorec makes of the same file


@dataclass
class Shop:
    """What scoring the shop's customers gave."""

    summary: Summary
    rejected: list[Rejected]
    rows: dict[int, dict[str, str]]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Both tables written as a shop would export them, and scored as the command line scores them."""
    pyarrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    folder = tmp_path_factory.mktemp("shop")
    keys = sorted({line.customer for line in lines() if line.customer is not None})
    customers = pyarrow.table({"customer_id": keys})
    parquet.write_table(customers, folder / "customers.parquet")
    events = pyarrow.table(
        {
            "customer_id": [line.customer for line in lines()],
            "event": ["cancellation" if line.is_cancelled else "purchase" for line in lines()],
            "at": [line.at for line in lines()],
            "invoice": [line.invoice for line in lines()],
            "quantity": [line.quantity for line in lines()],
            "unit_price": [line.price for line in lines()],
        }
    )
    parquet.write_table(events, folder / "events.parquet")

    policy = scorec.load(POLICIES / "online_retail.score")
    summary, rejected = Summary(), []
    now = instant(NOW)
    log = read_events(policy, [EventFile(folder / "events.parquet")], now, summary, rejected.append, unwatched)
    shape = shape_of(policy, None, False)
    writer = open_writer(folder / "scores.csv", shape.columns)
    leads = folder / "customers.parquet"
    try:
        score_table(policy, leads, log, now, shape, writer, summary, rejected.append, unwatched)
    finally:
        writer.close()
    with (folder / "scores.csv").open(encoding="utf-8", newline="") as file:
        rows = {int(row["customer_id"]): row for row in csv.DictReader(file)}
    return Shop(summary, rejected, rows)


def unwatched(table: object, rows: int) -> None:
    """Nobody looks at the progress."""


def test_no_line_of_the_shop_is_lost(shop: Shop) -> None:
    """A line without a customer belongs to nobody: it is counted, and changes no score."""
    summary = shop.summary
    assert shop.rejected == []
    assert summary.events == 541_909
    assert summary.events_without_lead == 135_080
    assert summary.events_used == 541_909 - 135_080
    assert summary.events_to_come == 0
    assert summary.leads == summary.scored == len(shop.rows) == 4_372


def test_the_shop_s_cancellations_are_all_there() -> None:
    assert sum(line.is_cancelled for line in lines()) == 9_288
    assert sum(line.quantity < 0 for line in lines()) == 10_624


def test_each_customer_s_scores_are_those_of_plain_arithmetic(shop: Shop, expected: dict[int, Expected]) -> None:
    assert shop.rows.keys() == expected.keys()
    for customer, facts in expected.items():
        row = shop.rows[customer]
        assert Decimal(row["recency"]) == facts.recency, customer
        assert Decimal(row["frequency"]) == facts.frequency, customer
        assert Decimal(row["spending"]) == facts.spending, customer
        assert Decimal(row["momentum"]) == facts.momentum, customer


def test_the_standing_of_the_shop_s_customers(shop: Shop, expected: dict[int, Expected]) -> None:
    for customer, facts in expected.items():
        row = shop.rows[customer]
        assert Decimal(row["total"]) == facts.total, customer
        assert (row["standing"], row["next_step"]) == (facts.standing, facts.next_step), customer
    assert shop.summary.bands["standing"] == {"loyal": 779, "regular": 2_165, "occasional": 1_428}
    assert shop.summary.decisions["next_step"] == Counter(row["next_step"] for row in shop.rows.values())
