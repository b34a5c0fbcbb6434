"""Problems of promises: those that nobody could keep, and those about nobody."""

from __future__ import annotations

from ...dsl.problems import Problem, problem


@problem("SC630")
class ContradictoryPromises(Problem):
    """Two promises say the opposite of the same leads.

    ## Why it matters
    Both can be kept only as long as no lead is what they speak of. One of them is not what was meant.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      student: yes/no
      employees: number

    score fit
      +50 big when employees >= 50

    decide next_step
      sales when fit >= 50
      wait otherwise

    promise students_wait
      student implies next_step is wait
      never next_step is wait when student
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      student: yes/no
      employees: number

    score fit
      +50 big when employees >= 50

    decide next_step
      sales when fit >= 50 and student is no
      wait otherwise

    promise students_wait
      student implies next_step is wait
      never next_step is sales when student
    ```
    """

    promise: str
    other: str

    def message(self) -> str:
        return f"`{self.promise}` promises the opposite of `{self.other}`"

    def help(self) -> str:
        return "keep the one that you mean"


@problem("SC631")
class PromiseBoundsOutOfOrder(Problem):
    """A promise says that a score stays between two numbers, of which the first is the larger.

    ## Why it matters
    No score is between 50 and 0, so that the promise could never be kept.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +50 big when employees >= 50

    promise limited
      fit stays between 50 and 0
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +50 big when employees >= 50

    promise limited
      fit stays between 0 and 50
    ```
    """

    low: str
    high: str

    def message(self) -> str:
        return f"no score is between {self.low} and {self.high}"

    def help(self) -> str:
        return f"the smaller number stands first: `between {self.high} and {self.low}`"


@problem("SC632")
class PromiseAboutSomebodyElse(Problem):
    """A promise speaks of every customer, where the policy scores leads.

    ## Why it matters
    The word after `every` is the one that the policy has for whom it scores: `lead`, or what `for` in its header says.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +50 big when employees >= 50

    decide next_step
      sales when fit >= 50
      wait otherwise

    promise complete
      every customer gets exactly one next_step
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +50 big when employees >= 50

    decide next_step
      sales when fit >= 50
      wait otherwise

    promise complete
      every lead gets exactly one next_step
    ```
    """

    name: str
    subject: str

    def message(self) -> str:
        return f"this policy is about every {self.subject}, not about every {self.name}"

    def help(self) -> str:
        return f"write `every {self.subject}`"
