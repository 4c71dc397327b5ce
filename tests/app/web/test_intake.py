import asyncio
import threading
from typing import Any

import pytest

from smartapp_domain.ports.payments import UntrustedEvent
from smartapp_domain.ports.storage import OPERATOR, Storage, StorageUnavailable
from smartapp_domain.testing.builders import billing_event
from smartapp_domain.testing.workbench import Workbench
from smartapp_domain.use_cases.receive_billing_event import SignedNotice
from smartapp_http.intake import Intake


class Counting:
    """Counts the transactions of a storage."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self.opened = 0

    def reading(self, scope: Any) -> Any:
        return self._storage.reading(scope)

    def transaction(self, scope: Any) -> Any:
        self.opened += 1
        return self._storage.transaction(scope)


def together(bench: Workbench, notices: list[SignedNotice]) -> list[Any]:
    """Put notices at the same moment; return what each sender hears."""
    heard: list[Any] = []

    async def put() -> None:
        intake = Intake(bench.ports, bench.clock.now)
        heard.extend(await asyncio.gather(*(intake.put(each) for each in notices), return_exceptions=True))

    # A loop of its own thread: the browser tests keep one running in this one.
    thread = threading.Thread(target=lambda: asyncio.run(put()))
    thread.start()
    thread.join()
    return heard


def signed(bench: Workbench, id: str) -> SignedNotice:
    return SignedNotice(*bench.notices.signed(billing_event(id), bench.clock.now()))


def test_a_burst_shares_commits_and_everybody_is_answered_for_their_own(storage: Storage) -> None:
    counting = Counting(storage)
    bench = Workbench.of(counting)
    burst = [signed(bench, f"event-{number}") for number in range(20)]

    heard = together(bench, [*burst, SignedNotice(b"{}", "forged"), burst[0]])

    assert heard[:20] == [True] * 20
    assert isinstance(heard[20], UntrustedEvent)
    assert heard[21] is False
    assert counting.opened <= 3
    with bench.ports.reading(OPERATOR) as reading:
        assert len(reading.jobs.due(bench.clock.now(), 100)) == 20


def test_one_that_cannot_be_stored_takes_no_other_along(storage: Storage) -> None:
    class Picky(Counting):
        def transaction(self, scope: Any) -> Any:
            return _refusing(super().transaction(scope))

    bench = Workbench.of(Picky(storage))

    good, bad, also_good = together(bench, [signed(bench, id) for id in ("event-1", "poison", "event-2")])

    assert (good, also_good) == (True, True)
    assert isinstance(bad, StorageUnavailable)


class _refusing:  # noqa: N801 - a context manager, used like a function
    """A transaction that cannot store the notice called `poison`."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __enter__(self) -> Any:
        tx = self._inner.__enter__()
        add = tx.inbox.add

        def picky(event: Any, body: bytes, received_at: Any) -> bool:
            if event.id == "poison":
                raise StorageUnavailable("No.")
            return bool(add(event, body, received_at))

        tx.inbox.add = picky
        return tx

    def __exit__(self, *error: object) -> Any:
        return self._inner.__exit__(*error)


@pytest.mark.parametrize("count", [1, 40])
def test_nobody_waits_for_ever_when_nothing_can_be_stored(storage: Storage, count: int) -> None:
    class Down(Counting):
        def transaction(self, scope: Any) -> Any:
            raise StorageUnavailable(f"Nothing for {scope}.")

    bench = Workbench.of(Down(storage))

    heard = together(bench, [signed(bench, f"event-{number}") for number in range(count)])

    assert [type(each) for each in heard] == [StorageUnavailable] * count
