"""Measures the program against what it could at best be: `python -m benchmarks.preview`."""
