"""Comparisons: like with like, a bare word as the label that it is, texts against written texts."""

from __future__ import annotations

from collections.abc import Sequence

from ...dsl import ir, tree, values
from ...dsl.problems import Fix, Note
from ...dsl.source import Span
from . import arithmetic, expressions, lists, literals, names
from .name_problems import did_you_mean
from .scope import (
    DATE,
    EXACT,
    FLAG,
    LABEL,
    NUMBER,
    TEXT,
    TEXTS,
    TIME,
    ListMeaning,
    Meaning,
    Scope,
    kind_words,
)
from .type_problems import NotWrittenOut, TypeMismatch, ValueOutsideDomain, WrongTextTest
from .value_problems import EmptyText, RangeUpsideDown

_NUMERIC = (NUMBER, EXACT)
_INSTANTS = (DATE, TIME)


def _unwrapped(expr: tree.Expr) -> tree.Expr:
    while isinstance(expr, tree.Paren):
        expr = expr.inner
    return expr


# ------------------------------------------------------------------ < <= > >= between


def compare(scope: Scope, expr: tree.Compare) -> Meaning | None:
    """`employees >= 1000`"""
    left = expressions.meaning(scope, expr.left)
    right = expressions.meaning(scope, expr.right)
    if left is None or right is None:
        return None
    return _ordered(scope, expr.sign, (expr.left, left), (expr.right, right), expr.span)


def between(scope: Scope, expr: tree.Between) -> Meaning | None:
    """`employees between 100 and 999`: both ends are in."""
    item, low, high = (expressions.meaning(scope, part) for part in (expr.item, expr.low, expr.high))
    if item is None or low is None or high is None:
        return None
    if _is_upside_down(low, high):
        quote = scope.report.quote
        scope.say(
            RangeUpsideDown(span=expr.low.span.to(expr.high.span), low=quote(expr.low.span), high=quote(expr.high.span))
        )
        return None
    least = _ordered(scope, ">=", (expr.item, item), (expr.low, low), expr.span)
    most = least and _ordered(scope, "<=", (expr.item, item), (expr.high, high), expr.span)
    if least is None or most is None:
        return None
    return scope.made(FLAG, ir.And(FLAG, (least.expr, most.expr), span=expr.span), (least, most))


def _is_upside_down(low: Meaning, high: Meaning) -> bool:
    if low.number is not None and high.number is not None:
        return low.number > high.number
    match low.expr, high.expr:
        case ir.Const(value=int(first)), ir.Const(value=int(second)):
            return low.kind in _INSTANTS and high.kind in _INSTANTS and first > second
    return False


def _ordered(
    scope: Scope, sign: ir.Sign, left: tuple[tree.Expr, Meaning], right: tuple[tree.Expr, Meaning], span: Span
) -> Meaning | None:
    pair = _alike(scope, left, right)
    if pair is None:
        return None
    if pair[0].kind not in (*_NUMERIC, *_INSTANTS):
        what = left if left[1].kind is not right[1].kind or not isinstance(left[0], tree.Text) else right
        hint = "only numbers, dates and times come one after the other"
        if pair[0].kind is LABEL:
            label = scope.report.quote(left[0].span)
            hint = f"labels are compared with `is`; to compare sizes, read the score instead of `{label}`"
        scope.say(
            TypeMismatch(
                span=what[0].span,
                label=kind_words(what[1]),
                what=scope.report.quote(what[0].span),
                is_a=kind_words(what[1]),
                wanted=f"`{sign}` compares numbers, dates and times",
                hint=hint,
            )
        )
        return None
    return scope.made(FLAG, ir.Compare(FLAG, sign, pair[0].expr, pair[1].expr, span=span), pair)


def _alike(
    scope: Scope, left: tuple[tree.Expr, Meaning], right: tuple[tree.Expr, Meaning]
) -> tuple[Meaning, Meaning] | None:
    """Two values that may be compared with each other, a written number in the kind of its partner."""
    first, second = left[1], right[1]
    if first.kind in _NUMERIC and second.kind in _NUMERIC:
        if not arithmetic.common_unit(scope, (left, right))[0]:
            return None
        if first.number is not None and second.kind is NUMBER:
            first = arithmetic.to_number(first)
        if second.number is not None and first.kind is NUMBER:
            second = arithmetic.to_number(second)
        return first, second
    if first.kind is second.kind and first.kind is not TEXTS:
        return first, second
    if first.kind in _INSTANTS and second.kind in _INSTANTS:
        return first, second
    _say_unlike(scope, left, right)
    return None


