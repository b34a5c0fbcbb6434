"""`scorec check`: everything that is wrong with policies and libraries, and where."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

import click

from ..compiler.errors import ScorecError
from ..compiler.pipeline import Analysis
from ..compiler.policy import analyze_file
from ..dsl.problems import CATALOGUE, Fix, Problem, Severity
from . import render
from .command import CLEAN, FINDINGS, Refusal, policy_files, result
from .command import command as declared

LEVELS = {"error": Severity.ERROR, "warning": Severity.WARNING, "info": Severity.INFO}


@declared(
    "check",
    "scorec check inbound.score",
    "scorec check policies/ --strict",
    "scorec check policies/ --format github --ignore SC502",
)
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PATH...")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "github", "sarif", "junit"]),
    default="text",
    help="How problems are shown.",
)
@click.option(
    "--fail-level",
    type=click.Choice(list(LEVELS)),
    default="error",
    show_default=True,
    help="Exit with 1 from this severity on.",
)
@click.option("--strict", is_flag=True, help="The same as --fail-level warning.")
@click.option("--select", metavar="CODES", default="", help="Only these, such as SC5,unused-list (errors always stay).")
@click.option("--ignore", metavar="CODES", default="", help="Without these (errors always stay).")
@click.option("--fix", is_flag=True, help="Mend what can be mended without changing any score, and write the files.")
def command(
    paths: Sequence[Path], form: str, fail_level: str, strict: bool, select: str, ignore: str, fix: bool
) -> int:
    """Check policies and libraries.

    Grammar, names, types, and what no lead could ever reach. Folders are searched for *.score files. Problems
    go to standard output.
    """
    files = policy_files(paths)
    wanted, unwanted = _codes(select), _codes(ignore)
    analyses: list[Analysis] = []
    mended = 0
    for file in files:
        try:
            analysis = analyze_file(file)
            if fix:
                fixed = _mend(file, analysis)
                mended += fixed
                analysis = analyze_file(file) if fixed else analysis
        except ScorecError as failure:
            raise Refusal(str(failure), getattr(failure, "hint", "")) from None
        analyses.append(analysis)
    found = [(analysis, _kept(analysis.problems, wanted, unwanted)) for analysis in analyses]
    _show(found, form)
    problems = [problem for _, kept in found for problem in kept]
    if form == "text":
        result(_summary(len(files), found, mended))
    elif mended:
        render.say(f"{render.counted(mended, 'fix', 'fixes')} applied")
    level = Severity.WARNING if strict and fail_level == "error" else LEVELS[fail_level]
    return FINDINGS if any(problem.severity >= level for problem in problems) else CLEAN


# ------------------------------------------------------------------ which problems


def _codes(text: str) -> tuple[str, ...]:
    """The codes, beginnings of codes, and names in an option; one that fits no diagnostic is refused."""
    words = tuple(text.replace(",", " ").split())
    for word in words:
        if not any(_fits(code, found.slug(), word) for code, found in CATALOGUE.items()):
            close = get_close_matches(word.lower(), [found.slug() for found in CATALOGUE.values()], 1, 0.6)
            hint = f"did you mean {close[0]}?" if close else "codes look like SC002, or SC5 for all that begin so."
            raise Refusal(f"no diagnostic is called `{word}`", hint)
    return words


def _kept(problems: Sequence[Problem], wanted: Sequence[str], unwanted: Sequence[str]) -> list[Problem]:
    """Errors are never left out: a policy that has some cannot be used."""
    return [
        problem
        for problem in problems
        if problem.severity is Severity.ERROR
        or ((not wanted or _named(problem, wanted)) and not _named(problem, unwanted))
    ]


def _named(problem: Problem, words: Sequence[str]) -> bool:
    return any(_fits(problem.code, problem.slug(), word) for word in words)


def _fits(code: str, slug: str, word: str) -> bool:
    """By code, by the beginning of a code, or by name."""
    return slug == word.lower() or (word[:2].upper() == "SC" and code.startswith(word.upper()))


# ------------------------------------------------------------------ mending


def _mend(file: Path, analysis: Analysis) -> int:
    """Applies the safe fixes of a file's own text that do not touch each other; how many."""
    text = analysis.source.text
    fixes = [
        problem.fix
        for problem in analysis.problems
        if problem.fix is not None and problem.fix.safe and problem.fix.span.source == analysis.source.name
    ]
    applied: list[Fix] = []
    end = 0
    for one in sorted(fixes, key=lambda fix: (fix.span.start, fix.span.end)):
        if one.span.start >= end and one not in applied:
            applied.append(one)
            end = max(one.span.end, one.span.start + 1)
    for one in reversed(applied):
        text = text[: one.span.start] + one.replacement + text[one.span.end :]
    if applied:
        from ..compiler.tables import write_beside

        write_beside(file, text)
    return len(applied)


# ------------------------------------------------------------------ showing


def _show(found: Sequence[tuple[Analysis, Sequence[Problem]]], form: str) -> None:
    if form == "json":
        items = [render.problem_json(problem, analysis.sources) for analysis, problems in found for problem in problems]
        result(json.dumps({"version": 1, "problems": items, "summary": _counts(found)}, ensure_ascii=False, indent=2))
        return
    if form in ("sarif", "junit"):
        from . import reports

        files = [(analysis.source.name, analysis.sources, problems) for analysis, problems in found]
        result(reports.junit(files) if form == "junit" else reports.sarif(files, _version()))
        return
    paint = render.paint_for(sys.stdout)
    width = render.width_of_terminal()
    for analysis, problems in found:
        for problem in problems:
            if form == "github":
                result(render.problem_github(problem, analysis.sources))
            else:
                result(render.problem_text(problem, analysis.sources, paint, width) + "\n")


def _version() -> str:
    from .. import __version__

    return __version__


def _counts(found: Sequence[tuple[Analysis, Sequence[Problem]]]) -> dict[str, int]:
    severities = [problem.severity for _, problems in found for problem in problems]
    return {
        "files": len(found),
        "errors": severities.count(Severity.ERROR),
        "warnings": severities.count(Severity.WARNING),
        "infos": severities.count(Severity.INFO),
    }


def _summary(files: int, found: Sequence[tuple[Analysis, Sequence[Problem]]], mended: int) -> str:
    paint = render.paint_for(sys.stdout)
    counts = _counts(found)
    checked = render.counted(files, "file") + " checked"
    if mended:
        checked += f", {render.counted(mended, 'fix', 'fixes')} applied"
    words = [
        text
        for text in (
            paint.error(render.counted(counts["errors"], "error")) if counts["errors"] else "",
            paint.warning(render.counted(counts["warnings"], "warning")) if counts["warnings"] else "",
            paint.info(render.counted(counts["infos"], "remark")) if counts["infos"] else "",
        )
        if text
    ]
    if not words:
        return f"{checked}: {paint.good('no problems')}"
    lines = [f"{checked}: {', '.join(words)}"]
    fixable = sum(problem.fix is not None and problem.fix.safe for _, problems in found for problem in problems)
    if fixable:
        lines.append(f"{fixable} of them can be mended with --fix")
    code = min(problem.code for _, problems in found for problem in problems)
    lines.append(paint.faint(f"Read more about a code: scorec explain {code}"))
    return "\n".join(lines)
