"""Both databases come to the newest form from nothing and from the released one, whoever else tries at that moment."""

import logging
import multiprocessing
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import attrs
import psycopg
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from psycopg import sql
from tests.servers.postgres import PostgresDatabase
from tests.servers.storages import KEYS

from smartapp_adapters.storage import SqlStorage, make_storage, migrate
from smartapp_adapters.storage.engine import make_engine
from smartapp_adapters.storage.tables import metadata
from smartapp_domain.catalog import Module
from smartapp_domain.identity import Environment
from smartapp_domain.ids import AccountId, PlatformUserId
from smartapp_domain.licensing import LicenseState
from smartapp_domain.ordering import OrderState
from smartapp_domain.ports.storage import OPERATOR, StorageUnavailable
from smartapp_domain.ports.views import Part, Sort

RELEASED = Path(__file__).with_name("released")


@attrs.frozen
class Place:
    """A database to migrate: how, who looks at it, and how its product reaches it."""

    migrator_url: str
    admin_url: str
    app_url: str
    operator_url: str | None = None

    def run(self, script: str) -> None:
        """Run statements as the owner of what they make."""
        if self.operator_url is None:
            connection = sqlite3.connect(self._file)
            connection.executescript(script)
            connection.close()
            return
        with psycopg.connect(self.migrator_url, autocommit=True) as owner:
            owner.execute(script)  # type: ignore[call-overload]  # our own file, no stranger's text

    @property
    def _file(self) -> str:
        return str(sa.make_url(self.app_url).database)

    def storage(self) -> SqlStorage:
        return make_storage(self.app_url, KEYS, operator_url=self.operator_url, pool_size=4)


@pytest.fixture
def sqlite_place(tmp_path: Path) -> Place:
    url = f"sqlite:///{tmp_path / 'smartapp.db'}"
    return Place(url, url, url)


@pytest.fixture
def postgres_place(make_bare_postgres_database: Callable[[], PostgresDatabase]) -> Place:
    database = make_bare_postgres_database()
    return Place(database.migrator_url, database.admin_url, database.app_url, database.operator_url)


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest) -> Place:
    found: Place = request.getfixturevalue(f"{request.param}_place")
    return found


@pytest.fixture
def released(place: Place, request: pytest.FixtureRequest) -> Iterator[Place]:
    """The database as version 0.1.0 left it, rows in every table; on PostgreSQL one login owned and used all of it."""
    if place.operator_url is None:
        place.run((RELEASED / "0001.sqlite.sql").read_text("utf-8"))
        yield place
        return
    server: sa.URL = request.getfixturevalue("postgres_server")
    url = sa.make_url(place.admin_url)
    old = f"{url.database}_old"
    with psycopg.connect(place.admin_url, autocommit=True) as admin:
        for statement in ("CREATE ROLE {old} LOGIN IN ROLE smartapp_migrator", "ALTER DATABASE {name} OWNER TO {old}"):
            admin.execute(sql.SQL(statement).format(old=sql.Identifier(old), name=sql.Identifier(url.database or "")))
        as_old = attrs.evolve(place, migrator_url=_as(server, url.database, old))
        admin.execute(sql.SQL("ALTER ROLE {} PASSWORD 'old'").format(sql.Identifier(old)))
        as_old.run((RELEASED / "0001.postgresql.sql").read_text("utf-8"))
        yield as_old
        admin.execute(sql.SQL("REASSIGN OWNED BY {old} TO smartapp_migrator").format(old=sql.Identifier(old)))
        admin.execute(sql.SQL("DROP OWNED BY {old}").format(old=sql.Identifier(old)))
        admin.execute(sql.SQL("DROP ROLE {old}").format(old=sql.Identifier(old)))


def _as(server: sa.URL, database: str | None, login: str) -> str:
    url = server.set(drivername="postgresql", username=login, password="old", database=database)
    return url.render_as_string(hide_password=False)


def differences(url: str) -> list[object]:
    engine = make_engine(url, pool_size=1)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        found = list(compare_metadata(context, metadata))
    engine.dispose()
    return found


def test_the_migrations_make_what_the_tables_say(place: Place) -> None:
    migrate(place.migrator_url)

    assert differences(place.admin_url) == []


def test_an_upgrade_makes_what_the_tables_say_too(released: Place) -> None:
    migrate(released.migrator_url)

    assert differences(released.admin_url) == []


def _indexes(connection: sa.Connection) -> dict[str, str]:
    asked = {
        "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL",
        "postgresql": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema()",
    }[connection.dialect.name]
    found = connection.exec_driver_sql(asked).all()
    return {name: " ".join(text.split()) for name, text in found if not name.startswith("alembic_version")}


