"""What kinds of resources mean to those who run the platform: which hold data, which are the way in.

Types as the providers name them. Sources: AWS's user guides and the providers' documentation of what a change does.
"""

from collections.abc import Mapping
from typing import Final

HOLDS_DATA: Final[Mapping[str, str]] = {
    "aws:rds/instance:Instance": "the database",
    "aws:elasticache/replicationGroup:ReplicationGroup": "the cache and its sessions",
    "aws:s3/bucket:Bucket": "the bucket and all objects in it",
    "aws:backup/vault:Vault": "the vault and its recovery points",
    "aws:kms/key:Key": "the key, and with it whatever it encrypts",
    "aws:secretsmanager/secret:Secret": "the secret and its versions",
    "aws:cloudwatch/logGroup:LogGroup": "the logs",
    "aws:ebs/volume:Volume": "the volume",
    "aws:efs/fileSystem:FileSystem": "the file system",
    "aws:dynamodb/table:Table": "the table",
    "kubernetes:core/v1:PersistentVolumeClaim": "the volume",
    "kubernetes:core/v1:PersistentVolume": "the volume",
    "kubernetes:core/v1:Namespace": "the namespace and everything in it, volumes too",
    "kubernetes:apps/v1:StatefulSet": "the pods that keep data",
    "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition": "the kind and every object of it",
}

CLUSTER: Final = "aws:eks/cluster:Cluster"

ENTRANCE: Final[Mapping[str, str]] = {
    "aws:lb/loadBalancer:LoadBalancer": "the load balancer, and its addresses",
    "aws:lb/listener:Listener": "a port of the load balancer",
    "aws:lb/targetGroup:TargetGroup": "what the load balancer sends to",
    "aws:autoscaling/attachment:Attachment": "the nodes behind the load balancer",
    "aws:cloudfront/distribution:Distribution": "the web application's distribution",
    "aws:acm/certificate:Certificate": "the certificate",
    "aws:route53/record:Record": "a name that clients use",
    "aws:route53/zone:Zone": "the zone and all names in it",
    "kubernetes:cert-manager.io/v1:Certificate": "the certificate",
    "kubernetes:cert-manager.io/v1:ClusterIssuer": "who issues certificates",
    "kubernetes:cert-manager.io/v1:Issuer": "who issues certificates",
    "kubernetes:networking.k8s.io/v1:Ingress": "a host's routes",
    "kubernetes:networking.k8s.io/v1:IngressClass": "the Ingresses' controller",
    "kubernetes:core/v1:Service": "a Service's address",
}

SERVES: Final[Mapping[str, str]] = {
    "kubernetes:apps/v1:Deployment": "its pods stop",
    "kubernetes:apps/v1:DaemonSet": "its pods stop on every node",
    "kubernetes:helm.sh/v3:Release": "all that the chart runs stops",
    "kubernetes:external-secrets.io/v1:ExternalSecret": "pods that need the Secret no longer start",
    "kubernetes:external-secrets.io/v1:ClusterSecretStore": "Secrets are no longer brought up to date",
    "kubernetes:external-secrets.io/v1:SecretStore": "Secrets are no longer brought up to date",
    "kubernetes:core/v1:Secret": "pods that need it no longer start",
    "kubernetes:core/v1:ConfigMap": "pods that need it no longer start",
    "aws:eks/nodeGroup:NodeGroup": "its pods have to move to other nodes",
    "aws:eks/addon:Addon": "what it does for pods and nodes stops",
    "aws:ec2/vpc:Vpc": "the whole network goes",
    "aws:ec2/subnet:Subnet": "what runs in it goes too",
    "aws:ec2/natGateway:NatGateway": "connections to the internet break",
    "aws:ec2/internetGateway:InternetGateway": "connections to the internet break",
    "aws:ec2/eip:Eip": "an address that others may have allowed goes",
    "aws:ec2/route:Route": "traffic loses its way",
    "aws:ec2/routeTable:RouteTable": "traffic loses its way",
    "aws:ec2/routeTableAssociation:RouteTableAssociation": "traffic loses its way",
    "aws:ec2/vpcEndpoint:VpcEndpoint": "an AWS service is reached another way, or not",
}
"""What is missed while it is away: why, when it is replaced or deleted."""

