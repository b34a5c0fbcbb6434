"""Ratios that mean something on a busy machine: everything is timed in turns, and each turn gives one ratio."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Timed:
    """Seconds of processor time for each item (of the median turn), and the ratio to the first (of the median turn)."""

    seconds: float
    ratio: float


def in_turns(candidates: Mapping[str, Callable[[], object]], turns: int, items: int = 1) -> dict[str, Timed]:
    """Runs each candidate once in every turn, forwards and backwards in alternation."""
    names = list(candidates)
    taken: dict[str, list[float]] = {name: [] for name in names}
    for name in names:
        candidates[name]()
    for turn in range(turns):
        for name in names if turn % 2 == 0 else reversed(names):
            gc.collect()
            gc.disable()
            start = time.process_time()
            candidates[name]()
            taken[name].append(time.process_time() - start)
            gc.enable()
    first = taken[names[0]]
    return {
        name: Timed(median(times) / items, median(time / base for time, base in zip(times, first, strict=True)))
        for name, times in taken.items()
    }
