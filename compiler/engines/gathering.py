"""The one pass over a lead's events: how each term is gathered, and the tests that stand before it.

An event is tested for its kind once, in one chain of `if`s with the kinds that most is asked of first; inside, windows
are nested from the widest to the narrowest, so that an old event is left at the first test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from typing import assert_never

from ...dsl import ir
from . import terms
from .earning import add_points, earn, kept, key, known, property_of, ticks_of_property, total_of
from .emission import TRUE, Code, Function, Page
from .runtime import LONGEST_TABLE, fading_table

Update = Callable[[Function, terms.Term, str], None]
"""Writes what an event does to a term (held in a local)."""


def gather(function: Function) -> None:
    """Writes the loop that gathers all terms that the finish asked for."""
    wanted = dict(function.terms)
    if not wanted:
        return
    page = function.loop
    function.study([term.events.where for term in wanted if term.events.where is not None])
    with function.writing(page):
        resets = {(term.events.resets, term.shift): function.fresh("reset") for term in wanted if term.events.resets}
        if not resets:
            _once(function, wanted, {})
            return
        # Which events count is known only once the newest reset is. Most leads have none, so that the first pass is
        # right; it is made again if there was one.
        never = function.module.call("NEVER")
        page.put(f"{' = '.join(resets.values())} = {never}")
        with page.block("while True:"):
            newest = {key: function.fresh("newest") for key in resets}
            for key, name in newest.items():
                page.put(f"{name} = {resets[key]}")
            _once(function, wanted, resets, newest)
            same = " and ".join(f"{newest[key]} == {resets[key]}" for key in resets)
            page.put(f"if {same}: break")
            for key, name in newest.items():
                page.put(f"{resets[key]} = {name}")


Reset = tuple[tuple[str, ...], int]


def _once(
    function: Function,
    wanted: dict[terms.Term, str],
    resets: dict[Reset, str],
    newest: dict[Reset, str] | None = None,
) -> None:
    page = function.page
    beginnings: dict[str, list[str]] = {}
    for term, name in wanted.items():
        beginnings.setdefault(_nothing(function, term), []).append(_gathered_in(term, name))
    for nothing, names in beginnings.items():
        if nothing in ("[]", "set()"):
            for name in names:
                page.put(f"{name} = {nothing}")
        else:
            page.put(f"{' = '.join(names)} = {nothing}")
    with page.block("for e in events:"):
        page.put("t = e['at']")
        earliest_shift = min(term.shift for term in wanted)
        end = _instant(function, earliest_shift)
        reaches = [reach_back(term) for term in wanted]
        if any(reach is None for reach in reaches):
            page.put(f"if t > {end}: continue")
        else:
            # Nothing is asked of an event before the widest window.
            widest = _instant(function, max(reach for reach in reaches if reach is not None))
            page.put(f"if not {widest} < t <= {end}: continue")
        noted = {
            reset: f"if t > {name}{_past(function, reset[1], earliest_shift)}: {name} = t"
            for reset, name in (newest or {}).items()
        }
        by_kind(function, wanted, resets, noted, earliest_shift, add)
    for term, name in wanted.items():
        _afterwards(function, term, name)


def by_kind(
    function: Function,
    wanted: dict[terms.Term, str],
    resets: dict[Reset, str],
    noted: dict[Reset, str],
    earliest_shift: int,
    update: Update,
) -> None:
    """Writes what an event `e` at `t` does to every term, kind by kind. `resets` are the locals with the newest reset
    where terms have one to look at; `noted` is what an event that resets does."""
    page = function.page
    declared = [event.name for event in function.module.program.events]
    everywhere = {term: name for term, name in wanted.items() if set(declared) <= set(term.events.kinds)}
    _updates(function, everywhere, resets, earliest_shift, update)
    of_kind: dict[str, tuple[dict[terms.Term, str], list[Reset]]] = {}
    for kind in declared:
        here = {t: name for t, name in wanted.items() if kind in t.events.kinds and t not in everywhere}
        resetting = [reset for reset in noted if kind in reset[0]]
        if here or resetting:
            of_kind[kind] = (here, resetting)
    if not of_kind:
        return
    # The kinds that most is asked of are taken for the most frequent.
    ordered = sorted(of_kind, key=lambda kind: -len(of_kind[kind][0]))

    def branch(kind: str) -> None:
        here, resetting = of_kind[kind]
        for reset in resetting:
            page.put(noted[reset])
        _updates(function, here, resets, earliest_shift, update)

    if len(ordered) <= 24:
        page.put("k = e['event']")
        _choose([(f"k == {kind!r}", kind) for kind in ordered], page, branch)
        return
    numbers = ", ".join(f"{kind!r}: {number}" for number, kind in enumerate(ordered))
    page.put(f"k = {function.module.constant('KINDS', f'{{{numbers}}}')}.get(e['event'], {len(ordered)})")
    _halve(0, ordered, page, branch)


def _past(function: Function, shift: int, earliest_shift: int) -> str:
    """The test that an event is past at a shift; none where all that come so far are."""
    return "" if shift == earliest_shift else f" and t <= {_instant(function, shift)}"


def _choose(branches: Iterable[tuple[str, str]], page: Page, branch: Callable[[str], None]) -> None:
    word = "if"
    for test, kind in branches:
        with page.block(f"{word} {test}:"):
            branch(kind)
        word = "elif"


def _halve(start: int, kinds: Sequence[str], page: Page, branch: Callable[[str], None]) -> None:
    if len(kinds) <= 8:
        _choose([(f"k == {start + at}", kind) for at, kind in enumerate(kinds)], page, branch)
        return
    middle = len(kinds) // 2
    with page.block(f"if k < {start + middle}:"):
        _halve(start, kinds[:middle], page, branch)
    with page.block("else:"):
        _halve(start + middle, kinds[middle:], page, branch)


# ------------------------------------------------------------------ the tests before a term


def reach_back(term: terms.Term) -> int | None:
    """How long before the as-of instant an event must be to be without any effect; None if it never is."""
    window = term.events.window
    if isinstance(term, terms.Decayed):
        table = fading_table_of(term)
        if len(table) < LONGEST_TABLE:
            faded = len(table) * term.curve.unit
            window = faded if window is None else min(window, faded)
    return None if window is None else term.shift + window


def fading_table_of(term: terms.Decayed) -> tuple[int, ...]:
    curve = term.curve
    share = curve.percent
    return fading_table(term.ticks, curve.shape, share.numerator, share.denominator, curve.span, curve.after)


def _instant(function: Function, micros: int) -> str:
    """The local with the instant so long before the as-of instant."""
    function.shift = 0
    return function.before(micros)


def _updates(
    function: Function,
    wanted: dict[terms.Term, str],
    resets: dict[Reset, str],
    earliest_shift: int,
    update: Update,
) -> None:
    groups: dict[tuple[int, str | None], list[terms.Term]] = {}
    for term in wanted:
        reset = resets.get((term.events.resets, term.shift))
        groups.setdefault((term.shift, reset), []).append(term)
    for (shift, reset), members in groups.items():
        tests = []
        if past := _past(function, shift, earliest_shift):
            tests.append(past.removeprefix(" and "))
        if reset is not None:
            tests.append(f"t > {reset}")
        with ExitStack() as stack:
            if tests:
                stack.enter_context(function.page.block(f"if {' and '.join(tests)}:"))
            _in_windows(function, members, wanted, update, earliest_shift)


def _in_windows(
    function: Function,
    members: list[terms.Term],
    wanted: dict[terms.Term, str],
    update: Update,
    earliest_shift: int,
) -> None:
    """From the widest window to the narrowest, each inside the one before it."""
    by_reach: dict[int | None, list[terms.Term]] = {}
    for term in members:
        by_reach.setdefault(reach_back(term) if update is add else None, []).append(term)
    _where(function, by_reach.pop(None, []), wanted, update)
    reaches = sorted((reach for reach in by_reach if reach is not None), reverse=True)
    with ExitStack() as stack:
        for depth, reach in enumerate(reaches):
            if depth % 12 == 0:  # Python bounds the depth of indentation; from here on the outermost test is made again
                stack.close()
            stack.enter_context(function.page.block(f"if t > {_instant(function, reach)}:"))
            _where(function, by_reach[reach], wanted, update)


def _where(function: Function, members: list[terms.Term], wanted: dict[terms.Term, str], update: Update) -> None:
    by_condition: dict[ir.Expr | None, list[terms.Term]] = {}
    for term in members:
        by_condition.setdefault(term.events.where, []).append(term)
    for condition, those in sorted(by_condition.items(), key=lambda entry: entry[0] is not None):
        with ExitStack() as stack:
            if condition is not None:
                function.shift = 0
                test = function.holds(condition)
                if test.text == "False":
                    continue
                if test != TRUE:
                    stack.enter_context(function.page.block(f"if {test.text}:", test.knows))
            for term in those:
                update(function, term, wanted[term])
                function.shift = 0


# ------------------------------------------------------------------ each term


def _nothing(function: Function, term: terms.Term) -> str:
    match term:
        case terms.Count() | terms.Known() | terms.Sum() | terms.Decayed():
            return "0"
        case terms.Earned(each=each):
            return "0" if terms.is_plain(each) else "[]"
        case terms.Occurred():
            return "False"
        case terms.First():
            return function.module.call("ALWAYS")
        case terms.Last():
            return function.module.call("NEVER")
        case terms.Extreme():
            return "None"
        case terms.Distinct() | terms.Periods():
            return "set()"
        case terms.Kept() | terms.Happened():
            return "[]"
        case _:
            assert_never(term)


def _gathered_in(term: terms.Term, name: str) -> str:
    """The local that gathers a term; another than the term's own where it is brought to its form afterwards."""
    if isinstance(term, terms.Distinct | terms.Periods | terms.Kept):
        return f"{name}_seen"
    if isinstance(term, terms.Earned) and not terms.is_plain(term.each):
        return f"{name}_seen"
    return name


