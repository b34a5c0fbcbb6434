"""The functions of an emitted module: which pages they are made of, and the text of the module around them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ...dsl import ir, values
from . import runtime, terms
from .emission import Function, Module, Page, printable
from .gathering import gather
from .scoring import Scoring


class Written:
    """A function that is written."""

    def __init__(self, name: str, head: str, *bodies: Sequence[str]) -> None:
        self.name = name
        self.lines = [head, *(line for body in bodies for line in body)]


_SIGNATURE = "(lead: dict[str, Any], events: Sequence[dict[str, Any]], T: int) -> tuple[Any, ...]:"


def score_function(module: Module, with_reasons: bool) -> Written:
    """The flat function: the lead's attributes, one pass over the events, the finish."""
    function = finish_of(module, with_reasons)
    gather(function)
    name = "score_with_reasons" if with_reasons else "score"
    pages = (function.lead, function.early, function.instants, function.loop, function.finish)
    return Written(name, f"def {name}{_SIGNATURE}", *(page.lines for page in pages))


def finish_of(module: Module, with_reasons: bool, depth: int = 1) -> Function:
    """A function of which all is written but the pass over the events. What the lead's attributes alone decide stands
    before the pass."""
    program = module.program
    world = terms.world_of(program)
    function = Function(module, world, depth)
    study(function)
    _count_known(function)
    things = terms.needed(world, terms.everything(world))
    early = terms.decided_by_lead(world, things)
    lines = _lines_of(program, early, depth) if with_reasons else {}
    scoring = Scoring(function, with_reasons)
    for thing in things:
        page = function.early if thing in early else function.finish
        with function.writing(page):
            local = lines.get(thing[1]) if thing[0] == "score" and thing[2] == 0 else None
            if local is not None:
                if local not in scoring.opened:
                    page.put(f"{local}: list[tuple[int, ...]] = []")
                    scoring.opened.add(local)
                scoring.lines = local
            scoring.thing(thing)
    parts = [
        tuple_text(function.things["score", name, 0].text for name in program.declared_scores),
        tuple_text(function.things["band", band.name, 0].text for band in program.bands),
        tuple_text(function.things["gate", gate.name, 0].text for gate in program.gates),
        tuple_text(
            function.things["decision", name, 0].text.removesuffix("[0]") for name in program.declared_decisions
        ),
        "known",
    ]
    if with_reasons:
        parts.append(" + ".join(dict.fromkeys(lines.values())) or "[]")
    function.page.put(f"return {', '.join(parts)}")
    return function


def _lines_of(program: ir.Program, early: frozenset[terms.Thing], depth: int) -> dict[str, str]:
    """For each score the list that takes its lines: one for all if they are written in the order in which they have to
    stand, and at once."""
    written = [score.name for score in program.scores if ("score", score.name, 0) in early]
    written += [score.name for score in program.scores if ("score", score.name, 0) not in early]
    if depth == 1 and tuple(written) == program.declared_scores:
        return dict.fromkeys(program.declared_scores, "lines")
    return {name: f"lines_of_{number}" for number, name in enumerate(program.declared_scores)}


def study(function: Function) -> None:
    """Shows a function everything that is going to be written, so that it can compute once what is shared."""
    found: list[ir.Expr] = []
    world = function.world
    for score in world.scores.values():
        found += terms.expressions_of_score(score)
    for what, names in (("band", world.bands), ("gate", world.gates), ("decision", world.decisions)):
        for name in names:
            found += terms.expressions_of(world, what, name)  # type: ignore[arg-type]
    function.study(found)


def _count_known(function: Function) -> None:
    """How many of the fields that the policy reads are known."""
    program = function.module.program
    loads = [function.value(ir.FieldOf(program.field(name).kind, name)).text for name in program.reads]
    function.lead.put(f"known = {len(loads)}")
    for local in loads:
        function.lead.put(f"if {local} is None: known -= 1")


def tuple_text(parts: Iterable[str]) -> str:
    listed = list(parts)
    return f"({', '.join(listed)}{',' if len(listed) == 1 else ''})"


# -- accounts


