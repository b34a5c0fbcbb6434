"""Lower ends, lower limits and floors that hold nobody up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ....dsl import ir, tree
from ....dsl.problems import Problem, Severity, problem
from ....dsl.source import Span
from ...analysis.claims import both, score_is
from ...wording import points_text
from ..bounds import Bounds, bounds
from ..reading import earned, up_to
from ..rule import rule
from ..subject import Subject


@problem("SC211", Severity.INFO)
class FloorNeverReached(Problem):
    """A group, a score or a floor has a lower limit that no lead ever falls to, although points are taken off.

    ## Why it matters
    The limit says that so much may be lost, and it never is. Either rules that take points off are missing, or their
    points were changed and the limit was forgotten. A range that begins at 0 or above is the usual way to write a
    scale, and so is one from -100 to 100: nothing is said of these. Proved.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number
      country: text

    score fit
      +40 home when country is "NL"
      group doubts at least -50 points
        -20 tiny when employees < 5
        -10 far when country is "XX"
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number
      country: text

    score fit
      +40 home when country is "NL"
      group doubts at least -25 points
        -20 tiny when employees < 5
        -10 far when country is "XX"
    ```
    """

    name: str
    least: str
    limit: str
    condition: str = ""
    """what a floor asks for, where it is one"""

    def message(self) -> str:
        if self.condition:
            return (
                f"whoever has `{self.condition}` has {self.limit} in `{self.name}` or more without this floor (proved)"
            )
        return f"`{self.name}` never falls below {self.least}, so a limit of {self.limit} does nothing (proved)"

    def help(self) -> str:
        return f"leave the {'floor' if self.condition else 'limit'} out, or mend one of the numbers"


@rule(FloorNeverReached, needs="study")
def look(subject: Subject) -> Iterator[Problem]:
    scores = {one.span: one for one in subject.written(tree.Score)}
    known: Bounds | None = None
    for score in subject.policy.scores:
        if score.span not in scores or score.body is not None:
            continue
        written = scores[score.span]
        if written.range is not None and score.low is not None and _is_a_limit(score):
            known = known or bounds(subject.policy)
            least = known.below(score.name)
            if score.low < least < score.start:
                yield _found(written.range.low.span, score.name, least, score.low)
        yield from _floors(subject, score, written)
    written_groups = {one.span: one for one in subject.written(tree.Group)}
    for group in dict.fromkeys(group for one in earned(subject.policy) for group in one.groups):
        if group.least is not None and group.least < 0 and group.span in written_groups:
            known = known or bounds(subject.policy)
            least = known.below_limits(group.full_name)
            if group.least < least < 0:
                yield _found(written_groups[group.span].name.span, group.name, least, group.least)


def _is_a_limit(score: ir.Score) -> bool:
    """Whether the lower end of a range says how much may be lost. From 0 to 100, and from -100 to 100, are scales."""
    return score.low is not None and score.low < 0 and score.low != -(score.high or 0)


def _found(span: Span, name: str, least: float, limit: int) -> FloorNeverReached:
    return FloorNeverReached(span=span, name=name, least=points_text(int(least)), limit=points_text(limit))


def _floors(subject: Subject, score: ir.Score, written: tree.Score) -> Iterator[FloorNeverReached]:
    lines = {line.span: line for line in written.items if isinstance(line, tree.FloorLine)}
    for floor in score.floors:
        if (
            floor.span not in lines
            or score.rounding is not None
            or (score.low is not None and floor.ticks <= score.low)
        ):
            continue
        others = tuple(one for one in score.floors if one is not floor)
        lifted = both(floor.condition, score_is(score.name, "<", floor.ticks))
        if subject.inquiry.remark(floor.condition) is None and subject.inquiry.remark(
            lifted, up_to(subject.policy, score.name, replace(score, floors=others))
        ):
            yield FloorNeverReached(
                span=lines[floor.span].points.span,
                name=score.name,
                least=points_text(floor.ticks),
                limit=points_text(floor.ticks),
                condition=" ".join(subject.text_of(lines[floor.span].condition.span).split()),
            )
