"""Texts that are made to fit what a policy asks of a text."""

from __future__ import annotations

import pytest

from scorec.compiler.analysis.representatives import address, fitting
from scorec.compiler.policy import loads

POLICY = """\
policy p
  language 1

lead by id
  title: text

score fit
  +1 fits when CONDITION
"""


def fits(condition: str, title: str) -> bool:
    policy = loads(POLICY.replace("CONDITION", condition))
    return policy.score({"title": title}, (), "2026-03-02").scores["fit"] == 1


@pytest.mark.parametrize(
    ("test", "needle"),
    [("like", "vp*"), ("like", "*head?of*"), ("contains", "man"), ("has word", "head of"), ("ends with", " inc")],
)
def test_a_text_is_made_that_fits(test: str, needle: str) -> None:
    assert fits(f'title {test} "{needle}"', fitting(needle))


@pytest.mark.parametrize(("side", "function"), [("domain", "domain"), ("local part", "local_part"), ("", "")])
def test_an_address_has_the_side_that_was_asked_for(side: str, function: str) -> None:
    condition = f'{function}(title) is "acme.example"' if side else 'title is "acme.example"'
    assert fits(condition, address(side, "acme.example"))
