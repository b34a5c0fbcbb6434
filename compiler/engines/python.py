"""A program as the source of flat Python functions, and the engine that runs them.

`emit` writes a module with two functions over clean facts (see `dsl.facts`):

    score(lead, events, T)               -> (scores, bands, gates, decisions, known)
    score_with_reasons(lead, events, T)  -> (scores, bands, gates, decisions, known, lines)

`lead` is a dict with every declared field, None where it is missing; each event is a dict with `event` (its kind), `at`
(its instant) and its properties; `T` is the as-of instant in microseconds. What they return are plain tuples:

    scores      ticks, or None where missing, in the order of `Program.declared_scores`
    bands       labels, in the order of `Program.bands`
    gates       for each of `Program.gates` the outcomes that it bars
    decisions   (outcome, row) in the order of `Program.declared_decisions`; with reasons (outcome, row, barred rows)
    known       how many of `Program.reads` are known
    lines       (number, ticks) or (number, ticks, before): the line's place in `Engine.lines`

No name of a policy becomes a name in the source, and no text of it more than the `repr` of a text or a comment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, TypeAlias

from ...dsl import ir, values
from ...dsl.result import AccountEvaluation, Evaluation, Line
from .emission import Module
from .functions import Written, account_functions, module_text, score_function

Lead: TypeAlias = Mapping[str, ir.Value]
Event: TypeAlias = Mapping[str, ir.Value]
Facts: TypeAlias = tuple[Lead, Sequence[Event]]


def emit(program: ir.Program) -> str:
    """The source of a module with `score` and `score_with_reasons`."""
    module = Module(program)
    functions = [score_function(module, False), score_function(module, True)]
    return module_text(module, functions)


def load(program: ir.Program) -> Engine:
    """The engine for a program. Each function is written and compiled when it is first needed; asked again for the
    same program, the same engine is given."""
    engine = _LOADED.pop(id(program), None)
    if engine is None or engine.program is not program:
        engine = Engine(program)
    _LOADED[id(program)] = engine
    while len(_LOADED) > 16:
        del _LOADED[next(iter(_LOADED))]
    return engine


_LOADED: dict[int, Engine] = {}


# ------------------------------------------------------------------ running


class Engine:
    """A program that runs. It holds no state but what it has compiled, and may be shared by threads."""

    def __init__(self, program: ir.Program) -> None:
        self.program = program
        self.remembered: dict[str, Any] = {}
        """what was worked out for this program, by name"""
        self._lines: dict[tuple[int, ...], Line] = {}
        self._scores = program.declared_scores
        self._bands = tuple(band.name for band in program.bands)
        self._gates = tuple(gate.name for gate in program.gates)
        self._decisions = program.declared_decisions
        asked = len(program.reads)
        self._completeness = [
            values.divide(values.TICKS * known, asked) if asked else values.TICKS for known in range(asked + 1)
        ]

    @cached_property
    def score(self) -> Any:
        """The fast function: (lead, events, T) -> tuple, see the module."""
        return self.made("score", lambda module: [score_function(module, False)])["score"]

    @cached_property
    def score_with_reasons(self) -> Any:
        """The fast function with the lines of every score."""
        return self._with_reasons["score_with_reasons"]

    @cached_property
    def lines(self) -> tuple[tuple[str, str, str], ...]:
        """What the numbers of lines stand for: (score, rule, step)."""
        found: tuple[tuple[str, str, str], ...] = self._with_reasons["lines"]
        return found

    @property
    def _with_reasons(self) -> Mapping[str, Any]:
        return self.made("score_with_reasons", lambda module: [score_function(module, True)])

    def evaluate(self, lead: Lead, events: Sequence[Event], at: int) -> Evaluation:
        """The result without the lines of the scores and without barred rows."""
        return self.evaluation(self.score(lead, events, at))

    def evaluate_with_reasons(self, lead: Lead, events: Sequence[Event], at: int) -> Evaluation:
        return self.evaluation(self.score_with_reasons(lead, events, at))

    def evaluation(self, raw: Any) -> Evaluation:
        """What a fast function returned, with names."""
        lines = None
        if len(raw) > 5:
            remembered = self._lines
            lines = tuple([remembered.get(line) or self._line(line) for line in raw[5]])
        decisions = dict(
            zip(self._decisions, raw[3] if lines is not None else [(o, row, ()) for o, row in raw[3]], strict=True)
        )
        return Evaluation(
            dict(zip(self._scores, raw[0], strict=True)),
            dict(zip(self._bands, raw[1], strict=True)),
            decisions,
            dict(zip(self._gates, raw[2], strict=True)),
            self._completeness[raw[4]],
            lines,
        )

    def _line(self, raw: tuple[int, ...]) -> Line:
        """Most lines of most leads are the same few, so that they are remembered."""
        score, rule, step = self.lines[raw[0]]
        line = Line(score, rule, step, raw[1], raw[2] if len(raw) > 2 else None)
        if len(self._lines) < 100_000:
            self._lines[raw] = line
        return line

    def accounts(self, facts: Iterable[Facts], at: int) -> tuple[AccountEvaluation, ...]:
        """The result for every account, sorted by key; () if the program has none."""
        account = self.program.account
        if account is None:
            return ()
        functions = self.made("accounts", account_functions)
        member, roll_up = functions["member"], functions["account"]
        members: dict[str, list[Any]] = {}
        for lead, events in facts:
            found = member(lead, events, at)
            if found is not None:
                members.setdefault(found[0], []).append(found)
        scores = tuple(score.name for score in account.scores)
        bands = tuple(band.name for band in account.bands)
        gates = tuple(gate.name for gate in account.gates)
        decisions = tuple(decision.name for decision in account.decisions)
        evaluations = []
        for key in sorted(members):
            raw = roll_up(members[key], at)
            evaluations.append(
                AccountEvaluation(
                    key,
                    len(members[key]),
                    dict(zip(scores, raw[0], strict=True)),
                    dict(zip(bands, raw[1], strict=True)),
                    {name: chosen[0] for name, chosen in zip(decisions, raw[3], strict=True)},
                    dict(zip(gates, raw[2], strict=True)),
                )
            )
        return tuple(evaluations)

    def made(self, name: str, write: Callable[[Module], Sequence[Written]]) -> Mapping[str, Any]:
        """The functions that `write` writes, by name, with the `lines` that they give; compiled once for each name."""
        found: Mapping[str, Any] | None = self.remembered.get(name)
        if found is None:
            module = Module(self.program)
            functions = write(module)
            names: dict[str, Any] = {}
            exec(compile(module_text(module, functions), f"<scorec {name}>", "exec"), names)
            found = {function.name: names[function.name] for function in functions} | {"lines": tuple(module.lines)}
            self.remembered[name] = found
        return found
