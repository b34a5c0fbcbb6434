"""Problems of names: unknown, given twice, reserved, or naming something of another kind."""

from __future__ import annotations

from ...dsl.problems import Problem, problem


def did_you_mean(nearest: str | None) -> str:
    return f"did you mean `{nearest}`?" if nearest else ""


def there_are(known: tuple[str, ...]) -> str:
    """What could have been meant, where nothing is near."""
    if not known:
        return "there is none yet"
    more = f" and {len(known) - 6} more" if len(known) > 6 else ""
    return "there is " + ", ".join(f"`{name}`" for name in known[:6]) + more


@problem("SC002")
class UnknownField(Problem):
    """A name is used as a value, and nothing has that name.

    ## Why it matters
    A misspelt field is never known, so a rule that reads it would give its points to nobody, and nobody would notice.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +30 enterprise when employes >= 1000
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +30 enterprise when employees >= 1000
    ```
    """

    name: str
    nearest: str | None = None
    hint: str = ""

    def message(self) -> str:
        return f"there is no field called `{self.name}`"

    def help(self) -> str:
        return self.hint or ("" if self.nearest else "declare it in the `lead` block, or as a `define`")


@problem("SC003")
class UnknownList(Problem):
    """A list is named that is not declared.

    ## Why it matters
    A rule about a list that is not there can have no effect; most often the name is misspelt.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      email: text

    list competitors = ("rival.example", "contender.example")

    score fit
      -100 competitor when domain(email) in competitor
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      email: text

    list competitors = ("rival.example", "contender.example")

    score fit
      -100 competitor when domain(email) in competitors
    ```
    """

    name: str
    nearest: str | None = None

    def message(self) -> str:
        return f"there is no list called `{self.name}`"

    def help(self) -> str:
        return "" if self.nearest else f'declare it: `list {self.name} = ("...", "...")`'


@problem("SC007")
class DuplicateName(Problem):
    """Two things of one kind have the same name.

    ## Why it matters
    Reasons, tests and differences between versions name rules, scores and bands. With two of one name nobody can tell
    which one is meant.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +10 big when employees >= 50
      +20 big when employees >= 1000
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +10 big when employees >= 50
      +20 very_big when employees >= 1000
    ```
    """

    name: str
    what: str
    hint: str = ""

    def message(self) -> str:
        return f"there are two {self.what} called `{self.name}`"

    def help(self) -> str:
        return self.hint or "give one of them another name, or delete it"


@problem("SC078")
class SaidTwice(Problem):
    """A line, or a value, stands twice where once is enough.

    ## Why it matters
    Two lines that say the same thing differently leave open which of them counts.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      start at 10
      start at 20
      +10 big when employees >= 50
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      start at 10
      +10 big when employees >= 50
    ```
    """

    what: str

    def message(self) -> str:
        return f"{self.what} stands here twice"

    def help(self) -> str:
        return "keep one of the two"


@problem("SC017")
class UnknownEvent(Problem):
    """An event is named that is not declared.

    ## Why it matters
    A misspelt event never happens, so a rule that waits for it would never give its points.

    ## Avoid
    ```score
    policy inbound
      language 1

    event demo_request, email_open

    score interest
      +20 demo when any demo_requests in the last 30 days
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    event demo_request, email_open

    score interest
      +20 demo when any demo_request in the last 30 days
    ```
    """

    name: str
    nearest: str | None = None

    def message(self) -> str:
        return f"there is no event called `{self.name}`"

    def help(self) -> str:
        return "" if self.nearest else f"declare it: `event {self.name}`"


@problem("SC018")
class UnknownProperty(Problem):
    """A property is named that the event does not have.

    ## Why it matters
    A property that an event does not have is never known, so a condition on it would never be true.

    ## Avoid
    ```score
    policy inbound
      language 1

    event page_view
      url: text
      seconds: number

    score interest
      +1 reading per 60 of sum of second of page_view, at most 15 points
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    event page_view
      url: text
      seconds: number

    score interest
      +1 reading per 60 of sum of seconds of page_view, at most 15 points
    ```
    """

    name: str
    event: str
    nearest: str | None = None

    def message(self) -> str:
        return f"`{self.event}` has no property called `{self.name}`"

    def help(self) -> str:
        return "" if self.nearest else f"declare it below `event {self.event}`"


