"""Runs a policy's `test` blocks through the engine: what failed and why, which promises an example breaks, and what no
test touches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias, assert_never

from ..dsl import ir
from ..dsl.frozen import frozen
from ..dsl.result import Evaluation
from ..dsl.source import Source, Span
from ..dsl.values import DAY
from .engines import python
from .explain import DecisionAccount, Explanation, Place, Unearned, account_of, grid_line
from .questions import Facts, Inquiry, ask
from .reading import declared_scores, reads
from .reasons import members
from .wording import Where, points_text, values_text, where

TOGETHER = 20
"""So many tests share one generated program: each asks a few questions, and every one of them is answered each time."""


@frozen
class Failure:
    """An expectation that is not met: what was written, its line, and what was found instead."""

    expected: str
    line: Where | None
    got: tuple[str, ...]


@frozen
class TestResult:
    """How one test went. `explanation` and `scores` (whose accounts matter) are there where it failed."""

    title: str
    line: Where | None
    failures: tuple[Failure, ...]
    explanation: Explanation | None = None
    scores: tuple[str, ...] = ()


@frozen
class BrokenPromise:
    """A promise that the lead of a test breaks."""

    promise: str
    label: str
    line: Where | None
    vow: str
    test: str
    test_line: Where | None
    got: tuple[str, ...]


@frozen
class Untouched:
    """A rule, band, grid cell or gate that no test touches, in words."""

    what: str
    name: str
    line: Where | None


@frozen
class Coverage:
    """How many (touched, all) of each kind, and what is not touched, in the order of the text."""

    rules: tuple[int, int]
    bands: tuple[int, int]
    cells: tuple[int, int]
    gates: tuple[int, int]
    untouched: tuple[Untouched, ...]


@frozen
class TestRun:
    results: tuple[TestResult, ...]
    broken: tuple[BrokenPromise, ...]
    promises: int
    coverage: Coverage

    @property
    def failed(self) -> int:
        return sum(bool(result.failures) for result in self.results)


def run_tests(program: ir.Program, sources: Mapping[str, Source], select: str = "") -> TestRun:
    """Runs the tests whose title contains `select`, in any case."""
    wanted = select.casefold()
    tests = [test for test in program.tests if wanted in test.title.casefold()]
    results: list[TestResult] = []
    broken: list[BrokenPromise] = []
    evaluations: list[Evaluation] = []
    for start in range(0, len(tests), TOGETHER):
        session = _Session(program, sources, tests[start : start + TOGETHER])
        for test in session.tests:
            evaluation, truths = session.run(test)
            evaluations.append(evaluation)
            results.append(_judge(session, test, evaluation, truths))
            broken.extend(_broken_promises(session, test, evaluation, truths))
    return TestRun(tuple(results), tuple(broken), len(program.promises), _coverage(program, sources, evaluations))


def facts_of(program: ir.Program, test: ir.Test) -> Facts:
    """A test's lead and events as clean facts."""
    lead: dict[str, ir.Value] = {field.name: None for field in program.fields}
    lead.update(test.lead)
    return lead, [event_of(program, event) for event in test.events], test.at


def event_of(program: ir.Program, event: ir.Happening) -> dict[str, ir.Value]:
    """An event as the engine takes it: its kind, its instant, and every property of the kind."""
    clean: dict[str, ir.Value] = {"event": event.kind, "at": event.at}
    clean.update(dict.fromkeys((field.name for field in program.event(event.kind).properties), None))
    clean.update(event.properties)
    return clean


# ------------------------------------------------------------------ running

Truths: TypeAlias = Mapping[int, bool | None]
"""The answer to each condition that was asked, by the identity of its node."""


