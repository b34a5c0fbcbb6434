"""What differs between dialects: about thirty primitives, each with one exact meaning.

sqlglot builds and prints; it is not asked to translate, because a function of the same name means different things in
different warehouses. A primitive that a dialect cannot say exactly raises `CannotSay`, and the lowering adds the place.

Sources of the forms: the manuals of each engine, and probes against DuckDB, PostgreSQL and Spark.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import import_module

from sqlglot import exp

from ....dsl import values
from ....dsl.source import NOWHERE, Span
from .syntax import (
    Sql,
    add,
    all_of,
    any_of,
    big,
    call,
    case,
    cast,
    closed,
    column,
    compare,
    flag,
    integer,
    is_known,
    member,
    multiply,
    negated,
    negative,
    of_doubles,
    slash,
    spelled,
    subtract,
    text,
)

LARGEST_DOUBLE = "1.7976931348623157e308"
_INT64 = 2**63 - 1


class CannotSay(Exception):
    """A dialect has no exact form for something that a policy says. `what` and `span` tell where, once it is known;
    `others` are found in the same policy."""

    def __init__(self, reason: str, what: str = "", span: Span = NOWHERE, others: tuple[CannotSay, ...] = ()) -> None:
        super().__init__(reason)
        self.reason, self.what, self.span, self.others = reason, what, span, others

    def at(self, what: str, span: Span) -> CannotSay:
        """The same with a place, unless it has one: the innermost is the one that helps."""
        return self if self.what else CannotSay(self.reason, what, span, self.others)

    @property
    def found(self) -> tuple[CannotSay, ...]:
        return (self, *self.others)


def with_others(refused: Sequence[CannotSay]) -> CannotSay:
    """All that was found, each thing once, as one exception."""
    first, *others = {(why.reason, why.what, why.span): why for why in refused}.values()
    return CannotSay(first.reason, first.what, first.span, tuple(others))


class Dialect:
    """The forms that most engines share."""

    name = ""
    double = "DOUBLE"
    wide_type = "DECIMAL(38, 0)"
    """whole numbers of 38 digits, for products that 64 bits do not hold"""
    has_lists = True
    """lists of texts, and a list of reasons in one column"""
    materializes = False
    """a step can be told to be computed by itself"""
    substitutes = False
    """`${name}` stands for a variable of the session, even in a text"""
    looks_through_steps = False
    """the planner writes the expressions of a step out wherever they are read, so that every step is better computed by
    itself"""

    @property
    def printer(self) -> str:
        """What sqlglot calls the dialect."""
        return self.name

    def computes_apart(self, wished: bool) -> bool:
        """Whether a step is to be said to be MATERIALIZED."""
        return self.materializes and (wished or self.looks_through_steps)

    # -- numbers

    def number(self, value: float) -> Sql:
        """A double, to the last bit: written with an exponent no engine takes it for a decimal."""
        written = repr(abs(value))
        if "e" not in written:
            written = f"{written}e0"
        literal = cast(exp.Literal.number(written), self.double)
        return negative(literal) if value < 0 else literal

    def as_double(self, node: Sql) -> Sql:
        return cast(node, self.double)

    def wide(self, node: Sql) -> Sql:
        return cast(node, self.wide_type)

    def wide_number(self, number: int) -> Sql:
        return self.wide(text(str(number)))

    def idiv(self, left: Sql, right: Sql) -> Sql:
        """left / right without the rest; left >= 0, right > 0."""
        return exp.Paren(this=exp.IntDiv(this=closed(left), expression=closed(right)))

    def wide_idiv(self, left: Sql, right: Sql) -> Sql:
        """`idiv` of numbers of 38 digits."""
        return self.idiv(left, right)

    def floor(self, double: Sql) -> Sql:
        """The whole number below a double, as 64 bits."""
        return big(exp.Floor(this=double))

    def power(self, base: Sql, exponent: Sql) -> Sql:
        return call("POWER", base, exponent)

    def sqrt(self, node: Sql) -> Sql:
        return call("SQRT", node)

    def magnitude(self, node: Sql) -> Sql:
        return exp.Abs(this=node)

    def least(self, *nodes: Sql) -> Sql:
        """The least of values that are all known."""
        return call("LEAST", *nodes) if len(nodes) > 1 else nodes[0]

    def greatest(self, *nodes: Sql) -> Sql:
        return call("GREATEST", *nodes) if len(nodes) > 1 else nodes[0]

    def finite(self, double: Sql) -> Sql:
        """A double, missing where it is NaN or infinite."""
        largest = cast(exp.Literal.number(LARGEST_DOUBLE), self.double)
        return case([(compare("<=", exp.Abs(this=double), largest), double)])

    def product(self, left: Sql, right: Sql) -> Sql:
        """Of doubles; what is too large may be infinite."""
        return of_doubles(exp.Mul, left, right)

    def quotient(self, left: Sql, right: Sql) -> Sql:
        """Of doubles; the right one is not 0."""
        return slash(left, right)

    def plus(self, left: Sql, right: Sql) -> Sql:
        return of_doubles(exp.Add, left, right)

    def minus(self, left: Sql, right: Sql) -> Sql:
        return of_doubles(exp.Sub, left, right)

    def points(self, ticks: Sql) -> Sql:
        """Ticks as a decimal number of points."""
        return multiply(cast(ticks, "DECIMAL(18, 0)"), cast(exp.Literal.number("0.0001"), "DECIMAL(4, 4)"))

    # -- aggregates

    def sum_of(self, node: Sql) -> Sql:
        """The sum of 64-bit numbers, with 38 digits."""
        return self.wide(exp.Sum(this=self.wide(node)))

    def small_sum(self, node: Sql) -> Sql:
        """The sum of 64-bit numbers where it fits 64 bits too."""
        return big(exp.Sum(this=node))

    def any_row(self, test: Sql) -> Sql:
        return compare("==", exp.Max(this=case([(test, integer(1))], integer(0))), integer(1))

    # -- texts

    def trimmed(self, node: Sql) -> Sql:
        """Without the language's four blanks around it."""
        return call("TRIM", node, spelled(values.BLANKS))

    def tidied(self, node: Sql) -> Sql:
        """A text without blanks around it; missing if there is nothing else in it."""
        return call("NULLIF", self.trimmed(node), text(""))

    def fold(self, node: Sql) -> Sql:
        return exp.Lower(this=call("TRANSLATE", node, text("İΣ"), text("iσ")))

    def upper(self, node: Sql) -> Sql:
        return exp.Upper(this=node)

    def contains(self, node: Sql, needle: str) -> Sql:
        return compare(">", call("STRPOS", node, text(needle)), integer(0))

    def starts_with(self, node: Sql, needle: str) -> Sql:
        return compare("==", call("LEFT", node, integer(len(needle))), text(needle))

    def ends_with(self, node: Sql, needle: str) -> Sql:
        return compare("==", call("RIGHT", node, integer(len(needle))), text(needle))

    def like(self, node: Sql, pattern: str) -> Sql:
        """A pattern of `*` and `?`."""
        for special in "^%_":
            pattern = pattern.replace(special, "^" + special)
        written = pattern.replace("*", "%").replace("?", "_")
        return exp.Escape(this=exp.Like(this=closed(node), expression=text(written)), expression=text("^"))

    def length(self, node: Sql) -> Sql:
        """In characters (code points)."""
        return call("LENGTH", node)

    def first_character(self, node: Sql) -> Sql:
        return call("LEFT", node, integer(1))

    def is_ascii(self, character: Sql) -> Sql:
        return compare("<", call("ASCII", character), integer(128))

    def replace_all(self, node: Sql, pattern: str, by: str) -> Sql:
        """Every match of a class of characters (`[...]+`) replaced."""
        return call("REGEXP_REPLACE", node, spelled(pattern), text(by))

    def without(self, node: Sql, what: str) -> Sql:
        return call("REPLACE", node, text(what), text(""))

    def group_of(self, node: Sql, pattern: str) -> Sql:
        """The first group of a pattern; '' or missing where it does not match."""
        return call("REGEXP_EXTRACT", node, text(pattern), integer(1))

    end = "$"
    """the end of a text in a pattern"""

    def words(self, folded: Sql) -> Sql:
        """`values.words_of`: one space around each word."""
        spaced = self.replace_all(folded, SEPARATORS, " ")
        inner = call("TRIM", spaced, text(" "))
        return case(
            [(compare("==", inner, text("")), text(" "))],
            exp.DPipe(this=exp.DPipe(this=text(" "), expression=inner), expression=text(" ")),
        )

    def word_count(self, node: Sql) -> Sql:
        spaced = self.words(node)
        return subtract(self.length(spaced), self.length(self.without(spaced, " ")), integer(1))

    def domain(self, node: Sql) -> Sql:
        return self.tidied(self.group_of(node, f"@([^@]*){self.end}"))

    def local_part(self, node: Sql) -> Sql:
        behind = self.length(self.group_of(node, f"(@[^@]*){self.end}"))
        before = call("LEFT", node, subtract(self.length(node), behind))
        return case([(self.contains(node, "@"), self.tidied(before))])

    def repeats(self, folded: Sql, times: int) -> Sql:
        raise CannotSay("the longest run of one character")

    def capitalised(self, node: Sql) -> Sql:
        first = self.first_character(node)
        capital = compare("!=", self.fold(first), first)
        # A few characters have capitals of several letters, which engines write differently.
        small = any_of([compare("!=", self.upper(first), first), member(first, list(map(text, long_capitals())))])
        return case([(capital, flag(True)), (small, flag(False))], negated(self.is_ascii(first)))

    # -- lists of texts

    def folded_list(self, node: Sql) -> Sql:
        raise CannotSay("lists of texts")

    def has(self, folded_list: Sql, needle: str) -> Sql:
        raise CannotSay("lists of texts")

    # -- the calendar

    def local_date(self, micros: Sql, zone: str) -> Sql:
        """The calendar day of an instant in a time zone, as a DATE."""
        raise NotImplementedError

    def day_number(self, day: Sql) -> Sql:
        """Days from 1970-01-01 to a DATE."""
        return exp.Paren(this=exp.Sub(this=closed(day), expression=cast(text("1970-01-01"), "DATE")))

    def period(self, micros: Sql, period: str, zone: str) -> Sql:
        """`values.period_of`"""
        if period == "month":
            day = self.local_date(micros, zone)
            year = big(exp.Extract(this=exp.var("YEAR"), expression=day))
            month = big(exp.Extract(this=exp.var("MONTH"), expression=day))
            return subtract(add(multiply(year, integer(12)), month), integer(1))
        if zone == "UTC":
            day_number = self.floor_div(micros, values.DAY)
        else:
            day_number = big(self.day_number(self.local_date(micros, zone)))
        if period == "day":
            return day_number
        return self.floor_div(add(day_number, integer(3)), 7)

    # -- composed

    def floor_div(self, node: Sql, by: int) -> Sql:
        """The whole number below node / by (by > 0), also of a negative number."""
        below = negative(self.idiv(add(negative(node), integer(by - 1)), integer(by)))
        return case([(compare(">=", node, integer(0)), self.idiv(node, integer(by)))], below)

    def half_away(self, node: Sql, by: int, low: float, high: float) -> Sql:
        """`values.divide(node, by)` for a node between low and high; 64 bits unless it needs more."""
        wide = max(abs(low), abs(high)) * 2 + by > _INT64
        if wide:
            node = self.wide(node)
            two, divisor, rest = self.wide_number(2), self.wide_number(2 * by), self.wide_number(by)
        else:
            two, divisor, rest = integer(2), integer(2 * by), integer(by)
        if by == 1:
            return node
        idiv = self.wide_idiv if wide else self.idiv
        above = idiv(add(multiply(node, two), rest), divisor)
        if low >= 0:
            return above
        below = negative(idiv(add(multiply(negative(node), two), rest), divisor))
        return case([(compare(">=", node, integer(0)), above)], below)

    def bounded(self, node: Sql, low: float, high: float) -> Sql:
        """Ticks within ±MAX_TICKS; what is missing stays so (LEAST and GREATEST would make a limit of it)."""
        branches = []
        if low < -values.MAX_TICKS:
            branches.append((compare("<", node, integer(-values.MAX_TICKS)), integer(-values.MAX_TICKS)))
        if high > values.MAX_TICKS:
            branches.append((compare(">", node, integer(values.MAX_TICKS)), integer(values.MAX_TICKS)))
        return case(branches, node)

    def ticks(self, double: Sql) -> Sql:
        """`values.ticks_of` of a finite double."""
        size = multiply(self.magnitude(double), self.number(10000.0))
        rounded = self.floor(add(size, self.number(0.5)))
        most = compare(">=", self.magnitude(double), self.number(1e11))
        limited = case([(most, integer(values.MAX_TICKS))], rounded)
        signed = case([(compare("<", double, integer(0)), negative(limited))], limited)
        return case([(is_known(double), big(signed))])

    def number_of(self, ticks: Sql) -> Sql:
        """Ticks as a double of points."""
        return slash(self.as_double(ticks), self.number(10000.0))

    # -- the edge: what stands in typed tables

    def outward(self, name: str) -> exp.Identifier:
        """The name of a column that is seen from outside: of a source, or of the result."""
        return exp.to_identifier(name, quoted=True)

    def text_column(self, node: Sql) -> Sql:
        return cast(node, "VARCHAR")

    def number_column(self, node: Sql) -> Sql:
        """A column as a double, missing where it is NaN or infinite."""
        return self.finite(cast(node, self.double))

    def flag_column(self, node: Sql) -> Sql:
        return cast(node, "BOOLEAN")

    def day_column(self, node: Sql) -> Sql:
        return cast(node, "DATE")

    def texts_column(self, node: Sql) -> Sql:
        """A list of texts, each trimmed; without those that are missing or empty."""
        raise CannotSay("lists of texts")

    def texts_type(self) -> exp.DataType:
        return exp.DataType.build("VARCHAR[]", dialect="duckdb")

    def micros(self, instant: Sql) -> Sql:
        """Microseconds since 1970 of a column of timestamps: with a time zone, or without one in UTC. What is finer
        than a microsecond is cut off."""
        raise NotImplementedError

    def midnight(self, day: Sql, zone: str) -> Sql:
        """The instant in microseconds at which a DATE begins in a time zone (`values.midnight`)."""
        if zone == "UTC":
            return multiply(big(self.day_number(day)), integer(values.DAY))
        raise NotImplementedError

    def now(self) -> Sql:
        return exp.CurrentTimestamp()

    def instant(self, micros: int) -> Sql:
        """A written instant as a timestamp with a time zone."""
        return cast(text(f"{values.moment_of(micros):%Y-%m-%d %H:%M:%S.%f}+00:00"), "TIMESTAMPTZ")

    def instant_of(self, micros: Sql) -> Sql:
        """Microseconds as a timestamp with a time zone."""
        raise NotImplementedError

    def table_of(self, names: Sequence[str], rows: Sequence[Sequence[Sql]]) -> exp.Select:
        """A relation that is written out."""
        tuples = [exp.Tuple(expressions=list(row)) for row in rows]
        alias = exp.TableAlias(
            this=exp.to_identifier("v"), columns=[exp.to_identifier(name, quoted=True) for name in names]
        )
        values_ = exp.Values(expressions=tuples, alias=alias)
        return exp.select(*[column(name) for name in names]).from_(values_, copy=False)

    def joined_texts(self, lines: Sequence[tuple[Sql, Sql]]) -> Sql:
        """The texts of those (test, text) whose test holds, with `; ` between them; missing if none does."""
        parts = [case([(test, exp.DPipe(this=text("; "), expression=said))], text("")) for test, said in lines]
        joined = parts[0]
        for part in parts[1:]:
            joined = exp.DPipe(this=joined, expression=part)
        return call("NULLIF", call("SUBSTR", joined, integer(3)), text(""))

    # -- reasons

    def reasons(self, lines: Sequence[tuple[str, Sql, Sql]]) -> Sql:
        """A list of (rule, points) of those lines whose test holds: (rule, test, ticks) each."""
        raise CannotSay("a list of reasons in one column")


