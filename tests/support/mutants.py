"""Dangerous edits of a graph, made from a table: each weakens one thing of one resource."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from ipaddress import ip_network
from typing import Any, cast

from policies.graph import Graph, Node
from policies.kubernetes import DEPLOYMENT, EXTERNAL_SECRET, INGRESS, NETWORK_POLICY, RELEASE
from policies.values import UNKNOWN, Raw
from tests.support.policy_graph import Draft

Path = tuple[str | int, ...]
Change = Callable[[Draft], object]


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """One dangerous edit."""

    operator: str
    node: Node
    what: str
    """The place, and what becomes of it."""
    change: Change

    @property
    def place(self) -> str:
        """Type and place, by which survivors are explained."""
        return f"{self.node.type} {self.what}"

    def graph(self, base: Graph) -> Graph:
        """The graph after the edit."""
        draft = Draft(base)
        self.change(draft)
        return draft.graph()


ORPHAN = "no provider of its own"

Found = Iterator[tuple[str, Change]]
"""Descriptions and edits of one resource."""
Operator = Callable[[Node], Found]


def mutants(graph: Graph) -> Iterator[Mutant]:
    """Every mutant of a graph; a resource loses its provider once a type, for that is no property of its own."""
    orphans = set[str]()
    for name, operator in OPERATORS.items():
        for node in graph.nodes:
            for what, change in operator(node):
                if what == ORPHAN and node.type in orphans:
                    continue
                orphans |= {node.type} if what == ORPHAN else set()
                yield Mutant(operator=name, node=node, what=what, change=change)


def leaves(raw: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:  # noqa: ANN401 - JSON
    """Every value at the end of a path, and its path."""
    if isinstance(raw, dict):
        for key, value in cast("Raw", raw).items():
            yield from leaves(value, (*path, key))
    elif isinstance(raw, list):
        for place, value in enumerate(cast("list[Any]", raw)):
            yield from leaves(value, (*path, place))
    elif raw is not UNKNOWN:
        yield path, raw


def records(raw: Any, path: Path = ()) -> Iterator[tuple[Path, Raw]]:  # noqa: ANN401 - JSON
    """Every object in a tree, and its path."""
    if isinstance(raw, dict):
        yield path, cast("Raw", raw)
    for key, value in _members(raw):
        yield from records(value, (*path, key))


def _members(raw: Any) -> Iterator[tuple[str | int, Any]]:  # noqa: ANN401 - JSON
    if isinstance(raw, dict):
        yield from cast("Raw", raw).items()
    elif isinstance(raw, list):
        yield from enumerate(cast("list[Any]", raw))


def text(path: Path) -> str:
    """A path as people write it."""
    return ".".join(str(one) for one in path)


def put(node: Node, path: Path, to: Any) -> tuple[str, Change]:  # noqa: ANN401 - JSON
    """Give a value to a place; a secret's name stays out of the description, so values are shown only when short."""
    return f"{text(path)} = {json.dumps(to)}", lambda draft: draft.set(node, *path, to=to)


def drop(node: Node, path: Path) -> tuple[str, Change]:
    """Leave a place out; a whole property goes with the edges that came with it."""

    def change(draft: Draft) -> None:
        draft.unset(node, *path)
        if len(path) == 1:
            draft.unlink(node, str(path[0]))

    return f"{text(path)} left out", change


# What is weakened, operator by operator.


def flip(node: Node) -> Found:
    """Every boolean, also where a provider takes it as text."""
    for path, value in leaves(node.properties.raw):
        if isinstance(value, bool):
            yield put(node, path, not value)
        elif value in ("true", "false"):
            yield put(node, path, "false" if value == "true" else "true")


def unprotect(node: Node) -> Found:
    """Every option `protect`."""
    if node.options.protect:
        yield "protect dropped", lambda draft: draft.options(node, protect=False)


def unmark(node: Node) -> Found:
    """Every mark of secrecy."""
    for path in node.secret_paths:
        marks = node.secret_paths - {path}
        yield f"{text(path)} no longer secret", lambda draft, marks=marks: draft.marks(node, marks)


KEYS = (
    "kmsKeyId",
    "kmsKeyArn",
    "kmsMasterKeyId",
    "masterUserSecretKmsKeyId",
    "performanceInsightsKmsKeyId",
    "encryptionConfig",
)