def test_the_migrations_make_the_conditions_of_unique_places_too(
    place: Place, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """Alembic compares no conditions, so the indexes are compared with those the tables would make by themselves."""
    if place.operator_url is None:
        scratch = f"sqlite:///{tmp_path / 'scratch.db'}"
    else:
        scratch = request.getfixturevalue("make_bare_postgres_database")().admin_url
    made, wanted = make_engine(place.admin_url, pool_size=1), make_engine(scratch, pool_size=1)

    migrate(place.migrator_url)
    metadata.create_all(wanted)

    with made.connect() as here, wanted.connect() as there:
        found, expected = _indexes(here), _indexes(there)
    made.dispose()
    wanted.dispose()
    assert sum(" WHERE " in text for text in expected.values()) >= 6
    assert found == expected


def _counts(place: Place, tables: list[str]) -> dict[str, int]:
    engine = make_engine(place.admin_url, pool_size=1)
    with engine.connect() as connection:
        counted = {t: connection.scalar(sa.select(sa.func.count()).select_from(sa.table(t))) for t in tables}
        found = {table: int(number or 0) for table, number in counted.items()}
    engine.dispose()
    return found


def _tables(place: Place) -> list[str]:
    engine = make_engine(place.admin_url, pool_size=1)
    names = [name for name in sa.inspect(engine).get_table_names() if name != "alembic_version"]
    engine.dispose()
    return names


def test_a_database_that_waits_for_its_upgrade_says_what_to_run(released: Place) -> None:
    storage = released.storage()

    if released.operator_url is None:
        storage.prepare()  # brings it up to date
    else:
        with pytest.raises(StorageUnavailable, match="smartapp migrate"):
            storage.prepare()
    migrate(released.migrator_url)

    storage.prepare()
    storage.dispose()


def test_an_upgrade_keeps_every_row(released: Place) -> None:
    tables = _tables(released)
    before = _counts(released, tables)

    migrate(released.migrator_url)

    assert len(tables) == 17
    assert all(before.values())
    assert _counts(released, tables) == before


def test_what_was_stored_is_read_and_changed_after_an_upgrade(released: Place) -> None:
    migrate(released.migrator_url)
    storage = released.storage()
    storage.prepare()

    with storage.reading(OPERATOR) as reading:
        person = reading.people.of_platform_user("procore", Environment.PRODUCTION, PlatformUserId("dana"))
        assert person is not None
        [(account, dana)] = reading.accounts.of_person(person.id)
        session = reading.sessions.get("hash-of-danas-cookie")
        choosing = reading.sessions.get("hash-of-danas-other-cookie")
        assert session is not None
        assert choosing is not None
        assert choosing.grant is not None
        assert (session.person_id, choosing.grant.access_token) == (person.id, "access")
    with storage.reading(account.id) as reading:
        licenses = reading.licenses.all()
        at = max(license.granted_at for license in licenses)
        [waiting] = reading.orders.open()
        page = reading.views.mapping_page(
            dana.id, Part.LICENSED, at=at, query="", sort=Sort.NAME, number=1, per_page=10
        )
        assert (account.name, dana.name, len(reading.members.all())) == ("Company 77", "Dana", 2)
        assert waiting.state is OrderState.AWAITING_PAYMENT
        assert len(licenses) == 3
        assert {each.state(at) for each in licenses} == {LicenseState.ACTIVE}
        assert [row.project.name for row in page.items] == ["FLUSHING HS", "TOTTENVILLE HS – Ünïcode"]
        assert len(reading.drafts.get(dana.id).rows) == 1
    connection = storage.tokens.load(account.id, Module.PLANNER)
    assert connection is not None
    assert connection.tokens.access_token == "access-dana"

    with storage.transaction(account.id) as tx:
        tx.members.put(attrs.evolve(dana, name="Dana W.", version=dana.version + 1), replacing=dana.version)
    with storage.reading(AccountId("another")) as reading:
        assert reading.members.all() == ()
    storage.dispose()


def test_an_upgraded_database_is_the_same_as_a_new_one(
    postgres_place: Place, dumped: Callable[[str], str], request: pytest.FixtureRequest
) -> None:
    """Tables, owners, rules and grants: nothing of what the released version allowed is left."""
    fresh: PostgresDatabase = request.getfixturevalue("make_bare_postgres_database")()
    migrate(fresh.migrator_url)
    with psycopg.connect(postgres_place.admin_url, autocommit=True) as admin:
        admin.execute((RELEASED / "0001.postgresql.sql").read_text("utf-8"))  # type: ignore[call-overload]

    migrate(postgres_place.admin_url)

    assert dumped(postgres_place.admin_url) == dumped(fresh.admin_url)


def test_migrating_twice_changes_nothing(sqlite_place: Place) -> None:
    migrate(sqlite_place.migrator_url)
    before = Path(sqlite_place._file).read_bytes()

    migrate(sqlite_place.migrator_url)

    assert Path(sqlite_place._file).read_bytes() == before


def test_two_processes_may_migrate_at_once(place: Place) -> None:
    spawn = multiprocessing.get_context("spawn")
    start = spawn.Barrier(2)
    processes = [spawn.Process(target=_migrate_together, args=(place.migrator_url, start)) for _ in range(2)]

    for process in processes:
        process.start()
    for process in processes:
        process.join()

    assert [process.exitcode for process in processes] == [0, 0]
    assert differences(place.admin_url) == []


def _migrate_together(url: str, start: object) -> None:
    start.wait()  # type: ignore[attr-defined]  # multiprocessing has no public name for its barrier
    migrate(url)


def test_a_place_with_odd_characters_can_be_migrated(tmp_path: Path) -> None:
    path = tmp_path / "50% of [it]" / "smart app.db"
    path.parent.mkdir()

    migrate(f"sqlite:///{path}")

    assert path.stat().st_size


def test_the_migrations_leave_logging_alone(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    before = logging.getLogger().level, list(logging.getLogger().handlers)

    migrate(place.migrator_url)

    assert (logging.getLogger().level, list(logging.getLogger().handlers)) == before
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]
