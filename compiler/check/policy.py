"""Units -> ir.Program: the checks of a whole policy, or of a library, in their order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timezone
from typing import Literal, NamedTuple, TypeVar

from ...dsl import ir, tree
from ...dsl.problems import Problem
from ...dsl.source import Source, Span
from . import decisions, expressions, facts, functions, header, lists, names, promises, scores, templates, tests
from .decision_problems import AccountKeyNotText
from .file_problems import MisplacedDeclaration
from .name_problems import CircularDefinition
from .scope import (
    ACCOUNT,
    ANYWHERE,
    BAND,
    DECISION,
    GATE,
    ONE_LEAD,
    PROMISE,
    SCORE,
    TEST,
    TEXT,
    Facts,
    Names,
    Place,
    Reading,
    Report,
    Scope,
    kind_words,
)
from .score_problems import TooManyInstants
from .units import ListFile, Unit


@dataclass(frozen=True)
class Checked:
    """What a file means, and what is wrong with it. The program is to be used only if nothing is, neither here nor in
    the reading of the texts."""

    program: ir.Program | None
    problems: tuple[Problem, ...]
    sources: Mapping[str, Source]


def check(main: Unit, libraries: Mapping[str, Unit]) -> Checked:
    """Checks a policy or a library with all that it uses. For a library there is no program."""
    sources = {unit.source.name: unit.source for unit in (*libraries.values(), main)}
    report = Report(sources)
    files = _named(main, libraries, report)
    for name, unit in libraries.items():
        _check_library(unit, files[name], report, _reader(unit, sources))
    program = None
    if main.file is not None and main.name:
        header.read(main.file, report)
        _check_library(main, files[""], report, _reader(main, sources))
    elif main.file is not None:
        program = _check_policy(main, main.file, files[""], report, _reader(main, sources))
    return Checked(program, tuple(report.problems), sources)


def _reader(unit: Unit, sources: dict[str, Source]) -> ListFile:
    """A unit's reader of list files, which notes what it has read."""

    def read(name: str) -> Source | str | None:
        found = unit.list_file(name)
        if isinstance(found, Source):
            sources.setdefault(found.name, found)
        return found

    return read


# ------------------------------------------------------------------ names


def _named(main: Unit, libraries: Mapping[str, Unit], report: Report) -> dict[str, Names]:
    """What every file declares, and the libraries that it sees, by alias. The main file's own name is empty here."""
    units = {**libraries, "": main}
    files = {name: Names(unit.name, unit.broken_names) for name, unit in units.items()}
    for name, unit in units.items():
        if unit.file is not None:
            names.declare(unit.file, files[name], report)
        _link(unit, files[name], {**files, main.name: files[""]}, report)
    return files


def _link(unit: Unit, own: Names, files: Mapping[str, Names], report: Report) -> None:
    first: dict[str, tree.Name] = {}
    used: dict[str, tree.Name] = {}
    for line in unit.uses:
        alias = line.alias or line.name.parts[-1]
        full = tree.Name(line.name.text, span=line.name.span)
        if used.setdefault(full.text, full) is not full:
            names.say_twice(report, f"`use {full.text}`", full.span, used[full.text].span)
        elif first.setdefault(alias.text, alias) is not alias:
            hint = f"call one of them otherwise: `use {full.text} as OTHER_NAME`"
            names.say_duplicate(report, alias, first[alias.text], "libraries", hint=hint)
        else:
            own.libraries[alias.text] = files.get(full.text)


def _scope(own: Names, facts_: Facts, report: Report, place: Place) -> Scope:
    return Scope(own, facts_, report, place, set())


# ------------------------------------------------------------------ libraries, and sets in general


def _check_library(unit: Unit, own: Names, report: Report, list_file: ListFile) -> None:
    """Checks a library by itself: its lists, its defines and its sets, whatever their parameters will be."""
    file = unit.file
    if file is None:
        return
    scope = _scope(own, Facts(timezone.utc, unit.incomplete, unit.torn), report, ANYWHERE)
    for declaration in file.declarations:
        if not isinstance(
            declaration, tree.Use | tree.ListOf | tree.Define | tree.RuleSet | tree.BandSet | tree.ChoiceSet
        ):
            word = report.quote(declaration.span).split(" ")[0]
            hint = "a library holds lists, defines, and sets of rules, bands and choices; the rest belongs in a policy"
            report.add(MisplacedDeclaration(span=_heading(declaration), what=f"`{word}`", place="a library", hint=hint))
    _read_lists(scope, file, list_file)
    _check_sets(scope, file)
    # What was worked out here knows no policy: its events, its time zone.
    own.defines.clear()


