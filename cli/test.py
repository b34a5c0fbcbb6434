"""`scorec test`: the examples in policies, what they promise, and what no example touches."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from ..compiler.errors import PolicyError, ScorecError
from ..compiler.policy import analyze_file, is_library, policy_of
from ..compiler.testing import BrokenPromise, Coverage, TestResult, TestRun, run_tests
from ..compiler.wording import Where
from . import render
from .command import CLEAN, FINDINGS, Findings, Refusal, policy_files, refusal_of, result
from .command import command as declared
from .explain import score_lines


@declared(
    "test",
    "scorec test inbound.score",
    "scorec test policies/ -k student",
    "scorec test inbound.score --coverage",
    "scorec test inbound.score --mutate --fail-under 80",
)
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PATH...")
@click.option("-k", "select", metavar="TEXT", default="", help="Only tests whose title contains this, in any case.")
@click.option("--coverage", is_flag=True, help="List the rules, bands, grid cells and gates that no test touches.")
@click.option(
    "--mutate", is_flag=True, help="Change the policy in one place at a time: which slips does no test notice?"
)
@click.option(
    "--fail-under", type=click.FloatRange(0, 100), metavar="PERCENT", help="With --mutate: fail if fewer are noticed."
)
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="With --mutate."
)
@click.option("--scaffold", is_flag=True, help="With --mutate: print a test that would notice each slip.")
@click.option("--write", is_flag=True, help="With --scaffold: append those tests to the policies.")
def command(
    paths: Sequence[Path],
    select: str,
    coverage: bool,
    mutate: bool,
    fail_under: float | None,
    form: str,
    scaffold: bool,
    write: bool,
) -> int:
    """Run the tests of policies.

    Every example is held against the promises too. Folders are searched for *.score files. A failing test shows
    what was expected, what was found, and how the scores came about.

    With --mutate the question is turned around: the policy is changed in one place at a time (points, limits,
    windows, gates, rows), and what no test would notice is listed, the worst first.
    """
    if mutate:
        from .mutants import Mutating, mutate_policies

        if coverage or select:
            raise Refusal(f"{'--coverage' if coverage else '-k'} does not go with --mutate", "take one of them.")
        if write and not scaffold:
            raise Refusal("--write needs --scaffold", "it appends the tests that --scaffold prints.")
        if scaffold and form != "text":
            raise Refusal("--scaffold writes text", "leave out --format json.")
        return mutate_policies(policy_files(paths), Mutating(form, fail_under, scaffold, write))
    if fail_under is not None or form != "text" or scaffold or write:
        raise Refusal("--fail-under, --format, --scaffold and --write need --mutate")
    paint = render.paint_for(sys.stdout)
    width = render.width_of_terminal()
    passed = failed = broken = policies = without = unusable = 0
    for file in policy_files(paths):
        try:
            analysis = analyze_file(file)
        except ScorecError as failure:
            raise refusal_of(failure) from None
        if is_library(analysis):
            continue
        try:
            policy = policy_of(analysis)
        except PolicyError:
            unusable += 1
            Findings(analysis.problems, analysis.sources).show()
            continue
        policies += 1
        without += not policy.program.tests
        run = run_tests(policy.program, policy.sources, select)
        failed += run.failed
        passed += len(run.results) - run.failed
        broken += len({(one.promise, one.vow) for one in run.broken})
        for one in run.results:
            if one.failures:
                result(_failed(str(file), one, paint, width) + "\n")
        for vow in dict.fromkeys((one.promise, one.vow) for one in run.broken):
            same = [one for one in run.broken if (one.promise, one.vow) == vow]
            result(_broken(str(file), same, paint, width) + "\n")
        if coverage:
            result(_coverage(str(file), run, paint) + "\n")
    ran = passed + failed
    if unusable and not policies:
        return FINDINGS
    if ran == 0 and select:
        result(paint.error("no test was run") + f": no title contains {select!r}")
        return FINDINGS
    result(_summary(ran, failed, broken, policies, without, paint))
    return FINDINGS if failed or broken or unusable else CLEAN


def _failed(file: str, test: TestResult, paint: render.Paint, width: int) -> str:
    title = f'{_place(file, test.line)}  "{test.title}"'
    lines = [paint.error("FAIL") + " " + paint.strong(title)]
    for failure in test.failures:
        lines.append(
            render.wrapped(failure.expected, width, "     expected  ", " " * 15) + _at_line(failure.line, paint)
        )
        for number, got in enumerate(failure.got):
            lines.append(render.wrapped(got, width, "     got       " if number == 0 else " " * 15, " " * 17))
    if test.explanation is not None:
        for score in test.explanation.scores:
            if score.name in test.scores:
                lines.extend("     " + line for line in score_lines(score, paint, width - 5))
    return "\n".join(lines)


def _place(file: str, line: Where | None) -> str:
    """`inbound.score:12`, as editors understand it."""
    return f"{file}:{line.line}" if line is not None else file


def _at_line(line: Where | None, paint: render.Paint) -> str:
    return paint.faint(f"  ({line})") if line is not None else ""


def _broken(file: str, broken: Sequence[BrokenPromise], paint: render.Paint, width: int) -> str:
    """One promise, with the first example that breaks it."""
    promise = broken[0]
    said = f' "{promise.label}"' if promise.label else ""
    place = _place(file, promise.line)
    lines = [paint.error("BROKEN") + " " + paint.strong(f"{place}  promise {promise.promise}{said}")]
    lines.append(render.wrapped(promise.vow, width, "     promised  ", " " * 15))
    more = f", and in {render.counted(len(broken) - 1, 'more test')}" if len(broken) > 1 else ""
    test = f'"{promise.test}" ({promise.test_line}){more}'
    lines.append(render.wrapped(test, width, "     but in    ", " " * 15))
    for number, got in enumerate(promise.got):
        lines.append(render.wrapped(got, width, "     got       " if number == 0 else " " * 15, " " * 17))
    return "\n".join(lines)


def _coverage(file: str, run: TestRun, paint: render.Paint) -> str:
    coverage: Coverage = run.coverage
    lines = [
        paint.strong(
            f"{file}: what {render.counted(len(run.results), 'test')} touch{'es' if len(run.results) == 1 else ''}"
        )
    ]
    for name, (touched, all_) in (
        ("rules fired", coverage.rules),
        ("bands reached", coverage.bands),
        ("grid cells hit", coverage.cells),
        ("gates seen barring and letting pass", coverage.gates),
    ):
        if all_:
            share = f"{touched} of {all_}"
            lines.append(f"  {(paint.good if touched == all_ else paint.warning)(share)} {name}")
    by_kind: dict[str, list[str]] = {}
    for one in coverage.untouched:
        by_kind.setdefault(one.what, []).append(f"{one.name} ({one.line})" if one.line is not None else one.name)
    for what, names in by_kind.items():
        lines.append(f"  {what}:")
        lines.extend(f"    {name}" for name in names)
    return "\n".join(lines)


def _summary(ran: int, failed: int, broken: int, policies: int, without: int, paint: render.Paint) -> str:
    if ran == 0 and policies <= 1:
        return paint.warning("no tests") + ': a test says what a lead should get: test "a student stays out of sales"'
    words = [paint.good(f"{ran - failed} passed")] if ran - failed else []
    if failed:
        words.insert(0, paint.error(f"{failed} failed"))
    if broken:
        words.append(paint.error(render.counted(broken, "broken promise")))
    text = f"{render.counted(ran, 'test')} in {render.counted(policies, 'policy', 'policies')}: {', '.join(words)}"
    if without and policies > 1:
        text += f"; {render.counted(without, 'policy has', 'policies have')} no tests"
    return text
