"""On PostgreSQL the database itself keeps accounts apart: these statements name no account at all."""

import os
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from smartapp_adapters.storage import Keys, SqlStorage, make_storage
from smartapp_adapters.storage.doors import open_door
from smartapp_adapters.storage.tables import KINDS, Kind, licenses, metadata
from smartapp_domain.ids import JobId
from smartapp_domain.ports.storage import OPERATOR, StorageUnavailable
from smartapp_domain.testing import builders as some
from smartapp_domain.testing.contracts.storage_bench import ACME, GLOBEX
from smartapp_domain.testing.contracts.storage_isolation import fill

if not os.environ.get("SMARTAPP_TEST_POSTGRES"):
    pytest.skip(
        "No PostgreSQL: set SMARTAPP_TEST_POSTGRES, as test_postgres.py says, to see row-level security at work.",
        allow_module_level=True,
    )

KEYS = Keys("k", {"k": b"k" * 32})
Make = Callable[[Callable[[tuple[JobId, ...]], None]], SqlStorage]


@pytest.fixture
def storage(make_postgres: Make) -> SqlStorage:
    storage = make_postgres(lambda _: None)
    fill(storage, ACME)
    with storage.transaction(OPERATOR) as tx:
        tx.people.put(some.person())
        tx.sessions.put(some.session())
        tx.jobs.add(some.job())
    return storage


def _count(storage: SqlStorage, table: sa.Table, scope: object) -> int:
    with open_door(storage.engine, scope, writing=False) as door:
        return int(door.connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


@pytest.mark.parametrize("table", metadata.tables.values(), ids=str)
def test_security_is_forced_on_every_table(storage: SqlStorage, table: sa.Table) -> None:
    asked = sa.text("SELECT relrowsecurity AND relforcerowsecurity FROM pg_class WHERE oid = CAST(:name AS regclass)")

    with storage.engine.connect() as connection:
        assert connection.execute(asked, {"name": table.name}).scalar_one()


@pytest.mark.parametrize("table", metadata.tables.values(), ids=str)
def test_without_a_scope_there_is_no_row(storage: SqlStorage, table: sa.Table) -> None:
    if table.name == "jobs":  # queued from every scope; those of no account wait for whoever comes
        return
    with storage.engine.connect() as connection:
        assert connection.execute(sa.select(table)).all() == []


def test_an_account_sees_its_rows_and_no_others(storage: SqlStorage) -> None:
    filled = [t for t in metadata.tables.values() if KINDS[t.name] is Kind.ACCOUNT and _count(storage, t, ACME)]

    assert len(filled) >= 10
    assert [_count(storage, table, GLOBEX) for table in filled] == [0] * len(filled)


@pytest.mark.parametrize("name", ["people", "sessions", "notices"])
def test_an_account_sees_none_of_the_operators_rows(storage: SqlStorage, name: str) -> None:
    assert _count(storage, metadata.tables[name], ACME) == 0


def test_another_accounts_rows_can_neither_be_changed_nor_made(storage: SqlStorage) -> None:
    with open_door(storage.engine, GLOBEX, writing=True) as door:
        changed = door.connection.execute(sa.update(licenses).values(product="safety")).rowcount
        removed = door.connection.execute(sa.delete(licenses)).rowcount
    with (
        pytest.raises(sa.exc.ProgrammingError, match="row-level security"),
        open_door(storage.engine, GLOBEX, writing=True) as door,
    ):
        door.connection.execute(
            sa.text("INSERT INTO connections VALUES ('acme', 'planner', '', 'k', 1)"),
        )

    assert (changed, removed) == (0, 0)
    with storage.reading(ACME) as reading:
        assert reading.licenses.all() == (some.license(),)


def test_a_scope_ends_with_its_transaction(storage: SqlStorage) -> None:
    lone = make_storage(storage.engine.url.render_as_string(hide_password=False), KEYS, pool_size=1)
    with lone.reading(ACME) as reading:
        assert reading.licenses.all()

    with lone.engine.connect() as connection:
        assert connection.execute(sa.select(licenses)).all() == []
    lone.dispose()


def test_a_database_nobody_migrated_says_what_to_run(postgres_server: sa.URL) -> None:
    bare = make_storage(postgres_server.render_as_string(hide_password=False), KEYS, pool_size=1)

    with pytest.raises(StorageUnavailable, match="smartapp migrate"), bare.reading(ACME) as reading:
        reading.licenses.all()
    bare.dispose()
