"""The fingerprint: the same for the same meaning, another for another one."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from scorec.compiler.pipeline import analyze, no_library
from scorec.compiler.version import SHORT, canonical, fingerprint
from scorec.dsl import ir
from scorec.dsl.source import Source

POLICY = """\
# What marketing and sales agreed.
policy inbound "Inbound leads"
  language 1
  version 1.0.0
  owner "ops@acme.example"

use std.email

lead by lead_id
  email: text
  employees: number
  student: yes/no

event login, logout
event page_view from "Visits"
  url: text
  seconds: number

list competitors = ("rival.example", "contender.example")
list core from "core.txt"

define large = employees >= 1000

score fit "Who they are" from 0 to 100
  start at 10
  +30 enterprise "Large" when large
  -40 student when student
  -100 competitor when domain(email) in competitors or email in core
  first of size
    +5 some when employees > 5
    +1 few otherwise
score engagement from 0 to 100
  +5 visits for each page_view in the last 30 days where url contains "/pricing", once per day
score total = 60% of fit + 40% of engagement

band readiness of total
  hot >= 50
  cold otherwise

outcome sales "An executive calls" within 1 day
decide step
  sales when readiness is hot
  nurture otherwise
gate students "Never"
  never sales when student
alert up to "a@acme.example" when readiness becomes hot
show sales: step
account by domain(email)
  score heat = sum of fit

promise p "Words"
  fit >= 0
test "example"
  given employees 5000
  expect fit is 40
