"""Two versions that score the same lead: what differs between their results."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple, TypeAlias

from ...dsl import ir
from ...dsl.result import Evaluation, Line
from ..analysis.answers import Witness
from ..engines import python

What: TypeAlias = Literal["lines", "score", "band", "decision", "tightened", "loosened", "account"]


class Output(NamedTuple):
    """Something that a policy says of a lead: a score, the lines of a score, a band, a decision; or for an outcome that
    leads are stopped who were not (`tightened`), or no longer are (`loosened`)."""

    what: What
    name: str


class Difference(NamedTuple):
    """An output that differs for one lead: what it was, what it is. Scores in ticks."""

    output: Output
    before: str | int | None
    after: str | int | None


@dataclass(frozen=True)
class Pair:
    """Both versions with the names of the old one. What only one of them has is no difference that a lead shows."""

    old: ir.Program
    new: ir.Program

    @cached_property
    def fields(self) -> tuple[ir.Field, ...]:
        """The fields of both. A value is one that both versions take; a field of two types is always missing."""
        ours = {one.name: one for one in self.old.fields}
        theirs = {one.name: one for one in self.new.fields}
        return tuple(
            one for name in {**ours, **theirs} if (one := _shared(ours.get(name), theirs.get(name))) is not None
        )

    @cached_property
    def events(self) -> tuple[ir.EventKind, ...]:
        ours = {one.name: one for one in self.old.events}
        theirs = {one.name: one for one in self.new.events}
        return tuple(_shared_event(ours.get(name), theirs.get(name)) for name in {**ours, **theirs})

    @cached_property
    def outputs(self) -> tuple[Output, ...]:
        """All that both say, those that matter most last."""
        return tuple(self._outputs())

    def _outputs(self) -> Iterator[Output]:
        scores = [name for name in self.old.declared_scores if name in self.new.declared_scores]
        yield from (Output("lines", name) for name in scores)
        yield from (Output("score", name) for name in scores)
        bands = {one.name for one in self.new.bands}
        yield from (Output("band", one.name) for one in self.old.bands if one.name in bands)
        yield from (
            Output("decision", name) for name in self.old.declared_decisions if name in self.new.declared_decisions
        )
        if self.old.account is not None and self.new.account is not None:
            yield Output("account", "")
        outcomes = [outcome for outcome in _outcomes(self.old) if outcome in _outcomes(self.new)]
        barred = {outcome for program in (self.old, self.new) for outcome in _barred(program)}
        for what in ("tightened", "loosened"):
            yield from (Output(what, outcome) for outcome in outcomes if outcome in barred)

    @cached_property
    def readers(self) -> tuple[_Reader, _Reader]:
        return _Reader(self.old, self.fields, self.events), _Reader(self.new, self.fields, self.events)

    def results(self, lead: Witness) -> tuple[Evaluation, Evaluation]:
        """Both results, with their lines."""
        ours, theirs = self.readers
        return ours.with_reasons(lead), theirs.with_reasons(lead)

    def differences(self, lead: Witness, lines: bool = True) -> list[Difference]:
        """What differs for a lead; lines only where they are asked for."""
        ours, theirs = self.readers
        if lines:
            before, after = ours.with_reasons(lead), theirs.with_reasons(lead)
        else:
            before, after = ours.plain(lead), theirs.plain(lead)
        found = [one for output in self.outputs if (one := difference(output, before, after)) is not None]
        account = self.account_difference(lead)
        return found if account is None else [*found, account]

    def account_difference(self, lead: Witness) -> Difference | None:
        """How the account of this lead alone has other bands, outcomes or gates."""
        if Output("account", "") not in self.outputs:
            return None
        was, is_ = (reader.account(lead) for reader in self.readers)
        shared = was.keys() & is_.keys()
        before, after = ("; ".join(f"{name} {one[name]}" for name in sorted(shared)) for one in (was, is_))
        return None if before == after else Difference(Output("account", ""), before, after)


def difference(output: Output, before: Evaluation, after: Evaluation) -> Difference | None:
    """How an output differs between two results; None if it does not."""
    name = output.name
    was: str | int | None
    is_: str | int | None
    match output.what:
        case "lines":
            if before.lines is None or after.lines is None:
                return None
            was, is_ = _lines(before.lines, name), _lines(after.lines, name)
        case "score":
            was, is_ = before.scores[name], after.scores[name]
        case "band":
            was, is_ = before.bands[name], after.bands[name]
        case "decision":
            was, is_ = before.decisions[name][0], after.decisions[name][0]
        case "tightened" | "loosened":
            stopped = tuple(any(name in bars for bars in one.gates.values()) for one in (before, after))
            if stopped != ((False, True) if output.what == "tightened" else (True, False)):
                return None
            return Difference(output, *("stopped" if one else "not stopped" for one in stopped))
        case "account":
            return None
    return None if was == is_ else Difference(output, was, is_)


def _lines(lines: tuple[Line, ...], score: str) -> str:
    """The account of a score, whatever the order of independent rules."""
    found = sorted((one.rule, one.step, one.ticks) for one in lines if one.score == score)
    return "; ".join(f"{rule} {step} {ticks}" for rule, step, ticks in found)


def _outcomes(program: ir.Program) -> list[str]:
    return list(dict.fromkeys(outcome for decision in program.decisions for outcome in decision.outcomes))


def _barred(program: ir.Program) -> set[str]:
    return {outcome for gate in program.gates for ban in gate.bans for outcome in ban.outcomes}


# ------------------------------------------------------------------ facts that both understand


def _shared(one: ir.Field | None, other: ir.Field | None) -> ir.Field | None:
    if one is None or other is None:
        return one or other
    if one.kind is not other.kind:
        return None
    values = one.values or other.values
    if one.values is not None and other.values is not None:
        values = tuple(value for value in one.values if value in other.values)
    return ir.Field(one.name, one.kind, one.required or other.required, one.column, values)


def _shared_event(one: ir.EventKind | None, other: ir.EventKind | None) -> ir.EventKind:
    if one is None or other is None:
        found = one or other
        assert found is not None
        return found
    ours = {prop.name: prop for prop in one.properties}
    theirs = {prop.name: prop for prop in other.properties}
    shared = [_shared(ours.get(name), theirs.get(name)) for name in {**ours, **theirs}]
    return ir.EventKind(one.name, one.source, tuple(prop for prop in shared if prop is not None))


class _Reader:
    """One version, and what it sees of a lead that both read."""

    def __init__(self, program: ir.Program, fields: tuple[ir.Field, ...], events: tuple[ir.EventKind, ...]) -> None:
        self.engine = python.load(program)
        self.blank = {one.name: None for one in program.fields}
        self.seen = [one.name for one in fields if one.name in self.blank]
        own = {one.name: {prop.name: None for prop in one.properties} for one in program.events}
        everything = {prop.name: None for kind in (*events, *program.events) for prop in kind.properties}
        shared = {one.name: {prop.name for prop in one.properties} for one in events}
        self.properties = {kind: (everything | own[kind], shared[kind] & own[kind].keys()) for kind in own}

    def facts(self, lead: Witness) -> tuple[Mapping[str, ir.Value], list[Mapping[str, ir.Value]], int]:
        found: dict[str, ir.Value] = {**self.blank}
        for name in self.seen:
            found[name] = lead.lead.get(name)
        events: list[Mapping[str, ir.Value]] = []
        for event in lead.events:
            about = self.properties.get(event.kind)
            if about is not None:
                blank, seen = about
                known = {name: value for name, value in event.properties if name in seen}
                events.append({**blank, **known, "event": event.kind, "at": event.at})
        return found, events, lead.at

    def plain(self, lead: Witness) -> Evaluation:
        return self.engine.evaluate(*self.facts(lead))

    def with_reasons(self, lead: Witness) -> Evaluation:
        return self.engine.evaluate_with_reasons(*self.facts(lead))

    def account(self, lead: Witness) -> dict[str, str]:
        """The bands, outcomes and gates of the account that this lead is alone in; nothing if it is in none."""
        clean, events, at = self.facts(lead)
        found: dict[str, str] = {}
        for one in self.engine.accounts([(clean, events)], at):
            found |= {**one.bands, **one.decisions}
            found |= {name: f"bars {', '.join(bars) or 'nothing'}" for name, bars in one.gates.items()}
        return found
