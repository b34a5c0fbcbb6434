"""Where an expression stands and what it may read there: names, parameters, the event at hand, the place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from difflib import get_close_matches
from fractions import Fraction
from typing import Literal, NamedTuple, TypeAlias

from ...dsl import ir, tree
from ...dsl.problems import Fix, Note, Problem, Severity
from ...dsl.source import Source, Span
from .type_problems import MisplacedReading
from .value_problems import TooMuchInOne

EXACT, NUMBER, FLAG, TEXT = ir.Kind.EXACT, ir.Kind.NUMBER, ir.Kind.FLAG, ir.Kind.TEXT
DATE, TIME, TEXTS, LABEL = ir.Kind.DATE, ir.Kind.TIME, ir.Kind.TEXTS, ir.Kind.LABEL

KIND_WORDS = {
    TEXT: "a text",
    NUMBER: "a number",
    EXACT: "a number",
    FLAG: "yes or no",
    DATE: "a date",
    TIME: "a time",
    TEXTS: "a list of texts",
    LABEL: "a label",
}
"""Types in the words of messages."""


def kind_words(found: Meaning) -> str:
    """The type of something in the words of messages."""
    if isinstance(found.expr, ir.BandOf):
        return "a band"
    return "a decision" if isinstance(found.expr, ir.DecisionOf) else KIND_WORDS[found.kind]


# ------------------------------------------------------------------ what names and expressions mean


class Meaning(NamedTuple):
    """What an expression means: its type and its core expression, and what its partners need to know about it."""

    kind: ir.Kind
    expr: ir.Expr
    number: Fraction | None = None
    """the exact value, where it is a written number: such a number takes the kind of its partner"""
    labels: tuple[str, ...] | None = None
    """the only values it can have, where they are listed: a band's labels, a decision's outcomes, a `one of`"""
    unit: str | None = None
    """the unit of time that it counts, as in `days since created_at`"""
    depth: int = 1
    size: int = 1
    generic: bool = False
    """a parameter whose argument is not known yet: a template is checked on its own before it is used"""
    reads: frozenset[Reading] = frozenset()
    """of an argument: what it reads, which counts where the parameter is used"""


class ListMeaning(NamedTuple):
    """The values of a list. `numbers` is None where some value is no number, `texts` where some is written as one."""

    texts: tuple[str, ...] | None
    """trimmed and folded, sorted, without repetition"""
    numbers: tuple[float, ...] | None
    generic: bool = False


class EventMeaning(NamedTuple):
    """The kinds of event that a name stands for; None where a parameter of a template is not bound yet."""

    kinds: tuple[str, ...] | None


Bound: TypeAlias = Meaning | ListMeaning | EventMeaning | None
"""What a parameter stands for; None where its argument had a problem."""

DeclaredAs: TypeAlias = Literal[
    "field", "define", "list", "score", "band", "decision", "account score", "account band", "account decision"
]


class Declared(NamedTuple):
    """A name that a file declares for values."""

    what: DeclaredAs
    node: tree.Field | tree.Define | tree.ListOf | tree.Score | tree.Band | tree.Decide


Template: TypeAlias = tree.RuleSet | tree.BandSet | tree.ChoiceSet


@dataclass(slots=True)
class Names:
    """What one file declares, by name. `library` is empty for the policy itself."""

    library: str
    broken: frozenset[str] = frozenset()
    """names of declarations that could not be read: whoever uses them has no problem of their own"""
    values: dict[str, Declared] = field(default_factory=dict)
    events: dict[str, tree.EventKind] = field(default_factory=dict)
    templates: dict[str, Template] = field(default_factory=dict)
    outcomes: dict[str, tree.Outcome] = field(default_factory=dict)
    libraries: dict[str, Names | None] = field(default_factory=dict)
    """by alias; None for a library that could not be found"""
    lists: dict[str, ListMeaning | None] = field(default_factory=dict)
    """what each list holds, once it has been read"""
    defines: dict[tuple[str, tuple[str, ...]], tuple[Meaning | None, frozenset[Reading]]] = field(default_factory=dict)
    """what each define without parameters means and reads, for each set of resets"""
    opening: list[str] = field(default_factory=list)
    """the defines being worked out at the moment, to notice one that reads itself"""


@dataclass(slots=True)
class Facts:
    """What is known about the policy as a whole while its parts are checked."""

    zone: tzinfo
    incomplete: bool = False
    """whether some of the file could not be read: what is not here may be there"""
    torn: tuple[Span, ...] = ()
    """the declarations of the file of which something could not be read"""
    torn_labels: set[str] = field(default_factory=set)
    """bands and decisions that may have more labels than could be read"""
    fields: dict[str, ir.Field] = field(default_factory=dict)
    events: dict[str, ir.EventKind] = field(default_factory=dict)
    kinds: tuple[str, ...] = ()
    """all kinds of event, sorted: what `event` stands for"""
    labels: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """the labels of each band, the outcomes of each decision"""
    rules: dict[str, Span] = field(default_factory=dict)
    """every rule by its full name"""
    groups: set[str] = field(default_factory=set)
    merged: dict[tuple[str, ...], dict[str, ir.Field]] = field(default_factory=dict)

    def is_torn(self, place: Span) -> bool:
        """Whether something could not be read in the declaration at a place."""
        return any(one.source == place.source and one.start <= place.start < one.end for one in self.torn)

    def properties(self, kinds: tuple[str, ...]) -> dict[str, ir.Field]:
        """The properties that an event of one of these kinds may have. Where two kinds disagree about a property's
        type, its kind is LABEL, which no property has."""
        found = self.merged.get(kinds)
        if found is None:
            found = {}
            for kind in kinds:
                for prop in self.events[kind].properties:
                    known = found.get(prop.name)
                    if known is not None and known.kind is not prop.kind:
                        prop = replace(prop, kind=ir.Kind.LABEL)
                    elif known is not None and known.values != prop.values:
                        prop = replace(prop, values=None)
                    found[prop.name] = prop
            self.merged[kinds] = found
        return found


# ------------------------------------------------------------------ places


Reads: TypeAlias = Literal[
    "field", "property", "score", "band", "decision", "events", "clock", "leads", "account", "earlier", "ago"
]
"""`ago` is a score some microseconds earlier, both in its name: `86400000000 engagement`"""
Reading: TypeAlias = tuple[Reads, str]


class Place(NamedTuple):
    """A place where expressions stand, and what they cannot read there."""

    noun: str
    closed: frozenset[Reads]


EVENT = Place(
    "the condition of an event",
    frozenset({"property", "score", "band", "decision", "events", "clock", "leads", "account", "earlier"}),
)
"""A property that is *read* here is that of another event, in an argument: those of the event at hand are its own."""
SCORE = Place("a score", frozenset({"decision", "leads", "account"}))
BAND = Place("a band", frozenset({"decision", "leads", "account"}))
GATE = Place("a gate", frozenset({"decision", "leads", "account"}))
DECISION = Place("a decision", frozenset({"leads", "account"}))
PROMISE = Place("a promise", frozenset({"leads", "account"}))
TEST = Place("a test", frozenset({"leads", "account"}))
ONE_LEAD = Place("the choice of an account's leads", frozenset({"leads", "account"}))
ACCOUNT = Place("an account", frozenset({"field", "score", "band", "decision", "events", "clock", "earlier"}))
ANYWHERE = Place("a define", frozenset())


# ------------------------------------------------------------------ the report

DEPTH = 100
"""How deep expressions may nest, defines opened."""
SIZE = 5_000
"""How many parts one expression may have, defines opened."""
TOTAL = 500_000
"""How many parts all expressions of a policy may have, defines opened."""


@dataclass(slots=True)
class Report:
    """The problems found so far, each once."""

    sources: Mapping[str, Source]
    problems: list[Problem] = field(default_factory=list)
    seen: set[tuple[object, ...]] = field(default_factory=set)
    depth: int = 0
    total: int = 0
    overgrown: set[bool] = field(default_factory=set)
    """whether something was too large (False), or nested too deep (True)"""
    circles: set[frozenset[str]] = field(default_factory=set)
    comparisons: int = 50_000
    """how many more names are compared to find the nearest ones: a file of thousands of unknown names gets its answer
    at once"""

    def add(self, problem: Problem, trail: tuple[Span, ...] = ()) -> None:
        """Adds a problem. What a template's own check has reported is not said again where the template is used; what
        shows only there carries a note of the place."""
        key = (problem.code, problem.span)
        if key in self.seen or (*key, trail) in self.seen:
            return
        if trail:
            if problem.severity < Severity.ERROR:
                return
            self.seen.add((*key, trail))
            notes = tuple(Note(span, "used here") for span in reversed(trail))
            problem = replace(problem, notes=(*problem.notes, *notes))
        else:
            self.seen.add(key)
        self.problems.append(problem)

    def nearest(self, name: str, candidates: Iterable[str]) -> str | None:
        """The candidate that the author most likely meant."""
        if self.comparisons <= 0:
            return None
        by_lower = {candidate.lower(): candidate for candidate in candidates}
        self.comparisons -= len(by_lower)
        # Two letters are like almost any other three: `US` is no slip for a score `s`.
        found = get_close_matches(name.lower(), by_lower, n=1, cutoff=0.6 if len(name) > 2 else 0.8)
        return by_lower[found[0]] if found else None

    def quote(self, span: Span) -> str:
        """The words at a place, on one line and not too many of them."""
        source = self.sources.get(span.source)
        words = " ".join(source.text[span.start : span.end].split()) if source else ""
        return words if len(words) <= 48 else words[:45] + "..."


@dataclass(frozen=True, slots=True)
class Scope:
    """Where an expression stands."""

    names: Names
    facts: Facts
    report: Report
    place: Place
    reads: set[Reading]
    params: Mapping[str, Bound] = field(default_factory=dict)
    event: EventMeaning | None = None
    """the event at hand, inside a `where` and in the computed points of a `for each`"""
    resets: tuple[str, ...] = ()
    trail: tuple[Span, ...] = ()
    """the places of use that led here, outermost first, inside a template or a define with parameters"""

    def say(self, problem: Problem) -> None:
        self.report.add(problem, self.trail)

    def read(self, what: Reads, name: str, span: Span) -> bool:
        """Notes that this place reads something, and whether it may."""
        if what in self.place.closed:
            self.say(MisplacedReading(span=span, what=what, name=name, place=self.place.noun))
            return False
        self.reads.add((what, name))
        return True

    def say_too_much(self, span: Span, deep: bool) -> None:
        """Reports the first place where the policy grows too deep, and the first where it grows too large: what else
        is too much follows from the same defines, most often."""
        if deep not in self.report.overgrown:
            self.report.overgrown.add(deep)
            self.say(TooMuchInOne(span=span, deep=deep))

    def made(
        self,
        kind: ir.Kind,
        expr: ir.Expr,
        parts: Iterable[Meaning],
        unit: str | None = None,
        labels: tuple[str, ...] | None = None,
    ) -> Meaning | None:
        """A meaning made of others, unless it has grown beyond what an engine can be asked to run."""
        depth, size = 0, 1
        for part in parts:
            depth = part.depth if part.depth > depth else depth
            size += part.size
        self.report.total += 1
        if depth >= DEPTH or size > SIZE or self.report.total > TOTAL:
            self.say_too_much(expr.span, deep=depth >= DEPTH)
            return None
        return Meaning(kind, expr, None, labels, unit, depth + 1, size)


def suggestion(name: tree.Name | tree.Label, nearest: str | None, prefix: str = "") -> Fix | None:
    """The edit that puts the nearest name in place of an unknown one."""
    if nearest is None:
        return None
    return Fix(f"replace with `{prefix}{nearest}`", name.span, prefix + nearest)
