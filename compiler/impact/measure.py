"""Scores a table with both versions, asks for everything that is counted, and puts the report together."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Literal, TypeAlias

from ...dsl import ir
from ..duckdb_tables.session import Settings
from ..engines.sql.dialects import CannotSay
from ..inputs import Inputs
from ..mapped import path_of
from ..policy import Policy
from ..scans import Watch, files_of
from ..tables import TableError
from ..version import fingerprint
from .counting import Counting, Results
from .facts import Facts, in_duckdb, in_python
from .figures import (
    Cell,
    DataFile,
    EditEffect,
    EditEffects,
    Impact,
    Matrix,
    Side,
    Standing,
)

Engine: TypeAlias = Literal["auto", "python", "duckdb"]

Prove: TypeAlias = Callable[[str, str, str, str], Standing]
"""Asked about a cell without leads: what (`band` or `decision`), its name, the old label and the new one. It answers
`IMPOSSIBLE`, `POSSIBLE` or `UNDECIDED`."""


@dataclass(frozen=True)
class Version:
    """One side of the comparison: a policy, and the files as it reads them. Where it is compared under other names than
    its own, `fingerprint` is that of the policy as it is written."""

    policy: Policy
    inputs: Inputs
    fingerprint: str = ""


@dataclass(frozen=True)
class Edit:
    """One edit between the versions: the old policy with it alone, and the new one without it; None where that gives no
    policy (a rule of a field that another edit adds)."""

    text: str
    alone: ir.Program | None
    without: ir.Program | None


@dataclass(frozen=True)
class Plan:
    """How much is looked at, and with what."""

    engine: Engine = "auto"
    """`auto` takes DuckDB, and Python for a policy of which DuckDB cannot say everything exactly"""
    movers: int = 10
    edits: int = 20
    """at most so many edits are counted one by one"""
    sample: int = 50_000
    """on about so many leads, if there are many more"""
    questions: int = 200
    """so many empty cells are asked about at most"""
    seconds: float = 30
    """and for so long at most; what is not asked by then is only not seen"""
    settings: Settings = field(default_factory=Settings)


USUAL = Plan()


def report(
    old: Version,
    new: Version,
    at: int,
    edits: Sequence[Edit] = (),
    prove: Prove | None = None,
    plan: Plan = USUAL,
    watch: Watch | None = None,
) -> Impact:
    """Scores the leads with both versions as of an instant, and counts what differs.

    Raises `TableError` where a file cannot be read, or has not the columns that a version needs.
    """
    if plan.engine != "python":
        try:
            return _report(old, new, at, edits, prove, plan, "duckdb", watch)
        except CannotSay as why:
            if plan.engine == "duckdb":
                hint = "use --engine python."
                raise TableError(f"DuckDB cannot say exactly what the policy does: {why}", hint) from None
            found = _report(old, new, at, edits, prove, plan, "python", watch)
            note = f"scored with Python, because DuckDB cannot say exactly: {why}"
            return replace(found, notes=(*found.notes, note))
    return _report(old, new, at, edits, prove, plan, "python", watch)


def _report(
    old: Version,
    new: Version,
    at: int,
    edits: Sequence[Edit],
    prove: Prove | None,
    plan: Plan,
    engine: Literal["python", "duckdb"],
    watch: Watch | None,
) -> Impact:
    looked_at = edits[: plan.edits]
    variants = [program for edit in looked_at for program in (edit.alone, edit.without) if program is not None]
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="scorec-"))
        old_facts, new_facts = _facts(stack, old, new, variants, at, plan, engine, watch)
        paths = Path(folder, "old.parquet"), Path(folder, "new.parquet")
        before = Results(paths[0], old_facts.write_with_lines(old.policy.program, paths[0]))
        now = Results(paths[1], new_facts.write_with_lines(new.policy.program, paths[1]))
        counting = Counting(old.policy.program, new.policy.program, before, now, folder, plan.settings)
        stack.callback(counting.close)
        return Impact(
            old=_side(old, old_facts),
            new=_side(new, new_facts),
            at=at,
            zone=new.policy.zone,
            subject=new.policy.program.subject,
            engine=engine,
            data=_data(new.inputs),
            both=counting.both,
            only_old=counting.only_old,
            only_new=counting.only_new,
            moved=counting.moved,
            changed=counting.changed,
            matrices=_proved(counting.matrices(), prove, plan),
            scores=counting.scores(),
            alone=counting.lone(),
            movers=counting.rules_of(counting.movers(plan.movers)),
            rules=counting.rules(),
            edits=_effects(edits, looked_at, old, new, old_facts, new_facts, counting, plan, Path(folder)),
            notes=(),
        )


# ------------------------------------------------------------------ reading


def _facts(
    stack: ExitStack,
    old: Version,
    new: Version,
    variants: Sequence[ir.Program],
    at: int,
    plan: Plan,
    engine: Literal["python", "duckdb"],
    watch: Watch | None,
) -> tuple[Facts, Facts]:
    """The data as each version reads them; read only once if both read them alike."""

    def read(programs: Sequence[ir.Program], version: Version) -> Facts:
        if engine == "python":
            return stack.enter_context(in_python(programs, version.policy, version.inputs, at, watch))
        return stack.enter_context(in_duckdb(programs, version.policy, version.inputs, at, plan.settings, watch))

    before, now = old.policy.program, new.policy.program
    if reads_alike(before, now) and old.inputs == new.inputs:
        facts = read([before, now, *(one for one in variants if fits(one, now))], new)
        return facts, facts
    found: list[Facts] = []
    for word, version in (("old", old), ("new", new)):
        program = version.policy.program
        try:
            found.append(read([program, *(one for one in variants if fits(one, program))], version))
        except TableError as failure:
            raise TableError(f"with the {word} version: {failure}", failure.hint) from None
    return found[0], found[1]


def reads_alike(old: ir.Program, new: ir.Program) -> bool:
    """Whether both versions understand the same rows, and understand them in the same way."""
    return (old.key, old.timezone, old.fields, old.events) == (new.key, new.timezone, new.fields, new.events)


def fits(program: ir.Program, read: ir.Program) -> bool:
    """Whether what was read for one program is enough for another."""
    fields = {one.name: one for one in read.fields}
    return (program.key, program.timezone, program.events) == (read.key, read.timezone, read.events) and all(
        fields.get(one.name) == one for one in program.fields
    )


def _side(version: Version, facts: Facts) -> Side:
    program, summary = version.policy.program, facts.summary
    return Side(
        program.name,
        program.version,
        version.fingerprint or fingerprint(program),
        summary.leads,
        summary.scored,
        summary.rejected,
        summary.events,
        summary.events_used,
        summary.events_rejected,
        tuple(facts.rejected),
        tuple(summary.notes),
    )


def _data(inputs: Inputs) -> tuple[DataFile, ...]:
    leads = _file("leads", path_of(inputs.leads))
    return (leads, *(_file("events", path_of(file.path)) for file in inputs.events))


def _file(role: Literal["leads", "events"], path: Path) -> DataFile:
    files = files_of(path)
    digests = []
    for file in files:
        with file.open("rb") as stream:
            digests.append(file_digest(stream, "sha256").hexdigest())
    digest = digests[0] if len(digests) == 1 else sha256("\n".join(digests).encode()).hexdigest()
    return DataFile(role, path.name, len(files), sum(file.stat().st_size for file in files), digest)


# ------------------------------------------------------------------ cells without leads


def _proved(matrices: Sequence[Matrix], prove: Prove | None, plan: Plan) -> tuple[Matrix, ...]:
    """Asks about the cells of bands and decisions in which no lead is."""
    if prove is None:
        return tuple(matrices)
    asked, until = 0, time.monotonic() + plan.seconds
    found: list[Matrix] = []
    for matrix in matrices:
        cells: list[Cell] = []
        for cell in matrix.cells:
            in_time = asked < plan.questions and time.monotonic() < until
            if cell.standing is Standing.NOT_ASKED and matrix.what != "grid" and in_time:
                asked += 1
                cell = replace(cell, standing=prove(matrix.what, matrix.name, cell.old, cell.new))
            cells.append(cell)
        found.append(replace(matrix, cells=tuple(cells)))
    return tuple(found)


# ------------------------------------------------------------------ single edits


def _effects(
    edits: Sequence[Edit],
    looked_at: Sequence[Edit],
    old: Version,
    new: Version,
    old_facts: Facts,
    new_facts: Facts,
    counting: Counting,
    plan: Plan,
    folder: Path,
) -> EditEffects | None:
    if not edits:
        return None
    sample, below = "", sample_below(counting.both, plan.sample)
    if below is not None:
        same = old_facts is new_facts
        old_facts = old_facts.sampled(below)
        new_facts = old_facts if same else new_facts.sampled(below)
        sample = f"a sample: those whose key has an MD5 that begins below {below}"
    made: list[EditEffect] = []
    for number, edit in enumerate(looked_at):
        written: list[tuple[ir.Program, Path] | None] = []
        for way, program in (("alone", edit.alone), ("without", edit.without)):
            facts = _facts_for(program, old, new, old_facts, new_facts)
            if program is None or facts is None:
                written.append(None)
                continue
            path = folder / f"{way}_{number}.parquet"
            facts.write(program, path)
            written.append((program, path))
        made.append(EditEffect(edit.text, *counting.effect(*written)))
    leads = counting.both if below is None else counting.sampled(below)
    return EditEffects(tuple(made), leads, sample, len(edits) - len(looked_at))


def _facts_for(
    program: ir.Program | None, old: Version, new: Version, old_facts: Facts, new_facts: Facts
) -> Facts | None:
    """The reading of the data on which a version between the two can be scored."""
    if program is None:
        return None
    if fits(program, new.policy.program):
        return new_facts
    return old_facts if fits(program, old.policy.program) else None


def sample_below(leads: int, wanted: int) -> str | None:
    """The digits below which the MD5 of about so many of the leads' keys is; None if all of them can be taken."""
    if leads <= 2 * wanted:
        return None
    return f"{round(16**6 * wanted / leads):06x}"
