"""The operator's list of jobs that wait for a person."""

import attrs
import pytest

from smartapp_domain.ids import JobId
from smartapp_domain.jobs import Job, JobKind, JobState
from smartapp_domain.ports.storage import OPERATOR, Storage
from smartapp_domain.testing.builders import job
from smartapp_domain.testing.clock import MemoryClock
from smartapp_workers.operating import CannotTend, failed_jobs, resolve_job, retry_job

CLOCK = MemoryClock()
FAILED = job(state=JobState.FAILED, attempts=8, problem="PaymentsUnavailable: Stripe is down.")
NOTICE = job("job-2", JobKind.REVIEW, "merge:subscription-1", state=JobState.FAILED, problem="Merge two subscriptions.")


def holding(storage: Storage, *jobs: Job) -> None:
    with storage.transaction(OPERATOR) as tx:
        for each in jobs:
            tx.jobs.add(each)


def stored(storage: Storage, job_id: str) -> Job:
    with storage.reading(OPERATOR) as reading:
        return reading.jobs.get(JobId(job_id))


def test_the_list_shows_what_failed_and_what_needs_a_decision(storage: Storage) -> None:
    holding(storage, FAILED, NOTICE, job("job-3", subject="order-9"))

    assert [each.id for each in failed_jobs(storage)] == ["job-2", "job-1"]


def test_a_failed_job_is_tried_again_with_fresh_attempts(storage: Storage) -> None:
    holding(storage, FAILED)

    retry_job(JobId("job-1"), storage, CLOCK)

    again = stored(storage, "job-1")
    assert (again.state, again.attempts, again.due_at) == (JobState.WAITING, 0, CLOCK.now())


def test_a_notice_for_people_is_resolved_not_tried_again(storage: Storage) -> None:
    holding(storage, NOTICE)

    with pytest.raises(CannotTend, match="smartapp jobs resolve job-2"):
        retry_job(JobId("job-2"), storage, CLOCK)
    assert stored(storage, "job-2").state is JobState.FAILED

    resolve_job(JobId("job-2"), storage)
    assert failed_jobs(storage) == ()


@pytest.mark.parametrize("job_id", ["job-1", "no-such-job"])
def test_what_is_not_in_the_list_is_left_alone(storage: Storage, job_id: str) -> None:
    waiting = attrs.evolve(FAILED, state=JobState.WAITING)
    holding(storage, waiting)

    with pytest.raises(CannotTend, match=job_id):
        retry_job(JobId(job_id), storage, CLOCK)
    with pytest.raises(CannotTend, match=job_id):
        resolve_job(JobId(job_id), storage)
    assert stored(storage, "job-1") == waiting


def test_work_that_waits_already_is_not_doubled(storage: Storage) -> None:
    holding(storage, FAILED, job("job-9"))

    with pytest.raises(CannotTend, match="waits already"):
        retry_job(JobId("job-1"), storage, CLOCK)
