"""Normal forms: two things with the same form are worth the same for every lead, whatever words they are written in.

Every rewriting here is exact, also where something is missing: `not (x < 5)` is unknown exactly where `x >= 5` is. The
form of a score, a band, a gate or a decision holds the forms of all that it reads, so that equal forms are a proof.
"""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import Any

from ...dsl import ir, values
from ...dsl.values import TICKS
from ..analysis.rewriting import rewritten
from ..reading import parts
from ..version import canonical_part

FLAG = ir.Kind.FLAG
_OPPOSITE: dict[str, ir.Sign] = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
_TURNED: dict[str, ir.Sign] = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_WHOLE = ir.CountOf | ir.SinceEvent | ir.SinceInstant | ir.PathTime | ir.LeadsCount
"""Always whole numbers, so that `> 2` is `>= 3`."""


# ------------------------------------------------------------------ expressions


def normal(part: Any) -> Any:
    """A part of a program with all expressions in it in their normal form."""
    return rewritten(part, _normal)


def _normal(made: Any) -> Any:
    """The same for a part in which everything is in its normal form already."""
    match made:
        case ir.Not(item=item):
            return _negated(item)
        case ir.And(items=items):
            return _joined(ir.And, items)
        case ir.Or(items=items):
            return _joined(ir.Or, items)
        case ir.Compare():
            return _compared(made)
        case ir.When(condition=condition, unless=True) if _always_known(condition):
            return ir.When(_negated(condition))
        case _:
            return made


def _negated(item: Any) -> Any:
    match item:
        case ir.Not(item=inner):
            return inner
        case ir.And(items=items):
            return _joined(ir.Or, tuple(_negated(one) for one in items))
        case ir.Or(items=items):
            return _joined(ir.And, tuple(_negated(one) for one in items))
        case ir.Compare(sign=sign, left=left, right=right):
            return _compared(ir.Compare(FLAG, _OPPOSITE[sign], left, right))
        case ir.Const(value=bool() as value):
            return ir.Const(FLAG, not value)
        case _:
            return ir.Not(FLAG, item)


def _joined(kind: type[ir.And] | type[ir.Or], items: tuple[Any, ...]) -> Any:
    flat = [one for item in items for one in (item.items if isinstance(item, kind) else (item,))]
    neutral = kind is ir.And
    if any(isinstance(one, ir.Const) and one.value is (not neutral) for one in flat):
        return ir.Const(FLAG, not neutral)
    flat = [one for one in flat if not (isinstance(one, ir.Const) and one.value is neutral)]
    flat = _sets_joined(flat, negated=neutral)
    ordered = list(dict(sorted((canonical_part(one), one) for one in flat)).values()) if len(flat) > 1 else flat
    if not ordered:
        return ir.Const(FLAG, neutral)
    return ordered[0] if len(ordered) == 1 else kind(FLAG, tuple(ordered))


def _sets_joined(items: list[Any], negated: bool) -> list[Any]:
    """`x in A or x in B` is `x in A and B together`; and of `not in` with `and`, the same."""
    rest: list[Any] = []
    sets: dict[str, tuple[Any, set[Any]]] = {}
    for item in items:
        inner = item.item if negated and isinstance(item, ir.Not) else item
        if isinstance(inner, ir.InSet) and (inner is not item) == negated:
            text = canonical_part(inner.item)
            sets.setdefault(text, (inner.item, set()))[1].update(inner.values)
        else:
            rest.append(item)
    made: list[Any] = [ir.InSet(FLAG, item, tuple(sorted(found))) for item, found in sets.values()]
    return [*rest, *(ir.Not(FLAG, one) for one in made)] if negated else [*rest, *made]


def _compared(made: ir.Compare) -> Any:
    sign, left, right = made.sign, made.left, made.right
    if isinstance(left, ir.Const) and not isinstance(right, ir.Const):
        sign, left, right = _TURNED[sign], right, left
    if not isinstance(right, ir.Const) or right.value is None:
        if sign in (">", ">="):
            sign, left, right = _TURNED[sign], right, left
        return ir.Compare(FLAG, sign, left, right)
    if left.kind is FLAG and sign in ("==", "!="):
        return left if right.value is (sign == "==") else _negated(left)
    if sign in ("==", "!=") and left.kind is right.kind and left.kind in (ir.Kind.TEXT, ir.Kind.NUMBER, ir.Kind.LABEL):
        among = ir.InSet(FLAG, left, (right.value,))  # type: ignore[arg-type]
        return among if sign == "==" else ir.Not(FLAG, among)
    if isinstance(left, _WHOLE) and right.kind is ir.Kind.EXACT and isinstance(right.value, int):
        whole, rest = divmod(right.value, TICKS)
        if sign in (">", "<="):
            return ir.Compare(FLAG, ">=" if sign == ">" else "<", left, replace(right, value=(whole + 1) * TICKS))
        if sign in (">=", "<"):
            return ir.Compare(FLAG, sign, left, replace(right, value=(whole + bool(rest)) * TICKS))
    return ir.Compare(FLAG, sign, left, right)


def _always_known(item: Any) -> bool:
    """Whether a condition is never unknown."""
    match item:
        case ir.Occurs() | ir.IsMissing():
            return True
        case ir.And(items=items) | ir.Or(items=items):
            return all(_always_known(one) for one in items)
        case ir.Not(item=inner):
            return _always_known(inner)
        case ir.InSet(item=inner) | ir.Compare(left=inner, right=ir.Const()):
            return isinstance(inner, ir.BandOf | ir.DecisionOf | ir.CountOf)
        case _:
            return False


