"""Frozen values: `@frozen` makes of a class what `@dataclass(frozen=True, slots=True)` does, and makes it at once.

The standard library writes six functions for each class, as text, and compiles them whenever the program starts. For
the hundreds of classes of a language that was half of the time until a command began. Here the functions are closures
over what the standard library knows about the fields, so that nothing is compiled; a value takes a little longer to
make. `fields`, `replace` and `match` work as ever.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, field, fields
from operator import attrgetter
from typing import Any, TypeVar, dataclass_transform, overload

T = TypeVar("T")

_put = object.__setattr__


@overload
def frozen(cls: type[T], /) -> type[T]: ...
@overload
def frozen(*, slots: bool = True, kw_only: bool = False) -> Callable[[type[T]], type[T]]: ...
@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(
    cls: type[T] | None = None, /, *, slots: bool = True, kw_only: bool = False
) -> type[T] | Callable[[type[T]], type[T]]:
    """Freezes a class: its annotations are its fields."""

    def freeze(cls: type[T]) -> type[T]:
        made = dataclass(init=False, repr=False, eq=False, slots=slots, kw_only=kw_only)(cls)
        for name, method in _methods(made, slots).items():
            if name not in vars(made):
                setattr(made, name, method)
        return made

    return freeze if cls is None else freeze(cls)


def _methods(cls: type[Any], slots: bool) -> dict[str, Callable[..., Any]]:
    every = fields(cls)
    assert all(one.default_factory is MISSING for one in every), f"{cls.__qualname__} holds what can change"
    shown = tuple(one.name for one in every if one.repr)
    compared = _values_of([one.name for one in every if one.compare])

    def __repr__(self: Any) -> str:
        return f"{cls.__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in shown)})"

    def __eq__(self: Any, other: object) -> bool:
        return compared(self) == compared(other) if other.__class__ is self.__class__ else NotImplemented

    def __hash__(self: Any) -> int:
        return hash(compared(self))

    def __setattr__(self: Any, name: str, value: object) -> None:
        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    def __delattr__(self: Any, name: str) -> None:
        raise FrozenInstanceError(f"cannot delete field {name!r}")

    def __getstate__(self: Any) -> dict[str, Any]:
        return {one.name: getattr(self, one.name) for one in every}

    def __setstate__(self: Any, state: dict[str, Any]) -> None:
        for name, value in state.items():
            _put(self, name, value)

    methods: list[Callable[..., Any]] = [_init(cls, every), __repr__, __eq__, __hash__, __setattr__, __delattr__]
    if slots:
        # Python copies slots by setting them, which is refused; where there are none it copies all there is.
        methods += [__getstate__, __setstate__]
    return {method.__name__: method for method in methods}


def _init(cls: type[Any], every: tuple[Field[Any], ...]) -> Callable[..., None]:
    placed = [(one.name, one.default) for one in every if one.init and not one.kw_only]
    only_named = [(one.name, one.default) for one in every if one.init and one.kw_only]
    by_place = tuple(name for name, _ in placed)
    # What is left to be named after so many that stand at their places, and what it is without being named.
    rest = [[*placed[count:], *only_named] for count in range(len(by_place) + 1)]
    never_given = [(one.name, one.default) for one in every if not one.init]
    finish = getattr(cls, "__post_init__", None)

    def __init__(self: Any, /, *given: Any, **named: Any) -> None:
        if len(given) > len(by_place):
            raise TypeError(f"{cls.__qualname__} takes {len(by_place)} values, not {len(given)}")
        for name, value in zip(by_place, given):  # noqa: B905 - the rest may be named
            _put(self, name, value)
        for name, default in rest[len(given)]:
            value = named.pop(name, default)
            if value is MISSING:
                raise TypeError(f"{cls.__qualname__} needs {name!r}")
            _put(self, name, value)
        if named:
            raise TypeError(f"{cls.__qualname__} does not take {', '.join(map(repr, named))}")
        for name, value in never_given:
            _put(self, name, value)
        if finish is not None:
            finish(self)

    return __init__


def _values_of(names: list[str]) -> Callable[[Any], object]:
    return attrgetter(*names) if names else lambda value: ()
