import logging
import multiprocessing
import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from smartapp_adapters.storage import migrate
from smartapp_adapters.storage.engine import make_engine
from smartapp_adapters.storage.tables import metadata


def differences(engine: sa.Engine) -> list[object]:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, metadata))


def test_the_migrations_make_what_the_tables_say(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'smartapp.db'}"

    migrate(url)

    engine = make_engine(url)
    assert differences(engine) == []
    engine.dispose()


def test_the_migrations_make_the_conditions_of_unique_places_too(tmp_path: Path) -> None:
    path = tmp_path / "smartapp.db"
    wanted = {
        str(index.name): str(index.dialect_options["sqlite"]["where"])
        for table in metadata.tables.values()
        for index in table.indexes
        if index.unique
    }

    migrate(f"sqlite:///{path}")

    with sqlite3.connect(path) as connection:
        rows = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE sql LIKE 'CREATE UNIQUE INDEX%'"
        ).fetchall()
    connection.close()
    assert {name: text.partition(" WHERE ")[2] for name, text in rows} == wanted


def test_migrating_twice_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "smartapp.db"
    migrate(f"sqlite:///{path}")
    before = path.read_bytes()

    migrate(f"sqlite:///{path}")

    assert path.read_bytes() == before


def test_two_processes_may_migrate_at_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'smartapp.db'}"
    spawn = multiprocessing.get_context("spawn")
    processes = [spawn.Process(target=migrate, args=(url,)) for _ in range(2)]

    for process in processes:
        process.start()
    for process in processes:
        process.join()

    assert [process.exitcode for process in processes] == [0, 0]
    engine = make_engine(url)
    assert differences(engine) == []
    engine.dispose()


def test_a_place_with_odd_characters_can_be_migrated(tmp_path: Path) -> None:
    path = tmp_path / "50% of [it]" / "smart app.db"
    path.parent.mkdir()

    migrate(f"sqlite:///{path}")

    assert path.stat().st_size


def test_the_migrations_leave_logging_alone(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    before = logging.getLogger().level, list(logging.getLogger().handlers)

    migrate(f"sqlite:///{tmp_path / 'smartapp.db'}")

    assert (logging.getLogger().level, list(logging.getLogger().handlers)) == before
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]
