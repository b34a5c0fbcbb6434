"""A row of a band that no test reaches."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import tree
from ....dsl.problems import Problem, Severity, problem
from ..rule import rule
from ..subject import Subject


@problem("SC602", Severity.INFO)
class BandWithoutTest(Problem):
    """No test reaches a row of a band.

    ## Why it matters
    Nobody has seen a lead of that row yet, so nobody knows whether there can be one, and what happens to it.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +50 big when employees >= 50

    band readiness of fit
      hot >= 50
      cold otherwise

    test "a large company"
      given employees 200
      expect readiness is hot
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +50 big when employees >= 50

    band readiness of fit
      hot >= 50
      cold otherwise

    test "a large company"
      given employees 200
      expect readiness is hot

    test "a small company"
      given employees 20
      expect readiness is cold
    ```
    """

    band: str
    row: str

    def message(self) -> str:
        return f"no test has a lead whose `{self.band}` is {self.row}"

    def help(self) -> str:
        return f"write a test that ends with `expect {self.band} is {self.row}`"


@rule(BandWithoutTest, needs="tests", default=False)
def look(subject: Subject) -> Iterator[Problem]:
    if not subject.policy.tests:
        return
    bands = {band.name.text: band for band in subject.written(tree.Band)}
    for one in subject.tests.coverage.untouched:
        name, _, label = one.name.partition(" ")
        if one.what == "band never reached" and name in bands:
            rows = (row for row in bands[name].rows if isinstance(row, tree.BandRow))
            span = next((row.span for row in rows if row.label.text == label), bands[name].name.span)
            yield BandWithoutTest(span=span, band=name, row=label)
