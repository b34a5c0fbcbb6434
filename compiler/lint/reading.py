"""What several rules need: rules that stand together, steps of one value, where a name is used, lines to take out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Literal

from ...dsl import ir, tree
from ...dsl.frozen import frozen
from ...dsl.source import Span
from .subject import Subject

# ------------------------------------------------------------------ rules that stand together


@frozen
class Gathering:
    """The rules that stand directly in a score, a group or a set of rules; `kind` tells how they count together."""

    kind: Literal["sum", "first of", "best of"]
    owner: tree.Score | tree.Group | tree.RuleSet
    rules: tuple[tree.Rule, ...]


def gatherings(subject: Subject) -> Iterator[Gathering]:
    """All of them, in the order of the text."""
    owners: list[tree.Score | tree.Group | tree.RuleSet] = [
        *subject.written(tree.Score),
        *subject.written(tree.Group),
        *subject.written(tree.RuleSet),
    ]
    for owner in sorted(owners, key=lambda one: one.span):
        rules = tuple(item for item in owner.items if isinstance(item, tree.Rule))
        if rules:
            yield Gathering(_counting(owner), owner, rules)


def _counting(owner: tree.Score | tree.Group | tree.RuleSet) -> Literal["sum", "first of", "best of"]:
    if isinstance(owner, tree.Group) and owner.kind != "group":
        return owner.kind
    return "sum"


@frozen
class Earned:
    """A rule of the program, with the score and the groups that it stands in, the outermost group first."""

    score: ir.Score
    groups: tuple[ir.Group, ...]
    rule: ir.Rule


def earned(program: ir.Program) -> Iterator[Earned]:
    """Every rule of the leads' scores."""
    for score in program.scores:
        yield from _earned(score, (), score.items)


def _earned(score: ir.Score, groups: tuple[ir.Group, ...], items: tuple[ir.Rule | ir.Group, ...]) -> Iterator[Earned]:
    for item in items:
        match item:
            case ir.Rule():
                yield Earned(score, groups, item)
            case ir.Group():
                yield from _earned(score, (*groups, item), item.items)


def groups_in(items: tuple[ir.Rule | ir.Group, ...]) -> Iterator[ir.Group]:
    """The groups among some items, and those inside them."""
    for item in items:
        if isinstance(item, ir.Group):
            yield item
            yield from groups_in(item.items)


def only(policy: ir.Program, scores: tuple[ir.Score, ...] = ()) -> ir.Program:
    """The policy with these scores and their bands, and with nothing else that has to be worked out."""
    names = tuple(one.name for one in scores)
    return replace(
        policy,
        scores=scores,
        declared_scores=names,
        bands=tuple(band for band in policy.bands if band.score in names),
        gates=(),
        decisions=(),
        declared_decisions=(),
        account=None,
        tests=(),
        promises=(),
    )


def up_to(policy: ir.Program, place: str, score: ir.Score) -> ir.Program:
    """The policy as far as one of its scores, with another score in its place: for a question about that alone."""
    at = next(number for number, one in enumerate(policy.scores) if one.name == place)
    return only(policy, (*policy.scores[:at], score))


def rule_names(subject: Subject) -> dict[Span, Span]:
    """Where the names of the file's own rules stand, by the place of the whole rule."""
    return {rule.span: rule.name.span for rule in subject.written(tree.Rule)}


def rules_written(subject: Subject) -> dict[Span, tree.Rule]:
    """The file's own rules as they are written, by their place. Those that a library brings are not among them."""
    return {rule.span: rule for rule in subject.written(tree.Rule)}


def most_points(item: ir.Rule | ir.Group) -> int | None:
    """The most ticks that a rule or a group could give, whatever the conditions; None where there is no limit."""
    match item:
        case ir.Rule():
            return _most_of_rule(item)
        case ir.Group():
            each = [most_points(member) for member in item.items]
            known = [most for most in each if most is not None]
            most = None
            if len(known) == len(each):
                most = sum(known) if item.kind == "sum" else max(known, default=0)
            if item.most is not None:
                most = item.most if most is None else min(most, item.most)
            return most


