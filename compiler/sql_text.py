"""A policy as SQL text for a database: what `scorec build --target sql` writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..dsl.source import Source, Span
from .batch import account_shape, shape_of
from .engines.sql import self_test, text
from .engines.sql.dialects import NAMES, CannotSay, dialect_named
from .errors import ScorecError
from .policy import Policy

DIALECTS = NAMES


class DialectError(ScorecError):
    """A dialect has no exact form for something that the policy says. `found` has the places and the reasons."""

    def __init__(self, lines: tuple[str, ...]) -> None:
        self.found = lines
        super().__init__("\n".join(lines))


@dataclass(frozen=True)
class Tables:
    """The names of the source tables, as the database knows them, and the instant (None: the time of the run). With
    `as_of`, an expression of SQL gives the instant."""

    leads: str = "leads"
    events: str = "events"
    at: int | None = None
    as_of: str | None = None


def leads_sql(policy: Policy, dialect: str, tables: Tables, *, reasons: bool = False) -> str:
    """One row for each lead."""
    shape = shape_of(policy, None, reasons)
    page = _page(policy, dialect, tables, "One row for each lead.")
    about: tuple[text.What, ...] = ("completeness", "policy", "version", "fingerprint", "as_of", "reasons")
    scores = [text.Output(name, "score", name) for name in shape.scores]
    bands = [text.Output(name, "band", name) for name in shape.bands]
    decisions = [text.Output(name, "decision", name) for name in shape.decisions]
    known = [text.Output(policy.program.key, "key"), *scores, *bands, *decisions]
    rest = shape.columns[len(known) :]
    known += [text.Output(one.name, what) for one, what in zip(rest, about, strict=False)]
    return _or_why(policy, dialect, lambda: text.of_leads(page, known))


def accounts_sql(policy: Policy, dialect: str, tables: Tables) -> str:
    """One row for each account."""
    shape = account_shape(policy, None)
    page = _page(policy, dialect, tables, "One row for each account.")
    about: tuple[text.What, ...] = ("policy", "version", "fingerprint", "as_of")
    account, leads, *_ = shape.columns
    known = [text.Output(account.name, "key"), text.Output(leads.name, "leads")]
    known += [text.Output(name, "score", name) for name in shape.scores]
    known += [text.Output(name, "band", name) for name in shape.bands]
    known += [text.Output(name, "decision", name) for name in shape.decisions]
    known += [text.Output(one.name, what) for one, what in zip(shape.columns[len(known) :], about, strict=True)]
    return _or_why(policy, dialect, lambda: text.of_accounts(page, known))


def rejected_sql(policy: Policy, dialect: str, tables: Tables) -> str:
    """How many rows of the tables are not used, and why."""
    page = _page(policy, dialect, tables, "How many rows are not used, and why.")
    return _or_why(policy, dialect, lambda: text.of_rejected(page))


def self_test_sql(policy: Policy, dialect: str) -> str:
    """A statement that proves the dialect's primitives where it runs."""
    return self_test.statement(dialect_named(dialect), policy.program.timezone)


def _page(policy: Policy, name: str, tables: Tables, what: str) -> text.Page:
    if name not in DIALECTS:
        raise ScorecError(f"there is no dialect `{name}`: it is one of {', '.join(sorted(DIALECTS))}")
    program, dialect = policy.program, dialect_named(name)
    now = dialect.now() if tables.at is None else dialect.instant(tables.at)
    label = " ".join(program.label.split()).replace("${", "$ {")
    header = (
        f"{label + ': ' if label else ''}policy {program.name}, version {program.version}",
        f"fingerprint {program.fingerprint}",
        what,
    )
    as_of = now.sql(dialect.printer) if tables.as_of is None else tables.as_of
    given = text.Given(as_of, tables.leads, tables.events, by_hand=tables.as_of is None)
    return text.Page(program, dialect, given, header, place_in(policy.sources, _main(policy)))


def _main(policy: Policy) -> str:
    """The name of the policy's own text, among those of its libraries."""
    program = policy.program
    spans = [one.span for one in program.fields] + [one.span for one in program.scores]
    return next((span.source for span in spans if span.source), "")


def place_in(sources: Mapping[str, Source], main: str) -> Callable[[Span], str]:
    """Where something stands, for a comment: `, line 12`. What stands in a library has its name, seen from the
    policy."""
    folder = main[: len(main) - len(Path(main).name)]

    def place(span: Span) -> str:
        source = sources.get(span.source)
        if source is None:
            return ""
        line, _ = source.position(span.start)
        if span.source == main:
            return f", line {line}"
        name = source.name.removeprefix(folder) if folder else source.name
        return f", {name} line {line}"

    return place


def _or_why(policy: Policy, dialect: str, write: Callable[[], str]) -> str:
    try:
        return write()
    except CannotSay as why:
        raise DialectError(tuple(_said(policy, dialect, one) for one in why.found)) from None


def _said(policy: Policy, dialect: str, why: CannotSay) -> str:
    source = policy.sources.get(why.span.source)
    if source is None:
        return f"{why.what or 'this policy'} cannot be said exactly in {dialect}: {why.reason}"
    line, _ = source.position(why.span.start)
    return f"{source.name}:{line}: {why.what} cannot be said exactly in {dialect}: {why.reason}"
