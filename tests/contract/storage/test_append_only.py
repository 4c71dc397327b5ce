"""The database itself keeps the audit trail as it is: no store has a way to change it, nor has a stray statement."""

from collections.abc import Callable

import psycopg
import pytest
import sqlalchemy as sa
from tests.servers.postgres import PostgresDatabase

from smartapp_adapters.storage import SqlStorage
from smartapp_adapters.storage.doors import open_door
from smartapp_adapters.storage.tables import trail
from smartapp_domain.ids import JobId
from smartapp_domain.ports.storage import Storage
from smartapp_domain.testing import builders as some
from smartapp_domain.testing.contracts.storage_bench import ACME

Make = Callable[[Callable[[tuple[JobId, ...]], None]], SqlStorage]
CHANGES = [sa.update(trail).values(name="Somebody else"), sa.delete(trail)]


def _told(storage: Storage) -> None:
    with storage.transaction(ACME) as tx:
        tx.trail.add(some.entry())


def _unchanged(storage: Storage) -> None:
    with storage.reading(ACME) as reading:
        assert reading.trail.page(limit=5) == (some.entry(),)


@pytest.mark.parametrize("change", CHANGES, ids=["update", "delete"])
def test_sqlite_refuses_to_change_an_entry(make_sqlite: Make, change: sa.Update | sa.Delete) -> None:
    storage = make_sqlite(lambda _: None)
    _told(storage)

    with (
        pytest.raises(sa.exc.IntegrityError, match="append-only"),
        open_door(storage.database, ACME, writing=True) as door,
    ):
        door.connection.execute(change.where(trail.c.account_id == ACME))

    _unchanged(storage)


@pytest.mark.parametrize("change", CHANGES, ids=["update", "delete"])
def test_on_postgres_the_app_has_no_right_to_change_an_entry(
    make_postgres: Make, change: sa.Update | sa.Delete
) -> None:
    storage = make_postgres(lambda _: None)
    _told(storage)

    with (
        pytest.raises(sa.exc.ProgrammingError, match="permission denied"),
        open_door(storage.database, ACME, writing=True) as door,
    ):
        door.connection.execute(change.where(trail.c.account_id == ACME))

    _unchanged(storage)


def test_sqlite_replaces_no_entry_either(make_sqlite: Make) -> None:
    storage = make_sqlite(lambda _: None)
    _told(storage)

    with open_door(storage.database, ACME, writing=True) as door:
        (row,) = door.connection.execute(sa.select(trail)).mappings()
        door.connection.execute(sa.insert(trail).prefix_with("OR REPLACE"), {**row, "name": "Somebody else"})

    _unchanged(storage)


def test_on_postgres_the_owner_cannot_empty_the_trail_by_mistake(
    make_postgres: Make, shared_postgres_database: PostgresDatabase
) -> None:
    storage = make_postgres(lambda _: None)
    _told(storage)

    with (
        psycopg.connect(shared_postgres_database.admin_url) as owner,
        pytest.raises(psycopg.errors.RaiseException, match="append-only"),
    ):
        owner.execute("TRUNCATE trail")

    _unchanged(storage)
