"""What faces the internet: the distribution of the web application, and the load balancer."""

from collections.abc import Iterator

from policies.graph import Node
from policies.kubernetes import RELEASE, section
from policies.reach import BALANCER
from policies.rule import Level, Rule, Scene, rule

DISTRIBUTION = "aws:cloudfront/distribution:Distribution"
BUCKET = "aws:s3/bucket:Bucket"
BUCKET_POLICY = "aws:s3/bucketPolicy:BucketPolicy"
ORIGIN_ACCESS = "aws:cloudfront/originAccessControl:OriginAccessControl"
RESPONSE_HEADERS = "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy"
CERTIFICATES = (
    "aws:acm/certificate:Certificate",
    "aws:acm/certificateValidation:CertificateValidation",
)
LISTENER = "aws:lb/listener:Listener"
TARGET_GROUP = "aws:lb/targetGroup:TargetGroup"

CERTIFICATE_REGION = "us-east-1"
"""The one region from which CloudFront takes certificates."""

PROTOCOLS = ("TLSv1.2_2021", "TLSv1.2_2025", "TLSv1.3_2025")
"""CloudFront's policies from 2021 on: no TLS below 1.2, no weak ciphers."""


@rule("edge-origin-private", DISTRIBUTION, source="CKV2_AWS_32/46, CKV_AWS_34/174")
def origin_private(distribution: Node, scene: Scene) -> Iterator[str]:
    """The site's files are reached by one way only, over TLS and with security headers; the bucket answers nobody else."""
    graph = scene.graph
    for bucket in graph.sources(distribution, "origins", BUCKET):
        if not graph.sources(distribution, "origins", ORIGIN_ACCESS):
            yield f"it reads {bucket.name} without an origin access control"
        policies = graph.users(bucket, "bucket", BUCKET_POLICY)
        if not any(distribution in graph.sources(one, "policy", DISTRIBUTION) for one in policies):
            yield f"the policy of {bucket.name} does not name it"
    behaviors = {"defaultCacheBehavior": distribution.records("defaultCacheBehavior")} | {
        "orderedCacheBehaviors": distribution.records("orderedCacheBehaviors")
    }
    for key, found in behaviors.items():
        if any(one.at("viewerProtocolPolicy") not in ("redirect-to-https", "https-only") for one in found):
            yield f"{key} takes plain text"
        headers = graph.sources(distribution, key, RESPONSE_HEADERS)
        if any(not one.has("responseHeadersPolicyId") for one in found) or (found and not headers):
            yield f"{key} has no policy of response headers"
    yield from _certificate(distribution, scene)


def _certificate(distribution: Node, scene: Scene) -> Iterator[str]:
    if distribution.at("viewerCertificate", "minimumProtocolVersion") not in PROTOCOLS:
        yield f"viewerCertificate.minimumProtocolVersion is none of {', '.join(PROTOCOLS)}"
    found = scene.graph.sources(distribution, "viewerCertificate", *CERTIFICATES)
    regions = {one.at("region") or scene.settings.account.region for one in found}
    if regions != {CERTIFICATE_REGION}:
        yield f"its certificate is not one of the program in {CERTIFICATE_REGION}"


@rule(
    "edge-balancer-drains",
    BALANCER,
    level=Level.PRODUCTION,
    source="CKV_AWS_150/152, AWSGuard elb-deletion-protection-enabled",
)
def balancer_drains(balancer: Node, scene: Scene) -> Iterator[str]:
    """Clients' connections end before their pod does, and no health check asks for what an application may lack."""
    if balancer.at("enableDeletionProtection") is not True:
        yield "enableDeletionProtection is not true"
    if balancer.at("enableCrossZoneLoadBalancing") is not True:
        yield "enableCrossZoneLoadBalancing is not true: a zone without a pod answers nobody"
    groups = {
        group.urn: group
        for listener in scene.graph.users(balancer, "loadBalancerArn", LISTENER)
        for group in scene.graph.sources(listener, "defaultActions", TARGET_GROUP)
    }
    for group in groups.values():
        yield from _drains(group, scene)


def _drains(group: Node, scene: Scene) -> Iterator[str]:
    controllers = [one for one in scene.graph.of(RELEASE) if group.at("port") in _node_ports(one)]
    if not controllers:
        yield f"{group.name}: no release listens at its port {group.at('port')}"
    for one in controllers:
        asked = str(group.at("healthCheck", "port") or "traffic-port")
        if not asked.isdigit() or int(asked) not in _node_ports(one) - {group.at("port")}:
            yield f"{group.name}: its health check does not ask {one.name} itself, at a port of its own"
        grace = one.at("values", "deployment", "terminationGracePeriodSeconds") or 0
        if (group.at("deregistrationDelay") or 0) < grace:
            yield f"{group.name}: deregistrationDelay is below the {grace} s that {one.name} takes to go"


def _node_ports(release: Node) -> set[int]:
    ports = section(release, "values", "ports")
    return {number for name in ports if isinstance(number := ports.at(name, "nodePort"), int)}


RULES: tuple[Rule, ...] = (origin_private, balancer_drains)
