"""What a pulse forgets, and what it keeps."""

from datetime import timedelta

from smartapp_domain.ids import EventId
from smartapp_domain.ports.storage import OPERATOR, NotFound
from smartapp_domain.testing import builders as some
from smartapp_domain.testing.workbench import Workbench
from smartapp_domain.use_cases.work import NOTICES_KEPT, beat_again

A_BIT = timedelta(microseconds=1)


def test_a_handled_notice_is_known_as_long_as_the_provider_may_repeat_it_and_no_longer(bench: Workbench) -> None:
    with bench.ports.transaction(OPERATOR) as tx:
        for id in ("handled", "waits"):
            tx.inbox.add(some.billing_event(id), b"{}", bench.clock.now())
        tx.inbox.handled(EventId("handled"), bench.clock.now())

    def known_after_a_pulse(id: str) -> bool:
        beat_again(some.job(), bench.ports)
        with bench.ports.reading(OPERATOR) as reading:
            try:
                reading.inbox.get(EventId(id))
            except NotFound:
                return False
        return True

    bench.clock.move(NOTICES_KEPT)
    assert known_after_a_pulse("handled")
    bench.clock.move(A_BIT)
    assert not known_after_a_pulse("handled")
    assert known_after_a_pulse("waits")
