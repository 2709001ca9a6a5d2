"""What the benchmark does with states, times and Python's account of imports."""

import json
from collections.abc import Callable

import pytest

from benchmarks.engine import flattened
from benchmarks.imports import REST, booked
from benchmarks.pairs import Cost, measure, ratio

STACK = "urn:pulumi:production::intendly::pulumi:pulumi:Stack::intendly-production"
NETWORK = "urn:pulumi:production::intendly::intendly:network:Network::network"
VPC = "urn:pulumi:production::intendly::intendly:network:Network$aws:ec2/vpc:Vpc::network-vpc"
DEEP = "urn:pulumi:production::intendly::intendly:a:A$intendly:b:B$kubernetes:apps/v1:Deployment::app"
AWS = "urn:pulumi:production::intendly::pulumi:providers:aws::aws"


def test_a_flattened_state_has_no_components_and_no_addresses_of_them() -> None:
    resources = [
        {"urn": STACK, "type": "pulumi:pulumi:Stack"},
        {"urn": NETWORK, "type": "intendly:network:Network", "parent": STACK},
        {"urn": VPC, "type": "aws:ec2/vpc:Vpc", "parent": NETWORK, "provider": f"{AWS}::1"},
        {"urn": DEEP, "type": "kubernetes:apps/v1:Deployment", "parent": NETWORK, "dependencies": [VPC]},
    ]
    flat = json.loads(flattened(json.dumps({"deployment": {"resources": resources}})))
    vpc = "urn:pulumi:production::intendly::aws:ec2/vpc:Vpc::network-vpc"
    assert flat["deployment"]["resources"] == [
        {"urn": STACK, "type": "pulumi:pulumi:Stack"},
        {"urn": vpc, "type": "aws:ec2/vpc:Vpc", "parent": STACK, "provider": f"{AWS}::1"},
        {
            "urn": "urn:pulumi:production::intendly::kubernetes:apps/v1:Deployment::app",
            "type": "kubernetes:apps/v1:Deployment",
            "parent": STACK,
            "dependencies": [vpc],
        },
    ]


def test_pairs_are_measured_in_turns_and_the_first_is_thrown_away() -> None:
    asked: list[str] = []

    def asking(name: str, seconds: float) -> Callable[[], Cost]:
        def ask() -> Cost:
            asked.append(name)
            return Cost(seconds=seconds, cpu_seconds=2 * seconds)

        return ask

    pairs = measure(asking("program", 3.0), asking("floor", 2.0), 2)
    assert asked == ["program", "floor", "program", "floor", "floor", "program"]
    assert [sample.median for sample in pairs.cpu_seconds] == [6.0, 4.0]
    assert ratio(pairs.seconds) == pytest.approx(1.5)
    assert list(pairs.ratios.values) == pytest.approx([1.5, 1.5])


def test_an_import_is_booked_on_the_package_for_whose_sake_it_was_made() -> None:
    lines = [
        "import time: self [us] | cumulative | imported package",
        "import time:       100 |        100 | zlib",
        "import time:       200 |        200 |     yaml",
        "import time:       300 |        500 |   infra.settings.loader",
        "import time:       400 |        400 |     semver",
        "import time:       500 |        900 |   pulumi_aws.ec2",
        "import time:       600 |       2000 | infra.stack",
    ]
    assert booked(lines) == pytest.approx(
        {REST: 1e-4, "infra.settings": 5e-4, "pulumi_aws": 9e-4, "infra": 6e-4}
    )
