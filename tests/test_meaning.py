"""What the checker makes of a policy without mistakes: kinds of numbers, units, selections, order, clean tests."""

from __future__ import annotations

from datetime import date, datetime, timezone
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from well_typed import faults

from scorec.compiler.pipeline import analyze_text
from scorec.dsl import ir, values
from scorec.dsl.values import DAY, HOUR, MINUTE, TICKS

FACTS = """\
policy inbound
  language 1

lead by lead_id
  email: text
  title: text
  n: number
  m: number
  plan: one of ("Free", "Pro")
  flag: yes/no
  born: date
  seen: time
  tags: list of text

event login, logout
event page_view
  url: text
  seconds: number

list hosts = ("Rival.example ", "other.example")
list codes = (3, 1, 2.5)

define twice = 2 * fit
define more_than(x: number, y: number) = x > y

score fit
  +10 big when n > 5
score other
  +10 active when flag
band grade of fit
  A >= 50
  B otherwise
"""


def program_of(text: str) -> ir.Program:
    analysis = analyze_text(FACTS + "\n" + text)
    assert analysis.program is not None, [problem.message() for problem in analysis.problems]
    assert not faults(analysis.program)
    return analysis.program


def rule_of(text: str) -> ir.Rule:
    """The rule with this text, in a score of its own."""
    (rule,) = score_of(f"  {text}\n").items
    assert isinstance(rule, ir.Rule)
    return rule


def score_of(items: str) -> ir.Score:
    return next(score for score in program_of(f"score s\n{items}").scores if score.name == "s")


def condition_of(text: str) -> ir.Expr:
    trigger = rule_of(f"+1 r when {text}").trigger
    assert isinstance(trigger, ir.When)
    return trigger.condition


def body_of(text: str) -> ir.Expr:
    body = next(score for score in program_of(f"score s = {text}\n").scores if score.name == "s").body
    assert body is not None
    return body


# ------------------------------------------------------------------ an expression on one line


def shown(expr: ir.Expr) -> str:
    """An expression of the core on one line: exact constants end in p (points), doubles have a decimal point."""
    match expr:
        case ir.Const(kind=ir.Kind.EXACT, value=int(ticks)):
            return f"{values.decimal_of(ticks)}p"
        case ir.Const(kind=ir.Kind.FLAG, value=flag):
            return "yes" if flag else "no"
        case ir.Const(value=value):
            return repr(value)
        case ir.FieldOf(name=name) | ir.BandOf(name=name) | ir.DecisionOf(name=name):
            return name
        case ir.PropertyOf(name=name):
            return f"its {name}"
        case ir.ScoreOf(name=name, ago=ago):
            return f"{name}@{ago // DAY}d" if ago else name
        case ir.And(items=items):
            return "(" + " and ".join(map(shown, items)) + ")"
        case ir.Or(items=items):
            return "(" + " or ".join(map(shown, items)) + ")"
        case ir.Not(item=item):
            return f"not {shown(item)}"
        case ir.Compare(sign=sign, left=left, right=right):
            return f"{shown(left)} {sign} {shown(right)}"
        case ir.IsMissing(item=item):
            return f"missing({shown(item)})"
        case ir.InSet(item=item, values=members):
            return f"{shown(item)} in {list(members)}"
        case ir.TextTest(op=op, item=item, needles=needles, every=every):
            return f"{shown(item)} {op.value} {'all' if every else 'any'} {list(needles)}"
        case ir.Call(op=op, args=args):
            return f"{op.name.lower()}({', '.join(map(shown, args))})"
        case ir.Scaled(item=item, factor=factor):
            return f"scaled({shown(item)}, {factor})"
        case ir.WeightedMean(weights=weights, items=items):
            return "mean(" + ", ".join(f"{w} {shown(i)}" for w, i in zip(weights, items, strict=True)) + ")"
        case ir.Occurs(events=events):
            return f"occurs({selected(events)})"
        case ir.CountOf(events=events, distinct=distinct):
            return f"count({distinct + ' of ' if distinct else ''}{selected(events)})"
        case ir.AggregateOf(word=word, prop=prop, events=events):
            return f"{word}({prop} of {selected(events)})"
        case ir.SinceEvent(unit=unit, which=which, events=events):
            return f"since({which} {selected(events)} in {unit // MINUTE}min)"
        case ir.SinceInstant(unit=unit, item=item):
            return f"since({shown(item)} in {unit // MINUTE}min)"
        case ir.PathTime(unit=unit, start_which=a, start=start, end_which=b, end=end):
            return f"path({a} {selected(start)} to {b} {selected(end)} in {unit // MINUTE}min)"
        case ir.LeadsCount(where=where):
            return f"leads({shown(where) if where is not None else ''})"
        case ir.LeadsOf(word=word, score=score, top=top):
            return f"{word}({f'top {top} ' if top else ''}{score})"


