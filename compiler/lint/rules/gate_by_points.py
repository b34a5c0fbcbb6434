"""A "never" that is written as points."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ....dsl import ir, tree, values
from ....dsl.problems import Problem, Severity, problem
from ....dsl.source import Span
from ...wording import points_text, spoken
from ..reading import (
    Earned,
    earned,
    most_points,
    plain,
    rules_written,
)
from ..rule import Option, rule
from ..subject import Subject

NEVER_POINTS = Option("never-points", 100, "a penalty of so many points is meant as never")


@problem("SC305", Severity.WARNING)
class GateByPoints(Problem):
    """A penalty is so large that it is meant as "never", but enough points outweigh it.

    ## Why it matters
    -100 keeps a student out of sales only until the other rules give 100 points more than sales asks for. Every new
    bonus makes that easier, and nobody notices. A gate cannot be bought. A penalty is reported if it takes
    `never-points` or more, or if its words say never, and if the score could make up for it.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      student: yes/no required
      employees: number
      country: text

    score fit
      +80 big when employees >= 50
      +80 near when country is "FR"
      -100 student "Students never go to sales" when student

    decide next_step
      sales when fit >= 50
      nurture otherwise
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      student: yes/no required
      employees: number
      country: text

    score fit
      +80 big when employees >= 50
      +80 near when country is "FR"

    decide next_step
      sales when fit >= 50
      nurture otherwise

    gate students "Students never go to sales"
      never sales when student
    ```
    """

    rule: str
    points: str

    def message(self) -> str:
        return f"{self.points} points do not mean never: other rules can make up for `{self.rule}`"

    def help(self) -> str:
        return "write a gate, which no points can pass: `gate NAME` with `never OUTCOME when ...`"


_NEVER = re.compile(r"\b(never|disqualif\w+|exclude[ds]?|excluded|block(ed|s)?|banned|knock-?out)\b", re.IGNORECASE)


@rule(GateByPoints, needs="program", options=(NEVER_POINTS,))
def look(subject: Subject) -> Iterator[Problem]:
    written = rules_written(subject)
    barred = [condition for ban in subject.written(tree.Ban) for condition in _alternatives(ban.trigger.condition)]
    for one in earned(subject.policy):
        mine = written.get(one.rule.span)
        if mine is None or not isinstance(one.rule.points, int) or one.rule.points >= 0:
            continue
        large = -one.rule.points >= subject.settings[NEVER_POINTS] * values.TICKS
        label = mine.label.value if mine.label is not None else ""
        says_never = _NEVER.search(f"{label} {_remark(subject, mine)} {spoken(mine.name.text)}") is not None
        if not (large or says_never) or not _can_be_made_up(subject.policy, one):
            continue
        if isinstance(mine.trigger, tree.When) and any(plain(mine.trigger.condition) == gate for gate in barred):
            continue
        yield GateByPoints(
            span=Span(mine.span.start, mine.name.span.end, mine.span.source),
            rule=mine.name.text,
            points=points_text(one.rule.points),
        )


def _alternatives(condition: tree.Expr) -> list[tree.Expr]:
    condition = plain(condition)
    return [condition, *(map(plain, condition.items) if isinstance(condition, tree.Or) else ())]


def _remark(subject: Subject, written: tree.Rule) -> str:
    """The comment at the end of the rule's line."""
    parsed = subject.analysis.parsed
    line = subject.source.position(written.span.end)[0]
    comments = parsed.comments if parsed is not None else ()
    return next((c.text for c in comments if subject.source.position(c.span.start)[0] == line), "")


def _can_be_made_up(program: ir.Program, one: Earned) -> bool:
    """Whether the other rules could lift the score above its bottom, or into a band above the lowest, all the same."""
    assert isinstance(one.rule.points, int)
    most = one.score.start
    for item in one.score.items:
        given = most_points(item)
        if given is None:
            return True
        most += given
    left = most + one.rule.points
    bottom = one.score.low
    limits = [
        row.limit.value
        for band in program.bands
        if band.score == one.score.name
        for row in band.rows
        if isinstance(row.limit, ir.Const) and isinstance(row.limit.value, int)
    ]
    if bottom is not None and left <= bottom:
        return False
    return left >= min(limits) if limits else True
