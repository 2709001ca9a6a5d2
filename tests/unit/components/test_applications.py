from dataclasses import replace

import pytest

from components.application import Autoscaling
from components.applications import Applications, ApplicationsArgs, BackendArgs, ConnectionArgs, config_hash
from components.pod_template import Sizing
from tests.support.recorder import Properties, Recorder
from tests.unit.conftest import Deploy

CONFIG_MAP = "kubernetes:core/v1:ConfigMap"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
SERVICE = "kubernetes:core/v1:Service"
ACCOUNT = "kubernetes:core/v1:ServiceAccount"
AUTOSCALER = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler"
BUDGET = "kubernetes:policy/v1:PodDisruptionBudget"

APPS = ("backend-relayer", "backend-coordinator", "websocket-server")
IMAGE = "ghcr.io/intendly/intendly-backend@sha256:" + "0" * 64

SIZING = Sizing(cpu_request_millicores=500, memory_request_mib=2048, memory_limit_mib=2048, heap_mib=1536)

ARGS = ApplicationsArgs(
    namespace="intendly",
    image=IMAGE,
    config={"LOG_LEVEL": "info", "CORS_ORIGIN": "https://app.intendly.xyz"},
    connections=ConnectionArgs(
        database_host="db.example",
        database_name="intendly_production",
        database_secret="database-secret",
        cache_secret="cache-secret",
        rpc_url="https://xlayerrpc.okx.com",
        chain_id=196,
        contract_address=None,
    ),
    relayer=BackendArgs(
        command=["node", "relayer.js"],
        replicas=Autoscaling(min_replicas=3, max_replicas=20, cpu_percent=70, memory_percent=80),
        sizing=SIZING,
        database_pool_max=20,
    ),
    coordinator=BackendArgs(
        command=["node", "coordinator.js"], replicas=2, sizing=SIZING, database_pool_max=10
    ),
    websocket=BackendArgs(command=["node", "websocket.js"], replicas=4, sizing=SIZING, database_pool_max=5),
    websocket_max_connections=20000,
)


def run(deploy: Deploy, args: ApplicationsArgs = ARGS) -> Recorder:
    return deploy(lambda: Applications("applications", args))


def deployments(made: Recorder) -> dict[str, Properties]:
    return {one["metadata"]["name"]: one["spec"] for one in made.all(DEPLOYMENT)}


def pod(made: Recorder, app: str) -> Properties:
    return deployments(made)[app]["template"]["spec"]


def container(made: Recorder, app: str) -> Properties:
    [only] = pod(made, app)["containers"]
    return only


def variables(made: Recorder, app: str) -> dict[str, str]:
    return {
        one["name"]: one.get("value")
        or "{name}/{key}".format_map(one.get("valueFrom", {}).get("secretKeyRef", {}))
        for one in container(made, app)["env"]
    }


def test_three_deployments_of_one_image_with_containers_named_like_them(deploy: Deploy) -> None:
    made = run(deploy)
    assert set(deployments(made)) == set(APPS)
    for app in APPS:
        assert container(made, app)["name"] == app
        assert container(made, app)["image"] == IMAGE
        assert deployments(made)[app]["selector"]["matchLabels"] == {"app": app}


@pytest.mark.parametrize(
    ("service", "app", "port"),
    [
        ("backend-relayer-service", "backend-relayer", 3001),
        ("backend-coordinator-service", "backend-coordinator", 3001),
        ("websocket-service", "websocket-server", 8080),
    ],
)
def test_each_service_selects_its_own_pods_and_named_ports(
    deploy: Deploy, service: str, app: str, port: int
) -> None:
    made = run(deploy)
    [found] = [one for one in made.all(SERVICE) if one["metadata"]["name"] == service]
    labels: dict[str, str] = deployments(made)[app]["template"]["metadata"]["labels"]
    selector = found["spec"]["selector"]
    assert selector.items() <= labels.items()
    assert not any(
        selector.items() <= deployments(made)[other]["template"]["metadata"]["labels"].items()
        for other in APPS
        if other != app
    )
    assert {one["name"]: one["containerPort"] for one in container(made, app)["ports"]} == {
        "http": port,
        "metrics": 9090,
    }
    assert [(one["port"], one["targetPort"]) for one in found["spec"]["ports"]] == [
        (port, "http"),
        (9090, "metrics"),
    ]
    assert found["metadata"]["labels"]["app"] == app  # Prometheus takes `job` from it


