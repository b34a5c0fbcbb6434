"""A random author: draws whole policies, as surface trees, that mean something and have no errors.

Everything is well-typed because it is built so: each method knows what may be read where it writes (a `Sight`) and
returns an expression of the type that its name says. Names are only declared if they are used, so that what Hypothesis
shrinks to is short.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Literal

from dice import Dice, shrinking
from hypothesis import strategies as st

from scorec.dsl import tree

# ------------------------------------------------------------------ the world that policies are about

FIELDS: dict[str, tree.TypeName] = {
    "email": tree.TypeName("text"),
    "job_title": tree.TypeName("text"),
    "industry": tree.TypeName("text"),
    "employees": tree.TypeName("number"),
    "budget": tree.TypeName("number"),
    "opted_in": tree.TypeName("yes/no"),
    "member": tree.TypeName("yes/no"),
    "renewed_on": tree.TypeName("date"),
    "created_at": tree.TypeName("time"),
    "plan": tree.TypeName("one of", (tree.Name("free"), tree.Text("Pro"), tree.Text("Élan vital"))),
    "tags": tree.TypeName("list of text"),
}
EVENTS: dict[str, dict[str, tree.TypeName]] = {
    "page_view": {
        "url": tree.TypeName("text"),
        "seconds": tree.TypeName("number"),
        "campaign": tree.TypeName("text"),
        "mobile": tree.TypeName("yes/no"),
        "published_on": tree.TypeName("date"),
    },
    "purchase": {
        "amount": tree.TypeName("number"),
        "paid_at": tree.TypeName("time"),
        "channel": tree.TypeName("one of", (tree.Name("web"), tree.Name("shop"))),
        "items": tree.TypeName("list of text"),
    },
    "demo_request": {},
    "unsubscribe": {},
}
TEXTS = [
    "vp",
    "VP Sales",
    "head of",
    "Σοφία ΟΔΟΣ",
    "İzmir",
    "straße",
    "ſum",
    "李 小龙",
    "corp.example",
    "/pricing",
    'q"\\q',
]
WORDS = ["vp", "Head of", "οδος", "İzmir", "李", "corp", "x2"]
PATTERNS = ["*", "vp*", "*example", "?p*", "*İ*", "a?c", "*/p*g"]
NUMBERS = ["0", "1", "2", "3", "5", "10", "30", "100", "1000", "0.5", "0.25", "2.5", "0.0001", "33.3333", "1.005"]
LONG_NUMBERS = ["0.33333", "1.00005", "0.000001"]
POINTS = ["1", "2", "5", "10", "25", "40", "0.5", "0.3333", "2.0001", "100", "1000"]
DURATIONS: list[tuple[int, tree.Unit]] = [
    (1, "day"),
    (7, "day"),
    (30, "day"),
    (90, "day"),
    (2, "week"),
    (1, "month"),
    (1, "year"),
    (36, "hour"),
    (30, "minute"),
]
PERCENTS = ["60", "10", "33.3", "100", "250", "0.5"]
SHARES = ["10", "50", "90", "33.3", "0.01", "100", "99.5"]
DATES = ["2025-12-31", "2026-01-01", "2026-03-01", "2026-03-29"]
TIMES = ["2026-01-01T00:00Z", "2026-03-01T12:30:15", "2026-02-28T23:59:59.999999+01:00"]
ZONES = ["UTC", "Europe/Paris", "America/New_York", "Asia/Kolkata"]
UNITS: list[tree.Unit] = ["minute", "hour", "day", "week", "month", "year"]


# ------------------------------------------------------------------ short names for parts of the tree


def name(text: str) -> tree.Name:
    return tree.Name(text)


def dotted(text: str) -> tree.Dotted:
    return tree.Dotted(tuple(tree.Name(part) for part in text.split(".")))


def ref(text: str) -> tree.Ref:
    return tree.Ref(dotted(text))


def number(text: str) -> tree.Number:
    return tree.Number(Decimal(text), text)


def call(function: str, *args: tree.Expr) -> tree.CallOf:
    return tree.CallOf(dotted(function), args)


def signed(value: str | Decimal) -> tree.SignedNumber:
    return tree.SignedNumber(Decimal(value))


def negative(text: str) -> tree.Expr:
    return tree.Sum(None, (("-", number(text)),))


def bracketed(expr: tree.Expr) -> tree.Expr:
    """An expression that may stand as a factor, or as a member of `and`."""
    loose = tree.Or | tree.And | tree.Not | tree.Compare | tree.Is | tree.IsMissing | tree.IsKnown | tree.Between
    loose |= tree.In | tree.TextTest | tree.Occurs | tree.Sum | tree.Product
    return tree.Paren(expr) if isinstance(expr, loose) else expr


def joined(expr: tree.Expr) -> tree.Expr:
    """A condition as a member of `and` and `or`."""
    return tree.Paren(expr) if isinstance(expr, tree.Or | tree.And) else expr


# ------------------------------------------------------------------ what may be read where


@dataclass(frozen=True)
class Sight:
    """What an expression may read at its place in the text."""

    fields: bool = True
    events: bool = True
    properties: tuple[tuple[str, tree.TypeName], ...] = ()
    params: tuple[tuple[str, tree.TypeName], ...] = ()
    scores: tuple[str, ...] = ()
    bands: tuple[tuple[str, tuple[str, ...]], ...] = ()
    decisions: tuple[tuple[str, tuple[str, ...]], ...] = ()
    leads: tuple[str, ...] = ()
    """the scores of the leads, where the account looks at them"""
    lead_sight: Sight | None = None

    def in_where(self, properties: dict[str, tree.TypeName]) -> Sight:
        """In a `where` of events: properties, fields, parameters."""
        return Sight(self.fields, False, tuple(properties.items()), self.params)


@dataclass
class Author(Dice):
    """Writes one policy."""

    used_fields: set[str] = field(default_factory=set)
    used_events: set[str] = field(default_factory=set)
    used_lists: set[str] = field(default_factory=set)
    defines: list[tuple[tree.Define, Literal["condition", "number"], bool]] = field(default_factory=list)
    templates: list[tree.RuleSet] = field(default_factory=list)
    row_sets: list[tree.BandSet | tree.ChoiceSet] = field(default_factory=list)
    units: list[tree.Unit] = field(default_factory=list)
    count: int = 0

    # -------------------------------------------------------------- small choices

    def fresh(self, word: str) -> tree.Name:
        self.count += 1
        return name(f"{word}_{self.count}")

    def label(self) -> tree.Text | None:
        return self.maybe(20, lambda: tree.Text(self.one(["Who they are", 'A "label"', "Ünïcode · 李"])))

    def unit(self) -> tree.Unit:
        """The unit of all ages in one policy: days and hours do not compare."""
        if not self.units:
            self.units.append(self.one(UNITS))
        return self.units[0]

    def duration(self) -> tree.Duration:
        count, unit = self.one(DURATIONS)
        return tree.Duration(Decimal(count), unit)

    # -------------------------------------------------------------- names, by type

    def named(self, sight: Sight, kinds: set[str]) -> list[tuple[str, tree.TypeName]]:
        """Fields, properties and parameters of some types."""
        fields = FIELDS.items() if sight.fields else ()
        return [(found, type_) for found, type_ in (*sight.properties, *sight.params, *fields) if type_.kind in kinds]

    def read(self, found: str) -> tree.Ref:
        if found in FIELDS:
            self.used_fields.add(found)
        return ref(found)

    def event(self) -> tuple[tree.EventName, dict[str, tree.TypeName]]:
        """A kind of event and its properties; sometimes `event`, any kind."""
        if self.chance(10):
            self.used_events.add("demo_request")
            return tree.EventName(None), {}
        found = self.one(EVENTS)
        self.used_events.add(found)
        return tree.EventName(name(found)), EVENTS[found]

    def event_with(self, kind: str) -> tuple[tree.EventName, str, dict[str, tree.TypeName]]:
        """A kind of event and one property of it that has a type."""
        pairs = [
            (event, prop) for event, props in EVENTS.items() for prop, type_ in props.items() if type_.kind == kind
        ]
        event, prop = self.one(pairs)
        self.used_events.add(event)
        return tree.EventName(name(event)), prop, EVENTS[event]

    def where(self, sight: Sight, properties: dict[str, tree.TypeName], percent: int = 40) -> tree.Expr | None:
        return self.maybe(percent, lambda: self.condition(sight.in_where(properties), 1))

    def list_of(self, kind: str) -> tree.Dotted:
        found = self.one(LISTS[kind])
        self.used_lists.add(found)
        return dotted(found)

    # -------------------------------------------------------------- conditions

    def condition(self, sight: Sight, depth: int) -> tree.Expr:
        if depth > 0 and self.chance(35):
            word = self.one(["and", "or", "not"])
            if word == "not":
                return tree.Not(joined(self.condition(sight, depth - 1)))
            items = tuple(joined(self.condition(sight, depth - 1)) for _ in range(self.whole(2, 3)))
            return tree.And(items) if word == "and" else tree.Or(items)
        writers = []
        if self.named(sight, {"number"}) or sight.scores or sight.events or sight.leads:
            writers += [self.number_test, self.number_test, self.number_test]
        for kinds, writer in (
            ({"text"}, self.text_test),
            ({"text"}, self.text_equality),
            ({"yes/no"}, self.flag_test),
            ({"one of"}, self.one_of_test),
            ({"date", "time"}, self.moment_test),
            ({"list of text"}, self.tags_test),
            ({"text", "number", "yes/no", "date", "time", "one of", "list of text"}, self.missing_test),
        ):
            if self.named(sight, kinds):
                writers.append(writer)
        if sight.events:
            writers += [self.occurs, self.occurs]
        if sight.bands or sight.decisions:
            writers += [self.label_test, self.label_test]
        if self.usable_defines(sight, "condition"):
            writers += [self.defined_condition, self.defined_condition]
        if not writers:
            return tree.Compare("<", number("1"), number("2"))
        return self.one(writers)(sight, depth)

    def number_test(self, sight: Sight, depth: int) -> tree.Expr:
        left = self.numeric(sight, depth - 1)
        match self.one(["compare", "compare", "compare", "between", "in", "is", "missing", "list"]):
            case "between":
                low, high = self.whole(0, 20), self.whole(20, 200)
                return tree.Between(left, number(str(low)), number(str(high)))
            case "in":
                return tree.In(left, tree.Values(tuple(number(n) for n in self.some(NUMBERS))), self.chance(30))
            case "list":
                return tree.In(left, self.list_of("number"), self.chance(30))
            case "is":
                return tree.Is(left, self.plain_number(sight, depth - 1), self.chance(30))
            case "missing":
                return tree.IsMissing(left, self.chance(30)) if self.chance(50) else tree.IsKnown(left)
            case _:
                sign = self.one(["<", "<=", ">", ">="])
                right = self.plain_number(sight, depth - 1) if self.chance(70) else self.numeric(sight, depth - 1)
                return tree.Compare(sign, left, right)

    def plain_number(self, sight: Sight, depth: int) -> tree.Expr:
        if self.chance(10):
            return number(self.one(LONG_NUMBERS))
        if self.chance(15):
            return negative(self.one(["1", "10", "0.5"]))
        return number(self.one(NUMBERS))

    def text_test(self, sight: Sight, depth: int) -> tree.Expr:
        item = self.text(sight, depth - 1)
        op = self.one(["contains", "starts with", "ends with", "like", "has word"])
        pool = WORDS if op == "has word" else PATTERNS if op == "like" else TEXTS
        match self.one(["one", "any", "all", "list"]):
            case "one":
                return tree.TextTest(op, item, None, tree.Text(self.one(pool)))
            case "list" if op != "like":
                return tree.TextTest(op, item, self.one(["any", "all"]), self.list_of("text"))
            case "all":
                return tree.TextTest(op, item, "all", self.texts(pool))
            case _:
                return tree.TextTest(op, item, "any", self.texts(pool))

    def texts(self, pool: list[str]) -> tree.Values:
        return tree.Values(tuple(tree.Text(text) for text in self.some(pool)))

    def text_equality(self, sight: Sight, depth: int) -> tree.Expr:
        item = self.text(sight, depth - 1)
        match self.one(["is", "in", "list", "capitalised", "repeats"]):
            case "is":
                right = tree.Text(self.one(TEXTS)) if self.chance(70) else self.text(sight, depth - 1)
                return tree.Is(item, right, self.chance(30))
            case "in":
                return tree.In(item, self.texts(TEXTS), self.chance(30))
            case "list":
                return tree.In(item, self.list_of("text"), self.chance(30))
            case "capitalised":
                return call("capitalised", item)
            case _:
                return call("repeats", item, number(str(self.whole(2, 4))))

    def flag_test(self, sight: Sight, depth: int) -> tree.Expr:
        found, _ = self.one(self.named(sight, {"yes/no"}))
        item = self.read(found)
        if self.chance(60):
            return item
        return tree.Is(item, tree.Flag(self.chance(50)), self.chance(30))

    def one_of_test(self, sight: Sight, depth: int) -> tree.Expr:
        found, type_ = self.one(self.named(sight, {"one of"}))
        item = self.read(found)
        if self.chance(60):
            return tree.Is(item, self.word_or_text(self.one(type_.values)), self.chance(30))
        return tree.In(item, tree.Values(tuple(self.some(type_.values))), self.chance(30))

    def word_or_text(self, value: tree.Name | tree.Text) -> tree.Expr:
        """`free` or `"Free"`: a value of `one of`, on the right of `is`."""
        if isinstance(value, tree.Text):
            return value
        return ref(value.text) if self.chance(70) else tree.Text(value.text.upper())

    def moment_test(self, sight: Sight, depth: int) -> tree.Expr:
        found, type_ = self.one(self.named(sight, {"date", "time"}))
        item = self.read(found)
        match self.one(["since", "compare", "compare", "other", "is"]):
            case "since" if found in FIELDS and sight.events:
                since = tree.SinceField(self.unit(), dotted(found))
                return tree.Compare(self.one(["<", "<=", ">", ">="]), since, number(str(self.whole(0, 60))))
            case "other":
                other, _ = self.one(self.named(sight, {"date", "time"}))
                return tree.Compare(self.one(["<", "<=", ">", ">="]), item, self.read(other))
            case "is":
                return tree.Is(item, self.moment(type_), self.chance(30))
            case _:
                return tree.Compare(self.one(["<", "<=", ">", ">="]), item, self.moment(type_))

    def moment(self, type_: tree.TypeName) -> tree.Expr:
        if type_.kind == "time" and self.chance(60):
            return tree.Time(self.one(TIMES))
        return tree.Date(self.one(DATES))

    def tags_test(self, sight: Sight, depth: int) -> tree.Expr:
        found, _ = self.one(self.named(sight, {"list of text"}))
        item = self.read(found)
        match self.one(["one", "any", "all", "list"]):
            case "one":
                return tree.TextTest("has", item, None, tree.Text(self.one(TEXTS)))
            case "list":
                return tree.TextTest("has", item, self.one(["any", "all"]), self.list_of("text"))
            case word:
                return tree.TextTest("has", item, word, self.texts(TEXTS))

    def missing_test(self, sight: Sight, depth: int) -> tree.Expr:
        found, _ = self.one(self.named(sight, {"text", "number", "yes/no", "date", "time", "one of", "list of text"}))
        item = self.read(found)
        return tree.IsMissing(item, self.chance(30)) if self.chance(60) else tree.IsKnown(item)

    def occurs(self, sight: Sight, depth: int) -> tree.Expr:
        event, properties = self.event()
        window = self.maybe(60, self.duration)
        return tree.Occurs(self.one(["any", "no"]), event, window, self.where(sight, properties, 30))

    def label_test(self, sight: Sight, depth: int) -> tree.Expr:
        found, labels = self.one([*sight.bands, *sight.decisions])
        if self.chance(60):
            return tree.Is(ref(found), self.label_word(self.one(labels)), self.chance(30))
        words = tuple(self.label_word(label) for label in self.some(labels))
        items = tuple(name(word.name.text) if isinstance(word, tree.Ref) else word for word in words)
        return tree.In(ref(found), tree.Values(items), self.chance(30))

    def label_word(self, label: str) -> tree.Ref | tree.Number:
        return number(label) if label.isdigit() else ref(label)

    # -------------------------------------------------------------- numbers

    def numeric(self, sight: Sight, depth: int) -> tree.Expr:
        """A number of either kind, with something of the lead in it."""
        writers = []
        if self.named(sight, {"number"}):
            writers += [self.number_read, self.number_read]
        if self.named(sight, {"text"}):
            writers.append(self.length)
        if sight.events:
            writers += [self.count_of, self.aggregate, self.since_event, self.path_time]
            if sight.fields:
                writers.append(self.since_field)
        if sight.scores:
            writers += [self.score_read, self.score_read, self.score_read]
        if sight.leads:
            writers += [self.over_leads, self.over_leads]
        if self.usable_defines(sight, "number"):
            writers.append(self.defined_number)
        if depth > 0:
            writers += [self.sum_of, self.product_of, self.percent_of, self.number_call, self.number_if]
        if depth > 0 or not writers:
            writers.append(lambda sight, depth: number(self.one(NUMBERS)))
        return self.one(writers)(sight, depth)

    def number_read(self, sight: Sight, depth: int) -> tree.Expr:
        found, _ = self.one(self.named(sight, {"number"}))
        return self.read(found)

    def length(self, sight: Sight, depth: int) -> tree.Expr:
        return call(self.one(["length", "words"]), self.text(sight, depth - 1))

    def count_of(self, sight: Sight, depth: int) -> tree.Expr:
        if self.chance(30):
            kind = self.one(["text", "number", "yes/no", "date", "one of"])
            event, prop, properties = self.event_with(kind)
            return tree.Count(name(prop), event, self.maybe(50, self.duration), self.where(sight, properties, 30))
        event, properties = self.event()
        return tree.Count(None, event, self.maybe(50, self.duration), self.where(sight, properties, 30))

    def aggregate(self, sight: Sight, depth: int) -> tree.Expr:
        event, prop, properties = self.event_with("number")
        word = self.one(["sum", "average", "highest", "lowest"])
        return tree.Aggregate(word, name(prop), event, self.maybe(50, self.duration), self.where(sight, properties, 30))

    def since_event(self, sight: Sight, depth: int) -> tree.Expr:
        event, properties = self.event()
        return tree.SinceEvent(self.unit(), self.one(["first", "last"]), event, self.where(sight, properties, 30))

    def since_field(self, sight: Sight, depth: int) -> tree.Expr:
        found = self.one(["renewed_on", "created_at"])
        self.used_fields.add(found)
        return tree.SinceField(self.unit(), dotted(found), self.chance(30))

    def path_time(self, sight: Sight, depth: int) -> tree.Expr:
        start, end = self.event()[0], self.event()[0]
        first_or_last = ["first", "last"]
        return tree.PathTime(self.unit(), self.one(first_or_last), start, self.one(first_or_last), end)

    def score_read(self, sight: Sight, depth: int) -> tree.Expr:
        found = self.one(sight.scores)
        if self.chance(25) and not sight.leads:
            return tree.Earlier(dotted(found), self.duration())
        return ref(found)

    def over_leads(self, sight: Sight, depth: int) -> tree.Expr:
        if self.chance(30):
            lead_sight = sight.lead_sight
            assert lead_sight is not None
            return tree.CountLeads(self.maybe(60, lambda: self.condition(lead_sight, 1)))
        word = self.one(["sum", "average", "highest", "lowest"])
        top = self.whole(1, 3) if word in ("sum", "average") and self.chance(50) else None
        return tree.OverLeads(word, top, name(self.one(sight.leads)))

    def sum_of(self, sight: Sight, depth: int) -> tree.Expr:
        first = self.term(sight, depth)
        rest = tuple((self.one("+-"), self.term(sight, depth)) for _ in range(self.whole(1, 2)))
        return tree.Sum(first, rest)

    def term(self, sight: Sight, depth: int) -> tree.Expr:
        if self.chance(25):
            return number(self.one(NUMBERS))
        found = self.numeric(sight, depth - 1)
        return tree.Paren(found) if isinstance(found, tree.Sum) else found

    def product_of(self, sight: Sight, depth: int) -> tree.Expr:
        item = bracketed(self.numeric(sight, depth - 1))
        match self.one(["times", "by", "divide", "both", "ratio"]):
            case "times":
                return tree.Product(number(self.one(NUMBERS)), (("*", item),))
            case "by":
                return tree.Product(item, (("*", number(self.one(NUMBERS))),))
            case "divide":
                return tree.Product(item, (("/", number(self.one(NUMBERS[1:]))),))
            case "both":
                return tree.Product(item, (("*", bracketed(self.numeric(sight, depth - 1))),))
            case _:
                return tree.Product(item, (("/", bracketed(self.numeric(sight, depth - 1))),))

    def percent_of(self, sight: Sight, depth: int) -> tree.Expr:
        return tree.PercentOf(tree.Percent(Decimal(self.one(PERCENTS))), bracketed(self.numeric(sight, depth - 1)))

    def number_call(self, sight: Sight, depth: int) -> tree.Expr:
        match self.one(["min", "max", "abs", "round", "round at", "floor", "ceil", "sqrt", "weighted_mean"]):
            case "min" | "max" as function:
                args = [self.numeric(sight, depth - 1), self.plain_number(sight, depth - 1)]
                if self.chance(40):
                    args.append(self.numeric(sight, depth - 1))
                return call(function, *args)
            case "round at":
                return call("round", self.numeric(sight, depth - 1), number(str(self.whole(0, 4))))
            case "weighted_mean":
                parts = [
                    tree.PercentOf(tree.Percent(Decimal(self.one(["25", "50", "12.5", "100"]))), bracketed(item))
                    for item in (self.numeric(sight, depth - 1) for _ in range(self.whole(1, 3)))
                ]
                return call("weighted_mean", *parts)
            case function:
                return call(function, self.numeric(sight, depth - 1))

    def number_if(self, sight: Sight, depth: int) -> tree.Expr:
        other: tree.Expr = self.plain_number(sight, depth - 1)
        if self.chance(20):
            other = tree.Ref(tree.Dotted((name("missing"),)))
        return call("if", self.condition(sight, 0), self.numeric(sight, depth - 1), other)

    # -------------------------------------------------------------- texts

    def text(self, sight: Sight, depth: int) -> tree.Expr:
        found, _ = self.one(self.named(sight, {"text"}))
        item: tree.Expr = self.read(found)
        match self.one(["plain", "plain", "plain", "domain", "local_part", "if"]):
            case "domain":
                return call("domain", item)
            case "local_part":
                return call("local_part", item)
            case "if" if depth > 0:
                other: tree.Expr = tree.Text(self.one(TEXTS))
                if self.chance(30):
                    other = tree.Ref(tree.Dotted((name("missing"),)))
                return call("if", self.condition(sight, 0), item, other)
            case _:
                return item

    # -------------------------------------------------------------- defines

    def usable_defines(self, sight: Sight, kind: str) -> list[tree.Define]:
        """Those of a kind whose body may be read here; none within a define's own parameters."""
        if not sight.fields:
            return []
        return [define for define, is_kind, pure in self.defines if is_kind == kind and (pure or sight.events)]

    def defined_condition(self, sight: Sight, depth: int) -> tree.Expr:
        return self.defined(sight, depth, "condition")

    def defined_number(self, sight: Sight, depth: int) -> tree.Expr:
        return self.defined(sight, depth, "number")

    def defined(self, sight: Sight, depth: int, kind: str) -> tree.Expr:
        define = self.one(self.usable_defines(sight, kind))
        if not define.params:
            return ref(define.name.text)
        return call(define.name.text, *(self.argument(sight, param.type) for param in define.params))

    def argument(self, sight: Sight, type_: tree.TypeName) -> tree.Expr:
        match type_.kind:
            case "number":
                return self.numeric(sight, 0) if self.chance(30) else number(self.one(NUMBERS))
            case "text":
                return self.text(sight, 0)
            case "yes/no":
                return self.condition(sight, 0)
            case "date":
                return tree.Date(self.one(DATES))
            case "time":
                return tree.Time(self.one(TIMES))
            case "event":
                found = self.one(EVENTS)
                self.used_events.add(found)
                return ref(found)
            case "list of text":
                return self.read("tags")
            case "score":
                return ref(self.one(sight.scores))
            case _:
                raise AssertionError(type_.kind)

    def params(self) -> tuple[tree.Param, ...]:
        kinds = self.some(["number", "text", "yes/no"], 0, 2)
        return tuple(tree.Param(self.fresh("given"), tree.TypeName(kind)) for kind in kinds)

    def write_define(self) -> None:
        params = self.params()
        pure = self.chance(50)
        sight = Sight(events=not pure, params=tuple((param.name.text, param.type) for param in params))
        kind: Literal["condition", "number"] = self.one(["condition", "number"])
        body = self.condition(sight, 2) if kind == "condition" else self.numeric(sight, 2)
        self.defines.append((tree.Define(self.fresh("define"), params, body), kind, pure))

    # -------------------------------------------------------------- rules and groups

    def points(self, sight: Sight) -> tuple[Decimal | tree.Expr, bool]:
        minus = self.chance(25)
        if self.chance(20):
            return self.numeric(sight, 2), minus
        points = Decimal(self.one(POINTS))
        return (-points if minus else points), minus

    def rule(self, sight: Sight, otherwise: bool = False) -> tree.Rule:
        match "otherwise" if otherwise else self.one(["when", "when", "unless", "each", "each", "each", "per"]):
            case "otherwise":
                points, minus = self.points(sight)
                return self.finished(points, minus, tree.Otherwise(), self.dated())
            case "each" if sight.events:
                event, properties = self.event()
                trigger = tree.Each(event, self.maybe(50, self.duration), self.where(sight, properties))
                if trigger.where is not None and self.chance(30):
                    trigger = replace(trigger, unless=True)
                points, minus = self.points(replace(sight, properties=tuple(properties.items())))
                return self.finished(points, minus, trigger, self.each_modifiers(properties))
            case "per":
                amount = self.maybe(60, lambda: number(self.one(NUMBERS[1:])))
                points, minus = self.points(sight)
                limits = [tree.MaxPoints(Decimal(self.one(POINTS)))] if self.chance(50) else []
                return self.finished(points, minus, tree.Per(amount, self.numeric(sight, 1)), [*limits, *self.dated()])
            case "unless":
                points, minus = self.points(sight)
                return self.finished(points, minus, tree.Unless(self.condition(sight, 2)), self.dated())
            case _:
                points, minus = self.points(sight)
                return self.finished(points, minus, tree.When(self.condition(sight, 2)), self.dated())

    def finished(
        self, points: Decimal | tree.Expr, minus: bool, trigger: tree.Trigger, modifiers: list[tree.Modifier]
    ) -> tree.Rule:
        return tree.Rule(points, minus, self.fresh("rule"), self.label(), trigger, tuple(modifiers))

    def dated(self) -> list[tree.Modifier]:
        found: list[tree.Modifier] = []
        if self.chance(10):
            found.append(tree.Starts(tree.Date(self.one(DATES[:2]))))
        if self.chance(10):
            found.append(tree.Until(tree.Date(self.one(DATES[2:]))))
        return found

    def each_modifiers(self, properties: dict[str, tree.TypeName]) -> list[tree.Modifier]:
        found: list[tree.Modifier] = []
        if self.chance(40):
            pers: list[Any] = [None, "day", "week", "month"]
            comparable = [prop for prop, type_ in properties.items() if type_.kind != "list of text"]
            found.append(tree.Once(self.one([*pers, *(name(prop) for prop in comparable), *map(name, comparable)])))
        if self.chance(40):
            found.append(tree.MaxTimes(self.whole(1, 3), self.one([None, None, "day", "week", "month"])))
        if self.chance(40):
            found.append(tree.MaxPoints(Decimal(self.one(POINTS))))
        if self.chance(50):
            found.append(self.curve())
            if self.chance(30):
                found.append(tree.After(self.duration()))
        return [*found, *self.dated()]

    def curve(self) -> tree.Curve:
        shape = self.one(["halving", "fading", "losing", "keeping"])
        percent = tree.Percent(Decimal(self.one(SHARES))) if shape in ("losing", "keeping") else None
        return tree.Curve(shape, self.duration(), percent)

    def limits(self) -> tuple[tree.Limit, ...]:
        found: list[tree.Limit] = []
        if self.chance(40):
            found.append(tree.AtMost(signed(self.one(["30", "10", "0.5"]))))
        if self.chance(25):
            found.append(tree.AtLeast(signed(self.one(["-20", "-0.5", "0"]))))
        if self.chance(25):
            found.append(tree.Counting(tree.Percent(Decimal(self.one(["30", "100", "33.3"])))))
        return tuple(found)

    def group(self, sight: Sight, depth: int) -> tree.Group:
        kind = self.one(["group", "first of", "best of"])
        inner = depth - 1 if kind == "group" else 0
        items: list[tree.Item] = [self.member(sight, inner) for _ in range(self.whole(1, 3))]
        if kind == "group" and self.chance(30):
            items.insert(0, self.decay_line(silence=False))
        if kind == "first of" and self.chance(40):
            items.append(self.rule(sight, otherwise=True))
        return tree.Group(kind, self.fresh("group"), self.label(), self.limits(), tuple(items))

    def member(self, sight: Sight, depth: int) -> tree.Item:
        if depth > 0 and self.chance(30):
            return self.group(sight, depth)
        if self.usable_templates(sight) and self.chance(30):
            return self.include(sight)
        return self.rule(sight)

    def usable_templates(self, sight: Sight) -> list[tree.RuleSet]:
        if not sight.events:
            return []
        return [
            one for one in self.templates if sight.scores or all(param.type.kind != "score" for param in one.params)
        ]

    def include(self, sight: Sight) -> tree.Include:
        template = self.one(self.usable_templates(sight))
        self.count += 1
        args = tuple(self.argument(sight, param.type) for param in template.params)
        excluded = ()
        if len(template.items) > 1 and self.chance(20):
            last = template.items[-1]
            assert isinstance(last, tree.Rule | tree.Group)
            excluded = (last.name,)
        return tree.Include(dotted(template.name.text), args or None, excluded)

    def decay_line(self, silence: bool) -> tree.DecayLine:
        return tree.DecayLine(self.curve(), silence, self.maybe(40, self.duration))

    def write_template(self) -> None:
        kinds = self.some(["number", "text", "yes/no", "event", "score"], 0, 3)
        params = tuple(tree.Param(self.fresh("given"), tree.TypeName(kind)) for kind in kinds)
        names = {kind: param.name for kind, param in zip(kinds, params, strict=True)}
        sight = Sight(
            fields=not params,
            events=False,
            params=tuple((param.name.text, param.type) for param in params),
            scores=(names["score"].text,) if "score" in names else (),
        )
        items = [self.rule(sight) for _ in range(self.whole(1, 2))]
        if "event" in names:
            trigger = tree.Each(tree.EventName(names["event"]), self.maybe(50, self.duration), None)
            items.append(self.finished(*self.points(sight), trigger, self.each_modifiers({})))
        self.templates.append(tree.RuleSet(self.fresh("rules"), params, self.label(), tuple(items)))

    # -------------------------------------------------------------- scores, bands

    def score(self, sight: Sight) -> tree.Score:
        low, high = self.one([(0, 100), (-50, 50), (0, 1000), (0, 1)])
        range_ = self.maybe(60, lambda: tree.Range(signed(str(low)), signed(str(high))))
        rounding = self.maybe(30, lambda: self.one(["rounded", "rounded up", "rounded down"]))
        body = self.maybe(25 if sight.scores else 5, lambda: self.numeric(sight, 3))
        items = [] if body is not None else [self.member(sight, 2) for _ in range(self.whole(1, 4))]
        items = self.without_twin_includes(items)
        lines: list[tree.Item] = []
        if body is None:
            if self.chance(25):
                lines.append(tree.StartAt(signed(self.one(["10", "-5", "0.5"]))))
            if sight.events and self.chance(30):
                resets = self.some(["unsubscribe", "purchase", "demo_request"], 1, 2)
                self.used_events |= set(resets)
                lines.append(tree.ResetOn(tuple(name(event) for event in resets)))
            if sight.events and self.chance(25):
                lines.append(self.decay_line(silence=False))
            if sight.events and self.chance(25):
                lines.append(self.decay_line(silence=True))
            if self.chance(20):
                lines.append(tree.CapLine(signed(self.one(["15", "0", "-3"])), self.condition(sight, 1)))
            if self.chance(20):
                lines.append(tree.FloorLine(signed(self.one(["5", "-10", "20"])), self.condition(sight, 1)))
        return tree.Score(self.fresh("score"), self.label(), range_, rounding, body, (*lines, *items))

    def without_twin_includes(self, items: list[tree.Item]) -> list[tree.Item]:
        """The rules of a template may stand in a score only once, or their names would."""
        seen: set[str] = set()

        def pruned(item: tree.Item) -> tree.Item | None:
            if isinstance(item, tree.Include):
                if item.name.text in seen:
                    return None
                seen.add(item.name.text)
            if isinstance(item, tree.Group):
                kept = tuple(one for one in map(pruned, item.items) if one is not None)
                return (
                    replace(item, items=kept)
                    if any(isinstance(one, tree.Rule | tree.Group | tree.Include) for one in kept)
                    else None
                )
            return item

        kept = [one for one in map(pruned, items) if one is not None]
        return kept

    def band(self, score: str, sight: Sight) -> tuple[tree.Band, tuple[str, ...]]:
        """A band and its labels. Its rows stand in it, or come from a set of rows with its limits as parameters."""
        labels = self.one([("hot", "warm", "cold"), ("A", "B"), ("1", "2", "3"), ("yes_row", "no_row")])
        numbers = sorted(self.some([-10, 0, 1, 5, 20, 50, 80], len(labels) - 1, len(labels) - 1), reverse=True)
        limits: list[tree.Expr] = [number(str(limit)) if limit >= 0 else negative(str(-limit)) for limit in numbers]
        if self.chance(20):
            limits[0] = call("if", self.condition(sight, 1), number(str(numbers[0] + 100)), bracketed(limits[0]))
        last = tree.BandRow(tree.Label(labels[-1]), None)
        if not self.chance(15):
            rows = (
                *(tree.BandRow(tree.Label(label), limit) for label, limit in zip(labels, limits, strict=False)),
                last,
            )
            return tree.Band(self.fresh("band"), name(score), self.label(), rows), labels
        params = tuple(tree.Param(self.fresh("given"), tree.TypeName("number")) for _ in limits)
        below = (
            tree.BandRow(tree.Label(label), ref(param.name.text)) for label, param in zip(labels, params, strict=False)
        )
        made = tree.BandSet(self.fresh("bands"), params, self.label(), (*below, last))
        self.row_sets.append(made)
        include = tree.Include(dotted(made.name.text), tuple(limits), ())
        return tree.Band(self.fresh("band"), name(score), self.label(), (include,)), labels

    # -------------------------------------------------------------- decisions, gates

    def decide(self, sight: Sight) -> tuple[tree.Decide, tuple[str, ...]]:
        outcomes: list[str] = []

        def outcome(pool: list[str]) -> tree.Label:
            found = self.one(pool)
            outcomes.append(found)
            return tree.Label(found)

        free = ["sales", "nurture", "call", "recycle"]
        rows: list[tree.Row | tree.Include] = []
        for _ in range(self.whole(0, 3)):
            wrap = self.one([tree.When, tree.When, tree.Unless])
            rows.append(tree.Choice(outcome(free), wrap(self.condition(sight, 1))))
        if sight.scores and not sight.leads and self.chance(15):
            param = tree.Param(self.fresh("given"), tree.TypeName("score"))
            seen = Sight(fields=False, events=False, scores=(param.name.text,))
            choices = tuple(
                tree.Choice(outcome(free), tree.When(self.condition(seen, 1))) for _ in range(self.whole(1, 2))
            )
            made = tree.ChoiceSet(self.fresh("choices"), (param,), self.label(), choices)
            self.row_sets.append(made)
            rows.append(tree.Include(dotted(made.name.text), (ref(self.one(sight.scores)),), ()))
        by = None
        if sight.bands and self.chance(40):
            (down, down_labels), (across, across_labels) = self.one(sight.bands), self.one(sight.bands)
            by = (name(down), name(across))
            rows.append(tree.GridRow(None, tuple(tree.Label(label) for label in across_labels)))
            for label in down_labels:
                rows.append(tree.GridRow(tree.Label(label), tuple(outcome(free) for _ in across_labels)))
            if self.chance(40):
                rows.append(tree.Choice(outcome(free), tree.When(self.condition(sight, 1))))
        rows.append(tree.Choice(outcome(["recycle", "wait"]), tree.Otherwise()))
        return tree.Decide(self.fresh("decision"), self.label(), by, tuple(rows)), tuple(dict.fromkeys(outcomes))

    def gate(self, outcomes: list[str], sight: Sight) -> tree.Gate:
        bans = tuple(
            tree.Ban(
                tuple(tree.Label(label) for label in self.some(outcomes, 1, 2)),
                self.one([tree.When, tree.Unless])(self.condition(sight, 1)),
            )
            for _ in range(self.whole(1, 2))
        )
        return tree.Gate(self.fresh("gate"), self.label(), bans)

    # -------------------------------------------------------------- account

    def account(self, lead_sight: Sight) -> tree.Account:
        key = self.text(replace(lead_sight, events=False, scores=(), bands=(), decisions=()), 0)
        items: list[tree.Score | tree.Band | tree.Decide | tree.Gate] = []
        sight = Sight(fields=False, events=False, leads=lead_sight.scores, lead_sight=lead_sight)
        for _ in range(self.whole(1, 2)):
            score = self.account_score(sight)
            items.append(score)
            sight = replace(sight, scores=(*sight.scores, score.name.text))
        if self.chance(60):
            band, labels = self.band(self.one(sight.scores), sight)
            items.append(band)
            sight = replace(sight, bands=((band.name.text, labels),))
        if self.chance(50):
            decision, outcomes = self.decide(sight)
            items.append(decision)
            barred = [label for label in outcomes if label not in ("recycle", "wait")]
            if barred and self.chance(50):
                items.append(self.gate(barred, sight))
        return tree.Account(key, self.maybe(40, lambda: self.condition(lead_sight, 1)), tuple(items))

    def account_score(self, sight: Sight) -> tree.Score:
        range_ = self.maybe(60, lambda: tree.Range(signed("0"), signed("200")))
        if self.chance(60):
            return tree.Score(self.fresh("score"), None, range_, None, self.numeric(sight, 2), ())
        rules = tuple(self.rule(sight) for _ in range(self.whole(1, 3)))
        return tree.Score(self.fresh("score"), None, range_, None, None, rules)

    # -------------------------------------------------------------- the rest

    def extras(self, sight: Sight) -> list[tree.Declaration]:
        found: list[tree.Declaration] = []
        if self.chance(20):
            watched, labels = self.one([*sight.bands, *sight.decisions, (sight.scores[0], ())])
            change, value = (
                (self.one(["becomes", "leaves"]), tree.Label(self.one(labels)))
                if labels
                else (self.one(["rises above", "falls below"]), signed(self.one(["40", "0.5"])))
            )
            to = tree.Text("inbound@acme.example")
            found.append(tree.Alert(self.fresh("alert"), to, name(watched), change, value))
        if self.chance(15):
            names = tuple(name(one) for one in self.some([*sight.scores, *(band for band, _ in sight.bands)]))
            found.append(tree.Show(name("sales"), names if self.chance(60) else None))
        if self.chance(20):
            found.append(tree.Promise(self.fresh("promise"), self.label(), (self.vow(sight),)))
        if self.chance(20):
            found.append(self.test(sight))
        return found

    def vow(self, sight: Sight) -> tree.Vow:
        match self.one(["holds", "implies", "never", "stays", "event", "field"]):
            case "holds":
                return tree.Holds(self.condition(sight, 1))
            case "implies":
                return tree.Implies(self.condition(sight, 1), self.condition(sight, 1))
            case "never":
                return tree.Never(self.condition(sight, 1), self.condition(sight, 1))
            case "stays":
                return tree.Stays(name(self.one(sight.scores)), signed("-5"), signed("100.5"))
            case "event":
                found = self.one(EVENTS)
                self.used_events.add(found)
                return tree.Monotone("more", name(found), "lowers", name(self.one(sight.scores)))
            case _:
                self.used_fields.add("employees")
                return tree.Monotone("higher", name("employees"), "raises", name(self.one(sight.scores)))

    def test(self, sight: Sight) -> tree.Test:
        steps: list[tree.Step] = [tree.At(self.one([tree.Date("2026-03-02"), tree.Time("2026-03-02T10:00Z")]))]
        if self.used_fields:
            given = {
                "text": lambda: tree.Text(self.one(TEXTS)),
                "number": lambda: number(self.one(NUMBERS)),
                "yes/no": lambda: tree.Flag(self.chance(50)),
                "date": lambda: tree.Date(self.one(DATES)),
                "time": lambda: tree.Time(self.one(TIMES)),
                "list of text": lambda: self.texts(TEXTS),
            }
            values = []
            for found in self.some(sorted(self.used_fields)):
                type_ = FIELDS[found]
                value = self.one(type_.values) if type_.kind == "one of" else given[type_.kind]()
                values.append((name(found), value))
            steps.append(tree.Given(tuple(values)))
        if self.used_events:
            found = self.one(sorted(self.used_events))
            steps.append(tree.Happened(name(found), self.whole(1, 3), self.duration(), None, ()))
        steps.append(tree.Expect(self.condition(sight, 1)))
        return tree.Test(tree.Text("a case"), tuple(steps))

    # -------------------------------------------------------------- the whole policy

    def policy(self) -> tree.File:
        for _ in range(self.whole(0, 2)):
            self.write_define()
        if self.chance(25):
            self.write_template()
        body: list[tree.Declaration] = []
        sight = Sight()
        for _ in range(self.whole(1, 3)):
            score = self.score(sight)
            body.append(score)
            sight = replace(sight, scores=(*sight.scores, score.name.text))
            if self.chance(50):
                band, labels = self.band(score.name.text, sight)
                body.append(band)
                sight = replace(sight, bands=(*sight.bands, (band.name.text, labels)))
        seen_by_gates = sight
        outcomes: list[str] = []
        for _ in range(self.whole(0, 2)):
            decision, found = self.decide(sight)
            body.append(decision)
            outcomes += found
            sight = replace(sight, decisions=(*sight.decisions, (decision.name.text, found)))
        barred = [label for label in dict.fromkeys(outcomes) if label not in ("recycle", "wait")]
        if barred:
            for _ in range(self.whole(0, 2)):
                body.append(self.gate(barred, seen_by_gates))
            if self.chance(30):
                within = self.maybe(50, lambda: tree.Duration(Decimal(1), "day"))
                body.append(tree.Outcome(name(self.one(barred)), self.label(), within))
        if self.chance(20):
            body.append(self.account(sight))
        body += self.extras(sight)
        return tree.File(self.header(), (*self.declarations(), *body))

    def header(self) -> tree.Header:
        meta: list[tree.Meta] = [tree.Language(1), tree.Version("1.2.3")]
        if self.chance(50):
            meta.append(tree.TimeZone(tree.Text(self.one(ZONES))))
        return tree.Header("policy", dotted("trial"), self.label(), tuple(meta))

    def declarations(self) -> list[tree.Declaration]:
        fields = tuple(
            tree.Field(name(found), type_, self.chance(10), self.maybe(10, lambda: tree.Text("A column")))
            for found, type_ in FIELDS.items()
            if found in self.used_fields or found == "email"
        )
        columns: set[str] = set()
        for index, one in enumerate(fields):
            if one.column is not None:
                column = f"{one.column.value} {index}"
                columns.add(column)
                fields = (*fields[:index], replace(one, column=tree.Text(column)), *fields[index + 1 :])
        found: list[tree.Declaration] = [tree.Record(name("lead"), name("lead_id"), fields)]
        for event, properties in EVENTS.items():
            if event in self.used_events:
                kind = tree.EventKind(name(event), self.maybe(10, lambda: tree.Text(f"A {event}")))  # noqa: B023
                props = tuple(tree.Field(name(prop), type_, False, None) for prop, type_ in properties.items())
                found.append(tree.Event((kind,), props))
        for list_, values in ALL_LISTS.items():
            if list_ in self.used_lists:
                found.append(tree.ListOf(name(list_), values, None))
        found += [define for define, _, _ in self.defines]
        return [*found, *self.templates, *self.row_sets]


ALL_LISTS: dict[str, tree.Values] = {
    "competitors": tree.Values((tree.Text("corp.example"), tree.Text("Rival.Example"))),
    "signs": tree.Values((tree.Text("İzmir"), tree.Text("vp"), tree.Text("Σοφία"))),
    "sizes": tree.Values((number("1"), number("2.5"), number("1000"))),
}
LISTS = {"text": ["competitors", "signs"], "number": ["sizes"]}


@st.composite
def policies(draw: Any) -> tree.File:
    """Surface trees of policies that have no errors."""
    return Author(shrinking(draw)).policy()
