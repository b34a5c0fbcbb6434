"""Problems of written values: numbers, dates, durations, lists and how much stands in one place."""

from __future__ import annotations

from ...dsl.problems import Problem, Severity, problem


@problem("SC031")
class NumberTooLarge(Problem):
    """A number is larger than any that makes sense there."""

    number: str
    limit: str

    def message(self) -> str:
        return f"{self.number} is too large"

    def help(self) -> str:
        return f"use at most {self.limit}"


@problem("SC035")
class TooManyDecimals(Problem):
    """Points have at most four decimals."""

    number: str

    def message(self) -> str:
        return f"{self.number} has more than four decimals"

    def help(self) -> str:
        return "points are exact to four decimals: write no more than those"


@problem("SC061")
class RangeUpsideDown(Problem):
    """A range ends before it begins, so nothing can lie in it."""

    low: str
    high: str

    def message(self) -> str:
        return f"the range from {self.low} to {self.high} is upside down"

    def help(self) -> str:
        return "write the smaller or earlier end first"


@problem("SC062")
class ImpossibleDate(Problem):
    """A date or a time is not in the calendar."""

    written: str

    def message(self) -> str:
        return f"there is no {self.written} in the calendar"

    def help(self) -> str:
        return "write a date as year-month-day, `2026-03-01`, and a time as `2026-03-01T10:00Z`"


@problem("SC063")
class UnusableDuration(Problem):
    """A length of time is nothing, negative, longer than a hundred years, or no whole number of minutes."""

    written: str
    reason: str

    def message(self) -> str:
        return f"`{self.written}` {self.reason}"

    def help(self) -> str:
        return "write a whole number of minutes, hours, days, weeks, months or years, up to 100 years"


@problem("SC064")
class TooMuchInOne(Problem):
    """An expression nests too deep, or has too many parts, once its defines are opened."""

    deep: bool

    def message(self) -> str:
        if self.deep:
            return "this nests more than 100 levels deep"
        return "this has too many parts, once its defines are opened"

    def help(self) -> str:
        return "split it: a score or a band of its own can hold a part of it"


@problem("SC073")
class NothingToChooseFrom(Problem):
    """A `one of` lists no values."""

    name: str

    def message(self) -> str:
        return f"`{self.name}` is one of nothing"

    def help(self) -> str:
        return 'list the values that can occur: `one of ("US", "CA", "other")`'


@problem("SC074")
class EmptyText(Problem):
    """A text that is empty, or only blanks, is compared with: no lead ever has it."""

    def message(self) -> str:
        return "an empty text is the same as missing, so nothing is ever equal to it"

    def help(self) -> str:
        return "to find leads without a value, write `is missing`"


@problem("SC075")
class PercentOutOfRange(Problem):
    """A percentage is outside what makes sense there."""

    percent: str
    limits: str

    def message(self) -> str:
        return f"{self.percent}% is outside {self.limits}"


@problem("SC502", Severity.WARNING)
class DuplicateListEntry(Problem):
    """A list holds the same value twice."""

    entry: str

    def message(self) -> str:
        return f'"{self.entry}" stands twice in this list'

    def help(self) -> str:
        return "letter case and surrounding blanks make no difference: delete one of the two"


@problem("SC504")
class EmptyList(Problem):
    """A list holds nothing, so no lead is ever in it."""

    name: str

    def message(self) -> str:
        return f"the list `{self.name}` is empty" if self.name else "this list is empty"

    def help(self) -> str:
        return "no lead is ever in an empty list: add its values, or delete the rule"


@problem("SC513", Severity.WARNING)
class EmptyListFile(Problem):
    """The file of a list holds no values."""

    file: str

    def message(self) -> str:
        return f'"{self.file}" holds no values'

    def help(self) -> str:
        return "write one value on each line; lines that begin with # are comments"


@problem("SC514")
class UnreadableListFile(Problem):
    """The file of a list is not there, lies outside the policy's folder, or is no text."""

    file: str
    reason: str

    def message(self) -> str:
        return f'the list file "{self.file}" {self.reason}'

    def help(self) -> str:
        return "put a text file beside the policy, and name it by its path from there: `lists/industries.txt`"
