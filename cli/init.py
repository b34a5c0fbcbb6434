"""`scorec init`: a first policy."""

from __future__ import annotations

from pathlib import Path

import click

from ..compiler.errors import ScorecError
from ..compiler.format import format_text
from ..compiler.policy import loads
from ..compiler.starter import describe, policy_name, policy_text, schema_of
from ..compiler.tables import write_beside
from ..compiler.testing import run_tests
from ..dsl.source import Source
from . import render
from .command import CLEAN, Refusal, refusal_of
from .command import command as declared


@declared(
    "init",
    "scorec init",
    "scorec init --from leads.csv --events events.csv -o inbound.score",
)
@click.option("--from", "leads", type=click.Path(path_type=Path), metavar="LEADS", help="A table of leads to look at.")
@click.option("--events", type=click.Path(path_type=Path), metavar="EVENTS", help="A table of events to look at.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), default=Path("policy.score"), show_default=True, help="The file."
)
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
def command(leads: Path | None, events: Path | None, output: Path, force: bool) -> int:
    """Write a first policy.

    It has the fields and events that the data have, a few rules, a gate, and tests that pass. No value of a
    free text column is copied into it, and its example lead is invented.
    """
    if output.suffix != ".score":
        raise Refusal(f"{output} does not end in .score", f"scorec init -o {output.with_suffix('.score')}")
    if output.exists() and not force:
        raise Refusal(f"{output} is there already", "write elsewhere with -o, or replace it with --force.")
    try:
        schema = schema_of(leads, events)
        origin = "".join(f"{word}{path.name}" for word, path in ((", from ", leads), (" and ", events)) if path)
        text = policy_text(policy_name(output.stem), schema, origin.replace("and ", "from ", leads is None))
        formatted = format_text(Source(str(output), text))
        assert isinstance(formatted, str), "a first policy can be read"
        policy = loads(formatted, name=str(output))
        run = run_tests(policy.program, policy.sources)
        assert not run.failed, "the tests of a first policy pass"
        write_beside(output, formatted)
    except ScorecError as failure:
        raise refusal_of(failure) from None
    render.say(f"{output} written: {describe(schema)}, {render.counted(len(run.results), 'test')} that pass")
    data = f" {leads}" if leads is not None else " leads.csv"
    data += f" --events {events}" if events is not None else ""
    render.say("next:")
    render.say(f"  scorec check {output}")
    render.say(f"  scorec test {output} --coverage")
    render.say(f"  scorec score {output}{data} -o scored.csv")
    return CLEAN
