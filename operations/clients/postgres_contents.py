"""What is in a database, for a backup's manifest: rows, samples of them, sequences, and facts in sentences.

Everything is asked in one connection and transaction, so it belongs to one snapshot. What belongs to an extension
is the extension's, and left out. ``pg_authid``, with the passwords' verifiers, is not read.
"""

from typing import Any, Final

from psycopg import abc, sql
from typing_extensions import override

from operations.backup_manifest import Contents, DatabaseGrant, Row, Sequence, Server, Table
from operations.clients.postgres import Connection

SAMPLE_ROWS: Final = 200
"""Rows of a table whose checksums are kept: about so many, all of a small table's."""

SERVER_WIDE: Final = ("roles", "memberships")
"""Kinds of facts that belong to the server, not to the database."""

SETTINGS: Final = {
    "timezone": "UTC",
    "datestyle": "ISO, YMD",
    "intervalstyle": "iso_8601",
    "bytea_output": "hex",
    "extra_float_digits": "1",
    "search_path": "pg_catalog",
    # The connection rests while the dump runs, and counting may take long.
    "idle_in_transaction_session_timeout": "0",
    "statement_timeout": "0",
    "lock_timeout": "30s",
    # Rows that a policy would hide are an error, as they are to pg_dump.
    "row_security": "off",
}
"""Of a session that reads: a row's text, and with it its checksum, depends on some of them."""


def settle(connection: Connection) -> None:
    """Give the session the settings by which rows look the same everywhere."""
    for name, value in SETTINGS.items():
        connection.execute("SELECT set_config(%s, %s, false)", (name, value))


def server(connection: Connection) -> Server:
    """The server and how the database keeps its text."""
    [(version, superuser, encoding)] = _rows(connection, _SERVER)
    return Server(version=version, superuser=superuser, encoding=encoding)


def contents(connection: Connection) -> Contents:
    """All that a restore must bring back. Sequences are as they are now: ``after`` is the same as ``before``."""
    return Contents(
        tables=[_table(connection, *row) for row in _rows(connection, _TABLES)],
        sequences=[Sequence(name=name, before=at, after=at) for name, at in sequence_values(connection)],
        facts=facts(connection),
        database_grants=database_grants(connection),
    )


def database_grants(connection: Connection) -> list[DatabaseGrant]:
    """Who but its owner may do what with the database itself."""
    return [
        DatabaseGrant(grantee=grantee, privilege=privilege)
        for grantee, privilege in _rows(connection, _DATABASE_GRANTS)
    ]


def hold(connection: Connection) -> list[str]:
    """Lock every table against a change of its definition until the transaction ends; gives their quoted names.

    pg_dump locks them too: who waits for it to change a table would stand before us later.
    """
    found = tables(connection)
    if found:
        names = sql.SQL(", ").join([sql.SQL("ONLY ") + _named(one) for one in found])
        connection.execute(sql.SQL("LOCK TABLE {} IN ACCESS SHARE MODE").format(names))
    return found


def facts(connection: Connection) -> dict[str, list[str]]:
    """Sentences by kind, sorted, the same for the same definitions."""
    return {kind: sorted(line for (line,) in _rows(connection, query)) for kind, query in _FACTS.items()}


def sequence_values(connection: Connection) -> list[tuple[str, int | None]]:
    """Sequences and their last values."""
    return [(name, value) for name, value in _rows(connection, _SEQUENCES)]


def count(connection: Connection, table: str) -> int:
    """Rows of a table by its quoted name."""
    [(rows,)] = connection.execute(sql.SQL("SELECT count(*) FROM ONLY ") + _named(table)).fetchall()
    return rows


def tables(connection: Connection) -> list[str]:
    """The quoted names of all tables."""
    return [name for name, *_ in _rows(connection, _TABLES)]


def unlike(connection: Connection, table: Table) -> int:
    """How many of the sampled rows are not there, or not as they were."""
    if not table.sample:
        return 0
    query = _by_key(table) if table.key_columns else _by_content(table)
    [(found,)] = connection.execute(query).fetchall()
    return len(table.sample) - found


def _table(connection: Connection, name: str, columns: list[str], types: list[str]) -> Table:
    rows = count(connection, name)
    share = min(100.0, 100.0 * SAMPLE_ROWS / max(rows, 1))
    key = sql.SQL(", ").join(sql.SQL("t.{}::text").format(sql.Identifier(one)) for one in columns)
    query = sql.SQL(
        "SELECT ARRAY[{}]::text[], md5(t::text) FROM ONLY {} t TABLESAMPLE BERNOULLI ({})"
    ).format(key, _named(name), sql.Literal(share))
    sample = [Row(key=found, md5=checksum) for found, checksum in connection.execute(query).fetchall()]
    if not columns:
        # Without a key rows are told by their content alone: equal ones count once.
        sample = [Row(key=[], md5=one) for one in sorted({row.md5 for row in sample})]
    return Table(name=name, rows=rows, key_columns=columns, key_types=types, sample=sample)


