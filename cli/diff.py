"""`scorec diff`: what changed between two versions of a policy, and what it means for leads."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..compiler.errors import ScorecError
from . import render
from .command import CLEAN, FAULT, FINDINGS, Refusal, errors_text, no_progress, refusal_of, result
from .command import command as declared
from .impact_data import Data, data_options

if TYPE_CHECKING:
    from ..compiler.diff.classes import Finding, Moved, Report
    from ..compiler.diff.versions import Opened

LEVELS = {"none": None, "band": "undecided", "gate": "gate-tightened", "contract": "contract"}
"""From which class on `--fail-on` ends with 1. What was not decided counts as a change of band."""

MOST_LEADS = 8


@dataclass(frozen=True)
class Compared:
    """Two versions of one policy; without a report where a side could not be read, and why."""

    old: Opened
    new: Opened
    report: Report | None
    trouble: str = ""

    @property
    def broken(self) -> tuple[Opened, ...]:
        """The sides with errors."""
        return tuple(one for one in (self.old, self.new) if one.errors)


@declared(
    "diff",
    "scorec diff inbound.score",
    "scorec diff v1.inbound.score inbound.score",
    "scorec diff HEAD~1:policies/inbound.score policies/inbound.score --fail-on gate",
    "scorec diff main:policies policies --format markdown",
    "scorec diff HEAD:inbound.score :inbound.score",
)
@click.argument("versions", nargs=-1, required=True, metavar="[OLD] NEW")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "markdown"]),
    default="text",
    help="How the report is shown; markdown is for the comment on a pull request.",
)
@click.option(
    "--fail-on",
    type=click.Choice(list(LEVELS)),
    default="none",
    show_default=True,
    help="Exit with 1 from this class on.",
)
@click.option("--git-driver", is_flag=True, help="The arguments are those of git's external diff.")
@no_progress
@data_options
def command(versions: Sequence[str], form: str, fail_on: str, git_driver: bool, data: Data, no_progress: bool) -> int:
    """Show what changed, in words, and what it means for leads.

    OLD and NEW are files, folders, or REV:PATH in git (:PATH is what is staged); the libraries and lists are those of
    the same revision. With NEW alone the last release is the base; without one, the last commit. Every change has its
    class and its evidence; those that can matter have a lead that shows it. Equal policies are proved equal.
    """
    if git_driver:
        return _for_git(versions)
    if len(versions) > 2:
        raise Refusal(f"two versions are compared, and these are {len(versions)}", "scorec diff OLD NEW")
    data.check()
    compared, gone, come = _compared(versions)
    if len(compared) == 1 and compared[0].report is None and not (gone or come):
        return _refused(compared[0])
    impact = _impact(compared, data, versions[-1], form, not no_progress) if data.wanted else None
    match form:
        case "json":
            result(_json(compared, gone, come, impact))
        case "markdown":
            result(_markdown(compared, gone, come, impact))
        case _:
            _text(compared, gone, come, impact)
    if any(one.report is None for one in compared):
        return FAULT
    return FINDINGS if _fails(compared, gone, fail_on) else CLEAN


def _refused(one: Compared) -> int:
    """A policy with errors is shown as by every other command. The exit code is not theirs: 1 would say that the
    versions differ."""
    if not one.broken:
        raise Refusal(one.trouble, "mend it, or compare with another version.")
    paint, width = render.paint_for(sys.stderr), render.width_of_terminal()
    render.say("\n\n".join(errors_text(side.errors, side.analysis.sources, paint, width) for side in one.broken))
    return FAULT


# ------------------------------------------------------------------ comparing


def _compared(versions: Sequence[str]) -> tuple[list[Compared], list[Opened], list[Opened]]:
    from ..compiler.diff.versions import base_of, opened, pairs

    try:
        if len(versions) == 1:
            new = opened(versions[0])
            old = {"": base_of(versions[0])}
        else:
            old, new = opened(versions[0]), opened(versions[1])
    except ScorecError as failure:
        raise refusal_of(failure) from None
    if ("" in old) != ("" in new):
        shown = versions if len(versions) == 2 else ("", *versions)
        one, other = ("file", "folder") if "" in old else ("folder", "file")
        raise Refusal(f"{shown[0]} is a {one}, and {shown[1]} is a {other}", "compare two files, or two folders.")
    both, gone, come = pairs(old, new)
    return [_judged(one, other) for one, other in both], gone, come


def _judged(old: Opened, new: Opened) -> Compared:
    from ..compiler.diff.classes import classified
    from ..compiler.diff.versions import SideError

    try:
        return Compared(old, new, classified(old.side, new.side))
    except SideError as failure:
        return Compared(old, new, None, str(failure))


def _fails(compared: Sequence[Compared], gone: Sequence[Opened], fail_on: str) -> bool:
    from ..compiler.diff.classes import CLASSES

    level = LEVELS[fail_on]
    if level is None:
        return False
    least = CLASSES[level].rank
    return bool(gone) or any(one.report is not None and one.report.klass.rank >= least for one in compared)


def _impact(compared: Sequence[Compared], data: Data, written: str, form: str, progress: bool) -> str:
    from ..compiler.policy import policy_of
    from .impact_data import on_leads, shown

    one = compared[0] if compared else None
    if one is None or len(compared) > 1 or one.report is None or one.report.comparison is None:
        raise Refusal("--data scores one policy", "name the two files of one policy.")
    old, new = policy_of(one.old.analysis), policy_of(one.new.analysis)
    path = Path(written.rpartition(":")[2])
    return shown(on_leads(one.report.comparison, old, new, path, data, None, progress), form)


# ------------------------------------------------------------------ text


def _text(compared: Sequence[Compared], gone: Sequence[Opened], come: Sequence[Opened], impact: str | None) -> None:
    paint, width = render.paint_for(sys.stdout), render.width_of_terminal()
    several = len(compared) + len(gone) + len(come) > 1
    quiet = [one for one in compared if several and one.report is not None and one.report.equal]
    blocks = ["\n".join(_report_lines(one, paint, width)) for one in compared if one not in quiet]
    blocks.extend(paint.loss("-") + f" {one.shown} is gone" for one in gone)
    blocks.extend(paint.gain("+") + f" {one.shown} is new" for one in come)
    if quiet:
        blocks.append(paint.good(f"{render.counted(len(quiet), 'policy', 'policies')} proved equal"))
    if impact is not None:
        blocks.append(impact)
    result("\n\n".join(blocks))


def _report_lines(one: Compared, paint: render.Paint, width: int) -> Iterator[str]:
    from ..compiler.diff.telling import SIGNS, approval, headline, same_words, undecided_words, weightiest_first

    report = one.report
    if report is None:
        yield paint.error("cannot be compared:") + f" {_why(one)}"
        for side in one.broken:
            yield ""
            yield errors_text(side.errors, side.analysis.sources, paint, width)
        return
    yield render.wrapped(f"{_title(one, report)}: {headline(report)}", width, "", "  ")
    if report.equal:
        return
    yield ""
    for finding in weightiest_first(report):
        sign = SIGNS[finding.change.kind]
        painted = {"+": paint.gain, "-": paint.loss}.get(sign, paint.info)(sign)
        words = render.wrapped(finding.change.words, width, "  ", "    ")[2:]
        yield f"{painted} {words}"
        yield "    " + paint.faint(_verdict(finding, report))
    shown = _leads(report)
    if shown:
        yield ""
        yield paint.strong("leads that show it")
        for at, moved in enumerate(shown[:MOST_LEADS]):
            following = shown[at + 1] if at + 1 < min(len(shown), MOST_LEADS) else None
            goes_on = following is not None and (following.lead, following.because) == (moved.lead, moved.because)
            yield from _moved_lines(moved, report, paint, width, goes_on)
    yield ""
    same = same_words(report)
    if same:
        yield render.wrapped(f"proved the same: {same}", width, "", "  ")
    undecided = undecided_words(report)
    if undecided:
        yield render.wrapped(f"not decided: {undecided}", width, "", "  ")
    for finding in report.loosened:
        yield render.wrapped(f"a gate is loosened: a release needs {approval(finding)}", width, "", "  ")


def _why(one: Compared) -> str:
    """Why there is no report, where the errors themselves are shown below."""
    counts = [f"{side.shown} has {render.counted(len(side.errors), 'error')}" for side in one.broken]
    return render.listed(counts) if counts else one.trouble


def _title(one: Compared, report: Report) -> str:
    versions = report.old.version, report.new.version
    same = versions[0] == versions[1]
    numbers = versions[0] if same else f"{versions[0] or 'no version'} -> {versions[1] or 'no version'}"
    return f"{report.new.name} {numbers}".strip() + f" ({one.old.shown} -> {one.new.shown})"


def _verdict(finding: Finding, report: Report) -> str:
    from ..compiler.diff.telling import evidence_words, short

    said = f"{finding.klass.value} ({evidence_words(finding.klass, finding.evidence)})"
    if finding.together:
        others = ", ".join(short(report, at) for at in finding.together[:3])
        said += f", together with {others}"
    return said


def _leads(report: Report) -> list[Moved]:
    """Those that are shown: what leads get before what their scores are, and accounts only where nothing else moves."""
    order = ("loosened", "tightened", "decision", "band", "account", "score")
    main = [one for what in order for one in report.moved if one.difference.output.what == what]
    single = [
        finding.moved
        for finding in report.findings
        if finding.moved is not None
        and finding.moved not in report.moved
        and finding.moved.difference.output.what != "lines"
    ]
    lines = [one for one in report.moved if one.difference.output.what == "lines"]
    return [*main, *single] or lines[:2]


def _moved_lines(moved: Moved, report: Report, paint: render.Paint, width: int, goes_on: bool = False) -> Iterator[str]:
    """What moves, and the lead: said once where it moves the next thing too."""
    from ..compiler.diff.telling import because_words, from_to, lead_words

    program = report.comparison.new if report.comparison is not None else None
    arrow = {"up": "▲", "down": "▼", "other": "•"}[moved.direction]
    colour = {"up": paint.gain, "down": paint.loss, "other": paint.info}[moved.direction]
    yield f"  {colour(arrow)} {paint.strong(from_to(moved))}"
    if goes_on:
        return
    if program is not None:
        yield render.wrapped(lead_words(moved.lead, program), width, "      ", "      ")
    because = because_words(report, moved)
    if because:
        yield render.wrapped(because, width, "      ", "      ")


# ------------------------------------------------------------------ other forms


def _json(compared: Sequence[Compared], gone: Sequence[Opened], come: Sequence[Opened], impact: str | None) -> str:
    from ..compiler.diff.telling import FORM, report_json

    policies: list[dict[str, Any]] = []
    for one in compared:
        sides = {"old_source": one.old.shown, "new_source": one.new.shown}
        policies.append({**sides, **(_trouble_json(one) if one.report is None else report_json(one.report))})
    made: dict[str, Any] = {
        "version": FORM,
        "policies": policies,
        "removed": [one.shown for one in gone],
        "added": [one.shown for one in come],
    }
    if impact is not None:
        made["impact"] = json.loads(impact)
    return json.dumps(made, ensure_ascii=False, indent=2)


def _trouble_json(one: Compared) -> dict[str, Any]:
    found = [render.problem_json(error, side.analysis.sources) for side in one.broken for error in side.errors]
    return {"error": one.trouble, "problems": found}


def _markdown(compared: Sequence[Compared], gone: Sequence[Opened], come: Sequence[Opened], impact: str | None) -> str:
    blocks = ["\n".join(_markdown_lines(one)) for one in compared]
    blocks.extend(f"- {_escaped(one.shown)} is gone" for one in gone)
    blocks.extend(f"- {_escaped(one.shown)} is new" for one in come)
    if impact is not None:
        blocks.append(impact)
    return "\n\n".join(blocks)


def _markdown_lines(one: Compared) -> Iterator[str]:
    from ..compiler.diff.telling import (
        approval,
        from_to,
        headline,
        lead_words,
        same_words,
        short,
        undecided_words,
        weightiest_first,
    )

    report = one.report
    if report is None:
        yield f"## {_escaped(one.new.shown)}"
        yield ""
        yield f"It cannot be compared: {_escaped(_why(one))}"
        for side in one.broken:
            drawn = errors_text(side.errors, side.analysis.sources, render.Paint(), 80)
            yield from ("", "~~~~~~~~text", drawn, "~~~~~~~~")
        return
    yield f"## {_escaped(_title(one, report))}"
    yield ""
    sentence = headline(report)
    yield f"**{sentence[:1].upper()}{sentence[1:]}.**"
    if report.equal:
        return
    yield ""
    yield "| change | class | evidence |"
    yield "| --- | --- | --- |"
    for finding in weightiest_first(report):
        together = ", ".join(short(report, at) for at in finding.together[:3])
        more = f" (together with {_cell(together)})" if together else ""
        yield f"| {_cell(finding.change.words)} | {finding.klass.value}{more} | {finding.evidence.value} |"
    shown = _leads(report)
    program = report.comparison.new if report.comparison is not None else None
    if shown and program is not None:
        yield ""
        yield "| what moves | a lead that shows it | by |"
        yield "| --- | --- | --- |"
        for moved in shown[:MOST_LEADS]:
            because = "; ".join(short(report, at) for at in moved.because[:4])
            yield f"| {_cell(from_to(moved))} | {_cell(lead_words(moved.lead, program))} | {_cell(because)} |"
    same, undecided = same_words(report), undecided_words(report)
    if same:
        yield ""
        yield f"Proved the same: {_escaped(same)}."
    if undecided:
        yield ""
        yield f"Not decided: {_escaped(undecided)}."
    for finding in report.loosened:
        yield ""
        yield f"A gate is loosened: a release needs `{approval(finding)}`."


def _cell(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")


def _escaped(text: str) -> str:
    return _cell(text).replace("_", "\\_").replace("*", "\\*")


# ------------------------------------------------------------------ git's external diff


def _for_git(arguments: Sequence[str]) -> int:
    """`path old-file old-hex old-mode new-file new-hex new-mode`: git's own arguments. It must end with 0, whatever
    the files hold, or git stops."""
    from ..compiler.diff.versions import Opened, analysis_beside

    if len(arguments) not in (1, 7, 9):
        raise Refusal("these are not the arguments of git's external diff", "docs/diff.md says how git is told of it.")
    path = Path(arguments[0])
    if len(arguments) == 1:
        result(f"{path} is unmerged")
        return CLEAN
    files = Path(arguments[1]), Path(arguments[4])
    there = [str(file) != "/dev/null" and str(file) != "nul" for file in files]
    if not all(there):
        result(f"{path} is {'new' if there[1] else 'gone'}")
        return CLEAN
    try:
        sides = [
            Opened(f"{letter}/{path}", path.name, analysis_beside(file, path, f"{letter}/{path}"))
            for letter, file in zip("ab", files, strict=True)
        ]
    except OSError as failure:
        raise Refusal(f"{path} cannot be read: {failure.strerror or failure}") from None
    _text([_judged(sides[0], sides[1])], (), (), None)
    return CLEAN
