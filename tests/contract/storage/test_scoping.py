"""Every table declares whose rows it holds, and no statement of an account's door leaves the account out."""

import ast
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.sql import visitors
from sqlalchemy.sql.dml import Delete, Insert, Update
from tests.servers.storages import Make

import smartapp_adapters.storage
from smartapp_adapters.storage import SqlStorage
from smartapp_adapters.storage.scoping import AccountRows, OperatorRows
from smartapp_adapters.storage.tables import KINDS, Kind, metadata
from smartapp_domain.ids import PlatformProjectId, ProjectId
from smartapp_domain.ports.storage import OPERATOR, Stale, Storage, Taken, Transaction
from smartapp_domain.ports.views import Part, Sort
from smartapp_domain.testing import builders as some
from smartapp_domain.testing.contracts.storage_bench import ACME
from smartapp_domain.testing.contracts.storage_doors import ACCOUNT_READS, ACCOUNT_WRITES, PAT, Use
from smartapp_domain.testing.contracts.storage_isolation import GETTERS, IDS, LOOKS, fill

SOURCES = sorted(Path(smartapp_adapters.storage.__file__).parent.glob("*.py"))


def test_every_table_declares_its_kind() -> None:
    assert set(metadata.tables) == set(KINDS)


@pytest.mark.parametrize("table", metadata.tables.values(), ids=str)
def test_the_key_of_an_account_table_begins_with_the_account(table: sa.Table) -> None:
    keyed_by = [column.name for column in table.primary_key]

    assert (keyed_by[0] == "account_id") == (KINDS[table.name] is Kind.ACCOUNT)


@pytest.mark.parametrize("table", metadata.tables.values(), ids=str)
def test_a_unique_place_of_an_account_table_is_unique_within_the_account(table: sa.Table) -> None:
    if KINDS[table.name] is not Kind.ACCOUNT or table.name == "accounts":  # a company has one account among all
        return
    uniques = [c for c in table.constraints if isinstance(c, sa.UniqueConstraint)]
    places = [list(unique.columns) for unique in uniques]
    places += [list(index.columns) for index in table.indexes if index.unique]

    assert all(place[0].name == "account_id" for place in places)


def test_the_wrong_kind_of_rows_cannot_be_asked_for() -> None:
    door: Any = None

    with pytest.raises(AssertionError):
        AccountRows(door, metadata.tables["people"])
    with pytest.raises(AssertionError):
        OperatorRows(door, metadata.tables["members"])


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_only_the_scoping_module_makes_statements_that_write(source: Path) -> None:
    calls = [node.func for node in ast.walk(ast.parse(source.read_text())) if isinstance(node, ast.Call)]
    made = {
        f.attr for f in calls if isinstance(f, ast.Attribute) and isinstance(f.value, ast.Name) and f.value.id == "sa"
    }

    assert source.name == "scoping.py" or not made & {"insert", "update", "delete"}


@pytest.fixture
def watched(make_sqlite: Make) -> Iterator[tuple[Storage, list[Any]]]:
    """Return a storage with a full account, and the list into which its further statements go."""
    storage = make_sqlite(lambda _: None)
    with storage.transaction(OPERATOR) as tx:
        tx.accounts.add(some.account())
    with storage.transaction(ACME) as tx:
        tx.members.put(some.member(), replacing=0)
    fill(storage, ACME)
    seen: list[Any] = []

    def note(_: Any, statement: Any, *__: Any) -> None:
        seen.append(statement)

    event.listen(storage.engine, "before_execute", note)
    yield storage, seen
    event.remove(storage.engine, "before_execute", note)


def tables_of(statement: Any) -> set[str]:
    elements = list(visitors.iterate(statement))
    elements += [each.table for each in elements if isinstance(each, sa.Column)]
    return {each.name for each in elements if isinstance(each, sa.Table)}


def unscoped(statement: Any) -> set[str]:
    """Return the account tables of a statement that no condition limits to an account."""
    if isinstance(statement, Insert):
        # Inserted rows carry the account among their values, or the primary key would refuse them.
        return set()
    elements = list(visitors.iterate(statement))
    tables = tables_of(statement)
    if isinstance(statement, (Update, Delete)):
        tables.add(statement.table.name)
    limited = {
        each.left.table.name
        for each in elements
        if isinstance(each, sa.BinaryExpression)
        and isinstance(each.left, sa.Column)
        and each.left.name == "account_id"
        and isinstance(each.right, sa.BindParameter)
        and each.right.value == ACME
    }
    return {name for name in tables if KINDS[name] is Kind.ACCOUNT} - limited


