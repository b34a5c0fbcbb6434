"""The typed core: what a policy means once every name is resolved, every unit settled and every template expanded.

`compiler/check.py` builds it, `dsl/semantics.py` says what it means, engines turn it into something that runs.
Nothing
here needs a scope: an expression stands alone. Points are ticks (`values.TICKS` in a point), durations and
instants are
microseconds, texts in constants are trimmed and folded. Every node keeps the span it came from.
"""

from __future__ import annotations

import dataclasses
from dataclasses import field
from enum import Enum
from fractions import Fraction
from typing import Literal, TypeAlias

from .frozen import frozen
from .source import NOWHERE, Span

# ------------------------------------------------------------------ types


class Kind(Enum):
    """What a value is to the language."""

    TEXT = "text"
    NUMBER = "number"
    """an IEEE double: a `number` field or property, and arithmetic on one"""
    EXACT = "exact number"
    """ticks: scores, counts, sums and averages of properties, ages, literals among them; four decimals, no
    rounding errors"""
    FLAG = "yes/no"
    DATE = "date"
    """an instant: the midnight that begins the day in the policy's time zone"""
    TIME = "time"
    TEXTS = "list of text"
    LABEL = "label"
    """a row of a band, or an outcome of a decision; as text exactly as declared"""


# ------------------------------------------------------------------ facts


@frozen
class Field:
    """A lead's attribute, or an event's property. `values` are the allowed ones (as written) where the type is
    `one of`;
    such a field is TEXT. `column` is its name in the source."""

    name: str
    kind: Kind
    required: bool = False
    column: str = ""
    values: tuple[str, ...] | None = None
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@frozen
class EventKind:
    """A kind of event; `source` is its name in the data."""

    name: str
    source: str
    properties: tuple[Field, ...]
    span: Span = field(default=NOWHERE, compare=False, repr=False)


# ------------------------------------------------------------------ expressions


@frozen
class Node:
    """An expression. `kind` is its type; any expression may be missing (None at run time)."""

    kind: Kind
    span: Span = field(default=NOWHERE, compare=False, repr=False, kw_only=True)


@frozen
class Const(Node):
    """A literal: folded str (TEXT), str as declared (LABEL), float (NUMBER), ticks (EXACT), bool (FLAG), micros
    (DATE, TIME).
    None is the literal that is missing."""

    value: str | float | int | bool | None


@frozen
class FieldOf(Node):
    """An attribute of the lead."""

    name: str


@frozen
class PropertyOf(Node):
    """A property of the event in scope; only inside a `where` of events."""

    name: str


@frozen
class ScoreOf(Node):
    """A score (EXACT), as it was `ago` microseconds before the as-of instant (0: now)."""

    name: str
    ago: int = 0


@frozen
class BandOf(Node):
    """The band's row that the lead is in (LABEL)."""

    name: str


@frozen
class DecisionOf(Node):
    """The outcome of a decision (LABEL)."""

    name: str


@frozen
class And(Node):
    """Kleene `and` over two or more FLAGs."""

    items: tuple[Expr, ...]


@frozen
class Or(Node):
    """Kleene `or` over two or more FLAGs."""

    items: tuple[Expr, ...]


@frozen
class Not(Node):
    item: Expr


Sign: TypeAlias = Literal["<", "<=", ">", ">=", "==", "!="]


@frozen
class Compare(Node):
    """Two values of one kind, or one NUMBER and one EXACT: then the ticks are divided by 10,000 as doubles.

    Order is offered for NUMBER, EXACT, DATE and TIME (DATE and TIME are both instants and compare with each other);
    `==` and `!=` for every kind but TEXTS. Texts compare trimmed and folded. Missing on either side: missing.
    """

    sign: Sign
    left: Expr
    right: Expr


@frozen
class IsMissing(Node):
    """Always yes or no."""

    item: Expr


@frozen
class InSet(Node):
    """Membership of constants of the item's kind: folded texts, doubles (an EXACT item is compared as in Compare),
    LABELs.
    `values` is sorted and has no duplicates. A missing item: missing. `not in` is Not(InSet)."""

    item: Expr
    values: tuple[str, ...] | tuple[float, ...]


