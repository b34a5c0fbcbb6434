"""The emitted Python: what it looks like, what it withstands, and that it gives what the reference gives.

Random policies are compared in `test_agreement.py`; here are the constructs that need a policy of their own.
"""

from __future__ import annotations

import ast
import random
import re
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from strategies import happenings, program_of

from scorec.compiler.engines import python, runtime
from scorec.dsl import ir, semantics, values
from scorec.dsl.ir import Kind
from scorec.dsl.values import DAY, HOUR

NOW = values.instant(values.moment_of(0)) + 20_500 * DAY

HEAD = """\
policy trial
  language 1
  version 1.0.0

lead by lead_id
  email: text
  title: text
  country: text
  employees: number
  member: yes/no
  opted_in: yes/no
  created_at: time

event view
  url: text
  seconds: number
event login, demo, unsubscribe

"""


def policy(text: str) -> ir.Program:
    return program_of(HEAD + text)


def lead(**known: Any) -> dict[str, Any]:
    """A clean lead of which this is known."""
    names = ("email", "title", "country", "employees", "member", "opted_in", "created_at")
    return dict.fromkeys(names) | known


def event(kind: str, ago: int, **known: Any) -> dict[str, Any]:
    properties = {"url": None, "seconds": None} if kind == "view" else {}
    return {"event": kind, "at": NOW - ago, **properties, **known}


def same_as_the_reference(program: ir.Program, one: dict[str, Any], events: list[dict[str, Any]], at: int = NOW) -> Any:
    """What the engine gives, after a look at what the reference does."""
    expected = semantics.evaluate(program, one, happenings(events), at)
    engine = python.load(program)
    assert engine.evaluate_with_reasons(one, events, at) == expected
    short = engine.evaluate(one, events, at)
    assert (short.scores, short.bands, short.gates) == (expected.scores, expected.bands, expected.gates)
    assert short.lines is None and all(chosen[2] == () for chosen in short.decisions.values())
    return expected


# ------------------------------------------------------------------ what it looks like


def body_of(program: ir.Program, name: str = "score") -> str:
    """The emitted function, without comments."""
    text = re.sub(r"\s*# .*", "", python.emit(program))
    return text[text.index(f"def {name}(") :].split("\n\n\ndef ")[0]


def test_a_text_is_folded_once_however_many_rules_look_at_it() -> None:
    body = body_of(
        policy(
            """\
score fit
  +1 a when title contains "chief"
  +2 b when title contains any of ("vp", "head of")
  +3 c when title is "owner"
  +4 d when domain(email) in ("corp.example", "acme.example")
  +5 e when domain(email) is "rival.example" or email ends with ".edu"
"""
        )
    )
    assert body.count(".lower()") == 2
    assert body.count("rfind('@')") == 1


def test_rules_on_one_field_share_the_test_that_it_is_known_and_one_chain() -> None:
    body = body_of(
        policy(
            """\
score fit
  +5  small when employees between 1 and 50
  +10 large when employees > 50 and employees < 5000
  +20 huge when employees >= 5000
"""
        )
    )
    assert body.count("f_0 is not None") == 1
    assert "if 1.0 <= f_0 <= 50.0: s_0 += 50000" in body
    assert "elif 50.0 < f_0 < 5000.0: s_0 += 100000" in body
    assert "elif f_0 >= 5000.0: s_0 += 200000" in body


def test_rules_that_can_hold_together_make_no_chain() -> None:
    program = policy("score fit\n  +5 some when employees >= 10\n  +10 more when employees >= 50\n")
    assert "elif" not in body_of(program).split("# ")[0].split("return")[0].replace("elif s_", "")
    assert same_as_the_reference(program, lead(employees=60.0), []).scores == {"fit": 150_000}


def test_there_is_one_pass_over_the_events_and_one_test_of_their_kind() -> None:
    body = body_of(
        policy(
            """\
score heat
  +1 views for each view in the last 30 days
  +2 recent for each view in the last 7 days where url contains "/pricing"
  +3 logins for each login, halving every 30 days
  +4 seen when any view in the last 30 days and count of login >= 3
"""
        )
    )
    assert body.count("for e in events") == 1
    assert body.count("== 'view'") == body.count("== 'login'") == 1
    # The narrower window stands inside the wider one.
    wide, narrow = (re.search(rf"\n( +)if t > {name}:", body) for name in ("w_0", "w_1"))
    assert wide is not None and narrow is not None and len(narrow.group(1)) > len(wide.group(1))


