"""Wires clients to services, when they are asked for. Tests replace clients here, and nowhere else.

A service's module is imported when the service is made: a command pays for its own world only, and `intendly
settings check` for no cloud's SDK.
"""

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from operations.errors import OperatorError
from operations.project import project_name, stack_file

if TYPE_CHECKING:
    from infra.settings import StackSettings
    from operations.clients.aws import AwsSession
    from operations.clients.aws_objects import ObjectStore
    from operations.clients.aws_secrets import SecretStore
    from operations.clients.engine import EngineClient
    from operations.clients.kubernetes import ClusterAddress, KubernetesClient
    from operations.clients.kubernetes_deployments import Deployments
    from operations.clients.machine import Machine
    from operations.clients.postgres import Address, PostgresClient
    from operations.services.apply import ApplyService
    from operations.services.approving import ApprovingService, Surroundings
    from operations.services.backup_place import Backups
    from operations.services.bootstrap import BootstrapService
    from operations.services.cost import CostService
    from operations.services.database import DatabaseService
    from operations.services.doctor import Doctor
    from operations.services.drift import DriftService
    from operations.services.heal import HealService
    from operations.services.open_ports import OpenPorts
    from operations.services.preflight import PreflightService
    from operations.services.preview import PreviewService
    from operations.services.price_refresh import PriceRefresh
    from operations.services.restore_place import Restores
    from operations.services.settings import SettingsService
    from operations.services.status import StatusService

ROLE_VARIABLE = "INTENDLY_ROLE_ARN"
"""Environment variable with the IAM role to act as in the cluster, where ``--role-arn`` is not given."""


