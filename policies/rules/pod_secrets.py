"""Secrets of pods: never written down, and there before anybody asks for them."""

import re
from collections import Counter
from collections.abc import Iterator
from math import log2

from policies.graph import Graph, Node
from policies.kubernetes import (
    CERTIFICATE,
    CONFIG_MAP,
    EXTERNAL_SECRET,
    INGRESS,
    RELEASE,
    SECRET,
    SECRET_STORE,
    SERVICE_ACCOUNT,
    WORKLOADS,
    containers,
    named,
    pod_spec,
    section,
    variables,
)
from policies.rule import Rule, Scene, Severity, rule
from policies.values import Items, Record

SECRET_NAME = re.compile(
    r"(password|passwd|secret|token|api[-_]?key|private[-_]?key|credential|mnemonic|signing[-_]?key|webhook[-_]?url)$",
    re.IGNORECASE,
)
"""How the name of a secret ends. References end otherwise: `existingSecret` names one, `…_file` is a path."""
NO_SECRETS = frozenset({"existingSecret", "automountServiceAccountToken", "privateKeySecret"})

SHORTEST = 24
"""Characters of the shortest random text that is looked at; a random password has 48."""
RANDOM_BITS = 4.3
"""Bits a character from which a text counts as random: 48 random letters and digits have about 5, words below 4."""
RANDOM = re.compile(r"[A-Za-z0-9+/=_-]+")
"""Of nothing else is a password or key made; addresses, expressions and sentences have other characters."""

RANDOM_SOURCES = (
    "random:index/randomPassword:RandomPassword",
    "aws:secretsmanager/secretVersion:SecretVersion",
)
"""What a secret may come from; none of it may flow into what anybody may read."""

CERTIFICATE_KEYS = frozenset({"tls.crt", "tls.key", "ca.crt"})


@rule(
    "secrets-not-literal",
    *WORKLOADS,
    CONFIG_MAP,
    RELEASE,
    severity=Severity.CRITICAL,
    source="CKV_AWS_46, kube-linter env-var-secret",
)
def not_literal(node: Node, scene: Scene) -> Iterator[str]:
    """What stands in an object's text is read by everybody who may look at objects, and stays in every backup of them."""
    for key in ("spec", "data", "values"):
        if scene.graph.sources(node, key, *RANDOM_SOURCES):
            yield f"a password flows into {key}"
    for container in containers(node):
        for name, entry in variables(container):
            if entry.has("value") and _is_secret(name, entry, "value"):
                yield f"{container.at('name')}: the variable {name} is written out"
    for key in ("data", "values"):
        yield from (f"{path} is written out" for path in _written(section(node, key), key))


def _written(record: Record, path: str) -> Iterator[str]:
    """Paths of texts in a tree that are secrets."""
    for key in record:
        here = f"{path}.{key}"
        if not record.knows(key):
            # Nobody's password: those would have been found by where they come from.
            continue
        value = record[key]
        if isinstance(value, Record):
            yield from _written(value, here)
        elif isinstance(value, Items):
            for place, one in enumerate(value):
                if isinstance(one, Record):
                    yield from _written(one, f"{here}.{place}")
        elif _is_secret(key, record, key):
            yield here


def _is_secret(name: str, record: Record, key: str) -> bool:
    if SECRET_NAME.search(name) and name not in NO_SECRETS and not isinstance(record.raw[key], bool):
        return True
    if not record.knows(key):
        return False
    text = str(record.at(key))
    return len(text) >= SHORTEST and bool(RANDOM.fullmatch(text)) and _bits(text) > RANDOM_BITS


def _bits(text: str) -> float:
    """Entropy of a character, in bits."""
    return -sum(count / len(text) * log2(count / len(text)) for count in Counter(text).values())


Need = tuple[str, str]
"""A Secret's name, and a key in it or an empty text."""


