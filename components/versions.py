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

CLUSTER_AUTOSCALER = Chart(name="cluster-autoscaler", version="9.59.0")
"""Its own image is of 1.35; ours follows the cluster."""

CLUSTER_AUTOSCALER_IMAGES = {"1.35": "v1.35.2", "1.36": "v1.36.1"}
"""Image of the autoscaler by the cluster's minor version: it simulates that version's scheduler. The newest tags of
kubernetes/autoscaler in August 2026. A cluster of another version is refused until its image is pinned here."""

FLUENT_BIT = Chart(name="aws-for-fluent-bit", version="0.2.0")
"""AWS for Fluent Bit 3.2.1."""
