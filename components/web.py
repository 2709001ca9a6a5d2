"""The web application: a static site in a private bucket, served by CloudFront under its own host."""

from dataclasses import dataclass
from typing import Literal

import pulumi
from pulumi_aws import cloudfront, s3

from components.edge_certificate import EdgeCertificate, EdgeCertificateArgs
from components.response_headers import ContentSecurity, response_headers
from components.site_bucket import bucket_policy, site_bucket

PriceClass = Literal["PriceClass_100", "PriceClass_200", "PriceClass_All"]

INDEX = "index.html"
ASSETS = "/assets/*"
"""Where the site's build puts files whose names carry a hash of their content: they never change."""

CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
"""Managed policy `CachingOptimized`: a day by default, a year at most (CloudFront guide, managed cache policies)."""

PAGE_TTL_S = 60
"""Seconds for which CloudFront keeps everything else, `index.html` above all: a new release is seen a minute later.
No managed policy fits: `UseOriginCacheControlHeaders` passes the viewer's Host on, which S3 refuses."""

ORIGIN = "site"
PHYSICAL_NAME_MAX = 64
"""CloudFront's limit for the name of an origin access control; the headers policy takes twice as many."""


@dataclass(frozen=True, kw_only=True)
class WebApplicationArgs:
    """What the site needs."""

    prefix: str
    """Start of the physical names, such as `intendly-staging`."""
    account_id: str
    """Part of the bucket's name, which no other account in the world may have taken."""
    host: str
    zone_id: str
    """The public zone that holds the host."""
    price_class: PriceClass
    content_security: ContentSecurity
    disposable: bool
    """Whether a destroy may delete the site's files."""