def _class_of_separators() -> str:
    """The characters between words as the inside of a class of a regular expression. NUL is left out: it stands in no
    text that a database holds. What has a meaning inside a class is left out too."""
    parts: list[str] = []
    codes = [code for code in sorted(values.SEPARATORS) if code and chr(code) not in "]^-[\\"]
    start = 0
    while start < len(codes):
        end = start
        while end + 1 < len(codes) and codes[end + 1] == codes[end] + 1:
            end += 1
        parts.append(chr(codes[start]) if start == end else f"{chr(codes[start])}-{chr(codes[end])}")
        start = end + 1
    return "".join(parts)


SEPARATORS = f"([{_class_of_separators()}^-]|[]]|[[]|[\\\\])+"
"""A run of characters between words; the four with a meaning stand where they have none."""

ESCAPED_SEPARATORS = f"[{_class_of_separators()}\\[\\]\\\\^-]+"
"""The same for engines that know an escape inside a class, and take a bracket there for a class of its own."""


@cache
def long_capitals() -> tuple[str, ...]:
    """Characters whose capital is of more than one character."""
    codes = (code for code in range(0x80, 0x1_0000) if not 0xD800 <= code < 0xE000)
    return tuple(chr(code) for code in codes if len(chr(code).upper()) > 1)


