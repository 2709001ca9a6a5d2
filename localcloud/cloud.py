"""One stack's local cloud as a whole: brought up, used by the engine, proven empty, ended."""

import base64
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

from localcloud import charts, inventory
from localcloud.builder import Builder
from localcloud.control_plane import ControlPlane, listens
from localcloud.data_stores import SUPERUSER, DataStores
from localcloud.engine import Engine
from localcloud.errors import LocalCloudError
from localcloud.facts import Facts, read_facts
from localcloud.paths import LOOPBACK, ROOT, Paths, locked, read_json, write
from localcloud.ports import Ports
from localcloud.processes import Service, Supervisor

GUARDS = ("deletionProtection", "enableDeletionProtection")
"""How AWS's resources call what keeps them from being deleted."""

SETTLE_S = 30.0
"""Seconds that Kubernetes may take to make its own first objects, or to remove what a destroy orphaned."""


def _silent(_: str) -> None:
    """Say nothing."""


class LocalCloud:
    """The local cloud of one stack.

    Args:
        stack: the stack; its tracked settings file decides account, region and Kubernetes.
        root: the checkout.
        say: prints a line of progress.
    """

    def __init__(self, stack: str, root: Path = ROOT, say: Callable[[str], None] = _silent) -> None:
        self.paths = Paths(root, stack)
        self.supervisor = Supervisor(self.paths)
        self.engine = Engine(self.paths)
        self._say = say
        self._ports = Ports(self.paths.state / "ports.json")

    @cached_property
    def facts(self) -> Facts:
        """The settings that the local cloud follows."""
        return read_facts(self.paths.root, self.paths.stack)

    @cached_property
    def control_plane(self) -> ControlPlane:
        """Kubernetes' programs."""
        return ControlPlane(paths=self.paths, port=self._port, service_cidr=self.facts.service_cidr)

    @cached_property
    def data_stores(self) -> DataStores:
        """PostgreSQL, Redis and moto."""
        return DataStores(paths=self.paths, port=self._port, account_id=self.facts.account_id)

    @cached_property
    def repositories(self) -> dict[str, str]:
        """URL of every chart repository on loopback, by its key in the settings."""
        base = f"http://{LOOPBACK}:{self._port('charts')}"
        return {stand_in.repository: f"{base}/{stand_in.repository}" for stand_in in charts.STAND_INS}

    def build(self) -> None:
        """Build the real programs and pack the charts, where they are missing."""
        Builder(self.paths, self._say).build()
        charts.write_repositories(self.paths)

    def start(self) -> None:
        """Have every process running and ready and the stack known to the engine; what runs is left alone."""
        _ = self.facts  # a setting that cannot be followed stops everything before anything starts
        self.build()
        with self._alone("starting or stopping"):
            self.control_plane.write_credentials()
            self._write_endpoints()
            chains = [self.data_stores.services(), self._kubernetes()]
            self.supervisor.stop_others({service.name for chain in chains for service in chain})
            with ThreadPoolExecutor() as pool:
                # Each chain in its order, the two beside each other; the first failure is raised at the end.
                list(pool.map(self._ensure, chains))
            self._take_baseline()
            self.engine.prepare(self.repositories, self.facts.deployer_role_arn)
            self.engine.create_stack(self.env())
            self._follow_addresses()

    def stop(self) -> None:
        """End every process of this stack; data stay."""
        with self._alone("starting or stopping"):
            self.supervisor.stop_all()

    def env(self) -> dict[str, str]:
        """The environment in which ``pulumi``, ``kubectl`` and ``aws`` work on this stack.

        Raises:
            LocalCloudError: it was never started.
        """
        if not self.paths.endpoints.exists():
            raise LocalCloudError(
                f"the local cloud of {self.paths.stack} was never started", "run start first"
            )
        return self.engine.environment(self.facts, self.data_stores.moto_url)

    def pulumi(self, *arguments: str, capture: bool = False) -> str:
        """Run ``pulumi`` on this stack; what it printed when it is captured."""
        return self.engine.run(self.env(), *arguments, capture=capture)

    def kubectl(self, *arguments: str) -> str:
        """What ``kubectl`` printed, with the administrator's rights."""
        command = [str(self.paths.bin / "kubectl"), "--kubeconfig", str(self.paths.kubeconfig), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise LocalCloudError(f"kubectl {' '.join(arguments)} failed: {done.stderr.strip()}")
        return done.stdout

    def up(self) -> None:
        """Update the stack with the real engine; who wants to see the changes first runs ``preview``."""
        self.pulumi("up", "--yes", "--skip-preview")

    def preview(self) -> None:
        """Show what an update would change."""
        self.pulumi("preview", "--diff")

    def down(self) -> tuple[list[str], list[str]]:
        """Destroy the stack; stop and forget the data when nothing is left, else keep running.

        Returns:
            what charts keep, and what should not be there; as :meth:`leftovers`.
        """
        self._lift_protection()
        self.pulumi("destroy", "--yes")
        kept, left = self.leftovers()
        if not left:
            self.stop()
            self.data_stores.forget()
            inventory.Baseline(self.paths).forget()
        return kept, left

    def leftovers(self, wait_s: float = SETTLE_S) -> tuple[list[str], list[str]]:
        """What the stack made and a destroy left: what charts keep on purpose, and what should not be there.

        Args:
            wait_s: how long Kubernetes' garbage collector is waited for.
        """
        baseline = inventory.Baseline(self.paths)
        deadline = time.monotonic() + wait_s
        while True:
            found = baseline.since(self._inventory()) | inventory.ledger_objects(self.paths)
            kept = {name for name in found if name.endswith(inventory.KEPT)}
            if found == kept or time.monotonic() > deadline:
                return sorted(kept), sorted(found - kept)
            time.sleep(1)

    def _lift_protection(self) -> None:
        """What an operator does before destroying a protected stack: lift AWS's protection, then the engine's."""
        on, off = rf'"({"|".join(GUARDS)}|protect)": true', r'"\1": false'
        if not re.search(on, self.pulumi("stack", "export", capture=True)):
            return
        self._say("lifting the deletion protection, as an operator would before a destroy")
        write(self.paths.ledger, re.sub(on, off, self.paths.ledger.read_text(encoding="utf-8")))
        rds = inventory.client("rds", self.data_stores.moto_url, self.facts)
        for database in rds.describe_db_instances()["DBInstances"]:
            rds.modify_db_instance(
                DBInstanceIdentifier=database["DBInstanceIdentifier"], DeletionProtection=False
            )
        self._edit_state(lambda text: re.sub(on, off, text))

    def _follow_addresses(self) -> None:
        """Where a server had to move to another port, have the engine read AWS again: its state names the old one."""
        known = self.paths.state / "endpoints.known.json"
        moved = known.exists() and read_json(known) != read_json(self.paths.endpoints)
        if moved and inventory.ledger_objects(self.paths):
            self._say("a server moved to another port: reading AWS again")
            self.pulumi("refresh", "--yes", "--target", "**aws:**")
        write(known, self.paths.endpoints.read_text(encoding="utf-8"))

    def _edit_state(self, edit: Callable[[str], str]) -> None:
        """Change the engine's state through its own export and import."""
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            file.write(edit(self.pulumi("stack", "export", capture=True)))
            file.flush()
            self.pulumi("stack", "import", "--file", file.name)

    def _inventory(self) -> set[str]:
        objects = inventory.kubernetes_objects(self.control_plane.api())
        return objects | inventory.aws_objects(self.data_stores.moto_url, self.facts)

    def _take_baseline(self) -> None:
        """Once, when Kubernetes has made its own objects: two inventories in a row agree."""
        baseline = inventory.Baseline(self.paths)
        deadline = time.monotonic() + SETTLE_S
        before: set[str] = set()
        while not baseline.taken:
            now = self._inventory()
            if now == before or time.monotonic() > deadline:
                baseline.take(now)
            before = now
            time.sleep(1)

    def _ensure(self, services: list[Service]) -> None:
        for service in services:
            if self.supervisor.ensure(service):
                self._say(f"started {service.name}")

    def _kubernetes(self) -> list[Service]:
        """The control plane with what it needs before and what stands in for others after it."""
        state = str(self.paths.state)
        writer = self._module(
            "ingress-status", "localcloud.status_writer", state, self.control_plane.endpoint
        )
        served = ["--bind", LOOPBACK, "--directory", str(charts.folder(self.paths))]
        server = self._module("charts", "http.server", str(self._port("charts")), *served)
        return [*self.control_plane.services(), writer, server]

    def _module(self, name: str, module: str, *arguments: str) -> Service:
        """A service that is a Python module; with a port of its own name it is ready when it listens."""
        serves = name != "ingress-status"
        return Service(
            name=name,
            command=[sys.executable, "-m", module, *arguments],
            environment={"PYTHONPATH": str(self.paths.root)},
            ready=lambda: not serves or listens(self._port(name)),
        )

    def _port(self, name: str) -> int:
        owner = {"etcd-peer": "etcd", "token-webhook": "moto"}.get(name, name)
        return self._ports.of(name, held=self.supervisor.running(owner) is not None)

    def _write_endpoints(self) -> None:
        """Tell the AWS stand-in where everything is."""
        stores = self.data_stores
        authority = (self.control_plane.pki / "ca.crt").read_bytes()
        content = {
            "account_id": self.facts.account_id,
            "region": self.facts.region,
            "moto_url": stores.moto_url,
            "kubernetes": {
                "endpoint": self.control_plane.endpoint,
                "ca_pem_base64": base64.b64encode(authority).decode(),
                "admin_kubeconfig": str(self.paths.kubeconfig),
                "version": self.facts.kubernetes_version,
            },
            "postgres": {
                "host": LOOPBACK,
                "port": self._port("postgres"),
                "superuser": SUPERUSER,
                "password_file": str(stores.password_file("postgres")),
            },
            "redis": {
                "host": LOOPBACK,
                "port": self._port("redis"),
                "password_file": str(stores.password_file("redis")),
            },
        }
        write(self.paths.endpoints, json.dumps(content, indent=1))

    @contextmanager
    def _alone(self, doing: str) -> Generator[None]:
        with locked(self.paths.local / f"{self.paths.stack}.lock", doing):
            yield
