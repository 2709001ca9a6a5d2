"""Looks in AWS for what an interrupted update may have made."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from operations.clients.aws import AwsSession
from operations.errors import AwsError
from operations.identities import LISTED, Listed, from_template
from operations.json_object import Json, dig, objects, text


@dataclass(frozen=True, kw_only=True)
class TaggedResource:
    """A resource as AWS's tagging API lists it; ``name`` is its tag ``Name``."""

    arn: str
    name: str


class AwsFinder:
    """Finds resources by their tags, and in lists.

    Args:
        session: whose credentials, which region.
    """

    def __init__(self, session: AwsSession) -> None:
        self._session = session

    def tagged(self, tags: Mapping[str, str]) -> list[TaggedResource]:
        """Everything in the region that carries all of these tags.

        Resources of CloudFront and Route53 are listed in us-east-1 only.

        Raises:
            AwsError: AWS refused, or did not answer.
        """
        filters = [{"Key": key, "Values": [value]} for key, value in sorted(tags.items())]
        found = self._session.pages(
            "resourcegroupstaggingapi", "get_resources", "ResourceTagMappingList", TagFilters=filters
        )
        return [TaggedResource(arn=text(one, "ResourceARN"), name=_name(one)) for one in found if _name(one)]

    def listed(self, kind: str, inputs: Json) -> str:
        """The id of the one that is like these inputs, from AWS's list of its type; empty when there is none.

        Raises:
            AwsError: AWS refused, or did not answer.
        """
        how = LISTED[kind]
        given = {name: from_template(template, inputs) for name, template in how.given.items()}
        try:
            answer = self._session.call(how.service, how.operation, **given)
        except AwsError as error:
            if error.code.endswith(("NotFound", "NotFoundException")):  # not even what it would belong to
                return ""
            raise
        return _matching(how, answer, inputs)


def _matching(how: Listed, answer: Mapping[str, Any], inputs: Json) -> str:
    wanted = from_template(how.unique, inputs)
    for entry in objects(dig(dict(answer), *how.items.split("."))):
        item: Json = dig(entry, how.item) if how.item else entry
        if wanted and _member(item, how.match) == wanted:
            return from_template(how.id, {**inputs, **item})
    return ""


def _member(item: Json, path: str) -> str:
    """The text at a dotted path; a last part ``0`` is the first of a list."""
    *way, last = path.split(".")
    if last == "0":
        found: object = dig(item, *way)
        return str(found[0]) if isinstance(found, list) and found else ""  # pyright: ignore[reportUnknownArgumentType] - AWS lists text
    return text(item, *way, last)


def _name(resource: Json) -> str:
    return next((text(tag, "Value") for tag in objects(resource.get("Tags")) if tag["Key"] == "Name"), "")
