"""Reusable components, one concern a file."""
