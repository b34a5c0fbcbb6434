"""`scorec log`: the releases of a policy."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..compiler.errors import ScorecError
from ..compiler.version import SHORT
from . import render
from .command import CLEAN, FINDINGS, refusal_of, result
from .command import command as declared

if TYPE_CHECKING:
    from ..compiler.releases import History, Release


@declared("log", "scorec log inbound.score", "scorec log inbound.score --format json")
@click.argument("policy", type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How it is shown.")
def command(policy: Path, form: str) -> int:
    """Show the releases of a policy, the newest first.

    Each with its day, class, fingerprint, author, note and changes. A record that was edited, is missing or cannot be
    read is named, and the exit code is 1.
    """
    from ..compiler.releases import history_of

    try:
        history = history_of(policy)
    except ScorecError as failure:
        raise refusal_of(failure) from None
    if form == "json":
        result(json.dumps(_json(history), ensure_ascii=False, indent=2))
    else:
        result(_text(history, policy))
    if form == "text" and history.broken:
        paint = render.paint_for(sys.stderr)
        for one in history.broken:
            render.say(paint.error("broken:") + f" {one.path} {one.why}")
    return FINDINGS if history.broken else CLEAN


def _text(history: History, policy: Path) -> str:
    paint, width = render.paint_for(sys.stdout), render.width_of_terminal()
    if not history.releases:
        return f"{history.name}: no releases" + ("" if history.broken else f"; `scorec release {policy}` makes one")
    blocks = [f"{history.name}: {render.counted(len(history.releases), 'release')}"]
    size = max(len(one.version) for one in history.releases)
    for release in reversed(history.releases):
        who = f"  {render.shown(release.author)}" if release.author else ""
        head = f"{paint.strong(f'{release.version:<{size}}')}  {release.date}  {release.klass}"
        lines = [f"{head}  {paint.faint(release.fingerprint[:SHORT])}{who}"]
        about = [line for line in (release.note, _effect(release)) if line]
        about += release.summary if release.before is not None else ()
        about += [f"approved {one.fingerprint[:SHORT]} by {one.by}: {one.reason}" for one in release.approvals]
        lines += [render.wrapped(line, width, " " * (size + 2), " " * (size + 4)) for line in about]
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def _effect(release: Release) -> str:
    start = f" from {release.effective_from}" if release.effective_from is not None else ""
    end = f" to {release.effective_to}" if release.effective_to is not None else ""
    return f"in effect{start}{end}" if start or end else ""


def _json(history: History) -> dict[str, Any]:
    return {
        "policy": history.name,
        "releases": [_release(one) for one in reversed(history.releases)],
        "broken": [{"record": str(one.path), "why": one.why} for one in history.broken],
    }


def _release(release: Release) -> dict[str, Any]:
    return {
        "version": release.version,
        "date": release.date.isoformat(),
        "class": release.klass,
        "bump": release.bump.word,
        "fingerprint": release.fingerprint,
        "author": release.author,
        "note": release.note,
        "changes": list(release.summary),
        "approvals": [{"fingerprint": a.fingerprint, "reason": a.reason, "by": a.by} for a in release.approvals],
        "effective_from": None if release.effective_from is None else release.effective_from.isoformat(),
        "effective_to": None if release.effective_to is None else release.effective_to.isoformat(),
        "scorec": release.scorec,
        "digest": release.digest,
    }
