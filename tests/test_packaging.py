"""What is shipped: setuptools leaves out in silence what is not listed, so the lists are held against the tree."""

from __future__ import annotations

import subprocess
import sys
import tomllib
import zipfile
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
SETUPTOOLS = PROJECT["tool"]["setuptools"]
ROOMS = ("dsl", "grammar", "compiler", "stdlib_rules", "cli")


def _packages_in_tree() -> set[str]:
    folders = {path.parent for room in ROOMS for path in (ROOT / room).rglob("*.py")}
    return {"scorec"} | {"scorec." + ".".join(folder.relative_to(ROOT).parts) for folder in folders}


def _data_in_tree() -> list[Path]:
    return [
        path
        for room in ROOMS
        for path in sorted((ROOT / room).rglob("*"))
        if path.is_file() and path.suffix not in (".py", ".pyc")
    ]


def test_every_package_is_listed() -> None:
    assert set(SETUPTOOLS["packages"]) == _packages_in_tree()


def test_every_package_has_an_init() -> None:
    """Without one, a folder is a namespace package, which other installations could extend."""
    for name in SETUPTOOLS["packages"]:
        folder = ROOT.joinpath(*name.split(".")[1:])
        assert (folder / "__init__.py").exists(), name


@pytest.mark.parametrize("path", _data_in_tree(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_data_file_is_shipped(path: Path) -> None:
    assert _is_shipped(path), f"package-data in pyproject.toml does not cover {path.relative_to(ROOT)}"


def test_data_patterns_find_something() -> None:
    shipped = [ROOT / "py.typed", *_data_in_tree()]
    for package, patterns in SETUPTOOLS["package-data"].items():
        folder = ROOT.joinpath(*package.split(".")[1:])
        for pattern in patterns:
            assert any(_fits(path, folder, pattern) for path in shipped), f"{package}: nothing fits {pattern}"


def test_only_the_package_itself_lies_at_the_root() -> None:
    """Every Python file at the root would be shipped as a module of scorec."""
    assert {path.name for path in ROOT.glob("*.py")} == {"__init__.py", "__main__.py"}


def test_the_command_is_installed() -> None:
    assert PROJECT["project"]["scripts"] == {"scorec": "scorec.cli:main"}
    from scorec import cli

    assert callable(cli.main)


def test_the_installed_version_is_the_one_in_the_project() -> None:
    import scorec

    assert scorec.__version__ == PROJECT["project"]["version"]


@pytest.mark.deep
def test_a_wheel_holds_the_whole_tree_and_nothing_else(tmp_path: Path) -> None:
    made = tmp_path / "dist"
    copy = tmp_path / "copy"
    # `git ls-files` and not the folder: what lies about here must not matter.
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode()
    for name in filter(None, listed.split("\0")):
        source = ROOT / name
        if source.is_file():
            target = copy / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(source.read_bytes())
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--quiet", "-w", str(made), str(copy)]
    subprocess.run(command, check=True)
    (wheel,) = made.glob("*.whl")
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    python = {path for room in ROOMS for path in (copy / room).rglob("*.py")} | set(copy.glob("*.py"))
    data = {path for room in ROOMS for path in (copy / room).rglob("*") if path.is_file() and path.suffix != ".py"}
    wanted = {f"scorec/{path.relative_to(copy).as_posix()}" for path in python | data} | {"scorec/py.typed"}
    assert held == wanted


def _is_shipped(path: Path) -> bool:
    return any(
        _fits(path, ROOT.joinpath(*package.split(".")[1:]), pattern)
        for package, patterns in SETUPTOOLS["package-data"].items()
        for pattern in patterns
    )


def _fits(path: Path, folder: Path, pattern: str) -> bool:
    """As setuptools globs: `*` stays in its folder, `**/` is any number of folders."""
    if not path.is_relative_to(folder):
        return False
    inner = path.relative_to(folder)
    if pattern.startswith("**/"):
        return fnmatch(inner.name, pattern.removeprefix("**/"))
    return inner.parent == Path(".") and fnmatch(inner.name, pattern)
