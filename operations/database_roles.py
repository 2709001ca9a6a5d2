"""Who may do what in a stack's database: the one place that says so, as plain values.

- ``intendly_owner`` cannot log in; schema and objects are its. Migrations and restores work as it:
  the master user connects and says ``SET ROLE intendly_owner``.
- ``intendly_app_a`` and ``intendly_app_b`` log in for the applications, one at a time; rotation goes to and fro
  between them. Both have what their group ``intendly_app`` has: rows and sequences, no definitions.
- ``monitoring_user`` reads schema public and the server's statistics.
- PUBLIC, which is everybody, has nothing.
"""

from dataclasses import dataclass
from itertools import product

OWNER = "intendly_owner"
APPLICATION = "intendly_app"
"""The group; it cannot log in."""

APPLICATION_LOGINS = ("intendly_app_a", "intendly_app_b")
MONITORING = "monitoring_user"
ROLES = (OWNER, APPLICATION, *APPLICATION_LOGINS, MONITORING)
LOGINS = (*APPLICATION_LOGINS, MONITORING)
PUBLIC = ""
"""Stands for everybody; no role has an empty name."""

SCHEMA = "public"
EXTENSION = "pg_stat_statements"
STATISTICS = "pg_monitor"
"""PostgreSQL's own role for monitoring: settings, activity and sizes, no data."""

MANAGED = frozenset({*ROLES, PUBLIC})
"""Whose grants are brought to exactly what is wanted. Other roles on the server are left alone."""


@dataclass(frozen=True, order=True, kw_only=True)
class Grant:
    """One privilege of one role. ``kind`` is SQL's word, or that of objects to come."""

    kind: str
    name: str
    grantee: str
    privilege: str


@dataclass(frozen=True, order=True, kw_only=True)
class Membership:
    """``member`` may do what ``group`` may."""

    group: str
    member: str


@dataclass(frozen=True, kw_only=True)
class Role:
    """A role's attributes; ``powers`` are SQL's words for those that none of ours may have."""

    login: bool
    powers: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Adoption:
    """An object of the schema that belongs to somebody else, with the server's statement that gives it over."""

    name: str
    owner: str
    statement: str


@dataclass(frozen=True, kw_only=True)
class Observed:
    """What a database has of all this. A partial membership inherits but may not become the group, or the reverse."""

    roles: dict[str, Role]
    memberships: frozenset[Membership]
    partial_memberships: frozenset[Membership]
    grants: frozenset[Grant]
    schema_owner: str
    extension: bool
    tables: tuple[str, ...]
    sequences: tuple[str, ...]
    adoptions: tuple[Adoption, ...]


TABLE_PRIVILEGES = {APPLICATION: ("SELECT", "INSERT", "UPDATE", "DELETE"), MONITORING: ("SELECT",)}
SEQUENCE_PRIVILEGES = {APPLICATION: ("USAGE", "SELECT"), MONITORING: ("SELECT",)}
DATABASE, SCHEMA_KIND, TABLE, SEQUENCE = "DATABASE", "SCHEMA", "TABLE", "SEQUENCE"
FUTURE_TABLES, FUTURE_SEQUENCES = "TABLES", "SEQUENCES"
"""What ``ALTER DEFAULT PRIVILEGES`` calls them."""


def wanted_memberships(administrator: str) -> frozenset[Membership]:
    """Which role is in which; the administrator acts as the owner."""
    pairs = [(APPLICATION, login) for login in APPLICATION_LOGINS]
    pairs += [(STATISTICS, MONITORING), (OWNER, administrator)]
    return frozenset(Membership(group=group, member=member) for group, member in pairs)


def wanted_grants(database: str, tables: tuple[str, ...], sequences: tuple[str, ...]) -> frozenset[Grant]:
    """Every privilege that is to be there, and no other for the roles that are managed."""
    grants = [Grant(kind=DATABASE, name=database, grantee=OWNER, privilege="CREATE")]
    for role in (APPLICATION, MONITORING):
        grants.append(Grant(kind=DATABASE, name=database, grantee=role, privilege="CONNECT"))
        grants.append(Grant(kind=SCHEMA_KIND, name=SCHEMA, grantee=role, privilege="USAGE"))
    for kind, names, privileges in (
        (TABLE, tables, TABLE_PRIVILEGES),
        (FUTURE_TABLES, (SCHEMA,), TABLE_PRIVILEGES),
        (SEQUENCE, sequences, SEQUENCE_PRIVILEGES),
        (FUTURE_SEQUENCES, (SCHEMA,), SEQUENCE_PRIVILEGES),
    ):
        for name, (role, allowed) in product(names, privileges.items()):
            grants += [Grant(kind=kind, name=name, grantee=role, privilege=one) for one in allowed]
    return frozenset(grants)