@problem("SC020")
class UnknownMember(Problem):
    """A library, or a rule set, has no member of that name.

    ## Why it matters
    A library, or a set of rules, is used by the names of its members. A name that it does not have brings nothing in.

    ## Avoid
    ```score
    policy inbound
      language 1

    use std.email

    lead by lead_id
      email: text

    score fit
      -25 free_mail when email.is_fre(email)
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    use std.email

    lead by lead_id
      email: text

    score fit
      -25 free_mail when email.is_free(email)
    ```
    """

    owner: str
    name: str
    nearest: str | None = None
    known: tuple[str, ...] = ()

    def message(self) -> str:
        return f"`{self.owner}` has nothing called `{self.name}`"

    def help(self) -> str:
        return "" if self.nearest else there_are(self.known)


@problem("SC021")
class UnknownFunction(Problem):
    """A function is used that neither the language nor the policy has.

    ## Why it matters
    The language has a fixed set of functions, and a policy can add defines with parameters. Anything else has no
    value.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      email: text

    score fit
      -100 competitor when domian(email) is "rival.example"
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      email: text

    score fit
      -100 competitor when domain(email) is "rival.example"
    ```
    """

    name: str
    nearest: str | None = None

    def message(self) -> str:
        return f"there is no function called `{self.name}`"

    def help(self) -> str:
        return "" if self.nearest else "check its spelling"


@problem("SC022")
class UnknownScore(Problem):
    """A score is named that is not declared.

    ## Why it matters
    A band, an alert or a promise is about a score of the policy. Without the score it says nothing.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +50 big when employees >= 50

    band readiness of fitness
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
      cold otherwise
    ```
    """

    name: str
    nearest: str | None = None
    known: tuple[str, ...] = ()

    def message(self) -> str:
        return f"there is no score called `{self.name}`"

    def help(self) -> str:
        return "" if self.nearest else there_are(self.known)


