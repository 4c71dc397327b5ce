"""
Row-level security on PostgreSQL: the rule of `scoping.py` once more, kept by the database itself.

A migration calls `protect` for each table it makes, and names a policy only to take an older one back. Who sees a row is
a matter of the role first (`roles.py`) and of what the door said inside the transaction second: with nothing said, no
row is there, and no setting makes an app the operator.
"""

from typing import Final

import sqlalchemy as sa

from smartapp_adapters.storage.roles import APP, MIGRATOR, OPERATOR, SCOPE_SETTING
from smartapp_adapters.storage.tables import Kind

ACCOUNT_SETTING: Final = "smartapp.account_id"
#: The job that whoever does it holds by its id: one of no account, while it works for an account.
JOB_SETTING: Final = "smartapp.job_id"

# A setting that ended with its transaction is empty from then on, not absent.
_ACCOUNT: Final = f"account_id = NULLIF(current_setting('{ACCOUNT_SETTING}', true), '')"
_HELD_JOB: Final = f"account_id IS NULL AND id = NULLIF(current_setting('{JOB_SETTING}', true), '')"
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


def _exceptions(table: str) -> list[str]:
    if table == "accounts":  # nobody is behind an account's door before it is opened
        return [f"GRANT INSERT ON accounts TO {OPERATOR}"]
    if table == "jobs":  # work is queued in the commit that causes it, and its holder proves to be it in each commit
        seen = f"{_ACCOUNT} OR ({_HELD_JOB})"
        return _policy(table, "own_rows", APP, seen, "SELECT, INSERT, UPDATE", check=_ACCOUNT)
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
