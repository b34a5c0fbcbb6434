"""The fine print of the meaning: what the reference says where a reader might expect something else.

`docs/language.md` has the examples for every construct, and tests of its own; here are limits, ties, order, and what is
missing. Points are written in points and compared exactly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import permutations, product
from math import inf
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from strategies import program_of

from scorec.dsl import facts, ir, semantics, values
from scorec.dsl.result import AccountEvaluation, Evaluation
from scorec.dsl.values import DAY, HOUR, TICKS

# ------------------------------------------------------------------ asking

AROUND = """
policy fine_print
  language 1
  timezone "{zone}"

lead by lead_id
  employees: number
  nps: number
  name: text
  opted_in: yes/no
  created_at: time
  renewed_on: date
  plan: one of (free, pro)
  tags: list of text

event page_view
  url: text
  seconds: number
  mobile: yes/no
event purchase
  amount: number
event unsubscribe

"""


def checked(body: str, zone: str = "UTC") -> ir.Program:
    return program_of(AROUND.format(zone=zone).lstrip() + body)


def specs(fields: Sequence[ir.Field]) -> list[facts.FieldSpec]:
    return [(one.name, one.kind.value, one.required, one.column, one.values) for one in fields]


def lead_of(program: ir.Program, raw: Mapping[str, Any]) -> semantics.Lead:
    clean, refusals = facts.read_lead(specs(program.fields), ZoneInfo(program.timezone), raw)
    assert not refusals
    return clean


def events_of(program: ir.Program, raw: Sequence[tuple[Any, ...]], at: int) -> list[ir.Happening]:
    """`("page_view", 3 days)` or `("page_view", "2026-03-01T10:00", {"url": "/"})`: what happened, and how long before
    or when."""
    found = []
    for kind, when, *rest in raw:
        moment = at - when if isinstance(when, int) else facts.read_instant(when, ZoneInfo(program.timezone))
        found.append(ir.Happening(kind, moment, tuple((rest[0] if rest else {}).items())))
    return found


def ask(
    body: str,
    lead: Mapping[str, Any] | None = None,
    events: Sequence[tuple[Any, ...]] = (),
    at: str = "2026-03-31",
    zone: str = "UTC",
) -> Evaluation:
    program = checked(body, zone)
    now = facts.read_instant(at, ZoneInfo(zone))
    return semantics.evaluate(program, lead_of(program, lead or {}), events_of(program, events, now), now)


def points(result: Evaluation, score: str = "s") -> Decimal | None:
    ticks = result.scores[score]
    return None if ticks is None else values.decimal_of(ticks)


def lines(result: Evaluation, score: str = "s") -> list[tuple[Any, ...]]:
    """(rule, step, points, before) of a score; they always add up to it."""
    assert result.lines is not None
    own = [line for line in result.lines if line.score == score]
    assert sum(line.ticks for line in own) == result.scores[score]
    return [
        (
            line.rule,
            line.step,
            values.decimal_of(line.ticks),
            None if line.before is None else values.decimal_of(line.before),
        )
        for line in own
    ]


def said(*wanted: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    """Lines as written: (rule, step, points, before), the last two as text or None."""
    return [
        (rule, step, Decimal(amount), None if before is None else Decimal(before))
        for rule, step, amount, before in wanted
    ]


# ------------------------------------------------------------------ yes, no, unknown


def flag(value: bool | None) -> ir.Const:
    return ir.Const(ir.Kind.FLAG, value)


def exact(value: Any) -> ir.Const:
    return ir.Const(ir.Kind.EXACT, None if value is None else int(Fraction(str(value)) * TICKS))


def measured(value: float | None) -> ir.Const:
    return ir.Const(ir.Kind.NUMBER, value)


def text(value: str | None) -> ir.Const:
    return ir.Const(ir.Kind.TEXT, value)


EMPTY = semantics.World(ZoneInfo("UTC"), (), (), (), (), {}, (), (), 0)


def value(expr: ir.Expr) -> Any:
    return semantics.value_of(expr, EMPTY)


@pytest.mark.parametrize("truths", list(product([True, None, False], repeat=3)))
def test_unknown_stands_between_no_and_yes(truths: tuple[bool | None, ...]) -> None:
    """`and` is the least, `or` the greatest of its members, `not` turns the scale around."""
    scale = [False, None, True]
    ranks = [scale.index(truth) for truth in truths]
    items = tuple(flag(truth) for truth in truths)
    assert value(ir.And(ir.Kind.FLAG, items)) is scale[min(ranks)]
    assert value(ir.Or(ir.Kind.FLAG, items)) is scale[max(ranks)]
    assert value(ir.Not(ir.Kind.FLAG, items[0])) is scale[2 - ranks[0]]


@pytest.mark.parametrize("sign", ["<", "<=", ">", ">=", "==", "!="])
def test_a_comparison_with_something_missing_is_unknown(sign: ir.Sign) -> None:
    assert value(ir.Compare(ir.Kind.FLAG, sign, exact(1), exact(None))) is None
    assert value(ir.Compare(ir.Kind.FLAG, sign, measured(None), measured(None))) is None


def test_missing_is_always_known_to_be_missing() -> None:
    assert value(ir.IsMissing(ir.Kind.FLAG, exact(None))) is True
    assert value(ir.IsMissing(ir.Kind.FLAG, flag(False))) is False


def test_membership_and_tests_of_a_missing_text_are_unknown() -> None:
    assert value(ir.InSet(ir.Kind.FLAG, text(None), ("a",))) is None
    for op in ir.TextOp:
        assert value(ir.TextTest(ir.Kind.FLAG, op, text(None), ("a",), every=False)) is None


# ------------------------------------------------------------------ comparisons


def test_exact_numbers_compare_to_the_last_digit_and_doubles_as_doubles() -> None:
    tenths = ir.Call(ir.Kind.EXACT, ir.Op.ADD, (exact("0.1"), exact("0.2")))
    doubles = ir.Call(ir.Kind.NUMBER, ir.Op.ADD, (measured(0.1), measured(0.2)))
    assert value(ir.Compare(ir.Kind.FLAG, "==", tenths, exact("0.3"))) is True
    assert value(ir.Compare(ir.Kind.FLAG, "==", tenths, measured(0.3))) is True
    assert value(ir.Compare(ir.Kind.FLAG, "==", doubles, exact("0.3"))) is False
    assert value(ir.InSet(ir.Kind.FLAG, tenths, (0.3,))) is True
    assert value(ir.InSet(ir.Kind.FLAG, doubles, (0.3,))) is False


@pytest.mark.parametrize(
    ("sign", "less", "equal", "greater"),
    [
        ("<", True, False, False),
        ("<=", True, True, False),
        (">", False, False, True),
        (">=", False, True, True),
        ("==", False, True, False),
        ("!=", True, False, True),
    ],
)
def test_signs(sign: ir.Sign, less: bool, equal: bool, greater: bool) -> None:
    for made in (exact, measured):
        answers = [value(ir.Compare(ir.Kind.FLAG, sign, made(number), made(5.0))) for number in (4.0, 5.0, 6.0)]
        assert answers == [less, equal, greater]


def test_a_list_of_text_has_what_equals_one_of_its_texts() -> None:
    tags = ir.FieldOf(ir.Kind.TEXTS, "tags")
    world = replace(EMPTY, lead={"tags": ("VIP", "Old Partner")})
    for needle, fits in (("vip", True), ("partner", False), ("old partner", True)):
        test = ir.TextTest(ir.Kind.FLAG, ir.TextOp.HAS, tags, (needle,), every=False)
        assert semantics.value_of(test, world) is fits


def test_texts_compare_folded() -> None:
    assert value(ir.Compare(ir.Kind.FLAG, "==", text("İZMİR ΟΔΟΣ"), text("izmir οδοσ"))) is True
    assert value(ir.InSet(ir.Kind.FLAG, text("VP"), ("vp",))) is True
    assert value(ir.Compare(ir.Kind.FLAG, "==", text("straße"), text("STRASSE"))) is False


@pytest.mark.parametrize(
    ("op", "item", "needle", "fits"),
    [
        (ir.TextOp.CONTAINS, "Ann VP", "n v", True),
        (ir.TextOp.STARTS_WITH, "Ann", "an", True),
        (ir.TextOp.STARTS_WITH, "Ann", "nn", False),
        (ir.TextOp.ENDS_WITH, "Ann", "nn", True),
        (ir.TextOp.LIKE, "Ann@X.edu", "*@*.edu", True),
        (ir.TextOp.LIKE, "Ann@X.edu.example", "*@*.edu", False),
        (ir.TextOp.HAS_WORD, "MVP", " vp ", False),
        (ir.TextOp.HAS_WORD, "head-of/Sales", " head of ", True),
        (ir.TextOp.HAS_WORD, "of head", " head of ", False),
    ],
)
def test_texts(op: ir.TextOp, item: str, needle: str, fits: bool) -> None:
    assert value(ir.TextTest(ir.Kind.FLAG, op, text(item), (needle,), every=False)) is fits


def test_any_of_needs_one_and_all_of_needs_all() -> None:
    def contains(*needles: str, every: bool) -> Any:
        return value(ir.TextTest(ir.Kind.FLAG, ir.TextOp.CONTAINS, text("ab"), needles, every))

    assert contains("a", "x", every=False) is True and contains("x", "y", every=False) is False
    assert contains("a", "b", every=True) is True and contains("a", "x", every=True) is False


# ------------------------------------------------------------------ arithmetic

ONE_ARGUMENT = {
    ir.Op.TO_NUMBER: exact(None),
    ir.Op.TO_EXACT: measured(None),
    ir.Op.ABS: exact(None),
    ir.Op.SQRT: measured(None),
    ir.Op.ROUND: exact(None),
    ir.Op.FLOOR: exact(None),
    ir.Op.CEIL: exact(None),
    ir.Op.DOMAIN: text(None),
    ir.Op.LOCAL_PART: text(None),
    ir.Op.LENGTH: text(None),
    ir.Op.WORDS: text(None),
    ir.Op.CAPITALISED: text(None),
}
TWO_ARGUMENTS = {
    ir.Op.ADD: (measured(1), measured(None)),
    ir.Op.SUBTRACT: (exact(None), exact(1)),
    ir.Op.MULTIPLY: (measured(0), measured(None)),
    ir.Op.DIVIDE: (measured(None), measured(0)),
    ir.Op.MIN: (exact(1), exact(None)),
    ir.Op.MAX: (exact(None), exact(1)),
    ir.Op.REPEATS: (text(None), exact(2)),
}


def test_every_function_stands_in_a_test_of_what_is_missing() -> None:
    assert {*ONE_ARGUMENT, *TWO_ARGUMENTS, ir.Op.IF} == set(ir.Op)


@pytest.mark.parametrize("op", ir.Op)
def test_missing_in_missing_out(op: ir.Op) -> None:
    if op is ir.Op.IF:
        return
    args = (ONE_ARGUMENT[op],) if op in ONE_ARGUMENT else TWO_ARGUMENTS[op]
    assert value(ir.Call(args[0].kind, op, args)) is None


@pytest.mark.parametrize(
    ("op", "args", "result"),
    [
        (ir.Op.MIN, (exact(2), exact(1), exact(3)), exact(1)),
        (ir.Op.MAX, (measured(2.0), measured(3.0), measured(1.0)), measured(3.0)),
        (ir.Op.ABS, (exact("-2.5"),), exact("2.5")),
        (ir.Op.SQRT, (measured(2.25),), measured(1.5)),
        (ir.Op.SQRT, (measured(0.25),), measured(0.5)),
        (ir.Op.SQRT, (measured(0.0),), measured(0.0)),
        (ir.Op.FLOOR, (exact("-1.5"),), exact(-2)),
        (ir.Op.CEIL, (exact("-1.5"),), exact(-1)),
        (ir.Op.SUBTRACT, (exact(1), exact("0.1")), exact("0.9")),
        (ir.Op.DIVIDE, (measured(1.0), measured(4.0)), measured(0.25)),
        (ir.Op.TO_NUMBER, (exact("0.1"),), measured(0.1)),
        (ir.Op.TO_EXACT, (measured(-0.00005),), exact("-0.0001")),
        (ir.Op.LENGTH, (text("李 Σß"),), exact(4)),
        (ir.Op.WORDS, (text("head-of  sales"),), exact(3)),
        (ir.Op.DOMAIN, (text("ann@Corp.example"),), text("Corp.example")),
        (ir.Op.LOCAL_PART, (text("ann@Corp.example"),), text("ann")),
        (ir.Op.CAPITALISED, (text("Ann"),), flag(True)),
        (ir.Op.CAPITALISED, (text("ann"),), flag(False)),
        (ir.Op.REPEATS, (text("aAab"), exact(3)), flag(True)),
        (ir.Op.REPEATS, (text("aAab"), exact(4)), flag(False)),
    ],
)
def test_functions(op: ir.Op, args: tuple[ir.Const, ...], result: ir.Const) -> None:
    assert value(ir.Call(result.kind, op, args)) == result.value


def test_if_reads_only_the_branch_that_it_takes() -> None:
    def chosen(condition: bool | None) -> Any:
        return value(ir.Call(ir.Kind.EXACT, ir.Op.IF, (flag(condition), exact(1), exact(None))))

    assert chosen(True) == TICKS and chosen(False) is None and chosen(None) is None


@pytest.mark.parametrize(
    ("op", "args"),
    [
        (ir.Op.DIVIDE, (1.0, 0.0)),
        (ir.Op.DIVIDE, (1.0, -0.0)),
        (ir.Op.DIVIDE, (1e300, 1e-300)),
        (ir.Op.MULTIPLY, (1e300, 1e300)),
        (ir.Op.MULTIPLY, (1e300, 1e300, 0.0)),
        (ir.Op.ADD, (1e308, 1e308)),
        (ir.Op.ADD, (1e308, 1e308, -1e308)),
        (ir.Op.SUBTRACT, (-1e308, 1e308)),
        (ir.Op.SQRT, (-1e-300,)),
        (ir.Op.TO_EXACT, (inf,)),
    ],
)
def test_what_is_no_number_is_missing(op: ir.Op, args: tuple[float, ...]) -> None:
    assert value(ir.Call(ir.Kind.NUMBER, op, tuple(measured(arg) for arg in args))) is None


def test_doubles_are_added_from_left_to_right() -> None:
    def total(*numbers: float) -> Any:
        return value(ir.Call(ir.Kind.NUMBER, ir.Op.ADD, tuple(measured(number) for number in numbers)))

    assert total(0.1, 0.2, 0.3) == 0.1 + 0.2 + 0.3 != total(0.2, 0.3, 0.1)


@pytest.mark.parametrize(
    ("number", "decimals", "rounded"),
    [
        ("2.5", 0, "3"),
        ("-2.5", 0, "-3"),
        ("2.4999", 0, "2"),
        ("0.25", 1, "0.3"),
        ("-0.25", 1, "-0.3"),
        ("1.2345", 4, "1.2345"),
    ],
)
def test_round_is_half_away_from_zero_at_any_decimal(number: str, decimals: int, rounded: str) -> None:
    args = (exact(number), exact(decimals)) if decimals else (exact(number),)
    assert value(ir.Call(ir.Kind.EXACT, ir.Op.ROUND, args)) == exact(rounded).value


def test_a_share_is_rounded_once() -> None:
    third = ir.Scaled(ir.Kind.EXACT, exact("1"), Fraction(1, 3))
    assert value(third) == 3333
    assert value(ir.Scaled(ir.Kind.EXACT, exact("-0.0001"), Fraction(1, 2))) == -1
    assert value(ir.Scaled(ir.Kind.EXACT, exact(None), Fraction(1, 2))) is None


def test_a_weighted_mean_leaves_out_what_is_missing() -> None:
    def mean(*items: Any) -> Any:
        return value(ir.WeightedMean(ir.Kind.EXACT, (50, 30, 20), tuple(exact(item) for item in items)))

    assert mean(60, None, 40) == values.divide((50 * 60 + 20 * 40) * TICKS, 70)
    assert mean(None, None, "-0.0001") == -1
    assert mean(None, None, None) is None


# ------------------------------------------------------------------ events, windows, ages


@pytest.mark.parametrize(("age", "inside"), [(0, True), (7 * DAY - 1, True), (7 * DAY, False), (-1, False)])
def test_a_window_is_open_at_its_far_end_and_nothing_to_come_is_in_it(age: int, inside: bool) -> None:
    body = """
