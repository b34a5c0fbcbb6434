"""PostgreSQL 14 and newer (with ICU, as its packages are built).

It raises an error where a double would become infinite or, without being it, 0. IEEE arithmetic goes on, and so does
the language; so such values are seen coming, by their logarithms.
"""

from __future__ import annotations

from math import log

from sqlglot import exp

from .dialects import DIALECTS, LARGEST_DOUBLE, SEPARATORS, Dialect
from .syntax import (
    Sql,
    add,
    all_of,
    any_of,
    big,
    call,
    case,
    cast,
    column,
    compare,
    integer,
    is_known,
    multiply,
    null,
    of_doubles,
    spelled,
    subtract,
    text,
)

_NUMERIC = exp.DataType.build("DECIMAL", dialect="postgres")
_ICU = "und-x-icu"
_LARGEST = log(float(LARGEST_DOUBLE))
_SMALLEST = -1075 * log(2) + 1e-11
"""the logarithm of half of the smallest double: what is smaller is 0. It is a little more, for what looks larger and is
not would be an error"""


class Postgres(Dialect):
    name = "postgres"
    has_lists = False
    materializes = True
    looks_through_steps = True

    # -- numbers

    def idiv(self, left: Sql, right: Sql) -> Sql:
        return exp.Paren(this=exp.Div(this=_closed(left), expression=_closed(right), typed=True, safe=False))

    def wide_idiv(self, left: Sql, right: Sql) -> Sql:
        return call("DIV", left, right)

    def wide(self, node: Sql) -> Sql:
        return exp.Cast(this=node, to=_NUMERIC)

    def wide_number(self, number: int) -> Sql:
        return self.wide(exp.Literal.number(number))

    def product(self, left: Sql, right: Sql) -> Sql:
        nothing = [compare("==", one, integer(0)) for one in (left, right)]
        zero = any_of([all_of([nothing[0], is_known(right)]), all_of([nothing[1], is_known(left)])])
        size = add(_logarithm(left), _logarithm(right))
        # Near the end of the doubles: a thousandth of it, which is exact, tells whether it can be.
        part = of_doubles(exp.Mul, of_doubles(exp.Mul, left, self.number(2.0**-10)), right)
        return self._guarded(zero, size, of_doubles(exp.Mul, left, right), part)

    def quotient(self, left: Sql, right: Sql) -> Sql:
        zero = all_of([compare("==", left, integer(0)), is_known(right)])
        size = subtract(_logarithm(left), _logarithm(right))
        part = of_doubles(exp.Div, of_doubles(exp.Mul, left, self.number(2.0**-10)), right)
        return self._guarded(zero, size, of_doubles(exp.Div, left, right), part)

    def _guarded(self, zero: Sql, size: Sql, result: Sql, part: Sql) -> Sql:
        """A result that is a double; missing if it were infinite, 0 if it is too small."""
        fits = compare("<=", exp.Abs(this=part), self.number(float(LARGEST_DOUBLE) / 1024))
        whole = case([(fits, of_doubles(exp.Mul, part, self.number(1024.0)))])
        return case(
            [
                (zero, self.number(0.0)),
                (compare(">", size, self.number(_LARGEST + 0.1)), self.as_double(null())),
                (compare(">", size, self.number(_LARGEST - 0.1)), whole),
                (compare("<", size, self.number(_SMALLEST)), self.number(0.0)),
                (is_known(size), result),
            ]
        )

    def plus(self, left: Sql, right: Sql) -> Sql:
        return self._sum(exp.Add, left, right)

    def minus(self, left: Sql, right: Sql) -> Sql:
        return self._sum(exp.Sub, left, right)

    def _sum(self, kind: type[exp.Binary], left: Sql, right: Sql) -> Sql:
        small = all_of([compare("<", exp.Abs(this=one), self.number(1e307)) for one in (left, right)])
        halves = [of_doubles(exp.Mul, _large(self, one), self.number(0.5)) for one in (left, right)]
        fits = compare("<=", exp.Abs(this=of_doubles(kind, *halves)), self.number(float(LARGEST_DOUBLE) / 2))
        return case([(small, of_doubles(kind, left, right)), (fits, of_doubles(kind, left, right))])

    # -- aggregates

    def sum_of(self, node: Sql) -> Sql:
        return exp.Sum(this=node)

    def any_row(self, test: Sql) -> Sql:
        return call("BOOL_OR", test)

    # -- texts

    def trimmed(self, node: Sql) -> Sql:
        return call("BTRIM", node, spelled(" \t\r\n"))

    def fold(self, node: Sql) -> Sql:
        return exp.Lower(this=_icu(call("TRANSLATE", node, text("İΣ"), text("iσ"))))

    def upper(self, node: Sql) -> Sql:
        return exp.Upper(this=_icu(node))

    def replace_all(self, node: Sql, pattern: str, by: str) -> Sql:
        return call("REGEXP_REPLACE", node, spelled(pattern), text(by), text("g"))

    def group_of(self, node: Sql, pattern: str) -> Sql:
        return call("SUBSTRING", node, text(pattern))

    def words(self, folded: Sql) -> Sql:
        inner = call("BTRIM", self.replace_all(folded, SEPARATORS, " "), text(" "))
        spaced = exp.DPipe(this=exp.DPipe(this=text(" "), expression=inner), expression=text(" "))
        return case([(compare("==", inner, text("")), text(" "))], spaced)

    def repeats(self, folded: Sql, times: int) -> Sql:
        return exp.RegexpLike(this=folded, expression=text(f"(.)\\1{{{times - 1}}}" if times > 1 else "."))

    # -- lists of texts

    def folded_list(self, node: Sql) -> Sql:
        return _each(node, self.fold(column("each_item")), None)

    def has(self, folded_list: Sql, needle: str) -> Sql:
        return case([(is_known(folded_list), is_known(call("ARRAY_POSITION", folded_list, text(needle))))])

    def texts_column(self, node: Sql) -> Sql:
        return _each(
            node, self.trimmed(column("each_item")), compare("!=", self.trimmed(column("each_item")), text(""))
        )

    # -- the calendar

    def local_date(self, micros: Sql, zone: str) -> Sql:
        seconds = self.as_double(self.floor_div(micros, 1_000_000))
        return cast(exp.AtTimeZone(this=call("TO_TIMESTAMP", seconds), zone=text(zone)), "DATE")

    def micros(self, instant: Sql) -> Sql:
        # One that is infinite is no number, and so is missing.
        return case([(call("ISFINITE", instant), self._micros_of_instant(instant))])

    def _micros_of_instant(self, instant: Sql) -> Sql:
        since = exp.Extract(this=exp.var("EPOCH"), expression=instant)
        return big(exp.Floor(this=exp.Mul(this=since, expression=integer(1_000_000))))

    def midnight(self, day: Sql, zone: str) -> Sql:
        if zone == "UTC":
            return multiply(big(self.day_number(day)), integer(86_400_000_000))
        local = exp.Paren(this=exp.AtTimeZone(this=cast(day, "TIMESTAMP"), zone=text(zone)))
        return self._micros_of_instant(local)

    def instant_of(self, micros: Sql) -> Sql:
        step = exp.Interval(this=text("1"), unit=exp.var("MICROSECOND"))
        return exp.Add(this=cast(text("epoch"), "TIMESTAMPTZ"), expression=exp.Mul(this=micros, expression=step))


def _closed(node: Sql) -> Sql:
    return exp.Paren(this=node) if isinstance(node, exp.Binary) else node


def _icu(node: Sql) -> Sql:
    return exp.Collate(this=_closed(node), expression=exp.to_identifier(_ICU, quoted=True))


def _logarithm(node: Sql) -> Sql:
    return call("LN", call("NULLIF", exp.Abs(this=node), integer(0)))


def _large(dialect: Dialect, node: Sql) -> Sql:
    """A double, or 0 if half of it could be too small to be one."""
    return case([(compare(">", exp.Abs(this=node), dialect.number(1e-300)), node)], dialect.number(0.0))


def _each(node: Sql, item: Sql, test: Sql | None) -> Sql:
    """A list with something done to each of its items."""
    alias = exp.TableAlias(this=exp.to_identifier("items"), columns=[exp.to_identifier("each_item", quoted=True)])
    items = exp.select(item).from_(exp.Unnest(expressions=[node], alias=alias), copy=False)
    return case([(is_known(node), call("ARRAY", items.where(test, copy=False) if test is not None else items))])


DIALECTS["postgres"] = Postgres
