"""The kinds of text that settings hold, each with a pattern of plain ASCII.

None of the patterns takes quotes, blanks, line ends, ``$(…)``, ``{{``, ``..`` or letters that only look Latin, so
no value can change the meaning of a command, a template, a policy or a label into which it is put.
The ``allowed`` entry of a type is what an error and ``intendly settings explain`` say to a person.
"""

from collections.abc import Callable
from ipaddress import IPv4Network
from typing import Annotated, Any, Final

from pydantic import AfterValidator, Field


def _network(value: str) -> IPv4Network:
    """Parse an IPv4 range; the message says what is wrong with it."""
    try:
        return IPv4Network(value)
    except ValueError as error:
        raise ValueError(f"not an IPv4 range: {_reason(error)}") from None


def _reason(error: ValueError) -> str:
    """Why the standard library refused a range, without repeating the range."""
    return (
        "it has host bits set"
        if "host bits" in str(error)
        else "write four numbers to 255, a slash, a prefix to 32"
    )


def _range(value: str) -> str:
    _network(value)
    return value


def _restricted_range(value: str) -> str:
    if _network(value).prefixlen == 0:
        raise ValueError("the whole internet is no restriction: name the ranges of an office or a VPN")
    return value


def _vpc_range(value: str) -> str:
    network = _network(value)
    if not network.is_private:
        raise ValueError("a VPC takes a private range (10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16)")
    if network.prefixlen != VPC_PREFIX:
        raise ValueError(
            "a VPC is exactly a /16 here: the control plane's subnets are a 4,096th of it, and AWS takes none below /28"
        )
    return value


def _service_range(value: str) -> str:
    network = _network(value)
    if not network.is_private:
        raise ValueError(
            "Kubernetes services take a private range (10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16)"
        )
    if not SERVICE_PREFIXES[0] <= network.prefixlen <= SERVICE_PREFIXES[1]:
        raise ValueError(f"EKS takes a prefix from /{SERVICE_PREFIXES[0]} to /{SERVICE_PREFIXES[1]}")
    return value


def _name(value: str) -> str:
    if value in YAML_WORDS:
        raise ValueError("YAML may read it as a truth value or as nothing")
    return value


YAML_WORDS: Final = frozenset({"yes", "no", "on", "off", "true", "false", "null"})
"""Words that the engine's configuration cannot tell from a truth value or from nothing."""

VPC_PREFIX: Final = 16
"""The only VPC size that the subnet plan fits: its smallest subnets have a prefix 12 longer, AWS ends at /28."""

SERVICE_PREFIXES: Final = (12, 24)
"""Smallest and largest prefix length of ``kubernetes_network_config.service_ipv4_cidr`` (EKS API)."""

_CIDR = r"^[0-9]{1,3}(\.[0-9]{1,3}){3}/[0-9]{1,2}$"


def _text(pattern: str, allowed: str, *, max_length: int | None = None) -> Any:  # noqa: ANN401 (as pydantic's Field)
    """Describe a kind of text by its pattern and by words."""
    return Field(pattern=pattern, max_length=max_length, json_schema_extra={"allowed": allowed})


def _checked(check: Callable[[str], str]) -> AfterValidator:
    return AfterValidator(check)


Cidr = Annotated[str, _text(_CIDR, "an IPv4 range such as 203.0.113.0/24"), _checked(_range)]
RestrictedCidr = Annotated[
    str, _text(_CIDR, "an IPv4 range such as 203.0.113.0/24, not 0.0.0.0/0"), _checked(_restricted_range)
]
VpcCidr = Annotated[
    str, _text(_CIDR, "a private IPv4 range with prefix /16, such as 10.20.0.0/16"), _checked(_vpc_range)
]
ServiceCidr = Annotated[
    str, _text(_CIDR, "a private IPv4 range from /12 to /24, such as 172.20.0.0/16"), _checked(_service_range)
]

Environment = Annotated[
    str,
    # Names of load balancers and target groups, intendly-<environment>-<role>, end at 32 characters (ELB API):
    # 10 are left for the role and its hyphen.
    _text(r"^[a-z][a-z0-9]{1,11}$", "2 to 12 lower-case letters and digits, a letter first, such as staging"),
    _checked(_name),
]
Hostname = Annotated[
    str,
    _text(
        r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}$",
        "a lower-case DNS name such as api.intendly.xyz",
        max_length=64,  # a certificate's domain name ends there (ACM API)
    ),
]
Email = Annotated[
    str,
    _text(
        r"^[a-z0-9]+([._+-][a-z0-9]+)*@([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}$",
        "a lower-case e-mail address such as devops@intendly.xyz",
        max_length=254,
    ),
]
HttpsUrl = Annotated[
    str,
    _text(
        r"^https://([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}(:[0-9]{2,5})?(/[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*)*/?$",
        "an https:// address without user name or query",
        max_length=200,
    ),
]
ChartRepositoryUrl = Annotated[
    str,
    _text(
        r"^(https://([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}|http://127\.0\.0\.1)(:[0-9]{2,5})?"
        r"(/[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*)*/?$",
        "an https:// address without user name or query; http:// only to 127.0.0.1",
        max_length=200,
    ),
]
SlackChannel = Annotated[
    str, _text(r"^#[a-z0-9][a-z0-9_-]{0,78}$", 'a channel in quotes, such as "#production-alerts"')
]
UserName = Annotated[
    str,
    _text(
        r"^[A-Za-z0-9][A-Za-z0-9@_-]*(\.[A-Za-z0-9@_-]+)*$",
        "a user name of letters, digits, @ . _ -",
        max_length=64,
    ),
]
TagValue = Annotated[
    str,
    _text(
        r"^[A-Za-z0-9][A-Za-z0-9_:/=+@-]*(\.[A-Za-z0-9_:/=+@-]+)*$",
        "letters, digits and _ . : / = + @ -, at most 128",
        max_length=128,
    ),
]

