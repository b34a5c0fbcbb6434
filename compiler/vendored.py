"""A policy as one Python module that another application keeps beside its own code, with nothing to install.

It holds the generated function, the parts of `dsl.values`, `dsl.facts` and `engines.runtime` that this needs, word for
word, and a `score` that takes what `Policy.score` takes and gives what that gives.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from inspect import getsource
from textwrap import dedent

from ..dsl import facts, ir, values
from ..dsl.result import Line
from .engines import runtime
from .engines.emission import Module, printable
from .engines.functions import constants_text, score_function
from .reasons import vocabulary

_SHARED = (values, facts, runtime)
"""The modules whose text is taken over. They use the standard library and each other, nothing else."""


def vendored_module(program: ir.Program, *, policy_text_name: str = "") -> str:
    """The text of the module. `policy_text_name` is what it calls the policy it was made from."""
    module = Module(program)
    function = score_function(module, True)
    body = "\n\n".join(
        (
            constants_text(module),
            _tables(program, tuple(module.lines)),
            "\n".join(function.lines).replace("def score_with_reasons(", "def _scored(", 1),
            _API,
        )
    )
    imports, definitions = _shared_by(body)
    return "\n".join(
        (
            f'"""{_documentation(program, policy_text_name)}"""',
            "",
            "from __future__ import annotations",
            "",
            *imports,
            "",
            _PUBLIC,
            "",
            definitions,
            "",
            f"# {'-' * 66} {printable(program.name)}",
            "",
            body,
        )
    )


# ------------------------------------------------------------------ what stands at the top


def _documentation(program: ir.Program, policy_text_name: str) -> str:
    source = f" from `{policy_text_name}`" if policy_text_name else ""
    lines = [
        f"{program.label or program.name}: scores, bands, decisions and reasons for a {program.subject}.",
        "",
        f"Written by scorec{source}. To change it, change the policy and build it again.",
        "",
        f"    policy       {program.name} {program.version}",
        f"    fingerprint  {program.fingerprint}",
        f"    language     {program.language}",
        "",
        f"The {program.subject} is a mapping. What is not there, None or an empty text is missing:",
        "",
        *(f"    {_field_line(one)}" for one in program.fields),
        "",
    ]
    if program.events:
        lines += [
            "Each event is a mapping with `event` (its kind), `at` (its instant) and its properties:",
            "",
            *(line for event in program.events for line in _event_lines(event)),
            "",
        ]
    lines += [
        "Times are ISO texts or datetimes; one without a zone is in " + program.timezone + ".",
        "",
        "    result = score({...}, events=[...], at='2026-03-02')",
        *(f"    result.{kind}[{name!r}]" for kind, name in _things(program)),
        "    result.reasons",
        "",
        "`score` raises ValueError, with every reason, for data that cannot be read.",
        "",
    ]
    return "\n".join(map(_escaped, lines))


def _things(program: ir.Program) -> Iterator[tuple[str, str]]:
    for kind, names in (
        ("scores", program.declared_scores),
        ("bands", tuple(band.name for band in program.bands)),
        ("decisions", program.declared_decisions),
    ):
        if names:
            yield kind, names[-1]


def _field_line(field: ir.Field) -> str:
    words = [f"{field.name}: {field.kind.value}"]
    if field.values is not None:
        words = [f"{field.name}: one of {', '.join(field.values)}"]
    if field.required:
        words.append("required")
    if field.column and field.column != field.name:
        words.append(f"(also called {field.column!r})")
    return " ".join(words)


def _event_lines(event: ir.EventKind) -> Iterator[str]:
    named = "" if event.source in ("", event.name) else f" (also called {event.source!r})"
    yield f"    {event.name}{named}"
    for prop in event.properties:
        yield f"        {_field_line(prop)}"


def _escaped(text: str) -> str:
    """A line of a docstring: nothing in it can end the docstring."""
    return (
        "".join(character if character.isprintable() else " " for character in text)
        .replace("\\", "\\\\")
        .replace('"', '\\"')
    )


_PUBLIC = '__all__ = ["FINGERPRINT", "POLICY", "VERSION", "Choice", "Reason", "Result", "score"]'


# ------------------------------------------------------------------ tables


def _tables(program: ir.Program, lines: Sequence[tuple[str, str, str]]) -> str:
    """What the functions need to know of the policy's names."""
    words = vocabulary(program)
    zone = "timezone.utc" if program.timezone == "UTC" else f"ZoneInfo({program.timezone!r})"
    shown = []
    for score, rule, step in lines:
        line = Line(score, rule, step, 0)
        shown.append(f"    ({score!r}, {rule!r}, {step!r}, {words.text_of(line)!r}, {words.cut_pattern(line)!r}),")
    specs = [f"    {_spec(one)}," for one in program.fields]
    kinds = {}
    for event in program.events:
        kinds[event.name] = event
    for event in program.events:
        kinds[event.source or event.name] = event
    known = [
        f"    {word!r}: ({event.name!r}, ({''.join(_spec(prop) + ', ' for prop in event.properties)})),"
        for word, event in kinds.items()
    ]
    return "\n".join(
        (
            f"POLICY = {program.name!r}",
            f"VERSION = {program.version!r}",
            f"FINGERPRINT = {program.fingerprint!r}",
            "",
            f"_SUBJECT = {program.subject!r}",
            f"_ZONE: tzinfo = {zone}",
            "_FIELDS: tuple[FieldSpec, ...] = (",
            *specs,
            ")",
            "_EVENTS: dict[str, tuple[str, tuple[FieldSpec, ...]]] = {",
            *known,
            "}",
            f"_SCORES: tuple[str, ...] = {program.declared_scores!r}",
            f"_BANDS: tuple[str, ...] = {tuple(band.name for band in program.bands)!r}",
            f"_GATES: tuple[str, ...] = {tuple(gate.name for gate in program.gates)!r}",
            f"_DECISIONS: tuple[str, ...] = {program.declared_decisions!r}",
            f"_READS = {len(program.reads)}",
            "_LINES: tuple[tuple[str, str, str, str, str], ...] = (",
            *shown,
            ")",
            '"""for each line of an account: score, rule, step, its words, and how a limit on it reads"""',
            "",
        )
    )


