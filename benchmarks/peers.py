"""The 30 attribute rules of the workload for zen-engine (GoRules), in the two forms that its users have.

`prepare` is not charged: it hands over texts in lower case and the mail domain cut out, which the other side has to do
itself while it is timed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from benchmarks.hand_written import (
    FIRST_COUNTRIES,
    FREE_MAIL,
    GOOD_SOURCES,
    GOOD_TECH,
    POOR_INDUSTRIES,
    TARGET_INDUSTRIES,
    THIRD_COUNTRIES,
)


def among(values: frozenset[str]) -> str:
    return "$ in [" + ", ".join(json.dumps(value) for value in sorted(values)) + "]"


def between(low: int, high: int | None = None) -> str:
    return f"$ != null and $ >= {low}" + (f" and $ < {high}" if high is not None else "")


def holds(function: str, *needles: str) -> str:
    tests = " or ".join(f"{function}($, {json.dumps(needle)})" for needle in needles)
    return f"$ != null and ({tests})"


def in_a_cell(test: str) -> str:
    """The same test as a cell of a table, where an `or` means something else: `some` of a list fits."""
    function = re.match(r"\$ != null and \((contains|endsWith)", test)
    if function is None:
        return test
    needles = ", ".join(re.findall(r"\$, (\"[^\"]*\")", test))
    return f"some([{needles}], $ != null and {function.group(1)}($, #))"


RULES: tuple[tuple[str, int, str, str], ...] = (
    ("target_industry", 15, "industry", among(TARGET_INDUSTRIES)),
    ("poor_industry", -10, "industry", among(POOR_INDUSTRIES)),
    ("first_country", 10, "country", among(FIRST_COUNTRIES)),
    ("third_country", -5, "country", among(THIRD_COUNTRIES)),
    ("tiny", -5, "employees", between(1, 11)),
    ("small", 5, "employees", between(11, 51)),
    ("medium", 10, "employees", between(51, 201)),
    ("large", 15, "employees", between(201, 1001)),
    ("very_large", 20, "employees", between(1001, 5001)),
    ("huge", 12, "employees", between(5001)),
    ("revenue_1m", 5, "revenue", between(1_000_000, 10_000_000)),
    ("revenue_10m", 10, "revenue", between(10_000_000, 100_000_000)),
    ("revenue_100m", 15, "revenue", between(100_000_000)),
    ("founder", 20, "job_title", holds("contains", "chief", "ceo", "cto", "founder")),
    ("vice_president", 15, "job_title", holds("contains", "vp", "vice president")),
    ("director", 12, "job_title", holds("contains", "director")),
    ("manager", 8, "job_title", holds("contains", "manager", "head of")),
    ("student", -20, "job_title", holds("contains", "student", "intern")),
    ("free_mail", -10, "domain", among(FREE_MAIL)),
    ("university", -10, "email", holds("endsWith", ".edu")),
    ("public_body", -5, "email", holds("endsWith", ".gov", ".mil")),
    ("test_mail", -40, "email", holds("contains", "test", "noreply")),
    ("phone", 3, "phone", "$ != null"),
    ("website", 2, "website", "$ != null"),
    ("linkedin", 2, "linkedin", "$ != null"),
    ("referral", 15, "lead_source", '$ == "referral"'),
    ("webinar", 8, "lead_source", '$ == "webinar"'),
    ("good_source", 3, "lead_source", among(GOOD_SOURCES)),
    ("good_tech", 7, "tech", among(GOOD_TECH)),
    ("budget", 10, "budget", "$ != null and $ >= 10000 and unsubscribed == false"),
)
"""(rule, points, the field it looks at, the condition with `$` for the field)"""


def prepare(lead: dict[str, Any]) -> dict[str, Any]:
    ready = {name: value.lower() if isinstance(value, str) else value for name, value in lead.items()}
    email = ready["email"]
    ready["domain"] = None if email is None else email.rpartition("@")[2]
    return ready


def zen_expression() -> Callable[[dict[str, Any]], float]:
    """One expression that adds the points of every rule."""
    total = " + ".join(f"({test.replace('$', name)} ? {points} : 0)" for _, points, name, test in RULES)
    return _zen(
        [
            _node("work", "expressionNode", {"expressions": [{"id": "fit", "key": "fit", "value": total}]}),
        ]
    )


def zen_table() -> Callable[[dict[str, Any]], float]:
    """A decision table that collects the rules which hold, and a sum over them."""
    columns = list(dict.fromkeys(name for _, _, name, _ in RULES))
    rows = [
        {
            "_id": rule,
            "points": str(points),
            "rule": json.dumps(rule),
            **{column: in_a_cell(test) if column == name else "" for column in columns},
        }
        for rule, points, name, test in RULES
    ]
    table = {
        "hitPolicy": "collect",
        "inputs": [{"id": column, "name": column, "field": column} for column in columns],
        "outputs": [{"id": output, "name": output, "field": output} for output in ("rule", "points")],
        "rules": rows,
        "inputField": None,
        "outputPath": "hits",
        "executionMode": "single",
        "passThrough": False,
    }
    fit = {"expressions": [{"id": "fit", "key": "fit", "value": "sum(map(hits, #.points))"}]}
    return _zen([_node("work", "decisionTableNode", table), _node("sum", "expressionNode", fit)])


def _node(name: str, kind: str, content: dict[str, Any] | None = None) -> dict[str, Any]:
    node: dict[str, Any] = {"id": name, "type": kind, "name": name, "position": {"x": 0, "y": 0}}
    if content is not None:
        node["content"] = content
    return node


def _zen(work: list[dict[str, Any]]) -> Callable[[dict[str, Any]], float]:
    """The fastest way into the engine that there is: a static loader, which compiles a graph once."""
    import zen

    nodes = [_node("in", "inputNode"), *work, _node("out", "outputNode")]
    edges = [
        {"id": f"edge {number}", "sourceId": one["id"], "targetId": other["id"], "type": "edge"}
        for number, (one, other) in enumerate(pairwise(nodes))
    ]
    engine = zen.ZenEngine({"loader": {"type": "static", "content": {"fit": {"nodes": nodes, "edges": edges}}}})
    evaluate = engine.evaluate

    def fit(lead: dict[str, Any]) -> float:
        found: float = evaluate("fit", lead)["result"]["fit"]
        return found

    return fit