score s
  +1 each for each page_view in the last 7 days
  +2 seen when any page_view in the last 7 days
  +4 counted per count of page_view in the last 7 days
"""
    assert points(ask(body, events=[("page_view", age)])) == (7 if inside else 0)


def test_events_to_come_do_not_exist() -> None:
    body = """
score s
  reset on unsubscribe
  decay losing 50% every 1 day of silence
  +1 each for each page_view
  +2 first when days since first event >= 3
"""
    now = [("page_view", 4 * DAY), ("unsubscribe", 5 * DAY)]
    to_come = [("page_view", -1), ("unsubscribe", -1), ("purchase", -3 * DAY)]
    assert ask(body, events=now) == ask(body, events=[*now, *to_come])


@pytest.mark.parametrize(("unit", "whole"), [("minutes", 1500), ("hours", 25), ("days", 1), ("weeks", 0)])
def test_ages_are_whole_units_rounded_down(unit: str, whole: int) -> None:
    result = ask(
        f"score s = {unit} since created_at\nscore e = {unit} since last page_view\n",
        {"created_at": "2026-03-29T22:59:59.5"},
        [("page_view", "2026-03-29T22:59:59.5")],
    )
    assert points(result) == points(result, "e") == whole


def test_first_is_the_oldest_and_last_the_newest() -> None:
    body = """
