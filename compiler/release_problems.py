"""A policy held against its last release: whether its version has gone as far as its changes need."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ..dsl import tree
from ..dsl.problems import Fix, Problem, problem
from ..dsl.source import Span
from .release_rules import changes_since
from .releases import Collected, History, Release, ReleaseError, release_of
from .semver import Bump, Version, bump_between, least_bump


@problem("SC910")
class VersionNotBumped(Problem):
    """A policy means something else than its last release, and has the same version.

    ## Why it matters
    Every result carries the version of the policy. Two meanings under one version cannot be told apart afterwards, and
    `scorec release` refuses the second.

    ## What to do
    `scorec version inbound.score minor` writes the next version into the header; `scorec diff inbound.score` shows how
    far it has to go.
    """

    version: str
    released: str

    def message(self) -> str:
        return f"the policy has changed since {self.version} was released on {self.released}, and its version has not"

    def help(self) -> str:
        return "write the next version into the header, as with `scorec version`"


@problem("SC911")
class VersionBumpTooSmall(Problem):
    """A policy's version has not gone as far from its last release as its changes need.

    ## Why it matters
    Who reads 1.4.1 after 1.4.0 expects that no lead is treated otherwise; who reads 1.5.0, that
    nothing breaks that reads the results. `scorec release` refuses a version that says too little.

    ## What to do
    `scorec version inbound.score minor` (or major) writes the next version into the header; `scorec diff inbound.score`
    shows which change needs it.
    """

    version: str
    released: str
    klass: str
    least: str

    def message(self) -> str:
        return (
            f"{self.version} is too small a step from {self.released} for changes of the class {self.klass}: "
            f"they need {self.least}"
        )

    def help(self) -> str:
        return f"write `version {self.least}`, or a greater one"


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
