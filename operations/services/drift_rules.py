"""How bad a difference between the program and the cloud is: rules as data, the first that fits decides.

Paths are the engine's, ``spec.template.spec.containers[0].image``. What no rule knows is suspicious: somebody changed
by hand what the program decides, and the next update takes it back.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from re import compile as pattern
from typing import Final

from operations.services import preview_kinds as kinds


class Verdict(StrEnum):
    """How bad a difference is, the worst last."""

    HARMLESS = "harmless"
    """Somebody else's to change: a controller's, an autoscaler's."""
    SUSPICIOUS = "suspicious"
    """Changed by hand; the next update takes it back."""
    DANGEROUS = "dangerous"
    """Data, access or what runs is at stake: look before the next update does anything."""

    @property
    def rank(self) -> int:
        """Order, the worst the highest."""
        return list(Verdict).index(self)


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule; it fits where type and path match as a whole."""

    verdict: Verdict
    kinds: str
    """Regular expression of type tokens."""
    paths: str
    """Regular expression of property paths."""
    why: str

    def fits(self, kind: str, path: str) -> bool:
        """Whether it decides about a property."""
        return bool(pattern(self.kinds).fullmatch(kind) and pattern(self.paths).fullmatch(path))


def _either(*words: str) -> str:
    return f"({'|'.join(words)})"


def _below(*roots: str) -> str:
    """The properties themselves and all that is in them."""
    return rf"{_either(*roots)}([.\[].*)?"


def _starting(*prefixes: str) -> str:
    return rf"{_either(*prefixes)}.*"


KUBERNETES: Final = "kubernetes:.*"
AWS: Final = "aws:.*"
ANY: Final = ".*"

_ACCESS: Final = _starting(*kinds.ACCESS_PREFIXES)
_FIREWALL: Final = _starting(*kinds.FIREWALL_PREFIXES)

_HARMLESS: Final = (
    Rule(
        verdict=Verdict.HARMLESS,
        kinds=KUBERNETES,
        paths=_below("status"),
        why="the cluster's controllers write it",
    ),
    Rule(
        verdict=Verdict.HARMLESS,
        kinds=KUBERNETES,
        paths=rf"metadata\.{_below('generation', 'resourceVersion', 'managedFields', 'creationTimestamp', 'uid')}",
        why="the API server counts it",
    ),
    Rule(
        verdict=Verdict.HARMLESS,
        kinds=KUBERNETES,
        paths=r'.*annotations(\["|\.)(deployment\.kubernetes\.io/|kubectl\.kubernetes\.io/restartedAt).*',
        why="rollouts count it, and operators may restart",
    ),
    Rule(
        verdict=Verdict.HARMLESS,
        kinds="aws:eks/nodeGroup:NodeGroup",
        paths=r"scalingConfig\.desiredSize",
        why="the cluster autoscaler owns it",
    ),
    Rule(
        verdict=Verdict.HARMLESS,
        kinds="aws:rds/instance:Instance",
        paths="allocatedStorage",
        why="storage autoscaling makes it larger, and RDS never smaller",
    ),
    Rule(
        verdict=Verdict.HARMLESS,
        kinds=AWS,
        paths=_below("status", "latestRestorableTime", "platformVersion", "engineVersionActual", "resources"),
        why="AWS reports it",
    ),
)

_MARKS: Final = (
    Rule(
        verdict=Verdict.SUSPICIOUS,
        kinds=AWS,
        paths=_below("tags", "tagsAll"),
        why="tags decide whose cost it is, and what heals and backs up finds",
    ),
    Rule(
        verdict=Verdict.SUSPICIOUS,
        kinds=ANY,
        paths=rf"description|metadata\.{_below('labels', 'annotations')}",
        why="changed by hand",
    ),
)

_DANGEROUS: Final = (
    Rule(
        verdict=Verdict.DANGEROUS,
        kinds=_FIREWALL,
        paths=ANY,
        why="what may reach what was changed",
    ),
    Rule(
        verdict=Verdict.DANGEROUS,
        kinds=_ACCESS,
        paths=ANY,
        why="who may do what was changed",
    ),
    Rule(
        verdict=Verdict.DANGEROUS,
        kinds=_either(*kinds.GUARDS),
        paths=ANY,
        why="what guards the backups and the bucket was changed",
    ),
    Rule(
        verdict=Verdict.DANGEROUS,
        kinds=AWS,
        paths=_below(
            *("deletionProtection", "enableDeletionProtection", "backupRetentionPeriod"),
            *("deleteAutomatedBackups", "skipFinalSnapshot", "snapshotRetentionLimit"),
            *("deletionWindowInDays", "enableKeyRotation", "isEnabled", "retentionInDays"),
        ),
        why="a guard of data was changed",
    ),
    Rule(
        verdict=Verdict.DANGEROUS,
        kinds=AWS,
        paths=_below(
            *("publiclyAccessible", "internal", "mapPublicIpOnLaunch", "accessConfig"),
            *("vpcSecurityGroupIds", "securityGroupIds", "securityGroups", "userGroupIds"),
        )
        + r"|vpcConfig\.(endpointPublicAccess|endpointPrivateAccess|publicAccessCidrs|securityGroupIds).*",
        why="who can reach it was changed",
    ),
    Rule(
        verdict=Verdict.DANGEROUS,
        kinds=AWS,
        paths=_below("policy", "assumeRolePolicy"),
        why="who may do what was changed",
    ),
    Rule(
        verdict=Verdict.DANGEROUS,
        kinds=AWS,
        paths=_below(
            *("kmsKeyId", "kmsKeyArn", "storageEncrypted", "atRestEncryptionEnabled"),
            *("transitEncryptionEnabled", "transitEncryptionMode", "encryptionConfig", "metadataOptions"),
        ),
        why="encryption or the nodes' credentials were changed",
    ),
    Rule(
        verdict=Verdict.DANGEROUS,
        kinds="aws:(route53/record:Record|lb/listener:Listener|cloudfront/distribution:Distribution|route53/zone:Zone)",
        paths=ANY,
        why="where clients are led was changed",
    ),
    Rule(
        verdict=Verdict.DANGEROUS,
        kinds=KUBERNETES,
        paths=r".*[cC]ontainers\[\d+\]\.(image|command|args|env|envFrom|securityContext|volumeMounts).*"
        r"|.*(serviceAccountName|hostNetwork|hostPID|hostPath).*",
        why="what runs was changed, and nobody reviewed it",
    ),
    Rule(
        verdict=Verdict.DANGEROUS,
        kinds=_starting(
            "kubernetes:core/v1:Secret",
            "kubernetes:external-secrets.io/",
            "kubernetes:cert-manager.io/",
            "kubernetes:networking.k8s.io/v1:Ingress",
        ),
        paths=ANY,
        why="secrets, certificates or where clients are led were changed",
    ),
    Rule(
        verdict=Verdict.DANGEROUS,
        kinds="kubernetes:core/v1:Namespace",
        paths=r'metadata\.labels(\["|\.)pod-security\.kubernetes\.io/.*',
        why="what pods may do was changed",
    ),
)

REST: Final = Rule(
    verdict=Verdict.SUSPICIOUS, kinds=ANY, paths=ANY, why="changed by hand; the next update takes it back"
)

POD_SECURITY: Final = _DANGEROUS[-1]

RULES: Final = (*_HARMLESS, POD_SECURITY, *_MARKS, *_DANGEROUS, REST)
"""In the order in which they are asked."""

AUTOSCALED: Final = Rule(
    verdict=Verdict.HARMLESS,
    kinds="kubernetes:apps/v1:Deployment",
    paths=r"spec\.replicas",
    why="its autoscaler owns it",
)
"""Asked first, of Deployments that a HorizontalPodAutoscaler scales."""


def rule_for(kind: str, path: str, *, autoscaled: bool = False) -> Rule:
    """The rule that decides about a changed property.

    Args:
        kind: type token of the resource.
        path: the property.
        autoscaled: whether a HorizontalPodAutoscaler scales it.
    """
    first = (AUTOSCALED,) if autoscaled else ()
    return next(rule for rule in (*first, *RULES) if rule.fits(kind, path))


def when_gone(kind: str) -> tuple[Verdict, str]:
    """How bad it is that a resource is not there any more, and why."""
    why = next(_losses(kind), "")
    return (Verdict.DANGEROUS, why) if why else (Verdict.SUSPICIOUS, "the next update makes it again")


def _losses(kind: str) -> Iterator[str]:
    for table in (kinds.HOLDS_DATA, kinds.ENTRANCE, kinds.GUARDS):
        if kind in table:
            yield f"gone: {table[kind]}"
    if kind == kinds.CLUSTER:
        yield "gone: the cluster and everything in it"
    if kind in kinds.SERVES:
        yield f"gone: {kinds.SERVES[kind]}"
    if kind.startswith((*kinds.ACCESS_PREFIXES, *kinds.FIREWALL_PREFIXES)):
        yield "gone: what decided who may do or reach what"
