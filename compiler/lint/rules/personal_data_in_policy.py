"""A person's mail address or telephone number in a policy."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ....dsl import tree
from ....dsl.problems import Problem, Severity, problem
from ..rule import rule
from ..subject import Subject


@problem("SC506", Severity.WARNING)
class PersonalDataInPolicy(Problem):
    """A person's mail address or telephone number is written into the policy.

    ## Why it matters
    A policy is shared, printed and kept in every old version for years, so what stands in it can never be forgotten
    on request. A single person also is no rule: ask for the company's domain, or mark the person in the data.
    Examples in tests, owners and receivers of alerts are not reported, and neither are addresses of the `example`
    domains.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      email: text

    score fit
      -50 known_prankster when email is "jo.miller@mailhost.com"
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      prankster: yes/no

    score fit
      -50 known_prankster when prankster
    ```
    """

    what: str

    def message(self) -> str:
        return f"this looks like the {self.what} of a person"

    def help(self) -> str:
        return "ask for a domain, or for a field that says what is special about the lead"


_MAIL = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+")
_PHONE = re.compile(r"(\+|00)[\d ()/.-]{8,}\d")
_MADE_UP = (".example", ".test", ".invalid", ".localhost", "@example.com", "@example.org", "@example.net")


@rule(PersonalDataInPolicy, needs="text")
def look(subject: Subject) -> Iterator[Problem]:
    elsewhere = [node.span for kind in (tree.Test, tree.Owner, tree.Alert) for node in subject.written(kind)]
    for text in subject.written(tree.Text):
        if _MAIL.fullmatch(text.value.strip()) and not text.value.strip().lower().endswith(_MADE_UP):
            what = "mail address"
        elif _PHONE.fullmatch(text.value.strip()):
            what = "telephone number"
        else:
            continue
        if not any(place.start <= text.span.start < place.end for place in elsewhere):
            yield PersonalDataInPolicy(span=text.span, what=what)
