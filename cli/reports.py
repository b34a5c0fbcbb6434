"""Problems as other programs want them: SARIF for code scanning, JUnit for test reports."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from inspect import cleandoc
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from ..compiler.errors import place
from ..dsl.problems import Problem, Severity
from ..dsl.source import Source, Span
from .render import advice

Found: TypeAlias = Sequence[tuple[str, Mapping[str, Source], Sequence[Problem]]]
"""For each file its name, the texts that its problems point into, and its problems."""

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


# ------------------------------------------------------------------ SARIF


def sarif(found: Found, version: str) -> str:
    """One SARIF 2.1.0 document."""
    kinds = {problem.code: type(problem) for _, _, problems in found for problem in problems}
    rules = [
        {
            "id": code,
            "name": kind.__name__.rstrip("_"),
            "shortDescription": {"text": (kind.__doc__ or kind.slug()).split("\n", 1)[0]},
            "help": {"text": cleandoc(kind.__doc__ or kind.slug()), "markdown": cleandoc(kind.__doc__ or kind.slug())},
            "defaultConfiguration": {"level": _LEVELS[kind.severity]},
        }
        for code, kind in sorted(kinds.items())
    ]
    results = [_sarif_result(problem, sources) for _, sources, problems in found for problem in problems]
    driver = {"name": "scorec", "version": version, "rules": rules}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    schema = "https://json.schemastore.org/sarif-2.1.0.json"
    return json.dumps({"$schema": schema, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=2)


def _sarif_result(problem: Problem, sources: Mapping[str, Source]) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": problem.code,
        "level": _LEVELS[problem.severity],
        "message": {"text": "\n".join(filter(None, (problem.message(), advice(problem))))},
        "locations": [_sarif_place(problem.span, sources)],
    }
    notes = [note for note in problem.notes if note.span.source in sources]
    if notes:
        result["relatedLocations"] = [
            {**_sarif_place(note.span, sources), "message": {"text": note.text}} for note in notes
        ]
    if problem.fix is not None and problem.fix.span.source in sources:
        place = _sarif_place(problem.fix.span, sources)["physicalLocation"]
        replacement = {"deletedRegion": place["region"], "insertedContent": {"text": problem.fix.replacement}}
        change = {"artifactLocation": place["artifactLocation"], "replacements": [replacement]}
        result["fixes"] = [{"description": {"text": problem.fix.description}, "artifactChanges": [change]}]
    return result


def _sarif_place(span: Span, sources: Mapping[str, Source]) -> dict[str, Any]:
    # A relative path is a reference of its own; one from the root has to say that it is a file.
    path = Path(span.source)
    uri = path.as_uri() if path.is_absolute() else quote(span.source.replace("\\", "/"))
    place: dict[str, Any] = {"artifactLocation": {"uri": uri}}
    source = sources.get(span.source)
    if source is not None:
        (line, column), (end_line, end_column) = (
            source.position(min(offset, len(source.text))) for offset in (span.start, span.end)
        )
        place["region"] = {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column}
    return {"physicalLocation": place}


# ------------------------------------------------------------------ JUnit


def junit(found: Found) -> str:
    """One JUnit document: a test case for each file. Its errors are failures; what else was found is its output."""
    failed = sum(any(map(_is_error, problems)) for _, _, problems in found)
    head = f'<testsuite name="scorec check" tests="{len(found)}" failures="{failed}" errors="0" skipped="0">'
    lines = ['<?xml version="1.0" encoding="utf-8"?>', head]
    for name, sources, problems in found:
        case = f"  <testcase classname={quoteattr(name)} name={quoteattr(name)}"
        lines += [f"{case}>", *_inside(sources, problems), "  </testcase>"] if problems else [f"{case}/>"]
    return "\n".join([*lines, "</testsuite>"])


def _inside(sources: Mapping[str, Source], problems: Sequence[Problem]) -> Iterator[str]:
    for problem in filter(_is_error, problems):
        title = quoteattr(_printable(f"{problem.code} {problem.message()}"))
        yield f'    <failure type="error" message={title}>{escape(_told(problem, sources))}</failure>'
    remarks = [_told(problem, sources) for problem in problems if not _is_error(problem)]
    if remarks:
        yield "    <system-out>" + escape("\n".join(remarks)) + "</system-out>"


def _is_error(problem: Problem) -> bool:
    return problem.severity is Severity.ERROR


def _told(problem: Problem, sources: Mapping[str, Source]) -> str:
    title = f"{place(problem, sources)}: {problem.severity.word} {problem.code}: {problem.message()}"
    return _printable("\n".join(filter(None, (title, advice(problem)))))


def _printable(text: str) -> str:
    """Without what XML cannot hold."""
    return re.sub("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\N{REPLACEMENT CHARACTER}", text)