def _most_of_rule(rule: ir.Rule) -> int | None:
    if rule.max_points is not None and not isinstance(rule.points, int):
        return rule.max_points
    if not isinstance(rule.points, int):
        return None
    if rule.points <= 0:
        return 0
    match rule.trigger:
        case ir.When() | ir.Otherwise():
            return rule.points
        case ir.Each(once_ever=True):
            times: int | None = 1
        case ir.Each(at_most=int() as most, at_most_per=None):
            times = most
        case _:
            times = None
    most_by_times = None if times is None else times * rule.points
    limits = [limit for limit in (most_by_times, rule.max_points) if limit is not None]
    return min(limits, default=None)


# ------------------------------------------------------------------ steps of one value


@frozen
class Step:
    """A range of one value: `employees between 50 and 199`. None is an open end; `low_in` and `high_in` tell whether
    the ends belong to it."""

    item: tree.Expr
    low: Decimal | None
    high: Decimal | None
    low_in: bool = True
    high_in: bool = True

    def holds(self, value: Decimal) -> bool:
        """Whether a value lies in it."""
        above = self.low is None or value > self.low or (value == self.low and self.low_in)
        below = self.high is None or value < self.high or (value == self.high and self.high_in)
        return above and below


def plain(condition: tree.Expr) -> tree.Expr:
    """A condition without the brackets around it."""
    while isinstance(condition, tree.Paren):
        condition = condition.inner
    return condition


def number_of(written: tree.Expr) -> Decimal | None:
    """The number that is written, if one is."""
    match plain(written):
        case tree.Number(value=value):
            return value
        case tree.Sum(first=None, rest=(("-", tree.Number(value=value)),)):
            return -value
        case _:
            return None


def step_of(condition: tree.Expr) -> Step | None:
    """The range that a condition asks one value to be in, if it asks for nothing else."""
    match plain(condition):
        case tree.Compare(sign=sign, left=left, right=right):
            limit = number_of(right)
            if limit is not None:
                return _half(left, sign, limit)
            limit = number_of(left)
            turned: dict[str, tree.CompareSign] = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
            return None if limit is None else _half(right, turned[sign], limit)
        case tree.Between(item=item, low=low, high=high):
            ends = number_of(low), number_of(high)
            return None if ends[0] is None or ends[1] is None else Step(plain(item), ends[0], ends[1])
        case tree.Is(left=left, right=right, negated=False):
            value = number_of(right)
            return None if value is None else Step(plain(left), value, value)
        case tree.And(items=items):
            found = [step_of(item) for item in items]
            met = found[0]
            for one in found[1:]:
                met = _both(met, one)
            return met
        case _:
            return None


def _half(item: tree.Expr, sign: tree.CompareSign, limit: Decimal) -> Step:
    item = plain(item)
    match sign:
        case "<" | "<=":
            return Step(item, None, limit, high_in=sign == "<=")
        case ">" | ">=":
            return Step(item, limit, None, low_in=sign == ">=")


def _both(one: Step | None, other: Step | None) -> Step | None:
    if one is None or other is None or one.item != other.item:
        return None
    low, low_in = max(
        ((s.low, s.low_in) for s in (one, other) if s.low is not None), key=lambda end: (end[0], not end[1]),
        default=(None, True),
    )  # fmt: skip
    high, high_in = min(
        ((s.high, s.high_in) for s in (one, other) if s.high is not None), key=lambda end: (end[0], end[1]),
        default=(None, True),
    )  # fmt: skip
    return Step(one.item, low, high, low_in, high_in)


@frozen
class Stair:
    """A rule whose whole condition is a step."""

    rule: tree.Rule
    step: Step
    condition: tree.Expr


def stairs(gathering: Gathering) -> list[list[Stair]]:
    """The rules of a gathering that are steps of one value, those of each value by themselves, the lowest first."""
    found: list[list[Stair]] = []
    for rule in gathering.rules:
        if not isinstance(rule.trigger, tree.When):
            continue
        step = step_of(rule.trigger.condition)
        if step is None:
            continue
        stair = Stair(rule, step, rule.trigger.condition)
        like = next((stairs for stairs in found if stairs[0].step.item == step.item), None)
        if like is None:
            found.append([stair])
        else:
            like.append(stair)
    lowest = Decimal("-Infinity")
    for stairs_ in found:
        stairs_.sort(key=lambda stair: (stair.step.low if stair.step.low is not None else lowest, stair.rule.span))
    return found


