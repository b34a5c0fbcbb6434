"""Scores whole tables in DuckDB: files and frames are read by its scans, the policy is one statement, and only rows in
which something is odd are looked at in Python.

The results are those of the Python engine to the last digit, in the order of the leads. Memory stays within the limit
that is given: what does not fit goes to a folder of its own, which is removed in the end.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlglot import exp

from ..batch import AccountShape, Reject, Shape, Summary
from ..engines.sql.lowering import Ground, Lowered, lower, lower_accounts
from ..policy import Policy
from ..scans import Frame, Watch
from . import again, results
from .clean import EVENTS, LEADS, CleanTables, columns_of
from .events import EventInput, read_events
from .leads import read_leads
from .session import Session, Settings, said


class Run:
    """One run: read the leads, read the events, score. `with Run(...) as run:` leaves nothing behind."""

    def __init__(
        self,
        policy: Policy,
        at: int,
        summary: Summary,
        reject: Reject,
        settings: Settings | None = None,
        watch: Watch | None = None,
    ) -> None:
        self.policy, self.summary, self.reject = policy, summary, reject
        self.session = Session(settings or Settings(), watch)
        self.clean = CleanTables(policy, at, columns_of(policy.program))
        self._lowered: tuple[Lowered, bool] | None = None
        """the results, and whether with reasons, if the data call the kinds of events what the policy does"""

    def __enter__(self) -> Run:
        return self

    def __exit__(self, kind: object, failure: BaseException | None, trace: object) -> None:
        self.session.close()
        told = None if failure is None else said(failure)
        if told is not None and told is not failure:
            raise told from None

    def check(self, reasons: bool = True) -> None:
        """Raises `CannotSay` for a policy that has no exact form in SQL, before anything is read."""
        # As if the data called every kind of event what the policy does: then this is the statement that is run.
        self.clean.words = self.clean.declared_words()
        self._lowered = lower(self.policy.program, self.ground(), reasons), reasons
        if self.policy.program.account is not None:
            lower_accounts(self.policy.program, self.ground())
        self.clean.words = {}

    def read_leads(self, source: Path | str | Frame) -> None:
        read_leads(self.session, self.clean, source, self.summary, self.reject)

    def read_events(self, inputs: Sequence[EventInput]) -> None:
        read_events(self.session, self.clean, inputs, self.summary, self.reject)

    def ground(self, leads: str = LEADS, events: str = EVENTS) -> Ground:
        """What a statement about the tables that were read stands on."""
        return self.clean.ground(leads, events)

    # -------------------------------------------------------------- scoring

    def score(self, shape: Shape) -> None:
        """Makes the table of results."""
        declared = self.clean.declared_words()
        as_declared = all(words <= declared.get(kind, set()) for kind, words in self.clean.words.items())
        if self._lowered is not None and self._lowered[1] == shape.reasons and as_declared:
            lowered, _ = self._lowered
        else:
            lowered = lower(self.policy.program, self.ground(), shape.reasons)
        results.score(self.session, self.clean, lowered, shape)
        results.count_results(self.session, self.policy.program, self.summary)

    def score_again(self, shape: Shape, previous: Path | None) -> None:
        """Makes the table of results, and what a later run needs to score only what may have changed; with the result
        of such a run, only that is scored."""
        again.score_again(self.session, self.clean, shape, previous, self.summary)
        results.count_results(self.session, self.policy.program, self.summary)

    # -------------------------------------------------------------- what came out

    def shown(self, shape: Shape) -> exp.Query:
        """The result as it is shown, in the order of the leads."""
        return results.shown(self.session, self.clean, shape)

    def rows(self, shape: Shape) -> Iterator[list[Any]]:
        """The result row by row, as writers take it."""
        return results.rows(self.session, self.clean, shape)

    def write(self, shape: Shape, path: Path) -> bool:
        """Writes the result to a Parquet or CSV file; False for another format."""
        return results.write(self.session, self.clean, shape, path)

    def write_with_state(self, shape: Shape, path: Path) -> None:
        """Writes the result of `score_again` to a Parquet file."""
        again.write_with_state(self.session, self.clean, shape, path)

    def accounts(self, shape: AccountShape) -> list[list[Any]]:
        """The accounts, sorted by their key, as writers take them."""
        return results.accounts(self.session, self.clean, shape, self.summary)
