"""Every rule there is: a family is in force once its list is here."""

from policies.rule import Rule
from policies.rules import (
    addons,
    cache,
    capacity,
    cluster,
    control_plane,
    database,
    database_service,
    identity,
    network,
    nodes,
    placement,
    pod_secrets,
    pods,
    scaling,
    services,
    storage,
    workloads,
)

RULES: tuple[Rule, ...] = (
    *network.RULES,
    *cluster.RULES,
    *database.RULES,
    *pods.RULES,
    *cache.RULES,
    *storage.RULES,
    *identity.RULES,
    *workloads.RULES,
    *services.RULES,
    *scaling.RULES,
    *pod_secrets.RULES,
    *placement.RULES,
    *control_plane.RULES,
    *nodes.RULES,
    *addons.RULES,
    *database_service.RULES,
    *capacity.RULES,
)
