"""Everything that can carry tags carries the stack's."""

import json
import re
from importlib import import_module
from pathlib import Path

import pytest

from localcloud.providers.catalogue import entries
from tests.support.recorder import Registration
from tests.support.stacks import STACKS, RecordedStack, recorded

REQUIRED = {"Project", "Environment", "ManagedBy", "Owner", "CostCenter", "Repository"}

WITHOUT_TAGS = {
    "acm/certificateValidation:CertificateValidation": "waits, and is nothing in AWS",
    "autoscaling/attachment:Attachment": "ties two resources together",
    "backup/restoreTestingSelection:RestoreTestingSelection": "part of its plan",
    "backup/selection:Selection": "part of its plan",
    "backup/vaultLockConfiguration:VaultLockConfiguration": "part of its vault",
    "cloudfront/cachePolicy:CachePolicy": "AWS has no tags for it",
    "cloudfront/originAccessControl:OriginAccessControl": "AWS has no tags for it",
    "cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": "AWS has no tags for it",
    "ec2/route:Route": "part of its table",
    "ec2/routeTableAssociation:RouteTableAssociation": "ties two resources together",
    "ec2/subnetCidrReservation:SubnetCidrReservation": "AWS could, the provider cannot",
    "eks/accessPolicyAssociation:AccessPolicyAssociation": "part of its access entry",
    "iam/rolePolicy:RolePolicy": "part of its role",
    "iam/rolePolicyAttachment:RolePolicyAttachment": "ties two resources together",
    "kms/alias:Alias": "a name of its key",
    "route53/record:Record": "part of its zone",
    "s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": "part of its bucket",
    "s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": "part of its bucket",
    "s3/bucketOwnershipControls:BucketOwnershipControls": "part of its bucket",
    "s3/bucketPolicy:BucketPolicy": "part of its bucket",
    "s3/bucketPublicAccessBlock:BucketPublicAccessBlock": "part of its bucket",
    "s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": "part of its bucket",
    "s3/bucketVersioning:BucketVersioning": "part of its bucket",
    "secretsmanager/secretVersion:SecretVersion": "part of its secret",
}
"""Types of the program that carry no tags, and why."""


@pytest.fixture(params=STACKS)
def stack(request: pytest.FixtureRequest) -> RecordedStack:
    return recorded(request.param)


def of_aws(stack: RecordedStack) -> list[Registration]:
    return [one for one in stack.made.registrations if one.type.startswith("aws:")]


def takes_tags(kind: str) -> bool:
    """Whether the SDK's class of a type (without `aws:`) has tags. Its source is read: imports are slow."""
    sdk = Path(str(import_module("pulumi_aws").__file__)).parent
    file = re.sub("([A-Z])", r"_\1", kind.partition(":")[0]).lower()
    return '__props__.__dict__["tags"]' in (sdk / f"{file}.py").read_text()


def test_what_carries_no_tags_is_known_by_name_and_reason() -> None:
    kinds = {one.type.removeprefix("aws:") for name in STACKS for one in of_aws(recorded(name))}
    assert {kind for kind in kinds if not takes_tags(kind)} == set(WITHOUT_TAGS)


def test_all_others_get_the_stacks_tags_from_their_provider(stack: RecordedStack) -> None:
    provider = stack.made.only("pulumi:providers:aws")
    tags = json.loads(provider["defaultTags"])["tags"]
    assert set(tags) == REQUIRED
    assert all(tags.values())
    for one in of_aws(stack):
        assert one.provider.startswith(f"{provider.urn}::"), one.urn
        overridden = REQUIRED & set(one.inputs.get("tags") or {})
        assert not overridden, f"{one.urn} says {overridden} itself"


def test_machines_and_their_disks_carry_them_too(stack: RecordedStack) -> None:
    """A provider's tags end at the launch template: what is made of it takes its tags from its specifications."""
    tags = json.loads(stack.made.only("pulumi:providers:aws")["defaultTags"])["tags"]
    templates = stack.made.all("aws:ec2/launchTemplate:LaunchTemplate")
    assert templates
    for template in templates:
        specified = {one["resourceType"]: one["tags"] for one in template["tagSpecifications"]}
        for kind in ("instance", "volume", "network-interface"):
            assert tags.items() <= specified[kind].items(), f"{template.urn} {kind}"


def test_the_databases_snapshots_carry_them_too(stack: RecordedStack) -> None:
    assert stack.made.only("aws:rds/instance:Instance")["copyTagsToSnapshot"] is True


def test_the_stand_in_tags_what_the_provider_tags() -> None:
    wrong = {kind for kind, entry in entries().items() if entry.tags != takes_tags(kind.removeprefix("aws:"))}
    assert wrong == set()
