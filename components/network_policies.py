"""Network policies: a default deny in the closed namespaces, and for each workload what it declared."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs, ObjectMetaArgs
from pulumi_kubernetes.networking.v1 import (
    IPBlockArgs,
    NetworkPolicy,
    NetworkPolicyEgressRuleArgs,
    NetworkPolicyIngressRuleArgs,
    NetworkPolicyInitArgs,
    NetworkPolicyPeerArgs,
    NetworkPolicyPortArgs,
    NetworkPolicySpecArgs,
)

from components import kubernetes_names as names
from components.traffic.declaration import CLOSED, CLOSED_WORKLOADS, Addresses, flows
from components.traffic.model import Flow, Peer, Port, Workload

NAMESPACE_LABEL = "kubernetes.io/metadata.name"
"""Put by the API server on every namespace."""

BOTH = ("Ingress", "Egress")


@dataclass(frozen=True, kw_only=True)
class NetworkPoliciesArgs:
    """Where policies lie, and the addresses they name."""

    intendly: pulumi.Input[str]
    traefik: pulumi.Input[str]
    external_secrets: pulumi.Input[str]
    monitoring: pulumi.Input[str]
    addresses: Addresses


class NetworkPolicies(pulumi.ComponentResource):
    """Policies of all closed workloads.

    Each output is a namespace's name and carries the dependency on its policies. Whoever makes pods there uses it:
    a pod that starts before its policies may talk to everybody until they arrive.
    """

    intendly: pulumi.Output[str]
    traefik: pulumi.Output[str]
    external_secrets: pulumi.Output[str]
    monitoring: pulumi.Output[str]

    def __init__(
        self, name: str, args: NetworkPoliciesArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("intendly:network:NetworkPolicies", name, None, opts)
        self._name = name
        self._child = pulumi.ResourceOptions(parent=self)
        declared = flows(args.addresses)
        self.intendly = self._close(names.INTENDLY_NAMESPACE, args.intendly, declared)
        self.traefik = self._close(names.TRAEFIK_NAMESPACE, args.traefik, declared)
        self.external_secrets = self._close(names.EXTERNAL_SECRETS_NAMESPACE, args.external_secrets, declared)
        self.monitoring = self._close(names.MONITORING_NAMESPACE, args.monitoring, declared)
        self.register_outputs(
            {
                "intendly": self.intendly,
                "traefik": self.traefik,
                "external_secrets": self.external_secrets,
                "monitoring": self.monitoring,
            }
        )

    def _close(self, namespace: str, made: pulumi.Input[str], declared: Sequence[Flow]) -> pulumi.Output[str]:
        """Register a namespace's policies; its name, once they are there."""
        specs = {
            workload.name: policy_spec(workload, declared)
            for workload in CLOSED_WORKLOADS
            if workload.namespace == namespace
        }
        if namespace in CLOSED:
            specs["default-deny"] = NetworkPolicySpecArgs(
                pod_selector=LabelSelectorArgs(), policy_types=list(BOTH)
            )
        policies = [
            NetworkPolicy(
                f"{self._name}-{namespace}-{policy}",
                NetworkPolicyInitArgs(
                    metadata=ObjectMetaArgs(
                        name=policy, namespace=made, labels={names.PART_OF_LABEL: names.PRODUCT}
                    ),
                    spec=spec,
                ),
                self._child,
            )
            for policy, spec in specs.items()
        ]
        return pulumi.Output.all(*(policy.urn for policy in policies)).apply(lambda _: namespace)


def policy_spec(workload: Workload, declared: Sequence[Flow]) -> NetworkPolicySpecArgs:
    """One workload's policy: a rule for every declared flow that starts or ends at it, and nothing else.

    Both ends of a flow between closed workloads come from the same flow, so that neither can be forgotten.
    """
    inward = [flow for flow in declared if flow.target == workload]
    outward = [flow for flow in declared if flow.source == workload]
    return NetworkPolicySpecArgs(
        pod_selector=LabelSelectorArgs(match_labels=dict(workload.labels)),
        policy_types=list(BOTH),
        # An empty list would come back from the API server as none, a difference that nobody made.
        ingress=[
            NetworkPolicyIngressRuleArgs(from_=_peers(flow.source), ports=_ports(flow.ports))
            for flow in inward
        ]
        or None,
        egress=[
            NetworkPolicyEgressRuleArgs(to=_peers(flow.target), ports=_ports(flow.ports)) for flow in outward
        ]
        or None,
    )


def _peers(peer: Peer) -> list[NetworkPolicyPeerArgs]:
    if isinstance(peer, Workload):
        return [
            NetworkPolicyPeerArgs(
                namespace_selector=LabelSelectorArgs(match_labels={NAMESPACE_LABEL: peer.namespace}),
                pod_selector=LabelSelectorArgs(match_labels=dict(peer.labels)),
            )
        ]
    return [
        NetworkPolicyPeerArgs(ip_block=IPBlockArgs(cidr=cidr, except_=list(peer.excluded(cidr)) or None))
        for cidr in peer.cidrs
    ]


def _ports(several: Sequence[Port]) -> list[NetworkPolicyPortArgs]:
    return [NetworkPolicyPortArgs(protocol=port.protocol, port=port.number) for port in several]