def decrypt(node: Node) -> Found:
    """Every encryption key."""
    for path, _ in records(node.properties.raw):
        for key in KEYS:
            if (found := _at(node.properties.raw, (*path, key))) is not None:
                del found
                yield drop(node, (*path, key))


RETENTIONS = (
    "*etention*",
    "*InDays",
    "days",
    "deleteAfter",
    "daysAfter*",
    "noncurrentDays",
    "backupRetentionPeriod",
    "monitoringInterval",
)


def forget(node: Node) -> Found:
    """Every number of days that something is kept, and every snapshot's."""
    for path, value in leaves(node.properties.raw):
        number = isinstance(value, int) and not isinstance(value, bool)
        if number and any(fnmatch(str(path[-1]), one) for one in RETENTIONS):
            yield put(node, path, 0)


WORLD = "0.0.0.0/0"
PLAN = ("aws:ec2/subnet:", "aws:ec2/vpc:", "aws:ec2/subnetCidr", "aws:ec2/route:", "aws:eks/cluster:")
"""Where a range says what an address is, not who may connect."""


def open_range(node: Node) -> Found:
    """Every range of addresses that may connect, and every exclusion from one."""
    for path, value in leaves(node.properties.raw):
        if node.type.startswith(PLAN) or not isinstance(value, str) or not _is_range(value) or value == WORLD:
            continue
        if "except" not in path:
            yield put(node, path, WORLD)
    for path, raw in records(node.properties.raw):
        if "except" in raw:
            yield drop(node, (*path, "except"))


def _is_range(value: str) -> bool:
    try:
        return "/" in value and bool(ip_network(value))
    except ValueError:
        return False


def open_ports(node: Node) -> Found:
    """Every port that may be connected to."""
    if node.type.startswith("aws:vpc/securityGroup"):
        yield put(node, ("ipProtocol",), "-1")
        if node.properties.raw.get("fromPort") is not None:
            yield (
                "ports 0 to 65535",
                lambda draft: draft.set(node, "fromPort", to=0).set(node, "toPort", to=65535),
            )
        yield "from or to the world", lambda draft: _world(draft, node)
    if node.type == NETWORK_POLICY:
        for path, raw in records(node.properties.raw):
            if "ports" in raw:
                yield drop(node, (*path, "ports"))
            yield from (drop(node, (*path, key)) for key in ("from", "to") if key in raw)


def _world(draft: Draft, node: Node) -> None:
    if "referencedSecurityGroupId" in node.properties.raw:
        draft.unset(node, "referencedSecurityGroupId").unlink(node, "referencedSecurityGroupId")
    draft.set(node, "cidrIpv4", to=WORLD)


DOCUMENTS = ("policy", "assumeRolePolicy")


def widen_policy(node: Node) -> Found:
    """Every statement of every policy document: any action, any resource, anybody, under any condition."""
    for key in DOCUMENTS:
        document = node.properties.raw.get(key)
        if not node.type.startswith("aws:") or not isinstance(document, str):
            continue
        parsed: Raw = json.loads(document)
        for place, statement in enumerate(parsed["Statement"]):
            if statement["Effect"] == "Allow":
                yield from _widened(node, key, parsed, place)
            else:
                yield _document(node, key, parsed, place, None, "denied no more")


def _widened(node: Node, key: str, parsed: Raw, place: int) -> Found:
    statement: Raw = parsed["Statement"][place]
    for part, wide in (("Action", "*"), ("Resource", "*"), ("Principal", "*")):
        if part in statement and statement[part] != wide:
            yield _document(node, key, parsed, place, {**statement, part: wide}, f"{part} = *")
    if "Condition" in statement:
        without = {part: value for part, value in statement.items() if part != "Condition"}
        yield _document(node, key, parsed, place, without, "Condition left out")


def _document(  # noqa: PLR0913, PLR0917 - where, and what becomes of it
    node: Node, key: str, parsed: Raw, place: int, statement: Raw | None, what: str
) -> tuple[str, Change]:
    statements = [
        *parsed["Statement"][:place],
        *([statement] if statement else []),
        *parsed["Statement"][place + 1 :],
    ]
    document = json.dumps({**parsed, "Statement": statements})
    return f"{key} statement {place}: {what}", lambda draft: draft.set(node, key, to=document)


