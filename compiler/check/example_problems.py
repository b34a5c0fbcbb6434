"""Problems of the examples that a policy carries, its `test` blocks."""

from __future__ import annotations

from ...dsl.problems import Problem, problem


@problem("SC605")
class TestCannotFail(Problem):
    """A test expects nothing, so it can never fail.

    ## Why it matters
    A test without an expectation passes whatever the policy does.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +10 big when employees >= 50

    test "a large company"
      given employees 200
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +10 big when employees >= 50

    test "a large company"
      given employees 200
      expect fit is 10
    ```
    """

    __test__ = False

    title: str

    def message(self) -> str:
        return f'the test "{self.title}" expects nothing, so it cannot fail'

    def help(self) -> str:
        return "say what must come out: `expect readiness is hot`"


@problem("SC606")
class TestFieldNotInSchema(Problem):
    """A test gives a field that the policy does not have.

    ## Why it matters
    A field that the policy does not declare is never read, so the test would be about another lead than its author
    thinks.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +10 big when employees >= 50

    test "a large company"
      given employes 200
      expect fit is 0
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +10 big when employees >= 50

    test "a large company"
      given employees 200
      expect fit is 10
    ```
    """

    __test__ = False

    name: str
    nearest: str | None = None

    def message(self) -> str:
        return f"a lead has no field called `{self.name}`"

    def help(self) -> str:
        return "" if self.nearest else "give fields that the `lead` block declares"


@problem("SC608")
class TestDependsOnToday(Problem):
    """A test does not say at which instant it is, so it would come out differently some day.

    ## Why it matters
    A policy has no clock of its own: it is asked about an instant. A test with events must say which, so that it
    comes out the same today and in five years.

    ## Avoid
    ```score
    policy inbound
      language 1

    event login

    score activity
      +10 active when any login in the last 7 days

    test "a login three days ago counts"
      event login 3 days ago
      expect activity is 10
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    event login

    score activity
      +10 active when any login in the last 7 days

    test "a login three days ago counts"
      at 2026-03-02
      event login 3 days ago
      expect activity is 10
    ```
    """

    __test__ = False

    title: str

    def message(self) -> str:
        return f'the test "{self.title}" does not say when it is'

    def help(self) -> str:
        return "begin it with a line such as `at 2026-03-02`"


@problem("SC611")
class TooManyEvents(Problem):
    """A test has more events of one kind than makes sense.

    ## Why it matters
    A test with more than ten thousand events of one kind shows nothing that a smaller one does not.

    ## Avoid
    ```score
    policy inbound
      language 1

    event login

    score activity
      +1 logins for each login in the last 7 days, at most 10 points

    test "many logins"
      at 2026-03-02
      event login 1000000 times 3 days ago
      expect activity is 10
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    event login

    score activity
      +1 logins for each login in the last 7 days, at most 10 points

    test "many logins"
      at 2026-03-02
      event login 100 times 3 days ago
      expect activity is 10
    ```
    """

    times: int

    def message(self) -> str:
        return f"an event cannot happen {self.times} times in a test"

    def help(self) -> str:
        return "write a number from 1 to 10,000"
