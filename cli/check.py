"""`scorec check`: everything that is to be said about policies and libraries, and where; and mending it."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import unified_diff
from pathlib import Path
from typing import Any

import click

from ..compiler.errors import ScorecError, place
from ..compiler.folder import Folder, folder_of, read_policy
from ..compiler.layout import decode
from ..compiler.lint.codes import codes_of, nearest
from ..compiler.lint.configuration import OWN_FILE, SHARED_FILE, Configuration, configuration_at, configuration_of
from ..compiler.lint.mend import Edit, Mended, mend
from ..compiler.lint.run import lint
from ..compiler.lint.settings import Settings, chosen
from ..compiler.pipeline import Analysis, analyze
from ..dsl.problems import Problem, Severity
from ..dsl.source import Source
from . import render
from .command import CLEAN, FINDINGS, Refusal, policy_files, refusal_of, result
from .command import command as declared

LEVELS = {"error": Severity.ERROR, "warning": Severity.WARNING, "info": Severity.INFO}
FORMS = ("text", "concise", "json", "github", "sarif", "junit")


@declared(
    "check",
    "scorec check inbound.score",
    "scorec check policies/ --strict",
    "scorec check policies/ --format github --ignore SC502",
    "scorec check policies/ --fix --diff",
)
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PATH...")
@click.option("--format", "form", type=click.Choice(FORMS), default="text", help="How findings are shown.")
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
@click.option("--unsafe-fixes", is_flag=True, help="Mend also what may change scores; read the changes afterwards.")
@click.option("--diff", is_flag=True, help="Show what --fix would write, and write nothing; exit with 1 if it would.")
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="This configuration (default: the nearest scorec.toml, or [tool.scorec] in a pyproject.toml, upwards).",
)
@click.option("--no-config", is_flag=True, help="No configuration.")
@click.option("--at", metavar="DAY", help="The day by which comments that allow something may have expired (today).")
@click.option("--watch", is_flag=True, help="Check again whenever a file changes, until Ctrl-C.")
def command(
    paths: Sequence[Path],
    form: str,
    fail_level: str,
    strict: bool,
    select: str,
    ignore: str,
    fix: bool,
    unsafe_fixes: bool,
    diff: bool,
    config: Path | None,
    no_config: bool,
    at: str | None,
    watch: bool,
) -> int:
    """Check policies and libraries.

    Grammar, names, types, what no lead could ever reach, and what looks like a mistake. Folders are searched for
    *.score files. Findings go to standard output.
    """
    if config is not None and no_config:
        raise Refusal("--config and --no-config exclude each other")
    wish = _Wish(
        paths=tuple(paths),
        form=form,
        level=Severity.WARNING if strict and fail_level == "error" else LEVELS[fail_level],
        selected=_codes(select) if select else None,
        ignored=_codes(ignore),
        today=_day(at),
        config=config,
        no_config=no_config,
        mends=fix or unsafe_fixes or diff,
        unsafe=unsafe_fixes,
        diff=diff,
    )
    if not watch:
        return _run(wish, _Reads())
    from .watch import watch as keep_watching

    def once() -> set[Path]:
        reads = _Reads()
        try:
            _run(wish, reads)
        except Refusal as refusal:
            refusal.show()
        return reads.files

    def again(changed: Sequence[Path]) -> None:
        # What is no text for people is one document after the other, in which a line of ours would be a mistake.
        if form in ("text", "concise", "github"):
            names = [str(path) for path in changed]
            result(f"--- again: {render.listed(names, most=3)} {'has' if len(names) == 1 else 'have'} changed")

    return keep_watching(once, again=again)


@dataclass(frozen=True)
class _Wish:
    """What the person who runs the check wants."""

    paths: tuple[Path, ...]
    form: str
    level: Severity
    selected: frozenset[str] | None
    ignored: frozenset[str]
    today: date
    config: Path | None
    no_config: bool
    mends: bool
    unsafe: bool
    diff: bool


@dataclass(frozen=True)
class _Checked:
    """A file, what was found in it, and what was mended."""

    analysis: Analysis
    problems: tuple[Problem, ...]
    before: str = ""
    mended: Mended | None = None

    @property
    def applied(self) -> tuple[Edit, ...]:
        return self.mended.applied if self.mended is not None else ()

    @property
    def refused(self) -> tuple[Edit, ...]:
        return self.mended.refused if self.mended is not None else ()


@dataclass(frozen=True)
class _Reads:
    """The files that a check has read, or would have read had they been there."""

    files: set[Path] = field(default_factory=set)

    def beside(self, folder: Folder) -> Folder:
        return _Watched(folder.path, folder.shown, self.files)


@dataclass(frozen=True)
class _Watched(Folder):
    """A folder that remembers what was asked of it."""

    files: set[Path] = field(default_factory=set)

    def library(self, name: str) -> Source | None:
        self.files.add(self.path / (name.replace(".", "/") + ".score"))
        return super().library(name)

    def list_file(self, name: str) -> Source | str | None:
        self.files.add(self.path / name)
        return super().list_file(name)


def _run(wish: _Wish, reads: _Reads) -> int:
    """One check from the files to the exit code."""
    reads.files.update(wish.paths)
    found = [_checked(file, wish, reads) for file in policy_files(wish.paths)]
    for one in found:
        if wish.diff and one.mended is not None:
            _show_diff(one.before, one.mended.text, one.analysis.source.name)
    if not wish.diff:
        _show(found, wish.form)
    _tell_mending(found, wish)
    if wish.diff:
        return FINDINGS if any(one.applied for one in found) else CLEAN
    return FINDINGS if any(problem.severity >= wish.level for one in found for problem in one.problems) else CLEAN


def _checked(file: Path, wish: _Wish, reads: _Reads) -> _Checked:
    try:
        reads.files.add(file)
        for above in file.absolute().parents:
            reads.files.update((above / OWN_FILE, above / SHARED_FILE))
        settings = _settings(file, wish)
        name = str(file)
        source = decode(name, read_policy(file))
        if not isinstance(source, Source):
            analysis = Analysis(Source(name, ""), {}, None, None, source)
            return _Checked(analysis, lint(analysis, settings))
        folder = reads.beside(folder_of(file, source.text))

        def check(text: str) -> tuple[Analysis, tuple[Problem, ...]]:
            analysis = analyze(Source(name, text), folder.library, folder.list_file)
            return analysis, (*lint(analysis, settings), *_of_version(file, analysis, settings))

        if not wish.mends:
            return _Checked(*check(source.text))
        mended = mend(source.text, check, unsafe=wish.unsafe)
        if mended.applied and not wish.diff:
            from ..compiler.tables import write_beside

            write_beside(file, mended.text)
        return _Checked(*mended.checked, source.text, mended)
    except ScorecError as failure:
        raise refusal_of(failure) from None


def _of_version(file: Path, analysis: Analysis, settings: Settings) -> Sequence[Problem]:
    """Whether the version has gone as far from the last release as the changes need."""
    if analysis.program is None or not (file.parent / "releases" / analysis.program.name).is_dir():
        return ()
    from ..compiler.lint.version_problems import SETTLE_DAYS, VersionNotSettled
    from ..compiler.release_problems import settling_problems, version_problems
    from ..compiler.releases import Collected, Files, history_in

    history = history_in(file.parent / "releases", analysis.program.name)
    collected = Collected(analysis, Files(), (file,))
    found = [one for one in version_problems(collected, history) if settings.wants(one.code)]
    if settings.today is not None and settings.wants(VersionNotSettled.code, default=False):
        found += settling_problems(collected, history, settings[SETTLE_DAYS], settings.today)
    return found


def _settings(file: Path, wish: _Wish) -> Settings:
    if wish.no_config:
        configuration = Configuration()
    elif wish.config is not None:
        configuration = configuration_at(wish.config)
    else:
        configuration = configuration_of(file)
    return chosen(configuration.of(file), selected=wish.selected, ignored=wish.ignored, today=wish.today)


# ------------------------------------------------------------------ what was asked for


def _codes(text: str) -> frozenset[str]:
    """The codes, beginnings of codes, and names in an option; one that fits nothing is refused."""
    found: set[str] = set()
    for word in text.replace(",", " ").split():
        codes = codes_of(word)
        if not codes:
            close = nearest(word)
            hint = f"did you mean {close}?" if close else "codes look like SC002, or SC5 for all that begin so."
            raise Refusal(f"no diagnostic is called `{word}`", hint)
        found |= codes
    return frozenset(found)


def _day(written: str | None) -> date:
    if written is None:
        return date.today()
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise Refusal(f"`{written}` is not a day", "write it as 2026-03-01.") from None


# ------------------------------------------------------------------ showing


def _show(found: Sequence[_Checked], form: str) -> None:
    if form == "json":
        result(json.dumps(_document(found), ensure_ascii=False, indent=2))
        return
    if form in ("sarif", "junit"):
        from . import reports

        files = [(one.analysis.source.name, one.analysis.sources, one.problems) for one in found]
        result(reports.junit(files) if form == "junit" else reports.sarif(files, _version()))
        return
    paint = render.paint_for(sys.stdout)
    width = render.width_of_terminal()
    for one in found:
        for problem in one.problems:
            if form == "github":
                result(render.problem_github(problem, one.analysis.sources))
            elif form == "concise":
                result(_line(problem, one.analysis.sources))
            else:
                result(render.problem_text(problem, one.analysis.sources, paint, width) + "\n")
    if form == "text":
        result(_summary(found))


def _line(problem: Problem, sources: Mapping[str, Source]) -> str:
    """`inbound.score:12:7: warning SC218 the rule ...`, as editors and grep take it."""
    return f"{place(problem, sources)}: {problem.severity.word} {problem.code} {problem.message()}"


def _document(found: Sequence[_Checked]) -> dict[str, Any]:
    """What docs/schemas/check.schema.json describes."""
    return {
        "version": 1,
        "problems": [render.problem_json(problem, one.analysis.sources) for one in found for problem in one.problems],
        "mended": [_edit_json(one, edit) for one in found for edit in one.applied],
        "refused": [{**_edit_json(one, edit), "why": edit.why} for one in found for edit in one.refused],
        "summary": _counts(found),
    }


def _edit_json(one: _Checked, edit: Edit) -> dict[str, Any]:
    return {
        "file": one.analysis.source.name,
        "code": edit.problem.code,
        "name": edit.problem.slug(),
        "line": edit.line,
        "description": edit.fix.description,
        "safe": edit.fix.safe,
    }


def _version() -> str:
    from .. import __version__

    return __version__


def _counts(found: Sequence[_Checked]) -> dict[str, int]:
    severities = [problem.severity for one in found for problem in one.problems]
    return {
        "files": len(found),
        "errors": severities.count(Severity.ERROR),
        "warnings": severities.count(Severity.WARNING),
        "infos": severities.count(Severity.INFO),
    }


def _summary(found: Sequence[_Checked]) -> str:
    paint = render.paint_for(sys.stdout)
    counts = _counts(found)
    checked = render.counted(len(found), "file") + " checked"
    mended = sum(len(one.applied) for one in found)
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
    refused = {(edit.problem.code, edit.problem.message()) for one in found for edit in one.refused}
    mendable = [
        problem
        for one in found
        for problem in one.problems
        if problem.fix is not None and (problem.code, problem.message()) not in refused
    ]
    unsafe = [problem for problem in mendable if problem.fix is not None and not problem.fix.safe]
    safe = len(mendable) - len(unsafe)
    if safe:
        lines.append(f"{safe} of them can be mended with --fix")
    if unsafe:
        more = f"{len(unsafe)} more" if safe else f"{len(unsafe)} of them"
        # A policy with an error scores nobody yet, so that mending it cannot change a score.
        harmless = all(problem.severity is Severity.ERROR for problem in unsafe)
        lines.append(f"{more} can be mended with --unsafe-fixes" + ("" if harmless else ", which may change scores"))
    code = min(problem.code for one in found for problem in one.problems)
    lines.append(paint.faint(f"Read more about a code: scorec explain {code}"))
    return "\n".join(lines)


# ------------------------------------------------------------------ mending


def _show_diff(before: str, after: str, name: str) -> None:
    paint = render.paint_for(sys.stdout)
    colours = {"+": paint.gain, "-": paint.loss, "@": paint.info}
    for line in unified_diff(before.split("\n"), after.split("\n"), name, f"{name} (mended)", lineterm=""):
        result(colours.get(line[:1], str)(line))


def _tell_mending(found: Sequence[_Checked], wish: _Wish) -> None:
    """What was mended and what was not, for the person: beside the result, on standard error."""
    verb = "would mend" if wish.diff else "mended"
    for one in found:
        for edit in one.applied:
            render.say(f"{verb} {_edited(one, edit)}")
        for edit in one.refused:
            render.say(f"not mended {_edited(one, edit)}; {edit.why}")
    if wish.mends and not any(one.applied or one.refused for one in found):
        render.say("nothing to mend")


def _edited(one: _Checked, edit: Edit) -> str:
    return f"{one.analysis.source.name}:{edit.line}: {edit.problem.code} {edit.problem.slug()}: {edit.fix.description}"
