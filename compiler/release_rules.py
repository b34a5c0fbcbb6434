"""What stands in the way of a release: its version, its date, its tests, its changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from ..dsl import ir
from ..dsl.source import Source
from .releases import Approval, Release
from .semver import Bump, bump_between, least_bump
from .version import SHORT, fingerprint


@dataclass(frozen=True, slots=True)
class Loosened:
    """A change that lets leads pass which a gate stopped: its fingerprint, as `scorec diff` shows it, and words. Not
    `sure`: it could neither be shown nor ruled out."""

    fingerprint: str
    words: str
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Changes:
    """What has changed since the last release: the class of all of it, how far the version has to go, in words."""

    klass: str
    bump: Bump
    summary: tuple[str, ...] = ()
    loosened: tuple[Loosened, ...] = ()


FIRST = Changes("first", Bump.NONE, ("the first release",))


def changes_since(before: Release | None, program: ir.Program, sources: Mapping[str, Source]) -> Changes:
    """What a policy changes, and the texts it was read from, since a release. Raises `ReleaseError` if that cannot be
    read any more."""
    if before is None:
        return FIRST
    from .diff.changes import Side
    from .diff.classes import Class, classified
    from .diff.telling import summary

    old, _ = before.read()
    report = classified(Side(old.program, old.sources), Side(program, sources))
    loosened = [Loosened(one.change.fingerprint, one.change.words) for one in report.loosened]
    if report.klass is Class.LOOSENED and not loosened:
        # No change does it alone: whoever approves, approves the whole.
        loosened.append(Loosened(fingerprint(program), "the changes together"))
    open_gates = [output.name for output in report.undecided if output.what == "loosened"]
    if open_gates and not loosened:
        # Nothing shows it and nothing rules it out: a person decides, as if it were so.
        words = f"whether more leads get {', '.join(f'`{name}`' for name in open_gates)} could not be decided"
        loosened.append(Loosened(fingerprint(program), words, sure=False))
    return Changes(report.klass.value, report.bump, summary(report), tuple(loosened))


@dataclass(frozen=True)
class Candidate:
    """A release that is wanted, and what is known about it. `failing` are tests and promises in words; `uncommitted`
    the files that git does not have as they are."""

    release: Release
    earlier: tuple[Release, ...]
    changes: Changes
    today: date
    failing: tuple[str, ...] = ()
    uncommitted: tuple[Path, ...] = ()

    @property
    def before(self) -> Release | None:
        return self.earlier[-1] if self.earlier else None


@dataclass(frozen=True, slots=True)
class Refused:
    """A reason not to release, and what to do about it."""

    why: str
    help: str = ""


def refusals(candidate: Candidate) -> tuple[Refused, ...]:
    """Everything that stands in the way of a release; () if nothing does."""
    release = candidate.release
    found = [*_of_version(candidate), *_of_date(candidate)]
    found += [Refused(f"a test does not pass: {failing}", "see `scorec test`.") for failing in candidate.failing]
    found += [
        Refused(f"{path} is not committed as it is", "commit it, so that the release is what everybody has.")
        for path in candidate.uncommitted
    ]
    for change in not_approved(candidate.changes, release.fingerprint, release.approvals):
        found.append(
            Refused(
                f"a gate {'is' if change.sure else 'may be'} loosened, and nobody has approved it: {change.words}",
                f'if it is meant: --approve {change.fingerprint[:SHORT]} --reason "why it is right"',
            )
        )
    return tuple(found)


SHORTEST = 8
"""So many digits of a fingerprint are the least by which something is approved."""


def not_approved(changes: Changes, whole: str, approvals: Sequence[Approval]) -> tuple[Loosened, ...]:
    """What loosens a gate without an approval: of the change itself, or of the meaning of the whole policy."""
    given = [one.fingerprint for one in approvals if len(one.fingerprint) >= SHORTEST]
    if any(whole.startswith(one) for one in given):
        return ()
    return tuple(change for change in changes.loosened if not any(change.fingerprint.startswith(one) for one in given))


def in_full(changes: Changes, whole: str, approvals: Sequence[Approval]) -> tuple[Approval, ...]:
    """The approvals with the whole fingerprint of what they approve; one of something else stays as it was given."""
    known = _approvable(changes, whole)
    return tuple(
        replace(one, fingerprint=next((full for full in known if full.startswith(one.fingerprint)), one.fingerprint))
        if len(one.fingerprint) >= SHORTEST
        else one
        for one in approvals
    )


def _approvable(changes: Changes, whole: str) -> list[str]:
    return [whole, *(change.fingerprint for change in changes.loosened)]


def unknown_approvals(changes: Changes, whole: str, given: Sequence[str]) -> tuple[str, ...]:
    """Approvals of something else: neither of this policy nor of one of its changes."""
    known = _approvable(changes, whole)
    return tuple(one for one in given if len(one) < SHORTEST or not any(full.startswith(one) for full in known))


def _of_version(candidate: Candidate) -> list[Refused]:
    release, before, changes = candidate.release, candidate.before, candidate.changes
    versions: Mapping[str, Release] = {one.version: one for one in candidate.earlier}
    bump = "patch" if changes.bump is Bump.NONE else changes.bump.word
    if release.version in versions:
        day = versions[release.version].date
        same = versions[release.version].fingerprint == release.fingerprint
        why = f"{release.version} was released on {day}" + ("" if same else ", with another meaning")
        return [Refused(why, f"a released version never changes; `scorec version` makes the next: {bump}.")]
    if release.number.bumped(Bump.NONE) == type(release.number)(0, 0, 0):
        return [Refused("the policy has no version", "begin with a line `version 1.0.0` in its header.")]
    if before is None:
        return []
    if release.number < before.number:
        return [Refused(f"{release.version} is not greater than {before.version}, which was released before")]
    needed = least_bump(before.number, changes.bump)
    if bump_between(before.number, release.number) < needed:
        least = before.number.bumped(needed)
        return [
            Refused(
                f"{release.version} is too small a step from {before.version} for changes of the class "
                f"{changes.klass}: they need {least} at least",
                f"run `scorec version` with {needed.word}.",
            )
        ]
    return []


def _of_date(candidate: Candidate) -> list[Refused]:
    release, before = candidate.release, candidate.before
    found = []
    if release.date > candidate.today:
        found.append(
            Refused(
                f"{release.date} is still to come",
                "a policy that counts from a later day says so in its header: effective from.",
            )
        )
    if before is not None and release.date < before.date:
        found.append(Refused(f"{release.date} lies before {before.date}, when {before.version} was released"))
    if release.effective_to is not None and release.effective_to < release.date:
        found.append(
            Refused(
                f"the policy was in effect only until {release.effective_to}: it would never be in force",
                "move the day in `effective`.",
            )
        )
    return found
