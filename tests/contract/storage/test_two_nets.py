"""
Two nets keep accounts apart on PostgreSQL: the account in every statement, and row-level security. Each holds alone.

And with both down, every look and every getter of the isolation suite goes red: so none of them is a test that cannot
fail.
"""

from collections.abc import Callable, Iterator
from typing import Any

import attrs
import psycopg
import pytest
import sqlalchemy as sa
from psycopg import sql
from sqlalchemy import event
from tests.contract.storage.test_scoping import tables_of, unscoped
from tests.servers.postgres import PostgresDatabase
from tests.servers.storages import KEYS

from smartapp_adapters.storage import SqlStorage, make_storage
from smartapp_adapters.storage.scoping import Door
from smartapp_adapters.storage.tables import KINDS, Kind
from smartapp_domain.ports.storage import Storage
from smartapp_domain.ports.tokens import ConnectionUnreadable, TokenVault
from smartapp_domain.testing.contracts.storage import TokenVaultContract
from smartapp_domain.testing.contracts.storage_bench import ACME, StorageBench
from smartapp_domain.testing.contracts.storage_doors import ACCOUNT_READS
from smartapp_domain.testing.contracts.storage_isolation import GETTERS, LOOKS, IsolationContract, fill

pytestmark = pytest.mark.contract
RED = (AssertionError, pytest.fail.Exception)


class ForgetfulDoor(Door):
    """A door whose statements name no account."""

    def own(self, table: sa.Table) -> sa.ColumnElement[bool]:
        del table
        return sa.true()


@attrs.frozen
class Nets:
    """A database and its open connections, from which storages with either door are made."""

    database: PostgresDatabase
    storage: SqlStorage

    def storage_with(self, door: type[Door]) -> SqlStorage:
        self.database.empty()
        return SqlStorage(attrs.evolve(self.storage.database, door=door), KEYS)


def _nets(database: PostgresDatabase) -> Iterator[Nets]:
    storage = make_storage(database.app_url, KEYS, operator_url=database.operator_url, pool_size=10)
    yield Nets(database, storage)
    storage.dispose()


@pytest.fixture(scope="module")
def secured(make_postgres_database: Callable[[], PostgresDatabase]) -> Iterator[Nets]:
    yield from _nets(make_postgres_database())


@pytest.fixture(scope="module")
def unsecured(make_postgres_database: Callable[[], PostgresDatabase]) -> Iterator[Nets]:
    """Row-level security is off on every table."""
    database = make_postgres_database()
    with psycopg.connect(database.admin_url) as admin:
        for table in KINDS:
            admin.execute(sql.SQL("ALTER TABLE {} DISABLE ROW LEVEL SECURITY").format(sql.Identifier(table)))
    yield from _nets(database)


class TestRowSecurityAlone(IsolationContract):
    @pytest.fixture
    def storage(self, secured: Nets) -> Storage:
        return secured.storage_with(ForgetfulDoor)


class TestRowSecurityAloneOnTokens(TokenVaultContract):
    @pytest.fixture
    def vault(self, secured: Nets) -> TokenVault:
        return secured.storage_with(ForgetfulDoor).tokens


class TestThePredicateAlone(IsolationContract):
    @pytest.fixture
    def storage(self, unsecured: Nets) -> Storage:
        return unsecured.storage_with(Door)


class TestThePredicateAloneOnTokens(TokenVaultContract):
    @pytest.fixture
    def vault(self, unsecured: Nets) -> TokenVault:
        return unsecured.storage_with(Door).tokens


class TestWithBothNetsDownTheSuiteGoesRed(StorageBench):
    @pytest.fixture
    def storage(self, unsecured: Nets) -> Storage:
        return unsecured.storage_with(ForgetfulDoor)

    @pytest.mark.parametrize("what", sorted(GETTERS))
    def test_on_every_getter(self, opened: Storage, what: str) -> None:
        with pytest.raises(RED):
            IsolationContract().test_an_id_of_another_account_is_like_an_unknown_one(opened, what)

    @pytest.mark.parametrize("what", sorted(LOOKS))
    def test_on_every_look(self, opened: Storage, what: str) -> None:
        with pytest.raises(RED):
            IsolationContract().test_another_accounts_rows_are_in_no_answer(opened, what)

    def test_on_a_write_over_a_foreign_version(self, opened: Storage) -> None:
        with pytest.raises(RED):
            IsolationContract().test_a_version_of_another_account_cannot_be_replaced(opened)

    def test_on_dropping_and_listing(self, opened: Storage) -> None:
        with pytest.raises(RED):
            IsolationContract().test_dropping_and_listing_leave_the_neighbor_alone(opened)

    def test_on_a_token_of_another_account(self, unsecured: Nets) -> None:
        vault = unsecured.storage_with(ForgetfulDoor).tokens

        with pytest.raises((*RED, ConnectionUnreadable)):  # found, and then sealed for somebody else: a third net
            TokenVaultContract().test_each_account_and_our_own_service_have_connections_of_their_own(vault)


def test_the_forgetful_door_forgets_on_every_table_a_door_leads_to(secured: Nets) -> None:
    """Else the second net would be praised for what the first one caught."""
    storage = secured.storage_with(ForgetfulDoor)
    fill(storage, ACME)
    seen: list[Any] = []
    event.listen(storage.engine, "before_execute", lambda _, statement, *__: seen.append(statement))

    with storage.reading(ACME) as reading:
        for use in (*ACCOUNT_READS.values(), *LOOKS.values()):
            use(reading)

    touched = {table for statement in seen for table in tables_of(statement)}
    assert touched >= {name for name, kind in KINDS.items() if kind is Kind.ACCOUNT} - {"connections", "accounts"}
    assert {name for statement in seen for name in unscoped(statement)} == {
        name for name in touched if KINDS[name] is Kind.ACCOUNT
    }