def test_an_event_before_every_window_is_left_at_the_first_test() -> None:
    body = body_of(
        policy(
            "score heat\n  +1 views for each view in the last 30 days\n  -1 quiet when no login in the last 9 days\n"
        )
    )
    assert "if not w_0 < t <= T: continue" in body


def test_what_several_conditions_share_is_computed_once() -> None:
    body = body_of(
        policy(
            """\
define boss = title has word any of ("chief", "vp") and employees > 10
score fit
  +1 a when boss and member
  +2 b when boss and opted_in
  -3 c unless boss or member
"""
        )
    )
    assert body.count("' vp '") == 1


def test_the_best_of_written_points_is_the_first_that_holds_of_the_most_points() -> None:
    program = policy(
        """\
score fit
  best of tier
    +10 a when member
    +30 b when opted_in
    +30 c when employees > 5
    +20 d when employees > 3
"""
    )
    assert body_of(program).count("elif") == 3
    both = same_as_the_reference(program, lead(member=True, opted_in=True, employees=10.0), [])
    assert [line.rule for line in both.lines or ()] == ["fit.b"]


def test_numbers_compare_as_they_were_written() -> None:
    body = body_of(policy("score heat\n  +1 a when count of view >= 3 and days since last login > 45\n"))
    assert "n_0 >= 3" in body and f"T - {46 * DAY}" in body


def test_the_text_is_the_same_whatever_the_hash_seed() -> None:
    program = (
        "import sys; sys.path.insert(0, 'tests')\n"
        "from benchmarks.__main__ import workload\n"
        "from scorec.compiler.engines import python\n"
        "print(python.emit(workload()))"
    )
    texts = set()
    for seed in ("0", "1", "4242"):
        ran = subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": "."},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        texts.add(ran.stdout)
    assert len(texts) == 1


ROOT = __file__.rpartition("tests")[0]


# ------------------------------------------------------------------ names cannot escape

HOSTILE = (
    "')); __import__('os').system('true') #",
    '"""',
    "\\",
    "\n    raise SystemExit",
    "{x} %s $y",
    "\x00\x07\u2028\u202e",
    "İΣſ 李",
    "\ud800",
    "class",
    "T",
    "lead",
)


def hostile(text: str) -> ir.Program:
    """A program in which everything that has a name or a text is called so."""
    flag = ir.FieldOf(Kind.FLAG, text)
    rule = ir.Rule(text, text, text, 10_000, ir.When(flag))
    worded = ir.Rule(
        text + "2",
        text + "2",
        text,
        20_000,
        ir.When(ir.TextTest(Kind.FLAG, ir.TextOp.CONTAINS, ir.FieldOf(Kind.TEXT, text + "3"), (text,), False)),
    )
    each = ir.Rule(
        text + "4",
        text + "4",
        text,
        30_000,
        ir.Each(
            ir.Events(
                (text,), None, ir.Compare(Kind.FLAG, "==", ir.PropertyOf(Kind.TEXT, text), ir.Const(Kind.TEXT, text))
            )
        ),
    )
    score = ir.Score(text, text, None, None, None, None, 0, (rule, worded, each), None, (), ())
    band = ir.Band(text, text, text, (ir.BandRow(text, ir.Const(Kind.EXACT, 10_000)),), text + "5")
    gate = ir.Gate(text, text, (ir.Ban((text,), ir.When(flag)),))
    decision = ir.Decision(text, text, (ir.Choice(1, text, ir.When(flag)), ir.Choice(2, text + "6", None)))
    return replace(
        policy("score fit\n  +1 a when member\n"),
        name=text,
        label=text,
        version=text,
        fields=(ir.Field(text, Kind.FLAG), ir.Field(text + "3", Kind.TEXT)),
        events=(ir.EventKind(text, text, (ir.Field(text, Kind.TEXT),)),),
        scores=(score,),
        declared_scores=(text,),
        bands=(band,),
        gates=(gate,),
        decisions=(decision,),
        declared_decisions=(text,),
        reads=(text, text + "3"),
    )


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_no_name_or_text_of_a_policy_can_mean_anything_in_the_source(text: str) -> None:
    program = hostile(text)
    source = python.emit(program)
    for node in ast.walk(ast.parse(source)):
        for name in (getattr(node, "id", ""), getattr(node, "arg", ""), getattr(node, "attr", "")):
            assert re.fullmatch(r"|[a-zA-Z]+_\d+(_seen)?|[A-Za-z_]+", name or "")
            assert name is None or not name.startswith("__")
    ours = {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}
    assert {name for name in ours if not re.search(r"_\d", name)} <= ALLOWED
    word = values.folded(text)
    folded = replace(
        program,
        scores=(
            replace(program.scores[0], items=tuple(with_folded(item, text, word) for item in program.scores[0].items)),
        ),
    )
    facts = {text: True, text + "3": f"x {text} y"}
    same_as_the_reference(folded, facts, [{"event": text, "at": NOW, text: text}])
    same_as_the_reference(folded, {text: None, text + "3": None}, [{"event": text, "at": NOW, text: None}])


