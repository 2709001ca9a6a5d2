"""What must hold for every stack: one rule, written once, run by pytest, by the engine and on pull requests."""
