"""
Row-level security on PostgreSQL: the rule of `scoping.py` once more, kept by the database itself.

A migration calls `protect` for each table it makes, and names a policy only to take an older one back. Who sees a row
is a matter of the role first (`roles.py`) and of what the door said inside the transaction second: with nothing said,
no row is there, and no setting makes an app the operator.
"""

import re
from collections.abc import Iterator
from typing import Final

import attrs
import sqlalchemy as sa

from smartapp_adapters.storage.roles import APP, MIGRATOR, OPERATOR, SCOPE_SETTING
from smartapp_adapters.storage.tables import KINDS, Kind

ACCOUNT_SETTING: Final = "smartapp.account_id"
#: The job that whoever does it holds by its id: one of no account, while it works for an account.
JOB_SETTING: Final = "smartapp.job_id"

# A setting that ended with its transaction is empty from then on, not absent.
_ACCOUNT: Final = f"account_id = NULLIF(current_setting('{ACCOUNT_SETTING}', true), '')"
_HELD_JOB: Final = f"account_id IS NULL AND id = NULLIF(current_setting('{JOB_SETTING}', true), '')"
_SEEN_JOBS: Final = f"{_ACCOUNT} OR ({_HELD_JOB})"
_READ: Final = frozenset({"SELECT"})
_ADD: Final = frozenset({"INSERT"})
_CHANGE: Final = frozenset({"UPDATE"})
_EVERYTHING: Final = _READ | _ADD | _CHANGE | {"DELETE"}
#: How a grant to everybody is found.
_PUBLIC: Final = "PUBLIC"


def protect(connection: sa.Connection, table: str, kind: Kind) -> None:
    """Grant a table to the roles and force row-level security on it; may be repeated. Does nothing on SQLite."""
    if connection.dialect.name != "postgresql":
        return
    statements = [f"REVOKE ALL ON {table} FROM PUBLIC, {APP}, {OPERATOR} CASCADE"]
    statements += [
        f"GRANT {', '.join(sorted(held))} ON {table} TO {role}" for role, held in _rights(table, kind).items()
    ]
    if kind is not Kind.PUBLIC:
        statements += _forced(table)
        for name, (role, rule, check) in _rules(table, kind).items():
            statements.append(f"DROP POLICY IF EXISTS {name} ON {table}")
            statements.append(f"CREATE POLICY {name} ON {table} TO {role} USING ({rule}) WITH CHECK ({check})")
    for statement in statements:
        connection.exec_driver_sql(statement)


@attrs.frozen
class Hole:
    """What is wrong about the protection of a table, in a sentence; `strangers` are policies to drop."""

    table: str
    says: str
    strangers: tuple[str, ...] = ()


def holes(connection: sa.Connection) -> Iterator[Hole]:
    """Yield what differs from what `protect` makes; nothing on SQLite."""
    if connection.dialect.name != "postgresql":
        return
    guarded = {name: kind for name, kind in KINDS.items() if kind is not Kind.PUBLIC}
    found: dict[str, dict[str, tuple[str, ...]]] = {name: {} for name in guarded}
    for table, name, *rule in connection.execute(_POLICIES, {"tables": list(guarded)}):
        found[table][name] = (rule[0], *map(_plain, rule[1:]))
    for (table,) in connection.execute(_UNFORCED, {"tables": list(guarded)}):
        yield Hole(table, f"Row-level security is not forced on {table}.")
    for table, kind in guarded.items():
        ours = {name: _as_found(*rule) for name, rule in _rules(table, kind).items()}
        if strangers := tuple(sorted(found[table].keys() - ours.keys())):
            yield Hole(table, f"{table} has policies that are not ours: {', '.join(strangers)}.", strangers)
        if changed := sorted(name for name, rule in ours.items() if found[table].get(name) != rule):
            yield Hole(table, f"{table} has policies that are not as we made them: {', '.join(changed)}.")
    yield from _other_grants(connection)


