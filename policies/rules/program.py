"""The program as a whole: who pays, whose it is, and which account and cluster it is about."""

import re
from collections.abc import Iterator
from functools import cache

from policies.graph import Graph, Node
from policies.kubernetes import RELEASE, objects
from policies.physical_names import LIMITS, problem
from policies.rule import Level, Rule, Scene, Severity, rule
from policies.values import UNKNOWN, Record
from pricing import PriceList, Resource, load_prices, monthly

AWS_PROVIDER = "pulumi:providers:aws"
KUBERNETES_PROVIDER = "pulumi:providers:kubernetes"
LAUNCH_TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
CLUSTER = "aws:eks/cluster:Cluster"
CERTIFICATE = "aws:acm/certificate:Certificate"
BUDGET = "aws:budgets/budget:Budget"

FREE = (
    "intendly:",
    "random:",
    "aws:iam/",
    "kubernetes:rbac",
    "kubernetes:networking",
    "kubernetes:monitoring",
)
"""Families of types that cost nothing and are many; the others' prices are the price list's affair."""

TAGS = ("Project", "Environment", "ManagedBy", "Owner", "CostCenter")
MADE_OF_A_TEMPLATE = ("instance", "volume", "network-interface")

EXACT = re.compile(r"v?\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?")
"""A version and no range."""
DNS_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


def of_aws(graph: Graph) -> Iterator[Node]:
    """Every resource of AWS."""
    return (one for one in graph.nodes if one.type.startswith("aws:"))


def named_by_us(graph: Graph) -> Iterator[Node]:
    """Every resource of AWS that the program names."""
    kinds = {kind for kind, _ in LIMITS}
    return (one for one in of_aws(graph) if one.type in kinds)


def real(graph: Graph) -> Iterator[Node]:
    """Everything that a provider makes."""
    return (one for one in graph.nodes if not one.type.startswith(("intendly:", "pulumi:")))


@rule("tags-complete", of_aws, severity=Severity.MEDIUM, source="EKS best practices, cost awareness")
def tags_complete(node: Node, scene: Scene) -> Iterator[str]:
    """What nobody owns is deleted by nobody, and paid for by everybody. A provider's tags reach all it makes."""
    provider = scene.graph.by_urn.get(node.options.provider)
    given = _tags(provider)
    own = node.at("tags")
    final = {**given, **(own if isinstance(own, Record) else {})}
    missing = [key for key in TAGS if not final.get(key)]
    if missing:
        yield f"it ends without {', '.join(missing)}"
    if final.get("Environment") not in (None, scene.environment):
        yield "its Environment is another stack's"


def _tags(provider: Node | None) -> Record:
    found = Record({}) if provider is None else provider.document("defaultTags").at("tags")
    return found if isinstance(found, Record) else Record({})


@rule("tags-reach-machines", LAUNCH_TEMPLATE, severity=Severity.MEDIUM)
def tags_reach_machines(template: Node, _: Scene) -> Iterator[str]:
    """A provider's tags end at the launch template: machines and disks, the dearest there is, take the template's own."""
    given = {str(one.at("resourceType")): one.at("tags") for one in template.records("tagSpecifications")}
    for kind in MADE_OF_A_TEMPLATE:
        tags = given.get(kind)
        missing = [key for key in TAGS if not isinstance(tags, Record) or not tags.at(key)]
        if missing:
            yield f"what it makes of kind {kind} has no {', '.join(missing)}"


@rule("names-fit", named_by_us)
def names_fit(node: Node, scene: Scene) -> Iterator[str]:
    """A name that AWS refuses stops an update in the middle, with half of it done."""
    for kind, key in LIMITS:
        if kind != node.type or scene.graph.sources(node, key, CERTIFICATE):
            # The record that proves a host is named by AWS.
            continue
        value = node.at(key)
        said = problem(kind, key, value) if isinstance(value, str) else ""
        if said:
            yield f"{key}: {said}"


@rule("names-are-labels", objects, severity=Severity.MEDIUM)
def names_are_labels(node: Node, _: Scene) -> Iterator[str]:
    """Left without a name, an object gets a random one, and every other that refers to it by name finds nothing."""
    name = node.kubernetes_name[1]
    if not DNS_LABEL.fullmatch(name):
        yield "it has no name, or one that is no DNS label of 63 characters"


