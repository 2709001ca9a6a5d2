"""Charts: of their many values, those that our safety rests on."""

from collections.abc import Iterator, Mapping

from policies.graph import Node
from policies.kubernetes import RELEASE
from policies.rule import Rule, Scene, rule

Wanted = Mapping[str, tuple[object, str]]

CHARTS: Mapping[str, Wanted] = {
    "cert-manager": {
        "crds.enabled": (True, "nothing knows what a Certificate is"),
        "crds.keep": (True, "every Certificate goes with the chart"),
        "podDisruptionBudget.enabled": (True, "a drain takes all of its pods"),
        "webhook.podDisruptionBudget.enabled": (True, "a drain takes all that admits Certificates"),
        "cainjector.podDisruptionBudget.enabled": (True, "a drain takes all of its pods"),
        "prometheus.enabled": (True, "nobody sees a certificate run out"),
        "prometheus.servicemonitor.enabled": (True, "nobody sees a certificate run out"),
    },
    "external-secrets": {
        "leaderElect": (True, "two controllers write the same Secret"),
        "podDisruptionBudget.enabled": (True, "a drain takes all of its pods"),
        "webhook.podDisruptionBudget.enabled": (True, "a drain takes all that admits secrets"),
        "serviceMonitor.enabled": (True, "nobody sees a secret that is not read anew"),
    },
    "traefik": {
        "podDisruptionBudget.enabled": (True, "a drain takes the way in"),
        "metrics.prometheus.serviceMonitor.enabled": (True, "nobody sees what clients get"),
        "metrics.prometheus.service.enabled": (True, "nobody sees what clients get"),
        "providers.kubernetesIngress.enabled": (False, "an Ingress without our limits is taken too"),
    },
    "cluster-autoscaler": {
        "securityContext.runAsNonRoot": (True, "it runs as root"),
        "containerSecurityContext.allowPrivilegeEscalation": (False, "it may become root"),
        "containerSecurityContext.readOnlyRootFilesystem": (True, "its files can be changed"),
        "serviceMonitor.enabled": (True, "nobody sees nodes that do not come"),
        "extraArgs.balance-similar-node-groups": (True, "one zone gets all new nodes"),
        "extraArgs.skip-nodes-with-system-pods": (False, "no node is ever given back"),
        "extraArgs.skip-nodes-with-local-storage": (False, "no node with a pod of ours is ever given back"),
    },
    "aws-for-fluent-bit": {
        "cloudWatchLogs.enabled": (True, "the applications' logs are lost with their nodes"),
        "cloudWatchLogs.autoCreateGroup": (False, "a log group arises that keeps everything for ever"),
    },
    "kube-prometheus-stack": {
        "grafana.rbac.namespaced": (True, "Grafana reads every namespace's Secrets"),
        "grafana.grafana.ini.security.cookie_secure": (True, "a session's cookie goes over plain HTTP"),
        "grafana.grafana.ini.analytics.reporting_enabled": (False, "it tells strangers about us"),
        "grafana.grafana.ini.analytics.check_for_updates": (False, "it tells strangers about us"),
        "crds.enabled": (False, "two charts own the same definitions"),
    },
}
"""By chart: what our values must say, and what happens otherwise."""

_INI = "grafana.ini"


@rule("chart-values-kept", RELEASE)
def values_kept(release: Node, _: Scene) -> Iterator[str]:
    """A chart's default may change with its version, or be unsafe: what our safety rests on is written out."""
    for place, (wanted, otherwise) in CHARTS.get(str(release.at("chart")), {}).items():
        if release.at("values", *_path(place)) != wanted:
            yield f"{otherwise} ({place})"


def _path(place: str) -> tuple[str, ...]:
    """A place as a path; one key has a dot in its name."""
    return tuple(part.replace("|", ".") for part in place.replace(_INI, "grafana|ini").split("."))


RULES: tuple[Rule, ...] = (values_kept,)