class TextOp(Enum):
    CONTAINS = "contains"
    STARTS_WITH = "starts with"
    ENDS_WITH = "ends with"
    LIKE = "like"
    HAS_WORD = "has word"
    HAS = "has"


@frozen
class TextTest(Node):
    """A text (TEXTS for HAS) tested against constant needles, one of which (`every` False) or all of which must fit.

    Needles are folded, for HAS_WORD they are `values.words_of` texts (' vp '), for LIKE patterns. Missing item:
    missing.
    """

    op: TextOp
    item: Expr
    needles: tuple[str, ...]
    every: bool


class Op(Enum):
    """Arithmetic and functions. EXACT stands for ticks, NUMBER for a double; missing in, missing out unless said."""

    ADD = "+"
    """EXACT + EXACT in ticks; NUMBER + NUMBER as doubles (ticks become doubles by / 10000 through TO_NUMBER)"""
    SUBTRACT = "-"
    """of two, as ADD"""
    MULTIPLY = "*"
    """doubles only; a product that is not finite is missing (the same for ADD, SUBTRACT, DIVIDE of doubles)"""
    DIVIDE = "/"
    """doubles only; by zero is missing"""
    TO_NUMBER = "to number"
    """EXACT -> NUMBER: ticks / 10000.0"""
    TO_EXACT = "to exact"
    """NUMBER -> EXACT: values.ticks_of"""
    MIN = "min"
    MAX = "max"
    """of two or more values of one kind (NUMBER or EXACT); missing if any is missing"""
    ABS = "abs"
    """NUMBER -> NUMBER, EXACT -> EXACT"""
    SQRT = "sqrt"
    """NUMBER -> NUMBER; of a negative number: missing"""
    ROUND = "round"
    FLOOR = "floor"
    CEIL = "ceil"
    """EXACT -> EXACT, to whole points, as values.rounded does; a NUMBER is brought TO_EXACT first.
    ROUND may have a second argument, Const(EXACT) of 0 to 4 decimals in ticks: half away from zero at that decimal"""
    DOMAIN = "domain"
    LOCAL_PART = "local_part"
    """TEXT -> TEXT"""
    LENGTH = "length"
    WORDS = "words"
    """TEXT -> EXACT: characters of the trimmed text, its words"""
    CAPITALISED = "capitalised"
    """TEXT -> FLAG, on the trimmed text before folding"""
    REPEATS = "repeats"
    """TEXT, Const(EXACT whole n) -> FLAG: some character stands n or more times in a row"""
    IF = "if"
    """FLAG, X, X -> X: the second when the first is true, else the third (an unknown condition takes the third)"""


@frozen
class Call(Node):
    op: Op
    args: tuple[Expr, ...]


@frozen
class Scaled(Node):
    """EXACT x a written factor: values.scale(ticks, numerator, denominator). `60% of fit`, `2 * fit`, `fit / 4`."""

    item: Expr
    factor: Fraction


@frozen
class WeightedMean(Node):
    """EXACT: of the items that are known, sum(weight x ticks) / sum(weights), one rounding half away from zero;
    missing if
    none is known. Items are EXACT; weights are whole numbers > 0 (brought to a common denominator by the checker)."""

    weights: tuple[int, ...]
    items: tuple[Expr, ...]


# -- events


@frozen
class Events:
    """A selection of a lead's events at the as-of instant T.

    kinds: names of event kinds, sorted; for `event` (any kind) all declared kinds.
    An event at instant t is in it when t <= T; and, with `window`, T - t < window; and, with `resets`, t > the newest
    event (<= T) of those kinds, if there is one; and `where` (reading PropertyOf, FieldOf and constants only) is
    true.
    """

    kinds: tuple[str, ...]
    window: int | None = None
    where: Expr | None = None
    resets: tuple[str, ...] = ()


@frozen
class Occurs(Node):
    """FLAG: at least one event is in the selection. `no E` is Not(Occurs). Never missing."""

    events: Events


@frozen
class CountOf(Node):
    """EXACT: how many; with `distinct`, how many different known values of that property (texts folded, numbers as
    doubles)."""

    events: Events
    distinct: str | None = None


