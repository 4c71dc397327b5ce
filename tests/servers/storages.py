"""Storages on real databases, empty and migrated; what every test folder makes its own from."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from smartapp_adapters.storage import Keys, SqlStorage, make_storage
from smartapp_domain.ids import JobId
from tests.servers.postgres import PostgresDatabase

KEYS = Keys("2026", {"2026": b"k" * 32})
OnJobs = Callable[[tuple[JobId, ...]], None]
Make = Callable[..., SqlStorage]
"""Makes a storage, given who is told about jobs or nobody; two from one maker are on the same database."""


Fresh = Callable[..., SqlStorage]
"""Makes a storage like `Make`, and empties its database first."""


def unheard(_: tuple[JobId, ...]) -> None:
    """Nobody listens."""


def hurry(dbapi: Any, _: Any) -> None:
    """Spare tests the waits for the disk; `test_engine.py` asks what `synchronous` is otherwise."""
    dbapi.execute("PRAGMA synchronous=OFF").close()


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a migrated database file: copying it is quicker than migrating for every test."""
    path = tmp_path_factory.mktemp("sqlite") / "empty.db"
    storage = make_storage(f"sqlite:///{path}", KEYS)
    storage.prepare()
    storage.dispose()
    return path


@pytest.fixture
def make_sqlite(empty_sqlite: Path, tmp_path: Path) -> Iterator[Make]:
    path = shutil.copy(empty_sqlite, tmp_path / "smartapp.db")
    made: list[SqlStorage] = []

    def make(on_jobs: OnJobs = unheard) -> SqlStorage:
        storage = make_storage(f"sqlite:///{path}", KEYS, on_jobs=on_jobs)
        event.listen(storage.engine, "connect", hurry)
        made.append(storage)
        return storage

    yield make
    for storage in made:
        storage.dispose()


@pytest.fixture(scope="session")
def _sqlite_of_session(empty_sqlite: Path) -> Iterator[SqlStorage]:
    path = shutil.copy(empty_sqlite, empty_sqlite.with_name("shared.db"))
    storage = make_storage(f"sqlite:///{path}", KEYS)
    event.listen(storage.engine, "connect", hurry)
    yield storage
    storage.dispose()


@pytest.fixture
def fresh_sqlite(_sqlite_of_session: SqlStorage, empty_sqlite: Path) -> Fresh:
    """
    Return what empties one file of the session and returns a storage on it.

    An engine remembers the statements it has seen; to one of its own, a test would have to tell them all anew.
    """

    def fresh(on_jobs: OnJobs = unheard) -> SqlStorage:
        here = _sqlite_of_session.engine.raw_connection()
        with closing(here), closing(sqlite3.connect(empty_sqlite)) as empty:
            empty.backup(here.driver_connection)
        return SqlStorage(_sqlite_of_session.database, KEYS, on_jobs)

    return fresh


@pytest.fixture
def make_shared_sqlite(fresh_sqlite: Fresh) -> Make:
    """Storages on the session's file, made empty once."""
    database = fresh_sqlite().database
    return lambda on_jobs=unheard: SqlStorage(database, KEYS, on_jobs)


@pytest.fixture(scope="session")
def _postgres_of_session(shared_postgres_database: PostgresDatabase) -> Iterator[SqlStorage]:
    urls = {"url": shared_postgres_database.app_url, "operator_url": shared_postgres_database.operator_url}
    storage = make_storage(**urls, keys=KEYS, pool_size=24)
    yield storage
    storage.dispose()


@pytest.fixture
def fresh_postgres(shared_postgres_database: PostgresDatabase, _postgres_of_session: SqlStorage) -> Fresh:
    """Return what empties the session's database and returns a storage on it, as the app's and the operator's login."""

    def fresh(on_jobs: OnJobs = unheard) -> SqlStorage:
        shared_postgres_database.empty()
        return SqlStorage(_postgres_of_session.database, KEYS, on_jobs)

    return fresh


@pytest.fixture
def make_postgres(fresh_postgres: Fresh) -> Make:
    """Storages on the session's database, made empty once."""
    database = fresh_postgres().database
    return lambda on_jobs=unheard: SqlStorage(database, KEYS, on_jobs)
