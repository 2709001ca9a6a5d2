"""What became of each interrupted operation, and what is to be done about it. Decides; changes nothing."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Final

from operations.clients.aws_finder import AwsFinder, TaggedResource
from operations.clients.engine_repair import Adoption, Checkpoint, Interrupted
from operations.clients.helm_releases import NONE, UNDER_WAY, HelmReleases, Revision
from operations.errors import EngineError
from operations.identities import (
    LISTED,
    NAMED,
    REPEATABLE,
    TAGGED,
    from_template,
    id_of_arn,
    kubernetes_id,
)
from operations.json_object import Json, dig, text

RELEASE: Final = "kubernetes:helm.sh/v3:Release"


class Action(StrEnum):
    """What is done about an interrupted operation."""

    ADOPT = "adopt"
    """It exists: the state is to know it."""
    TRY = "adopt if it exists"
    """Its id is known; the provider says whether it exists."""
    FORGET = "forget"
    """It does not exist, or nothing is lost when it is done again."""
    READ = "read again"
    """The state has it: a refresh shows how far the operation came."""
    UNINSTALL = "uninstall"
    """A half-installed release: nothing depends on it yet, and Helm installs nothing over it."""
    DROP = "drop the revision"
    """A half-done upgrade: without it, the release is what it was before."""
    ASK = "a person must say"
    """Nobody here knows whether it exists."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One interrupted operation and what is to be done about it."""

    resource: Interrupted
    action: Action
    id: str = ""
    why: str = ""
    second: bool = False
    revision: Revision | None = None

    @property
    def adoption(self) -> Adoption:
        """What the engine is told when it is adopted."""
        return Adoption(resource=self.resource, id=self.id, second=self.second)

    @property
    def line(self) -> str:
        """The finding in words."""
        what = f"{self.resource.operation} {self.resource.kind} {self.resource.name}"
        return f"{what}: {self.action}" + f" {self.id}" * bool(self.id) + f" ({self.why})" * bool(self.why)


