"""Differences between engines that random policies have found, each made as small as it goes.

Every claim of `claims.py` is held against each of these policies, with the facts that showed the difference.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from claims import CLAIMS, Case
from strategies import Facts, program_of

from scorec.dsl.values import DAY

NOW = 20_514 * DAY

AROUND = """
policy trial
  language 1

lead by lead_id
  email: text
  employees: number
  tags: list of text

event purchase
  amount: number

""".lstrip()


def case(body: str, lead: dict[str, Any] | None = None, *events: dict[str, Any]) -> Case:
    text = AROUND + body
    nothing = {field.name: None for field in program_of(text).fields}
    return Case(text, (Facts(nothing | (lead or {}), list(events), NOW),))


FOUND = {
    "an earlier score that only a decision reads": case("""
score s
  +1 each for each purchase in the last 7 days
decide d
  call when s 90 days ago >= 1
  wait otherwise
"""),
    "a number with many decimals and a length that is missing": case("""
score s
  floor 5 when length(email) is 0.33333
  +1 rule when employees is known
"""),
}


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.__name__)
@pytest.mark.parametrize("found", FOUND.values(), ids=list(FOUND))
def test_no_difference(found: Case, claim: Callable[[Case], None]) -> None:
    claim(found)
