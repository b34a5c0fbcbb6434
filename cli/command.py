"""What all commands share: how one is declared, how a policy is opened, how a command refuses."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeVar

import click

from ..compiler.errors import DataError, PolicyError, ScorecError
from ..compiler.folder import similar_file
from ..dsl.problems import Problem, Severity
from ..dsl.source import Source
from . import render

if TYPE_CHECKING:
    from ..compiler.inputs import Inputs
    from ..compiler.policy import Policy

CLEAN, FINDINGS, FAULT = 0, 1, 2
"""Exit codes: nothing to report; findings, failed tests, a broken promise; wrong usage or unreadable input."""


class Refusal(click.ClickException):
    """Wrong usage or unreadable input: says what is wrong and, where it can, what to do; exit code 2."""

    exit_code = FAULT

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint

    def show(self, file: IO[Any] | None = None) -> None:
        paint = render.paint_for(sys.stderr)
        width = render.width_of_terminal()
        text = render.wrapped(self.message, width, first="error: ", rest="  ")
        render.say(paint.error("error:") + text.removeprefix("error:"))
        if self.hint:
            text = render.wrapped(self.hint, width, first="  help: ", rest="  ")
            render.say("  " + paint.strong("help:") + text.removeprefix("  help:"))


class Findings(click.ClickException):
    """A policy with errors: they are shown and nothing is done; exit code 1."""

    exit_code = FINDINGS

    def __init__(self, problems: Sequence[Problem], sources: Mapping[str, Source]) -> None:
        super().__init__("the policy has errors")
        self.problems, self.sources = problems, sources

    def show(self, file: IO[Any] | None = None) -> None:
        paint, width = render.paint_for(sys.stderr), render.width_of_terminal()
        render.say(errors_text(self.problems, self.sources, paint, width))


MOST_ERRORS = 20


def errors_text(problems: Sequence[Problem], sources: Mapping[str, Source], paint: render.Paint, width: int) -> str:
    """The errors among the problems, each with its line, and how many they are."""
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    drawn = [render.problem_text(problem, sources, paint, width) for problem in errors[:MOST_ERRORS]]
    left = len(errors) - len(drawn)
    more = f" ({left} more are not shown)" if left else ""
    return "\n\n".join([*drawn, paint.error(render.counted(len(errors), "error")) + f": nothing was done{more}"])


def open_policy(path: Path, release: str | None = None, as_released_on: str | None = None) -> Policy:
    """The policy in a file, ready for use; or a release of it, by its version or by a day. Ends the command where it
    cannot be read or has errors."""
    from ..compiler.policy import load

    if path.is_dir():
        raise Refusal(f"{path} is a folder", "name the file of one policy in it.")
    if not path.exists():
        raise Refusal(f"there is no file {path}", similar_file(path))
    try:
        if release is not None or as_released_on is not None:
            return _released(path, release, as_released_on)
        return load(path)
    except PolicyError as failure:
        raise Findings(failure.problems, failure.sources) from None
    except ScorecError as failure:
        raise refusal_of(failure) from None


def _released(path: Path, version: str | None, day: str | None) -> Policy:
    from ..compiler.releases import chosen

    release = chosen(path, version, day)
    policy, remark = release.read()
    render.say(f"with the release {release.version} of {release.date}, not with the text in {path}")
    if remark is not None:
        render.say(render.paint_for(sys.stderr).warning("note:") + f" {remark}")
    return policy


def open_inputs(
    policy: Policy, policy_file: Path, leads: Path | None, events: Sequence[str], sources: Path | None
) -> Inputs:
    """The files that a command reads. Ends the command where a sources file has mistakes."""
    from ..compiler.inputs import inputs_of

    try:
        return inputs_of(policy, policy_file, leads, events, sources)
    except ScorecError as failure:
        raise refusal_of(failure) from None


def as_of(policy: Policy, written: str | None) -> int:
    """The instant that `--at` names, in microseconds; without it, now, to the second."""
    second = 1_000_000
    if written is None:
        return policy.instant(None) // second * second
    try:
        return policy.instant(written)
    except DataError as failure:
        ((_, _, reason),) = failure.reasons
        raise Refusal(reason, "--at takes a time, or a day such as 2026-03-01.") from None


def refusal_of(failure: ScorecError) -> Refusal:
    return Refusal(str(failure), getattr(failure, "hint", ""))


class _Command(click.Command):
    """A command whose help ends in examples, shown as they are typed."""

    examples: tuple[str, ...] = ()

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        if self.examples:
            with formatter.section("Examples"):
                for example in self.examples:
                    formatter.write(f"  {example}\n")
        super().format_epilog(ctx, formatter)


Body = TypeVar("Body", bound=Callable[..., Any])


def command(name: str, *examples: str) -> Callable[[Callable[..., int]], click.Command]:
    """Declares a command: a function that returns the exit code; its docstring is the help, `examples` end it."""

    def declare(body: Callable[..., int]) -> click.Command:
        made = click.command(name, cls=_Command, context_settings={"help_option_names": ["-h", "--help"]})(body)
        assert isinstance(made, _Command)
        made.examples = examples
        return made

    return declare


def no_progress(body: Body) -> Body:
    """`--no-progress`"""
    return click.option("--no-progress", is_flag=True, help="Show no progress bar (there is none without a terminal).")(
        body
    )


def sources_option(body: Body) -> Body:
    """`--sources FILE`"""
    return click.option(
        "--sources",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="What the columns of exports stand for (default: sources.toml beside the policy, if no LEADS are named).",
    )(body)


def release_options(body: Body) -> Body:
    """`--release VERSION`, `--as-released-on DAY`"""
    for option in (
        click.option("--as-released-on", metavar="DAY", help="With the release that was in force on that day."),
        click.option("--release", metavar="VERSION", help="With this release of the policy, not with its text of now."),
    ):
        body = option(body)
    return body


def size_of_memory(ctx: click.Context, parameter: click.Parameter, written: str | None) -> str | None:
    """`--memory 2GB`, whichever engine runs: a slip is told now, and not on the day on which the table is large."""
    if (
        written is not None
        and re.fullmatch(r"[0-9]+([.][0-9]+)? ?([kmgt]i?b|%)", written.strip(), re.IGNORECASE) is None
    ):
        raise Refusal(f"`{written}` is no size of memory", "write it as 2GB or 500MB.")
    return written


def mask_key_option(body: Body) -> Body:
    """`--mask-key FILE`"""
    return click.option(
        "--mask-key",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="The secret for masks: what stands in this file. Without it, whoever tries values can find them out.",
    )(body)


def secret_in(path: Path | None) -> bytes | None:
    """The secret in a file, without the line break at its end."""
    if path is None:
        return None
    try:
        secret = path.read_bytes().strip()
    except OSError as failure:
        why = (failure.strerror or str(failure)).lower()
        raise Refusal(f"the secret in {path} cannot be read: {why}") from None
    if not secret:
        raise Refusal(f"{path} is empty", "it should hold a secret, such as 32 random characters.")
    return secret


def policy_files(paths: Sequence[Path]) -> list[Path]:
    """The files that were named, and the *.score files in the folders that were; each once, folders in the order of
    their names."""
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            inside = [
                file for file in sorted(path.rglob("*.score")) if not _hidden(file.relative_to(path)) and file.is_file()
            ]
            if not inside:
                raise Refusal(f"there is no .score file in {path}")
            found.update(dict.fromkeys(inside))
        elif not path.exists():
            raise Refusal(f"there is no file or folder {path}", similar_file(path))
        else:
            found[path] = None
    return list(found)


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def result(text: str) -> None:
    """To the result: on standard output. A reader that went away (`| head`) is no reason to complain."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        stop_writing()


def stop_writing() -> None:
    """After a broken pipe: whatever is still buffered goes nowhere, and Python stays silent at its exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