def _say_unlike(scope: Scope, left: tuple[tree.Expr, Meaning], right: tuple[tree.Expr, Meaning]) -> None:
    # The carets go to what is written out, because that is what the author will change.
    odd, other = (left, right) if _is_written(left[0]) and not _is_written(right[0]) else (right, left)
    quote = scope.report.quote
    first, second = kind_words(other[1]), kind_words(odd[1])
    scope.say(
        TypeMismatch(
            span=odd[0].span,
            label=second,
            notes=(Note(other[0].span, first),),
            what=quote(other[0].span),
            is_a=first,
            wanted=f"it is compared with {second}" if first != second else "it cannot be compared so",
            hint=_way_out(quote(other[0].span), other[1], odd, quote(odd[0].span)),
            fix=_without_quotes(other[1], odd[0]),
        )
    )


def _is_written(expr: tree.Expr) -> bool:
    return isinstance(_unwrapped(expr), tree.Number | tree.Text | tree.Flag | tree.Date | tree.Time)


def _way_out(other: str, kind: Meaning, odd: tuple[tree.Expr, Meaning], quoted: str) -> str:
    written = _unwrapped(odd[0])
    if kind.kind in _NUMERIC and isinstance(written, tree.Text):
        return f"write the number without quotes; for a range, `{other} between 50 and 199`"
    if kind.kind in _INSTANTS and isinstance(written, tree.Text):
        return "write the date without quotes: `2026-03-01`"
    if kind.kind in _INSTANTS and odd[1].kind in _NUMERIC:
        return f"count from it: `days since {other}`"
    if kind.kind is FLAG:
        return f"`{other}` is a condition by itself; or write `{other} is yes`"
    if kind.kind is TEXT and isinstance(written, tree.Number):
        return f'put it in quotes: `"{quoted}"`'
    if kind.kind is TEXTS:
        return f'a list has many values: `{other} has "..."`'
    if kind.kind is LABEL and kind.labels:
        return f"compare it with one of its labels, such as `{kind.labels[0]}`"
    return ""


def _without_quotes(kind: Meaning, odd: tree.Expr) -> Fix | None:
    written = _unwrapped(odd)
    if kind.kind in _NUMERIC and isinstance(written, tree.Text) and written.value.strip().isascii():
        digits = written.value.strip()
        if digits.replace(".", "", 1).isdigit() and digits[0] != "." and digits[-1] != ".":
            return Fix("write it as a number", written.span, digits)
    if kind.kind is TEXT and isinstance(written, tree.Number):
        return Fix("write it as a text", written.span, f'"{literals.word(written)}"')
    return None


# ------------------------------------------------------------------ is


def is_(scope: Scope, expr: tree.Is) -> Meaning | None:
    """`plan is pro`, `next_step is not sales`, `opted_in is yes`"""
    left = expressions.meaning(scope, expr.left)
    right = _right_of_is(scope, expr.left, left, expr.right)
    if left is None or right is None:
        return None
    written = _unwrapped(expr.right)
    if left.kind is FLAG and isinstance(written, tree.Flag):
        return (
            left
            if written.value is not expr.negated
            else scope.made(FLAG, ir.Not(FLAG, left.expr, span=expr.span), (left,))
        )
    if TEXTS in (left.kind, right.kind):
        _say_unlike(scope, (expr.left, left), (expr.right, right))
        return None
    pair = _alike(scope, (expr.left, left), (expr.right, right))
    if pair is None:
        return None
    if left.labels and right.labels and not set(left.labels) & set(right.labels):
        quote = scope.report.quote
        scope.say(
            TypeMismatch(
                span=expr.right.span,
                what=quote(expr.right.span),
                is_a=f"one of {_listed(right.labels)}",
                wanted=f"`{quote(expr.left.span)}` is never any of those",
                hint=f"it can be {_listed(left.labels)}",
            )
        )
        return None
    sign: ir.Sign = "!=" if expr.negated else "=="
    return scope.made(FLAG, ir.Compare(FLAG, sign, pair[0].expr, pair[1].expr, span=expr.span), pair)


