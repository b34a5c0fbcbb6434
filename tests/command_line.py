"""Runs commands as a person would, in this process, in a folder of their own."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from scorec.cli import run


@dataclass(frozen=True)
class Ran:
    """What a command said, and how it ended."""

    code: int
    out: str
    err: str


class Terminal(io.TextIOWrapper):
    """A stream that a test can read back."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8", newline="")

    def said(self) -> str:
        self.flush()
        self.seek(0)
        return self.read()


def scorec(folder: Path, *arguments: str | Path, stdin: str = "") -> Ran:
    """`scorec(tmp_path, "check", "inbound.score")`"""
    out, err = Terminal(), Terminal()
    with _in_folder(folder), _streams(out, err, stdin):
        code = run([str(argument) for argument in arguments])
    ran = Ran(code, out.said(), err.said())
    assert "Traceback" not in ran.err + ran.out, ran.err
    return ran


@contextmanager
def _in_folder(folder: Path) -> Iterator[None]:
    before = os.getcwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


@contextmanager
def _streams(out: Terminal, err: Terminal, stdin: str) -> Iterator[None]:
    before = sys.stdout, sys.stderr, sys.stdin
    sys.stdout, sys.stderr, sys.stdin = out, err, io.TextIOWrapper(io.BytesIO(stdin.encode()), encoding="utf-8")
    try:
        yield
    finally:
        sys.stdout, sys.stderr, sys.stdin = before


POLICY = """\
policy inbound "Inbound leads"
  language 1
  version 1.2.0

lead by lead_id
  email: text required
  job_title: text
  employees: number from "Company size"
  country: one of ("US", "GB", "other")
  opted_in: yes/no

event page_view from "Visits page"
  url: text
  seconds: number
event demo_request

score fit "Who they are" from 0 to 100
  start at 10
  first of size "Company size"
    +80 enterprise "A large company" when employees >= 1000
    +30 mid_market when employees between 100 and 999
  +25 decides "Signs the contract" when job_title has word any of ("vp", "chief")
  -40 student when job_title has word "student"

score interest "What they do" from 0 to 100
  +20 pricing for each page_view in the last 14 days where url contains "/pricing", at most 3 times
  +30 demo for each demo_request, once

score total from 0 to 100 = 60% of fit + 40% of interest

band readiness of total
  hot >= 60
  warm >= 30
  cold otherwise

outcome sales "An account executive calls" within 1 day

decide next_step
  sales when readiness is hot
  nurture when readiness is warm
  wait otherwise

gate students "Students never go to sales"
  never sales when job_title has word "student"
gate consent "Nobody is contacted who did not agree"
  never sales, nurture unless opted_in

alert hot_lead to "inbound@acme.example" when readiness becomes hot
alert cooling to "cs@acme.example" when total falls below 30

show sales: readiness, next_step
show marketing: everything

account by domain(email)
  score heat from 0 to 200 = sum of top 2 total
  band heat_band of heat
    target >= 80
    watch otherwise

promise students_stay_out "No student reaches sales"
  job_title has word "student" implies next_step is not sales

test "a decision maker of a large company who asked for a demo"
  at 2026-03-02
  given email "ann@corp.example", job_title "VP Sales", employees 1200, opted_in yes
  event demo_request 1 day ago
  event page_view 2 times 1 day ago, url "/pricing"
  expect fit is 100 and interest is 70
  expect readiness is hot and next_step is sales
  expect fired fit.enterprise, interest.demo

test "a student stays out of sales"
  at 2026-03-02
  given email "kim@mit.edu", job_title "VP of the student union", employees 1200, opted_in yes
  event demo_request 1 day ago
  event page_view 3 times 1 day ago, url "/pricing"
  expect readiness is hot and next_step is wait
"""
"""The policy of most tests of the command line: small, with one of everything."""

LEADS = """\
lead_id,email,job_title,Company size,country,opted_in
L1,ann@corp.example,VP Sales,1200,US,yes
L2,bob@corp.example,Engineer,150,gb,no
L3,kim@mit.edu,Student,,other,yes
"""

EVENTS = """\
lead_id,event,at,url,seconds
L1,Visits page,2026-03-01T10:00Z,https://acme.example/pricing,30
L1,demo_request,2026-02-20,,
L2,page_view,2026-03-01T11:00Z,/pricing,5
"""


def write(folder: Path, **files: str) -> None:
    """`write(tmp_path, inbound_score=POLICY, leads_csv=LEADS)`"""
    for name, text in files.items():
        stem, _, ending = name.rpartition("_")
        (folder / f"{stem}.{ending}").write_text(text, encoding="utf-8")


def line_of(start: str, text: str = POLICY) -> int:
    """The number of the first line that begins like this, blanks aside."""
    return next(number for number, line in enumerate(text.split("\n"), 1) if line.strip().startswith(start))


TIDY = """policy inbound "Inbound leads"
  language 1
  version 1.2.0
  owner "marketing@fernway.example"

lead by lead_id
  employees: number
  opted_in: yes/no

event demo_request

score fit "Who they are" from 0 to 100
  +80 enterprise "A large company" when employees >= 1000
  -20 tiny "A very small company" when employees < 10

score interest "What they do" from 0 to 100
  +40 demo "Asked for a demo" for each demo_request in the last 60 days, once, halving every 30 days

decide next_step
  sales when fit >= 60 and interest >= 20
  wait otherwise

gate consent "Nobody is called who did not agree to it"
  never sales unless opted_in

test "a large company that asked for a demo"
  at 2026-03-02
  given employees 1200, opted_in yes
  event demo_request 1 day ago
  expect fit is 80 and next_step is sales

test "the same without consent"
  at 2026-03-02
  given employees 1200
  event demo_request 1 day ago
  expect next_step is wait

test "a very small company"
  at 2026-03-02
  given employees 5
  expect fit is 0 and next_step is wait
"""
"""A policy of which nothing is to be said."""