def _spec(field: ir.Field) -> str:
    return repr((field.name, field.kind.value, field.required, field.column, field.values))


# ------------------------------------------------------------------ what is taken over


@dataclass(frozen=True)
class _Chunk:
    """A definition of a shared module with the comments before it: what it defines, and the names it uses."""

    text: str
    defines: frozenset[str]
    uses: frozenset[str]


_OF_THE_TEXT = (
    ("ZoneInfo", "zoneinfo"),
    ("NamedTuple", "typing"),
    ("Iterable", "collections.abc"),
    ("isfinite", "math"),
    ("sqrt", "math"),
)
"""What the emitted text itself takes from the standard library; the shared modules need not import it."""


def _shared_by(body: str) -> tuple[list[str], str]:
    """The imports, and the definitions of the shared modules that a text needs, directly or not."""
    chunks: list[_Chunk] = []
    imported: dict[str, tuple[str, str]] = {}
    for module in _SHARED:
        more_chunks, more_imported = _pieces(getsource(module))
        chunks += more_chunks
        imported |= more_imported
    for name, home in _OF_THE_TEXT:
        imported[name] = (home, name)
    defining = {name: chunk for chunk in chunks for name in chunk.defines}
    wanted: set[int] = set()
    used = _names_in(ast.parse(body))
    waiting = list(used)
    while waiting:
        chunk = defining.get(waiting.pop())
        if chunk is not None and id(chunk) not in wanted:
            wanted.add(id(chunk))
            used |= chunk.uses
            waiting += chunk.uses
    text = "\n".join(chunk.text for chunk in chunks if id(chunk) in wanted)
    return _import_lines(imported[name] for name in sorted(used & imported.keys())), text


def _pieces(text: str) -> tuple[list[_Chunk], dict[str, tuple[str, str]]]:
    """A module's definitions, and what it imports from the standard library by name."""
    # The modules become one, so that `values.folded` is `folded` here.
    text = re.sub(r"\bvalues\.(?=[A-Za-z_])", "", text)
    lines = text.split("\n")
    tree = ast.parse(text)
    chunks: list[_Chunk] = []
    imported: dict[str, tuple[str, str]] = {}
    taken = 0
    for at, node in enumerate(tree.body):
        end = node.end_lineno or node.lineno
        match node:
            case ast.ImportFrom(module=module, names=names, level=0):
                imported |= {alias.asname or alias.name: (module or "", alias.name) for alias in names}
            case ast.Import(names=names):
                imported |= {alias.name: ("", alias.name) for alias in names}
            case ast.ImportFrom() | ast.Expr() if not chunks or isinstance(node, ast.ImportFrom):
                pass
            case ast.Expr():  # the words below a constant belong to it
                last = chunks.pop()
                chunks.append(_Chunk("\n".join((last.text, *lines[taken:end])), last.defines, last.uses))
            case _:
                start = taken if at and chunks else node.lineno - 1 - len(getattr(node, "decorator_list", []))
                chunks.append(
                    _Chunk("\n".join(lines[start:end]), frozenset(_defined_by(node)), frozenset(_names_in(node)))
                )
        taken = end
    return chunks, imported


