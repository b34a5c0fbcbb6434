"""What a change means for leads: its class, decided and never guessed, with the evidence for it.

A class has two halves. That something differs is shown by a lead, scored with both versions. That nothing worse differs
is proved: by equal normal forms, or by the analysis of all possible leads. Where the second half is open, it is said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Literal, TypeAlias

from ...dsl import ir
from ..analysis.answers import Impossible, Possible, Witness
from ..analysis.claims import Bars, Was, band_is, either, outcome_is
from ..reading import parts
from ..semver import Bump
from ..version import fingerprint
from .changes import Change, Comparison, Side, apply, compare
from .forms import Forms
from .pairs import Difference, Output, Pair, difference
from .search import Focus, Found, search, smallest


class Class(Enum):
    """What a change can do to a lead, the harmless first."""

    COSMETIC = "cosmetic"
    """layout, comments, the order of independent things: nothing differs"""
    METADATA = "metadata"
    """words for people, tests, alerts, inputs that may be there and need not"""
    REFACTOR = "refactor"
    """other rules, proved to give every lead the same, to the last line"""
    EXPLANATION = "explanation"
    """the same scores, bands and outcomes; other lines in the account of a score, or an output more"""
    SCORE = "score-only"
    """scores differ, and no lead changes its band or its outcome"""
    UNDECIDED = "undecided"
    """neither a lead that changes its band or outcome was found, nor a proof that there is none; counts as `band`"""
    BAND = "band"
    """some lead changes its band or its outcome"""
    TIGHTENED = "gate-tightened"
    """some lead is stopped that was not"""
    LOOSENED = "gate-loosened"
    """some lead that was stopped no longer is"""
    CONTRACT = "contract"
    """what other programs hold on to: inputs, names, labels, scales, the basis of time"""

    @property
    def rank(self) -> int:
        return _RANKS[self]

    @property
    def bump(self) -> Bump:
        """How far the version has to go for it."""
        match self:
            case Class.COSMETIC:
                return Bump.NONE
            case Class.METADATA | Class.REFACTOR:
                return Bump.PATCH
            case Class.CONTRACT:
                return Bump.MAJOR
            case _:
                return Bump.MINOR


_RANKS = {one: number for number, one in enumerate(Class)}
CLASSES = {one.value: one for one in Class}


class Evidence(Enum):
    PROVED = "proved"
    """both halves: shown by a lead (or by the rules of contracts), and nothing worse is possible"""
    BOUNDED = "bounded"
    """it is at most this: something more harmless may be the truth"""
    OBSERVED = "observed"
    """shown by a lead; whether something worse is possible too was not decided"""
    OPEN = "not decided"
    """no lead was found, and no proof"""


Direction: TypeAlias = Literal["up", "down", "other"]


@dataclass(frozen=True)
class Moved:
    """A lead that gets something else: from what to what, which way (`up` is to a higher score or a better row), and
    the changes that it takes, as few as possible (places in `Report.findings`)."""

    difference: Difference
    direction: Direction
    lead: Witness
    because: tuple[int, ...] = ()


@dataclass(frozen=True)
class Finding:
    """A change, what it means and how that is known. `moved` is a lead that shows it. `together`: it does so only with
    other changes, whose places in `Report.findings` these are."""

    change: Change
    klass: Class
    evidence: Evidence
    moved: Moved | None = None
    together: tuple[int, ...] = ()

    @property
    def bump(self) -> Bump:
        return self.klass.bump


@dataclass(frozen=True)
class Version:
    """Which policy one side is; its whole fingerprint, of which people are shown the beginning."""

    name: str
    version: str
    fingerprint: str


@dataclass(frozen=True)
class Report:
    """All that differs between two versions of a policy.

    `klass` is what they do together, and needs `bump`; `moved` has a lead for every output that differs; `same` are the
    outputs of which it is proved that no lead gets another one; `undecided` those for which neither was found.
    `comparison` can make the versions between the two.
    """

    old: Version
    new: Version
    klass: Class
    evidence: Evidence
    findings: tuple[Finding, ...]
    moved: tuple[Moved, ...] = ()
    same: tuple[Output, ...] = ()
    undecided: tuple[Output, ...] = ()
    comparison: Comparison | None = field(default=None, repr=False, compare=False)

    @property
    def equal(self) -> bool:
        """Proved equal: every lead gets the same from both, and nothing else differs but the layout."""
        return not self.findings

    @property
    def bump(self) -> Bump:
        return self.klass.bump

    @property
    def loosened(self) -> tuple[Finding, ...]:
        """What lets leads pass that were stopped: each needs somebody's approval, by its fingerprint."""
        return tuple(one for one in self.findings if one.klass is Class.LOOSENED)


