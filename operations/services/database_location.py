"""Where a stack's database is, and which secrets open it, by the stack's state."""

import re
from dataclasses import dataclass

from operations.clients.engine import StackState
from operations.errors import DatabaseError
from operations.json_object import Json, dig, number, objects, text

_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What the settings say of the stack, so that no other stack's state is taken for it."""

    environment: str
    account: str
    region: str


def locate(state: StackState, stack: str, expected: Expected) -> Json:
    """The database's address and secrets: by the outputs, or by the resources where an update has not ended yet.

    A first update may not end, since applications wait for the roles that this command makes.

    Raises:
        DatabaseError: there is no database, or it is not this stack's.
    """
    database: Json = {**_by_resources(state), **(dig(state.outputs, "database") or {})}
    wanted = ("address", "name", "masterSecretArn", "applicationSecretArn", "monitoringSecretArn")
    lacking = [key for key in wanted if not text(database, key)]
    lacking += [] if number(database, "port") else ["port"]
    if lacking:
        raise DatabaseError(
            f"the state of stack {stack} does not tell the database's {', '.join(lacking)}", "pulumi up first"
        )
    name = plain_name(text(database, "name"), "the database")
    if name != f"intendly_{expected.environment}":
        raise DatabaseError(
            f"the state names the database {name}, the settings the environment {expected.environment}",
            "choose the state that belongs to the stack: pulumi login, pulumi stack ls",
        )
    place = f":{expected.region}:{expected.account}:"
    strangers = [key for key in wanted if key.endswith("Arn") and place not in text(database, key)]
    if strangers:
        raise DatabaseError(
            f"{', '.join(strangers)} of the state is not of account {expected.account} in {expected.region}"
        )
    return database


def _by_resources(state: StackState) -> Json:
    instances = state.of_kind("aws:rds/instance:Instance")
    if len(instances) != 1:
        return {}
    outputs = instances[0].outputs
    name = text(outputs, "dbName")
    prefix = name.replace("_", "-")
    masters = objects(outputs.get("masterUserSecrets"))
    arns = {text(one.outputs, "name"): one.id for one in state.of_kind("aws:secretsmanager/secret:Secret")}
    return {
        "address": text(outputs, "address"),
        "port": number(outputs, "port"),
        "name": name,
        "masterSecretArn": text(masters[0], "secretArn") if masters else "",
        "applicationSecretArn": arns.get(f"{prefix}/database/application", ""),
        "monitoringSecretArn": arns.get(f"{prefix}/database/monitoring", ""),
    }


def plain_name(name: str, what: str) -> str:
    """The name, when it can be no more than a name.

    Raises:
        DatabaseError: it has any other letter.
    """
    if not _NAME.fullmatch(name):
        raise DatabaseError(
            f"the name of {what} is refused: {name!r}; allowed: lower-case letters, digits and _, 63 at most"
        )
    return name