def apart(lower: Step, upper: Step) -> bool:
    """Whether no value lies in both; the first is the lower one."""
    if lower.high is None or upper.low is None:
        return False
    return lower.high < upper.low or (lower.high == upper.low and not (lower.high_in and upper.low_in))


def shown(number: Decimal) -> str:
    """`1000`, `0.5`"""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


# ------------------------------------------------------------------ rules with dates


@frozen
class Dated:
    """A rule that is in force for some time only. The spans are those of `from ...` and `until ...`."""

    rule: tree.Rule
    start: date | None
    end: date | None
    from_span: Span
    until_span: Span


def dated(gathering: Gathering) -> list[list[Dated]]:
    """Rules that ask for the same and have dates, together, the earliest first: versions of one rule."""
    found: list[list[Dated]] = []
    for rule in gathering.rules:
        starts = next((one for one in rule.modifiers if isinstance(one, tree.Starts)), None)
        until = next((one for one in rule.modifiers if isinstance(one, tree.Until)), None)
        if starts is None and until is None:
            continue
        one = Dated(
            rule,
            date.fromisoformat(starts.date.text) if starts is not None else None,
            date.fromisoformat(until.date.text) if until is not None else None,
            starts.span if starts is not None else rule.name.span,
            until.span if until is not None else rule.name.span,
        )
        like = next((versions for versions in found if versions[0].rule.trigger == rule.trigger), None)
        if like is None:
            found.append([one])
        else:
            like.append(one)
    for versions in found:
        versions.sort(key=lambda one: one.start or date.min)
    return found


# ------------------------------------------------------------------ names


def is_library(subject: Subject) -> bool:
    """Whether others use what the file declares."""
    return subject.file.header is not None and subject.file.header.kind == "library"


def used_names(subject: Subject) -> set[str]:
    """The names that stand somewhere as a value, a list or a template: `decision_maker`, `email.is_free`."""
    return {name.text for name in subject.written(tree.Dotted)}


def mentions(subject: Subject) -> tuple[set[str], set[str]]:
    """The names that are written for a value or a property in defines and sets, and those that are anywhere."""
    declared: list[tree.Define | tree.RuleSet | tree.BandSet | tree.ChoiceSet] = [
        *subject.written(tree.Define),
        *subject.written(tree.RuleSet),
        *subject.written(tree.BandSet),
        *subject.written(tree.ChoiceSet),
    ]
    names: list[tree.Dotted | tree.Name | None] = [*subject.written(tree.Dotted)]
    names += [count.distinct for count in subject.written(tree.Count)]
    names += [aggregate.prop for aggregate in subject.written(tree.Aggregate)]
    names += [once.per for once in subject.written(tree.Once) if isinstance(once.per, tree.Name)]
    names += [name for given in subject.written(tree.Given) for name, _ in given.values]
    names += [name for happened in subject.written(tree.Happened) for name, _ in happened.values]
    inside: set[str] = set()
    anywhere: set[str] = set()
    for name in names:
        if name is not None:
            anywhere.add(name.text)
            if any(one.span.start <= name.span.start < one.span.end for one in declared):
                inside.add(name.text)
    return inside, anywhere


def own(subject: Subject, span: Span) -> bool:
    """Whether a place is in the file itself, and not in a library that it uses."""
    return span.source == subject.source.name


# ------------------------------------------------------------------ edits


def whole_lines(subject: Subject, span: Span) -> Span:
    """The lines that a statement stands on, with their ends: what is to go if it goes. Where it stands between two
    blank lines, one of these goes too."""
    text = subject.source.text
    start = text.rfind("\n", 0, span.start) + 1
    end = text.find("\n", span.end) + 1 or len(text)
    blank_before = start == 0 or text[:start].endswith("\n\n")
    if blank_before and text.startswith("\n", end):
        end += 1
    return Span(start, end, span.source)
