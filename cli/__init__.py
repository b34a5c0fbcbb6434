"""The command line: one file per command, each thin."""

from __future__ import annotations

import os
import re
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn, TextIO

import click

COMMANDS = {
    "init": "Write a first policy.",
    "check": "Check policies and libraries.",
    "fmt": "Lay policies out in the one canonical way.",
    "test": "Run the tests of policies.",
    "verify": "Prove what a policy promises, for every possible lead.",
    "diff": "Show what changed, in words, and what it means for leads.",
    "version": "Write the next version into a policy.",
    "release": "Record a version of a policy.",
    "log": "Show the releases of a policy, the newest first.",
    "score": "Score a table of leads.",
    "transitions": "Tell the alerts between two results.",
    "replay": "Make the decisions of a log again.",
    "explain": "Explain one lead's result, or a diagnostic.",
    "build": "Build a policy for another system.",
}
"""In the order of a policy's life; each is `command` in the module of its name, loaded when it is called. What it does
is said here too, so that the list of all of them is shown without loading any."""


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        found = import_module(f".{cmd_name}", __package__).command
        assert isinstance(found, click.Command)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        from difflib import get_close_matches

        if args and not args[0].startswith("-") and args[0] not in COMMANDS:
            near = get_close_matches(args[0], COMMANDS, 1)
            hint = f"did you mean `scorec {near[0]}`?" if near else f"there are {', '.join(COMMANDS)}."
            raise click.UsageError(f"there is no command `{args[0]}`; {hint}", ctx)
        return super().resolve_command(ctx, args)


def _version(ctx: click.Context, parameter: click.Parameter, asked: bool) -> None:
    if asked:
        from .. import __version__

        click.echo(f"scorec {__version__}")
        ctx.exit()


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version.")
def commands() -> None:
    """Lead-scoring policies as text: write, check, test, score, explain.

    Start with `scorec init --from leads.csv`, then `scorec check` and `scorec test`.

    Exit codes: 0 clean; 1 findings or failed tests; 2 wrong usage, unreadable input, or a fault of ours; 130 or 143
    stopped from outside, with nothing written half. Results go to standard output, everything else to standard error.
    NO_COLOR switches colours off.
    """


class _Terminated(KeyboardInterrupt):
    """A scheduler or a container wants the program to end: what Ctrl-C is to a person."""


def _terminate(number: int, frame: object) -> NoReturn:
    raise _Terminated


def main() -> NoReturn:
    """The program `scorec`."""
    signal.signal(signal.SIGTERM, _terminate)
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """One command, from its arguments to its exit code; whatever happens, the person sees a sentence and no
    traceback."""
    _write_utf8(sys.stdout)
    _write_utf8(sys.stderr)
    if not arguments:
        run(["--help"])
        return 2
    try:
        code = commands.main(args=list(arguments), prog_name="scorec", standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.UsageError as mistake:
        _show_usage(mistake, arguments)
        return 2
    except click.ClickException as refusal:
        refusal.show()
        return refusal.exit_code
    except (click.Abort, KeyboardInterrupt) as stop:
        print("stopped; nothing was written half", file=sys.stderr)
        terminated = isinstance(stop, _Terminated) or isinstance(stop.__cause__, _Terminated)
        return 143 if terminated else 130
    except (BrokenPipeError, SystemExit):
        # Who reads has gone away; click has its own way of saying so.
        from .command import stop_writing

        stop_writing()
        return 0
    except Exception as fault:
        return _report(fault)


def _show_usage(mistake: click.UsageError, arguments: Sequence[str]) -> None:
    """Our shape of click's message: the sentence first, then where to read on."""
    from . import render

    paint = render.paint_for(sys.stderr)
    text = render.wrapped(_usage_text(mistake), render.width_of_terminal(), first="error: ", rest="  ")
    render.say(paint.error("error:") + text.removeprefix("error:"))
    if _UNREADABLE.search(mistake.format_message()):
        # Nothing about it stands in the help.
        return
    command = next((word for word in arguments[:1] if word in COMMANDS), "")
    path = mistake.ctx.command_path if mistake.ctx is not None else f"scorec {command}".rstrip()
    render.say(f"  see `{path} --help`")


_UNREADABLE = re.compile("Path '(.*)' is not readable", re.DOTALL)


def _usage_text(mistake: click.UsageError) -> str:
    """What click says, in our words and in one line: names in the marks that all our messages have, and the one option
    that is probably meant."""
    from difflib import get_close_matches

    if isinstance(mistake, click.NoSuchOption):
        # Without their dashes, in which all of them are alike.
        known = {option.lstrip("-"): option for option in mistake.possibilities or ()}
        near = [known[name] for name in get_close_matches(mistake.option_name.lstrip("-"), known, 1)]
        hint = f"; did you mean `{near[0]}`?" if near else ""
        return f"there is no option `{mistake.option_name}`{hint}"
    unreadable = _UNREADABLE.search(mistake.format_message())
    if unreadable is not None:
        return f"{unreadable[1]} cannot be read: permission denied"
    text = " ".join(mistake.format_message().split())
    text = re.sub(r"'([^']*)'", r"`\1`", text)
    text = re.sub(r"is not a valid integer( range)?", "is not a whole number", text)
    text = re.sub(r"is not a valid float( range)?", "is not a number", text)
    text = re.sub(r"is not in the range (\d+)<=x<=(\d+)", r"is not between \1 and \2", text)
    text = re.sub(r"is not in the range x>=(\d+)", r"is less than \1", text)
    text = text.replace(". Choose from: ", "; choose from ").rstrip(".")
    return text[:1].lower() + text[1:]


def _report(fault: Exception) -> int:
    """Our own fault: said so, in a short message; the traceback only where somebody asked for it."""
    if os.environ.get("SCOREC_DEBUG"):
        import traceback

        traceback.print_exception(fault)
        return 2
    place = ""
    trace = fault.__traceback__
    while trace is not None:
        place = f"{os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}"
        trace = trace.tb_next
    print(
        f"error: scorec itself failed ({type(fault).__name__} at {place}).\n"
        "  This is a fault of ours, not of your policy.\n"
        "  Please report it, with the command and, if you may share it, the policy.\n"
        "  SCOREC_DEBUG=1 before the command shows the details that we need.",
        file=sys.stderr,
    )
    return 2


def _write_utf8(stream: TextIO) -> None:
    """Policies and data are UTF-8 whatever the machine's own encoding is, and so is what we print."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(encoding="utf-8", errors="backslashreplace")
