"""The checked program as JSON: names resolved, units settled, libraries pulled in, templates expanded.

Every node is an object whose `node` is its class in the typed core; the rest are that class's fields, without the
places in the text. Points are ticks (10,000 in a point), instants and durations microseconds, shares text such as
"3/5"; all are exact.
"""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from enum import Enum
from fractions import Fraction
from typing import Any

from ..dsl import ir

FORM = 1
"""The version of this form. It grows when a consumer of the JSON has to change."""


def program_json(program: ir.Program) -> str:
    """The program as text, the same to the last byte on every run."""
    return json.dumps({"scorec": FORM, **_plain(program)}, ensure_ascii=False, indent=1) + "\n"


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        named = {field.name: _plain(getattr(value, field.name)) for field in fields(value) if field.name != "span"}
        return {"node": type(value).__name__, **named}
    match value:
        case tuple():
            return [_plain(item) for item in value]
        case Enum():
            return value.value
        case Fraction():
            return str(value)
        case _:
            return value
