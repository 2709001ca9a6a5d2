import base64
import datetime as dt
import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from botocore.auth import SigV4QueryAuth  # pyright: ignore[reportMissingTypeStubs] - botocore has none
from botocore.awsrequest import AWSRequest  # pyright: ignore[reportMissingTypeStubs]
from botocore.credentials import Credentials  # pyright: ignore[reportMissingTypeStubs]

from localcloud.webhook import LIFETIME, PREFIX, Refused, answer, caller, identity, presigned

CLUSTER = "intendly-staging-eks"
ROLE = "arn:aws:iam::222222222222:role/intendly-deployer"
CALLER = "arn:aws:sts::222222222222:assumed-role/intendly-deployer/session"
LENT = [{"access_key_id": "ASIA1", "secret_access_key": "s3cret/key", "session_token": "t+/=", "arn": CALLER}]
NOW = dt.datetime.now(dt.UTC)


def token(
    cluster: str = CLUSTER, action: str = "GetCallerIdentity", key: str = LENT[0]["secret_access_key"]
) -> str:
    request: Any = AWSRequest(
        method="GET",
        url=f"http://127.0.0.1:20002/?Action={action}&Version=2011-06-15",
        headers={"x-k8s-aws-id": cluster},
    )
    signer: Any = SigV4QueryAuth(Credentials("ASIA1", key, "t+/="), "sts", "us-east-1", expires=60)
    signer.add_auth(request)
    return PREFIX + base64.urlsafe_b64encode(str(request.url).encode()).decode().rstrip("=")


def ledger(**entry: object) -> dict[str, Any]:
    outputs = {"principalArn": ROLE, "kubernetesGroups": ["intendly-operators"], **entry}
    return {"resources": [{"type": "aws:eks/accessEntry:AccessEntry", "id": "e", "outputs": outputs}]}


def association(policy: str) -> dict[str, Any]:
    outputs = {"principalArn": ROLE, "policyArn": f"arn:aws:eks::aws:cluster-access-policy/{policy}"}
    return {"type": "aws:eks/accessPolicyAssociation:AccessPolicyAssociation", "id": "a", "outputs": outputs}


def test_a_token_signed_for_this_cluster_names_its_caller() -> None:
    host, query = presigned(token(), NOW)
    assert caller(host, query, CLUSTER, LENT) == CALLER


def test_a_token_for_another_cluster_is_refused() -> None:
    host, query = presigned(token("intendly-production-eks"), NOW)
    with pytest.raises(Refused, match="signature"):
        caller(host, query, CLUSTER, LENT)


def test_a_token_signed_with_another_key_is_refused() -> None:
    host, query = presigned(token(key="guessed"), NOW)
    with pytest.raises(Refused, match="signature"):
        caller(host, query, CLUSTER, LENT)


def test_a_key_that_sts_did_not_lend_is_refused() -> None:
    host, query = presigned(token(), NOW)
    with pytest.raises(Refused, match="assumed role"):
        caller(host, query, CLUSTER, [])


def test_a_changed_argument_breaks_the_signature() -> None:
    host, query = presigned(token(), NOW)
    with pytest.raises(Refused, match="signature"):
        caller(host, {**query, "X-Amz-Expires": "900"}, CLUSTER, LENT)


@pytest.mark.parametrize("when", [NOW + LIFETIME * 2, NOW - LIFETIME * 2])
def test_an_old_or_future_token_is_refused(when: dt.datetime) -> None:
    with pytest.raises(Refused, match="too old"):
        presigned(token(), when)


def test_another_request_is_no_token() -> None:
    with pytest.raises(Refused, match="identity"):
        presigned(token(action="AssumeRole"), NOW)


@pytest.mark.parametrize(
    "text", ["", "x", PREFIX, PREFIX + "x", PREFIX + "!!!!", "a.b.c", token()[len(PREFIX) :]]
)
def test_what_is_no_token_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        presigned(text, NOW)


def test_a_token_without_the_clusters_name_is_refused() -> None:
    url = base64.urlsafe_b64decode(token().removeprefix(PREFIX) + "==").decode()
    unsigned = url.replace("host%3Bx-k8s-aws-id", "host")
    assert dict(parse_qsl(urlsplit(unsigned).query))["X-Amz-SignedHeaders"] == "host"
    with pytest.raises(Refused, match="signed are host"):
        presigned(PREFIX + base64.urlsafe_b64encode(unsigned.encode()).decode(), NOW)


def test_an_access_entry_gives_name_and_groups() -> None:
    who = identity(CALLER, ledger())
    assert who == (CALLER, ["intendly-operators"])


def test_a_user_name_of_the_entry_is_filled_in() -> None:
    assert identity(CALLER, ledger(userName="deployer:{{SessionName}}")).username == "deployer:session"


@pytest.mark.parametrize(
    ("policy", "admin"), [("AmazonEKSClusterAdminPolicy", True), ("AmazonEKSViewPolicy", False)]
)
def test_only_the_cluster_admin_policy_makes_an_administrator(policy: str, *, admin: bool) -> None:
    entries = ledger()
    entries["resources"].append(association(policy))
    assert ("system:masters" in identity(CALLER, entries).groups) is admin


def test_an_administrators_association_of_another_role_does_not_count() -> None:
    entries = ledger()
    other = association("AmazonEKSClusterAdminPolicy")
    other["outputs"]["principalArn"] = ROLE + "-2"
    entries["resources"].append(other)
    assert "system:masters" not in identity(CALLER, entries).groups


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:sts::222222222222:assumed-role/deployer/session",
        "arn:aws:sts::111111111111:assumed-role/intendly-deployer/session",
        "arn:aws:sts::222222222222:user/moto",
    ],
)
def test_a_caller_without_access_entry_is_nobody(arn: str) -> None:
    with pytest.raises(Refused):
        identity(arn, ledger())


def test_a_role_with_a_path_is_found_by_its_name() -> None:
    entries = ledger(principalArn="arn:aws:iam::222222222222:role/people/intendly-deployer")
    assert identity(CALLER, entries).groups == ["intendly-operators"]


def test_the_review_says_why_somebody_is_refused(tmp_path: Path) -> None:
    body = {"apiVersion": "authentication.k8s.io/v1", "spec": {"token": token()}}
    assert answer(body, tmp_path, LENT)["status"] == {
        "authenticated": False,
        "error": "there is no cluster yet",
    }
    json.dumps(answer(body, tmp_path, LENT))
