"""A tag `Name` on everything of AWS that can carry tags.

People find a resource by it in the console, and `intendly heal` finds by it what an interrupted update made in AWS
and could not write down any more: most ids are AWS's own choice.
"""

from typing import Any, cast

import pulumi

NAME = "Name"


def name_tags(prefix: str) -> pulumi.ResourceTransformation:
    """A transformation that names each taggable AWS resource `<prefix>-<logical name>`, unless it has a name already.

    Args:
        prefix: start of the physical names, such as `intendly-staging`.
    """

    def named(
        args: pulumi.ResourceTransformationArgs,
    ) -> pulumi.ResourceTransformationResult | None:
        # The SDK hands over every property that the type has, those without a value too.
        if not args.type_.startswith("aws:") or "tags" not in args.props:
            return None
        given = cast("dict[str, Any]", args.props["tags"] or {})
        if NAME in given:
            return None
        tags = {NAME: f"{prefix}-{args.name}", **given}
        return pulumi.ResourceTransformationResult(props={**args.props, "tags": tags}, opts=args.opts)

    return named
