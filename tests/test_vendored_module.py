"""The module that `to_python` builds runs by itself, is typed, says what it is for, and scores as the policy does."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import facts, program_of, programs

import scorec
from scorec.compiler.policy import Policy
from scorec.compiler.vendored import vendored_module
from scorec.dsl import ir
from scorec.dsl.values import moment_of

POLICY = """\
# What the two teams agreed.
policy acme_inbound "Acme inbound leads"
  language 1
  version 2.1.0
  timezone "Europe/Paris"

use std.email

lead by lead_id
  email: text required
  title: text from "Job title"
  employees: number
  plan: one of (free, "Pro")
  opted_in: yes/no
  created_at: time
  tags: list of text

event view from "Visits Webpage"
  url: text
  seconds: number
event demo, unsubscribe

score fit "Who they are" from 0 to 100
  start at 10
  +25 boss "Signs the contract" when title has word any of ("chief", "vp")
  +15 large when employees >= 100
  +5 pro when plan is pro and tags has "hot"
  -20 free_mail when email.is_free(email)
score heat "What they do" from 0 to 100 rounded
  decay losing 10% every 7 days of silence, after 14 days
  group pages "Pages" at most 30 points
    +5 views for each view in the last 30 days, once per day
    +20 pricing for each view where url contains "/pricing", at most 30 points
  +40 demos for each demo, halving every 30 days
  cap 50 when employees is missing
score total = 60% of fit + 40% of heat
band readiness of total
  hot >= 50
  warm >= 21
  cold otherwise
decide step
  sales when readiness is hot
  mail when opted_in
  wait otherwise
gate consent
  never sales, mail unless opted_in
