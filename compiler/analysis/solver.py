"""The question put to an integer solver: OR-tools CP-SAT, the extra `scorec[prove]`.

Where there is too much to count cell by cell, the abstract policy is written down as yes/no variables and linear sums
of them: one variable for each cell of a field or kind of event, exactly one of which is true, and what the claim reads
above them, to the last tick. A part that cannot be written so may be anything within its bounds. So when the solver
says that there is no solution, there is no lead; what it finds is a lead to look at, which the reference is asked
about.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from fractions import Fraction
from functools import cache, reduce
from math import ceil, floor, gcd
from typing import Any, TypeAlias, assert_never

from ...dsl import ir, values
from ...dsl.values import MAX_TICKS, TICKS
from .abstraction import Abstraction, Cell, Stretch, Variable
from .cells import stretched, told_apart
from .ranges import NO, UNKNOWN, YES, Outlook, Span


@cache
def is_installed() -> bool:
    return importlib.util.find_spec("ortools") is not None


# ------------------------------------------------------------------ yes/no variables and sums of them

Literal: TypeAlias = int
"""The number of a yes/no variable; negative: its opposite."""

TRUE: Literal = 1
FALSE: Literal = -1

Terms: TypeAlias = tuple[tuple[int, int], ...]
"""(number of a variable, factor), by number."""

WIDEST = 2**40
"""A hundred million points. With much larger numbers the solver has been seen to say that there is no solution where
there is one (version 9.15): it is given none."""
FAR = 2**34
"""More than a million points: as far as a number goes that has no end."""


class TooWide(Exception):
    """Numbers beyond what the solver can hold. Never leaves the analysis."""


@dataclass(frozen=True)
class Truth:
    """An answer: yes, no, or neither of the two (unknown)."""

    yes: Literal
    no: Literal


UNKNOWN_TRUTH = Truth(FALSE, FALSE)


@dataclass(frozen=True)
class Number:
    """A sum of variables, in ticks, known to be from `low` to `high`; where `missing` is true it says nothing.

    What really can be larger than the solver is given has `most`: from there on it stands for anything larger, too, so
    that it may be held against limits up to there only. So has `least` what can be smaller."""

    terms: Terms
    constant: int
    low: int
    high: int
    missing: Literal = FALSE
    least: int | None = None
    most: int | None = None

    @property
    def is_constant(self) -> bool:
        return not self.terms


def known(ticks: int) -> Number:
    return Number((), ticks, ticks, ticks)


class Formula:
    """Variables and constraints. Equal parts are written once."""

    def __init__(self) -> None:
        from ortools.sat.python import cp_model

        self.cp: Any = cp_model
        self.model: Any = cp_model.CpModel()
        self.variables: list[Any] = [None, self.model.new_constant(1)]
        self.bounds: list[tuple[int, int]] = [(0, 0), (1, 1)]
        self._every: dict[frozenset[Literal], Literal] = {}
        self._at_least: dict[tuple[Terms, int], Literal] = {}

    # -- variables

    def flag(self) -> Literal:
        self.variables.append(self.model.new_bool_var(""))
        self.bounds.append((0, 1))
        return len(self.variables) - 1

    def whole(self, low: int, high: int, unit: int = 1) -> Number:
        """A new variable: a multiple of `unit` between two ends."""
        if max(abs(low), abs(high)) > WIDEST:
            raise TooWide
        least, most = -(-low // unit), high // unit
        self.variables.append(self.model.new_int_var(least, most, ""))
        self.bounds.append((least, most))
        return Number(((len(self.variables) - 1, unit),), 0, least * unit, most * unit)

    def literal(self, literal: Literal) -> Any:
        return self.variables[literal] if literal > 0 else self.variables[-literal].negated()

    def expression(self, number: Number, unit: int = 1) -> Any:
        ends = [abs(factor) * max(map(abs, self.bounds[name])) for name, factor in number.terms]
        flags = sum(abs(factor) // unit for name, factor in number.terms if self.bounds[name] == (0, 1))
        if sum(ends) > 256 * WIDEST or flags >= 2**31:
            raise TooWide
        names = [self.variables[name] for name, _ in number.terms]
        factors = [factor // unit for _, factor in number.terms]
        return self.cp.LinearExpr.weighted_sum(names, factors) + number.constant // unit

    # -- yes and no

    def every(self, literals: Iterable[Literal]) -> Literal:
        """All of them."""
        parts = frozenset(literals) - {TRUE}
        if FALSE in parts or any(-part in parts for part in parts):
            return FALSE
        if len(parts) <= 1:
            return next(iter(parts), TRUE)
        if parts not in self._every:
            made = self.flag()
            ordered = [self.literal(part) for part in sorted(parts)]
            self.model.add_bool_and(ordered).only_enforce_if(self.literal(made))
            self.model.add_bool_or([*(part.negated() for part in ordered), self.literal(made)])
            self._every[parts] = made
        return self._every[parts]

    def some(self, literals: Iterable[Literal]) -> Literal:
        """At least one of them."""
        return -self.every(-one for one in literals)

    def require(self, literals: Iterable[Literal]) -> None:
        """At least one of these has to be true."""
        self.model.add_bool_or([self.literal(one) for one in literals])

    # -- sums

    def weighted(self, literal: Literal, ticks: int) -> Number:
        """The ticks where the literal is true, else nothing."""
        if literal in (TRUE, FALSE) or ticks == 0:
            return known(ticks if literal == TRUE else 0)
        low, high = min(0, ticks), max(0, ticks)
        if literal > 0:
            return Number(((literal, ticks),), 0, low, high)
        return Number(((-literal, -ticks),), ticks, low, high)

    def total(self, numbers: Sequence[Number]) -> Number:
        factors: dict[int, int] = {}
        for number in numbers:
            for name, factor in number.terms:
                factors[name] = factors.get(name, 0) + factor
        terms = tuple(sorted((name, factor) for name, factor in factors.items() if factor))
        constant = sum(number.constant for number in numbers)
        # What stands in several parts may have cancelled out.
        ends = [[factor * end for end in self.bounds[name]] for name, factor in terms]
        low, high = sum(number.low for number in numbers), sum(number.high for number in numbers)
        missing = self.some(number.missing for number in numbers)
        least, most = None, None
        for number in numbers:
            others = (one for one in numbers if one is not number)
            if number.most is not None:
                if any(one.least is not None for one in others):
                    # Of what has no end, what has no end is taken away: it can come to anything.
                    return replace(self.whole(-FAR, FAR), missing=missing, least=-FAR, most=FAR)
                most = _lower(most, number.most + low - number.low)
            if number.least is not None:
                least = _higher(least, number.least + high - number.high)
        return Number(
            terms,
            constant,
            max(low, constant + sum(min(one) for one in ends)),
            min(high, constant + sum(max(one) for one in ends)),
            missing,
            least,
            most,
        )

    def times(self, number: Number, factor: int) -> Number:
        if factor == 0:
            return replace(known(0), missing=number.missing)
        ends = sorted((number.low * factor, number.high * factor))
        terms = tuple((name, one * factor) for name, one in number.terms)
        least, most = (None if end is None else end * factor for end in (number.least, number.most))
        if factor < 0:
            least, most = most, least
        return Number(terms, number.constant * factor, ends[0], ends[1], number.missing, least, most)

    def at_least(self, number: Number, ticks: int) -> Literal:
        """Whether a sum (taken as known) reaches some ticks."""
        if (number.most is not None and ticks > number.most) or (number.least is not None and ticks <= number.least):
            raise TooWide
        if number.low >= ticks:
            return TRUE
        if number.high < ticks:
            return FALSE
        unit = gcd(*(factor for _, factor in number.terms))
        need = -((number.constant - ticks) // unit)
        terms = tuple((name, factor // unit) for name, factor in number.terms)
        if len(terms) == 1 and self.bounds[terms[0][0]] == (0, 1):
            ((name, factor),) = terms
            return name if factor > 0 else -name
        if terms[0][1] < 0:
            return -self._reaches(tuple((name, -factor) for name, factor in terms), 1 - need)
        return self._reaches(terms, need)

    def _reaches(self, terms: Terms, need: int) -> Literal:
        if (terms, need) not in self._at_least:
            made = self.flag()
            expression = self.expression(Number(terms, 0, 0, 0))
            self.model.add(expression >= need).only_enforce_if(self.literal(made))
            self.model.add(expression <= need - 1).only_enforce_if(self.literal(-made))
            self._at_least[terms, need] = made
        return self._at_least[terms, need]

    def named(self, number: Number) -> Number:
        """The same sum as one variable."""
        if len(number.terms) <= 1:
            return number
        unit = _unit(number)
        made = self.whole(number.low, number.high, unit)
        self.model.add(self.expression(made, unit) == self.expression(number, unit))
        return _like(made, number)

    def most(self, numbers: Sequence[Number]) -> Number:
        """The largest of several sums."""
        low, high = max(one.low for one in numbers), max(one.high for one in numbers)
        missing = self.some(one.missing for one in numbers)
        least, most = None, None
        for one in numbers:
            if one.most is not None:
                most = _lower(most, one.most)
            if one.least is not None and not any(
                other.low >= one.least for other in numbers if other is not one and other.least is None
            ):
                least = _higher(least, one.least)
        left = [one for one in numbers if one.high > low or one.low == low]
        if len(left) == 1:
            return replace(left[0], missing=missing, least=least, most=most)
        unit = _unit(*left)
        made = self.whole(low, high, unit)
        self.model.add_max_equality(self.expression(made, unit), [self.expression(one, unit) for one in left])
        return replace(made, missing=missing, least=least, most=most)

    def least(self, numbers: Sequence[Number]) -> Number:
        return self.times(self.most([self.times(one, -1) for one in numbers]), -1)

    def within(self, number: Number, low: int | None, high: int | None) -> Number:
        """Cut to a range (an upper end below the lower one wins). There is nothing to cut where it has no end, or one
        that the solver is never given."""
        if low is not None and low > -WIDEST:
            number = self.most([number, known(low)])
        if high is not None and high < WIDEST:
            number = self.least([number, known(high)])
        if max(abs(number.low), abs(number.high)) > WIDEST:
            raise TooWide
        return number

    def chosen(self, choice: Literal, then: Number, otherwise: Number) -> Number:
        """One of two sums; what is missing is that of the one that is chosen."""
        missing = self.some((self.every((choice, then.missing)), self.every((-choice, otherwise.missing))))
        if choice == TRUE:
            return then
        if choice == FALSE:
            return otherwise
        if then.is_constant and otherwise.is_constant:
            step = self.weighted(choice, then.constant - otherwise.constant)
            low, high = sorted((then.constant, otherwise.constant))
            return Number(step.terms, step.constant + otherwise.constant, low, high, missing)
        unit = _unit(then, otherwise)
        made = self.whole(min(then.low, otherwise.low), max(then.high, otherwise.high), unit)
        for condition, number in ((choice, then), (-choice, otherwise)):
            equal = self.expression(made, unit) == self.expression(number, unit)
            self.model.add(equal).only_enforce_if(self.literal(condition))
        return replace(
            made,
            missing=missing,
            least=_higher(then.least, otherwise.least),
            most=_lower(then.most, otherwise.most),
        )

    def divided(self, number: Number, denominator: int) -> Number:
        """`values.divide`: the quotient rounded half away from zero."""
        low, high = values.divide(number.low, denominator), values.divide(number.high, denominator)
        least, most = (None if e is None else values.divide(e, denominator) for e in (number.least, number.most))
        if low == high:
            return replace(known(low), missing=number.missing, least=least, most=most)
        if all(factor % denominator == 0 for _, factor in number.terms) and number.constant % denominator == 0:
            terms = tuple((name, factor // denominator) for name, factor in number.terms)
            return Number(terms, number.constant // denominator, low, high, number.missing, least, most)
        number = self.named(number)
        made = self.whole(low, high)
        positive = self.at_least(number, 0)
        # 2dk is between 2n - d and 2n + d, the end that is farther from zero included.
        rest = self.total([self.times(number, 2), self.times(made, -2 * denominator)])
        expression = self.expression(rest)
        for condition, below, above in (
            (positive, -denominator, denominator - 1),
            (-positive, 1 - denominator, denominator),
        ):
            if condition != FALSE:
                bounds = self.model.add_linear_constraint(expression, below, above)
                if condition != TRUE:
                    bounds.only_enforce_if(self.literal(condition))
        return replace(made, missing=number.missing, least=least, most=most)

    def floored(self, number: Number, denominator: int) -> Number:
        """The quotient rounded down."""
        low, high = number.low // denominator, number.high // denominator
        least, most = (None if end is None else end // denominator for end in (number.least, number.most))
        if low == high:
            return replace(known(low), missing=number.missing, least=least, most=most)
        made = self.whole(low, high)
        rest = self.total([number, self.times(made, -denominator)])
        self.model.add_linear_constraint(self.expression(rest), 0, denominator - 1)
        return replace(made, missing=number.missing, least=least, most=most)

    def rounded(self, number: Number, how: str) -> Number:
        """`values.rounded`, to whole points."""
        if all(factor % TICKS == 0 for _, factor in number.terms) and number.constant % TICKS == 0:
            return number
        match how:
            case "rounded":
                whole = self.divided(number, TICKS)
            case "rounded up":
                whole = self.times(self.floored(self.times(number, -1), TICKS), -1)
            case _:
                whole = self.floored(number, TICKS)
        return self.times(whole, TICKS)


def _lower(one: int | None, other: int | None) -> int | None:
    return other if one is None else one if other is None else min(one, other)


def _higher(one: int | None, other: int | None) -> int | None:
    return other if one is None else one if other is None else max(one, other)


def _like(made: Number, number: Number) -> Number:
    return replace(made, missing=number.missing, least=number.least, most=number.most)


def _unit(*numbers: Number) -> int:
    """The largest number that divides everything in these sums."""
    unit = gcd(*(number.constant for number in numbers), *(factor for one in numbers for _, factor in one.terms))
    return unit or 1


# ------------------------------------------------------------------ a claim about an abstract policy


class Outcome(Enum):
    NO_LEAD = "there is none, even where bounds leave room"
    NOT_FOUND = "the solver was not done in time"


@dataclass(frozen=True)
class Found:
    """Cells of the variables that the claim reads, and the stretches that are not nothing."""

    cells: Mapping[str, Cell]
    stretches: tuple[Stretch, ...]


class Question:
    """Is there an assignment of cells that makes a claim true? Raises TooWide where the solver cannot hold the
    numbers."""

    def __init__(self, abstraction: Abstraction, claim: ir.Expr) -> None:
        self._encoding = _Encoding(abstraction)
        self._formula = self._encoding.formula
        self._formula.require([self._encoding.truth(claim).yes])
        self._encoding.tie_facts_to_cells()
        self._only_real = False

    @property
    def exact(self) -> bool:
        """Whether every assignment of cells stands for a lead."""
        return self._encoding.exact

    def answer(self, seconds: float) -> Found | Outcome:
        """The same for the same question, as long as it is done in time."""
        cp = self._formula.cp
        solver = cp.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = 1
        # A step that counts with 32 bits what may have more, and then says that there is no solution (or-tools 5293).
        solver.parameters.presolve_inclusion_work_limit = 0
        solver.parameters.max_time_in_seconds = max(0.01, seconds)
        status = solver.solve(self._formula.model)
        if status == cp.INFEASIBLE:
            return Outcome.NO_LEAD
        if status not in (cp.OPTIMAL, cp.FEASIBLE):
            return Outcome.NOT_FOUND
        self._last = [
            (name, number)
            for name, (literals, _) in self._encoding.choices.items()
            for number, literal in enumerate(literals)
            if solver.boolean_value(self._formula.literal(literal))
        ]
        cells = {name: self._encoding.choices[name][1][number] for name, number in self._last}
        stretches = tuple(
            stretch
            for stretch, number in self._encoding.stretches.values()
            if number.terms and solver.value(self._formula.expression(number)) != 0
        )
        return Found(cells, stretches)

    def exclude_the_last(self) -> None:
        """Asks for another assignment, one of cells that something real brings about. From then on `NO_LEAD` proves
        nothing."""
        choices = self._encoding.choices
        if not self._only_real:
            self._only_real = True
            for literals, cells in choices.values():
                if any(cell.real for cell in cells):
                    for literal, cell in zip(literals, cells, strict=True):
                        if not cell.real:
                            self._formula.require([-literal])
        self._formula.require([-choices[name][0][number] for name, number in self._last])


class _Encoding:
    """The abstract policy as a formula: only what is asked for."""

    def __init__(self, abstraction: Abstraction) -> None:
        self.formula = Formula()
        self.abstraction = abstraction
        self.program = abstraction.program
        self.outlook = Outlook(self.program, stretched(abstraction))
        self.exact = True
        self.choices: dict[str, tuple[list[Literal], list[Cell]]] = {}
        """the literals of each variable's cells"""
        self.stretches: dict[str, tuple[Stretch, Number]] = {}
        self._flags: dict[str, Truth] = {}
        self._numbers: dict[str, Number] = {}
        self._scores: dict[str, Number] = {}
        self._bands: dict[str, dict[str, Literal]] = {}
        self._decisions: dict[str, dict[str, Literal]] = {}
        self._barred: dict[str, Literal] = {}
        self._rules: dict[ir.Rule, Number] = {}
        self._free: dict[ir.Expr, Any] = {}

    # -- facts

    def tie_facts_to_cells(self) -> None:
        """Exactly one cell of each variable, which says what its facts are."""
        used = {*self._flags, *self._numbers}
        variables: dict[str, Variable] = {}
        for fact in sorted(used):
            variable = self.abstraction.variable_of(fact)
            variables[variable.name] = variable
        for name, variable in variables.items():
            self.exact = self.exact and variable.exact
            cells = told_apart(variable.cells, used)
            literals = [self.formula.flag() for _ in cells] if len(cells) > 1 else [TRUE]
            self.choices[name] = literals, cells
            self.formula.model.add_exactly_one([self.formula.literal(one) for one in literals])
            for fact in cells[0].facts:
                if fact in used:
                    self._tie(fact, [cell.facts[fact] for cell in cells], literals)

    def _tie(self, fact: str, answers: Sequence[Any], literals: Sequence[Literal]) -> None:
        sides: list[tuple[Number, list[Number]]] = []
        if fact in self._flags:
            truth = self._flags[fact]
            for literal, wanted in ((truth.yes, True), (truth.no, False)):
                chosen = [
                    self.formula.weighted(one, 1)
                    for one, answer in zip(literals, answers, strict=True)
                    if answer is wanted
                ]
                sides.append((self.formula.weighted(literal, 1), chosen))
        else:
            number = self._numbers[fact]
            chosen = [self.formula.weighted(one, answer or 0) for one, answer in zip(literals, answers, strict=True)]
            sides.append((replace(number, missing=FALSE), chosen))
            if number.missing != FALSE:
                missing = [
                    self.formula.weighted(one, 1)
                    for one, answer in zip(literals, answers, strict=True)
                    if answer is None
                ]
                sides.append((self.formula.weighted(number.missing, 1), missing))
        for left, right in sides:
            whole = self.formula.total(right)
            unit = _unit(left, whole)
            self.formula.model.add(self.formula.expression(left, unit) == self.formula.expression(whole, unit))

    def flag_of(self, fact: str) -> Truth:
        if fact not in self._flags:
            answers = {cell.facts[fact] for cell in self.abstraction.variable_of(fact).cells}
            yes = self.formula.flag() if True in answers else FALSE
            no = (
                FALSE if False not in answers else -yes if None not in answers and yes != FALSE else self.formula.flag()
            )
            self._flags[fact] = Truth(yes, no)
        return self._flags[fact]

    def number_of(self, fact: str) -> Number:
        if fact in self.abstraction.stretches:
            return self.stretch_of(fact)
        if fact not in self._numbers:
            answers = [cell.facts[fact] for cell in self.abstraction.variable_of(fact).cells]
            ticks = [answer or 0 for answer in answers]
            made = self.formula.whole(min(ticks), max(ticks), gcd(*ticks) or 1)
            missing = self.formula.flag() if None in answers else FALSE
            self._numbers[fact] = replace(made, missing=missing)
        return self._numbers[fact]

    def stretch_of(self, fact: str) -> Number:
        if fact not in self.stretches:
            self.exact = False
            stretch = self.abstraction.stretches[fact]
            number = self._anywhere(Span(stretch.low, stretch.high, stretch.missing))
            self.stretches[fact] = stretch, number
        return self.stretches[fact][1]

    # -- scores

    def score(self, name: str) -> Number:
        if name not in self._scores:
            found = next(one for one in self.program.scores if one.name == name)
            self._scores[name] = self._score(found)
        return self._scores[name]

    def _score(self, score: ir.Score) -> Number:
        formula = self.formula
        if score.body is not None:
            ticks = formula.named(self.number(score.body))
        else:
            ticks = formula.named(formula.total([known(score.start), *(self.item(item) for item in score.items)]))
        missing = ticks.missing
        ticks = replace(ticks, missing=FALSE)
        if score.silence is not None and ticks.high > 0:
            self.exact = False
            left = formula.whole(min(0, ticks.low), ticks.high)
            below = formula.least([ticks, known(0)])
            formula.model.add(formula.expression(left) <= formula.expression(ticks))
            formula.model.add(formula.expression(left) >= formula.expression(below))
            ticks = replace(left, least=ticks.least, most=ticks.most)
        for bound in score.floors:
            applies = self.truth(bound.condition).yes
            ticks = formula.chosen(applies, formula.most([ticks, known(bound.ticks)]), ticks)
        for bound in score.caps:
            applies = self.truth(bound.condition).yes
            ticks = formula.chosen(applies, formula.least([ticks, known(bound.ticks)]), ticks)
        if score.rounding is not None:
            ticks = formula.rounded(ticks, score.rounding)
        return replace(formula.within(ticks, score.low, score.high), missing=missing)

    def item(self, item: ir.Rule | ir.Group) -> Number:
        """What a rule or group comes to; never missing."""
        match item:
            case ir.Rule():
                return self._rule(item)
            case ir.Group():
                return self._group(item)
            case _:
                assert_never(item)

    def item_holds(self, item: ir.Rule | ir.Group) -> Literal:
        if isinstance(item, ir.Group):
            return self.formula.some(self.item_holds(member) for member in item.items)
        if isinstance(item.points, int) and isinstance(item.trigger, ir.When | ir.Otherwise):
            return TRUE if isinstance(item.trigger, ir.Otherwise) else self.holds(item.trigger)
        return self._is_not(self._rule(item), known(0))

    def _rule(self, rule: ir.Rule) -> Number:
        if rule not in self._rules:
            self._rules[rule] = self._rule_itself(rule)
        return self._rules[rule]

    def _rule_itself(self, rule: ir.Rule) -> Number:
        formula = self.formula
        points = known(rule.points) if isinstance(rule.points, int) else self.number(rule.points)
        match rule.trigger:
            case ir.When() as when:
                held = self.holds(when)
            case ir.Otherwise():
                held = TRUE
            case ir.Per(amount=amount, item=item):
                held = TRUE
                number = self.number(item)
                times = formula.floored(formula.most([replace(number, missing=FALSE), known(0)]), amount)
                times = formula.chosen(number.missing, known(0), times)
                points = self._product(rule, points, times)
            case ir.Each():
                raise AssertionError("the abstraction has made a number of every rule that happens many times")
            case _:
                assert_never(rule.trigger)
        ends = (None, None) if rule.max_points is None else (-rule.max_points, rule.max_points)
        limited = formula.within(replace(points, missing=FALSE), *ends)
        return formula.chosen(formula.every((held, -points.missing)), limited, known(0))

    def _product(self, rule: ir.Rule, points: Number, times: Number) -> Number:
        if points.is_constant:
            return replace(self.formula.times(times, points.constant), missing=points.missing)
        # Of two variables no product is taken: it may be anything from the least to the most.
        self.exact = False
        ends = [one * other for one in (points.low, points.high) for other in (times.low, times.high)]
        if any(one.least is not None or one.most is not None for one in (points, times)):
            ends += [-MAX_TICKS, MAX_TICKS]
        return replace(self._anywhere(Span(min(ends), max(ends))), missing=points.missing)

    def _group(self, group: ir.Group) -> Number:
        formula = self.formula
        match group.kind:
            case "sum":
                ticks = formula.total([self.item(item) for item in group.items])
            case "first":
                ticks = self._first(group.items)
            case "best":
                ticks = self._best(group.items)
            case _:
                assert_never(group.kind)
        if group.most is not None:
            ticks = formula.least([ticks, known(group.most)])
        if group.least is not None:
            ticks = formula.most([ticks, known(group.least)])
        if group.counting is not None:
            ticks = self._scaled(ticks, group.counting)
        return ticks

    def _first(self, items: Sequence[ir.Rule | ir.Group]) -> Number:
        """Of the first member that holds: of those that do, none before it does."""
        formula = self.formula
        left = TRUE
        parts: list[Number] = []
        for item in items:
            held = self.item_holds(item)
            parts.append(formula.chosen(formula.every((left, held)), self._where_held(item), known(0)))
            left = formula.every((left, -held))
        whole = formula.total(parts)
        low, high = min([0, *(one.low for one in parts)]), max([0, *(one.high for one in parts)])
        return replace(
            whole,
            low=max(whole.low, low),
            high=min(whole.high, high),
            least=reduce(_higher, (one.least for one in parts), None),
            most=reduce(_lower, (one.most for one in parts), None),
        )

    def _best(self, items: Sequence[ir.Rule | ir.Group]) -> Number:
        """The largest of the members that hold."""
        formula = self.formula
        members = [(self.item_holds(item), self._where_held(item)) for item in items]
        members = [(held, ticks) for held, ticks in members if held != FALSE]
        if not members:
            return known(0)
        none = formula.every(-held for held, _ in members)
        lows, highs = [ticks.low for _, ticks in members], [ticks.high for _, ticks in members]
        unit = _unit(*(ticks for _, ticks in members))
        whole = formula.whole(min([0, *lows]), max([0, *highs]), unit)
        expression = formula.expression(whole, unit)
        taken: list[Literal] = [none]
        formula.model.add(expression == 0).only_enforce_if(formula.literal(none))
        for held, ticks in members:
            other = formula.expression(ticks, unit)
            formula.model.add(expression >= other).only_enforce_if(formula.literal(held))
            this = formula.flag()
            formula.require([-this, held])
            formula.model.add(expression == other).only_enforce_if(formula.literal(this))
            taken.append(this)
        formula.require(taken)
        return replace(
            whole,
            least=reduce(_higher, (ticks.least for _, ticks in members), None),
            most=reduce(_lower, (ticks.most for _, ticks in members), None),
        )

    def _where_held(self, item: ir.Rule | ir.Group) -> Number:
        """What an item comes to, where it is known to hold."""
        if isinstance(item, ir.Rule) and isinstance(item.points, int) and not isinstance(item.trigger, ir.Per):
            return self._rule(replace(item, trigger=ir.Otherwise()))
        return self.item(item)

    # -- bands, gates, decisions

    def band(self, name: str) -> dict[str, Literal]:
        """For each label whether the lead is in it."""
        if name not in self._bands:
            band = next(one for one in self.program.bands if one.name == name)
            self._bands[name] = self._band(band)
        return self._bands[name]

    def _band(self, band: ir.Band) -> dict[str, Literal]:
        formula = self.formula
        score = self.score(band.score)
        left = TRUE
        found: dict[str, list[Literal]] = {}
        for row in band.rows:
            reached = self._compared(">=", score, self.number(row.limit)).yes
            found.setdefault(row.label, []).append(formula.every((left, reached)))
            left = formula.every((left, -reached))
        found.setdefault(band.otherwise, []).append(left)
        return {label: formula.some(rows) for label, rows in found.items()}

    def decision(self, name: str) -> dict[str, Literal]:
        if name not in self._decisions:
            decision = next(one for one in self.program.decisions if one.name == name)
            self._decisions[name] = self._decision(decision)
        return self._decisions[name]

    def _decision(self, decision: ir.Decision) -> dict[str, Literal]:
        formula = self.formula
        left = TRUE
        found: dict[str, list[Literal]] = {}
        for row in decision.rows:
            taken: list[Literal] = []
            for outcome, matches in self._outcomes_of(row):
                this = formula.every((left, matches, -self.barred(outcome)))
                found.setdefault(outcome, []).append(this)
                taken.append(this)
            left = formula.every((left, *(-one for one in taken)))
        return {outcome: formula.some(rows) for outcome, rows in found.items()}

    def _outcomes_of(self, row: ir.Choice | ir.Grid) -> list[tuple[str, Literal]]:
        match row:
            case ir.Choice(outcome=outcome, trigger=trigger):
                return [(outcome, TRUE if trigger is None else self.holds(trigger))]
            case ir.Grid():
                lines, columns = self.band(row.by_rows), self.band(row.by_columns)
                cells: dict[str, list[Literal]] = {}
                for label, line in zip(row.row_labels, row.cells, strict=True):
                    for other, outcome in zip(row.column_labels, line, strict=True):
                        both = self.formula.every((lines.get(label, FALSE), columns.get(other, FALSE)))
                        cells.setdefault(outcome, []).append(both)
                return [(outcome, self.formula.some(pairs)) for outcome, pairs in cells.items()]
            case _:
                assert_never(row)

    def barred(self, outcome: str) -> Literal:
        if outcome not in self._barred:
            bans = [ban for gate in self.program.gates for ban in gate.bans if outcome in ban.outcomes]
            self._barred[outcome] = self.formula.some([self.holds(ban.trigger) for ban in bans])
        return self._barred[outcome]

    # -- conditions

    def holds(self, when: ir.When) -> Literal:
        yes = self.truth(when.condition).yes
        return -yes if when.unless else yes

    def truth(self, expr: ir.Expr) -> Truth:
        formula = self.formula
        match expr:
            case ir.Const(value=value):
                return Truth(TRUE if value is True else FALSE, TRUE if value is False else FALSE)
            case ir.FieldOf(name=name):
                return self.flag_of(name)
            case ir.And(items=items):
                parts = [self.truth(item) for item in items]
                return Truth(formula.every(one.yes for one in parts), formula.some(one.no for one in parts))
            case ir.Or(items=items):
                parts = [self.truth(item) for item in items]
                return Truth(formula.some(one.yes for one in parts), formula.every(one.no for one in parts))
            case ir.Not(item=item):
                inner = self.truth(item)
                return Truth(inner.no, inner.yes)
            case ir.IsMissing(item=item):
                missing = self._missing(item)
                return self.anything(expr) if missing is None else Truth(missing, -missing)
            case ir.Compare(sign=sign, left=left, right=right):
                return self._comparison(expr, sign, left, right)
            case ir.InSet(item=item, values=members) if item.kind is ir.Kind.LABEL:
                inside = formula.some(one for label, one in self.labels(item).items() if label in members)
                return Truth(inside, -inside)
            case ir.InSet(item=item, values=members) if item.kind is ir.Kind.EXACT:
                number = self.number(item)
                inside = formula.some(-self._is_not(number, known(ticks)) for ticks in _as_ticks(members))
                return Truth(formula.every((inside, -number.missing)), formula.every((-inside, -number.missing)))
            case ir.Call(op=ir.Op.IF, args=(condition, then, otherwise)):
                asked, one, other = self.truth(condition).yes, self.truth(then), self.truth(otherwise)
                return Truth(self._either(asked, one.yes, other.yes), self._either(asked, one.no, other.no))
            case _:
                return self.anything(expr)

    def anything(self, expr: ir.Expr) -> Truth:
        """A condition that is not written down: whatever its bounds allow."""
        self.exact = False
        if expr not in self._free:
            truths = self.outlook.truths(expr)
            yes = self.formula.flag() if truths & YES else FALSE
            no = self.formula.flag() if truths & NO else FALSE
            self.formula.require([-yes, -no])
            if not truths & UNKNOWN:
                self.formula.require([yes, no])
            self._free[expr] = Truth(yes, no)
        found = self._free[expr]
        assert isinstance(found, Truth)
        return found

    def _either(self, choice: Literal, then: Literal, otherwise: Literal) -> Literal:
        return self.formula.some((self.formula.every((choice, then)), self.formula.every((-choice, otherwise))))

    def _missing(self, item: ir.Expr) -> Literal | None:
        match item.kind:
            case ir.Kind.FLAG:
                truth = self.truth(item)
                return self.formula.every((-truth.yes, -truth.no))
            case ir.Kind.EXACT:
                return self.number(item).missing
            case ir.Kind.LABEL:
                return FALSE
            case _:
                return None

    def _comparison(self, expr: ir.Expr, sign: ir.Sign, left: ir.Expr, right: ir.Expr) -> Truth:
        if left.kind is ir.Kind.LABEL and right.kind is ir.Kind.LABEL:
            ones, others = self.labels(left), self.labels(right)
            same = self.formula.some(
                self.formula.every((literal, others[label])) for label, literal in ones.items() if label in others
            )
            return Truth(same, -same) if sign == "==" else Truth(-same, same)
        one, other = _in_ticks(left), _in_ticks(right)
        exact = left.kind is right.kind is ir.Kind.EXACT
        if one is not None and other is not None:
            numbers = self.number(one), self.number(other)
            if exact or all(_is_told_by_doubles(number) for number in numbers):
                return self._compared(sign, *numbers)
            return self.anything(expr)
        for mine, theirs, turned in ((one, right, sign), (other, left, _TURNED[sign])):
            if mine is not None and isinstance(theirs, ir.Const) and theirs.kind is ir.Kind.NUMBER:
                if theirs.value is None:
                    return UNKNOWN_TRUTH
                if _is_told_by_doubles(number := self.number(mine)):
                    return self._against_double(turned, number, float(theirs.value))
        return self.anything(expr)

    def _against_double(self, sign: ir.Sign, number: Number, limit: float) -> Truth:
        """Ticks, as a double, compared with a double: the larger the ticks, the larger the double."""
        reaches = _first_at_least(limit)
        if reaches / 10000.0 == limit:
            return self._compared(sign, number, known(reaches))
        match sign:
            case "<" | "<=":
                return self._compared("<", number, known(reaches))
            case ">" | ">=":
                return self._compared(">=", number, known(reaches))
            case "==" | "!=":
                never = Truth(FALSE, -number.missing)
                return never if sign == "==" else Truth(never.no, never.yes)
            case _:
                assert_never(sign)

    def _compared(self, sign: ir.Sign, left: Number, right: Number) -> Truth:
        formula = self.formula
        there = -formula.some((left.missing, right.missing))
        rest = formula.total([left, formula.times(right, -1)])
        match sign:
            case ">=":
                answer = formula.at_least(rest, 0)
            case ">":
                answer = formula.at_least(rest, 1)
            case "<":
                answer = -formula.at_least(rest, 0)
            case "<=":
                answer = -formula.at_least(rest, 1)
            case "==":
                answer = -self._is_not(left, right)
            case "!=":
                answer = self._is_not(left, right)
            case _:
                assert_never(sign)
        return Truth(formula.every((answer, there)), formula.every((-answer, there)))

    def _is_not(self, left: Number, right: Number) -> Literal:
        rest = self.formula.total([left, self.formula.times(right, -1)])
        return -self.formula.every((self.formula.at_least(rest, 0), -self.formula.at_least(rest, 1)))

    def labels(self, expr: ir.Expr) -> dict[str, Literal]:
        match expr:
            case ir.BandOf(name=name):
                return self.band(name)
            case ir.DecisionOf(name=name):
                return self.decision(name)
            case ir.Const(value=str(value)):
                return {value: TRUE}
            case ir.Call(op=ir.Op.IF, args=(condition, then, otherwise)):
                asked, one, other = self.truth(condition).yes, self.labels(then), self.labels(otherwise)
                return {
                    label: self._either(asked, one.get(label, FALSE), other.get(label, FALSE))
                    for label in dict.fromkeys((*one, *other))
                }
            case _:
                raise AssertionError(f"{type(expr).__name__} has no labels")

    # -- numbers (ticks)

    def number(self, expr: ir.Expr) -> Number:
        formula = self.formula
        match expr:
            case ir.Const(value=None):
                return replace(known(0), missing=TRUE)
            case ir.Const(value=int(value)):
                return known(value)
            case ir.FieldOf(name=name, kind=ir.Kind.EXACT):
                return self.number_of(name)
            case ir.ScoreOf(name=name, ago=0):
                return self.score(name)
            case ir.Scaled(item=item, factor=factor):
                return self._scaled(self.number(item), factor)
            case ir.WeightedMean(weights=weights, items=items):
                parts = [self.number(item) for item in items]
                if any(part.missing != FALSE for part in parts):
                    missing = formula.every(part.missing for part in parts)
                    return replace(self.any_number(expr), missing=missing)
                weighed = [formula.times(part, weight) for weight, part in zip(weights, parts, strict=True)]
                return formula.divided(formula.total(weighed), sum(weights))
            case ir.Call() if expr.kind is ir.Kind.EXACT:
                return self._call(expr)
            case _:
                return self.any_number(expr)

    def _call(self, call: ir.Call) -> Number:
        formula = self.formula
        if call.op is ir.Op.IF:
            condition, then, otherwise = call.args
            return formula.chosen(self.truth(condition).yes, self.number(then), self.number(otherwise))
        if call.op is ir.Op.TO_EXACT and (inner := _in_ticks(call.args[0])) is not None:
            # What was ticks before is within what a score can be, and comes back as it was.
            return self.number(inner)
        if any(arg.kind is not ir.Kind.EXACT for arg in call.args):
            return self.any_number(call)
        args = [self.number(arg) for arg in call.args]
        match call.op:
            case ir.Op.ADD:
                return formula.total(args)
            case ir.Op.SUBTRACT:
                return formula.total([args[0], *(formula.times(arg, -1) for arg in args[1:])])
            case ir.Op.MIN:
                return formula.least(args)
            case ir.Op.MAX:
                return formula.most(args)
            case ir.Op.ABS:
                return formula.most([args[0], formula.times(args[0], -1)])
            case ir.Op.FLOOR:
                return formula.rounded(args[0], "rounded down")
            case ir.Op.CEIL:
                return formula.rounded(args[0], "rounded up")
            case ir.Op.ROUND:
                decimals = args[1].constant // TICKS if len(args) > 1 else 0
                step: int = TICKS // 10**decimals
                return formula.times(formula.divided(args[0], step), step)
            case _:
                return self.any_number(call)

    def any_number(self, expr: ir.Expr) -> Number:
        """A number that is not written down: anything within its bounds."""
        self.exact = False
        if expr not in self._free:
            span = self.outlook.number(expr)
            if span.low > span.high:
                self._free[expr] = replace(known(0), missing=TRUE)
            else:
                self._free[expr] = self._anywhere(span)
        found = self._free[expr]
        assert isinstance(found, Number)
        return found

    def _anywhere(self, span: Span) -> Number:
        """A number that can be anything from one end to the other."""
        low, high = floor(max(span.low, -FAR)), ceil(min(span.high, FAR))
        if low > high:
            raise TooWide
        return replace(
            self.formula.whole(low, high),
            missing=self.formula.flag() if span.missing else FALSE,
            least=low if span.low < low else None,
            most=high if span.high > high else None,
        )

    def _scaled(self, number: Number, factor: Fraction) -> Number:
        made = self.formula.divided(self.formula.times(number, factor.numerator), factor.denominator)
        return self.formula.within(made, None, None)


_TURNED: Mapping[ir.Sign, ir.Sign] = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


def _in_ticks(expr: ir.Expr) -> ir.Expr | None:
    """The expression whose ticks an expression is, also where they were made a double."""
    if expr.kind is ir.Kind.EXACT:
        return expr
    if isinstance(expr, ir.Call) and expr.op is ir.Op.TO_NUMBER:
        return _in_ticks(expr.args[0])
    return None


def _is_told_by_doubles(number: Number) -> bool:
    """Whether ticks that differ are different as doubles, too."""
    ends = number.low, number.high
    return max(map(abs, ends)) <= MAX_TICKS


def _first_at_least(limit: float) -> int:
    """The least ticks that are, as a double, not less than another."""
    if abs(limit) > MAX_TICKS / TICKS:
        return 10 * MAX_TICKS if limit > 0 else -10 * MAX_TICKS
    ticks = ceil(Fraction(limit) * TICKS) - 64
    while ticks / 10000.0 < limit:
        ticks += 1
    return ticks


def _as_ticks(members: Iterable[str | float]) -> list[int]:
    """The numbers of a list that some ticks are equal to."""
    found = [float(member) for member in members]
    return [ticks for one in found if (ticks := _first_at_least(one)) / 10000.0 == one]