class _Session:
    """Some tests and the one program that runs them all: the policy, and a question for each expectation and vow."""

    def __init__(self, program: ir.Program, sources: Mapping[str, Source], tests: Sequence[ir.Test]) -> None:
        self.program, self.sources, self.tests = program, sources, tests
        vows = [vow for promise in program.promises for vow in promise.vows if isinstance(vow, ir.Holds)]
        asked = [expected.condition for test in tests for expected in test.expectations]
        asked += [part for vow in vows for part in (vow.condition, vow.consequence)]
        self._conditions = [condition for condition in asked if condition is not None]
        self._inquiry: Inquiry = ask(program, self._conditions)
        self._asking = python.load(self._inquiry.program)
        self.engine = python.load(program)

    def run(self, test: ir.Test) -> tuple[Evaluation, Truths]:
        lead, events, at = facts_of(self.program, test)
        evaluation = self._asking.evaluate_with_reasons(lead, events, at)
        answers = self._inquiry.truths(evaluation)
        # By identity: two expectations may be equal and stand at different places.
        truths = {id(condition): answer for condition, answer in zip(self._conditions, answers, strict=True)}
        return self._inquiry.without_questions(evaluation), truths

    def text(self, span: Span) -> str:
        source = self.sources.get(span.source)
        return "" if source is None else " ".join(source.text[span.start : span.end].split())

    def line(self, span: Span) -> Where | None:
        return where(self.program, self.sources, span)


def _judge(session: _Session, test: ir.Test, evaluation: Evaluation, truths: Truths) -> TestResult:
    fired = {line.rule for line in evaluation.lines or () if line.step == "rule"}
    failed = [
        expected
        for expected in test.expectations
        if (
            (expected.rule in fired) is expected.negated
            if expected.condition is None
            else truths[id(expected.condition)] is not True
        )
    ]
    line = session.line(test.span)
    if not failed:
        return TestResult(test.title, line, ())
    explanation = account_of(session.program, session.sources, "", facts_of(session.program, test))
    failures = tuple(
        Failure(expected.text, session.line(expected.span), tuple(_found(session, test, expected, explanation, truths)))
        for expected in failed
    )
    return TestResult(test.title, line, failures, explanation, _scores_behind(session.program, failed))


# ------------------------------------------------------------------ what was found instead


def _found(
    session: _Session, test: ir.Test, expected: ir.Expectation, explanation: Explanation, truths: Truths
) -> list[str]:
    if expected.rule is not None:
        return [_rule_found(explanation, expected.rule, expected.negated)]
    found = values_found(session.program, expected.condition, explanation)
    missing = [name for name in reads(expected.condition).fields if dict(test.lead).get(name) is None]
    if missing:
        found.append(f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} not given")
    if expected.condition is not None and truths[id(expected.condition)] is None:
        found.append("so this is unknown, neither true nor false")
    return found


def values_found(program: ir.Program, part: object, explanation: Explanation) -> list[str]:
    """The scores, bands and decisions that a part reads, as they are: `readiness is warm (total 42.5; ...)`."""
    read = reads(part)
    scores = {score.name: score for score in explanation.scores}
    places = {place.band: place for place in explanation.bands}
    decisions = {decision.name: decision for decision in explanation.decisions}
    found = [f"{name} is {'missing' if scores[name].value is None else scores[name].value}" for name in read.scores]
    found += [_band_found(places[name], scores[places[name].score].value) for name in read.bands if name in places]
    found += [_decision_found(decisions[name]) for name in read.decisions if name in decisions]
    return found


def _band_found(place: Place, value: object) -> str:
    found = f"{place.band} is {place.label} ({place.score} {'missing' if value is None else value}"
    if place.next_label is not None and place.lacking is not None:
        found += f"; {place.next_label} starts at {place.next_limit}, {place.lacking} short"
    return found + ")"


def _decision_found(decision: DecisionAccount) -> str:
    line = str(decision.line) if decision.line is not None else f"row {decision.row}"
    found = f"{decision.name} is {decision.outcome}, chosen by {line}: {decision.because}"
    for barred in decision.barred:
        gates = " and ".join(barred.gates)
        found += f"; before it {barred.outcome} ({barred.line}) was barred by gate {gates}"
    return found