def selected(events: ir.Events) -> str:
    parts = ["+".join(events.kinds)]
    if events.window is not None:
        parts.append(f"within {events.window // MINUTE}min")
    if events.where is not None:
        parts.append(f"where {shown(events.where)}")
    if events.resets:
        parts.append(f"after {'+'.join(events.resets)}")
    return " ".join(parts)


NUMBERS = [
    # Exact with exact stays exact, and so does a written number of up to four decimals.
    ("fit + other - 1.5", "subtract(add(fit, other), 1.5p)"),
    ("-fit", "subtract(0p, fit)"),
    ("1 + 2 * 3", "7p"),
    ("10 / 4", "2.5p"),
    # One measured number makes the whole sum one of doubles, from left to right.
    ("fit + n + 1", "to_exact(add(to_number(fit), n, 1.0))"),
    ("n - 0.00001", "to_exact(subtract(n, 1e-05))"),
    ("fit + 0.00001", "to_exact(add(to_number(fit), 1e-05))"),
    # A written factor scales an exact number: one rounding for the whole chain.
    ("60% of fit", "scaled(fit, 3/5)"),
    ("2 * fit / 3", "scaled(fit, 2/3)"),
    ("fit * (1 / 3)", "scaled(fit, 1/3)"),
    ("0.00001 * fit", "scaled(fit, 1/100000)"),
    ("twice / 3", "scaled(scaled(fit, 2), 1/3)"),
    # Everything else that is multiplied or divided is a double.
    ("fit * other", "to_exact(multiply(to_number(fit), to_number(other)))"),
    ("100 / fit", "to_exact(divide(100.0, to_number(fit)))"),
    ("60% of n", "to_exact(multiply(n, 0.6))"),
    ("n * 0.03", "to_exact(multiply(n, 0.03))"),
    ("60% of 50", "30p"),
    # min, max and if: alike, or doubles.
    ("min(fit, 100)", "min(fit, 100p)"),
    ("max(fit, n, 1)", "to_exact(max(to_number(fit), n, 1.0))"),
    ("if(flag, fit, 0)", "if(flag, fit, 0p)"),
    ("if(flag, n, 0)", "to_exact(if(flag, n, 0.0))"),
    ("if(flag, n, missing)", "to_exact(if(flag, n, None))"),
    ("if(flag, n, fit)", "to_exact(if(flag, n, to_number(fit)))"),
    ("abs(n)", "to_exact(abs(n))"),
    ("abs(fit)", "abs(fit)"),
    ("abs(0 - 5)", "5p"),
    ("sqrt(fit)", "to_exact(sqrt(to_number(fit)))"),
    ("round(fit / 3, 1)", "round(scaled(fit, 1/3), 1p)"),
    ("floor(n)", "floor(to_exact(n))"),
    ("ceil(2.5)", "ceil(2.5p)"),
    ("weighted_mean(50% of fit, 30% of n, 20% of other)", "mean(5 fit, 3 to_exact(n), 2 other)"),
    ("weighted_mean(12.5% of fit, 25% of other)", "mean(1 fit, 2 other)"),
    ("length(email) + words(title)", "add(length(email), words(title))"),
    ("highest of seconds of page_view", "to_exact(highest(seconds of page_view))"),
    ("average of seconds of page_view", "average(seconds of page_view)"),
]


@pytest.mark.parametrize(("written", "meant"), NUMBERS)
def test_numbers_are_exact_where_they_can_be(written: str, meant: str) -> None:
    assert shown(body_of(written)) == meant


