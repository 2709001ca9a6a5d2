"""Namespaces with the Pod Security they enforce, and what operators and on-call may do in `intendly`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import pulumi
from pulumi_kubernetes.core.v1 import Namespace, NamespaceInitArgs
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs
from pulumi_kubernetes.rbac.v1 import (
    PolicyRuleArgs,
    Role,
    RoleBinding,
    RoleBindingInitArgs,
    RoleInitArgs,
    RoleRefArgs,
    SubjectArgs,
)

from components import kubernetes_names as names
from components.named import name_of

PodSecurity = Literal["restricted", "privileged"]

NAMESPACES: dict[str, PodSecurity] = {
    names.INTENDLY_NAMESPACE: "restricted",
    names.TRAEFIK_NAMESPACE: "restricted",
    names.CERT_MANAGER_NAMESPACE: "restricted",
    names.EXTERNAL_SECRETS_NAMESPACE: "restricted",
    names.MONITORING_NAMESPACE: "restricted",
    # node-exporter needs the host's network, processes and paths; nothing else may live beside it.
    names.NODE_EXPORTER_NAMESPACE: "privileged",
    # fluent-bit reads every container's log from the node's disk; nothing else may live beside it.
    names.LOGGING_NAMESPACE: "privileged",
}
"""Every namespace of the platform and the Pod Security standard it enforces."""


@dataclass(frozen=True, kw_only=True)
class AccessArgs:
    """What namespaces need to know."""

    kubernetes_version: str
    """Minor version of the cluster (`1.36`): the Pod Security standard is pinned to it, so that a control plane
    upgrade alone refuses no pod."""


class Access(pulumi.ComponentResource):
    """The platform's namespaces and the Roles `intendly-operator` and `intendly-on-call`.

    Each output is the namespace's name and carries the dependency on it, so whoever uses one waits for it.
    """

    intendly: pulumi.Output[str]
    traefik: pulumi.Output[str]
    cert_manager: pulumi.Output[str]
    external_secrets: pulumi.Output[str]
    monitoring: pulumi.Output[str]
    node_exporter: pulumi.Output[str]
    logging: pulumi.Output[str]

    def __init__(self, name: str, args: AccessArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("intendly:access:Access", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        made = {
            namespace: _namespace(f"{name}-{namespace}", namespace, level, args.kubernetes_version, child)
            for namespace, level in NAMESPACES.items()
        }
        self.intendly = made[names.INTENDLY_NAMESPACE]
        self.traefik = made[names.TRAEFIK_NAMESPACE]
        self.cert_manager = made[names.CERT_MANAGER_NAMESPACE]
        self.external_secrets = made[names.EXTERNAL_SECRETS_NAMESPACE]
        self.monitoring = made[names.MONITORING_NAMESPACE]
        self.node_exporter = made[names.NODE_EXPORTER_NAMESPACE]
        self.logging = made[names.LOGGING_NAMESPACE]
        for people in PEOPLE:
            _admit(f"{name}-{people.who}", people, self.intendly, child)
        self.register_outputs({"namespaces": made})


def _namespace(
    logical_name: str,
    namespace: str,
    level: PodSecurity,
    kubernetes_version: str,
    child: pulumi.ResourceOptions,
) -> pulumi.Output[str]:
    made = Namespace(
        logical_name,
        NamespaceInitArgs(
            metadata=ObjectMetaArgs(name=namespace, labels=pod_security_labels(level, kubernetes_version))
        ),
        child,
    )
    return name_of(made, namespace)


def pod_security_labels(level: PodSecurity, kubernetes_version: str) -> dict[str, str]:
    """Labels that enforce a Pod Security standard, audit it and warn of it, at a fixed version."""
    return {
        f"pod-security.kubernetes.io/{mode}{suffix}": value
        for mode in ("enforce", "audit", "warn")
        for suffix, value in (("", level), ("-version", f"v{kubernetes_version}"))
    }


def operator_rules() -> list[PolicyRuleArgs]:
    """What the manual lets operators do: look at pods, Services and configuration, scale and restart."""
    return [
        PolicyRuleArgs(
            api_groups=[""], resources=["pods", "services", "configmaps"], verbs=["get", "list", "watch"]
        ),
        PolicyRuleArgs(
            api_groups=["apps"],
            resources=["deployments", "replicasets"],
            verbs=["get", "list", "watch", "update", "patch"],
        ),
    ]


def on_call_rules() -> list[PolicyRuleArgs]:
    """Beside what operators may: read logs and events, and evict a pod, which respects disruption budgets."""
    return [
        *operator_rules(),
        PolicyRuleArgs(api_groups=[""], resources=["pods/log"], verbs=["get"]),
        PolicyRuleArgs(api_groups=[""], resources=["pods/eviction"], verbs=["create"]),
        PolicyRuleArgs(
            api_groups=["", "events.k8s.io"], resources=["events"], verbs=["get", "list", "watch"]
        ),
    ]


@dataclass(frozen=True, kw_only=True)
class People:
    """A group of people with a Role of their own in `intendly`."""

    who: str
    role: str
    group: str
    rules: Callable[[], list[PolicyRuleArgs]]


PEOPLE = (
    People(who="operator", role=names.OPERATOR_ROLE, group=names.OPERATOR_GROUP, rules=operator_rules),
    People(who="on-call", role=names.ON_CALL_ROLE, group=names.ON_CALL_GROUP, rules=on_call_rules),
)
"""Who acts in `intendly`. Nobody of them reads Secrets or runs commands in a pod."""


def _admit(
    logical_name: str, people: People, namespace: pulumi.Output[str], child: pulumi.ResourceOptions
) -> None:
    metadata = ObjectMetaArgs(name=people.role, namespace=namespace)
    role = Role(f"{logical_name}-role", RoleInitArgs(metadata=metadata, rules=people.rules()), child)
    RoleBinding(
        f"{logical_name}-binding",
        RoleBindingInitArgs(
            metadata=metadata,
            role_ref=RoleRefArgs(
                api_group="rbac.authorization.k8s.io", kind="Role", name=name_of(role, people.role)
            ),
            subjects=[SubjectArgs(api_group="rbac.authorization.k8s.io", kind="Group", name=people.group)],
        ),
        child,
    )
