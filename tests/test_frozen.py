"""Frozen values: `@frozen` against what the standard library makes of the same class."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from dataclasses import FrozenInstanceError, dataclass, field, fields, replace
from typing import Any

import pytest

from scorec.dsl.frozen import frozen


@frozen
class Node:
    span: int = field(default=0, compare=False, repr=False, kw_only=True)


@frozen
class Rule(Node):
    name: str
    points: int = 10
    kind: str = field(default="rule", init=False)


@frozen
class Paused(Rule):
    until: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", "paused rule")


@frozen(slots=False, kw_only=True)
class Wrong:
    name: str
    label: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class StandardNode:
    span: int = field(default=0, compare=False, repr=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class StandardRule(StandardNode):
    name: str
    points: int = 10
    kind: str = field(default="rule", init=False)


@dataclass(frozen=True)
class StandardWrong:
    name: str = field(kw_only=True)
    label: str = field(default="", compare=False, kw_only=True)


PAIRS = pytest.mark.parametrize(("ours", "standard"), [(Rule, StandardRule), (Wrong, StandardWrong)])
ARGUMENTS: tuple[tuple[tuple[Any, ...], dict[str, Any]], ...] = (
    ((), {}),
    (("fit",), {}),
    (("fit", 3), {"span": 7}),
    (("fit",), {"points": 3}),
    ((), {"name": "fit", "label": "of the lead"}),
    ((), {"points": 3, "name": "fit"}),
    ((), {"name": "fit"}),
    (("fit",), {"name": "fit"}),
    (("fit", 3, 7), {}),
    (("fit",), {"pionts": 3}),
    (("fit",), {"kind": "score"}),
)


@PAIRS
@pytest.mark.parametrize(("given", "named"), ARGUMENTS)
def test_a_value_is_made_of_the_same_arguments_and_holds_the_same(
    ours: type[Any], standard: type[Any], given: tuple[Any, ...], named: dict[str, Any]
) -> None:
    def made(kind: Callable[..., Any]) -> list[Any] | type[TypeError]:
        try:
            return held(kind(*given, **named))
        except TypeError:
            return TypeError

    assert made(ours) == made(standard)


@PAIRS
def test_a_value_is_shown_and_matched_as_ever(ours: type[Any], standard: type[Any]) -> None:
    assert repr(ours(name="fit")) == repr(standard(name="fit")).replace("Standard", "")
    assert ours.__match_args__ == standard.__match_args__


def test_equal_is_what_is_of_one_class_and_alike_in_all_that_is_compared() -> None:
    assert Rule("fit", span=1) == Rule("fit", 10, span=2) and hash(Rule("fit", span=1)) == hash(Rule("fit"))
    assert Rule("fit") != Rule("fit", 11) and Rule("fit") != Rule("fat")
    assert Rule("fit") != Paused("fit")
    assert Node(span=1) == Node(span=2) and hash(Node(span=1)) == hash(Node())


@pytest.mark.parametrize("value", [Rule("fit"), Wrong(name="fit")], ids=repr)
def test_nothing_in_a_value_can_be_set_or_deleted(value: Any) -> None:
    with pytest.raises(FrozenInstanceError, match="assign to field 'name'"):
        value.name = "other"
    with pytest.raises(FrozenInstanceError, match="delete field 'name'"):
        del value.name


def test_a_value_with_slots_has_no_place_for_anything_else() -> None:
    with pytest.raises(AttributeError):
        object.__setattr__(Rule("fit"), "pionts", 3)


@pytest.mark.parametrize("value", [Rule("fit", 3, span=7), Wrong(name="fit", label="of the lead")], ids=repr)
def test_a_copy_holds_the_same(value: Any) -> None:
    for other in (copy.copy(value), copy.deepcopy(value), pickle.loads(pickle.dumps(value)), replace(value)):
        assert other is not value
        assert held(other) == held(value)


def test_a_copy_keeps_what_was_put_on_a_value_without_slots() -> None:
    value = Wrong(name="fit")
    object.__setattr__(value, "severity", "error")
    assert copy.copy(value).severity == "error"  # type: ignore[attr-defined]


def test_a_class_may_finish_its_values_itself() -> None:
    assert (Paused("fit").kind, Paused("fit", until="May").until) == ("paused rule", "May")


def test_a_class_keeps_the_functions_that_it_has() -> None:
    @frozen
    class Version:
        number: int

        def __repr__(self) -> str:
            return f"version {self.number}"

    assert repr(Version(3)) == "version 3"


def test_a_value_holds_nothing_that_can_change() -> None:
    with pytest.raises(AssertionError):

        @frozen
        class Score:
            rules: list[str] = field(default_factory=list)


def held(value: Any) -> list[Any]:
    return [getattr(value, one.name) for one in fields(value)]
