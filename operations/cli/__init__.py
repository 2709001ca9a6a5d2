"""Parsing and printing: a file per noun, nothing decided here."""
