"""Opening the two doors on a database."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import attrs
import sqlalchemy as sa
from psycopg.errors import UndefinedTable
from sqlalchemy import exc

from smartapp_adapters.storage.engine import READS_ONLY
from smartapp_adapters.storage.roles import SCOPE_SETTING
from smartapp_adapters.storage.row_security import ACCOUNT_SETTING
from smartapp_adapters.storage.scoping import Door
from smartapp_domain.ports.storage import OPERATOR, Scope, StorageUnavailable


@attrs.frozen
class Database:
    """
    Where the doors lead.

    Attributes:
        engine: Leads to an account's rows.
        operator_engine: Leads to the operator's. On PostgreSQL it is another login, so that no statement behind an
            account's door, not even one a stranger smuggled in, can reach them; on SQLite it is the same engine.
        door: What a door is; tests of the second net leave the account out of it.

    """

    engine: sa.Engine
    operator_engine: sa.Engine
    door: type[Door] = Door

    def of(self, scope: Scope) -> sa.Engine:
        return self.operator_engine if scope is OPERATOR else self.engine

    def dispose(self) -> None:
        """Close every connection."""
        self.engine.dispose()
        self.operator_engine.dispose()


@contextmanager
def open_door(database: Database, scope: Scope, *, writing: bool) -> Iterator[Door]:
    """Open a door; commit when a writing one is left, roll back on any error."""
    engine = database.of(scope)
    try:
        with engine.connect() as connection:
            if not writing:
                connection.execution_options(**_reading_options(engine))
            with connection.begin():
                _enter_scope(connection, scope, writing=writing)
                yield database.door(connection, scope, writing)
    except (exc.OperationalError, exc.InterfaceError, exc.TimeoutError, exc.ProgrammingError) as error:
        if _lacks_tables(error):
            raise StorageUnavailable("The database has no tables for this version. Run `smartapp migrate`.") from error
        if isinstance(error, exc.ProgrammingError):
            raise
        raise StorageUnavailable("The database is out of reach or too busy. Try again in a moment.") from error


def _lacks_tables(error: exc.SQLAlchemyError) -> bool:
    cause = getattr(error, "orig", None)
    return isinstance(cause, UndefinedTable) or "no such table" in str(cause)


def _reading_options(engine: sa.Engine) -> dict[str, Any]:
    """Return the options of a connection that reads one consistent state and cannot write."""
    if engine.dialect.name == "sqlite":
        return {READS_ONLY: True}
    return {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


def _enter_scope(connection: sa.Connection, scope: Scope, *, writing: bool) -> None:
    """
    Tell PostgreSQL whose rows this transaction may see, and let an account's writers go one after the other.

    SQLite has one writer anyway; here each account has one, so that what a store checks before it writes (a live
    license, a free link) still holds when it writes. Both end with the transaction, however it ends.
    """
    if connection.dialect.name != "postgresql":
        return
    name, value = (SCOPE_SETTING, "operator") if scope is OPERATOR else (ACCOUNT_SETTING, scope)
    connection.execute(sa.text("SELECT set_config(:name, :value, true)"), {"name": name, "value": value})
    if writing and scope is not OPERATOR:
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_lock_number(scope))))


def _lock_number(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big", signed=True)
