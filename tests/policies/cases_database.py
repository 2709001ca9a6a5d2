"""Cases of `policies/rules/database.py`."""

from policies.rules import database
from policies.values import UNKNOWN
from tests.policies.case import spares, violates
from tests.support.policy_graph import Draft

instance = "aws:rds/instance:Instance"


@violates(database.private)
def it_has_a_public_address(draft: Draft) -> None:
    draft.set(draft.node(instance), "publiclyAccessible", to=True)


@violates(database.private)
def nothing_is_said_about_a_public_address(draft: Draft) -> None:
    draft.unset(draft.node(instance), "publiclyAccessible")


@spares(database.private)
def another_port_is_no_public_address(draft: Draft) -> None:
    draft.set(draft.node(instance), "port", to=5433)


@violates(database.undeletable)
def aws_lets_it_be_deleted(draft: Draft) -> None:
    draft.set(draft.node(instance), "deletionProtection", to=False)


@violates(database.undeletable)
def it_goes_without_a_last_snapshot(draft: Draft) -> None:
    draft.set(draft.node(instance), "skipFinalSnapshot", to=True)


@violates(database.undeletable)
def its_backups_go_with_it(draft: Draft) -> None:
    draft.unset(draft.node(instance), "deleteAutomatedBackups")


@violates(database.undeletable)
def the_engine_would_delete_it(draft: Draft) -> None:
    draft.options(draft.node(instance), protect=False)


@spares(database.undeletable)
def the_last_snapshots_name_is_not_known_yet(draft: Draft) -> None:
    draft.set(draft.node(instance), "finalSnapshotIdentifier", to=UNKNOWN)
