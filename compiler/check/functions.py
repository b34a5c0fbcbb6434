"""Functions and arguments: what each function takes, and what the parameters of a define or a set stand for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import reduce
from math import gcd, lcm

from ...dsl import ir, tree, values
from ...dsl.problems import Note
from ...dsl.source import Span
from . import arithmetic, expressions, names
from .name_problems import UnknownFunction, did_you_mean
from .scope import (
    DATE,
    EXACT,
    FLAG,
    KIND_WORDS,
    NUMBER,
    TEXT,
    TEXTS,
    TIME,
    Bound,
    EventMeaning,
    ListMeaning,
    Meaning,
    Scope,
    kind_words,
    suggestion,
)
from .type_problems import TypeMismatch, WrongArguments

_NUMERIC = (NUMBER, EXACT)


def say_unknown(scope: Scope, name: tree.Dotted) -> None:
    """Reports a call of something that is no function."""
    defines = [text for text, declared in scope.names.values.items() if declared.what == "define"]
    nearest = scope.report.nearest(name.text, (*names.FUNCTIONS, *defines))
    scope.say(
        UnknownFunction(
            span=name.span,
            label=did_you_mean(nearest),
            fix=suggestion(name.parts[0], nearest),
            name=name.text,
            nearest=nearest,
        )
    )


# ------------------------------------------------------------------ the language's own


def call(scope: Scope, expr: tree.CallOf) -> Meaning | None:
    """A call of one of the language's functions."""
    return _FUNCTIONS[expr.name.text](scope, expr)


def _arguments(scope: Scope, expr: tree.CallOf, least: int, most: int, hint: str) -> bool:
    """Whether the number of values is right."""
    if least <= len(expr.args) <= most:
        return True
    wanted = "2 values or more" if most > 100 else _values(least) if least == most else f"{least} or {_values(most)}"
    scope.say(WrongArguments(span=expr.span, called=expr.name.text, reason=f"takes {wanted}", hint=hint))
    return False


def _values(count: int) -> str:
    return "1 value" if count == 1 else f"{count or 'no'} values"


def _text_of(scope: Scope, expr: tree.CallOf, position: int) -> Meaning | None:
    found = expressions.meaning(scope, expr.args[position])
    if found is None or found.kind is TEXT:
        return found
    span = expr.args[position].span
    what = f"takes a text, and `{scope.report.quote(span)}` is {kind_words(found)}"
    scope.say(WrongArguments(span=span, label=kind_words(found), called=expr.name.text, reason=what))
    return None


def _of_text(op: ir.Op, kind: ir.Kind) -> Callable[[Scope, tree.CallOf], Meaning | None]:
    def of_text(scope: Scope, expr: tree.CallOf) -> Meaning | None:
        if not _arguments(scope, expr, 1, 1, f"write `{expr.name.text}(FIELD)`"):
            return None
        text = _text_of(scope, expr, 0)
        return text and scope.made(kind, ir.Call(kind, op, (text.expr,), span=expr.span), (text,))

    return of_text


def _repeats(scope: Scope, expr: tree.CallOf) -> Meaning | None:
    hint = "write `repeats(full_name, 3)`: a character three times in a row"
    if not _arguments(scope, expr, 2, 2, hint):
        return None
    text = _text_of(scope, expr, 0)
    times = _whole(scope, expr, 1, 2, 1000, hint)
    if text is None or times is None:
        return None
    return scope.made(FLAG, ir.Call(FLAG, ir.Op.REPEATS, (text.expr, times), span=expr.span), (text,))


def _whole(scope: Scope, expr: tree.CallOf, position: int, least: int, most: int, hint: str) -> ir.Expr | None:
    """A written whole number from `least` to `most`, in ticks."""
    arg = expr.args[position]
    found = expressions.quantity(scope, arg)
    if found is None:
        return None
    if found.generic:
        return ir.Const(EXACT, least * values.TICKS, span=arg.span)
    number = found.number
    if number is not None and number.denominator == 1 and least <= number <= most:
        return ir.Const(EXACT, int(number) * values.TICKS, span=arg.span)
    reason = f"takes a whole number from {least} to {most}, written out"
    scope.say(WrongArguments(span=arg.span, called=expr.name.text, reason=reason, hint=hint))
    return None


