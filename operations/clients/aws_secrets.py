"""Secrets Manager: the JSON secrets of a stack. What is read never leaves this process."""

import json

from operations.clients.aws import AwsSession
from operations.errors import AwsError
from operations.json_object import text


class SecretStore:
    """Reads secrets; makes and changes none, that is the program's and rotation's.

    Args:
        session: whose credentials, which region.
    """

    def __init__(self, session: AwsSession) -> None:
        self._session = session

    def exists(self, name: str) -> bool:
        """Whether a secret of this name or ARN has a value. Asks for no value.

        Raises:
            AwsError: AWS refused or did not answer.
        """
        try:
            found = self._session.call("secretsmanager", "describe_secret", SecretId=name)
        except AwsError as error:
            if error.code == "ResourceNotFoundException":
                return False
            raise
        return "DeletedDate" not in found and bool(found.get("VersionIdsToStages"))

    def login(self, arn: str) -> tuple[str, str]:
        """User name and password of a JSON secret.

        Raises:
            AwsError: there is no such secret, it may not be read, or it lacks one of the two.
        """
        found = self._session.call("secretsmanager", "get_secret_value", SecretId=arn)
        try:
            content: object = json.loads(text(found, "SecretString"))
        except json.JSONDecodeError:
            content = None
        user, password = text(content, "username"), text(content, "password")
        if not user or not password:
            raise AwsError(f"secret {arn} is no JSON with username and password")
        return user, password
