"""Problems of names: unknown, given twice, reserved, or naming something of another kind."""

from __future__ import annotations

from ...dsl.problems import Problem, problem


def did_you_mean(nearest: str | None) -> str:
    return f"did you mean `{nearest}`?" if nearest else ""


@problem("SC002")
class UnknownField(Problem):
    """A name is used as a value, and nothing has that name."""

    name: str
    nearest: str | None = None
    hint: str = ""

    def message(self) -> str:
        return f"there is no field called `{self.name}`"

    def help(self) -> str:
        return self.hint or did_you_mean(self.nearest) or "declare it in the `lead` block, or as a `define`"


@problem("SC003")
class UnknownList(Problem):
    """A list is named that is not declared."""

    name: str
    nearest: str | None = None

    def message(self) -> str:
        return f"there is no list called `{self.name}`"

    def help(self) -> str:
        return did_you_mean(self.nearest) or f'declare it: `list {self.name} = ("...", "...")`'


@problem("SC007")
class DuplicateName(Problem):
    """Two things of one kind have the same name."""

    name: str
    what: str

    def message(self) -> str:
        return f"there are two {self.what} called `{self.name}`"

    def help(self) -> str:
        return "give one of them another name, or delete it"


@problem("SC017")
class UnknownEvent(Problem):
    """An event is named that is not declared."""

    name: str
    nearest: str | None = None

    def message(self) -> str:
        return f"there is no event called `{self.name}`"

    def help(self) -> str:
        return did_you_mean(self.nearest) or f"declare it: `event {self.name}`"


@problem("SC018")
class UnknownProperty(Problem):
    """A property is named that the event does not have."""

    name: str
    event: str
    nearest: str | None = None

    def message(self) -> str:
        return f"`{self.event}` has no property called `{self.name}`"

    def help(self) -> str:
        return did_you_mean(self.nearest) or f"declare it below `event {self.event}`"


@problem("SC020")
class UnknownMember(Problem):
    """A library, or a rule set, has no member of that name."""

    owner: str
    name: str
    nearest: str | None = None

    def message(self) -> str:
        return f"`{self.owner}` has nothing called `{self.name}`"

    def help(self) -> str:
        return did_you_mean(self.nearest)


@problem("SC021")
class UnknownFunction(Problem):
    """A function is used that neither the language nor the policy has."""

    name: str
    nearest: str | None = None

    def message(self) -> str:
        return f"there is no function called `{self.name}`"

    def help(self) -> str:
        return did_you_mean(self.nearest)


@problem("SC022")
class UnknownScore(Problem):
    """A score is named that is not declared."""

    name: str
    nearest: str | None = None

    def message(self) -> str:
        return f"there is no score called `{self.name}`"

    def help(self) -> str:
        return did_you_mean(self.nearest)


@problem("SC023")
class UnknownBand(Problem):
    """A band is named that is not declared."""

    name: str
    nearest: str | None = None

    def message(self) -> str:
        return f"there is no band called `{self.name}`"

    def help(self) -> str:
        return did_you_mean(self.nearest)


@problem("SC024")
class UnknownRule(Problem):
    """A test names a rule that no score has."""

    name: str
    nearest: str | None = None

    def message(self) -> str:
        return f"there is no rule called `{self.name}`"

    def help(self) -> str:
        return did_you_mean(self.nearest) or "a rule's full name is its score's, a dot and its own: `fit.student`"


@problem("SC025")
class UnknownOutcome(Problem):
    """A gate bars an outcome that no decision has."""

    name: str
    nearest: str | None = None

    def message(self) -> str:
        return f"no decision has an outcome called `{self.name}`"

    def help(self) -> str:
        return did_you_mean(self.nearest) or "a gate bars outcomes of `decide`: this one bars nothing"


@problem("SC026")
class UnknownRuleSet(Problem):
    """An `include` names a set of rules, bands or choices that is not there."""

    name: str
    what: str
    nearest: str | None = None

    def message(self) -> str:
        return f"there is no set of {self.what} called `{self.name}`"

    def help(self) -> str:
        return did_you_mean(self.nearest)


@problem("SC027")
class UnknownResult(Problem):
    """An alert or a `show` names something that is no score, band or decision."""

    name: str
    nearest: str | None = None

    def message(self) -> str:
        return f"there is no score, band or decision called `{self.name}`"

    def help(self) -> str:
        return did_you_mean(self.nearest)


@problem("SC028")
class OtherKindOfName(Problem):
    """A name stands where it cannot, because it names something of another kind."""

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
    """A name is taken by the language itself."""

    name: str
    what: str
    reason: str

    def message(self) -> str:
        return f"`{self.name}` cannot be the name of {self.what}"

    def help(self) -> str:
        return self.reason


@problem("SC034")
class CircularDefinition(Problem):
    """Something is defined by itself, directly or in a circle."""

    circle: tuple[str, ...]

    def message(self) -> str:
        if len(self.circle) == 2:
            return f"`{self.circle[0]}` is defined by itself"
        return "these are defined by each other: " + " -> ".join(f"`{name}`" for name in self.circle)

    def help(self) -> str:
        return "break the circle: one of them must do without the others"


@problem("SC036")
class PropertyOfTwoTypes(Problem):
    """A property is read of events that do not agree about its type."""

    name: str

    def message(self) -> str:
        return f"`{self.name}` is of one type in some of these events and of another in others"

    def help(self) -> str:
        return "name the one event that is meant, or declare the property alike everywhere"


@problem("SC037")
class UnknownLibraryName(Problem):
    """A name begins with a library that the file does not use."""

    name: str
    nearest: str | None = None

    def message(self) -> str:
        return f"this file uses no library called `{self.name}`"

    def help(self) -> str:
        return (
            did_you_mean(self.nearest) or f"write `use std.{self.name}` near the top, if it is one of the shipped ones"
        )
