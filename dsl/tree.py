"""The surface tree of a `.score` file: what was written. Each class's docstring is the syntax it stands for.

A node is a frozen value; its span is metadata and takes no part in equality. Comments are not in the tree: they are
kept beside it, sorted by offset (`compiler/parse.py`). Names are not resolved here; that is `compiler/check.py`.
"""

from __future__ import annotations

from dataclasses import field
from decimal import Decimal
from typing import Literal, TypeAlias

from .frozen import frozen
from .source import NOWHERE, Span


@frozen
class Node:
    """Anything that was written somewhere."""

    span: Span = field(default=NOWHERE, compare=False, repr=False, kw_only=True)


# ------------------------------------------------------------------ words and small parts


@frozen
class Name(Node):
    """`job_title`"""

    text: str


@frozen
class Dotted(Node):
    """`email.is_free`, or a bare `job_title` (one part)"""

    parts: tuple[Name, ...]

    @property
    def text(self) -> str:
        return ".".join(part.text for part in self.parts)


@frozen
class Label(Node):
    """`hot`, or `1`: the name of a band's row or of an outcome"""

    text: str


Unit: TypeAlias = Literal["minute", "hour", "day", "week", "month", "year"]


@frozen
class Duration(Node):
    """`30 days`, or, after `in the last` and `every`, `day` for 1 of it; a month is 30 days, a year 365"""

    count: Decimal
    unit: Unit


@frozen
class SignedNumber(Node):
    """`-20`, `100`"""

    value: Decimal


# ------------------------------------------------------------------ literals and expressions


@frozen
class Number(Node):
    """`1_000.5`; `text` is what was written"""

    value: Decimal
    text: str = field(compare=False, default="")


@frozen
class Percent(Node):
    """`60%` alone (an argument of `weighted_mean` has `of`: see `PercentOf`)"""

    value: Decimal


@frozen
class Text(Node):
    """`"VP Sales"`; escapes are `\\"`, `\\\\`, `\\n`, `\\t`"""

    value: str


@frozen
class Flag(Node):
    """`yes`, `no`"""

    value: bool


@frozen
class Date(Node):
    """`2026-03-01`"""

    text: str


@frozen
class Time(Node):
    """`2026-03-01T10:00Z`; without a zone it is in the policy's time zone"""

    text: str


Literal_: TypeAlias = Number | Text | Flag | Date | Time | Name
"""A value in a list, in `given` or in `one of`; a bare word stands for its own text."""


@frozen
class Values(Node):
    """`("US", "CA", 3)`"""

    items: tuple[Literal_, ...]


Collection: TypeAlias = Values | Dotted


@frozen
class Ref(Node):
    """`employees`, `email.free_mail`: a name used as a value"""

    name: Dotted


@frozen
class CallOf(Node):
    """`domain(email)`, `email.is_free(email)`, `if(C, X, Y)`"""

    name: Dotted
    args: tuple[Expr, ...]


@frozen
class Paren(Node):
    """`( ... )`: kept, because the author's brackets are for the reader"""

    inner: Expr


@frozen
class Or(Node):
    """`a or b or c` (one node for a whole chain)"""

    items: tuple[Expr, ...]


@frozen
class And(Node):
    """`a and b and c`"""

    items: tuple[Expr, ...]


@frozen
class Not(Node):
    """`not a`"""

    item: Expr


CompareSign: TypeAlias = Literal["<", "<=", ">", ">="]


@frozen
class Compare(Node):
    """`employees >= 1000`"""

    sign: CompareSign
    left: Expr
    right: Expr


@frozen
class Is(Node):
    """`plan is "pro"`, `next_step is not sales`"""

    left: Expr
    right: Expr
    negated: bool


@frozen
class IsMissing(Node):
    """`phone is missing`, `phone is not missing`"""

    item: Expr
    negated: bool


@frozen
class IsKnown(Node):
    """`phone is known`"""

    item: Expr


@frozen
class Between(Node):
    """`employees between 100 and 999` (both ends in)"""

    item: Expr
    low: Expr
    high: Expr


