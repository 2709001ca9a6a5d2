"""What a database says of its roles, owners and privileges, read from PostgreSQL's catalogue.

Every query works for a master user who is no superuser: ``pg_authid``, with the passwords' verifiers, is not read.
Objects of extensions belong to their extension and are left out.
"""

from dataclasses import dataclass
from typing import Any

from operations.clients.postgres import Connection
from operations.database_roles import (
    EXTENSION,
    MANAGED,
    OWNER,
    ROLES,
    SCHEMA,
    Adoption,
    Grant,
    Membership,
    Observed,
    Role,
)


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Which database this is. ``version`` is PostgreSQL's number, 180006 for 18.6."""

    database: str
    version: int
    in_recovery: bool
    databases: tuple[str, ...]
    superuser: bool


def identify(connection: Connection) -> Identity:
    """Ask the server what it is."""
    [(database, version, in_recovery, superuser)] = _rows(
        connection,
        """SELECT current_database(), current_setting('server_version_num')::int, pg_is_in_recovery(),
                  (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)""",
    )
    names = _rows(connection, "SELECT datname FROM pg_database WHERE NOT datistemplate ORDER BY datname")
    return Identity(
        database=database,
        version=version,
        in_recovery=in_recovery,
        databases=tuple(name for (name,) in names),
        superuser=superuser,
    )


def observe(connection: Connection, administrator: str) -> Observed:
    """What is there of the roles, memberships, owners and privileges."""
    [(schema_owner,)] = _rows(
        connection, "SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname = %s", SCHEMA
    )
    extensions = _rows(connection, "SELECT 1 FROM pg_extension WHERE extname = %s", EXTENSION)
    members = {
        Membership(group=group, member=member): whole
        for group, member, whole in _rows(connection, _MEMBERSHIPS, [*ROLES, administrator])
        # What creating the roles gave the administrator besides is the server's affair.
        if member in ROLES or group == OWNER
    }
    relations = _rows(connection, _RELATIONS, SCHEMA)
    return Observed(
        roles={name: Role(login=login, powers=tuple(powers)) for name, login, powers in _roles(connection)},
        memberships=frozenset(one for one, whole in members.items() if whole),
        partial_memberships=frozenset(one for one, whole in members.items() if not whole),
        grants=frozenset(
            Grant(kind=kind, name=name, grantee=grantee, privilege=privilege)
            for kind, name, grantee, privilege in _rows(connection, _GRANTS, SCHEMA, OWNER)
            if grantee in MANAGED
        ),
        schema_owner=schema_owner,
        extension=bool(extensions),
        tables=tuple(name for kind, name in relations if kind != "S"),
        sequences=tuple(name for kind, name in relations if kind == "S"),
        adoptions=tuple(
            Adoption(name=name, owner=owner, statement=statement)
            for name, owner, statement in _rows(connection, _STRANGERS, SCHEMA, OWNER)
        ),
    )


def _rows(connection: Connection, query: str, *parameters: object) -> list[tuple[Any, ...]]:
    # The queries are this module's own constants; bytes say so to psycopg's types.
    return connection.execute(query.encode(), parameters or None).fetchall()


def _roles(connection: Connection) -> list[tuple[Any, ...]]:
    return _rows(connection, _ROLES, list(ROLES))


_ROLES = """
SELECT rolname, rolcanlogin, array_remove(ARRAY[
    CASE WHEN rolsuper THEN 'SUPERUSER' END, CASE WHEN rolcreaterole THEN 'CREATEROLE' END,
    CASE WHEN rolcreatedb THEN 'CREATEDB' END, CASE WHEN rolreplication THEN 'REPLICATION' END,
    CASE WHEN rolbypassrls THEN 'BYPASSRLS' END], NULL)
FROM pg_roles WHERE rolname = ANY (%s)"""

_MEMBERSHIPS = """
SELECT g.rolname, m.rolname, bool_or(a.inherit_option) AND bool_or(a.set_option) FROM pg_auth_members a
JOIN pg_roles g ON g.oid = a.roleid JOIN pg_roles m ON m.oid = a.member
WHERE m.rolname = ANY (%s) AND (a.inherit_option OR a.set_option) GROUP BY g.rolname, m.rolname"""

