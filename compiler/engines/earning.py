"""What one event earns, and which of the earnings count: the statements for `for each` rules in all their forms."""

from __future__ import annotations

from ...dsl import ir
from .emission import Function


def earn(function: Function, each: ir.Each, points: ir.Expr | None, earnings: str) -> None:
    """Adds what the event `e` at the instant `t` earns to a list of earnings (with the value of the property, where one
    event counts for each value). Without points of its own an event earns 0."""
    tests: list[str] = []
    earned = "0"
    if points is not None:
        code = function.value(points)
        if code.guard == "None":
            return
        guard = function.missing(code)
        tests += [] if guard is None else [f"{guard} is not None"]
        earned = code.text
    earning = f"(t, {earned})"
    if each.once_per_property is not None:
        tests.append(known(function, each.once_per_property))
        earning = f"({key(function, each.once_per_property)}, {earning})"
    what = f"{earnings}.append({earning})"
    function.page.put(f"if {' and '.join(tests)}: {what}" if tests else what)


def add_points(function: Function, each: ir.Each, points: ir.Expr, total: str) -> None:
    """Adds the computed points of the event `e` at `t` to a total, for a rule that keeps every event."""
    code = function.value(points)
    if code.guard == "None":
        return
    guard = function.missing(code)
    earned = code.text
    if each.curve is not None:
        age = f"({function.now()} - t) // {each.curve.unit}"
        earned = f"{function.module.curve(each.curve)}({earned}, {age})"
    what = f"{total} += {earned}"
    function.page.put(what if guard is None else f"if {guard} is not None: {what}")


def kept(function: Function, each: ir.Each, earnings: str) -> str:
    """The earnings that `once ...` and `at most N times` leave."""
    module = function.module
    if each.once_per_property is not None:
        earnings = f"{module.call('newest_of_each')}({earnings})"
    if each.once_ever:
        earnings = f"{module.call('newest')}({earnings}, 1)"
    if each.once_per_period is not None:
        period = module.period(each.once_per_period)
        earnings = f"{module.call('newest_in_each')}({earnings}, 1, {period})"
    if each.at_most is not None and each.at_most_per is None:
        return f"{module.call('newest')}({earnings}, {each.at_most})"
    if each.at_most is not None and each.at_most_per is not None:
        period = module.period(each.at_most_per)
        return f"{module.call('newest_in_each')}({earnings}, {each.at_most}, {period})"
    return earnings


def total_of(function: Function, each: ir.Each, earnings: str) -> str:
    """The points of the earnings that count, each decayed, added."""
    counting = kept(function, each, earnings)
    if each.curve is None:
        return f"sum([points for _, points in {counting}])"
    left = f"{function.module.curve(each.curve)}(points, ({function.now()} - at) // {each.curve.unit})"
    return f"sum([{left} for at, points in {counting}])"


# ------------------------------------------------------------------ properties


def property_of(function: Function, prop: str) -> str:
    """The local with a property of the event `e`."""
    return function.value(ir.PropertyOf(function.kind_of(prop), prop)).text


def known(function: Function, prop: str) -> str:
    return f"{property_of(function, prop)} is not None"


def key(function: Function, prop: str) -> str:
    """A property's value as it is compared: a text folded."""
    kind = function.kind_of(prop)
    if kind is ir.Kind.TEXT:
        return function.folded(ir.PropertyOf(kind, prop)).text
    return property_of(function, prop)


def ticks_of_property(function: Function, prop: str) -> str:
    """values.ticks_of, written out for the usual numbers."""
    value = property_of(function, prop)
    ticks_of = function.module.call("ticks_of")
    return f"int({value} * 10000.0 + 0.5) if 0.0 <= {value} < 1e10 else {ticks_of}({value}) or 0"
