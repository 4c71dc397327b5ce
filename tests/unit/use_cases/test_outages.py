"""How long work waits during an outage: by how long the outage has lasted, not by how old the work is."""

from datetime import timedelta

import pytest

from smartapp_domain.catalog import Module
from smartapp_domain.identity import Actor
from smartapp_domain.ids import JobId
from smartapp_domain.jobs import Job, JobState
from smartapp_domain.ports.payments import PaymentsUnavailable
from smartapp_domain.ports.storage import OPERATOR
from smartapp_domain.testing.workbench import Workbench
from tests.unit.use_cases.journey import FIRST, buy, pick, settled, started

DAY = timedelta(days=1)
SHORTLY = timedelta(seconds=2)


def waiting(bench: Workbench, job_id: JobId) -> Job:
    with bench.ports.reading(OPERATOR) as reading:
        job = reading.jobs.get(job_id)
    assert job.state is JobState.WAITING
    return job


@pytest.fixture
def nightly(bench: Workbench, owner: Actor) -> JobId:
    """Buy something, and return the job that looks after it once a day: a year old, and due now."""
    pick(bench, owner, FIRST, Module.PLANNER)
    bench.payments.pay(started(buy(bench, owner)).checkout.id)
    settled(bench)
    for _ in range(20):
        bench.work(DAY)
    bench.clock.move(DAY)
    with bench.ports.reading(OPERATOR) as reading:
        jobs = [reading.jobs.get(each) for each in reading.jobs.due(bench.clock.now(), 100)]
    return next(job.id for job in jobs if job.kind.value == "sync_subscription")


def test_a_hiccup_puts_old_work_off_for_two_seconds(bench: Workbench, nightly: JobId) -> None:
    bench.payments.fail_next(PaymentsUnavailable("Down.", remedy="Wait."))

    bench.work()

    assert waiting(bench, nightly).due_at == bench.clock.now() + SHORTLY


def test_the_longer_an_outage_lasts_the_longer_is_the_pause_and_the_next_one_begins_anew(
    bench: Workbench, nightly: JobId
) -> None:
    down = PaymentsUnavailable("Down.", remedy="Wait.")
    bench.payments.fail_next(down)
    bench.work()
    bench.payments.fail_next(down)
    bench.work(timedelta(hours=1))
    assert waiting(bench, nightly).due_at == bench.clock.now() + timedelta(minutes=15)

    bench.work(timedelta(minutes=15))
    assert waiting(bench, nightly).troubled_since is None
    bench.clock.move(DAY)
    bench.payments.fail_next(down)
    bench.work()

    assert waiting(bench, nightly).due_at == bench.clock.now() + SHORTLY
