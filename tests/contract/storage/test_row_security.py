"""On PostgreSQL the database itself keeps accounts apart: these statements name no account at all."""

from collections.abc import Callable, Iterator
from contextlib import suppress

import psycopg
import pytest
import sqlalchemy as sa
from psycopg import sql
from sqlalchemy.exc import ProgrammingError
from tests.servers.postgres import PostgresDatabase
from tests.servers.storages import KEYS, Make

from smartapp_adapters.storage import LoginUnfit, SqlStorage, make_storage
from smartapp_adapters.storage.doors import open_door
from smartapp_adapters.storage.engine import make_engine
from smartapp_adapters.storage.roles import APP, MIGRATOR
from smartapp_adapters.storage.roles import OPERATOR as OPERATOR_ROLE
from smartapp_adapters.storage.tables import KINDS, Kind, connections, licenses, metadata
from smartapp_domain.ids import JobId
from smartapp_domain.ports.storage import OPERATOR, StorageUnavailable
from smartapp_domain.testing import builders as some
from smartapp_domain.testing.contracts.storage_bench import ACME, GLOBEX
from smartapp_domain.testing.contracts.storage_isolation import fill

TABLES = list(metadata.tables.values())
ACCOUNT_TABLES = [table for table in TABLES if KINDS[table.name] is Kind.ACCOUNT]
OPERATOR_TABLES = [table for table in TABLES if KINDS[table.name] is Kind.OPERATOR]
ALL = {"SELECT", "INSERT", "UPDATE", "DELETE"}
OF_NOBODY = some.job("of-nobody", subject="event-1", account_id=None)


@pytest.fixture
def storage(make_postgres: Make) -> SqlStorage:
    storage = make_postgres()
    with storage.transaction(OPERATOR) as tx:
        tx.accounts.add(some.account())
        tx.people.put(some.person())
        tx.sessions.put(some.session())
        tx.inbox.add(some.billing_event(), b"{}", some.NOON)
        tx.jobs.add(some.job())
        tx.jobs.add(OF_NOBODY)
    fill(storage, ACME)
    return storage


@pytest.fixture
def admin(storage: SqlStorage, shared_postgres_database: PostgresDatabase) -> Iterator[sa.Connection]:
    """Passes by every rule, to ask the catalog."""
    engine = make_engine(shared_postgres_database.admin_url, pool_size=1)
    with engine.connect() as connection:
        yield connection
    engine.dispose()
    del storage


