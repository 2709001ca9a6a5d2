"""``intendly drift``: what in the cloud is not as the last update left it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from operations.clients.engine_drift import DriftEngine
from operations.clients.engine_preview import Preview, PreviewStep
from operations.json_object import text
from operations.services.drift_rules import Verdict, rule_for, when_gone
from operations.services.preview_differences import property_changes
from operations.services.preview_report import STACK, kind_of

AUTOSCALER = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler"


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One property; secrets are masked."""

    path: str
    expected: str
    """As the last update left it."""
    found: str
    verdict: Verdict
    why: str


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One resource that is not as it was left."""

    urn: str
    kind: str
    what: str
    """``changed`` or ``gone``."""
    verdict: Verdict
    """The worst of its differences."""
    why: str
    differences: tuple[Difference, ...] = ()

    @property
    def name(self) -> str:
        """The logical name."""
        return self.urn.rsplit("::", 1)[-1]


@dataclass(frozen=True, kw_only=True)
class Drift:
    """All that differs, the worst first."""

    stack: str
    resources: int
    """How many were looked at."""
    findings: tuple[Finding, ...]
    without: tuple[str, ...] = ()
    """Types that were not looked at."""
    warnings: tuple[str, ...] = ()

    @property
    def bad(self) -> bool:
        """Whether a person should look: anything that is not harmless."""
        return any(one.verdict is not Verdict.HARMLESS for one in self.findings)


class DriftService:
    """Looks for drift in a stack; changes nothing, not even its state.

    Args:
        stack: the stack.
        engine: reads the cloud.
    """

    def __init__(self, stack: str, engine: DriftEngine) -> None:
        self._stack = stack
        self._engine = engine

    def look(self, without: Sequence[str] = ()) -> Drift:
        """What differs from what the last update left.

        Args:
            without: types that are not looked at.

        Raises:
            EngineError: something could not be read.
        """
        return sort_out(self._stack, self._engine.look(without), without)


def sort_out(stack: str, seen: Preview, without: Sequence[str] = ()) -> Drift:
    """The verdict on each difference.

    Args:
        stack: the stack.
        seen: what the engine read: ``old`` is what was left, ``new`` what is there.
        without: types that were not read.
    """
    scaled = frozenset(_scaled(seen))
    steps = [step for step in seen.steps if kind_of(step.urn) != STACK]
    findings = [one for step in steps if step.changes for one in _finding(step, scaled)]
    return Drift(
        stack=stack,
        resources=len({step.urn for step in steps if step.provider}),
        findings=tuple(sorted(findings, key=lambda one: (-one.verdict.rank, one.kind, one.name))),
        without=tuple(without),
        warnings=seen.warnings,
    )


def _scaled(seen: Preview) -> Iterator[tuple[str, str]]:
    """Namespace and name of each Deployment that an autoscaler scales."""
    for step in seen.steps:
        if kind_of(step.urn) == AUTOSCALER:
            target = text(step.old_inputs, "spec", "scaleTargetRef", "name")
            yield text(step.old_inputs, "metadata", "namespace"), target


def _finding(step: PreviewStep, scaled: frozenset[tuple[str, str]]) -> Iterator[Finding]:
    kind = kind_of(step.urn)
    if step.operation == "delete":
        verdict, why = when_gone(kind)
        yield Finding(urn=step.urn, kind=kind, what="gone", verdict=verdict, why=why)
        return
    metadata = (
        text(step.old_inputs, "metadata", "namespace"),
        text(step.old_inputs, "metadata", "name"),
    )
    differences = sorted(
        _differences(step, kind, autoscaled=metadata in scaled), key=lambda one: -one.verdict.rank
    )
    if differences:
        worst = differences[0]
        yield Finding(
            urn=step.urn,
            kind=kind,
            what="changed",
            verdict=worst.verdict,
            why=worst.why,
            differences=tuple(differences),
        )


def _differences(step: PreviewStep, kind: str, *, autoscaled: bool) -> Iterator[Difference]:
    for change in property_changes(step, kind):
        rule = rule_for(kind, change.path, autoscaled=autoscaled)
        yield Difference(
            path=change.path, expected=change.old, found=change.new, verdict=rule.verdict, why=rule.why
        )
