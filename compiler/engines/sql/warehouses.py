"""Snowflake, BigQuery, Redshift and Trino: written from their manuals, and not run by us. `scorec build --self-test`
writes the statement that proves them where they run."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby

from sqlglot import exp

from ....dsl import values
from .dialects import DIALECTS, CannotSay, Dialect
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
    multiply,
    of_doubles,
    spelled,
    subtract,
    text,
)


class Warehouse(Dialect):
    """What these four share: texts without regular expressions, in which they differ most."""

    def idiv(self, left: Sql, right: Sql) -> Sql:
        return exp.Paren(this=exp.Div(this=closed(left), expression=closed(right), typed=True, safe=False))

    def wide_idiv(self, left: Sql, right: Sql) -> Sql:
        """Quotients of decimals are rounded: what does not divide is taken away before."""
        whole = subtract(left, call("MOD", left, right))
        quotient = exp.Div(this=closed(whole), expression=closed(right), typed=True, safe=False)
        return self.wide(quotient)

    def trimmed(self, node: Sql) -> Sql:
        return call("TRIM", node, self.spelled(values.BLANKS))

    def spelled(self, value: str) -> Sql:
        return spelled(value)

    def first(self, node: Sql, how_many: Sql) -> Sql:
        return call("LEFT", node, how_many)

    def last(self, node: Sql, how_many: Sql) -> Sql:
        return call("RIGHT", node, how_many)

    def starts_with(self, node: Sql, needle: str) -> Sql:
        return compare("==", self.first(node, integer(len(needle))), text(needle))

    def ends_with(self, node: Sql, needle: str) -> Sql:
        return compare("==", self.last(node, integer(len(needle))), text(needle))

    def first_character(self, node: Sql) -> Sql:
        return self.first(node, integer(1))

    def words(self, folded: Sql) -> Sql:
        """Separators become blanks, and several blanks one: `<` and `>` are separators, so that none is left."""
        blanks = call("RPAD", text(" "), integer(_MANY), text(" "))
        spaced = call("TRANSLATE", folded, self.spelled(_SEPARATORS), blanks)
        around = exp.DPipe(this=exp.DPipe(this=text(" "), expression=spaced), expression=text(" "))
        marked = call("REPLACE", call("REPLACE", around, text(" "), text("<>")), text("><"), text(""))
        return call("REPLACE", marked, text("<>"), text(" "))

    def position(self, node: Sql, needle: Sql) -> Sql:
        return call("STRPOS", node, needle)

    def contains(self, node: Sql, needle: str) -> Sql:
        return compare(">", self.position(node, text(needle)), integer(0))

    def _after_the_last(self, node: Sql) -> Sql:
        """How many characters stand behind the last @, and one more; 0 where there is none."""
        return self.position(call("REVERSE", node), text("@"))

    def domain(self, node: Sql) -> Sql:
        place = self._after_the_last(node)
        found = call("NULLIF", self.trimmed(self.last(node, subtract(place, integer(1)))), text(""))
        return case([(compare(">", place, integer(1)), found)])

    def local_part(self, node: Sql) -> Sql:
        place = self._after_the_last(node)
        before = self.first(node, subtract(self.length(node), place))
        return case([(compare(">", place, integer(0)), call("NULLIF", self.trimmed(before), text("")))])

    def midnight(self, day: Sql, zone: str) -> Sql:
        if zone == "UTC":
            return super().midnight(day, zone)
        return self.local_midnight(day, zone)

    def local_midnight(self, day: Sql, zone: str) -> Sql:
        raise NotImplementedError


_SEPARATORS = "".join(chr(code) for code in sorted(values.SEPARATORS) if code and chr(code) != " ")
_MANY = len(_SEPARATORS)


# ------------------------------------------------------------------ Snowflake


class Snowflake(Warehouse):
    name = "snowflake"
    wide_type = "DECIMAL(38, 0)"

    def number(self, value: float) -> Sql:
        # A number with an exponent may be a decimal here.
        return cast(text(repr(value)), self.double)

    def idiv(self, left: Sql, right: Sql) -> Sql:
        return self.wide_idiv(left, right)

    def position(self, node: Sql, needle: Sql) -> Sql:
        return call("CHARINDEX", needle, node)

    def contains(self, node: Sql, needle: str) -> Sql:
        return call("CONTAINS", node, text(needle))

    def starts_with(self, node: Sql, needle: str) -> Sql:
        return call("STARTSWITH", node, text(needle))

    def ends_with(self, node: Sql, needle: str) -> Sql:
        return call("ENDSWITH", node, text(needle))

    def is_ascii(self, character: Sql) -> Sql:
        return compare("<", call("UNICODE", character), integer(128))

    def repeats(self, folded: Sql, times: int) -> Sql:
        last = call("GREATEST", integer(1), add(self.length(folded), integer(2 - times)))
        here = call("SUBSTR", folded, exp.column("each_place"), integer(times))
        one = call("SUBSTR", folded, exp.column("each_place"), integer(1))
        runs = compare("==", here, call("REPEAT", one, integer(times)))
        places = call("ARRAY_GENERATE_RANGE", integer(1), last)
        found = call("FILTER", places, _arrow("each_place INT", runs))
        return compare(">", call("ARRAY_SIZE", found), integer(0))

    def folded_list(self, node: Sql) -> Sql:
        return call("TRANSFORM", node, _arrow("each_item VARCHAR", self.fold(exp.column("each_item"))))

    def has(self, folded_list: Sql, needle: str) -> Sql:
        return call("ARRAY_CONTAINS", call("TO_VARIANT", text(needle)), folded_list)

    def texts_column(self, node: Sql) -> Sql:
        clean = call("TRANSFORM", node, _arrow("each_item VARCHAR", self.trimmed(exp.column("each_item"))))
        return call("FILTER", clean, _arrow("each_item VARCHAR", compare("!=", exp.column("each_item"), text(""))))

    def local_date(self, micros: Sql, zone: str) -> Sql:
        clock = call("TO_TIMESTAMP_NTZ", micros, integer(6))
        return call("TO_DATE", call("CONVERT_TIMEZONE", text("UTC"), text(zone), clock))

    def day_number(self, day: Sql) -> Sql:
        return call("DATEDIFF", text("day"), cast(text("1970-01-01"), "DATE"), day)

    def outward(self, name: str) -> exp.Identifier:
        plain = re.fullmatch(r"[a-z_][a-z0-9_]*", name) is not None and name.upper() not in SNOWFLAKE_RESERVED
        return exp.to_identifier(name, quoted=not plain)

    def micros(self, instant: Sql) -> Sql:
        return call("DATE_PART", text("epoch_microsecond"), instant)

    def local_midnight(self, day: Sql, zone: str) -> Sql:
        clock = call("TO_TIMESTAMP_NTZ", day)
        return self.micros(call("CONVERT_TIMEZONE", text(zone), text("UTC"), clock))

    def instant(self, micros: int) -> Sql:
        return call("TO_TIMESTAMP_TZ", text(f"{values.moment_of(micros):%Y-%m-%d %H:%M:%S.%f} +00:00"))

    def instant_of(self, micros: Sql) -> Sql:
        return call("TO_TIMESTAMP_TZ", micros, integer(6))

    def reasons(self, lines: Sequence[tuple[str, Sql, Sql]]) -> Sql:
        objects = [
            case([(test, call("OBJECT_CONSTRUCT", text("rule"), text(rule), text("points"), self.points(ticks)))])
            for rule, test, ticks in lines
        ]
        return call("ARRAY_CONSTRUCT_COMPACT", *objects)


def _arrow(argument: str, body: Sql) -> Sql:
    return exp.Lambda(this=body, expressions=[exp.var(argument)])


_WORDS = """
    ACCOUNT ALL ALTER AND ANY AS BETWEEN BY CASE CAST CHECK COLUMN CONNECT CONNECTION CONSTRAINT CREATE CROSS CURRENT
    CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP CURRENT_USER DATABASE DELETE DISTINCT DROP ELSE EXISTS FALSE FOLLOWING
    FOR FROM FULL GRANT GROUP GSCLUSTER HAVING ILIKE IN INCREMENT INNER INSERT INTERSECT INTO IS ISSUE JOIN LATERAL LEFT
    LIKE LOCALTIME LOCALTIMESTAMP MINUS NATURAL NOT NULL OF ON OR ORDER ORGANIZATION QUALIFY REGEXP REVOKE RIGHT RLIKE
    ROW ROWS SAMPLE SCHEMA SELECT SET SOME START TABLE TABLESAMPLE THEN TO TRIGGER TRUE TRY_CAST UNION UNIQUE UPDATE
    USING VALUES VIEW WHEN WHENEVER WHERE WITH
