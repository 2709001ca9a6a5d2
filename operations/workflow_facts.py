"""What GitHub's workflows must know of a stack, from its settings: `python -m operations.workflow_facts STACK`.

Prints ``name=value`` lines for ``$GITHUB_OUTPUT``: nothing of it is stored at GitHub, and nothing is secret.
"""

import re
import sys
from pathlib import Path
from typing import Final

from infra.settings import StackSettings, load_file
from operations.project import find_root, stack_file

ENGINE_PIN: Final = re.compile(r"github\.com/pulumi/pulumi/pkg/v3 v(?P<version>[\d.]+)")


def facts(root: Path, stack: str) -> dict[str, str]:
    """Roles by what they do, region, backend, image, and the engine's version."""
    settings = load_file(stack_file(root, stack))
    account = settings.account
    engine = ENGINE_PIN.search((root / "localcloud/tools/pulumi/go.mod").read_text(encoding="utf-8"))
    return {
        "region": account.region,
        "backend": f"{_backend(settings)}?region={account.region}",
        "deployer": account.deployer_role_arn,
        **{role: role_arn(settings, role) for role in ("deploy", "preview", "look")},
        "image": settings.applications.image,
        "engine": engine["version"] if engine else "",
    }


def role_arn(settings: StackSettings, role: str) -> str:
    """A role of the stack's workflows, as ``components/github_roles.py`` names it."""
    return f"arn:aws:iam::{settings.account.id}:role/{settings.prefix}-github-{role}"


def _backend(settings: StackSettings) -> str:
    """The state's bucket, which ``intendly bootstrap`` made; the settings name it for the roles that read it."""
    github = settings.access.github
    name = github.state_bucket_arn.rpartition(":")[2] if github else ""
    return f"s3://{name}"


def main() -> int:
    """Print the facts of a stack."""
    root = find_root(Path.cwd())
    sys.stdout.write("".join(f"{name}={value}\n" for name, value in facts(root, sys.argv[1]).items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