def test_only_the_websocket_service_keeps_clients_on_their_pod(deploy: Deploy) -> None:
    affinity = {one["metadata"]["name"]: one["spec"]["sessionAffinity"] for one in run(deploy).all(SERVICE)}
    assert affinity == {
        "backend-relayer-service": "None",
        "backend-coordinator-service": "None",
        "websocket-service": "ClientIP",
    }


def test_the_autoscaler_has_the_manuals_numbers_and_owns_the_replicas(deploy: Deploy) -> None:
    made = run(deploy)
    autoscaler = made.only(AUTOSCALER)
    assert autoscaler["metadata"]["name"] == "backend-relayer-hpa"
    spec = autoscaler["spec"]
    assert spec["scaleTargetRef"] == {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "name": "backend-relayer",
    }
    assert (spec["minReplicas"], spec["maxReplicas"]) == (3, 20)
    assert {
        one["resource"]["name"]: one["resource"]["target"]["averageUtilization"] for one in spec["metrics"]
    } == {"cpu": 70, "memory": 80}
    assert "replicas" not in deployments(made)["backend-relayer"]
    assert made.follows(autoscaler, made.named(DEPLOYMENT, "backend-relayer-deployment"))


def test_fixed_replicas_are_written_and_have_no_autoscaler(deploy: Deploy) -> None:
    relayer = replace(ARGS.relayer, replicas=5)
    made = run(deploy, replace(ARGS, relayer=relayer))
    assert made.all(AUTOSCALER) == []
    assert {app: spec["replicas"] for app, spec in deployments(made).items()} == {
        "backend-relayer": 5,
        "backend-coordinator": 2,
        "websocket-server": 4,
    }


def test_every_application_may_be_autoscaled(deploy: Deploy) -> None:
    coordinator = replace(ARGS.coordinator, replicas=ARGS.relayer.replicas)
    made = run(deploy, replace(ARGS, coordinator=coordinator))
    assert {one["metadata"]["name"] for one in made.all(AUTOSCALER)} == {
        "backend-relayer-hpa",
        "backend-coordinator-hpa",
    }


@pytest.mark.parametrize("app", APPS)
def test_one_disruption_budget_selects_each_and_can_always_be_met(deploy: Deploy, app: str) -> None:
    made = run(deploy)
    labels = deployments(made)[app]["template"]["metadata"]["labels"]
    [budget] = [
        one["spec"]
        for one in made.all(BUDGET)
        if one["spec"]["selector"]["matchLabels"].items() <= labels.items()
    ]
    assert budget["maxUnavailable"] == 1
    assert "minAvailable" not in budget
    assert budget["unhealthyPodEvictionPolicy"] == "AlwaysAllow"


