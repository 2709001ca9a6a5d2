"""Cases of `policies/rules/cluster.py`."""

from policies.rules import cluster as cluster_rules
from tests.policies.case import spares, violates
from tests.support.policy_graph import Draft

cluster = "aws:eks/cluster:Cluster"


@violates(cluster_rules.endpoint_restricted)
def everybody_reaches_the_api_server(draft: Draft) -> None:
    draft.set(draft.node(cluster), "vpcConfig", "endpointPublicAccess", to=True)
    draft.set(draft.node(cluster), "vpcConfig", "publicAccessCidrs", to=["0.0.0.0/0"])


@violates(cluster_rules.endpoint_restricted)
def nothing_is_said_about_public_access(draft: Draft) -> None:
    draft.unset(draft.node(cluster), "vpcConfig", "endpointPublicAccess")


@violates(cluster_rules.endpoint_restricted)
def nodes_reach_it_from_outside_only(draft: Draft) -> None:
    draft.set(draft.node(cluster), "vpcConfig", "endpointPrivateAccess", to=False)


@spares(cluster_rules.endpoint_restricted)
def an_office_reaches_it(draft: Draft) -> None:
    draft.set(draft.node(cluster), "vpcConfig", "endpointPublicAccess", to=True)
    draft.set(draft.node(cluster), "vpcConfig", "publicAccessCidrs", to=["203.0.113.0/24"])
