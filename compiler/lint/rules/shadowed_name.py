"""A name that hides another one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ....dsl import tree
from ....dsl.problems import Note, Problem, Severity, problem
from ....dsl.source import Span
from ...reading import parts
from ..rule import rule
from ..subject import Subject


@problem("SC010", Severity.WARNING)
class ShadowedName(Problem):
    """A name hides another one that is the same.

    ## Why it matters
    In a `where` about events, a name that both the event and the lead have means the event's. Inside a define or a
    set, a parameter hides what the policy calls by that name. Both are easily read as the other one, and nothing
    fails: the points go to other leads than the author thinks.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      country: text

    event meeting
      country: text

    score interest
      +5 home when country is "FR"
      +10 met_at_home for each meeting in the last 90 days where country is "FR", at most 20 points
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      country: text

    event meeting
      held_in: text from "country"

    score interest
      +5 home when country is "FR"
      +10 met_at_home for each meeting in the last 90 days where held_in is "FR", at most 20 points
    ```
    """

    name: str
    means: str
    hidden: str

    def message(self) -> str:
        return f"`{self.name}` is {self.means} here, and hides {self.hidden}"

    def help(self) -> str:
        if self.means == "a parameter":
            return "give the parameter another name"
        return f'give the property a name of its own: `event_{self.name}: ... from "{self.name}"`'


_About = tree.Each | tree.Occurs | tree.Count | tree.Aggregate | tree.SinceEvent


@rule(ShadowedName, needs="text")
def look(subject: Subject) -> Iterator[Problem]:
    fields = {field.name.text: field.name.span for record in subject.written(tree.Record) for field in record.fields}
    yield from _properties(subject, fields)
    yield from _parameters(subject)


def _properties(subject: Subject, fields: Mapping[str, Span]) -> Iterator[Problem]:
    properties: dict[str, dict[str, Span]] = {}
    for event in subject.written(tree.Event):
        for kind in event.kinds:
            properties[kind.name.text] = {field.name.text: field.name.span for field in event.fields}
    abouts: list[_About] = [
        *subject.written(tree.Each),
        *subject.written(tree.Occurs),
        *subject.written(tree.Count),
        *subject.written(tree.Aggregate),
        *subject.written(tree.SinceEvent),
    ]
    for about in abouts:
        if about.where is None or about.event.name is None:
            continue
        own_names = properties.get(about.event.name.text, {})
        for node in parts(about.where):
            if isinstance(node, tree.Dotted) and node.text in own_names and node.text in fields:
                yield ShadowedName(
                    span=node.span,
                    label=f"the property of `{about.event.name.text}`",
                    notes=(Note(own_names[node.text], "meant here"), Note(fields[node.text], "hidden here")),
                    name=node.text,
                    means="the event's",
                    hidden="the lead's",
                )


def _parameters(subject: Subject) -> Iterator[Problem]:
    declared: dict[str, Span] = {}
    for declaration in subject.file.declarations:
        match declaration:
            case tree.Record(fields=fields):
                declared |= {field.name.text: field.name.span for field in fields}
            case tree.Define() | tree.ListOf() | tree.Score() | tree.Band() | tree.Decide():
                declared[declaration.name.text] = declaration.name.span
            case _:
                pass
    for param in subject.written(tree.Param):
        if param.name.text in declared:
            yield ShadowedName(
                span=param.name.span,
                label="this parameter",
                notes=(Note(declared[param.name.text], "hidden inside"),),
                name=param.name.text,
                means="a parameter",
                hidden="what the file calls so",
            )
