"""The web application: what browsers get, and who reaches the bucket."""

import json
from dataclasses import replace

import pytest

from components.response_headers import ContentSecurity, content_security_policy
from components.web import WebApplication, WebApplicationArgs
from tests.support.recorder import Recorder
from tests.unit.conftest import Deploy

BUCKET = "aws:s3/bucket:Bucket"
POLICY = "aws:s3/bucketPolicy:BucketPolicy"
CERTIFICATE = "aws:acm/certificate:Certificate"
VALIDATION = "aws:acm/certificateValidation:CertificateValidation"
DISTRIBUTION = "aws:cloudfront/distribution:Distribution"
ACCESS = "aws:cloudfront/originAccessControl:OriginAccessControl"
HEADERS = "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy"
CACHING = "aws:cloudfront/cachePolicy:CachePolicy"
RECORD = "aws:route53/record:Record"

ALLOWED = ContentSecurity(
    scripts=["self", "https://cdn.example.com"],
    styles=["self", "unsafe-inline"],
    images=["self", "data:"],
    fonts=[],
    connections=["self", "wss://api.example.com"],
)
ARGS = WebApplicationArgs(
    prefix="intendly-test",
    account_id="111111111111",
    host="app.example.com",
    zone_id="ZPUBLIC",
    price_class="PriceClass_100",
    content_security=ALLOWED,
    disposable=False,
)


def built(deploy: Deploy, args: WebApplicationArgs = ARGS) -> Recorder:
    return deploy(lambda: WebApplication("web", args))


def test_the_bucket_is_private_encrypted_and_owned_by_the_account(deploy: Deploy) -> None:
    made = built(deploy)
    assert made.only(BUCKET)["bucket"] == "intendly-test-web-111111111111"
    closed = made.only("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock").inputs
    assert {key for key, value in closed.items() if value is True} == {
        "blockPublicAcls",
        "blockPublicPolicy",
        "ignorePublicAcls",
        "restrictPublicBuckets",
    }
    ownership = made.only("aws:s3/bucketOwnershipControls:BucketOwnershipControls")
    assert ownership["rule"] == {"objectOwnership": "BucketOwnerEnforced"}
    kind = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    [rule] = made.only(kind)["rules"]
    assert rule["applyServerSideEncryptionByDefault"] == {"sseAlgorithm": "AES256"}


