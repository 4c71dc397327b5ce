"""The journey survives an end at every commit and every write to the provider (all of them, in memory)."""

from smartapp_domain.testing.memory import MemoryStorage
from tests.unit.use_cases.crash_journey import PLACES, Journey


def test_the_journey_reaches_every_place_where_it_may_end() -> None:
    calm = Journey.on(MemoryStorage())
    calm.run()

    assert {barrier.what for barrier in calm.reached} == PLACES


def test_a_crash_at_any_barrier_loses_nothing_and_doubles_nothing() -> None:
    calm = Journey.on(MemoryStorage())
    calm.run()

    for position in range(len(calm.reached)):
        Journey.on(MemoryStorage(), crash_at=position).run()
