"""Problems of decisions: grids with holes, decisions without an outcome, gates, alerts."""

from __future__ import annotations

from ...dsl.problems import Problem, problem


@problem("SC320")
class DecisionWithoutOtherwise(Problem):
    """A decision has no last row for all other leads, so a lead may be left without an outcome.

    ## Why it matters
    Every lead gets exactly one outcome of a decision. The last row takes all that are left.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    decide next_step
      sales when employees >= 50
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    decide next_step
      sales when employees >= 50
      nurture otherwise
    ```
    """

    decision: str

    def message(self) -> str:
        return f"the decision `{self.decision}` does not say what happens to all other leads"

    def help(self) -> str:
        return "end it with a row such as `nurture otherwise`"


@problem("SC321")
class GridWithAHole(Problem):
    """A grid has no row, or no column, for some label, so leads with it have no cell.

    ## Why it matters
    A grid decides for every pair of labels. A label without a row, or without a column, would leave its leads
    undecided.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number
      visits: number

    score fit
      +50 big when employees >= 50
    score interest
      +50 often when visits >= 5

    band grade of fit
      A >= 50
      B >= 20
      C otherwise
    band heat of interest
      hot >= 50
      cold otherwise

    decide next_step by grade, heat
      |   | hot   | cold    |
      | A | sales | nurture |
      | B | sales | nurture |
      nurture otherwise
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number
      visits: number

    score fit
      +50 big when employees >= 50
    score interest
      +50 often when visits >= 5

    band grade of fit
      A >= 50
      B >= 20
      C otherwise
    band heat of interest
      hot >= 50
      cold otherwise

    decide next_step by grade, heat
      |   | hot     | cold    |
      | A | sales   | nurture |
      | B | sales   | nurture |
      | C | nurture | nurture |
      nurture otherwise
    ```
    """

    missing: tuple[str, ...]
    of: str
    line: str

    def message(self) -> str:
        labels = ", ".join(f"`{label}`" for label in self.missing)
        return f"the grid has no {self.line} for {labels} of `{self.of}`"

    def help(self) -> str:
        return f"give every label of `{self.of}` its {self.line}"


@problem("SC322")
class CrookedGrid(Problem):
    """A grid's rows do not fit its heading.

    ## Why it matters
    Each row of a grid has a label and one outcome for each column; each label has one row.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number
      visits: number

    score fit
      +50 big when employees >= 50
    score interest
      +50 often when visits >= 5

    band grade of fit
      A >= 50
      B otherwise
    band heat of interest
      hot >= 50
      cold otherwise

    decide next_step by grade, heat
      |   | hot   | cold    |
      | A | sales | nurture |
      | B | sales |
      nurture otherwise
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number
      visits: number

    score fit
      +50 big when employees >= 50
    score interest
      +50 often when visits >= 5

    band grade of fit
      A >= 50
      B otherwise
    band heat of interest
      hot >= 50
      cold otherwise

    decide next_step by grade, heat
      |   | hot   | cold    |
      | A | sales | nurture |
      | B | sales | nurture |
      nurture otherwise
    ```
    """

    reason: str

    def message(self) -> str:
        return self.reason

    def help(self) -> str:
        return "the first row names the columns behind an empty cell, and each row below begins with its label"


@problem("SC323")
class GridWithoutBy(Problem):
    """A grid stands in a decision that does not say which bands it is about.

    ## Why it matters
    The labels of a grid are those of two bands, and `by` says which: the rows' first, then the columns'.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number
      visits: number

    score fit
      +50 big when employees >= 50
    score interest
      +50 often when visits >= 5

    band grade of fit
      A >= 50
      B otherwise
    band heat of interest
      hot >= 50
      cold otherwise

    decide next_step
      |   | hot   | cold    |
      | A | sales | nurture |
      | B | sales | nurture |
      nurture otherwise
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number
      visits: number

    score fit
      +50 big when employees >= 50
    score interest
      +50 often when visits >= 5

    band grade of fit
      A >= 50
      B otherwise
    band heat of interest
      hot >= 50
      cold otherwise

    decide next_step by grade, heat
      |   | hot   | cold    |
      | A | sales | nurture |
      | B | sales | nurture |
      nurture otherwise
    ```
    """

    decision: str

    def message(self) -> str:
        return f"`{self.decision}` has a grid, but does not say of which bands"

    def help(self) -> str:
        return f"name the rows' band and the columns' band: `decide {self.decision} by fit_grade, interest`"


@problem("SC324")
class GateBarsOtherwise(Problem):
    """A gate bars the outcome that a decision falls back on, so a lead may be left without an outcome.

    ## Why it matters
    What stands after `otherwise` is for the leads that nothing else fits. Were it barred for some of them, they would
    have no outcome at all.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number
      opted_in: yes/no

    decide channel
      phone when employees >= 50
      email otherwise

    gate consent
      never phone, email unless opted_in
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number
      opted_in: yes/no

    decide channel
      phone when employees >= 50
      email when employees > 0
      nobody otherwise

    gate consent
      never phone, email unless opted_in
    ```
    """

    outcome: str
    decision: str

    def message(self) -> str:
        return f"`{self.outcome}` cannot be barred: it is what `{self.decision}` falls back on"

    def help(self) -> str:
        return "give the decision an `otherwise` outcome that every lead may have, such as `nobody otherwise`"


@problem("SC326")
class AlertDoesNotFit(Problem):
    """An alert waits for a change that its result cannot have.

    ## Why it matters
    A score rises above a number or falls below one. A band or a decision becomes a label or leaves it.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +50 big when employees >= 50

    alert good_fit to "sales@acme.example" when fit becomes 50
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +50 big when employees >= 50

    alert good_fit to "sales@acme.example" when fit rises above 50
    ```
    """

    watched: str
    is_a: str
    change: str
    hint: str

    def message(self) -> str:
        return f"`{self.change}` does not apply to `{self.watched}`, which is {self.is_a}"

    def help(self) -> str:
        return self.hint


@problem("SC327")
class AccountKeyNotText(Problem):
    """An account's key is no text.

    ## Why it matters
    Leads belong to one account if they have the same text: a company's name, the domain of their mail address.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      company: text
      employees: number

    score fit
      +50 big when employees >= 50

    account by employees
      score heat = sum of top 3 fit
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      company: text
      employees: number

    score fit
      +50 big when employees >= 50

    account by company
      score heat = sum of top 3 fit
    ```
    """

    key: str
    is_a: str

    def message(self) -> str:
        return f"leads are rolled up by a text, and `{self.key}` is {self.is_a}"

    def help(self) -> str:
        return "name a text field, or a text made of one: `account by domain(email)`"
