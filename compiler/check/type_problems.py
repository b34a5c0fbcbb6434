"""Problems of types: things compared, counted or combined that are not alike, and things read where they cannot be."""

from __future__ import annotations

from ...dsl.problems import Problem, problem


@problem("SC004")
class TypeMismatch(Problem):
    """Two unlike things are compared or combined, or a value is of the wrong type.

    ## Why it matters
    A number is never equal to a text, and a date is no number of days: such a comparison would be true for no lead at
    all.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +20 mid_market when employees is "50-199"
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +20 mid_market when employees between 50 and 199
    ```
    """

    what: str
    is_a: str
    wanted: str
    hint: str = ""

    def message(self) -> str:
        return f"`{self.what}` is {self.is_a}, but {self.wanted}"

    def help(self) -> str:
        return self.hint


@problem("SC005")
class ValueOutsideDomain(Problem):
    """A value is not one of those that can occur there.

    ## Why it matters
    The value is none of those that were declared: no lead ever has it, so the rule would give its points to nobody.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      plan: one of ("free", "pro", "enterprise")

    score fit
      +20 paying when plan is "por"
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      plan: one of ("free", "pro", "enterprise")

    score fit
      +20 paying when plan is "pro"
    ```
    """

    value: str
    of: str
    allowed: tuple[str, ...]
    nearest: str | None = None

    def message(self) -> str:
        return f"`{self.of}` is never `{self.value}`"

    def help(self) -> str:
        shown = ", ".join(f"`{value}`" for value in self.allowed[:12])
        more = f" and {len(self.allowed) - 12} more" if len(self.allowed) > 12 else ""
        return f"it can be {shown}{more}"


@problem("SC006")
class UnitMismatch(Problem):
    """Amounts of different units are put together, such as days with hours, or points with a percentage.

    ## Why it matters
    Thirty hours are not thirty days, and ten per cent are not ten points. What is compared or added must be in one
    unit.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      created_at: time

    event login

    score activity
      +10 recent when hours since last login < days since created_at
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      created_at: time

    event login

    score activity
      +10 recent when days since last login < days since created_at
    ```
    """

    what: str
    unit: str
    other: str
    hint: str

    def message(self) -> str:
        return f"`{self.what}` is in {self.unit}, but {self.other}"

    def help(self) -> str:
        return self.hint


@problem("SC067")
class NotACondition(Problem):
    """A condition is wanted, something that is true or not, and something else stands there.

    ## Why it matters
    A rule gives its points where its condition is true. A number or a text is neither true nor untrue.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +10 has_employees when employees
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +10 has_employees when employees > 0
    ```
    """

    what: str
    is_a: str
    hint: str

    def message(self) -> str:
        return f"`{self.what}` is {self.is_a}, not a condition"

    def help(self) -> str:
        return self.hint


@problem("SC068")
class NotANumber(Problem):
    """A number is wanted, and something else stands there.

    ## Why it matters
    Points are computed from numbers. A text, a date or a condition has to be turned into a number first.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      created_at: time

    score freshness = 100 - created_at
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      created_at: time

    score freshness = 100 - days since created_at
    ```
    """

    what: str
    is_a: str
    hint: str

    def message(self) -> str:
        return f"`{self.what}` is {self.is_a}, and a number is needed here"

    def help(self) -> str:
        return self.hint


@problem("SC069")
class WrongTextTest(Problem):
    """A test for texts is applied to something else, or a test for lists to a text.

    ## Why it matters
    `contains`, `starts with`, `ends with`, `like` and `has word` look into one text; `has` looks for a whole value in
    a list of texts. The one applied to the other would find nothing.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      job_title: text

    score fit
      +25 decision_maker when job_title has "chief"
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      job_title: text

    score fit
      +25 decision_maker when job_title has word "chief"
    ```
    """

    what: str
    is_a: str
    test: str
    hint: str

    def message(self) -> str:
        return f"`{self.what}` is {self.is_a}, which `{self.test}` does not apply to"

    def help(self) -> str:
        return self.hint


