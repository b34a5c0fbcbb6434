"""A yes or no that is kept as a text."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import tree
from ....dsl.problems import Note, Problem, Severity, problem
from ..reading import (
    plain,
)
from ..rule import rule
from ..subject import Subject


@problem("SC087", Severity.INFO)
class YesNoAsText(Problem):
    """A text field is compared with "yes", "no", "true" or "false".

    ## Why it matters
    As `yes/no`, the field reads yes, true, y and 1 alike and refuses what is neither. As a text, "TRUE" from another
    system is simply not "yes", and the lead gets nothing.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      opted_in: text

    score fit
      +10 agreed when opted_in is "yes"
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      opted_in: yes/no

    score fit
      +10 agreed when opted_in
    ```
    """

    field: str
    text: str

    def message(self) -> str:
        return f'`{self.field}` is a text, and is compared with "{self.text}"'

    def help(self) -> str:
        return f"declare it as `{self.field}: yes/no`, and write `{self.field}` or `not {self.field}`"


_ANSWERS = {"yes", "no", "true", "false", "y", "n"}


@rule(YesNoAsText, needs="text")
def look(subject: Subject) -> Iterator[Problem]:
    texts = {
        field.name.text: field.type.span
        for record in subject.written(tree.Record)
        for field in record.fields
        if field.type.kind == "text"
    }
    for test in subject.written(tree.Is):
        left, right = plain(test.left), plain(test.right)
        if not isinstance(left, tree.Ref) or not isinstance(right, tree.Text) or left.name.text not in texts:
            continue
        if right.value.strip().lower() in _ANSWERS:
            notes = (Note(texts[left.name.text], "a text"),)
            yield YesNoAsText(span=test.span, notes=notes, field=left.name.text, text=right.value)
