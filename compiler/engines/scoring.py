"""Rules, scores, bands, gates and decisions as statements of the function that is being written.

Points run in ticks in a local of each score or group. Rules that only look at attributes become plain `if`s; rules on
one field share the test that it is known, and become one chain where no two of them can hold.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import assert_never

from ...dsl import ir
from ...dsl.values import MAX_TICKS
from . import terms
from .earning import earn, total_of
from .emission import FALSE, TRUE, Code, Function, Test, all_of, any_of, opposite, printable
from .regions import Region, apart, needs, region_of

MANY_EVENTS = 10**8
"""No lead has so many events: they would not fit in memory. What is counted stays below it."""

LONGEST_CHAIN = 60
"""Python's compiler goes one level deeper with every `elif`."""


@dataclass
class Scoring:
    """The finish of a function: where the lines of the account go, if they are wanted at all."""

    function: Function
    with_reasons: bool
    lines: str = "lines"
    opened: set[str] = field(default_factory=set)

    # -------------------------------------------------------------- things

    def thing(self, thing: terms.Thing) -> None:
        """Writes what computes one score, band, gate or decision, and remembers the local that holds it."""
        what, name, shift = thing
        function = self.function
        function.shift = shift
        match what:
            case "score":
                function.things[thing] = self.score(function.world.scores[name])
            case "band":
                function.things[thing] = self.band(function.world.bands[name])
            case "gate":
                function.things[thing] = self.gate(function.world.gates[name])
            case "decision":
                function.things[thing] = self.decision(function.world.decisions[name])
            case _:
                assert_never(what)
        function.shift = 0

    def put(self, line: str) -> None:
        self.function.page.put(line)

    def heading(self, text: str) -> None:
        ago = "" if self.function.shift == 0 else f", {self.function.shift} microseconds ago"
        self.put(f"# {printable(text)}{ago}")

    @property
    def reasons(self) -> bool:
        """Lines are for scores as they are now: of an earlier score only the value is read."""
        return self.with_reasons and self.function.shift == 0

    def line(self, score: str, rule: str, step: str, ticks: str, before: str | None = None) -> None:
        if self.reasons:
            number = self.function.module.line(score, rule, step)
            rest = "" if before is None else f", {before}"
            self.put(f"{self.lines}.append(({number}, {ticks}{rest}))")

    # -------------------------------------------------------------- scores

    def score(self, score: ir.Score) -> Code:
        function = self.function
        self.heading(f"score {score.name}")
        total = function.fresh("s")
        if score.body is not None:
            code = function.value(score.body)
            self.put(f"{total} = {code.text}")
            if code.guard is None:
                self.line(score.name, score.name, "body", total)
                self._steps(score, total, function.reach(score.body))
                return Code(total)
            with function.page.block(f"if {total} is not None:", frozenset([total])):
                self.line(score.name, score.name, "body", total)
                self._steps(score, total, (float("-inf"), float("inf")))
            return Code(total, total)
        self.put(f"{total} = {score.start}")
        if score.start != 0:
            self.line(score.name, f"{score.name}.start", "start", str(score.start))
        self.items(score.name, score.items, total)
        low, high = reach_of(score.items)
        self._steps(score, total, (low + score.start, high + score.start))
        return Code(total)

    def _steps(self, score: ir.Score, total: str, reach: tuple[float, float]) -> None:
        """Silence, floors, caps, rounding, range. `reach` is between which ticks the total lies before them."""
        function, name = self.function, score.name
        low, high = reach
        if score.silence is not None:
            self._silence(score, score.silence, total)
            low = min(low, 0)
        for bounds, step, sign in ((score.floors, "floor", "<"), (score.caps, "cap", ">")):
            # The highest floor, or the lowest cap, that applies: the first in this order.
            ordered = sorted(bounds, key=lambda bound: bound.ticks, reverse=sign == "<")
            branches = [(function.holds(bound.condition), str(bound.ticks)) for bound in ordered]
            for bound in ordered:
                low, high = min(low, bound.ticks), max(high, bound.ticks)
            if branches:
                limit = function.fresh("v")
                self.chain(
                    [(test, [f"{limit} = {ticks}"]) for test, ticks in branches], otherwise=[f"{limit} = {total}"]
                )
                with function.page.block(f"if {total} {sign} {limit}:"):
                    self.line(name, f"{name}.{step}", step, f"{limit} - {total}", total)
                    self.put(f"{total} = {limit}")
        if score.rounding is not None:
            low, high = low - 10_000, high + 10_000
            rounded = function.fresh("v")
            self.put(f"{rounded} = {_rounded(function, total, score.rounding, low)}")
            if self.reasons:
                with function.page.block(f"if {rounded} != {total}:"):
                    self.line(name, f"{name}.rounding", "rounding", f"{rounded} - {total}", total)
            self.put(f"{total} = {rounded}")
        # With no range of its own a score is kept within what any score can be.
        least = -MAX_TICKS if score.low is None else score.low
        most = MAX_TICKS if score.high is None else score.high
        word = "if"
        for needed, sign, end in ((low < least, "<", least), (high > most, ">", most)):
            if needed:
                with function.page.block(f"{word} {total} {sign} {end}:"):
                    self.line(name, f"{name}.range", "range", f"{end} - {total}" if end else f"-{total}", total)
                    self.put(f"{total} = {end}")
                word = "elif"

    def _silence(self, score: ir.Score, silence: ir.Silence, total: str) -> None:
        function, curve = self.function, silence.curve
        newest = function.term(terms.Last(silence.events, function.shift))
        never = function.module.call("NEVER")
        with function.page.block(f"if {total} > 0 and {newest} != {never}:"):
            age = f"({function.now()} - {newest}) // {curve.unit}"
            left = function.fresh("v")
            self.put(f"{left} = {function.module.curve(curve)}({total}, {age})")
            if self.reasons:
                with function.page.block(f"if {left} != {total}:"):
                    self.line(score.name, f"{score.name}.silence", "silence", f"{left} - {total}", total)
            self.put(f"{total} = {left}")

    # -------------------------------------------------------------- rules and groups

    def items(self, score: str, items: Sequence[ir.Rule | ir.Group], total: str) -> None:
        """Adds what each item comes to."""
        for run, needed in _runs(items):
            if needed is not None:
                guard = self.function.value(needed).text
                with self.function.page.block(f"if {guard} is not None:", frozenset([guard])):
                    self._plain_rules(score, run, total)
            elif _is_plain(run[0]):
                self._plain_rules(score, run, total)
            else:
                self._item(score, run[0], total)

    def _plain_rules(self, score: str, items: Sequence[ir.Rule | ir.Group], total: str) -> None:
        """Rules with written points that look at conditions only: those that follow each other and of which no two
        can hold make one chain."""
        chain: list[ir.Rule] = []
        regions: list[Region] = []
        for item in items:
            assert isinstance(item, ir.Rule)
            region = _region_of(item)
            if chain and not (
                len(chain) < LONGEST_CHAIN
                and region is not None
                and len(regions) == len(chain)
                and all(apart(region, other) for other in regions)
            ):
                self._chain_of_rules(score, chain, total)
                chain, regions = [], []
            chain.append(item)
            if region is not None:
                regions.append(region)
        if chain:
            self._chain_of_rules(score, chain, total)

    def _chain_of_rules(self, score: str, rules: Sequence[ir.Rule], total: str) -> None:
        self.chain([(self._in_force_and_holds(rule), self._earn(score, rule, total)) for rule in rules])

    def _earn(self, score: str, rule: ir.Rule, total: str) -> list[str]:
        """The statements for a rule with written points that fires."""
        points, before = _written_points(rule)
        if points == 0:
            return ["pass"]
        lines = [f"{total} += {points}" if points > 0 else f"{total} -= {-points}"]
        if self.reasons:
            number = self.function.module.line(score, rule.full_name, "rule")
            lines.append(f"{self.lines}.append(({number}, {points}{'' if before is None else f', {before}'}))")
        lines[0] += f"  # {printable(rule.full_name)}"
        return lines

    def _in_force_and_holds(self, rule: ir.Rule) -> Test:
        match rule.trigger:
            case ir.When() as when:
                return all_of([self._in_force(rule), self.function.triggered(when)])
            case ir.Otherwise():
                return self._in_force(rule)
            case ir.Each() | ir.Per():
                raise AssertionError("only a rule with a condition holds by it")
            case _:
                assert_never(rule.trigger)

    def _in_force(self, rule: ir.Rule) -> Test:
        now = self.function.now()
        if rule.starts is not None and rule.ends is not None:
            return Test(f"{rule.starts} <= {now} < {rule.ends}")
        if rule.starts is not None:
            return Test(f"{now} >= {rule.starts}")
        return TRUE if rule.ends is None else Test(f"{now} < {rule.ends}")

    def _item(self, score: str, item: ir.Rule | ir.Group, total: str) -> None:
        """Adds what one item comes to."""
        match item:
            case ir.Rule():
                if self._add_written_points_of_events(score, item, total):
                    return
                points, before = self._points(item)
                if points == "0":
                    return
                with self.function.page.block(f"if {points}:  # {printable(item.full_name)}"):
                    self.put(f"{total} += {points}")
                    self._rule_line(score, item, points, before)
            case ir.Group(kind="sum", most=None, least=None, counting=None):
                self.items(score, item.items, total)
            case ir.Group():
                amount, _ = self.group(score, item, False)
                self.put(f"{total} += {amount}")
            case _:
                assert_never(item)

    def _add_written_points_of_events(self, score: str, rule: ir.Rule, total: str) -> bool:
        """The usual rules over events, written out: so many times some points, or points that decay, with a limit.
        False where a rule is not one of them."""
        function = self.function
        points, each = rule.points, rule.trigger
        if not isinstance(each, ir.Each) or not isinstance(points, int) or abs(points) * MANY_EVENTS > MAX_TICKS:
            return False
        curve = None if each.curve is None or is_level(each.curve) else each.curve
        sign = -1 if points < 0 else 1
        limit = rule.max_points
        if points == 0:
            return True
        if curve is None:
            times, most = self._times(each)
            raw = f"{times} * {value_text(points)}" if most != 1 else str(points)
            highest = None if most is None else abs(points) * most
            if highest is not None and (limit is None or limit >= highest):
                # The number of events is what is limited, which cuts nothing.
                if most != 1:
                    raw = f"{raw} if {times} < {most} else {sign * highest}"
                limit = None
            elif most is not None and most != 1:
                raw = f"min({times}, {most}) * {value_text(points)}"
            within = "" if limit is None else f"{times} <= {limit // abs(points)}"
        elif terms.is_plain(each):
            times = raw = function.term(terms.Decayed(each.events, function.shift, points, curve))
            within = "" if limit is None else f"{raw} {'<=' if sign > 0 else '>='} {sign * limit}"
        else:
            return False
        test = all_of([Test(times), self._in_force(rule)])
        with function.page.block(f"if {test.text}:  # {printable(rule.full_name)}"):
            self._add_within(score, rule, total, raw, within, 0 if limit is None else sign * limit)
        return True

    def _add_within(self, score: str, rule: ir.Rule, total: str, raw: str, within: str, cut: int) -> None:
        """Adds points, or where they are not `within` the rule's limit, as many as that allows."""
        if not self.reasons:
            self.put(f"{total} += {raw} if {within} else {cut}" if within else f"{total} += {raw}")
            return
        points = raw
        if not raw.isidentifier() and not raw.removeprefix("-").isdigit():
            points = self.function.fresh("p")
            self.put(f"{points} = {raw}")
        number = self.function.module.line(score, rule.full_name, "rule")
        earned = [f"{total} += {points}", f"{self.lines}.append(({number}, {points}))"]
        if within:
            self._branch(f"if {within}:", earned)
            self._branch("else:", [f"{total} += {cut}", f"{self.lines}.append(({number}, {cut}, {points}))"])
        else:
            for line in earned:
                self.put(line)

    def _rule_line(self, score: str, rule: ir.Rule, points: str, before: str | None) -> None:
        if not self.reasons:
            return
        if before is None:
            self.line(score, rule.full_name, "rule", points)
            return
        number = self.function.module.line(score, rule.full_name, "rule")
        self.put(
            f"{self.lines}.append(({number}, {points}) if {before} == {points} else ({number}, {points}, {before}))"
        )

    def _points(self, rule: ir.Rule) -> tuple[str, str | None]:
        """The local with the points of a rule, after its own limit; and what they were before, if that may differ."""
        function = self.function
        points = function.fresh("p")
        match rule.trigger:
            case ir.When() | ir.Otherwise():
                test = self._in_force_and_holds(rule)
                value = self._value_of_points(rule)
                if value.guard == "None" or test.text == "False":
                    return "0", None
                guard = function.missing(value)
                known = Test(f"{guard} is not None") if guard else TRUE
                condition = all_of([test, known])
                text = value.text if condition == TRUE else f"{value.text} if {condition.text} else 0"
            case ir.Per(amount=amount, item=item):
                test = self._in_force(rule)
                counted, value = function.value(item), self._value_of_points(rule)
                if "None" in (counted.guard, value.guard):
                    return "0", None
                guards = [Test(f"{g} is not None") for g in (function.missing(counted), function.missing(value)) if g]
                condition = all_of([test, *guards, Test(f"{counted.text} >= {amount}")])
                text = f"{counted.text} // {amount} * {value.text} if {condition.text} else 0"
            case ir.Each() as each:
                return self._points_of_events(rule, each, points)
            case _:
                assert_never(rule.trigger)
        self.put(f"{points} = {function.module.call('bounded')}({text})")
        return points, self._limited(rule, points, None)

    def _value_of_points(self, rule: ir.Rule) -> Code:
        if isinstance(rule.points, int):
            return Code(str(rule.points) if rule.points >= 0 else f"({rule.points})")
        return self.function.value(rule.points)

    def _limited(self, rule: ir.Rule, points: str, written: int | None) -> str | None:
        """Applies `at most N points`. Gives the local with the points before it, where a line wants to know them."""
        if rule.max_points is None:
            return None
        before = None
        if self.reasons:
            before = self.function.fresh("v")
            self.put(f"{before} = {points}")
        if written is None or written > 0:
            self.put(f"if {points} > {rule.max_points}: {points} = {rule.max_points}")
        if written is None or written < 0:
            self.put(f"if {points} < {-rule.max_points}: {points} = {-rule.max_points}")
        return before

    def _points_of_events(self, rule: ir.Rule, each: ir.Each, points: str) -> tuple[str, str | None]:
        function = self.function
        shift = function.shift
        in_force = self._in_force(rule)
        if not isinstance(rule.points, int) and terms.reads_property(rule.points):
            if terms.is_of_event(rule.points):
                total = function.term(terms.Earned(each.events, shift, each, rule.points))
            else:
                total = self._earned_late(each, rule.points)
            text = f"{function.module.call('bounded')}({total})"
            self.put(f"{points} = {text if in_force == TRUE else f'{text} if {in_force.text} else 0'}")
            return points, self._limited(rule, points, None)
        curve = None if each.curve is None or is_level(each.curve) else each.curve
        written = rule.points if isinstance(rule.points, int) else None
        if written == 0:
            return "0", None
        value = self._value_of_points(rule)
        if value.guard == "None":
            return "0", None
        guard = function.missing(value)
        conditions = [in_force] if guard is None else [in_force, Test(f"{guard} is not None")]
        if curve is None:
            return self._points_of_count(rule, each, points, value, conditions)
        total = self._decayed(each, curve, written, value)
        # Decay only takes away, so that written points which stay within bounds for any number of events do so here.
        bounds = written is None or abs(written) * MANY_EVENTS > MAX_TICKS
        text = f"{function.module.call('bounded')}({total})" if bounds else total
        condition = all_of(conditions)
        self.put(f"{points} = {text if condition == TRUE else f'{text} if {condition.text} else 0'}")
        return points, self._limited(rule, points, written)

    def _earned_late(self, each: ir.Each, points: ir.Expr) -> str:
        """The total of points that read both the event's properties and what is known only after the pass."""
        function = self.function
        happened = function.term(terms.Happened(each.events, function.shift, each))
        earnings, total = function.fresh("v"), function.fresh("v")
        self.put(f"{earnings} = []")
        with function.page.block(f"for t, e in {happened}:"):
            earn(function, each, points, earnings)
        self.put(f"{total} = {total_of(function, each, earnings)}")
        return total

    def _decayed(self, each: ir.Each, curve: ir.Curve, written: int | None, value: Code) -> str:
        """What is left of the points of all events that are kept."""
        function = self.function
        if terms.is_plain(each) and written is not None:
            return function.term(terms.Decayed(each.events, function.shift, written, curve))
        left = function.module.curve(curve)
        if terms.is_newest_only(each):
            newest = function.term(terms.Last(each.events, function.shift))
            age = f"({function.now()} - {newest}) // {curve.unit}"
            return f"({left}({value.text}, {age}) if {newest} != {function.module.call('NEVER')} else 0)"
        kept = function.term(terms.Kept(each.events, function.shift, each))
        return f"sum([{left}({value.text}, ({function.now()} - at) // {curve.unit}) for at, _ in {kept}])"

    def _points_of_count(
        self, rule: ir.Rule, each: ir.Each, points: str, value: Code, conditions: list[Test]
    ) -> tuple[str, str | None]:
        """Points that do not decay: so many times the points."""
        function = self.function
        times, most = self._times(each)
        written = rule.points if isinstance(rule.points, int) else None
        if written is None or abs(written) * MANY_EVENTS > MAX_TICKS:
            if most is not None:
                times = f"min({times}, {most})"
            condition = all_of(conditions)
            text = f"{function.module.call('bounded')}({times} * {value.text})"
            self.put(f"{points} = {text if condition == TRUE else f'{text} if {condition.text} else 0'}")
            return points, self._limited(rule, points, written)
        return self._written_times(rule, points, written, times, most, conditions)

    def _times(self, each: ir.Each) -> tuple[str, int | None]:
        """The local with the number of events that are kept; and where only so many of them count, that limit."""
        function, events, shift = self.function, each.events, self.function.shift
        if terms.is_newest_only(each):
            return function.term(terms.Occurred(events, shift)), 1
        if not each.once_ever and each.at_most_per is None and not (each.once_per_period and each.once_per_property):
            if each.once_per_property is not None:
                return function.term(terms.Distinct(events, shift, each.once_per_property)), each.at_most
            if each.once_per_period is not None:
                return function.term(terms.Periods(events, shift, each.once_per_period)), each.at_most
            return function.term(terms.Count(events, shift)), each.at_most
        kept = function.term(terms.Kept(events, shift, each))
        return function.computed("n", ("times", each, shift), lambda: Code(f"len({kept})")).text, None

    def _written_times(
        self, rule: ir.Rule, points: str, written: int, times: str, most: int | None, conditions: list[Test]
    ) -> tuple[str, str | None]:
        """Written points, so many times: both limits become one comparison of the count."""
        limit = None if rule.max_points is None else rule.max_points
        highest = None if most is None else abs(written) * most
        cut = limit is not None and (highest is None or limit < highest)
        sign = -1 if written < 0 else 1
        if most == 1:
            assert highest is not None
            earned = str(sign * (min(highest, limit) if limit is not None else highest))
            condition = all_of([Test(times), *conditions])
            self.put(f"{points} = {earned} if {condition.text} else 0")
            return points, (str(written) if cut else None)
        text = f"{times} * {value_text(written)}"
        if cut or highest is not None:
            end = limit if cut and limit is not None else highest
            assert end is not None
            enough = -(-end // abs(written))
            text = f"{text} if {times} < {enough} else {sign * end}"
        condition = all_of(conditions)
        if condition != TRUE:
            text = f"({text}) if {condition.text} else 0"
        self.put(f"{points} = {text}")
        if not cut or not self.reasons:
            return points, None
        before = self.function.fresh("v")
        count = times if most is None else f"min({times}, {most})"
        self.put(f"{before} = {count} * {value_text(written)}")
        return points, before

    # -- groups

    def group(self, score: str, group: ir.Group, want_holds: bool) -> tuple[str, str]:
        """The local with what a group comes to, and (if wanted) the one that tells whether it holds."""
        function = self.function
        self.put(f"# {printable(group.full_name)}")
        match group.kind:
            case "sum":
                total, holds = function.fresh("g"), ""
                self.put(f"{total} = 0")
                if want_holds:
                    holds = self._sum_that_may_hold(score, group, total)
                else:
                    self.items(score, group.items, total)
            case "first" | "best":
                total, holds = self._chosen(score, group, want_holds)
            case _:
                assert_never(group.kind)
        reach = reach_of(group.items) if group.kind == "sum" else _reach_of_one(group.items)
        self._group_steps(score, group, total, reach)
        return total, holds

    def _sum_that_may_hold(self, score: str, group: ir.Group, total: str) -> str:
        function = self.function
        holds = function.fresh("h")
        self.put(f"{holds} = False")
        for member in group.items:
            points, member_holds = self._member(score, member, self.lines)
            with function.page.block(f"if {member_holds.text}:"):
                self.put(f"{holds} = True")
                self.put(f"{total} += {points}")
        return holds

    def _member(self, score: str, member: ir.Rule | ir.Group, lines: str) -> tuple[str, Test]:
        """What a member comes to and whether it holds; its lines are written to `lines`."""
        function = self.function
        outer, self.lines = self.lines, lines
        try:
            if isinstance(member, ir.Group):
                points, holds = self.group(score, member, True)
                return points, Test(holds)
            if _is_plain(member):
                written, before = _written_points(member)
                condition = self._in_force_and_holds(member)
                test = Test(function.fresh("h"))
                self.put(f"{test.text} = {condition.text}")
                if self.reasons and written != 0:
                    with function.page.block(f"if {test.text}:"):
                        self.line(
                            score, member.full_name, "rule", str(written), None if before is None else str(before)
                        )
                return value_text(written), test
            points, before_local = self._points(member)
            if points != "0" and self.reasons:
                with function.page.block(f"if {points}:"):
                    self._rule_line(score, member, points, before_local)
            return points, Test(points) if points != "0" else FALSE
        finally:
            self.lines = outer

    def _chosen(self, score: str, group: ir.Group, want_holds: bool) -> tuple[str, str]:
        """`first of` and `best of`: one member counts."""
        function = self.function
        total = function.fresh("g")
        rules = [item for item in group.items if isinstance(item, ir.Rule) and _is_plain(item)]
        if len(rules) == len(group.items) and not want_holds:
            if group.kind == "best":
                # The most points come first; of equals the earlier one.
                rules.sort(key=lambda rule: -_written_points(rule)[0])
            self._chain_of_choice(score, rules, total)
            return total, ""
        holds = function.fresh("h")
        self.put(f"{total} = 0")
        self.put(f"{holds} = False")
        if group.kind == "first":
            self._first(score, group, total, holds)
        else:
            self._best(score, group, total, holds)
        return total, holds

    def _first(self, score: str, group: ir.Group, total: str, holds: str) -> None:
        function = self.function
        for at, member in enumerate(group.items):
            # Python bounds the depth of indentation. Deep inside, a member is computed though it may not be needed.
            is_deep = function.page.depth > 20
            with function.page.block(f"if not {holds}:") if at and not is_deep else nullcontext():
                candidate = self._candidate_lines()
                points, test = self._member(score, member, candidate)
                chosen = all_of([Test(f"not {holds}"), test]) if at and is_deep else test
                with function.page.block(f"if {chosen.text}:"):
                    self.put(f"{total} = {points}")
                    self.put(f"{holds} = True")
                    if self.reasons:
                        self.put(f"{self.lines} += {candidate}")

    def _best(self, score: str, group: ir.Group, total: str, holds: str) -> None:
        function = self.function
        chosen = function.fresh("lines") if self.reasons else ""
        if chosen:
            self.put(f"{chosen}: list[tuple[int, ...]] = []")
        for member in group.items:
            candidate = self._candidate_lines()
            points, test = self._member(score, member, candidate)
            better = all_of([test, Test(f"not {holds} or {points} > {total}", 0)])
            with function.page.block(f"if {better.text}:"):
                self.put(f"{total} = {points}")
                self.put(f"{holds} = True")
                if chosen:
                    self.put(f"{chosen} = {candidate}")
        if chosen:
            self.put(f"{self.lines} += {chosen}")

    def _candidate_lines(self) -> str:
        """A list for the lines of a member that may not be the one that counts."""
        if not self.reasons:
            return self.lines
        candidate = self.function.fresh("lines")
        self.put(f"{candidate}: list[tuple[int, ...]] = []")
        return candidate

    def _chain_of_choice(self, score: str, rules: Sequence[ir.Rule], total: str) -> None:
        function = self.function
        guard = self._guard_of_choice(rules)
        if guard is None:
            branches = [(self._in_force_and_holds(rule), self._take(score, rule, total)) for rule in rules]
            self.chain(branches, otherwise=[f"{total} = 0"])
            return
        # Everything but `otherwise` needs one field: where it is missing, that is decided at once.
        last = rules[-1]
        otherwise = self._take(score, last, total) if isinstance(last.trigger, ir.Otherwise) else [f"{total} = 0"]
        with function.knowing(frozenset([guard])):
            branches = [
                (self._in_force_and_holds(rule), self._take(score, rule, total))
                for rule in rules
                if not isinstance(rule.trigger, ir.Otherwise)
            ]
        self.chain([(Test(f"{guard} is None"), otherwise), *branches], otherwise=otherwise)

    def _guard_of_choice(self, rules: Sequence[ir.Rule]) -> str | None:
        common: dict[ir.FieldOf, int] | None = None
        if len(rules) > LONGEST_CHAIN or any(rule.starts is not None or rule.ends is not None for rule in rules):
            return None
        conditional = rules[:-1] if isinstance(rules[-1].trigger, ir.Otherwise) else rules
        for rule in conditional:
            if not isinstance(rule.trigger, ir.When):
                return None
            found = _needed_fields(rule)
            common = found if common is None else {name: common[name] + found[name] for name in common if name in found}
        if not common:
            return None
        field, tests = max(common.items(), key=lambda entry: entry[1])
        return self.function.value(field).text if tests >= 2 else None

    def _take(self, score: str, rule: ir.Rule, total: str) -> list[str]:
        points, before = _written_points(rule)
        lines = [f"{total} = {points}  # {printable(rule.full_name)}"]
        if self.reasons and points != 0:
            number = self.function.module.line(score, rule.full_name, "rule")
            lines.append(f"{self.lines}.append(({number}, {points}{'' if before is None else f', {before}'}))")
        return lines

    def _group_steps(self, score: str, group: ir.Group, total: str, reach: tuple[float, float]) -> None:
        function, name = self.function, group.full_name
        low, high = reach
        for limit, sign, step, needed in (
            (group.most, ">", "most", group.most is not None and high > group.most),
            (group.least, "<", "least", group.least is not None and min(low, group.most or low) < group.least),
        ):
            if needed:
                with function.page.block(f"if {total} {sign} {limit}:"):
                    self.line(score, name, step, f"{limit} - {total}", total)
                    self.put(f"{total} = {limit}")
        if group.counting is not None:
            share = group.counting
            text = f"{function.module.call('scale')}({total}, {share.numerator}, {share.denominator})"
            if not self.reasons:
                self.put(f"{total} = {text}")
                return
            counted = function.fresh("v")
            self.put(f"{counted} = {text}")
            with function.page.block(f"if {counted} != {total}:"):
                self.line(score, name, "counting", f"{counted} - {total}", total)
                self.put(f"{total} = {counted}")

    # -------------------------------------------------------------- bands, gates, decisions

    def band(self, band: ir.Band) -> Code:
        function = self.function
        self.heading(f"band {band.name}")
        label = function.fresh("b")
        score = ir.ScoreOf(ir.Kind.EXACT, band.score)
        branches = [
            (function.holds(ir.Compare(ir.Kind.FLAG, ">=", score, row.limit)), [f"{label} = {row.label!r}"])
            for row in band.rows
        ]
        self.chain(branches, otherwise=[f"{label} = {band.otherwise!r}"])
        return Code(label)

    def gate(self, gate: ir.Gate) -> Code:
        """The local with the outcomes that a gate bars, () if none."""
        function = self.function
        self.heading(f"gate {gate.name}")
        barred = function.fresh("g")
        listed: dict[str, None] = {}
        for at, ban in enumerate(gate.bans):
            test = function.triggered(ban.trigger)
            outcomes = tuple(dict.fromkeys(ban.outcomes))
            if at == 0:
                typed = ": Any" if len(gate.bans) > 1 else ""
                self.put(f"{barred}{typed} = {outcomes!r} if {test.text} else ()")
            elif listed.keys().isdisjoint(outcomes):
                self.put(f"if {test.text}: {barred} += {outcomes!r}")
            else:
                self.put(f"if {test.text}: {barred} = tuple(dict.fromkeys({barred} + {outcomes!r}))")
            listed |= dict.fromkeys(outcomes)
        if not gate.bans:
            self.put(f"{barred} = ()")
        return Code(barred)

    def decision(self, decision: ir.Decision) -> Code:
        """The local with the outcome and the row that chose it (and, with reasons, the rows barred before it)."""
        function = self.function
        self.heading(f"decision {decision.name}")
        chosen = function.fresh("d")
        gates = [
            (gate, function.things["gate", gate.name, function.shift].text)
            for gate in terms.gates_on(function.world, decision.outcomes)
        ]
        rows = [self._row(decision, row) for row in decision.rows]
        if not self.reasons or not gates:
            branches = []
            for test, text, outcomes in rows:
                barred = any_of([_barred(text, outcomes, gate, local) for gate, local in gates])
                allowed = all_of([test, opposite(barred)])
                branches.append((allowed, [f"{chosen} = {text}"]))
                if allowed == TRUE:
                    break
            self.chain(branches)
        else:
            self.put(f"{chosen}: Any")
            with function.page.block(f"if not ({' or '.join(local for _, local in gates)}):"):
                self.chain([(test, [f"{chosen} = {text}"]) for test, text, _ in rows])
            with function.page.block("else:"):
                self._rows_with_barred(decision, rows, gates, chosen)
        return Code(f"{chosen}[0]")

    def _row(self, decision: ir.Decision, row: ir.Choice | ir.Grid) -> tuple[Test, str, tuple[str, ...]]:
        """When a row matches, what it chooses as Python text, and the outcomes that this may be."""
        function = self.function
        end = ", ()" if self.reasons else ""
        match row:
            case ir.Choice(outcome=outcome, trigger=trigger):
                test = TRUE if trigger is None else function.triggered(trigger)
                return test, f"({outcome!r}, {row.row}{end})", (outcome,)
            case ir.Grid():
                cells = {
                    head: {
                        label: f"({cell!r}, {row.row}{end})"
                        for label, cell in zip(row.column_labels, line, strict=True)
                    }
                    for head, line in zip(row.row_labels, row.cells, strict=True)
                }
                text = ", ".join(
                    f"{head!r}: {{{', '.join(f'{label!r}: {cell}' for label, cell in line.items())}}}"
                    for head, line in cells.items()
                )
                grid = function.module.constant("GRID", f"{{{text}}}")
                labels = [self._label(name) for name in (row.by_rows, row.by_columns)]
                found = function.fresh("v")
                self.put(f"{found} = {grid}[{labels[0]}][{labels[1]}]")
                return TRUE, found, tuple(dict.fromkeys(cell for line in row.cells for cell in line))
            case _:
                assert_never(row)

    def _label(self, name: str) -> str:
        what: terms.What = "band" if name in self.function.world.bands else "decision"
        return self.function.things[what, name, self.function.shift].text

    def _rows_with_barred(
        self,
        decision: ir.Decision,
        rows: Sequence[tuple[Test, str, tuple[str, ...]]],
        gates: Sequence[tuple[ir.Gate, str]],
        chosen: str,
    ) -> None:
        """Row by row, remembering which matched and were barred."""
        function = self.function
        names = "{" + ", ".join(f"{gate.name!r}: {local}" for gate, local in gates) + "}"
        barred = function.fresh("v")
        self.put(f"{chosen} = None")
        self.put(f"{barred}: Any = ()")
        for (test, text, outcomes), row in zip(rows, decision.rows, strict=True):
            outcome = repr(outcomes[0]) if isinstance(row, ir.Choice) else f"{text}[0]"
            matches = all_of([Test(f"{chosen} is None"), test])
            with function.page.block(f"if {matches.text}:"):
                barring = function.fresh("v")
                self.put(f"{barring} = {function.module.call('barring')}({outcome}, {names})")
                self.put(f"if {barring}: {barred} += (({row.row}, {barring}),)")
                self.put(f"else: {chosen} = ({outcome}, {row.row}, {barred})")

    # -------------------------------------------------------------- chains

    def chain(self, branches: Sequence[tuple[Test, list[str]]], otherwise: list[str] | None = None) -> None:
        """`if`, `elif`, `else`. A branch is taken at most once, so that a long chain can be cut into several."""
        page = self.function.page
        live: list[tuple[Test, list[str]]] = []
        for test, lines in branches:
            if test == FALSE:
                continue
            if test == TRUE:
                otherwise = lines
                break
            live.append((test, lines))
        pieces = [live[at : at + LONGEST_CHAIN] for at in range(0, len(live), LONGEST_CHAIN)] or [[]]
        if len(pieces) > 1 and otherwise is not None:
            done = self.function.fresh("h")
            page.put(f"{done} = True")
            for at, piece in enumerate(pieces):
                with page.block(f"if {done}:"):
                    last = at == len(pieces) - 1
                    self._piece(
                        [(test, [*lines, f"{done} = False"]) for test, lines in piece], otherwise if last else None
                    )
            return
        for piece in pieces:
            self._piece(piece, otherwise)

    def _piece(self, branches: Sequence[tuple[Test, list[str]]], otherwise: list[str] | None) -> None:
        page = self.function.page
        if not branches:
            for line in otherwise or []:
                page.put(line)
            return
        word = "if"
        for test, lines in branches:
            self._branch(f"{word} {test.text}:", lines)
            word = "elif"
        if otherwise is not None and otherwise != ["pass"]:
            self._branch("else:", otherwise)

    def _branch(self, head: str, lines: Sequence[str]) -> None:
        page = self.function.page
        if len(lines) == 1:
            page.put(f"{head} {lines[0]}")
            return
        page.put(head)
        for line in lines:
            page.put(f"    {line}")


def _barred(text: str, outcomes: tuple[str, ...], gate: ir.Gate, local: str) -> Test:
    """Whether a gate bars what a row chooses."""
    barrable = {outcome for ban in gate.bans for outcome in ban.outcomes}
    if barrable.isdisjoint(outcomes):
        return FALSE
    if len(outcomes) == 1:
        return Test(local) if len(gate.bans) == 1 else Test(f"{outcomes[0]!r} in {local}")
    return all_of([Test(local), Test(f"{text}[0] in {local}")])


# ------------------------------------------------------------------ what rules can come to


def _is_plain(item: ir.Rule | ir.Group) -> bool:
    """A rule with written points and a condition."""
    return (
        isinstance(item, ir.Rule) and isinstance(item.points, int) and isinstance(item.trigger, ir.When | ir.Otherwise)
    )


def _written_points(rule: ir.Rule) -> tuple[int, int | None]:
    """Points after `at most N points`, and what they were before if that is something else."""
    points = rule.points
    assert isinstance(points, int)
    if rule.max_points is None or abs(points) <= rule.max_points:
        return points, None
    return (rule.max_points if points > 0 else -rule.max_points), points


def is_level(curve: ir.Curve) -> bool:
    """A curve that takes nothing away."""
    return (curve.shape == "keeping" and curve.percent == 1) or (curve.shape == "losing" and curve.percent == 0)


def value_text(ticks: int) -> str:
    return str(ticks) if ticks >= 0 else f"({ticks})"


def reach_of(items: Sequence[ir.Rule | ir.Group]) -> tuple[float, float]:
    """Between which ticks the sum of some items lies, roughly."""
    reaches = [_reach_of_item(item) for item in items]
    return sum(low for low, _ in reaches), sum(high for _, high in reaches)


def _reach_of_one(items: Sequence[ir.Rule | ir.Group]) -> tuple[float, float]:
    """Between which ticks lies what one of some items comes to, or nothing."""
    reaches = [_reach_of_item(item) for item in items]
    return min([0.0, *(low for low, _ in reaches)]), max([0.0, *(high for _, high in reaches)])


def _reach_of_item(item: ir.Rule | ir.Group) -> tuple[float, float]:
    if isinstance(item, ir.Group):
        low, high = reach_of(item.items) if item.kind == "sum" else _reach_of_one(item.items)
        if item.most is not None:
            low, high = min(low, item.most), min(high, item.most)
        if item.least is not None:
            low, high = max(low, item.least), max(high, item.least)
        if item.counting is not None:
            ends = (low * float(item.counting), high * float(item.counting))
            low, high = min(ends) - 1, max(ends) + 1
        return low, high
    most: float = MAX_TICKS if item.max_points is None else item.max_points
    if not isinstance(item.points, int):
        return -most, most
    times: float = 1
    match item.trigger:
        case ir.Each(once_ever=False, at_most=None):
            times = MAX_TICKS
        case ir.Each(once_ever=False, at_most=int(at_most), at_most_per=None):
            times = at_most
        case ir.Each(once_ever=False) | ir.Per():
            times = MAX_TICKS
        case _:
            pass
    end = min(most, abs(item.points) * times)
    return (0, end) if item.points >= 0 else (-end, 0)


# ------------------------------------------------------------------ rules that go together


def _runs(items: Sequence[ir.Rule | ir.Group]) -> Iterator[tuple[Sequence[ir.Rule | ir.Group], ir.FieldOf | None]]:
    """Items that follow each other, in runs: plain rules which all need one field, at least two of which would have to
    test that it is known (with the field); other plain rules; and every other item by itself."""
    fields = [_needed_fields(item) for item in items]
    tried: dict[ir.FieldOf, int] = {}
    start = at = 0
    while at < len(items):
        best: ir.FieldOf | None = None
        end = at
        for needed in fields[at]:
            if tried.get(needed, 0) > at:
                continue
            stop = at
            while stop < len(items) and needed in fields[stop]:
                stop += 1
            tried[needed] = stop
            if sum(fields[one][needed] for one in range(at, stop)) >= 2 and stop > end:
                best, end = needed, stop
        if best is None and _is_plain(items[at]):
            at += 1
            continue
        if start < at:
            yield items[start:at], None
        end = max(end, at + 1)
        yield items[at:end], best
        start = at = end
    if start < at:
        yield items[start:at], None


def _needed_fields(item: ir.Rule | ir.Group) -> dict[ir.FieldOf, int]:
    """The fields that must be known where a rule holds, each with the number of tests that this takes (0 or 1)."""
    if not _is_plain(item) or not isinstance(item, ir.Rule) or not isinstance(item.trigger, ir.When):
        return {}
    return {} if item.trigger.unless else needs(item.trigger.condition)


def _region_of(rule: ir.Rule) -> Region | None:
    """The region into which a rule places one value, if it does nothing else."""
    if rule.starts is not None or rule.ends is not None:
        return None
    if not isinstance(rule.trigger, ir.When) or rule.trigger.unless:
        return None
    return region_of(rule.trigger.condition)


def _rounded(function: Function, total: str, how: str, low: float) -> str:
    if how == "rounded up":
        return f"-(-{total} // 10000) * 10000"
    if how == "rounded down":
        return f"{total} // 10000 * 10000"
    if low >= 0:
        return f"({total} + 5000) // 10000 * 10000"
    return f"{function.module.call('divide')}({total}, 10000) * 10000"