@rule("secrets-covered", *WORKLOADS, INGRESS, SERVICE_ACCOUNT, RELEASE, source="kube-linter env-value-from")
def covered(node: Node, scene: Scene) -> Iterator[str]:
    """A pod whose Secret is missing does not start, and shows it at three in the morning, when the old one is moved."""
    namespace = node.kubernetes_name[0] or str(node.at("namespace") or "")
    for name, key in sorted(set(_needs(node))):
        keys = _made(scene.graph, namespace, name)
        if keys is None:
            yield f"nothing makes the Secret {name}"
        elif key and key not in keys:
            yield f"the Secret {name} gets no key {key}"
    for container in containers(node):
        for entry in container.records("envFrom"):
            config = entry.at("configMapRef", "name")
            if config and named(scene.graph, namespace, config, CONFIG_MAP) is None:
                yield f"nothing makes the ConfigMap {config}"


def _needs(node: Node) -> Iterator[Need]:
    for container in containers(node):
        for _, entry in variables(container):
            reference = section(entry, "valueFrom", "secretKeyRef")
            if reference:
                yield str(reference.at("name")), str(reference.at("key"))
        for entry in container.records("envFrom"):
            yield from _only(entry.at("secretRef", "name"))
    for volume in pod_spec(node).records("volumes"):
        yield from _only(volume.at("secret", "secretName"))
    for tls in node.records("spec", "tls"):
        yield from _only(tls.at("secretName"))
    for one in (*pod_spec(node).records("imagePullSecrets"), *node.records("imagePullSecrets")):
        yield from _only(one.at("name"))
    if node.type == RELEASE:
        yield from _of_release(node)


def _of_release(release: Node) -> Iterator[Need]:
    """What the charts' values name: Grafana's administrator, Alertmanager's receivers."""
    admin = release.at("values", "grafana", "admin", "existingSecret")
    if admin:
        yield from ((str(admin), key) for key in ("admin-user", "admin-password"))
    for name in release.texts("values", "alertmanager", "alertmanagerSpec", "secrets"):
        yield name, ""


def _only(name: object) -> Iterator[Need]:
    if name:
        yield str(name), ""


def _made(graph: Graph, namespace: str, name: str) -> frozenset[str] | None:
    """The keys of a Secret that the program makes; None if it makes none of this name."""
    for one in graph.of(EXTERNAL_SECRET, CERTIFICATE, SECRET):
        if one.kubernetes_name[0] != namespace:
            continue
        if one.type == CERTIFICATE and one.at("spec", "secretName") == name:
            return CERTIFICATE_KEYS
        if one.type == EXTERNAL_SECRET and one.at("spec", "target", "name") == name:
            return frozenset(str(entry.at("secretKey")) for entry in one.records("spec", "data"))
        if one.type == SECRET and one.kubernetes_name[1] == name:
            return frozenset((*section(one, "data"), *section(one, "stringData")))
    return None


@rule("secrets-store-answers", EXTERNAL_SECRET)
def store_answers(secret: Node, scene: Scene) -> Iterator[str]:
    """A Secret that is never read anew keeps a rotated password for ever, and one whose source is refused never comes."""
    store = named(scene.graph, "", secret.at("spec", "secretStoreRef", "name"), SECRET_STORE)
    if store is None:
        yield "its store is not in the program"
    else:
        allowed = [one for entry in store.records("spec", "conditions") for one in entry.texts("namespaces")]
        if secret.kubernetes_name[0] not in allowed:
            yield "its store does not serve this namespace by name"
    if secret.at("spec", "refreshInterval") in (None, "0", "0s", "0m"):
        yield "it is never read anew (refreshInterval)"
    if secret.at("spec", "target", "creationPolicy") != "Owner":
        yield "its Secret has no owner (creationPolicy)"
    if secret.at("spec", "target", "deletionPolicy") != "Retain":
        yield "its Secret goes when the source cannot be read (deletionPolicy)"


RULES: tuple[Rule, ...] = (not_literal, covered, store_answers)