def add(function: Function, term: terms.Term, name: str) -> None:
    """Writes what the event `e` at the instant `t` adds to a term."""
    page, module = function.page, function.module
    name = _gathered_in(term, name)
    match term:
        case terms.Count():
            page.put(f"{name} += 1")
        case terms.Occurred():
            page.put(f"{name} = True")
        case terms.First():
            page.put(f"if t < {name}: {name} = t")
        case terms.Last():
            page.put(f"if t > {name}: {name} = t")
        case terms.Sum(prop=prop):
            page.put(f"if {known(function, prop)}: {name} += {ticks_of_property(function, prop)}")
        case terms.Known(prop=prop):
            page.put(f"if {known(function, prop)}: {name} += 1")
        case terms.Extreme(prop=prop, which=which):
            value = property_of(function, prop)
            sign = ">" if which == "highest" else "<"
            page.put(f"if {known(function, prop)} and ({name} is None or {value} {sign} {name}): {name} = {value}")
        case terms.Distinct(prop=prop):
            page.put(f"if {known(function, prop)}: {name}.add({key(function, prop)})")
        case terms.Periods(period=period):
            page.put(f"{name}.add({module.period(period)}(t))")
        case terms.Decayed():
            page.put(f"{name} += {_left(function, term)}")
        case terms.Kept(each=each):
            earn(function, each, None, name)
        case terms.Earned(each=each, points=points):
            function.shift = term.shift
            if terms.is_plain(each):
                add_points(function, each, points, name)
            else:
                earn(function, each, points, name)
        case terms.Happened():
            page.put(f"{name}.append((t, e))")
        case _:
            assert_never(term)


