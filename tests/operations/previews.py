"""Previews made up for the tests of the report and of approvals."""

from typing import Any

from operations.clients.engine_preview import Preview, PreviewStep, PropertyPath
from operations.json_object import Json
from operations.reports.model import Action, Change, Danger, PropertyChange, Report, Risk

PROJECT = "urn:pulumi:staging::intendly::"
STACK = f"{PROJECT}pulumi:pulumi:Stack::intendly-staging"
DATABASE = f"{PROJECT}intendly:data:Database::database"
INSTANCE = f"{PROJECT}intendly:data:Database$aws:rds/instance:Instance::database-instance"
DEPLOYMENT = f"{PROJECT}intendly:applications:Application$kubernetes:apps/v1:Deployment::backend-relayer"
RULE = f"{PROJECT}aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule::web"
ROLE = f"{PROJECT}aws:iam/role:Role::nodes"


def step(  # noqa: PLR0913 - what a step has
    operation: str,
    urn: str,
    *differs: str,
    old: Json | None = None,
    new: Json | None = None,
    replaces: tuple[str, ...] = (),
    parent: str = STACK,
    uses: tuple[str, ...] = (),
) -> PreviewStep:
    return PreviewStep(
        operation=operation,
        urn=urn,
        parent=parent,
        differs=tuple(PropertyPath(path=path, replaces=path in replaces) for path in differs),
        old_inputs=old or {},
        new_inputs=new or {},
        depends_on=uses,
    )


def replaced(urn: str, path: str, old: Any, new: Any, parent: str = STACK) -> tuple[PreviewStep, ...]:  # noqa: ANN401 - values of any type
    """The three operations of a replacement, as the engine lists them."""
    before, after = {path: old}, {path: new}
    return (
        step("create-replacement", urn, path, old=before, new=after, replaces=(path,), parent=parent),
        step("replace", urn, path, old=before, new=after, replaces=(path,), parent=parent),
        step("delete-replaced", urn, old=before, parent=parent),
    )


def dangerous_preview() -> Preview:
    """A database replaced, a port opened, two hundred harmless lines."""
    harmless = [
        step(
            "update",
            f"{PROJECT}aws:sns/topic:Topic::topic-{number}",
            "tags",
            old={"tags": {"owner": "a"}},
            new={"tags": {"owner": "b"}},
        )
        for number in range(200)
    ]
    return Preview(
        steps=(
            step("same", STACK, parent=""),
            step("same", DATABASE),
            *harmless,
            *replaced(INSTANCE, "kmsKeyId", "key-1", "key-2", DATABASE),
            step("create", RULE, new={"cidrIpv4": "0.0.0.0/0", "fromPort": 443, "toPort": 443}),
            step("same", ROLE),
        )
    )


def many(count: int, *, properties: int = 3, danger: bool = False) -> Report:
    """A report of so many changes, each depending on the one before."""
    urns = [f"{PROJECT}aws:iam/role:Role::role-{number}" for number in range(count)]
    changes = [
        Change(
            urn=urn,
            kind="aws:iam/role:Role",
            component=f"component-{number % 40}",
            action=list(Action)[number % len(Action)],
            dangers=(Danger(risk=Risk.ACCESS, why="changed: who may do what"),) if danger else (),
            properties=tuple(
                PropertyChange(path=f"property{one}", old="x" * 200, new="y" * 200)
                for one in range(properties)
            ),
            depends_on=(urns[number - 1],) if number else (),
        )
        for number, urn in enumerate(urns)
    ]
    return Report(
        stack="staging", changes=tuple(sorted(changes, key=lambda change: change.rank)), unchanged=7
    )