def with_folded(item: Any, text: str, word: str) -> Any:
    """The checker folds the texts of conditions; by hand that has to be done here."""
    match item.trigger:
        case ir.When(condition=ir.TextTest() as test):
            return replace(item, trigger=ir.When(replace(test, needles=(word,))))
        case ir.Each(events=events):
            condition = replace(events.where, right=ir.Const(Kind.TEXT, word))
            return replace(item, trigger=ir.Each(replace(events, where=condition)))
        case _:
            return item


ALLOWED = {
    *("lead", "events", "T", "e", "t", "k", "i", "known", "lines"),
    *("Any", "Sequence", "dict", "tuple", "list", "int", "str", "folded", "barring"),
}
"""what the source may name, besides the numbered names of its own"""


# ------------------------------------------------------------------ size


def test_five_thousand_rules() -> None:
    rules = "".join(
        f'  +1 r{number} when employees > {number % 700} and country is "c{number % 50}"\n' for number in range(5000)
    )
    program = policy(f"score fit\n{rules}")
    result = same_as_the_reference(program, lead(employees=1000.0, country="c7"), [])
    assert result.scores == {"fit": 100 * values.TICKS}


def test_a_choice_among_two_thousand_members_and_a_band_of_two_thousand_rows() -> None:
    members = "".join(f"    +{number % 9 + 1} m{number} when employees is {number}\n" for number in range(2000))
    rows = "".join(f"  l{number} >= {number}\n" for number in reversed(range(1, 2000)))
    program = policy(
        f"score fit\n  first of size\n{members}    +7 other otherwise\nband size of fit\n{rows}  none otherwise\n"
    )
    for employees in (0.0, 1999.0, 2000.0, None):
        same_as_the_reference(program, lead(employees=employees), [])


def test_a_thousand_kinds_of_events() -> None:
    kinds = [f"e{number}" for number in range(1000)]
    rules = "".join(
        f"  +1 r{number} for each {kind} in the last {number % 60 + 1} days\n" for number, kind in enumerate(kinds)
    )
    program = policy(f"event {', '.join(kinds)}\nscore heat\n{rules}")
    events = [{"event": kind, "at": NOW - 20 * DAY} for kind in kinds[::7]]
    same_as_the_reference(program, lead(), events)


def test_groups_and_conditions_a_hundred_levels_deep() -> None:
    flags = [ir.FieldOf(Kind.FLAG, "member"), ir.FieldOf(Kind.FLAG, "opted_in")]
    condition: ir.Expr = flags[0]
    for level in range(100):
        kind = ir.And if level % 2 else ir.Or
        condition = kind(Kind.FLAG, (ir.Not(Kind.FLAG, condition), flags[level % 2]))
    chosen: ir.Expr = flags[0]
    for level in range(60):
        chosen = ir.Call(Kind.FLAG, ir.Op.IF, (flags[level % 2], chosen, flags[1]))
    item: ir.Rule | ir.Group = ir.Rule("deep", "fit.deep", "", 10_000, ir.When(condition))
    for level in range(100):
        late = ir.Rule(f"r{level}", f"fit.r{level}", "", 20_000, ir.When(chosen, unless=True))
        kinds = ("first", "best", "sum")
        members = (late, item) if level % 2 else (item, late)
        item = ir.Group(kinds[level % 3], f"g{level}", f"fit.g{level}", "", 50_000, None, None, members)  # type: ignore[arg-type]
    program = policy("score fit\n  +1 a when member and opted_in\n")
    program = replace(program, scores=(replace(program.scores[0], items=(item,)),))
    for member in (True, False, None):
        for opted_in in (True, False, None):
            same_as_the_reference(program, lead(member=member, opted_in=opted_in), [])


