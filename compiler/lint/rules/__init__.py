"""The rules, one module each. A module in this folder is a rule: nothing else has to be told about it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from ..rule import REGISTER, Rule


@cache
def load() -> Mapping[str, Rule]:
    """Every rule by its code, in the order of codes. Only what checks or documents policies asks for them, so that
    everything else starts without them."""
    for module in iter_modules(__path__):
        import_module(f".{module.name}", __name__)
    return dict(sorted(REGISTER.items()))