def _defined_by(node: ast.stmt) -> Iterator[str]:
    match node:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.Assign(targets=targets):
            yield from (name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name))
        case ast.AnnAssign(target=ast.Name(id=name)):
            yield name
        case _:
            raise AssertionError(f"line {node.lineno}: a shared module has only definitions")


def _names_in(node: ast.AST) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def _import_lines(found: Iterable[tuple[str, str]]) -> list[str]:
    by_module: dict[str, list[str]] = {}
    for module, name in found:
        by_module.setdefault(module, []).append(name)
    plain = [f"import {name}" for name in sorted(by_module.pop("", []))]
    return plain + [
        f"from {module} import {', '.join(sorted(names, key=_constants_first))}"
        for module, names in sorted(by_module.items())
    ]


def _constants_first(name: str) -> tuple[bool, bool, str]:
    return not name.isupper(), not name[0].isupper(), name


_API = dedent('''\
    class Reason(NamedTuple):
        """One line of the account of a score; over all lines of one score the points add up to it. `before` is what the
        points were before a limit, and `cut` says in words what that did."""

        score: str
        rule: str
        points: Decimal
        text: str
        before: Decimal | None
        cut: str | None


    class Choice(NamedTuple):
        """How a decision came about: the row that chose (from 1), and the rows that gates barred before it."""

        outcome: str
        row: int
        barred: tuple[tuple[int, tuple[str, ...]], ...]


    class Result(NamedTuple):
        """The result at one instant. Scores are exact (None where missing); `gates` tells which outcomes each gate
        bars; `completeness` is the share, from 0 to 1, of the fields that are read and known."""

        at: datetime
        scores: dict[str, Decimal | None]
        bands: dict[str, str]
        decisions: dict[str, str]
        choices: dict[str, Choice]
        gates: dict[str, tuple[str, ...]]
        reasons: tuple[Reason, ...]
        completeness: Decimal


    def score(
        lead: Mapping[str, Any], events: Iterable[Mapping[str, Any]] = (), at: str | datetime | date | None = None
    ) -> Result:
        """Scores one lead at an instant: `at`, or now. Events after it, and of kinds that the policy does not know, do
        not count. Raises ValueError, with every reason, for data that cannot be read."""
        clean, refusals = read_lead(_FIELDS, _ZONE, lead)
        if refusals:
            raise ValueError(_refused(f"this {_SUBJECT}", refusals))
        happened: list[dict[str, Any]] = []
        for number, event in enumerate(events, 1):
            read, refused = read_event(_EVENTS, _ZONE, event)
            if read is not None:
                happened.append(read)
            elif refused[0][2] != UNDECLARED:
                refusals += [(f"event {number}, {column}", value, reason) for column, value, reason in refused]
        if refusals:
            raise ValueError(_refused("these events", refusals))
        now = instant(datetime.now(timezone.utc)) if at is None else read_instant(at, _ZONE)
        scores, bands, gates, decisions, known, lines = _scored(clean, happened, now)
        return Result(
            at=moment_of(now),
            scores={name: None if ticks is None else decimal_of(ticks) for name, ticks in zip(_SCORES, scores)},
            bands=dict(zip(_BANDS, bands)),
            decisions={name: chosen[0] for name, chosen in zip(_DECISIONS, decisions)},
            choices={name: Choice(*chosen) for name, chosen in zip(_DECISIONS, decisions)},
            gates=dict(zip(_GATES, gates)),
            reasons=tuple([_reason(*line) for line in lines]),
            completeness=decimal_of(divide(TICKS * known, _READS) if _READS else TICKS),
        )


    def _reason(number: int, ticks: int, before: int | None = None) -> Reason:
        score, rule, step, text, pattern = _LINES[number]
        if before is None or step in ("start", "body"):
            return Reason(score, rule, decimal_of(ticks), text, None, None)
        after = ticks if step == "rule" else before + ticks
        words = pattern.format(
            before=f"{decimal_of(before):f}", after=f"{decimal_of(after):f}", cut="cut" if ticks < 0 else "raised"
        )
        return Reason(score, rule, decimal_of(ticks), text, decimal_of(before), words)


    def _refused(what: str, refusals: list[Refusal]) -> str:
        return "\\n".join([f"{what} cannot be read", *(f"  {column}: {reason}" for column, _, reason in refusals)])
    ''')
