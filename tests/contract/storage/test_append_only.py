"""The database itself keeps the audit trail as it is: no store has a way to change it, nor has a stray statement."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa

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
