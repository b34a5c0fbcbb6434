"""What all commands share: how one is declared, how a policy is opened, how a command refuses."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import IO, Any, TypeVar

import click

from . import render

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


def result(text: str) -> None:
    """To the result: on standard output. A reader that went away (`| head`) is no reason to complain."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        stop_writing()


def stop_writing() -> None:
    """After a broken pipe: whatever is still buffered goes nowhere, and Python stays silent at its exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
