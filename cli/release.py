"""`scorec release`: a version of a policy, recorded for good."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..compiler.errors import ScorecError
from ..compiler.version import SHORT
from ..dsl.problems import Severity
from . import render
from .command import CLEAN, FINDINGS, Findings, Refusal, refusal_of, result
from .command import command as declared

if TYPE_CHECKING:
    from ..compiler.policy import Policy
    from ..compiler.release_rules import Candidate, Changes, Refused
    from ..compiler.releases import Collected, History, Release


@declared(
    "release",
    'scorec release inbound.score --note "Mid-sized companies count more"',
    "scorec release inbound.score --dry-run",
    'scorec release inbound.score --approve 3f9a01b2c3d4 --reason "Legal agreed on 2 March"',
)
@click.argument("policy", type=click.Path(path_type=Path))
@click.option("--note", metavar="TEXT", default="", help="Why, in a sentence.")
@click.option("--author", metavar="NAME", help="Who releases it (else whom git knows).")
@click.option("--date", "day", metavar="DAY", help="Since when it is in force: 2026-03-01 (else today).")
@click.option(
    "--approve",
    multiple=True,
    metavar="FINGERPRINT",
    help="A gate may be loosened: by the fingerprint of that change, or of the policy.",
)
@click.option("--reason", metavar="TEXT", help="Why that is right; kept in the record.")
@click.option("--dry-run", is_flag=True, help="Check everything and write nothing.")
def command(
    policy: Path,
    note: str,
    author: str | None,
    day: str | None,
    approve: Sequence[str],
    reason: str | None,
    dry_run: bool,
) -> int:
    """Record a version of a policy.

    The record goes to releases/NAME/VERSION.json beside the policy, to be committed: the exact text with its libraries
    and lists, what has changed since the last release, when and by whom. Later, `scorec score --release` and
    --as-released-on score with it. Refused are a version too small for what has changed, failing tests, files that
    are not committed, and a loosened gate that nobody has approved.
    """
    from ..compiler.releases import Approval, after, collect, history_in, record_text, release_of, write_release

    if bool(approve) != bool(reason and reason.strip()):
        raise Refusal("an approval has a fingerprint and a reason", "--approve FINGERPRINT --reason TEXT")
    try:
        collected = _collected(policy, collect(policy))
        program = collected.analysis.program
        assert program is not None
        history = history_in(policy.parent / "releases", program.name)
        before = history.latest
        opened, _ = release_of(collected, date.min).read()
        today = datetime.now(opened.zone).date()
        who = _clean(_author() if author is None else author)
        wanted = after(release_of(collected, _day(day, today), who, _clean(note.strip())), before)
        approvals = tuple(Approval(one.strip().lower(), _clean(reason or ""), who) for one in approve)
        candidate, dirty_unknown = _candidate(replace(wanted, approvals=approvals), history, opened, collected, today)
        refused = _refused(candidate)
        if refused:
            return _say_refused(wanted, refused)
        release = candidate.release
        path = history.folder / f"{release.version}.json"
        if dry_run:
            record_text(release)
        else:
            path = write_release(history.folder, release)
    except ScorecError as failure:
        raise refusal_of(failure) from None
    result(_released(release, before, candidate.changes, path, dry_run))
    if dirty_unknown:
        render.say("note: not in a git repository, so whether the files are committed was not checked")
    return CLEAN


def _collected(policy: Path, collected: Collected) -> Collected:
    """What was read. Ends the command where the policy has errors."""
    from ..compiler.policy import is_library

    analysis = collected.analysis
    if any(problem.severity is Severity.ERROR for problem in analysis.problems):
        raise Findings(analysis.problems, analysis.sources)
    if is_library(analysis):
        raise Refusal(f"{policy} is a library", "policies are released, with the libraries that they use.")
    return collected


def _day(written: str | None, today: date) -> date:
    from ..compiler.releases import day_of

    return today if written is None else day_of(written)


def _author() -> str:
    import getpass

    from ..compiler.committed import author

    try:
        return author() or getpass.getuser()
    except (OSError, KeyError):
        return ""


def _clean(text: str) -> str:
    """What the command line gave, without what no file can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _candidate(
    wanted: Release, history: History, policy: Policy, collected: Collected, today: date
) -> tuple[Candidate, bool]:
    from ..compiler.committed import uncommitted
    from ..compiler.release_rules import Candidate, changes_since, in_full
    from ..compiler.testing import run_tests

    changes = changes_since(history.latest, policy.program, collected.analysis.sources)
    approvals = in_full(changes, wanted.fingerprint, wanted.approvals)
    release = replace(wanted, klass=changes.klass, bump=changes.bump, summary=changes.summary, approvals=approvals)
    run = run_tests(policy.program, policy.sources)
    failing = [f'"{test.title}"' for test in run.results if test.failures]
    failing += sorted({f'promise {one.promise}, in the example "{one.test}"' for one in run.broken})
    dirty = uncommitted(collected.paths)
    return Candidate(release, history.releases, changes, today, tuple(failing), dirty or ()), dirty is None


def _refused(candidate: Candidate) -> Sequence[Refused]:
    from ..compiler.release_rules import Refused, refusals, unknown_approvals

    release = candidate.release
    strangers = unknown_approvals(
        candidate.changes, release.fingerprint, [one.fingerprint for one in release.approvals]
    )
    known = f"this policy is {release.fingerprint[:SHORT]}"
    return (
        *refusals(candidate),
        *(Refused(f"the approval {one} is of something else: {known}") for one in strangers),
    )


def _say_refused(release: Release, refused: Sequence[Refused]) -> int:
    paint, width = render.paint_for(sys.stderr), render.width_of_terminal()
    for one in refused:
        text = render.wrapped(one.why, width, "refused: ", "  ")
        render.say(paint.error("refused:") + text.removeprefix("refused:"))
        if one.help:
            render.say(render.wrapped(one.help, width, "  help: ", "        "))
    render.say(f"{release.name} {release.version} was not released")
    return FINDINGS


def _released(release: Release, before: Release | None, changes: Changes, path: Path, dry_run: bool) -> str:
    paint, width = render.paint_for(sys.stdout), render.width_of_terminal()
    what = f"{release.name} {release.version}"
    lines = [paint.strong(f"{what} could be released" if dry_run else f"{what} released: {path}")]
    step = "first release" if before is None else f"{changes.klass}, from {before.version}"
    lines.append(f"  class        {step}")
    lines += [render.wrapped(one, width, "  " + " " * 13, " " * 17) for one in changes.summary if before is not None]
    lines += [
        render.wrapped(f"{one.fingerprint[:SHORT]}: {one.reason}", width, "  approved     ", " " * 15)
        for one in release.approvals
    ]
    lines.append(f"  fingerprint  {release.fingerprint[:SHORT]}")
    lines.append(f"  in force     from {max(release.date, release.effective_from or release.date)}")
    lines.append(paint.faint("  nothing was written" if dry_run else f"  commit {path.parent} with the policy"))
    return "\n".join(lines)
