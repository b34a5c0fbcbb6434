"""Groups of which the limit leaves little."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl.problems import Problem, Severity, problem
from ...wording import points_text
from ..reading import most_points
from ..rule import rule
from ..subject import Subject
from .member_beyond_limit import limited_groups


@problem("SC210", Severity.INFO)
class CapSwallowsGroup(Problem):
    """The members of a group come to twice its limit or more, so that some of them hardly count.

    ## Why it matters
    After two or three members the group is full: what a lead does beyond that is not seen. The order of leads at the
    top is then decided by nothing. Off unless it is selected.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number
      country: text
      founded: number

    score fit
      group firm at most 25 points
        +20 large when employees >= 1000
        +20 home when country is "NL"
        +20 old when founded < 1990
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number
      country: text
      founded: number

    score fit
      group firm at most 50 points
        +20 large when employees >= 1000
        +20 home when country is "NL"
        +20 old when founded < 1990
    ```
    """

    group: str
    most: str
    limit: str

    def message(self) -> str:
        return f"the members of `{self.group}` come to {self.most} points, and only {self.limit} of them count"

    def help(self) -> str:
        return "raise the limit, or lower the points"


@rule(CapSwallowsGroup, needs="study", default=False)
def look(subject: Subject) -> Iterator[Problem]:
    for group, written in limited_groups(subject):
        known = [most for item in group.items if (most := most_points(item)) is not None]
        if group.kind == "sum" and group.most is not None and len(known) > 2 and sum(known) >= 2 * group.most:
            yield CapSwallowsGroup(
                span=written.name.span, group=group.name, most=points_text(sum(known)), limit=points_text(group.most)
            )
