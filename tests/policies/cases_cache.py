"""Cases of `policies/rules/cache.py`."""

from policies.rules import cache
from policies.values import UNKNOWN
from tests.policies.case import spares, violates
from tests.support.policy_graph import Draft

group = "aws:elasticache/replicationGroup:ReplicationGroup"


@violates(cache.encrypted)
def it_still_takes_plain_text(draft: Draft) -> None:
    draft.set(draft.node(group), "transitEncryptionMode", to="preferred")


@violates(cache.encrypted)
def its_disks_are_plain(draft: Draft) -> None:
    draft.unset(draft.node(group), "atRestEncryptionEnabled")


@violates(cache.encrypted)
def anybody_may_log_in(draft: Draft) -> None:
    draft.set(draft.node(group), "userGroupIds", to=[])


@spares(cache.encrypted)
def a_token_does_instead_of_users(draft: Draft) -> None:
    draft.unset(draft.node(group), "userGroupIds")
    draft.set(draft.node(group), "authToken", to=UNKNOWN).mark(draft.node(group), "authToken")
