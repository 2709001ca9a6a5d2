"""Cases of `policies/rules/edge.py`."""

from policies.rules import edge
from tests.policies.case import spares, violates
from tests.support.policy_graph import Draft

target_group = "aws:lb/targetGroup:TargetGroup"


@violates(edge.origin_private)
def the_bucket_is_read_without_a_signature(draft: Draft) -> None:
    draft.remove(draft.node(edge.ORIGIN_ACCESS))


@violates(edge.origin_private)
def pages_come_in_plain_text(draft: Draft) -> None:
    site = draft.node(edge.DISTRIBUTION)
    draft.set(site, "defaultCacheBehavior", "viewerProtocolPolicy", to="allow-all")


@violates(edge.origin_private)
def assets_come_without_security_headers(draft: Draft) -> None:
    draft.unset(draft.node(edge.DISTRIBUTION), "orderedCacheBehaviors", 0, "responseHeadersPolicyId")


@violates(edge.origin_private)
def old_protocols_are_taken(draft: Draft) -> None:
    site = draft.node(edge.DISTRIBUTION)
    draft.set(site, "viewerCertificate", "minimumProtocolVersion", to="TLSv1.1_2016")


@violates(edge.origin_private)
def the_certificate_lies_in_another_region(draft: Draft) -> None:
    draft.set(draft.node("aws:acm/certificateValidation:CertificateValidation"), "region", to="eu-west-1")


@spares(edge.origin_private)
def plain_text_is_refused_instead_of_redirected(draft: Draft) -> None:
    site = draft.node(edge.DISTRIBUTION)
    draft.set(site, "defaultCacheBehavior", "viewerProtocolPolicy", to="https-only")


@violates(edge.balancer_drains)
def the_balancer_can_be_deleted(draft: Draft) -> None:
    draft.set(draft.node("aws:lb/loadBalancer:LoadBalancer"), "enableDeletionProtection", to=False)


@violates(edge.balancer_drains)
def a_zone_without_a_pod_answers_nobody(draft: Draft) -> None:
    draft.unset(draft.node("aws:lb/loadBalancer:LoadBalancer"), "enableCrossZoneLoadBalancing")


@violates(edge.balancer_drains)
def connections_are_cut_before_their_pod_has_gone(draft: Draft) -> None:
    draft.set(draft.node(target_group, "load-balancer-443"), "deregistrationDelay", to=30)


@violates(edge.balancer_drains)
def the_health_check_asks_the_application(draft: Draft) -> None:
    draft.set(draft.node(target_group, "load-balancer-443"), "healthCheck", "port", to="traffic-port")


@spares(edge.balancer_drains)
def connections_get_more_time_than_their_pod(draft: Draft) -> None:
    draft.set(draft.node(target_group, "load-balancer-443"), "deregistrationDelay", to=300)
