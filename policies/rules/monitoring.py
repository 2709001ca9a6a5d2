"""Alerts: each asks for what is measured, and reaches somebody."""

import re
from collections.abc import Iterator

from components.monitoring import catalogue
from components.monitoring.catalogue import Metric
from policies.graph import Graph, Node
from policies.kubernetes import (
    DEPLOYMENT,
    EXTERNAL_SECRET,
    RELEASE,
    SERVICE,
    named,
    pod_labels,
    section,
    selects,
)
from policies.rule import Rule, Scene, rule
from policies.values import Record

ALERTS = "kubernetes:monitoring.coreos.com/v1:PrometheusRule"
MONITOR = "kubernetes:monitoring.coreos.com/v1:ServiceMonitor"
CHART = "kube-prometheus-stack"

METRICS_PORT = "metrics"
NODES = (
    catalogue.NODE_CPU,
    catalogue.NODE_MEMORY_AVAILABLE,
    catalogue.NODE_MEMORY_TOTAL,
    catalogue.NODE_FILESYSTEM_FREE,
    catalogue.NODE_FILESYSTEM_SIZE,
)
"""What node-exporter measures, which is part of the chart."""

SEVERITIES = ("critical", "warning", "info")
DURATION = re.compile(r"(\d+(ms|[smhdwy]))+")
SECRET_FILES = "/etc/alertmanager/secrets/"  # noqa: S105 - a folder
"""Where Alertmanager's pod has the Secrets of `alertmanagerSpec.secrets`, by name and key."""

_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')
_MATCHERS = re.compile(r"\{[^}]*\}|\[[^\]]*\]")
_LABEL_LISTS = re.compile(r"\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)")
_WORD = re.compile(r"(?<![A-Za-z0-9_:.])[A-Za-z_:][A-Za-z0-9_:]*(?![A-Za-z0-9_:]|\s*\()")
_OPERATORS = frozenset({"and", "or", "unless", "bool", "offset", "inf", "nan"})
_ABSENT = re.compile(r"absent\(\s*([A-Za-z_:][A-Za-z0-9_:]*)")
_JOBS = re.compile(r'job=~?"([^"]*)"')


def metrics(expression: str) -> frozenset[str]:
    """The metrics that a PromQL expression reads."""
    bare = _LABEL_LISTS.sub(" ", _MATCHERS.sub(" ", _TEXT.sub('""', expression)))
    return frozenset(_WORD.findall(bare)) - _OPERATORS


def series(metric: Metric) -> frozenset[str]:
    """The names under which Prometheus keeps a metric."""
    endings = ("_bucket", "_sum", "_count") if metric.kind == "histogram" else ("",)
    return frozenset(f"{metric.name}{ending}" for ending in endings)


def alerts(rules: Node) -> Iterator[Record]:
    """Every alert of an object."""
    for group in rules.records("spec", "groups"):
        yield from group.records("rules")


@rule("alert-metric-scraped", ALERTS, source="kube-linter dangling-servicemonitor sees half")
def metric_scraped(rules: Node, scene: Scene) -> Iterator[str]:
    """An alert on a metric that nobody reads never fires, and looks like a quiet night.

    One that says what shall happen when the metric is absent fires then: that is enough for what others export.
    """
    jobs = frozenset(_scraped(scene.graph))
    known = _series(scene.graph, jobs)
    for alert in alerts(rules):
        expression, name = str(alert.at("expr")), alert.at("alert")
        for metric in sorted(metrics(expression) - known - set(_ABSENT.findall(expression))):
            yield f"{name}: nothing exports {metric}"
        for one in _JOBS.findall(expression):
            yield from (f"{name}: there is no job {job}" for job in one.split("|") if job not in jobs)


def _series(graph: Graph, jobs: frozenset[str]) -> frozenset[str]:
    exported = [catalogue.UP]
    if jobs:
        exported += catalogue.APPLICATION_METRICS
    if any(one.at("values", "nodeExporter", "enabled") is not False for one in stacks(graph)):
        exported += NODES
    return frozenset[str]().union(*(series(one) for one in exported))


def _scraped(graph: Graph) -> Iterator[str]:
    """The jobs under which Prometheus reads the program's Services."""
    for monitor in graph.of(MONITOR):
        for service in _read_by(graph, monitor):
            label = monitor.at("spec", "jobLabel")
            yield str(service.at("metadata", "labels", str(label)) if label else service.kubernetes_name[1])


def _read_by(graph: Graph, monitor: Node) -> Iterator[Node]:
    places = monitor.texts("spec", "namespaceSelector", "matchNames") or (monitor.kubernetes_name[0],)
    wanted = {one.at("port") for one in monitor.records("spec", "endpoints")}
    for service in graph.of(SERVICE):
        ports = {one.at("name") for one in service.records("spec", "ports")}
        carries = section(service, "metadata", "labels")
        if (
            service.kubernetes_name[0] in places
            and ports & wanted
            and selects(section(monitor, "spec", "selector"), carries)
        ):
            yield service


@rule("monitor-reads-all", DEPLOYMENT)
def reads_all(workload: Node, scene: Scene) -> Iterator[str]:
    """A workload whose metrics nobody reads has no alerts either, whatever it exports."""
    services = {
        service.urn: service
        for monitor in scene.graph.of(MONITOR)
        for service in _read_by(scene.graph, monitor)
    }
    if not any(_leads_to(one, workload) for one in services.values()):
        yield "no ServiceMonitor reads a Service of it"


def _leads_to(service: Node, workload: Node) -> bool:
    wanted, given = section(service, "spec", "selector"), pod_labels(workload)
    return bool(wanted) and all(given.at(key) == wanted.at(key) for key in wanted)


