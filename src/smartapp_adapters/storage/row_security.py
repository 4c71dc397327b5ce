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
_EVERYTHING: Final = "SELECT, INSERT, UPDATE, DELETE"


def protect(connection: sa.Connection, table: str, kind: Kind) -> None:
    """Grant a table to the roles and force row-level security on it; may be repeated. Does nothing on SQLite."""
    if connection.dialect.name != "postgresql":
        return
    match kind:
        case Kind.PUBLIC:
            statements = [f"GRANT SELECT ON {table} TO {APP}", f"GRANT {_EVERYTHING} ON {table} TO {OPERATOR}"]
        case Kind.ACCOUNT:
            statements = [*_forced(table), *_policy(table, "own_rows", APP, _ACCOUNT, _EVERYTHING)]
            statements += _policy(table, "rows_of_all", OPERATOR, _scope("operator"), "SELECT")
        case Kind.OPERATOR:
            statements = [*_forced(table), *_policy(table, "rows_of_all", OPERATOR, _scope("operator"), _EVERYTHING)]
    for statement in (*statements, *_exceptions(table)):
        connection.exec_driver_sql(statement)


@attrs.frozen
class Hole:
    """What is wrong about the protection of a table, in a sentence; `strangers` are policies to drop."""

    table: str
    says: str
    strangers: tuple[str, ...] = ()


def holes(connection: sa.Connection) -> Iterator[Hole]:
    """Yield what differs from what `protect` makes, grants aside; nothing on SQLite."""
    if connection.dialect.name != "postgresql":
        return
    guarded = {name: kind for name, kind in KINDS.items() if kind is not Kind.PUBLIC}
    found: dict[str, dict[str, tuple[str, ...]]] = {name: {} for name in guarded}
    for table, name, *rule in connection.execute(_POLICIES, {"tables": list(guarded)}):
        found[table][name] = (rule[0], *map(_plain, rule[1:]))
    for (table,) in connection.execute(_UNFORCED, {"tables": list(guarded)}):
        yield Hole(table, f"Row-level security is not forced on {table}.")
    for table, kind in guarded.items():
        ours = _rules(table, kind)
        if strangers := tuple(sorted(found[table].keys() - ours.keys())):
            yield Hole(table, f"{table} has policies that are not ours: {', '.join(strangers)}.", strangers)
        if changed := sorted(name for name, rule in ours.items() if found[table].get(name) != rule):
            yield Hole(table, f"{table} has policies that are not as we made them: {', '.join(changed)}.")


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


def _rules(table: str, kind: Kind) -> dict[str, tuple[str, ...]]:
    """Return the policies `protect` makes, as `holes` finds them."""
    rules = {"while_migrating": (MIGRATOR, _scope("migrator")), "rows_of_all": (OPERATOR, _scope("operator"))}
    check = {"own_rows": _ACCOUNT}
    if kind is Kind.ACCOUNT:
        rules["own_rows"] = APP, _ACCOUNT
    elif table == "jobs":
        rules["own_rows"] = APP, _SEEN_JOBS
    return {
        name: (f"PERMISSIVE,ALL,{role}", _plain(rule), _plain(check.get(name, rule)))
        for name, (role, rule) in rules.items()
    }


def _plain(rule: str | None) -> str:
    """Return a condition without what PostgreSQL adds when it is asked for it."""
    return re.sub(r"::text|[()\s]", "", rule or "")


def _exceptions(table: str) -> list[str]:
    if table == "accounts":  # nobody is behind an account's door before it is opened
        return [f"GRANT INSERT ON accounts TO {OPERATOR}"]
    if table == "jobs":  # work is queued in the commit that causes it, and its holder proves to be it in each commit
        return _policy(table, "own_rows", APP, _SEEN_JOBS, "SELECT, INSERT, UPDATE", check=_ACCOUNT)
    if table == "trail":  # nobody who serves may change it; signing out happens behind the operator's door
        return [f"REVOKE UPDATE, DELETE ON trail FROM {APP}", f"GRANT INSERT ON trail TO {OPERATOR}"]
    return []


def _forced(table: str) -> list[str]:
    return [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        # Its owner, too, sees rows only while it migrates.
        *_policy(table, "while_migrating", MIGRATOR, _scope("migrator"), _EVERYTHING),
    ]


def _policy(table: str, name: str, role: str, rule: str, grants: str, *, check: str | None = None) -> list[str]:
    return [
        f"DROP POLICY IF EXISTS {name} ON {table}",
        f"CREATE POLICY {name} ON {table} TO {role} USING ({rule}) WITH CHECK ({check or rule})",
        f"GRANT {grants} ON {table} TO {role}",
    ]


def _scope(word: str) -> str:
    return f"current_setting('{SCOPE_SETTING}', true) = '{word}'"
