"""Mending: the edits that findings offer, applied until there is nothing more to mend.

A safe edit may not change what any lead gets. That is not taken on trust: the fingerprint of the policy before and
after must be the same, and an edit that changes it is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from ...dsl.frozen import frozen
from ...dsl.problems import Fix, Problem, Severity
from ..pipeline import Analysis

ROUNDS = 10
"""Mending one finding may show another. A text that is still not at rest after so many rounds stays as it is then."""

Checked: TypeAlias = tuple[Analysis, tuple[Problem, ...]]
Check: TypeAlias = Callable[[str], Checked]
"""From a file's text to all that is known about it, and its findings."""


@frozen
class Edit:
    """A finding whose fix was applied or refused; `why` says why it was refused. `line` is where it was found."""

    problem: Problem
    fix: Fix
    line: int
    why: str = ""


@frozen
class Mended:
    """A file after mending: its text, its findings, and what was done and what was not."""

    text: str
    checked: Checked
    applied: tuple[Edit, ...]
    refused: tuple[Edit, ...]


def mend(text: str, check: Check, *, unsafe: bool) -> Mended:
    """Applies the fixes of a file's own text: the safe ones, or with `unsafe` all of them."""
    checked = check(text)
    applied: list[Edit] = []
    refused: dict[tuple[str, str, str], Edit] = {}
    for _ in range(ROUNDS):
        edits = [edit for edit in _offered(checked, unsafe) if _key(edit) not in refused]
        chosen = _apart(edits)
        if not chosen:
            break
        result = _with(text, chosen, check)
        why = _objection(checked, result[1], chosen)
        if why and len(chosen) > 1:
            # One of them is to blame; the others may be applied all the same.
            chosen, result = _one_by_one(text, checked, chosen, check, refused)
        elif why:
            refused[_key(chosen[0])] = _refused(chosen[0], why)
            continue
        text, checked = result
        applied.extend(chosen)
    return Mended(text, checked, tuple(applied), tuple(refused.values()))


def _offered(checked: Checked, unsafe: bool) -> list[Edit]:
    analysis, problems = checked
    return [
        Edit(problem, problem.fix, analysis.source.position(problem.span.start)[0])
        for problem in problems
        if problem.fix is not None
        and (problem.fix.safe or unsafe)
        and problem.fix.span.source == problem.span.source == analysis.source.name
    ]


def _key(edit: Edit) -> tuple[str, str, str]:
    """What stays the same about an offer while other edits move it."""
    return edit.problem.code, edit.problem.message(), edit.fix.replacement


def _refused(edit: Edit, why: str) -> Edit:
    return Edit(edit.problem, edit.fix, edit.line, why)


def _apart(edits: Iterable[Edit]) -> list[Edit]:
    """Those that do not touch each other, in the order of the text; the others have to wait for the next round."""
    chosen: list[Edit] = []
    end = 0
    for edit in sorted(edits, key=lambda edit: (edit.fix.span.start, edit.fix.span.end)):
        span = edit.fix.span
        if span.start >= end:
            chosen.append(edit)
            end = max(span.end, span.start + 1)
    return chosen


def _with(text: str, edits: Sequence[Edit], check: Check) -> tuple[str, Checked]:
    for edit in reversed(edits):
        span = edit.fix.span
        text = text[: span.start] + edit.fix.replacement + text[span.end :]
    return text, check(text)


def _one_by_one(
    text: str, checked: Checked, edits: Sequence[Edit], check: Check, refused: dict[tuple[str, str, str], Edit]
) -> tuple[list[Edit], tuple[str, Checked]]:
    """Those of some edits to which there is no objection. From the last to the first, so that the places hold."""
    kept: list[Edit] = []
    for edit in reversed(edits):
        result = _with(text, [edit], check)
        why = _objection(checked, result[1], [edit])
        if why:
            refused[_key(edit)] = _refused(edit, why)
        else:
            kept.insert(0, edit)
            text, checked = result
    return kept, (text, checked)


def _objection(before: Checked, after: Checked, edits: Sequence[Edit]) -> str:
    """Why edits must not be applied; empty where they may."""
    (old, _), (new, _) = before, after
    if _errors(new) > _errors(old):
        return "the file would have an error more"
    if not all(edit.fix.safe for edit in edits) or _same_tree(old, new):
        return ""
    if old.program is not None and new.program is not None:
        same = old.program.fingerprint == new.program.fingerprint
        return "" if same else "it would change the fingerprint: leads may score otherwise"
    # With an error, nobody is scored yet, and so nobody can be scored otherwise.
    return "" if _errors(old) else "what it does to the policies that use this library cannot be seen from here"


def _errors(analysis: Analysis) -> int:
    """Errors of the language; what the rules call an error may well show only after another one is mended."""
    return sum(problem.severity is Severity.ERROR for problem in analysis.problems)


def _same_tree(old: Analysis, new: Analysis) -> bool:
    """Whether only comments and blanks differ."""
    return old.parsed is not None and new.parsed is not None and old.parsed.file == new.parsed.file