@dataclass(frozen=True)
class Effort:
    """How many leads are tried for both versions as they are, and for each change by itself; and how many changes are
    looked at one by one. `prove` asks the analysis of all possible leads, where a question is open."""

    leads: int = 3000
    leads_each: int = 500
    changes: int = 60
    prove: bool = True


USUAL = Effort()


def classified(old: Side, new: Side, effort: Effort = USUAL) -> Report:
    """What changed from `old` to `new`, and what it means for leads."""
    comparison = compare(old, new)
    ours, theirs = _version(old.program), _version(new.program)
    if not comparison.changes:
        return Report(ours, theirs, Class.COSMETIC, Evidence.PROVED, (), comparison=comparison)
    return _Judge(comparison, effort).report(ours, theirs)


def _version(program: ir.Program) -> Version:
    return Version(program.name, program.version, fingerprint(program))


# ------------------------------------------------------------------ contracts, by rule


def by_rule(change: Change, comparison: Comparison) -> Class | None:
    """The class of a change that is a matter of names and types; None where leads have to decide it."""
    kind, area, aspect = change.kind, change.area, change.aspect
    touched = {edit.key[0] for edit in change.edits}
    of = area if area in touched or not touched else min(touched)
    if aspect == "label" and area not in ("band row",):
        return Class.METADATA
    match area:
        case "policy":
            return Class.METADATA if aspect in ("owner", "version", "effective", "label") else Class.CONTRACT
        case "alert" | "audience" | "promise" | "test" | "outcome" | "library":
            return Class.METADATA
        case "field" | "event":
            return _of_input(change, comparison, of)
        case "score" | "band" | "decision" | "account" if of == area or kind == "renamed":
            return _of_output(change, area, aspect)
        case "band row":
            return Class.CONTRACT if kind in ("added", "removed") else None
        case "decision":
            return Class.CONTRACT if _outcomes_differ(change, comparison) else None
        case "gate":
            return Class.METADATA if kind == "renamed" else None
        case "rule" | "group" if kind == "renamed":
            declared = any(one.declared for one in comparison.renames if one.old == change.name)
            return Class.METADATA if declared else Class.EXPLANATION
        case _:
            return None


def _of_input(change: Change, comparison: Comparison, of: str) -> Class:
    if change.kind == "renamed" or change.aspect in ("column", "source", "type", "kind"):
        return Class.CONTRACT
    if change.kind == "removed":
        return Class.METADATA
    if change.kind == "added":
        required = any(one.required for one in comparison.renamed.fields if one.name == change.name)
        return Class.CONTRACT if required and of == "field" else Class.METADATA
    before, after = (_field(program, change) for program in (comparison.old, comparison.renamed))
    if before is None or after is None:
        return Class.CONTRACT
    if change.aspect == "required":
        return Class.CONTRACT if after.required else Class.METADATA
    if after.values is None:
        return Class.METADATA
    return Class.METADATA if before.values is not None and set(before.values) <= set(after.values) else Class.CONTRACT


def _field(program: ir.Program, change: Change) -> ir.Field | None:
    event, _, name = change.name.rpartition(".")
    if not event:
        return next((one for one in program.fields if one.name == name), None)
    of = next((one for one in program.events if one.name == event), None)
    return next((one for one in of.properties if one.name == name), None) if of is not None else None


def _of_output(change: Change, area: str, aspect: str) -> Class | None:
    if change.kind in ("removed", "renamed"):
        return Class.CONTRACT
    if change.kind == "added":
        return Class.EXPLANATION
    if (area, aspect) in (("score", "range"), ("score", "rounding"), ("band", "otherwise"), ("account", "key")):
        return Class.CONTRACT
    return None


def _outcomes_differ(change: Change, comparison: Comparison) -> bool:
    """Whether a change of a decision brings an outcome that it had not, or takes the last place of one."""
    ours, theirs = (
        {one.name: set(one.outcomes) for one in _decisions(program)} for program in (comparison.old, comparison.renamed)
    )
    name = change.name
    differ = ours.get(name, set()) ^ theirs.get(name, set())
    return bool(differ) and bool(differ & set(comparison.values_of(change)))


def _decisions(program: ir.Program) -> tuple[ir.Decision, ...]:
    return (*program.decisions, *(program.account.decisions if program.account is not None else ()))


# ------------------------------------------------------------------ leads, by proof and by search


