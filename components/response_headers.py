"""The security headers of the web application's answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import pulumi
from pulumi_aws import cloudfront

HSTS_MAX_AGE_S = 365 * 24 * 3600
"""A browser that was here once speaks TLS for a year; the least that browsers' preload lists take."""

_KEYWORDS = frozenset({"self", "none", "unsafe-inline", "wasm-unsafe-eval"})
"""Sources that the header wants in quotes."""

FIXED_DIRECTIVES: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "default-src": ["self"],
        "object-src": ["none"],
        "base-uri": ["self"],
        "form-action": ["self"],
        "frame-ancestors": ["none"],
    }
)
"""What no setting loosens: no plug-ins, no foreign base, no foreign target of a form, no frame around the site."""


@dataclass(frozen=True, kw_only=True)
class ContentSecurity:
    """From where browsers may load what: `self`, `data:`, hosts such as `https://cdn.example.com`."""

    scripts: Sequence[str]
    styles: Sequence[str]
    images: Sequence[str]
    fonts: Sequence[str]
    connections: Sequence[str]


def content_security_policy(allowed: ContentSecurity) -> str:
    """The header Content-Security-Policy."""
    directives = {
        **FIXED_DIRECTIVES,
        "script-src": allowed.scripts,
        "style-src": allowed.styles,
        "img-src": allowed.images,
        "font-src": allowed.fonts,
        "connect-src": allowed.connections,
    }
    parts = [f"{name} {' '.join(map(_source, sources or ['none']))}" for name, sources in directives.items()]
    return "; ".join([*parts, "upgrade-insecure-requests"])


def _source(source: str) -> str:
    return f"'{source}'" if source in _KEYWORDS else source


def response_headers(
    name: str, physical_name: str, allowed: ContentSecurity, opts: pulumi.ResourceOptions
) -> cloudfront.ResponseHeadersPolicy:
    """Register the policy; each header replaces whatever the origin says."""
    return cloudfront.ResponseHeadersPolicy(
        name,
        name=physical_name,
        comment="Security headers of the web application",
        security_headers_config=cloudfront.ResponseHeadersPolicySecurityHeadersConfigArgs(
            strict_transport_security=cloudfront.ResponseHeadersPolicySecurityHeadersConfigStrictTransportSecurityArgs(
                access_control_max_age_sec=HSTS_MAX_AGE_S, include_subdomains=True, override=True
            ),
            content_type_options=cloudfront.ResponseHeadersPolicySecurityHeadersConfigContentTypeOptionsArgs(
                override=True
            ),
            frame_options=cloudfront.ResponseHeadersPolicySecurityHeadersConfigFrameOptionsArgs(
                frame_option="DENY", override=True
            ),
            referrer_policy=cloudfront.ResponseHeadersPolicySecurityHeadersConfigReferrerPolicyArgs(
                referrer_policy="strict-origin-when-cross-origin", override=True
            ),
            content_security_policy=cloudfront.ResponseHeadersPolicySecurityHeadersConfigContentSecurityPolicyArgs(
                content_security_policy=content_security_policy(allowed), override=True
            ),
        ),
        opts=opts,
    )
