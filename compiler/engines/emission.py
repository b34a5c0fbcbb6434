"""Expressions as Python text, as an expert would write them by hand.

Emitted text holds nothing of a policy but the `repr` of its texts and numbers, and comments from which everything that
cannot be printed is taken out: names in it are our own (`f_0`, `s_1`), so that no name of a policy can mean anything.

A value is an expression that is None where it is missing. A condition is never a value: it becomes a test that is true
where the condition is true, or one that is true where it is false, so that nothing is left of three-valued logic.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple, assert_never

from ...dsl import ir, values
from ...dsl.values import MAX_TICKS, TICKS
from . import terms


class Code(NamedTuple):
    """A value. `guard` is the local that is None where the value is missing; None if it never is."""

    text: str
    guard: str | None = None


class Test(NamedTuple):
    """A condition of Python. `level` tells how tightly it binds (2 stands alone, 1 is an `and`, 0 an `or`); `knows` are
    locals that are not None wherever it is true."""

    text: str
    level: int = 2
    knows: frozenset[str] = frozenset()


TRUE, FALSE = Test("True"), Test("False")

MANY_WORDS = 6
"""From so many words on, a text's words are looked up in a set, instead of each in the text."""

NOTHING = Code("None", "None")


@dataclass
class Page:
    """Lines with their indentation, what is computed already at each depth, and what is known there not to be None."""

    depth: int
    lines: list[str] = field(default_factory=list)
    scopes: list[dict[Hashable, Code]] = field(default_factory=lambda: [{}])
    known: list[frozenset[str]] = field(default_factory=lambda: [frozenset()])

    def put(self, line: str) -> None:
        self.lines.append("    " * self.depth + line)

    @contextmanager
    def block(self, head: str, knows: frozenset[str] = frozenset()) -> Iterator[None]:
        self.put(head)
        self.depth += 1
        self.scopes.append({})
        self.known.append(self.known[-1] | knows)
        start = len(self.lines)
        yield
        if len(self.lines) == start:
            self.put("pass")
        self.depth -= 1
        self.scopes.pop()
        self.known.pop()

    def find(self, key: Hashable) -> Code | None:
        for scope in reversed(self.scopes):
            if key in scope:
                return scope[key]
        return None


@dataclass
class Module:
    """What the functions of one emitted module share: constants, and what they call."""

    program: ir.Program
    constants: dict[str, str] = field(default_factory=dict)
    calls: dict[str, None] = field(default_factory=dict)
    lines: dict[tuple[str, str, str], int] = field(default_factory=dict)

    def constant(self, prefix: str, text: str) -> str:
        """The name of a module-level constant."""
        if text not in self.constants:
            self.constants[text] = f"{prefix}_{len(self.constants)}"
        return self.constants[text]

    def call(self, name: str) -> str:
        """A function of `values` or `runtime`, which the module then has to import."""
        self.calls[name] = None
        return name

    def curve(self, curve: ir.Curve) -> str:
        """The name of the function of (ticks, age) for a decay."""
        return self.constant("decay", f"{self.call('curve')}({_curve(curve)})")

    def table(self, ticks: int, curve: ir.Curve) -> str:
        """The name of the table of what is left of written points at each age."""
        return self.constant("LEFT", f"{self.call('fading_table')}({ticks}, {_curve(curve)})")

    def period(self, period: str) -> str:
        """The name of the function that tells the calendar period of an instant."""
        if self.program.timezone == "UTC":
            zone = self.call("timezone") + ".utc"
        else:
            zone = f"{self.call('ZoneInfo')}({self.program.timezone!r})"
        return self.constant("period", f"{self.call('calendar')}({period!r}, {zone})")

    def line(self, score: str, rule: str, step: str) -> int:
        """The number of a line of the account."""
        return self.lines.setdefault((score, rule, step), len(self.lines))


def _curve(curve: ir.Curve) -> str:
    share = curve.percent
    return f"{curve.shape!r}, {share.numerator}, {share.denominator}, {curve.span}, {curve.after}"


