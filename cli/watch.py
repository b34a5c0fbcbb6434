"""Doing something again whenever a file changes, until Ctrl-C."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from . import render
from .command import CLEAN

PAUSE = 0.3
"""Seconds between two looks at the files."""

Seen: TypeAlias = Mapping[Path, tuple[int, int] | None]


def watch(
    once: Callable[[], Iterable[Path]],
    pause: Callable[[], None] = lambda: time.sleep(PAUSE),
    again: Callable[[Sequence[Path]], None] = lambda changed: None,
) -> int:
    """Runs `once`, which tells the files and folders that it has read, and again whenever one of them changes, comes or
    goes; before that, `again` is told which."""
    try:
        while True:
            before = time.time_ns()
            files = list(once())
            seen = look(files)
            count = sum(state is not None and path.is_file() for path, state in seen.items())
            render.say(f"watching {render.counted(count, 'file')}; Ctrl-C ends")
            # What changed while it was being read has not been seen as it is now.
            now = time.time_ns()
            changed = [path for path, state in seen.items() if state is not None and before < state[0] <= now]
            while not changed:
                found = look(files)
                changed = [path for path in {**seen, **found} if seen.get(path) != found.get(path)]
                if not changed:
                    pause()
            again(changed)
    except KeyboardInterrupt:
        return CLEAN


def look(paths: Iterable[Path]) -> Seen:
    """When each file was changed, and its size; None where there is none. Of a folder, its *.score files."""
    seen: dict[Path, tuple[int, int] | None] = {}
    for path in paths:
        seen[path] = _state(path)
        if path.is_dir():
            seen.update((file, _state(file)) for file in path.rglob("*.score"))
    return seen


def _state(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    # A folder changes with every temporary file in it; what counts is which files it has.
    return (found.st_mtime_ns, found.st_size) if path.is_file() else (0, 0)