_NO_EXTENSION = """NOT EXISTS (SELECT 1 FROM pg_depend e
    WHERE e.classid = '{catalogue}'::regclass AND e.objid = o.oid AND e.deptype = 'e')"""

_RELATIONS = f"""
SELECT o.relkind::text, o.relname FROM pg_class o
WHERE o.relnamespace = %s::regnamespace AND o.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
    AND {_NO_EXTENSION.format(catalogue="pg_class")}
ORDER BY o.relname"""  # noqa: S608 - only this module's constants are put in

_GRANTS = f"""
WITH acl AS (
    SELECT 'DATABASE' AS kind, datname AS name, datdba AS owner,
           coalesce(datacl, acldefault('d', datdba)) AS items
    FROM pg_database WHERE datname = current_database()
    UNION ALL
    SELECT 'SCHEMA', nspname, nspowner, coalesce(nspacl, acldefault('n', nspowner))
    FROM pg_namespace WHERE nspname = %s
    UNION ALL
    SELECT CASE o.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, o.relname, o.relowner, coalesce(o.relacl,
           acldefault(CASE o.relkind WHEN 'S' THEN 's'::"char" ELSE 'r'::"char" END, o.relowner))
    FROM pg_class o
    WHERE o.relnamespace = '{SCHEMA}'::regnamespace AND o.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
        AND {_NO_EXTENSION.format(catalogue="pg_class")}
    UNION ALL
    SELECT CASE d.defaclobjtype WHEN 'S' THEN 'SEQUENCES' ELSE 'TABLES' END, '{SCHEMA}', d.defaclrole, d.defaclacl
    FROM pg_default_acl d JOIN pg_roles r ON r.oid = d.defaclrole
    WHERE d.defaclnamespace = '{SCHEMA}'::regnamespace AND d.defaclobjtype IN ('r', 'S') AND r.rolname = %s
)
SELECT acl.kind, acl.name, coalesce(r.rolname, ''), p.privilege_type
FROM acl CROSS JOIN LATERAL aclexplode(acl.items) p LEFT JOIN pg_roles r ON r.oid = p.grantee
WHERE p.grantee <> acl.owner"""  # noqa: S608 - as above

_STRANGERS = f"""
WITH place AS (SELECT oid FROM pg_namespace WHERE nspname = %s),
stranger AS (
    SELECT 1 AS turn, o.oid::regclass::text AS name, o.relowner AS owner, 'TABLE' AS kind FROM pg_class o, place
    WHERE o.relnamespace = place.oid AND o.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
        AND {_NO_EXTENSION.format(catalogue="pg_class")}
        AND NOT EXISTS (SELECT 1 FROM pg_depend c WHERE c.classid = 'pg_class'::regclass AND c.objid = o.oid
            AND c.refclassid = 'pg_class'::regclass AND c.deptype IN ('a', 'i') AND o.relkind = 'S')
    UNION ALL
    SELECT 2, o.oid::regprocedure::text, o.proowner, 'ROUTINE' FROM pg_proc o, place
    WHERE o.pronamespace = place.oid AND {_NO_EXTENSION.format(catalogue="pg_proc")}
    UNION ALL
    SELECT 3, o.oid::regtype::text, o.typowner, 'TYPE' FROM pg_type o, place
    WHERE o.typnamespace = place.oid AND {_NO_EXTENSION.format(catalogue="pg_type")}
        AND (o.typtype IN ('e', 'd', 'r') OR o.typtype = 'c' AND EXISTS
            (SELECT 1 FROM pg_class c WHERE c.oid = o.typrelid AND c.relkind = 'c'))
)
SELECT s.name, s.owner::regrole::text, format('ALTER %%s %%s OWNER TO %%I', s.kind, s.name, r.want)
FROM stranger s, (SELECT %s::text AS want) r
WHERE s.owner::regrole::text <> r.want ORDER BY s.turn, s.name"""  # noqa: S608 - as above
