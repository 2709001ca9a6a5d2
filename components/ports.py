"""Ports that more than one component speaks of."""

HTTP_NODE_PORT = 30080
"""Traefik's plain entry point on every node; it only redirects to HTTPS."""

HTTPS_NODE_PORT = 30443
"""Traefik's TLS entry point on every node."""

PING_NODE_PORT = 30082
"""Traefik's `/ping` on every node that runs a pod of it, for the load balancer's health check."""

BACKEND_PORT = 3001
"""HTTP port of relayer and coordinator, health at `/health`."""

WEBSOCKET_PORT = 8080
"""HTTP port of the WebSocket server, which serves `/ws`."""

METRICS_PORT = 9090
"""Port of every application's `/metrics`."""

GRAFANA_PORT = 80
"""Port of the Service that the monitoring chart makes for Grafana."""

DATABASE_PORT = 5432
"""PostgreSQL's."""

CACHE_PORT = 6379
"""Valkey's and Redis'."""