score first = days since first page_view
score last = days since last page_view
score forth = days from first page_view to last purchase
score back = days from last page_view to first purchase
"""
    events = [("page_view", 2 * DAY), ("page_view", 9 * DAY), ("purchase", 5 * DAY), ("purchase", 4 * DAY)]
    result = ask(body, events=events)
    assert [points(result, name) for name in ("first", "last", "forth", "back")] == [9, 2, 5, -3]


def test_an_age_to_come_is_rounded_down_too() -> None:
    result = ask(
        "score s = days since created_at\nscore p = days from first purchase to first page_view\n",
        {"created_at": "2026-03-31T00:00:01"},
        [("purchase", HOUR), ("page_view", 2 * HOUR)],
    )
    assert points(result) == -1 and points(result, "p") == -1


def test_of_nothing_counts_and_sums_are_nothing_and_the_rest_is_missing() -> None:
    result = ask(
        """
score c = count of page_view + count of distinct url of page_view + sum of seconds of page_view
score a = average of seconds of page_view
score h = highest of seconds of page_view
score l = lowest of seconds of page_view
score d = days since last page_view
score p = days from first page_view to first purchase
""",
        events=[("purchase", DAY)],
    )
    assert result.scores == {"c": 0, "a": None, "h": None, "l": None, "d": None, "p": None}


def test_a_sum_brings_each_value_to_points_first() -> None:
    events = [("page_view", DAY, {"seconds": 0.00004})] * 3 + [("page_view", DAY)]
    result = ask("score s = sum of seconds of page_view\nscore a = average of seconds of page_view\n", events=events)
    assert points(result) == 0 and points(result, "a") == 0


def test_highest_and_lowest_are_doubles_as_found_and_an_average_is_rounded_once() -> None:
    body = """
