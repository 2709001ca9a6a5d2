"""From what a database has to the changes that bring it to what is wanted. Nothing here talks to a server."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from psycopg import abc, sql
from typing_extensions import override

from operations.database_roles import (
    EXTENSION,
    FUTURE_SEQUENCES,
    FUTURE_TABLES,
    LOGINS,
    OWNER,
    PUBLIC,
    ROLES,
    SCHEMA,
    SEQUENCE,
    TABLE,
    Grant,
    Membership,
    Observed,
    Role,
    wanted_grants,
    wanted_memberships,
)


@dataclass(frozen=True, kw_only=True)
class Change:
    """One statement; ``what`` says it to a person."""

    what: str
    statement: sql.Composed


def changes(observed: Observed, database: str, administrator: str) -> list[Change]:
    """Everything to be done but passwords, in an order in which the server takes it; nothing when all is right."""
    wanted = wanted_grants(database, observed.tables, observed.sequences)
    members = wanted_memberships(administrator)
    missing, excess = wanted - observed.grants, observed.grants - wanted
    return [
        *_roles(observed.roles),
        *(_member(one, joins=True) for one in sorted(members - observed.memberships)),
        *(
            _member(one, joins=False)
            for one in sorted((observed.memberships | observed.partial_memberships) - members)
        ),
        *_grants(one for one in missing if one.kind == "DATABASE"),
        *_ownership(observed),
        *_grants(one for one in missing if one.kind != "DATABASE"),
        *_grants(excess, give=False),
    ]


def _roles(found: dict[str, Role]) -> Iterator[Change]:
    for name in ROLES:
        login = name in LOGINS
        wanted = sql.SQL("LOGIN") if login else sql.SQL("NOLOGIN")
        words = "may log in" if login else "cannot log in"
        role = found.get(name)
        if role is None:
            statement = sql.SQL("CREATE ROLE {} ").format(sql.Identifier(name)) + wanted
            yield Change(what=f"create role {name} ({words})", statement=statement)
            continue
        alter = sql.SQL("ALTER ROLE {} ").format(sql.Identifier(name))
        if role.login != login:
            yield Change(what=f"role {name} {words}", statement=alter + wanted)
        for power in role.powers:
            yield Change(what=f"role {name} loses {power}", statement=alter + _POWERLESS[power])


_POWERLESS: Final = {
    "SUPERUSER": sql.SQL("NOSUPERUSER"),
    "CREATEROLE": sql.SQL("NOCREATEROLE"),
    "CREATEDB": sql.SQL("NOCREATEDB"),
    "REPLICATION": sql.SQL("NOREPLICATION"),
    "BYPASSRLS": sql.SQL("NOBYPASSRLS"),
}


def _member(one: Membership, *, joins: bool) -> Change:
    form = sql.SQL("GRANT {} TO {} WITH INHERIT TRUE, SET TRUE") if joins else sql.SQL("REVOKE {} FROM {}")
    statement = form.format(sql.Identifier(one.group), sql.Identifier(one.member))
    return Change(what=f"{one.member} {'joins' if joins else 'leaves'} {one.group}", statement=statement)


def _ownership(observed: Observed) -> Iterator[Change]:
    if observed.schema_owner != OWNER:
        statement = sql.SQL("ALTER SCHEMA {} OWNER TO {}").format(
            sql.Identifier(SCHEMA), sql.Identifier(OWNER)
        )
        yield Change(what=f"schema {SCHEMA} belongs to {OWNER}", statement=statement)
    if not observed.extension:
        statement = sql.SQL("CREATE EXTENSION {} SCHEMA {}").format(
            sql.Identifier(EXTENSION), sql.Identifier(SCHEMA)
        )
        yield Change(what=f"create extension {EXTENSION}", statement=statement)
    for adopted in observed.adoptions:
        # The server composed it and quoted the names; what a name holds cannot become SQL.
        statement = sql.Composed([_Server(adopted.statement)])
        yield Change(what=f"{adopted.name} belongs to {OWNER}, not to {adopted.owner}", statement=statement)


class _Server(sql.Composable):
    """A statement that the server itself composed with ``format``."""

    def __init__(self, statement: str) -> None:
        super().__init__(statement)
        self._statement = statement

    @override
    def as_bytes(self, context: abc.AdaptContext | None = None) -> bytes:
        """The statement as the server gave it; the session's encoding is UTF-8."""
        return self._statement.encode()