class DuckDB(Dialect):
    name = "duckdb"
    wide_type = "HUGEINT"
    materializes = True

    def any_row(self, test: Sql) -> Sql:
        return call("BOOL_OR", test)

    def finite(self, double: Sql) -> Sql:
        return case([(call("ISFINITE", double), double)])

    def sum_of(self, node: Sql) -> Sql:
        return exp.Sum(this=node)

    def wide_number(self, number: int) -> Sql:
        return self.wide(integer(number))

    def contains(self, node: Sql, needle: str) -> Sql:
        return call("CONTAINS", node, text(needle))

    def starts_with(self, node: Sql, needle: str) -> Sql:
        return call("STARTS_WITH", node, text(needle))

    def ends_with(self, node: Sql, needle: str) -> Sql:
        return call("ENDS_WITH", node, text(needle))

    def fold(self, node: Sql) -> Sql:
        # Goes by characters, whatever stands beside them, and knows a small letter of one character for each: exactly
        # what folding is.
        return exp.Lower(this=node)

    def domain(self, node: Sql) -> Sql:
        # Several times as fast as a pattern.
        behind = call("SPLIT_PART", node, text("@"), negative(integer(1)))
        return case([(self.contains(node, "@"), self.tidied(behind))])

    def tidied(self, node: Sql) -> Sql:
        # Trimming costs more than to see that there is nothing to trim.
        return case([(self.is_tidy(node), node)], super().tidied(node))

    def is_tidy(self, node: Sql) -> Sql:
        """Whether a text surely has no blanks around it and is not empty. `!` is the first character behind the
        blanks."""
        last = call("ARRAY_EXTRACT", node, negative(integer(1)))
        return all_of([compare(">=", node, text("!")), compare(">=", last, text("!"))])

    def is_ascii(self, character: Sql) -> Sql:
        return compare("<", call("UNICODE", character), integer(128))

    def replace_all(self, node: Sql, pattern: str, by: str) -> Sql:
        return call("REGEXP_REPLACE", node, spelled(pattern), text(by), text("g"))

    def repeats(self, folded: Sql, times: int) -> Sql:
        # REGEXP here has no references to groups: every place of the text is looked at.
        places = call("RANGE", integer(1), add(self.length(folded), integer(2 - times)))
        here = call("SUBSTR", folded, exp.column("each_place"), integer(times))
        one = call("SUBSTR", folded, exp.column("each_place"), integer(1))
        runs = compare("==", here, call("REPEAT", one, integer(times)))
        found = call("LIST_TRANSFORM", places, exp.Lambda(this=runs, expressions=[exp.to_identifier("each_place")]))
        return call("COALESCE", call("LIST_BOOL_OR", found), flag(False))

    def folded_list(self, node: Sql) -> Sql:
        folded = self.fold(exp.column("each_item"))
        return call("LIST_TRANSFORM", node, exp.Lambda(this=folded, expressions=[exp.to_identifier("each_item")]))

    def has(self, folded_list: Sql, needle: str) -> Sql:
        return call("LIST_CONTAINS", folded_list, text(needle))

    def local_date(self, micros: Sql, zone: str) -> Sql:
        return cast(call("TIMEZONE", text(zone), call("MAKE_TIMESTAMPTZ", micros)), "DATE")

    def texts_column(self, node: Sql) -> Sql:
        item, names = exp.column("each_item"), [exp.to_identifier("each_item")]
        clean = call("LIST_TRANSFORM", node, exp.Lambda(this=self.trimmed(item), expressions=names))
        return call("LIST_FILTER", clean, exp.Lambda(this=compare("!=", item, text("")), expressions=names))

    def micros(self, instant: Sql) -> Sql:
        return call("EPOCH_US", instant)

    def midnight(self, day: Sql, zone: str) -> Sql:
        if zone == "UTC":
            return call("EPOCH_US", day)
        return call("EPOCH_US", call("TIMEZONE", text(zone), cast(day, "TIMESTAMP")))

    def instant_of(self, micros: Sql) -> Sql:
        return call("MAKE_TIMESTAMPTZ", micros)

    def reasons(self, lines: Sequence[tuple[str, Sql, Sql]]) -> Sql:
        structs = [
            case([(test, exp.Struct(expressions=[_entry("rule", text(rule)), _entry("points", self.points(ticks))]))])
            for rule, test, ticks in lines
        ]
        known = exp.Lambda(this=is_known(exp.column("each_line")), expressions=[exp.to_identifier("each_line")])
        return call("LIST_FILTER", exp.Array(expressions=structs), known)


def _entry(name: str, node: Sql) -> Sql:
    return exp.PropertyEQ(this=exp.to_identifier(name), expression=node)


DIALECTS: dict[str, type[Dialect]] = {"duckdb": DuckDB}

_ELSEWHERE = {
    "postgres": "postgres",
    "spark": "spark",
    "databricks": "spark",
    "snowflake": "warehouses",
    "bigquery": "warehouses",
    "redshift": "warehouses",
    "trino": "warehouses",
}
"""Dialects by the module beside this one that registers them in DIALECTS."""

NAMES = (*DIALECTS, *_ELSEWHERE)


def dialect_named(name: str) -> Dialect:
    """The dialect of a name out of NAMES."""
    if name not in DIALECTS:
        import_module(f".{_ELSEWHERE[name]}", __package__)
    return DIALECTS[name]()