_WORST: Mapping[str, Class] = {
    "lines": Class.EXPLANATION,
    "score": Class.SCORE,
    "band": Class.BAND,
    "decision": Class.BAND,
    "tightened": Class.TIGHTENED,
    "loosened": Class.LOOSENED,
    "account": Class.BAND,
}


@dataclass
class Verdict:
    """What is known about two versions: outputs proved the same (`bounded`: by outer bounds), differences with a lead,
    and what is open."""

    same: dict[Output, bool] = field(default_factory=dict)
    found: Found = field(default_factory=dict)
    open: list[Output] = field(default_factory=list)

    def decided(self) -> tuple[Class, Evidence]:
        """The class that leads give it, and how that is known."""
        worst = max((_WORST[one.what] for one in self.found), key=lambda one: one.rank, default=Class.REFACTOR)
        left = max((_WORST[one.what] for one in self.open), key=lambda one: one.rank, default=Class.COSMETIC)
        if left.rank <= worst.rank:
            return worst, Evidence.PROVED
        if worst.rank >= Class.BAND.rank:
            return worst, Evidence.OBSERVED
        if left is Class.EXPLANATION or (left is Class.SCORE and worst is not Class.SCORE):
            return left, Evidence.BOUNDED
        return Class.UNDECIDED, Evidence.OPEN


def judged(pair: Pair, leads: int, focus: Focus, seeds: Iterable[Witness] = (), prove: Prover | None = None) -> Verdict:
    """What is the same, what differs, and what is open between two versions."""
    verdict = Verdict()
    ours, theirs = Forms(pair.old), Forms(pair.new)
    wanted = []
    for output in pair.outputs:
        same = _same_accounts(pair.old, pair.new) if output.what == "account" else _same_form(output, ours, theirs)
        if same:
            verdict.same[output] = True
        else:
            wanted.append(output)
    if not wanted:
        return verdict
    verdict.found = search(pair, wanted, leads, focus, seeds)
    for output in wanted:
        if output in verdict.found:
            continue
        answer = prove(pair, output) if prove is not None else None
        match answer:
            case Impossible(exact=exact):
                verdict.same[output] = exact
            case Possible(witness=lead) if (shown := difference(output, *pair.results(lead))) is not None:
                verdict.found[output] = (shown, lead)
                for other in pair.differences(lead):  # a lead that moves one often moves those that read it
                    if other.output in wanted:
                        verdict.found.setdefault(other.output, (other, lead))
            case _:
                verdict.open.append(output)
    return verdict


def _same_form(output: Output, ours: Forms, theirs: Forms) -> bool:
    match output.what:
        case "lines":
            return ours.account_of(output.name) == theirs.account_of(output.name)
        case "score":
            return ours.score(output.name) == theirs.score(output.name)
        case "band":
            return ours.band(output.name) == theirs.band(output.name)
        case "decision":
            return ours.decision(output.name) == theirs.decision(output.name)
        case "tightened":  # nothing bars it that did not
            return theirs.barring(output.name) <= ours.barring(output.name)
        case "loosened":
            return ours.barring(output.name) <= theirs.barring(output.name)
        case _:
            return False


def _same_accounts(old: ir.Program, new: ir.Program) -> bool:
    if old.account is None or new.account is None:
        return True
    ours, theirs = Forms(old, account=True), Forms(new, account=True)
    if ours.membership() != theirs.membership():
        return False
    return all(
        getattr(ours, kind)(name) == getattr(theirs, kind)(name)
        for kind in ("score", "band", "gate", "decision")
        for name in getattr(ours, f"{kind}s")
        if name in getattr(theirs, f"{kind}s")
    )


Prover: TypeAlias = Callable[[Pair, Output], Any]


def prover() -> Prover:
    """Asks the analysis of all possible leads."""
    from ..analysis.study import DIFF, Study, study

    studies: dict[int, tuple[Pair, Study]] = {}

    def prove(pair: Pair, output: Output) -> Any:
        if id(pair) not in studies:
            studies[id(pair)] = (pair, study(pair.new, old=pair.old, budget=DIFF))
        claim = claim_of(output, pair)
        return None if claim is None else studies[id(pair)][1].can_be(claim)

    return prove