def account_functions(module: Module) -> list[Written]:
    """`member`: what the account reads of one lead (None if the lead is in no account); `account`: the roll-up."""
    account = module.program.account
    assert account is not None
    roll_up = Function(module, terms.world_of(account))
    study(roll_up)
    scoring = Scoring(roll_up, False)
    for thing in terms.needed(roll_up.world, terms.everything(roll_up.world)):
        scoring.thing(thing)
    things = roll_up.things
    parts = [
        tuple_text(things["score", score.name, 0].text for score in account.scores),
        tuple_text(things["band", band.name, 0].text for band in account.bands),
        tuple_text(things["gate", gate.name, 0].text for gate in account.gates),
        tuple_text(things["decision", d.name, 0].text.removesuffix("[0]") for d in account.decisions),
    ]
    roll_up.page.put(f"return {', '.join(parts)}")
    head = Page(1)
    for at, ((what, _), local) in enumerate(roll_up.leads.items(), 1):
        if isinstance(what, ir.LeadsCount):
            head.put(f"{local} = sum([lead[{at}] for lead in leads])")
        else:
            head.put(f"{local} = sorted([lead[{at}] for lead in leads if lead[{at}] is not None], reverse=True)")
    return [
        _member_function(module, account, list(roll_up.leads)),
        Written(
            "account",
            "def account(leads: Sequence[tuple[Any, ...]], T: int) -> tuple[Any, ...]:",
            head.lines,
            roll_up.lead.lines,
            roll_up.instants.lines,
            roll_up.finish.lines,
        ),
    ]


def _member_function(module: Module, account: ir.Account, wanted: list[tuple[ir.LeadsCount | str, int]]) -> Written:
    world = terms.world_of(module.program)
    function = Function(module, world)
    read: list[tuple[ir.Expr, int]] = [(account.key, 0)]
    if account.where is not None:
        read.append((account.where, 0))
    things: list[terms.Thing] = []
    for what, shift in wanted:
        if isinstance(what, str):
            things.append(("score", what, shift))
        elif what.where is not None:
            read.append((what.where, shift))
    for expr, shift in read:
        things += terms.things_read(expr, shift)
    scoring = Scoring(function, False)
    for thing in terms.needed(world, things):
        scoring.thing(thing)
    key = function.folded(account.key)
    if key.guard is not None:
        function.page.put(f"if {key.guard} is None: return None")
    if account.where is not None:
        function.page.put(f"if not ({function.holds(account.where).text}): return None")
    parts = [key.text]
    for what, shift in wanted:
        if isinstance(what, str):
            parts.append(function.things["score", what, shift].text)
        elif what.where is None:
            parts.append("True")
        else:
            function.shift = shift
            local = function.fresh("h")
            function.page.put(f"{local} = {function.holds(what.where).text}")
            parts.append(f"bool({local})")
            function.shift = 0
    function.page.put(f"return {tuple_text(parts)}")
    gather(function)
    head = "def member(lead: dict[str, Any], events: Sequence[dict[str, Any]], T: int) -> tuple[Any, ...] | None:"
    pages = (function.lead, function.early, function.instants, function.loop, function.finish)
    return Written("member", head, *(page.lines for page in pages))


# -- modules


def module_text(module: Module, functions: Sequence[Written]) -> str:
    """The text of a module: what it imports, its constants, its functions."""
    program = module.program
    lines = [
        f"# {printable(program.name)} {printable(program.version)}: written by scorec, changed in the policy only.",
        "from __future__ import annotations",
        "",
        "from collections.abc import Callable, Sequence",
        "from typing import Any",
        "",
        *imports(module),
        "",
    ]
    lines.append(constants_text(module))
    for function in functions:
        lines += ["", "", *function.lines]
    return "\n".join(lines) + "\n"


def constants_text(module: Module) -> str:
    """The constants that the functions use."""
    return "\n".join(f"{name} = {text}" for text, name in module.constants.items())


def imports(module: Module) -> list[str]:
    """Where the names come from that the functions call."""
    found: dict[str, list[str]] = {}
    for name in sorted(module.calls):
        if name in ("isfinite", "sqrt"):
            found.setdefault("math", []).append(name)
        elif name == "timezone":
            found.setdefault("datetime", []).append(name)
        elif name == "ZoneInfo":
            found.setdefault("zoneinfo", []).append(name)
        elif name in vars(runtime) and name not in vars(values):
            found.setdefault(runtime.__name__, []).append(name)
        else:
            found.setdefault(values.__name__, []).append(name)
    return [f"from {place} import {', '.join(names)}" for place, names in sorted(found.items())]
