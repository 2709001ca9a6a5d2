"""Logs and keys: what is kept, for how long, and who opens it."""

import re
from collections.abc import Iterator

from policies.graph import Node
from policies.kubernetes import RELEASE
from policies.reach import DATABASE
from policies.rule import Rule, Scene, Severity, rule
from policies.statements import principals, statements

LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
METRIC_FILTER = "aws:cloudwatch/logMetricFilter:LogMetricFilter"
KEY = "aws:kms/key:Key"
TOPIC = "aws:sns/topic:Topic"

FLUENT_BIT = "aws-for-fluent-bit"
AUTO_CREATE = ("values", "cloudWatchLogs", "autoCreateGroup")

WINDOW_DAYS = 14
"""Days in which the deletion of a key can be taken back, at least: what it encrypts is lost with it."""

_NAMED = re.compile(r"log_group_name\s+(\S+)")

SERVICES = {LOG_GROUP: ("kmsKeyId", "logs."), TOPIC: ("kmsMasterKeyId", "cloudwatch.")}
"""Who uses a key in its own name, not in its caller's: by which property, and how the service is called. All others take
the right of whoever calls them."""


@rule(
    "logs-kept",
    LOG_GROUP,
    DATABASE,
    METRIC_FILTER,
    RELEASE,
    severity=Severity.MEDIUM,
    source="CKV_AWS_66/158/338",
)
def kept(node: Node, scene: Scene) -> Iterator[str]:
    """Logs are encrypted and end some day; what writes or reads them names groups that the program made, no others.

    AWS makes a missing group by itself, unencrypted and for ever; a filter on one that nobody writes to stays silent.
    """
    if node.type == LOG_GROUP:
        if not node.at("retentionInDays"):
            yield "retentionInDays is 0 or missing: it is kept for ever"
        if not scene.graph.sources(node, "kmsKeyId", KEY):
            yield "kmsKeyId is no key of the stack"
        return
    there = {group.at("name") for group in scene.graph.of(LOG_GROUP)}
    yield from (
        f"it names log group {name}, which is not in the program"
        for name in _names(node)
        if name not in there
    )
    if node.at("chart") == FLUENT_BIT and node.at(*AUTO_CREATE) is not False:
        yield f"{'.'.join(AUTO_CREATE)} is not false: it would make groups of its own"


def _names(node: Node) -> Iterator[str]:
    """The log groups that a resource names."""
    if node.type == DATABASE:
        for kind in node.texts("enabledCloudwatchLogsExports"):
            yield f"/aws/rds/instance/{node.at('identifier')}/{kind}"
    elif node.type == METRIC_FILTER:
        yield str(node.at("logGroupName"))
    elif node.at("chart") == FLUENT_BIT:
        yield str(node.at("values", "cloudWatchLogs", "logGroupName"))
        yield from _NAMED.findall(str(node.at("values", "additionalOutputs") or ""))


@rule("keys-rotate", KEY, source="CKV_AWS_7/33, AWSGuard cmk-backing-key-rotation-enabled")
def rotate(key: Node, scene: Scene) -> Iterator[str]:
    """A key that was copied unseen opens a year's data, not all; one deleted by mistake can be had back.

    Its policy names whoever uses it in his own name, and never everybody.
    """
    if key.at("enableKeyRotation") is not True:
        yield "enableKeyRotation is not true"
    if (key.at("deletionWindowInDays") or 0) < WINDOW_DAYS:
        yield f"deletionWindowInDays is below {WINDOW_DAYS}"
    named = {name for one in statements(key, "policy", "Allow") for _, name in principals(one)}
    if "*" in named:
        yield "its policy lets everybody use it"
    if not any(name.endswith(":root") for name in named):
        yield "its policy does not name the account: nobody could change it any more"
    for kind, (by, service) in SERVICES.items():
        if scene.graph.users(key, by, kind) and not any(name.startswith(service) for name in named):
            yield f"its policy does not name {service}amazonaws.com, which encrypts with it"


RULES: tuple[Rule, ...] = (kept, rotate)
