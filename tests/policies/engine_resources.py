"""A graph as the engine hands it to a policy pack: proxies that raise, any order, components and the stack too."""

import random
from typing import Any

from pulumi_policy import (
    PolicyCustomTimeouts,
    PolicyProviderResource,
    PolicyResource,
    PolicyResourceOptions,
    ResourceValidationArgs,
)
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, unknown_checking_proxy

from policies.engine import ENGINE_LACKS, ROOT_TYPE
from policies.graph import Graph, Node
from policies.values import UNKNOWN

ROOT_URN = "urn:pulumi:production::intendly::pulumi:pulumi:Stack::intendly-production"


def engine_resources(graph: Graph) -> list[PolicyResource]:
    """The graph's resources as a pack gets them, in an order of its own."""
    made = {node.urn: _resource(node) for node in graph.nodes}
    for node in graph.nodes:
        resource = made[node.urn]
        resource.parent = made.get(node.parent)
        resource.dependencies = [made[urn] for urn in node.dependencies if urn in made]
        resource.property_dependencies = {
            key: [made[urn] for urn in urns if urn in made]
            for key, urns in node.property_dependencies.items()
        }
    root = PolicyResource(
        ROOT_TYPE, _props(graph.outputs.raw), ROOT_URN, "root", _options(), None, None, [], {}
    )
    shuffled = [root, *made.values()]
    random.Random(6).shuffle(shuffled)  # noqa: S311 - an order, no secret
    return shuffled


def engine_inputs(graph: Graph) -> list[ResourceValidationArgs]:
    """What a pack is shown of each resource before it is made."""
    return [
        ResourceValidationArgs(node.type, _props(node.properties.raw), node.urn, node.name, _options(), None)
        for node in graph.nodes
    ]


def known_to_the_engine(graph: Graph) -> Graph:
    """The graph without what the engine does not tell."""
    return Graph(nodes=graph.nodes, outputs=graph.outputs, lacks=ENGINE_LACKS)


def _resource(node: Node) -> PolicyResource:
    urn = node.options.provider
    provider = PolicyProviderResource("pulumi:providers:any", {}, urn, "provider") if urn else None
    options = _options(protect=node.options.protect, ignore=list(node.options.ignore_changes))
    props = _props(node.properties.raw)
    return PolicyResource(node.type, props, node.urn, node.name, options, provider, None, [], {})


def _options(*, protect: bool = False, ignore: list[str] | None = None) -> PolicyResourceOptions:
    return PolicyResourceOptions(protect, ignore or [], None, [], PolicyCustomTimeouts(0, 0, 0), [])


def _props(raw: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return unknown_checking_proxy(_wire(raw))


def _wire(raw: Any) -> Any:  # noqa: ANN401 - JSON
    if raw is UNKNOWN:
        return UNKNOWN_STRING_VALUE
    if isinstance(raw, dict):
        entries: dict[str, Any] = raw  # pyright: ignore[reportUnknownVariableType] - JSON
        return {key: _wire(value) for key, value in entries.items()}
    if isinstance(raw, list):
        items: list[Any] = raw  # pyright: ignore[reportUnknownVariableType] - JSON
        return [_wire(item) for item in items]
    return float(raw) if isinstance(raw, int) and not isinstance(raw, bool) else raw