def claim_of(output: Output, pair: Pair) -> ir.Expr | None:
    """That an output differs, as a claim about a lead; None where the analysis has no words for it."""
    flag, name = ir.Kind.FLAG, output.name

    def not_(claim: Any) -> ir.Expr:
        return ir.Not(flag, claim)

    def both(*claims: Any) -> ir.Expr:
        return ir.And(flag, claims)

    match output.what:
        case "score":
            score = ir.ScoreOf(ir.Kind.EXACT, name)
            was: Any = Was(score)
            missing, was_missing = ir.IsMissing(flag, score), ir.IsMissing(flag, was)
            return either(
                [ir.Compare(flag, "!=", was, score), both(missing, not_(was_missing)), both(was_missing, not_(missing))]
            )
        case "band":
            labels = next(one.labels for one in pair.old.bands if one.name == name)
            return either(both(Was(band_is(name, one)), not_(band_is(name, one))) for one in labels)
        case "decision":
            outcomes = next(one.outcomes for one in pair.old.decisions if one.name == name)
            return either(both(Was(outcome_is(name, one)), not_(outcome_is(name, one))) for one in outcomes)
        case "tightened" | "loosened":
            is_ = either(Bars(gate, name) for gate in _barring(pair.new, name))
            was_ = either(Was(Bars(gate, name)) for gate in _barring(pair.old, name))  # type: ignore[arg-type]
            return both(not_(was_), is_) if output.what == "tightened" else both(was_, not_(is_))
        case _:
            return None


def _barring(program: ir.Program, outcome: str) -> list[str]:
    return [gate.name for gate in program.gates if any(outcome in ban.outcomes for ban in gate.bans)]


# ------------------------------------------------------------------ the report


