"""How long a report of many changes takes, in all its forms: `python -m benchmarks.forms`."""

import json
import time
from collections.abc import Callable

from operations.cli import output
from operations.clients.engine_preview import Preview, PreviewStep, PropertyPath
from operations.reports.markdown import to_markdown
from operations.reports.model import Report
from operations.reports.page import to_page
from operations.services.preview_report import make_report

CHANGES = 1_000
LIMIT_S = 2.0
"""Seconds that all of it together may take."""

PROJECT = "urn:pulumi:production::intendly::"


def preview(count: int) -> Preview:
    """So many roles of forty components whose policies change, each using one before it."""
    return Preview(
        steps=tuple(
            PreviewStep(
                operation="update",
                urn=_role(number),
                parent=f"{PROJECT}intendly:x:Y::component-{number % 40}",
                differs=(PropertyPath(path="assumeRolePolicy"), PropertyPath(path="tags")),
                old_inputs={"assumeRolePolicy": _policy(number), "tags": {"owner": "a" * 200}},
                new_inputs={"assumeRolePolicy": _policy(number + 1), "tags": {"owner": "b" * 200}},
                depends_on=(_role(max(0, number - 7)),),
            )
            for number in range(count)
        )
    )


def measure(count: int) -> dict[str, float]:
    """Seconds that each form takes."""
    previewed = preview(count)
    report = make_report("production", previewed)
    forms: dict[str, Callable[[Report], object]] = {
        "report": lambda _: make_report("production", previewed),
        "Markdown": to_markdown,
        "page": to_page,
        "JSON": lambda made: json.dumps(output.plain(made)),
    }
    return {name: _seconds(form, report) for name, form in forms.items()}


def main() -> None:
    """Print the times, and fail when they are too long."""
    times = measure(CHANGES)
    for name, seconds in times.items():
        print(f"{name:10} {seconds:.2f} s")  # noqa: T201 - a benchmark's answer
    total = sum(times.values())
    print(f"{'together':10} {total:.2f} s for {CHANGES:,} changes; at most {LIMIT_S} s")  # noqa: T201 - as above
    if total > LIMIT_S:
        raise SystemExit(1)


def _seconds(form: Callable[[Report], object], report: Report) -> float:
    started = time.perf_counter()
    form(report)
    return time.perf_counter() - started


def _role(number: int) -> str:
    return f"{PROJECT}intendly:x:Y$aws:iam/role:Role::role-{number}"


def _policy(number: int) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": f"s3:{number}"}]})


if __name__ == "__main__":
    main()
