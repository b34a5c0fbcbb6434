"""`scorec diff --data`: its options, and the report that they ask for."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

import click

from ..compiler.errors import ScorecError
from . import render
from .command import Refusal, as_of, open_inputs, refusal_of, size_of_memory, sources_option

if TYPE_CHECKING:
    from ..compiler.diff.changes import Comparison
    from ..compiler.impact import Edit, Impact
    from ..compiler.impact.between import Study
    from ..compiler.impact.measure import Prove
    from ..compiler.policy import Policy

Body = TypeVar("Body", bound=Callable[..., Any])


@dataclass(frozen=True)
class Data:
    """What was asked for."""

    leads: Path | None
    events: tuple[str, ...]
    at: str | None
    sources: Path | None
    engine: Literal["auto", "python", "duckdb"]
    html: Path | None
    memory: str | None
    threads: int | None

    @property
    def wanted(self) -> bool:
        """Whether leads are to be scored at all."""
        return self.leads is not None or self.sources is not None

    def check(self) -> None:
        """Refuses options that mean nothing without leads."""
        if not self.wanted and (self.events or self.at or self.html):
            raise Refusal("--events, --at and --html are about leads", "name a table of leads with --data LEADS.")


def data_options(body: Body) -> Body:
    """`--data`, and what belongs to it; the command gets them as `data`, a `Data`."""

    def gathered(*args: Any, **given: Any) -> Any:
        names = ("leads", "events", "at", "sources", "engine", "html", "memory", "threads")
        return body(*args, data=Data(**{name: given.pop(name) for name in names}), **given)

    gathered.__doc__ = body.__doc__
    gathered.__name__ = body.__name__
    wrapped: Any = gathered
    path = click.Path(path_type=Path)
    for option in (
        click.option("--threads", type=click.IntRange(1), metavar="N", help="At most so many cores; with duckdb."),
        click.option(
            "--memory", metavar="SIZE", callback=size_of_memory, help="At most so much memory (`2GB`); with duckdb."
        ),
        click.option("--html", type=path, metavar="FILE", help="Write the report on the leads as one HTML page."),
        click.option(
            "--engine",
            type=click.Choice(["auto", "python", "duckdb"]),
            default="auto",
            help="What scores the leads; auto takes duckdb for large tables.",
        ),
        sources_option,
        click.option(
            "--at", metavar="TIME", help="The as-of instant: a date (its midnight) or a time; without it, now."
        ),
        click.option("--events", multiple=True, metavar="[KIND=]FILE", help="Events of the leads."),
        click.option("--data", "leads", type=path, metavar="LEADS", help="Score these leads with both versions."),
    ):
        wrapped = option(wrapped)
    return cast(Body, wrapped)


def impact_of(
    old: Policy,
    new: Policy,
    policy_file: Path,
    data: Data,
    edits: Sequence[Edit],
    prove: Prove | None,
    show_progress: render.Progress,
    fingerprint: str = "",
) -> Impact:
    """Scores the leads with both versions and counts; writes the page, if one is wanted. Ends the command where data
    cannot be read. `policy_file` is where a `sources.toml` is looked for; `fingerprint` is that of the new policy, if
    it has not its own names here."""
    from ..compiler.duckdb_tables.session import Settings
    from ..compiler.impact import Plan, Version, report
    from ..compiler.impact.page import page
    from ..compiler.tables import write_beside
    from .score import choose

    sides = [
        Version(policy, open_inputs(policy, policy_file, data.leads, data.events, data.sources), own)
        for policy, own in ((old, ""), (new, fingerprint))
    ]
    inputs = sides[1].inputs
    for path in (policy_file, *inputs.paths):
        if data.html is not None and os.path.realpath(data.html) == os.path.realpath(path):
            raise Refusal(f"the page {data.html} would be written over what is read", "write it to another file.")
    engine = data.engine
    if engine == "auto":
        # The exports of a sources file go through Python anyway. Every edit is scored too, and counts as much again.
        small = inputs.sources is not None or choose("auto", inputs.paths * (1 + len(edits))) == "python"
        engine = "python" if small else "auto"
    try:
        plan = Plan(engine=engine, settings=Settings(data.memory, data.threads))
        found = report(sides[0], sides[1], as_of(new, data.at), edits, prove, plan, show_progress.show)
        show_progress.clear()
        if data.html is not None:
            write_beside(data.html, page(found))
    except FileNotFoundError as failure:
        raise Refusal(f"there is no file {failure.filename or failure}") from None
    except ScorecError as failure:
        raise refusal_of(failure) from None
    finally:
        show_progress.clear()
    if data.html is not None:
        render.say(f"the report is in {data.html}")
    return found


def on_leads(
    comparison: Comparison, old: Policy, new: Policy, policy_file: Path, data: Data, study: Study | None, progress: bool
) -> Impact:
    """The report that goes with a comparison: its changes counted one by one, its renamed things under their old names,
    and the empty cells proved impossible by a study of both versions (made here, if none is at hand)."""
    from ..compiler.analysis.study import DIFF
    from ..compiler.analysis.study import study as studied
    from ..compiler.impact.between import edits_of, prover
    from ..compiler.policy import Policy
    from ..compiler.version import fingerprint

    under_old_names = Policy(comparison.renamed, new.sources, new.problems)
    prove = prover(study or studied(comparison.renamed, old=comparison.old, budget=DIFF))
    show = render.Progress(sys.stderr, progress)
    edits, own = edits_of(comparison), fingerprint(new.program)
    return impact_of(old, under_old_names, policy_file, data, edits, prove, show, own)


def shown(impact: Impact, form: str) -> str:
    """The report as `text`, `json` or `markdown`."""
    from ..compiler.impact.data import json_text
    from ..compiler.impact.markdown import markdown
    from .impact_text import impact_text

    match form:
        case "json":
            return json_text(impact)
        case "markdown":
            return markdown(impact).rstrip("\n")
        case _:
            return impact_text(impact, render.paint_for(sys.stdout), render.width_of_terminal())
