"""No lead ever contradicts what was said of all of them: random policies of any construct, and random leads."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator

import pytest
from claims import case_of
from dice import Dice, rolled
from strategies import facts_for, happenings, program_of

from scorec.compiler.analysis import polarity
from scorec.compiler.analysis.answers import Answer, Impossible, Possible
from scorec.compiler.analysis.claims import Bars, Fired, Was, band_is, both, outcome_is
from scorec.compiler.analysis.study import Study, study
from scorec.compiler.engines.terms import rules_of
from scorec.compiler.verification import verify
from scorec.dsl import ir, semantics

FAST = 25
DEEP = int(os.environ.get("SCOREC_EXAMPLES", "500"))
LEADS = 40


def programs(seeds: range) -> Iterator[tuple[int, ir.Program]]:
    for seed in seeds:
        case = case_of(seed)
        if case is not None:
            yield seed, case.program


def answers(asked: Study) -> dict[tuple[str, str, str], Answer]:
    """Whether each band, outcome, rule and gate can come about."""
    program = asked.program
    found: dict[tuple[str, str, str], Answer] = {}
    for band in program.bands:
        for label in band.labels:
            found["band", band.name, label] = asked.can_be(band_is(band.name, label))
    for decision in program.decisions:
        for outcome in decision.outcomes:
            found["decision", decision.name, outcome] = asked.can_be(outcome_is(decision.name, outcome))
    for score in program.scores:
        for rule in rules_of(score.items):
            found["rule", rule.full_name, ""] = asked.can_be(Fired(rule.full_name))
    for gate in program.gates:
        found["gate", gate.name, ""] = asked.can_be(Bars(gate.name))
    return found


def claim_of(key: tuple[str, str, str]) -> ir.Expr | Fired | Bars:
    match key:
        case ("band", name, label):
            return band_is(name, label)
        case ("decision", name, outcome):
            return outcome_is(name, outcome)
        case ("rule", name, _):
            return Fired(name)
        case (_, name, _):
            return Bars(name)


def hold(seeds: range) -> Counter[str]:
    counted: Counter[str] = Counter()
    for seed, program in programs(seeds):
        asked = study(program)
        ranges = {score.name: asked.range_of(score.name) for score in program.scores}
        totals = {score.name: asked.totals(score.name) for score in program.scores}
        said = answers(asked)
        counted.update(type(answer).__name__ for answer in said.values())
        for key, answer in said.items():
            if isinstance(answer, Possible):
                assert Study(program).holds(claim_of(key), answer.witness), (seed, key)
        for number in range(LEADS):
            facts = facts_for(program, Dice(rolled(seed * 1000 + number)))
            really = semantics.evaluate(program, facts.lead, happenings(facts.events), facts.at)
            for name, ticks in really.scores.items():
                if ticks is not None:
                    assert ranges[name].low <= ticks <= ranges[name].high, (seed, number, name)
                    known = totals[name]
                    assert known is None or ticks in known, (seed, number, name)
            seen = [("band", name, label) for name, label in really.bands.items()]
            seen += [("decision", name, chosen[0]) for name, chosen in really.decisions.items()]
            seen += [("rule", line.rule, "") for line in really.lines or () if line.step == "rule"]
            seen += [("gate", name, "") for name, barred in really.gates.items() if barred]
            for key in seen:
                assert not isinstance(said[key], Impossible), (seed, number, key)
    return counted


def test_no_lead_contradicts_a_range_or_a_proof() -> None:
    counted = hold(range(FAST))
    assert counted["Possible"] > 20 and counted["Impossible"] > 5


@pytest.mark.deep
def test_no_lead_contradicts_a_range_or_a_proof_for_many_policies() -> None:
    print(hold(range(FAST, FAST + DEEP)))


# ------------------------------------------------------------------ two versions of a policy


BEFORE = """policy p
  language 1

lead by lead_id
  size: number
  vip: yes/no

event demo

score fit from 0 to 100
  +30 large when size >= 200
  +20 middle when size between 50 and 199
  +40 vip when vip
  +10 demo for each demo in the last 7 days, at most 2 times

band grade of fit
  A >= 60
  B >= 30
  C otherwise
"""


def test_what_a_change_does_to_bands_is_told_with_a_lead() -> None:
    old = program_of(BEFORE)
    new = program_of(BEFORE.replace("size >= 200", "size >= 250"))
    pair = study(new, old=old)
    fell = pair.can_be(both(Was(band_is("grade", "B")), band_is("grade", "C")))  # type: ignore[arg-type]
    assert isinstance(fell, Possible)
    assert 200 <= fell.witness.lead["size"] < 250  # type: ignore[operator]
    rose = pair.can_be(both(Was(band_is("grade", "C")), band_is("grade", "B")))  # type: ignore[arg-type]
    assert isinstance(rose, Impossible)


def test_a_policy_beside_itself_moves_nobody() -> None:
    for _, program in programs(range(12)):
        pair = study(program, old=program)
        for score in program.scores:
            one = ir.ScoreOf(ir.Kind.EXACT, score.name)
            differs = ir.Compare(ir.Kind.FLAG, "!=", Was(one), one)  # type: ignore[arg-type]
            assert not isinstance(pair.can_be(differs), Possible)


# ------------------------------------------------------------------ one more event


def one_more(seeds: range) -> int:
    """Adds an event of each kind to random leads; no score may go a way that its rules were said not to go."""
    sure = 0
    for seed, program in programs(seeds):
        ways = {
            (kind.name, score.name): polarity.with_more_events(program, kind.name, score.name)
            for kind in program.events
            for score in program.scores
        }
        sure += sum(way is not polarity.Way.EITHER for way in ways.values())
        for number in range(LEADS):
            facts = facts_for(program, Dice(rolled(seed * 1000 + number)))
            other = facts_for(program, Dice(rolled(seed * 1000 + number + 500)))
            before = semantics.evaluate(program, facts.lead, happenings(facts.events), facts.at)
            for event in other.events[:4]:
                added = happenings([*facts.events, {**event, "at": facts.at - abs(other.at - event["at"])}])
                after = semantics.evaluate(program, facts.lead, added, facts.at)
                for (kind, name), way in ways.items():
                    was, now = before.scores[name], after.scores[name]
                    if kind == event["event"] and was is not None and now is not None:
                        assert way & polarity.Way.UP or now <= was, (seed, number, kind, name)
                        assert way & polarity.Way.DOWN or now >= was, (seed, number, kind, name)
    return sure


def test_one_more_event_moves_a_score_only_the_way_its_rules_go() -> None:
    assert one_more(range(40)) > 40


@pytest.mark.deep
def test_one_more_event_in_many_policies() -> None:
    print(one_more(range(40, 40 + DEEP)))


# ------------------------------------------------------------------ promises


def test_what_verify_proves_no_lead_breaks() -> None:
    refuted = proved = 0
    for seed, program in programs(range(8)):
        for finding in verify(program, {}).findings:
            refuted += finding.verdict == "refuted"
            proved += finding.verdict == "proved"
            assert finding.kind != "gate" or finding.verdict != "refuted", (seed, finding)
    assert proved > 20
