"""Where chance comes from: Hypothesis, which can shrink what it drew, or a seed, which makes every case one of its own.

(Hypothesis likes to vary a case that it has; of a thousand policies it draws, some hundred are really different.)
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from hypothesis import strategies as st

T = TypeVar("T")


@dataclass
class Dice:
    """`whole(low, high)` is a whole number between two others; every other choice is made of it. The simplest is the
    lowest, the first, the fewest and no."""

    whole: Callable[[int, int], int]

    def one(self, items: Iterable[T]) -> T:
        choices = list(items)
        return choices[self.whole(0, len(choices) - 1)]

    def some(self, items: Iterable[T], low: int = 1, high: int = 3) -> list[T]:
        """Different ones, in any order."""
        left = list(items)
        return [left.pop(self.whole(0, len(left) - 1)) for _ in range(self.whole(low, min(high, len(left))))]

    def chance(self, percent: int) -> bool:
        return self.whole(0, 99) >= 100 - percent

    def maybe(self, percent: int, write: Callable[[], T]) -> T | None:
        return write() if self.chance(percent) else None


def shrinking(draw: Any) -> Callable[[int, int], int]:
    """Whole numbers from Hypothesis, inside one of its composite strategies."""
    return lambda low, high: int(draw(st.integers(low, high)))


def rolled(seed: int) -> Callable[[int, int], int]:
    """Whole numbers from a seed: the same on every machine."""
    return random.Random(seed).randint
