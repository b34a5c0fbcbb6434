"""`scorec build`: a policy for another system."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ..compiler.errors import ScorecError
from . import render
from .command import CLEAN, Refusal, open_policy, refusal_of
from .command import command as declared


@declared(
    "build",
    "scorec build inbound.score --target python -o inbound_policy.py",
    "scorec build inbound.score --target json",
)
@click.argument("policy", type=click.Path(path_type=Path))
@click.option("--target", type=click.Choice(["python", "json"]), required=True, help="What to make.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The file to write (else standard output).")
def command(policy: Path, target: str, output: Path | None) -> int:
    """Build a policy for another system.

    python: one module without dependencies, to be copied into an application. json: the checked policy, with all
    names resolved. The same policy gives the same text, byte for byte.
    """
    from ..compiler.tables import write_beside

    if output is not None and output.exists() and policy.exists() and output.samefile(policy):
        raise Refusal("the output is the policy itself", "write to another file.")
    opened = open_policy(policy)
    text = opened.to_python() if target == "python" else opened.to_json()
    if output is None:
        sys.stdout.write(text)
        return CLEAN
    try:
        write_beside(output, text)
    except ScorecError as failure:
        raise refusal_of(failure) from None
    render.say(f"{output}: {opened.name} {opened.version} as {target} ({opened.fingerprint[:12]})")
    return CLEAN
