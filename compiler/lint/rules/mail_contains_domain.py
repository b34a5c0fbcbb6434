"""A domain that is looked for anywhere in a mail address."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ....dsl import tree
from ....dsl.problems import Fix, Problem, Severity, problem
from ..reading import (
    plain,
)
from ..rule import rule
from ..subject import Subject


@problem("SC134", Severity.WARNING)
class MailContainsDomain(Problem):
    """A domain is looked for anywhere in a mail address.

    ## Why it matters
    `email contains "rival.com"` finds everybody at arrival.com, and `ends with "rival.com"` does so too. What stands
    after the `@` is `domain(email)`.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      email: text

    score fit
      -50 competitor when email contains "rival.example"
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      email: text

    score fit
      -50 competitor when domain(email) is "rival.example"
    ```
    """

    item: str
    domain: str

    def message(self) -> str:
        return f'this also finds longer domains that end in "{self.domain}"'

    def help(self) -> str:
        return f'write `domain({self.item}) is "{self.domain}"`, or `in (...)` for several'


_DOMAIN = re.compile(r"[\w-]+(\.[\w-]+)+")


@rule(MailContainsDomain, needs="text")
def look(subject: Subject) -> Iterator[Problem]:
    for test in subject.written(tree.TextTest):
        item = plain(test.item)
        if test.op not in ("contains", "ends with") or not isinstance(item, tree.Ref):
            continue
        if "mail" not in item.name.text.lower():
            continue
        for needle in test.needles.items if isinstance(test.needles, tree.Values) else (test.needles,):
            if isinstance(needle, tree.Text) and _DOMAIN.fullmatch(needle.value.strip()):
                fix = None
                if needle is test.needles:
                    text = f"domain({subject.text_of(item.span)}) is {subject.text_of(needle.span)}"
                    fix = Fix("compare the domain", test.span, text)
                yield MailContainsDomain(span=needle.span, fix=fix, item=item.name.text, domain=needle.value.strip())