RESTARTS: Final[Mapping[str, tuple[frozenset[str], str]]] = {
    "aws:rds/instance:Instance": (
        frozenset(
            {
                *("instanceClass", "engineVersion", "parameterGroupName", "port", "identifier", "multiAz"),
                *("caCertIdentifier", "dbSubnetGroupName", "storageType"),
            }
        ),
        "the database restarts or fails over, minutes; in its maintenance window unless applied at once",
    ),
    "aws:elasticache/replicationGroup:ReplicationGroup": (
        frozenset({"nodeType", "engine", "engineVersion", "numCacheClusters", "parameterGroupName"}),
        "the cache fails over and connections break; in its maintenance window unless applied at once",
    ),
    "aws:eks/nodeGroup:NodeGroup": (
        frozenset({"version", "releaseVersion", "launchTemplate"}),
        "every node is replaced, one after another, and its pods move",
    ),
    CLUSTER: (
        frozenset({"version"}),
        "the control plane is upgraded; it goes back within seven days only",
    ),
}
"""What an update in place interrupts, by the properties that do."""

ACCESS_PREFIXES: Final = (
    "aws:iam/",
    "aws:eks/accessEntry:",
    "aws:eks/accessPolicyAssociation:",
    "aws:eks/podIdentityAssociation:",
    "aws:kms/keyPolicy:",
    "aws:kms/grant:",
    "aws:s3/bucketPolicy:",
    "aws:s3/bucketPublicAccessBlock:",
    "aws:secretsmanager/secretPolicy:",
    "aws:secretsmanager/secretVersion:",
    "aws:sns/topicPolicy:",
    "aws:backup/vaultPolicy:",
    "aws:elasticache/user:",
    "aws:elasticache/userGroup:",
    "aws:cloudfront/originAccessControl:",
    "random:index/randomPassword:",
    "kubernetes:rbac.authorization.k8s.io/",
    "kubernetes:admissionregistration.k8s.io/",
    "kubernetes:core/v1:ServiceAccount",
)
"""Who may do what: any change of them is shown."""

FIREWALL_PREFIXES: Final = (
    "aws:ec2/securityGroup",
    "aws:ec2/defaultSecurityGroup:",
    "aws:vpc/securityGroup",
    "aws:ec2/networkAcl",
    "kubernetes:networking.k8s.io/v1:NetworkPolicy",
)
"""What may reach what: any change of them is shown."""

ACCESS_PROPERTIES: Final[Mapping[str, tuple[str, ...]]] = {
    "aws:kms/key:Key": ("policy",),
    CLUSTER: ("accessConfig",),
}
FIREWALL_PROPERTIES: Final[Mapping[str, tuple[str, ...]]] = {
    "aws:rds/instance:Instance": ("publiclyAccessible", "vpcSecurityGroupIds"),
    "aws:elasticache/replicationGroup:ReplicationGroup": ("securityGroupIds", "transitEncryptionEnabled"),
    "aws:lb/loadBalancer:LoadBalancer": ("internal", "securityGroups"),
    CLUSTER: ("vpcConfig",),
}
"""Properties of other kinds that do the same."""

HARMLESS: Final = frozenset({"tags", "tagsAll", "description"})
"""Properties that change nobody's rights."""

KEEPS_SAFE: Final[Mapping[str, tuple[str, ...]]] = {
    "aws:rds/instance:Instance": ("deletionProtection", "backupRetentionPeriod", "deleteAutomatedBackups"),
    "aws:elasticache/replicationGroup:ReplicationGroup": (
        "snapshotRetentionLimit",
        "atRestEncryptionEnabled",
    ),
    "aws:eks/cluster:Cluster": ("deletionProtection",),
    "aws:lb/loadBalancer:LoadBalancer": ("enableDeletionProtection",),
    "aws:kms/key:Key": ("deletionWindowInDays", "isEnabled"),
    "aws:secretsmanager/secret:Secret": ("recoveryWindowInDays",),
    "aws:cloudwatch/logGroup:LogGroup": ("retentionInDays",),
}
"""Properties that guard data: weaker when false or smaller."""

GUARDS: Final[Mapping[str, str]] = {
    "aws:backup/plan:Plan": "backups",
    "aws:backup/selection:Selection": "what is backed up",
    "aws:backup/vaultLockConfiguration:VaultLockConfiguration": "the lock of the backups",
    "aws:s3/bucketVersioning:BucketVersioning": "the bucket's versions",
    "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": "the bucket's lock",
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": "when objects expire",
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": "who owns the bucket's objects",
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": (
        "how the bucket is encrypted"
    ),
}
"""Resources that guard data: any change but a creation is shown."""
