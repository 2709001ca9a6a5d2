"""Kubernetes' own programs as services: etcd, API server, controllers, scheduler, and kwok for nodes and pods."""

import ipaddress
import json
import socket
import ssl
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from localcloud.builder import kwok_stages
from localcloud.certificates import Authority, kubeconfig
from localcloud.kube_api import KubeApi
from localcloud.paths import LOOPBACK, Paths, write
from localcloud.processes import Service

TOKEN_CACHE = "10s"  # noqa: S105 - a duration
"""How long the API server trusts the webhook's last answer; EKS takes longer, a test should not wait for it."""

PortOf = Callable[[str], int]
"""The port of a service, by its name."""


def listens(port: int) -> bool:
    """Whether somebody answers on a port of loopback."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=1):
            return True
    except OSError:
        return False


def healthy(url: str) -> bool:
    """Whether a health address answers with success; its certificate is its own."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with urllib.request.urlopen(url, timeout=2, context=context):  # noqa: S310 - an address of our own
            return True
    except OSError:
        return False


@dataclass(frozen=True, kw_only=True)
class ControlPlane:
    """Command lines of one stack's control plane; ``service_cidr`` is where Services get their addresses."""

    paths: Paths
    port: PortOf
    service_cidr: str

    @property
    def endpoint(self) -> str:
        """The API server's address."""
        return f"https://{LOOPBACK}:{self.port('kube-apiserver')}"

    @property
    def pki(self) -> Path:
        """The folder of the certificates."""
        return self.paths.state / "pki"

    def api(self) -> KubeApi:
        """A client with the administrator's certificate."""
        return KubeApi(self.endpoint, self.pki)

    def write_credentials(self) -> None:
        """Certificates where they are missing, and the kubeconfigs of everybody who speaks to the API server."""
        authority = Authority(self.pki)
        authority.issue_all(str(ipaddress.ip_network(self.service_cidr)[1]))
        write(self.paths.kubeconfig, authority.kubeconfig("admin", self.endpoint), 0o600)
        for client in ("kube-controller-manager", "kube-scheduler", "kwok"):
            write(self._kubeconfig_of(client), authority.kubeconfig(client, self.endpoint), 0o600)
        webhook = kubeconfig({"server": f"http://{LOOPBACK}:{self.port('token-webhook')}/"}, {})
        write(self._webhook_config, json.dumps(webhook))

    def services(self) -> list[Service]:
        """All of them, in the order in which they start; the token webhook is moto's neighbour."""
        return [self._etcd(), self._apiserver(), self._controllers(), self._scheduler(), self._kwok()]

    @property
    def _webhook_config(self) -> Path:
        """Named after its port: another port is another command line, and so restarts the API server."""
        return self.pki / f"token-webhook-{self.port('token-webhook')}.kubeconfig"

    def _binary(self, name: str) -> str:
        return str(self.paths.bin / name)

    def _kubeconfig_of(self, client: str) -> Path:
        return self.pki / f"{client}.kubeconfig"

    def _etcd(self) -> Service:
        client, peer = (f"http://{LOOPBACK}:{self.port(name)}" for name in ("etcd", "etcd-peer"))
        command = [
            self._binary("etcd"),
            f"--data-dir={self.paths.state / 'data' / 'etcd'}",
            f"--listen-client-urls={client}",
            f"--advertise-client-urls={client}",
            f"--listen-peer-urls={peer}",
            f"--initial-advertise-peer-urls={peer}",
            f"--initial-cluster=default={peer}",
            # A process that dies loses nothing by this; only a machine that dies does.
            "--unsafe-no-fsync",
            "--log-level=warn",
        ]
        return Service(name="etcd", command=command, ready=lambda: healthy(f"{client}/readyz"))

    def _apiserver(self) -> Service:
        pki = self.pki
        command = [
            self._binary("kube-apiserver"),
            f"--bind-address={LOOPBACK}",
            f"--advertise-address={LOOPBACK}",
            f"--secure-port={self.port('kube-apiserver')}",
            # Its own address is loopback, which the Endpoints of Service kubernetes may not name.
            "--endpoint-reconciler-type=none",
            f"--etcd-servers=http://{LOOPBACK}:{self.port('etcd')}",
            f"--service-cluster-ip-range={self.service_cidr}",
            f"--tls-cert-file={pki / 'apiserver.crt'}",
            f"--tls-private-key-file={pki / 'apiserver.key'}",
            f"--client-ca-file={pki / 'ca.crt'}",
            # No aggregated API runs here; without these the other programs log an error every few seconds.
            f"--requestheader-client-ca-file={pki / 'ca.crt'}",
            "--requestheader-allowed-names=front-proxy-client",
            f"--authentication-token-webhook-config-file={self._webhook_config}",
            "--authentication-token-webhook-version=v1",
            f"--authentication-token-webhook-cache-ttl={TOKEN_CACHE}",
            "--authorization-mode=Node,RBAC",
            "--enable-admission-plugins=NodeRestriction",
            "--allow-privileged=true",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-key-file={pki / 'service-account.key'}",
            f"--service-account-signing-key-file={pki / 'service-account.key'}",
        ]
        return Service(name="kube-apiserver", command=command, ready=lambda: self.api().ready())

    def _controllers(self) -> Service:
        pki = self.pki
        arguments = [
            f"--service-cluster-ip-range={self.service_cidr}",
            f"--root-ca-file={pki / 'ca.crt'}",
            f"--cluster-signing-cert-file={pki / 'ca.crt'}",
            f"--cluster-signing-key-file={pki / 'ca.key'}",
            f"--service-account-private-key-file={pki / 'service-account.key'}",
            "--use-service-account-credentials=true",
        ]
        return self._component("kube-controller-manager", arguments)

    def _scheduler(self) -> Service:
        return self._component("kube-scheduler", [])

    def _component(self, name: str, arguments: list[str]) -> Service:
        port = self.port(name)
        credentials = self._kubeconfig_of(name)
        command = [
            self._binary(name),
            f"--bind-address={LOOPBACK}",
            f"--secure-port={port}",
            f"--cert-dir={self.pki / name}",
            f"--kubeconfig={credentials}",
            # Said here too, so that another address restarts the program.
            f"--master={self.endpoint}",
            f"--authentication-kubeconfig={credentials}",
            f"--authorization-kubeconfig={credentials}",
            "--leader-elect=false",
            *arguments,
        ]
        url = f"https://{LOOPBACK}:{port}/healthz"
        return Service(name=name, command=command, ready=lambda: healthy(url))

    def _kwok(self) -> Service:
        address = f"{LOOPBACK}:{self.port('kwok')}"
        command = [
            self._binary("kwok"),
            f"--kubeconfig={self._kubeconfig_of('kwok')}",
            f"--master={self.endpoint}",
            f"--config={kwok_stages(self.paths)}",
            "--manage-all-nodes=false",
            "--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake",
            f"--server-address={address}",
            "--node-lease-duration-seconds=40",
        ]
        return Service(name="kwok", command=command, ready=lambda: healthy(f"http://{address}/healthz"))
