"""`scorec transitions`: two results in, the alerts between them out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..compiler.errors import ScorecError
from . import render
from .command import CLEAN, Refusal, open_policy, refusal_of, result
from .command import command as declared

if TYPE_CHECKING:
    from ..compiler.policy import Policy
    from ..compiler.transitions import Compared


@declared(
    "transitions",
    "scorec transitions inbound.score monday.csv tuesday.csv -o alerts.jsonl",
    "scorec transitions inbound.score monday.parquet tuesday.parquet | head",
)
@click.argument("policy", type=click.Path(path_type=Path))
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), help="A JSONL file (else the lines are shown here).")
def command(policy: Path, old: Path, new: Path, output: Path | None) -> int:
    """Tell the alerts between two results.

    OLD and NEW are tables that `scorec score` wrote: CSV, JSON lines or Parquet. Each alert of the policy that fires
    for a lead is one line of JSON: who should hear, and what happened. Nothing is sent.

    The same two results give the same lines, with the same ids, however often the command runs.
    """
    opened = open_policy(policy)
    if output is not None:
        for path in (policy, old, new):
            if path.exists() and output.exists() and output.samefile(path):
                raise Refusal(f"the output {output} is also an input", "write to another file.")
    write_alerts(opened, old, new, output)
    return CLEAN


def write_alerts(policy: Policy, old: Path, new: Path, output: Path | None) -> None:
    """Writes the alerts between two results, and says what the results had in them."""
    from ..compiler.tables import Beside
    from ..compiler.transitions import Compared, json_of, transitions

    compared = Compared()
    try:
        if output is None:
            for one in transitions(policy, old, new, compared):
                result(json_of(policy, one))
        else:
            if not output.name.lower().endswith((".jsonl", ".ndjson")):
                raise Refusal(f"{output} cannot hold alerts", "let its name end in .jsonl: one alert on each line.")
            beside = Beside(output)
            try:
                stream = beside.text()
                for one in transitions(policy, old, new, compared):
                    stream.write(json_of(policy, one) + "\n")
            except BaseException:
                beside.drop()
                raise
            beside.keep()
    except ScorecError as failure:
        raise refusal_of(failure) from None
    except OSError as failure:
        if isinstance(failure, BrokenPipeError):
            raise
        raise Refusal(f"the alerts cannot be written: {(failure.strerror or str(failure)).lower()}") from None
    render.say(said(policy, compared))


def said(policy: Policy, compared: Compared) -> str:
    """What was found, for the person at the terminal."""
    subject, width = policy.program.subject, render.width_of_terminal()
    total = sum(compared.fired.values())
    lines = [
        f"{render.counted(total, 'alert')} between {render.counted(compared.old_leads, subject)} and"
        f" {render.counted(compared.new_leads, subject)}"
    ]
    for alert in policy.program.alerts:
        if compared.fired[alert.name]:
            lines.append(f"  {alert.name} {compared.fired[alert.name]:,}, to {alert.to}")
    if compared.came:
        lines.append(f"  new: {render.counted(compared.came, subject)}; what is so now counts as new")
    if compared.gone:
        lines.append(f"  gone: {render.counted(compared.gone, subject)}, of which nothing is told")
    for path, why in compared.unreadable.items():
        for reason, count in sorted(why.items()):
            text = f"{path}: {render.counted(count, 'row')} not used: {reason}"
            lines.append(render.wrapped(text, width, "  ", "    "))
    for note in compared.notes:
        lines.append(render.wrapped(note, width, "  note: ", " " * 8))
    return "\n".join(lines)
