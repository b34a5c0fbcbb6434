"""Problems of decisions: grids with holes, decisions without an outcome, gates, alerts."""

from __future__ import annotations

from ...dsl.problems import Problem, problem


@problem("SC320")
class DecisionWithoutOtherwise(Problem):
    """A decision has no last row for all other leads, so a lead may be left without an outcome."""

    decision: str

    def message(self) -> str:
        return f"the decision `{self.decision}` does not say what happens to all other leads"

    def help(self) -> str:
        return "end it with a row such as `nurture otherwise`"


@problem("SC321")
class GridWithAHole(Problem):
    """A grid has no row, or no column, for some label, so leads with it have no cell."""

    missing: tuple[str, ...]
    of: str
    line: str

    def message(self) -> str:
        labels = ", ".join(f"`{label}`" for label in self.missing)
        return f"the grid has no {self.line} for {labels} of `{self.of}`"

    def help(self) -> str:
        return f"give every label of `{self.of}` its {self.line}"


@problem("SC322")
class CrookedGrid(Problem):
    """A grid's rows do not fit its heading."""

    reason: str

    def message(self) -> str:
        return self.reason

    def help(self) -> str:
        return "the first row names the columns behind an empty cell, and each row below begins with its label"


@problem("SC323")
class GridWithoutBy(Problem):
    """A grid stands in a decision that does not say which bands it is about."""

    decision: str

    def message(self) -> str:
        return f"`{self.decision}` has a grid, but does not say of which bands"

    def help(self) -> str:
        return f"name the rows' band and the columns' band: `decide {self.decision} by fit_grade, interest`"


@problem("SC324")
class GateBarsOtherwise(Problem):
    """A gate bars the outcome that a decision falls back on, so a lead may be left without an outcome."""

    outcome: str
    decision: str

    def message(self) -> str:
        return f"`{self.outcome}` cannot be barred: it is what `{self.decision}` falls back on"

    def help(self) -> str:
        return "give the decision an `otherwise` outcome that every lead may have, such as `nobody otherwise`"


@problem("SC326")
class AlertDoesNotFit(Problem):
    """An alert waits for a change that its result cannot have."""

    watched: str
    is_a: str
    change: str
    hint: str

    def message(self) -> str:
        return f"`{self.watched}` is {self.is_a}, which never `{self.change}` anything"

    def help(self) -> str:
        return self.hint


@problem("SC327")
class AccountKeyNotText(Problem):
    """An account's key is no text."""

    key: str
    is_a: str

    def message(self) -> str:
        return f"leads are rolled up by a text, and `{self.key}` is {self.is_a}"

    def help(self) -> str:
        return "name a text field, or a text made of one: `account by domain(email)`"
