"""Analysis -> findings: the rules that are wanted look at a file without errors."""

from __future__ import annotations

from collections.abc import Iterator

from ...dsl.problems import Problem, Severity
from ..pipeline import Analysis, in_order
from .rule import Rule
from .rules import load
from .settings import DEFAULT, Settings
from .subject import Subject


def lint(analysis: Analysis, settings: Settings = DEFAULT) -> tuple[Problem, ...]:
    """Everything that is to be said about a file: what the checker found, and what the rules find."""
    return in_order((*analysis.problems, *findings(analysis, settings)), analysis.source)


def findings(analysis: Analysis, settings: Settings = DEFAULT) -> Iterator[Problem]:
    """What the rules find. They wait until a file has no errors: what follows from a mistake is not a second one."""
    file = analysis.parsed.file if analysis.parsed is not None else None
    if file is None or any(problem.severity is Severity.ERROR for problem in analysis.problems):
        return
    subject = Subject(analysis, file, settings)
    for rule in load().values():
        if settings.looks(rule) and _can_look(rule, subject):
            yield from rule.look(subject)


def _can_look(rule: Rule, subject: Subject) -> bool:
    return rule.needs == "text" or subject.program is not None