def test_sums_of_thousands_of_terms() -> None:
    field = ir.FieldOf(Kind.NUMBER, "employees")
    doubles = ir.Call(Kind.NUMBER, ir.Op.ADD, (field,) * 3000)
    exact = ir.Call(Kind.EXACT, ir.Op.SUBTRACT, (ir.Const(Kind.EXACT, 5),) * 3000)
    body = ir.Call(Kind.EXACT, ir.Op.ADD, (ir.Call(Kind.EXACT, ir.Op.TO_EXACT, (doubles,)), exact))
    program = policy("score fit = employees + 0\n")
    program = replace(program, scores=(replace(program.scores[0], body=body),))
    for employees in (0.1, None, 1e305, -1e308):
        same_as_the_reference(program, lead(employees=employees), [])


def test_conditions_that_compare_conditions_do_not_grow_without_measure() -> None:
    member, opted_in = ir.FieldOf(Kind.FLAG, "member"), ir.FieldOf(Kind.FLAG, "opted_in")
    condition: ir.Expr = member
    for _ in range(60):
        condition = ir.Compare(Kind.FLAG, "!=", condition, opted_in)
    program = policy("score fit\n  +1 a when member and opted_in\n")
    rule = ir.Rule("a", "fit.a", "", 10_000, ir.When(condition))
    program = replace(program, scores=(replace(program.scores[0], items=(rule,)),))
    assert len(python.emit(program)) < 40_000
    for one in (lead(member=True, opted_in=False), lead(member=True, opted_in=True), lead(member=True)):
        same_as_the_reference(program, one, [])


# ------------------------------------------------------------------ constructs


def with_points(points: ir.Expr, text: str) -> ir.Program:
    """A policy whose one rule has these points."""
    program = policy(text)
    score = program.scores[-1]
    (rule,) = score.items
    assert isinstance(rule, ir.Rule)
    return replace(program, scores=(*program.scores[:-1], replace(score, items=(replace(rule, points=points),))))


SECONDS = ir.Call(Kind.EXACT, ir.Op.TO_EXACT, (ir.PropertyOf(Kind.NUMBER, "seconds"),))
TRIGGERS = (
    "for each view",
    "for each view, halving every 3 days",
    "for each view, once",
    "for each view, once per day",
    "for each view, once per url, fading over 9 days",
    "for each view in the last 5 days, at most 2 times",
    "for each view, at most 2 times per week, losing 10% every 1 day",
    "for each view, at most 20 points",
)


@pytest.mark.parametrize("trigger", TRIGGERS)
@pytest.mark.parametrize("reads", ["the event", "the event and a score", "the lead and a score"])
def test_computed_points_for_each_event(trigger: str, reads: str) -> None:
    fit = ir.ScoreOf(Kind.EXACT, "fit")
    employees = ir.Call(Kind.EXACT, ir.Op.TO_EXACT, (ir.FieldOf(Kind.NUMBER, "employees"),))
    points = {
        "the event": SECONDS,
        "the event and a score": ir.Call(Kind.EXACT, ir.Op.ADD, (SECONDS, fit)),
        "the lead and a score": ir.Call(Kind.EXACT, ir.Op.SUBTRACT, (employees, fit)),
    }[reads]
    program = with_points(points, f"score fit\n  +2 a when member\nscore heat\n  +1 b {trigger}\n")
    dice = random.Random(trigger)
    for _ in range(30):
        events = [
            event(
                "view",
                dice.choice((0, HOUR, DAY, 3 * DAY, 3 * DAY - 1, 8 * DAY, -HOUR)),
                url=dice.choice((None, "/a", "/A", "/b")),
                seconds=dice.choice((None, -3.0, 0.00005, 4.0, 7.25)),
            )
            for _ in range(dice.randrange(7))
        ]
        same_as_the_reference(
            program, lead(member=dice.choice((True, None)), employees=dice.choice((None, 3.0))), events
        )


@pytest.mark.parametrize("points", ["+5", "-5"])
@pytest.mark.parametrize(
    "limit", ["at most 20 points", "at most 18 points", "at most 4 times", "at most 4 times, at most 18 points"]
)
def test_a_limit_cuts_only_what_is_beyond_it(points: str, limit: str) -> None:
    program = policy(
        f"score heat\n  {points} a for each view, {limit}\n  {points} b for each login, fading over 9 days, {limit}\n"
    )
    for how_many in range(8):
        events = [event("view", 0)] * how_many + [event("login", 0)] * how_many
        same_as_the_reference(program, lead(), events)


