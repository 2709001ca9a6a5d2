"""Runs rules over a graph: nothing stays silent, neither what could not be decided nor what crashed."""

import traceback
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum

from policies.exceptions import Exemption
from policies.graph import Node
from policies.rule import Rule, Scene, Severity
from policies.values import Undecided


class Kind(Enum):
    """What a finding says."""

    VIOLATION = "violated"
    UNDECIDED = "undecided"
    CRASH = "crashed"
    EXEMPTION = "exemption"
    """An exemption has expired, or exempts nothing."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that a rule has to say about one resource."""

    rule: str
    urn: str
    """The resource; empty if it is about none."""
    message: str
    kind: Kind
    severity: Severity
    mandatory: bool
    """Whether it stops an update of this stack."""

    def __str__(self) -> str:
        where = f" {self.urn.rpartition('::')[2]}:" if self.urn else ""
        word = "" if self.kind is Kind.VIOLATION else f" ({self.kind.value})"
        return f"{self.rule}{word}:{where} {self.message}"


@dataclass(kw_only=True)
class Report:
    """What all rules say about one graph."""

    findings: list[Finding] = field(default_factory=list[Finding])
    """Worst first; exempted ones are not among them."""
    exempted: list[Finding] = field(default_factory=list[Finding])
    examined: dict[str, int] = field(default_factory=dict[str, int])
    """How many resources each rule looked at."""
    not_run: dict[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    """Rules that need facts which this graph lacks, and which."""

    @property
    def violated(self) -> set[str]:
        """Ids of violated rules."""
        return {found.rule for found in self.findings if found.kind is Kind.VIOLATION}

    @property
    def undecided(self) -> set[str]:
        """Ids of rules that could not decide about some resource."""
        return {found.rule for found in self.findings if found.kind is Kind.UNDECIDED}


def evaluate(rules: Iterable[Rule], scene: Scene, exemptions: Iterable[Exemption] = ()) -> Report:
    """Run rules over the scene's graph.

    Args:
        rules: the rules.
        scene: graph, settings and date.
        exemptions: what is let pass, and until when; an expired or idle one is a finding.
    """
    report = Report()
    found: list[Finding] = []
    for one in rules:
        missing = one.needs & scene.graph.lacks
        if missing:
            report.not_run[one.id] = missing
            continue
        found += _apply(one, scene, report)
    _exempt(found, [one for one in exemptions if scene.environment in one.stacks], scene, report)
    report.findings.sort(key=lambda one: (one.severity.value, one.rule, one.urn, one.message))
    return report


def _apply(rule: Rule, scene: Scene, report: Report) -> list[Finding]:
    report.examined[rule.id] = 0
    found: list[Finding] = []
    try:
        for node in rule.subjects(scene.graph):
            report.examined[rule.id] += 1
            found += _judge(rule, node, scene)
    except Undecided as unknown:
        # The rule could not even tell which resources it is about.
        found.append(_finding(rule, scene, "", str(unknown), Kind.UNDECIDED))
    return found


def _judge(rule: Rule, node: Node, scene: Scene) -> list[Finding]:
    found: list[Finding] = []

    def say(message: str, kind: Kind) -> None:
        found.append(_finding(rule, scene, node.urn, message, kind))

    try:
        for message in rule.check(node, scene):
            say(message, Kind.VIOLATION)
    except Undecided as unknown:
        say(str(unknown), Kind.UNDECIDED)
    except Exception as error:  # noqa: BLE001 - whatever it is, the other rules have their say
        # Only the place: the text of an error may hold a secret.
        last = traceback.extract_tb(error.__traceback__)[-1]
        say(f"{type(error).__name__} in {last.name}, line {last.lineno}", Kind.CRASH)
    return found


def _finding(rule: Rule, scene: Scene, urn: str, message: str, kind: Kind) -> Finding:
    # A rule that could not decide stops nothing; one that crashed protects nothing, so it does.
    mandatory = kind is Kind.CRASH or (kind is Kind.VIOLATION and rule.mandatory_in(scene.environment))
    return Finding(
        rule=rule.id, urn=urn, message=message, kind=kind, severity=rule.severity, mandatory=mandatory
    )


def _exempt(found: list[Finding], exemptions: list[Exemption], scene: Scene, report: Report) -> None:
    for one in found:
        let_pass = one.kind is Kind.VIOLATION and any(
            exemption.covers(one.rule, one.urn) and not exemption.expired(scene.today)
            for exemption in exemptions
        )
        (report.exempted if let_pass else report.findings).append(one)
    for exemption in exemptions:
        hit = any(one.kind is Kind.VIOLATION and exemption.covers(one.rule, one.urn) for one in found)
        trouble = (
            f"expired on {exemption.expires}" if exemption.expired(scene.today) else "" if hit else "idle"
        )
        if trouble and exemption.rule not in report.not_run:
            report.findings.append(
                Finding(
                    rule=exemption.rule,
                    urn="",
                    message=f"the exemption of {exemption.resource} (owner {exemption.owner}) is {trouble}",
                    kind=Kind.EXEMPTION,
                    severity=Severity.MEDIUM,
                    mandatory=True,
                )
            )
