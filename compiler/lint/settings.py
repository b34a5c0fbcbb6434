"""What holds for one file: which rules look at it, how bad their findings are, and what was set for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from ...dsl.problems import Severity
from .rule import Option, Rule, V


@dataclass(frozen=True)
class Settings:
    """The settings of one file, with every name resolved to codes.

    `selected` is None where nobody chose, so that the default rules look. `severities` has None for `off`. `locked`
    codes cannot be allowed by a comment. `today` is the day on which suppressions may have expired; without one, none
    has.
    """

    selected: frozenset[str] | None = None
    ignored: frozenset[str] = frozenset()
    severities: Mapping[str, Severity | None] = field(default_factory=dict)
    locked: frozenset[str] = frozenset()
    options: Mapping[str, object] = field(default_factory=dict)
    today: date | None = None

    def __getitem__(self, option: Option[V]) -> V:
        value = self.options.get(option.name, option.default)
        assert isinstance(value, type(option.default)), option.name
        return value

    def looks(self, rule: Rule) -> bool:
        """Whether a rule looks at the file."""
        return self.wants(rule.problem.code, rule.default)

    def wants(self, code: str, default: bool = True) -> bool:
        """Whether findings with a code are wanted."""
        severity = self.severities.get(code, Severity.INFO if default else None)
        if code in self.ignored or (code in self.severities and severity is None):
            return False
        return severity is not None if self.selected is None else code in self.selected


DEFAULT = Settings()
"""Where there is no configuration."""


def chosen(
    settings: Settings,
    *,
    selected: frozenset[str] | None = None,
    ignored: frozenset[str] = frozenset(),
    today: date | None = None,
) -> Settings:
    """Settings as the person who asks wants them: what is selected holds instead of the configuration's choice, what is
    ignored holds besides."""
    return replace(
        settings,
        selected=settings.selected if selected is None else selected,
        ignored=settings.ignored | ignored,
        today=today,
    )
