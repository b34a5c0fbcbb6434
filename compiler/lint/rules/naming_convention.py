"""A name that is not written as the others."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ....dsl import tree
from ....dsl.problems import Problem, Severity, problem
from ..rule import rule
from ..subject import Subject


@problem("SC803", Severity.INFO)
class NamingConvention(Problem):
    """A name is not written in small letters with `_` between its words.

    ## Why it matters
    `JobTitle`, `jobTitle` and `job_title` are three names. If all are written in one way, nobody has to remember
    which. Labels of bands, such as `A`, and short names in capitals are left alone.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      jobTitle: text

    score fit
      +25 decides when jobTitle has word "chief"
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      job_title: text from "jobTitle"

    score fit
      +25 decides when job_title has word "chief"
    ```
    """

    name: str
    better: str

    def message(self) -> str:
        return f"`{self.name}` is not written like other names"

    def help(self) -> str:
        return f"call it `{self.better}`; what the data calls it can be said with `from`"


@rule(NamingConvention, needs="text")
def look(subject: Subject) -> Iterator[Problem]:
    names: list[tree.Name] = []
    for record in subject.written(tree.Record):
        names += [field.name for field in record.fields]
    for event in subject.written(tree.Event):
        names += [kind.name for kind in event.kinds]
        names += [field.name for field in event.fields]
    declared: list[
        tree.ListOf | tree.Define | tree.Score | tree.Band | tree.Decide | tree.Gate | tree.Rule | tree.Group
    ] = [
        *subject.written(tree.ListOf),
        *subject.written(tree.Define),
        *subject.written(tree.Score),
        *subject.written(tree.Band),
        *subject.written(tree.Decide),
        *subject.written(tree.Gate),
        *subject.written(tree.Rule),
        *subject.written(tree.Group),
    ]
    names += [node.name for node in declared]
    for name in sorted(names, key=lambda one: one.span):
        text = name.text
        acronym = text.isupper() and len(text) <= 5
        if not text.isascii() or acronym or (text == text.lower() and "__" not in text):
            continue
        better = re.sub(r"_+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text)).lower()
        yield NamingConvention(span=name.span, name=text, better=better)