class Detective:
    """Finds out what became of interrupted operations.

    Args:
        checkpoint: the stack's state.
        finder: looks in a region of AWS.
        releases: looks in the cluster; raises where there is none.
        told: ids that a person gave, by URN; an empty one says that there is nothing.
    """

    def __init__(
        self,
        checkpoint: Checkpoint,
        finder: Callable[[str], AwsFinder],
        releases: Callable[[], HelmReleases],
        told: Mapping[str, str],
    ) -> None:
        self._checkpoint = checkpoint
        self._find = finder
        self._releases = releases
        self._told = told

    @cached_property
    def _region(self) -> str:
        return text(self._checkpoint.aws, "region") or "us-east-1"

    @cached_property
    def _account(self) -> str:
        allowed = _parsed(self._checkpoint.aws.get("allowedAccountIds"))
        return str(allowed[0]) if isinstance(allowed, list) and allowed else ""  # pyright: ignore[reportUnknownArgumentType] - JSON

    @cached_property
    def _finder(self) -> AwsFinder:
        return self._find(self._region)

    @cached_property
    def strangers(self) -> tuple[TaggedResource, ...]:
        """What carries this stack's tags in AWS and is not in its state, of the types that the program makes."""
        tags = _default_tags(self._checkpoint.aws)
        if not tags:
            return ()
        found = self._finder.tagged(tags)
        kinds = {(one.service, one.resource) for one in TAGGED.values()}
        return tuple(one for one in found if _service_of(one.arn) in kinds and not self._known(one.arn))

    def _known(self, arn: str) -> bool:
        ids = {identity for _, identity in self._checkpoint.ids}
        last = arn.rpartition("/")[2].rpartition(":")[2]
        pair = ":".join(arn.split("/")[1:3])  # a node group's id
        return arn in self._checkpoint.arns or bool({arn, last, pair} & ids)

    def finding(self, one: Interrupted) -> Finding:
        """What became of one operation.

        Raises:
            AwsError: AWS refused, or did not answer.
            ClusterError: the cluster does not answer, and a release was interrupted.
        """
        if one.urn in self._told:
            identity = self._told[one.urn]
            return _found(one, identity, "as you said") if identity else _absent(one, "as you said")
        if one.kind == RELEASE:
            return self._release(one)
        if one.operation != "creating":
            return Finding(resource=one, action=Action.READ)
        return self._created(one)

    def _created(self, one: Interrupted) -> Finding:
        if not one.provider:
            return _absent(one, "a component or a provider is in the state alone")
        if one.kind.startswith("random:"):
            return _absent(one, "its value was nowhere but in the engine")
        second = one.urn in self._checkpoint.urns
        if one.kind.startswith("kubernetes:"):
            identity = one.id or kubernetes_id(one.inputs)
            if (one.kind, identity) in self._checkpoint.ids:
                # The new one of a replacement has the name of the old one: adopted beside it, it would be deleted.
                return Finding(resource=one, action=Action.READ)
            return Finding(resource=one, action=Action.TRY, id=identity, second=second)
        return self._aws(one, second=second)

    def _aws(self, one: Interrupted, *, second: bool) -> Finding:
        if one.kind in NAMED:
            identity = from_template(NAMED[one.kind], {**one.inputs, "account": self._account})
            if identity and (one.kind, identity) not in self._checkpoint.ids:
                return Finding(resource=one, action=Action.TRY, id=identity, second=second)
            return _absent(one, "the one of this name is known already")
        if one.kind in TAGGED:
            return self._tagged(one, second=second)
        if one.kind in LISTED:
            identity = self._finder.listed(one.kind, one.inputs)
            return _found(one, identity, second=second) if identity else _absent(one)
        if one.kind in REPEATABLE:
            return _absent(one, "doing it again changes nothing")
        return Finding(
            resource=one, action=Action.ASK, why="this type has no entry in operations/identities.py"
        )

    def _tagged(self, one: Interrupted, *, second: bool) -> Finding:
        name = text(one.inputs, "tags", "Name")
        found = [
            identity
            for stranger in self.strangers
            if stranger.name == name and (identity := id_of_arn(one.kind, stranger.arn))
        ]
        if len(found) > 1:
            return Finding(resource=one, action=Action.ASK, why=f"there are several: {', '.join(found)}")
        return _found(one, found[0], second=second) if found else _absent(one)

    def _release(self, one: Interrupted) -> Finding:
        namespace, _, name = kubernetes_id(one.inputs).rpartition("/")
        newest = self._releases().newest(namespace, name)
        if one.operation == "creating" and newest.status == NONE:
            return _absent(one)
        if one.operation == "creating":
            action = Action.UNINSTALL if newest.status in UNDER_WAY else Action.ADOPT
            return Finding(
                resource=one, action=action, id=f"{namespace}/{name}", why=f"Helm: {newest.status}"
            )
        if newest.status in UNDER_WAY:
            return Finding(resource=one, action=Action.DROP, id=newest.secret, revision=newest)
        return Finding(resource=one, action=Action.READ)


def _found(one: Interrupted, identity: str, why: str = "", *, second: bool = False) -> Finding:
    return Finding(resource=one, action=Action.ADOPT, id=identity, why=why, second=second)


def _absent(one: Interrupted, why: str = "it is not there") -> Finding:
    return Finding(resource=one, action=Action.FORGET, why=why)


def _default_tags(provider: Json) -> dict[str, str]:
    return dig(_parsed(provider.get("defaultTags")), "tags") or {}


def _parsed(given: object) -> object:
    """A setting of the provider's: JSON in text."""
    try:
        return json.loads(given) if isinstance(given, str) else given
    except json.JSONDecodeError as error:
        raise EngineError(f"a setting of the AWS provider in the state is no JSON: {error}") from error


def _service_of(arn: str) -> tuple[str, str]:
    _, _, service, _, _, rest = arn.split(":", 5)
    return service, rest.split("/")[0].split(":")[0]
