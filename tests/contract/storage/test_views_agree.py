"""Two independent tellings of the read models, plain loops and SQL, agree on accounts nobody thought of."""

import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smartapp_adapters.storage import Keys, SqlStorage, make_storage
from smartapp_adapters.storage.tables import metadata
from smartapp_domain.catalog import PRODUCTS, Module
from smartapp_domain.ids import MemberId
from smartapp_domain.mapping import MappingState
from smartapp_domain.ordering import OrderEvent
from smartapp_domain.ports.storage import Reading, Storage
from smartapp_domain.ports.views import Part, Sort
from smartapp_domain.testing import builders as some
from smartapp_domain.testing.contracts.storage_bench import ACME
from smartapp_domain.testing.memory import MemoryStorage

pytestmark = pytest.mark.contract
PAT = MemberId("pat")
DAY = timedelta(days=1)
NAMES = ["School", "school", "Schöol", "Bridge", "bridge 2", "Åbo", "100%", "_", "Dam"]
MOMENTS = [some.NOON - DAY, some.NOON, some.NOON + DAY]


@attrs.frozen
class Plot:
    """One platform project and everything that may hang on it."""

    name: str
    number: str | None
    city: str | None
    active: bool
    apps: frozenset[Module]
    listed_at: int | None
    link: MappingState | None
    licenses: tuple[tuple[Any, int, int | None], ...]
    ticked: bool
    ordered_by: str | None


plots = st.builds(
    Plot,
    name=st.sampled_from(NAMES),
    number=st.sampled_from([None, "1", "10", "2", "Ä-7"]),
    city=st.sampled_from([None, "Austin", "ÅBO"]),
    active=st.booleans(),
    apps=st.frozensets(st.sampled_from(Module)),
    listed_at=st.one_of(st.none(), st.integers(0, 3)),
    link=st.sampled_from([None, MappingState.LINKED, MappingState.DISCONNECTED, MappingState.UNLINKED]),
    licenses=st.lists(
        st.tuples(st.sampled_from(PRODUCTS), st.integers(0, 1), st.one_of(st.none(), st.integers(1, 2))),
        max_size=3,
        unique_by=lambda each: each[0],
    ).map(tuple),
    ticked=st.booleans(),
    ordered_by=st.sampled_from([None, None, "pat", "sam"]),
)


def build(storage: Storage, world: list[Plot]) -> None:
    with storage.transaction(ACME) as tx:
        tx.platform_projects.replace_all(
            some.platform_project(
                f"p{n}",
                name=plot.name,
                number=plot.number,
                city=plot.city,
                active=plot.active,
                apps=plot.apps,
                created_at=None if plot.listed_at is None else some.NOON + plot.listed_at * DAY,
            )
            for n, plot in enumerate(world)
        )
        for n, plot in enumerate(world):
            _furnish(tx, f"p{n}", plot)


def _furnish(tx: Any, id: str, plot: Plot) -> None:
    if plot.link:
        tx.projects.put(some.project(id, name=plot.name, number=plot.number), replacing=0)
        tx.mappings.put(some.mapping(id, state=plot.link), replacing=0)
    for product, granted, ended in plot.licenses:
        granted_at, ended_at = some.NOON + granted * DAY, None if ended is None else some.NOON + ended * DAY
        held = some.license(f"{id}-{product.value}", "acme", id, product, granted_at=granted_at, ended_at=ended_at)
        tx.licenses.put(held, replacing=0)
    if plot.ticked:
        tx.drafts.put(PAT, some.draft_row(id))
    if plot.ordered_by:
        order = some.order(f"order-{id}", wants={id: some.PLANNER}, member_id=MemberId(plot.ordered_by))
        tx.orders.put(order.after(OrderEvent.EXPIRED) if plot.licenses else order, replacing=0)


def everything(reading: Reading, at: Any, query: str, sort: Sort) -> dict[str, Any]:
    views = reading.views
    found: dict[str, Any] = {"counts": views.counts(at=at, query=query), "drafts": views.draft_rows(PAT, at=at)}
    for part in Part:
        found[part.value] = [
            views.mapping_page(PAT, part, at=at, query=query, sort=sort, number=number, per_page=3) for number in (1, 2)
        ]
    found["tiles"] = views.tiles(at=at, query=query, number=1, per_page=4)
    found["barred"] = views.not_permitted(2)
    found["free"] = reading.projects.unlinked()
    return found


@pytest.fixture(scope="module")
def sqlite() -> Iterator[SqlStorage]:
    with tempfile.TemporaryDirectory() as folder:
        storage = make_storage(f"sqlite:///{Path(folder) / 'smartapp.db'}", Keys("k", {"k": b"k" * 32}))
        storage.migrate()
        yield storage
        storage.dispose()


@settings(max_examples=25, deadline=None)
@given(
    world=st.lists(plots, max_size=9),
    at=st.sampled_from(MOMENTS),
    query=st.sampled_from(["", "school", "abo", "1", "%", "b 2"]),
    sort=st.sampled_from(Sort),
)
def test_memory_and_sql_see_the_same(sqlite: SqlStorage, world: list[Plot], at: Any, query: str, sort: Sort) -> None:
    with sqlite.engine.begin() as connection:
        for table in metadata.tables.values():
            connection.execute(table.delete())
    memory = MemoryStorage()

    for storage in (memory, sqlite):
        build(storage, world)

    with memory.reading(ACME) as plain, sqlite.reading(ACME) as sql:
        assert everything(sql, at, query, sort) == everything(plain, at, query, sort)
