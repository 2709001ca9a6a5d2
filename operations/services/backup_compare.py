"""A restored database beside the manifest of its backup."""

from collections.abc import Iterator

from operations.backup_manifest import Contents, Sequence
from operations.clients import postgres_contents
from operations.clients.postgres import Connection
from operations.clients.postgres_facts import SERVER_WIDE, facts


def differences(contents: Contents, connection: Connection, *, server_wide: bool) -> list[str]:
    """What is not as the manifest says; empty when the restore is proven.

    Args:
        contents: the manifest's.
        connection: to the restored database.
        server_wide: whether roles and memberships were restored too.
    """
    postgres_contents.settle(connection)
    return [
        *_tables(contents, connection),
        *_sequences(contents, connection),
        *_facts(contents, connection, server_wide=server_wide),
    ]


def definitions(contents: Contents, connection: Connection) -> list[str]:
    """What is not as the manifest says, but for rows and sequences, which may have moved on since."""
    postgres_contents.settle(connection)
    there = set(postgres_contents.tables(connection))
    lost = [f"table {one.name} is missing" for one in contents.tables if one.name not in there]
    return [*lost, *_facts(contents, connection, server_wide=False)]


def _tables(contents: Contents, connection: Connection) -> Iterator[str]:
    there = set(postgres_contents.tables(connection))
    for name in sorted(there - {table.name for table in contents.tables}):
        yield f"table {name} is there, and not in the manifest"
    for table in contents.tables:
        if table.name not in there:
            yield f"table {table.name} is missing"
            continue
        rows = postgres_contents.count(connection, table.name)
        if rows != table.rows:
            yield f"table {table.name} has {rows:,} rows, in the manifest {table.rows:,}"
        unlike = postgres_contents.unlike(connection, table)
        if unlike:
            yield f"{unlike} of {len(table.sample)} sampled rows of {table.name} are missing or differ"


def _sequences(contents: Contents, connection: Connection) -> Iterator[str]:
    there = dict(postgres_contents.sequence_values(connection))
    for one in contents.sequences:
        if one.name not in there:
            yield f"sequence {one.name} is missing"
        elif not _between(one, there[one.name]):
            yield f"sequence {one.name} is at {there[one.name]}, in the manifest at {one.before} to {one.after}"


def _between(sequence: Sequence, value: int | None) -> bool:
    """Sequences move while the dump runs, and pg_dump reads them at some moment of it."""
    if value is None or sequence.before is None:
        return value is None or sequence.after is not None
    ends = (sequence.before, sequence.before if sequence.after is None else sequence.after)
    return min(ends) <= value <= max(ends)


def _facts(contents: Contents, connection: Connection, *, server_wide: bool) -> Iterator[str]:
    there = facts(connection)
    kinds = [kind for kind in contents.facts if server_wide or kind not in SERVER_WIDE]
    for kind in kinds:
        wanted, found = set(contents.facts[kind]), set(there.get(kind, []))
        yield from (f"{kind}: missing: {line}" for line in sorted(wanted - found))
        yield from (f"{kind}: not in the manifest: {line}" for line in sorted(found - wanted))
    wanted_grants = {(one.grantee, one.privilege) for one in contents.database_grants}
    found_grants = {(one.grantee, one.privilege) for one in postgres_contents.database_grants(connection)}
    for grantee, privilege in sorted(wanted_grants ^ found_grants):
        which = "missing" if (grantee, privilege) in wanted_grants else "not in the manifest"
        yield f"grants: {which}: {privilege} on the database to {grantee or 'PUBLIC'}"
