"""Problems of written values: numbers, dates, durations, lists and how much stands in one place."""

from __future__ import annotations

from ...dsl.problems import Problem, Severity, problem


@problem("SC031")
class NumberTooLarge(Problem):
    """A number is larger than any that makes sense there.

    ## Why it matters
    A rule of more than a million points, or a limit of more than a thousand million, is a slip of the keyboard; and
    every engine must be able to add up exactly.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +10_000_000 big when employees >= 50
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

    number: str
    limit: str

    def message(self) -> str:
        return f"{self.number} is too large"

    def help(self) -> str:
        return f"use at most {self.limit}"


@problem("SC035")
class TooManyDecimals(Problem):
    """Points have at most four decimals.

    ## Why it matters
    Scores are exact to four decimals, so that reasons add up to the score and every engine finds the same one. A
    number of points with more decimals would have to be rounded behind its author's back.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +0.12345 big when employees >= 50
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +0.1235 big when employees >= 50
    ```
    """

    number: str

    def message(self) -> str:
        return f"{self.number} has more than four decimals"

    def help(self) -> str:
        return "points are exact to four decimals: write no more than those"


@problem("SC061")
class RangeUpsideDown(Problem):
    """A range ends before it begins, so nothing can lie in it.

    ## Why it matters
    Nothing lies between 999 and 100: the rule would never fire, the score would have no room.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +20 mid_market when employees between 999 and 100
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +20 mid_market when employees between 100 and 999
    ```
    """

    low: str
    high: str

    def message(self) -> str:
        return f"the range from {self.low} to {self.high} is upside down"

    def help(self) -> str:
        return "write the smaller or earlier end first"


@problem("SC063")
class UnusableDuration(Problem):
    """A length of time is nothing, negative, longer than a hundred years, or no whole number of minutes.

    ## Why it matters
    Nothing happens in the last 0 days, and nothing that a policy is about takes longer than a hundred years.

    ## Avoid
    ```score
    policy inbound
      language 1

    event login

    score activity
      +10 active when any login in the last 0 days
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    event login

    score activity
      +10 active when any login in the last 7 days
    ```
    """

    written: str
    reason: str

    def message(self) -> str:
        return f"`{self.written}` {self.reason}"

    def help(self) -> str:
        return "write a whole number of minutes, hours, days, weeks, months or years, up to 100 years"


@problem("SC064")
class TooMuchInOne(Problem):
    """An expression nests too deep, or has too many parts, once its defines are opened.

    ## Why it matters
    Expressions may nest a hundred levels deep, which is far more than anybody reads. Defines that use defines can
    grow beyond that, or grow very large, without looking large.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    define d1 = employees + employees + employees + employees
    define d2 = d1 + d1 + d1 + d1 + d1 + d1 + d1 + d1
    define d3 = d2 + d2 + d2 + d2 + d2 + d2 + d2 + d2
    define d4 = d3 + d3 + d3 + d3 + d3 + d3 + d3 + d3
    define d5 = d4 + d4 + d4 + d4 + d4 + d4 + d4 + d4

    score fit = d5
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    define d1 = employees + employees + employees + employees

    score fit = 4096 * d1
    ```
    """

    deep: bool

    def message(self) -> str:
        if self.deep:
            return "this nests more than 100 levels deep"
        return "this has too many parts, once its defines are opened"

    def help(self) -> str:
        return "split it: a score or a band of its own can hold a part of it"


@problem("SC074")
class EmptyText(Problem):
    """A text that is empty, or only blanks, is compared with: no lead ever has it.

    ## Why it matters
    Texts are trimmed, and an empty text is the same as none: it is missing. A comparison with it is true for no lead.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      phone: text

    score fit
      -10 no_phone when phone is ""
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      phone: text

    score fit
      -10 no_phone when phone is missing
    ```
    """

    wordless: str = ""
    """what was written, if it has letters of no word"""

    def message(self) -> str:
        if self.wordless:
            return f"there is no word in {self.wordless}"
        return "an empty text is the same as missing, so no lead has it"

    def help(self) -> str:
        if self.wordless:
            return "words are made of letters and digits; for other characters write `contains`"
        return "to find leads without a value, write `is missing`"


@problem("SC075")
class PercentOutOfRange(Problem):
    """A percentage is outside what makes sense there.

    ## Why it matters
    A step that takes more than everything, or nothing, is no decay; and a group counts for some part of itself.

    ## Avoid
    ```score
    policy inbound
      language 1

    event visit

    score activity
      +10 visits for each visit in the last 90 days, losing 110% every 30 days
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    event visit

    score activity
      +10 visits for each visit in the last 90 days, losing 10% every 30 days
    ```
    """

    percent: str
    limits: str

    def message(self) -> str:
        return f"{self.percent}% makes no sense here"

    def help(self) -> str:
        return f"use a percentage {self.limits}"


@problem("SC502", Severity.WARNING)
class DuplicateListEntry(Problem):
    """A list holds the same value twice.

    ## Why it matters
    Letter case and surrounding blanks make no difference, so "Rival.example" and "rival.example" are one entry. The
    second one is harmless, and makes the reader look for a difference.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      email: text

    list competitors = ("rival.example", "contender.example", "Rival.example")

    score fit
      -100 competitor when domain(email) in competitors
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

    entry: str

    def message(self) -> str:
        return f'"{self.entry}" stands twice in this list'

    def help(self) -> str:
        return "letter case and surrounding blanks make no difference: delete one of the two"


@problem("SC504", Severity.WARNING)
class EmptyList(Problem):
    """The file of a list holds no values.

    ## Why it matters
    The file is there, but no line in it is neither blank nor a comment. No lead is ever in such a list.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      industry: text

    list core_industries from "lists/nothing_yet.txt"

    score fit
      +15 core when industry in core_industries
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      industry: text

    list core_industries from "lists/core_industries.txt"

    score fit
      +15 core when industry in core_industries
    ```
    """

    file: str

    def message(self) -> str:
        return f'"{self.file}" holds no values'

    def help(self) -> str:
        return "write one value on each line; lines that begin with # are comments"


@problem("SC514")
class UnreadableListFile(Problem):
    """The file of a list is not there, lies outside the policy's folder, or is no text.

    ## Why it matters
    A policy and the lists beside it belong together: copied to another computer they must mean the same. So a list is
    a text file in the policy's folder, or in a folder inside it.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      industry: text

    list core_industries from "../elsewhere/core_industries.txt"

    score fit
      +15 core when industry in core_industries
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      industry: text

    list core_industries from "lists/core_industries.txt"

    score fit
      +15 core when industry in core_industries
    ```
    """

    file: str
    reason: str

    def message(self) -> str:
        return f'the list file "{self.file}" {self.reason}'

    def help(self) -> str:
        return "put a text file beside the policy, and name it by its path from there: `lists/industries.txt`"
