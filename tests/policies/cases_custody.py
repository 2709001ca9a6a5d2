"""Cases of `policies/rules/custody.py`."""

from policies.rules import custody
from tests.policies.case import spares, violates
from tests.support.policy_graph import Draft

secret = (custody.SECRET, "secrets-database")
encryption = (custody.BUCKET_ENCRYPTION, "backup-bucket-encryption")
application = (custody.CACHE_USER, "cache-application")
password = (custody.PASSWORD, "secrets-database-password")


@violates(custody.own_key)
def a_secret_is_under_aws_own_key(draft: Draft) -> None:
    draft.unset(draft.node(*secret), "kmsKeyId").unlink(draft.node(*secret), "kmsKeyId")


@spares(custody.own_key)
def another_description_is_no_other_key(draft: Draft) -> None:
    draft.set(draft.node(*secret), "description", to="the database's")


@violates(custody.of_buckets)
def the_backups_are_under_aws_own_key(draft: Draft) -> None:
    place = ("rules", 0, "applyServerSideEncryptionByDefault")
    draft.set(draft.node(*encryption), *place, to={"sseAlgorithm": "AES256"})


@violates(custody.of_buckets)
def nothing_says_how_the_site_is_encrypted(draft: Draft) -> None:
    draft.remove(draft.node(custody.BUCKET_ENCRYPTION, "web-encryption"))


@spares(custody.of_buckets)
def the_bucket_need_not_have_a_key_of_its_own(draft: Draft) -> None:
    draft.set(draft.node(*encryption), "rules", 0, "bucketKeyEnabled", to=False)


@violates(custody.of_volumes)
def a_pods_volume_can_be_read(draft: Draft) -> None:
    draft.set(draft.node(custody.STORAGE_CLASS), "parameters", "encrypted", to="false")


@spares(custody.of_volumes)
def a_volume_may_outlive_its_claim(draft: Draft) -> None:
    draft.set(draft.node(custody.STORAGE_CLASS), "reclaimPolicy", to="Retain")


@violates(custody.protected)
def the_key_goes_with_a_typing_error(draft: Draft) -> None:
    draft.options(draft.node(custody.KEY, "data-key-key"), protect=False)


@spares(custody.protected)
def what_is_protected_may_be_kept_too(draft: Draft) -> None:
    draft.options(draft.node(custody.KEY, "data-key-key"), retain_on_delete=True)


@violates(custody.long)
def a_machine_guesses_it(draft: Draft) -> None:
    draft.set(draft.node(*password), "length", to=12)


@spares(custody.long)
def it_may_be_longer(draft: Draft) -> None:
    draft.set(draft.node(*password), "length", to=64)


@violates(custody.users_authenticate)
def the_cache_asks_for_no_password(draft: Draft) -> None:
    draft.set(draft.node(*application), "authenticationMode", "type", to="no-password-required")


@violates(custody.users_authenticate)
def the_application_may_empty_the_cache(draft: Draft) -> None:
    draft.set(draft.node(*application), "accessString", to="on ~* &* +@all")


@spares(custody.users_authenticate)
def it_may_do_less(draft: Draft) -> None:
    draft.set(draft.node(*application), "accessString", to="on ~app:* &* +@read +@write")
