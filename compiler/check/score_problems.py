"""Problems of scores and bands: lines where they do not belong, modifiers that do not fit, limits out of order."""

from __future__ import annotations

from ...dsl.problems import Problem, problem


@problem("SC230")
class BandsOutOfOrder(Problem):
    """A band's limits do not go down from row to row, so a row can never be reached.

    ## Why it matters
    Rows are read from the top, and the first that fits counts. A row below one with a lower limit is never reached.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +50 big when employees >= 50

    band readiness of fit
      warm >= 20
      hot >= 50
      cold otherwise
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
      warm >= 20
      cold otherwise
    ```
    """

    label_above: str
    limit_above: str
    label_below: str
    limit_below: str

    def message(self) -> str:
        return (
            f"no lead can be `{self.label_below}`: `{self.label_above} >= {self.limit_above}` stands above "
            f"`>= {self.limit_below}` and takes them all"
        )

    def help(self) -> str:
        return "write the rows from the highest limit down"


@problem("SC231")
class BandWithoutOtherwise(Problem):
    """A band has no last row for all other leads.

    ## Why it matters
    Every lead is in exactly one row of a band. The last row takes all that are left, and those whose score is
    missing.

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
      warm >= 20
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
      warm >= 20
      cold otherwise
    ```
    """

    band: str

    def message(self) -> str:
        return f"the band `{self.band}` does not say what all other leads are"

    def help(self) -> str:
        return "end it with a row such as `cold otherwise`"


@problem("SC232")
class OtherwiseNotLast(Problem):
    """Rows stand below `otherwise`, which takes every lead, so they are never reached.

    ## Why it matters
    `otherwise` takes every lead that comes to it, so what stands below it is never read.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      first of size
        +30 large when employees >= 1000
        +5 small otherwise
        +20 medium when employees >= 100
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      first of size
        +30 large when employees >= 1000
        +20 medium when employees >= 100
        +5 small otherwise
    ```
    """

    place: str

    def message(self) -> str:
        return f"nothing below `otherwise` is ever reached in {self.place}"

    def help(self) -> str:
        return "move `otherwise` to the end"


@problem("SC233")
class MisplacedOtherwise(Problem):
    """A rule says `otherwise` where there is nothing before it to be other than.

    ## Why it matters
    The rules of a score are added up, each by itself: there is no other rule that `otherwise` could be the rest of.
    In a `first of` there is.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +30 large when employees >= 1000
      +5 small otherwise
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      first of size
        +30 large when employees >= 1000
        +5 small otherwise
    ```
    """

    rule: str

    def message(self) -> str:
        return f"the rule `{self.rule}` says `otherwise`, but does not stand in a `first of`"

    def help(self) -> str:
        return "put it at the end of a `first of` group, or give it a condition: `when ...`"


@problem("SC234")
class ModifierDoesNotFit(Problem):
    """A modifier makes no sense with its rule.

    ## Why it matters
    `once`, `at most 3 times` and a decay are about events, one by one; a rule with a condition has only one occasion
    to give its points. And two modifiers of one kind leave open which counts.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +10 big when employees >= 50, at most 3 times
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +10 big when employees >= 50
    ```
    """

    modifier: str
    reason: str
    hint: str = ""

    def message(self) -> str:
        return f"`{self.modifier}` {self.reason}"

    def help(self) -> str:
        return self.hint


@problem("SC235")
class MisplacedLine(Problem):
    """A line stands where it has no meaning, such as `start at` in a group.

    ## Why it matters
    `start at`, `reset on`, `cap` and `floor` are about a whole score, so they stand directly in it. And a score is
    either a sum of rules or an expression, not both.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      group company at most 30 points
        start at 10
        +30 large when employees >= 1000
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      start at 10
      group company at most 30 points
        +30 large when employees >= 1000
    ```
    """

    line: str
    place: str
    hint: str = ""

    def message(self) -> str:
        return f"`{self.line}` does not belong in {self.place}"

    def help(self) -> str:
        return self.hint


@problem("SC237")
class EmptyScore(Problem):
    """A score has no rules and is no expression, so it is the same for every lead.

    ## Why it matters
    A score without rules is 0 for every lead.

    ## Avoid
    ```score
    policy inbound
      language 1

    score fit from 0 to 100
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit from 0 to 100
      +30 large when employees >= 1000
    ```
    """

    score: str

    def message(self) -> str:
        return f"the score `{self.score}` has no rules"

    def help(self) -> str:
        return "add rules below it, or say what it is made of: `score total = fit + engagement`"


@problem("SC241")
class RenamedFromExisting(Problem):
    """A rule says that it was renamed from one that is still there.

    ## Why it matters
    `renamed from` connects a rule with its own past, so that versions can be compared. If the old name is still in
    use, it is not clear which of the two rules the past belongs to.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +10 big when employees >= 50
      +30 large when employees >= 1000, renamed from big
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +10 big when employees >= 50
      +30 large when employees >= 1000, renamed from huge
    ```
    """

    rule: str
    old: str

    def message(self) -> str:
        return f"`{self.rule}` is said to be renamed from `{self.old}`, but there still is a rule `{self.old}`"

    def help(self) -> str:
        return "delete `renamed from`, or the old rule"


@problem("SC238")
class TooManyInstants(Problem):
    """Scores that look back at scores that look back need the past at too many instants.

    ## Why it matters
    `s 7 days ago` computes everything that `s` reads once more, as it was then. Where `s` looks back too, the instants
    multiply: ten such scores, each upon the other, can mean a thousand of them for every lead.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id

    event page_view

    score s0
      +1 view for each page_view in the last 30 days
    score s1 = s0 - s0 1 days ago
    score s2 = s1 - s1 2 days ago
    score s3 = s2 - s2 4 days ago
    score s4 = s3 - s3 8 days ago
    score s5 = s4 - s4 16 days ago
    score s6 = s5 - s5 32 days ago
    score s7 = s6 - s6 64 days ago
    score s8 = s7 - s7 128 days ago
    score s9 = s8 - s8 256 days ago
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id

    event page_view

    score s0
      +1 view for each page_view in the last 30 days
    score rise = s0 - s0 7 days ago
    score faster = rise - rise 7 days ago
    ```
    """

    score: str

    def message(self) -> str:
        return f"`{self.score}` and what it reads look back at more than 500 instants"

    def help(self) -> str:
        return "look back from one score, at few instants: `engagement - engagement 7 days ago`"