"""


def program_of(text: str, core: str = "one\ntwo\n") -> ir.Program:
    found = analyze(Source("p.score", text), no_library, lambda name: Source(name, core))
    assert found.program is not None, [problem.message() for problem in found.problems]
    return found.program


def changed(*edits: tuple[str, str]) -> str:
    text = POLICY
    for old, new in edits:
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the policy"
        text = text.replace(old, new)
    return text


SAME = {
    "a comment": changed(("# What marketing and sales agreed.\n", "")),
    "layout": changed(("  -40 student when student\n", "\n  # why\n\n  -40   student   when   student   # here\n")),
    "the policy's name": changed(("policy inbound", "policy outbound")),
    "the version": changed(("1.0.0", "1.0.1")),
    "the owner": changed(("ops@acme.example", "sales@acme.example")),
    "the words of the policy": changed((' "Inbound leads"', ' "Leads"')),
    "the words of a score": changed((' "Who they are"', "")),
    "the words of a rule": changed((' "Large"', ' "Very large"')),
    "the words of an outcome": changed((' "An executive calls"', "")),
    "the words of a gate": changed((' "Never"', "")),
    "a test": changed(("given employees 5000", "given employees 6000")),
    "a promise": changed(("  fit >= 0\n", "  fit >= 0\n  fit <= 100\n")),
    "the order of declarations": changed(
        ("event login, logout\n", ""), ("list competitors", "event logout, login\nlist competitors")
    ),
    "the order of rules": changed(
        ("  -40 student when student\n", ""), ("  start at 10\n", "  start at 10\n  -40 student when student\n")
    ),
    "the order of scores": changed(
        ("score total = 60% of fit + 40% of engagement\n", ""),
        ("define large", "score total = 60% of fit + 40% of engagement\ndefine large"),
    ),
    "the order of fields": changed(
        ("  student: yes/no\n", ""), ("  email: text\n", "  student: yes/no\n  email: text\n")
    ),
    "the order and the case of a list": changed(
        ('("rival.example", "contender.example")', '("Contender.example", "rival.example")')
    ),
    "a define that is not used": changed(("define large", "define unused = employees > 7\ndefine large")),
    "the name of a define": changed(("define large", "define big"), ("when large", "when big")),
    "brackets": changed(("when student\n  -100", "when (student)\n  -100")),
    "the way a number is written": changed(("employees >= 1000", "employees >= 1_000.0")),
    "the way a duration is written": changed(("in the last 30 days", "in the last 1 month")),
    "the alias of a library": changed(("use std.email", "use std.email as mail")),
    "what a rule was called once": changed(("when large\n", "when large, renamed from giants\n")),
}

OTHER = {
    "points": changed(("+30 enterprise", "+31 enterprise")),
    "a limit": changed(("employees >= 1000", "employees >= 1001")),
    "a comparison": changed(("employees >= 1000", "employees > 1000")),
    "a define": changed(("define large = employees >= 1000", "define large = employees >= 1000 or student")),
    "a list": changed(('"contender.example"', '"other.example"')),
    "a rule's name": changed(("+30 enterprise", "+30 giants")),
    "the start": changed(("start at 10", "start at 11")),
    "the range": changed(('"Who they are" from 0 to 100', '"Who they are" from 0 to 99')),
    "a window": changed(("in the last 30 days", "in the last 31 days")),
    "once": changed((", once per day", "")),
    "unless": changed(("-40 student when student", "-40 student unless student")),
    "the order of a first of": changed(
        ("    +5 some when employees > 5\n", "    +5 some when employees > 5\n    +7 more when employees > 3\n")
    ),
    "a weight": changed(("60% of fit", "61% of fit")),
    "a band's limit": changed(("hot >= 50", "hot >= 51")),
    "a band's label": changed(("  cold otherwise", "  cool otherwise")),
    "an outcome": changed(("nurture otherwise", "recycle otherwise")),
    "a service level": changed(("within 1 day", "within 2 days")),
    "a gate": changed(("never sales when student", "never sales unless student")),
    "an alert": changed(("readiness becomes hot", "readiness leaves hot")),
    "what an audience sees": changed(("show sales: step", "show sales: step, fit")),
    "the account": changed(("sum of fit", "highest of fit")),
    "a field's type": changed(("  student: yes/no", "  student: yes/no required")),
    "a field's column": changed(("  student: yes/no", '  student: yes/no from "Is student"')),
    "an event's name in the data": changed(('from "Visits"', 'from "Views"')),
    "the key": changed(("lead by lead_id", "lead by id")),
    "the time zone": changed(("  version 1.0.0\n", '  version 1.0.0\n  timezone "Europe/Paris"\n')),
    "the time in effect": changed(("  version 1.0.0\n", "  version 1.0.0\n  effective from 2026-01-01\n")),
}


@pytest.mark.parametrize("text", SAME.values(), ids=SAME)
def test_what_no_lead_can_notice_leaves_the_fingerprint_alone(text: str) -> None:
    assert text != POLICY
    assert fingerprint(program_of(text)) == fingerprint(program_of(POLICY))


@pytest.mark.parametrize("text", OTHER.values(), ids=OTHER)
def test_whatever_a_lead_can_notice_changes_it(text: str) -> None:
    assert fingerprint(program_of(text)) != fingerprint(program_of(POLICY))


def test_the_order_in_a_first_of_counts() -> None:
    two = OTHER["the order of a first of"]
    some, more = "    +5 some when employees > 5\n", "    +7 more when employees > 3\n"
    assert fingerprint(program_of(two)) != fingerprint(program_of(two.replace(some + more, more + some)))


def test_the_values_of_a_list_file_count_and_its_layout_does_not() -> None:
    assert fingerprint(program_of(POLICY, "one\ntwo\n")) == fingerprint(program_of(POLICY, "# x\nTWO\n\n one\n"))
    assert fingerprint(program_of(POLICY, "one\ntwo\n")) != fingerprint(program_of(POLICY, "one\nthree\n"))


def test_every_change_has_a_fingerprint_of_its_own() -> None:
    prints = [fingerprint(program_of(text)) for text in OTHER.values()]
    assert len(set(prints)) == len(prints)


def test_a_program_carries_the_beginning_of_its_fingerprint() -> None:
    program = program_of(POLICY)
    assert program.fingerprint == fingerprint(program)[:SHORT]
    assert len(program.fingerprint) == 12 and int(program.fingerprint, 16) >= 0


def test_a_fingerprint_does_not_depend_on_the_run() -> None:
    """Sets and hashes have another order in every process; the fingerprint has not."""
    script = (
        "import sys; from test_fingerprint import POLICY, program_of; sys.stdout.write(program_of(POLICY).fingerprint)"
    )
    found = set()
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.path.dirname(__file__)}
        command = [sys.executable, "-c", script]
        found.add(subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout)
    assert found == {program_of(POLICY).fingerprint}


def test_places_and_words_do_not_reach_the_canonical_text() -> None:
    text = canonical(program_of(POLICY))
    assert "Span" not in text and "Who they are" not in text and "ops@acme.example" not in text