class _Judge:
    """Judges one comparison. (A class, because what was made of each choice of changes is kept.)"""

    def __init__(self, comparison: Comparison, effort: Effort) -> None:
        self.comparison, self.effort = comparison, effort
        self.changes = comparison.changes
        self.prove = prover() if effort.prove else None
        self.pairs: dict[frozenset[int], Pair | None] = {}
        self.rules = [by_rule(change, comparison) for change in self.changes]
        self.acting = [at for at, klass in enumerate(self.rules) if klass is None]
        self.whole = Pair(comparison.old, comparison.renamed)
        self.near: list[Witness] = []
        """leads that one change moved over a limit: near it, they are good to begin with for the others"""

    def report(self, old: Version, new: Version) -> Report:
        behaves = [at for at, change in enumerate(self.changes) if change.edits]
        verdict = judged(self.whole, self.effort.leads, self._focus(behaves), (), self.prove)
        effects = {output: self._moved(output, *found) for output, found in verdict.found.items()}
        klass, evidence = (
            verdict.decided() if self.acting or verdict.found or verdict.open else (Class.COSMETIC, Evidence.PROVED)
        )
        ruled = max((one for one in self.rules if one is not None), key=lambda one: one.rank, default=Class.COSMETIC)
        findings = tuple(self._finding(at, effects, klass, evidence) for at in range(len(self.changes)))
        if ruled.rank > klass.rank:
            open_above = evidence in (Evidence.OBSERVED, Evidence.OPEN) and ruled is not Class.CONTRACT
            klass, evidence = ruled, Evidence.OBSERVED if open_above else Evidence.PROVED
        return Report(
            old,
            new,
            klass,
            evidence,
            findings,
            tuple(effects[output] for output in self.whole.outputs if output in effects),
            tuple(verdict.same),
            tuple(verdict.open),
            self.comparison,
        )

    def _focus(self, numbers: Iterable[int]) -> Focus:
        fields, events = set[str](), set[str]()
        for at in numbers:
            for value in self.comparison.parts_of(self.changes[at]):
                for node in parts(value):
                    match node:
                        case ir.FieldOf(name=name):
                            fields.add(name)
                        case ir.Events(kinds=kinds):
                            events |= {*kinds}
                        case _:
                            pass
                if isinstance(value, tuple) and value and all(isinstance(one, str) for one in value):
                    events |= {*value}
        return Focus(frozenset(fields), frozenset(events))

    def _moved(self, output: Output, shown: Difference, lead: Witness) -> Moved:
        lead = smallest(self.whole, lead, shown)
        return Moved(shown, direction(shown, self.comparison.renamed), lead, self._because(shown, lead))

    # -------------------------------------------------------------- which changes it takes

    def _pair(self, chosen: frozenset[int]) -> Pair | None:
        """The old version beside the one with some changes; None where they make no policy."""
        if chosen not in self.pairs:
            if len(chosen) == len(self.changes):
                self.pairs[chosen] = self.whole
            else:
                made = apply(self.comparison, (self.changes[at] for at in chosen))
                self.pairs[chosen] = None if made is None else Pair(self.comparison.old, made)
        return self.pairs[chosen]

    def _shows(self, chosen: frozenset[int], shown: Difference, lead: Witness) -> bool:
        pair = self._pair(chosen)
        if pair is None:
            return False
        for found in pair.differences(lead, lines=shown.output.what == "lines"):
            if found.output == shown.output:
                return shown.output.what in ("score", "lines") or found.after == shown.after
        return False

    def _because(self, shown: Difference, lead: Witness) -> tuple[int, ...]:
        """As few changes as still move this lead: one if one does, else without all that can be left out."""
        able = [at for at, change in enumerate(self.changes) if change.edits]
        for at in able:
            for chosen in (frozenset({at}), self._with_needs(at)):
                if self._shows(chosen, shown, lead):
                    return self._acting(chosen)
        left = frozenset(able)
        if len(able) > self.effort.changes:
            return ()
        for at in able:
            if self._shows(left - {at}, shown, lead):
                left -= {at}
        return self._acting(left)

    def _acting(self, chosen: frozenset[int]) -> tuple[int, ...]:
        """Without the fields and events that the others need only to be there."""
        acting = tuple(sorted(at for at in chosen if self.changes[at].area not in ("field", "event")))
        return acting or tuple(sorted(chosen))

    def _with_needs(self, at: int) -> frozenset[int]:
        """A change with those that make what it may read."""
        needs = ("field", "event", "score", "band", "decision")
        new = {n for n, change in enumerate(self.changes) if change.kind == "added" and change.area in needs}
        return frozenset({at, *new})

    # -------------------------------------------------------------- one change

    def _finding(self, at: int, effects: Mapping[Output, Moved], whole: Class, evidence: Evidence) -> Finding:
        change, ruled = self.changes[at], self.rules[at]
        takes_part = [moved for moved in effects.values() if at in moved.because]
        joint = max(takes_part, key=lambda moved: _WORST[moved.difference.output.what].rank, default=None)
        if ruled is not None:
            # What it does to leads besides is shown with it.
            return Finding(change, ruled, Evidence.PROVED, joint)
        if at not in self.acting[: self.effort.changes]:
            return Finding(change, whole, Evidence.OPEN, joint)
        alone = self._alone(at, [moved.lead for moved in effects.values()])
        klass, known = alone[0].decided() if alone is not None else (Class.REFACTOR, Evidence.OPEN)
        if alone is None and joint is None:
            klass = whole
        moved = joint
        if joint is not None and _WORST[joint.difference.output.what].rank >= klass.rank:
            klass, known = (
                _WORST[joint.difference.output.what],
                known if known is Evidence.PROVED else Evidence.OBSERVED,
            )
        elif alone is not None and alone[0].found:
            moved = self._shown_alone(at, alone, klass)
        if klass.rank > whole.rank and evidence is Evidence.PROVED:
            klass, known = whole, Evidence.PROVED  # by itself it would do more; the other changes make up for it
        together = tuple(one for one in moved.because if one != at) if moved is not None and moved is joint else ()
        return Finding(change, klass, known, moved, together)

    def _alone(self, at: int, seeds: Sequence[Witness]) -> tuple[Verdict, Pair] | None:
        for chosen in (frozenset({at}), self._with_needs(at)):
            pair = self._pair(chosen)
            if pair is not None:
                seeds = [*seeds, *self.near[-40:]]
                verdict = judged(pair, self.effort.leads_each, self._focus([at]), seeds, self.prove)
                over = {id(lead): lead for found, (_, lead) in verdict.found.items() if found.what == "band"}
                self.near.extend(over.values())
                return verdict, pair
        return None

    def _shown_alone(self, at: int, alone: tuple[Verdict, Pair], klass: Class) -> Moved | None:
        verdict, pair = alone
        output = max(verdict.found, key=lambda one: _WORST[one.what].rank)
        shown, lead = verdict.found[output]
        return Moved(shown, direction(shown, self.comparison.renamed), smallest(pair, lead, shown), (at,))


def direction(shown: Difference, program: ir.Program) -> Direction:
    """Up is to a higher score, or to a row further up."""
    before, after = shown.before, shown.after
    if isinstance(before, int) and isinstance(after, int):
        return "up" if after > before else "down"
    if shown.output.what == "band":
        labels = next((one.labels for one in program.bands if one.name == shown.output.name), ())
        if before in labels and after in labels:
            return "up" if labels.index(str(after)) < labels.index(str(before)) else "down"
    return "other"


def replays(moved: Moved, old: ir.Program, new: ir.Program) -> bool:
    """Whether both versions give the lead what is said of it."""
    return moved.difference in Pair(old, new).differences(moved.lead)
