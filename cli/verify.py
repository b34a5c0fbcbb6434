"""`scorec verify`: what a policy promises, proved for every possible lead or refuted by one."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from . import render
from .command import CLEAN, FINDINGS, open_policy, result
from .command import command as declared

if TYPE_CHECKING:
    from ..compiler.verification import Finding, Verdict, Verification


@declared("verify", "scorec verify inbound.score", "scorec verify inbound.score --seconds 60 --format json")
@click.argument("policy", type=click.Path(path_type=Path))
@click.option(
    "--seconds",
    type=click.FloatRange(min=0.1, max=86_400),
    default=10.0,
    show_default=True,
    help="How long to think about each statement at most.",
)
@click.option("--strict", is_flag=True, help="Exit with 1 also where something could not be decided.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", help="How the answers are shown."
)
@click.option("--all", "everything", is_flag=True, help="Show what was proved about gates, bands and outcomes too.")
def command(policy: Path, seconds: float, strict: bool, form: str, everything: bool) -> int:
    """Prove what a policy promises, for every possible lead.

    Also without a promise: that no lead passes a gate, that every band and every outcome can be reached, that every
    lead gets an outcome, and between which two numbers scores stay. A refuted promise is shown with the smallest
    lead that breaks it, as a test to paste.
    """
    opened = open_policy(policy)
    from ..compiler.analysis.study import VERIFY
    from ..compiler.verification import verify

    found = verify(opened.program, opened.sources, replace(VERIFY, seconds=seconds))
    if form == "json":
        result(json.dumps(_as_json(found), ensure_ascii=False, indent=2))
    else:
        _show(found, everything)
    refuted, undecided = found.count("refuted"), found.count("not decided")
    return FINDINGS if refuted or (strict and undecided) else CLEAN


def _as_json(found: Verification) -> dict[str, Any]:
    verdicts: tuple[Verdict, ...] = ("proved", "refuted", "not decided")
    return {
        "version": 1,
        "statements": [
            {
                "kind": one.kind,
                "name": one.name,
                "statement": one.statement,
                "verdict": one.verdict,
                "method": one.method.value if one.method is not None else None,
                "bounds": one.bounds_only,
                "why": one.why,
                "lead": one.example,
                "test": one.test,
                "file": one.line.file if one.line is not None else None,
                "line": one.line.line if one.line is not None else None,
                "seconds": round(one.seconds, 3),
            }
            for one in found.findings
        ],
        "summary": {verdict.replace(" ", "_"): found.count(verdict) for verdict in verdicts},
    }


def _show(found: Verification, everything: bool) -> None:
    paint, width = render.paint_for(sys.stdout), render.width_of_terminal()
    for one in found.findings:
        if everything or one.verdict != "proved" or one.kind in ("promise", "range"):
            result(_line(one, paint, width))
    proved, refuted, undecided = (found.count(verdict) for verdict in ("proved", "refuted", "not decided"))
    words = [f"{render.counted(len(found.findings), 'statement')}: {paint.good(f'{proved} proved')}"]
    if refuted:
        words.append(paint.error(f"{refuted} refuted"))
    if undecided:
        words.append(paint.warning(f"{undecided} not decided"))
    result(", ".join(words))


def _line(one: Finding, paint: render.Paint, width: int) -> str:
    colour = {"proved": paint.good, "refuted": paint.error, "not decided": paint.warning}[one.verdict]
    head = one.verdict.ljust(12)
    name = f"{one.kind} {one.name}: " if one.kind == "promise" else ""
    place = f" ({one.line})" if one.line is not None and one.kind == "promise" else ""
    lines = [colour(head) + render.wrapped(f"{name}{one.statement}{place}", width, head, " " * 12)[12:]]
    if one.verdict == "proved":
        bounds = ", by bounds" if one.bounds_only and one.kind not in ("band", "outcome", "range") else ""
        method = one.method.value if one.method is not None else ""
        if one.kind != "range":
            lines.append(paint.faint(f"{' ' * 12}by {method}{bounds}, {one.seconds:.2f} s"))
    elif one.verdict == "not decided":
        lines.append(render.wrapped(one.why, width, " " * 12 + "because ", " " * 12))
    elif one.test:
        lines.append(render.wrapped(one.example, width, " " * 12 + "by this lead: ", " " * 12))
        lines.append(f"{' ' * 12}As a test to paste, with what the policy makes of it today:")
        lines += [f"{' ' * 14}{line}" for line in one.test.rstrip().splitlines()]
    else:
        method = one.method.value if one.method is not None else ""
        lines.append(paint.faint(f"{' ' * 12}no lead can be so: proved by {method}, {one.seconds:.2f} s"))
    return "\n".join(lines)
