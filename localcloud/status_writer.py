"""A stand-in for Traefik's ingress status: gives every Ingress of class nginx the load balancer's address.

No controller runs here, and the engine waits until an Ingress has an address. Run as
``python -m localcloud.status_writer STATE_FOLDER ENDPOINT``.
"""

import sys
import time
from pathlib import Path
from typing import Any

from localcloud.kube_api import ApiError, Json, KubeApi
from localcloud.paths import read_json

CLASS = "nginx"
INGRESSES = "/apis/networking.k8s.io/v1"
WATCH_S = 300
RETRY_S = 1.0


def load_balancer(ledger: dict[str, Any]) -> str:
    """The name of the stack's network load balancer; ``localhost`` while there is none."""
    for resource in ledger.get("resources", []):
        if resource["type"] == "aws:lb/loadBalancer:LoadBalancer":
            return str(resource["outputs"]["dnsName"])
    return "localhost"


def wanted_status(ingress: Json, hostname: str) -> Json | None:
    """The status that an Ingress lacks; none where it is complete or of another class."""
    if ingress["spec"].get("ingressClassName") != CLASS:
        return None
    wanted = {"loadBalancer": {"ingress": [{"hostname": hostname}]}}
    current = ingress.get("status", {}).get("loadBalancer", {}).get("ingress", [])
    return None if [address.get("hostname") for address in current] == [hostname] else {"status": wanted}


def _follow(api: KubeApi, state: Path) -> None:
    """Write the status of every Ingress that appears or changes, until the watch ends."""
    for event in api.watch(f"{INGRESSES}/ingresses", WATCH_S):
        if event["type"] not in ("ADDED", "MODIFIED"):
            continue
        ingress, hostname = event["object"], load_balancer(read_json(state / "aws.json"))
        if status := wanted_status(ingress, hostname):
            name, namespace = ingress["metadata"]["name"], ingress["metadata"]["namespace"]
            api.patch(f"{INGRESSES}/namespaces/{namespace}/ingresses/{name}/status", status)
            print(f"stand-in for Traefik: {namespace}/{name} is at {hostname}", flush=True)  # noqa: T201 - the log


def main() -> None:
    """Run until the process is ended; an API server that is away is waited for."""
    state, endpoint = Path(sys.argv[1]), sys.argv[2]
    api = KubeApi(endpoint, state / "pki", "status-writer")
    while True:
        try:
            _follow(api, state)
        except (OSError, ApiError, ValueError) as error:
            print(f"the API server is away: {error}", flush=True)  # noqa: T201 - the log
        time.sleep(RETRY_S)


if __name__ == "__main__":
    main()
