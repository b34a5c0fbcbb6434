"""One fact that counts on two axes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from ....dsl import ir
from ....dsl.problems import Note, Problem, Severity, problem
from ...reading import parts, reads
from ..reading import own
from ..rule import rule
from ..subject import Subject


@problem("SC213", Severity.INFO)
class AxisLeak(Problem):
    """One fact counts in two scores that are added up, or that are the two axes of a grid.

    ## Why it matters
    Two axes say more than one number because they are independent: who a lead is, and what it does. An event that moves
    both is counted twice in their sum, and pulls leads along the diagonal of the grid. Off unless selected: recency,
    frequency and value are meant to read the same purchases.

    ## Avoid
    ```score
    policy inbound
      language 1

    event visit

    score engagement from 0 to 20
      +10 came when any visit in the last 30 days

    score behaviour from 0 to 50
      +20 returned when any visit in the last 7 days

    score total = engagement + behaviour
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    event visit, download

    score engagement from 0 to 20
      +10 came when any visit in the last 30 days

    score behaviour from 0 to 50
      +20 read when any download in the last 7 days

    score total = engagement + behaviour
    ```
    """

    one: str
    other: str
    shared: tuple[str, ...]

    def message(self) -> str:
        return f"{', '.join(f'`{fact}`' for fact in self.shared)} counts in `{self.one}` and again in `{self.other}`"

    def help(self) -> str:
        return "let each fact count in one of them"


@rule(AxisLeak, needs="study", default=False)
def look(subject: Subject) -> Iterator[Problem]:
    scores = {score.name: score for score in subject.policy.scores if score.body is None}
    for one, other in dict.fromkeys(_axes(subject.policy)):
        if one in scores and other in scores:
            shared = _counted(scores[one]) & _counted(scores[other])
            if shared and own(subject, scores[other].span):
                yield AxisLeak(
                    span=scores[other].span,
                    notes=(Note(scores[one].span, "the other"),),
                    one=one,
                    other=other,
                    shared=tuple(sorted(shared)),
                )


def _axes(policy: ir.Program) -> Iterator[tuple[str, str]]:
    """Pairs of scores that are added up or stand against each other, in the order of the text."""
    order = {name: number for number, name in enumerate(policy.declared_scores)}
    bands = {band.name: band.score for band in policy.bands}
    together = [reads(score.body).scores for score in policy.scores if score.body is not None]
    grids = [row for decision in policy.decisions for row in decision.rows if isinstance(row, ir.Grid)]
    together += [(bands[grid.by_rows], bands[grid.by_columns]) for grid in grids if grid.by_rows in bands]
    for names in together:
        yield from combinations(sorted(set(names), key=lambda name: order.get(name, 0)), 2)


def _counted(score: ir.Score) -> set[str]:
    """What gives points in a score; what only takes some may do so on both axes."""
    found: set[str] = set()
    for node in parts(score.items):
        if isinstance(node, ir.Rule) and (not isinstance(node.points, int) or node.points > 0):
            about = reads(node.trigger)
            # Whatever happened is no fact of its own.
            found |= {*about.fields, *(about.events if len(about.events) < 3 else ())}
    return found