def _quantities(scope: Scope, expr: tree.CallOf) -> list[Meaning] | None:
    found = [expressions.quantity(scope, arg) for arg in expr.args]
    known = [part for part in found if part is not None]
    return known if len(known) == len(found) else None


def _extreme(op: ir.Op) -> Callable[[Scope, tree.CallOf], Meaning | None]:
    def extreme(scope: Scope, expr: tree.CallOf) -> Meaning | None:
        if not _arguments(scope, expr, 2, 10_000, f"write `{expr.name.text}(fit, engagement)`"):
            return None
        found = _quantities(scope, expr)
        if found is None:
            return None
        fits, unit = arithmetic.common_unit(scope, list(zip(expr.args, found, strict=True)))
        if not fits:
            return None
        parts = arithmetic.alike(found)
        made = ir.Call(parts[0].kind, op, tuple(part.expr for part in parts), span=expr.span)
        return scope.made(parts[0].kind, made, parts, unit)

    return extreme


def _abs(scope: Scope, expr: tree.CallOf) -> Meaning | None:
    if not _arguments(scope, expr, 1, 1, "write `abs(NUMBER)`"):
        return None
    found = expressions.quantity(scope, expr.args[0])
    if found is None:
        return None
    if found.number is not None:
        return arithmetic.written(abs(found.number), expr.span)
    return scope.made(found.kind, ir.Call(found.kind, ir.Op.ABS, (found.expr,), span=expr.span), (found,), found.unit)


def _sqrt(scope: Scope, expr: tree.CallOf) -> Meaning | None:
    if not _arguments(scope, expr, 1, 1, "write `sqrt(NUMBER)`"):
        return None
    found = expressions.quantity(scope, expr.args[0])
    if found is None:
        return None
    number = arithmetic.to_number(found)
    return scope.made(NUMBER, ir.Call(NUMBER, ir.Op.SQRT, (number.expr,), span=expr.span), (number,))


def _rounding(op: ir.Op) -> Callable[[Scope, tree.CallOf], Meaning | None]:
    def rounding(scope: Scope, expr: tree.CallOf) -> Meaning | None:
        hint = "write `round(fit)`, or `round(fit, 1)` to keep one decimal"
        if not _arguments(scope, expr, 1, 2 if op is ir.Op.ROUND else 1, hint):
            return None
        found = expressions.exact(scope, expr.args[0])
        decimals = _whole(scope, expr, 1, 0, 4, hint) if len(expr.args) == 2 else None
        if found is None or (decimals is None and len(expr.args) == 2):
            return None
        args = (found.expr,) if decimals is None else (found.expr, decimals)
        return scope.made(EXACT, ir.Call(EXACT, op, args, span=expr.span), (found,), found.unit)

    return rounding


def _branches(scope: Scope, first: tree.Expr, second: tree.Expr) -> tuple[Meaning | None, Meaning | None]:
    """Both values of an `if`. One of them may be `missing`: it takes the type of the other."""
    if not _is_missing(scope, first):
        known = expressions.meaning(scope, first)
        return known, _nothing_beside(known, second) if _is_missing(scope, second) else expressions.meaning(
            scope, second
        )
    if not _is_missing(scope, second):
        known = expressions.meaning(scope, second)
        return _nothing_beside(known, first), known
    hint = "one of the two is a value: `if(age is known, age / 10, missing)`"
    is_a, wanted = "missing either way", "it needs a value"
    scope.say(TypeMismatch(span=second.span, what="if", is_a=is_a, wanted=wanted, hint=hint))
    return None, None


def _nothing_beside(known: Meaning | None, word: tree.Expr) -> Meaning | None:
    if known is None:
        return None
    return Meaning(known.kind, ir.Const(known.kind, None, span=word.span), labels=known.labels, unit=known.unit)