class Factory:
    """Makes services over the real clients.

    Args:
        root: the project's folder, where Pulumi.yaml is.
        stack: the stack to act on; empty for what acts on none.
        role_arn: IAM role to act as in the cluster; the caller's own identity where there is none.
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
        self.role_arn = role_arn
        self.environment = environment

    def engine(self) -> "EngineClient":
        """The stack's engine."""
        from operations.clients.engine import EngineClient  # noqa: PLC0415 - when asked for

        return EngineClient(self.stack, self.root, self.environment)

    def kubernetes(self, address: "ClusterAddress") -> "KubernetesClient":
        """The cluster at an address that the stack's outputs gave."""
        from operations.clients.kubernetes import KubernetesClient  # noqa: PLC0415 - when asked for

        return KubernetesClient(address, self.role_arn, self.environment)

    def machine(self) -> "Machine":
        """This machine."""
        from operations.clients.machine import Machine  # noqa: PLC0415 - when asked for

        return Machine(self.environment)

    def settings(self) -> "SettingsService":
        """The stack files."""
        from operations.services.settings import SettingsService  # noqa: PLC0415 - when asked for

        return SettingsService(self.root)

    def status(self) -> "StatusService":
        """What the stack is and how much of it is ready."""
        from operations.services.status import StatusService  # noqa: PLC0415 - when asked for

        return StatusService(self.stack, self.engine(), self.kubernetes, self.settings())

    def doctor(self) -> "Doctor":
        """What this machine lacks."""
        from operations.services.doctor import Doctor  # noqa: PLC0415 - when asked for

        return Doctor(self.root, self.machine())

    def aws(self, region: str) -> "AwsSession":
        """AWS in a region, with the credentials of the process's environment."""
        from operations.clients.aws import AwsSession  # noqa: PLC0415 - when asked for

        return AwsSession(region)

    def secrets(self, region: str) -> "SecretStore":
        """The secrets of a region."""
        from operations.clients.aws_secrets import SecretStore  # noqa: PLC0415 - when asked for

        return SecretStore(self.aws(region))

    def postgres(self, address: "Address") -> "PostgresClient":
        """A database at an address that the stack's outputs gave."""
        from operations.clients.postgres import PostgresClient  # noqa: PLC0415 - when asked for

        return PostgresClient(address)

    def database(self) -> "DatabaseService":
        """The roles of the stack's database."""
        from operations.services.database import DatabaseService, Expected  # noqa: PLC0415 - when asked for

        settings = self.stack_settings()
        account = settings.account
        expected = Expected(environment=settings.environment, account=account.id, region=account.region)
        secrets = self.secrets(account.region)
        return DatabaseService(self.stack, expected, self.engine(), secrets, self.postgres)

    def object_store(self, bucket: str, region: str) -> "ObjectStore":
        """A bucket of a region."""
        from operations.clients.aws_objects import ObjectStore  # noqa: PLC0415 - when asked for

        return ObjectStore(self.aws(region), bucket)

    def backups(self) -> "Backups":
        """The backups of the stack's database."""
        from operations.services.backup_place import Backups  # noqa: PLC0415 - when asked for

        region = self.stack_settings().account.region
        return Backups(
            self.stack,
            self.engine(),
            self.database(),
            lambda name: self.object_store(name, region),
            self.postgres,
        )

    def restores(self) -> "Restores":
        """Restores of the stack's database."""
        from operations.services.restore_place import Restores  # noqa: PLC0415 - when asked for

        return Restores(self.backups(), self.postgres, self.applications)

    def applications(self) -> "Deployments":
        """The stack's applications.

        Raises:
            OperatorError: the stack has no cluster.
        """
        from operations.clients.kubernetes import ClusterAddress  # noqa: PLC0415 - when asked for
        from operations.clients.kubernetes_deployments import Deployments  # noqa: PLC0415 - as above

        address = ClusterAddress.from_outputs(self.engine().state().outputs)
        if address is None:
            raise OperatorError(f"the state of stack {self.stack} tells no cluster", "pulumi up first")
        return Deployments(self.kubernetes(address))

    def stack_settings(self) -> "StackSettings":
        """The stack's settings, checked.

        Raises:
            OperatorError: they have problems.
        """
        from infra.settings import SettingsError, load_file  # noqa: PLC0415 - when asked for

        file = stack_file(self.root, self.stack)
        try:
            return load_file(file)
        except SettingsError as error:
            problems = f"{file.name} has {len(error.problems)} problems, the first: {error.problems[0]}"
            raise OperatorError(problems, f"intendly settings check --stack {self.stack}") from None

    def bootstrap(self, *, bucket: str, people: Sequence[str], github: bool) -> "BootstrapService":
        """What an account needs before its stack's first update."""
        from operations.services.bootstrap import BootstrapService  # noqa: PLC0415 - when asked for

        settings = self.stack_settings()
        session = self.aws(settings.account.region)
        return BootstrapService(settings, session, bucket=bucket, people=people, github=github)

    def preflight(self) -> "PreflightService":
        """Whether an update can begin in the stack's account."""
        from operations.clients import network  # noqa: PLC0415 - when asked for
        from operations.services.preflight import Network, PreflightService  # noqa: PLC0415 - as above

        settings = self.stack_settings()
        here = Network(name_servers=network.name_servers, reach=network.reach)
        return PreflightService(settings, self.aws(settings.account.region), here)

    def preview(self) -> "PreviewService":
        """What an update of the stack would do."""
        from operations.clients.engine_preview import PreviewEngine  # noqa: PLC0415 - when asked for
        from operations.services.preview import PreviewService  # noqa: PLC0415 - as above
        from operations.services.preview_cost import compare  # noqa: PLC0415 - as above

        engine = PreviewEngine(self.stack, self.root, self.environment)
        return PreviewService(self.stack, engine, cost=compare)

    def cost(self) -> "CostService":
        """What the stack costs a month."""
        from operations.clients.engine_preview import PreviewEngine  # noqa: PLC0415 - when asked for
        from operations.services.cost import CostService  # noqa: PLC0415 - as above
        from operations.services.preview import PreviewService  # noqa: PLC0415 - as above

        previews = PreviewService(self.stack, PreviewEngine(self.stack, self.root, self.environment))
        return CostService(self.stack, self.engine(), lambda: previews.run().preview)

    def drift(self) -> "DriftService":
        """What is not as the stack's last update left it."""
        from operations.clients.engine_drift import DriftEngine  # noqa: PLC0415 - when asked for
        from operations.services.drift import DriftService  # noqa: PLC0415 - as above

        return DriftService(self.stack, DriftEngine(self.stack, self.root, self.environment))

    def open_ports(self) -> "OpenPorts":
        """What answers at the stack's public hosts."""
        from operations.clients import network  # noqa: PLC0415 - when asked for
        from operations.services.open_ports import OpenPorts  # noqa: PLC0415 - as above

        hosts = self.stack_settings().hosts
        return OpenPorts((hosts.api, hosts.app, hosts.monitoring), network.answers)

    def price_refresh(self) -> "PriceRefresh":
        """The list of prices beside AWS's own."""
        from operations.clients.aws_prices import API_REGION, AwsPrices  # noqa: PLC0415 - when asked for
        from operations.services.price_refresh import PriceRefresh  # noqa: PLC0415 - as above

        return PriceRefresh(AwsPrices(self.aws(API_REGION)), self.root / "pricing" / "us-east-1.yaml")

    def surroundings(self) -> "Surroundings":
        """What an approval of the stack is bound to."""
        from operations.clients.engine_preview import PreviewEngine  # noqa: PLC0415 - when asked for
        from operations.services.approving import Surroundings  # noqa: PLC0415 - as above

        engine = PreviewEngine(self.stack, self.root, self.environment)
        return Surroundings(stack=self.stack, root=self.root, engine=engine, environment=self.environment)

    def approving(self) -> "ApprovingService":
        """What an update of the stack would do, and the approval of it."""
        from operations.services.approving import ApprovingService  # noqa: PLC0415 - when asked for

        return ApprovingService(self.surroundings(), self.preview(), lambda: datetime.now(UTC))

    def apply(self) -> "ApplyService":
        """What does exactly what was approved."""
        from operations.clients.engine_apply import ApplyEngine  # noqa: PLC0415 - when asked for
        from operations.services.apply import ApplyService  # noqa: PLC0415 - as above

        return ApplyService(self.surroundings(), ApplyEngine(self.stack, self.root, self.environment))

    def heal(self) -> "HealService":
        """What brings a stack right after its engine was killed."""
        from operations.clients.aws_finder import AwsFinder  # noqa: PLC0415 - when asked for
        from operations.clients.engine_repair import RepairEngine  # noqa: PLC0415 - as above
        from operations.clients.kubernetes import KubernetesClient  # noqa: PLC0415 - as above
        from operations.clients.state_backend import state_backend  # noqa: PLC0415 - as above
        from operations.services.heal import HealService  # noqa: PLC0415 - as above

        engine = RepairEngine(self.stack, self.root, self.environment)
        # Whoever finishes updates enters the cluster as updates do.
        role = self.role_arn or self.stack_settings().account.deployer_role_arn
        return HealService(
            self.stack,
            project=project_name(self.root),
            engine=engine,
            backend=state_backend(engine.backend_url(), self.aws),
            finder=lambda region: AwsFinder(self.aws(region)),
            kubernetes=lambda address: KubernetesClient(address, role, self.environment),
        )
