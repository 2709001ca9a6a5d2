"""Helm charts and their exact versions, in one home.

The values that the components give them were rendered with these versions and accepted by an API server of
Kubernetes 1.36 with strict fields and Pod Security `restricted`: a new version means rendering them again.
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A chart of a repository. The release carries the chart's name: what it makes is named after it."""

    name: str
    version: str


PROMETHEUS_OPERATOR_CRDS = Chart(name="prometheus-operator-crds", version="31.0.1")
"""The operator's definitions, upgraded with their release; the monitoring chart would never upgrade its own."""

KUBE_PROMETHEUS_STACK = Chart(name="kube-prometheus-stack", version="88.5.3")
"""Prometheus, Alertmanager, Grafana and their exporters; operator 0.93.1."""

TRAEFIK = Chart(name="traefik", version="41.3.0")
"""Ingress controller 3.7.11."""

EXTERNAL_SECRETS = Chart(name="external-secrets", version="2.9.0")
"""Operator 2.9.0; serves `external-secrets.io/v1` only."""

CERT_MANAGER = Chart(name="cert-manager", version="v1.21.1")
"""Controller 1.21.1."""