def _is_missing(scope: Scope, arg: tree.Expr) -> bool:
    """Whether this is the word `missing`, and nothing of the author's that is called so."""
    while isinstance(arg, tree.Paren):
        arg = arg.inner
    return isinstance(arg, tree.Ref) and arg.name.text == "missing" and isinstance(names.find(scope, arg.name), str)


def _if(scope: Scope, expr: tree.CallOf) -> Meaning | None:
    hint = 'write `if(plan is "pro", 80, 90)`: the second value where the condition is true, else the third'
    if not _arguments(scope, expr, 3, 3, hint):
        return None
    test = expressions.condition(scope, expr.args[0])
    first, second = _branches(scope, expr.args[1], expr.args[2])
    if test is None or first is None or second is None:
        return None
    unit = None
    if first.kind in _NUMERIC and second.kind in _NUMERIC:
        fits, unit = arithmetic.common_unit(scope, ((expr.args[1], first), (expr.args[2], second)))
        if not fits:
            return None
        first, second = arithmetic.alike((first, second))
    elif first.kind is not second.kind and not {first.kind, second.kind} <= {DATE, TIME}:
        scope.say(
            TypeMismatch(
                span=expr.args[2].span,
                label=kind_words(second),
                notes=(Note(expr.args[1].span, kind_words(first)),),
                what=scope.report.quote(expr.args[2].span),
                is_a=kind_words(second),
                wanted=f"the other value of this `if` is {kind_words(first)}",
                hint="both values of an `if` are of one type",
            )
        )
        return None
    kind = first.kind if first.kind is second.kind else TIME
    labels = None
    if first.labels is not None and second.labels is not None:
        labels = tuple(dict.fromkeys((*first.labels, *second.labels)))
    made = ir.Call(kind, ir.Op.IF, (test.expr, first.expr, second.expr), span=expr.span)
    return scope.made(kind, made, (test, first, second), unit, labels)


