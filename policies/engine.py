"""The engine's view of a stack as a graph, and what the rules say about it as violations.

The engine shows a stack policy what the providers answered: their defaults too, and nothing at all as long as a
provider cannot be reached, which is every Kubernetes object of a first preview. Rules judge what the program asked for,
as in pytest. So a resource policy collects the inputs as they come by, and the stack policies judge those.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, cast

from pulumi_policy import PolicyResource, ReportViolation, ResourceValidationArgs, StackValidationArgs
from pulumi_policy.proxy import UnknownValueError

from infra.settings import SettingsError, load_file
from policies.evaluate import Report, evaluate
from policies.exceptions import ExceptionsError, load_exceptions
from policies.graph import DELETED_WITH, RETAIN_ON_DELETE, SECRET_MARKS, Graph, Node, Options
from policies.registry import RULES
from policies.rule import Scene
from policies.values import UNKNOWN, Raw, Record, normalised

ROOT_TYPE = "pulumi:pulumi:Stack"
ENGINE_LACKS = frozenset({SECRET_MARKS, RETAIN_ON_DELETE, DELETED_WITH})
"""What the engine does not tell a policy pack (pulumi-policy 1.21)."""


def engine_graph(resources: Iterable[PolicyResource], inputs: Mapping[str, Raw]) -> Graph:
    """The engine's resources, which come in any order, as a graph.

    Args:
        resources: what a stack policy gets; their properties are outputs.
        inputs: what each was asked for, by URN; a resource without is judged by its outputs.
    """
    found = sorted(resources, key=lambda one: one.urn)
    roots = [one for one in found if one.resource_type == ROOT_TYPE]
    return Graph(
        nodes=tuple(_node(one, inputs) for one in found if one.resource_type != ROOT_TYPE),
        outputs=Record(plain_properties(roots[0].props) if roots else {}),
        lacks=ENGINE_LACKS,
    )


def _node(one: PolicyResource, inputs: Mapping[str, Raw]) -> Node:
    properties = inputs[one.urn] if one.urn in inputs else plain_properties(one.props)
    return Node(
        urn=one.urn,
        type=one.resource_type,
        name=one.name,
        properties=Record(properties),
        options=Options(
            protect=one.opts.protect,
            ignore_changes=tuple(one.opts.ignore_changes),
            provider=one.provider.urn if one.provider else "",
        ),
        parent=one.parent.urn if one.parent else "",
        dependencies=frozenset(other.urn for other in one.dependencies),
        property_dependencies={
            key: frozenset(other.urn for other in others) for key, others in one.property_dependencies.items()
        },
    )


def plain_properties(props: Mapping[str, Any]) -> Raw:
    """Properties as rules read them."""
    return cast("Raw", normalised(_plain(props)))


def _plain(value: object) -> object:
    """Data without the library's proxies, which raise at the first unknown value that is touched."""
    if isinstance(value, Mapping):
        entries = cast("Mapping[str, object]", value)
        return {key: _entry(entries, key) for key in entries}
    if isinstance(value, Sequence) and not isinstance(value, str):
        items = cast("Sequence[object]", value)
        return [_entry(items, place) for place in range(len(items))]
    return value


def _entry(holder: Any, key: str | int) -> object:  # noqa: ANN401 - a mapping or a sequence of the library's
    try:
        return _plain(holder[key])
    except UnknownValueError:
        return UNKNOWN


class Judge:
    """The pack's three policies: one collects, two run all rules and report what belongs to each."""

    def __init__(self, root: Path, today: date) -> None:
        self._root = root
        self._today = today
        self._inputs: dict[str, Raw] = {}

    def collect(self, args: ResourceValidationArgs, _: ReportViolation) -> None:
        """Keep what a resource is asked for; reports nothing."""
        self._inputs[args.urn] = plain_properties(args.props)

    def mandatory(self, args: StackValidationArgs, report: ReportViolation) -> None:
        """Report what stops the update."""
        self._report(args, report, mandatory=True)

    def advisory(self, args: StackValidationArgs, report: ReportViolation) -> None:
        """Report what does not: advice, and what could not be decided."""
        self._report(args, report, mandatory=False)

    def _report(self, args: StackValidationArgs, report: ReportViolation, *, mandatory: bool) -> None:
        if not args.resources:
            return
        try:
            judged = self._judged(args)
        except (SettingsError, ExceptionsError) as error:
            if mandatory:
                report(f"the policies could not run: {error}", None)
            return
        for found in judged.findings:
            if found.mandatory is mandatory:
                report(str(found), found.urn or None)

    def _judged(self, args: StackValidationArgs) -> Report:
        # The engine tells a pack neither project nor stack: the name is in every URN.
        stack = args.resources[0].urn.split("::")[0].rpartition(":")[2]
        settings = load_file(self._root / f"Pulumi.{stack}.yaml")
        off = set(cast("Sequence[str]", args.get_config().get("off", ())))
        rules = [rule for rule in RULES if rule.id not in off]
        scene = Scene(graph=engine_graph(args.resources, self._inputs), settings=settings, today=self._today)
        return evaluate(rules, scene, load_exceptions())
