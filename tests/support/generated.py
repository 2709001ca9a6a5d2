"""Pages of docs/ that are made from the code: written by `make docs`, held to the code by a test."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path


def run(file: Path, page: Callable[[], str]) -> int:
    """The command line of a page's module: `--write` writes it, else exit code 1 says that it is stale."""
    parser = argparse.ArgumentParser(description=f"Makes docs/{file.name}.")
    parser.add_argument("--write", action="store_true", help="write the page; without it, only check")
    write = parser.parse_args().write
    current = page()
    if write:
        file.write_text(current)
    elif not file.exists() or current != file.read_text():
        sys.stderr.write(f"docs/{file.name} is stale: run `make docs`\n")
        return 1
    return 0
