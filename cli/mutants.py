"""What `scorec test --mutate` prints: the slips that no test notices, and tests that would."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..compiler.errors import PolicyError, ScorecError
from ..compiler.mutation import Mutant
from ..compiler.policy import Policy, analyze_file, is_library, policy_of
from ..compiler.rerun import MutationRun, run_mutants
from ..compiler.scaffold import scaffold
from ..compiler.tables import write_beside
from ..compiler.testing import run_tests
from ..compiler.wording import where
from . import render
from .command import CLEAN, FINDINGS, Findings, refusal_of, result


@dataclass(frozen=True)
class Mutating:
    """What is wanted of `--mutate`."""

    form: str
    fail_under: float | None
    scaffold: bool
    write: bool


@dataclass(frozen=True)
class _Mutated:
    file: str
    policy: Policy
    run: MutationRun


def mutate_policies(files: Sequence[Path], wish: Mutating) -> int:
    """Runs the tests of each policy on its mutants, and shows what was not noticed. Ends with the exit code."""
    paint = render.paint_for(sys.stdout)
    found: list[_Mutated] = []
    unusable = 0
    for file in files:
        try:
            analysis = analyze_file(file)
        except ScorecError as failure:
            raise refusal_of(failure) from None
        if is_library(analysis):
            continue
        try:
            policy = policy_of(analysis)
        except PolicyError:
            unusable += 1
            Findings(analysis.problems, analysis.sources).show()
            continue
        tested = run_tests(policy.program, policy.sources)
        if tested.failed or tested.broken:
            unusable += 1
            render.say(
                f"{paint.error('not mutated')}: {file} has tests that fail; mend them first (scorec test {file})"
            )
            continue
        one = _Mutated(str(file), policy, run_mutants(policy.program, policy.sources))
        found.append(one)
        if wish.form == "text":
            result(_survivors(one, paint))
        if wish.scaffold:
            _scaffold(file, one, wish, paint)
    if wish.form == "json":
        result(json.dumps({"version": 1, "policies": [_as_json(one) for one in found]}, ensure_ascii=False, indent=2))
    low = wish.fail_under is not None and any(one.run.percent < wish.fail_under for one in found)
    return FINDINGS if low or unusable else CLEAN


# ------------------------------------------------------------------ tests that would notice


def _scaffold(file: Path, one: _Mutated, wish: Mutating, paint: render.Paint) -> None:
    """Prints a test for what was not noticed, or appends it to the policy."""
    made = scaffold(one.policy.program, one.run.survivors)
    for mutant in made.without:
        render.say(paint.faint(f"no lead was found for which it matters that {mutant.words.change}"))
    tests = "\n".join(test.text for test in made.tests)
    if not tests:
        return
    if not wish.write:
        result("\n" + tests.rstrip("\n"))
        return
    text = one.policy.sources[one.file].text
    end = "\r\n" if "\r\n" in text else "\n"
    try:
        write_beside(file, text.rstrip() + end * 2 + tests.replace("\n", end))
    except ScorecError as failure:
        raise refusal_of(failure) from None
    result(f"{one.file}: {render.counted(len(made.tests), 'test')} appended")


# ------------------------------------------------------------------ text


def _survivors(one: _Mutated, paint: render.Paint) -> str:
    groups: dict[tuple[str, int], list[Mutant]] = {}
    for mutant in one.run.survivors:
        groups.setdefault((mutant.part, _line(one, mutant)), []).append(mutant)
    lines: list[str] = []
    width = render.width_of_terminal()
    for (part, line), mutants in groups.items():
        lines.append(paint.strong(f"{one.file}:{line}") + f"  {part}")
        for mutant in mutants:
            lines.append(render.wrapped(f"no test notices that {mutant.words.change}", width, "  ", "    "))
    if lines:
        lines.append("")
    lines.append(_summary(one, paint))
    return "\n".join(lines)


def _summary(one: _Mutated, paint: render.Paint) -> str:
    run = one.run
    tests = render.counted(len(one.policy.program.tests), "test")
    share = f"{run.noticed} of {render.counted(run.all, 'slip')}"
    shown = (paint.good if not run.survivors else paint.warning)(f"{share} ({run.percent:.0f}%)")
    text = f"{one.file}: {tests} {'notices' if tests == '1 test' else 'notice'} {shown}"
    if run.equal:
        text += f"; {len(run.equal)} more would change nothing for any lead"
    return text


def _line(one: _Mutated, mutant: Mutant) -> int:
    place = where(one.policy.program, one.policy.sources, mutant.span)
    return place.line if place is not None else 0


# ------------------------------------------------------------------ JSON


def _as_json(one: _Mutated) -> dict[str, Any]:
    run = one.run
    return {
        "file": one.file,
        "tests": len(one.policy.program.tests),
        "noticed": run.noticed,
        "all": run.all,
        "percent": round(run.percent, 1),
        "equal": len(run.equal),
        "survivors": [
            {
                "part": mutant.part,
                "line": _line(one, mutant),
                "kind": mutant.weight.name.lower(),
                "change": mutant.words.change,
            }
            for mutant in run.survivors
        ],
    }
