"""The AWS API of one stack: moto's server, with the cluster's token webhook beside its STS.

Run as ``python -m localcloud.aws_api STATE_FOLDER ACCOUNT_ID PORT WEBHOOK_PORT``.
"""

import sys
import threading
from pathlib import Path

from moto import server
from moto.sts.models import sts_backends

from localcloud.paths import LOOPBACK
from localcloud.providers.ledger import Ledger
from localcloud.providers.ledger_api import answer_from
from localcloud.providers.moto_mends import mend
from localcloud.webhook import server as webhook_server

PARTITION = "aws"


def lent_roles(account_id: str) -> list[dict[str, str]]:
    """The roles that STS has lent, each with its keys and its caller's name."""
    return [
        {
            "access_key_id": role.access_key_id,
            "secret_access_key": role.secret_access_key,
            "session_token": role.session_token,
            "arn": role.arn,
        }
        for role in sts_backends[account_id][PARTITION].assumed_roles
    ]


def main() -> None:
    """Serve until the process is ended."""
    state, account_id, port, webhook_port = sys.argv[1:]
    webhook = webhook_server(int(webhook_port), Path(state), lambda: lent_roles(account_id))
    threading.Thread(target=webhook.serve_forever, daemon=True).start()
    mend()
    answer_from(Ledger(Path(state) / "aws.json"), account_id)
    server.main(["-H", LOOPBACK, "-p", port])


if __name__ == "__main__":
    main()
