import sqlite3
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.servers.storages import Make

from smartapp_adapters.storage import Keys, make_storage
from smartapp_adapters.storage.doors import open_door
from smartapp_adapters.storage.engine import BUSY_TIMEOUT_MS, make_engine, make_engines
from smartapp_domain.ports.storage import OPERATOR, StorageUnavailable
from smartapp_domain.testing import builders as some
from smartapp_domain.testing.contracts.storage_bench import ACME


def test_sqlite_forgets_no_commit_and_lets_readers_pass(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'smartapp.db'}")

    with engine.connect() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }

    engine.dispose()
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": BUSY_TIMEOUT_MS}


def test_who_opens_a_fresh_file_while_another_writes_it_waits(tmp_path: Path) -> None:
    """SQLite itself answers "locked" at once here, whatever its busy timeout: two processes started together failed."""
    path = tmp_path / "smartapp.db"
    first = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    first.execute("BEGIN IMMEDIATE")
    engine = make_engine(f"sqlite:///{path}")

    letting_go = threading.Timer(0.3, first.commit)
    letting_go.start()
    with engine.connect() as connection:
        mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()

    letting_go.join()
    engine.dispose()
    first.close()
    assert mode == "wal"


def test_the_reading_door_is_locked_by_the_database_as_well(make_sqlite: Make) -> None:
    storage = make_sqlite(lambda _: None)
    drop = sa.text("DELETE FROM jobs")

    with pytest.raises(StorageUnavailable) as refused, open_door(storage.database, OPERATOR, writing=False) as door:
        door.connection.execute(drop)
    with open_door(storage.database, OPERATOR, writing=True) as door:
        door.connection.execute(drop)

    assert "readonly" in str(refused.value.__cause__)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("sqlite://", "Name a file"),
        ("sqlite:///:memory:", "Name a file"),
        ("mysql://localhost/smartapp", "'mysql' is not supported"),
    ],
)
def test_a_database_that_will_not_do_is_refused_in_words(url: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make_engine(url)


@pytest.mark.parametrize(
    ("url", "operator_url", "words"),
    [
        ("postgresql://localhost/smartapp", None, "needs a second login"),
        ("sqlite:///smartapp.db", "sqlite:///smartapp.db", "leave the operator's address out"),
    ],
)
def test_postgres_has_two_logins_and_sqlite_none(url: str, operator_url: str | None, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make_engines(url, operator_url)


def test_a_postgres_address_needs_no_driver_in_it() -> None:
    for url in ("postgresql://localhost/smartapp", "postgresql+psycopg://localhost/smartapp"):
        assert make_engine(url).url.drivername == "postgresql+psycopg"


def test_an_error_of_the_database_repeats_no_value(make_sqlite: Make) -> None:
    engine = make_sqlite(lambda _: None).engine

    with engine.connect() as connection, pytest.raises(sa.exc.OperationalError) as refused:
        connection.execute(sa.text("INSERT INTO nowhere VALUES (:email)"), {"email": "pat@example.com"})

    assert "nowhere" in str(refused.value)
    assert "pat@example.com" not in str(refused.value)


def test_a_postgres_error_repeats_no_value_either() -> None:
    assert make_engine("postgresql://localhost/smartapp").hide_parameters


def test_a_database_out_of_reach_is_unavailable_and_named_to_nobody(tmp_path: Path) -> None:
    storage = make_storage(f"sqlite:///{tmp_path / 'no such folder' / 'smartapp.db'}", Keys("k", {"k": b"k" * 32}))

    with pytest.raises(StorageUnavailable, match="out of reach") as error, storage.reading(ACME):
        pass

    assert "folder" not in str(error.value)


def test_a_database_nobody_migrated_says_what_to_run(tmp_path: Path) -> None:
    storage = make_storage(f"sqlite:///{tmp_path / 'smartapp.db'}", Keys("k", {"k": b"k" * 32}))

    with pytest.raises(StorageUnavailable, match="smartapp migrate"), storage.reading(ACME) as reading:
        reading.licenses.all()
    storage.dispose()


def test_a_writer_that_waits_too_long_is_told_to_try_again(make_sqlite: Make) -> None:
    storage = make_sqlite(lambda _: None)
    impatient = make_sqlite(lambda _: None)
    with impatient.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout=1")

    with (
        open_door(storage.database, ACME, writing=True),
        pytest.raises(StorageUnavailable, match="Try again"),
        open_door(impatient.database, ACME, writing=True),
    ):
        pass


def test_what_was_committed_is_there_for_the_next_process(make_sqlite: Make) -> None:
    first = make_sqlite(lambda _: None)
    with first.transaction(ACME) as tx:
        tx.licenses.put(some.license(), replacing=0)
    first.dispose()

    with make_sqlite(lambda _: None).reading(ACME) as reading:
        assert reading.licenses.all() == (some.license(),)