def _heading(declaration: tree.Declaration) -> Span:
    match declaration:
        case tree.Record(subject=name) | tree.Alert(name=name) | tree.Show(audience=name):
            return name.span
        case tree.Score(name=name) | tree.Band(name=name) | tree.Outcome(name=name) | tree.Decide(name=name):
            return name.span
        case tree.Gate(name=name) | tree.Promise(name=name):
            return name.span
        case tree.Event(kinds=kinds):
            return kinds[0].span
        case tree.Test(title=title):
            return title.span
        case tree.Account(key=key):
            return key.span
        case _:
            return declaration.span


def _read_lists(scope: Scope, file: tree.File, list_file: ListFile) -> None:
    for declaration in file.declarations:
        if isinstance(declaration, tree.ListOf) and declaration.name.text not in scope.names.lists:
            scope.names.lists[declaration.name.text] = lists.declared_list(scope, declaration, list_file)


def _check_sets(scope: Scope, file: tree.File) -> None:
    """Checks every define and every set by itself, so that whoever uses it is told only of what the use adds."""
    for declaration in file.declarations:
        match declaration:
            case tree.Define(params=()):
                expressions.opened(scope, scope.names, declaration)
            case tree.Define(params=params):
                names.once(scope.report, (param.name for param in params), "parameters")
                expressions.opened_generic(scope, declaration)
            case tree.RuleSet() | tree.BandSet() | tree.ChoiceSet():
                names.once(scope.report, (param.name for param in declaration.params), "parameters")
                templates_scope = replace(scope, params=functions.generic(declaration.params))
                if not templates.enters(scope, declaration, scope):
                    continue
                match declaration:
                    case tree.RuleSet():
                        scores.rule_set(templates_scope, declaration)
                    case tree.BandSet():
                        decisions.band_set(templates_scope, declaration)
                    case tree.ChoiceSet():
                        decisions.choice_set(templates_scope, declaration)
                templates.leave(scope)
            case _:
                pass


# ------------------------------------------------------------------ a policy


T = TypeVar("T", bound=tree.Node)


def _of(items: Iterable[tree.Node], kind: type[T]) -> list[T]:
    """The declarations of one kind, in the order of the text."""
    return [item for item in items if isinstance(item, kind)]


def _check_policy(unit: Unit, file: tree.File, own: Names, report: Report, list_file: ListFile) -> ir.Program:
    head = header.read(file, report)
    known = Facts(head.zone, unit.incomplete, unit.torn)
    scope = _scope(own, known, report, ANYWHERE)
    start, end = header.effective(scope, head)
    items = file.declarations
    key = facts.lead_fields(scope, _of(items, tree.Record), head.subject)
    facts.event_kinds(scope, _of(items, tree.Event), report)
    accounts = _of(items, tree.Account)
    for account in accounts[1:]:
        names.say_twice(report, "`account`", account.key.span, accounts[0].key.span)
    _enter_labels(own, known, (*items, *(item for account in accounts for item in account.items)))
    _read_lists(scope, file, list_file)
    _check_sets(scope, file)

    lead = _results(own, known, report, items, _LEAD)
    rolled = _account(own, known, report, accounts[0]) if accounts else None
    outcomes = [decisions.outcome(scope, own.outcomes[name]) for name in own.outcomes]
    _once_each(report, items)
    alerts = [decisions.alert(scope, node) for node in _of(items, tree.Alert)]
    shows = [decisions.show(scope, node) for node in _of(items, tree.Show)]
    vows = [
        promises.promise(_scope(own, known, report, PROMISE), node, head.subject) for node in _of(items, tree.Promise)
    ]
    promises.contradictions(_scope(own, known, report, PROMISE), vows)
    clock = any(what == "clock" for what, _ in lead.reads)
    examples = [tests.test(_scope(own, known, report, TEST), node, clock) for node in _of(items, tree.Test)]

    in_use = [*lead.outcomes, *(rolled.outcomes if rolled is not None else ())]
    declared = {outcome.name for outcome in outcomes}
    outcomes.extend(ir.Outcome(name, "", None) for name in dict.fromkeys(in_use) if name not in declared)
    read = {name for what, name in lead.reads if what == "field"}
    return ir.Program(
        name=head.name,
        label=head.label,
        version=head.version,
        language=head.language,
        owner=head.owner,
        effective_from=start,
        effective_to=end,
        timezone=head.timezone,
        subject=head.subject,
        key=key,
        fields=tuple(known.fields.values()),
        events=tuple(known.events.values()),
        scores=lead.scores,
        declared_scores=lead.declared_scores,
        bands=lead.bands,
        gates=lead.gates,
        decisions=lead.decisions,
        declared_decisions=lead.declared_decisions,
        outcomes=tuple(outcomes),
        alerts=tuple(alert for alert in alerts if alert is not None),
        shows=tuple(shows),
        account=rolled.account if rolled is not None else None,
        promises=tuple(vows),
        tests=tuple(example for example in examples if example is not None),
        reads=tuple(name for name in known.fields if name in read),
    )


