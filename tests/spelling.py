"""A policy without short words: every define, and every set of rules or rows, written out where it is used.

This is what `docs/language.md` says they mean: exactly their text in the place of use, in brackets.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from scorec.dsl import tree


def spelled_out(file: tree.File) -> tree.File:
    """The same policy without defines and sets of its own."""
    short = tree.Define | tree.RuleSet | tree.BandSet | tree.ChoiceSet
    words = {one.name.text: one for one in file.declarations if isinstance(one, short)}
    kept = tuple(one for one in file.declarations if not isinstance(one, short))
    return replace(file, declarations=_spelled(kept, words, {}))


def _spelled(part: Any, words: Mapping[str, Any], given: Mapping[str, tree.Expr]) -> Any:
    """A part of a tree, with words and parameters replaced by what they stand for."""
    match part:
        case tuple():
            return tuple(piece for item in part for piece in _pieces(item, words, given))
        case tree.Ref(name=name) if name.text in given:
            return tree.Paren(given[name.text])
        case tree.Earlier(name=name, ago=ago) if name.text in given:
            return tree.Earlier(_name(given[name.text]), ago)
        case tree.EventName(name=tree.Name(text=text)) if text in given:
            [event] = _name(given[text]).parts
            return tree.EventName(event)
        case tree.Ref(name=name) if isinstance(words.get(name.text), tree.Define):
            return _body(words[name.text], (), words)
        case tree.CallOf(name=name, args=args) if isinstance(words.get(name.text), tree.Define):
            return _body(words[name.text], _spelled(args, words, given), words)
        case _ if is_dataclass(part) and not isinstance(part, type):
            changed = {one.name: _spelled(getattr(part, one.name), words, given) for one in fields(part)}
            return replace(part, **changed)
        case _:
            return part


def _body(define: Any, args: tuple[tree.Expr, ...], words: Mapping[str, Any]) -> tree.Expr:
    """A define's text in brackets. It sees its own parameters and nothing of the place where it is used."""
    names = (param.name.text for param in define.params)
    return tree.Paren(_spelled(define.body, words, dict(zip(names, args, strict=True))))


def _name(argument: tree.Expr) -> tree.Dotted:
    """The score or event that an argument names."""
    assert isinstance(argument, tree.Ref)
    return argument.name


def _pieces(item: Any, words: Mapping[str, Any], given: Mapping[str, tree.Expr]) -> Iterator[Any]:
    """An item of a score or group, or a row; in place of an `include`, the members of its set."""
    if not isinstance(item, tree.Include):
        yield _spelled(item, words, given)
        return
    included = words[item.name.text]
    args = _spelled(item.args or (), words, given)
    own = dict(zip((param.name.text for param in included.params), args, strict=True))
    for member in included.items if isinstance(included, tree.RuleSet) else included.rows:
        if not isinstance(member, tree.Rule | tree.Group) or member.name not in item.excluded:
            yield from _pieces(member, words, own)
