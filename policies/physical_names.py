"""How long AWS lets a name be, and of which form."""

import re
from collections.abc import Mapping
from typing import Final

DNS_LABEL = r"[a-z0-9]([a-z0-9-]*[a-z0-9])?"
WORD = r"[A-Za-z0-9][A-Za-z0-9-]*"

LIMITS: Final[Mapping[tuple[str, str], tuple[int, str]]] = {
    ("aws:backup/plan:Plan", "name"): (50, r"[A-Za-z0-9_.-]+"),
    ("aws:backup/restoreTestingPlan:RestoreTestingPlan", "name"): (50, r"[A-Za-z0-9_]+"),
    ("aws:backup/vault:Vault", "name"): (50, r"[A-Za-z0-9_-]{2,}"),
    ("aws:budgets/budget:Budget", "name"): (100, r"[^:\\]+"),
    ("aws:cloudfront/cachePolicy:CachePolicy", "name"): (128, r"[A-Za-z0-9_-]+"),
    ("aws:cloudfront/originAccessControl:OriginAccessControl", "name"): (64, r"[^\s]+"),
    ("aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy", "name"): (128, r"[A-Za-z0-9_-]+"),
    ("aws:cloudwatch/logGroup:LogGroup", "name"): (512, r"[A-Za-z0-9_/.#-]+"),
    ("aws:ec2/launchTemplate:LaunchTemplate", "name"): (128, r"[A-Za-z0-9().\-/_]{3,}"),
    ("aws:ec2/securityGroup:SecurityGroup", "name"): (255, r"(?!sg-)[ -~]+"),
    ("aws:eks/cluster:Cluster", "name"): (100, r"[A-Za-z0-9][A-Za-z0-9_-]*"),
    ("aws:eks/nodeGroup:NodeGroup", "nodeGroupNamePrefix"): (37, r"[A-Za-z0-9][A-Za-z0-9_-]*"),
    ("aws:elasticache/parameterGroup:ParameterGroup", "name"): (255, DNS_LABEL),
    ("aws:elasticache/replicationGroup:ReplicationGroup", "replicationGroupId"): (40, r"[a-z](-?[a-z0-9])*"),
    ("aws:elasticache/subnetGroup:SubnetGroup", "name"): (255, DNS_LABEL),
    ("aws:elasticache/user:User", "userId"): (40, r"[A-Za-z][A-Za-z0-9-]*"),
    ("aws:elasticache/userGroup:UserGroup", "userGroupId"): (40, r"[A-Za-z][A-Za-z0-9-]*"),
    ("aws:iam/policy:Policy", "name"): (128, r"[\w+=,.@-]+"),
    ("aws:iam/role:Role", "name"): (64, r"[\w+=,.@-]+"),
    ("aws:iam/rolePolicy:RolePolicy", "name"): (128, r"[\w+=,.@-]+"),
    ("aws:kms/alias:Alias", "name"): (256, r"alias/(?!aws/)[a-zA-Z0-9/_-]+"),
    ("aws:lb/loadBalancer:LoadBalancer", "name"): (32, r"(?!internal-)[A-Za-z0-9](-?[A-Za-z0-9])*"),
    ("aws:lb/targetGroup:TargetGroup", "name"): (32, r"[A-Za-z0-9](-?[A-Za-z0-9])*"),
    ("aws:rds/instance:Instance", "dbName"): (63, r"[A-Za-z][A-Za-z0-9_]*"),
    ("aws:rds/instance:Instance", "identifier"): (63, r"[a-z](-?[a-z0-9])*"),
    ("aws:rds/parameterGroup:ParameterGroup", "name"): (255, r"[a-z](-?[a-z0-9])*"),
    ("aws:rds/subnetGroup:SubnetGroup", "name"): (255, r"[a-z0-9 ._-]+"),
    ("aws:route53/record:Record", "name"): (255, r"([a-z0-9_-]{1,63}\.)*[a-z0-9-]{1,63}"),
    ("aws:s3/bucket:Bucket", "bucket"): (63, rf"(?!xn--|sthree-){DNS_LABEL}(?<!-s3alias)"),
    # AWS appends a hyphen and six characters: a name that ends so is mistaken for another's ARN.
    ("aws:secretsmanager/secret:Secret", "name"): (512, r"[\w/+=.@-]+(?<!-\w{6})"),
    ("aws:sns/topic:Topic", "name"): (256, WORD),
    ("aws:sqs/queue:Queue", "name"): (80, r"[A-Za-z0-9_-]+"),
    ("aws:cloudwatch/metricAlarm:MetricAlarm", "name"): (255, r"[^:]+"),
    ("aws:cloudwatch/logMetricFilter:LogMetricFilter", "name"): (512, r"[^:*]+"),
}
"""Longest name and form, by type and property; source: the services' API references, checked by botocore as well."""


def problem(kind: str, key: str, value: str) -> str:
    """What is wrong with a name; empty if nothing is."""
    longest, form = LIMITS[kind, key]
    if len(value) > longest:
        return f"{len(value)} characters, {longest} allowed"
    return "" if re.fullmatch(form, value) else f"not of the form {form}"