"""

SNOWFLAKE_RESERVED = frozenset(_WORDS.split())
"""Words that are no name of a column without quotes. Without quotes Snowflake reads a name in capitals, as it has named
the columns of most tables."""


# ------------------------------------------------------------------ BigQuery


class BigQuery(Warehouse):
    name = "bigquery"

    def wide(self, node: Sql) -> Sql:
        return exp.Cast(this=node, to=_BIGNUMERIC.copy())

    def idiv(self, left: Sql, right: Sql) -> Sql:
        return call("DIV", left, right)

    wide_idiv = idiv

    def power(self, base: Sql, exponent: Sql) -> Sql:
        return call("POW", base, exponent)

    # What is too large is an error here, unless it is asked for safely.

    def product(self, left: Sql, right: Sql) -> Sql:
        return call("SAFE_MULTIPLY", left, right)

    def quotient(self, left: Sql, right: Sql) -> Sql:
        return call("SAFE_DIVIDE", left, right)

    def plus(self, left: Sql, right: Sql) -> Sql:
        return call("SAFE_ADD", left, right)

    def minus(self, left: Sql, right: Sql) -> Sql:
        return call("SAFE_SUBTRACT", left, right)

    def points(self, ticks: Sql) -> Sql:
        return multiply(_numeric(ticks), _numeric(text("0.0001")))

    def starts_with(self, node: Sql, needle: str) -> Sql:
        return call("STARTS_WITH", node, text(needle))

    def ends_with(self, node: Sql, needle: str) -> Sql:
        return call("ENDS_WITH", node, text(needle))

    def like(self, node: Sql, pattern: str) -> Sql:
        # There is no ESCAPE: the backslash is it.
        for special in "\\%_":
            pattern = pattern.replace(special, "\\" + special)
        return exp.Like(this=closed(node), expression=text(pattern.replace("*", "%").replace("?", "_")))

    def is_ascii(self, character: Sql) -> Sql:
        return compare("<", call("UNICODE", character), integer(128))

    def repeats(self, folded: Sql, times: int) -> Sql:
        last = add(self.length(folded), integer(1 - times))
        here = call("SUBSTR", folded, exp.column("each_place"), integer(times))
        one = call("SUBSTR", folded, exp.column("each_place"), integer(1))
        runs = compare("==", here, call("REPEAT", one, integer(times)))
        places = _unnest(call("GENERATE_ARRAY", integer(1), last), "each_place")
        return exp.Exists(this=exp.select(integer(1)).from_(places).where(runs))

    def folded_list(self, node: Sql) -> Sql:
        return call("ARRAY", exp.select(self.fold(exp.column("each_item"))).from_(_unnest(node, "each_item")))

    def has(self, folded_list: Sql, needle: str) -> Sql:
        items = exp.select(exp.column("each_item")).from_(_unnest(folded_list, "each_item"))
        return exp.In(this=text(needle), query=items.subquery())

    def texts_column(self, node: Sql) -> Sql:
        item = self.trimmed(exp.column("each_item"))
        items = exp.select(item).from_(_unnest(node, "each_item", "each_place"))
        items = items.where(compare("!=", item, text(""))).order_by(exp.column("each_place"))
        return call("ARRAY", items)

    def texts_type(self) -> exp.DataType:
        return exp.DataType.build("ARRAY<STRING>", dialect="bigquery")

    def local_date(self, micros: Sql, zone: str) -> Sql:
        return call("DATE", call("TIMESTAMP_MICROS", micros), text(zone))

    def day_number(self, day: Sql) -> Sql:
        return call("UNIX_DATE", day)

    def micros(self, instant: Sql) -> Sql:
        # A DATETIME is taken as in UTC.
        return call("UNIX_MICROS", cast(instant, "TIMESTAMPTZ"))

    def local_midnight(self, day: Sql, zone: str) -> Sql:
        return call("UNIX_MICROS", call("TIMESTAMP", day, text(zone)))

    def instant_of(self, micros: Sql) -> Sql:
        return call("TIMESTAMP_MICROS", micros)

    def reasons(self, lines: Sequence[tuple[str, Sql, Sql]]) -> Sql:
        structs = [
            case(
                [
                    (
                        test,
                        call(
                            "STRUCT",
                            exp.alias_(text(rule), "rule"),
                            exp.alias_(self.points(ticks), "points"),
                        ),
                    )
                ]
            )
            for rule, test, ticks in lines
        ]
        each = exp.column("each_line")
        listed = exp.select(each).from_(_unnest(exp.Array(expressions=structs), "each_line", "each_place"))
        return call("ARRAY", listed.where(is_known(each)).order_by(exp.column("each_place")))

    def table_of(self, names: Sequence[str], rows: Sequence[Sequence[Sql]]) -> exp.Select:
        first = call(
            "STRUCT", *[exp.alias_(node, name, quoted=True) for node, name in zip(rows[0], names, strict=True)]
        )
        rest = [call("STRUCT", *row) for row in rows[1:]]
        source = exp.Unnest(expressions=[exp.Array(expressions=[first, *rest])])
        return exp.select(*[column(name) for name in names]).from_(source, copy=False)


_BIGNUMERIC = exp.DataType.build("BIGNUMERIC", dialect="bigquery")
_NUMERIC = exp.DataType.build("NUMERIC", dialect="bigquery")


def _numeric(node: Sql) -> Sql:
    return exp.Cast(this=node, to=_NUMERIC.copy())


def _unnest(node: Sql, item: str, place: str = "") -> exp.Unnest:
    alias = exp.TableAlias(columns=[exp.to_identifier(item)])
    return exp.Unnest(expressions=[node], alias=alias, offset=exp.to_identifier(place) if place else None)


# ------------------------------------------------------------------ Redshift


class Redshift(Warehouse):
    name = "redshift"
    has_lists = False

    def trimmed(self, node: Sql) -> Sql:
        return call("BTRIM", node, self.spelled(values.BLANKS))

    def text_column(self, node: Sql) -> Sql:
        # VARCHAR alone would cut a text after 256 bytes.
        return exp.Cast(this=node, to=exp.DataType.build("TEXT"))

    def spelled(self, value: str) -> Sql:
        return spelled(value, named=_hidden)

    # There are no lists: one is a text here, with `;` between its texts.

    def texts_column(self, node: Sql) -> Sql:
        found = call("NULLIF", self.trimmed(self.text_column(node)), text(""))
        return self.replace_all(found, f"[{values.BLANKS}]*;[{values.BLANKS}]*", ";")

    def texts_type(self) -> exp.DataType:
        return exp.DataType.build("TEXT")

    def folded_list(self, node: Sql) -> Sql:
        return self.fold(node)

    def has(self, folded_list: Sql, needle: str) -> Sql:
        if ";" in needle:
            return case([(is_known(folded_list), flag(False))])
        around = exp.DPipe(this=exp.DPipe(this=text(";"), expression=folded_list), expression=text(";"))
        return self.contains(around, f";{needle};")

    # What is too large is an error here: it is looked at, on a smaller scale, before.

    def product(self, left: Sql, right: Sql) -> Sql:
        small = self.number(2.0**-512)
        result = of_doubles(exp.Mul, left, right)
        either = any_of([compare("<", self.magnitude(node), self.number(1.0)) for node in (left, right)])
        scaled = of_doubles(exp.Mul, of_doubles(exp.Mul, left, small), of_doubles(exp.Mul, right, small))
        return case([(either, result), (compare("<", self.magnitude(scaled), self.number(1.0)), result)])

    def quotient(self, left: Sql, right: Sql) -> Sql:
        result = of_doubles(exp.Div, left, right)
        if (_written(right) or 0.0) >= 1.0:
            return result
        far = compare(">=", self.magnitude(right), self.number(1.0))
        scaled = of_doubles(
            exp.Div,
            of_doubles(exp.Mul, self.magnitude(left), self.number(2.0**-512)),
            of_doubles(exp.Mul, self.magnitude(right), self.number(2.0**512)),
        )
        return case([(far, result), (compare("<", scaled, self.number(1.0)), result)])

    def plus(self, left: Sql, right: Sql) -> Sql:
        return self._if_finite(exp.Add, left, right)

    def minus(self, left: Sql, right: Sql) -> Sql:
        return self._if_finite(exp.Sub, left, right)

    def _if_finite(self, kind: type[exp.Binary], left: Sql, right: Sql) -> Sql:
        halves = [of_doubles(exp.Mul, node, self.number(0.5)) for node in (left, right)]
        halved = self.magnitude(of_doubles(kind, *halves))
        return case([(compare("<", halved, self.number(2.0**1023)), of_doubles(kind, left, right))])

    def local_date(self, micros: Sql, zone: str) -> Sql:
        seconds = self.floor_div(micros, values.SECOND)
        return cast(call("CONVERT_TIMEZONE", text("UTC"), text(zone), _since_1970(seconds, "second")), "DATE")

    def day_number(self, day: Sql) -> Sql:
        return call("DATEDIFF", exp.var("day"), cast(text("1970-01-01"), "DATE"), day)

    def micros(self, instant: Sql) -> Sql:
        return call("DATEDIFF", exp.var("microsecond"), cast(text("1970-01-01"), "TIMESTAMP"), instant)

    def local_midnight(self, day: Sql, zone: str) -> Sql:
        return self.micros(call("CONVERT_TIMEZONE", text(zone), text("UTC"), cast(day, "TIMESTAMP")))

    def instant(self, micros: int) -> Sql:
        # In UTC and without a zone, so that no setting of the session can move it.
        return cast(text(f"{values.moment_of(micros):%Y-%m-%d %H:%M:%S.%f}"), "TIMESTAMP")

    def instant_of(self, micros: Sql) -> Sql:
        return _since_1970(micros, "microsecond")

    def table_of(self, names: Sequence[str], rows: Sequence[Sequence[Sql]]) -> exp.Select:
        # There are no VALUES in a query.
        if len(rows) > 2_000:
            raise CannotSay("a decay of computed points with so many different ages: name it in larger units")
        first, *rest = [
            exp.select(*[exp.alias_(node, name, quoted=True) for node, name in zip(row, names, strict=True)])
            for row in rows
        ]
        both: exp.Query = first
        for one in rest:
            both = exp.Union(this=both, expression=one, distinct=False)
        alias = exp.TableAlias(this=exp.to_identifier("v"))
        source = exp.Subquery(this=both, alias=alias)
        return exp.select(*[column(name) for name in names]).from_(source, copy=False)


def _hidden(characters: str) -> list[Sql]:
    """CHR knows ASCII for certain; other characters are read from their bytes."""
    found: list[Sql] = []
    for is_ascii, run in groupby(characters, str.isascii):
        if is_ascii:
            found += [call("CHR", integer(ord(character))) for character in run]
        else:
            written = call("FROM_HEX", text("".join(run).encode().hex()))
            found.append(call("FROM_VARBYTE", written, text("utf8")))
    return found


def _written(node: Sql) -> float | None:
    """A double that is written out."""
    if isinstance(node, exp.Anonymous) and node.name.upper() == "NULLIF":
        node = node.expressions[0]
    literal = node.this if isinstance(node, exp.Cast) else None
    return float(literal.name) if isinstance(literal, exp.Literal) else None


def _since_1970(node: Sql, unit: str) -> Sql:
    ticks = exp.Interval(this=text("1"), unit=exp.var(unit))
    return exp.Paren(this=exp.Add(this=cast(text("1970-01-01"), "TIMESTAMP"), expression=multiply(node, ticks)))


# ------------------------------------------------------------------ Trino


class Trino(Warehouse):
    name = "trino"

    def first(self, node: Sql, how_many: Sql) -> Sql:
        return call("SUBSTR", node, integer(1), how_many)

    def last(self, node: Sql, how_many: Sql) -> Sql:
        return call("SUBSTR", node, add(subtract(self.length(node), how_many), integer(1)))

    def ends_with(self, node: Sql, needle: str) -> Sql:
        long = compare(">=", self.length(node), integer(len(needle)))
        return all_of([long, compare("==", call("SUBSTR", node, integer(-len(needle))), text(needle))])

    def trimmed(self, node: Sql) -> Sql:
        return exp.Trim(this=node, expression=self.spelled(values.BLANKS), position="BOTH")

    def is_ascii(self, character: Sql) -> Sql:
        return compare("<", call("CODEPOINT", cast(character, "VARCHAR(1)")), integer(128))

    def repeats(self, folded: Sql, times: int) -> Sql:
        here = call("SUBSTR", folded, exp.column("each_place"), integer(times))
        one = call("SUBSTR", folded, exp.column("each_place"), integer(1))
        runs = compare("==", here, call("RPAD", one, integer(times), one))
        places = call("SEQUENCE", integer(1), add(self.length(folded), integer(1 - times)))
        found = call("ANY_MATCH", places, exp.Lambda(this=runs, expressions=[exp.to_identifier("each_place")]))
        return case([(compare(">=", self.length(folded), integer(times)), found)], exp.false())

    def folded_list(self, node: Sql) -> Sql:
        names = [exp.to_identifier("each_item")]
        return call("TRANSFORM", node, exp.Lambda(this=self.fold(exp.column("each_item")), expressions=names))

    def has(self, folded_list: Sql, needle: str) -> Sql:
        return call("CONTAINS", folded_list, text(needle))

    def texts_column(self, node: Sql) -> Sql:
        item, names = exp.column("each_item"), [exp.to_identifier("each_item")]
        clean = call("TRANSFORM", node, exp.Lambda(this=self.trimmed(item), expressions=names))
        return call("FILTER", clean, exp.Lambda(this=compare("!=", item, text("")), expressions=names))

    def local_date(self, micros: Sql, zone: str) -> Sql:
        seconds = call("FROM_UNIXTIME", self.as_double(self.floor_div(micros, values.SECOND)))
        return cast(call("AT_TIMEZONE", seconds, text(zone)), "DATE")

    def day_number(self, day: Sql) -> Sql:
        return call("DATE_DIFF", text("day"), cast(text("1970-01-01"), "DATE"), day)

    def micros(self, instant: Sql) -> Sql:
        # TO_UNIXTIME is a double, which is exact for whole seconds; the digits behind them come from the text.
        seconds = big(call("TO_UNIXTIME", call("DATE_TRUNC", text("second"), instant)))
        written = call("REGEXP_EXTRACT", cast(instant, "VARCHAR"), text("[.]([0-9]{1,6})"), integer(1))
        rest = big(call("RPAD", exp.Coalesce(this=written, expressions=[text("0")]), integer(6), text("0")))
        return add(multiply(seconds, integer(values.SECOND)), rest)

    def local_midnight(self, day: Sql, zone: str) -> Sql:
        seconds = call("TO_UNIXTIME", call("WITH_TIMEZONE", cast(day, "TIMESTAMP"), text(zone)))
        return multiply(big(seconds), integer(values.SECOND))

    def instant(self, micros: int) -> Sql:
        written = text(f"{values.moment_of(micros):%Y-%m-%d %H:%M:%S.%f} UTC")
        return exp.Cast(this=written, to=exp.DataType.build("TIMESTAMPTZ(6)", dialect="trino"))

    def instant_of(self, micros: Sql) -> Sql:
        return call("FROM_UNIXTIME_NANOS", multiply(self.wide(micros), self.wide_number(1000)))

    def reasons(self, lines: Sequence[tuple[str, Sql, Sql]]) -> Sql:
        kind = exp.DataType.build("ROW(rule VARCHAR, points DECIMAL(18, 4))", dialect="trino")
        rows = [
            case([(test, exp.Cast(this=call("ROW", text(rule), self.points(ticks)), to=kind.copy()))])
            for rule, test, ticks in lines
        ]
        known = exp.Lambda(this=is_known(exp.column("each_line")), expressions=[exp.to_identifier("each_line")])
        return call("FILTER", exp.Array(expressions=rows), known)


DIALECTS.update({one.name: one for one in (Snowflake, BigQuery, Redshift, Trino)})
