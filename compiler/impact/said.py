"""How the numbers of a report are written, the same in every form."""

from __future__ import annotations

from ..wording import points_text, signed
from .figures import Cell, Impact, Matrix, Moved, Mover, Reach, RulePoints, Standing


def share(part: int, whole: int) -> str:
    """`12.5%`; what is there, however little, is never 0%, and what is not all is never 100%."""
    if not whole:
        return "0%"
    percent = 100 * part / whole
    if 0 < percent < 0.1:
        return "<0.1%"
    if 99.9 < percent < 100:
        return ">99.9%"
    return f"{percent:.1f}".removesuffix(".0") + "%"


def leads_text(number: int, subject: str = "lead") -> str:
    """`1 lead`, `1,200 leads`"""
    return f"{number:,} {subject}" + ("" if number == 1 else "s")


def value(one: int | str | None) -> str:
    """A label, or a score; `unknown` where there is none."""
    match one:
        case None:
            return "unknown"
        case int():
            return points_text(one)
        case str():
            return one


def change(one: Moved) -> str:
    """`total 62 -> 58`"""
    return f"{one.name} {value(one.old)} -> {value(one.new)}"


def rule_change(one: RulePoints) -> str:
    """`fit.size +30 -> +20`; `new` and `gone` where it gave nothing."""
    old = signed(one.old) if one.old else "nothing"
    new = signed(one.new) if one.new else "nothing"
    return f"{one.rule} {old} -> {new}"


def why(mover: Mover, most: int = 4) -> str:
    """The rules of a mover, those first that differ most."""
    found = "; ".join(rule_change(one) for one in mover.rules[:most])
    more = len(mover.rules) - most
    return found + (f"; {more} more" if more > 0 else "")


def title(matrix: Matrix) -> str:
    """What a matrix is of."""
    match matrix.what:
        case "band":
            return f"band {matrix.name}"
        case "decision":
            return f"decision {matrix.name}"
        case "grid":
            return f"grid of {matrix.name} ({' × '.join(matrix.by)})"


def ways(matrix: Matrix) -> str:
    """`120 up · 31 down · 12,019 unchanged`"""
    parts = [
        (matrix.up, "up"),
        (matrix.down, "down"),
        (matrix.aside, "moved" if not matrix.up + matrix.down else "aside"),
    ]
    shown = [f"{count:,} {word}" for count, word in parts if count]
    return " · ".join([*shown, f"{matrix.same:,} unchanged"])


def standing(cell: Cell) -> str:
    """What is known of a cell without leads."""
    match cell.standing:
        case Standing.SEEN:
            return f"{cell.leads:,}"
        case Standing.IMPOSSIBLE:
            return "impossible (proved)"
        case Standing.POSSIBLE:
            return "possible, not seen"
        case Standing.UNDECIDED:
            return "not seen, not decided"
        case Standing.NOT_ASKED:
            return "not seen"


def moves(matrix: Matrix) -> list[Cell]:
    """The cells of leads that moved, the largest first."""
    found = [cell for cell in matrix.cells if cell.leads and cell.old != cell.new]
    return sorted(found, key=lambda cell: -cell.leads)


def reach(one: Reach | None) -> str:
    """`31 (118 with another score)`"""
    if one is None:
        return "makes no policy"
    rest = one.changed - one.moved
    return f"{one.moved:,}" + (f" (and {rest:,} in their score only)" if rest else "")


def empty_cells(matrix: Matrix) -> str:
    """`no lead: hot -> cold (impossible, proved), cold -> hot (not seen)`"""
    if matrix.what == "grid":
        return ""
    by_standing: dict[str, list[str]] = {}
    for cell in matrix.cells:
        if not cell.leads and cell.old != cell.new:
            by_standing.setdefault(standing(cell), []).append(f"{cell.old} -> {cell.new}")
    return "; ".join(f"{word}: {', '.join(pairs)}" for word, pairs in by_standing.items())


def data_text(impact: Impact) -> str:
    """`leads.csv (sha256 3f9a0c12d4e5), events.csv (sha256 ...)`"""
    return ", ".join(f"{one.name} (sha256 {one.digest[:12]})" for one in impact.data)


def rejected_text(impact: Impact) -> str:
    """What was not scored on each side, or nothing."""
    old, new = impact.old, impact.new
    parts = []
    if old.rejected == new.rejected and impact.only_old == impact.only_new == 0:
        if old.rejected:
            parts.append(f"{rows_text(old.rejected)} rejected")
    else:
        parts.append(f"{rows_text(old.rejected)} rejected by the old version, {new.rejected:,} by the new one")
    for count, word in ((impact.only_old, "old"), (impact.only_new, "new")):
        if count:
            parts.append(f"{leads_text(count, impact.subject)} scored by the {word} version only, and not compared")
    return "; ".join(parts)


def rows_text(number: int) -> str:
    return f"{number:,} row" + ("" if number == 1 else "s")