CONDITIONS = [
    ("n >= 1000", "n >= 1000.0"),
    ("fit >= 50", "fit >= 50p"),
    ("fit >= 0.00001", "fit >= 1e-05"),
    ("fit > n", "fit > n"),
    ("5 < n", "5.0 < n"),
    ("n between 1 and fit", "(n >= 1.0 and n <= fit)"),
    ("n is 5", "n == 5.0"),
    ("n is not 5", "n != 5.0"),
    ("flag", "flag"),
    ("flag is yes", "flag"),
    ("flag is no", "not flag"),
    ("flag is not yes", "not flag"),
    ("flag is not no", "flag"),
    ("n > 1 and flag or m > 2", "((n > 1.0 and flag) or m > 2.0)"),
    ("title is missing", "missing(title)"),
    ("title is not missing", "not missing(title)"),
    ("title is known", "not missing(title)"),
    ('title is " VP Sales "', "title == 'vp sales'"),
    ("title is email", "title == email"),
    # A bare word is a label first, wherever the left side has labels.
    ("plan is Pro", "plan == 'pro'"),
    ('plan is not "PRO"', "plan != 'pro'"),
    ("grade is a", "grade == 'A'"),
    ("grade in (A, B)", "grade in ['A', 'B']"),
    ('plan not in (pro, "free")', "not plan in ['free', 'pro']"),
    ("title in (Chief, \"VP\")", "title in ['chief', 'vp']"),
    ("domain(email) in hosts", "domain(email) in ['other.example', 'rival.example']"),
    ("n in codes", "n in [1.0, 2.5, 3.0]"),
    ("fit in (1, 2)", "fit in [1.0, 2.0]"),
    ("title contains \"Head\"", "title contains any ['head']"),
    ('title has word any of ("Head of", "VP")', "title has word any [' head of ', ' vp ']"),
    ('email like "*@RIVAL.*"', "email like any ['*@rival.*']"),
    ("email ends with any of hosts", "email ends with any ['other.example', 'rival.example']"),
    ('tags has all of ("b", "A")', "tags has all ['a', 'b']"),
    ('repeats(title, 3)', "repeats(title, 3p)"),
    ("more_than(fit, 3)", "fit > 3p"),
    ("more_than(n, 3)", "n > 3.0"),
    ("fit - fit 7 days ago >= 20", "subtract(fit, fit@7d) >= 20p"),
    # Events.
    ("any login", "occurs(login)"),
    ("no event in the last 2 weeks", "not occurs(login+logout+page_view within 20160min)"),
    ("count of login in the last 1.5 days > 2", "count(login within 2160min) > 2p"),
    (
        'count of distinct url of page_view where (url contains "/Pricing" and n > 3) > 2',
        "count(url of page_view where (its url contains any ['/pricing'] and n > 3.0)) > 2p",
    ),
    ("any event where (seconds > 30)", "occurs(login+logout+page_view where its seconds > 30.0)"),
    ("sum of seconds of page_view > 3", "sum(seconds of page_view) > 3p"),
    ("hours since last event > 3", "since(last login+logout+page_view in 60min) > 3p"),
    ("days since seen < 30", "since(seen in 1440min) < 30p"),
    ("months since born > 3", "since(born in 43200min) > 3p"),
    ("weeks from first login to last logout < 3", "path(first login to last logout in 10080min) < 3p"),
]  # fmt: skip


@pytest.mark.parametrize(("written", "meant"), CONDITIONS)
def test_conditions_compare_like_with_like(written: str, meant: str) -> None:
    assert shown(condition_of(written)) == meant


def test_days_and_times_are_instants_in_the_zone_of_the_policy() -> None:
    header = FACTS.replace("  language 1\n", '  language 1\n  timezone "Europe/Paris"\n  effective to 2026-12-31\n')
    text = "score s\n  +1 a when born >= 2026-03-01 and seen < 2026-03-01T10:00 and seen < 2026-03-01T10:00Z\n"
    program = analyze_text(header + text).program
    assert program is not None and program.timezone == "Europe/Paris"
    paris = ZoneInfo("Europe/Paris")
    constants = [
        part.right.value
        for part in program.scores[-1].items[0].trigger.condition.items  # type: ignore[union-attr]
    ]
    assert constants == [
        values.midnight(date(2026, 3, 1), paris),
        values.instant(datetime(2026, 3, 1, 10), paris),
        values.instant(datetime(2026, 3, 1, 10, tzinfo=timezone.utc)),
    ]
    assert program.effective_from is None
    assert program.effective_to == values.midnight(date(2027, 1, 1), paris), "the last day is included"