def _listed(labels: Sequence[str]) -> str:
    return ", ".join(f"`{label}`" for label in labels[:8]) + (" ..." if len(labels) > 8 else "")


def _right_of_is(scope: Scope, left_expr: tree.Expr, left: Meaning | None, right: tree.Expr) -> Meaning | None:
    """What stands on the right of `is`: a label of the left side first, else a value like any other."""
    written = _unwrapped(right)
    if left is None:
        # The left side has a problem already; a bare word may well be one of its labels.
        return None if isinstance(written, tree.Ref) else expressions.meaning(scope, right)
    word = _bare_word(written)
    if word is None or left.kind not in (TEXT, LABEL):
        return expressions.meaning(scope, right)
    if left.labels is not None:
        label = label_of(left, word)
        if label is not None:
            return Meaning(left.kind, ir.Const(left.kind, label, span=right.span))
        if isinstance(written, tree.Ref) and not isinstance(names.find(scope, written.name), str):
            return expressions.meaning(scope, right)
        _say_outside(scope, scope.report.quote(left_expr.span), left, word, written)
        return None
    if isinstance(written, tree.Ref) and isinstance(names.find(scope, written.name), str):
        names.say_unknown_text(scope, written.name)
        return None
    return expressions.meaning(scope, right)


def _bare_word(written: tree.Expr) -> str | None:
    match written:
        case tree.Ref(name=tree.Dotted(parts=(single,))):
            return single.text
        case tree.Number() | tree.Text() | tree.Flag() | tree.Date() | tree.Time():
            return literals.word(written)
    return None


def label_of(owner: Meaning, word: str) -> str | None:
    """The label that a word stands for: a label as declared, a value of `one of` folded."""
    assert owner.labels is not None
    found = word if word in owner.labels else None
    if found is None:
        folded = values.folded(word)
        found = next((label for label in owner.labels if values.folded(label) == folded), None)
    return values.folded(found) if found is not None and owner.kind is TEXT else found


def _say_outside(scope: Scope, of: str, owner: Meaning, word: str, written: tree.Expr | tree.Literal_) -> None:
    assert owner.labels is not None
    if isinstance(owner.expr, ir.BandOf | ir.DecisionOf) and owner.expr.name in scope.facts.torn_labels:
        # The row with this label may be one of those that could not be read.
        return
    quoted = f'"{word}"' if isinstance(written, tree.Text) else word
    say_outside(scope, of, owner.labels, word, written.span, quoted)


def say_outside(scope: Scope, of: str, allowed: tuple[str, ...], word: str, span: Span, written: str) -> None:
    """Reports a value that cannot occur; `written` is how it stands there, perhaps in quotes."""
    nearest = scope.report.nearest(word, allowed)
    fix = None
    if nearest is not None:
        replacement = nearest if written[:1] != '"' and nearest.isidentifier() else f'"{nearest}"'
        fix = Fix(f"replace with `{nearest}`", span, replacement)
    scope.say(
        ValueOutsideDomain(
            span=span,
            label=did_you_mean(nearest),
            fix=fix,
            value=word,
            of=of,
            allowed=allowed,
            nearest=nearest,
        )
    )


# ------------------------------------------------------------------ in


def in_(scope: Scope, expr: tree.In) -> Meaning | None:
    """`industry in core_industries`, `country not in ("US", "CA")`"""
    item = expressions.meaning(scope, expr.item)
    if isinstance(expr.collection, tree.Dotted):
        found = _in_list(scope, expr, item, names.list_named(scope, expr.collection))
    else:
        found = item and _in_values(scope, expr, item, expr.collection)
    if found is None or not expr.negated:
        return found
    return scope.made(FLAG, ir.Not(FLAG, found.expr, span=expr.span), (found,))