@frozen
class AggregateOf(Node):
    """Over the known values of a number property. sum: EXACT, each value brought to ticks, added (0 of nothing).
    average: EXACT, divide(sum, n), missing of nothing. highest, lowest: NUMBER, missing of nothing."""

    word: Literal["sum", "average", "highest", "lowest"]
    prop: str
    events: Events


@frozen
class SinceEvent(Node):
    """EXACT: whole units (`unit` in microseconds) from the first or last event of the selection to T; missing of
    none."""

    unit: int
    which: Literal["first", "last"]
    events: Events


@frozen
class SinceInstant(Node):
    """EXACT: floor((T - item) / unit), negative for an instant to come; item is DATE or TIME."""

    unit: int
    item: Expr


@frozen
class PathTime(Node):
    """EXACT: floor((end - start) / unit) between two selections' first or last events; missing if either has none."""

    unit: int
    start_which: Literal["first", "last"]
    start: Events
    end_which: Literal["first", "last"]
    end: Events


# -- leads of an account


@frozen
class LeadsCount(Node):
    """EXACT: how many leads of the account make `where` true (all, without one). `where` reads one lead's world."""

    where: Expr | None


@frozen
class LeadsOf(Node):
    """EXACT: over a lead score's known values, in the account. `top` N keeps the N largest. sum of nothing is 0,
    average
    (divide), highest and lowest of nothing are missing."""

    word: Literal["sum", "average", "highest", "lowest"]
    score: str
    top: int | None = None


Expr: TypeAlias = (
    Const
    | FieldOf
    | PropertyOf
    | ScoreOf
    | BandOf
    | DecisionOf
    | And
    | Or
    | Not
    | Compare
    | IsMissing
    | InSet
    | TextTest
    | Call
    | Scaled
    | WeightedMean
    | Occurs
    | CountOf
    | AggregateOf
    | SinceEvent
    | SinceInstant
    | PathTime
    | LeadsCount
    | LeadsOf
)


# ------------------------------------------------------------------ scores


@frozen
class Curve:
    """A decay. `unit` is the smallest unit that the rule names, in microseconds; `span` and `after` are whole
    numbers of it.
    At age a (whole units) the share left is that of max(0, a - after): see values.decayed."""

    shape: Literal["halving", "fading", "losing", "keeping"]
    unit: int
    span: int
    percent: Fraction = Fraction(0)
    after: int = 0


@frozen
class When:
    """`when C`: holds if C is true. `unless C` is the same with Not, except that an unknown C lets it hold:
    `unless`."""

    condition: Expr
    unless: bool = False


@frozen
class Otherwise:
    """Holds always (the last member of a `first of`)."""


@frozen
class Each:
    """`for each E ...`. From the selection, in this order: `once_per_property` keeps the newest of each known value of
    a property (events without the value drop out; first, because after it only instants and points matter);
    `once_ever` keeps the newest; `once_per_period` keeps the newest of each calendar period; `at_most` keeps the newest
    N, overall or (`at_most_per`) of each calendar period; `curve` is applied to each.

    A rule's computed points may read the event's properties (PropertyOf); an event for which they are missing drops
    out with the filter. Among equal instants the event with more points (signed) is the newer one, so that the order of
    the input never matters."""

    events: Events
    once_ever: bool = False
    once_per_period: Literal["day", "week", "month"] | None = None
    once_per_property: str | None = None
    at_most: int | None = None
    at_most_per: Literal["day", "week", "month"] | None = None
    curve: Curve | None = None


@frozen
class Per:
    """`per N of X`: the whole number of N in X (floor; X is EXACT, N ticks > 0); nothing where X is missing or
    negative."""

    amount: int
    item: Expr


Trigger: TypeAlias = When | Otherwise | Each | Per


