"""A second checkout with a local cloud of its own, so that tests edit settings as an operator does."""

import hashlib
import json
import shutil
import subprocess
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import yaml

from localcloud.cloud import LocalCloud
from tests.support.stacks import ROOT

STACK = "staging"


class Checkout:
    """A copy of the tracked files in a folder of its own; environment and built programs are shared.

    Made again in the same folder it has the tracked files' contents of now, and the local cloud that was there.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        for name in _tracked():
            target = root / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target)
        self._copied = {name: _checksum(root / name) for name in _tracked()}
        (root / ".local").mkdir(exist_ok=True)
        for name in (".venv", ".local/bin", ".local/plugins"):
            (ROOT / name).mkdir(parents=True, exist_ok=True)
            if not (root / name).exists():
                (root / name).symlink_to(ROOT / name)
        self.cloud = LocalCloud(STACK, root, say=print)

    @property
    def stack_file(self) -> Path:
        """The tracked settings."""
        return self.root / f"Pulumi.{STACK}.yaml"

    @property
    def environment_file(self) -> Path:
        """The applications' configuration."""
        return self.root / "infra" / "config" / f"backend.{STACK}.env"

    def edit(self, section: str, **values: Any) -> None:  # noqa: ANN401 - a setting may be of any type
        """Change settings of a section, as an operator would, and have the local cloud follow."""
        self.stack_file.write_text(edited(self.stack_file, {section: values}))
        self.cloud.start()

    def preview(self) -> dict[str, str]:
        """What an update would do: the operation of each resource that changes, by its URN."""
        planned = self._planned()
        return {step["urn"]: step["op"] for step in planned if step["op"] not in ("same", "read")}

    def preview_of(self, change: Mapping[str, Any], file: Path) -> list[dict[str, Any]]:
        """The steps of a preview of changed settings; neither the settings nor the state are touched.

        Args:
            change: what changes of the ``intendly:`` namespace.
            file: where the changed settings may be written.
        """
        file.write_text(edited(self.cloud.engine.stack_file, change))
        return self._planned(PULUMI_OPTION_CONFIG_FILE=str(file))

    def _planned(self, **variables: str) -> list[dict[str, Any]]:
        # Of the copied program: without a path the environment's editable install would lead to the original's.
        environment = {**self.cloud.env(), "PYTHONPATH": str(self.root), **variables}
        return json.loads(self.cloud.engine.run(environment, "preview", "--json", capture=True))["steps"]

    @contextmanager
    def rewritten(self, name: str, *changes: tuple[str, str]) -> Generator[None]:
        """A file of the program with texts replaced by others; as before afterwards.

        Args:
            name: its path below the checkout.
            changes: old and new texts; each old one is there once.
        """
        file = self.root / name
        before = after = file.read_text()
        for old, new in changes:
            assert after.count(old) == 1, f"{name} has {after.count(old)} times: {old}"
            after = after.replace(old, new)
        file.write_text(after)
        try:
            yield
        finally:
            file.write_text(before)

    def differing(self) -> set[str]:
        """Tracked files of the copy that are no longer as they were copied."""
        return {name for name, content in self._copied.items() if _checksum(self.root / name) != content}

    def objects(self, kind: str, namespace: str = "intendly") -> dict[str, Any]:
        """Objects of the API server by name."""
        found = json.loads(self.cloud.kubectl("get", kind, "-n", namespace, "-o", "json"))
        return {item["metadata"]["name"]: item for item in found["items"]}


def kinds(changes: Mapping[str, str]) -> set[tuple[str, str]]:
    """Operations and short types of the changed resources, such as `("update", "Deployment")`."""
    return {(op, urn.split("::")[2].rpartition(":")[2]) for urn, op in changes.items()}


def edited(stack_file: Path, change: Mapping[str, Any]) -> str:
    """Content of a stack file with settings of the ``intendly:`` namespace changed, as deep as is given."""
    document = yaml.safe_load(stack_file.read_text())
    for section, values in change.items():
        key = f"intendly:{section}"
        document["config"][key] = _merged(document["config"].get(key, {}), values)
    return yaml.safe_dump(document, sort_keys=False)


def _merged(old: dict[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(old)
    for key, value in new.items():
        before = merged.get(key)
        if isinstance(before, dict) and isinstance(value, dict):
            merged[key] = _merged(cast("dict[str, Any]", before), cast("dict[str, Any]", value))
        else:
            merged[key] = value
    return merged


def _checksum(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _tracked() -> list[str]:
    git = shutil.which("git")
    assert git is not None
    listed = subprocess.run([git, "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True)
    return [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]
