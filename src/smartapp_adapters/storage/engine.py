"""Connections: what SQLite and PostgreSQL each need so that the two doors mean the same on both."""

import sqlite3
import time
from collections.abc import Mapping
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import event

from smartapp_adapters.storage.columns import to_json
from smartapp_adapters.storage.roles import APP, OPERATOR, expect

#: How long a writer of SQLite waits for the one before it.
BUSY_TIMEOUT_MS: Final = 15_000
#: Pages run in up to 40 threads, workers in a few more; each thread holds at most one connection.
POOL_SIZE: Final = 48
#: How long whoever finds a fresh file busy waits before the next look.
_SWITCH_AGAIN_S: Final = 0.01
#: A server that is gone, or says nothing, is noticed within half a minute; an address may say otherwise.
_KEPT_ALIVE: Final[Mapping[str, str]] = {
    "connect_timeout": "5",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "25000",
}
READS_ONLY: Final = "smartapp_reads_only"
_QUERY_ONLY: Final = "smartapp_query_only"


def make_engine(url: str, *, pool_size: int = POOL_SIZE) -> sa.Engine:
    """Return an engine for `sqlite:///FILE` or `postgresql+psycopg://…`; refuse any other with a sentence."""
    try:
        return _made(sa.make_url(url), pool_size)
    except sa.exc.ArgumentError as error:
        raise ValueError(f"{error}. Write sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME.") from error


def _made(address: sa.URL, pool_size: int) -> sa.Engine:
    options: dict[str, Any] = {
        "pool_size": pool_size,
        "max_overflow": 0,
        "json_serializer": to_json,
        "hide_parameters": True,  # errors and logs name the statement, never a customer's e-mail or an OAuth state
    }
    match address.get_backend_name():
        case "sqlite":
            if not address.database or address.database == ":memory:":
                raise ValueError(
                    f"The database {str(address)!r} lives in memory, where threads cannot share it. Name a file."
                )
            engine = sa.create_engine(address, **options)
            _prepare_sqlite(engine)
        case "postgresql":
            driver = address.set(drivername="postgresql+psycopg", query={**_KEPT_ALIVE, **address.query})
            # Prepared statements would outlive their transaction, and a pooler hands the next one another session.
            options |= {"pool_pre_ping": True, "connect_args": {"prepare_threshold": None}}
            engine = sa.create_engine(driver, **options)
        case other:
            raise ValueError(f"The database {other!r} is not supported. Use sqlite:///FILE or postgresql://…")
    return engine


def make_engines(url: str, operator_url: str | None, *, pool_size: int = POOL_SIZE) -> tuple[sa.Engine, sa.Engine]:
    """Return what leads to an account's rows and what leads to the operator's: on SQLite the same."""
    engine = make_engine(url, pool_size=pool_size)
    if engine.dialect.name == "sqlite":
        if operator_url is not None:
            raise ValueError("SQLite has one file and no logins; leave the operator's address out.")
        return engine, engine
    if operator_url is None:
        raise ValueError("PostgreSQL needs a second login, for the operator's rows; see docs/operating.md.")
    return expect(engine, APP), expect(make_engine(operator_url, pool_size=pool_size), OPERATOR)


def _prepare_sqlite(engine: sa.Engine) -> None:
    @event.listens_for(engine, "connect")
    def _connected(dbapi: Any, _: Any) -> None:
        dbapi.isolation_level = None  # the "begin" event below owns BEGIN; the driver's own would come too late
        for pragma in (f"busy_timeout={BUSY_TIMEOUT_MS}", "synchronous=FULL", "foreign_keys=ON"):
            dbapi.execute(f"PRAGMA {pragma}").close()
        _write_ahead(dbapi)

    @event.listens_for(engine, "begin")
    def _begun(connection: sa.Connection) -> None:
        reads_only = bool(connection.get_execution_options().get(READS_ONLY))
        if connection.info.get(_QUERY_ONLY, False) is not reads_only:  # a pooled connection remembers
            connection.exec_driver_sql(f"PRAGMA query_only={'ON' if reads_only else 'OFF'}")
            connection.info[_QUERY_ONLY] = reads_only
        # A writer takes the lock at once: one that read first could be refused it at its first write.
        connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")


def _write_ahead(dbapi: Any) -> None:
    """
    Let readers and the writer pass each other, which the file then remembers.

    While two processes switch a fresh file at once, SQLite answers "locked" without waiting for its busy timeout, lest
    both wait for each other; so the waiting is done here.
    """
    given_up = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            dbapi.execute("PRAGMA journal_mode=WAL").close()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > given_up:
                raise
            time.sleep(_SWITCH_AGAIN_S)
        else:
            return
