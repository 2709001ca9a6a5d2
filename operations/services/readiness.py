"""When a Kubernetes object is ready: one function per kind, over the object as the API server gives it.

A field that is missing never counts as ready: a controller that has not looked yet has written nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass

from operations.json_object import Json, dig, number, objects, text

Verdict = tuple[bool, str]
"""Whether the object is ready, and one line that says why."""


def condition(thing: Json, kind: str) -> Json:
    """The status condition of a type, or an empty object."""
    conditions = objects(dig(thing, "status", "conditions"))
    return next((one for one in conditions if text(one, "type") == kind), Json())


def _holds(thing: Json, kind: str) -> Verdict:
    found = condition(thing, kind)
    if text(found, "status") == "True":
        return True, text(found, "message")
    why = ": ".join(filter(None, (text(found, "reason"), text(found, "message"))))
    return False, why or f"no condition {kind}: no controller has looked at it yet"


def _ends(why: str) -> str:
    """Reason and root of a chain of errors, `reason: a: b: root`: what is between says who asked whom."""
    links = why.split(": ")
    return ": ".join([links[0], *links[-1:]] if len(links) > 1 else links)


def deployment(thing: Json) -> Verdict:
    """Every wanted pod runs the newest template and is available; none wanted is ready too (shutdown)."""
    wanted = number(thing, "spec", "replicas")
    ready, updated = number(thing, "status", "readyReplicas"), number(thing, "status", "updatedReplicas")
    generation = number(thing, "metadata", "generation")
    detail = f"{ready} of {wanted} pods ready"
    if not 0 < generation <= number(thing, "status", "observedGeneration"):
        return False, f"{detail}; the newest change is not taken up yet"
    if updated < wanted:
        return False, f"{detail}; {updated} run the newest template"
    return ready >= wanted, detail


def autoscaler(thing: Json) -> Verdict:
    """It reads its metrics and may scale; the detail gives replicas and bounds."""
    bounds = f"{number(thing, 'spec', 'minReplicas')} to {number(thing, 'spec', 'maxReplicas')}"
    detail = f"{number(thing, 'status', 'currentReplicas')} pods, allowed {bounds}"
    for kind in ("AbleToScale", "ScalingActive"):
        ready, why = _holds(thing, kind)
        if not ready:
            return False, f"{detail}; {_ends(why)}"
    return True, detail


def certificate(thing: Json) -> Verdict:
    """Issued and valid; the detail gives its end."""
    ready, why = _holds(thing, "Ready")
    return ready, f"valid until {text(thing, 'status', 'notAfter')}" if ready else why


def ingress(thing: Json) -> Verdict:
    """It has an address: a controller has taken it."""
    entries = objects(dig(thing, "status", "loadBalancer", "ingress"))
    addresses = [address for one in entries if (address := text(one, "hostname") or text(one, "ip"))]
    return bool(addresses), ", ".join(addresses) or "no address: no controller has taken it"


def external_secret(thing: Json) -> Verdict:
    """Its Secret holds what Secrets Manager holds."""
    return _holds(thing, "Ready")


def node(thing: Json) -> Verdict:
    """The kubelet says Ready, and nobody has cordoned it."""
    if dig(thing, "spec", "unschedulable"):
        return False, "cordoned"
    return _holds(thing, "Ready")


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of object that a stack's readiness rests on.

    ``state_type`` is its type in the engine's state, ``path`` where a namespace's objects are listed, ``in_chart``
    its key among the objects that a Helm release made (empty: charts make none that count).
    """

    part: str
    state_type: str
    path: str
    judge: Callable[[Json], Verdict]
    in_chart: str = ""


KINDS = (
    Kind(
        part="deployments",
        state_type="kubernetes:apps/v1:Deployment",
        path="/apis/apps/v1/namespaces/{namespace}/deployments",
        judge=deployment,
        in_chart="Deployment.apps/apps/v1",
    ),
    Kind(
        part="autoscalers",
        state_type="kubernetes:autoscaling/v2:HorizontalPodAutoscaler",
        path="/apis/autoscaling/v2/namespaces/{namespace}/horizontalpodautoscalers",
        judge=autoscaler,
    ),
    Kind(
        part="secrets",
        state_type="kubernetes:external-secrets.io/v1:ExternalSecret",
        path="/apis/external-secrets.io/v1/namespaces/{namespace}/externalsecrets",
        judge=external_secret,
    ),
    Kind(
        part="certificates",
        state_type="kubernetes:cert-manager.io/v1:Certificate",
        path="/apis/cert-manager.io/v1/namespaces/{namespace}/certificates",
        judge=certificate,
    ),
    Kind(
        part="ingresses",
        state_type="kubernetes:networking.k8s.io/v1:Ingress",
        path="/apis/networking.k8s.io/v1/namespaces/{namespace}/ingresses",
        judge=ingress,
    ),
)
"""What is looked at, in the order in which it is shown."""