score h
  +1 high when highest of seconds of page_view is 2.00001
score l
  +1 low when lowest of seconds of page_view is -0.00001
score a = average of seconds of page_view
"""
    events = [("page_view", DAY, {"seconds": seconds}) for seconds in (1.0, 2.00001, -0.00001, 1.0002)]
    result = ask(body, events=[*events, ("page_view", DAY)])
    assert [points(result, name) for name in "hla"] == [1, 1, Decimal("1.0001")]


def test_different_values_are_counted_as_they_compare() -> None:
    urls = ["/A", "/a", "/b", None]
    events: list[tuple[Any, ...]] = [("page_view", DAY, {} if url is None else {"url": url}) for url in urls]
    events += [("page_view", DAY, {"seconds": seconds}) for seconds in (0.0, -0.0, 1.0)]
    result = ask(
        "score s = count of distinct url of page_view\nscore n = count of distinct seconds of page_view\n",
        events=events,
    )
    assert points(result) == 2 and points(result, "n") == 2


# ------------------------------------------------------------------ `for each`


def test_once_per_property_comes_before_every_other_limit() -> None:
    """Two views at one instant of one day: whichever `once per day` kept, one view of one text is left. (An author may
    write one `once` only; in the core they may meet.)"""
    program = checked("score s\n  +1 view for each page_view, once per url\n")
    [score] = program.scores
    [rule] = score.items
    assert isinstance(rule, ir.Rule) and isinstance(rule.trigger, ir.Each)
    both = replace(rule, trigger=replace(rule.trigger, once_per_period="day"))
    program = replace(program, scores=(replace(score, items=(both,)),))
    now = facts.read_instant("2026-03-31", ZoneInfo("UTC"))
    views = [
        ("page_view", HOUR, {"url": "/a"}),
        ("page_view", HOUR, {"url": "/b"}),
        ("page_view", 2 * DAY, {"url": "/a"}),
    ]
    events = events_of(program, views, now)
    results = {semantics.evaluate(program, {}, order, now).scores["s"] for order in permutations(events)}
    assert results == {TICKS}


def test_of_two_events_at_one_instant_the_one_with_more_points_is_newer() -> None:
    body = "score s\n  +(amount) spent for each purchase, once\nscore t\n  -(amount) spent for each purchase, once\n"
    for amounts in permutations([3.0, 5.0, 4.0]):
        result = ask(body, events=[("purchase", DAY, {"amount": amount}) for amount in amounts])
        assert points(result, "s") == 5 and points(result, "t") == -3


def test_an_event_without_the_property_that_its_points_need_drops_out_before_anything_is_chosen() -> None:
    body = "score s\n  +(amount) spent for each purchase, at most 1 times\n"
    assert points(ask(body, events=[("purchase", HOUR), ("purchase", DAY, {"amount": 7.0})])) == 7


def test_a_limit_of_times_keeps_the_newest_and_then_they_decay() -> None:
    body = "score s\n  +8 view for each page_view, at most 2 times, halving every 1 day\n"
    assert points(ask(body, events=[("page_view", days * DAY) for days in (3, 2, 1)])) == 6


@pytest.mark.parametrize(
    ("zone", "per_day", "per_week", "per_month"),
    [("UTC", 2, 1, 2), ("America/New_York", 1, 1, 1), ("Asia/Tokyo", 2, 2, 2)],
)
def test_calendar_periods_are_those_of_the_policys_zone(zone: str, per_day: int, per_week: int, per_month: int) -> None:
    body = """
