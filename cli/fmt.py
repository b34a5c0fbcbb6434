"""`scorec fmt`: the one canonical layout."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from difflib import unified_diff
from pathlib import Path

import click

from ..compiler.errors import ScorecError
from ..compiler.folder import read_policy
from ..compiler.format import format_text
from ..compiler.layout import decode
from ..compiler.tables import write_beside
from ..dsl.problems import Problem
from ..dsl.source import Source
from . import render
from .command import CLEAN, FINDINGS, Refusal, policy_files, refusal_of, result
from .command import command as declared


@declared(
    "fmt",
    "scorec fmt inbound.score",
    "scorec fmt policies/ --check",
    "scorec fmt policies/ --diff",
    "cat inbound.score | scorec fmt -",
)
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path, allow_dash=True), metavar="PATH...")
@click.option("--check", "only_check", is_flag=True, help="Write nothing; exit with 1 if a file would change.")
@click.option("--diff", is_flag=True, help="Write nothing; show what would change, and exit with 1 if something would.")
def command(paths: Sequence[Path], only_check: bool, diff: bool) -> int:
    """Lay policies out in the one canonical way.

    Indentation, blanks and the columns of grids change; the meaning and every comment stay. Folders are
    searched for *.score files. With - the text comes from standard input and goes to standard output.
    """
    if any(str(path) == "-" for path in paths):
        return _from_input(paths, only_check or diff)
    changed = broken = 0
    files = policy_files(paths)
    for file in files:
        try:
            source = decode(str(file), read_policy(file))
        except ScorecError as failure:
            raise refusal_of(failure) from None
        formatted = _formatted(source)
        if formatted is None:
            broken += 1
        elif isinstance(source, Source) and formatted != source.text:
            changed += 1
            _tell(file, source.text, formatted, only_check, diff)
    render.say(_summary(len(files), changed, broken, only_check or diff))
    return FINDINGS if broken or (changed and (only_check or diff)) else CLEAN


def _from_input(paths: Sequence[Path], only_check: bool) -> int:
    if len(paths) > 1:
        raise Refusal("- stands alone: the text comes from standard input")
    source = decode("standard input", sys.stdin.buffer.read())
    formatted = _formatted(source)
    if formatted is None:
        return FINDINGS
    if only_check:
        return FINDINGS if isinstance(source, Source) and formatted != source.text else CLEAN
    sys.stdout.write(formatted)
    return CLEAN


def _formatted(source: Source | tuple[Problem, ...]) -> str | None:
    """The text in its layout; None, and its problems shown, where it cannot be read."""
    if not isinstance(source, Source):
        problems, sources = source, {}
    else:
        formatted = format_text(source)
        if isinstance(formatted, str):
            return formatted
        problems, sources = formatted, {source.name: source}
    paint = render.paint_for(sys.stderr)
    for problem in problems:
        render.say(render.problem_text(problem, sources, paint, render.width_of_terminal()) + "\n")
    return None


def _tell(file: Path, before: str, after: str, only_check: bool, diff: bool) -> None:
    if diff:
        paint = render.paint_for(sys.stdout)
        colours = {"+": paint.gain, "-": paint.loss, "@": paint.info}
        for line in unified_diff(before.split("\n"), after.split("\n"), str(file), f"{file} (formatted)", lineterm=""):
            result(colours.get(line[:1], str)(line))
    elif only_check:
        result(str(file))
    else:
        try:
            write_beside(file, after)
        except ScorecError as failure:
            raise refusal_of(failure) from None


def _summary(files: int, changed: int, broken: int, only_check: bool) -> str:
    words = []
    if changed:
        words.append(f"{render.counted(changed, 'file')} {'would be changed' if only_check else 'changed'}")
    unchanged = files - changed - broken
    if unchanged:
        words.append(f"{render.counted(unchanged, 'file')} already in shape")
    if broken:
        words.append(
            f"{render.counted(broken, 'file')} cannot be read and {'was' if broken == 1 else 'were'} left alone"
        )
    return ", ".join(words)
