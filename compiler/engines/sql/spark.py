"""Apache Spark 4 and Databricks.

The statements do not depend on the session's time zone, and mean the same with ANSI mode and without.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from .dialects import DIALECTS, ESCAPED_SEPARATORS, Dialect
from .syntax import (
    Sql,
    big,
    call,
    case,
    cast,
    column,
    compare,
    integer,
    is_known,
    member,
    multiply,
    spelled,
    text,
)


class Spark(Dialect):
    name = "spark"
    substitutes = True
    end = "\\z"

    # -- numbers

    def idiv(self, left: Sql, right: Sql) -> Sql:
        return exp.Paren(this=exp.IntDiv(this=_closed(left), expression=_closed(right)))

    def wide_number(self, number: int) -> Sql:
        return self.wide(text(str(number)))

    def floor(self, double: Sql) -> Sql:
        return big(call("FLOOR", double))

    def quotient(self, left: Sql, right: Sql) -> Sql:
        return _plain_division(left, right)

    def number_of(self, ticks: Sql) -> Sql:
        return _plain_division(self.as_double(ticks), self.number(10000.0))

    def wide_idiv(self, left: Sql, right: Sql) -> Sql:
        # DIV gives 64 bits. The remainder leaves a quotient that is whole, which a decimal division gives exactly.
        left, right = _closed(left), _closed(right)
        whole = exp.Paren(this=exp.Sub(this=left, expression=call("MOD", left, right)))
        return self.wide(_plain_division(whole, right))

    def points(self, ticks: Sql) -> Sql:
        return cast(
            multiply(cast(ticks, "DECIMAL(18, 0)"), cast(exp.Literal.number("0.0001"), "DECIMAL(4, 4)")),
            "DECIMAL(18, 4)",
        )

    # -- aggregates

    def any_row(self, test: Sql) -> Sql:
        return call("BOOL_OR", test)

    # -- texts

    def trimmed(self, node: Sql) -> Sql:
        return call("BTRIM", node, text(" \t\r\n"))

    def contains(self, node: Sql, needle: str) -> Sql:
        return call("CONTAINS", node, text(needle))

    def starts_with(self, node: Sql, needle: str) -> Sql:
        return call("STARTSWITH", node, text(needle))

    def ends_with(self, node: Sql, needle: str) -> Sql:
        return call("ENDSWITH", node, text(needle))

    def replace_all(self, node: Sql, pattern: str, by: str) -> Sql:
        return call("REGEXP_REPLACE", node, spelled(pattern, 0x80), text(by))

    def words(self, folded: Sql) -> Sql:
        inner = call("BTRIM", self.replace_all(folded, ESCAPED_SEPARATORS, " "), text(" "))
        spaced = call("CONCAT", text(" "), inner, text(" "))
        return case([(compare("==", inner, text("")), text(" "))], spaced)

    def is_ascii(self, character: Sql) -> Sql:
        return compare("<", call("ASCII", character), integer(128))

    def repeats(self, folded: Sql, times: int) -> Sql:
        pattern = f"(?s)(.)\\1{{{times - 1}}}" if times > 1 else "(?s)."
        return call("REGEXP_LIKE", folded, text(pattern))

    # -- lists of texts

    def folded_list(self, node: Sql) -> Sql:
        return call("TRANSFORM", node, _lambda(self.fold(_ITEM)))

    def has(self, folded_list: Sql, needle: str) -> Sql:
        return call("ARRAY_CONTAINS", folded_list, text(needle))

    def texts_column(self, node: Sql) -> Sql:
        clean = call("TRANSFORM", node, _lambda(self.trimmed(_ITEM)))
        return call("FILTER", clean, _lambda(compare("!=", _ITEM, text(""))))

    def texts_type(self) -> exp.DataType:
        return exp.DataType.build("ARRAY<STRING>", dialect="spark")

    # -- the calendar

    def local_date(self, micros: Sql, zone: str) -> Sql:
        there = call("CONVERT_TIMEZONE", text("UTC"), text(zone), self._clock(micros))
        return cast(there, "DATE")

    def _clock(self, micros: Sql) -> Sql:
        """An instant as what a clock in UTC shows: a timestamp that no session's time zone moves."""
        seconds = exp.Div(this=cast(micros, "DECIMAL(20, 0)"), expression=integer(1_000_000), typed=False, safe=False)
        passed = call("MAKE_DT_INTERVAL", integer(0), integer(0), integer(0), cast(seconds, "DECIMAL(18, 6)"))
        return exp.Paren(this=exp.Add(this=_BEGIN, expression=passed))

    def day_number(self, day: Sql) -> Sql:
        return call("UNIX_DATE", day)

    def micros(self, instant: Sql) -> Sql:
        # To cast a timestamp without a zone to one with a zone would read it by the session's clocks. Of its difference
        # to another one only the seconds, with the microseconds behind them, can become a number.
        passed = exp.Paren(this=exp.Sub(this=exp.Cast(this=instant, to=_CLOCK), expression=_BEGIN))
        seconds = cast(exp.Cast(this=passed, to=_SECONDS), "DECIMAL(20, 6)")
        without_zone = member(call("TYPEOF", instant), [text("timestamp_ntz"), text("date")])
        return case(
            [(without_zone, big(exp.Mul(this=seconds, expression=integer(1_000_000))))],
            self._micros_of_instant(instant),
        )

    def _micros_of_instant(self, instant: Sql) -> Sql:
        return call("UNIX_MICROS", exp.Cast(this=instant, to=_INSTANT))

    def midnight(self, day: Sql, zone: str) -> Sql:
        if zone == "UTC":
            return multiply(big(self.day_number(day)), integer(86_400_000_000))
        # A text that names its zone is read alike in every session.
        written = call("CONCAT", cast(day, "VARCHAR"), text(f" 00:00:00 {zone}"))
        return self._micros_of_instant(written)

    def instant_of(self, micros: Sql) -> Sql:
        return call("TIMESTAMP_MICROS", micros)

    # -- reasons

    def reasons(self, lines: Sequence[tuple[str, Sql, Sql]]) -> Sql:
        structs = [
            case([(test, call("NAMED_STRUCT", text("rule"), text(rule), text("points"), self.points(ticks)))])
            for rule, test, ticks in lines
        ]
        return call("FILTER", call("ARRAY", *structs), _lambda(is_known(_ITEM)))


class Databricks(Spark):
    name = "databricks"


_ITEM = column("each_item")
_INSTANT = exp.DataType.build("TIMESTAMP", dialect="spark")
_CLOCK = exp.DataType.build("TIMESTAMP_NTZ", dialect="spark")
_SECONDS = exp.DataType.build("INTERVAL SECOND", dialect="spark")
_BEGIN = exp.Cast(this=text("1970-01-01 00:00:00"), to=_CLOCK)


def _lambda(body: Sql) -> Sql:
    return exp.Lambda(this=body, expressions=[exp.to_identifier("each_item", quoted=True)])


def _closed(node: Sql) -> Sql:
    return exp.Paren(this=node) if isinstance(node, exp.Binary) else node


def _plain_division(left: Sql, right: Sql) -> Sql:
    return exp.Div(this=_closed(left), expression=_closed(right), typed=False, safe=False)


DIALECTS["spark"] = Spark
DIALECTS["databricks"] = Databricks
