"""Rules without which nobody is in the top band."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import ir
from ....dsl.problems import Note, Problem, Severity, problem
from ...analysis.claims import band_is
from ...reading import reads
from ..bounds import Bounds, bounds
from ..inquiry import fails
from ..reading import earned, own, rules_written
from ..rule import rule
from ..subject import Subject


@problem("SC215", Severity.INFO)
class DominantRule(Problem):
    """One rule decides who can be in the top row of a band: without it, all others together are not enough.

    ## Why it matters
    A score weighs many things, so that one can make up for another. Here nothing makes up for this one: to the top row
    it is a condition, written as points. Nobody sees that, and a lead of whom just this is not known never gets there.
    Where it is meant, say it: by a gate, or by a row that asks for it. Proved.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number
      country: text
      industry: text

    event demo

    score fit
      +50 asked for each demo, once
      +20 large when employees >= 1000
      +15 home when country is "NL"
      +15 ours when industry is "software"

    band grade of fit
      A >= 60
      B >= 30
      C otherwise
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number
      country: text
      industry: text

    event demo

    score fit
      +30 asked for each demo, once
      +30 large when employees >= 1000
      +20 home when country is "NL"
      +20 ours when industry is "software"

    band grade of fit
      A >= 60
      B >= 30
      C otherwise
    ```
    """

    rule: str
    band: str
    row: str

    def message(self) -> str:
        return f"no lead is in `{self.row}` of `{self.band}` without `{self.rule}`, whatever else it has (proved)"

    def help(self) -> str:
        return "lower the limit or share out the points; where it is meant, let a row or a gate ask for it"


FEWEST = 4
"""Where fewer rules give points, most of them are needed."""
LEAST_SHARE = 2
"""A rule that brings less than half of what the row asks for does not decide: the row asks for nearly everything."""


@rule(DominantRule, needs="study")
def look(subject: Subject) -> Iterator[Problem]:
    written = rules_written(subject)
    known: Bounds | None = None
    for band in subject.policy.bands:
        if not band.rows or not own(subject, band.rows[0].span):
            continue
        giving = list(_giving(subject.policy, band.score))
        if len(giving) < FEWEST:
            continue
        known = known or bounds(subject.policy)
        needed = [(rule, missed) for rule in giving if (missed := _missed(known, band, rule)) is not None]
        if len(needed) != 1:
            # One that is needed among others is no more than they are.
            continue
        ((found, counts),) = needed
        if counts and found.span in written and _is_for_some(subject, band, found):
            yield DominantRule(
                span=written[found.span].name.span,
                notes=(Note(band.rows[0].span, "the row"),),
                rule=found.name,
                band=band.name,
                row=band.rows[0].label,
            )


def _missed(known: Bounds, band: ir.Band, rule: ir.Rule) -> bool | None:
    """None where a lead may be in the top row without a rule; otherwise whether it brings half of the way."""
    others = known.without(rule.full_name)
    most, limit = others.score(band.score).high, others.number(band.rows[0].limit).low
    if most >= limit:
        return None
    return LEAST_SHARE * (known.usual.score(band.score).high - most) >= limit


def _is_for_some(subject: Subject, band: ir.Band, rule: ir.Rule) -> bool:
    """Whether a lead may be in the top row, and one may not have the rule's points: otherwise there is another
    finding."""
    top, remark = band_is(band.name, band.rows[0].label), subject.inquiry.remark
    if remark(top) is not None:
        return False
    return not isinstance(rule.trigger, ir.When) or remark(fails(rule.trigger)) is None


def _giving(program: ir.Program, score: str) -> Iterator[ir.Rule]:
    """The rules that add points to a score, or to one that it is made of."""
    by_name = {one.name: one for one in program.scores}
    names, waiting = {score}, [score]
    while waiting:
        body = by_name[waiting.pop()].body
        new = set(reads(body).scores) - names
        names |= new
        waiting += new
    for one in earned(program):
        if one.score.name in names and (not isinstance(one.rule.points, int) or one.rule.points > 0):
            yield one.rule
