"""Secrets of the program: marked wherever they flow, and changed before they are old."""

import re
from collections.abc import Iterator
from typing import cast

from policies.graph import SECRET_MARKS, Graph, Node
from policies.kubernetes import SECRET
from policies.reach import CACHE, CLUSTER, DATABASE
from policies.rule import PRODUCTION, Level, Rule, Scene, Severity, rule
from policies.values import Items, Raw, Record

SOURCES = (
    "random:index/randomPassword:RandomPassword",
    "tls:index/privateKey:PrivateKey",
    "aws:iam/accessKey:AccessKey",
)
"""What makes secrets."""

VERSION = "aws:secretsmanager/secretVersion:SecretVersion"
STORED = "aws:secretsmanager/secret:Secret"
ROTATION = "aws:secretsmanager/secretRotation:SecretRotation"

KEPT = {
    VERSION: ("secretString", "secretBinary"),
    SECRET: ("data", "stringData"),
    DATABASE: ("password",),
    CACHE: ("authToken",),
    "aws:elasticache/user:User": ("passwords", "authenticationMode"),
}
"""Properties that hold a secret, whatever they come from."""

SECRET_OUTPUT = re.compile(r"password|token|private_?key|kube_?config", re.IGNORECASE)

ROTATION_DAYS = 90
RECOVERY_DAYS = 7
"""Days in which a deleted secret can be had back in production, at least."""


@rule(
    "secrets-stay-secret",
    *SOURCES,
    *KEPT,
    CLUSTER,
    severity=Severity.CRITICAL,
    source="pulumi-policy #241: a policy pack cannot see it",
    needs=[SECRET_MARKS],
    may_wait="a recording marks what it knows",
)
def stay_secret(node: Node, scene: Scene) -> Iterator[str]:
    """What comes from a password is marked secret in every input and output: else state, logs and previews show it."""
    graph = scene.graph
    if node.type in SOURCES:
        for user, key in _flows(node, graph):
            if not _marked(user, key):
                yield f"it flows into {user.name}, whose {key} is not marked secret"
    for key in KEPT.get(node.type, ()):
        if node.has(key) and not _marked(node, key):
            yield f"{key} is not marked secret"
    if node.type == CLUSTER:
        yield from _shown(graph.outputs, graph)


def _flows(source: Node, graph: Graph) -> Iterator[tuple[Node, str]]:
    for user in graph.nodes:
        for key, urns in user.property_dependencies.items():
            if source.urn in urns:
                yield user, key


def _marked(node: Node, key: str) -> bool:
    """Whether a property holds something that is marked.

    Raises:
        Undecided: it does not, but something in it is not known yet.
    """
    if any(path[0] == key for path in node.secret_paths):
        return True
    _read(node.at(key))
    return False


def _read(value: object) -> None:
    """Read a value to its last leaf."""
    if isinstance(value, Record):
        for key in value:
            _read(value[key])
    elif isinstance(value, Items):
        for one in value:
            _read(one)


def _shown(outputs: Record, graph: Graph) -> Iterator[str]:
    """Outputs that are called like a secret and are none."""
    for name in outputs:
        found = [name, *_keys(outputs.raw[name])]
        if name not in graph.secret_outputs and any(map(SECRET_OUTPUT.search, found)):
            yield f"the stack's output {name} is, or holds, what is called a secret, and is not marked as one"


def _keys(value: object) -> Iterator[str]:
    for key, inner in cast("Raw", value).items() if isinstance(value, dict) else ():
        yield key
        yield from _keys(inner)


@rule(
    "secrets-rotated",
    STORED,
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    source="CKV2_AWS_57, CKV_AWS_304",
)
def rotated(secret: Node, scene: Scene) -> Iterator[str]:
    """What somebody copied months ago must not open anything today.

    Where AWS does not rotate a secret, the operators do: then the program leaves its value alone (`ignoreChanges`).
    """
    rotations = scene.graph.users(secret, "secretId", ROTATION)
    soon = [one.at("rotationRules", "automaticallyAfterDays") or ROTATION_DAYS + 1 for one in rotations]
    versions = scene.graph.users(secret, "secretId", VERSION)
    by_operators = any("secretString" in one.options.ignore_changes for one in versions)
    if min(soon, default=ROTATION_DAYS + 1) > ROTATION_DAYS and not by_operators:
        yield f"nothing rotates it every {ROTATION_DAYS} days, and its value is the program's"
    window = secret.at("recoveryWindowInDays")
    if scene.environment == PRODUCTION and window is not None and window < RECOVERY_DAYS:
        yield f"recoveryWindowInDays is below {RECOVERY_DAYS}: once deleted it is lost"


RULES: tuple[Rule, ...] = (stay_secret, rotated)