# ------------------------------------------------------------------ rules and scores


@pytest.mark.parametrize(
    ("written", "unit", "span", "after"),
    [
        ("for each login, halving every 30 days", DAY, 30, 0),
        ("for each login, halving every 2 weeks, after 1 day", DAY, 14, 1),
        ("for each login, halving every 1 month", DAY, 30, 0),
        ("for each login, fading over 2 days, after 6 hours", HOUR, 48, 6),
        ("for each login in the last 90 minutes, halving every 1 day", MINUTE, 1440, 0),
        ("for each login, fading over 1.5 days", HOUR, 36, 0),
        ("for each login in the last 2 years, fading over 36 hours", HOUR, 36, 0),
    ],
)
def test_a_decay_counts_in_the_smallest_unit_that_its_rule_names(
    written: str, unit: int, span: int, after: int
) -> None:
    trigger = rule_of(f"+5 r {written}").trigger
    assert isinstance(trigger, ir.Each) and trigger.curve is not None
    assert (trigger.curve.unit, trigger.curve.span, trigger.curve.after) == (unit, span, after)


def test_the_inmost_default_decay_counts_and_a_rules_own_before_it() -> None:
    score = score_of(
        "  decay halving every 10 days\n"
        "  +1 a for each login\n"
        "  +1 b for each login, fading over 3 days\n"
        "  group g\n"
        "    decay losing 10% every 12 hours\n"
        "    +1 c for each login\n"
        "  +1 d when flag\n"
    )
    a, b, group, d = score.items
    assert isinstance(a, ir.Rule) and isinstance(a.trigger, ir.Each)
    assert a.trigger.curve == ir.Curve("halving", DAY, 10)
    assert isinstance(b, ir.Rule) and isinstance(b.trigger, ir.Each)
    assert b.trigger.curve == ir.Curve("fading", DAY, 3)
    assert isinstance(group, ir.Group) and isinstance(group.items[0], ir.Rule)
    assert isinstance(group.items[0].trigger, ir.Each)
    assert group.items[0].trigger.curve == ir.Curve("losing", HOUR, 12, Fraction(1, 10))
    assert isinstance(d, ir.Rule) and isinstance(d.trigger, ir.When)


def test_silence_is_no_default_decay_and_reads_every_kind_of_event() -> None:
    score = score_of(
        "  reset on logout\n  decay keeping 90% every 7 days of silence, after 1 day\n  +1 a for each login\n"
    )
    (rule,) = score.items
    assert isinstance(rule, ir.Rule) and isinstance(rule.trigger, ir.Each) and rule.trigger.curve is None
    assert score.silence is not None
    assert score.silence.curve == ir.Curve("keeping", DAY, 7, Fraction(9, 10), 1)
    assert selected(score.silence.events) == "login+logout+page_view after logout"


def test_a_reset_reaches_every_event_that_its_score_reads_and_no_other_score() -> None:
    program = program_of(
        "define quiet = no login in the last 3 days\n"
        "score s\n  reset on logout, page_view\n  +1 a when quiet and count of login > 2 and fit > 3\n"
        "score t\n  +1 b when quiet\n"
    )
    by_name = {score.name: score for score in program.scores}
    (a,), (b,) = by_name["s"].items, by_name["t"].items
    assert isinstance(a, ir.Rule) and isinstance(a.trigger, ir.When)
    assert shown(a.trigger.condition) == (
        "(not occurs(login within 4320min after logout+page_view) and "
        "count(login after logout+page_view) > 2p and fit > 3p)"
    )
    assert isinstance(b, ir.Rule) and isinstance(b.trigger, ir.When)
    assert shown(b.trigger.condition) == "not occurs(login within 4320min)"