def _weighted_mean(scope: Scope, expr: tree.CallOf) -> Meaning | None:
    """`weighted_mean(50% of a, 30% of b, 20% of c)`"""
    weights: list[Fraction] = []
    items: list[Meaning] = []
    wrong = not expr.args
    for arg in expr.args:
        while isinstance(arg, tree.Paren):
            arg = arg.inner
        if not isinstance(arg, tree.PercentOf):
            wrong = True
            continue
        item = expressions.exact(scope, arg.item)
        if item is None:
            return None
        items.append(item)
        weights.append(Fraction(arg.percent.value))
        if arg.percent.value == 0:
            wrong = True
    if wrong:
        hint = "write `weighted_mean(50% of fit, 50% of engagement)`, with percentages above 0"
        scope.say(WrongArguments(span=expr.span, called="weighted_mean", reason="takes shares of numbers", hint=hint))
        return None
    whole = lcm(*(weight.denominator for weight in weights))
    counts = [int(weight * whole) for weight in weights]
    common = reduce(gcd, counts)
    mean = ir.WeightedMean(
        EXACT, tuple(count // common for count in counts), tuple(item.expr for item in items), span=expr.span
    )
    return scope.made(EXACT, mean, items)


_FUNCTIONS: Mapping[str, Callable[[Scope, tree.CallOf], Meaning | None]] = {
    "domain": _of_text(ir.Op.DOMAIN, TEXT),
    "local_part": _of_text(ir.Op.LOCAL_PART, TEXT),
    "length": _of_text(ir.Op.LENGTH, EXACT),
    "words": _of_text(ir.Op.WORDS, EXACT),
    "capitalised": _of_text(ir.Op.CAPITALISED, FLAG),
    "repeats": _repeats,
    "min": _extreme(ir.Op.MIN),
    "max": _extreme(ir.Op.MAX),
    "abs": _abs,
    "sqrt": _sqrt,
    "round": _rounding(ir.Op.ROUND),
    "floor": _rounding(ir.Op.FLOOR),
    "ceil": _rounding(ir.Op.CEIL),
    "if": _if,
    "weighted_mean": _weighted_mean,
}


# ------------------------------------------------------------------ arguments


def bound(
    scope: Scope, called: str, params: Sequence[tree.Param], args: Sequence[tree.Expr], span: Span
) -> dict[str, Bound] | None:
    """What each parameter stands for; None where the number of values is wrong."""
    if len(params) != len(args):
        wanted = ", ".join(f"{param.name.text}: {param.type.kind}" for param in params)
        hint = f"write `{called}({', '.join(param.name.text for param in params)})` with {wanted}" if params else ""
        reason = f"takes {_values(len(params))}, not {len(args)}"
        scope.say(WrongArguments(span=span, called=called, reason=reason, hint=hint))
        return None
    found: dict[str, Bound] = {}
    for param, arg in zip(params, args, strict=True):
        apart = replace(scope, reads=set())
        value = _bound(apart, called, param, arg)
        found[param.name.text] = value._replace(reads=frozenset(apart.reads)) if isinstance(value, Meaning) else value
    return found


def _bound(scope: Scope, called: str, param: tree.Param, arg: tree.Expr) -> Bound:
    while isinstance(arg, tree.Paren):
        arg = arg.inner
    match param.type.kind:
        case "event":
            if isinstance(arg, tree.Ref) and len(arg.name.parts) == 1:
                return names.event_named(scope, tree.EventName(arg.name.parts[0], span=arg.span))
            _say_argument(scope, called, param, arg, "the name of an event")
            return None
        case "score":
            if isinstance(arg, tree.Ref) and len(arg.name.parts) == 1:
                score = names.score_named(scope, arg.name.parts[0])
                if score is None:
                    return None
                # Whether it may be read depends on how: an account reads a lead's score through `sum of`.
                scope.reads.add(("score", score))
                return Meaning(EXACT, ir.ScoreOf(EXACT, score, span=arg.span))
            _say_argument(scope, called, param, arg, "the name of a score")
            return None
        case "list of text":
            if isinstance(arg, tree.Ref):
                found = names.find(scope, arg.name)
                if isinstance(found, ListMeaning) or (isinstance(found, names.Found) and found.declared.what == "list"):
                    listed = names.list_named(scope, arg.name)
                    if listed is not None and listed.texts is None and not listed.generic:
                        _say_argument(scope, called, param, arg, "a list of texts")
                        return None
                    return listed
            wanted: tuple[ir.Kind, ...] = (TEXTS,)
        case "text" | "one of":
            wanted = (TEXT,)
        case "number":
            wanted = _NUMERIC
        case "yes/no":
            wanted = (FLAG,)
        case "date" | "time":
            wanted = (DATE, TIME)
    value = expressions.meaning(scope, arg)
    if value is not None and value.kind not in wanted:
        _say_argument(scope, called, param, arg, KIND_WORDS[wanted[0]])
        return None
    return value


def _say_argument(scope: Scope, called: str, param: tree.Param, arg: tree.Expr, wanted: str) -> None:
    quoted = scope.report.quote(arg.span)
    reason = f"takes {wanted} as its `{param.name.text}`, and `{quoted}` is none"
    scope.say(WrongArguments(span=arg.span, called=called, reason=reason))


_GENERIC_KINDS = {
    "text": TEXT,
    "one of": TEXT,
    "number": NUMBER,
    "yes/no": FLAG,
    "date": DATE,
    "time": TIME,
    "score": EXACT,
}


def generic(params: Sequence[tree.Param]) -> dict[str, Bound]:
    """Parameters that stand for any argument of their type, to check a define or a set of rows by itself."""
    found: dict[str, Bound] = {}
    for param in params:
        name = param.name.text
        match param.type.kind:
            case "event":
                found[name] = EventMeaning(None)
            case "list of text":
                found[name] = ListMeaning(("generic",), None, generic=True)
            case "score":
                found[name] = Meaning(EXACT, ir.ScoreOf(EXACT, name, span=param.span), generic=True)
            case word:
                kind = _GENERIC_KINDS[word]
                found[name] = Meaning(kind, ir.FieldOf(kind, name, span=param.span), generic=True)
    return found