def _count(storage: SqlStorage, table: sa.Table, scope: object) -> int:
    with open_door(storage.database, scope, writing=False) as door:
        return int(door.connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


@pytest.mark.parametrize("table", [*ACCOUNT_TABLES, *OPERATOR_TABLES], ids=str)
def test_security_is_forced_on_every_table(admin: sa.Connection, table: sa.Table) -> None:
    asked = sa.text("SELECT relrowsecurity AND relforcerowsecurity FROM pg_class WHERE oid = CAST(:name AS regclass)")

    assert admin.execute(asked, {"name": table.name}).scalar_one()


def test_every_table_of_the_database_is_known_here(admin: sa.Connection) -> None:
    found = sa.text(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v')"
    )

    assert set(admin.execute(found).scalars()) == {*metadata.tables, "alembic_version"}


def test_every_rule_is_for_one_role(admin: sa.Connection) -> None:
    found = admin.execute(sa.text("SELECT DISTINCT roles::text FROM pg_policies")).scalars()

    assert set(found) == {f"{{{role}}}" for role in (APP, OPERATOR_ROLE, MIGRATOR)}


#: What a role may do with a table of each kind, and with those that are not like the others of their kind.
GRANTS: dict[tuple[Kind | str, str], set[str]] = {
    (Kind.ACCOUNT, APP): ALL,
    (Kind.ACCOUNT, OPERATOR_ROLE): {"SELECT"},
    (Kind.OPERATOR, APP): set(),
    (Kind.OPERATOR, OPERATOR_ROLE): ALL,
    (Kind.PUBLIC, APP): {"SELECT"},
    (Kind.PUBLIC, OPERATOR_ROLE): ALL,
    ("accounts", OPERATOR_ROLE): {"SELECT", "INSERT"},
    ("jobs", APP): {"SELECT", "INSERT", "UPDATE"},
    ("trail", APP): {"SELECT", "INSERT"},
    ("trail", OPERATOR_ROLE): {"SELECT", "INSERT"},
}


@pytest.mark.parametrize("role", [APP, OPERATOR_ROLE])
@pytest.mark.parametrize("table", TABLES, ids=str)
def test_a_role_may_do_what_its_doors_do_and_no_more(admin: sa.Connection, table: sa.Table, role: str) -> None:
    asked = sa.text("SELECT has_table_privilege(:role, CAST(:table AS text), :what)")
    every = [*ALL, "TRUNCATE", "REFERENCES", "TRIGGER"]

    may = {what for what in every if admin.scalar(asked, {"role": role, "table": table.name, "what": what})}

    assert may == GRANTS.get((table.name, role), GRANTS[KINDS[table.name], role])


@pytest.mark.parametrize("table", ACCOUNT_TABLES, ids=str)
def test_the_app_sees_no_row_before_it_says_whose(storage: SqlStorage, table: sa.Table) -> None:
    with storage.engine.connect() as connection:
        assert connection.execute(sa.select(table)).all() == []


@pytest.mark.parametrize("table", TABLES, ids=str)
def test_the_operator_sees_no_row_outside_a_door(storage: SqlStorage, table: sa.Table) -> None:
    with storage.database.operator_engine.connect() as connection:
        assert connection.execute(sa.select(table)).all() == []


@pytest.mark.parametrize("table", TABLES, ids=str)
def test_the_owner_of_the_tables_sees_no_row_unless_it_migrates(
    storage: SqlStorage, shared_postgres_database: PostgresDatabase, table: sa.Table
) -> None:
    del storage
    engine = make_engine(shared_postgres_database.migrator_url, pool_size=1)

    with engine.connect() as connection:
        assert connection.execute(sa.select(table)).all() == []
    engine.dispose()


def test_an_account_sees_its_rows_and_no_others(storage: SqlStorage) -> None:
    filled = [table for table in ACCOUNT_TABLES if _count(storage, table, ACME)]

    assert len(filled) >= 11
    assert [_count(storage, table, GLOBEX) for table in filled] == [0] * len(filled)


@pytest.mark.parametrize("table", [table for table in OPERATOR_TABLES if table.name != "jobs"], ids=str)
def test_the_operators_rows_are_out_of_an_accounts_reach(storage: SqlStorage, table: sa.Table) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        _count(storage, table, ACME)


#: What somebody could smuggle into a statement behind an account's door.
TRICKS = {
    "a setting": "SELECT set_config('smartapp.scope', 'operator', true)",
    "a setting of the session": "SET smartapp.scope = 'operator'",
    "the other role": f"SET ROLE {OPERATOR_ROLE}",
    "the other role, by a function": f"SELECT set_config('role', '{OPERATOR_ROLE}', true)",
    "the owner": f"SET ROLE {MIGRATOR}",
    "another session": f"SET SESSION AUTHORIZATION {OPERATOR_ROLE}",
    "no security": "SET row_security = off",
    "taking the net down": "ALTER TABLE people DISABLE ROW LEVEL SECURITY",
}


@pytest.mark.parametrize("trick", TRICKS.values(), ids=TRICKS.keys())
@pytest.mark.parametrize("name", ["people", "sessions", "notices", "jobs"])
def test_no_statement_behind_an_accounts_door_makes_it_the_operators(
    storage: SqlStorage, trick: str, name: str
) -> None:
    found: list[object] = []

    with suppress(ProgrammingError), open_door(storage.database, GLOBEX, writing=True) as door:
        door.connection.exec_driver_sql(trick)
        found += door.connection.execute(sa.select(metadata.tables[name])).all()

    assert found == []
    assert _count(storage, metadata.tables[name], OPERATOR) == {"jobs": 2}.get(name, 1)


def test_a_job_of_no_account_is_seen_by_who_holds_it_alone(storage: SqlStorage) -> None:
    seen = sa.select(metadata.tables["jobs"].c.id)

    with open_door(storage.database, ACME, writing=False) as door:
        before = door.connection.execute(seen).scalars().all()
        door.see(JobId(OF_NOBODY.id))
        while_held = door.connection.execute(seen).scalars().all()

    assert before == ["job-1"]
    assert sorted(while_held) == ["job-1", OF_NOBODY.id]
    assert _count(storage, metadata.tables["jobs"], GLOBEX) == 0


def test_another_accounts_rows_can_neither_be_changed_nor_made(storage: SqlStorage) -> None:
    with open_door(storage.database, GLOBEX, writing=True) as door:
        changed = door.connection.execute(sa.update(licenses).values(product="safety")).rowcount
        removed = door.connection.execute(sa.delete(licenses)).rowcount
    foreign = sa.insert(connections).from_select(["account_id"], sa.select(sa.literal(str(ACME))))
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        open_door(storage.database, GLOBEX, writing=True) as door,
    ):
        door.connection.execute(foreign)

    assert (changed, removed) == (0, 0)
    with storage.reading(ACME) as reading:
        assert reading.licenses.all() == (some.license(),)


