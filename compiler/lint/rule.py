"""What a lint rule is: a function that looks at a subject and yields problems, entered in the register by `@rule`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Generic, Literal, TypeAlias, TypeVar

from ...dsl.frozen import frozen
from ...dsl.problems import Problem

if TYPE_CHECKING:
    from .subject import Subject

Needs: TypeAlias = Literal["text", "program", "study", "tests"]
"""What a rule reads: the text and its tree (libraries too); the checked program of a policy; what every possible lead
can get (`subject.study`); how the policy's tests went (`subject.tests`)."""

Look: TypeAlias = "Callable[[Subject], Iterator[Problem]]"

V = TypeVar("V", bool, int, float, str, tuple[str, ...])


@frozen
class Option(Generic[V]):
    """Something about a rule that a configuration may set: `settle-days = 30`. Its type is that of `default`.

    A rule reads it as `subject.settings[SETTLE_DAYS]`.
    """

    name: str
    default: V
    meaning: str


AnyOption: TypeAlias = Option[bool] | Option[int] | Option[float] | Option[str] | Option[tuple[str, ...]]


@frozen
class Rule:
    """A rule of the register. `default` tells whether it is on where nobody asked for it."""

    problem: type[Problem]
    look: Look
    needs: Needs
    default: bool
    options: tuple[AnyOption, ...]


REGISTER: dict[str, Rule] = {}
"""Every rule that has been loaded, by the code of its problem; `rules.load()` fills it."""


def rule(
    found: type[Problem], *, needs: Needs, default: bool = True, options: tuple[AnyOption, ...] = ()
) -> Callable[[Look], Look]:
    """Registers a function as the one that finds a problem.

    @rule(ZeroPointsRule, needs="text")
    def look(subject: Subject) -> Iterator[Problem]: ...
    """

    def register(look: Look) -> Look:
        if found.code in REGISTER:
            raise ValueError(f"{found.code} has a rule already")
        REGISTER[found.code] = Rule(found, look, needs, default, options)
        return look

    return register