def _rule_found(explanation: Explanation, rule: str, negated: bool) -> str:
    if negated:
        entry = next(entry for score in explanation.scores for entry in score.entries if entry.rule == rule)
        read = values_text(entry.values)
        return f"it fired and gave {entry.points}" + (f": {read}" if read else "")
    unearned = next((one for score in explanation.scores for one in score.unearned if one.rule == rule), None)
    return "it did not fire" + (f": {why_unearned(unearned)}" if unearned is not None else "")


def why_unearned(rule: Unearned) -> str:
    """`job_title is missing`, `another member of its group counted`"""
    match rule.state:
        case "unknown" if not rule.missing:
            return f"what is known does not tell: {rule.because}"
        case "unknown":
            return f"{' and '.join(rule.missing)} {'is' if len(rule.missing) == 1 else 'are'} missing"
        case "passed over":
            return "another member of its group counted"
        case "not in force":
            return "it is not in force at that time"
        case "not true":
            return f"not true: {rule.because}" if rule.because else "its condition is not true"
        case _:
            assert_never(rule.state)


def _scores_behind(program: ir.Program, expectations: Iterable[ir.Expectation]) -> tuple[str, ...]:
    """The scores whose accounts show why: those that are read, directly or through bands, and those they read."""
    by_name = {score.name: score for score in program.scores}
    band_score = {band.name: band.score for band in program.bands}
    waiting: list[str] = []
    for expected in expectations:
        if expected.rule is not None:
            waiting.append(expected.rule.partition(".")[0])
        waiting.extend(_scores_read(program, expected.condition, band_score))
    found: dict[str, None] = {}
    while waiting:
        name = waiting.pop(0)
        if name in by_name and name not in found:
            found[name] = None
            waiting.extend(_scores_read(program, by_name[name].body, band_score))
    return tuple(name for name in program.declared_scores if name in found)


def _scores_read(program: ir.Program, part: object, band_score: Mapping[str, str]) -> list[str]:
    read = reads(part)
    found = [*read.scores, *(band_score[name] for name in read.bands if name in band_score)]
    for name in read.decisions:
        decision = next((decision for decision in program.decisions if decision.name == name), None)
        for row in decision.rows if decision is not None else ():
            if isinstance(row, ir.Grid):
                found.extend(band_score[band] for band in (row.by_rows, row.by_columns) if band in band_score)
    return found


# ------------------------------------------------------------------ promises


def _broken_promises(
    session: _Session, test: ir.Test, evaluation: Evaluation, truths: Truths
) -> Iterable[BrokenPromise]:
    for promise in session.program.promises:
        for vow in promise.vows:
            match vow:
                case ir.Holds():
                    held = vow.condition is None or truths[id(vow.condition)] is True
                    got = (
                        () if not held or truths[id(vow.consequence)] is not False else _holds_found(session, test, vow)
                    )
                case ir.Monotone():
                    got = _monotone_found(session, test, vow, evaluation)
                case _:
                    assert_never(vow)
            if got:
                yield BrokenPromise(
                    promise=promise.name,
                    label=promise.label,
                    line=session.line(vow.span),
                    vow=session.text(vow.span),
                    test=test.title,
                    test_line=session.line(test.span),
                    got=got,
                )


def _holds_found(session: _Session, test: ir.Test, vow: ir.Holds) -> tuple[str, ...]:
    explanation = account_of(session.program, session.sources, "", facts_of(session.program, test))
    found = values_found(session.program, (vow.condition, vow.consequence), explanation)
    return tuple(found) or ("it is false",)


def _monotone_found(session: _Session, test: ir.Test, vow: ir.Monotone, evaluation: Evaluation) -> tuple[str, ...]:
    """The same example with one more event, or with a larger number: does the score go the wrong way?"""
    lead, events, at = facts_of(session.program, test)
    before = evaluation.scores[vow.score]
    for change, facts in variants_of(session.program, vow, lead, events, at):
        after = session.engine.evaluate_with_reasons(*facts).scores[vow.score]
        if before is None or after is None:
            continue
        if after < before if vow.verb == "lowers" else after > before:
            return (f"{vow.score} is {points_text(before)}; {change} it is {points_text(after)}",)
    return ()