def _other_grants(connection: sa.Connection) -> Iterator[Hole]:
    """Leave out whoever is none of ours: a login for back-ups, say, which row security stops or is meant not to."""
    asked = {"tables": list(KINDS), "roles": [APP, OPERATOR, _PUBLIC]}
    found = {tuple(row) for row in connection.execute(_GRANTS, asked)}
    for table, kind in KINDS.items():
        ours = {(table, role, right) for role, held in _rights(table, kind).items() for right in held}
        theirs = {row for row in found if row[0] == table}
        if other := sorted(f"{right} of {role}" for _, role, right in ours ^ theirs):
            yield Hole(table, f"{table} has grants that are not as we made them: {', '.join(other)}.")


def mend(connection: sa.Connection) -> None:
    """Protect anew, as the tables' owner, each table that has a hole; no other is touched, so nobody waits for it."""
    for hole in tuple(holes(connection)):
        for name in hole.strangers:
            quoted = name.replace('"', '""')
            connection.exec_driver_sql(f'DROP POLICY "{quoted}" ON {hole.table}')
        protect(connection, hole.table, KINDS[hole.table])


_POLICIES: Final = sa.text("""
    SELECT tablename, policyname, concat_ws(',', permissive, cmd, array_to_string(roles, ',')), qual, with_check
    FROM pg_policies WHERE schemaname = current_schema() AND tablename = ANY(:tables)
""")
_UNFORCED: Final = sa.text("""
    SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relname = ANY(:tables)
      AND NOT (relrowsecurity AND relforcerowsecurity) ORDER BY relname
""")


_GRANTS: Final = sa.text("""
    SELECT relname, coalesce(rolname, 'PUBLIC') AS held_by, privilege_type
    FROM (
        SELECT oid AS relation, relacl AS acl FROM pg_class
        UNION ALL SELECT attrelid, attacl FROM pg_attribute WHERE attacl IS NOT NULL
    ) AS granted
    JOIN pg_class ON pg_class.oid = relation CROSS JOIN aclexplode(acl) LEFT JOIN pg_roles ON pg_roles.oid = grantee
    WHERE relnamespace = current_schema()::regnamespace AND relname = ANY(:tables)
      AND coalesce(rolname, 'PUBLIC') = ANY(:roles)
""")


def _rights(table: str, kind: Kind) -> dict[str, frozenset[str]]:
    """Return what each role may do with a table; what an app may do, it may do with the rows its policy shows."""
    exceptions: dict[str, dict[str, frozenset[str]]] = {
        # Nobody is behind an account's door before it is opened.
        "accounts": {OPERATOR: _READ | _ADD},
        # Work is queued in the commit that causes it, and its holder proves to be it in each commit.
        "jobs": {APP: _READ | _ADD | _CHANGE},
        # Nobody who serves may change it; signing out happens behind the operator's door.
        "trail": {APP: _READ | _ADD, OPERATOR: _READ | _ADD},
    }
    match kind:
        case Kind.PUBLIC:
            usual = {APP: _READ, OPERATOR: _EVERYTHING}
        case Kind.ACCOUNT:
            usual = {APP: _EVERYTHING, OPERATOR: _READ}
        case Kind.OPERATOR:
            usual = {OPERATOR: _EVERYTHING}
    return usual | exceptions.get(table, {})


def _rules(table: str, kind: Kind) -> dict[str, tuple[str, str, str]]:
    """Return the policies of a table: for whom, which rows are there, which may be written."""
    migrating, operating = _scope("migrator"), _scope("operator")
    rules = {
        "while_migrating": (MIGRATOR, migrating, migrating),  # its owner, too, sees rows only while it migrates
        "rows_of_all": (OPERATOR, operating, operating),
    }
    if kind is Kind.ACCOUNT:
        rules["own_rows"] = APP, _ACCOUNT, _ACCOUNT
    elif table == "jobs":
        rules["own_rows"] = APP, _SEEN_JOBS, _ACCOUNT
    return rules


def _as_found(role: str, rule: str, check: str) -> tuple[str, ...]:
    return f"PERMISSIVE,ALL,{role}", _plain(rule), _plain(check)


def _plain(rule: str | None) -> str:
    """Return a condition without what PostgreSQL adds when it is asked for it."""
    return re.sub(r"::text|[()\s]", "", rule or "")


def _forced(table: str) -> list[str]:
    return [f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY", f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"]


def _scope(word: str) -> str:
    return f"current_setting('{SCOPE_SETTING}', true) = '{word}'"
