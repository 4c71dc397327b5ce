import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import attrs
import pytest

from smartapp_domain.ids import JobId
from smartapp_domain.jobs import LEASE, Job, JobKind
from smartapp_domain.ports import Ports
from smartapp_domain.ports.clock import Clock
from smartapp_domain.ports.storage import OPERATOR, Scope, StorageUnavailable, Transaction
from smartapp_domain.testing.builders import job
from smartapp_domain.testing.workbench import Workbench
from smartapp_domain.use_cases.run_job import Outcome, run_job
from smartapp_workers import leases
from smartapp_workers.leases import LeaseKeeper

LIMIT = timedelta(minutes=10)
NEARLY = LEASE - timedelta(seconds=1)


def claimed(bench: Workbench) -> Job:
    with bench.ports.transaction(OPERATOR) as tx:
        id = tx.jobs.add(job(kind=JobKind.REVIEW, due_at=bench.clock.now(), account_id=None))
        held = tx.jobs.claim(id, at=bench.clock.now())
    assert held is not None
    return held


def free(bench: Workbench) -> bool:
    with bench.ports.reading(OPERATOR) as reading:
        return reading.jobs.due(bench.clock.now(), 10) != ()


def test_a_job_that_takes_long_is_not_taken_over(bench: Workbench) -> None:
    keeper = LeaseKeeper(bench.ports, limit=LIMIT)
    with keeper.holding(claimed(bench)):
        for _ in range(5):
            bench.clock.move(NEARLY)
            keeper.renew()
            assert not free(bench)


def test_a_job_that_is_let_go_is_not_renewed(bench: Workbench) -> None:
    keeper = LeaseKeeper(bench.ports, limit=LIMIT)
    with keeper.holding(claimed(bench)):
        pass

    bench.clock.move(NEARLY)
    keeper.renew()
    bench.clock.move(NEARLY)

    assert free(bench)


def test_a_job_that_hangs_is_taken_over_in_the_end(bench: Workbench) -> None:
    seconds = [0.0]
    keeper = LeaseKeeper(bench.ports, limit=LIMIT, seconds=lambda: seconds[0])
    with keeper.holding(claimed(bench)):
        seconds[0] = LIMIT.total_seconds()
        bench.clock.move(NEARLY)
        keeper.renew()
        bench.clock.move(NEARLY)

        assert free(bench)


def test_a_business_clock_that_is_moved_makes_no_job_hang(bench: Workbench) -> None:
    keeper = LeaseKeeper(bench.ports, limit=LIMIT)
    with keeper.holding(claimed(bench)):
        bench.clock.move(timedelta(days=365))
        keeper.renew()

        assert not free(bench)


def test_what_is_not_finished_at_the_end_is_handed_back_and_its_attempt_not_spent(bench: Workbench) -> None:
    keeper = LeaseKeeper(bench.ports, limit=LIMIT)
    with keeper.holding(claimed(bench)):
        keeper.close()

        assert free(bench)
    with bench.ports.transaction(OPERATOR) as tx:
        again = tx.jobs.claim(JobId("job-1"), at=bench.clock.now())
    assert again is not None
    assert (again.attempts, again.fence) == (1, 2)


def test_a_lease_is_kept_as_long_as_the_operator_says(bench: Workbench) -> None:
    keeper = LeaseKeeper(bench.ports, limit=LIMIT, lease=timedelta(seconds=2))
    with keeper.holding(claimed(bench)):
        keeper.renew()

        bench.clock.move(timedelta(seconds=2))
        assert free(bench)


def test_the_keepers_thread_ends(bench: Workbench) -> None:
    keeper = LeaseKeeper(bench.ports, limit=LIMIT, every_s=0.01)
    keeper.start()

    keeper.close()

    assert run_job(JobId("nobody's"), bench.ports, keeper.holding) is Outcome.NOT_MINE


@attrs.frozen
class _Moody:
    """Ports whose storage first fails, or never answers."""

    ports: Ports
    moods: Iterator[Callable[[], object]]
    clock: Clock

    @contextmanager
    def transaction(self, scope: Scope) -> Iterator[Transaction]:
        next(self.moods, int)()
        with self.ports.transaction(scope) as tx:
            yield tx


def _fails() -> None:
    raise StorageUnavailable("Locked.")


def test_a_lease_that_cannot_be_renewed_costs_no_other_one_its_renewal(bench: Workbench) -> None:
    locked, held = job("locked", subject="locked"), claimed(bench)
    moody: Any = _Moody(bench.ports, iter([_fails]), bench.clock)
    keeper = LeaseKeeper(moody, limit=LIMIT)
    with keeper.holding(locked), keeper.holding(held):
        bench.clock.move(NEARLY)
        keeper.renew()
        bench.clock.move(NEARLY)

        assert not free(bench)


def test_a_keeper_that_waits_for_a_silent_database_does_not_hold_up_the_end(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "_CLOSE_WITHIN_S", 0.1)
    asked, answers = threading.Event(), threading.Event()
    moody: Any = _Moody(bench.ports, iter([lambda: (asked.set(), answers.wait(30))]), bench.clock)
    keeper = LeaseKeeper(moody, limit=LIMIT, every_s=0.01)
    with keeper.holding(claimed(bench)):
        keeper.start()
        assert asked.wait(30)
        began = time.monotonic()
        keeper.close()

        assert time.monotonic() - began < 10
        assert free(bench)
    answers.set()
