"""Changes a policy in one place at a time, as a slip of the pen would, so that its tests can show what they notice.

Each mutant is the checked program with one change, and the words for it. What stands in a library is left alone, and so
are accounts, alerts and audiences, which tests do not speak of.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from decimal import Decimal
from enum import IntEnum
from fractions import Fraction
from typing import Any, TypeVar, assert_never
from zoneinfo import ZoneInfo

from ..dsl import ir
from ..dsl.source import Source, Span
from ..dsl.values import DAY, HOUR, MAX_TICKS, MINUTE, TICKS
from .reading import parts
from .version import fingerprint
from .wording import duration_text, local_moment, percent_text, points_text, value_text


class Weight(IntEnum):
    """How much depends on what was changed; the first is the worst to leave untested."""

    OUTCOME = 0
    """a gate, or a row of a decision"""
    BAND = 1
    POINTS = 2
    LIMIT = 3
    """a cap, a floor, a range, at most so many points or times"""
    CONDITION = 4
    """a threshold, a window, a decay, a value in a list"""


@dataclass(frozen=True, slots=True)
class Place:
    """What a change touches: a score (with the number of its item, where only that is changed), a band, a gate or a
    decision."""

    what: str
    name: str
    item: int | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """A change as a part of a sentence, "`fit.student` takes off 20 points instead of 30", and as the title of a test
    that would notice it, "fit.student takes off 30 points, not 20"."""

    change: str
    title: str


@dataclass(frozen=True, slots=True)
class Mutant:
    """A program with one change. `part` is the full name of what was changed, `ticks` how many points it is about."""

    weight: Weight
    part: str
    words: Words
    ticks: int
    place: Place
    span: Span
    program: ir.Program


def mutants(program: ir.Program, sources: Mapping[str, Source]) -> tuple[Mutant, ...]:
    """Every mutant of a program, in the order of the text."""
    text = _Text(program, sources)
    found = [*_of_scores(program, text), *_of_bands(program, text), *_of_gates(program, text)]
    found += _of_decisions(program, text)
    return tuple(mutant for mutant in sorted(found, key=lambda mutant: mutant.span) if text.is_own(mutant.span))


def means_the_same(program: ir.Program, mutant: Mutant) -> bool:
    """Whether it is known that no lead could tell a mutant from the policy: a change of the text, not of the
    meaning."""
    return fingerprint(mutant.program) == fingerprint(program)


def worst_first(found: Iterable[Mutant]) -> list[Mutant]:
    """Gates and outcomes first, then bands, then the most points."""
    return sorted(found, key=lambda mutant: (mutant.weight, -mutant.ticks, mutant.span))


@dataclass(frozen=True)
class _Text:
    """What the author wrote."""

    program: ir.Program
    sources: Mapping[str, Source]

    def of(self, span: Span) -> str:
        source = self.sources.get(span.source)
        return "" if source is None else " ".join(source.text[span.start : span.end].split())

    def is_own(self, span: Span) -> bool:
        """Whether it stands in the policy itself. (Scores never stand in a library.)"""
        return bool(self.program.scores) and span.end > 0 and span.source == self.program.scores[0].span.source


def _instead(part: str, verb: str, before: str, after: str) -> Words:
    return Words(f"`{part}` {verb} {after} instead of {before}", _plain(f"{part} {verb} {before}, not {after}"))


def _plain(title: str) -> str:
    """Without the signs around names, which a title does not need."""
    return title.replace("`", "")


_T = TypeVar("_T", ir.Score, ir.Group, ir.Rule)


def _with(node: _T, name: str, value: Any) -> _T:
    """The node with something else in a field whose name is looked up."""
    changed: dict[str, Any] = {name: value}
    return replace(node, **changed)


# ------------------------------------------------------------------ numbers, one step on


def _step(ticks: int) -> int:
    """A difference in points that matters: 10 of 30, 5 of 15, 1 of 5."""
    size = abs(ticks)
    return next((step * TICKS for step in (10, 5, 1) if size >= 2 * step * TICKS), _last_digit(ticks))


def _smaller(ticks: int) -> int:
    """Points one step nearer to nothing, or one step more where that would be nothing."""
    step = _step(ticks)
    size = abs(ticks) - step if abs(ticks) > step else abs(ticks) + step
    return size if ticks > 0 else -size


def _last_digit(ticks: int) -> int:
    """One unit of the last decimal that a number has: 1 of 25, 0.1 of 2.5."""
    return next(unit for unit in (TICKS, 1000, 100, 10, 1) if ticks % unit == 0)


def _unit_of(number: float) -> float:
    if number == int(number):
        return 1.0
    exponent = Decimal(repr(number)).as_tuple().exponent
    return 10.0**exponent if isinstance(exponent, int) else 1.0


def _neighbours(constant: ir.Const) -> Iterator[ir.Const]:
    """The constant one unit larger, and one unit smaller."""
    value = constant.value
    for sign in (1, -1):
        match constant.kind:
            case ir.Kind.EXACT if isinstance(value, int):
                yield replace(constant, value=value + sign * _last_digit(value))
            case ir.Kind.NUMBER if isinstance(value, float):
                yield replace(constant, value=float(Decimal(repr(value)) + sign * Decimal(repr(_unit_of(value)))))
            case ir.Kind.DATE | ir.Kind.TIME if isinstance(value, int):
                yield replace(constant, value=value + sign * DAY)
            case _:
                return


def _other_lengths(micros: int) -> tuple[int, ...]:
    """A length of time one unit longer and, where something is left, one unit shorter."""
    unit = next((unit for unit in (DAY, HOUR, MINUTE) if micros % unit == 0), MINUTE)
    return (micros + unit, micros - unit) if micros > unit else (micros + unit,)


# ------------------------------------------------------------------ expressions


@dataclass(frozen=True, slots=True)
class _Change:
    """Something else in place of a part of an expression, and the words for it."""

    part: Any
    change: str
    title: str

    def of(self, name: str, whole: str = "") -> Words:
        """What is said about the rule, score or gate of this name; `whole` is what more there is to say."""
        return Words(f"`{name}` {self.change}{whole}", _plain(f"{name} {self.title}{whole}"))


def _swap(part: Any, verb: str, before: str, after: str) -> _Change:
    return _Change(part, f"{verb} {after} instead of {before}", f"{verb} {before}, not {after}")


def _changes(part: Any, text: _Text, span: Span) -> Iterator[_Change]:
    """Every change of one node inside a part, each given as the whole part anew."""
    own = getattr(part, "span", None)
    span = own if isinstance(own, Span) and own.end > 0 else span
    if not text.is_own(span):
        return
    yield from _of_node(part, text, span)
    for field in fields(part):
        value = getattr(part, field.name)
        if isinstance(value, tuple):
            for at, item in enumerate(value):
                if is_dataclass(item):
                    for change in _changes(item, text, span):
                        others = (*value[:at], change.part, *value[at + 1 :])
                        yield replace(change, part=replace(part, **{field.name: others}))
        elif is_dataclass(value) and not isinstance(value, Span):
            for change in _changes(value, text, span):
                yield replace(change, part=replace(part, **{field.name: change.part}))


_BESIDE: Mapping[ir.Sign, ir.Sign] = {">=": ">", ">": ">=", "<=": "<", "<": "<=", "==": "!=", "!=": "=="}
_SPOKEN: Mapping[ir.Sign, str] = {"==": "is", "!=": "is not"}
_WHOLE_NUMBERS = (ir.CountOf, ir.SinceEvent, ir.SinceInstant, ir.PathTime, ir.LeadsCount)


def _of_node(node: Any, text: _Text, span: Span) -> Iterator[_Change]:
    match node:
        case ir.Compare():
            yield from _of_comparison(node, text)
        case ir.And(items=items) | ir.Or(items=items) if _written_apart(node):
            for at, item in enumerate(items):
                rest = (*items[:at], *items[at + 1 :])
                left: ir.Expr = rest[0] if len(rest) == 1 else replace(node, items=rest)
                word = " and " if isinstance(node, ir.And) else " or "
                without = word.join(text.of(one.span) for one in rest)
                if text.is_own(item.span):
                    yield _swap(left, "asks for", f"`{text.of(node.span)}`", f"`{without}`")
        case ir.InSet(values=values) if len(values) > 1:
            for at in _some(len(values)):
                without_one: Any = (*values[:at], *values[at + 1 :])
                value = values[at]
                shown = value if isinstance(value, str) else f"{value:g}"
                yield _without_value(replace(node, values=without_one), shown, text.of(span))
        case ir.TextTest(needles=needles) if len(needles) > 1:
            for at in _some(len(needles)):
                fewer = replace(node, needles=(*needles[:at], *needles[at + 1 :]))
                yield _without_value(fewer, needles[at].strip(), text.of(span))
        case ir.Events(window=int(window)):
            for other in _other_lengths(window):
                yield _swap(replace(node, window=other), "looks back", duration_text(window), duration_text(other))
        case ir.Scaled(factor=factor):
            step = Fraction(1, 10) if factor > Fraction(1, 10) else Fraction(1, 100)
            other_share = factor - step if factor > step else factor + step
            item_text = text.of(node.item.span)
            less, more = percent_text(other_share), percent_text(factor)
            yield _Change(
                replace(node, factor=other_share),
                f"counts {less} of `{item_text}` instead of {more}",
                f"counts {more} of {item_text}, not {less}",
            )
        case ir.WeightedMean(weights=weights, items=items) if len(items) > 1:
            for at, item in enumerate(items):
                mean = replace(node, weights=(*weights[:at], *weights[at + 1 :]), items=(*items[:at], *items[at + 1 :]))
                yield _swap(mean, "reads", f"`{text.of(node.span)}`", f"the same without `{text.of(item.span)}`")
        case ir.Call(op=ir.Op.ADD | ir.Op.SUBTRACT as op):
            turned = ir.Op.SUBTRACT if op is ir.Op.ADD else ir.Op.ADD
            shown = f" {turned.value} ".join(text.of(arg.span) for arg in node.args)
            yield _swap(replace(node, op=turned), "reads", f"`{text.of(node.span)}`", f"`{shown}`")
        case _:
            pass


def _without_value(part: Any, value: str, condition: str) -> _Change:
    return _Change(part, f"no longer finds `{value}` in `{condition}`", f"finds {value} in {condition}")


def _written_apart(node: ir.And | ir.Or) -> bool:
    """Whether its members stand side by side in the text; those of a `between` are the same words."""
    return all(item.span != node.span and item.span.end > 0 for item in node.items)


_FEW = 8


def _some(count: int) -> Sequence[int]:
    """All places of a short list; of a long one some, the first and the last among them."""
    if count <= _FEW:
        return range(count)
    return sorted({at * (count - 1) // (_FEW - 1) for at in range(_FEW)})


def _of_comparison(node: ir.Compare, text: _Text) -> Iterator[_Change]:
    left, right = text.of(node.left.span), text.of(node.right.span)
    if not left or not right:
        return

    def written(sign: ir.Sign, end: str) -> str:
        return f"`{left} {_SPOKEN.get(sign, sign)} {end}`"

    before = written(node.sign, right)
    constant = node.right if isinstance(node.right, ir.Const) else None
    other = _BESIDE[node.sign]
    # Of whole numbers, `> 3` is `>= 4`.
    if constant is None or not isinstance(node.left, _WHOLE_NUMBERS):
        yield _swap(replace(node, sign=other), "asks for", before, written(other, right))
    if constant is not None and node.sign not in ("==", "!="):
        for near in _neighbours(constant):
            shown = _constant_text(near, text)
            yield _swap(replace(node, right=near), "asks for", before, written(node.sign, shown))


def _constant_text(constant: ir.Const, text: _Text) -> str:
    value = constant.value
    if constant.kind is ir.Kind.EXACT and isinstance(value, int):
        return points_text(value)
    return value_text(constant.kind, value, ZoneInfo(text.program.timezone))


# ------------------------------------------------------------------ scores


def _of_scores(program: ir.Program, text: _Text) -> Iterator[Mutant]:
    for at, score in enumerate(program.scores):

        def with_score(changed: ir.Score, at: int = at) -> ir.Program:
            return replace(program, scores=(*program.scores[:at], changed, *program.scores[at + 1 :]))

        for weight, words, ticks, changed, span in _of_score_itself(score, text):
            place = Place("score", score.name)
            yield Mutant(weight, score.name, words, ticks, place, span, with_score(changed))
        for number, item in enumerate(score.items):
            for one in _of_item(item, text):
                items = (*score.items[:number], one.item, *score.items[number + 1 :])
                yield Mutant(
                    one.weight,
                    one.part,
                    one.words,
                    one.ticks,
                    Place("score", score.name, number),
                    one.span,
                    with_score(replace(score, items=items)),
                )


_OfScore = Iterator[tuple[Weight, Words, int, ir.Score, Span]]


def _of_score_itself(score: ir.Score, text: _Text) -> _OfScore:
    name, span = score.name, score.span
    if score.start != 0:
        other = _smaller(score.start)
        words = _instead(name, "starts at", points_text(score.start), points_text(other))
        yield Weight.POINTS, words, abs(score.start), replace(score, start=other), span
    for bound, verb in (("high", "goes up to"), ("low", "goes down to")):
        limit: int | None = getattr(score, bound)
        if limit is None or abs(limit) >= MAX_TICKS:
            continue
        step = _step(limit or 10 * TICKS)
        other = limit - step if bound == "high" else limit + step
        if (score.low is None or other > score.low or bound == "low") and (score.high is None or other <= score.high):
            words = _instead(name, verb, points_text(limit), points_text(other))
            yield Weight.LIMIT, words, step, _with(score, bound, other), span
    if score.rounding is not None:
        words = Words(f"`{name}` keeps its decimals instead of being {score.rounding}", f"{name} is {score.rounding}")
        yield Weight.LIMIT, words, TICKS, replace(score, rounding=None), span
    if score.body is not None:
        for change in _changes(score.body, text, span):
            words = change.of(name)
            yield Weight.POINTS, words, 10 * TICKS, replace(score, body=change.part), span
    yield from _of_bounds(score, text)
    if score.silence is not None:
        silence = score.silence
        words = Words(f"`{name}` keeps its points in silence", f"{name} fades in silence")
        yield Weight.CONDITION, words, TICKS, replace(score, silence=None), silence.span
        for curve, before, after in _of_curve(silence.curve):
            words = _instead(name, "decays in silence by", before, after)
            yield Weight.CONDITION, words, TICKS, replace(score, silence=replace(silence, curve=curve)), silence.span


def _of_bounds(score: ir.Score, text: _Text) -> _OfScore:
    for kind in ("caps", "floors"):
        bounds: tuple[ir.Bound, ...] = getattr(score, kind)
        word = kind[:-1]
        for at, bound in enumerate(bounds):

            def having(*instead: ir.Bound, at: int = at, kind: str = kind) -> ir.Score:
                rest: tuple[ir.Bound, ...] = getattr(score, kind)
                return _with(score, kind, (*rest[:at], *instead, *rest[at + 1 :]))

            written = text.of(bound.span) or f"{word} {points_text(bound.ticks)}"
            words = Words(f"`{score.name}` goes on without `{written}`", f"{score.name} has a {word}: {written}")
            yield Weight.LIMIT, words, 10 * TICKS, having(), bound.span
            other = bound.ticks + _step(bound.ticks or 10 * TICKS)
            words = _instead(f"{score.name}", f"has a {word} of", points_text(bound.ticks), points_text(other))
            yield Weight.LIMIT, words, abs(other - bound.ticks), having(replace(bound, ticks=other)), bound.span
            for change in _changes(bound.condition, text, bound.span):
                words = change.of(score.name, f" for its {word}")
                yield Weight.LIMIT, words, TICKS, having(replace(bound, condition=change.part)), bound.span


# ------------------------------------------------------------------ rules and groups


@dataclass(frozen=True, slots=True)
class _Item:
    """An item of a score with one change in it."""

    item: ir.Rule | ir.Group
    weight: Weight
    part: str
    words: Words
    ticks: int
    span: Span


def _of_item(item: ir.Rule | ir.Group, text: _Text) -> Iterator[_Item]:
    if not text.is_own(item.span):
        return
    match item:
        case ir.Rule():
            for weight, words, changed in _of_rule(item, text):
                yield _Item(changed, weight, item.full_name, words, _size(item), item.span)
        case ir.Group():
            for weight, words, ticks, group in _of_group_itself(item):
                yield _Item(group, weight, item.full_name, words, ticks, item.span)
            for at, member in enumerate(item.items):
                for one in _of_item(member, text):
                    members = (*item.items[:at], one.item, *item.items[at + 1 :])
                    yield replace(one, item=replace(item, items=members))
        case _:
            assert_never(item)


def _size(rule: ir.Rule) -> int:
    """How many points a rule is about; a computed number counts as ten."""
    return abs(rule.points) if isinstance(rule.points, int) else 10 * TICKS


def _of_group_itself(group: ir.Group) -> Iterator[tuple[Weight, Words, int, ir.Group]]:
    name = group.full_name
    for limit, verb in (("most", "gives at most"), ("least", "gives at least")):
        ticks: int | None = getattr(group, limit)
        if ticks is None:
            continue
        other = ticks + _step(ticks or 10 * TICKS) * (1 if limit == "most" else -1)
        words = _instead(name, verb, _points(ticks), points_text(other))
        yield Weight.LIMIT, words, abs(other - ticks), _with(group, limit, other)
    if group.counting is not None:
        step = Fraction(1, 10) if group.counting > Fraction(1, 10) else Fraction(1, 100)
        share = group.counting - step if group.counting > step else group.counting + step
        words = _instead(name, "counts", percent_text(group.counting), percent_text(share))
        yield Weight.LIMIT, words, 10 * TICKS, replace(group, counting=share)


def _points(ticks: int) -> str:
    return f"{points_text(ticks)} point{'' if abs(ticks) == TICKS else 's'}"


_OfRule = Iterator[tuple[Weight, Words, ir.Rule]]


def _of_rule(rule: ir.Rule, text: _Text) -> _OfRule:
    yield from _of_points(rule, text)
    yield from _of_limits(rule, text)
    for change in _changes(rule.trigger, text, rule.span):
        words = change.of(rule.full_name)
        yield Weight.CONDITION, words, replace(rule, trigger=change.part)


def _of_points(rule: ir.Rule, text: _Text) -> _OfRule:
    name, points = rule.full_name, rule.points
    if not isinstance(points, int):
        gone = Words(f"`{name}` gives nothing", f"{name} counts")
        yield Weight.POINTS, gone, replace(rule, points=0)
        for change in _changes(points, text, rule.span):
            words = change.of(name)
            yield Weight.POINTS, words, replace(rule, points=change.part)
        return
    if points == 0:
        return
    verb, opposite, turned = (
        ("gives", "takes off", "giving them") if points > 0 else ("takes off", "gives", "taking them off")
    )
    size = abs(points)
    words = Words(f"`{name}` {opposite} {_points(size)} instead of {turned}", f"{name} {verb} {_points(size)}")
    yield Weight.POINTS, words, replace(rule, points=-points)
    other = _smaller(points)
    words = Words(
        f"`{name}` {verb} {_points(abs(other))} instead of {points_text(size)}",
        f"{name} {verb} {_points(size)}, not {points_text(abs(other))}",
    )
    yield Weight.POINTS, words, replace(rule, points=other)


def _of_limits(rule: ir.Rule, text: _Text) -> _OfRule:
    name = rule.full_name
    if rule.max_points is not None:
        other = rule.max_points + _step(rule.max_points)
        words = _instead(name, "counts at most", _points(rule.max_points), points_text(other))
        yield Weight.LIMIT, words, replace(rule, max_points=other)
    for field, verb in (("starts", "counts from"), ("ends", "counts until")):
        instant: int | None = getattr(rule, field)
        if instant is not None:
            # `until` names the last day, `ends` is the midnight after it.
            shift = DAY if field == "ends" else 0
            before, after = (_day(when - shift, text) for when in (instant, instant + DAY))
            yield Weight.CONDITION, _instead(name, verb, before, after), _with(rule, field, instant + DAY)
    match rule.trigger:
        case ir.Each() as each:
            for weight, words, other_each in _of_each(name, each):
                yield weight, words, replace(rule, trigger=other_each)
        case ir.Per(amount=amount) as per:
            other = amount + _last_digit(amount)
            words = _instead(name, "counts once per", points_text(amount), points_text(other))
            yield Weight.CONDITION, words, replace(rule, trigger=replace(per, amount=other))
        case ir.When() | ir.Otherwise():
            pass
        case _:
            assert_never(rule.trigger)


def _day(micros: int, text: _Text) -> str:
    return local_moment(micros, ZoneInfo(text.program.timezone)).date().isoformat()


def _of_each(name: str, each: ir.Each) -> Iterator[tuple[Weight, Words, ir.Each]]:
    if each.at_most is not None:
        for most in (each.at_most + 1, each.at_most - 1):
            if most > 0:
                per = f" per {each.at_most_per}" if each.at_most_per is not None else ""
                words = _instead(name, "counts at most", f"{_times(each.at_most)}{per}", str(most))
                yield Weight.LIMIT, words, replace(each, at_most=most)
    for once, said, without in (
        (each.once_ever, "once", {"once_ever": False}),
        (each.once_per_period is not None, f"once per {each.once_per_period}", {"once_per_period": None}),
        (each.once_per_property is not None, f"once per {each.once_per_property}", {"once_per_property": None}),
    ):
        if once:
            yield Weight.LIMIT, _instead(name, "counts", said, "every time"), replace(each, **without)
    if each.curve is not None:
        said = _curve_text(each.curve)
        words = Words(f"`{name}` keeps all its points instead of {said}", f"{name} decays by {said}")
        yield Weight.CONDITION, words, replace(each, curve=None)
        for curve, before, after in _of_curve(each.curve):
            yield Weight.CONDITION, _instead(name, "decays by", before, after), replace(each, curve=curve)


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _of_curve(curve: ir.Curve) -> Iterator[tuple[ir.Curve, str, str]]:
    """A decay that takes a unit longer, that starts at another age, that takes another share."""
    before = _curve_text(curve)
    changed = [replace(curve, span=curve.span + 1)]
    if curve.after:
        changed.append(replace(curve, after=curve.after + 1))
    if curve.shape in ("losing", "keeping"):
        step = Fraction(1, 20) if curve.percent > Fraction(1, 20) else Fraction(1, 100)
        changed.append(replace(curve, percent=curve.percent - step if curve.percent > step else curve.percent + step))
    for other in changed:
        yield other, before, _curve_text(other)


def _curve_text(curve: ir.Curve) -> str:
    span = duration_text(curve.span * curve.unit)
    match curve.shape:
        case "halving":
            words = f"halving every {span}"
        case "fading":
            words = f"fading over {span}"
        case "losing" | "keeping":
            words = f"{curve.shape} {percent_text(curve.percent)} every {span}"
        case _:
            assert_never(curve.shape)
    return words + (f" after {duration_text(curve.after * curve.unit)}" if curve.after else "")


# ------------------------------------------------------------------ bands


def _of_bands(program: ir.Program, text: _Text) -> Iterator[Mutant]:
    for at, band in enumerate(program.bands):
        for words, changed, span in _of_band(band, text):
            bands = (*program.bands[:at], changed, *program.bands[at + 1 :])
            place = Place("band", band.name)
            yield Mutant(Weight.BAND, band.name, words, TICKS, place, span, replace(program, bands=bands))


def _of_band(band: ir.Band, text: _Text) -> Iterator[tuple[Words, ir.Band, Span]]:
    for at, row in enumerate(band.rows):
        rest = (*band.rows[:at], *band.rows[at + 1 :])
        below = band.labels[at + 1]
        gone = Words(
            f"`{band.name}` is never `{row.label}`: such leads are `{below}`", f"{band.name} {row.label} is not {below}"
        )
        yield gone, replace(band, rows=rest), row.span
        if isinstance(row.limit, ir.Const):
            before = _constant_text(row.limit, text)
            limits = [
                _swap(near, f"is {row.label} from", before, _constant_text(near, text))
                for near in _neighbours(row.limit)
            ]
        else:
            limits = list(_changes(row.limit, text, row.span))
        for change in limits:
            changed = (*band.rows[:at], replace(row, limit=change.part), *band.rows[at + 1 :])
            yield change.of(band.name), replace(band, rows=changed), row.span


# ------------------------------------------------------------------ gates


def _of_gates(program: ir.Program, text: _Text) -> Iterator[Mutant]:
    for at, gate in enumerate(program.gates):

        def with_bans(bans: tuple[ir.Ban, ...], at: int = at, gate: ir.Gate = gate) -> ir.Program:
            changed = replace(gate, bans=bans)
            return replace(program, gates=(*program.gates[:at], changed, *program.gates[at + 1 :]))

        place = Place("gate", gate.name)
        for number, ban in enumerate(gate.bans):
            before, after = gate.bans[:number], gate.bans[number + 1 :]
            for words, changed in _of_ban(gate, ban, text):
                span = ban.span if ban.span.end else gate.span
                yield Mutant(Weight.OUTCOME, gate.name, words, 0, place, span, with_bans((*before, *changed, *after)))


def _of_ban(gate: ir.Gate, ban: ir.Ban, text: _Text) -> Iterator[tuple[Words, tuple[ir.Ban, ...]]]:
    name, trigger = gate.name, ban.trigger
    outcomes = ", ".join(ban.outcomes)
    written, turned = ("unless", "when") if trigger.unless else ("when", "unless")
    # The author's words, not those of a `define` that they name.
    condition = text.of(ban.span).partition(f" {written} ")[2] or text.of(trigger.condition.span)
    yield (
        Words(
            f"gate `{name}` is gone" if len(gate.bans) == 1 else f"gate `{name}` has no line `never {outcomes} ...`",
            f"gate {name} bars {outcomes} {written} {condition}",
        ),
        (),
    )
    yield (
        Words(
            f"gate `{name}` bars `{outcomes}` {turned} `{condition}` instead of {written}",
            f"gate {name} bars {outcomes} {written} {condition}, not {turned}",
        ),
        (replace(ban, trigger=replace(trigger, unless=not trigger.unless)),),
    )
    if trigger.unless and any(isinstance(node, ir.FieldOf) for node in parts(trigger.condition)):
        known_only = ir.When(ir.Not(ir.Kind.FLAG, trigger.condition, span=trigger.condition.span))
        yield (
            Words(
                f"gate `{name}` lets a lead pass for whom `{condition}` is not known",
                f"gate {name} bars {outcomes} if it is not known whether {condition}",
            ),
            (replace(ban, trigger=known_only),),
        )
    if len(ban.outcomes) > 1:
        for at, outcome in enumerate(ban.outcomes):
            fewer = (*ban.outcomes[:at], *ban.outcomes[at + 1 :])
            words = Words(
                f"gate `{name}` no longer bars `{outcome}` {written} `{condition}`",
                f"gate {name} bars {outcome} {written} {condition}",
            )
            yield words, (replace(ban, outcomes=fewer),)
    for change in _changes(trigger.condition, text, ban.span):
        words = Words(f"gate `{name}` {change.change}", _plain(f"gate {name} {change.title}"))
        yield words, (replace(ban, trigger=replace(trigger, condition=change.part)),)


# ------------------------------------------------------------------ decisions


def _of_decisions(program: ir.Program, text: _Text) -> Iterator[Mutant]:
    for at, decision in enumerate(program.decisions):

        def with_rows(
            rows: tuple[ir.Choice | ir.Grid, ...], at: int = at, decision: ir.Decision = decision
        ) -> ir.Program:
            changed = replace(decision, rows=rows)
            return replace(program, decisions=(*program.decisions[:at], changed, *program.decisions[at + 1 :]))

        place = Place("decision", decision.name)
        for number, row in enumerate(decision.rows):
            before, after = decision.rows[:number], decision.rows[number + 1 :]
            found = _of_choice(program, decision, row, text) if isinstance(row, ir.Choice) else _of_grid(decision, row)
            for words, changed in found:
                rows = (*before, *changed, *after)
                yield Mutant(Weight.OUTCOME, decision.name, words, 0, place, row.span, with_rows(rows))


_OfRow = Iterator[tuple[Words, tuple[ir.Choice | ir.Grid, ...]]]


def _of_choice(program: ir.Program, decision: ir.Decision, row: ir.Choice, text: _Text) -> _OfRow:
    name = decision.name
    written = text.of(row.span)
    other = _another(decision, row.outcome)
    if row.trigger is None:
        # The last row has to stay, and no gate may bar it.
        barred = {outcome for gate in program.gates for ban in gate.bans for outcome in ban.outcomes}
        other = next((one for one in decision.outcomes if one not in {*barred, row.outcome}), None)
    else:
        yield Words(f"`{name}` has no row `{written}`", f"{name} has a row {written}"), ()
    if other is not None:
        words = Words(
            f"`{name}` gives `{other}` instead of `{row.outcome}` in the row `{written}`",
            f"{name} gives {row.outcome}, not {other}, in the row {written}",
        )
        yield words, (replace(row, outcome=other),)
    if row.trigger is not None:
        trigger = row.trigger
        for change in _changes(trigger.condition, text, row.span):
            words = change.of(name, f" for `{row.outcome}`")
            yield words, (replace(row, trigger=replace(trigger, condition=change.part)),)


def _another(decision: ir.Decision, outcome: str) -> str | None:
    """The outcome that the decision names next."""
    names = decision.outcomes
    at = names.index(outcome)
    return next((one for one in (*names[at + 1 :], *names[:at]) if one != outcome), None)


def _of_grid(decision: ir.Decision, grid: ir.Grid) -> _OfRow:
    for down, label in enumerate(grid.row_labels):
        for across, head in enumerate(grid.column_labels):
            outcome = grid.cells[down][across]
            other = _beside(grid, down, across) or _another(decision, outcome)
            if other is None:
                continue
            line = grid.cells[down]
            changed = (*line[:across], other, *line[across + 1 :])
            cells = (*grid.cells[:down], changed, *grid.cells[down + 1 :])
            at = f"{grid.by_rows} {label}, {grid.by_columns} {head}"
            words = Words(
                f"`{decision.name}` gives `{other}` instead of `{outcome}` for {at}",
                f"{decision.name} gives {outcome}, not {other}, for {at}",
            )
            yield words, (replace(grid, cells=cells),)


def _beside(grid: ir.Grid, down: int, across: int) -> str | None:
    """The outcome of a neighbouring cell that has another one: what a slip in a row would put there."""
    height, width = len(grid.row_labels), len(grid.column_labels)
    for row, column in ((down, across + 1), (down, across - 1), (down + 1, across), (down - 1, across)):
        if 0 <= row < height and 0 <= column < width and grid.cells[row][column] != grid.cells[down][across]:
            return grid.cells[row][column]
    return None
