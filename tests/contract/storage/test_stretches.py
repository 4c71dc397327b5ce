"""Walks through lists nobody thought of, while others add to them."""

from collections.abc import Iterator
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smartapp_domain.ids import MemberId
from smartapp_domain.ports.storage import Storage
from smartapp_domain.ports.views import Anchor, Part, Sort
from smartapp_domain.project import PlatformProject
from smartapp_domain.testing import builders as some
from smartapp_domain.testing.contracts.storage_bench import ACME
from smartapp_domain.testing.memory import MemoryStorage

pytestmark = pytest.mark.contract
PAT = MemberId("pat")
DAY = some.NOON.resolution
EXAMPLES = count()
names = st.sampled_from(["School", "school", "Schöol", "Bridge", "bridge 2", "Åbo", "100%", "_", "Dam", "🏗"])
numbers = st.sampled_from([None, "", " ", "1", "10", "2", "Ä-7"])
days = st.one_of(st.none(), st.integers(0, 2))
projects = st.tuples(names, numbers, days)


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def storage(request: pytest.FixtureRequest) -> Storage:
    if request.param == "memory":
        return MemoryStorage()
    made: Storage = request.getfixturevalue(f"make_{request.param}")(lambda _: None)
    return made


def _project(id: str, of: tuple[str, str | None, int | None]) -> PlatformProject:
    name, number, day = of
    created_at = None if day is None else some.NOON + day * DAY
    return some.platform_project(id, name=name, number=number, created_at=created_at)


def _walk(storage: Storage, sort: Sort, limit: int, coming: Iterator[PlatformProject]) -> Iterator[str]:
    after: Anchor | None = None
    while True:
        with storage.reading(ACME) as reading:
            found = reading.views.mapping_stretch(
                PAT, Part.NOT_LICENSED, at=some.NOON, query="", sort=sort, after=after, limit=limit
            )
        yield from (row.project.id for row in found.items)
        if found.anchor is None:
            return
        after = found.anchor
        with storage.transaction(ACME) as tx:
            tx.platform_projects.note([project for project in [next(coming, None)] if project])


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(projects, max_size=7), st.lists(projects, max_size=4), st.sampled_from(Sort), st.integers(1, 4))
def test_a_walk_meets_each_project_once_and_in_order_while_others_come(
    storage: Storage,
    there: list[tuple[str, str | None, int | None]],
    coming: list[tuple[str, str | None, int | None]],
    sort: Sort,
    limit: int,
) -> None:
    example = next(EXAMPLES)
    with storage.transaction(ACME) as tx:  # what earlier examples left is offered no more
        tx.platform_projects.replace_all([_project(f"p{example}-{n}", each) for n, each in enumerate(there)])
        page = tx.views.mapping_page(PAT, Part.NOT_LICENSED, at=some.NOON, query="", sort=sort, number=1, per_page=100)

    met = list(_walk(storage, sort, limit, (_project(f"new{example}-{n}", each) for n, each in enumerate(coming))))

    assert [id for id in met if id.startswith("p")] == [row.project.id for row in page.items]
    assert len(met) == len(set(met))