class WebApplication(pulumi.ComponentResource):
    """Bucket, certificate and distribution. Unknown paths are the application's own: it gets them as `/`."""

    bucket: pulumi.Output[str]
    bucket_arn: pulumi.Output[str]
    distribution_id: pulumi.Output[str]
    distribution_arn: pulumi.Output[str]
    dns_name: pulumi.Output[str]
    zone_id: pulumi.Output[str]
    """Hosted zone of `dns_name`, for alias records."""

    def __init__(
        self, name: str, args: WebApplicationArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        _check(args)
        super().__init__("intendly:web:WebApplication", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        bucket = site_bucket(
            name, f"{args.prefix}-web-{args.account_id}", disposable=args.disposable, opts=child
        )
        certificate = EdgeCertificate(
            f"{name}-tls", EdgeCertificateArgs(hosts=[args.host], zone_id=args.zone_id), child
        )
        distribution = self._distribution(name, args, bucket, certificate, child)
        s3.BucketPolicy(
            f"{name}-policy",
            bucket=bucket.bucket,
            policy=pulumi.Output.all(bucket.arn, distribution.arn).apply(lambda arns: bucket_policy(*arns)),
            opts=child,
        )
        self.bucket, self.bucket_arn = bucket.bucket, bucket.arn
        self.distribution_id, self.distribution_arn = distribution.id, distribution.arn
        self.dns_name, self.zone_id = distribution.domain_name, distribution.hosted_zone_id
        self.register_outputs({"bucket": self.bucket, "distribution_id": self.distribution_id})

    def _distribution(
        self,
        name: str,
        args: WebApplicationArgs,
        bucket: s3.Bucket,
        certificate: EdgeCertificate,
        child: pulumi.ResourceOptions,
    ) -> cloudfront.Distribution:
        access = cloudfront.OriginAccessControl(
            f"{name}-origin-access",
            name=f"{args.prefix}-web",
            description="Signs what CloudFront asks of the site's bucket",
            origin_access_control_origin_type="s3",
            signing_behavior="always",
            signing_protocol="sigv4",
            opts=child,
        )
        pages = _page_caching(f"{name}-pages", f"{args.prefix}-web-pages", child)
        headers = response_headers(f"{name}-headers", f"{args.prefix}-web", args.content_security, child)
        return cloudfront.Distribution(
            f"{name}-distribution",
            comment=f"Web application of {args.prefix}",
            enabled=True,
            is_ipv6_enabled=True,
            http_version="http2and3",
            price_class=args.price_class,
            aliases=[args.host],
            default_root_object=INDEX,
            origins=[
                cloudfront.DistributionOriginArgs(
                    origin_id=ORIGIN,
                    # Not the website endpoint, which takes no signed requests.
                    domain_name=bucket.bucket_regional_domain_name,
                    origin_access_control_id=access.id,
                )
            ],
            default_cache_behavior=_default_behavior(pages.id, headers.id),
            ordered_cache_behaviors=[_asset_behavior(headers.id)],
            custom_error_responses=[_application_page(code) for code in (403, 404)],
            viewer_certificate=cloudfront.DistributionViewerCertificateArgs(
                acm_certificate_arn=certificate.arn,
                ssl_support_method="sni-only",
                minimum_protocol_version="TLSv1.2_2021",
            ),
            restrictions=cloudfront.DistributionRestrictionsArgs(
                geo_restriction=cloudfront.DistributionRestrictionsGeoRestrictionArgs(restriction_type="none")
            ),
            opts=child,
        )


def _page_caching(name: str, physical_name: str, opts: pulumi.ResourceOptions) -> cloudfront.CachePolicy:
    return cloudfront.CachePolicy(
        name,
        name=physical_name,
        comment="Pages of the web application: for a minute",
        min_ttl=0,
        default_ttl=PAGE_TTL_S,
        max_ttl=PAGE_TTL_S,
        parameters_in_cache_key_and_forwarded_to_origin=cloudfront.CachePolicyParametersInCacheKeyAndForwardedToOriginArgs(
            cookies_config=cloudfront.CachePolicyParametersInCacheKeyAndForwardedToOriginCookiesConfigArgs(
                cookie_behavior="none"
            ),
            headers_config=cloudfront.CachePolicyParametersInCacheKeyAndForwardedToOriginHeadersConfigArgs(
                header_behavior="none"
            ),
            query_strings_config=cloudfront.CachePolicyParametersInCacheKeyAndForwardedToOriginQueryStringsConfigArgs(
                query_string_behavior="none"
            ),
            enable_accept_encoding_brotli=True,
            enable_accept_encoding_gzip=True,
        ),
        opts=opts,
    )


def _default_behavior(
    pages_id: pulumi.Input[str], headers_id: pulumi.Input[str]
) -> cloudfront.DistributionDefaultCacheBehaviorArgs:
    return cloudfront.DistributionDefaultCacheBehaviorArgs(
        target_origin_id=ORIGIN,
        viewer_protocol_policy="redirect-to-https",
        allowed_methods=["GET", "HEAD", "OPTIONS"],
        cached_methods=["GET", "HEAD"],
        cache_policy_id=pages_id,
        response_headers_policy_id=headers_id,
        compress=True,
    )


def _asset_behavior(headers_id: pulumi.Input[str]) -> cloudfront.DistributionOrderedCacheBehaviorArgs:
    return cloudfront.DistributionOrderedCacheBehaviorArgs(
        path_pattern=ASSETS,
        target_origin_id=ORIGIN,
        viewer_protocol_policy="redirect-to-https",
        allowed_methods=["GET", "HEAD", "OPTIONS"],
        cached_methods=["GET", "HEAD"],
        cache_policy_id=CACHING_OPTIMIZED,
        response_headers_policy_id=headers_id,
        compress=True,
    )


def _application_page(code: int) -> cloudfront.DistributionCustomErrorResponseArgs:
    return cloudfront.DistributionCustomErrorResponseArgs(
        error_code=code,
        response_code=200,
        response_page_path=f"/{INDEX}",
        # A file that is uploaded a moment later must be seen: an error is not kept.
        error_caching_min_ttl=0,
    )


def _check(args: WebApplicationArgs) -> None:
    name = f"{args.prefix}-web"
    if len(name) > PHYSICAL_NAME_MAX:
        raise ValueError(f"origin access control's name {name!r} is longer than {PHYSICAL_NAME_MAX}")