def _by_key(table: Table) -> sql.Composed:
    places = range(len(table.key_columns))
    names = [sql.Identifier(f"k{place}") for place in places]
    arrays = [_texts([row.key[place] for row in table.sample]) for place in places]
    joins = [
        sql.SQL("t.{} = k.{}::{}").format(sql.Identifier(column), name, _named(kind))
        for column, name, kind in zip(table.key_columns, names, table.key_types, strict=True)
    ]
    return sql.SQL(
        "SELECT count(*) FROM unnest({}) AS k (md5, {}) JOIN ONLY {} t ON {} WHERE md5(t::text) = k.md5"
    ).format(
        sql.SQL(", ").join([_texts([row.md5 for row in table.sample]), *arrays]),
        sql.SQL(", ").join(names),
        _named(table.name),
        sql.SQL(" AND ").join(joins),
    )


def _by_content(table: Table) -> sql.Composed:
    return sql.SQL(
        "SELECT count(DISTINCT found.md5) FROM (SELECT md5(t::text) FROM ONLY {} t) AS found (md5)"
        " WHERE found.md5 = ANY ({})"
    ).format(_named(table.name), _texts([row.md5 for row in table.sample]))


def _texts(values: list[str]) -> sql.Composed:
    return sql.SQL("{}::text[]").format(sql.Literal(values))


class _Quoted(sql.Composable):
    """A name that the server itself has quoted (``format``, ``format_type``)."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._name = name

    @override
    def as_bytes(self, context: abc.AdaptContext | None = None) -> bytes:
        """The name as the server gave it; the session's encoding is UTF-8."""
        return self._name.encode()


def _named(name: str) -> sql.Composable:
    return _Quoted(name)


def _rows(connection: Connection, query: str) -> list[tuple[Any, ...]]:
    # The queries are this module's own constants; bytes say so to psycopg's types.
    return connection.execute(query.encode()).fetchall()


_SERVER = """
SELECT current_setting('server_version_num')::int, (SELECT rolname FROM pg_roles WHERE oid = 10),
       pg_encoding_to_char(encoding)
FROM pg_database WHERE datname = current_database()"""

_OURS = r"n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"


def _own(catalogue: str, alias: str) -> str:
    """Neither the system's nor an extension's."""
    return f"""{_OURS} AND NOT EXISTS (SELECT 1 FROM pg_depend e
        WHERE e.classid = '{catalogue}'::regclass AND e.objid = {alias}.oid AND e.deptype = 'e')"""  # noqa: S608 - as below


_TABLES = f"""
SELECT format('%I.%I', n.nspname, c.relname),
       coalesce((SELECT array_agg(a.attname::text ORDER BY k.turn) FROM pg_index i,
           unnest(i.indkey) WITH ORDINALITY AS k (number, turn), pg_attribute a
           WHERE i.indrelid = c.oid AND i.indisprimary AND a.attrelid = c.oid AND a.attnum = k.number), '{{}}'),
       coalesce((SELECT array_agg(format_type(a.atttypid, a.atttypmod) ORDER BY k.turn) FROM pg_index i,
           unnest(i.indkey) WITH ORDINALITY AS k (number, turn), pg_attribute a
           WHERE i.indrelid = c.oid AND i.indisprimary AND a.attrelid = c.oid AND a.attnum = k.number), '{{}}')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND {_own("pg_class", "c")} ORDER BY 1"""  # noqa: S608 - only this module's constants

_SEQUENCES = f"""
SELECT format('%I.%I', n.nspname, c.relname), s.last_value
FROM pg_sequences s JOIN pg_namespace n ON n.nspname = s.schemaname
JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = s.sequencename
WHERE {_own("pg_class", "c")} ORDER BY 1"""  # noqa: S608 - as above

_DATABASE_GRANTS = """
SELECT coalesce(r.rolname, ''), p.privilege_type
FROM pg_database d CROSS JOIN LATERAL aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) p
LEFT JOIN pg_roles r ON r.oid = p.grantee
WHERE d.datname = current_database() AND p.grantee <> d.datdba ORDER BY 1, 2"""

