"""Lint: what is allowed in a policy, and all the same looks like a mistake."""

from __future__ import annotations
