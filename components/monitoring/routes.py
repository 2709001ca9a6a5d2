"""Whom an alert reaches, and how often: the manual's table as Alertmanager's configuration."""

from dataclasses import dataclass

from components.helm import Values
from components.monitoring.alerts import Severity


@dataclass(frozen=True, kw_only=True)
class Route:
    """Where alerts of a severity go, and how long notifications are held together and kept quiet."""

    severity: Severity
    receiver: str
    group_interval: str
    repeat_interval: str
    group_wait: str = "30s"
    """How long the first notification of a group waits for company; 30 s is Alertmanager's own default."""


ROUTES = (
    # A page waits for nobody.
    Route(
        severity="critical",
        receiver="pagerduty",
        group_wait="10s",
        group_interval="30s",
        repeat_interval="5m",
    ),
    Route(severity="warning", receiver="slack-warnings", group_interval="5m", repeat_interval="30m"),
    Route(severity="info", receiver="email-team", group_interval="15m", repeat_interval="24h"),
)

SECRETS_FOLDER = "/etc/alertmanager/secrets"
"""Where the operator mounts the Secrets that Alertmanager is given, each as a folder of files."""


@dataclass(frozen=True, kw_only=True)
class NotificationArgs:
    """Whom to notify. What is secret comes as files, from the Secret `alertmanager-receivers`."""

    slack_channel: str
    email_to: str
    email_from: str
    smtp_host: str
    smtp_port: int
    smtp_username: str


def alertmanager_config(args: NotificationArgs, receivers_secret: str) -> Values:
    """The whole configuration. The watchdog, which always fires, goes to nobody."""
    folder = f"{SECRETS_FOLDER}/{receivers_secret}"
    return {
        "global": {
            "smtp_smarthost": f"{args.smtp_host}:{args.smtp_port}",
            "smtp_from": args.email_from,
            "smtp_auth_username": args.smtp_username,
            "smtp_auth_password_file": f"{folder}/smtp-password",
        },
        "route": route_tree(),
        # The page says it all: the lesser alerts of the same name are kept back.
        "inhibit_rules": [
            {
                "source_matchers": ['severity = "critical"'],
                "target_matchers": ['severity =~ "warning|info"'],
                "equal": ["alertname", "namespace"],
            }
        ],
        "receivers": [
            {"name": "null"},
            {
                "name": "pagerduty",
                "pagerduty_configs": [{"routing_key_file": f"{folder}/pagerduty-routing-key"}],
            },
            {
                "name": "slack-warnings",
                "slack_configs": [
                    {
                        "api_url_file": f"{folder}/slack-webhook-url",
                        "channel": args.slack_channel,
                        "send_resolved": True,
                    }
                ],
            },
            {"name": "email-team", "email_configs": [{"to": args.email_to, "send_resolved": True}]},
        ],
    }


def route_tree() -> Values:
    """The routes by severity; an alert without one goes where warnings go."""
    return {
        "receiver": "slack-warnings",
        "group_by": ["alertname", "namespace", "severity"],
        "group_interval": "5m",
        "repeat_interval": "30m",
        "routes": [
            {"matchers": ['alertname = "Watchdog"'], "receiver": "null"},
            *(
                {
                    "matchers": [f'severity = "{route.severity}"'],
                    "receiver": route.receiver,
                    "group_wait": route.group_wait,
                    "group_interval": route.group_interval,
                    "repeat_interval": route.repeat_interval,
                }
                for route in ROUTES
            ),
        ],
    }
