"""A logical name is identity: a rename replaces what it names, unless the program gives its old name as alias."""

from dataclasses import dataclass

import pytest

from tests.support.checkout import Checkout
from tests.support.edits import kind_of

pytestmark = pytest.mark.engine

Changes = tuple[tuple[str, str], ...]
"""Texts of the program, and what they become."""


@dataclass(frozen=True, kw_only=True)
class Rename:
    """One rename of something that holds data."""

    file: str
    bare: Changes
    aliased: Changes
    """The same, with the old name as alias: of a component, its children's old names follow from its own."""
    holds: str
    """Type of what holds the data."""


PROTECT = "opts=pulumi.ResourceOptions(parent=self, protect=args.protect"
WITH_ALIAS = (
    "pulumi.ResourceOptions.merge(base.aws, pulumi.ResourceOptions(aliases=[pulumi.Alias(name='database')]))"
)

RENAMES = {
    "component": Rename(
        file="infra/composition/data_stores.py",
        bare=(('Database("database", ', 'Database("records", '),),
        aliased=(
            ("from components.cache ", "import pulumi\nfrom components.cache "),
            (
                'Database("database", database_args(settings, base), base.aws)',
                f'Database("records", database_args(settings, base), {WITH_ALIAS})',
            ),
        ),
        holds="aws:rds/instance:Instance",
    ),
    "resource": Rename(
        file="components/cache.py",
        bare=(('f"{self._name}-group"', 'f"{self._name}-queues"'),),
        aliased=(
            ('f"{self._name}-group"', 'f"{self._name}-queues"'),
            (PROTECT, f'{PROTECT}, aliases=[pulumi.Alias(name=f"{{self._name}}-group")]'),
        ),
        holds="aws:elasticache/replicationGroup:ReplicationGroup",
    ),
}
each = pytest.mark.parametrize("rename", RENAMES.values(), ids=RENAMES)


@each
def test_a_rename_with_an_alias_replaces_nothing(checkout: Checkout, rename: Rename) -> None:
    with checkout.rewritten(rename.file, *rename.aliased):
        changes = checkout.preview()
    assert {urn: operation for urn, operation in changes.items() if operation != "update"} == {}


@each
def test_a_rename_without_one_loses_what_it_names(checkout: Checkout, rename: Rename) -> None:
    with checkout.rewritten(rename.file, *rename.bare):
        changes = checkout.preview()
    found = sorted(operation for urn, operation in changes.items() if kind_of(urn) == rename.holds)
    assert found == ["create", "delete"]