score d
  +1 a for each page_view, once per day
score w
  +1 b for each page_view, once per week
score m
  +1 c for each page_view, once per month
"""
    # In UTC the last hour of a Saturday that ends a month, and the first of the Sunday; in Tokyo Sunday and Monday.
    events = [("page_view", "2026-01-31T23:30Z"), ("page_view", "2026-02-01T00:30Z")]
    if zone == "Asia/Tokyo":
        events = [("page_view", "2026-05-31T14:30Z"), ("page_view", "2026-05-31T15:30Z")]
    result = ask(body, events=events, at="2026-06-30", zone=zone)
    assert [points(result, score) for score in "dwm"] == [per_day, per_week, per_month]


def test_once_per_property_compares_as_everything_compares_and_drops_what_is_missing() -> None:
    body = "score s\n  +1 view for each page_view, once per url\n"
    urls = ["/A", "/a", "/b", None, None]
    events = [("page_view", HOUR, {"url": url} if url is not None else {}) for url in urls]
    assert points(ask(body, events=events)) == 2


def test_a_condition_that_is_unknown_for_an_event_leaves_it_out() -> None:
    body = """
score s
  +1 view for each page_view where not (seconds > 10)
  +10 but for each page_view unless seconds > 10
"""
    seconds = [{}, {"seconds": 3.0}, {"seconds": 4.0}, {"seconds": 11.0}]
    assert points(ask(body, events=[("page_view", DAY, known) for known in seconds])) == 32


@pytest.mark.parametrize(
    ("age", "left"), [(0, 10), (DAY - 1, 10), (DAY, 10), (2 * DAY - 1, 10), (2 * DAY, 5), (3 * DAY, "2.5")]
)
def test_the_age_of_a_decay_is_whole_units_and_starts_after_its_delay(age: int, left: Any) -> None:
    body = "score s\n  +10 view for each page_view, halving every 1 day, after 1 day\n"
    assert points(ask(body, events=[("page_view", age)])) == Decimal(left)


def test_a_rule_that_names_hours_counts_hours() -> None:
    event = [("page_view", 36 * HOUR)]
    assert points(ask("score s\n  +10 v for each page_view, fading over 2 days\n", events=event)) == 5
    assert points(ask("score s\n  +10 v for each page_view, fading over 48 hours\n", events=event)) == Decimal("2.5")
    assert points(
        ask("score s\n  +10 v for each page_view in the last 72 hours, fading over 2 days\n", events=event)
    ) == Decimal("2.5")


# ------------------------------------------------------------------ rules


@pytest.mark.parametrize(
    ("lead", "fired"),
    [({"employees": 60}, ["s.a", "s.d"]), ({"employees": 10}, ["s.b", "s.c"]), ({}, ["s.b", "s.d"])],
)
def test_when_needs_a_true_condition_and_unless_one_that_is_not_true(lead: dict[str, Any], fired: list[str]) -> None:
    body = """
score s
  +1 a when employees > 50
  +2 b unless employees > 50
  +3 c when not (employees > 50)
  +4 d unless not (employees > 50)
"""
    assert [line[0] for line in lines(ask(body, lead))] == fired


@pytest.mark.parametrize(
    ("at", "in_force"),
    [
        ("2026-02-28T22:59:59.999999Z", False),
        ("2026-02-28T23:00Z", True),
        ("2026-03-31T21:59:59.999999Z", True),
        ("2026-03-31T22:00Z", False),
    ],
)
def test_a_rule_is_in_force_from_the_first_midnight_to_the_end_of_its_last_day(at: str, in_force: bool) -> None:
    body = "score s\n  +1 spring when employees is missing\n    from 2026-03-01\n    until 2026-03-31\n"
    assert points(ask(body, at=at, zone="Europe/Paris")) == (1 if in_force else 0)


@pytest.mark.parametrize(
    ("seats", "given"), [(0, 0), (9.9999, 0), (10, 2), (29.99996, 6), (-15, 0), (None, 0), (500, 7)]
)
def test_per_counts_whole_times_of_the_exact_number(seats: float | None, given: int) -> None:
    body = "score s\n  +2 seats per 10 of employees, at most 7 points\n"
    assert points(ask(body, {"employees": seats})) == given


def test_a_limit_of_points_is_on_their_size_and_says_what_was_cut() -> None:
    body = """
