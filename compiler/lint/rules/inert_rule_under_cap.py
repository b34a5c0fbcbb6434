"""Rules whose group is full without them."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import ir
from ....dsl.problems import Note, Problem, Severity, problem
from ...analysis.claims import both, holds, score_is
from ...wording import points_text
from ..reading import groups_in, most_points, rules_written, up_to
from ..rule import rule
from ..subject import Subject
from .member_beyond_limit import limited_groups


@problem("SC208", Severity.INFO)
class InertRuleUnderCap(Problem):
    """A rule of a group never counts: whenever it holds, the other members have filled the group already.

    ## Why it matters
    Its points are never seen in a score. It was added to tell good leads from better ones, and the limit of the group
    makes them the same. Proved.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number
      country: text

    score fit
      group firm at most 30 points
        +30 large when employees >= 1000
        +10 very_large when employees >= 5000
        +10 home when country is "NL"
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number
      country: text

    score fit
      group firm at most 40 points
        +30 large when employees >= 1000
        +10 very_large when employees >= 5000
        +10 home when country is "NL"
    ```
    """

    rule: str
    group: str
    limit: str

    def message(self) -> str:
        return f"`{self.rule}` never counts: the other members of `{self.group}` come to {self.limit} anyway (proved)"

    def help(self) -> str:
        return "whoever has the rule has the full group already: raise its limit, share out the points, or leave it out"


@rule(InertRuleUnderCap, needs="study")
def look(subject: Subject) -> Iterator[Problem]:
    rules = rules_written(subject)
    for group, written in limited_groups(subject):
        if group.kind != "sum":
            continue
        for member in group.items:
            if isinstance(member, ir.Rule) and member.span in rules and _is_inert(subject, group, member):
                yield InertRuleUnderCap(
                    span=rules[member.span].name.span,
                    notes=(Note(written.name.span, "its group"),),
                    rule=member.name,
                    group=group.name,
                    limit=points_text(group.most or 0),
                )


def _is_inert(subject: Subject, group: ir.Group, member: ir.Rule) -> bool:
    inquiry, earns = subject.inquiry, _earns(member)
    others = tuple(item for item in group.items if item is not member)
    each = [most_points(item) for item in others]
    if group.most is None or earns is None or sum(most for most in each if most is not None) < group.most:
        # Members without a limit of their own fill a group only if a lead does enough: not because it has this rule.
        return False
    without = _of_others(subject.policy, group, others)
    short = both(earns, score_is(without.scores[-1].name, "<", group.most))
    alone = inquiry.example(earns)
    if alone is not None and inquiry.is_true(short, alone, without):
        return False
    # That a rule never fires has a finding of its own.
    return inquiry.remark(short, without) is not None and (alone is not None or inquiry.remark(earns) is None)


def _earns(member: ir.Rule) -> ir.Expr | None:
    """That a rule may give something; None where it takes away, or where that is not so simple."""
    if not isinstance(member.points, int) or member.points <= 0:
        return None
    match member.trigger:
        case ir.When() as trigger:
            return holds(trigger)
        case ir.Each(events=events):
            return ir.Occurs(ir.Kind.FLAG, events)
        case _:
            return None


def _of_others(policy: ir.Program, group: ir.Group, others: tuple[ir.Rule | ir.Group, ...]) -> ir.Program:
    """The policy as far as the score of a group, and in its place a score of the other members alone."""
    score = next(one for one in policy.scores if group in groups_in(one.items))
    alone = ir.Score(
        name=f"{group.full_name} without one",
        label="",
        low=None,
        high=None,
        rounding=None,
        body=None,
        start=0,
        items=others,
        silence=None,
        floors=(),
        caps=(),
    )
    return up_to(policy, score.name, alone)
