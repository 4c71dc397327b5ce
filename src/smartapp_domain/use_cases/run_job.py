"""One job: claim it, do it, store how it went."""

import enum
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import attrs

from smartapp_domain.ids import EventId, JobId, OrderId, SubscriptionId
from smartapp_domain.jobs import MAX_ATTEMPTS, Job, JobKind, JobState, back_off
from smartapp_domain.ports import Ports
from smartapp_domain.ports.payments import PaymentsRejected, UnknownAtProvider
from smartapp_domain.ports.platform import PlatformUnavailable
from smartapp_domain.ports.storage import OPERATOR, NotFound
from smartapp_domain.use_cases.receive_billing_event import handle_billing_event
from smartapp_domain.use_cases.refresh_projects import refresh_projects
from smartapp_domain.use_cases.settle_order import apply_subscription, fulfill_order, settle_order


class Outcome(enum.Enum):
    NOT_MINE = "not_mine"
    """Done, held by somebody else or not due: the hint was late or doubled."""
    DONE = "done"
    AGAIN = "again"
    FAILED = "failed"
    OUTRUN = "outrun"
    """The lease ran out and somebody else took over; this attempt's outcome was not stored."""


Work = Callable[[Job, Ports], object]


def _refresh(job: Job, ports: Ports) -> None:
    assert job.account_id is not None
    refresh_projects(job.account_id, ports)


def _check(job: Job, ports: Ports) -> None:
    assert job.account_id is not None
    settle_order(job.account_id, OrderId(job.subject), ports)


def _fulfill(job: Job, ports: Ports) -> None:
    assert job.account_id is not None
    fulfill_order(job.account_id, OrderId(job.subject), ports)


def _sync_subscription(job: Job, ports: Ports) -> None:
    assert job.account_id is not None
    apply_subscription(job.account_id, SubscriptionId(job.subject), ports)


def _handle_event(job: Job, ports: Ports) -> None:
    handle_billing_event(EventId(job.subject), ports)


WORK: Mapping[JobKind, Work] = {
    JobKind.REFRESH_PROJECTS: _refresh,
    JobKind.CHECK_ORDER: _check,
    JobKind.FULFILL_ORDER: _fulfill,
    JobKind.SYNC_SUBSCRIPTION: _sync_subscription,
    JobKind.HANDLE_BILLING_EVENT: _handle_event,
}

#: Errors that another try cannot mend: the job goes to the operator's list at once.
HOPELESS = (NotFound, PaymentsRejected, UnknownAtProvider)


def run_job(job_id: JobId, ports: Ports) -> Outcome:
    """
    Run a job if it is due and free. Safe to call twice, late, or for a job that is gone.

    An attempt counts when it is claimed. Whatever the work raises is stored as the job's problem: it is tried again
    after a growing pause, and after `MAX_ATTEMPTS`, or when trying is pointless, it waits for a person. So does one
    whose last allowed attempt never reported back: trying it again would only take the next worker down.
    """
    with ports.transaction(OPERATOR) as tx:
        job = tx.jobs.claim(job_id, at=ports.clock.now())
    if job is None:
        return Outcome.NOT_MINE
    after = _given_up(job) if job.attempts > MAX_ATTEMPTS else _attempted(job, ports)
    with ports.transaction(OPERATOR) as tx:
        if not tx.jobs.finish(after):
            return Outcome.OUTRUN
    return _OUTCOMES[after.state]


def _attempted(job: Job, ports: Ports) -> Job:
    try:
        WORK[job.kind](job, ports)
    except Exception as error:  # noqa: BLE001 - a job's failure is its outcome, whatever it is
        return _failed(job, error, ports.clock.now())
    return attrs.evolve(job, state=JobState.DONE, leased_until=None, problem=None)


def _given_up(job: Job) -> Job:
    told = f"Its {MAX_ATTEMPTS} attempts ended without a word: it took its worker down, or outlived its lease."
    problem = f"{told} Before that: {job.problem}" if job.problem else told
    return attrs.evolve(job, state=JobState.FAILED, leased_until=None, problem=problem)


_OUTCOMES = {JobState.DONE: Outcome.DONE, JobState.WAITING: Outcome.AGAIN, JobState.FAILED: Outcome.FAILED}


def _failed(job: Job, error: Exception, at: datetime) -> Job:
    problem = f"{type(error).__name__}: {error}"
    if isinstance(error, HOPELESS) or job.attempts >= MAX_ATTEMPTS:
        return attrs.evolve(job, state=JobState.FAILED, leased_until=None, problem=problem)
    return attrs.evolve(job, due_at=at + _pause(job, error), leased_until=None, problem=problem)


def _pause(job: Job, error: Exception) -> timedelta:
    wished = error.retry_after_s if isinstance(error, PlatformUnavailable) else None
    return max(back_off(job.attempts), timedelta(seconds=wished or 0))
