from dataclasses import replace

import pytest

from components.helm import Values
from components.monitoring.definitions import MonitoringDefinitions
from components.monitoring.routes import NotificationArgs, alertmanager_config
from components.monitoring.stack import Monitoring, MonitoringArgs
from components.monitoring.values import MonitoringSizes, StackValuesArgs, stack_values
from components.platform_secrets import RECEIVER_KEYS
from tests.support.recorder import Recorder
from tests.unit.conftest import Deploy

RELEASE = "kubernetes:helm.sh/v3:Release"
RULE = "kubernetes:monitoring.coreos.com/v1:PrometheusRule"
MONITOR = "kubernetes:monitoring.coreos.com/v1:ServiceMonitor"
INGRESS = "kubernetes:networking.k8s.io/v1:Ingress"
CERTIFICATE = "kubernetes:cert-manager.io/v1:Certificate"

NOTIFICATIONS = NotificationArgs(
    slack_channel="#production-alerts",
    email_to="devops@intendly.xyz",
    email_from="alerts@intendly.xyz",
    smtp_host="smtp.example",
    smtp_port=587,
    smtp_username="mailer",
)

STACK = StackValuesArgs(
    cluster_name="intendly-test-eks",
    host="monitoring.intendly.xyz",
    storage_class="gp3",
    node_exporter_namespace="node-exporter",
    grafana_secret="grafana-admin",
    receivers_secret="alertmanager-receivers",
    sizes=MonitoringSizes(
        retention_days=15,
        prometheus_replicas=2,
        prometheus_storage_gib=50,
        prometheus_cpu_request_millicores=500,
        prometheus_memory_request_mib=2048,
        prometheus_memory_limit_mib=4096,
        alertmanager_replicas=3,
        alertmanager_storage_gib=2,
    ),
    notifications=NOTIFICATIONS,
)


def monitoring() -> None:
    definitions = MonitoringDefinitions(
        "definitions", namespace="monitoring", chart_repository="https://charts.example"
    )
    Monitoring(
        "monitoring",
        MonitoringArgs(
            namespace="monitoring",
            monitoring_definitions=definitions,
            stack=STACK,
            ingress_class="nginx",
            issuer_name="letsencrypt",
            chart_repository="https://charts.example",
            client_requests_per_second=20,
            client_connections=50,
        ),
    )


@pytest.fixture
def made(deploy: Deploy) -> Recorder:
    return deploy(monitoring)


def with_replicas(prometheus: int, alertmanager: int) -> Values:
    sizes = replace(STACK.sizes, prometheus_replicas=prometheus, alertmanager_replicas=alertmanager)
    return stack_values(replace(STACK, sizes=sizes))


@pytest.mark.parametrize(
    ("release", "chart", "version"),
    [
        ("definitions-release", "prometheus-operator-crds", "31.0.1"),
        ("monitoring-release", "kube-prometheus-stack", "88.5.3"),
    ],
)
def test_releases_have_their_charts_name_and_an_exact_version(
    made: Recorder, release: str, chart: str, version: str
) -> None:
    found = made.named(RELEASE, release)
    assert (found["name"], found["chart"], found["version"]) == (chart, chart, version)
    assert found["namespace"] == "monitoring"


def test_definitions_are_kept_and_come_first(made: Recorder) -> None:
    definitions = made.named(RELEASE, "definitions-release")
    assert definitions["values"] == {"crds": {"annotations": {"helm.sh/resource-policy": "keep"}}}
    assert made.named(RELEASE, "monitoring-release")["values"]["crds"] == {"enabled": False}
    for later in (made.named(RELEASE, "monitoring-release"), made.only(RULE), made.only(MONITOR)):
        assert made.follows(later, definitions)


def test_applications_are_scraped_under_their_deployments_name(made: Recorder) -> None:
    spec = made.only(MONITOR)["spec"]
    assert spec["jobLabel"] == "app"
    assert spec["namespaceSelector"] == {"matchNames": ["intendly"]}
    assert spec["selector"] == {"matchLabels": {"app.kubernetes.io/part-of": "intendly"}}
    [endpoint] = spec["endpoints"]
    assert endpoint["port"] == "metrics"


def test_prometheus_takes_rules_and_monitors_of_every_owner() -> None:
    spec = stack_values(STACK)["prometheus"]["prometheusSpec"]
    for kind in ("serviceMonitor", "podMonitor", "probe", "rule", "scrapeConfig"):
        assert spec[f"{kind}SelectorNilUsesHelmValues"] is False


