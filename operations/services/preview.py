"""``intendly preview``: what an update would do, as a report."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from operations.clients.engine_preview import Preview, PreviewEngine
from operations.reports.model import Cost, Policies, Report
from operations.services.preview_report import make_report


@dataclass(frozen=True, kw_only=True)
class Previewed:
    """A preview and the report of it: of the same run, so that what is approved is what was shown."""

    preview: Preview
    report: Report


class PreviewService:
    """Previews a stack.

    Args:
        stack: the stack.
        engine: its engine.
        cost: what the stack costs before and after, where that can be told.
        policies: what the policies say of the stack as it would be, where there are any.
    """

    def __init__(
        self,
        stack: str,
        engine: PreviewEngine,
        *,
        cost: Callable[[Preview], Cost] | None = None,
        policies: Callable[[Preview], Policies] | None = None,
    ) -> None:
        self._stack = stack
        self._engine = engine
        self._cost = cost
        self._policies = policies

    def run(self) -> Previewed:
        """What an update would do now; nothing is changed.

        Raises:
            EngineError: the program failed, or the state could not be read.
        """
        with tempfile.TemporaryDirectory() as folder:  # nobody else's: the plan is in it
            preview = self._engine.preview(Path(folder) / "plan.json")
        report = make_report(
            self._stack,
            preview,
            cost=self._cost(preview) if self._cost else None,
            policies=self._policies(preview) if self._policies else None,
        )
        return Previewed(preview=preview, report=report)
