import re

import pytest

from components import kubernetes_names as names
from components.monitoring.alerts import ALERTS, Alert, rule_spec
from components.monitoring.catalogue import APPLICATION_JOBS, APPLICATION_METRICS
from components.monitoring.routes import ROUTES

MANUAL = {
    # name: severity, comparison, threshold, how long; the manual's own table, where it gives a time
    "ServiceDown": ("critical", "==", 0, "1m"),
    "HighErrorRate": ("critical", ">", 0.05, "2m"),
    "DatabaseDown": ("critical", "==", 0, None),
    "RedisDown": ("critical", "==", 0, None),
    "IntentProcessingStalled": ("critical", "==", 0, "0s"),  # the query itself looks back five minutes
    "BlockchainConnectionLost": ("critical", "==", 0, None),
    "HighCPUUsage": ("warning", ">", 0.8, "5m"),
    "HighMemoryUsage": ("warning", ">", 0.85, "5m"),
    "DiskSpaceLow": ("warning", ">", 0.85, None),
    "HighResponseTime": ("warning", ">", 2, None),
    "LowSolverParticipation": ("warning", "<", 3, None),
    "LowTradingVolume": ("info", "<", 1000, None),
    "HighSlippageRate": ("info", ">", 50, None),
    "SolverPerformanceDegraded": ("info", "<", 0.95, None),
}

BY_NAME = {alert.name: alert for alert in ALERTS}


def test_the_alerts_are_the_manuals_each_once() -> None:
    assert sorted(alert.name for alert in ALERTS) == sorted(MANUAL)


@pytest.mark.parametrize("name", MANUAL)
def test_severity_threshold_and_duration_are_the_manuals(name: str) -> None:
    severity, comparison, threshold, hold = MANUAL[name]
    alert = BY_NAME[name]
    assert (alert.severity, alert.comparison, alert.threshold) == (severity, comparison, threshold)
    assert hold is None or alert.hold == hold
    assert f" {comparison} {threshold}" in alert.expression


def test_every_severity_has_a_route() -> None:
    assert {alert.severity for alert in ALERTS} == {route.severity for route in ROUTES}


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert.name)
def test_a_rule_carries_all_that_prometheus_needs(alert: Alert) -> None:
    [rule] = [
        rule for group in rule_spec()["groups"] for rule in group["rules"] if rule["alert"] == alert.name
    ]
    assert rule["expr"] == alert.expression
    assert rule["labels"] == {"severity": alert.severity}
    assert rule["for"] == alert.hold
    assert rule["annotations"]["summary"]


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert.name)
def test_brackets_and_quotes_are_balanced(alert: Alert) -> None:
    unquoted = re.sub(r'"[^"]*"', "", alert.expression)
    assert '"' not in unquoted
    waiting: list[str] = []
    for character in unquoted:
        if character in "([{":
            waiting.append({"(": ")", "[": "]", "{": "}"}[character])
        elif character in ")]}":
            assert waiting.pop() == character
    assert waiting == []


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert.name)
def test_counters_are_looked_at_as_rates(alert: Alert) -> None:
    for metric in APPLICATION_METRICS:
        if metric.kind == "counter" and metric.name in alert.query:
            assert re.search(rf"(rate|increase)\({metric.name}(\{{[^}}]*\}})?\[", alert.query)


@pytest.mark.parametrize(
    "name",
    ["ServiceDown", "DatabaseDown", "RedisDown", "IntentProcessingStalled", "BlockchainConnectionLost"],
)
def test_what_is_down_is_also_down_when_nothing_tells(name: str) -> None:
    assert "absent(" in BY_NAME[name].expression


def test_service_down_knows_each_application_by_its_deployment() -> None:
    for app in names.APPLICATIONS:
        assert re.fullmatch(APPLICATION_JOBS, app)
        assert f'absent(up{{job="{app}"}})' in BY_NAME["ServiceDown"].expression
