"""The ways in: every host has its certificate, its name and its limits."""

from collections.abc import Iterator

from policies.graph import Graph, Node
from policies.kubernetes import (
    CERTIFICATE,
    CLUSTER_ISSUER,
    INGRESS,
    INGRESS_CLASS,
    RELEASE,
    SERVICE,
    named,
    section,
)
from policies.rule import Rule, Scene, Severity, rule
from policies.values import Record

RECORD = "aws:route53/record:Record"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"

ANNOTATION = "nginx.ingress.kubernetes.io"
LIMITS = ("limit-rps", "limit-connections")
"""Requests a second, and at once, of one client."""
ACME = {
    "letsencrypt": "https://acme-v02.api.letsencrypt.org/directory",
    "letsencrypt-staging": "https://acme-staging-v02.api.letsencrypt.org/directory",
}
"""Let's Encrypt's directories by the setting `certificates.issuer`."""
WEBSOCKET_PATH = "/ws"
TRAEFIK = "traefik"


@rule(
    "ingress-complete",
    INGRESS,
    source="Kyverno ingress-host-match-tls, unique-ingress-host-and-path",
)
def complete(ingress: Node, scene: Scene) -> Iterator[str]:
    """A host without a certificate, a name or a backend is a page that nobody can open; without limits, anybody's."""
    hosts = [str(one.at("host") or "") for one in ingress.records("spec", "rules")]
    if not hosts or "" in hosts:
        yield "a rule takes every host"
    for host in (one for one in hosts if one):
        yield from _certified(ingress, host, scene.graph)
        if not _resolves(scene.graph, host):
            yield f"no record leads {host} to the load balancer"
    for host, path in _paths(ingress):
        twins = [
            one.name for one in scene.graph.of(INGRESS) if one != ingress and (host, path) in _paths(one)
        ]
        yield from (f"{twin} takes {host}{path} too" for twin in twins)
    yield from _leads(ingress, scene.graph)
    for limit in LIMITS:
        if not _positive(ingress, limit):
            yield f"no {limit}: one client may take all there is"


def _certified(ingress: Node, host: str, graph: Graph) -> Iterator[str]:
    secrets = [one.at("secretName") for one in ingress.records("spec", "tls") if host in one.texts("hosts")]
    if not secrets:
        yield f"{host} has no TLS entry"
    namespace = ingress.kubernetes_name[0]
    for secret in secrets:
        found = [
            one
            for one in graph.of(CERTIFICATE)
            if one.kubernetes_name[0] == namespace and one.at("spec", "secretName") == secret
        ]
        if not any(host in one.texts("spec", "dnsNames") for one in found):
            yield f"no Certificate for {host} makes the Secret {secret}"


def _resolves(graph: Graph, host: str) -> bool:
    return any(
        one.at("name") == host
        and (graph.sources(one, "aliases", BALANCER) or graph.sources(one, "records", BALANCER))
        for one in graph.of(RECORD)
        # The names of validations come from the certificate; they are no hosts.
        if one.knows("name")
    )


def _paths(ingress: Node) -> Iterator[tuple[str, str]]:
    for one in ingress.records("spec", "rules"):
        for path in one.records("http", "paths"):
            yield str(one.at("host")), str(path.at("path"))


def _leads(ingress: Node, graph: Graph) -> Iterator[str]:
    """Where its paths lead: to a Service's port, and by a class that somebody serves."""
    if named(graph, "", ingress.at("spec", "ingressClassName"), INGRESS_CLASS) is None:
        yield "its class is not in the program: no controller takes it"
    namespace = ingress.kubernetes_name[0]
    for rule_ in ingress.records("spec", "rules"):
        for path in rule_.records("http", "paths"):
            backend = section(path, "backend", "service")
            if path.at("pathType") != "Prefix":
                yield f"{path.at('path')} is no prefix"
            if not _is_there(graph, namespace, backend):
                yield f"{path.at('path')} leads to no port of a Service"


def _is_there(graph: Graph, namespace: str, backend: Record) -> bool:
    name, port = str(backend.at("name")), backend.at("port", "number")
    service = named(graph, namespace, name, SERVICE)
    if service is not None:
        return port in [one.at("port") for one in service.records("spec", "ports")]
    # A chart's Services carry its release's name in front.
    return any(
        one.at("namespace") == namespace and name.startswith(f"{one.at('name')}-")
        for one in graph.of(RELEASE)
    )


