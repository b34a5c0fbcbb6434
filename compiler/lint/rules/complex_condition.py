"""A condition that asks for many things at once."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import tree
from ....dsl.problems import Problem, Severity, problem
from ..reading import (
    plain,
)
from ..rule import Option, rule
from ..subject import Subject

MOST_PARTS = Option("most-conditions", 6, "so many conditions may be joined in one place")


@problem("SC117", Severity.INFO)
class ComplexCondition(Problem):
    """A condition asks for many things at once.

    ## Why it matters
    Nobody can say what a rule with seven conditions does, and nobody dares to change it. Parts with a name of their
    own (`define decision_maker = ...`) can be read, used again, and tested. `most-conditions` says how many
    conditions may be joined in one place.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number
      country: text
      title: text
      opted_in: yes/no

    score fit
      +10 fits when opted_in and employees >= 50 and employees < 500 and (country is "FR" or country is "BE") and (
        title contains "sales" or title contains "marketing"
      )
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number
      country: text
      title: text
      opted_in: yes/no

    define near = country in ("FR", "BE")
    define our_kind = title contains any of ("sales", "marketing")

    score fit
      +10 fits when opted_in and employees >= 50 and near and our_kind
    ```
    """

    count: int

    def message(self) -> str:
        return f"{self.count} conditions are joined here"

    def help(self) -> str:
        return "give the parts names: `define NAME = ...`"


@rule(ComplexCondition, needs="text", default=False, options=(MOST_PARTS,))
def look(subject: Subject) -> Iterator[Problem]:
    holders: list[tree.When | tree.Unless | tree.CapLine | tree.FloorLine] = [
        *subject.written(tree.When),
        *subject.written(tree.Unless),
        *subject.written(tree.CapLine),
        *subject.written(tree.FloorLine),
    ]
    conditions = [holder.condition for holder in holders]
    conditions += [each.where for each in subject.written(tree.Each) if each.where is not None]
    conditions += [define.body for define in subject.written(tree.Define)]
    for condition in conditions:
        count = _count(condition)
        if count > subject.settings[MOST_PARTS]:
            yield ComplexCondition(span=condition.span, count=count)


def _count(condition: tree.Expr) -> int:
    match plain(condition):
        case tree.And(items=items) | tree.Or(items=items):
            return sum(map(_count, items))
        case tree.Not(item=item):
            return _count(item)
        case _:
            return 1
