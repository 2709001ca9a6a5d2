"""The project's folder and its stacks, found from where the operator stands."""

from pathlib import Path

from operations.errors import OperatorError

PROJECT_FILE = "Pulumi.yaml"


def find_root(start: Path) -> Path:
    """The folder with Pulumi.yaml, from ``start`` upwards.

    Raises:
        OperatorError: there is none.
    """
    for folder in (start, *start.parents):
        if (folder / PROJECT_FILE).is_file():
            return folder
    raise OperatorError(
        f"no {PROJECT_FILE} in {start} or above it", "run intendly inside the project's folder"
    )


def project_name(root: Path) -> str:
    """The project's name, as the engine has it in its states.

    Raises:
        OperatorError: the project's file does not say.
    """
    for line in (root / PROJECT_FILE).read_text(encoding="utf-8").splitlines():
        key, _, value = line.partition(":")
        if key == "name" and value.strip():
            return value.strip()
    raise OperatorError(f"{PROJECT_FILE} of {root} has no name")


def stack_file(root: Path, stack: str) -> Path:
    """The settings file of a stack."""
    return root / f"Pulumi.{stack}.yaml"


def stack_names(root: Path) -> list[str]:
    """The stacks that have a settings file, in order."""
    return sorted(file.name.split(".")[1] for file in root.glob("Pulumi.*.yaml"))