def test_grafana_is_reached_under_its_path_over_tls(made: Recorder) -> None:
    ingress, certificate = made.only(INGRESS), made.only(CERTIFICATE)
    [rule] = ingress["spec"]["rules"]
    [path] = rule["http"]["paths"]
    assert (rule["host"], path["path"]) == ("monitoring.intendly.xyz", "/grafana")
    assert path["backend"]["service"] == {"name": "kube-prometheus-stack-grafana", "port": {"number": 80}}
    assert (ingress["metadata"]["name"], ingress["metadata"]["namespace"]) == (
        "monitoring-ingress",
        "monitoring",
    )
    assert ingress["spec"]["tls"] == [
        {"hosts": ["monitoring.intendly.xyz"], "secretName": "monitoring-tls-secret"}
    ]
    assert certificate["spec"]["secretName"] == "monitoring-tls-secret"
    assert made.follows(ingress, certificate)
    assert made.follows(ingress, made.named(RELEASE, "monitoring-release"))
    grafana = made.named(RELEASE, "monitoring-release")["values"]["grafana"]
    assert "ingress" not in grafana
    assert grafana["grafana.ini"]["server"] == {
        "root_url": "https://monitoring.intendly.xyz/grafana",
        "serve_from_sub_path": True,
    }


def test_grafana_is_behind_limits_of_its_own(made: Recorder) -> None:
    prefix = "nginx.ingress.kubernetes.io/"
    assert made.only(INGRESS)["metadata"]["annotations"] == {
        f"{prefix}limit-rps": "20",
        f"{prefix}limit-burst-multiplier": "5",
        f"{prefix}limit-connections": "50",
        f"{prefix}proxy-body-size": "1m",
    }


def test_grafana_reads_no_secret_but_its_own() -> None:
    grafana = stack_values(STACK)["grafana"]
    assert grafana["rbac"] == {"namespaced": True}
    assert grafana["admin"] == {"existingSecret": "grafana-admin"}


def test_node_exporter_has_its_privileged_namespace() -> None:
    assert stack_values(STACK)["prometheus-node-exporter"]["namespaceOverride"] == "node-exporter"


def test_sizes_reach_prometheus_and_leave_room_on_its_volume() -> None:
    spec = stack_values(STACK)["prometheus"]["prometheusSpec"]
    assert (spec["replicas"], spec["retention"], spec["retentionSize"]) == (2, "15d", "38GiB")
    claim = spec["storageSpec"]["volumeClaimTemplate"]["spec"]
    assert claim["storageClassName"] == "gp3"
    assert claim["resources"] == {"requests": {"storage": "50Gi"}}
    assert spec["resources"] == {"requests": {"cpu": "500m", "memory": "2Gi"}, "limits": {"memory": "4Gi"}}


@pytest.mark.parametrize(
    ("replicas", "budget"),
    [
        (1, {"enabled": False}),
        (2, {"enabled": True, "minAvailable": 1}),
        (3, {"enabled": True, "minAvailable": 2}),
    ],
)
def test_disruption_budgets_can_always_be_met(replicas: int, budget: Values) -> None:
    values = with_replicas(replicas, replicas)
    assert values["prometheus"]["podDisruptionBudget"] == budget
    assert values["alertmanager"]["podDisruptionBudget"] == budget


def test_nothing_that_eks_hides_is_scraped() -> None:
    values = stack_values(STACK)
    for part in ("kubeEtcd", "kubeControllerManager", "kubeScheduler", "kubeProxy"):
        assert values[part] == {"enabled": False}


def routes() -> dict[str, Values]:
    tree = alertmanager_config(NOTIFICATIONS, "alertmanager-receivers")["route"]
    return {matcher: route for route in tree["routes"] for matcher in route["matchers"]}


@pytest.mark.parametrize(
    ("severity", "receiver", "group_interval", "repeat_interval"),
    [
        ("critical", "pagerduty", "30s", "5m"),
        ("warning", "slack-warnings", "5m", "30m"),
        ("info", "email-team", "15m", "24h"),
    ],
)
def test_routes_are_the_manuals(
    severity: str, receiver: str, group_interval: str, repeat_interval: str
) -> None:
    route = routes()[f'severity = "{severity}"']
    assert route["receiver"] == receiver
    assert route["group_interval"] == group_interval
    assert route["repeat_interval"] == repeat_interval


def test_every_route_ends_in_a_receiver_that_exists() -> None:
    config = alertmanager_config(NOTIFICATIONS, "alertmanager-receivers")
    receivers = {one["name"] for one in config["receivers"]}
    used = {config["route"]["receiver"], *(route["receiver"] for route in routes().values())}
    assert used == receivers


def test_the_watchdog_tells_nobody() -> None:
    assert routes()['alertname = "Watchdog"']["receiver"] == "null"


def test_a_page_keeps_back_the_lesser_alerts_of_its_name_only() -> None:
    config = alertmanager_config(NOTIFICATIONS, "alertmanager-receivers")
    [rule] = config["inhibit_rules"]
    assert rule["source_matchers"] == ['severity = "critical"']
    assert rule["equal"] == ["alertname", "namespace"]
    assert stack_values(STACK)["defaultRules"]["disabled"]["InfoInhibitor"] is True


def test_what_is_secret_is_read_from_the_mounted_secret() -> None:
    values = stack_values(STACK)["alertmanager"]
    assert values["alertmanagerSpec"]["secrets"] == ["alertmanager-receivers"]
    text = str(values["config"])
    for key in RECEIVER_KEYS:
        assert f"/etc/alertmanager/secrets/alertmanager-receivers/{key}" in text
    assert values["config"]["global"]["smtp_smarthost"] == "smtp.example:587"
