"""Stack files checked and explained, over the program's own models; no cloud's SDK is imported for it."""

from dataclasses import dataclass
from pathlib import Path

from infra import settings
from operations.errors import OperatorError
from operations.project import PROJECT_FILE, stack_file, stack_names


@dataclass(frozen=True, kw_only=True)
class CheckedFile:
    """A stack file and everything that is wrong with it."""

    file: Path
    problems: tuple[settings.Problem, ...]

    @property
    def good(self) -> bool:
        """Whether an update may use it."""
        return not self.problems


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """The versions that a stack's settings ask for, or why they cannot be told."""

    image: str = ""
    kubernetes_version: str = ""
    problem: str = ""


class SettingsService:
    """The stack files of a project.

    Args:
        root: the project's folder.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def check(self, file: Path) -> CheckedFile:
        """Check a stack file as the program would before anything is registered."""
        return CheckedFile(file=file, problems=settings.check(file))

    def stack_file(self, stack: str) -> Path:
        """The file of one stack."""
        return stack_file(self._root, stack)

    def stack_files(self) -> list[Path]:
        """The files of all stacks.

        Raises:
            OperatorError: there is none, which is never a pass.
        """
        files = [stack_file(self._root, stack) for stack in stack_names(self._root)]
        if not files:
            where = self._root / PROJECT_FILE
            raise OperatorError(f"there is no stack file beside {where}", "pulumi stack init NAME")
        return files

    def keys(self) -> dict[str, str]:
        """The keys at the top and what they are about."""
        fields = settings.StackSettings.model_fields.values()
        return {field.alias or "": field.description or "" for field in fields}

    def explain(self, key: str) -> settings.Explanation:
        """What a key means, takes and is in each stack.

        Raises:
            OperatorError: there is no such key; the message names the nearest.
        """
        files = tuple(stack_file(self._root, stack) for stack in stack_names(self._root))
        try:
            return settings.explain(key, files)
        except settings.SettingsError as error:
            raise OperatorError(str(error.problems[0]), "intendly settings explain lists the keys") from None

    def wanted(self, stack: str) -> Wanted:
        """The versions that a stack's settings ask the next update for."""
        file = self.stack_file(stack)
        try:
            asked = settings.load_file(file)
        except settings.SettingsError as error:
            return Wanted(problem=f"{file.name} has {len(error.problems)} problems: intendly settings check")
        return Wanted(image=asked.applications.image, kubernetes_version=asked.cluster.kubernetes_version)