def reselect(node: Node) -> Found:
    """Every label that something is chosen by."""
    for path, value in leaves(node.properties.raw):
        if (
            node.type.startswith("kubernetes:")
            and node.type != RELEASE
            and ({"matchLabels", "selector"} & set(path))
        ):
            yield put(node, path, f"{value}-other")


CONTAINER = (
    "startupProbe",
    "readinessProbe",
    "livenessProbe",
    "lifecycle",
    "securityContext",
    "securityContext.capabilities",
    "resources",
    "resources.limits",
    "resources.limits.memory",
    "resources.limits.ephemeral-storage",
    "resources.requests.cpu",
    "resources.requests.memory",
    "resources.requests.ephemeral-storage",
)
POD = (
    "securityContext",
    "securityContext.seccompProfile",
    "securityContext.runAsNonRoot",
    "topologySpreadConstraints",
    "serviceAccountName",
    "terminationGracePeriodSeconds",
    "volumes.0.emptyDir.sizeLimit",
)


def weaken_pod(node: Node) -> Found:
    """Probes, limits, rights and images of pods."""
    if node.type != DEPLOYMENT:
        return
    pod: Path = ("spec", "template", "spec")
    image = node.properties.raw["spec"]["template"]["spec"]["containers"][0]["image"]
    for one in CONTAINER:
        yield drop(node, (*pod, "containers", 0, *one.split(".")))
    for one in POD:
        yield drop(node, (*pod, *(int(part) if part.isdecimal() else part for part in one.split("."))))
    for path, value in (
        (("containers", 0, "image"), image.partition("@")[0] + ":latest"),
        (("containers", 0, "image"), "docker.io/" + image),
        (("containers", 0, "securityContext", "privileged"), True),
        (("containers", 0, "securityContext", "capabilities", "add"), ["SYS_ADMIN"]),
        (("containers", 0, "livenessProbe", "httpGet"), {"path": "/health", "port": "http"}),
        (("containers", 0, "env", 0), {"name": "API_TOKEN", "value": "abc"}),
        (("hostNetwork",), True),
        (("hostPID",), True),
        (("volumes", 0), {"name": "tmp", "hostPath": {"path": "/"}}),
    ):
        yield put(node, (*pod, *path), value)
    for path in (
        ("spec", "strategy"),
        ("spec", "strategy", "rollingUpdate"),
        ("spec", "progressDeadlineSeconds"),
    ):
        yield drop(node, path)