def _in_list(scope: Scope, expr: tree.In, item: Meaning | None, listed: ListMeaning | None) -> Meaning | None:
    if item is None or listed is None:
        return None
    wanted = listed.numbers if item.kind in _NUMERIC else listed.texts
    if item.kind not in (TEXT, *_NUMERIC) or (wanted is None and not listed.generic):
        quote = scope.report.quote
        wanted_words = f"`{quote(expr.collection.span)}` holds {'texts' if listed.texts is not None else 'numbers'}"
        hint = ""
        if item.kind is TEXTS:
            wanted_words = "`in` looks for one value"
            hint = f"to look into it, write `{quote(expr.item.span)} has any of {quote(expr.collection.span)}`"
        scope.say(
            TypeMismatch(
                span=expr.item.span,
                what=quote(expr.item.span),
                is_a=kind_words(item),
                wanted=wanted_words,
                hint=hint,
            )
        )
        return None
    return scope.made(FLAG, ir.InSet(FLAG, item.expr, wanted or (), span=expr.span), (item,))


def _in_values(scope: Scope, expr: tree.In, item: Meaning, written: tree.Values) -> Meaning | None:
    if item.kind in _INSTANTS:
        return _in_instants(scope, expr, item, written)
    if item.labels is not None:
        return _in_labels(scope, expr, item, written)
    if item.kind is TEXT:
        for literal in written.items:
            if isinstance(literal, tree.Name) and literal.text in scope.names.values:
                declared = scope.names.values[literal.text]
                hint = (
                    f"write `in {literal.text}` for the list"
                    if declared.what == "list"
                    else f'for the text, put it in quotes: `"{literal.text}"`'
                )
                names.say_other_kind(scope, literal, f"the name of a {declared.what}", "a written value", hint)
                return None
    if item.kind not in (TEXT, *_NUMERIC):
        hint = f"write `{scope.report.quote(expr.item.span)} has any of (...)`" if item.kind is TEXTS else ""
        scope.say(
            TypeMismatch(
                span=expr.item.span,
                what=scope.report.quote(expr.item.span),
                is_a=kind_words(item),
                wanted="`in` looks for a text, a number, a date or a label",
                hint=hint,
            )
        )
        return None
    return _in_list(scope, expr, item, lists.written_list(scope, written))


def _in_labels(scope: Scope, expr: tree.In, item: Meaning, written: tree.Values) -> Meaning | None:
    assert item.labels is not None
    found: set[str] = set()
    fits = True
    for literal in written.items:
        label = label_of(item, literals.word(literal))
        if label is None:
            fits = False
            _say_outside(scope, scope.report.quote(expr.item.span), item, literals.word(literal), literal)
        else:
            found.add(label)
    if not fits or lists.written_list(scope, written) is None:
        return None
    return scope.made(FLAG, ir.InSet(FLAG, item.expr, tuple(sorted(found)), span=expr.span), (item,))


def _in_instants(scope: Scope, expr: tree.In, item: Meaning, written: tree.Values) -> Meaning | None:
    same: list[Meaning] = []
    for literal in written.items:
        if not isinstance(literal, tree.Date | tree.Time):
            is_a = "a number" if isinstance(literal, tree.Number) else "a text"
            what = scope.report.quote(expr.item.span)
            wanted = f"it is compared with {is_a}"
            scope.say(TypeMismatch(span=literal.span, label=is_a, what=what, is_a=kind_words(item), wanted=wanted))
            return None
        constant = expressions.meaning(scope, literal)
        if constant is None:
            return None
        equal = scope.made(FLAG, ir.Compare(FLAG, "==", item.expr, constant.expr, span=literal.span), (item, constant))
        if equal is None:
            return None
        same.append(equal)
    if len(same) == 1:
        return same[0]
    return scope.made(FLAG, ir.Or(FLAG, tuple(one.expr for one in same), span=expr.span), same) if same else None


# ------------------------------------------------------------------ contains, has word, like ...


_OPS = {op.value: op for op in ir.TextOp}


