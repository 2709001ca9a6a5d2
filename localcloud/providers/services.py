"""Outputs and actions of the few types that a table row cannot describe."""

import hashlib
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from localcloud.providers.ledger import Ledger
from localcloud.providers.moto import Moto
from localcloud.providers.nodes import NodeGroup
from localcloud.providers.server import StandInError
from localcloud.providers.wire import UNKNOWN, Properties, Secret, is_map


@dataclass(frozen=True)
class Cloud:
    """What stands behind the stand-in: the endpoints written by the local cloud, its ledger, the AWS API."""

    endpoints: Properties
    ledger: Ledger
    moto: Moto

    def node_group(self, facts: Properties) -> NodeGroup:
        """The group's nodes in the real API server, of the cluster's version."""
        clusters = [
            outputs
            for outputs in self.ledger.of("aws:eks/cluster:Cluster")
            if outputs["name"] == facts["clusterName"]
        ]
        server = self.endpoints["kubernetes"]
        version = clusters[0].get("version") if clusters else None
        return NodeGroup(facts, self.ledger, server["admin_kubeconfig"], version or server["version"])


def addresses(cloud: Cloud, kind: str) -> Properties:
    """Outputs that say where the servers behind a resource listen now; they may move at a restart."""
    if kind == "aws:eks/cluster:Cluster":
        server = cloud.endpoints["kubernetes"]
        return {"endpoint": server["endpoint"], "certificateAuthority": {"data": server["ca_pem_base64"]}}
    if kind == "aws:rds/instance:Instance":
        host, port = cloud.endpoints["postgres"]["host"], cloud.endpoints["postgres"]["port"]
        return {"address": host, "port": port, "endpoint": f"{host}:{port}"}
    if kind == "aws:elasticache/replicationGroup:ReplicationGroup":
        host, port = cloud.endpoints["redis"]["host"], cloud.endpoints["redis"]["port"]
        return {"primaryEndpointAddress": host, "readerEndpointAddress": host, "port": port}
    return {}


Action = Callable[[Cloud, Properties], Properties]


def _cluster(cloud: Cloud, facts: Properties) -> Properties:
    server = cloud.endpoints["kubernetes"]
    access = facts.get("vpcConfig", {})
    subnets = {outputs["id"]: outputs.get("vpcId") for outputs in cloud.ledger.of("aws:ec2/subnet:Subnet")}
    group = access.get("clusterSecurityGroupId") or f"sg-{secrets.token_hex(9)[:17]}"
    vpc = next((subnets[name] for name in access.get("subnetIds", []) if name in subnets), "")
    defaults = {
        "endpointPublicAccess": True,
        "endpointPrivateAccess": False,
        "publicAccessCidrs": ["0.0.0.0/0"],
    }
    network = {"ipFamily": "ipv4", "serviceIpv4Cidr": "172.20.0.0/16"} | (
        facts.get("kubernetesNetworkConfig") or Properties()
    )
    issuer = f"https://oidc.eks.{facts['region']}.amazonaws.com/id/{secrets.token_hex(16).upper()}"
    return {
        "identities": facts.get("identities") or [{"oidcs": [{"issuer": issuer}]}],
        "kubernetesNetworkConfig": network,
        "version": facts.get("version") or server["version"],
        "vpcConfig": defaults | access | {"clusterSecurityGroupId": group, "vpcId": vpc},
    }


def _node_group(cloud: Cloud, facts: Properties) -> Properties:
    cloud.node_group(facts).scale_to(facts["scalingConfig"]["desiredSize"])
    name = f"eks-{facts['nodeGroupName']}-{secrets.token_hex(8)}"
    return {"resources": [{"autoscalingGroups": [{"name": name}], "remoteAccessSecurityGroupId": ""}]}


def _remove_nodes(cloud: Cloud, facts: Properties) -> Properties:
    cloud.node_group(facts).scale(0)
    return {}