BOUNDS: Mapping[str, tuple[tuple[str, object], ...]] = {
    DEPLOYMENT: (
        ("spec.strategy.rollingUpdate.maxUnavailable", "50%"),
        ("spec.strategy.rollingUpdate.maxSurge", 0),
        ("spec.strategy.type", "Recreate"),
        ("spec.revisionHistoryLimit", 0),
        ("spec.progressDeadlineSeconds", 3600),
        ("spec.template.spec.topologySpreadConstraints.0.maxSkew", 10),
        ("spec.replicas", 1),
    ),
    "kubernetes:policy/v1:PodDisruptionBudget": (
        ("spec.maxUnavailable", 0),
        ("spec.maxUnavailable", "100%"),
        ("spec.unhealthyPodEvictionPolicy", "IfHealthyBudget"),
    ),
    "kubernetes:autoscaling/v2:HorizontalPodAutoscaler": (
        ("spec.minReplicas", 0),
        ("spec.minReplicas", 50),
        ("spec.maxReplicas", 1),
        ("spec.maxReplicas", 500),
        ("spec.metrics.0.resource.target.averageUtilization", 0),
        ("spec.metrics.0.resource.target.averageUtilization", 100),
        ("spec.metrics.0.resource.name", "gpu"),
        ("spec.scaleTargetRef.name", "other"),
    ),
    "kubernetes:core/v1:ResourceQuota": (
        ("spec.hard.pods", "1"),
        ("spec.hard.requests.cpu", "1"),
        ("spec.hard.services.loadbalancers", "5"),
    ),
    "kubernetes:core/v1:Namespace": (
        ("metadata.labels.pod-security.kubernetes.io/enforce", "baseline"),
        ("metadata.labels.pod-security.kubernetes.io/enforce-version", "latest"),
    ),
    "aws:eks/nodeGroup:NodeGroup": (
        ("scalingConfig.maxSize", 2),
        ("scalingConfig.minSize", 0),
        ("updateConfig.maxUnavailablePercentage", 100),
        ("remoteAccess", {"ec2SshKey": "key"}),
        ("version", "1.30"),
        ("instanceTypes", ["t3.nano"]),
    ),
    "aws:ec2/launchTemplate:LaunchTemplate": (
        ("metadataOptions.httpTokens", "optional"),
        ("metadataOptions.httpPutResponseHopLimit", 2),
        ("keyName", "key"),
        ("blockDeviceMappings.0.ebs.volumeType", "gp2"),
    ),
    "aws:eks/cluster:Cluster": (
        ("version", "1.30"),
        ("accessConfig.authenticationMode", "CONFIG_MAP"),
        ("enabledClusterLogTypes", ["api"]),
        ("enabledClusterLogTypes", []),
        ("vpcConfig", {"endpointPrivateAccess": False, "endpointPublicAccess": True}),
    ),
    "aws:eks/addon:Addon": (("addonVersion", None), ("configurationValues", "{}")),
    "aws:rds/instance:Instance": (
        ("engineVersion", "16.5"),
        ("caCertIdentifier", "rds-ca-2019"),
        ("instanceClass", "db.t4g.micro"),
        ("enabledCloudwatchLogsExports", []),
        ("maxAllocatedStorage", 0),
        ("backupWindow", "03:00-23:00"),
        ("password", "hunter2"),
    ),
    "aws:rds/parameterGroup:ParameterGroup": (("parameters", []), ("family", "postgres13")),
    "aws:elasticache/replicationGroup:ReplicationGroup": (
        ("transitEncryptionMode", "preferred"),
        ("numCacheClusters", 1),
        ("snapshotRetentionLimit", 0),
    ),
    "aws:elasticache/user:User": (
        ("authenticationMode", {"type": "no-password-required"}),
        ("accessString", "on ~* +@all"),
    ),
    "aws:kms/key:Key": (("deletionWindowInDays", 7),),
    "aws:ec2/flowLog:FlowLog": (("trafficType", "REJECT"),),
    "aws:lb/listener:Listener": (("port", 5432), ("port", 22)),
    "aws:lb/targetGroup:TargetGroup": (("deregistrationDelay", 0), ("healthCheck.enabled", False)),
    "aws:cloudfront/distribution:Distribution": (
        ("viewerCertificate.minimumProtocolVersion", "TLSv1"),
        ("defaultCacheBehavior.viewerProtocolPolicy", "allow-all"),
        ("orderedCacheBehaviors.0.viewerProtocolPolicy", "allow-all"),
    ),
    "aws:cloudfront/originAccessControl:OriginAccessControl": (("signingBehavior", "never"),),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": (("rule.objectOwnership", "ObjectWriter"),),
    "aws:s3/bucketVersioning:BucketVersioning": (("versioningConfiguration.status", "Suspended"),),
    "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": (
        ("rule.defaultRetention.mode", "NONE"),
    ),
    "aws:budgets/budget:Budget": (("limitAmount", "10.0"), ("timeUnit", "ANNUALLY"), ("notifications", [])),
    "random:index/randomPassword:RandomPassword": (("length", 6),),
    "kubernetes:storage.k8s.io/v1:StorageClass": (
        ("parameters.encrypted", "false"),
        ("reclaimPolicy", "Retain"),
    ),
    "kubernetes:cert-manager.io/v1:Certificate": (
        ("spec.dnsNames", ["example.com"]),
        ("spec.issuerRef.name", "other"),
        ("spec.issuerRef.kind", "Issuer"),
        ("spec.privateKey.size", 128),
        ("spec.secretName", "other"),
    ),
    "kubernetes:cert-manager.io/v1:ClusterIssuer": (
        ("spec.acme.server", "https://example.com"),
        ("spec.acme.email", ""),
    ),
    "kubernetes:external-secrets.io/v1:ClusterSecretStore": (("spec.conditions", []),),
    EXTERNAL_SECRET: (
        ("spec.refreshInterval", "0"),
        ("spec.target.name", "other"),
        ("spec.target.deletionPolicy", "Delete"),
        ("spec.data", []),
        ("spec.secretStoreRef.name", "other"),
    ),
    "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicy": (
        ("spec.failurePolicy", "Ignore"),
        ("spec.matchConditions.0.expression", "false"),
        ("spec.validations.0.expression", "true"),
        ("spec.matchConstraints.resourceRules.0.operations", ["CREATE"]),
    ),
    "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicyBinding": (
        ("spec.validationActions", ["Audit"]),
        ("spec.policyName", "other"),
    ),
    "pulumi:providers:aws": (
        ("allowedAccountIds", '["999999999999"]'),
        ("region", None),
        ("defaultTags", "{}"),
    ),
}
"""Values that break a bound, a version or a mode, by type and place; None leaves the place out."""


