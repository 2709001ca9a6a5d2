"""Names, identifiers and ARNs: made the way the bridged AWS provider and AWS make them."""

import hashlib
import re
import secrets
from datetime import UTC, datetime

from localcloud.providers.catalogue import Entry
from localcloud.providers.wire import DEFAULTS, Properties, Value

_LOWER_CASE = ("rds", "elasticache", "s3")  # services whose automatic names the provider turns to lower case
_NO_REGION = ("iam", "route53", "s3")
_NO_ACCOUNT = ("route53", "s3")
_SUFFIX = 8  # a hyphen and seven hexadecimal digits


def automatic_name(
    entry: Entry, logical: str, olds: Properties, news: Properties, seed: bytes
) -> tuple[str, str]:
    """The property and the name that AWS's provider would fill in; ("", "") when the program names it.

    The name stays as long as it was automatic; ``<property>Prefix`` leaves naming to the creation.
    """
    name = entry.auto.partition(" ")[0]
    if not name or name in news or f"{name}Prefix" in news:
        return "", ""
    if name in olds and name in olds.get(DEFAULTS, []):
        return name, olds[name]
    digits = hashlib.sha256(seed).hexdigest() if seed else secrets.token_hex(4)
    chosen = f"{logical}-{digits[:7]}"
    return name, chosen.lower() if entry.api.startswith(_LOWER_CASE) else chosen


def too_long(entry: Entry, name: str) -> str:
    """What is wrong with an automatic name, or nothing."""
    limit = int(entry.auto.partition(" ")[2] or 255)
    if len(name) <= limit:
        return ""
    return f"AWS stand-in: the automatic name {name!r} is longer than {limit}; at most {limit - _SUFFIX} before it"


def prefixed_name(entry: Entry, inputs: Properties) -> Properties:
    """The physical name for a ``<property>Prefix``: prefix, time and counter, 26 characters as the provider's."""
    name = entry.auto.partition(" ")[0]
    prefix = inputs.get(f"{name}Prefix")
    if not prefix or name in inputs:
        return {}
    return {name: f"{prefix}{datetime.now(UTC):%Y%m%d%H%M%S}{secrets.token_hex(6)}"}


def resolve(templates: Properties, facts: Properties) -> Properties:
    """The facts and every template's value: ``<x>`` is a fact or another template, ``<hexN>`` random."""
    known = dict(facts)

    def fact(name: str) -> Value:
        if name not in known and name in templates:
            known[name] = filled(name)
        return known[name] if name in known else _random(name)

    def filled(name: str) -> Value:
        template = templates[name]
        if not isinstance(template, str):
            return template
        text = re.sub(r"<(\w+)>", lambda found: str(fact(found[1])), template)
        service, space, resource = text.partition(" ")
        if name != "arn" or not space:
            return text
        region = "" if service in _NO_REGION else facts["region"]
        return f"arn:aws:{service}:{region}:{'' if service in _NO_ACCOUNT else facts['account']}:{resource}"

    for name in templates:
        fact(name)
    return known


def _random(name: str) -> str:
    if name == "now":
        return datetime.now(UTC).isoformat(timespec="seconds")
    if name == "byte":
        return str(1 + secrets.randbelow(254))
    if found := re.fullmatch(r"(hex|HEX)(\d+)", name):
        digits = secrets.token_hex(int(found[2]))[: int(found[2])]
        return digits.upper() if found[1] == "HEX" else digits
    return ""
