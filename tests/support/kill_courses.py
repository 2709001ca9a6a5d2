"""The three commands that are killed, and what must hold when each has ended."""

from localcloud.cloud import LocalCloud
from localcloud.errors import LocalCloudError
from tests.support.agreement import deployment, disagreements
from tests.support.checkout import Checkout

UPDATE = {
    "tags": {"owner": "trading"},
    "applications": {"image": "ghcr.io/intendly/intendly-backend@sha256:" + "1" * 64},
    "cluster": {
        "nodeGroups": {"second": {"instanceType": "t3.large", "minSize": 1, "maxSize": 2, "desiredSize": 1}}
    },
}
"""An update with many operations: nearly everything in AWS carries the tags, and every application the image."""

COMMANDS = {"up": "up", "update": "up", "destroy": "destroy"}
"""What is killed, in this order, and the engine's command for it."""


def begin(checkout: Checkout, course: str) -> None:
    """Set what a course begins with: its settings. May be set again in the middle of it."""
    if course == "update":
        for section, values in UPDATE.items():
            checkout.edit(section, **values)


def unfinished(cloud: LocalCloud, course: str) -> list[str]:
    """What is not as an undisturbed command would have left it."""
    if course == "destroy":
        _, left = cloud.leftovers()
        return left
    try:
        cloud.pulumi("preview", "--expect-no-changes", capture=True)
    except LocalCloudError:
        return ["an update would change something", *disagreements(cloud)]
    twins = [one["urn"] for one in deployment(cloud)["resources"] if one.get("delete")]
    return [f"to be deleted still: {urn}" for urn in twins] + disagreements(cloud)
