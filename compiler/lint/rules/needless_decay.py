"""A decay where nothing fades."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ....dsl import tree
from ....dsl.problems import Problem, Severity, problem
from ..rule import rule
from ..subject import Subject


@problem("SC422", Severity.WARNING)
class NeedlessDecay(Problem):
    """A `decay` line stands over rules that do not fade by it.

    ## Why it matters
    A decay of a score or a group acts on its `for each` rules that have none of their own. Where there is none,
    nothing ever fades, though the line says so.

    ## Avoid
    ```score
    policy inbound
      language 1

    event page_view

    score interest
      decay halving every 30 days
      +20 often when count of page_view in the last 90 days >= 10
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    event page_view

    score interest
      decay halving every 30 days
      +2 views for each page_view in the last 90 days, at most 20 points
    ```
    """

    where: str

    def message(self) -> str:
        return f"no rule of `{self.where}` fades by this line"

    def help(self) -> str:
        return "only `for each` rules fade; for all others write `decay ... of silence`, or leave the line out"


@rule(NeedlessDecay, needs="text")
def look(subject: Subject) -> Iterator[Problem]:
    owners: list[tree.Score | tree.Group] = [*subject.written(tree.Score), *subject.written(tree.Group)]
    for owner in owners:
        lines = [item for item in owner.items if isinstance(item, tree.DecayLine) and not item.of_silence]
        if lines and not _fades(owner.items):
            yield NeedlessDecay(span=lines[0].span, where=owner.name.text)


def _fades(items: Iterable[tree.Item]) -> bool:
    """Whether some rule takes the decay of a line above it."""
    for item in items:
        match item:
            # What is included may fade.
            case tree.Include():
                return True
            case tree.Group(items=inner):
                has_its_own = any(isinstance(one, tree.DecayLine) for one in inner)
                if not has_its_own and _fades(inner):
                    return True
            case tree.Rule(trigger=tree.Each(), modifiers=modifiers):
                if not any(isinstance(one, tree.Curve) for one in modifiers):
                    return True
            case _:
                pass
    return False