score s
  -5 lost for each page_view, at most 12 points
  +5 won for each purchase, at most 12 points
"""
    events = [(kind, DAY) for kind in ("page_view", "purchase") for _ in range(3)]
    assert lines(ask(body, events=events)) == said(("s.lost", "rule", "-12", "-15"), ("s.won", "rule", "12", "15"))


def test_computed_points_that_are_missing_give_nothing() -> None:
    body = "score s\n  +(employees / nps) ratio when name is missing\n  +1 other when name is missing\n"
    assert points(ask(body, {"employees": 6, "nps": 4})) == Decimal("2.5")
    assert points(ask(body, {"employees": 6, "nps": 0})) == 1
    assert points(ask(body, {"employees": 6})) == 1


# ------------------------------------------------------------------ groups


def test_first_of_stops_at_the_first_that_holds_even_if_it_is_worth_nothing() -> None:
    body = """
score s
  first of size
    +0 unknown when employees is missing
    +5 large when employees > 10
    +2 rest otherwise
"""
    assert lines(ask(body)) == []
    assert lines(ask(body, {"employees": 20})) == said(("s.large", "rule", "5", None))
    assert lines(ask(body, {"employees": 2})) == said(("s.rest", "rule", "2", None))


def test_in_first_of_a_rule_that_came_to_nothing_does_not_hold() -> None:
    body = """
score s
  first of kinds
    +5 views for each page_view, fading over 7 days
    +(nps) computed when nps is known
    +1 seats per 10 of employees
    +2 rest otherwise
"""
    gone = [("page_view", 30 * DAY)]
    assert lines(ask(body, {"nps": 0, "employees": 9}, gone)) == said(("s.rest", "rule", "2", None))
    assert lines(ask(body, {"nps": 0, "employees": 10}, gone)) == said(("s.seats", "rule", "1", None))
    assert lines(ask(body, {"nps": -3}, gone)) == said(("s.computed", "rule", "-3", None))


def test_best_of_takes_the_most_points_and_the_earlier_of_equals() -> None:
    body = """
score s
  best of match
    -9 least when nps is missing
    +5 one when employees > 1
    +5 two when employees > 2
"""
    assert lines(ask(body)) == said(("s.least", "rule", "-9", None))
    assert lines(ask(body, {"employees": 3})) == said(("s.one", "rule", "5", None))
    assert lines(ask(body, {"nps": 1})) == []


def test_a_group_in_first_of_holds_if_one_of_its_members_does() -> None:
    body = """
score s
  first of way
    group both
      +5 up when nps is known
      -5 down when nps is known
    +1 rest otherwise
"""
    assert lines(ask(body, {"nps": 1})) == said(("s.up", "rule", "5", None), ("s.down", "rule", "-5", None))
    assert lines(ask(body)) == said(("s.rest", "rule", "1", None))


def test_the_limits_of_a_group_work_in_their_order_and_each_says_what_it_did() -> None:
    body = """
score s
  group g at least 4 points, at most 10 points, counting 33.3%
    +25 a when employees > 1
    -10 b when nps > 1
"""
    assert lines(ask(body, {"employees": 2, "nps": 0})) == said(
        ("s.a", "rule", "25", None), ("s.g", "most", "-15", "25"), ("s.g", "counting", "-6.67", "10")
    )
    assert lines(ask(body, {"nps": 2})) == said(
        ("s.b", "rule", "-10", None), ("s.g", "least", "14", "-10"), ("s.g", "counting", "-2.668", "4")
    )


def test_members_that_do_not_count_leave_no_line_not_even_their_limits() -> None:
    body = """
score s
  best of g
    group small at most 3 points
      +9 a when nps is missing
    +4 b when nps is missing
"""
    assert lines(ask(body)) == said(("s.b", "rule", "4", None))


# ------------------------------------------------------------------ the steps of a score

STEPS = """
score s from -20 to 30 rounded
  start at 5
  decay losing 50% every 7 days of silence
  floor 12 when opted_in
  cap 20 when name is missing
  +(employees) size when employees is known
"""


@pytest.mark.parametrize(
    ("lead", "events", "steps"),
    [
        ({}, [], [("s.start", "start", "5", None)]),
        (
            {"employees": 40.25, "name": "Ann"},
            [],
            [
                ("s.start", "start", "5", None),
                ("s.size", "rule", "40.25", None),
                ("s.rounding", "rounding", "-0.25", "45.25"),
                ("s.range", "range", "-15", "45"),
            ],
        ),
        (
            {"employees": 40.25},
            [("page_view", 7 * DAY), ("page_view", 8 * DAY)],
            [
                ("s.start", "start", "5", None),
                ("s.size", "rule", "40.25", None),
                ("s.silence", "silence", "-22.625", "45.25"),
                ("s.cap", "cap", "-2.625", "22.625"),
            ],
        ),
        (
            {"employees": -45.5, "opted_in": True},
            [("page_view", 70 * DAY)],
            [
                ("s.start", "start", "5", None),
                ("s.size", "rule", "-45.5", None),
                ("s.floor", "floor", "52.5", "-40.5"),
            ],
        ),
        (
            {"employees": -45.5},
            [("page_view", 70 * DAY)],
            [
                ("s.start", "start", "5", None),
                ("s.size", "rule", "-45.5", None),
                ("s.rounding", "rounding", "-0.5", "-40.5"),
                ("s.range", "range", "21", "-41"),
            ],
        ),
    ],
)
def test_silence_floor_cap_rounding_range(lead: dict[str, Any], events: Any, steps: list[tuple[Any, ...]]) -> None:
    assert lines(ask(STEPS, lead, events)) == said(*steps)


def test_of_several_floors_the_highest_and_of_several_caps_the_lowest_and_a_cap_beats_a_floor() -> None:
    body = """
