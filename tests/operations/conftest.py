from collections.abc import Callable, Generator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from operations.cli.main import make_app
from operations.clients.engine import StackState
from operations.clients.postgres import PostgresClient
from operations.services.database import DatabaseService
from operations.services.settings import Wanted
from tests.operations import databases, fakes, moto_account
from tests.operations.backups import Vault, make_vault
from tests.operations.postgres_server import PostgresServer, running

CLUSTER = {
    "name": "intendly-staging-eks",
    "endpoint": "https://127.0.0.1:6443",
    "certificateAuthority": "UEVN",
    "region": "us-east-1",
    "arn": "arn:aws:eks:us-east-1:222222222222:cluster/intendly-staging-eks",
}
IMAGE = "ghcr.io/intendly/intendly-backend@sha256:" + "a" * 64
OUTPUTS = {
    "environment": "staging",
    "account": {"id": "222222222222", "region": "us-east-1"},
    "cluster": CLUSTER,
    "endpoints": {"api": "https://api.staging.intendly.xyz"},
    "image": IMAGE,
}
GROUP = "intendly-staging-general-20261124"

Invoke = Callable[..., Result]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with two stacks; the operator stands in a folder below its root."""
    for name in ("Pulumi.yaml", "Pulumi.staging.yaml", "Pulumi.production.yaml"):
        (tmp_path / name).write_text("name: intendly\n")
    module = tmp_path / "localcloud/tools/pulumi"
    module.mkdir(parents=True)
    (module / "go.mod").write_text("module x\n\ngo 1.26.6\n")
    monkeypatch.chdir(module)
    return tmp_path


@pytest.fixture
def state() -> StackState:
    """A small stack, everything of it there."""
    return StackState(
        outputs=OUTPUTS,
        engine_version="3.274.1",
        resources=(
            fakes.in_namespace(fakes.DEPLOYMENT, "backend-relayer"),
            fakes.in_namespace("kubernetes:autoscaling/v2:HorizontalPodAutoscaler", "backend-relayer-hpa"),
            fakes.in_namespace("kubernetes:external-secrets.io/v1:ExternalSecret", "database-secret"),
            fakes.in_namespace("kubernetes:cert-manager.io/v1:Certificate", "api-tls-secret"),
            fakes.in_namespace("kubernetes:networking.k8s.io/v1:Ingress", "backend-ingress"),
            fakes.resource(
                "kubernetes:helm.sh/v3:Release",
                "traefik",
                {"namespace": "traefik", "resourceNames": {"Deployment.apps/apps/v1": ["traefik/traefik"]}},
            ),
            fakes.resource(
                "aws:eks/nodeGroup:NodeGroup",
                "intendly-general",
                {"nodeGroupName": GROUP, "scalingConfig": {"minSize": 1, "maxSize": 4}},
            ),
            fakes.resource(
                "aws:rds/instance:Instance",
                "database",
                {
                    "identifier": "intendly-staging-postgres",
                    "engine": "postgres",
                    "engineVersion": "18.6",
                    "instanceClass": "db.t4g.medium",
                    "status": "available",
                },
            ),
            fakes.resource(
                "aws:elasticache/replicationGroup:ReplicationGroup",
                "cache",
                {"engine": "valkey", "engineVersionActual": "8.2.1", "nodeType": "cache.t4g.micro"},
            ),
        ),
    )


@pytest.fixture
def cluster() -> fakes.FakeCluster:
    """The cluster that belongs to ``state``, everything in it ready."""
    node = fakes.conditioned("node-1", Ready="True")
    node["metadata"]["labels"] = {"eks.amazonaws.com/nodegroup": GROUP}
    ingress = {
        "metadata": {"name": "backend-ingress"},
        "status": {"loadBalancer": {"ingress": [{"hostname": "nlb.example"}]}},
    }
    place = "namespaces/intendly"
    return fakes.FakeCluster(
        {
            fakes.NODES: [node],
            fakes.DEPLOYMENTS: [fakes.deployment("backend-relayer")],
            "/apis/apps/v1/namespaces/traefik/deployments": [fakes.deployment("traefik")],
            f"/apis/autoscaling/v2/{place}/horizontalpodautoscalers": [
                fakes.conditioned(
                    "backend-relayer-hpa",
                    {"minReplicas": 1, "maxReplicas": 6},
                    AbleToScale="True",
                    ScalingActive="True",
                )
            ],
            f"/apis/external-secrets.io/v1/{place}/externalsecrets": [
                fakes.conditioned("database-secret", Ready="True")
            ],
            f"/apis/cert-manager.io/v1/{place}/certificates": [
                fakes.conditioned("api-tls-secret", Ready="True")
            ],
            f"/apis/networking.k8s.io/v1/{place}/ingresses": [ingress],
        }
    )


@pytest.fixture
def machine(tmp_path: Path) -> fakes.FakeMachine:
    """A machine that lacks nothing."""
    programs = {
        "python": (3, 11, 7),
        "go": (1, 26, 8),
        "git": (2, 39),
        "make": (4, 3),
        "pulumi": (3, 274, 1),
        "pulumi-language-python": (3, 79, 0),
        "aws": (1, 46, 3),
    }
    environment = {"AWS_PROFILE": "production", "PULUMI_BACKEND_URL": "s3://intendly-state"}
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws/config").write_text("[profile production]\nregion = us-east-1\n")
    return fakes.FakeMachine(tmp_path, programs, environment)


@pytest.fixture
def engine(state: StackState) -> fakes.FakeEngine:
    return fakes.FakeEngine(state)


@pytest.fixture
def factory(
    project: Path,
    engine: fakes.FakeEngine,
    cluster: fakes.FakeCluster,
    machine: fakes.FakeMachine,
) -> fakes.FakeFactory:
    settings = fakes.FakeSettings(project, Wanted(image=IMAGE, kubernetes_version="1.36"))
    return fakes.FakeFactory(project, engine, cluster, machine, settings)


@pytest.fixture
def intendly(factory: fakes.FakeFactory, monkeypatch: pytest.MonkeyPatch) -> Invoke:
    """Runs the command line over the fakes."""
    monkeypatch.delenv("INTENDLY_ROLE_ARN", raising=False)

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(make_app(), list(arguments), obj=factory)

    return run


@pytest.fixture(scope="session")
def postgres() -> Generator[PostgresServer]:
    with running() as server:
        yield server


@pytest.fixture
def server(postgres: PostgresServer) -> PostgresServer:
    """A real PostgreSQL as RDS leaves a new instance."""
    postgres.reset()
    return postgres


@pytest.fixture
def secrets() -> databases.FakeSecrets:
    return databases.FakeSecrets(databases.SECRETS)


@pytest.fixture
def service(server: PostgresServer, secrets: databases.FakeSecrets) -> DatabaseService:
    """`intendly db` over the real server."""
    engine = fakes.FakeEngine(StackState(outputs=databases.outputs(server)))
    return DatabaseService("staging", databases.EXPECTED, engine, secrets, PostgresClient)


@pytest.fixture
def vault(server: PostgresServer, service: DatabaseService) -> Generator[Vault]:
    """`intendly backup` over the real server and moto's S3."""
    with moto_account.empty_account():
        yield make_vault(server, service)
