"""Problems of comments that allow something: `# allow: double-counting - founders count double`."""

from __future__ import annotations

from ...dsl.problems import Problem, Severity, problem


@problem("SC901", Severity.WARNING)
class UnusedSuppression(Problem):
    """A comment allows something that is not there.

    ## Why it matters
    What it once allowed has been mended, or has moved. Left where it is, it would hide the next finding of its kind,
    which nobody has looked at. `scorec check --fix` removes it.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      # allow: zero-points-rule - switched off until the campaign begins
      +10 big when employees >= 50
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

    name: str

    def message(self) -> str:
        return f"nothing here has to be allowed as `{self.name}`"

    def help(self) -> str:
        return "remove it"


@problem("SC902")
class SuppressionWithoutReason(Problem):
    """A comment allows something and does not say why.

    ## Why it matters
    Somebody will read it in a year and have to know whether it still holds. A reason of a few words spares the next
    reader the whole question: who wanted it, and what for.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +10 big when employees >= 50
      # allow: zero-points-rule
      +0 huge when employees >= 5000
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +10 big when employees >= 50
      # allow: zero-points-rule - sales wants to see these leads in the reasons
      +0 huge when employees >= 5000
    ```
    """

    name: str

    def message(self) -> str:
        return f"this allows `{self.name}` and does not say why"

    def help(self) -> str:
        return f"# allow: {self.name} - the reason in a few words"


@problem("SC903")
class ExpiredSuppression(Problem):
    """A comment allowed something until a day that has passed.

    ## Why it matters
    Whoever wrote it wanted somebody to look again on that day. Until then the finding was accepted; since then nobody
    has answered for it. `scorec check --at DAY` says how things will stand on another day.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +10 big when employees >= 50
      # allow: zero-points-rule until 2020-06-30 - switched off for the spring campaign
      +0 huge when employees >= 5000
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

    name: str
    until: str

    def message(self) -> str:
        return f"`{self.name}` was allowed here until {self.until}"

    def help(self) -> str:
        return "mend what it allowed, or give it another day and say why"


@problem("SC904")
class UnknownSuppressionCode(Problem):
    """A comment allows something that nothing is called, or that cannot be allowed.

    ## Why it matters
    It allows nothing. A name that is almost right looks as if the matter had been settled. Errors of the language
    (SC001 and its like) cannot be allowed, because a policy that has one cannot be used.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      # allow: many-points-rule - the board decided on it
      +10 big when employees >= 50
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      # the board decided on it
      +10 big when employees >= 50
    ```
    """

    name: str
    nearest: str = ""
    known: bool = False

    def message(self) -> str:
        if self.known:
            return f"`{self.name}` cannot be allowed"
        return f"no finding is called `{self.name}`"

    def help(self) -> str:
        if self.known:
            return "mend what it says; `scorec explain` has the page"
        return f"did you mean `{self.nearest}`?" if self.nearest else "`scorec check` shows the code of each finding"


@problem("SC905")
class LockedRuleSuppressed(Problem):
    """A comment allows what the configuration has locked.

    ## Why it matters
    A few rules protect people or the company: that a student is never sent to sales, that consent is asked first. Who
    answers for them has put them on the list `locked` in the configuration, so that they are changed there, where it is
    seen, and not in passing beside a rule.

    ## Avoid
    With `locked = ["zero-points-rule"]` in the configuration:
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +10 big when employees >= 50
      # allow: zero-points-rule - only for a while
      +0 huge when employees >= 5000
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

    name: str

    def message(self) -> str:
        return f"`{self.name}` is locked, and cannot be allowed here"

    def help(self) -> str:
        return "mend what it says, or ask whoever keeps the configuration"


@problem("SC906")
class UnreadableSuppression(Problem):
    """A comment begins like one that allows something, and does not go on like one.

    ## Why it matters
    It allows nothing. It is written `# allow: NAME - REASON`, at the end of the line or above it; several names have
    commas between them, and `until 2027-01-01` may follow the names.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      # allow: zero-points-rule until summer - the campaign
      +10 big when employees >= 50
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      # until summer, for the campaign
      +10 big when employees >= 50
    ```
    """

    what: str

    def message(self) -> str:
        return self.what

    def help(self) -> str:
        return "write `# allow: NAME - REASON`, or `# allow: NAME until 2027-01-01 - REASON`"