def test_no_statement_behind_an_accounts_door_leaves_the_account_out(watched: tuple[SqlStorage, list[Any]]) -> None:
    storage, seen = watched
    uses: dict[str, Use] = {**ACCOUNT_READS, **LOOKS}

    for use in uses.values():
        with storage.reading(ACME) as reading:
            use(reading)
    for what, get in GETTERS.items():
        with storage.reading(ACME) as reading:
            get(reading, IDS[what])
    for use in ACCOUNT_WRITES.values():
        with pytest.raises(ZeroDivisionError), storage.transaction(ACME) as tx:
            _use_and_take_back(use, tx)

    touched = {table for statement in seen for table in tables_of(statement)}
    assert touched >= {name for name, kind in KINDS.items() if kind is Kind.ACCOUNT} - {"connections"}
    assert [(str(statement), missing) for statement in seen if (missing := unscoped(statement))] == []


def _use_and_take_back(use: Use, tx: Transaction) -> None:
    with suppress(Stale, Taken):  # the account is full; the statements that find this out count as well
        use(tx)
    raise ZeroDivisionError


def test_the_watcher_notices_a_statement_without_its_account() -> None:
    orders, claims = metadata.tables["orders"], metadata.tables["order_claims"]
    limited = sa.select(orders).where(orders.c.account_id == ACME)

    assert unscoped(limited) == set()
    assert unscoped(sa.select(orders)) == {"orders"}
    assert unscoped(limited.join(claims, claims.c.order_id == orders.c.id)) == {"order_claims"}
    assert unscoped(sa.select(sa.select(orders).subquery("inner"))) == {"orders"}
    assert unscoped(sa.update(orders).values(state="open")) == {"orders"}
    assert unscoped(sa.delete(claims).where(claims.c.account_id == orders.c.account_id)) == {"order_claims", "orders"}


def test_a_page_takes_as_many_statements_for_fifty_rows_as_for_one(make_sqlite: Make) -> None:
    storage = make_sqlite(lambda _: None)
    ids = [f"p{n}" for n in range(60)]
    with storage.transaction(ACME) as tx:
        tx.platform_projects.replace_all(some.platform_project(id) for id in ids)
        for id in ids[:55]:
            tx.projects.put(some.project(id), replacing=0)
            tx.mappings.put(some.mapping(id), replacing=0)
            tx.licenses.put(some.license(id, project_id=id), replacing=0)
            tx.drafts.put(PAT, some.draft_row(id))
    seen: list[Any] = []
    event.listen(storage.engine, "before_execute", lambda _, statement, *__: seen.append(statement))

    def statements(use: Callable[[Any], object]) -> int:
        seen.clear()
        with storage.reading(ACME) as reading:
            use(reading.views)
        return len(seen)

    def page(per_page: int) -> Callable[[Any], object]:
        return lambda views: views.mapping_page(
            PAT, Part.LICENSED, at=some.NOON, query="p", sort=Sort.NAME, number=1, per_page=per_page
        )

    assert statements(page(50)) == statements(page(1)) <= 8
    ids = [PlatformProjectId(f"p{n}") for n in range(50)]
    assert statements(lambda views: views.mapping_rows(PAT, ids, at=some.NOON)) <= 8
    assert statements(lambda views: views.draft_rows(PAT, at=some.NOON)) <= 8
    assert statements(lambda views: views.counts(at=some.NOON, query="p")) == 1
    assert statements(lambda views: views.tiles(at=some.NOON, query="p", number=1, per_page=50)) <= 5
    assert statements(lambda views: views.project_billing(ProjectId("p1"))) <= 6


def test_an_unchanged_listing_is_not_written_again(make_sqlite: Make) -> None:
    storage = make_sqlite(lambda _: None)
    listed = [some.platform_project(f"p{n}") for n in range(20)]
    with storage.transaction(ACME) as tx:
        tx.platform_projects.replace_all(listed)
    seen: list[Any] = []
    event.listen(storage.engine, "before_execute", lambda _, statement, *__: seen.append(statement))

    with storage.transaction(ACME) as tx:
        tx.platform_projects.replace_all(reversed(listed))

    assert not [statement for statement in seen if isinstance(statement, (Insert, Update, Delete))]
