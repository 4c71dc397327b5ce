import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from psycopg import sql
from sqlalchemy import event

from smartapp_adapters.storage import Keys, SqlStorage, make_storage
from smartapp_adapters.storage.tables import metadata
from smartapp_domain.ids import JobId

KEYS = Keys("2026", {"2026": b"k" * 32})
OnJobs = Callable[[tuple[JobId, ...]], None]
Make = Callable[[OnJobs], SqlStorage]


def _hurry(dbapi: Any, _: Any) -> None:
    """Spare these tests the waits for the disk; `test_engine.py` asks what `synchronous` is otherwise."""
    dbapi.execute("PRAGMA synchronous=OFF").close()


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return a migrated database file: copying it is quicker than migrating for every test."""
    path = tmp_path_factory.mktemp("sqlite") / "empty.db"
    storage = make_storage(f"sqlite:///{path}", KEYS)
    storage.migrate()
    storage.dispose()
    return path.read_bytes()


@pytest.fixture
def make_sqlite(empty_sqlite: bytes, tmp_path: Path) -> Iterator[Make]:
    path = tmp_path / "smartapp.db"
    path.write_bytes(empty_sqlite)
    made: list[SqlStorage] = []

    def make(on_jobs: OnJobs = lambda _: None) -> SqlStorage:
        storage = make_storage(f"sqlite:///{path}", KEYS, on_jobs=on_jobs)
        event.listen(storage.engine, "connect", _hurry)
        made.append(storage)
        return storage

    yield make
    for storage in made:
        storage.dispose()


@pytest.fixture(scope="session")
def postgres_server() -> sa.URL:
    """Return the server named by SMARTAPP_TEST_POSTGRES, as a role that may create databases and roles."""
    return sa.make_url(os.environ["SMARTAPP_TEST_POSTGRES"])


@pytest.fixture(scope="session")
def postgres_url(postgres_server: sa.URL) -> Iterator[str]:
    """Make a database whose owner is no superuser, since superusers pass by row-level security."""
    name, password = f"smartapp_test_{secrets.token_hex(4)}", secrets.token_hex(8)
    names = {"name": sql.Identifier(name), "password": sql.Literal(password)}
    server = postgres_server.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE ROLE {name} LOGIN PASSWORD {password}").format(**names))
        admin.execute(sql.SQL("CREATE DATABASE {name} OWNER {name}").format(**names))
        own = postgres_server.set(username=name, password=password, database=name)
        yield own.render_as_string(hide_password=False)
        admin.execute(sql.SQL("DROP DATABASE {name} WITH (FORCE)").format(**names))
        admin.execute(sql.SQL("DROP ROLE {name}").format(**names))


@pytest.fixture(scope="session")
def postgres_storage(postgres_url: str) -> Iterator[SqlStorage]:
    storage = make_storage(postgres_url, KEYS, pool_size=10)
    storage.migrate()
    yield storage
    storage.dispose()


@pytest.fixture
def make_postgres(postgres_storage: SqlStorage) -> Make:
    tables = ", ".join(metadata.tables)
    with postgres_storage.engine.begin() as connection:
        connection.exec_driver_sql(f"TRUNCATE {tables}")
    return lambda on_jobs: SqlStorage(postgres_storage.engine, KEYS, on_jobs)
