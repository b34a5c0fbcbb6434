"""A value that the domain of a mail address never is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ....dsl import tree
from ....dsl.problems import Fix, Problem, Severity, problem
from ....dsl.source import Span
from ..reading import (
    plain,
)
from ..rule import rule
from ..subject import Subject


@problem("SC516", Severity.WARNING)
class NeverADomain(Problem):
    """The domain of a mail address is compared with something that no domain is.

    ## Why it matters
    `domain(email)` is what stands after the `@`: `rival.example`. It has no `www.`, no `https://`, no `@`, and it
    ends in a dot and something. An entry of another form fits no lead, so the competitor on it walks through.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      email: text

    list competitors = ("www.rival.example", "contender.example")

    score fit
      -50 competitor when domain(email) in competitors
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      email: text

    list competitors = ("rival.example", "contender.example")

    score fit
      -50 competitor when domain(email) in competitors
    ```
    """

    entry: str
    reason: str

    def message(self) -> str:
        return f'no mail address has the domain "{self.entry}": {self.reason}'

    def help(self) -> str:
        return "write what stands after the `@`, such as `rival.example`"


@rule(NeverADomain, needs="text")
def look(subject: Subject) -> Iterator[Problem]:
    lists = {one.name.text: one.values for one in subject.written(tree.ListOf) if one.values is not None}
    domains = {"domain"} | {
        define.name.text for define in subject.written(tree.Define) if not define.params and _is_domain(define.body, ())
    }
    entries: list[tree.Expr | tree.Literal_] = []
    for test in subject.written(tree.In):
        if _is_domain(test.item, domains):
            values_ = lists.get(test.collection.text) if isinstance(test.collection, tree.Dotted) else test.collection
            entries.extend(values_.items if values_ is not None else ())
    entries += [plain(test.right) for test in subject.written(tree.Is) if _is_domain(test.left, domains)]
    told: set[Span] = set()
    for entry in entries:
        if not isinstance(entry, tree.Text) or entry.span in told:
            continue
        told.add(entry.span)
        reason, mended = _wrong(entry.value.strip())
        if reason:
            fix = Fix("write the domain alone", entry.span, f'"{mended}"') if mended else None
            yield NeverADomain(span=entry.span, fix=fix, entry=entry.value, reason=reason)


def _is_domain(item: tree.Expr, names: Iterable[str]) -> bool:
    match plain(item):
        case tree.CallOf(name=name):
            return name.text == "domain"
        case tree.Ref(name=name):
            return name.text in names
        case _:
            return False


def _wrong(text: str) -> tuple[str, str]:
    """Why a text is no domain, and what may be meant; nothing where it is one."""
    bare = re.sub(r"^(\w+://)?([^@]*@)?(www\.)?", "", text).split("/")[0]
    mended = bare if re.fullmatch(r"[\w-]+(\.[\w-]+)+", bare) and bare != text else ""
    if "://" in text or "/" in text:
        return "it is an address of a page", mended
    if "@" in text:
        return "it holds an `@`", mended
    if text.lower().startswith("www."):
        return "`www.` belongs to a page", mended
    if " " in text:
        return "it holds a blank", mended
    return ("it has no ending such as `.com`", "") if "." not in text else ("", "")
