"""What the local cloud takes from a stack's settings, and what it cannot follow."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import yaml

from localcloud.errors import LocalCloudError
from localcloud.paths import TOOLS


@dataclass(frozen=True, kw_only=True)
class Facts:
    """The settings that the local cloud itself must agree with."""

    account_id: str
    deployer_role_arn: str
    region: str
    kubernetes_version: str
    service_cidr: str


def pinned(tool: str, module: str) -> str:
    """The version of a Go module in a tool's ``go.mod``, ``v1.36.3``."""
    text = (TOOLS / tool / "go.mod").read_text(encoding="utf-8")
    found = re.search(rf"^(?:require )?\s*{re.escape(module)} (v\S+)", text, re.MULTILINE)
    if found is None:
        raise LocalCloudError(f"localcloud/tools/{tool}/go.mod does not name {module}")
    return found.group(1)


def kubernetes_minor() -> str:
    """The minor version of Kubernetes that this checkout builds, ``1.36``."""
    major, minor = pinned("kubernetes", "k8s.io/kubernetes").removeprefix("v").split(".")[:2]
    return f"{major}.{minor}"


def tracked_file(root: Path, stack: str) -> Path:
    """The stack's tracked settings file.

    Raises:
        LocalCloudError: there is none; the message names those that exist.
    """
    file = root / f"Pulumi.{stack}.yaml"
    if not file.exists():
        known = ", ".join(sorted(path.name.split(".")[1] for path in root.glob("Pulumi.*.yaml"))) or "none"
        raise LocalCloudError(f"no stack {stack}: {file.name} does not exist", f"stacks with a file: {known}")
    return file


def read_document(file: Path) -> dict[str, Any]:
    """A stack file as it stands."""
    return cast("dict[str, Any]", yaml.safe_load(file.read_text(encoding="utf-8")) or {})


def read_facts(root: Path, stack: str) -> Facts:
    """The facts of a stack, all settings checked first.

    Raises:
        LocalCloudError: a setting is wrong, or asks for a Kubernetes that is not built here.
    """
    # Only here, so that a local cloud can be stopped and removed while the settings' code is being changed.
    from infra.settings.errors import SettingsError  # noqa: PLC0415
    from infra.settings.loader import load_file  # noqa: PLC0415

    try:
        settings = load_file(tracked_file(root, stack))
    except SettingsError as error:
        raise LocalCloudError(
            str(error), "mend the settings; intendly settings explain KEY says what a key is"
        ) from None
    wanted, here = settings.cluster.kubernetes_version, kubernetes_minor()
    if wanted != here:
        raise LocalCloudError(
            f"the settings ask for Kubernetes {wanted}, the local cloud has {here}",
            f"set intendly:cluster.kubernetesVersion to {here}, or pin another version in localcloud/tools/kubernetes",
        )
    return Facts(
        account_id=settings.account.id,
        deployer_role_arn=settings.account.deployer_role_arn,
        region=settings.account.region,
        kubernetes_version=here,
        service_cidr=str(settings.network.service_cidr),
    )
