"""A policy held against its last release: whether its version has gone as far as its changes need."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ..dsl import tree
from ..dsl.problems import Fix, Problem
from ..dsl.source import Span
from .lint.version_problems import VersionBumpTooSmall, VersionNotBumped, VersionNotSettled
from .release_rules import changes_since
from .releases import Collected, History, Release, ReleaseError, release_of
from .semver import Bump, Version, bump_between, least_bump


def version_problems(collected: Collected, history: History) -> Iterator[Problem]:
    """What is wrong with the version of a policy without errors; nothing where it was never released, or where its
    records cannot be trusted (`scorec log` tells)."""
    if collected.analysis.program is None or history.broken or not history.releases:
        return
    last = history.releases[-1]
    now = release_of(collected, date.min)
    line = _line(collected)
    if now.version == last.version:
        if now.fingerprint != last.fingerprint:
            yield VersionNotBumped(span=line, version=last.version, released=last.date.isoformat())
        return
    least = _least(last, now, collected)
    if least is not None:
        klass, version = least
        fix = Fix(f"write {version}", line, f"version {version}") if line.end else None
        yield VersionBumpTooSmall(
            span=line, fix=fix, version=now.version, released=last.version, klass=klass, least=str(version)
        )


def _least(last: Release, now: Release, collected: Collected) -> tuple[str, Version] | None:
    """The class of what has changed and the version that it needs, where that is greater than the one it has."""
    if bump_between(last.number, now.number) in (Bump.MAJOR, Bump.NONE):
        return None
    program = collected.analysis.program
    assert program is not None
    try:
        changes = changes_since(last, program, collected.analysis.sources)
    except ReleaseError:
        # What was released can no longer be read: who releases or scores with it is told.
        return None
    needed = least_bump(last.number, changes.bump)
    if bump_between(last.number, now.number) >= needed:
        return None
    return changes.klass, last.number.bumped(needed)


def _line(collected: Collected) -> Span:
    parsed = collected.analysis.parsed
    header = parsed.file.header if parsed is not None and parsed.file is not None else None
    if header is None:
        return Span(0, 0, collected.analysis.source.name)
    return next((line.span for line in header.meta if isinstance(line, tree.Version)), header.name.span)


def settling_problems(collected: Collected, history: History, settle: int, today: date) -> Iterator[Problem]:
    """Whether a policy is changed again before its last release could show what it does."""
    if collected.analysis.program is None or history.broken or not history.releases:
        return
    last = history.releases[-1]
    days = (today - last.date).days
    changed = release_of(collected, date.min).fingerprint != last.fingerprint
    if changed and 0 <= days < settle:
        yield VersionNotSettled(span=_line(collected), version=last.version, days=days, settle=settle)