def _left(function: Function, term: terms.Decayed) -> str:
    """What is left of written points at the age of the event."""
    function.shift = term.shift
    age = f"({function.now()} - t) // {term.curve.unit}"
    age = function.computed("a", ("age", term.shift, term.curve.unit), lambda: Code(age)).text
    if len(fading_table_of(term)) < LONGEST_TABLE:
        return f"{function.module.table(term.ticks, term.curve)}[{age}]"
    return f"{function.module.curve(term.curve)}({term.ticks}, {age})"


def _afterwards(function: Function, term: terms.Term, name: str) -> None:
    """Brings what was gathered to the form that the finish reads."""
    page = function.page
    gathered = _gathered_in(term, name)
    match term:
        case terms.Distinct() | terms.Periods():
            page.put(f"{name} = len({gathered})")
        case terms.Kept(each=each):
            page.put(f"{name} = {kept(function, each, gathered)}")
        case terms.Earned(each=each) if not terms.is_plain(each):
            function.shift = term.shift
            page.put(f"{name} = {total_of(function, each, gathered)}")
            function.shift = 0
        case _:
            pass


# ------------------------------------------------------------------ one event at a time


def offer(function: Function, term: terms.Term, name: str) -> None:
    """Writes the call that offers the event `e` at `t` to what keeps a term up to date: `name` takes the instant and
    what else it needs of the event."""
    page = function.page
    match term:
        case terms.Count() | terms.Occurred() | terms.First() | terms.Last() | terms.Periods() | terms.Decayed():
            page.put(f"{name}(t)")
        case terms.Known(prop=prop):
            page.put(f"if {known(function, prop)}: {name}(t)")
        case terms.Sum(prop=prop):
            page.put(f"if {known(function, prop)}: {name}(t, {ticks_of_property(function, prop)})")
        case terms.Extreme(prop=prop):
            page.put(f"if {known(function, prop)}: {name}(t, {property_of(function, prop)})")
        case terms.Distinct(prop=prop):
            page.put(f"if {known(function, prop)}: {name}(t, {key(function, prop)})")
        case terms.Kept(each=each):
            _offer_earning(function, each, "0", [], name)
        case terms.Earned(each=each, points=points):
            code = function.value(points)
            if code.guard == "None":
                return
            guard = function.missing(code)
            _offer_earning(function, each, code.text, [] if guard is None else [f"{guard} is not None"], name)
        case terms.Happened():
            page.put(f"{name}(t, e)")
        case _:
            assert_never(term)


def _offer_earning(function: Function, each: ir.Each, points: str, tests: list[str], name: str) -> None:
    if each.once_per_property is None:
        call = f"{name}(t, {points})"
    else:
        tests.append(known(function, each.once_per_property))
        call = f"{name}(t, {points}, {key(function, each.once_per_property)})"
    function.page.put(f"if {' and '.join(tests)}: {call}" if tests else call)
