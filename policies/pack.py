#!/bin/sh
""":"
# To the shell, these lines start the checkout's own Python; to Python they are the module's documentation:
# the policy pack, started by `pulumi preview --policy-pack "$PWD/policies/pack.py"`. Never import it.
exec "${0%/*}/../.venv/bin/python" -u "$0" "$@"
":"""
# ruff: noqa: D205, D209, D415, EXE003, E402 - a shell reads it first, and Python's search path must be set before imports

import sys
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

# Python looks beside a script first, where modules have the names of others.
sys.path[0] = str(ROOT)

from pulumi_policy import (
    EnforcementLevel,
    PolicyConfigSchema,
    PolicyPack,
    ResourceValidationPolicy,
    StackValidationPolicy,
)

from policies.engine import Judge

JUDGE = Judge(ROOT, datetime.now(UTC).date())
OPTIONS = PolicyConfigSchema(properties={"off": {"type": "array", "items": {"type": "string"}}})
"""`--policy-pack-config`: `{"mandatory": {"off": ["rule-id"]}}` leaves rules out, for a trial."""

PolicyPack(
    name="intendly",
    enforcement_level=EnforcementLevel.MANDATORY,
    policies=[
        ResourceValidationPolicy(
            name="inputs",
            description="Collects what the program asks for; the other two judge it",
            enforcement_level=EnforcementLevel.ADVISORY,
            validate=JUDGE.collect,
        ),
        StackValidationPolicy(
            name="mandatory",
            description="What every stack must keep (docs/policies.md)",
            enforcement_level=EnforcementLevel.MANDATORY,
            config_schema=OPTIONS,
            validate=JUDGE.mandatory,
        ),
        StackValidationPolicy(
            name="advisory",
            description="What a stack should keep, and what is not known yet (docs/policies.md)",
            enforcement_level=EnforcementLevel.ADVISORY,
            config_schema=OPTIONS,
            validate=JUDGE.advisory,
        ),
    ],
)
