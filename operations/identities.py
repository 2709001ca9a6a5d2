"""How a resource whose creation was interrupted is found again: the id that `pulumi import` takes, by type.

Each type has exactly one way. Where AWS chooses an id, the resource is looked for by its tag `Name`
(components/name_tags.py), or in a list by what makes it unique. Source of the ids: the import section of each
resource in the provider's registry pages.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from operations.json_object import Json, text

NAMED: Final[Mapping[str, str]] = {
    "aws:backup/restoreTestingPlan:RestoreTestingPlan": "{name}",
    "aws:backup/restoreTestingSelection:RestoreTestingSelection": "{name}:{restoreTestingPlanName}",
    "aws:backup/vault:Vault": "{name}",
    "aws:backup/vaultLockConfiguration:VaultLockConfiguration": "{backupVaultName}",
    "aws:budgets/budget:Budget": "{account}:{name}",
    "aws:cloudwatch/logGroup:LogGroup": "{name}",
    "aws:ec2/route:Route": "{routeTableId}_{destinationCidrBlock}",
    "aws:ec2/routeTableAssociation:RouteTableAssociation": "{subnetId}/{routeTableId}",
    "aws:eks/accessEntry:AccessEntry": "{clusterName}:{principalArn}",
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": "{clusterName}#{principalArn}#{policyArn}",
    "aws:eks/addon:Addon": "{clusterName}:{addonName}",
    "aws:eks/cluster:Cluster": "{name}",
    "aws:elasticache/parameterGroup:ParameterGroup": "{name}",
    "aws:elasticache/replicationGroup:ReplicationGroup": "{replicationGroupId}",
    "aws:elasticache/subnetGroup:SubnetGroup": "{name}",
    "aws:elasticache/user:User": "{userId}",
    "aws:elasticache/userGroup:UserGroup": "{userGroupId}",
    "aws:iam/role:Role": "{name}",
    "aws:iam/rolePolicy:RolePolicy": "{role}:{name}",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": "{role}/{policyArn}",
    "aws:kms/alias:Alias": "{name}",
    "aws:rds/instance:Instance": "{identifier}",
    "aws:rds/parameterGroup:ParameterGroup": "{name}",
    "aws:rds/subnetGroup:SubnetGroup": "{name}",
    "aws:route53/record:Record": "{zoneId}_{name}_{type}",
    "aws:s3/bucket:Bucket": "{bucket}",
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": "{bucket}",
    "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": "{bucket}",
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": "{bucket}",
    "aws:s3/bucketPolicy:BucketPolicy": "{bucket}",
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": "{bucket}",
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": "{bucket}",
    "aws:s3/bucketVersioning:BucketVersioning": "{bucket}",
}
"""Ids that follow from the inputs and the ``account``; whether it exists, the provider says when it is imported."""


@dataclass(frozen=True, kw_only=True)
class Tagged:
    """A type whose resources AWS lists with their tags: the beginning of their ARN's last parts, and the id in it.

    ``id`` is a template over the ARN: ``{arn}``, and ``{0}``, ``{1}`` for what stands between slashes in its last part.
    """

    service: str
    resource: str
    id: str = "{1}"


TAGGED: Final[Mapping[str, Tagged]] = {
    "aws:acm/certificate:Certificate": Tagged(service="acm", resource="certificate", id="{arn}"),
    "aws:backup/plan:Plan": Tagged(service="backup", resource="backup-plan", id="{0}"),
    "aws:cloudfront/distribution:Distribution": Tagged(service="cloudfront", resource="distribution"),
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": Tagged(service="ec2", resource="security-group"),
    "aws:ec2/eip:Eip": Tagged(service="ec2", resource="elastic-ip"),
    "aws:ec2/flowLog:FlowLog": Tagged(service="ec2", resource="vpc-flow-log"),
    "aws:ec2/internetGateway:InternetGateway": Tagged(service="ec2", resource="internet-gateway"),
    "aws:ec2/launchTemplate:LaunchTemplate": Tagged(service="ec2", resource="launch-template"),
    "aws:ec2/natGateway:NatGateway": Tagged(service="ec2", resource="natgateway"),
    "aws:ec2/routeTable:RouteTable": Tagged(service="ec2", resource="route-table"),
    "aws:ec2/securityGroup:SecurityGroup": Tagged(service="ec2", resource="security-group"),
    "aws:ec2/subnet:Subnet": Tagged(service="ec2", resource="subnet"),
    "aws:ec2/vpc:Vpc": Tagged(service="ec2", resource="vpc"),
    "aws:ec2/vpcEndpoint:VpcEndpoint": Tagged(service="ec2", resource="vpc-endpoint"),
    "aws:eks/nodeGroup:NodeGroup": Tagged(service="eks", resource="nodegroup", id="{1}:{2}"),
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": Tagged(
        service="eks", resource="podidentityassociation", id="{1},{2}"
    ),
    "aws:kms/key:Key": Tagged(service="kms", resource="key"),
    "aws:lb/listener:Listener": Tagged(service="elasticloadbalancing", resource="listener", id="{arn}"),
    "aws:lb/loadBalancer:LoadBalancer": Tagged(
        service="elasticloadbalancing", resource="loadbalancer", id="{arn}"
    ),
    "aws:lb/targetGroup:TargetGroup": Tagged(
        service="elasticloadbalancing", resource="targetgroup", id="{arn}"
    ),
    "aws:route53/zone:Zone": Tagged(service="route53", resource="hostedzone"),
    "aws:secretsmanager/secret:Secret": Tagged(service="secretsmanager", resource="secret", id="{arn}"),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": Tagged(
        service="ec2", resource="security-group-rule"
    ),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": Tagged(
        service="ec2", resource="security-group-rule"
    ),
}
"""Types whose ids AWS chooses, and whose resources carry tags."""


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A type without tags whose ids AWS chooses: where it is listed, and what makes it unique in the list.

    ``given`` are the request's parameters, templates over the inputs; ``items`` the path to the list and ``item`` from
    an entry to what is looked at; ``match`` is the member that must equal the ``unique`` template.
    """

    service: str
    operation: str
    items: str
    match: str
    unique: str
    id: str
    item: str = ""
    given: Mapping[str, str]


