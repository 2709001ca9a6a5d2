"""The Pulumi engine against the local cloud: its environment, its plugins and the stack file derived for it."""

import os
import secrets
import shlex
import shutil
import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import yaml

from localcloud.engine_run import LOCKING, refuse_locked, run
from localcloud.errors import LocalCloudError
from localcloud.facts import Facts, read_document, tracked_file
from localcloud.paths import LOOPBACK, Paths, write

STAND_IN_PROVIDERS = {"aws": "pulumi-aws", "random": "pulumi-random"}
"""Providers that are stand-ins here, with the package that pins the version that the engine asks for."""

CLEARED = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "PULUMI_ACCESS_TOKEN",
    "PULUMI_CONFIG_PASSPHRASE",
)
"""Variables that could lead somebody's real account or state into a local command."""


AWS_CONFIG = """\
[profile deployer]
role_arn = {role_arn}
role_session_name = {session}
source_profile = anybody

[profile anybody]
aws_access_key_id = local
aws_secret_access_key = local
"""
"""Credentials as an operator has them: own ones that do no more than take the deployer's role.

The AWS command line keeps a role's keys for an hour, in the person's home, and takes them for any cloud that lends a
role of this name in a session of this name: each start has a session of its own, or it would be shown another's keys.
"""

PER_STACK = ("PULUMI_STACK", "PULUMI_OPTION_CONFIG_FILE")
"""Variables that say which stack; they get in the way where the stack is made."""


def derived_document(tracked: dict[str, Any], repositories: Mapping[str, str], salt: str) -> dict[str, Any]:
    """The stack file for the local engine: the tracked settings, with charts from loopback.

    Args:
        tracked: the tracked stack file.
        repositories: URL of each chart repository, by its key of ``intendly:chartRepositories``.
        salt: the engine's encryption salt of the last derived file, or nothing.
    """
    config = {**tracked.get("config", {})}
    known = cast("dict[str, str]", config.get("intendly:chartRepositories") or {})
    config["intendly:chartRepositories"] = {**known, **repositories}
    document = {**tracked, "config": config}
    return {**document, "encryptionsalt": salt} if salt else document