def _database(cloud: Cloud, facts: Properties) -> Properties:
    server = cloud.endpoints["postgres"]
    outputs: Properties = {"masterUserSecrets": []}
    password = facts.get("password")
    if facts.get("manageMasterUserPassword"):
        answer = cloud.moto.call("rds", "describe_db_instances", DBInstanceIdentifier=facts["identifier"])
        secret = answer["DBInstances"][0]["MasterUserSecret"]
        password = secrets.token_urlsafe(24)
        text = json.dumps({"username": facts["username"], "password": password})
        cloud.moto.call("secretsmanager", "put_secret_value", SecretId=secret["SecretArn"], SecretString=text)
        named = {
            "secretArn": secret["SecretArn"],
            "kmsKeyId": secret.get("KmsKeyId", ""),
            "secretStatus": "active",
        }
        outputs["masterUserSecrets"] = [named]
    with _superuser(
        server, "template1"
    ) as connection:  # in RDS the master user may add it, here only its superuser
        connection.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
    with _superuser(server) as connection:
        sql = import_module("psycopg.sql")
        user, database = sql.Identifier(facts["username"]), facts.get("dbName")
        connection.execute(
            sql.SQL("CREATE ROLE {} LOGIN CREATEDB CREATEROLE PASSWORD {}").format(
                user, sql.Literal(password)
            )
        )
        connection.execute(sql.SQL("GRANT pg_monitor TO {} WITH ADMIN OPTION").format(user))
        if database:
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(database), user))
    return outputs


def _drop_database(cloud: Cloud, facts: Properties) -> Properties:
    with _superuser(cloud.endpoints["postgres"]) as connection:
        sql = import_module("psycopg.sql")
        owned = connection.execute(
            "SELECT datname FROM pg_database JOIN pg_roles r ON r.oid = datdba WHERE rolname = %s",
            [facts["username"]],
        ).fetchall()
        for (name,) in owned:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
        # With an instance its roles go, those that operators made too; dependent ones only all at once.
        roles = connection.execute("SELECT rolname FROM pg_roles WHERE NOT rolsuper AND rolname !~ '^pg_'")
        names = [sql.Identifier(name) for (name,) in roles.fetchall()]
        if names:
            connection.execute(sql.SQL("DROP ROLE {}").format(sql.SQL(", ").join(names)))
    return {}


def _superuser(server: Properties, database: str = "postgres") -> Any:  # noqa: ANN401 psycopg is imported only when a database is made
    where = {
        "host": server["host"],
        "port": server["port"],
        "user": server["superuser"],
        "dbname": database,
    }
    if "password_file" in server:
        where["password"] = Path(server["password_file"]).read_text().strip()
    return import_module("psycopg").connect(**where, autocommit=True)


def _cache(cloud: Cloud, facts: Properties) -> Properties:
    del cloud
    numbers = range(1, facts.get("numCacheClusters", 1) + 1)
    return {"memberClusters": [f"{facts['replicationGroupId']}-{number:03}" for number in numbers]}


def _arn_suffix(cloud: Cloud, facts: Properties) -> Properties:
    del cloud
    resource = facts["arn"].rpartition(":")[2]
    return {"arnSuffix": resource.removeprefix("loadbalancer/")}


def _certificate(cloud: Cloud, facts: Properties) -> Properties:
    """The records by which ACM wants ownership proven: the same for the same name, one for each."""
    del cloud
    names: list[str] = [facts["domainName"], *(facts.get("subjectAlternativeNames") or list[str]())]
    proofs = {name: hashlib.sha256(name.encode()).hexdigest()[:32] for name in names}
    return {
        "domainValidationOptions": [
            {
                "domainName": name,
                "resourceRecordName": f"_{proof}.{name}.",
                "resourceRecordType": "CNAME",
                "resourceRecordValue": f"_{proof}.stand-in.acm-validations.aws.",
            }
            for name, proof in proofs.items()
        ]
    }


def _empty_bucket(cloud: Cloud, facts: Properties) -> Properties:
    """What forceDestroy does: every version goes, locked or not; without it AWS refuses a bucket that is not empty."""
    if facts.get("forceDestroy"):
        held = cloud.moto.call("s3", "list_object_versions", Bucket=facts["bucket"])
        for version in [*held.get("Versions", []), *held.get("DeleteMarkers", [])]:
            cloud.moto.call(
                "s3",
                "delete_object",
                Bucket=facts["bucket"],
                Key=version["Key"],
                VersionId=version["VersionId"],
                BypassGovernanceRetention=True,
            )
    return {}