_FACTS: Final = {
    "extensions": """
SELECT format('%s %s in %s', e.extname, e.extversion, n.nspname)
FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace""",
    "columns": f"""
SELECT format('%I.%I.%I %s%s%s', n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
    CASE WHEN a.attnotnull THEN ' not null' END, ' default ' || pg_get_expr(d.adbin, d.adrelid))
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND {_own("pg_class", "c")}""",  # noqa: S608
    "constraints": f"""
SELECT format('%I on %I.%I: %s%s', k.conname, n.nspname, c.relname, pg_get_constraintdef(k.oid),
    CASE WHEN k.convalidated THEN ' (valid)' END)
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE k.contype IN ('p', 'u', 'f', 'c', 'x') AND {_own("pg_class", "c")}""",  # noqa: S608
    "indexes": f"""
SELECT pg_get_indexdef(i.indexrelid) || CASE WHEN i.indisvalid THEN ' (valid)' ELSE '' END
FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE {_own("pg_class", "c")}""",  # noqa: S608
    "views": f"""
SELECT format('%I.%I: %s', n.nspname, c.relname, md5(pg_get_viewdef(c.oid)))
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('v', 'm') AND {_own("pg_class", "c")}""",  # noqa: S608
    "routines": f"""
SELECT format('%I.%I(%s): %s', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid),
    md5(CASE WHEN p.prokind = 'a' THEN '' ELSE pg_get_functiondef(p.oid) END))
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE {_own("pg_proc", "p")}""",  # noqa: S608
    "triggers": f"""
SELECT format('%s (%s)', pg_get_triggerdef(t.oid), t.tgenabled)
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE NOT t.tgisinternal AND {_own("pg_class", "c")}""",  # noqa: S608
    "enumerations": f"""
SELECT format('%I.%I: %s', n.nspname, t.typname, string_agg(quote_literal(l.enumlabel), ', ' ORDER BY l.enumsortorder))
FROM pg_enum l JOIN pg_type t ON t.oid = l.enumtypid JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE {_own("pg_type", "t")} GROUP BY n.nspname, t.typname""",  # noqa: S608
    "policies": """
SELECT format('%I on %I.%I: %s %s to %s using (%s) check (%s)', policyname, schemaname, tablename, permissive, cmd,
    roles, qual, with_check)
FROM pg_policies""",
    "large objects": "SELECT count(*)::text FROM pg_largeobject_metadata",
    "owners": f"""
SELECT format('%I.%I of %I', n.nspname, c.relname, pg_get_userbyid(c.relowner))
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND {_own("pg_class", "c")}
UNION ALL SELECT format('schema %I of %I', n.nspname, pg_get_userbyid(n.nspowner))
FROM pg_namespace n WHERE {_own("pg_namespace", "n")}""",  # noqa: S608
    "grants": f"""
WITH acl AS (
    SELECT format('schema %I', n.nspname) AS name, n.nspowner AS owner,
           coalesce(n.nspacl, acldefault('n', n.nspowner)) AS items
    FROM pg_namespace n WHERE {_own("pg_namespace", "n")}
    UNION ALL SELECT format('%I.%I', n.nspname, c.relname), c.relowner, coalesce(c.relacl,
        acldefault(CASE c.relkind WHEN 'S' THEN 's'::"char" ELSE 'r'::"char" END, c.relowner))
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND {_own("pg_class", "c")}
    UNION ALL SELECT format('%I.%I.%I', n.nspname, c.relname, a.attname), c.relowner, a.attacl
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE a.attacl IS NOT NULL AND {_own("pg_class", "c")}
    UNION ALL SELECT format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)),
        p.proowner, coalesce(p.proacl, acldefault('f', p.proowner))
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE {_own("pg_proc", "p")}
    UNION ALL SELECT format('future %s of %I in %s', d.defaclobjtype, pg_get_userbyid(d.defaclrole),
        coalesce(n.nspname, 'all schemas')), d.defaclrole, d.defaclacl
    FROM pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace
)
SELECT format('%s on %s to %s%s', p.privilege_type, acl.name, coalesce(r.rolname, 'PUBLIC'),
    CASE WHEN p.is_grantable THEN ' with grant option' END)
FROM acl CROSS JOIN LATERAL aclexplode(acl.items) p LEFT JOIN pg_roles r ON r.oid = p.grantee
WHERE p.grantee <> acl.owner""",  # noqa: S608
    "roles": """
SELECT format('%I%s%s%s%s', rolname, CASE WHEN rolcanlogin THEN ' login' END,
    CASE WHEN rolsuper THEN ' superuser' END, CASE WHEN rolcreaterole THEN ' createrole' END,
    CASE WHEN rolcreatedb THEN ' createdb' END)
FROM pg_roles WHERE rolname !~ '^pg_'""",
    "memberships": """
SELECT DISTINCT format('%I in %I%s%s%s', m.rolname, g.rolname, CASE WHEN a.admin_option THEN ' admin' END,
    CASE WHEN a.inherit_option THEN ' inherit' END, CASE WHEN a.set_option THEN ' set' END)
FROM pg_auth_members a JOIN pg_roles g ON g.oid = a.roleid JOIN pg_roles m ON m.oid = a.member""",
}
"""How each kind is asked for. A sentence that ends in ``(valid)`` would not, if the server doubted it."""
