"""Problems of scores and bands: lines where they do not belong, modifiers that do not fit, limits out of order."""

from __future__ import annotations

from ...dsl.problems import Problem, problem


@problem("SC230")
class BandsOutOfOrder(Problem):
    """A band's limits do not go down from row to row, so a row can never be reached."""

    label_above: str
    limit_above: str
    label_below: str
    limit_below: str

    def message(self) -> str:
        return (
            f"no lead can be `{self.label_below}`: `{self.label_above} >= {self.limit_above}` stands above "
            f"`>= {self.limit_below}` and takes them all"
        )

    def help(self) -> str:
        return "write the rows from the highest limit down"


@problem("SC231")
class BandWithoutOtherwise(Problem):
    """A band has no last row for all other leads."""

    band: str

    def message(self) -> str:
        return f"the band `{self.band}` does not say what all other leads are"

    def help(self) -> str:
        return "end it with a row such as `cold otherwise`"


@problem("SC232")
class OtherwiseNotLast(Problem):
    """Rows stand below `otherwise`, which takes every lead, so they are never reached."""

    place: str

    def message(self) -> str:
        return f"nothing below `otherwise` is ever reached in {self.place}"

    def help(self) -> str:
        return "move `otherwise` to the end"


@problem("SC233")
class MisplacedOtherwise(Problem):
    """A rule says `otherwise` where there is nothing before it to be other than."""

    rule: str

    def message(self) -> str:
        return f"the rule `{self.rule}` says `otherwise`, but does not stand in a `first of`"

    def help(self) -> str:
        return "put it at the end of a `first of` group, or give it a condition: `when ...`"


@problem("SC234")
class ModifierDoesNotFit(Problem):
    """A modifier makes no sense with its rule."""

    modifier: str
    reason: str
    hint: str = ""

    def message(self) -> str:
        return f"`{self.modifier}` {self.reason}"

    def help(self) -> str:
        return self.hint


@problem("SC235")
class MisplacedLine(Problem):
    """A line stands where it has no meaning, such as `start at` in a group."""

    line: str
    place: str
    hint: str = ""

    def message(self) -> str:
        return f"`{self.line}` does not belong in {self.place}"

    def help(self) -> str:
        return self.hint


@problem("SC237")
class EmptyScore(Problem):
    """A score has no rules and is no expression, so it is the same for every lead."""

    score: str

    def message(self) -> str:
        return f"the score `{self.score}` has no rules"

    def help(self) -> str:
        return "add rules below it, or say what it is made of: `score total = fit + engagement`"


@problem("SC241")
class RenamedFromExisting(Problem):
    """A rule says that it was renamed from one that is still there."""

    rule: str
    old: str

    def message(self) -> str:
        return f"`{self.rule}` is said to be renamed from `{self.old}`, but there still is a rule `{self.old}`"

    def help(self) -> str:
        return "delete `renamed from`, or the old rule"