@frozen
class In(Node):
    """`industry in core_industries`, `country not in ("US", "CA")`"""

    item: Expr
    collection: Collection
    negated: bool


TextOp: TypeAlias = Literal["contains", "starts with", "ends with", "like", "has word", "has"]


@frozen
class TextTest(Node):
    """`url contains "/pricing"`, `job_title has word any of ("chief", "vp")`, `tags has all of (...)`

    `quantifier` is None where a single text was written.
    """

    op: TextOp
    item: Expr
    quantifier: Literal["any", "all"] | None
    needles: Text | Ref | Collection


@frozen
class EventName(Node):
    """`email_open`, or `event`: any kind (`name` is None)"""

    name: Name | None


@frozen
class Occurs(Node):
    """`any demo_request in the last 7 days where (seconds > 30)`, `no event in the last 45 days`"""

    quantifier: Literal["any", "no"]
    event: EventName
    window: Duration | None
    where: Expr | None


@frozen
class Sum(Node):
    """`a + b - c`: the first term, then (sign, term) pairs; a leading minus is `0 - a` written as (`-`, a) with
    first None"""

    first: Expr | None
    rest: tuple[tuple[Literal["+", "-"], Expr], ...]


@frozen
class Product(Node):
    """`a * b / c`: the first factor, then (sign, factor) pairs"""

    first: Expr
    rest: tuple[tuple[Literal["*", "/"], Expr], ...]


@frozen
class PercentOf(Node):
    """`60% of fit`"""

    percent: Percent
    item: Expr


@frozen
class Earlier(Node):
    """`engagement 7 days ago`"""

    name: Dotted
    ago: Duration


@frozen
class Count(Node):
    """`count of page_view in the last 30 days where (...)`, `count of distinct url of page_view`"""

    distinct: Name | None
    event: EventName
    window: Duration | None
    where: Expr | None


AggregateWord: TypeAlias = Literal["sum", "highest", "lowest", "average"]


@frozen
class Aggregate(Node):
    """`sum of seconds of page_view in the last 30 days where (...)`"""

    word: AggregateWord
    prop: Name
    event: EventName
    window: Duration | None
    where: Expr | None


@frozen
class CountLeads(Node):
    """`count of leads where (readiness is hot)` (in an account)"""

    where: Expr | None


@frozen
class OverLeads(Node):
    """`sum of top 3 engagement`, `highest of fit`, `average of total` (in an account); `top` only with sum and
    average"""

    word: AggregateWord
    top: int | None
    score: Name


@frozen
class SinceEvent(Node):
    """`days since last page_view where (...)`, `hours since first event`"""

    unit: Unit
    which: Literal["first", "last"]
    event: EventName
    where: Expr | None


@frozen
class SinceField(Node):
    """`days since created_at`, or, with `until`, `days until lease_ends_on`"""

    unit: Unit
    name: Dotted
    until: bool = False


@frozen
class PathTime(Node):
    """`days from first page_view to first demo_request`"""

    unit: Unit
    start_which: Literal["first", "last"]
    start: EventName
    end_which: Literal["first", "last"]
    end: EventName


Expr: TypeAlias = (
    Number
    | Percent
    | Text
    | Flag
    | Date
    | Time
    | Ref
    | CallOf
    | Paren
    | Or
    | And
    | Not
    | Compare
    | Is
    | IsMissing
    | IsKnown
    | Between
    | In
    | TextTest
    | Occurs
    | Sum
    | Product
    | PercentOf
    | Earlier
    | Count
    | Aggregate
    | CountLeads
    | OverLeads
    | SinceEvent
    | SinceField
    | PathTime
)


# ------------------------------------------------------------------ types, fields


@frozen
class TypeName(Node):
    """`text`, `number`, `yes/no`, `date`, `time`, `list of text`, `one of ("US", "CA")`; for parameters also
    `event`, `score`"""

    kind: Literal["text", "number", "yes/no", "date", "time", "list of text", "one of", "event", "score"]
    values: tuple[Literal_, ...] = ()


@frozen
class Field(Node):
    """`industry: text required from "Industry (CRM)"`"""

    name: Name
    type: TypeName
    required: bool
    column: Text | None