CREATED: dict[str, Action] = {
    "aws:acm/certificate:Certificate": _certificate,
    "aws:eks/cluster:Cluster": _cluster,
    "aws:eks/nodeGroup:NodeGroup": _node_group,
    "aws:rds/instance:Instance": _database,
    "aws:elasticache/replicationGroup:ReplicationGroup": _cache,
    "aws:lb/loadBalancer:LoadBalancer": _arn_suffix,
    "aws:lb/targetGroup:TargetGroup": _arn_suffix,
}
DELETED: dict[str, Action] = {
    "aws:s3/bucket:Bucket": _empty_bucket,
    "aws:eks/nodeGroup:NodeGroup": _remove_nodes,
    "aws:rds/instance:Instance": _drop_database,
}


PARTLY_COMPUTED = {
    "aws:eks/cluster:Cluster": {
        "vpcConfig": ("clusterSecurityGroupId", "vpcId"),
        "kubernetesNetworkConfig": (),
    }
}
"""Objects of which the program gives some members and AWS the others; with those that only an update can know."""


def planned(kind: str, inputs: Properties) -> Properties:
    """Inputs of a creation, with the members that AWS will give them unknown."""
    computed = PARTLY_COMPUTED.get(kind, {})
    return {
        name: inputs[name] | dict.fromkeys(members, UNKNOWN)
        for name, members in computed.items()
        if is_map(inputs.get(name))
    }


def told(cloud: Cloud, kind: str, outputs: Properties) -> Properties:
    """Secrets that AWS tells whoever may read them; the ledger has none, and an import reads them."""
    if kind != "aws:secretsmanager/secretVersion:SecretVersion":
        return {}
    version = {"SecretId": outputs["secretId"], "VersionId": outputs["versionId"]}
    answer = cloud.moto.call("secretsmanager", "get_secret_value", **version)
    return {"secretString": Secret(answer["SecretString"])}


def completed(kind: str, outputs: Properties, inputs: Properties) -> Properties:
    """New inputs with the members that AWS had given the old ones."""
    names = [name for name in PARTLY_COMPUTED.get(kind, ()) if name in outputs and name in inputs]
    return {name: outputs[name] | inputs[name] for name in names}


def _refuse_other_zones(cloud: Cloud, olds: Properties, news: Properties) -> None:
    """EKS takes other subnets for a cluster, in the zones of its creation only."""
    zone_of = {
        outputs["id"]: outputs["availabilityZone"] for outputs in cloud.ledger.of("aws:ec2/subnet:Subnet")
    }
    before, after = (
        {zone_of.get(subnet) for subnet in given["vpcConfig"]["subnetIds"]} for given in (olds, news)
    )
    if before != after:
        raise StandInError("InvalidParameterException: the subnets must be in the zones of the creation")


def updated(cloud: Cloud, kind: str, olds: Properties, facts: Properties) -> Properties:
    """Outputs that change with an update in place, and what it does behind them."""
    if kind == "aws:ec2/launchTemplate:LaunchTemplate":
        latest = facts["latestVersion"] + 1
        return {"latestVersion": latest} | (
            {"defaultVersion": latest} if facts.get("updateDefaultVersion") else {}
        )
    if kind == "aws:eks/nodeGroup:NodeGroup":
        wanted = facts["scalingConfig"]["desiredSize"]
        group = cloud.node_group(facts)
        if any(olds.get(name) != facts.get(name) for name in ("version", "releaseVersion", "launchTemplate")):
            count = len(group.names())
            group.scale(0)
            group.scale(count)
        group.scale_to(None if wanted == olds["scalingConfig"]["desiredSize"] else wanted)
    if kind == "aws:eks/cluster:Cluster":
        _refuse_other_zones(cloud, olds, facts)
    if kind in ("aws:eks/cluster:Cluster", "aws:elasticache/replicationGroup:ReplicationGroup"):
        return CREATED[kind](cloud, facts)
    return {}
