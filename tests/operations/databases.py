"""A stack's database for tests: the real server behind fakes of the engine and of Secrets Manager."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import psycopg
from typing_extensions import override

from operations.clients.aws import AwsSession
from operations.clients.aws_secrets import SecretStore
from operations.clients.postgres import Address
from operations.services.database import DatabasePlan, DatabaseService, Expected
from tests.operations.postgres_server import DATABASE, MASTER, MASTER_PASSWORD, PostgresServer

ARN = "arn:aws:secretsmanager:us-east-1:222222222222:secret:"
A, MONITOR = "the application's pässword", "the monitor's password"
SECRETS = {
    f"{ARN}rds!db-1": (MASTER, MASTER_PASSWORD),
    f"{ARN}intendly-staging/database/application": ("intendly_app_a", A),
    f"{ARN}intendly-staging/database/monitoring": ("monitoring_user", MONITOR),
}


EXPECTED = Expected(environment="staging", account="222222222222", region="us-east-1")


class FakeSecrets(SecretStore):
    """Secrets that are given."""

    def __init__(self, given: dict[str, tuple[str, str]]) -> None:
        super().__init__(AwsSession("us-east-1"))
        self.given = dict(given)

    @override
    def login(self, arn: str) -> tuple[str, str]:
        return self.given[arn]


def outputs(server: PostgresServer, **changed: object) -> dict[str, Any]:
    arns = dict(zip(("masterSecretArn", "applicationSecretArn", "monitoringSecretArn"), SECRETS, strict=True))
    database = {"address": "127.0.0.1", "port": server.port, "name": DATABASE, **arns, **changed}
    account = {"id": "222222222222", "region": "us-east-1"}
    return {"environment": "staging", "account": account, "database": database}


def there(host: str, port: int, database: str) -> Address:
    return Address(host=host, port=port, database=database)


def initialise(service: DatabaseService) -> DatabasePlan:
    access = service.access(there)
    plan = service.plan(access)
    service.run(access, plan)
    return plan


def steps(service: DatabaseService) -> tuple[str, ...]:
    return service.plan(service.access(there)).steps


@contextmanager
def as_master(server: PostgresServer) -> Generator[psycopg.Connection]:
    with server.connect(MASTER, MASTER_PASSWORD, DATABASE) as connection:
        yield connection


@contextmanager
def as_owner(server: PostgresServer) -> Generator[psycopg.Connection]:
    with as_master(server) as connection:
        connection.execute("SET ROLE intendly_owner")
        yield connection
