"""A property of an event that nothing reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ....dsl import ir, tree
from ....dsl.problems import Fix, Problem, Severity, problem
from ...reading import parts
from ..reading import (
    mentions,
    whole_lines,
)
from ..rule import rule
from ..subject import Subject


@problem("SC081", Severity.INFO)
class UnusedProperty(Problem):
    """A property of an event is declared, and nothing reads it.

    ## Why it matters
    It has to be exported for nothing. Often a rule was meant to ask for it: ten points for each page, and not only
    for the price page.

    ## Avoid
    ```score
    policy inbound
      language 1

    event page_view
      url: text
      seconds: number

    score interest
      +10 pricing when any page_view in the last 14 days where (url contains "/pricing")
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    event page_view
      url: text

    score interest
      +10 pricing when any page_view in the last 14 days where (url contains "/pricing")
    ```
    """

    name: str
    event: str

    def message(self) -> str:
        return f"nothing reads the property `{self.name}` of `{self.event}`"

    def help(self) -> str:
        return "write the rule that reads it, or delete it"


@rule(UnusedProperty, needs="program")
def look(subject: Subject) -> Iterator[Problem]:
    program = subject.policy
    looked_at = (program.scores, program.bands, program.gates, program.decisions, program.account, program.promises)
    used: set[tuple[str, str]] = set()

    def enter(events: ir.Events, names: Iterable[str | None]) -> None:
        used.update((kind, name) for kind in events.kinds for name in names if name is not None)

    for node in parts(looked_at):
        match node:
            case ir.Events(where=where) if where is not None:
                enter(node, _properties(where))
            case ir.CountOf(events=events, distinct=distinct):
                enter(events, (distinct,))
            case ir.AggregateOf(events=events, prop=prop):
                enter(events, (prop,))
            case ir.Rule(trigger=ir.Each(events=events, once_per_property=prop), points=points):
                enter(events, (prop,))
                enter(events, _properties(points))
            case _:
                pass
    _, anywhere = mentions(subject)
    for declared in subject.written(tree.Event):
        kinds = [kind.name.text for kind in declared.kinds]
        for field in declared.fields:
            name = field.name.text
            if field.required or any((kind, name) in used for kind in kinds):
                continue
            fix = None
            if name not in anywhere:
                fix = Fix("delete the property", whole_lines(subject, field.span), "")
            yield UnusedProperty(span=field.name.span, label="read nowhere", fix=fix, name=name, event=kinds[0])


def _properties(part: object) -> list[str]:
    return [node.name for node in parts(part) if isinstance(node, ir.PropertyOf)]