def _positive(ingress: Node, annotation: str) -> bool:
    text = str(ingress.at("metadata", "annotations", f"{ANNOTATION}/{annotation}") or "")
    return text.isdecimal() and int(text) > 0


@rule("ingress-websocket-sticks", INGRESS)
def websocket_sticks(ingress: Node, _: Scene) -> Iterator[str]:
    """A client's WebSockets belong to one pod, and may be silent for longer than the controller's minute."""
    if WEBSOCKET_PATH not in [path for _, path in _paths(ingress)]:
        return
    if not ingress.at("metadata", "annotations", f"{ANNOTATION}/upstream-hash-by"):
        yield "a client reaches another pod with every connection (upstream-hash-by)"
    for way in ("proxy-read-timeout", "proxy-send-timeout"):
        if not _positive(ingress, way):
            yield f"a silent WebSocket is cut after a minute ({way})"


@rule("ingress-issuer", CERTIFICATE)
def issuer(certificate: Node, scene: Scene) -> Iterator[str]:
    """A test certificate is refused by every browser, and a real issuer's limits are used up by a stack in the making."""
    name = certificate.at("spec", "issuerRef", "name")
    found = named(scene.graph, "", name, CLUSTER_ISSUER)
    if found is None or certificate.at("spec", "issuerRef", "kind") != "ClusterIssuer":
        yield "its issuer is not in the program"
        return
    if found.at("spec", "acme", "server") != ACME[scene.settings.certificates.issuer]:
        yield f"its issuer is not {scene.settings.certificates.issuer}"
    if not found.at("spec", "acme", "email"):
        yield "nobody is told when its certificates run out"
    if not found.records("spec", "acme", "solvers"):
        yield "its issuer has no way to prove who it is"
    if certificate.at("spec", "privateKey", "rotationPolicy") != "Always":
        yield "its private key is never changed"


@rule("ingress-certificate-renews", CERTIFICATE, severity=Severity.MEDIUM)
def renews(certificate: Node, _: Scene) -> Iterator[str]:
    """A key that every client can check, and a Secret with a name: cert-manager renews nothing else by itself."""
    key = section(certificate, "spec", "privateKey")
    weakest = {"ECDSA": 256, "RSA": 2048}.get(str(key.at("algorithm")), 0)
    if not weakest or (key.at("size") or 0) < weakest:
        yield "its key is of no known kind or too short"
    if not certificate.texts("spec", "dnsNames"):
        yield "it is for no host"


def controllers(graph: Graph) -> Iterator[Node]:
    """The releases of the ingress controller."""
    return (one for one in graph.of(RELEASE) if one.at("chart") == TRAEFIK)


STRICT: dict[tuple[str, ...], tuple[object, str]] = {
    ("api", "dashboard"): (False, "its dashboard shows every route"),
    ("tlsOptions", "default", "minVersion"): ("VersionTLS12", "it speaks outdated TLS"),
    ("tlsOptions", "default", "sniStrict"): (True, "it answers for hosts that it has no certificate of"),
    ("core", "strictTLSOptions"): (True, "a connection may choose another host's TLS options"),
    ("providers", "kubernetesIngressNGINX", "enabled"): (True, "it reads no Ingress"),
    ("providers", "kubernetesIngressNGINX", "disableSvcExternalName"): (
        True,
        "a Service may lead it to any address",
    ),
    ("ports", "web", "http", "redirections", "entryPoint", "to"): ("websecure", "plain HTTP is answered"),
    ("ports", "web", "http", "redirections", "entryPoint", "scheme"): ("https", "plain HTTP is answered"),
    ("service", "spec", "externalTrafficPolicy"): ("Local", "it does not see who calls: limits are for all"),
    ("accessLog", "enabled"): (True, "nobody knows who called"),
    ("accessLog", "fields", "queryParameters", "defaultMode"): ("drop", "its log keeps what clients ask"),
}
"""What the chart's values must say, and what happens otherwise."""


@rule("ingress-controller-strict", controllers, severity=Severity.HIGH)
def controller_strict(release: Node, _: Scene) -> Iterator[str]:
    """Everything from outside passes it: what it lets through or shows, everybody gets."""
    for path, (wanted, otherwise) in STRICT.items():
        if release.at("values", *path) != wanted:
            yield f"{otherwise} ({'.'.join(path)})"


RULES: tuple[Rule, ...] = (complete, websocket_sticks, issuer, renews, controller_strict)
