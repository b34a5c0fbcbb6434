"""A policy as models of dbt: the statements, what is tested of them, and what their columns mean."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from ..dsl import ir
from ..dsl.values import decimal_of
from .batch import account_shape, shape_of
from .engines.sql.dialects import Dialect, dialect_named
from .errors import ScorecError
from .policy import Policy
from .sql_text import Tables, accounts_sql, leads_sql, rejected_sql
from .wording import spoken

SCHEMA = "crm"
"""The schema of the tables, where the name of a table does not say it."""


def dbt_files(policy: Policy, dialect: str, tables: Tables, *, reasons: bool = False) -> dict[str, str]:
    """Every file, by its path in the project. Their names have the policy's in them, or `scorec`, so that they can
    stand beside the project's own; and each says who has written it (`written_for`). Raises `DialectError` as the
    statements do."""
    name = policy.name
    leads, events = (_found(policy, dialect, table) for table in (tables.leads, tables.events))
    files = {f"models/{name}.sql": _model(policy, dialect, leads, events, "leads", reasons)}
    if policy.program.account is not None:
        files[accounts_model(policy)] = _model(policy, dialect, leads, events, "accounts", False)
    files[f"models/{name}_rejected.sql"] = _model(policy, dialect, leads, events, "rejected", False)
    files[f"models/{name}.yml"] = "\n".join(_schema(policy, dialect_named(dialect), (leads, events), reasons)) + "\n"
    files["macros/scorec_as_of.sql"] = _AS_OF
    files["tests/generic/scorec_within.sql"] = _WITHIN
    files[f"{name}.md"] = _readme(policy, dialect, tables, reasons)
    return files


def accounts_model(policy: Policy) -> str:
    return f"models/{policy.name}_accounts.sql"


def written_for(policy: Policy, path: str) -> str:
    """What stands in a file if scorec has written it for a policy of this name: others are not to be written over."""
    if path.startswith(("macros/", "tests/")):
        return "Written by scorec."
    return f"Written by scorec from the policy {policy.name}."


# ------------------------------------------------------------------ tables


@dataclass(frozen=True)
class _Part:
    """A database, a schema or a table; `quoted` if it was written between quotation marks."""

    name: str
    quoted: bool


@dataclass(frozen=True)
class _Declared:
    """A table that is told to dbt in the policy's own file. Its source has a name that no other policy's has: dbt
    refuses to be told of one twice."""

    source: str
    place: tuple[_Part, ...]
    table: _Part

    @property
    def name(self) -> str:
        return re.sub(r"\W", "_", self.table.name)

    @property
    def call(self) -> str:
        return f"source('{self.source}', '{self.name}')"


@dataclass(frozen=True)
class _OfProject:
    """A model or a source that the project has."""

    call: str

    @property
    def name(self) -> str:
        return self.call.split("'")[-2]


_Table: TypeAlias = _Declared | _OfProject

_CALL = re.compile(
    r"ref\( *'[\w.-]+'( *, *'[\w.-]+')?( *, *v(ersion)? *= *\d+)? *\)|source\( *'[\w .-]+' *, *'[\w .-]+' *\)"
)


def of_project(table: str) -> bool:
    """Whether a table is given as dbt says it: `ref('leads_today')`, `source('crm', 'leads')`."""
    return _CALL.fullmatch(table.replace('"', "'")) is not None


def _found(policy: Policy, dialect: str, table: str) -> _Table:
    if of_project(table):
        return _OfProject(table.replace('"', "'"))
    parts = [_Part(one.strip('"`'), one[0] in '"`') for one in re.findall(r'"[^"]+"|`[^`]+`|[^."`]+', table)]
    known = ["database", "schema", "table"] if dialect != "spark" else ["schema", "table"]
    if len(parts) > len(known):
        raise ScorecError(
            f"{table}: dbt knows tables of {dialect} by {', '.join(known[:-1])} and {known[-1]}, and no more"
        )
    *place, last = parts
    place = place or [_Part(SCHEMA, False)]
    source = "__".join([policy.name, *(re.sub(r"\W", "_", part.name) for part in place)])
    return _Declared(source, tuple(place), last)


def _sources(tables: Sequence[_Table]) -> Iterator[str]:
    declared = [table for table in tables if isinstance(table, _Declared)]
    if declared:
        yield "sources:"
    for source in dict.fromkeys(table.source for table in declared):
        its = list({table.name: table for table in declared if table.source == source}.values())
        place = its[0].place
        yield f"  - name: {_scalar(source)}"
        if len(place) > 1:
            yield f"    database: {_scalar(place[0].name)}"
        yield f"    schema: {_scalar(place[-1].name)}"
        yield from _quoting("    ", zip(("schema", "database"), reversed(place), strict=False))
        yield "    tables:"
        for table in its:
            yield f"      - name: {_scalar(table.name)}"
            if table.name != table.table.name:
                yield f"        identifier: {_scalar(table.table.name)}"
            yield from _quoting("        ", [("identifier", table.table)])
    if declared:
        yield ""


def _quoting(margin: str, parts: Iterable[tuple[str, _Part]]) -> Iterator[str]:
    """Some adapters put names between quotation marks, and some do not. They are told where it makes a difference:
    databases make small letters of others, or large ones."""
    odd = [(what, part.quoted) for what, part in parts if part.quoted or part.name != part.name.lower()]
    if odd:
        yield f"{margin}quoting:"
    for what, quoted in odd:
        yield f"{margin}  {what}: {'true' if quoted else 'false'}"


# ------------------------------------------------------------------ models


def masked(text: str) -> str:
    """A text in which Jinja sees nothing to do."""
    return re.sub(r"\{[{%#]", lambda found: "{{ '" + found[0] + "' }}", text)


def _model(policy: Policy, dialect: str, leads: _Table, events: _Table, what: str, reasons: bool) -> str:
    # The words of Jinja are put in after everything else has been masked.
    marks = _marks(policy)
    given = Tables(marks[0], marks[1], None, marks[2])
    name = policy.name
    match what:
        case "leads":
            said = leads_sql(policy, dialect, given, reasons=reasons)
        case "accounts":
            name, said = f"{name}_accounts", accounts_sql(policy, dialect, given)
        case _:
            name, said = f"{name}_rejected", rejected_sql(policy, dialect, given)
    said = masked(said)
    for mark, table in zip(marks, (leads, events), strict=False):
        said = said.replace(mark, f"{{{{ {table.call} }}}}")
    said = said.replace(marks[2], _instant(dialect_named(dialect), policy.program.timezone))
    return "".join(
        [
            f"{{# {written_for(policy, 'models/')} Change the policy, not this file. #}}\n",
            "{{ config(materialized='table') }}\n",
            *dict.fromkeys(_spared(name, table) for table in (leads, events)),
            said,
        ]
    )


def _marks(policy: Policy) -> tuple[str, str, str]:
    """Words that stand nowhere in the policy."""
    number = 0
    while any(f"scorec_mark_{number}" in source.text for source in policy.sources.values()):
        number += 1
    return f"scorec_mark_{number}_leads", f"scorec_mark_{number}_events", f"scorec_mark_{number}_as_of"


def _spared(model: str, table: _Table) -> str:
    """What keeps dbt from making a model in place of the table that it is read from, if they are called alike."""
    if table.name.lower() != model.lower() or table.call.startswith("ref"):
        return ""
    same = f"({table.call} | string | lower | replace('\"', '')) == (this | string | lower | replace('\"', ''))"
    why = f"the model {model} would take the place of the table that it reads: give it another schema"
    return f"{{% if execute and {same} %}}{{{{ exceptions.raise_compiler_error('{why}') }}}}{{% endif %}}\n"


def _instant(dialect: Dialect, zone: str) -> str:
    began = "1970-01-01 00:00:00.000000"
    return dialect.instant(0).sql(dialect.printer).replace(began, f'{{{{ scorec_as_of("{zone}") }}}}')


_AS_OF = """\
{#
  Written by scorec. The as-of instant, as a time in UTC: that of the variable `as_of`, or else the time at which the
  run began, which is the same for all models of a run. A date is its midnight, and a time without an offset is one, in
  the policy's time zone.
#}
{% macro scorec_as_of(zone) -%}
  {%- set given = var('as_of', none) -%}
  {%- if given is none -%}
    {%- set moment = run_started_at -%}
  {%- else -%}
    {%- set written = given | string | trim -%}
    {%- set day, clock = '[0-9]{4}-[0-9]{2}-[0-9]{2}', '[0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?' -%}
    {%- set form = '^' ~ day ~ '([ T]' ~ clock ~ '(Z|[+-][0-9]{2}:[0-9]{2})?)?$' -%}
    {%- if not modules.re.match(form, written) -%}
      {%- set forms = '2026-03-02, or 2026-03-02 09:30:00+00:00' -%}
      {{- exceptions.raise_compiler_error('as_of: `' ~ written ~ '` is no instant; instants look like ' ~ forms) -}}
    {%- endif -%}
    {%- set moment = modules.datetime.datetime.fromisoformat(written | replace('Z', '+00:00')) -%}
    {%- if moment.tzinfo is none -%}
      {%- set clocks = modules.pytz.timezone(zone) -%}
      {%- if clocks.localize(moment, is_dst=true) != clocks.localize(moment, is_dst=false) -%}
        {%- set why = ' does not stand for one instant: clocks are changed then; write its offset' -%}
        {{- exceptions.raise_compiler_error('as_of: `' ~ written ~ '` in ' ~ zone ~ why) -}}
      {%- endif -%}
      {%- set moment = clocks.localize(moment) -%}
    {%- endif -%}
  {%- endif -%}
  {{- moment.astimezone(modules.pytz.utc).strftime('%Y-%m-%d %H:%M:%S.%f') -}}
{%- endmacro %}
"""


# ------------------------------------------------------------------ what is tested and said


def _schema(policy: Policy, dialect: Dialect, tables: Sequence[_Table], reasons: bool) -> Iterator[str]:
    program = policy.program
    yield f"# {written_for(policy, 'models/')} Change the policy, not this file."
    yield "version: 2"
    yield ""
    yield from _sources(tables)
    yield "models:"
    yield f"  - name: {_scalar(policy.name)}"
    about = f"{program.label or spoken(policy.name)}. Policy {policy.name} {policy.version}, {policy.fingerprint}."
    yield f"    description: {_scalar(about)}"
    yield "    columns:"
    shape = shape_of(policy, None, reasons)
    yield from _column(dialect, program.key, f"the key of a {program.subject}", "unique", "not_null")
    yield from _results(dialect, program, shape.scores, shape.decisions)
    known = 1 + len(shape.scores) + len(shape.bands) + len(shape.decisions)
    for column, meaning in zip(shape.columns[known:], _ABOUT, strict=False):
        yield from _column(dialect, column.name, meaning)
    if program.account is not None:
        yield f"  - name: {_scalar(policy.name + '_accounts')}"
        yield f"    description: {_scalar('One row for each account. ' + about)}"
        yield "    columns:"
        its = account_shape(policy, None)
        account, leads, *_ = its.columns
        yield from _column(dialect, account.name, "the key of an account", "unique", "not_null")
        yield from _column(dialect, leads.name, "how many leads it has", "not_null")
        yield from _results(dialect, program.account, its.scores, its.decisions)
        for column, meaning in zip(its.columns[-4:], _ABOUT[1:], strict=False):
            yield from _column(dialect, column.name, meaning)
    yield f"  - name: {_scalar(policy.name + '_rejected')}"
    yield f"    description: {_scalar('How many rows of leads and events are not used, and why.')}"
    yield "    columns:"
    yield from _column(dialect, "what", "lead or event")
    yield from _column(dialect, "refused_because", "why they are not used")
    yield from _column(dialect, "how_many", "the number of rows")
    yield from _column(dialect, "first_lead_key", "the key of one of them, if it has one")


_ABOUT = (
    "how much of what the policy reads was known, from 0 to 1",
    "the name of the policy",
    "its version",
    "its fingerprint",
    "the instant as of which it was scored",
    "the rules that gave or took points",
)
"""What the columns mean that stand behind the results."""


def _results(
    dialect: Dialect, scored: ir.Program | ir.Account, scores: Sequence[str], decisions: Sequence[str]
) -> Iterator[str]:
    by_name = {score.name: score for score in scored.scores}
    for name in scores:
        score = by_name[name]
        tests = ["not_null"] if score.body is None else []
        yield from _column(dialect, name, score.label, *tests, within=(score.low, score.high))
    for band in scored.bands:
        about = band.label or f"the band of {band.score}"
        yield from _column(dialect, band.name, about, "not_null", values=band.labels)
    decided = {one.name: one for one in scored.decisions}
    for name in decisions:
        yield from _column(dialect, name, decided[name].label, "not_null", values=decided[name].outcomes)


def _column(
    dialect: Dialect,
    name: str,
    label: str,
    *tests: str,
    values: Sequence[str] = (),
    within: tuple[int | None, int | None] = (None, None),
) -> Iterator[str]:
    yield f"      - name: {_scalar(name)}"
    if dialect.outward(name).args["quoted"]:
        yield "        quote: true"
    if label:
        yield f"        description: {_scalar(label)}"
    limits = [(what, limit) for what, limit in zip(("least", "most"), within, strict=True) if limit is not None]
    if tests or values or limits:
        yield "        data_tests:"
    for test in tests:
        yield f"          - {test}"
    if values:
        yield "          - accepted_values:"
        yield "              arguments:"
        yield "                values:"
        for value in dict.fromkeys(values):
            yield f"                  - {_scalar(value)}"
    if limits:
        yield "          - scorec_within:"
        yield "              arguments:"
        for what, limit in limits:
            yield f"                {what}: {decimal_of(limit)}"


def _scalar(text: str) -> str:
    """A text as YAML between double quotes, in which Jinja sees nothing to do."""
    said = json.dumps(masked(text), ensure_ascii=False)
    return "".join(
        c if c.isprintable() else f"\\u{ord(c):04x}" if ord(c) < 0x1_0000 else f"\\U{ord(c):08x}" for c in said
    )


_WITHIN = """\
{# Written by scorec. Scores outside of the range that the policy gives them; there should be none. #}
{% test scorec_within(model, column_name, least=none, most=none) %}
select *
from {{ model }}
where 1 = 0
{%- if least is not none %} or {{ column_name }} < {{ least }}{% endif %}
{%- if most is not none %} or {{ column_name }} > {{ most }}{% endif %}
{% endtest %}
"""


def _readme(policy: Policy, name: str, tables: Tables, reasons: bool) -> str:
    options = [f"--target sql --dialect {name} --dbt ."]
    for option, table, usual in (
        ("--leads-table", tables.leads, Tables().leads),
        ("--events-table", tables.events, Tables().events),
    ):
        options += [f"{option} {shlex.quote(table)}"] if table != usual else []
    options += ["--reasons"] if reasons else []
    return f"""\
# {policy.name} {policy.version} in dbt

{written_for(policy, f"{policy.name}.md")} Change the policy, not these files; then write them again:

```sh
scorec build {policy.name}.score {" ".join(options)}
```

- `models/{policy.name}.sql`: one row for each {policy.program.subject}; `models/{policy.name}_rejected.sql`: how many
  rows are not used, and why.
- `models/{policy.name}.yml`: the tables, the columns and their tests. Tables elsewhere are named with `--leads-table`
  and `--events-table`: `raw.crm.leads`, or what the project has, as `"ref('leads_today')"`.
- Scored as of the time of the run, or of an instant: `dbt build --vars '{{as_of: "2026-03-02 00:00:00+00:00"}}'`.
- Fingerprint of the policy: {policy.fingerprint}.
- The statements have not been proved on your database until its self-test is right in every row:
  `scorec build POLICY --target sql --dialect {name} --self-test`.
"""
