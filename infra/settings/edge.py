"""What stands between the internet and the applications: balancer, ingress controller, certificates."""

from typing import Annotated, Literal

from pydantic import Field

from infra.settings.base import Settings
from infra.settings.types import Cidr, Email


class IngressSettings(Settings):
    """Load balancer and ingress controller. Limits count per client address and per replica of the controller."""

    replicas: int = Field(default=3, ge=1, le=20, title="Controller's pods", description="Pods of Traefik.")
    deletion_protection: bool = Field(
        default=True,
        title="Deletion protection",
        description="AWS refuses to delete the balancer while true.",
    )
    access_cidrs: Annotated[tuple[Cidr, ...], Field(strict=False, min_length=1, max_length=40)] = Field(
        default=("0.0.0.0/0",), title="Who may connect", description="Ranges that reach the balancer."
    )
    client_requests_per_second: int = Field(
        default=50,
        ge=1,
        le=10000,
        title="API requests",
        description="Requests a second from one client address.",
    )
    client_connections: int = Field(
        default=100,
        ge=1,
        le=10000,
        title="API connections",
        description="Requests in flight at once from one client address.",
    )
    websocket_connections_per_client: int = Field(
        default=50,
        ge=1,
        le=10000,
        title="WebSocket connections",
        description="Open at once from one client address.",
    )
    websocket_requests_per_second: int = Field(
        default=20,
        ge=1,
        le=10000,
        title="WebSocket openings",
        description="A second from one client address.",
    )
    monitoring_requests_per_second: int = Field(
        default=20,
        ge=1,
        le=10000,
        title="Grafana requests",
        description="Requests a second from one client address.",
    )
    monitoring_connections: int = Field(
        default=50,
        ge=1,
        le=10000,
        title="Grafana connections",
        description="Requests in flight at once from one client address.",
    )


class CertificatesSettings(Settings):
    """Certificates of the hosts."""

    issuer: Literal["letsencrypt", "letsencrypt-staging"] = Field(
        default="letsencrypt",
        title="Issuer",
        description="letsencrypt-staging has generous limits and certificates that browsers refuse.",
    )
    email: Email = Field(
        default="devops@intendly.xyz", title="ACME contact", description="Who hears of expiring certificates."
    )


class SecretsSettings(Settings):
    """Secrets in AWS Secrets Manager. Their values are never settings."""

    recovery_window_days: int = Field(
        default=30,
        ge=0,
        le=30,
        title="Recovery window",
        description="Days for which a deleted secret can be brought back: 0 (at once) or 7 to 30.",
    )