@frozen
class Param(Node):
    """`n: number`"""

    name: Name
    type: TypeName


# ------------------------------------------------------------------ header


@frozen
class Language(Node):
    """`language 1`"""

    number: int


@frozen
class Version(Node):
    """`version 2.1.0`"""

    text: str


@frozen
class Owner(Node):
    """`owner "marketing-ops@acme.example"`"""

    text: Text


@frozen
class Effective(Node):
    """`effective from 2026-01-01 to 2026-12-31`"""

    start: Date | None
    end: Date | None


@frozen
class TimeZone(Node):
    """`timezone "Europe/Paris"`"""

    text: Text


@frozen
class Subject(Node):
    """`for customer`"""

    name: Name


Meta: TypeAlias = Language | Version | Owner | Effective | TimeZone | Subject


@frozen
class Header(Node):
    """`policy acme_inbound "Acme inbound leads"`, or `library std.email "Mail addresses"`, and its indented lines"""

    kind: Literal["policy", "library"]
    name: Dotted
    label: Text | None
    meta: tuple[Meta, ...]


# ------------------------------------------------------------------ declarations


@frozen
class Use(Node):
    """`use std.email as mail`"""

    name: Dotted
    alias: Name | None


@frozen
class Record(Node):
    """`lead by lead_id` and its fields"""

    subject: Name
    key: Name | None
    fields: tuple[Field, ...]


@frozen
class EventKind(Node):
    """`page_view from "Visits Webpage"`"""

    name: Name
    source: Text | None


@frozen
class Event(Node):
    """`event page_view, blog_view` and their properties"""

    kinds: tuple[EventKind, ...]
    fields: tuple[Field, ...]


@frozen
class ListOf(Node):
    """`list competitors = ("rival.example", ...)`, or `list x from "lists/x.txt"`"""

    name: Name
    values: Values | None
    file: Text | None


@frozen
class Define(Node):
    """`define heavy(n: number) = count of login >= n`"""

    name: Name
    params: tuple[Param, ...]
    body: Expr


# ------------------------------------------------------------------ scores


@frozen
class When(Node):
    """`when C`"""

    condition: Expr


@frozen
class Unless(Node):
    """`unless C`"""

    condition: Expr


@frozen
class Otherwise(Node):
    """`otherwise`"""


@frozen
class Each(Node):
    """`for each page_view in the last 14 days where url contains "/pricing"`, or, with `unless`, `... unless is_bot`"""

    event: EventName
    window: Duration | None
    where: Expr | None
    unless: bool = False


@frozen
class Per(Node):
    """`per 60 of sum of seconds of page_view`, `per seats`"""

    amount: Number | None
    item: Expr


Trigger: TypeAlias = When | Unless | Otherwise | Each | Per


@frozen
class MaxTimes(Node):
    """`at most 3 times per day`"""

    count: int
    per: Literal["day", "week", "month"] | None


@frozen
class MaxPoints(Node):
    """`at most 40 points`"""

    points: Decimal


@frozen
class Once(Node):
    """`once`, `once per day`, `once per campaign`; `per` is a period, a property, or None (ever)"""

    per: Literal["day", "week", "month"] | Name | None


@frozen
class Starts(Node):
    """`from 2026-01-01`: the rule is in force from that day on"""

    date: Date


@frozen
class Until(Node):
    """`until 2026-06-30`: the rule's last day"""

    date: Date


@frozen
class After(Node):
    """`after 14 days`: the decay's age starts counting later"""

    duration: Duration


@frozen
class Curve(Node):
    """`halving every D`, `fading over D`, `losing P% every D`, `keeping P% every D`"""

    shape: Literal["halving", "fading", "losing", "keeping"]
    duration: Duration
    percent: Percent | None = None


@frozen
class RenamedFrom(Node):
    """`renamed from old_name`"""

    name: Name


Modifier: TypeAlias = MaxTimes | MaxPoints | Once | Starts | Until | After | Curve | RenamedFrom