@frozen
class Rule:
    """Signed points with a trigger.

    `points` are ticks, or an EXACT expression (then a missing value gives nothing). The rule's points are: once them
    (When, Otherwise), them decayed for each event kept (Each), them times the whole number (Per); kept within
    ±values.MAX_TICKS, then at most
    `max_points` (a limit on the magnitude: -5 each, at most 20 points, stops at -20). `starts` and `ends` are
    instants: the rule is in force
    for starts <= T < ends.

    A rule *holds* if it is in force and its condition is true; an Each or Per rule, and one with an expression for
    points, if moreover its points are not 0. It has *fired* if it holds (and was chosen, in `first of` or `best
    of`) and
    its points are not 0: exactly then there is a Reason for it.
    """

    name: str
    full_name: str
    label: str
    points: int | Expr
    trigger: Trigger
    max_points: int | None = None
    starts: int | None = None
    ends: int | None = None
    renamed_from: str | None = None
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@frozen
class Group:
    """Members that share limits.

    `sum`: the members' points added. `first`: those of the first member that holds. `best`: the largest among those
    that hold (the earlier one of equals). Then min(most), max(least), then counting (values.scale); each step that
    changes the value is a Reason named after the group. As a member of another group it holds if one of its members
    does.
    """

    kind: Literal["sum", "first", "best"]
    name: str
    full_name: str
    label: str
    most: int | None
    least: int | None
    counting: Fraction | None
    items: tuple[Rule | Group, ...]
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@frozen
class Bound:
    """`cap N when C`, `floor N when C`: applies if C is true."""

    ticks: int
    condition: Expr
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@frozen
class Silence:
    """`decay CURVE of silence`: the sum so far, if positive, decayed at the age of the newest event (of any kind,
    after the
    newest reset). Without any event nothing is taken away."""

    curve: Curve
    events: Events
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@frozen
class Score:
    """A score. With `body` (EXACT) it is an expression, else start + items; then, in this order: silence, floors (the
    highest that applies), caps (the lowest that applies, so a cap beats a floor), rounding, range (±values.MAX_TICKS
    where none is given). Missing only where `body` is, and then nothing else applies."""

    name: str
    label: str
    low: int | None
    high: int | None
    rounding: Literal["rounded", "rounded up", "rounded down"] | None
    body: Expr | None
    start: int
    items: tuple[Rule | Group, ...]
    silence: Silence | None
    floors: tuple[Bound, ...]
    caps: tuple[Bound, ...]
    body_text: str = field(default="", compare=False)
    span: Span = field(default=NOWHERE, compare=False, repr=False)


# ------------------------------------------------------------------ bands, decisions, gates


@frozen
class BandRow:
    """A row: the lead is in it if the score is known and >= limit (EXACT; an unknown limit lets it fall through)."""

    label: str
    limit: Expr
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@frozen
class Band:
    """Rows from the top; `otherwise` is the last label."""

    name: str
    score: str
    label: str
    rows: tuple[BandRow, ...]
    otherwise: str
    span: Span = field(default=NOWHERE, compare=False, repr=False)

    @property
    def labels(self) -> tuple[str, ...]:
        return (*(row.label for row in self.rows), self.otherwise)


@frozen
class Choice:
    """`outcome when C`; `otherwise` has condition None. `row` is its number in the decision, from 1."""

    row: int
    outcome: str
    trigger: When | None
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@frozen
class Grid:
    """The whole pipe table as one row: the outcome for each pair of labels, `cells[i][j]` for the i-th label of
    `by_rows` (in `row_labels`) and the j-th of `by_columns`."""

    row: int
    by_rows: str
    by_columns: str
    row_labels: tuple[str, ...]
    column_labels: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@frozen
class Decision:
    """Rows from the top; the first that matches and whose outcome no gate bars. The last is `otherwise`, which the
    checker
    has seen no gate bar."""

    name: str
    label: str
    rows: tuple[Choice | Grid, ...]
    span: Span = field(default=NOWHERE, compare=False, repr=False)

    @property
    def outcomes(self) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for row in self.rows:
            for outcome in (row.outcome,) if isinstance(row, Choice) else (cell for line in row.cells for cell in line):
                found[outcome] = None
        return tuple(found)