def test_rules_that_meet_at_a_number_both_hold_there() -> None:
    program = policy(
        """\
score fit
  +5  a when employees between 1 and 10
  +10 b when employees between 10 and 20
  +20 c when employees > 20 and employees < 30
  +40 d when employees >= 30
  +80 e when employees in (5, 10)
"""
    )
    for employees in (1.0, 5.0, 10.0, 15.0, 20.0, 25.0, 30.0):
        same_as_the_reference(program, lead(employees=employees), [])
    assert same_as_the_reference(program, lead(employees=10.0), []).scores == {"fit": 950_000}


def test_a_missing_age_equals_no_number() -> None:
    program = policy(
        "score heat\n  +5 a when days since created_at is 0.33333\n  +1 b unless days since created_at is 2\n"
    )
    assert same_as_the_reference(program, lead(), []).scores == {"heat": 10_000}
    assert same_as_the_reference(program, lead(created_at=NOW - 2 * DAY), []).scores == {"heat": 0}


def test_velocity_reads_the_past_in_the_same_pass() -> None:
    program = policy(
        """\
score heat from 0 to 100
  reset on unsubscribe
  +5 views for each view in the last 14 days, losing 10% every 1 day
  +1 logins for each login, at most 3 times
  decay losing 10% every 7 days of silence
score before = heat 7 days ago
score rise = heat - before + before 7 days ago
"""
    )
    assert body_of(program).count("for e in events") == 1
    dice = random.Random(5)
    for _ in range(60):
        kinds = ("view", "login", "view", "unsubscribe")
        events = [event(dice.choice(kinds), dice.randrange(-2, 40) * DAY // 2) for _ in range(dice.randrange(12))]
        same_as_the_reference(program, lead(), events)


def test_a_reset_counts_wherever_it_stands_among_the_events() -> None:
    program = policy("score heat\n  reset on unsubscribe\n  +5 views for each view\n")
    events = [event("view", 1), event("view", 9), event("unsubscribe", 5), event("unsubscribe", 7), event("view", 5)]
    for turn in range(len(events)):
        assert same_as_the_reference(program, lead(), events[turn:] + events[:turn]).scores == {"heat": 50_000}


def test_scores_stand_in_the_order_of_the_text_and_so_do_their_lines() -> None:
    program = policy("score total = heat + fit\nscore heat\n  +5 views for each view\nscore fit\n  +1 a when member\n")
    result = same_as_the_reference(program, lead(member=True), [event("view", 1)])
    assert list(result.scores) == ["total", "heat", "fit"]
    assert [line.score for line in result.lines or ()] == ["total", "heat", "fit"]


def test_a_gate_is_named_for_every_row_that_it_passed_over() -> None:
    program = policy(
        """\
score fit
  +1 a when member
gate first
  never sales, call when member
gate second
  never sales when employees < 5
decide step
  sales when member
  call when member
  wait otherwise
"""
    )
    result = same_as_the_reference(program, lead(member=True, employees=1.0), [])
    assert result.decisions["step"] == ("wait", 3, ((1, ("first", "second")), (2, ("first",))))
    same_as_the_reference(program, lead(employees=1.0), [])


def test_accounts_roll_up_what_their_leads_are() -> None:
    program = policy(
        """\
score fit from 0 to 100
  +40 a when member
score heat from 0 to 100
  +5 views for each view
band warmth of heat
  hot >= 10
  cold otherwise
account by domain(email) where opted_in
  score best = highest of fit + sum of top 2 heat + 10 * count of leads where (warmth is hot)
  band level of best
    target >= 60
    watch otherwise
  decide act
    call when level is target
    wait otherwise
"""
    )
    facts = [
        (lead(email="ann@ACME.example", member=True, opted_in=True), [event("view", 1)] * 3),
        (lead(email="bob@acme.example", opted_in=True), [event("view", 1)]),
        (lead(email="eve@acme.example", opted_in=False, member=True), []),
        (lead(opted_in=True, member=True), []),
        (lead(email="cy@b.example", opted_in=True), []),
    ]
    expected = semantics.evaluate_accounts(program, [(one, happenings(events)) for one, events in facts], NOW)
    found = python.load(program).accounts(facts, NOW)
    assert found == expected
    assert [(account.key, account.leads, account.decisions["act"]) for account in found] == [
        ("acme.example", 2, "call"),
        ("b.example", 1, "wait"),
    ]


def test_a_policy_without_an_account_has_none() -> None:
    assert python.load(policy("score fit\n  +1 a when member\n")).accounts([(lead(), [])], NOW) == ()


def test_completeness_counts_what_is_read_and_known() -> None:
    program = policy("score fit\n  +1 a when member and opted_in\n  +1 b when employees > 1\n")
    assert same_as_the_reference(program, lead(member=False, country="US"), []).completeness == 3333


# ------------------------------------------------------------------ the engine


def test_a_program_is_compiled_once() -> None:
    program = policy("score fit\n  +1 a when member\n")
    engine = python.load(program)
    assert python.load(program) is engine
    assert engine.score is engine.score
    assert python.load(replace(program)) is not engine


def test_the_fast_function_gives_plain_tuples() -> None:
    program = policy("score fit from 0 to 10\n  +15 a when member\nband b of fit\n  x >= 5\n  y otherwise\n")
    engine = python.load(program)
    assert engine.score(lead(member=True), [], NOW) == ((100_000,), ("x",), (), (), 1)
    assert engine.score_with_reasons(lead(member=True), [], NOW)[5] == [(0, 150_000), (1, -50_000, 150_000)]
    assert engine.lines == (("fit", "fit.a", "rule"), ("fit", "fit.range", "range"))


def test_the_emitted_module_runs_by_itself() -> None:
    program = policy("score heat\n  +5 views for each view, halving every 3 days\n")
    names: dict[str, Any] = {}
    exec(compile(python.emit(program), "emitted", "exec"), names)
    events = [event("view", 3 * DAY)]
    assert names["score"](lead(), events, NOW)[0] == names["score_with_reasons"](lead(), events, NOW)[0] == (25_000,)


# ------------------------------------------------------------------ what the emitted text calls

CURVES = [
    ("halving", Fraction(0), 30, 0),
    ("halving", Fraction(0), 7, 3),
    ("halving", Fraction(0), 1, 0),
    ("fading", Fraction(0), 90, 5),
    ("losing", Fraction(1, 10), 7, 0),
    ("losing", Fraction(1, 3), 1, 14),
    ("keeping", Fraction(9, 10), 30, 10),
    ("keeping", Fraction(99, 100), 1, 0),
    ("keeping", Fraction(1, 2), 3, 0),
    ("keeping", Fraction(0), 5, 1),
]


@pytest.mark.parametrize("ticks", [1, 3, 10_000, -70_000, 200_000, 10**10])
@pytest.mark.parametrize(("shape", "percent", "span", "after"), CURVES)
def test_a_table_holds_what_is_left_at_every_age(
    ticks: int, shape: str, percent: Fraction, span: int, after: int
) -> None:
    table = runtime.fading_table(ticks, shape, percent.numerator, percent.denominator, span, after)
    left = runtime.curve(shape, percent.numerator, percent.denominator, span, after)
    ages = range(len(table) + 50) if len(table) < 2000 else [*range(0, len(table), 97), len(table) - 1, len(table)]
    for age in ages:
        expected = values.decayed(ticks, shape, percent, span, age - after)
        assert (table[age] if age < len(table) else 0) == expected == left(ticks, age)


def test_a_table_that_would_be_endless_ends() -> None:
    assert len(runtime.fading_table(10_000, "halving", 0, 1, 525_600, 0)) == runtime.LONGEST_TABLE


@pytest.mark.parametrize(
    "zone", ["America/New_York", "Asia/Kolkata", "America/St_Johns", "Pacific/Apia", "Europe/London"]
)
@pytest.mark.parametrize("period", ["day", "week", "month"])
def test_calendar_periods_are_those_of_the_zone(zone: str, period: str) -> None:
    place = ZoneInfo(zone)
    find = runtime.calendar(period, place)
    dice = random.Random(zone + period)
    for _ in range(500):
        micros = dice.randrange(-(10**15), 2 * 10**15)
        assert find(micros) == values.period_of(micros, period, place)
    for day in range(16_000, 16_400):  # every hour of a year, with both changes of the clock
        for hour in range(24):
            micros = day * DAY + hour * HOUR
            assert find(micros) == values.period_of(micros, period, place)
