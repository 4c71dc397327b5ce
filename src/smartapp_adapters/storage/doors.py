"""Opening the two doors on a database."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import attrs
import sqlalchemy as sa
from psycopg.errors import UndefinedTable
from sqlalchemy import exc

from smartapp_adapters.storage.engine import READS_ONLY
from smartapp_adapters.storage.roles import SCOPE_SETTING
from smartapp_adapters.storage.row_security import ACCOUNT_SETTING
from smartapp_adapters.storage.scoping import Door
from smartapp_domain.ids import AccountId
from smartapp_domain.ports.storage import OPERATOR, Scope, StorageUnavailable

_NOBODY: Final = AccountId("")
_PLACE: Final = sa.text("SELECT system_identifier, current_database() FROM pg_control_system()")


class OutOfReach(StorageUnavailable):
    """
    The database does not answer, or is too busy; `__cause__` is what its driver said.

    Attributes:
        operators: It was asked by the operator's login, where that is another one.

    """

    def __init__(self, *, operators: bool) -> None:
        super().__init__("The database is out of reach or too busy. Try again in a moment.")
        self.operators = operators


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

    def is_one(self) -> bool:
        """Tell whether both logins lead to the same database of the same server."""
        if self.engine is self.operator_engine:
            return True
        places = []
        for scope in (OPERATOR, _NOBODY):
            with open_door(self, scope, writing=False) as door:
                places.append(tuple(door.run(_PLACE).one()))
        return places[0] == places[1]

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
    except (exc.DBAPIError, exc.TimeoutError) as error:
        if _lacks_tables(error):
            raise StorageUnavailable("The database has no tables for this version. Run `smartapp migrate`.") from error
        if not _is_out_of_reach(error):
            raise
        operators = scope is OPERATOR and database.operator_engine is not database.engine
        raise OutOfReach(operators=operators) from error


def _is_out_of_reach(error: exc.SQLAlchemyError) -> bool:
    if isinstance(error, exc.DBAPIError) and error.connection_invalidated:  # whatever the driver says, it is gone
        return True
    return isinstance(error, exc.OperationalError | exc.InterfaceError | exc.TimeoutError)


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
    license, a free link) still holds when it writes. All of it ends with the transaction, however that ends, and the
    server ends one whose process is silent: it may have vanished, and what it locked would hold up everybody.
    """
    if connection.dialect.name != "postgresql":
        return
    name, value = (SCOPE_SETTING, "operator") if scope is OPERATOR else (ACCOUNT_SETTING, scope)
    connection.execute(_ENTER, {"name": name, "value": value})
    if writing and scope is not OPERATOR:
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_lock_number(scope))))


# Said in each transaction, not when connecting: a pooler refuses what it does not know of, and shares its sessions.
# What the address, the login or the server says already, stays. Temporary tables are looked at last: one that is named
# like ours and outlived its transaction would catch the rows of every account served on its connection.
_ENTER: Final = sa.text("""
    SELECT set_config(:name, :value, true),
           set_config('search_path', concat_ws(', ', (
               SELECT string_agg(quote_ident(name), ', ' ORDER BY place)
               FROM unnest(current_schemas(false)) WITH ORDINALITY AS found (name, place)
               WHERE name !~ '^pg_temp'), 'pg_temp'), true),
           set_config('lock_timeout', coalesce(nullif(current_setting('lock_timeout'), '0'), '10s'), true),
           set_config('idle_in_transaction_session_timeout',
                      coalesce(nullif(current_setting('idle_in_transaction_session_timeout'), '0'), '30s'), true)
""")


def _lock_number(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big", signed=True)