class Engine:
    """The engine of one stack, with its state in the stack's folder."""

    def __init__(self, paths: Paths) -> None:
        self._paths = paths

    @property
    def stack_file(self) -> Path:
        """The derived stack file: the engine writes its salt here, so tracked files stay as they are."""
        return self._paths.state / f"Pulumi.{self._paths.stack}.yaml"

    def prepare(self, repositories: Mapping[str, str], role_arn: str) -> None:
        """Write what the engine needs: passphrase, credentials, derived stack file, plugins.

        Args:
            repositories: as ``derive``.
            role_arn: the role that runs updates.
        """
        (self._paths.state / "state").mkdir(parents=True, exist_ok=True)
        if not self._passphrase.exists():
            write(self._passphrase, secrets.token_urlsafe(24), 0o600)
        write(self._aws_config, AWS_CONFIG.format(role_arn=role_arn, session=secrets.token_hex(8)))
        self.derive(repositories)
        self._install_plugins()

    def derive(self, repositories: Mapping[str, str]) -> None:
        """Write the derived stack file, with the URL of each chart repository."""
        salt = ""
        if self.stack_file.exists():
            salt = str(read_document(self.stack_file).get("encryptionsalt", ""))
        document = read_document(tracked_file(self._paths.root, self._paths.stack))
        self._write_stack_file(derived_document(document, repositories, salt))

    def _write_stack_file(self, document: dict[str, Any]) -> None:
        header = (
            "# Derived by the local cloud from the tracked stack file, again at each start: edit that one.\n"
        )
        write(self.stack_file, header + yaml.safe_dump(document, sort_keys=False), 0o600)

    def environment(self, facts: Facts, moto_url: str) -> dict[str, str]:
        """What a shell needs so that plain ``pulumi``, ``kubectl`` and ``aws`` work on this stack's local cloud."""
        paths = self._paths
        helm = paths.local / "helm"
        search = [str(paths.bin), str(Path(sys.executable).parent)]
        rest = [folder for folder in os.environ.get("PATH", "").split(os.pathsep) if folder not in search]
        return {
            "PATH": os.pathsep.join([*search, *rest]),
            "PULUMI_HOME": str(paths.pulumi_home),
            # Attributes beside each file are not written whole or not at all: a killed engine leaves an empty one,
            # and cannot read the state for it.
            "PULUMI_BACKEND_URL": f"file://{paths.state / 'state'}?metadata=skip",
            "PULUMI_CONFIG_PASSPHRASE_FILE": str(self._passphrase),
            "PULUMI_STACK": paths.stack,
            # The command line reads any option from PULUMI_OPTION_<NAME>.
            "PULUMI_OPTION_CONFIG_FILE": str(self.stack_file),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            # The plugin that is built here is older than the provider's own setting of this name.
            "PULUMI_K8S_ENABLE_PATCH_FORCE": "true",
            "KUBECONFIG": str(paths.kubeconfig),
            # Charts of the same name and version as real ones must not get into the person's own cache.
            "HELM_CACHE_HOME": str(helm / "cache"),
            "HELM_CONFIG_HOME": str(helm / "config"),
            "HELM_DATA_HOME": str(helm / "data"),
            "AWS_ENDPOINT_URL": moto_url,
            "AWS_PROFILE": "deployer",
            "AWS_REGION": facts.region,
            "AWS_DEFAULT_REGION": facts.region,
            "AWS_CONFIG_FILE": str(self._aws_config),
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": f"{LOOPBACK},localhost",
            "INTENDLY_LOCALCLOUD": str(paths.state),
        }

    def create_stack(self, environment: Mapping[str, str]) -> None:
        """Make the stack in the engine's backend, unless it is there.

        The engine writes the new stack's salt beside Pulumi.yaml, into the tracked file; so it is made in a folder of
        its own, from where the salt is taken.
        """
        backend = self._paths.state / "state"
        if any(backend.glob(f".pulumi/stacks/*/{self._paths.stack}.json")):
            return
        kept = {name: value for name, value in environment.items() if name not in PER_STACK}
        with TemporaryDirectory() as folder:
            shutil.copy(self._paths.root / "Pulumi.yaml", folder)
            self.run(kept, "stack", "init", self._paths.stack, "--cwd", folder)
            salt = read_document(Path(folder) / self.stack_file.name)["encryptionsalt"]
        self._write_stack_file({**read_document(self.stack_file), "encryptionsalt": salt})

    def exports(self, environment: Mapping[str, str]) -> str:
        """Lines for ``eval "$(python -m localcloud env)"``."""
        lines = [f"unset {' '.join(CLEARED)}"]
        return "\n".join(
            [*lines, *(f"export {name}={shlex.quote(value)}" for name, value in environment.items())]
        )

    def run(self, environment: Mapping[str, str], *arguments: str, capture: bool = False) -> str:
        """Run a ``pulumi`` command in the checkout; its output goes to the terminal unless it is captured.

        Raises:
            LocalCloudError: it failed, was interrupted, or would change a stack that somebody holds.
        """
        if arguments[0] in LOCKING:
            refuse_locked(self._paths.state / "state", self._paths.stack)
        kept = {name: value for name, value in os.environ.items() if name not in CLEARED}
        done = run(
            [str(self._paths.bin / "pulumi"), *arguments],
            folder=self._paths.root,
            environment={**kept, **environment},
            capture=capture,
        )
        if done.code:
            if done.interrupted:
                raise LocalCloudError(
                    f"pulumi {arguments[0]} was interrupted", "the same command goes on from there"
                )
            raise LocalCloudError(f"pulumi {arguments[0]} failed (code {done.code})", "its output is above")
        return done.output

    @property
    def _passphrase(self) -> Path:
        return self._paths.state / "secrets" / "passphrase"

    @property
    def _aws_config(self) -> Path:
        return self._paths.state / "aws.config"

    def _install_plugins(self) -> None:
        """Put the plugins where the engine looks: the real one as a link, the stand-ins as launchers."""
        real = f"resource-kubernetes-v{version('pulumi-kubernetes')}"
        link = self._paths.pulumi_home / "plugins" / real / "pulumi-resource-kubernetes"
        link.parent.mkdir(parents=True, exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(self._paths.program(link.name))
        for name, package in STAND_IN_PROVIDERS.items():
            here = f'PYTHONPATH="{self._paths.root}" exec "{sys.executable}" -m localcloud.providers.{name}'
            launcher = f'#!/bin/sh\n{here} "$@"\n'
            folder = self._paths.pulumi_home / "plugins" / f"resource-{name}-v{version(package)}"
            write(folder / f"pulumi-resource-{name}", launcher, 0o755)
