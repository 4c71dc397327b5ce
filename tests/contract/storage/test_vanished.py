"""On PostgreSQL a process that vanishes, or hangs, in the middle of a transaction holds nobody up for long."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
import sqlalchemy as sa
from tests.servers.postgres import PostgresDatabase
from tests.servers.storages import KEYS

from smartapp_adapters.storage import SqlStorage, make_storage
from smartapp_adapters.storage.doors import open_door
from smartapp_domain.ids import JobId
from smartapp_domain.ports.storage import OPERATOR, StorageUnavailable
from smartapp_domain.testing import builders as some
from smartapp_domain.testing.builders import NOON
from smartapp_domain.testing.contracts.storage_bench import ACME

pytestmark = pytest.mark.contract
#: What an address says in its `options`.
Open = Callable[[str], SqlStorage]
WAITED_TOO_LONG_S = 5.0


@pytest.fixture
def open_with(postgres_database: PostgresDatabase) -> Iterator[Open]:
    with ExitStack() as stack:

        def opened(options: str = "") -> SqlStorage:
            query = f"?options={options.replace(' ', '%20')}" if options else ""
            urls = (postgres_database.app_url + query, postgres_database.operator_url + query)
            storage = make_storage(urls[0], KEYS, operator_url=urls[1], pool_size=2)
            stack.callback(storage.dispose)
            return storage

        yield opened


def test_a_job_that_is_locked_is_nobodys_to_claim_and_holds_up_nobody(open_with: Open) -> None:
    vanished, other = open_with(""), open_with("")
    with vanished.transaction(OPERATOR) as tx:
        tx.jobs.add(some.job())
        held = tx.jobs.claim(JobId("job-1"), at=NOON)
    assert held is not None

    with open_door(vanished.database, ACME, writing=True) as door:
        door.run(sa.text("SELECT id FROM jobs FOR UPDATE"))
        began = time.monotonic()
        with other.transaction(OPERATOR) as tx:
            claimed = tx.jobs.claim(JobId("job-1"), at=NOON.replace(year=2099))

    assert claimed is None
    assert time.monotonic() - began < WAITED_TOO_LONG_S


@pytest.mark.parametrize(
    ("options", "waits", "idles"),
    [
        ("", "10s", "30s"),
        ("-c lock_timeout=3s", "3s", "30s"),
        ("-c idle_in_transaction_session_timeout=7s", "10s", "7s"),
    ],
)
@pytest.mark.parametrize("scope", [ACME, OPERATOR], ids=["account", "operator"])
def test_every_transaction_is_patient_as_long_as_the_address_says_or_as_we_do(
    open_with: Open, scope: object, options: str, waits: str, idles: str
) -> None:
    for writing in (True, False):
        with open_door(open_with(options).database, scope, writing=writing) as door:
            assert door.run(sa.text("SHOW lock_timeout")).scalar_one() == waits
            assert door.run(sa.text("SHOW idle_in_transaction_session_timeout")).scalar_one() == idles


def test_who_waits_too_long_for_another_writer_is_told_to_try_again(open_with: Open) -> None:
    vanished, other = open_with(""), open_with("-c lock_timeout=50ms")

    with (
        open_door(vanished.database, ACME, writing=True),
        pytest.raises(StorageUnavailable, match="Try again"),
        open_door(other.database, ACME, writing=True),
    ):
        pass


def test_who_comes_back_after_the_server_gave_up_on_it_is_told_to_try_again(open_with: Open) -> None:
    slow = open_with("-c idle_in_transaction_session_timeout=50ms")

    def store(after_s: float) -> None:
        with slow.transaction(ACME) as tx:
            time.sleep(after_s)
            tx.projects.put(some.project(), replacing=0)

    with pytest.raises(StorageUnavailable, match="Try again"):
        store(after_s=0.3)
    store(after_s=0.0)


def test_a_lost_network_is_noticed_and_a_silent_server_is_not_waited_for(open_with: Open) -> None:
    with open_with("").engine.connect() as connection:
        told = connection.connection.driver_connection.info.get_parameters()  # type: ignore[union-attr]

    wanted = {"connect_timeout", "keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout"}
    assert wanted <= told.keys()


def test_behind_a_pooler_nothing_outlives_a_transaction(open_with: Open) -> None:
    storage = open_with("")
    for _ in range(8):
        with storage.reading(ACME) as reading:
            reading.projects.unlinked()

    with storage.engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM pg_prepared_statements")) == 0
        assert connection.scalar(sa.text("SHOW lock_timeout")) == "0"
