"""What is left of points at an age, exactly, in SQL.

Written points that halve or keep a share are `FLOOR(points x POWER(..) + 0.5)`: a double, because every engine has one,
and certified when the statement is written: for each age the doubles of no engine can round otherwise than the exact
value does, and the few ages where they could are written out. Points that are computed are multiplied by shares of 96
bits or 29 decimals, which a table holds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Context, Decimal
from fractions import Fraction
from math import floor

from sqlglot import exp

from ....dsl import ir, values
from .dialects import CannotSay, Dialect
from .rows import Row, Step
from .syntax import Sql, add, big, case, coalesce, compare, integer, multiply, negative, subtract

LONGEST = 200_000
"""Ages (or steps of a share) that can be looked at while a statement is written."""

_GUARD = 1e-6
"""How far from a tie a double has to be; engines' POWER differ from each other by less than 1e-11 of the value."""

_ERROR = 1e-11


def is_level(curve: ir.Curve) -> bool:
    """A curve that takes nothing away."""
    return (curve.shape == "keeping" and curve.percent == 1) or (curve.shape == "losing" and curve.percent == 0)


def age_of(dialect: Dialect, since: Sql, curve: ir.Curve) -> Sql:
    """The whole units that count, of a time since that is not negative."""
    age = dialect.idiv(since, integer(curve.unit))
    return dialect.greatest(subtract(age, integer(curve.after)), integer(0)) if curve.after else age


# ------------------------------------------------------------------ written points


