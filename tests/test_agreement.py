"""Every engine gives what the reference gives, to the last digit, for random policies and random facts.

The claims are in `claims.py`. Cases come from seeds, each with a policy of its own, and from Hypothesis, which varies a
policy and shrinks it when a claim fails. A difference that is found here becomes a test with a name in
`test_differences.py`.

    SCOREC_EXAMPLES=20000 SCOREC_SEED=1 pytest -m deep tests/test_agreement.py
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, get_args

import pytest
from claims import CLAIMS, Case, case_of, cases, meant
from hypothesis import given, settings
from strategies import nodes

from scorec.dsl import ir

SEEDS = range(300)


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.__name__)
def test_claim(claim: Callable[[Case], None]) -> None:
    for seed in SEEDS:
        case = case_of(seed)
        if case is not None:
            _hold(claim, case, seed)


@settings(max_examples=settings.default.max_examples // 2)
@given(case=cases())
def test_all_claims_with_shrinking(case: Case) -> None:
    for claim in CLAIMS:
        claim(case)


@pytest.mark.deep
def test_all_claims_deeply() -> None:
    """SCOREC_EXAMPLES policies (20,000) from the seed SCOREC_SEED on, each with every claim."""
    first, how_many = int(os.environ.get("SCOREC_SEED", "1000000")), int(os.environ.get("SCOREC_EXAMPLES", "20000"))
    for seed in range(first, first + how_many):
        case = case_of(seed)
        if case is not None:
            for claim in CLAIMS:
                _hold(claim, case, seed)


def _hold(claim: Callable[[Case], None], case: Case, seed: int) -> None:
    try:
        claim(case)
    except Exception as error:
        raise AssertionError(f"{claim.__name__} does not hold for seed {seed}:\n{case.text}") from error


# ------------------------------------------------------------------ what random policies are like


def test_the_author_writes_policies_that_are_right() -> None:
    refused = [seed for seed in SEEDS if case_of(seed) is None]
    assert len(refused) <= len(SEEDS) // 50


def test_random_policies_have_everything_that_the_language_has() -> None:
    """A kind of node that the author never writes is one on which nobody has seen the engines agree."""
    seen: set[Any] = set()
    for seed in SEEDS:
        case = case_of(seed)
        for node in nodes(case.program) if case is not None else ():
            seen.add(type(node))
            match node:
                case ir.Call(op=op):
                    seen.add(op)
                case ir.TextTest(op=op, every=every):
                    seen |= {op, (op, every)}
                case ir.AggregateOf(word=word) | ir.LeadsOf(word=word):
                    seen.add((type(node), word))
                case ir.Curve(shape=shape, after=after):
                    seen |= {shape, ("after", after > 0)}
                case ir.Group(kind=kind):
                    seen.add(("group", kind))
                case ir.Score(rounding=rounding):
                    seen.add(rounding)
                case ir.ScoreOf(ago=ago):
                    seen.add(("ago", ago > 0))
                case ir.CountOf(distinct=distinct):
                    seen.add(("distinct", distinct is not None))
                case ir.Each():
                    seen |= {
                        ("once", node.once_ever),
                        ("once per", node.once_per_period),
                        ("once per property", node.once_per_property is not None),
                        ("at most", node.at_most is not None),
                        ("at most per", node.at_most_per),
                    }
                case _:
                    pass
    words = ("sum", "average", "highest", "lowest")
    wanted: set[Any] = {*get_args(ir.Expr), *ir.Op, *ir.TextOp, *get_args(ir.Trigger)}
    wanted |= {(op, every) for op in ir.TextOp for every in (False, True)}
    wanted |= {(node, word) for node in (ir.AggregateOf, ir.LeadsOf) for word in words}
    wanted |= {"halving", "fading", "losing", "keeping", ("after", False), ("after", True)}
    wanted |= {("group", "sum"), ("group", "first"), ("group", "best"), None, "rounded", "rounded up", "rounded down"}
    wanted |= {
        (word, answer)
        for word in ("ago", "distinct", "once", "once per property", "at most")
        for answer in (False, True)
    }
    wanted |= {(word, period) for word in ("once per", "at most per") for period in (None, "day", "week", "month")}
    wanted |= {ir.Silence, ir.Bound, ir.Grid, ir.Choice, ir.Ban, ir.Account, ir.Holds, ir.Monotone, ir.Alert, ir.Show}
    assert wanted - seen == set()


def test_random_facts_reach_every_step_of_a_score_and_every_fate_of_a_row() -> None:
    seen: set[str] = set()
    for seed in SEEDS:
        case = case_of(seed)
        for one in case.facts if case is not None else ():
            assert case is not None
            result = meant(case, one)
            assert result.lines is not None
            seen |= {line.step for line in result.lines}
            seen |= {"limited" for line in result.lines if line.step == "rule" and line.before is not None}
            seen |= {"barred" for _, _, barred in result.decisions.values() if barred}
            seen |= {"missing" for ticks in result.scores.values() if ticks is None}
    steps = {"start", "rule", "most", "least", "counting", "silence", "floor", "cap", "rounding", "range", "body"}
    assert seen == steps | {"limited", "barred", "missing"}