LISTED: Final[Mapping[str, Listed]] = {
    "aws:backup/selection:Selection": Listed(
        service="backup",
        operation="list_backup_selections",
        given={"BackupPlanId": "{planId}"},
        items="BackupSelectionsList",
        match="SelectionName",
        unique="{name}",
        id="{planId}|{SelectionId}",
    ),
    "aws:cloudfront/cachePolicy:CachePolicy": Listed(
        service="cloudfront",
        operation="list_cache_policies",
        given={"Type": "custom"},
        items="CachePolicyList.Items",
        item="CachePolicy",
        match="CachePolicyConfig.Name",
        unique="{name}",
        id="{Id}",
    ),
    "aws:cloudfront/originAccessControl:OriginAccessControl": Listed(
        service="cloudfront",
        operation="list_origin_access_controls",
        given={},
        items="OriginAccessControlList.Items",
        match="Name",
        unique="{name}",
        id="{Id}",
    ),
    "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": Listed(
        service="cloudfront",
        operation="list_response_headers_policies",
        given={"Type": "custom"},
        items="ResponseHeadersPolicyList.Items",
        item="ResponseHeadersPolicy",
        match="ResponseHeadersPolicyConfig.Name",
        unique="{name}",
        id="{Id}",
    ),
    "aws:ec2/subnetCidrReservation:SubnetCidrReservation": Listed(
        service="ec2",
        operation="get_subnet_cidr_reservations",
        given={"SubnetId": "{subnetId}"},
        items="SubnetIpv4CidrReservations",
        match="Cidr",
        unique="{cidrBlock}",
        id="{subnetId}:{SubnetCidrReservationId}",
    ),
    "aws:secretsmanager/secretVersion:SecretVersion": Listed(
        service="secretsmanager",
        operation="list_secret_version_ids",
        given={"SecretId": "{secretId}"},
        items="Versions",
        match="VersionStages.0",
        unique="AWSCURRENT",
        id="{secretId}|{VersionId}",
    ),
}

REPEATABLE: Final = frozenset(
    {
        "aws:acm/certificateValidation:CertificateValidation",
        "aws:autoscaling/attachment:Attachment",
    }
)
"""Nothing of their own exists in AWS, and doing them again changes nothing; neither can be imported."""


def from_template(template: str, facts: Json) -> str:
    """The template filled; empty when a fact is missing."""
    try:
        return template.format(**facts)
    except (KeyError, IndexError):
        return ""


def kubernetes_id(inputs: Json) -> str:
    """How the Kubernetes provider calls an object: ``namespace/name``, or its name alone."""
    namespace, name = text(inputs, "metadata", "namespace"), text(inputs, "metadata", "name")
    if not name:  # a Helm release has no metadata
        namespace, name = text(inputs, "namespace"), text(inputs, "name")
    return f"{namespace}/{name}" if namespace else name


def id_of_arn(kind: str, arn: str) -> str:
    """The id of a resource with this ARN, when it is one of the type; empty when it is not.

    An ARN ends in ``resource/one/two`` or ``resource:one``.
    """
    tagged = TAGGED[kind]
    _, _, service, _, _, rest = arn.split(":", 5)
    parts = rest.split("/")
    if ":" in parts[0]:
        resource, _, parts[0] = parts[0].partition(":")
    else:
        resource = parts[0]
    if (service, resource) != (tagged.service, tagged.resource):
        return ""
    return tagged.id.format(*parts, arn=arn)
