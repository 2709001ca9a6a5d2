"""The pod of a backend application: restricted, probed, spread, and leaving without a failed request."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.core.v1 import (
    CapabilitiesArgs,
    ConfigMapEnvSourceArgs,
    ContainerArgs,
    ContainerPortArgs,
    EmptyDirVolumeSourceArgs,
    EnvFromSourceArgs,
    EnvVarArgs,
    HTTPGetActionArgs,
    LifecycleArgs,
    LifecycleHandlerArgs,
    PodSecurityContextArgs,
    PodSpecArgs,
    PodTemplateSpecArgs,
    ProbeArgs,
    ResourceRequirementsArgs,
    SeccompProfileArgs,
    SecurityContextArgs,
    SleepActionArgs,
    TCPSocketActionArgs,
    TopologySpreadConstraintArgs,
    VolumeArgs,
    VolumeMountArgs,
)
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs, ObjectMetaArgs

from components import kubernetes_names as names
from components import ports
from components.quantities import cpu, memory

CONFIG_HASH_ANNOTATION = "intendly.xyz/config-hash"
"""A pod reads its configuration once: a changed hash is what restarts it."""

USER_ID = 1000
"""The user `node` of the official Node.js images."""

PRE_STOP_S = 10
"""Seconds a leaving pod goes on as before, until the ingress controller and Services have dropped its address."""

GRACE_PERIOD_S = 60
"""Seconds from the decision to end a pod until it is killed: the above, and 50 s for what is in flight."""

TEMPORARY_MIB = 256
"""Size of `/tmp`, the only place a pod may write, in MiB."""

EPHEMERAL_LIMIT_MIB = 1024
"""Disk a pod may take on its node, its logs and `/tmp` included, in MiB; more, and it is evicted."""


@dataclass(frozen=True, kw_only=True)
class Sizing:
    """What one pod asks for and may use."""

    cpu_request_millicores: int
    memory_request_mib: int
    """Equal to the limit where an autoscaler measures memory: a percentage of a small request is always high."""
    memory_limit_mib: int
    heap_mib: int
    """Node.js' own limit (`--max-old-space-size`), at most 80 % of the memory limit: the heap must end before
    the kernel ends the process."""


@dataclass(frozen=True, kw_only=True)
class PodArgs:
    """One pod of one application."""

    app: str
    """The application: value of the label `app`, and name of the container and of the service account."""
    image: str
    command: Sequence[str]
    port: int
    """Port of the application itself; metrics are on a port of their own."""
    health_path: str | None
    """HTTP path that answers 200 when the pod can serve; without one, an open port has to do."""
    sizing: Sizing
    config_map: pulumi.Input[str]
    """ConfigMap whose every key becomes an environment variable."""
    config_hash: str
    environment: Sequence[EnvVarArgs]
    """Variables beside, and above, those of the ConfigMap."""


def app_labels(app: str) -> dict[str, str]:
    """The labels that select an application's pods; operators' commands rest on `app`."""
    return {"app": app}


def object_labels(app: str) -> dict[str, str]:
    """Labels of everything that belongs to an application."""
    return {
        **app_labels(app),
        "app.kubernetes.io/name": app,
        names.PART_OF_LABEL: names.PRODUCT,
    }


def pod_template(args: PodArgs) -> PodTemplateSpecArgs:
    """The template a Deployment makes its pods from; passes Pod Security `restricted`."""
    return PodTemplateSpecArgs(
        metadata=ObjectMetaArgs(
            labels=object_labels(args.app),
            annotations={CONFIG_HASH_ANNOTATION: args.config_hash},
        ),
        spec=PodSpecArgs(
            service_account_name=args.app,
            automount_service_account_token=False,
            # Variables for every Service of the namespace would only invite collisions.
            enable_service_links=False,
            termination_grace_period_seconds=GRACE_PERIOD_S,
            security_context=PodSecurityContextArgs(
                run_as_non_root=True,
                run_as_user=USER_ID,
                run_as_group=USER_ID,
                fs_group=USER_ID,
                seccomp_profile=SeccompProfileArgs(type="RuntimeDefault"),
            ),
            topology_spread_constraints=[
                _spread(args.app, "topology.kubernetes.io/zone"),
                _spread(args.app, "kubernetes.io/hostname"),
            ],
            volumes=[
                VolumeArgs(name="tmp", empty_dir=EmptyDirVolumeSourceArgs(size_limit=memory(TEMPORARY_MIB)))
            ],
            containers=[_container(args)],
        ),
    )


def _spread(app: str, topology_key: str) -> TopologySpreadConstraintArgs:
    """Spread evenly, but rather start a pod in the wrong place than not at all when a zone is lost."""
    return TopologySpreadConstraintArgs(
        max_skew=1,
        topology_key=topology_key,
        when_unsatisfiable="ScheduleAnyway",
        label_selector=LabelSelectorArgs(match_labels=app_labels(app)),
        # Without it the old revision's pods would be counted during a rollout, and the new ones end up uneven.
        match_label_keys=["pod-template-hash"],
    )


def _container(args: PodArgs) -> ContainerArgs:
    return ContainerArgs(
        name=args.app,
        image=args.image,
        command=list(args.command),
        ports=[
            ContainerPortArgs(name="http", container_port=args.port),
            ContainerPortArgs(name="metrics", container_port=ports.METRICS_PORT),
        ],
        env_from=[EnvFromSourceArgs(config_map_ref=ConfigMapEnvSourceArgs(name=args.config_map))],
        env=list(args.environment),
        resources=_resources(args.sizing),
        security_context=SecurityContextArgs(
            allow_privilege_escalation=False,
            read_only_root_filesystem=True,
            capabilities=CapabilitiesArgs(drop=["ALL"]),
        ),
        volume_mounts=[VolumeMountArgs(name="tmp", mount_path="/tmp")],  # noqa: S108 - a volume of the pod's own
        startup_probe=_serves(args.health_path, period_s=2, failures=60),
        readiness_probe=_serves(args.health_path, period_s=5, failures=3),
        liveness_probe=_turns(),
        lifecycle=LifecycleArgs(
            pre_stop=LifecycleHandlerArgs(sleep=SleepActionArgs(seconds=PRE_STOP_S)),
        ),
    )


def _resources(sizing: Sizing) -> ResourceRequirementsArgs:
    """No limit on CPU: a throttled event loop answers late while its node is idle."""
    return ResourceRequirementsArgs(
        requests={
            "cpu": cpu(sizing.cpu_request_millicores),
            "memory": memory(sizing.memory_request_mib),
            "ephemeral-storage": memory(TEMPORARY_MIB),
        },
        limits={
            "memory": memory(sizing.memory_limit_mib),
            "ephemeral-storage": memory(EPHEMERAL_LIMIT_MIB),
        },
    )


def _serves(health_path: str | None, *, period_s: int, failures: int) -> ProbeArgs:
    """Whether the pod can serve: two minutes to start, a quarter of one to be taken out of service."""
    if health_path is None:
        return ProbeArgs(
            tcp_socket=TCPSocketActionArgs(port="http"), period_seconds=period_s, failure_threshold=failures
        )
    return ProbeArgs(
        http_get=HTTPGetActionArgs(path=health_path, port="http"),
        period_seconds=period_s,
        timeout_seconds=2,
        failure_threshold=failures,
    )


def _turns() -> ProbeArgs:
    """Whether the event loop still turns, which the metrics tell without asking the database.

    `/health` may look at the database, and an outage there must not restart every pod.
    """
    return ProbeArgs(
        http_get=HTTPGetActionArgs(path="/metrics", port="metrics"),
        period_seconds=10,
        timeout_seconds=5,
        failure_threshold=6,
    )