def _enter_labels(own: Names, known: Facts, items: Iterable[tree.Node]) -> None:
    """The labels of bands and the outcomes of decisions are known before any expression is read."""
    for item in items:
        match item:
            case tree.Band(name=name, rows=rows):
                known.labels.setdefault(name.text, tuple(dict.fromkeys(templates.band_labels(own, rows))))
            case tree.Decide(name=name, rows=choices):
                known.labels.setdefault(name.text, tuple(dict.fromkeys(templates.outcomes(own, choices))))
            case _:
                continue
        # What a set includes may be torn wherever it stands.
        if known.is_torn(item.span) or (known.incomplete and any(isinstance(row, tree.Include) for row in item.rows)):
            known.torn_labels.add(item.name.text)


def _once_each(report: Report, items: Iterable[tree.Node]) -> None:
    """Names that are a kind of their own: each stands once among its like."""
    names.once(report, (node.name for node in _of(items, tree.Gate)), "gates")
    names.once(report, (node.name for node in _of(items, tree.Alert)), "alerts")
    names.once(report, (node.audience for node in _of(items, tree.Show)), "audiences")
    names.once(report, (node.name for node in _of(items, tree.Promise)), "promises")
    titles = (tree.Name(node.title.value, span=node.title.span) for node in _of(items, tree.Test))
    names.once(report, titles, "tests")


# ------------------------------------------------------------------ scores, bands, gates, decisions


class _Level(NamedTuple):
    """Whose results they are: one lead's, or an account's."""

    score: Literal["score", "account score"]
    band: Literal["band", "account band"]
    places: Mapping[type[tree.Node], Place]


_LEAD = _Level("score", "band", {tree.Score: SCORE, tree.Band: BAND, tree.Gate: GATE, tree.Decide: DECISION})
_ACCOUNT = _Level(
    "account score", "account band", dict.fromkeys((tree.Score, tree.Band, tree.Gate, tree.Decide), ACCOUNT)
)


@dataclass(frozen=True, slots=True)
class _Results:
    """The scores, bands, gates and decisions of one level, and all that they read."""

    scores: tuple[ir.Score, ...]
    declared_scores: tuple[str, ...]
    bands: tuple[ir.Band, ...]
    gates: tuple[ir.Gate, ...]
    decisions: tuple[ir.Decision, ...]
    declared_decisions: tuple[str, ...]
    reads: frozenset[Reading]

    @property
    def outcomes(self) -> Iterator[str]:
        for decision in self.decisions:
            yield from decision.outcomes


