"""Programs changed through all their parts: expressions, selections of events, and what declares a name."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from strategies import programs

from scorec.compiler.analysis.rewriting import rewritten
from scorec.compiler.diff.renames import under_old_names
from scorec.compiler.policy import loads
from scorec.compiler.reading import parts
from scorec.dsl import ir

POLICY = """\
policy p
  language 1

lead by id
  size: number

event visit
  seconds: number

score fit
  +10 large when size >= 10
  +5 visits for each visit in the last 30 days where seconds > 10
"""


def test_selections_of_events_are_changed_like_expressions() -> None:
    program = loads(POLICY).program

    def forever(part: Any) -> Any:
        return replace(part, window=None) if isinstance(part, ir.Events) else part

    assert [part.window for part in parts(rewritten(program, forever)) if isinstance(part, ir.Events)] == [None]


def test_what_is_inside_is_changed_first() -> None:
    program = loads(POLICY).program
    seen: list[type] = []

    def note(part: Any) -> Any:
        seen.append(type(part))
        return part

    rewritten(program.scores[0].items[0], note)
    assert seen.index(ir.FieldOf) < seen.index(ir.Compare) < seen.index(ir.When) < seen.index(ir.Rule)


@settings(max_examples=30, deadline=None)
@given(programs())
def test_what_is_left_as_it_is_stays_the_same_object(program: ir.Program) -> None:
    assert rewritten(program, lambda part: part) is program


def test_a_name_is_changed_where_it_is_declared_and_where_it_is_read() -> None:
    program = under_old_names(loads(POLICY).program, {"field": {"size": "employees"}, "event": {"visit": "view"}})
    assert program.field("employees").column == "employees" and program.event("view").source == "view"
    assert [part.name for part in parts(program.scores) if isinstance(part, ir.FieldOf)] == ["employees"]
    assert [part.kinds for part in parts(program.scores) if isinstance(part, ir.Events)] == [("view",)]
