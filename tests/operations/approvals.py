"""A project, an engine and an approval of the one by the other, for the tests of approvals."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from typing_extensions import override

from operations.clients.engine_apply import Applied, ApplyEngine, Operation
from operations.clients.engine_preview import Preview, PreviewStep
from operations.json_object import Json
from operations.services.apply import ApplyService
from operations.services.approval import Approval
from operations.services.approving import ApprovingService, Surroundings
from operations.services.preview import PreviewService
from tests.operations import previews

PLAN: Json = {"manifest": {}, "resourcePlans": {previews.INSTANCE: {"steps": ["update"]}}}
UPDATE = previews.step(
    "update", previews.INSTANCE, "instanceClass", old={"instanceClass": "a"}, new={"instanceClass": "b"}
)
GONE = previews.step("delete", previews.INSTANCE, old={"instanceClass": "a"})
STATE: Json = {
    "manifest": {"time": "2026-11-25T02:00:00Z"},
    "resources": [
        {"urn": previews.STACK, "type": "pulumi:pulumi:Stack"},
        {"urn": previews.INSTANCE, "type": "aws:rds/instance:Instance", "outputs": {"instanceClass": "a"}},
    ],
}
TRACKED = {
    "Pulumi.yaml": "name: intendly\n",
    "Pulumi.staging.yaml": "config: {}\n",
    "Pulumi.production.yaml": "config: {}\n",
    "infra/stack.py": "one = 1\n",
    "infra/config/backend.staging.env": "LOG_LEVEL=info\n",
    "components/database.py": "two = 2\n",
    "policies/pack.py": "three = 3\n",
    "requirements.txt": "pulumi==3.272.0\n",
}


@dataclass
class FakeApplyEngine(ApplyEngine):
    """An engine whose previews and state are given; remembers the plans that it was given."""

    previewed: Preview
    state_now: Json = field(default_factory=lambda: json.loads(json.dumps(STATE)))
    backend: str = "s3://intendly-state"
    engine_version: str = "3.274.1"
    plans: list[Json] = field(default_factory=list[Json])
    modes: list[int] = field(default_factory=list[int])
    does: tuple[Operation, ...] | None = None
    """What it does, where that is not what was previewed."""
    errors: tuple[str, ...] = ()

    @override
    def preview(self, plan_file: Path) -> Preview:
        return self.previewed

    @override
    def deployment(self) -> Json:
        return self.state_now

    @override
    def backend_url(self) -> str:
        return self.backend

    @override
    def version(self) -> str:
        return self.engine_version

    @override
    def apply(self, plan_file: Path, on_done: Callable[[Operation], None]) -> Applied:
        self.plans.append(json.loads(plan_file.read_text()))
        self.modes.append(plan_file.stat().st_mode & 0o777)
        done = self.previewed.operations if self.does is None else self.does
        for one in done:
            on_done(one)
        return Applied(done=done, errors=self.errors)


@dataclass
class World:
    """A project with a stack."""

    root: Path
    engine: FakeApplyEngine
    environment: dict[str, str] = field(default_factory=dict[str, str])

    def surroundings(self, stack: str = "staging") -> Surroundings:
        return Surroundings(stack=stack, root=self.root, engine=self.engine, environment=self.environment)

    def previewing(self) -> PreviewService:
        return PreviewService("staging", self.engine)

    def approving(self) -> ApprovingService:
        return ApprovingService(
            self.surroundings(), self.previewing(), lambda: datetime(2026, 11, 25, 3, tzinfo=UTC)
        )

    def approval(self, *allowed: str) -> Approval:
        return self.approving().preview(allowed)[1]

    def applying(self) -> ApplyService:
        return ApplyService(self.surroundings(), self.engine)

    def edit(self, name: str, text: str) -> None:
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


def make_world(root: Path, *steps: PreviewStep) -> World:
    world = World(root, FakeApplyEngine(Preview(steps=steps or (UPDATE,), plan=PLAN)))
    for name, text in TRACKED.items():
        world.edit(name, text)
    return world
