"""Sets of rows: `include` brings a set of rules, bands or choices to where it is used, with its parameters bound."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from ...dsl import tree
from . import functions, names
from .name_problems import CircularDefinition
from .scope import TOTAL, Names, Scope, Template
from .score_problems import MisplacedLine

T = TypeVar("T", tree.RuleSet, tree.BandSet, tree.ChoiceSet)


def opened(scope: Scope, include: tree.Include, kind: type[T]) -> tuple[T, Scope] | None:
    """The set that an `include` names, and the scope in which its rows are to be read: it sees its own library and its
    parameters, and nothing of the place of use."""
    found = names.template_named(scope, include.name, kind)
    if found is None:
        return None
    owner, template = found
    bound = functions.bound(scope, include.name.text, template.params, include.args or (), include.span)
    if bound is None:
        return None
    scope.report.total += 1
    if len(scope.trail) > 50 or scope.report.total > TOTAL:
        scope.say_too_much(include.span, deep=len(scope.trail) > 50)
        return None
    within = replace(scope, names=owner, params=bound, event=None, trail=(*scope.trail, include.span))
    return template, within


def enters(scope: Scope, template: Template, within: Scope) -> bool:
    """Marks a set as being read, unless it is: then it includes itself, which is reported."""
    key = f"include {template.name.text}"
    opening = within.names.opening
    if key not in opening:
        opening.append(key)
        return True
    circle = (*(name.removeprefix("include ") for name in opening[opening.index(key) :]), template.name.text)
    if frozenset(circle) not in scope.report.circles:
        scope.report.circles.add(frozenset(circle))
        scope.report.add(CircularDefinition(span=template.name.span, circle=circle))
    return False


def leave(within: Scope) -> None:
    within.names.opening.pop()


def band_rows(scope: Scope, rows: Sequence[tree.BandRow | tree.Include]) -> Iterator[tuple[tree.BandRow, Scope]]:
    """The rows of a band, included ones in their place, each with its scope."""
    for row in rows:
        if isinstance(row, tree.BandRow):
            yield row, scope
            continue
        found = opened(scope, row, tree.BandSet)
        say_except(scope, row)
        if found is not None and enters(scope, *found):
            yield from band_rows(found[1], found[0].rows)
            leave(found[1])


def choice_rows(scope: Scope, rows: Sequence[tree.Row | tree.Include]) -> Iterator[tuple[tree.Row, Scope]]:
    """The rows of a decision, included ones in their place, each with its scope."""
    for row in rows:
        if not isinstance(row, tree.Include):
            yield row, scope
            continue
        found = opened(scope, row, tree.ChoiceSet)
        say_except(scope, row)
        if found is not None and enters(scope, *found):
            yield from choice_rows(found[1], found[0].rows)
            leave(found[1])


def say_except(scope: Scope, include: tree.Include) -> None:
    for name in include.excluded:
        hint = "only the rules of a set can be left out one by one"
        scope.say(MisplacedLine(span=name.span, line=f"except {name.text}", place="an include of rows", hint=hint))


# ------------------------------------------------------------------ labels, before anything is bound


def band_labels(
    owner: Names, rows: Sequence[tree.BandRow | tree.Include], seen: frozenset[int] = frozenset()
) -> list[str]:
    """The labels of a band's rows, included ones in their place; what is wrong with them is not said here."""
    found: list[str] = []
    for row in rows:
        if isinstance(row, tree.BandRow):
            found.append(row.label.text)
            continue
        target = _target(owner, row)
        if target is not None and isinstance(target[1], tree.BandSet) and id(target[1]) not in seen:
            found.extend(band_labels(target[0], target[1].rows, seen | {id(target[1])}))
    return found


def outcomes(owner: Names, rows: Sequence[tree.Row | tree.Include], seen: frozenset[int] = frozenset()) -> list[str]:
    """The outcomes of a decision's rows, included ones in their place; what is wrong with them is not said here."""
    found: list[str] = []
    for row in rows:
        match row:
            case tree.Choice(outcome=outcome):
                found.append(outcome.text)
            case tree.GridRow(head=head, cells=cells):
                found.extend(cell.text for cell in cells if head is not None)
            case tree.Include():
                target = _target(owner, row)
                if target is not None and isinstance(target[1], tree.ChoiceSet) and id(target[1]) not in seen:
                    found.extend(outcomes(target[0], target[1].rows, seen | {id(target[1])}))
    return found


def _target(owner: Names, include: tree.Include) -> tuple[Names, Template] | None:
    home: Names | None = owner
    if len(include.name.parts) > 1:
        home = owner.libraries.get(".".join(part.text for part in include.name.parts[:-1]))
    template = home.templates.get(include.name.parts[-1].text) if home is not None else None
    return (home, template) if home is not None and template is not None else None
