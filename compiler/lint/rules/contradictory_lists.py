"""An entry of two lists of which one is for and one against a lead."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from ....dsl import tree, values
from ....dsl.problems import Note, Problem, Severity, problem
from ..reading import (
    plain,
    shown,
)
from ..rule import rule
from ..subject import Subject


@problem("SC503", Severity.WARNING)
class ContradictoryLists(Problem):
    """An entry stands in two lists, one of which speaks for a lead and the other against it.

    ## Why it matters
    The same company earns points for being a target and loses them for being a competitor. One of the two lists is
    wrong about it, and the result for its leads is an accident. Lists that are written in the policy are compared.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      email: text

    list targets = ("northpier.example", "dunesoft.example")
    list blocked = ("rival.example", "Northpier.example")

    score fit
      +20 target when domain(email) in targets
      -50 unwanted when domain(email) in blocked
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      email: text

    list targets = ("northpier.example", "dunesoft.example")
    list blocked = ("rival.example", "contender.example")

    score fit
      +20 target when domain(email) in targets
      -50 unwanted when domain(email) in blocked
    ```
    """

    entry: str
    good: str
    bad: str

    def message(self) -> str:
        return f'"{self.entry}" speaks for a lead in `{self.good}`, and against it in `{self.bad}`'

    def help(self) -> str:
        return "take it out of one of the two lists"


@dataclass(frozen=True, slots=True)
class _Asked:
    """A list that something asks for, about which value, and whether being in it speaks for the lead."""

    name: str
    item: tree.Expr
    good: bool


@rule(ContradictoryLists, needs="text")
def look(subject: Subject) -> Iterator[Problem]:
    lists = {one.name.text: one.values for one in subject.written(tree.ListOf) if one.values is not None}
    if len(lists) < 2:
        return
    asked = [one for one in _asked(subject) if one.name in lists]
    told: set[tuple[str, str, str]] = set()
    for good in (one for one in asked if one.good):
        for bad in (one for one in asked if not one.good and one.name != good.name and one.item == good.item):
            spoken_for = {_text(entry): entry.span for entry in lists[good.name].items}
            for entry in lists[bad.name].items:
                text = _text(entry)
                if text in spoken_for and (text, good.name, bad.name) not in told:
                    told.add((text, good.name, bad.name))
                    yield ContradictoryLists(
                        span=entry.span,
                        label=f"in `{bad.name}`",
                        notes=(Note(spoken_for[text], f"in `{good.name}`"),),
                        entry=text,
                        good=good.name,
                        bad=bad.name,
                    )


def _asked(subject: Subject) -> Iterator[_Asked]:
    defines = {one.name.text: one.body for one in subject.written(tree.Define) if not one.params}
    for written in subject.written(tree.Rule):
        if isinstance(written.points, Decimal) and isinstance(written.trigger, tree.When | tree.Unless):
            for_it = (written.points > 0) is isinstance(written.trigger, tree.When)
            yield from _in(written.trigger.condition, for_it, defines, 0)
    for ban in subject.written(tree.Ban):
        yield from _in(ban.trigger.condition, isinstance(ban.trigger, tree.Unless), defines, 0)


def _in(condition: tree.Expr, good: bool, defines: Mapping[str, tree.Expr], depth: int) -> Iterator[_Asked]:
    match plain(condition):
        case tree.And(items=items) | tree.Or(items=items):
            for item in items:
                yield from _in(item, good, defines, depth)
        case tree.Not(item=item):
            yield from _in(item, not good, defines, depth)
        case tree.In(item=item, collection=tree.Dotted() as name, negated=negated):
            yield _Asked(name.text, plain(item), good is not negated)
        case tree.Ref(name=name) if name.text in defines and depth < 20:
            yield from _in(defines[name.text], good, defines, depth + 1)
        case _:
            pass


def _text(entry: tree.Literal_) -> str:
    match entry:
        case tree.Text(value=text) | tree.Name(text=text) | tree.Date(text=text) | tree.Time(text=text):
            return values.folded(text.strip())
        case tree.Number(value=value):
            return shown(value)
        case tree.Flag(value=flag):
            return "yes" if flag else "no"
