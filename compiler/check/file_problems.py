"""Problems of a file as a whole: its header, and declarations that do not belong in it."""

from __future__ import annotations

from ...dsl.problems import Problem, Severity, problem


@problem("SC039")
class HeaderMissing(Problem):
    """A file does not begin by saying what it is.

    ## Why it matters
    The first line gives the policy its name, which every result carries, and says that the file is a policy and no
    library.

    ## Avoid
    ```score
    lead by lead_id
      employees: number

    score fit
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

    def message(self) -> str:
        return "this file does not say what it is"

    def help(self) -> str:
        return "begin it with `policy NAME`, and `language 1` below that"


@problem("SC038")
class BadVersion(Problem):
    """A version is not three numbers with dots between.

    ## Why it matters
    A version has three numbers: the first goes up when the interface changes, the second when leads may score
    otherwise, the third when only words, tests or alerts change.

    ## Avoid
    ```score
    policy inbound
      language 1
      version 01.2.0

    lead by lead_id
      employees: number

    score fit
      +10 big when employees >= 50
    ```

    ## Prefer
    ```score
    policy inbound
      language 1
      version 1.2.0

    lead by lead_id
      employees: number

    score fit
      +10 big when employees >= 50
    ```
    """

    written: str

    def message(self) -> str:
        return f"`{self.written}` is no version"

    def help(self) -> str:
        return "write three numbers: `version 1.0.0`"


@problem("SC060")
class UnknownLanguage(Problem):
    """A file is written for a language version that this scorec does not know.

    ## Why it matters
    A policy written for a newer language may use words that this scorec reads otherwise, or not at all.

    ## Avoid
    ```score
    policy inbound
      language 7

    lead by lead_id
      employees: number

    score fit
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

    number: int
    known: int

    def message(self) -> str:
        return f"this file is written for language {self.number}, and this scorec knows language {self.known}"

    def help(self) -> str:
        return "install a newer scorec" if self.number > self.known else f"write `language {self.known}`"


@problem("SC065")
class UnknownTimeZone(Problem):
    """A time zone is named that does not exist.

    ## Why it matters
    The time zone decides when a day begins, for `once per day` and for dates. Its names are those of the world's time
    zone database: an area and a city.

    ## Avoid
    ```score
    policy inbound
      language 1
      timezone "Europe/Pariss"

    event login

    score activity
      +1 logins for each login, once per day, at most 10 points
    ```

    ## Prefer
    ```score
    policy inbound
      language 1
      timezone "Europe/Paris"

    event login

    score activity
      +1 logins for each login, once per day, at most 10 points
    ```
    """

    name: str
    nearest: str | None = None

    def message(self) -> str:
        return f'there is no time zone called "{self.name}"'

    def help(self) -> str:
        return "" if self.nearest else 'write it as an area and a city: `timezone "Europe/Paris"`'


@problem("SC066")
class MisplacedDeclaration(Problem):
    """A declaration stands in a file where it has no meaning, such as a score in a library.

    ## Why it matters
    A library is used by many policies, so it knows no lead, no events and no scores of theirs: it holds lists,
    defines and sets of rows, and is told the rest through parameters.

    ## Avoid
    ```score
    library team.forms
      language 1

    score fit
      start at 10
    ```

    ## Prefer
    ```score
    library team.forms
      language 1

    rules junk_names(name: text)
      -10 digits when name contains any of ("0", "1", "2")
    ```
    """

    what: str
    place: str
    hint: str

    def message(self) -> str:
        return f"{self.what} does not belong in {self.place}"

    def help(self) -> str:
        return self.hint


@problem("SC077")
class OtherSubject(Problem):
    """The block of fields is named for somebody else than the policy is for.

    ## Why it matters
    The block of fields is called after whom the policy is about: `lead`, or what `for` says below the policy's name.

    ## Avoid
    ```score
    policy inbound
      language 1

    customer by customer_id
      seats: number

    score health
      +10 large when seats >= 50
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      seats: number

    score health
      +10 large when seats >= 50
    ```
    """

    written: str
    subject: str

    def message(self) -> str:
        return f"this policy is for each {self.subject}, but its fields are those of a {self.written}"

    def help(self) -> str:
        if self.subject == "lead":
            return f"write `lead by ...`, or `for {self.written}` below `policy`"
        return f"write `{self.subject} by ...`"


@problem("SC912", Severity.WARNING)
class LanguageVersionMissing(Problem):
    """A file does not say which version of the language it is written in.

    ## Why it matters
    A later version of the language may read a word otherwise. With its version written down, a policy means the same
    for ever.

    ## Avoid
    ```score
    policy inbound

    lead by lead_id
      employees: number

    score fit
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

    def message(self) -> str:
        return "this file does not say which language version it is written in"

    def help(self) -> str:
        return "add `language 1` below its first line, so that it means the same for ever"