AccountId = Annotated[str, _text(r"^[0-9]{12}$", 'twelve digits in quotes, such as "111111111111"')]
ZoneId = Annotated[str, _text(r"^Z[A-Z0-9]{3,31}$", "a hosted zone's id: Z, then capitals and digits")]
AvailabilityZoneId = Annotated[
    str, _text(r"^[a-z]{2,4}[0-9]-az[1-6]$", "a zone's id (not its name) such as use1-az1")
]
RoleName = Annotated[
    str,
    _text(
        r"^[A-Za-z][A-Za-z0-9_+=,@-]*(\.[A-Za-z0-9_+=,@-]+)*$",
        "an IAM role's name of at most 64 characters",
        max_length=64,
    ),
]
RoleArn = Annotated[
    str,
    _text(
        r"^arn:aws:iam::[0-9]{12}:role(/[A-Za-z0-9_+=,@-]+(\.[A-Za-z0-9_+=,@-]+)*)+$",
        "the ARN of an IAM role (not of an assumed role): arn:aws:iam::<account>:role/<name>",
    ),
]
OidcProviderArn = Annotated[
    str,
    _text(
        r"^arn:aws:iam::[0-9]{12}:oidc-provider/token\.actions\.githubusercontent\.com$",
        "the ARN of the account's OIDC provider for GitHub: "
        "arn:aws:iam::<account>:oidc-provider/token.actions.githubusercontent.com",
    ),
]
BucketArn = Annotated[
    str,
    _text(
        r"^arn:aws:s3:::[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", "a bucket's ARN: arn:aws:s3:::<name>, without dots"
    ),
]
KeyArn = Annotated[
    str,
    _text(
        r"^arn:aws:kms:[a-z]{2}-[a-z]{4,9}-[0-9]:[0-9]{12}:key/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
        "the ARN of a KMS key (not of an alias): arn:aws:kms:<region>:<account>:key/<id>",
    ),
]
RepositoryName = Annotated[
    str,
    _text(
        r"^[A-Za-z0-9]([A-Za-z0-9-]{0,37}[A-Za-z0-9])?/[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$",
        "a GitHub repository: owner/name",
        max_length=140,
    ),
]
ContentSource = Annotated[
    str,
    _text(
        r"^(self|unsafe-inline|wasm-unsafe-eval|data:|blob:"
        r"|(https|wss)://(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}(:[0-9]{2,5})?)$",
        "self, unsafe-inline, wasm-unsafe-eval, data:, blob:, or a host such as https://cdn.example.com, wss://x.example.com",
        max_length=200,
    ),
]
KubernetesVersion = Annotated[str, _text(r"^1\.[0-9]{2}$", 'a minor version in quotes, such as "1.36"')]
AddonVersion = Annotated[
    str,
    _text(
        r"^v[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}-eksbuild\.[0-9]{1,3}$",
        "an EKS add-on version vX.Y.Z-eksbuild.N, such as v1.22.4-eksbuild.3",
    ),
]
NodeGroupName = Annotated[
    str, _text(r"^[a-z]([a-z0-9-]{0,18}[a-z0-9])?$", "1 to 20 lower-case letters, digits and hyphens")
]
ImageByDigest = Annotated[
    str,
    _text(
        r"^[a-z0-9]+([.-][a-z0-9]+)*(:[0-9]{2,5})?(/[a-z0-9]+([._-][a-z0-9]+)*)+@sha256:[0-9a-f]{64}$",
        "an image by its digest: registry/name@sha256:<64 hexadecimal digits>, no tag",
        max_length=255,
    ),
]
CommandWord = Annotated[
    str,
    _text(
        r"^[A-Za-z0-9@_+=:,/-]+(\.[A-Za-z0-9@_+=:,/-]+)*$",
        "a word of a command, without blanks, quotes, $ or ..",
        max_length=200,
    ),
]
ContractAddress = Annotated[
    str, _text(r"^0x[0-9a-fA-F]{40}$", 'a contract\'s address in quotes: "0x" and 40 hexadecimal digits')
]
PostgresVersion = Annotated[
    str, _text(r"^1[678]\.[0-9]{1,2}$", 'an exact PostgreSQL version, 16 to 18, in quotes, such as "18.6"')
]
CacheVersion = Annotated[str, _text(r"^[789]\.[0-9]$", 'major.minor in quotes, such as "8.2"')]
