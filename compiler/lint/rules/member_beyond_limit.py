"""Rules that give more than their group may."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import ir, tree
from ....dsl.problems import Note, Problem, Severity, problem
from ...wording import points_text
from ..reading import earned, rules_written
from ..rule import rule
from ..subject import Subject


@problem("SC226", Severity.WARNING)
class MemberBeyondLimit(Problem):
    """One rule of a group gives more points than the whole group may.

    ## Why it matters
    Its points are never given in full: `+50` in a group of at most 30 is `+30`. Whoever reads the rule reads a number
    that no lead gets.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number
      country: text

    score fit
      group firm at most 30 points
        +50 large when employees >= 1000
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
      group firm at most 50 points
        +50 large when employees >= 1000
        +10 home when country is "NL"
    ```
    """

    rule: str
    points: str
    group: str
    limit: str

    def message(self) -> str:
        return f"`{self.rule}` gives {self.points} points, and its group `{self.group}` at most {self.limit}"

    def help(self) -> str:
        return "lower the points, or raise the limit of the group"


@rule(MemberBeyondLimit, needs="study")
def look(subject: Subject) -> Iterator[Problem]:
    rules = rules_written(subject)
    for group, written in limited_groups(subject):
        for one in group.items:
            if not isinstance(one, ir.Rule) or not isinstance(one.points, int) or one.span not in rules:
                continue
            if group.most is not None and one.points > group.most:
                yield MemberBeyondLimit(
                    span=rules[one.span].name.span,
                    notes=(Note(written.name.span, "its group"),),
                    rule=one.name,
                    points=points_text(one.points),
                    group=group.name,
                    limit=points_text(group.most),
                )


def limited_groups(subject: Subject) -> Iterator[tuple[ir.Group, tree.Group]]:
    """The file's own groups with a limit above."""
    written = {group.span: group for group in subject.written(tree.Group)}
    for group in dict.fromkeys(group for one in earned(subject.policy) for group in one.groups):
        if group.most is not None and group.span in written:
            yield group, written[group.span]