def test_modifiers_of_an_event_rule() -> None:
    rule = rule_of(
        "-2.5 r for each page_view in the last 7 days where seconds > 3, at most 3 times per week, once per url, "
        "at most 20 points, from 2026-01-01, until 2026-06-30, renamed from old"
    )
    assert rule.points == -25_000 and rule.max_points == 200_000 and rule.renamed_from == "old"
    assert rule.starts == values.midnight(date(2026, 1, 1))
    assert rule.ends == values.midnight(date(2026, 7, 1)), "the last day is included"
    assert isinstance(rule.trigger, ir.Each)
    assert selected(rule.trigger.events) == "page_view within 10080min where its seconds > 3.0"
    assert (rule.trigger.at_most, rule.trigger.at_most_per) == (3, "week")
    assert not rule.trigger.once_ever and rule.trigger.once_per_period is None
    assert rule.trigger.once_per_property == "url"


def test_once_is_ever_or_per_period() -> None:
    ever, daily = rule_of("+1 r for each login, once").trigger, rule_of("+1 r for each login, once per day").trigger
    assert isinstance(ever, ir.Each) and (ever.once_ever, ever.once_per_period) == (True, None)
    assert isinstance(daily, ir.Each) and (daily.once_ever, daily.once_per_period) == (False, "day")


@pytest.mark.parametrize(
    ("written", "points"),
    [
        ("+5 r when flag", "50000"),
        ("-0.25 r when flag", "-2500"),
        ("+(2 + 3) r when flag", "50000"),
        ("-(5) r when flag", "-50000"),
        ("+(fit / 2) r when flag", "scaled(fit, 1/2)"),
        ("-(n) r when flag", "subtract(0p, to_exact(n))"),
        ("+(seconds * 2) r for each page_view", "to_exact(multiply(its seconds, 2.0))"),
    ],
)
def test_points_are_ticks_or_an_exact_expression(written: str, points: str) -> None:
    found = rule_of(written).points
    assert (str(found) if isinstance(found, int) else shown(found)) == points


def test_per_counts_whole_portions() -> None:
    one, ten = rule_of("+1 r per n").trigger, rule_of("+1 r per 2.5 of sum of seconds of page_view").trigger
    assert isinstance(one, ir.Per) and one.amount == TICKS and shown(one.item) == "to_exact(n)"
    assert isinstance(ten, ir.Per) and ten.amount == 25_000 and shown(ten.item) == "sum(seconds of page_view)"


def test_scores_stand_after_what_they_read_and_are_declared_in_the_order_of_the_text() -> None:
    program = program_of("score z = y + 1\nscore y = if(grade is A, x, 0)\nscore x = other 7 days ago\n")
    assert program.declared_scores == ("fit", "other", "z", "y", "x")
    assert [score.name for score in program.scores] == ["fit", "other", "x", "y", "z"]


def test_decisions_stand_after_what_they_read_and_their_rows_are_counted() -> None:
    program = program_of(
        "band b of other\n  1 >= 5\n  2 otherwise\n"
        "decide first by grade, b\n"
        "  call when second is go\n"
        "  |   | 2 | 1 |\n"
        "  | b | x | y |\n"
        "  | A | z | y |\n"
        "  wait otherwise\n"
        "decide second\n  go unless flag\n  stop otherwise\n"
        'outcome z "Words" within 2 hours\n'
    )
    assert program.declared_decisions == ("first", "second")
    assert [decision.name for decision in program.decisions] == ["second", "first"]
    call, grid, wait = program.decisions[1].rows
    assert isinstance(call, ir.Choice) and call.row == 1
    assert grid == ir.Grid(2, "grade", "b", ("B", "A"), ("2", "1"), (("x", "y"), ("z", "y")))
    assert wait == ir.Choice(3, "wait", None)
    assert (program.outcomes[0].name, program.outcomes[0].within) == ("z", 2 * HOUR)
    assert {outcome.name for outcome in program.outcomes} == {"z", "go", "stop", "call", "x", "y", "wait"}


