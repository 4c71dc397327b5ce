"""What the migration does about roles on a server that has none yet, and what it says when it may not."""

import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from tests.servers.postgres import private_postgres
from tests.servers.storages import KEYS

from smartapp_adapters.storage import LoginUnfit, make_storage, migrate
from smartapp_adapters.storage.roles import APP, MIGRATOR, ROLES
from smartapp_domain.ports.storage import OPERATOR as THE_OPERATOR
from smartapp_domain.testing import builders as some
from smartapp_domain.testing.contracts.storage_bench import ACME, GLOBEX

MANUAL = Path(__file__).parents[3] / "docs" / "operating.md"
RELEASED = Path(__file__).with_name("released") / "0001.postgresql.sql"


@pytest.fixture(scope="module")
def own_server() -> Iterator[sa.URL]:
    with private_postgres() as url:
        yield url


@pytest.fixture
def server(own_server: sa.URL) -> Iterator[sa.URL]:
    """Return a server with no role but its superuser."""
    yield own_server
    run(own_server, "DROP DATABASE smartapp WITH (FORCE)")
    made = run(
        own_server, "SELECT rolname FROM pg_roles WHERE rolname <> 'postgres' AND rolname NOT LIKE 'pg!_%' ESCAPE '!'"
    )
    run(own_server, *(f"DROP ROLE {name}" for (name,) in made))


def run(url: sa.URL, *statements: str) -> list[tuple[object, ...]]:
    """Run statements, each by itself; return the rows of the last one that has any."""
    rows: list[tuple[object, ...]] = []
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as connection:
        for statement in statements:
            cursor = connection.execute(statement)  # type: ignore[call-overload]  # our own words
            rows = cursor.fetchall() if cursor.description else rows
    return rows


def address(server: sa.URL, login: str, database: str = "smartapp") -> str:
    return server.set(username=login, database=database).render_as_string(hide_password=False)


def statements_of_the_manual() -> list[str]:
    found = re.search(r"<!-- run: postgresql roles -->\n```sql\n(.*?)```", MANUAL.read_text("utf-8"), re.DOTALL)
    assert found
    return [statement.strip() for statement in found[1].split(";") if statement.strip()]


def test_the_commands_of_the_manual_make_a_database_that_is_ready(server: sa.URL) -> None:
    run(server, *statements_of_the_manual())
    storage = make_storage(
        address(server, "connect_app"), KEYS, operator_url=address(server, "connect_operator"), pool_size=2
    )

    migrate(address(server, "connect_migrator"))
    migrate(address(server, "connect_migrator"))

    storage.prepare()
    with storage.transaction(THE_OPERATOR) as tx:
        tx.accounts.add(some.account())
    with storage.transaction(ACME) as tx:
        tx.projects.put(some.project(), replacing=0)
    with storage.reading(GLOBEX) as reading:
        assert reading.projects.unlinked() == ()
    storage.dispose()


def test_a_login_that_may_make_roles_makes_them_and_its_tables_belong_to_none_that_serves(server: sa.URL) -> None:
    run(server, "CREATE ROLE deployer LOGIN CREATEROLE", "CREATE DATABASE smartapp OWNER deployer")

    migrate(address(server, "deployer"))

    inside = server.set(database="smartapp")
    owners = "SELECT DISTINCT pg_get_userbyid(relowner) FROM pg_class WHERE relname IN ('people', 'alembic_version')"
    can_login = "SELECT rolname, rolcanlogin, rolsuper FROM pg_roles WHERE rolname LIKE 'smartapp_%'"
    assert run(inside, owners) == [(MIGRATOR,)]
    assert sorted(run(inside, can_login), key=str) == [(role, False, False) for role in sorted(ROLES)]


def test_a_login_that_may_not_is_told_what_to_run_and_changed_nothing(server: sa.URL) -> None:
    run(server, "CREATE ROLE deployer LOGIN", "CREATE DATABASE smartapp OWNER deployer")

    with pytest.raises(LoginUnfit, match="Run as an administrator") as refused:
        migrate(address(server, "deployer"))
    assert run(server.set(database="smartapp"), "SELECT relname FROM pg_class WHERE relname = 'people'") == []
    said = re.search(r"administrator: (.*)\. See", str(refused.value))
    assert said
    run(server, *said[1].split("; "))

    migrate(address(server, "deployer"))


@pytest.mark.parametrize(
    ("owner", "remedy"),
    [("stranger", f'GRANT USAGE, CREATE ON SCHEMA "public" TO {MIGRATOR}'), ("deployer", None)],
)
def test_the_schema_has_to_take_the_tables(server: sa.URL, owner: str, remedy: str | None) -> None:
    logins = ("CREATE ROLE stranger", f"CREATE ROLE deployer LOGIN IN ROLE {MIGRATOR}")
    run(server, *(f"CREATE ROLE {role}" for role in ROLES), *logins, f"CREATE DATABASE smartapp OWNER {owner}")

    if remedy is not None:
        with pytest.raises(LoginUnfit, match="permission denied for schema public") as refused:
            migrate(address(server, "deployer"))
        assert remedy in str(refused.value)
        run(server.set(database="smartapp"), remedy)

    migrate(address(server, "deployer"))


def test_tables_of_the_released_version_are_handed_over_by_who_owns_them(server: sa.URL) -> None:
    run(server, *statements_of_the_manual(), "CREATE ROLE old LOGIN", f"GRANT CREATE ON DATABASE smartapp TO {APP}")
    inside = server.set(database="smartapp")
    run(inside, RELEASED.read_text("utf-8"))
    run(inside, *(f"ALTER TABLE {name} OWNER TO old" for (name,) in run(inside, _OURS)))

    with pytest.raises(LoginUnfit, match="must be owner of") as refused:
        migrate(address(server, "connect_migrator"))
    run(server.set(database="smartapp"), f"REASSIGN OWNED BY old TO {MIGRATOR}")

    assert f"REASSIGN OWNED BY old TO {MIGRATOR}" in str(refused.value)
    migrate(address(server, "connect_migrator"))


_OURS = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
