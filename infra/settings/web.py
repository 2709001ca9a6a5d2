"""The web application: a static site."""

from typing import Annotated, Literal

from pydantic import Field

from infra.settings.base import Settings
from infra.settings.types import ContentSource

Sources = Annotated[tuple[ContentSource, ...], Field(strict=False, max_length=20)]


class ContentSecuritySettings(Settings):
    """From where browsers may load what (Content-Security-Policy); nothing else, and no other site may frame it."""

    scripts: Sources = Field(default=("self",), title="Scripts", description="Sources of scripts.")
    styles: Sources = Field(default=("self",), title="Styles", description="Sources of style sheets.")
    images: Sources = Field(default=("self", "data:"), title="Images", description="Sources of images.")
    fonts: Sources = Field(default=("self",), title="Fonts", description="Sources of fonts.")
    connections: Sources = Field(
        default=("self",),
        title="Connections",
        description="What scripts may call, beside the API host, which is always in.",
    )


class WebApplicationSettings(Settings):
    """The site's distribution. Its host is ``hosts.app``."""

    price_class: Literal["PriceClass_100", "PriceClass_200", "PriceClass_All"] = Field(
        default="PriceClass_100",
        title="Price class",
        description="Where CloudFront answers: 100 North America and Europe, 200 also Asia, All everywhere.",
    )
    content_security: ContentSecuritySettings = Field(
        default_factory=ContentSecuritySettings,
        title="Content security",
        description="From where browsers may load what.",
    )