@frozen
class Ban:
    """Bars the outcomes if the trigger holds: `when C` if C is true, `unless C` if C is not true (unknown bars)."""

    outcomes: tuple[str, ...]
    trigger: When
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@frozen
class Gate:
    name: str
    label: str
    bans: tuple[Ban, ...]
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@frozen
class Outcome:
    """Words and a service level (microseconds) for an outcome. Every outcome in use has one, declared or not."""

    name: str
    label: str
    within: int | None
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@frozen
class Alert:
    """`watched` is a band or decision (becomes, leaves: `value` is a label) or a score (rises above, falls below:
    ticks)."""

    name: str
    to: str
    watched: str
    change: Literal["becomes", "leaves", "rises above", "falls below"]
    value: str | int
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@frozen
class Show:
    """What an audience sees: names of scores, bands and decisions; None is everything."""

    audience: str
    names: tuple[str, ...] | None
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@frozen
class Account:
    """Leads rolled up by `key` (TEXT, as shown: the folded value). A lead counts where the key is known and
    `where` true.
    Scores' expressions read LeadsCount, LeadsOf and the account's own scores, bands, decisions."""

    key: Expr
    where: Expr | None
    scores: tuple[Score, ...]
    bands: tuple[Band, ...]
    gates: tuple[Gate, ...]
    decisions: tuple[Decision, ...]
    span: Span = field(default=NOWHERE, compare=False, repr=False)


# ------------------------------------------------------------------ promises, tests


@frozen
class Holds:
    """Never false: true or unknown for every lead. `condition` None: always; else whenever it is true the
    consequence is."""

    condition: Expr | None
    consequence: Expr
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@frozen
class Monotone:
    """More events of a kind, or a higher number field, never lowers (raises) a score."""

    event: str | None
    field: str | None
    verb: Literal["lowers", "raises"]
    score: str
    span: Span = dataclasses.field(default=NOWHERE, compare=False, repr=False)


@frozen
class Promise:
    name: str
    label: str
    vows: tuple[Holds | Monotone, ...]
    span: Span = field(default=NOWHERE, compare=False, repr=False)


Value: TypeAlias = str | float | bool | int | tuple[str, ...] | None
"""A clean value of a field: text trimmed (case kept), double, flag, instant in microseconds, tuple of trimmed
texts, None."""


@frozen
class Happening:
    """One event of a lead, clean: its kind, its instant, and its known properties."""

    kind: str
    at: int
    properties: tuple[tuple[str, Value], ...] = ()


@frozen
class Expectation:
    """`condition` must be true; or, with `rule`, that rule must have fired (not fired, where `negated`)."""

    condition: Expr | None
    rule: str | None
    negated: bool
    text: str = field(compare=False)
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@frozen
class Test:
    title: str
    at: int
    lead: tuple[tuple[str, Value], ...]
    events: tuple[Happening, ...]
    expectations: tuple[Expectation, ...]
    span: Span = field(default=NOWHERE, compare=False, repr=False)


# ------------------------------------------------------------------ the whole


@frozen
class Program:
    """A checked policy. Scores stand in dependency order (a score after every score it reads), with `declared_scores`
    giving the order of the text; so do decisions, with `declared_decisions`. Bands, gates and the rest are in the
    order of the text.

    A score's conditions may read other scores and bands; gates read scores and bands; decisions read everything.
    """

    name: str
    label: str
    version: str
    language: int
    owner: str
    effective_from: int | None
    effective_to: int | None
    """the instant after the last day"""
    timezone: str
    subject: str
    key: str
    fields: tuple[Field, ...]
    events: tuple[EventKind, ...]
    scores: tuple[Score, ...]
    declared_scores: tuple[str, ...]
    bands: tuple[Band, ...]
    gates: tuple[Gate, ...]
    decisions: tuple[Decision, ...]
    declared_decisions: tuple[str, ...]
    outcomes: tuple[Outcome, ...]
    alerts: tuple[Alert, ...]
    shows: tuple[Show, ...]
    account: Account | None
    promises: tuple[Promise, ...]
    tests: tuple[Test, ...]
    reads: tuple[str, ...]
    """the lead's fields that scores, bands, gates and decisions read (not the account), in order of declaration:
    what completeness counts"""
    fingerprint: str = field(default="", compare=False)

    def field(self, name: str) -> Field:
        return next(f for f in self.fields if f.name == name)

    def event(self, name: str) -> EventKind:
        return next(e for e in self.events if e.name == name)