@frozen
class Rule(Node):
    """`+25 decision_maker "Signs the contract" when decision_maker`, `-20 quiet ...`, `+(EXPR) label ...`

    `points` is the signed number, or the bracketed expression with `negative` telling its sign.
    """

    points: Decimal | Expr
    negative: bool
    name: Name
    label: Text | None
    trigger: Trigger
    modifiers: tuple[Modifier, ...]


@frozen
class StartAt(Node):
    """`start at 10`"""

    points: SignedNumber


@frozen
class ResetOn(Node):
    """`reset on unsubscribe, bounce`"""

    events: tuple[Name, ...]


@frozen
class DecayLine(Node):
    """`decay losing 10% every 7 days of silence, after 14 days`"""

    curve: Curve
    of_silence: bool
    after: Duration | None


@frozen
class CapLine(Node):
    """`cap 15 when employees is missing`"""

    points: SignedNumber
    condition: Expr


@frozen
class FloorLine(Node):
    """`floor 5 when plan is "pro"`"""

    points: SignedNumber
    condition: Expr


@frozen
class Include(Node):
    """`include forms.junk_penalties(full_name) except too_short`, in a score, group, band, decide or `first of`"""

    name: Dotted
    args: tuple[Expr, ...] | None
    excluded: tuple[Name, ...]


@frozen
class AtMost(Node):
    """`at most 30 points`"""

    points: SignedNumber


@frozen
class AtLeast(Node):
    """`at least -20 points`"""

    points: SignedNumber


@frozen
class Counting(Node):
    """`counting 30%`"""

    percent: Percent


Limit: TypeAlias = AtMost | AtLeast | Counting


@frozen
class Group(Node):
    """`group mail "E-mail" at most 30 points`, `first of company_size`, `best of tier`, and their members"""

    kind: Literal["group", "first of", "best of"]
    name: Name
    label: Text | None
    limits: tuple[Limit, ...]
    items: tuple[Item, ...]


Item: TypeAlias = StartAt | ResetOn | DecayLine | CapLine | FloorLine | Rule | Include | Group


@frozen
class Range(Node):
    """`from 0 to 100`"""

    low: SignedNumber
    high: SignedNumber


Rounding: TypeAlias = Literal["rounded", "rounded up", "rounded down"]


@frozen
class Score(Node):
    """`score fit "Who they are" from 0 to 100` and its items, or `score total = 60% of fit + 40% of engagement`"""

    name: Name
    label: Text | None
    range: Range | None
    rounding: Rounding | None
    body: Expr | None
    items: tuple[Item, ...]


# ------------------------------------------------------------------ templates (in libraries, and in policies too)


@frozen
class RuleSet(Node):
    """`rules junk_penalties(name: text) "Junk names"` and its rules or groups"""

    name: Name
    params: tuple[Param, ...]
    label: Text | None
    items: tuple[Item, ...]


@frozen
class BandSet(Node):
    """`bands cold_warm_hot(hot_from: number, warm_from: number)` and its rows"""

    name: Name
    params: tuple[Param, ...]
    label: Text | None
    rows: tuple[BandRow | Include, ...]


@frozen
class ChoiceSet(Node):
    """`choices standard_matrix` and its rows and grid"""

    name: Name
    params: tuple[Param, ...]
    label: Text | None
    rows: tuple[Row | Include, ...]


# ------------------------------------------------------------------ bands, outcomes, decisions, gates


@frozen
class BandRow(Node):
    """`hot >= 50`, or `cold otherwise` (`limit` is None)"""

    label: Label
    limit: Expr | None


@frozen
class Band(Node):
    """`band readiness of total "Readiness"` and its rows"""

    name: Name
    score: Name
    label: Text | None
    rows: tuple[BandRow | Include, ...]


@frozen
class Outcome(Node):
    """`outcome sales "An account executive calls" within 1 day`"""

    name: Name
    label: Text | None
    within: Duration | None


@frozen
class Choice(Node):
    """`sales when C`, `call unless C`, `recycle otherwise`"""

    outcome: Label
    trigger: When | Unless | Otherwise


@frozen
class GridRow(Node):
    """`| A | sales | sales | nurture | nurture |`: the first cell is empty (None) in the heading row"""

    head: Label | None
    cells: tuple[Label, ...]


