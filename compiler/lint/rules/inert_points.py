"""Points too few to matter."""

from __future__ import annotations

from collections.abc import Iterator
from math import gcd

from ....dsl import ir
from ....dsl.problems import Note, Problem, Severity, problem
from ...reading import parts
from ...wording import points_text
from ..reading import Earned, earned, own, rules_written
from ..rule import rule
from ..subject import Subject


@problem("SC207", Severity.WARNING)
class InertPoints(Problem):
    """Points that can never move a lead into another band, because everything else counts in larger steps.

    ## Why it matters
    Where all other points and all limits are multiples of 5, one point more never reaches the next limit. The rule
    costs attention, fills the reasons, and decides nothing. Proved.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number
      newsletter: yes/no

    score fit
      +50 large when employees >= 1000
      +1 newsletter when newsletter

    band grade of fit
      A >= 50
      B otherwise
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number
      newsletter: yes/no

    score fit
      +50 large when employees >= 1000
      +20 newsletter when newsletter

    band grade of fit
      A >= 70
      B >= 50
      C otherwise
    ```
    """

    rule: str
    points: str
    step: str
    limits: tuple[str, ...]

    def message(self) -> str:
        return f"the {self.points} points of `{self.rule}` never move a lead to another band (proved)"

    def help(self) -> str:
        return (
            f"all other totals are multiples of {self.step}, and the limits are {', '.join(self.limits)}: "
            "use more points, move a limit, or leave the rule out"
        )


@rule(InertPoints, needs="study")
def look(subject: Subject) -> Iterator[Problem]:
    written = rules_written(subject)
    for score in subject.policy.scores:
        bands = [band for band in subject.policy.bands if band.score == score.name]
        limits = [row.limit for band in bands for row in band.rows]
        if not bands or score.body is not None or score.silence is not None or _read_otherwise(subject, score.name):
            continue
        ticks = [limit.value for limit in limits if isinstance(limit, ir.Const) and isinstance(limit.value, int)]
        rules = [one for one in earned(subject.policy) if one.score is score]
        steps = {one.rule.full_name: _step(one) for one in rules}
        if len(ticks) < len(limits) or score.rounding is not None or score.floors or score.caps:
            continue
        for one in rules:
            points, others = one.rule.points, [step for name, step in steps.items() if name != one.rule.full_name]
            if not isinstance(points, int) or one.rule.span not in written or not isinstance(one.rule.trigger, ir.When):
                continue
            step = gcd(*(other for other in others if other)) if others and None not in others else 0
            crossed = step and any(_crosses(limit, points, step, score.start) for limit in ticks)
            if step and points and not one.groups and not crossed:
                yield InertPoints(
                    span=written[one.rule.span].name.span,
                    notes=tuple(Note(band.span, "the limits") for band in bands if own(subject, band.span)),
                    rule=one.rule.name,
                    points=points_text(abs(points)),
                    step=points_text(step),
                    limits=tuple(points_text(limit) for limit in sorted(set(ticks), reverse=True)),
                )


def _step(one: Earned) -> int | None:
    """What a rule gives is a multiple of this; None where nothing is known."""
    rule, trigger = one.rule, one.rule.trigger
    if not isinstance(rule.points, int) or any(group.counting is not None for group in one.groups):
        return None
    if isinstance(trigger, ir.Each) and trigger.curve is not None:
        return None
    limits = [rule.max_points or 0, *(group.most or 0 for group in one.groups), *(g.least or 0 for g in one.groups)]
    return gcd(rule.points, *limits)


def _crosses(limit: int, points: int, step: int, start: int) -> bool:
    """Whether the points bring some total of the others from one side of a limit to the other."""
    below = start + (limit - 1 - start) // step * step
    return below + points >= limit if points > 0 else below + step + points < limit


def _read_otherwise(subject: Subject, name: str) -> bool:
    policy = subject.policy
    read = (*policy.scores, *policy.gates, *policy.decisions, *((policy.account,) if policy.account else ()))
    return any(
        (isinstance(node, ir.ScoreOf) and node.name == name) or (isinstance(node, ir.LeadsOf) and node.score == name)
        for node in parts(read)
    ) or any(alert.watched == name for alert in policy.alerts)
