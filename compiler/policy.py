"""The public API: a policy as an object that scores leads."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timezone
from decimal import Decimal
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias
from zoneinfo import ZoneInfo

from ..dsl import ir
from ..dsl.facts import (
    UNDECLARED,
    Clean,
    FieldSpec,
    Reader,
    Refusal,
    Unreadable,
    event_reader,
    lead_reader,
    read_event,
    read_instant,
    read_lead,
)
from ..dsl.problems import Problem, Severity
from ..dsl.result import AccountEvaluation, Choice, Evaluation, Reason, Result
from ..dsl.source import Source
from ..dsl.values import decimal_of, instant, moment_of
from .errors import DataError, PolicyError, ScorecError
from .folder import NO_FOLDER, Folder, folder_of, read_policy
from .layout import decode
from .pipeline import Analysis, analyze
from .reasons import Vocabulary, vocabulary
from .wording import points_text, spoken

if TYPE_CHECKING:
    from .engines.incremental import State as EngineState
    from .engines.python import Engine

Moment: TypeAlias = str | datetime | date
"""An instant: ISO text, a datetime, or a date (its midnight). Without a zone it is in the policy's time zone."""

Record: TypeAlias = Mapping[str, Any]
"""A lead or an event as an application holds it: values by field name, or by the column that `from` gives."""


# ------------------------------------------------------------------ loading


def load(
    path: str | os.PathLike[str], *, release: str | None = None, as_released_on: str | date | None = None
) -> Policy:
    """Reads and checks the policy in a file. Libraries and list files are looked for beside it.

        policy = scorec.load("inbound.score")

    With `release`, the policy as that version of it was released; with `as_released_on`, the release that was in force
    on that day. Then the text in the file does not matter, and neither does what stands beside it: the release's
    record holds everything.

        then = scorec.load("inbound.score", as_released_on="2026-03-01")

    Raises `PolicyError`, with all problems, if the policy has errors, and `ScorecError` if the file cannot be read, or
    the release is not there or its record was edited by hand.
    """
    if release is None and as_released_on is None:
        return policy_of(analyze_file(path))
    from .releases import chosen

    return chosen(path, release, as_released_on).policy()


def loads(text: str, *, name: str = "policy.score", folder: str | os.PathLike[str] | None = None) -> Policy:
    """Checks the policy in a text. `name` is what messages call it. `folder` holds its libraries and list files;
    without one it can use the standard libraries only.

    Raises `PolicyError`, with all problems, if the policy has errors.
    """
    return policy_of(analyze_text(text, name, _folder(folder)))


def check(
    text: str,
    *,
    name: str = "policy.score",
    folder: str | os.PathLike[str] | None = None,
    today: date | None = None,
) -> tuple[Problem, ...]:
    """Everything that is to be said about the policy or library in a text, errors and lint, in the order of the text;
    () if nothing is. Never raises for what an author wrote.

        for problem in scorec.check(text):
            print(problem.code, problem.message())

    With a `folder`, the nearest `scorec.toml`, or `[tool.scorec]` in a pyproject.toml, in it or above it holds; raises
    `ScorecError` if that file has mistakes. Comments that allow something until a day have expired as of `today`;
    without it, none has.
    """
    # Here and not above: whoever scores leads has no need of the rules.
    from .lint.configuration import Configuration, configuration_of
    from .lint.run import lint
    from .lint.settings import chosen

    file = Path(os.curdir if folder is None else folder) / name
    configuration = Configuration() if folder is None else configuration_of(file)
    return lint(analyze_text(text, name, _folder(folder)), chosen(configuration.of(file), today=today))


def _folder(path: str | os.PathLike[str] | None) -> Folder:
    return NO_FOLDER if path is None else Folder(Path(path), os.fspath(path))


def analyze_file(path: str | os.PathLike[str]) -> Analysis:
    """Reads and checks a file. Raises `ScorecError` if it cannot be read; a file that is no text is a problem."""
    name = os.fspath(path)
    source = decode(name, read_policy(path))
    if not isinstance(source, Source):
        return Analysis(Source(name, ""), {}, None, None, source)
    folder = folder_of(path, source.text)
    return analyze(source, folder.library, folder.list_file)


def analyze_text(text: str, name: str, folder: Folder) -> Analysis:
    return analyze(Source(name, text), folder.library, folder.list_file)