Row: TypeAlias = Choice | GridRow


@frozen
class Decide(Node):
    """`decide next_step "What to do" by fit_grade, interest` and its rows"""

    name: Name
    label: Text | None
    by: tuple[Name, Name] | None
    rows: tuple[Row | Include, ...]


@frozen
class Ban(Node):
    """`never sales, phone when student`, `never phone unless opted_in`"""

    outcomes: tuple[Label, ...]
    trigger: When | Unless


@frozen
class Gate(Node):
    """`gate students "Students never go to sales"` and its lines"""

    name: Name
    label: Text | None
    bans: tuple[Ban, ...]


@frozen
class Alert(Node):
    """`alert hot_lead to "inbound@acme.example" when readiness becomes hot`, `... when health falls below 40`"""

    name: Name
    to: Text
    watched: Name
    change: Literal["becomes", "leaves", "rises above", "falls below"]
    value: Label | SignedNumber


@frozen
class Show(Node):
    """`show sales: readiness, next_step`; `show marketing: everything` (`names` is None)"""

    audience: Name
    names: tuple[Name, ...] | None


@frozen
class Account(Node):
    """`account by company_domain where not email.is_free(email)` and its scores, bands, decisions, gates"""

    key: Expr
    where: Expr | None
    items: tuple[Score | Band | Decide | Gate, ...]


# ------------------------------------------------------------------ promises and tests


@frozen
class Holds(Node):
    """`C`"""

    condition: Expr


@frozen
class Implies(Node):
    """`C implies D`"""

    condition: Expr
    consequence: Expr


@frozen
class Monotone(Node):
    """`more page_view never lowers engagement`, `higher seats never raises churn_risk`"""

    direction: Literal["more", "higher"]
    name: Name
    verb: Literal["lowers", "raises"]
    score: Name


@frozen
class Never(Node):
    """`never next_step is sales when student`"""

    unwanted: Expr
    condition: Expr


@frozen
class Stays(Node):
    """`engagement stays between 0 and 50`"""

    score: Name
    low: SignedNumber
    high: SignedNumber


@frozen
class ExactlyOne(Node):
    """`every lead gets exactly one next_step`: a decision, or a band"""

    subject: Name
    name: Name


Vow: TypeAlias = Holds | Implies | Never | Stays | ExactlyOne | Monotone


@frozen
class Promise(Node):
    """`promise students_stay_out "No student reaches sales"` and its vows"""

    name: Name
    label: Text | None
    vows: tuple[Vow, ...]


@frozen
class At(Node):
    """`at 2026-03-02`"""

    when: Date | Time


@frozen
class Given(Node):
    """`given email "ann@mit.edu", employees 5000`; a list of texts is `tags ("a", "b")`; `missing` is the word for
    nothing"""

    values: tuple[tuple[Name, Literal_ | Values], ...]


@frozen
class Happened(Node):
    """`event page_view 5 times 1 day ago, url "/pricing"`, `event login on 2026-02-01`"""

    event: Name
    times: int
    ago: Duration | None
    on: Date | Time | None
    values: tuple[tuple[Name, Literal_ | Values], ...]


@frozen
class Expect(Node):
    """`expect next_step is not sales`"""

    condition: Expr


@frozen
class ExpectFired(Node):
    """`expect fired fit.student`, `expect not fired fit.free_mail, fit.competitor`"""

    rules: tuple[Dotted, ...]
    negated: bool


Step: TypeAlias = At | Given | Happened | Expect | ExpectFired


@frozen
class Test(Node):
    """`test "a student stays out of sales"` and its steps"""

    title: Text
    steps: tuple[Step, ...]


Declaration: TypeAlias = (
    Use
    | Record
    | Event
    | ListOf
    | Define
    | RuleSet
    | BandSet
    | ChoiceSet
    | Score
    | Band
    | Outcome
    | Decide
    | Gate
    | Alert
    | Show
    | Account
    | Promise
    | Test
)


@frozen
class File(Node):
    """A whole `.score` file: its header (None where the author left it out) and its declarations, in order"""

    header: Header | None
    declarations: tuple[Declaration, ...]