def test_completeness_counts_the_fields_that_the_results_read() -> None:
    program = program_of(
        "define by_mail = email is known\n"
        "band c of fit\n  x >= m\n  y otherwise\n"
        "gate g\n  never go when by_mail\n"
        "decide d\n  go when any page_view where (seconds > 3 and flag)\n  stop otherwise\n"
        "account by title\n  score heat = sum of fit\n"
        "promise p\n  born is missing or fit >= 0\n"
    )
    assert program.reads == ("email", "n", "m", "flag"), "neither the account nor promises count"


def test_names_of_rules_are_those_of_their_score_whatever_group_they_are_in() -> None:
    score = score_of(
        '  group g "Mail" at most 30 points, at least -5 points, counting 30%\n'
        "    first of h\n"
        "      +1 a when flag\n"
        "      +2 b otherwise\n"
    )
    (group,) = score.items
    assert isinstance(group, ir.Group)
    assert (group.kind, group.full_name, group.label) == ("sum", "s.g", "Mail")
    assert (group.most, group.least, group.counting) == (300_000, -50_000, Fraction(3, 10))
    (inner,) = group.items
    assert isinstance(inner, ir.Group) and inner.kind == "first"
    assert [rule.full_name for rule in inner.items] == ["s.a", "s.b"]
    assert inner.items[1].trigger == ir.Otherwise()  # type: ignore[union-attr]


def test_a_set_of_rows_is_opened_where_it_is_included() -> None:
    program = program_of(
        'rules visits(e: event, t: text, n: number, limit: score, names: list of text) "Visits"\n'
        '  +1 a for each e where t is "x"\n'
        "  +(n) b when limit > n and t in names\n"
        "  +1 c when t contains any of names\n"
        "bands two(from: number)\n  hot >= from\n  cold otherwise\n"
        "choices rest\n  wait otherwise\n"
        "score s\n  include visits(login, email, 5, fit, hosts) except c\n"
        "band sb of s\n  boiling >= 90\n  include two(n)\n"
        "decide d\n  go when flag\n  include rest\n"
    )
    a, b = program.scores[-1].items
    assert isinstance(a, ir.Rule) and isinstance(a.trigger, ir.Each)
    assert (a.full_name, selected(a.trigger.events)) == ("s.a", "login where email == 'x'")
    assert isinstance(b, ir.Rule) and isinstance(b.trigger, ir.When)
    assert b.points == 50_000, "an argument that is a written number makes written points"
    assert shown(b.trigger.condition) == "(fit > 5p and email in ['other.example', 'rival.example'])"
    assert program.bands[-1].labels == ("boiling", "hot", "cold")
    assert shown(program.bands[-1].rows[1].limit) == "to_exact(n)"
    assert program.decisions[0].outcomes == ("go", "wait")


def test_a_parameter_hides_nothing_and_sees_nothing_of_the_place_of_use() -> None:
    """`n` is a field of the lead, and the name of a parameter; each means its own thing in its own place."""
    program = program_of("define above(n: number) = n > 3\nscore s\n  +1 a when above(m) and n > 4\n")
    (rule,) = program.scores[-1].items
    assert isinstance(rule, ir.Rule) and isinstance(rule.trigger, ir.When)
    assert shown(rule.trigger.condition) == "(m > 3.0 and n > 4.0)"


def test_an_account_reads_its_leads() -> None:
    program = program_of(
        "account by domain(email) where flag\n"
        "  score heat from 0 to 200 = sum of top 3 fit + 10 * count of leads where (grade is A)\n"
        "  score half = heat / 2\n"
        "  band warmth of heat\n    hot >= 100\n    cold otherwise\n"
        "  decide act\n    call when warmth is hot\n    wait otherwise\n"
        "  gate calm\n    never call unless half > 3\n"
    )
    account = program.account
    assert account is not None and account.where is not None
    assert (shown(account.key), shown(account.where)) == ("domain(email)", "flag")
    heat, half = account.scores
    assert heat.body is not None and half.body is not None
    assert shown(heat.body) == "add(sum(top 3 fit), scaled(leads(grade == 'A'), 10))"
    assert shown(half.body) == "scaled(heat, 1/2)"
    assert account.gates[0].bans[0].trigger.unless
    assert [outcome.name for outcome in program.outcomes] == ["call", "wait"]