@rule("provider-explicit", real, severity=Severity.CRITICAL)
def provider_explicit(node: Node, scene: Scene) -> Iterator[str]:
    """A default provider takes whatever the shell it runs in is logged in to: another account, another cluster."""
    provider = scene.graph.by_urn.get(node.options.provider)
    if provider is None or provider.name.startswith("default"):
        yield "it has no provider of the program"
    elif provider.type != f"pulumi:providers:{node.type.partition(':')[0]}":
        yield f"its provider is of the type {provider.type}"


@rule("provider-pinned", AWS_PROVIDER, KUBERNETES_PROVIDER, severity=Severity.CRITICAL)
def provider_pinned(provider: Node, scene: Scene) -> Iterator[str]:
    """Credentials of another account must end in an error, not in a second platform."""
    if provider.type == KUBERNETES_PROVIDER:
        if not scene.graph.sources(provider, "kubeconfig", CLUSTER):
            yield "its kubeconfig does not come from the program's cluster"
        return
    if not provider.at("region"):
        yield "it has no region"
    allowed = provider.at("allowedAccountIds")
    ids = (scene.settings.account.id,)
    if (provider.texts("allowedAccountIds") if not isinstance(allowed, str) else _list(allowed)) != ids:
        yield "it is not held to the stack's account"


def _list(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r'"([^"]*)"', text))


UNCHANGED_ON_THE_WAY = ("https://", "http://127.0.0.1:")
"""How a chart's repository is reached: over TLS, or on this machine itself."""


@rule("chart-pinned", RELEASE)
def chart_pinned(release: Node, _: Scene) -> Iterator[str]:
    """A range of versions is somebody else's decision about when to change the platform, and with what."""
    if not EXACT.fullmatch(str(release.at("version") or "")):
        yield "its version is not exact"
    repository = str(release.at("repositoryOpts", "repo") or "")
    if not release.at("chart") or not repository.startswith(UNCHANGED_ON_THE_WAY):
        yield "its chart is not from a repository over TLS"
    if release.at("atomic") is not True:
        yield "half an upgrade stays as it is (atomic)"
    if not release.at("timeout"):
        yield "an update waits for it without end (timeout)"
    if not (release.at("maxHistory") or 0) > 0:
        yield "its revisions pile up as Secrets without end (maxHistory)"


@rule("budget-present", AWS_PROVIDER, level=Level.ADVISORY, severity=Severity.MEDIUM, source="COST03")
def budget_present(_: Node, scene: Scene) -> Iterator[str]:
    """A bill comes a month too late. And a budget that the autoscalers' maximum exceeds will be raised without a look."""
    budgets = scene.graph.of(BUDGET)
    if len(budgets) != 1:
        yield f"the stack has {len(budgets)} budgets, not one"
        return
    limit = float(budgets[0].at("limitAmount") or 0)
    warnings = budgets[0].records("notifications")
    if not any(_warns(one, "FORECASTED") for one in warnings):
        yield "nobody is told before the money is spent"
    if not any(_warns(one, "ACTUAL") for one in warnings):
        yield "nobody is told when the money is spent"
    if (budgets[0].at("timeUnit"), budgets[0].at("limitUnit")) != ("MONTHLY", "USD"):
        yield "it is no budget in USD a month"
    paid = (one for one in scene.graph.nodes if not one.type.startswith(FREE))
    most = monthly((_priced(one) for one in paid), _prices()).maximum
    if most > limit:
        yield f"at the autoscalers' maximum the stack costs {most:.0f} USD a month, {limit:.0f} are allowed"


def _warns(notification: Record, kind: str) -> bool:
    return (
        notification.at("notificationType") == kind
        and notification.at("comparisonOperator") == "GREATER_THAN"
        and 0 < (notification.at("threshold") or 0) <= 100  # noqa: PLR2004 - percent
        and bool(
            notification.texts("subscriberEmailAddresses") or notification.texts("subscriberSnsTopicArns")
        )
    )


@cache
def _prices() -> PriceList:
    return load_prices()


def _priced(node: Node) -> Resource:
    known = {key: value for key, value in node.properties.raw.items() if value is not UNKNOWN}
    return Resource(type=node.type, urn=node.urn, inputs=known, parent=node.parent)


RULES: tuple[Rule, ...] = (
    tags_complete,
    tags_reach_machines,
    names_fit,
    names_are_labels,
    provider_explicit,
    provider_pinned,
    chart_pinned,
    budget_present,
)
