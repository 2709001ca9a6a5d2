"""Cases of `policies/rules/backups.py`."""

from policies.rules import backups
from tests.policies.case import spares, violates
from tests.support.policy_graph import Draft

lock = (backups.LOCK, "backups-vault-lock")


@violates(backups.vault_locked)
def whoever_has_the_keys_deletes_the_backups(draft: Draft) -> None:
    draft.remove(draft.node(*lock))


@violates(backups.vault_locked)
def the_lock_keeps_nothing(draft: Draft) -> None:
    draft.set(draft.node(*lock), "minRetentionDays", to=0)


@spares(backups.vault_locked)
def the_lock_may_keep_less(draft: Draft) -> None:
    draft.set(draft.node(*lock), "minRetentionDays", to=3)


@violates(backups.complete)
def nothing_chooses_the_database(draft: Draft) -> None:
    draft.remove(draft.node(backups.SELECTION))


@violates(backups.complete)
def a_backup_is_gone_the_next_day(draft: Draft) -> None:
    draft.set(draft.node(backups.PLAN), "rules", 0, "lifecycle", "deleteAfter", to=1)


@violates(backups.complete)
def the_region_may_not_be_lost(draft: Draft) -> None:
    draft.set(draft.node(backups.PLAN), "rules", 0, "copyActions", to=[])


@spares(backups.complete)
def a_backup_may_be_kept_longer(draft: Draft) -> None:
    draft.set(draft.node(backups.PLAN), "rules", 0, "lifecycle", "deleteAfter", to=90)


@violates(backups.restores_tested)
def nobody_has_ever_restored_one(draft: Draft) -> None:
    draft.remove(draft.node(backups.TEST))


@spares(backups.restores_tested)
def it_may_be_tested_on_another_day(draft: Draft) -> None:
    draft.set(draft.node(backups.TEST), "scheduleExpression", to="cron(0 10 ? * TUE *)")