def _results(own: Names, known: Facts, report: Report, items: Iterable[tree.Node], level: _Level) -> _Results:
    nodes = tuple(items)
    reads: dict[str, set[Reading]] = {}
    places: dict[str, Span] = {}

    def scope_of(node: tree.Score | tree.Band | tree.Gate | tree.Decide) -> Scope:
        scope = _scope(own, known, report, level.places[type(node)])
        # A gate shares no names with the rest, and nothing waits for it.
        name = node.name.text if not isinstance(node, tree.Gate) else f"gate {node.name.text}"
        places.setdefault(name, node.name.span)
        reads[name] = scope.reads
        return scope

    made_scores = {node.name.text: scores.score(scope_of(node), node) for node in _of(nodes, tree.Score)}
    made_bands = [decisions.band(scope_of(node), node, level.score) for node in _of(nodes, tree.Band)]
    decides = _of(nodes, tree.Decide)
    made_decisions = {node.name.text: decisions.decision(scope_of(node), node, level.band) for node in decides}
    outcomes = [outcome for node in decides for outcome in known.labels.get(node.name.text, ())]
    fallbacks = {
        row.outcome: decision.name
        for decision in made_decisions.values()
        if decision is not None
        for row in decision.rows
        if isinstance(row, ir.Choice) and row.trigger is None
    }
    made_gates = [decisions.gate(scope_of(node), node, outcomes, fallbacks) for node in _of(nodes, tree.Gate)]
    results = {name: {read for what, read in found if what in _RESULTS} for name, found in reads.items()}
    order = _dependency_order(report, results, places)
    if not report.circles:
        _check_looks_back(report, reads, places)
    return _Results(
        scores=tuple(score for name in order if (score := made_scores.get(name)) is not None),
        declared_scores=tuple(made_scores),
        bands=tuple(band for band in made_bands if band is not None),
        gates=tuple(made_gates),
        decisions=tuple(decision for name in order if (decision := made_decisions.get(name)) is not None),
        declared_decisions=tuple(made_decisions),
        reads=frozenset().union(*reads.values()),
    )


MOST_INSTANTS = 500
"""At so many earlier instants, over all scores, a policy may look back. Each is computed like a score of its own."""


def _check_looks_back(report: Report, reads: Mapping[str, set[Reading]], places: Mapping[str, Span]) -> None:
    """Refuses scores of scores `... ago` that add up to more instants than anybody means: each doubles them."""
    read_at: dict[str, list[tuple[str, int]]] = {}
    for name, found in reads.items():
        here = [(read, 0) for what, read in sorted(found) if what in _RESULTS]
        back = [(read.split(" ")[1], int(read.split(" ")[0])) for what, read in sorted(found) if what == "ago"]
        read_at[name] = here + back
    earlier: set[tuple[str, int]] = set()
    for start in reads:
        waiting = [(start, 0)]
        while waiting:
            name, ago = waiting.pop()
            for read, further in read_at.get(name, ()):
                then = (read, ago + further)
                if ago + further and then not in earlier:
                    earlier.add(then)
                    waiting.append(then)
            if len(earlier) > MOST_INSTANTS:
                report.add(TooManyInstants(span=places[start], score=start))
                return


_RESULTS: frozenset[str] = frozenset({"score", "band", "decision", "account"})
"""The readings that are of results, and so make one result wait for another."""


def _dependency_order(report: Report, reads: Mapping[str, set[str]], places: Mapping[str, Span]) -> list[str]:
    """The names, each after all that it reads, otherwise in the order of the text. Circles are reported."""
    order: list[str] = []
    done: set[str] = set()
    for start in reads:
        path: dict[str, Iterator[str]] = {start: iter(sorted(reads[start]))} if start not in done else {}
        while path:
            name, waiting = next(reversed(path.items()))
            read = next(waiting, None)
            if read is None:
                del path[name]
                done.add(name)
                order.append(name)
            elif read in path:
                names_on_path = list(path)
                circle = (*names_on_path[names_on_path.index(read) :], read)
                report.add(CircularDefinition(span=places[read], circle=circle))
            elif read in reads and read not in done:
                path[read] = iter(sorted(reads[read]))
    return order


# ------------------------------------------------------------------ the account


@dataclass(frozen=True, slots=True)
class _Rolled:
    """An account, and the outcomes that its decisions use."""

    account: ir.Account | None
    outcomes: tuple[str, ...]


def _account(own: Names, known: Facts, report: Report, node: tree.Account) -> _Rolled:
    scope = _scope(own, known, report, ONE_LEAD)
    key = expressions.meaning(scope, node.key)
    if key is not None and key.kind is not TEXT:
        what = report.quote(node.key.span)
        scope.say(AccountKeyNotText(span=node.key.span, key=what, is_a=kind_words(key)))
    where = expressions.condition(scope, node.where) if node.where is not None else None
    found = _results(own, known, report, node.items, _ACCOUNT)
    account = key and ir.Account(
        key.expr,
        where.expr if where is not None else None,
        found.scores,
        found.bands,
        found.gates,
        found.decisions,
        span=node.span,
    )
    names.once(report, (gate.name for gate in _of(node.items, tree.Gate)), "gates")
    return _Rolled(account, tuple(found.outcomes))
