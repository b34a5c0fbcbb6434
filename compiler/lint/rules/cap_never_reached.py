"""Limits of groups that no lead reaches."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl.problems import Problem, Severity, problem
from ...wording import points_text
from ..reading import most_points
from ..rule import rule
from ..subject import Subject
from .member_beyond_limit import limited_groups


@problem("SC209", Severity.INFO)
class CapNeverReached(Problem):
    """A group has a limit that its members never reach together.

    ## Why it matters
    The limit says that the group matters up to so many points, and it never does. Either members are missing, or their
    points were lowered and the limit was forgotten.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number
      country: text

    score fit
      group firm at most 60 points
        +20 large when employees >= 1000
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
      group firm at most 25 points
        +20 large when employees >= 1000
        +10 home when country is "NL"
    ```
    """

    group: str
    most: str
    limit: str

    def message(self) -> str:
        return f"`{self.group}` comes to {self.most} points at most, so a limit of {self.limit} does nothing"

    def help(self) -> str:
        return "leave the limit out, or mend one of the numbers"


@rule(CapNeverReached, needs="study")
def look(subject: Subject) -> Iterator[Problem]:
    for group, written in limited_groups(subject):
        each = [most_points(item) for item in group.items]
        known = [most for most in each if most is not None]
        most = sum(known) if group.kind == "sum" else max(known, default=0)
        if len(known) == len(each) and group.most is not None and 0 < most < group.most:
            yield CapNeverReached(
                span=written.name.span, group=group.name, most=points_text(most), limit=points_text(group.most)
            )
