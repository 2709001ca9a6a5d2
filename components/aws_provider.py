"""The explicit AWS provider of a stack."""

from collections.abc import Mapping

import pulumi_aws as aws


def aws_provider(name: str, *, account_id: str, region: str, tags: Mapping[str, str]) -> aws.Provider:
    """A provider that works in one account and region only.

    Args:
        name: logical name.
        account_id: credentials of another account are refused before anything changes.
        region: region of everything that does not say otherwise.
        tags: put on every resource that can carry tags. Keep them constant: a value that changes from run
            to run (a time, a commit) touches every resource.
    """
    return aws.Provider(
        name,
        region=region,
        allowed_account_ids=[account_id],
        default_tags={"tags": dict(tags)},
    )
