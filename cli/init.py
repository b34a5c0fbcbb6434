"""`scorec init`: a first policy."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from ..compiler.errors import ScorecError
from ..compiler.exports import draft, sources_text
from ..compiler.format import format_text
from ..compiler.policy import Policy, loads
from ..compiler.sources import FILE_NAME, Sources, read_sources
from ..compiler.starter import Schema, describe, policy_name, policy_text, schema_of
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
    "scorec init --from hubspot-contacts.csv --events email-events.csv --events form-submissions.csv",
)
@click.option("--from", "leads", type=click.Path(path_type=Path), metavar="LEADS", help="A table of leads to look at.")
@click.option(
    "--events",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="EVENTS",
    help="A table of events to look at; may be given several times.",
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), default=Path("policy.score"), show_default=True, help="The file."
)
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
def command(leads: Path | None, events: tuple[Path, ...], output: Path, force: bool) -> int:
    """Write a first policy.

    It has the fields and events that the data have, a few rules, a gate, and tests that pass. No value of a
    free text column is copied into it, and its example lead is invented.

    Exports of HubSpot, Marketo, Salesforce and Pardot are known by their columns. For them, and for tables whose
    values are not written as scorec reads them, a sources.toml is written beside the policy.
    """
    if output.suffix != ".score":
        raise Refusal(f"{output} does not end in .score", f"scorec init -o {output.with_suffix('.score')}")
    if output.exists() and not force:
        raise Refusal(f"{output} is there already", "write elsewhere with -o, or replace it with --force.")
    sources = output.parent / FILE_NAME
    try:
        found = draft(leads, events) if leads is not None else None
        if found is not None and sources.exists() and not force:
            raise Refusal(f"{sources} is there already", "write elsewhere with -o, or replace it with --force.")
        schema = found.schema if found is not None else schema_of(leads, events)
        policy = _write(output, schema, [*([leads] if leads is not None else []), *events])
        if found is not None:
            text = sources_text(found, output.parent)
            described = read_sources(text, str(sources), output.parent, policy)
            assert isinstance(described, Sources), "a first sources file is without mistakes"
            write_beside(sources, text)
    except ScorecError as failure:
        raise refusal_of(failure) from None
    tests = render.counted(len(policy.program.tests), "test that passes", "tests that pass")
    render.say(f"{output} written: {describe(schema)}, {tests}")
    if found is not None:
        of = f": exports of {found.system}" if found.system else ""
        render.say(f"{sources} written{of}; read it, since what columns mean is known by their names only")
    data = "" if found is not None else f" {leads or 'leads.csv'}" + "".join(f" --events {file}" for file in events)
    render.say("next:")
    render.say(f"  scorec check {output}")
    render.say(f"  scorec test {output} --coverage")
    render.say(f"  scorec score {output}{data} -o scored.csv")
    return CLEAN


def _write(output: Path, schema: Schema, looked_at: Sequence[Path]) -> Policy:
    """Writes a first policy, which checks clean and whose tests pass."""
    names = [path.name for path in looked_at]
    origin = f", from {render.listed(names)}" if names else ""
    formatted = format_text(Source(str(output), policy_text(policy_name(output.stem), schema, origin)))
    assert isinstance(formatted, str), "a first policy can be read"
    policy = loads(formatted, name=str(output))
    assert not run_tests(policy.program, policy.sources).failed, "the tests of a first policy pass"
    write_beside(output, formatted)
    return policy