def test_only_this_distribution_reads_and_only_over_tls(deploy: Deploy) -> None:
    made = built(deploy)
    reads, tls = json.loads(made.only(POLICY)["policy"])["Statement"]
    assert (reads["Effect"], reads["Principal"], reads["Action"]) == (
        "Allow",
        {"Service": "cloudfront.amazonaws.com"},
        "s3:GetObject",
    )
    [(key, distribution)] = reads["Condition"]["StringEquals"].items()
    assert key == "AWS:SourceArn"
    assert "distribution/web-distribution" in distribution
    assert (tls["Effect"], tls["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})
    assert len(tls["Resource"]) == 2


@pytest.mark.parametrize("disposable", [True, False])
def test_files_go_with_the_bucket_only_where_the_stack_may_go(deploy: Deploy, *, disposable: bool) -> None:
    assert built(deploy, replace(ARGS, disposable=disposable)).only(BUCKET)["forceDestroy"] is disposable


def test_the_certificate_is_proven_by_dns_in_the_one_region_that_cloudfront_takes(deploy: Deploy) -> None:
    made = built(deploy)
    certificate, validation, record = made.only(CERTIFICATE), made.only(VALIDATION), made.only(RECORD)
    assert (certificate["region"], validation["region"]) == ("us-east-1", "us-east-1")
    assert (certificate["domainName"], certificate["validationMethod"]) == ("app.example.com", "DNS")
    assert (record["zoneId"], record["name"], record["type"]) == (
        "ZPUBLIC",
        "_proof.app.example.com",
        "CNAME",
    )
    assert record["records"] == ["_web-tls-certificate.acm-validations.aws"]
    assert validation["validationRecordFqdns"] == ["_proof.app.example.com"]
    assert made.follows(made.only(DISTRIBUTION), validation)


def test_the_distribution_signs_what_it_asks_of_the_bucket(deploy: Deploy) -> None:
    made = built(deploy)
    access = made.only(ACCESS)
    assert (access["signingBehavior"], access["signingProtocol"]) == ("always", "sigv4")
    [origin] = made.only(DISTRIBUTION)["origins"]
    assert origin["originAccessControlId"] == "web-origin-access-id"
    # the website endpoint takes no signed requests
    assert origin["domainName"] == "intendly-test-web-111111111111.s3.us-east-1.amazonaws.com"


def test_browsers_get_tls_compression_and_the_application_for_unknown_paths(deploy: Deploy) -> None:
    distribution = built(deploy).only(DISTRIBUTION)
    assert distribution["aliases"] == ["app.example.com"]
    viewer = distribution["viewerCertificate"]
    assert (viewer["minimumProtocolVersion"], viewer["sslSupportMethod"]) == ("TLSv1.2_2021", "sni-only")
    for behavior in (distribution["defaultCacheBehavior"], *distribution["orderedCacheBehaviors"]):
        assert behavior["viewerProtocolPolicy"] == "redirect-to-https"
        assert behavior["compress"] is True
        assert behavior["responseHeadersPolicyId"] == "web-headers-id"
        assert behavior["allowedMethods"] == ["GET", "HEAD", "OPTIONS"]
    pages = {
        (one["errorCode"], one["responseCode"], one["responsePagePath"])
        for one in distribution["customErrorResponses"]
    }
    assert pages == {(403, 200, "/index.html"), (404, 200, "/index.html")}
    assert distribution["defaultRootObject"] == "index.html"


def test_assets_are_kept_long_and_pages_a_minute(deploy: Deploy) -> None:
    made = built(deploy)
    distribution = made.only(DISTRIBUTION)
    [assets] = distribution["orderedCacheBehaviors"]
    assert assets["pathPattern"] == "/assets/*"
    assert assets["cachePolicyId"] == "658327ea-f89d-4fab-a63d-7e88639e58f6"
    assert distribution["defaultCacheBehavior"]["cachePolicyId"] == "web-pages-id"
    pages = made.only(CACHING)
    assert (pages["minTtl"], pages["defaultTtl"], pages["maxTtl"]) == (0, 60, 60)
    # S3 refuses a request for another host than its own
    key = pages["parametersInCacheKeyAndForwardedToOrigin"]
    assert key["headersConfig"] == {"headerBehavior": "none"}


def test_every_answer_carries_the_security_headers(deploy: Deploy) -> None:
    headers = built(deploy).only(HEADERS)["securityHeadersConfig"]
    assert all(one["override"] is True for one in headers.values())
    assert headers["strictTransportSecurity"]["accessControlMaxAgeSec"] >= 31536000
    assert headers["frameOptions"]["frameOption"] == "DENY"
    assert headers["referrerPolicy"]["referrerPolicy"] == "strict-origin-when-cross-origin"
    assert headers["contentTypeOptions"] == {"override": True}
    given = headers["contentSecurityPolicy"]["contentSecurityPolicy"]
    assert given == content_security_policy(ALLOWED)


def test_content_security_quotes_keywords_and_closes_what_is_not_named() -> None:
    directives = dict(part.split(" ", 1) for part in content_security_policy(ALLOWED).split("; ")[:-1])
    assert directives["script-src"] == "'self' https://cdn.example.com"
    assert directives["style-src"] == "'self' 'unsafe-inline'"
    assert directives["img-src"] == "'self' data:"
    assert directives["font-src"] == "'none'"
    assert directives["connect-src"] == "'self' wss://api.example.com"
    assert directives["default-src"] == "'self'"
    assert directives["object-src"] == directives["frame-ancestors"] == "'none'"


def test_a_name_that_cloudfront_refuses_is_refused_here(deploy: Deploy) -> None:
    with pytest.raises(ValueError, match="longer than 64"):
        built(deploy, replace(ARGS, prefix="x" * 61))
