"""A policy as models of dbt: the statements, what is tested of them, and what their columns mean."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from ..dsl.values import MAX_TICKS, decimal_of
from .batch import account_shape, shape_of
from .engines.sql.dialects import dialect_named
from .engines.sql.warehouses import SNOWFLAKE_RESERVED
from .policy import Policy
from .sql_text import Tables, accounts_sql, leads_sql, rejected_sql
from .wording import spoken

SOURCE = "crm"
"""What dbt is to call the place of the tables, where the name of a table does not say it."""


def dbt_files(policy: Policy, dialect: str, tables: Tables, *, reasons: bool = False) -> dict[str, str]:
    """Every file, by its path in the project. Their names have the policy's in them, so that nothing of the project is
    written over. Raises `DialectError` as the statements do."""
    name = policy.name
    files = {f"models/{name}.sql": _model(policy, dialect, tables, "leads", reasons)}
    if policy.program.account is not None:
        files[f"models/{name}_accounts.sql"] = _model(policy, dialect, tables, "accounts", False)
    files[f"models/{name}_rejected.sql"] = _model(policy, dialect, tables, "rejected", False)
    files[f"models/{name}.yml"] = "\n".join(_schema(policy, tables)) + "\n"
    files["tests/generic/scorec_within.sql"] = _WITHIN
    files[f"{name}.md"] = _readme(policy, dialect)
    return files


# ------------------------------------------------------------------ models


def masked(text: str) -> str:
    """A text in which Jinja sees nothing to do."""
    return re.sub(r"\{[{%#]", lambda found: "{{ '" + found[0] + "' }}", text)


def _model(policy: Policy, dialect: str, tables: Tables, what: str, reasons: bool) -> str:
    # The words of Jinja are put in after everything else has been masked.
    leads, events, as_of = _marks(policy)
    given = Tables(leads, events, None, as_of)
    match what:
        case "leads":
            said = leads_sql(policy, dialect, given, reasons=reasons)
        case "accounts":
            said = accounts_sql(policy, dialect, given)
        case _:
            said = rejected_sql(policy, dialect, given)
    said = masked(said)
    said = said.replace(leads, _source(tables.leads)).replace(events, _source(tables.events))
    return "{{ config(materialized='table') }}\n" + said.replace(as_of, _instant(dialect))


def _marks(policy: Policy) -> tuple[str, str, str]:
    """Words that stand nowhere in the policy."""
    number = 0
    while any(f"scorec_mark_{number}" in source.text for source in policy.sources.values()):
        number += 1
    return f"scorec_mark_{number}_leads", f"scorec_mark_{number}_events", f"scorec_mark_{number}_as_of"


def _source(table: str) -> str:
    source, _, name = table.rpartition(".")
    return f"{{{{ source('{source or SOURCE}', '{name}') }}}}"


def _instant(name: str) -> str:
    dialect = dialect_named(name)
    now = dialect.now().sql(dialect.printer)
    written = re.sub(r"'[^']*'", "'{{ var(\"as_of\") }}'", dialect.instant(0).sql(dialect.printer), count=1)
    return "{% if var('as_of', none) is none %}" + now + "{% else %}" + written + "{% endif %}"


# ------------------------------------------------------------------ what is tested and said


def _schema(policy: Policy, tables: Tables) -> Iterator[str]:
    program = policy.program
    yield "version: 2"
    yield ""
    yield "sources:"
    by_source: dict[str, list[str]] = {}
    for table in (tables.leads, tables.events):
        source, _, name = table.rpartition(".")
        by_source.setdefault(source or SOURCE, []).append(name)
    for source, names in by_source.items():
        yield f"  - name: {_scalar(source)}"
        yield "    tables:"
        for name in dict.fromkeys(names):
            yield f"      - name: {_scalar(name)}"
    yield ""
    yield "models:"
    yield f"  - name: {_scalar(policy.name)}"
    about = f"{program.label or spoken(policy.name)}. Policy {policy.name} {policy.version}, {policy.fingerprint}."
    yield f"    description: {_scalar(about)}"
    yield "    columns:"
    shape = shape_of(policy, None, False)
    yield from _column(program.key, f"the key of a {program.subject}", "unique", "not_null")
    scores = {score.name: score for score in program.scores}
    for name in shape.scores:
        score = scores[name]
        tests = ["not_null"] if score.body is None else []
        yield from _column(name, score.label, *tests, within=(score.low, score.high))
    for band in program.bands:
        yield from _column(band.name, band.label or f"the band of {band.score}", "not_null", values=band.labels)
    decisions = {one.name: one for one in program.decisions}
    for name in shape.decisions:
        yield from _column(name, decisions[name].label, "not_null", values=decisions[name].outcomes)
    if program.account is not None:
        account = program.account
        yield f"  - name: {_scalar(policy.name + '_accounts')}"
        yield f"    description: {_scalar('One row for each account. ' + about)}"
        yield "    columns:"
        yield from _column("account", "the key of an account", "unique", "not_null")
        its_scores = {score.name: score for score in account.scores}
        for name in account_shape(policy, None).scores:
            yield from _column(name, its_scores[name].label, within=(its_scores[name].low, its_scores[name].high))
        for band in account.bands:
            yield from _column(band.name, band.label or f"the band of {band.score}", "not_null", values=band.labels)
        for one in account.decisions:
            yield from _column(one.name, one.label, "not_null", values=one.outcomes)
    yield f"  - name: {_scalar(policy.name + '_rejected')}"
    yield f"    description: {_scalar('How many rows of leads and events are not used, and why.')}"


def _column(
    name: str,
    label: str,
    *tests: str,
    values: tuple[str, ...] | None = None,
    within: tuple[int | None, int | None] | None = None,
) -> Iterator[str]:
    yield f"      - name: {_scalar(name)}"
    if re.fullmatch(r"[a-z_][a-z0-9_]*", name) is None or name.upper() in SNOWFLAKE_RESERVED:
        yield "        quote: true"
    if label:
        yield f"        description: {_scalar(label)}"
    if tests or values or within:
        yield "        data_tests:"
    for test in tests:
        yield f"          - {test}"
    if values is not None:
        yield "          - accepted_values:"
        yield "              values:"
        for value in dict.fromkeys(values):
            yield f"                - {_scalar(value)}"
    if within is not None:
        least, most = (-MAX_TICKS if within[0] is None else within[0], MAX_TICKS if within[1] is None else within[1])
        yield "          - scorec_within:"
        yield f"              least: {decimal_of(least)}"
        yield f"              most: {decimal_of(most)}"


def _scalar(text: str) -> str:
    """A text as YAML between double quotes, in which Jinja sees nothing to do."""
    said = json.dumps(masked(text), ensure_ascii=False)
    return "".join(
        c if c.isprintable() else f"\\u{ord(c):04x}" if ord(c) < 0x1_0000 else f"\\U{ord(c):08x}" for c in said
    )


_WITHIN = """\
{% test scorec_within(model, column_name, least, most) %}
-- Scores outside of the range that the policy gives them; there should be none.
select *
from {{ model }}
where {{ column_name }} < {{ least }} or {{ column_name }} > {{ most }}
{% endtest %}
"""


def _readme(policy: Policy, name: str) -> str:
    dialect = dialect_named(name)
    found = re.search(r"'([^']*)'", dialect.instant(1_772_409_600_000_000).sql(dialect.printer))
    example = found[1] if found is not None else "2026-03-02"
    return f"""\
# {policy.name} {policy.version} in dbt

Written by `scorec build --target sql --dialect {name} --dbt .` from the policy with the fingerprint
{policy.fingerprint}. Change the policy, not these files.

- `models/{policy.name}.sql`: one row for each {policy.program.subject}; `models/{policy.name}_rejected.sql`: how many
  rows are not used, and why.
- `models/{policy.name}.yml`: the tables, the columns and their tests. Put `database` and `schema` of the tables there.
- Scored as of the time of the run, or of an instant: `dbt run --vars '{{as_of: "{example}"}}'`.
- The statements have not been proved on your database until its self-test is right in every row:
  `scorec build POLICY --target sql --dialect {name} --self-test`.
"""
