"""When a lead's results may change without a new event: never too late, now and then too early.

The instants at which an event leaves a window or comes into what an earlier score sees, at which points fade by another
unit, at which an age passes a limit, and at which a rule comes into force or ends.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlglot import exp

from ....dsl import ir
from ....dsl.values import TICKS
from .. import terms
from .expressions import Scope
from .fading import is_level
from .gathering import Gathering
from .syntax import Sql, add, call, case, compare, integer, multiply, subtract


@dataclass
class Changes:
    """Collects the instants after the as-of instant, in microseconds; each may be missing."""

    world: terms.World
    gathering: Gathering
    scope: Scope
    at: int
    found: list[Sql] = field(default_factory=list)

    def of(self, things: list[terms.Thing]) -> Sql:
        """The earliest instant at which one of some things may change; missing if none does."""
        for term in list(self.gathering.gathered):
            self._term(term)
        for what, name, shift in things:
            if what == "score":
                self._score(self.world.scores[name], shift)
            for expr in terms.expressions_of(self.world, what, name):
                self._expression(expr, shift)
        shifts = sorted({shift for _, _, shift in things})
        if self.gathering.gathered:
            self.found.append(self.gathering.coming(shifts))
        if not self.found:
            return exp.Cast(this=exp.null(), to=exp.DataType.build("BIGINT"))
        return call("LEAST", *[self._after(one) for one in self.found], exp.Cast(this=exp.null(), to=_BIGINT))

    def _after(self, instant: Sql) -> Sql:
        name = self.scope.row.define("instant", instant)
        return case([(compare(">", name, integer(self.at)), name)])

    def _term(self, term: terms.Term) -> None:
        if term.events.window is not None:
            oldest = self.gathering.term(terms.First(term.events, term.shift))
            self.found.append(add(oldest, integer(term.events.window + term.shift)))

    def _score(self, score: ir.Score, shift: int) -> None:
        if score.silence is not None:
            newest = self.gathering.term(terms.Last(score.silence.events, shift))
            self._unit(newest, score.silence.curve.unit, shift)
        for rule in terms.rules_of(score.items):
            for instant in (rule.starts, rule.ends):
                if instant is not None and instant + shift > self.at:
                    self.found.append(integer(instant + shift))
            each = rule.trigger
            if isinstance(each, ir.Each) and each.curve is not None and not is_level(each.curve):
                self.found.append(add(self.gathering.next_unit(each.events, each.curve.unit, shift), integer(shift)))

    def _expression(self, expr: ir.Expr, shift: int) -> None:
        """Ages change with every unit; of one that is only compared with a number, two instants matter."""
        match expr:
            case ir.Compare(left=ir.SinceEvent() | ir.SinceInstant() as age, right=ir.Const(value=int(limit))):
                since = self._begin(age, shift)
                whole = limit // TICKS
                for passed in (whole, whole + 1):
                    self.found.append(add(since, integer(passed * age.unit + shift)))
                return
            case ir.SinceEvent() | ir.SinceInstant():
                self._unit(self._begin(expr, shift), expr.unit, shift)
            case _:
                pass
        for part in terms.parts_of(expr):
            self._expression(part, shift)

    def _begin(self, age: ir.SinceEvent | ir.SinceInstant, shift: int) -> Sql:
        if isinstance(age, ir.SinceInstant):
            return self.scope.value(age.item).node
        kind = terms.First if age.which == "first" else terms.Last
        return self.gathering.term(kind(age.events, shift))

    def _unit(self, since: Sql, unit: int, shift: int) -> None:
        """When another whole unit has passed since an instant."""
        begin = self.scope.row.define("since_instant", since)
        passed = self.scope.row.define("passed", subtract(integer(self.at - shift), begin))
        units = add(self.scope.dialect.floor_div(passed, unit), integer(1))
        self.found.append(add(begin, multiply(units, integer(unit)), integer(shift)))


_BIGINT = exp.DataType.build("BIGINT")
