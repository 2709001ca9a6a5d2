"""The nodes of a node group: Node objects in the real API server, kept Ready by kwok."""

import base64
import ipaddress
import json
import re
import secrets
import subprocess
from dataclasses import dataclass
from typing import Any

from localcloud.providers.ledger import Ledger
from localcloud.providers.server import StandInError
from localcloud.providers.wire import Properties

_SIZES = {"medium": 1, "large": 2, "xlarge": 4}  # vCPUs; 2xlarge is twice xlarge
_GIB_PER_CPU = {"c": 2, "m": 4, "t": 4, "r": 8}
_ENI_PODS = {"large": 29, "xlarge": 58}  # what the ENIs of an m-class node take without maxPods
_EFFECTS = {"NO_SCHEDULE": "NoSchedule", "NO_EXECUTE": "NoExecute", "PREFER_NO_SCHEDULE": "PreferNoSchedule"}
_NODE_INFO = [
    "machineID",
    "systemUUID",
    "bootID",
    "kernelVersion",
    "osImage",
    "containerRuntimeVersion",
    "kubeProxyVersion",
    "operatingSystem",
    "architecture",
]  # the API requires each of them
_GROUP = "eks.amazonaws.com/nodegroup"


@dataclass(frozen=True)
class NodeGroup:
    """One managed node group's facts, and the API server that holds its nodes."""

    facts: Properties
    ledger: Ledger
    kubeconfig: str
    version: str

    def _kubectl(self, *arguments: str, document: str = "") -> str:
        command = ["kubectl", "--kubeconfig", self.kubeconfig, *arguments]
        done = subprocess.run(
            command, input=document, capture_output=True, text=True, check=False, timeout=60
        )
        if done.returncode:
            raise StandInError(f"nodes of {self.facts['nodeGroupName']}: {done.stderr.strip()}")
        return done.stdout

    def names(self) -> list[str]:
        """Names of the nodes that are there."""
        return self._kubectl(
            "get", "nodes", "-l", f"{_GROUP}={self.facts['nodeGroupName']}", "-o", "name"
        ).split()

    def scale(self, count: int) -> None:
        """Add or remove nodes until there are ``count``."""
        there = self.names()
        if there[count:]:
            self._kubectl("delete", "--wait=false", *there[count:])
        if fresh := [self.node(index) for index in range(len(there), count)]:
            document = json.dumps({"apiVersion": "v1", "kind": "List", "items": fresh})
            self._kubectl("create", "-f", "-", document=document)

    def scale_to(self, desired: int | None) -> None:
        """Scale to the desired size, or only into the limits when desired belongs to somebody else."""
        sizes = self.facts["scalingConfig"]
        wanted = len(self.names()) if desired is None else desired
        self.scale(min(max(wanted, sizes["minSize"]), sizes["maxSize"]))

    def _template(self) -> Properties:
        wanted = self.facts.get("launchTemplate", {}).get("id")
        found = [
            outputs
            for outputs in self.ledger.of("aws:ec2/launchTemplate:LaunchTemplate")
            if outputs["id"] == wanted
        ]
        return found[0] if found else {}

    def node(self, index: int) -> dict[str, Any]:
        """A Node object, in the group's subnets in turn, as large as its instance type."""
        subnets = sorted(self.facts["subnetIds"])
        known = {outputs["id"]: outputs for outputs in self.ledger.of("aws:ec2/subnet:Subnet")}
        subnet = known.get(
            subnets[index % len(subnets)], {"cidrBlock": "10.0.0.0/16", "availabilityZone": "us-east-1a"}
        )
        block = ipaddress.ip_network(subnet["cidrBlock"])
        address = str(
            block[4 + secrets.randbelow(block.num_addresses - 5)]
        )  # AWS keeps the first four and the last
        name, zone, template = (
            f"ip-{address.replace('.', '-')}.ec2.internal",
            subnet["availabilityZone"],
            self._template(),
        )
        instance: str = (self.facts.get("instanceTypes") or [template.get("instanceType") or "t3.medium"])[0]
        size = instance.partition(".")[2]
        cpus = (
            int(size.removesuffix("xlarge")) * 4 if re.fullmatch(r"\d+xlarge", size) else _SIZES.get(size, 2)
        )
        user_data = base64.b64decode(template.get("userData") or "").decode(errors="replace")
        pods = re.search(r"max-?[pP]ods\W+(\d+)", user_data)
        labels = {
            "kubernetes.io/hostname": name,
            "kubernetes.io/os": "linux",
            "kubernetes.io/arch": "arm64" if re.match(r"[a-z]+\d+g", instance) else "amd64",
            "node.kubernetes.io/instance-type": instance,
            "topology.kubernetes.io/region": zone[:-1],
            "topology.kubernetes.io/zone": zone,
            _GROUP: self.facts["nodeGroupName"],
        }
        resources = {
            "cpu": str(cpus),
            "memory": f"{cpus * _GIB_PER_CPU.get(instance[0], 4)}Gi",
            "ephemeral-storage": "50Gi",
            "pods": pods[1] if pods else str(_ENI_PODS.get(size, 110)),
        }
        taints = [
            {"key": taint["key"], "value": taint.get("value", ""), "effect": _EFFECTS[taint["effect"]]}
            for taint in self.facts.get("taints", [])
        ]
        return {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {
                "name": name,
                "annotations": {"kwok.x-k8s.io/node": "fake"},
                "labels": labels | self.facts.get("labels", {}),
            },
            "spec": {"providerID": f"aws:///{zone}/i-{secrets.token_hex(9)[:17]}", "taints": taints},
            "status": {
                "capacity": resources,
                "allocatable": resources,
                "nodeInfo": dict.fromkeys(_NODE_INFO, "stand-in")
                | {"kubeletVersion": f"v{self.version}.0-eks-stand-in"},
                "addresses": [
                    {"type": "InternalIP", "address": address},
                    {"type": "Hostname", "address": name},
                ],
            },
        }