def variants_of(
    program: ir.Program,
    vow: ir.Monotone,
    lead: Mapping[str, ir.Value],
    events: Sequence[Mapping[str, ir.Value]],
    at: int,
) -> Iterable[tuple[str, Facts]]:
    if vow.event is not None:
        known = next((event for event in events if event["event"] == vow.event), None)
        like = event_of(program, ir.Happening(vow.event, at)) if known is None else known
        for ago, words in ((0, "now"), (DAY, "a day before"), (30 * DAY, "30 days before")):
            yield f"with one more {vow.event} {words}", (lead, [*events, {**like, "at": at - ago}], at)
    if vow.field is not None:
        value = lead.get(vow.field)
        if isinstance(value, float):
            for larger in (value + 1, value * 2 + 10, value + 1_000_000):
                yield (
                    f"with {vow.field} {larger:.15g} instead of {value:.15g}",
                    ({**lead, vow.field: larger}, events, at),
                )


# ------------------------------------------------------------------ coverage


def _coverage(program: ir.Program, sources: Mapping[str, Source], evaluations: Sequence[Evaluation]) -> Coverage:
    fired = {line.rule for evaluation in evaluations for line in evaluation.lines or () if line.step == "rule"}
    rules = [item for score in declared_scores(program) for item in members(score.items) if isinstance(item, ir.Rule)]
    rules = [rule for rule in rules if rule.points != 0]
    untouched = [
        Untouched("rule never fired", rule.full_name, where(program, sources, rule.span))
        for rule in rules
        if rule.full_name not in fired
    ]
    reached = {(band, label) for evaluation in evaluations for band, label in evaluation.bands.items()}
    labels = [(band, label, span) for band in program.bands for label, span in _labels(band)]
    untouched += [
        Untouched("band never reached", f"{band.name} {label}", where(program, sources, span))
        for band, label, span in labels
        if (band.name, label) not in reached
    ]
    cells = [(decision, grid) for decision in program.decisions for grid in decision.rows if isinstance(grid, ir.Grid)]
    hit = {
        (decision.name, evaluation.bands[grid.by_rows], evaluation.bands[grid.by_columns])
        for decision, grid in cells
        for evaluation in evaluations
        if grid.by_rows in evaluation.bands
        and grid.by_columns in evaluation.bands
        and _looked_at(evaluation, decision, grid)
    }
    all_cells = [
        (decision, grid, down, across)
        for decision, grid in cells
        for down in grid.row_labels
        for across in grid.column_labels
    ]
    untouched += [
        Untouched(
            "grid cell never hit",
            f"{decision.name} {grid.by_rows} {down}, {grid.by_columns} {across}",
            grid_line(program, sources, grid.span, down),
        )
        for decision, grid, down, across in all_cells
        if (decision.name, down, across) not in hit
    ]
    barring = {gate for evaluation in evaluations for gate, bars in evaluation.gates.items() if bars}
    passing = {gate for evaluation in evaluations for gate, bars in evaluation.gates.items() if not bars}
    for gate in program.gates:
        line = where(program, sources, gate.span)
        if gate.name not in barring:
            untouched.append(Untouched("gate never seen barring", gate.name, line))
        if gate.name not in passing:
            untouched.append(Untouched("gate never seen letting pass", gate.name, line))
    return Coverage(
        rules=(len(rules) - sum(one.what == "rule never fired" for one in untouched), len(rules)),
        bands=(len(labels) - sum(one.what == "band never reached" for one in untouched), len(labels)),
        cells=(len(hit), len(all_cells)),
        gates=(len(barring & passing), len(program.gates)),
        untouched=tuple(untouched),
    )


def _looked_at(evaluation: Evaluation, decision: ir.Decision, grid: ir.Grid) -> bool:
    """Whether the grid was reached: no row before it was taken."""
    return evaluation.decisions[decision.name][1] >= grid.row


def _labels(band: ir.Band) -> list[tuple[str, Span]]:
    return [*((row.label, row.span) for row in band.rows), (band.otherwise, band.span)]
