"""`scorec version`: the next version, written into the header."""

from __future__ import annotations

from pathlib import Path

import click

from ..compiler.errors import ScorecError
from ..dsl import tree
from ..dsl.problems import Severity
from .command import CLEAN, Findings, Refusal, refusal_of, result
from .command import command as declared


@declared("version", "scorec version inbound.score minor")
@click.argument("policy", type=click.Path(path_type=Path))
@click.argument("part", type=click.Choice(["major", "minor", "patch"]))
def command(policy: Path, part: str) -> int:
    """Write the next version into a policy.

    Only the number in the line `version` of the header changes; a policy without one gets the line.
    """
    from ..compiler.folder import read_policy
    from ..compiler.layout import decode
    from ..compiler.parse import parse
    from ..compiler.semver import BUMPS, Version, version_of

    try:
        data = read_policy(policy)
    except ScorecError as failure:
        raise refusal_of(failure) from None
    source = decode(str(policy), data)
    if isinstance(source, tuple):
        raise Findings(source, {})
    parsed = parse(source)
    header = parsed.file.header if parsed.file is not None else None
    if header is None:
        raise Findings(parsed.problems, {source.name: source})
    lines = [line for line in header.meta if isinstance(line, tree.Version)]
    if not lines and any(problem.severity is Severity.ERROR for problem in parsed.problems):
        # The line may be there, and could not be read.
        raise Findings(parsed.problems, {source.name: source})
    if len(lines) > 1:
        raise Refusal(f"{policy} has {len(lines)} versions", "leave one in its header.")
    written = lines[0].text if lines else "0.0.0"
    old = version_of(written)
    if old is None:
        raise Refusal(f"`{written}` is not a version", "write three numbers, such as 1.4.0.")
    if max(old.major, old.minor, old.patch) >= 999_999_999:
        raise Refusal(f"after {old} there is no next version")
    new: Version = old.bumped(BUMPS[part])
    text = source.text
    if lines:
        at = text.rindex(written, lines[0].span.start, lines[0].span.end)
        text = text[:at] + str(new) + text[at + len(written) :]
    else:
        language = next((line for line in header.meta if isinstance(line, tree.Language)), None)
        if language is None:
            raise Refusal(f"{policy} does not say its language", "add a line `language 1` to its header.")
        line_end = "\r\n" if "\r\n" in text[: language.span.end + 2] else "\n"
        at = language.span.end
        text = text[:at] + f"{line_end}  version {new}" + text[at:]
    _write(policy, ("\ufeff" if data.startswith(b"\xef\xbb\xbf") else "") + text)
    result(f"{policy}: version {old} -> {new}" if lines else f"{policy}: version {new}")
    return CLEAN


def _write(policy: Path, text: str) -> None:
    from ..compiler.tables import write_beside

    try:
        write_beside(policy, text)
    except ScorecError as failure:
        raise refusal_of(failure) from None
