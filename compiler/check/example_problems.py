"""Problems of the examples that a policy carries, its `test` blocks."""

from __future__ import annotations

from ...dsl.problems import Problem, problem
from .name_problems import did_you_mean


@problem("SC605")
class TestCannotFail(Problem):
    """A test expects nothing, so it can never fail."""

    __test__ = False

    title: str

    def message(self) -> str:
        return f'the test "{self.title}" expects nothing, so it cannot fail'

    def help(self) -> str:
        return "say what must come out: `expect readiness is hot`"


@problem("SC606")
class TestFieldNotInSchema(Problem):
    """A test gives a field that the policy does not have."""

    __test__ = False

    name: str
    nearest: str | None = None

    def message(self) -> str:
        return f"a lead has no field called `{self.name}`"

    def help(self) -> str:
        return did_you_mean(self.nearest) or "give fields that the `lead` block declares"


@problem("SC608")
class TestDependsOnToday(Problem):
    """A test does not say at which instant it is, so it would come out differently some day."""

    __test__ = False

    title: str

    def message(self) -> str:
        return f'the test "{self.title}" does not say when it is'

    def help(self) -> str:
        return "begin it with a line such as `at 2026-03-02`"


@problem("SC611")
class TooManyEvents(Problem):
    """A test has more events of one kind than makes sense."""

    times: int

    def message(self) -> str:
        return f"an event cannot happen {self.times} times in a test"

    def help(self) -> str:
        return "write a number from 1 to 10,000"
