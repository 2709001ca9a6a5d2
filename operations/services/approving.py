"""Binds an approval to all that it was made from, and holds it against what there is now."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from operations.clients.engine_preview import PreviewEngine
from operations.errors import EngineError, OperatorError, RefusedError
from operations.project import project_name
from operations.services import fingerprints
from operations.services.approval import Approval, Named
from operations.services.fingerprints import Fingerprint, Movement
from operations.services.preview import Previewed, PreviewService


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """All that an approval of a stack is bound to, as it is now.

    ``stack`` names the stack, its project and its backend.
    """

    stack: str
    root: Path
    engine: PreviewEngine
    environment: Mapping[str, str]

    def now(self) -> Mapping[str, Fingerprint]:
        """Every thing with its fingerprint, in the order in which movements are told.

        Raises:
            EngineError: the state cannot be read.
        """
        return {
            "stack": {
                "name": self.stack,
                "project": project_name(self.root),
                "backend": self.engine.backend_url(),
            },
            "program": fingerprints.of_program(self.root),
            "settings": fingerprints.of_settings(self.root, self.stack, self.environment),
            "dependencies": fingerprints.of_dependencies(self.root),
            "versions": fingerprints.of_versions(self.engine.version()),
            "policies": fingerprints.of_policies(self.root),
            "state": fingerprints.of_state(self.engine.deployment()),
        }


class ApprovingService:
    """Previews a stack and approves what was shown.

    Args:
        surroundings: what the approval is bound to.
        preview: previews the stack.
        clock: tells the time.
    """

    def __init__(
        self, surroundings: Surroundings, preview: PreviewService, clock: Callable[[], datetime]
    ) -> None:
        self._surroundings = surroundings
        self._preview = preview
        self._clock = clock

    def preview(self, allowed: Collection[str]) -> tuple[Previewed, Approval]:
        """What an update would do now, and the approval of exactly that.

        Args:
            allowed: URNs of what holds data and may go.

        Raises:
            RefusedError: something moved while the preview ran.
            OperatorError: an URN is in no such danger, or the preview failed.
        """
        bound = self._surroundings.now()
        previewed = self._preview.run()
        approval = approve(previewed, bound, allowed, self._clock())
        if moved := movements(approval, self._surroundings.now()):
            things = ", ".join(one.thing for one in moved)
            raise RefusedError(f"moved while the preview ran: {things}", "run the command again")
        return previewed, approval


def approve(
    previewed: Previewed, bound: Mapping[str, Fingerprint], allowed: Collection[str], now: datetime
) -> Approval:
    """The approval of what was just shown.

    Args:
        previewed: what was shown.
        bound: what it was made from, taken before the preview.
        allowed: URNs of what holds data and may go.
        now: the time.

    Raises:
        EngineError: the plan is of something else than what was shown.
        OperatorError: one of them is in no such danger.
    """
    shown = {step.urn for step in previewed.preview.steps if step.changes}
    if hidden := sorted(shown ^ {urn for _, urn in previewed.preview.operations}):
        raise EngineError(f"the engine's plan is not what its preview shows: {', '.join(hidden)}")
    named = {
        change.urn: Named(
            urn=change.urn,
            why="; ".join(danger.why for danger in change.dangers),
            allowed=change.urn in allowed,
        )
        for change in previewed.report.changes
        if change.must_be_named
    }
    if strangers := sorted(set(allowed) - named.keys()):
        raise OperatorError(
            f"not replaced, not deleted, or without data: {', '.join(strangers)}",
            f"what has to be allowed: {', '.join(named) or 'nothing'}",
        )
    policies = previewed.report.policies
    return Approval(
        stack=previewed.report.stack,
        created=now,
        bound=bound,
        operations=previewed.preview.operations,
        named=tuple(named.values()),
        policies=None if policies is None else asdict(policies),
        plan=previewed.preview.plan,
    )


def movements(approval: Approval, now: Mapping[str, Fingerprint]) -> tuple[Movement, ...]:
    """What moved since the approval, thing by thing."""
    things = list(dict.fromkeys([*now, *approval.bound]))
    found = [fingerprints.moved(one, approval.bound.get(one, {}), now.get(one, {})) for one in things]
    return tuple(one for one in found if one)
