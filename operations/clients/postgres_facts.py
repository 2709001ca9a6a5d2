"""What a database's catalogue says of its definitions, owners and grants, in sentences that can be compared.

What belongs to an extension is the extension's, and left out. ``pg_authid``, with the passwords' verifiers, is not read.
"""

from typing import Final

from operations.clients.postgres import Connection

SERVER_WIDE: Final = ("roles", "memberships")
"""Kinds of facts that belong to the server, not to the database."""


def facts(connection: Connection) -> dict[str, list[str]]:
    """Sentences by kind, sorted, the same for the same definitions."""
    return {
        kind: sorted(line for (line,) in connection.execute(query.encode()).fetchall())
        for kind, query in _FACTS.items()
    }


_OURS: Final = r"n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"


def own(catalogue: str, alias: str) -> str:
    """Neither the system's nor an extension's."""
    return f"""{_OURS} AND NOT EXISTS (SELECT 1 FROM pg_depend e
        WHERE e.classid = '{catalogue}'::regclass AND e.objid = {alias}.oid AND e.deptype = 'e')"""  # noqa: S608 - only constants are put in


_FACTS: Final = {
    "extensions": """
SELECT format('%s %s in %s', e.extname, e.extversion, n.nspname)
FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace""",
    "columns": f"""
SELECT format('%I.%I.%I %s%s%s', n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
    CASE WHEN a.attnotnull THEN ' not null' END, ' default ' || pg_get_expr(d.adbin, d.adrelid))
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND {own("pg_class", "c")}""",  # noqa: S608
    "constraints": f"""
SELECT format('%I on %I.%I: %s%s', k.conname, n.nspname, c.relname, pg_get_constraintdef(k.oid),
    CASE WHEN k.convalidated THEN ' (valid)' END)
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE k.contype IN ('p', 'u', 'f', 'c', 'x') AND {own("pg_class", "c")}""",  # noqa: S608
    "indexes": f"""
SELECT pg_get_indexdef(i.indexrelid) || CASE WHEN i.indisvalid THEN ' (valid)' ELSE '' END
FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE {own("pg_class", "c")}""",  # noqa: S608
    "views": f"""
SELECT format('%I.%I: %s', n.nspname, c.relname, md5(pg_get_viewdef(c.oid)))
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('v', 'm') AND {own("pg_class", "c")}""",  # noqa: S608
    "routines": f"""
SELECT format('%I.%I(%s): %s', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid),
    md5(CASE WHEN p.prokind = 'a' THEN '' ELSE pg_get_functiondef(p.oid) END))
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE {own("pg_proc", "p")}""",  # noqa: S608
    "triggers": f"""
SELECT format('%s (%s)', pg_get_triggerdef(t.oid), t.tgenabled)
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE NOT t.tgisinternal AND {own("pg_class", "c")}""",  # noqa: S608
    "enumerations": f"""
SELECT format('%I.%I: %s', n.nspname, t.typname, string_agg(quote_literal(l.enumlabel), ', ' ORDER BY l.enumsortorder))
FROM pg_enum l JOIN pg_type t ON t.oid = l.enumtypid JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE {own("pg_type", "t")} GROUP BY n.nspname, t.typname""",  # noqa: S608
    "policies": """
SELECT format('%I on %I.%I: %s %s to %s using (%s) check (%s)', policyname, schemaname, tablename, permissive, cmd,
    roles, qual, with_check)
FROM pg_policies""",
    "large objects": "SELECT count(*)::text FROM pg_largeobject_metadata",
    "owners": f"""
SELECT format('%I.%I of %I', n.nspname, c.relname, pg_get_userbyid(c.relowner))
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND {own("pg_class", "c")}
UNION ALL SELECT format('schema %I of %I', n.nspname, pg_get_userbyid(n.nspowner))
FROM pg_namespace n WHERE {own("pg_namespace", "n")}""",  # noqa: S608
    "grants": f"""
WITH acl AS (
    SELECT format('schema %I', n.nspname) AS name, n.nspowner AS owner,
           coalesce(n.nspacl, acldefault('n', n.nspowner)) AS items
    FROM pg_namespace n WHERE {own("pg_namespace", "n")}
    UNION ALL SELECT format('%I.%I', n.nspname, c.relname), c.relowner, coalesce(c.relacl,
        acldefault(CASE c.relkind WHEN 'S' THEN 's'::"char" ELSE 'r'::"char" END, c.relowner))
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND {own("pg_class", "c")}
    UNION ALL SELECT format('%I.%I.%I', n.nspname, c.relname, a.attname), c.relowner, a.attacl
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE a.attacl IS NOT NULL AND {own("pg_class", "c")}
    UNION ALL SELECT format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)),
        p.proowner, coalesce(p.proacl, acldefault('f', p.proowner))
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE {own("pg_proc", "p")}
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