def break_bound(node: Node) -> Found:
    """Numbers, versions and modes out of their bounds."""
    for place, value in BOUNDS.get(node.type, ()):
        path = _path(place)
        if value is None:
            if _at(node.properties.raw, path) is not None:
                yield drop(node, path)
        elif _at(node.properties.raw, path) != value and _at(node.properties.raw, path[:-1]) is not None:
            yield put(node, path, value)


_LABEL = "metadata.labels."
_HARD = "spec.hard."


def _path(place: str) -> Path:
    """A place as a path; labels and quotas have dots in their names."""
    for prefix in (_LABEL, _HARD):
        if place.startswith(prefix):
            return (*prefix.split(".")[:-1], place.removeprefix(prefix))
    return tuple(int(part) if part.isdecimal() else part for part in place.split("."))


def _at(raw: Any, path: Path) -> Any:  # noqa: ANN401 - JSON
    for key in path:
        try:
            raw = raw[key]
        except (KeyError, IndexError, TypeError):
            return None
    return raw


def weaken_ingress(node: Node) -> Found:
    """Every limit, certificate, host and backend of a way in."""
    if node.type != INGRESS:
        return
    for key in node.properties.raw["metadata"]["annotations"]:
        yield drop(node, ("metadata", "annotations", key))
    yield drop(node, ("spec", "tls"))
    rule: Path = ("spec", "rules", 0)
    for path, value in (
        (("spec", "tls", 0, "secretName"), "other"),
        (("spec", "tls", 0, "hosts"), ["example.com"]),
        (("spec", "ingressClassName"), "other"),
        ((*rule, "host"), "example.com"),
        ((*rule, "host"), ""),
        ((*rule, "http", "paths", 0, "backend", "service", "name"), "other"),
        ((*rule, "http", "paths", 0, "backend", "service", "port", "number"), 1),
        ((*rule, "http", "paths", 0, "pathType"), "Exact"),
    ):
        yield put(node, path, value)


def silence(node: Node) -> Found:
    """Every alert, route, receiver and monitor."""
    for path, raw in records(node.properties.raw):
        if "alert" in raw and "expr" in raw:
            yield put(node, (*path, "expr"), "vector(0) > missing_metric")
            yield from (drop(node, (*path, key)) for key in ("labels", "for", "annotations"))
        if "receiver" in raw and "alertmanager" in path:
            yield put(node, (*path, "receiver"), "nobody")
            if raw["receiver"] != "null":
                yield put(node, (*path, "receiver"), "null")
        for key in raw:
            if key.endswith(("_configs", "_file")) and "receivers" in path:
                yield (
                    drop(node, (*path, key))
                    if key.endswith("_configs")
                    else put(node, (*path, key), "/nowhere")
                )
    if node.type.endswith(":ServiceMonitor"):
        yield put(node, ("spec", "endpoints", 0, "port"), "other")
        yield put(node, ("spec", "namespaceSelector", "matchNames"), ["other"])
        yield drop(node, ("spec", "jobLabel"))


def widen_role(node: Node) -> Found:
    """Every rule and binding of the cluster's roles."""
    if node.type.startswith("kubernetes:rbac") and "rules" in node.properties.raw:
        for place, one in enumerate(node.properties.raw["rules"]):
            yield put(node, ("rules", place, "verbs"), ["*"])
            yield put(node, ("rules", place, "apiGroups"), ["*"])
            yield put(node, ("rules", place, "resources"), [*one["resources"], "secrets"])
            yield put(node, ("rules", place, "resources"), [*one["resources"], "pods/exec"])
            yield put(node, ("rules", place, "verbs"), [*one["verbs"], "escalate"])
    if node.type.startswith("kubernetes:rbac") and "subjects" in node.properties.raw:
        yield put(node, ("subjects", 0, "name"), "system:authenticated")
        yield put(node, ("roleRef", "name"), "cluster-admin")


