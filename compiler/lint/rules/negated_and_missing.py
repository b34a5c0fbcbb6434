"""A denial that leaves out whoever is not known."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import tree
from ....dsl.problems import Problem, Severity, problem
from ...reading import parts
from ..rule import rule
from ..subject import Subject


@problem("SC115", Severity.INFO)
class NegatedAndMissing(Problem):
    """A rule asks for what a value is not, and so leaves out the leads that have no value.

    ## Why it matters
    `country is not "US"` is unknown where the country is not known, and unknown is not true. Many who write it mean
    everybody but the Americans. Say which of the two is meant.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      country: text

    score fit
      +10 abroad when country is not "US"
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      country: text

    score fit
      +10 abroad when country is not "US" and country is known
    ```
    """

    field: str

    def message(self) -> str:
        return f"a lead whose `{self.field}` is not known is left out here"

    def help(self) -> str:
        return f"add `or {self.field} is missing` or `and {self.field} is known`, so that every reader knows"


@rule(NegatedAndMissing, needs="text", default=False)
def look(subject: Subject) -> Iterator[Problem]:
    optional = {
        field.name.text for record in subject.written(tree.Record) for field in record.fields if not field.required
    }
    for trigger in subject.written(tree.When):
        told = {
            node.item.name.text
            for node in parts(trigger.condition)
            if isinstance(node, tree.IsMissing | tree.IsKnown) and isinstance(node.item, tree.Ref)
        }
        for node in parts(trigger.condition):
            match node:
                case tree.Is(left=tree.Ref(name=name), negated=True) | tree.In(item=tree.Ref(name=name), negated=True):
                    if name.text in optional and name.text not in told:
                        told.add(name.text)
                        yield NegatedAndMissing(span=node.span, field=name.text)
                case _:
                    pass