# ------------------------------------------------------------------ tests, promises, alerts


def test_a_test_is_a_clean_lead_with_clean_events() -> None:
    program = program_of(
        'test "an example"\n'
        "  at 2026-03-02\n"
        '  given email " Ann@MIT.edu ", n 5, plan pro, flag yes, born 2000-01-01, tags ("A ", "b"), title missing\n'
        '  event page_view 2 times 1 day ago, url "/Pricing", seconds 3\n'
        "  event login on 2026-03-01T10:00Z\n"
        "  expect fit between 1 and 5 and grade is not A\n"
        "  expect fired fit.big, other.active\n"
        "  expect not fired fit.big\n"
    )
    (example,) = program.tests
    at = values.midnight(date(2026, 3, 2))
    assert example.at == at
    assert dict(example.lead) == {
        "email": "Ann@MIT.edu",
        "title": None,
        "n": 5.0,
        "m": None,
        "plan": "Pro",
        "flag": True,
        "born": values.midnight(date(2000, 1, 1)),
        "seen": None,
        "tags": ("A", "b"),
    }
    view = ir.Happening("page_view", at - DAY, (("url", "/Pricing"), ("seconds", 3.0)))
    assert example.events == (view, view, ir.Happening("login", at - 14 * HOUR))
    holds, *fired = example.expectations
    assert holds.condition is not None and holds.text == "fit between 1 and 5 and grade is not A"
    assert [(one.rule, one.negated, one.text) for one in fired] == [
        ("fit.big", False, "fired fit.big"),
        ("other.active", False, "fired other.active"),
        ("fit.big", True, "not fired fit.big"),
    ]


def test_a_test_without_a_day_is_at_the_turn_of_the_century() -> None:
    program = program_of('test "an example"\n  expect fit is 0\n')
    assert program.tests[0].at == values.midnight(date(2000, 1, 1))


def test_promises_alerts_and_shows() -> None:
    program = program_of(
        'promise p "Words"\n  fit >= 0\n  flag implies n > 3\n'
        "  more login never lowers fit\n  higher n never raises other\n"
        'alert up to "x@acme.example" when fit rises above 12.5\n'
        'alert out to "x@acme.example" when grade leaves a\n'
        "show sales: fit, grade\nshow marketing: everything\n"
    )
    (promise,) = program.promises
    always, implied, more, higher = promise.vows
    assert isinstance(always, ir.Holds) and always.condition is None
    assert isinstance(implied, ir.Holds) and implied.condition is not None
    assert shown(implied.condition) == "flag" and shown(implied.consequence) == "n > 3.0"
    assert more == ir.Monotone("login", None, "lowers", "fit")
    assert higher == ir.Monotone(None, "n", "raises", "other")
    assert [(alert.change, alert.value) for alert in program.alerts] == [("rises above", 125_000), ("leaves", "A")]
    assert [(show.audience, show.names) for show in program.shows] == [
        ("sales", ("fit", "grade")),
        ("marketing", None),
    ]


def test_facts_carry_their_names_in_the_data() -> None:
    program = program_of('event visit from "Visits Webpage", tour\n  page: text from "Page URL"\n')
    visit = program.event("visit")
    assert (visit.source, program.event("tour").source) == ("Visits Webpage", "tour")
    assert visit.properties == program.event("tour").properties == (ir.Field("page", ir.Kind.TEXT, column="Page URL"),)
    assert program.field("n") == ir.Field("n", ir.Kind.NUMBER, column="n")
    assert program.key == "lead_id" and program.subject == "lead"


def test_a_field_that_is_the_key_is_required() -> None:
    text = "policy p\n  language 1\nlead by email\n  email: text\nscore s\n  +1 a when email is known\n"
    program = analyze_text(text).program
    assert program is not None and program.key == "email" and program.field("email").required


def test_what_a_header_does_not_say_has_a_plain_meaning() -> None:
    program = program_of("")
    assert (program.name, program.version, program.owner, program.timezone) == ("inbound", "0.0.0", "", "UTC")
    assert (program.language, program.subject, program.key) == (1, "lead", "lead_id")