GUARDS = (
    "aws:backup/*",
    "aws:budgets/*",
    "aws:cloudfront/originAccessControl:*",
    "aws:cloudfront/responseHeadersPolicy:*",
    "aws:cloudwatch/logGroup:*",
    "aws:ec2/defaultSecurityGroup:*",
    "aws:ec2/flowLog:*",
    "aws:ec2/subnetCidrReservation:*",
    "aws:eks/accessEntry:*",
    "aws:eks/accessPolicyAssociation:*",
    "aws:eks/addon:*",
    "aws:eks/podIdentityAssociation:*",
    "aws:rds/parameterGroup:*",
    "aws:route53/record:*",
    "aws:s3/bucketLifecycle*",
    "aws:s3/bucketObjectLock*",
    "aws:s3/bucketOwnership*",
    "aws:s3/bucketPolicy:*",
    "aws:s3/bucketPublic*",
    "aws:s3/bucketServerSide*",
    "aws:s3/bucketVersioning:*",
    "kubernetes:admissionregistration*",
    "kubernetes:autoscaling/*",
    "kubernetes:cert-manager.io/*",
    "kubernetes:core/v1:ConfigMap",
    "kubernetes:core/v1:Namespace",
    "kubernetes:core/v1:ResourceQuota",
    "kubernetes:core/v1:Service",
    "kubernetes:core/v1:ServiceAccount",
    "kubernetes:external-secrets.io/*",
    "kubernetes:monitoring.coreos.com/v1:ServiceMonitor",
    "kubernetes:networking.k8s.io/v1:IngressClass",
    "kubernetes:networking.k8s.io/v1:NetworkPolicy",
    "kubernetes:policy/*",
    "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole",
    "kubernetes:rbac.authorization.k8s.io/v1:Role",
)
"""Types whose resources keep others safe: without one, something is open, lost, mute or stuck."""


def remove(node: Node) -> Found:
    """Every resource that keeps others safe."""
    if any(fnmatch(node.type, one) for one in GUARDS):
        yield "removed", lambda draft: draft.remove(node)


PINNED = {
    RELEASE: (("version", "1.x"), ("repositoryOpts.repo", "http://example.com"), ("atomic", False)),
}


def loosen(node: Node) -> Found:
    """Every pin of a chart, every explicit provider."""
    for place, value in PINNED.get(node.type, ()):
        yield put(node, _path(place), value)
    if not node.type.startswith(("pulumi:", "intendly:")):
        yield ORPHAN, lambda draft: draft.options(node, provider="")


TAGS = ("Project", "Environment", "ManagedBy", "Owner", "CostCenter")


def untag(node: Node) -> Found:
    """Every tag that says whose something is."""
    raw = node.properties.raw
    if node.type == "pulumi:providers:aws":
        given: Raw = json.loads(raw["defaultTags"])["tags"]
        for key in TAGS:
            rest = {name: value for name, value in given.items() if name != key}
            yield (
                f"default tag {key} left out",
                lambda draft, rest=rest: draft.set(node, "defaultTags", to=json.dumps({"tags": rest})),
            )
    for place, _ in enumerate(raw.get("tagSpecifications", ())):
        for key in TAGS:
            yield drop(node, ("tagSpecifications", place, "tags", key))


OPERATORS: Mapping[str, Operator] = {
    "boolean flipped": flip,
    "protect dropped": unprotect,
    "secret un-marked": unmark,
    "encryption key removed": decrypt,
    "retention to 0": forget,
    "range opened": open_range,
    "port opened": open_ports,
    "policy widened": widen_policy,
    "selector changed": reselect,
    "pod weakened": weaken_pod,
    "bound broken": break_bound,
    "way in weakened": weaken_ingress,
    "alert silenced": silence,
    "role widened": widen_role,
    "guard removed": remove,
    "pin loosened": loosen,
    "tag lost": untag,
}
"""The table: what is done to every resource to which it can be done."""
