"""
Row-level security on PostgreSQL: the rule of `scoping.py` once more, kept by the database itself.

The only place that names policies, settings and roles. A migration calls `protect` for each table it makes. Without a
scope set in the transaction no row is there. Who may set the operator's scope is a matter of database roles, which an
installation grants; the policies need not change for it.
"""

from typing import Final

import sqlalchemy as sa

from smartapp_adapters.storage.tables import Kind

ACCOUNT_SETTING: Final = "smartapp.account_id"
SCOPE_SETTING: Final = "smartapp.scope"

_OPERATOR: Final = f"current_setting('{SCOPE_SETTING}', true) = 'operator'"
_ACCOUNT: Final = f"account_id = current_setting('{ACCOUNT_SETTING}', true)"


def protect(connection: sa.Connection, table: str, kind: Kind) -> None:
    """Force row-level security on a new table; does nothing on SQLite, which has none."""
    if connection.dialect.name != "postgresql" or kind is Kind.PUBLIC:
        return
    rule = f"{_ACCOUNT} OR {_OPERATOR}" if kind is Kind.ACCOUNT else _OPERATOR
    if table == "jobs":  # work is queued in the commit that causes it, from whatever scope
        rule = f"{rule} OR {_ACCOUNT} OR account_id IS NULL"
    for statement in (
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY own_rows ON {table} USING ({rule})",
    ):
        connection.exec_driver_sql(statement)
