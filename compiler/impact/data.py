"""A report as JSON: everything that was counted, for other programs."""

from __future__ import annotations

import json
from typing import Any

from ..tables import instant_text, points_json
from .figures import Cell, EditEffect, Impact, Matrix, Moved, Mover, Reach, ScoreChange, Side


def impact_json(impact: Impact) -> dict[str, Any]:
    """Points are numbers with at most four decimals. Keys are only ever added."""
    return {
        "old": _side(impact.old),
        "new": _side(impact.new),
        "as_of": instant_text(impact.at),
        "engine": impact.engine,
        "data": [
            {"role": one.role, "file": one.name, "files": one.files, "bytes": one.size, "sha256": one.digest}
            for one in impact.data
        ],
        "scored_by_both": impact.both,
        "scored_by_old_only": impact.only_old,
        "scored_by_new_only": impact.only_new,
        "moved": impact.moved,
        "changed": impact.changed,
        "matrices": [_matrix(one) for one in impact.matrices],
        "scores": [_score(one) for one in impact.scores],
        "only_in_one_version": [
            {"what": one.what, "name": one.name, "version": one.version, "leads": dict(one.counts)}
            for one in impact.alone
        ],
        "movers": [_mover(one) for one in impact.movers],
        "rules": [
            {
                "rule": one.rule,
                "leads": {"old": one.old_leads, "new": one.new_leads},
                "points": {"old": points_json(one.old_points), "new": points_json(one.new_points)},
            }
            for one in impact.rules
        ],
        "edits": None
        if impact.edits is None
        else {
            "counted_on": impact.edits.leads,
            "sample": impact.edits.sample or None,
            "left_out": impact.edits.left_out,
            "edits": [_effect(one) for one in impact.edits.effects],
        },
        "notes": list(impact.notes),
    }


def json_text(impact: Impact) -> str:
    return json.dumps(impact_json(impact), ensure_ascii=False, indent=2)


def _side(side: Side) -> dict[str, Any]:
    return {
        "policy": side.policy,
        "version": side.version,
        "fingerprint": side.fingerprint,
        "rows": side.leads,
        "scored": side.scored,
        "rejected": side.rejected,
        "rejected_examples": [
            {
                "file": one.file,
                "row": one.row,
                "key": one.key,
                "column": one.column,
                "value": one.value,
                "reason": one.reason,
            }
            for one in side.first_rejected
        ],
        "events": side.events,
        "events_used": side.events_used,
        "events_rejected": side.events_rejected,
        "notes": list(side.notes),
    }


def _matrix(matrix: Matrix) -> dict[str, Any]:
    """A grid has many cells: of those, only the ones with leads are told."""
    told = [cell for cell in matrix.cells if cell.leads or matrix.what != "grid"]
    return {
        "what": matrix.what,
        "name": matrix.name,
        "by": list(matrix.by) or None,
        "old_labels": list(matrix.old_labels),
        "new_labels": list(matrix.new_labels),
        "leads": matrix.leads,
        "up": matrix.up,
        "down": matrix.down,
        "aside": matrix.aside,
        "same": matrix.same,
        "cells": [_cell(cell, matrix.leads) for cell in told],
    }


def _cell(cell: Cell, leads: int) -> dict[str, Any]:
    return {
        "old": cell.old,
        "new": cell.new,
        "leads": cell.leads,
        "share": round(cell.leads / leads, 6) if leads else 0,
        "standing": cell.standing.value,
        "first_keys": list(cell.first_keys),
    }


def _score(score: ScoreChange) -> dict[str, Any]:
    return {
        "name": score.name,
        "higher": score.higher,
        "lower": score.lower,
        "same": score.same,
        "unknown": score.unknown,
        "mean": {"old": points_json(score.old_mean), "new": points_json(score.new_mean)},
        "most_gained": points_json(score.most_gained),
        "most_lost": points_json(score.most_lost),
        "distribution": [
            {"from": points_json(one.low), "to": points_json(one.high), "old": one.old, "new": one.new}
            for one in score.bins
        ],
    }


def _mover(mover: Mover) -> dict[str, Any]:
    return {
        "key": mover.key,
        "scores": [_moved(one) for one in mover.scores],
        "labels": [_moved(one) for one in mover.labels],
        "rules": [{"rule": one.rule, "old": points_json(one.old), "new": points_json(one.new)} for one in mover.rules],
    }


def _moved(one: Moved) -> dict[str, Any]:
    def plain(value: int | str | None) -> int | float | str | None:
        return value if isinstance(value, str) else points_json(value)

    return {"name": one.name, "old": plain(one.old), "new": plain(one.new)}


def _effect(one: EditEffect) -> dict[str, Any]:
    def plain(reach: Reach | None) -> dict[str, int] | None:
        return None if reach is None else {"moved": reach.moved, "changed": reach.changed}

    return {
        "edit": one.text,
        "alone": plain(one.alone),
        "together": plain(one.together),
        "depends": one.depends,
        "interacts": one.interacts,
    }
