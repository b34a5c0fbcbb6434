"""Analysis -> findings: the rules that are wanted look at a file; its settings and comments have the last word."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...dsl.problems import Problem, Severity
from ..pipeline import Analysis, in_order
from .codes import catalogue, is_about_comments, is_fixed
from .rule import Rule
from .rules import load
from .settings import DEFAULT, Settings
from .subject import Subject
from .suppressions import suppressed


def lint(analysis: Analysis, settings: Settings = DEFAULT) -> tuple[Problem, ...]:
    """Everything that is to be said about a file: what the checker found and what the rules find, but for what the
    settings or a comment leave out. Each finding is as bad as the settings say."""
    subject = _subject(analysis, settings)
    rules = [rule for rule in load().values() if subject is not None and _looks(rule, subject)]
    rules.sort(key=_is_a_remark)
    found = [*analysis.problems, *(problem for rule in rules if subject is not None for problem in rule.look(subject))]
    looked = _looked(rules, settings) if subject is not None else frozenset[str]()
    kept = suppressed(_wanted(found, settings), analysis.source, analysis.sources, settings, looked)
    return in_order(_weighed(_wanted(kept, settings), settings), analysis.source)


def _subject(analysis: Analysis, settings: Settings) -> Subject | None:
    """Rules wait until a file has no errors: what follows from a mistake is not a second one."""
    file = analysis.parsed.file if analysis.parsed is not None else None
    if file is None or any(problem.severity is Severity.ERROR for problem in analysis.problems):
        return None
    return Subject(analysis, file, settings)


def _looks(rule: Rule, subject: Subject) -> bool:
    return subject.settings.looks(rule) and (rule.needs == "text" or subject.program is not None)


def _is_a_remark(rule: Rule) -> bool:
    """What is only worth knowing is asked last: the time for proofs is for what is wrong."""
    return rule.needs == "study" and rule.problem.severity is Severity.INFO


def _looked(rules: Iterable[Rule], settings: Settings) -> frozenset[str]:
    """The codes that are found where there is something to find: those of the rules, and the checker's warnings."""
    checked = {
        code
        for code, kind in catalogue().items()
        if code not in load() and not is_fixed(kind) and not is_about_comments(kind) and settings.wants(code)
    }
    return frozenset(checked | {rule.problem.code for rule in rules})


def _wanted(problems: Iterable[Problem], settings: Settings) -> Iterator[Problem]:
    return (
        problem for problem in problems if is_fixed(type(problem)) or settings.wants(problem.code, _default(problem))
    )


def _default(problem: Problem) -> bool:
    rule = load().get(problem.code)
    return rule is None or rule.default


def _weighed(problems: Iterable[Problem], settings: Settings) -> Iterator[Problem]:
    for problem in problems:
        severity = settings.severities.get(problem.code)
        yield problem if severity is None or is_fixed(type(problem)) else problem.weighed(severity)
