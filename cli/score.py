"""`scorec score`: a table of leads in, a table of results out."""

from __future__ import annotations

import glob
import os
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..compiler.errors import ScorecError
from . import render
from .command import (
    CLEAN,
    FINDINGS,
    Refusal,
    as_of,
    mask_key_option,
    no_progress,
    open_inputs,
    open_policy,
    refusal_of,
    release_options,
    secret_in,
    size_of_memory,
    sources_option,
)
from .command import command as declared

if TYPE_CHECKING:
    from ..compiler.batch import CleanEvent, Decided, Rejected, Summary, Watch
    from ..compiler.inputs import Inputs
    from ..compiler.policy import Policy
    from ..compiler.records import DecisionLog, Recorder
    from ..compiler.tables import Table, Writer
    from ..dsl.facts import Clean


MOST_THREADS = 1_000
"""More than any machine has cores: DuckDB would start them all."""


@declared(
    "score",
    "scorec score inbound.score leads.csv --events events.csv -o scored.csv",
    "scorec score inbound.score leads.parquet --at 2026-03-02 --reasons -o scored.parquet",
    "scorec score inbound.score leads.csv --events page_view=views.csv --events webinar=webinars.csv",
    "scorec score inbound.score --sources sources.toml -o scored.csv",
    "scorec score inbound.score leads.csv --as-released-on 2026-03-01 --at 2026-03-01",
    "scorec score inbound.score leads.csv -o scored.csv --log decisions.jsonl --mask email",
    "scorec score inbound.score leads.csv --previous monday.csv -o tuesday.csv --alerts alerts.jsonl",
)
@click.argument("policy", type=click.Path(path_type=Path))
@click.argument("leads", required=False, type=click.Path(path_type=Path))
@sources_option
@click.option("--events", multiple=True, metavar="[KIND=]FILE", help="Events; KIND= if all of them are of one kind.")
@release_options
@click.option("--at", metavar="TIME", help="The as-of instant: a date (its midnight in the policy's zone) or a time.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="A CSV, JSONL or Parquet file (else CSV here).")
@click.option(
    "--engine",
    type=click.Choice(["auto", "python", "duckdb", "spark"]),
    default="auto",
    help="What runs the policy; auto takes duckdb for large tables. spark reads and writes Parquet.",
)
@click.option("--reasons", is_flag=True, help="Add the rules that gave or took points.")
@click.option("--audience", metavar="NAME", help="Show only what this audience may see (`show NAME: ...`).")
@click.option("--strict", is_flag=True, help="Stop at the first row that cannot be read; exit with 1.")
@click.option(
    "--memory",
    metavar="SIZE",
    callback=size_of_memory,
    help="At most so much memory (`2GB`); with duckdb. The rest goes to disk.",
)
@click.option(
    "--threads", type=click.IntRange(1, MOST_THREADS), metavar="N", help="At most so many cores; with duckdb."
)
@click.option("--incremental", is_flag=True, help="Write also what a later run needs to score only what has changed.")
@click.option(
    "--previous",
    type=click.Path(path_type=Path),
    metavar="OUT",
    help="The result of an earlier --incremental run: leads that have not changed since are taken from it. With"
    " --alerts any earlier result, with which the new one is compared.",
)
@click.option("--alerts", type=click.Path(path_type=Path), metavar="FILE", help="Write the alerts since --previous.")
@click.option("--log", type=click.Path(path_type=Path), metavar="FILE", help="Add a record of each decision to FILE.")
@click.option("--mask", multiple=True, metavar="NAMES", help="In the log only digests of these: `email,page_view.url`.")
@mask_key_option
@click.option("--accounts", type=click.Path(path_type=Path), metavar="OUT", help="Write the accounts to this file too.")
@no_progress
def command(
    policy: Path,
    leads: Path | None,
    sources: Path | None,
    events: Sequence[str],
    release: str | None,
    as_released_on: str | None,
    at: str | None,
    output: Path | None,
    engine: str,
    reasons: bool,
    audience: str | None,
    strict: bool,
    memory: str | None,
    threads: int | None,
    incremental: bool,
    previous: Path | None,
    alerts: Path | None,
    log: Path | None,
    mask: Sequence[str],
    mask_key: Path | None,
    accounts: Path | None,
    no_progress: bool,
) -> int:
    """Score a table of leads.

    CSV, JSON lines and Parquet are read and written, by the ending of the name. Without --at the leads are
    scored as of now. Rows that cannot be read are not scored; with -o OUT they go to OUT.rejected.csv, with the
    reason. A summary goes to standard error.

    A sources file (--sources, or sources.toml beside the policy where no LEADS are named) says which exports are read
    and how.

    With --log FILE a record of each decision is added to the end of FILE, which `scorec replay` reads: the policy's
    version, the facts, the result. The decisions are then made by the Python engine.
    """
    opened = open_policy(policy, release, as_released_on)
    inputs = open_inputs(opened, policy, leads, events, sources)
    if inputs.sources is not None and engine == "auto":
        # The exports go through Python anyway.
        engine = "python"
    compared = [previous] if alerts is not None and previous is not None else []
    _refuse_overwriting([policy, *inputs.paths, *compared], output, accounts, log, alerts)
    run = _Run(opened, output, strict, no_progress)
    try:
        instant = as_of(opened, at)
        if alerts is not None:
            _check_alerts(opened, previous, output, audience, engine)
        again = incremental or (previous is not None and alerts is None)
        wanted = Wanted(audience, reasons, accounts, again, previous if again else None)
        if log is None and (mask or mask_key is not None):
            raise Refusal("nothing is logged, so there is nothing to mask", "name the log: --log decisions.jsonl")
        if log is not None:
            engine = run.log_to(log, mask, mask_key, engine, inputs, wanted)
        if wanted.incremental:
            engine = _engine_for_incremental(engine, inputs, output, audience)
        if engine == "spark":
            return _with_spark(opened, inputs, instant, output, wanted)
        if choose(engine, inputs.paths) == "duckdb":
            run.score_with_duckdb(inputs, instant, wanted, memory, threads, engine == "auto")
        else:
            run.score(inputs, instant, wanted)
    except ScorecError as failure:
        rejected = getattr(failure, "rejected", None)
        if rejected is not None:
            raise _Stopped(str(failure)) from None
        raise refusal_of(failure) from None
    finally:
        run.close_log()
    render.say(summary_text(opened, run.summary, instant, at is None, run.rejected_file, run.examples, run.seconds))
    if alerts is not None and previous is not None and output is not None:
        from .transitions import write_alerts

        write_alerts(opened, previous, output, alerts)
    return CLEAN


def _check_alerts(
    policy: Policy, previous: Path | None, output: Path | None, audience: str | None, engine: str
) -> None:
    """Before anything is scored: whether alerts can be told afterwards."""
    from ..compiler.transitions import check_result

    if previous is None:
        raise Refusal("alerts tell what has changed since an earlier result", "name it: --previous OUT")
    if output is None:
        raise Refusal("alerts compare an earlier result with a new one, which has to be kept", "name it: -o OUT")
    if engine == "spark":
        raise Refusal("with Spark there are no --alerts", "use --engine duckdb, or `scorec transitions` on one file.")
    if audience is not None:
        raise Refusal("an audience may not see everything that alerts watch", "leave out --audience.")
    check_result(policy, previous)


def _with_spark(policy: Policy, inputs: Inputs, at: int, output: Path | None, wanted: Wanted) -> int:
    from ..compiler.mapped import path_of
    from ..compiler.spark_frames import score_with_spark

    if output is None:
        raise Refusal("Spark writes a table of Parquet files", "name it with -o OUT")
    if wanted.audience is not None or wanted.accounts is not None or wanted.incremental:
        raise Refusal("with Spark there is no --audience, --accounts or --incremental", "leave them out, or --engine.")
    if any(file.kind is not None for file in inputs.events):
        raise Refusal("with Spark, events have a column `event`", "leave out KIND=.")
    paths = [str(path_of(file.path)) for file in inputs.events]
    refused = score_with_spark(policy, str(path_of(inputs.leads)), paths, at, str(output), wanted.reasons)
    render.say(f"scored with {policy.name} {policy.program.version} in Spark: see {output}")
    for row in refused:
        counted = render.counted(row["how_many"], row["what"])
        render.say(f"  not used: {counted}, because {row['refused_because']} (the first: {row['first_lead_key']})")
    return CLEAN


class _Stopped(click.ClickException):
    """A strict run met a row that cannot be read."""

    exit_code = FINDINGS

    def show(self, file: object = None) -> None:
        paint = render.paint_for(sys.stderr)
        render.say(paint.error("rejected") + f" {self.message}")
        render.say("  nothing was written, because of --strict")


def _refuse_overwriting(
    inputs: Sequence[Path], output: Path | None, accounts: Path | None, log: Path | None, alerts: Path | None
) -> None:
    rejected = None if output is None else _rejected_beside(output)
    named = {"-o": output, "what -o rejects": rejected, "--accounts": accounts, "--log": log, "--alerts": alerts}
    outputs = [(option, path) for option, path in named.items() if path is not None]
    # A pattern stands for the files that it fits.
    read = [file for path in inputs for file in (path, *map(Path, glob.glob(os.fspath(path), recursive=True)))]
    for at, (option, out) in enumerate(outputs):
        for path in read:
            if _same(out, path):
                raise Refusal(f"the output {out} is also an input", "write to another file.")
        for other, path in outputs[:at]:
            if _same(out, path):
                raise Refusal(f"{other} and {option} name the same file")


def _rejected_beside(output: Path) -> Path:
    return output.with_name(output.name + ".rejected.csv")


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return os.path.abspath(one) == os.path.abspath(other)


# ------------------------------------------------------------------ the run


@dataclass(frozen=True)
class Wanted:
    """What a run shows."""

    audience: str | None
    reasons: bool
    accounts: Path | None
    incremental: bool = False
    previous: Path | None = None


def _engine_for_incremental(engine: str, inputs: Inputs, output: Path | None, audience: str | None) -> str:
    from ..compiler.tables import is_parquet

    if output is None or not is_parquet(output):
        raise Refusal("an incremental run writes Parquet", "name the output with -o OUT.parquet")
    if audience is not None:
        raise Refusal("an incremental run shows everything", "leave out --audience, and show a part of the result.")
    if engine == "python" and inputs.sources is None:
        raise Refusal("an incremental run needs DuckDB", "leave out --engine.")
    return "duckdb"


LARGE = 4_000_000
"""From so many bytes of text on DuckDB is faster; before, it is started and planned longer than Python scores."""


def choose(engine: str, paths: Sequence[Path]) -> str:
    """The engine that is meant by `auto`: by the size of the input. Parquet is for DuckDB at any size: it is there
    before Python has loaded what it takes to read such a file."""
    from ..compiler.tables import is_parquet, is_pattern

    if engine != "auto":
        return engine
    size = 0
    for path in paths:
        if is_pattern(path) or is_parquet(path):
            return "duckdb"
        try:
            size += path.stat().st_size * (4 if path.suffix == ".gz" else 1)
        except OSError:
            return "python"
    return "duckdb" if size >= LARGE else "python"


class _Run:
    """One run: its output, what it rejected, and what it counted."""

    EXAMPLES = 3

    def __init__(self, policy: Policy, output: Path | None, strict: bool, no_progress: bool) -> None:
        from ..compiler.batch import Summary

        self.policy = policy
        self.output = output
        self.strict = strict
        self.summary: Summary = Summary()
        self.examples: list[Rejected] = []
        self.rejected_file: Path | None = None
        self.seconds = 0.0
        self._rejects: Writer | None = None
        self._log: DecisionLog | None = None
        self._record: Recorder | None = None
        self._progress = render.Progress(sys.stderr, not no_progress)

    def log_to(
        self, log: Path, mask: Sequence[str], mask_key: Path | None, engine: str, inputs: Inputs, wanted: Wanted
    ) -> str:
        """Opens the log; gives the engine, which is Python's: only there the facts of each decision are at hand."""
        from ..compiler.records import DecisionLog, mask_of, recorder

        if wanted.incremental:
            raise Refusal("an incremental run makes only some of the decisions", "leave out --log, or --incremental.")
        if engine in ("duckdb", "spark"):
            raise Refusal("a log is written by the Python engine only", "leave out --engine.")
        names = [name.strip() for one in mask for name in one.split(",") if name.strip()]
        self._record = recorder(self.policy, mask_of(self.policy, names, secret_in(mask_key)))
        self._log = DecisionLog(log)
        if engine == "auto" and choose(engine, inputs.paths) == "duckdb":
            self.summary.notes.append("scored with Python and not with DuckDB, because a log was asked for")
        return "python"

    def close_log(self) -> None:
        """Nothing is left beside the log, however the run has ended."""
        if self._log is not None:
            self._log.abandon()

    def _decided(self, at: int) -> Decided | None:
        log, record = self._log, self._record
        if log is None or record is None:
            return None
        evaluation = self.policy.engine.evaluation
        return lambda key, lead, events, raw: log.put(record(key, lead, events, at, evaluation(raw)))

    def score(self, inputs: Inputs, at: int, wanted: Wanted) -> None:
        from ..compiler.batch import account_shape, read_events, score_table, shape_of, write_accounts
        from ..compiler.tables import open_writer

        started = time.perf_counter()
        accounts, audience = wanted.accounts, wanted.audience
        shape = shape_of(self.policy, audience, wanted.reasons)
        rolled_up = account_shape(self.policy, audience) if accounts is not None else None
        writer = open_writer(self.output, shape.columns, row_by_row=not self.strict)
        try:
            log = read_events(self.policy, inputs.events, at, self.summary, self.reject, self._watch("events"))
            kept: list[tuple[dict[str, Clean], list[CleanEvent]]] = []
            keep = None if accounts is None else lambda lead, happened: kept.append((lead, happened))
            watch = self._watch("leads")
            decided = self._decided(at)
            score_table(
                self.policy, inputs.leads, log, at, shape, writer, self.summary, self.reject, watch, keep, decided
            )
            if accounts is not None and rolled_up is not None:
                write_accounts(self.policy, kept, at, rolled_up, accounts, self.summary)
            self._progress.clear()
            if self._log is not None:
                # First the log: no decision is given out that is not in it.
                self._log.append()
                self.summary.notes.append(_logged(self._log))
            writer.close()
        except BaseException:
            self._progress.clear()
            writer.abandon()
            if self._rejects is not None:
                self._rejects.abandon()
            raise
        self._finish_rejects()
        self.seconds = time.perf_counter() - started

    def score_with_duckdb(
        self,
        inputs: Inputs,
        at: int,
        wanted: Wanted,
        memory: str | None,
        threads: int | None,
        or_python: bool,
    ) -> None:
        from ..compiler.batch import Summary, account_shape, shape_of
        from ..compiler.duckdb_tables.events import EventInput
        from ..compiler.duckdb_tables.run import Run
        from ..compiler.duckdb_tables.session import Settings
        from ..compiler.engines.sql.dialects import CannotSay
        from ..compiler.tables import open_writer

        started = time.perf_counter()
        accounts = wanted.accounts
        shape = shape_of(self.policy, wanted.audience, wanted.reasons)
        rolled_up = account_shape(self.policy, wanted.audience) if accounts is not None else None
        files = [EventInput(file.path, file.kind) for file in inputs.events]
        settings = Settings(memory, threads)
        try:
            # First the events that cannot be read, then the leads: as the Python engine tells them.
            waiting: list[Rejected] = []
            rejected = waiting.append
            with Run(self.policy, at, self.summary, lambda one: rejected(one), settings, self._progress.show) as run:
                run.check(wanted.reasons)
                run.read_leads(inputs.leads)
                rejected = self.reject
                run.read_events(files)
                for one in waiting:
                    self.reject(one)
                if wanted.incremental:
                    run.score_again(shape, wanted.previous)
                else:
                    run.score(shape)
                if accounts is not None and rolled_up is not None:
                    rows = run.accounts(rolled_up)
                    with_accounts = open_writer(accounts, rolled_up.columns)
                    try:
                        for row in rows:
                            with_accounts.row(row)
                    except BaseException:
                        with_accounts.abandon()
                        raise
                    with_accounts.close()
                if wanted.incremental and self.output is not None:
                    run.write_with_state(shape, self.output)
                elif self.output is None or not run.write(shape, self.output):
                    writer = open_writer(self.output, shape.columns)
                    try:
                        for row in run.rows(shape):
                            writer.row(row)
                    except BaseException:
                        writer.abandon()
                        raise
                    self._progress.clear()
                    writer.close()
        except CannotSay as why:
            self._progress.clear()
            if or_python:
                self.summary = Summary(notes=[f"scored with Python, because DuckDB cannot say exactly: {why}"])
                self.score(inputs, at, wanted)
                return
            hint = "use --engine python."
            raise Refusal(f"DuckDB cannot say exactly what the policy does: {why}", hint) from None
        except BaseException:
            self._progress.clear()
            if self._rejects is not None:
                self._rejects.abandon()
            raise
        self._progress.clear()
        self._finish_rejects()
        self.seconds = time.perf_counter() - started

    def reject(self, rejected: Rejected) -> None:
        from ..compiler.batch import FirstRejected

        if self.strict:
            raise FirstRejected(rejected)
        if len(self.examples) < self.EXAMPLES:
            self.examples.append(rejected)
        if self.output is None:
            return
        if self._rejects is None:
            self._rejects = self._open_rejects(self.output)
        self._rejects.row((rejected.file, rejected.row, rejected.key, rejected.column, rejected.value, rejected.reason))

    def _open_rejects(self, output: Path) -> Writer:
        from ..compiler.tables import Column, open_writer

        self.rejected_file = _rejected_beside(output)
        names = ("file", "row", "key", "column", "value", "reason")
        return open_writer(self.rejected_file, [Column(name, "whole" if name == "row" else "text") for name in names])

    def _finish_rejects(self) -> None:
        if self._rejects is not None:
            self._rejects.close()
        elif self.output is not None and _rejected_beside(self.output).exists():
            # What an earlier run rejected is no longer true.
            self._open_rejects(self.output).close()
            self.rejected_file = None

    def _watch(self, what: str) -> Watch:
        def watch(table: Table, rows: int) -> None:
            self._progress.show(f"{rows:,} {what}", table.progress())

        return watch


def _logged(log: DecisionLog) -> str:
    said = f"{render.counted(log.records, 'record')} added to {log.path}"
    if log.after_a_broken_line:
        said += "; its last line was cut off (a run was interrupted there), and is left as it is"
    return said


# ------------------------------------------------------------------ the summary


def summary_text(
    policy: Policy,
    summary: Summary,
    at: int,
    as_of_now: bool,
    rejected_file: Path | None,
    examples: Sequence[Rejected],
    seconds: float,
) -> str:
    """What happened, for the person at the terminal."""
    from ..compiler.wording import moment_text

    paint = render.paint_for(sys.stderr)
    program = policy.program
    now = " (now; --at sets another instant)" if as_of_now else ""
    # Of a small table it would tell how long it takes to begin.
    rate = f", {summary.scored / seconds:,.0f} a second" if seconds >= 0.5 and summary.scored >= 1_000 else ""
    lines = [
        paint.strong(f"{render.counted(summary.scored, program.subject)} scored")
        + f" with {program.name} {program.version}".rstrip()
        + f" as of {moment_text(at, policy.zone)}{now}",
    ]
    size = max((len(name) for name in (*summary.bands, *summary.decisions, "rejected", "events")), default=0)

    def row(name: str, text: str) -> None:
        lines.append(render.wrapped(text, render.width_of_terminal(), f"  {name:<{size}}  ", " " * (size + 4)))

    for name, counts in (*summary.bands.items(), *summary.decisions.items()):
        order = _labels(policy, name)
        row(name, ", ".join(f"{label} {counts[label]:,}" for label in order if counts[label]) or "none")
    if program.gates:
        barred = [f"{gate.name} {summary.gates[gate.name]:,}" for gate in program.gates]
        row("gates", "barring " + ", ".join(barred))
    if summary.rejected or summary.events_rejected:
        lines.append(_rejected(summary, rejected_file, examples, paint, size, program.subject))
    if summary.events:
        row("events", _events(summary, program.subject))
    if summary.undeclared:
        kinds = [f"{kind or '(no name)'} {count:,}" for kind, count in summary.undeclared.most_common(5)]
        more = len(summary.undeclared) - len(kinds)
        row("", f"not declared in the policy: {', '.join(kinds)}" + (f" and {more} more kinds" if more else ""))
    if summary.accounts:
        row("accounts", f"{summary.accounts:,}")
    for note in _notes(policy, summary, at):
        lines.append(render.wrapped(note, render.width_of_terminal(), "  note: ", " " * 8))
    lines.append(paint.faint(f"  {seconds:.1f} s{rate}"))
    return "\n".join(lines)


def _labels(policy: Policy, name: str) -> Sequence[str]:
    for band in policy.program.bands:
        if band.name == name:
            return band.labels
    return next(decision.outcomes for decision in policy.program.decisions if decision.name == name)


def _rejected(
    summary: Summary,
    file: Path | None,
    examples: Sequence[Rejected],
    paint: render.Paint,
    size: int,
    subject: str,
) -> str:
    counts = Counter({subject: summary.rejected, "event": summary.events_rejected})
    words = " and ".join(render.counted(count, what) for what, count in counts.items() if count)
    where = f": see {file}" if file is not None else ""
    lines = [f"  {'rejected':<{size}}  " + paint.warning(words) + where]
    for one in examples:
        value = repr(render.shown(one.value, 40)) if one.value and one.value not in one.reason else ""
        place = f"{os.path.basename(one.file)} row {one.row}"
        what = " ".join(part for part in (one.column, value) if part)
        text = f"{place}: {what}{': ' if one.column else ' ' if what else ''}{one.reason}"
        lines.append(render.wrapped(text, render.width_of_terminal(), " " * (size + 4), " " * (size + 6)))
    if file is None:
        lines.append(" " * (size + 4) + "with -o OUT all of them are written to OUT.rejected.csv")
    return "\n".join(lines)


def _events(summary: Summary, subject: str) -> str:
    ignored = {
        f"without a {subject}": summary.events_without_lead,
        f"of a rejected {subject}": summary.events_of_rejected,
        "unreadable": summary.events_rejected,
        "after the as-of instant": summary.events_to_come,
        "of undeclared kinds": sum(summary.undeclared.values()),
        "repeated (same event_id)": summary.events_repeated,
    }
    text = f"{summary.events_used:,} of {summary.events:,} used"
    left = [f"{count:,} {what}" for what, count in ignored.items() if count]
    if left:
        text += f"; ignored: {', '.join(left)}"
    if summary.events_alike:
        text += f"; {summary.events_alike:,} counted although they are the same as another in everything"
    return text


def _notes(policy: Policy, summary: Summary, at: int) -> list[str]:
    from ..compiler.wording import moment_text

    program = policy.program
    notes = list(summary.notes)
    if program.effective_from is not None and at < program.effective_from:
        notes.append(f"the policy is in effect only from {moment_text(program.effective_from, policy.zone)}")
    if program.effective_to is not None and at >= program.effective_to:
        notes.append(f"the policy was in effect only until {moment_text(program.effective_to, policy.zone)}")
    if not summary.leads:
        notes.append("the table has no rows")
    return notes
