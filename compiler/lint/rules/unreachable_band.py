"""Bands that no lead is in."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl.problems import Note, Problem, Severity, problem
from ...analysis.claims import band_is
from ...wording import points_text
from ..reading import most_points, own
from ..rule import rule
from ..subject import Subject


@problem("SC201", Severity.ERROR)
class UnreachableBand(Problem):
    """A row of a band that no lead can ever be in.

    ## Why it matters
    Whatever is planned for the row happens to nobody. The points were lowered and the limits were not, or points were
    counted together that one lead cannot earn together: it comes from one country, and has one size. Proved.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      country: text

    score fit from 0 to 100
      +40 home when country is "NL"
      +30 near when country is "BE"

    band grade of fit
      A >= 60
      B >= 30
      C otherwise
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      country: text

    score fit from 0 to 100
      +40 home when country is "NL"
      +30 near when country is "BE"

    band grade of fit
      A >= 40
      B >= 30
      C otherwise
    ```
    """

    band: str
    row: str
    score: str
    low: str
    high: str
    added: str
    """all points together, where that is more than what can be earned together"""

    def message(self) -> str:
        return f"no lead can be in `{self.row}` of `{self.band}` (proved)"

    def help(self) -> str:
        reach = f"`{self.score}` reaches from {self.low} to {self.high}"
        if self.added:
            reach += f"; all points add up to {self.added}, but no lead earns them together"
        return f"{reach}: move the limits, or change the points"


@rule(UnreachableBand, needs="study")
def look(subject: Subject) -> Iterator[Problem]:
    for band in subject.policy.bands:
        for label in band.labels:
            about = f"whether a lead can be in `{label}` of `{band.name}`"
            span = next((row.span for row in band.rows if row.label == label), band.span)
            if not own(subject, span) or not subject.inquiry.never(band_is(band.name, label), about):
                continue
            reach = subject.inquiry.reach(band.score)
            score = next(score for score in subject.policy.scores if score.name == band.score)
            each = [most_points(item) for item in score.items]
            known = [most for most in each if most is not None]
            added = score.start + sum(known) if len(known) == len(each) else reach.high
            yield UnreachableBand(
                span=span,
                label="nobody",
                notes=(Note(score.span, "the score"),) if own(subject, score.span) else (),
                band=band.name,
                row=label,
                score=band.score,
                low=points_text(reach.low),
                high=points_text(reach.high),
                added=points_text(added) if added > reach.high and score.body is None else "",
            )
