"""IAM: the account's provider for GitHub, the deployer's role and its policies."""

import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import unquote

from operations.clients.aws import AwsSession
from operations.clients.aws_state import tag_list
from operations.errors import AwsError
from operations.json_object import Json, dig, objects, text

GITHUB: Final = "token.actions.githubusercontent.com"
AUDIENCE: Final = "sts.amazonaws.com"
"""Who signs GitHub's tokens, and for whom."""

VERSIONS_KEPT: Final = 5
"""Versions that IAM keeps of a managed policy (IAM quotas); for a new one the oldest must go."""


class Identity:
    """IAM of one account.

    Args:
        session: whose credentials; IAM itself has no region.
    """

    def __init__(self, session: AwsSession) -> None:
        self._session = session

    def github_provider(self) -> tuple[str, bool]:
        """The ARN of the account's provider for GitHub, empty where there is none, and whether it takes our audience."""
        found = self._call("list_open_id_connect_providers")
        for arn in [text(one, "Arn") for one in objects(found.get("OpenIDConnectProviderList"))]:
            if arn.endswith(f"/{GITHUB}"):
                provider = self._call("get_open_id_connect_provider", OpenIDConnectProviderArn=arn)
                return arn, AUDIENCE in (provider.get("ClientIDList") or [])
        return "", False

    def create_github_provider(self, tags: Mapping[str, str]) -> None:
        """Trust GitHub's tokens. No thumbprint: AWS knows GitHub's authorities and ignores one."""
        self._call(
            "create_open_id_connect_provider",
            Url=f"https://{GITHUB}",
            ClientIDList=[AUDIENCE],
            Tags=tag_list(tags, "Key", "Value"),
        )

    def add_audience(self, arn: str) -> None:
        """Have an existing provider take our audience."""
        self._call(
            "add_client_id_to_open_id_connect_provider", OpenIDConnectProviderArn=arn, ClientID=AUDIENCE
        )

    def role(self, name: str) -> Json:
        """The role, its trust parsed under ``Trust``; empty where there is none."""
        found = dict(self._find("get_role", RoleName=name).get("Role", {}))
        return {**found, "Trust": _document(found["AssumeRolePolicyDocument"])} if found else {}

    def create_role(
        self, name: str, trust: Json, session_s: int, about: str, tags: Mapping[str, str]
    ) -> None:
        """Make a role."""
        self._call(
            "create_role",
            RoleName=name,
            AssumeRolePolicyDocument=json.dumps(trust),
            MaxSessionDuration=session_s,
            Description=about,
            Tags=tag_list(tags, "Key", "Value"),
        )

    def set_trust(self, name: str, trust: Json) -> None:
        """Set who may take the role."""
        self._call("update_assume_role_policy", RoleName=name, PolicyDocument=json.dumps(trust))

    def attached(self, role: str) -> frozenset[str]:
        """ARNs of the managed policies that the role has."""
        found = self._find("list_attached_role_policies", RoleName=role)
        return frozenset(text(one, "PolicyArn") for one in objects(found.get("AttachedPolicies")))

    def attach(self, role: str, policy_arn: str) -> None:
        """Give the role a managed policy."""
        self._call("attach_role_policy", RoleName=role, PolicyArn=policy_arn)

    def policy(self, arn: str) -> Json:
        """The document of a managed policy that is in force; empty where there is none."""
        version = text(self._find("get_policy", PolicyArn=arn), "Policy", "DefaultVersionId")
        if not version:
            return {}
        found = self._call("get_policy_version", PolicyArn=arn, VersionId=version)
        return _document(dig(found, "PolicyVersion", "Document"))

    def create_policy(self, name: str, document: Json, about: str, tags: Mapping[str, str]) -> None:
        """Make a managed policy."""
        self._call(
            "create_policy",
            PolicyName=name,
            PolicyDocument=json.dumps(document),
            Description=about,
            Tags=tag_list(tags, "Key", "Value"),
        )

    def change_policy(self, arn: str, document: Json) -> None:
        """Bring a new version of a managed policy into force; the oldest goes where IAM keeps no more."""
        versions = objects(self._call("list_policy_versions", PolicyArn=arn).get("Versions"))
        if len(versions) >= VERSIONS_KEPT:
            old = [one for one in versions if not one.get("IsDefaultVersion")]
            oldest = min(old, key=lambda one: int(text(one, "VersionId").removeprefix("v")))
            self._call("delete_policy_version", PolicyArn=arn, VersionId=text(oldest, "VersionId"))
        self._call(
            "create_policy_version", PolicyArn=arn, PolicyDocument=json.dumps(document), SetAsDefault=True
        )

    def _call(self, operation: str, **parameters: object) -> Mapping[str, Any]:
        return self._session.call("iam", operation, **parameters)

    def _find(self, operation: str, **parameters: object) -> Mapping[str, Any]:
        try:
            return self._call(operation, **parameters)
        except AwsError as error:
            if error.code == "NoSuchEntity":
                return {}
            raise


def _document(value: object) -> Json:
    """A policy document; boto3 parses it, other clients of the API get it as an URL-encoded string."""
    parsed: object = json.loads(unquote(value)) if isinstance(value, str) else value
    return dict(dig({"it": parsed}, "it") or {})