@problem("SC023")
class UnknownBand(Problem):
    """A band is named that is not declared.

    ## Why it matters
    The rows and columns of a grid are the labels of two bands, named after `by`.

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

    decide next_step by grades, heat
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

    name: str
    nearest: str | None = None
    known: tuple[str, ...] = ()

    def message(self) -> str:
        return f"there is no band called `{self.name}`"

    def help(self) -> str:
        return "" if self.nearest else there_are(self.known)


@problem("SC024")
class UnknownRule(Problem):
    """A test names a rule that no score has.

    ## Why it matters
    A test that waits for a rule which is not there would fail for ever, or pass for ever, and say nothing about
    leads.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +10 big when employees >= 50

    test "a large company is big"
      given employees 200
      expect fired fit.bigg
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +10 big when employees >= 50

    test "a large company is big"
      given employees 200
      expect fired fit.big
    ```
    """

    name: str
    nearest: str | None = None

    def message(self) -> str:
        return f"there is no rule called `{self.name}`"

    def help(self) -> str:
        return "" if self.nearest else "a rule's full name is its score's, a dot and its own: `fit.student`"


@problem("SC025")
class UnknownOutcome(Problem):
    """A gate bars an outcome that no decision has.

    ## Why it matters
    A gate that bars an outcome which no decision has stops nobody: the students it was written for go to sales all
    the same.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      student: yes/no
      employees: number

    decide next_step
      sales when employees >= 50
      nurture otherwise

    gate students
      never sale when student
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      student: yes/no
      employees: number

    decide next_step
      sales when employees >= 50
      nurture otherwise

    gate students
      never sales when student
    ```
    """

    name: str
    nearest: str | None = None

    def message(self) -> str:
        return f"no decision has an outcome called `{self.name}`"

    def help(self) -> str:
        return "" if self.nearest else "a gate bars outcomes of `decide`: this one bars nothing"


@problem("SC026")
class UnknownRuleSet(Problem):
    """An `include` names a set of rules, bands or choices that is not there.

    ## Why it matters
    An `include` brings in a set of rules, bands or choices by its name: one of a library, or one of the policy's own.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      full_name: text

    rules junk_names(name: text)
      -10 digits when name contains any of ("0", "1", "2")

    score fit
      include junk_name(full_name)
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      full_name: text

    rules junk_names(name: text)
      -10 digits when name contains any of ("0", "1", "2")

    score fit
      include junk_names(full_name)
    ```
    """

    name: str
    what: str
    nearest: str | None = None
    known: tuple[str, ...] = ()

    def message(self) -> str:
        return f"there is no set of {self.what} called `{self.name}`"

    def help(self) -> str:
        return "" if self.nearest else there_are(self.known)


@problem("SC027")
class UnknownResult(Problem):
    """An alert or a `show` names something that is no score, band or decision.

    ## Why it matters
    An alert watches a result of the policy, and `show` names those that an audience may see. A name that is none of
    them watches and shows nothing.

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

    show sales: fit, redyness
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

    show sales: fit, readiness
    ```
    """

    name: str
    nearest: str | None = None
    known: tuple[str, ...] = ()

    def message(self) -> str:
        return f"there is no score, band or decision called `{self.name}`"

    def help(self) -> str:
        return "" if self.nearest else there_are(self.known)


@problem("SC028")
class OtherKindOfName(Problem):
    """A name stands where it cannot, because it names something of another kind.

    ## Why it matters
    The name is known, but it is the name of something else: an event is no value by itself, a list is no single text,
    a band is no score.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      industry: text

    list core_industries = ("software", "banking")

    score fit
      +15 core when industry is core_industries
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      industry: text

    list core_industries = ("software", "banking")

    score fit
      +15 core when industry in core_industries
    ```
    """

    name: str
    is_a: str
    wanted: str
    hint: str = ""

    def message(self) -> str:
        return f"`{self.name}` is {self.is_a}, and {self.wanted} is needed here"

    def help(self) -> str:
        return self.hint


@problem("SC033")
class ReservedName(Problem):
    """A name is taken by the language itself.

    ## Why it matters
    Some names are taken: the steps of a score itself (`fit.start`, `fit.cap`) stand beside its rules in every account
    of it, every event has its own `event` and `at`, and functions keep their names.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +10 start when employees >= 50
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +10 starter when employees >= 50
    ```
    """

    name: str
    what: str
    reason: str

    def message(self) -> str:
        return f"`{self.name}` cannot be the name of {self.what}"

    def help(self) -> str:
        return self.reason


@problem("SC034")
class CircularDefinition(Problem):
    """Something is defined by itself, directly or in a circle.

    ## Why it matters
    What is defined by itself has no value: to know the score one would have to know the score. A lead's score a week
    ago counts as itself, too.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit = 50% of interest + 10
    score interest = 50% of fit + employees
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit = 10 + employees
    score interest = 50% of fit + employees
    ```
    """

    circle: tuple[str, ...]

    def message(self) -> str:
        if len(self.circle) == 2:
            return f"`{self.circle[0]}` is defined by itself"
        return "these are defined by each other: " + " -> ".join(f"`{name}`" for name in self.circle)

    def help(self) -> str:
        return "break the circle: one of them must do without the others"


@problem("SC036")
class PropertyOfTwoTypes(Problem):
    """A property is read of events that do not agree about its type.

    ## Why it matters
    Two kinds of event have a property of one name, a number here and a text there. What is asked of both at once must
    be of one type.

    ## Avoid
    ```score
    policy inbound
      language 1

    event purchase
      amount: number
    event refund
      amount: text

    score value
      +10 large when any event in the last 30 days where (amount > 100)
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    event purchase
      amount: number
    event refund
      amount: text

    score value
      +10 large when any purchase in the last 30 days where (amount > 100)
    ```
    """

    name: str

    def message(self) -> str:
        return f"`{self.name}` is of one type in some of these events and of another in others"

    def help(self) -> str:
        return "name the one event that is meant, or declare the property alike everywhere"


@problem("SC037")
class UnknownLibraryName(Problem):
    """A name begins with a library that the file does not use.

    ## Why it matters
    A dotted name is a member of a library that the file uses, by the last part of its name or by what stands after
    `as`.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      email: text

    score fit
      -25 free_mail when email.is_free(email)
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    use std.email

    lead by lead_id
      email: text

    score fit
      -25 free_mail when email.is_free(email)
    ```
    """

    name: str
    nearest: str | None = None

    def message(self) -> str:
        return f"this file uses no library called `{self.name}`"

    def help(self) -> str:
        return (
            did_you_mean(self.nearest) or f"write `use std.{self.name}` near the top, if it is one of the shipped ones"
        )
