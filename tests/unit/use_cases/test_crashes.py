"""The journey survives an end at every commit and every write to the provider (all of them, in memory)."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from smartapp_domain import use_cases
from smartapp_domain.ports.payments import Changes, Payments
from smartapp_domain.testing.barriers import WRITES
from smartapp_domain.testing.memory import MemoryStorage
from tests.unit.use_cases.crash_journey import NOT_PLAYED, PLACES, Journey

#: The calls of the `Payments` port that leave the provider as it is.
READS = {"catalog_drift", "checkout", "extension", "preview", "renewal_cents", "subscription"}
#: Run beside each other, where there are processes for it.
PARTS = 4
#: Wraps the transactions of others.
FENCE = "fencing"


def written_down() -> Iterator[str]:
    """Yield each place in the use cases where a transaction is opened, as barriers name it."""
    (folder,) = use_cases.__path__
    for path in Path(folder).glob("*.py"):
        if path.stem != FENCE:
            for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(function, ast.FunctionDef) and any(map(opens_transaction, ast.walk(function))):
                    yield f"commit {path.stem}.{function.name}"


def opens_transaction(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "transaction"


def excuse(place: str) -> str | None:
    return next((each for each in (place, place.partition(".")[0]) if each in NOT_PLAYED), None)


def test_every_call_of_the_provider_is_known_as_a_write_or_a_read() -> None:
    calls = {name for port in (Payments, Changes) for name in vars(port) if not name.startswith("_")}

    assert calls == WRITES | READS
    assert not WRITES & READS


def test_every_place_where_it_could_end_is_played_or_excused() -> None:
    places = {*written_down(), *(f"provider {name}" for name in WRITES)}

    assert {place for place in places - PLACES if excuse(place) is None} == set()
    assert places >= PLACES
    assert {excuse(place) for place in places} - {None} == set(NOT_PLAYED)
    assert {place for place in PLACES if excuse(place)} == set()


def test_the_journey_reaches_every_place_where_it_may_end() -> None:
    calm = Journey.on(MemoryStorage())
    calm.run()

    assert {barrier.what for barrier in calm.reached} == PLACES


@pytest.mark.parametrize("part", range(PARTS))
def test_a_crash_at_any_barrier_loses_nothing_and_doubles_nothing(part: int) -> None:
    calm = Journey.on(MemoryStorage())
    calm.run()

    for position in range(part, len(calm.reached), PARTS):
        Journey.on(MemoryStorage(), crash_at=position).run()
