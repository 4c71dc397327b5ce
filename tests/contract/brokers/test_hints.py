"""
What must hold whatever carries the hints: nothing, RabbitMQ or Redis, on either database.

The brokers' servers are real. Time is the test's own, so a lease runs out when the test says so.
"""

from contextlib import ExitStack
from datetime import timedelta

import pytest
from tests.contract.brokers.site import NEVER_S, SOON_S, Held, MakeStorage, Process, Site, eventually
from tests.contract.brokers.wire import Wire

from smartapp_domain.ids import JobId
from smartapp_domain.jobs import LEASE, JobState
from smartapp_domain.ports.storage import OPERATOR
from smartapp_domain.testing.platform import MemoryPlatform

pytestmark = pytest.mark.contract
ONE = JobId("job-1")


def test_a_commit_wakes_a_worker_of_another_process(site: Site) -> None:
    with site.working() as worker:
        site.beside(worker).add(site.refresh())
        eventually(site.is_over)

    assert (site.job().state, site.job().attempts) == (JobState.DONE, 1)


def test_a_lost_hint_is_made_good_by_the_sweeper(site: Site) -> None:
    with site.bench.ports.transaction(OPERATOR) as tx:  # this storage tells nobody
        tx.jobs.add(site.refresh())

    with site.working(sweep_every_s=SOON_S):
        eventually(site.is_over)

    assert (site.job().state, site.job().attempts) == (JobState.DONE, 1)


def test_a_hint_that_comes_twenty_times_is_followed_once(site: Site) -> None:
    with site.bench.ports.transaction(OPERATOR) as tx:
        tx.jobs.add(site.refresh())

    with site.working(threads=4) as worker:
        for _ in range(20):
            worker.send(ONE)
        followed_up(site, worker)

    assert (site.job().state, site.job().attempts, site.reads) == (JobState.DONE, 1, 1)


def test_a_hint_for_a_job_that_is_not_due_spends_nothing(site: Site) -> None:
    with site.working() as worker:
        worker.add(site.refresh(due_in=timedelta(minutes=1)))
        worker.send(ONE)
        followed_up(site, worker)

    assert (site.job().state, site.job().attempts, site.job().fence) == (JobState.WAITING, 0, 0)


def test_a_hint_for_a_job_somebody_holds_spends_nothing(site: Site) -> None:
    with site.bench.ports.transaction(OPERATOR) as tx:
        tx.jobs.add(site.refresh())
        assert tx.jobs.claim(ONE, at=site.bench.clock.now())

    with site.working() as worker:
        worker.send(ONE)
        followed_up(site, worker)

    assert (site.job().state, site.job().attempts, site.reads) == (JobState.WAITING, 1, 0)


def test_a_hint_that_comes_after_the_work_spends_nothing(site: Site) -> None:
    with site.working() as worker:
        worker.add(site.refresh())
        eventually(site.is_over)
        worker.send(ONE)
        worker.send(JobId("no-such-job"))
        followed_up(site, worker)

    assert (site.job().state, site.job().attempts, site.reads) == (JobState.DONE, 1, 1)


def test_who_was_overtaken_stores_nothing_any_more(site: Site) -> None:
    """The first holder read the list before the project was renamed, and comes back after the second one stored it."""
    held = Held(MemoryPlatform(site.bench.world))
    with site.working(platform=held) as slow:
        slow.add(site.refresh())
        assert held.read.wait(30)
        site.name_tower("New name")
        site.bench.clock.move(LEASE)
        with site.working(sweep_every_s=SOON_S):
            eventually(site.is_over)
        held.go_on.set()
        eventually(lambda: slow.is_idle)

    assert site.name_we_know == "New name"
    assert (site.job().state, site.job().attempts, site.job().fence) == (JobState.DONE, 2, 2)


def test_a_process_that_stops_hands_its_job_to_another_one_at_once(site: Site) -> None:
    held = Held(MemoryPlatform(site.bench.world))
    with site.working(platform=held, stop_within_s=0.1) as stopping:
        stopping.add(site.refresh())
        assert held.read.wait(30)
    site.name_tower("New name")

    with site.working(sweep_every_s=SOON_S):  # no time has passed: the lease would hold for another minute
        eventually(site.is_over)
    held.go_on.set()
    eventually(lambda: stopping.is_idle)

    assert site.name_we_know == "New name"
    assert (site.job().state, site.job().attempts) == (JobState.DONE, 1)


def test_a_broker_that_is_gone_costs_neither_the_commit_nor_the_work(
    make: MakeStorage, wire: Wire, stack: ExitStack, caplog: pytest.LogCaptureFixture
) -> None:
    site = Site.of(make, wire.url, stack)
    with site.working(sweep_every_s=SOON_S) as worker:
        web = site.process()
        wire.cut()
        web.add(site.refresh("job-1"))
        eventually(lambda: site.is_over("job-1"))
        wire.mend()
        web.add(site.hopeless("job-2"))
        eventually(lambda: site.is_over("job-2"))
        assert worker.workers.alive

    with site.working(sweep_every_s=NEVER_S):
        eventually(lambda: takes_hints_again(web))
        web.add(site.hopeless("job-3"))
        eventually(lambda: site.is_over("job-3"))

    assert [site.job(id).attempts for id in ("job-1", "job-2", "job-3")] == [1, 1, 1]
    assert "due jobs are done here" in caplog.text


def followed_up(site: Site, worker: Process) -> None:
    """Return when every hint sent before was taken from the queue: one for another job, sent last, was followed."""
    with site.bench.ports.transaction(OPERATOR) as tx:
        tx.jobs.add(site.hopeless("last"))
    worker.send(JobId("last"))
    eventually(lambda: site.is_over("last"))


def takes_hints_again(process: Process) -> bool:
    process.hints.hint(JobId("no-such-job"))
    return not process.hints._down
