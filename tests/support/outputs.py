"""What a provider would compute: enough for a component to be built, recognisable in an assertion."""

from typing import Any

ACCOUNT = "111111111111"
REGION = "us-east-1"


def physical_name(name: str, inputs: dict[str, Any]) -> str:
    """The name AWS would know: the fixed one, or what the engine makes of the logical one."""
    return str(inputs.get("name") or f"{name}-0123456")


def physical_id(kind: str, name: str, inputs: dict[str, Any]) -> str:
    """An id as the provider gives it where components rely on one, else `<name>-id`."""
    match kind:
        case "aws:eks/cluster:Cluster" | "aws:iam/role:Role" | "aws:cloudwatch/logGroup:LogGroup":
            return physical_name(name, inputs)
        case "aws:rds/instance:Instance":
            return "db-0123456789"
        case "aws:secretsmanager/secret:Secret" | "aws:lb/loadBalancer:LoadBalancer":
            return arn(kind, name, inputs)
        case _:
            return f"{name}-id"


def arn(kind: str, name: str, inputs: dict[str, Any]) -> str:
    """An ARN that names service and resource."""
    _, module, resource = kind.lower().split(":")
    service = module.partition("/")[0]
    region = "" if service == "iam" else inputs.get("region", REGION)
    return f"arn:aws:{service}:{region}:{ACCOUNT}:{resource}/{physical_name(name, inputs)}"


def computed_outputs(kind: str, name: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """Outputs beyond the inputs, by type."""
    if kind.startswith("random:"):
        return _random(name)
    if not kind.startswith("aws:"):
        return {}
    region = inputs.get("region", REGION)
    generic = {"arn": arn(kind, name, inputs), "name": physical_name(name, inputs), "region": region}
    return generic | _aws(kind, name, inputs)


def _random(name: str) -> dict[str, Any]:
    return {"result": f"result-of-{name}", "hex": "0a1b2c3d", "b64Url": "ChssPQ"}


def _aws(kind: str, name: str, inputs: dict[str, Any]) -> dict[str, Any]:
    host = f"{name}.{REGION}.amazonaws.test"
    table: dict[str, dict[str, Any]] = {
        "aws:eks/cluster:Cluster": {
            "endpoint": f"https://{host}",
            "certificateAuthority": {"data": "Y2VydGlmaWNhdGU="},
            "vpcConfig": {**inputs.get("vpcConfig", {}), "clusterSecurityGroupId": "sg-cluster"},
        },
        "aws:eks/nodeGroup:NodeGroup": {
            "nodeGroupName": f"{inputs.get('nodeGroupNamePrefix', name)}0123456",
            "resources": [{"autoscalingGroups": [{"name": f"eks-{name}"}]}],
        },
        "aws:ec2/launchTemplate:LaunchTemplate": {"latestVersion": 7, "defaultVersion": 1},
        "aws:ec2/eip:Eip": {"allocationId": f"{name}-id", "publicIp": "192.0.2.1"},
        "aws:rds/instance:Instance": {
            "address": host,
            "endpoint": f"{host}:5432",
            "masterUserSecrets": [
                {"secretArn": f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:rds!{name}"}
            ],
        },
        "aws:elasticache/replicationGroup:ReplicationGroup": {"primaryEndpointAddress": host},
        "aws:lb/loadBalancer:LoadBalancer": {
            "dnsName": host,
            "zoneId": "Z26RNL4JYFTOTI",
            "arnSuffix": f"net/{name}/0123",
        },
        "aws:lb/targetGroup:TargetGroup": {"arnSuffix": f"targetgroup/{name}/0123"},
        "aws:kms/key:Key": {"keyId": f"{name}-id"},
        "aws:acm/certificate:Certificate": {
            "domainValidationOptions": [
                {
                    "domainName": domain,
                    "resourceRecordName": f"_proof.{domain}",
                    "resourceRecordType": "CNAME",
                    "resourceRecordValue": f"_{name}.acm-validations.aws",
                }
                for domain in (inputs.get("domainName"), *inputs.get("subjectAlternativeNames", []))
            ]
        },
        "aws:route53/zone:Zone": {"zoneId": f"{name}-id"},
        "aws:route53/record:Record": {"fqdn": inputs.get("name")},
        "aws:s3/bucket:Bucket": {
            "bucketRegionalDomainName": f"{inputs.get('bucket')}.s3.{REGION}.amazonaws.com"
        },
        "aws:cloudfront/distribution:Distribution": {
            "domainName": f"{name}.cloudfront.net",
            "hostedZoneId": "Z2FDTNDATAQYW2",
        },
    }
    return table.get(kind, {})