@problem("SC070")
class WrongArguments(Problem):
    """A function, a define or a rule set gets too many values, too few, or values of the wrong type.

    ## Why it matters
    A function, a define or a set of rules says how many values it takes, and of which type.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      full_name: text

    score fit
      -10 typed_in_haste when repeats(full_name)
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      full_name: text

    score fit
      -10 typed_in_haste when repeats(full_name, 3)
    ```
    """

    called: str
    reason: str
    hint: str = ""

    def message(self) -> str:
        return f"`{self.called}` {self.reason}"

    def help(self) -> str:
        return self.hint


_READINGS = {
    "field": ("the field", "one lead's fields"),
    "score": ("the score", "scores"),
    "band": ("the band", "bands"),
    "decision": ("the decision", "decisions"),
    "events": ("the events", "a lead's events"),
    "clock": ("the age", "how long ago something was"),
    "leads": ("the leads", "several leads"),
    "account": ("the account's", "what an account has"),
    "property": ("another event's", "another event"),
    "earlier": ("the earlier score", "what a score was before"),
}

_WAYS_OUT = {
    ("a gate", "decision"): "a gate comes before every decision: let it read scores, bands, fields and events",
    ("a score", "decision"): "decisions come after scores: let the score read what the decision is made of",
    ("a band", "decision"): "decisions come after bands: let the band read what the decision is made of",
    ("the condition of an event", "clock"): "limit the age with `in the last 30 days` before `where`",
    ("the condition of an event", "events"): "`where` looks at one event: put the other condition into the rule's own",
    ("an account", "field"): "an account has many leads: `count of leads where (...)`, `highest of SCORE`",
    ("an account", "score"): "an account has many leads: `highest of SCORE`, `sum of top 3 SCORE`",
    ("an account", "band"): "an account has many leads: `count of leads where (BAND is ...)`",
    ("an account", "decision"): "an account has many leads: `count of leads where (DECISION is ...)`",
    ("an account", "events"): "give each lead a score for it, and add the scores: `sum of SCORE`",
}


@problem("SC071")
class MisplacedReading(Problem):
    """Something is read where it is not known: a decision in a gate, a score in the condition of an event.

    ## Why it matters
    There is an order in which a policy is worked out: events, scores, bands, gates, decisions, and accounts at the
    end. What comes earlier cannot read what comes later.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number
      student: yes/no

    decide next_step
      sales when employees >= 50
      nurture otherwise

    gate students
      never sales when student and next_step is sales
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number
      student: yes/no

    decide next_step
      sales when employees >= 50
      nurture otherwise

    gate students
      never sales when student
    ```
    """

    what: str
    name: str
    place: str

    def message(self) -> str:
        thing, kind = _READINGS[self.what]
        subject = f"{thing} `{self.name}`" if self.name else kind
        return f"{self.place} cannot read {subject}"

    def help(self) -> str:
        if self.place == "the condition of an event" and self.what != "clock" and self.what != "events":
            return "`where` reads the event, the lead's fields and written values: put the rest into a rule's condition"
        if self.what in ("leads", "account"):
            return "only the `account` block looks at several leads at once"
        return _WAYS_OUT.get((self.place, self.what), "")


@problem("SC072")
class DivisionByZero(Problem):
    """Something is divided by a written zero.

    ## Why it matters
    What is divided by zero is missing, for every lead, and so is everything that is computed from it.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit = employees / 0
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit = employees / 10
    ```
    """

    def message(self) -> str:
        return "this divides by zero, so the result is always missing"

    def help(self) -> str:
        return "divide by a number that is not zero"


@problem("SC076")
class NotWrittenOut(Problem):
    """A text must be written in the policy here, and something that differs from lead to lead stands there.

    ## Why it matters
    Which text is looked for must stand in the policy, so that everybody can read it, and so that it can be prepared
    once for all leads.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      email: text
      company: text

    score fit
      +10 company_mail when email contains company
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      email: text
      company: text

    score fit
      +10 company_mail when email contains "acme"
    ```
    """

    what: str
    needed: str
    hint: str
    many: bool = False

    def message(self) -> str:
        if self.many:
            return f"`{self.what}` is a list, and one text is needed here"
        return f"`{self.what}` differs from lead to lead, and {self.needed}"

    def help(self) -> str:
        return self.hint
