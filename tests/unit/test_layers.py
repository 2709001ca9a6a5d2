"""Data flows one way, and so do imports."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

MAY_NOT_IMPORT = {
    "components": {"infra", "operations", "localcloud", "tests", "yaml", "boto3"},
    "infra": {"operations", "localcloud", "tests", "boto3"},
    "infra/settings": {"pulumi", "pulumi_aws", "pulumi_kubernetes", "pulumi_random", "components.cluster"},
    "policies": {"operations", "localcloud", "tests", "boto3", "pulumi_aws", "pulumi_kubernetes"},
    "policies/rules": {"pulumi", "pulumi_policy"},
    "operations": {"components", "localcloud", "tests", "pulumi_aws", "pulumi_kubernetes"},
    "localcloud": {"operations", "tests"},
    "pricing": {"infra", "components", "operations", "localcloud", "tests", "pulumi", "boto3"},
}


def imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


@pytest.mark.parametrize(("folder", "forbidden"), MAY_NOT_IMPORT.items())
def test_imports_flow_one_way(folder: str, forbidden: set[str]) -> None:
    files = list((ROOT / folder).rglob("*.py"))
    assert files
    for file in files:
        for module in imports(file):
            trespass = {one for one in forbidden if module == one or module.startswith(f"{one}.")}
            assert not trespass, f"{file.relative_to(ROOT)} imports {module}"


@pytest.mark.parametrize("folder", ["infra", "components"])
def test_the_program_knows_nothing_of_stand_ins(folder: str) -> None:
    words = ("localcloud", "moto", "kwok", "stand-in", "skipAwait")
    for file in (ROOT / folder).rglob("*.py"):
        text = file.read_text()
        assert not [word for word in words if word in text], file.relative_to(ROOT)


@pytest.mark.parametrize("folder", ["components"])
def test_components_look_nothing_up(folder: str) -> None:
    for file in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Attribute):
                assert not node.attr.startswith("get_"), f"{file.relative_to(ROOT)}:{node.lineno} {node.attr}"