def is_library(analysis: Analysis) -> bool:
    """Whether a file says of itself that it is a library."""
    file = analysis.parsed.file if analysis.parsed is not None else None
    return file is not None and file.header is not None and file.header.kind == "library"


def policy_of(analysis: Analysis) -> Policy:
    """The policy that was checked. Raises `PolicyError` if it has errors."""
    errors = [problem for problem in analysis.problems if problem.severity is Severity.ERROR]
    if not errors and is_library(analysis):
        raise ScorecError(f"{analysis.source.name} is a library: it scores nobody by itself, a policy has to `use` it")
    if errors or analysis.program is None:
        raise PolicyError(analysis.source.name, analysis.problems, analysis.sources)
    return Policy(analysis.program, analysis.sources, analysis.problems)


# ------------------------------------------------------------------ the policy


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert that fired between two results: its name, who should hear, and what happened in words."""

    name: str
    to: str
    text: str


@dataclass(frozen=True, slots=True)
class AccountResult:
    """The result for one account. `key` is in lower case; `leads` is how many leads it has."""

    key: str
    leads: int
    at: datetime
    scores: Mapping[str, Decimal | None]
    bands: Mapping[str, str]
    decisions: Mapping[str, str]
    gates: Mapping[str, tuple[str, ...]]


class Policy:
    """A checked policy, ready to score leads. Made by `scorec.load` or `scorec.loads`.

    A policy is a pure function of a lead, its events and an instant: the same facts give the same result, today and in
    five years. It holds no state and may be shared by threads.
    """

    def __init__(self, program: ir.Program, sources: Mapping[str, Source], problems: tuple[Problem, ...]) -> None:
        self.program = program
        self.sources = sources
        self.problems = problems
        """Warnings and remarks; a policy with errors cannot be loaded."""
        self.name: str = program.name
        self.version: str = program.version
        self.fingerprint: str = program.fingerprint
        self.zone = ZoneInfo(program.timezone)
        self.lead_specs: tuple[FieldSpec, ...] = tuple(map(_spec, program.fields))
        self.event_kinds: Mapping[str, tuple[str, tuple[FieldSpec, ...]]] = _kinds(program)

    def __repr__(self) -> str:
        return f"<scorec.Policy {self.name} {self.version}>"

    @cached_property
    def engine(self) -> Engine:
        """The generated function, made when it is first needed."""
        from .engines.python import load as load_engine

        return load_engine(self.program)

    @cached_property
    def lead_at_once(self) -> Reader:
        """A lead in which nothing is wrong; None where `read_lead` has to say what is."""
        return lead_reader(self.lead_specs, self.zone)

    @cached_property
    def event_at_once(self) -> Reader:
        """An event in which nothing is wrong; None where `read_event` has to look closer."""
        return event_reader(self.event_kinds, self.zone)

    @cached_property
    def words(self) -> Vocabulary:
        return vocabulary(self.program)

    # -------------------------------------------------------------- one lead

    def score(self, lead: Record, events: Iterable[Record] = (), at: Moment | None = None) -> Result:
        """Scores one lead at an instant: `at`, or now.

        `lead` has values by field name (or by the column that `from` gives); what it lacks, or has as None or "", is
        missing; names that the policy does not know are left alone. Each event has `event` (its kind), `at` (its
        instant) and its properties. Events after `at`, and of kinds that the policy does not know, do not count.

            result = policy.score(
                {"email": "ann@corp.example", "employees": 1200},
                events=[{"event": "page_view", "at": "2026-03-01T10:00Z", "url": "/pricing"}],
                at="2026-03-02",
            )
            result.bands["readiness"]

        Raises `DataError`, with all reasons, if a value cannot be read: a text where a number belongs, an impossible
        date, a required field that is missing.
        """
        clean = self._lead(lead)
        happened = self._events(events)
        now = self.instant(at)
        engine = self.engine
        raw = engine.score_with_reasons(clean, happened, now)
        return _Scored(self, (clean, happened, now), lambda: engine.evaluation(raw))

    def start(self, lead: Record, events: Iterable[Record] = ()) -> State:
        """The running state of one lead: add events as they arrive, in any order, and score at any instant.

            state = policy.start({"email": "ann@corp.example"})
            state.add({"event": "page_view", "at": "2026-03-01T10:00Z", "url": "/pricing"})
            state.score("2026-03-02").scores["engagement"]

        Raises `DataError` like `score`.
        """
        return State(self, self._lead(lead), self._events(events))

    def record(
        self,
        lead: Record,
        events: Iterable[Record] = (),
        at: Moment | None = None,
        *,
        mask: Iterable[str] = (),
        mask_key: bytes | None = None,
    ) -> dict[str, Any]:
        """Scores one lead and gives the record of the decision, ready for `json.dumps`: the policy with its version and
        fingerprint, the instant, the clean facts, and the result. A log of such lines is read by `scorec replay`.

            line = json.dumps(policy.record(ann, events=[view], at="2026-03-02", mask=["email"], mask_key=secret))

        In place of what `mask` names (`email`, `page_view.url`) stands a SHA-256 digest, keyed with `mask_key` where
        there is one. If the policy reads it, the record says `"reproducible": false`.

        Raises `DataError` like `score`, and `ScorecError` for a name that is not there to be masked.
        """
        from .batch import key_text
        from .records import mask_of, recorder

        make = recorder(self, mask_of(self, mask, mask_key))
        clean, happened, now = self._lead(lead), self._events(events), self.instant(at)
        key = key_text(lead.get(self.program.key))
        made: dict[str, Any] = make(key, clean, happened, now, self.engine.evaluate_with_reasons(clean, happened, now))
        return made

    # -------------------------------------------------------------- accounts, alerts

    def score_accounts(
        self, leads: Iterable[tuple[Record, Iterable[Record]]], at: Moment | None = None
    ) -> tuple[AccountResult, ...]:
        """Rolls leads, each with its events, up into accounts, sorted by key; () if the policy has no `account`.

            policy.score_accounts([(ann, anns_events), (bob, [])], at="2026-03-02")

        Raises `DataError` like `score`.
        """
        now = self.instant(at)
        clean = [(self._lead(lead), self._events(events)) for lead, events in leads]
        return tuple(_account_result(account, now) for account in self.engine.accounts(clean, now))

    def alerts(self, before: Result | None, after: Result) -> tuple[Alert, ...]:
        """The alerts that fire between two results of one lead, in the order of the policy. Without a result before,
        everything that is so now is new.

            for alert in policy.alerts(yesterday, today):
                send(alert.to, alert.text)
        """
        return tuple(
            Alert(alert.name, alert.to, text)
            for alert in self.program.alerts
            if (text := _fires(alert, before, after)) is not None
        )

    # -------------------------------------------------------------- tables

    def score_table(
        self,
        leads: Any,
        events: Any = None,
        at: Moment | None = None,
        *,
        reasons: bool = False,
        audience: str | None = None,
        rejected: list[Any] | None = None,
        memory: str | None = None,
        threads: int | None = None,
    ) -> Any:
        """Scores a table of leads and gives a `pyarrow.Table`: a row for each lead, in their order.

        `leads` is a path (or a pattern, `leads/*.parquet`) of CSV, JSON lines or Parquet, an Arrow table, a pandas or
        Polars DataFrame, or a list of dicts; so is `events`, or a list of such, or a dict with one for each kind of
        event (`{"page_view": views}`). The columns are those of `scorec score`: the key as text, scores as
        `decimal128(18, 4)` points, bands and decisions as text, completeness, policy, version, fingerprint, as_of; and
        with `reasons` a list of (rule, points).

        A row that cannot be read raises `DataError`, unless a list is given as `rejected`: then it goes there, as a
        record with file, row, key, column, value and reason, and the others are scored.

        `memory` ("2GB") and `threads` are limits. Rows run in DuckDB, where one pass over the events is made; the
        results are those of `score`.

            table = policy.score_table("leads.parquet", events="events.parquet", at="2026-03-02")
        """
        from .arrow_tables import score_to_arrow
        from .duckdb_tables.session import Settings

        settings = Settings(memory, threads)
        return score_to_arrow(self, leads, events, self.instant(at), audience, reasons, rejected, settings)

    def to_spark(self, leads: Any, events: Any = None, at: Moment | None = None, *, reasons: bool = False) -> Any:
        """Scores a Spark DataFrame of leads with one of events and gives a DataFrame, which Spark computes where the
        data are; nothing comes to the driver. The columns are those of `score_table`.

        The columns of the frames have the types that the policy declares (numbers, booleans, dates, timestamps, arrays
        of strings). A row with a missing key, a key that stands in several rows, a required field that is missing or a
        value that is not declared is not scored: `to_spark_rejected` counts such rows.

            scored = policy.to_spark(spark.table("crm.leads"), spark.table("web.events"), at="2026-03-02")
        """
        from .spark_frames import score_frames

        return score_frames(self, leads, events, self.instant(at), reasons)

    def to_spark_rejected(self, leads: Any, events: Any = None, at: Moment | None = None) -> Any:
        """How many rows `to_spark` does not use, and why: a DataFrame of (what, refused_because, how_many,
        first_lead_key)."""
        from .spark_frames import rejected_frames

        return rejected_frames(self, leads, events, self.instant(at))

    # -------------------------------------------------------------- building

    def to_python(self) -> str:
        """The policy as the text of a Python module that needs nothing installed."""
        from .vendored import vendored_module

        source = self.program.scores[0].span.source if self.program.scores else ""
        return vendored_module(self.program, policy_text_name=Path(source).name)

    def to_sql(
        self,
        dialect: str,
        *,
        at: Moment | None = None,
        leads: str = "leads",
        events: str = "events",
        reasons: bool = False,
        accounts: bool = False,
    ) -> str:
        """The policy as one SQL statement that scores the tables `leads` and `events` of a database where they are: one
        row for each lead, or each account. Without `at` it scores as of the time at which it runs.

            policy.to_sql("duckdb", leads="crm.leads", events="web.events", reasons=True)

        The dialects are bigquery, databricks, duckdb, postgres, redshift, snowflake, spark and trino. Raises
        `ScorecError`, with the place in the policy, for what a dialect cannot say exactly.
        """
        from .sql_text import Tables, accounts_sql, leads_sql

        tables = Tables(leads, events, None if at is None else self.instant(at))
        if accounts:
            return accounts_sql(self, dialect, tables)
        return leads_sql(self, dialect, tables, reasons=reasons)

    def to_json(self) -> str:
        """The checked policy as JSON: names resolved, units settled, templates expanded."""
        from .json_form import program_json

        return program_json(self.program)

    # -------------------------------------------------------------- reading

    def _lead(self, lead: Record) -> dict[str, Clean]:
        if not hasattr(lead, "get"):
            raise DataError(f"this {self.program.subject}", (("", lead, _no_record(lead)),))
        clean = self.lead_at_once(lead)
        if clean is None:
            clean, refusals = read_lead(self.lead_specs, self.zone, lead)
            if refusals:
                raise DataError(f"this {self.program.subject}", tuple(refusals))
        return clean

    def _events(self, events: Iterable[Record]) -> list[dict[str, Clean]]:
        given = events if isinstance(events, list | tuple) else list(events)
        try:
            at_once = list(map(self.event_at_once, given))
        except AttributeError:
            if isinstance(events, Mapping):
                raise DataError("these events", (("", events, "this is one event: put it in a list"),)) from None
            others = [(n, event) for n, event in enumerate(given, 1) if not hasattr(event, "get")]
            if not others:
                raise
            raise DataError("these events", tuple((f"event {n}", it, _no_record(it)) for n, it in others)) from None
        clean = [read for read in at_once if read is not None]
        return clean if len(clean) == len(at_once) else self._events_looked_at(given, at_once)

    def _events_looked_at(
        self, events: Sequence[Record], at_once: Sequence[dict[str, Clean] | None]
    ) -> list[dict[str, Clean]]:
        kinds, zone = self.event_kinds, self.zone
        clean: list[dict[str, Clean]] = []
        refused: list[Refusal] = []
        for number, (event, read) in enumerate(zip(events, at_once, strict=True), 1):
            refusals: list[Refusal] = []
            if read is None:
                read, refusals = read_event(kinds, zone, event)
            if read is not None:
                clean.append(read)
            elif refusals[0][2] != UNDECLARED:
                refused += [(f"event {number}, {column}", value, reason) for column, value, reason in refusals]
        if refused:
            raise DataError("these events", tuple(refused))
        return clean

    def clean_event(self, event: Record) -> dict[str, Clean] | None:
        if not hasattr(event, "get"):
            raise DataError("this event", (("", event, _no_record(event)),))
        clean = self.event_at_once(event)
        if clean is None:
            clean, refusals = read_event(self.event_kinds, self.zone, event)
            if clean is None and refusals[0][2] != UNDECLARED:
                raise DataError("this event", tuple(refusals))
        return clean

    def instant(self, at: Moment | None) -> int:
        if at is None:
            return instant(datetime.now(timezone.utc))
        try:
            return read_instant(at, self.zone)
        except Unreadable as why:
            raise DataError("the as-of instant", (("at", at, str(why)),)) from None


def _spec(field: ir.Field) -> FieldSpec:
    return field.name, field.kind.value, field.required, field.column, field.values


def _kinds(program: ir.Program) -> dict[str, tuple[str, tuple[FieldSpec, ...]]]:
    """Event kinds by their name in the data, and by their name in the policy."""
    kinds: dict[str, tuple[str, tuple[FieldSpec, ...]]] = {}
    for event in program.events:
        kinds[event.name] = (event.name, tuple(map(_spec, event.properties)))
    for event in program.events:
        kinds[event.source or event.name] = kinds[event.name]
    return kinds


# ------------------------------------------------------------------ state


class State:
    """The running state of one lead, made by `Policy.start`. It is not safe to share between threads.

    It keeps of the events what the policy's rules can still need, and no more: a counter where events only count, the
    instants inside a window, the newest N, the values that were seen.
    """

    def __init__(self, policy: Policy, lead: dict[str, Clean], events: list[dict[str, Clean]]) -> None:
        from .engines.incremental import State as EngineState

        self._policy = policy
        self._lead = lead
        self._turn = 0
        self._state: EngineState = EngineState(policy.program, lead)
        for event in events:
            self._add(event)

    def add(self, event: Record) -> None:
        """Takes in one event: `event` (its kind), `at` (its instant) and its properties. Order does not matter; events
        of kinds that the policy does not know are left out. Raises `DataError` if a value cannot be read."""
        clean = self._policy.clean_event(event)
        if clean is not None:
            self._add(clean)

    def score(self, at: Moment | None = None) -> Result:
        """The same result as `Policy.score` gives for the same lead, all events so far, and the same instant. Instants
        may not go backwards: `DataError`.

        Only `next_change` differs. The state has forgotten the events, and so cannot look ahead: it gives the next
        instant at which the result may change, and nothing changes before it. Ask for it before you add an event or
        score again; afterwards it raises `ScorecError`.
        """
        now = self._policy.instant(at)
        try:
            evaluation = self._state.evaluate_with_reasons(now)
        except ValueError as why:
            raise DataError("the as-of instant", (("at", at, str(why)),)) from None
        self._turn += 1
        ahead = partial(self._next_possible_change, self._turn, now)
        return _Scored(self._policy, (self._lead, [], now), lambda: evaluation, ahead)

    def _add(self, event: dict[str, Clean]) -> None:
        self._turn += 1
        self._state.add(event)

    def _next_possible_change(self, turn: int, at: int) -> int | None:
        from .engines.changes import next_possible_change

        if turn != self._turn:
            raise ScorecError("this result's state has gone on: ask for `next_change` before adding or scoring again")
        return next_possible_change(self._state, self._lead, at)


# ------------------------------------------------------------------ results

Facts: TypeAlias = tuple[dict[str, Clean], list[dict[str, Clean]], int]


class _Scored(Result):
    """A result that is put into names and decimals where it is looked at: most callers look at a few things only, and
    a whole result costs more than the scoring."""

    __slots__ = ("_ahead", "_evaluate", "_evaluated", "_facts", "_made", "_policy")
    _policy: Policy
    _facts: Facts
    _evaluate: Callable[[], Evaluation]
    _ahead: Callable[[], int | None] | None
    _evaluated: Evaluation | None
    _made: dict[str, Any]

    def __init__(
        self,
        policy: Policy,
        facts: Facts,
        evaluate: Callable[[], Evaluation],
        ahead: Callable[[], int | None] | None = None,
    ) -> None:
        put = object.__setattr__
        put(self, "_policy", policy)
        put(self, "_facts", facts)
        put(self, "_evaluate", evaluate)
        put(self, "_ahead", ahead)
        put(self, "_evaluated", None)
        put(self, "_made", {})

    @property
    def _evaluation(self) -> Evaluation:
        found = self._evaluated
        if found is None:
            found = self._evaluate()
            object.__setattr__(self, "_evaluated", found)
        return found

    def _once(self, name: str, make: Callable[[], Any]) -> Any:
        if name not in self._made:
            self._made[name] = make()
        return self._made[name]

    @property
    def policy(self) -> str:
        return self._policy.name

    @property
    def version(self) -> str:
        return self._policy.version

    @property
    def fingerprint(self) -> str:
        return self._policy.fingerprint

    @property
    def at(self) -> datetime:
        return moment_of(self._facts[2])

    @property
    def scores(self) -> Mapping[str, Decimal | None]:
        scores = self._evaluation.scores
        made: Mapping[str, Decimal | None] = self._once(
            "scores", lambda: {name: _decimal(ticks) for name, ticks in scores.items()}
        )
        return made

    @property
    def bands(self) -> Mapping[str, str]:
        return self._evaluation.bands

    @property
    def gates(self) -> Mapping[str, tuple[str, ...]]:
        return self._evaluation.gates

    @property
    def decisions(self) -> Mapping[str, str]:
        decisions = self._evaluation.decisions
        made: Mapping[str, str] = self._once(
            "decisions", lambda: {name: chosen[0] for name, chosen in decisions.items()}
        )
        return made

    @property
    def choices(self) -> Mapping[str, Choice]:
        decisions = self._evaluation.decisions
        made: Mapping[str, Choice] = self._once(
            "choices", lambda: {name: Choice(*chosen) for name, chosen in decisions.items()}
        )
        return made

    @property
    def reasons(self) -> tuple[Reason, ...]:
        lines, words = self._evaluation.lines or (), self._policy.words
        made: tuple[Reason, ...] = self._once("reasons", lambda: tuple(words.reason_of(line) for line in lines))
        return made

    @property
    def completeness(self) -> Decimal:
        return decimal_of(self._evaluation.completeness)

    @property
    def _next(self) -> Callable[[], datetime | None]:
        return self._next_change

    def _next_change(self) -> datetime | None:
        made: datetime | None = self._once("next_change", self._look_ahead)
        return made

    def _look_ahead(self) -> datetime | None:
        from .engines.changes import next_change

        micros = self._ahead() if self._ahead is not None else next_change(self._policy.program, *self._facts)
        return None if micros is None else moment_of(micros)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Result):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in _COMPARED)

    def __reduce__(self) -> tuple[Any, ...]:
        """As the plain result that it stands for, so that it can be sent to another process."""
        named = {name: getattr(self, name) for name in _COMPARED}
        return partial(Result, **named, _next=partial(_known, self.next_change)), ()


_COMPARED = tuple(field.name for field in fields(Result) if field.compare)


def _no_record(given: object) -> str:
    return f"a mapping of names to values is wanted, such as a dict, and this is a {type(given).__name__}"


def _known(moment: datetime | None) -> datetime | None:
    return moment


def _account_result(account: AccountEvaluation, at: int) -> AccountResult:
    return AccountResult(
        key=account.key,
        leads=account.leads,
        at=moment_of(at),
        scores={name: _decimal(ticks) for name, ticks in account.scores.items()},
        bands=account.bands,
        decisions=account.decisions,
        gates=account.gates,
    )


def _decimal(ticks: int | None) -> Decimal | None:
    return None if ticks is None else decimal_of(ticks)


def _fires(alert: ir.Alert, before: Result | None, after: Result) -> str | None:
    """What happened, in words, if the alert fires."""
    name = alert.watched
    if alert.change in ("becomes", "leaves"):
        return label_alert(alert, _label(name, before), _label(name, after))
    return score_alert(alert, None if before is None else before.scores.get(name), after.scores.get(name))


def label_alert(alert: ir.Alert, was: str | None, is_: str | None) -> str | None:
    """What happened to a band or a decision, in words, if the alert that watches it fires."""
    value = alert.value
    if alert.change == "becomes":
        fires = is_ == value and was != value
    else:
        fires = was == value and is_ != value
    return f"{spoken(alert.watched)} {alert.change} {value}: was {was or 'not known'}, is {is_}" if fires else None


def score_alert(alert: ir.Alert, old: Decimal | None, new: Decimal | None) -> str | None:
    """What happened to a score, in words, if the alert that watches it fires."""
    name, value = alert.watched, alert.value
    assert isinstance(value, int)
    limit = decimal_of(value)
    if new is None:
        return None
    if alert.change == "rises above":
        fires = new > limit and not (old is not None and old > limit)
    else:
        fires = new < limit and not (old is not None and old < limit)
    was = "not known" if old is None else str(old)
    return f"{spoken(name)} {alert.change} {points_text(value)}: was {was}, is {new}" if fires else None


def _label(name: str, result: Result | None) -> str | None:
    if result is None:
        return None
    return result.bands.get(name) or result.decisions.get(name)
