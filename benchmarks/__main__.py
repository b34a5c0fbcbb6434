"""`python -m benchmarks`: what the generated code costs, in ratios to the best hand-written code of the same meaning.

Run from the repository's root. `--quick` takes fewer leads and turns. Everything is checked to give equal results
before it is timed.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks import hand_written, peers
from benchmarks.leads import AS_OF, Facts, leads
from benchmarks.timing import in_turns
from benchmarks.writing import long_policy, rules_policy
from scorec.compiler import pipeline
from scorec.compiler.engines import python
from scorec.compiler.engines.changes import next_change
from scorec.compiler.engines.incremental import State
from scorec.compiler.parse import parse
from scorec.dsl import ir
from scorec.dsl.source import Source

HERE = Path(__file__).parent


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer leads and turns")
    quick = parser.parse_args().quick
    turns = 5 if quick else 15
    program = workload()
    facts = leads(500 if quick else 3000)
    print(f"{len(facts)} leads, {sum(len(one.events) for one in facts)} events, {turns} turns, ratios are medians\n")
    one_lead(program, facts, turns)
    other_engines(program, facts, turns)
    running_state(program, facts, turns)
    compiling(turns)
    command_line(3 if quick else 7)


def workload() -> ir.Program:
    """The reference workload, from its text."""
    path = HERE / "workload.score"
    program = program_of(path.read_text("utf-8"), path.name, HERE)
    assert program is not None
    return program


def program_of(text: str, name: str, folder: Path) -> ir.Program:
    def list_file(path: str) -> Source:
        return Source(path, (folder / path).read_text("utf-8"))

    analysis = pipeline.analyze(Source(name, text), lambda library: None, list_file)
    assert analysis.program is not None, [problem.message() for problem in analysis.problems]
    return analysis.program


# ------------------------------------------------------------------ one lead


def one_lead(program: ir.Program, facts: Sequence[Facts], turns: int) -> None:
    engine = python.load(program)
    check_equal(engine, facts)
    for title, chosen in (
        ("one lead, all", facts),
        ("one lead, 8 to 12 events", [one for one in facts if 8 <= len(one.events) <= 12]),
        ("one lead, no events", [Facts(one.lead, []) for one in facts]),
        ("one lead, 200 events", [one for one in facts if len(one.events) == 200] or facts[:1]),
    ):
        candidates = {
            "hand-written": hand_written.score,
            "generated": engine.score,
            "naive": hand_written.naive,
            "engine.evaluate": engine.evaluate,
        }
        show(title, over(candidates, chosen), turns, len(chosen))
        candidates = {
            "hand-written, reasons": hand_written.score_with_reasons,
            "generated, reasons": engine.score_with_reasons,
            "engine.evaluate_with_reasons": engine.evaluate_with_reasons,
        }
        show("", over(candidates, chosen), turns, len(chosen))


def check_equal(engine: python.Engine, facts: Sequence[Facts]) -> None:
    """Nothing is timed that does not give the same."""
    rules = [rule for _, rule, _ in engine.lines]
    for one in facts:
        found = engine.score(one.lead, one.events, AS_OF)
        assert found == hand_written.score(one.lead, one.events, AS_OF)
        assert found[0][:2] == hand_written.naive(one.lead, one.events, AS_OF)
        *result, lines = engine.score_with_reasons(one.lead, one.events, AS_OF)
        *expected, written = hand_written.score_with_reasons(one.lead, one.events, AS_OF)
        assert result == expected and [(rules[line[0]], *line[1:]) for line in lines] == written


def over(candidates: dict[str, Callable[..., object]], facts: Sequence[Facts]) -> dict[str, Callable[[], object]]:
    pairs = [(one.lead, one.events) for one in facts]

    def run(function: Callable[..., object]) -> Callable[[], object]:
        def all_leads() -> None:
            for lead, events in pairs:
                function(lead, events, AS_OF)

        return all_leads

    return {name: run(function) for name, function in candidates.items()}


def other_engines(program: ir.Program, facts: Sequence[Facts], turns: int) -> None:
    """The 30 attribute rules, for engines that have no events."""
    attributes = fit_only(program)
    engine = python.load(attributes)
    raw = [one.lead for one in facts[:1000]]
    ready = [peers.prepare(lead) for lead in raw]
    candidates: dict[str, Callable[[], object]] = {
        "generated": lambda: [engine.score(lead, (), AS_OF) for lead in raw],
        "generated, reasons": lambda: [engine.score_with_reasons(lead, (), AS_OF) for lead in raw],
    }
    try:
        made = {"zen-engine, expression": peers.zen_expression(), "zen-engine, table": peers.zen_table()}
    except ImportError:
        print("zen-engine is not installed: pip install 'scorec[bench]'\n")
        return
    for name, fit in made.items():
        wrong = [lead for lead, raw_lead in zip(ready, raw, strict=True) if clamped(fit(lead)) != of(engine, raw_lead)]
        assert not wrong, (name, wrong[:1])
        candidates[name] = lambda fit=fit: [fit(lead) for lead in ready]  # type: ignore[misc]
    show("30 attribute rules", candidates, max(3, turns // 3), len(raw))


def fit_only(program: ir.Program) -> ir.Program:
    """The policy with nothing but its `fit`."""
    from dataclasses import replace

    fit = tuple(score for score in program.scores if score.name == "fit")
    return replace(
        program, scores=fit, declared_scores=("fit",), bands=(), gates=(), decisions=(), declared_decisions=()
    )


def clamped(points: float) -> int:
    return int(min(max(points, 0), 100)) * 10_000


def of(engine: python.Engine, lead: dict[str, Any]) -> int:
    fit: int = engine.score(lead, (), AS_OF)[0][0]
    return fit


# ------------------------------------------------------------------ the running state


def running_state(program: ir.Program, facts: Sequence[Facts], turns: int) -> None:
    engine = python.load(program)
    minute = 60_000_000
    for title, chosen in (
        ("one more event, 8 to 12 before", [one for one in facts if 8 <= len(one.events) <= 12][:300]),
        ("one more event, 200 before", [one for one in facts if len(one.events) == 200][:60]),
    ):
        if not chosen:
            continue
        states = []
        for one in chosen:
            state = State(program, one.lead)
            for event in one.events:
                state.add(event)
            state.read(AS_OF)
            states.append(state)
        clock = [AS_OF]

        def recompute(chosen: Sequence[Facts] = chosen, clock: list[int] = clock) -> None:
            for one in chosen:
                engine.score(one.lead, one.events, clock[0])

        def add_and_read(states: list[State] = states, clock: list[int] = clock) -> None:
            clock[0] += minute
            event = {"event": "page_view", "at": clock[0], "url": "https://example.com/pricing"}
            for state in states:
                state.add(event)
                state.read(clock[0])

        def read_again(states: list[State] = states, clock: list[int] = clock) -> None:
            for state in states:
                state.read(clock[0])

        candidates: dict[str, Callable[[], object]] = {
            "computed anew": recompute,
            "state: add and read": add_and_read,
            "state: read again": read_again,
        }
        show(title, candidates, turns, len(chosen))
    some = [one for one in facts if one.events][:100]
    show(
        "when does it change next?",
        {
            "computed anew": lambda: [engine.score(one.lead, one.events, AS_OF) for one in some],
            "next_change": lambda: [next_change(program, one.lead, one.events, AS_OF) for one in some],
        },
        max(3, turns // 3),
        len(some),
    )


# ------------------------------------------------------------------ compiling


def compiling(turns: int) -> None:
    text = rules_policy(300)
    program = program_of(text, "rules.score", HERE)
    source = Source("rules.score", text)
    parsed = parse(source)
    assert not parsed.problems
    long = Source("long.score", long_policy(1000))
    assert not parse(long).problems
    print(f"compiling (milliseconds of processor time, median of {turns})")
    for title, work in (
        ("300 rules: write and compile the function", lambda: python.Engine(program).score),
        ("300 rules: the same with reasons", lambda: python.Engine(program).score_with_reasons),
        ("300 rules: check", lambda: program_of(text, "rules.score", HERE)),
        ("1,000 lines: parse", lambda: parse(long)),
        ("1,000 lines: parse and check", lambda: program_of(long.text, "long.score", HERE)),
    ):
        seconds = in_turns({"": work}, turns)[""].seconds
        print(f"  {title:<52} {seconds * 1e3:8.1f} ms")
    print()


def command_line(turns: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "policy.score"
        path.write_text(long_policy(200), "utf-8")
        taken = []
        for _ in range(turns):
            start = time.perf_counter()
            subprocess.run([sys.executable, "-m", "scorec", "check", str(path)], check=False, capture_output=True)
            taken.append(time.perf_counter() - start)
    middle = sorted(taken)[len(taken) // 2]
    print(f"scorec check, 200 lines, in a new process: {middle * 1e3:.0f} ms (fastest {min(taken) * 1e3:.0f} ms)")


# ------------------------------------------------------------------ showing


def show(title: str, candidates: dict[str, Callable[[], object]], turns: int, items: int) -> None:
    timed = in_turns(candidates, turns, items)
    if title:
        print(f"{title} ({items} leads)")
    for name, one in timed.items():
        print(f"  {name:<32} {one.seconds * 1e6:9.2f} us   x {one.ratio:.2f}")
    if not title or len(candidates) < 4:
        print()


if __name__ == "__main__":
    main()