def test_the_operator_reads_across_accounts_and_changes_nothing_there(storage: SqlStorage) -> None:
    assert _count(storage, licenses, OPERATOR) == 1

    for statement in (sa.update(licenses).values(product="safety"), sa.delete(licenses)):
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            open_door(storage.database, OPERATOR, writing=True) as door,
        ):
            door.connection.execute(statement)


def test_a_scope_ends_with_its_transaction(storage: SqlStorage, shared_postgres_database: PostgresDatabase) -> None:
    lone = make_storage(
        shared_postgres_database.app_url, KEYS, operator_url=shared_postgres_database.operator_url, pool_size=1
    )
    with lone.reading(ACME) as reading:
        assert reading.licenses.all()
    with lone.reading(OPERATOR) as reading:
        assert reading.jobs.due(some.NOON, 9)

    with lone.engine.connect() as connection:
        assert connection.execute(sa.select(licenses)).all() == []
    with lone.database.operator_engine.connect() as connection:
        assert connection.execute(sa.select(metadata.tables["jobs"])).all() == []
    lone.dispose()
    del storage


def test_no_login_of_ours_may_make_a_temporary_table(storage: SqlStorage) -> None:
    for scope in (ACME, OPERATOR):
        with (
            pytest.raises(ProgrammingError, match="permission denied to create temporary tables"),
            open_door(storage.database, scope, writing=True) as door,
        ):
            door.connection.exec_driver_sql("CREATE TEMPORARY TABLE licenses (id text)")


@pytest.mark.parametrize("path", ["public", "pg_temp, public"])
def test_a_temporary_table_named_like_ours_stays_behind_it(
    make_postgres_database: Callable[[], PostgresDatabase], path: str
) -> None:
    """Should the right to make one be given: one connection serves one account after the other."""
    database = make_postgres_database()
    with psycopg.connect(database.admin_url, autocommit=True) as admin:
        admin.execute(sql.SQL("GRANT TEMPORARY ON DATABASE {} TO PUBLIC").format(sql.Identifier(database.name)))
    lone = make_storage(database.app_url, KEYS, operator_url=database.operator_url, pool_size=1)
    with open_door(lone.database, ACME, writing=True) as door:
        door.connection.exec_driver_sql("CREATE TEMPORARY TABLE licenses (LIKE public.licenses INCLUDING ALL)")
        door.connection.exec_driver_sql(f"SET search_path = {path}")

    fill(lone, GLOBEX)

    assert _count(lone, licenses, GLOBEX) == 1
    assert _count(lone, licenses, ACME) == 0
    lone.dispose()


@pytest.mark.parametrize(
    ("app", "operator", "words"),
    [
        ("admin_url", "operator_url", "passes by row-level security"),
        ("app_url", "admin_url", "passes by row-level security"),
        ("operator_url", "operator_url", f"holds {OPERATOR_ROLE} too"),
        ("app_url", "app_url", f"holds {APP} too"),
        ("migrator_url", "operator_url", f"holds {MIGRATOR} too"),
    ],
)
def test_a_login_that_may_do_more_than_its_part_is_refused(
    shared_postgres_database: PostgresDatabase, app: str, operator: str, words: str
) -> None:
    urls = getattr(shared_postgres_database, app), getattr(shared_postgres_database, operator)
    unfit = make_storage(urls[0], KEYS, operator_url=urls[1], pool_size=1)

    with pytest.raises(LoginUnfit, match=words):
        unfit.prepare()
    unfit.dispose()


def test_a_database_nobody_migrated_says_what_to_run(
    make_bare_postgres_database: Callable[[], PostgresDatabase],
) -> None:
    bare_postgres = make_bare_postgres_database()
    bare = make_storage(bare_postgres.app_url, KEYS, operator_url=bare_postgres.operator_url, pool_size=1)

    with pytest.raises(StorageUnavailable, match="smartapp migrate"), bare.reading(ACME) as reading:
        reading.licenses.all()
    with pytest.raises(StorageUnavailable, match="smartapp migrate"):
        bare.prepare()
    bare.dispose()


def test_a_database_that_is_migrated_is_ready(storage: SqlStorage) -> None:
    storage.prepare()
