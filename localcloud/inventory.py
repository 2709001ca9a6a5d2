"""What exists in the API server and in AWS: compared before the first update and after a destroy."""

import json
from collections.abc import Iterable
from typing import Any, cast

import boto3  # pyright: ignore[reportMissingTypeStubs] - it has none

from localcloud.facts import Facts
from localcloud.kube_api import DISCOVERY, METADATA_ONLY, Json, KubeApi
from localcloud.paths import Paths, read_json, write

UNOWNED_KINDS = {"Event", "Lease", "ComponentStatus", "APIService", "EndpointSlice", "Endpoints"}
"""Kinds that Kubernetes makes and removes by itself, in its own time."""

KEPT = " (kept by its chart)"
"""Marks what a chart leaves in the cluster on purpose: removing a definition removes everybody's objects of it."""

AWS_LISTS = (
    ("ec2", "describe_vpcs", "Vpcs", "VpcId"),
    ("ec2", "describe_subnets", "Subnets", "SubnetId"),
    ("ec2", "describe_security_groups", "SecurityGroups", "GroupId"),
    ("iam", "list_roles", "Roles", "RoleName"),
    ("s3", "list_buckets", "Buckets", "Name"),
    ("secretsmanager", "list_secrets", "SecretList", "Name"),
    ("sns", "list_topics", "Topics", "TopicArn"),
    ("rds", "describe_db_instances", "DBInstances", "DBInstanceIdentifier"),
    ("elasticache", "describe_replication_groups", "ReplicationGroups", "ReplicationGroupId"),
    ("logs", "describe_log_groups", "logGroups", "logGroupName"),
)
"""How the services that the AWS stand-in realises in moto list what they hold: service, call, list, name."""


def kubernetes_objects(api: KubeApi) -> set[str]:
    """Every object of the API server, as ``Kind namespace/name``; marked when its chart keeps it."""
    found: set[str] = set()
    for path, kind in listable(api):
        for item in cast("list[Json]", api.get(path, METADATA_ONLY)["items"] or []):
            metadata: Json = item["metadata"]
            if metadata["name"] != "kube-root-ca.crt":
                name = "/".join(filter(None, [metadata.get("namespace"), metadata["name"]]))
                kept = metadata.get("annotations", {}).get("helm.sh/resource-policy") == "keep"
                found.add(f"{kind} {name}{KEPT if kept else ''}")
    return found


def listable(api: KubeApi) -> Iterable[tuple[str, str]]:
    """Path and kind of everything that can be listed, each in its preferred version."""
    for family in ("api", "apis"):
        for group in api.get(f"/{family}", DISCOVERY).get("items", []):
            name: str = group["metadata"].get("name", "")
            seen: set[str] = set()
            for version in group.get("versions", []):
                prefix = "/".join(["", family, *([name] if name else []), version["version"]])
                for resource in version.get("resources", []):
                    kind: str = resource["responseKind"]["kind"]
                    if "list" in resource["verbs"] and kind not in UNOWNED_KINDS | seen:
                        seen.add(kind)
                        yield f"{prefix}/{resource['resource']}", kind


def aws_objects(moto_url: str, facts: Facts) -> set[str]:
    """What moto holds of the services that the AWS stand-in uses, as ``service name``."""
    found: set[str] = set()
    for service, call, key, name in AWS_LISTS:
        items = getattr(client(service, moto_url, facts), call)()[key]
        # moto leaves some things in this state until somebody asks for them by name.
        found |= {f"moto {service} {item[name]}" for item in items if item.get("Status") != "deleting"}
    found |= {f"moto eks {name}" for name in client("eks", moto_url, facts).list_clusters()["clusters"]}
    kms = client("kms", moto_url, facts)
    aliases = kms.list_aliases()["Aliases"]
    of_aws = {alias.get("TargetKeyId") for alias in aliases if alias["AliasName"].startswith("alias/aws/")}
    for item in kms.list_keys()["Keys"]:
        # A key cannot be deleted at once, in AWS neither: it waits for its end.
        state = kms.describe_key(KeyId=item["KeyId"])["KeyMetadata"]["KeyState"]
        if state != "PendingDeletion" and item["KeyId"] not in of_aws:
            found.add(f"moto kms {item['KeyId']}")
    return found


def client(service: str, moto_url: str, facts: Facts) -> Any:  # noqa: ANN401 - boto3 gives its clients no types
    """A client of this stack's moto."""
    make = cast("Any", boto3.client)  # pyright: ignore[reportUnknownMemberType]
    return make(
        service,
        endpoint_url=moto_url,
        region_name=facts.region,
        aws_access_key_id="local",
        aws_secret_access_key="local",  # noqa: S106 - moto takes any
    )


def ledger_objects(paths: Paths) -> set[str]:
    """What the AWS stand-in says exists."""
    return {f"{item['type']} {item['id']}" for item in read_json(paths.ledger).get("resources", [])}


class Baseline:
    """What the API server and moto held before the stack's first update."""

    def __init__(self, paths: Paths) -> None:
        self._file = paths.state / "baseline.json"

    @property
    def taken(self) -> bool:
        """Whether it was taken; it holds until moto's data are removed."""
        return self._file.exists()

    def take(self, objects: set[str]) -> None:
        """Remember what is there; what an earlier stack's charts kept is still that stack's."""
        own = sorted(name for name in objects if not name.endswith(KEPT))
        write(self._file, json.dumps({"objects": own}, indent=0))

    def forget(self) -> None:
        """Have it taken again at the next start."""
        self._file.unlink(missing_ok=True)

    def since(self, objects: set[str]) -> set[str]:
        """What has come since."""
        return objects - set(read_json(self._file).get("objects", []))
