"""The journey of `tests/unit/use_cases/test_crashes.py` on real databases: once at each place where it may end."""

import pytest
from tests.servers.storages import Fresh
from tests.unit.use_cases.crash_journey import PLACES, Journey

from smartapp_domain.testing.barriers import Barrier


@pytest.fixture(params=["sqlite", "postgres"])
def fresh(request: pytest.FixtureRequest) -> Fresh:
    """Return what gives a storage with no rows, each time it is called."""
    make: Fresh = request.getfixturevalue(f"fresh_{request.param}")
    return make


def test_a_crash_at_any_place_loses_nothing_and_doubles_nothing(fresh: Fresh) -> None:
    calm = Journey.on(fresh())
    calm.run()
    last: dict[Barrier, int] = {barrier: position for position, barrier in enumerate(calm.reached)}

    for position in last.values():
        Journey.on(fresh(), crash_at=position).run()

    assert {barrier.what for barrier in last} == PLACES
