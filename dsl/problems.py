"""Problems: what is wrong with a policy, as values with a code, a place and a way out.

A problem class is declared once with `@problem`; its docstring is the page that `scorec explain CODE` prints and that
`docs/problems/` holds. The first line says what it is; then come the sections Why it matters, Avoid (a policy that
has exactly this problem) and Prefer (one that has none).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, field, fields
from enum import IntEnum
from typing import Any, ClassVar, Self, TypeVar, dataclass_transform

from .frozen import frozen
from .source import NOWHERE, Span


class Severity(IntEnum):
    """How bad a problem is. An error stops a policy from being used."""

    INFO = 1
    WARNING = 2
    ERROR = 3

    @property
    def word(self) -> str:
        return self.name.lower()


@dataclass(frozen=True)
class Fix:
    """An edit that mends a problem: `replacement` for the text at `span`. `safe` means that no lead can score
    otherwise."""

    description: str
    span: Span
    replacement: str
    safe: bool = False


@dataclass(frozen=True)
class Note:
    """A second place that belongs to a problem, with a few words for it."""

    span: Span
    text: str


@frozen(slots=False, kw_only=True)
class Problem:
    """One thing that is wrong, at one place.

    `message()` is the title: one line, lower case, no full stop, names in backticks. `label` stands at the carets,
    `help()` says what to do.
    """

    code: ClassVar[str] = ""
    severity: ClassVar[Severity] = Severity.ERROR

    span: Span = NOWHERE
    label: str = field(default="", compare=False)
    notes: tuple[Note, ...] = field(default=(), compare=False)
    fix: Fix | None = field(default=None, compare=False)

    def message(self) -> str:
        raise NotImplementedError

    def help(self) -> str:
        return ""

    def weighed(self, severity: Severity) -> Self:
        """The same problem, as bad as a configuration says."""
        if severity is self.severity:
            return self
        other = copy(self)
        # On the object, where it hides the severity of the class.
        object.__setattr__(other, "severity", severity)
        return other

    @classmethod
    def slug(cls) -> str:
        """`UnknownField` is `unknown-field`."""
        return re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()

    def facts(self) -> dict[str, Any]:
        """The fields that are this problem's own, for JSON."""
        own = {f.name for f in fields(self)} - {"span", "label", "notes", "fix"}
        return {name: getattr(self, name) for name in sorted(own)}


CATALOGUE: dict[str, type[Problem]] = {}
"""Every problem class by its code."""

RETIRED: dict[str, str] = {}
"""Codes that were used once, and what became of them. A code is never used again."""

P = TypeVar("P", bound=Problem)


@dataclass_transform(kw_only_default=True, frozen_default=True)
def problem(code: str, severity: Severity = Severity.ERROR) -> Callable[[type[P]], type[P]]:
    """Declares a problem: freezes the class, gives it its code and severity, and enters it in the catalogue."""

    def declare(cls: type[P]) -> type[P]:
        if code in CATALOGUE or code in RETIRED:
            raise ValueError(f"problem code {code} is taken")
        made = frozen(slots=False, kw_only=True)(cls)
        made.code = code
        made.severity = severity
        CATALOGUE[code] = made
        return made

    return declare
