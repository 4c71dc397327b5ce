"""Workers in this process, on a storage in memory: hints, sweeps, giving up."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import attrs
import pytest
from dramatiq.worker import Worker
from tests.servers.storages import Make

from smartapp_domain.ids import JobId
from smartapp_domain.jobs import MAX_ATTEMPTS, Job, JobKind, JobState
from smartapp_domain.ports import Ports
from smartapp_domain.ports.storage import OPERATOR, StorageUnavailable
from smartapp_domain.testing.builders import account, billing_event, job
from smartapp_domain.testing.workbench import Workbench
from smartapp_domain.use_cases.run_job import run_job
from smartapp_domain.use_cases.work import PULSE_EVERY
from smartapp_workers.actors import declare_actors
from smartapp_workers.brokers import in_process_broker
from smartapp_workers.hints import DramatiqHints, hint_all
from smartapp_workers.pool import Pace, Workers
from smartapp_workers.sweeper import Sweeper

NEVER_S = 3600.0


@attrs.define
class Heard:
    """Hints that went nowhere but here."""

    ids: list[JobId] = attrs.field(factory=list)

    def send(self, job_id: JobId) -> None:
        self.ids.append(job_id)


def _nobody(job_id: JobId) -> None:
    raise AssertionError(f"Job {job_id} was done although the broker takes hints.")


def eventually(true: Callable[[], bool]) -> None:
    """Wait until something another thread does has happened; fail after a time no healthy run needs."""
    given_up = time.monotonic() + 20
    while not true():
        assert time.monotonic() < given_up, "it never happened"
        time.sleep(0.01)


def stored(ports: Ports, job_id: str) -> Job:
    with ports.reading(OPERATOR) as reading:
        return reading.jobs.get(JobId(job_id))


def add(ports: Ports, *jobs: Job) -> None:
    with ports.transaction(OPERATOR) as tx:
        for each in jobs:
            tx.jobs.add(each)


def fetch_notice(id: str = "job-1") -> Job:
    return job(id, JobKind.HANDLE_BILLING_EVENT, subject=f"event-{id}", account_id=None)


@contextmanager
def working(workers: Workers) -> Iterator[None]:
    workers.start()
    try:
        yield
    finally:
        workers.close()


def test_a_commit_wakes_a_worker_without_waiting_for_a_sweep(make_storage: Make) -> None:
    broker = in_process_broker()
    hints = DramatiqHints(broker)
    ports = Workbench.of(make_storage(lambda ids: hint_all(hints, ids))).ports

    with working(Workers(broker, ports, Pace(threads=1, sweep_every_s=NEVER_S))):
        add(ports, job(kind=JobKind.FULFILL_ORDER, subject="no-such-order"))
        eventually(lambda: stored(ports, "job-1").state is JobState.FAILED)

    assert "no-such-order" in str(stored(ports, "job-1").problem)


def test_a_lost_hint_is_made_good_by_the_sweeper(bench: Workbench) -> None:
    add(bench.ports, job(kind=JobKind.FULFILL_ORDER, subject="no-such-order"))
    with working(Workers(in_process_broker(), bench.ports, Pace(threads=1, sweep_every_s=0.01))):
        eventually(lambda: stored(bench.ports, "job-1").state is JobState.FAILED)

    assert stored(bench.ports, "job-1").attempts == 1


def test_a_job_is_not_done_before_it_is_due(bench: Workbench) -> None:
    later = bench.clock.now() + timedelta(minutes=5)
    add(bench.ports, attrs.evolve(fetch_notice(), due_at=later), job("job-2", subject="no-such-order"))

    with working(Workers(in_process_broker(), bench.ports, Pace(threads=1, sweep_every_s=0.01))):
        eventually(lambda: stored(bench.ports, "job-2").state is JobState.FAILED)

    assert stored(bench.ports, "job-1").attempts == 0


def test_a_storage_that_is_gone_when_a_job_is_to_be_stored_is_told_in_one_line(
    caplog: pytest.LogCaptureFixture,
) -> None:
    tried: list[JobId] = []

    def run(job_id: JobId) -> None:
        tried.append(job_id)
        raise StorageUnavailable("Locked.")

    broker = in_process_broker()
    declare_actors(broker, run)
    worker = Worker(broker, worker_threads=1, worker_timeout=10)
    worker.start()
    DramatiqHints(broker).send(JobId("job-1"))
    eventually(lambda: bool(tried))
    worker.stop()

    told = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert [record.exc_info for record in told] == [None]
    assert "Job job-1" in told[0].getMessage()


def test_hints_that_cannot_be_sent_disturb_nobody(caplog: pytest.LogCaptureFixture) -> None:
    broker = in_process_broker()
    broker.enqueue = _refuse  # type: ignore[method-assign]  # a broker that is down

    DramatiqHints(broker).hint(JobId("job-1"))

    assert "job-1" in caplog.text


def _refuse(*_: object, **__: object) -> None:
    raise ConnectionError("the broker is down")


def test_a_sweep_hints_at_most_its_limit_and_not_the_same_ones_at_once(bench: Workbench) -> None:
    heard = Heard()
    add(bench.ports, *(fetch_notice(f"job-{n}") for n in range(5)))
    sweeper = Sweeper(bench.ports, heard.send, instead=_nobody, limit=3, repeat_s=NEVER_S)

    assert sweeper.sweep() == 3
    assert sweeper.sweep() == 0
    assert heard.ids == ["job-0", "job-1", "job-2"]


def test_a_hint_is_repeated_for_a_job_nobody_took(bench: Workbench) -> None:
    heard = Heard()
    add(bench.ports, fetch_notice())
    sweeper = Sweeper(bench.ports, heard.send, instead=_nobody, repeat_s=0)

    sweeper.sweep()
    sweeper.sweep()

    assert heard.ids == ["job-1", "job-1"]


def test_a_job_that_stays_is_hinted_less_and_less_often(bench: Workbench) -> None:
    heard = Heard()
    now = [0.0]
    add(bench.ports, fetch_notice())
    sweeper = Sweeper(bench.ports, heard.send, instead=_nobody, repeat_s=2, seconds=lambda: now[0])

    hinted_at = []
    for second in range(240):
        now[0] = float(second)
        if sweeper.sweep():
            hinted_at.append(second)

    assert hinted_at == [0, 2, 6, 14, 30, 62, 122, 182]


class _Down:
    """A broker that is not there for a while."""

    def __init__(self) -> None:
        self.up = False
        self.heard: list[JobId] = []

    def send(self, job_id: JobId) -> None:
        if not self.up:
            raise ConnectionError("nobody listens")
        self.heard.append(job_id)


def test_without_its_broker_the_work_goes_on_here(bench: Workbench, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    broker, done = _Down(), list[JobId]()
    add(bench.ports, fetch_notice("job-1"), fetch_notice("job-2"))
    sweeper = Sweeper(bench.ports, broker.send, instead=done.append, repeat_s=0)

    assert sweeper.sweep() == 2
    assert sweeper.sweep() == 2
    broker.up = True
    sweeper.sweep()

    assert done == ["job-1", "job-2"] * 2
    assert broker.heard == ["job-1", "job-2"]
    assert caplog.text.count("cannot be reached") == 1
    assert "can be reached again" in caplog.text


def test_what_is_asked_to_stop_begins_nothing_new(bench: Workbench) -> None:
    done = list[JobId]()
    add(bench.ports, fetch_notice("job-1"), fetch_notice("job-2"))

    def do(job_id: JobId) -> None:
        done.append(job_id)
        sweeper.close()

    sweeper = Sweeper(bench.ports, _Down().send, instead=do)
    sweeper.sweep()

    assert done == ["job-1"]


def test_a_storage_that_fails_for_a_moment_does_not_end_the_sweeping(
    bench: Workbench, caplog: pytest.LogCaptureFixture
) -> None:
    heard = Heard()
    storage = _FailsOnce(bench.ports.storage)
    add(bench.ports, fetch_notice())
    sweeper = Sweeper(attrs.evolve(bench.ports, storage=storage), heard.send, instead=_nobody, every_s=0.01)

    sweeper.start()
    eventually(lambda: bool(heard.ids))
    sweeper.close()

    assert "Looking for due jobs failed" in caplog.text


class _FailsOnce:
    def __init__(self, storage: object) -> None:
        self._storage, self._failed = storage, threading.Event()

    def reading(self, scope: object) -> object:
        if not self._failed.is_set():
            self._failed.set()
            raise OSError("the database is restarting")
        return self._storage.reading(scope)  # type: ignore[attr-defined]  # any storage will do


def test_a_job_that_keeps_failing_ends_in_the_operators_list(bench: Workbench) -> None:
    event = billing_event("event-job-1", order_id="lost", checkout_id=None, account_id=account().id)
    with bench.ports.transaction(OPERATOR) as tx:
        tx.accounts.add(account())
        tx.inbox.add(event, b"{}", bench.clock.now())
        tx.jobs.add(fetch_notice())

    for _ in range(MAX_ATTEMPTS):
        bench.work(within=timedelta(minutes=15))

    with bench.ports.reading(OPERATOR) as reading:
        assert [(each.id, each.attempts) for each in reading.jobs.failed()] == [("job-1", MAX_ATTEMPTS)]


def test_a_job_that_takes_its_worker_down_is_given_up_too(bench: Workbench) -> None:
    """Poison: no exception is ever stored, only claims count."""
    add(bench.ports, fetch_notice())
    for _ in range(MAX_ATTEMPTS):
        with bench.ports.transaction(OPERATOR) as tx:
            assert tx.jobs.claim(JobId("job-1"), at=bench.clock.now())
        bench.clock.move(timedelta(minutes=2))

    run_job(JobId("job-1"), bench.ports)

    given_up = stored(bench.ports, "job-1")
    assert given_up.state is JobState.FAILED
    assert "took its worker down" in str(given_up.problem)


def test_two_workers_do_a_job_once(bench: Workbench) -> None:
    broker = in_process_broker()
    hints = DramatiqHints(broker)
    add(bench.ports, fetch_notice())
    with bench.ports.transaction(OPERATOR) as tx:
        tx.inbox.add(billing_event("event-job-1", order_id=None, checkout_id=None), b"{}", bench.clock.now())

    hint_all(hints, [JobId("job-1")] * 20)
    with working(Workers(broker, bench.ports, Pace(threads=4, sweep_every_s=NEVER_S))):
        eventually(lambda: stored(bench.ports, "job-1").attempts > 0)
        broker.join("jobs")

    assert stored(bench.ports, "job-1").attempts == 1


def test_a_process_that_works_keeps_the_pulse(bench: Workbench) -> None:
    with working(Workers(in_process_broker(), bench.ports, Pace(threads=1, sweep_every_s=0.01))):
        eventually(lambda: (found := _pulse(bench)) is not None and found.due_at > bench.clock.now())

    pulse = _pulse(bench)
    assert pulse is not None
    assert (pulse.state, pulse.due_at) == (JobState.WAITING, bench.clock.now() + PULSE_EVERY)


def _pulse(bench: Workbench) -> Job | None:
    """Look for the pulse without running it: the workbench counts the ids it gives out."""
    with bench.ports.reading(OPERATOR) as reading:
        for due in (bench.clock.now(), bench.clock.now() + PULSE_EVERY):
            for job_id in reading.jobs.due(due, 10):
                found = reading.jobs.get(job_id)
                if found.kind is JobKind.PULSE:
                    return found
    return None


def test_a_part_that_ends_by_itself_is_noticed(bench: Workbench) -> None:
    workers = Workers(in_process_broker(), bench.ports, Pace(threads=1, stop_within_s=1))
    assert not workers.alive

    with working(workers):
        assert workers.alive
        workers._sweeper.close()

        assert not workers.alive