# ------------------------------------------------------------------ scores


def _plain_items(items: tuple[ir.Rule | ir.Group, ...], named: bool, sums: bool) -> tuple[Any, ...]:
    """Members without words, groups that limit nothing opened; without names unless they are asked for."""
    found: list[Any] = []
    for item in items:
        if isinstance(item, ir.Rule):
            name = item.full_name if named else ""
            found.append(replace(item, name="", full_name=name, label="", renamed_from=None))
            continue
        counting = None if item.counting == 1 else item.counting
        inner = _plain_items(item.items, named, item.kind == "sum")
        limits = (item.most, item.least, counting)
        if limits == (None, None, None) and ((item.kind == "sum" and sums) or len(inner) == 1):
            found.extend(inner)
            continue
        name = item.full_name if named and limits != (None, None, None) else ""
        found.append(replace(item, name="", full_name=name, label="", counting=counting, items=inner))
    return tuple(sorted(found, key=canonical_part)) if sums else tuple(found)


class Forms:
    """The forms of everything that a policy says about a lead (or, with `account`, about an account)."""

    def __init__(self, program: ir.Program, account: bool = False) -> None:
        home: Any = program.account if account else program
        self.program = program
        self.zone = program.timezone
        self.scores: dict[str, ir.Score] = {one.name: one for one in (home.scores if home is not None else ())}
        self.bands: dict[str, ir.Band] = {one.name: one for one in (home.bands if home is not None else ())}
        self.gates: dict[str, ir.Gate] = {one.name: one for one in (home.gates if home is not None else ())}
        self.decisions: dict[str, ir.Decision] = {one.name: one for one in (home.decisions if home is not None else ())}
        self.of_leads = Forms(program) if account else None
        self.made: dict[tuple[str, str], str] = {}

    def score(self, name: str) -> str:
        """The value of a score."""
        return self._once("score", name, lambda: self._score(self.scores[name], named=False))

    def account_of(self, name: str) -> str:
        """The value of a score and every line that adds up to it."""
        return self._once("lines", name, lambda: self._score(self.scores[name], named=True))

    def band(self, name: str) -> str:
        return self._once("band", name, lambda: self._band(self.bands[name]))

    def gate(self, name: str) -> str:
        return self._once("gate", name, lambda: self._part("gate", self.gates[name].bans))

    def decision(self, name: str) -> str:
        return self._once("decision", name, lambda: self._decision(self.decisions[name]))

    def barring(self, outcome: str) -> frozenset[str]:
        """All that can bar an outcome, each line by itself: it is barred if one of them holds."""
        bans = [ban for gate in self.gates.values() for ban in gate.bans if outcome in ban.outcomes]
        return frozenset(self._part("ban", ban.trigger) for ban in bans)

    def membership(self) -> str:
        """Which leads an account counts, by what."""
        account = self.program.account
        assert account is not None
        return (self.of_leads or self)._part("account", (account.key, account.where))

    def _once(self, what: str, name: str, make: Any) -> str:
        key = (what, name)
        if key not in self.made:
            self.made[key] = "in a circle"
            self.made[key] = sha256(make().encode()).hexdigest()
        return self.made[key]

    def _score(self, score: ir.Score, named: bool) -> str:
        score = normal(score)
        low = -values.MAX_TICKS if score.low is None else score.low
        high = values.MAX_TICKS if score.high is None else score.high
        items = _plain_items(score.items, named, sums=True)
        bounds = (*sorted(map(canonical_part, score.floors)), "", *sorted(map(canonical_part, score.caps)))
        numbers = (low, high, score.rounding, score.start, score.body, items, score.silence)
        name = score.name if named else ""
        return name + canonical_part(numbers) + "".join(bounds) + self._read(score)

    def _band(self, band: ir.Band) -> str:
        labels = ",".join(band.labels)
        return self._part("band", band.rows) + labels + self.score(band.score)

    def _decision(self, decision: ir.Decision) -> str:
        rows = tuple(replace(row, row=0) for row in decision.rows)
        barred = "".join(f"{outcome}:{sorted(self.barring(outcome))};" for outcome in sorted(decision.outcomes))
        grids = [name for row in rows if isinstance(row, ir.Grid) for name in (row.by_rows, row.by_columns)]
        return self._part("decision", rows) + barred + "".join(map(self.band, grids))

    def _part(self, what: str, part: Any) -> str:
        part = normal(part)
        return f"{what}:{canonical_part(part)}{self._read(part)}"

    def _read(self, part: Any) -> str:
        """The forms of all that a part reads, each once."""
        found: dict[str, None] = {}
        for node in parts(part):
            match node:
                case ir.ScoreOf(name=name) if name in self.scores:
                    found[f"score {name} {self.score(name)}"] = None
                case ir.BandOf(name=name) if name in self.bands:
                    found[f"band {name} {self.band(name)}"] = None
                case ir.DecisionOf(name=name) if name in self.decisions:
                    found[f"decision {name} {self.decision(name)}"] = None
                case ir.LeadsOf(score=name) if self.of_leads is not None and name in self.of_leads.scores:
                    found[f"leads {name} {self.of_leads.score(name)}"] = None
                case ir.LeadsCount(where=where) if self.of_leads is not None and where is not None:
                    found[f"count {self.of_leads._read(where)}"] = None
                case ir.FieldOf(kind=kind, name=name):
                    found[f"field {name} {kind}"] = None
                case _:
                    pass
        return f"[{self.zone}]" + ";".join(sorted(found))
