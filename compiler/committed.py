"""Git, asked whether files are committed as they are."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from .releases import ReleaseError


def uncommitted(paths: Sequence[Path]) -> tuple[Path, ...] | None:
    """Those of some files that git does not have as they are; None outside of git, or where there is no git. Raises
    `ReleaseError` if there is a repository and git does not speak about it."""
    if not any(_in_repository(path) for path in paths):
        return None
    found = []
    for path in paths:
        real = path.resolve()
        try:
            tracked = _git(real.parent, "ls-files", "-z", "--", f":(literal){real.name}")
            changed = _git(real.parent, "status", "--porcelain", "-z", "--", f":(literal){real.name}")
        except FileNotFoundError:
            return None
        if changed or not tracked:
            found.append(path)
    return tuple(found)


def author() -> str:
    """Whom git would name as the author: `Ann Archer <ann@acme.example>`; empty where it knows nobody."""
    try:
        name = _git(Path(), "config", "user.name").decode("utf-8", "replace").strip()
        address = _git(Path(), "config", "user.email").decode("utf-8", "replace").strip()
    except (FileNotFoundError, ReleaseError):
        return ""
    return f"{name} <{address}>" if name and address else name


def _in_repository(path: Path) -> bool:
    return any((folder / ".git").exists() for folder in path.resolve().parents)


def _git(folder: Path, *arguments: str) -> bytes:
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments],
        capture_output=True,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "LC_ALL": "C"},
        check=False,
    )
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace").strip().split("\n")[0] or "it gives no reason"
        raise ReleaseError(f"git cannot tell what is committed: {said}")
    return done.stdout
