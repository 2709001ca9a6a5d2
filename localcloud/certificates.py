"""The control plane's own authority, its certificates and the kubeconfigs made of them."""

import base64
import datetime as dt
import ipaddress
import json
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from localcloud.paths import LOOPBACK, write

VALIDITY = dt.timedelta(days=3650)
"""Longer than any local cloud lives; the authority is this checkout's own and its key never leaves the folder."""

ADMINISTRATORS = "system:masters"
"""The group that may do everything, as in every Kubernetes."""

CLIENTS = {
    "admin": ADMINISTRATORS,
    "kwok": ADMINISTRATORS,
    "status-writer": ADMINISTRATORS,
    "kube-controller-manager": "system:kube-controller-manager",
    "kube-scheduler": "system:kube-scheduler",
}
"""Client certificates by name, each with its group; the control plane's parts are users of that name instead."""


class Authority:
    """The certificate authority of one stack's control plane, kept in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._key, self._certificate = self._load_or_make("ca", None, None)

    def issue_all(self, service_address: str) -> None:
        """Make what is missing: the API server's certificate, the clients' and the key that signs their tokens."""
        names = ["localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc"]
        self._load_or_make("apiserver", _name("kube-apiserver"), [*names, LOOPBACK, service_address])
        for client, group in CLIENTS.items():
            own = group.removeprefix("system:") == client
            self._load_or_make(client, _name(group) if own else _name(client, group), None)
        if not self.path("service-account.key").exists():
            key = ec.generate_private_key(ec.SECP256R1())
            write(self.path("service-account.key"), _private(key), 0o600)

    def path(self, file: str) -> Path:
        """A file of the authority, ``ca.crt`` or ``admin.key``."""
        return self.folder / file

    def encoded(self, file: str) -> str:
        """A file's content as base64, as kubeconfigs carry it."""
        return base64.b64encode(self.path(file).read_bytes()).decode()

    def kubeconfig(self, client: str, server: str) -> str:
        """A kubeconfig (JSON, which kubectl reads too) that lets ``client`` in by its certificate."""
        user = {
            "client-certificate-data": self.encoded(f"{client}.crt"),
            "client-key-data": self.encoded(f"{client}.key"),
        }
        cluster = {"server": server, "certificate-authority-data": self.encoded("ca.crt")}
        return json.dumps(kubeconfig(cluster, user), indent=1)

    def _load_or_make(
        self, name: str, subject: x509.Name | None, hosts: list[str] | None
    ) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
        """A key and its certificate, from the folder when they are there; the authority's own without a subject."""
        if self.path(f"{name}.crt").exists():
            key = serialization.load_pem_private_key(self.path(f"{name}.key").read_bytes(), password=None)
            if not isinstance(key, ec.EllipticCurvePrivateKey):
                raise TypeError(f"{name}.key is not an elliptic curve key")
            return key, x509.load_pem_x509_certificate(self.path(f"{name}.crt").read_bytes())
        key = ec.generate_private_key(ec.SECP256R1())
        if subject is None:
            own = _name("intendly-local-cloud")
            certificate = _authority(own, key).sign(key, hashes.SHA256())
        else:
            issuer = self._certificate.subject
            certificate = _leaf(subject, issuer, key, hosts).sign(self._key, hashes.SHA256())
        write(self.path(f"{name}.key"), _private(key), 0o600)
        write(self.path(f"{name}.crt"), certificate.public_bytes(serialization.Encoding.PEM).decode())
        return key, certificate


def kubeconfig(cluster: dict[str, Any], user: dict[str, Any]) -> dict[str, Any]:
    """A kubeconfig of one cluster and one user."""
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "local", "cluster": cluster}],
        "users": [{"name": "local", "user": user}],
        "contexts": [{"name": "local", "context": {"cluster": "local", "user": "local"}}],
        "current-context": "local",
    }


def _name(common: str, organisation: str = "") -> x509.Name:
    attributes = [x509.NameAttribute(NameOID.COMMON_NAME, common)]
    if organisation:
        attributes.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation))
    return x509.Name(attributes)


def _private(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    ).decode()


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer)
    builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
    return builder.not_valid_before(now - dt.timedelta(minutes=5)).not_valid_after(now + VALIDITY)


def _authority(name: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    constraints = x509.BasicConstraints(ca=True, path_length=0)
    return _builder(name, name, key).add_extension(constraints, critical=True)


def _leaf(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, hosts: list[str] | None
) -> x509.CertificateBuilder:
    """A server's certificate when there are hosts, else a client's."""
    builder = _builder(subject, issuer, key)
    usage = ExtendedKeyUsageOID.SERVER_AUTH if hosts else ExtendedKeyUsageOID.CLIENT_AUTH
    builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
    if hosts:
        builder = builder.add_extension(
            x509.SubjectAlternativeName([_alternative(host) for host in hosts]), critical=False
        )
    return builder


def _alternative(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
