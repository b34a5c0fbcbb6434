"""Words of a rule that fit on no line."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import tree
from ....dsl.problems import Problem, Severity, problem
from ..rule import Option, rule
from ..subject import Subject

LONGEST_TEXT = Option("longest-reason", 80, "so many characters may the words of a rule have")


@problem("SC712", Severity.INFO)
class LongReasonText(Problem):
    """The words of a rule are too long to be read in a list.

    ## Why it matters
    They stand in a column of a CRM, beside the points. What goes on for lines is cut off there, and read by nobody.
    The reasons behind a rule belong in a comment. `longest-reason` says how many characters there may be.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      staff: number

    score fit
      +50 big "A company of fifty people or more, as nine of ten deals won in 2025 had that size" when staff > 49
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      staff: number

    score fit
      # Nine out of ten deals that were won in 2025 had that size.
      +50 big "A company of fifty people or more" when staff > 49
    ```
    """

    length: int

    def message(self) -> str:
        return f"these words are {self.length} characters long"

    def help(self) -> str:
        return "say what is true of the lead in a few words, and put the reason into a comment"


@rule(LongReasonText, needs="text", options=(LONGEST_TEXT,))
def look(subject: Subject) -> Iterator[Problem]:
    for written in subject.written(tree.Rule):
        if written.label is not None and len(written.label.value) > subject.settings[LONGEST_TEXT]:
            yield LongReasonText(span=written.label.span, length=len(written.label.value))
