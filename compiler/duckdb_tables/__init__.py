"""Whole tables scored in DuckDB."""
