"""Names that several Kubernetes components, operators' commands and the manual share.

A name here is an interface: changing one replaces the object.
"""

INTENDLY_NAMESPACE = "intendly"
TRAEFIK_NAMESPACE = "traefik"
CERT_MANAGER_NAMESPACE = "cert-manager"
EXTERNAL_SECRETS_NAMESPACE = "external-secrets"
MONITORING_NAMESPACE = "monitoring"
NODE_EXPORTER_NAMESPACE = "node-exporter"
LOGGING_NAMESPACE = "logging"
SYSTEM_NAMESPACE = "kube-system"
"""Made by Kubernetes: EKS add-ons and the cluster autoscaler."""

OPERATOR_ROLE = "intendly-operator"
ON_CALL_ROLE = "intendly-on-call"
AUDITOR_ROLE = "intendly-auditor"
PREVIEW_ROLE = "intendly-preview"

OPERATOR_GROUP = "intendly-operators"
"""Group that access entries give to the operators' IAM roles; likewise the three below."""
ON_CALL_GROUP = "intendly-on-call"
AUDITOR_GROUP = "intendly-auditors"
PREVIEW_GROUP = "intendly-preview"

BACKEND_RELAYER = "backend-relayer"
BACKEND_COORDINATOR = "backend-coordinator"
WEBSOCKET_SERVER = "websocket-server"
APPLICATIONS = (BACKEND_RELAYER, BACKEND_COORDINATOR, WEBSOCKET_SERVER)

RELAYER_SERVICE = "backend-relayer-service"
COORDINATOR_SERVICE = "backend-coordinator-service"
WEBSOCKET_SERVICE = "websocket-service"
GRAFANA_SERVICE = "kube-prometheus-stack-grafana"
"""Made by the monitoring chart, whose release is named like the chart."""

BACKEND_CONFIG = "backend-config"
DATABASE_SECRET = "database-secret"  # noqa: S105 - a Secret's name
CACHE_SECRET = "cache-secret"  # noqa: S105 - a Secret's name
GRAFANA_SECRET = "grafana-admin"  # noqa: S105 - a Secret's name
RECEIVERS_SECRET = "alertmanager-receivers"  # noqa: S105 - a Secret's name
API_TLS_SECRET = "api-tls-secret"  # noqa: S105 - a Secret's name
MONITORING_TLS_SECRET = "monitoring-tls-secret"  # noqa: S105 - a Secret's name

INGRESS_CLASS = "nginx"
STORAGE_CLASS = "gp3"

PART_OF_LABEL = "app.kubernetes.io/part-of"
PRODUCT = "intendly"
"""Value of `PART_OF_LABEL` on everything that belongs to the product itself."""