"""

LEADS: tuple[dict[str, Any], ...] = (
    {"email": " Ann@corp.example ", "Job title": "VP, Sales", "employees": "1200", "plan": "PRO", "tags": "Hot; b"},
    {"email": "bob@gmail.com", "title": "", "employees": None, "opted_in": "yes"},
    {"email": "cy@corp.example", "opted_in": True, "employees": 99.5, "created_at": "2026-01-01T10:00"},
)
EVENTS: tuple[dict[str, Any], ...] = (
    {"event": "Visits Webpage", "at": "2026-03-01T10:00Z", "url": "/Pricing?x", "seconds": 30},
    {"event": "view", "at": "2026-02-27 23:30", "properties": json.dumps({"url": "/pricing"})},
    {"event": "view", "at": "2026-02-27 00:30"},
    {"event": "demo", "at": "2026-02-10"},
    {"event": "something else", "at": "2026-02-10"},
    {"event": "demo", "at": "2027-02-10"},
)


@pytest.fixture(scope="module")
def policy() -> Policy:
    return scorec.loads(POLICY, name="acme.score")


def imported(text: str) -> Any:
    """The module that a text is."""
    module = ModuleType("vendored")
    exec(compile(text, "vendored.py", "exec"), vars(module))
    return module


def assert_same(found: Any, expected: scorec.Result) -> None:
    """A result of the module is that of the policy."""
    assert found.at == expected.at
    assert found.scores == dict(expected.scores) and found.bands == dict(expected.bands)
    assert found.decisions == dict(expected.decisions) and found.gates == dict(expected.gates)
    assert found.completeness == expected.completeness
    assert {name: tuple(choice) for name, choice in found.choices.items()} == {
        name: (choice.outcome, choice.row, choice.barred) for name, choice in expected.choices.items()
    }
    assert [tuple(reason) for reason in found.reasons] == [
        (reason.score, reason.rule, reason.points, reason.text, reason.before, reason.cut)
        for reason in expected.reasons
    ]


# ------------------------------------------------------------------ it scores as the policy does


@pytest.mark.parametrize("lead", LEADS, ids=lambda lead: lead["email"].strip())
@pytest.mark.parametrize("how_many", range(len(EVENTS) + 1))
def test_it_scores_raw_data_as_the_policy_does(policy: Policy, lead: dict[str, Any], how_many: int) -> None:
    module = imported(policy.to_python())
    events = EVENTS[:how_many]
    for at in ("2026-03-02", "2026-03-02T12:00+05:00", "2026-08-01"):
        assert_same(module.score(lead, events, at), policy.score(lead, events, at))


@settings(max_examples=60)
@given(st.data())
def test_it_scores_as_random_policies_do(data: st.DataObject) -> None:
    program = data.draw(programs())
    policy = Policy(program, {}, ())
    module = imported(policy.to_python())
    one = data.draw(facts(program))
    assert module._scored(one.lead, one.events, one.at) == policy.engine.score_with_reasons(
        one.lead, one.events, one.at
    )
    raw = {field.column or field.name: one.lead[field.name] for field in program.fields if field.kind in PLAIN}
    at = moment_of(one.at)
    if all(not field.required or raw.get(field.column or field.name) is not None for field in program.fields):
        assert_same(module.score(raw, [], at), policy.score(raw, [], at))


PLAIN = (ir.Kind.TEXT, ir.Kind.NUMBER, ir.Kind.FLAG, ir.Kind.TEXTS)


def test_bad_data_is_refused_with_every_reason(policy: Policy) -> None:
    module = imported(policy.to_python())
    with pytest.raises(ValueError) as lead_refused:
        module.score({"employees": "1,200", "plan": "gold"})
    assert str(lead_refused.value).split("\n") == [
        "this lead cannot be read",
        "  email: `email` is required and is missing",
        "  employees: `1,200` is not a number: write it without the comma",
        "  plan: `gold` is none of free, Pro",
    ]
    with pytest.raises(ValueError, match=r"event 2, at: the event has no time"):
        module.score(LEADS[0], [EVENTS[0], {"event": "demo"}])
    with pytest.raises(ValueError, match="not a time"):
        module.score(LEADS[0], at="yesterday")


def test_without_an_instant_it_scores_now(policy: Policy) -> None:
    module = imported(policy.to_python())
    assert module.score(LEADS[0]).at.year >= 2024


# ------------------------------------------------------------------ it stands alone


def test_it_runs_with_the_standard_library_only(policy: Policy, tmp_path: Path) -> None:
    (tmp_path / "acme_policy.py").write_text(policy.to_python(), "utf-8")
    program = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "import acme_policy\n"
        f"result = acme_policy.score({LEADS[0]!r}, {list(EVENTS)!r}, '2026-03-02')\n"
        "print(result.scores, [name for name in sys.modules if name.startswith('scorec') or name == 'lark'])\n"
    )
    ran = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True)
    expected = policy.score(LEADS[0], EVENTS, "2026-03-02")
    assert ran.stdout.strip() == f"{dict(expected.scores)} []"


def test_it_is_typed(policy: Policy, tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    for number, text in enumerate((POLICY, POLICY.replace('timezone "Europe/Paris"', ""))):
        path = tmp_path / f"vendored_{number}.py"
        path.write_text(scorec.loads(text).to_python(), "utf-8")
    ran = subprocess.run(
        [
            sys.executable,
            "-m",
            "mypy",
            "--strict",
            "--no-incremental",
            "--cache-dir",
            str(tmp_path / "cache"),
            str(tmp_path),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout


def test_it_says_what_it_is_for(policy: Policy) -> None:
    module = imported(policy.to_python())
    assert module.__doc__ is not None
    lines = module.__doc__.split("\n")
    assert lines[0] == "Acme inbound leads: scores, bands, decisions and reasons for a lead."
    assert "Written by scorec from `acme.score`. To change it, change the policy and build it again." in lines
    assert f"    fingerprint  {policy.fingerprint}" in lines
    assert "    email: text required" in lines
    assert "    title: text (also called 'Job title')" in lines
    assert "    view (also called 'Visits Webpage')" in lines
    assert "    plan: one of free, Pro" in lines
    assert ("acme_inbound", "2.1.0", policy.fingerprint) == (module.POLICY, module.VERSION, module.FINGERPRINT)
    public = [node for node in ast.parse(policy.to_python()).body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    assert all(
        ast.get_docstring(node) for node in public if not node.name.startswith("_") and node.name in module.__all__
    )


@pytest.mark.parametrize(
    ("expression", "expected"), [("sqrt(x)", "3"), ("x * 2", "18"), ("sqrt(x * x) + x / 2", "13.5")]
)
def test_it_brings_the_arithmetic_that_its_text_calls(expression: str, expected: str) -> None:
    """A root is in no shared module, and has to be imported all the same."""
    text = f"policy roots\n  language 1\n\nlead by lead_id\n  x: number\n\nscore s = {expression}\n"
    module = imported(scorec.loads(text).to_python())
    assert str(module.score({"x": 9}, at="2026-03-02").scores["s"]) == expected


def test_it_carries_only_what_it_needs() -> None:
    """A policy without events, times or words needs no decay, calendar or separators."""
    plain = scorec.loads(
        "policy p\n  language 1\n  version 1.0.0\nlead by id\n  n: number\nscore s\n  +1 a when n > 1\n"
    )
    names = {node.name for node in ast.walk(ast.parse(plain.to_python())) if isinstance(node, ast.FunctionDef)}
    assert {"score", "read_lead"} <= names
    assert names.isdisjoint({"fading_table", "curve", "calendar", "words_of", "is_like", "newest", "barring"})


def test_it_is_the_same_text_whatever_the_folder(policy: Policy, tmp_path: Path) -> None:
    path = tmp_path / "deep" / "acme.score"
    path.parent.mkdir()
    path.write_text(POLICY, "utf-8")
    text = scorec.load(path).to_python()
    assert text == policy.to_python()
    assert str(tmp_path) not in text


HOSTILE = ('"""\nraise SystemExit', "\\", "{before}%s", "'", "\u202e\x00", "\ud800")


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_no_words_of_a_policy_can_mean_anything_in_it(text: str) -> None:
    program = program_of(
        "policy p\n  language 1\n  version 1.0.0\nlead by id\n  n: number\nscore s from 0 to 5\n  +9 a when n > 1\n"
    )
    (score,) = program.scores
    (rule,) = score.items
    program = replace(
        program,
        label=text,
        version=text,
        subject=text,
        fields=(replace(program.fields[0], column=text),),
        scores=(replace(score, items=(replace(rule, label=text),)),),
    )
    source = vendored_module(program, policy_text_name=text).encode("utf-8", "replace").decode()
    module = imported(source)
    result = module.score({"n": 3}, at="2026-03-02")
    assert [str(points) for points in result.scores.values()] == ["5"]
    assert result.reasons[1].cut == "9, cut to 5"
