"""Connections: what SQLite and PostgreSQL each need so that the two doors mean the same on both."""

from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import event

from smartapp_adapters.storage.columns import to_json

#: How long a writer of SQLite waits for the one before it.
BUSY_TIMEOUT_MS: Final = 15_000
#: Pages run in up to 40 threads, workers in a few more; each thread holds at most one connection.
POOL_SIZE: Final = 48
READS_ONLY: Final = "smartapp_reads_only"
_QUERY_ONLY: Final = "smartapp_query_only"


def make_engine(url: str, *, pool_size: int = POOL_SIZE) -> sa.Engine:
    """Return an engine for `sqlite:///FILE` or `postgresql+psycopg://…`; refuse any other with a sentence."""
    address = sa.make_url(url)
    options: dict[str, Any] = {
        "pool_size": pool_size,
        "max_overflow": 0,
        "json_serializer": to_json,
        "hide_parameters": True,  # errors and logs name the statement, never a customer's e-mail or an OAuth state
    }
    match address.get_backend_name():
        case "sqlite":
            if not address.database or address.database == ":memory:":
                raise ValueError(f"The database {url!r} lives in memory, where threads cannot share it. Name a file.")
            engine = sa.create_engine(address, **options)
            _prepare_sqlite(engine)
        case "postgresql":
            driver = address.set(drivername="postgresql+psycopg")
            engine = sa.create_engine(driver, pool_pre_ping=True, **options)
        case other:
            raise ValueError(f"The database {other!r} is not supported. Use sqlite:///FILE or postgresql://…")
    return engine


def _prepare_sqlite(engine: sa.Engine) -> None:
    @event.listens_for(engine, "connect")
    def _connected(dbapi: Any, _: Any) -> None:
        dbapi.isolation_level = None  # the "begin" event below owns BEGIN; the driver's own would come too late
        for pragma in (
            f"busy_timeout={BUSY_TIMEOUT_MS}",  # first: the switch to WAL may have to wait as well
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
        ):
            dbapi.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def _begun(connection: sa.Connection) -> None:
        reads_only = bool(connection.get_execution_options().get(READS_ONLY))
        if connection.info.get(_QUERY_ONLY, False) is not reads_only:  # a pooled connection remembers
            connection.exec_driver_sql(f"PRAGMA query_only={'ON' if reads_only else 'OFF'}")
            connection.info[_QUERY_ONLY] = reads_only
        # A writer takes the lock at once: one that read first could be refused it at its first write.
        connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")
