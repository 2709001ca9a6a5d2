"""The policy pack in the real engine: it says what pytest says, and stops real edits of the program."""

import os
import re
import subprocess
from contextlib import ExitStack

import pytest

from localcloud.engine import CLEARED
from policies.evaluate import evaluate
from policies.exceptions import load_exceptions
from policies.registry import RULES
from tests.policies.engine_resources import known_to_the_engine
from tests.support.checkout import Checkout
from tests.support.policy_graph import scene, stack_graph

pytestmark = pytest.mark.engine

EDITS = {
    "bucket-private": ("components/site_bucket.py", "block_public_policy=True", "block_public_policy=False"),
    "database-private": ("components/database.py", "publicly_accessible=False", "publicly_accessible=True"),
    "network-no-world-ingress": (
        "components/security_groups.py",
        "referenced_security_group_id=client_group_id",
        'cidr_ipv4="0.0.0.0/0"',
    ),
}
"""Edits of the program, each of which one rule must stop."""


def preview(checkout: Checkout) -> "subprocess.CompletedProcess[str]":
    """A preview with the pack, as an operator runs it."""
    cloud = checkout.cloud
    kept = {name: value for name, value in os.environ.items() if name not in CLEARED}
    return subprocess.run(
        [
            str(cloud.paths.bin / "pulumi"),
            "preview",
            "--policy-pack",
            str(checkout.root / "policies" / "pack.py"),
        ],
        cwd=checkout.root,
        env={**kept, **cloud.env(), "PYTHONPATH": str(checkout.root)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )


def said(output: str) -> dict[str, set[str]]:
    """What the pack said, by its level."""
    found: dict[str, set[str]] = {"mandatory": set(), "advisory": set()}
    level = ""
    for line in output.partition("Policies:")[2].splitlines():
        heading = re.match(r"\s+- \[(mandatory|advisory)\]", line)
        level = heading[1] if heading else level
        if any(line.strip().startswith((f"{rule.id}:", f"{rule.id} (")) for rule in RULES):
            found[level].add(line.strip())
    return found


def test_the_pack_says_of_the_running_stack_what_pytest_says(checkout: Checkout) -> None:
    done = preview(checkout)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr
    known = scene(known_to_the_engine(stack_graph("staging")), "staging")
    expected = evaluate(RULES, known, load_exceptions()).findings
    assert "intendly@" in done.stdout
    assert said(done.stdout) == {
        "mandatory": set(),
        "advisory": {str(one) for one in expected},
    }


def test_the_pack_stops_edits_that_open_the_stack(checkout: Checkout) -> None:
    with ExitStack() as edits:
        for file, old, new in EDITS.values():
            edits.enter_context(checkout.rewritten(file, (old, new)))
        done = preview(checkout)
    assert done.returncode != 0
    rules = {line.partition(":")[0] for line in said(done.stdout)["mandatory"]}
    # Others may say more of the same edits: a database open to the world is reached from the internet too.
    assert set(EDITS) <= rules, (rules, done.stdout[-4000:])