score s
  floor 5 when name is missing
  floor 8 when name is missing
  cap 7 when nps is missing
  cap 6 when nps is missing
"""
    assert lines(ask(body)) == said(("s.floor", "floor", "8", "0"), ("s.cap", "cap", "-2", "8"))
    assert points(ask(body, {"nps": 1})) == 8


def test_a_cap_whose_condition_is_unknown_does_not_apply() -> None:
    body = "score s\n  start at 10\n  cap 5 when nps < 3\n"
    assert points(ask(body)) == 10


def test_a_score_without_a_range_stays_within_what_any_score_can_be() -> None:
    body = "score s = employees\nscore t = s + s\nscore u\n  +(employees) a for each page_view\n"
    result = ask(body, {"employees": 1e300}, [("page_view", DAY)] * 3)
    assert result.scores == {name: values.MAX_TICKS for name in "stu"}
    assert lines(result, "t") == said(
        ("t", "body", "200000000000", None), ("t.range", "range", "-100000000000", "200000000000")
    )


def test_a_missing_score_has_no_lines_and_no_limits_apply_to_it() -> None:
    result = ask("score s from 10 to 20 = employees\n")
    assert points(result) is None and result.lines == ()


# ------------------------------------------------------------------ silence and resets


def test_after_a_reset_its_own_instant_is_gone_too() -> None:
    body = """
score s
  reset on unsubscribe
  +1 view for each page_view
  +10 counted per count of page_view
  +100 seen when any event
score t
  +1 view for each page_view
"""
    events = [("unsubscribe", 5 * DAY), ("page_view", 5 * DAY), ("page_view", 5 * DAY - 1), ("page_view", 6 * DAY)]
    result = ask(body, events=events)
    assert points(result) == 111
    assert points(result, "t") == 3


def test_of_several_resets_the_newest_counts() -> None:
    body = "score s\n  reset on unsubscribe, purchase\n  +1 view for each page_view\n"
    events = [("page_view", days * DAY) for days in (1, 3, 5, 7)]
    resets = [("unsubscribe", 6 * DAY), ("purchase", 2 * DAY), ("unsubscribe", 4 * DAY)]
    assert points(ask(body, events=[*events, *resets])) == 1


def test_silence_counts_from_the_newest_event_after_the_newest_reset() -> None:
    body = """
score s
  start at 100
  reset on unsubscribe
  decay losing 10% every 1 day of silence
"""
    assert points(ask(body, events=[("page_view", 3 * DAY), ("page_view", 9 * DAY)])) == 70
    assert points(ask(body, events=[("page_view", 3 * DAY), ("unsubscribe", 2 * DAY)])) == 100
    assert points(ask(body, events=[("page_view", 3 * DAY), ("unsubscribe", 4 * DAY)])) == 70
    assert points(ask(body)) == 100


# ------------------------------------------------------------------ velocity


def test_an_earlier_score_is_read_with_the_events_the_rules_and_the_resets_of_then() -> None:
    body = """
score s
  reset on unsubscribe
  +1 view for each page_view in the last 7 days
  +10 spring when opted_in
    from 2026-03-25
band b of s
  high >= 2
  low otherwise
score earlier = s 7 days ago
score twice = earlier 7 days ago
score then
  +5 was_high when b is high
score then_ago = then 7 days ago
"""
    events = [
        ("page_view", 6 * DAY),
        ("page_view", 8 * DAY),
        ("page_view", 9 * DAY),
        ("page_view", 15 * DAY),
        ("unsubscribe", 2 * DAY),
    ]
    result = ask(body, {"opted_in": True}, events)
    assert [points(result, name) for name in ("s", "earlier", "twice")] == [10, 2, 1]
    assert points(result, "then_ago") == 5


# ------------------------------------------------------------------ bands, decisions, gates


def test_a_row_with_a_missing_limit_is_passed_over_and_a_missing_score_is_in_the_last() -> None:
    body = """
score s = employees
band b of s
  high >= if(opted_in, nps, 50)
  middle >= 10
  low otherwise
"""
    assert ask(body, {"employees": 60, "opted_in": True}).bands["b"] == "middle"
    assert ask(body, {"employees": 60, "opted_in": True, "nps": 60}).bands["b"] == "high"
    assert ask(body, {"employees": 60}).bands["b"] == "high"
    assert ask(body, {"nps": 1}).bands["b"] == "low"


DECISIONS = """
score s = employees
band b of s
  high >= 50
  low otherwise
decide d by b, b
  sales when nps > 1
  |      | high  | low   |
  | high | sales | sales |
  | low  | visit | call  |
  visit unless nps > 1
  wait otherwise
decide e
  call when d is wait
  rest otherwise
gate one
  never sales when opted_in
  never sales, visit unless nps > 1
gate two
  never call, sales when name is "x"
