"""Benchmarks: what scorec's generated code costs, as ratios that are measured side by side in one run."""
