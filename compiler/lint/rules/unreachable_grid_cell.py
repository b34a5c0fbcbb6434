"""Cells of a grid that no lead is in."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import ir
from ....dsl.problems import Problem, Severity, problem
from ...analysis.claims import band_is, both
from ..reading import own
from ..rule import rule
from ..subject import Subject


@problem("SC212", Severity.WARNING)
class UnreachableGridCell(Problem):
    """A cell of a grid that no lead can be in, although both its row and its column can be reached.

    ## Why it matters
    The square is planned for, staffed and reported, and stays empty: what brings a lead into its row keeps it out of
    its column. Often the same fact counts on both axes. Proved.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      plan: one of ("free", "paid")

    score fit from 0 to 100
      +60 pays when plan is "paid"

    score interest from 0 to 100
      +50 tries when plan is "free"

    band grade of fit
      A >= 60
      B otherwise

    band heat of interest
      hot  >= 50
      cold otherwise

    decide next_step by grade, heat
      |   | hot   | cold    |
      | A | sales | sales   |
      | B | call  | nurture |
      nurture otherwise
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      plan: one of ("free", "paid")
      employees: number

    score fit from 0 to 100
      +60 large when employees >= 500

    score interest from 0 to 100
      +50 tries when plan is "free"

    band grade of fit
      A >= 60
      B otherwise

    band heat of interest
      hot  >= 50
      cold otherwise

    decide next_step by grade, heat
      |   | hot   | cold    |
      | A | sales | sales   |
      | B | call  | nurture |
      nurture otherwise
    ```
    """

    decision: str
    cells: tuple[str, ...]

    def message(self) -> str:
        which = ", ".join(f"`{cell}`" for cell in self.cells[:4])
        more = f" and {len(self.cells) - 4} more" if len(self.cells) > 4 else ""
        return f"no lead can be in {which}{more} of the grid of `{self.decision}` (proved)"

    def help(self) -> str:
        return "see what counts for both axes, or write the outcome of a neighbouring cell there and say so"


@rule(UnreachableGridCell, needs="study")
def look(subject: Subject) -> Iterator[Problem]:
    for decision in subject.policy.decisions:
        for row in decision.rows:
            if not isinstance(row, ir.Grid) or not own(subject, row.span):
                continue
            lines = [one for one in row.row_labels if not _is_empty(subject, row.by_rows, one)]
            columns = [one for one in row.column_labels if not _is_empty(subject, row.by_columns, one)]
            empty = tuple(
                f"{line} {column}"
                for line in lines
                for column in columns
                if row.by_rows != row.by_columns
                and subject.inquiry.never(
                    both(band_is(row.by_rows, line), band_is(row.by_columns, column)),
                    f"whether a lead can be in `{line} {column}` of the grid of `{decision.name}`",
                )
            )
            if empty:
                yield UnreachableGridCell(span=row.span, label="an empty square", decision=decision.name, cells=empty)


def _is_empty(subject: Subject, band: str, label: str) -> bool:
    """Whether nobody is in a row at all: that is told where the band stands."""
    about = f"whether a lead can be in `{label}` of `{band}`"
    return subject.inquiry.never(band_is(band, label), about) is not None