"""


@pytest.mark.parametrize(
    ("lead", "chosen", "gates"),
    [
        ({"nps": 2}, ("sales", 1, ()), {"one": (), "two": ()}),
        ({"nps": 2, "opted_in": True}, ("call", 2, ((1, ("one",)),)), {"one": ("sales",), "two": ()}),
        (
            {"nps": 2, "opted_in": True, "name": "X"},
            ("wait", 4, ((1, ("one", "two")), (2, ("two",)))),
            {"one": ("sales",), "two": ("call", "sales")},
        ),
        ({"employees": 60}, ("wait", 4, ((2, ("one",)), (3, ("one",)))), {"one": ("sales", "visit"), "two": ()}),
    ],
)
def test_the_first_row_that_matches_and_is_not_barred(lead: Any, chosen: Any, gates: Any) -> None:
    result = ask(DECISIONS, lead)
    assert result.decisions["d"] == chosen and result.gates == gates
    assert result.decisions["e"][0] == ("call" if chosen[0] == "wait" and "call" not in gates["two"] else "rest")


# ------------------------------------------------------------------ completeness


def test_completeness_is_the_share_of_what_the_policy_reads() -> None:
    body = "score s\n  +1 a when employees > 1 and nps > 1 and opted_in\n"
    assert ask(body, {"employees": 1, "nps": 1, "name": "not read"}).completeness == 6667
    assert ask("score s\n  +1 a for each page_view\n").completeness == TICKS


# ------------------------------------------------------------------ accounts

ACCOUNT = """
score s = employees
account by name where not (plan is free)
  score n = count of leads
  score agreed = count of leads where (opted_in)
  score two = sum of top 2 s
  score mean = average of s
  score most = highest of s
  score least = lowest of s
  score heat
    +1 each per count of leads
    +10 many when agreed >= 2
  band temperature of heat
    hot >= 10
    cold otherwise
  gate consent
    never visit unless agreed >= 1
  decide play
    visit when n >= 1
    wait otherwise
"""


def accounts(leads: Sequence[dict[str, Any]]) -> dict[str, AccountEvaluation]:
    program = checked(ACCOUNT)
    now = facts.read_instant("2026-03-31", ZoneInfo("UTC"))
    found = semantics.evaluate_accounts(program, [(lead_of(program, lead), []) for lead in leads], now)
    assert [one.key for one in found] == sorted(one.key for one in found)
    return {one.key: one for one in found}


def test_leads_with_the_same_text_apart_from_case_form_an_account() -> None:
    found = accounts([{"name": "Acme", "plan": "pro"}, {"name": " ACME ", "plan": "pro"}, {"name": "b", "plan": "pro"}])
    assert {key: one.leads for key, one in found.items()} == {"acme": 2, "b": 1}


def test_a_lead_without_a_key_or_for_which_where_is_not_true_counts_nowhere() -> None:
    assert accounts([{"plan": "pro"}, {"name": "a", "plan": "free"}, {"name": "a"}]) == {}


def test_what_an_account_reads_of_its_leads() -> None:
    leads = [
        {"name": "a", "plan": "pro", "employees": 10, "opted_in": True},
        {"name": "a", "plan": "pro", "employees": 5, "opted_in": True},
        {"name": "a", "plan": "pro", "employees": 2, "opted_in": False},
        {"name": "a", "plan": "pro"},
        {"name": "b", "plan": "pro"},
    ]
    found = accounts(leads)
    shown = {name: None if ticks is None else values.decimal_of(ticks) for name, ticks in found["a"].scores.items()}
    assert shown == {
        "n": 4,
        "agreed": 2,
        "two": 15,
        "mean": Decimal("5.6667"),
        "most": 10,
        "least": 2,
        "heat": 14,
    }
    assert (found["a"].bands, found["a"].decisions, found["a"].gates) == (
        {"temperature": "hot"},
        {"play": "visit"},
        {"consent": ()},
    )
    of_nothing = found["b"].scores
    assert (of_nothing["two"], of_nothing["mean"], of_nothing["most"], of_nothing["least"]) == (0, None, None, None)
    assert found["b"].gates == {"consent": ("visit",)} and found["b"].decisions == {"play": "wait"}


def test_a_policy_without_an_account_has_none() -> None:
    program = checked("score s = employees\n")
    assert semantics.evaluate_accounts(program, [({"employees": 1.0}, [])], 0) == ()


# ------------------------------------------------------------------ order


def test_nothing_depends_on_the_order_of_events() -> None:
    body = """
score s
  +(seconds) a for each page_view, at most 2 times, halving every 1 day, once per url
  +1 b per highest of seconds of page_view
"""
    program = checked(body)
    now = facts.read_instant("2026-03-31", ZoneInfo("UTC"))
    events = events_of(
        program,
        [
            ("page_view", DAY, {"url": "/a", "seconds": 3.0}),
            ("page_view", DAY, {"url": "/A", "seconds": 5.0}),
            ("page_view", DAY, {"url": "/b", "seconds": 1.0}),
            ("page_view", 2 * DAY, {"url": "/c", "seconds": 9.0}),
        ],
        now,
    )
    assert len({str(semantics.evaluate(program, {}, order, now)) for order in permutations(events)}) == 1


def test_a_day_is_twenty_four_hours_also_when_the_clocks_change() -> None:
    at = "2026-03-29T12:00"
    body = "score s\n  +1 v for each page_view in the last 1 day\n"
    hours = timedelta(hours=23) // timedelta(microseconds=1)
    assert (
        points(ask(body, events=[("page_view", hours), ("page_view", hours + HOUR)], at=at, zone="Europe/Paris")) == 1
    )