def text_test(scope: Scope, expr: tree.TextTest) -> Meaning | None:
    """`url contains "/pricing"`, `job_title has word any of ("chief", "vp")`, `tags has "vip"`"""
    op = _OPS[expr.op]
    item = expressions.meaning(scope, expr.item)
    needles = _needles(scope, expr)
    if item is None:
        return None
    if item.kind is not (TEXTS if op is ir.TextOp.HAS else TEXT):
        _say_wrong_test(scope, expr, item)
        return None
    if needles is None:
        return None
    if op is ir.TextOp.HAS_WORD:
        needles = tuple(sorted({values.words_of(needle) for needle in needles}))
        if " " in needles:
            scope.say(EmptyText(span=expr.needles.span, wordless=scope.report.quote(expr.needles.span)))
            return None
    test = ir.TextTest(FLAG, op, item.expr, needles, expr.quantifier == "all", span=expr.span)
    return scope.made(FLAG, test, (item,))


def _say_wrong_test(scope: Scope, expr: tree.TextTest, item: Meaning) -> None:
    quoted = scope.report.quote(expr.item.span)
    needle = scope.report.quote(expr.needles.span)
    hint = ""
    if item.kind is TEXT:
        hint = f"`has` looks into a list: for a text write `{quoted} contains {needle}` or `{quoted} has word {needle}`"
    elif item.kind is TEXTS:
        hint = f"a list has whole values: write `{quoted} has {needle}`"
    elif item.kind is LABEL:
        hint = f"compare it whole: `{quoted} is ...`, `{quoted} in (...)`"
    elif item.kind in _NUMERIC:
        hint = f"compare it as a number: `{quoted} is 5`, `{quoted} between 1 and 9`"
    scope.say(WrongTextTest(span=expr.item.span, what=quoted, is_a=kind_words(item), test=expr.op, hint=hint))


def _needles(scope: Scope, expr: tree.TextTest) -> tuple[str, ...] | None:
    written = expr.needles
    match written:
        case tree.Text():
            found = expressions.text(scope, written)
            return None if found is None else _constant(found)
        case tree.Ref():
            return _named_needle(scope, expr, written)
        case tree.Values():
            return _texts(scope, written.span, lists.written_list(scope, written))
        case tree.Dotted():
            return _texts(scope, written.span, names.list_named(scope, written))


def _constant(found: Meaning) -> tuple[str, ...]:
    assert isinstance(found.expr, ir.Const) and isinstance(found.expr.value, str)
    return (found.expr.value,)


def _texts(scope: Scope, span: Span, listed: ListMeaning | None) -> tuple[str, ...] | None:
    if listed is None or listed.texts is not None:
        return listed and listed.texts
    if listed.generic:
        return ("generic",)
    hint = "put the numbers into quotes"
    what = scope.report.quote(span)
    scope.say(
        TypeMismatch(span=span, what=what, is_a="a list of numbers", wanted="texts are looked for here", hint=hint)
    )
    return None


def _named_needle(scope: Scope, expr: tree.TextTest, written: tree.Ref) -> tuple[str, ...] | None:
    found = names.find(scope, written.name)
    is_list = isinstance(found, ListMeaning) or (isinstance(found, names.Found) and found.declared.what == "list")
    if is_list:
        hint = f"say how many of the list it takes: `any of {written.name.text}`, `all of {written.name.text}`"
        fix = Fix(f"write `any of {written.name.text}`", written.span, f"any of {written.name.text}")
        problem = NotWrittenOut(
            span=written.span, fix=fix, what=written.name.text, needed="it holds many texts", hint=hint, many=True
        )
        scope.say(problem)
        return None
    if isinstance(found, str) and len(written.name.parts) == 1:
        names.say_unknown_text(scope, written.name)
        return None
    needle = expressions.meaning(scope, written)
    if needle is None:
        return None
    if isinstance(needle.expr, ir.Const) and needle.kind is TEXT:
        return _constant(needle)
    if needle.generic and needle.kind is TEXT:
        return ("generic",)
    hint = f'write the text in quotes: `{expr.op} "..."`'
    scope.say(
        NotWrittenOut(
            span=written.span, what=written.name.text, needed="the text to look for is written in the policy", hint=hint
        )
    )
    return None