@pytest.mark.parametrize("app", APPS)
def test_pods_pass_pod_security_restricted_and_write_nowhere_but_tmp(deploy: Deploy, app: str) -> None:
    made = run(deploy)
    assert pod(made, app)["securityContext"]["runAsNonRoot"] is True
    assert pod(made, app)["securityContext"]["runAsUser"] > 0
    assert pod(made, app)["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container(made, app)["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert container(made, app)["volumeMounts"] == [
        {"name": "tmp", "mountPath": "/tmp"}  # noqa: S108 - the pod's own
    ]
    [volume] = pod(made, app)["volumes"]
    assert volume == {"name": "tmp", "emptyDir": {"sizeLimit": "256Mi"}}


@pytest.mark.parametrize("app", APPS)
def test_pods_have_an_account_of_their_own_without_a_token(deploy: Deploy, app: str) -> None:
    made = run(deploy)
    [account] = [one for one in made.all(ACCOUNT) if one["metadata"]["name"] == app]
    assert account["automountServiceAccountToken"] is False
    assert pod(made, app)["automountServiceAccountToken"] is False
    assert pod(made, app)["serviceAccountName"] == app
    assert made.follows(made.named(DEPLOYMENT, f"{app}-deployment"), account)


@pytest.mark.parametrize("app", APPS)
def test_a_rollout_never_falls_short_and_a_rollback_has_a_target(deploy: Deploy, app: str) -> None:
    spec = deployments(run(deploy))[app]
    assert spec["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": "25%"}
    assert spec["progressDeadlineSeconds"] == 300
    assert spec["revisionHistoryLimit"] >= 2


@pytest.mark.parametrize("app", APPS)
def test_a_leaving_pod_has_time_to_finish(deploy: Deploy, app: str) -> None:
    made = run(deploy)
    sleep = container(made, app)["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert sleep >= 10
    assert pod(made, app)["terminationGracePeriodSeconds"] >= sleep + 30


@pytest.mark.parametrize("app", APPS)
def test_pods_spread_by_zone_and_host_among_their_own_revision(deploy: Deploy, app: str) -> None:
    constraints = pod(run(deploy), app)["topologySpreadConstraints"]
    assert [one["topologyKey"] for one in constraints] == [
        "topology.kubernetes.io/zone",
        "kubernetes.io/hostname",
    ]
    for one in constraints:
        assert one["labelSelector"] == {"matchLabels": {"app": app}}
        assert one["matchLabelKeys"] == ["pod-template-hash"]


@pytest.mark.parametrize("app", APPS)
def test_liveness_does_not_ask_what_readiness_asks(deploy: Deploy, app: str) -> None:
    made = container(run(deploy), app)
    assert made["livenessProbe"]["httpGet"] == {"path": "/metrics", "port": "metrics"}
    startup, readiness = made["startupProbe"], made["readinessProbe"]
    if app == "websocket-server":
        assert startup["tcpSocket"] == readiness["tcpSocket"] == {"port": "http"}
    else:
        assert startup["httpGet"] == readiness["httpGet"] == {"path": "/health", "port": "http"}
    assert startup["periodSeconds"] * startup["failureThreshold"] >= 60


def test_resources_are_requested_and_memory_and_disk_limited(deploy: Deploy) -> None:
    assert container(run(deploy), "backend-relayer")["resources"] == {
        "requests": {"cpu": "500m", "memory": "2Gi", "ephemeral-storage": "256Mi"},
        "limits": {"memory": "2Gi", "ephemeral-storage": "1Gi"},
    }


def test_every_application_gets_its_connections(deploy: Deploy) -> None:
    made = run(deploy)
    shared = {
        "DATABASE_HOST": "db.example",
        "DATABASE_NAME": "intendly_production",
        "DATABASE_USER": "database-secret/username",
        "DATABASE_PASSWORD": "database-secret/password",
        "REDIS_URL": "cache-secret/REDIS_URL",
        "RPC_URL": "https://xlayerrpc.okx.com",
        "CHAIN_ID": "196",
        "NODE_OPTIONS": "--max-old-space-size=1536",
    }
    assert variables(made, "backend-relayer") == shared | {"DB_POOL_MAX": "20"}
    assert variables(made, "backend-coordinator") == shared | {"DB_POOL_MAX": "10"}
    assert variables(made, "websocket-server") == shared | {
        "DB_POOL_MAX": "5",
        "WS_MAX_CONNECTIONS": "20000",
    }


def test_the_contracts_address_is_given_once_it_is_known(deploy: Deploy) -> None:
    connections = replace(ARGS.connections, contract_address="0x" + "1" * 40)
    made = run(deploy, replace(ARGS, connections=connections))
    for app in APPS:
        assert variables(made, app)["CONTRACT_ADDRESS"] == "0x" + "1" * 40


def test_backend_config_reaches_all_three_and_a_change_restarts_all_three(deploy: Deploy) -> None:
    def hashes(made: Recorder) -> set[str]:
        assert all(
            container(made, app)["envFrom"] == [{"configMapRef": {"name": "backend-config"}}] for app in APPS
        )
        return {
            spec["template"]["metadata"]["annotations"]["intendly.xyz/config-hash"]
            for spec in deployments(made).values()
        }

    before, after = run(deploy), run(deploy, replace(ARGS, config={**ARGS.config, "LOG_LEVEL": "debug"}))
    assert before.only(CONFIG_MAP)["data"] == ARGS.config
    assert len(hashes(before)) == len(hashes(after)) == 1
    assert hashes(before) != hashes(after)


def test_the_order_of_the_configurations_keys_restarts_nobody() -> None:
    assert config_hash({"A": "1", "B": "2"}) == config_hash({"B": "2", "A": "1"})
    assert config_hash({"A": "1", "B": "2"}) != config_hash({"A": "2", "B": "1"})
