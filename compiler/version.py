"""The fingerprint of a policy: a hash of its meaning. Two policies with the same fingerprint score every lead alike."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from enum import Enum
from fractions import Fraction
from functools import cache
from hashlib import sha256

from ..dsl import ir

SHORT = 12
"""How many hexadecimal digits of a fingerprint are shown, and carried by every result."""

SEMANTICS = 1
"""The level of what policies mean, kept in every decision record. It rises with a release of scorec after which some
policy gives some lead another result: two results of one level, one fingerprint and one input are the same for ever."""


def fingerprint(program: ir.Program) -> str:
    """The hash, as 64 hexadecimal digits."""
    return sha256(canonical(program).encode()).hexdigest()


def short_fingerprint(program: ir.Program) -> str:
    """The beginning of the hash, as people see it."""
    return fingerprint(program)[:SHORT]


def with_fingerprint(program: ir.Program) -> ir.Program:
    """The same program, carrying its short fingerprint."""
    return replace(program, fingerprint=short_fingerprint(program))


# What does not change any result is left out: the policy's name, version and owner, the words for people, tests and
# promises, what a rule was called once, and places in the text.
_LEFT_OUT: dict[type, frozenset[str]] = {
    ir.Program: frozenset(
        {"name", "label", "version", "owner", "declared_scores", "declared_decisions", "promises", "tests", "reads"}
    ),
    ir.Score: frozenset({"label"}),
    ir.Rule: frozenset({"label", "renamed_from"}),
    ir.Group: frozenset({"label"}),
    ir.Band: frozenset({"label"}),
    ir.Decision: frozenset({"label"}),
    ir.Gate: frozenset({"label"}),
    ir.Outcome: frozenset({"label"}),
}

# Declarations stand for themselves wherever they stand, and so do the members of a sum: they are put in order of their
# names. The members of `first of` and `best of`, the rows of bands and decisions keep their order, which has a meaning.
_BY_NAME: dict[type, frozenset[str]] = {
    ir.Program: frozenset({"fields", "events", "scores", "bands", "gates", "decisions", "outcomes", "alerts", "shows"}),
    ir.Account: frozenset({"scores", "bands", "gates", "decisions"}),
    ir.EventKind: frozenset({"properties"}),
    ir.Score: frozenset({"items", "floors", "caps"}),
    ir.Show: frozenset({"names"}),
}


def canonical(program: ir.Program) -> str:
    """The meaning of a policy as one text."""
    return _text(program)


def canonical_part(part: object) -> str:
    """The meaning of a part of a policy as one text."""
    return _text(part)


def _text(value: object) -> str:
    if isinstance(value, str):
        return repr(value)
    if value is None or isinstance(value, bool | int | float | Fraction):
        return repr(value)
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, tuple):
        return "(" + ",".join(map(_text, value)) + ")"
    if is_dataclass(value):
        parts = []
        for name, sort in _fields(value.__class__):
            part = getattr(value, name)
            if part and (sort or (name == "items" and isinstance(value, ir.Group) and value.kind == "sum")):
                parts.append("{" + ",".join(sorted(map(_text, part))) + "}")
            else:
                parts.append(_text(part))
        return f"{type(value).__name__}({','.join(parts)})"
    raise TypeError(f"{type(value).__name__} has no canonical text")


@cache
def _fields(kind: type) -> tuple[tuple[str, bool], ...]:
    """The fields of a class that matter, each with whether its members go in order."""
    left_out = _LEFT_OUT.get(kind, frozenset())
    by_name = _BY_NAME.get(kind, frozenset())
    return tuple((f.name, f.name in by_name) for f in fields(kind) if f.compare and f.name not in left_out)
