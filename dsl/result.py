"""What scoring one lead gives: the result that every engine returns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Reason:
    """One line of the account of a score. Over all lines of one score (those whose `score` it is) the points add
    up to it.

    `rule` is the full name: `fit.student` for a rule, `engagement.mail` for what a group's limit took away or added,
    `fit.start`, `engagement.silence`, `fit.cap`, `fit.floor`, `fit.rounding`, `fit.range` for the steps of the
    score itself.
    `points` is what this line adds, after the rule's own limits. `before` is what it was before them (None where
    nothing was cut), and `cut` says in words what cut it.
    """

    score: str
    rule: str
    points: Decimal
    text: str = ""
    before: Decimal | None = None
    cut: str | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """How a decision came about: the outcome, the row that chose it (counted from 1 in the policy's text), and the
    rows
    (by number) that matched before it with the gates that barred them."""

    outcome: str
    row: int
    barred: tuple[tuple[int, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """The result for one lead at one instant.

    `scores` are exact decimals with at most four decimals (None only for a derived score whose parts are all
    missing);
    `bands` and `decisions` are the names that the policy gave; `gates` tells for each gate which outcomes it bars;
    `completeness` is the share, from 0 to 1, of the fields that the policy reads and that are known.
    """

    policy: str
    version: str
    fingerprint: str
    at: datetime
    scores: Mapping[str, Decimal | None]
    bands: Mapping[str, str]
    decisions: Mapping[str, str]
    choices: Mapping[str, Choice]
    gates: Mapping[str, tuple[str, ...]]
    reasons: tuple[Reason, ...]
    completeness: Decimal
    _next: Callable[[], datetime | None] = field(repr=False, compare=False, default=lambda: None)

    @property
    def next_change(self) -> datetime | None:
        """The next instant at which this result changes without any new event; None if it never does."""
        return self._next()

    def fired(self, rule: str) -> bool:
        """Whether a rule (`fit.student`) gave points, or took some."""
        return any(reason.rule == rule for reason in self.reasons)


# ------------------------------------------------------------------ what engines return


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the account of a score, in ticks.

    `step` is `rule`, or the step that changed the running value: `start`, `most`, `least`, `counting` (of a group),
    `silence`, `floor`, `cap`, `rounding`, `range` (of a score), `body` (the value of a score that is an expression).
    `rule` is the full name that `Reason.rule` shows: the rule's or group's, `fit.start` and so on for the score's
    steps,
    and for `body` the score's own name. `ticks` is what the line adds. `before` is, for a rule, its points before
    `at most N points` where that changed them (else None); for a step other than `start` and `body`, the running
    value it changed.
    A line stands here exactly if its rule has fired, or its step changed the value (`start`: is not 0; `body`:
    always).
    """

    score: str
    rule: str
    step: str
    ticks: int
    before: int | None = None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What every engine gives for one lead, to be compared to the last digit.

    `scores` in ticks and in the order of `Program.declared_scores`; `decisions` map to (outcome, row, barred rows)
    as in
    `Choice`, in the order of `Program.declared_decisions`; `gates` map every gate to the outcomes that it bars, in
    the
    order of its lines without repetition; `completeness` in ticks: divide(10000 x known, all), 10000 if nothing is
    read. `lines` are in
    order of `declared_scores`, within a score: start, the rules in the order of the text (a group's own steps
    after its
    members), then the score's steps in their order. `lines` is None where reasons were not asked for, and `barred` is
    then left empty.
    """

    scores: Mapping[str, int | None]
    bands: Mapping[str, str]
    decisions: Mapping[str, tuple[str, int, tuple[tuple[int, tuple[str, ...]], ...]]]
    gates: Mapping[str, tuple[str, ...]]
    completeness: int
    lines: tuple[Line, ...] | None


@dataclass(frozen=True, slots=True)
class AccountEvaluation:
    """The result for one account; `key` is the folded key."""

    key: str
    leads: int
    scores: Mapping[str, int | None]
    bands: Mapping[str, str]
    decisions: Mapping[str, str]
    gates: Mapping[str, tuple[str, ...]]
