"""What the public API raises: the author's mistakes and bad data, each with everything that was found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..dsl.problems import Problem, Severity
from ..dsl.source import Source


class ScorecError(Exception):
    """Anything that scorec refuses to do. Its text is written for the person who reads it."""


class PolicyError(ScorecError):
    """A policy cannot be used. `problems` holds everything that was found, in the order of the text; `sources` the
    texts they point into, by name."""

    def __init__(self, name: str, problems: tuple[Problem, ...], sources: Mapping[str, Source]) -> None:
        self.name = name
        self.problems = problems
        self.sources = sources
        errors = [problem for problem in problems if problem.severity is Severity.ERROR]
        count = "1 error" if len(errors) == 1 else f"{len(errors)} errors"
        lines = [f"{name} has {count}"]
        for problem in errors[:10]:
            lines.append(f"  {place(problem, sources)}: {problem.code} {problem.message()}")
        if len(errors) > 10:
            lines.append(f"  and {len(errors) - 10} more")
        super().__init__("\n".join(lines))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.name, self.problems, self.sources)


class DataError(ScorecError):
    """A lead or an event cannot be read. `reasons` holds all of them as (column, value, reason)."""

    def __init__(self, what: str, reasons: tuple[tuple[str, Any, str], ...]) -> None:
        self.what = what
        self.reasons = reasons
        lines = [f"{what} cannot be read"]
        lines.extend(f"  {column}: {reason}" if column else f"  {reason}" for column, _, reason in reasons)
        super().__init__("\n".join(lines))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.what, self.reasons)


def place(problem: Problem, sources: Mapping[str, Source]) -> str:
    """`inbound.score:12:7`, as editors understand it; the name alone where the text is not at hand."""
    source = sources.get(problem.span.source)
    if source is None:
        return problem.span.source or "?"
    line, column = source.position(min(problem.span.start, len(source.text)))
    return f"{source.name}:{line}:{column}"
