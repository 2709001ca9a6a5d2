"""IAM policies as rules read them: the statements of a document, however it writes them."""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from policies.graph import Graph, Node
from policies.values import Record

ROLE = "aws:iam/role:Role"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
POLICY = "aws:iam/policy:Policy"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"


def statements(node: Node, key: str, effect: str) -> Iterator[Record]:
    """The statements of a document with one effect, `Allow` or `Deny`.

    Raises:
        Undecided: the document is not known yet.
    """
    for one in node.document(key).records("Statement"):
        if one.at("Effect") == effect:
            yield one


def principals(statement: Record) -> Iterator[tuple[str, str]]:
    """Who is meant: kind (`AWS`, `Service`, `Federated`; `*` for everybody) and name."""
    found = statement.at("Principal")
    if isinstance(found, Record):
        for kind in found:
            yield from ((kind, name) for name in found.texts(kind))
    elif found is not None:
        yield "*", str(found)


def own_statements(role: Node, graph: Graph) -> Iterator[Record]:
    """What a role is allowed by the policies of the program: its own, and those that are attached to it."""
    for policy in graph.users(role, "role", ROLE_POLICY):
        yield from statements(policy, "policy", "Allow")
    for attachment in graph.users(role, "role", ATTACHMENT):
        for policy in graph.sources(attachment, "policyArn", POLICY):
            yield from statements(policy, "policy", "Allow")


def allows(statement: Record, action: str) -> bool:
    """Whether a statement allows an action, by name or by wildcard; IAM does not tell cases apart."""
    return any(fnmatchcase(action.lower(), pattern.lower()) for pattern in statement.texts("Action"))