class Function:
    """One function while it is being written.

    Its pages, in this order: what is computed of the lead's attributes alone; the scores and so on which these alone
    decide; the instants that windows reach back to; the loop over the events; and the finish, which reads them all.
    `page` is the one being written.
    """

    def __init__(self, module: Module, world: terms.World, depth: int = 1) -> None:
        """`depth` is that of all pages but the first two: 2 where they are a function inside the one that reads the
        lead."""
        self.module = module
        self.world = world
        self.lead = Page(1)
        self.early = Page(1)
        self.instants = Page(depth)
        self.loop = Page(depth)
        self.finish = Page(depth)
        self.page = self.finish
        self.shift = 0
        self.terms: dict[terms.Term, str] = {}
        self.things: dict[terms.Thing, Code] = {}
        self.leads: dict[tuple[ir.LeadsCount | str, int], str] = {}
        self.shared: frozenset[ir.Expr] = frozenset()
        self.word_parts: dict[ir.Expr, tuple[str, ...]] = {}
        self._inline: frozenset[str] = frozenset()
        self._counters: dict[str, int] = {}
        self._kinds = {prop.name: prop.kind for event in module.program.events for prop in event.properties}

    # -------------------------------------------------------------- names

    def kind_of(self, prop: str) -> ir.Kind:
        """The type of an event's property, which is the same for all kinds of events."""
        return self._kinds[prop]

    def fresh(self, prefix: str) -> str:
        number = self._counters.get(prefix, 0)
        self._counters[prefix] = number + 1
        return f"{prefix}_{number}"

    def term(self, term: terms.Term) -> str:
        """The local that holds a term of the events."""
        if term not in self.terms:
            self.terms[term] = self.fresh(_TERM_PREFIX[type(term)])
        return self.terms[term]

    def computed(self, prefix: str, key: Hashable, make: Callable[[], Code], page: Page | None = None) -> Code:
        """A local that holds what `make` gives, computed once: equal expressions share it wherever they were written.
        (That is why expressions are keys here; spans take no part in their equality.) The guard of what `make` gives
        tells only whether it can be missing; the local is its own guard."""
        page = self.page if page is None else page
        found = page.find(key) or self.lead.find(key) or self.early.find(key)
        if found is not None:
            return found
        with self.writing(page):
            made = make()
            name = self.fresh(prefix)
            typed = "" if made.guard is None else ": Any"
            page.put(f"{name}{typed} = {made.text}")
        code = Code(name, None if made.guard is None else name)
        page.scopes[-1][key] = code
        return code

    @contextmanager
    def writing(self, page: Page) -> Iterator[None]:
        """What is computed ahead of a line may not rest on what the line itself finds out first."""
        before, inline = self.page, self._inline
        self.page, self._inline = page, frozenset()
        yield
        self.page, self._inline = before, inline

    @contextmanager
    def knowing(self, knows: frozenset[str]) -> Iterator[None]:
        """Inside an expression, behind a test that made these locals known."""
        before = self._inline
        self._inline = before | knows
        yield
        self._inline = before

    def missing(self, code: Code) -> str | None:
        """The guard that still has to be looked at, if any."""
        if code.guard is None or code.guard in self._inline or code.guard in self.page.known[-1]:
            return None
        return code.guard

    def now(self) -> str:
        """The local with the instant of the present shift."""
        return "T" if self.shift == 0 else self.before(0)

    def before(self, micros: int) -> str:
        """The local with the instant so long before that of the present shift."""
        if self.shift + micros == 0:
            return "T"
        key = ("before", self.shift + micros)
        return self.computed("w", key, lambda: Code(f"T - {key[1]}"), self.instants).text

    # -------------------------------------------------------------- conditions

    def holds(self, expr: ir.Expr) -> Test:
        """True where the condition is true."""
        return self._condition(expr, True)

    def fails(self, expr: ir.Expr) -> Test:
        """True where the condition is false (and neither true nor unknown)."""
        return self._condition(expr, False)

    def triggered(self, when: ir.When) -> Test:
        """`when C` needs a true C, `unless C` one that is not true."""
        test = self.holds(when.condition)
        return opposite(test) if when.unless else test

    def _condition(self, expr: ir.Expr, wanted: bool) -> Test:
        if not isinstance(expr, _MAY_BE_SHARED) or expr not in self.shared:
            return self._test(expr, wanted)
        # Computed once, ahead: the attributes of the lead decide it, or else what has been computed so far.
        of_lead = terms.is_of_lead(expr)
        page = self.lead if of_lead else self.page
        key = ("holds" if wanted else "fails", expr, None if of_lead else self.shift)
        knows: list[frozenset[str]] = []

        def make() -> Code:
            test = self._test(expr, wanted)
            knows.append(test.knows)
            return Code(test.text)

        code = self.computed("c", key, make, page)
        return Test(code.text)

    def _test(self, expr: ir.Expr, wanted: bool) -> Test:
        match expr:
            case ir.Const(value=value):
                return TRUE if value is wanted else FALSE
            case ir.FieldOf() | ir.PropertyOf():
                code = self.value(expr)
                knows = frozenset([code.guard] if code.guard else [])
                return Test(code.text if wanted else f"{code.text} is False", 2, knows)
            case ir.And(items=items):
                return self._all(items, True) if wanted else self._any(items, False)
            case ir.Or(items=items):
                return self._any(items, True) if wanted else self._all(items, False)
            case ir.Not(item=item):
                return self._condition(item, not wanted)
            case ir.Compare():
                return self._compare(expr, wanted)
            case ir.IsMissing(item=item):
                return self._is_missing(item, wanted)
            case ir.InSet():
                return self._in_set(expr, wanted)
            case ir.TextTest():
                return self._text_test(expr, wanted)
            case ir.Occurs(events=events):
                found = self.term(terms.Occurred(events, self.shift))
                return Test(found if wanted else f"not {found}")
            case ir.Call(op=ir.Op.IF, args=(condition, then, otherwise)):
                test = self.holds(condition)
                yes, no = self._condition(then, wanted), self._condition(otherwise, wanted)
                return Test(f"({yes.text} if {test.text} else {no.text})")
            case ir.Call(op=ir.Op.CAPITALISED, args=(item,)):
                code = self.text(item)
                capitalised = f"{self.module.call('is_capitalised')}({code.text})"
                return self.guarded([code], Test(capitalised if wanted else f"not {capitalised}"))
            case ir.Call(op=ir.Op.REPEATS, args=(item, ir.Const(value=int(least)))):
                code = self.folded(item)
                sign = ">=" if wanted else "<"
                run = f"{self.module.call('longest_repeat')}({code.text})"
                return self.guarded([code], Test(f"{run} {sign} {-(-least // TICKS)}"))
            case _:
                raise AssertionError(f"{type(expr).__name__} is no condition")

    def guarded(self, codes: Sequence[Code], test: Test) -> Test:
        """A test that is false where one of the values is missing."""
        guards = list(dict.fromkeys(guard for code in codes if (guard := self.missing(code)) is not None))
        if "None" in guards:
            return FALSE
        looked_at = [Test(f"{guard} is not None", 2, frozenset([guard])) for guard in guards]
        return all_of([*looked_at, test]) if looked_at else test

    def _all(self, items: Sequence[ir.Expr], wanted: bool) -> Test:
        tests: list[Test] = []
        knows: frozenset[str] = frozenset()
        at = 0
        while at < len(items):
            with self.knowing(knows):
                test = self._between(items[at], items[at + 1]) if wanted and at + 1 < len(items) else None
                at += 1 if test is None else 2
                if test is None:
                    test = self._condition(items[at - 1], wanted)
            knows |= test.knows
            tests.append(test)
        return all_of(tests)

    def _any(self, items: Sequence[ir.Expr], wanted: bool) -> Test:
        return any_of([self._condition(item, wanted) for item in items])

    def _is_missing(self, item: ir.Expr, wanted: bool) -> Test:
        code = self.value(item)
        if code.guard == "None":
            return TRUE if wanted else FALSE
        guard = self.missing(code)
        if guard is None:
            return FALSE if wanted else TRUE
        return Test(f"{guard} is None") if wanted else Test(f"{guard} is not None", 2, frozenset([guard]))

    def _in_set(self, expr: ir.InSet, wanted: bool) -> Test:
        code = self.folded(expr.item) if expr.item.kind is ir.Kind.TEXT else self.value(expr.item)
        if code.guard == "None":
            return FALSE
        if not expr.values:
            return FALSE if wanted else self.guarded([code], TRUE)
        text = f"{code.text} / 10000.0" if expr.item.kind is ir.Kind.EXACT else code.text
        if len(expr.values) == 1:
            test = f"{text} {'==' if wanted else '!='} {expr.values[0]!r}"
        else:
            test = f"{text} {'in' if wanted else 'not in'} {self._set(expr.values)}"
        knows = frozenset([code.guard] if code.guard else [])
        # None is in no set, so that only the opposite has to look whether the value is missing.
        if wanted and expr.item.kind is not ir.Kind.EXACT:
            return Test(test, 2, knows)
        return self.guarded([code], Test(test, 2, knows))

    def _set(self, members: Sequence[str | float]) -> str:
        text = "{" + ", ".join(repr(member) for member in members) + "}"
        return text if len(members) <= 8 else self.module.constant("SET", f"frozenset({text})")

    # -- comparisons

    def _compare(self, expr: ir.Compare, wanted: bool) -> Test:
        sign = expr.sign if wanted else _OPPOSITE[expr.sign]
        left, right = expr.left, expr.right
        if isinstance(left, ir.Const) and not isinstance(right, ir.Const):
            left, right, sign = right, left, _MIRRORED[sign]
        if left.kind is ir.Kind.FLAG:
            return self._compare_flags(left, right, expr.sign, wanted)
        if isinstance(left, ir.SinceEvent) and isinstance(right, ir.Const) and right.kind is ir.Kind.EXACT:
            test = self._compare_age(left, sign, right)
            if test is not None:
                return test
        a, b = self._comparable(left, right)
        if "None" in (a.guard, b.guard):
            return FALSE
        test = Test(f"{a.text} {sign} {b.text}", 2, frozenset(g for g in (a.guard, b.guard) if g is not None))
        bare = all(code.guard is None or code.text.isidentifier() for code in (a, b))
        if sign == "==" and bare and None in (a.guard, b.guard):
            return test  # None equals nothing but None
        return self.guarded([a, b], test)

    def _comparable(self, left: ir.Expr, right: ir.Expr) -> tuple[Code, Code]:
        """Both sides in one form: texts folded, whole numbers without their ticks, a double for a mixed pair."""
        if left.kind is ir.Kind.TEXT:
            return self.folded(left), self.folded(right)
        if isinstance(right, ir.Const) and isinstance(right.value, int) and right.value % TICKS == 0:
            whole = self.whole(left)
            if whole is not None and right.kind is ir.Kind.EXACT:
                return whole, Code(repr(right.value // TICKS))
        a, b = self.value(left), self.value(right)
        if left.kind is ir.Kind.NUMBER and right.kind is ir.Kind.EXACT:
            return a, self._as_number(right, b)
        if left.kind is ir.Kind.EXACT and right.kind is ir.Kind.NUMBER:
            return self._as_number(left, a), b
        return a, b

    @staticmethod
    def _as_number(expr: ir.Expr, code: Code) -> Code:
        if isinstance(expr, ir.Const) and isinstance(expr.value, int):
            return Code(repr(expr.value / 10000.0))
        return Code(f"{code.text} / 10000.0", code.guard)

    def _between(self, low: ir.Expr, high: ir.Expr) -> Test | None:
        """`a >= 1 and a <= 5` is one comparison."""
        match low, high:
            case (
                ir.Compare(sign=">=" | ">" as first, left=left, right=ir.Const() as least),
                ir.Compare(sign="<=" | "<" as second, left=same, right=ir.Const() as most),
            ) if left == same and not isinstance(left, ir.SinceEvent) and left.kind is not ir.Kind.FLAG:
                if least.value is None or most.value is None:
                    return None
                a, low_text = self._comparable(left, least)
                b, high_text = self._comparable(left, most)
                if a != b or a.guard == "None":
                    return None
                known = frozenset([a.guard] if a.guard else [])
                chain = f"{low_text.text} {_MIRRORED[first]} {a.text} {second} {high_text.text}"
                return self.guarded([a], Test(chain, 2, known))
            case _:
                return None

    def _compare_flags(self, left: ir.Expr, right: ir.Expr, sign: ir.Sign, wanted: bool) -> Test:
        equal = wanted == (sign == "==")
        if isinstance(right, ir.Const):
            if right.value is None:
                return FALSE
            return self._condition(left, right.value is equal)
        a, b = self.value(left), self.value(right)
        known = frozenset(guard for guard in (a.guard, b.guard) if guard is not None)
        return self.guarded([a, b], Test(f"{a.text} {'==' if equal else '!='} {b.text}", 2, known))

    def _compare_age(self, age: ir.SinceEvent, sign: ir.Sign, bound: ir.Const) -> Test | None:
        """`days since last E > 45` compares instants: the age is 46 or more exactly if the event is at or before
        46 days ago."""
        if not isinstance(bound.value, int):
            return None
        found = self._instant_of(age.which, age.events)
        match sign:
            case ">=":
                least, older = -(-bound.value // TICKS), True
            case ">":
                least, older = bound.value // TICKS + 1, True
            case "<":
                least, older = -(-bound.value // TICKS), False
            case "<=":
                least, older = bound.value // TICKS + 1, False
            case _:
                return None
        if least <= 0:
            return None
        cut = self.before(least * age.unit)
        never = self.module.call("NEVER" if age.which == "last" else "ALWAYS")
        # Of no events, the newest is before every instant and the oldest after: one side has to look for that.
        if older:
            return Test(f"{never} < {found} <= {cut}" if age.which == "last" else f"{found} <= {cut}")
        return Test(f"{found} > {cut}" if age.which == "last" else f"{cut} < {found} < {never}")

    # -- texts

    def _text_test(self, expr: ir.TextTest, wanted: bool) -> Test:
        op, needles = expr.op, expr.needles
        match op:
            case ir.TextOp.HAS:
                code = self._texts(expr.item)
            case ir.TextOp.HAS_WORD:
                code = self._words(expr.item)
            case _:
                code = self.folded(expr.item)
        if code.guard == "None":
            return FALSE
        if len(needles) > 1 and not expr.every and op in (ir.TextOp.STARTS_WITH, ir.TextOp.ENDS_WITH):
            tests = [Test(_FITS[op].format(text=code.text, needle=f"({', '.join(map(repr, needles))})"))]
        elif len(needles) >= MANY_WORDS and not expr.every and op is ir.TextOp.HAS_WORD:
            tests = self._any_word(expr.item, code, needles)
        elif len(needles) > 64:
            named = self.module.constant("NEEDLES", f"({', '.join(map(repr, needles))},)")
            if op is ir.TextOp.LIKE:
                self.module.call("is_like")
            fits = _FITS[op].format(text=code.text, needle="needle")
            tests = [Test(f"{'all' if expr.every else 'any'}({fits} for needle in {named})")]
        elif op is ir.TextOp.LIKE:
            tests = [self._like(code.text, pattern) for pattern in needles]
        else:
            tests = [Test(_FITS[op].format(text=code.text, needle=repr(needle))) for needle in needles]
        test = all_of(tests) if expr.every else any_of(tests)
        return self.guarded([code], test if wanted else opposite(test))

    def _any_word(self, item: ir.Expr, words: Code, needles: Sequence[str]) -> list[Test]:
        """Many words at once: a text has few, and each is looked up. Phrases are looked for where their first word
        is."""
        listed = self._derived("w", item, "word list", words, f"{words.text}.split(' ')").text

        def has_any(found: Iterable[str]) -> Test:
            members = ", ".join(map(repr, sorted(set(found))))
            return Test(f"not {self.module.constant('WORDS', f'frozenset(({members},))')}.isdisjoint({listed})")

        single = [needle for needle in needles if needle.count(" ") == 2]
        phrases = [needle for needle in needles if needle.count(" ") > 2]
        tests = [has_any(needle.strip(" ") for needle in single)] if single else []
        if phrases:
            looked_for = any_of([Test(f"{phrase!r} in {words.text}") for phrase in phrases])
            tests.append(all_of([has_any(phrase.split(" ")[1] for phrase in phrases), looked_for]))
        return tests

    def _like(self, text: str, pattern: str) -> Test:
        """The patterns that people write most have a method of their own."""
        parts = pattern.split("*")
        if "?" not in pattern:
            match parts:
                case [whole]:
                    return Test(f"{text} == {whole!r}")
                case ["", ending]:
                    return Test(f"{text}.endswith({ending!r})")
                case [beginning, ""]:
                    return Test(f"{text}.startswith({beginning!r})")
                case ["", middle, ""]:
                    return Test(f"{middle!r} in {text}")
                case _:
                    pass
        fits = Test(f"{self.module.call('is_like')}({text}, {pattern!r})")
        # Few texts hold what a pattern says in so many letters; only those are worth a closer look.
        longest = max(pattern.replace("?", "*").split("*"), key=len)
        return all_of([Test(f"{longest!r} in {text}"), fits]) if longest else fits

    def text(self, expr: ir.Expr) -> Code:
        """A text as it was written, for what looks at its letters."""
        return self._text(expr, False)

    def folded(self, expr: ir.Expr) -> Code:
        """A text as it is compared."""
        return self._text(expr, True)

    def _text(self, expr: ir.Expr, folded: bool) -> Code:
        match expr:
            case ir.Const(value=None):
                return NOTHING
            case ir.Const(value=value):
                return Code(repr(value))
            case ir.FieldOf() | ir.PropertyOf():
                code = self.value(expr)
                return self._derived("t", expr, "folded", code, self._fold(code.text)) if folded else code
            case ir.Call(op=ir.Op.DOMAIN, args=(item,)):
                code = self._text(item, folded)
                after = (
                    f"({code.text}[i:].strip({values.BLANKS!r}) or None) if (i := {code.text}.rfind('@') + 1) else None"
                )
                return self._derived("t", expr, f"domain {folded}", code, after)
            case ir.Call(op=ir.Op.LOCAL_PART, args=(item,)):
                code = self._text(item, folded)
                at = f"(i := {code.text}.rfind('@')) >= 0"
                before = f"({code.text}[:i].strip({values.BLANKS!r}) or None) if {at} else None"
                return self._derived("t", expr, f"local part {folded}", code, before)
            case ir.Call(op=ir.Op.IF, args=(condition, then, otherwise)):

                def chosen() -> Code:
                    test = self.holds(condition)
                    yes, no = self._text(then, folded), self._text(otherwise, folded)
                    return Code(f"{yes.text} if {test.text} else {no.text}", yes.guard or no.guard)

                return self._in_its_place("t", expr, f"chosen {folded}", chosen)
            case _:
                raise AssertionError(f"{type(expr).__name__} is no text")

    def _fold(self, text: str) -> str:
        return f"{text}.lower() if {text}.isascii() else {self.module.call('folded')}({text})"

    def _derived(self, prefix: str, expr: ir.Expr, facet: str, code: Code, text: str) -> Code:
        """Something of a text, computed once where the text is known, missing where it is."""
        if code.guard == "None":
            return NOTHING
        made = self._in_its_place(
            prefix, expr, facet, lambda: Code(f"None if {code.guard} is None else {text}" if code.guard else text, "?")
        )
        # What is only folded is known wherever the text itself is.
        return Code(made.text, code.guard) if facet in ("folded", "words", "word list", "elements") else made

    def _in_its_place(self, prefix: str, expr: ir.Expr, facet: str, make: Callable[[], Code]) -> Code:
        """A local for something of an expression: ahead of everything if only the lead decides it."""
        if terms.is_of_lead(expr):
            return self.computed(prefix, (facet, expr), make, self.lead)
        return self.computed(prefix, (facet, expr, self.shift), make)

    def _words(self, item: ir.Expr) -> Code:
        """A text as its words. Few texts hold any of the words that are looked for; where none is even a part of the
        text, there is no need to take it to pieces."""
        code = self.folded(item)
        words = f"{self.module.call('words_of')}({code.text})"
        parts = self.word_parts.get(item, ())
        if 0 < len(parts) <= 24:
            words = f"{words} if {' or '.join(f'{part!r} in {code.text}' for part in parts)} else ''"
        return self._derived("t", item, "words", code, words)

    def _texts(self, item: ir.Expr) -> Code:
        """A list of texts, each folded."""
        code = self.value(item)
        return self._derived("t", item, "elements", code, f"tuple(map({self.module.call('folded')}, {code.text}))")

    # -------------------------------------------------------------- values

    def whole(self, expr: ir.Expr) -> Code | None:
        """A whole number without its ticks, where an expression is one by nature."""
        match expr:
            case ir.CountOf(events=events, distinct=None):
                return Code(self.term(terms.Count(events, self.shift)))
            case ir.CountOf(events=events, distinct=str(prop)):
                return Code(self.term(terms.Distinct(events, self.shift, prop)))
            case ir.SinceEvent(unit=unit, which=which, events=events):
                instant = self._instant_of(which, events)
                never = self.module.call("NEVER" if which == "last" else "ALWAYS")
                age = f"({self.now()} - {instant}) // {unit}"
                return self.computed(
                    "v", (expr, self.shift), lambda: Code(f"{age} if {instant} != {never} else None", "?")
                )
            case ir.SinceInstant(unit=unit, item=item):
                then = self.value(item)
                age = f"({self.now()} - {then.text}) // {unit}"
                return self._lifted(expr, [then], age)
            case ir.PathTime(unit=unit):
                start = self._instant_of(expr.start_which, expr.start)
                end = self._instant_of(expr.end_which, expr.end)
                nothing = [
                    f"{instant} != {self.module.call('NEVER' if which == 'last' else 'ALWAYS')}"
                    for instant, which in ((start, expr.start_which), (end, expr.end_which))
                ]
                time = f"({end} - {start}) // {unit} if {' and '.join(nothing)} else None"
                return self.computed("v", (expr, self.shift), lambda: Code(time, "?"))
            case ir.Call(op=ir.Op.LENGTH, args=(item,)):
                code = self.text(item)
                return self._lifted(expr, [code], f"len({code.text})")
            case ir.Call(op=ir.Op.WORDS, args=(item,)):
                code = self.text(item)
                return self._lifted(expr, [code], f"{self.module.call('word_count')}({code.text})")
            case ir.LeadsCount():
                return Code(self._of_leads(expr))
            case _:
                return None

    def _instant_of(self, which: str, events: ir.Events) -> str:
        return self.term((terms.First if which == "first" else terms.Last)(events, self.shift))

    def _of_leads(self, what: ir.LeadsCount | str) -> str:
        """The local with the leads that count (or with the leads' values of a score) at the present shift."""
        key = (what, self.shift)
        if key not in self.leads:
            self.leads[key] = self.fresh("n" if isinstance(what, ir.LeadsCount) else "x")
        return self.leads[key]

    def value(self, expr: ir.Expr) -> Code:
        """A value: a double, ticks, an instant, a label, a flag, or a text as it was written."""
        whole = self.whole(expr)
        if whole is not None:
            return self._lifted(expr, [whole], f"{whole.text} * {TICKS}", "ticks")
        match expr:
            case ir.Const(value=None):
                return NOTHING
            case ir.Const(value=value):
                return Code(repr(value))
            case ir.FieldOf(name=name):
                return self.computed("f", ("field", name), lambda: Code(f"lead[{name!r}]", "?"), self.lead)
            case ir.PropertyOf(name=name):
                return self.computed("p", ("property", name), lambda: Code(f"e.get({name!r})", "?"))
            case ir.ScoreOf(name=name, ago=ago):
                return self.things["score", name, self.shift + ago]
            case ir.BandOf(name=name):
                return self.things["band", name, self.shift]
            case ir.DecisionOf(name=name):
                return self.things["decision", name, self.shift]
            case ir.AggregateOf():
                return self._aggregate(expr)
            case ir.Scaled(item=item, factor=factor):
                code = self.value(item)
                return self._lifted(expr, [code], self._scaled(item, code.text, factor.numerator, factor.denominator))
            case ir.WeightedMean():
                return self._weighted_mean(expr)
            case ir.LeadsOf():
                return self._over_leads(expr)
            case ir.Call(op=ir.Op.DOMAIN | ir.Op.LOCAL_PART):
                return self.text(expr)
            case ir.Call(op=ir.Op.IF, kind=ir.Kind.TEXT):
                return self.text(expr)
            case ir.Call() if expr.kind is not ir.Kind.FLAG:
                return self._call(expr)
            case _:
                return self._flag(expr)

    def _flag(self, expr: ir.Expr) -> Code:
        """A condition as a value: yes, no or missing."""

        def make() -> Code:
            yes, no = self.holds(expr), self.fails(expr)
            return Code(f"True if {yes.text} else False if {no.text} else None", "?")

        return self._in_its_place("v", expr, "flag", make)

    def _lifted(
        self, expr: ir.Expr, codes: Sequence[Code], text: str, facet: str = "value", missing: bool = False
    ) -> Code:
        """A local for something that is missing where one of its parts is (or, with `missing`, besides)."""
        if any(code.guard == "None" for code in codes):
            return NOTHING

        def make() -> Code:
            guards = [guard for code in codes if (guard := self.missing(code)) is not None]
            if not guards:
                return Code(text, "?" if missing else None)
            known = " and ".join(f"{guard} is not None" for guard in dict.fromkeys(guards))
            return Code(f"{text} if {known} else None", "?")

        return self._in_its_place("v", expr, facet, make)

    # -- arithmetic

    def _call(self, call: ir.Call) -> Code:
        if call.op is ir.Op.IF:
            condition, then, otherwise = call.args

            def chosen() -> Code:
                test = self.holds(condition)
                yes, no = self.value(then), self.value(otherwise)
                return Code(f"{yes.text} if {test.text} else {no.text}", yes.guard or no.guard)

            return self._in_its_place("v", call, "value", chosen)
        codes = [self.value(arg) for arg in call.args]
        texts = [code.text for code in codes]
        match call.op:
            case ir.Op.ADD | ir.Op.SUBTRACT | ir.Op.MULTIPLY:
                return self._chained(call, codes)
            case ir.Op.DIVIDE:
                return self._divided(call, codes)
            case ir.Op.TO_NUMBER:
                return self._lifted(call, codes, f"{texts[0]} / 10000.0")
            case ir.Op.TO_EXACT:
                # Doubles are finite here, so that ticks_of is never missing.
                return self._lifted(call, codes, f"({self.module.call('ticks_of')}({texts[0]}) or 0)")
            case ir.Op.MIN | ir.Op.MAX:
                name = "min" if call.op is ir.Op.MIN else "max"
                if len(texts) == 2:
                    sign = "<=" if call.op is ir.Op.MIN else ">="
                    return self._lifted(call, codes, f"({texts[0]} if {texts[0]} {sign} {texts[1]} else {texts[1]})")
                return self._lifted(call, codes, f"{name}({', '.join(texts)})")
            case ir.Op.ABS:
                return self._lifted(call, codes, f"abs({texts[0]})")
            case ir.Op.SQRT:
                root = f"{self.module.call('sqrt')}({texts[0]}) if {texts[0]} >= 0 else None"
                return self._lifted(call, codes, f"({root})", missing=True)
            case ir.Op.ROUND:
                decimals = call.args[1].value if len(call.args) > 1 and isinstance(call.args[1], ir.Const) else 0
                assert isinstance(decimals, int)
                step: int = TICKS // 10 ** (decimals // TICKS)
                return self._lifted(call, codes[:1], f"{self._divide(call.args[0], texts[0], step)} * {step}")
            case ir.Op.FLOOR:
                return self._lifted(call, codes, f"{texts[0]} // {TICKS} * {TICKS}")
            case ir.Op.CEIL:
                return self._lifted(call, codes, f"-(-{texts[0]} // {TICKS}) * {TICKS}")
            case _:
                raise AssertionError(f"{call.op} is no number")

    def _chained(self, call: ir.Call, codes: Sequence[Code]) -> Code:
        sign = f" {call.op.value} "
        # Python's compiler takes no chain of thousands of terms; from left to right in pieces it is the same.
        text = codes[0].text
        terms_left = [code.text for code in codes[1:]]
        exact = call.kind is ir.Kind.EXACT
        if len(terms_left) <= 50:
            text = sign.join([text, *terms_left])
            return self._lifted(call, codes, text) if exact else self._finite(call, codes, text)

        def make() -> Code:
            guards = dict.fromkeys(guard for code in codes if (guard := self.missing(code)) is not None)
            known = self.fresh("v")
            self.page.put(f"{known} = 0 if {' or '.join(f'{g} is None' for g in guards) or 'False'} else 1")
            total = self.fresh("v")
            self.page.put(f"{total} = {text} if {known} else None")
            for at in range(0, len(terms_left), 50):
                piece = sign.join([total, *terms_left[at : at + 50]])
                self.page.put(f"if {known}: {total} = {piece}")
            finite = (
                total
                if exact
                else f"{total} if {total} is not None and {self.module.call('isfinite')}({total}) else None"
            )
            return Code(finite, "?" if guards or not exact else None)

        if any(code.guard == "None" for code in codes):
            return NOTHING
        return self._in_its_place("v", call, "value", make)

    def _divided(self, call: ir.Call, codes: Sequence[Code]) -> Code:
        zeros = [code.text for code, arg in zip(codes[1:], call.args[1:], strict=True) if not isinstance(arg, ir.Const)]
        if any(isinstance(arg, ir.Const) and not arg.value for arg in call.args[1:]):
            return NOTHING
        quotient = " / ".join(code.text for code in codes)
        if zeros:
            quotient = f"({quotient} if {' and '.join(zeros)} else None)"
        return self._finite(call, codes, quotient, missing=bool(zeros))

    def _finite(self, call: ir.Call, codes: Sequence[Code], text: str, missing: bool = False) -> Code:
        """A double that is missing if it is not finite: only such a one gives no 0 when taken from itself."""
        quiet = self._lifted(call, codes, text, "unbounded", missing)
        if quiet.guard == "None":
            return NOTHING
        known = f"{quiet.text} is not None and " if quiet.guard else ""
        return self._in_its_place(
            "v",
            call,
            "value",
            lambda: Code(f"{quiet.text} if {known}{quiet.text} - {quiet.text} == 0.0 else None", "?"),
        )

    def _divide(self, item: ir.Expr, text: str, by: int) -> str:
        """values.divide, written out where the sign is known."""
        if by == 1:
            return text
        if self.reach(item)[0] >= 0:
            return f"({text} * 2 + {by}) // {2 * by}"
        return f"{self.module.call('divide')}({text}, {by})"

    def _scaled(self, item: ir.Expr, text: str, numerator: int, denominator: int) -> str:
        """values.scale, written out where the result cannot be beyond its bounds."""
        low, high = self.reach(item)
        within = max(abs(low), abs(high)) * abs(numerator) <= MAX_TICKS * denominator
        if within and denominator == 1:
            return f"{text} * {numerator}"
        if within and low >= 0 and numerator >= 0:
            return f"({text} * {2 * numerator} + {denominator}) // {2 * denominator}"
        return f"{self.module.call('scale')}({text}, {numerator}, {denominator})"

    def reach(self, expr: ir.Expr) -> tuple[float, float]:
        """Between which ticks a value lies, roughly."""
        match expr:
            case ir.Const(value=int(value)):
                return value, value
            case ir.ScoreOf(name=name):
                score = self.world.scores[name]
                return (
                    -MAX_TICKS if score.low is None else score.low,
                    MAX_TICKS if score.high is None else score.high,
                )
            case ir.CountOf() | ir.LeadsCount():
                return 0, MAX_TICKS
            case ir.Scaled(item=item, factor=factor):
                ends = sorted(end * float(factor) for end in self.reach(item))
                return ends[0] - 1, ends[1] + 1
            case ir.Call(op=ir.Op.ADD, kind=ir.Kind.EXACT, args=args):
                reaches = [self.reach(arg) for arg in args]
                return sum(low for low, _ in reaches), sum(high for _, high in reaches)
            case ir.Call(op=ir.Op.MAX, kind=ir.Kind.EXACT, args=args):
                reaches = [self.reach(arg) for arg in args]
                return max(low for low, _ in reaches), max(high for _, high in reaches)
            case _:
                return float("-inf"), float("inf")

    def _weighted_mean(self, mean: ir.WeightedMean) -> Code:
        codes = [(weight, self.value(item)) for weight, item in zip(mean.weights, mean.items, strict=True)]
        divide = self.module.call("divide")

        def make() -> Code:
            if all(code.guard is None for _, code in codes) and len(codes) <= 50:
                total = " + ".join(f"{code.text} * {weight}" for weight, code in codes)
                return Code(f"{divide}({total}, {sum(mean.weights)})")
            total, weights = self.fresh("v"), self.fresh("v")
            self.page.put(f"{total} = {weights} = 0")
            for weight, code in codes:
                if code.guard == "None":
                    continue
                guard = self.missing(code)
                added = f"{total} += {code.text} * {weight}; {weights} += {weight}"
                self.page.put(f"if {guard} is not None: {added}" if guard else added)
            return Code(f"{divide}({total}, {weights}) if {weights} else None", "?")

        return self._in_its_place("v", mean, "value", make)

    # -- events and leads

    def _aggregate(self, aggregate: ir.AggregateOf) -> Code:
        events, prop = aggregate.events, aggregate.prop
        match aggregate.word:
            case "sum":
                total = self.term(terms.Sum(events, self.shift, prop))
                return self._lifted(aggregate, [Code(total)], f"{self.module.call('bounded')}({total})")
            case "average":
                total = self.term(terms.Sum(events, self.shift, prop))
                known = self.term(terms.Known(events, self.shift, prop))
                mean = f"{self.module.call('divide')}({total}, {known}) if {known} else None"
                return self.computed("v", (aggregate, self.shift), lambda: Code(mean, "?"))
            case "highest" | "lowest" as which:
                found = self.term(terms.Extreme(events, self.shift, prop, which))
                return Code(found, found)
            case _:
                assert_never(aggregate.word)

    def _over_leads(self, leads: ir.LeadsOf) -> Code:
        """Over the leads' known values of a score, which stand from the largest to the smallest."""
        found = self._of_leads(leads.score)
        kept = found if leads.top is None else f"{found}[:{leads.top}]"
        match leads.word:
            case "sum":
                code = Code(f"{self.module.call('bounded')}(sum({kept}))")
            case "average":
                code = Code(f"{self.module.call('divide')}(sum({kept}), len({kept})) if {kept} else None", "?")
            case "highest":
                code = Code(f"{found}[0] if {kept} else None", "?")
            case "lowest":
                code = Code(f"{kept}[-1] if {kept} else None", "?")
            case _:
                assert_never(leads.word)
        return self.computed("v", (leads, self.shift), lambda: code)

    # -------------------------------------------------------------- beforehand

    def study(self, expressions: Sequence[ir.Expr]) -> None:
        """Finds what several conditions share, and the words that are looked for in each text."""
        seen: set[ir.Expr] = set()
        shared = set(self.shared)
        parts = {item: dict.fromkeys(found) for item, found in self.word_parts.items()}
        waiting = list(expressions)
        while waiting:
            part = waiting.pop()
            if isinstance(part, _MAY_BE_SHARED) and part.kind is ir.Kind.FLAG:
                if part in seen:
                    shared.add(part)
                    continue
                seen.add(part)
            if isinstance(part, ir.TextTest) and part.op is ir.TextOp.HAS_WORD:
                for needle in part.needles:
                    words = needle.split(" ")
                    parts.setdefault(part.item, {})[max(words, key=len)] = None
            waiting += terms.parts_of(part)
        self.shared = frozenset(shared)
        self.word_parts = {item: tuple(found) for item, found in parts.items()}


_MAY_BE_SHARED = (ir.And, ir.Or, ir.TextTest, ir.Call)

_FITS = {
    ir.TextOp.CONTAINS: "{needle} in {text}",
    ir.TextOp.HAS: "{needle} in {text}",
    ir.TextOp.HAS_WORD: "{needle} in {text}",
    ir.TextOp.STARTS_WITH: "{text}.startswith({needle})",
    ir.TextOp.ENDS_WITH: "{text}.endswith({needle})",
    ir.TextOp.LIKE: "is_like({text}, {needle})",
}

_OPPOSITE: dict[ir.Sign, ir.Sign] = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
_MIRRORED: dict[ir.Sign, ir.Sign] = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}

_TERM_PREFIX: dict[type[terms.Selected], str] = {
    terms.Count: "n",
    terms.Occurred: "o",
    terms.First: "at",
    terms.Last: "at",
    terms.Sum: "x",
    terms.Known: "n",
    terms.Extreme: "x",
    terms.Distinct: "n",
    terms.Periods: "n",
    terms.Decayed: "x",
    terms.Kept: "k",
    terms.Earned: "x",
    terms.Happened: "k",
}


# ------------------------------------------------------------------ tests


def all_of(tests: Sequence[Test]) -> Test:
    found = [test for test in tests if test != TRUE]
    if any(test.text == "False" for test in found):
        return FALSE
    if not found:
        return TRUE
    knows = frozenset().union(*(test.knows for test in found))
    if len(found) == 1:
        return found[0]
    return Test(" and ".join(test.text if test.level >= 1 else f"({test.text})" for test in found), 1, knows)


def any_of(tests: Sequence[Test]) -> Test:
    found = [test for test in tests if test.text != "False"]
    if any(test.text == "True" for test in found):
        return TRUE
    if not found:
        return FALSE
    if len(found) == 1:
        return found[0]
    knows = frozenset.intersection(*(test.knows for test in found))
    return Test(" or ".join(test.text if test.level >= 1 else f"({test.text})" for test in found), 0, knows)


def opposite(test: Test) -> Test:
    if test.text in ("True", "False"):
        return FALSE if test.text == "True" else TRUE
    return Test(f"not {test.text}" if _is_word(test.text) else f"not ({test.text})")


def _is_word(text: str) -> bool:
    return text.replace("_", "").isalnum()


def printable(text: str) -> str:
    """A text for a comment: whatever could end the line, or hide in it, is left out."""
    return "".join(character if character.isprintable() else " " for character in text)[:200]
