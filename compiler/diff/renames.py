"""Names that changed and nothing else: the new version is read under its old names, so that history goes on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from ...dsl import ir
from ..analysis.rewriting import rewritten
from ..version import canonical_part
from .forms import normal
from .sheets import edits_between, matched, taken_apart

Names: TypeAlias = Mapping[str, Mapping[str, str]]
"""For each kind of name (`field`, `rule`, ...), what a name of the new version was in the old one."""

TRIALS = 40


@dataclass(frozen=True, slots=True)
class Rename:
    """`kind` is `rule`, `group`, `field`, `event`, `score`, `band`, `decision` or `gate`. `declared`: the author says
    so (`renamed from`); else it is seen, because nothing else changed or far less did."""

    kind: str
    old: str
    new: str
    declared: bool = False


def renamed(old: ir.Program, new: ir.Program) -> tuple[ir.Program, tuple[Rename, ...]]:
    """The new program under its old names, and the names that changed."""
    found: list[Rename] = []
    trials = TRIALS
    distance: int | None = None
    for kind in ("score", "field", "event", "band", "decision", "gate"):
        gone, come = _unmatched(old, new, kind)
        for name in come:
            for before in gone:
                if trials == 0:
                    break
                trials -= 1
                if distance is None:
                    distance = _distance(old, new)
                tried = under_old_names(new, {kind: {name: before}})
                nearer = _distance(old, tried)
                # Of an input that is gone and one that is new two edits are saved in any case: it is another name only
                # where what reads them comes nearer too.
                if nearer < distance - (2 if kind in ("field", "event") else 1):
                    new, distance = tried, nearer
                    gone.remove(before)
                    found.append(Rename(kind, before, name))
                    break
    rules = _rules(old, new)
    if rules:
        new = under_old_names(new, {"rule": {one.new: one.old for one in rules}})
    return new, (*found, *rules)


def _distance(old: ir.Program, new: ir.Program) -> int:
    ours = taken_apart(old)
    return len(edits_between(ours, matched(ours, taken_apart(new))))


def _unmatched(old: ir.Program, new: ir.Program, kind: str) -> tuple[list[str], list[str]]:
    ours, theirs = _names(old, kind), _names(new, kind)
    return [name for name in ours if name not in theirs], [name for name in theirs if name not in ours]


def _names(program: ir.Program, kind: str) -> list[str]:
    if kind == "field":
        return [one.name for one in program.fields]
    return [one.name for one in getattr(program, f"{kind}s")]


def _rules(old: ir.Program, new: ir.Program) -> list[Rename]:
    ours, theirs = dict(_rules_of(old)), dict(_rules_of(new))
    gone = {name: rule for name, rule in ours.items() if name not in theirs}
    found: list[Rename] = []
    for name, rule in theirs.items():
        if name in ours:
            continue
        score = name.rpartition(".")[0]
        said = f"{score}.{rule.renamed_from}" if rule.renamed_from is not None else None
        if said is not None and said in gone:
            found.append(Rename("rule", said, name, True))
            del gone[said]
            continue
        form = _form(rule)
        same = [one for one, before in gone.items() if one.rpartition(".")[0] == score and _form(before) == form]
        if len(same) == 1:
            found.append(Rename("rule", same[0], name))
            del gone[same[0]]
    return found


def _form(rule: ir.Rule) -> str:
    return canonical_part(normal(replace(rule, name="", full_name="")))


def _rules_of(program: ir.Program) -> Iterator[tuple[str, ir.Rule]]:
    from ..reasons import members

    for score in program.scores:
        for item in members(score.items):
            if isinstance(item, ir.Rule):
                yield item.full_name, item


# ------------------------------------------------------------------ other names


def under_old_names(program: ir.Program, names: Names) -> ir.Program:
    made = rewritten(program, lambda part: _under_old_name(part, names))
    own = {kind: {**found} for kind, found in names.items()}
    scores, decisions, read = own.get("score", {}), own.get("decision", {}), own.get("field", {})
    return replace(
        made,
        declared_scores=tuple(scores.get(name, name) for name in program.declared_scores),
        declared_decisions=tuple(decisions.get(name, name) for name in program.declared_decisions),
        reads=tuple(read.get(name, name) for name in program.reads),
    )


def _under_old_name(part: Any, names: Names) -> Any:
    """A part of a program that has, or reads, a name that has changed."""

    def was(kind: str, name: str) -> str:
        return names.get(kind, {}).get(name, name)

    match part:
        case ir.Field(name=name, column=column):
            return replace(part, name=was("field", name), column=was("field", name) if column == name else column)
        case ir.FieldOf(name=name):
            return replace(part, name=was("field", name))
        case ir.EventKind(name=name, source=source):
            return replace(part, name=was("event", name), source=was("event", name) if source == name else source)
        case ir.Events(kinds=kinds, resets=resets):
            kinds, resets = (tuple(sorted(was("event", one) for one in some)) for some in (kinds, resets))
            return replace(part, kinds=kinds, resets=resets)
        case ir.Happening(kind=kind):
            return replace(part, kind=was("event", kind))
        case ir.Score(name=name) | ir.ScoreOf(name=name):
            return replace(part, name=was("score", name))
        case ir.LeadsOf(score=name):
            return replace(part, score=was("score", name))
        case ir.Rule(full_name=full) | ir.Group(full_name=full):
            score, _, own = was("rule", full).rpartition(".")
            return replace(part, name=own, full_name=f"{was('score', score)}.{own}")
        case ir.Band(name=name, score=score):
            return replace(part, name=was("band", name), score=was("score", score))
        case ir.BandOf(name=name):
            return replace(part, name=was("band", name))
        case ir.Grid(by_rows=one, by_columns=other):
            return replace(part, by_rows=was("band", one), by_columns=was("band", other))
        case ir.Decision(name=name) | ir.DecisionOf(name=name):
            return replace(part, name=was("decision", name))
        case ir.Gate(name=name):
            return replace(part, name=was("gate", name))
        case ir.Alert(watched=name):
            return replace(part, watched=was("score", was("band", was("decision", name))))
        case ir.Show(names=tuple() as shown):
            return replace(part, names=tuple(was("score", was("band", was("decision", name))) for name in shown))
        case ir.Monotone(event=event, field=higher, score=score):
            return replace(
                part,
                event=None if event is None else was("event", event),
                field=None if higher is None else was("field", higher),
                score=was("score", score),
            )
        case ir.Test(lead=lead):
            return replace(part, lead=tuple((was("field", name), value) for name, value in lead))
        case ir.Expectation(rule=str() as rule):
            return replace(part, rule=was("rule", rule))
        case _:
            return part
