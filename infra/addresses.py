"""Addresses of a stack, as network policies need them; policies ask for them without the cloud's SDKs."""

from ipaddress import IPv4Network
from urllib.parse import urlsplit

from components.subnets import zone_subnets
from components.traffic.declaration import Addresses
from infra.settings import StackSettings

HTTPS_PORT = 443
"""Of an address that names none."""


def addresses(settings: StackSettings) -> Addresses:
    """What network policies must know of the stack's addresses; all of it follows from the settings."""
    network = settings.network
    zones = [zone_subnets(network.cidr, zone_id) for zone_id in network.zones]
    return Addresses(
        clients=settings.ingress.access_cidrs,
        balancer=[str(zone.public) for zone in zones],
        data=[str(zone.data) for zone in zones],
        nodes=[str(zone.nodes) for zone in zones],
        control_plane=[str(zone.control_plane) for zone in zones],
        # Kubernetes gives its own Service the range's first address.
        api_service=str(IPv4Network(network.service_cidr)[1]),
        rpc_port=urlsplit(settings.chain.rpc_url).port or HTTPS_PORT,
    )