def _grants(grants: Iterable[Grant], *, give: bool = True) -> Iterator[Change]:
    """As few statements as can be: a grantee's equal privileges on many objects are one."""
    privileges: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for grant in grants:
        privileges[grant.kind, grant.grantee, grant.name].add(grant.privilege)
    objects: dict[tuple[str, str, tuple[str, ...]], list[str]] = defaultdict(list)
    for (kind, grantee, name), held in sorted(privileges.items()):
        objects[kind, grantee, tuple(sorted(held))].append(name)
    for (kind, grantee, held), names in objects.items():
        yield _grant(kind, grantee, held, names, give=give)


def _grant(kind: str, grantee: str, privileges: tuple[str, ...], names: list[str], *, give: bool) -> Change:
    to = sql.SQL("PUBLIC") if grantee == PUBLIC else sql.Identifier(grantee)
    what = sql.SQL(", ").join(_PRIVILEGES[one] for one in privileges)
    verb, word = (sql.SQL("GRANT"), sql.SQL("TO")) if give else (sql.SQL("REVOKE"), sql.SQL("FROM"))
    if kind in {FUTURE_TABLES, FUTURE_SEQUENCES}:
        form = sql.SQL("ALTER DEFAULT PRIVILEGES FOR ROLE {} IN SCHEMA {} {} {} ON {} {} {}")
        statement = form.format(
            sql.Identifier(OWNER), sql.Identifier(SCHEMA), verb, what, _KINDS[kind], word, to
        )
    else:
        on = sql.SQL(", ").join(
            sql.Identifier(SCHEMA, name) if kind in {TABLE, SEQUENCE} else sql.Identifier(name)
            for name in names
        )
        statement = sql.SQL("{} {} ON {} {} {} {}").format(verb, what, _KINDS[kind], on, word, to)
    where = (
        f"future {kind.lower()} of {OWNER}" if kind.endswith("S") else f"{kind.lower()} {', '.join(names)}"
    )
    deed = "grant" if give else "revoke"
    return Change(
        what=f"{deed} {', '.join(privileges)} on {where} {'to' if give else 'from'} {grantee or 'PUBLIC'}",
        statement=statement,
    )


_KINDS: Final = {
    "DATABASE": sql.SQL("DATABASE"),
    "SCHEMA": sql.SQL("SCHEMA"),
    TABLE: sql.SQL("TABLE"),
    SEQUENCE: sql.SQL("SEQUENCE"),
    FUTURE_TABLES: sql.SQL("TABLES"),
    FUTURE_SEQUENCES: sql.SQL("SEQUENCES"),
}
_PRIVILEGES: Final = {
    "CONNECT": sql.SQL("CONNECT"),
    "CREATE": sql.SQL("CREATE"),
    "DELETE": sql.SQL("DELETE"),
    "INSERT": sql.SQL("INSERT"),
    "MAINTAIN": sql.SQL("MAINTAIN"),
    "REFERENCES": sql.SQL("REFERENCES"),
    "SELECT": sql.SQL("SELECT"),
    "TEMPORARY": sql.SQL("TEMPORARY"),
    "TRIGGER": sql.SQL("TRIGGER"),
    "TRUNCATE": sql.SQL("TRUNCATE"),
    "UPDATE": sql.SQL("UPDATE"),
    "USAGE": sql.SQL("USAGE"),
}
"""Every privilege that ``aclexplode`` names for these kinds of objects (PostgreSQL 18, table 5.1)."""
