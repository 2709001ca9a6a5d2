"""Wires clients to services, when they are asked for. Tests replace clients here, and nowhere else."""

import os
from collections.abc import Mapping
from pathlib import Path

from operations.clients.engine import EngineClient
from operations.clients.kubernetes import ClusterAddress, KubernetesClient
from operations.clients.machine import Machine
from operations.services.doctor import Doctor
from operations.services.status import StatusService

ROLE_VARIABLE = "INTENDLY_ROLE_ARN"
"""Environment variable with the IAM role to act as in the cluster, where ``--role-arn`` is not given."""


class Factory:
    """Makes services over the real clients.

    Args:
        root: the project's folder, where Pulumi.yaml is.
        stack: the stack to act on; empty for what acts on none.
        role_arn: IAM role to act as in the cluster; else ``INTENDLY_ROLE_ARN``, else the caller's own identity.
        environment: decides backend and credentials.
    """

    def __init__(
        self,
        root: Path,
        stack: str = "",
        role_arn: str | None = None,
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        self.root = root
        self.stack = stack
        self.environment = environment
        self.role_arn = role_arn or environment.get(ROLE_VARIABLE) or None

    def engine(self) -> EngineClient:
        """The stack's engine."""
        return EngineClient(self.stack, self.root, self.environment)

    def kubernetes(self, address: ClusterAddress) -> KubernetesClient:
        """The cluster at an address that the stack's outputs gave."""
        return KubernetesClient(address, self.role_arn, self.environment)

    def machine(self) -> Machine:
        """This machine."""
        return Machine(self.environment)

    def status(self) -> StatusService:
        """What the stack is and how much of it is ready."""
        return StatusService(self.stack, self.engine(), self.kubernetes)

    def doctor(self) -> Doctor:
        """What this machine lacks."""
        return Doctor(self.root, self.machine())
