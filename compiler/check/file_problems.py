"""Problems of a file as a whole: its header, and declarations that do not belong in it."""

from __future__ import annotations

from ...dsl.problems import Problem, Severity, problem
from .name_problems import did_you_mean


@problem("SC039")
class HeaderMissing(Problem):
    """A file does not begin by saying what it is."""

    def message(self) -> str:
        return "this file does not say what it is"

    def help(self) -> str:
        return "begin it with `policy NAME`, and `language 1` below that"


@problem("SC038")
class BadVersion(Problem):
    """A version is not three numbers with dots between."""

    written: str

    def message(self) -> str:
        return f"`{self.written}` is no version"

    def help(self) -> str:
        return "write three numbers: `version 1.0.0`"


@problem("SC060")
class UnknownLanguage(Problem):
    """A file is written for a language version that this scorec does not know."""

    number: int
    known: int

    def message(self) -> str:
        return f"this file is written for language {self.number}, and this scorec knows language {self.known}"

    def help(self) -> str:
        return "install a newer scorec" if self.number > self.known else f"write `language {self.known}`"


@problem("SC065")
class UnknownTimeZone(Problem):
    """A time zone is named that does not exist."""

    name: str
    nearest: str | None = None

    def message(self) -> str:
        return f'there is no time zone called "{self.name}"'

    def help(self) -> str:
        return did_you_mean(self.nearest) or 'write it as an area and a city: `timezone "Europe/Paris"`'


@problem("SC066")
class MisplacedDeclaration(Problem):
    """A declaration stands in a file where it has no meaning, such as a score in a library."""

    what: str
    place: str
    hint: str

    def message(self) -> str:
        return f"{self.what} does not belong in {self.place}"

    def help(self) -> str:
        return self.hint


@problem("SC077")
class OtherSubject(Problem):
    """The block of fields is named for somebody else than the policy is for."""

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
    """A file does not say which version of the language it is written in."""

    def message(self) -> str:
        return "this file does not say which language version it is written in"

    def help(self) -> str:
        return "add `language 1` below its first line, so that it means the same for ever"
