"""Two independent tellings of the read models, plain loops and SQL, agree on accounts nobody thought of."""

from datetime import timedelta
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.servers.storages import Fresh

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
    found["walk"], after = [], None
    while not found["walk"] or after is not None:
        stretch = views.mapping_stretch(PAT, Part.NOT_LICENSED, at=at, query=query, sort=sort, after=after, limit=2)
        found["walk"].append(stretch)
        after = stretch.anchor
    found["tile stretch"] = views.tile_stretch(query=query, after=None, limit=2)
    found["tiles"] = views.tiles(at=at, query=query, number=1, per_page=4)
    found["barred"] = views.not_permitted(2)
    found["disconnected"] = views.disconnected(2, at=at)
    found["free"] = reading.projects.unlinked()
    return found


@pytest.fixture(params=["sqlite", "postgres"])
def fresh(request: pytest.FixtureRequest) -> Fresh:
    made: Fresh = request.getfixturevalue(f"fresh_{request.param}")
    return made


# Each example empties the database for itself.
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    world=st.lists(plots, max_size=9),
    at=st.sampled_from(MOMENTS),
    query=st.sampled_from(["", "school", "abo", "1", "%", "b 2"]),
    sort=st.sampled_from(Sort),
)
def test_memory_and_sql_see_the_same(fresh: Fresh, world: list[Plot], at: Any, query: str, sort: Sort) -> None:
    memory, database = MemoryStorage(), fresh()

    for storage in (memory, database):
        build(storage, world)

    with memory.reading(ACME) as plain, database.reading(ACME) as sql:
        assert everything(sql, at, query, sort) == everything(plain, at, query, sort)
