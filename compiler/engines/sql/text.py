"""A whole statement as text, from typed tables to results: for people who read it and for engines that run it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, assert_never

from sqlglot import exp

from ....dsl import ir
from ....dsl.source import Span
from . import edge_of_tables as edge
from .dialects import Dialect
from .lowering import Ground, Lowered, lower, lower_accounts
from .printing import identifier, part, query_text, statement, step_text
from .rows import Step, table
from .scoring import ReasonLine
from .syntax import Sql, call, case, cast, column, compare, integer, is_known, null, text

What: TypeAlias = Literal[
    "key", "leads", "score", "band", "decision", "completeness", "policy", "version", "fingerprint", "as_of", "reasons"
]


@dataclass(frozen=True)
class Output:
    """A column of the result: its name, and what it shows (`of` which score, band or decision)."""

    name: str
    what: What
    of: str = ""


@dataclass(frozen=True)
class Given:
    """What stands before the steps, as SQL of the dialect: the as-of instant (a timestamp with a time zone) and the
    names of the tables."""

    as_of: str
    leads: str
    events: str
    by_hand: bool = True
    """whether people may change them in the text"""


@dataclass(frozen=True)
class Page:
    """Everything that a statement is written from."""

    program: ir.Program
    dialect: Dialect
    given: Given
    header: Sequence[str]
    """lines of comment"""
    place: Callable[[Span], str]

    def ground(self, found: edge.Edge) -> Ground:
        return Ground(self.dialect, found.leads, found.events, found.as_of, self.place, edge.TAKEN)


def of_leads(page: Page, outputs: Sequence[Output]) -> str:
    """One row for each lead."""
    found = edge.edge_of(page.dialect, page.program)
    lowered = lower(page.program, page.ground(found), any(one.what == "reasons" for one in outputs))
    return _result(page, found, lowered, outputs)


def of_accounts(page: Page, outputs: Sequence[Output]) -> str:
    """One row for each account."""
    found = edge.edge_of(page.dialect, page.program)
    return _result(page, found, lower_accounts(page.program, page.ground(found)), outputs)


def of_rejected(page: Page) -> str:
    """How many rows of leads and of events are not used, and why."""
    found = edge.edge_of(page.dialect, page.program)
    steps = [step for step in found.steps if step.name not in (edge.LEADS_CLEAN, edge.EVENTS_CLEAN)]
    parts = [
        _rejected(page.dialect, "lead", edge.LEADS_JUDGED, found.lead_refused, found.leads.key),
        _rejected(page.dialect, "event", edge.EVENTS_JUDGED, found.event_refused, found.events.lead),
    ]
    return _printed(page, steps, exp.union(*parts, distinct=False))


def _rejected(dialect: Dialect, what: str, relation: str, why: str, key: str) -> exp.Select:
    nodes: dict[str, Sql] = {
        "what": text(what),
        "refused_because": column(why),
        "how_many": exp.Count(this=exp.Star()),
        "first_lead_key": exp.Min(this=column(key)),
    }
    columns = [exp.Alias(this=node, alias=dialect.outward(name)) for name, node in nodes.items()]
    query = exp.select(*columns).from_(table(relation), copy=False).where(is_known(column(why)), copy=False)
    return query.group_by(column(why), copy=False)


def _result(page: Page, found: edge.Edge, lowered: Lowered, outputs: Sequence[Output]) -> str:
    dialect = page.dialect
    columns = [exp.Alias(this=_shown(page, lowered, one), alias=dialect.outward(one.name)) for one in outputs]
    final = exp.select(*columns).from_(table(lowered.relation), copy=False)
    return _printed(page, [*found.steps, *lowered.steps], final)


def _shown(page: Page, lowered: Lowered, one: Output) -> Sql:
    dialect, program = page.dialect, page.program
    match one.what:
        case "key":
            return column(lowered.key)
        case "leads":
            return lowered.completeness
        case "score":
            return dialect.points(lowered.scores[one.of])
        case "band":
            return lowered.bands[one.of]
        case "decision":
            return lowered.decisions[one.of]
        case "completeness":
            return dialect.points(lowered.completeness)
        case "policy":
            return text(program.name)
        case "version":
            return text(program.version)
        case "fingerprint":
            return text(program.fingerprint)
        case "as_of":
            return dialect.instant_of(lowered.as_of)
        case "reasons":
            return _reasons(page, lowered.lines)
        case _:
            assert_never(one.what)


def _reasons(page: Page, lines: Sequence[ReasonLine]) -> Sql:
    dialect = page.dialect
    if dialect.has_lists and lines:
        return dialect.reasons([(line.rule, line.test, line.ticks) for line in lines])
    if not lines:
        return cast(null(), "VARCHAR")
    return dialect.joined_texts([(line.test, _said(dialect, line)) for line in lines])


def _said(dialect: Dialect, line: ReasonLine) -> Sql:
    """`fit.enterprise +30`"""
    points = cast(dialect.points(line.ticks), "VARCHAR")
    short = call("RTRIM", call("RTRIM", points, text("0")), text("."))
    plus = case([(compare(">", line.ticks, integer(0)), text(f"{line.rule} +"))], text(f"{line.rule} "))
    return exp.DPipe(this=plus, expression=short)


# ------------------------------------------------------------------ printing


_HOLDS = {
    edge.CLOCK: "The as-of instant in microseconds since 1970, as all instants below.",
    edge.LEADS_READ: "The leads' columns, each as the type that the policy declares.",
    edge.LEADS_JUDGED: "Why a row of leads is not scored.",
    edge.LEADS_CLEAN: "The leads that are scored.",
    edge.EVENTS_READ: "The events' columns, each as the type that the policy declares.",
    edge.EVENTS_JUDGED: "Why an event does not count.",
    edge.EVENTS_CLEAN: "The events that count.",
    "events_in_scope": "The events that are recent enough to matter.",
    "lead_events": "What is known of each lead's events.",
}
"""What a step holds, by its name."""


def _printed(page: Page, steps: Sequence[Step], final: exp.Query) -> str:
    dialect, given = page.dialect, page.given
    read = {one.name for step in steps for one in step.query.find_all(exp.Table)}
    asked = [
        (
            f"The instant as of which is scored{'; change it here' if given.by_hand else ''}.",
            edge.PARAMETERS,
            _as_of(page),
        ),
        (
            f"The tables{'; change their names here' if given.by_hand else ''}.",
            edge.LEADS,
            f"SELECT * FROM {given.leads}",
        ),
        ("", edge.EVENTS, f"SELECT * FROM {given.events}"),
    ]
    parts = [_under(comment, part(dialect, name, query)) for comment, name, query in asked if name in read]
    parts += [_under(_HOLDS.get(step.name, ""), step_text(dialect, step)) for step in steps]
    header = "".join(f"-- {line}".rstrip() + "\n" for line in page.header)
    return header + statement(dialect, parts, query_text(dialect, final))


def _as_of(page: Page) -> str:
    return f"SELECT {page.given.as_of} AS {identifier(page.dialect, edge.AS_OF)}"


def _under(comment: str, said: str) -> str:
    return f"-- {comment}\n{said}" if comment else said
