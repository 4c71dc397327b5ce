"""The journey survives an end at every commit and every write to the provider, in memory."""

import ast
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import smartapp_domain
from smartapp_domain.ports.payments import Changes, Payments
from smartapp_domain.testing.barriers import GO_BETWEENS, WRITES, Barrier, place
from smartapp_domain.testing.memory import MemoryStorage
from tests.unit.use_cases.crash_journey import NOT_PLAYED, PLACES, Journey

#: The calls of the `Payments` port that leave the provider as it is.
READS = {"catalog_drift", "checkout", "extension", "preview", "renewal_cents", "subscription"}
#: A long journey passes most places many times. So many of these times, evenly, or all of them (`make campaign`).
TIMES = int(os.environ.get("SMARTAPP_CRASHES_PER_PLACE") or "3")
#: They import nothing of ours, and have a store of their own.
EMULATORS = "smartapp_emulators"


def written_down() -> Iterator[str]:
    """Yield each place in the whole product where a transaction is opened, as barriers name it."""
    source = Path(smartapp_domain.__file__).parents[1]
    for path in source.glob("smartapp_*/**/*.py"):
        module = ".".join(path.relative_to(source).with_suffix("").parts).removesuffix(".__init__")
        if not module.startswith((*GO_BETWEENS, EMULATORS)):
            yield from (place(module, name) for name in openers(ast.parse(path.read_text(encoding="utf-8"))))


def openers(tree: ast.AST, inside: str = "<module>") -> Iterator[str]:
    """Yield the name of each function that asks for `transaction`, be it to call it or to hand it on."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Attribute) and node.attr == "transaction":
            yield inside
        yield from openers(node, node.name if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else inside)


def excuse(place: str) -> str | None:
    return next((each for each in (place, place.rpartition(".")[0]) if each in NOT_PLAYED), None)


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


def test_a_crash_at_any_barrier_loses_nothing_and_doubles_nothing() -> None:
    calm = Journey.on(MemoryStorage())
    calm.run()

    for position in spread(calm.reached):
        Journey.on(MemoryStorage(), crash_at=position).run()


def spread(reached: Iterable[Barrier]) -> list[int]:
    """Return at which of the barriers to end: of each its first time, its last, and those between at even distances."""
    times: dict[Barrier, list[int]] = defaultdict(list)
    for position, barrier in enumerate(reached):
        times[barrier].append(position)
    steps = [step / (TIMES - 1) for step in range(TIMES)]
    return sorted({each[round(step * (len(each) - 1))] for each in times.values() for step in steps})
