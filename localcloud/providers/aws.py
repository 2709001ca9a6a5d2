"""Stand-in for the AWS provider: honest about what AWS refuses, replaces and computes; nothing leaves the machine."""

import json
import os
from pathlib import Path

from localcloud.providers import services
from localcloud.providers.catalogue import PATH, Entry, entries
from localcloud.providers.faults import FaultPlan, Faulty
from localcloud.providers.ledger import Ledger, as_kept, lookup
from localcloud.providers.moto import Moto, caller_account
from localcloud.providers.naming import automatic_name, prefixed_name, resolve, too_long
from localcloud.providers.replacement import KEPT_WHEN_REMOVED, changes
from localcloud.providers.rules import cross_failures, refuse_protected, refuse_update
from localcloud.providers.server import Change, Failure, Request, StandIn, StandInError, serve
from localcloud.providers.validation import failures
from localcloud.providers.wire import (
    DEFAULTS,
    UNKNOWN,
    Properties,
    Value,
    has_unknown,
    plain,
    without_defaults,
)


class AwsProvider(StandIn):
    """Checks as AWS does, keeps a ledger, and makes in moto and the API server what operators will look for."""

    title = "AWS stand-in"
    version = "7.51.1"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._cloud: services.Cloud | None = None
        self._default_tags: Properties = {}

    def configure(self, config: Properties) -> None:
        """Refuse credentials of an account that is not allowed, as the real provider does; and any other region."""
        settings = {name: _parsed(plain(value)) for name, value in config.items()}
        path = self._folder / "endpoints.json"
        if not path.exists():
            raise StandInError(
                f"{path} is missing: the local cloud is not running (INTENDLY_LOCALCLOUD names its folder)"
            )
        endpoints = json.loads(path.read_text())
        region = settings.get("region", os.environ.get("AWS_REGION"))
        if region not in (UNKNOWN, endpoints["region"]):
            raise StandInError(f"region {region} is not this local cloud's, which is {endpoints['region']}")
        allowed = settings.get("allowedAccountIds")
        if allowed and not has_unknown(allowed):
            account = caller_account(endpoints["moto_url"], endpoints["region"])
            if account not in allowed:
                raise StandInError(
                    f"AWS account ID not allowed: {account} (allowedAccountIds: {', '.join(allowed)})"
                )
        self._default_tags = lookup(settings, "defaultTags.tags") or {}
        moto = Moto(endpoints["moto_url"], endpoints["region"])
        self._cloud = services.Cloud(endpoints, Ledger(self._folder / "aws.json"), moto)

    @property
    def _ready(self) -> services.Cloud:
        if self._cloud is None:
            raise StandInError("the provider was not configured")
        return self._cloud

    def check(self, request: Request) -> tuple[Properties, list[Failure]]:
        """Names, defaults and tags filled in; everything that AWS would refuse, at once."""
        inputs = without_defaults(request.inputs)
        entry = entries().get(request.kind)
        if entry is None:
            reason = f"the {self.title} does not know {request.kind}: add a row to localcloud/providers/{PATH.name}"
            return inputs, [Failure("", reason)]
        defaults = {name: value for name, value in entry.defaults.items() if name not in inputs}
        name, text = automatic_name(entry, request.name, plain(request.olds), inputs, request.seed)
        found = [Failure(name, wrong)] if name and (wrong := too_long(entry, text)) else []
        inputs |= defaults | ({name: text} if name else {})
        found += failures(entry, inputs)
        for path, reason in cross_failures(request.kind, plain(inputs)):
            found.append(Failure(path, f"{self.title}: {reason}"))
        if entry.tags:
            inputs["tagsAll"] = self._all_tags(inputs.get("tags"))
        return inputs | {DEFAULTS: sorted({*defaults, *([name] if name else [])})}, _one_each(found)

    def _all_tags(self, tags: Value) -> Value:
        tags = self._default_tags | (plain(tags) or Properties())
        return UNKNOWN if has_unknown(tags) else tags

    def diff(self, request: Request) -> list[Change]:
        """What changed, and what of it replaces."""
        return changes(request.kind, _entry(request.kind), plain(request.olds), plain(request.inputs))

    def create(self, request: Request) -> tuple[str, Properties]:
        """Refuse what exists, make it in moto, compute the outputs, record it."""
        entry, cloud = _entry(request.kind), self._ready
        inputs = without_defaults(request.inputs)
        if request.preview:
            constants = {name: value for name, value in entry.outputs.items() if name not in entry.computed}
            unknown = dict.fromkeys(entry.computed - {"id"}, UNKNOWN)
            return "", constants | unknown | inputs | services.planned(request.kind, inputs)
        facts = self._place() | plain(inputs) | prefixed_name(entry, plain(inputs))
        if entry.unique:
            cloud.ledger.refuse_taken(request.kind, entry.unique, facts)
        if entry.moto:
            facts |= cloud.moto.create(entry.moto, facts)
        facts = resolve(entry.outputs, facts) | services.addresses(cloud, request.kind)
        try:
            if request.kind in services.CREATED:
                facts |= services.CREATED[request.kind](cloud, facts)
        except Exception:
            if entry.moto:
                cloud.moto.delete(entry.moto, facts)
            raise
        identity = str(facts["id"])
        outputs = self._outputs(facts, inputs)
        cloud.ledger.put(request.kind, identity, request.inputs, outputs | {"id": identity})
        return identity, outputs

    def _place(self) -> Properties:
        """The account, and the region of what names no other."""
        return {"account": self._ready.endpoints["account_id"], "region": self._ready.endpoints["region"]}

    def _outputs(self, facts: Properties, inputs: Properties) -> Properties:
        """The facts, with the secret marks that the inputs carry."""
        hidden = {"account", "id"}
        return {
            name: inputs[name] if name in inputs and plain(inputs[name]) == value else value
            for name, value in facts.items()
            if name not in hidden
        }

    def read(self, request: Request) -> tuple[Properties, Properties] | None:
        """What the ledger says now, with today's addresses; nothing when it or moto has it no more."""
        entry, cloud = _entry(request.kind), self._ready
        kept = [
            one
            for one in cloud.ledger.resources()
            if (one["type"], one["id"]) == (request.kind, request.identity)
        ]
        if not kept:
            return None
        if entry.moto and not cloud.moto.exists(entry.moto, kept[0]["outputs"]):
            cloud.ledger.remove(request.kind, request.identity)
            return None
        moved = services.addresses(cloud, request.kind)
        if any(kept[0]["outputs"].get(name) != value for name, value in moved.items()):
            cloud.ledger.put(request.kind, request.identity, kept[0]["inputs"], kept[0]["outputs"] | moved)
        outputs = {name: value for name, value in kept[0]["outputs"].items() if name != "id"}
        return as_kept(request.inputs, kept[0]["inputs"]), as_kept(request.outputs, outputs | moved)

    def adopt(self, request: Request) -> tuple[str, Properties, Properties] | None:
        """What the ledger holds under an identity as `pulumi import` takes it."""
        entry, cloud = _entry(request.kind), self._ready
        for one in cloud.ledger.resources():
            known = (one["id"], entry.import_id(one["outputs"]))
            if one["type"] == request.kind and request.identity in known:
                secrets = services.told(cloud, request.kind, one["outputs"])
                return one["id"], one["inputs"] | secrets, one["outputs"] | secrets
        return None

    def update(self, request: Request) -> Properties:
        """Refuse what AWS refuses, change moto, compute what moves."""
        entry, cloud = _entry(request.kind), self._ready
        olds, inputs = without_defaults(request.olds), without_defaults(request.inputs)
        removed = olds.keys() - inputs.keys() - KEPT_WHEN_REMOVED
        outputs = {name: value for name, value in request.outputs.items() if name not in removed} | inputs
        outputs |= services.completed(request.kind, request.outputs, inputs)
        moving = {"latestVersion", "defaultVersion"} & entry.outputs.keys()
        if request.preview:
            return outputs | dict.fromkeys(moving, UNKNOWN) | services.addresses(cloud, request.kind)
        refuse_update(request.kind, plain(olds), plain(inputs))
        facts = self._place() | plain(outputs) | {"id": request.identity}
        if entry.moto:
            cloud.moto.update(entry.moto, facts)
        facts |= services.updated(cloud, request.kind, plain(olds), facts)
        facts |= services.addresses(cloud, request.kind)
        result = self._outputs(facts, outputs)
        cloud.ledger.put(request.kind, request.identity, request.inputs, result | {"id": request.identity})
        return result

    def delete(self, request: Request) -> None:
        """Refuse what is protected or in use; remove it everywhere."""
        entry, cloud = _entry(request.kind), self._ready
        facts = self._place() | plain(request.outputs) | {"id": request.identity}
        refuse_protected(request.kind, facts)
        if entry.held:
            cloud.ledger.refuse_held(request.identity, entry.held)
        if request.kind in services.DELETED:
            services.DELETED[request.kind](cloud, facts)
        if entry.moto:
            cloud.moto.delete(entry.moto, facts)
        cloud.ledger.remove(request.kind, request.identity)


def _entry(kind: str) -> Entry:
    entry = entries().get(kind)
    if entry is None:
        raise StandInError(f"{kind} is not in localcloud/providers/{PATH.name}")
    return entry


def _one_each(found: list[Failure]) -> list[Failure]:
    """The first failure of every property: the rest follow from it."""
    return list({failure.path: failure for failure in reversed(found)}.values())


def _parsed(value: Value) -> Value:
    """Provider settings arrive as JSON text where they are not strings."""
    try:
        return json.loads(value) if isinstance(value, str) and value[:1] in ("[", "{") else value
    except ValueError:
        return value


if __name__ == "__main__":
    state = Path(os.environ.get("INTENDLY_LOCALCLOUD", ".local"))
    serve(Faulty(AwsProvider(state), FaultPlan(state / "faults.json")))
