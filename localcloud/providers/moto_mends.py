"""moto's server, mended for a stack that is stopped and started, destroyed and made again.

The process that serves the AWS API calls :func:`mend` before it starts moto.
"""

import threading
from importlib import import_module
from typing import Any

from localcloud.providers.wire import Value


def mend() -> None:
    """Make a replay of the recorded requests give the same identifiers, and a deleted cache go away.

    Identifiers are drawn in the order of the requests, so one is served at a time; the name of a master user's
    secret is drawn from the seeded source too. moto leaves a deleted replication group "deleting" for ever, takes no
    last snapshot of it, and has no deletion of its subnet group. With an account of its own moto takes the keys of
    another account's role for its own user's.
    """
    application: Any = import_module("moto.server").DomainDispatcherApplication
    application.__call__ = _in_order(application.__call__)
    databases: Any = import_module("moto.rds.models")
    databases.uuid = import_module("moto.moto_api._internal").mock_random
    answers: Any = import_module("moto.elasticache.responses").ElastiCacheResponse
    answers.delete_replication_group = _delete_replication_group
    answers.delete_cache_subnet_group = _delete_cache_subnet_group
    import_module("moto.sts.models").STSBackend.get_assumed_role_from_access_key = lent_role


def _in_order(serve: Value) -> Value:
    turn = threading.Lock()

    def serve_in_order(self: Value, environ: Value, start_response: Value) -> Value:
        if environ["PATH_INFO"].startswith("/moto-api/recorder/"):  # a replay makes requests itself
            return serve(self, environ, start_response)
        with turn:
            return serve(self, environ, start_response)

    return serve_in_order


def lent_role(_: Value, access_key_id: str) -> Value:
    """The role that STS lent with a key, of whichever account."""
    accounts: Any = import_module("moto.sts.models").sts_backends
    roles = [role for account in accounts.values() for role in account["aws"].assumed_roles]
    return next((role for role in roles if role.access_key_id == access_key_id), None)


def _delete_replication_group(self: Value) -> Value:
    caches, name = self.elasticache_backend, self._get_param("ReplicationGroupId")
    if snapshot := self._get_param("FinalSnapshotIdentifier"):
        caches.create_snapshot(snapshot, name, cache_cluster_id=None, kms_key_id=None, tags=None)
    group = caches.delete_replication_group(name, retain_primary_cluster=None)
    del caches.replication_groups[name]
    return import_module("moto.core.responses").ActionResult({"ReplicationGroup": group})


def _delete_cache_subnet_group(self: Value) -> Value:
    groups = self.elasticache_backend.cache_subnet_groups
    name = self._get_param("CacheSubnetGroupName")
    if name not in groups:
        raise import_module("moto.elasticache.exceptions").CacheSubnetGroupNotFound(name)
    del groups[name]
    return import_module("moto.core.responses").EmptyResult()
