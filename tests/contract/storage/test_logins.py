"""Which logins are refused, and what is said about a database that is not the one, or not the form, it should be."""

from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from tests.servers.postgres import PASSWORD, PostgresDatabase
from tests.servers.storages import KEYS

from smartapp_adapters.storage import DatabaseNewer, LoginUnfit, OutOfReach, make_storage, migrate
from smartapp_adapters.storage.roles import APP
from smartapp_domain.ports.storage import StorageUnavailable

pytestmark = pytest.mark.contract
#: What no version of ours will ever be called.
FUTURE = "UPDATE alembic_version SET version_num = '9999'"


def order(database: PostgresDatabase, *statements: str, **names: str) -> None:
    with psycopg.connect(database.admin_url, autocommit=True) as admin:
        for each in statements:
            admin.execute(sql.SQL(each).format(**{name: sql.Identifier(value) for name, value in names.items()}))  # type: ignore[arg-type]  # our own words


@pytest.fixture
def strong_login(shared_postgres_database: PostgresDatabase) -> Iterator[Callable[[str], str]]:
    """Return what makes a login for accounts that can take more, and returns its address."""
    database = shared_postgres_database
    names = {"login": f"{database.logins}_strong", "group": f"{database.logins}_group", "app": APP}

    def make(can: str) -> str:
        order(
            database,
            f"CREATE ROLE {{group}} NOLOGIN {can}",
            f"CREATE ROLE {{login}} LOGIN PASSWORD '{PASSWORD}' IN ROLE {{app}}",
            "GRANT {group} TO {login}",
            **names,
        )
        return database.app_url.replace(f"{database.logins}_app", names["login"])

    yield make
    order(database, "DROP ROLE {login}", "DROP ROLE {group}", **names)


@pytest.mark.parametrize("can", ["SUPERUSER", "BYPASSRLS", "CREATEROLE"])
def test_a_login_that_can_take_a_role_that_may_do_more_is_refused(
    shared_postgres_database: PostgresDatabase, strong_login: Callable[[str], str], can: str
) -> None:
    url = strong_login(can)
    unfit = make_storage(url, KEYS, operator_url=shared_postgres_database.operator_url, pool_size=1)

    with pytest.raises(LoginUnfit, match=r"REVOKE \w+_group") as refused:
        unfit.prepare()

    assert not refused.value.operators
    unfit.dispose()


def test_a_login_that_can_give_itself_roles_is_refused(shared_postgres_database: PostgresDatabase) -> None:
    database = shared_postgres_database
    login = f"{database.logins}_app"
    order(database, "ALTER ROLE {login} CREATEROLE", login=login)
    unfit = make_storage(database.app_url, KEYS, operator_url=database.operator_url, pool_size=1)

    with pytest.raises(LoginUnfit, match="can give itself roles"):
        unfit.prepare()

    unfit.dispose()
    order(database, "ALTER ROLE {login} NOCREATEROLE", login=login)


def test_two_addresses_of_different_databases_are_refused(
    shared_postgres_database: PostgresDatabase, make_postgres_database: Callable[[], PostgresDatabase]
) -> None:
    other = make_postgres_database().operator_url
    astray = make_storage(shared_postgres_database.app_url, KEYS, operator_url=other, pool_size=1)

    with pytest.raises(LoginUnfit, match="different databases"):
        astray.prepare()
    astray.dispose()


@pytest.mark.parametrize("part", ["app_url", "operator_url"])
def test_what_cannot_be_reached_says_whose_login_it_was(shared_postgres_database: PostgresDatabase, part: str) -> None:
    urls = {name: getattr(shared_postgres_database, name) for name in ("app_url", "operator_url")}
    urls[part] = urls[part].replace(f"{shared_postgres_database.logins}_", "nobody_")
    storage = make_storage(urls["app_url"], KEYS, operator_url=urls["operator_url"], pool_size=1)

    with pytest.raises(OutOfReach) as refused:
        storage.prepare()

    assert refused.value.operators is (part == "operator_url")
    storage.dispose()


def test_an_sqlite_database_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'smartapp.db'}"
    migrate(url)
    storage = make_storage(url, KEYS)
    with storage.engine.begin() as connection:
        connection.exec_driver_sql(FUTURE)

    for act in (lambda: migrate(url), storage.prepare):
        with pytest.raises(DatabaseNewer, match="Install that version, or restore the back-up"):
            act()
    storage.dispose()


def test_a_postgres_database_of_a_newer_version_is_left_alone(
    make_postgres_database: Callable[[], PostgresDatabase],
) -> None:
    database = make_postgres_database()
    order(database, FUTURE)
    storage = make_storage(database.app_url, KEYS, operator_url=database.operator_url, pool_size=1)

    for act in (lambda: migrate(database.migrator_url), storage.prepare):
        with pytest.raises(DatabaseNewer, match="Install that version, or restore the back-up"):
            act()
    storage.dispose()


def test_a_migration_that_waits_too_long_for_a_table_says_to_run_it_again(
    make_postgres_database: Callable[[], PostgresDatabase],
) -> None:
    database = make_postgres_database()
    order(database, "DROP TABLE listings", "UPDATE alembic_version SET version_num = '0006'")

    with psycopg.connect(database.admin_url) as busy:
        busy.execute("CREATE TABLE listings (account_id text)")
        busy.commit()
        busy.execute("ALTER TABLE listings OWNER TO smartapp_migrator")
        busy.commit()
        busy.execute("SELECT * FROM listings")
        with pytest.raises(StorageUnavailable, match="run `smartapp migrate` again"):
            migrate(f"{database.migrator_url}?options=-c%20lock_timeout%3D50ms")