def written(dialect: Dialect, ticks: int, curve: ir.Curve, age: Sql, oldest: int | None) -> Sql:
    """What is left of written points at an age; `oldest` is the greatest age that is asked for, if there is one."""
    if is_level(curve) or ticks == 0:
        return integer(ticks)
    size, span = abs(ticks), curve.span
    match curve.shape:
        case "fading":
            share = subtract(integer(span), age)
            node = case(
                [
                    (
                        compare("<", age, integer(span)),
                        dialect.half_away(multiply(integer(size), share), span, 0, size * span),
                    )
                ],
                integer(0),
            )
        case "losing":
            whole, part = curve.percent.denominator, curve.percent.numerator
            share = subtract(integer(whole), multiply(integer(part), _steps(dialect, age, span)))
            last = -(-whole // part) * span
            node = case(
                [
                    (
                        compare("<", age, integer(last)),
                        dialect.half_away(multiply(integer(size), share), whole, 0, size * whole),
                    )
                ],
                integer(0),
            )
        case "keeping":
            # Ages in steps: the share is what stays of each.
            steps = None if oldest is None else oldest // span
            node = _power(dialect, size, curve, _steps(dialect, age, span), steps)
        case "halving":
            node = _power(dialect, size, curve, age, oldest)
    return negative(node) if ticks < 0 else node


def _steps(dialect: Dialect, age: Sql, span: int) -> Sql:
    return age if span == 1 else dialect.idiv(age, integer(span))


def _power(dialect: Dialect, size: int, curve: ir.Curve, age: Sql, oldest: int | None) -> Sql:
    """size x share^age, certified for every age up to the one from which nothing is left."""
    halving = curve.shape == "halving"
    share = 0.5 ** (1 / curve.span) if halving else float(curve.percent)
    step = 1 if halving else curve.span
    exceptions: list[tuple[int, int]] = []
    number = 0
    while oldest is None or number <= oldest:
        near = size * share**number
        if near < 0.25:
            break
        if number > LONGEST:
            raise CannotSay("a decay with so many different ages: name it in larger units, such as days")
        exact = values.decayed(size, curve.shape, curve.percent, curve.span, number * step)
        low, high = near * (1 - _ERROR) + 0.5 + _GUARD - 1e-9, near * (1 + _ERROR) + 0.5 + _GUARD + 1e-9
        if not floor(low) == floor(high) == exact:
            exceptions.append((number, exact))
        number += 1
    if len(exceptions) > 500:
        raise CannotSay("a decay whose values are too near to ties")
    exponent = dialect.as_double(age)
    if halving and curve.span != 1:
        exponent = dialect.quotient(exponent, dialect.number(float(curve.span)))
    base = dialect.number(0.5 if halving else float(curve.percent))
    product = multiply(dialect.number(float(size)), dialect.power(base, exponent))
    formula = dialect.floor(add(product, dialect.number(0.5 + _GUARD)))
    # POWER of a huge exponent is no number on some engines.
    ends = compare("<", age, integer(number)) if oldest is None or number <= oldest else None
    branches = [(compare("==", age, integer(at)), integer(exact)) for at, exact in exceptions]
    if ends is not None:
        branches.append((ends, formula))
        return case(branches, integer(0))
    return case(branches, formula) if branches else formula


# ------------------------------------------------------------------ computed points


@dataclass(frozen=True)
class _Shares:
    """Shares as whole numbers of `whole`; points are cut at `limb` so that no product has more than 38 digits."""

    whole: int
    limb: int


_BINARY = _Shares(2**96, 2**26)
_DECIMAL = _Shares(10**29, 10**8)


class Fading:
    """The curves of a statement that are applied to computed points, each with a table of shares."""

    def __init__(self, dialect: Dialect, fresh: Callable[[str], str]) -> None:
        self.dialect = dialect
        self._fresh = fresh
        self._tables: dict[ir.Curve, tuple[Step, _Shares]] = {}
        self._halvings: Step | None = None

    @property
    def steps(self) -> list[Step]:
        steps = [step for step, _ in self._tables.values()]
        return steps if self._halvings is None else [*steps, self._halvings]

    def computed(self, row: Row, ticks: Sql, most: float, curve: ir.Curve, age: Sql) -> Sql:
        """What is left of a column of ticks (at most ±`most`) at an age."""
        dialect, span = self.dialect, curve.span
        if is_level(curve):
            return ticks
        if curve.shape in ("fading", "losing"):
            whole = span if curve.shape == "fading" else curve.percent.denominator
            if most * whole * 2 + whole > 10**37:
                raise CannotSay("a decay whose numbers have more than 38 digits")
            if curve.shape == "fading":
                share, last = subtract(integer(span), age), span
            else:
                part = curve.percent.numerator
                share = subtract(integer(whole), multiply(integer(part), _steps(dialect, age, span)))
                last = -(-whole // part) * span
            # What is past the end is nothing, and must not be a large negative number on the way there.
            share = dialect.greatest(share, integer(0))
            wide = most * whole * 2 + whole > 2**63 - 1
            node = multiply(dialect.wide(ticks), dialect.wide(share)) if wide else multiply(ticks, share)
            left = dialect.half_away(row.define("left", node), whole, -most * whole, most * whole)
            return case([(compare("<", age, integer(last)), big(left) if wide else left)], integer(0))
        if curve.shape == "keeping":
            age = _steps(dialect, age, span)
        return self._by_table(row, ticks, curve, row.define("age", age))

    def _by_table(self, row: Row, ticks: Sql, curve: ir.Curve, age: exp.Column) -> Sql:
        """points x share, in whole numbers: cut at the limb, so that no product has more than 38 digits."""
        dialect = self.dialect
        idiv, wide, big_number = dialect.wide_idiv, dialect.wide, dialect.wide_number
        halving = curve.shape == "halving"
        at: exp.Column = age
        if halving:
            # The share of a part of a half-life; whole half-lives are halvings.
            halvings = row.define("halvings", _steps(dialect, age, curve.span))
            at = row.define("part", subtract(age, multiply(halvings, integer(curve.span))))
        name, shares = self._table(curve)
        share = row.join(name, "at_age", at).column("share", "share")
        share = row.define("share", coalesce(share, big_number(0)))
        size = row.define("size", dialect.magnitude(ticks))
        limb = big_number(shares.limb)
        high = row.define("high_part", idiv(wide(size), limb))
        low = row.define("low_part", subtract(wide(size), multiply(high, limb)))
        product = row.define("product", multiply(high, share))
        if halving:
            # The product without its last 60 bits, then cut at 36 bits and one more for each halving.
            cut = big_number(2**34)
            upper = row.define("upper", idiv(product, cut))
            rest = add(multiply(subtract(product, multiply(upper, cut)), limb), multiply(low, share))
            joined = row.join(self._powers(), "at_age", halvings).column("share", "power")
            power = row.define("power", coalesce(joined, big_number(0)))
            cut_off = row.define("cut_off", add(upper, idiv(rest, big_number(2**60))))
            whole = case([(compare(">", power, integer(0)), power)], big_number(1))
            left = big(idiv(add(cut_off, idiv(whole, big_number(2))), whole))
            left = case([(compare(">", power, integer(0)), left)], integer(0))
        else:
            cut = big_number(shares.whole // shares.limb)
            upper = row.define("upper", idiv(product, cut))
            rest = row.define(
                "rest", add(multiply(subtract(product, multiply(upper, cut)), limb), multiply(low, share))
            )
            two, whole = big_number(2), big_number(shares.whole)
            left = big(add(upper, idiv(add(multiply(rest, two), whole), multiply(whole, two))))
        return case([(compare("<", ticks, integer(0)), negative(left))], left)

    def _powers(self) -> str:
        if self._halvings is None:
            rows = [(halvings, 2 ** (36 + halvings)) for halvings in range(61)]
            self._halvings = Step(self._fresh("halvings"), _table_of(self.dialect, rows))
        return self._halvings.name

    def _table(self, curve: ir.Curve) -> tuple[str, _Shares]:
        key = replace(curve, unit=1, after=0, span=curve.span if curve.shape == "halving" else 1)
        found = self._tables.get(key)
        if found is None:
            if curve.shape == "halving":
                shares, rows = _BINARY, _parts(curve.span)
            else:
                shares = _shares_for(curve.percent)
                rows = _kept(curve.percent, shares.whole)
            step = Step(self._fresh("shares"), _table_of(self.dialect, rows))
            found = self._tables[key] = step, shares
        return found[0].name, found[1]


_LONGEST_TABLE = 20_000

_TOO_LONG = "a decay of computed points with so many different ages: name it in larger units, such as days"


def _parts(span: int) -> list[tuple[int, int]]:
    """2^96 x 2^(-part/span), rounded, for each part of a half-life."""
    if span > _LONGEST_TABLE:
        raise CannotSay(_TOO_LONG)
    # Eighty digits: what is lost in so many products does not come near the thirty that are asked for.
    context = Context(prec=80)
    root = context.power(Decimal(2), context.divide(Decimal(-1), Decimal(span)))
    share, rows = Decimal(_BINARY.whole), []
    for part in range(span):
        rows.append((part, int(context.add(share, Decimal("0.5")))))
        share = context.multiply(share, root)
    return rows


def _kept(percent: Fraction, whole: int) -> list[tuple[int, int]]:
    """whole x percent^steps, rounded, up to the step after which nothing is left of any points."""
    rows: list[tuple[int, int]] = []
    numerator = denominator = 1
    while True:
        share = values.divide(whole * numerator, denominator)
        if share * values.MAX_TICKS * 4 < whole:
            return rows
        rows.append((len(rows), share))
        if len(rows) > _LONGEST_TABLE:
            raise CannotSay(_TOO_LONG)
        numerator, denominator = numerator * percent.numerator, denominator * percent.denominator


def _shares_for(percent: Fraction) -> _Shares:
    """The scale in which every share that can make a tie is exact: those of a denominator d^k <= 2 MAX_TICKS."""
    denominator, steps = percent.denominator, 0
    while denominator ** (steps + 1) <= 2 * values.MAX_TICKS:
        steps += 1
    for shares in (_DECIMAL, _BINARY):
        if shares.whole % denominator**steps == 0:
            return shares
    raise CannotSay(f"an exact decay of computed points that keeps {percent} of them")


def _table_of(dialect: Dialect, rows: list[tuple[int, int]]) -> exp.Select:
    return dialect.table_of(
        ("at_age", "share"), [(big(integer(age)), dialect.wide_number(share)) for age, share in rows]
    )