@rule("monitor-selects", MONITOR)
def monitor_selects(monitor: Node, scene: Scene) -> Iterator[str]:
    """A monitor that chooses nothing, or a port that no Service has, reads nothing and says nothing."""
    endpoints = monitor.records("spec", "endpoints")
    if not any(_read_by(scene.graph, monitor)):
        yield "it chooses no Service with its port"
    for one in endpoints:
        if not str(one.at("path") or "").startswith("/"):
            yield "an endpoint has no path"
        if not DURATION.fullmatch(str(one.at("interval") or "")):
            yield "an endpoint has no interval"


def stacks(graph: Graph) -> Iterator[Node]:
    """The releases of Prometheus and Alertmanager."""
    return (one for one in graph.of(RELEASE) if one.at("chart") == CHART)


@rule("alert-routed", ALERTS)
def routed(rules: Node, scene: Scene) -> Iterator[str]:
    """An alert without a severity falls through every route; one without a summary wakes somebody who learns nothing."""
    routes = [route for stack in stacks(scene.graph) for route in stack.records("values", *ROUTE, "routes")]
    for alert in alerts(rules):
        name, severity = alert.at("alert"), alert.at("labels", "severity")
        if severity not in SEVERITIES:
            yield f"{name}: its severity is none of {', '.join(SEVERITIES)}"
        elif not any(f'severity = "{severity}"' in one.texts("matchers") for one in routes):
            yield f"{name}: no route is for {severity}"
        if not DURATION.fullmatch(str(alert.at("for") or "")):
            yield f"{name}: it does not say how long it must last"
        if not alert.at("annotations", "summary"):
            yield f"{name}: it has no summary"
        if not name or not alert.at("expr"):
            yield f"{name}: it has no name or no expression"


CONFIG = ("alertmanager", "config")
ROUTE = (*CONFIG, "route")


@rule("alert-received", stacks)
def received(stack: Node, scene: Scene) -> Iterator[str]:
    """A route to a receiver that sends nothing is silence; so is a receiver whose key is not where it looks."""
    receivers = {one.at("name"): one for one in stack.records("values", *CONFIG, "receivers")}
    route = section(stack, "values", *ROUTE)
    for one in (route, *route.records("routes")):
        receiver = receivers.get(one.at("receiver"))
        loud = any(word.startswith("severity") for word in one.texts("matchers")) or one == route
        if receiver is None:
            yield f"a route leads to {one.at('receiver')}, which is no receiver"
        elif loud and not any(key.endswith("_configs") and receiver.records(key) for key in receiver):
            yield f"{one.at('receiver')} sends nothing"
    for path in sorted(set(_files(section(stack, "values", *CONFIG)))):
        yield from _readable(path, stack, scene.graph)
    yield from _repeats(route)


def _repeats(route: Record) -> Iterator[str]:
    for one in (route, *route.records("routes")):
        matchers = one.texts("matchers")
        if any("severity" in word for word in matchers) and not all(
            DURATION.fullmatch(str(one.at(key) or ""))
            for key in ("group_wait", "group_interval", "repeat_interval")
        ):
            yield f"the route of {', '.join(matchers)} does not say how often it repeats"


def _files(config: Record) -> Iterator[str]:
    """Every file that a receiver reads its key from."""
    for key in config:
        if key.endswith("_file"):
            yield str(config.at(key))
            continue
        for one in config.records(key):
            yield from _files(one)


def _readable(path: str, stack: Node, graph: Graph) -> Iterator[str]:
    name, _, key = path.removeprefix(SECRET_FILES).partition("/")
    if name not in stack.texts("values", "alertmanager", "alertmanagerSpec", "secrets"):
        yield f"{path} is in no Secret that Alertmanager has"
        return
    secret = named(graph, str(stack.at("namespace")), name, EXTERNAL_SECRET)
    keys = [] if secret is None else [one.at("secretKey") for one in secret.records("spec", "data")]
    if key not in keys:
        yield f"nothing puts {key} into the Secret {name}"


OPEN_SELECTORS = tuple(
    f"{kind}SelectorNilUsesHelmValues"
    for kind in ("rule", "serviceMonitor", "podMonitor", "probe", "scrapeConfig")
)


@rule("monitor-keeps", stacks)
def keeps(stack: Node, _: Scene) -> Iterator[str]:
    """Prometheus reads what the program registers, and keeps it where a restart finds it again."""
    spec = section(stack, "values", "prometheus", "prometheusSpec")
    for key in OPEN_SELECTORS:
        if spec.at(key) is not False:
            yield f"it reads only what carries the chart's own label ({key})"
    for what, path in (
        ("Prometheus", ("prometheus", "prometheusSpec", "storageSpec")),
        ("Alertmanager", ("alertmanager", "alertmanagerSpec", "storage")),
    ):
        claim = section(stack, "values", *path, "volumeClaimTemplate", "spec")
        if not claim.at("resources", "requests", "storage"):
            yield f"{what} forgets everything with its pod"
    for name, pods in (("prometheus", "prometheusSpec"), ("alertmanager", "alertmanagerSpec")):
        several = (stack.at("values", name, pods, "replicas") or 1) > 1
        if several and stack.at("values", name, "podDisruptionBudget", "enabled") is not True:
            yield f"a drain takes all of {name}'s pods at once"
    if not DURATION.fullmatch(str(spec.at("retention") or "")):
        yield "it does not say how long it keeps what it read"


RULES: tuple[Rule, ...] = (metric_scraped, routed, received, reads_all, monitor_selects, keeps)
