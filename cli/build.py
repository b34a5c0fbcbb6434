"""`scorec build`: a policy for another system."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..compiler.errors import ScorecError
from . import render
from .command import CLEAN, FINDINGS, Refusal, as_of, open_policy, refusal_of
from .command import command as declared

if TYPE_CHECKING:
    from ..compiler.policy import Policy

DIALECTS = ("bigquery", "databricks", "duckdb", "postgres", "redshift", "snowflake", "spark", "trino")


@declared(
    "build",
    "scorec build inbound.score --target python -o inbound_policy.py",
    "scorec build inbound.score --target json",
    "scorec build inbound.score --target sql --dialect snowflake --leads-table crm.leads -o inbound.sql",
    "scorec build inbound.score --target sql --dialect bigquery --dbt warehouse/",
    "scorec build inbound.score --target sql --dialect postgres --self-test",
)
@click.argument("policy", type=click.Path(path_type=Path))
@click.option("--target", type=click.Choice(["python", "sql", "json"]), required=True, help="What to make.")
@click.option("--dialect", type=click.Choice(DIALECTS), metavar="NAME", help="Of SQL: " + ", ".join(DIALECTS) + ".")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The file to write (else standard output).")
@click.option("--at", metavar="TIME", help="The as-of instant in the SQL (else the time at which it runs).")
@click.option("--leads-table", metavar="NAME", help="The table of leads (`leads`).")
@click.option("--events-table", metavar="NAME", help="The table of events (`events`).")
@click.option("--reasons", is_flag=True, help="Add the rules that gave or took points.")
@click.option("--accounts", is_flag=True, help="One row for each account instead of each lead.")
@click.option("--rejected", is_flag=True, help="Instead: how many rows are not used, and why.")
@click.option("--self-test", is_flag=True, help="Instead: a statement that proves the dialect where it runs.")
@click.option("--dbt", type=click.Path(path_type=Path), metavar="DIR", help="Write models of dbt to a folder.")
def command(
    policy: Path,
    target: str,
    dialect: str | None,
    output: Path | None,
    at: str | None,
    leads_table: str | None,
    events_table: str | None,
    reasons: bool,
    accounts: bool,
    rejected: bool,
    self_test: bool,
    dbt: Path | None,
) -> int:
    """Build a policy for another system.

    python: one module without dependencies, to be copied into an application. sql: one statement that scores the
    tables of a database where they are. json: the checked policy, with all names resolved. The same policy gives the
    same text, byte for byte.
    """
    if output is not None and output.exists() and policy.exists() and output.samefile(policy):
        raise Refusal("the output is the policy itself", "write to another file.")
    wanted = _Sql(at, leads_table, events_table, reasons, accounts, rejected, self_test, dbt)
    if target != "sql":
        asked = ["--dialect"] if dialect is not None else []
        asked += [option for option, value, without in _options_of_sql(wanted) if value != without]
        if asked:
            goes = "goes" if len(asked) == 1 else "go"
            raise Refusal(
                f"{render.listed(asked)} {goes} with --target sql only", f"leave it out of --target {target}."
            )
        opened = open_policy(policy)
        return _write(opened, opened.to_python() if target == "python" else opened.to_json(), output, target)
    if dialect is None:
        raise Refusal("a dialect is missing", f"add --dialect and one of {', '.join(DIALECTS)}.")
    if accounts + rejected + self_test + (dbt is not None) > 1:
        raise Refusal("--accounts, --rejected, --self-test and --dbt each ask for something else", "take one of them.")
    if dbt is not None and output is not None:
        raise Refusal("--dbt writes to a folder, and -o names a file", "leave -o out.")
    opened = open_policy(policy)
    try:
        return _write_sql(opened, dialect, wanted, output)
    except ScorecError as failure:
        found = getattr(failure, "found", None)
        if found is None:
            raise refusal_of(failure) from None
        for line in found:
            render.say(line)
        return FINDINGS


@dataclass(frozen=True)
class _Sql:
    """What is asked of SQL."""

    at: str | None = None
    leads_table: str | None = None
    events_table: str | None = None
    reasons: bool = False
    accounts: bool = False
    rejected: bool = False
    self_test: bool = False
    dbt: Path | None = None


_TABLE = re.compile(r"""(\w[\w$-]*|"[^"]+"|`[^`]+`)(\.(\w[\w$-]*|"[^"]+"|`[^`]+`)){0,3}""")
"""A name of a table, with its schema and database: it goes into the statement as it is."""


def _options_of_sql(wanted: _Sql) -> list[tuple[str, object, object]]:
    """What is asked of SQL, by the options that ask for it; and what stands there without them."""
    return [
        ("--" + field.name.replace("_", "-"), getattr(wanted, field.name), field.default) for field in fields(wanted)
    ]


def _write_sql(policy: Policy, dialect: str, wanted: _Sql, output: Path | None) -> int:
    from ..compiler import sql_text
    from ..compiler.dbt import of_project

    at = None if wanted.at is None else as_of(policy, wanted.at)
    for option, name in (("--leads-table", wanted.leads_table), ("--events-table", wanted.events_table)):
        if name is not None and not _TABLE.fullmatch(name) and not (wanted.dbt is not None and of_project(name)):
            forms = "" if wanted.dbt is None else ", and those of a project like ref('leads_today')"
            raise Refusal(
                f"{option}: `{name}` is no name of a table",
                f'names look like leads, crm.leads, or "Our Leads" in quotation marks{forms}.',
            )
    tables = sql_text.Tables(wanted.leads_table or "leads", wanted.events_table or "events", at)
    if wanted.dbt is not None:
        return _write_dbt(policy, dialect, tables, wanted, wanted.dbt)
    if wanted.self_test:
        text = sql_text.self_test_sql(policy, dialect)
    elif wanted.rejected:
        text = sql_text.rejected_sql(policy, dialect, tables)
    elif wanted.accounts:
        text = sql_text.accounts_sql(policy, dialect, tables)
    else:
        text = sql_text.leads_sql(policy, dialect, tables, reasons=wanted.reasons)
    return _write(policy, text, output, f"SQL for {dialect}")


def _write_dbt(policy: Policy, dialect: str, tables: object, wanted: _Sql, folder: Path) -> int:
    from ..compiler.dbt import accounts_model, dbt_files, written_for
    from ..compiler.sql_text import Tables
    from ..compiler.tables import write_beside

    assert isinstance(tables, Tables)
    if folder.exists() and not folder.is_dir():
        raise Refusal(f"{folder} is a file", "--dbt writes into the folder of a project.")
    if wanted.at is not None:
        raise Refusal("--at does not go with --dbt", "a run of dbt is given the instant: --vars '{as_of: ...}'.")
    files = dbt_files(policy, dialect, tables, reasons=wanted.reasons)
    accounts = accounts_model(policy)

    def is_ours(name: str) -> bool:
        return written_for(policy, name) in (folder / name).read_text("utf-8", errors="replace")

    try:
        for name in files:
            if (folder / name).exists() and not is_ours(name):
                raise Refusal(
                    f"{folder / name} is there, and scorec has not written it for this policy",
                    "move the file, or give the policy another name.",
                )
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            write_beside(path, text)
        # A model that the policy had once would go on to be made.
        if accounts not in files and (folder / accounts).is_file() and is_ours(accounts):
            (folder / accounts).unlink()
            render.say(f"{folder / accounts}: removed, because the policy has no accounts any more")
    except OSError as failure:
        raise Refusal(
            f"{failure.filename or folder} cannot be written: {(failure.strerror or str(failure)).lower()}"
        ) from None
    render.say(f"{folder}: {policy.name} {policy.version} as {len(files)} files for dbt ({policy.fingerprint[:12]})")
    return CLEAN


def _write(policy: Policy, text: str, output: Path | None, what: str) -> int:
    from ..compiler.tables import write_beside

    if output is None:
        sys.stdout.write(text)
        return CLEAN
    try:
        write_beside(output, text)
    except ScorecError as failure:
        raise refusal_of(failure) from None
    render.say(f"{output}: {policy.name} {policy.version} as {what} ({policy.fingerprint[:12]})")
    return CLEAN
