"""Engines: a checked program as something that runs."""
