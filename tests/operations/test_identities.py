"""Each type of the program says how a resource of it is found again."""

import pytest

from localcloud.providers.catalogue import entries
from operations import identities
from tests.support.stacks import STACKS, recorded

ARN = "arn:aws:ec2:us-east-1:222222222222:"


def test_every_type_of_the_program_says_how_it_is_found_again() -> None:
    ways = (identities.NAMED, identities.TAGGED, identities.LISTED, identities.REPEATABLE)
    made = {one.type for stack in STACKS for one in recorded(stack).made.registrations}
    unknown = [
        kind for kind in sorted(made) if kind.startswith("aws:") and sum(kind in way for way in ways) != 1
    ]
    assert unknown == []


def test_ids_that_follow_from_inputs_use_inputs_that_there_are() -> None:
    for stack in STACKS:
        for one in recorded(stack).made.registrations:
            if template := identities.NAMED.get(one.type):
                automatic = entries()[one.type].auto.partition(" ")[0]
                inputs = {automatic: "automatic", "account": "222222222222", **one.inputs}
                assert identities.from_template(template, inputs), (one.name, template)


def test_what_is_looked_for_by_tags_carries_tags() -> None:
    assert [kind for kind in identities.TAGGED if not entries()[kind].tags] == []


@pytest.mark.parametrize(
    ("kind", "arn", "wanted"),
    [
        ("aws:ec2/natGateway:NatGateway", f"{ARN}natgateway/nat-1", "nat-1"),
        ("aws:ec2/natGateway:NatGateway", f"{ARN}subnet/subnet-1", ""),
        ("aws:eks/nodeGroup:NodeGroup", "arn:aws:eks:r:1:nodegroup/cluster/group/uuid", "cluster:group"),
        ("aws:backup/plan:Plan", "arn:aws:backup:r:1:backup-plan:uuid", "uuid"),
        (
            "aws:secretsmanager/secret:Secret",
            "arn:aws:secretsmanager:r:1:secret:a/b-Xy",
            "arn:aws:secretsmanager:r:1:secret:a/b-Xy",
        ),
    ],
)
def test_an_arn_gives_the_id_that_an_import_takes(kind: str, arn: str, wanted: str) -> None:
    assert identities.id_of_arn(kind, arn) == wanted
