"""What the AWS API server (moto) holds of a resource, so that operators' commands find it."""

import threading
from functools import cache
from importlib import import_module
from typing import Any

from localcloud.providers.ledger import lookup
from localcloud.providers.server import StandInError
from localcloud.providers.wire import Properties, Value, is_map

_LOADING = threading.Lock()
_GONE = ("NotFound", "NoSuch", "404", "Fault", "InvalidVpcID", "InvalidSubnetID", "InvalidGroup")


@cache
def _client(service: str, url: str, region: str) -> Any:  # noqa: ANN401 boto3 carries no types
    keys = {"aws_access_key_id": "stand-in", "aws_secret_access_key": "stand-in"}
    return (
        import_module("boto3.session").Session(region_name=region, **keys).client(service, endpoint_url=url)
    )


def caller_account(url: str, region: str) -> str:
    """The account of the credentials that this process finds, as every SDK of AWS finds them.

    Raises:
        StandInError: there are none, or STS refuses them.
    """
    session = import_module("botocore.session").get_session()
    try:
        return session.create_client("sts", region, endpoint_url=url).get_caller_identity()["Account"]
    except import_module("botocore.exceptions").BotoCoreError as error:
        raise StandInError(f"no valid credentials: {error}") from None
    except import_module("botocore.exceptions").ClientError as error:
        raise StandInError(f"the credentials are refused: {error}") from None


class Moto:
    """Calls of the API by the catalogue's ``moto`` rows; ``facts`` are a resource's properties."""

    def __init__(self, url: str, region: str) -> None:
        self._url, self._region = url, region

    def call(self, service: str, operation: str, **parameters: Value) -> Properties:
        """One call; parameters without a value are left out.

        Raises:
            StandInError: the API's code and words.
        """
        with _LOADING:  # boto3's sessions are not safe to make clients in parallel
            client = _client(service, self._url, self._region)
        given = {name: value for name, value in parameters.items() if value not in (None, "", {})}
        try:
            return getattr(client, operation)(**given)
        except import_module("botocore.exceptions").ClientError as error:
            detail = error.response["Error"]
            raise StandInError(f"{detail['Code']}: {detail['Message']} ({service} {operation})") from None

    def _of(self, facts: Properties) -> "Moto":
        """The API of the resource's own region."""
        return Moto(self._url, facts.get("region") or self._region)

    def create(self, row: Properties, facts: Properties) -> Properties:
        """Create, and give back what the API decided (ids, ARNs)."""
        answer = self._of(facts).call(row["service"], row["create"], **_filled(row.get("with", {}), facts))
        return {name: lookup(answer, path) for name, path in row.get("gives", {}).items()}

    def update(self, row: Properties, facts: Properties) -> None:
        """Bring the fields that the API can change to their new values."""
        if "update" in row:
            parameters = _filled({name: row["with"][name] for name in row["changes"]} | row["key"], facts)
            self._of(facts).call(row["service"], row["update"], **parameters)

    def exists(self, row: Properties, facts: Properties) -> bool:
        """Whether the API still has it."""
        if "read" not in row:
            return True
        key = _filled(row["key"], facts)
        if "many" in row:
            key = {row["many"]: list(key.values())}
        try:
            answer = self._of(facts).call(row["service"], row["read"], **key)
        except StandInError as error:
            if any(word in str(error).partition(":")[0] for word in _GONE):
                return False
            raise
        return "DeletedDate" not in answer and lookup(answer, "KeyMetadata.KeyState") != "PendingDeletion"

    def delete(self, row: Properties, facts: Properties) -> None:
        """Delete what is still there."""
        if "delete" not in row or not self.exists(row, facts):
            return
        last = _filled(row.get("last", {}), facts)
        if last.get("RecoveryWindowInDays") == 0:
            last = {"ForceDeleteWithoutRecovery": True}
        self._of(facts).call(row["service"], row["delete"], **_filled(row["key"], facts), **last)


def _filled(template: Properties, facts: Properties) -> Properties:
    filled: Properties = {}
    for name, source in template.items():
        value = _filled(source, facts) if is_map(source) else lookup(facts, source)
        if name == "Tags" and is_map(value):
            value = [{"Key": key, "Value": text} for key, text in value.items()]
        filled[name] = value
    return {name: value for name, value in filled.items() if value is not None}
