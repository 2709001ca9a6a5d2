"""What each application depends on: written here by whoever changes the application."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from components import kubernetes_names as names
from components import ports

Dependency = Literal["database", "cache", "rpc"]


@dataclass(frozen=True, kw_only=True)
class ApplicationTraffic:
    """One application's declaration. What is not in it is refused in the cluster."""

    app: str
    """Value of its pods' label `app`."""
    port: int
    """Where it takes requests."""
    needs: Sequence[Dependency]
    """What it connects to outside the cluster: each is an address that its environment names."""
    calls: Sequence[str] = ()
    """Other applications that it sends requests to, by their label `app`."""
    serves_clients: bool
    """Whether the ingress controller leads clients' requests to it."""


APPLICATIONS = (
    ApplicationTraffic(
        app=names.BACKEND_RELAYER,
        port=ports.BACKEND_PORT,
        needs=("database", "cache", "rpc"),
        # Intents that were taken in go on to the auction.
        calls=(names.BACKEND_COORDINATOR,),
        serves_clients=True,
    ),
    ApplicationTraffic(
        app=names.BACKEND_COORDINATOR,
        port=ports.BACKEND_PORT,
        needs=("database", "cache", "rpc"),
        serves_clients=False,
    ),
    ApplicationTraffic(
        app=names.WEBSOCKET_SERVER,
        port=ports.WEBSOCKET_PORT,
        needs=("database", "cache", "rpc"),
        serves_clients=True,
    ),
)
"""Every workload of namespace `intendly`. A job that is added there needs an entry of its own."""
