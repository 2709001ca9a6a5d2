"""What is in a database, for a backup's manifest: rows, samples of them, sequences, and facts.

Everything is asked in one connection and transaction, so it belongs to one snapshot. What belongs to an extension
is the extension's, and left out. ``pg_authid``, with the passwords' verifiers, is not read.
"""

from typing import Any, Final

from psycopg import abc, sql
from typing_extensions import override

from operations.backup_manifest import Contents, DatabaseGrant, Row, Sequence, Server, Table
from operations.clients.postgres import Connection
from operations.clients.postgres_facts import facts, own

SAMPLE_ROWS: Final = 200
"""Rows of a table whose checksums are kept: about so many, all of a small table's."""

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

_TABLES = f"""
SELECT format('%I.%I', n.nspname, c.relname),
       coalesce((SELECT array_agg(a.attname::text ORDER BY k.turn) FROM pg_index i,
           unnest(i.indkey) WITH ORDINALITY AS k (number, turn), pg_attribute a
           WHERE i.indrelid = c.oid AND i.indisprimary AND a.attrelid = c.oid AND a.attnum = k.number), '{{}}'),
       coalesce((SELECT array_agg(format_type(a.atttypid, a.atttypmod) ORDER BY k.turn) FROM pg_index i,
           unnest(i.indkey) WITH ORDINALITY AS k (number, turn), pg_attribute a
           WHERE i.indrelid = c.oid AND i.indisprimary AND a.attrelid = c.oid AND a.attnum = k.number), '{{}}')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND {own("pg_class", "c")} ORDER BY 1"""  # noqa: S608 - only this module's constants

_SEQUENCES = f"""
SELECT format('%I.%I', n.nspname, c.relname), s.last_value
FROM pg_sequences s JOIN pg_namespace n ON n.nspname = s.schemaname
JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = s.sequencename
WHERE {own("pg_class", "c")} ORDER BY 1"""  # noqa: S608 - as above

_DATABASE_GRANTS = """
SELECT coalesce(r.rolname, ''), p.privilege_type
FROM pg_database d CROSS JOIN LATERAL aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) p
LEFT JOIN pg_roles r ON r.oid = p.grantee
WHERE d.datname = current_database() AND p.grantee <> d.datdba ORDER BY 1, 2"""
